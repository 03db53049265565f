/* SPDX-License-Identifier: MIT */
/*
 * The PIV application: selection and objects. Expected bytes are those of SP 800-73 and of what
 * cards of other makes answer; docs/piv-card.md says where they differ.
 */
#include "tests/softcard/bench.h"

#include <string.h>

static struct bench b;

#define IS(sw, ...) assert_int_equal(bench_hex(&b, __VA_ARGS__), sw)
#define GET(tag)    "00CB3FFF05 5C03" tag "00"
#define VERIFY      "0020008008 "
#define PIN         "313233343536FFFF"

/* ---- SELECT ---------------------------------------------------------------------------------- */

static void selection(void **state)
{
    (void)state;
    bench_piv(&b, NULL);
    bench_answer_is(&b, "611F 4F06 000010000100 7907 4F05 A000000308 500C 636172646D696E7420504956");
    IS(0x9000, "00A4040005 A000000308"); /* as Yubico's programs do: Le forgotten */
    assert_int_equal(b.len, 0x21);
    IS(0x9000, "00A404000B A000000308000010000100 00");
    IS(0x9000, "00A4040C0B A000000308000010000100");
    assert_int_equal(b.len, 0);
    IS(0x9000, VERIFY PIN);
    IS(0x9000, BENCH_SELECT_PIV); /* again: nothing is lost */
    IS(0x9000, "00200080");
    IS(0x6A82, "00A404000C A00000030800001000010000 00");
    IS(0x6A82, "00A4040009 A00000039742544659 00");     /* GIDS is not on this card */
    IS(0x6A82, "00A404000B A0000003974349445F0100 00"); /* nor Plug and Play */
    IS(0x6A82, "00A4040004 A0000003 00");
    IS(0x6A86, "00A4040109 A00000030800001000 00");
    IS(0x6A82, "00A4000C02 3F00");
    IS(0x6D00, "00CA7F6800");
    IS(0x6D00, "002281B606 800157 840181");
    IS(0x6E00, "80200080");
    IS(0x6881, "01200080");
    IS(0x6882, "0C200080");
    IS(0x6884, "1020008008 " PIN);
    IS(0x9000, "00200080"); /* none of these changed anything */
    bench_free(&b);
}

static void nothing_selected(void **state)
{
    uint8_t atr[SOFTCARD_ATR_MAX];
    size_t len;

    (void)state;
    bench_piv(&b, NULL);
    softcard_power_on(b.card, b.ram, atr, &len);
    IS(0x6D00, "00200080");
    IS(0x6D00, GET("5FC102"));
    IS(0x6D00, "00F80000");
    IS(0x6A82, "00A4000C02 3F00");
    bench_free(&b);
}

static void select_logs_out(void **state)
{
    const struct softcard_options o = { .reselect_logs_out = true };

    (void)state;
    bench_piv(&b, &o);
    IS(0x9000, VERIFY PIN);
    assert_int_equal(bench_piv_admin(&b), 0x9000);
    IS(0x6A82, "00A4040009 A00000039742544659 00");
    IS(0x9000, "00200080");
    IS(0x9000, BENCH_SELECT_PIV);
    IS(0x63C3, "00200080");
    IS(0x6982, "00DB3FFF0B 5C035FFF20 5304 01020304");
    bench_free(&b);
}

/* Two applications on one card: each keeps its own, and loses what was in RAM to the other. */
static void both(void **state)
{
    const struct softcard_options o = { .applications = SOFTCARD_BOTH };
    uint8_t atr[SOFTCARD_ATR_MAX];
    size_t len;

    (void)state;
    bench_piv(&b, &o);
    IS(0x9000, VERIFY PIN);
    assert_int_equal(bench_piv_admin(&b), 0x9000);
    IS(0x9000, "00A4040C09 A00000039742544659");
    IS(0x9000, "00E0000010 620E 820139 8302A020 8C05 0330300000");
    IS(0x9000, "00DBA020 04 DF210107");
    IS(0x9000, "0024018006 313131313131");
    IS(0x6D00, "00F80000"); /* PIV's commands are not there */
    IS(0x9000, BENCH_SELECT_PIV);
    IS(0x6D00, "00E60000"); /* nor GIDS' here */
    IS(0x63C3, "00200080");
    IS(0x6982, "00DB3FFF0B 5C035FFF20 5304 01020304");
    IS(0x9000, VERIFY PIN); /* the PIN of GIDS is another */
    IS(0x9000, "00A4040C0B A0000003974349445F0100");
    IS(0x9000, BENCH_SELECT_PIV);
    IS(0x63C3, "00200080");
    IS(0x9000, "00A4040C05 A000000397");
    IS(0x9000, "00E60000"); /* GIDS ends; PIV does not */
    IS(0x6285, "00A4040009 A00000039742544659 00");
    IS(0x9000, BENCH_SELECT_PIV);
    IS(0x9000, GET("5FC102"));
    softcard_power_on(b.card, b.ram, atr, &len);
    IS(0x6986, "00200080"); /* nothing selected: GIDS has a word for that */
    IS(0x6D00, "00F80000");
    bench_free(&b);
}

