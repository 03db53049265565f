/* SPDX-License-Identifier: MIT */
#include "opinion.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

EVP_PKEY *opinion_key(const struct edge_public_key *key, const char *curve)
{
    OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, curve != NULL ? "EC" : "RSA", NULL);
    uint8_t point[1 + 2 * EDGE_EC_MAX_BYTES] = { 4 };
    BIGNUM *n = BN_bin2bn(key->n, (int)key->n_len, NULL);
    BIGNUM *x = BN_bin2bn(key->e, (int)key->e_len, NULL);
    EVP_PKEY *pkey = NULL;
    OSSL_PARAM *params;

    if (curve != NULL) {
        memcpy(point + 1, key->n, key->n_len);
        OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME, curve, 0);
        OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + key->n_len);
    } else {
        OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n);
        OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, x);
    }
    params = OSSL_PARAM_BLD_to_param(bld);
    EVP_PKEY_fromdata_init(ctx);
    assert_int_equal(EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params), 1);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(bld);
    EVP_PKEY_CTX_free(ctx);
    BN_free(n);
    BN_free(x);
    return pkey;
}

bool opinion_rsa(EVP_PKEY *pkey, int padding, const uint8_t *sig, size_t sig_len,
                         const uint8_t *in, size_t in_len)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
    uint8_t out[EDGE_RSA_MAX_BYTES];
    size_t len = sizeof(out);
    bool good;

    EVP_PKEY_verify_recover_init(ctx);
    EVP_PKEY_CTX_set_rsa_padding(ctx, padding);
    good = EVP_PKEY_verify_recover(ctx, out, &len, sig, sig_len) == 1 && len == in_len &&
           memcmp(out, in, len) == 0;
    EVP_PKEY_CTX_free(ctx);
    return good;
}

bool opinion_ec(EVP_PKEY *pkey, const uint8_t *rs, size_t len, const uint8_t *in,
                        size_t in_len)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
    ECDSA_SIG *sig = ECDSA_SIG_new();
    uint8_t *der = NULL;
    int der_len;
    bool good;

    ECDSA_SIG_set0(sig, BN_bin2bn(rs, (int)(len / 2), NULL),
                   BN_bin2bn(rs + len / 2, (int)(len / 2), NULL));
    der_len = i2d_ECDSA_SIG(sig, &der);
    EVP_PKEY_verify_init(ctx);
    good = EVP_PKEY_verify(ctx, der, (size_t)der_len, in, in_len) == 1;
    OPENSSL_free(der);
    ECDSA_SIG_free(sig);
    EVP_PKEY_CTX_free(ctx);
    return good;
}

size_t opinion_encrypt(EVP_PKEY *pkey, int padding, const uint8_t *in, size_t in_len, uint8_t *out)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
    size_t len = EDGE_RSA_MAX_BYTES;

    EVP_PKEY_encrypt_init(ctx);
    EVP_PKEY_CTX_set_rsa_padding(ctx, padding);
    assert_int_equal(EVP_PKEY_encrypt(ctx, out, &len, in, in_len), 1);
    EVP_PKEY_CTX_free(ctx);
    return len;
}

const char *opinion_curve(uint8_t spec)
{
    static const char *const curves[] = { "P-256", "P-384", "P-521" };

    return spec < 3 ? NULL : curves[(spec - 3) % 3];
}

static struct rd number(struct made *m, unsigned slot, const EVP_PKEY *pkey, const char *name,
                        size_t fixed)
{
    BIGNUM *bn = NULL;
    int len;

    assert_int_equal(EVP_PKEY_get_bn_param(pkey, name, &bn), 1);
    len = fixed != 0 ? BN_bn2binpad(bn, m->numbers[slot], (int)fixed)
                     : BN_bn2bin(bn, m->numbers[slot]);
    BN_clear_free(bn);
    assert_true(len > 0);
    return rd_init(m->numbers[slot], (size_t)len);
}

void made_new(struct made *m, uint8_t spec, uint32_t bits)
{
    EVP_PKEY *pkey = spec < 3 ? EVP_RSA_gen(bits) : EVP_EC_gen(opinion_curve(spec));
    size_t field = (bits + 7) / 8;

    assert_non_null(pkey);
    memset(m, 0, sizeof(*m));
    m->key.n = m->key.e = m->key.d = m->key.p = m->key.q = m->key.dp = rd_init(NULL, 0);
    m->key.dq = m->key.qinv = m->key.x = m->key.y = m->key.n;
    if (spec >= 3) {
        m->key.d = number(m, 0, pkey, OSSL_PKEY_PARAM_PRIV_KEY, field);
        m->key.x = number(m, 1, pkey, OSSL_PKEY_PARAM_EC_PUB_X, field);
        m->key.y = number(m, 2, pkey, OSSL_PKEY_PARAM_EC_PUB_Y, field);
    } else {
        m->key.n = number(m, 0, pkey, OSSL_PKEY_PARAM_RSA_N, 0);
        m->key.e = number(m, 1, pkey, OSSL_PKEY_PARAM_RSA_E, 0);
        m->key.d = number(m, 2, pkey, OSSL_PKEY_PARAM_RSA_D, 0);
        m->key.p = number(m, 3, pkey, OSSL_PKEY_PARAM_RSA_FACTOR1, 0);
        m->key.q = number(m, 4, pkey, OSSL_PKEY_PARAM_RSA_FACTOR2, 0);
        m->key.dp = number(m, 5, pkey, OSSL_PKEY_PARAM_RSA_EXPONENT1, 0);
        m->key.dq = number(m, 6, pkey, OSSL_PKEY_PARAM_RSA_EXPONENT2, 0);
        m->key.qinv = number(m, 7, pkey, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, 0);
    }
    EVP_PKEY_free(pkey);
}
