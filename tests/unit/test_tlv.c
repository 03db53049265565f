/* SPDX-License-Identifier: MIT */
/* BER-TLV: examples of ISO/IEC 8825-1 (X.690) and 7816-4, and everything that is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "iso7816/tlv.h"

struct good {
    const char *why;
    uint8_t in[8];
    size_t in_len;
    uint32_t tag;
    size_t header;
    size_t value_len;
};

static void test_good_objects(void **state)
{
    static const struct good goods[] = {
        { "X.690 8.2: BOOLEAN TRUE", { 0x01, 0x01, 0xFF }, 3, 0x01, 2, 1 },
        { "X.690 8.1.3.5: long form 81 of a short length", { 0x04, 0x81, 0x01, 0xAA }, 4, 0x04, 3,
          1 },
        { "X.690 8.8: NULL", { 0x05, 0x00 }, 2, 0x05, 2, 0 },
        { "7816-4 5.2.2.1: two-byte tag", { 0x7F, 0x49, 0x01, 0x00 }, 4, 0x7F49, 3, 1 },
        { "7816-4 5.2.2.1: three-byte tag", { 0xDF, 0x81, 0x01, 0x00 }, 4, 0xDF8101, 4, 0 },
        { "7816-4 5.2.2.2: length of two bytes more", { 0x53, 0x82, 0x00, 0x02, 1, 2 }, 6, 0x53, 4,
          2 },
        { "7816-4 5.2.2.2: length of three bytes more", { 0x53, 0x83, 0, 0, 2, 1, 2 }, 7, 0x53, 5,
          2 },
        { "first tag byte FF", { 0xFF, 0x1F, 0x00 }, 3, 0xFF1F, 3, 0 },
    };
    struct tlv obj;

    (void)state;
    for (size_t i = 0; i < sizeof(goods) / sizeof(goods[0]); i++) {
        struct rd r = rd_init(goods[i].in, goods[i].in_len);

        if (!tlv_next(&r, &obj))
            fail_msg("%s", goods[i].why);
        assert_int_equal(obj.tag, goods[i].tag);
        assert_int_equal(rd_left(&obj.value), goods[i].value_len);
        assert_ptr_equal(obj.value.at, goods[i].in + goods[i].header);
        assert_false(tlv_next(&r, &obj)); /* the end */
        assert_false(r.bad);
    }
}

static void test_bad_objects(void **state)
{
    static const struct {
        const char *why;
        uint8_t in[10];
        size_t len;
    } bads[] = {
        { "tag zero", { 0x00, 0x00 }, 2 },
        { "tag alone", { 0x04 }, 1 },
        { "half a tag", { 0x7F }, 1 },
        { "half a long tag", { 0xDF, 0x81 }, 2 },
        { "tag of four bytes", { 0x1F, 0x81, 0x82, 0x03, 0x00 }, 5 },
        { "tag without end", { 0x1F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, 10 },
        { "indefinite length 80", { 0x30, 0x80, 0x01, 0x01, 0x00, 0x00, 0x00 }, 7 },
        { "84 FFFFFFFF", { 0x04, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2 }, 8 },
        { "84 of a small length", { 0x04, 0x84, 0, 0, 0, 1, 1 }, 7 },
        { "85", { 0x04, 0x85, 0, 0, 0, 0, 1, 1 }, 8 },
        { "FF", { 0x04, 0xFF, 1, 1 }, 4 },
        { "83 FFFFFF", { 0x04, 0x83, 0xFF, 0xFF, 0xFF, 1 }, 6 },
        { "length cut off", { 0x04, 0x82, 0x01 }, 3 },
        { "one byte past the end", { 0x04, 0x03, 1, 2 }, 4 },
    };
    struct tlv obj = { 0xEEEE, { 0 } };

    (void)state;
    for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
        struct rd r = rd_init(bads[i].in, bads[i].len);

        if (tlv_next(&r, &obj) || !r.bad)
            fail_msg("%s", bads[i].why);
        assert_int_equal(obj.tag, 0xEEEE);
        r = rd_init(bads[i].in, bads[i].len);
        assert_true(tlv_enter(&r, 0x04).bad);
        r = rd_init(bads[i].in, bads[i].len);
        assert_true(tlv_find(&r, 0x04).bad);
    }
}

