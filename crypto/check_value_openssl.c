/* SPDX-License-Identifier: MIT */
#include "crypto/check_value.h"

#include "base/secret.h"

#include <openssl/evp.h>
#include <string.h>

static const char *name_of(enum crypto_cipher cipher, size_t len)
{
    if (cipher == CRYPTO_3DES)
        return len == 24 ? "DES-EDE3-ECB" : NULL;
    return len == 16 ? "AES-128-ECB" : len == 24 ? "AES-192-ECB" : len == 32 ? "AES-256-ECB" : NULL;
}

bool crypto_check_value(enum crypto_cipher cipher, const uint8_t *key, size_t len,
                        uint8_t ret[CRYPTO_CHECK_LEN])
{
    static const uint8_t zeros[EVP_MAX_BLOCK_LENGTH];
    uint8_t block[2 * EVP_MAX_BLOCK_LENGTH];
    const char *name = name_of(cipher, len);
    EVP_CIPHER *algorithm = name != NULL ? EVP_CIPHER_fetch(NULL, name, NULL) : NULL;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int done = 0;
    bool ok = algorithm != NULL && ctx != NULL &&
              EVP_EncryptInit_ex2(ctx, algorithm, key, NULL, NULL) == 1 &&
              EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
              EVP_EncryptUpdate(ctx, block, &done, zeros, EVP_CIPHER_get_block_size(algorithm)) ==
                  1 &&
              (size_t)done >= CRYPTO_CHECK_LEN;

    if (ok)
        memcpy(ret, block, CRYPTO_CHECK_LEN);
    wipe(block, sizeof(block));
    EVP_CIPHER_CTX_free(ctx);
    EVP_CIPHER_free(algorithm);
    return ok;
}
