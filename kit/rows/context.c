/* SPDX-License-Identifier: MIT */
/* 2.3.1: CardAcquireContext and CardDeleteContext. */
#include "kit/rows/context.h"
#include "kit/groups.h"
#include "kit/bench/fixture_keys.h"
#include "kit/bench/multi.h"

#include <string.h>

#define INVALID SCARD_E_INVALID_PARAMETER
#define OK      SCARD_S_SUCCESS
#define TEXT    FIXTURE_TEXT, strlen(FIXTURE_TEXT)

/* ---- CardAcquireContext ---------------------------------------------------------------------- */

void context_reaches_card(struct bench *b)
{
    EXPECT(b->run, see_file(b, FIXTURE_DIR, FIXTURE_FILE, TEXT), OK);
    be_user(b);
    if (is_read_only(b))
        CHECK(b->run, is_user(b), "the user may not sign");
    else
        EXPECT(b->run, put_file(b, FIXTURE_DIR, FIXTURE_FILE, TEXT), OK);
}

static void begins_communication(struct run *r)
{
    struct bench b;

    bench_connect(r, &b, 0);
    EXPECT(r, ACQUIRE(&b, &b.data, 0), OK);
    context_reaches_card(&b);
}

static void acquire_succeeds(struct run *r)
{
    struct bench b;

    bench_connect(r, &b, 0);
    EXPECT(r, ACQUIRE(&b, &b.data, 0), OK);
}

/* A context more, on the same connection; which must succeed here. */
static void acquire_more(struct bench *b, struct bench *more)
{
    *more = *b;
    bench_fill(more, &more->data, b->run->version);
    EXPECT(b->run, ACQUIRE(more, &more->data, 0), OK);
}

/* Ten on one connection, each of its own; the others live on as each goes. */
static void contexts_of_one_caller(struct run *r)
{
    static struct bench b[10];

    bench_open(r, &b[0]);
    for (size_t i = 1; i < ARRAY(b); i++)
        acquire_more(&b[0], &b[i]);
    for (size_t i = 0; i < ARRAY(b); i++) {
        be_user(&b[i]);
        CHECK(r, is_user(&b[i]), "the user of context %zu may not write", i);
    }
    for (size_t i = 0; i < ARRAY(b); i++) {
        for (size_t k = i; k < ARRAY(b); k++)
            EXPECT(r, see_file(&b[k], FIXTURE_DIR, FIXTURE_FILE, TEXT), OK);
        EXPECT(r, CALL(&b[i], DeleteContext, &b[i].data), OK);
    }
    bench_close(&b[0]);
}

#define CROWD_LEAST 8u /* whatever the configuration says */

static struct crowd crowd(const struct run *r, unsigned cards)
{
    const unsigned asked = r->config->threads > CROWD_LEAST ? r->config->threads : CROWD_LEAST;

    return (struct crowd){ .count = asked < CROWD_MAX ? asked : CROWD_MAX,
                           .cards = cards,
                           .rounds = r->config->thread_rounds,
                           .seconds = r->config->seconds,
                           .work = crowd_use };
}

static void run_crowds(struct run *r, const struct crowd *of)
{
    crowd_prepare(r, of);
    crowd_in_threads(r, of);
    crowd_in_processes(r, of);
    crowd_tidy(r, of);
    run_saw(r, "%u threads and %u processes", of->count, of->count);
}

static void contexts_on_one_card(struct run *r)
{
    const struct crowd of = crowd(r, 1);

    in_process(r, contexts_of_one_caller);
    run_crowds(r, &of);
}

