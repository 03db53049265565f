/* SPDX-License-Identifier: MIT */
/* What the host does with an open card: transactions, roles, files, containers, certificates. */
#include "tests/host/support.h"

#include "base/bytes.h"

#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#define BITS 1024

static struct host *host;

static int setup(void **state)
{
    fakes_setup(state);
    host = open_new_card(0);
    return 0;
}

static int teardown(void **state)
{
    host_close(host);
    host = NULL;
    return fakes_teardown(state);
}

static void reopen(DWORD version)
{
    host_close(host);
    host = open_host(version);
}

static void fail_next(enum fake_call call, unsigned skip, DWORD rc)
{
    fakes.card->fault = (struct fake_fault){ call, skip, rc, false };
}

static void create(const char *name, DWORD spec)
{
    begin_as_user(host);
    assert_ok(host_container_create(host, name, spec, fakes.card->elliptic ? 0 : BITS, NULL));
    host_end(host);
}

static size_t containers(void)
{
    struct host_container *list = NULL;
    size_t count = 0;

    assert_ok(host_containers(host, &list, &count));
    host_free(list, count * sizeof *list);
    return count;
}

/* ---- transactions and roles ---------------------------------------------------------------- */

static void transactions_nest(void **state)
{
    unsigned begins = fakes.pcsc->begins, ends = fakes.pcsc->ends;

    (void)state;
    host_end(host); /* without begin: nothing */
    assert_ok(host_begin(host));
    assert_ok(host_begin(host));
    host_end(host);
    assert_true(fakes.pcsc->locked);
    host_end(host);
    assert_false(fakes.pcsc->locked);
    assert_int_equal(fakes.pcsc->begins, begins + 1);
    assert_int_equal(fakes.pcsc->ends, ends + 1);
    assert_int_equal(fakes.pcsc->last_end, PCSC_LEAVE);
}

static void begin_accepts_a_reset(void **state)
{
    (void)state;
    fakes.pcsc->resets = 1;
    assert_ok(host_begin(host));
    assert_int_equal(fakes.pcsc->reconnects, 1);
    host_end(host);
    fakes.pcsc->begin_rc = SCARD_W_REMOVED_CARD;
    assert_code(host_begin(host), SCARD_W_REMOVED_CARD);
    assert_code(host_login(host, (const BYTE *)"1", 1, NULL), SCARD_E_NOT_TRANSACTED);
    fakes.pcsc->begin_rc = SCARD_W_RESET_CARD; /* again and again: no endless loop */
    assert_code(host_begin(host), SCARD_W_RESET_CARD);
}

static void reset_while_reading_the_counters(void **state)
{
    unsigned reconnects = fakes.pcsc->reconnects;

    (void)state;
    fail_next(FAKE_READ_FILE, 0, SCARD_W_RESET_CARD);
    assert_ok(host_begin(host));
    assert_int_equal(fakes.pcsc->reconnects, reconnects + 1);
    host_end(host);
    fail_next(FAKE_READ_FILE, 0, SCARD_W_REMOVED_CARD);
    assert_code(host_begin(host), SCARD_W_REMOVED_CARD);
    assert_false(fakes.pcsc->locked);
}

static void reset_within_a_transaction(void **state)
{
    BYTE *data = NULL;
    size_t len = 0;
    unsigned reconnects = fakes.pcsc->reconnects;

    (void)state;
    begin_as_user(host);
    fail_next(FAKE_READ_FILE, 0, SCARD_W_RESET_CARD);
    assert_code(host_file_read(host, "cardid", &data, &len), SCARD_W_RESET_CARD);
    host_end(host);
    assert_ok(host_begin(host)); /* the next transaction begins with a reconnection */
    assert_int_equal(fakes.pcsc->reconnects, reconnects + 1);
    assert_ok(host_file_read(host, "cardid", &data, &len));
    host_end(host);
    host_free(data, len);
}

static void login_ends_with_its_transaction(void **state)
{
    (void)state;
    for (DWORD version = 4; version <= 7; version++) {
        reopen(version);
        begin_as_user(host);
        assert_ok(host_begin(host));
        host_end(host);
        assert_true(fakes.card->user);
        host_end(host);
        assert_false(fakes.card->user);
        assert_int_equal(fakes.pcsc->last_end, PCSC_LEAVE);
        begin_as_user(host);
        assert_ok(host_logout(host));
        assert_false(fakes.card->user);
        host_end(host);
    }
}

