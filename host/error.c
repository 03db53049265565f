/* SPDX-License-Identifier: MIT */
/* Codes and their words. */
#include "cardmint/host.h"

#include <stdarg.h>
#include <stdio.h>

#define ROW(code, says) { code, #code, says }

static const struct code_row {
    DWORD code;
    const char *name;
    const char *says;
} rows[] = {
    ROW(SCARD_S_SUCCESS, "done"),

    /* the card and the way to it */
    ROW(SCARD_E_NO_SMARTCARD, "no card in the reader"),
    ROW(SCARD_W_REMOVED_CARD, "the card was removed"),
    ROW(SCARD_W_RESET_CARD, "the card was reset by another program"),
    ROW(SCARD_W_UNPOWERED_CARD, "the card has no power"),
    ROW(SCARD_W_UNRESPONSIVE_CARD, "the card does not answer"),
    ROW(SCARD_W_UNSUPPORTED_CARD, "the reader cannot talk to this card"),
    ROW(SCARD_E_UNKNOWN_CARD, "the module does not know this card"),
    ROW(SCARD_E_CARD_UNSUPPORTED, "the reader cannot use this card"),
    ROW(SCARD_E_INVALID_ATR, "the card introduces itself with a malformed ATR"),
    ROW(SCARD_E_PROTO_MISMATCH, "card and reader have no protocol in common"),
    ROW(SCARD_F_COMM_ERROR, "the talk between card and reader broke down"),
    ROW(SCARD_E_COMM_DATA_LOST, "data on the card cannot be read, or was lost on the way"),
    ROW(SCARD_E_TIMEOUT, "it took too long"),
    ROW(SCARD_F_WAITED_TOO_LONG, "it took too long"),
    ROW(SCARD_E_NO_READERS_AVAILABLE, "there is no card reader"),
    ROW(SCARD_E_UNKNOWN_READER, "there is no such reader"),
    ROW(SCARD_E_READER_UNAVAILABLE, "the reader is gone"),
    ROW(SCARD_E_READER_UNSUPPORTED, "the reader cannot do this"),
    ROW(SCARD_E_DUPLICATE_READER, "two readers have this name"),
    ROW(SCARD_E_PCI_TOO_SMALL, "the reader wants more room"),
    ROW(SCARD_E_NOT_READY, "reader or card is not ready"),
    ROW(SCARD_E_SHARING_VIOLATION, "another program has the card for itself"),
    ROW(SCARD_E_NOT_TRANSACTED, "this needs a transaction that is not there"),
    ROW(SCARD_E_NO_SERVICE, "the smart card service does not run"),
    ROW(SCARD_E_SERVICE_STOPPED, "the smart card service was stopped"),
    ROW(SCARD_E_SERVER_TOO_BUSY, "the smart card service is busy"),
    ROW(SCARD_P_SHUTDOWN, "the system shuts down"),
    ROW(SCARD_E_SYSTEM_CANCELLED, "the system ended it"),
    ROW(SCARD_E_CANCELLED, "cancelled"),
    ROW(SCARD_W_CANCELLED_BY_USER, "cancelled by the user"),

    /* rights */
    ROW(SCARD_W_WRONG_CHV, "wrong PIN"),
    ROW(SCARD_W_CHV_BLOCKED, "blocked after too many wrong tries"),
    ROW(SCARD_E_INVALID_CHV, "a PIN of this form is not allowed"),
    ROW(SCARD_W_SECURITY_VIOLATION, "the card does not allow it without authentication"),
    ROW(SCARD_W_CARD_NOT_AUTHENTICATED, "the card does not allow it without authentication"),
    ROW(SCARD_E_NO_ACCESS, "the card does not allow it"),
    ROW(ERROR_INVALID_PASSWORD, "wrong password"),
    ROW(SCARD_E_READ_ONLY_CARD, "the card can only be read"),

    /* what is on the card */
    ROW(SCARD_E_FILE_NOT_FOUND, "no such file on the card"),
    ROW(SCARD_E_DIR_NOT_FOUND, "no such directory on the card"),
    ROW(SCARD_E_NO_FILE, "no such file on the card"),
    ROW(SCARD_E_NO_DIR, "no such directory on the card"),
    ROW(SCARD_E_NO_KEY_CONTAINER, "no such key container on the card"),
    ROW(SCARD_E_NO_SUCH_CERTIFICATE, "no such certificate on the card"),
    ROW(ERROR_TOO_MANY_NAMES, "it fits more than one"),
    ROW(SCARD_E_CERTIFICATE_UNAVAILABLE, "the certificate cannot be had"),
    ROW(SCARD_E_WRITE_TOO_MANY, "too much for the room left on the card"),
    ROW(SCARD_E_NO_MEMORY, "no room left on the card"),
    ROW(SCARD_E_BAD_SEEK, "outside the file"),
    ROW(ERROR_FILE_EXISTS, "the name is already taken on the card"),
    ROW(ERROR_DIR_NOT_EMPTY, "the directory on the card is not empty"),
    ROW(ERROR_DISK_FULL, "no room left"),

    /* calls */
    ROW(SCARD_E_INVALID_PARAMETER, "not a valid argument"),
    ROW(SCARD_E_INVALID_VALUE, "not a valid value"),
    ROW(SCARD_E_INVALID_HANDLE, "not a valid handle"),
    ROW(SCARD_E_INVALID_TARGET, "not a valid target"),
    ROW(SCARD_E_INSUFFICIENT_BUFFER, "the wrong size"),
    ROW(SCARD_E_UNSUPPORTED_FEATURE, "the card or its module cannot do this"),
    ROW(SCARD_F_INTERNAL_ERROR, "an error inside the card, the reader or the module"),
    ROW(SCARD_E_UNEXPECTED, "an answer that makes no sense"),
    ROW(SCARD_F_UNKNOWN_ERROR, "an error of unknown kind"),
    ROW(ERROR_REVISION_MISMATCH, "the module does not offer this interface version"),
    ROW(ERROR_INSUFFICIENT_BUFFER, "the room given is too small"),
    ROW(ERROR_NOT_ENOUGH_MEMORY, "out of memory"),
    ROW(ERROR_INVALID_PARAMETER, "not a valid argument"),
    ROW(ERROR_FILE_NOT_FOUND, "no such file"),
    ROW(ERROR_ACCESS_DENIED, "the file cannot be read"),
    ROW(ERROR_MOD_NOT_FOUND, "the module cannot be loaded"),
    ROW(ERROR_PROC_NOT_FOUND, "the module is not a minidriver"),
    ROW(ERROR_BAD_FORMAT, "the module breaks the rules of the interface"),

    /* cryptography */
    ROW(NTE_BAD_PUBLIC_KEY, "the certificate is for another key"),
    ROW(NTE_BAD_KEY, "not a usable key"),
    ROW(NTE_NO_KEY, "the container has no such key"),
    ROW(NTE_BAD_DATA, "the data is damaged, or made for another key"),
    ROW(NTE_BAD_HASH, "the digest has the wrong length for its hash"),
    ROW(NTE_BAD_ALGID, "an algorithm that is not known"),
    ROW(NTE_BAD_LEN, "the wrong length"),
    ROW(NTE_BAD_SIGNATURE, "the signature is wrong"),
    ROW(NTE_FAIL, "a cryptographic operation failed"),
    ROW(NTE_NOT_SUPPORTED, "not supported"),
    ROW(NTE_TOKEN_KEYSET_STORAGE_FULL, "no room left on the card"),
    ROW(CRYPT_E_INVALID_X500_STRING, "not a valid name of a subject"),
    ROW(CRYPT_E_BAD_LEN, "the wrong length"),
    ROW(CRYPT_E_ASN1_ERROR, "not a certificate in DER form"),
    ROW(CRYPT_E_BAD_ENCODE, "not a certificate in DER form"),
};

static const struct code_row *find(DWORD code)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].code == code)
            return &rows[i];
    }
    return NULL;
}

const char *host_says(DWORD code)
{
    const struct code_row *row = find(code);

    return row != NULL ? row->says : "an error without words";
}

const char *host_code_name(DWORD code)
{
    static _Thread_local char number[11];
    const struct code_row *row = find(code);

    if (row != NULL)
        return row->name;
    snprintf(number, sizeof number, "0x%08X", code);
    return number;
}

DWORD host_fail(struct host_error *err, DWORD code, const char *format, ...)
{
    va_list list;

    if (err == NULL)
        return code;
    err->code = code;
    va_start(list, format);
    vsnprintf(err->says, sizeof err->says, format, list);
    va_end(list);
    return code;
}
