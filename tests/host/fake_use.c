/* SPDX-License-Identifier: MIT */
/* Signatures and decryption of the fake module. It pads and unpads by the caller's callbacks. */
#include "tests/host/fake_internal.h"

#include "base/bytes.h"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>
#include <string.h>

#define card fake_state

/* The bare RSA operation on a little-endian block. */
static bool raw_rsa(EVP_PKEY *key, const BYTE *in, BYTE *out, size_t len)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    BYTE block[FAKE_RSA_BYTES];
    size_t out_len = len;
    bool ok;

    memcpy(block, in, len);
    bytes_reverse(block, len);
    ok = EVP_PKEY_decrypt_init(ctx) == 1 &&
         EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) == 1 &&
         EVP_PKEY_decrypt(ctx, out, &out_len, block, len) == 1;
    bytes_reverse(out, len);
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

static DWORD sign_ec(PCARD_DATA data, EVP_PKEY *key, PCARD_SIGNING_INFO info)
{
    const size_t bytes = fake_curve_of_key(key)->bytes;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    BYTE der[160], raw[2 * 66];
    const BYTE *at = der;
    size_t len = sizeof der;
    ECDSA_SIG *sig;

    EVP_PKEY_sign_init(ctx);
    EVP_PKEY_sign(ctx, der, &len, info->pbData, info->cbData);
    EVP_PKEY_CTX_free(ctx);
    sig = d2i_ECDSA_SIG(NULL, &at, (long)len);
    BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, (int)bytes);
    BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + bytes, (int)bytes);
    ECDSA_SIG_free(sig);
    return fake_hand_out(data, FAKE_SIGN_DATA, raw, 2 * bytes, &info->pbSignedData,
                         &info->cbSignedData);
}

/* The block to sign, little-endian; the data of a raw signature comes in natural order. */
static DWORD block_of(PCARD_DATA data, PCARD_SIGNING_INFO info, PBYTE *ret, DWORD *ret_len)
{
    bool raw = (info->dwSigningFlags & CARD_PADDING_INFO_PRESENT) != 0 &&
               info->dwPaddingType == CARD_PADDING_NONE;

    if (!raw)
        return data->pfnCspPadData(info, FAKE_RSA_BYTES, ret_len, ret);
    if (info->cbData != FAKE_RSA_BYTES)
        return SCARD_E_INVALID_PARAMETER;
    *ret = data->pfnCspAlloc(FAKE_RSA_BYTES);
    if (*ret == NULL)
        return SCARD_E_NO_MEMORY;
    memcpy(*ret, info->pbData, FAKE_RSA_BYTES);
    bytes_reverse(*ret, FAKE_RSA_BYTES);
    *ret_len = FAKE_RSA_BYTES;
    return SCARD_S_SUCCESS;
}

static DWORD WINAPI sign_data(PCARD_DATA data, PCARD_SIGNING_INFO info)
{
    BYTE out[FAKE_RSA_BYTES];
    EVP_PKEY *key;
    PBYTE block = NULL;
    DWORD len = 0, rc;

    FAULT(FAKE_SIGN_DATA);
    if (info->dwVersion > (card.basic_signing ? 1u : 2u))
        return ERROR_REVISION_MISMATCH;
    key = fake_key(info->bContainerIndex, info->dwKeySpec);
    if (key == NULL)
        return SCARD_E_NO_KEY_CONTAINER;
    if (fake_curve_of_key(key) != fake_curve_of_spec(info->dwKeySpec))
        return SCARD_E_INVALID_PARAMETER;
    if (!card.user)
        return SCARD_W_SECURITY_VIOLATION;
    if (EVP_PKEY_is_a(key, "EC"))
        return sign_ec(data, key, info);
    rc = block_of(data, info, &block, &len);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = len == sizeof out && raw_rsa(key, block, out, len) ? SCARD_S_SUCCESS : SCARD_E_UNEXPECTED;
    data->pfnCspFree(block);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    return fake_hand_out(data, FAKE_SIGN_DATA, out, sizeof out, &info->pbSignedData,
                         &info->cbSignedData);
}

static DWORD WINAPI rsa_decrypt(PCARD_DATA data, PCARD_RSA_DECRYPT_INFO info)
{
    EVP_PKEY *key = fake_key(info->bContainerIndex, AT_KEYEXCHANGE);
    BYTE out[FAKE_RSA_BYTES];
    PBYTE plain = NULL;
    DWORD len = 0, rc;

    FAULT(FAKE_RSA_DECRYPT);
    if (data->dwVersion == 7 ? info->dwVersion < 2 : info->dwVersion > 1)
        return ERROR_REVISION_MISMATCH;
    if (key == NULL)
        return SCARD_E_NO_KEY_CONTAINER;
    if (info->cbData != sizeof out)
        return SCARD_E_INSUFFICIENT_BUFFER;
    if (info->dwVersion == 2 && info->dwPaddingType != CARD_PADDING_NONE && card.no_unpadding)
        return SCARD_E_UNSUPPORTED_FEATURE;
    if (!card.user)
        return SCARD_W_SECURITY_VIOLATION;
    if (!raw_rsa(key, info->pbData, out, sizeof out))
        return SCARD_E_UNEXPECTED;
    memcpy(info->pbData, out, sizeof out);
    if (info->dwVersion == 2 && info->dwPaddingType != CARD_PADDING_NONE) {
        rc = data->pfnCspUnpadData(info, &len, &plain);
        if (rc != SCARD_S_SUCCESS)
            return SCARD_F_INTERNAL_ERROR;
        memcpy(info->pbData, plain, len);
        info->cbData = len;
        data->pfnCspFree(plain);
    }
    if (card.trick == FAKE_HUGE_LENGTH && card.trick_call == FAKE_RSA_DECRYPT)
        info->cbData = 0x7FFFFFFF;
    return SCARD_S_SUCCESS;
}

void fake_use_fill(PCARD_DATA data)
{
    data->pfnCardSignData = sign_data;
    data->pfnCardRSADecrypt = rsa_decrypt;
}
