/* SPDX-License-Identifier: MIT */
/* Exit codes, and what went wrong in one line: three tables. */
#include "cli/cli.h"

#include <stdarg.h>

/* clang-format off */
static const struct exit_row {
    enum exit_code code;
    const char *says;
} exit_rows[] = {
    { EXIT_OK,        "done"                                                                },
    { EXIT_FAILED,    "failed, for a reason that has no code of its own"                    },
    { EXIT_USAGE,     "the command line is wrong; nothing was done"                         },
    { EXIT_NO_CARD,   "no reader, no card in it, card removed, or a card that is not known" },
    { EXIT_PIN,       "wrong PIN or key, or it is blocked"                                  },
    { EXIT_NOT_FOUND, "not found: software card, file, container or certificate"            },
    { EXIT_FULL,      "the card is full"                                                    },
    { EXIT_DENIED,    "not allowed: read-only, or not authenticated for this"               },
    { EXIT_DAMAGED,   "the image of a software card, or a file of the card, is damaged"     },
    { EXIT_MODULE,    "the minidriver module or the PC/SC library cannot be used"           },
};
/* clang-format on */

void print_exit_codes(FILE *to)
{
    fputs("Exit codes of cardmint:\n\n", to);
    for (size_t i = 0; i < sizeof exit_rows / sizeof exit_rows[0]; i++)
        fprintf(to, "  %d  %s\n", (int)exit_rows[i].code, exit_rows[i].says);
}

/* What a result of the host means for the caller; the words for it are the host's. */
/* clang-format off */
static const struct code_row {
    DWORD code;
    enum exit_code exit;
    const char *advice;
} code_rows[] = {
    { SCARD_E_NO_SMARTCARD,           EXIT_NO_CARD,   "insert a card" },
    { SCARD_E_NO_READERS_AVAILABLE,   EXIT_NO_CARD,   "`cardmint readers` lists them" },
    { SCARD_E_UNKNOWN_READER,         EXIT_NO_CARD,   "`cardmint readers` lists them" },
    { SCARD_E_READER_UNAVAILABLE,     EXIT_NO_CARD,   "`cardmint readers` lists them" },
    { SCARD_E_DUPLICATE_READER,       EXIT_NO_CARD,   "name one with --reader" },
    { SCARD_W_REMOVED_CARD,           EXIT_NO_CARD,   "insert it and try again" },
    { SCARD_W_UNPOWERED_CARD,         EXIT_NO_CARD,   "insert the card again" },
    { SCARD_W_UNRESPONSIVE_CARD,      EXIT_NO_CARD,   "insert the card again" },
    { SCARD_W_UNSUPPORTED_CARD,       EXIT_NO_CARD,   "use a card the module knows" },
    { SCARD_E_UNKNOWN_CARD,           EXIT_NO_CARD,   "use another card, or another --module" },
    { SCARD_E_CARD_UNSUPPORTED,       EXIT_NO_CARD,   "use a card the module knows" },
    { SCARD_W_WRONG_CHV,              EXIT_PIN,       "try again with the right one" },
    { SCARD_W_CHV_BLOCKED,            EXIT_PIN,       "unblock it with the admin key or the PUK" },
    { SCARD_E_INVALID_CHV,            EXIT_PIN,       "try again with the right one" },
    { SCARD_E_FILE_NOT_FOUND,         EXIT_NOT_FOUND, "`cardmint file ls` lists the files" },
    { SCARD_E_DIR_NOT_FOUND,          EXIT_NOT_FOUND, "`cardmint file ls` lists the files" },
    { SCARD_E_NO_FILE,                EXIT_NOT_FOUND, "`cardmint file ls` lists the files" },
    { SCARD_E_NO_DIR,                 EXIT_NOT_FOUND, "`cardmint file ls` lists the files" },
    { SCARD_E_NO_KEY_CONTAINER,       EXIT_NOT_FOUND, "`cardmint container list` lists them" },
    { NTE_NO_KEY,                     EXIT_NOT_FOUND, "`cardmint container list` shows which are" },
    { SCARD_E_NO_SUCH_CERTIFICATE,    EXIT_NOT_FOUND, "`cardmint container list` shows which are" },
    { SCARD_E_WRITE_TOO_MANY,         EXIT_FULL,      "remove what is not needed" },
    { SCARD_E_NO_MEMORY,              EXIT_FULL,      "remove what is not needed" },
    { ERROR_DISK_FULL,                EXIT_FULL,      "remove what is not needed" },
    { NTE_TOKEN_KEYSET_STORAGE_FULL,  EXIT_FULL,      "remove what is not needed" },
    { SCARD_W_SECURITY_VIOLATION,     EXIT_DENIED,    "it needs the PIN or the admin key" },
    { SCARD_W_CARD_NOT_AUTHENTICATED, EXIT_DENIED,    "it needs the PIN or the admin key" },
    { SCARD_E_NO_ACCESS,              EXIT_DENIED,    "it needs the PIN or the admin key" },
    { SCARD_E_READ_ONLY_CARD,         EXIT_DENIED,    "use another card" },
    { ERROR_FILE_EXISTS,              EXIT_FAILED,    "choose another name" },
    { ERROR_MOD_NOT_FOUND,            EXIT_MODULE,    "give its path with --module" },
    { ERROR_PROC_NOT_FOUND,           EXIT_MODULE,    "give a minidriver's path with --module" },
    { ERROR_BAD_FORMAT,               EXIT_MODULE,    "give a minidriver's path with --module" },
    { ERROR_REVISION_MISMATCH,        EXIT_MODULE,    "try another --card-version" },
    { SCARD_E_NO_SERVICE,             EXIT_MODULE,    "start pcscd, or use --pcsc soft" },
    { SCARD_E_SERVICE_STOPPED,        EXIT_MODULE,    "start pcscd, or use --pcsc soft" },
    { SCARD_E_UNSUPPORTED_FEATURE,    EXIT_FAILED,    "use another card or --module" },
    { SCARD_E_SHARING_VIOLATION,      EXIT_FAILED,    "end the program that uses it" },
};
/* clang-format on */

