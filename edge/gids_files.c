/* SPDX-License-Identifier: MIT */
/* Files of a GIDS card: the content is a DO; gids_master.c knows which. */
#include "edge/gids_internal.h"

#include <string.h>

#define DO_FIRST      0xDF24u     /* below are the files that each card has */
#define DO_LAST       0xDF7Fu     /* ISO/IEC 7816-4: the last two-byte tag under DF */
#define SPACE_UNKNOWN 0xFFFFFFFFu /* CARD_DATA_VALUE_UNKNOWN */

/* Files whose place is the same on every card. `early`: looked for there before the table is
 * read. */
static const struct fixed_row {
    char dir[EDGE_NAME_MAX], name[EDGE_NAME_MAX];
    uint16_t ef, tag;
    uint8_t ac;
    bool early;
} fixed_rows[] = {
    { "",     "cardid",   GIDS_EF_ADMIN_WRITE, 0xDF20, 3, true  },
    { "",     "cardapps", GIDS_EF_USER_WRITE,  0xDF21, 1, true  },
    { "",     "cardcf",   GIDS_EF_USER_WRITE,  0xDF22, 1, true  },
    { "mscp", "cmapfile", GIDS_EF_USER_WRITE,  0xDF23, 1, false },
};

#define FIXED_ROWS (sizeof(fixed_rows) / sizeof(fixed_rows[0]))

/* ---- reading --------------------------------------------------------------------------------- */

DWORD gids_files_table(struct edge *e, struct edge_file **ret_files, size_t *ret_count)
{
    struct run g = { e, false };
    struct gids_master m;
    DWORD rc = gids_master_load(&g, false, &m);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    *ret_count = m.count;
    *ret_files = NULL;
    if (m.count != 0) {
        *ret_files = m.files;
        m.files = NULL;
    }
    gids_master_free(&g, &m);
    return SCARD_S_SUCCESS;
}

bool gids_files_fixed(const struct edge *e, const char *dir, const char *name,
                      struct edge_file *ret)
{
    (void)e;
    for (size_t i = 0; i < FIXED_ROWS; i++) {
        const struct fixed_row *row = &fixed_rows[i];

        if (!row->early || strcmp(row->dir, dir) != 0 || strcmp(row->name, name) != 0)
            continue;
        memcpy(ret->dir, row->dir, sizeof(ret->dir));
        memcpy(ret->name, row->name, sizeof(ret->name));
        ret->ac = row->ac;
        ret->listed = false;
        ret->where = gids_place(row->ef, row->tag);
        return true;
    }
    return false;
}

/* A file that is listed but has no DO was never written; one that is not known to be listed is only
 * there when it has content: some cards leave an empty DO where a file was. */
DWORD gids_files_read(struct edge *e, const struct edge_file *file, uint8_t **ret_data,
                      size_t *ret_len)
{
    struct run g = { e, false };
    uint8_t *data = NULL;
    size_t len = 0;
    DWORD rc = gids_get(&g, gids_place_ef(file->where), gids_place_do(file->where), !file->listed,
                        &data, &len);

    if (rc == SCARD_S_SUCCESS && len == 0 && !file->listed) {
        run_free(g.e, data, 0);
        return SCARD_E_FILE_NOT_FOUND;
    }
    if (rc == SCARD_E_FILE_NOT_FOUND && file->listed) {
        data = run_alloc(g.e, 0);
        rc = data != NULL ? SCARD_S_SUCCESS : SCARD_E_NO_MEMORY;
    }
    if (rc != SCARD_S_SUCCESS)
        return rc;
    *ret_data = data;
    *ret_len = len;
    return SCARD_S_SUCCESS;
}

/* ---- writing --------------------------------------------------------------------------------- */

DWORD gids_files_write(struct edge *e, const struct edge_file *file, const uint8_t *data,
                       size_t len)
{
    struct run g = { e, false };
    DWORD rc = gids_prove(&g);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    return gids_put(&g, gids_place_ef(file->where), gids_place_do(file->where), data, len);
}

/* The place for a new file: the one it has on every card, else the first DO of its EF that no
 * record uses. 0: none. */
static uint32_t find_place(const struct gids_master *m, const struct edge_file *what)
{
    bool used[DO_LAST - DO_FIRST + 1] = { false };
    uint16_t ef = gids_master_ef(what);

    for (size_t i = 0; i < FIXED_ROWS; i++)
        if (strcmp(fixed_rows[i].dir, what->dir) == 0 && fixed_rows[i].ac == what->ac &&
            strcmp(fixed_rows[i].name, what->name) == 0)
            return gids_place(fixed_rows[i].ef, fixed_rows[i].tag);
    for (size_t i = 0; i < m->count; i++) {
        uint16_t tag = gids_place_do(m->files[i].where);

        if (gids_place_ef(m->files[i].where) == ef && tag >= DO_FIRST && tag <= DO_LAST)
            used[tag - DO_FIRST] = true;
    }
    for (uint32_t i = 0; i <= DO_LAST - DO_FIRST && ef != 0; i++)
        if (!used[i])
            return gids_place(ef, DO_FIRST + i);
    return 0;
}

/* Extension E3 of docs/card-extensions.md: PUT DATA 3FFF, DF7D{EF, DO, bytes}. A card that does not
 * know it refuses; then nothing is reserved. */
