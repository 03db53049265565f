/* SPDX-License-Identifier: MIT */
/* Wrong PINs and what is left, the admin's challenge, logging out. */
#include "support.h"

static const WCHAR user[] = wszCARD_USER_USER, admin[] = wszCARD_USER_ADMIN;

static DWORD show(struct desk *d, const char *pin, DWORD *left)
{
    *left = 77;
    return d->data.pfnCardAuthenticatePin(&d->data, wide(user), bytes(pin), PIN_LEN, left);
}

static PIN_SET roles(struct desk *d)
{
    static const WCHAR name[] = CP_CARD_AUTHENTICATED_STATE;
    PIN_SET set = 0xFFFF;
    DWORD len = 0;

    assert_rc(d->data.pfnCardGetProperty(&d->data, name, (PBYTE)&set, sizeof(set), &len, 0),
              SCARD_S_SUCCESS);
    assert_int_equal(len, sizeof(set));
    return set;
}

#define U CREATE_PIN_SET(ROLE_USER)
#define A CREATE_PIN_SET(ROLE_ADMIN)

/* CMR.3.2.1.E6 to E9 */
static void blocked(void **state)
{
    struct desk d;
    DWORD left;

    (void)state;
    make_card("bob", NULL);
    desk_open(&d, "bob", 7);
    for (DWORD n = 3; n-- > 0;) {
        assert_rc(show(&d, WRONG_PIN, &left), SCARD_W_WRONG_CHV);
        assert_int_equal(left, n);
        assert_int_equal(tries_left(&d), n);
    }
    assert_rc(show(&d, WRONG_PIN, &left), SCARD_W_CHV_BLOCKED);
    assert_int_equal(left, 0);
    assert_rc(show(&d, PIN, &left), SCARD_W_CHV_BLOCKED);
    assert_int_equal(left, 0);
    assert_int_equal(roles(&d), 0);
    desk_close(&d);
    assert_int_equal(home_remove("bob"), SOFTCARD_OK);
}

static void right_pin_resets(void **state)
{
    struct desk d;
    DWORD left;

    (void)state;
    desk_open(&d, CARD, 7);
    for (int i = 0; i < 3; i++) {
        assert_rc(show(&d, WRONG_PIN, &left), SCARD_W_WRONG_CHV);
        assert_rc(show(&d, WRONG_PIN, &left), SCARD_W_WRONG_CHV);
        assert_int_equal(left, 1);
        assert_rc(show(&d, PIN, &left), SCARD_S_SUCCESS);
        assert_int_equal(left, 0xFFFFFFFF);
        assert_int_equal(tries_left(&d), 3);
    }
    /* NULL for the count is welcome */
    assert_rc(d.data.pfnCardAuthenticatePin(&d.data, wide(user), bytes(WRONG_PIN), PIN_LEN, NULL),
              SCARD_W_WRONG_CHV);
    assert_int_equal(roles(&d), 0); /* CMR.3.2.1.E7 */
    be_user(&d);
    desk_close(&d);
}

/* What can be known to be no PIN costs no try; one the card knows better does. */
static void lengths(void **state)
{
    static const struct {
        DWORD len, want;
    } rows[] = {
        { 0, SCARD_E_INVALID_PARAMETER },          { 3, SCARD_E_INVALID_PARAMETER },
        { 128, SCARD_E_INVALID_PARAMETER },        { 0xFFFFFFFF, SCARD_E_INVALID_PARAMETER },
        { 4, SCARD_W_WRONG_CHV },                  { 127, SCARD_W_WRONG_CHV },
        { PIN_LEN, SCARD_S_SUCCESS },
    };
    BYTE pin[128] = PIN;
    struct desk d;

    (void)state;
    desk_open(&d, CARD, 7);
    for (size_t i = 0; i < ARRAY(rows); i++) {
        unsigned before = tries_left(&d);
        DWORD rc = d.data.pfnCardAuthenticatePin(&d.data, wide(user), pin, rows[i].len, NULL);

        assert_rc(rc, rows[i].want);
        if (rc == SCARD_E_INVALID_PARAMETER)
            assert_int_equal(tries_left(&d), before);
    }
    /* the admin has a key: no PIN is shown, whatever its length */
    assert_rc(d.data.pfnCardAuthenticatePin(&d.data, wide(admin), pin, PIN_LEN, NULL),
              SCARD_E_INVALID_PARAMETER);
    assert_int_equal(tries_left(&d), 3);
    desk_close(&d);
}

