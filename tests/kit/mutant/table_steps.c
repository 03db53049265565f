/* SPDX-License-Identifier: MIT */
/* The closed tool's calls (T.<test>.<subtest>): what only such a row sees - another version,
 * another value, the call behind. */
#include "mutation.h"

#include <string.h>

#define ODD_CODE SCARD_F_INTERNAL_ERROR
#define BAD      SCARD_E_INVALID_PARAMETER
#define WRONG    SCARD_W_WRONG_CHV
#define NO_KEY   SCARD_E_NO_KEY_CONTAINER
#define CANNOT   SCARD_E_UNSUPPORTED_FEATURE
#define MISMATCH ERROR_REVISION_MISMATCH

/* ---- when ------------------------------------------------------------------------------------ */

static bool is_called(const struct call *c, LPCSTR name)
{
    return c->data != NULL && c->name != NULL && strcmp(c->name, name) == 0;
}

static bool cardid(const struct call *c)
{
    return is_called(c, "cardid");
}

static bool cardapps(const struct call *c)
{
    return is_called(c, "cardapps");
}

static bool in_mscp(const struct call *c)
{
    return c->data != NULL && c->dir != NULL && strcmp(c->dir, "mscp") == 0;
}

/* A structure of version 2 that uses nothing of it. */
static bool sha1_in_version_2(const struct call *c)
{
    const CARD_SIGNING_INFO *info = c->info;

    return c->data != NULL && info != NULL && info->dwVersion == 2 &&
           info->aiHashAlg == CALG_SHA1 && (info->dwSigningFlags & CARD_PADDING_INFO_PRESENT) == 0;
}

static bool property_is(const struct call *c, const WCHAR *name)
{
    LPCWSTR given = c->property;

    if (c->data == NULL || given == NULL)
        return false;
    while (*given != 0 && *given == *name) {
        given++;
        name++;
    }
    return *given == *name;
}

static bool pin_list(const struct call *c)
{
    static const WCHAR name[] = CP_CARD_LIST_PINS;

    return property_is(c, name);
}

static bool read_only(const struct call *c)
{
    static const WCHAR name[] = CP_CARD_READ_ONLY;

    return property_is(c, name);
}

/* ---- what ------------------------------------------------------------------------------------ */

/* Other bits of the number that comes back. */
static DWORD turn_number(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c), value;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    memcpy(&value, c->info, sizeof(value));
    value ^= m->a;
    memcpy(c->info, &value, sizeof(value));
    return rc;
}

/* A refusal ends the context all the same. */
static DWORD end_by_refusal(struct call *c, const struct mutation *m)
{
    static bool ended;

    (void)m;
    if (c->data == NULL)
        ended = true;
    return ended ? BAD : invoke(c);
}

/* After a PIN of one byte the next one counts as wrong, whatever it is. */
static DWORD hold_a_grudge(struct call *c, const struct mutation *m)
{
    static bool holds;
    DWORD rc;

    (void)m;
    if (holds) {
        holds = false;
        return WRONG;
    }
    rc = invoke(c);
    holds = rc != SCARD_S_SUCCESS && c->in_len == 1;
    return rc;
}

static DWORD tell_more(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);

    (void)m;
    if (rc == SCARD_S_SUCCESS)
        ((CARD_FILE_INFO *)c->info)->cbFileSize++;
    return rc;
}

/* The map of containers by another name. */
static DWORD hide_the_map(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);

    (void)m;
    for (DWORD i = 0; rc == SCARD_S_SUCCESS && i + 8 < *c->out_len; i++)
        if (memcmp(*c->out + i, "cmapfile", 8) == 0)
            (*c->out)[i] = 'x';
    return rc;
}

static const struct mutation lines[] = {
    BREAK("T.SanityTest.1", "without-the-user", CardGetProperty, pin_list, DOES(turn_number),
          .a = CREATE_PIN_SET(ROLE_USER),
          MAY_SPREAD("V6.5.2 V6.6", "whatever asks for the PIN list")),
    BREAK("T.SanityTest.2", "read-only-in-words", CardGetProperty, read_only, DOES(turn_number),
          .a = 1, MAY_SPREAD("*", "the card seems to be another one")),
    BREAK("T.SanityTest.2", "no-challenge", CardGetChallenge, has_data, ANSWERS(CANNOT),
          MAY_SPREAD("*", "whatever needs the admin")),
    BREAK("T.CardAcquireContext.Negative", "version-6", CardAcquireContext, at_6,
          RECODES(SCARD_E_UNKNOWN_CARD, ODD_CODE)),
    BREAK("T.CardDeleteContext.Negative", "ended", CardDeleteContext, NULL, DOES(end_by_refusal)),
    BREAK("T.CardAuthenticatePin.Negative", "after-one-byte", CardAuthenticatePin, has_data,
          DOES(hold_a_grudge)),
    BREAK("T.CardReadFile.Positive", "cardid-short", CardReadFile, cardid, DOES(what_len_less),
          MAY_SPREAD("V6.6.5", "it compares cardid with CP_CARD_GUID")),
    BREAK("T.CardReadFile.Negative", "version-6", CardReadFile, at_6,
          RECODES(SCARD_E_FILE_NOT_FOUND, ODD_CODE)),
    BREAK("T.CardGetFileInfo.Positive", "one-more", CardGetFileInfo, cardapps, DOES(tell_more)),
    BREAK("T.CardGetFileInfo.Negative", "version-6", CardGetFileInfo, at_6,
          RECODES(MISMATCH, ODD_CODE)),
    BREAK("T.CardEnumFiles.Positive", "no-map", CardEnumFiles, in_mscp, DOES(hide_the_map)),
    BREAK("T.CardEnumFiles.Negative", "version-6", CardEnumFiles, at_6,
          RECODES(SCARD_E_DIR_NOT_FOUND, ODD_CODE)),
    BREAK("T.CardQueryFreeSpace.Negative", "version-6", CardQueryFreeSpace, at_6,
          RECODES(MISMATCH, ODD_CODE)),
    BREAK("T.CardQueryCapabilities.Negative", "version-6", CardQueryCapabilities, at_6,
          RECODES(MISMATCH, ODD_CODE)),
    BREAK("T.CardGetContainerInfo.Negative", "version-6", CardGetContainerInfo, at_6,
          RECODES(NO_KEY, ODD_CODE)),
    BREAK("T.CardSignData.Positive", "not-in-version-2", CardSignData, sha1_in_version_2,
          ANSWERS(CANNOT)),
    BREAK("T.CardSignData.Negative", "version-6", CardSignData, at_6, RECODES(NO_KEY, ODD_CODE)),
    BREAK("T.CardQueryKeySizes.Negative", "version-6", CardQueryKeySizes, at_6,
          RECODES(MISMATCH, ODD_CODE)),
    BREAK("T.FileName", "list", CardEnumFiles, capitals, ANSWERS(SCARD_E_DIR_NOT_FOUND),
          MAY_SPREAD("CMR.1.2.3", "it lists in capitals, too")),
};

const struct table steps_table = { lines, ARRAY(lines) };
