/* SPDX-License-Identifier: MIT */
/* VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER. GIDS 2.0, PIN; 7816-4 11.6. */
#include "softcard/gids.h"

#include "base/secret.h"

#include <string.h>

#define PIN_MIN 4u

void gids_forget_roles(struct softcard_ram *ram)
{
    ram->pin_ok = ram->admin_ok = 0;
    memset(ram->env, 0, sizeof(ram->env));
}

static bool is_pin(uint8_t ref)
{
    return ref == REF_PIN || ref == REF_GLOBAL_PIN; /* one PIN under both names */
}

static bool length_ok(size_t len)
{
    return len >= PIN_MIN && len <= IMAGE_SECRET_MAX;
}

static uint16_t load(struct call *call, uint8_t ref, struct image_secret *ret)
{
    bool found;

    if (!image_secret(call->image, ref, &found, ret))
        return SW_MUTE;
    return found ? SW_OK : SW_REFERENCE_NOT_FOUND;
}

/* The try is taken before the secret is looked at, and is on disk when it is: a power cut, or a
 * process killed, never gives it back. The handler's transaction begins anew afterwards. */
static bool take_try(struct call *call, uint8_t ref, struct image_secret *secret)
{
    secret->tries--;
    return image_set_tries(call->image, ref, secret->tries) && image_commit(call->image) &&
           image_begin(call->image);
}

/* Compares `len` bytes with secret `ref`. 9000: right, and the tries are full again once the
 * handler's transaction is kept. */
static uint16_t check(struct call *call, uint8_t ref, const uint8_t *value, size_t len)
{
    struct image_secret secret;
    uint8_t padded[IMAGE_SECRET_MAX] = { 0 };
    uint16_t sw = load(call, ref, &secret);
    bool same;

    if (sw == SW_OK && secret.tries == 0)
        sw = SW_BLOCKED;
    if (sw == SW_OK && !take_try(call, ref, &secret))
        sw = SW_MUTE;
    if (sw == SW_OK) {
        memset(secret.value + secret.len, 0, sizeof(secret.value) - secret.len);
        if (len <= sizeof(padded) && len != 0)
            memcpy(padded, value, len);
        same = secret_equal(padded, secret.value, sizeof(padded));
        same = same && len == secret.len;
        if (!same)
            sw = (uint16_t)(SW_WRONG_PIN | secret.tries);
        else if (!image_set_tries(call->image, ref, secret.limit))
            sw = SW_MUTE;
    }
    wipe(padded, sizeof(padded));
    wipe(&secret, sizeof(secret));
    return sw;
}

static uint16_t status(struct call *call)
{
    struct image_secret secret;
    uint16_t sw;

    if (call->life_cycle < LCS_ACTIVATED)
        return SW_OK;
    sw = load(call, REF_PIN, &secret);
    if (sw == SW_OK && !call->ram->pin_ok)
        sw = secret.tries == 0 ? SW_BLOCKED : (uint16_t)(SW_WRONG_PIN | secret.tries);
    wipe(&secret, sizeof(secret));
    return sw;
}

uint16_t gids_verify(struct call *call)
{
    uint16_t sw;

    if (call->cmd.p1 != 0)
        return SW_WRONG_P1P2;
    if (call->cmd.p2 == REF_RESET) { /* GIDS 2.0: resets the security status; data is ignored */
        gids_forget_roles(call->ram);
        return SW_OK;
    }
    if (!is_pin(call->cmd.p2))
        return SW_REFERENCE_NOT_FOUND;
    if (call->cmd.data_len == 0)
        return status(call);
    call->ram->pin_ok = 0;
    sw = check(call, REF_PIN, call->cmd.data, call->cmd.data_len);
    call->ram->pin_ok = sw == SW_OK;
    return sw;
}

/* Stores a secret with full tries. */
static uint16_t set_secret(struct call *call, uint8_t ref, const uint8_t *value, size_t len)
{
    struct image_secret secret = { .len = len };
    unsigned tries;
    bool ok;

    if (!length_ok(len))
        return SW_WRONG_DATA;
    if (!image_number(call->image, IMAGE_PIN_TRIES, &tries))
        return SW_MUTE;
    memcpy(secret.value, value, len);
    secret.tries = secret.limit = tries;
    ok = image_put_secret(call->image, ref, &secret);
    wipe(&secret, sizeof(secret));
    return ok ? SW_OK : SW_MUTE;
}

/* P1=01: the first PIN or PUK; only while the application is being made. A PUK exists on cards of
 * the PUK profile alone. */
