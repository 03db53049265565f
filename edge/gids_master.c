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
 * Ours: a directory where only the admin creates and deletes has A012 for its EF, and its files are
 * in a second table, A012/DF1F, of the same form. So it is the card that refuses the user a file in
 * it. Other software does not find these files. Without such a directory there is no second table.
 *
 * Records that make no sense are passed over, and kept as they are when the table is rewritten.
 */
#include "edge/gids_internal.h"

#include <string.h>

#define RECORD     28u
#define NAME_FIELD 9u

/* CARD_DIRECTORY_ACCESS_CONDITION and CARD_FILE_ACCESS_CONDITION by number (cardmod.h) */
enum {
    DIR_AC_INVALID = 0,
    DIR_AC_USER = 1,  /* UserCreateDeleteDirAc */
    DIR_AC_ADMIN = 2, /* AdminCreateDeleteDirAc */
    FILE_AC_UNKNOWN = 4,
};

/* Indices of gids_master.tables. */
enum { MASTERFILE = 0, ADMINFILE = 1 };

static const struct gids_table tables[GIDS_MASTER_TABLES] = {
    [MASTERFILE] = { "gids.masterfile", GIDS_EF_TABLES, 0xDF1F },
    [ADMINFILE] = { "gids.adminfile", GIDS_EF_ADMIN_WRITE, 0xDF1F },
};

/* Which EF has which access condition. */
static const struct ac_row {
    uint16_t ef;
    uint8_t ac;
} file_rows[] = {
    { GIDS_EF_USER_WRITE,  1 }, /* EveryoneReadUserWriteAc */
    { GIDS_EF_USER_EXEC,   2 }, /* UserWriteExecuteAc */
    { GIDS_EF_ADMIN_WRITE, 3 }, /* EveryoneReadAdminWriteAc */
    { GIDS_EF_USER_ONLY,   5 }, /* UserReadWriteAc */
    { GIDS_EF_ADMIN_ONLY,  6 }, /* AdminReadWriteAc */
}, dir_rows[] = {
    { GIDS_EF_TABLES,      DIR_AC_USER },
    { GIDS_EF_ADMIN_WRITE, DIR_AC_ADMIN },
};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static uint8_t ac_of(const struct ac_row *rows, size_t count, uint32_t ef, uint8_t otherwise)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].ef == ef)
            return rows[i].ac;
    return otherwise;
}

uint16_t gids_master_ef(const struct edge_file *f)
{
    const struct ac_row *rows = gids_is_dir(f) ? dir_rows : file_rows;
    size_t count = gids_is_dir(f) ? COUNT(dir_rows) : COUNT(file_rows);

    for (size_t i = 0; i < count; i++)
        if (rows[i].ac == f->ac)
            return rows[i].ef;
    return 0;
}

/* ---- records --------------------------------------------------------------------------------- */

