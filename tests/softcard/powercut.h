/* SPDX-License-Identifier: MIT */
/*
 * A process that dies at a write. SQLite's own system calls are replaced in a child: the n-th
 * write, truncation or removal does half of its work and the child ends. n goes 1, 2, 3 .. until
 * the child runs through.
 */
#ifndef CARDMINT_TESTS_SOFTCARD_POWERCUT_H
#define CARDMINT_TESTS_SOFTCARD_POWERCUT_H

#include "tests/softcard/bench.h"

/* The child opens the image and sends `command`, which must be answered `want`; each time it finds
 * the same image and the same RAM. `check` looks at what is left, the card opened and selected
 * again; `complete`: the child ran through. Returns how many points there were. */
unsigned powercut_everywhere(struct bench *b, uint16_t (*command)(struct bench *), uint16_t want,
                             void (*check)(bool complete));

/* A point that is no write; only a child has any. And: did the last child come to one? */
void powercut_point(void);
bool powercut_passed(void);

#endif
