/* SPDX-License-Identifier: MIT */
/* Private keys from files to the card: whatever libcrypto reads, as the blobs of CAPI and CNG. */
#include "host/host_internal.h"

#include "base/bytes.h"
#include "base/secret.h"

#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <stdlib.h>
#include <string.h>

#define KEY_FILE_MOST 65536u
#define RSA_LEAST 1024u
#define RSA_MOST  4096u
#define BLOB_MOST (20u + RSA_MOST / 8 * 2 + RSA_MOST / 16 * 5)
#define RSA2 0x32415352u

/* ---- reading ------------------------------------------------------------------------------- */

struct password {
    const char *text;
    bool asked;
};

static int give_password(char *buf, size_t room, size_t *len, const OSSL_PARAM params[], void *arg)
{
    struct password *password = arg;

    (void)params;
    password->asked = true;
    if (password->text == NULL || strlen(password->text) > room)
        return 0;
    *len = strlen(password->text);
    memcpy(buf, password->text, *len);
    return 1;
}

/* PKCS#8 or the traditional forms, PEM or DER. */
static DWORD load(const BYTE *data, size_t len, const char *text, EVP_PKEY **ret)
{
    struct password password = { text, false };
    const unsigned char *at = data;
    EVP_PKEY *key = NULL;
    OSSL_DECODER_CTX *ctx =
        OSSL_DECODER_CTX_new_for_pkey(&key, NULL, NULL, NULL, EVP_PKEY_KEYPAIR, NULL, NULL);

    if (ctx != NULL && OSSL_DECODER_CTX_set_passphrase_cb(ctx, give_password, &password) == 1)
        (void)OSSL_DECODER_from_data(ctx, &at, &len);
    OSSL_DECODER_CTX_free(ctx);
    if (key == NULL)
        return password.asked ? ERROR_INVALID_PASSWORD : NTE_BAD_KEY;
    *ret = key;
    return SCARD_S_SUCCESS;
}

/* Do its numbers belong together? */
static bool is_sound(EVP_PKEY *key)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    bool ok = ctx != NULL && EVP_PKEY_check(ctx) == 1;

    EVP_PKEY_CTX_free(ctx);
    return ok;
}

/* ---- blobs --------------------------------------------------------------------------------- */

struct blob {
    BYTE bytes[BLOB_MOST];
    struct wr w;
    DWORD spec, bits;
};

/* The next number, as long as its place. */
static void put_number(struct blob *b, EVP_PKEY *key, const char *name, size_t len, bool little)
{
    BIGNUM *n = NULL;
    BYTE number[RSA_MOST / 8];

    if (len > sizeof number || EVP_PKEY_get_bn_param(key, name, &n) != 1 ||
        BN_bn2binpad(n, number, (int)len) < 0)
        b->w.bad = true;
    else if (little)
        bytes_reverse(number, len);
    if (!b->w.bad)
        wr_bytes(&b->w, number, len);
    BN_clear_free(n);
    wipe(number, sizeof number);
}

static bool has_more_primes(EVP_PKEY *key)
{
    BIGNUM *third = NULL;
    bool has = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_FACTOR3, &third) == 1;

    BN_clear_free(third);
    return has;
}

/* PRIVATEKEYBLOB: header, "RSA2" bits exponent, then the numbers, little-endian. */
static DWORD rsa_blob(EVP_PKEY *key, DWORD spec, struct blob *b)
{
    static const char *const halves[] = {
        OSSL_PKEY_PARAM_RSA_FACTOR1,   OSSL_PKEY_PARAM_RSA_FACTOR2,
        OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT2,
        OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
    };
    int bits = EVP_PKEY_get_bits(key);
    size_t whole;

    if (bits < (int)RSA_LEAST || bits > (int)RSA_MOST || bits % 64 != 0)
        return NTE_BAD_LEN;
    if (!is_sound(key) || has_more_primes(key))
        return NTE_BAD_KEY; /* the blob has room for two */
    b->spec = spec == AT_SIGNATURE ? AT_SIGNATURE : AT_KEYEXCHANGE;
    b->bits = (DWORD)bits;
    whole = (size_t)bits / 8;
    wr_u8(&b->w, PRIVATEKEYBLOB);
    wr_u8(&b->w, CUR_BLOB_VERSION);
    wr_u16le(&b->w, 0);
    wr_u32le(&b->w, b->spec == AT_SIGNATURE ? CALG_RSA_SIGN : CALG_RSA_KEYX);
    wr_u32le(&b->w, RSA2);
    wr_u32le(&b->w, b->bits);
    put_number(b, key, OSSL_PKEY_PARAM_RSA_E, 4, true);
    put_number(b, key, OSSL_PKEY_PARAM_RSA_N, whole, true);
    for (size_t i = 0; i < sizeof halves / sizeof halves[0]; i++)
        put_number(b, key, halves[i], whole / 2, true);
    put_number(b, key, OSSL_PKEY_PARAM_RSA_D, whole, true);
    return b->w.bad ? NTE_BAD_KEY : SCARD_S_SUCCESS;
}

