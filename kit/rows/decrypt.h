/* SPDX-License-Identifier: MIT */
/* What the rows of CardRSADecrypt share. */
#ifndef CARDMINT_KIT_ROWS_DECRYPT_H
#define CARDMINT_KIT_ROWS_DECRYPT_H

#include "kit/bench/faults.h"

#define CIPHER_MAX 1024u /* RSA with 8192 bits */

/* The container of the exchange key; not applicable without RSA, or without the function. Lends the
 * caller's part in padding. */
BYTE need_decrypt_index(struct bench *b);

/* The version of the structure that callers use with that CARD_DATA. */
DWORD decrypt_version(const struct bench *b);

extern const struct subject decrypt_subject;
extern const struct requirement decrypt_errors[8];

#endif
