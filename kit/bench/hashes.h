/* SPDX-License-Identifier: MIT */
/* Hashes as the interface names them, and as OpenSSL does. */
#ifndef CARDMINT_KIT_BENCH_HASHES_H
#define CARDMINT_KIT_BENCH_HASHES_H

#include "cardmint/cardmod.h"

#include <stdbool.h>
#include <stddef.h>

#define HASH_MAX        64u
#define DIGEST_INFO_MAX 128

struct hash_kind {
    ALG_ID alg;
    const WCHAR *name; /* BCRYPT_..._ALGORITHM; NULL: none */
    const char *md;    /* OpenSSL's; NULL: a value without a DigestInfo */
    DWORD len;
};

#define HASH_KINDS 6u

/* SHA-256 and SHA-1 first: what most cards have. NULL behind the last. */
const struct hash_kind *hash_kind(size_t n);
const struct hash_kind *hash_by_alg(ALG_ID alg);       /* NULL: none of these */
const struct hash_kind *hash_by_name(const WCHAR *name);

/* DigestInfo with that value in it: PKCS#1 v1.5. `out`: DIGEST_INFO_MAX. Its length; 0: OpenSSL
 * could not. */
size_t digest_info(const struct hash_kind *hash, const BYTE *value, BYTE *out);

#endif
