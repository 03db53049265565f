/* SPDX-License-Identifier: MIT */
/* Certificate requests, and the enterprise roots. */
#include "tests/host/support.h"

#include <openssl/pkcs7.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct host *host;

static int setup(void **state)
{
    fakes_setup(state);
    host = open_new_card(0);
    begin_as_user(host);
    assert_ok(host_container_create(host, "rsa", AT_KEYEXCHANGE, 0, NULL));
    assert_ok(host_container_create(host, "ec", AT_ECDSA_P384, 0, NULL));
    assert_ok(host_container_create(host, "ec", AT_ECDHE_P256, 0, NULL));
    return 0;
}

static int teardown(void **state)
{
    host_end(host);
    host_close(host);
    return fakes_teardown(state);
}

/* ---- requests ------------------------------------------------------------------------------ */

static DWORD request(const char *name, DWORD spec, const char *subject, const char *alt_names,
                     ALG_ID hash, X509_REQ **ret)
{
    struct host_error err = { 0 };
    BYTE *der = NULL;
    const unsigned char *at;
    size_t len = 0;
    DWORD rc = host_cert_request(host, name, spec, subject, alt_names, hash, &der, &len, &err);

    assert_int_equal(err.code, rc);
    assert_true((rc == SCARD_S_SUCCESS) == (err.says[0] == '\0'));
    if (rc != SCARD_S_SUCCESS) {
        assert_null(der);
        return rc;
    }
    at = der;
    *ret = d2i_X509_REQ(NULL, &at, (long)len);
    assert_non_null(*ret);
    assert_ptr_equal(at, der + len);
    host_free(der, len);
    return rc;
}

static void bad_names_are_refused(void **state)
{
    static char long_one[2000];
    static const char *const subjects[] = {
        "", "/", "CN", "CN=", "=Ada", "XX=Ada", "CN=Ada,", "CN=Ada,,O=x", "/CN=Ada//O=x",
        "C=Sweden", "CN=\xC3", "CN=Ada\\", "CN=a\\00b",
        "CN=12345678901234567890123456789012345678901234567890123456789012345", /* of 64 */
    };
    static const char *const alt_names[] = {
        "", "DNS:", "dns:a", "a.example", "DNS:a,", "email:copy", "email:a b@c", "DNS:\xC3\xA4.se",
        "UPN:ada", "UPN:\xFF@x", "IP:1.2.3.4", "otherName:1.2.3;UTF8:x", "dirName:section",
    };
    X509_REQ *req = NULL;

    (void)state;
    memset(long_one, 'a', sizeof long_one - 1);
    memcpy(long_one, "CN=", 3);
    for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++)
        assert_code(request("rsa", 0, subjects[i], NULL, 0, &req), CRYPT_E_INVALID_X500_STRING);
    for (size_t i = 0; i < sizeof alt_names / sizeof alt_names[0]; i++)
        assert_code(request("rsa", 0, "CN=Ada", alt_names[i], 0, &req),
                    CRYPT_E_INVALID_X500_STRING);
    assert_code(request("rsa", 0, long_one, NULL, 0, &req), CRYPT_E_INVALID_X500_STRING);
    assert_code(request("rsa", 0, "CN=Ada", long_one, 0, &req), CRYPT_E_INVALID_X500_STRING);
    assert_code(request("rsa", 0, NULL, NULL, 0, &req), CRYPT_E_INVALID_X500_STRING);
    assert_int_equal(fakes.card->calls[FAKE_SIGN_DATA], 0);
}

static void errors_say_which_part(void **state)
{
    struct host_error err = { 0 };
    BYTE *der = NULL;
    size_t len = 0;

    (void)state;
    (void)host_cert_request(host, "rsa", 0, "CN=Ada,XX=y", NULL, 0, &der, &len, &err);
    assert_non_null(strstr(err.says, "'XX'"));
    (void)host_cert_request(host, "rsa", 0, "CN=Ada,Engines", NULL, 0, &der, &len, &err);
    assert_non_null(strstr(err.says, "'Engines'"));
    (void)host_cert_request(host, "rsa", 0, "C=Sweden", NULL, 0, &der, &len, &err);
    assert_non_null(strstr(err.says, "Sweden"));
}