static uint16_t set_first(struct call *call)
{
    unsigned unblock;

    if (call->life_cycle >= LCS_ACTIVATED)
        return SW_SECURITY_STATUS;
    if (!image_number(call->image, IMAGE_UNBLOCK, &unblock))
        return SW_MUTE;
    if (call->cmd.p2 == REF_PUK && unblock == SOFTCARD_UNBLOCK_PUK)
        return set_secret(call, REF_PUK, call->cmd.data, call->cmd.data_len);
    if (!is_pin(call->cmd.p2))
        return SW_REFERENCE_NOT_FOUND;
    return set_secret(call, REF_PIN, call->cmd.data, call->cmd.data_len);
}

/* Old and new secret stand one behind the other without a length: the old one's own length parts
 * them. *ret_old_len is 0 when the data is too short to hold both. */
static uint16_t old_length(struct call *call, uint8_t ref, size_t *ret_old_len)
{
    struct image_secret secret;
    uint16_t sw = load(call, ref, &secret);

    if (sw == SW_OK)
        *ret_old_len = secret.len < call->cmd.data_len ? secret.len : 0;
    wipe(&secret, sizeof(secret));
    return sw;
}

uint16_t gids_change(struct call *call)
{
    uint8_t ref = is_pin(call->cmd.p2) ? REF_PIN : call->cmd.p2;
    size_t old_len = 0, new_len;
    uint16_t sw;

    if (call->cmd.p1 == 0x01)
        return set_first(call);
    if (call->cmd.p1 != 0x00)
        return SW_WRONG_P1P2;
    if (ref != REF_PIN && ref != REF_PUK)
        return SW_REFERENCE_NOT_FOUND;
    sw = old_length(call, ref, &old_len);
    if (sw != SW_OK)
        return sw;
    if (ref == REF_PIN)
        call->ram->pin_ok = 0;
    sw = check(call, ref, call->cmd.data, old_len != 0 ? old_len : call->cmd.data_len);
    if (sw != SW_OK)
        return sw;
    new_len = call->cmd.data_len - old_len;
    if (old_len == 0 || !length_ok(new_len)) {
        /* the old one was right: its try is given back, nothing else changes */
        return image_commit(call->image) && image_begin(call->image) ? SW_WRONG_DATA : SW_MUTE;
    }
    sw = set_secret(call, ref, call->cmd.data + old_len, new_len);
    if (sw == SW_OK && ref == REF_PIN)
        call->ram->pin_ok = 1;
    return sw;
}

/* P1=02: by the admin key, which must be authenticated; takes all security status away. */
static uint16_t reset_by_admin(struct call *call)
{
    unsigned unblock;
    uint16_t sw;

    if (!image_number(call->image, IMAGE_UNBLOCK, &unblock))
        return SW_MUTE;
    if (unblock != SOFTCARD_UNBLOCK_ADMIN)
        return SW_WRONG_P1P2;
    if (!call->ram->admin_ok)
        return SW_SECURITY_STATUS;
    sw = set_secret(call, REF_PIN, call->cmd.data, call->cmd.data_len);
    if (sw == SW_OK)
        gids_forget_roles(call->ram);
    return sw;
}

/* P1=00: by the PUK, in front of the new PIN. */
static uint16_t reset_by_puk(struct call *call)
{
    size_t puk_len = 0;
    uint16_t sw = old_length(call, REF_PUK, &puk_len);

    if (sw == SW_REFERENCE_NOT_FOUND)
        return SW_WRONG_P1P2; /* no PUK on this card */
    if (sw != SW_OK)
        return sw;
    call->ram->pin_ok = 0;
    sw = check(call, REF_PUK, call->cmd.data, puk_len != 0 ? puk_len : call->cmd.data_len);
    if (sw != SW_OK)
        return sw;
    if (puk_len == 0 || !length_ok(call->cmd.data_len - puk_len))
        return image_commit(call->image) && image_begin(call->image) ? SW_WRONG_DATA : SW_MUTE;
    return set_secret(call, REF_PIN, call->cmd.data + puk_len, call->cmd.data_len - puk_len);
}

uint16_t gids_reset_retry(struct call *call)
{
    if (call->cmd.p1 != 0x00 && call->cmd.p1 != 0x02)
        return SW_WRONG_P1P2;
    if (!is_pin(call->cmd.p2))
        return SW_REFERENCE_NOT_FOUND;
    if (call->life_cycle < LCS_ACTIVATED)
        return SW_NO_CURRENT_EF;
    return call->cmd.p1 == 0x02 ? reset_by_admin(call) : reset_by_puk(call);
}
