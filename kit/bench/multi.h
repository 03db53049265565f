/* SPDX-License-Identifier: MIT */
/*
 * Several callers at once: threads of one process, processes, cards. Each caller has a PC/SC
 * context, a connection and a CARD_DATA of its own, and keeps to the Base CSP's manners:
 *
 *     crowd_prepare ── crowd_in_threads / crowd_in_processes ── crowd_tidy
 *                          └── crowd_fn, again and again ── turn_begin ... turn_end
 *                                  (in the first round all meet: crowd_meet)
 *
 * A test that uses this opens no bench of its own before.
 */
#ifndef CARDMINT_KIT_BENCH_MULTI_H
#define CARDMINT_KIT_BENCH_MULTI_H

#include "kit/bench/bench.h"

#define CROWD_MAX 32u

/* What one caller does in one round; its context is acquired, no transaction is open. Verdicts
 * (EXPECT, CHECK, NEED) end the whole test. */
typedef void crowd_fn(struct bench *b, unsigned number);

struct crowd {
    unsigned count;   /* of callers */
    unsigned cards;   /* 1: all on card 0; 2: in turn on cards 0 and 1 */
    unsigned rounds;  /* of each; a context for each round: acquired and deleted by the caller */
    unsigned seconds; /* the last round begins before these are over; 0: no limit */
    crowd_fn *work;
};

/* All begin together, and in the first round none works before all have their context; returns when
 * all are done. A process that crashes fails the test. */
void crowd_in_threads(struct run *r, const struct crowd *crowd);
void crowd_in_processes(struct run *r, const struct crowd *crowd);

/* Waits until each caller of the crowd has come to this place. */
enum meeting { MEET_ACQUIRED, MEET_BETWEEN, MEETINGS };
void crowd_meet(struct bench *b, enum meeting where);

/* Work for a crowd: two turns. In the first the user is authenticated, writes a file of the
 * caller's own and signs; in the second, when others had theirs (all of them, in the first round),
 * the file is as it was written and nobody is authenticated. What the module cannot do for a single
 * caller is left out: crowd_prepare finds that out, and makes the files; crowd_tidy takes them
 * away. */
crowd_fn crowd_use;
void crowd_prepare(struct run *r, const struct crowd *crowd);
void crowd_tidy(struct run *r, const struct crowd *crowd);

/* A transaction as the Base CSP has it: reconnects when another caller has reset the card; at its
 * end nobody is authenticated, by CardDeauthenticate or a reset. */
void turn_begin(struct bench *b);
void turn_end(struct bench *b);
void turn_user(struct bench *b); /* the user, by PIN */

/* Like bench_open, any card. Two of them: both cards with their transactions open. */
void open_card(struct run *r, struct bench *b, unsigned number);

/* Runs it in a process of its own and waits: for what must not leave anything in this one. */
void in_process(struct run *r, void (*part)(struct run *r));
/* Zeros that the processes started from here on have in common. */
void *shared_memory(struct run *r, size_t len);

#endif
