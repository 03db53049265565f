/* SPDX-License-Identifier: MIT */
/* Tries: how many are left, what the last one does, how many there are. */
#include "kit/bench/secrets.h"

#include "kit/run.h"

#include <string.h>

#define OK      SCARD_S_SUCCESS
#define WRONG   SCARD_W_WRONG_CHV
#define BLOCKED SCARD_W_CHV_BLOCKED

#define UNTOLD   0xFFFFFFFFu /* the module cannot tell the number */
#define UNTOUCHED 0x7777u    /* nor has it */

static bool is_of_admin(enum shown_to function)
{
    return function == AUTHENTICATE_CHALLENGE || function == CHANGE_KEY;
}

/* ---- to each function ------------------------------------------------------------------------ */

/* A new secret goes along with the changing ones: another PIN; but the same key, so that nothing is
 * lost where a wrong response should be taken for the right one. */
static DWORD show(struct bench *b, enum shown_to function, bool right, PDWORD left)
{
    const struct kit_config *config = b->run->config;
    const struct kit_secret pin = right ? config->user_pin : wrong_pin(config);
    const struct kit_secret other = other_pin(config);
    struct kit_secret response = { .len = 0 };

    if (is_of_admin(function)) {
        response.len = draw_and_answer(b, response.bytes);
        if (!right)
            response.bytes[0] ^= 1;
    }
    switch (function) {
    case AUTHENTICATE_PIN:
        return show_pin(b, &pin, left);
    case CHANGE_PIN:
        return change_pin(b, &pin, &other, 0, left);
    case AUTHENTICATE_CHALLENGE:
        return respond(b, &response, left);
    default:
        return change_key(b, &response, &config->admin_key, 0, left);
    }
}

DWORD show_wrong(struct bench *b, enum shown_to function, PDWORD left)
{
    return show(b, function, false, left);
}

DWORD show_right(struct bench *b, enum shown_to function, PDWORD left)
{
    return show(b, function, true, left);
}

/* ---- until it is blocked --------------------------------------------------------------------- */

struct blocking block_pin(struct bench *b, enum shown_to function)
{
    struct blocking seen = { .then = WRONG };

    NEED(b->run, show_right(b, AUTHENTICATE_PIN, &not_asked)); /* all tries are there */
    while (seen.wrong < WRONG_MOST) {
        DWORD left = UNTOLD;

        seen.then = show_wrong(b, function, &left);
        if (seen.then != WRONG)
            break;
        seen.wrong++;
        seen.counted = seen.counted || left != UNTOLD;
    }
    return seen;
}

static _Noreturn void never_blocks(struct bench *b)
{
    restore_pin(b);
    run_not_applicable(b->run, "the card does not block the PIN: after %u wrong ones it still says "
                       "SCARD_W_WRONG_CHV, and does not count them", WRONG_MOST);
}

/* Does the configuration say, or the module count, that there is an end? */
static bool must_block(const struct kit_config *config, const struct blocking *seen)
{
    return config->pin_blocks == KIT_YES || config->pin_tries != 0 || seen->counted;
}

void check_pin_blocks(struct run *r, enum shown_to function)
{
    struct blocking seen;
    struct bench b;
    DWORD rc;

    bench_open(r, &b);
    if (r->config->pin_blocks == KIT_NO)
        run_not_applicable(r, "the card does not block the PIN (configuration)");
    need_way_back(&b);
    seen = block_pin(&b, function);
    if (seen.wrong == WRONG_MOST && !must_block(r->config, &seen))
        never_blocks(&b);
    CHECK(r, seen.wrong != WRONG_MOST, "not blocked after %u wrong PINs", seen.wrong);
    EXPECT(r, seen.then, BLOCKED);
    CHECK(r, r->config->pin_tries == 0 || seen.wrong == r->config->pin_tries,
          "blocked after %u wrong PINs; %u are configured", seen.wrong,
          (unsigned)r->config->pin_tries);
    rc = show_right(&b, AUTHENTICATE_PIN, &not_asked);
    CHECK(r, rc != OK, "the right PIN opens a card whose PIN is blocked");
    CHECK(r, !is_user(&b), "the user may write, with a PIN that is blocked");
    EXPECT(r, rc, BLOCKED);
    restore_pin(&b);
    run_saw(r, "blocked after %u wrong PINs", seen.wrong);
}

void check_blocked_answer(struct run *r, enum shown_to function)
{
    struct blocking seen;
    struct bench b;

    if (r->config->pin_blocks == KIT_NO)
        return;
    bench_open(r, &b);
    if (way_back(&b) == NULL) { /* else only what a single wrong PIN shows */
        seen = block_pin(&b, function);
        if (seen.wrong != WRONG_MOST)
            EXPECT(r, seen.then, BLOCKED);
        restore_pin(&b);
    }
    bench_close(&b);
}

/* ---- how many are left ----------------------------------------------------------------------- */

/* What a wrong secret leaves. */
static DWORD left_after(struct bench *b, enum shown_to function)
{
    DWORD left = UNTOUCHED;

    EXPECT(b->run, show_wrong(b, function, &left), WRONG);
    CHECK(b->run, left != UNTOUCHED, "the number of tries left is not told");
    return left;
}

static void check_untold(struct bench *b, enum shown_to function, enum shown_to proper)
{
    DWORD left;

    NEED(b->run, show_right(b, proper, &not_asked));
    left = left_after(b, function);
    CHECK(b->run, left == UNTOLD, "FFFFFFFF tries left, then %u", (unsigned)left);
    NEED(b->run, show_right(b, proper, &not_asked));
    run_saw(b->run, "the module does not count: FFFFFFFF");
}

