/* SPDX-License-Identifier: MIT */
#include "crypto/check_value.h"

#include "base/secret.h"

#include <string.h>

size_t crypto_block_len(enum crypto_cipher cipher)
{
    return cipher == CRYPTO_3DES ? 8 : 16;
}

bool crypto_check_value(enum crypto_cipher cipher, const uint8_t *key, size_t len,
                        uint8_t ret[CRYPTO_CHECK_LEN])
{
    static const uint8_t zeros[CRYPTO_BLOCK_MAX];
    uint8_t block[CRYPTO_BLOCK_MAX];
    bool ok = crypto_encrypt_block(cipher, key, len, zeros, block);

    if (ok)
        memcpy(ret, block, CRYPTO_CHECK_LEN);
    wipe(block, sizeof(block));
    return ok;
}
