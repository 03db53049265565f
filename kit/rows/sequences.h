/* SPDX-License-Identifier: MIT */
/* The sequences of 2.5 that are calls of the minidriver itself (sequence_pins.c). */
#ifndef CARDMINT_KIT_ROWS_SEQUENCES_H
#define CARDMINT_KIT_ROWS_SEQUENCES_H

#include "kit/kit.h"

test_fn sequence_pin_change, sequence_pin_unblock;

#endif
