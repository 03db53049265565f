/* SPDX-License-Identifier: MIT */
#include "softcard/image.h"

#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define APPLICATION_ID 0x636D6764 /* "cmgd" in the file's header */
#define SCHEMA_VERSION 2
#define BUSY_WAIT_MS   30000 /* another process inside a command: it may be making a long key */
#define DEFAULT_CAPACITY (64u * 1024u)
#define DEFAULT_TRIES 3u

#define TEXT2(x) #x
#define TEXT(x)  TEXT2(x)

struct image {
    sqlite3 *db;
    bool may_write;
};

/* Version 2 has reservations. */
#define RESERVATIONS                                                                      \
    "CREATE TABLE reservation(fid INTEGER NOT NULL, tag INTEGER NOT NULL,"                \
    " bytes INTEGER NOT NULL, PRIMARY KEY(fid,tag)) WITHOUT ROWID;"

static const char from_version_1[] =
    RESERVATIONS "PRAGMA user_version=" TEXT(SCHEMA_VERSION) ";";

static const char schema[] =
    "PRAGMA application_id=" TEXT(APPLICATION_ID) ";"
    "PRAGMA user_version=" TEXT(SCHEMA_VERSION) ";"
    "CREATE TABLE number(which INTEGER PRIMARY KEY, value INTEGER NOT NULL);"
    "CREATE TABLE atr(one INTEGER PRIMARY KEY CHECK(one=1), bytes BLOB NOT NULL);"
    "CREATE TABLE file(fid INTEGER PRIMARY KEY, kind INTEGER NOT NULL,"
    " life_cycle INTEGER NOT NULL, rule BLOB NOT NULL, crts BLOB NOT NULL);"
    "CREATE TABLE object(fid INTEGER NOT NULL, tag INTEGER NOT NULL, value BLOB NOT NULL,"
    " PRIMARY KEY(fid,tag)) WITHOUT ROWID;"
    "CREATE TABLE key(fid INTEGER PRIMARY KEY, alg INTEGER NOT NULL, material BLOB NOT NULL);"
    "CREATE TABLE secret(ref INTEGER PRIMARY KEY, value BLOB NOT NULL, tries INTEGER NOT NULL,"
    " tries_limit INTEGER NOT NULL);" RESERVATIONS;

/* GIDS over T=1, contact; historical bytes say "cardmint". TCK makes the exclusive-or zero. */
static const uint8_t standard_atr[] = { 0x3B, 0x88, 0x80, 0x01, 'c', 'a', 'r', 'd', 'm', 'i', 'n',
                                        't', 0x00 };

/* ---- statements ------------------------------------------------------------------------------ */

/* One statement, prepared, with up to three integers bound at 1, 2, 3. NULL on failure, and when it
 * would write in a transaction that only reads. */
