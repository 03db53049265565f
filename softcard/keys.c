/* SPDX-License-Identifier: MIT */
#include "softcard/keys_evp.h"

#include "base/secret.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

static const struct key_kind {
    uint8_t alg;
    unsigned bits;
    const char *curve; /* NULL: RSA */
} kinds[] = {
    { 0x6, 1024, NULL    },
    { 0x7, 2048, NULL    },
    { 0x8, 3072, NULL    },
    { 0x9, 4096, NULL    },
    { 0xC, 256,  "P-256" },
    { 0xD, 384,  "P-384" },
    { 0xE, 521,  "P-521" },
};

static const struct key_kind *kind_of(uint8_t alg)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i].alg == alg)
            return &kinds[i];
    return NULL;
}

unsigned key_bits(uint8_t alg)
{
    const struct key_kind *kind = kind_of(alg);

    return kind != NULL ? kind->bits : 0;
}

bool key_is_ec(uint8_t alg)
{
    const struct key_kind *kind = kind_of(alg);

    return kind != NULL && kind->curve != NULL;
}

size_t key_bytes(uint8_t alg)
{
    return (key_bits(alg) + 7) / 8;
}

uint8_t key_rsa_alg(unsigned bits)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i].bits == bits && kinds[i].curve == NULL)
            return kinds[i].alg;
    return 0;
}

/* ---- key pairs as DER ------------------------------------------------------------------------ */

bool key_to_der(EVP_PKEY *pkey, struct image_blob *ret)
{
    PKCS8_PRIV_KEY_INFO *p8 = EVP_PKEY2PKCS8(pkey);
    unsigned char *der = NULL;
    int len = p8 != NULL ? i2d_PKCS8_PRIV_KEY_INFO(p8, &der) : -1;
    bool ok = false;

    if (len > 0 && (ret->data = malloc((size_t)len)) != NULL) {
        memcpy(ret->data, der, (size_t)len);
        ret->len = (size_t)len;
        ok = true;
    }
    if (len > 0)
        OPENSSL_clear_free(der, (size_t)len);
    PKCS8_PRIV_KEY_INFO_free(p8);
    return ok;
}

EVP_PKEY *key_from_der(const struct image_blob *key)
{
    const unsigned char *at = key->data;
    PKCS8_PRIV_KEY_INFO *p8 = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)key->len);
    EVP_PKEY *pkey = p8 != NULL ? EVP_PKCS82PKEY(p8) : NULL;

    PKCS8_PRIV_KEY_INFO_free(p8);
    return pkey;
}

bool key_generate(uint8_t alg, struct image_blob *ret)
{
    const struct key_kind *kind = kind_of(alg);
    EVP_PKEY *pkey = NULL;
    bool ok;

    if (kind == NULL)
        return false;
    pkey = kind->curve != NULL ? EVP_EC_gen(kind->curve) : EVP_RSA_gen(kind->bits); /* e 65537 */
    ok = pkey != NULL && key_to_der(pkey, ret);
    EVP_PKEY_free(pkey);
    return ok;
}

/* Numbers that belong together, by OpenSSL's own check. */
bool key_pair_ok(EVP_PKEY *pkey)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
    bool ok = ctx != NULL && EVP_PKEY_pairwise_check(ctx) == 1;

    EVP_PKEY_CTX_free(ctx);
    return ok;
}

bool key_import_rsa(const uint8_t *der, size_t len, uint8_t *ret_alg, struct image_blob *ret)
{
    const unsigned char *at = der;
    EVP_PKEY *pkey = d2i_PrivateKey(EVP_PKEY_RSA, NULL, &at, (long)len);
    uint8_t alg = pkey != NULL ? key_rsa_alg((unsigned)EVP_PKEY_get_bits(pkey)) : 0;
    bool ok = alg != 0 && at == der + len && key_pair_ok(pkey) && key_to_der(pkey, ret);

    if (ok)
        *ret_alg = alg;
    EVP_PKEY_free(pkey);
    return ok;
}

static EVP_PKEY *ec_key(const struct key_kind *kind, const BIGNUM *d, const uint8_t *point,
                        size_t point_len)
{
    OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *pkey = NULL;

    if (bld != NULL && ctx != NULL &&
        OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME, kind->curve, 0) &&
        OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, point, point_len) &&
        (d == NULL || OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_PRIV_KEY, d)) &&
        (params = OSSL_PARAM_BLD_to_param(bld)) != NULL && EVP_PKEY_fromdata_init(ctx) == 1 &&
        EVP_PKEY_fromdata(ctx, &pkey, d != NULL ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                          params) != 1)
        pkey = NULL;
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(bld);
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}

