/* SPDX-License-Identifier: MIT */
/*
 * Memory runs out: each operation again and again, its first allocation failing, then its second,
 * until it succeeds. Nothing may crash, leak, stay locked, or be half done in the container map.
 * Allocations of the host itself and of what the module takes through the callbacks; the linker
 * leads them here (--wrap).
 */
#include "tests/host/support.h"

#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#define BITS 1024

void *__real_malloc(size_t size);
char *__wrap_strdup(const char *text);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);

static unsigned left;   /* allocations until one fails; 0: never */
static bool failed;

static bool fails(void)
{
    if (left == 0 || --left > 0)
        return false;
    failed = true;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size)
{
    return fails() ? NULL : __real_realloc(block, size);
}

/* glibc's own calls of malloc do not come by here. */
char *__wrap_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = fails() ? NULL : __real_malloc(size);

    return copy != NULL ? memcpy(copy, text, size) : NULL;
}

static struct host *host;
static BYTE cipher[BITS / 8];

/* ---- the operations ------------------------------------------------------------------------ */

static DWORD op_open(void)
{
    struct host_options options = { .module = FAKE_MODULE, .pcsc = FAKE_PCSC };
    struct host_error err;
    struct host *other = NULL;
    DWORD rc = host_open(&options, &other, &err);

    if (rc == SCARD_S_SUCCESS)
        host_close(other);
    return rc;
}

static DWORD op_readers(void)
{
    struct host_options options = { .pcsc = FAKE_PCSC };
    struct host_reader *list = NULL;
    size_t count = 0;
    DWORD rc = host_readers(&options, &list, &count, NULL);

    host_free(list, count * sizeof *list);
    return rc;
}

static DWORD op_info(void)
{
    struct host_info info;

    return host_info(host, &info);
}

static DWORD op_files(void)
{
    struct host_file *list = NULL;
    size_t count = 0;
    DWORD rc = host_files(host, &list, &count);

    host_free(list, count * sizeof *list);
    return rc;
}

static DWORD op_write(void)
{
    return host_file_write(host, "note", (const BYTE *)"x", 1, EveryoneReadUserWriteAc);
}

static DWORD op_list(void)
{
    struct host_container *list = NULL;
    size_t count = 0;
    DWORD rc = host_containers(host, &list, &count);

    host_free(list, count * sizeof *list);
    return rc;
}

static DWORD op_create(void)
{
    DWORD rc = host_container_create(host, "new", AT_SIGNATURE, BITS, NULL);

    left = 0;
    if (rc == SCARD_S_SUCCESS)
        assert_ok(host_container_delete(host, "new"));
    else
        assert_code(host_container_delete(host, "new"), SCARD_E_NO_KEY_CONTAINER);
    return rc;
}

static DWORD op_public_key(void)
{
    BYTE *der = NULL;
    size_t len = 0;
    DWORD rc = host_public_key(host, "k", 0, &der, &len);

    host_free(der, len);
    return rc;
}

static DWORD op_sign(void)
{
    BYTE digest[32] = { 0 }, *sig = NULL;
    size_t len = 0;
    DWORD rc = host_sign(host, "k", 0, CALG_SHA_256, digest, sizeof digest, &sig, &len);

    host_free(sig, len);
    return rc;
}

static DWORD op_decrypt(void)
{
    BYTE *plain = NULL;
    size_t len = 0;
    DWORD rc = host_decrypt(host, "k", HOST_PAD_NONE, cipher, sizeof cipher, &plain, &len);

    host_free(plain, len);
    return rc;
}

static unsigned char *cert;
static size_t cert_size;

static DWORD op_cert_write(void)
{
    return host_cert_write(host, "k", 0, cert, cert_size);
}

static DWORD op_cert_read(void)
{
    BYTE *der = NULL;
    size_t len = 0;
    DWORD rc = host_cert_read(host, "k", 0, &der, &len);

    host_free(der, len);
    return rc;
}

static DWORD op_login(void)
{
    DWORD rc = host_login(host, (const BYTE *)FAKE_PIN, strlen(FAKE_PIN), NULL);

    if (rc == SCARD_S_SUCCESS)
        rc = host_login_cached(host, NULL);
    /* it was not kept for want of memory: that is borne */
    return failed && rc == SCARD_W_CARD_NOT_AUTHENTICATED ? SCARD_S_SUCCESS : rc;
}

/* From a PIN to the same: whatever fails, it is in force. */
static DWORD op_pin_change(void)
{
    return host_pin_change(host, (const BYTE *)FAKE_PIN, strlen(FAKE_PIN), (const BYTE *)FAKE_PIN,
                           strlen(FAKE_PIN), 0, NULL);
}

static DWORD op_pin_unblock(void)
{
    return host_pin_unblock_with_key(host, fake_admin_key, sizeof fake_admin_key,
                                     (const BYTE *)FAKE_PIN, strlen(FAKE_PIN), 0);
}

static DWORD op_admin_key(void)
{
    return host_admin_change_key(host, fake_admin_key, sizeof fake_admin_key, fake_admin_key,
                                 sizeof fake_admin_key, NULL);
}

static DWORD op_config(void)
{
    struct host_config config;
    DWORD rc = host_config_load(CONFIG, &config, NULL);

    if (rc == SCARD_S_SUCCESS)
        host_config_clear(&config);
    return rc;
}

static unsigned char *key, *peer;
static size_t key_size, peer_size;

