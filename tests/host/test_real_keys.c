/* SPDX-License-Identifier: MIT */
/*
 * Keys on our own module, the software reader and a software card: imported, two in a container,
 * agreed, signing with each padding, requests, roots; refusals first, after which the card has to
 * be what it was, byte for byte. Another process, this program started again, keeps a cache of it.
 */
#include "tests/host/real.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static struct host *host;

static struct host *open_host(DWORD version)
{
    struct host_policy policy = host_policy_default();
    struct host_options options = { .module = MODULE, .pcsc = COUNTING_PCSC, .policy = &policy,
                                    .version = version };
    struct host_error err = { 0 };
    struct host *opened = NULL;

    policy.TransactionTimeoutMilliseconds = 0;
    policy.AllowPrivateSignatureKeyImport = policy.AllowPrivateExchangeKeyImport =
        policy.AllowPrivateECDHEKeyImport = policy.AllowPrivateECDSAKeyImport = true;
    if (host_open(&options, &opened, &err) != SCARD_S_SUCCESS)
        fail_msg("%s", err.says);
    return opened;
}

static void login(void)
{
    assert_ok(host_begin(host));
    assert_ok(host_login(host, real_pin, sizeof real_pin, NULL));
}

static int setup(void **state)
{
    (void)state;
    host = open_host(0);
    login();
    return 0;
}

/* Whatever became of the test: the next one must find the card free, and empty. */
static int teardown(void **state)
{
    struct host_container *list = NULL;
    char number[4];
    size_t n = 0;

    (void)state;
    host_close(host);
    host = open_host(0);
    login();
    (void)host_containers(host, &list, &n);
    for (size_t i = 0; i < n; i++) {
        snprintf(number, sizeof number, "%u", list[i].index);
        (void)host_container_delete(host, number);
    }
    host_free(list, n * sizeof *list);
    host_close(host);
    return 0;
}

/* ---- the card, byte for byte --------------------------------------------------------------- */

struct dump {
    BYTE bytes[65536];
    size_t len;
};

static void append(struct dump *dump, const void *bytes, size_t len)
{
    assert_true(len <= sizeof dump->bytes - dump->len);
    if (len != 0)
        memcpy(dump->bytes + dump->len, bytes, len);
    dump->len += len;
}

/* By a host of its own, that has nothing in a cache. */
static void dump_card(struct dump *ret, bool with_cardcf)
{
    struct host *other;
    struct host_file *files = NULL;
    char path[20], number[4];
    BYTE *data = NULL;
    size_t n = 0, len = 0;

    host_end(host);
    other = open_host(0);
    ret->len = 0;
    assert_ok(host_begin(other));
    assert_ok(host_login(other, real_pin, sizeof real_pin, NULL));
    assert_ok(host_files(other, &files, &n));
    for (size_t i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s%s%s", files[i].dir, files[i].dir[0] != '\0' ? "/" : "",
                 files[i].name);
        append(ret, path, strlen(path) + 1);
        append(ret, &files[i].access, sizeof files[i].access);
        assert_ok(host_file_read(other, path, &data, &len));
        if (with_cardcf || strcmp(path, "cardcf") != 0)
            append(ret, data, len);
        host_free(data, len);
    }
    host_free(files, n * sizeof *files);
    for (unsigned i = 0; i < 32; i++) {
        snprintf(number, sizeof number, "%u", i);
        for (DWORD spec = AT_KEYEXCHANGE; spec <= AT_SIGNATURE; spec++) {
            if (host_public_key(other, number, spec, &data, &len) != SCARD_S_SUCCESS)
                continue;
            append(ret, data, len);
            host_free(data, len);
        }
    }
    host_end(other);
    host_close(other);
    login();
}

static struct dump before, after;

static void assert_same(bool with_cardcf)
{
    dump_card(&after, with_cardcf);
    assert_int_equal(after.len, before.len);
    assert_memory_equal(after.bytes, before.bytes, before.len);
}

/* ---- import -------------------------------------------------------------------------------- */

