/* SPDX-License-Identifier: MIT */
/* The rule of tries (docs/card-image.md), for the PINs and PUKs of every application. */
#include "softcard/chip.h"

#include "base/secret.h"

#include <string.h>

uint16_t tries_load(struct call *call, uint16_t ref, struct image_secret *ret)
{
    bool found;

    if (!image_secret(call->image, ref, &found, ret))
        return SW_MUTE;
    return found ? SW_OK : SW_REFERENCE_NOT_FOUND;
}

/* Is `now` the secret we took a try from, and that try still gone? Others may have taken more. With
 * another limit all may have been given back, and be as few as were left. */
static bool still_taken(const struct image_secret *taken, const struct image_secret *now)
{
    return now->tries <= taken->tries && now->limit == taken->limit && now->len == taken->len &&
           memcmp(now->value, taken->value, now->len) == 0; /* no guess: time tells nothing */
}

static uint16_t spend(struct call *call, uint16_t ref, unsigned tries)
{
    return image_set_tries(call->image, ref, tries) && image_commit(call->image) &&
           image_begin(call->image, IMAGE_WRITES) ? SW_OK : SW_MUTE;
}

/* The try is taken before the secret is looked at, and is on disk when it is: a power cut, or a
 * process killed, never gives it back. The handler's transaction begins anew afterwards. Between
 * the two another process may have changed the secret or filled its tries: then ours is gone with
 * the old ones, and one of the new ones is taken. */
uint16_t tries_take(struct call *call, uint16_t ref, struct image_secret *secret)
{
    struct image_secret now = { 0 };
    uint16_t sw = tries_load(call, ref, &now);

    do {
        *secret = now;
        if (sw == SW_OK && secret->tries == 0)
            sw = SW_BLOCKED;
        if (sw == SW_OK)
            sw = spend(call, ref, --secret->tries);
        if (sw == SW_OK)
            sw = tries_load(call, ref, &now);
    } while (sw == SW_OK && !still_taken(secret, &now));
    wipe(&now, sizeof(now));
    return sw;
}

uint16_t tries_compare(struct call *call, uint16_t ref, struct image_secret *secret,
                       const uint8_t *guess, size_t len)
{
    uint8_t padded[IMAGE_SECRET_MAX] = { 0 };
    uint16_t sw = SW_OK;
    bool same;

    memset(secret->value + secret->len, 0, sizeof(secret->value) - secret->len);
    if (len <= sizeof(padded) && len != 0)
        memcpy(padded, guess, len);
    same = secret_equal(padded, secret->value, sizeof(padded));
    same = same && len == secret->len;
    if (!same)
        sw = (uint16_t)(SW_WRONG_PIN | secret->tries);
    else if (!image_set_tries(call->image, ref, secret->limit))
        sw = SW_MUTE;
    wipe(padded, sizeof(padded));
    return sw;
}

uint16_t tries_status(struct call *call, uint16_t ref)
{
    struct image_secret secret;
    uint16_t sw = tries_load(call, ref, &secret);

    if (sw == SW_OK)
        sw = secret.tries == 0 ? SW_BLOCKED : (uint16_t)(SW_WRONG_PIN | secret.tries);
    wipe(&secret, sizeof(secret));
    return sw;
}
