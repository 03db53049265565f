/* SPDX-License-Identifier: MIT */
/* container create, import. */
#include "cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- create ---------------------------------------------------------------------------------- */

/* A kind of key: RSA with its bits, or a curve. */
struct key_type {
    DWORD sign, exchange; /* AT_* */
    DWORD bits;           /* RSA only */
    char name[16];
};

/* "rsa:2048", "p256" */
static enum exit_code type_option(const struct cli *cli, struct key_type *ret)
{
    static const struct key_type curves[] = {
        { AT_ECDSA_P256, AT_ECDHE_P256, 0, "p256" },
        { AT_ECDSA_P384, AT_ECDHE_P384, 0, "p384" },
        { AT_ECDSA_P521, AT_ECDHE_P521, 0, "p521" },
    };
    const char *type = given(cli, OPT_TYPE) ? cli->value[OPT_TYPE] : "rsa:2048";
    unsigned long bits = 0;
    char *end = NULL;

    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++) {
        if (strcmp(type, curves[i].name) == 0) {
            *ret = curves[i];
            return EXIT_OK;
        }
    }
    if (strncmp(type, "rsa:", 4) == 0 && type[4] >= '0' && type[4] <= '9') {
        errno = 0;
        bits = strtoul(type + 4, &end, 10);
        if (errno != 0 || *end != 0 || bits > 16384)
            bits = 0;
    }
    if (bits == 0)
        return fail(EXIT_USAGE,
                    "--type %s is not known; give rsa:BITS (for instance rsa:2048), p256, p384 or "
                    "p521",
                    type);
    *ret = (struct key_type){ AT_SIGNATURE, AT_KEYEXCHANGE, (DWORD)bits, "" };
    snprintf(ret->name, sizeof ret->name, "RSA-%lu", bits);
    return EXIT_OK;
}

/* Before a PIN is asked for. */
static enum exit_code check_bits(struct host *host, DWORD bits)
{
    struct host_info info = { 0 };
    DWORD code = host_info(host, &info);
    const CARD_KEY_SIZES *rsa = &info.rsa;

    if (code != SCARD_S_SUCCESS)
        return fail_host(code, "the card does not tell about itself");
    if (rsa->dwMaximumBitlen == 0)
        return fail(EXIT_FAILED, "this card makes no RSA keys; use another card");
    if (bits < rsa->dwMinimumBitlen || bits > rsa->dwMaximumBitlen ||
        (rsa->dwIncrementalBitlen != 0 &&
         (bits - rsa->dwMinimumBitlen) % rsa->dwIncrementalBitlen != 0)) {
        return fail(EXIT_USAGE,
                    "this card has no RSA keys of %u bits; it takes %u to %u bits in "
                    "steps of %u",
                    bits, rsa->dwMinimumBitlen, rsa->dwMaximumBitlen, rsa->dwIncrementalBitlen);
    }
    return EXIT_OK;
}

static void say_made(const struct cli *cli, struct host_container *made, const char *name,
                     const char *what, bool signature)
{
    if (name == NULL && given(cli, OPT_QUIET))
        puts(clean_text(made->name));
    say("container %u \"%s\": %s %s key%s\n", made->index, clean_text(made->name), what,
        signature ? "signature" : "key exchange", made->is_default ? ", the default" : "");
}

static enum exit_code fail_made(DWORD code, const char *name)
{
    if (code == ERROR_FILE_EXISTS)
        return fail(EXIT_FAILED, "container %s has such a key already; nothing is changed: take "
                                 "another name, or delete it first",
                    name);
    if (code == SCARD_E_INVALID_PARAMETER && name != NULL)
        return fail(EXIT_USAGE, "a container name is UTF-8 without control characters; nothing is "
                                "changed");
    return fail_host(code, "container %s cannot be made", name != NULL ? name : "(new)");
}

static enum exit_code create(const struct cli *cli, struct host *host, const struct key_type *type)
{
    const char *name = arg(cli, 0);
    bool signature = given(cli, OPT_SIGNATURE);
    struct host_container made = { 0 };
    enum exit_code rc = type->bits != 0 ? check_bits(host, type->bits) : EXIT_OK;
    DWORD code;

    if (rc == EXIT_OK)
        rc = begin_as_user(cli, host);
    if (rc != EXIT_OK)
        return rc;
    progress("generating %s", type->name);
    code = host_container_create(host, name, signature ? type->sign : type->exchange, type->bits,
                                 &made);
    host_end(host);
    progress_done();
    if (code == SCARD_E_UNSUPPORTED_FEATURE)
        return fail(EXIT_FAILED, "this card makes no %s keys; take another --type", type->name);
    if (code != SCARD_S_SUCCESS)
        return fail_made(code, name);
    say_made(cli, &made, name, type->name, signature);
    return EXIT_OK;
}

#define NAME_MOST 39u /* UTF-16 units */

/* UTF-16 units, as cards keep names, of UTF-8. */
static size_t units(const char *text)
{
    size_t n = 0;

    for (; *text != 0; text++) {
        BYTE c = (BYTE)*text;

        n += c >= 0xF0 ? 2u : (c & 0xC0) != 0x80;
    }
    return n;
}