static DWORD import(const char *name, DWORD spec, EVP_PKEY *key, const char *password)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *at = NULL;
    long len;
    DWORD rc;

    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, key, EVP_aes_256_cbc(), "secret", 6, NULL,
                                                   NULL),
                     1);
    len = BIO_get_mem_data(bio, &at);
    rc = host_container_import(host, name, spec, (BYTE *)at, (size_t)len, password, NULL, NULL);
    BIO_free(bio);
    return rc;
}

static EVP_PKEY *rsa(size_t bits)
{
    return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", bits);
}

static EVP_PKEY *ec(const char *group)
{
    return EVP_PKEY_Q_keygen(NULL, NULL, "EC", group);
}

static void refused_keys_change_nothing(void **state)
{
    EVP_PKEY *good = ec("P-256"), *other = ec("secp256k1"), *small = rsa(1024);

    (void)state;
    assert_ok(import("old", AT_ECDHE_P256, good, "secret"));
    dump_card(&before, true);
    assert_code(import("k", 0, good, "wrong"), ERROR_INVALID_PASSWORD);
    assert_code(import("k", 0, good, NULL), ERROR_INVALID_PASSWORD);
    assert_code(import("k", AT_ECDHE_P384, good, "secret"), NTE_BAD_KEY);
    assert_code(import("k", 0, other, "secret"), NTE_BAD_LEN);
    assert_code(import("old", AT_KEYEXCHANGE, small, "secret"), ERROR_FILE_EXISTS);
    assert_code(host_container_import(host, "k", 0, (const BYTE *)"x", 1, NULL, NULL, NULL),
                NTE_BAD_KEY);
    assert_code(host_container_create(host, "k", AT_KEYEXCHANGE, 2047, NULL),
                SCARD_E_INVALID_PARAMETER);
    assert_same(true);
    host_end(host);
    assert_ok(host_begin(host)); /* nobody is authenticated */
    assert_code(import("k", 0, good, "secret"), SCARD_W_SECURITY_VIOLATION);
    assert_code(host_container_create(host, "k", AT_ECDSA_P256, 0, NULL),
                SCARD_W_SECURITY_VIOLATION);
    host_end(host);
    login();
    assert_same(true);
    EVP_PKEY_free(good);
    EVP_PKEY_free(other);
    EVP_PKEY_free(small);
}

static void full_cards_change_nothing(void **state)
{
    EVP_PKEY *key = ec("P-256");
    DWORD rc = SCARD_S_SUCCESS;
    unsigned made = 0;

    (void)state;
    while (made < 40 && rc == SCARD_S_SUCCESS) {
        rc = import(NULL, AT_ECDSA_P256, key, "secret");
        made += rc == SCARD_S_SUCCESS;
    }
    print_message("     %u containers, then %s\n", made, host_code_name(rc));
    assert_true(made > 4);
    dump_card(&before, true);
    assert_code(import(NULL, AT_ECDSA_P256, key, "secret"), SCARD_E_NO_MEMORY);
    assert_code(host_container_create(host, "more", AT_ECDSA_P256, 0, NULL), SCARD_E_NO_MEMORY);
    assert_same(true);
    EVP_PKEY_free(key);
}

static bool pss_verifies(EVP_PKEY *key, int padding, int salt, const BYTE *digest, const BYTE *sig,
                         size_t len)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    bool ok = EVP_PKEY_verify_init(ctx) == 1 &&
              (padding == 0 || EVP_PKEY_CTX_set_rsa_padding(ctx, padding) == 1) &&
              EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1 &&
              (padding != RSA_PKCS1_PSS_PADDING ||
               EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, salt) == 1) &&
              EVP_PKEY_verify(ctx, sig, len, digest, 32) == 1;

    EVP_PKEY_CTX_free(ctx);
    return ok;
}

