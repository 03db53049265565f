/* SPDX-License-Identifier: MIT */
/* 2.3.2: CardAuthenticatePin and CardDeauthenticate; the challenge is in challenges.c. */
#include "kit/rows/authentication.h"
#include "kit/groups.h"
#include "kit/bench/file_work.h"
#include "kit/bench/timing.h"

#include <string.h>

#define INVALID SCARD_E_INVALID_PARAMETER
#define WRONG   SCARD_W_WRONG_CHV
#define OK      SCARD_S_SUCCESS

/* ---- CardAuthenticatePin --------------------------------------------------------------------- */

static void pin_makes_user(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    be_nobody(&b);
    if (is_user(&b))
        run_blocked(r, "nobody is authenticated, and may write a file of the user");
    EXPECT(r, show_pin(&b, &r->config->user_pin, &not_asked), OK);
    CHECK(r, is_user(&b), "the user may not write, after the right PIN");
    if (r->config->admin_pin.len == 0)
        return;
    be_nobody(&b);
    EXPECT(r, CALL(&b, AuthenticatePin, &b.data, admin_name(), bytes_of(r->config->admin_pin.bytes),
                   r->config->admin_pin.len, &not_asked), OK);
    CHECK(r, is_admin(&b), "the admin may not write, after the right PIN");
}

static void pin_succeeds(struct run *r)
{
    struct bench b;
    DWORD left = 0;

    bench_open(r, &b);
    EXPECT(r, show_pin(&b, &r->config->user_pin, &left), OK);
    EXPECT(r, show_pin(&b, &r->config->user_pin, &left), OK); /* again, authenticated already */
}

/* By not crashing; and the answers are the same as with somewhere to put the number. */
static void pin_without_count(struct run *r)
{
    const struct kit_secret wrong = wrong_pin(r->config);
    struct bench b;

    bench_open(r, &b);
    EXPECT(r, show_pin(&b, &r->config->user_pin, NULL), OK);
    EXPECT(r, show_pin(&b, &wrong, NULL), WRONG);
    EXPECT(r, show_pin(&b, &r->config->user_pin, NULL), OK);
}

static const struct requirement pin_well[] = {
    ROW("CMR.3.2.1.1", "The right PIN makes the user, who may then write", pin_makes_user,
        .versions = KIT_V(4) | KIT_V(5) | KIT_V(7)),
    ROW("CMR.3.2.1.2", "The right PIN: 0 is returned", pin_succeeds, .versions = KIT_V4_TO_V7),
    ROW("CMR.3.2.1.4", "pcAttemptsRemaining may be NULL, with a right PIN and a wrong one",
        pin_without_count),
};

static void time_pin(struct bench *b)
{
    be_nobody(b);
    NEED(b->run, show_pin(b, &b->run->config->user_pin, &not_asked));
}

static void pin_longest(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    longest_within(r, &b, time_pin, 350);
}

static void pin_average(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    average_within(r, &b, time_pin, 240);
}

static const struct requirement pin_pace[] = {
    ROW("CMR.3.2.1.X1", "At most 350 ms", pin_longest),
    ROW("CMR.3.2.1.X2", "At most 240 ms on average of 20", pin_average),
};

/* ---- CardAuthenticatePin: errors ------------------------------------------------------------- */

static DWORD authenticate_pin(struct args *a)
{
    return CALL(a->b, AuthenticatePin, a->data, a->user, a->in, a->in_len, &a->left);
}

/* Wrong in its last place, and of characters that a PIN has. */
static bool spoil_pin(struct args *a, enum fault fault)
{
    const struct kit_config *config = a->b->run->config;
    const DWORD len = config->user_pin.len;

    if (fault == IN_SHORT && len > 1) {
        a->in_len = len - 1;
        return true;
    }
    if (fault == IN_EMPTY && config->pin_least == 0) {
        a->in_len = 0xFFFFFFFF; /* an empty PIN is none of the faults of this card */
        return true;
    }
    if (fault != IN_WRONG)
        return false;
    a->bytes[len - 1] = wrong_pin(config).bytes[len - 1];
    return true;
}

static const struct subject pin_subject = { .call = authenticate_pin, .spoil = spoil_pin,
                                            .moves_roles = true };

/* Of the right PIN, but of another length: one byte of it; and as cards keep it, filled up. */
static void wrong_lengths(struct run *r)
{
    static const BYTE fill[] = { 0x00, 0xFF };
    const struct kit_secret *pin = &r->config->user_pin;
    struct bench b;

    bench_open(r, &b);
    for (size_t i = 0; i <= ARRAY(fill); i++) {
        struct kit_secret other = *pin;

        if (i < ARRAY(fill) && pin->len < sizeof(other.bytes))
            other.bytes[other.len++] = fill[i];
        else
            other.len = 1;
        if (other.len == pin->len)
            continue;
        run_note(r, "given %u bytes, of a PIN of %u", (unsigned)other.len, (unsigned)pin->len);
        EXPECT(r, show_pin(&b, &other, &not_asked), INVALID, WRONG);
        restore_pin(&b);
    }
    bench_close(&b);
    error_row(r);
}