static void card_is_reset_where_logout_fails(void **state)
{
    (void)state;
    fakes.card->no_deauthenticate = true; /* version 7 says so, version 4 has no slot */
    for (DWORD version = 4; version <= 7; version += 3) {
        reopen(version);
        begin_as_user(host);
        assert_code(host_logout(host), SCARD_E_UNSUPPORTED_FEATURE);
        host_end(host);
        assert_int_equal(fakes.pcsc->last_end, PCSC_RESET);
        assert_false(fakes.card->user);
        assert_ok(host_begin(host)); /* nobody logged in: nothing to forget */
        host_end(host);
        assert_int_equal(fakes.pcsc->last_end, PCSC_LEAVE);
    }
}

static void login_needs_a_transaction(void **state)
{
    DWORD left = 7;

    (void)state;
    assert_code(host_login(host, (const BYTE *)FAKE_PIN, 4, &left), SCARD_E_NOT_TRANSACTED);
    assert_int_equal(left, CARD_DATA_VALUE_UNKNOWN);
    assert_code(host_login_admin(host, fake_admin_key, 24, NULL), SCARD_E_NOT_TRANSACTED);
    assert_int_equal(fakes.card->calls[FAKE_AUTHENTICATE_PIN], 0);
}

static void wrong_pin_counts_down(void **state)
{
    DWORD left = 0;

    (void)state;
    assert_ok(host_begin(host));
    for (unsigned tries = FAKE_TRIES; tries-- > 0;) {
        assert_code(host_login(host, (const BYTE *)"0000", 4, &left), SCARD_W_WRONG_CHV);
        assert_int_equal(left, tries);
    }
    assert_code(host_login(host, (const BYTE *)FAKE_PIN, 4, &left), SCARD_W_CHV_BLOCKED);
    assert_int_equal(left, CARD_DATA_VALUE_UNKNOWN);
    assert_code(host_login(host, NULL, 4, &left), SCARD_E_INVALID_PARAMETER);
    assert_code(host_login(host, (const BYTE *)FAKE_PIN, 100000, &left),
                SCARD_E_INVALID_PARAMETER);
    host_end(host);
    assert_int_equal(fakes.card->calls[FAKE_DEAUTHENTICATE], 0);
}

static void doubtful_login_is_taken_back(void **state)
{
    (void)state;
    assert_ok(host_begin(host));
    fail_next(FAKE_AUTHENTICATE_PIN, 0, SCARD_F_COMM_ERROR); /* it may have arrived */
    assert_code(host_login(host, (const BYTE *)FAKE_PIN, 4, NULL), SCARD_F_COMM_ERROR);
    host_end(host);
    assert_int_equal(fakes.card->calls[FAKE_DEAUTHENTICATE], 1);
}

static void admin_answers_a_challenge(void **state)
{
    BYTE wrong[24] = { 0 };
    DWORD left = 0;

    (void)state;
    assert_ok(host_begin(host));
    assert_ok(host_login_admin(host, fake_admin_key, 24, &left));
    assert_true(fakes.card->admin);
    host_end(host);
    assert_false(fakes.card->admin);
    assert_ok(host_begin(host));
    assert_code(host_login_admin(host, wrong, 24, &left), SCARD_W_WRONG_CHV);
    assert_int_equal(left, 9);
    assert_code(host_login_admin(host, wrong, 8, &left), SCARD_E_INVALID_PARAMETER);
    fakes.card->trick_call = FAKE_GET_CHALLENGE;
    for (enum fake_trick trick = FAKE_NULL_OUTPUT; trick <= FAKE_TOO_LONG; trick++) {
        fakes.card->trick = trick;
        assert_code(host_login_admin(host, fake_admin_key, 24, &left), SCARD_E_UNEXPECTED);
    }
    host_end(host);
}

/* ---- a new card ---------------------------------------------------------------------------- */

