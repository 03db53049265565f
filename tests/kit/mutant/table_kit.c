/* SPDX-License-Identifier: MIT */
/* What has no number in the document: sentences there (N), tests of the closed tool (T); its calls are
 * in table_steps.c. A sentence that belongs to a function's rows may be in their table. */
#include "mutation.h"

#include <stdlib.h>
#include <string.h>

#define ODD_CODE   SCARD_F_INTERNAL_ERROR
#define BAD        SCARD_E_INVALID_PARAMETER
#define NOT_HIS    SCARD_W_SECURITY_VIOLATION
#define CANNOT     SCARD_E_UNSUPPORTED_FEATURE

/* ---- when ------------------------------------------------------------------------------------ */

static bool size_only(const struct call *c)
{
    const CARD_SIGNING_INFO *info = c->info;

    return c->data != NULL && info != NULL && (info->dwSigningFlags & CARD_BUFFER_SIZE_ONLY) != 0;
}

static bool derived_size_only(const struct call *c)
{
    const CARD_DERIVE_KEY *info = c->info;

    return c->data != NULL && info != NULL && (info->dwFlags & CARD_BUFFER_SIZE_ONLY) != 0;
}

static bool by_secret(const struct call *c)
{
    const CARD_DERIVE_KEY *info = c->info;

    return c->data != NULL && info != NULL &&
           (info->dwFlags & KDF_USE_SECRET_AS_HMAC_KEY_FLAG) != 0;
}

static bool acquired_before(const struct call *c)
{
    return c->data != NULL && calls_of(fn_CardAcquireContext) > 1;
}

static bool list_of_pins(const struct call *c)
{
    static const WCHAR name[] = CP_CARD_LIST_PINS;

    return c->data != NULL && c->property != NULL &&
           memcmp(c->property, name, 5 * sizeof(WCHAR)) == 0 && c->property[4] == name[4];
}

static bool fresh_odd(const struct call *c)
{
    return fresh_short(c) || fresh_long(c);
}

/* ---- what ------------------------------------------------------------------------------------ */

static DWORD size_wrong(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);

    (void)m;
    if (rc == SCARD_S_SUCCESS)
        ((CARD_SIGNING_INFO *)c->info)->cbSignedData /= 2;
    return rc;
}

static DWORD derived_size_wrong(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);

    (void)m;
    if (rc == SCARD_S_SUCCESS)
        ((CARD_DERIVE_KEY *)c->info)->cbDerivedKey++;
    return rc;
}

static DWORD without_secret(struct call *c, const struct mutation *m)
{
    CARD_DERIVE_KEY *info = c->info;

    (void)m;
    info->dwFlags &= ~(DWORD)KDF_USE_SECRET_AS_HMAC_KEY_FLAG;
    c->rc = invoke(c);
    info->dwFlags |= KDF_USE_SECRET_AS_HMAC_KEY_FLAG;
    return c->rc;
}

/* An agreement that is gone gives a key all the same. */
static DWORD derive_from_the_dead(struct call *c, const struct mutation *m)
{
    CARD_DERIVE_KEY *info = c->info;
    DWORD rc = invoke(c);

    (void)m;
    if (c->data == NULL || info == NULL || info->bSecretAgreementIndex > 200 ||
        calls_of(fn_CardConstructDHAgreement) == 0 || (rc != NOT_HIS && rc != BAD))
        return rc;
    info->cbDerivedKey = 20;
    info->pbDerivedKey = c->data->pfnCspAlloc(info->cbDerivedKey);
    if (info->pbDerivedKey != NULL)
        memset(info->pbDerivedKey, 0x5A, info->cbDerivedKey);
    return SCARD_S_SUCCESS;
}

/* By the number of bytes the challenge has: one more each time. */
static DWORD growing_challenge(struct call *c, const struct mutation *m)
{
    return calls_of(fn_CardGetChallenge) % 2 != 0 ? what_len_more(c, m) : invoke(c);
}

static DWORD biased_challenge(struct call *c, const struct mutation *m)
{
    struct block b;

    (void)m;
    c->rc = invoke(c);
    if (c->rc == SCARD_S_SUCCESS && result_of(c, &b))
        for (DWORD i = 0; i < *b.len; i++)
            (*b.at)[i] &= 0x7F;
    return c->rc;
}

