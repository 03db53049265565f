/* SPDX-License-Identifier: MIT */
/*
 * Names of containers: MSCMAP, the map that Yubico's minidriver keeps on the card. What it says of a
 * key (bits, specification) is taken from the key itself; of a record only name, specification and
 * the mark of the default count.
 */
#include "edge/piv_internal.h"

#include "crypto/hash.h"

#include <string.h>

#define MAP_MAX (PIV_CONTAINERS * PIV_RECORD)

static void labels_of(const struct piv_map *map, struct vfs_label *list)
{
    bool marked = false;

    for (unsigned i = 0; i < PIV_CONTAINERS; i++) {
        struct rd name = rd_init(map->at[i], map->at[i] != NULL ? 2 * VFS_LABEL_MAX : 0);

        for (size_t k = 0; map->at[i] != NULL && k < VFS_LABEL_MAX; k++)
            list[i].name[k] = rd_u16le(&name);
        if (map->at[i] == NULL || list[i].name[VFS_LABEL_MAX - 1] != 0) {
            memset(list[i].name, 0, sizeof(list[i].name)); /* not terminated: it is no name */
            continue;
        }
        list[i].is_default = !marked && (map->at[i][PIV_RECORD_FLAGS] & PIV_RECORD_DEFAULT) != 0;
        marked = marked || list[i].is_default;
    }
}

DWORD piv_labels(struct edge *e, struct vfs_label *list)
{
    struct run r = { e, false };
    uint8_t *data = NULL;
    size_t len = 0;
    struct piv_map map;
    DWORD rc = piv_get_cached(&r, PIV_MSCMAP, &data, &len);

    if (piv_is_nothing(rc))
        return SCARD_E_UNSUPPORTED_FEATURE; /* it has none */
    if (rc != SCARD_S_SUCCESS)
        return rc;
    piv_map_parse(data, len, &map);
    labels_of(&map, list);
    run_free(e, data, len);
    return SCARD_S_SUCCESS;
}

/* SHA-1 of the certificate, if the cache has it: others that use the map like to compare. */
static void put_hash(struct edge *e, unsigned index, struct wr *w)
{
    uint8_t digest[DIGEST_MAX] = { 0 }, *item = NULL, *der = NULL;
    size_t len = 0, der_len = 0;
    struct hashing h;

    if (piv_cache_find(e, "object", piv_slots[index].cert, &item, &len) && len > 1 &&
        piv_cert_unpack(e, item + 1, len - 1, false, &der, &der_len) == SCARD_S_SUCCESS) {
        hashing_begin(&h, DIGEST_SHA1, NULL);
        hashing_add(&h, (struct span){ der, der_len });
        if (!hashing_end(&h, digest))
            memset(digest, 0, sizeof(digest));
    }
    run_free(e, der, der_len);
    run_free(e, item, len);
    wr_bytes(w, digest, 20);
}

static void put_record(struct edge *e, const struct vfs_label *label, const struct piv_key *key,
                       struct wr *w)
{
    for (size_t k = 0; k < VFS_LABEL_MAX; k++)
        wr_u16le(w, label->name[k]);
    wr_u8(w, piv_slots[key->index].ref);
    wr_u8(w, piv_is_exchange(key) ? PIV_SPEC_EXCHANGE : PIV_SPEC_SIGN);
    wr_u16le(w, key->alg->bits);
    wr_u8(w, label->is_default ? PIV_RECORD_VALID | PIV_RECORD_DEFAULT : PIV_RECORD_VALID);
    wr_u8(w, key->pin);
    wr_u8(w, 0);
    put_hash(e, key->index, w);
}

/* A record for each key, with its name in `list`, or the one it has without: a map that leaves keys
 * out would say that they are not there (piv_list.c). */
static DWORD put_records(struct edge *e, const struct vfs_label *list, const struct piv_key *keys,
                         struct wr *w)
{
    struct vfs_label derived;
    DWORD rc = SCARD_S_SUCCESS;

    for (unsigned i = 0; i < PIV_CONTAINERS && rc == SCARD_S_SUCCESS; i++) {
        if (keys[i].alg == NULL)
            continue;
        if (list[i].name[0] == 0)
            rc = vfs_derived_name(e, i, &derived);
        if (rc == SCARD_S_SUCCESS)
            put_record(e, list[i].name[0] != 0 ? &list[i] : &derived, &keys[i], w);
    }
    return rc;
}

