/* SPDX-License-Identifier: MIT */
/* New PINs, on cards unblocked by the admin and by a PUK: which error is the first, who is there
 * afterwards, what still holds, how many tries are left. Admin keys are in test_admin_keys.c. */
#include "secrets.h"

#include <string.h>

#define OK      SCARD_S_SUCCESS
#define INVALID SCARD_E_INVALID_PARAMETER
#define WRONG   SCARD_W_WRONG_CHV
#define BLOCKED SCARD_W_CHV_BLOCKED
#define LACKS   SCARD_E_UNSUPPORTED_FEATURE
#define U       CREATE_PIN_SET(ROLE_USER)

static const WCHAR guest[] = CM_WSTR("guest");

/* ---- the first error, and who is there afterwards -------------------------------------------- */

struct call {
    PCARD_DATA data;
    const WCHAR *who;
    PBYTE proof, fresh;
    DWORD proof_len, fresh_len, tries, flags;
};

enum rule { DATA, WHO, PROOF, FRESH, OTHER, ADMIN_NAME, PROOF_LEN, FRESH_LEN, TRIES, FLAGS,
            SECRET };

static void break_rule(struct call *c, enum rule rule, const struct call *bad)
{
    static BYTE wrong_secret[16] = WRONG_PIN;

    switch (rule) {
    case DATA:       c->data = NULL;                    break;
    case WHO:        c->who = NULL;                     break;
    case PROOF:      c->proof = NULL;                   break;
    case FRESH:      c->fresh = NULL;                   break;
    case OTHER:      c->who = guest;                    break;
    case ADMIN_NAME: c->who = admin;                    break;
    case PROOF_LEN:  c->proof_len = bad->proof_len;     break;
    case FRESH_LEN:  c->fresh_len = bad->fresh_len;     break;
    case TRIES:      c->tries = bad->tries;             break;
    case FLAGS:      c->flags = bad->flags;             break;
    case SECRET:     c->proof = wrong_secret;           break;
    }
}

struct order {
    const char *id;
    enum rule rule;
    DWORD want;
    bool logs_out; /* the call is about the card by now: a failure leaves nobody authenticated */
    struct call bad;
};

/* CMR.3.3.1.E1 to E11 */
static const struct order unblock_order[] = {
    { "CMR.3.3.1.E1",  DATA,       INVALID, false, { 0 } },
    { "CMR.3.3.1.E2",  WHO,        INVALID, false, { 0 } },
    { "CMR.3.3.1.E3",  PROOF,      INVALID, false, { 0 } },
    { "CMR.3.3.1.E4",  FRESH,      INVALID, false, { 0 } },
    { "CMR.3.3.1.E5",  OTHER,      INVALID, false, { 0 } },
    { "5a",            ADMIN_NAME, LACKS,   false, { 0 } },
    { "CMR.3.3.1.E6",  PROOF_LEN,  INVALID, true,  { .proof_len = 0 } },
    { "CMR.3.3.1.E7",  FRESH_LEN,  INVALID, true,  { .fresh_len = 0 } },
    { "CMR.3.3.1.E7",  FRESH_LEN,  INVALID, true,  { .fresh_len = 3 } },
    { "CMR.3.3.1.E7",  FRESH_LEN,  INVALID, true,  { .fresh_len = 128 } },
    { "CMR.3.3.1.E8",  TRIES,      INVALID, true,  { .tries = 16 } },
    { "CMR.3.3.1.E9",  FLAGS,      INVALID, true,  { .flags = 0 } },
    { "CMR.3.3.1.E9",  FLAGS,      INVALID, true,  { .flags = BY_PIN } },
    { "CMR.3.3.1.E9",  FLAGS,      INVALID, true,  { .flags = BY_KEY | 4 } },
    { "CMR.3.3.1.E11", SECRET,     WRONG,   true,  { 0 } },
};

/* CMR.3.3.2.E1 to E11, of the user. */
static const struct order change_order[] = {
    { "CMR.3.3.2.E1",  DATA,      INVALID, false, { 0 } },
    { "CMR.3.3.2.E2",  WHO,       INVALID, false, { 0 } },
    { "CMR.3.3.2.E3",  PROOF,     INVALID, false, { 0 } },
    { "CMR.3.3.2.E4",  FRESH,     INVALID, false, { 0 } },
    { "CMR.3.3.2.E5",  OTHER,     INVALID, false, { 0 } },
    { "CMR.3.3.2.E6",  PROOF_LEN, INVALID, true,  { .proof_len = 0 } },
    { "CMR.3.3.2.E6",  PROOF_LEN, INVALID, true,  { .proof_len = 3 } },
    { "CMR.3.3.2.E6",  PROOF_LEN, INVALID, true,  { .proof_len = 128 } },
    { "CMR.3.3.2.E7",  FRESH_LEN, INVALID, true,  { .fresh_len = 0 } },
    { "CMR.3.3.2.E7",  FRESH_LEN, INVALID, true,  { .fresh_len = 3 } },
    { "CMR.3.3.2.E7",  FRESH_LEN, INVALID, true,  { .fresh_len = 128 } },
    { "CMR.3.3.2.E8",  TRIES,     INVALID, true,  { .tries = 16 } },
    { "CMR.3.3.2.E9",  FLAGS,     INVALID, true,  { .flags = 0 } },
    { "CMR.3.3.2.E9",  FLAGS,     INVALID, true,  { .flags = 3 } },
    { "9a",            FLAGS,     INVALID, true,  { .flags = BY_KEY } },
    { "CMR.3.3.2.E11", SECRET,    WRONG,   true,  { 0 } },
};

