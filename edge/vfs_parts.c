/* SPDX-License-Identifier: MIT */
/*
 * Parts of the overlay: on the card where it holds them, else kept: in the context, and in the
 * caller's cache, by which the caller's other contexts see them.
 */
#include "edge/vfs_internal.h"

#include "base/secret.h"

#include <string.h>

void *vfs_alloc(const struct edge *e, size_t len)
{
    return e->services.alloc(e->services.host, len != 0 ? len : 1);
}

void vfs_drop_bytes(const struct edge *e, void *block, size_t len)
{
    if (block == NULL)
        return;
    wipe(block, len);
    e->services.free(e->services.host, block);
}

/* ---- parts that the card does not hold ------------------------------------------------------- */

static void kept_tag(char tag[12], unsigned part)
{
    memcpy(tag, "vfs.kept.00", 12);
    tag[9] = (char)('0' + part / 10);
    tag[10] = (char)('0' + part % 10);
}

static bool kept_cached(const struct edge *e, unsigned part, uint8_t **ret_data, size_t *ret_len)
{
    char tag[12];

    kept_tag(tag, part);
    return e->services.cache_find(e->services.host, tag, ret_data, ret_len);
}

/* The cache first: another context may have written since. */
static DWORD kept_load(const struct edge *e, unsigned part, uint8_t **ret_data, size_t *ret_len)
{
    const struct vfs_bytes *kept = &vfs_of(e)->kept[part];

    if (kept_cached(e, part, ret_data, ret_len))
        return SCARD_S_SUCCESS;
    if (kept->data == NULL)
        return SCARD_E_FILE_NOT_FOUND;
    *ret_data = vfs_alloc(e, kept->len);
    if (*ret_data == NULL)
        return SCARD_E_NO_MEMORY;
    memcpy(*ret_data, kept->data, kept->len);
    *ret_len = kept->len;
    return SCARD_S_SUCCESS;
}

static DWORD kept_store(const struct edge *e, unsigned part, bool open, const uint8_t *data,
                        size_t len)
{
    struct vfs_bytes *kept = &vfs_of(e)->kept[part];
    uint8_t *copy = len != 0 ? vfs_alloc(e, len) : NULL;
    char tag[12];

    if (len != 0 && copy == NULL)
        return SCARD_E_NO_MEMORY;
    if (len != 0)
        memcpy(copy, data, len);
    vfs_drop_bytes(e, kept->data, kept->len);
    kept->data = copy;
    kept->len = len;
    kept_tag(tag, part);
    e->services.cache_drop(e->services.host, tag);
    if (open && len != 0)
        e->services.cache_add(e->services.host, tag, data, len);
    return SCARD_S_SUCCESS;
}

/* ---- parts ----------------------------------------------------------------------------------- */

/* Another context of the caller's has found out that the card holds nothing. */
static bool is_kept(const struct edge *e, unsigned part)
{
    uint8_t *data = NULL;
    size_t len = 0;

    if (!kept_cached(e, part, &data, &len))
        return false;
    vfs_drop_bytes(e, data, len);
    return true;
}

static bool may_hold(const struct edge *e, unsigned part)
{
    struct vfs *v = vfs_of(e);

    if (v->source->load == NULL || v->source->store == NULL ||
        (v->held == EDGE_NOT_ASKED && is_kept(e, part)))
        v->held = EDGE_NO;
    return v->held != EDGE_NO;
}

DWORD vfs_part_load(struct edge *e, unsigned part, uint8_t **ret_data, size_t *ret_len)
{
    struct vfs *v = vfs_of(e);
    DWORD rc;

    if (!may_hold(e, part))
        return kept_load(e, part, ret_data, ret_len);
    rc = v->source->load(e, part, ret_data, ret_len);
    if (rc == SCARD_S_SUCCESS)
        v->held = EDGE_YES;
    if (rc != SCARD_E_UNSUPPORTED_FEATURE)
        return rc;
    v->held = EDGE_NO;
    return kept_load(e, part, ret_data, ret_len);
}

DWORD vfs_part_store(struct edge *e, unsigned part, bool open, const uint8_t *data, size_t len)
{
    struct vfs *v = vfs_of(e);
    DWORD rc;

    if (!may_hold(e, part))
        return kept_store(e, part, open, data, len);
    rc = v->source->store(e, part, data, len);
    if (rc == SCARD_S_SUCCESS)
        v->held = EDGE_YES;
    if (rc != SCARD_E_UNSUPPORTED_FEATURE)
        return rc;
    if (v->held == EDGE_YES) /* the other parts are there: half here, half there would be lost */
        return SCARD_E_WRITE_TOO_MANY;
    v->held = EDGE_NO;
    return kept_store(e, part, open, data, len);
}
