/* SPDX-License-Identifier: MIT */
/*
 * Images of version 1, which know no reservations, and 2, which know but one application:
 * docs/card-image.md. They are written here by hand, from that page, so that they stay as they
 * were.
 */
#include "tests/softcard/powercut.h"
#include "tests/softcard/space.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct bench b;

#define IS(sw, ...) assert_int_equal(bench_hex(&b, __VA_ARGS__), sw)

static const char version_1[] =
    "PRAGMA application_id=0x636D6764; PRAGMA user_version=1;"
    "CREATE TABLE number(which INTEGER PRIMARY KEY, value INTEGER NOT NULL);"
    "CREATE TABLE atr(one INTEGER PRIMARY KEY CHECK(one=1), bytes BLOB NOT NULL);"
    "CREATE TABLE file(fid INTEGER PRIMARY KEY, kind INTEGER NOT NULL,"
    " life_cycle INTEGER NOT NULL, rule BLOB NOT NULL, crts BLOB NOT NULL);"
    "CREATE TABLE object(fid INTEGER NOT NULL, tag INTEGER NOT NULL, value BLOB NOT NULL,"
    " PRIMARY KEY(fid,tag)) WITHOUT ROWID;"
    "CREATE TABLE key(fid INTEGER PRIMARY KEY, alg INTEGER NOT NULL, material BLOB NOT NULL);"
    "CREATE TABLE secret(ref INTEGER PRIMARY KEY, value BLOB NOT NULL, tries INTEGER NOT NULL,"
    " tries_limit INTEGER NOT NULL);"
    "INSERT INTO number VALUES(1,5),(2,0),(3,1000),(4,0),(5,0),(6,3);"
    "INSERT INTO atr VALUES(1, x'3B80800101');"
    "INSERT INTO file VALUES(0xA010,57,5,x'033000',x''),(0xA012,57,5,x'032000',x''),"
    " (0xB080,24,5,x'870020FF',x'A4098001028301809501C0');"
    "INSERT INTO object VALUES(0xA010,0xDF21,x'6D73637000000000'),(0xA012,0xDF20,x'0707');"
    "INSERT INTO key VALUES(0xB080,2,x'0102030405060708090A0B0C0D0E0F101112131415161718');"
    "INSERT INTO secret VALUES(128,x'3132333435363738',2,3);";
static const char version_2[] =
    "PRAGMA user_version=2;"
    "CREATE TABLE reservation(fid INTEGER NOT NULL, tag INTEGER NOT NULL, bytes INTEGER NOT NULL,"
    " PRIMARY KEY(fid,tag)) WITHOUT ROWID;";
#define USED (24u + 8u + 2u)

static sqlite3 *by_hand(const char *sql)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(b.path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    return db;
}

static void change(const char *sql)
{
    assert_int_equal(sqlite3_close(by_hand(sql)), SQLITE_OK);
}

static long long ask(const char *sql)
{
    sqlite3 *db = by_hand("");
    sqlite3_stmt *st = NULL;
    long long number;

    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    number = sqlite3_column_int64(st, 0);
    assert_int_equal(sqlite3_finalize(st), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return number;
}

/* An image of version 1, not opened. */
static void old_image(void)
{
    bench_folder(&b);
    b.ram = calloc(1, softcard_ram_size());
    assert_non_null(b.ram);
    change(version_1);
}

static uint32_t sum_of_image(void)
{
    static uint8_t buf[1 << 20];
    int fd = open(b.path, O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, buf, sizeof(buf));
    uint32_t sum = 2166136261u; /* FNV-1a */

    close(fd);
    assert_in_range(n, 1024, sizeof(buf) - 1);
    for (ssize_t i = 0; i < n; i++)
        sum = (sum ^ buf[i]) * 16777619u;
    return sum;
}

/* ---- refused --------------------------------------------------------------------------------- */

static void refused(const char *sql, enum softcard_result why)
{
    uint32_t sum;

    old_image();
    change(sql);
    sum = sum_of_image();
    assert_int_equal(softcard_open(b.path, &b.card), why);
    assert_null(b.card);
    assert_int_equal(sum_of_image(), sum); /* not a byte is changed */
    bench_free(&b);
}

static void no_image_of_ours(void **state)
{
    (void)state;
    refused("PRAGMA user_version=0", SOFTCARD_DAMAGED);
    refused("PRAGMA user_version=4", SOFTCARD_DAMAGED); /* newer */
    refused("PRAGMA user_version=-1", SOFTCARD_DAMAGED);
    refused("PRAGMA application_id=1", SOFTCARD_DAMAGED);
    refused("CREATE TABLE reservation(a)", SOFTCARD_DAMAGED); /* not ours */
    refused("DELETE FROM number WHERE which=3", SOFTCARD_DAMAGED);
}

/* The tail of an old image is gone, of its last page or more: its upgrade would hide that. */
static void cut_short(void **state)
{
    static const off_t gone[] = { 1, 100, 4095, 4096, 8192 };

    (void)state;
    for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
        struct stat file;
        uint32_t sum;

        old_image();
        assert_int_equal(stat(b.path, &file), 0);
        assert_int_equal(truncate(b.path, file.st_size - gone[i]), 0);
        sum = sum_of_image();
        assert_int_equal(softcard_open(b.path, &b.card), SOFTCARD_DAMAGED);
        assert_null(b.card);
        assert_int_equal(sum_of_image(), sum);
        bench_free(&b);
    }
}

