/* SPDX-License-Identifier: MIT */
/* 2.3.3.1: CardUnblockPin, what it does. */
#include "kit/rows/pins.h"

#include "kit/run.h"

#define OK SCARD_S_SUCCESS

/* ---- the PIN, blocked and unblocked ---------------------------------------------------------- */

/* Blocked, where the card does that; seen before that it can be unblocked at all. */
static bool blocked(struct bench *b)
{
    struct blocking seen;
    const char *wrong;

    need_unblocking(b);
    wrong = way_back(b);
    if (wrong != NULL)
        run_fail(b->run, "a PIN that is not blocked is set anew too", "%s", wrong);
    if (b->run->config->pin_blocks == KIT_NO)
        return false;
    seen = block_pin(b, AUTHENTICATE_PIN);
    return seen.then == SCARD_W_CHV_BLOCKED;
}

static void check_pin(struct bench *b, const struct kit_secret *pin, const char *what)
{
    const DWORD rc = show_pin(b, pin, &not_asked);

    if (rc != OK)
        run_fail(b->run, "success", "%s from CardAuthenticatePin, %s", kit_code(rc), what);
}

static void unblocks(struct run *r)
{
    const struct kit_secret other = other_pin(r->config);
    struct bench b;
    bool was_blocked;

    bench_open(r, &b);
    was_blocked = blocked(&b);
    be_nobody(&b);
    EXPECT(r, unblock_to(&b, &other, 0), OK);
    check_pin(&b, &other, "the new PIN");
    CHECK(r, is_user(&b), "the user may not write, with the new PIN");
    CHECK(r, show_pin(&b, &r->config->user_pin, &not_asked) != OK, "the old PIN is right still");
    check_pin(&b, &other, "the new PIN, a wrong one before");
    EXPECT(r, unblock_to(&b, &r->config->user_pin, 0), OK);
    restore_pin(&b);
    run_saw(r, was_blocked ? "blocked before" : "the card does not block the PIN");
}

/* ---- all or nothing -------------------------------------------------------------------------- */

/* Nothing has come of it: the new PIN is none, and what was blocked is. */
static void check_nothing(struct bench *b, bool was_blocked, const char *what)
{
    const struct kit_secret other = other_pin(b->run->config);

    CHECK(b->run, !is_admin(b), "the admin may write, after %s", what);
    CHECK(b->run, show_pin(b, &other, &not_asked) != OK, "the new PIN is set, by %s", what);
    if (was_blocked)
        CHECK(b->run, show_pin(b, &b->run->config->user_pin, &not_asked) != OK,
              "the PIN is unblocked, by %s", what);
}

/* A single call, from nobody: no one need be authenticated before, no one is after; and one that
 * fails, for its proof or for its new PIN, has changed nothing. */
static void is_atomic(struct run *r)
{
    const struct kit_secret other = other_pin(r->config);
    struct kit_secret proof, endless = other;
    struct bench b;
    bool was_blocked;

    bench_open(r, &b);
    need_way_back(&b);
    was_blocked = blocked(&b);
    be_nobody(&b);
    proof = new_proof(&b);
    proof.bytes[0] ^= 1;
    CHECK(r, unblock_by(&b, &proof, &other, 0) != OK, "success, given a wrong response");
    check_nothing(&b, was_blocked, "a call with a wrong response");
    proof = new_proof(&b);
    endless.len = 0xFFFFFFFF;
    CHECK(r, unblock_by(&b, &proof, &endless, 0) != OK, "success, given a new PIN without end");
    check_nothing(&b, was_blocked, "a call with a new PIN that is none");
    be_nobody(&b);
    EXPECT(r, unblock_to(&b, &other, 0), OK);
    check_pin(&b, &other, "the new PIN, by one call from nobody");
    (void)unblock_to(&b, &r->config->user_pin, 0);
    restore_pin(&b);
}

/* ---- the rest -------------------------------------------------------------------------------- */

static DWORD set_tries(struct bench *b, DWORD tries)
{
    return unblock_to(b, &b->run->config->user_pin, tries);
}

static void sets_tries(struct run *r)
{
    check_tries(r, set_tries);
}

static void succeeds(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    EXPECT(r, unblock_to(&b, &r->config->user_pin, 0), OK);
    be_user(&b);
    EXPECT(r, unblock_to(&b, &r->config->user_pin, 0), OK);
}

static void check_nobody(struct bench *b, const char *when)
{
    CHECK(b->run, !is_user(b), "the user may write, %s", when);
    CHECK(b->run, !is_admin(b), "the admin may write, %s", when);
}

/* Whoever was authenticated, and whatever comes of it. */
static void logs_out(struct run *r)
{
    const struct kit_secret *pin = &r->config->user_pin;
    struct kit_secret proof;
    struct bench b;

    bench_open(r, &b);
    be_nobody(&b);
    NEED(r, unblock_to(&b, pin, 0));
    check_nobody(&b, "nobody authenticated before");
    be_user(&b);
    NEED(r, unblock_to(&b, pin, 0));
    check_nobody(&b, "the user authenticated before");
    if (r->config->admin_key.len != 0) {
        be_admin(&b);
        NEED(r, unblock_to(&b, pin, 0));
        check_nobody(&b, "the admin authenticated before");
    }
    be_user(&b);
    proof = new_proof(&b);
    proof.bytes[0] ^= 1;
    (void)unblock_by(&b, &proof, pin, 0);
    check_nobody(&b, "after a wrong response");
    NEED(r, unblock_to(&b, pin, 0)); /* the PUK's tries are back */
    restore_pin(&b);
}

const struct requirement unblock_rows[5] = {
    ROW("CMR.3.3.1.1", "A PIN that was blocked by wrong ones is set anew, and opens the card",
        unblocks, .versions = KIT_V(4) | KIT_V(5) | KIT_V(7)),
    ROW("CMR.3.3.1.2", "One call does it all, and one that fails does nothing", is_atomic),
    ROW("CMR.3.3.1.3", "cRetryCount sets how many wrong PINs there may be; 0 keeps the number",
        sets_tries, .optional = true),
    ROW("CMR.3.3.1.4", "A good call returns 0", succeeds, .versions = KIT_V4_TO_V7),
    ROW("CMR.3.3.1.5", "Nobody is authenticated afterwards", logs_out),
};