/* ---- the admin ------------------------------------------------------------------------------- */

static void draw(struct desk *d, BYTE response[8])
{
    PBYTE challenge = NULL;
    DWORD len = 5; /* its value on entry does not count */

    assert_rc(d->data.pfnCardGetChallenge(&d->data, &challenge, &len), SCARD_S_SUCCESS);
    assert_int_equal(len, 8);
    respond_to(challenge, response);
    mem_free(challenge);
}

static DWORD answer(struct desk *d, BYTE *response, DWORD len)
{
    DWORD left = 77;
    DWORD rc = d->data.pfnCardAuthenticateChallenge(&d->data, response, len, &left);

    assert_int_equal(left, 0xFFFFFFFF); /* the admin key has no counter */
    return rc;
}

static void right_response(void **state)
{
    struct desk d;
    BYTE r[8];

    (void)state;
    desk_open(&d, CARD, 7);
    draw(&d, r);
    assert_rc(answer(&d, r, 8), SCARD_S_SUCCESS);
    assert_int_equal(roles(&d), A);
    desk_close(&d);
}

/* CMR.3.2.3.E3 to E6 */
static void wrong_responses(void **state)
{
    struct desk d;
    BYTE r[16] = { 0 };

    (void)state;
    desk_open(&d, CARD, 7);
    assert_rc(answer(&d, r, 8), SCARD_W_WRONG_CHV); /* without a challenge */
    draw(&d, r);
    r[7] ^= 1;
    assert_rc(answer(&d, r, 8), SCARD_W_WRONG_CHV);
    r[7] ^= 1;
    assert_rc(answer(&d, r, 8), SCARD_W_WRONG_CHV); /* right, but late */
    draw(&d, r);
    assert_rc(answer(&d, r, 8), SCARD_S_SUCCESS);
    assert_rc(answer(&d, r, 8), SCARD_W_WRONG_CHV); /* replayed */
    draw(&d, r);
    assert_rc(answer(&d, r, 7), SCARD_W_WRONG_CHV);
    draw(&d, r);
    assert_rc(answer(&d, r, 16), SCARD_W_WRONG_CHV);
    draw(&d, r);
    assert_rc(d.data.pfnCardAuthenticateChallenge(&d.data, r, 0, NULL), SCARD_E_INVALID_PARAMETER);
    desk_close(&d);
}

/* CMR.3.2.2.5: whatever comes in between, the challenge is void. */
static void command_between(void **state)
{
    struct desk d;
    BYTE r[8];

    (void)state;
    desk_open(&d, CARD, 7);
    draw(&d, r);
    assert_rc(read_file(&d, NULL, "cardid", NULL, 0), SCARD_E_FILE_NOT_FOUND);
    assert_rc(answer(&d, r, 8), SCARD_W_WRONG_CHV);
    draw(&d, r);
    desk_reset(&d);
    assert_rc(answer(&d, r, 8), SCARD_W_WRONG_CHV);
    assert_int_equal(roles(&d), 0);
    desk_close(&d);
}

/* CMR.3.2.2.6: as many as the kit draws. */
static void challenges_differ(void **state)
{
    static BYTE seen[300][8];
    struct desk d;

    (void)state;
    desk_open(&d, CARD, 7);
    for (size_t i = 0; i < ARRAY(seen); i++) {
        draw(&d, seen[i]);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(seen[i], seen[j], 8);
    }
    desk_close(&d);
}

/* CMR.3.2.1.E7, CMR.3.2.3.E6: an attempt that failed, for any reason, leaves nobody authenticated;
 * also where the card was not shown what it could only refuse. */
