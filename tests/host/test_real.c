/* SPDX-License-Identifier: MIT */
/*
 * The host on our own module, the software reader and a software card: the whole way down, with
 * its exchanges counted. The numbers are printed, and bounded where a promise stands behind them.
 */
#include "tests/host/real.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#define pin       real_pin
#define exchanges real_exchanges
#define reset_at  real_reset_at

/* Gives the card back at once: there are several hosts in turn. */
static struct host *open_host(DWORD version)
{
    return real_open(NULL, version, 0);
}

static void login(struct host *host)
{
    assert_ok(host_begin(host));
    assert_ok(host_login(host, pin, sizeof pin, NULL));
}

static unsigned count(const char *what)
{
    unsigned n = exchanges();

    print_message("%4u exchanges: %s\n", n, what);
    return n;
}

/* ---- what it does -------------------------------------------------------------------------- */

static void card_is_introduced(void **state)
{
    struct host_info info;
    struct host *host;

    (void)state;
    exchanges();
    host = open_host(0);
    count("host_open");
    assert_ok(host_info(host, &info));
    count("host_info");
    assert_true(info.has_card_id);
    assert_int_equal(info.version, 7);
    assert_true(info.key_generation);
    assert_int_equal(info.rsa.dwMaximumBitlen % 1024, 0);
    host_close(host);
    assert_int_equal(count("host_close"), 0);
}

static void wrong_pin_is_told(void **state)
{
    struct host *host = open_host(0);
    DWORD left = 0;

    (void)state;
    assert_ok(host_begin(host));
    assert_code(host_login(host, (const BYTE *)"000000", 6, &left), SCARD_W_WRONG_CHV);
    assert_int_equal(left, 2);
    assert_ok(host_login(host, pin, sizeof pin, &left));
    host_end(host);
    assert_code(host_file_write(host, "note", pin, 1, EveryoneReadUserWriteAc),
                SCARD_W_SECURITY_VIOLATION);
    host_close(host);
}

static void files_come_and_go(void **state)
{
    struct host *host = open_host(0);
    struct host_file *files = NULL;
    BYTE big[3000], *back = NULL;
    size_t len = 0, n = 0;

    (void)state;
    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (BYTE)(i * 7);
    login(host);
    exchanges();
    assert_ok(host_file_write(host, "mscp/big", big, sizeof big, UserReadWriteAc));
    count("host_file_write, new, 3000 bytes");
    assert_ok(host_file_read(host, "mscp/big", &back, &len));
    count("host_file_read, 3000 bytes");
    assert_int_equal(len, sizeof big);
    assert_memory_equal(back, big, len);
    host_free(back, len);
    assert_ok(host_files(host, &files, &n));
    count("host_files, 5 files");
    assert_int_equal(n, 5); /* cardid, cardcf, cardapps, cmapfile, big */
    host_free(files, n * sizeof *files);
    assert_ok(host_file_remove(host, "mscp/big"));
    count("host_file_remove");
    assert_code(host_file_read(host, "mscp/big", &back, &len), SCARD_E_FILE_NOT_FOUND);
    host_end(host);
    host_close(host);
}

static EVP_PKEY *load_public(struct host *host, const char *name)
{
    const unsigned char *at;
    BYTE *der = NULL;
    size_t len = 0;
    EVP_PKEY *key;

    assert_ok(host_public_key(host, name, 0, &der, &len));
    at = der;
    key = d2i_PUBKEY(NULL, &at, (long)len);
    assert_non_null(key);
    host_free(der, len);
    return key;
}

static void check_signature(struct host *host, const char *name, EVP_PKEY *key)
{
    BYTE digest[32] = { 5 }, *sig = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    size_t len = 0;

    assert_ok(host_sign(host, name, 0, CALG_SHA_256, digest, sizeof digest, &sig, &len));
    assert_int_equal(EVP_PKEY_verify_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()), 1);
    assert_int_equal(EVP_PKEY_verify(ctx, sig, len, digest, sizeof digest), 1);
    EVP_PKEY_CTX_free(ctx);
    host_free(sig, len);
}

