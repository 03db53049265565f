/* SPDX-License-Identifier: MIT */
/* What the functions of version 6 do with PINs: CardAuthenticateEx, CardGetChallengeEx,
 * CardDeauthenticateEx, CardChangeAuthenticatorEx. */
#include "kit/bench/secrets.h"
#include "kit/bench/timing.h"
#include "kit/rows/version_6.h"

#include <string.h>

#define OK     SCARD_S_SUCCESS
#define CANNOT SCARD_E_UNSUPPORTED_FEATURE

static DWORD show(struct bench *b, DWORD flags, const struct kit_secret *pin, PDWORD left)
{
    return CALL(b, AuthenticateEx, &b->data, ROLE_USER, flags, bytes_of(pin->bytes), pin->len, NULL,
                NULL, left);
}

/* By the card's own word, where it gives it. */
static void check_state(struct bench *b, PIN_ID pin, bool there)
{
    static const WCHAR state[] = CP_CARD_AUTHENTICATED_STATE;
    PIN_SET set = 0;
    DWORD len = 0;

    if (CALL(b, GetProperty, &b->data, state, (PBYTE)&set, sizeof(set), &len, 0) != OK)
        return;
    CHECK(b->run, !IS_PIN_SET(set, pin) == !there, "PIN %u %s, by CP_CARD_AUTHENTICATED_STATE %02X",
          (unsigned)pin, there ? "is not authenticated" : "is still authenticated", (unsigned)set);
}

static void check_user(struct bench *b, bool there)
{
    CHECK(b->run, is_user(b) == there, "the user may%s write", there ? " not" : " still");
    check_state(b, ROLE_USER, there);
}

/* ---- CardAuthenticateEx ---------------------------------------------------------------------- */

/* With and without a place for the tries, silently or not. */
static void pin_makes_user(struct run *r)
{
    static const DWORD flags[] = { 0, CARD_PIN_SILENT_CONTEXT };
    const struct kit_secret wrong = wrong_pin(r->config);
    DWORD left = 0, *const places[] = { &left, NULL };
    struct bench b;

    bench_open(r, &b);
    for (size_t i = 0; i < ARRAY(flags); i++)
        for (size_t k = 0; k < ARRAY(places); k++) {
            be_nobody(&b);
            EXPECT(r, show(&b, flags[i], &r->config->user_pin, places[k]), OK);
            check_user(&b, true);
            EXPECT(r, show(&b, flags[i], &wrong, places[k]), SCARD_W_WRONG_CHV);
            check_user(&b, false);
            EXPECT(r, show(&b, flags[i], &r->config->user_pin, places[k]), OK);
        }
}

/* A session PIN is a block of the caller's memory, opens nothing by being made, and then opens what
 * the PIN does. */
static void session_pins(struct run *r)
{
    const struct kit_secret *pin = &r->config->user_pin;
    PBYTE session = NULL;
    DWORD len = 0, rc;
    struct bench b;

    bench_open(r, &b);
    rc = CALL(&b, AuthenticateEx, &b.data, ROLE_USER, CARD_AUTHENTICATE_GENERATE_SESSION_PIN,
              bytes_of(pin->bytes), pin->len, &session, &len, NULL);
    EXPECT(r, rc, OK, CANNOT);
    check_user(&b, false);
    if (rc == CANNOT) {
        EXPECT(r, show(&b, CARD_AUTHENTICATE_SESSION_PIN, pin, NULL), CANNOT);
        run_saw(r, "no session PINs: %s", kit_code(rc));
        return;
    }
    CHECK(r, mem_is_ours(session) && len != 0 && len <= mem_len(session),
          "no session PIN of %u bytes", (unsigned)len);
    EXPECT(r, CALL(&b, AuthenticateEx, &b.data, ROLE_USER, CARD_AUTHENTICATE_SESSION_PIN, session,
                   len, NULL, NULL, NULL), OK);
    check_user(&b, true);
    mem_free(session);
}

