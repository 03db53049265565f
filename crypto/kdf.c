/* SPDX-License-Identifier: MIT */
#include "crypto/kdf.h"

#include "base/secret.h"

#include <string.h>

static void add_list(struct hashing *h, const struct span_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        hashing_add(h, list->at[i]);
}

/* The output is the first `len` bytes of one hash or HMAC (`key` not NULL). */
static bool by_message(const struct kdf *k, const struct span *key, uint8_t *out, size_t len)
{
    struct hashing h;
    uint8_t full[DIGEST_MAX];
    bool ok;

    hashing_begin(&h, k->digest, key);
    add_list(&h, &k->before);
    hashing_add(&h, k->secret);
    add_list(&h, &k->after);
    ok = hashing_end(&h, full);
    if (ok)
        memcpy(out, full, len);
    wipe(full, sizeof(full));
    return ok;
}

/* HMAC(secret, first seed...); `seed` may be NULL. */
static bool prf_step(enum digest d, struct span secret, struct span first,
                     const struct span_list *seed, uint8_t *out)
{
    struct hashing h;

    hashing_begin(&h, d, &secret);
    hashing_add(&h, first);
    if (seed != NULL)
        add_list(&h, seed);
    return hashing_end(&h, out);
}

/* P_hash of RFC 2246 and RFC 5246, 5: HMAC(secret, A(1) seed) HMAC(secret, A(2) seed) ... where
 * A(0) is the seed and A(i) is HMAC(secret, A(i-1)). XORed into `out`, as TLS 1.0 wants it. */
static bool p_hash(enum digest d, struct span secret, const struct span_list *seed, uint8_t *out,
                   size_t len)
{
    const size_t step = digest_len(d);
    uint8_t a[DIGEST_MAX], block[DIGEST_MAX];
    const struct span nothing = { NULL, 0 }, a_i = { a, step };
    bool ok = prf_step(d, secret, nothing, seed, a);

    for (size_t done = 0; ok && done < len; done += step) {
        ok = prf_step(d, secret, a_i, seed, block) && prf_step(d, secret, a_i, NULL, a);
        for (size_t i = 0; ok && i < step && done + i < len; i++)
            out[done + i] ^= block[i];
    }
    wipe(a, sizeof(a));
    wipe(block, sizeof(block));
    return ok;
}

/* P_MD5 with the first half of the secret, P_SHA1 with the second; an odd one shares its middle. */
static bool by_tls10(const struct kdf *k, uint8_t *out, size_t len)
{
    const size_t half = k->secret.len - k->secret.len / 2;
    const struct span first = { k->secret.at, half };
    const struct span second = { k->secret.at + (k->secret.len - half), half };

    return p_hash(DIGEST_MD5, first, &k->after, out, len) &&
           p_hash(DIGEST_SHA1, second, &k->after, out, len);
}

static bool by_concat(const struct kdf *k, uint8_t *out, size_t len)
{
    const size_t step = digest_len(k->digest);
    uint8_t block[DIGEST_MAX];
    uint32_t count = 1;
    bool ok = true;

    for (size_t done = 0; ok && done < len; done += step, count++) {
        const size_t part = len - done < step ? len - done : step;
        const uint8_t counter[4] = { (uint8_t)(count >> 24), (uint8_t)(count >> 16),
                                     (uint8_t)(count >> 8), (uint8_t)count };
        struct hashing h;

        hashing_begin(&h, k->digest, NULL);
        hashing_add(&h, (struct span){ counter, sizeof(counter) });
        hashing_add(&h, k->secret);
        add_list(&h, &k->after);
        ok = hashing_end(&h, block);
        if (ok)
            memcpy(out + done, block, part);
    }
    wipe(block, sizeof(block));
    return ok;
}

size_t kdf_max(const struct kdf *k)
{
    const size_t step = k->kind == BY_TLS10_PRF ? digest_len(DIGEST_MD5) : digest_len(k->digest);

    switch (k->kind) {
    case BY_HASH:
    case BY_HMAC:
        return step;
    case BY_TLS10_PRF:
    case BY_TLS12_PRF:
    case BY_CONCAT: /* SP 800-56A: the counter must not wrap; the PRFs are held to the same */
        return step < SIZE_MAX / UINT32_MAX ? step * UINT32_MAX : step != 0 ? SIZE_MAX : 0;
    }
    return 0;
}

static bool derive(const struct kdf *k, uint8_t *out, size_t len)
{
    switch (k->kind) {
    case BY_HASH:
        return by_message(k, NULL, out, len);
    case BY_HMAC:
        return by_message(k, &k->key, out, len);
    case BY_TLS10_PRF:
        return by_tls10(k, out, len);
    case BY_TLS12_PRF:
        return p_hash(k->digest, k->secret, &k->after, out, len);
    case BY_CONCAT:
        return by_concat(k, out, len);
    }
    return false;
}

bool kdf_derive(const struct kdf *k, uint8_t *out, size_t len)
{
    bool ok;

    memset(out, 0, len);
    ok = len != 0 && len <= kdf_max(k) && k->secret.len != 0 && k->secret.at != NULL &&
         derive(k, out, len);
    if (!ok)
        wipe(out, len); /* no part of a key */
    return ok;
}
