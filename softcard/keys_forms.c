/* SPDX-License-Identifier: MIT */
/* The forms in which cards give and take keys and signatures. */
#include "softcard/keys_evp.h"

#include "base/secret.h"
#include "iso7816/tlv.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

#define EXPONENT 65537u

bool key_put_public(const struct image_blob *key, uint8_t alg, struct wr *out)
{
    struct key_public pub;

    if (!key_public(key, alg, &pub))
        return false;
    if (key_is_ec(alg)) {
        tlv_put(out, 0x86, pub.n, pub.n_len);
    } else {
        tlv_put(out, 0x81, pub.n, pub.n_len);
        tlv_put(out, 0x82, pub.e, pub.e_len);
    }
    return true;
}

/* ---- RSA from its primes --------------------------------------------------------------------- */

enum { N, E, D, P, Q, DP, DQ, QINV, NUMBERS };

static const char *const names[NUMBERS] = {
    [N] = OSSL_PKEY_PARAM_RSA_N,           [E] = OSSL_PKEY_PARAM_RSA_E,
    [D] = OSSL_PKEY_PARAM_RSA_D,           [P] = OSSL_PKEY_PARAM_RSA_FACTOR1,
    [Q] = OSSL_PKEY_PARAM_RSA_FACTOR2,     [DP] = OSSL_PKEY_PARAM_RSA_EXPONENT1,
    [DQ] = OSSL_PKEY_PARAM_RSA_EXPONENT2,  [QINV] = OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
};

static BIGNUM *number(const struct rd *from)
{
    BIGNUM *n = BN_secure_new();

    if (n != NULL && BN_bin2bn(from->at, (int)rd_left(from), n) == NULL) {
        BN_clear_free(n);
        n = NULL;
    }
    if (n != NULL)
        BN_set_flags(n, BN_FLG_CONSTTIME);
    return n;
}

/* Both primes are odd and neither is 1: what follows divides by p-1 and q-1. */
static bool primes_ok(const BIGNUM *p, const BIGNUM *q)
{
    return BN_is_odd(p) && BN_is_odd(q) && !BN_is_one(p) && !BN_is_one(q) && BN_cmp(p, q) != 0;
}

/* n, e and d by p and q: d inverts e modulo (p-1)(q-1). */
static bool complete(BIGNUM *n[NUMBERS])
{
    BN_CTX *ctx = BN_CTX_secure_new();
    BIGNUM *p1 = BN_secure_new(), *q1 = BN_secure_new(), *phi = BN_secure_new();
    bool ok = ctx != NULL && p1 != NULL && q1 != NULL && phi != NULL && primes_ok(n[P], n[Q]) &&
              BN_sub(p1, n[P], BN_value_one()) && BN_sub(q1, n[Q], BN_value_one()) &&
              BN_mul(n[N], n[P], n[Q], ctx) && BN_mul(phi, p1, q1, ctx) &&
              BN_set_word(n[E], EXPONENT) && BN_mod_inverse(n[D], n[E], phi, ctx) != NULL &&
              BN_mod(phi, n[D], p1, ctx) && BN_cmp(phi, n[DP]) == 0 &&
              BN_mod(phi, n[D], q1, ctx) && BN_cmp(phi, n[DQ]) == 0 &&
              BN_mod_mul(phi, n[Q], n[QINV], n[P], ctx) && BN_is_one(phi);

    BN_clear_free(p1);
    BN_clear_free(q1);
    BN_clear_free(phi);
    BN_CTX_free(ctx);
    return ok;
}

static EVP_PKEY *rsa_key(BIGNUM *n[NUMBERS])
{
    OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    OSSL_PARAM *params = NULL;
    EVP_PKEY *pkey = NULL;
    bool ok = bld != NULL && ctx != NULL;

    for (size_t i = 0; i < NUMBERS && ok; i++)
        ok = OSSL_PARAM_BLD_push_BN(bld, names[i], n[i]) == 1;
    ok = ok && (params = OSSL_PARAM_BLD_to_param(bld)) != NULL &&
         EVP_PKEY_fromdata_init(ctx) == 1 &&
         EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEYPAIR, params) == 1;
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(bld);
    EVP_PKEY_CTX_free(ctx);
    return ok ? pkey : NULL;
}

