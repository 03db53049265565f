/* SPDX-License-Identifier: MIT */
/* The small tables: numbers, ATR, files, PINs and PUKs. */
#include "softcard/image_db.h"

/* ---- numbers and ATR ------------------------------------------------------------------------- */

bool image_number(struct image *image, enum image_number which, unsigned *ret)
{
    long long value;

    if (!db_number(image, "SELECT value FROM number WHERE which=?", which, &value))
        return false;
    *ret = (unsigned)value;
    return true;
}

bool image_set_number(struct image *image, enum image_number which, unsigned value)
{
    return db_run(db_prepare(image, "INSERT OR REPLACE INTO number VALUES(?,?)", which, value, 0));
}

bool image_atr(struct image *image, uint8_t *atr, size_t *ret_len)
{
    sqlite3_stmt *st = db_prepare(image, "SELECT bytes FROM atr", 0, 0, 0);
    bool found, ok;

    if (!db_row(&st, &found) || !found)
        return false;
    ok = db_column_bytes(st, 0, atr, SOFTCARD_ATR_MAX, ret_len);
    sqlite3_finalize(st);
    return ok;
}

/* ---- files ----------------------------------------------------------------------------------- */

static bool read_file(sqlite3_stmt *st, bool *ret_found, struct image_file *ret)
{
    bool ok;

    if (!db_row(&st, ret_found) || !*ret_found)
        return !*ret_found && st == NULL;
    ret->fid = (uint16_t)sqlite3_column_int(st, 0);
    ret->kind = (uint8_t)sqlite3_column_int(st, 1);
    ret->life_cycle = (uint8_t)sqlite3_column_int(st, 2);
    ok = db_column_bytes(st, 3, ret->rule, sizeof(ret->rule), &ret->rule_len) &&
         db_column_bytes(st, 4, ret->crts, sizeof(ret->crts), &ret->crts_len);
    sqlite3_finalize(st);
    return ok;
}

bool image_file(struct image *image, uint16_t fid, bool *ret_found, struct image_file *ret)
{
    return read_file(db_prepare(image, "SELECT * FROM file WHERE fid=?", fid, 0, 0), ret_found,
                     ret);
}

bool image_next_file(struct image *image, uint16_t after, bool *ret_found, struct image_file *ret)
{
    return read_file(db_prepare(image, "SELECT * FROM file WHERE fid>? ORDER BY fid LIMIT 1", after,
                                0, 0),
                     ret_found, ret);
}

bool image_add_file(struct image *image, const struct image_file *file)
{
    sqlite3_stmt *st = db_prepare(image, "INSERT INTO file VALUES(?,?,?,?,?)", file->fid,
                                  file->kind, file->life_cycle);

    return db_bind_blob(st, 4, file->rule, file->rule_len) &&
           db_bind_blob(st, 5, file->crts, file->crts_len) && db_run(st);
}

bool image_set_life_cycle(struct image *image, uint16_t fid, uint8_t life_cycle)
{
    return db_run(
        db_prepare(image, "UPDATE file SET life_cycle=?2 WHERE fid=?1", fid, life_cycle, 0));
}

bool image_set_rule(struct image *image, const struct image_file *file)
{
    sqlite3_stmt *st = db_prepare(image, "UPDATE file SET rule=?2 WHERE fid=?1", file->fid, 0, 0);

    return db_bind_blob(st, 2, file->rule, file->rule_len) && db_run(st);
}

bool image_remove_file(struct image *image, uint16_t fid)
{
    return db_run(db_prepare(image, "DELETE FROM object WHERE fid=?", fid, 0, 0)) &&
           db_run(db_prepare(image, "DELETE FROM reservation WHERE fid=?", fid, 0, 0)) &&
           image_remove_key(image, fid) &&
           db_run(db_prepare(image, "DELETE FROM file WHERE fid=?", fid, 0, 0));
}

bool image_count_files(struct image *image, unsigned *ret)
{
    long long n;

    if (!db_number(image, "SELECT count(*) FROM file", 0, &n))
        return false;
    *ret = (unsigned)n;
    return true;
}

/* ---- secrets --------------------------------------------------------------------------------- */

bool image_secret(struct image *image, uint16_t ref, bool *ret_found, struct image_secret *ret)
{
    sqlite3_stmt *st = db_prepare(image, "SELECT value, tries, tries_limit FROM secret WHERE ref=?",
                               ref, 0, 0);
    bool ok;

    if (!db_row(&st, ret_found))
        return false;
    if (!*ret_found)
        return true;
    ok = db_column_bytes(st, 0, ret->value, sizeof(ret->value), &ret->len);
    ret->tries = (unsigned)sqlite3_column_int(st, 1);
    ret->limit = (unsigned)sqlite3_column_int(st, 2);
    sqlite3_finalize(st);
    return ok;
}

bool image_put_secret(struct image *image, uint16_t ref, const struct image_secret *secret)
{
    sqlite3_stmt *st = db_prepare(image, "INSERT OR REPLACE INTO secret VALUES(?1,?4,?2,?3)", ref,
                               secret->tries, secret->limit);

    return db_bind_blob(st, 4, secret->value, secret->len) && db_run(st);
}

bool image_set_tries(struct image *image, uint16_t ref, unsigned tries)
{
    return db_run(db_prepare(image, "UPDATE secret SET tries=?2 WHERE ref=?1", ref, tries, 0));
}
