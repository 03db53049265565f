/* SPDX-License-Identifier: MIT */
#include "crypto/unpad.h"

#include "base/secret.h"
#include "crypto/hash.h"

#include <string.h>

#define SHA1_LEN 20u

/* Masks: all ones for yes, 0 for no. No comparison operator: compilers make branches of them. */
static uint32_t is_zero(uint32_t v)
{
    return (uint32_t)(((uint64_t)v - 1) >> 32);
}

static uint32_t is_equal(uint32_t a, uint32_t b)
{
    return is_zero(a ^ b);
}

/* a < b, both below 2^31. */
static uint32_t is_less(uint32_t a, uint32_t b)
{
    return (uint32_t)-((a - b) >> 31);
}

static uint32_t pick(uint32_t mask, uint32_t yes, uint32_t no)
{
    return (mask & yes) | (~mask & no);
}

/* The bytes of `em` from `from` on to the start of `out`, zeros behind them; all zeros unless
 * `good`. Each of the shifts by a power of two is done or not by mask. */
static void take(const uint8_t *em, size_t len, uint32_t from, uint32_t good, uint8_t *out)
{
    uint8_t work[UNPAD_MAX];

    memcpy(work, em, len);
    for (uint32_t step = 1; step < len; step <<= 1) {
        uint32_t move = ~is_zero(from & step);

        for (size_t i = 0; i < len; i++)
            work[i] = (uint8_t)pick(move, i + step < len ? work[i + step] : 0, work[i]);
    }
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(work[i] & good & is_less((uint32_t)i, (uint32_t)len - from));
    wipe(work, sizeof(work));
}

bool unpad_pkcs1(const uint8_t *em, size_t len, uint8_t *out, size_t *ret_len)
{
    uint32_t good, found = 0, at = 0;

    if (len < 11 || len > UNPAD_MAX)
        return false;
    good = is_zero(em[0]) & is_equal(em[1], 2);
    for (size_t i = 2; i < len; i++) { /* the first zero */
        uint32_t here = is_zero(em[i]) & ~found;

        at = pick(here, (uint32_t)i, at);
        found |= here;
    }
    good &= found & ~is_less(at, 10);
    take(em, len, pick(good, at + 1, 0), good, out);
    if (good == 0)
        return false;
    *ret_len = len - at - 1;
    return true;
}

/* MGF1 with SHA-1 (RFC 8017 B.2.1) over `seed`, into `data`. */
static bool mask(const uint8_t *seed, size_t seed_len, uint8_t *data, size_t len)
{
    uint8_t block[SHA1_LEN];

    for (uint32_t n = 0; n * SHA1_LEN < len; n++) {
        const uint8_t counter[] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8),
                                    (uint8_t)n };
        struct hashing h;

        hashing_begin(&h, DIGEST_SHA1, NULL);
        hashing_add(&h, (struct span){ seed, seed_len });
        hashing_add(&h, (struct span){ counter, sizeof(counter) });
        if (!hashing_end(&h, block))
            return false;
        for (size_t i = 0; i < SHA1_LEN && n * SHA1_LEN + i < len; i++)
            data[n * SHA1_LEN + i] ^= block[i];
    }
    wipe(block, sizeof(block));
    return true;
}

/* 00, seed (20), then SHA-1 of the label (20), zeros, 01, message: after unmasking. */
static bool open_oaep(uint8_t *em, size_t len, uint8_t *out, size_t *ret_len)
{
    static const uint8_t no_label[SHA1_LEN] = { 0xDA, 0x39, 0xA3, 0xEE, 0x5E, 0x6B, 0x4B,
                                                0x0D, 0x32, 0x55, 0xBF, 0xEF, 0x95, 0x60,
                                                0x18, 0x90, 0xAF, 0xD8, 0x07, 0x09 };
    const size_t head = 1 + SHA1_LEN;
    uint32_t good = is_zero(em[0]), found = 0, at = 0;

    if (!mask(em + head, len - head, em + 1, SHA1_LEN) ||
        !mask(em + 1, SHA1_LEN, em + head, len - head))
        return false;
    for (size_t i = 0; i < SHA1_LEN; i++)
        good &= is_equal(em[head + i], no_label[i]);
    for (size_t i = head + SHA1_LEN; i < len; i++) { /* the first that is not zero must be 01 */
        uint32_t here = ~is_zero(em[i]) & ~found;

        good &= ~here | is_equal(em[i], 1);
        at = pick(here, (uint32_t)i, at);
        found |= here;
    }
    good &= found;
    take(em, len, pick(good, at + 1, 0), good, out);
    if (good == 0)
        return false;
    *ret_len = len - at - 1;
    return true;
}

bool unpad_oaep_sha1(const uint8_t *em, size_t len, uint8_t *out, size_t *ret_len)
{
    uint8_t work[UNPAD_MAX];
    bool good;

    if (len < 2 * SHA1_LEN + 2 || len > UNPAD_MAX)
        return false;
    memcpy(work, em, len);
    memset(out, 0, len);
    good = open_oaep(work, len, out, ret_len);
    wipe(work, sizeof(work));
    return good;
}
