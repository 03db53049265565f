/* SPDX-License-Identifier: MIT */
/* Files of an edge that has none: what is refused, what fails half way, then what works. */
#include "vfs_fake.h"

#include "edge/vfs_internal.h"

#include <stdio.h>

#define OK        SCARD_S_SUCCESS
#define LACKS     SCARD_E_UNSUPPORTED_FEATURE
#define VIOLATION SCARD_W_SECURITY_VIOLATION
#define NONE      SCARD_E_FILE_NOT_FOUND
#define ARRAY(a)  (sizeof(a) / sizeof((a)[0]))

static struct caller caller;
static struct fake_context ctx, *const c = &ctx;

static void begin(void)
{
    memset(&caller, 0, sizeof(caller));
    card_reset();
    context_open(c, &caller);
}

static void end(void)
{
    context_close(c);
    assert_int_equal(caller.blocks, 0);
}

/* ---- what is refused ------------------------------------------------------------------------- */

static void test_rights(void **state)
{
    static const struct {
        uint8_t ac, read, write; /* sets of roles; bit 0: everyone */
    } rows[] = {
        { 1, 1, USER | ADMIN }, { 2, 0, USER | ADMIN }, { 3, 1, ADMIN },
        { 5, USER | ADMIN, USER | ADMIN }, { 6, ADMIN, ADMIN },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY(rows); i++) {
        for (uint8_t now = 0; now <= (USER | ADMIN); now += USER) {
            begin();
            assert_int_equal(make(c, "", "f", rows[i].ac), OK);
            assert_int_equal(put(c, "", "f", "old", 3), OK);
            card.roles = now;
            assert_int_equal(get(c, "", "f"), ((now | 1) & rows[i].read) != 0 ? OK : VIOLATION);
            assert_int_equal(put(c, "", "f", "new", 3), (now & rows[i].write) != 0 ? OK : VIOLATION);
            assert_int_equal(drop(c, "", "f"), (now & rows[i].write) != 0 ? OK : VIOLATION);
            end();
        }
    }
}

static void test_rights_elsewhere(void **state)
{
    (void)state;
    begin();
    assert_int_equal(make(c, "theirs", "", 2), OK);
    card.roles = USER;
    assert_int_equal(make(c, "theirs", "f", 1), VIOLATION);
    assert_int_equal(put(c, "", "cardid", "x", 1), VIOLATION);
    card.roles = 0;
    assert_int_equal(make(c, "", "f", 1), VIOLATION);
    assert_int_equal(make(c, "dir", "", 1), VIOLATION);
    assert_int_equal(drop(c, "theirs", ""), VIOLATION);
    assert_int_equal(put(c, "", "cardcf", "x", 1), VIOLATION);
    assert_int_equal(put(c, "", "cardapps", "x", 1), VIOLATION);
    assert_int_equal(put(c, "mscp", "cmapfile", "x", 1), VIOLATION);
    assert_int_equal(drop(c, "mscp", "cmapfile"), VIOLATION);
    assert_int_equal(vfs_may(&c->e, 0, true), VIOLATION);
    assert_int_equal(vfs_may(&c->e, 4, false), VIOLATION);
    assert_int_equal(vfs_may(&c->e, 200, true), VIOLATION);
    end();
}

