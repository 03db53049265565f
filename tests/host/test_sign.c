/* SPDX-License-Identifier: MIT */
/* host_sign_how: each padding, each hash, checked by libcrypto. */
#include "tests/host/support.h"

#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

#define BYTES 128 /* of the fake's modulus */

static struct host *host;
static const BYTE message[64] = { 1, 2, 3 };

static const struct {
    ALG_ID id;
    const char *name;
    size_t len;
} hashes[] = {
    { CALG_SHA1, "SHA1", 20 },     { CALG_SHA_256, "SHA256", 32 }, { CALG_SHA_384, "SHA384", 48 },
    { CALG_SHA_512, "SHA512", 64 }, { CALG_MD5, "MD5", 16 },
};
#define HASHES 5

static int setup(void **state)
{
    fakes_setup(state);
    host = open_new_card(0);
    begin_as_user(host);
    assert_ok(host_container_create(host, "k", AT_KEYEXCHANGE, 0, NULL));
    assert_ok(host_container_create(host, "k", AT_SIGNATURE, 0, NULL));
    assert_ok(host_container_create(host, "e", AT_ECDSA_P384, 0, NULL));
    assert_ok(host_container_create(host, "e", AT_ECDHE_P521, 0, NULL));
    return 0;
}

static int teardown(void **state)
{
    host_end(host);
    host_close(host);
    return fakes_teardown(state);
}

static DWORD sign(const char *name, DWORD spec, enum host_signature kind, ALG_ID hash, DWORD salt,
                  size_t len, BYTE sig[256], size_t *ret_len)
{
    const struct host_sign_how how = { kind, hash, salt };
    BYTE *made = NULL;
    DWORD rc = host_sign_how(host, name, spec, &how, message, len, &made, ret_len);

    assert_true((rc == SCARD_S_SUCCESS) == (made != NULL));
    if (made != NULL)
        memcpy(sig, made, *ret_len);
    host_free(made, *ret_len);
    return rc;
}

static bool verify(EVP_PKEY *key, int padding, const char *hash, int salt, size_t len,
                   const BYTE *sig, size_t sig_len)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    EVP_MD *md = hash != NULL ? EVP_MD_fetch(NULL, hash, NULL) : NULL;
    bool ok = EVP_PKEY_verify_init(ctx) == 1 &&
              (padding == 0 || EVP_PKEY_CTX_set_rsa_padding(ctx, padding) == 1) &&
              (md == NULL || EVP_PKEY_CTX_set_signature_md(ctx, md) == 1) &&
              (padding != RSA_PKCS1_PSS_PADDING ||
               EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, salt) == 1) &&
              EVP_PKEY_verify(ctx, sig, sig_len, message, len) == 1;

    EVP_MD_free(md);
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

/* ---- what is refused, before the card is asked --------------------------------------------- */

static void what_cannot_fit_is_refused(void **state)
{
    BYTE sig[256];
    size_t len = 0;

    (void)state;
    assert_code(sign("k", 0, HOST_SIGN_PKCS1, CALG_SHA_256, 0, 31, sig, &len), NTE_BAD_HASH);
    assert_code(sign("k", 0, HOST_SIGN_PSS, CALG_SHA_256, 0, 33, sig, &len), NTE_BAD_HASH);
    assert_code(sign("k", 0, HOST_SIGN_PKCS1, CALG_AES, 0, 32, sig, &len), NTE_BAD_ALGID);
    assert_code(sign("k", 0, HOST_SIGN_PSS, 0, 0, 32, sig, &len), NTE_BAD_ALGID);
    assert_code(sign("k", 0, HOST_SIGN_PSS, CALG_SSL3_SHAMD5, 0, 36, sig, &len), NTE_BAD_ALGID);
    assert_code(sign("k", 0, HOST_SIGN_PSS, CALG_SHA_512, HOST_SALT_AS_HASH, 64, sig, &len),
                SCARD_E_INVALID_PARAMETER); /* 64 + 64 + 2 > 128 */
    assert_code(sign("k", 0, HOST_SIGN_PSS, CALG_SHA_256, BYTES - 33, 32, sig, &len),
                SCARD_E_INVALID_PARAMETER);
    assert_code(sign("k", 0, HOST_SIGN_PSS, CALG_SHA_256, 0xFFFFFFFE, 32, sig, &len),
                SCARD_E_INVALID_PARAMETER);
    assert_code(sign("k", 0, HOST_SIGN_RAW, 0, 0, 64, sig, &len), SCARD_E_INVALID_PARAMETER);
    assert_code(sign("k", 0, (enum host_signature)3, 0, 0, 64, sig, &len),
                SCARD_E_INVALID_PARAMETER);
    assert_code(sign("e", AT_SIGNATURE, HOST_SIGN_PKCS1, CALG_SHA_384, 0, 47, sig, &len),
                NTE_BAD_HASH);
    assert_int_equal(fakes.card->calls[FAKE_SIGN_DATA], 0);
    fakes.card->user = false;
    assert_code(sign("k", 0, HOST_SIGN_PSS, CALG_SHA_256, 0, 32, sig, &len),
                SCARD_W_SECURITY_VIOLATION);
}

