/* SPDX-License-Identifier: MIT */
/* Performance rows: config->repeats times, the last CALL of each step counts. Two neighbouring rows,
 * the longest and the average. */
#ifndef CARDMINT_KIT_BENCH_TIMING_H
#define CARDMINT_KIT_BENCH_TIMING_H

#include "kit/bench/bench.h"

/* Prepares what it must, then one CALL. */
typedef void step_fn(struct bench *b);

/* Passes or fails with both figures beside the limit, in milliseconds. */
void longest_within(struct run *r, struct bench *b, step_fn *step, double limit);
void average_within(struct run *r, struct bench *b, step_fn *step, double limit);

#endif
