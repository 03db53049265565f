/* SPDX-License-Identifier: MIT */
#include "softcard/image_db.h"

#include "base/secret.h"
#include "softcard/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define APPLICATION_ID 0x636D6764 /* "cmgd" in the file's header */
#define SCHEMA_VERSION 3
#define BUSY_WAIT_MS   30000 /* another process inside a command: it may be making a long key */
#define DEFAULT_CAPACITY (64u * 1024u)
#define DEFAULT_TRIES 3u

#define TEXT2(x) #x
#define TEXT(x)  TEXT2(x)

/* Version 2 has reservations. */
#define RESERVATIONS                                                                      \
    "CREATE TABLE reservation(fid INTEGER NOT NULL, tag INTEGER NOT NULL,"                \
    " bytes INTEGER NOT NULL, PRIMARY KEY(fid,tag)) WITHOUT ROWID;"

/* Version 3 has several applications: where keys of PIV keep their policies, which applications
 * there are, and a serial number. */
#define POLICIES                                                                          \
    "CREATE TABLE policy(fid INTEGER PRIMARY KEY, pin INTEGER NOT NULL,"                  \
    " touch INTEGER NOT NULL, origin INTEGER NOT NULL);"
#define THIS_VERSION                                                                      \
    POLICIES "INSERT INTO number VALUES(7,1),(8,random()&0x7FFFFFFF),(9,0),(10,0);"      \
    "PRAGMA user_version=" TEXT(SCHEMA_VERSION) ";"

static const char from_version_1[] = RESERVATIONS THIS_VERSION;
static const char from_version_2[] = THIS_VERSION;

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
    " tries_limit INTEGER NOT NULL);" RESERVATIONS POLICIES;

/* T=1, contact; the historical bytes say what a driver may expect to find first. TCK makes the
 * exclusive-or zero. A card with both is a PIV card: that is what everybody asks for first. */
static const uint8_t standard_atrs[][13] = {
    { 0x3B, 0x88, 0x80, 0x01, 'c', 'a', 'r', 'd', 'm', 'i', 'n', 't', 0x00 },
    { 0x3B, 0x88, 0x80, 0x01, 'm', 'i', 'n', 't', '-', 'p', 'i', 'v', 0x00 },
};

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

static enum softcard_applications applications_of(const struct softcard_options *o)
{
    return o->applications != 0 ? o->applications : SOFTCARD_GIDS;
}

static bool put_atr(struct image *image, const struct softcard_options *o)
{
    uint8_t atr[SOFTCARD_ATR_MAX];
    size_t len = o->atr_len;

    memcpy(atr, o->atr, sizeof(atr));
    if (len == 0) {
        len = sizeof(standard_atrs[0]);
        memcpy(atr, standard_atrs[(applications_of(o) & SOFTCARD_PIV) != 0], len);
        for (size_t i = 1; i + 1 < len; i++)
            atr[len - 1] ^= atr[i];
    }
    sqlite3_stmt *st = db_prepare(image, "INSERT INTO atr VALUES(1,?)", 0, 0, 0);

    return db_bind_blob(st, 1, atr, len) && db_run(st);
}

static bool fill(struct image *image, const struct softcard_options *o)
{
    uint8_t serial[4];

    return key_random(serial, sizeof(serial)) && put_atr(image, o) &&
           image_set_number(image, IMAGE_LIFE_CYCLE, 3) &&
           image_set_number(image, IMAGE_UNBLOCK, o->unblock) &&
           image_set_number(image, IMAGE_CAPACITY,
                            o->capacity != 0 ? (unsigned)o->capacity : DEFAULT_CAPACITY) &&
           image_set_number(image, IMAGE_NO_EXTENDED, o->no_extended) &&
           image_set_number(image, IMAGE_RESELECT_LOGS_OUT, o->reselect_logs_out) &&
           image_set_number(image, IMAGE_PIN_TRIES,
                            o->pin_tries != 0 ? o->pin_tries : DEFAULT_TRIES) &&
           image_set_number(image, IMAGE_APPLICATIONS, applications_of(o)) &&
           image_set_number(image, IMAGE_PIV_STANDARD, o->piv_standard) &&
           image_set_number(image, IMAGE_SEALED, 0) &&
           image_set_number(image, IMAGE_SERIAL,
                            (unsigned)(serial[0] & 0x7F) << 24 | (unsigned)serial[1] << 16 |
                                (unsigned)serial[2] << 8 | serial[3]);
}

static bool options_ok(const struct softcard_options *o)
{
    return o->applications <= SOFTCARD_BOTH && o->unblock <= SOFTCARD_UNBLOCK_PUK && o->pin_tries <= 15 &&
           o->capacity <= SOFTCARD_CAPACITY_MOST && o->atr_len <= SOFTCARD_ATR_MAX &&
           o->atr_len != 1;
}

enum softcard_result image_create(const char *path, const struct softcard_options *options,
                                  bool (*factory)(struct image *image))
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
          fill(image, o) && factory(image) && image_commit(image)))
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
        !db_number(image, "SELECT count(*) FROM number WHERE which BETWEEN 1 AND 10", 0,
                   &numbers) ||
        numbers != (*ret_version < 3 ? 6 : 10))
        return false;
    image_rollback(image);
    return true;
}

/* Brings an older image to this version, in one transaction; another process may be quicker. */
static bool upgrade(struct image *image, long long version)
{
    static const char *const from[] = { NULL, from_version_1, from_version_2 };

    return version == SCHEMA_VERSION ||
           (image_begin(image, IMAGE_WRITES) &&
            db_number(image, "PRAGMA user_version", 0, &version) &&
            version >= 1 && version <= SCHEMA_VERSION &&
            (version == SCHEMA_VERSION || db_exec(image, from[version])) && image_commit(image));
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
