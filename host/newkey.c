/* SPDX-License-Identifier: MIT */
/*
 * New keys: made by the card or imported, and entered in the container map (see containers.c).
 *
 * The key first, because it is what a card refuses: nothing has changed then. The counters of
 * cardcf next: in a transaction nobody can come between. Cut off there, the card has a key that no
 * map lists and no counter announced, and another host may put its next key in its place.
 */
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

/* Which slots of a container the card has something in, be it a key we understand or not. */
static DWORD ask_slots(struct host *host, BYTE index, bool *ret_sig, bool *ret_kx)
{
    struct card_keys keys = { 0 };
    DWORD rc = card_keys(host, index, &keys);

    if (rc != SCARD_S_SUCCESS && rc != SCARD_E_NO_KEY_CONTAINER)
        return rc;
    *ret_sig = keys.sig_len != 0;
    *ret_kx = keys.kx_len != 0;
    card_keys_free(&keys);
    return SCARD_S_SUCCESS;
}

/* The first index that is free in the map and on the card. */
static DWORD find_free(struct host *host, const struct contmap *map, BYTE *ret)
{
    struct map_record record;
    unsigned most = 0;
    bool sig, kx;
    DWORD rc = most_containers(host, &most);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    for (unsigned i = 0; i < most; i++) {
        if (contmap_get(map, i, &record))
            continue;
        rc = ask_slots(host, (BYTE)i, &sig, &kx);
        if (rc != SCARD_S_SUCCESS)
            return rc;
        if (!sig && !kx) {
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

/* Where a key goes. */
struct place {
    BYTE index;
    bool added;               /* beside the other key of a container that was there */
    struct map_record record;
    struct contmap before;    /* the map */
};

/* The empty slot of the container of that name, else a new container. */
static DWORD find_place(struct host *host, const struct contmap *map, const struct new_key *key,
                        struct place *ret)
{
    bool sig = false, kx = false;
    int index = container_named(map, key->name);
    DWORD rc;

    ret->before.bytes = host_copy(map->bytes, map->len);
    ret->before.len = map->len;
    if (ret->before.bytes == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (index == -2)
        return ERROR_FILE_EXISTS; /* twice in the map: nobody can tell which is meant */
    ret->added = index >= 0;
    if (index < 0) {
        memcpy(ret->record.name, key->name, sizeof ret->record.name);
        return find_free(host, map, &ret->index);
    }
    ret->index = (BYTE)index;
    (void)contmap_get(map, (size_t)index, &ret->record);
    rc = ask_slots(host, ret->index, &sig, &kx);
    if (rc == SCARD_S_SUCCESS && (spec_is_exchange(key->spec) ? kx : sig))
        rc = ERROR_FILE_EXISTS; /* the card would overwrite it */
    return rc;
}

/* Is the new key there, and the one that was meant? Notes its size. */
static DWORD check_new(struct host *host, const struct new_key *key, struct map_record *record)
{
    struct key_ref slot = { .index = key->index, .exchange = spec_is_exchange(key->spec) };
    struct public_key parsed;
    EVP_PKEY *loaded = NULL;
    BYTE *blob = NULL;
    size_t len = 0;
    DWORD rc = key_blob(host, &slot, &blob, &len);

    if (rc != SCARD_S_SUCCESS)
        return card_is_gone(rc) ? rc : SCARD_E_UNEXPECTED; /* "created", but it is not there */
    if (!public_key_parse(blob, len, &parsed))
        rc = SCARD_E_UNEXPECTED;
    else if (key->pair != NULL && ((loaded = public_key_load(&parsed)) == NULL ||
                                   EVP_PKEY_eq(loaded, key->pair) != 1))
        rc = SCARD_E_UNEXPECTED;
    else if (slot.exchange)
        record->kx_bits = parsed.bits;
    else
        record->sig_bits = parsed.bits;
    EVP_PKEY_free(loaded);
    host_free(blob, len);
    return rc;
}

/* The key is on the card: tells the others, and enters it in the map. */
static DWORD enter(struct host *host, struct contmap *map, struct new_key *key,
                   struct place *place)
{
    unsigned slots = !place->added                 ? SLOT_SIGNATURE | SLOT_EXCHANGE
                     : spec_is_exchange(key->spec) ? SLOT_EXCHANGE
                                                   : SLOT_SIGNATURE;
    struct map_record *record = &place->record;
    DWORD rc = cardcf_bump(host, CACHE_CONTAINERS | CACHE_FILES);

    if (rc == SCARD_S_SUCCESS)
        rc = container_bits(host, place->index, record); /* a map that tells no sizes */
    if (rc == SCARD_S_SUCCESS)
        rc = check_new(host, key, record);
    if (rc == SCARD_S_SUCCESS)
        rc = certs_remove(host, place->index, slots); /* of a key that was here before */
    if (rc != SCARD_S_SUCCESS)
        return rc;
    record->flags |= CONTAINER_MAP_VALID_CONTAINER;
    if (!has_default(map))
        record->flags |= CONTAINER_MAP_DEFAULT_CONTAINER;
    rc = contmap_set(map, place->index, record);
    return rc == SCARD_S_SUCCESS ? contmap_store(host, map) : rc;
}

/* Takes back what was done. The old map first: should the new one have reached the card after all,
 * it must not list a key that goes away now. The interface has no way to take back one of two
 * keys: the new one stays then, and the map does not tell of it. */
static void undo(struct host *host, const struct place *place, DWORD why)
{
    const struct contmap *before = &place->before;
    struct contmap now = { 0 };

    if (card_is_gone(why))
        return; /* the card has either the old state or the new */
    if (contmap_load(host, &now) == SCARD_S_SUCCESS) {
        if (now.len != before->len ||
            (now.len != 0 && memcmp(now.bytes, before->bytes, now.len) != 0))
            (void)contmap_store(host, before);
        contmap_free(&now);
    }
    if (!place->added)
        (void)card_result(host, host->data.pfnCardDeleteContainer(&host->data, place->index, 0));
    cache_stamp(&host->cache, NULL); /* the counters may stand still */
}

static DWORD add_key(struct host *host, struct contmap *map, struct new_key *key,
                     struct place *place)
{
    CARD_DATA *data = &host->data;
    DWORD how = key->blob != NULL ? CARD_CREATE_CONTAINER_KEY_IMPORT
                                  : CARD_CREATE_CONTAINER_KEY_GEN;
    DWORD rc = find_place(host, map, key, place);

    if (rc == SCARD_S_SUCCESS)
        rc = host->cardcf.unread; /* the change could not be told */
    if (rc != SCARD_S_SUCCESS)
        return rc;
    key->index = place->index;
    rc = card_result(host, data->pfnCardCreateContainer(data, place->index, how, key->spec,
                                                        key->bits, key->blob));
    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = enter(host, map, key, place);
    if (rc != SCARD_S_SUCCESS)
        undo(host, place, rc);
    return rc;
}

DWORD container_add_key(struct host *host, struct new_key *key, struct host_container *ret)
{
    struct contmap map = { 0 };
    struct place place = { 0 };
    DWORD rc = contmap_load(host, &map);

    if (rc == SCARD_S_SUCCESS)
        rc = add_key(host, &map, key, &place);
    if (rc == SCARD_S_SUCCESS && ret != NULL && place.added)
        container_show(host, place.index, &place.record, ret);
    else if (rc == SCARD_S_SUCCESS && ret != NULL)
        container_describe(place.index, &place.record, NULL, 0, ret);
    contmap_free(&place.before);
    contmap_free(&map);
    return rc;
}

DWORD host_container_create(struct host *host, const char *name, DWORD spec, DWORD bits,
                            struct host_container *ret)
{
    struct new_key key = { .spec = spec, .bits = bits };
    DWORD rc;

    if (!spec_is_known(spec))
        return SCARD_E_INVALID_PARAMETER;
    rc = container_new_name(name, key.name);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (host->read_only)
        return SCARD_E_READ_ONLY_CARD;
    if (bits == 0 && (spec == AT_KEYEXCHANGE || spec == AT_SIGNATURE))
        key.bits = host->policy.DefaultPrivateKeyLenBits;
    rc = host_begin(host);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = container_add_key(host, &key, ret);
    host_end(host);
    return rc;
}