/* What is written by one context is on its card and on no other. */
static void contexts_of_two_cards(struct run *r)
{
    static const char *const names[] = { "kitone", "kittwo" };
    struct bench b[2];

    open_card(r, &b[0], 0);
    need_writable(&b[0]);
    bench_connect(r, &b[1], 1);
    EXPECT(r, ACQUIRE(&b[1], &b[1].data, 0), OK);
    for (unsigned i = 0; i < 2; i++) {
        be_user(&b[i]);
        NEED(r, make_file(&b[i], FIXTURE_DIR, names[i], EveryoneReadUserWriteAc));
    }
    CHECK(r, is_user(&b[0]) && is_user(&b[1]), "the user of one card is not the user any more");
    for (unsigned i = 0; i < 2; i++) {
        EXPECT(r, see_file(&b[i], FIXTURE_DIR, names[i], NULL, 0), OK);
        EXPECT(r, see_file(&b[i], FIXTURE_DIR, names[1 - i], NULL, 0), SCARD_E_FILE_NOT_FOUND);
    }
    be_nobody(&b[0]);
    CHECK(r, is_user(&b[1]), "a reset of one card takes the other's user away");
    be_user(&b[0]);
    NEED(r, drop_file(&b[0], FIXTURE_DIR, names[0]));
    EXPECT(r, CALL(&b[0], DeleteContext, &b[0].data), OK);
    NEED(r, drop_file(&b[1], FIXTURE_DIR, names[1]));
    bench_close(&b[1]);
    bench_close(&b[0]);
}

static void contexts_on_two_cards(struct run *r)
{
    const struct crowd of = crowd(r, 2);

    need_second_card(r);
    in_process(r, contexts_of_two_cards);
    run_crowds(r, &of);
}

/* ---- callbacks that the caller sets later ---------------------------------------------------- */

static DWORD WINAPI no_padding(PCARD_SIGNING_INFO info, DWORD room, DWORD *len, PBYTE *padded)
{
    (void)info, (void)room, (void)len, (void)padded;
    return SCARD_E_UNEXPECTED;
}

static DWORD WINAPI no_agreement(PCARD_DATA data, PVOID secret, BYTE *index, DWORD flags)
{
    (void)data, (void)secret, (void)index, (void)flags;
    return SCARD_E_UNEXPECTED;
}

enum { ADD_FILE = 1, LOOKUP_FILE = 2, DELETE_FILE = 4, PAD_DATA = 8, GET_AGREEMENT = 16, ALL = 31 };

/* All callbacks there are, without those. */
static void set_callbacks(struct bench *b, unsigned without)
{
    bench_cache(b);
    b->data.pfnCspPadData = no_padding;
    if (b->run->version >= 5)
        b->data.pfnCspGetDHAgreement = no_agreement;
    if ((without & ADD_FILE) != 0)
        b->data.pfnCspCacheAddFile = NULL;
    if ((without & LOOKUP_FILE) != 0)
        b->data.pfnCspCacheLookupFile = NULL;
    if ((without & DELETE_FILE) != 0)
        b->data.pfnCspCacheDeleteFile = NULL;
    if ((without & PAD_DATA) != 0)
        b->data.pfnCspPadData = NULL;
    if ((without & GET_AGREEMENT) != 0 && b->run->version >= 5)
        b->data.pfnCspGetDHAgreement = NULL;
}

static void callbacks_may_be_null(struct run *r)
{
    static const unsigned sets[] = { ADD_FILE, LOOKUP_FILE, DELETE_FILE, PAD_DATA, GET_AGREEMENT,
                                     ADD_FILE | LOOKUP_FILE | DELETE_FILE, ALL };
    struct bench b;

    bench_connect(r, &b, 0);
    for (size_t i = 0; i < ARRAY(sets); i++) {
        bench_fill(&b, &b.data, r->version);
        set_callbacks(&b, sets[i]);
        run_note(r, "callbacks lacking: set %02X", sets[i]);
        EXPECT(r, ACQUIRE(&b, &b.data, 0), OK);
        context_reaches_card(&b);
        set_callbacks(&b, 0); /* the caller has them now */
        context_reaches_card(&b);
        EXPECT(r, CALL(&b, DeleteContext, &b.data), OK);
    }
}

