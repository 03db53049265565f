/* SPDX-License-Identifier: MIT */
/* Rows of errors with many values of the same fault: each alone in a call that is good otherwise.
 * What the order of checks is, error_row finds out. */
#ifndef CARDMINT_KIT_BENCH_VARIANTS_H
#define CARDMINT_KIT_BENCH_VARIANTS_H

#include "kit/bench/faults.h"

typedef void vary_fn(struct args *a, DWORD value);

/* As the user, on a bench of its own, the section's subject. Each must give one of both codes. */
void refuses_each(struct run *r, vary_fn *vary, const DWORD *values, size_t count, DWORD code,
                  DWORD other);
/* Every flag but those. */
void refuses_flags(struct run *r, DWORD allowed, DWORD code);

vary_fn vary_version, vary_spec, vary_flags;

#endif
