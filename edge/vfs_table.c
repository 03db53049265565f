/* SPDX-License-Identifier: MIT */
/* The table of files: what is given, what the edge's places have, what the overlay has. */
#include "edge/vfs_internal.h"

#include <string.h>

static uint32_t where(enum vfs_kind kind, size_t place, uint8_t content)
{
    return (uint32_t)kind << 24 | (uint32_t)place << 8 | content;
}

/* What every card has. `early`: its place is fixed (edge.h). */
static const struct given {
    char dir[EDGE_NAME_MAX], name[EDGE_NAME_MAX];
    uint8_t ac;
    enum vfs_kind kind;
    bool early;
} given[] = {
    { VFS_MAP_DIR, "",           DIR_USER,       VFS_CREATED,  false },
    { "",          "cardid",     AC_ADMIN_WRITE, VFS_CARDID,   true  },
    { "",          "cardcf",     AC_USER_WRITE,  VFS_CARDCF,   true  },
    { "",          "cardapps",   AC_USER_WRITE,  VFS_CARDAPPS, false },
    { VFS_MAP_DIR, VFS_MAP_NAME, AC_USER_WRITE,  VFS_MAP,      false },
};

#define GIVEN (sizeof(given) / sizeof(given[0]))

struct edge_file *vfs_list_find(const struct vfs_listing *l, const char *dir, const char *name)
{
    for (size_t i = 0; i < l->count; i++)
        if (strcmp(l->files[i].dir, dir) == 0 && strcmp(l->files[i].name, name) == 0)
            return &l->files[i];
    return NULL;
}

static void put(struct vfs_listing *l, const char *dir, const char *name, uint8_t ac, uint32_t at)
{
    struct edge_file *f = &l->files[l->count];

    if (name[0] == '\0') { /* the first file makes room */
        *f = l->files[l->directories];
        f = &l->files[l->directories++];
    }
    l->count++;
    memset(f, 0, sizeof(*f));
    memcpy(f->dir, dir, strlen(dir));
    memcpy(f->name, name, strlen(name));
    f->ac = ac;
    f->listed = true;
    f->where = at;
}

size_t vfs_place_find(const struct vfs_source *s, const char *dir, const char *name, uint8_t ac)
{
    size_t i = 0;

    while (i < s->place_count && (strcmp(s->places[i].dir, dir) != 0 ||
                                  strcmp(s->places[i].name, name) != 0 || s->places[i].ac != ac))
        i++;
    return i;
}

/* A record is of a given file, of a place, or of nothing else. Bytes of the overlay hide what the
 * card has: they were written when the card could not hold them. */
static void put_record(const struct vfs_source *s, struct vfs_listing *l, const struct vfs_record *r)
{
    struct edge_file *f = vfs_list_find(l, r->dir, r->name);
    size_t place = vfs_place_find(s, r->dir, r->name, r->ac);

    if (f != NULL && vfs_kind_of(f) != VFS_PLACE)
        f->where |= r->content;
    else if (f != NULL && (place != vfs_place_of(f) || r->content != 0)) {
        f->ac = r->ac;
        f->where = where(VFS_CREATED, place, r->content);
    } else if (f == NULL)
        put(l, r->dir, r->name, r->ac,
            where(place < s->place_count && r->content == 0 ? VFS_PLACE : VFS_CREATED, place, r->content));
}

static void put_places(const struct vfs_source *s, struct vfs_listing *l, const bool *present)
{
    for (size_t i = 0; i < s->place_count; i++) {
        const struct vfs_place *p = &s->places[i];

        if (vfs_list_find(l, p->dir, "") == NULL && p->dir[0] != '\0')
            put(l, p->dir, "", DIR_USER, where(VFS_CREATED, 0, 0));
        if (present[i])
            put(l, p->dir, p->name, p->ac, where(VFS_PLACE, i, 0));
    }
}

DWORD vfs_present(struct edge *e, bool **ret)
{
    const struct vfs_source *s = vfs_of(e)->source;
    bool *list = vfs_alloc(e, s->place_count * sizeof(*list));
    DWORD rc = SCARD_S_SUCCESS;

    if (list == NULL)
        return SCARD_E_NO_MEMORY;
    if (s->place_count != 0)
        rc = s->present(e, list);
    if (rc == SCARD_S_SUCCESS)
        *ret = list;
    else
        vfs_drop_bytes(e, list, 0);
    return rc;
}

/* `fresh`: the overlay's records as the card has them now. */
DWORD vfs_list(struct edge *e, bool fresh, struct vfs_listing *ret)
{
    const struct vfs_source *s = vfs_of(e)->source;
    struct vfs_records records;
    bool *there = NULL;
    size_t most = GIVEN + 2 * s->place_count + VFS_FILES_MAX;
    DWORD rc = vfs_records_load(e, fresh, &records);

    memset(ret, 0, sizeof(*ret));
    if (rc == SCARD_S_SUCCESS)
        rc = vfs_present(e, &there);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    ret->files = vfs_alloc(e, most * sizeof(*ret->files));
    if (ret->files == NULL) {
        vfs_drop_bytes(e, there, 0);
        return SCARD_E_NO_MEMORY;
    }
    for (size_t i = 0; i < GIVEN; i++)
        put(ret, given[i].dir, given[i].name, given[i].ac, where(given[i].kind, 0, 0));
    put_places(s, ret, there);
    for (size_t i = 0; i < records.count; i++)
        put_record(s, ret, &records.list[i]);
    vfs_drop_bytes(e, there, 0);
    return SCARD_S_SUCCESS;
}

DWORD vfs_table(struct edge *e, struct edge_file **ret_files, size_t *ret_count)
{
    struct vfs_listing l;
    DWORD rc = vfs_list(e, false, &l);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    *ret_files = l.files;
    *ret_count = l.count;
    return SCARD_S_SUCCESS;
}

bool vfs_fixed(const struct edge *e, const char *dir, const char *name, struct edge_file *ret)
{
    struct vfs_listing l = { ret, 0, 0 };

    (void)e;
    for (size_t i = 0; i < GIVEN; i++) {
        if (!given[i].early || strcmp(given[i].dir, dir) != 0 || strcmp(given[i].name, name) != 0)
            continue;
        put(&l, dir, name, given[i].ac, where(given[i].kind, 0, 0));
        ret->listed = false;
        return true;
    }
    return false;
}

