/* SPDX-License-Identifier: MIT */
/*
 * The certification kit: every requirement of Microsoft's certification document for smart card
 * minidrivers, run against any module. The kit knows a module by cardmod.h alone.
 *
 *     kit_run ── a child process for each requirement and version ── requirement.test
 *        │                                                   └── bench.h: the caller's part
 *        └── struct kit_result ... ── report.h
 *
 * What the document asks is data: sections in printed order (sections.c), in each a table of rows
 * in printed order, one line a requirement. A row's test runs in a process of its own, which ends
 * with the first verdict: a test has nothing to give back but what is on the card.
 */
#ifndef CARDMINT_KIT_KIT_H
#define CARDMINT_KIT_KIT_H

#include "cardmint/cardmod.h"
#include "kit/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* ---- requirements ---------------------------------------------------------------------------- */

struct run;
typedef void test_fn(struct run *r);

enum kit_kind { KIT_GENERAL, KIT_FUNCTIONAL, KIT_PERFORMANCE, KIT_ERROR, KIT_SEQUENCE };

/* CARD_DATA versions a row runs at, as a set. */
#define KIT_V(n)     (1u << (n))
#define KIT_V4_TO_V7 (KIT_V(4) | KIT_V(5) | KIT_V(6) | KIT_V(7))

#define KIT_FAULTS_MAX 6
#define KIT_CODES_MAX  4

/* One line of a section. Rows of errors have faults and codes; the others a test. */
struct requirement {
    const char *id;     /* as printed ("CMR.3.2.1.E1"); ours: "N." a sentence there without number,
                           "S." a sequence of 2.5, "T." a step of the closed tool, "V6.", "V7." */
    const char *words;  /* ours: what must hold */
    test_fn *test;      /* NULL: no run can prove it; `words` says what to look at ("inspected") */
    unsigned versions;  /* set of KIT_V; 0: KIT_V(5) */
    bool optional;      /* marked so in the document */
    bool advisory;      /* among rows so marked the order of checks is said, not judged */
    unsigned char faults[KIT_FAULTS_MAX]; /* enum fault; each by itself must be refused */
    DWORD codes[KIT_CODES_MAX];           /* permitted; the first is the one to recommend */
};

/* A row with a test of its own; more fields may follow: ROW("CMR.x", "words", test, .optional = true) */
#define ROW(id_, words_, test_, ...) { .id = id_, .words = words_, .test = test_, __VA_ARGS__ }

struct subject; /* faults.h: how a function is called well */

/* A section of the document: one function's general, functional, performance or error rows. */
struct section {
    const char *number;   /* "2.3.2.1.3" */
    const char *function; /* "CardAuthenticatePin"; "" where it is none's */
    enum kit_kind kind;
    const struct subject *subject; /* KIT_ERROR: whose arguments are spoiled; else NULL */
    const struct requirement *rows;
    size_t count;
};

/* The nth in printed order, then ours; NULL behind the last (sections.c). */
const struct section *kit_section(size_t n);

/* ---- results --------------------------------------------------------------------------------- */

enum kit_status { KIT_PASS, KIT_FAIL, KIT_NOT_APPLICABLE, KIT_INSPECTED };

/* What came out of one requirement. Strings are never NULL. */
struct kit_result {
    const struct section *section;
    const struct requirement *requirement;
    enum kit_status status; /* the worst of the versions it ran at */
    bool blocked;           /* KIT_FAIL: a step before it failed; what it asks was not seen */
    unsigned versions;      /* set of KIT_V it ran at */
    char *expected, *got;   /* one line each */
    char *detail;           /* why; "" where there is nothing to say */
    char *log;              /* lines: each call with its code and time, notes */
    double ms;              /* wall clock, of all versions */
};

const char *kit_status_name(enum kit_status status); /* "pass", "fail", ... as in report.json */
const char *kit_kind_name(enum kit_kind kind);

struct kit_summary {
    unsigned total, by_status[4];
};

/* ---- a run ----------------------------------------------------------------------------------- */

/* Told of each requirement as it ends; `done` of `total`. */
typedef void kit_progress_fn(void *context, const struct kit_result *result, unsigned done,
                             unsigned total);

struct kit_options {
    const char *const *only; /* ids, or their beginnings: "CMR.3.4"; NULL: all */
    size_t only_count;
    const char *test, *subtest; /* names of the closed tool's (closed_tool.h), in place of `only` */
    kit_progress_fn *progress;  /* may be NULL */
    void *context;
};

/* Is the requirement of that id in the selection? */
bool kit_selects(const struct kit_options *options, const char *id);

/* Prepares the cards, runs every requirement of the selection, tidies up. *ret_results: *ret_count
 * entries, free with kit_results_free. false and one line in `says`: nothing could be run (the
 * module does not load, no such reader, another card than configured, an unknown id). */
bool kit_run(const struct kit_config *config, const struct kit_options *options,
             struct kit_result **ret_results, size_t *ret_count, char says[256]);
void kit_results_free(struct kit_result *results, size_t count);
struct kit_summary kit_summarise(const struct kit_result *results, size_t count);

/* ---- inside a test: verdicts (run.c). Each ends the process, unless it holds ------------------ */

struct run {
    const struct kit_config *config;
    const struct section *section;
    const struct requirement *requirement;
    unsigned version; /* of CARD_DATA */
    FILE *out;        /* to the parent */
    const char *key;  /* begins each line there, so that no module speaks for its test */
};

/* The code must be one of those behind. Says expected and got. */
#define EXPECT(r, rc, ...)                                                                  \
    run_expect((r), (rc), #rc, (const DWORD[]){ __VA_ARGS__ },                              \
               sizeof((const DWORD[]){ __VA_ARGS__ }) / sizeof(DWORD))
void run_expect(struct run *r, DWORD rc, const char *call, const DWORD *codes, size_t count);

/* Something that must be so. The words behind say what was seen: printf. */
#define CHECK(r, condition, ...) \
    ((condition) ? (void)0 : run_fail((r), #condition, __VA_ARGS__))

/* A step on the way, not what the requirement asks: failing here is "blocked". */
#define NEED(r, rc) run_need((r), (rc), #rc)
void run_need(struct run *r, DWORD rc, const char *call);

_Noreturn void run_fail(struct run *r, const char *expected, const char *got, ...)
    __attribute__((format(printf, 3, 4)));
_Noreturn void run_blocked(struct run *r, const char *why, ...) __attribute__((format(printf, 2, 3)));
/* Only where the row's own condition is false for this card. */
_Noreturn void run_not_applicable(struct run *r, const char *why, ...)
    __attribute__((format(printf, 2, 3)));

/* A line in the log. */
void run_note(struct run *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What was seen, where it passes: "max 3 ms of 350 allowed". */
void run_saw(struct run *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "SCARD_E_NO_MEMORY (80100006)": static, of the thread. */
const char *kit_code(DWORD code);

#endif
