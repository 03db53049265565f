/* SPDX-License-Identifier: MIT */
/* The caller of a driver that is linked in, with the made-up edge beneath. */
#ifndef CARDMINT_TESTS_CARD_FAKE_CALLER_H
#define CARDMINT_TESTS_CARD_FAKE_CALLER_H

#include "cardmint/cardmod.h"

extern CARD_DATA *const d;
extern long live; /* blocks given out and not freed */

void mem_free_one(void *block);

/* After fake_reset and what is changed on it: the profile is asked for here. */
void acquire(void);
/* Nothing may be left. */
void release(void);

DWORD property(const WCHAR *name, DWORD flags, void *value, DWORD room);

#endif
