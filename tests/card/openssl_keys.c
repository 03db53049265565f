/* SPDX-License-Identifier: MIT */
#define OPENSSL_SUPPRESS_DEPRECATED /* RSA_padding_add_PKCS1_PSS has no successor */
#include "openssl_keys.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/param_build.h>
#include <string.h>

static uint32_t le32(const BYTE *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void put32(BYTE *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (BYTE)(value >> 8 * i);
}

/* ---- blobs ----------------------------------------------------------------------------------- */

static EVP_PKEY *key_from(const char *type, OSSL_PARAM_BLD *build)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY *key = NULL;

    assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
    assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static EVP_PKEY *rsa_from_blob(const BYTE *blob, size_t len, DWORD spec)
{
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *n;
    EVP_PKEY *key;

    assert_true(len > 20);
    assert_int_equal(blob[0], 6); /* PUBLICKEYBLOB */
    assert_int_equal(blob[1], 2);
    assert_int_equal(blob[2] | blob[3], 0);
    assert_int_equal(le32(blob + 4), spec == AT_SIGNATURE ? 0x2400 : 0xA400);
    assert_memory_equal(blob + 8, "RSA1", 4);
    assert_int_equal(le32(blob + 12), 8 * (len - 20));
    assert_true(blob[len - 1] >= 0x80); /* little-endian, and whole */
    n = BN_lebin2bn(blob + 20, (int)(len - 20), NULL);
    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n);
    OSSL_PARAM_BLD_push_uint(build, OSSL_PKEY_PARAM_RSA_E, le32(blob + 16));
    key = key_from("RSA", build);
    BN_free(n);
    return key;
}

/* By key specification, from AT_ECDSA_P256 on. */
static const struct {
    const char *public, *private, *group;
    size_t field;
} curves[] = {
    { "ECS1", "ECS2", "P-256", 32 }, { "ECS3", "ECS4", "P-384", 48 },
    { "ECS5", "ECS6", "P-521", 66 }, { "ECK1", "ECK2", "P-256", 32 },
    { "ECK3", "ECK4", "P-384", 48 }, { "ECK5", "ECK6", "P-521", 66 },
};

size_t ec_field(DWORD spec)
{
    assert_in_range(spec, AT_ECDSA_P256, AT_ECDHE_P521);
    return curves[spec - AT_ECDSA_P256].field;
}

EVP_PKEY *ec_make(DWORD spec)
{
    EVP_PKEY *key = EVP_EC_gen(curves[spec - AT_ECDSA_P256].group);

    assert_non_null(key);
    return key;
}

static void put_number(EVP_PKEY *key, const char *name, size_t len, BYTE *out)
{
    BIGNUM *n = NULL;

    assert_int_equal(EVP_PKEY_get_bn_param(key, name, &n), 1);
    assert_int_equal(BN_bn2binpad(n, out, (int)len), (int)len);
    BN_free(n);
}

size_t ec_blob(EVP_PKEY *key, DWORD spec, bool private, BYTE *out)
{
    size_t field = ec_field(spec);
    const char *magic = private ? curves[spec - AT_ECDSA_P256].private
                                : curves[spec - AT_ECDSA_P256].public;

    memcpy(out, magic, 4);
    put32(out + 4, (uint32_t)field);
    put_number(key, OSSL_PKEY_PARAM_EC_PUB_X, field, out + 8);
    put_number(key, OSSL_PKEY_PARAM_EC_PUB_Y, field, out + 8 + field);
    if (private)
        put_number(key, OSSL_PKEY_PARAM_PRIV_KEY, field, out + 8 + 2 * field);
    return 8 + (private ? 3 : 2) * field;
}

static EVP_PKEY *ec_from_blob(const BYTE *blob, size_t len, DWORD spec)
{
    size_t i = spec - AT_ECDSA_P256;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BYTE point[140] = { 4 };
    EVP_PKEY *key;

    assert_in_range(i, 0, 5);
    assert_int_equal(len, 8 + 2 * curves[i].field);
    assert_memory_equal(blob, curves[i].public, 4);
    assert_int_equal(le32(blob + 4), curves[i].field);
    memcpy(point + 1, blob + 8, len - 8);
    OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, curves[i].group, 0);
    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, len - 7);
    key = key_from("EC", build);
    return key;
}

EVP_PKEY *key_from_blob(const BYTE *blob, size_t len, DWORD spec)
{
    assert_non_null(blob);
    return spec <= AT_SIGNATURE ? rsa_from_blob(blob, len, spec) : ec_from_blob(blob, len, spec);
}

