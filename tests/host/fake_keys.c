/* SPDX-License-Identifier: MIT */
/* The keys of the fake module: made, imported, deleted, described. */
#include "tests/host/fake_internal.h"

#include "base/bytes.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <string.h>

#define POINT_MOST (1 + 2 * 66)

#define card fake_state

static const struct fake_curve curves[] = {
    { 256, 32, "P-256", AT_ECDSA_P256, AT_ECDHE_P256, 0x31534345, 0x314B4345 },
    { 384, 48, "P-384", AT_ECDSA_P384, AT_ECDHE_P384, 0x33534345, 0x334B4345 },
    { 521, 66, "P-521", AT_ECDSA_P521, AT_ECDHE_P521, 0x35534345, 0x354B4345 },
};
#define CURVES 3

bool fake_is_exchange(DWORD spec)
{
    return spec == AT_KEYEXCHANGE || spec >= AT_ECDHE_P256;
}

const struct fake_curve *fake_curve_of_spec(DWORD spec)
{
    for (size_t i = 0; i < CURVES; i++) {
        if (spec == curves[i].sign || spec == curves[i].exchange)
            return &curves[i];
    }
    return NULL;
}

const struct fake_curve *fake_curve_of_key(EVP_PKEY *key)
{
    for (size_t i = 0; EVP_PKEY_is_a(key, "EC") && i < CURVES; i++) {
        if ((unsigned)EVP_PKEY_get_bits(key) == curves[i].bits)
            return &curves[i];
    }
    return NULL;
}

EVP_PKEY *fake_key(BYTE index, DWORD spec)
{
    if (index >= FAKE_CONTAINERS)
        return NULL;
    return fake_is_exchange(spec) ? card.kx[index] : card.sig[index];
}

void fake_keys_clear(void)
{
    for (size_t i = 0; i < FAKE_CONTAINERS; i++) {
        EVP_PKEY_free(card.sig[i]);
        EVP_PKEY_free(card.kx[i]);
    }
}

DWORD fake_free_containers(void)
{
    DWORD n = 0;

    for (size_t i = 0; i < FAKE_CONTAINERS; i++)
        n += card.sig[i] == NULL && card.kx[i] == NULL;
    return n;
}

/* ---- private keys as the interface has them ------------------------------------------------ */

static EVP_PKEY *load(const char *type, OSSL_PARAM_BLD *bld)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(bld);
    EVP_PKEY *key = NULL;

    EVP_PKEY_fromdata_init(ctx);
    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params);
    OSSL_PARAM_free(params);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

/* PRIVATEKEYBLOB: the exponent, then the numbers in this order, little-endian. */
static EVP_PKEY *rsa_import(const BYTE *blob, DWORD spec, DWORD bits)
{
    static const struct {
        const char *name;
        unsigned part;
    } numbers[] = {
        { OSSL_PKEY_PARAM_RSA_N, 1 },         { OSSL_PKEY_PARAM_RSA_FACTOR1, 2 },
        { OSSL_PKEY_PARAM_RSA_FACTOR2, 2 },   { OSSL_PKEY_PARAM_RSA_EXPONENT1, 2 },
        { OSSL_PKEY_PARAM_RSA_EXPONENT2, 2 }, { OSSL_PKEY_PARAM_RSA_COEFFICIENT1, 2 },
        { OSSL_PKEY_PARAM_RSA_D, 1 },
    };
    struct rd r = rd_init(blob, 20 + FAKE_RSA_BYTES * 2 + FAKE_RSA_BYTES / 2 * 5);
    DWORD head = rd_u32le(&r), alg = rd_u32le(&r), magic = rd_u32le(&r), size = rd_u32le(&r);
    OSSL_PARAM_BLD *bld;
    BIGNUM *n[8] = { NULL };
    EVP_PKEY *key;

    if (head != 0x0207 || alg != (fake_is_exchange(spec) ? CALG_RSA_KEYX : CALG_RSA_SIGN) ||
        magic != 0x32415352 || size != bits)
        return NULL;
    bld = OSSL_PARAM_BLD_new();
    n[7] = BN_new();
    BN_set_word(n[7], rd_u32le(&r));
    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, n[7]);
    for (size_t i = 0; i < 7; i++) {
        size_t len = FAKE_RSA_BYTES / numbers[i].part;

        n[i] = BN_lebin2bn(rd_bytes(&r, len), (int)len, NULL);
        OSSL_PARAM_BLD_push_BN(bld, numbers[i].name, n[i]);
    }
    key = load("RSA", bld);
    for (size_t i = 0; i < 8; i++)
        BN_free(n[i]);
    OSSL_PARAM_BLD_free(bld);
    return key;
}