static void bad_keys_are_refused(void **state)
{
    X509_REQ *req = NULL;

    (void)state;
    assert_code(request("none", 0, "CN=Ada", NULL, 0, &req), SCARD_E_NO_KEY_CONTAINER);
    assert_code(request("rsa", AT_SIGNATURE, "CN=Ada", NULL, 0, &req), NTE_NO_KEY);
    assert_code(request("rsa", 0, "CN=Ada", NULL, CALG_AES, &req), NTE_BAD_ALGID);
    assert_code(request("rsa", 0, "CN=Ada", NULL, CALG_SSL3_SHAMD5, &req), NTE_BAD_ALGID);
    assert_code(request("ec", 0, "CN=Ada", NULL, CALG_MD5, &req), NTE_BAD_ALGID);
    fakes.card->user = false;
    assert_code(request("rsa", 0, "CN=Ada", NULL, 0, &req), SCARD_W_SECURITY_VIOLATION);
    fakes.card->user = true;
}

/* The key signs, but it is not the one that the card shows. */
static void wrong_signatures_are_noticed(void **state)
{
    X509_REQ *req = NULL;
    void *key = fakes.card->kx[0];
    struct host_container found;
    BYTE *der = NULL;
    size_t len = 0;

    (void)state;
    assert_ok(host_public_key(host, "rsa", 0, &der, &len)); /* it is in the cache */
    host_free(der, len);
    assert_ok(host_container_find(host, "rsa", &found));
    fakes.card->kx[0] = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
    assert_code(request("rsa", 0, "CN=Ada", NULL, 0, &req), NTE_BAD_SIGNATURE);
    EVP_PKEY_free(fakes.card->kx[0]);
    fakes.card->kx[0] = key;
}

static void requests_verify(void **state)
{
    static const struct {
        const char *name;
        DWORD spec;
        ALG_ID hash;
        int signature; /* NID */
    } rows[] = {
        { "rsa", 0, 0, NID_sha256WithRSAEncryption },
        { "rsa", AT_KEYEXCHANGE, CALG_SHA1, NID_sha1WithRSAEncryption },
        { "rsa", 0, CALG_SHA_384, NID_sha384WithRSAEncryption },
        { "rsa", 0, CALG_SHA_512, NID_sha512WithRSAEncryption },
        { "ec", AT_SIGNATURE, 0, NID_ecdsa_with_SHA384 },
        { "ec", AT_ECDSA_P384, CALG_SHA_256, NID_ecdsa_with_SHA256 },
        { "ec", 0, 0, NID_ecdsa_with_SHA256 }, /* the ECDHE key signs its own request */
    };
    X509_REQ *req = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const X509_ALGOR *algorithm = NULL;
        int parameters = 0;
        EVP_PKEY *key = rows[i].name[0] == 'r' ? fakes.card->kx[0]
                        : rows[i].spec == 0    ? fakes.card->kx[1]
                                               : fakes.card->sig[1];

        assert_ok(request(rows[i].name, rows[i].spec, "CN=Ada", NULL, rows[i].hash, &req));
        assert_int_equal(X509_REQ_get_signature_nid(req), rows[i].signature);
        assert_int_equal(X509_REQ_verify(req, key), 1);
        assert_int_equal(EVP_PKEY_eq(X509_REQ_get0_pubkey(req), key), 1);
        assert_int_equal(X509_REQ_get_version(req), X509_REQ_VERSION_1);
        X509_REQ_get0_signature(req, NULL, &algorithm);
        X509_ALGOR_get0(NULL, &parameters, NULL, algorithm);
        assert_int_equal(parameters, rows[i].name[0] == 'r' ? V_ASN1_NULL : V_ASN1_UNDEF);
        X509_REQ_free(req);
    }
}

