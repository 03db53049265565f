/* SPDX-License-Identifier: MIT */
/*
 * What callers create: the directory of the overlay, and the bytes behind its records.
 *
 * The directory, part VFS_DIRECTORY: a format byte 01, then records of 18 bytes: directory (8, padded
 * with zeros), name (8, the same; all zeros: the record is of the directory itself), access
 * condition, content.
 */
#include "edge/vfs_internal.h"

#include <string.h>

#define FORMAT      0x01u
#define RECORD_SIZE 18u
#define NAME_SIZE   8u

#define CACHED_DIRECTORY "vfs.directory" /* as it is on the card */

/* ---- the directory --------------------------------------------------------------------------- */

bool vfs_is_given_dir(const struct vfs *v, const char *dir)
{
    bool given = dir[0] == '\0' || strcmp(dir, VFS_MAP_DIR) == 0;

    for (size_t i = 0; !given && i < v->source->place_count; i++)
        given = strcmp(v->source->places[i].dir, dir) == 0;
    return given;
}

struct vfs_record *vfs_records_find(struct vfs_records *records, const char *dir, const char *name)
{
    for (size_t i = 0; i < records->count; i++)
        if (strcmp(records->list[i].dir, dir) == 0 && strcmp(records->list[i].name, name) == 0)
            return &records->list[i];
    return NULL;
}

struct vfs_record *vfs_records_add(struct vfs_records *records, const char *dir, const char *name,
                                   uint8_t ac)
{
    struct vfs_record *r = &records->list[records->count];

    if (records->count == VFS_FILES_MAX)
        return NULL;
    memset(r, 0, sizeof(*r));
    memcpy(r->dir, dir, strlen(dir));
    memcpy(r->name, name, strlen(name));
    r->ac = ac;
    records->count++;
    return r;
}

void vfs_records_remove(struct vfs_records *records, struct vfs_record *r)
{
    size_t behind = records->count - (size_t)(r - records->list) - 1;

    memmove(r, r + 1, behind * sizeof(*r));
    records->count--;
}

/* The content that is in no record's use; 0: there is none. */
static uint8_t free_content(const struct vfs_records *records)
{
    bool used[VFS_FILES_MAX + 1] = { false };
    uint8_t content = 1;

    for (size_t i = 0; i < records->count; i++)
        used[records->list[i].content] = true;
    while (content <= VFS_FILES_MAX && used[content])
        content++;
    return content <= VFS_FILES_MAX ? content : 0;
}

/* CMR.1.2.1, lower case, padded with nothing but zeros. */
static bool read_name(struct rd *r, char ret[EDGE_NAME_MAX])
{
    size_t len = 0;

    memset(ret, 0, EDGE_NAME_MAX);
    rd_copy(r, ret, NAME_SIZE);
    while (len < NAME_SIZE && ret[len] != '\0') {
        if (!edge_name_char((unsigned char)ret[len]) || (ret[len] >= 'A' && ret[len] <= 'Z'))
            return false;
        len++;
    }
    for (; len < NAME_SIZE; len++)
        if (ret[len] != '\0')
            return false;
    return true;
}

static bool is_sound(const struct vfs *v, const struct vfs_record *r)
{
    if (r->name[0] == '\0')
        return !vfs_is_given_dir(v, r->dir) && (r->ac == DIR_USER || r->ac == DIR_ADMIN) &&
               r->content == 0;
    return r->ac >= AC_USER_WRITE && r->ac <= AC_ADMIN_ONLY && r->ac != 4 /* UnknownAc */ &&
           r->content <= VFS_FILES_MAX &&
           !(r->dir[0] == '\0' &&
             (strcmp(r->name, "cardid") == 0 || strcmp(r->name, "cardcf") == 0 ||
              vfs_is_given_dir(v, r->name)));
}

/* Names in use, or content. In the root files and directories share their names. */
static bool clashes(struct vfs_records *records, const struct vfs_record *r)
{
    for (size_t i = 0; i < records->count; i++)
        if (records->list[i].content != 0 && records->list[i].content == r->content)
            return true;
    return vfs_records_find(records, r->dir, r->name) != NULL ||
           (r->name[0] == '\0' && vfs_records_find(records, "", r->dir) != NULL) ||
           (r->dir[0] == '\0' && vfs_records_find(records, r->name, "") != NULL);
}

/* A file of a directory that is not there could not be reached. */
static void drop_strays(const struct vfs *v, struct vfs_records *records)
{
    for (size_t i = records->count; i-- > 0;) {
        struct vfs_record *r = &records->list[i];

        if (!vfs_is_given_dir(v, r->dir) && vfs_records_find(records, r->dir, "") == NULL)
            vfs_records_remove(records, r);
    }
}