/* From `left`, one less each time, to the last: of a PIN 0, of the admin key 1. That is never
 * blocked here, since nothing in the interface would bring it back. */
static void check_down(struct bench *b, enum shown_to function, DWORD left, DWORD last)
{
    while (left > last) {
        const DWORD now = left_after(b, function);

        CHECK(b->run, now == left - 1, "%u tries left, then %u", (unsigned)left, (unsigned)now);
        left = now;
    }
}

static void check_none_left(struct bench *b, enum shown_to function, bool right)
{
    DWORD left = UNTOUCHED;

    const DWORD rc = right ? show_right(b, function, &left) : show_wrong(b, function, &left);

    EXPECT(b->run, rc, BLOCKED);
    CHECK(b->run, left == 0, "%u tries left, of a PIN that is blocked", (unsigned)left);
}

void check_count(struct run *r, enum shown_to function)
{
    const bool admins = is_of_admin(function);
    const enum shown_to proper = admins ? AUTHENTICATE_CHALLENGE : AUTHENTICATE_PIN;
    struct bench b;
    DWORD first;

    bench_open(r, &b);
    if (admins)
        need_admin_key(&b);
    else
        need_way_back(&b);
    NEED(r, show_right(&b, proper, &not_asked));
    EXPECT(r, show_wrong(&b, function, NULL), WRONG); /* the number is not wanted */
    NEED(r, show_right(&b, proper, &not_asked));
    first = left_after(&b, function);
    if (first == UNTOLD) {
        check_untold(&b, function, proper);
        return;
    }
    CHECK(r, admins || r->config->pin_tries == 0 || first == r->config->pin_tries - 1,
          "%u tries left after one wrong PIN of %u", (unsigned)first,
          (unsigned)r->config->pin_tries);
    CHECK(r, first < 256, "%u tries left", (unsigned)first);
    check_down(&b, function, first, admins ? 1 : 0);
    if (admins && first == 0)
        check_none_left(&b, function, true); /* it says that the key is blocked already */
    if (!admins) {
        check_none_left(&b, function, false);
        check_none_left(&b, function, true);
        restore_pin(&b);
    }
    NEED(r, show_right(&b, proper, &not_asked));
    run_saw(r, "%u tries left after the first, %s", (unsigned)first,
            admins ? "down to 1; the last is not taken" : "down to 0, then blocked");
}

/* ---- the admin key --------------------------------------------------------------------------- */

/* A blocked admin key cannot be brought back: a count that goes down is all that is tried. */
void check_key_blocks(struct run *r, enum shown_to function)
{
    struct bench b;
    DWORD first, again;

    bench_open(r, &b);
    need_admin_key(&b);
    if (r->config->admin_blocks == KIT_NO)
        run_not_applicable(r, "the card does not block the admin key (configuration)");
    NEED(r, show_right(&b, AUTHENTICATE_CHALLENGE, &not_asked));
    first = left_after(&b, function);
    if (first == UNTOLD) {
        NEED(r, show_right(&b, AUTHENTICATE_CHALLENGE, &not_asked));
        run_not_applicable(r, "the card does not count responses to block the admin key: FFFFFFFF "
                           "left after a wrong one");
    }
    check_down(&b, function, first, 1);
    EXPECT(r, show_right(&b, AUTHENTICATE_CHALLENGE, &not_asked), OK);
    again = left_after(&b, function);
    CHECK(r, again == first, "%u tries left after a right response and a wrong one, %u before",
          (unsigned)again, (unsigned)first);
    EXPECT(r, show_right(&b, AUTHENTICATE_CHALLENGE, &not_asked), OK);
    run_saw(r, "%u tries left after the first, down to 1; the last is not taken, since nothing "
            "would bring the key back", (unsigned)first);
}

/* ---- how many there are ---------------------------------------------------------------------- */

/* Wrong PINs until it is blocked; then it is not any more. */
static unsigned count_tries(struct bench *b)
{
    const struct blocking seen = block_pin(b, AUTHENTICATE_PIN);

    if (seen.wrong == WRONG_MOST && !must_block(b->run->config, &seen))
        never_blocks(b);
    restore_pin(b); /* with cRetryCount 0 */
    if (seen.then != BLOCKED)
        run_blocked(b->run, "a PIN that no try is left of is answered by %s", kit_code(seen.then));
    return seen.wrong;
}

/* All is measured and put back before it is judged: a card with other tries than before would spoil
 * the rows that follow. */
void check_tries(struct run *r, set_tries_fn *set)
{
    unsigned before, then = 0, kept = 0;
    struct bench b;
    DWORD wanted, rc;

    bench_open(r, &b);
    if (r->config->retry_count == KIT_NO)
        run_not_applicable(r, "the card's tries cannot be set (configuration)");
    need_way_back(&b);
    before = count_tries(&b);
    wanted = before == 5 ? 4 : 5;
    rc = set(&b, wanted);
    if (rc == SCARD_E_INVALID_PARAMETER && r->config->retry_count == KIT_ASK)
        run_not_applicable(r, "the card's tries cannot be set: %s, given cRetryCount %u",
                           kit_code(rc), (unsigned)wanted);
    if (rc == OK) {
        then = count_tries(&b);
        (void)set(&b, 0);
        kept = count_tries(&b);
        if (set(&b, r->config->pin_tries != 0 ? r->config->pin_tries : before) != OK)
            run_note(r, "the tries are not put back to %u", before);
        restore_pin(&b);
    }
    EXPECT(r, rc, OK);
    CHECK(r, then == wanted, "%u wrong PINs block, where %u were to be allowed", then,
          (unsigned)wanted);
    CHECK(r, kept == then, "with cRetryCount 0, %u became %u", then, kept);
    run_saw(r, "%u tries, set to %u and back", before, (unsigned)wanted);
}
