/* SPDX-License-Identifier: MIT */
/*
 * VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER: SP 800-73-4 part 2, 3.2.1 to 3.2.3. The forms
 * of PIN and PUK: part 1, 2.4.3.
 */
#include "softcard/piv.h"

#include "base/secret.h"

#include <string.h>

#define PIN_DIGITS_LEAST 6u

bool piv_pin_well_formed(const uint8_t *pin)
{
    size_t digits = 0;

    while (digits < PIV_SECRET_LEN && pin[digits] >= '0' && pin[digits] <= '9')
        digits++;
    for (size_t i = digits; i < PIV_SECRET_LEN; i++)
        if (pin[i] != 0xFF)
            return false;
    return digits >= PIN_DIGITS_LEAST;
}

/* The PIN of a key reference: where it is, and where it is noted that it was verified. The global
 * one is there if the discovery object says so. */
static uint16_t pin_of(struct call *call, uint16_t *ret_secret, uint8_t **ret_verified)
{
    bool offered = false;
    uint16_t sw = SW_OK;

    if (call->cmd.p2 == PIV_PIN) {
        *ret_secret = PIV_SECRET_PIN;
        *ret_verified = &piv_of(call)->pin_ok;
        return SW_OK;
    }
    if (call->cmd.p2 == PIV_GLOBAL_PIN)
        sw = piv_offers_global(call, &offered);
    *ret_secret = PIV_SECRET_GLOBAL;
    *ret_verified = &call->ram->global_pin_ok;
    return sw != SW_OK ? sw : offered ? SW_OK : SW_REFERENCE_NOT_FOUND;
}

/* Compares a guess of 8 bytes; on success the tries are full again with the transaction. */
static uint16_t check(struct call *call, uint16_t ref, const uint8_t *guess)
{
    struct image_secret secret;
    uint16_t sw = tries_take(call, ref, &secret);

    if (sw == SW_OK)
        sw = tries_compare(call, ref, &secret, guess, PIV_SECRET_LEN);
    wipe(&secret, sizeof(secret));
    return sw;
}

/* Is it there, and not blocked? Nothing else counts then. */
static uint16_t usable(struct call *call, uint16_t ref)
{
    uint16_t sw = tries_status(call, ref);

    return (sw & 0xFFF0) == SW_WRONG_PIN ? SW_OK : sw;
}

/* P1=FF without data: no longer verified; no try is touched. */
static uint16_t log_out(const struct call *call, uint8_t *verified)
{
    if (call->cmd.data_len != 0)
        return SW_WRONG_DATA;
    *verified = 0;
    return SW_OK;
}

/* A PIN of the wrong length is refused as it stands; one of 8 bytes that is no PIN counts as a wrong
 * one (the standard leaves the choice; cards make it so). */
uint16_t piv_verify(struct call *call)
{
    uint8_t *verified;
    uint16_t ref, sw;

    if (call->cmd.p1 != 0x00 && call->cmd.p1 != 0xFF)
        return SW_WRONG_P1P2;
    sw = pin_of(call, &ref, &verified);
    if (sw != SW_OK)
        return sw;
    if (call->cmd.p1 == 0xFF)
        return log_out(call, verified);
    if (call->cmd.data_len == 0)
        return *verified ? SW_OK : tries_status(call, ref);
    sw = usable(call, ref);
    if (sw != SW_OK)
        return sw;
    if (call->cmd.data_len != PIV_SECRET_LEN)
        return SW_WRONG_DATA;
    *verified = 0;
    sw = check(call, ref, call->cmd.data);
    *verified = piv_of(call)->just_verified = sw == SW_OK;
    return sw;
}

/* A new value, with as many tries as it ever had. */
static uint16_t set_secret(struct call *call, uint16_t ref, const uint8_t *value)
{
    struct image_secret secret;
    uint16_t sw = tries_load(call, ref, &secret);

    if (sw == SW_OK) {
        secret.len = PIV_SECRET_LEN;
        secret.tries = secret.limit;
        memcpy(secret.value, value, PIV_SECRET_LEN);
        sw = image_put_secret(call->image, ref, &secret) ? SW_OK : SW_MUTE;
    }
    wipe(&secret, sizeof(secret));
    return sw;
}

/* The secret that lets in, 8 bytes, and behind it the new one: its form is looked at before a try is
 * taken, and a bad one costs none. */
static uint16_t replace(struct call *call, uint16_t ref, uint16_t of)
{
    const uint8_t *guess = call->cmd.data, *value = guess + PIV_SECRET_LEN;
    uint16_t sw = usable(call, ref);

    if (sw != SW_OK)
        return sw;
    if (call->cmd.data_len != 2 * PIV_SECRET_LEN ||
        (of != PIV_SECRET_PUK && !piv_pin_well_formed(value)))
        return SW_WRONG_DATA;
    sw = check(call, ref, guess);
    return sw == SW_OK ? set_secret(call, of, value) : sw;
}

/* A PIN that is changed is verified; one whose old value was wrong no longer is. */
uint16_t piv_change(struct call *call)
{
    uint8_t none, *verified = &none;
    uint16_t ref = PIV_SECRET_PUK, sw = SW_OK;

    if (call->cmd.p1 != 0x00)
        return SW_WRONG_P1P2;
    if (call->cmd.p2 != PIV_PUK)
        sw = pin_of(call, &ref, &verified);
    if (sw != SW_OK)
        return sw;
    sw = replace(call, ref, ref);
    if (sw == SW_OK)
        *verified = 1;
    else if (sw != SW_WRONG_DATA)
        *verified = 0;
    return sw;
}

/* Whether the PIN is verified does not change. */
uint16_t piv_reset_retry(struct call *call)
{
    if (call->cmd.p1 != 0x00)
        return SW_WRONG_P1P2;
    if (call->cmd.p2 != PIV_PIN)
        return SW_REFERENCE_NOT_FOUND;
    return replace(call, PIV_SECRET_PUK, PIV_SECRET_PIN);
}
