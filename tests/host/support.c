/* SPDX-License-Identifier: MIT */
#include "tests/host/support.h"

#include <dlfcn.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

struct fakes fakes;
const uint8_t fake_admin_key[24] = { FAKE_ADMIN_KEY };
static void (*clear_pcsc)(void), (*clear_card)(void);

static void resolve(void *library, const char *name, void *ret)
{
    void *symbol = dlsym(library, name);

    assert_non_null(symbol);
    memcpy(ret, &symbol, sizeof symbol);
}

static void forget_user(void)
{
    fakes.card->user = fakes.card->admin = false;
}

int fakes_setup(void **state)
{
    void *pcsc = dlopen(FAKE_PCSC, RTLD_NOW | RTLD_LOCAL);
    void *module = dlopen(FAKE_MODULE, RTLD_NOW | RTLD_LOCAL);
    struct fake_pcsc *(*get_pcsc)(void);
    struct fake_card *(*get_card)(void);

    (void)state;
    assert_non_null(pcsc);
    assert_non_null(module);
    resolve(pcsc, "fake_pcsc", &get_pcsc);
    resolve(pcsc, "fake_pcsc_clear", &clear_pcsc);
    resolve(module, "fake_card", &get_card);
    resolve(module, "fake_card_clear", &clear_card);
    resolve(module, "fake_find", &fakes.find);
    resolve(module, "fake_set_file", &fakes.set_file);
    clear_pcsc();
    clear_card();
    fakes.pcsc = get_pcsc();
    fakes.card = get_card();
    fakes.pcsc->on_reset = forget_user;
    return 0;
}

int fakes_teardown(void **state)
{
    bool clean = fakes.card->contexts == 0 && fakes.pcsc->contexts == 0 && !fakes.pcsc->locked;

    (void)state;
    clear_card();
    return clean ? 0 : -1; /* nothing may be left open */
}

struct host *open_host(DWORD version)
{
    return open_keeping(version, 0);
}

struct host *open_keeping(DWORD version, DWORD ms)
{
    struct host_policy policy = host_policy_default();
    struct host_options options = { .module = FAKE_MODULE, .pcsc = FAKE_PCSC, .version = version,
                                    .policy = &policy };
    struct host_error err = { 0 };
    struct host *host = NULL;

    policy.TransactionTimeoutMilliseconds = ms;
    if (host_open(&options, &host, &err) != SCARD_S_SUCCESS)
        fail_msg("%s", err.says);
    return host;
}

struct host *open_new_card(DWORD version)
{
    static const BYTE id[16] = { 1 }, counters[6], apps[8] = "mscp";

    fakes.set_file("", "cardid", id, sizeof id);
    fakes.set_file("", "cardcf", counters, sizeof counters);
    fakes.set_file("", "cardapps", apps, sizeof apps);
    fakes.set_file("mscp", "cmapfile", NULL, 0);
    return open_host(version);
}

void begin_as_user(struct host *host)
{
    assert_ok(host_begin(host));
    assert_ok(host_login(host, (const BYTE *)FAKE_PIN, strlen(FAKE_PIN), NULL));
}

int make_cert(EVP_PKEY *subject, size_t padding, unsigned char **ret)
{
    EVP_PKEY *signer = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    X509 *cert = X509_new();
    X509_NAME *name;
    int len;

    X509_set_version(cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), 0);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_set_pubkey(cert, subject);
    name = X509_get_subject_name(cert);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"test", -1, -1, 0);
    X509_set_issuer_name(cert, name);
    if (padding != 0) {
        ASN1_OCTET_STRING *bytes = ASN1_OCTET_STRING_new();
        BYTE *noise = calloc(1, padding);
        X509_EXTENSION *ext;

        ASN1_OCTET_STRING_set(bytes, noise, (int)padding);
        ext = X509_EXTENSION_create_by_NID(NULL, NID_netscape_comment, 0, bytes);
        X509_add_ext(cert, ext, -1);
        X509_EXTENSION_free(ext);
        ASN1_OCTET_STRING_free(bytes);
        free(noise);
    }
    assert_true(X509_sign(cert, signer, EVP_sha256()) > 0);
    *ret = NULL;
    len = i2d_X509(cert, ret);
    assert_true(len > 0);
    X509_free(cert);
    EVP_PKEY_free(signer);
    return len;
}

/* ---- the card as it was -------------------------------------------------------------------- */

static struct fake_file old_files[FAKE_FILES];
static uint8_t old_data[FAKE_FILES][4096];
static void *old_keys[2][FAKE_CONTAINERS];

void remember_card(void)
{
    memcpy(old_files, fakes.card->files, sizeof old_files);
    for (size_t i = 0; i < FAKE_FILES; i++) {
        if (!old_files[i].used || old_files[i].len == 0)
            continue;
        assert_true(old_files[i].len <= sizeof old_data[i]);
        memcpy(old_data[i], old_files[i].data, old_files[i].len);
    }
    memcpy(old_keys[0], fakes.card->sig, sizeof old_keys[0]);
    memcpy(old_keys[1], fakes.card->kx, sizeof old_keys[1]);
}

void assert_unchanged(void)
{
    for (size_t i = 0; i < FAKE_FILES; i++) {
        const struct fake_file *file = &fakes.card->files[i];

        assert_int_equal(file->used, old_files[i].used);
        if (!file->used)
            continue;
        assert_string_equal(file->name, old_files[i].name);
        assert_int_equal(file->len, old_files[i].len);
        if (file->len != 0)
            assert_memory_equal(file->data, old_data[i], file->len);
    }
    assert_memory_equal(fakes.card->sig, old_keys[0], sizeof old_keys[0]);
    assert_memory_equal(fakes.card->kx, old_keys[1], sizeof old_keys[1]);
}
