/* SPDX-License-Identifier: MIT */
/* What has no number in the document: sentences there (N), steps of the closed tool (T), versions 6
 * and 7. A sentence that belongs to a function's rows may be in their table. */
#include "mutation.h"

#include <stdlib.h>
#include <string.h>

#define ODD_CODE   SCARD_F_INTERNAL_ERROR
#define BAD        SCARD_E_INVALID_PARAMETER
#define WRONG      SCARD_W_WRONG_CHV
#define NOT_HIS    SCARD_W_SECURITY_VIOLATION
#define NO_KEY     SCARD_E_NO_KEY_CONTAINER
#define CANNOT     SCARD_E_UNSUPPORTED_FEATURE
#define MISMATCH   ERROR_REVISION_MISMATCH
#define TOO_SMALL  ERROR_INSUFFICIENT_BUFFER

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

static bool pin_strange(const struct call *c)
{
    return c->pin == 0 || c->pin >= MAX_PINS;
}

static bool pin_of_everyone(const struct call *c)
{
    return c->pin == ROLE_EVERYONE;
}

static bool pin_of_low_byte(const struct call *c)
{
    return c->pin == (0x100 | ROLE_USER);
}

static bool set_strange(const struct call *c)
{
    return c->pin > PIN_SET_ALL_ROLES;
}

static bool change_flags_bad(const struct call *c)
{
    const DWORD flags_given = c->flags & ~CARD_PIN_SILENT_CONTEXT;

    return flags_given != PIN_CHANGE_FLAG_UNBLOCK && flags_given != PIN_CHANGE_FLAG_CHANGEPIN;
}

static bool no_property(const struct call *c)
{
    return c->property == NULL;
}

static bool property_unknown(const struct call *c)
{
    return c->property != NULL && c->property[0] == 'N' && c->property[1] == 'o';
}

static bool room_small(const struct call *c)
{
    return c->info != NULL && c->room == 1;
}

static bool property_version_high(const struct call *c)
{
    return c->info != NULL && c->room >= sizeof(DWORD) && *(DWORD *)c->info > 7;
}