static void blank_card_gets_its_files(void **state)
{
    static const BYTE counters[6], apps[8] = "mscp", zeros[16];
    struct host_info info;
    BYTE id[16];

    (void)state;
    host_close(host);
    for (size_t i = 0; i < FAKE_FILES; i++)
        fakes.card->files[i].used = false;
    host = open_host(0);
    assert_ok(host_info(host, &info));
    assert_false(info.has_card_id);
    assert_ok(host_create_card(host, fake_admin_key, 24));
    assert_false(fakes.card->admin);
    assert_ok(host_info(host, &info));
    assert_true(info.has_card_id);
    assert_memory_not_equal(info.card_id, zeros, 16);
    assert_memory_equal(fakes.find("", "cardid")->data, info.card_id, 16);
    assert_int_equal(fakes.find("", "cardid")->access, EveryoneReadAdminWriteAc);
    assert_int_equal(fakes.find("", "cardcf")->len, 6);
    assert_memory_equal(fakes.find("", "cardcf")->data, counters, 6);
    assert_int_equal(fakes.find("", "cardcf")->access, EveryoneReadUserWriteAc);
    assert_int_equal(fakes.find("", "cardapps")->len, 8);
    assert_memory_equal(fakes.find("", "cardapps")->data, apps, 8);
    assert_true(fakes.find("", "mscp")->directory);
    assert_int_equal(fakes.find("mscp", "cmapfile")->len, 0);
    memcpy(id, info.card_id, 16); /* again: all stays */
    fakes.set_file("", "cardcf", "\0\7\7\7\7\7", 6);
    assert_ok(host_create_card(host, fake_admin_key, 24));
    assert_memory_equal(fakes.find("", "cardid")->data, id, 16);
    assert_int_equal(fakes.find("", "cardcf")->data[1], 7);
}

/* Whichever write fails, doing it again finishes it. */
static void interrupted_creation_is_finished(void **state)
{
    (void)state;
    for (unsigned n = 0;; n++) {
        DWORD rc;

        for (size_t i = 0; i < FAKE_FILES; i++)
            fakes.card->files[i].used = false;
        fail_next(FAKE_WRITE_FILE, n, SCARD_F_COMM_ERROR);
        rc = host_create_card(host, fake_admin_key, 24);
        fakes.card->fault.rc = 0;
        if (rc == SCARD_S_SUCCESS)
            break;
        assert_code(rc, SCARD_F_COMM_ERROR);
        assert_ok(host_create_card(host, fake_admin_key, 24));
        assert_int_equal(fakes.find("", "cardid")->len, 16);
        assert_int_equal(fakes.find("", "cardapps")->len, 8);
        assert_non_null(fakes.find("mscp", "cmapfile"));
    }
}

/* The power went between making a file and writing it. */
static void empty_files_are_filled(void **state)
{
    BYTE id[16];

    (void)state;
    fakes.set_file("", "cardid", NULL, 0);
    fakes.set_file("", "cardapps", NULL, 0);
    assert_ok(host_create_card(host, fake_admin_key, 24));
    assert_int_equal(fakes.find("", "cardid")->len, 16);
    assert_int_equal(fakes.find("", "cardapps")->len, 8);
    memcpy(id, fakes.find("", "cardid")->data, 16);
    assert_ok(host_create_card(host, fake_admin_key, 24));
    assert_memory_equal(fakes.find("", "cardid")->data, id, 16);
}

static void wrong_admin_key_creates_nothing(void **state)
{
    BYTE wrong[24] = { 0 };

    (void)state;
    fakes.find("", "cardid")->used = false;
    assert_code(host_create_card(host, wrong, 24), SCARD_W_WRONG_CHV);
    assert_null(fakes.find("", "cardid"));
    assert_false(fakes.pcsc->locked);
}

/* ---- files --------------------------------------------------------------------------------- */

static unsigned counter(size_t at)
{
    const BYTE *cf = fakes.find("", "cardcf")->data;

    return cf[at] | (unsigned)cf[at + 1] << 8;
}

static void files_are_written_and_counted(void **state)
{
    BYTE *data = NULL;
    size_t len = 0;

    (void)state;
    assert_code(host_file_write(host, "note", (const BYTE *)"hi", 2, EveryoneReadUserWriteAc),
                SCARD_W_SECURITY_VIOLATION);
    begin_as_user(host);
    assert_ok(host_file_write(host, "MSCP\\Note", (const BYTE *)"hello", 5, UserReadWriteAc));
    assert_int_equal(counter(4), 1);
    assert_int_equal(fakes.find("mscp", "note")->access, UserReadWriteAc);
    assert_ok(host_file_write(host, "mscp/note", (const BYTE *)"bye", 3, EveryoneReadUserWriteAc));
    assert_int_equal(fakes.find("mscp", "note")->access, UserReadWriteAc); /* it was there */
    assert_ok(host_file_read(host, "mscp/note", &data, &len));
    assert_int_equal(len, 3);
    assert_memory_equal(data, "bye", 3);
    host_free(data, len);
    assert_ok(host_file_write(host, "empty", NULL, 0, EveryoneReadUserWriteAc));
    assert_ok(host_file_read(host, "empty", &data, &len));
    assert_int_equal(len, 0);
    host_free(data, len);
    assert_ok(host_file_remove(host, "mscp/note"));
    assert_null(fakes.find("mscp", "note"));
    assert_int_equal(counter(4), 4);
    assert_int_equal(counter(2), 0);
    assert_code(host_file_remove(host, "mscp/note"), SCARD_E_FILE_NOT_FOUND);
    assert_ok(host_file_write(host, "mscp/cmapfile", NULL, 0, EveryoneReadUserWriteAc));
    assert_int_equal(counter(2), 1); /* the container map counts twice */
    assert_ok(host_file_write(host, "cardcf", (const BYTE *)"\0\0\0\0\xFF\xFF", 6,
                              EveryoneReadUserWriteAc));
    assert_int_equal(counter(4), 0xFFFF); /* the counters' own file counts nothing */
    assert_ok(host_file_write(host, "empty", NULL, 0, EveryoneReadUserWriteAc));
    assert_int_equal(counter(4), 0); /* and it goes round */
    host_end(host);
}

