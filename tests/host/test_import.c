/* SPDX-License-Identifier: MIT */
/* Private keys imported, and two keys in one container. */
#include "tests/host/support.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#define PASSWORD "correct horse"

static struct host *host;
static EVP_PKEY *rsa, *p256, *p384, *p521;

static int setup(void **state)
{
    fakes_setup(state);
    host = open_new_card(0);
    host->policy.AllowPrivateSignatureKeyImport = host->policy.AllowPrivateExchangeKeyImport =
        host->policy.AllowPrivateECDHEKeyImport = host->policy.AllowPrivateECDSAKeyImport = true;
    begin_as_user(host);
    return 0;
}

static int teardown(void **state)
{
    host_end(host);
    host_close(host);
    return fakes_teardown(state);
}

/* ---- keys in files ------------------------------------------------------------------------- */

struct file {
    BYTE *bytes;
    size_t len;
};

static struct file take(BIO *bio)
{
    char *at = NULL;
    long len = BIO_get_mem_data(bio, &at);
    struct file file = { malloc((size_t)len + 1), (size_t)len };

    assert_true(len > 0);
    memcpy(file.bytes, at, file.len);
    BIO_free(bio);
    return file;
}

enum form { DER_PKCS8, PEM_PKCS8, DER_OLD, PEM_OLD, DER_LOCKED, PEM_LOCKED, PEM_OLD_LOCKED, FORMS };

static struct file encode(EVP_PKEY *key, enum form form)
{
    BIO *bio = BIO_new(BIO_s_mem());
    const EVP_CIPHER *lock = form >= DER_LOCKED ? EVP_aes_256_cbc() : NULL;
    const unsigned char *password = lock != NULL ? (const unsigned char *)PASSWORD : NULL;
    int len = lock != NULL ? (int)strlen(PASSWORD) : 0, ok;

    switch (form) {
    case DER_PKCS8:
    case DER_LOCKED:
        ok = i2d_PKCS8PrivateKey_bio(bio, key, lock, (const char *)password, len, NULL, NULL);
        break;
    case DER_OLD:
        ok = i2d_PrivateKey_bio(bio, key);
        break;
    case PEM_OLD:
    case PEM_OLD_LOCKED:
        ok = PEM_write_bio_PrivateKey_traditional(bio, key, lock, password, len, NULL, NULL);
        break;
    default:
        ok = PEM_write_bio_PrivateKey(bio, key, lock, password, len, NULL, NULL);
    }
    assert_int_equal(ok, 1);
    return take(bio);
}

static DWORD import(const char *name, DWORD spec, struct file file, const char *password,
                    struct host_container *ret)
{
    struct host_error err = { 0 };
    DWORD rc = host_container_import(host, name, spec, file.bytes, file.len, password, ret, &err);

    assert_int_equal(err.code, rc);
    assert_true((rc == SCARD_S_SUCCESS) == (err.says[0] == '\0'));
    free(file.bytes);
    return rc;
}

/* The private half too. */
static bool same(void *key, EVP_PKEY *want)
{
    const char *secret = EVP_PKEY_is_a(want, "RSA") ? OSSL_PKEY_PARAM_RSA_D
                                                    : OSSL_PKEY_PARAM_PRIV_KEY;
    BIGNUM *a = NULL, *b = NULL;
    bool equal = key != NULL && EVP_PKEY_eq(key, want) == 1 &&
                 EVP_PKEY_get_bn_param(key, secret, &a) == 1 &&
                 EVP_PKEY_get_bn_param(want, secret, &b) == 1 && BN_cmp(a, b) == 0;

    BN_free(a);
    BN_free(b);
    return equal;
}

/* ---- what is refused ----------------------------------------------------------------------- */

static void broken_files_change_nothing(void **state)
{
    struct file file;
    unsigned refused = 0;

    (void)state;
    remember_card();
    for (enum form form = DER_PKCS8; form < FORMS; form++) {
        size_t whole;

        file = encode(p256, form);
        whole = file.len;
        free(file.bytes);
        for (size_t len = 0; len + 2 < whole; len += 7, refused++) { /* a PEM needs no newline */
            DWORD rc;

            file = encode(p256, form);
            file.len = len;
            rc = import("k", 0, file, PASSWORD, NULL);
            assert_true(rc == NTE_BAD_KEY || rc == ERROR_INVALID_PASSWORD);
        }
    }
    assert_true(refused > 100);
    assert_int_equal(fakes.card->calls[FAKE_CREATE_CONTAINER], 0);
    assert_unchanged();
}

