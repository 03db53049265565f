/* SPDX-License-Identifier: MIT */
/* Command APDUs, ISO/IEC 7816-3 (12.1.3): the four cases, short and extended, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "iso7816/apdu.h"

static uint8_t data[70000];

struct form {
    const char *name;
    size_t data_len;
    uint32_t le;
    bool extended;
    uint8_t head[8]; /* after CLA INS P1 P2 */
    size_t head_len;
    uint8_t tail[3]; /* after the data */
    size_t tail_len;
};

static const struct form forms[] = {
    { "case 1", 0, 0, false, { 0 }, 0, { 0 }, 0 },
    { "case 2S", 0, 1, false, { 0x01 }, 1, { 0 }, 0 },
    { "case 2S, 256", 0, 256, false, { 0x00 }, 1, { 0 }, 0 },
    { "case 3S", 1, 0, false, { 0x01 }, 1, { 0 }, 0 },
    { "case 3S, 255", 255, 0, false, { 0xFF }, 1, { 0 }, 0 },
    { "case 4S", 2, 256, false, { 0x02 }, 1, { 0x00 }, 1 },
    { "case 2E", 0, 257, true, { 0x00, 0x01, 0x01 }, 3, { 0 }, 0 },
    { "case 2E, 65536", 0, 65536, true, { 0x00, 0x00, 0x00 }, 3, { 0 }, 0 },
    { "case 3E", 256, 0, true, { 0x00, 0x01, 0x00 }, 3, { 0 }, 0 },
    { "case 3E, 65535", 65535, 0, true, { 0x00, 0xFF, 0xFF }, 3, { 0 }, 0 },
    { "case 4E, long data", 256, 1, true, { 0x00, 0x01, 0x00 }, 3, { 0x00, 0x01 }, 2 },
    { "case 4E, long answer", 1, 65536, true, { 0x00, 0x00, 0x01 }, 3, { 0x00, 0x00 }, 2 },
};

static void test_all_cases(void **state)
{
    static uint8_t buf[70000];

    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        const struct form *f = &forms[i];
        struct apdu cmd = { 0x00, 0xCB, 0x3F, 0xFF, data, f->data_len, f->le }, back;
        struct wr w = wr_init(buf, sizeof(buf));
        bool extended;

        apdu_encode(&w, &cmd, f->extended);
        assert_false(w.bad);
        assert_int_equal(wr_len(&w), 4 + f->head_len + f->data_len + f->tail_len);
        assert_memory_equal(buf + 4, f->head, f->head_len);
        assert_memory_equal(buf + 4 + f->head_len + f->data_len, f->tail, f->tail_len);
        if (!apdu_parse(rd_init(buf, wr_len(&w)), &back, &extended))
            fail_msg("%s", f->name);
        assert_int_equal(back.ins, 0xCB);
        assert_int_equal(back.data_len, f->data_len);
        assert_int_equal(back.le, f->le);
        assert_int_equal(extended, f->extended);
    }
}

/* With extended APDUs allowed, what fits the short form is sent in it. */
static void test_short_where_it_fits(void **state)
{
    uint8_t buf[300];
    struct apdu cmd = { 0x00, 0x2A, 0x9E, 0x9A, data, 255, 256 };
    struct wr w = wr_init(buf, sizeof(buf));

    (void)state;
    apdu_encode(&w, &cmd, true);
    assert_int_equal(wr_len(&w), 4 + 1 + 255 + 1);
}

static void test_what_does_not_fit(void **state)
{
    uint8_t buf[300];
    struct apdu cmd = { 0x00, 0xDB, 0x3F, 0xFF, data, 256, 0 };
    struct wr w = wr_init(buf, sizeof(buf));

    (void)state;
    apdu_encode(&w, &cmd, false);
    assert_true(w.bad);
    cmd.data_len = 0;
    cmd.le = 257;
    w = wr_init(buf, sizeof(buf));
    apdu_encode(&w, &cmd, false);
    assert_true(w.bad);
    cmd.data_len = 65536;
    w = wr_init(buf, sizeof(buf));
    apdu_encode(&w, &cmd, true);
    assert_true(w.bad);
}

static void test_no_commands(void **state)
{
    static const struct {
        const char *why;
        uint8_t in[12];
        size_t len;
    } bads[] = {
        { "nothing", { 0 }, 0 },
        { "three bytes", { 0x00, 0xA4, 0x04 }, 3 },
        { "Lc past the end", { 0, 0xA4, 4, 0, 5, 1, 2 }, 7 },
        { "bytes after Le", { 0, 0xA4, 4, 0, 1, 9, 0, 0 }, 8 },
        { "Lc zero with bytes after it", { 0, 0xA4, 4, 0, 0, 1 }, 6 },
        { "extended Lc past the end", { 0, 0xA4, 4, 0, 0, 1, 0, 9 }, 8 },
        { "extended, one byte of Le", { 0, 0xA4, 4, 0, 0, 0, 1, 9, 0 }, 9 },
        { "extended, Lc zero and Le", { 0, 0xA4, 4, 0, 0, 0, 0, 1, 0 }, 9 },
        { "extended, bytes after Le", { 0, 0xA4, 4, 0, 0, 0, 1, 9, 0, 0, 0 }, 11 },
    };
    struct apdu cmd = { .ins = 0xEE };

    (void)state;
    for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
        if (apdu_parse(rd_init(bads[i].in, bads[i].len), &cmd, NULL))
            fail_msg("%s", bads[i].why);
        assert_int_equal(cmd.ins, 0xEE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_cases),
        cmocka_unit_test(test_short_where_it_fits),
        cmocka_unit_test(test_what_does_not_fit),
        cmocka_unit_test(test_no_commands),
    };

    return cmocka_run_group_tests_name("apdu", tests, NULL, NULL);
}