/* Of a PIN that is typed at the reader, nothing is asked for at the screen. */
static void external_pins(struct run *r)
{
    static const WCHAR name[] = CP_CARD_PIN_INFO, window[] = CP_PARENT_WINDOW;
    PIN_INFO info = { .dwVersion = PIN_INFO_CURRENT_VERSION };
    HWND none = 0;
    struct bench b;
    DWORD len = 0;

    bench_open(r, &b);
    NEED(r, CALL(&b, GetProperty, &b.data, name, (PBYTE)&info, sizeof(info), &len, ROLE_USER));
    if (info.PinType != ExternalPinType)
        run_not_applicable(r, "the user's PIN is not typed at the reader (PIN_INFO.PinType %u)",
                           (unsigned)info.PinType);
    NEED(r, CALL(&b, SetProperty, &b.data, window, (PBYTE)&none, sizeof(none), 0));
    EXPECT(r, CALL(&b, AuthenticateEx, &b.data, ROLE_USER, CARD_PIN_SILENT_CONTEXT, NULL, 0, NULL,
                   NULL, NULL), OK, SCARD_W_CANCELLED_BY_USER, SCARD_E_TIMEOUT);
}

const struct requirement pin_ex_rows[3] = {
    ROW("V6.1.1", "CardAuthenticateEx: the right PIN makes the user, a wrong one ends it; "
                  "silently, and without a place for the tries", pin_makes_user, .versions = SINCE_6),
    ROW("V6.1.2", "a session PIN opens what the PIN opens; or SCARD_E_UNSUPPORTED_FEATURE, and "
                  "nobody is authenticated", session_pins, .versions = KIT_V(6)),
    ROW("V6.1.3", "a PIN of ExternalPinType needs no data", external_pins, .versions = KIT_V(6)),
};

/* Wrong ones until it is blocked; then the right one is refused by the code for that. */
void pin_ex_blocks(struct run *r)
{
    const struct kit_secret wrong = wrong_pin(r->config);
    DWORD rc = SCARD_W_WRONG_CHV, left = 0;
    struct bench b;

    bench_open(r, &b);
    need_way_back(&b);
    for (unsigned n = 0; n < WRONG_MOST && rc == SCARD_W_WRONG_CHV; n++)
        rc = show(&b, 0, &wrong, &left);
    if (rc == SCARD_W_WRONG_CHV) {
        restore_pin(&b);
        CHECK(r, r->config->pin_blocks != KIT_YES, "%u wrong PINs do not block it", WRONG_MOST);
        run_not_applicable(r, "%u wrong PINs do not block it", WRONG_MOST);
    }
    left = 7;
    rc = rc == SCARD_W_CHV_BLOCKED ? show(&b, 0, &r->config->user_pin, &left) : rc;
    restore_pin(&b);
    EXPECT(r, rc, SCARD_W_CHV_BLOCKED);
    CHECK(r, left == 0 || left == 0xFFFFFFFF, "%u tries left, of a PIN that is blocked",
          (unsigned)left);
}

/* Limits that the closed tool uses, in milliseconds. */
#define SHOW_LONGEST 775
#define SHOW_AVERAGE 725

static void time_pin(struct bench *b)
{
    be_nobody(b);
    NEED(b->run, show(b, 0, &b->run->config->user_pin, NULL));
}

static void pin_longest(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    longest_within(r, &b, time_pin, SHOW_LONGEST);
}

static void pin_average(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    average_within(r, &b, time_pin, SHOW_AVERAGE);
}

const struct requirement pin_ex_pace[2] = {
    ROW("V6.1.X1", "CardAuthenticateEx takes at most 775 ms", pin_longest, .versions = KIT_V(6)),
    ROW("V6.1.X2", "... 725 on the average", pin_average, .versions = KIT_V(6)),
};

/* ---- CardGetChallengeEx ---------------------------------------------------------------------- */

