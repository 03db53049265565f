/* SPDX-License-Identifier: MIT */
/* Options: one table, read by the parser (getopt_long), the help and the completion. */
#include "cli/cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
const struct opt_row opt_rows[OPT_COUNT] = {
    [OPT_READER] = { "reader", 0, "NAME", "use this reader: its name or a part of it" },
    [OPT_MODULE] = { "module", 0, "PATH", "use this minidriver (default: our own cardmint.so)" },
    [OPT_PCSC] = { "pcsc", 0, "soft|system|PATH",
                   "PC/SC library (default: $CARDMINT_PCSC, else soft)" },
    [OPT_CARD_VERSION] = { "card-version", 0, "4..7",
                           "interface version asked of the module (default: 7)" },
    [OPT_CONFIG] = { "config", 0, "FILE",
                     "configuration file (default: $CARDMINT_CONFIG, else cardmint.conf(5))" },
    [OPT_SET] = { "set", 0, "NAME=VALUE", "set a value of the configuration; may be repeated" },
    [OPT_NO_COLOR] = { "no-color", 0, NULL, "no colours (also: NO_COLOR in the environment)" },
    [OPT_QUIET] = { "quiet", 'q', NULL, "results only, no remarks" },
    [OPT_HELP] = { "help", 'h', NULL, "show help for what stands before" },
    [OPT_VERSION] = { "version", 0, NULL, "show the version" },

    [OPT_PIN] = { "pin", 0, "env:NAME", "PIN from this environment variable" },
    [OPT_PIN_FILE] = { "pin-file", 0, "FILE", "PIN from the first line of this file" },
    [OPT_PUK] = { "puk", 0, "env:NAME", "PUK from this environment variable" },
    [OPT_PUK_FILE] = { "puk-file", 0, "FILE", "PUK from the first line of this file" },
    [OPT_ADMIN_KEY] = { "admin-key", 0, "env:NAME",
                        "admin key, hexadecimal, from this environment variable" },
    [OPT_ADMIN_KEY_FILE] = { "admin-key-file", 0, "FILE",
                             "admin key, hexadecimal, from the first line of this file" },
    [OPT_ADMIN_KEY_OUT] = { "admin-key-out", 0, "FILE",
                            "write the random admin key here (mode 0600), not to stdout" },
    [OPT_BLANK] = { "blank", 0, NULL, "leave the card as from the factory: no secrets of its own, no files" },
    [OPT_PROFILE] = { "profile", 0, "gids|piv|both",
                      "the card's applications (default: gids)" },
    [OPT_ADMIN_PATH] = { "admin-path", 0, "pin|none",
                         "PIV: who knows the PIN may write (default), or only who has the key" },
    [OPT_UNBLOCK] = { "unblock", 0, "admin|puk",
                      "GIDS: what unblocks the PIN: the admin key (default) or a PUK" },
    [OPT_AES] = { "aes", 0, NULL, "the admin key is AES: 16, 24 or 32 bytes" },
    [OPT_PIN_TRIES] = { "pin-tries", 0, "1..15",
                        "wrong PINs (and wrong PUKs) until blocked (default: 3)" },
    [OPT_CAPACITY] = { "capacity", 0, "BYTES",
                       "room for files and keys, 1024 to 67108864 (default: 65536)" },
    [OPT_NO_EXTENDED] = { "no-extended", 0, NULL, "a card without extended length: chaining only" },
    [OPT_RESELECT] = { "reselect-logs-out", 0, NULL,
                       "selecting the application again logs out, as on Java Cards" },
    [OPT_NO_INSERT] = { "no-insert", 0, NULL, "do not leave the card inserted" },
    [OPT_VPCD] = { "vpcd", 0, "HOST:PORT",
                   "plug it into a pcscd's vpcd reader driver there, until Ctrl-C" },
    [OPT_YES] = { "yes", 'y', NULL, "do not ask" },
    [OPT_JSON] = { "json", 0, NULL, "print JSON" },
    [OPT_OUTPUT] = { "output", 'o', "FILE", "write here (default: standard output)" },
    [OPT_ACCESS] = { "access", 0, "WHO", "who may use a new file (default: everyone)" },
    [OPT_TYPE] = { "type", 0, "KIND", "rsa:BITS (default: rsa:2048), p256, p384 or p521" },
    [OPT_SIGNATURE] = { "signature", 's', NULL,
                        "the container's signature key, not its key exchange key" },
    [OPT_PEM] = { "pem", 0, NULL, "PEM (default)" },
    [OPT_DER] = { "der", 0, NULL, "DER" },
    [OPT_CONTAINER] = { "container", 'c', "NAME",
                        "key container: name or number (default: the default container)" },
    [OPT_HASH] = { "hash", 0, "NAME", "sha1, sha256 (default), sha384, sha512, md5 or none" },
    [OPT_NEW_PIN] = { "new-pin", 0, "env:NAME", "new PIN from this environment variable" },
    [OPT_NEW_PIN_FILE] = { "new-pin-file", 0, "FILE", "new PIN from the first line of this file" },
    [OPT_NEW_ADMIN_KEY] = { "new-admin-key", 0, "env:NAME",
                            "new admin key, hexadecimal, from this environment variable" },
    [OPT_NEW_ADMIN_KEY_FILE] = { "new-admin-key-file", 0, "FILE",
                                 "new admin key, hexadecimal, from this file" },
    [OPT_TRIES] = { "tries", 0, "1..15", "also set how many wrong PINs block it" },
    [OPT_PASSWORD] = { "password", 0, "env:NAME",
                       "password of the key file, from this environment variable" },
    [OPT_PASSWORD_FILE] = { "password-file", 0, "FILE",
                            "password of the key file, from the first line of this file" },
    [OPT_SUBJECT] = { "subject", 0, "NAME",
                      "whom it is for: /CN=Ada/O=Engines or CN=Ada,O=Engines" },
    [OPT_ALT_NAMES] = { "alt-names", 0, "NAMES",
                        "DNS:NAME, email:ADDRESS, UPN:USER@REALM, with commas between" },
    [OPT_PSS] = { "pss", 0, NULL, "RSA: pad with PSS, not PKCS#1 v1.5" },
    [OPT_SALT] = { "salt", 0, "BYTES", "length of the PSS salt (default: that of the hash)" },
    [OPT_RAW] = { "raw", 0, NULL, "RSA: the input is a whole block, nothing is hashed or padded" },
    [OPT_DIGEST] = { "digest", 0, NULL, "the input is the hash already, in binary" },
    [OPT_PEER] = { "peer", 0, "FILE", "public key of the other side, PEM or DER" },
    [OPT_KDF] = { "kdf", 0, "NAME", "hash (default), hmac, tls-prf, tls12-prf or sp800-56a" },
    [OPT_PREPEND] = { "prepend", 0, "HEX|@FILE", "hash, hmac: bytes before the secret" },
    [OPT_APPEND] = { "append", 0, "HEX|@FILE", "hash, hmac: bytes behind the secret" },
    [OPT_LABEL] = { "label", 0, "TEXT", "tls-prf: the label" },
    [OPT_SEED] = { "seed", 0, "HEX|@FILE", "tls-prf: 64 bytes, both randoms" },
    [OPT_HMAC_KEY] = { "hmac-key", 0, "@FILE", "hmac: the key (default: the secret itself)" },
    [OPT_ALGORITHM_ID] = { "algorithm-id", 0, "HEX|@FILE", "sp800-56a: AlgorithmID" },
    [OPT_PARTY_U] = { "party-u", 0, "HEX|@FILE", "sp800-56a: PartyUInfo" },
    [OPT_PARTY_V] = { "party-v", 0, "HEX|@FILE", "sp800-56a: PartyVInfo" },
    [OPT_SUPP_PUB] = { "supp-pub", 0, "HEX|@FILE", "sp800-56a: SuppPubInfo" },
    [OPT_SUPP_PRIV] = { "supp-priv", 0, "@FILE", "sp800-56a: SuppPrivInfo" },
    [OPT_BITS] = { "bits", 0, "NUMBER", "sp800-56a: length of the key (default: the secret's)" },
    [OPT_HEX] = { "hex", 0, NULL, "print hexadecimal digits, not bytes" },
    [OPT_CARD] = { "card", 0, "NAME[,NAME]", "a software card, or two, of $CARDMINT_HOME" },
    [OPT_ONLY] = { "only", 0, "ID", "this requirement, or those below it (CMR.3.4); more may follow" },
    [OPT_REPORT] = { "report", 0, "FOLDER", "write report.json, junit.xml and report.html there" },
    [OPT_LIST] = { "list", 0, NULL, "print the requirements, run nothing" },
    [OPT_OVERWRITE] = { "overwrite", 0, NULL, "what is on the card may be lost" },
    [OPT_PADDING] = { "padding", 0, "NAME", "pkcs1 (default), oaep, oaep-sha256 or none" },
};
/* clang-format on */