void private_blob(EVP_PKEY *key, DWORD spec, BYTE *out)
{
    const int whole = EVP_PKEY_get_size(key);
    const struct {
        const char *name;
        int len;
    } numbers[] = {
        { OSSL_PKEY_PARAM_RSA_N, whole },
        { OSSL_PKEY_PARAM_RSA_FACTOR1, whole / 2 },
        { OSSL_PKEY_PARAM_RSA_FACTOR2, whole / 2 },
        { OSSL_PKEY_PARAM_RSA_EXPONENT1, whole / 2 },
        { OSSL_PKEY_PARAM_RSA_EXPONENT2, whole / 2 },
        { OSSL_PKEY_PARAM_RSA_COEFFICIENT1, whole / 2 },
        { OSSL_PKEY_PARAM_RSA_D, whole },
    };
    BYTE *at = out + 20;

    memcpy(out, "\x07\x02\0\0", 4);
    put32(out + 4, spec == AT_SIGNATURE ? 0x2400 : 0xA400);
    memcpy(out + 8, "RSA2", 4);
    put32(out + 12, 8 * (uint32_t)whole);
    put32(out + 16, 65537);
    for (size_t i = 0; i < ARRAY(numbers); i++) {
        BIGNUM *number = NULL;

        assert_int_equal(EVP_PKEY_get_bn_param(key, numbers[i].name, &number), 1);
        assert_int_equal(BN_bn2lebinpad(number, at, numbers[i].len), numbers[i].len);
        BN_free(number);
        at += numbers[i].len;
    }
}

/* ---- RSA ------------------------------------------------------------------------------------- */

static EVP_PKEY_CTX *verifier(EVP_PKEY *key, int padding, const char *hash)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);

    assert_int_equal(EVP_PKEY_verify_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, padding), 1);
    if (hash != NULL)
        assert_int_equal(EVP_PKEY_CTX_set_signature_md(ctx, EVP_get_digestbyname(hash)), 1);
    return ctx;
}

bool rsa_verifies(EVP_PKEY *key, const char *hash, const BYTE *digest, size_t digest_len,
                  const BYTE *sig, size_t sig_len)
{
    EVP_PKEY_CTX *ctx = verifier(key, RSA_PKCS1_PADDING, hash);
    int rc = EVP_PKEY_verify(ctx, sig, sig_len, digest, digest_len);

    EVP_PKEY_CTX_free(ctx);
    return rc == 1;
}

bool rsa_opens(EVP_PKEY *key, const BYTE *sig, size_t sig_len, const BYTE *block, size_t block_len)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    BYTE out[512];
    size_t len = sizeof(out);
    int rc;

    assert_int_equal(EVP_PKEY_verify_recover_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING), 1);
    rc = EVP_PKEY_verify_recover(ctx, out, &len, sig, sig_len);
    EVP_PKEY_CTX_free(ctx);
    return rc == 1 && len == block_len && memcmp(out, block, len) == 0;
}

bool pss_verifies(EVP_PKEY *key, const BYTE digest[32], const BYTE *sig, size_t sig_len)
{
    EVP_PKEY_CTX *ctx = verifier(key, RSA_PKCS1_PSS_PADDING, "SHA256");
    int rc = EVP_PKEY_verify(ctx, sig, sig_len, digest, 32);

    EVP_PKEY_CTX_free(ctx);
    return rc == 1;
}

bool pss_pad(EVP_PKEY *key, const BYTE *digest, size_t digest_len, int salt, BYTE *block)
{
    RSA *rsa = EVP_PKEY_get1_RSA(key);
    int rc = digest_len == 32 ? RSA_padding_add_PKCS1_PSS(rsa, block, digest, EVP_sha256(), salt)
                              : 0;

    RSA_free(rsa);
    return rc == 1;
}

size_t rsa_encrypt(EVP_PKEY *key, int padding, const char *message, BYTE *out)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    size_t len = 512, whole = (size_t)EVP_PKEY_get_size(key), message_len = strlen(message);
    BYTE in[512] = { 0 };

    assert_int_equal(EVP_PKEY_encrypt_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, padding), 1);
    memcpy(in + (padding == RSA_NO_PADDING ? whole - message_len : 0), message, message_len);
    assert_int_equal(EVP_PKEY_encrypt(ctx, out, &len, in,
                                      padding == RSA_NO_PADDING ? whole : message_len), 1);
    EVP_PKEY_CTX_free(ctx);
    assert_int_equal(len, whole);
    return len;
}

/* ---- ECDSA ----------------------------------------------------------------------------------- */

bool ecdsa_verifies(EVP_PKEY *key, const BYTE *digest, size_t digest_len, const BYTE *sig,
                    size_t sig_len)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    ECDSA_SIG *pair = ECDSA_SIG_new();
    int half = (int)(sig_len / 2), der_len, rc;
    unsigned char *der = NULL;

    assert_int_equal(ECDSA_SIG_set0(pair, BN_bin2bn(sig, half, NULL),
                                    BN_bin2bn(sig + half, half, NULL)), 1);
    der_len = i2d_ECDSA_SIG(pair, &der);
    assert_true(der_len > 0);
    assert_int_equal(EVP_PKEY_verify_init(ctx), 1);
    rc = EVP_PKEY_verify(ctx, der, (size_t)der_len, digest, digest_len);
    OPENSSL_free(der);
    ECDSA_SIG_free(pair);
    EVP_PKEY_CTX_free(ctx);
    return rc == 1;
}