static void test_refusals(void **state)
{
    struct edge_file big = { .name = "big", .ac = 1 };
    static uint8_t much[VFS_FILE_MAX + 1];

    (void)state;
    begin();
    assert_int_equal(make(c, "", "f", 0), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(make(c, "", "f", 4), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(make(c, "", "f", 7), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(make(c, "d", "", 3), LACKS);
    assert_int_equal(make(c, "nowhere", "f", 1), SCARD_E_DIR_NOT_FOUND);
    assert_int_equal(make(c, "", "cardcf", 1), ERROR_FILE_EXISTS);
    assert_int_equal(make(c, "mscp", "", 1), ERROR_FILE_EXISTS);
    assert_int_equal(make(c, "", "mscp", 1), ERROR_FILE_EXISTS);
    assert_int_equal(make(c, "cardapps", "", 1), ERROR_FILE_EXISTS);
    assert_int_equal(vfs_create(&c->e, &big, VFS_FILE_MAX + 1), SCARD_E_WRITE_TOO_MANY);
    assert_int_equal(vfs_create(&c->e, &big, VFS_FILE_MAX), OK);
    assert_int_equal(put(c, "", "big", much, sizeof(much)), SCARD_E_WRITE_TOO_MANY);
    assert_int_equal(put(c, "", "cardcf", much, sizeof(much)), SCARD_E_WRITE_TOO_MANY);
    assert_int_equal(put(c, "", "cardid", "0", 1), LACKS);
    assert_int_equal(drop(c, "", "cardid"), LACKS);
    assert_int_equal(drop(c, "", "cardcf"), LACKS);
    assert_int_equal(drop(c, "mscp", "cmapfile"), LACKS);
    assert_int_equal(drop(c, "mscp", ""), ERROR_DIR_NOT_EMPTY);
    assert_int_equal(drop(c, "other", ""), LACKS);
    card.places[ROOTS].len = 1;
    assert_int_equal(drop(c, "mscp", "msroots"), LACKS);
    assert_non_null(look(c, "mscp", "msroots"));
    end();
}

static void test_no_more_records(void **state)
{
    char name[9];

    (void)state;
    begin();
    for (unsigned i = 0; i < VFS_FILES_MAX; i++) {
        snprintf(name, sizeof(name), "f%u", i);
        assert_int_equal(make(c, "", name, 1), OK);
        assert_int_equal(put(c, "", name, name, strlen(name)), OK);
    }
    assert_int_equal(make(c, "", "more", 1), SCARD_E_NO_MEMORY);
    assert_int_equal(put(c, "", "cardapps", "x", 1), SCARD_E_WRITE_TOO_MANY);
    assert_file(c, "", "f47", "f47", 3);
    assert_int_equal(drop(c, "", "f3"), OK);
    assert_int_equal(make(c, "", "more", 1), OK);
    end();
}

/* ---- what fails half way --------------------------------------------------------------------- */

/* Record 0, of a key, becomes a label; record 1 goes to the overlay. */
static const uint8_t map[2 * VFS_RECORD] = { 'n', [80] = 1, [86] = 'm', [166] = 1 };

static DWORD step_make(void)   { return make(c, "mine", "new", 1); }
static DWORD step_write(void)  { return put(c, "mine", "old", "fresh", 5); }
static DWORD step_first(void)  { return put(c, "mine", "empty", "fresh", 5); }
static DWORD step_drop(void)   { return drop(c, "mine", "old"); }
static DWORD step_cert(void)   { return put(c, "mscp", "kxc00", "fresh", 5); }
static DWORD step_uncert(void) { return drop(c, "mscp", "kxc00"); }
static DWORD step_map(void)    { return put(c, "mscp", "cmapfile", map, sizeof(map)); }
static DWORD step_read(void)   { return get(c, "mine", "old"); }
static DWORD step_cf(void)     { return put(c, "", "cardcf", "123456", 6); }
static DWORD step_apps(void)   { return put(c, "", "cardapps", "mscp\0\0\0\0mine\0\0\0\0", 16); }
static DWORD step_dir(void)    { return drop(c, "bare", ""); }

static const struct step {
    DWORD (*go)(void);
    bool torn; /* the card cannot undo it: it may be half done */
} steps[] = {
    { step_make, false }, { step_write, false }, { step_first, false }, { step_drop, false },
    { step_cert, false }, { step_uncert, true }, { step_map, false }, { step_read, false },
    { step_cf, false }, { step_apps, false }, { step_dir, false },
};

static void prepare(bool holds)
{
    begin();
    card.holds = holds;
    card.holds_label = true;
    memset(card.places[CERT].data, 1, 3);
    card.places[CERT].len = 3;
    assert_int_equal(make(c, "mine", "", 1), OK);
    assert_int_equal(make(c, "bare", "", 1), OK);
    assert_int_equal(make(c, "mine", "old", 1), OK);
    assert_int_equal(make(c, "mine", "empty", 1), OK);
    assert_int_equal(put(c, "mine", "old", "old", 3), OK);
    card.answers = caller.allocs = 0;
}

/* All files as prepare left them. */
static void check_unchanged(void)
{
    assert_file(c, "mine", "old", "old", 3);
    assert_file(c, "mine", "empty", "", 0);
    assert_null(look(c, "mine", "new"));
    assert_non_null(look(c, "bare", ""));
    assert_file(c, "mscp", "kxc00", "\1\1\1", 3);
    assert_file(c, "", "cardcf", "\0\0\0\0\0\0", 6);
    assert_file(c, "", "cardapps", "mscp\0\0\0\0", 8);
    assert_int_equal(card.labels[0].name[0], 0);
}

/* A fault at each answer of the card: the code comes through, nothing leaks, all is as before. */
static void test_exchange_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY(steps); i++) {
        for (unsigned at = 1;; at++) {
            DWORD rc;

            prepare(true);
            card.fail_at = at;
            card.fail_with = SCARD_F_COMM_ERROR;
            rc = steps[i].go();
            card.fail_at = 0;
            if (card.answers < at) { /* it went without */
                assert_int_equal(rc, OK);
                end();
                break;
            }
            assert_int_equal(rc, SCARD_F_COMM_ERROR);
            if (!steps[i].torn)
                check_unchanged();
            end();
        }
    }
}

static void test_memory_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * ARRAY(steps); i++) {
        for (unsigned at = 1;; at++) {
            DWORD rc;

            prepare(i % 2 == 0);
            caller.fail_alloc = at;
            rc = steps[i / 2].go();
            caller.fail_alloc = 0;
            if (caller.allocs < at) {
                assert_int_equal(rc, OK);
                end();
                break;
            }
            if (rc != OK) { /* a cache that has no memory is no fault */
                assert_int_equal(rc, SCARD_E_NO_MEMORY);
                if (!steps[i / 2].torn)
                    check_unchanged();
            }
            end();
        }
    }
}

