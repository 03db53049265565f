/* SPDX-License-Identifier: MIT */
/* hash.h with Windows' BCrypt. handle[0]: the algorithm; handle[1]: the calculation. */
#include "crypto/hash.h"

#include <windows.h>

#include <bcrypt.h>

static const wchar_t *const names[] = { [DIGEST_MD5] = BCRYPT_MD5_ALGORITHM,
                                        [DIGEST_SHA1] = BCRYPT_SHA1_ALGORITHM,
                                        [DIGEST_SHA256] = BCRYPT_SHA256_ALGORITHM,
                                        [DIGEST_SHA384] = BCRYPT_SHA384_ALGORITHM,
                                        [DIGEST_SHA512] = BCRYPT_SHA512_ALGORITHM };

/* BCrypt only reads what it is given to hash, but its prototypes have no const. */
static PUCHAR unconst(const uint8_t *at)
{
    return (PUCHAR)(uintptr_t)at;
}

static bool usable(const struct span *s)
{
    return s->len == 0 || (s->at != NULL && s->len <= ULONG_MAX);
}

static bool begin(struct hashing *h, const struct span *key)
{
    BCRYPT_ALG_HANDLE alg = NULL;
    BCRYPT_HASH_HANDLE run = NULL;
    const uint8_t none = 0;
    const uint8_t *secret = key == NULL ? NULL : key->len != 0 ? key->at : &none;
    ULONG secret_len = key != NULL ? (ULONG)key->len : 0;

    if (digest_len(h->alg) == 0 || (key != NULL && !usable(key)))
        return false;
    if (!BCRYPT_SUCCESS(BCryptOpenAlgorithmProvider(&alg, names[h->alg], NULL,
                                                    key != NULL ? BCRYPT_ALG_HANDLE_HMAC_FLAG : 0)))
        return false;
    h->handle[0] = alg;
    if (!BCRYPT_SUCCESS(BCryptCreateHash(alg, &run, NULL, 0, unconst(secret), secret_len, 0)))
        return false;
    h->handle[1] = run;
    return true;
}

void hashing_begin(struct hashing *h, enum digest alg, const struct span *key)
{
    *h = (struct hashing){ .alg = alg, .keyed = key != NULL };
    h->bad = !begin(h, key);
}

void hashing_add(struct hashing *h, struct span piece)
{
    if (piece.len == 0 || h->bad)
        return;
    h->bad = !usable(&piece) ||
             !BCRYPT_SUCCESS(BCryptHashData(h->handle[1], unconst(piece.at), (ULONG)piece.len, 0));
}

bool hashing_end(struct hashing *h, uint8_t *out)
{
    if (!h->bad)
        h->bad = !BCRYPT_SUCCESS(
            BCryptFinishHash(h->handle[1], out, (ULONG)digest_len(h->alg), 0));
    if (h->handle[1] != NULL)
        BCryptDestroyHash(h->handle[1]);
    if (h->handle[0] != NULL)
        BCryptCloseAlgorithmProvider(h->handle[0], 0);
    h->handle[0] = h->handle[1] = NULL;
    return !h->bad;
}