/* The same of the admin, whose secret is a key: no counter, no tries to set. */
static const struct order key_order[] = {
    { "CMR.3.3.2.E1",  DATA,      INVALID, false, { 0 } },
    { "CMR.3.3.2.E2",  WHO,       INVALID, false, { 0 } },
    { "CMR.3.3.2.E3",  PROOF,     INVALID, false, { 0 } },
    { "CMR.3.3.2.E4",  FRESH,     INVALID, false, { 0 } },
    { "CMR.3.3.2.E5",  OTHER,     INVALID, false, { 0 } },
    { "CMR.3.3.2.E6",  PROOF_LEN, INVALID, true,  { .proof_len = 0 } },
    { "CMR.3.3.2.E7",  FRESH_LEN, INVALID, true,  { .fresh_len = 0 } },
    { "7a",            FRESH_LEN, INVALID, true,  { .fresh_len = 8 } },
    { "7a",            FRESH_LEN, INVALID, true,  { .fresh_len = 33 } },
    { "CMR.3.3.2.E8",  TRIES,     INVALID, true,  { .tries = 1 } },
    { "CMR.3.3.2.E9",  FLAGS,     INVALID, true,  { .flags = 0 } },
    { "9a",            FLAGS,     INVALID, true,  { .flags = BY_PIN } },
    { "CMR.3.3.2.E13", SECRET,    WRONG,   true,  { 0 } },
};

/* Row by row: its rule is broken by itself, then with one row of every later rule, so that the
 * first has to win. Nothing but a wrong secret that is shown costs a try. */
static void in_order(struct desk *d, const struct order *rows, size_t count,
                     const struct call *good, bool is_unblock, const struct key *key)
{
    for (size_t i = 0; i < 2 * count; i++) {
        const struct order *row = &rows[i / 2];
        struct call c = *good;
        BYTE response[16] = PUK;
        DWORD rc, left = 77;

        be_user(d);
        if (key != NULL)
            c.proof_len = draw(d, key, response);
        if (c.proof == NULL)
            c.proof = response;
        for (size_t k = i % 2 != 0 ? count : i / 2 + 1; k-- > i / 2;)
            break_rule(&c, rows[k].rule, &rows[k].bad);
        rc = is_unblock ? d->data.pfnCardUnblockPin(c.data, wide(c.who), c.proof, c.proof_len,
                                                    c.fresh, c.fresh_len, c.tries, c.flags)
                        : d->data.pfnCardChangeAuthenticator(c.data, wide(c.who), c.proof,
                                                             c.proof_len, c.fresh, c.fresh_len,
                                                             c.tries, c.flags, &left);
        if (rc != row->want)
            fail_msg("%s%s: %08x", row->id, i % 2 != 0 ? " and all after it" : "", rc);
        if (row->logs_out)
            assert_int_equal(roles(d), 0);
        assert_int_equal(tries_left(d), !is_unblock && key == NULL && rc == WRONG ? 2 : 3);
    }
    be_user(d); /* the old PIN still holds */
}

static void first_error(void **state)
{
    static BYTE fresh[128] = NEW_PIN, old[128] = PIN;
    struct desk d;

    (void)state;
    for (unsigned puk = 0; puk < 2; puk++) {
        struct call c;

        open_card(&d, 0, puk != 0);
        c = (struct call){ &d.data, user, old, fresh, PIN_LEN, PIN_LEN, 0, BY_PIN };
        in_order(&d, change_order, ARRAY(change_order), &c, false, NULL);
        c = (struct call){ &d.data, admin, NULL, bytes(fresh_key), 8, 24, 0, BY_KEY };
        in_order(&d, key_order, ARRAY(key_order), &c, false, &des);
        assert_rc(become_admin(&d, &des), OK); /* the old key still holds */
        c = (struct call){ &d.data, user, NULL, fresh, PIN_LEN, PIN_LEN, 0, BY_KEY };
        in_order(&d, unblock_order, ARRAY(unblock_order), &c, true, puk != 0 ? NULL : &des);
        if (puk != 0) { /* the last row shows a wrong PUK, twice; no other does */
            assert_rc(unblock(&d, WRONG_PIN, PIN_LEN, NEW_PIN, 0), WRONG);
            assert_rc(unblock(&d, PUK, PIN_LEN, NEW_PIN, 0), BLOCKED);
        }
        close_card(&d);
    }
}

