/* SPDX-License-Identifier: MIT */
/* Keys of the fixture; see bench.h for what finds them. */
#ifndef CARDMINT_KIT_FIXTURE_KEYS_H
#define CARDMINT_KIT_FIXTURE_KEYS_H

#include "kit/bench.h"

/* The user is authenticated. Keys that are there stay; what cannot be made is noted in the log. */
void fixture_keys_make(struct bench *b);
void fixture_keys_remove(struct bench *b);

#endif
