/* SPDX-License-Identifier: MIT */
/*
 * Hashes and HMACs, fed piece by piece:
 *
 *     hashing_begin(&h, DIGEST_SHA256, NULL);       or &key: HMAC
 *     hashing_add(&h, first);
 *     hashing_add(&h, second);
 *     if (!hashing_end(&h, out)) ...
 *
 * As with base/bytes.h a failure is remembered: one reads straight down and asks once, at the end.
 * hashing_end must follow every hashing_begin, it releases. The work is done by the system's
 * library: hash_openssl.c, or hash_bcrypt.c on Windows (7 and later). It keeps its state in memory
 * of its own and wipes that; nothing here does.
 */
#ifndef CARDMINT_CRYPTO_HASH_H
#define CARDMINT_CRYPTO_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum digest { DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512 };

#define DIGEST_MAX 64u

/* Bytes that belong to someone else; `at` may be NULL when len is 0. */
struct span {
    const uint8_t *at;
    size_t len;
};

/* One calculation. The members are the backend's. */
struct hashing {
    enum digest alg;
    bool keyed;
    bool bad;
    void *handle[2];
};

/* Bytes of the result; 0: no such algorithm. */
size_t digest_len(enum digest alg);

/* `key` NULL: a hash; otherwise HMAC with that key, which may be empty. */
void hashing_begin(struct hashing *h, enum digest alg, const struct span *key);

void hashing_add(struct hashing *h, struct span piece);

/* Writes digest_len bytes. False when anything went wrong since hashing_begin: an algorithm that is
 * unknown or switched off by policy (MD5), no memory, or a piece of length without address; `out`
 * means nothing then. */
bool hashing_end(struct hashing *h, uint8_t *out);

#endif