static const struct requirement acquire_rows[] = {
    ROW("CMR.3.1.1.1", "A context gets through to its card", begins_communication),
    ROW("CMR.3.1.1.2",
        "All function pointers are set; only those of an optional function, or of keys that the "
        "card lacks, may be NULL",
        context_sets_pointers, .versions = KIT_V4_TO_V7),
    ROW("CMR.3.1.1.3", "A good call returns 0", acquire_succeeds, .versions = KIT_V4_TO_V7),
    ROW("CMR.3.1.1.4", "Several contexts on one card: of a caller, of threads, of processes",
        contexts_on_one_card),
    ROW("CMR.3.1.1.5", "Several contexts on two cards: of a caller, of threads, of processes",
        contexts_on_two_cards),
    ROW("CMR.3.1.1.6",
        "dwVersion is the version that was filled in: the newest, not above the one asked for",
        context_tells_version),
    ROW("CMR.3.1.1.7", "Who gives version 5 also gives version 4", context_knows_version_4),
    ROW("CMR.3.1.1.8", "The callbacks for cache, padding and agreements may be NULL at first",
        callbacks_may_be_null, .versions = KIT_V(4) | KIT_V(5)),
};

/* ---- CardAcquireContext: errors -------------------------------------------------------------- */

static DWORD acquire(struct args *a)
{
    return ACQUIRE(a->b, a->data, a->flags);
}

static void good_acquire(struct args *a)
{
    bench_fill(a->b, &a->box.acquire, a->b->run->version);
    memcpy(a->bytes, a->b->atr, a->b->atr_len);
    a->box.acquire.pbAtr = a->bytes;
    a->data = &a->box.acquire;
}

static bool spoil_acquire(struct args *a, enum fault fault)
{
    PCARD_DATA data = &a->box.acquire;

    switch (fault) {
    case VERSION_LOW:
        data->dwVersion = a->b->run->config->least_version - 1;
        break;
    case NO_ATR:
        data->pbAtr = NULL;
        break;
    case BAD_ATR_LEN:
        data->cbAtr = PCSC_ATR_MAX + 1;
        break;
    case NO_CARD_NAME:
        data->pwszCardName = NULL;
        break;
    case STRANGE_ATR:
        memset(a->bytes, 0xFF, sizeof(a->bytes));
        break;
    case NO_ALLOC:
        data->pfnCspAlloc = NULL;
        break;
    case NO_REALLOC:
        data->pfnCspReAlloc = NULL;
        break;
    case NO_FREE:
        data->pfnCspFree = NULL;
        break;
    case BAD_CONTEXT:
        data->hSCardCtx = 0x7777;
        break;
    case NO_CARD_HANDLE:
        data->hScard = 0;
        break;
    default:
        return false;
    }
    return true;
}

static const struct subject acquire_subject = {
    .call = acquire, .good = good_acquire, .unopened = true, .spoil = spoil_acquire
};

/* A good call, but for one number. */
static void expect_refused(struct run *r, struct bench *b, const char *what, DWORD value,
                           void (*set)(struct args *a, DWORD value), DWORD code, DWORD other)
{
    struct args a;
    DWORD rc;

    good_args(&a, b, &acquire_subject);
    set(&a, value);
    rc = acquire(&a);
    if (rc != code && rc != other)
        run_fail(r, kit_code(code), "%s, given %s %08X", kit_code(rc), what, (unsigned)value);
}

static void set_flags(struct args *a, DWORD value)
{
    a->flags = value;
}

static void set_version(struct args *a, DWORD value)
{
    a->box.acquire.dwVersion = value;
}

static void set_atr_len(struct args *a, DWORD value)
{
    a->box.acquire.cbAtr = value;
}

static void set_atr(struct args *a, DWORD value)
{
    memset(a->bytes, (int)value, sizeof(a->bytes));
}

static void flags_refused(struct run *r)
{
    static const DWORD flags[] = { 1, 2, 255, 0x80000000 };
    struct bench b;

    bench_connect(r, &b, 0);
    for (size_t i = 0; i < ARRAY(flags); i++)
        expect_refused(r, &b, "dwFlags", flags[i], set_flags, INVALID, INVALID);
    bench_close(&b);
    error_row(r);
}

static void low_versions_refused(struct run *r)
{
    struct bench b;

    bench_connect(r, &b, 0);
    for (DWORD v = 0; v < r->config->least_version; v++)
        expect_refused(r, &b, "dwVersion", v, set_version, ERROR_REVISION_MISMATCH,
                       ERROR_REVISION_MISMATCH);
    bench_close(&b);
    error_row(r);
}