static void passwords_are_needed(void **state)
{
    (void)state;
    remember_card();
    for (enum form form = DER_LOCKED; form < FORMS; form++) {
        assert_code(import("k", 0, encode(rsa, form), NULL, NULL), ERROR_INVALID_PASSWORD);
        assert_code(import("k", 0, encode(rsa, form), "wrong", NULL), ERROR_INVALID_PASSWORD);
        assert_code(import("k", 0, encode(rsa, form), "", NULL), ERROR_INVALID_PASSWORD);
    }
    assert_unchanged();
}

/* The key, with one of its numbers changed by two. */
static EVP_PKEY *bend(EVP_PKEY *key, const char *which)
{
    OSSL_PARAM *params = NULL, *at;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    EVP_PKEY *bent = NULL;

    assert_int_equal(EVP_PKEY_todata(key, EVP_PKEY_KEYPAIR, &params), 1);
    at = OSSL_PARAM_locate(params, which);
    assert_non_null(at);
    ((BYTE *)at->data)[0] ^= 2;
    assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
    (void)EVP_PKEY_fromdata(ctx, &bent, EVP_PKEY_KEYPAIR, params);
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    return bent;
}

static void numbers_must_belong_together(void **state)
{
    static const char *const numbers[] = {
        OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,   OSSL_PKEY_PARAM_RSA_FACTOR2,
        OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT2,
        OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
    };
    EVP_PKEY *bent;

    (void)state;
    remember_card();
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        bent = bend(rsa, numbers[i]);
        assert_non_null(bent);
        assert_code(import("k", 0, encode(bent, DER_PKCS8), NULL, NULL), NTE_BAD_KEY);
        EVP_PKEY_free(bent);
    }
    bent = bend(p256, OSSL_PKEY_PARAM_PRIV_KEY);
    assert_non_null(bent);
    assert_code(import("k", 0, encode(bent, PEM_PKCS8), NULL, NULL), NTE_BAD_KEY);
    EVP_PKEY_free(bent);
    assert_int_equal(fakes.card->calls[FAKE_CREATE_CONTAINER], 0);
    assert_unchanged();
}

static EVP_PKEY *three_primes(void)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    EVP_PKEY *key = NULL;

    assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 1024), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_primes(ctx, 3), 1);
    assert_int_equal(EVP_PKEY_generate(ctx, &key), 1);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static void other_keys_are_refused(void **state)
{
    EVP_PKEY *keys[] = {
        EVP_PKEY_Q_keygen(NULL, NULL, "EC", "secp256k1"),
        EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-224"),
        EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)512),
        EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1032),
        EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048), /* more than the fake takes */
        EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"),
        three_primes(),
    };
    static const DWORD codes[] = { NTE_BAD_LEN, NTE_BAD_LEN, NTE_BAD_LEN, NTE_BAD_LEN,
                                   NTE_BAD_LEN, NTE_BAD_KEY, NTE_BAD_KEY };

    (void)state;
    remember_card();
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        assert_code(import("k", 0, encode(keys[i], PEM_PKCS8), NULL, NULL), codes[i]);
        EVP_PKEY_free(keys[i]);
    }
    assert_code(import("k", AT_ECDSA_P256, encode(rsa, DER_OLD), NULL, NULL), NTE_BAD_KEY);
    assert_code(import("k", AT_ECDSA_P384, encode(p256, DER_OLD), NULL, NULL), NTE_BAD_KEY);
    assert_code(import("k", 9, encode(rsa, DER_OLD), NULL, NULL), SCARD_E_INVALID_PARAMETER);
    assert_code(import("a\\b", 0, encode(rsa, DER_OLD), NULL, NULL), SCARD_E_INVALID_PARAMETER);
    assert_unchanged();
}

/* Nothing of a card that refuses is changed; nor when it fails on the way. */
static void refusals_change_nothing(void **state)
{
    static const struct {
        enum fake_call call;
        unsigned most;
    } calls[] = {
        { FAKE_CREATE_CONTAINER, 1 }, { FAKE_GET_CONTAINER_INFO, 2 }, { FAKE_QUERY_FREE_SPACE, 1 },
        { FAKE_QUERY_KEY_SIZES, 1 },
    };

    (void)state;
    remember_card();
    fakes.card->no_room = true;
    assert_code(import("k", 0, encode(p256, DER_OLD), NULL, NULL), SCARD_E_NO_MEMORY);
    fakes.card->no_room = false;
    fakes.card->no_import = true;
    assert_code(import("k", 0, encode(p256, DER_OLD), NULL, NULL), SCARD_E_UNSUPPORTED_FEATURE);
    fakes.card->no_import = false;
    fakes.card->user = false;
    assert_code(import("k", 0, encode(p256, DER_OLD), NULL, NULL), SCARD_W_SECURITY_VIOLATION);
    fakes.card->user = true;
    assert_unchanged();
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        for (unsigned n = 0; n < calls[i].most; n++) {
            fakes.card->fault = (struct fake_fault){ calls[i].call, n, SCARD_E_UNEXPECTED, false };
            assert_code(import("k", 0, encode(p256, DER_OLD), NULL, NULL), SCARD_E_UNEXPECTED);
            fakes.card->fault.rc = 0;
            assert_null(fakes.card->kx[0]);
            assert_int_equal(fakes.find("mscp", "cmapfile")->len, 0);
        }
    }
}

