/* SPDX-License-Identifier: MIT */
/* The software cards that a certification makes for itself: four profiles. Those that are only read
 * get keys, with certificates, before they are closed. */
#include "cli/certify.h"

#include "softcard/home.h"

#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#define CERT_MAX 4096u

static const struct certify_profile profiles[] = {
    { "gids", SOFTCARD_GIDS, false },
    { "gids-read-only", SOFTCARD_GIDS, true },
    { "piv", SOFTCARD_PIV, false },
    { "piv-read-only", SOFTCARD_PIV, true },
};

const struct certify_profile *certify_profile_find(const char *name)
{
    for (size_t i = 0; i < sizeof profiles / sizeof profiles[0]; i++)
        if (name == NULL || strcmp(profiles[i].name, name) == 0)
            return &profiles[i];
    return NULL;
}

/* ---- the image --------------------------------------------------------------------------------- */

static enum softcard_result personalise(const struct kit_config *config, const char *path)
{
    const struct softcard_person who = {
        .pin = config->user_pin.bytes, .pin_len = config->user_pin.len,
        .puk = config->puk.len != 0 ? config->puk.bytes : NULL, .puk_len = config->puk.len,
        .admin_key = config->admin_key.bytes, .admin_key_len = config->admin_key.len,
        .admin_aes = config->admin_aes,
    };
    struct softcard *card = NULL;
    enum softcard_result result = softcard_open(path, &card);

    if (result == SOFTCARD_OK)
        result = softcard_personalise(card, &who);
    softcard_close(card);
    return result;
}

static enum softcard_result make_image(const struct certify_cards *cards, const char *name)
{
    const struct kit_config *config = &cards->config;
    const struct softcard_options options = {
        .applications = cards->profile->applications,
        .unblock = config->puk.len != 0 ? SOFTCARD_UNBLOCK_PUK : SOFTCARD_UNBLOCK_ADMIN,
        .pin_tries = config->pin_tries <= 15 ? config->pin_tries : 0,
    };
    char path[HOME_PATH_MAX];
    enum softcard_result result = home_make();

    if (result == SOFTCARD_OK && !home_image_path(name, path))
        result = SOFTCARD_IO;
    if (result == SOFTCARD_OK)
        result = softcard_create(path, &options);
    if (result == SOFTCARD_OK)
        result = personalise(config, path);
    return result == SOFTCARD_OK ? home_insert(name) : result;
}

static enum softcard_result seal(const char *name)
{
    struct softcard *card = NULL;
    char path[HOME_PATH_MAX];
    enum softcard_result result = home_image_path(name, path) ? softcard_open(path, &card)
                                                              : SOFTCARD_IO;

    if (result == SOFTCARD_OK)
        result = softcard_seal(card);
    softcard_close(card);
    return result;
}

/* ---- what a card that is only read has ---------------------------------------------------------- */

static const struct stock {
    const char *name;
    DWORD spec, bits;
} stock[] = {
    { "logon", AT_KEYEXCHANGE, 1024 },
    { "signature", AT_SIGNATURE, 1024 },
    { "curve", AT_ECDSA_P256, 0 },
    { "agreement", AT_ECDHE_P256, 0 },
};

static bool fill(X509 *cert, EVP_PKEY *subject, const char *name)
{
    X509_NAME *who = X509_get_subject_name(cert);

    return X509_set_version(cert, X509_VERSION_3) == 1 &&
           ASN1_INTEGER_set(X509_get_serialNumber(cert), 1) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(cert), 0) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(cert), 86400) != NULL &&
           X509_NAME_add_entry_by_txt(who, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1,
                                      0) == 1 &&
           X509_set_issuer_name(cert, who) == 1 && X509_set_pubkey(cert, subject) == 1;
}