static void failures_log_out(void **state)
{
    static const struct {
        PIN_ID id;
        DWORD len, want;
    } rows[] = {
        { ROLE_USER, 0, SCARD_E_INVALID_PARAMETER },
        { ROLE_USER, 3, SCARD_E_INVALID_PARAMETER },
        { ROLE_USER, 128, SCARD_E_INVALID_PARAMETER },
        { ROLE_USER, PIN_LEN, SCARD_W_WRONG_CHV },
        { ROLE_ADMIN, 0, SCARD_E_INVALID_PARAMETER },
        { ROLE_ADMIN, 7, SCARD_W_WRONG_CHV },
        { ROLE_ADMIN, 8, SCARD_W_WRONG_CHV },
        { ROLE_ADMIN, 17, SCARD_W_WRONG_CHV },
    };
    BYTE secret[128] = WRONG_PIN;
    struct desk d;

    (void)state;
    desk_open(&d, CARD, 7);
    for (size_t i = 0; i < 2 * ARRAY(rows); i++) {
        const PIN_ID id = rows[i / 2].id;
        const DWORD len = rows[i / 2].len;
        CARD_DATA *c = &d.data;
        DWORD rc;

        if (id == ROLE_USER)
            be_user(&d);
        else
            be_admin(&d);
        assert_int_equal(roles(&d), CREATE_PIN_SET(id));
        rc = i % 2 != 0        ? c->pfnCardAuthenticateEx(c, id, 0, secret, len, NULL, NULL, NULL)
             : id == ROLE_USER ? c->pfnCardAuthenticatePin(c, wide(user), secret, len, NULL)
                               : c->pfnCardAuthenticateChallenge(c, secret, len, NULL);
        assert_rc(rc, rows[i / 2].want);
        assert_int_equal(roles(&d), 0);
    }
    be_user(&d);
    assert_int_equal(tries_left(&d), 3);
    be_admin(&d); /* shown a PIN, which an admin with a key has not */
    assert_rc(d.data.pfnCardAuthenticatePin(&d.data, wide(admin), secret, PIN_LEN, NULL),
              SCARD_E_INVALID_PARAMETER);
    assert_int_equal(roles(&d), 0);
    desk_close(&d);
}

/* ---- version 6 ------------------------------------------------------------------------------- */

static void ex(void **state)
{
    struct desk d;
    PBYTE challenge = NULL, session = bytes("stale");
    DWORD len = 0, left = 77, session_len = 5;
    BYTE r[8];

    (void)state;
    desk_open(&d, CARD, 6);
    assert_rc(d.data.pfnCardAuthenticateEx(&d.data, ROLE_USER, 0, bytes(WRONG_PIN), PIN_LEN, NULL,
                                           NULL, &left), SCARD_W_WRONG_CHV);
    assert_int_equal(left, 2);
    assert_rc(d.data.pfnCardAuthenticateEx(&d.data, ROLE_USER, CARD_PIN_SILENT_CONTEXT, bytes(PIN),
                                           PIN_LEN, &session, &session_len, &left),
              SCARD_S_SUCCESS);
    assert_null(session);
    assert_int_equal(session_len, 0);
    assert_int_equal(roles(&d), U);
    assert_rc(d.data.pfnCardGetChallengeEx(&d.data, ROLE_ADMIN, &challenge, &len, 0),
              SCARD_S_SUCCESS);
    respond_to(challenge, r);
    mem_free(challenge);
    assert_rc(d.data.pfnCardAuthenticateEx(&d.data, ROLE_ADMIN, 0, r, 8, NULL, NULL, &left),
              SCARD_S_SUCCESS);
    assert_int_equal(roles(&d), U | A);
    desk_close(&d);
}

#define GENERATE CARD_AUTHENTICATE_GENERATE_SESSION_PIN