/* False: not of our format, so not ours. */
static bool parse(const struct vfs *v, const uint8_t *data, size_t len, struct vfs_records *ret)
{
    struct rd r = rd_init(data, len);

    ret->count = 0;
    if (rd_u8(&r) != FORMAT || r.bad)
        return false;
    while (rd_left(&r) >= RECORD_SIZE && ret->count < VFS_FILES_MAX) {
        struct rd at = rd_sub(&r, RECORD_SIZE);
        struct vfs_record one;
        bool dir = read_name(&at, one.dir), name = read_name(&at, one.name);

        one.ac = rd_u8(&at);
        one.content = rd_u8(&at);
        if (dir && name && is_sound(v, &one) && !clashes(ret, &one))
            ret->list[ret->count++] = one;
    }
    drop_strays(v, ret);
    return true;
}

static bool load_cached(struct edge *e, struct vfs_records *ret)
{
    uint8_t *data = NULL;
    size_t len = 0;
    bool good;

    if (vfs_of(e)->held == EDGE_NO ||
        !e->services.cache_find(e->services.host, CACHED_DIRECTORY, &data, &len))
        return false;
    good = parse(vfs_of(e), data, len, ret);
    vfs_drop_bytes(e, data, len);
    return good;
}

static void cache_directory(const struct edge *e, const uint8_t *data, size_t len)
{
    if (vfs_of(e)->held == EDGE_NO)
        return;
    e->services.cache_drop(e->services.host, CACHED_DIRECTORY);
    e->services.cache_add(e->services.host, CACHED_DIRECTORY, data, len);
}

DWORD vfs_records_load(struct edge *e, bool fresh, struct vfs_records *ret)
{
    static const uint8_t none[] = { FORMAT };
    uint8_t *data = NULL;
    size_t len = 0;
    DWORD rc;

    if (!fresh && load_cached(e, ret))
        return SCARD_S_SUCCESS;
    rc = vfs_part_load(e, VFS_DIRECTORY, &data, &len);
    if (rc == SCARD_S_SUCCESS && !parse(vfs_of(e), data, len, ret)) {
        vfs_drop_bytes(e, data, len); /* somebody else's: it stays as it is */
        data = NULL;
        vfs_of(e)->held = EDGE_NO;
        rc = vfs_part_load(e, VFS_DIRECTORY, &data, &len);
        if (rc == SCARD_S_SUCCESS && !parse(vfs_of(e), data, len, ret))
            ret->count = 0;
    }
    if (rc == SCARD_E_FILE_NOT_FOUND) {
        ret->count = 0;
        cache_directory(e, none, sizeof(none));
        return SCARD_S_SUCCESS;
    }
    if (rc == SCARD_S_SUCCESS)
        cache_directory(e, data, len);
    vfs_drop_bytes(e, data, len);
    return rc;
}

DWORD vfs_records_save(struct edge *e, const struct vfs_records *records)
{
    uint8_t bytes[VFS_DIRECTORY_MAX];
    struct wr w = wr_init(bytes, sizeof(bytes));
    DWORD rc;

    wr_u8(&w, FORMAT);
    for (size_t i = 0; i < records->count; i++) {
        wr_bytes(&w, records->list[i].dir, NAME_SIZE);
        wr_bytes(&w, records->list[i].name, NAME_SIZE);
        wr_u8(&w, records->list[i].ac);
        wr_u8(&w, records->list[i].content);
    }
    e->services.cache_drop(e->services.host, CACHED_DIRECTORY);
    rc = vfs_part_store(e, VFS_DIRECTORY, true, bytes, wr_len(&w));
    if (rc == SCARD_S_SUCCESS)
        cache_directory(e, bytes, wr_len(&w));
    return rc;
}

/* ---- contents -------------------------------------------------------------------------------- */

static unsigned part_of(uint8_t content)
{
    return VFS_CONTENT + content - 1u;
}

static bool is_open(uint8_t ac)
{
    return ac == AC_USER_WRITE || ac == AC_ADMIN_WRITE;
}

/* A content begins with a byte: written, or room that is only kept for it. */
enum { RESERVED = 0, WRITTEN = 1 };

static DWORD store_content(struct edge *e, const struct vfs_record *r, uint8_t state,
                           const uint8_t *data, size_t len)
{
    uint8_t *bytes = vfs_alloc(e, len + 1);
    DWORD rc;

    if (bytes == NULL)
        return SCARD_E_NO_MEMORY;
    bytes[0] = state;
    if (data != NULL)
        memcpy(bytes + 1, data, len);
    else
        memset(bytes + 1, 0, len);
    rc = vfs_part_store(e, part_of(r->content), is_open(r->ac), bytes, len + 1);
    vfs_drop_bytes(e, bytes, len + 1);
    return rc;
}

