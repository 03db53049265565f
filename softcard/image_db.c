/* SPDX-License-Identifier: MIT */
#include "softcard/image_db.h"

#include <stdlib.h>
#include <string.h>

sqlite3_stmt *db_prepare(struct image *image, const char *sql, long long a, long long b,
                         long long c)
{
    const long long value[] = { a, b, c };
    sqlite3_stmt *st = NULL;

    if (sqlite3_prepare_v2(image->db, sql, -1, &st, NULL) != SQLITE_OK)
        return NULL;
    if (!image->may_write && sqlite3_stmt_readonly(st) == 0) {
        sqlite3_finalize(st);
        return NULL;
    }
    for (int i = 0; i < 3 && i < sqlite3_bind_parameter_count(st); i++)
        sqlite3_bind_int64(st, i + 1, value[i]);
    return st;
}

bool db_run(sqlite3_stmt *st)
{
    bool done = st != NULL && sqlite3_step(st) == SQLITE_DONE;

    return sqlite3_finalize(st) == SQLITE_OK && done;
}

bool db_row(sqlite3_stmt **st, bool *ret_found)
{
    int rc = *st != NULL ? sqlite3_step(*st) : SQLITE_ERROR;

    *ret_found = rc == SQLITE_ROW;
    if (rc != SQLITE_ROW) {
        sqlite3_finalize(*st);
        *st = NULL;
    }
    return rc == SQLITE_ROW || rc == SQLITE_DONE;
}

bool db_bind_blob(sqlite3_stmt *st, int at, const void *data, size_t len)
{
    return st != NULL &&
           sqlite3_bind_blob(st, at, len != 0 ? data : "", (int)len, SQLITE_TRANSIENT) == SQLITE_OK;
}

bool db_column_bytes(sqlite3_stmt *st, int at, uint8_t *out, size_t cap, size_t *ret_len)
{
    const void *data = sqlite3_column_blob(st, at);
    int len = sqlite3_column_bytes(st, at);

    if (len < 0 || (size_t)len > cap || (len != 0 && data == NULL))
        return false;
    if (len != 0)
        memcpy(out, data, (size_t)len);
    *ret_len = (size_t)len;
    return true;
}

bool db_column_blob(sqlite3_stmt *st, int at, struct image_blob *ret)
{
    size_t len = (size_t)sqlite3_column_bytes(st, at);
    uint8_t *data = malloc(len != 0 ? len : 1);

    if (data == NULL)
        return false;
    if (!db_column_bytes(st, at, data, len, &ret->len)) {
        free(data);
        return false;
    }
    ret->data = data;
    return true;
}

bool db_exec(struct image *image, const char *sql)
{
    return sqlite3_exec(image->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

bool db_number(struct image *image, const char *sql, long long a, long long *ret)
{
    sqlite3_stmt *st = db_prepare(image, sql, a, 0, 0);
    bool found;

    if (!db_row(&st, &found) || !found)
        return false;
    *ret = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return true;
}