static void counters_of_others_are_kept(void **state)
{
    (void)state;
    fakes.set_file("", "cardcf", "\1\2\3\4\5\6rest", 10);
    begin_as_user(host);
    assert_ok(host_file_write(host, "note", NULL, 0, EveryoneReadUserWriteAc));
    host_end(host);
    assert_int_equal(fakes.find("", "cardcf")->len, 10);
    assert_memory_equal(fakes.find("", "cardcf")->data, "\1\2\3\4\6\6rest", 10);
}

static void half_written_file_goes_away(void **state)
{
    (void)state;
    begin_as_user(host);
    fail_next(FAKE_WRITE_FILE, 2, SCARD_E_WRITE_TOO_MANY); /* cardcf, not found, then this */
    assert_code(host_file_write(host, "big", (const BYTE *)"x", 1, EveryoneReadUserWriteAc),
                SCARD_E_WRITE_TOO_MANY);
    assert_null(fakes.find("", "big"));
    host_end(host);
}

static void paths_have_one_form(void **state)
{
    static const char *const bad[] = { "", "/", "a/", "/a", "a/b/c", "123456789", "a/123456789",
                                       "a:b", "a*", "a?", "\x01", "a\\b\\c", "<", "\"", "a|" };
    BYTE *data;
    size_t len;
    unsigned reads = fakes.card->calls[FAKE_READ_FILE];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_code(host_file_read(host, bad[i], &data, &len), SCARD_E_INVALID_PARAMETER);
        assert_code(host_file_write(host, bad[i], NULL, 0, EveryoneReadUserWriteAc),
                    SCARD_E_INVALID_PARAMETER);
        assert_code(host_file_remove(host, bad[i]), SCARD_E_INVALID_PARAMETER);
    }
    assert_code(host_file_read(host, NULL, &data, &len), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(fakes.card->calls[FAKE_READ_FILE], reads);
    assert_code(host_file_read(host, "nodir/a", &data, &len), SCARD_E_DIR_NOT_FOUND);
}

static void files_are_listed(void **state)
{
    struct host_file *files = NULL;
    size_t count = 0;
    bool secret_seen = false;

    (void)state;
    fakes.set_file("mscp", "secret", "x", 1);
    fakes.find("mscp", "secret")->access = AdminReadWriteAc;
    fakes.set_file("other", "unseen", "x", 1);
    assert_ok(host_files(host, &files, &count));
    assert_int_equal(count, 5);
    for (size_t i = 0; i < count; i++) {
        assert_string_not_equal(files[i].name, "unseen");
        if (strcmp(files[i].name, "cardid") == 0) {
            assert_string_equal(files[i].dir, "");
            assert_int_equal(files[i].size, 16);
            assert_int_equal(files[i].access, EveryoneReadUserWriteAc);
        }
        if (strcmp(files[i].name, "secret") == 0) {
            secret_seen = true;
            assert_string_equal(files[i].dir, "mscp");
            assert_int_equal(files[i].access, InvalidAc);
        }
    }
    assert_true(secret_seen);
    host_free(files, count * sizeof *files);
    fakes.set_file("", "cardapps", "mscp\0\0\0\0mscp\0\0\0\0\xFF/\0\0\0\0\0\0other", 29);
    assert_ok(host_files(host, &files, &count)); /* twice, nonsense, cut off: passed over */
    assert_int_equal(count, 5);
    host_free(files, count * sizeof *files);
    fakes.find("", "cardapps")->used = false;
    assert_ok(host_files(host, &files, &count));
    assert_int_equal(count, 4); /* mscp is always reserved */
    host_free(files, count * sizeof *files);
}