static void check_raw(const char *name, DWORD spec, EVP_PKEY *key)
{
    const struct host_sign_how how = { HOST_SIGN_RAW, 0, 0 };
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    size_t width = (size_t)EVP_PKEY_get_size(key), len = 0, back_len = width;
    BYTE block[512] = { 0, 1, 2, 3 }, back[512], *sig = NULL;

    assert_ok(host_sign_how(host, name, spec, &how, block, width, &sig, &len));
    assert_int_equal(EVP_PKEY_encrypt_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING), 1);
    assert_int_equal(EVP_PKEY_encrypt(ctx, back, &back_len, sig, len), 1);
    assert_memory_equal(back, block, width);
    host_free(sig, len);
    EVP_PKEY_CTX_free(ctx);
}

/* With the key that was imported, libcrypto verifies what the card signs. */
static void check_signatures(const char *name, DWORD spec, EVP_PKEY *key)
{
    static const struct {
        struct host_sign_how how;
        int padding, salt;
    } rows[] = {
        { { HOST_SIGN_PKCS1, CALG_SHA_256, 0 }, RSA_PKCS1_PADDING, 0 },
        { { HOST_SIGN_PSS, CALG_SHA_256, HOST_SALT_AS_HASH }, RSA_PKCS1_PSS_PADDING, 32 },
        { { HOST_SIGN_PSS, CALG_SHA_256, 0 }, RSA_PKCS1_PSS_PADDING, 0 },
        { { HOST_SIGN_PSS, CALG_SHA_256, 77 }, RSA_PKCS1_PSS_PADDING, 77 },
    };
    BYTE digest[32] = { 1, 2, 3 }, *sig = NULL;
    bool is_rsa = EVP_PKEY_is_a(key, "RSA");
    size_t len = 0;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_ok(host_sign_how(host, name, spec, &rows[i].how, digest, 32, &sig, &len));
        assert_true(pss_verifies(key, is_rsa ? rows[i].padding : 0, rows[i].salt, digest, sig,
                                 len));
        host_free(sig, len);
    }
    if (is_rsa)
        check_raw(name, spec, key);
}

static const struct kind {
    DWORD spec;
    const char *group; /* NULL: RSA */
    size_t bits;
} kinds[] = {
    { AT_KEYEXCHANGE, NULL, 2048 },     { AT_SIGNATURE, NULL, 1024 },
    { AT_ECDSA_P256, "P-256", 256 },    { AT_ECDSA_P384, "P-384", 384 },
    { AT_ECDSA_P521, "P-521", 521 },    { AT_ECDHE_P256, "P-256", 256 },
    { AT_ECDHE_P384, "P-384", 384 },    { AT_ECDHE_P521, "P-521", 521 },
};
#define KINDS (sizeof kinds / sizeof kinds[0])

static void imported_keys_sign(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        EVP_PKEY *key = kinds[i].group != NULL ? ec(kinds[i].group) : rsa(kinds[i].bits);
        struct host_container found;

        real_exchanges();
        assert_ok(import("sch\xC3\xB6n", kinds[i].spec, key, "secret"));
        print_message("%4u exchanges: import, %s %zu\n", real_exchanges(),
                      kinds[i].group != NULL ? "EC" : "RSA", kinds[i].bits);
        assert_ok(host_container_find(host, NULL, &found));
        assert_string_equal(found.name, "sch\xC3\xB6n");
        assert_int_equal(found.kx_bits + found.sig_bits, kinds[i].bits);
        check_signatures("sch\xC3\xB6n", kinds[i].spec, key);
        assert_ok(host_container_delete(host, "sch\xC3\xB6n"));
        EVP_PKEY_free(key);
    }
}

static EVP_PKEY *public_of(const char *name, DWORD spec)
{
    const unsigned char *at;
    BYTE *der = NULL;
    size_t len = 0;
    EVP_PKEY *key;

    assert_ok(host_public_key(host, name, spec, &der, &len));
    at = der;
    key = d2i_PUBKEY(NULL, &at, (long)len);
    assert_non_null(key);
    host_free(der, len);
    return key;
}

