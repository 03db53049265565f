/* SPDX-License-Identifier: MIT */
/* Key derivations: lists of parameters for CardDeriveKey, and beside each what it means, for
 * OpenSSL to compute. */
#ifndef CARDMINT_KIT_BENCH_DERIVATIONS_H
#define CARDMINT_KIT_BENCH_DERIVATIONS_H

#include "kit/bench/bench.h"

#define SECRET_MAX  66u  /* the field of P-521 */
#define DERIVED_MAX 256u
#define PARAMS_MAX  7u

struct param {
    ULONG type;
    const void *at; /* NULL: behind the last */
    ULONG len;
};

struct derivation {
    const WCHAR *kdf;
    DWORD flags;
    struct param list[PARAMS_MAX];
    /* What CNG computes of it: by which digest (NULL: the one of the curve's size), with which
     * bytes before and behind the secret, under which key of HMAC (BY_SECRET: the secret). */
    const char *digest, *before, *behind, *key;
    DWORD bits;   /* of the key, SP800_56A_CONCAT; 0: as many as the secret has */
    bool refusable; /* modules that have the KDF need not have this of it */
};

extern const char by_secret[];
#define BY_SECRET by_secret

/* The nth of a KDF (KIT_KDF_...); NULL behind the last. The first has parameters that every module
 * with that KDF takes. */
const struct derivation *derivation(unsigned kdf, size_t n);
/* Lists that the KDF does not take; digest and key mean nothing. */
const struct derivation *bad_derivation(unsigned kdf, size_t n);
const char *kdf_name(unsigned kdf);

/* Version 1, with KDF, flags and list; it and what it points to live until the next call. */
CARD_DERIVE_KEY *ask_derivation(const struct derivation *d, BYTE agreement);
/* What must come out; its length, 0: OpenSSL could not. */
DWORD derive_by_openssl(const struct derivation *d, const BYTE *secret, size_t len,
                        BYTE out[DERIVED_MAX]);

#endif
