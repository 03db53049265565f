/* SPDX-License-Identifier: MIT */
/* 2.3.3.2.1.2: CardChangeAuthenticator, what it refuses: of a PIN, and of the admin's key. */
#include "kit/bench/multi.h"
#include "kit/rows/pins.h"

#include <string.h>

#define INVALID   SCARD_E_INVALID_PARAMETER
#define WRONG     SCARD_W_WRONG_CHV
#define VIOLATION SCARD_W_SECURITY_VIOLATION

static DWORD change(struct args *a)
{
    return CALL(a->b, ChangeAuthenticator, a->data, a->user, a->in, a->in_len, a->fresh,
                a->fresh_len, a->tries, a->flags, &a->left);
}

/* ---- of a PIN -------------------------------------------------------------------------------- */

static BYTE fresh_pin[512];

void good_fresh(struct args *a)
{
    const struct kit_secret *pin = &a->b->run->config->user_pin;

    memset(fresh_pin, '1', sizeof(fresh_pin));
    memcpy(fresh_pin, pin->bytes, pin->len);
    a->fresh = fresh_pin;
    a->fresh_len = pin->len;
}

bool spoil_fresh_pin(struct args *a, enum fault fault)
{
    const struct kit_config *config = a->b->run->config;

    if (fault != FRESH_SHORT && fault != FRESH_LONG)
        return false;
    a->fresh_len = fault == FRESH_SHORT && config->pin_least > 0 ? 0
                   : config->pin_most < sizeof(fresh_pin)       ? config->pin_most + 1
                                                                : 0xFFFFFFFF;
    return true;
}

static void good_change(struct args *a)
{
    a->flags = BY_PIN;
    good_fresh(a);
}

static bool spoil_change(struct args *a, enum fault fault)
{
    const struct kit_config *config = a->b->run->config;

    if (fault == IN_WRONG) {
        a->bytes[0] = wrong_pin(config).bytes[0];
        return true;
    }
    if (fault == IN_EMPTY && config->pin_least == 0) {
        a->in_len = 0xFFFFFFFF; /* an empty PIN is none of the faults of this card */
        return true;
    }
    return spoil_fresh_pin(a, fault);
}

const struct subject change_subject = { .call = change, .good = good_change,
                                        .spoil = spoil_change, .moves_roles = true };

/* ---- of the admin's key ---------------------------------------------------------------------- */

/* The key it is, as the new one: nothing is lost should it be taken. */
static void good_key(struct args *a)
{
    const struct kit_secret *key = &a->b->run->config->admin_key;

    NEED(a->b->run, show_right(a->b, AUTHENTICATE_CHALLENGE, &not_asked));
    a->user = admin_name();
    a->in_len = draw_and_answer(a->b, a->bytes);
    a->fresh = bytes_of(key->bytes);
    a->fresh_len = key->len;
    a->flags = BY_KEY;
}

static bool spoil_key(struct args *a, enum fault fault)
{
    struct kit_secret used = { .len = a->in_len };

    if (fault != USED_CHALLENGE)
        return false;
    memcpy(used.bytes, a->bytes, sizeof(used.bytes));
    (void)respond(a->b, &used, &not_asked);
    return true;
}

static const struct subject key_subject = { .call = change, .good = good_key,
                                            .prepare = need_admin_key, .spoil = spoil_key,
                                            .moves_roles = true };

/* Those of the rows that are about a key too, and those that are about it alone. */
static const struct requirement key_rows[] = {
    ERROR_ROW("CMR.3.3.2.E1", "", CODES(INVALID), NO_DATA),
    ERROR_ROW("CMR.3.3.2.E2", "", CODES(INVALID), NO_USER),
    ERROR_ROW("CMR.3.3.2.E3", "", CODES(INVALID), NO_IN),
    ERROR_ROW("CMR.3.3.2.E4", "", CODES(INVALID), NO_FRESH),
    ERROR_ROW("CMR.3.3.2.E5", "", CODES(INVALID), OTHER_USER),
    ERROR_ROW("CMR.3.3.2.E8", "", CODES(INVALID), TRIES_HIGH),
    ERROR_ROW("CMR.3.3.2.E9", "", CODES(INVALID), FLAGS),
    ERROR_ROW("CMR.3.3.2.E12", "", CODES(WRONG), NO_CHALLENGE, USED_CHALLENGE),
    ERROR_ROW("CMR.3.3.2.E13", "", CODES(WRONG), IN_WRONG),
};

static void key_row(struct run *r)
{
    struct section section = *r->section;
    struct run of_key = *r;

    section.subject = &key_subject;
    section.rows = key_rows;
    section.count = ARRAY(key_rows);
    of_key.section = &section;
    for (size_t i = 0; i < ARRAY(key_rows); i++)
        if (strcmp(key_rows[i].id, r->requirement->id) == 0) {
            of_key.requirement = &key_rows[i];
            error_row(&of_key);
        }
}

