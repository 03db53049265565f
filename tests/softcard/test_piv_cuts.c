/* SPDX-License-Identifier: MIT */
/* The power goes in a PIV card at every write: the state before or the one after, and no free guess. */
#include "tests/softcard/powercut.h"

#include <string.h>

static struct bench b;

#define IS(sw, ...) assert_int_equal(bench_hex(&b, __VA_ARGS__), sw)
#define PIN         "313233343536FFFF"
#define WRONG       "393939393939FFFF"
#define PUK         "3132333435363738"
#define KEY         "0620 0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20"

static unsigned tries(const char *ref)
{
    IS(0x9000, "00F700%s", ref);
    return b.out[b.len - 1];
}

/* ---- tries ----------------------------------------------------------------------------------- */

static uint16_t wrong_pin(struct bench *at)
{
    return bench_hex(at, "0020008008 " WRONG);
}

static bool a_cut_took_the_try, a_cut_did_not;

static void try_is_gone(bool complete)
{
    unsigned left = tries("80");

    assert_true(left == 2 || (!complete && left == 3));
    a_cut_took_the_try |= !complete && left == 2;
    a_cut_did_not |= left == 3;
}

static void wrong_guess(void **state)
{
    (void)state;
    bench_piv(&b, NULL);
    assert_in_range(powercut_everywhere(&b, wrong_pin, 0x63C2, try_is_gone), 3, 100);
    assert_true(a_cut_did_not);
    bench_free(&b);
}

static uint16_t right_pin(struct bench *at)
{
    return bench_hex(at, "0020008008 " PIN);
}

static void full_or_one_less(bool complete)
{
    unsigned left = tries("80");

    assert_true(left == 3 || (!complete && left == 2));
    IS(0x63C0 + left, "00200080"); /* a cut logs nobody in */
}

static void right_guess(void **state)
{
    (void)state;
    bench_piv(&b, NULL);
    assert_in_range(powercut_everywhere(&b, right_pin, 0x9000, full_or_one_less), 5, 100);
    bench_free(&b);
}

static uint16_t unblock(struct bench *at)
{
    return bench_hex(at, "002C008010 " PUK "363534333231FFFF");
}

static void old_or_new_pin(bool complete)
{
    if (tries("80") == 3) {
        IS(0x9000, "0020008008 363534333231FFFF");
        assert_int_equal(tries("81"), 3);
    } else {
        assert_false(complete);
        assert_int_equal(tries("80"), 0);
        assert_in_range(tries("81"), 2, 3);
    }
}

static void unblocking(void **state)
{
    (void)state;
    bench_piv(&b, NULL);
    for (int i = 0; i < 3; i++)
        (void)wrong_pin(&b);
    assert_in_range(powercut_everywhere(&b, unblock, 0x9000, old_or_new_pin), 5, 100);
    bench_free(&b);
}

/* ---- objects, keys, all ---------------------------------------------------------------------- */

static uint16_t put(struct bench *at)
{
    return bench_hex(at, "00DB3FFF0B 5C035FC105 5304 05060708");
}

static void old_or_new_object(bool complete)
{
    IS(0x9000, "00CB3FFF05 5C035FC105 00");
    assert_true(memcmp(b.out, "\x53\x04\x05\x06\x07\x08", 6) == 0 ||
                (!complete && memcmp(b.out, "\x53\x04\x01\x02\x03\x04", 6) == 0));
}

static void objects(void **state)
{
    (void)state;
    bench_piv(&b, NULL);
    assert_int_equal(bench_piv_admin(&b), 0x9000);
    IS(0x9000, "00DB3FFF0B 5C035FC105 5304 01020304");
    assert_in_range(powercut_everywhere(&b, put, 0x9000, old_or_new_object), 3, 100);
    bench_free(&b);
}

static uint16_t move(struct bench *at)
{
    return bench_hex(at, "00F6829C");
}

/* In one place, with its policy, never in both or none. */
static void here_or_there(bool complete)
{
    bool there = bench_hex(&b, "00F70082") == 0x9000;

    assert_true(there || !complete);
    if (!there)
        IS(0x9000, "00F7009C");
    assert_memory_equal(b.out + 3, "\x02\x02\x03\x01", 4);
    IS(0x6A88, there ? "00F7009C" : "00F70082");
}

static void keys(void **state)
{
    (void)state;
    bench_piv(&b, NULL);
    assert_int_equal(bench_piv_admin(&b), 0x9000);
    IS(0x9000, "00FE119C22 " KEY);
    assert_in_range(powercut_everywhere(&b, move, 0x9000, here_or_there), 3, 100);
    bench_free(&b);
}

static uint16_t reset(struct bench *at)
{
    return bench_hex(at, "00FB0000");
}

static void blocked_or_new(bool complete)
{
    bool fresh = bench_hex(&b, "00200080") == 0x63C3;

    assert_true(fresh || !complete);
    IS(fresh ? 0x6A88 : 0x9000, "00F7009C");
    IS(fresh ? 0x6A82 : 0x9000, "00CB3FFF05 5C035FC105 00");
    IS(0x9000, "00CB3FFF05 5C035FC102 00");
    assert_int_equal(tries("81"), fresh ? 3 : 0);
}

static void resets(void **state)
{
    (void)state;
    bench_piv(&b, NULL);
    assert_int_equal(bench_piv_admin(&b), 0x9000);
    IS(0x9000, "00FE119C22 " KEY);
    IS(0x9000, "00DB3FFF0B 5C035FC105 5304 01020304");
    for (int i = 0; i < 3; i++) {
        (void)wrong_pin(&b);
        (void)bench_hex(&b, "002C008010 " WRONG PIN);
    }
    assert_in_range(powercut_everywhere(&b, reset, 0x9000, blocked_or_new), 3, 100);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_guess), cmocka_unit_test(right_guess), cmocka_unit_test(unblocking),
        cmocka_unit_test(objects),     cmocka_unit_test(keys),        cmocka_unit_test(resets),
    };

    return cmocka_run_group_tests_name("piv_cuts", tests, NULL, NULL);
}
