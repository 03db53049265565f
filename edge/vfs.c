/* SPDX-License-Identifier: MIT */
/* The file verbs: what is given, what the edge's places have, what the overlay has. */
#include "edge/vfs_internal.h"

#include <string.h>

#define SPACE_UNKNOWN 0xFFFFFFFFu /* CARD_DATA_VALUE_UNKNOWN */
#define EXECUTE_ONLY  0u          /* nobody's right */

static const uint8_t fresh_cardcf[6]; /* behaviour of a card just made: all counters zero */
static const uint8_t default_apps[8] = { 'm', 's', 'c', 'p' };

void vfs_init(struct vfs *v, const struct vfs_source *source)
{
    memset(v, 0, sizeof(*v));
    v->source = source;
}

void vfs_close(struct edge *e)
{
    struct vfs *v = vfs_of(e);

    for (size_t i = 0; i < VFS_PARTS; i++) {
        vfs_drop_bytes(e, v->kept[i].data, v->kept[i].len);
        v->kept[i].data = NULL;
        v->kept[i].len = 0;
    }
}

/* ---- rights ---------------------------------------------------------------------------------- */

#define EVERYONE (1u << EDGE_EVERYONE)
#define ADMIN    (1u << EDGE_ADMIN)
#define BOTH     (1u << EDGE_USER | 1u << EDGE_ADMIN)

/* Who may, by file access condition; no bit: nobody. */
static const struct {
    uint8_t read, write;
} rights[] = {
    [AC_USER_WRITE] = { EVERYONE, BOTH },
    [AC_USER_EXEC] = { EXECUTE_ONLY, BOTH },
    [AC_ADMIN_WRITE] = { EVERYONE, ADMIN },
    [AC_USER_ONLY] = { BOTH, BOTH },
    [AC_ADMIN_ONLY] = { ADMIN, ADMIN },
};

static DWORD need(struct edge *e, uint8_t set)
{
    uint8_t now = 0;
    DWORD rc = SCARD_S_SUCCESS;

    if ((set & EVERYONE) != 0)
        return rc;
    if (set != 0)
        rc = e->ops->roles(e, &now);
    return rc != SCARD_S_SUCCESS || (now & set) != 0 ? rc : SCARD_W_SECURITY_VIOLATION;
}

DWORD vfs_may(struct edge *e, uint8_t ac, bool read)
{
    if (ac >= sizeof(rights) / sizeof(rights[0]))
        return SCARD_W_SECURITY_VIOLATION;
    return need(e, read ? rights[ac].read : rights[ac].write);
}

/* ---- reading --------------------------------------------------------------------------------- */

static DWORD give(const struct edge *e, const uint8_t *data, size_t len, uint8_t **ret_data,
                  size_t *ret_len)
{
    uint8_t *block = vfs_alloc(e, len);

    if (block == NULL)
        return SCARD_E_NO_MEMORY;
    if (len != 0)
        memcpy(block, data, len);
    *ret_data = block;
    *ret_len = len;
    return SCARD_S_SUCCESS;
}

static DWORD read_id(struct edge *e, uint8_t **ret_data, size_t *ret_len)
{
    uint8_t id[16];
    DWORD rc = vfs_of(e)->source->identity(e, id);

    return rc == SCARD_S_SUCCESS ? give(e, id, sizeof(id), ret_data, ret_len) : rc;
}

static DWORD read_cardcf(struct edge *e, uint8_t **ret_data, size_t *ret_len)
{
    DWORD rc = vfs_part_load(e, VFS_FRESHNESS, ret_data, ret_len);

    return rc == SCARD_E_FILE_NOT_FOUND
               ? give(e, fresh_cardcf, sizeof(fresh_cardcf), ret_data, ret_len)
               : rc;
}

/* Created, and not yet written: empty. */
static DWORD read_place(struct edge *e, size_t place, uint8_t **ret_data, size_t *ret_len)
{
    DWORD rc = vfs_of(e)->source->get(e, place, ret_data, ret_len);

    return rc == SCARD_E_FILE_NOT_FOUND ? give(e, NULL, 0, ret_data, ret_len) : rc;
}

