/* SPDX-License-Identifier: MIT */
/* CMR.1.3.4 and 2.2.3: whose memory it is. */
#include "kit/rows/general.h"
#include "kit/bench/scarcity.h"
#include "kit/bench/tour.h"
#include "kit/bench/watch.h"

#include <string.h>

static void is_from_callbacks(struct tour *t, const struct stop *stop, DWORD rc)
{
    CHECK(t->b->run, watch_count(WATCH_ALLOC) == 0, "%s, in %s or before",
          watch_last(WATCH_ALLOC), stop->function);
    if (rc == SCARD_S_SUCCESS)
        CHECK(t->b->run, tour_wrong(t) == NULL, "%s: %s", stop->function, tour_wrong(t));
}

void general_allocation(struct run *r)
{
    tour_watched(r, is_from_callbacks);
    run_saw(r, "%lu requests to the callbacks, none to the C library", mem_calls());
}

void general_alloc_fails(struct run *r)
{
    scarcity(r, SCARCE_ALLOC, false);
}

void general_realloc_fails(struct run *r)
{
    scarcity(r, SCARCE_REALLOC, false);
}

static bool is_about(const char *fault, const char *callback)
{
    return fault != NULL && strstr(fault, callback) != NULL;
}

static void grows_by_callback(struct tour *t, const struct stop *stop, DWORD rc)
{
    (void)rc;
    CHECK(t->b->run, watch_count(WATCH_REALLOC) == 0, "%s, in %s or before",
          watch_last(WATCH_REALLOC), stop->function);
    CHECK(t->b->run, !is_about(mem_fault(), "pfnCspReAlloc"), "%s, in %s", mem_fault(),
          stop->function);
}

void general_reallocation(struct run *r)
{
    tour_watched(r, grows_by_callback);
}

static void frees_by_callback(struct tour *t, const struct stop *stop, DWORD rc)
{
    (void)rc;
    CHECK(t->b->run, watch_count(WATCH_FREE) == 0, "%s, in %s or before", watch_last(WATCH_FREE),
          stop->function);
    CHECK(t->b->run, !is_about(mem_fault(), "pfnCspFree"), "%s, in %s", mem_fault(),
          stop->function);
}

void general_freeing(struct run *r)
{
    tour_watched(r, frees_by_callback);
}