static void two_keys_live_in_a_container(void **state)
{
    EVP_PKEY *imported = ec("P-384"), *made;
    struct host_container found;

    (void)state;
    assert_ok(host_container_create(host, "both", AT_KEYEXCHANGE, 0, &found)); /* by policy */
    assert_int_equal(found.kx_bits, 1024);
    made = public_of("both", 0);
    assert_ok(import("both", AT_ECDSA_P384, imported, "secret"));
    assert_code(import("both", AT_ECDSA_P384, imported, "secret"), ERROR_FILE_EXISTS);
    assert_ok(host_container_find(host, "both", &found));
    assert_int_equal(found.kx_bits, 1024);
    assert_int_equal(found.sig_bits, 384);
    check_signatures("both", AT_KEYEXCHANGE, made);
    check_signatures("both", AT_ECDSA_P384, imported);
    EVP_PKEY_free(made);
    EVP_PKEY_free(imported);
    assert_ok(host_container_create(host, "next", AT_ECDSA_P256, 0, &found));
    assert_ok(host_container_create(host, "next", AT_ECDHE_P521, 0, &found));
    assert_int_equal(found.index, 1);
    assert_ok(host_container_set_default(host, "next"));
    assert_ok(host_container_delete(host, "both"));
    assert_ok(host_container_find(host, NULL, &found));
    assert_string_equal(found.name, "next");
    assert_int_equal(found.sig_bits, 256);
    assert_int_equal(found.kx_bits, 521);
}

/* ---- key agreement ------------------------------------------------------------------------- */

static size_t secret(EVP_PKEY *own, EVP_PKEY *other, BYTE z[66])
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(own, NULL);
    size_t len = 66;

    assert_int_equal(EVP_PKEY_derive_init(ctx), 1);
    assert_int_equal(EVP_PKEY_derive_set_peer(ctx, other), 1);
    assert_int_equal(EVP_PKEY_derive(ctx, z, &len), 1);
    EVP_PKEY_CTX_free(ctx);
    return len;
}

#define SPAN(text) { (const BYTE *)(text), sizeof(text) - 1 }
#define SEED "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void check_derived(struct host_agreement *made, const struct host_derive *how,
                          const BYTE *want, size_t want_len)
{
    BYTE *key = NULL;
    size_t len = 0;

    assert_ok(host_derive(made, how, &key, &len));
    assert_int_equal(len, want_len);
    assert_memory_equal(key, want, len);
    host_free(key, len);
}

static void by_kdf(const char *name, const char *key_name, const char *text_name, const char *text,
                   const BYTE *z, size_t z_len, BYTE *out, size_t len)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, name, NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    char hash[] = "SHA256";
    OSSL_PARAM params[4] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, hash, 0),
        OSSL_PARAM_construct_octet_string(key_name, (void *)(uintptr_t)z, z_len),
        OSSL_PARAM_construct_octet_string(text_name, (void *)(uintptr_t)text, strlen(text)),
        OSSL_PARAM_construct_end(),
    };

    assert_int_equal(EVP_KDF_derive(ctx, out, len, params), 1);
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
}

static void check_agreement(struct host_agreement *made, const BYTE *z, size_t z_len)
{
    const struct host_derive hash = { .kdf = HOST_KDF_HASH, .hash = CALG_SHA_512,
                                      .prepend = SPAN("before") };
    const struct host_derive hmac = { .kdf = HOST_KDF_HMAC, .hash = CALG_SHA_256 };
    const struct host_derive prf = { .kdf = HOST_KDF_TLS_PRF, .label = SPAN("label"),
                                     .seed = SPAN(SEED), .tls_version = 0x0303 };
    const struct host_derive concat = { .kdf = HOST_KDF_SP800_56A, .hash = CALG_SHA_256,
                                        .algorithm_id = SPAN("a"), .party_u = SPAN("u"),
                                        .party_v = SPAN("v"), .key_bits = 640 };
    BYTE text[80], want[80];
    size_t len = 0;

    memcpy(text, "before", 6);
    memcpy(text + 6, z, z_len);
    assert_int_equal(EVP_Q_digest(NULL, "SHA512", NULL, text, 6 + z_len, want, &len), 1);
    check_derived(made, &hash, want, 64);
    assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, z, z_len, z, z_len, want,
                              sizeof want, &len));
    check_derived(made, &hmac, want, 32);
    by_kdf("TLS1-PRF", OSSL_KDF_PARAM_SECRET, OSSL_KDF_PARAM_SEED, "label" SEED, z, z_len, want,
           48);
    check_derived(made, &prf, want, 48);
    by_kdf("SSKDF", OSSL_KDF_PARAM_KEY, OSSL_KDF_PARAM_INFO, "auv", z, z_len, want, 80);
    check_derived(made, &concat, want, 80);
}