/* ---- GET DATA, PUT DATA ---------------------------------------------------------------------- */

static void objects_from_the_factory(void **state)
{
    uint8_t guid[16];

    (void)state;
    bench_piv(&b, NULL);
    IS(0x9000, GET("5FC102"));
    assert_int_equal(b.len, 61);
    assert_memory_equal(b.out, "\x53\x3B\x30\x19\xD4\xE7\x39\xDA\x73\x9C", 10);
    assert_memory_equal(b.out + 29, "\x34\x10", 2);
    memcpy(guid, b.out + 31, 16);
    assert_int_equal(guid[6] >> 4, 4); /* a random UUID */
    assert_int_equal(guid[8] >> 6, 2);
    assert_memory_equal(b.out + 47, "\x35\x08" "20501231" "\x3E\x00\xFE\x00", 14);
    IS(0x9000, GET("5FC107"));
    assert_int_equal(b.len, 53);
    assert_memory_equal(b.out, "\x53\x33\xF0\x15\xA0\x00\x00\x01\x16\xFF\x02", 11);
    IS(0x9000, GET("5FC10C"));
    bench_answer_is(&b, "5308 C10100 C20100 FE00");
    IS(0x9000, "00CB3FFF03 5C017E 00");
    bench_answer_is(&b, "7E12 4F0B A000000308000010000100 5F2F024000");
    IS(0x6A82, "00CB3FFF04 5C027F61 00");
    IS(0x6A82, GET("5FC105"));
    bench_free(&b);

    bench_piv(&b, NULL); /* another card is another */
    IS(0x9000, GET("5FC102"));
    assert_memory_not_equal(b.out + 31, guid, 16);
    bench_free(&b);
}

static void get_data_refuses(void **state)
{
    static const char *const pin_only[] = { "5FC103", "5FC108", "5FC109", "5FC121", "5FC123" };
    static const char *const unknown[] = { "5FC100", "5FC104", "5FC124", "5FFEFF", "5FC200",
                                           "000000", "7F6100" };

    (void)state;
    bench_piv(&b, NULL);
    IS(0x6A86, "00CB3FFE05 5C035FC10200");
    IS(0x6A86, "00CB000005 5C035FC10200");
    IS(0x6A80, "00CB3FFF");
    IS(0x6A80, "00CB3FFF02 5C00 00");
    IS(0x6A80, "00CB3FFF06 5C045FC10200 00");
    IS(0x6A80, "00CB3FFF05 5C045FC102 00");
    IS(0x6A80, "00CB3FFF05 5D035FC102 00");
    IS(0x6A80, "00CB3FFF0A 5C035FC102 5C035FC107 00");
    IS(0x6884, "10CB3FFF05 5C035FC102");
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        IS(0x6A82, "00CB3FFF05 5C03%s 00", unknown[i]);
    for (size_t i = 0; i < sizeof(pin_only) / sizeof(pin_only[0]); i++)
        IS(0x6982, "00CB3FFF05 5C03%s 00", pin_only[i]); /* there or not */
    IS(0x9000, VERIFY PIN);
    for (size_t i = 0; i < sizeof(pin_only) / sizeof(pin_only[0]); i++)
        IS(0x6A82, "00CB3FFF05 5C03%s 00", pin_only[i]);
    bench_free(&b);
}

static void put_data_refuses(void **state)
{
    static const char *const bad[] = {
        "00", "05 5C035FC105", "07 5C035FC105 5400", "07 5C035FC105 5301",
        "09 5C035FC105 5300 5300", "08 5C045FC10500 5300", "04 5C00 5300", "02 7E01",
        "04 7E00 5300", "05 7F6100 5300", "05 5C017E 5300", "06 5C027F61 5300", "01 53",
    };

    (void)state;
    bench_piv(&b, NULL);
    IS(0x6982, "00DB3FFF0B 5C035FC105 5304 01020304");
    IS(0x9000, VERIFY PIN); /* who knows the PIN is not the admin */
    IS(0x6982, "00DB3FFF0B 5C035FC105 5304 01020304");
    assert_int_equal(bench_piv_admin(&b), 0x9000);
    IS(0x6A86, "00DB3FFE0B 5C035FC105 5304 01020304");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (bench_hex(&b, "00DB3FFF%s", bad[i]) != 0x6A80)
            fail_msg("%s: %04X", bad[i], b.sw);
    IS(0x6A81, "00DB3FFF0B 5C035FC124 5304 01020304");
    IS(0x6A81, "00DB3FFF0B 5C035FC104 5304 01020304");
    IS(0x6A81, "00DB3FFF0B 5C035FFE00 5304 01020304");
    IS(0x6A82, GET("5FC105"));
    bench_free(&b);
}

