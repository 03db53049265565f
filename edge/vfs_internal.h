/* SPDX-License-Identifier: MIT */
/* What the parts of vfs share: vfs.c (verbs), vfs_overlay.c (what callers create), vfs_map.c
 * (cmapfile). Words as in vfs.h. */
#ifndef CARDMINT_EDGE_VFS_INTERNAL_H
#define CARDMINT_EDGE_VFS_INTERNAL_H

#include "edge/vfs.h"

/* CARD_FILE_ACCESS_CONDITION and CARD_DIRECTORY_ACCESS_CONDITION, by number */
enum { AC_USER_WRITE = 1, AC_USER_EXEC = 2, AC_ADMIN_WRITE = 3, AC_USER_ONLY = 5, AC_ADMIN_ONLY = 6 };
enum { DIR_USER = 1, DIR_ADMIN = 2 };

static inline struct vfs *vfs_of(const struct edge *e)
{
    return e->own;
}

void *vfs_alloc(const struct edge *e, size_t len);
void vfs_drop_bytes(const struct edge *e, void *block, size_t len); /* wipes; NULL is welcome */

/* ---- the overlay ----------------------------------------------------------------------------- */

/* A file or directory (name "") that a caller created. content: 0 it has no bytes yet, else its part
 * is VFS_CONTENT + content - 1. */
struct vfs_record {
    char dir[EDGE_NAME_MAX], name[EDGE_NAME_MAX];
    uint8_t ac, content;
};

struct vfs_records {
    struct vfs_record list[VFS_FILES_MAX];
    size_t count;
};

/* The records; what makes no sense is passed over. `fresh`: from the card, by who is about to
 * rewrite them. No overlay yet: none. */
DWORD vfs_records_load(struct edge *e, bool fresh, struct vfs_records *ret);
DWORD vfs_records_save(struct edge *e, const struct vfs_records *records);

/* NULL: there is none of these names. */
struct vfs_record *vfs_records_find(struct vfs_records *records, const char *dir,
                                    const char *name);

/* A new one, without content; NULL: no room. */
struct vfs_record *vfs_records_add(struct vfs_records *records, const char *dir, const char *name,
                                   uint8_t ac);
void vfs_records_remove(struct vfs_records *records, struct vfs_record *r);

/* A part's bytes. SCARD_E_FILE_NOT_FOUND: none. `open`: everyone may read them; what not everyone may
 * read stays out of the caller's cache. */
DWORD vfs_part_load(struct edge *e, unsigned part, uint8_t **ret_data, size_t *ret_len);
DWORD vfs_part_store(struct edge *e, unsigned part, bool open, const uint8_t *data, size_t len);

/* Bytes of a record. Never NULL on success; none yet: length 0. */
DWORD vfs_content_read(struct edge *e, uint8_t content, uint8_t **ret_data, size_t *ret_len);

/* The bytes of the file of these names, which gets a record if it has none. */
DWORD vfs_content_write(struct edge *e, const char *dir, const char *name, uint8_t ac,
                        const uint8_t *data, size_t len);

/* A new file or directory. `reserve`: bytes that are kept for its first content.
 * SCARD_E_WRITE_TOO_MANY: there is no room for those; SCARD_E_NO_MEMORY: for the record. */
DWORD vfs_content_create(struct edge *e, const struct edge_file *what, uint32_t reserve);

/* Takes the record away, then its bytes; no such record: success. */
DWORD vfs_content_remove(struct edge *e, const char *dir, const char *name);

/* Is it a directory that is there without anybody creating it? */
bool vfs_is_given_dir(const struct vfs *v, const char *dir);

/* ---- the table ------------------------------------------------------------------------------- */

/* edge_file.where: kind, the place's index (place_count: none), the content of its record. */
enum vfs_kind { VFS_CARDID = 1, VFS_CARDCF, VFS_CARDAPPS, VFS_MAP, VFS_PLACE, VFS_CREATED };

static inline enum vfs_kind vfs_kind_of(const struct edge_file *f)
{
    return (enum vfs_kind)(f->where >> 24);
}

static inline size_t vfs_place_of(const struct edge_file *f)
{
    return f->where >> 8 & 0xFFFF;
}

static inline uint8_t vfs_content_of(const struct edge_file *f)
{
    return (uint8_t)f->where;
}

static inline bool vfs_is_dir(const struct edge_file *f)
{
    return f->name[0] == '\0';
}

struct vfs_listing {
    struct edge_file *files;   /* services->alloc */
    size_t count, directories; /* directories stand first */
};

/* `fresh`: the overlay's records as the card has them now. */
DWORD vfs_list(struct edge *e, bool fresh, struct vfs_listing *ret);

/* NULL: there is none of these names. */
struct edge_file *vfs_list_find(const struct vfs_listing *l, const char *dir, const char *name);

/* The place of these names and access condition; place_count: none. */
size_t vfs_place_find(const struct vfs_source *s, const char *dir, const char *name, uint8_t ac);

/* Which places have content: services->alloc. */
DWORD vfs_present(struct edge *e, bool **ret);

/* ---- cmapfile -------------------------------------------------------------------------------- */

#define VFS_MAP_DIR  "mscp"
#define VFS_MAP_NAME "cmapfile"

/* `content`: of its record, 0: none. */
DWORD vfs_map_read(struct edge *e, uint8_t content, uint8_t **ret_data, size_t *ret_len);
DWORD vfs_map_write(struct edge *e, uint8_t content, const uint8_t *data, size_t len);

#endif
