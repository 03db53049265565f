/* SPDX-License-Identifier: MIT */
#include "softcard/image_db.h"

#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
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
    return db_exec(image, "PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA;"
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
    st = db_prepare(image, "INSERT INTO atr VALUES(1,?)", 0, 0, 0);
    return db_bind_blob(st, 1, atr, len) && db_run(st) &&
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
           o->capacity <= SOFTCARD_CAPACITY_MOST && o->atr_len <= SOFTCARD_ATR_MAX &&
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
        !(set_up(image) && image_begin(image, IMAGE_WRITES) && db_exec(image, schema) &&
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
    sqlite3_stmt *st = db_prepare(image, "PRAGMA quick_check(1)", 0, 0, 0);
    long long pages, page_size;
    struct stat file;
    bool found, ok;

    if (!db_row(&st, &found) || !found)
        return false;
    ok = sqlite3_column_bytes(st, 0) == 2 && memcmp(sqlite3_column_text(st, 0), "ok", 2) == 0;
    sqlite3_finalize(st);
    return ok && db_number(image, "PRAGMA page_count", 0, &pages) &&
           db_number(image, "PRAGMA page_size", 0, &page_size) && stat(path, &file) == 0 &&
           file.st_size == pages * page_size;
}

/* Is it an image that this program knows, with all its parts? It only looks, and leaves the
 * transaction open when it does not like what it sees: what SQLite had to say stays to be asked. */
static bool is_image(struct image *image, const char *path, long long *ret_version)
{
    long long application, numbers;

    if (!db_number(image, "PRAGMA application_id", 0, &application) ||
        application != APPLICATION_ID || !image_begin(image, IMAGE_READS) ||
        !db_number(image, "PRAGMA user_version", 0, ret_version) || *ret_version < 1 ||
        *ret_version > SCHEMA_VERSION || !is_whole(image, path) ||
        !db_number(image, "SELECT count(*) FROM number WHERE which BETWEEN 1 AND 6", 0,
                   &numbers) ||
        numbers != 6)
        return false;
    image_rollback(image);
    return true;
}

/* Brings an image of version 1 to this one, in one transaction; another process may be quicker. */
static bool upgrade(struct image *image, long long version)
{
    return version != 1 ||
           (image_begin(image, IMAGE_WRITES) &&
            db_number(image, "PRAGMA user_version", 0, &version) &&
            (version != 1 || db_exec(image, from_version_1)) && image_commit(image));
}

enum softcard_result image_open(const char *path, struct image **ret)
{
    struct image *image = NULL;
    enum softcard_result result;
    long long version;

    if (access(path, F_OK) != 0)
        return errno == ENOENT || errno == ENOTDIR ? SOFTCARD_MISSING : SOFTCARD_IO;
    result = open_db(path, &image);
    if (result != SOFTCARD_OK)
        return result;
    if (!is_image(image, path, &version) || !set_up(image) || !upgrade(image, version)) {
        result = refusal(image);
        image_close(image);
        return result;
    }
    *ret = image;
    return SOFTCARD_OK;
}

bool image_begin(struct image *image, enum image_access access)
{
    image->may_write = access == IMAGE_WRITES;
    return db_exec(image, image->may_write ? "BEGIN IMMEDIATE" : "BEGIN");
}

bool image_commit(struct image *image)
{
    return db_exec(image, "COMMIT");
}

void image_rollback(struct image *image)
{
    if (sqlite3_get_autocommit(image->db) == 0)
        db_exec(image, "ROLLBACK");
}

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

bool image_secret(struct image *image, uint8_t ref, bool *ret_found, struct image_secret *ret)
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

bool image_put_secret(struct image *image, uint8_t ref, const struct image_secret *secret)
{
    sqlite3_stmt *st = db_prepare(image, "INSERT OR REPLACE INTO secret VALUES(?1,?4,?2,?3)", ref,
                               secret->tries, secret->limit);

    return db_bind_blob(st, 4, secret->value, secret->len) && db_run(st);
}

bool image_set_tries(struct image *image, uint8_t ref, unsigned tries)
{
    return db_run(db_prepare(image, "UPDATE secret SET tries=?2 WHERE ref=?1", ref, tries, 0));
}
