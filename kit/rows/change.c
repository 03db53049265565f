/* SPDX-License-Identifier: MIT */
/* 2.3.3.2: CardChangeAuthenticator, what it does. */
#include "kit/rows/pins.h"

#include "kit/run.h"

#define OK SCARD_S_SUCCESS

/* ---- the PIN --------------------------------------------------------------------------------- */

static DWORD change_back(struct bench *b)
{
    const struct kit_secret other = other_pin(b->run->config);
    const DWORD rc = change_pin(b, &other, &b->run->config->user_pin, 0, &not_asked);

    if (rc != OK)
        restore_pin(b);
    return rc;
}

static void changes_pin(struct run *r)
{
    const struct kit_secret *pin = &r->config->user_pin, other = other_pin(r->config);
    DWORD with_new, with_old;
    struct bench b;

    bench_open(r, &b);
    restore_pin(&b);
    EXPECT(r, change_pin(&b, pin, &other, 0, &not_asked), OK);
    be_nobody(&b);
    with_old = show_pin(&b, pin, &not_asked);
    with_new = show_pin(&b, &other, &not_asked);
    EXPECT(r, change_back(&b), OK);
    EXPECT(r, with_new, OK);
    CHECK(r, with_old != OK, "the old PIN is right still");
    EXPECT(r, show_pin(&b, pin, &not_asked), OK);
    CHECK(r, is_user(&b), "the user may not write, with a PIN that was changed and changed back");
}

/* ---- the admin's key ------------------------------------------------------------------------- */

/* What was seen of a change, and of changing it back: judged when it is done, since a card left
 * with another key would spoil the rest. */
struct key_change {
    DWORD changed, by_old, by_new, back, by_first;
    bool admin; /* right after the change */
};

static struct key_change change_key_and_back(struct bench *b)
{
    const struct kit_secret *key = &b->run->config->admin_key;
    const struct kit_secret other = other_admin_key(b->run->config);
    struct kit_secret response;
    struct key_change seen = { 0 };

    be_nobody(b);
    response = draw_for(b, key);
    seen.changed = change_key(b, &response, &other, 0, &not_asked);
    seen.admin = is_admin(b);
    be_nobody(b);
    response = draw_for(b, key);
    seen.by_old = respond(b, &response, &not_asked);
    response = draw_for(b, &other);
    seen.by_new = respond(b, &response, &not_asked);
    response = draw_for(b, &other);
    seen.back = change_key(b, &response, key, 0, &not_asked);
    response = draw_for(b, key);
    seen.by_first = respond(b, &response, &not_asked);
    restore_admin_key(b);
    return seen;
}

static void changes_key(struct run *r)
{
    struct key_change seen;
    struct bench b;

    bench_open(r, &b);
    need_admin_key(&b);
    seen = change_key_and_back(&b);
    EXPECT(r, seen.changed, OK);
    EXPECT(r, seen.by_new, OK);
    CHECK(r, seen.by_old != OK, "a response by the old key is right still");
    EXPECT(r, seen.back, OK);
    EXPECT(r, seen.by_first, OK);
}

/* ---- all or nothing -------------------------------------------------------------------------- */

/* The old PIN is right, the new one is not. */
static void check_old_pin(struct bench *b, const char *what)
{
    const struct kit_secret other = other_pin(b->run->config);

    CHECK(b->run, show_pin(b, &b->run->config->user_pin, &not_asked) == OK,
          "the old PIN is not right any more, by %s", what);
    CHECK(b->run, show_pin(b, &other, &not_asked) != OK, "the new PIN is set, by %s", what);
    NEED(b->run, show_pin(b, &b->run->config->user_pin, &not_asked));
}

static void check_old_key(struct bench *b, const char *what)
{
    CHECK(b->run, !is_admin(b), "the admin may write, after %s", what);
    if (show_right(b, AUTHENTICATE_CHALLENGE, &not_asked) == OK)
        return;
    restore_admin_key(b);
    run_fail(b->run, "the old key still holds", "a response by it is refused, after %s", what);
}