static DWORD give_none(const struct edge *e, uint8_t **ret_data, size_t *ret_len)
{
    *ret_data = vfs_alloc(e, 0);
    *ret_len = 0;
    return *ret_data != NULL ? SCARD_S_SUCCESS : SCARD_E_NO_MEMORY;
}

DWORD vfs_content_read(struct edge *e, uint8_t content, uint8_t **ret_data, size_t *ret_len)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    DWORD rc = content != 0 ? vfs_part_load(e, part_of(content), &bytes, &len)
                            : SCARD_E_FILE_NOT_FOUND;

    if (rc == SCARD_E_FILE_NOT_FOUND)
        return give_none(e, ret_data, ret_len);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (len == 0 || bytes[0] != WRITTEN) {
        vfs_drop_bytes(e, bytes, len);
        return give_none(e, ret_data, ret_len);
    }
    memmove(bytes, bytes + 1, len - 1);
    *ret_data = bytes;
    *ret_len = len - 1;
    return rc;
}

/* Room that was kept for these bytes is given up for them. */
static DWORD use_reserved(struct edge *e, const struct vfs_record *r, const uint8_t *data,
                          size_t len)
{
    uint8_t *bytes = NULL;
    size_t room = 0;
    DWORD rc = vfs_part_load(e, part_of(r->content), &bytes, &room);
    bool fits = rc == SCARD_S_SUCCESS && room > len && bytes[0] == RESERVED;

    vfs_drop_bytes(e, bytes, room);
    if (!fits)
        return SCARD_E_WRITE_TOO_MANY;
    rc = vfs_part_store(e, part_of(r->content), false, NULL, 0);
    return rc == SCARD_S_SUCCESS ? store_content(e, r, WRITTEN, data, len) : rc;
}

DWORD vfs_content_write(struct edge *e, const char *dir, const char *name, uint8_t ac,
                        const uint8_t *data, size_t len)
{
    struct vfs_records records;
    struct vfs_record *r;
    DWORD rc = len <= VFS_FILE_MAX ? vfs_records_load(e, true, &records) : SCARD_E_WRITE_TOO_MANY;
    bool changed = false;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    r = vfs_records_find(&records, dir, name);
    if (r == NULL) {
        r = vfs_records_add(&records, dir, name, ac);
        changed = true;
    }
    if (r == NULL)
        return SCARD_E_WRITE_TOO_MANY;
    if (r->content == 0 && len != 0) {
        r->content = free_content(&records);
        changed = true;
    }
    if (r->content != 0)
        rc = store_content(e, r, WRITTEN, data, len);
    if (rc == SCARD_E_WRITE_TOO_MANY && !changed)
        rc = use_reserved(e, r, data, len);
    return rc == SCARD_S_SUCCESS && changed ? vfs_records_save(e, &records) : rc;
}

DWORD vfs_content_create(struct edge *e, const struct edge_file *what, uint32_t reserve)
{
    struct vfs_records records;
    struct vfs_record *r;
    DWORD rc = vfs_records_load(e, false, &records); /* the caller has just refreshed them */

    if (rc != SCARD_S_SUCCESS)
        return rc;
    r = vfs_records_add(&records, what->dir, what->name, what->ac);
    if (r == NULL)
        return SCARD_E_NO_MEMORY;
    if (reserve != 0) {
        r->content = free_content(&records);
        rc = store_content(e, r, RESERVED, NULL, reserve);
    }
    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = vfs_records_save(e, &records);
    if (rc != SCARD_S_SUCCESS && reserve != 0)
        (void)vfs_part_store(e, part_of(r->content), false, NULL, 0);
    return rc == SCARD_E_WRITE_TOO_MANY ? SCARD_E_NO_MEMORY : rc;
}

static DWORD empty_first(struct edge *e, const struct vfs_records *records, uint8_t content)
{
    DWORD rc = vfs_part_store(e, part_of(content), false, NULL, 0);

    return rc == SCARD_S_SUCCESS ? vfs_records_save(e, records) : rc;
}

DWORD vfs_content_remove(struct edge *e, const char *dir, const char *name)
{
    struct vfs_records records, before;
    struct vfs_record *r;
    uint8_t content;
    DWORD rc = vfs_records_load(e, true, &records);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    before = records;
    r = vfs_records_find(&records, dir, name);
    if (r == NULL)
        return SCARD_S_SUCCESS;
    content = r->content;
    vfs_records_remove(&records, r);
    rc = vfs_records_save(e, &records);
    if (content == 0)
        return rc;
    if (rc == SCARD_E_WRITE_TOO_MANY) /* a full card: the file's bytes make room for the records */
        return empty_first(e, &records, content);
    if (rc == SCARD_S_SUCCESS) {
        rc = vfs_part_store(e, part_of(content), false, NULL, 0);
        if (rc != SCARD_S_SUCCESS)
            (void)vfs_records_save(e, &before); /* all as before */
    }
    return rc;
}
