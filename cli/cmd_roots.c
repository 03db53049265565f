/* SPDX-License-Identifier: MIT */
/* roots list, read, add, remove. */
#include "cli/cli.h"

#include <json-c/json.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

/* Fingerprint (SHA-256, hexadecimal) and subject of a certificate. */
struct root_text {
    char fingerprint[65];
    char subject[256];
};

static bool describe(const struct host_root *root, struct root_text *ret)
{
    const unsigned char *at = root->der;
    X509 *cert = d2i_X509(NULL, &at, (long)root->len);
    BYTE digest[32];
    BIO *bio = BIO_new(BIO_s_mem());
    int n = 0;
    bool ok = cert != NULL && bio != NULL &&
              EVP_Q_digest(NULL, "SHA256", NULL, root->der, root->len, digest, NULL) == 1 &&
              X509_NAME_print_ex(bio, X509_get_subject_name(cert), 0,
                                 XN_FLAG_ONELINE & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0;

    if (ok) {
        to_hex(digest, sizeof digest, ret->fingerprint);
        n = BIO_read(bio, ret->subject, sizeof ret->subject - 1);
        ret->subject[n > 0 ? n : 0] = '\0';
    }
    BIO_free(bio);
    X509_free(cert);
    return ok;
}

static enum exit_code print_roots(const struct cli *cli, const struct host_root *list, size_t count)
{
    struct json_object *rows = json_object_new_array();
    bool json = given(cli, OPT_JSON);

    if (count == 0 && !json)
        say("the card keeps no root certificates\n");
    for (size_t i = 0; i < count; i++) {
        struct root_text text = { "", "" };
        struct json_object *row = json_object_new_object();

        (void)describe(&list[i], &text);
        json_object_object_add(row, "sha256", json_object_new_string(text.fingerprint));
        json_object_object_add(row, "subject", json_text(text.subject));
        json_object_array_add(rows, row);
        if (!json)
            printf("%s  %s\n", text.fingerprint, clean_text(text.subject));
    }
    if (json)
        return print_json(rows);
    json_object_put(rows);
    return EXIT_OK;
}

static enum exit_code fail_roots(DWORD code)
{
    if (code == NTE_BAD_DATA)
        return fail(EXIT_DAMAGED, "mscp/msroots on the card is no PKCS#7 of certificates; read it "
                                  "with `cardmint file read`, remove it with `cardmint file rm`");
    if (code == ERROR_FILE_EXISTS)
        return fail(EXIT_FAILED, "this certificate is among the roots already");
    if (code == ERROR_TOO_MANY_NAMES)
        return fail(EXIT_USAGE, "more than one root begins like that; give more digits");
    if (code == SCARD_E_NO_SUCH_CERTIFICATE)
        return fail(EXIT_NOT_FOUND, "no root has that fingerprint; `cardmint roots list` lists "
                                    "them");
    return fail_host(code, "the roots");
}

enum exit_code cmd_roots_list(const struct cli *cli)
{
    struct host_root *list = NULL;
    struct host *host = NULL;
    size_t count = 0;
    enum exit_code rc = open_host(cli, &host);
    DWORD code;

    if (rc != EXIT_OK)
        return rc;
    code = host_roots(host, &list, &count);
    host_close(host);
    rc = code == SCARD_S_SUCCESS ? print_roots(cli, list, count) : fail_roots(code);
    host_roots_free(list, count);
    return rc;
}

enum exit_code cmd_roots_read(const struct cli *cli)
{
    struct host *host = NULL;
    BYTE *der = NULL;
    size_t len = 0;
    enum exit_code rc = check_form(cli);
    DWORD code;

    if (rc == EXIT_OK)
        rc = open_host(cli, &host);
    if (rc != EXIT_OK)
        return rc;
    code = host_roots_pkcs7(host, &der, &len);
    host_close(host);
    rc = code == SCARD_S_SUCCESS ? write_der(cli, "PKCS7", der, len) : fail_roots(code);
    host_free(der, len);
    return rc;
}

enum exit_code cmd_roots_add(const struct cli *cli)
{
    struct host *host = NULL;
    BYTE *der = NULL;
    int len = 0;
    enum exit_code rc = read_certificate(arg(cli, 0), &der, &len);
    DWORD code;

    if (rc == EXIT_OK)
        rc = open_host(cli, &host);
    if (rc == EXIT_OK)
        rc = begin_as_user(cli, host);
    if (rc == EXIT_OK) {
        code = host_roots_add(host, der, (size_t)len);
        host_end(host);
        if (code != SCARD_S_SUCCESS)
            rc = fail_roots(code);
    }
    host_close(host);
    OPENSSL_free(der);
    if (rc == EXIT_OK)
        say("the root certificate is added\n");
    return rc;
}

#define DIGITS_MOST 64u /* of SHA-256 */

/* Hexadecimal digits, with or without colons. */
static enum exit_code check_fingerprint(const char *text)
{
    size_t digits = 0;

    for (const char *at = text; *at != '\0'; at++)
        digits += *at != ':';
    if (strspn(text, "0123456789abcdefABCDEF:") != strlen(text) || digits == 0)
        return fail(EXIT_USAGE, "%s is no fingerprint; `cardmint roots list` shows them", text);
    if (digits > DIGITS_MOST)
        return fail(EXIT_USAGE, "a fingerprint has at most %u digits, and this one %zu; "
                                "`cardmint roots list` shows them",
                    DIGITS_MOST, digits);
    return EXIT_OK;
}

enum exit_code cmd_roots_remove(const struct cli *cli)
{
    struct host *host = NULL;
    const char *fingerprint = arg(cli, 0);
    enum exit_code rc = check_fingerprint(fingerprint);
    DWORD code;

    if (rc == EXIT_OK)
        rc = open_host(cli, &host);
    if (rc == EXIT_OK)
        rc = begin_as_user(cli, host);
    if (rc == EXIT_OK) {
        code = host_roots_remove(host, fingerprint);
        host_end(host);
        if (code != SCARD_S_SUCCESS)
            rc = fail_roots(code);
    }
    host_close(host);
    if (rc == EXIT_OK)
        say("the root certificate is removed\n");
    return rc;
}