/* The one point format of this card: 04 || X || Y. */
static bool point_ok(const struct key_kind *kind, const uint8_t *point, size_t len)
{
    return kind != NULL && kind->curve != NULL && len == 1 + 2 * key_bytes(kind->alg) &&
           point[0] == 0x04;
}

bool key_import_ec(uint8_t alg, const uint8_t *d, size_t d_len, const uint8_t *point,
                   size_t point_len, struct image_blob *ret)
{
    const struct key_kind *kind = kind_of(alg);
    BIGNUM *number = NULL;
    EVP_PKEY *pkey = NULL;
    bool ok = false;

    if (!point_ok(kind, point, point_len) || d_len == 0 || d_len > key_bytes(alg))
        return false;
    number = BN_secure_new();
    if (number != NULL && BN_bin2bn(d, (int)d_len, number) != NULL) {
        BN_set_flags(number, BN_FLG_CONSTTIME);
        pkey = ec_key(kind, number, point, point_len);
        ok = pkey != NULL && key_pair_ok(pkey) && key_to_der(pkey, ret);
    }
    EVP_PKEY_free(pkey);
    BN_clear_free(number);
    return ok;
}

static bool number_of(EVP_PKEY *pkey, const char *name, uint8_t *out, size_t cap, size_t *ret_len)
{
    BIGNUM *number = NULL;
    bool ok = EVP_PKEY_get_bn_param(pkey, name, &number) == 1 &&
              (size_t)BN_num_bytes(number) <= cap;

    if (ok)
        *ret_len = (size_t)BN_bn2bin(number, out);
    BN_clear_free(number);
    return ok;
}

bool key_public(const struct image_blob *key, uint8_t alg, struct key_public *ret)
{
    EVP_PKEY *pkey = key_from_der(key);
    struct key_public pub = { .n_len = 0 };
    bool ok = pkey != NULL;

    if (ok && key_is_ec(alg))
        ok = EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PUB_KEY, pub.n, sizeof(pub.n),
                                             &pub.n_len) == 1 &&
             point_ok(kind_of(alg), pub.n, pub.n_len);
    else if (ok)
        ok = number_of(pkey, OSSL_PKEY_PARAM_RSA_N, pub.n, sizeof(pub.n), &pub.n_len) &&
             number_of(pkey, OSSL_PKEY_PARAM_RSA_E, pub.e, sizeof(pub.e), &pub.e_len) &&
             pub.n_len == key_bytes(alg);
    EVP_PKEY_free(pkey);
    if (ok)
        *ret = pub;
    return ok;
}

/* ---- use of keys ----------------------------------------------------------------------------- */

static int padding_number(enum key_padding padding)
{
    return padding == KEY_RAW ? RSA_NO_PADDING
           : padding == KEY_PKCS1 ? RSA_PKCS1_PADDING : RSA_PKCS1_OAEP_PADDING;
}

bool key_rsa_sign(const struct image_blob *key, enum key_padding padding, const uint8_t *in,
                  size_t len, uint8_t *out, size_t *ret_len)
{
    EVP_PKEY *pkey = key_from_der(key);
    EVP_PKEY_CTX *ctx = pkey != NULL ? EVP_PKEY_CTX_new(pkey, NULL) : NULL;
    size_t out_len = KEY_MAX_BYTES;
    bool ok = ctx != NULL && EVP_PKEY_sign_init(ctx) == 1 &&
              EVP_PKEY_CTX_set_rsa_padding(ctx, padding_number(padding)) == 1 &&
              EVP_PKEY_sign(ctx, out, &out_len, in, len) == 1;

    if (ok)
        *ret_len = out_len;
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(pkey);
    return ok;
}

bool key_rsa_decrypt(const struct image_blob *key, enum key_padding padding, const uint8_t *in,
                     size_t len, uint8_t *out, size_t *ret_len)
{
    EVP_PKEY *pkey = key_from_der(key);
    EVP_PKEY_CTX *ctx = pkey != NULL ? EVP_PKEY_CTX_new(pkey, NULL) : NULL;
    size_t out_len = KEY_MAX_BYTES;
    bool ok = ctx != NULL && EVP_PKEY_decrypt_init(ctx) == 1 &&
              EVP_PKEY_CTX_set_rsa_padding(ctx, padding_number(padding)) == 1;

    /* A library that would answer bad padding with made-up plaintext is asked not to: the card
     * must say 6A80, as every card does. Libraries that never do so do not know the name. */
    if (ok && padding == KEY_PKCS1)
        (void)EVP_PKEY_CTX_ctrl_str(ctx, "rsa_pkcs1_implicit_rejection", "0");
    ok = ok && EVP_PKEY_decrypt(ctx, out, &out_len, in, len) == 1;
    if (ok)
        *ret_len = out_len;
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(pkey);
    return ok;
}