static const struct code_row *code_row(DWORD code)
{
    for (size_t i = 0; i < sizeof code_rows / sizeof code_rows[0]; i++) {
        if (code_rows[i].code == code)
            return &code_rows[i];
    }
    return NULL;
}

enum exit_code fail(enum exit_code code, const char *format, ...)
{
    va_list list;

    progress_done();
    fprintf(stderr, "%s ", error_prefix());
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
    return code;
}

enum exit_code fail_host(DWORD code, const char *format, ...)
{
    const struct code_row *row = code_row(code);
    char subject[512];
    va_list list;

    va_start(list, format);
    vsnprintf(subject, sizeof subject, format, list);
    va_end(list);
    if (row == NULL)
        return fail(EXIT_FAILED, "%s: %s (%s)", subject, host_says(code), host_code_name(code));
    return fail(row->exit, "%s: %s; %s", subject, host_says(code), row->advice);
}

enum exit_code fail_host_error(const struct host_error *err)
{
    const struct code_row *row = code_row(err->code);

    return fail(row != NULL ? row->exit : EXIT_FAILED, "%s", err->says);
}

/* clang-format off */
static const struct softcard_row {
    enum softcard_result result;
    enum exit_code exit;
    const char *advice;
} softcard_rows[] = {
    { SOFTCARD_EXISTS,   EXIT_FAILED,    "choose another name, or remove the old one"        },
    { SOFTCARD_MISSING,  EXIT_NOT_FOUND, "`cardmint card list` lists them"                   },
    { SOFTCARD_DAMAGED,  EXIT_DAMAGED,   "restore the image from a copy, or remove the card" },
    { SOFTCARD_IO,       EXIT_FAILED,    "look at free space and rights of $CARDMINT_HOME"   },
    { SOFTCARD_MEMORY,   EXIT_FAILED,    "end other programs"                                },
    { SOFTCARD_ARGUMENT, EXIT_USAGE,     "`cardmint card new --help` tells the limits"       },
};
/* clang-format on */

enum exit_code fail_softcard(enum softcard_result result, const char *card_name)
{
    for (size_t i = 0; i < sizeof softcard_rows / sizeof softcard_rows[0]; i++) {
        const struct softcard_row *row = &softcard_rows[i];

        if (row->result == result) {
            return fail(row->exit, "card %s: %s; %s", card_name, softcard_says(result),
                        row->advice);
        }
    }
    return fail(EXIT_FAILED, "card %s: %s", card_name, softcard_says(result));
}
