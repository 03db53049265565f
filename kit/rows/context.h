/* SPDX-License-Identifier: MIT */
/* Tests of 2.3.1 that context.c has no room for. */
#ifndef CARDMINT_KIT_ROWS_CONTEXT_H
#define CARDMINT_KIT_ROWS_CONTEXT_H

#include "kit/bench/faults.h"

test_fn context_sets_pointers, context_tells_version, context_knows_version_4; /* context_slots.c */

/* context_delete.c */
extern const struct requirement context_delete_rows[3], context_delete_errors[1];
extern const struct subject context_delete_subject;

/* Functions of this context get through to the card: asked as nobody, and as the user. */
void context_reaches_card(struct bench *b);

#endif
