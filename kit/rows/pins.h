/* SPDX-License-Identifier: MIT */
/* The tables of 2.3.3, which pins.c puts in printed order. */
#ifndef CARDMINT_KIT_ROWS_PINS_H
#define CARDMINT_KIT_ROWS_PINS_H

#include "kit/bench/secrets.h"

/* unblock.c; unblock_errors.c */
extern const struct requirement unblock_rows[5], unblock_errors[13];
extern const struct subject unblock_subject;

/* change.c; change_errors.c */
extern const struct requirement change_rows[6], change_errors[16];
extern const struct subject change_subject;

/* Good arguments of both: the PIN that it is, as the new one; enough bytes for one too long. */
void good_fresh(struct args *a);
/* An empty new PIN, and one too long; for a card with empty PINs, the latter twice. */
bool spoil_fresh_pin(struct args *a, enum fault fault);

/* Each of these values of dwFlags alone must be refused, as the subject's good call has it. */
void check_flags(struct run *r, const DWORD *flags, size_t count);

#endif
