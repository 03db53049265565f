/* SPDX-License-Identifier: MIT */
/* PINs and admin keys: shown rightly and wrongly, counted, blocked, changed, and put back. */
#ifndef CARDMINT_KIT_BENCH_SECRETS_H
#define CARDMINT_KIT_BENCH_SECRETS_H

#include "kit/bench/faults.h"

#define BY_KEY CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE
#define BY_PIN CARD_AUTHENTICATE_PIN_PIN

/* ---- what a row needs: else not applicable, or blocked --------------------------------------- */

void need_admin_key(struct bench *b);
/* The user's PIN, once blocked, can be brought back: seen by doing so with one that is not. Changes
 * nothing. NULL, or what is wrong. */
const char *way_back(struct bench *b);
void need_way_back(struct bench *b);
void need_unblocking(struct bench *b); /* an admin key or a PUK is configured */
bool unblocks_by_puk(const struct bench *b);

/* Where the tries left go, when a test does not look at them. */
extern DWORD not_asked;

/* ---- secrets --------------------------------------------------------------------------------- */

/* Of the right length and kind, and neither the right one nor wrong_pin(). */
struct kit_secret other_pin(const struct kit_config *config);
struct kit_secret other_admin_key(const struct kit_config *config);

DWORD show_pin(struct bench *b, const struct kit_secret *pin, PDWORD left);
DWORD change_pin(struct bench *b, const struct kit_secret *old, const struct kit_secret *fresh,
                 DWORD tries, PDWORD left);
/* The PUK, or a response to a new challenge. */
struct kit_secret new_proof(struct bench *b);
DWORD unblock_by(struct bench *b, const struct kit_secret *proof, const struct kit_secret *fresh,
                 DWORD tries);
DWORD unblock_to(struct bench *b, const struct kit_secret *fresh, DWORD tries);

/* The response that another key gives to a new challenge. */
struct kit_secret draw_for(struct bench *b, const struct kit_secret *key);
DWORD respond(struct bench *b, const struct kit_secret *response, PDWORD left);
DWORD change_key(struct bench *b, const struct kit_secret *response, const struct kit_secret *key,
                 DWORD tries, PDWORD left);
/* The configured key is the admin's again, if it was changed to other_admin_key(). */
void restore_admin_key(struct bench *b);

/* ---- wrong ones, counted (secrets_count.c) --------------------------------------------------- */

#define WRONG_MOST 20u /* a PIN not blocked by so many wrong ones never is */

/* The functions that are shown a secret. */
enum shown_to { AUTHENTICATE_PIN, CHANGE_PIN, AUTHENTICATE_CHALLENGE, CHANGE_KEY };

DWORD show_wrong(struct bench *b, enum shown_to function, PDWORD left);
DWORD show_right(struct bench *b, enum shown_to function, PDWORD left);

/* How the PIN was blocked. */
struct blocking {
    unsigned wrong; /* answers WRONG_CHV; WRONG_MOST: it never blocks */
    DWORD then;     /* the next answer */
    bool counted;   /* a number of tries left was told */
};
struct blocking block_pin(struct bench *b, enum shown_to function);

/* The rows about it, each for several functions: which tries are left, and that it is blocked. */
void check_count(struct run *r, enum shown_to function);
void check_pin_blocks(struct run *r, enum shown_to function);
void check_key_blocks(struct run *r, enum shown_to function);
/* CHV_BLOCKED for a wrong PIN where there are no more tries; nothing where it never blocks. */
void check_blocked_answer(struct run *r, enum shown_to function);

/* ---- the count of tries as a parameter ------------------------------------------------------- */

/* Sets the PIN to the same one with that many tries: CardUnblockPin or CardChangeAuthenticator. */
typedef DWORD set_tries_fn(struct bench *b, DWORD tries);
void check_tries(struct run *r, set_tries_fn *set);

#endif