/* BCRYPT_ECCKEY_BLOB: X, Y, d, big-endian. */
static EVP_PKEY *ec_import(const BYTE *blob, const struct fake_curve *curve, bool exchange)
{
    struct rd r = rd_init(blob, 8 + 3 * curve->bytes);
    DWORD magic = rd_u32le(&r), bytes = rd_u32le(&r);
    BYTE point[POINT_MOST] = { 0x04 };
    OSSL_PARAM_BLD *bld;
    EVP_PKEY *key;
    BIGNUM *d;

    if (magic != (exchange ? curve->ecdh : curve->ecdsa) + 0x01000000 || bytes != curve->bytes)
        return NULL;
    bld = OSSL_PARAM_BLD_new();
    rd_copy(&r, point + 1, 2 * curve->bytes);
    d = BN_bin2bn(rd_bytes(&r, curve->bytes), (int)curve->bytes, NULL);
    OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME, curve->group, 0);
    OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * curve->bytes);
    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_PRIV_KEY, d);
    key = load("EC", bld);
    BN_free(d);
    OSSL_PARAM_BLD_free(bld);
    return key;
}

/* ---- containers ---------------------------------------------------------------------------- */

static EVP_PKEY *generate(DWORD spec)
{
    const struct fake_curve *curve = fake_curve_of_spec(spec);

    if (curve == NULL && !card.elliptic)
        return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)FAKE_RSA_BITS);
    return EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve != NULL ? curve->group : "P-256");
}

static DWORD WINAPI create_container(PCARD_DATA data, BYTE index, DWORD flags, DWORD spec,
                                     DWORD bits, PBYTE blob)
{
    const struct fake_curve *curve = fake_curve_of_spec(spec);
    bool import = flags == CARD_CREATE_CONTAINER_KEY_IMPORT;
    EVP_PKEY *key;
    void **slot;

    FAULT(FAKE_CREATE_CONTAINER);
    (void)data;
    if (!import && flags != CARD_CREATE_CONTAINER_KEY_GEN)
        return SCARD_E_INVALID_PARAMETER;
    if ((import && blob == NULL) || (curve != NULL && bits != 0))
        return SCARD_E_INVALID_PARAMETER;
    if (index >= FAKE_CONTAINERS)
        return SCARD_E_NO_KEY_CONTAINER;
    if (import && card.no_import)
        return SCARD_E_UNSUPPORTED_FEATURE;
    if (!card.user)
        return SCARD_W_SECURITY_VIOLATION;
    if (curve == NULL && !card.elliptic && bits != FAKE_RSA_BITS)
        return SCARD_E_UNSUPPORTED_FEATURE;
    if (card.no_room)
        return SCARD_E_NO_MEMORY;
    if (!import || card.alters_import)
        key = generate(spec);
    else
        key = curve != NULL ? ec_import(blob, curve, fake_is_exchange(spec))
                            : rsa_import(blob, spec, bits);
    if (key == NULL)
        return SCARD_E_INVALID_PARAMETER;
    slot = fake_is_exchange(spec) ? &card.kx[index] : &card.sig[index];
    EVP_PKEY_free(*slot);
    *slot = key;
    return fake_finish(FAKE_CREATE_CONTAINER);
}

static DWORD WINAPI delete_container(PCARD_DATA data, BYTE index, DWORD reserved)
{
    FAULT(FAKE_DELETE_CONTAINER);
    (void)data;
    (void)reserved;
    if (!card.user && !card.admin)
        return SCARD_W_SECURITY_VIOLATION;
    if (index < FAKE_CONTAINERS) {
        EVP_PKEY_free(card.sig[index]);
        EVP_PKEY_free(card.kx[index]);
        card.sig[index] = card.kx[index] = NULL;
    }
    return SCARD_S_SUCCESS;
}

