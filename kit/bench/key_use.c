/* SPDX-License-Identifier: MIT */
#include "kit/bench/key_use.h"

#include <openssl/ecdsa.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <string.h>

#define DIGEST_MAX 64u
#define BLOCK_MAX  1024u
#define MESSAGE    "a message for the card"

static _Noreturn void not_ours(struct bench *b, DWORD spec, const char *seen)
{
    run_fail(b->run, "the private key of the public key that the container shows", "%s %s",
             spec_name(spec), seen);
}

static void check(struct bench *b, bool ok, DWORD spec, const char *seen)
{
    if (!ok)
        not_ours(b, spec, seen);
}

/* ---- signatures ---------------------------------------------------------------------------------- */

struct hash {
    ALG_ID alg;
    const char *name;
    DWORD len;
};

static bool rsa_verifies(EVP_PKEY *key, const struct hash *hash, const BYTE *digest,
                         const BYTE *signature, size_t len)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    bool ok = ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 &&
              EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
              EVP_PKEY_CTX_set_signature_md(ctx, EVP_get_digestbyname(hash->name)) == 1 &&
              EVP_PKEY_verify(ctx, signature, len, digest, hash->len) == 1;

    EVP_PKEY_CTX_free(ctx);
    return ok;
}

/* r and s, one behind the other, big-endian. */
static bool curve_verifies(EVP_PKEY *key, const struct hash *hash, const BYTE *digest,
                           const BYTE *signature, size_t len)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    ECDSA_SIG *pair = ECDSA_SIG_new();
    int half = (int)(len / 2), der_len = 0;
    unsigned char *der = NULL;
    bool ok;

    if (pair != NULL && ECDSA_SIG_set0(pair, BN_bin2bn(signature, half, NULL),
                                       BN_bin2bn(signature + half, half, NULL)) == 1)
        der_len = i2d_ECDSA_SIG(pair, &der);
    ok = der_len > 0 && ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 &&
         EVP_PKEY_verify(ctx, der, (size_t)der_len, digest, hash->len) == 1;
    OPENSSL_free(der);
    ECDSA_SIG_free(pair);
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

/* A hash that the module signs: not all know each. */
static const struct hash *sign(struct bench *b, CARD_SIGNING_INFO *info)
{
    static const struct hash hashes[] = { { CALG_SHA_256, "SHA256", 32 },
                                          { CALG_SHA1, "SHA1", 20 },
                                          { CALG_SHA_384, "SHA384", 48 },
                                          { CALG_SHA_512, "SHA512", 64 } };
    const size_t first = info->dwKeySpec == AT_ECDSA_P384   ? 2
                         : info->dwKeySpec == AT_ECDSA_P521 ? 3
                                                            : 0;
    DWORD rc = SCARD_E_UNSUPPORTED_FEATURE;

    for (size_t i = 0; i < ARRAY(hashes); i++) {
        const struct hash *hash = &hashes[(first + i) % ARRAY(hashes)];

        info->aiHashAlg = hash->alg;
        info->cbData = hash->len;
        rc = CALL(b, SignData, &b->data, info);
        if (rc == SCARD_S_SUCCESS)
            return hash;
    }
    run_blocked(b->run, "CardSignData with the key: %s", kit_code(rc));
}

static void prove_signing(struct bench *b, BYTE index, DWORD spec, EVP_PKEY *key)
{
    BYTE digest[DIGEST_MAX];
    CARD_SIGNING_INFO info = { .dwVersion = CARD_SIGNING_INFO_BASIC_VERSION,
                               .bContainerIndex = index, .dwKeySpec = spec, .pbData = digest };
    const struct hash *hash;
    bool ok;

    if (RAND_bytes(digest, sizeof(digest)) != 1)
        run_blocked(b->run, "OpenSSL has no random numbers");
    hash = sign(b, &info);
    if (!mem_is_ours(info.pbSignedData) || info.cbSignedData > mem_len(info.pbSignedData))
        run_blocked(b->run, "CardSignData gives no signature");
    if (spec_is_rsa(spec))
        reverse_bytes(info.pbSignedData, info.cbSignedData);
    ok = spec_is_rsa(spec)
             ? rsa_verifies(key, hash, digest, info.pbSignedData, info.cbSignedData)
             : curve_verifies(key, hash, digest, info.pbSignedData, info.cbSignedData);
    mem_free(info.pbSignedData);
    check(b, ok, spec, "signs what does not verify with it");
}

/* ---- decryption ---------------------------------------------------------------------------------- */

static DWORD encrypt(EVP_PKEY *key, BYTE block[BLOCK_MAX])
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    size_t len = BLOCK_MAX;
    bool ok = ctx != NULL && EVP_PKEY_encrypt_init(ctx) == 1 &&
              EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
              EVP_PKEY_encrypt(ctx, block, &len, (const BYTE *)MESSAGE, strlen(MESSAGE)) == 1;

    EVP_PKEY_CTX_free(ctx);
    return ok ? (DWORD)len : 0;
}