static void ex_refusals(void **state)
{
    static const struct {
        PIN_ID id;
        DWORD flags;
        bool no_pin, no_len; /* nowhere to put a session PIN, or its length */
        DWORD want;
    } rows[] = {
        { ROLE_EVERYONE, 0, false, false, SCARD_E_INVALID_PARAMETER },
        { 3, 0, false, false, SCARD_E_INVALID_PARAMETER },
        { 8, 0, false, false, SCARD_E_INVALID_PARAMETER },
        { ROLE_USER, GENERATE, false, false, SCARD_E_UNSUPPORTED_FEATURE },
        { ROLE_USER, GENERATE, true, false, SCARD_E_INVALID_PARAMETER },
        { ROLE_USER, GENERATE, false, true, SCARD_E_INVALID_PARAMETER },
        { ROLE_USER, CARD_AUTHENTICATE_SESSION_PIN, true, true, SCARD_E_UNSUPPORTED_FEATURE },
        { ROLE_USER, GENERATE | CARD_AUTHENTICATE_SESSION_PIN, false, false,
          SCARD_E_INVALID_PARAMETER },
    };
    PBYTE session = NULL;
    DWORD session_len = 0;
    struct desk d;

    (void)state;
    desk_open(&d, CARD, 6);
    for (size_t i = 0; i < ARRAY(rows); i++)
        assert_rc(d.data.pfnCardAuthenticateEx(&d.data, rows[i].id, rows[i].flags, bytes(WRONG_PIN),
                                               PIN_LEN, rows[i].no_pin ? NULL : &session,
                                               rows[i].no_len ? NULL : &session_len, NULL),
                  rows[i].want);
    assert_int_equal(tries_left(&d), 3);
    desk_close(&d);
}

#define CHANGE  PIN_CHANGE_FLAG_CHANGEPIN
#define UNBLOCK PIN_CHANGE_FLAG_UNBLOCK

/* Nothing is shown to the card by a call that makes no sense. */
static void change_ex_refusals(void **state)
{
    static const struct {
        DWORD flags;
        PIN_ID by, target;
        DWORD by_len, target_len, tries, want;
    } rows[] = {
        { 0, ROLE_USER, ROLE_USER, 8, 8, 0, SCARD_E_INVALID_PARAMETER },
        { CHANGE | UNBLOCK, ROLE_USER, ROLE_USER, 8, 8, 0, SCARD_E_INVALID_PARAMETER },
        { CHANGE | 0x80, ROLE_USER, ROLE_USER, 8, 8, 0, SCARD_E_INVALID_PARAMETER },
        { CHANGE, ROLE_EVERYONE, ROLE_USER, 8, 8, 0, SCARD_E_INVALID_PARAMETER },
        { CHANGE, ROLE_USER, ROLE_EVERYONE, 8, 8, 0, SCARD_E_INVALID_PARAMETER },
        { CHANGE, 8, ROLE_USER, 8, 8, 0, SCARD_E_INVALID_PARAMETER },
        { CHANGE, ROLE_USER, ROLE_USER, 3, 8, 0, SCARD_E_INVALID_PARAMETER },
        { CHANGE, ROLE_USER, ROLE_USER, 8, 3, 0, SCARD_E_INVALID_PARAMETER },
        { CHANGE, ROLE_USER, ROLE_USER, 8, 8, 16, SCARD_E_INVALID_PARAMETER },
        { CHANGE, ROLE_ADMIN, ROLE_ADMIN, 8, 24, 1, SCARD_E_INVALID_PARAMETER },
        { CHANGE, ROLE_ADMIN, ROLE_USER, 8, 8, 0, SCARD_W_SECURITY_VIOLATION },
        { UNBLOCK, ROLE_USER, ROLE_USER, 8, 8, 0, SCARD_E_INVALID_PARAMETER },
        { UNBLOCK, ROLE_USER, ROLE_ADMIN, 8, 24, 0, SCARD_W_SECURITY_VIOLATION },
        { UNBLOCK, ROLE_ADMIN, ROLE_USER, 0, 8, 0, SCARD_E_INVALID_PARAMETER },
        { UNBLOCK, ROLE_ADMIN, ROLE_USER, 8, 3, 0, SCARD_E_INVALID_PARAMETER },
        { UNBLOCK, ROLE_ADMIN, ROLE_USER, 8, 8, 0, SCARD_W_WRONG_CHV }, /* no challenge */
    };
    struct desk d;

    (void)state;
    desk_open(&d, CARD, 6);
    for (size_t i = 0; i < ARRAY(rows); i++) {
        be_user(&d);
        assert_rc(d.data.pfnCardChangeAuthenticatorEx(&d.data, rows[i].flags, rows[i].by,
                                                      bytes(WRONG_PIN), rows[i].by_len,
                                                      rows[i].target, bytes(admin_key),
                                                      rows[i].target_len, rows[i].tries, NULL),
                  rows[i].want);
        assert_int_equal(tries_left(&d), 3);
    }
    desk_close(&d);
}