static void another_key_is_noticed(void **state)
{
    struct host_container found;

    (void)state;
    fakes.card->alters_import = true;
    assert_code(import("k", 0, encode(p256, DER_OLD), NULL, NULL), SCARD_E_UNEXPECTED);
    assert_code(import("k", 0, encode(rsa, DER_OLD), NULL, NULL), SCARD_E_UNEXPECTED);
    assert_null(fakes.card->kx[0]);
    assert_code(host_container_find(host, "k", &found), SCARD_E_NO_KEY_CONTAINER);
}

static void policies_forbid(void **state)
{
    static const DWORD specs[] = { AT_KEYEXCHANGE, AT_SIGNATURE, AT_ECDSA_P256, AT_ECDHE_P256 };
    struct host_policy *policy = &host->policy;
    bool *const rules[] = { &policy->AllowPrivateExchangeKeyImport,
                            &policy->AllowPrivateSignatureKeyImport,
                            &policy->AllowPrivateECDSAKeyImport,
                            &policy->AllowPrivateECDHEKeyImport };

    (void)state;
    remember_card();
    for (size_t i = 0; i < 4; i++) {
        *rules[i] = false;
        assert_code(import("k", specs[i], encode(i < 2 ? rsa : p256, DER_OLD), NULL, NULL),
                    SCARD_W_SECURITY_VIOLATION);
        *rules[i] = true;
    }
    policy->RequireOnCardPrivateKeyGen = true;
    assert_code(import("k", 0, encode(rsa, DER_OLD), NULL, NULL), SCARD_W_SECURITY_VIOLATION);
    assert_int_equal(fakes.card->calls[FAKE_CREATE_CONTAINER], 0);
    assert_unchanged();
}

static DWORD check(const char *name, DWORD spec, EVP_PKEY *key, enum form form,
                   const char *password)
{
    struct file file = encode(key, form);
    struct host_error err = { 0 };
    DWORD rc = host_container_import_check(host, name, spec, file.bytes, file.len, password, &err);

    assert_int_equal(err.code, rc);
    free(file.bytes);
    return rc;
}

/* All but the import itself, for nobody in particular. */
static void what_is_checked_beforehand(void **state)
{
    EVP_PKEY *big = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);

    (void)state;
    fakes.card->user = false;
    remember_card();
    assert_ok(check("k", 0, rsa, DER_OLD, NULL));
    assert_ok(check("k", AT_SIGNATURE, p256, PEM_LOCKED, PASSWORD));
    assert_code(check("k", 0, p256, PEM_LOCKED, NULL), ERROR_INVALID_PASSWORD);
    assert_code(check("k", 0, big, DER_OLD, NULL), NTE_BAD_LEN); /* more than the fake takes */
    assert_code(check("k", AT_ECDSA_P256, rsa, DER_OLD, NULL), NTE_BAD_KEY);
    assert_code(check("a\\b", 0, rsa, DER_OLD, NULL), SCARD_E_INVALID_PARAMETER);
    fakes.card->rsa_step = 128;
    assert_ok(check("k", 0, rsa, DER_OLD, NULL));
    EVP_PKEY_free(big);
    big = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1088);
    assert_code(check("k", 0, big, DER_OLD, NULL), NTE_BAD_LEN);
    EVP_PKEY_free(big);
    host->policy.AllowPrivateExchangeKeyImport = false;
    assert_code(check("k", 0, rsa, DER_OLD, NULL), SCARD_W_SECURITY_VIOLATION);
    assert_int_equal(fakes.card->calls[FAKE_CREATE_CONTAINER], 0);
    assert_unchanged();
}

/* ---- what is taken ------------------------------------------------------------------------- */

