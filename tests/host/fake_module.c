/* SPDX-License-Identifier: MIT */
/*
 * A minidriver whose card is an array in memory: enough of the interface for the host, with calls
 * that fail or answer nonsense when a test says so. It pads and unpads by the caller's callbacks.
 */
#include "tests/host/fake_internal.h"

#include "base/bytes.h"
#include "base/wstr.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#define RSA_BITS 1024u

#define card fake_state

struct fake_card fake_state;

EXPORT struct fake_card *fake_card(void)
{
    return &card;
}

EXPORT void fake_card_clear(void)
{
    for (size_t i = 0; i < FAKE_FILES; i++)
        free(card.files[i].data);
    for (size_t i = 0; i < FAKE_CONTAINERS; i++) {
        EVP_PKEY_free(card.sig[i]);
        EVP_PKEY_free(card.kx[i]);
    }
    memset(&card, 0, sizeof card);
    card.version = 7;
    card.cache_mode = CP_CACHE_MODE_GLOBAL_CACHE;
    fake_auth_clear();
}

static bool answers_challenge(enum fake_call call)
{
    return call == FAKE_AUTHENTICATE_CHALLENGE || call == FAKE_CHANGE_AUTHENTICATOR ||
           call == FAKE_UNBLOCK_PIN;
}

bool fake_faulty(enum fake_call call)
{
    card.calls[call]++;
    card.challenged = card.challenged && answers_challenge(call);
    if (card.fault.rc == 0 || card.fault.call != call || card.fault.after)
        return false;
    if (card.fault.skip > 0) {
        card.fault.skip--;
        return false;
    }
    return true;
}

DWORD fake_fault(void)
{
    DWORD rc = card.fault.rc;

    card.fault.rc = 0;
    return rc;
}

DWORD fake_finish(enum fake_call call)
{
    if (card.fault.rc != 0 && card.fault.call == call && card.fault.after) {
        if (card.fault.skip == 0)
            return fake_fault();
        card.fault.skip--;
    }
    return SCARD_S_SUCCESS;
}

DWORD fake_hand_out(PCARD_DATA data, enum fake_call call, const void *bytes, size_t len,
                    PBYTE *ret, PDWORD ret_len)
{
    bool tricked = card.trick != FAKE_HONEST && card.trick_call == call;

    *ret = data->pfnCspAlloc(len != 0 ? len : 1);
    if (*ret == NULL)
        return SCARD_E_NO_MEMORY;
    if (len != 0)
        memcpy(*ret, bytes, len);
    *ret_len = (DWORD)len;
    if (tricked && card.trick == FAKE_NULL_OUTPUT) {
        data->pfnCspFree(*ret);
        *ret = NULL;
    }
    if (tricked && card.trick == FAKE_HUGE_LENGTH)
        *ret_len = 0xFFFFFFF0u;
    if (tricked && card.trick == FAKE_TOO_LONG)
        *ret_len += 1;
    if (tricked && card.trick == FAKE_NO_END && len != 0)
        (*ret)[len - 1] = (*ret)[len - 2] = 'x';
    return SCARD_S_SUCCESS;
}

/* ---- files --------------------------------------------------------------------------------- */

EXPORT struct fake_file *fake_find(const char *dir, const char *name)
{
    for (size_t i = 0; i < FAKE_FILES; i++) {
        struct fake_file *file = &card.files[i];

        if (file->used && strcmp(file->dir, dir) == 0 && strcmp(file->name, name) == 0)
            return file;
    }
    return NULL;
}

static struct fake_file *new_file(const char *dir, const char *name)
{
    for (size_t i = 0; i < FAKE_FILES; i++) {
        struct fake_file *file = &card.files[i];

        if (file->used)
            continue;
        free(file->data); /* of a file that a test took away */
        memset(file, 0, sizeof *file);
        file->used = true;
        strncpy(file->dir, dir, sizeof file->dir - 1);
        strncpy(file->name, name, sizeof file->name - 1);
        return file;
    }
    return NULL;
}

