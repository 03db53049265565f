/* SPDX-License-Identifier: MIT */
/* Public keys: from the blobs of CAPI and CNG to libcrypto's keys and SubjectPublicKeyInfo. */
#include "host/host_internal.h"

#include "base/bytes.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>
#include <string.h>

#define RSA_BITS_LEAST 512u
#define RSA_BITS_MOST 16384u
#define RSA_MAGIC 0x31415352u /* "RSA1" */

static const struct curve curves[] = {
    { 256, 32, BCRYPT_ECDSA_PUBLIC_P256_MAGIC, BCRYPT_ECDH_PUBLIC_P256_MAGIC, AT_ECDSA_P256,
      AT_ECDHE_P256, "P-256" },
    { 384, 48, BCRYPT_ECDSA_PUBLIC_P384_MAGIC, BCRYPT_ECDH_PUBLIC_P384_MAGIC, AT_ECDSA_P384,
      AT_ECDHE_P384, "P-384" },
    { 521, 66, BCRYPT_ECDSA_PUBLIC_P521_MAGIC, BCRYPT_ECDH_PUBLIC_P521_MAGIC, AT_ECDSA_P521,
      AT_ECDHE_P521, "P-521" },
};
#define CURVES (sizeof curves / sizeof curves[0])

const struct curve *curve_by_bits(WORD bits)
{
    for (size_t i = 0; i < CURVES; i++) {
        if (curves[i].bits == bits)
            return &curves[i];
    }
    return NULL;
}

const struct curve *curve_of(EVP_PKEY *key)
{
    char group[32];

    if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group,
                                       NULL) != 1)
        return NULL;
    for (size_t i = 0; i < CURVES; i++) {
        if (OBJ_txt2nid(group) == EC_curve_nist2nid(curves[i].group))
            return &curves[i];
    }
    return NULL;
}

/* PUBLICKEYBLOB: 06 02 0000 algorithm, "RSA1" bits exponent, modulus. */
static bool parse_rsa(const BYTE *blob, size_t len, struct public_key *ret)
{
    struct rd r = rd_init(blob, len);
    BYTE type = rd_u8(&r), version;
    DWORD alg, magic, bits;

    version = rd_u8(&r);
    (void)rd_u16le(&r);
    alg = rd_u32le(&r);
    magic = rd_u32le(&r);
    bits = rd_u32le(&r);
    *ret = (struct public_key){ 0 };
    ret->exponent = rd_u32le(&r);
    if (r.bad || type != PUBLICKEYBLOB || version != CUR_BLOB_VERSION || magic != RSA_MAGIC ||
        (alg != CALG_RSA_SIGN && alg != CALG_RSA_KEYX) || bits < RSA_BITS_LEAST ||
        bits > RSA_BITS_MOST)
        return false;
    ret->bits = (WORD)bits;
    ret->number_len = (bits + 7) / 8;
    ret->number = rd_bytes(&r, ret->number_len);
    return !r.bad;
}

/* BCRYPT_ECCKEY_BLOB: magic, bytes of a coordinate, X, Y. */
static bool parse_ec(const BYTE *blob, size_t len, struct public_key *ret)
{
    struct rd r = rd_init(blob, len);
    DWORD magic = rd_u32le(&r), bytes = rd_u32le(&r);

    *ret = (struct public_key){ 0 };
    for (size_t i = 0; i < CURVES; i++) {
        if (magic == curves[i].ecdsa || magic == curves[i].ecdh)
            ret->curve = &curves[i];
    }
    if (ret->curve == NULL || bytes != ret->curve->bytes)
        return false;
    ret->bits = ret->curve->bits;
    ret->number_len = 2u * ret->curve->bytes;
    ret->number = rd_bytes(&r, ret->number_len);
    return !r.bad;
}

bool public_key_parse(const BYTE *blob, size_t len, struct public_key *ret)
{
    return len != 0 && (blob[0] == PUBLICKEYBLOB ? parse_rsa(blob, len, ret)
                                                 : parse_ec(blob, len, ret));
}

static EVP_PKEY *from_params(const char *type, OSSL_PARAM *params)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;

    if (ctx == NULL || params == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(ctx);
    return key;
}

EVP_PKEY *public_key_load(const struct public_key *key)
{
    OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = NULL;
    BIGNUM *n = NULL, *e = NULL;
    EVP_PKEY *loaded;
    BYTE point[1 + 2 * 66];
    bool ok = bld != NULL;

    if (ok && key->curve != NULL) {
        point[0] = 0x04; /* uncompressed */
        memcpy(point + 1, key->number, key->number_len);
        ok = OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME, key->curve->group,
                                             0) == 1 &&
             OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, point,
                                              1 + key->number_len) == 1;
    } else if (ok) {
        n = BN_lebin2bn(key->number, (int)key->number_len, NULL);
        e = BN_new();
        ok = n != NULL && e != NULL && BN_set_word(e, key->exponent) == 1 &&
             BN_num_bits(n) == key->bits && BN_is_odd(n) && BN_is_odd(e) && !BN_is_one(e) &&
             OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
             OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, e) == 1;
    }
    if (ok)
        params = OSSL_PARAM_BLD_to_param(bld);
    loaded = from_params(key->curve != NULL ? "EC" : "RSA", params);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(bld);
    BN_free(n);
    BN_free(e);
    return loaded;
}

/* ---- a key of a container ------------------------------------------------------------------ */