DWORD vfs_read(struct edge *e, const struct edge_file *file, uint8_t **ret_data, size_t *ret_len)
{
    DWORD rc = vfs_may(e, file->ac, true);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    switch (vfs_kind_of(file)) {
    case VFS_CARDID:
        return read_id(e, ret_data, ret_len);
    case VFS_CARDCF:
        return read_cardcf(e, ret_data, ret_len);
    case VFS_CARDAPPS:
        return vfs_content_of(file) != 0
                   ? vfs_content_read(e, vfs_content_of(file), ret_data, ret_len)
                   : give(e, default_apps, sizeof(default_apps), ret_data, ret_len);
    case VFS_MAP:
        return vfs_map_read(e, vfs_content_of(file), ret_data, ret_len);
    case VFS_PLACE:
        return read_place(e, vfs_place_of(file), ret_data, ret_len);
    default:
        return vfs_content_read(e, vfs_content_of(file), ret_data, ret_len);
    }
}

/* ---- writing --------------------------------------------------------------------------------- */

static DWORD write_overlay(struct edge *e, const struct edge_file *file, const uint8_t *data,
                           size_t len)
{
    DWORD rc = vfs_may(e, file->ac, false);

    return rc == SCARD_S_SUCCESS
               ? vfs_content_write(e, file->dir, file->name, file->ac, data, len)
               : rc;
}

/* The card first; what it cannot hold goes to the overlay, and bytes that were there before go when
 * the card holds the new ones. */
static DWORD write_place(struct edge *e, const struct edge_file *file, const uint8_t *data,
                         size_t len)
{
    const struct vfs_source *s = vfs_of(e)->source;
    DWORD rc = s->put != NULL ? s->put(e, vfs_place_of(file), data, len) : SCARD_E_UNSUPPORTED_FEATURE;

    if (rc == SCARD_E_UNSUPPORTED_FEATURE)
        return write_overlay(e, file, data, len);
    if (rc == SCARD_S_SUCCESS && vfs_content_of(file) != 0)
        rc = vfs_content_remove(e, file->dir, file->name);
    return rc;
}

static DWORD write_cardcf(struct edge *e, const uint8_t *data, size_t len)
{
    DWORD rc = vfs_may(e, AC_USER_WRITE, false);

    return rc == SCARD_S_SUCCESS ? vfs_part_store(e, VFS_FRESHNESS, true, data, len) : rc;
}

DWORD vfs_write(struct edge *e, const struct edge_file *file, const uint8_t *data, size_t len)
{
    DWORD rc;

    switch (vfs_kind_of(file)) {
    case VFS_CARDID:
        rc = vfs_may(e, file->ac, false);
        return rc == SCARD_S_SUCCESS ? SCARD_E_UNSUPPORTED_FEATURE : rc;
    case VFS_CARDCF:
        return len <= VFS_FILE_MAX ? write_cardcf(e, data, len) : SCARD_E_WRITE_TOO_MANY;
    case VFS_MAP:
        rc = vfs_may(e, file->ac, false);
        return rc == SCARD_S_SUCCESS ? vfs_map_write(e, vfs_content_of(file), data, len) : rc;
    case VFS_PLACE:
        return write_place(e, file, data, len);
    case VFS_CREATED:
        if (vfs_place_of(file) < vfs_of(e)->source->place_count)
            return write_place(e, file, data, len);
        return write_overlay(e, file, data, len);
    default:
        return write_overlay(e, file, data, len);
    }
}

/* ---- creating and removing ------------------------------------------------------------------- */

static DWORD check_create(struct edge *e, const struct vfs_listing *l, const struct edge_file *what,
                          uint32_t reserve)
{
    const struct edge_file *dir = vfs_is_dir(what) ? NULL : vfs_list_find(l, what->dir, "");
    DWORD rc = need(e, dir != NULL && dir->ac == DIR_ADMIN ? ADMIN : BOTH);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (!vfs_is_dir(what) && what->dir[0] != '\0' && dir == NULL)
        return SCARD_E_DIR_NOT_FOUND;
    if (vfs_list_find(l, what->dir, what->name) != NULL ||
        (vfs_is_dir(what) && vfs_list_find(l, "", what->dir) != NULL) ||
        (what->dir[0] == '\0' && vfs_list_find(l, what->name, "") != NULL))
        return ERROR_FILE_EXISTS;
    return reserve <= VFS_FILE_MAX ? SCARD_S_SUCCESS : SCARD_E_WRITE_TOO_MANY;
}

