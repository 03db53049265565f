/* SPDX-License-Identifier: MIT */
/* The tables of 2.3.4.9, which listing.c puts in printed order. */
#ifndef CARDMINT_KIT_ROWS_FREE_SPACE_H
#define CARDMINT_KIT_ROWS_FREE_SPACE_H

#include "kit/bench/file_work.h"

extern const struct requirement free_space[3], free_space_errors[4];
extern const struct subject free_space_subject;

#endif