static void set_content(struct fake_file *file, const void *bytes, size_t len)
{
    free(file->data);
    file->data = malloc(len != 0 ? len : 1);
    if (len != 0)
        memcpy(file->data, bytes, len);
    file->len = len;
}

EXPORT void fake_set_file(const char *dir, const char *name, const void *bytes, size_t len)
{
    struct fake_file *file = fake_find(dir, name);

    if (dir[0] != '\0' && fake_find("", dir) == NULL)
        new_file("", dir)->directory = true;
    if (file == NULL)
        file = new_file(dir, name);
    file->access = EveryoneReadUserWriteAc;
    set_content(file, bytes, len);
}

static const char *dir_of(const char *dir)
{
    return dir != NULL ? dir : "";
}

static DWORD lookup(const char *dir, const char *name, struct fake_file **ret)
{
    const struct fake_file *at = dir != NULL ? fake_find("", dir) : NULL;

    if (dir != NULL && (at == NULL || !at->directory))
        return SCARD_E_DIR_NOT_FOUND;
    *ret = fake_find(dir_of(dir), name);
    return *ret != NULL && !(*ret)->directory ? SCARD_S_SUCCESS : SCARD_E_FILE_NOT_FOUND;
}

static bool may_write(const struct fake_file *file)
{
    bool admin_only = file->access == EveryoneReadAdminWriteAc ||
                      file->access == AdminReadWriteAc;

    return card.admin || (card.user && !admin_only);
}

static bool may_read(const struct fake_file *file)
{
    switch (file->access) {
    case UserReadWriteAc:
        return card.user || card.admin;
    case AdminReadWriteAc:
        return card.admin;
    case UserWriteExecuteAc:
        return false;
    default:
        return true;
    }
}

static DWORD WINAPI read_file(PCARD_DATA data, LPSTR dir, LPSTR name, DWORD flags, PBYTE *ret,
                              PDWORD len)
{
    WCHAR tag[] = CM_WSTR("fake file 12345678");
    struct fake_file *file = NULL;
    DWORD rc;

    FAULT(FAKE_READ_FILE);
    (void)flags;
    for (size_t i = 0; i < 8; i++)
        tag[10 + i] = i < strlen(name) ? (WCHAR)name[i] : ' ';
    if (card.uses_cache &&
        data->pfnCspCacheLookupFile(data->pvCacheContext, tag, 0, ret, len) == SCARD_S_SUCCESS) {
        card.calls[FAKE_READ_FILE]--; /* counted: what reaches the card */
        return SCARD_S_SUCCESS;
    }
    rc = lookup(dir, name, &file);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (!may_read(file))
        return SCARD_W_SECURITY_VIOLATION;
    if (card.uses_cache && strcmp(name, "cardcf") != 0)
        data->pfnCspCacheAddFile(data->pvCacheContext, tag, 0, file->data, (DWORD)file->len);
    return fake_hand_out(data, FAKE_READ_FILE, file->data, file->len, ret, len);
}

static DWORD WINAPI write_file(PCARD_DATA data, LPSTR dir, LPSTR name, DWORD flags, PBYTE bytes,
                               DWORD len)
{
    struct fake_file *file = NULL;
    DWORD rc;

    FAULT(FAKE_WRITE_FILE);
    (void)data;
    (void)flags;
    rc = lookup(dir, name, &file);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (!may_write(file))
        return SCARD_W_SECURITY_VIOLATION;
    set_content(file, bytes, len);
    return fake_finish(FAKE_WRITE_FILE);
}

