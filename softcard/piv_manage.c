/* SPDX-License-Identifier: MIT */
/* Yubico's GET METADATA and MOVE KEY. */
#include "softcard/piv.h"

#include "base/secret.h"

enum { META_ALGORITHM = 1, META_POLICY, META_ORIGIN, META_PUBLIC, META_DEFAULT, META_TRIES };
#define ALGORITHM_PIN 0xFFu

/* Key pair: algorithm, policy, origin, public key. Admin key: algorithm, policy, default or not. */
static uint16_t about_key(struct call *call, uint8_t alg, const struct image_blob *key,
                          const struct image_policy *policy)
{
    const uint8_t use[] = { policy->pin, policy->touch };
    size_t mark;
    bool ok = true;

    tlv_put_u8(&call->out, META_ALGORITHM, piv_alg_id(alg));
    tlv_put(&call->out, META_POLICY, use, sizeof(use));
    if (call->cmd.p2 == PIV_ADMIN_KEY) {
        bool is_default = key->len == sizeof(piv_default_admin_key) && piv_alg_id(alg) == 0x03 &&
                          secret_equal(key->data, piv_default_admin_key, key->len);

        tlv_put_u8(&call->out, META_DEFAULT, is_default);
        return SW_OK;
    }
    tlv_put_u8(&call->out, META_ORIGIN, policy->origin);
    mark = tlv_open(&call->out, META_PUBLIC);
    ok = key_put_public(key, alg, &call->out);
    tlv_close(&call->out, META_PUBLIC, mark);
    return ok ? SW_OK : SW_UNKNOWN;
}

static uint16_t key_metadata(struct call *call)
{
    const uint32_t at = IMAGE_PIV + call->cmd.p2;
    struct image_policy policy = { 0 };
    struct image_blob key = { 0 };
    bool found, has_policy;
    uint8_t alg;
    uint16_t sw;

    if (!image_policy(call->image, at, &has_policy, &policy) ||
        !image_key(call->image, at, &found, &alg, &key))
        return SW_MUTE;
    sw = found && has_policy ? about_key(call, alg, &key, &policy) : SW_REFERENCE_NOT_FOUND;
    image_free(&key);
    return sw;
}

static uint16_t secret_metadata(struct call *call, uint16_t ref, const uint8_t *from_factory)
{
    struct image_secret secret;
    uint16_t sw = tries_load(call, ref, &secret);

    if (sw == SW_OK) {
        const uint8_t tries[] = { (uint8_t)secret.limit, (uint8_t)secret.tries };

        tlv_put_u8(&call->out, META_ALGORITHM, ALGORITHM_PIN);
        tlv_put_u8(&call->out, META_DEFAULT,
                   secret.len == PIV_SECRET_LEN &&
                       secret_equal(secret.value, from_factory, PIV_SECRET_LEN));
        tlv_put(&call->out, META_TRIES, tries, sizeof(tries));
    }
    wipe(&secret, sizeof(secret));
    return sw;
}

uint16_t piv_metadata(struct call *call)
{
    if (call->cmd.p1 != 0x00)
        return SW_WRONG_P1P2;
    if (call->cmd.data_len != 0)
        return SW_WRONG_LENGTH;
    if (call->cmd.p2 == PIV_PIN)
        return secret_metadata(call, PIV_SECRET_PIN, piv_default_pin);
    if (call->cmd.p2 == PIV_PUK)
        return secret_metadata(call, PIV_SECRET_PUK, piv_default_puk);
    if (call->cmd.p2 == PIV_ADMIN_KEY || piv_is_slot(call->cmd.p2))
        return key_metadata(call);
    return SW_REFERENCE_NOT_FOUND;
}

/* P1 to, P2 from; to FF is to nowhere. Where it goes there must be no key yet. */
uint16_t piv_move(struct call *call)
{
    const uint8_t to = call->cmd.p1, from = call->cmd.p2;
    struct image_policy policy;
    bool found, occupied = false;

    if (!piv_is_slot(from) || (to != 0xFF && !piv_is_slot(to)))
        return SW_WRONG_P1P2;
    if (!piv_of(call)->admin_ok)
        return SW_SECURITY_STATUS;
    if (call->cmd.data_len != 0)
        return SW_WRONG_LENGTH;
    if (!image_policy(call->image, IMAGE_PIV + from, &found, &policy) ||
        (to != 0xFF && !image_policy(call->image, IMAGE_PIV + to, &occupied, &policy)))
        return SW_MUTE;
    if (!found || occupied)
        return found ? SW_CONDITIONS : SW_REFERENCE_NOT_FOUND;
    if (to == 0xFF)
        return image_remove_key(call->image, IMAGE_PIV + from) ? SW_OK : SW_MUTE;
    return image_move_key(call->image, IMAGE_PIV + from, IMAGE_PIV + to) ? SW_OK : SW_MUTE;
}