static void check_subject(const char *subject, const char *want)
{
    X509_REQ *req = NULL;
    BIO *bio = BIO_new(BIO_s_mem());
    char *at;
    size_t len;

    assert_ok(request("ec", 0, subject, NULL, 0, &req));
    X509_NAME_print_ex(bio, X509_REQ_get_subject_name(req), 0,
                       (XN_FLAG_ONELINE & ~XN_FLAG_SPC_EQ & ~ASN1_STRFLGS_ESC_MSB) |
                           ASN1_STRFLGS_UTF8_CONVERT);
    len = (size_t)BIO_get_mem_data(bio, &at);
    assert_int_equal(len, strlen(want));
    assert_memory_equal(at, want, len);
    BIO_free(bio);
    X509_REQ_free(req);
}

static void subjects_are_read(void **state)
{
    (void)state;
    check_subject("CN=Ada", "CN=Ada");
    check_subject("/CN=Ada/O=Engines/C=GB", "CN=Ada, O=Engines, C=GB");
    check_subject("CN=Ada, O = Engines ,C=GB", "CN=Ada, O=Engines, C=GB");
    check_subject("DC=org,DC=example,CN=a/b", "DC=org, DC=example, CN=a/b");
    check_subject("CN=Lovelace\\, Ada,O=x", "CN=\"Lovelace, Ada\", O=x");
    check_subject("CN=Lovelace\\2C Ada", "CN=\"Lovelace, Ada\"");
    check_subject("/CN=a\\/b/E=ada@example.org", "CN=a/b, emailAddress=ada@example.org");
    check_subject("CN=\xC3\x85sa", "CN=\xC3\x85sa");
    check_subject("2.5.4.3=Ada", "CN=Ada");
}

static void alt_names_are_read(void **state)
{
    static const struct {
        int type;
        const char *value;
    } want[] = {
        { GEN_DNS, "a.example" },
        { GEN_EMAIL, "ada@example.org" },
        { GEN_OTHERNAME, "ada@REALM" },
    };
    STACK_OF(X509_EXTENSION) *all;
    GENERAL_NAMES *names;
    X509_REQ *req = NULL;

    (void)state;
    assert_ok(request("rsa", 0, "CN=Ada", "DNS:a.example, email:ada@example.org,UPN:ada@REALM", 0,
                      &req));
    all = X509_REQ_get_extensions(req);
    names = X509V3_get_d2i(all, NID_subject_alt_name, NULL, NULL);
    assert_int_equal(sk_GENERAL_NAME_num(names), 3);
    for (int i = 0; i < 3; i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        const ASN1_STRING *text;
        int type = 0;

        if (want[i].type == GEN_OTHERNAME) {
            assert_int_equal(OBJ_obj2nid(name->d.otherName->type_id), NID_ms_upn);
            assert_int_equal(name->d.otherName->value->type, V_ASN1_UTF8STRING);
            text = name->d.otherName->value->value.utf8string;
            type = name->type;
        } else {
            text = GENERAL_NAME_get0_value(name, &type);
        }
        assert_int_equal(type, want[i].type);
        assert_int_equal(ASN1_STRING_length(text), strlen(want[i].value));
        assert_memory_equal(ASN1_STRING_get0_data(text), want[i].value, strlen(want[i].value));
    }
    sk_GENERAL_NAME_pop_free(names, GENERAL_NAME_free);
    sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
    X509_REQ_free(req);
}

/* ---- roots --------------------------------------------------------------------------------- */

#define ROOTS 3
static unsigned char *certs[ROOTS];
static size_t lens[ROOTS];

