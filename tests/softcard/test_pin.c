/* SPDX-License-Identifier: MIT */
/*
 * PIN and PUK, and what is left of them and of files when the process dies at a write, or when a
 * secret has just been compared (the linker's --wrap puts us there).
 */
#include "tests/softcard/powercut.h"

#include <sqlite3.h>
#include <string.h>

static struct bench b;

#define IS(sw, ...) assert_int_equal(bench_hex(&b, __VA_ARGS__), sw)
#define WRONG "0020008008 3030303030303030"

/* ---- tries ----------------------------------------------------------------------------------- */

static void counter_is(const char *tag, unsigned tries, unsigned limit)
{
    const uint8_t want[] = { 0x97, 1, (uint8_t)tries, 0x93, 1, (uint8_t)limit };

    IS(0x9000, "00CB3FFF 04 5C02%s 00", tag);
    assert_int_equal(b.len, 9);
    assert_memory_equal(b.out + 3, want, sizeof(want));
}

static void wrong_pins(void **state)
{
    (void)state;
    bench_card(&b, NULL, 0);
    counter_is("7F71", 3, 3);
    IS(0x63C2, WRONG);
    counter_is("7F71", 2, 3);
    counter_is("7F72", 2, 3);
    IS(0x9000, "0020000008 " BENCH_PIN_HEX); /* reference 00 is the same PIN */
    counter_is("7F71", 3, 3);
    IS(0x9000, "00200080");
    IS(0x63C2, WRONG);
    IS(0x63C2, "00200080"); /* and no longer verified */
    bench_reopen(&b);
    bench_reset(&b);
    IS(0x63C1, WRONG);
    IS(0x63C0, WRONG);
    IS(0x6983, WRONG);
    IS(0x6983, "0020008008 " BENCH_PIN_HEX);
    IS(0x6983, "00200080");
    IS(0x6983, "0024008010 " BENCH_PIN_HEX "3131313131313131");
    counter_is("7F71", 0, 3);
    IS(0x6A88, "00CB3FFF 04 5C027F73 00");
    bench_free(&b);
}

static void near_misses_count(void **state)
{
    const struct softcard_options many = { .pin_tries = 15 };

    (void)state;
    bench_card(&b, &many, 0);
    IS(0x63CF, "00200080");
    IS(0x63CE, "0020008007 31323334353637");     /* a byte less */
    IS(0x63CD, "0020008009 " BENCH_PIN_HEX "00"); /* a zero more */
    IS(0x63CC, "0020008001 31");
    IS(0x63CB, "0020008008 3132333435363739");
    IS(0x9000, "10200080 80 %0256d", 0);          /* far too long, in a chain */
    IS(0x63CA, "00200080 80 %0256d", 0);
    IS(0x6A88, "0020008108 " BENCH_PUK_HEX);      /* a PUK is not verified */
    IS(0x6A86, "0020018008 " BENCH_PIN_HEX);
    IS(0x63CA, "00200080");
    bench_free(&b);
}

static void change(void **state)
{
    (void)state;
    bench_card(&b, NULL, 0);
    IS(0x63C2, "002400800C 30303030303030 30 39393939");
    IS(0x9000, "002400800C " BENCH_PIN_HEX "39393939");
    IS(0x9000, "00200080"); /* the new one counts as verified */
    counter_is("7F71", 3, 3);
    IS(0x63C2, "0020008008 " BENCH_PIN_HEX);
    IS(0x9000, "0020008004 39393939");
    IS(0x6A80, "0024008007 39393939 313233"); /* new one too short: old one was right */
    IS(0x63C3, "00200080");
    IS(0x9000, "0020008004 39393939");
    IS(0x6A80, "0024008004 39393939");        /* no new one */
    IS(0x63C2, "0024008002 3939");            /* not even an old one */
    IS(0x6982, "0024018004 39393939");
    IS(0x6A88, "0024008108 " BENCH_PUK_HEX);
    IS(0x6A86, "0024028008 " BENCH_PUK_HEX);
    IS(0x9000, "10240080 04 39393939");       /* 127 bytes, chained */
    IS(0x9000, "00240080 7F %0254d", 1);
    IS(0x9000, "00200080 7F %0254d", 1);
    bench_free(&b);
}

