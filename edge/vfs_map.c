/* SPDX-License-Identifier: MIT */
/* cmapfile, made each time it is read: records of 86 bytes, little-endian: wszGuid[40], bFlags,
 * bReserved, wSigKeySizeBits, wKeyExchangeKeySizeBits. */
#include "edge/vfs_internal.h"

#include "crypto/hash.h"

#include <string.h>

#define VALID      0x01u
#define DEFAULT    0x02u
#define NO_DEFAULT EDGE_CONTAINERS_MAX

/* What a map is made of. */
struct sources {
    struct edge_container *containers; /* services->alloc; profile.containers_max of each */
    struct vfs_label *labels;
    uint8_t *written;                  /* services->alloc: what a caller wrote; NULL: nothing */
    size_t written_len;
};

static unsigned most(const struct edge *e)
{
    return e->profile.containers_max;
}

/* ---- records --------------------------------------------------------------------------------- */

static bool is_name(const uint16_t *name)
{
    size_t len = 0;

    while (len < VFS_LABEL_MAX && name[len] != 0 && name[len] != '\\')
        len++;
    return len != 0 && len < VFS_LABEL_MAX && name[len] == 0;
}

/* Name and default of record i. False: there is no such record, or none in use. */
static bool parse(const uint8_t *map, size_t len, unsigned i, struct vfs_label *ret)
{
    struct rd r = rd_init(map, len);
    uint8_t flags;

    (void)rd_bytes(&r, (size_t)i * VFS_RECORD);
    memset(ret, 0, sizeof(*ret));
    for (size_t c = 0; c < VFS_LABEL_MAX; c++)
        ret->name[c] = rd_u16le(&r);
    flags = rd_u8(&r);
    ret->is_default = (flags & DEFAULT) != 0;
    return !r.bad && (flags & VALID) != 0 && is_name(ret->name);
}

static void write(uint8_t *record, const struct vfs_label *label, const struct edge_container *c,
                  bool is_default)
{
    struct wr w = wr_init(record, VFS_RECORD);
    bool ended = false;

    for (size_t i = 0; i < VFS_LABEL_MAX; i++) {
        ended = ended || label->name[i] == 0;
        wr_u16le(&w, ended ? 0 : label->name[i]);
    }
    wr_u8(&w, is_default ? VALID | DEFAULT : VALID);
    wr_u8(&w, 0);
    wr_u16le(&w, c->sig.spec != 0 ? c->sig.bits : 0);
    wr_u16le(&w, c->kx.spec != 0 ? c->kx.bits : 0);
}

/* Whole records, without those at the end that are zeros. */
static size_t trimmed(const uint8_t *map, size_t len)
{
    while (len != 0 && map[len - 1] == 0)
        len--;
    return (len + VFS_RECORD - 1) / VFS_RECORD * VFS_RECORD;
}

/* ---- names ----------------------------------------------------------------------------------- */

static void put_hex(uint16_t **at, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        *(*at)++ = (uint16_t)digits[bytes[i] >> 4];
        *(*at)++ = (uint16_t)digits[bytes[i] & 0x0F];
    }
}

/* RFC 9562, 5.5: SHA-1 of namespace and name, version 5, variant 10. */
DWORD vfs_derived_name(struct edge *e, unsigned index, struct vfs_label *ret)
{
    static const uint8_t groups[] = { 4, 2, 2, 2, 6 };
    uint8_t id[16], hash[DIGEST_MAX], name = (uint8_t)index;
    uint16_t *at = ret->name;
    const uint8_t *from = hash;
    struct hashing h;
    DWORD rc = vfs_of(e)->source->identity(e, id);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    hashing_begin(&h, DIGEST_SHA1, NULL);
    hashing_add(&h, (struct span){ id, sizeof(id) });
    hashing_add(&h, (struct span){ &name, 1 });
    if (!hashing_end(&h, hash))
        return SCARD_E_UNEXPECTED;
    hash[6] = (uint8_t)((hash[6] & 0x0F) | 0x50);
    hash[8] = (uint8_t)((hash[8] & 0x3F) | 0x80);
    memset(ret, 0, sizeof(*ret));
    for (size_t i = 0; i < sizeof(groups); i++) {
        if (i != 0)
            *at++ = '-';
        put_hex(&at, from, groups[i]);
        from += groups[i];
    }
    return SCARD_S_SUCCESS;
}

/* ---- the map --------------------------------------------------------------------------------- */

static bool has_key(const struct sources *s, unsigned i)
{
    return s->containers[i].sig.spec != 0 || s->containers[i].kx.spec != 0;
}

