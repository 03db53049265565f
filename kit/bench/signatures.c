/* SPDX-License-Identifier: MIT */
#include "kit/bench/signatures.h"

#include "kit/bench/key_blobs.h"

#include <openssl/ecdsa.h>
#include <openssl/rsa.h>
#include <string.h>

#define SIGNATURE_MAX 1024u

/* Ready to verify, or to open; NULL: OpenSSL could not. */
static EVP_PKEY_CTX *begin(EVP_PKEY *key, int (*init)(EVP_PKEY_CTX *), int padding)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);

    if (ctx != NULL && init(ctx) == 1 && EVP_PKEY_CTX_set_rsa_padding(ctx, padding) == 1)
        return ctx;
    EVP_PKEY_CTX_free(ctx);
    return NULL;
}

/* *ret: the signature, most significant byte first. */
static bool turn(EVP_PKEY *key, const BYTE *sig, DWORD len, BYTE ret[SIGNATURE_MAX])
{
    if (len != (DWORD)EVP_PKEY_get_size(key) || len > SIGNATURE_MAX)
        return false;
    memcpy(ret, sig, len);
    reverse_bytes(ret, len);
    return true;
}

bool pkcs1_verifies(EVP_PKEY *key, const char *md, const BYTE *value, DWORD len, const BYTE *sig,
                    DWORD sig_len)
{
    EVP_PKEY_CTX *ctx = begin(key, EVP_PKEY_verify_init, RSA_PKCS1_PADDING);
    BYTE turned[SIGNATURE_MAX];
    bool ok = ctx != NULL && turn(key, sig, sig_len, turned) &&
              (md == NULL || EVP_PKEY_CTX_set_signature_md(ctx, EVP_get_digestbyname(md)) == 1) &&
              EVP_PKEY_verify(ctx, turned, sig_len, value, len) == 1;

    EVP_PKEY_CTX_free(ctx);
    return ok;
}

bool pss_verifies(EVP_PKEY *key, const struct hash_kind *hash, DWORD salt, const BYTE *value,
                  const BYTE *sig, DWORD sig_len)
{
    EVP_PKEY_CTX *ctx = begin(key, EVP_PKEY_verify_init, RSA_PKCS1_PSS_PADDING);
    BYTE turned[SIGNATURE_MAX];
    bool ok = ctx != NULL && turn(key, sig, sig_len, turned) &&
              EVP_PKEY_CTX_set_signature_md(ctx, EVP_get_digestbyname(hash->md)) == 1 &&
              EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, (int)salt) == 1 &&
              EVP_PKEY_verify(ctx, turned, sig_len, value, hash->len) == 1;

    EVP_PKEY_CTX_free(ctx);
    return ok;
}

bool rsa_block(EVP_PKEY *key, const BYTE *sig, DWORD sig_len, BYTE *block)
{
    EVP_PKEY_CTX *ctx = begin(key, EVP_PKEY_verify_recover_init, RSA_NO_PADDING);
    BYTE turned[SIGNATURE_MAX];
    size_t len = sig_len;
    bool ok = ctx != NULL && turn(key, sig, sig_len, turned) &&
              EVP_PKEY_verify_recover(ctx, block, &len, turned, sig_len) == 1 && len == sig_len;

    EVP_PKEY_CTX_free(ctx);
    return ok;
}

bool ecdsa_verifies(EVP_PKEY *key, const BYTE *value, DWORD len, const BYTE *sig, DWORD sig_len)
{
    const int half = (EVP_PKEY_get_bits(key) + 7) / 8;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    ECDSA_SIG *pair = ECDSA_SIG_new();
    unsigned char *der = NULL;
    int der_len = 0;
    bool ok;

    if (sig_len == 2 * (DWORD)half && pair != NULL &&
        ECDSA_SIG_set0(pair, BN_bin2bn(sig, half, NULL), BN_bin2bn(sig + half, half, NULL)) == 1)
        der_len = i2d_ECDSA_SIG(pair, &der);
    ok = der_len > 0 && ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 &&
         EVP_PKEY_verify(ctx, der, (size_t)der_len, value, len) == 1;
    OPENSSL_free(der);
    ECDSA_SIG_free(pair);
    EVP_PKEY_CTX_free(ctx);
    return ok;
}