static DWORD WINAPI create_file(PCARD_DATA data, LPSTR dir, LPSTR name, DWORD size,
                                CARD_FILE_ACCESS_CONDITION access)
{
    struct fake_file *file = NULL;
    DWORD rc;

    FAULT(FAKE_CREATE_FILE);
    (void)data;
    (void)size;
    rc = lookup(dir, name, &file);
    if (rc == SCARD_S_SUCCESS)
        return ERROR_FILE_EXISTS;
    if (rc != SCARD_E_FILE_NOT_FOUND)
        return rc;
    if (!card.user && !card.admin)
        return SCARD_W_SECURITY_VIOLATION;
    file = new_file(dir_of(dir), name);
    if (file == NULL)
        return SCARD_E_NO_MEMORY;
    file->access = access;
    set_content(file, NULL, 0);
    return fake_finish(FAKE_CREATE_FILE);
}

static DWORD WINAPI create_directory(PCARD_DATA data, LPSTR dir,
                                     CARD_DIRECTORY_ACCESS_CONDITION access)
{
    FAULT(FAKE_CREATE_DIRECTORY);
    (void)data;
    (void)access;
    if (!card.user && !card.admin)
        return SCARD_W_SECURITY_VIOLATION;
    if (fake_find("", dir) != NULL)
        return ERROR_FILE_EXISTS;
    new_file("", dir)->directory = true;
    return SCARD_S_SUCCESS;
}

static DWORD WINAPI delete_file(PCARD_DATA data, LPSTR dir, LPSTR name, DWORD flags)
{
    struct fake_file *file = NULL;
    DWORD rc;

    FAULT(FAKE_DELETE_FILE);
    (void)data;
    (void)flags;
    rc = lookup(dir, name, &file);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (!may_write(file))
        return SCARD_W_SECURITY_VIOLATION;
    free(file->data);
    memset(file, 0, sizeof *file);
    return SCARD_S_SUCCESS;
}

static DWORD WINAPI enum_files(PCARD_DATA data, LPSTR dir, LPSTR *ret, LPDWORD ret_len,
                               DWORD flags)
{
    char names[FAKE_FILES * 9 + 1];
    PBYTE block = NULL;
    size_t len = 0;
    DWORD rc;

    FAULT(FAKE_ENUM_FILES);
    (void)flags;
    for (size_t i = 0; i < FAKE_FILES; i++) {
        const struct fake_file *file = &card.files[i];

        if (!file->used || file->directory || strcmp(file->dir, dir_of(dir)) != 0)
            continue;
        memcpy(names + len, file->name, strlen(file->name) + 1);
        len += strlen(file->name) + 1;
    }
    if (len == 0)
        return SCARD_E_DIR_NOT_FOUND;
    names[len++] = '\0';
    rc = fake_hand_out(data, FAKE_ENUM_FILES, names, len, &block, ret_len);
    *ret = (LPSTR)block;
    return rc;
}

static DWORD WINAPI get_file_info(PCARD_DATA data, LPSTR dir, LPSTR name, PCARD_FILE_INFO info)
{
    struct fake_file *file = NULL;
    DWORD rc;

    FAULT(FAKE_GET_FILE_INFO);
    (void)data;
    if (info->dwVersion > CARD_FILE_INFO_CURRENT_VERSION)
        return ERROR_REVISION_MISMATCH;
    rc = lookup(dir, name, &file);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (!may_read(file))
        return SCARD_W_SECURITY_VIOLATION;
    info->cbFileSize = (DWORD)file->len;
    info->AccessCondition = (CARD_FILE_ACCESS_CONDITION)file->access;
    return SCARD_S_SUCCESS;
}

/* ---- containers ---------------------------------------------------------------------------- */