static int make_roots(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROOTS; i++) {
        EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");

        lens[i] = (size_t)make_cert(key, 0, &certs[i]);
        EVP_PKEY_free(key);
    }
    return 0;
}

static int free_roots(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROOTS; i++)
        OPENSSL_free(certs[i]);
    return 0;
}

/* What is on the card, by the host and by libcrypto alone. */
static void check_roots(const size_t *which, size_t n)
{
    const struct fake_file *file = fakes.find("mscp", "msroots");
    const unsigned char *at = file->data;
    PKCS7 *p7 = d2i_PKCS7(NULL, &at, (long)file->len);
    struct host_root *list = NULL;
    size_t count = 0;

    assert_non_null(p7);
    assert_true(PKCS7_type_is_signed(p7));
    assert_int_equal(sk_PKCS7_SIGNER_INFO_num(p7->d.sign->signer_info), 0);
    assert_int_equal(p7->d.sign->cert != NULL ? sk_X509_num(p7->d.sign->cert) : 0, n);
    assert_ok(host_roots(host, &list, &count));
    assert_int_equal(count, n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(list[i].len, lens[which[i]]);
        assert_memory_equal(list[i].der, certs[which[i]], list[i].len);
    }
    host_roots_free(list, count);
    PKCS7_free(p7);
}

static void fingerprint(size_t which, const char *hash, char ret[65])
{
    BYTE digest[32];
    size_t len = 0;

    assert_int_equal(EVP_Q_digest(NULL, hash, NULL, certs[which], lens[which], digest, &len), 1);
    for (size_t i = 0; i < len; i++)
        snprintf(ret + 2 * i, 3, "%02X", digest[i]);
}

static void damaged_roots_are_left_alone(void **state)
{
    static const BYTE no_content[] = { 0x30, 0x0B, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D,
                                       0x01, 0x07, 0x02 };
    struct host_root *list = NULL;
    size_t count = 0, len;
    BYTE copy[4096], *der = NULL;

    (void)state;
    assert_ok(host_roots_add(host, certs[0], lens[0]));
    len = fakes.find("mscp", "msroots")->len;
    memcpy(copy, fakes.find("mscp", "msroots")->data, len);
    for (size_t n = 1; n < len + 3; n++) {
        if (n == len)
            continue;
        if (n == len + 1) /* something behind it */
            copy[len] = 1;
        if (n == len + 2) /* a signedData that holds nothing */
            memcpy(copy, no_content, sizeof no_content);
        fakes.set_file("mscp", "msroots", copy, n == len + 2 ? sizeof no_content : n);
        remember_card();
        assert_code(host_roots(host, &list, &count), NTE_BAD_DATA);
        assert_code(host_roots_add(host, certs[1], lens[1]), NTE_BAD_DATA);
        assert_code(host_roots_remove(host, "00"), NTE_BAD_DATA);
        assert_code(host_roots_pkcs7(host, &der, &len), NTE_BAD_DATA);
        assert_unchanged();
    }
    assert_null(list);
    assert_null(der);
}

static void wrong_roots_are_refused(void **state)
{
    char sha256[65] = "";

    (void)state;
    assert_ok(host_roots_add(host, certs[0], lens[0]));
    assert_ok(host_roots_add(host, certs[1], lens[1]));
    fingerprint(2, "SHA256", sha256);
    remember_card();
    assert_code(host_roots_add(host, certs[0], lens[0]), ERROR_FILE_EXISTS);
    assert_code(host_roots_add(host, certs[2], lens[2] - 1), CRYPT_E_ASN1_ERROR);
    assert_code(host_roots_add(host, certs[2], 0), CRYPT_E_ASN1_ERROR);
    assert_code(host_roots_add(host, (const BYTE *)"nonsense", 8), CRYPT_E_ASN1_ERROR);
    assert_code(host_roots_add(host, NULL, 8), SCARD_E_INVALID_PARAMETER);
    assert_code(host_roots_remove(host, sha256), SCARD_E_NO_SUCH_CERTIFICATE);
    assert_code(host_roots_remove(host, "xyz"), SCARD_E_INVALID_PARAMETER);
    assert_code(host_roots_remove(host, ""), SCARD_E_INVALID_PARAMETER);
    assert_code(host_roots_remove(host, NULL), SCARD_E_INVALID_PARAMETER);
    assert_unchanged();
    fakes.card->user = false;
    assert_code(host_roots_add(host, certs[2], lens[2]), SCARD_W_SECURITY_VIOLATION);
    assert_unchanged();
}

