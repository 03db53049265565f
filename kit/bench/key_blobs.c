/* SPDX-License-Identifier: MIT */
#include "kit/bench/key_blobs.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <string.h>

#define RSA_HEAD 20u /* BLOBHEADER and RSAPUBKEY */
#define EC_HEAD  8u
#define EXPONENT 65537u

/* ---- key specifications ------------------------------------------------------------------------ */

/* Algorithm of an RSA blob; group, size and magics of a curve's. */
static const struct kind {
    const char *name;
    uint32_t alg;
    const char *group, *public_magic, *private_magic;
    DWORD bits;
} kinds[SPECS_END] = {
    [AT_KEYEXCHANGE] = { "AT_KEYEXCHANGE", CALG_RSA_KEYX, NULL, NULL, NULL, 0 },
    [AT_SIGNATURE] = { "AT_SIGNATURE", CALG_RSA_SIGN, NULL, NULL, NULL, 0 },
    [AT_ECDSA_P256] = { "AT_ECDSA_P256", 0, "P-256", "ECS1", "ECS2", 256 },
    [AT_ECDSA_P384] = { "AT_ECDSA_P384", 0, "P-384", "ECS3", "ECS4", 384 },
    [AT_ECDSA_P521] = { "AT_ECDSA_P521", 0, "P-521", "ECS5", "ECS6", 521 },
    [AT_ECDHE_P256] = { "AT_ECDHE_P256", 0, "P-256", "ECK1", "ECK2", 256 },
    [AT_ECDHE_P384] = { "AT_ECDHE_P384", 0, "P-384", "ECK3", "ECK4", 384 },
    [AT_ECDHE_P521] = { "AT_ECDHE_P521", 0, "P-521", "ECK5", "ECK6", 521 },
};

static const struct kind *kind_of(DWORD spec)
{
    return spec < SPECS_END && kinds[spec].name != NULL ? &kinds[spec] : NULL;
}

bool spec_is_rsa(DWORD spec)
{
    return spec == AT_KEYEXCHANGE || spec == AT_SIGNATURE;
}

bool spec_is_curve(DWORD spec)
{
    return spec >= AT_ECDSA_P256 && spec <= AT_ECDHE_P521;
}

bool spec_exchanges(DWORD spec)
{
    return spec == AT_KEYEXCHANGE || (spec >= AT_ECDHE_P256 && spec <= AT_ECDHE_P521);
}

const char *spec_name(DWORD spec)
{
    const struct kind *kind = kind_of(spec);

    return kind != NULL ? kind->name : "no key specification";
}

DWORD curve_bits(DWORD spec)
{
    const struct kind *kind = kind_of(spec);

    return kind != NULL ? kind->bits : 0;
}

size_t curve_field(DWORD spec)
{
    return (curve_bits(spec) + 7u) / 8u;
}

EVP_PKEY *key_make(DWORD spec, DWORD bits)
{
    if (spec_is_curve(spec))
        return EVP_EC_gen(kinds[spec].group);
    return spec_is_rsa(spec) ? EVP_RSA_gen(bits) : NULL;
}

/* ---- writing ----------------------------------------------------------------------------------- */

void reverse_bytes(BYTE *at, size_t len)
{
    for (size_t i = 0; i < len / 2; i++) {
        BYTE first = at[i];

        at[i] = at[len - 1 - i];
        at[len - 1 - i] = first;
    }
}

static void put32(BYTE *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (BYTE)(value >> 8 * i);
}

struct number {
    const char *name;
    size_t len;
};

/* Numbers one behind the other, big-endian; false: the key lacks one, or it is too long. */
static bool put_numbers(EVP_PKEY *key, const struct number *numbers, size_t count, BYTE *out)
{
    for (size_t i = 0; i < count; i++) {
        BIGNUM *number = NULL;
        bool fits = EVP_PKEY_get_bn_param(key, numbers[i].name, &number) == 1 &&
                    BN_bn2binpad(number, out, (int)numbers[i].len) == (int)numbers[i].len;

        BN_clear_free(number);
        if (!fits)
            return false;
        out += numbers[i].len;
    }
    return true;
}

static size_t rsa_blob(EVP_PKEY *key, DWORD spec, bool private, BYTE *out)
{
    const size_t whole = (size_t)EVP_PKEY_get_size(key), half = whole / 2;
    const struct number numbers[] = {
        { OSSL_PKEY_PARAM_RSA_N, whole },         { OSSL_PKEY_PARAM_RSA_FACTOR1, half },
        { OSSL_PKEY_PARAM_RSA_FACTOR2, half },    { OSSL_PKEY_PARAM_RSA_EXPONENT1, half },
        { OSSL_PKEY_PARAM_RSA_EXPONENT2, half },  { OSSL_PKEY_PARAM_RSA_COEFFICIENT1, half },
        { OSSL_PKEY_PARAM_RSA_D, whole },
    };
    const size_t count = private ? sizeof(numbers) / sizeof(numbers[0]) : 1;
    BYTE *at = out + RSA_HEAD;

    if (RSA_HEAD + 2 * whole + 5 * half > KEY_BLOB_MAX)
        return 0;
    out[0] = private ? PRIVATEKEYBLOB : PUBLICKEYBLOB;
    out[1] = CUR_BLOB_VERSION;
    out[2] = out[3] = 0;
    put32(out + 4, kinds[spec].alg);
    memcpy(out + 8, private ? "RSA2" : "RSA1", 4);
    put32(out + 12, (uint32_t)EVP_PKEY_get_bits(key));
    put32(out + 16, EXPONENT);
    if (!put_numbers(key, numbers, count, at))
        return 0;
    for (size_t i = 0; i < count; at += numbers[i++].len)
        reverse_bytes(at, numbers[i].len);
    return (size_t)(at - out);
}

