/* SPDX-License-Identifier: MIT */
/* derive: key agreement and key derivation. */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

#define PEER_MOST  65536u
#define VALUE_MOST 65536u
#define VALUES_MOST 10u
#define TLS_1_2    0x0303u

static const struct kdf_row {
    const char *name;
    enum host_kdf kdf;
    DWORD tls_version;
    uint64_t options; /* those it has, beside --hash */
} kdf_rows[] = {
    { "hash", HOST_KDF_HASH, 0, OPT(OPT_PREPEND) | OPT(OPT_APPEND) },
    { "hmac", HOST_KDF_HMAC, 0, OPT(OPT_PREPEND) | OPT(OPT_APPEND) | OPT(OPT_HMAC_KEY) },
    { "tls-prf", HOST_KDF_TLS_PRF, 0, OPT(OPT_LABEL) | OPT(OPT_SEED) },
    { "tls12-prf", HOST_KDF_TLS_PRF, TLS_1_2, OPT(OPT_LABEL) | OPT(OPT_SEED) },
    { "sp800-56a", HOST_KDF_SP800_56A, 0,
      OPT(OPT_ALGORITHM_ID) | OPT(OPT_PARTY_U) | OPT(OPT_PARTY_V) | OPT(OPT_SUPP_PUB) |
          OPT(OPT_SUPP_PRIV) | OPT(OPT_BITS) },
};

/* Values of options, as bytes; what host_derive is told points into them. */
struct values {
    BYTE *data[VALUES_MOST];
    size_t len[VALUES_MOST];
    unsigned count;
};

/* ---- options --------------------------------------------------------------------------------- */

static enum exit_code kdf_option(const struct cli *cli, const struct kdf_row **ret)
{
    const uint64_t all = OPT(OPT_PREPEND) | OPT(OPT_APPEND) | OPT(OPT_LABEL) | OPT(OPT_SEED) |
                         OPT(OPT_HMAC_KEY) | kdf_rows[4].options;
    const char *name = given(cli, OPT_KDF) ? cli->value[OPT_KDF] : "hash";

    for (size_t i = 0; i < sizeof kdf_rows / sizeof kdf_rows[0]; i++) {
        if (strcmp(kdf_rows[i].name, name) != 0)
            continue;
        *ret = &kdf_rows[i];
        for (int id = OPT_GLOBALS; id < OPT_COUNT; id++) {
            if (given(cli, (enum opt)id) && opt_in(all, id) && !opt_in(kdf_rows[i].options, id))
                return fail(EXIT_USAGE, "--kdf %s takes other options; `cardmint derive --help` "
                                        "tells which",
                            name);
        }
        return EXIT_OK;
    }
    return fail(EXIT_USAGE, "--kdf %s is not known; give hash, hmac, tls-prf, tls12-prf or "
                            "sp800-56a",
                name);
}

/* Hexadecimal digits, or @FILE. Not given: ret->data stays NULL. */
static enum exit_code value_option(const struct cli *cli, enum opt id, struct values *values,
                                   struct host_bytes *ret)
{
    const char *text = cli->value[id];
    size_t len, at = values->count;
    enum exit_code rc = EXIT_OK;

    if (text == NULL)
        return EXIT_OK;
    if (text[0] == '@') {
        rc = read_input(text + 1, VALUE_MOST, &values->data[at], &values->len[at]);
    } else {
        len = strlen(text);
        values->data[at] = malloc(len / 2 + 1);
        values->len[at] = len / 2;
        if (values->data[at] == NULL)
            return fail(EXIT_FAILED, "no memory");
        if (!from_hex(text, len, values->data[at], &values->len[at]))
            rc = fail(EXIT_USAGE, "--%s %s: give hexadecimal digits, two a byte, or @FILE",
                      opt_rows[id].name, text);
    }
    values->count++;
    *ret = (struct host_bytes){ values->data[at], values->len[at] };
    return rc;
}

/* A key on the command line is seen by every user of the machine. */
static enum exit_code check_secret_values(const struct cli *cli)
{
    static const enum opt secrets[] = { OPT_HMAC_KEY, OPT_SUPP_PRIV };

    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
        const char *text = cli->value[secrets[i]];

        if (text != NULL && text[0] != '@')
            return fail(EXIT_USAGE, "a secret on the command line shows in `ps`; use --%s @FILE",
                        opt_rows[secrets[i]].name);
    }
    return EXIT_OK;
}

static enum exit_code read_values(const struct cli *cli, struct values *values,
                                  struct host_derive *how)
{
    const struct {
        enum opt id;
        struct host_bytes *to;
    } rows[] = {
        { OPT_PREPEND, &how->prepend },
        { OPT_APPEND, &how->append },
        { OPT_SEED, &how->seed },
        { OPT_HMAC_KEY, &how->hmac_key },
        { OPT_ALGORITHM_ID, &how->algorithm_id },
        { OPT_PARTY_U, &how->party_u },
        { OPT_PARTY_V, &how->party_v },
        { OPT_SUPP_PUB, &how->supp_pub },
        { OPT_SUPP_PRIV, &how->supp_priv },
    };
    unsigned long bits = 0;
    enum exit_code rc = check_secret_values(cli);

    for (size_t i = 0; rc == EXIT_OK && i < sizeof rows / sizeof rows[0]; i++)
        rc = value_option(cli, rows[i].id, values, rows[i].to);
    if (rc == EXIT_OK)
        rc = number_option(cli, OPT_BITS, 8, 65536, &bits);
    how->key_bits = (DWORD)bits;
    if (given(cli, OPT_LABEL))
        how->label = (struct host_bytes){ (const BYTE *)cli->value[OPT_LABEL],
                                          strlen(cli->value[OPT_LABEL]) };
    return rc;
}