/* The 900-byte certificate of the digest: 918 bytes, 4 blocks of a chain. */
static size_t certificate(uint8_t *out, uint8_t fill)
{
    static const uint8_t head[] = { 0x5C, 0x03, 0x5F, 0xC1, 0x05, 0x53, 0x82,
                                    0x03, 0x8D, 0x70, 0x82, 0x03, 0x84 };
    static const uint8_t tail[] = { 0x71, 0x01, 0x00, 0xFE, 0x00 };

    memcpy(out, head, sizeof(head));
    memset(out + sizeof(head), fill, 900);
    memcpy(out + sizeof(head) + 900, tail, sizeof(tail));
    return sizeof(head) + 900 + sizeof(tail);
}

static void objects_come_and_go(void **state)
{
    const uint8_t get[] = { 0x5C, 0x03, 0x5F, 0xC1, 0x05 };
    uint8_t data[1000];
    size_t len = certificate(data, 0x5A);

    (void)state;
    bench_piv(&b, NULL);
    assert_int_equal(bench_piv_admin(&b), 0x9000);
    for (int extended = 0; extended <= 1; extended++) {
        data[20] = (uint8_t)extended;
        assert_int_equal(bench_run(&b, extended != 0, 0xDB, 0x3FFF, data, len), 0x9000);
        assert_int_equal(bench_run(&b, extended != 0, 0xCB, 0x3FFF, get, sizeof(get)), 0x9000);
        assert_int_equal(b.len, len - 5);
        assert_memory_equal(b.out, data + 5, len - 5);
    }
    IS(0x6100, GET("5FC105"));
    IS(0x6100, "00C0000000");
    IS(0x6191, "00C0000000");
    IS(0x9000, "00C0000000");
    IS(0x6985, "00C0000000");
    bench_reopen(&b);
    IS(0x6100, GET("5FC105"));
    IS(0x9000, "10DB3FFF05 5C035FC105"); /* a chain broken off: nothing happens */
    IS(0x6100, GET("5FC105"));
    IS(0x9000, "00DB3FFF07 5C035FC105 5300");
    IS(0x6A82, GET("5FC105"));
    IS(0x9000, "00DB3FFF07 5C035FC105 5300"); /* what is not there */
    IS(0x9000, "00DB3FFF06 7F6103 020100");
    IS(0x9000, "00CB3FFF04 5C027F61 00");
    bench_answer_is(&b, "7F6103 020100");
    IS(0x9000, "00DB3FFF0B 5C035FFFFF 5304 01020304");
    IS(0x9000, GET("5FFFFF"));
    bench_answer_is(&b, "5304 01020304");
    IS(0x9000, "00DB3FFF0B 5C035FC109 5304 01020304");
    IS(0x6982, GET("5FC109"));
    IS(0x9000, VERIFY PIN);
    IS(0x9000, GET("5FC109"));
    IS(0x9000, "00DB3FFF02 7E00"); /* even that goes */
    IS(0x6A82, "00CB3FFF03 5C017E 00");
    bench_free(&b);
}

/* A full card: what does not fit beside its older self is refused, and that stays. */
static void full(void **state)
{
    const struct softcard_options o = { .capacity = 2600 };
    uint8_t data[1000], too_long[5 + 4 + 32769] = { 0x5C, 3, 0x5F, 0xC1, 5, 0x53, 0x82, 0x80, 0x01 };
    size_t len = certificate(data, 1);

    (void)state;
    bench_piv(&b, &o);
    assert_int_equal(bench_piv_admin(&b), 0x9000);
    assert_int_equal(bench_run(&b, false, 0xDB, 0x3FFF, data, len), 0x9000);
    data[4] = 0x0A;
    assert_int_equal(bench_run(&b, false, 0xDB, 0x3FFF, data, len), 0x9000);
    data[4] = 0x0B;
    assert_int_equal(bench_run(&b, false, 0xDB, 0x3FFF, data, len), 0x6A84);
    data[4] = 0x0A;
    data[20] = 2;
    assert_int_equal(bench_run(&b, false, 0xDB, 0x3FFF, data, len), 0x6A84);
    assert_int_equal(bench_run(&b, true, 0xDB, 0x3FFF, too_long, sizeof(too_long)), 0x6A84);
    assert_int_equal(bench_piv_admin(&b), 0x9000);
    IS(0x6A84, "0047009A05 AC03800107"); /* nor a key of 1.2 KB */
    IS(0x6A88, "00F7009A");
    assert_int_equal(bench_run(&b, false, 0xCB, 0x3FFF, data, 5), 0x9000);
    assert_int_equal(b.out[15], 1);
    IS(0x9000, "00DB3FFF07 5C035FC105 5300");
    data[4] = 0x0B;
    assert_int_equal(bench_run(&b, false, 0xDB, 0x3FFF, data, len), 0x9000);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(selection),
        cmocka_unit_test(nothing_selected),
        cmocka_unit_test(select_logs_out),
        cmocka_unit_test(both),
        cmocka_unit_test(objects_from_the_factory),
        cmocka_unit_test(get_data_refuses),
        cmocka_unit_test(put_data_refuses),
        cmocka_unit_test(objects_come_and_go),
        cmocka_unit_test(full),
    };

    return cmocka_run_group_tests_name("piv", tests, NULL, NULL);
}