static bool fresh_short(const struct call *c)
{
    return c->fresh != NULL && c->fresh_len < 4;
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

/* A function of version 7 is missing. */
static DWORD drop_version_7(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);

    (void)m;
    if (rc == SCARD_S_SUCCESS && c->data->dwVersion >= CARD_DATA_VERSION_SEVEN)
        c->data->pfnCardDestroyKey = NULL;
    return rc;
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
    BREAK("T.CspMem", "left", CardAcquireContext, has_data, DOES(what_leak),
          MAY_SPREAD("CMR.3.1.2.2", "it says the same")),
    BREAK("T.OutOfMem", "code", any, has_data, RECODES(SCARD_E_NO_MEMORY, SCARD_E_UNEXPECTED),
          MAY_SPREAD("CMR.3.4.1.E9 CMR.4.3.2.E8", "they are about space on the card")),
    BREAK("T.NoMemoryLeaks", "blocks", CardReadFile, has_data, DOES(what_leak),
          MAY_SPREAD("*", "whatever counts blocks")),
    BREAK("T.NoMemoryLeaks", "heap", CardReadFile, has_data, DOES(leak_of_libc),
          MAY_SPREAD("CMR.1.3.4", "it is about malloc as well")),
    BREAK("T.Reconnect", "old-handle", any, has_data, DOES(first_handle),
          MAY_SPREAD("*", "whatever gives another handle")),
    /* CardAuthenticateEx */
    BREAK("V6.1.E1", "accepted", CardAuthenticateEx, no_data, ANSWERS(0)),
    BREAK("V6.1.E2", "code", CardAuthenticateEx, pin_strange, ANSWERS(ODD_CODE)),
    BREAK("V6.1.E2", "everyone", CardAuthenticateEx, pin_of_everyone, ANSWERS(0)),
    BREAK("V6.1.E2", "low-byte", CardAuthenticateEx, pin_of_low_byte, ANSWERS(0)),
    BREAK("V6.1.E3", "accepted", CardAuthenticateEx, no_in, ANSWERS(0)),
    BREAK("V6.1.E4", "accepted", CardAuthenticateEx, flags, DOES(what_flags_to_zero)),
    BREAK("V6.1.E5", "accepted", CardAuthenticateEx, in_empty, ANSWERS(0)),
    BREAK("V6.1.E8", "accepted", CardAuthenticateEx, has_data, RECODES(WRONG, 0)),
    /* CardGetChallengeEx */
    BREAK("V6.2.E1", "crash", CardGetChallengeEx, no_data, CRASHES),
    BREAK("V6.2.E2", "accepted", CardGetChallengeEx, no_out, ANSWERS(0)),
    BREAK("V6.2.E3", "accepted", CardGetChallengeEx, no_out_len, ANSWERS(0)),
    BREAK("V6.2.E4", "code", CardGetChallengeEx, pin_strange, ANSWERS(ODD_CODE)),
    BREAK("V6.2.E4", "everyone", CardGetChallengeEx, pin_of_everyone, ANSWERS(0)),
    BREAK("V6.2.E5", "accepted", CardGetChallengeEx, flags, DOES(what_flags_to_zero)),
    /* CardDeauthenticateEx */
    BREAK("V6.3.E1", "accepted", CardDeauthenticateEx, no_data, ANSWERS(0)),
    BREAK("V6.3.E2", "accepted", CardDeauthenticateEx, flags, DOES(what_flags_to_zero)),
    BREAK("V6.3.E3", "accepted", CardDeauthenticateEx, set_strange, ANSWERS(0)),
    /* CardChangeAuthenticatorEx */
    BREAK("V6.4.E1", "crash", CardChangeAuthenticatorEx, no_data, CRASHES),
    BREAK("V6.4.E2", "accepted", CardChangeAuthenticatorEx, change_flags_bad, ANSWERS(0)),
    BREAK("V6.4.E3", "code", CardChangeAuthenticatorEx, pin_strange, ANSWERS(ODD_CODE)),
    BREAK("V6.4.E3", "everyone", CardChangeAuthenticatorEx, pin_of_everyone, ANSWERS(0)),
    BREAK("V6.4.E4", "accepted", CardChangeAuthenticatorEx, no_in, ANSWERS(0)),
    BREAK("V6.4.E5", "accepted", CardChangeAuthenticatorEx, no_fresh, ANSWERS(0)),
    BREAK("V6.4.E7", "short", CardChangeAuthenticatorEx, fresh_short, ANSWERS(0)),
    BREAK("V6.4.E7", "long", CardChangeAuthenticatorEx, fresh_long, ANSWERS(ODD_CODE)),
    BREAK("V6.4.E8", "accepted", CardChangeAuthenticatorEx, tries_high, ANSWERS(0)),
    BREAK("V6.4.E10", "accepted", CardChangeAuthenticatorEx, has_data, RECODES(WRONG, 0)),
    /* CardGetContainerProperty */
    BREAK("V6.5.E1", "accepted", CardGetContainerProperty, no_data, ANSWERS(0)),
    BREAK("V6.5.E2", "crash", CardGetContainerProperty, no_property, CRASHES),
    BREAK("V6.5.E3", "accepted", CardGetContainerProperty, no_info, ANSWERS(0)),
    BREAK("V6.5.E4", "accepted", CardGetContainerProperty, no_out_len, ANSWERS(0)),
    BREAK("V6.5.E5", "accepted", CardGetContainerProperty, flags, DOES(what_flags_to_zero)),
    BREAK("V6.5.E6", "code", CardGetContainerProperty, property_unknown, ANSWERS(ODD_CODE)),
    BREAK("V6.5.E7", "code", CardGetContainerProperty, has_data, RECODES(NO_KEY, BAD)),
    BREAK("V6.5.E8", "accepted", CardGetContainerProperty, room_small, RECODES(TOO_SMALL, 0)),
    BREAK("V6.5.E9", "accepted", CardGetContainerProperty, property_version_high,
          RECODES(MISMATCH, 0)),
    /* CardGetProperty */
    BREAK("V6.6.X1", "slow-once", CardGetProperty, has_data, SLOW_ONCE_IN_TEN(7100)),
    BREAK("V6.6.X2", "slow", CardGetProperty, has_data, SLOW(6500)),
    BREAK("V6.6.E1", "crash", CardGetProperty, no_data, CRASHES),
    BREAK("V6.6.E2", "accepted", CardGetProperty, no_property, ANSWERS(0)),
    BREAK("V6.6.E3", "accepted", CardGetProperty, no_info, ANSWERS(0)),
    BREAK("V6.6.E4", "accepted", CardGetProperty, no_out_len, ANSWERS(0)),
    BREAK("V6.6.E5", "accepted", CardGetProperty, property_unknown, ANSWERS(0)),
    BREAK("V6.6.E6", "accepted", CardGetProperty, flags, DOES(what_flags_to_zero)),
    BREAK("V6.6.E7", "code", CardGetProperty, room_small, RECODES(TOO_SMALL, BAD)),
    BREAK("V6.6.E8", "accepted", CardGetProperty, property_version_high, RECODES(MISMATCH, 0)),
    /* version 7 */
    BREAK("V7.1.1", "pointer-missing", CardAcquireContext, has_data, DOES(drop_version_7),
          MAY_SPREAD("CMR.3.1.1.2", "it says the same of all versions")),
};

const struct table kit_table = { lines, ARRAY(lines) };
