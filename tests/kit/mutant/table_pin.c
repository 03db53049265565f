/* SPDX-License-Identifier: MIT */
/* 2.3.3: unblocking and changing. */
#include "mutation.h"

#include <string.h>

#define ODD_CODE SCARD_F_INTERNAL_ERROR
#define BAD      SCARD_E_INVALID_PARAMETER
#define WRONG    SCARD_W_WRONG_CHV
#define BLOCKED  SCARD_W_CHV_BLOCKED

static WCHAR user[] = wszCARD_USER_USER, admin[] = wszCARD_USER_ADMIN;

/* ---- when ------------------------------------------------------------------------------------ */

static bool by_pin(const struct call *c)
{
    return c->data != NULL && c->flags == CARD_AUTHENTICATE_PIN_PIN && c->in != NULL;
}

static bool by_response(const struct call *c)
{
    return c->data != NULL && c->flags == CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE &&
           c->in != NULL && c->in_len != 0;
}

static bool by_response_in_turn(const struct call *c)
{
    return by_response(c) && last_function(c->data) == fn_CardGetChallenge;
}

static bool by_response_late(const struct call *c)
{
    return by_response(c) && last_function(c->data) != fn_CardGetChallenge && !response_used(c);
}

static bool flags_unknown(const struct call *c)
{
    return c->flags != CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE &&
           c->flags != CARD_AUTHENTICATE_PIN_PIN;
}

static bool flags_not_1(const struct call *c)
{
    return c->flags != CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE;
}

static bool valid(const struct call *c)
{
    return by_response(c) && c->fresh != NULL && for_user(c);
}

/* ---- what ------------------------------------------------------------------------------------ */

static DWORD let_go(const struct call *c, LPWSTR name)
{
    struct call off = beside(c, fn_CardDeauthenticate);

    off.user = name;
    return invoke(&off);
}

static DWORD show(const struct call *c, PBYTE pin, DWORD len)
{
    struct call on = beside(c, fn_CardAuthenticatePin);

    on.user = user;
    on.in = pin;
    on.in_len = len;
    return invoke(&on);
}

/* Tells of tries that stay the same. */
static DWORD same_tries(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);

    if (rc == WRONG && c->left != NULL)
        *c->left = m->b;
    return rc;
}

/* The answer to the challenge is looked at, and that is all. */
static DWORD only_authenticate(struct call *c, const struct mutation *m)
{
    struct call on = beside(c, fn_CardAuthenticateChallenge);
    DWORD rc;

    (void)m;
    on.in = c->in;
    on.in_len = c->in_len;
    rc = invoke(&on);
    if (rc == SCARD_S_SUCCESS && c->function == fn_CardUnblockPin && c->fresh_len <= 127)
        (void)let_go(c, admin);
    return rc;
}

/* Refused, but the new PIN counts. */
static DWORD change_in_spite(struct call *c, const struct mutation *m)
{
    BYTE pin[SECRET_MAX];
    DWORD rc = invoke(c), len = right_pin(pin);
    struct call change = beside(c, fn_CardChangeAuthenticator);

    (void)m;
    if (rc == SCARD_S_SUCCESS || len == 0 || c->fresh == NULL)
        return rc;
    change.user = user;
    change.in = pin;
    change.in_len = len;
    change.fresh = c->fresh;
    change.fresh_len = c->fresh_len;
    change.flags = CARD_AUTHENTICATE_PIN_PIN;
    (void)invoke(&change);
    return rc;
}

/* The first half done, and then the new PIN looked at. */
static DWORD authenticate_first(struct call *c, const struct mutation *m)
{
    if (c->fresh_len <= 127)
        return invoke(c);
    (void)only_authenticate(c, m);
    return BAD;
}

static DWORD forget_tries(struct call *c, const struct mutation *m)
{
    (void)m;
    c->tries = 0;
    return invoke(c);
}

static DWORD leave_user_in(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);

    (void)m;
    if (rc == SCARD_S_SUCCESS)
        (void)show(c, c->fresh, c->fresh_len);
    return rc;
}

static DWORD let_all_go(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);

    (void)m;
    if (rc == SCARD_S_SUCCESS) {
        (void)let_go(c, user);
        (void)let_go(c, admin);
    }
    return rc;
}

