/* SPDX-License-Identifier: MIT */
/* Signing and decrypting. The interface's RSA numbers are little-endian, the world's big-endian. */
#include "host/host_internal.h"

#include "base/bytes.h"
#include "base/secret.h"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <stdlib.h>
#include <string.h>

#define SIGN_MOST 2048u /* bytes: the modulus of the longest RSA key */
#define EC_MOST   66u   /* bytes: a number of P-521 */

/* ---- sign ---------------------------------------------------------------------------------- */

/* r || s of equal length as the DER that everybody expects of an ECDSA signature. */
static DWORD ecdsa_to_der(const BYTE *raw, size_t len, BYTE **ret, size_t *ret_len)
{
    ECDSA_SIG *sig = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, (int)(len / 2), NULL);
    BIGNUM *s = BN_bin2bn(raw + len / 2, (int)(len / 2), NULL);
    unsigned char *der = NULL;
    int der_len = 0;
    DWORD rc = NTE_FAIL;

    if (sig != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(sig, r, s) == 1) {
        r = s = NULL; /* the signature's now */
        der_len = i2d_ECDSA_SIG(sig, &der);
    }
    if (der_len > 0) {
        *ret = host_copy(der, (size_t)der_len);
        *ret_len = (size_t)der_len;
        rc = *ret != NULL ? SCARD_S_SUCCESS : ERROR_NOT_ENOUGH_MEMORY;
    }
    OPENSSL_free(der);
    ECDSA_SIG_free(sig);
    BN_free(r);
    BN_free(s);
    return rc;
}

