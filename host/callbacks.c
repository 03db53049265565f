/* SPDX-License-Identifier: MIT */
/* The callbacks for padding. They see only what the module hands them. */
#include "host/host_internal.h"

#include "base/bytes.h"

#include <string.h>

#define WIDTH_MOST 2048u /* bytes of an RSA-16384 modulus */

/* ---- PFN_CSP_PAD_DATA ---------------------------------------------------------------------- */

/* By pPaddingInfo: version 2 with CARD_PADDING_INFO_PRESENT. */
static DWORD pad_by_info(const CARD_SIGNING_INFO *info, BYTE *block, size_t width)
{
    const BCRYPT_PKCS1_PADDING_INFO *pkcs1 = info->pPaddingInfo;
    const BCRYPT_PSS_PADDING_INFO *pss = info->pPaddingInfo;
    const struct hash_alg *hash = NULL;
    LPCWSTR name;
    bool ok;

    if (info->dwPaddingType != CARD_PADDING_PKCS1 && info->dwPaddingType != CARD_PADDING_PSS)
        return info->dwPaddingType == CARD_PADDING_NONE ? SCARD_E_UNSUPPORTED_FEATURE
                                                        : SCARD_E_INVALID_PARAMETER;
    if (info->pPaddingInfo == NULL)
        return SCARD_E_INVALID_PARAMETER;
    name = info->dwPaddingType == CARD_PADDING_PKCS1 ? pkcs1->pszAlgId : pss->pszAlgId;
    if (name != NULL) {
        hash = hash_by_cng(name);
        if (hash == NULL)
            return SCARD_E_UNSUPPORTED_FEATURE;
        if (hash->len != info->cbData)
            return SCARD_E_INVALID_PARAMETER;
    }
    if (info->dwPaddingType == CARD_PADDING_PKCS1)
        ok = pad_pkcs1(hash, info->pbData, info->cbData, block, width);
    else
        ok = hash != NULL &&
             pad_pss(hash, info->pbData, info->cbData, pss->cbSalt, block, width);
    return ok ? SCARD_S_SUCCESS : SCARD_E_INVALID_PARAMETER;
}

/* By aiHashAlg: 0, or CRYPT_NOHASHOID, means without DigestInfo. */
static DWORD pad_by_alg(const CARD_SIGNING_INFO *info, BYTE *block, size_t width)
{
    const struct hash_alg *hash = NULL;

    if (info->aiHashAlg != 0) {
        hash = hash_by_id(info->aiHashAlg);
        if (hash == NULL)
            return SCARD_E_UNSUPPORTED_FEATURE;
        if (hash->len != info->cbData)
            return SCARD_E_INVALID_PARAMETER;
        if ((info->dwSigningFlags & CRYPT_NOHASHOID) != 0)
            hash = NULL;
    }
    return pad_pkcs1(hash, info->pbData, info->cbData, block, width) ? SCARD_S_SUCCESS
                                                                     : SCARD_E_INVALID_PARAMETER;
}

DWORD WINAPI csp_pad_data(PCARD_SIGNING_INFO info, DWORD width, DWORD *ret_len, PBYTE *ret_block)
{
    BYTE *block;
    DWORD rc;

    if (info == NULL || ret_len == NULL || ret_block == NULL || info->pbData == NULL ||
        width > WIDTH_MOST)
        return SCARD_E_INVALID_PARAMETER;
    *ret_block = NULL;
    *ret_len = 0;
    if (info->dwVersion > CARD_SIGNING_INFO_CURRENT_VERSION)
        return ERROR_REVISION_MISMATCH;
    block = csp_alloc(width);
    if (block == NULL)
        return SCARD_E_NO_MEMORY;
    if ((info->dwSigningFlags & CARD_PADDING_INFO_PRESENT) == 0)
        rc = pad_by_alg(info, block, width);
    else if (info->dwVersion < CARD_SIGNING_INFO_CURRENT_VERSION)
        rc = ERROR_REVISION_MISMATCH; /* the padding members are not there */
    else
        rc = pad_by_info(info, block, width);
    if (rc != SCARD_S_SUCCESS) {
        csp_free(block);
        return rc;
    }
    bytes_reverse(block, width);
    *ret_block = block;
    *ret_len = width;
    return SCARD_S_SUCCESS;
}

/* ---- PFN_CSP_UNPAD_DATA -------------------------------------------------------------------- */

static DWORD unpad(const CARD_RSA_DECRYPT_INFO *info, BYTE *block, size_t *ret_len)
{
    const BCRYPT_OAEP_PADDING_INFO *oaep = info->pPaddingInfo;
    const struct hash_alg *hash;
    bool ok;

    if (info->dwPaddingType == CARD_PADDING_PKCS1) {
        ok = unpad_pkcs1(block, info->cbData, ret_len);
    } else if (info->dwPaddingType == CARD_PADDING_OAEP) {
        if (oaep == NULL || oaep->pszAlgId == NULL || (oaep->pbLabel == NULL && oaep->cbLabel != 0))
            return SCARD_E_INVALID_PARAMETER;
        hash = hash_by_cng(oaep->pszAlgId);
        if (hash == NULL)
            return SCARD_E_UNSUPPORTED_FEATURE;
        ok = unpad_oaep(hash, oaep->pbLabel, oaep->cbLabel, block, info->cbData, ret_len);
    } else {
        return info->dwPaddingType == CARD_PADDING_NONE ? SCARD_E_UNSUPPORTED_FEATURE
                                                        : SCARD_E_INVALID_PARAMETER;
    }
    return ok ? SCARD_S_SUCCESS : NTE_BAD_DATA;
}

DWORD WINAPI csp_unpad_data(PCARD_RSA_DECRYPT_INFO info, DWORD *ret_len, PBYTE *ret_data)
{
    size_t len = 0;
    BYTE *block;
    DWORD rc;

    if (info == NULL || ret_len == NULL || ret_data == NULL)
        return SCARD_E_INVALID_PARAMETER;
    *ret_data = NULL;
    *ret_len = 0;
    if (info->dwVersion != CARD_RSA_KEY_DECRYPT_INFO_VERSION_TWO)
        return ERROR_REVISION_MISMATCH;
    if (info->pbData == NULL || info->cbData == 0 || info->cbData > WIDTH_MOST)
        return SCARD_E_INVALID_PARAMETER;
    block = csp_alloc(info->cbData);
    if (block == NULL)
        return SCARD_E_NO_MEMORY;
    memcpy(block, info->pbData, info->cbData);
    bytes_reverse(block, info->cbData);
    rc = unpad(info, block, &len);
    if (rc != SCARD_S_SUCCESS) {
        csp_free(block);
        return rc;
    }
    bytes_reverse(block, len);
    *ret_data = block;
    *ret_len = (DWORD)len;
    return SCARD_S_SUCCESS;
}