static void unblock_by_admin(void **state)
{
    (void)state;
    bench_card(&b, NULL, 0);
    for (int i = 0; i < 4; i++)
        (void)bench_hex(&b, WRONG);
    assert_int_equal(b.sw, 0x6983);
    IS(0x6982, "002C028004 39393939"); /* not authenticated */
    IS(0x6A86, "002C00800C " BENCH_PUK_HEX "39393939");
    assert_int_equal(bench_admin(&b), 0x9000);
    IS(0x6A80, "002C028003 393939");
    IS(0x6A88, "002C028104 39393939");
    IS(0x9000, "002C028004 39393939");
    IS(0x6982, "002C028004 39393939"); /* all status is taken away */
    IS(0x63C3, "00200080");
    counter_is("7F71", 3, 3);
    IS(0x9000, "0020008004 39393939");
    bench_free(&b);
}

static void unblock_by_puk(void **state)
{
    const struct softcard_options puk = { .unblock = SOFTCARD_UNBLOCK_PUK, .pin_tries = 2 };

    (void)state;
    bench_card(&b, &puk, 0);
    counter_is("7F73", 2, 2);
    IS(0x63C1, WRONG);
    IS(0x63C0, WRONG);
    assert_int_equal(bench_admin(&b), 0x9000);
    IS(0x6A86, "002C028004 39393939"); /* the admin key may not */
    IS(0x63C1, "002C00800C 3030303030303030 39393939");
    counter_is("7F73", 1, 2);
    IS(0x6A80, "002C00800B " BENCH_PUK_HEX "393939");
    counter_is("7F73", 2, 2);
    IS(0x6983, "00200080");
    IS(0x9000, "002C00800C " BENCH_PUK_HEX "39393939");
    IS(0x63C2, "00200080"); /* set, not verified */
    IS(0x9000, "0020008004 39393939");
    IS(0x9000, "0024008110 " BENCH_PUK_HEX "3737373737373737"); /* the PUK changes like a PIN */
    IS(0x63C1, "002C00800C " BENCH_PUK_HEX "39393939");
    IS(0x63C0, "002C00800C " BENCH_PUK_HEX "39393939");
    IS(0x6983, "002C00800C 3737373737373737 39393939"); /* a PUK blocks for good */
    bench_free(&b);
}

/* ---- the power goes -------------------------------------------------------------------------- */

bool __real_secret_equal(const void *a, const void *c, size_t len);
bool __wrap_secret_equal(const void *a, const void *c, size_t len);

bool __wrap_secret_equal(const void *a, const void *c, size_t len)
{
    bool same = __real_secret_equal(a, c, len);

    powercut_point();
    return same;
}

static unsigned tries_left(void)
{
    IS(0x9000, "00CB3FFF 04 5C027F71 00");
    return b.out[5];
}

static uint16_t wrong_pin(struct bench *at)
{
    return bench_hex(at, WRONG);
}

static uint16_t right_pin(struct bench *at)
{
    return bench_login(at);
}

static uint16_t change_pin(struct bench *at)
{
    return bench_hex(at, "002400800C " BENCH_PIN_HEX "39393939");
}

/* Two of three are left at the start. Once compared, a try is gone. */
static void a_guess_is_never_free(bool complete)
{
    unsigned left = tries_left();

    assert_true(left == 1 || (left == 2 && !powercut_passed()));
    assert_true(!complete || left == 1);
}

static void a_right_pin_costs_at_most_one(bool complete)
{
    unsigned left = tries_left();

    if (complete)
        assert_int_equal(left, 3);
    else
        assert_true(powercut_passed() ? left == 1 || left == 3 : left == 2 || left == 1);
    assert_int_equal(bench_login(&b), 0x9000);
}

static void one_of_two_pins(bool complete)
{
    uint16_t fresh = bench_hex(&b, "0020008004 39393939");

    if (complete)
        assert_int_equal(fresh, 0x9000);
    else if (fresh != 0x9000)
        assert_int_equal(bench_login(&b), 0x9000);
}

static void cut_while_a_pin_is_looked_at(void **state)
{
    (void)state;
    bench_card(&b, NULL, 0);
    IS(0x63C2, WRONG);
    assert_in_range(powercut_everywhere(&b, wrong_pin, 0x63C1, a_guess_is_never_free), 5, 100);
    bench_free(&b);

    bench_card(&b, NULL, 0);
    IS(0x63C2, WRONG);
    assert_in_range(powercut_everywhere(&b, right_pin, 0x9000, a_right_pin_costs_at_most_one), 9,
                    100);
    bench_free(&b);

    bench_card(&b, NULL, 0);
    assert_in_range(powercut_everywhere(&b, change_pin, 0x9000, one_of_two_pins), 9, 100);
    bench_free(&b);
}

