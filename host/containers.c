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

#include <stdlib.h>
#include <string.h>

/* ---- finding ------------------------------------------------------------------------------- */

int container_number(const char *text)
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

int container_named(const struct contmap *map, const WCHAR *name)
{
    struct map_record record;
    int found = -1;

    for (size_t i = 0; i < contmap_count(map); i++) {
        if (!contmap_get(map, i, &record) || !wstr_equal(record.name, name))
            continue;
        if (found >= 0)
            return -2;
        found = (int)i;
    }
    return found;
}

DWORD container_locate(struct host *host, const struct contmap *map, const char *name,
                       BYTE *ret_index, struct map_record *ret)
{
    WCHAR wide[CONTAINER_NAME_UNITS];
    int index = -1;
    DWORD rc;

    if (name == NULL)
        index = find_default(map);
    else if (wstr_from_utf8(wide, CONTAINER_NAME_UNITS, name))
        index = container_named(map, wide);
    if (index == -1 && name != NULL)
        index = container_number(name);
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

void container_describe(BYTE index, const struct map_record *record, const char *names, size_t len,
                        struct host_container *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->index = index;
    container_name_show(record->name, ret->name);
    ret->is_default = (record->flags & CONTAINER_MAP_DEFAULT_CONTAINER) != 0;
    ret->sig_bits = record->sig_bits;
    ret->kx_bits = record->kx_bits;
    ret->sig_cert = cert_listed(names, len, index, false);
    ret->kx_cert = cert_listed(names, len, index, true);
}

/* ---- keys beside the map ------------------------------------------------------------------- */

#define UNLISTED_LEN ((HOST_CONTAINERS_MAX + 7u) / 8) /* a bit for each index */

static bool has_bit(const BYTE *bits, size_t i)
{
    return (bits[i / 8] & 1u << i % 8) != 0;
}

/* How many containers with keys the map does not list, as the module counts; *ret_most: indices
 * there are. No number: as many as there are indices. */
static size_t count_unlisted(struct host *host, const struct contmap *map, size_t *ret_most)
{
    CARD_FREE_SPACE_INFO space = { .dwVersion = CARD_FREE_SPACE_INFO_CURRENT_VERSION };
    CARD_DATA *data = &host->data;
    struct map_record record;
    size_t listed = 0, used;

    *ret_most = 0;
    if (card_result(host, data->pfnCardQueryFreeSpace(data, 0, &space)) != SCARD_S_SUCCESS ||
        space.dwMaxKeyContainers == CARD_DATA_VALUE_UNKNOWN)
        return 0;
    *ret_most = space.dwMaxKeyContainers < HOST_CONTAINERS_MAX ? space.dwMaxKeyContainers
                                                               : HOST_CONTAINERS_MAX;
    if (space.dwKeyContainersAvailable > space.dwMaxKeyContainers)
        return *ret_most;
    for (size_t i = 0; i < contmap_count(map); i++)
        listed += contmap_get(map, i, &record);
    used = space.dwMaxKeyContainers - space.dwKeyContainersAvailable;
    return used > listed ? used - listed : 0;
}

/* Looks for them, until all that were counted are found. Which they are is kept as long as no
 * container changes. */
static DWORD find_unlisted(struct host *host, const struct contmap *map, BYTE bits[UNLISTED_LEN])
{
    static const WCHAR tag[] = CM_WSTR("unlisted");
    struct map_record record;
    const BYTE *kept = NULL;
    size_t len = 0, most = 0, left;

    memset(bits, 0, UNLISTED_LEN);
    if (cache_get(&host->cache, CACHE_HOST, tag, &kept, &len) && len == UNLISTED_LEN) {
        memcpy(bits, kept, UNLISTED_LEN);
        return SCARD_S_SUCCESS;
    }
    left = count_unlisted(host, map, &most);
    for (size_t i = 0; i < most && left > 0; i++) {
        DWORD rc;

        if (contmap_get(map, i, &record))
            continue;
        rc = container_bits(host, (BYTE)i, &record);
        if (rc != SCARD_S_SUCCESS)
            return rc;
        if (record.sig_bits == 0 && record.kx_bits == 0)
            continue;
        bits[i / 8] |= (BYTE)(1u << i % 8);
        left--;
    }
    if (most > 0)
        cache_add(&host->cache, CACHE_HOST, tag, CACHE_CONTAINERS | CACHE_FILES, bits,
                  UNLISTED_LEN);
    return SCARD_S_SUCCESS;
}

/* ---- listing ------------------------------------------------------------------------------- */

/* Names of the files of mscp; none when there is no such directory. */
static DWORD list_mscp(struct host *host, char **ret_names, size_t *ret_len)
{
    DWORD rc = card_list(host, szBASE_CSP_DIR, ret_names, ret_len);

    return rc == SCARD_E_DIR_NOT_FOUND ? SCARD_S_SUCCESS : rc;
}

void container_show(struct host *host, BYTE index, const struct map_record *record,
                    struct host_container *ret)
{
    char *names = NULL;
    size_t len = 0;

    (void)list_mscp(host, &names, &len);
    container_describe(index, record, names, len, ret);
    host_free(names, len);
}

static DWORD list(struct host *host, struct host_container **ret, size_t *ret_count)
{
    struct contmap map = { 0 };
    struct map_record record;
    struct host_container *all = NULL;
    char *names = NULL;
    BYTE unlisted[UNLISTED_LEN];
    size_t len = 0, count = 0;
    DWORD rc = contmap_load(host, &map);

    if (rc == SCARD_S_SUCCESS)
        rc = list_mscp(host, &names, &len);
    if (rc == SCARD_S_SUCCESS)
        rc = find_unlisted(host, &map, unlisted);
    if (rc != SCARD_S_SUCCESS)
        goto out;
    all = calloc(HOST_CONTAINERS_MAX, sizeof *all);
    if (all == NULL)
        rc = ERROR_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; rc == SCARD_S_SUCCESS && i < HOST_CONTAINERS_MAX; i++) {
        if (!contmap_get(&map, i, &record) && !has_bit(unlisted, i))
            continue;
        rc = container_bits(host, (BYTE)i, &record);
        if (rc == SCARD_S_SUCCESS)
            container_describe((BYTE)i, &record, names, len, &all[count++]);
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
        container_describe(index, &record, names, len, ret);
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

/* ---- deleting ------------------------------------------------------------------------------ */

static DWORD delete_keys(struct host *host, BYTE index)
{
    CARD_DATA *data = &host->data;

    return card_result(host, data->pfnCardDeleteContainer(data, index, 0));
}

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
        rc = certs_remove(host, index, SLOT_SIGNATURE | SLOT_EXCHANGE);
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

/* ---- the default container ----------------------------------------------------------------- */

static DWORD set_default(struct host *host, const char *name)
{
    struct contmap map = { 0 };
    struct map_record record;
    bool changed = false;
    BYTE index = 0;
    DWORD rc = contmap_load(host, &map);

    if (rc == SCARD_S_SUCCESS)
        rc = container_locate(host, &map, name, &index, &record);
    if (rc == SCARD_S_SUCCESS && (record.flags & CONTAINER_MAP_VALID_CONTAINER) == 0)
        rc = SCARD_E_NO_KEY_CONTAINER; /* not in the map: it has no record to say so in */
    for (size_t i = 0; rc == SCARD_S_SUCCESS && i < contmap_count(&map); i++) {
        bool is = contmap_get(&map, i, &record) &&
                  (record.flags & CONTAINER_MAP_DEFAULT_CONTAINER) != 0;

        if (is == (i == index))
            continue;
        record.flags ^= CONTAINER_MAP_DEFAULT_CONTAINER;
        rc = contmap_set(&map, i, &record);
        changed = true;
    }
    if (rc == SCARD_S_SUCCESS && changed)
        rc = cardcf_bump(host, CACHE_CONTAINERS | CACHE_FILES);
    if (rc == SCARD_S_SUCCESS && changed)
        rc = contmap_store(host, &map);
    contmap_free(&map);
    return rc;
}

DWORD host_container_set_default(struct host *host, const char *name)
{
    DWORD rc;

    if (name == NULL)
        return SCARD_E_INVALID_PARAMETER;
    if (host->read_only)
        return SCARD_E_READ_ONLY_CARD;
    rc = host_begin(host);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = set_default(host, name);
    host_end(host);
    return rc;
}
