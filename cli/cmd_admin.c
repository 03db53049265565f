/* SPDX-License-Identifier: MIT */
/* pin change, unblock; admin verify, challenge, respond, change-key. */
#include "cli/cli.h"

#include "base/secret.h"

#include <errno.h>
#include <limits.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHALLENGE_MOST 256u

/* ---- pin change ------------------------------------------------------------------------------ */

static enum exit_code tries_option(const struct cli *cli, DWORD *ret)
{
    unsigned long tries = 0;
    enum exit_code rc = number_option(cli, OPT_TRIES, 1, 15, &tries);

    *ret = (DWORD)tries;
    return rc;
}

/* The form of the new PIN has been looked at; what is left is the number of tries. */
static enum exit_code fail_new_pin(const struct cli *cli, DWORD code, DWORD left, const char *what)
{
    if (code == SCARD_E_INVALID_PARAMETER && given(cli, OPT_TRIES))
        return fail(EXIT_FAILED, "the card does not let the number of tries be set, or refuses the "
                                 "new PIN; nothing is changed: try without --tries");
    if (code == SCARD_E_INVALID_PARAMETER)
        return fail(EXIT_FAILED, "the card does not take this new PIN; nothing is changed: choose "
                                 "another");
    return fail_login(code, left, what);
}

/* A card has a PUK, or is unblocked by its admin key; it may not be told before it has refused. */
static enum exit_code fail_unblock(const struct cli *cli, DWORD code, DWORD left, const char *what,
                                   bool puk)
{
    if (puk && code == SCARD_W_WRONG_CHV && left == CARD_DATA_VALUE_UNKNOWN)
        return fail(EXIT_PIN, "wrong PUK, or a card without one, which its admin key unblocks: try "
                              "the right PUK, or --admin-key-file FILE");
    if (puk && code == SCARD_W_CHV_BLOCKED)
        return fail(EXIT_PIN, "the PUK is blocked, and nothing else unblocks this card's PIN");
    if (!puk && code == SCARD_E_UNSUPPORTED_FEATURE)
        return fail(EXIT_DENIED, "the %s is right, but this card is not unblocked by it; where it "
                                 "has a PUK, give that with --puk-file FILE",
                    what);
    return fail_new_pin(cli, code, left, what);
}

enum exit_code cmd_pin_change(const struct cli *cli)
{
    struct secret old = { .len = 0 }, fresh = { .len = 0 };
    DWORD left = CARD_DATA_VALUE_UNKNOWN, tries = 0, code;
    struct host *host = NULL;
    enum exit_code rc = tries_option(cli, &tries);

    if (rc == EXIT_OK)
        rc = open_host(cli, &host);
    if (rc == EXIT_OK)
        rc = get_secret(cli, SECRET_PIN, &old);
    if (rc == EXIT_OK)
        rc = get_new_secret(cli, SECRET_NEW_PIN, NULL, &fresh);
    if (rc == EXIT_OK) {
        code = host_pin_change(host, old.bytes, old.len, fresh.bytes, fresh.len, tries, &left);
        if (code != SCARD_S_SUCCESS)
            rc = fail_new_pin(cli, code, left, "PIN");
    }
    host_close(host);
    secret_wipe(&old);
    secret_wipe(&fresh);
    if (rc == EXIT_OK)
        say("the PIN is changed\n");
    return rc;
}

/* ---- challenge and response ------------------------------------------------------------------ */

/* The response of whoever has the key, one line of hexadecimal. */
static enum exit_code read_response(BYTE *response, size_t *len)
{
    char line[2 * CHALLENGE_MOST + 2];
    size_t n;
    bool ok;

    fputs("response: ", stderr);
    fflush(stderr);
    if (fgets(line, sizeof line, stdin) == NULL)
        return fail(EXIT_FAILED, "no response was entered; nothing is changed");
    n = strcspn(line, "\r\n");
    ok = from_hex(line, n, response, len);
    wipe(line, sizeof line);
    return ok ? EXIT_OK
              : fail(EXIT_USAGE, "a response is hexadecimal digits, two a byte, no spaces");
}

