/* SPDX-License-Identifier: MIT */
/*
 * Which container holds which key: the keymap (A000/DF20) of Microsoft's driver. The format byte
 * 01, then a record of 12 bytes for each container:
 *
 *     0  4  1 when used, little-endian
 *     4  1  size: the low nibble of GIDS' algorithm references
 *     5  1  9A exchange key, 9C signature key, 00 none
 *     6  2  EF of the key, little-endian; FFFF none
 *     8  2  FFFF                       ours, for a second key: its EF
 *     10 2  zero                       ours: its size and its type, as in 4 and 5
 *
 * The first key of container i is key reference 81 + i, in EF B081 + i, as other software expects
 * it. Any further key - of the second slot, or made to take the place of one of another size - is
 * in the last EF that is free; software that knows no second key sees the first.
 */
#include "edge/gids_internal.h"

#include <string.h>

#define RECORD        12u
#define NO_EF         0xFFFFu
#define TYPE_EXCHANGE 0x9Au
#define TYPE_SIGN     0x9Cu

static const struct gids_table keymap = { "gids.keymap", GIDS_EF_TABLES, 0xDF20 };

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

bool gids_is_exchange(const struct gids_key *key)
{
    return key->spec == key->size->exchange;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* The index of a key EF among all, or GIDS_KEYS for what is none. */
static unsigned ef_index(uint16_t ef)
{
    return ef >= GIDS_EF_KEY0 && ef < GIDS_EF_KEY0 + GIDS_KEYS ? (unsigned)ef - GIDS_EF_KEY0
                                                                : GIDS_KEYS;
}

static void read_key(uint8_t nibble, uint8_t type, uint16_t ef, struct gids_key *ret)
{
    memset(ret, 0, sizeof(*ret));
    if ((type != TYPE_EXCHANGE && type != TYPE_SIGN) || ef_index(ef) == GIDS_KEYS)
        return;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        if (sizes[i].nibble != nibble)
            continue;
        ret->size = &sizes[i];
        ret->spec = type == TYPE_EXCHANGE ? sizes[i].exchange : sizes[i].sign;
        ret->ref = (uint8_t)(GIDS_KEY0 + ef_index(ef));
    }
}

/* One record by itself. A second key counts only beside a first of the other slot. */
static void read_record(const uint8_t *map, size_t len, unsigned index, struct gids_record *ret)
{
    struct gids_key *first = &ret->keys[0], *second = &ret->keys[1];
    struct rd r;
    uint32_t used;
    uint16_t ef;
    uint8_t nibble, type;

    memset(ret, 0, sizeof(*ret));
    if (index >= records(map, len) || index >= GIDS_CONTAINERS)
        return;
    r = rd_init(map + 1 + (size_t)index * RECORD, RECORD);
    used = rd_u32le(&r);
    nibble = rd_u8(&r);
    type = rd_u8(&r);
    ef = rd_u16le(&r);
    ret->taken = used != 0;
    if (used != 1)
        return;
    read_key(nibble, type, ef, first);
    ef = rd_u16le(&r);
    nibble = rd_u8(&r);
    type = rd_u8(&r);
    if (first->size != NULL)
        read_key(nibble, type, ef, second);
    if (second->size != NULL && gids_is_exchange(first) == gids_is_exchange(second))
        memset(second, 0, sizeof(*second));
}

/* Which key EFs the records from `start` to before `end` claim, as far as they are understood; a
 * record that is not claims the EF that is its own by rule. */
static void claims(const uint8_t *map, size_t len, unsigned start, unsigned end,
                   bool claimed[GIDS_KEYS])
{
    for (unsigned i = start; i < end; i++) {
        struct gids_record r;

        read_record(map, len, i, &r);
        if (r.taken && r.keys[0].size == NULL)
            claimed[i] = true;
        for (unsigned k = 0; k < 2 && r.keys[k].size != NULL; k++)
            claimed[r.keys[k].ref - GIDS_KEY0] = true;
    }
}

/* An EF that two keys claim is that of the first, and nobody's else. */
void gids_keymap_get(const uint8_t *map, size_t len, unsigned index, struct gids_record *ret)
{
    bool claimed[GIDS_KEYS] = { false };

    read_record(map, len, index, ret);
    if (ret->keys[0].size == NULL)
        return;
    claims(map, len, 0, index, claimed);
    if (claimed[ret->keys[0].ref - GIDS_KEY0]) {
        memset(ret->keys, 0, sizeof(ret->keys));
        return;
    }
    claimed[ret->keys[0].ref - GIDS_KEY0] = true;
    if (ret->keys[1].size != NULL && claimed[ret->keys[1].ref - GIDS_KEY0])
        memset(&ret->keys[1], 0, sizeof(ret->keys[1]));
}

bool gids_keymap_owns(const uint8_t *map, size_t len, unsigned index)
{
    bool claimed[GIDS_KEYS] = { false };

    claims(map, len, 0, index, claimed);
    claims(map, len, index + 1, GIDS_CONTAINERS, claimed);
    return !claimed[index];
}