static void curves_agree(void **state)
{
    static const DWORD versions[] = { 5, 6, 7 };
    const struct host_derive plain = { .kdf = HOST_KDF_HASH };

    (void)state;
    for (size_t i = 5; i < KINDS; i++) {
        EVP_PKEY *peer = ec(kinds[i].group), *own;
        struct host_agreement *made = NULL;
        unsigned char *der = NULL;
        int len = i2d_PUBKEY(peer, &der);
        BYTE z[66], *key = NULL;
        size_t z_len, key_len = 0;

        host_end(host);
        host_close(host);
        host = open_host(versions[i - 5]);
        login();
        assert_ok(host_container_create(host, "k", kinds[i].spec, 0, NULL));
        own = public_of("k", 0);
        z_len = secret(peer, own, z);
        assert_ok(host_agree(host, "k", der, (size_t)len, &made));
        check_agreement(made, z, z_len);
        host_end(host);
        assert_code(host_derive(made, &plain, &key, &key_len), SCARD_W_SECURITY_VIOLATION);
        login();
        check_agreement(made, z, z_len); /* it lives on */
        host_agreement_free(made);
        assert_code(host_agree(host, "k", der, (size_t)len - 1, &made), NTE_BAD_PUBLIC_KEY);
        assert_ok(host_container_delete(host, "k"));
        OPENSSL_free(der);
        EVP_PKEY_free(own);
        EVP_PKEY_free(peer);
    }
}

/* ---- enrolment ----------------------------------------------------------------------------- */

static void requests_verify(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        const unsigned char *at;
        BYTE *der = NULL;
        size_t len = 0;
        EVP_PKEY *key;
        X509_REQ *req;

        assert_ok(host_container_create(host, "k", kinds[i].spec,
                                        kinds[i].group != NULL ? 0 : 1024, NULL));
        key = public_of("k", kinds[i].spec);
        assert_ok(host_cert_request(host, "k", kinds[i].spec, "CN=Ada,O=Engines", "UPN:ada@X", 0,
                                    &der, &len, NULL));
        at = der;
        req = d2i_X509_REQ(NULL, &at, (long)len);
        assert_non_null(req);
        assert_int_equal(X509_REQ_verify(req, key), 1);
        X509_REQ_free(req);
        EVP_PKEY_free(key);
        host_free(der, len);
        assert_ok(host_container_delete(host, "k"));
    }
}

/* A certificate of the key, with that serial number. */
static unsigned char *certify(EVP_PKEY *key, long serial, size_t *ret_len)
{
    EVP_PKEY *issuer = ec("P-256");
    X509 *cert = X509_new();
    unsigned char *der = NULL;

    X509_set_version(cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), serial);
    X509_gmtime_adj(X509_getm_notBefore(cert), 0);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_set_pubkey(cert, key);
    assert_true(X509_sign(cert, issuer, EVP_sha256()) > 0);
    *ret_len = (size_t)i2d_X509(cert, &der);
    X509_free(cert);
    EVP_PKEY_free(issuer);
    return der;
}