/* In a transaction, which holds the card until the response is there. */
static enum exit_code ask_help_desk(struct host *host, BYTE *response, size_t *len)
{
    BYTE challenge[CHALLENGE_MOST];
    char hex[2 * CHALLENGE_MOST + 1];
    size_t challenge_len = sizeof challenge;
    DWORD code = host_admin_challenge(host, challenge, &challenge_len);

    if (code != SCARD_S_SUCCESS)
        return fail_host(code, "the card gives no challenge");
    to_hex(challenge, challenge_len, hex);
    printf("challenge: %s\n", hex);
    fflush(stdout);
    return read_response(response, len);
}

/* ---- pin unblock ----------------------------------------------------------------------------- */

/* What opens the card to a new PIN. */
struct proof {
    struct secret key, puk;
    BYTE response[CHALLENGE_MOST];
    size_t response_len;
};

static enum exit_code take_proof(const struct cli *cli, struct proof *proof)
{
    enum exit_code rc = get_admin_key(cli, &proof->key);
    bool puk = given(cli, OPT_PUK) || given(cli, OPT_PUK_FILE);

    if (rc == EXIT_OK && puk && proof->key.len != 0)
        return fail(EXIT_USAGE, "an admin key and a PUK: give one of them");
    if (rc == EXIT_OK && puk)
        rc = get_secret(cli, SECRET_PUK, &proof->puk);
    return rc;
}

static enum exit_code unblock(const struct cli *cli, struct host *host, struct proof *proof,
                              const struct secret *fresh, DWORD tries)
{
    enum exit_code rc = begin(host);
    DWORD left = CARD_DATA_VALUE_UNKNOWN, code = SCARD_S_SUCCESS;
    const char *what = "response";

    if (rc != EXIT_OK)
        return rc;
    if (proof->key.len != 0) {
        what = "admin key";
        code = host_pin_unblock_with_key(host, proof->key.bytes, proof->key.len, fresh->bytes,
                                         fresh->len, tries);
    } else if (proof->puk.len != 0) {
        what = "PUK";
        code = host_pin_unblock_with_puk(host, proof->puk.bytes, proof->puk.len, fresh->bytes,
                                         fresh->len, tries, &left);
    } else {
        rc = ask_help_desk(host, proof->response, &proof->response_len);
        if (rc == EXIT_OK)
            code = host_pin_unblock(host, proof->response, proof->response_len, fresh->bytes,
                                    fresh->len, tries);
    }
    host_end(host);
    if (rc == EXIT_OK && code != SCARD_S_SUCCESS)
        rc = fail_unblock(cli, code, left, what, proof->puk.len != 0);
    return rc;
}

enum exit_code cmd_pin_unblock(const struct cli *cli)
{
    struct proof proof = { .response_len = sizeof proof.response };
    struct secret fresh = { .len = 0 };
    struct host *host = NULL;
    DWORD tries = 0;
    enum exit_code rc = tries_option(cli, &tries);

    if (rc == EXIT_OK)
        rc = take_proof(cli, &proof);
    if (rc == EXIT_OK)
        rc = open_host(cli, &host);
    if (rc == EXIT_OK)
        rc = get_new_secret(cli, SECRET_NEW_PIN, NULL, &fresh);
    if (rc == EXIT_OK)
        rc = unblock(cli, host, &proof, &fresh, tries);
    host_close(host);
    wipe(&proof, sizeof proof);
    secret_wipe(&fresh);
    if (rc == EXIT_OK)
        say("the PIN is set, with all its tries\n");
    return rc;
}

/* ---- admin ----------------------------------------------------------------------------------- */

static enum exit_code need_key(const struct cli *cli, struct secret *ret)
{
    enum exit_code rc = get_admin_key(cli, ret);

    if (rc == EXIT_OK && ret->len == 0)
        rc = fail(EXIT_USAGE, "no admin key given; use --admin-key-file FILE or --admin-key "
                              "env:NAME");
    return rc;
}

enum exit_code cmd_admin_verify(const struct cli *cli)
{
    struct secret key = { .len = 0 };
    struct host *host = NULL;
    enum exit_code rc = need_key(cli, &key);

    secret_wipe(&key);
    if (rc == EXIT_OK)
        rc = open_host(cli, &host);
    if (rc == EXIT_OK)
        rc = begin_as_owner(cli, host);
    if (rc == EXIT_OK) {
        host_end(host);
        say("the admin key is right\n");
    }
    host_close(host);
    return rc;
}