static bool split_signature(const uint8_t *der, size_t der_len, size_t field, uint8_t *out)
{
    const unsigned char *at = der;
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)der_len);
    bool ok = sig != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, (int)field) == (int)field &&
              BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + field, (int)field) == (int)field;

    ECDSA_SIG_free(sig);
    return ok;
}

bool key_ecdsa(const struct image_blob *key, uint8_t alg, const uint8_t *hash, size_t len,
               uint8_t *out, size_t *ret_len)
{
    EVP_PKEY *pkey = key_from_der(key);
    EVP_PKEY_CTX *ctx = pkey != NULL ? EVP_PKEY_CTX_new(pkey, NULL) : NULL;
    uint8_t der[160];
    size_t der_len = sizeof(der);
    size_t field = key_bytes(alg);
    bool ok = ctx != NULL && EVP_PKEY_sign_init(ctx) == 1 &&
              EVP_PKEY_sign(ctx, der, &der_len, hash, len) == 1 &&
              split_signature(der, der_len, field, out);

    if (ok)
        *ret_len = 2 * field;
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(pkey);
    return ok;
}

bool key_ecdh(const struct image_blob *key, uint8_t alg, const uint8_t *point, size_t len,
              uint8_t *out, size_t *ret_len)
{
    const struct key_kind *kind = kind_of(alg);
    EVP_PKEY *pkey = NULL, *peer = NULL;
    EVP_PKEY_CTX *ctx = NULL;
    size_t out_len = KEY_MAX_BYTES;
    bool ok = false;

    if (!point_ok(kind, point, len))
        return false;
    pkey = key_from_der(key);
    peer = ec_key(kind, NULL, point, len); /* refuses what is not on the curve */
    ctx = pkey != NULL && peer != NULL ? EVP_PKEY_CTX_new(pkey, NULL) : NULL;
    ok = ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 &&
         EVP_PKEY_derive_set_peer_ex(ctx, peer, 1) == 1 &&
         EVP_PKEY_derive(ctx, out, &out_len) == 1 && out_len == key_bytes(alg);
    if (ok)
        *ret_len = out_len;
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(peer);
    EVP_PKEY_free(pkey);
    return ok;
}

/* ---- block ciphers --------------------------------------------------------------------------- */

static const struct cipher_kind {
    const char *name;
    size_t block, key_len;
} ciphers[] = {
    { NULL,           0,  0  },
    { "DES-EDE-CBC",  8,  16 },
    { "DES-EDE3-CBC", 8,  24 },
    { "AES-128-CBC",  16, 16 },
    { "AES-192-CBC",  16, 24 },
    { "AES-256-CBC",  16, 32 },
};

size_t cipher_block(uint8_t alg)
{
    return alg < sizeof(ciphers) / sizeof(ciphers[0]) ? ciphers[alg].block : 0;
}

size_t cipher_key_len(uint8_t alg)
{
    return alg < sizeof(ciphers) / sizeof(ciphers[0]) ? ciphers[alg].key_len : 0;
}

bool cipher_cbc(uint8_t alg, bool encrypt, const uint8_t *key, const uint8_t *in, size_t len,
                uint8_t *out)
{
    static const uint8_t zero_iv[KEY_BLOCK_MAX];
    size_t block = cipher_block(alg);
    EVP_CIPHER *cipher = block != 0 ? EVP_CIPHER_fetch(NULL, ciphers[alg].name, NULL) : NULL;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n = 0;
    bool ok = cipher != NULL && ctx != NULL && len % block == 0 && len <= 4096 &&
              EVP_CipherInit_ex2(ctx, cipher, key, zero_iv, encrypt, NULL) == 1 &&
              EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
              EVP_CipherUpdate(ctx, out, &n, in, (int)len) == 1 && (size_t)n == len;

    EVP_CIPHER_CTX_free(ctx);
    EVP_CIPHER_free(cipher);
    return ok;
}

bool key_random(uint8_t *out, size_t len)
{
    return RAND_bytes(out, (int)len) == 1;
}
