/* SPDX-License-Identifier: MIT */
/* Data objects, the room kept for them, and keys. */
#include "softcard/image_db.h"

#include <string.h>

/* ---- data objects ---------------------------------------------------------------------------- */

bool image_object(struct image *image, uint32_t fid, uint32_t tag, bool *ret_found,
                  struct image_blob *ret)
{
    sqlite3_stmt *st =
        db_prepare(image, "SELECT value FROM object WHERE fid=? AND tag=?", fid, tag, 0);
    bool ok;

    if (!db_row(&st, ret_found))
        return false;
    if (!*ret_found)
        return true;
    ok = db_column_blob(st, 0, ret);
    sqlite3_finalize(st);
    return ok;
}

bool image_put_object(struct image *image, uint32_t fid, uint32_t tag, const uint8_t *value,
                      size_t len)
{
    sqlite3_stmt *st =
        db_prepare(image, "INSERT OR REPLACE INTO object VALUES(?,?,?)", fid, tag, 0);

    return db_bind_blob(st, 3, value, len) && db_run(st);
}

bool image_remove_object(struct image *image, uint32_t fid, uint32_t tag)
{
    return db_run(db_prepare(image, "DELETE FROM object WHERE fid=? AND tag=?", fid, tag, 0)) &&
           image_reserve(image, fid, tag, 0);
}

bool image_object_size(struct image *image, uint32_t fid, uint32_t tag, struct image_size *ret)
{
    sqlite3_stmt *st = db_prepare(image,
                                  "SELECT length(o.value), ifnull(r.bytes,0) FROM object o"
                                  " LEFT JOIN reservation r ON o.fid=r.fid AND o.tag=r.tag"
                                  " WHERE o.fid=? AND o.tag=?",
                                  fid, tag, 0);

    memset(ret, 0, sizeof(*ret));
    if (!db_row(&st, &ret->found))
        return false;
    if (ret->found) {
        ret->len = (size_t)sqlite3_column_int64(st, 0);
        ret->reserved = (size_t)sqlite3_column_int64(st, 1);
        sqlite3_finalize(st);
    }
    return true;
}

bool image_reserve(struct image *image, uint32_t fid, uint32_t tag, size_t bytes)
{
    if (bytes == 0)
        return db_run(
            db_prepare(image, "DELETE FROM reservation WHERE fid=? AND tag=?", fid, tag, 0));
    return db_run(db_prepare(image, "INSERT OR REPLACE INTO reservation VALUES(?,?,?)", fid, tag,
                             (long long)bytes));
}

bool image_count_objects(struct image *image, uint32_t fid, unsigned *ret)
{
    long long n;

    if (!db_number(image, "SELECT count(*) FROM object WHERE fid=?", fid, &n))
        return false;
    *ret = (unsigned)n;
    return true;
}

bool image_next_object(struct image *image, uint32_t fid, uint32_t after, bool *ret_found,
                       uint32_t *ret_tag)
{
    sqlite3_stmt *st =
        db_prepare(image, "SELECT tag FROM object WHERE fid=? AND tag>? ORDER BY tag LIMIT 1", fid,
                after, 0);

    if (!db_row(&st, ret_found))
        return false;
    if (*ret_found) {
        *ret_tag = (uint32_t)sqlite3_column_int64(st, 0);
        sqlite3_finalize(st);
    }
    return true;
}

/* ---- keys ------------------------------------------------------------------------------------ */

bool image_key(struct image *image, uint32_t fid, bool *ret_found, uint8_t *ret_alg,
               struct image_blob *ret)
{
    sqlite3_stmt *st = db_prepare(image, "SELECT alg, material FROM key WHERE fid=?", fid, 0, 0);
    bool ok;

    if (!db_row(&st, ret_found))
        return false;
    if (!*ret_found)
        return true;
    *ret_alg = (uint8_t)sqlite3_column_int(st, 0);
    ok = db_column_blob(st, 1, ret);
    sqlite3_finalize(st);
    return ok;
}

bool image_put_key(struct image *image, uint32_t fid, uint8_t alg, const uint8_t *data, size_t len)
{
    sqlite3_stmt *st = db_prepare(image, "INSERT OR REPLACE INTO key VALUES(?,?,?)", fid, alg, 0);

    return db_bind_blob(st, 3, data, len) && db_run(st);
}

bool image_remove_key(struct image *image, uint32_t fid)
{
    return db_run(db_prepare(image, "DELETE FROM key WHERE fid=?", fid, 0, 0)) &&
           db_run(db_prepare(image, "DELETE FROM policy WHERE fid=?", fid, 0, 0));
}

bool image_policy(struct image *image, uint32_t fid, bool *ret_found, struct image_policy *ret)
{
    sqlite3_stmt *st =
        db_prepare(image, "SELECT pin, touch, origin FROM policy WHERE fid=?", fid, 0, 0);

    if (!db_row(&st, ret_found))
        return false;
    if (*ret_found) {
        ret->pin = (uint8_t)sqlite3_column_int(st, 0);
        ret->touch = (uint8_t)sqlite3_column_int(st, 1);
        ret->origin = (uint8_t)sqlite3_column_int(st, 2);
        sqlite3_finalize(st);
    }
    return true;
}

bool image_put_policy(struct image *image, uint32_t fid, const struct image_policy *policy)
{
    sqlite3_stmt *st = db_prepare(image, "INSERT OR REPLACE INTO policy VALUES(?,?,?,?)", fid,
                                  policy->pin, policy->touch);

    return st != NULL && sqlite3_bind_int(st, 4, policy->origin) == SQLITE_OK && db_run(st);
}

bool image_move_key(struct image *image, uint32_t from, uint32_t to)
{
    return db_run(db_prepare(image, "UPDATE key SET fid=?2 WHERE fid=?1", from, to, 0)) &&
           db_run(db_prepare(image, "UPDATE policy SET fid=?2 WHERE fid=?1", from, to, 0));
}

bool image_clear_piv(struct image *image)
{
    return db_run(db_prepare(image, "DELETE FROM object WHERE fid>=?", IMAGE_PIV, 0, 0)) &&
           db_run(db_prepare(image, "DELETE FROM key WHERE fid>=?", IMAGE_PIV, 0, 0)) &&
           db_run(db_prepare(image, "DELETE FROM policy WHERE fid>=?", IMAGE_PIV, 0, 0)) &&
           db_run(db_prepare(image, "DELETE FROM secret WHERE ref>=?", IMAGE_PIV_SECRETS, 0, 0));
}

/* ---- room ------------------------------------------------------------------------------------ */

bool image_used(struct image *image, size_t *ret)
{
    long long n;

    if (!db_number(image,
                   "SELECT ifnull((SELECT sum(max(length(o.value), ifnull(r.bytes,0)))"
                   " FROM object o LEFT JOIN reservation r ON o.fid=r.fid AND o.tag=r.tag),0)+"
                   "ifnull((SELECT sum(length(material)) FROM key),0)",
                   0, &n))
        return false;
    *ret = (size_t)n;
    return true;
}
