/* SPDX-License-Identifier: MIT */
#include "crypto/block.h"

#include "base/secret.h"

#include <windows.h>
#include <bcrypt.h>
#include <string.h>

static bool key_fits(enum crypto_cipher cipher, size_t len)
{
    return cipher == CRYPTO_3DES ? len == 24 : len == 16 || len == 24 || len == 32;
}

static bool ok(NTSTATUS status)
{
    return status >= 0;
}

bool crypto_encrypt_block(enum crypto_cipher cipher, const uint8_t *key, size_t key_len,
                          const uint8_t *in, uint8_t out[CRYPTO_BLOCK_MAX])
{
    const wchar_t *name = cipher == CRYPTO_3DES ? BCRYPT_3DES_ALGORITHM : BCRYPT_AES_ALGORITHM;
    const ULONG size = (ULONG)crypto_block_len(cipher);
    BCRYPT_ALG_HANDLE algorithm = NULL;
    BCRYPT_KEY_HANDLE handle = NULL;
    UCHAR block[CRYPTO_BLOCK_MAX];
    ULONG done = 0;
    bool good = key_fits(cipher, key_len) &&
                ok(BCryptOpenAlgorithmProvider(&algorithm, name, NULL, 0)) &&
                ok(BCryptSetProperty(algorithm, BCRYPT_CHAINING_MODE,
                                     (PUCHAR)(uintptr_t)BCRYPT_CHAIN_MODE_ECB,
                                     sizeof(BCRYPT_CHAIN_MODE_ECB), 0)) &&
                ok(BCryptGenerateSymmetricKey(algorithm, &handle, NULL, 0, (PUCHAR)(uintptr_t)key,
                                              (ULONG)key_len, 0)) &&
                ok(BCryptEncrypt(handle, (PUCHAR)(uintptr_t)in, size, NULL, NULL, 0, block,
                                 sizeof(block), &done, 0)) &&
                done == size;

    if (good)
        memcpy(out, block, size);
    wipe(block, sizeof(block));
    if (handle != NULL)
        BCryptDestroyKey(handle);
    if (algorithm != NULL)
        BCryptCloseAlgorithmProvider(algorithm, 0);
    return good;
}