/* ---- what the card says of the overlay ------------------------------------------------------- */

#define D8(s4) s4 "\0\0\0\0"

static void directory(const char *bytes, size_t len)
{
    begin();
    memcpy(card.parts[VFS_DIRECTORY].data, bytes, len);
    card.parts[VFS_DIRECTORY].len = len;
    memcpy(card.parts[VFS_CONTENT].data, "\1secret", 7);
    card.parts[VFS_CONTENT].len = 7;
}

static const char good[] = D8("mscp") D8("good") "\1\1";

/* A record that makes no sense never hides the one behind it. */
static void test_bad_records(void **state)
{
    static const struct {
        const char *what, *dir, *name, *tail;
    } rows[] = {
        { "upper case", D8("mscp"), D8("FILE"), "\1\2" },
        { "a slash", D8("mscp"), D8("a/bc"), "\1\2" },
        { "a control character", D8("mscp"), D8("a\1bc"), "\1\2" },
        { "bytes behind the end", "ms\0p\0\0\0\0", D8("file"), "\1\2" },
        { "nothing at all", "\0\0\0\0\0\0\0\0", "\0\0\0\0\0\0\0\0", "\1\0" },
        { "a directory with content", D8("dirs"), "\0\0\0\0\0\0\0\0", "\1\2" },
        { "a directory of no condition", D8("dirs"), "\0\0\0\0\0\0\0\0", "\3\0" },
        { "mscp again", D8("mscp"), "\0\0\0\0\0\0\0\0", "\2\0" },
        { "a file of no condition", D8("mscp"), D8("file"), "\0\2" },
        { "unknown condition", D8("mscp"), D8("file"), "\4\2" },
        { "condition 7", D8("mscp"), D8("file"), "\7\2" },
        { "content 49", D8("mscp"), D8("file"), "\1\x31" },
        { "content 255", D8("mscp"), D8("file"), "\1\xFF" },
        { "in no directory", D8("gone"), D8("file"), "\1\2" },
        { "cardid", "\0\0\0\0\0\0\0\0", "cardid\0\0", "\1\2" },
        { "cardcf", "\0\0\0\0\0\0\0\0", "cardcf\0\0", "\6\2" },
        { "a file mscp", "\0\0\0\0\0\0\0\0", D8("mscp"), "\1\2" },
    };
    char bytes[1 + 36 + 5] = { 1 };

    (void)state;
    for (size_t i = 0; i < ARRAY(rows); i++) {
        struct edge_file *files = NULL;
        size_t count = 0;

        memcpy(bytes + 1, rows[i].dir, 8);
        memcpy(bytes + 9, rows[i].name, 8);
        memcpy(bytes + 17, rows[i].tail, 2);
        memcpy(bytes + 19, good, 18);
        directory(bytes, sizeof(bytes));
        assert_int_equal(vfs_table(&c->e, &files, &count), OK);
        if (count != 7) /* five that are given, \other, and the good one */
            fail_msg("%s: %u entries", rows[i].what, (unsigned)count);
        c->e.services.free(c->e.services.host, files);
        assert_file(c, "mscp", "good", "secret", 6);
        end();
    }
}