static sqlite3_stmt *prepare(struct image *image, const char *sql, long long a, long long b,
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

/* Runs a statement that returns no row; finalises it. */
static bool run(sqlite3_stmt *st)
{
    bool done = st != NULL && sqlite3_step(st) == SQLITE_DONE;

    return sqlite3_finalize(st) == SQLITE_OK && done;
}

/* Steps to a row: *ret_found tells whether there is one. False: error; st is finalised then, and
 * when there is no row. */
static bool row(sqlite3_stmt **st, bool *ret_found)
{
    int rc = *st != NULL ? sqlite3_step(*st) : SQLITE_ERROR;

    *ret_found = rc == SQLITE_ROW;
    if (rc != SQLITE_ROW) {
        sqlite3_finalize(*st);
        *st = NULL;
    }
    return rc == SQLITE_ROW || rc == SQLITE_DONE;
}

static bool bind_blob(sqlite3_stmt *st, int at, const void *data, size_t len)
{
    return st != NULL &&
           sqlite3_bind_blob(st, at, len != 0 ? data : "", (int)len, SQLITE_TRANSIENT) == SQLITE_OK;
}

/* Column `at` into room for `cap` bytes; false when it is longer. */
static bool column_bytes(sqlite3_stmt *st, int at, uint8_t *out, size_t cap, size_t *ret_len)
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

static bool column_blob(sqlite3_stmt *st, int at, struct image_blob *ret)
{
    size_t len = (size_t)sqlite3_column_bytes(st, at);
    uint8_t *data = malloc(len != 0 ? len : 1);

    if (data == NULL)
        return false;
    if (!column_bytes(st, at, data, len, &ret->len)) {
        free(data);
        return false;
    }
    ret->data = data;
    return true;
}

static bool exec(struct image *image, const char *sql)
{
    return sqlite3_exec(image->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* The one number that `sql` asks for. */
static bool one_number(struct image *image, const char *sql, long long a, long long *ret)
{
    sqlite3_stmt *st = prepare(image, sql, a, 0, 0);
    bool found;

    if (!row(&st, &found) || !found)
        return false;
    *ret = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return true;
}

/* ---- the image as a whole -------------------------------------------------------------------- */

static enum softcard_result open_db(const char *path, struct image **ret)
{
    struct image *image = calloc(1, sizeof(*image));

    if (image == NULL)
        return SOFTCARD_MEMORY;
    if (sqlite3_open_v2(path, &image->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK) {
        image_close(image);
        return SOFTCARD_IO;
    }
    sqlite3_busy_timeout(image->db, BUSY_WAIT_MS);
    *ret = image;
    return SOFTCARD_OK;
}

void image_close(struct image *image)
{
    if (image == NULL)
        return;
    sqlite3_close(image->db);
    free(image);
}

void image_free(struct image_blob *blob)
{
    wipe(blob->data, blob->len);
    free(blob->data);
    blob->data = NULL;
    blob->len = 0;
}

/* Durability: a rollback journal and synchronous=EXTRA, so that a committed command survives a
 * power cut at any byte. What is deleted is overwritten. */
static bool set_up(struct image *image)
{
    return exec(image, "PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA;"
                       "PRAGMA secure_delete=ON; PRAGMA foreign_keys=OFF;");
}

static bool fill(struct image *image, const struct softcard_options *o)
{
    uint8_t atr[SOFTCARD_ATR_MAX];
    size_t len = o->atr_len;
    sqlite3_stmt *st;

    memcpy(atr, o->atr, sizeof(atr));
    if (len == 0) {
        len = sizeof(standard_atr);
        memcpy(atr, standard_atr, len);
        for (size_t i = 1; i + 1 < len; i++)
            atr[len - 1] ^= atr[i];
    }
    st = prepare(image, "INSERT INTO atr VALUES(1,?)", 0, 0, 0);
    return bind_blob(st, 1, atr, len) && run(st) &&
           image_set_number(image, IMAGE_LIFE_CYCLE, 3) &&
           image_set_number(image, IMAGE_UNBLOCK, o->unblock) &&
           image_set_number(image, IMAGE_CAPACITY,
                            o->capacity != 0 ? (unsigned)o->capacity : DEFAULT_CAPACITY) &&
           image_set_number(image, IMAGE_NO_EXTENDED, o->no_extended) &&
           image_set_number(image, IMAGE_RESELECT_LOGS_OUT, o->reselect_logs_out) &&
           image_set_number(image, IMAGE_PIN_TRIES,
                            o->pin_tries != 0 ? o->pin_tries : DEFAULT_TRIES);
}

static bool options_ok(const struct softcard_options *o)
{
    return o->unblock <= SOFTCARD_UNBLOCK_PUK && o->pin_tries <= 15 &&
           o->capacity <= (size_t)64 * 1024 * 1024 && o->atr_len <= SOFTCARD_ATR_MAX &&
           o->atr_len != 1;
}

enum softcard_result image_create(const char *path, const struct softcard_options *options)
{
    const struct softcard_options none = { 0 };
    const struct softcard_options *o = options != NULL ? options : &none;
    struct image *image = NULL;
    enum softcard_result result;
    int fd;

    if (!options_ok(o))
        return SOFTCARD_ARGUMENT;
    fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST ? SOFTCARD_EXISTS : SOFTCARD_IO;
    close(fd);
    result = open_db(path, &image);
    if (result == SOFTCARD_OK &&
        !(set_up(image) && image_begin(image, IMAGE_WRITES) && exec(image, schema) &&
          fill(image, o) && image_commit(image)))
        result = SOFTCARD_IO;
    image_close(image);
    if (result != SOFTCARD_OK)
        unlink(path);
    return result;
}

/* Why an image was refused: what SQLite could not do, or what it did not find. */
static enum softcard_result refusal(const struct image *image)
{
    switch (sqlite3_errcode(image->db) & 0xFF) {
    case SQLITE_BUSY: /* another process holds it for too long */
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_FULL:
        return SOFTCARD_IO;
    case SQLITE_NOMEM:
        return SOFTCARD_MEMORY;
    default:
        return SOFTCARD_DAMAGED;
    }
}

/* Every page is where it belongs, and the file as long as its pages: SQLite alone would take a file
 * whose last page is cut short. Inside a transaction, so that no other process writes meanwhile. */
static bool is_whole(struct image *image, const char *path)
{
    sqlite3_stmt *st = prepare(image, "PRAGMA quick_check(1)", 0, 0, 0);
    long long pages, page_size;
    struct stat file;
    bool found, ok;

    if (!row(&st, &found) || !found)
        return false;
    ok = sqlite3_column_bytes(st, 0) == 2 && memcmp(sqlite3_column_text(st, 0), "ok", 2) == 0;
    sqlite3_finalize(st);
    return ok && one_number(image, "PRAGMA page_count", 0, &pages) &&
           one_number(image, "PRAGMA page_size", 0, &page_size) && stat(path, &file) == 0 &&
           file.st_size == pages * page_size;
}

/* Brings an image of version 1 to this one, in one transaction; another process may be quicker. */
static bool upgrade(struct image *image)
{
    long long version;
    bool ok;

    if (!one_number(image, "PRAGMA user_version", 0, &version))
        return false;
    if (version != 1)
        return true;
    ok = image_begin(image, IMAGE_WRITES) &&
         one_number(image, "PRAGMA user_version", 0, &version) &&
         (version != 1 || exec(image, from_version_1)) && image_commit(image);
    if (!ok)
        image_rollback(image);
    return ok;
}

enum softcard_result image_open(const char *path, struct image **ret)
{
    struct image *image = NULL;
    long long application, version;
    enum softcard_result result;

    if (access(path, F_OK) != 0)
        return errno == ENOENT || errno == ENOTDIR ? SOFTCARD_MISSING : SOFTCARD_IO;
    result = open_db(path, &image);
    if (result != SOFTCARD_OK)
        return result;
    if (!one_number(image, "PRAGMA application_id", 0, &application) ||
        application != APPLICATION_ID || !set_up(image) || !upgrade(image) ||
        !one_number(image, "PRAGMA user_version", 0, &version) || version != SCHEMA_VERSION ||
        !image_begin(image, IMAGE_READS) || !is_whole(image, path) ||
        !one_number(image, "SELECT count(*) FROM number WHERE which BETWEEN 1 AND 6", 0,
                    &version) ||
        version != 6) {
        result = refusal(image);
        image_close(image);
        return result;
    }
    image_rollback(image); /* it only looked */
    *ret = image;
    return SOFTCARD_OK;
}

bool image_begin(struct image *image, enum image_access access)
{
    image->may_write = access == IMAGE_WRITES;
    return exec(image, image->may_write ? "BEGIN IMMEDIATE" : "BEGIN");
}

bool image_commit(struct image *image)
{
    return exec(image, "COMMIT");
}

void image_rollback(struct image *image)
{
    if (sqlite3_get_autocommit(image->db) == 0)
        exec(image, "ROLLBACK");
}

/* ---- numbers and ATR ------------------------------------------------------------------------- */

bool image_number(struct image *image, enum image_number which, unsigned *ret)
{
    long long value;

    if (!one_number(image, "SELECT value FROM number WHERE which=?", which, &value))
        return false;
    *ret = (unsigned)value;
    return true;
}

bool image_set_number(struct image *image, enum image_number which, unsigned value)
{
    return run(prepare(image, "INSERT OR REPLACE INTO number VALUES(?,?)", which, value, 0));
}

bool image_atr(struct image *image, uint8_t *atr, size_t *ret_len)
{
    sqlite3_stmt *st = prepare(image, "SELECT bytes FROM atr", 0, 0, 0);
    bool found, ok;

    if (!row(&st, &found) || !found)
        return false;
    ok = column_bytes(st, 0, atr, SOFTCARD_ATR_MAX, ret_len);
    sqlite3_finalize(st);
    return ok;
}

/* ---- files ----------------------------------------------------------------------------------- */

static bool read_file(sqlite3_stmt *st, bool *ret_found, struct image_file *ret)
{
    bool ok;

    if (!row(&st, ret_found) || !*ret_found)
        return !*ret_found && st == NULL;
    ret->fid = (uint16_t)sqlite3_column_int(st, 0);
    ret->kind = (uint8_t)sqlite3_column_int(st, 1);
    ret->life_cycle = (uint8_t)sqlite3_column_int(st, 2);
    ok = column_bytes(st, 3, ret->rule, sizeof(ret->rule), &ret->rule_len) &&
         column_bytes(st, 4, ret->crts, sizeof(ret->crts), &ret->crts_len);
    sqlite3_finalize(st);
    return ok;
}

bool image_file(struct image *image, uint16_t fid, bool *ret_found, struct image_file *ret)
{
    return read_file(prepare(image, "SELECT * FROM file WHERE fid=?", fid, 0, 0), ret_found, ret);
}

bool image_next_file(struct image *image, uint16_t after, bool *ret_found, struct image_file *ret)
{
    return read_file(prepare(image, "SELECT * FROM file WHERE fid>? ORDER BY fid LIMIT 1", after, 0,
                             0),
                     ret_found, ret);
}

bool image_add_file(struct image *image, const struct image_file *file)
{
    sqlite3_stmt *st = prepare(image, "INSERT INTO file VALUES(?,?,?,?,?)", file->fid, file->kind,
                               file->life_cycle);

    return bind_blob(st, 4, file->rule, file->rule_len) &&
           bind_blob(st, 5, file->crts, file->crts_len) && run(st);
}

bool image_set_life_cycle(struct image *image, uint16_t fid, uint8_t life_cycle)
{
    return run(prepare(image, "UPDATE file SET life_cycle=?2 WHERE fid=?1", fid, life_cycle, 0));
}

bool image_remove_file(struct image *image, uint16_t fid)
{
    return run(prepare(image, "DELETE FROM object WHERE fid=?", fid, 0, 0)) &&
           run(prepare(image, "DELETE FROM reservation WHERE fid=?", fid, 0, 0)) &&
           image_remove_key(image, fid) &&
           run(prepare(image, "DELETE FROM file WHERE fid=?", fid, 0, 0));
}

bool image_count_files(struct image *image, unsigned *ret)
{
    long long n;

    if (!one_number(image, "SELECT count(*) FROM file", 0, &n))
        return false;
    *ret = (unsigned)n;
    return true;
}

/* ---- data objects and keys ------------------------------------------------------------------- */

bool image_object(struct image *image, uint16_t fid, uint32_t tag, bool *ret_found,
                  struct image_blob *ret)
{
    sqlite3_stmt *st =
        prepare(image, "SELECT value FROM object WHERE fid=? AND tag=?", fid, tag, 0);
    bool ok;

    if (!row(&st, ret_found))
        return false;
    if (!*ret_found)
        return true;
    ok = column_blob(st, 0, ret);
    sqlite3_finalize(st);
    return ok;
}

bool image_put_object(struct image *image, uint16_t fid, uint32_t tag, const uint8_t *value,
                      size_t len)
{
    sqlite3_stmt *st = prepare(image, "INSERT OR REPLACE INTO object VALUES(?,?,?)", fid, tag, 0);

    return bind_blob(st, 3, value, len) && run(st);
}

bool image_remove_object(struct image *image, uint16_t fid, uint32_t tag)
{
    return run(prepare(image, "DELETE FROM object WHERE fid=? AND tag=?", fid, tag, 0)) &&
           image_reserve(image, fid, tag, 0);
}

bool image_reserved(struct image *image, uint16_t fid, uint32_t tag, size_t *ret)
{
    sqlite3_stmt *st =
        prepare(image, "SELECT bytes FROM reservation WHERE fid=? AND tag=?", fid, tag, 0);
    bool found;

    if (!row(&st, &found))
        return false;
    *ret = found ? (size_t)sqlite3_column_int64(st, 0) : 0;
    sqlite3_finalize(st);
    return true;
}

bool image_reserve(struct image *image, uint16_t fid, uint32_t tag, size_t bytes)
{
    if (bytes == 0)
        return run(
            prepare(image, "DELETE FROM reservation WHERE fid=? AND tag=?", fid, tag, 0));
    return run(prepare(image, "INSERT OR REPLACE INTO reservation VALUES(?,?,?)", fid, tag,
                       (long long)bytes));
}

bool image_count_objects(struct image *image, uint16_t fid, unsigned *ret)
{
    long long n;

    if (!one_number(image, "SELECT count(*) FROM object WHERE fid=?", fid, &n))
        return false;
    *ret = (unsigned)n;
    return true;
}

bool image_next_object(struct image *image, uint16_t fid, uint32_t after, bool *ret_found,
                       uint32_t *ret_tag)
{
    sqlite3_stmt *st =
        prepare(image, "SELECT tag FROM object WHERE fid=? AND tag>? ORDER BY tag LIMIT 1", fid,
                after, 0);

    if (!row(&st, ret_found))
        return false;
    if (*ret_found) {
        *ret_tag = (uint32_t)sqlite3_column_int64(st, 0);
        sqlite3_finalize(st);
    }
    return true;
}

bool image_key(struct image *image, uint16_t fid, bool *ret_found, uint8_t *ret_alg,
               struct image_blob *ret)
{
    sqlite3_stmt *st = prepare(image, "SELECT alg, material FROM key WHERE fid=?", fid, 0, 0);
    bool ok;

    if (!row(&st, ret_found))
        return false;
    if (!*ret_found)
        return true;
    *ret_alg = (uint8_t)sqlite3_column_int(st, 0);
    ok = column_blob(st, 1, ret);
    sqlite3_finalize(st);
    return ok;
}

bool image_put_key(struct image *image, uint16_t fid, uint8_t alg, const uint8_t *data, size_t len)
{
    sqlite3_stmt *st = prepare(image, "INSERT OR REPLACE INTO key VALUES(?,?,?)", fid, alg, 0);

    return bind_blob(st, 3, data, len) && run(st);
}

bool image_remove_key(struct image *image, uint16_t fid)
{
    return run(prepare(image, "DELETE FROM key WHERE fid=?", fid, 0, 0));
}

bool image_used(struct image *image, size_t *ret)
{
    long long n;

    if (!one_number(image,
                    "SELECT ifnull((SELECT sum(max(length(o.value), ifnull(r.bytes,0)))"
                    " FROM object o LEFT JOIN reservation r ON o.fid=r.fid AND o.tag=r.tag),0)+"
                    "ifnull((SELECT sum(length(material)) FROM key),0)",
                    0, &n))
        return false;
    *ret = (size_t)n;
    return true;
}

/* ---- secrets --------------------------------------------------------------------------------- */

bool image_secret(struct image *image, uint8_t ref, bool *ret_found, struct image_secret *ret)
{
    sqlite3_stmt *st = prepare(image, "SELECT value, tries, tries_limit FROM secret WHERE ref=?",
                               ref, 0, 0);
    bool ok;

    if (!row(&st, ret_found))
        return false;
    if (!*ret_found)
        return true;
    ok = column_bytes(st, 0, ret->value, sizeof(ret->value), &ret->len);
    ret->tries = (unsigned)sqlite3_column_int(st, 1);
    ret->limit = (unsigned)sqlite3_column_int(st, 2);
    sqlite3_finalize(st);
    return ok;
}

bool image_put_secret(struct image *image, uint8_t ref, const struct image_secret *secret)
{
    sqlite3_stmt *st = prepare(image, "INSERT OR REPLACE INTO secret VALUES(?1,?4,?2,?3)", ref,
                               secret->tries, secret->limit);

    return bind_blob(st, 4, secret->value, secret->len) && run(st);
}

bool image_set_tries(struct image *image, uint8_t ref, unsigned tries)
{
    return run(prepare(image, "UPDATE secret SET tries=?2 WHERE ref=?1", ref, tries, 0));
}
