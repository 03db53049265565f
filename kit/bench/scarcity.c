/* SPDX-License-Identifier: MIT */
#include "kit/bench/scarcity.h"

#include "kit/bench/tour.h"

#define CALLS_MAX 500u /* of the callbacks, in one function */

static unsigned scarce; /* set of SCARCE_ */
static unsigned until;  /* the one that fails; 0: none */
static unsigned failed; /* all in all */
static bool has_failed; /* in this call */

static bool fails_now(unsigned callback)
{
    if ((scarce & callback) == 0 || until == 0 || --until != 0)
        return false;
    has_failed = true;
    failed++;
    return true;
}

static LPVOID WINAPI take(SIZE_T len)
{
    return fails_now(SCARCE_ALLOC) ? NULL : mem_alloc(len);
}

static LPVOID WINAPI take_more(LPVOID block, SIZE_T len)
{
    return fails_now(SCARCE_REALLOC) ? NULL : mem_realloc(block, len);
}

/* ---- one function ---------------------------------------------------------------------------- */

struct usual {
    unsigned long kept; /* blocks, by each call */
    bool gives[2];
};

/* false: it does not succeed on this card. Called twice: the first may fill tables. */
static bool see_usual(struct tour *t, const struct stop *stop, struct usual *ret)
{
    unsigned long before;
    DWORD rc = tour_call(t, stop);

    before = mem_live();
    tour_before(t, stop);
    if (rc == SCARD_S_SUCCESS)
        rc = stop->call(t);
    for (unsigned i = 0; i < ARRAY(ret->gives); i++)
        ret->gives[i] = t->given[i] != NULL;
    tour_after(t, stop);
    ret->kept = mem_live() > before ? mem_live() - before : 0;
    return rc == SCARD_S_SUCCESS;
}

static void judge_code(struct tour *t, const struct stop *stop, const struct usual *usual,
                       unsigned n, DWORD rc, bool strict)
{
    struct run *r = t->b->run;

    if (rc == SCARD_S_SUCCESS) {
        CHECK(r, tour_wrong(t) == NULL, "%s, request %u for memory fails: %s", stop->function, n,
              tour_wrong(t));
        for (unsigned i = 0; i < ARRAY(usual->gives); i++)
            CHECK(r, (t->given[i] != NULL) == usual->gives[i],
                  "%s, request %u for memory fails: success, and no result", stop->function, n);
    }
    if (strict && rc != SCARD_E_NO_MEMORY)
        run_fail(r, kit_code(SCARD_E_NO_MEMORY), "%s from %s, request %u for memory fails",
                 kit_code(rc), stop->function, n);
}

/* false: the call asks for memory fewer than n times. */
static bool fails_at(struct tour *t, const struct stop *stop, const struct usual *usual, unsigned n,
                     bool strict)
{
    struct run *r = t->b->run;
    const char *fault = mem_fault();
    unsigned long live = mem_live();
    DWORD rc;

    tour_before(t, stop);
    has_failed = false;
    until = n;
    rc = stop->call(t);
    until = 0;
    if (has_failed)
        judge_code(t, stop, usual, n, rc, strict);
    tour_after(t, stop);
    if (!has_failed)
        return false;
    CHECK(r, mem_live() <= live + usual->kept, "%s, request %u for memory fails: %lu blocks stay",
          stop->function, n, mem_live() - live);
    CHECK(r, mem_fault() == fault, "%s, request %u for memory fails: %s", stop->function, n,
          mem_fault());
    return true;
}

static void runs_out(struct tour *t, const struct stop *stop, bool strict)
{
    struct usual usual;
    unsigned n = 1;

    if (!see_usual(t, stop, &usual)) {
        run_note(t->b->run, "%s does not succeed: left out", stop->function);
        return;
    }
    while (n < CALLS_MAX && fails_at(t, stop, &usual, n, strict))
        n++;
    CHECK(t->b->run, n < CALLS_MAX, "%s asks for memory again and again", stop->function);
    if (n > 1)
        CHECK(t->b->run, tour_call(t, stop) == SCARD_S_SUCCESS,
              "%s does not succeed any more when memory is there again", stop->function);
}

/* ---- all functions --------------------------------------------------------------------------- */

void scarcity(struct run *r, unsigned callbacks, bool strict)
{
    const struct stop *stop;
    struct bench b;
    struct tour t;

    scarce = callbacks;
    bench_connect(r, &b, 0);
    b.data.pfnCspAlloc = take;
    b.data.pfnCspReAlloc = take_more;
    NEED(r, ACQUIRE(&b, &b.data, 0));
    b.says.dwVersion = CARD_CAPABILITIES_CURRENT_VERSION;
    (void)CALL(&b, QueryCapabilities, &b.data, &b.says);
    tour_begin(&t, &b);
    for (size_t n = 0; (stop = tour_stop(&t, n)) != NULL; n++)
        runs_out(&t, stop, strict);
    be_nobody(&b);
    run_saw(r, "%u requests for memory failed", failed);
}