enum exit_code cmd_admin_challenge(const struct cli *cli)
{
    BYTE response[CHALLENGE_MOST];
    size_t len = sizeof response;
    DWORD left = CARD_DATA_VALUE_UNKNOWN, code;
    struct host *host = NULL;
    enum exit_code rc = open_host(cli, &host);

    if (rc == EXIT_OK)
        rc = begin(host);
    if (rc == EXIT_OK) {
        rc = ask_help_desk(host, response, &len);
        if (rc == EXIT_OK) {
            code = host_admin_respond(host, response, len, &left);
            if (code != SCARD_S_SUCCESS)
                rc = fail_login(code, left, "response");
        }
        host_end(host);
    }
    host_close(host);
    wipe(response, sizeof response);
    if (rc == EXIT_OK)
        say("the response is right\n");
    return rc;
}

/* From the argument, or standard input. */
static enum exit_code read_challenge(const char *text, BYTE *challenge, size_t *len)
{
    BYTE *data = NULL;
    size_t data_len = text != NULL ? strlen(text) : 0;
    bool ok;

    if (text != NULL && strcmp(text, "-") != 0) {
        ok = from_hex(text, data_len, challenge, len);
    } else {
        enum exit_code rc = read_input(NULL, 2 * CHALLENGE_MOST + 2, &data, &data_len);

        if (rc != EXIT_OK)
            return rc;
        while (data_len > 0 && (data[data_len - 1] == '\n' || data[data_len - 1] == '\r'))
            data_len--;
        ok = from_hex((const char *)data, data_len, challenge, len);
        input_free(data, data_len);
    }
    return ok ? EXIT_OK
              : fail(EXIT_USAGE, "a challenge is hexadecimal digits, two a byte, no spaces");
}

enum exit_code cmd_admin_respond(const struct cli *cli)
{
    BYTE challenge[CHALLENGE_MOST], response[CHALLENGE_MOST];
    char hex[2 * CHALLENGE_MOST + 2];
    struct secret key = { .len = 0 };
    size_t len = sizeof challenge;
    enum exit_code rc = need_key(cli, &key);

    if (rc == EXIT_OK)
        rc = read_challenge(arg(cli, 0), challenge, &len);
    if (rc == EXIT_OK && host_admin_response(key.bytes, key.len, len == 16, challenge, len,
                                             response) != SCARD_S_SUCCESS)
        rc = fail(EXIT_USAGE, "a key of %zu bytes does not answer a challenge of %zu: 8 want 3DES "
                              "(16 or 24 bytes), 16 want AES (16, 24 or 32)",
                  key.len, len);
    if (rc == EXIT_OK) {
        to_hex(response, len, hex);
        hex[2 * len] = '\n';
        rc = write_output(NULL, 0, hex, 2 * len + 1); /* past stdio, whose buffer nobody wipes */
    }
    secret_wipe(&key);
    wipe(response, sizeof response);
    wipe(hex, sizeof hex);
    return rc;
}

/* The new key. A random one goes out before the card is changed: a key that nobody has is lost. In
 * a file it is NAME.new, which becomes NAME when the card has the key: whatever happens, NAME is
 * never a key that is not in force. */
struct fresh_key {
    struct secret key;
    bool random;
    const char *path;     /* NULL: no file that is to be renamed */
    char draft[PATH_MAX]; /* then: NAME.new */
};

/* A device or pipe, or standard output, takes the key at once. */
static enum exit_code plan_draft(const char *path, struct fresh_key *fresh)
{
    struct stat st;
    enum exit_code rc = check_new_file(path);
    int n;

    if (rc != EXIT_OK || path == NULL || strcmp(path, "-") == 0 || lstat(path, &st) == 0)
        return rc;
    n = snprintf(fresh->draft, sizeof fresh->draft, "%s.new", path);
    if (n < 0 || (size_t)n >= sizeof fresh->draft)
        return fail(EXIT_USAGE, "the path of --admin-key-out is too long; give a shorter one");
    fresh->path = path;
    return check_new_file(fresh->draft);
}

/* Given, or random and as long as the old one. */
static enum exit_code new_key(const struct cli *cli, const struct secret *old,
                              struct fresh_key *fresh)
{
    enum exit_code rc = get_new_admin_key(cli, &fresh->key);