bool spec_is_exchange(DWORD spec)
{
    return spec == AT_KEYEXCHANGE || (spec >= AT_ECDHE_P256 && spec <= AT_ECDHE_P521);
}

bool spec_is_known(DWORD spec)
{
    return spec >= AT_KEYEXCHANGE && spec <= AT_ECDHE_P521;
}

DWORD container_bits(struct host *host, BYTE index, struct map_record *record)
{
    struct card_keys keys = { 0 };
    struct public_key key;
    DWORD rc;

    if (record->sig_bits != 0 || record->kx_bits != 0)
        return SCARD_S_SUCCESS;
    rc = card_keys(host, index, &keys);
    if (rc != SCARD_S_SUCCESS)
        return rc == SCARD_E_NO_KEY_CONTAINER ? SCARD_S_SUCCESS : rc;
    if (public_key_parse(keys.sig, keys.sig_len, &key))
        record->sig_bits = key.bits;
    if (public_key_parse(keys.kx, keys.kx_len, &key))
        record->kx_bits = key.bits;
    card_keys_free(&keys);
    return SCARD_S_SUCCESS;
}

/* What follows from the slot and the size. */
static void of_bits(struct key_ref *key, WORD bits)
{
    const struct curve *curve = curve_by_bits(bits);

    key->bits = bits;
    key->rsa = curve == NULL;
    if (curve != NULL)
        key->spec = key->exchange ? curve->exchange : curve->sign;
    else
        key->spec = key->exchange ? AT_KEYEXCHANGE : AT_SIGNATURE;
}

DWORD key_find(struct host *host, const char *container, DWORD spec, struct key_ref *ret)
{
    struct contmap map = { 0 };
    struct map_record record;
    struct key_ref key = { 0 };
    DWORD rc;

    if (spec != 0 && !spec_is_known(spec))
        return SCARD_E_INVALID_PARAMETER;
    rc = contmap_load(host, &map);
    if (rc == SCARD_S_SUCCESS)
        rc = container_locate(host, &map, container, &key.index, &record);
    if (rc == SCARD_S_SUCCESS)
        rc = container_bits(host, key.index, &record);
    contmap_free(&map);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    key.exchange = spec == 0 ? record.kx_bits != 0 : spec_is_exchange(spec);
    if ((key.exchange ? record.kx_bits : record.sig_bits) == 0) {
        record = (struct map_record){ 0 }; /* one that was added, and cut off before the map */
        rc = container_bits(host, key.index, &record);
        if (rc != SCARD_S_SUCCESS)
            return rc;
    }
    if ((key.exchange ? record.kx_bits : record.sig_bits) == 0)
        return NTE_NO_KEY;
    of_bits(&key, key.exchange ? record.kx_bits : record.sig_bits);
    *ret = key;
    return SCARD_S_SUCCESS;
}

bool key_correct(struct host *host, DWORD spec, struct key_ref *key)
{
    struct map_record card = { 0 };
    const struct key_ref before = *key;

    if (container_bits(host, key->index, &card) != SCARD_S_SUCCESS)
        return false;
    if (spec == 0 && (key->exchange ? card.kx_bits : card.sig_bits) == 0)
        key->exchange = !key->exchange;
    if ((key->exchange ? card.kx_bits : card.sig_bits) != 0)
        of_bits(key, key->exchange ? card.kx_bits : card.sig_bits);
    else
        *key = before;
    return key->bits != before.bits || key->exchange != before.exchange;
}

DWORD key_blob(struct host *host, const struct key_ref *key, BYTE **ret, size_t *ret_len)
{
    struct card_keys keys = { 0 };
    DWORD rc = card_keys(host, key->index, &keys);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    if ((key->exchange ? keys.kx_len : keys.sig_len) == 0) {
        rc = NTE_NO_KEY;
    } else if (key->exchange) {
        *ret = keys.kx;
        *ret_len = keys.kx_len;
        keys.kx = NULL;
    } else {
        *ret = keys.sig;
        *ret_len = keys.sig_len;
        keys.sig = NULL;
    }
    card_keys_free(&keys);
    return rc;
}

static DWORD public_key(struct host *host, const char *container, DWORD spec, BYTE **ret_der,
                        size_t *ret_len)
{
    struct key_ref key;
    struct public_key parsed;
    EVP_PKEY *loaded = NULL;
    unsigned char *der = NULL;
    BYTE *blob = NULL;
    size_t blob_len = 0;
    int len = 0;
    DWORD rc = key_find(host, container, spec, &key);

    if (rc == SCARD_S_SUCCESS)
        rc = key_blob(host, &key, &blob, &blob_len);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (public_key_parse(blob, blob_len, &parsed))
        loaded = public_key_load(&parsed);
    if (loaded != NULL)
        len = i2d_PUBKEY(loaded, &der);
    if (len > 0)
        *ret_der = host_copy(der, (size_t)len);
    if (len <= 0)
        rc = NTE_BAD_KEY;
    else if (*ret_der == NULL)
        rc = ERROR_NOT_ENOUGH_MEMORY;
    else
        *ret_len = (size_t)len;
    OPENSSL_free(der);
    EVP_PKEY_free(loaded);
    host_free(blob, blob_len);
    return rc;
}

DWORD host_public_key(struct host *host, const char *container, DWORD spec, BYTE **ret_der,
                      size_t *ret_len)
{
    DWORD rc = host_begin(host);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = public_key(host, container, spec, ret_der, ret_len);
    host_end(host);
    return rc;
}