static DWORD take_signature(const struct key_ref *key, const CARD_SIGNING_INFO *info, BYTE **ret,
                            size_t *ret_len)
{
    size_t unit = (key->bits + 7u) / 8, len = key->rsa ? unit : 2 * unit;
    BYTE *copy;

    if (info->cbSignedData != len || !csp_holds(info->pbSignedData, len))
        return SCARD_E_UNEXPECTED;
    if (!key->rsa)
        return ecdsa_to_der(info->pbSignedData, len, ret, ret_len);
    copy = host_copy(info->pbSignedData, len);
    if (copy == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    bytes_reverse(copy, len);
    *ret = copy;
    *ret_len = len;
    return SCARD_S_SUCCESS;
}

/* What is signed, and how; `data` is a copy, because the interface is not const. */
struct to_sign {
    const struct host_sign_how *how;
    const struct hash_alg *hash; /* NULL: none is named */
    BYTE *data;
    size_t len;
};

/* RSA paddings beyond PKCS#1 need the second form of the structure. */
static void choose_padding(const struct to_sign *what, BCRYPT_PSS_PADDING_INFO *pss,
                           CARD_SIGNING_INFO *info)
{
    if (what->how->kind == HOST_SIGN_PKCS1) {
        info->aiHashAlg = what->hash != NULL ? what->hash->id : 0;
        return;
    }
    info->dwVersion = CARD_SIGNING_INFO_CURRENT_VERSION;
    info->dwSigningFlags = CARD_PADDING_INFO_PRESENT;
    info->dwPaddingType = CARD_PADDING_NONE;
    if (what->how->kind == HOST_SIGN_PSS) {
        info->dwPaddingType = CARD_PADDING_PSS;
        info->pPaddingInfo = pss;
        pss->pszAlgId = what->hash->cng;
        pss->cbSalt = what->how->salt_len == HOST_SALT_AS_HASH ? what->hash->len
                                                               : what->how->salt_len;
    }
}

/* Could such a signature be made with a modulus of `width` bytes? Before a card is asked. */
static bool fits(const struct to_sign *what, size_t width)
{
    size_t salt = what->how->salt_len;

    switch (what->how->kind) {
    case HOST_SIGN_PKCS1:
        return what->len != 0 &&
               what->len + (what->hash != NULL ? what->hash->prefix_len : 0u) + 11 <= width;
    case HOST_SIGN_PSS:
        salt = salt == HOST_SALT_AS_HASH ? what->hash->len : salt;
        return salt <= width && what->len + salt + 2 <= width;
    default:
        return what->len == width;
    }
}

static DWORD sign(struct host *host, const struct key_ref *key, const struct to_sign *what,
                  BYTE **ret_sig, size_t *ret_len)
{
    BCRYPT_PSS_PADDING_INFO pss = { 0 };
    CARD_SIGNING_INFO info = {
        .dwVersion = CARD_SIGNING_INFO_BASIC_VERSION,
        .bContainerIndex = key->index,
        .dwKeySpec = key->spec,
        .pbData = what->data,
        .cbData = (DWORD)what->len,
    };
    DWORD rc;

    if (key->rsa && !fits(what, (key->bits + 7u) / 8))
        return SCARD_E_INVALID_PARAMETER;
    if (key->rsa)
        choose_padding(what, &pss, &info);
    else
        info.aiHashAlg = what->hash != NULL ? what->hash->id : 0;
    rc = card_result(host, host->data.pfnCardSignData(&host->data, &info));
    if (rc == ERROR_REVISION_MISMATCH && info.dwVersion != CARD_SIGNING_INFO_BASIC_VERSION)
        return SCARD_E_UNSUPPORTED_FEATURE; /* an older module */
    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = take_signature(key, &info, ret_sig, ret_len);
    csp_free(info.pbSignedData);
    return rc;
}

/* The module may mean that the container map was wrong about the key. */
static bool blames_key(DWORD rc)
{
    return rc == SCARD_E_INVALID_PARAMETER || rc == SCARD_E_NO_KEY_CONTAINER ||
           rc == SCARD_E_UNEXPECTED || rc == SCARD_E_INSUFFICIENT_BUFFER;
}

static DWORD find_and_sign(struct host *host, const char *container, DWORD spec,
                           const struct to_sign *what, BYTE **ret_sig, size_t *ret_len)
{
    struct key_ref key;
    DWORD rc = key_find(host, container, spec, &key);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = sign(host, &key, what, ret_sig, ret_len);
    if (blames_key(rc) && key_correct(host, spec, &key))
        rc = sign(host, &key, what, ret_sig, ret_len);
    return rc;
}

/* What can be said without the card. *ret points to the caller's how and data. */
static DWORD take(const struct host_sign_how *how, const BYTE *data, size_t len,
                  struct to_sign *ret)
{
    const struct hash_alg *hash;

    if (how == NULL || data == NULL || how->kind > HOST_SIGN_RAW || len > SIGN_MOST)
        return SCARD_E_INVALID_PARAMETER;
    hash = how->hash != 0 ? hash_by_id(how->hash) : NULL;
    if ((how->hash != 0 && hash == NULL) ||
        (how->kind == HOST_SIGN_PSS && (hash == NULL || hash->cng == NULL)))
        return NTE_BAD_ALGID;
    if (how->kind != HOST_SIGN_RAW && hash != NULL && len != hash->len)
        return NTE_BAD_HASH;
    *ret = (struct to_sign){ how, hash, NULL, len };
    return SCARD_S_SUCCESS;
}

/* RSA computes with numbers below the modulus. */
static DWORD check_number(struct host *host, const struct key_ref *key, const BYTE *data)
{
    struct public_key public;
    BYTE *blob = NULL;
    size_t len = 0;
    DWORD rc = key_blob(host, key, &blob, &len);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (!public_key_parse(blob, len, &public) || public.curve != NULL) {
        rc = SCARD_E_UNEXPECTED;
    } else {
        bytes_reverse(blob + (public.number - blob), public.number_len);
        if (memcmp(data, public.number, public.number_len) >= 0)
            rc = NTE_BAD_DATA;
    }
    host_free(blob, len);
    return rc;
}

static DWORD find_and_check(struct host *host, const char *container, DWORD spec,
                            const struct to_sign *what, const BYTE *data)
{
    struct key_ref key;
    DWORD rc = key_find(host, container, spec, &key);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (key.rsa && !fits(what, (key.bits + 7u) / 8))
        (void)key_correct(host, spec, &key); /* the map may be wrong about its size */
    if (!key.rsa)
        return what->len != 0 && what->len <= EC_MOST ? rc : SCARD_E_INVALID_PARAMETER;
    if (!fits(what, (key.bits + 7u) / 8))
        return SCARD_E_INVALID_PARAMETER;
    return what->how->kind == HOST_SIGN_RAW ? check_number(host, &key, data) : rc;
}

DWORD host_sign_check(struct host *host, const char *container, DWORD spec,
                      const struct host_sign_how *how, const BYTE *data, size_t data_len)
{
    struct to_sign what;
    DWORD rc = take(how, data, data_len, &what);

    if (rc == SCARD_S_SUCCESS)
        rc = host_begin(host);
    if (rc == SCARD_S_SUCCESS) {
        rc = find_and_check(host, container, spec, &what, data);
        host_end(host);
    }
    return rc;
}

DWORD host_sign_how(struct host *host, const char *container, DWORD spec,
                    const struct host_sign_how *how, const BYTE *data, size_t data_len,
                    BYTE **ret_sig, size_t *ret_len)
{
    struct to_sign what;
    DWORD rc = take(how, data, data_len, &what);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    what.data = host_copy(data, data_len);
    if (what.data == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    rc = host_begin(host);
    if (rc == SCARD_S_SUCCESS) {
        rc = find_and_sign(host, container, spec, &what, ret_sig, ret_len);
        host_end(host);
    }
    host_free(what.data, data_len);
    return rc;
}

DWORD host_sign(struct host *host, const char *container, DWORD spec, ALG_ID alg,
                const BYTE *digest, size_t digest_len, BYTE **ret_sig, size_t *ret_len)
{
    const struct host_sign_how how = { HOST_SIGN_PKCS1, alg, 0 };

    if (hash_by_id(alg) == NULL)
        return NTE_BAD_ALGID;
    if (digest == NULL)
        return NTE_BAD_HASH;
    return host_sign_how(host, container, spec, &how, digest, digest_len, ret_sig, ret_len);
}

/* ---- decrypt ------------------------------------------------------------------------------- */

static const struct padding_row {
    enum host_padding padding;
    DWORD type;
    LPCWSTR hash; /* OAEP only */
} paddings[] = {
    { HOST_PAD_PKCS1, CARD_PADDING_PKCS1, NULL },
    { HOST_PAD_OAEP_SHA1, CARD_PADDING_OAEP, BCRYPT_SHA1_ALGORITHM },
    { HOST_PAD_OAEP_SHA256, CARD_PADDING_OAEP, BCRYPT_SHA256_ALGORITHM },
    { HOST_PAD_NONE, CARD_PADDING_NONE, NULL },
};

static const struct padding_row *padding_row(enum host_padding padding)
{
    for (size_t i = 0; i < sizeof paddings / sizeof paddings[0]; i++) {
        if (paddings[i].padding == padding)
            return &paddings[i];
    }
    return NULL;
}

/* The card's part, in place: block is big-endian. type: what the module is to remove. */
static DWORD call_decrypt(struct host *host, const struct key_ref *key,
                          const struct padding_row *row, DWORD type, BYTE *block, size_t *len)
{
    BCRYPT_OAEP_PADDING_INFO oaep = { .pszAlgId = row->hash };
    bool paddings_known = host->data.dwVersion >= CARD_DATA_VERSION_SEVEN;
    CARD_RSA_DECRYPT_INFO info = {
        .dwVersion = paddings_known ? CARD_RSA_KEY_DECRYPT_INFO_VERSION_TWO
                                    : CARD_RSA_KEY_DECRYPT_INFO_VERSION_ONE,
        .bContainerIndex = key->index,
        .dwKeySpec = key->spec,
        .pbData = block,
        .cbData = (DWORD)*len,
    };
    DWORD rc;

    if (paddings_known) {
        info.dwPaddingType = type;
        info.pPaddingInfo = type == CARD_PADDING_OAEP ? &oaep : NULL;
    }
    bytes_reverse(block, *len);
    rc = card_result(host, host->data.pfnCardRSADecrypt(&host->data, &info));
    if (rc != SCARD_S_SUCCESS)
        return rc;
    /* in place: a module that answers from a buffer of its own broke the interface */
    if (info.pbData != block || info.cbData > *len ||
        (type == CARD_PADDING_NONE && info.cbData != *len))
        return SCARD_E_UNEXPECTED;
    *len = info.cbData;
    bytes_reverse(block, *len);
    return SCARD_S_SUCCESS;
}

static DWORD unpad_here(const struct padding_row *row, BYTE *block, size_t *len)
{
    bool ok = true;

    if (row->type == CARD_PADDING_PKCS1)
        ok = unpad_pkcs1(block, *len, len);
    else if (row->type == CARD_PADDING_OAEP)
        ok = unpad_oaep(hash_by_cng(row->hash), NULL, 0, block, *len, len);
    return ok ? SCARD_S_SUCCESS : NTE_BAD_DATA;
}

/* Version 7 removes the padding below the interface, if it can; all others give the raw block. */
static DWORD decrypt(struct host *host, const struct key_ref *key, const struct padding_row *row,
                     const BYTE *in, BYTE *block, size_t *len)
{
    size_t block_len = *len;
    DWORD rc;

    memcpy(block, in, block_len);
    if (host->data.dwVersion >= CARD_DATA_VERSION_SEVEN) {
        rc = call_decrypt(host, key, row, row->type, block, len);
        /* one answer for a wrong padding, however the module says it */
        if (rc == SCARD_F_INTERNAL_ERROR && row->type != CARD_PADDING_NONE)
            rc = NTE_BAD_DATA;
        if (rc != SCARD_E_UNSUPPORTED_FEATURE || row->type == CARD_PADDING_NONE)
            return rc;
        memcpy(block, in, block_len);
        *len = block_len;
    }
    rc = call_decrypt(host, key, row, CARD_PADDING_NONE, block, len);
    return rc == SCARD_S_SUCCESS ? unpad_here(row, block, len) : rc;
}

static DWORD find_and_decrypt(struct host *host, const char *container,
                              const struct padding_row *row, const BYTE *in, size_t in_len,
                              BYTE **ret_plain, size_t *ret_len)
{
    struct key_ref key;
    BYTE *block;
    size_t len = in_len;
    DWORD rc = key_find(host, container, 0, &key);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (in_len != (key.bits + 7u) / 8)
        (void)key_correct(host, 0, &key); /* the map may be wrong about its size */
    if (!key.rsa || host->data.pfnCardRSADecrypt == NULL)
        return SCARD_E_UNSUPPORTED_FEATURE;
    if (in_len != (key.bits + 7u) / 8)
        return SCARD_E_INSUFFICIENT_BUFFER;
    block = malloc(in_len);
    if (block == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    rc = decrypt(host, &key, row, in, block, &len);
    if (rc != SCARD_S_SUCCESS) {
        host_free(block, in_len);
        return rc;
    }
    wipe(block + len, in_len - len); /* host_free wipes only what the caller knows of */
    *ret_plain = block;
    *ret_len = len;
    return SCARD_S_SUCCESS;
}

DWORD host_decrypt(struct host *host, const char *container, enum host_padding padding,
                   const BYTE *in, size_t in_len, BYTE **ret_plain, size_t *ret_len)
{
    const struct padding_row *row = padding_row(padding);
    DWORD rc;

    if (row == NULL || in == NULL)
        return SCARD_E_INVALID_PARAMETER;
    rc = host_begin(host);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = find_and_decrypt(host, container, row, in, in_len, ret_plain, ret_len);
    host_end(host);
    return rc;
}