/* A certificate of that key, by an authority that nobody will see again; 0: OpenSSL refuses. */
static size_t issue(const BYTE *spki, size_t spki_len, const char *name, BYTE der[CERT_MAX])
{
    EVP_PKEY *subject = d2i_PUBKEY(NULL, &spki, (long)spki_len);
    EVP_PKEY *authority = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    unsigned char *at = der;
    int len = 0;

    if (subject != NULL && authority != NULL && cert != NULL && fill(cert, subject, name) &&
        X509_sign(cert, authority, EVP_sha256()) > 0)
        len = i2d_X509(cert, NULL);
    len = len > 0 && (size_t)len <= CERT_MAX ? i2d_X509(cert, &at) : 0;
    X509_free(cert);
    EVP_PKEY_free(authority);
    EVP_PKEY_free(subject);
    return len > 0 ? (size_t)len : 0;
}

static DWORD put_one(struct host *host, const struct stock *s)
{
    BYTE *spki = NULL, der[CERT_MAX];
    size_t spki_len = 0, len = 0;
    DWORD code = host_container_create(host, s->name, s->spec, s->bits, NULL);

    if (code == SCARD_S_SUCCESS)
        code = host_public_key(host, s->name, s->spec, &spki, &spki_len);
    if (code == SCARD_S_SUCCESS)
        len = issue(spki, spki_len, s->name, der);
    host_free(spki, spki_len);
    if (code == SCARD_S_SUCCESS)
        code = len != 0 ? host_cert_write(host, s->name, s->spec, der, len) : NTE_FAIL;
    return code;
}

static DWORD put_stock(struct host *host, const struct kit_config *config)
{
    DWORD code = host_begin(host);

    if (code != SCARD_S_SUCCESS)
        return code;
    code = host_login(host, config->user_pin.bytes, config->user_pin.len, NULL);
    for (size_t i = 0; code == SCARD_S_SUCCESS && i < sizeof stock / sizeof stock[0]; i++)
        code = put_one(host, &stock[i]);
    host_end(host);
    return code;
}

/* ---- all of it ---------------------------------------------------------------------------------- */

/* Our own module makes the file system, as for any new card: the one to be judged comes later. */
enum exit_code certify_fresh_make(const struct certify_cards *cards, size_t n)
{
    const struct kit_config *config = &cards->config;
    const char *name = cards->names[n];
    const struct host_options options = { .pcsc = config->pcsc, .reader = config->readers[n] };
    struct host_error err = { 0 };
    struct host *host = NULL;
    enum softcard_result result = make_image(cards, name);
    DWORD code;

    if (result != SOFTCARD_OK)
        return fail_softcard(result, name);
    if (host_open(&options, &host, &err) != SCARD_S_SUCCESS)
        return fail_host_error(&err);
    code = host_create_card(host, config->admin_key.bytes, config->admin_key.len);
    if (code == SCARD_S_SUCCESS && cards->profile->read_only)
        code = put_stock(host, config);
    host_close(host);
    return code == SCARD_S_SUCCESS ? EXIT_OK : fail_host(code, "card %s cannot be made", name);
}

/* What the kit looks for on a card it makes where it can: so it does, before the one quick row that
 * this runs. */
enum exit_code certify_fresh_close(struct certify_cards *cards)
{
    static const char *const quick[] = { "CMR.4.1.1.E1" };
    const struct kit_options options = { .only = quick, .only_count = 1 };
    struct kit_result *results = NULL;
    enum softcard_result result = SOFTCARD_OK;
    char why[256];
    size_t count = 0;

    if (!cards->profile->read_only)
        return EXIT_OK;
    if (!kit_run(&cards->config, &options, &results, &count, why))
        return fail(EXIT_MODULE, "%s", why);
    kit_results_free(results, count);
    for (size_t i = 0; i < KIT_CARDS_MAX && result == SOFTCARD_OK; i++)
        result = seal(cards->names[i]);
    if (cards->profile->applications == SOFTCARD_PIV)
        memset(&cards->config.admin_key, 0, sizeof cards->config.admin_key);
    return result == SOFTCARD_OK ? EXIT_OK : fail_softcard(result, "of this run");
}