/* A name as the core takes them, with its NUL inside the field; made lower case. */
static bool read_name(struct rd *r, char name[EDGE_NAME_MAX])
{
    const uint8_t *field = rd_bytes(r, NAME_FIELD);

    if (field == NULL || memchr(field, 0, NAME_FIELD) == NULL)
        return false;
    memset(name, 0, EDGE_NAME_MAX);
    for (size_t i = 0; field[i] != 0; i++) {
        uint8_t c = field[i];

        if (!edge_name_char(c))
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

/* Where files may be: not in the place of the tables, of keys, or of the application itself. A
 * record that says so would have them written over. */
static bool is_file_place(uint32_t ef, uint32_t tag)
{
    return is_two_byte_tag(tag) && ef != 0 && ef <= 0xFFFF && ef != GIDS_EF_TABLES &&
           (ef & 0xFF00) != (GIDS_EF_KEY0 & 0xFF00) && ef != GIDS_EF_APP && ef != GIDS_EF_ATR &&
           (ef != tables[ADMINFILE].ef || tag != tables[ADMINFILE].tag);
}

/* False: no record that anybody could use. */
static bool read_record(const uint8_t *record, struct edge_file *ret)
{
    struct rd r = rd_init(record, RECORD);
    struct edge_file f = { .listed = true };
    uint32_t tag, ef;

    if (!read_name(&r, f.dir) || !read_name(&r, f.name))
        return false;
    (void)rd_u16le(&r);
    tag = rd_u32le(&r);
    ef = rd_u32le(&r);
    if (gids_is_dir(&f)) {
        if (f.dir[0] == '\0' || ef == 0 || ef > 0xFFFF)
            return false;
        f.ac = ac_of(dir_rows, COUNT(dir_rows), ef, DIR_AC_INVALID);
        f.where = gids_place(ef, 0);
    } else {
        if (!is_file_place(ef, tag))
            return false;
        f.ac = ac_of(file_rows, COUNT(file_rows), ef, FILE_AC_UNKNOWN);
        f.where = gids_place(ef, tag);
    }
    *ret = f;
    return true;
}

static void write_record(struct wr *w, const struct edge_file *f)
{
    wr_bytes(w, f->dir, NAME_FIELD);
    wr_bytes(w, f->name, NAME_FIELD);
    wr_u16le(w, 0);
    wr_u32le(w, gids_place_do(f->where));
    wr_u32le(w, gids_place_ef(f->where));
}

/* Whole records in a table; 0 when its format is another. */
static size_t records(const struct gids_master_table *t)
{
    return t->len != 0 && t->bytes[0] == GIDS_TABLE_FORMAT ? (t->len - 1) / RECORD : 0;
}

static const uint8_t *record_at(const struct gids_master_table *t, size_t i)
{
    return t->bytes + 1 + i * RECORD;
}

/* ---- reading --------------------------------------------------------------------------------- */

static const struct edge_file *find_dir(const struct gids_master *m, const char *dir)
{
    for (size_t i = 0; i < m->count; i++)
        if (gids_is_dir(&m->files[i]) && strcmp(m->files[i].dir, dir) == 0)
            return &m->files[i];
    return NULL;
}

/* The table that lists what is in a directory. */
static unsigned table_of(const struct gids_master *m, const char *dir)
{
    const struct edge_file *d = find_dir(m, dir);

    return d != NULL && d->ac == DIR_AC_ADMIN ? ADMINFILE : MASTERFILE;
}

static bool has_admin_dir(const struct gids_master_table *t)
{
    struct edge_file f;

    for (size_t i = 0; i < records(t); i++)
        if (read_record(record_at(t, i), &f) && gids_is_dir(&f) && f.ac == DIR_AC_ADMIN)
            return true;
    return false;
}

/* Directories first, as only the masterfile has them; then files, each from the table that its
 * directory is listed by: what the masterfile, which the user may write, says of a directory of the
 * admin's does not count. */
static DWORD list_files(struct run *g, struct gids_master *m)
{
    size_t room = records(&m->tables[MASTERFILE]) + records(&m->tables[ADMINFILE]);
    struct edge_file f;

    m->files = run_alloc(g->e, room * sizeof(*m->files));
    if (m->files == NULL)
        return SCARD_E_NO_MEMORY;
    for (size_t i = 0; i < records(&m->tables[MASTERFILE]); i++)
        if (read_record(record_at(&m->tables[MASTERFILE], i), &f) && gids_is_dir(&f))
            m->files[m->count++] = f;
    for (unsigned t = 0; t < GIDS_MASTER_TABLES; t++)
        for (size_t i = 0; i < records(&m->tables[t]); i++)
            if (read_record(record_at(&m->tables[t], i), &f) && !gids_is_dir(&f) &&
                table_of(m, f.dir) == t)
                m->files[m->count++] = f;
    return SCARD_S_SUCCESS;
}

static DWORD load_table(struct run *g, bool fresh, struct gids_master *m, unsigned t)
{
    return gids_load(g, &tables[t], fresh, &m->tables[t].bytes, &m->tables[t].len);
}

DWORD gids_master_load(struct run *g, bool fresh, struct gids_master *ret)
{
    DWORD rc;

    memset(ret, 0, sizeof(*ret));
    rc = load_table(g, fresh, ret, MASTERFILE);
    if (rc == SCARD_S_SUCCESS && has_admin_dir(&ret->tables[MASTERFILE]))
        rc = load_table(g, fresh, ret, ADMINFILE);
    if (rc == SCARD_S_SUCCESS)
        rc = list_files(g, ret);
    if (rc != SCARD_S_SUCCESS)
        gids_master_free(g, ret);
    return rc;
}

void gids_master_free(struct run *g, struct gids_master *m)
{
    for (unsigned t = 0; t < GIDS_MASTER_TABLES; t++)
        run_free(g->e, m->tables[t].bytes, m->tables[t].len);
    run_free(g->e, m->files, 0);
    memset(m, 0, sizeof(*m));
}

bool gids_master_has(const struct gids_master *m, const struct edge_file *f)
{
    for (size_t i = 0; i < m->count; i++)
        if (strcmp(m->files[i].dir, f->dir) == 0 && strcmp(m->files[i].name, f->name) == 0)
            return true;
    return false;
}

bool gids_master_fills(const struct gids_master *m, const char *dir)
{
    for (size_t i = 0; i < m->count; i++)
        if (!gids_is_dir(&m->files[i]) && strcmp(m->files[i].dir, dir) == 0)
            return true;
    return false;
}

bool gids_master_shares(const struct gids_master *m, const struct edge_file *f)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->files[i].where == f->where && (strcmp(m->files[i].dir, f->dir) != 0 ||
                                              strcmp(m->files[i].name, f->name) != 0))
            return true;
    return false;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* The table with one record more: behind the last whole one, before whatever follows it. */
DWORD gids_master_add(struct run *g, const struct gids_master *m, const struct edge_file *f)
{
    unsigned which = gids_is_dir(f) ? MASTERFILE : table_of(m, f->dir);
    const struct gids_master_table *t = &m->tables[which];
    size_t head = 1 + records(t) * RECORD;
    uint8_t *grown;
    struct wr w;
    DWORD rc;

    if (t->len == 0 || t->bytes[0] != GIDS_TABLE_FORMAT)
        return SCARD_E_UNEXPECTED; /* not ours to rewrite */
    grown = run_alloc(g->e, t->len + RECORD);
    if (grown == NULL)
        return SCARD_E_NO_MEMORY;
    w = wr_init(grown, t->len + RECORD);
    wr_bytes(&w, t->bytes, head);
    write_record(&w, f);
    wr_bytes(&w, t->bytes + head, t->len - head);
    rc = gids_store(g, &tables[which], grown, t->len + RECORD);
    run_free(g->e, grown, t->len + RECORD);
    return rc;
}

/* The record that reads as `f`; the number of records when there is none. */
static size_t find_record(const struct gids_master_table *t, const struct edge_file *f)
{
    struct edge_file at;

    for (size_t i = 0; i < records(t); i++)
        if (read_record(record_at(t, i), &at) && at.where == f->where &&
            strcmp(at.dir, f->dir) == 0 && strcmp(at.name, f->name) == 0)
            return i;
    return records(t);
}

DWORD gids_master_drop(struct run *g, const struct gids_master *m, const struct edge_file *f)
{
    unsigned which = gids_is_dir(f) ? MASTERFILE : table_of(m, f->dir);
    const struct gids_master_table *t = &m->tables[which];
    size_t at = find_record(t, f), head;
    uint8_t *shrunk;
    DWORD rc;

    if (at == records(t))
        return gids_is_dir(f) ? SCARD_E_DIR_NOT_FOUND : SCARD_E_FILE_NOT_FOUND;
    shrunk = run_alloc(g->e, t->len - RECORD);
    if (shrunk == NULL)
        return SCARD_E_NO_MEMORY;
    head = (size_t)(record_at(t, at) - t->bytes);
    memcpy(shrunk, t->bytes, head);
    memcpy(shrunk + head, t->bytes + head + RECORD, t->len - head - RECORD);
    rc = gids_store(g, &tables[which], shrunk, t->len - RECORD);
    run_free(g->e, shrunk, t->len - RECORD);
    return rc;
}

void gids_master_restore(struct run *g, const struct gids_master *m, const struct edge_file *f)
{
    unsigned which = gids_is_dir(f) ? MASTERFILE : table_of(m, f->dir);

    (void)gids_store(g, &tables[which], m->tables[which].bytes, m->tables[which].len);
}
