/* SPDX-License-Identifier: MIT */
#include "kit/bench/agreements.h"
#include "kit/bench/fixture_keys.h"

#include <string.h>

#define NONE 0xFF

/* ---- what is needed -------------------------------------------------------------------------- */

struct agreer need_agreer(struct bench *b)
{
    need_curves(b);
    if (b->data.pfnCardConstructDHAgreement == NULL)
        run_not_applicable(b->run, "the module has no CardConstructDHAgreement "
                                   "(pfnCardConstructDHAgreement is NULL)");
    for (DWORD spec = AT_ECDHE_P256; spec <= AT_ECDHE_P521; spec++)
        if (fixture_key(b, spec) != NONE)
            return (struct agreer){ .index = fixture_key(b, spec), .spec = spec };
    no_key(b, "a key for agreement");
}

void need_derivation(struct bench *b)
{
    if (b->data.dwVersion < 5)
        run_not_applicable(b->run, "CardDeriveKey is of version 5 of CARD_DATA");
    if (b->data.pfnCardDeriveKey == NULL)
        run_not_applicable(b->run, "the module has no CardDeriveKey (pfnCardDeriveKey is NULL)");
}

void need_destruction(struct bench *b)
{
    if (b->data.dwVersion < 5)
        run_not_applicable(b->run, "CardDestroyDHAgreement is of version 5 of CARD_DATA");
    if (b->data.pfnCardDestroyDHAgreement == NULL)
        run_not_applicable(b->run, "the module has no CardDestroyDHAgreement "
                                   "(pfnCardDestroyDHAgreement is NULL)");
}

EVP_PKEY *agreer_key(struct bench *b, struct agreer *a)
{
    const char *why = "";

    if (a->key == NULL)
        a->key = public_key_of(b, a->index, a->spec, &why);
    if (a->key == NULL)
        run_blocked(b->run, "the public key %s: %s", spec_name(a->spec), why);
    return a->key;
}

/* ---- agreements ------------------------------------------------------------------------------ */

static bool openssl_agrees(EVP_PKEY *mine, EVP_PKEY *theirs, struct agreed *ret)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, mine, NULL);
    bool ok;

    ret->len = SECRET_MAX;
    ok = ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 &&
         EVP_PKEY_derive_set_peer(ctx, theirs) == 1 &&
         EVP_PKEY_derive(ctx, ret->secret, &ret->len) == 1;
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

DWORD make_peer(struct bench *b, struct agreer *a, BYTE blob[KEY_BLOB_MAX], struct agreed *secret)
{
    EVP_PKEY *peer = key_make(a->spec, 0);
    DWORD len = peer != NULL ? (DWORD)public_blob(peer, a->spec, blob) : 0;

    if (len == 0 || (secret != NULL && !openssl_agrees(peer, agreer_key(b, a), secret)))
        run_blocked(b->run, "OpenSSL does not agree on a secret with the key");
    EVP_PKEY_free(peer);
    return len;
}

DWORD construct(struct bench *b, const struct agreer *a, BYTE *blob, DWORD len, BYTE *ret_index)
{
    CARD_DH_AGREEMENT_INFO info = { .dwVersion = CARD_DH_AGREEMENT_INFO_VERSION,
                                    .bContainerIndex = a->index, .dwPublicKey = len,
                                    .pbPublicKey = blob, .bSecretAgreementIndex = *ret_index };
    DWORD rc = CALL(b, ConstructDHAgreement, &b->data, &info);

    if (rc == SCARD_E_UNSUPPORTED_FEATURE)
        run_not_applicable(b->run, "the card does not agree: CardConstructDHAgreement answers %s",
                           kit_code(rc));
    *ret_index = info.bSecretAgreementIndex;
    return rc;
}

DWORD agree(struct bench *b, struct agreer *a, struct agreed *ret)
{
    BYTE blob[KEY_BLOB_MAX];
    DWORD len = make_peer(b, a, blob, NULL);

    return construct(b, a, blob, len, &ret->index);
}

DWORD agree_with_openssl(struct bench *b, struct agreer *a, struct agreed *ret)
{
    BYTE blob[KEY_BLOB_MAX];
    DWORD len = make_peer(b, a, blob, ret);

    return construct(b, a, blob, len, &ret->index);
}

DWORD agree_again(struct bench *b, struct agreer *a, BYTE *ret_index)
{
    static BYTE blob[KEY_BLOB_MAX];
    static DWORD spec, len;

    if (spec != a->spec)
        len = make_peer(b, a, blob, NULL);
    spec = a->spec;
    return construct(b, a, blob, len, ret_index);
}

DWORD destroy(struct bench *b, BYTE index)
{
    return CALL(b, DestroyDHAgreement, &b->data, index, 0);
}

/* ---- secrets --------------------------------------------------------------------------------- */

void drop_derived(CARD_DERIVE_KEY *info)
{
    if (mem_is_ours(info->pbDerivedKey))
        mem_free(info->pbDerivedKey);
    info->pbDerivedKey = NULL;
}

static DWORD see_by(struct bench *b, struct agreed *a, const struct derivation *d)
{
    CARD_DERIVE_KEY *info = ask_derivation(d, a->index);
    DWORD rc = CALL(b, DeriveKey, &b->data, info);
    const PBYTE key = info->pbDerivedKey;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    a->by = d;
    a->seen_len = key != NULL ? info->cbDerivedKey : 0;
    if (mem_is_ours(key) && a->seen_len > mem_len(key))
        a->seen_len = (DWORD)mem_len(key);
    if (a->seen_len > DERIVED_MAX)
        a->seen_len = DERIVED_MAX;
    if (a->seen_len != 0)
        memcpy(a->seen, key, a->seen_len);
    drop_derived(info);
    return rc;
}

/* By SHA-1, else the first that works. */
DWORD see_secret(struct bench *b, struct agreed *a)
{
    DWORD rc = SCARD_E_INVALID_PARAMETER;

    for (unsigned kdf = 1; kdf < KDFS_END && rc == SCARD_E_INVALID_PARAMETER; kdf <<= 1)
        for (size_t n = 0; n < 2 && rc == SCARD_E_INVALID_PARAMETER; n++)
            rc = see_by(b, a, derivation(kdf, n));
    return rc;
}

bool same_secret(const struct agreed *a, const struct agreed *other)
{
    return a->seen_len == other->seen_len && memcmp(a->seen, other->seen, a->seen_len) == 0;
}

bool is_right(const struct agreed *a)
{
    BYTE want[DERIVED_MAX];
    DWORD len = derive_by_openssl(a->by, a->secret, a->len, want);

    return len != 0 && a->seen_len == len && memcmp(a->seen, want, len) == 0;
}

bool is_alive(struct bench *b, const struct agreed *a)
{
    struct agreed now = *a;

    return see_secret(b, &now) == SCARD_S_SUCCESS && same_secret(a, &now);
}

bool has_kdf(struct bench *b, BYTE agreement, unsigned kdf)
{
    const unsigned told = b->run->config->kdfs;

    if (told != 0)
        return (told & kdf) != 0;
    for (size_t n = 0; derivation(kdf, n) != NULL; n++) {
        CARD_DERIVE_KEY *info = ask_derivation(derivation(kdf, n), agreement);
        DWORD rc = CALL(b, DeriveKey, &b->data, info);

        drop_derived(info);
        if (rc != SCARD_E_INVALID_PARAMETER)
            return true;
    }
    return false;
}
