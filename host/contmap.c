/* SPDX-License-Identifier: MIT */
/*
 * The container map, mscp/cmapfile: record number = container index. A record of 86 bytes, all
 * numbers little-endian:
 *
 *      0  80  name, UTF-16, at most 39 units and a NUL
 *     80   1  flags: CONTAINER_MAP_VALID_CONTAINER, CONTAINER_MAP_DEFAULT_CONTAINER
 *     81   1  0
 *     82   2  bits of the signature key, 0: none
 *     84   2  bits of the key exchange key, 0: none
 *
 * A freed record is all zeros; the map is never packed. The file is untrusted: whatever is in it,
 * each record is looked at by itself.
 */
#include "host/host_internal.h"

#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

#define NAME_UNITS (MAX_CONTAINER_NAME_LEN + 1)

void map_record_decode(const BYTE bytes[MAP_RECORD_LEN], struct map_record *ret)
{
    struct rd r = rd_init(bytes, MAP_RECORD_LEN);

    for (size_t i = 0; i < NAME_UNITS; i++)
        ret->name[i] = rd_u16le(&r);
    ret->name[NAME_UNITS - 1] = 0; /* whoever wrote it forgot the NUL */
    ret->flags = rd_u8(&r);
    (void)rd_u8(&r);
    ret->sig_bits = rd_u16le(&r);
    ret->kx_bits = rd_u16le(&r);
}

void map_record_encode(const struct map_record *record, BYTE bytes[MAP_RECORD_LEN])
{
    struct wr w = wr_init(bytes, MAP_RECORD_LEN);
    bool ended = false;

    for (size_t i = 0; i < NAME_UNITS; i++) {
        ended = ended || record->name[i] == 0 || i == NAME_UNITS - 1;
        wr_u16le(&w, ended ? 0 : record->name[i]);
    }
    wr_u8(&w, record->flags);
    wr_u8(&w, 0);
    wr_u16le(&w, record->sig_bits);
    wr_u16le(&w, record->kx_bits);
}

size_t contmap_count(const struct contmap *map)
{
    size_t count = map->len / MAP_RECORD_LEN;

    return count < HOST_CONTAINERS_MAX ? count : HOST_CONTAINERS_MAX;
}

bool contmap_get(const struct contmap *map, size_t index, struct map_record *ret)
{
    memset(ret, 0, sizeof *ret);
    if (index >= contmap_count(map))
        return false;
    map_record_decode(map->bytes + index * MAP_RECORD_LEN, ret);
    if ((ret->flags & CONTAINER_MAP_VALID_CONTAINER) != 0)
        return true;
    memset(ret, 0, sizeof *ret);
    return false;
}

DWORD contmap_set(struct contmap *map, size_t index, const struct map_record *record)
{
    size_t need = (index + 1) * MAP_RECORD_LEN;
    BYTE *at, *grown;

    if (index >= HOST_CONTAINERS_MAX)
        return SCARD_E_NO_MEMORY;
    if (map->len < need && record == NULL)
        return SCARD_S_SUCCESS;
    if (map->len < need) {
        grown = calloc(1, need);
        if (grown == NULL)
            return ERROR_NOT_ENOUGH_MEMORY;
        if (map->len != 0) /* whole records only: half a one at the end is nobody's */
            memcpy(grown, map->bytes, map->len - map->len % MAP_RECORD_LEN);
        host_free(map->bytes, map->len);
        map->bytes = grown;
        map->len = need;
    }
    at = map->bytes + index * MAP_RECORD_LEN;
    if (record != NULL)
        map_record_encode(record, at);
    else
        memset(at, 0, MAP_RECORD_LEN);
    return SCARD_S_SUCCESS;
}

void contmap_free(struct contmap *map)
{
    host_free(map->bytes, map->len);
    *map = (struct contmap){ 0 };
}

/* ---- on the card --------------------------------------------------------------------------- */

static const WCHAR map_tag[] = CM_WSTR("cmapfile");

static struct card_path map_path(void)
{
    return card_path(szBASE_CSP_DIR, szCONTAINER_MAP_FILE);
}

/* A card without the file has no containers. */
DWORD contmap_load(struct host *host, struct contmap *ret)
{
    struct contmap map = { 0 };
    const BYTE *kept = NULL;
    DWORD rc;

    if (cache_get(&host->cache, CACHE_HOST, map_tag, &kept, &map.len)) {
        map.bytes = host_copy(kept, map.len);
        if (map.bytes == NULL)
            return ERROR_NOT_ENOUGH_MEMORY;
        *ret = map;
        return SCARD_S_SUCCESS;
    }
    rc = card_read(host, map_path(), &map.bytes, &map.len);
    if (rc == SCARD_E_FILE_NOT_FOUND || rc == SCARD_E_DIR_NOT_FOUND) {
        *ret = (struct contmap){ 0 };
        return SCARD_S_SUCCESS;
    }
    if (rc != SCARD_S_SUCCESS)
        return rc;
    /* other software may announce a change of this file by either counter */
    cache_add(&host->cache, CACHE_HOST, map_tag, CACHE_CONTAINERS | CACHE_FILES, map.bytes,
              map.len);
    *ret = map;
    return SCARD_S_SUCCESS;
}

DWORD contmap_store(struct host *host, const struct contmap *map)
{
    DWORD rc;

    cache_drop(&host->cache, CACHE_HOST, map_tag);
    rc = card_put(host, map_path(), map->bytes, map->len, EveryoneReadUserWriteAc);
    if (rc == SCARD_E_DIR_NOT_FOUND) {
        rc = card_create_directory(host, szBASE_CSP_DIR);
        if (rc == SCARD_S_SUCCESS)
            rc = card_put(host, map_path(), map->bytes, map->len, EveryoneReadUserWriteAc);
    }
    if (rc == SCARD_S_SUCCESS)
        cache_add(&host->cache, CACHE_HOST, map_tag, CACHE_CONTAINERS | CACHE_FILES, map->bytes,
                  map->len);
    return rc;
}
