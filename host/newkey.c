/* SPDX-License-Identifier: MIT */
/* New keys: made by the card or imported, and entered in the container map (see containers.c). */
#include "host/host_internal.h"

#include <string.h>

DWORD container_new_name(const char *name, WCHAR ret[CONTAINER_NAME_UNITS])
{
    if (name == NULL)
        return container_name_random(ret) ? SCARD_S_SUCCESS : NTE_FAIL;
    return container_name_valid(name, ret) && container_number(name) < 0
               ? SCARD_S_SUCCESS
               : SCARD_E_INVALID_PARAMETER;
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

/* Where the key goes: the empty slot of the container of that name, else a new container. */
static DWORD find_place(struct host *host, const struct contmap *map, const WCHAR *name, DWORD spec,
                        BYTE *ret_index, struct map_record *ret)
{
    struct map_record card = { 0 };
    int index = container_named(map, name);
    DWORD rc;

    if (index == -2)
        return ERROR_FILE_EXISTS; /* twice in the map: nobody can tell which is meant */
    if (index < 0) {
        memset(ret, 0, sizeof *ret);
        return find_free(host, map, ret_index);
    }
    (void)contmap_get(map, (size_t)index, ret);
    *ret_index = (BYTE)index;
    rc = container_bits(host, (BYTE)index, &card);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (spec_is_exchange(spec) ? ret->kx_bits != 0 || card.kx_bits != 0
                               : ret->sig_bits != 0 || card.sig_bits != 0)
        return ERROR_FILE_EXISTS;
    return SCARD_S_SUCCESS;
}

/* Enters the new key, whose size the card is asked for, and writes the map. */
static DWORD enter(struct host *host, struct contmap *map, BYTE index, DWORD spec,
                   const WCHAR *name, struct map_record *record)
{
    struct map_record card = { 0 };
    DWORD rc = container_bits(host, index, &card);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    if ((spec_is_exchange(spec) ? card.kx_bits : card.sig_bits) == 0)
        return SCARD_E_UNEXPECTED; /* "created", but it is not there */
    record->sig_bits = card.sig_bits;
    record->kx_bits = card.kx_bits;
    memcpy(record->name, name, sizeof record->name);
    record->flags |= CONTAINER_MAP_VALID_CONTAINER;
    if (!has_default(map))
        record->flags |= CONTAINER_MAP_DEFAULT_CONTAINER;
    rc = contmap_set(map, index, record);
    return rc == SCARD_S_SUCCESS ? contmap_store(host, map) : rc;
}

/* Takes back what container_add_key did. The old map first: should the new one have reached the
 * card after all, it must not list a key that goes away now. A key beside another one cannot be
 * taken back alone: it stays, and the map does not tell of it. */
static void undo(struct host *host, BYTE index, const struct map_record *before, DWORD why)
{
    struct contmap now = { 0 };
    struct map_record record;
    bool was_there = (before->flags & CONTAINER_MAP_VALID_CONTAINER) != 0;

    if (card_is_gone(why))
        return; /* the card has either the old state or the new */
    if (contmap_load(host, &now) == SCARD_S_SUCCESS) {
        if (contmap_get(&now, index, &record) &&
            contmap_set(&now, index, was_there ? before : NULL) == SCARD_S_SUCCESS)
            (void)contmap_store(host, &now);
        contmap_free(&now);
    }
    if (!was_there)
        (void)card_result(host, host->data.pfnCardDeleteContainer(&host->data, index, 0));
}

DWORD container_add_key(struct host *host, const WCHAR *name, DWORD spec, DWORD bits, BYTE *blob,
                        struct host_container *ret)
{
    struct contmap map = { 0 };
    struct map_record record = { 0 }, before;
    CARD_DATA *data = &host->data;
    DWORD how = blob != NULL ? CARD_CREATE_CONTAINER_KEY_IMPORT : CARD_CREATE_CONTAINER_KEY_GEN;
    BYTE index = 0;
    DWORD rc = contmap_load(host, &map);

    if (rc == SCARD_S_SUCCESS)
        rc = find_place(host, &map, name, spec, &index, &record);
    before = record;
    if (rc == SCARD_S_SUCCESS)
        rc = cardcf_bump(host, CACHE_CONTAINERS | CACHE_FILES);
    if (rc == SCARD_S_SUCCESS && (before.flags & CONTAINER_MAP_VALID_CONTAINER) == 0)
        rc = certs_remove(host, index); /* of a container that was here before */
    if (rc == SCARD_S_SUCCESS)
        rc = card_result(host, data->pfnCardCreateContainer(data, index, how, spec, bits, blob));
    if (rc == SCARD_S_SUCCESS) {
        rc = enter(host, &map, index, spec, name, &record);
        if (rc != SCARD_S_SUCCESS)
            undo(host, index, &before, rc);
    }
    if (rc == SCARD_S_SUCCESS && ret != NULL)
        container_describe(index, &record, NULL, 0, ret);
    contmap_free(&map);
    return rc;
}

DWORD host_container_create(struct host *host, const char *name, DWORD spec, DWORD bits,
                            struct host_container *ret)
{
    WCHAR wide[CONTAINER_NAME_UNITS] = { 0 };
    DWORD rc;

    if (!spec_is_known(spec))
        return SCARD_E_INVALID_PARAMETER;
    rc = container_new_name(name, wide);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (host->read_only)
        return SCARD_E_READ_ONLY_CARD;
    if (bits == 0 && (spec == AT_KEYEXCHANGE || spec == AT_SIGNATURE))
        bits = host->policy.DefaultPrivateKeyLenBits;
    rc = host_begin(host);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = container_add_key(host, wide, spec, bits, NULL, ret);
    host_end(host);
    return rc;
}