static void all_forms_are_read(void **state)
{
    struct host_container made;

    (void)state;
    for (enum form form = DER_PKCS8; form < FORMS; form++) {
        for (unsigned i = 0; i < 2; i++) {
            EVP_PKEY *key = i == 0 ? rsa : p384;
            const char *password = form >= DER_LOCKED ? PASSWORD : NULL;

            assert_ok(import("k", 0, encode(key, form), password, &made));
            assert_int_equal(made.kx_bits, i == 0 ? 1024 : 384);
            assert_true(same(fakes.card->kx[0], key));
            assert_ok(host_container_delete(host, "k"));
        }
    }
}

static void each_kind_goes_to_its_slot(void **state)
{
    const struct {
        DWORD spec;
        EVP_PKEY *key;
        WORD bits;
        bool exchange;
    } rows[] = {
        { AT_KEYEXCHANGE, rsa, 1024, true },  { AT_SIGNATURE, rsa, 1024, false },
        { AT_ECDHE_P256, p256, 256, true },   { AT_ECDSA_P256, p256, 256, false },
        { AT_ECDHE_P384, p384, 384, true },   { AT_ECDSA_P384, p384, 384, false },
        { AT_ECDHE_P521, p521, 521, true },   { AT_ECDSA_P521, p521, 521, false },
        { 0, rsa, 1024, true },               { 0, p521, 521, true },
    };
    struct host_container made;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_ok(import(NULL, rows[i].spec, encode(rows[i].key, PEM_PKCS8), NULL, &made));
        assert_int_equal(strlen(made.name), 36);
        assert_int_equal(rows[i].exchange ? made.kx_bits : made.sig_bits, rows[i].bits);
        assert_int_equal(rows[i].exchange ? made.sig_bits : made.kx_bits, 0);
        assert_true(same(rows[i].exchange ? fakes.card->kx[0] : fakes.card->sig[0], rows[i].key));
        assert_ok(host_container_delete(host, made.name));
    }
}

static void two_keys_share_a_container(void **state)
{
    static const BYTE cert[] = "left over";
    struct host_container made;
    const BYTE *map;
    void *kx;

    (void)state;
    assert_ok(host_container_create(host, "both", AT_KEYEXCHANGE, 0, &made)); /* by policy */
    assert_int_equal(made.kx_bits, 1024);
    kx = fakes.card->kx[0];
    fakes.set_file("mscp", "kxc00", cert, sizeof cert);
    fakes.set_file("mscp", "ksc00", cert, sizeof cert);
    assert_ok(import("both", AT_SIGNATURE, encode(rsa, PEM_OLD), NULL, &made));
    assert_int_equal(made.index, 0);
    assert_int_equal(made.kx_bits, 1024);
    assert_int_equal(made.sig_bits, 1024);
    assert_true(made.is_default);
    assert_true(made.kx_cert);
    assert_false(made.sig_cert); /* not of this key */
    assert_ptr_equal(fakes.card->kx[0], kx);
    assert_true(same(fakes.card->sig[0], rsa));
    map = fakes.find("mscp", "cmapfile")->data;
    assert_int_equal(fakes.find("mscp", "cmapfile")->len, 86);
    assert_memory_equal(map + 80, "\3\0\0\4\0\4", 6);
    remember_card();
    assert_code(import("both", AT_SIGNATURE, encode(rsa, PEM_OLD), NULL, &made),
                ERROR_FILE_EXISTS);
    assert_code(host_container_create(host, "both", AT_ECDHE_P256, 0, &made), ERROR_FILE_EXISTS);
    assert_unchanged();
    assert_ok(host_container_create(host, "two", AT_ECDSA_P384, 0, NULL));
    assert_ok(host_container_create(host, "two", AT_ECDHE_P521, 0, &made));
    assert_int_equal(made.index, 1);
    assert_int_equal(made.sig_bits, 384);
    assert_int_equal(made.kx_bits, 521);
    assert_ok(host_container_delete(host, "both"));
    assert_null(fakes.card->sig[0]);
    assert_null(fakes.card->kx[0]);
    assert_null(fakes.find("mscp", "kxc00"));
}