static DWORD WINAPI create_container(PCARD_DATA data, BYTE index, DWORD flags, DWORD spec,
                                     DWORD bits, PBYTE key)
{
    bool exchange = spec == AT_KEYEXCHANGE || spec >= AT_ECDHE_P256;
    void **slot;

    FAULT(FAKE_CREATE_CONTAINER);
    (void)data;
    (void)key;
    if (flags != CARD_CREATE_CONTAINER_KEY_GEN)
        return SCARD_E_INVALID_PARAMETER;
    if (index >= FAKE_CONTAINERS)
        return SCARD_E_NO_KEY_CONTAINER;
    if (!card.user)
        return SCARD_W_SECURITY_VIOLATION;
    if (!card.elliptic && bits != RSA_BITS)
        return SCARD_E_UNSUPPORTED_FEATURE;
    slot = exchange ? &card.kx[index] : &card.sig[index];
    EVP_PKEY_free(*slot);
    *slot = card.elliptic ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256")
                          : EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)RSA_BITS);
    return fake_finish(FAKE_CREATE_CONTAINER);
}

static DWORD WINAPI delete_container(PCARD_DATA data, BYTE index, DWORD reserved)
{
    FAULT(FAKE_DELETE_CONTAINER);
    (void)data;
    (void)reserved;
    if (!card.user && !card.admin)
        return SCARD_W_SECURITY_VIOLATION;
    if (index < FAKE_CONTAINERS) {
        EVP_PKEY_free(card.sig[index]);
        EVP_PKEY_free(card.kx[index]);
        card.sig[index] = card.kx[index] = NULL;
    }
    return SCARD_S_SUCCESS;
}

static size_t rsa_blob(EVP_PKEY *key, bool exchange, BYTE *ret, size_t cap)
{
    struct wr w = wr_init(ret, cap);
    BIGNUM *n = NULL;
    BYTE modulus[RSA_BITS / 8];

    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n);
    BN_bn2lebinpad(n, modulus, sizeof modulus);
    BN_free(n);
    wr_u8(&w, PUBLICKEYBLOB);
    wr_u8(&w, CUR_BLOB_VERSION);
    wr_u16le(&w, 0);
    wr_u32le(&w, exchange ? CALG_RSA_KEYX : CALG_RSA_SIGN);
    wr_u32le(&w, 0x31415352);
    wr_u32le(&w, RSA_BITS);
    wr_u32le(&w, 65537);
    wr_bytes(&w, modulus, sizeof modulus);
    return wr_len(&w);
}

static size_t ec_blob(EVP_PKEY *key, bool exchange, BYTE *ret, size_t cap)
{
    struct wr w = wr_init(ret, cap);
    BYTE point[65];
    size_t len = 0;

    EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point, &len);
    wr_u32le(&w, exchange ? BCRYPT_ECDH_PUBLIC_P256_MAGIC : BCRYPT_ECDSA_PUBLIC_P256_MAGIC);
    wr_u32le(&w, 32);
    wr_bytes(&w, point + 1, 64);
    return wr_len(&w);
}

static DWORD hand_out_key(PCARD_DATA data, EVP_PKEY *key, bool exchange, PBYTE *ret, PDWORD len)
{
    BYTE blob[512];
    size_t blob_len;

    *ret = NULL;
    *len = 0;
    if (key == NULL)
        return SCARD_S_SUCCESS;
    blob_len = EVP_PKEY_is_a(key, "EC") ? ec_blob(key, exchange, blob, sizeof blob)
                                        : rsa_blob(key, exchange, blob, sizeof blob);
    return fake_hand_out(data, FAKE_GET_CONTAINER_INFO, blob, blob_len, ret, len);
}

static DWORD WINAPI get_container_info(PCARD_DATA data, BYTE index, DWORD flags,
                                       PCONTAINER_INFO info)
{
    DWORD rc;

    FAULT(FAKE_GET_CONTAINER_INFO);
    (void)flags;
    if (index >= FAKE_CONTAINERS || (card.sig[index] == NULL && card.kx[index] == NULL))
        return SCARD_E_NO_KEY_CONTAINER;
    rc = hand_out_key(data, card.sig[index], false, &info->pbSigPublicKey, &info->cbSigPublicKey);
    if (rc == SCARD_S_SUCCESS)
        rc = hand_out_key(data, card.kx[index], true, &info->pbKeyExPublicKey,
                          &info->cbKeyExPublicKey);
    return rc;
}