/* The message is at the end of the block as numbers are read, so it begins the little-endian one:
 * whether or not the padding is still there. */
static bool is_message(const BYTE *block, DWORD len)
{
    const size_t want = strlen(MESSAGE);

    for (size_t i = 0; i < want; i++)
        if (len < want || block[i] != (BYTE)MESSAGE[want - 1 - i])
            return false;
    return true;
}

/* false: the module does not decrypt. */
static bool proves_decryption(struct bench *b, BYTE index, EVP_PKEY *key)
{
    BYTE block[BLOCK_MAX];
    CARD_RSA_DECRYPT_INFO info = { .dwVersion = b->data.dwVersion >= 7 ? 2 : 1,
                                   .bContainerIndex = index, .dwKeySpec = AT_KEYEXCHANGE,
                                   .pbData = block, .dwPaddingType = CARD_PADDING_NONE };
    DWORD rc;

    if (b->data.pfnCardRSADecrypt == NULL)
        return false;
    info.cbData = encrypt(key, block);
    if (info.cbData == 0)
        run_blocked(b->run, "OpenSSL does not encrypt with the key");
    reverse_bytes(block, info.cbData);
    rc = CALL(b, RSADecrypt, &b->data, &info);
    if (rc == SCARD_E_UNSUPPORTED_FEATURE)
        return false;
    NEED(b->run, rc);
    check(b, is_message(block, info.cbData < BLOCK_MAX ? info.cbData : BLOCK_MAX), AT_KEYEXCHANGE,
          "decrypts to another message");
    return true;
}

/* ---- agreement ----------------------------------------------------------------------------------- */

/* SHA-1 of the secret: what KDF HASH gives without parameters. */
static bool openssl_agrees(EVP_PKEY *mine, EVP_PKEY *theirs, BYTE want[20])
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, mine, NULL);
    BYTE z[66];
    size_t len = sizeof(z);
    bool ok = ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 &&
              EVP_PKEY_derive_set_peer(ctx, theirs) == 1 &&
              EVP_PKEY_derive(ctx, z, &len) == 1 &&
              EVP_Q_digest(NULL, "SHA1", NULL, z, len, want, NULL) == 1;

    EVP_PKEY_CTX_free(ctx);
    return ok;
}

static BYTE agree(struct bench *b, BYTE index, DWORD spec, EVP_PKEY *key, BYTE want[20])
{
    BYTE blob[KEY_BLOB_MAX];
    EVP_PKEY *peer = key_make(spec, 0);
    CARD_DH_AGREEMENT_INFO info = { .dwVersion = CARD_DH_AGREEMENT_INFO_VERSION,
                                    .bContainerIndex = index, .pbPublicKey = blob };

    info.dwPublicKey = peer != NULL ? (DWORD)public_blob(peer, spec, blob) : 0;
    if (info.dwPublicKey == 0 || !openssl_agrees(peer, key, want))
        run_blocked(b->run, "OpenSSL does not agree on a secret with the key");
    EVP_PKEY_free(peer);
    NEED(b->run, CALL(b, ConstructDHAgreement, &b->data, &info));
    return info.bSecretAgreementIndex;
}

static void prove_agreement(struct bench *b, BYTE index, DWORD spec, EVP_PKEY *key)
{
    static WCHAR hash[] = BCRYPT_KDF_HASH;
    CARD_DERIVE_KEY info = { .dwVersion = CARD_DERIVE_KEY_VERSION, .pwszKDF = hash };
    BYTE want[20];
    bool ok;

    if (b->data.dwVersion < 5 || b->data.pfnCardDeriveKey == NULL)
        run_blocked(b->run, "no CardDeriveKey to use an agreement with");
    info.bSecretAgreementIndex = agree(b, index, spec, key, want);
    NEED(b->run, CALL(b, DeriveKey, &b->data, &info));
    if (!mem_is_ours(info.pbDerivedKey) || info.cbDerivedKey > mem_len(info.pbDerivedKey))
        run_blocked(b->run, "CardDeriveKey gives no key");
    ok = info.cbDerivedKey == sizeof(want) && memcmp(info.pbDerivedKey, want, sizeof(want)) == 0;
    mem_free(info.pbDerivedKey);
    (void)CALL(b, DestroyDHAgreement, &b->data, info.bSecretAgreementIndex, 0);
    check(b, ok, spec, "agrees on another secret");
}

void prove_key(struct bench *b, BYTE index, DWORD spec, EVP_PKEY *key)
{
    if (spec_is_curve(spec) && spec_exchanges(spec))
        prove_agreement(b, index, spec, key);
    else if (spec != AT_KEYEXCHANGE || !proves_decryption(b, index, key))
        prove_signing(b, index, spec, key);
}
