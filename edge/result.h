/* SPDX-License-Identifier: MIT */
/* What cards answer to the use of a private key. */
#ifndef CARDMINT_EDGE_RESULT_H
#define CARDMINT_EDGE_RESULT_H

#include "base/bytes.h"

#define RESULT_ZEROS_DROPPED 8u /* a shorter signature is no signature: chance 2^-64 */

/* The number in `answer` as `len` bytes; cards may drop leading zeros. */
void result_pad(uint8_t *out, size_t len, const struct wr *answer);

/* r || s, or SEQUENCE { r, s }, as r || s of `bytes` each. False: it is neither, or one is zero. */
bool result_ecdsa(const struct wr *answer, size_t bytes, uint8_t *rs);

#endif