/* A new PIN by the old one, and by the admin; the new one then is the PIN. */
static void change_ex(void **state)
{
    struct desk d;
    BYTE r[8];
    DWORD left = 77;

    (void)state;
    desk_open(&d, CARD, 6);
    assert_rc(d.data.pfnCardChangeAuthenticatorEx(&d.data, CHANGE, ROLE_USER, bytes(PIN), PIN_LEN,
                                                  ROLE_USER, bytes("new one"), 7, 0, &left),
              SCARD_S_SUCCESS);
    assert_int_equal(roles(&d), U);
    assert_rc(d.data.pfnCardChangeAuthenticatorEx(&d.data, CHANGE, ROLE_USER, bytes(PIN), PIN_LEN,
                                                  ROLE_USER, bytes("other"), 5, 0, &left),
              SCARD_W_WRONG_CHV);
    assert_int_equal(left, 2);
    assert_int_equal(roles(&d), 0);
    draw(&d, r);
    assert_rc(d.data.pfnCardChangeAuthenticatorEx(&d.data, UNBLOCK, ROLE_ADMIN, r, 8, ROLE_USER,
                                                  bytes(PIN), PIN_LEN, 0, NULL), SCARD_S_SUCCESS);
    assert_int_equal(roles(&d), 0);
    assert_int_equal(tries_left(&d), 3);
    be_user(&d);
    desk_close(&d);
}

static void logged_out(void **state)
{
    static const PIN_SET sets[] = { U, U | A, PIN_SET_ALL_ROLES };
    struct desk d;

    (void)state;
    desk_open(&d, CARD, 7);
    be_user(&d);
    assert_rc(d.data.pfnCardDeauthenticate(&d.data, wide(user), 0), SCARD_S_SUCCESS);
    assert_int_equal(roles(&d), 0);
    assert_rc(d.data.pfnCardDeauthenticate(&d.data, wide(user), 0), SCARD_S_SUCCESS);
    be_admin(&d);
    assert_rc(d.data.pfnCardDeauthenticate(&d.data, wide(admin), 0), SCARD_S_SUCCESS);
    assert_int_equal(roles(&d), 0);
    for (size_t i = 0; i < ARRAY(sets); i++) {
        be_user(&d);
        assert_rc(d.data.pfnCardDeauthenticateEx(&d.data, sets[i], 0), SCARD_S_SUCCESS);
        assert_int_equal(roles(&d), 0);
    }
    assert_rc(d.data.pfnCardDeauthenticateEx(NULL, U, 0), SCARD_E_INVALID_PARAMETER);
    assert_rc(d.data.pfnCardDeauthenticateEx(&d.data, U, 1), SCARD_E_INVALID_PARAMETER);
    assert_rc(d.data.pfnCardDeauthenticateEx(&d.data, 0, 0), SCARD_E_INVALID_PARAMETER);
    assert_rc(d.data.pfnCardDeauthenticateEx(&d.data, 0x100, 0), SCARD_E_INVALID_PARAMETER);
    desk_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        desk_test(blocked),
        desk_test(right_pin_resets),
        desk_test(lengths),
        desk_test(right_response),
        desk_test(wrong_responses),
        desk_test(command_between),
        desk_test(challenges_differ),
        desk_test(failures_log_out),
        desk_test(ex),
        desk_test(ex_refusals),
        desk_test(change_ex_refusals),
        desk_test(change_ex),
        desk_test(logged_out),
    };

    return cmocka_run_group_tests(tests, home_begin, home_end);
}
