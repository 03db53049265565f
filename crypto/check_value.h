/* SPDX-License-Identifier: MIT */
/* The check value of a symmetric key: how a card sees that a new admin key arrived whole. */
#ifndef CARDMINT_CRYPTO_CHECK_VALUE_H
#define CARDMINT_CRYPTO_CHECK_VALUE_H

#include "crypto/block.h"

#define CRYPTO_CHECK_LEN 3u

/* The first bytes of a block of zeros encrypted with the key. False: no such key, or the system's
 * cryptography fails. */
bool crypto_check_value(enum crypto_cipher cipher, const uint8_t *key, size_t len,
                        uint8_t ret[CRYPTO_CHECK_LEN]);

#endif
