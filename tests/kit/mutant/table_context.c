/* SPDX-License-Identifier: MIT */
/* 2.3.1: contexts. */
#include "mutation.h"

#include <string.h>

#define ODD_CODE SCARD_F_INTERNAL_ERROR /* that no clause permits */

/* ---- when ------------------------------------------------------------------------------------ */

static bool not_about_contexts(const struct call *c)
{
    return c->data != NULL && c->function != fn_CardAcquireContext &&
           c->function != fn_CardDeleteContext;
}

static bool another_on_this_handle(const struct call *c)
{
    PCARD_DATA other = c->data != NULL ? another_context(c->data) : NULL;

    return other != NULL && other->hScard == c->data->hScard;
}

static bool another_on_other_handle(const struct call *c)
{
    PCARD_DATA other = c->data != NULL ? another_context(c->data) : NULL;

    return other != NULL && other->hScard != c->data->hScard;
}

static bool wants_version_4(const struct call *c)
{
    return c->data != NULL && c->data->dwVersion == CARD_DATA_VERSION_FOUR;
}

/* In version 6. */
static bool half_a_cache(const struct call *c)
{
    return at_6(c) && c->data->pfnCspCacheLookupFile != NULL &&
           c->data->pfnCspCacheAddFile == NULL;
}

static bool no_cache(const struct call *c)
{
    return c->data != NULL && c->data->pfnCspCacheLookupFile == NULL;
}

static bool no_padding(const struct call *c)
{
    return c->data != NULL && c->data->pfnCspPadData == NULL;
}

static bool no_agreements(const struct call *c)
{
    return c->data != NULL && c->data->dwVersion >= CARD_DATA_VERSION_FIVE &&
           c->data->pfnCspGetDHAgreement == NULL;
}

static bool no_atr(const struct call *c)
{
    return c->data != NULL && c->data->pbAtr == NULL;
}

static bool bad_atr_len(const struct call *c)
{
    return c->data != NULL && c->data->pbAtr != NULL && (c->data->cbAtr < 2 || c->data->cbAtr > 33);
}

static bool cut_atr(const struct call *c)
{
    return c->data != NULL && c->data->pbAtr != NULL && c->data->cbAtr == 2;
}

static bool no_card_name(const struct call *c)
{
    return c->data != NULL && c->data->pwszCardName == NULL;
}

static bool no_alloc(const struct call *c)
{
    return c->data != NULL && c->data->pfnCspAlloc == NULL;
}

static bool no_realloc(const struct call *c)
{
    return c->data != NULL && c->data->pfnCspReAlloc == NULL;
}

static bool no_free(const struct call *c)
{
    return c->data != NULL && c->data->pfnCspFree == NULL;
}

static bool some_callback_missing(const struct call *c)
{
    return no_alloc(c) || no_realloc(c) || no_free(c);
}

static bool some_card_handle(const struct call *c)
{
    return c->data != NULL && c->data->hScard != 0;
}

static bool no_card_handle(const struct call *c)
{
    return c->data != NULL && c->data->hScard == 0;
}

static bool no_context_handle(const struct call *c)
{
    return c->data != NULL && c->data->hSCardCtx == 0 && c->data->hScard != 0;
}

/* ---- what ------------------------------------------------------------------------------------ */

static DWORD drop_pointer(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);

    (void)m;
    if (rc == SCARD_S_SUCCESS)
        c->data->pfnCardDeleteDirectory = NULL;
    return rc;
}

/* A caller of version 99 is told so; one of a version that there is, another. */
static DWORD keep_newer_version(struct call *c, const struct mutation *m)
{
    DWORD wanted = c->data != NULL ? c->data->dwVersion : 0, rc = invoke(c);

    (void)m;
    if (rc == SCARD_S_SUCCESS && wanted > CARD_DATA_CURRENT_VERSION)
        c->data->dwVersion = wanted;
    return rc;
}

static DWORD claim_next_version(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);

    (void)m;
    if (rc == SCARD_S_SUCCESS)
        c->data->dwVersion++;
    return rc;
}

/* The ATR is not looked at: that of this card is put in its place. */
static DWORD take_any_atr(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);

    return rc == SCARD_E_UNKNOWN_CARD ? m->a : rc;
}

#define ACQUIRE_SPREAD MAY_SPREAD("*", "without a context nothing works")

