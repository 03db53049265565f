/* SPDX-License-Identifier: MIT */
/* The parameter lists of CardDeriveKey: the certification document, 2.4.3.3.2, and CNG's page of
 * BCryptDeriveKey, which defines the functions. */
#include "minidriver/derive_params.h"

#include "base/wstr.h"
#include "minidriver/hash.h"

#include <string.h>

#define INVALID SCARD_E_INVALID_PARAMETER /* 2.4.3.3.2 has no other code for a list */

/* Sets of parameter types: bit n for type n. */
#define BIT(type) (1u << (type))
#define TYPES     (KDF_KEYBITLENGTH + 1u) /* above: of functions that we do not have */
#define MESSAGE   (BIT(KDF_HASH_ALGORITHM) | BIT(KDF_SECRET_PREPEND) | BIT(KDF_SECRET_APPEND) | \
                   BIT(KDF_SECRET_HANDLE))
#define OTHERINFO (BIT(KDF_ALGORITHMID) | BIT(KDF_PARTYUINFO) | BIT(KDF_PARTYVINFO))
#define REPEATED  (BIT(KDF_SECRET_PREPEND) | BIT(KDF_SECRET_APPEND) | BIT(KDF_SECRET_HANDLE))

#define TLS_PRF_SEED_LEN 64u /* two randoms */
#define TLS_PRF_LEN      48u /* a master secret */

/* What a list held, by type: the only one, or the last. */
struct found {
    unsigned seen;
    const BCryptBuffer *by_type[TYPES];
};

/* Sets what depends on the function: kind, digest, key, length. `pieces` are in place. */
typedef DWORD (*settle_fn)(struct derive_params *p, const struct found *f, bool z_is_key);

struct derive_kdf {
    const WCHAR *name;
    unsigned may;  /* types it takes */
    unsigned must; /* of these: required */
    settle_fn settle;
};

/* ---- values ---------------------------------------------------------------------------------- */

static struct span span_of(const BCryptBuffer *b)
{
    return (struct span){ b->pvBuffer, b->cbBuffer };
}

/* The number in a parameter; `absent` when it is not in the list. */
static bool dword_of(const struct found *f, unsigned type, DWORD absent, DWORD *ret)
{
    const BCryptBuffer *b = f->by_type[type];

    *ret = absent;
    if (b == NULL)
        return true;
    if (b->cbBuffer != sizeof(*ret))
        return false;
    memcpy(ret, b->pvBuffer, sizeof(*ret)); /* buffers need not be aligned */
    return true;
}

/* KDF_HASH_ALGORITHM: the name ends at its NUL or with the buffer. */
static bool digest_of(const struct found *f, enum digest absent, enum digest *ret)
{
    static const struct {
        ALG_ID id;
        enum digest digest;
    } digests[] = { { CALG_MD5, DIGEST_MD5 },
                    { CALG_SHA1, DIGEST_SHA1 },
                    { CALG_SHA_256, DIGEST_SHA256 },
                    { CALG_SHA_384, DIGEST_SHA384 },
                    { CALG_SHA_512, DIGEST_SHA512 } };
    const BCryptBuffer *b = f->by_type[KDF_HASH_ALGORITHM];
    const struct hash_alg *alg;
    WCHAR name[16] = { 0 }; /* the longest has 6; what does not fit is cut and then unknown */
    size_t room = sizeof(name) - sizeof(name[0]);

    *ret = absent;
    if (b == NULL)
        return true;
    if (b->cbBuffer == 0 || b->cbBuffer % sizeof(WCHAR) != 0)
        return false;
    memcpy(name, b->pvBuffer, b->cbBuffer < room ? b->cbBuffer : room);
    alg = hash_by_name(name);
    for (size_t i = 0; alg != NULL && i < sizeof(digests) / sizeof(digests[0]); i++)
        if (digests[i].id == alg->id) {
            *ret = digests[i].digest;
            return true;
        }
    return false;
}

/* ---- the functions --------------------------------------------------------------------------- */

static DWORD settle_hash(struct derive_params *p, const struct found *f, bool z_is_key)
{
    (void)z_is_key; /* of HMAC alone; CNG passes over it elsewhere */
    p->kdf.kind = BY_HASH;
    if (!digest_of(f, DIGEST_SHA1, &p->kdf.digest))
        return INVALID;
    p->len = digest_len(p->kdf.digest);
    return SCARD_S_SUCCESS;
}

