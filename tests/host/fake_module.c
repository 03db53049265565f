/* SPDX-License-Identifier: MIT */
/*
 * A minidriver whose card is an array in memory: enough of the interface for the host, with calls
 * that fail or answer nonsense when a test says so. Its keys: fake_keys.c; its PINs: fake_auth.c.
 */
#include "tests/host/fake_internal.h"

#include "base/wstr.h"

#include <stdlib.h>
#include <string.h>

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
    fake_keys_clear();
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
    space->dwKeyContainersAvailable = card.tells_free ? fake_free_containers()
                                                      : CARD_DATA_VALUE_UNKNOWN;
    space->dwMaxKeyContainers = FAKE_CONTAINERS;
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
    data->pfnCardCreateDirectory = create_directory;
    data->pfnCardCreateFile = create_file;
    data->pfnCardReadFile = read_file;
    data->pfnCardWriteFile = write_file;
    data->pfnCardDeleteFile = delete_file;
    data->pfnCardEnumFiles = enum_files;
    data->pfnCardGetFileInfo = get_file_info;
    data->pfnCardQueryFreeSpace = query_free_space;
    fake_auth_fill(data);
    fake_keys_fill(data);
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