static void check_decryption(struct host *host, const char *name, EVP_PKEY *key,
                             enum host_padding padding, const char *hash)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    BYTE cipher[256], *plain = NULL;
    size_t cipher_len = sizeof cipher, len = 0;

    assert_int_equal(EVP_PKEY_encrypt_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(
                         ctx, hash != NULL ? RSA_PKCS1_OAEP_PADDING : RSA_PKCS1_PADDING),
                     1);
    if (hash != NULL)
        assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md_name(ctx, hash, NULL), 1);
    assert_int_equal(EVP_PKEY_encrypt(ctx, cipher, &cipher_len, pin, sizeof pin), 1);
    EVP_PKEY_CTX_free(ctx);
    assert_ok(host_decrypt(host, name, padding, cipher, cipher_len, &plain, &len));
    assert_int_equal(len, sizeof pin);
    assert_memory_equal(plain, pin, len);
    host_free(plain, len);
}

/* A certificate for the card's key, signed by a key of our own. */
static int make_cert(EVP_PKEY *key, unsigned char **ret)
{
    EVP_PKEY *issuer = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    X509 *cert = X509_new();
    int len;

    X509_set_version(cert, X509_VERSION_3);
    X509_gmtime_adj(X509_getm_notBefore(cert), 0);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_set_pubkey(cert, key);
    assert_true(X509_sign(cert, issuer, EVP_sha256()) > 0);
    *ret = NULL;
    len = i2d_X509(cert, ret);
    X509_free(cert);
    EVP_PKEY_free(issuer);
    return len;
}

static void check_certificate(struct host *host, const char *name, EVP_PKEY *key)
{
    struct host_container found;
    unsigned char *der = NULL;
    BYTE *back = NULL;
    size_t len = (size_t)make_cert(key, &der), back_len = 0;

    exchanges();
    assert_ok(host_cert_write(host, name, 0, der, len));
    count("host_cert_write");
    assert_ok(host_cert_read(host, name, 0, &back, &back_len));
    count("host_cert_read");
    assert_int_equal(back_len, len);
    assert_memory_equal(back, der, len);
    host_free(back, back_len);
    assert_ok(host_cert_read(host, name, 0, &back, &back_len));
    assert_int_equal(count("host_cert_read again"), 0); /* from the cache */
    host_free(back, back_len);
    assert_ok(host_container_find(host, name, &found));
    assert_true(found.kx_cert);
    OPENSSL_free(der);
}

static void key_lives_its_life(void **state)
{
    DWORD version = (DWORD)(uintptr_t)*state;
    struct host *host = open_host(version);
    struct host_container made, *list = NULL;
    size_t n = 0;
    EVP_PKEY *key;

    print_message("     interface version %u\n", version);
    exchanges();
    login(host);
    count("host_begin, host_login");
    assert_ok(host_container_create(host, "key", AT_KEYEXCHANGE, 2048, &made));
    count("host_container_create, RSA-2048");
    assert_int_equal(made.kx_bits, 2048);
    assert_true(made.is_default);
    key = load_public(host, "key");
    count("host_public_key");
    check_signature(host, "key", key);
    assert_int_equal(count("host_sign, logged in, map in the cache"), 2);
    check_decryption(host, "key", key, HOST_PAD_PKCS1, NULL);
    count("host_decrypt, PKCS#1");
    check_decryption(host, "key", key, HOST_PAD_OAEP_SHA1, "SHA1");
    count("host_decrypt, OAEP SHA-1");
    check_decryption(host, "key", key, HOST_PAD_OAEP_SHA256, "SHA256");
    count("host_decrypt, OAEP SHA-256");
    check_certificate(host, "key", key);
    exchanges();
    host_end(host);
    count("host_end, logged in");
    host_close(host);

    host = open_host(version); /* nothing of it was only in the host */
    exchanges();
    assert_ok(host_containers(host, &list, &n));
    count("host_containers, a transaction of its own, nothing cached");
    assert_int_equal(n, 1);
    assert_string_equal(list[0].name, "key");
    host_free(list, n * sizeof *list);
    login(host);
    exchanges();
    assert_ok(host_container_delete(host, "key"));
    count("host_container_delete");
    host_end(host);
    assert_ok(host_containers(host, &list, &n));
    assert_int_equal(n, 0);
    host_free(list, 0);
    host_close(host);
    EVP_PKEY_free(key);
}