/* No content of two files: the second, perhaps open to everyone, would tell the first's bytes. */
static void test_clashes(void **state)
{
    static const char shared[] = "\1" D8("mscp") D8("hush") "\6\1" D8("mscp") D8("open") "\1\1",
                      twice[] = "\1" D8("mscp") D8("hush") "\6\1" D8("mscp") D8("hush") "\1\2",
                      both[] = "\1" D8("dirs") "\0\0\0\0\0\0\0\0\1\0" "\0\0\0\0\0\0\0\0" D8("dirs")
                               "\1\2";

    (void)state;
    directory(shared, sizeof(shared) - 1);
    assert_null(look(c, "mscp", "open"));
    end();
    directory(twice, sizeof(twice) - 1);
    assert_int_equal(look(c, "mscp", "hush")->ac, 6);
    end();
    directory(both, sizeof(both) - 1);
    assert_non_null(look(c, "dirs", ""));
    assert_null(look(c, "", "dirs"));
    end();
}

static void test_foreign_directory(void **state)
{
    (void)state;
    directory("\2what?", 6);
    assert_null(look(c, "mscp", "good"));
    assert_int_equal(make(c, "mscp", "mine", 1), OK);
    assert_int_equal(put(c, "mscp", "mine", "x", 1), OK);
    assert_file(c, "mscp", "mine", "x", 1);
    assert_memory_equal(card.parts[VFS_DIRECTORY].data, "\2what?", 6); /* left alone */
    end();
}

static void test_random_directories(void **state)
{
    uint32_t seed = 1;

    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        struct edge_file *files = NULL;
        size_t count = 0;

        directory("\1", 1);
        for (size_t i = 1; i < 200; i++) {
            seed = seed * 1664525u + 1013904223u;
            card.parts[VFS_DIRECTORY].data[i] = (uint8_t)((seed >> 24) % 5 != 0 ? 0 : seed >> 16);
        }
        card.parts[VFS_DIRECTORY].len = (seed >> 8) % 200;
        assert_int_equal(vfs_table(&c->e, &files, &count), OK);
        for (size_t i = 0; i < count; i++)
            assert_true(strlen(files[i].dir) <= 8 && strlen(files[i].name) <= 8);
        c->e.services.free(c->e.services.host, files);
        end();
    }
}

/* ---- what works ------------------------------------------------------------------------------ */

