/* SPDX-License-Identifier: MIT */
/* base/: readers and writers never pass the end and remember that they would have; secrets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/secret.h"
#include "base/wstr.h"

static void test_reads_numbers(void **state)
{
    static const uint8_t in[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
    struct rd r = rd_init(in, sizeof(in));

    (void)state;
    assert_int_equal(rd_u8(&r), 1);
    assert_int_equal(rd_u16be(&r), 0x0203);
    assert_int_equal(rd_u16le(&r), 0x0504);
    assert_false(rd_done(&r));
    assert_int_equal(rd_u32le(&r), 0x09080706);
    assert_true(rd_done(&r));
}

static void test_reader_stops_at_the_end(void **state)
{
    static const uint8_t in[] = { 1, 2, 3 };
    struct rd r = rd_init(in, sizeof(in));
    uint8_t out[4] = { 9, 9, 9, 9 };

    (void)state;
    assert_int_equal(rd_u32le(&r), 0); /* three bytes are no four */
    assert_true(r.bad);
    assert_int_equal(rd_left(&r), 0);
    assert_int_equal(rd_u8(&r), 0); /* and stays bad */
    r = rd_init(in, sizeof(in));
    rd_copy(&r, out, 4);
    assert_int_equal(out[0], 9);
    assert_true(r.bad);
    r = rd_init(in, sizeof(in));
    assert_null(rd_bytes(&r, SIZE_MAX));
    r = rd_init(in, sizeof(in));
    assert_true(rd_sub(&r, 4).bad);
    assert_true(r.bad);
}

static void test_reader_of_nothing(void **state)
{
    struct rd r = rd_init(NULL, 0);

    (void)state;
    assert_true(rd_done(&r));
    assert_non_null(rd_bytes(&r, 0));
    assert_int_equal(rd_u8(&r), 0);
    assert_true(r.bad);
    r = rd_init(NULL, 5); /* a caller's mistake is no reading of NULL */
    assert_true(r.bad);
    assert_int_equal(rd_left(&r), 0);
}

static void test_writer_stops_at_the_end(void **state)
{
    static const uint8_t want[] = { 0x12, 0x34, 0x34, 0x12, 0x78, 0x56, 0x34, 0x12, 7 };
    uint8_t buf[10];
    struct wr w;

    (void)state;
    memset(buf, 0xEE, sizeof(buf));
    w = wr_init(buf, 9);
    wr_u16be(&w, 0x1234);
    wr_u16le(&w, 0x1234);
    wr_u32le(&w, 0x12345678);
    wr_fill(&w, 7, 1);
    assert_false(w.bad);
    assert_memory_equal(buf, want, sizeof(want));
    wr_u8(&w, 1);
    assert_true(w.bad);
    assert_int_equal(buf[9], 0xEE);
    assert_int_equal(wr_len(&w), 9);
    assert_int_equal(wr_room(&w), 0);
    w = wr_init(buf, 2);
    wr_bytes(&w, want, 3); /* does not fit: not even a part is written */
    wr_u8(&w, 5);          /* nor what comes after */
    assert_int_equal(wr_len(&w), 0);
    assert_int_equal(buf[0], 0x12);
    wr_bytes(&w, NULL, 0);
    wr_fill(&w, 0, SIZE_MAX);
    assert_true(w.bad);
}

static void test_reverse(void **state)
{
    uint8_t odd[] = { 1, 2, 3 }, even[] = { 1, 2, 3, 4 };
    static const uint8_t odd_want[] = { 3, 2, 1 }, even_want[] = { 4, 3, 2, 1 };

    (void)state;
    bytes_reverse(odd, 3);
    bytes_reverse(even, 4);
    bytes_reverse(even, 0);
    assert_memory_equal(odd, odd_want, 3);
    assert_memory_equal(even, even_want, 4);
}

static void test_secrets(void **state)
{
    uint8_t a[] = { 1, 2, 3 }, b[] = { 1, 2, 4 };
    static const uint8_t zero[3];

    (void)state;
    assert_true(secret_equal(a, a, 3));
    assert_false(secret_equal(a, b, 3));
    assert_true(secret_equal(a, b, 2));
    assert_true(secret_equal(a, b, 0));
    wipe(a, 3);
    assert_memory_equal(a, zero, 3);
    wipe(NULL, 3);
}

static void test_wide_strings(void **state)
{
    wchar16 wide[6];
    char narrow[6];

    (void)state;
    assert_false(wstr_from_ascii(wide, 6, "abcdef"));
    assert_false(wstr_from_ascii(wide, 6, "a\xE9"));
    assert_true(wstr_from_ascii(wide, 6, "abcde"));
    assert_int_equal(wstr_len(wide), 5);
    assert_true(wstr_equal(wide, wide));
    assert_false(wstr_to_ascii(narrow, 5, wide, 6));
    assert_true(wstr_to_ascii(narrow, 6, wide, 6));
    assert_string_equal(narrow, "abcde");
    assert_true(wstr_to_ascii(narrow, 6, wide, 3)); /* the field ends before the NUL */
    assert_string_equal(narrow, "abc");
    wide[1] = 0x0161;
    assert_false(wstr_to_ascii(narrow, 6, wide, 6));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_numbers),
        cmocka_unit_test(test_reader_stops_at_the_end),
        cmocka_unit_test(test_reader_of_nothing),
        cmocka_unit_test(test_writer_stops_at_the_end),
        cmocka_unit_test(test_reverse),
        cmocka_unit_test(test_secrets),
        cmocka_unit_test(test_wide_strings),
    };

    return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
