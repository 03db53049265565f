/* SPDX-License-Identifier: MIT */
/* One block under a symmetric key: answers to the challenge of a card's admin key. */
#ifndef CARDMINT_CRYPTO_BLOCK_H
#define CARDMINT_CRYPTO_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CRYPTO_BLOCK_MAX 16u

enum crypto_cipher { CRYPTO_3DES /* 24 bytes */, CRYPTO_AES /* 16, 24, 32 */ };

/* Bytes of a block: 8 or 16. */
size_t crypto_block_len(enum crypto_cipher cipher);

/* Encrypts one block (ECB). False: no such key, or the system's cryptography fails; `out` means
 * nothing then. */
bool crypto_encrypt_block(enum crypto_cipher cipher, const uint8_t *key, size_t key_len,
                          const uint8_t *in, uint8_t out[CRYPTO_BLOCK_MAX]);

#endif
