/* SPDX-License-Identifier: MIT */
/* PIN, PUK and global PIN of PIV: what is refused and what that costs, first. */
#include "tests/softcard/bench.h"

static struct bench b;

#define IS(sw, ...) assert_int_equal(bench_hex(&b, __VA_ARGS__), sw)
#define GET(tag)    "00CB3FFF05 5C03" tag "00"
#define VERIFY      "0020008008 "
#define PIN         "313233343536FFFF"
#define PIN2        "363534333231FFFF"
#define WRONG       "393939393939FFFF"
#define PUK         "3132333435363738"

static void verify_refuses(void **state)
{
    (void)state;
    bench_piv(&b, NULL);
    IS(0x63C3, "00200080");
    IS(0x6A86, "0020010008 " PIN);
    IS(0x6A88, "0020008108 " PUK); /* a PUK opens nothing */
    IS(0x6A88, "0020000008 " PIN); /* the discovery object offers no global PIN */
    IS(0x6A88, "00200000");
    IS(0x6A88, "00200096");
    IS(0x6A88, "00200098");
    IS(0x6A80, "0020008007 313233343536FF"); /* refused as it stands: no try is lost */
    IS(0x6A80, "0020008009 " PIN "FF");
    IS(0x6A80, "0020FF8008 " PIN);
    IS(0x63C3, "00200080");
    IS(0x63C2, VERIFY "31323334FFFFFFFF"); /* 8 bytes that are no PIN count */
    IS(0x9000, VERIFY PIN);
    IS(0x63C2, VERIFY WRONG);
    IS(0x63C2, "00200080"); /* and no longer verified */
    IS(0x63C1, VERIFY "3132333435360000");
    IS(0x63C0, VERIFY WRONG);
    IS(0x6983, VERIFY PIN);
    IS(0x6983, "0020008001 31");
    IS(0x6983, "00200080");
    bench_free(&b);
}

static void log_in_and_out(void **state)
{
    (void)state;
    bench_piv(&b, NULL);
    IS(0x63C2, VERIFY WRONG);
    IS(0x9000, VERIFY PIN);
    IS(0x9000, "00200080");
    IS(0x9000, "0020FF80");
    IS(0x63C3, "00200080"); /* all tries were given back, and none was taken */
    IS(0x63C2, VERIFY WRONG);
    IS(0x9000, "0020FF80");
    IS(0x63C2, "00200080");
    bench_reset(&b);
    IS(0x63C2, "00200080");
    bench_free(&b);
}

static void change(void **state)
{
    (void)state;
    bench_piv(&b, NULL);
    IS(0x6A86, "0024010010 " PIN PIN2);
    IS(0x6A88, "0024008210 " PIN PIN2);
    IS(0x6A88, "0024000010 " PIN PIN2);
    IS(0x6A80, "002400800F " PIN "363534333231FF");
    IS(0x6A80, "0024008010 " PIN "3635343332FFFFFF"); /* too short, no digits, holes */
    IS(0x6A80, "0024008010 " PIN "363534333241FFFF");
    IS(0x6A80, "0024008010 " PIN "363534333231FF31");
    IS(0x6A80, "0024008010 " WRONG "363534333231FF31");
    IS(0x63C3, "00200080"); /* none of that cost a try */
    IS(0x9000, VERIFY PIN);
    IS(0x63C2, "0024008010 " WRONG PIN2);
    IS(0x63C2, "00200080");
    IS(0x9000, "0024008010 " PIN PIN2);
    IS(0x9000, "00200080"); /* verified by that */
    IS(0x63C2, VERIFY PIN);
    IS(0x9000, VERIFY PIN2);
    IS(0x63C2, "0024008110 " WRONG PIN2);
    IS(0x9000, "0024008110 " PUK "0001020304050607"); /* a PUK is any 8 bytes */
    IS(0x63C2, "0024008110 " PUK "0001020304050607");
    IS(0x63C1, "0024008110 " PUK "0001020304050607");
    IS(0x63C0, "0024008110 " PUK "0001020304050607");
    IS(0x6983, "0024008110 0001020304050607" PUK);
    IS(0x9000, "00200080");
    bench_free(&b);
}

static void unblock(void **state)
{
    (void)state;
    bench_piv(&b, NULL);
    IS(0x6A86, "002C018010 " PUK PIN);
    IS(0x6A88, "002C000010 " PUK PIN);
    IS(0x6A88, "002C008110 " PUK PUK);
    IS(0x6A80, "002C00800F " PUK "313233343536FF");
    IS(0x6A80, "002C008010 " PUK "3132333435FFFFFF");
    for (int i = 2; i >= 0; i--)
        IS(0x63C0 + i, VERIFY WRONG);
    IS(0x63C2, "002C008010 " WRONG PIN2);
    IS(0x6983, "00200080");
    IS(0x9000, "002C008010 " PUK PIN2);
    IS(0x63C3, "00200080"); /* not verified by that */
    IS(0x9000, VERIFY PIN2);
    IS(0x63C2, "002C008010 " WRONG PIN);
    IS(0x9000, "00200080"); /* nor logged out */
    IS(0x9000, "002C008010 " PUK PIN);
    IS(0x9000, "00200080");
    for (int i = 2; i >= 0; i--)
        IS(0x63C0 + i, "002C008010 " WRONG PIN);
    IS(0x6983, "002C008010 " PUK PIN);
    bench_free(&b);
}

/* Offered by the discovery object, a PIN of the card as a whole: it outlives another selection. */
static void global_pin(void **state)
{
    const struct softcard_options o = { .applications = SOFTCARD_BOTH };

    (void)state;
    bench_piv(&b, &o);
    assert_int_equal(bench_piv_admin(&b), 0x9000);
    IS(0x9000, "00DB3FFF14 7E12 4F0B A000000308000010000100 5F2F026020");
    IS(0x63C3, "00200000");
    IS(0x9000, "0024000010 " PIN PIN2);
    IS(0x9000, "00200000");
    IS(0x63C3, "00200080");
    IS(0x6A82, GET("5FC109")); /* either PIN will do: it is only not there */
    IS(0x9000, "00A4040C09 A00000039742544659");
    IS(0x9000, BENCH_SELECT_PIV);
    IS(0x9000, "00200000");
    IS(0x63C2, "0020000008 " PIN);
    IS(0x63C3, "00200080");
    IS(0x6982, GET("5FC109"));
    IS(0x9000, "0020000008 " PIN2);
    IS(0x9000, "0020FF00");
    IS(0x63C3, "00200000");
    bench_reset(&b);
    IS(0x63C3, "00200000");
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verify_refuses), cmocka_unit_test(log_in_and_out), cmocka_unit_test(change),
        cmocka_unit_test(unblock),        cmocka_unit_test(global_pin),
    };

    return cmocka_run_group_tests_name("piv_pin", tests, NULL, NULL);
}
