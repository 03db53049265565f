/* SPDX-License-Identifier: MIT */
/*
 * GENERAL AUTHENTICATE with a key pair, SP 800-73-4 part 2, 3.2.4 and A.3 to A.5: signatures and
 * deciphering by 81, key agreement by 85. Who may: part 1, table 4b, or the key's own policy.
 */
#include "softcard/piv.h"

#include <string.h>

struct slot_key {
    uint8_t alg;
    struct image_blob key;
    struct image_policy policy;
};

/* An empty slot, and one whose key is of another algorithm: 6A86. */
static uint16_t load_key(struct call *call, struct slot_key *ret)
{
    const uint32_t at = IMAGE_PIV + call->cmd.p2;
    bool found, has_policy = false;

    if (!image_key(call->image, at, &found, &ret->alg, &ret->key))
        return SW_MUTE;
    if (!image_policy(call->image, at, &has_policy, &ret->policy)) {
        image_free(&ret->key);
        return SW_MUTE;
    }
    if (found && has_policy && key_bits(ret->alg) != 0 && ret->alg == piv_alg(call->cmd.p1))
        return SW_OK;
    image_free(&ret->key);
    return SW_WRONG_P1P2;
}

/* "Always": the VERIFY is the command right before, and serves this one use. */
static bool user_may(const struct call *call, uint8_t policy, bool just_verified)
{
    switch (policy) {
    case PIV_PIN_NEVER:
        return true;
    case PIV_PIN_ONCE:
        return piv_of(call)->pin_ok || call->ram->global_pin_ok;
    default:
        return just_verified;
    }
}

/* Into 7C {82 ..}. */
static void put(struct call *call, const uint8_t *value, size_t len)
{
    size_t mark = tlv_open(&call->out, 0x7C);

    tlv_put(&call->out, 0x82, value, len);
    tlv_close(&call->out, 0x7C, mark);
}

/* The private operation: a padded digest becomes a signature, a cryptogram a padded plaintext. */
static uint16_t rsa(struct call *call, const struct slot_key *slot, struct rd in)
{
    uint8_t out[KEY_MAX_BYTES];
    size_t len;

    if (rd_left(&in) != key_bytes(slot->alg) ||
        !key_rsa_sign(&slot->key, KEY_RAW, in.at, rd_left(&in), out, &len))
        return SW_WRONG_DATA;
    put(call, out, len);
    return SW_OK;
}

/* A digest no longer than the field; the host cuts one that is. */
static uint16_t ecdsa(struct call *call, const struct slot_key *slot, struct rd hash)
{
    size_t tpl, response;
    bool ok;

    if (rd_left(&hash) == 0 || rd_left(&hash) > key_bytes(slot->alg))
        return SW_WRONG_DATA;
    tpl = tlv_open(&call->out, 0x7C);
    response = tlv_open(&call->out, 0x82);
    ok = key_put_ecdsa(&slot->key, slot->alg, hash.at, rd_left(&hash), &call->out);
    tlv_close(&call->out, 0x82, response);
    tlv_close(&call->out, 0x7C, tpl);
    return ok ? SW_OK : SW_UNKNOWN;
}

/* Keys for authentication and for signing agree on nothing (part 2, table 7). */
static uint16_t ecdh(struct call *call, const struct slot_key *slot, struct rd point)
{
    uint8_t z[KEY_MAX_BYTES];
    size_t len;
    bool agrees = call->cmd.p2 != 0x9A && call->cmd.p2 != 0x9C && call->cmd.p2 != 0x9E;

    if (!agrees || !key_is_ec(slot->alg) || rd_left(&point) == 0 ||
        !key_ecdh(&slot->key, slot->alg, point.at, rd_left(&point), z, &len))
        return SW_WRONG_DATA;
    put(call, z, len);
    return SW_OK;
}

static uint16_t use(struct call *call, const struct slot_key *slot, const struct piv_template *tpl)
{
    bool sign = !tpl->challenge.bad, agree = !tpl->exponentiation.bad;

    if (!tpl->witness.bad || tpl->response.bad || rd_left(&tpl->response) != 0 || sign == agree)
        return SW_WRONG_DATA;
    if (agree)
        return ecdh(call, slot, tpl->exponentiation);
    return key_is_ec(slot->alg) ? ecdsa(call, slot, tpl->challenge) : rsa(call, slot, tpl->challenge);
}

/* tpl NULL: what came is no template, which is found out last. */
uint16_t piv_use_key(struct call *call, const struct piv_template *tpl)
{
    struct piv_ram *own = piv_of(call);
    struct slot_key slot = { 0 };
    bool just_verified = own->just_verified != 0;
    uint16_t sw = load_key(call, &slot);

    own->challenge = PIV_NO_CHALLENGE;
    own->just_verified = 0;
    if (sw != SW_OK)
        return sw;
    if (!user_may(call, slot.policy.pin, just_verified))
        sw = SW_SECURITY_STATUS;
    else
        sw = tpl != NULL ? use(call, &slot, tpl) : SW_WRONG_DATA;
    image_free(&slot.key);
    return sw;
}
