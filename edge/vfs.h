/* SPDX-License-Identifier: MIT */
/*
 * Files for a card that has no file system. The edge says in a small table (struct vfs_source) what
 * the card has that the Base CSP wants to see as files; everything else that callers create is kept
 * in an overlay: on the card where the edge can store bytes there, else in the context and in the
 * caller's cache.
 *
 *     \cardid           the 16 bytes of source->identity; nobody writes it
 *     \cardcf           bytes of the overlay; six zeros before the first write
 *     \cardapps         "mscp\0\0\0\0", until a caller writes its own
 *     \mscp             the directory
 *     \mscp\cmapfile    out of the containers and their labels, see below
 *     source->places    what the edge adds: mscp\kxc00, mscp\msroots
 *     the overlay       what callers create
 *
 * Use: e->own points to a block of the edge's that begins with a struct vfs, set up by vfs_init in
 * probe and given back by vfs_close in close. vfs_table, vfs_read, vfs_fixed, vfs_write, vfs_create
 * and vfs_remove are then the verbs themselves; vfs_free_bytes is for the edge's free_space.
 *
 * Rights. Files of the overlay are guarded by vfs, by the roles that ops->roles names, whoever holds
 * the bytes: the card cannot. So is creating. For its own places the edge refuses whom it must
 * (vfs_may is there for it): it knows what the card checks itself.
 *
 * All or nothing: what changes two things on the card (a file's bytes and its record) changes first
 * the one that does no harm alone: a torn call leaves bytes without a record, never the reverse; of a
 * place that was created by a caller, perhaps an empty file.
 *
 * Room for a file's first content is kept by a part of that size, which gives way to it.
 *
 * Bytes at VFS_DIRECTORY that are not of our format are somebody else's: they are left alone, and
 * the overlay is kept as if the card held none.
 *
 * Limits: VFS_FILES_MAX files and directories, VFS_FILE_MAX bytes each; what the card refuses
 * sooner is SCARD_E_WRITE_TOO_MANY. Where the card holds nothing, two contexts share their files
 * through the caller's cache alone, and files end with the insertion: the edge says
 * profile.session_cache. cardid, cardcf, cardapps, cmapfile and mscp cannot be deleted.
 */
#ifndef CARDMINT_EDGE_VFS_H
#define CARDMINT_EDGE_VFS_H

#include "edge/edge.h"

#define VFS_FILES_MAX  48u
#define VFS_FILE_MAX   16384u
#define VFS_LABEL_MAX  40u    /* UTF-16 units of a container's name, the NUL among them */
#define VFS_RECORD     86u    /* bytes of a record of cmapfile */

/* A file that the card holds in a form of its own, by the name it has here. */
struct vfs_place {
    char dir[EDGE_NAME_MAX], name[EDGE_NAME_MAX];
    uint8_t ac; /* CARD_FILE_ACCESS_CONDITION by number */
};

/* What a container is called: cmapfile's wszGuid and bFlags. */
struct vfs_label {
    uint16_t name[VFS_LABEL_MAX]; /* "": it has none */
    bool is_default;              /* at most one of a card */
};

/* Parts of the overlay, as the edge is to store them: opaque bytes, each part for itself, in files or
 * objects that nobody else uses. */
enum vfs_part {
    VFS_FRESHNESS = 0, /* cardcf: a few bytes, read in each transaction */
    VFS_DIRECTORY = 1, /* a record for each file: at most VFS_DIRECTORY_MAX bytes */
    VFS_CONTENT = 2,   /* ... + n, n < VFS_FILES_MAX: a file's bytes */
    VFS_PARTS = VFS_CONTENT + VFS_FILES_MAX
};

#define VFS_DIRECTORY_MAX (1u + VFS_FILES_MAX * 18u)

/* What an edge hands in. Exchanges are the edge's to count. */
struct vfs_source {
    const struct vfs_place *places; /* directories other than mscp come into being with them */
    size_t place_count;

    /* The 16 bytes of cardid; never all zero. */
    DWORD (*identity)(struct edge *e, uint8_t ret[16]);

    /* Which places have content now: place_count of them, all are written. */
    DWORD (*present)(struct edge *e, bool *list);

    /* The content of a place. *ret_data: services->alloc, never NULL on success.
     * SCARD_E_FILE_NOT_FOUND: it has none. */
    DWORD (*get)(struct edge *e, size_t place, uint8_t **ret_data, size_t *ret_len);

