/* SPDX-License-Identifier: MIT */
#include "crypto/block.h"

#include "base/secret.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

static const char *name_of(enum crypto_cipher cipher, size_t len)
{
    if (cipher == CRYPTO_3DES)
        return len == 24 ? "DES-EDE3-ECB" : NULL;
    return len == 16 ? "AES-128-ECB" : len == 24 ? "AES-192-ECB" : len == 32 ? "AES-256-ECB" : NULL;
}

bool crypto_encrypt_block(enum crypto_cipher cipher, const uint8_t *key, size_t key_len,
                          const uint8_t *in, uint8_t out[CRYPTO_BLOCK_MAX])
{
    const size_t size = crypto_block_len(cipher);
    uint8_t block[2 * EVP_MAX_BLOCK_LENGTH];
    const char *name = name_of(cipher, key_len);
    EVP_CIPHER *algorithm = NULL;
    EVP_CIPHER_CTX *ctx = NULL;
    int done = 0;
    bool ok;

    ERR_set_mark(); /* the caller's queue of errors stays as it is */
    algorithm = name != NULL ? EVP_CIPHER_fetch(NULL, name, NULL) : NULL;
    ctx = EVP_CIPHER_CTX_new();
    ok = algorithm != NULL && ctx != NULL &&
         EVP_EncryptInit_ex2(ctx, algorithm, key, NULL, NULL) == 1 &&
         EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
         EVP_EncryptUpdate(ctx, block, &done, in, (int)size) == 1 && (size_t)done == size;
    if (ok)
        memcpy(out, block, size);
    wipe(block, sizeof(block));
    EVP_CIPHER_CTX_free(ctx);
    EVP_CIPHER_free(algorithm);
    ERR_pop_to_mark();
    return ok;
}