/* The map cannot be written after the key was added: the key stays, by its kind it is found. */
static void added_key_outlives_the_map(void **state)
{
    struct host_container found;
    BYTE *der = NULL;
    size_t len = 0;

    (void)state;
    assert_ok(import("k", AT_ECDHE_P256, encode(p256, DER_OLD), NULL, NULL));
    fakes.card->fault = (struct fake_fault){ FAKE_WRITE_FILE, 1, SCARD_E_WRITE_TOO_MANY, false };
    assert_code(import("k", AT_ECDSA_P384, encode(p384, DER_OLD), NULL, NULL),
                SCARD_E_WRITE_TOO_MANY);
    assert_true(same(fakes.card->kx[0], p256));
    assert_ok(host_container_find(host, "k", &found));
    assert_int_equal(found.sig_bits, 0);
    assert_ok(host_public_key(host, "k", AT_ECDSA_P384, &der, &len));
    host_free(der, len);
    assert_code(import("k", AT_ECDSA_P384, encode(p384, DER_OLD), NULL, NULL), ERROR_FILE_EXISTS);
}

/* ---- the default, and keys beside the map -------------------------------------------------- */

static void default_is_set(void **state)
{
    struct host_container found;
    unsigned writes;

    (void)state;
    assert_ok(host_container_create(host, "a", AT_SIGNATURE, 0, NULL));
    assert_ok(host_container_create(host, "b", AT_SIGNATURE, 0, NULL));
    assert_code(host_container_set_default(host, "c"), SCARD_E_NO_KEY_CONTAINER);
    assert_ok(host_container_set_default(host, "b"));
    assert_ok(host_container_find(host, NULL, &found));
    assert_string_equal(found.name, "b");
    assert_ok(host_container_find(host, "a", &found));
    assert_false(found.is_default);
    writes = fakes.card->calls[FAKE_WRITE_FILE];
    assert_ok(host_container_set_default(host, "1"));
    assert_int_equal(fakes.card->calls[FAKE_WRITE_FILE], writes); /* it is */
    assert_ok(host_container_delete(host, "b"));
    assert_ok(host_container_set_default(host, "a"));
    assert_ok(host_container_find(host, NULL, &found));
    assert_string_equal(found.name, "a");
}

static size_t list(struct host_container ret[FAKE_CONTAINERS])
{
    struct host_container *all = NULL;
    size_t count = 0;

    assert_ok(host_containers(host, &all, &count));
    assert_true(count <= FAKE_CONTAINERS);
    memcpy(ret, all, count * sizeof *all);
    host_free(all, count * sizeof *all);
    return count;
}

static void keys_beside_the_map_are_listed(void **state)
{
    struct host_container all[FAKE_CONTAINERS];
    unsigned looks;

    (void)state;
    fakes.card->tells_free = true;
    assert_ok(host_container_create(host, "a", AT_SIGNATURE, 0, NULL));
    assert_ok(host_container_create(host, "b", AT_SIGNATURE, 0, NULL));
    looks = fakes.card->calls[FAKE_GET_CONTAINER_INFO];
    assert_int_equal(list(all), 2);
    assert_int_equal(fakes.card->calls[FAKE_GET_CONTAINER_INFO], looks); /* none is missing */
    memset(fakes.find("mscp", "cmapfile")->data, 0, 86);
    fakes.find("", "cardcf")->data[2]++;
    host_end(host);
    begin_as_user(host);
    for (unsigned again = 0; again < 2; again++) {
        assert_int_equal(list(all), 2);
        assert_int_equal(all[0].index, 0);
        assert_string_equal(all[0].name, "");
        assert_int_equal(all[0].sig_bits, 1024);
        assert_string_equal(all[1].name, "b");
    }
    assert_int_equal(fakes.card->calls[FAKE_GET_CONTAINER_INFO], looks + 1);
    assert_code(host_container_set_default(host, "0"), SCARD_E_NO_KEY_CONTAINER);
    assert_ok(host_container_delete(host, "0"));
    assert_int_equal(list(all), 1);
}

static int make_keys(void **state)
{
    (void)state;
    rsa = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
    p256 = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    p384 = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384");
    p521 = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-521");
    return p521 != NULL ? 0 : -1;
}

static int free_keys(void **state)
{
    (void)state;
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(p256);
    EVP_PKEY_free(p384);
    EVP_PKEY_free(p521);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(broken_files_change_nothing),
        TEST(passwords_are_needed),
        TEST(numbers_must_belong_together),
        TEST(other_keys_are_refused),
        TEST(refusals_change_nothing),
        TEST(another_key_is_noticed),
        TEST(policies_forbid),
        TEST(what_is_checked_beforehand),
        TEST(all_forms_are_read),
        TEST(each_kind_goes_to_its_slot),
        TEST(two_keys_share_a_container),
        TEST(added_key_outlives_the_map),
        TEST(default_is_set),
        TEST(keys_beside_the_map_are_listed),
    };

    return cmocka_run_group_tests_name("host_import", tests, make_keys, free_keys);
}