/* GIDS' application template: what is asked for is found, what is not there is not. */
static void test_enter_and_find(void **state)
{
    static const uint8_t fci[] = { 0x61, 0x12, 0x4F, 0x0B, 0xA0, 0x00, 0x00, 0x03, 0x97, 0x42,
                                   0x54, 0x46, 0x59, 0x02, 0x01, 0x73, 0x03, 0x40, 0x01, 0xC0 };
    struct rd top = rd_init(fci, sizeof(fci)), tpl = tlv_enter(&top, 0x61), aid, more;

    (void)state;
    assert_true(rd_done(&top));
    aid = tlv_find(&tpl, 0x4F);
    assert_int_equal(rd_left(&aid), 11);
    more = tlv_find(&tpl, 0x73);
    assert_int_equal(rd_left(&more), 3);
    assert_true(tlv_find(&tpl, 0x50).bad);
    assert_false(tpl.bad); /* looking does not move */
    assert_true(tlv_enter(&tpl, 0x73).bad);
    assert_true(tpl.bad); /* entering in the wrong order does */
}

static void test_find_takes_the_first_of_two(void **state)
{
    static const uint8_t twice[] = { 0x81, 0x01, 0x01, 0x81, 0x01, 0x02 };
    struct rd r = rd_init(twice, sizeof(twice)), v = tlv_find(&r, 0x81);

    (void)state;
    assert_int_equal(rd_u8(&v), 1);
}

/* A thousand objects within each other cost no stack: nothing recurses. */
static void test_nested_deep(void **state)
{
    static uint8_t buf[4 * 1000];
    size_t at = sizeof(buf), len = 0;
    struct rd r;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        at -= 4;
        buf[at] = 0x30;
        buf[at + 1] = 0x82;
        buf[at + 2] = (uint8_t)(len >> 8);
        buf[at + 3] = (uint8_t)len;
        len += 4;
    }
    r = rd_init(buf, sizeof(buf));
    for (int i = 0; i < 1000; i++)
        r = tlv_enter(&r, 0x30);
    assert_true(rd_done(&r));
}

static void test_constructed(void **state)
{
    (void)state;
    assert_true(tlv_is_constructed(0x30));
    assert_true(tlv_is_constructed(0x7F49));
    assert_true(tlv_is_constructed(0xBF8101));
    assert_false(tlv_is_constructed(0x81));
    assert_false(tlv_is_constructed(0x5F2F));
    assert_false(tlv_is_constructed(0xDF20));
}

/* Whatever is written is read back, at every length where the form changes. */
static void test_write_and_read_back(void **state)
{
    static const struct {
        size_t len, header;
    } lens[] = { { 0, 2 }, { 1, 2 }, { 127, 2 }, { 128, 3 }, { 255, 3 }, { 256, 4 }, { 65535, 4 },
                 { 65536, 5 } };
    static uint8_t buf[70000], value[70000];

    (void)state;
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        struct wr w = wr_init(buf, sizeof(buf));
        struct rd r, v;
        size_t mark;

        tlv_put(&w, 0x53, value, lens[i].len);
        assert_int_equal(wr_len(&w), tlv_size(0x53, lens[i].len));
        assert_int_equal(wr_len(&w), lens[i].header + lens[i].len);
        r = rd_init(buf, wr_len(&w));
        v = tlv_enter(&r, 0x53);
        assert_true(rd_done(&r));
        assert_int_equal(rd_left(&v), lens[i].len);

        w = wr_init(buf, sizeof(buf)); /* open and close come to the same bytes */
        mark = tlv_open(&w, 0x7F49);
        wr_fill(&w, 0xAB, lens[i].len);
        tlv_close(&w, 0x7F49, mark);
        assert_int_equal(wr_len(&w), tlv_size(0x7F49, lens[i].len));
        r = rd_init(buf, wr_len(&w));
        v = tlv_enter(&r, 0x7F49);
        assert_true(rd_done(&r));
        assert_int_equal(rd_left(&v), lens[i].len);
        if (lens[i].len != 0)
            assert_int_equal(v.at[lens[i].len - 1], 0xAB);
    }
}

static void test_write_without_room(void **state)
{
    uint8_t buf[130];
    struct wr w = wr_init(buf, 4);
    size_t mark;

    (void)state;
    tlv_put(&w, 0x53, "abc", 3);
    assert_true(w.bad);
    w = wr_init(buf, sizeof(buf));
    mark = tlv_open(&w, 0x53);
    wr_fill(&w, 1, 128);
    assert_false(w.bad);
    tlv_close(&w, 0x53, mark); /* the length would need one byte more than there is */
    assert_true(w.bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_objects),
        cmocka_unit_test(test_bad_objects),
        cmocka_unit_test(test_enter_and_find),
        cmocka_unit_test(test_find_takes_the_first_of_two),
        cmocka_unit_test(test_nested_deep),
        cmocka_unit_test(test_constructed),
        cmocka_unit_test(test_write_and_read_back),
        cmocka_unit_test(test_write_without_room),
    };

    return cmocka_run_group_tests_name("tlv", tests, NULL, NULL);
}
