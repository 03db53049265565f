/* SPDX-License-Identifier: MIT */
/* The commands about room, for the tests of it. What is answered in the wrong form fails the test. */
#ifndef CARDMINT_TESTS_SOFTCARD_SPACE_H
#define CARDMINT_TESTS_SOFTCARD_SPACE_H

#include "tests/softcard/bench.h"

#define SPACE_KEPT    (2048u + 361u) /* what `card new` reserves */
#define SPACE_ADMIN   24u            /* its key */
#define SPACE_LARGEST 32768u         /* object */

/* Free bytes as the card tells them; *ret_files, if asked for: files that may be made. */
unsigned space_told(struct bench *b, unsigned *ret_files);
uint16_t space_reserve(struct bench *b, unsigned fid, unsigned tag, unsigned bytes);
uint16_t space_put(struct bench *b, unsigned fid, unsigned tag, uint8_t fill, size_t len);
/* The object's length, all of it `fill`; -1: there is none. */
long space_length(struct bench *b, unsigned fid, unsigned tag, uint8_t fill);

#endif
