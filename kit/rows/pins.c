/* SPDX-License-Identifier: MIT */
/* 2.3.3: CardUnblockPin and CardChangeAuthenticator. */
#include "kit/groups.h"
#include "kit/rows/pins.h"

#define OK SCARD_S_SUCCESS

/* ---- the policy of new PINs: said at the head of 2.3.3.2, without a number ------------------- */

/* Which lengths a card takes is all that the interface knows of its policy. */
static void policy_is_kept(struct run *r)
{
    const struct kit_secret *pin = &r->config->user_pin;
    const DWORD lengths[] = { r->config->pin_least - 1, r->config->pin_most + 1 };
    struct bench b;

    bench_open(r, &b);
    for (size_t i = 0; i < ARRAY(lengths); i++) {
        struct args a;
        DWORD rc;

        if (i == 0 && r->config->pin_least <= 1)
            continue; /* every length is long enough */
        be_user(&b);
        good_args(&a, &b, &change_subject);
        a.fresh_len = lengths[i] <= 512 ? lengths[i] : 0xFFFFFFFF;
        rc = change_subject.call(&a);
        if (rc != SCARD_E_INVALID_PARAMETER)
            run_fail(r, kit_code(SCARD_E_INVALID_PARAMETER), "%s, given a new PIN of %u bytes",
                     kit_code(rc), (unsigned)lengths[i]);
        EXPECT(r, show_pin(&b, pin, &not_asked), OK);
    }
    run_saw(r, "a new PIN has %u to %u bytes", (unsigned)r->config->pin_least,
            (unsigned)r->config->pin_most);
}

static const struct requirement policy_rows[] = {
    ROW("N.2.3.3.2.1", "A new PIN that the policy forbids: SCARD_E_INVALID_PARAMETER",
        policy_is_kept),
};

#define SECTION(number, function, kind, subject, rows) \
    { number, function, kind, subject, rows, ARRAY(rows) }

static const struct section sections[] = {
    SECTION("2.3.3.1.1", "CardUnblockPin", KIT_FUNCTIONAL, NULL, unblock_rows),
    SECTION("2.3.3.1.2", "CardUnblockPin", KIT_ERROR, &unblock_subject, unblock_errors),
    SECTION("2.3.3.2", "CardChangeAuthenticator", KIT_FUNCTIONAL, NULL, policy_rows),
    SECTION("2.3.3.2.1.1", "CardChangeAuthenticator", KIT_FUNCTIONAL, NULL, change_rows),
    SECTION("2.3.3.2.1.2", "CardChangeAuthenticator", KIT_ERROR, &change_subject, change_errors),
};
const struct group pin_rows = { sections, ARRAY(sections) };