static bool is_ac(const struct edge_file *what)
{
    if (vfs_is_dir(what))
        return what->ac == DIR_USER || what->ac == DIR_ADMIN;
    return what->ac < sizeof(rights) / sizeof(rights[0]) && rights[what->ac].write != 0;
}

/* The card's own room for a place is the card's to keep. */
static uint32_t room_for(const struct edge *e, const struct edge_file *what, uint32_t reserve)
{
    const struct vfs_source *s = vfs_of(e)->source;

    if (vfs_is_dir(what) || vfs_place_find(s, what->dir, what->name, what->ac) < s->place_count)
        return 0;
    return reserve;
}

DWORD vfs_create(struct edge *e, const struct edge_file *what, uint32_t reserve)
{
    struct vfs_listing l;
    DWORD rc;

    if (!is_ac(what))
        return vfs_is_dir(what) ? SCARD_E_UNSUPPORTED_FEATURE : SCARD_E_INVALID_PARAMETER;
    rc = vfs_list(e, true, &l);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = check_create(e, &l, what, vfs_is_dir(what) ? 0 : reserve);
    vfs_drop_bytes(e, l.files, 0);
    return rc == SCARD_S_SUCCESS ? vfs_content_create(e, what, room_for(e, what, reserve)) : rc;
}

static DWORD remove_dir(struct edge *e, const struct vfs_listing *l, const char *dir)
{
    DWORD rc = need(e, BOTH);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    for (size_t i = 0; i < l->count; i++)
        if (strcmp(l->files[i].dir, dir) == 0 && !vfs_is_dir(&l->files[i]))
            return ERROR_DIR_NOT_EMPTY;
    return vfs_is_given_dir(vfs_of(e), dir) ? SCARD_E_UNSUPPORTED_FEATURE
                                            : vfs_content_remove(e, dir, "");
}

/* The card's first: a record without it would be an empty file, which nobody takes for the old
 * one. */
static DWORD remove_place(struct edge *e, const struct edge_file *f, bool there)
{
    const struct vfs_source *s = vfs_of(e)->source;
    DWORD rc = SCARD_S_SUCCESS;

    if (there)
        rc = s->drop != NULL ? s->drop(e, vfs_place_of(f)) : SCARD_E_UNSUPPORTED_FEATURE;
    else
        rc = vfs_may(e, f->ac, false);
    return rc == SCARD_S_SUCCESS ? vfs_content_remove(e, f->dir, f->name) : rc;
}

static DWORD remove_file(struct edge *e, const struct edge_file *f)
{
    bool *there = NULL, is_there;
    DWORD rc;

    if (vfs_kind_of(f) != VFS_PLACE && vfs_kind_of(f) != VFS_CREATED) {
        rc = vfs_may(e, f->ac, false);
        return rc == SCARD_S_SUCCESS ? SCARD_E_UNSUPPORTED_FEATURE : rc;
    }
    if (vfs_place_of(f) < vfs_of(e)->source->place_count) {
        rc = vfs_present(e, &there);
        if (rc != SCARD_S_SUCCESS)
            return rc;
        is_there = there[vfs_place_of(f)];
        vfs_drop_bytes(e, there, 0);
        return remove_place(e, f, is_there);
    }
    rc = vfs_may(e, f->ac, false);
    return rc == SCARD_S_SUCCESS ? vfs_content_remove(e, f->dir, f->name) : rc;
}

DWORD vfs_remove(struct edge *e, const struct edge_file *file)
{
    struct vfs_listing l;
    const struct edge_file *now;
    DWORD rc = vfs_list(e, true, &l);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    now = vfs_list_find(&l, file->dir, file->name);
    if (now == NULL)
        rc = vfs_is_dir(file) ? SCARD_E_DIR_NOT_FOUND : SCARD_E_FILE_NOT_FOUND;
    else
        rc = vfs_is_dir(now) ? remove_dir(e, &l, now->dir) : remove_file(e, now);
    vfs_drop_bytes(e, l.files, 0);
    return rc;
}

uint32_t vfs_free_bytes(const struct edge *e)
{
    const struct vfs *v = vfs_of(e);

    return v->held == EDGE_NO || v->source->store == NULL ? VFS_FILE_MAX : SPACE_UNKNOWN;
}