/* ---- cryptography -------------------------------------------------------------------------- */

/* The bare RSA operation on a little-endian block. */
static bool raw_rsa(EVP_PKEY *key, const BYTE *in, BYTE *out, size_t len)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    BYTE block[RSA_BITS / 8];
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
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    BYTE der[80], raw[64];
    const BYTE *at = der;
    size_t len = sizeof der;
    ECDSA_SIG *sig;

    EVP_PKEY_sign_init(ctx);
    EVP_PKEY_sign(ctx, der, &len, info->pbData, info->cbData);
    EVP_PKEY_CTX_free(ctx);
    sig = d2i_ECDSA_SIG(NULL, &at, (long)len);
    BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + 32, 32);
    ECDSA_SIG_free(sig);
    return fake_hand_out(data, FAKE_SIGN_DATA, raw, sizeof raw, &info->pbSignedData,
                    &info->cbSignedData);
}

static DWORD WINAPI sign_data(PCARD_DATA data, PCARD_SIGNING_INFO info)
{
    bool exchange = info->dwKeySpec == AT_KEYEXCHANGE || info->dwKeySpec >= AT_ECDHE_P256;
    BYTE out[RSA_BITS / 8];
    EVP_PKEY *key;
    PBYTE block = NULL;
    DWORD len = 0, rc;

    FAULT(FAKE_SIGN_DATA);
    if (info->bContainerIndex >= FAKE_CONTAINERS)
        return SCARD_E_NO_KEY_CONTAINER;
    key = exchange ? card.kx[info->bContainerIndex] : card.sig[info->bContainerIndex];
    if (key == NULL)
        return SCARD_E_NO_KEY_CONTAINER;
    if (EVP_PKEY_is_a(key, "EC") != (info->dwKeySpec > AT_SIGNATURE))
        return SCARD_E_INVALID_PARAMETER;
    if (!card.user)
        return SCARD_W_SECURITY_VIOLATION;
    if (EVP_PKEY_is_a(key, "EC"))
        return sign_ec(data, key, info);
    rc = data->pfnCspPadData(info, sizeof out, &len, &block);
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
    EVP_PKEY *key = info->bContainerIndex < FAKE_CONTAINERS ? card.kx[info->bContainerIndex] : NULL;
    BYTE out[RSA_BITS / 8];
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

/* ---- what it tells ------------------------------------------------------------------------- */

static DWORD WINAPI query_capabilities(PCARD_DATA data, PCARD_CAPABILITIES able)
{
    FAULT(FAKE_QUERY_CAPABILITIES);
    (void)data;
    able->fCertificateCompression = card.compresses;
    able->fKeyGen = TRUE;
    return SCARD_S_SUCCESS;
}

static DWORD WINAPI query_free_space(PCARD_DATA data, DWORD flags, PCARD_FREE_SPACE_INFO space)
{
    FAULT(FAKE_QUERY_FREE_SPACE);
    (void)data;
    (void)flags;
    space->dwBytesAvailable = 4096;
    space->dwKeyContainersAvailable = CARD_DATA_VALUE_UNKNOWN;
    space->dwMaxKeyContainers = FAKE_CONTAINERS;
    return SCARD_S_SUCCESS;
}

static DWORD WINAPI query_key_sizes(PCARD_DATA data, DWORD spec, DWORD flags, PCARD_KEY_SIZES sizes)
{
    FAULT(FAKE_QUERY_KEY_SIZES);
    (void)data;
    (void)spec;
    (void)flags;
    sizes->dwMinimumBitlen = sizes->dwDefaultBitlen = sizes->dwMaximumBitlen = RSA_BITS;
    sizes->dwIncrementalBitlen = 1;
    return SCARD_S_SUCCESS;
}

static DWORD WINAPI get_property(PCARD_DATA data, LPCWSTR name, PBYTE ret, DWORD cap, PDWORD len,
                                 DWORD flags)
{
    DWORD value = 0;

    FAULT(FAKE_GET_PROPERTY);
    (void)data;
    if (wstr_equal(name, CP_CARD_PIN_INFO))
        return fake_pin_info(flags, ret, cap, len);
    if (wstr_equal(name, CP_CARD_READ_ONLY))
        value = card.read_only;
    else if (wstr_equal(name, CP_CARD_CACHE_MODE))
        value = card.cache_mode;
    else if (wstr_equal(name, CP_CARD_LIST_PINS))
        value = 0x06;
    else
        return SCARD_E_UNSUPPORTED_FEATURE;
    if (cap < sizeof value)
        return ERROR_INSUFFICIENT_BUFFER;
    memcpy(ret, &value, sizeof value);
    *len = sizeof value;
    return SCARD_S_SUCCESS;
}

static DWORD WINAPI delete_context(PCARD_DATA data)
{
    card.calls[FAKE_DELETE_CONTEXT]++;
    card.contexts--;
    data->pvVendorSpecific = NULL;
    return SCARD_S_SUCCESS;
}

/* ---- the context --------------------------------------------------------------------------- */

/* Slots the host never calls. */
static void fill(PCARD_DATA data, size_t from, size_t to)
{
    DWORD(WINAPI * any)(PCARD_DATA) = delete_context;

    for (size_t at = from; at < to; at += sizeof any) {
        if (at != offsetof(CARD_DATA, pfnCspGetDHAgreement) &&
            at != offsetof(CARD_DATA, pfnCspUnpadData))
            memcpy((BYTE *)data + at, &any, sizeof any);
    }
}

static size_t slots_end(DWORD version)
{
    switch (version) {
    case 4:
        return offsetof(CARD_DATA, pfnCardDeriveKey);
    case 5:
        return offsetof(CARD_DATA, pfnCardGetChallengeEx);
    case 6:
        return offsetof(CARD_DATA, pfnCspUnpadData);
    default:
        return sizeof(CARD_DATA);
    }
}

static void fill_slots(PCARD_DATA data)
{
    fill(data, offsetof(CARD_DATA, pfnCardDeleteContext), slots_end(data->dwVersion));
    data->pvUnused3 = data->pvUnused4 = NULL;
    data->pfnCardQueryCapabilities = query_capabilities;
    data->pfnCardDeleteContainer = delete_container;
    data->pfnCardCreateContainer = create_container;
    data->pfnCardGetContainerInfo = get_container_info;
    data->pfnCardCreateDirectory = create_directory;
    data->pfnCardCreateFile = create_file;
    data->pfnCardReadFile = read_file;
    data->pfnCardWriteFile = write_file;
    data->pfnCardDeleteFile = delete_file;
    data->pfnCardEnumFiles = enum_files;
    data->pfnCardGetFileInfo = get_file_info;
    data->pfnCardQueryFreeSpace = query_free_space;
    data->pfnCardQueryKeySizes = query_key_sizes;
    data->pfnCardSignData = sign_data;
    data->pfnCardRSADecrypt = rsa_decrypt;
    fake_auth_fill(data);
    if (data->dwVersion >= 6) {
        data->pfnCardGetProperty = get_property;
    }
}

EXPORT DWORD WINAPI CardAcquireContext(PCARD_DATA data, DWORD flags)
{
    FAULT(FAKE_ACQUIRE);
    (void)flags;
    if (data->dwVersion < 4)
        return ERROR_REVISION_MISMATCH;
    if (data->dwVersion > card.version)
        data->dwVersion = card.version;
    data->pvVendorSpecific = &card;
    fill_slots(data);
    card.contexts++;
    if (card.null_slot != 0)
        memset((BYTE *)data + card.null_slot - 1, 0, sizeof(void *));
    if (card.answer_version != 0)
        data->dwVersion = card.answer_version;
    return SCARD_S_SUCCESS;
}
