/* SPDX-License-Identifier: MIT */
/* Between a test's process and its parent: what runner.c and the bench need of run.c. */
#ifndef CARDMINT_KIT_RUN_H
#define CARDMINT_KIT_RUN_H

#include "kit/kit.h"

/* A line to the parent; line breaks in it become spaces. */
void run_say(struct run *r, char kind, const char *text);
/* The last one: lets go of the cards and ends the process. */
_Noreturn void run_end(struct run *r, char kind, const char *text);

bool run_is_one_of(DWORD rc, const DWORD *codes, size_t count);

/* Disconnects every bench of the process, resetting the cards (bench.c). */
void bench_let_all_go(void);

double clock_real_ms(void); /* clock_ms without what is added to it */

/* ---- one test in a process of its own (child.c) ----------------------------------------------- */

struct outcome {
    char verdict;  /* P F B N of run.c; 'X' ended without one: crashed or hung */
    char *expected, *got; /* F; of the others, `got` has the words */
    char *log;
    double ms;
    unsigned newest; /* of the probe: dwVersion of the module; else 0 */
};

/* Runs test at that version and waits. false: no process, no memory. Free with outcome_clear. */
bool child_run(const struct kit_config *config, const struct section *section,
               const struct requirement *requirement, test_fn *test, unsigned version,
               struct outcome *ret);
void outcome_clear(struct outcome *outcome);

#endif