/* The key is optional to CNG: without one and without the flag it is empty. */
static DWORD settle_hmac(struct derive_params *p, const struct found *f, bool z_is_key)
{
    const BCryptBuffer *key = f->by_type[KDF_HMAC_KEY];
    DWORD rc = settle_hash(p, f, z_is_key);

    p->kdf.kind = BY_HMAC;
    if (z_is_key && key != NULL)
        return INVALID;
    if (z_is_key)
        p->kdf.key = p->kdf.secret;
    else if (key != NULL)
        p->kdf.key = span_of(key);
    return rc;
}

static DWORD settle_tls_prf(struct derive_params *p, const struct found *f, bool z_is_key)
{
    static const struct {
        DWORD protocol;
        enum kdf_kind kind;
    } protocols[] = {
        { 0x0300, BY_TLS10_PRF }, /* SSL 3.0: CNG lists it; TLS_PRF has no older function */
        { 0x0301, BY_TLS10_PRF },
        { 0x0302, BY_TLS10_PRF },
        { 0x0303, BY_TLS12_PRF },
        { 0xFEFF, BY_TLS10_PRF }, /* DTLS 1.0 is TLS 1.1 */
    };
    DWORD protocol;
    size_t i = 0;

    (void)z_is_key;
    if (f->by_type[KDF_TLS_PRF_SEED]->cbBuffer != TLS_PRF_SEED_LEN ||
        !dword_of(f, KDF_TLS_PRF_PROTOCOL, 0x0301, &protocol))
        return INVALID;
    while (i < sizeof(protocols) / sizeof(protocols[0]) && protocols[i].protocol != protocol)
        i++;
    if (i == sizeof(protocols) / sizeof(protocols[0]))
        return INVALID;
    p->kdf.kind = protocols[i].kind;
    p->len = TLS_PRF_LEN;
    if (p->kdf.kind == BY_TLS10_PRF) /* whose digests are given */
        return f->by_type[KDF_HASH_ALGORITHM] == NULL ? SCARD_S_SUCCESS : INVALID;
    if (!digest_of(f, DIGEST_SHA256, &p->kdf.digest))
        return INVALID;
    return p->kdf.digest == DIGEST_SHA256 || p->kdf.digest == DIGEST_SHA384 ? SCARD_S_SUCCESS
                                                                            : INVALID;
}

/* CNG's page names neither digest nor length. SHA-256 for P-256 is what callers that give none rely
 * on (RFC 7518); the stronger curves by analogy; the length of Z likewise (inferred). */
static DWORD settle_concat(struct derive_params *p, const struct found *f, bool z_is_key)
{
    const size_t z = p->kdf.secret.len;
    DWORD bits;

    (void)z_is_key;
    p->kdf.kind = BY_CONCAT;
    if (!digest_of(f, z <= 32 ? DIGEST_SHA256 : z <= 48 ? DIGEST_SHA384 : DIGEST_SHA512,
                   &p->kdf.digest) ||
        !dword_of(f, KDF_KEYBITLENGTH, (DWORD)(8 * z), &bits))
        return INVALID;
    p->len = bits / 8;
    return bits != 0 && bits % 8 == 0 ? SCARD_S_SUCCESS : INVALID;
}

static const WCHAR hash_name[] = BCRYPT_KDF_HASH, hmac_name[] = BCRYPT_KDF_HMAC,
                   tls_prf_name[] = BCRYPT_KDF_TLS_PRF,
                   concat_name[] = BCRYPT_KDF_SP80056A_CONCAT;

static const struct derive_kdf kdfs[] = {
    { hash_name, MESSAGE, 0, settle_hash },
    { hmac_name, MESSAGE | BIT(KDF_HMAC_KEY), 0, settle_hmac },
    { tls_prf_name,
      BIT(KDF_TLS_PRF_LABEL) | BIT(KDF_TLS_PRF_SEED) | BIT(KDF_TLS_PRF_PROTOCOL) |
          BIT(KDF_HASH_ALGORITHM),
      BIT(KDF_TLS_PRF_LABEL) | BIT(KDF_TLS_PRF_SEED), settle_tls_prf },
    { concat_name,
      OTHERINFO | BIT(KDF_SUPPPUBINFO) | BIT(KDF_SUPPPRIVINFO) | BIT(KDF_HASH_ALGORITHM) |
          BIT(KDF_KEYBITLENGTH) | BIT(KDF_SECRET_HANDLE),
      OTHERINFO, settle_concat },
};