static void wrong_certificates_change_nothing(void **state)
{
    EVP_PKEY *key, *other = ec("P-256");
    unsigned char *der;
    size_t len = 0;

    (void)state;
    assert_ok(host_container_create(host, "k", AT_ECDSA_P256, 0, NULL));
    key = public_of("k", 0);
    dump_card(&before, true);
    der = certify(other, 1, &len);
    assert_code(host_cert_write(host, "k", 0, der, len), NTE_BAD_PUBLIC_KEY);
    OPENSSL_free(der);
    der = certify(key, 1, &len);
    assert_code(host_cert_write(host, "k", 0, der, len - 1), CRYPT_E_ASN1_ERROR);
    assert_code(host_cert_write(host, "k", AT_KEYEXCHANGE, der, len), NTE_NO_KEY);
    assert_code(host_roots_add(host, der, len - 1), CRYPT_E_ASN1_ERROR);
    assert_same(true);
    OPENSSL_free(der);
    EVP_PKEY_free(key);
    EVP_PKEY_free(other);
}

/* No room for a certificate, or for roots: all files but the counters are as they were. */
static void full_files_change_nothing(void **state)
{
    static BYTE fill[32768], noise[36000];
    EVP_PKEY *key;
    unsigned char *der;
    size_t len = 0, step = sizeof fill, there = 0;
    char name[] = "mscp/fill0";
    DWORD rc = SCARD_S_SUCCESS;

    (void)state;
    assert_ok(host_container_create(host, "k", AT_ECDSA_P256, 0, NULL));
    key = public_of("k", 0);
    der = certify(key, 1, &len);
    for (; step >= 16 && name[9] < '9' + 1; step = rc == SCARD_S_SUCCESS ? step : step / 2) {
        rc = host_file_write(host, name, fill, step, EveryoneReadUserWriteAc);
        if (rc == SCARD_S_SUCCESS) {
            name[9]++;
            there++;
        }
    }
    print_message("     full with %zu files: %s\n", there, host_code_name(rc));
    assert_code(rc, SCARD_E_WRITE_TOO_MANY);
    dump_card(&before, false);
    assert_code(host_cert_write(host, "k", 0, der, len), SCARD_E_WRITE_TOO_MANY);
    assert_code(host_roots_add(host, der, len), SCARD_E_WRITE_TOO_MANY);
    assert_code(host_file_write(host, "mscp/fill0", noise, sizeof noise,
                                EveryoneReadUserWriteAc), SCARD_E_WRITE_TOO_MANY);
    assert_same(false);
    while (there-- > 0) {
        name[9] = (char)('0' + there);
        assert_ok(host_file_remove(host, name));
    }
    OPENSSL_free(der);
    EVP_PKEY_free(key);
}

static void roots_are_kept(void **state)
{
    EVP_PKEY *key = ec("P-256");
    unsigned char *der[2];
    struct host_root *list = NULL;
    size_t len[2], count = 0;
    BYTE damaged[] = { 0x30, 0x03, 0x01 }, *back = NULL;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        der[i] = certify(key, (long)i + 5, &len[i]);
        assert_ok(host_roots_add(host, der[i], len[i]));
    }
    assert_code(host_roots_add(host, der[1], len[1]), ERROR_FILE_EXISTS);
    assert_ok(host_roots(host, &list, &count));
    assert_int_equal(count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(list[i].len, len[i]);
        assert_memory_equal(list[i].der, der[i], len[i]);
        OPENSSL_free(der[i]);
    }
    host_roots_free(list, count);
    assert_ok(host_file_write(host, "mscp/msroots", damaged, 3, EveryoneReadUserWriteAc));
    dump_card(&before, true);
    assert_code(host_roots_pkcs7(host, &back, &count), NTE_BAD_DATA);
    assert_code(host_roots_remove(host, "ab"), NTE_BAD_DATA);
    assert_same(true);
    assert_ok(host_file_remove(host, "mscp/msroots"));
    EVP_PKEY_free(key);
}

/* ---- another process ----------------------------------------------------------------------- */

/* At each line it gets, it tells the length of the certificate and its last byte, or a code. It
 * keeps its cache all the time. */