/* Records are for keys: names of containers without one are not the card's. */
static DWORD store(struct edge *e, const struct vfs_label *list, const struct piv_key *keys)
{
    size_t size = tlv_header_size(0x81, MAP_MAX) + MAP_MAX, mark;
    uint8_t *map = run_alloc(e, size);
    struct wr w;
    bool any;
    DWORD rc;

    if (map == NULL)
        return SCARD_E_NO_MEMORY;
    w = wr_init(map, size);
    mark = tlv_open(&w, 0x81);
    rc = put_records(e, list, keys, &w);
    any = wr_len(&w) > mark;
    tlv_close(&w, 0x81, mark);
    if (rc == SCARD_S_SUCCESS)
        rc = piv_write(e, PIV_MSCMAP, map, any ? wr_len(&w) : 0);
    run_free(e, map, size);
    return rc;
}

DWORD piv_label(struct edge *e, const struct vfs_label *list)
{
    struct run r = { e, false };
    struct piv_key keys[PIV_CONTAINERS];
    DWORD rc = piv_takes(e, PIV_MSCMAP) ? piv_list(&r, keys) : SCARD_E_UNSUPPORTED_FEATURE;

    return rc == SCARD_S_SUCCESS ? store(e, list, keys) : rc;
}

DWORD piv_map_drop(struct run *r, unsigned index)
{
    uint8_t *data = NULL, *fresh;
    size_t len = 0, mark;
    struct piv_map map;
    struct wr w;
    bool any;
    DWORD rc = piv_get(r, PIV_MSCMAP, false, &data, &len); /* as it is now: it is rewritten */

    if (piv_is_nothing(rc))
        return SCARD_S_SUCCESS;
    if (rc != SCARD_S_SUCCESS)
        return rc;
    piv_map_parse(data, len, &map);
    fresh = map.at[index] != NULL ? run_alloc(r->e, len) : NULL;
    if (fresh != NULL) {
        w = wr_init(fresh, len);
        mark = tlv_open(&w, 0x81);
        for (unsigned i = 0; i < PIV_CONTAINERS; i++)
            if (i != index && map.at[i] != NULL)
                wr_bytes(&w, map.at[i], PIV_RECORD);
        any = wr_len(&w) > mark;
        tlv_close(&w, 0x81, mark);
        rc = piv_put(r, PIV_MSCMAP, fresh, any ? wr_len(&w) : 0);
        run_free(r->e, fresh, len);
    } else if (map.at[index] != NULL)
        rc = SCARD_E_NO_MEMORY;
    run_free(r->e, data, len);
    return rc;
}

/* What a new key is for needs no record where its slot says the same, and there is no map. */
static bool says_enough(const struct piv_map *map, const struct piv_key *key)
{
    const uint8_t *record = map->at[key->index];

    for (unsigned i = 0; i < PIV_CONTAINERS && record == NULL; i++)
        if (map->at[i] != NULL)
            return false; /* it would not be listed */
    return piv_is_exchange(key) == (record != NULL ? record[PIV_RECORD_SPEC] == PIV_SPEC_EXCHANGE
                                                   : piv_default_exchange(key->alg, key->index));
}

DWORD piv_map_note(struct run *r, const struct piv_key *key, const struct piv_key *list)
{
    struct piv_key keys[PIV_CONTAINERS];
    struct vfs_label labels[PIV_CONTAINERS] = { 0 };
    uint8_t *data = NULL;
    size_t len = 0;
    struct piv_map map;
    DWORD rc;

    if (!piv_takes(r->e, PIV_MSCMAP))
        return SCARD_S_SUCCESS;
    rc = piv_get(r, PIV_MSCMAP, false, &data, &len); /* as it is now */
    if (rc != SCARD_S_SUCCESS && !piv_is_nothing(rc))
        return rc;
    piv_map_parse(data, rc == SCARD_S_SUCCESS ? len : 0, &map);
    memcpy(keys, list, sizeof(keys));
    keys[key->index] = *key;
    labels_of(&map, labels);
    rc = says_enough(&map, key) ? SCARD_S_SUCCESS : store(r->e, labels, keys);
    run_free(r->e, data, len);
    return rc == SCARD_E_UNSUPPORTED_FEATURE ? SCARD_S_SUCCESS : rc;
}