/* ---- objects --------------------------------------------------------------------------------- */

#define OLD_LEN 700u
#define NEW_LEN 6000u

static uint16_t put(struct bench *at, uint8_t fill, size_t len)
{
    static uint8_t object[NEW_LEN + 5];

    memset(object, fill, sizeof(object));
    object[0] = 0xDF;
    object[1] = 0x21;
    object[2] = 0x82;
    object[3] = (uint8_t)(len >> 8);
    object[4] = (uint8_t)len;
    return bench_run(at, true, 0xDB, 0xA010, object, len + 5);
}

static uint16_t put_new(struct bench *at)
{
    return put(at, 0xBB, NEW_LEN);
}

static void old_or_new(bool complete)
{
    const uint8_t list[] = { 0x5C, 2, 0xDF, 0x21 };
    size_t len;
    uint8_t fill;

    assert_int_equal(bench_run(&b, true, 0xCB, 0xA010, list, sizeof(list)), 0x9000);
    assert_true(b.len > 5);
    fill = b.out[5];
    len = fill == 0xBB ? NEW_LEN : OLD_LEN;
    assert_true(fill == 0xBB || (fill == 0xAA && !complete));
    assert_int_equal(b.len, len + 5);
    for (size_t i = 5; i < b.len; i++)
        assert_int_equal(b.out[i], fill);
    IS(0x9000, "00CBA000 02 5C00 00"); /* the rest of the card is as it was */
    assert_int_equal(bench_login(&b), 0x9000);
}

static void cut_while_an_object_is_put(void **state)
{
    (void)state;
    bench_card(&b, NULL, 0);
    assert_int_equal(bench_login(&b), 0x9000);
    assert_int_equal(put(&b, 0xAA, OLD_LEN), 0x9000);
    softcard_close(b.card);
    b.card = NULL;
    assert_int_equal(softcard_open(b.path, &b.card), SOFTCARD_OK); /* RAM stays: logged in */
    assert_in_range(powercut_everywhere(&b, put_new, 0x9000, old_or_new), 10, 500);
    bench_free(&b);
}

/* ---- somebody else has the image ------------------------------------------------------------- */

static unsigned patience; /* in milliseconds, as the card wants it */

int __real_sqlite3_busy_timeout(sqlite3 *db, int ms);
int __wrap_sqlite3_busy_timeout(sqlite3 *db, int ms);

/* This test does not have the card's patience. */
int __wrap_sqlite3_busy_timeout(sqlite3 *db, int ms)
{
    patience = (unsigned)ms;
    return __real_sqlite3_busy_timeout(db, 100);
}

static void must_be_mute(const char *hex)
{
    size_t len = sizeof(b.out), in_len;
    uint8_t in[32];

    in_len = bench_unhex(hex, in, sizeof(in));
    assert_int_equal(softcard_transmit(b.card, b.ram, in, in_len, b.out, &len), SOFTCARD_IO);
}

/* The card waits 30 seconds, then it is mute: the command has not happened, and nobody is logged
 * in. */
static void mute_while_another_holds_it(void **state)
{
    sqlite3 *other = NULL;
    struct softcard *second = NULL;

    (void)state;
    bench_card(&b, NULL, 0);
    assert_int_equal(patience, 30000);
    assert_int_equal(bench_login(&b), 0x9000);
    assert_int_equal(sqlite3_open(b.path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(softcard_open(b.path, &second), SOFTCARD_IO);
    assert_null(second);
    must_be_mute("00200080");
    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    IS(0x63C3, "00200080");
    assert_int_equal(bench_login(&b), 0x9000);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    IS(0x9000, "00200080"); /* who only reads goes on */
    must_be_mute("00DBA010 04 DF210107");
    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    IS(0x63C3, "00200080");
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_pins),
        cmocka_unit_test(near_misses_count),
        cmocka_unit_test(change),
        cmocka_unit_test(unblock_by_admin),
        cmocka_unit_test(unblock_by_puk),
        cmocka_unit_test(cut_while_a_pin_is_looked_at),
        cmocka_unit_test(cut_while_an_object_is_put),
        cmocka_unit_test(mute_while_another_holds_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