static size_t curve_blob(EVP_PKEY *key, DWORD spec, bool private, BYTE *out)
{
    const size_t field = curve_field(spec);
    const struct number numbers[] = { { OSSL_PKEY_PARAM_EC_PUB_X, field },
                                      { OSSL_PKEY_PARAM_EC_PUB_Y, field },
                                      { OSSL_PKEY_PARAM_PRIV_KEY, field } };
    const size_t count = private ? 3 : 2;

    memcpy(out, private ? kinds[spec].private_magic : kinds[spec].public_magic, 4);
    put32(out + 4, (uint32_t)field);
    return put_numbers(key, numbers, count, out + EC_HEAD) ? EC_HEAD + count * field : 0;
}

static size_t write_blob(EVP_PKEY *key, DWORD spec, bool private, BYTE *out)
{
    if (spec_is_rsa(spec) && EVP_PKEY_is_a(key, "RSA"))
        return rsa_blob(key, spec, private, out);
    if (spec_is_curve(spec) && EVP_PKEY_is_a(key, "EC"))
        return curve_blob(key, spec, private, out);
    return 0;
}

size_t public_blob(EVP_PKEY *key, DWORD spec, BYTE *out)
{
    return write_blob(key, spec, false, out);
}

size_t private_blob(EVP_PKEY *key, DWORD spec, BYTE *out)
{
    return write_blob(key, spec, true, out);
}

/* ---- reading ----------------------------------------------------------------------------------- */

static uint32_t get32(const BYTE *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Takes `build`, which may be NULL. */
static EVP_PKEY *key_from(const char *type, OSSL_PARAM_BLD *build)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    OSSL_PARAM *params = build != NULL ? OSSL_PARAM_BLD_to_param(build) : NULL;
    EVP_PKEY *key = NULL;

    if (ctx == NULL || params == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static const char *rsa_wrong(const BYTE *blob, size_t len, DWORD spec)
{
    if (len <= RSA_HEAD)
        return "too short for a PUBLICKEYBLOB";
    if (blob[0] != PUBLICKEYBLOB || blob[1] != CUR_BLOB_VERSION || (blob[2] | blob[3]) != 0)
        return "its BLOBHEADER is not that of a PUBLICKEYBLOB, version 2";
    if (get32(blob + 4) != kinds[spec].alg)
        return "its aiKeyAlg is not that of this use of the key";
    if (memcmp(blob + 8, "RSA1", 4) != 0)
        return "its magic is not RSA1";
    if ((len - RSA_HEAD) != (get32(blob + 12) + 7u) / 8u)
        return "its length is not that of the modulus it announces";
    if (get32(blob + 16) < 3 || get32(blob + 16) % 2 == 0)
        return "its exponent is none of RSA's";
    if (blob[len - 1] < 0x80 || blob[RSA_HEAD] % 2 == 0)
        return "its modulus is not a whole little-endian number";
    return NULL;
}

static EVP_PKEY *rsa_from_blob(const BYTE *blob, size_t len)
{
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *n = BN_lebin2bn(blob + RSA_HEAD, (int)(len - RSA_HEAD), NULL);
    EVP_PKEY *key;

    if (build != NULL && n != NULL) {
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n);
        OSSL_PARAM_BLD_push_uint(build, OSSL_PKEY_PARAM_RSA_E, get32(blob + 16));
    }
    key = key_from("RSA", build);
    BN_free(n);
    return key;
}

static const char *curve_wrong(const BYTE *blob, size_t len, DWORD spec)
{
    if (len < EC_HEAD)
        return "too short for a BCRYPT_ECCKEY_BLOB";
    if (memcmp(blob, kinds[spec].public_magic, 4) != 0)
        return "its magic is not that of this curve and use, public half";
    if (get32(blob + 4) != curve_field(spec))
        return "its cbKey is not the length of the curve's coordinates";
    return len != EC_HEAD + 2 * curve_field(spec) ? "its length is not that of X and Y" : NULL;
}

static EVP_PKEY *curve_from_blob(const BYTE *blob, size_t len, DWORD spec)
{
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BYTE point[1 + 2 * 66] = { POINT_CONVERSION_UNCOMPRESSED };

    memcpy(point + 1, blob + EC_HEAD, len - EC_HEAD);
    if (build != NULL) {
        OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, kinds[spec].group, 0);
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point,
                                         len - EC_HEAD + 1);
    }
    return key_from("EC", build);
}

EVP_PKEY *key_from_blob(const BYTE *blob, size_t len, DWORD spec, const char **why)
{
    EVP_PKEY *key;

    if (blob == NULL || kind_of(spec) == NULL)
        *why = blob == NULL ? "there is none" : "not asked for a key";
    else
        *why = spec_is_rsa(spec) ? rsa_wrong(blob, len, spec) : curve_wrong(blob, len, spec);
    if (*why != NULL)
        return NULL;
    key = spec_is_rsa(spec) ? rsa_from_blob(blob, len) : curve_from_blob(blob, len, spec);
    if (key == NULL)
        *why = spec_is_rsa(spec) ? "no RSA key for OpenSSL" : "its point is not on the curve";
    return key;
}
