/* SPDX-License-Identifier: MIT */
/* sign, decrypt. */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

#define CIPHER_MOST 2048u /* bytes of an RSA-16384 block */

static const struct hash_row {
    const char *name; /* --hash, and OpenSSL's name */
    ALG_ID id;
} hash_rows[] = {
    {"sha256",  CALG_SHA_256}, /* the first is the default */
    { "sha384", CALG_SHA_384},
    { "sha512", CALG_SHA_512},
    { "sha1",   CALG_SHA1   },
};

static enum exit_code hash_option(const struct cli *cli, const struct hash_row **ret)
{
    const char *name = cli->value[OPT_HASH];

    for (size_t i = 0; i < sizeof hash_rows / sizeof hash_rows[0]; i++) {
        if (name == NULL || strcmp(hash_rows[i].name, name) == 0) {
            *ret = &hash_rows[i];
            return EXIT_OK;
        }
    }
    return fail(EXIT_USAGE, "--hash %s is not known; give sha1, sha256, sha384 or sha512", name);
}

/* ---- sign ------------------------------------------------------------------------------------ */

/* Any size of file: it goes through the hash piece by piece. False: errno. */
static bool hash_fd(EVP_MD_CTX *md, int fd)
{
    BYTE buf[65536];

    for (;;) {
        ssize_t n = read(fd, buf, sizeof buf);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0;
        if (EVP_DigestUpdate(md, buf, (size_t)n) != 1) {
            errno = ENOMEM;
            return false;
        }
    }
}

static enum exit_code hash_file(const char *path, const char *hash, BYTE *digest, unsigned *ret_len)
{
    bool standard = path == NULL || strcmp(path, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    EVP_MD *alg = EVP_MD_fetch(NULL, hash, NULL);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    enum exit_code rc = EXIT_OK;

    if (alg == NULL || md == NULL || EVP_DigestInit_ex2(md, alg, NULL) != 1)
        rc = fail(EXIT_FAILED, "OpenSSL has no %s here; give another --hash", hash);
    else if (fd < 0 || !hash_fd(md, fd))
        rc = fail(EXIT_FAILED, "%s: %s; give a file that can be read",
                  standard ? "standard input" : path, strerror(errno));
    else if (EVP_DigestFinal_ex(md, digest, ret_len) != 1)
        rc = fail(EXIT_FAILED, "OpenSSL could not finish %s", hash);
    if (fd >= 0 && !standard)
        close(fd);
    EVP_MD_CTX_free(md);
    EVP_MD_free(alg);
    return rc;
}

/* The container of --container and its key, looked up before anybody is asked for a PIN. */
static enum exit_code choose_key(const struct cli *cli, struct host *host,
                                 struct host_container *ret, DWORD *ret_spec)
{
    enum exit_code rc = begin(host);

    if (rc != EXIT_OK)
        return rc;
    rc = find_key(cli, host, cli->value[OPT_CONTAINER], ret, ret_spec);
    host_end(host);
    return rc;
}

enum exit_code cmd_sign(const struct cli *cli)
{
    const char *path = cli->value[OPT_OUTPUT], *name = cli->value[OPT_CONTAINER];
    const struct hash_row *hash = NULL;
    struct host_container key = { 0 };
    struct host *host = NULL;
    BYTE digest[EVP_MAX_MD_SIZE], *sig = NULL;
    unsigned digest_len = 0;
    size_t len = 0;
    DWORD spec = 0, code;
    enum exit_code rc = hash_option(cli, &hash);

    if (rc == EXIT_OK)
        rc = check_binary_output(path);
    if (rc == EXIT_OK)
        rc = hash_file(arg(cli, 0), hash->name, digest, &digest_len);
    if (rc == EXIT_OK)
        rc = open_card(cli, &host);
    if (rc == EXIT_OK)
        rc = choose_key(cli, host, &key, &spec);
    if (rc == EXIT_OK)
        rc = begin_as_user(cli, host);
    if (rc == EXIT_OK) {
        code = host_sign(host, name, spec, hash->id, digest, digest_len, &sig, &len);
        host_end(host);
        if (code != SCARD_S_SUCCESS)
            rc = fail_host(code, "signing with container %s", clean_text(key.name));
    }
    host_close(host);
    if (rc == EXIT_OK)
        rc = write_output(path, 0666, sig, len);
    host_free(sig, len);
    return rc;
}

/* ---- decrypt --------------------------------------------------------------------------------- */

static const struct padding_row {
    const char *name;
    enum host_padding padding;
} padding_rows[] = {
    {"pkcs1",        HOST_PAD_PKCS1      }, /* the first is the default */
    { "oaep",        HOST_PAD_OAEP_SHA1  },
    { "oaep-sha256", HOST_PAD_OAEP_SHA256},
    { "none",        HOST_PAD_NONE       },
};

static enum exit_code padding_option(const struct cli *cli, enum host_padding *ret)
{
    const char *name = cli->value[OPT_PADDING];

    for (size_t i = 0; i < sizeof padding_rows / sizeof padding_rows[0]; i++) {
        if (name == NULL || strcmp(padding_rows[i].name, name) == 0) {
            *ret = padding_rows[i].padding;
            return EXIT_OK;
        }
    }
    return fail(EXIT_USAGE, "--padding %s is not known; give pkcs1, oaep, oaep-sha256 or none",
                name);
}

static enum exit_code check_block(const struct host_container *key, size_t len)
{
    size_t want = (key->kx_bits + 7u) / 8u;

    if (key->kx_bits == 0)
        return fail(EXIT_NOT_FOUND,
                    "container %s has no key exchange key, and a signature key "
                    "does not decrypt",
                    key->name);
    if (len != want)
        return fail(EXIT_FAILED, "the ciphertext has %zu bytes; for this key it must have %zu", len,
                    want);
    return EXIT_OK;
}

enum exit_code cmd_decrypt(const struct cli *cli)
{
    const char *name = cli->value[OPT_CONTAINER];
    enum host_padding padding = HOST_PAD_PKCS1;
    struct host_container key = { 0 };
    struct host *host = NULL;
    BYTE *in = NULL, *plain = NULL;
    size_t in_len = 0, len = 0;
    DWORD spec = 0, code;
    enum exit_code rc = padding_option(cli, &padding);

    if (rc == EXIT_OK)
        rc = read_input(arg(cli, 0), CIPHER_MOST, &in, &in_len);
    if (rc == EXIT_OK)
        rc = open_card(cli, &host);
    if (rc == EXIT_OK)
        rc = choose_key(cli, host, &key, &spec);
    if (rc == EXIT_OK)
        rc = check_block(&key, in_len);
    if (rc == EXIT_OK)
        rc = begin_as_user(cli, host);
    if (rc == EXIT_OK) {
        code = host_decrypt(host, name, padding, in, in_len, &plain, &len);
        host_end(host);
        if (code == NTE_BAD_DATA || code == NTE_DECRYPTION_FAILURE || code == ERROR_INVALID_DATA)
            rc = fail(EXIT_FAILED, "the text was not encrypted for this key with this padding; "
                                   "try another --padding or --container");
        else if (code != SCARD_S_SUCCESS)
            rc = fail_host(code, "decrypting with container %s", clean_text(key.name));
    }
    host_close(host);
    input_free(in, in_len);
    if (rc == EXIT_OK)
        rc = write_output(cli->value[OPT_OUTPUT], 0666, plain, len);
    host_free(plain, len);
    return rc;
}
