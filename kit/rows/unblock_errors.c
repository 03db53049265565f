/* SPDX-License-Identifier: MIT */
/* 2.3.3.1.2: CardUnblockPin, what it refuses. */
#include "kit/rows/pins.h"

#include <string.h>

#define INVALID   SCARD_E_INVALID_PARAMETER
#define WRONG     SCARD_W_WRONG_CHV
#define VIOLATION SCARD_W_SECURITY_VIOLATION

static DWORD unblock(struct args *a)
{
    return CALL(a->b, UnblockPin, a->data, a->user, a->in, a->in_len, a->fresh, a->fresh_len,
                a->tries, a->flags);
}

/* One that succeeds comes before, so that wrong proofs never come one after the other. */
static void good_unblock(struct args *a)
{
    const struct kit_config *config = a->b->run->config;
    struct kit_secret proof;

    NEED(a->b->run, unblock_to(a->b, &config->user_pin, 0));
    proof = new_proof(a->b);
    memcpy(a->bytes, proof.bytes, proof.len);
    a->in_len = proof.len;
    a->flags = BY_KEY;
    good_fresh(a);
}

static bool spoil_unblock(struct args *a, enum fault fault)
{
    if (spoil_fresh_pin(a, fault))
        return true;
    switch (fault) {
    case USED_CHALLENGE:
        (void)CALL(a->b, UnblockPin, &a->b->data, user_name(), a->bytes, a->in_len,
                   bytes_of(a->b->run->config->user_pin.bytes), a->b->run->config->user_pin.len, 0,
                   BY_KEY);
        return true;
    case IN_WRONG: /* a PUK stays one of figures */
        a->bytes[0] ^= 1;
        return true;
    default:
        return false;
    }
}

const struct subject unblock_subject = { .call = unblock, .good = good_unblock,
                                         .spoil = spoil_unblock, .moves_roles = true };

void check_flags(struct run *r, const DWORD *flags, size_t count)
{
    struct bench b;

    bench_open(r, &b);
    for (size_t i = 0; i < count; i++) {
        struct args a;
        DWORD rc;

        good_args(&a, &b, r->section->subject);
        a.flags = flags[i];
        rc = r->section->subject->call(&a);
        if (rc != INVALID)
            run_fail(r, kit_code(INVALID), "%s, given dwFlags %08X", kit_code(rc),
                     (unsigned)flags[i]);
    }
    restore_pin(&b);
    bench_close(&b);
}

static void flags_refused(struct run *r)
{
    static const DWORD flags[] = { 0, BY_PIN, BY_PIN | BY_KEY, 0xFFFFFFFF };

    check_flags(r, flags, ARRAY(flags));
    error_row(r);
}

/* A PUK needs no challenge, and serves again and again. */
static void challenge_row(struct run *r)
{
    if (r->config->puk.len != 0)
        run_not_applicable(r, "unblocked by a PUK, without a challenge (configuration)");
    error_row(r);
}

const struct requirement unblock_errors[13] = {
    { .id = "CMR.3.3.1.E1", .words = "pCardData NULL", .test = error_row, .codes = CODES(INVALID),
      .faults = { NO_DATA }, .versions = KIT_V(4) | KIT_V(5) | KIT_V(7) },
    ERROR_ROW("CMR.3.3.1.E2", "pwszUserId NULL", CODES(INVALID), NO_USER),
    ERROR_ROW("CMR.3.3.1.E3", "pbAuthenticationData NULL", CODES(INVALID), NO_IN),
    ERROR_ROW("CMR.3.3.1.E4", "pbNewPinData NULL", CODES(INVALID), NO_FRESH),
    ERROR_ROW("CMR.3.3.1.E5", "pwszUserId neither the user nor the admin", CODES(INVALID),
              OTHER_USER),
    ERROR_ROW("CMR.3.3.1.E6", "cbAuthenticationData 0", CODES(INVALID, WRONG), IN_EMPTY),
    ERROR_ROW("CMR.3.3.1.E7", "cbNewPinData 0, or more than a PIN has", CODES(INVALID), FRESH_SHORT,
              FRESH_LONG),
    ERROR_ROW("CMR.3.3.1.E8", "cRetryCount that cannot be", CODES(INVALID), TRIES_HIGH),
    { .id = "CMR.3.3.1.E9", .words = "dwFlags not CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE",
      .test = flags_refused, .codes = CODES(INVALID), .faults = { FLAGS } },
    /* Too short, or used, is wrong too, and need not get to the card: no order among these four. */
    { .id = "CMR.3.3.1.E10", .words = "A response when the command before was not CardGetChallenge",
      .test = challenge_row, .codes = CODES(WRONG, VIOLATION), .faults = { NO_CHALLENGE },
      .advisory = true },
    { .id = "CMR.3.3.1.E11", .words = "A wrong response", .test = error_row,
      .codes = CODES(WRONG), .faults = { IN_WRONG }, .advisory = true },
    { .id = "CMR.3.3.1.E12", .words = "A right response a second time", .test = challenge_row,
      .codes = CODES(WRONG, VIOLATION), .faults = { USED_CHALLENGE }, .advisory = true },
    { .id = "CMR.3.3.1.E13", .words = "A response that is too short", .test = error_row,
      .codes = CODES(WRONG, INVALID, VIOLATION), .faults = { IN_SHORT }, .advisory = true },
};
