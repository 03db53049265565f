/* SPDX-License-Identifier: MIT */
/* 2.3.1.2: CardDeleteContext. */
#include "kit/rows/context.h"
#include "kit/bench/file_work.h"

#include <string.h>

#define OK   SCARD_S_SUCCESS
#define TEXT FIXTURE_TEXT, strlen(FIXTURE_TEXT)

/* ---- it ends the context, whatever has become of the card ------------------------------------ */

static void as_it_is(struct bench *b)
{
    (void)b;
}

/* Another connection resets the card: this one's handle is out of date. */
static void card_was_reset(struct bench *b)
{
    uintptr_t card;

    bench_pause(b);
    NEED(b->run, pcsc_connect(b->pcsc, b->ctx, b->reader, PCSC_SHARED, &card));
    NEED(b->run, pcsc_disconnect(b->pcsc, card, PCSC_RESET));
}

/* The handle is none any more, as with a card that was taken away. */
static void card_is_gone(struct bench *b)
{
    bench_pause(b);
    NEED(b->run, pcsc_disconnect(b->pcsc, b->card, PCSC_LEAVE));
}

static const struct {
    const char *when;
    void (*before)(struct bench *b);
} ends[] = {
    { "in a transaction", as_it_is },
    { "without a transaction", bench_pause },
    { "after a reset of the card", card_was_reset },
    { "after the card has gone", card_is_gone },
};

/* Another context on the same card, on a connection of its own, is not touched. */
static void severs(struct run *r)
{
    for (size_t i = 0; i < ARRAY(ends); i++) {
        struct bench b, other;
        DWORD rc;

        bench_open(r, &b);
        be_user(&b);
        (void)see_place(&b);
        ends[i].before(&b);
        rc = CALL(&b, DeleteContext, &b.data);
        if (rc != OK)
            run_fail(r, "success", "%s, %s", kit_code(rc), ends[i].when);
        CHECK(r, b.data.pvVendorSpecific == NULL, "pvVendorSpecific is not NULL, %s", ends[i].when);
        bench_close(&b);
        bench_open(r, &other); /* what is deleted can be acquired anew */
        EXPECT(r, see_place(&other), OK);
        bench_close(&other);
    }
}

/* Of two contexts on one connection, the other one lives on. */
static void spares_others(struct run *r)
{
    struct bench b, other;

    bench_open(r, &b);
    bench_again(&b, &other);
    NEED(r, CALL(&b, DeleteContext, &b.data));
    EXPECT(r, see_place(&other), OK);
    be_user(&other);
    CHECK(r, is_user(&other), "the user of another context may not write any more");
    NEED(r, CALL(&other, DeleteContext, &other.data));
    b.data.pvVendorSpecific = NULL;
    bench_close(&b);
}

static void ends_context(struct run *r)
{
    severs(r);
    spares_others(r);
}

/* ---- it gives all memory back ---------------------------------------------------------------- */

/* What keeps memory in a context, if anything does. */
static void use(struct bench *b)
{
    PBYTE challenge = NULL;
    DWORD len = 0;

    (void)see_place(b);
    be_user(b);
    (void)is_user(b);
    if (CALL(b, GetChallenge, &b->data, &challenge, &len) == OK && mem_is_ours(challenge))
        mem_free(challenge);
    if (b->data.pfnCardDeauthenticate != NULL)
        (void)CALL(b, Deauthenticate, &b->data, user_name(), 0);
}

/* Blocks that a context leaves behind. With a cache, what is in there is the caller's. */
static unsigned long left_behind(struct bench *b, bool used)
{
    const unsigned long before = mem_live();

    bench_fill(b, &b->data, b->run->version);
    NEED(b->run, ACQUIRE(b, &b->data, 0));
    if (used)
        use(b);
    NEED(b->run, CALL(b, DeleteContext, &b->data));
    return mem_live() - before;
}

static void frees_memory(struct run *r)
{
    struct bench b;

    bench_connect(r, &b, 0);
    for (unsigned round = 0; round < 6; round++) {
        const bool used = round >= 3;
        const unsigned long blocks = left_behind(&b, used);

        CHECK(r, blocks == 0, "%lu blocks of pfnCspAlloc are left%s", blocks,
              used ? ", of a context that was used" : "");
    }
    CHECK(r, mem_fault() == NULL, "%s", mem_fault());
    run_saw(r, "%lu blocks made, none left", mem_calls());
}

static void delete_succeeds(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    EXPECT(r, CALL(&b, DeleteContext, &b.data), OK);
}

const struct requirement context_delete_rows[3] = {
    ROW("CMR.3.1.2.1",
        "The context is ended, and no other; without a transaction too, and when the card is gone",
        ends_context),
    ROW("CMR.3.1.2.2", "Every block of memory is given back", frees_memory,
        .versions = KIT_V4_TO_V7),
    ROW("CMR.3.1.2.3", "A good call returns 0", delete_succeeds, .versions = KIT_V4_TO_V7),
};

/* ---- errors ---------------------------------------------------------------------------------- */

static DWORD delete_it(struct args *a)
{
    return CALL(a->b, DeleteContext, a->data);
}

const struct subject context_delete_subject = { .call = delete_it };

const struct requirement context_delete_errors[1] = {
    ERROR_ROW("CMR.3.1.2.E1", "pCardData NULL", CODES(SCARD_E_INVALID_PARAMETER), NO_DATA),
};