static void test_given(void **state)
{
    struct edge_file f;

    (void)state;
    begin();
    card.roles = 0;
    assert_file(c, "", "cardid", "0123456789abcdef", 16);
    assert_file(c, "", "cardcf", "\0\0\0\0\0\0", 6);
    assert_int_equal(card.answers, 2);
    assert_file(c, "", "cardapps", "mscp\0\0\0\0", 8);
    assert_int_equal(look(c, "mscp", "")->ac, 1);
    assert_non_null(look(c, "other", ""));
    assert_null(look(c, "mscp", "kxc00"));
    assert_false(vfs_fixed(&c->e, "", "cardapps", &f));
    assert_false(vfs_fixed(&c->e, "mscp", "cardid", &f));
    card.places[CERT].len = 2;
    assert_file(c, "mscp", "kxc00", "\0\0", 2);
    end();
}

/* Created, written, read by another context and after a reset, removed; on the card and not. */
static void test_life(void **state)
{
    struct fake_context other;

    (void)state;
    for (unsigned holds = 0; holds < 2; holds++) {
        begin();
        card.holds = holds;
        context_open(&other, &caller);
        assert_int_equal(make(c, "mine", "", 2), OK);
        assert_int_equal(make(c, "mine", "one", 1), OK);
        assert_int_equal(make(c, "mine", "one", 1), ERROR_FILE_EXISTS);
        assert_file(&other, "mine", "one", "", 0);
        assert_int_equal(put(&other, "mine", "one", "first", 5), OK);
        assert_file(c, "mine", "one", "first", 5);
        assert_int_equal(put(c, "mine", "one", "", 0), OK);
        assert_file(c, "mine", "one", "", 0);
        assert_int_equal(put(c, "", "cardcf", "\1\2\3\4\5\6\7\10\11\12", 10), OK);
        assert_file(&other, "", "cardcf", "\1\2\3\4\5\6\7\10\11\12", 10);
        assert_int_equal(drop(c, "mine", ""), ERROR_DIR_NOT_EMPTY);
        assert_int_equal(drop(c, "mine", "one"), OK);
        assert_null(look(&other, "mine", "one"));
        assert_int_equal(drop(c, "mine", ""), OK);
        assert_int_equal(drop(c, "mine", ""), NONE);
        assert_int_equal(card.parts[VFS_FRESHNESS].len, holds ? 10 : 0);
        assert_int_equal(card.parts[VFS_CONTENT].len, 0);
        assert_int_equal(vfs_free_bytes(&c->e), holds ? 0xFFFFFFFF : VFS_FILE_MAX);
        context_close(&other);
        end();
    }
}

/* Without a cache a context has its own; with one, secrets stay out of it. */
static void test_kept(void **state)
{
    (void)state;
    begin();
    card.holds = false;
    assert_int_equal(make(c, "", "hush", 6), OK);
    assert_int_equal(put(c, "", "hush", "secret", 6), OK);
    assert_int_equal(make(c, "", "said", 1), OK);
    assert_int_equal(put(c, "", "said", "it", 2), OK);
    assert_false(caller_has(&caller, "vfs.kept.02", "01736563726574"));
    assert_true(caller_has(&caller, "vfs.kept.03", "016974"));
    memset(caller.items, 0, sizeof(caller.items));
    assert_file(c, "", "hush", "secret", 6);
    assert_file(c, "", "said", "it", 2);
    end();
}

/* Once the card holds part of the overlay nothing of it is kept elsewhere. */
static void test_no_halves(void **state)
{
    (void)state;
    begin();
    assert_int_equal(make(c, "", "f", 1), OK);
    card.holds = false;
    assert_int_equal(vfs_part_store(&c->e, VFS_CONTENT, true, (const uint8_t *)"x", 1),
                     SCARD_E_WRITE_TOO_MANY);
    end();
}