bool key_import_crt(uint8_t alg, const struct key_crt *crt, struct image_blob *ret)
{
    BIGNUM *n[NUMBERS] = { [N] = BN_secure_new(), [E] = BN_secure_new(), [D] = BN_secure_new(),
                           [P] = number(&crt->p), [Q] = number(&crt->q), [DP] = number(&crt->dp),
                           [DQ] = number(&crt->dq), [QINV] = number(&crt->qinv) };
    EVP_PKEY *pkey = NULL;
    bool ok = key_bits(alg) != 0 && !key_is_ec(alg);

    for (size_t i = 0; i < NUMBERS && ok; i++)
        ok = n[i] != NULL;
    ok = ok && complete(n) && (pkey = rsa_key(n)) != NULL &&
         EVP_PKEY_get_bits(pkey) == (int)key_bits(alg) && key_pair_ok(pkey) &&
         key_to_der(pkey, ret);
    EVP_PKEY_free(pkey);
    for (size_t i = 0; i < NUMBERS; i++)
        BN_clear_free(n[i]);
    return ok;
}

/* ---- EC from its scalar ---------------------------------------------------------------------- */

static int curve_of(uint8_t alg)
{
    static const int nids[] = { NID_X9_62_prime256v1, NID_secp384r1, NID_secp521r1 };

    return nids[alg - 0xC];
}

/* The point of d, 04 || X || Y. */
static bool multiply(const EC_GROUP *group, const BIGNUM *d, uint8_t *out, size_t len)
{
    EC_POINT *point = EC_POINT_new(group);
    bool ok = point != NULL && BN_cmp(d, EC_GROUP_get0_order(group)) < 0 && !BN_is_zero(d) &&
              EC_POINT_mul(group, point, d, NULL, NULL, NULL) == 1 &&
              EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, out, len, NULL) ==
                  len;

    EC_POINT_free(point);
    return ok;
}

bool key_import_scalar(uint8_t alg, const uint8_t *d, size_t len, struct image_blob *ret)
{
    uint8_t point[1 + 2 * 66];
    size_t point_len = 1 + 2 * key_bytes(alg);
    EC_GROUP *group = key_is_ec(alg) ? EC_GROUP_new_by_curve_name(curve_of(alg)) : NULL;
    BIGNUM *scalar = BN_secure_new();
    bool ok = group != NULL && scalar != NULL && len != 0 && len <= key_bytes(alg) &&
              BN_bin2bn(d, (int)len, scalar) != NULL;

    if (ok)
        BN_set_flags(scalar, BN_FLG_CONSTTIME);
    ok = ok && multiply(group, scalar, point, point_len) &&
         key_import_ec(alg, d, len, point, point_len, ret);
    BN_clear_free(scalar);
    EC_GROUP_free(group);
    return ok;
}

/* ---- signatures ------------------------------------------------------------------------------ */

/* DER: as short as can be, and not negative. */
static void put_integer(struct wr *w, const uint8_t *n, size_t len)
{
    uint8_t padded[1 + 66] = { 0 };
    struct wr p = wr_init(padded, sizeof(padded));

    while (len > 1 && n[0] == 0) {
        n++;
        len--;
    }
    if (n[0] >= 0x80)
        wr_u8(&p, 0);
    wr_bytes(&p, n, len);
    tlv_put(w, 0x02, padded, wr_len(&p));
}

bool key_put_ecdsa(const struct image_blob *key, uint8_t alg, const uint8_t *hash, size_t len,
                   struct wr *out)
{
    uint8_t rs[2 * 66];
    size_t rs_len, seq;

    if (!key_ecdsa(key, alg, hash, len, rs, &rs_len))
        return false;
    seq = tlv_open(out, 0x30);
    put_integer(out, rs, rs_len / 2);
    put_integer(out, rs + rs_len / 2, rs_len / 2);
    tlv_close(out, 0x30, seq);
    return true;
}
