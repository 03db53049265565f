/* SPDX-License-Identifier: MIT */
/* The tour, versions 4 and 5: containers and keys. */
#include "kit/bench/fixture_keys.h"
#include "kit/bench/tour.h"

#include <string.h>

#define NONE 0xFF

static bool has_scratch(const struct tour *t)
{
    return t->scratch != NONE && t->new_spec != 0;
}

static bool has_signing(const struct tour *t)
{
    return t->sign_index != NONE;
}

static bool has_decryption(const struct tour *t)
{
    return t->decrypt_index != NONE && t->b->data.pfnCardRSADecrypt != NULL;
}

static bool has_agreement(const struct tour *t)
{
    return t->agree_index != NONE && t->b->data.pfnCardConstructDHAgreement != NULL;
}

static bool has_derivation(const struct tour *t)
{
    return has_agreement(t) && t->b->data.pfnCardDeriveKey != NULL &&
           t->b->data.pfnCardDestroyDHAgreement != NULL;
}

/* ---- containers ------------------------------------------------------------------------------ */

static void make_blob(struct tour *t)
{
    EVP_PKEY *key = can_generate(t->b) ? NULL : key_make(t->new_spec, t->new_bits);

    t->blob_len = key != NULL ? (DWORD)private_blob(key, t->new_spec, t->blob) : 0;
    EVP_PKEY_free(key);
}

static DWORD create(struct tour *t)
{
    return CALL(t->b, CreateContainer, &t->b->data, t->scratch,
                t->blob_len == 0 ? CARD_CREATE_CONTAINER_KEY_GEN : CARD_CREATE_CONTAINER_KEY_IMPORT,
                t->new_spec, t->new_bits, t->blob_len == 0 ? NULL : t->blob);
}

static void put(struct tour *t)
{
    make_blob(t);
    (void)create(t);
}

static DWORD delete(struct tour *t)
{
    return drop_container(t->b, t->scratch);
}

static void drop(struct tour *t)
{
    (void)delete(t);
}

static DWORD container_info(struct tour *t)
{
    CONTAINER_INFO info = { .dwVersion = CONTAINER_INFO_CURRENT_VERSION };
    DWORD rc = CALL(t->b, GetContainerInfo, &t->b->data, t->sign_index, 0, &info);

    tour_take(t, 0, info.pbSigPublicKey, info.cbSigPublicKey);
    tour_take(t, 1, info.pbKeyExPublicKey, info.cbKeyExPublicKey);
    return rc;
}

/* ---- keys ------------------------------------------------------------------------------------ */

static DWORD decrypt(struct tour *t)
{
    CARD_RSA_DECRYPT_INFO info = { .dwVersion = t->b->data.dwVersion >= 7 ? 2 : 1,
                                   .bContainerIndex = t->decrypt_index,
                                   .dwKeySpec = AT_KEYEXCHANGE, .pbData = t->blob,
                                   .cbData = fixture_rsa_bits(t->b) / 8,
                                   .dwPaddingType = CARD_PADDING_NONE };

    if (info.cbData > sizeof(t->blob))
        return SCARD_E_INSUFFICIENT_BUFFER;
    memset(t->blob, 0, info.cbData); /* a number below the modulus */
    t->blob[1] = 2;
    return CALL(t->b, RSADecrypt, &t->b->data, &info);
}

static DWORD sign(struct tour *t)
{
    BYTE digest[32] = { 1, 2, 3 };
    CARD_SIGNING_INFO info = { .dwVersion = CARD_SIGNING_INFO_BASIC_VERSION,
                               .bContainerIndex = t->sign_index, .dwKeySpec = t->sign_spec,
                               .aiHashAlg = CALG_SHA_256, .pbData = digest,
                               .cbData = sizeof(digest) };
    DWORD rc = CALL(t->b, SignData, &t->b->data, &info);

    tour_take(t, 0, info.pbSignedData, info.cbSignedData);
    return rc;
}

static void make_peer(struct tour *t)
{
    EVP_PKEY *peer = key_make(t->agree_spec, 0);

    t->blob_len = peer != NULL ? (DWORD)public_blob(peer, t->agree_spec, t->blob) : 0;
    EVP_PKEY_free(peer);
}

static DWORD construct(struct tour *t)
{
    CARD_DH_AGREEMENT_INFO info = { .dwVersion = CARD_DH_AGREEMENT_INFO_VERSION,
                                    .bContainerIndex = t->agree_index,
                                    .pbPublicKey = t->blob, .dwPublicKey = t->blob_len };
    DWORD rc = CALL(t->b, ConstructDHAgreement, &t->b->data, &info);

    t->agreement = info.bSecretAgreementIndex;
    return rc;
}

static void agree(struct tour *t)
{
    make_peer(t);
    (void)construct(t);
}

static DWORD derive(struct tour *t)
{
    static WCHAR hash[] = BCRYPT_KDF_HASH;
    CARD_DERIVE_KEY info = { .dwVersion = CARD_DERIVE_KEY_VERSION, .pwszKDF = hash,
                             .bSecretAgreementIndex = t->agreement };
    DWORD rc = CALL(t->b, DeriveKey, &t->b->data, &info);

    tour_take(t, 0, info.pbDerivedKey, info.cbDerivedKey);
    return rc;
}

static DWORD destroy(struct tour *t)
{
    return CALL(t->b, DestroyDHAgreement, &t->b->data, t->agreement, 0);
}

static void disagree(struct tour *t)
{
    if (t->b->data.dwVersion >= 5 && t->b->data.pfnCardDestroyDHAgreement != NULL)
        (void)destroy(t);
    else
        be_user(t->b); /* a reset ends it */
}

const struct stop tour_key_stops[] = {
    { "CardCreateContainer", 4, has_scratch, make_blob, create, drop },
    { "CardDeleteContainer", 4, has_scratch, put, delete, drop },
    { "CardGetContainerInfo", 4, has_signing, NULL, container_info, NULL },
    { "CardRSADecrypt", 4, has_decryption, NULL, decrypt, NULL },
    { "CardSignData", 4, has_signing, NULL, sign, NULL },
    { "CardConstructDHAgreement", 4, has_agreement, make_peer, construct, disagree },
    { "CardDeriveKey", 5, has_derivation, agree, derive, disagree },
    { "CardDestroyDHAgreement", 5, has_derivation, agree, destroy, NULL },
    { .function = NULL },
};