static DWORD reserve_bytes(struct run *g, uint32_t where, uint32_t bytes, bool *ret_done)
{
    uint8_t object[11];
    struct wr w = wr_init(object, sizeof(object));
    struct apdu cmd;
    sw_t sw;
    DWORD rc;

    if (bytes == 0 || g->e->tells_space == EDGE_NO)
        return SCARD_S_SUCCESS;
    tlv_header(&w, 0xDF7D, 8);
    wr_u32be(&w, where);
    wr_u32be(&w, bytes);
    cmd = run_apdu(INS_PUT_DATA, GIDS_EF_APP, object, sizeof(object), 0);
    rc = gids_run(g, &cmd, 1, NULL, 0, &sw, NULL);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    *ret_done = sw_is(sw, SW_OK);
    if (sw_is(sw, SW_NO_SPACE))
        return SCARD_E_WRITE_TOO_MANY;
    if (sw_is(sw, SW_SECURITY_STATUS))
        return SCARD_W_SECURITY_VIOLATION;
    if (!*ret_done)
        g->e->tells_space = EDGE_NO;
    return SCARD_S_SUCCESS;
}

/* The room first, then the record: what is torn in between leaves room that the next file of this
 * place gets. */
static DWORD add_file(struct run *g, const struct gids_master *m, const struct edge_file *f,
                      uint32_t reserve)
{
    bool reserved = false;
    DWORD rc = gids_prove(g);

    if (rc == SCARD_S_SUCCESS)
        rc = reserve_bytes(g, f->where, reserve, &reserved);
    if (rc == SCARD_S_SUCCESS)
        rc = gids_master_add(g, m, f);
    if (rc != SCARD_S_SUCCESS && reserved)
        (void)gids_put(g, gids_place_ef(f->where), gids_place_do(f->where), NULL, 0);
    return rc;
}

DWORD gids_files_create(struct edge *e, const struct edge_file *what, uint32_t reserve)
{
    struct run g = { e, false };
    struct edge_file f = *what;
    struct gids_master m;
    DWORD rc;

    if (gids_master_ef(&f) == 0)
        return gids_is_dir(&f) ? SCARD_E_UNSUPPORTED_FEATURE : SCARD_E_INVALID_PARAMETER;
    rc = gids_master_load(&g, true, &m);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    f.where = gids_is_dir(&f) ? gids_place(gids_master_ef(&f), 0) : find_place(&m, &f);
    if (gids_master_has(&m, &f))
        rc = ERROR_FILE_EXISTS;
    else if (f.where == 0)
        rc = SCARD_E_NO_MEMORY;
    else
        rc = add_file(&g, &m, &f, gids_is_dir(&f) ? 0 : reserve);
    gids_master_free(&g, &m);
    return rc;
}

DWORD gids_files_remove(struct edge *e, const struct edge_file *file)
{
    struct run g = { e, false };
    struct gids_master m;
    DWORD rc = gids_master_load(&g, true, &m);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = gids_is_dir(file) && gids_master_fills(&m, file->dir) ? ERROR_DIR_NOT_EMPTY
                                                               : gids_master_drop(&g, &m, file);
    if (rc == SCARD_S_SUCCESS && !gids_is_dir(file) && !gids_master_shares(&m, file)) {
        /* GIDS 2.0, PUT DATA: an empty DO is deleted, or on some cards emptied; both read as never
         * written, and its tag is free for the next file. */
        rc = gids_put(&g, gids_place_ef(file->where), gids_place_do(file->where), NULL, 0);
        if (rc != SCARD_S_SUCCESS)
            gids_master_restore(&g, &m, file); /* may not delete it: all as before */
    }
    gids_master_free(&g, &m);
    return rc;
}

/* ---- free space ------------------------------------------------------------------------------ */

/* Extension E2 of docs/card-extensions.md: GET DATA 3FFF/DF7E answers free bytes and key files. A
 * card that refuses, or answers something else, cannot tell. */
static DWORD ask_space(struct run *g, uint32_t *ret_bytes, uint32_t *ret_keys)
{
    static const uint8_t which[] = { 0x5C, 0x02, 0xDF, 0x7E };
    uint8_t buf[APDU_SHORT_LE];
    struct wr answer = wr_init(buf, sizeof(buf));
    struct apdu cmd = run_apdu(INS_GET_DATA, GIDS_EF_APP, which, sizeof(which), APDU_SHORT_LE);
    struct rd top, value;
    sw_t sw = { 0 };
    DWORD rc = gids_run(g, &cmd, 1, &answer, 0xDF7E, &sw, NULL);

    if (rc != SCARD_S_SUCCESS && rc != SCARD_E_UNEXPECTED) /* an odd answer tells nothing */
        return rc;
    top = rd_init(buf, rc == SCARD_S_SUCCESS && sw_is(sw, SW_OK) ? wr_len(&answer) : 0);
    value = tlv_enter(&top, 0xDF7E);
    g->e->tells_space = rd_done(&top) && rd_left(&value) == 8 ? EDGE_YES : EDGE_NO;
    if (g->e->tells_space == EDGE_YES) {
        *ret_bytes = rd_u32be(&value);
        *ret_keys = rd_u32be(&value);
    }
    return SCARD_S_SUCCESS;
}

DWORD gids_free_space(struct edge *e, uint32_t *ret_bytes, uint32_t *ret_containers)
{
    struct run g = { e, false };
    uint32_t bytes = SPACE_UNKNOWN, keys = SPACE_UNKNOWN, containers;
    DWORD rc = e->tells_space != EDGE_NO ? ask_space(&g, &bytes, &keys) : SCARD_S_SUCCESS;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = gids_keymap_free(&g, &containers);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    *ret_bytes = bytes;
    *ret_containers = keys < containers ? keys : containers;
    return SCARD_S_SUCCESS;
}
