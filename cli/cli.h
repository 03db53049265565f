/* SPDX-License-Identifier: MIT */
/*
 * The command line: arguments in, text out. What the files of this folder share.
 *
 *     main -- parse_options -- run of a command -- open_host -- begin_as_user ... host_end
 *
 * A command is a row of command.c, an option a row of options.c, an exit code a row of exits.c;
 * the help is made of these rows. Every function that returns an enum exit_code other than
 * EXIT_OK has already said on stderr, in one line, what was wrong and what to do.
 */
#ifndef CARDMINT_CLI_CLI_H
#define CARDMINT_CLI_CLI_H

#include "cardmint/host.h"
#include "softcard/softcard.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* ---- exit codes (exits.c) -------------------------------------------------------------------- */

/* Stable: scripts rely on them. Each has a row in exits.c and in the manual page. */
enum exit_code {
    EXIT_OK = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_NO_CARD = 3,
    EXIT_PIN = 4,
    EXIT_NOT_FOUND = 5,
    EXIT_FULL = 6,
    EXIT_DENIED = 7,
    EXIT_DAMAGED = 8,
    EXIT_MODULE = 9,
};

/* Says "cardmint: ..." on stderr and returns code. */
enum exit_code fail(enum exit_code code, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same for a result of the host: "cardmint: SUBJECT: what the code means; what to do". */
enum exit_code fail_host(DWORD code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same where the host has already found the words. */
enum exit_code fail_host_error(const struct host_error *err);

/* The same for a result of the software card. */
enum exit_code fail_softcard(enum softcard_result result, const char *card_name);

void print_exit_codes(FILE *to);

/* ---- options (options.c) --------------------------------------------------------------------- */

/* clang-format off */
enum opt {
    OPT_READER, OPT_MODULE, OPT_PCSC, OPT_CARD_VERSION, OPT_CONFIG, OPT_SET, OPT_NO_COLOR,
    OPT_QUIET, OPT_HELP, OPT_VERSION,
    OPT_PIN, OPT_PIN_FILE, OPT_PUK, OPT_PUK_FILE, OPT_ADMIN_KEY, OPT_ADMIN_KEY_FILE,
    OPT_ADMIN_KEY_OUT, OPT_BLANK, OPT_UNBLOCK, OPT_AES, OPT_PIN_TRIES, OPT_CAPACITY,
    OPT_NO_EXTENDED, OPT_RESELECT, OPT_NO_INSERT, OPT_VPCD, OPT_YES, OPT_JSON, OPT_OUTPUT,
    OPT_ACCESS, OPT_TYPE, OPT_SIGNATURE, OPT_PEM, OPT_DER, OPT_CONTAINER, OPT_HASH, OPT_PADDING,
    OPT_NEW_PIN, OPT_NEW_PIN_FILE, OPT_NEW_ADMIN_KEY, OPT_NEW_ADMIN_KEY_FILE, OPT_TRIES,
    OPT_PASSWORD, OPT_PASSWORD_FILE, OPT_SUBJECT, OPT_ALT_NAMES, OPT_PSS, OPT_SALT, OPT_RAW,
    OPT_DIGEST, OPT_PEER, OPT_KDF, OPT_PREPEND, OPT_APPEND, OPT_LABEL, OPT_SEED, OPT_HMAC_KEY,
    OPT_ALGORITHM_ID, OPT_PARTY_U, OPT_PARTY_V, OPT_SUPP_PUB, OPT_SUPP_PRIV, OPT_BITS, OPT_HEX,
    OPT_CARD, OPT_ONLY, OPT_REPORT, OPT_LIST, OPT_OVERWRITE, OPT_PROFILE, OPT_ADMIN_PATH,
    OPT_COUNT /* those from OPT_PIN on: at most 64, sets of them are bits of a uint64_t */
};
/* clang-format on */
/* Those before OPT_PIN are global: every command takes them, and they are in no set. */
#define OPT_GLOBALS OPT_PIN
#define OPT(id)     (UINT64_C(1) << ((id) - OPT_GLOBALS))
#define OPTS_PIN    (OPT(OPT_PIN) | OPT(OPT_PIN_FILE))
#define OPTS_ADMIN  (OPT(OPT_ADMIN_KEY) | OPT(OPT_ADMIN_KEY_FILE))
#define OPTS_PUK    (OPT(OPT_PUK) | OPT(OPT_PUK_FILE))
#define OPTS_NEW_PIN (OPT(OPT_NEW_PIN) | OPT(OPT_NEW_PIN_FILE))
#define SETS_MAX 16
#define ONLY_MAX 64
#define CERTIFY_IDS_MAX 1024

struct opt_row {
    const char *name;
    char letter;       /* 0: none */
    const char *value; /* what the help calls the value; NULL: takes none */
    const char *help;
};
extern const struct opt_row opt_rows[OPT_COUNT];

struct command;

/* The command line, understood. */
struct cli {
    const struct command *command;
    const char *value[OPT_COUNT]; /* NULL: not given; "" for an option without value */
    char **args;                  /* what follows the command's words */
    int arg_count;
    const char *sets[SETS_MAX];   /* values of --set, in their order */
    int set_count;
    const char *only[ONLY_MAX];   /* values of --only */
    int only_count;
};

static inline bool given(const struct cli *cli, enum opt id)
{
    return cli->value[id] != NULL;
}

/* The argument number n of the command, or NULL. */
static inline const char *arg(const struct cli *cli, int n)
{
    return n < cli->arg_count ? cli->args[n] : NULL;
}

/* Sorts options from words: cli->value and, in cli->args, all words. A later value of an option
 * takes the place of an earlier one. */
enum exit_code parse_options(int argc, char **argv, struct cli *ret);

static inline bool opt_in(uint64_t set, int id)
{
    return id >= OPT_GLOBALS && (set & OPT(id)) != 0;
}

/* Refuses options that are neither global nor in the command's set. */
enum exit_code check_options(const struct cli *cli, uint64_t allowed);

void print_options(FILE *to, uint64_t set);
void print_global_options(FILE *to);

/* A decimal number of an option; *ret stays as it is when the option is not given. */
enum exit_code number_option(const struct cli *cli, enum opt id, unsigned long least,
                             unsigned long most, unsigned long *ret);

/* ---- commands and help (command.c, help.c, completion.c) ------------------------------------- */

struct command {
    const char *group; /* "card" of `card new`; NULL for a command of one word */
    const char *name;
    const char *args;  /* as the help shows them */
    const char *brief; /* one line */
    const char *more;  /* further lines of help, or NULL */
    uint64_t options;  /* beside the global ones */
    int least_args, most_args;
    enum exit_code (*run)(const struct cli *cli);
};
extern const struct command commands[];
extern const size_t command_count;

struct group {
    const char *name;
    const char *brief;
};
extern const struct group groups[];
extern const size_t group_count;

const struct command *find_command(const char *group, const char *name);
const struct group *find_group(const char *name);

/* Says which command is meant by `words` that name none. */
enum exit_code unknown_command(char **words, int count);

void print_help(FILE *to);
void print_group_help(FILE *to, const struct group *group);
void print_command_help(FILE *to, const struct command *command);

/* The script that completes words in this shell. */
enum exit_code print_completion(const char *shell);

/* The best match for a mistyped word among names; NULL when none is near. Start with *best 0. */
struct nearest {
    const char *word;
    const char *name; /* the best so far, or NULL */
    size_t distance;
};
struct nearest nearest_init(const char *word);
void nearest_try(struct nearest *n, const char *name);

/* The commands themselves: cmd_*.c. */
enum exit_code cmd_card_new(const struct cli *cli);
enum exit_code cmd_card_list(const struct cli *cli);
enum exit_code cmd_card_info(const struct cli *cli);
enum exit_code cmd_card_insert(const struct cli *cli);
enum exit_code cmd_card_eject(const struct cli *cli);
enum exit_code cmd_card_remove(const struct cli *cli);
enum exit_code cmd_readers(const struct cli *cli);
enum exit_code cmd_info(const struct cli *cli);
enum exit_code cmd_pin_verify(const struct cli *cli);
enum exit_code cmd_pin_change(const struct cli *cli);
enum exit_code cmd_pin_unblock(const struct cli *cli);
enum exit_code cmd_admin_challenge(const struct cli *cli);
enum exit_code cmd_admin_respond(const struct cli *cli);
enum exit_code cmd_admin_verify(const struct cli *cli);
enum exit_code cmd_admin_change_key(const struct cli *cli);
enum exit_code cmd_file_ls(const struct cli *cli);
enum exit_code cmd_file_read(const struct cli *cli);
enum exit_code cmd_file_write(const struct cli *cli);
enum exit_code cmd_file_rm(const struct cli *cli);
enum exit_code cmd_container_list(const struct cli *cli);
enum exit_code cmd_container_create(const struct cli *cli);
enum exit_code cmd_container_import(const struct cli *cli);
enum exit_code cmd_container_default(const struct cli *cli);
enum exit_code cmd_container_delete(const struct cli *cli);
enum exit_code cmd_container_public_key(const struct cli *cli);
enum exit_code cmd_cert_write(const struct cli *cli);
enum exit_code cmd_cert_read(const struct cli *cli);
enum exit_code cmd_cert_request(const struct cli *cli);
enum exit_code cmd_roots_list(const struct cli *cli);
enum exit_code cmd_roots_read(const struct cli *cli);
enum exit_code cmd_roots_add(const struct cli *cli);
enum exit_code cmd_roots_remove(const struct cli *cli);
enum exit_code cmd_derive(const struct cli *cli);
enum exit_code cmd_config(const struct cli *cli);
enum exit_code cmd_sign(const struct cli *cli);
enum exit_code cmd_decrypt(const struct cli *cli);
enum exit_code cmd_certify(const struct cli *cli);
enum exit_code cmd_exec(const struct cli *cli);
enum exit_code cmd_help(const struct cli *cli);

/* ---- secrets (secret_input.c) ---------------------------------------------------------------- */

#define SECRET_MAX 127u /* longest PIN or PUK, bytes */

/* A PIN, PUK or key. Wipe it with secret_wipe when done; nothing prints it. */
struct secret {
    BYTE bytes[SECRET_MAX + 1];
    size_t len;
};
void secret_wipe(struct secret *secret);

enum secret_kind {
    SECRET_PIN, SECRET_PUK, SECRET_ADMIN_KEY, SECRET_NEW_PIN, SECRET_NEW_ADMIN_KEY, SECRET_PASSWORD
};

/* Refuses secrets on the command line itself, and two sources for one. Before anything is done. */
enum exit_code check_secrets(const struct cli *cli);

/* From --pin or --pin-file, else asked on the terminal without echo. */
enum exit_code get_secret(const struct cli *cli, enum secret_kind kind, struct secret *ret);

/* The same for a new one: asked twice, 4 to 127 bytes. card_name NULL: the card in the reader. */
enum exit_code get_new_secret(const struct cli *cli, enum secret_kind kind, const char *card_name,
                              struct secret *ret);

/* The admin key, given in hexadecimal by --admin-key or --admin-key-file; ret->len 0: not given.
 * The other: a new one, by --new-admin-key or --new-admin-key-file. */
enum exit_code get_admin_key(const struct cli *cli, struct secret *ret);
enum exit_code get_new_admin_key(const struct cli *cli, struct secret *ret);

/* Hexadecimal digits to bytes: *ret_len is the room, then the length. False: none, or too long. */
bool from_hex(const char *text, size_t text_len, BYTE *out, size_t *ret_len);

/* ---- the card (session.c) -------------------------------------------------------------------- */

/* Refuses a folder of software cards that cannot be listed. */
enum exit_code check_home(void);

/* The configuration in force: file, then --set. Kept for the life of the program. */
enum exit_code load_config(const struct cli *cli, const struct host_config **ret);

/* The host's options: the command line's, else the configuration's. */
enum exit_code host_options_from(const struct cli *cli, struct host_options *ret);

/* Says why a PIN or key was refused. */
enum exit_code fail_login(DWORD code, DWORD left, const char *what);

enum exit_code open_host(const struct cli *cli, struct host **ret);

/* host_begin, with words on failure. */
enum exit_code begin(struct host *host);

/* Gets the PIN (asking before the card is locked), begins a transaction, logs in. On failure no
 * transaction is left. */
enum exit_code begin_as_user(const struct cli *cli, struct host *host);

/* The same as administrator when an admin key is given, else as user. */
enum exit_code begin_as_owner(const struct cli *cli, struct host *host);

/* Finds the container (NULL: the default one), and the key: the one --signature asks for, or the
 * one that is there. */
enum exit_code find_key(const struct cli *cli, struct host *host, const char *name,
                        struct host_container *ret, DWORD *ret_spec);

/* ---- text and files (text.c, files.c) -------------------------------------------------------- */

struct json_object;

/* A string that came from a card or reader, as JSON (never NULL) ... */
struct json_object *json_text(const char *text);
struct json_object *json_hex(const BYTE *bytes, size_t len);
/* ... and as it may go to a terminal: control characters and broken UTF-8 become '?'. In place. */
char *clean_text(char *text);
/* Prints the object and releases it. */
enum exit_code print_json(struct json_object *object);

/* Lower-case hexadecimal into room for 2 * len + 1. */
void to_hex(const BYTE *bytes, size_t len, char *out);

void text_init(const struct cli *cli); /* decides about colour; sets what say() does */
void say(const char *format, ...) __attribute__((format(printf, 1, 2))); /* not with --quiet */
void print_heading(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *error_prefix(void); /* "cardmint:", coloured where that is wanted */

/* A line on a terminal's stderr while something takes long, and its end. */
void progress(const char *format, ...) __attribute__((format(printf, 1, 2)));
void progress_done(void);
/* The same, over the line that stands there. */
void progress_again(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool colour_wanted(void); /* on standard output */

/* Reads a whole file (NULL or "-": standard input) of at most max bytes; free with input_free,
 * which wipes it. Standard input is there once: the second time is an error. */
enum exit_code read_input(const char *path, size_t max, BYTE **ret_data, size_t *ret_len);
void input_free(BYTE *data, size_t len);

/* What messages call it: the path, or "standard input". */
const char *input_name(const char *path);

/* A certificate, PEM (the first one in it) or DER, as DER; free with OPENSSL_free. cmd_cert.c */
enum exit_code read_certificate(const char *path, BYTE **ret_der, int *ret_len);

/* A key of that many bits is one on an elliptic curve. cmd_use.c */
bool is_curve(WORD bits);

/* What --hash names (cmd_use.c). CALG_SHA_256 when it is not given, or `otherwise`. */
enum exit_code hash_option(const struct cli *cli, ALG_ID otherwise, ALG_ID *ret);

/* Writes to a file (NULL or "-": standard output): first a new file beside it, then renamed over
 * it, so that what was there stays whole on failure. mode: of a new file, before the umask. */
enum exit_code write_output(const char *path, unsigned mode, const void *data, size_t len);

/* The same to a file that must not be there yet: a key in it would be lost. The second says so
 * beforehand. */
enum exit_code write_new_file(const char *path, unsigned mode, const void *data, size_t len);
enum exit_code check_new_file(const char *path);

/* Refuses to write binary data to a terminal. */
enum exit_code check_binary_output(const char *path);

/* Refuses --pem with --der, and DER to a terminal. */
enum exit_code check_form(const struct cli *cli);

/* DER as it is (--der), or wrapped as PEM under the label. */
enum exit_code write_der(const struct cli *cli, const char *label, const BYTE *der, size_t len);

#endif