const struct derive_kdf *derive_kdf_by_name(LPCWSTR name)
{
    for (size_t i = 0; i < sizeof(kdfs) / sizeof(kdfs[0]); i++)
        if (wstr_equal(kdfs[i].name, name))
            return &kdfs[i];
    return NULL;
}

/* ---- the list -------------------------------------------------------------------------------- */

/* Is it a list, of what this function takes and needs? */
static bool look_through(const BCryptBufferDesc *list, const struct derive_kdf *kdf,
                         struct found *f)
{
    if (list->ulVersion != BCRYPTBUFFER_VERSION || list->cBuffers > DERIVE_PARAMS_MAX ||
        (list->cBuffers != 0 && list->pBuffers == NULL))
        return false;
    for (ULONG i = 0; i < list->cBuffers; i++) {
        const BCryptBuffer *b = &list->pBuffers[i];

        if (b->BufferType >= TYPES || (kdf->may & BIT(b->BufferType)) == 0 ||
            (f->seen & BIT(b->BufferType) & ~REPEATED) != 0 ||
            (b->pvBuffer == NULL && b->cbBuffer != 0))
            return false;
        f->seen |= BIT(b->BufferType);
        f->by_type[b->BufferType] = b;
    }
    return true;
}

/* A parameter of the message as bytes: its own, or those of the secret it names. */
static DWORD piece_of(const BCryptBuffer *b, const struct derive_secrets *secrets,
                      struct span *ret)
{
    PVOID handle;

    *ret = span_of(b);
    if (b->BufferType != KDF_SECRET_HANDLE)
        return SCARD_S_SUCCESS;
    if (b->cbBuffer != sizeof(handle) || secrets == NULL)
        return INVALID;
    memcpy(&handle, b->pvBuffer, sizeof(handle));
    return secrets->find(secrets->host, handle, ret);
}

/* Lays the message out, each type in array order: what comes before Z, then what comes after it.
 * One order serves all functions, as none takes two types that it could put wrong. A further secret
 * stands right behind Z (inferred: "additional agreed secrets" is all that cardmod.h says). */
static DWORD lay_out(struct derive_params *p, const BCryptBufferDesc *list,
                     const struct derive_secrets *secrets)
{
    static const BYTE order[] = { KDF_SECRET_PREPEND, KDF_SECRET_HANDLE, KDF_SECRET_APPEND,
                                  KDF_TLS_PRF_LABEL,  KDF_TLS_PRF_SEED,  KDF_ALGORITHMID,
                                  KDF_PARTYUINFO,     KDF_PARTYVINFO,    KDF_SUPPPUBINFO,
                                  KDF_SUPPPRIVINFO };
    size_t count = 0;

    for (size_t o = 0; o < sizeof(order); o++) {
        for (ULONG i = 0; i < list->cBuffers; i++) {
            DWORD rc;

            if (list->pBuffers[i].BufferType != order[o])
                continue;
            rc = piece_of(&list->pBuffers[i], secrets, &p->pieces[count++]);
            if (rc != SCARD_S_SUCCESS)
                return rc;
        }
        if (order[o] == KDF_SECRET_PREPEND)
            p->kdf.before = (struct span_list){ p->pieces, count };
    }
    p->kdf.after = (struct span_list){ p->pieces + p->kdf.before.count,
                                       count - p->kdf.before.count };
    return SCARD_S_SUCCESS;
}

DWORD derive_params(struct derive_params *ret, const struct derive_kdf *kdf,
                    const CARD_DERIVE_KEY *info, struct span z,
                    const struct derive_secrets *secrets)
{
    static const BCryptBufferDesc none = { BCRYPTBUFFER_VERSION, 0, NULL };
    const BCryptBufferDesc *list = info->pParameterList != NULL ? info->pParameterList : &none;
    struct found found = { 0 };
    DWORD rc;

    memset(ret, 0, sizeof(*ret));
    ret->kdf.secret = z;
    if (!look_through(list, kdf, &found) || (kdf->must & ~found.seen) != 0)
        return INVALID;
    rc = kdf->settle(ret, &found, (info->dwFlags & KDF_USE_SECRET_AS_HMAC_KEY_FLAG) != 0);
    return rc == SCARD_S_SUCCESS ? lay_out(ret, list, secrets) : rc;
}
