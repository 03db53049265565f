/* SPDX-License-Identifier: MIT */
/* CspMem, OutOfMem, NoMemoryLeaks. */
#include "kit/scarcity.h"
#include "kit/tool.h"
#include "kit/tour.h"

#include <malloc.h>
#include <string.h>

#define ROUNDS      4u /* whose memory is compared */
#define WARM_ROUNDS 2u /* libraries fill their tables */

/* ---- every block, traced ------------------------------------------------------------------------- */

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

/* ---- leaks --------------------------------------------------------------------------------------- */

/* Bytes of the heap in use; 0, where another heap has taken its place. */
static size_t heap_used(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

/* A context from beginning to end. */
static void go_round(struct bench *b)
{
    const struct stop *stop;
    struct tour t;

    EXPECT(b->run, ACQUIRE(b, &b->data, 0), SCARD_S_SUCCESS);
    tour_begin(&t, b);
    for (size_t n = 0; (stop = tour_stop(&t, n)) != NULL; n++)
        (void)tour_call(&t, stop);
    be_nobody(b);
    EXPECT(b->run, CALL(b, DeleteContext, &b->data), SCARD_S_SUCCESS);
    bench_fill(b, &b->data, b->run->version);
}

/* What grows in each round is never given back. */
void tool_no_leaks(struct run *r)
{
    size_t used[ROUNDS + 1] = { 0 };
    unsigned long live;
    struct bench b;
    bool grows = true;

    bench_connect(r, &b, 0);
    b.says.fKeyGen = r->config->key_generation != KIT_NO;
    live = mem_live();
    for (unsigned i = 0; i < WARM_ROUNDS + ROUNDS; i++) {
        go_round(&b);
        CHECK(r, mem_live() == live, "%lu blocks more after a context's life", mem_live() - live);
        if (i + 1 >= WARM_ROUNDS)
            used[i + 1 - WARM_ROUNDS] = heap_used();
    }
    for (unsigned i = 1; i <= ROUNDS; i++) {
        run_note(r, "heap: %zu bytes", used[i]);
        grows = grows && used[i] > used[i - 1];
    }
    CHECK(r, !grows, "the heap grows with each context: %zu bytes in %u rounds",
          used[ROUNDS] - used[0], ROUNDS);
    run_saw(r, "heap %zu bytes, after %u contexts %zu", used[0], ROUNDS, used[ROUNDS]);
}
