/* SPDX-License-Identifier: MIT */
/* sign, decrypt. */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CIPHER_MOST 2048u /* bytes of an RSA-16384 block */

static const struct hash_row {
    const char *name; /* --hash, and OpenSSL's name */
    ALG_ID id;
} hash_rows[] = {
    { "sha256", CALG_SHA_256 },
    { "sha384", CALG_SHA_384 },
    { "sha512", CALG_SHA_512 },
    { "sha1", CALG_SHA1 },
    { "md5", CALG_MD5 },
};

static const struct hash_row *hash_row(ALG_ID id)
{
    for (size_t i = 0; i < sizeof hash_rows / sizeof hash_rows[0]; i++) {
        if (hash_rows[i].id == id)
            return &hash_rows[i];
    }
    return NULL;
}

enum exit_code hash_option(const struct cli *cli, ALG_ID otherwise, ALG_ID *ret)
{
    const char *name = cli->value[OPT_HASH];

    *ret = otherwise;
    if (name == NULL)
        return EXIT_OK;
    for (size_t i = 0; i < sizeof hash_rows / sizeof hash_rows[0]; i++) {
        if (strcmp(hash_rows[i].name, name) == 0) {
            *ret = hash_rows[i].id;
            return EXIT_OK;
        }
    }
    return fail(EXIT_USAGE, "--hash %s is not known; give sha1, sha256, sha384, sha512 or md5",
                name);
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
                  input_name(path), strerror(errno));
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

#define DATA_MOST      2048u /* bytes of --raw and --digest */
#define EC_DIGEST_MOST 66u

/* What to sign, and how. */
struct to_sign {
    struct host_sign_how how;
    BYTE *data;
    size_t len;
};

static enum exit_code sign_options(const struct cli *cli, struct host_sign_how *how)
{
    bool none = given(cli, OPT_HASH) && strcmp(cli->value[OPT_HASH], "none") == 0;
    unsigned long salt = HOST_SALT_AS_HASH;
    enum exit_code rc = EXIT_OK;

    if (given(cli, OPT_PSS) && given(cli, OPT_RAW))
        return fail(EXIT_USAGE, "--pss and --raw: give one of them");
    if (given(cli, OPT_RAW) && (given(cli, OPT_HASH) || given(cli, OPT_DIGEST)))
        return fail(EXIT_USAGE, "--raw takes the block as it is: no --hash, no --digest");
    if (given(cli, OPT_SALT) && !given(cli, OPT_PSS))
        return fail(EXIT_USAGE, "--salt is for --pss");
    if (none && !given(cli, OPT_DIGEST))
        return fail(EXIT_USAGE, "--hash none signs the input as it is: say --digest too");
    if (none && given(cli, OPT_PSS))
        return fail(EXIT_USAGE, "--pss needs to know the hash; name it with --hash");
    how->kind = given(cli, OPT_PSS)   ? HOST_SIGN_PSS
                : given(cli, OPT_RAW) ? HOST_SIGN_RAW
                                      : HOST_SIGN_PKCS1;
    if (!none && !given(cli, OPT_RAW))
        rc = hash_option(cli, CALG_SHA_256, &how->hash);
    if (rc == EXIT_OK)
        rc = number_option(cli, OPT_SALT, 0, DATA_MOST, &salt);
    how->salt_len = (DWORD)salt;
    return rc;
}

/* The file itself with --raw and --digest, else its hash. */
static enum exit_code read_data(const struct cli *cli, struct to_sign *what)
{
    const struct hash_row *hash = hash_row(what->how.hash);
    BYTE digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    enum exit_code rc;

    if (given(cli, OPT_RAW) || given(cli, OPT_DIGEST))
        return read_input(arg(cli, 0), DATA_MOST, &what->data, &what->len);
    rc = hash_file(arg(cli, 0), hash->name, digest, &len);
    if (rc != EXIT_OK)
        return rc;
    what->data = malloc(len);
    if (what->data == NULL)
        return fail(EXIT_FAILED, "no memory");
    memcpy(what->data, digest, len);
    what->len = len;
    return EXIT_OK;
}

/* No RSA key is that short. */
bool is_curve(WORD bits)
{
    return bits == 256 || bits == 384 || bits == 521;
}

