/* SPDX-License-Identifier: MIT */
/*
 * Key containers: the card keeps keys by index, the container map gives the indices names.
 *
 * The order of the steps decides what a power cut leaves behind. Creating: key, then map. Deleting:
 * map, then key. In between the card holds a key that the map does not list, never the map a
 * container without its key. Such a key is not overwritten by the next creation, because it may
 * as well belong to software that does not keep the map; it can be deleted by its number.
 */
#include "host/host_internal.h"

#include "base/wstr.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_UNITS (MAX_CONTAINER_NAME_LEN + 1)

/* ---- finding ------------------------------------------------------------------------------- */

static bool same_name(const struct map_record *record, const char *name)
{
    size_t i = 0;

    while (name[i] != '\0' && record->name[i] == (BYTE)name[i])
        i++;
    return name[i] == '\0' && record->name[i] == 0;
}

/* "0" to "254"; -1: not a number of a container. */
static int parse_number(const char *text)
{
    size_t len = strspn(text, "0123456789");
    unsigned number = 0;

    if (len == 0 || len > 3 || text[len] != '\0')
        return -1;
    for (size_t i = 0; i < len; i++)
        number = number * 10 + (unsigned)(text[i] - '0');
    return number < HOST_CONTAINERS_MAX ? (int)number : -1;
}

/* The default container, else the only one. */
static int find_default(const struct contmap *map)
{
    struct map_record record;
    int only = -1;
    unsigned listed = 0;

    for (size_t i = 0; i < contmap_count(map); i++) {
        if (!contmap_get(map, i, &record))
            continue;
        if ((record.flags & CONTAINER_MAP_DEFAULT_CONTAINER) != 0)
            return (int)i;
        only = (int)i;
        listed++;
    }
    return listed == 1 ? only : -1;
}

static int find_named(const struct contmap *map, const char *name)
{
    struct map_record record;
    int found = -1;

    for (size_t i = 0; i < contmap_count(map); i++) {
        if (!contmap_get(map, i, &record) || !same_name(&record, name))
            continue;
        if (found >= 0)
            return -1;
        found = (int)i;
    }
    return found;
}

DWORD container_locate(struct host *host, const struct contmap *map, const char *name,
                       BYTE *ret_index, struct map_record *ret)
{
    int index = name == NULL ? find_default(map) : find_named(map, name);
    DWORD rc;

    if (index < 0 && name != NULL)
        index = parse_number(name);
    if (index < 0)
        return SCARD_E_NO_KEY_CONTAINER;
    if (!contmap_get(map, (size_t)index, ret)) {
        rc = container_bits(host, (BYTE)index, ret);
        if (rc != SCARD_S_SUCCESS)
            return rc;
        if (ret->sig_bits == 0 && ret->kx_bits == 0)
            return SCARD_E_NO_KEY_CONTAINER;
    }
    *ret_index = (BYTE)index;
    return SCARD_S_SUCCESS;
}

/* ---- describing ---------------------------------------------------------------------------- */

/* What is no printable ASCII shows as '?', so that no name can hide its container. */
static void show_name(const struct map_record *record, char ret[HOST_CONTAINER_NAME_MAX])
{
    size_t i = 0;

    for (; i < NAME_UNITS - 1 && record->name[i] != 0; i++) {
        bool plain = record->name[i] >= 0x20 && record->name[i] < 0x7F;

        ret[i] = plain ? (char)record->name[i] : '?';
    }
    ret[i] = '\0';
}

static void describe(BYTE index, const struct map_record *record, const char *names, size_t len,
                     struct host_container *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->index = index;
    show_name(record, ret->name);
    ret->is_default = (record->flags & CONTAINER_MAP_DEFAULT_CONTAINER) != 0;
    ret->sig_bits = record->sig_bits;
    ret->kx_bits = record->kx_bits;
    ret->sig_cert = cert_listed(names, len, index, false);
    ret->kx_cert = cert_listed(names, len, index, true);
}

/* Names of the files of mscp; none when there is no such directory. */
static DWORD list_mscp(struct host *host, char **ret_names, size_t *ret_len)
{
    DWORD rc = card_list(host, szBASE_CSP_DIR, ret_names, ret_len);

    return rc == SCARD_E_DIR_NOT_FOUND ? SCARD_S_SUCCESS : rc;
}

static DWORD list(struct host *host, struct host_container **ret, size_t *ret_count)
{
    struct contmap map = { 0 };
    struct map_record record;
    struct host_container *all = NULL;
    char *names = NULL;
    size_t len = 0, count = 0;
    DWORD rc = contmap_load(host, &map);

    if (rc == SCARD_S_SUCCESS)
        rc = list_mscp(host, &names, &len);
    if (rc != SCARD_S_SUCCESS)
        goto out;
    all = calloc(contmap_count(&map) + 1, sizeof *all);
    if (all == NULL)
        rc = ERROR_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; rc == SCARD_S_SUCCESS && i < contmap_count(&map); i++) {
        if (!contmap_get(&map, i, &record))
            continue;
        rc = container_bits(host, (BYTE)i, &record);
        describe((BYTE)i, &record, names, len, &all[count++]);
    }
    if (rc != SCARD_S_SUCCESS)
        goto out;
    *ret = all;
    *ret_count = count;
    all = NULL;