static bool has_label(const struct sources *s, unsigned i)
{
    return has_key(s, i) && is_name(s->labels[i].name);
}

/* See vfs.h. NO_DEFAULT: none of the containers with a key. */
static unsigned default_of(const struct edge *e, const struct sources *s)
{
    struct vfs_label label;
    unsigned first = NO_DEFAULT;

    for (unsigned i = 0; i < most(e); i++)
        if (has_label(s, i) && s->labels[i].is_default)
            return i;
    for (unsigned i = 0; i < most(e); i++)
        if (has_key(s, i) && parse(s->written, s->written_len, i, &label) && label.is_default)
            return i;
    for (unsigned i = 0; i < most(e) && s->written == NULL; i++) {
        if (!has_key(s, i))
            continue;
        if (s->containers[i].pin == EDGE_USER)
            return i;
        first = first == NO_DEFAULT ? i : first;
    }
    return first;
}

static DWORD name_of(struct edge *e, const struct sources *s, unsigned i, struct vfs_label *ret)
{
    if (has_label(s, i)) {
        *ret = s->labels[i];
        return SCARD_S_SUCCESS;
    }
    return parse(s->written, s->written_len, i, ret) ? SCARD_S_SUCCESS
                                                     : vfs_derived_name(e, i, ret);
}

/* Into `map`, room for all records. */
static DWORD make(struct edge *e, const struct sources *s, uint8_t *map, size_t *ret_len)
{
    size_t room = most(e) * VFS_RECORD;
    unsigned chosen = default_of(e, s);
    DWORD rc = SCARD_S_SUCCESS;

    memset(map, 0, room);
    if (s->written_len != 0)
        memcpy(map, s->written, s->written_len < room ? s->written_len : room);
    for (unsigned i = 0; i < most(e) && rc == SCARD_S_SUCCESS; i++) {
        uint8_t *record = map + (size_t)i * VFS_RECORD;
        struct vfs_label label;

        if (!has_key(s, i)) {
            if (chosen != NO_DEFAULT)
                record[2 * VFS_LABEL_MAX] &= (uint8_t)~DEFAULT;
            continue;
        }
        rc = name_of(e, s, i, &label);
        if (rc == SCARD_S_SUCCESS)
            write(record, &label, &s->containers[i], i == chosen);
    }
    *ret_len = trimmed(map, room);
    return rc;
}

static void forget(const struct edge *e, struct sources *s)
{
    vfs_drop_bytes(e, s->containers, 0);
    vfs_drop_bytes(e, s->labels, 0);
    vfs_drop_bytes(e, s->written, 0);
}

static DWORD load_labels(struct edge *e, struct vfs_label *list)
{
    const struct vfs_source *source = vfs_of(e)->source;
    DWORD rc = source->labels != NULL ? source->labels(e, list) : SCARD_E_UNSUPPORTED_FEATURE;

    return rc == SCARD_E_UNSUPPORTED_FEATURE ? SCARD_S_SUCCESS : rc;
}

static bool is_same(const uint16_t *a, const uint16_t *b)
{
    size_t i = 0;

    while (i < VFS_LABEL_MAX - 1 && a[i] == b[i] && a[i] != 0)
        i++;
    return a[i] == b[i];
}

/* Who looks for a name finds the first key that has it: a second one of that name would be hidden. */
static void tell_apart(const struct edge *e, struct sources *s)
{
    for (unsigned i = 1; i < most(e); i++)
        for (unsigned k = 0; k < i; k++)
            if (has_label(s, i) && has_label(s, k) && is_same(s->labels[i].name, s->labels[k].name))
                memset(&s->labels[i], 0, sizeof(s->labels[i]));
}

/* On failure there is nothing to forget. */
static DWORD gather(struct edge *e, uint8_t content, struct sources *ret)
{
    DWORD rc = SCARD_S_SUCCESS;

    memset(ret, 0, sizeof(*ret));
    ret->containers = vfs_alloc(e, most(e) * sizeof(*ret->containers));
    ret->labels = vfs_alloc(e, most(e) * sizeof(*ret->labels));
    if (ret->containers == NULL || ret->labels == NULL)
        rc = SCARD_E_NO_MEMORY;
    if (rc == SCARD_S_SUCCESS)
        memset(ret->labels, 0, most(e) * sizeof(*ret->labels));
    if (rc == SCARD_S_SUCCESS)
        rc = e->ops->containers(e, ret->containers);
    if (rc == SCARD_S_SUCCESS)
        rc = load_labels(e, ret->labels);
    if (rc == SCARD_S_SUCCESS)
        tell_apart(e, ret);
    if (rc == SCARD_S_SUCCESS && content != 0)
        rc = vfs_content_read(e, content, &ret->written, &ret->written_len);
    ret->written_len -= ret->written_len % VFS_RECORD;
    if (rc != SCARD_S_SUCCESS)
        forget(e, ret);
    return rc;
}