/* Names that are neither: the empty one, one that begins like it, a long one. */
static void other_names(struct run *r)
{
    static WCHAR empty[] = { 0 }, longer[] = CM_WSTR("users"),
                 longest[] = CM_WSTR("a name of a role that is longer than any role has a name for "
                                     "it to be known by, and then some more, and more of it still");
    LPWSTR const names[] = { empty, longer, longest };
    const struct kit_secret *pin = &r->config->user_pin;
    struct bench b;

    bench_open(r, &b);
    for (size_t i = 0; i < ARRAY(names); i++)
        EXPECT(r, CALL(&b, AuthenticatePin, &b.data, names[i], bytes_of(pin->bytes), pin->len,
                       &not_asked), INVALID);
    bench_close(&b);
    error_row(r);
}

static void wrong_pins(struct run *r)
{
    struct kit_secret wrong = r->config->user_pin;
    struct bench b;

    wrong.bytes[0] = wrong_pin(r->config).bytes[0];
    bench_open(r, &b);
    EXPECT(r, show_pin(&b, &wrong, &not_asked), WRONG, INVALID);
    restore_pin(&b);
    bench_close(&b);
    check_blocked_answer(r, AUTHENTICATE_PIN);
    error_row(r);
}

/* Is the user still there, after an attempt that failed? */
static void check_gone(struct bench *b, DWORD len, const char *what)
{
    struct kit_secret wrong = wrong_pin(b->run->config);
    BYTE pin[512] = { 0 };
    DWORD rc;

    be_user(b);
    if (!is_user(b))
        run_blocked(b->run, "the user may not write, after the right PIN");
    memcpy(pin, wrong.bytes, wrong.len);
    rc = CALL(b, AuthenticatePin, &b->data, user_name(), pin, len, &not_asked);
    CHECK(b->run, rc == OK || !is_user(b), "the user may still write, after %s", what);
    restore_pin(b);
}

static void failure_logs_out(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    check_gone(&b, r->config->user_pin.len, "a wrong PIN");
    check_gone(&b, 300, "a PIN of 300 bytes");
    if (r->config->pin_least > 0)
        check_gone(&b, 0, "an empty PIN");
    if (r->config->pin_least > 1)
        check_gone(&b, r->config->pin_least - 1, "a PIN that is too short");
}

static void pin_blocks(struct run *r)
{
    check_pin_blocks(r, AUTHENTICATE_PIN);
}

static void pin_count(struct run *r)
{
    check_count(r, AUTHENTICATE_PIN);
}

static const struct requirement pin_errors[] = {
    { .id = "CMR.3.2.1.E1", .words = "pCardData NULL", .test = error_row, .codes = CODES(INVALID),
      .faults = { NO_DATA }, .versions = KIT_V(4) | KIT_V(5) | KIT_V(7) },
    ERROR_ROW("CMR.3.2.1.E2", "pwszUserId NULL", CODES(INVALID), NO_USER),
    ERROR_ROW("CMR.3.2.1.E3", "pbPin NULL", CODES(INVALID), NO_IN),
    { .id = "CMR.3.2.1.E4", .words = "pwszUserId neither the user nor the admin",
      .test = other_names, .codes = CODES(INVALID), .faults = { OTHER_USER } },
    { .id = "CMR.3.2.1.E5", .words = "cbPin that the PIN has not, or that no PIN has",
      .test = wrong_lengths, .codes = CODES(INVALID, WRONG),
      .faults = { IN_EMPTY, IN_SHORT, IN_LONG, IN_ENDLESS } },
    { .id = "CMR.3.2.1.E6", .words = "A wrong PIN; SCARD_W_CHV_BLOCKED when no try is left",
      .test = wrong_pins, .codes = CODES(WRONG, INVALID), .faults = { IN_WRONG } },
    ROW("CMR.3.2.1.E7", "Whatever fails leaves the user not authenticated", failure_logs_out),
    ROW("CMR.3.2.1.E8", "Too many wrong PINs block the PIN", pin_blocks, .optional = true),
    ROW("CMR.3.2.1.E9",
        "A wrong PIN tells the tries left: on the last try 0, then SCARD_W_CHV_BLOCKED and 0; "
        "FFFFFFFF where they are not known",
        pin_count, .versions = KIT_V(4) | KIT_V(5) | KIT_V(7)),
};

/* ---- CardDeauthenticate ---------------------------------------------------------------------- */

static void need_deauthenticate(struct bench *b)
{
    if (b->data.pfnCardDeauthenticate == NULL)
        run_not_applicable(b->run, "CardDeauthenticate is not provided (its pointer is NULL)");
}

