/* SPDX-License-Identifier: MIT */
#include "crypto/check_value.h"

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

bool crypto_check_value(enum crypto_cipher cipher, const uint8_t *key, size_t len,
                        uint8_t ret[CRYPTO_CHECK_LEN])
{
    const wchar_t *name = cipher == CRYPTO_3DES ? BCRYPT_3DES_ALGORITHM : BCRYPT_AES_ALGORITHM;
    const ULONG size = cipher == CRYPTO_3DES ? 8 : 16;
    BCRYPT_ALG_HANDLE algorithm = NULL;
    BCRYPT_KEY_HANDLE handle = NULL;
    UCHAR zeros[16] = { 0 }, block[16];
    ULONG done = 0;
    bool good = key_fits(cipher, len) &&
                ok(BCryptOpenAlgorithmProvider(&algorithm, name, NULL, 0)) &&
                ok(BCryptSetProperty(algorithm, BCRYPT_CHAINING_MODE,
                                     (PUCHAR)(uintptr_t)BCRYPT_CHAIN_MODE_ECB,
                                     sizeof(BCRYPT_CHAIN_MODE_ECB), 0)) &&
                ok(BCryptGenerateSymmetricKey(algorithm, &handle, NULL, 0, (PUCHAR)(uintptr_t)key,
                                              (ULONG)len, 0)) &&
                ok(BCryptEncrypt(handle, zeros, size, NULL, NULL, 0, block, sizeof(block), &done,
                                 0)) &&
                done == size;

    if (good)
        memcpy(ret, block, CRYPTO_CHECK_LEN);
    wipe(block, sizeof(block));
    if (handle != NULL)
        BCryptDestroyKey(handle);
    if (algorithm != NULL)
        BCryptCloseAlgorithmProvider(algorithm, 0);
    return good;
}
