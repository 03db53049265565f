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
};
const size_t group_count = sizeof groups / sizeof groups[0];

/* clang-format off */
const struct command commands[] = {
    { "card", "new", "NAME", "make a software card: PIN, admin key, file system; insert it",
      "NAME has 1 to 31 of A-Z a-z 0-9 . _ - and does not start with a dot. Without --pin or\n"
      "--pin-file the PIN is asked twice on the terminal. Without an admin key a random one is\n"
      "made and printed once: keep it. If anything fails, no card is left.\n"
      "The minidriver interface answers the admin key's challenge with 3DES: a card with an AES\n"
      "key is personalised, but the file system cannot be made through the minidriver.",
      OPTS_PIN | OPTS_ADMIN | OPT(OPT_PUK) | OPT(OPT_PUK_FILE) | OPT(OPT_ADMIN_KEY_OUT) |
      OPT(OPT_BLANK) | OPT(OPT_UNBLOCK) | OPT(OPT_AES) | OPT(OPT_PIN_TRIES) | OPT(OPT_CAPACITY) |
      OPT(OPT_NO_EXTENDED) | OPT(OPT_RESELECT) | OPT(OPT_NO_INSERT), 1, 1, cmd_card_new },
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
      "NAME has at most 39 characters of ASCII and no backslash; without it a random GUID\n"
      "is taken and printed. The first container becomes the default one.",
      OPTS_PIN | OPT(OPT_TYPE) | OPT(OPT_SIGNATURE), 0, 1, cmd_container_create },
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

    { NULL, "sign", "[FILE|-]", "sign a file with a key of the card",
      "Prints the bare PKCS#1 v1.5 signature; `openssl dgst -verify` checks it.",
      OPTS_PIN | OPT(OPT_CONTAINER) | OPT(OPT_SIGNATURE) | OPT(OPT_HASH) | OPT(OPT_OUTPUT), 0, 1,
      cmd_sign },
    { NULL, "decrypt", "[FILE|-]", "decrypt with an RSA key of the card",
      "The input is one block as long as the key, as `openssl pkeyutl -encrypt` makes it.",
      OPTS_PIN | OPT(OPT_CONTAINER) | OPT(OPT_PADDING) | OPT(OPT_OUTPUT), 0, 1, cmd_decrypt },
    { NULL, "help", "[COMMAND | exit-codes]", "show help for a command, or the exit codes", NULL,
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