static int other_process(void)
{
    struct host_policy policy = host_policy_default();
    struct host_options options = { .module = MODULE, .pcsc = COUNTING_PCSC, .policy = &policy };
    struct host *other = NULL;
    char line[16];

    policy.TransactionTimeoutMilliseconds = 0;
    if (host_open(&options, &other, NULL) != SCARD_S_SUCCESS)
        return 1;
    while (fgets(line, sizeof line, stdin) != NULL) {
        BYTE *der = NULL;
        size_t len = 0;
        DWORD rc = host_cert_read(other, "shared", 0, &der, &len);

        printf("%s %zu %u\n", host_code_name(rc), len, len > 0 ? der[len - 1] : 0u);
        fflush(stdout);
        host_free(der, len);
    }
    host_close(other);
    return 0;
}

struct other {
    pid_t pid;
    FILE *to, *from;
};

static struct other start_other(void)
{
    char self[] = "/proc/self/exe", action[] = "reads";
    char *argv[] = { self, action, NULL };
    posix_spawn_file_actions_t actions;
    struct other other = { 0 };
    int to[2], from[2];

    assert_int_equal(pipe(to), 0);
    assert_int_equal(pipe(from), 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], 0);
    posix_spawn_file_actions_adddup2(&actions, from[1], 1);
    for (int i = 0; i < 2; i++) {
        posix_spawn_file_actions_addclose(&actions, to[i]);
        posix_spawn_file_actions_addclose(&actions, from[i]);
    }
    assert_int_equal(posix_spawn(&other.pid, self, &actions, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(to[0]);
    close(from[1]);
    other.to = fdopen(to[1], "w");
    other.from = fdopen(from[0], "r");
    return other;
}

/* What the other process sees; we leave the card to it meanwhile. */
static void other_sees(struct other *other, const char *code, size_t len, unsigned last)
{
    char want[80], got[80] = "";

    host_end(host);
    fputs("read\n", other->to);
    fflush(other->to);
    assert_non_null(fgets(got, sizeof got, other->from));
    snprintf(want, sizeof want, "%s %zu %u\n", code, len, last);
    assert_string_equal(got, want);
    login();
}

static void certificates_reach_other_processes(void **state)
{
    struct other other;
    EVP_PKEY *key;
    int status = 0;

    (void)state;
    assert_ok(host_container_create(host, "shared", AT_ECDHE_P256, 0, NULL));
    key = public_of("shared", 0);
    other = start_other();
    other_sees(&other, "SCARD_E_NO_SUCH_CERTIFICATE", 0, 0);
    for (long serial = 1; serial < 4; serial++) {
        size_t len = 0;
        unsigned char *der = certify(key, serial, &len);

        assert_ok(host_cert_write(host, "shared", 0, der, len));
        other_sees(&other, "SCARD_S_SUCCESS", len, der[len - 1]);
        other_sees(&other, "SCARD_S_SUCCESS", len, der[len - 1]);
        OPENSSL_free(der);
    }
    assert_ok(host_container_delete(host, "shared"));
    other_sees(&other, "SCARD_E_NO_KEY_CONTAINER", 0, 0);
    fclose(other.to);
    fclose(other.from);
    assert_int_equal(waitpid(other.pid, &status, 0), other.pid);
    assert_int_equal(status, 0);
    EVP_PKEY_free(key);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(refused_keys_change_nothing),
        TEST(full_cards_change_nothing),
        TEST(wrong_certificates_change_nothing),
        TEST(full_files_change_nothing),
        TEST(imported_keys_sign),
        TEST(two_keys_live_in_a_container),
        TEST(curves_agree),
        TEST(requests_verify),
        TEST(roots_are_kept),
        TEST(certificates_reach_other_processes),
    };

    if (argc > 1 && strcmp(argv[1], "reads") == 0)
        return other_process();
    return cmocka_run_group_tests_name("host_real_keys", tests, real_setup, real_teardown);
}
