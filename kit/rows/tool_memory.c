/* SPDX-License-Identifier: MIT */
/* CspMem, OutOfMem, NoMemoryLeaks. */
#include "kit/bench/scarcity.h"
#include "kit/rows/tool.h"
#include "kit/bench/tour.h"

#include <malloc.h>
#include <string.h>

/* ---- every block, traced --------------------------------------------------------------------- */

static struct run *tracing;

static LPVOID WINAPI take(SIZE_T len)
{
    void *block = mem_alloc(len);

    run_note(tracing, "  pfnCspAlloc(%zu) -> %p", (size_t)len, block);
    return block;
}

static LPVOID WINAPI take_more(LPVOID old, SIZE_T len)
{
    void *block = mem_realloc(old, len);

    run_note(tracing, "  pfnCspReAlloc(%p, %zu) -> %p", old, (size_t)len, block);
    return block;
}

static void WINAPI give_back(LPVOID block)
{
    run_note(tracing, "  pfnCspFree(%p)", block);
    mem_free(block);
}

static void open_traced(struct run *r, struct bench *b)
{
    tracing = r;
    bench_connect(r, b, 0);
    b->data.pfnCspAlloc = take;
    b->data.pfnCspReAlloc = take_more;
    b->data.pfnCspFree = give_back;
    NEED(r, ACQUIRE(b, &b->data, 0));
    b->says.dwVersion = CARD_CAPABILITIES_CURRENT_VERSION;
    (void)CALL(b, QueryCapabilities, &b->data, &b->says);
}

static void trace_call(struct tour *t, const struct stop *stop)
{
    struct run *r = t->b->run;
    DWORD rc;

    tour_before(t, stop);
    rc = stop->call(t);
    if (rc == SCARD_S_SUCCESS)
        CHECK(r, tour_wrong(t) == NULL, "%s: %s", stop->function, tour_wrong(t));
    tour_after(t, stop);
    CHECK(r, mem_fault() == NULL, "%s: %s", stop->function, mem_fault());
}

void tool_traced_memory(struct run *r)
{
    const struct stop *stop;
    struct bench b;
    struct tour t;

    open_traced(r, &b);
    tour_begin(&t, &b);
    for (size_t n = 0; (stop = tour_stop(&t, n)) != NULL; n++)
        trace_call(&t, stop);
    be_nobody(&b);
    EXPECT(r, CALL(&b, DeleteContext, &b.data), SCARD_S_SUCCESS);
    CHECK(r, mem_live() == 0, "%lu blocks are left after CardDeleteContext", mem_live());
    CHECK(r, mem_fault() == NULL, "%s", mem_fault());
    run_saw(r, "%lu requests, each block freed by pfnCspFree", mem_calls());
}

void tool_out_of_memory(struct run *r)
{
    scarcity(r, SCARCE_ALLOC | SCARCE_REALLOC, true);
}

/* ---- leaks ------------------------------------------------------------------------------------ *
 * Each function again and again: what grows every time is lost. (The C library keeps some free
 * blocks of each size at hand, which count as used: at first it grows without a leak, too.) */

#define CALLS   4u
#define BATCHES 20u
#define LEAST   32u  /* bytes of the smallest block */
#define UNEVEN  1024u /* where keys are made, of any length; by software cards in this process */

/* Of the whole process; always the same, where another heap has taken its place. */
static size_t heap_used(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

/* What is kept by CALLS calls: blocks of the callbacks, bytes of the heap. */
struct growth {
    unsigned long blocks;
    size_t bytes;
};

static struct growth call_some(struct tour *t, const struct stop *stop)
{
    unsigned long live = mem_live();
    size_t used = heap_used();

    for (unsigned i = 0; i < CALLS; i++)
        (void)tour_call(t, stop);
    return (struct growth){ .blocks = mem_live() > live ? mem_live() - live : 0,
                            .bytes = heap_used() > used ? heap_used() - used : 0 };
}

static size_t least(const struct stop *stop)
{
    bool makes_keys = strstr(stop->function, "CreateContainer") != NULL ||
                      strstr(stop->function, "DeleteContainer") != NULL;

    return CALLS * (makes_keys ? UNEVEN : LEAST);
}

/* The first calls fill tables; a table may grow once more later on, a leak grows every time. */
static void call_again(struct tour *t, const struct stop *stop)
{
    struct growth g = call_some(t, stop);

    for (unsigned i = 0; i < BATCHES; i++) {
        g = call_some(t, stop);
        if (g.blocks < CALLS && g.bytes < least(stop))
            return;
    }
    CHECK(t->b->run, g.blocks < CALLS, "%s: %lu blocks more after %u calls", stop->function,
          g.blocks, CALLS);
    CHECK(t->b->run, g.bytes < least(stop), "%s: the heap has %zu bytes more after %u calls",
          stop->function, g.bytes, CALLS);
}

void tool_no_leaks(struct run *r)
{
    const struct stop *stop;
    unsigned long live;
    struct bench first, b;
    struct tour t;
    size_t n;

    bench_connect(r, &first, 0);
    live = mem_live();
    bench_again(&first, &b);
    tour_begin(&t, &b);
    for (n = 0; (stop = tour_stop(&t, n)) != NULL; n++)
        call_again(&t, stop);
    be_nobody(&b);
    EXPECT(r, CALL(&b, DeleteContext, &b.data), SCARD_S_SUCCESS);
    CHECK(r, mem_live() == live, "%lu blocks more after CardDeleteContext", mem_live() - live);
    run_saw(r, "%zu functions, %u times each", n, 2 * CALLS);
}