out:
    free(all);
    host_free(names, len);
    contmap_free(&map);
    return rc;
}

DWORD host_containers(struct host *host, struct host_container **ret_list, size_t *ret_count)
{
    DWORD rc = host_begin(host);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = list(host, ret_list, ret_count);
    host_end(host);
    return rc;
}

static DWORD find(struct host *host, const char *name, struct host_container *ret)
{
    struct contmap map = { 0 };
    struct map_record record;
    char *names = NULL;
    size_t len = 0;
    BYTE index = 0;
    DWORD rc = contmap_load(host, &map);

    if (rc == SCARD_S_SUCCESS)
        rc = container_locate(host, &map, name, &index, &record);
    if (rc == SCARD_S_SUCCESS)
        rc = container_bits(host, index, &record);
    if (rc == SCARD_S_SUCCESS)
        rc = list_mscp(host, &names, &len);
    if (rc == SCARD_S_SUCCESS)
        describe(index, &record, names, len, ret);
    host_free(names, len);
    contmap_free(&map);
    return rc;
}

DWORD host_container_find(struct host *host, const char *name, struct host_container *ret)
{
    DWORD rc = host_begin(host);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = find(host, name, ret);
    host_end(host);
    return rc;
}

/* ---- creating ------------------------------------------------------------------------------ */

/* A random GUID in lower case, version 4 (RFC 4122 section 4.4). */
static bool random_name(char ret[HOST_CONTAINER_NAME_MAX])
{
    BYTE b[16];

    if (RAND_bytes(b, sizeof b) != 1)
        return false;
    b[6] = (BYTE)((b[6] & 0x0F) | 0x40);
    b[8] = (BYTE)((b[8] & 0x3F) | 0x80);
    snprintf(ret, HOST_CONTAINER_NAME_MAX,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
             b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
             b[15]);
    return true;
}

/* Printable ASCII, no backslash (CAPI splits names there). */
static bool valid_name(const char *name)
{
    size_t len = strlen(name);

    if (len == 0 || len > MAX_CONTAINER_NAME_LEN)
        return false;
    for (size_t i = 0; i < len; i++) {
        if ((BYTE)name[i] < 0x20 || (BYTE)name[i] >= 0x7F || name[i] == '\\')
            return false;
    }
    return true;
}

/* Containers the card can have. */
static DWORD most_containers(struct host *host, unsigned *ret)
{
    CARD_FREE_SPACE_INFO space = { .dwVersion = CARD_FREE_SPACE_INFO_CURRENT_VERSION };
    CARD_DATA *data = &host->data;
    DWORD rc = card_result(host, data->pfnCardQueryFreeSpace(data, 0, &space));

    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (space.dwKeyContainersAvailable == 0)
        return SCARD_E_NO_MEMORY;
    *ret = space.dwMaxKeyContainers < HOST_CONTAINERS_MAX ? space.dwMaxKeyContainers
                                                          : HOST_CONTAINERS_MAX;
    return SCARD_S_SUCCESS;
}

/* The first index that is free in the map and on the card. */
static DWORD find_free(struct host *host, const struct contmap *map, BYTE *ret)
{
    struct map_record record;
    unsigned most = 0;
    DWORD rc = most_containers(host, &most);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    for (unsigned i = 0; i < most; i++) {
        if (contmap_get(map, i, &record))
            continue;
        rc = container_bits(host, (BYTE)i, &record);
        if (rc != SCARD_S_SUCCESS)
            return rc;
        if (record.sig_bits == 0 && record.kx_bits == 0) {
            *ret = (BYTE)i;
            return SCARD_S_SUCCESS;
        }
    }
    return SCARD_E_NO_MEMORY;
}

static bool has_default(const struct contmap *map)
{
    struct map_record record;

    for (size_t i = 0; i < contmap_count(map); i++) {
        if (contmap_get(map, i, &record) && (record.flags & CONTAINER_MAP_DEFAULT_CONTAINER) != 0)
            return true;
    }
    return false;
}

static DWORD delete_keys(struct host *host, BYTE index)
{
    CARD_DATA *data = &host->data;

    return card_result(host, data->pfnCardDeleteContainer(data, index, 0));
}

