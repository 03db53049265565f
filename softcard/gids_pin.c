/* SPDX-License-Identifier: MIT */
/* VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER. GIDS 2.0, PIN; 7816-4 11.6. */
#include "softcard/gids.h"

#include "base/secret.h"

#include <string.h>

#define PIN_MIN 4u

void gids_forget_roles(struct softcard_ram *ram)
{
    struct gids_ram *own = gids_own(ram);

    own->pin_ok = own->admin_ok = 0;
    memset(own->env, 0, sizeof(own->env));
}

static bool is_pin(uint8_t ref)
{
    return ref == REF_PIN || ref == REF_GLOBAL_PIN; /* one PIN under both names */
}

static bool length_ok(size_t len)
{
    return len >= PIN_MIN && len <= IMAGE_SECRET_MAX;
}

/* How much of the data is the guess. CHANGE and RESET RETRY COUNTER bring old and new secret one
 * behind the other without a length: the old one's own length parts them. */
enum guess { GUESS_ALONE, GUESS_AND_NEW };
static size_t guess_length(const struct call *call, enum guess form,
                           const struct image_secret *secret)
{
    return form == GUESS_AND_NEW && secret->len < call->cmd.data_len ? secret->len
                                                                     : call->cmd.data_len;
}

/* Compares the guess, *ret_len bytes of the data, with secret `ref`. 9000: right, and the tries
 * are full again once the handler's transaction is kept. */
static uint16_t check(struct call *call, uint8_t ref, enum guess form, size_t *ret_len)
{
    struct image_secret secret;
    uint16_t sw = tries_take(call, ref, &secret);

    if (sw == SW_OK) {
        *ret_len = guess_length(call, form, &secret);
        sw = tries_compare(call, ref, &secret, call->cmd.data, *ret_len);
    }
    wipe(&secret, sizeof(secret));
    return sw;
}

static uint16_t status(struct call *call)
{
    return call->life_cycle < LCS_ACTIVATED || gids_of(call)->pin_ok ? SW_OK
                                                                      : tries_status(call, REF_PIN);
}

uint16_t gids_verify(struct call *call)
{
    size_t len;
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
    gids_of(call)->pin_ok = 0;
    sw = check(call, REF_PIN, GUESS_ALONE, &len);
    gids_of(call)->pin_ok = sw == SW_OK;
    return sw;
}

/* Stores a secret with full tries: as many as the one before it had, the card's when it is the
 * first. */
static uint16_t set_secret(struct call *call, uint8_t ref, const uint8_t *value, size_t len)
{
    struct image_secret secret = { 0 };
    unsigned tries;
    bool found, ok;

    if (!length_ok(len))
        return SW_WRONG_DATA;
    if (!image_number(call->image, IMAGE_PIN_TRIES, &tries))
        return SW_MUTE;
    if (!image_secret(call->image, ref, &found, &secret))
        return SW_MUTE;
    secret.tries = secret.limit = found ? secret.limit : tries;
    secret.len = len;
    memcpy(secret.value, value, len);
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

/* Stores what stands behind the guess, which was right. */
static uint16_t set_rest(struct call *call, uint8_t ref, size_t guess_len)
{
    size_t len = call->cmd.data_len - guess_len;

    if (length_ok(len))
        return set_secret(call, ref, call->cmd.data + guess_len, len);
    return image_commit(call->image) ? SW_WRONG_DATA : SW_MUTE; /* tries are full, nothing else */
}

uint16_t gids_change(struct call *call)
{
    uint8_t ref = is_pin(call->cmd.p2) ? REF_PIN : call->cmd.p2;
    size_t old_len;
    uint16_t sw;

    if (call->cmd.p1 == 0x01)
        return set_first(call);
    if (call->cmd.p1 != 0x00)
        return SW_WRONG_P1P2;
    if (ref != REF_PIN && ref != REF_PUK)
        return SW_REFERENCE_NOT_FOUND;
    if (ref == REF_PIN)
        gids_of(call)->pin_ok = 0;
    sw = check(call, ref, GUESS_AND_NEW, &old_len);
    if (sw == SW_OK)
        sw = set_rest(call, ref, old_len);
    if (sw == SW_OK && ref == REF_PIN)
        gids_of(call)->pin_ok = 1;
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
    if (!gids_of(call)->admin_ok)
        return SW_SECURITY_STATUS;
    sw = set_secret(call, REF_PIN, call->cmd.data, call->cmd.data_len);
    if (sw == SW_OK)
        gids_forget_roles(call->ram);
    return sw;
}

/* P1=00: by the PUK, in front of the new PIN. */
static uint16_t reset_by_puk(struct call *call)
{
    size_t puk_len;
    uint16_t sw = check(call, REF_PUK, GUESS_AND_NEW, &puk_len);

    if (sw == SW_REFERENCE_NOT_FOUND)
        return SW_WRONG_P1P2; /* no PUK on this card */
    gids_of(call)->pin_ok = 0;
    return sw == SW_OK ? set_rest(call, REF_PIN, puk_len) : sw;
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