/* Room that is asked for is there when nothing else is; what is kept reads as empty. */
static void test_reserved(void **state)
{
    static const uint8_t bytes[101] = { 7 };
    struct edge_file what = { .name = "big", .ac = 1 };

    (void)state;
    begin();
    card.room = 100;
    assert_int_equal(vfs_create(&c->e, &what, 100), SCARD_E_WRITE_TOO_MANY);
    assert_null(look(c, "", "big"));
    card.room = 101 + 18;
    assert_int_equal(vfs_create(&c->e, &what, 100), SCARD_E_NO_MEMORY); /* the record */
    assert_int_equal(card.parts[VFS_CONTENT].len, 0);
    card.room = 101 + 19;
    assert_int_equal(vfs_create(&c->e, &what, 100), OK);
    assert_file(c, "", "big", "", 0);
    assert_int_equal(make(c, "", "more", 1), SCARD_E_NO_MEMORY);
    assert_int_equal(put(c, "", "big", bytes, 101), SCARD_E_WRITE_TOO_MANY);
    assert_file(c, "", "big", "", 0);
    assert_int_equal(put(c, "", "big", bytes, 100), OK);
    assert_file(c, "", "big", bytes, 100);
    assert_int_equal(put(c, "", "big", "other", 5), SCARD_E_WRITE_TOO_MANY); /* once */
    assert_file(c, "", "big", bytes, 100);
    assert_int_equal(drop(c, "", "big"), OK); /* also on a full card */
    assert_null(look(c, "", "big"));
    end();
}

static void test_places(void **state)
{
    (void)state;
    begin();
    assert_int_equal(make(c, "mscp", "kxc00", 1), OK); /* the card has nothing to say yet */
    assert_file(c, "mscp", "kxc00", "", 0);
    assert_int_equal(put(c, "mscp", "kxc00", "cert", 4), OK);
    assert_int_equal(card.places[CERT].len, 4);
    assert_file(c, "mscp", "kxc00", "cert", 4);
    card.refuses_put = true; /* what the card cannot hold */
    assert_int_equal(put(c, "mscp", "kxc00", "no cert", 7), OK);
    assert_file(c, "mscp", "kxc00", "no cert", 7);
    assert_memory_equal(card.places[CERT].data, "cert", 4);
    card.refuses_put = false;
    assert_int_equal(put(c, "mscp", "kxc00", "again", 5), OK);
    assert_file(c, "mscp", "kxc00", "again", 5);
    assert_int_equal(card.places[CERT].len, 5);
    assert_int_equal(card.parts[VFS_CONTENT].len, 0);
    assert_int_equal(drop(c, "mscp", "kxc00"), OK);
    assert_int_equal(card.places[CERT].len, 0);
    assert_null(look(c, "mscp", "kxc00"));
    end();
}

/* Of another access condition it is a file like any other, and hides what the card has. */
static void test_no_place(void **state)
{
    (void)state;
    begin();
    assert_int_equal(make(c, "mscp", "kxc00", 6), OK);
    assert_int_equal(put(c, "mscp", "kxc00", "own", 3), OK);
    assert_int_equal(card.places[CERT].len, 0);
    card.places[CERT].len = 9;
    assert_file(c, "mscp", "kxc00", "own", 3);
    assert_int_equal(look(c, "mscp", "kxc00")->ac, 6);
    assert_int_equal(drop(c, "mscp", "kxc00"), OK);
    assert_int_equal(card.places[CERT].len, 9);
    assert_int_equal(look(c, "mscp", "kxc00")->ac, 1);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rights),
        cmocka_unit_test(test_rights_elsewhere),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_no_more_records),
        cmocka_unit_test(test_exchange_faults),
        cmocka_unit_test(test_memory_faults),
        cmocka_unit_test(test_bad_records),
        cmocka_unit_test(test_clashes),
        cmocka_unit_test(test_foreign_directory),
        cmocka_unit_test(test_random_directories),
        cmocka_unit_test(test_given),
        cmocka_unit_test(test_life),
        cmocka_unit_test(test_kept),
        cmocka_unit_test(test_no_halves),
        cmocka_unit_test(test_reserved),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_no_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