static void nonsense_from_the_module(void **state)
{
    static const struct {
        enum fake_call call;
        enum fake_trick trick;
    } rows[] = {
        { FAKE_READ_FILE, FAKE_NULL_OUTPUT }, { FAKE_READ_FILE, FAKE_HUGE_LENGTH },
        { FAKE_READ_FILE, FAKE_TOO_LONG },    { FAKE_ENUM_FILES, FAKE_NULL_OUTPUT },
        { FAKE_ENUM_FILES, FAKE_TOO_LONG },   { FAKE_ENUM_FILES, FAKE_NO_END },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct host_file *files = NULL;
        BYTE *data = NULL;
        size_t len = 0;
        DWORD rc;

        fakes.card->trick = rows[i].trick;
        fakes.card->trick_call = rows[i].call;
        rc = rows[i].call == FAKE_READ_FILE ? host_file_read(host, "cardid", &data, &len)
                                            : host_files(host, &files, &len);
        assert_code(rc, SCARD_E_UNEXPECTED);
        assert_null(data);
        assert_null(files);
    }
}

/* ---- the data cache ------------------------------------------------------------------------ */

static unsigned reads(void)
{
    return fakes.card->calls[FAKE_READ_FILE];
}

static void unchanged_map_is_read_once(void **state)
{
    unsigned before;

    (void)state;
    create("one", AT_KEYEXCHANGE);
    assert_int_equal(containers(), 1);
    before = reads();
    assert_int_equal(containers(), 1);
    assert_int_equal(reads(), before + 1); /* cardcf only */
}

static void change_by_another_program_is_seen(void **state)
{
    struct map_record record = { .name = { 'x' }, .flags = 1, .kx_bits = BITS };
    BYTE map[MAP_RECORD_LEN];

    (void)state;
    assert_int_equal(containers(), 0);
    map_record_encode(&record, map);
    fakes.set_file("mscp", "cmapfile", map, sizeof map);
    assert_int_equal(containers(), 0); /* nobody told us */
    fakes.find("", "cardcf")->data[2]++;
    assert_int_equal(containers(), 1);
    fakes.set_file("mscp", "cmapfile", NULL, 0);
    fakes.find("", "cardcf")->data[5]++; /* either counter will do */
    assert_int_equal(containers(), 0);
}

static void without_counters_all_is_read_anew(void **state)
{
    struct map_record record = { .name = { 'x' }, .flags = 1, .kx_bits = BITS };
    BYTE map[MAP_RECORD_LEN];

    (void)state;
    assert_int_equal(containers(), 0);
    map_record_encode(&record, map);
    fakes.set_file("mscp", "cmapfile", map, sizeof map);
    fakes.set_file("", "cardcf", "\0\0\0", 3); /* too short to say anything */
    assert_int_equal(containers(), 1);
    fakes.find("", "cardcf")->used = false;
    fakes.set_file("mscp", "cmapfile", NULL, 0);
    assert_int_equal(containers(), 0);
    begin_as_user(host); /* and can be changed all the same */
    assert_ok(host_container_create(host, "c", AT_KEYEXCHANGE, BITS, NULL));
    host_end(host);
    assert_int_equal(containers(), 1);
}

static void cache_modes_are_obeyed(void **state)
{
    struct map_record record = { .name = { 'x' }, .flags = 1, .kx_bits = BITS };
    BYTE map[MAP_RECORD_LEN];
    unsigned before;

    (void)state;
    map_record_encode(&record, map);
    fakes.card->cache_mode = CP_CACHE_MODE_SESSION_ONLY;
    reopen(0);
    assert_int_equal(containers(), 0);
    before = reads();
    fakes.set_file("mscp", "cmapfile", map, sizeof map);
    fakes.find("", "cardcf")->data[2]++;
    assert_int_equal(containers(), 0); /* until the card is taken out */
    assert_int_equal(reads(), before);
    begin_as_user(host);
    assert_ok(host_file_write(host, "mscp/cmapfile", map, sizeof map, EveryoneReadUserWriteAc));
    host_end(host);
    assert_int_equal(containers(), 1); /* what we do ourselves we know */
    fakes.card->cache_mode = CP_CACHE_MODE_NO_CACHE;
    reopen(0);
    assert_int_equal(containers(), 1);
    before = reads();
    assert_int_equal(containers(), 1);
    assert_int_equal(reads(), before + 1); /* the map itself, no cardcf */
}