uint8_t gids_keymap_pick(const uint8_t *map, size_t len, unsigned index)
{
    bool claimed[GIDS_KEYS] = { false };

    claims(map, len, 0, GIDS_CONTAINERS, claimed);
    if (!claimed[index])
        return (uint8_t)(GIDS_KEY0 + index);
    for (unsigned i = GIDS_KEYS; i-- > 0;)
        if (!claimed[i])
            return (uint8_t)(GIDS_KEY0 + i);
    return 0;
}

DWORD gids_keymap_load(struct run *g, bool fresh, uint8_t **ret_map, size_t *ret_len)
{
    return gids_load(g, &keymap, fresh, ret_map, ret_len);
}

DWORD gids_keymap_store(struct run *g, const uint8_t *map, size_t len)
{
    return gids_store(g, &keymap, map, len);
}

/* ---- writing --------------------------------------------------------------------------------- */

static uint16_t key_ef(const struct gids_key *key)
{
    return key->size != NULL ? (uint16_t)(GIDS_EF_KEY0 + key->ref - GIDS_KEY0) : NO_EF;
}

static void write_kind(struct wr *w, const struct gids_key *key)
{
    wr_u8(w, key->size != NULL ? key->size->nibble : 0);
    wr_u8(w, key->size == NULL ? 0 : gids_is_exchange(key) ? TYPE_EXCHANGE : TYPE_SIGN);
}

static void write_record(struct wr *w, const struct gids_record *record)
{
    static const struct gids_record none;
    const struct gids_key *keys = record != NULL ? record->keys : none.keys;

    wr_u32le(w, record != NULL ? 1 : 0);
    write_kind(w, &keys[0]);
    wr_u16le(w, key_ef(&keys[0]));
    wr_u16le(w, key_ef(&keys[1]));
    write_kind(w, &keys[1]);
}

DWORD gids_keymap_set(struct run *g, const uint8_t *map, size_t len, unsigned index,
                      const struct gids_record *record)
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
    grown = run_alloc(g->e, size);
    if (grown == NULL)
        return SCARD_E_NO_MEMORY;
    w = wr_init(grown, size);
    wr_u8(&w, GIDS_TABLE_FORMAT);
    for (unsigned i = 0; i < want; i++) {
        if (i == index)
            write_record(&w, record);
        else if (i >= have)
            write_record(&w, NULL);
        else
            wr_bytes(&w, map + 1 + (size_t)i * RECORD, RECORD);
    }
    wr_bytes(&w, map + tail, len - tail);
    rc = gids_store(g, &keymap, grown, size);
    run_free(g->e, grown, size);
    return rc;
}

/* ---- verbs and what they share --------------------------------------------------------------- */

DWORD gids_containers(struct edge *e, struct edge_container *list)
{
    struct run g = { e, false };
    uint8_t *map = NULL;
    size_t len = 0;
    DWORD rc = gids_keymap_load(&g, false, &map, &len);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    memset(list, 0, GIDS_CONTAINERS * sizeof(*list));
    for (unsigned i = 0; i < GIDS_CONTAINERS; i++) {
        struct gids_record r;

        list[i].pin = EDGE_USER;
        gids_keymap_get(map, len, i, &r);
        for (unsigned k = 0; k < 2 && r.keys[k].size != NULL; k++) {
            struct edge_key *to = gids_is_exchange(&r.keys[k]) ? &list[i].kx : &list[i].sig;

            to->spec = r.keys[k].spec;
            to->bits = r.keys[k].size->bits;
            to->where = r.keys[k].ref;
        }
    }
    run_free(g.e, map, len);
    return SCARD_S_SUCCESS;
}

bool gids_key_of(const struct edge_key *listed, struct gids_key *ret)
{
    ret->size = gids_size_find(listed->spec, listed->bits);
    ret->spec = listed->spec;
    ret->ref = (uint8_t)listed->where;
    return ret->size != NULL && listed->where >= GIDS_KEY0 && listed->where < GIDS_KEY0 + GIDS_KEYS;
}

DWORD gids_keymap_free(struct run *g, uint32_t *ret)
{
    bool claimed[GIDS_KEYS] = { false };
    uint8_t *map = NULL;
    size_t len = 0;
    uint32_t free_records = 0, free_keys = 0;
    DWORD rc = gids_keymap_load(g, false, &map, &len);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    claims(map, len, 0, GIDS_CONTAINERS, claimed);
    for (unsigned i = 0; i < GIDS_CONTAINERS; i++) {
        struct gids_record r;

        read_record(map, len, i, &r);
        free_records += r.taken ? 0 : 1;
    }
    for (unsigned i = 0; i < GIDS_KEYS; i++)
        free_keys += claimed[i] ? 0 : 1;
    run_free(g->e, map, len);
    *ret = free_records < free_keys ? free_records : free_keys;
    return SCARD_S_SUCCESS;
}
