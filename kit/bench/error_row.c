/* SPDX-License-Identifier: MIT */
/* One row of errors: each of its faults alone, then with each fault of each later row. */
#include "kit/bench/faults.h"
#include "kit/bench/fixture_keys.h"
#include "kit/run.h"

#include <string.h>

static size_t code_count(const struct requirement *row)
{
    size_t count = 1;

    while (count < KIT_CODES_MAX && row->codes[count] != 0)
        count++;
    return count;
}

static bool permits(const struct requirement *row, DWORD rc)
{
    return run_is_one_of(rc, row->codes, code_count(row));
}

/* A call that is expected to fail with a code of `row`. */
struct trial {
    struct bench *b;
    const struct requirement *row;
    enum fault fault, other; /* `other`: of a later row, or NO_FAULT */
    enum fault role;         /* of the last trial: AS_..., NO_FAULT the user; FAULT_COUNT: unknown */
};

static enum fault wanted_role(const struct trial *t)
{
    const enum fault both[] = { t->fault, t->other };
    enum fault role = NO_FAULT;

    for (size_t i = 2; i-- > 0;)
        if (both[i] == AS_NOBODY || both[i] == AS_ADMIN)
            role = both[i];
    return role;
}

static void take_role(struct trial *t, const struct subject *s, enum fault role)
{
    if (role == AS_NOBODY && s->keeps_context)
        let_go(t->b);
    else if (role == AS_NOBODY)
        be_nobody(t->b);
    else if (role == AS_ADMIN)
        be_admin(t->b);
    else
        be_user(t->b);
    t->role = role;
}

/* Without an admin there is none to be refused, nor a file of his; the fixture's empty directory is
 * not on a card that is only read; and without CardDeauthenticate a reset ends what lives in a
 * context as well. */
static bool can_try(struct bench *b, const struct subject *s, enum fault fault)
{
    if (fault == AS_NOBODY && s->keeps_context && b->data.pfnCardDeauthenticate == NULL)
        return false;
    if (fault == NO_FILES && is_read_only(b))
        return false;
    return (fault != AS_ADMIN && fault != UNWRITABLE) || has_admin(b);
}

/* A reset of the card and a PIN for each trial is what takes most of the time on a real card. Those
 * are spared where the role is the same as before - unless a refusal would be taken for the right
 * one when in truth the role were lost. */
static bool must_take_role(const struct trial *t, const struct subject *s, enum fault role)
{
    return s->moves_roles || t->role != role || permits(t->row, SCARD_W_SECURITY_VIOLATION);
}

static DWORD attempt(struct trial *t, const struct subject *s)
{
    struct args a;
    DWORD rc;

    good_args(&a, t->b, s);
    if (t->other != NO_FAULT)
        spoil(&a, s, t->other);
    spoil(&a, s, t->fault);
    rc = s->call(&a);
    drop_results(&a);
    return rc;
}

/* A role that an earlier trial has lost is not this trial's error: it is taken again. */
static DWORD call(struct trial *t, const struct subject *s)
{
    const enum fault role = wanted_role(t);
    bool fresh = s->unopened || must_take_role(t, s, role);
    DWORD rc;

    run_note(t->b->run, "given %s%s%s", fault_name(t->fault), t->other != NO_FAULT ? ", and " : "",
             t->other != NO_FAULT ? fault_name(t->other) : "");
    if (fresh && !s->unopened)
        take_role(t, s, role);
    rc = attempt(t, s);
    if (!fresh && rc == SCARD_W_SECURITY_VIOLATION) {
        take_role(t, s, role);
        rc = attempt(t, s);
    }
    if (rc == SCARD_W_WRONG_CHV || rc == SCARD_W_CHV_BLOCKED) {
        restore_pin(t->b);
        t->role = FAULT_COUNT;
    }
    return rc;
}