static DWORD log_out(struct bench *b, LPWSTR user)
{
    return CALL(b, Deauthenticate, &b->data, user, 0);
}

static void not_provided_is_null(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    if (b.data.pfnCardDeauthenticate == NULL) {
        run_saw(r, "not provided: NULL");
        return;
    }
    be_user(&b);
    CHECK(r, log_out(&b, user_name()) != SCARD_E_UNSUPPORTED_FEATURE,
          "a pointer, to a function that answers SCARD_E_UNSUPPORTED_FEATURE");
    run_saw(r, "provided");
}

static void user_logs_out(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    need_deauthenticate(&b);
    be_user(&b);
    if (!is_user(&b))
        run_blocked(r, "the user may not write, after the right PIN");
    (void)log_out(&b, user_name());
    CHECK(r, !is_user(&b), "the user may still write");
}

static void admin_logs_out(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    need_deauthenticate(&b);
    need_admin_key(&b);
    be_admin(&b);
    if (!is_admin(&b))
        run_blocked(r, "the admin may not write, after the right response");
    (void)log_out(&b, admin_name());
    CHECK(r, !is_admin(&b), "the admin may still write");
}

static void log_out_succeeds(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    need_deauthenticate(&b);
    be_user(&b);
    EXPECT(r, log_out(&b, user_name()), OK);
    if (r->config->admin_key.len == 0)
        return;
    be_admin(&b);
    EXPECT(r, log_out(&b, admin_name()), OK);
}

static const struct requirement log_out_rows[] = {
    ROW("N.2.3.2.4.1", "Not provided, its pointer is NULL", not_provided_is_null, .optional = true),
    ROW("CMR.3.2.4.1", "The user is one no more", user_logs_out,
        .versions = KIT_V(4) | KIT_V(5) | KIT_V(7)),
    ROW("CMR.3.2.4.2", "The admin is one no more", admin_logs_out),
    ROW("CMR.3.2.4.3", "A good call returns 0, for either", log_out_succeeds,
        .versions = KIT_V4_TO_V7),
};

static void time_log_out(struct bench *b)
{
    NEED(b->run, show_pin(b, &b->run->config->user_pin, &not_asked));
    NEED(b->run, log_out(b, user_name()));
}

static void log_out_longest(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    need_deauthenticate(&b);
    longest_within(r, &b, time_log_out, 200);
}

static void log_out_average(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    need_deauthenticate(&b);
    average_within(r, &b, time_log_out, 150);
}

static const struct requirement log_out_pace[] = {
    ROW("CMR.3.2.4.X1", "At most 200 ms", log_out_longest),
    ROW("CMR.3.2.4.X2", "At most 150 ms on average of 20", log_out_average),
};

static DWORD deauthenticate(struct args *a)
{
    return CALL(a->b, Deauthenticate, a->data, a->user, a->flags);
}

static const struct subject log_out_subject = { .call = deauthenticate,
                                                .prepare = need_deauthenticate,
                                                .moves_roles = true };

static const struct requirement log_out_errors[] = {
    ERROR_ROW("CMR.3.2.4.E1", "pCardData NULL", CODES(INVALID), NO_DATA),
    { .id = "CMR.3.2.4.E4", .words = "dwFlags not 0, each bit", .test = each_flag,
      .codes = CODES(INVALID), .faults = { FLAGS } },
};

#define SECTION(number, function, kind, subject, rows) \
    { number, function, kind, subject, rows, ARRAY(rows) }

static const struct section sections[] = {
    SECTION("2.3.2.1.1", "CardAuthenticatePin", KIT_FUNCTIONAL, NULL, pin_well),
    SECTION("2.3.2.1.2", "CardAuthenticatePin", KIT_PERFORMANCE, NULL, pin_pace),
    SECTION("2.3.2.1.3", "CardAuthenticatePin", KIT_ERROR, &pin_subject, pin_errors),
    SECTION("2.3.2.2.1", "CardGetChallenge", KIT_FUNCTIONAL, NULL, challenge_rows),
    SECTION("2.3.2.2.2", "CardGetChallenge", KIT_ERROR, &challenge_subject, challenge_errors),
    SECTION("2.3.2.3.1", "CardAuthenticateChallenge", KIT_FUNCTIONAL, NULL, response_rows),
    SECTION("2.3.2.3.2", "CardAuthenticateChallenge", KIT_ERROR, &response_subject,
            response_errors),
    SECTION("2.3.2.4.1", "CardDeauthenticate", KIT_FUNCTIONAL, NULL, log_out_rows),
    SECTION("2.3.2.4.2", "CardDeauthenticate", KIT_PERFORMANCE, NULL, log_out_pace),
    SECTION("2.3.2.4.3", "CardDeauthenticate", KIT_ERROR, &log_out_subject, log_out_errors),
};
const struct group authentication_rows = { sections, ARRAY(sections) };