/* The answer to a new challenge, in `response`; its length. */
static DWORD answer(struct bench *b, BYTE response[KIT_SECRET_MAX])
{
    PBYTE challenge = NULL;
    DWORD len = 0, rc;

    need_admin_key(b);
    rc = CALL(b, GetChallengeEx, &b->data, ROLE_ADMIN, &challenge, &len, 0);
    if (rc == CANNOT)
        run_not_applicable(b->run, "the card gives no challenges (CardGetChallengeEx: %s)",
                           kit_code(rc));
    EXPECT(b->run, rc, OK);
    CHECK(b->run, mem_is_ours(challenge) && len != 0 && len <= mem_len(challenge),
          "no block of %u bytes by the callbacks", (unsigned)len);
    answer_challenge(b, challenge, len, response);
    mem_free(challenge);
    return len;
}

static DWORD respond_ex(struct bench *b, BYTE *response, DWORD len)
{
    return CALL(b, AuthenticateEx, &b->data, ROLE_ADMIN, 0, response, len, NULL, NULL, NULL);
}

static void challenge_makes_admin(struct run *r)
{
    BYTE response[KIT_SECRET_MAX];
    struct bench b;
    DWORD len;

    bench_open(r, &b);
    len = answer(&b, response);
    EXPECT(r, respond_ex(&b, response, len), OK);
    CHECK(r, is_admin(&b), "the admin may not write, after the right response");
    check_state(&b, ROLE_ADMIN, true);
    be_nobody(&b);
}

const struct requirement challenge_ex_rows[1] = {
    ROW("V6.2.1", "CardGetChallengeEx: the right answer makes the admin, by CardAuthenticateEx",
        challenge_makes_admin, .versions = SINCE_6),
};

/* ---- CardDeauthenticateEx -------------------------------------------------------------------- */

static DWORD let_go_of(struct bench *b, PIN_SET set)
{
    DWORD rc = CALL(b, DeauthenticateEx, &b->data, set, 0);

    if (rc == CANNOT)
        run_not_applicable(b->run, "CardDeauthenticateEx: %s", kit_code(rc));
    return rc;
}

/* One of two, where a card holds two at once. That the other stays is only inferred: said, not
 * judged. */
static void check_two(struct bench *b)
{
    BYTE response[KIT_SECRET_MAX];
    DWORD len;

    if (b->run->config->admin_key.len == 0)
        return;
    be_user(b);
    len = answer(b, response);
    NEED(b->run, respond_ex(b, response, len));
    if (is_user(b) && is_admin(b)) {
        EXPECT(b->run, let_go_of(b, CREATE_PIN_SET(ROLE_USER)), OK);
        run_saw(b->run, "the admin %s when the user goes", is_admin(b) ? "stays" : "goes, too,");
    }
    EXPECT(b->run, let_go_of(b, CREATE_PIN_SET(ROLE_ADMIN)), OK);
    CHECK(b->run, !is_admin(b), "the admin may still write");
    check_state(b, ROLE_ADMIN, false);
}

static void logs_out(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    be_user(&b);
    EXPECT(r, let_go_of(&b, CREATE_PIN_SET(ROLE_USER)), OK);
    check_user(&b, false);
    be_user(&b);
    EXPECT(r, let_go_of(&b, CREATE_PIN_SET(ROLE_USER) | CREATE_PIN_SET(ROLE_ADMIN)), OK);
    check_user(&b, false);
    check_two(&b);
    be_nobody(&b);
}

const struct requirement log_out_ex_rows[1] = {
    ROW("V6.3.1", "CardDeauthenticateEx: who is in the set is authenticated no more",
        logs_out, .versions = SINCE_6),
};

/* ---- CardChangeAuthenticatorEx --------------------------------------------------------------- */

static DWORD change(struct bench *b, const struct kit_secret *old, const struct kit_secret *fresh)
{
    DWORD left = 0;

    return CALL(b, ChangeAuthenticatorEx, &b->data, PIN_CHANGE_FLAG_CHANGEPIN, ROLE_USER,
                bytes_of(old->bytes), old->len, ROLE_USER, bytes_of(fresh->bytes), fresh->len, 0,
                &left);
}