#define LONG_BASE                                                                                  \
    256 /* getopt's value of option id: LONG_BASE + id, so that no letter is like it */

static enum exit_code unknown_option(const char *word)
{
    struct nearest near = nearest_init(word + strspn(word, "-"));

    for (size_t i = 0; i < OPT_COUNT; i++)
        nearest_try(&near, opt_rows[i].name);
    if (near.name != NULL)
        return fail(EXIT_USAGE, "unknown option %s; did you mean --%s?", word, near.name);
    return fail(EXIT_USAGE, "unknown option %s; --help lists those of a command", word);
}

static int letter_to_id(int letter)
{
    for (int i = 0; i < OPT_COUNT; i++) {
        if (opt_rows[i].letter != 0 && opt_rows[i].letter == letter)
            return i;
    }
    return OPT_COUNT;
}

static enum exit_code refuse(int answer, char **argv)
{
    char letter[] = { '-', (char)optopt, 0 };
    int id = optopt >= LONG_BASE ? optopt - LONG_BASE : letter_to_id(optopt);

    if (answer == ':' && id < OPT_COUNT)
        return fail(EXIT_USAGE, "--%s needs a value; --help tells which", opt_rows[id].name);
    if (optopt >= LONG_BASE)
        return fail(EXIT_USAGE, "--%s takes no value; leave it out", opt_rows[id].name);
    return unknown_option(optopt != 0 ? letter : argv[optind - 1]);
}