static void atr_lengths_refused(struct run *r)
{
    static const DWORD lengths[] = { 0, 1, 0xFFFFFFFF };
    struct bench b;

    bench_connect(r, &b, 0);
    for (size_t i = 0; i < ARRAY(lengths); i++)
        expect_refused(r, &b, "cbAtr", lengths[i], set_atr_len, INVALID, SCARD_E_UNKNOWN_CARD);
    bench_close(&b);
    error_row(r);
}

static void strange_atrs_refused(struct run *r)
{
    struct bench b;

    bench_connect(r, &b, 0);
    expect_refused(r, &b, "an ATR of", 0, set_atr, SCARD_E_UNKNOWN_CARD, SCARD_E_UNKNOWN_CARD);
    bench_close(&b);
    error_row(r);
}

/* The heading asks for a failure, the text exempts 0. */
static void context_handles(struct run *r)
{
    struct bench b;

    bench_connect(r, &b, 0);
    b.data.hSCardCtx = 0;
    EXPECT(r, ACQUIRE(&b, &b.data, 0), OK);
    bench_close(&b);
    error_row(r);
}

static const struct requirement acquire_errors[] = {
    ERROR_ROW("CMR.3.1.1.E1", "pCardData NULL", CODES(INVALID), NO_DATA),
    { .id = "CMR.3.1.1.E2", .words = "dwFlags not 0", .test = flags_refused,
      .codes = CODES(INVALID), .faults = { FLAGS } },
    { .id = "CMR.3.1.1.E3", .words = "dwVersion below what the module has",
      .test = low_versions_refused, .codes = CODES(ERROR_REVISION_MISMATCH),
      .faults = { VERSION_LOW } },
    ERROR_ROW("CMR.3.1.1.E4", "pbAtr NULL", CODES(INVALID), NO_ATR),
    { .id = "CMR.3.1.1.E5", .words = "cbAtr that no ATR has", .test = atr_lengths_refused,
      .codes = CODES(INVALID, SCARD_E_UNKNOWN_CARD), .faults = { BAD_ATR_LEN } },
    ERROR_ROW("CMR.3.1.1.E6", "pwszCardName NULL", CODES(INVALID), NO_CARD_NAME),
    { .id = "CMR.3.1.1.E7", .words = "The ATR of no card, or of one that the module does not know",
      .test = strange_atrs_refused, .codes = CODES(SCARD_E_UNKNOWN_CARD),
      .faults = { STRANGE_ATR } },
    ERROR_ROW("CMR.3.1.1.E8", "pfnCspAlloc, pfnCspReAlloc or pfnCspFree NULL", CODES(INVALID),
              NO_ALLOC, NO_REALLOC, NO_FREE),
    { .id = "CMR.3.1.1.E9", .words = "hSCardCtx that is no context; 0 is none, and no error",
      .test = context_handles, .codes = CODES(SCARD_E_INVALID_HANDLE, INVALID),
      .faults = { BAD_CONTEXT } },
    ERROR_ROW("CMR.3.1.1.E10", "hScard 0", CODES(SCARD_E_INVALID_HANDLE), NO_CARD_HANDLE),
};

static const struct section sections[] = {
    { "2.3.1.1.1", "CardAcquireContext", KIT_FUNCTIONAL, NULL, acquire_rows, ARRAY(acquire_rows) },
    { "2.3.1.1.2", "CardAcquireContext", KIT_ERROR, &acquire_subject, acquire_errors,
      ARRAY(acquire_errors) },
    { "2.3.1.2.1", "CardDeleteContext", KIT_FUNCTIONAL, NULL, context_delete_rows,
      ARRAY(context_delete_rows) },
    { "2.3.1.2.2", "CardDeleteContext", KIT_ERROR, &context_delete_subject, context_delete_errors,
      ARRAY(context_delete_errors) },
};
const struct group context_rows = { sections, ARRAY(sections) };
