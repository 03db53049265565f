/* SPDX-License-Identifier: MIT */
/*
 * A module that breaks another: every call of its functions, as data.
 *
 *     caller ── wrapper (wrappers.c) ── struct call ── mutation, or invoke() ── the real module
 */
#ifndef CARDMINT_TESTS_KIT_CALL_H
#define CARDMINT_TESTS_KIT_CALL_H

#include "cardmint/cardmod.h"

#include <stdbool.h>
#include <stddef.h>

/* Function, and the version of CARD_DATA it belongs to. */
#define FUNCTIONS(X)                                                                              \
    X(CardDeleteContext, 4) X(CardQueryCapabilities, 4) X(CardDeleteContainer, 4)                 \
    X(CardCreateContainer, 4) X(CardGetContainerInfo, 4) X(CardAuthenticatePin, 4)                \
    X(CardGetChallenge, 4) X(CardAuthenticateChallenge, 4) X(CardUnblockPin, 4)                   \
    X(CardChangeAuthenticator, 4) X(CardDeauthenticate, 4) X(CardCreateDirectory, 4)              \
    X(CardDeleteDirectory, 4) X(CardCreateFile, 4) X(CardReadFile, 4) X(CardWriteFile, 4)         \
    X(CardDeleteFile, 4) X(CardEnumFiles, 4) X(CardGetFileInfo, 4) X(CardQueryFreeSpace, 4)       \
    X(CardQueryKeySizes, 4) X(CardSignData, 4) X(CardRSADecrypt, 4)                               \
    X(CardConstructDHAgreement, 4) X(CardDeriveKey, 5) X(CardDestroyDHAgreement, 5)               \
    X(CardGetChallengeEx, 6) X(CardAuthenticateEx, 6) X(CardChangeAuthenticatorEx, 6)             \
    X(CardDeauthenticateEx, 6) X(CardGetContainerProperty, 6) X(CardSetContainerProperty, 6)      \
    X(CardGetProperty, 6) X(CardSetProperty, 6) X(MDImportSessionKey, 7) X(MDEncryptData, 7)      \
    X(CardImportSessionKey, 7) X(CardGetSharedKeyHandle, 7) X(CardGetAlgorithmProperty, 7)        \
    X(CardGetKeyProperty, 7) X(CardSetKeyProperty, 7) X(CardDestroyKey, 7)                        \
    X(CardProcessEncryptedData, 7) X(CardCreateContainerEx, 7)

#define FN_ENUM(name, version) fn_##name,
enum function {
    fn_any, /* of a mutation: all of them */
    fn_none,/* of a mutation that is not one of calls: see mutation.h, file */
    fn_CardAcquireContext,
    FUNCTIONS(FN_ENUM)
    FUNCTION_COUNT
};
#undef FN_ENUM

/* The arguments of any function; each has some. */
struct call {
    enum function function;
    PCARD_DATA data;
    LPWSTR user;
    LPSTR dir, name;
    LPCWSTR property, algorithm, blob; /* `property`: of secure functions too */
    PBYTE in, fresh;            /* data, PIN, response; the new PIN or key */
    DWORD in_len, fresh_len;
    DWORD flags, tries, ac, size, spec, bits, room;
    PIN_ID pin, target;
    BYTE index;
    PBYTE *out;                 /* where the result goes */
    PDWORD out_len;
    PDWORD left;                /* tries */
    PBYTE *session;             /* session PIN */
    PDWORD session_len;
    void *info;                 /* the structure; a property's room; padding information */
    CARD_KEY_HANDLE key;
    PCARD_KEY_HANDLE key_ret;
    PCARD_ENCRYPTED_DATA *pieces_ret, pieces;
    DWORD rc;
};

const char *function_name(enum function function);

/* The real module's function, with these arguments. */
DWORD invoke(struct call *c);
/* Another function of the real module in the same context: fills in `function` and `data`. */
struct call beside(const struct call *c, enum function function);

/* CARD_DATA that the real module has filled in: keeps its pointers, puts the wrappers there. */
void wrap(PCARD_DATA data);
/* CardAcquireContext of the real module; NULL: it does not load. */
PFN_CARD_ACQUIRE_CONTEXT real_acquire(void);

/* What the wrappers call (module.c): the mutation chosen, or the real function. */
DWORD mutant_run(struct call *c);

#endif