/* The PIN is the one before again. */
static DWORD change_back(struct call *c, const struct mutation *m)
{
    struct call back = *c;
    DWORD rc = invoke(c);

    (void)m;
    back.in = c->fresh;
    back.in_len = c->fresh_len;
    back.fresh = c->in;
    back.fresh_len = c->in_len;
    back.tries = 0;
    if (rc == SCARD_S_SUCCESS)
        (void)invoke(&back);
    return rc;
}

/* The PIN is changed; the one from before still opens the card, at CardAuthenticatePin. */
static struct {
    BYTE old[SECRET_MAX], fresh[SECRET_MAX];
    DWORD old_len, fresh_len;
} changed;

static DWORD old_pin_too(struct call *c, const struct mutation *m)
{
    DWORD rc;

    (void)m;
    if (c->function == fn_CardAuthenticatePin && changed.old_len != 0 && c->in != NULL &&
        c->in_len == changed.old_len && memcmp(c->in, changed.old, c->in_len) == 0) {
        c->in = changed.fresh;
        c->in_len = changed.fresh_len;
        return invoke(c);
    }
    rc = invoke(c);
    if (rc == SCARD_S_SUCCESS && c->function == fn_CardChangeAuthenticator && by_pin(c) &&
        c->in_len <= SECRET_MAX && c->fresh_len <= SECRET_MAX) {
        memcpy(changed.old, c->in, c->in_len);
        changed.old_len = c->in_len;
        memcpy(changed.fresh, c->fresh, c->fresh_len);
        changed.fresh_len = c->fresh_len;
    }
    return rc;
}

static DWORD flags_taken_for_1(struct call *c, const struct mutation *m)
{
    (void)m;
    c->flags = CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE;
    return invoke(c);
}

#define PIN_SPREAD MAY_SPREAD("*", "the PIN is another than the kit thinks")