/* What each function cannot do without, or not with. */
static enum exit_code check_values(const struct host_derive *how)
{
    if (how->kdf == HOST_KDF_TLS_PRF &&
        (how->label.data == NULL || how->seed.data == NULL || how->seed.len != 64))
        return fail(EXIT_USAGE, "the PRF of TLS needs --label, and a --seed of 64 bytes");
    if (how->tls_version == TLS_1_2 && how->hash != 0 && how->hash != CALG_SHA_256 &&
        how->hash != CALG_SHA_384)
        return fail(EXIT_USAGE, "--kdf tls12-prf has --hash sha256 (default) or sha384");
    if (how->kdf == HOST_KDF_TLS_PRF && how->tls_version != TLS_1_2 && how->hash != 0)
        return fail(EXIT_USAGE, "--kdf tls-prf has its own hashes: no --hash; that of TLS 1.2 is "
                                "--kdf tls12-prf");
    if (how->kdf == HOST_KDF_SP800_56A &&
        (how->algorithm_id.data == NULL || how->party_u.data == NULL || how->party_v.data == NULL))
        return fail(EXIT_USAGE, "sp800-56a needs --algorithm-id, --party-u and --party-v");
    if (how->key_bits % 8 != 0)
        return fail(EXIT_USAGE, "--bits must be a multiple of 8");
    return EXIT_OK;
}

/* ---- the command ----------------------------------------------------------------------------- */

static enum exit_code fail_derive(DWORD code, const char *peer)
{
    if (code == NTE_BAD_PUBLIC_KEY)
        return fail(EXIT_FAILED, "%s is no public key of the container's curve", input_name(peer));
    if (code == NTE_NO_KEY)
        return fail(EXIT_NOT_FOUND, "the container has no elliptic curve key for key exchange; "
                                    "make one with `cardmint container create --type p256`");
    return fail_host(code, "key agreement");
}

/* Before anybody is asked for a PIN. */
static enum exit_code look_for_key(const struct cli *cli, struct host *host)
{
    struct host_container found = { 0 };
    DWORD spec = 0;
    enum exit_code rc = begin(host);

    if (rc != EXIT_OK)
        return rc;
    rc = find_key(cli, host, cli->value[OPT_CONTAINER], &found, &spec);
    host_end(host);
    if (rc == EXIT_OK && spec != AT_KEYEXCHANGE)
        rc = fail_derive(NTE_NO_KEY, NULL);
    return rc;
}

static enum exit_code agree_and_derive(const struct cli *cli, struct host *host,
                                       const struct host_derive *how, const BYTE *peer,
                                       size_t peer_len, BYTE **ret_key, size_t *ret_len)
{
    struct host_agreement *agreement = NULL;
    DWORD code = host_agree(host, cli->value[OPT_CONTAINER], peer, peer_len, &agreement);

    if (code == SCARD_S_SUCCESS)
        code = host_derive(agreement, how, ret_key, ret_len);
    host_agreement_free(agreement);
    return code == SCARD_S_SUCCESS ? EXIT_OK : fail_derive(code, cli->value[OPT_PEER]);
}

static enum exit_code write_key(const struct cli *cli, const BYTE *key, size_t len)
{
    const char *path = cli->value[OPT_OUTPUT];
    enum exit_code rc;
    char *hex;

    if (!given(cli, OPT_HEX))
        return write_output(path, 0600, key, len);
    hex = malloc(2 * len + 2);
    if (hex == NULL)
        return fail(EXIT_FAILED, "no memory");
    to_hex(key, len, hex);
    hex[2 * len] = '\n';
    rc = write_output(path, 0600, hex, 2 * len + 1);
    input_free((BYTE *)hex, 2 * len + 1);
    return rc;
}

enum exit_code cmd_derive(const struct cli *cli)
{
    const struct kdf_row *kdf = NULL;
    struct host_derive how = { 0 };
    struct values values = { .count = 0 };
    struct host *host = NULL;
    BYTE *peer = NULL, *key = NULL;
    size_t peer_len = 0, len = 0;
    enum exit_code rc = kdf_option(cli, &kdf);

    if (rc == EXIT_OK && !given(cli, OPT_PEER))
        rc = fail(EXIT_USAGE, "whose public key? give --peer FILE");
    if (rc == EXIT_OK && !given(cli, OPT_HEX))
        rc = check_binary_output(cli->value[OPT_OUTPUT]);
    if (rc == EXIT_OK)
        rc = hash_option(cli, 0, &how.hash);
    if (rc == EXIT_OK)
        rc = read_values(cli, &values, &how);
    if (rc == EXIT_OK) {
        how.kdf = kdf->kdf;
        how.tls_version = kdf->tls_version;
        rc = check_values(&how);
    }
    if (rc == EXIT_OK)
        rc = read_input(cli->value[OPT_PEER], PEER_MOST, &peer, &peer_len);
    if (rc == EXIT_OK)
        rc = open_host(cli, &host);
    if (rc == EXIT_OK)
        rc = look_for_key(cli, host);
    if (rc == EXIT_OK)
        rc = begin_as_user(cli, host);
    if (rc == EXIT_OK) {
        rc = agree_and_derive(cli, host, &how, peer, peer_len, &key, &len);
        host_end(host);
    }
    host_close(host);
    if (rc == EXIT_OK)
        rc = write_key(cli, key, len);
    host_free(key, len);
    input_free(peer, peer_len);
    for (unsigned i = 0; i < values.count; i++)
        input_free(values.data[i], values.len[i]);
    return rc;
}