/* The same again every 100th time. */
static DWORD repeated_challenge(struct call *c, const struct mutation *m)
{
    static BYTE kept[64];
    struct block b;
    const unsigned n = calls_of(fn_CardGetChallenge);

    (void)m;
    c->rc = invoke(c);
    if (c->rc != SCARD_S_SUCCESS || !result_of(c, &b) || *b.len > sizeof(kept))
        return c->rc;
    if (n == 3)
        memcpy(kept, *b.at, *b.len);
    else if (n == 200)
        memcpy(*b.at, kept, *b.len);
    return c->rc;
}

/* A deleted file, or directory, is still told of in contexts that were there before. */
static DWORD forget_deletion(struct call *c, const struct mutation *m)
{
    static char deleted[16];
    DWORD rc;

    if (c->function == fn_CardDeleteFile || c->function == fn_CardDeleteDirectory) {
        LPSTR name = c->function == fn_CardDeleteFile ? c->name : c->dir;

        rc = invoke(c);
        if (rc == SCARD_S_SUCCESS && strlen(name) < sizeof(deleted))
            memcpy(deleted, name, strlen(name) + 1);
        return rc == m->a && name != NULL && strcmp(name, deleted) == 0 ? SCARD_S_SUCCESS : rc;
    }
    return invoke(c);
}

/* Remembers the handle of CardAcquireContext. */
static DWORD first_handle(struct call *c, const struct mutation *m)
{
    static SCARDHANDLE first;
    static PCARD_DATA whose;
    SCARDHANDLE given;
    DWORD rc;

    (void)m;
    if (c->function == fn_CardAcquireContext) {
        first = c->data->hScard;
        whose = c->data;
    }
    if (whose != c->data || c->data->hScard == first)
        return invoke(c);
    given = c->data->hScard;
    c->data->hScard = first;
    rc = invoke(c);
    if (c->function != fn_CardDeleteContext)
        c->data->hScard = given;
    return rc;
}

/* Of several callers each other one is told to wait. */
static DWORD lose_a_write(struct call *c, const struct mutation *m)
{
    (void)m;
    return another_context(c->data) != NULL && calls_of(fn_CardWriteFile) % 3 == 2
               ? SCARD_S_SUCCESS
               : invoke(c);
}

static DWORD leak_of_libc(struct call *c, const struct mutation *m)
{
    void *volatile block = malloc(400);

    (void)m;
    (void)block;
    return invoke(c);
}