static _Noreturn void refuse(struct run *r, const struct trial *t, DWORD rc)
{
    char expected[300];
    size_t len = 0;

    for (size_t i = 0; i < code_count(t->row); i++)
        len += (size_t)snprintf(expected + len, sizeof(expected) - len, "%s%s", i == 0 ? "" : " or ",
                                kit_code(t->row->codes[i]));
    if (t->other == NO_FAULT)
        run_fail(r, expected, "%s, given %s", kit_code(rc), fault_name(t->fault));
    run_fail(r, expected, "%s, given %s and %s: the first printed error counts", kit_code(rc),
             fault_name(t->fault), fault_name(t->other));
}

static void try_alone(struct run *r, struct trial *t, const struct subject *s)
{
    DWORD rc = call(t, s);

    if (!permits(t->row, rc))
        refuse(r, t, rc);
    run_saw(r, "%s, given %s%s", kit_code(rc), fault_name(t->fault),
            rc == t->row->codes[0] ? "" : " (permitted; another code is recommended)");
}

static void try_with_later(struct run *r, struct trial *t, const struct subject *s)
{
    const struct requirement *end = r->section->rows + r->section->count;

    for (const struct requirement *later = t->row + 1; later < end; later++)
        for (size_t i = 0; i < KIT_FAULTS_MAX && later->faults[i] != NO_FAULT; i++) {
            DWORD rc;

            if (!can_try(t->b, s, later->faults[i]))
                continue;
            t->other = later->faults[i];
            rc = call(t, s);
            if (permits(t->row, rc))
                continue;
            if (!t->row->advisory || !later->advisory)
                refuse(r, t, rc);
            run_note(r, "order, inferred only: %s, given %s and %s", kit_code(rc),
                     fault_name(t->fault), fault_name(t->other));
        }
    t->other = NO_FAULT;
}

void error_row(struct run *r)
{
    const struct subject *s = r->section->subject;
    struct bench b;
    struct trial t = { .b = &b, .row = r->requirement, .role = FAULT_COUNT };
    bool any = false;

    if (s->unopened)
        bench_connect(r, &b, 0);
    else
        bench_open(r, &b);
    if (s->prepare != NULL) {
        be_user(&b);
        s->prepare(&b);
    }
    for (size_t i = 0; i < KIT_FAULTS_MAX && t.row->faults[i] != NO_FAULT; i++) {
        t.fault = t.row->faults[i];
        if (!can_try(&b, s, t.fault))
            continue;
        any = true;
        try_alone(r, &t, s);
        try_with_later(r, &t, s);
    }
    if (!any)
        run_not_applicable(r, "nothing of it can be tried: there is no admin (configuration), no "
                              "CardDeauthenticate, or the card is read-only (CP_CARD_READ_ONLY)");
}

/* ---- errors of the card's state --------------------------------------------------------------- */

static bool is_role(enum fault fault)
{
    return fault == AS_NOBODY || fault == AS_ADMIN;
}

struct precedence earlier_errors(struct bench *b)
{
    const struct section *section = b->run->section;

    for (const struct requirement *row = section->rows; row < b->run->requirement; row++)
        for (size_t i = 0; i < KIT_FAULTS_MAX && row->faults[i] != NO_FAULT; i++) {
            struct trial t = { .b = b, .row = row, .fault = row->faults[i] };
            DWORD rc;

            if (is_role(t.fault) || !can_try(b, section->subject, t.fault))
                continue;
            run_note(b->run, "as it is, and given %s", fault_name(t.fault));
            rc = attempt(&t, section->subject);
            if (!permits(row, rc))
                return (struct precedence){ row, t.fault, rc };
        }
    return (struct precedence){ NULL, NO_FAULT, 0 };
}

void judge_precedence(struct run *r, const struct precedence *seen)
{
    if (seen->row != NULL)
        run_fail(r, kit_code(seen->row->codes[0]), "%s, given %s as well: %s is printed before",
                 kit_code(seen->rc), fault_name(seen->fault), seen->row->id);
}