/* Enters the new key, whose size the card is asked for, and writes the map. */
static DWORD enter(struct host *host, struct contmap *map, BYTE index, DWORD spec,
                   const char *name, struct map_record *record)
{
    DWORD rc;

    memset(record, 0, sizeof *record);
    rc = container_bits(host, index, record);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if ((spec_is_exchange(spec) ? record->kx_bits : record->sig_bits) == 0)
        return SCARD_E_UNEXPECTED; /* "created", but it is not there */
    (void)wstr_from_ascii(record->name, NAME_UNITS, name);
    record->flags = CONTAINER_MAP_VALID_CONTAINER;
    if (!has_default(map))
        record->flags |= CONTAINER_MAP_DEFAULT_CONTAINER;
    rc = contmap_set(map, index, record);
    return rc == SCARD_S_SUCCESS ? contmap_store(host, map) : rc;
}

/* Takes back what `create` did. The old map first: should the new one have reached the card after
 * all, it must not list a container that goes away now. */
static void undo(struct host *host, BYTE index, DWORD why)
{
    struct contmap now = { 0 };
    struct map_record record;

    if (card_is_gone(why))
        return; /* the card has either the old state or the new */
    if (contmap_load(host, &now) == SCARD_S_SUCCESS) {
        if (contmap_get(&now, index, &record) &&
            contmap_set(&now, index, NULL) == SCARD_S_SUCCESS)
            (void)contmap_store(host, &now);
        contmap_free(&now);
    }
    (void)delete_keys(host, index);
}

static DWORD create(struct host *host, const char *name, DWORD spec, DWORD bits,
                    struct host_container *ret)
{
    struct contmap map = { 0 };
    struct map_record record;
    CARD_DATA *data = &host->data;
    BYTE index = 0;
    DWORD rc = contmap_load(host, &map);

    if (rc == SCARD_S_SUCCESS && find_named(&map, name) >= 0)
        rc = ERROR_FILE_EXISTS;
    if (rc == SCARD_S_SUCCESS)
        rc = find_free(host, &map, &index);
    if (rc == SCARD_S_SUCCESS)
        rc = cardcf_bump(host, CACHE_CONTAINERS | CACHE_FILES);
    if (rc == SCARD_S_SUCCESS)
        rc = certs_remove(host, index); /* of a container that was here before */
    if (rc == SCARD_S_SUCCESS)
        rc = card_result(host, data->pfnCardCreateContainer(
                                   data, index, CARD_CREATE_CONTAINER_KEY_GEN, spec, bits, NULL));
    if (rc == SCARD_S_SUCCESS) {
        rc = enter(host, &map, index, spec, name, &record);
        if (rc != SCARD_S_SUCCESS)
            undo(host, index, rc);
    }
    if (rc == SCARD_S_SUCCESS && ret != NULL)
        describe(index, &record, NULL, 0, ret);
    contmap_free(&map);
    return rc;
}

DWORD host_container_create(struct host *host, const char *name, DWORD spec, DWORD bits,
                            struct host_container *ret)
{
    char made[HOST_CONTAINER_NAME_MAX];
    DWORD rc;

    if (!spec_is_known(spec) || (name != NULL && !valid_name(name)))
        return SCARD_E_INVALID_PARAMETER;
    if (host->read_only)
        return SCARD_E_READ_ONLY_CARD;
    if (name == NULL && !random_name(made))
        return NTE_FAIL;
    rc = host_begin(host);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = create(host, name != NULL ? name : made, spec, bits, ret);
    host_end(host);
    return rc;
}

/* ---- deleting ------------------------------------------------------------------------------ */

static DWORD delete_container(struct host *host, const char *name)
{
    struct contmap map = { 0 };
    struct map_record record;
    BYTE index = 0;
    bool listed = false;
    DWORD rc = contmap_load(host, &map);

    if (rc == SCARD_S_SUCCESS)
        rc = container_locate(host, &map, name, &index, &record);
    if (rc == SCARD_S_SUCCESS)
        rc = cardcf_bump(host, CACHE_CONTAINERS | CACHE_FILES);
    if (rc != SCARD_S_SUCCESS)
        goto out;
    listed = (record.flags & CONTAINER_MAP_VALID_CONTAINER) != 0;
    if (listed) {
        rc = contmap_set(&map, index, NULL);
        if (rc == SCARD_S_SUCCESS)
            rc = contmap_store(host, &map);
    }
    if (rc != SCARD_S_SUCCESS)
        goto out;
    rc = delete_keys(host, index);
    if (rc == SCARD_S_SUCCESS)
        rc = certs_remove(host, index);
    else if (listed && !card_is_gone(rc) &&
             contmap_set(&map, index, &record) == SCARD_S_SUCCESS)
        (void)contmap_store(host, &map); /* still there, so still listed */
out:
    contmap_free(&map);
    return rc;
}

DWORD host_container_delete(struct host *host, const char *name)
{
    DWORD rc;

    if (host->read_only)
        return SCARD_E_READ_ONLY_CARD;
    rc = host_begin(host);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = delete_container(host, name);
    host_end(host);
    return rc;
}