static const struct mutation lines[] = {
    /* sentences without a number */
    BREAK("N.2.3.2.4.1", "provided-for-nothing", CardDeauthenticate, has_data, ANSWERS(CANNOT),
          MAY_SPREAD("CMR.3.2.4", "they let go")),
    BREAK("N.2.3.3.2.1", "code", CardChangeAuthenticator, fresh_odd, ANSWERS(ODD_CODE),
          MAY_SPREAD("CMR.3.3.2.E7", "none is too short as well")),
    BREAK("N.2.4.3.2.1", "survives", CardDeriveKey, has_data, DOES(derive_from_the_dead),
          MAY_SPREAD("CMR.4.3.2 CMR.4.3.3 CMR.4.3.4", "whatever must not derive a key")),
    BREAK("N.2.4.3.2.2", "stays", CardConstructDHAgreement, has_data, DOES(what_leak),
          MAY_SPREAD("CMR.4.3.2 CMR.3.1.2", "whatever counts blocks")),
    BREAK("N.2.4.3.3.1", "size", CardDeriveKey, derived_size_only, DOES(derived_size_wrong)),
    BREAK("N.2.4.3.3.2", "ignored", CardDeriveKey, by_secret, DOES(without_secret),
          MAY_SPREAD("CMR.4.3.3", "whatever derives by HMAC")),
    BREAK("N.2.4.3.5.1", "size", CardSignData, size_only, DOES(size_wrong)),
    /* the closed tool's */
    BREAK_FILE("T.HashCM", "another-runs", "elsewhere",
               MAY_SPREAD("CMR.1 T", "the file is not the module")),
    BREAK_FILE("T.InstCheckINF", "class", "inf-class"),
    BREAK_FILE("T.InstRegistration", "mask", "inf-mask"),
    BREAK_FILE("T.InstMaxSize", "too-large", "grow", MAY_SPREAD("CMR.1.1.2", "it says the same")),
    BREAK_FILE("T.EntryPoints", "one-of-a-pair", "export",
               MAY_SPREAD("CMR.1.0.1", "there is one more as well")),
    BREAK("T.ResetATR", "once", CardAcquireContext, acquired_before, ANSWERS(SCARD_E_UNKNOWN_CARD),
          MAY_SPREAD("*", "whatever has two contexts")),
    BREAK("T.DeleteDirectoryTransaction", "not-seen", any, has_data, DOES(forget_deletion),
          .a = SCARD_E_DIR_NOT_FOUND,
          MAY_SPREAD("CMR.3.4 CMR.1", "whatever looks for what was deleted")),
    BREAK("T.DeleteFileTransaction", "not-seen", any, has_data, DOES(forget_deletion),
          .a = SCARD_E_FILE_NOT_FOUND,
          MAY_SPREAD("CMR.3.4 CMR.1", "whatever looks for what was deleted")),
    BREAK("T.ChallengeSize", "grows", CardGetChallenge, has_data, DOES(growing_challenge),
          MAY_SPREAD("*", "whatever needs the admin")),
    BREAK("T.ChallengeRandomness", "seven-bits", CardGetChallenge, has_data,
          DOES(biased_challenge), MAY_SPREAD("*", "whatever needs the admin")),
    BREAK("T.NonRepeatingChallenge", "after-two-hundred", CardGetChallenge, has_data,
          DOES(repeated_challenge),
          MAY_SPREAD("CMR.3.2.2.6", "it says the same; how many it draws is its own choice")),
    BREAK("T.RoleRestrictions", "anybody-decrypts", CardRSADecrypt, has_data, RECODES(NOT_HIS, 0),
          MAY_SPREAD("CMR.4.3.1.E8", "it says the same")),
    BREAK("T.RoleRestrictions", "admin-signs", CardSignData, as_admin, RECODES(NOT_HIS, 0),
          MAY_SPREAD("CMR.4.3.5.E10", "it says the same")),
    BREAK("T.SupportMultiple T.MultiThreaded", "writes-lost", CardWriteFile, has_data,
          DOES(lose_a_write), MAY_SPREAD("CMR.1 CMR.3.1", "whatever has two contexts")),
    BREAK("T.SimultaneousUse", "one-process", CardAcquireContext, has_data,
          DOES(what_lock_others_out),
          MAY_SPREAD("CMR.1.1.7", "it says the same")),
    BREAK("T.CspMem", "of-a-property", CardGetContainerProperty, has_data, DOES(what_leak)),
    BREAK("T.CspMem", "left", CardAcquireContext, has_data, DOES(what_leak),
          MAY_SPREAD("CMR.3.1.2.2", "it says the same")),
    BREAK("T.OutOfMem", "code", any, has_data, RECODES(SCARD_E_NO_MEMORY, SCARD_E_UNEXPECTED),
          MAY_SPREAD("CMR.3.4.1.E9 CMR.4.3.2.E8", "they are about space on the card")),
    BREAK("T.NoMemoryLeaks", "blocks", CardReadFile, has_data, DOES(what_leak),
          MAY_SPREAD("*", "whatever counts blocks")),
    BREAK("T.NoMemoryLeaks", "of-a-property", CardGetProperty, list_of_pins, DOES(leak_of_libc)),
    BREAK("T.NoMemoryLeaks", "heap", CardReadFile, has_data, DOES(leak_of_libc),
          MAY_SPREAD("CMR.1.3.4", "it is about malloc as well")),
    BREAK("T.Reconnect", "old-handle", any, has_data, DOES(first_handle),
          MAY_SPREAD("*", "whatever gives another handle")),
};

const struct table kit_table = { lines, ARRAY(lines) };
