/* SPDX-License-Identifier: MIT */
/* Cards that are only read (CP_CARD_READ_ONLY). */
#ifndef CARDMINT_KIT_BENCH_READ_ONLY_H
#define CARDMINT_KIT_BENCH_READ_ONLY_H

#include "kit/bench/bench.h"

/* Of the functions that such a card may lack: not applicable where it does, by their code. Any other
 * function, any other card: nothing is done. */
void need_offered(struct bench *b, const char *function);

#endif
