/* SPDX-License-Identifier: MIT */
#define OPENSSL_SUPPRESS_DEPRECATED /* RSA_padding_... have no successors */
#include "kit/bench/padding.h"

#include "kit/bench/hashes.h"
#include "kit/bench/key_blobs.h"

#include <openssl/rsa.h>
#include <string.h>

#define BLOCK_MAX 1024u

static unsigned asked;

/* ---- CardSignData ---------------------------------------------------------------------------- */

/* The data with its DigestInfo, as the structure has it. */
static DWORD framed(const CARD_SIGNING_INFO *info, BYTE data[BLOCK_MAX], DWORD *ret_len)
{
    const bool told = (info->dwSigningFlags & CARD_PADDING_INFO_PRESENT) != 0;
    const BCRYPT_PKCS1_PADDING_INFO *pkcs1 = told ? info->pPaddingInfo : NULL;
    const bool bare = told ? pkcs1 == NULL || pkcs1->pszAlgId == NULL
                           : info->aiHashAlg == 0 || (info->dwSigningFlags & CRYPT_NOHASHOID) != 0;
    const struct hash_kind *hash;

    if (bare && info->cbData <= BLOCK_MAX) {
        memcpy(data, info->pbData, info->cbData);
        *ret_len = info->cbData;
        return SCARD_S_SUCCESS;
    }
    if (!told && (info->aiHashAlg & ALG_CLASS_ALL) != ALG_CLASS_HASH)
        return SCARD_E_INVALID_PARAMETER;
    hash = told && pkcs1 != NULL ? hash_by_name(pkcs1->pszAlgId) : hash_by_alg(info->aiHashAlg);
    if (hash == NULL)
        return SCARD_E_UNSUPPORTED_FEATURE;
    if (info->cbData != hash->len)
        return SCARD_E_INVALID_PARAMETER;
    if (hash->md == NULL) {
        memcpy(data, info->pbData, hash->len);
        *ret_len = hash->len;
        return SCARD_S_SUCCESS;
    }
    *ret_len = (DWORD)digest_info(hash, info->pbData, data);
    return *ret_len != 0 ? SCARD_S_SUCCESS : SCARD_E_UNEXPECTED;
}

static DWORD pad_pkcs1(const CARD_SIGNING_INFO *info, DWORD width, BYTE *block)
{
    BYTE data[BLOCK_MAX];
    DWORD len, rc = framed(info, data, &len);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    return RSA_padding_add_PKCS1_type_1(block, (int)width, data, (int)len) == 1
               ? SCARD_S_SUCCESS
               : SCARD_E_INVALID_PARAMETER;
}

/* RSA_padding_add_PKCS1_PSS looks at the size of the modulus alone. */
static RSA *rsa_of_size(DWORD width)
{
    RSA *rsa = RSA_new();
    BIGNUM *n = BN_new(), *e = BN_new();

    if (rsa != NULL && n != NULL && e != NULL && BN_set_bit(n, (int)width * 8 - 1) == 1 &&
        BN_set_word(e, RSA_F4) == 1 && RSA_set0_key(rsa, n, e, NULL) == 1)
        return rsa;
    BN_free(n);
    BN_free(e);
    RSA_free(rsa);
    return NULL;
}

static DWORD pad_pss(const CARD_SIGNING_INFO *info, DWORD width, BYTE *block)
{
    const BCRYPT_PSS_PADDING_INFO *pss = info->pPaddingInfo;
    const struct hash_kind *hash =
        pss != NULL && pss->pszAlgId != NULL ? hash_by_name(pss->pszAlgId) : NULL;
    const EVP_MD *md = hash != NULL ? EVP_get_digestbyname(hash->md) : NULL;
    RSA *rsa;
    bool ok;

    if (md == NULL || info->cbData != hash->len)
        return SCARD_E_INVALID_PARAMETER;
    rsa = rsa_of_size(width);
    ok = rsa != NULL && RSA_padding_add_PKCS1_PSS_mgf1(rsa, block, info->pbData, md, md,
                                                       (int)pss->cbSalt) == 1;
    RSA_free(rsa);
    return ok ? SCARD_S_SUCCESS : SCARD_E_INVALID_PARAMETER;
}

static DWORD WINAPI pad_data(PCARD_SIGNING_INFO info, DWORD width, DWORD *ret_len, PBYTE *ret)
{
    const bool pss = (info->dwSigningFlags & CARD_PADDING_INFO_PRESENT) != 0 &&
                     info->dwPaddingType == CARD_PADDING_PSS;
    DWORD rc;

    asked++;
    *ret_len = 0;
    *ret = width <= BLOCK_MAX ? mem_alloc(width) : NULL;
    if (*ret == NULL)
        return SCARD_E_NO_MEMORY;
    rc = pss ? pad_pss(info, width, *ret) : pad_pkcs1(info, width, *ret);
    if (rc != SCARD_S_SUCCESS) {
        mem_free(*ret);
        *ret = NULL;
        return rc;
    }
    reverse_bytes(*ret, width);
    *ret_len = width;
    return rc;
}

/* ---- CardRSADecrypt -------------------------------------------------------------------------- */

static int unpad_oaep(const BCRYPT_OAEP_PADDING_INFO *oaep, const BYTE *block, int len, BYTE *plain)
{
    const struct hash_kind *hash =
        oaep != NULL && oaep->pszAlgId != NULL ? hash_by_name(oaep->pszAlgId) : NULL;
    const EVP_MD *md = hash != NULL ? EVP_get_digestbyname(hash->md) : NULL;

    if (md == NULL)
        return -1;
    return RSA_padding_check_PKCS1_OAEP_mgf1(plain, len, block, len, len, oaep->pbLabel,
                                             (int)oaep->cbLabel, md, md);
}

static DWORD WINAPI unpad_data(PCARD_RSA_DECRYPT_INFO info, DWORD *ret_len, PBYTE *ret)
{
    BYTE block[BLOCK_MAX], plain[BLOCK_MAX];
    int len;

    asked++;
    if (info->dwVersion < CARD_RSA_KEY_DECRYPT_INFO_VERSION_TWO)
        return ERROR_REVISION_MISMATCH;
    if (info->cbData > sizeof(block))
        return SCARD_E_INVALID_PARAMETER;
    memcpy(block, info->pbData, info->cbData);
    reverse_bytes(block, info->cbData);
    len = info->dwPaddingType == CARD_PADDING_OAEP
              ? unpad_oaep(info->pPaddingInfo, block, (int)info->cbData, plain)
              : RSA_padding_check_PKCS1_type_2(plain, sizeof(plain), block, (int)info->cbData,
                                               (int)info->cbData);
    if (len < 0)
        return SCARD_E_INVALID_PARAMETER;
    *ret = mem_alloc((SIZE_T)len + 1);
    if (*ret == NULL)
        return SCARD_E_NO_MEMORY;
    reverse_bytes(plain, (size_t)len);
    memcpy(*ret, plain, (size_t)len);
    *ret_len = (DWORD)len;
    return SCARD_S_SUCCESS;
}

/* ---------------------------------------------------------------------------------------------- */

void lend_padding(struct bench *b)
{
    b->data.pfnCspPadData = pad_data;
    if (b->data.dwVersion >= 7)
        b->data.pfnCspUnpadData = unpad_data;
}

unsigned padding_asked(void)
{
    return asked;
}

bool padding_declared(const struct bench *b, DWORD type)
{
    return (b->run->config->paddings & 1u << type) != 0;
}
