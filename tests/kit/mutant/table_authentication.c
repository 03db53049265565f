/* SPDX-License-Identifier: MIT */
/* 2.3.2: PINs, challenges, letting go. */
#include "mutation.h"

#include <string.h>

#define ODD_CODE SCARD_F_INTERNAL_ERROR
#define BAD      SCARD_E_INVALID_PARAMETER
#define WRONG    SCARD_W_WRONG_CHV
#define BLOCKED  SCARD_W_CHV_BLOCKED

/* ---- what ------------------------------------------------------------------------------------ */

static void let_go(const struct call *c, LPWSTR user)
{
    struct call off = beside(c, fn_CardDeauthenticate);

    off.user = user;
    (void)invoke(&off);
}

static WCHAR user[] = wszCARD_USER_USER, admin[] = wszCARD_USER_ADMIN;

/* The secret is right, and nobody is authenticated all the same. */
static DWORD not_established(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);

    (void)m;
    if (rc == SCARD_S_SUCCESS)
        let_go(c, c->function == fn_CardAuthenticatePin ? user : admin);
    return rc;
}

/* A wrong secret is not shown to the card while somebody is authenticated: that stays so. */
static DWORD stay_authenticated(struct call *c, const struct mutation *m)
{
    BYTE pin[SECRET_MAX];
    DWORD len = right_pin(pin), rc;
    PIN_SET before = c->data != NULL ? who(c) : 0;
    struct call again = beside(c, fn_CardAuthenticatePin);

    (void)m;
    rc = invoke(c);
    if (rc != WRONG || len == 0 || (before & CREATE_PIN_SET(ROLE_USER)) == 0)
        return rc;
    again.user = user;
    again.in = pin;
    again.in_len = len;
    (void)invoke(&again);
    return rc;
}

/* Who has drawn the challenge as the admin stays it: no answer is shown to the card. (To ask
 * the card who it is spoils a challenge, so it is asked before.) */
static DWORD stay_admin(struct call *c, const struct mutation *m)
{
    static bool was_admin;

    (void)m;
    if (c->function == fn_CardGetChallenge)
        was_admin = (who(c) & CREATE_PIN_SET(ROLE_ADMIN)) != 0;
    if (c->function != fn_CardAuthenticateChallenge || !was_admin ||
        last_function(c->data) != fn_CardGetChallenge)
        return invoke(c);
    if (c->left != NULL)
        *c->left = 0xFFFFFFFF;
    return WRONG;
}

/* The last wrong try is answered as if the PIN were blocked before. */
static DWORD blocked_too_early(struct call *c, const struct mutation *m)
{
    DWORD left = 1, rc;

    (void)m;
    if (c->left == NULL)
        c->left = &left;
    rc = invoke(c);
    return rc == WRONG && *c->left == 0 ? BLOCKED : rc;
}

/* Counts tries of the admin key that the card does not: ten, and one less for each wrong answer, or
 * (`a`) for each challenge. Or (`b`): always that many. */
static DWORD count_tries(struct call *c, const struct mutation *m)
{
    static DWORD left = 10;
    DWORD rc = invoke(c);

    if (c->function == fn_CardGetChallenge && rc == SCARD_S_SUCCESS && m->a != 0)
        left--;
    if (c->function == fn_CardGetChallenge || c->left == NULL)
        return rc;
    left = rc == SCARD_S_SUCCESS ? 10 : left - 1;
    if (rc == WRONG)
        *c->left = m->b != 0 ? m->b : left;
    return rc;
}

static bool about_admin_key(const struct call *c)
{
    return c->data != NULL &&
           (c->function == fn_CardGetChallenge || c->function == fn_CardAuthenticateChallenge);
}

/* A challenge of its own: no answer to it will do. */
static DWORD other_challenge(struct call *c, const struct mutation *m)
{
    return what_turn_bit(c, m);
}

static DWORD same_challenge(struct call *c, const struct mutation *m)
{
    static BYTE first[64];
    static DWORD first_len;
    struct block b;

    (void)m;
    c->rc = invoke(c);
    if (c->rc != SCARD_S_SUCCESS || !result_of(c, &b) || *b.len > sizeof(first))
        return c->rc;
    if (first_len == *b.len)
        memcpy(*b.at, first, first_len);
    memcpy(first, *b.at, *b.len);
    first_len = *b.len;
    return c->rc;
}

static DWORD short_challenge(struct call *c, const struct mutation *m)
{
    struct block b;

    (void)m;
    c->rc = invoke(c);
    if (c->rc == SCARD_S_SUCCESS && result_of(c, &b))
        *b.len = 4;
    return c->rc;
}

static bool wrong_for_user(const struct call *c)
{
    return for_user(c) && c->in != NULL && c->in_len != 0 && c->in_len <= 127;
}