static DWORD op_import(void)
{
    struct host_error err;
    DWORD rc = host_container_import(host, "new", AT_ECDSA_P256, key, key_size, NULL, NULL, &err);

    left = 0;
    if (rc == SCARD_S_SUCCESS)
        assert_ok(host_container_delete(host, "new"));
    else
        assert_code(host_container_delete(host, "new"), SCARD_E_NO_KEY_CONTAINER);
    return rc;
}

static DWORD op_default(void)
{
    DWORD rc = host_container_set_default(host, "e");

    left = 0;
    assert_ok(host_container_set_default(host, "k"));
    return rc;
}

static DWORD op_agree(void)
{
    const struct host_derive how = { .kdf = HOST_KDF_HASH };
    struct host_agreement *made = NULL;
    BYTE *derived = NULL;
    size_t len = 0;
    DWORD rc = host_agree(host, "e", peer, peer_size, &made);

    if (rc == SCARD_S_SUCCESS)
        rc = host_derive(made, &how, &derived, &len);
    host_free(derived, len);
    host_agreement_free(made);
    return rc;
}

static DWORD op_request(void)
{
    struct host_error err;
    BYTE *der = NULL;
    size_t len = 0;
    DWORD rc = host_cert_request(host, "k", 0, "CN=Ada", "UPN:ada@X", 0, &der, &len, &err);

    host_free(der, len);
    return rc;
}

static DWORD op_roots(void)
{
    struct host_root *list = NULL;
    size_t count = 0;
    BYTE *der = NULL;
    DWORD rc = host_roots(host, &list, &count);

    host_roots_free(list, count);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = host_roots_pkcs7(host, &der, &count);
    host_free(der, count);
    return rc;
}

static DWORD op_root_add(void)
{
    char digit[] = "0"; /* of the only certificate's fingerprint */
    DWORD rc = host_roots_add(host, cert, cert_size), gone = SCARD_E_NO_SUCH_CERTIFICATE;

    left = 0;
    for (; rc == SCARD_S_SUCCESS && gone != SCARD_S_SUCCESS && digit[0] <= 'f'; digit[0]++)
        gone = host_roots_remove(host, digit);
    return rc;
}

static const struct operation {
    const char *name;
    DWORD (*run)(void);
} operations[] = {
    { "open", op_open },       { "readers", op_readers },       { "info", op_info },
    { "files", op_files },     { "write", op_write },           { "list", op_list },
    { "create", op_create },   { "public key", op_public_key }, { "sign", op_sign },
    { "decrypt", op_decrypt }, { "cert write", op_cert_write }, { "cert read", op_cert_read },
    { "login", op_login },     { "PIN change", op_pin_change }, { "unblock", op_pin_unblock },
    { "admin key", op_admin_key }, { "config", op_config },     { "import", op_import },
    { "default", op_default }, { "agree", op_agree },           { "request", op_request },
    { "roots", op_roots },     { "root add", op_root_add },
};

/* ---- the loop ------------------------------------------------------------------------------ */

static int setup(void **state)
{
    EVP_PKEY *other = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");

    fakes_setup(state);
    host = open_new_card(0);
    begin_as_user(host);
    assert_ok(host_container_create(host, "k", AT_KEYEXCHANGE, BITS, NULL));
    cert_size = (size_t)make_cert(fakes.card->kx[0], 0, &cert);
    assert_ok(host_cert_write(host, "k", 0, cert, cert_size));
    assert_ok(host_container_create(host, "e", AT_ECDHE_P256, 0, NULL));
    key_size = (size_t)i2d_PrivateKey(other, &key);
    peer_size = (size_t)i2d_PUBKEY(other, &peer);
    EVP_PKEY_free(other);
    host->policy.AllowPrivateECDSAKeyImport = true;
    host_end(host);
    return 0;
}

static int teardown(void **state)
{
    host_close(host);
    OPENSSL_free(cert);
    OPENSSL_free(key);
    OPENSSL_free(peer);
    return fakes_teardown(state);
}

/* From a cold cache, logged in. */
static DWORD run(const struct operation *operation, unsigned fail_at)
{
    DWORD rc;

    cache_stamp(&host->cache, NULL);
    begin_as_user(host);
    if (operation->run == op_open) /* takes the card itself */
        host_end(host);
    failed = false;
    left = fail_at;
    rc = operation->run();
    left = 0;
    if (operation->run != op_open)
        host_end(host);
    return rc;
}

static void every_allocation_may_fail(void **state)
{
    unsigned total = 0;

    (void)state;
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        unsigned n = 1;

        for (;; n++) {
            DWORD rc = run(&operations[i], n);

            if (!failed) {
                assert_ok(rc);
                break;
            }
            /* a failure that was borne (nothing cached, a fact not told) or one that is told */
            if (rc != SCARD_S_SUCCESS && rc != ERROR_NOT_ENOUGH_MEMORY && rc != SCARD_E_NO_MEMORY)
                fail_msg("%s, allocation %u: %s", operations[i].name, n, host_code_name(rc));
            assert_ok(run(&operations[i], 0)); /* the card is as usable as before */
            assert_true(n < 1000);
        }
        print_message("%s: %u allocations\n", operations[i].name, n - 1);
        total += n - 1;
    }
    assert_true(total > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_allocation_may_fail, setup, teardown),
    };

    return cmocka_run_group_tests_name("host_memory", tests, NULL, NULL);
}