static void long_input_is_refused(void **state)
{
    static BYTE data[4096];
    struct host_sign_how how = { HOST_SIGN_PKCS1, 0, 0 };
    BYTE *sig = NULL;
    size_t len = 0;

    (void)state;
    assert_code(host_sign_how(host, "k", 0, &how, data, BYTES - 10, &sig, &len),
                SCARD_E_INVALID_PARAMETER);
    assert_code(host_sign_how(host, "k", 0, &how, data, sizeof data, &sig, &len),
                SCARD_E_INVALID_PARAMETER);
    assert_code(host_sign_how(host, "k", 0, NULL, data, 32, &sig, &len), SCARD_E_INVALID_PARAMETER);
    assert_code(host_sign_how(host, "k", 0, &how, NULL, 32, &sig, &len), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(fakes.card->calls[FAKE_SIGN_DATA], 0);
}

/* A module that knows the first form of the structure alone still makes PKCS#1 signatures. */
static void old_modules_say_so(void **state)
{
    BYTE sig[256];
    size_t len = 0;

    (void)state;
    fakes.card->basic_signing = true;
    assert_code(sign("k", 0, HOST_SIGN_PSS, CALG_SHA_256, 0, 32, sig, &len),
                SCARD_E_UNSUPPORTED_FEATURE);
    assert_ok(sign("k", 0, HOST_SIGN_PKCS1, CALG_SHA_256, 0, 32, sig, &len));
    assert_ok(sign("e", 0, HOST_SIGN_PSS, CALG_SHA_256, 0, 32, sig, &len)); /* ECDSA */
}

static void answers_are_looked_at(void **state)
{
    static const enum host_signature kinds[] = { HOST_SIGN_PKCS1, HOST_SIGN_PSS };
    BYTE sig[256];
    size_t len = 0;

    (void)state;
    fakes.card->trick_call = FAKE_SIGN_DATA;
    for (enum fake_trick trick = FAKE_NULL_OUTPUT; trick <= FAKE_TOO_LONG; trick++) {
        fakes.card->trick = trick;
        for (size_t i = 0; i < 2; i++)
            assert_code(sign("k", 0, kinds[i], CALG_SHA_256, 0, 32, sig, &len),
                        SCARD_E_UNEXPECTED);
        assert_code(sign("e", 0, HOST_SIGN_PKCS1, CALG_SHA_256, 0, 32, sig, &len),
                    SCARD_E_UNEXPECTED);
    }
}

/* What host_sign_how would refuse is refused beforehand, and nothing is signed. */
static void fit_is_told_beforehand(void **state)
{
    static const struct {
        const char *name;
        struct host_sign_how how;
        size_t len;
        DWORD rc;
    } rows[] = {
        { "k", { HOST_SIGN_PKCS1, CALG_SHA_256, 0 }, 32, SCARD_S_SUCCESS },
        { "k", { HOST_SIGN_PKCS1, CALG_SHA_256, 0 }, 31, NTE_BAD_HASH },
        { "k", { HOST_SIGN_PKCS1, 0, 0 }, BYTES - 11, SCARD_S_SUCCESS },
        { "k", { HOST_SIGN_PKCS1, 0, 0 }, BYTES - 10, SCARD_E_INVALID_PARAMETER },
        { "k", { HOST_SIGN_PKCS1, 0, 0 }, 0, SCARD_E_INVALID_PARAMETER },
        { "k", { HOST_SIGN_PSS, CALG_SHA_512, HOST_SALT_AS_HASH }, 64, SCARD_E_INVALID_PARAMETER },
        { "k", { HOST_SIGN_PSS, CALG_SHA_512, BYTES - 66 }, 64, SCARD_S_SUCCESS },
        { "k", { HOST_SIGN_PSS, 0, 0 }, 32, NTE_BAD_ALGID },
        { "k", { HOST_SIGN_RAW, 0, 0 }, BYTES - 1, SCARD_E_INVALID_PARAMETER },
        { "k", { HOST_SIGN_RAW, 0, 0 }, BYTES, NTE_BAD_DATA },
        { "e", { HOST_SIGN_PKCS1, 0, 0 }, 66, SCARD_S_SUCCESS },
        { "e", { HOST_SIGN_PKCS1, 0, 0 }, 67, SCARD_E_INVALID_PARAMETER },
        { "e", { HOST_SIGN_PKCS1, 0, 0 }, 0, SCARD_E_INVALID_PARAMETER },
        { "x", { HOST_SIGN_PKCS1, CALG_SHA_256, 0 }, 32, SCARD_E_NO_KEY_CONTAINER },
    };
    BYTE data[BYTES];

    (void)state;
    memset(data, 0xFF, sizeof data);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_code(host_sign_check(host, rows[i].name, 0, &rows[i].how, data, rows[i].len),
                    rows[i].rc);
    data[0] = 0;
    assert_ok(host_sign_check(host, "k", 0, &rows[9].how, data, BYTES));
    assert_int_equal(fakes.card->calls[FAKE_SIGN_DATA], 0);
}

/* ---- what is signed ------------------------------------------------------------------------ */

static void pkcs1_has_every_hash(void **state)
{
    BYTE sig[256];
    size_t len = 0;

    (void)state;
    for (size_t i = 0; i < HASHES; i++) {
        for (DWORD spec = AT_KEYEXCHANGE; spec <= AT_SIGNATURE; spec++) {
            assert_ok(sign("k", spec, HOST_SIGN_PKCS1, hashes[i].id, 0, hashes[i].len, sig, &len));
            assert_int_equal(len, BYTES);
            assert_true(verify(spec == AT_SIGNATURE ? fakes.card->sig[0] : fakes.card->kx[0],
                               RSA_PKCS1_PADDING, hashes[i].name, 0, hashes[i].len, sig, len));
        }
    }
    /* without DigestInfo: TLS 1.0's 36 bytes by their name, anything up to 117 bytes by none */
    assert_ok(sign("k", 0, HOST_SIGN_PKCS1, CALG_SSL3_SHAMD5, 0, 36, sig, &len));
    assert_true(verify(fakes.card->kx[0], RSA_PKCS1_PADDING, NULL, 0, 36, sig, len));
    for (size_t n = 1; n <= 64; n += 9) {
        assert_ok(sign("k", 0, HOST_SIGN_PKCS1, 0, 0, n, sig, &len));
        assert_true(verify(fakes.card->kx[0], RSA_PKCS1_PADDING, NULL, 0, n, sig, len));
    }
}

static void pss_has_every_salt(void **state)
{
    static const DWORD salts[] = { 0, 1, 20, 47, HOST_SALT_AS_HASH };
    BYTE sig[256];
    size_t len = 0;

    (void)state;
    for (size_t i = 0; i < HASHES; i++) {
        for (size_t j = 0; j < 5; j++) {
            int salt = salts[j] == HOST_SALT_AS_HASH ? (int)hashes[i].len : (int)salts[j];

            if (hashes[i].len + (size_t)salt + 2 > BYTES)
                continue;
            assert_ok(sign("k", 0, HOST_SIGN_PSS, hashes[i].id, salts[j], hashes[i].len, sig,
                           &len));
            assert_true(verify(fakes.card->kx[0], RSA_PKCS1_PSS_PADDING, hashes[i].name, salt,
                               hashes[i].len, sig, len));
        }
    }
    assert_ok(sign("k", 0, HOST_SIGN_PSS, CALG_SHA_256, BYTES - 34, 32, sig, &len)); /* the most */
    assert_true(verify(fakes.card->kx[0], RSA_PKCS1_PSS_PADDING, "SHA256", BYTES - 34, 32, sig,
                       len));
}

static void raw_is_raw(void **state)
{
    const struct host_sign_how how = { HOST_SIGN_RAW, 0, 0 };
    BYTE block[BYTES] = { 0x00, 0x01, 0x22, 0x33 }, back[BYTES], *sig = NULL;
    size_t len = 0, back_len = sizeof back;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(fakes.card->sig[0], NULL);

    (void)state;
    block[BYTES - 1] = 0x44;
    assert_ok(host_sign_how(host, "k", AT_SIGNATURE, &how, block, BYTES, &sig, &len));
    assert_int_equal(len, BYTES);
    assert_int_equal(EVP_PKEY_encrypt_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING), 1);
    assert_int_equal(EVP_PKEY_encrypt(ctx, back, &back_len, sig, len), 1);
    assert_memory_equal(back, block, BYTES);
    host_free(sig, len);
    EVP_PKEY_CTX_free(ctx);
}

