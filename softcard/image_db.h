/* SPDX-License-Identifier: MIT */
/* Statements, for the files that make up the image. Each function returns false on failure. */
#ifndef CARDMINT_SOFTCARD_IMAGE_DB_H
#define CARDMINT_SOFTCARD_IMAGE_DB_H

#include "softcard/image.h"

#include <sqlite3.h>

struct image {
    sqlite3 *db;
    bool may_write;
};

bool db_exec(struct image *image, const char *sql);

/* One statement, prepared, with up to three integers bound at 1, 2, 3. NULL on failure, and when it
 * would write in a transaction that only reads. */
sqlite3_stmt *db_prepare(struct image *image, const char *sql, long long a, long long b,
                         long long c);
bool db_bind_blob(sqlite3_stmt *st, int at, const void *data, size_t len);

/* Runs a statement that returns no row; finalises it. */
bool db_run(sqlite3_stmt *st);

/* Steps to a row: *ret_found tells whether there is one. False: error; st is finalised then, and
 * when there is no row. */
bool db_row(sqlite3_stmt **st, bool *ret_found);

/* Column `at` into room for `cap` bytes; false when it is longer. */
bool db_column_bytes(sqlite3_stmt *st, int at, uint8_t *out, size_t cap, size_t *ret_len);
bool db_column_blob(sqlite3_stmt *st, int at, struct image_blob *ret);

/* The one number that `sql` asks for. */
bool db_number(struct image *image, const char *sql, long long a, long long *ret);

#endif
