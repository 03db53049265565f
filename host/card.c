/* SPDX-License-Identifier: MIT */
/*
 * Calls of the module, with what it answers looked at before anybody uses it: pointers that were
 * promised, sizes its blocks really have, names that end.
 */
#include "host/host_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MOST 65536u /* bytes of a file or of a list of files */
#define BLOB_MOST 8192u  /* bytes of a public key */

/* The interface has no const; the module does not write to what it is to write on the card. */
static PBYTE not_const(const BYTE *data)
{
    return (PBYTE)(uintptr_t)data;
}

static LPSTR dir_of(struct card_path *path)
{
    return path->dir[0] != '\0' ? path->dir : NULL;
}

struct card_path card_path(const char *dir, const char *name)
{
    struct card_path path;

    snprintf(path.dir, sizeof path.dir, "%s", dir);
    snprintf(path.name, sizeof path.name, "%s", name);
    return path;
}

DWORD card_result(struct host *host, DWORD rc)
{
    if (rc == SCARD_W_RESET_CARD)
        host->was_reset = true;
    if (card_is_gone(rc))
        host->spent = true;
    return rc;
}

bool card_is_gone(DWORD rc)
{
    switch (rc) {
    case SCARD_W_RESET_CARD:
    case SCARD_W_REMOVED_CARD:
    case SCARD_W_UNPOWERED_CARD:
    case SCARD_W_UNRESPONSIVE_CARD:
    case SCARD_E_NO_SMARTCARD:
    case SCARD_E_READER_UNAVAILABLE:
    case SCARD_E_INVALID_HANDLE:
    case SCARD_E_NO_SERVICE:
    case SCARD_E_SERVICE_STOPPED:
    case SCARD_F_COMM_ERROR:
        return true;
    default:
        return false;
    }
}

/* Takes a block the module allocated: a copy for the caller, the block is freed. */
static DWORD take(BYTE *block, size_t len, size_t most, BYTE **ret, size_t *ret_len)
{
    BYTE *copy = NULL;
    DWORD rc = SCARD_S_SUCCESS;

    if (len > most || (len != 0 && !csp_holds(block, len)))
        rc = SCARD_E_UNEXPECTED;
    else if ((copy = host_copy(block, len)) == NULL)
        rc = ERROR_NOT_ENOUGH_MEMORY;
    csp_free(block);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    *ret = copy;
    *ret_len = len;
    return SCARD_S_SUCCESS;
}

/* ---- files --------------------------------------------------------------------------------- */

DWORD card_read(struct host *host, struct card_path path, BYTE **ret_data, size_t *ret_len)
{
    CARD_DATA *data = &host->data;
    BYTE *block = NULL;
    DWORD len = 0;
    DWORD rc = data->pfnCardReadFile(data, dir_of(&path), path.name, 0, &block, &len);

    if (card_result(host, rc) != SCARD_S_SUCCESS)
        return rc;
    return take(block, len, FILE_MOST, ret_data, ret_len);
}

DWORD card_write(struct host *host, struct card_path path, const BYTE *bytes, size_t len)
{
    static const BYTE nothing[1]; /* the interface wants a pointer even to no bytes */
    CARD_DATA *data = &host->data;

    if (len > FILE_MOST)
        return SCARD_E_WRITE_TOO_MANY;
    return card_result(host, data->pfnCardWriteFile(data, dir_of(&path), path.name, 0,
                                                    not_const(len != 0 ? bytes : nothing),
                                                    (DWORD)len));
}

DWORD card_create(struct host *host, struct card_path path, size_t len,
                  CARD_FILE_ACCESS_CONDITION access)
{
    CARD_DATA *data = &host->data;

    return card_result(host, data->pfnCardCreateFile(data, dir_of(&path), path.name, (DWORD)len,
                                                     access));
}

/* The two with a private reader came with version 6. */
static bool access_is_known(const struct host *host, CARD_FILE_ACCESS_CONDITION access)
{
    return (access >= EveryoneReadUserWriteAc && access <= EveryoneReadAdminWriteAc) ||
           ((access == UserReadWriteAc || access == AdminReadWriteAc) &&
            host->data.dwVersion >= CARD_DATA_VERSION_SIX);
}

DWORD card_put(struct host *host, struct card_path path, const BYTE *bytes, size_t len,
               CARD_FILE_ACCESS_CONDITION access)
{
    DWORD rc = card_write(host, path, bytes, len);

    if (rc != SCARD_E_FILE_NOT_FOUND)
        return rc;
    rc = card_create(host, path, len, access);
    /* A size that the card cannot spare is an invalid parameter, by print; path and access are good
     * ones. */
    if (rc == SCARD_E_INVALID_PARAMETER && access_is_known(host, access))
        return SCARD_E_WRITE_TOO_MANY;
    if (rc != SCARD_S_SUCCESS || len == 0)
        return rc;
    rc = card_write(host, path, bytes, len);
    if (rc != SCARD_S_SUCCESS)
        (void)card_remove(host, path);
    return rc;
}

DWORD card_create_directory(struct host *host, const char *dir)
{
    struct card_path path = card_path(dir, "");
    CARD_DATA *data = &host->data;

    return card_result(host,
                       data->pfnCardCreateDirectory(data, path.dir, UserCreateDeleteDirAc));
}