static const struct mutation lines[] = {
    /* 2.3.3.1.1 CardUnblockPin */
    BREAK("CMR.3.3.1.1", "nothing-done", CardUnblockPin, valid, DOES(only_authenticate),
          MAY_SPREAD("CMR.3.2.1 CMR.3.3", "a blocked PIN stays blocked")),
    BREAK("CMR.3.3.1.2", "half-done", CardUnblockPin, valid, DOES(authenticate_first)),
    BREAK("CMR.3.3.1.3", "tries-forgotten", CardUnblockPin, tries_set, DOES(forget_tries)),
    BREAK("CMR.3.3.1.4", "not-zero", CardUnblockPin, has_data, FAILS(1),
          MAY_SPREAD("CMR.3.2.1 CMR.3.3", "they unblock on the way")),
    BREAK("CMR.3.3.1.5", "user-stays", CardUnblockPin, has_data, DOES(leave_user_in)),
    /* 2.3.3.1.2 */
    BREAK("CMR.3.3.1.E1", "crash", CardUnblockPin, no_data, CRASHES),
    BREAK("CMR.3.3.1.E2", "accepted", CardUnblockPin, no_user, ANSWERS(0)),
    BREAK("CMR.3.3.1.E3", "code", CardUnblockPin, no_in, ANSWERS(WRONG)),
    BREAK("CMR.3.3.1.E4", "accepted", CardUnblockPin, no_fresh, ANSWERS(0)),
    BREAK("CMR.3.3.1.E5", "code", CardUnblockPin, other_user, ANSWERS(ODD_CODE)),
    BREAK("CMR.3.3.1.E6", "accepted", CardUnblockPin, in_empty, ANSWERS(0)),
    BREAK("CMR.3.3.1.E7", "accepted", CardUnblockPin, fresh_empty, ANSWERS(0)),
    BREAK("CMR.3.3.1.E8", "accepted", CardUnblockPin, tries_high, ANSWERS(0)),
    BREAK("CMR.3.3.1.E9", "accepted", CardUnblockPin, flags_not_1, DOES(flags_taken_for_1)),
    BOTH("CMR.3.3.1.E9", "length-first", CardUnblockPin, flags_not_1, in_short, ANSWERS(WRONG)),
    BREAK("CMR.3.3.1.E10", "accepted", CardUnblockPin, by_response_late, RECODES(WRONG, 0)),
    BREAK("CMR.3.3.1.E11", "code", CardUnblockPin, by_response_in_turn, RECODES(WRONG, ODD_CODE),
          MAY_SPREAD("CMR.3.3.1.E13", "a short answer is a wrong one")),
    BREAK("CMR.3.3.1.E12", "accepted", CardUnblockPin, response_used, RECODES(WRONG, 0)),
    BREAK("CMR.3.3.1.E13", "accepted", CardUnblockPin, in_short, ANSWERS(0)),
    /* 2.3.3.2.1.1 CardChangeAuthenticator */
    BREAK("CMR.3.3.2.1", "nothing-done", CardChangeAuthenticator, by_pin, DOES(change_back)),
    BREAK("CMR.3.3.2.1", "old-one-too", any, has_data, DOES(old_pin_too)),
    BREAK("CMR.3.3.2.2", "nothing-done", CardChangeAuthenticator, by_response,
          DOES(only_authenticate)),
    BREAK("CMR.3.3.2.3", "half-done", CardChangeAuthenticator, by_pin, DOES(change_in_spite),
          PIN_SPREAD),
    BREAK("CMR.3.3.2.4", "let-go", CardChangeAuthenticator, has_data, DOES(let_all_go)),
    BREAK("CMR.3.3.2.5", "tries-forgotten", CardChangeAuthenticator, tries_set, DOES(forget_tries)),
    BREAK("CMR.3.3.2.6", "not-zero", CardChangeAuthenticator, has_data, FAILS(1),
          MAY_SPREAD("CMR.3.3.2", "they change on the way")),
    /* 2.3.3.2.1.2 */
    BREAK("CMR.3.3.2.E1", "accepted", CardChangeAuthenticator, no_data, ANSWERS(0)),
    BREAK("CMR.3.3.2.E2", "crash", CardChangeAuthenticator, no_user, CRASHES),
    BREAK("CMR.3.3.2.E3", "code", CardChangeAuthenticator, no_in, ANSWERS(WRONG)),
    BREAK("CMR.3.3.2.E4", "accepted", CardChangeAuthenticator, no_fresh, ANSWERS(0)),
    BREAK("CMR.3.3.2.E5", "code", CardChangeAuthenticator, other_user, ANSWERS(ODD_CODE)),
    BREAK("CMR.3.3.2.E6", "accepted", CardChangeAuthenticator, in_empty, ANSWERS(0)),
    BREAK("CMR.3.3.2.E7", "accepted", CardChangeAuthenticator, fresh_empty, ANSWERS(0)),
    BREAK("CMR.3.3.2.E8", "accepted", CardChangeAuthenticator, tries_high, ANSWERS(0)),
    BREAK("CMR.3.3.2.E9", "code", CardChangeAuthenticator, flags_unknown, ANSWERS(ODD_CODE)),
    BREAK("CMR.3.3.2.E11", "accepted", CardChangeAuthenticator, by_pin, RECODES(WRONG, 0),
          MAY_SPREAD("CMR.3.3.2.E14 CMR.3.3.2.E16 CMR.3.3.2.3", "they show a wrong PIN")),
    BREAK("CMR.3.3.2.E12", "accepted", CardChangeAuthenticator, by_response_late,
          RECODES(WRONG, 0)),
    BREAK("CMR.3.3.2.E13", "code", CardChangeAuthenticator, by_response_in_turn,
          RECODES(WRONG, ODD_CODE),
          MAY_SPREAD("CMR.3.3.2.E15 CMR.3.3.2.E17 CMR.3.3.2.3", "they give a wrong answer")),
    BREAK("CMR.3.3.2.E14", "never", CardChangeAuthenticator, by_pin, RECODES(BLOCKED, WRONG),
          MAY_SPREAD("CMR.3.3.2.E16", "the tries do not end")),
    BREAK("CMR.3.3.2.E15", "never", CardChangeAuthenticator, by_response, DOES(same_tries), .b = 2,
          MAY_SPREAD("CMR.3.3.2.E17", "the tries do not end")),
    BOTH("CMR.3.3.2.E16", "one-more", CardChangeAuthenticator, by_pin, has_left,
         DOES(what_more_tries)),
    BOTH("CMR.3.3.2.E16", "not-told", CardChangeAuthenticator, by_pin, has_left,
         DOES(what_tries_kept)),
    BOTH("CMR.3.3.2.E17", "one-more", CardChangeAuthenticator, by_response, has_left,
         DOES(what_more_tries)),
};

const struct table pin_table = { lines, ARRAY(lines) };