static void curves_sign_whatever_is_asked(void **state)
{
    BYTE sig[256];
    size_t len = 0;

    (void)state;
    for (enum host_signature kind = HOST_SIGN_PKCS1; kind <= HOST_SIGN_RAW; kind++) {
        assert_ok(sign("e", AT_SIGNATURE, kind, CALG_SHA_384, 0, 48, sig, &len));
        assert_true(verify(fakes.card->sig[1], 0, NULL, 0, 48, sig, len));
        assert_ok(sign("e", 0, kind, CALG_SHA_512, 0, 64, sig, &len)); /* the ECDHE key */
        assert_true(verify(fakes.card->kx[1], 0, NULL, 0, 64, sig, len));
    }
}

/* A map that is wrong about a key costs one more try, but never signs with another key. */
static void wrong_maps_do_not_matter(void **state)
{
    BYTE sig[256];
    size_t len = 0;
    BYTE *map = fakes.find("mscp", "cmapfile")->data;

    (void)state;
    map[82] = 0x80; /* the signature key: 1152 bits */
    map[86 + 82] = 0x00; /* a P-256 */
    map[86 + 83] = 0x01;
    fakes.find("", "cardcf")->data[2]++;
    host_end(host);
    begin_as_user(host);
    assert_ok(sign("k", AT_SIGNATURE, HOST_SIGN_PKCS1, CALG_SHA_256, 0, 32, sig, &len));
    assert_true(verify(fakes.card->sig[0], RSA_PKCS1_PADDING, "SHA256", 0, 32, sig, len));
    assert_ok(sign("e", AT_ECDSA_P384, HOST_SIGN_PKCS1, CALG_SHA_256, 0, 32, sig, &len));
    assert_true(verify(fakes.card->sig[1], 0, NULL, 0, 32, sig, len));
    EVP_PKEY_free(fakes.card->sig[0]);
    fakes.card->sig[0] = NULL;
    assert_code(sign("k", AT_SIGNATURE, HOST_SIGN_PKCS1, CALG_SHA_256, 0, 32, sig, &len),
                SCARD_E_NO_KEY_CONTAINER);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_cannot_fit_is_refused),
        TEST(fit_is_told_beforehand),
        TEST(long_input_is_refused),
        TEST(old_modules_say_so),
        TEST(answers_are_looked_at),
        TEST(pkcs1_has_every_hash),
        TEST(pss_has_every_salt),
        TEST(raw_is_raw),
        TEST(curves_sign_whatever_is_asked),
        TEST(wrong_maps_do_not_matter),
    };

    return cmocka_run_group_tests_name("host_signing", tests, NULL, NULL);
}