static void pin_is_atomic(struct bench *b)
{
    const struct kit_secret *pin = &b->run->config->user_pin, wrong = wrong_pin(b->run->config);
    struct kit_secret other = other_pin(b->run->config), endless = other;

    (void)change_pin(b, &wrong, &other, 0, &not_asked);
    check_old_pin(b, "a call with a wrong PIN");
    be_nobody(b);
    endless.len = 0xFFFFFFFF;
    (void)change_pin(b, pin, &endless, 0, &not_asked);
    CHECK(b->run, !is_user(b), "the user may write, after a call with a new PIN that is none");
    check_old_pin(b, "a call with a new PIN that is none");
    be_nobody(b); /* no one need be authenticated before */
    EXPECT(b->run, change_pin(b, pin, &other, 0, &not_asked), OK);
    EXPECT(b->run, change_back(b), OK);
}

static void key_is_atomic(struct bench *b)
{
    struct kit_secret other = other_admin_key(b->run->config), response;

    be_nobody(b);
    response = draw_for(b, &b->run->config->admin_key);
    response.bytes[0] ^= 1;
    (void)change_key(b, &response, &other, 0, &not_asked);
    check_old_key(b, "a call with a wrong response");
    be_nobody(b);
    response = draw_for(b, &b->run->config->admin_key);
    other.len -= 1;
    (void)change_key(b, &response, &other, 0, &not_asked);
    check_old_key(b, "a call with a key that is too short");
}

static void is_atomic(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    restore_pin(&b);
    pin_is_atomic(&b);
    if (r->config->admin_key.len != 0)
        key_is_atomic(&b);
    restore_pin(&b);
}

/* ---- the rest -------------------------------------------------------------------------------- */

static void logs_in(struct run *r)
{
    const struct kit_secret *pin = &r->config->user_pin, other = other_pin(r->config);
    struct bench b;
    bool user;

    bench_open(r, &b);
    be_nobody(&b);
    NEED(r, change_pin(&b, pin, &other, 0, &not_asked));
    user = is_user(&b);
    NEED(r, change_back(&b));
    CHECK(r, user, "the user may not write, after a change of the PIN");
    CHECK(r, is_user(&b), "the user may not write, after a second change of the PIN");
    if (r->config->admin_key.len == 0)
        return;
    CHECK(r, change_key_and_back(&b).admin, "the admin may not write, after a change of the key");
}

static DWORD set_tries(struct bench *b, DWORD tries)
{
    const struct kit_secret *pin = &b->run->config->user_pin;

    return change_pin(b, pin, pin, tries, &not_asked);
}

static void sets_tries(struct run *r)
{
    check_tries(r, set_tries);
}

static void succeeds(struct run *r)
{
    const struct kit_secret other = other_pin(r->config);
    struct kit_secret response;
    struct bench b;
    DWORD left = 0;

    bench_open(r, &b);
    EXPECT(r, change_pin(&b, &r->config->user_pin, &other, 0, &left), OK);
    EXPECT(r, change_back(&b), OK);
    if (r->config->admin_key.len == 0)
        return;
    response = draw_for(&b, &r->config->admin_key);
    EXPECT(r, change_key(&b, &response, &r->config->admin_key, 0, &left), OK);
}

const struct requirement change_rows[6] = {
    ROW("CMR.3.3.2.1", "The user's PIN is changed: the new one is right, the old one wrong",
        changes_pin, .versions = KIT_V(4) | KIT_V(5) | KIT_V(7)),
    ROW("CMR.3.3.2.2", "The admin's key is changed: the new one answers, the old one does not",
        changes_key),
    ROW("CMR.3.3.2.3", "One call does it all, and one that fails does nothing", is_atomic),
    ROW("CMR.3.3.2.4", "Who has changed a secret is authenticated afterwards", logs_in),
    ROW("CMR.3.3.2.5", "cRetryCount sets how many wrong PINs there may be; 0 keeps the number",
        sets_tries, .optional = true),
    ROW("CMR.3.3.2.6", "A good call returns 0, for either secret", succeeds,
        .versions = KIT_V4_TO_V7),
};
