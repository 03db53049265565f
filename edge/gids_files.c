/* SPDX-License-Identifier: MIT */
/*
 * The file system that Microsoft's driver keeps on a GIDS card; the card itself knows DOs only.
 * The masterfile (A000/DF1F) is the format byte 01 and records of 28 bytes:
 *
 *     0   9  directory, ASCII, NUL-padded; "" is root
 *     9   9  file, likewise; "" is the directory itself
 *     18  2  zero
 *     20  4  DO, little-endian (23 DF 00 00); 0 for a directory
 *     24  4  EF, little-endian (10 A0 00 00); which one decides the access condition
 *
 * Records that make no sense are passed over, and kept as they are when the table is rewritten.
 */
#include "edge/gids_internal.h"

#include <string.h>

#define RECORD      28u
#define NAME_FIELD  9u
#define AT_DO       20u
#define AT_EF       24u
#define DO_FIRST    0xDF24u /* below are the files that each card has */
#define DO_LAST     0xDF7Fu /* ISO/IEC 7816-4: the last two-byte tag under DF */

/* CARD_DIRECTORY_ACCESS_CONDITION and CARD_FILE_ACCESS_CONDITION by number (cardmod.h) */
enum {
    DIR_AC_INVALID = 0,
    DIR_AC_USER = 1,
    FILE_AC_UNKNOWN = 4,
};

static const struct gids_table masterfile = { "gids.masterfile", 0xDF1F };

static const struct ac_row {
    uint16_t ef;
    uint8_t ac; /* CARD_FILE_ACCESS_CONDITION */
} ac_rows[] = {
    { GIDS_EF_USER_WRITE,  1 }, /* EveryoneReadUserWriteAc */
    { GIDS_EF_USER_EXEC,   2 }, /* UserWriteExecuteAc */
    { GIDS_EF_ADMIN_WRITE, 3 }, /* EveryoneReadAdminWriteAc */
    { GIDS_EF_USER_ONLY,   5 }, /* UserReadWriteAc */
    { GIDS_EF_ADMIN_ONLY,  6 }, /* AdminReadWriteAc */
};

/* Files whose place is the same on every card. `never_empty`: when its DO is missing there is no
 * such file; the others may just never have been written. */
static const struct fixed_row {
    char dir[EDGE_NAME_MAX], name[EDGE_NAME_MAX];
    uint16_t ef, tag;
    uint8_t ac;
    bool never_empty;
} fixed_rows[] = {
    { "",     "cardid",   GIDS_EF_ADMIN_WRITE, 0xDF20, 3, true  },
    { "",     "cardapps", GIDS_EF_USER_WRITE,  0xDF21, 1, true  },
    { "",     "cardcf",   GIDS_EF_USER_WRITE,  0xDF22, 1, true  },
    { "mscp", "cmapfile", GIDS_EF_USER_WRITE,  0xDF23, 1, false },
};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* edge_file.where: EF << 16 | DO; a directory has no DO. */
static uint32_t place(uint32_t ef, uint32_t tag)
{
    return ef << 16 | tag;
}

static uint16_t place_ef(uint32_t where)
{
    return (uint16_t)(where >> 16);
}

static uint16_t place_do(uint32_t where)
{
    return (uint16_t)where;
}

static uint8_t file_ac(uint32_t ef)
{
    for (size_t i = 0; i < COUNT(ac_rows); i++)
        if (ac_rows[i].ef == ef)
            return ac_rows[i].ac;
    return FILE_AC_UNKNOWN;
}

/* ---- records --------------------------------------------------------------------------------- */