int __real_sqlite3_busy_timeout(sqlite3 *db, int ms);
int __wrap_sqlite3_busy_timeout(sqlite3 *db, int ms);

/* This test does not have the card's patience. */
int __wrap_sqlite3_busy_timeout(sqlite3 *db, int ms)
{
    (void)ms;
    return __real_sqlite3_busy_timeout(db, 50);
}

static void held_by_another(void **state)
{
    sqlite3 *other;

    (void)state;
    old_image();
    other = by_hand("BEGIN IMMEDIATE");
    assert_int_equal(softcard_open(b.path, &b.card), SOFTCARD_IO);
    assert_null(b.card);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
    assert_int_equal(ask("PRAGMA user_version"), 1);
    assert_int_equal(softcard_open(b.path, &b.card), SOFTCARD_OK);
    bench_free(&b);
}

/* ---- upgraded -------------------------------------------------------------------------------- */

/* Everything is as it was, and the new commands work. */
static void works(void)
{
    IS(0x63C2, "00200080");
    IS(0x9000, "00CBA010 02 5C00 00");
    bench_answer_is(&b, "DF2108 6D73637000000000");
    IS(0x9000, "00A4000402 A012 00");
    bench_answer_is(&b, "620F 820139 8302A012 8A0105 8C03032000");
    assert_int_equal(space_told(&b, NULL), 1000 - USED);
    assert_int_equal(bench_admin(&b), 0x9000);
    assert_int_equal(bench_login(&b), 0x9000);
    assert_int_equal(space_reserve(&b, 0xA010, 0xDF21, 500), 0x9000);
    assert_int_equal(space_told(&b, NULL), 1000 - USED - 500 + 8);
    assert_int_equal(space_put(&b, 0xA010, 0xDF24, 1, 1000 - USED - 500 + 8), 0x9000);
    assert_int_equal(space_put(&b, 0xA010, 0xDF21, 1, 500), 0x9000);
    IS(0x9000, "00A4000C02A012"); /* made before the admin's files had a rule of their own */
    IS(0x9000, "00E40000");
}

static void an_old_image_goes_on(void **state)
{
    (void)state;
    old_image();
    assert_int_equal(softcard_open(b.path, &b.card), SOFTCARD_OK);
    assert_int_equal(ask("PRAGMA user_version"), 3);
    assert_int_equal(ask("SELECT count(*) FROM reservation"), 0);
    bench_reset(&b);
    works();
    bench_reopen(&b);
    bench_reset(&b);
    assert_int_equal(space_length(&b, 0xA010, 0xDF21, 1), 500);
    bench_free(&b);
}

/* It has GIDS, not PIV, and a serial number that stays. */
static void the_one_before_goes_on(void **state)
{
    long long serial;

    (void)state;
    old_image();
    change(version_2);
    assert_int_equal(softcard_open(b.path, &b.card), SOFTCARD_OK);
    assert_int_equal(ask("PRAGMA user_version"), 3);
    assert_int_equal(ask("SELECT value FROM number WHERE which=7"), 1);
    serial = ask("SELECT value FROM number WHERE which=8");
    assert_in_range(serial, 0, 0x7FFFFFFF);
    bench_reset(&b);
    works();
    IS(0x6A82, "00A4040009 A00000030800001000 00");
    bench_reopen(&b);
    assert_int_equal(ask("SELECT value FROM number WHERE which=8"), serial);
    bench_free(&b);

    old_image();
    change(version_2);
    change("DELETE FROM number WHERE which=6");
    assert_int_equal(softcard_open(b.path, &b.card), SOFTCARD_DAMAGED);
    bench_free(&b);
}

static uint16_t select_again(struct bench *at)
{
    bench_reset(at);
    return at->sw;
}

static void old_or_new(bool complete)
{
    (void)complete; /* opening it to look has upgraded it */
    assert_int_equal(ask("PRAGMA user_version"), 3);
    works();
}

static void cut_while_it_is_upgraded(void **state)
{
    (void)state;
    old_image();
    assert_in_range(powercut_everywhere(&b, select_again, 0x9000, old_or_new), 5, 100);
    bench_free(&b);
}

/* Two processes open it at the same time, as readers do when a card is put in. */
static void opened_twice(void **state)
{
    struct softcard *second = NULL;

    (void)state;
    old_image();
    assert_int_equal(softcard_open(b.path, &b.card), SOFTCARD_OK);
    assert_int_equal(softcard_open(b.path, &second), SOFTCARD_OK);
    bench_reset(&b);
    works();
    softcard_close(second);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_image_of_ours),
        cmocka_unit_test(cut_short),
        cmocka_unit_test(held_by_another),
        cmocka_unit_test(an_old_image_goes_on),
        cmocka_unit_test(the_one_before_goes_on),
        cmocka_unit_test(cut_while_it_is_upgraded),
        cmocka_unit_test(opened_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