/* ---- a card with a PUK ----------------------------------------------------------------------- */

static DWORD unblock_ex(struct desk *d, const char *puk, DWORD *left)
{
    *left = 77;
    return d->data.pfnCardChangeAuthenticatorEx(&d->data, PIN_CHANGE_FLAG_UNBLOCK, ROLE_ADMIN,
                                                bytes(puk), (DWORD)strlen(puk), ROLE_USER,
                                                bytes(NEW_PIN), PIN_LEN, 0, left);
}

/* The PUK's own tries: all back after the right one; the last wrong one is WRONG_CHV with 0 left,
 * what follows CHV_BLOCKED, the right one too. The PIN's are another matter, and the PIN holds. */
static void puk_counts(void **state)
{
    static const char blocked_pin[] = WRONG_PIN;
    BYTE response[16];
    struct desk d;
    DWORD left;

    (void)state;
    open_card(&d, 0, true);
    for (unsigned round = 0; round < 2; round++) {
        for (DWORD n = 2; n > 0; n--) {
            be_user(&d);
            assert_rc(unblock_ex(&d, WRONG_PIN, &left), WRONG);
            assert_int_equal(left, n);
            assert_int_equal(roles(&d), 0);
            assert_int_equal(tries_left(&d), 3);
        }
        be_user(&d);
        assert_rc(unblock_ex(&d, PUK, &left), OK);
        assert_int_equal(left, 0xFFFFFFFF);
        assert_int_equal(roles(&d), 0);
        assert_rc(show(&d, PIN, NULL), WRONG);
        assert_rc(change(&d, NEW_PIN, PIN, 0, NULL), OK);
        assert_int_equal(roles(&d), U);
    }
    (void)draw(&d, &des, response);
    assert_rc(unblock(&d, response, 8, NEW_PIN, 0), LACKS); /* not by the admin on this card */
    assert_int_equal(roles(&d), 0);
    assert_rc(unblock_ex(&d, PUK, &left), OK);
    for (DWORD n = 3; n-- > 0;) {
        assert_rc(show(&d, blocked_pin, NULL), WRONG);
        assert_rc(unblock_ex(&d, WRONG_PIN, &left), WRONG);
        assert_int_equal(left, n);
    }
    assert_rc(unblock_ex(&d, PUK, &left), BLOCKED);
    assert_int_equal(left, 0);
    assert_rc(show(&d, NEW_PIN, &left), BLOCKED);
    assert_int_equal(left, 0);
    assert_rc(change(&d, NEW_PIN, PIN, 0, &left), BLOCKED); /* CMR.3.3.2.E16 */
    assert_int_equal(left, 0);
    assert_int_equal(roles(&d), 0);
    close_card(&d);
}

/* ---- how many tries -------------------------------------------------------------------------- */

/* Each number the card takes, by user and by admin; a call that fails sets none, and one that says
 * 0 keeps it. */
static void numbers_of_tries(void **state)
{
    BYTE response[16];
    struct desk d;
    DWORD len;

    (void)state;
    open_card(&d, 0, false);
    for (DWORD n = 1; n <= 15; n++) {
        DWORD other = n % 15 + 1;

        if (n % 2 != 0) {
            assert_rc(change(&d, PIN, PIN, n, NULL), OK);
        } else {
            len = draw(&d, &des, response);
            assert_rc(unblock(&d, response, len, PIN, n), OK);
        }
        assert_int_equal(tries_left(&d), n);
        (void)draw(&d, &des, response);
        response[0] ^= 1;
        assert_rc(unblock(&d, response, 8, NEW_PIN, other), WRONG);
        assert_rc(change(&d, PIN, "123", other, NULL), INVALID);
        assert_int_equal(tries_left(&d), n);
        if (n > 1) {
            assert_rc(change(&d, WRONG_PIN, NEW_PIN, other, NULL), WRONG);
            assert_int_equal(tries_left(&d), n - 1);
        }
        assert_rc(change(&d, PIN, PIN, 0, NULL), OK);
        assert_int_equal(tries_left(&d), n);
    }
    close_card(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        desk_test(first_error),
        desk_test(puk_counts),
        desk_test(numbers_of_tries),
    };

    return cmocka_run_group_tests(tests, home_begin, home_end);
}