enum exit_code parse_options(int argc, char **argv, struct cli *ret)
{
    struct option longs[OPT_COUNT + 1] = { { 0 } };
    char letters[2 * OPT_COUNT + 2] = ":";
    size_t n = 1;
    int got;

    for (int i = 0; i < OPT_COUNT; i++) {
        const struct opt_row *row = &opt_rows[i];

        longs[i].name = row->name;
        longs[i].has_arg = row->value != NULL ? required_argument : no_argument;
        longs[i].val = LONG_BASE + i;
        if (row->letter != 0) {
            letters[n++] = row->letter;
            if (row->value != NULL)
                letters[n++] = ':';
        }
    }
    opterr = 0;
    while ((got = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
        int id = got >= LONG_BASE ? got - LONG_BASE : letter_to_id(got);

        if (got == '?' || got == ':')
            return refuse(got, argv);
        ret->value[id] = optarg != NULL ? optarg : "";
        if (id == OPT_SET && ret->set_count == SETS_MAX)
            return fail(EXIT_USAGE, "--set can be repeated %d times; use a file", SETS_MAX);
        if (id == OPT_SET)
            ret->sets[ret->set_count++] = optarg;
        if (id == OPT_ONLY && ret->only_count == ONLY_MAX)
            return fail(EXIT_USAGE, "--only can be repeated %d times; words that follow it are ids "
                                    "too",
                        ONLY_MAX);
        if (id == OPT_ONLY)
            ret->only[ret->only_count++] = optarg;
    }
    ret->args = argv + optind;
    ret->arg_count = argc - optind;
    return EXIT_OK;
}

enum exit_code check_options(const struct cli *cli, uint64_t allowed)
{
    for (int i = OPT_GLOBALS; i < OPT_COUNT; i++) {
        if (given(cli, (enum opt)i) && !opt_in(allowed, i)) {
            return fail(EXIT_USAGE, "--%s is no option of this command; --help lists them",
                        opt_rows[i].name);
        }
    }
    return EXIT_OK;
}

static void print_option(FILE *to, const struct opt_row *row)
{
    char text[64];

    snprintf(text, sizeof text, "%s%c%s--%s%s%s", row->letter != 0 ? "-" : " ",
             row->letter != 0 ? row->letter : ' ', row->letter != 0 ? ", " : "  ", row->name,
             row->value != NULL ? " " : "", row->value != NULL ? row->value : "");
    fprintf(to, "  %-28s  %s\n", text, row->help);
}

void print_options(FILE *to, uint64_t set)
{
    for (int i = OPT_GLOBALS; i < OPT_COUNT; i++) {
        if (opt_in(set, i))
            print_option(to, &opt_rows[i]);
    }
}

void print_global_options(FILE *to)
{
    for (int i = 0; i < OPT_GLOBALS; i++)
        print_option(to, &opt_rows[i]);
}

enum exit_code number_option(const struct cli *cli, enum opt id, unsigned long least,
                             unsigned long most, unsigned long *ret)
{
    const char *text = cli->value[id];
    unsigned long number;
    char *end;

    if (text == NULL)
        return EXIT_OK;
    errno = 0;
    number = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != 0 || errno != 0 || number < least ||
        number > most) {
        return fail(EXIT_USAGE, "--%s %s: give a number from %lu to %lu", opt_rows[id].name, text,
                    least, most);
    }
    *ret = number;
    return EXIT_OK;
}