DWORD card_remove(struct host *host, struct card_path path)
{
    CARD_DATA *data = &host->data;

    return card_result(host, data->pfnCardDeleteFile(data, dir_of(&path), path.name, 0));
}

DWORD card_file_info(struct host *host, struct card_path path, CARD_FILE_INFO *ret)
{
    CARD_DATA *data = &host->data;

    memset(ret, 0, sizeof *ret);
    ret->dwVersion = CARD_FILE_INFO_CURRENT_VERSION;
    return card_result(host, data->pfnCardGetFileInfo(data, dir_of(&path), path.name, ret));
}

DWORD card_list(struct host *host, const char *dir, char **ret_names, size_t *ret_len)
{
    struct card_path path = card_path(dir, "");
    CARD_DATA *data = &host->data;
    BYTE *names = NULL;
    LPSTR block = NULL;
    DWORD len = 0;
    DWORD rc = data->pfnCardEnumFiles(data, dir_of(&path), &block, &len, 0);

    if (card_result(host, rc) != SCARD_S_SUCCESS)
        return rc;
    rc = take((BYTE *)block, len, FILE_MOST, &names, ret_len);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (len != 0 && names[len - 1] != '\0') { /* a list without an end */
        host_free(names, len);
        return SCARD_E_UNEXPECTED;
    }
    *ret_names = (char *)names;
    return SCARD_S_SUCCESS;
}

/* ---- containers ---------------------------------------------------------------------------- */

static void keys_tag(BYTE index, bool exchange, WCHAR tag[16])
{
    static const WCHAR name[] = CM_WSTR("container 000");

    memcpy(tag, name, sizeof name);
    tag[0] = exchange ? 'C' : 'c';
    tag[10] = (WCHAR)('0' + index / 100);
    tag[11] = (WCHAR)('0' + index / 10 % 10);
    tag[12] = (WCHAR)('0' + index % 10);
}

static DWORD ask_keys(struct host *host, BYTE index, struct card_keys *ret)
{
    CONTAINER_INFO info = { .dwVersion = CONTAINER_INFO_CURRENT_VERSION };
    CARD_DATA *data = &host->data;
    DWORD rc = card_result(host, data->pfnCardGetContainerInfo(data, index, 0, &info)), kx_rc;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = take(info.pbSigPublicKey, info.cbSigPublicKey, BLOB_MOST, &ret->sig, &ret->sig_len);
    kx_rc = take(info.pbKeyExPublicKey, info.cbKeyExPublicKey, BLOB_MOST, &ret->kx, &ret->kx_len);
    if (rc != SCARD_S_SUCCESS || kx_rc != SCARD_S_SUCCESS) {
        card_keys_free(ret);
        return rc != SCARD_S_SUCCESS ? rc : kx_rc;
    }
    return SCARD_S_SUCCESS;
}

static bool cached_keys(struct host *host, BYTE index, struct card_keys *ret)
{
    const BYTE *sig, *kx;
    WCHAR tag[16];

    keys_tag(index, false, tag);
    if (!cache_get(&host->cache, CACHE_HOST, tag, &sig, &ret->sig_len))
        return false;
    keys_tag(index, true, tag);
    if (!cache_get(&host->cache, CACHE_HOST, tag, &kx, &ret->kx_len))
        return false;
    ret->sig = host_copy(sig, ret->sig_len);
    ret->kx = host_copy(kx, ret->kx_len);
    if (ret->sig != NULL && ret->kx != NULL)
        return true;
    card_keys_free(ret);
    return false;
}

DWORD card_keys(struct host *host, BYTE index, struct card_keys *ret)
{
    struct card_keys keys = { 0 };
    WCHAR tag[16];
    DWORD rc;

    if (!cached_keys(host, index, &keys)) {
        keys = (struct card_keys){ 0 };
        rc = ask_keys(host, index, &keys);
        if (rc != SCARD_S_SUCCESS)
            return rc;
        keys_tag(index, false, tag);
        cache_add(&host->cache, CACHE_HOST, tag, CACHE_CONTAINERS, keys.sig, keys.sig_len);
        keys_tag(index, true, tag);
        cache_add(&host->cache, CACHE_HOST, tag, CACHE_CONTAINERS, keys.kx, keys.kx_len);
    }
    *ret = keys;
    return SCARD_S_SUCCESS;
}

void card_keys_free(struct card_keys *keys)
{
    host_free(keys->sig, keys->sig_len);
    host_free(keys->kx, keys->kx_len);
    *keys = (struct card_keys){ 0 };
}

/* ---- properties ---------------------------------------------------------------------------- */

DWORD card_property(struct host *host, LPCWSTR name, DWORD flags, void *ret, DWORD len)
{
    CARD_DATA *data = &host->data;
    DWORD got = 0, rc;
    BYTE *room;

    if (data->dwVersion < CARD_DATA_VERSION_SIX)
        return SCARD_E_UNSUPPORTED_FEATURE;
    room = host_copy(ret, len); /* structures carry their version in */
    if (room == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    rc = card_result(host, data->pfnCardGetProperty(data, name, room, len, &got, flags));
    if (rc == SCARD_S_SUCCESS && got != len)
        rc = SCARD_E_UNEXPECTED;
    if (rc == SCARD_S_SUCCESS)
        memcpy(ret, room, len);
    host_free(room, len);
    return rc;
}