static bool one_byte(const struct call *c)
{
    return for_user(c) && c->in != NULL && c->in_len == 1;
}

/* A card keeps PINs filled up to their full length: what fills them is taken for nothing. */
static DWORD strip_fill(struct call *c, const struct mutation *m)
{
    if (c->in != NULL && c->in_len > 1 && c->in_len <= 127 && c->in[c->in_len - 1] == m->a)
        c->in_len--;
    return invoke(c);
}

static bool top_flag(const struct call *c)
{
    return (c->flags & 0x80000000u) != 0;
}

#define NOBODY_SPREAD MAY_SPREAD("*", "whatever needs the user, or the admin")

static const struct mutation lines[] = {
    /* 2.3.2.1.1 CardAuthenticatePin */
    BREAK("CMR.3.2.1.1", "not-established", CardAuthenticatePin, has_data, DOES(not_established),
          NOBODY_SPREAD),
    BREAK("CMR.3.2.1.2", "not-zero", CardAuthenticatePin, has_data, FAILS(1), NOBODY_SPREAD),
    BREAK("CMR.3.2.1.4", "crash", CardAuthenticatePin, no_left, CRASHES),
    BREAK("CMR.3.2.1.4", "refused", CardAuthenticatePin, no_left, ANSWERS(BAD)),
    /* 2.3.2.1.2 */
    BREAK("CMR.3.2.1.X1", "slow-once", CardAuthenticatePin, has_data, SLOW_ONCE_IN_TEN(360)),
    BREAK("CMR.3.2.1.X2", "slow", CardAuthenticatePin, has_data, SLOW(250)),
    /* 2.3.2.1.3 */
    BREAK("CMR.3.2.1.E1", "crash", CardAuthenticatePin, no_data, CRASHES),
    BREAK("CMR.3.2.1.E2", "accepted", CardAuthenticatePin, no_user, ANSWERS(0)),
    BREAK("CMR.3.2.1.E3", "code", CardAuthenticatePin, no_in, ANSWERS(WRONG)),
    BREAK("CMR.3.2.1.E4", "accepted", CardAuthenticatePin, other_user, ANSWERS(0)),
    BREAK("CMR.3.2.1.E4", "code", CardAuthenticatePin, other_user, ANSWERS(WRONG)),
    BREAK("CMR.3.2.1.E5", "none-accepted", CardAuthenticatePin, in_empty, ANSWERS(0)),
    BREAK("CMR.3.2.1.E5", "endless-accepted", CardAuthenticatePin, in_endless, ANSWERS(0)),
    BREAK("CMR.3.2.1.E5", "one-byte-accepted", CardAuthenticatePin, one_byte, ANSWERS(0)),
    BREAK("CMR.3.2.1.E5", "zero-behind-accepted", CardAuthenticatePin, has_data, DOES(strip_fill),
          .a = 0x00),
    BREAK("CMR.3.2.1.E5", "ff-behind-accepted", CardAuthenticatePin, has_data, DOES(strip_fill),
          .a = 0xFF),
    BREAK("CMR.3.2.1.E6", "accepted", CardAuthenticatePin, wrong_for_user, RECODES(WRONG, 0)),
    BREAK("CMR.3.2.1.E6", "code", CardAuthenticatePin, wrong_for_user,
          RECODES(WRONG, SCARD_W_SECURITY_VIOLATION),
          MAY_SPREAD("CMR.3.2.1.E7 CMR.3.2.1.E8 CMR.3.2.1.E9", "they begin with a wrong PIN")),
    BREAK("CMR.3.2.1.E7", "stays", CardAuthenticatePin, wrong_for_user, DOES(stay_authenticated)),
    BREAK("CMR.3.2.1.E8", "never", CardAuthenticatePin, wrong_for_user, RECODES(BLOCKED, WRONG)),
    BREAK("CMR.3.2.1.E8", "opens", CardAuthenticatePin, wrong_for_user, RECODES(BLOCKED, 0),
          MAY_SPREAD("*", "a PIN that seems open is not unblocked")),
    BREAK("CMR.3.2.1.E9", "one-more", CardAuthenticatePin, has_left, DOES(what_more_tries)),
    BREAK("CMR.3.2.1.E9", "not-told", CardAuthenticatePin, has_left, DOES(what_tries_kept)),
    BREAK("CMR.3.2.1.E9", "last-is-blocked", CardAuthenticatePin, has_data,
          DOES(blocked_too_early)),
    /* 2.3.2.2.1 CardGetChallenge */
    BREAK("CMR.3.2.2.1", "other", CardGetChallenge, has_data, DOES(other_challenge), NOBODY_SPREAD),
    BREAK("CMR.3.2.2.2", "foreign", CardGetChallenge, has_data, DOES(what_foreign_block)),
    BREAK("CMR.3.2.2.3", "len-not-told", CardGetChallenge, has_data, DOES(what_len_kept),
          NOBODY_SPREAD),
    BREAK("CMR.3.2.2.4", "not-zero", CardGetChallenge, has_data, FAILS(1), NOBODY_SPREAD),
    BREAK("CMR.3.2.2.5", "lives-on", CardAuthenticateChallenge, not_after_challenge,
          RECODES(WRONG, 0), MAY_SPREAD("CMR.3.2.3.E4", "it says the same of the other function")),
    BREAK("CMR.3.2.2.6", "repeats", CardGetChallenge, has_data, DOES(same_challenge),
          NOBODY_SPREAD),
    BREAK("CMR.3.2.2.7", "costs-a-try", any, about_admin_key, DOES(count_tries), .a = 1,
          MAY_SPREAD("CMR.3.2.3", "tries of the admin key are lost on the way")),
    BREAK("CMR.3.2.2.8", "four-bytes", CardGetChallenge, has_data, DOES(short_challenge),
          NOBODY_SPREAD),
    /* 2.3.2.2.2 */
    BREAK("CMR.3.2.2.E1", "accepted", CardGetChallenge, no_data, ANSWERS(0)),
    BREAK("CMR.3.2.2.E2", "crash", CardGetChallenge, no_out, CRASHES),
    BREAK("CMR.3.2.2.E3", "accepted", CardGetChallenge, no_out_len, ANSWERS(0)),
    /* 2.3.2.3.1 CardAuthenticateChallenge */
    BREAK("CMR.3.2.3.1", "not-established", CardAuthenticateChallenge, has_data,
          DOES(not_established), NOBODY_SPREAD),
    BREAK("CMR.3.2.3.2", "not-zero", CardAuthenticateChallenge, has_data, FAILS(1), NOBODY_SPREAD),
    /* 2.3.2.3.2 */
    BREAK("CMR.3.2.3.E1", "crash", CardAuthenticateChallenge, no_data, CRASHES),
    BREAK("CMR.3.2.3.E2", "code", CardAuthenticateChallenge, no_in, ANSWERS(WRONG)),
    BREAK("CMR.3.2.3.E3", "accepted", CardAuthenticateChallenge, in_empty, ANSWERS(0)),
    BREAK("CMR.3.2.3.E4", "code", CardAuthenticateChallenge, not_after_challenge,
          RECODES(WRONG, BAD), MAY_SPREAD("CMR.3.2.2.5", "it is refused, with another code")),
    BREAK("CMR.3.2.3.E5", "code", CardAuthenticateChallenge, after_challenge, RECODES(WRONG, BAD),
          MAY_SPREAD("CMR.3.2.3.E6 CMR.3.2.3.E7 CMR.3.2.3.E8", "they begin with a wrong answer")),
    BREAK("CMR.3.2.3.E5", "accepted", CardAuthenticateChallenge, after_challenge, RECODES(WRONG, 0),
          MAY_SPREAD("CMR.3.2.3.E6 CMR.3.2.3.E7 CMR.3.2.3.E8", "they begin with a wrong answer")),
    BREAK("CMR.3.2.3.E6", "stays", any, has_data, DOES(stay_admin)),
    BREAK("CMR.3.2.3.E7", "never", CardAuthenticateChallenge, has_data, DOES(count_tries), .b = 2,
          MAY_SPREAD("CMR.3.2.2.7", "the count stands still")),
    BREAK("CMR.3.2.3.E8", "one-more", CardAuthenticateChallenge, has_left, DOES(what_more_tries)),
    BREAK("CMR.3.2.3.E8", "not-told", CardAuthenticateChallenge, has_left, DOES(what_tries_kept)),
    /* 2.3.2.4.1 CardDeauthenticate */
    BREAK("CMR.3.2.4.1", "user-stays", CardDeauthenticate, for_user, ANSWERS(0)),
    BREAK("CMR.3.2.4.2", "admin-stays", CardDeauthenticate, for_admin, ANSWERS(0)),
    BREAK("CMR.3.2.4.3", "not-zero", CardDeauthenticate, has_data, FAILS(1)),
    BREAK("CMR.3.2.4.X1", "slow-once", CardDeauthenticate, has_data, SLOW_ONCE_IN_TEN(210)),
    BREAK("CMR.3.2.4.X2", "slow", CardDeauthenticate, has_data, SLOW(160)),
    BREAK("CMR.3.2.4.E1", "accepted", CardDeauthenticate, no_data, ANSWERS(0)),
    BREAK("CMR.3.2.4.E4", "accepted", CardDeauthenticate, flags, DOES(what_flags_to_zero)),
    BREAK("CMR.3.2.4.E4", "top-bit-accepted", CardDeauthenticate, top_flag,
          DOES(what_flags_to_zero)),
};

const struct table authentication_table = { lines, ARRAY(lines) };
