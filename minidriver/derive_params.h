/* SPDX-License-Identifier: MIT */
/*
 * What the caller of CardDeriveKey wants derived: its parameter list as inputs of crypto/kdf.h.
 *
 *     const struct derive_kdf *kdf = derive_kdf_by_name(info->pwszKDF);   NULL: CMR.4.3.3.E6
 *     struct derive_params p;
 *     DWORD rc = derive_params(&p, kdf, info, z, &secrets);              CMR.4.3.3.E8
 *
 *     kdf_derive(&p.kdf, out, p.len)             p.len alone answers CARD_BUFFER_SIZE_ONLY
 *
 * No card, no memory, no copies: the result points at itself, at the caller's list and at the
 * secrets, and lives as long as all of them.
 */
#ifndef CARDMINT_MINIDRIVER_DERIVE_PARAMS_H
#define CARDMINT_MINIDRIVER_DERIVE_PARAMS_H

#include "cardmint/cardmod.h"
#include "crypto/kdf.h"

/* Prepends and appends may be any number; a list longer than this is taken for garbage. */
#define DERIVE_PARAMS_MAX 64u

/* One function of CNG: which parameters it takes. */
struct derive_kdf;

/* NULL: not one of HASH, HMAC, TLS_PRF, SP800_56A_CONCAT. */
const struct derive_kdf *derive_kdf_by_name(LPCWSTR name);

/* Other agreements that the list names (KDF_SECRET_HANDLE): `find` gives the secret that belongs to
 * a handle of the caller, or an error, which is then returned. Asked even for the length alone. */
struct derive_secrets {
    void *host;
    DWORD (*find)(void *host, PVOID handle, struct span *ret);
};

struct derive_params {
    struct kdf kdf;
    size_t len;
    struct span pieces[DERIVE_PARAMS_MAX];
};

/* Reads info->pParameterList (NULL: no parameters) and KDF_USE_SECRET_AS_HMAC_KEY_FLAG; no other
 * member of `info`. `z` is the agreement's secret. `secrets` NULL: there are no others.
 * SCARD_E_INVALID_PARAMETER: a list that is no list, a type that is unknown or not of this
 * function, twice what may come once, a value that makes no sense, something required missing. */
DWORD derive_params(struct derive_params *ret, const struct derive_kdf *kdf,
                    const CARD_DERIVE_KEY *info, struct span z,
                    const struct derive_secrets *secrets);

#endif