/* BCRYPT_ECCPRIVATE_BLOB: magic, bytes of a coordinate, X, Y, d, big-endian. */
static DWORD ec_blob(EVP_PKEY *key, DWORD spec, struct blob *b)
{
    const struct curve *curve = curve_of(key);
    bool exchange = spec == 0 || spec_is_exchange(spec);

    if (curve == NULL)
        return NTE_BAD_LEN;
    b->spec = exchange ? curve->exchange : curve->sign;
    if ((spec > AT_SIGNATURE && spec != b->spec) || !is_sound(key))
        return NTE_BAD_KEY;
    wr_u32le(&b->w, (exchange ? curve->ecdh : curve->ecdsa) + PRIVATE_MAGIC);
    wr_u32le(&b->w, curve->bytes);
    put_number(b, key, OSSL_PKEY_PARAM_EC_PUB_X, curve->bytes, false);
    put_number(b, key, OSSL_PKEY_PARAM_EC_PUB_Y, curve->bytes, false);
    put_number(b, key, OSSL_PKEY_PARAM_PRIV_KEY, curve->bytes, false);
    return b->w.bad ? NTE_BAD_KEY : SCARD_S_SUCCESS;
}

static DWORD make_blob(EVP_PKEY *key, DWORD spec, struct blob *b)
{
    b->w = wr_init(b->bytes, sizeof b->bytes);
    b->bits = 0;
    if (EVP_PKEY_is_a(key, "RSA") && spec <= AT_SIGNATURE)
        return rsa_blob(key, spec, b);
    return EVP_PKEY_is_a(key, "EC") ? ec_blob(key, spec, b) : NTE_BAD_KEY;
}

/* ---- import -------------------------------------------------------------------------------- */

/* Does the module take keys of that kind and size? */
static DWORD check_size(struct host *host, const struct new_key *key)
{
    CARD_KEY_SIZES sizes = { .dwVersion = CARD_KEY_SIZES_CURRENT_VERSION };
    CARD_DATA *data = &host->data;
    DWORD rc = card_result(host, data->pfnCardQueryKeySizes(data, key->spec, 0, &sizes));

    if (rc != SCARD_S_SUCCESS || key->bits == 0)
        return rc;
    if (key->bits < sizes.dwMinimumBitlen || key->bits > sizes.dwMaximumBitlen ||
        (sizes.dwIncrementalBitlen != 0 &&
         (key->bits - sizes.dwMinimumBitlen) % sizes.dwIncrementalBitlen != 0))
        return NTE_BAD_LEN;
    return rc;
}

static DWORD check_size_alone(struct host *host, const struct new_key *key)
{
    DWORD rc = host_begin(host);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = check_size(host, key);
    host_end(host);
    return rc;
}

static DWORD import(struct host *host, struct new_key *key, struct host_container *ret)
{
    DWORD rc = host_begin(host);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = check_size(host, key);
    if (rc == SCARD_S_SUCCESS)
        rc = container_add_key(host, key, ret);
    host_end(host);
    return rc;
}

/* From the file to what the card takes, and what the policy lets it take. */
static DWORD load_blob(struct host *host, struct new_key *key, struct blob *b, const BYTE *file,
                       size_t len, const char *password, struct host_error *err)
{
    DWORD rc = load(file, len, password, &key->pair);

    if (rc == SCARD_S_SUCCESS)
        rc = make_blob(key->pair, key->spec, b);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    key->spec = b->spec;
    key->bits = b->bits;
    key->blob = b->bytes;
    return policy_allows_import(host, key->spec, err);
}

/* What a code means here. */
static const char *says(DWORD rc, const char *password)
{
    switch (rc) {
    case NTE_BAD_KEY:
        return "not a private key that can be imported: damaged, of another kind than asked for, "
               "or its numbers do not belong together";
    case NTE_BAD_LEN:
        return "a key of this size, or on this curve, cannot be imported";
    case ERROR_INVALID_PASSWORD:
        return password == NULL ? "the key is encrypted: its password is needed" : host_says(rc);
    case ERROR_FILE_EXISTS:
        return "the container has a key of this kind already";
    default:
        return host_says(rc);
    }
}

/* alone: all but the import itself. */
static DWORD check_and_import(struct host *host, const char *name, DWORD spec, const BYTE *key,
                              size_t key_len, const char *password, bool alone,
                              struct host_container *ret, struct host_error *err)
{
    struct new_key fresh = { .spec = spec };
    struct blob *b = calloc(1, sizeof *b);
    struct host_error known = { 0 };
    DWORD rc;

    if (b == NULL)
        rc = ERROR_NOT_ENOUGH_MEMORY;
    else if (key == NULL || key_len > KEY_FILE_MOST || (spec != 0 && !spec_is_known(spec)))
        rc = SCARD_E_INVALID_PARAMETER;
    else if (host->read_only)
        rc = SCARD_E_READ_ONLY_CARD;
    else
        rc = container_new_name(name, fresh.name);
    if (rc == SCARD_S_SUCCESS)
        rc = load_blob(host, &fresh, b, key, key_len, password, &known);
    if (rc == SCARD_S_SUCCESS)
        rc = alone ? check_size_alone(host, &fresh) : import(host, &fresh, ret);
    EVP_PKEY_free(fresh.pair);
    if (b != NULL)
        host_free(b, sizeof *b);
    if (rc != SCARD_S_SUCCESS)
        (void)host_fail(err, rc, "%s", known.code != 0 ? known.says : says(rc, password));
    return rc;
}

DWORD host_container_import_check(struct host *host, const char *name, DWORD spec, const BYTE *key,
                                  size_t key_len, const char *password, struct host_error *err)
{
    return check_and_import(host, name, spec, key, key_len, password, true, NULL, err);
}

DWORD host_container_import(struct host *host, const char *name, DWORD spec, const BYTE *key,
                            size_t key_len, const char *password, struct host_container *ret,
                            struct host_error *err)
{
    return check_and_import(host, name, spec, key, key_len, password, false, ret, err);
}