static const struct mutation lines[] = {
    /* 2.3.1.1.1 */
    BREAK("CMR.3.1.1.1", "dead", any, not_about_contexts, ANSWERS(SCARD_E_INVALID_HANDLE),
          ACQUIRE_SPREAD),
    BREAK("CMR.3.1.1.2", "pointer-missing", CardAcquireContext, has_data, DOES(drop_pointer),
          MAY_SPREAD("CMR.3.4.1 CMR.3.4.2 CMR.1", "there is no CardDeleteDirectory")),
    BREAK("CMR.3.1.1.3", "not-zero", CardAcquireContext, has_data, FAILS(1), ACQUIRE_SPREAD),
    BREAK("CMR.3.1.1.4", "one-context", CardAcquireContext, another_on_this_handle,
          ANSWERS(SCARD_E_SHARING_VIOLATION)),
    BREAK("CMR.3.1.1.5", "one-card", CardAcquireContext, another_on_other_handle,
          ANSWERS(SCARD_E_SHARING_VIOLATION)),
    BREAK("CMR.3.1.1.6", "newer-kept", CardAcquireContext, has_data, DOES(keep_newer_version)),
    BREAK("CMR.3.1.1.6", "next-claimed", CardAcquireContext, has_data, DOES(claim_next_version),
          ACQUIRE_SPREAD),
    BREAK("CMR.3.1.1.7", "no-version-4", CardAcquireContext, wants_version_4,
          ANSWERS(ERROR_REVISION_MISMATCH)),
    BREAK("CMR.3.1.1.8", "cache-demanded", CardAcquireContext, no_cache,
          ANSWERS(SCARD_E_INVALID_PARAMETER), ACQUIRE_SPREAD),
    BREAK("CMR.3.1.1.8", "half-a-cache", CardAcquireContext, half_a_cache,
          ANSWERS(SCARD_E_INVALID_PARAMETER)),
    BREAK("CMR.3.1.1.8", "padding-demanded", CardAcquireContext, no_padding,
          ANSWERS(SCARD_E_INVALID_PARAMETER), ACQUIRE_SPREAD),
    BREAK("CMR.3.1.1.8", "agreements-demanded", CardAcquireContext, no_agreements,
          ANSWERS(SCARD_E_INVALID_PARAMETER), ACQUIRE_SPREAD),
    /* 2.3.1.1.2 */
    BREAK("CMR.3.1.1.E1", "crash", CardAcquireContext, no_data, CRASHES),
    BREAK("CMR.3.1.1.E1", "accepted", CardAcquireContext, no_data, ANSWERS(0)),
    BREAK("CMR.3.1.1.E2", "accepted", CardAcquireContext, flags, DOES(what_flags_to_zero)),
    BOTH("CMR.3.1.1.E2", "version-first", CardAcquireContext, flags, version_low,
         ANSWERS(ERROR_REVISION_MISMATCH)),
    BREAK("CMR.3.1.1.E3", "code", CardAcquireContext, version_low,
          ANSWERS(SCARD_E_UNSUPPORTED_FEATURE)),
    BOTH("CMR.3.1.1.E3", "atr-first", CardAcquireContext, version_low, no_atr,
         ANSWERS(SCARD_E_INVALID_PARAMETER)),
    BREAK("CMR.3.1.1.E4", "code", CardAcquireContext, no_atr, ANSWERS(SCARD_E_UNKNOWN_CARD)),
    BREAK("CMR.3.1.1.E5", "accepted", CardAcquireContext, bad_atr_len, ANSWERS(0)),
    BREAK("CMR.3.1.1.E5", "cut-off-accepted", CardAcquireContext, cut_atr, ANSWERS(0)),
    BREAK("CMR.3.1.1.E6", "code", CardAcquireContext, no_card_name, ANSWERS(ODD_CODE)),
    BREAK("CMR.3.1.1.E7", "code", CardAcquireContext, has_data, DOES(take_any_atr), .a = ODD_CODE),
    BREAK("CMR.3.1.1.E7", "accepted", CardAcquireContext, has_data, DOES(take_any_atr), .a = 0),
    BREAK("CMR.3.1.1.E8", "alloc", CardAcquireContext, no_alloc, ANSWERS(0)),
    BREAK("CMR.3.1.1.E8", "realloc", CardAcquireContext, no_realloc, ANSWERS(0)),
    BREAK("CMR.3.1.1.E8", "free", CardAcquireContext, no_free, ANSWERS(ODD_CODE)),
    BOTH("CMR.3.1.1.E8", "handle-first", CardAcquireContext, some_callback_missing, no_card_handle,
         ANSWERS(SCARD_E_INVALID_HANDLE)),
    BREAK("CMR.3.1.1.E9", "accepted", CardAcquireContext, some_card_handle,
          RECODES(SCARD_E_INVALID_HANDLE, 0)),
    BREAK("CMR.3.1.1.E9", "zero-refused", CardAcquireContext, no_context_handle,
          ANSWERS(SCARD_E_INVALID_HANDLE)),
    BREAK("CMR.3.1.1.E10", "accepted", CardAcquireContext, no_card_handle,
          RECODES(SCARD_E_INVALID_HANDLE, 0)),
    /* 2.3.1.2 */
    BREAK("CMR.3.1.2.1", "nothing-done", CardDeleteContext, has_data, ANSWERS(0),
          MAY_SPREAD("CMR.3.1.2.2", "what is not undone is not freed either")),
    BREAK("CMR.3.1.2.2", "leak", CardAcquireContext, has_data, DOES(what_leak)),
    BREAK("CMR.3.1.2.3", "not-zero", CardDeleteContext, has_data, FAILS(1)),
    BREAK("CMR.3.1.2.E1", "accepted", CardDeleteContext, no_data, ANSWERS(0)),
};

const struct table context_table = { lines, ARRAY(lines) };
