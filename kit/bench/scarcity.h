/* SPDX-License-Identifier: MIT */
/* The caller's memory runs out, at each call of its callbacks in each function. */
#ifndef CARDMINT_KIT_BENCH_SCARCITY_H
#define CARDMINT_KIT_BENCH_SCARCITY_H

#include "kit/kit.h"

enum { SCARCE_ALLOC = 1, SCARCE_REALLOC = 2 };

/* Goes through all functions. Each that succeeds is called again with the first call of these
 * callbacks failing, with the second, ... until none fails: every time an error comes (`strict`:
 * SCARD_E_NO_MEMORY), or a result that is whole; no block is kept, none freed wrongly; and
 * afterwards it succeeds again. A function that keeps blocks anyway is not blamed for that here. */
void scarcity(struct run *r, unsigned callbacks, bool strict);

#endif