static void changes_pin(struct run *r)
{
    const struct kit_secret *old = &r->config->user_pin, fresh = other_pin(r->config);
    struct bench b;
    DWORD rc;

    bench_open(r, &b);
    rc = change(&b, old, &fresh);
    if (rc == CANNOT)
        run_not_applicable(r, "the card changes no PIN (CardChangeAuthenticatorEx: %s)",
                           kit_code(rc));
    EXPECT(r, rc, OK);
    check_user(&b, true);
    be_nobody(&b);
    EXPECT(r, show_pin(&b, old, &not_asked), SCARD_W_WRONG_CHV);
    EXPECT(r, show_pin(&b, &fresh, &not_asked), OK);
    EXPECT(r, change(&b, &fresh, old), OK);
    be_nobody(&b);
    EXPECT(r, show_pin(&b, old, &not_asked), OK);
}

/* Who may unblock the user's PIN, by PIN_INFO. */
static PIN_SET unblockers(struct bench *b)
{
    static WCHAR name[] = CP_CARD_PIN_INFO;
    PIN_INFO info = { .dwVersion = PIN_INFO_CURRENT_VERSION };
    DWORD len = 0;

    NEED(b->run, CALL(b, GetProperty, &b->data, name, (PBYTE)&info, sizeof(info), &len, ROLE_USER));
    return info.dwUnblockPermission;
}

/* By the admin's answer where PIN_INFO lets him, else by the PUK of a PIN that it lets. */
static PIN_ID need_unblocker(struct bench *b)
{
    const PIN_SET may = unblockers(b);
    PIN_ID id = ROLE_ADMIN + 1;

    if (IS_PIN_SET(may, ROLE_ADMIN)) {
        need_admin_key(b);
        return ROLE_ADMIN;
    }
    while (id < MAX_PINS && !IS_PIN_SET(may, id))
        id++;
    if (id == MAX_PINS || b->run->config->puk.len == 0)
        run_not_applicable(b->run, "by PIN_INFO %02X unblock the user's PIN: not the admin, nor a PIN "
                                   "that is configured (puk)", (unsigned)may);
    return id;
}

static void unblocks_pin(struct run *r)
{
    const struct kit_secret *pin = &r->config->user_pin, *puk = &r->config->puk;
    BYTE response[KIT_SECRET_MAX];
    struct bench b;
    DWORD len = puk->len, rc;
    PIN_ID by;

    bench_open(r, &b);
    by = need_unblocker(&b);
    need_way_back(&b);
    (void)block_pin(&b, AUTHENTICATE_PIN);
    if (by == ROLE_ADMIN)
        len = answer(&b, response);
    rc = CALL(&b, ChangeAuthenticatorEx, &b.data, PIN_CHANGE_FLAG_UNBLOCK, by,
              by == ROLE_ADMIN ? response : bytes_of(puk->bytes), len, ROLE_USER,
              bytes_of(pin->bytes), pin->len, 0, NULL);
    if (rc != OK)
        restore_pin(&b);
    if (rc == CANNOT)
        run_not_applicable(r, "the card unblocks no PIN (CardChangeAuthenticatorEx: %s)",
                           kit_code(rc));
    EXPECT(r, rc, OK);
    check_user(&b, false);
    CHECK(r, by != ROLE_ADMIN || !is_admin(&b), "the admin stays authenticated");
    EXPECT(r, show_pin(&b, pin, &not_asked), OK);
    check_user(&b, true);
}

const struct requirement change_ex_rows[2] = {
    ROW("V6.4.1", "CardChangeAuthenticatorEx changes the user's PIN, and the new one is shown",
        changes_pin, .versions = SINCE_6),
    ROW("V6.4.2", "... unblocks it by whom PIN_INFO lets, and nobody is authenticated afterwards",
        unblocks_pin, .versions = KIT_V(6)),
};