static void roots_come_and_go(void **state)
{
    struct host_root *list = NULL;
    char print[65] = "", colons[100] = "";
    size_t count = 7, len = 0;
    BYTE *der = NULL;
    unsigned files;

    (void)state;
    assert_ok(host_roots(host, &list, &count)); /* no file */
    assert_int_equal(count, 0);
    host_roots_free(list, count);
    files = fakes.find("", "cardcf")->data[4];
    for (size_t i = 0; i < ROOTS; i++)
        assert_ok(host_roots_add(host, certs[i], lens[i]));
    assert_int_equal(fakes.find("", "cardcf")->data[4], files + ROOTS);
    assert_int_equal(fakes.find("mscp", "msroots")->access, EveryoneReadUserWriteAc);
    check_roots((const size_t[]){ 0, 1, 2 }, 3);
    assert_ok(host_roots_pkcs7(host, &der, &len));
    assert_int_equal(len, fakes.find("mscp", "msroots")->len);
    assert_memory_equal(der, fakes.find("mscp", "msroots")->data, len);
    host_free(der, len);
    fingerprint(1, "SHA1", print);
    for (size_t i = 0; i < 20; i++)
        snprintf(colons + 3 * i, 4, "%.2s%s", print + 2 * i, i < 19 ? ":" : "");
    assert_ok(host_roots_remove(host, colons));
    check_roots((const size_t[]){ 0, 2 }, 2);
    fingerprint(0, "SHA256", print);
    print[20] = '\0';
    assert_ok(host_roots_remove(host, print));
    check_roots((const size_t[]){ 2 }, 1);
    fingerprint(2, "SHA256", print);
    assert_ok(host_roots_remove(host, print));
    check_roots(NULL, 0);
}

/* As many beginnings as it takes until one fits two. */
static void short_fingerprints_may_fit_two(void **state)
{
    char beginning[2] = "", print[65] = "";
    unsigned seen[256] = { 0 }, all = 0;

    (void)state;
    for (unsigned n = 0; n < 17; n++) { /* 17 certificates, 16 first digits */
        EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
        unsigned char *der;
        size_t len = (size_t)make_cert(key, 0, &der), digest_len = 0;
        BYTE digest[32];

        assert_ok(host_roots_add(host, der, len));
        assert_int_equal(EVP_Q_digest(NULL, "SHA256", NULL, der, len, digest, &digest_len), 1);
        snprintf(print, sizeof print, "%02x", digest[0]);
        if (seen[(BYTE)print[0]]++ > 0)
            beginning[0] = print[0];
        all++;
        OPENSSL_free(der);
        EVP_PKEY_free(key);
    }
    assert_int_equal(all, 17);
    assert_code(host_roots_remove(host, beginning), ERROR_TOO_MANY_NAMES);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bad_names_are_refused),
        TEST(errors_say_which_part),
        TEST(bad_keys_are_refused),
        TEST(wrong_signatures_are_noticed),
        TEST(requests_verify),
        TEST(subjects_are_read),
        TEST(alt_names_are_read),
        TEST(damaged_roots_are_left_alone),
        TEST(wrong_roots_are_refused),
        TEST(roots_come_and_go),
        TEST(short_fingerprints_may_fit_two),
    };

    return cmocka_run_group_tests_name("host_request", tests, make_roots, free_roots);
}