static size_t rsa_blob(EVP_PKEY *key, bool exchange, BYTE *ret, size_t cap)
{
    struct wr w = wr_init(ret, cap);
    BIGNUM *n = NULL, *e = NULL;
    BYTE modulus[FAKE_RSA_BYTES];

    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n);
    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e);
    BN_bn2lebinpad(n, modulus, sizeof modulus);
    wr_u8(&w, PUBLICKEYBLOB);
    wr_u8(&w, CUR_BLOB_VERSION);
    wr_u16le(&w, 0);
    wr_u32le(&w, exchange ? CALG_RSA_KEYX : CALG_RSA_SIGN);
    wr_u32le(&w, 0x31415352);
    wr_u32le(&w, FAKE_RSA_BITS);
    wr_u32le(&w, (DWORD)BN_get_word(e));
    wr_bytes(&w, modulus, sizeof modulus);
    BN_free(n);
    BN_free(e);
    return wr_len(&w);
}

static size_t ec_blob(EVP_PKEY *key, bool exchange, BYTE *ret, size_t cap)
{
    const struct fake_curve *curve = fake_curve_of_key(key);
    struct wr w = wr_init(ret, cap);
    BYTE point[POINT_MOST];
    size_t len = 0;

    EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point, &len);
    wr_u32le(&w, exchange ? curve->ecdh : curve->ecdsa);
    wr_u32le(&w, (DWORD)curve->bytes);
    wr_bytes(&w, point + 1, 2 * curve->bytes);
    return wr_len(&w);
}

static DWORD hand_out_key(PCARD_DATA data, EVP_PKEY *key, bool exchange, PBYTE *ret, PDWORD len)
{
    BYTE blob[512];
    size_t blob_len;

    *ret = NULL;
    *len = 0;
    if (key == NULL)
        return SCARD_S_SUCCESS;
    blob_len = EVP_PKEY_is_a(key, "EC") ? ec_blob(key, exchange, blob, sizeof blob)
                                        : rsa_blob(key, exchange, blob, sizeof blob);
    return fake_hand_out(data, FAKE_GET_CONTAINER_INFO, blob, blob_len, ret, len);
}

static DWORD WINAPI get_container_info(PCARD_DATA data, BYTE index, DWORD flags,
                                       PCONTAINER_INFO info)
{
    DWORD rc;

    FAULT(FAKE_GET_CONTAINER_INFO);
    (void)flags;
    if (index >= FAKE_CONTAINERS || (card.sig[index] == NULL && card.kx[index] == NULL))
        return SCARD_E_NO_KEY_CONTAINER;
    rc = hand_out_key(data, card.sig[index], false, &info->pbSigPublicKey, &info->cbSigPublicKey);
    if (rc == SCARD_S_SUCCESS)
        rc = hand_out_key(data, card.kx[index], true, &info->pbKeyExPublicKey,
                          &info->cbKeyExPublicKey);
    return rc;
}

static DWORD WINAPI query_key_sizes(PCARD_DATA data, DWORD spec, DWORD flags, PCARD_KEY_SIZES sizes)
{
    const struct fake_curve *curve = fake_curve_of_spec(spec);

    FAULT(FAKE_QUERY_KEY_SIZES);
    (void)data;
    (void)flags;
    sizes->dwMinimumBitlen = sizes->dwDefaultBitlen = sizes->dwMaximumBitlen =
        curve != NULL ? curve->bits : FAKE_RSA_BITS;
    sizes->dwIncrementalBitlen = 1;
    if (curve == NULL && card.rsa_step != 0) {
        sizes->dwMaximumBitlen = 2 * FAKE_RSA_BITS;
        sizes->dwIncrementalBitlen = card.rsa_step;
    }
    return SCARD_S_SUCCESS;
}

void fake_keys_fill(PCARD_DATA data)
{
    data->pfnCardDeleteContainer = delete_container;
    data->pfnCardCreateContainer = create_container;
    data->pfnCardGetContainerInfo = get_container_info;
    data->pfnCardQueryKeySizes = query_key_sizes;
    fake_use_fill(data);
    fake_agree_fill(data);
}