    fresh->random = fresh->key.len == 0;
    if (rc != EXIT_OK)
        return rc;
    if (!fresh->random && given(cli, OPT_ADMIN_KEY_OUT))
        return fail(EXIT_USAGE, "--admin-key-out is for a random key; you give one yourself");
    if (!fresh->random)
        return EXIT_OK;
    rc = plan_draft(cli->value[OPT_ADMIN_KEY_OUT], fresh);
    if (rc != EXIT_OK)
        return rc;
    fresh->key.len = old->len;
    if (RAND_priv_bytes(fresh->key.bytes, (int)fresh->key.len) != 1)
        return fail(EXIT_FAILED, "OpenSSL has no random numbers; give a new admin key yourself");
    return EXIT_OK;
}

static enum exit_code hand_out(const struct cli *cli, const struct fresh_key *fresh)
{
    const char *path = cli->value[OPT_ADMIN_KEY_OUT];
    const struct secret *key = &fresh->key;
    char hex[2 * SECRET_MAX + 2];
    enum exit_code rc;

    to_hex(key->bytes, key->len, hex);
    hex[2 * key->len] = '\n';
    if (path == NULL)
        say("new admin key: ");
    rc = write_new_file(fresh->path != NULL ? fresh->draft : path, 0600, hex, 2 * key->len + 1);
    wipe(hex, sizeof hex);
    return rc;
}

/* The card has looked at the new key, and kept its old one. */
static bool is_refusal(DWORD code)
{
    return code == SCARD_E_INVALID_PARAMETER || code == SCARD_W_WRONG_CHV ||
           code == SCARD_W_CHV_BLOCKED || code == SCARD_W_SECURITY_VIOLATION ||
           code == SCARD_E_UNSUPPORTED_FEATURE;
}

/* Where the answer was lost, either key may be the card's. */
static enum exit_code fail_change_key(const struct fresh_key *fresh, DWORD code, DWORD left)
{
    const bool draft = fresh->path != NULL;

    if (!is_refusal(code))
        return fail_host(code, "the card has its old admin key, or the new one%s%s; keep both, "
                               "`cardmint admin verify` tells which it is",
                         draft ? " in " : "", draft ? fresh->draft : "");
    if (draft)
        unlink(fresh->draft);
    if (code == SCARD_E_INVALID_PARAMETER)
        return fail(EXIT_USAGE, "the card takes no key of %zu bytes; nothing is changed: 3DES has "
                                "16 or 24, AES as many as the key before",
                    fresh->key.len);
    return fail_login(code, left, "admin key");
}

static enum exit_code change_key(struct host *host, const struct secret *old,
                                 const struct fresh_key *fresh)
{
    DWORD left = CARD_DATA_VALUE_UNKNOWN;
    DWORD code = host_admin_change_key(host, old->bytes, old->len, fresh->key.bytes,
                                       fresh->key.len, &left);

    if (code != SCARD_S_SUCCESS)
        return fail_change_key(fresh, code, left);
    if (fresh->path != NULL && rename(fresh->draft, fresh->path) != 0)
        return fail(EXIT_FAILED, "the admin key is changed; the new one stays in %s, which cannot "
                                 "be renamed: %s",
                    fresh->draft, strerror(errno));
    return EXIT_OK;
}

enum exit_code cmd_admin_change_key(const struct cli *cli)
{
    struct fresh_key fresh = { .path = NULL };
    struct secret old = { .len = 0 };
    struct host *host = NULL;
    enum exit_code rc = need_key(cli, &old);

    if (rc == EXIT_OK)
        rc = new_key(cli, &old, &fresh);
    if (rc == EXIT_OK)
        rc = open_host(cli, &host);
    if (rc == EXIT_OK)
        rc = begin_as_owner(cli, host); /* the old key is right: only then is a new one shown */
    if (rc == EXIT_OK) {
        if (fresh.random)
            rc = hand_out(cli, &fresh);
        if (rc == EXIT_OK)
            rc = change_key(host, &old, &fresh);
        host_end(host);
    }
    host_close(host);
    secret_wipe(&old);
    secret_wipe(&fresh.key);
    if (rc == EXIT_OK)
        say("the admin key is changed\n");
    return rc;
}