/* What can be said before the card is looked at; the rest says the host. */
static enum exit_code check_name(const char *name)
{
    size_t len = name != NULL ? strlen(name) : 1;
    bool number = name != NULL && strspn(name, "0123456789") == len && len <= 3;

    if (len == 0 || (name != NULL && units(name) > NAME_MOST) ||
        (name != NULL && (strchr(name, '\\') != NULL || (number && strtoul(name, NULL, 10) < 255))))
        return fail(EXIT_USAGE, "a container name has 1 to 39 characters, no backslash, and is no "
                                "number below 255");
    return EXIT_OK;
}

enum exit_code cmd_container_create(const struct cli *cli)
{
    struct key_type type = { 0 };
    struct host *host = NULL;
    enum exit_code rc = type_option(cli, &type);

    if (rc == EXIT_OK)
        rc = check_name(arg(cli, 0));
    if (rc == EXIT_OK)
        rc = open_host(cli, &host);
    if (rc == EXIT_OK)
        rc = create(cli, host, &type);
    host_close(host);
    return rc;
}

/* ---- import ---------------------------------------------------------------------------------- */

#define KEY_FILE_MOST 65536u

struct key_file {
    BYTE *data;
    size_t len;
    struct secret password; /* with a NUL behind it */
    bool has_password;
};

static const char *password_of(const struct key_file *file)
{
    return file->has_password ? (const char *)file->password.bytes : NULL;
}

static enum exit_code take_password(const struct cli *cli, struct key_file *file)
{
    enum exit_code rc = get_secret(cli, SECRET_PASSWORD, &file->password);

    file->password.bytes[file->password.len < SECRET_MAX ? file->password.len : SECRET_MAX] = 0;
    file->has_password = rc == EXIT_OK;
    return rc;
}

static enum exit_code fail_import(DWORD code, const struct host_error *err, const char *file,
                                  const char *name)
{
    const char *path = input_name(file);

    switch (code) {
    case ERROR_INVALID_PASSWORD:
        return fail(EXIT_FAILED, "%s: the password is wrong; nothing is changed", path);
    case NTE_BAD_KEY:
        return fail(EXIT_FAILED, "%s holds no private key, or one whose numbers do not belong "
                                 "together; nothing is changed",
                    path);
    case NTE_BAD_LEN:
        return fail(EXIT_FAILED, "%s: the card takes no keys of this size or curve", path);
    case SCARD_W_SECURITY_VIOLATION:
        return fail(EXIT_DENIED, "%s", err->says);
    default:
        return fail_made(code, name);
    }
}

static DWORD import_spec(const struct cli *cli)
{
    return given(cli, OPT_SIGNATURE) ? AT_SIGNATURE : 0;
}

/* Whether key, policy and card go together, before anybody is asked for a PIN. A password is asked
 * for where the key needs one. */
static enum exit_code check_import(const struct cli *cli, struct host *host, struct key_file *file)
{
    const char *path = arg(cli, 0), *name = arg(cli, 1);
    struct host_error err = { 0 };
    enum exit_code rc;
    DWORD code = host_container_import_check(host, name, import_spec(cli), file->data, file->len,
                                             password_of(file), &err);

    if (code == ERROR_INVALID_PASSWORD && !file->has_password) {
        rc = take_password(cli, file);
        if (rc != EXIT_OK)
            return rc;
        code = host_container_import_check(host, name, import_spec(cli), file->data, file->len,
                                           password_of(file), &err);
    }
    return code == SCARD_S_SUCCESS ? EXIT_OK : fail_import(code, &err, path, name);
}

static enum exit_code import(const struct cli *cli, struct host *host, const struct key_file *file)
{
    const char *path = arg(cli, 0), *name = arg(cli, 1);
    struct host_container made = { 0 };
    struct host_error err = { 0 };
    DWORD code = host_container_import(host, name, import_spec(cli), file->data, file->len,
                                       password_of(file), &made, &err);

    if (code != SCARD_S_SUCCESS)
        return fail_import(code, &err, path, name);
    say_made(cli, &made, name, "imported", given(cli, OPT_SIGNATURE));
    return EXIT_OK;
}

enum exit_code cmd_container_import(const struct cli *cli)
{
    struct key_file file = { .len = 0 };
    struct host *host = NULL;
    enum exit_code rc = check_name(arg(cli, 1));

    if (rc == EXIT_OK)
        rc = read_input(arg(cli, 0), KEY_FILE_MOST, &file.data, &file.len);
    if (rc == EXIT_OK && (given(cli, OPT_PASSWORD) || given(cli, OPT_PASSWORD_FILE)))
        rc = take_password(cli, &file);
    if (rc == EXIT_OK)
        rc = open_host(cli, &host);
    if (rc == EXIT_OK)
        rc = check_import(cli, host, &file);
    if (rc == EXIT_OK)
        rc = begin_as_user(cli, host);
    if (rc == EXIT_OK) {
        rc = import(cli, host, &file);
        host_end(host);
    }
    host_close(host);
    input_free(file.data, file.len);
    secret_wipe(&file.password);
    return rc;
}
