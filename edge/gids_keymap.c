/* SPDX-License-Identifier: MIT */
/*
 * Which container holds which key: the keymap (A000/DF20) of Microsoft's driver. The format byte
 * 01, then a record of 12 bytes for each container:
 *
 *     0  4  1 when used, little-endian
 *     4  1  size: the low nibble of GIDS' algorithm references
 *     5  1  9A exchange key, 9C signature key, 00 none
 *     6  2  EF of the key, little-endian; FFFF none
 *     8  2  FFFF
 *     10 2  zero
 *
 * A container has one key: reference 81 + index, in EF B081 + index.
 */
#include "edge/gids_internal.h"

#include <string.h>

#define RECORD        12u
#define TYPE_EXCHANGE 0x9Au
#define TYPE_SIGN     0x9Cu

static const struct gids_table keymap = { "gids.keymap", 0xDF20 };

/* GIDS 2.0, algorithm references. P-192 and P-224 have no key specification. */
static const struct gids_size sizes[] = {
    { 0x6, 1024, false, SPEC_RSA_EXCHANGE, SPEC_RSA_SIGNATURE },
    { 0x7, 2048, false, SPEC_RSA_EXCHANGE, SPEC_RSA_SIGNATURE },
    { 0x8, 3072, false, SPEC_RSA_EXCHANGE, SPEC_RSA_SIGNATURE },
    { 0x9, 4096, false, SPEC_RSA_EXCHANGE, SPEC_RSA_SIGNATURE },
    { 0xC, 256,  true,  SPEC_ECDHE_P256,   SPEC_ECDSA_P256    },
    { 0xD, 384,  true,  SPEC_ECDHE_P384,   SPEC_ECDSA_P384    },
    { 0xE, 521,  true,  SPEC_ECDHE_P521,   SPEC_ECDSA_P521    },
};

const struct gids_size *gids_size_find(uint8_t spec, uint32_t bits)
{
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        if (sizes[i].bits == bits && (sizes[i].exchange == spec || sizes[i].sign == spec))
            return &sizes[i];
    return NULL;
}

size_t gids_size_bytes(const struct gids_size *size)
{
    return (size->bits + 7u) / 8u;
}

static size_t records(const uint8_t *map, size_t len)
{
    return len != 0 && map[0] == GIDS_TABLE_FORMAT ? (len - 1) / RECORD : 0;
}

void gids_keymap_get(const uint8_t *map, size_t len, unsigned index, struct gids_key *ret)
{
    struct rd r;
    uint32_t used;
    uint8_t nibble, type;

    memset(ret, 0, sizeof(*ret));
    if (index >= records(map, len) || index >= GIDS_CONTAINERS)
        return;
    r = rd_init(map + 1 + (size_t)index * RECORD, RECORD);
    used = rd_u32le(&r);
    nibble = rd_u8(&r);
    type = rd_u8(&r);
    ret->taken = used != 0;
    if (used != 1 || (type != TYPE_EXCHANGE && type != TYPE_SIGN) ||
        rd_u16le(&r) != GIDS_EF_KEY0 + index)
        return;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        if (sizes[i].nibble != nibble)
            continue;
        ret->size = &sizes[i];
        ret->spec = type == TYPE_EXCHANGE ? sizes[i].exchange : sizes[i].sign;
        ret->ref = (uint8_t)(GIDS_KEY0 + index);
    }
}

DWORD gids_keymap_load(struct gids *g, uint8_t **ret_map, size_t *ret_len)
{
    return gids_load(g, &keymap, ret_map, ret_len);
}

DWORD gids_keymap_store(struct gids *g, const uint8_t *map, size_t len)
{
    return gids_store(g, &keymap, map, len);
}

static void write_record(struct wr *w, unsigned index, const struct gids_key *key)
{
    bool used = key != NULL;

    wr_u32le(w, used ? 1 : 0);
    wr_u8(w, used ? key->size->nibble : 0);
    wr_u8(w, !used ? 0 : key->spec == key->size->exchange ? TYPE_EXCHANGE : TYPE_SIGN);
    wr_u16le(w, used ? (uint16_t)(GIDS_EF_KEY0 + index) : 0xFFFF);
    wr_u16le(w, 0xFFFF);
    wr_u16le(w, 0);
}

DWORD gids_keymap_set(struct gids *g, const uint8_t *map, size_t len, unsigned index,
                      const struct gids_key *key)
{
    size_t have = records(map, len);
    size_t want = index < have ? have : index + 1;
    size_t tail = 1 + have * RECORD; /* behind the last whole record */
    size_t size = len + (want - have) * RECORD;
    uint8_t *grown;
    struct wr w;
    DWORD rc;

    if (len == 0 || map[0] != GIDS_TABLE_FORMAT)
        return SCARD_E_UNEXPECTED; /* not ours to rewrite */
    grown = gids_alloc(g, size);
    if (grown == NULL)
        return SCARD_E_NO_MEMORY;
    w = wr_init(grown, size);
    wr_u8(&w, GIDS_TABLE_FORMAT);
    for (unsigned i = 0; i < want; i++) {
        if (i == index)
            write_record(&w, i, key);
        else if (i >= have)
            write_record(&w, i, NULL);
        else
            wr_bytes(&w, map + 1 + (size_t)i * RECORD, RECORD);
    }
    wr_bytes(&w, map + tail, len - tail);
    rc = gids_store(g, &keymap, grown, size);
    gids_free(g, grown, size);
    return rc;
}

/* ---- verbs and what they share --------------------------------------------------------------- */

DWORD gids_containers(struct edge *e, struct edge_container *list)
{
    struct gids g = { e, false };
    uint8_t *map = NULL;
    size_t len = 0;
    DWORD rc = gids_keymap_load(&g, &map, &len);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    for (unsigned i = 0; i < GIDS_CONTAINERS; i++) {
        struct gids_key key;

        memset(&list[i], 0, sizeof(list[i]));
        gids_keymap_get(map, len, i, &key);
        if (key.size == NULL)
            continue;
        if (key.spec == key.size->exchange) {
            list[i].kx_spec = key.spec;
            list[i].kx_bits = key.size->bits;
        } else {
            list[i].sig_spec = key.spec;
            list[i].sig_bits = key.size->bits;
        }
    }
    gids_free(&g, map, len);
    return SCARD_S_SUCCESS;
}

DWORD gids_key_find(struct gids *g, unsigned index, uint8_t spec, struct gids_key *ret)
{
    uint8_t *map = NULL;
    size_t len = 0;
    struct gids_key key;
    DWORD rc = gids_keymap_load(g, &map, &len);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    gids_keymap_get(map, len, index, &key);
    gids_free(g, map, len);
    if (key.size == NULL || key.spec != spec)
        return SCARD_E_NO_KEY_CONTAINER;
    *ret = key;
    return SCARD_S_SUCCESS;
}

/* From the cache or not at all: nobody asks the card for this alone. */
uint32_t gids_keymap_free(struct edge *e)
{
    const struct gids g = { e, false };
    uint8_t *map = NULL;
    size_t len = 0;
    uint32_t left = 0;

    if (!e->services.cache_find(e->services.host, keymap.cache, &map, &len))
        return 0xFFFFFFFFu;
    for (unsigned i = 0; i < GIDS_CONTAINERS; i++) {
        struct gids_key key;

        gids_keymap_get(map, len, i, &key);
        left += key.taken ? 0 : 1;
    }
    gids_free(&g, map, len);
    return left;
}
