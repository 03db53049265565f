/* SPDX-License-Identifier: MIT */
/*
 * Every function of the module once, called so that it succeeds where the card has what it needs:
 * for requirements that hold in all of them - memory, CARD_DATA, what is done to the process.
 *
 *     tour_begin ── for each stop: prepare ── call ── tidy ── ...
 */
#ifndef CARDMINT_KIT_BENCH_TOUR_H
#define CARDMINT_KIT_BENCH_TOUR_H

#include "kit/bench/bench.h"
#include "kit/bench/key_blobs.h"

struct tour {
    struct bench *b;
    PBYTE given[2]; /* what the last call gave, and how long it says that is */
    DWORD given_len[2];
    BYTE scratch, sign_index, agree_index, decrypt_index; /* containers; 0xFF: the card has none */
    DWORD sign_spec, agree_spec, new_spec, new_bits;
    BYTE agreement;
    BYTE blob[KEY_BLOB_MAX], response[KIT_SECRET_MAX];
    DWORD blob_len, response_len;
    bool admin;      /* there is an admin key, and challenges come */
    CARD_DATA other; /* of CardAcquireContext and CardDeleteContext */
};

struct stop {
    const char *function;
    unsigned version;                /* of CARD_DATA: the first that has it */
    bool (*has)(const struct tour *t); /* whether the card can; NULL: always */
    void (*prepare)(struct tour *t); /* as the user, before each call; NULL: nothing */
    DWORD (*call)(struct tour *t);   /* the function itself, once */
    void (*tidy)(struct tour *t);    /* after a call that succeeded or not; NULL: nothing */
};

/* The user is authenticated; blocked, where that fails. */
void tour_begin(struct tour *t, struct bench *b);

/* The nth of those that this context and card have; NULL behind the last. */
const struct stop *tour_stop(const struct tour *t, size_t n);

/* Around stop->call: what it gives is in `given`; tour_after frees that as the caller does. */
void tour_before(struct tour *t, const struct stop *stop);
void tour_after(struct tour *t, const struct stop *stop);
/* Both, and the call. */
DWORD tour_call(struct tour *t, const struct stop *stop);

/* Judges what was seen behind a call (the results still in `given`), and again behind its tidying
 * (rc SCARD_E_UNEXPECTED). */
typedef void tour_judge(struct tour *t, const struct stop *stop, DWORD rc);

/* The whole tour on card 0, the module's imports watched from before CardAcquireContext. */
void tour_watched(struct run *r, tour_judge *judge);

/* Does this block lie where the caller's callbacks have put it, as long as is said? NULL, or what
 * is wrong with what the last call gave. */
const char *tour_wrong(const struct tour *t);

/* Tables, ended by a NULL function: tour_card.c, tour_keys.c, tour_later.c. */
extern const struct stop tour_card_stops[], tour_key_stops[], tour_later_stops[];
void tour_take(struct tour *t, unsigned n, const void *block, DWORD len); /* into `given` */

#endif
