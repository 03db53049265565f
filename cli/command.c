/* SPDX-License-Identifier: MIT */
/* Which commands there are: one row each. */
#include "cli/cli.h"

#include <string.h>

const struct group groups[] = {
    {"card",       "software cards: make, insert, eject, remove"},
    { "pin",       "the PIN of the card"                        },
    { "file",      "files of the card"                          },
    { "container", "key containers of the card"                 },
    { "cert",      "certificates on the card"                   },
    { "admin",     "the administrator's key of the card"        },
    { "roots",     "root certificates kept on the card"         },
};
const size_t group_count = sizeof groups / sizeof groups[0];

/* clang-format off */
const struct command commands[] = {
    { "card", "new", "NAME", "make a software card: PIN, admin key, file system; insert it",
      "NAME has 1 to 31 of A-Z a-z 0-9 . _ - and does not start with a dot. Without --pin or\n"
      "--pin-file the PIN is asked twice on the terminal. Without an admin key a random one is\n"
      "made and printed once: keep it. If anything fails, no card is left. The PIN of a PIV card\n"
      "has 6 to 8 digits, and it has a PUK of 6 to 8 characters, which is asked for as well.",
      OPTS_PIN | OPTS_ADMIN | OPT(OPT_PUK) | OPT(OPT_PUK_FILE) | OPT(OPT_ADMIN_KEY_OUT) |
      OPT(OPT_PROFILE) | OPT(OPT_ADMIN_PATH) | OPT(OPT_BLANK) | OPT(OPT_UNBLOCK) | OPT(OPT_AES) |
      OPT(OPT_PIN_TRIES) | OPT(OPT_CAPACITY) | OPT(OPT_NO_EXTENDED) | OPT(OPT_RESELECT) |
      OPT(OPT_NO_INSERT), 1, 1, cmd_card_new },
    { "card", "list", "", "list the software cards of $CARDMINT_HOME", NULL,
      OPT(OPT_JSON), 0, 0, cmd_card_list },
    { "card", "info", "NAME", "tell about a software card", NULL,
      OPT(OPT_JSON), 1, 1, cmd_card_info },
    { "card", "insert", "NAME", "insert a software card: it shows up as a reader",
      "With --vpcd the card is plugged into a real pcscd instead, as long as the command runs.",
      OPT(OPT_VPCD), 1, 1, cmd_card_insert },
    { "card", "eject", "NAME", "take a software card out of its reader", NULL,
      0, 1, 1, cmd_card_eject },
    { "card", "remove", "NAME", "delete a software card with its keys, for ever",
      "Asks on a terminal; elsewhere --yes is needed.",
      OPT(OPT_YES), 1, 1, cmd_card_remove },

    { NULL, "readers", "", "list the readers and what is in them", NULL,
      OPT(OPT_JSON), 0, 0, cmd_readers },
    { NULL, "info", "", "tell about the card: identity, abilities, free room", NULL,
      OPT(OPT_JSON), 0, 0, cmd_info },
    { "pin", "verify", "", "try the PIN; a wrong one costs a try", NULL,
      OPTS_PIN, 0, 0, cmd_pin_verify },
    { "pin", "change", "", "change the PIN",
      "A wrong old PIN costs a try. The new one is asked twice, or comes from --new-pin-file.",
      OPTS_PIN | OPTS_NEW_PIN | OPT(OPT_TRIES), 0, 0, cmd_pin_change },
    { "pin", "unblock", "", "set a new PIN, also when it is blocked",
      "With the admin key, or with the PUK on cards that have one. With neither, a challenge is\n"
      "printed and the response read from standard input (hexadecimal): read the challenge to the\n"
      "help desk, which has `cardmint admin respond`. The card is held meanwhile.",
      OPTS_ADMIN | OPTS_PUK | OPTS_NEW_PIN | OPT(OPT_TRIES), 0, 0, cmd_pin_unblock },

    { "admin", "verify", "", "try the admin key", NULL, OPTS_ADMIN, 0, 0, cmd_admin_verify },
    { "admin", "challenge", "", "print a challenge, and check the response to it",
      "Reads the response from standard input, in hexadecimal. The card is held meanwhile: a\n"
      "challenge serves the next command alone.",
      0, 0, 0, cmd_admin_challenge },
    { "admin", "respond", "[CHALLENGE|-]", "the help desk's part: answer a challenge with the key",
      "Needs no card. CHALLENGE is hexadecimal, from standard input when it is not given. A\n"
      "challenge of 16 bytes is answered with AES, one of 8 bytes with 3DES.",
      OPTS_ADMIN, 0, 1, cmd_admin_respond },
    { "admin", "change-key", "", "change the admin key",
      "The new one comes from --new-admin-key-file; without it a random one of the same length is\n"
      "made and printed once, or written to --admin-key-out.",
      OPTS_ADMIN | OPT(OPT_NEW_ADMIN_KEY) | OPT(OPT_NEW_ADMIN_KEY_FILE) | OPT(OPT_ADMIN_KEY_OUT),
      0, 0, cmd_admin_change_key },

    { "file", "ls", "", "list the files of the card",
      "Some files tell size and access only to the user or the administrator: give a PIN or an\n"
      "admin key to see these too. Nobody is asked for one.",
      OPTS_PIN | OPTS_ADMIN | OPT(OPT_JSON), 0, 0, cmd_file_ls },
    { "file", "read", "PATH", "read a file of the card",
      "PATH is NAME or DIRECTORY/NAME. The PIN is asked for only where the file needs it.",
      OPTS_PIN | OPTS_ADMIN | OPT(OPT_OUTPUT), 1, 1, cmd_file_read },
    { "file", "write", "PATH [FILE|-]", "write a file of the card, from FILE or standard input",
      "PATH is NAME or DIRECTORY/NAME; the file is made where it is not there. With an admin key\n"
      "it is written as administrator, else as user. --access, for a new file, is one of\n"
      "  everyone        everyone reads, the user writes\n"
      "  everyone-admin  everyone reads, the administrator writes\n"
      "  user            the user reads and writes\n"
      "  user-write      the user writes, nobody reads\n"
      "  admin           the administrator reads and writes",
      OPTS_PIN | OPTS_ADMIN | OPT(OPT_ACCESS), 1, 2, cmd_file_write },
    { "file", "rm", "PATH", "remove a file of the card", NULL,
      OPTS_PIN | OPTS_ADMIN, 1, 1, cmd_file_rm },

    { "container", "list", "", "list the key containers", NULL,
      OPT(OPT_JSON), 0, 0, cmd_container_list },
    { "container", "create", "[NAME]", "make a key pair on the card in a new container",
      "NAME has at most 39 characters, no backslash, and is no number below 255; without it a\n"
      "random GUID is taken and printed. The first container becomes the default one. A container\n"
      "of that name that has no such key (see --signature) gets it beside the other one.",
      OPTS_PIN | OPT(OPT_TYPE) | OPT(OPT_SIGNATURE), 0, 1, cmd_container_create },
    { "container", "import", "FILE|- [NAME]", "import a private key from a file",
      "PKCS#8 or the traditional forms, PEM or DER, RSA or elliptic curve; the password of an\n"
      "encrypted one is asked for. The policy forbids it until AllowPrivateExchangeKeyImport,\n"
      "...SignatureKeyImport, ...ECDHEKeyImport or ...ECDSAKeyImport is set: cardmint.conf(5).",
      OPTS_PIN | OPT(OPT_SIGNATURE) | OPT(OPT_PASSWORD) | OPT(OPT_PASSWORD_FILE), 1, 2,
      cmd_container_import },
    { "container", "default", "NAME", "make a container the default one", NULL,
      OPTS_PIN, 1, 1, cmd_container_default },
    { "container", "delete", "NAME", "delete a container: keys, certificates, name", NULL,
      OPTS_PIN, 1, 1, cmd_container_delete },
    { "container", "public-key", "NAME", "print the public key of a container",
      "As SubjectPublicKeyInfo, the form openssl reads.",
      OPT(OPT_SIGNATURE) | OPT(OPT_OUTPUT) | OPT(OPT_PEM) | OPT(OPT_DER), 1, 1,
      cmd_container_public_key },

    { "cert", "write", "CONTAINER FILE|-", "store a certificate (PEM or DER) with its key",
      "Refused when the certificate is not for the container's key.",
      OPTS_PIN | OPT(OPT_SIGNATURE), 2, 2, cmd_cert_write },
    { "cert", "read", "CONTAINER", "print the certificate of a container", NULL,
      OPT(OPT_SIGNATURE) | OPT(OPT_OUTPUT) | OPT(OPT_PEM) | OPT(OPT_DER), 1, 1, cmd_cert_read },

    { "cert", "request", "CONTAINER", "have a certificate request signed by the card (PKCS#10)",
      "A certificate authority makes the certificate of it; `cardmint cert write` stores that.\n"
      "--subject is /CN=Ada/O=Engines or CN=Ada,O=Engines, one value for each part, a backslash\n"
      "before / , + \" ; < > that belong to it. --alt-names is DNS:NAME, email:USER@HOST and\n"
      "UPN:USER@REALM, with commas between.",
      OPTS_PIN | OPT(OPT_SIGNATURE) | OPT(OPT_SUBJECT) | OPT(OPT_ALT_NAMES) | OPT(OPT_HASH) |
      OPT(OPT_OUTPUT) | OPT(OPT_PEM) | OPT(OPT_DER), 1, 1, cmd_cert_request },

    { "roots", "list", "", "list the root certificates kept on the card (msroots)", NULL,
      OPT(OPT_JSON), 0, 0, cmd_roots_list },
    { "roots", "read", "", "print them as PKCS#7", NULL,
      OPT(OPT_OUTPUT) | OPT(OPT_PEM) | OPT(OPT_DER), 0, 0, cmd_roots_read },
    { "roots", "add", "FILE|-", "add a certificate (PEM or DER)", NULL,
      OPTS_PIN, 1, 1, cmd_roots_add },
    { "roots", "remove", "FINGERPRINT", "remove one: SHA-256 or SHA-1, or how it begins", NULL,
      OPTS_PIN, 1, 1, cmd_roots_remove },

    { NULL, "sign", "[FILE|-]", "sign a file with a key of the card",
      "Prints the bare signature, RSA with PKCS#1 v1.5 padding if nothing else is said, ECDSA in\n"
      "DER; `openssl dgst -verify` checks it.",
      OPTS_PIN | OPT(OPT_CONTAINER) | OPT(OPT_SIGNATURE) | OPT(OPT_HASH) | OPT(OPT_OUTPUT) |
      OPT(OPT_PSS) | OPT(OPT_SALT) | OPT(OPT_RAW) | OPT(OPT_DIGEST), 0, 1, cmd_sign },
    { NULL, "decrypt", "[FILE|-]", "decrypt with an RSA key of the card",
      "The input is one block as long as the key, as `openssl pkeyutl -encrypt` makes it.",
      OPTS_PIN | OPT(OPT_CONTAINER) | OPT(OPT_PADDING) | OPT(OPT_OUTPUT), 0, 1, cmd_decrypt },
    { NULL, "derive", "", "agree on a secret with an elliptic curve key, and derive a key of it",
      "The container's key exchange key and --peer must be of one curve. The secret itself stays\n"
      "with the minidriver.",
      OPTS_PIN | OPT(OPT_CONTAINER) | OPT(OPT_PEER) | OPT(OPT_KDF) | OPT(OPT_HASH) |
      OPT(OPT_PREPEND) | OPT(OPT_APPEND) | OPT(OPT_LABEL) | OPT(OPT_SEED) | OPT(OPT_HMAC_KEY) |
      OPT(OPT_ALGORITHM_ID) | OPT(OPT_PARTY_U) | OPT(OPT_PARTY_V) | OPT(OPT_SUPP_PUB) |
      OPT(OPT_SUPP_PRIV) | OPT(OPT_BITS) | OPT(OPT_HEX) | OPT(OPT_OUTPUT), 0, 0, cmd_derive },
    { NULL, "certify", "[ID...]", "run every requirement of the certification document",
      "Runs --module (our own unless told otherwise) on two fresh software cards, which are gone\n"
      "afterwards (--profile gids, gids-read-only, piv or piv-read-only says of which kind); or on\n"
      "the card of --reader, or of --card, which the tests overwrite. IDs, as\n"
      "--only has them, select requirements; --list prints them. --config is the kit's own file\n"
      "here: lines of NAME = VALUE, or the XML of Microsoft's tool (docs/certification.md).\n"
      "Exit code 0: none fails; 1: some fail; 9: the module cannot be used.",
      OPTS_PIN | OPTS_ADMIN | OPT(OPT_CARD) | OPT(OPT_ONLY) | OPT(OPT_REPORT) | OPT(OPT_LIST) |
      OPT(OPT_OVERWRITE) | OPT(OPT_PROFILE) | OPT(OPT_JSON), 0, CERTIFY_IDS_MAX, cmd_certify },
    { NULL, "exec", "[TEST [SUBTEST]]", "the same, by the test names of Microsoft's tool",
      "`cardmint exec CardSignData Negative` runs what belongs to that test of cmck.exe; without\n"
      "TEST, everything. All else is as with `cardmint certify`.",
      OPTS_PIN | OPTS_ADMIN | OPT(OPT_CARD) | OPT(OPT_REPORT) | OPT(OPT_LIST) |
      OPT(OPT_OVERWRITE) | OPT(OPT_JSON), 0, 2, cmd_exec },
    { NULL, "config", "", "print the configuration in force", NULL, OPT(OPT_JSON), 0, 0,
      cmd_config },
    { NULL, "help", "[COMMAND | exit-codes | completion SHELL]", "show help for a command",
      "exit-codes: what they mean. completion bash, completion zsh: a script that completes the\n"
      "command line; `make install` puts both where these shells look.",
      0, 0, 2, cmd_help },
};
/* clang-format on */
const size_t command_count = sizeof commands / sizeof commands[0];

static bool same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

const struct command *find_command(const char *group, const char *name)
{
    for (size_t i = 0; i < command_count; i++) {
        if (same(commands[i].group, group) && same(commands[i].name, name))
            return &commands[i];
    }
    return NULL;
}

const struct group *find_group(const char *name)
{
    for (size_t i = 0; i < group_count; i++) {
        if (same(groups[i].name, name))
            return &groups[i];
    }
    return NULL;
}