/* One after the other, of a process with a card for one transaction at a time: each has its own. */
static void either_row(struct run *r)
{
    if (r->config->admin_key.len != 0)
        in_process(r, key_row);
    error_row(r);
}

static void flags_refused(struct run *r)
{
    static const DWORD flags[] = { 0, 3, 0xFFFFFFFF };

    check_flags(r, flags, ARRAY(flags));
    either_row(r);
}

/* Lengths that the card need not see: another code will do too. */
static void wrong_responses(struct run *r)
{
    const struct kit_secret *key = &r->config->admin_key;
    struct bench b;

    bench_open(r, &b);
    need_admin_key(&b);
    for (unsigned i = 0; i < 2; i++) {
        struct kit_secret response;

        NEED(r, show_right(&b, AUTHENTICATE_CHALLENGE, &not_asked));
        response = draw_for(&b, key);
        response.len = i == 0 ? response.len - 1 : response.len + 8;
        EXPECT(r, change_key(&b, &response, key, 0, &not_asked), WRONG, INVALID, VIOLATION);
    }
    NEED(r, show_right(&b, AUTHENTICATE_CHALLENGE, &not_asked));
    bench_close(&b);
    key_row(r);
}

/* ---- wrong ones, one after the other --------------------------------------------------------- */

static void wrong_pins(struct run *r)
{
    check_blocked_answer(r, CHANGE_PIN);
    error_row(r);
}

static void pin_blocks(struct run *r)
{
    check_pin_blocks(r, CHANGE_PIN);
}

static void key_blocks(struct run *r)
{
    check_key_blocks(r, CHANGE_KEY);
}

static void pin_count(struct run *r)
{
    check_count(r, CHANGE_PIN);
}

static void key_count(struct run *r)
{
    check_count(r, CHANGE_KEY);
}

#define EITHER_ROW(id_, words_, ...) \
    { .id = id_, .words = words_, .test = either_row, .codes = CODES(INVALID), __VA_ARGS__ }

const struct requirement change_errors[16] = {
    EITHER_ROW("CMR.3.3.2.E1", "pCardData NULL", .faults = { NO_DATA },
               .versions = KIT_V(4) | KIT_V(5) | KIT_V(7)),
    EITHER_ROW("CMR.3.3.2.E2", "pwszUserId NULL", .faults = { NO_USER }),
    EITHER_ROW("CMR.3.3.2.E3", "pbCurrentAuthenticator NULL", .faults = { NO_IN }),
    EITHER_ROW("CMR.3.3.2.E4", "pbNewAuthenticator NULL", .faults = { NO_FRESH }),
    EITHER_ROW("CMR.3.3.2.E5", "pwszUserId neither the user nor the admin",
               .faults = { OTHER_USER }),
    ERROR_ROW("CMR.3.3.2.E6", "cbCurrentAuthenticator 0, of a PIN", CODES(INVALID, WRONG),
              IN_EMPTY),
    ERROR_ROW("CMR.3.3.2.E7", "cbNewAuthenticator 0, or more than a PIN has", CODES(INVALID),
              FRESH_SHORT, FRESH_LONG),
    EITHER_ROW("CMR.3.3.2.E8", "cRetryCount that cannot be", .faults = { TRIES_HIGH },
               .optional = true),
    { .id = "CMR.3.3.2.E9", .words = "dwFlags neither of the two there are",
      .test = flags_refused, .codes = CODES(INVALID), .faults = { FLAGS } },
    { .id = "CMR.3.3.2.E11", .words = "A wrong PIN; SCARD_W_CHV_BLOCKED when no try is left",
      .test = wrong_pins, .codes = CODES(WRONG, INVALID), .faults = { IN_WRONG } },
    ROW("CMR.3.3.2.E12", "A response when the command before was not CardGetChallenge", key_row),
    ROW("CMR.3.3.2.E13", "A wrong response", wrong_responses),
    ROW("CMR.3.3.2.E14", "Too many wrong PINs block the PIN", pin_blocks, .optional = true),
    ROW("CMR.3.3.2.E15", "Too many wrong responses block the admin key", key_blocks,
        .optional = true),
    ROW("CMR.3.3.2.E16",
        "A wrong PIN tells the tries left: on the last try 0, then SCARD_W_CHV_BLOCKED and 0; "
        "FFFFFFFF where they are not known",
        pin_count),
    ROW("CMR.3.3.2.E17",
        "A wrong response tells the tries left: on the last try 0, then SCARD_W_CHV_BLOCKED and 0; "
        "FFFFFFFF where they are not known",
        key_count),
};