/* A name of printable ASCII with its NUL inside the field; made lower case. */
static bool read_name(struct rd *r, char name[EDGE_NAME_MAX])
{
    const uint8_t *field = rd_bytes(r, NAME_FIELD);

    if (field == NULL || memchr(field, 0, NAME_FIELD) == NULL)
        return false;
    memset(name, 0, EDGE_NAME_MAX);
    for (size_t i = 0; field[i] != 0; i++) {
        uint8_t c = field[i];

        if (c <= ' ' || c > '~' || c == '\\' || c == '/')
            return false;
        name[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    return true;
}

/* ISO/IEC 7816-4 (5.2.2.1): a tag of two bytes */
static bool is_two_byte_tag(uint32_t tag)
{
    return tag <= 0xFFFF && (tag >> 8 & 0x1F) == 0x1F && (tag & 0xFF) >= 0x1F &&
           (tag & 0xFF) <= 0x7F;
}

/* False: no record that anybody could use. */
static bool read_record(const uint8_t *record, struct edge_file *ret)
{
    struct rd r = rd_init(record, RECORD);
    struct edge_file f;
    uint32_t tag, ef;

    if (!read_name(&r, f.dir) || !read_name(&r, f.name))
        return false;
    (void)rd_u16le(&r);
    tag = rd_u32le(&r);
    ef = rd_u32le(&r);
    if (ef == 0 || ef > 0xFFFF || (f.dir[0] == '\0' && f.name[0] == '\0'))
        return false;
    if (f.name[0] == '\0') {
        f.ac = ef == GIDS_EF_TABLES ? DIR_AC_USER : DIR_AC_INVALID;
        f.where = place(ef, 0);
    } else {
        if (!is_two_byte_tag(tag))
            return false;
        f.ac = file_ac(ef);
        f.where = place(ef, tag);
    }
    *ret = f;
    return true;
}

static void write_record(struct wr *w, const struct edge_file *f)
{
    wr_bytes(w, f->dir, NAME_FIELD);
    wr_bytes(w, f->name, NAME_FIELD);
    wr_u16le(w, 0);
    wr_u32le(w, place_do(f->where));
    wr_u32le(w, place_ef(f->where));
}

/* Whole records in a table; 0 when its format is another. */
static size_t records(const uint8_t *table, size_t len)
{
    return len != 0 && table[0] == GIDS_TABLE_FORMAT ? (len - 1) / RECORD : 0;
}

static const uint8_t *record_at(const uint8_t *table, size_t i)
{
    return table + 1 + i * RECORD;
}

/* ---- reading --------------------------------------------------------------------------------- */

DWORD gids_files_table(struct edge *e, struct edge_file **ret_files, size_t *ret_count)
{
    struct gids g = { e, false };
    struct edge_file *files = NULL;
    struct edge_file f;
    uint8_t *table = NULL;
    size_t len = 0, count = 0;
    DWORD rc = gids_load(&g, &masterfile, &table, &len);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    for (size_t i = 0; i < records(table, len); i++)
        count += read_record(record_at(table, i), &f) ? 1 : 0;
    if (count != 0)
        files = gids_alloc(&g, count * sizeof(*files));
    if (count != 0 && files == NULL) {
        rc = SCARD_E_NO_MEMORY;
        goto out;
    }
    for (size_t i = 0, at = 0; files != NULL && i < records(table, len); i++)
        if (read_record(record_at(table, i), &f))
            files[at++] = f;
    *ret_files = files;
    *ret_count = count;
out:
    gids_free(&g, table, len);
    return rc;
}

static const struct fixed_row *fixed_row_at(uint32_t where)
{
    for (size_t i = 0; i < COUNT(fixed_rows); i++)
        if (place(fixed_rows[i].ef, fixed_rows[i].tag) == where)
            return &fixed_rows[i];
    return NULL;
}

bool gids_files_fixed(const struct edge *e, const char *dir, const char *name,
                      struct edge_file *ret)
{
    (void)e;
    for (size_t i = 0; i < COUNT(fixed_rows); i++) {
        const struct fixed_row *row = &fixed_rows[i];

        if (!row->never_empty || strcmp(row->dir, dir) != 0 || strcmp(row->name, name) != 0)
            continue;
        memcpy(ret->dir, row->dir, sizeof(ret->dir));
        memcpy(ret->name, row->name, sizeof(ret->name));
        ret->ac = row->ac;
        ret->where = place(row->ef, row->tag);
        return true;
    }
    return false;
}

DWORD gids_files_read(struct edge *e, const struct edge_file *file, uint8_t **ret_data,
                      size_t *ret_len)
{
    struct gids g = { e, false };
    const struct fixed_row *row = fixed_row_at(file->where);
    bool small = row != NULL && row->never_empty;
    uint8_t *data;
    DWORD rc;

    rc = gids_get(&g, place_ef(file->where), place_do(file->where), small, ret_data, ret_len);
    if (rc != SCARD_E_FILE_NOT_FOUND || small)
        return rc;
    data = gids_alloc(&g, 0); /* listed, but never written */
    if (data == NULL)
        return SCARD_E_NO_MEMORY;
    *ret_data = data;
    *ret_len = 0;
    return SCARD_S_SUCCESS;
}

/* ---- writing --------------------------------------------------------------------------------- */

DWORD gids_files_write(struct edge *e, const struct edge_file *file, const uint8_t *data,
                       size_t len)
{
    struct gids g = { e, false };
    DWORD rc = gids_prove(&g);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    return gids_put(&g, place_ef(file->where), place_do(file->where), data, len);
}

/* The place for a new file: the one it has on every card, else the first DO of the EF that no
 * record uses. 0: none. */
static uint32_t find_place(const uint8_t *table, size_t len, const struct edge_file *what)
{
    bool used[DO_LAST - DO_FIRST + 1] = { false };
    struct edge_file f;
    uint16_t ef = 0;

    for (size_t i = 0; i < COUNT(fixed_rows); i++)
        if (strcmp(fixed_rows[i].dir, what->dir) == 0 && fixed_rows[i].ac == what->ac &&
            strcmp(fixed_rows[i].name, what->name) == 0)
            return place(fixed_rows[i].ef, fixed_rows[i].tag);
    for (size_t i = 0; i < COUNT(ac_rows); i++)
        if (ac_rows[i].ac == what->ac)
            ef = ac_rows[i].ef;
    for (size_t i = 0; i < records(table, len); i++)
        if (read_record(record_at(table, i), &f) && place_ef(f.where) == ef &&
            place_do(f.where) >= DO_FIRST && place_do(f.where) <= DO_LAST)
            used[place_do(f.where) - DO_FIRST] = true;
    for (uint32_t i = 0; i < COUNT(used) && ef != 0; i++)
        if (!used[i])
            return place(ef, DO_FIRST + i);
    return 0;
}

/* The table with one record more: behind the last whole one, before whatever follows it. */
static DWORD store_with(struct gids *g, const uint8_t *table, size_t len, const struct edge_file *f)
{
    size_t head = 1 + records(table, len) * RECORD;
    uint8_t *grown = gids_alloc(g, len + RECORD);
    struct wr w;
    DWORD rc;

    if (grown == NULL)
        return SCARD_E_NO_MEMORY;
    w = wr_init(grown, len + RECORD);
    wr_bytes(&w, table, head);
    write_record(&w, f);
    wr_bytes(&w, table + head, len - head);
    rc = gids_store(g, &masterfile, grown, len + RECORD);
    gids_free(g, grown, len + RECORD);
    return rc;
}

DWORD gids_files_create(struct edge *e, const struct edge_file *files, size_t count,
                        const struct edge_file *what)
{
    struct gids g = { e, false };
    struct edge_file f = *what;
    bool is_dir = f.name[0] == '\0';
    uint8_t *table = NULL;
    size_t len = 0;
    DWORD rc;

    (void)files; /* the table's bytes are what counts here */
    (void)count;
    if (is_dir && f.ac != DIR_AC_USER)
        return SCARD_E_UNSUPPORTED_FEATURE; /* no layout has a place for other directories */
    if (!is_dir && (f.ac == FILE_AC_UNKNOWN || f.ac < 1 || f.ac > 6))
        return SCARD_E_INVALID_PARAMETER;
    rc = gids_load(&g, &masterfile, &table, &len);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    f.where = is_dir ? place(GIDS_EF_TABLES, 0) : find_place(table, len, &f);
    if (table[0] != GIDS_TABLE_FORMAT)
        rc = SCARD_E_UNEXPECTED; /* not ours to rewrite */
    else if (f.where == 0)
        rc = SCARD_E_NO_MEMORY;
    else
        rc = store_with(&g, table, len, &f);
    gids_free(&g, table, len);
    return rc;
}

/* The record that reads as `f`; the number of records when there is none. *ret_shared: another
 * record has the same DO. */
static size_t find_record(const uint8_t *table, size_t len, const struct edge_file *f,
                          bool *ret_shared)
{
    size_t found = records(table, len);
    struct edge_file at;

    *ret_shared = false;
    for (size_t i = 0; i < records(table, len); i++) {
        if (!read_record(record_at(table, i), &at) || at.where != f->where)
            continue;
        if (found == records(table, len) && strcmp(at.dir, f->dir) == 0 &&
            strcmp(at.name, f->name) == 0)
            found = i;
        else
            *ret_shared = true;
    }
    return found;
}

/* The table without record i. */
static DWORD store_without(struct gids *g, const uint8_t *table, size_t len, size_t i)
{
    size_t head = (size_t)(record_at(table, i) - table);
    uint8_t *shrunk = gids_alloc(g, len - RECORD);
    DWORD rc;

    if (shrunk == NULL)
        return SCARD_E_NO_MEMORY;
    memcpy(shrunk, table, head);
    memcpy(shrunk + head, table + head + RECORD, len - head - RECORD);
    rc = gids_store(g, &masterfile, shrunk, len - RECORD);
    gids_free(g, shrunk, len - RECORD);
    return rc;
}

DWORD gids_files_remove(struct edge *e, const struct edge_file *files, size_t count, size_t index)
{
    struct gids g = { e, false };
    const struct edge_file *f = &files[index];
    bool shared = false;
    uint8_t *table = NULL;
    size_t len = 0, at;
    DWORD rc;

    if (index >= count)
        return SCARD_E_INVALID_PARAMETER;
    rc = gids_load(&g, &masterfile, &table, &len);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    at = find_record(table, len, f, &shared);
    rc = at == records(table, len) ? SCARD_E_FILE_NOT_FOUND : store_without(&g, table, len, at);
    if (rc != SCARD_S_SUCCESS || f->name[0] == '\0' || shared)
        goto out;
    /* GIDS 2.0, PUT DATA: an empty DO is deleted, or on some cards emptied; both read as never
     * written, and its tag is free for the next file. */
    rc = gids_put(&g, place_ef(f->where), place_do(f->where), NULL, 0);
    if (rc != SCARD_S_SUCCESS)
        (void)gids_store(&g, &masterfile, table, len); /* may not delete it: all as before */
out:
    gids_free(&g, table, len);
    return rc;
}

DWORD gids_free_space(struct edge *e, uint32_t *ret_bytes, uint32_t *ret_containers)
{
    *ret_bytes = 0xFFFFFFFFu; /* GIDS cannot tell */
    *ret_containers = gids_keymap_free(e);
    return SCARD_S_SUCCESS;
}