    /* Replaces it, or takes it away. Refuses whom it must: SCARD_W_SECURITY_VIOLATION.
     * SCARD_E_UNSUPPORTED_FEATURE: the card cannot hold that (put: it goes to the overlay instead,
     * and is then read from there; drop: the caller is told). Absent: the same. */
    DWORD (*put)(struct edge *e, size_t place, const uint8_t *data, size_t len);
    DWORD (*drop)(struct edge *e, size_t place);

    /* The card's own names of containers; `list` has room for profile.containers_max, zeroed.
     * Absent, or SCARD_E_UNSUPPORTED_FEATURE: the card has none. */
    DWORD (*labels)(struct edge *e, struct vfs_label *list);

    /* Stores them, whole; those without name are gone then. The right to it vfs has seen to.
     * SCARD_E_UNSUPPORTED_FEATURE: the card cannot. Absent: the same. */
    DWORD (*label)(struct edge *e, const struct vfs_label *list);

    /* A part of the overlay on the card. load: as `get`. store: length 0 removes it. What the card
     * cannot hold at all is SCARD_E_UNSUPPORTED_FEATURE: nothing more is then asked for in this
     * context; what finds no room SCARD_E_WRITE_TOO_MANY. Absent: the card holds no overlay. */
    DWORD (*load)(struct edge *e, unsigned part, uint8_t **ret_data, size_t *ret_len);
    DWORD (*store)(struct edge *e, unsigned part, const uint8_t *data, size_t len);
};

/* Kept for the life of a context, first in the block at e->own. */
struct vfs {
    const struct vfs_source *source;
    enum edge_answer held;      /* does the card hold the overlay? */
    struct vfs_bytes {
        uint8_t *data;          /* services->alloc; NULL: there is none */
        size_t len;
    } kept[VFS_PARTS];          /* where it does not */
};

/* No exchange. */
void vfs_init(struct vfs *v, const struct vfs_source *source);
void vfs_close(struct edge *e);

/* Is the caller one who may write (or `read`) a file of access condition `ac`? Asks ops->roles unless
 * everyone may. SCARD_W_SECURITY_VIOLATION: no. */
DWORD vfs_may(struct edge *e, uint8_t ac, bool read);

/* ---- verbs of edge.h ------------------------------------------------------------------------- */

/* Exchanges, with the overlay on the card: table and whatever begins with it: those of `present`,
 * and a load of the directory unless it is in the cache. cardid: identity. cardcf: 1 load. */
DWORD vfs_table(struct edge *e, struct edge_file **ret_files, size_t *ret_count);
DWORD vfs_read(struct edge *e, const struct edge_file *file, uint8_t **ret_data, size_t *ret_len);
bool vfs_fixed(const struct edge *e, const char *dir, const char *name, struct edge_file *ret);
DWORD vfs_write(struct edge *e, const struct edge_file *file, const uint8_t *data, size_t len);
DWORD vfs_create(struct edge *e, const struct edge_file *what, uint32_t reserve);
DWORD vfs_remove(struct edge *e, const struct edge_file *file);

/* Bytes that a new file may have: VFS_FILE_MAX; CARD_DATA_VALUE_UNKNOWN where the card may hold the
 * overlay. No exchange. */
uint32_t vfs_free_bytes(const struct edge *e);

/* ---- the container map ----------------------------------------------------------------------- */

/*
 * cmapfile is made each time it is read: one record for each container, in order, up to the last
 * that is not zero.
 *   - A container with a key: its name is the card's label, else what a caller wrote last, else
 *     a version 5 UUID (RFC 9562, 5.5) of namespace cardid and the index as one byte.
 *     The sizes are those of its keys.
 *   - A container without: what a caller wrote there last, else zeros.
 *   - The default is the one that is so marked; where nobody ever marked one, the first container
 *     that is guarded by the user's PIN, else the first.
 * What a caller writes is read back as written, but for zeros at the end and sizes that the keys do
 * not have: the names become labels where the card holds them; what they do not say (records without
 * a key, no default) is kept in the overlay beside them. No whole number of records:
 * SCARD_E_INVALID_PARAMETER; more than there can be containers: SCARD_E_WRITE_TOO_MANY.
 */

/* The name of a container that nobody has named. Exchanges: those of `identity`. */
DWORD vfs_derived_name(struct edge *e, unsigned index, struct vfs_label *ret);

#endif