DWORD vfs_map_read(struct edge *e, uint8_t content, uint8_t **ret_data, size_t *ret_len)
{
    uint8_t *map = vfs_alloc(e, most(e) * VFS_RECORD);
    struct sources s;
    DWORD rc = map != NULL ? gather(e, content, &s) : SCARD_E_NO_MEMORY;

    if (rc == SCARD_S_SUCCESS) {
        rc = make(e, &s, map, ret_len);
        forget(e, &s);
    }
    if (rc == SCARD_S_SUCCESS)
        *ret_data = map;
    else
        vfs_drop_bytes(e, map, 0);
    return rc;
}

/* The names of `data` as the card's labels; on success they are the sources' too. */
static DWORD store_labels(struct edge *e, struct sources *s, const uint8_t *data, size_t len)
{
    const struct vfs_source *source = vfs_of(e)->source;
    struct vfs_label *list = vfs_alloc(e, most(e) * sizeof(*list));
    DWORD rc = SCARD_E_UNSUPPORTED_FEATURE;

    if (list == NULL)
        return SCARD_E_NO_MEMORY;
    for (unsigned i = 0; i < most(e); i++)
        if (!has_key(s, i) || !parse(data, len, i, &list[i]))
            memset(&list[i], 0, sizeof(list[i]));
    if (source->label != NULL)
        rc = source->label(e, list);
    if (rc == SCARD_S_SUCCESS)
        memcpy(s->labels, list, most(e) * sizeof(*list));
    vfs_drop_bytes(e, list, 0);
    return rc == SCARD_E_UNSUPPORTED_FEATURE ? SCARD_S_SUCCESS : rc;
}

/* Does the card say all of it, without the overlay? */
static DWORD check_held(struct edge *e, const struct sources *s, const uint8_t *data, size_t len,
                        bool *ret_held)
{
    const struct sources alone = { .containers = s->containers, .labels = s->labels };
    uint8_t *map = vfs_alloc(e, most(e) * VFS_RECORD);
    size_t map_len = 0;
    DWORD rc = map != NULL ? make(e, &alone, map, &map_len) : SCARD_E_NO_MEMORY;

    *ret_held = rc == SCARD_S_SUCCESS && map_len == trimmed(data, len) &&
                (map_len == 0 || memcmp(map, data, map_len) == 0);
    vfs_drop_bytes(e, map, 0);
    return rc;
}

static DWORD write_with(struct edge *e, struct sources *s, uint8_t content, const uint8_t *data,
                        size_t len)
{
    bool held = false;
    DWORD rc = store_labels(e, s, data, len);

    if (rc == SCARD_S_SUCCESS)
        rc = check_held(e, s, data, len, &held);
    if (rc == SCARD_S_SUCCESS && !held)
        return vfs_content_write(e, VFS_MAP_DIR, VFS_MAP_NAME, AC_USER_WRITE, data,
                                 trimmed(data, len));
    return rc == SCARD_S_SUCCESS && content != 0
               ? vfs_content_remove(e, VFS_MAP_DIR, VFS_MAP_NAME)
               : rc;
}

DWORD vfs_map_write(struct edge *e, uint8_t content, const uint8_t *data, size_t len)
{
    const struct vfs_source *source = vfs_of(e)->source;
    struct vfs_label *before;
    struct sources s;
    size_t size = most(e) * sizeof(*before);
    DWORD rc;

    if (len % VFS_RECORD != 0)
        return SCARD_E_INVALID_PARAMETER;
    if (trimmed(data, len) > most(e) * VFS_RECORD)
        return SCARD_E_WRITE_TOO_MANY;
    before = vfs_alloc(e, size);
    rc = before != NULL ? gather(e, 0, &s) : SCARD_E_NO_MEMORY;
    if (rc == SCARD_S_SUCCESS) {
        memcpy(before, s.labels, size);
        rc = write_with(e, &s, content, data, len);
        if (rc != SCARD_S_SUCCESS && memcmp(before, s.labels, size) != 0)
            (void)source->label(e, before); /* all as it was, as far as the card lets us */
        forget(e, &s);
    }
    vfs_drop_bytes(e, before, 0);
    return rc;
}