static WORD key_bits(const struct host_container *key, DWORD spec)
{
    return spec == AT_SIGNATURE ? key->sig_bits : key->kx_bits;
}

/* What does not fit the key. */
static enum exit_code fail_fit(const struct to_sign *what, unsigned bytes, bool curve)
{
    if (what->how.kind == HOST_SIGN_RAW)
        return fail(EXIT_USAGE, "--raw wants a block as long as the key: %u bytes", bytes);
    if (what->how.kind == HOST_SIGN_PSS)
        return fail(EXIT_USAGE, "hash and salt do not fit a signature with this key; take a "
                                "shorter --salt or --hash");
    if (what->how.hash != 0)
        return fail(EXIT_USAGE, "the hash does not fit a signature with this key; take a shorter "
                                "--hash");
    return fail(EXIT_USAGE, "--digest --hash none takes 1 to %u bytes with this key",
                curve ? EC_DIGEST_MOST : bytes > 11 ? bytes - 11 : 0);
}

static enum exit_code fail_sign(DWORD code, const struct to_sign *what, struct host_container *key,
                                DWORD spec)
{
    const WORD bits = key_bits(key, spec);

    if (code == NTE_BAD_HASH)
        return fail(EXIT_USAGE, "the input is not as long as such a hash; which one it is says "
                                "--hash");
    if (code == NTE_BAD_DATA)
        return fail(EXIT_USAGE, "--raw wants a number below the key's modulus; this one is not");
    if (code == SCARD_E_INVALID_PARAMETER)
        return fail_fit(what, (bits + 7u) / 8u, is_curve(bits));
    return fail_host(code, "signing with container %s", clean_text(key->name));
}

static enum exit_code check_kind(const struct to_sign *what, const struct host_container *key,
                                 DWORD spec)
{
    if (what->how.kind != HOST_SIGN_PKCS1 && is_curve(key_bits(key, spec)))
        return fail(EXIT_USAGE, "--pss and --raw are for RSA, and container %s has an elliptic "
                                "curve key",
                    key->name);
    return EXIT_OK;
}

/* All that can be wrong is said before anybody is asked for a PIN. */
static enum exit_code sign(const struct cli *cli, struct host *host, const struct to_sign *what,
                           BYTE **ret_sig, size_t *ret_len)
{
    const char *name = cli->value[OPT_CONTAINER];
    struct host_container key = { 0 };
    DWORD spec = 0, code;
    enum exit_code rc = choose_key(cli, host, &key, &spec);

    if (rc == EXIT_OK)
        rc = check_kind(what, &key, spec);
    if (rc != EXIT_OK)
        return rc;
    code = host_sign_check(host, name, spec, &what->how, what->data, what->len);
    if (code != SCARD_S_SUCCESS)
        return fail_sign(code, what, &key, spec);
    rc = begin_as_user(cli, host);
    if (rc != EXIT_OK)
        return rc;
    code = host_sign_how(host, name, spec, &what->how, what->data, what->len, ret_sig, ret_len);
    host_end(host);
    return code == SCARD_S_SUCCESS ? EXIT_OK : fail_sign(code, what, &key, spec);
}

enum exit_code cmd_sign(const struct cli *cli)
{
    const char *path = cli->value[OPT_OUTPUT];
    struct to_sign what = { .data = NULL };
    struct host *host = NULL;
    BYTE *sig = NULL;
    size_t len = 0;
    enum exit_code rc = sign_options(cli, &what.how);

    if (rc == EXIT_OK)
        rc = check_binary_output(path);
    if (rc == EXIT_OK)
        rc = read_data(cli, &what);
    if (rc == EXIT_OK)
        rc = open_host(cli, &host);
    if (rc == EXIT_OK)
        rc = sign(cli, host, &what, &sig, &len);
    host_close(host);
    if (rc == EXIT_OK)
        rc = write_output(path, 0666, sig, len);
    input_free(what.data, what.len);
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

    if (is_curve(key->kx_bits))
        return fail(EXIT_USAGE, "container %s has an elliptic curve key, which does not decrypt; "
                                "see `cardmint help derive`",
                    key->name);
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
        rc = open_host(cli, &host);
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
        rc = write_output(cli->value[OPT_OUTPUT], 0600, plain, len);
    host_free(plain, len);
    return rc;
}