/* The containers that are listed, each of them usable. */
static size_t usable_containers(struct host *host)
{
    struct host_container *list = NULL;
    size_t n = 0;

    assert_ok(host_containers(host, &list, &n));
    for (size_t i = 0; i < n; i++) {
        const char number[] = { (char)('0' + list[i].index), '\0' };
        const char *name = list[i].name[0] != '\0' ? list[i].name : number;
        EVP_PKEY *key;

        login(host);
        key = load_public(host, name);
        check_signature(host, name, key);
        host_end(host);
        EVP_PKEY_free(key);
    }
    host_free(list, n * sizeof *list);
    return n;
}

/* A key that the map does not list stands in nobody's way; it is taken off by its number. */
static void remove_unlisted(struct host *host)
{
    struct host_container found;

    login(host);
    for (char number[] = "0"; number[0] < '4'; number[0]++) {
        if (host_container_find(host, number, &found) == SCARD_S_SUCCESS)
            assert_ok(host_container_delete(host, number));
    }
    host_end(host);
}

/* Creating and deleting, with the card reset at each exchange in turn: afterwards it shows the old
 * state or the new, never a container that it lists and cannot use. */
static void reset_at_each_exchange(void **state)
{
    unsigned torn = 0;

    (void)state;
    for (unsigned n = 1; n < 100; n++) {
        struct host *host = open_host(0);
        DWORD rc;
        size_t there;

        login(host);
        reset_at(n);
        rc = host_container_create(host, "torn", AT_KEYEXCHANGE, 1024, NULL);
        reset_at(0);
        host_end(host);
        there = usable_containers(host);
        assert_true(there <= 1);
        if (rc == SCARD_S_SUCCESS)
            assert_int_equal(there, 1);
        else
            torn++;
        if (there == 1) {
            login(host);
            reset_at(n);
            (void)host_container_delete(host, rc == SCARD_S_SUCCESS ? "torn" : "0");
            reset_at(0);
            host_end(host);
            assert_true(usable_containers(host) <= 1);
        }
        remove_unlisted(host);
        assert_int_equal(usable_containers(host), 0);
        host_close(host);
        if (rc == SCARD_S_SUCCESS && n > 20) /* more than either of the two takes */
            break;
    }
    print_message("     %u creations were cut off\n", torn);
    assert_true(torn > 3);
}

/* What one host changes, another one in the same card sees; and a reset in between hurts nobody. */
static void two_hosts_share_a_card(void **state)
{
    struct host *a = open_host(0), *b = open_host(6);
    struct host_container *list = NULL;
    size_t n = 0;

    (void)state;
    assert_ok(host_containers(b, &list, &n));
    assert_int_equal(n, 0);
    host_free(list, 0);
    login(a);
    assert_ok(host_container_create(a, "shared", AT_SIGNATURE, 2048, NULL));
    host_end(a);
    assert_ok(host_containers(b, &list, &n));
    assert_int_equal(n, 1);
    host_free(list, n * sizeof *list);
    login(b);
    assert_ok(host_container_delete(b, "shared"));
    host_end(b);
    assert_ok(host_containers(a, &list, &n));
    assert_int_equal(n, 0);
    host_free(list, 0);
    host_close(a);
    host_close(b);
}

static void ejected_card_is_gone(void **state)
{
    struct host *host = open_host(0);
    struct host_options options = { .module = MODULE, .pcsc = COUNTING_PCSC };
    struct host *other = NULL;
    struct host_error err = { 0 };

    (void)state;
    assert_int_equal(home_eject(REAL_CARD), SOFTCARD_OK);
    assert_code(host_begin(host), SCARD_W_REMOVED_CARD);
    host_close(host);
    assert_code(host_open(&options, &other, &err), SCARD_E_NO_READERS_AVAILABLE);
    assert_int_equal(home_insert(REAL_CARD), SOFTCARD_OK);
    host_close(open_host(0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(card_is_introduced),
        cmocka_unit_test(wrong_pin_is_told),
        cmocka_unit_test(files_come_and_go),
        cmocka_unit_test_prestate(key_lives_its_life, (void *)(uintptr_t)7),
        cmocka_unit_test_prestate(key_lives_its_life, (void *)(uintptr_t)6),
        cmocka_unit_test_prestate(key_lives_its_life, (void *)(uintptr_t)4),
        cmocka_unit_test(reset_at_each_exchange),
        cmocka_unit_test(two_hosts_share_a_card),
        cmocka_unit_test(ejected_card_is_gone),
    };

    return cmocka_run_group_tests_name("host_real", tests, real_setup, real_teardown);
}
