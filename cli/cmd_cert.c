/* SPDX-License-Identifier: MIT */
/* cert write, read, request. */
#include "cli/cli.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#define CERT_MOST 65535u

/* PEM (the first certificate in it) or DER. NULL: neither. */
static X509 *parse_certificate(const BYTE *data, size_t len)
{
    const unsigned char *at = data;
    X509 *cert = d2i_X509(NULL, &at, (long)len);
    BIO *bio;

    if (cert != NULL && at == data + len)
        return cert;
    X509_free(cert);
    bio = BIO_new_mem_buf(data, (int)len);
    if (bio == NULL)
        return NULL;
    cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    return cert;
}

enum exit_code read_certificate(const char *path, BYTE **ret_der, int *ret_len)
{
    BYTE *data = NULL;
    size_t len = 0;
    enum exit_code rc = read_input(path, CERT_MOST, &data, &len);
    X509 *cert;

    if (rc != EXIT_OK)
        return rc;
    cert = parse_certificate(data, len);
    input_free(data, len);
    if (cert == NULL)
        return fail(EXIT_FAILED, "%s is no X.509 certificate; give one as PEM or DER",
                    input_name(path));
    *ret_len = i2d_X509(cert, ret_der);
    X509_free(cert);
    return *ret_len > 0 ? EXIT_OK
                        : fail(EXIT_FAILED, "%s: the certificate cannot be encoded",
                               input_name(path));
}

static enum exit_code fail_write(DWORD code, const char *path, const char *name)
{
    if (code == NTE_BAD_PUBLIC_KEY)
        return fail(EXIT_FAILED,
                    "%s is not for the key of container %s; have one made for it "
                    "(`cardmint container public-key`)",
                    input_name(path), name);
    return fail_host(code, "certificate of container %s", name);
}

enum exit_code cmd_cert_write(const struct cli *cli)
{
    const char *name = arg(cli, 0), *path = arg(cli, 1);
    struct host_container found = { 0 };
    struct host *host = NULL;
    BYTE *der = NULL;
    int len = 0;
    DWORD spec = 0, code;
    enum exit_code rc = read_certificate(path, &der, &len);

    if (rc == EXIT_OK)
        rc = open_host(cli, &host);
    if (rc == EXIT_OK)
        rc = begin(host);
    if (rc == EXIT_OK) {
        rc = find_key(cli, host, name, &found, &spec);
        host_end(host);
    }
    if (rc == EXIT_OK)
        rc = begin_as_user(cli, host);
    if (rc == EXIT_OK) {
        code = host_cert_write(host, name, spec, der, (size_t)len);
        host_end(host);
        if (code != SCARD_S_SUCCESS)
            rc = fail_write(code, path, name);
    }
    host_close(host);
    OPENSSL_free(der);
    if (rc == EXIT_OK)
        say("container \"%s\": certificate stored\n", clean_text(found.name));
    return rc;
}

enum exit_code cmd_cert_read(const struct cli *cli)
{
    const char *name = arg(cli, 0);
    struct host_container found = { 0 };
    struct host *host = NULL;
    BYTE *der = NULL;
    size_t len = 0;
    DWORD spec = 0, code;
    enum exit_code rc = check_form(cli);

    if (rc == EXIT_OK)
        rc = open_host(cli, &host);
    if (rc == EXIT_OK)
        rc = begin(host);
    if (rc == EXIT_OK) {
        rc = find_key(cli, host, name, &found, &spec);
        if (rc == EXIT_OK) {
            code = host_cert_read(host, name, spec, &der, &len);
            if (code == SCARD_E_NO_SUCH_CERTIFICATE || code == SCARD_E_FILE_NOT_FOUND)
                rc = fail(EXIT_NOT_FOUND,
                          "container %s has no certificate; store one with "
                          "`cardmint cert write`",
                          name);
            else if (code != SCARD_S_SUCCESS)
                rc = fail_host(code, "certificate of container %s", name);
        }
        host_end(host);
    }
    host_close(host);
    if (rc == EXIT_OK)
        rc = write_der(cli, "CERTIFICATE", der, len);
    host_free(der, len);
    return rc;
}

/* ---- request --------------------------------------------------------------------------------- */

static enum exit_code fail_request(DWORD code, const struct host_error *err, const char *name)
{
    if (code == CRYPT_E_INVALID_X500_STRING)
        return fail(EXIT_USAGE, "%s", err->says);
    return fail_host(code, "request with container %s", name);
}

/* What can be wrong without a card. */
static enum exit_code check_names(const struct cli *cli)
{
    struct host_error err = { 0 };
    DWORD code;

    if (!given(cli, OPT_SUBJECT))
        return fail(EXIT_USAGE, "whom is it for? give --subject, for instance --subject CN=Ada");
    code = host_cert_request_check(cli->value[OPT_SUBJECT], cli->value[OPT_ALT_NAMES], &err);
    return code == SCARD_S_SUCCESS ? EXIT_OK : fail_request(code, &err, arg(cli, 0));
}

/* And with one, before anybody is asked for a PIN. */
static enum exit_code choose_key(const struct cli *cli, struct host *host, ALG_ID hash,
                                 DWORD *ret_spec)
{
    struct host_container found = { 0 };
    enum exit_code rc = begin(host);

    if (rc != EXIT_OK)
        return rc;
    rc = find_key(cli, host, arg(cli, 0), &found, ret_spec);
    host_end(host);
    if (rc == EXIT_OK && hash == CALG_MD5 &&
        is_curve(*ret_spec == AT_SIGNATURE ? found.sig_bits : found.kx_bits))
        rc = fail(EXIT_USAGE, "there is no request with ECDSA and md5; take sha256, sha384 or "
                              "sha512");
    return rc;
}

enum exit_code cmd_cert_request(const struct cli *cli)
{
    const char *name = arg(cli, 0);
    struct host_error err = { 0 };
    struct host *host = NULL;
    BYTE *der = NULL;
    size_t len = 0;
    ALG_ID hash = 0;
    DWORD spec = 0, code;
    enum exit_code rc = check_form(cli);

    if (rc == EXIT_OK)
        rc = check_names(cli);
    if (rc == EXIT_OK)
        rc = hash_option(cli, 0, &hash);
    if (rc == EXIT_OK)
        rc = open_host(cli, &host);
    if (rc == EXIT_OK)
        rc = choose_key(cli, host, hash, &spec);
    if (rc == EXIT_OK)
        rc = begin_as_user(cli, host);
    if (rc == EXIT_OK) {
        code = host_cert_request(host, name, spec, cli->value[OPT_SUBJECT],
                                 cli->value[OPT_ALT_NAMES], hash, &der, &len, &err);
        host_end(host);
        if (code != SCARD_S_SUCCESS)
            rc = fail_request(code, &err, name);
    }
    host_close(host);
    if (rc == EXIT_OK)
        rc = write_der(cli, "CERTIFICATE REQUEST", der, len);
    host_free(der, len);
    return rc;
}
