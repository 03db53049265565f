/* SPDX-License-Identifier: MIT */
/*
 * The PIV application against what others wrote down: the bytes of SP 800-73's examples, what a card of
 * another make answers, and vectors of the OpenSSL command line (docs/piv-card.md).
 */
#include "tests/softcard/bench.h"

#include <string.h>

static struct bench b;

#define IS(sw, ...) assert_int_equal(bench_hex(&b, __VA_ARGS__), sw)
#define GET(tag)    "00CB3FFF05 5C03" tag " 00"

static void selection(void **state)
{
    (void)state;
    bench_piv(&b, NULL);
    bench_answer_is(&b, "611F 4F06 000010000100 7907 4F05 A000000308 500C 636172646D696E7420504956");
    IS(0x9000, "00A4040005 A000000308 00");
    IS(0x9000, "00A404000B A0000003080000100001 00 00");
    IS(0x9000, "00A4040C0B A0000003080000100001 00");
    assert_int_equal(b.len, 0);
    IS(0x9000, "0020008008 313233343536FFFF");
    IS(0x9000, BENCH_SELECT_PIV); /* again: nothing is lost */
    IS(0x9000, "00200080");
    IS(0x6A82, "00A404000C A00000030800001000010000 00");
    IS(0x6A82, "00A4040009 A00000039742544659");     /* GIDS is not on this card */
    IS(0x6A82, "00A404000B A0000003974349445F0100"); /* nor Plug and Play */
    IS(0x6A82, "00A4040004 A0000003");
    IS(0x6A86, "00A4040109 A00000030800001000 00");
    IS(0x6A82, "00A4000C02 3F00");
    IS(0x6D00, "00CA7F6800");
    IS(0x6D00, "002281B6 06 800157 840181");
    IS(0x9000, "00200080"); /* none of these changed anything */
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(selection),
    };

    return cmocka_run_group_tests_name("piv", tests, NULL, NULL);
}