static void module_may_use_the_cache(void **state)
{
    BYTE *data = NULL;
    size_t len = 0;
    unsigned before;

    (void)state;
    fakes.card->uses_cache = true;
    assert_ok(host_file_read(host, "cardid", &data, &len));
    host_free(data, len);
    before = reads();
    assert_ok(host_file_read(host, "cardid", &data, &len));
    host_free(data, len);
    assert_int_equal(reads(), before + 1); /* cardcf */
    fakes.find("", "cardcf")->data[1]++;
    assert_ok(host_file_read(host, "cardid", &data, &len));
    host_free(data, len);
    assert_int_equal(reads(), before + 3);
}

/* ---- facts --------------------------------------------------------------------------------- */

static void info_tells_what_is_known(void **state)
{
    struct host_info info;

    (void)state;
    assert_ok(host_info(host, &info));
    assert_string_equal(info.reader, "Fake Reader 0");
    assert_int_equal(info.version, 7);
    assert_int_equal(info.atr_len, 4);
    assert_int_equal(info.pins, 6);
    assert_int_equal(info.max_containers, FAKE_CONTAINERS);
    assert_int_equal(info.rsa.dwMaximumBitlen, BITS);
    assert_true(info.has_card_id);
    reopen(5);
    fail_next(FAKE_QUERY_FREE_SPACE, 0, SCARD_E_UNEXPECTED);
    assert_ok(host_info(host, &info));
    assert_int_equal(info.pins, 0);
    assert_int_equal(info.free_bytes, CARD_DATA_VALUE_UNKNOWN);
    fail_next(FAKE_QUERY_KEY_SIZES, 0, SCARD_E_UNSUPPORTED_FEATURE);
    assert_ok(host_info(host, &info));
    assert_int_equal(info.rsa.dwMaximumBitlen, 0);
    fail_next(FAKE_QUERY_KEY_SIZES, 0, SCARD_W_REMOVED_CARD);
    assert_code(host_info(host, &info), SCARD_W_REMOVED_CARD);
}

static void read_only_card_is_only_read(void **state)
{
    (void)state;
    fakes.card->read_only = true;
    reopen(0);
    assert_code(host_create_card(host, fake_admin_key, 24), SCARD_E_READ_ONLY_CARD);
    assert_code(host_file_write(host, "a", NULL, 0, EveryoneReadUserWriteAc),
                SCARD_E_READ_ONLY_CARD);
    assert_code(host_file_remove(host, "a"), SCARD_E_READ_ONLY_CARD);
    assert_code(host_container_create(host, "a", AT_SIGNATURE, BITS, NULL),
                SCARD_E_READ_ONLY_CARD);
    assert_code(host_container_delete(host, "a"), SCARD_E_READ_ONLY_CARD);
    assert_code(host_cert_write(host, "a", 0, (const BYTE *)"x", 1), SCARD_E_READ_ONLY_CARD);
    assert_int_equal(fakes.card->calls[FAKE_WRITE_FILE], 0);
    assert_int_equal(containers(), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(transactions_nest),
        TEST(begin_accepts_a_reset),
        TEST(reset_while_reading_the_counters),
        TEST(reset_within_a_transaction),
        TEST(login_ends_with_its_transaction),
        TEST(card_is_reset_where_logout_fails),
        TEST(login_needs_a_transaction),
        TEST(wrong_pin_counts_down),
        TEST(doubtful_login_is_taken_back),
        TEST(admin_answers_a_challenge),
        TEST(blank_card_gets_its_files),
        TEST(interrupted_creation_is_finished),
        TEST(empty_files_are_filled),
        TEST(wrong_admin_key_creates_nothing),
        TEST(files_are_written_and_counted),
        TEST(counters_of_others_are_kept),
        TEST(half_written_file_goes_away),
        TEST(paths_have_one_form),
        TEST(files_are_listed),
        TEST(nonsense_from_the_module),
        TEST(unchanged_map_is_read_once),
        TEST(change_by_another_program_is_seen),
        TEST(without_counters_all_is_read_anew),
        TEST(cache_modes_are_obeyed),
        TEST(module_may_use_the_cache),
        TEST(info_tells_what_is_known),
        TEST(read_only_card_is_only_read),
    };

    return cmocka_run_group_tests_name("host_card", tests, NULL, NULL);
}
