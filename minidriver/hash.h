/* SPDX-License-Identifier: MIT */
/* Hash algorithms: one row each. */
#ifndef CARDMINT_MINIDRIVER_HASH_H
#define CARDMINT_MINIDRIVER_HASH_H

#include "cardmint/cardmod.h"

#include <stdbool.h>
#include <stddef.h>

#define HASH_PREFIX_MAX 19u

struct hash_alg {
    ALG_ID id;
    const WCHAR *name;                 /* of CNG */
    size_t len;                        /* bytes of the digest */
    BYTE prefix[HASH_PREFIX_MAX];      /* DigestInfo up to the digest, RFC 8017 9.2 note 1 */
    size_t prefix_len;                 /* 0: signed without DigestInfo */
};

/* NULL: not in the table. */
const struct hash_alg *hash_by_id(ALG_ID id);
const struct hash_alg *hash_by_name(LPCWSTR name);

/* Is it a hash at all, known here or not? */
bool is_hash_id(ALG_ID id);

#endif
