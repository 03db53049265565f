/* SPDX-License-Identifier: MIT */
/* The second application: what it says, and what GIDS loses while it is selected. */
#include "tests/softcard/bench.h"

static struct bench b;

#define IS(sw, ...) assert_int_equal(bench_hex(&b, __VA_ARGS__), sw)
#define SELECT_PNP  "00A4040C0B A0000003974349445F0100"
#define SELECT_GIDS "00A4040C09 A00000039742544659"

static void what_it_says(void **state)
{
    (void)state;
    bench_card(&b, NULL, 0);
    IS(0x6D00, "00CA7F6800"); /* not selected yet */
    IS(0x9000, "00A404000B A0000003974349445F0100 00");
    bench_answer_is(&b, "6F0D 840B A0000003974349445F0100");
    IS(0x9000, "00A404040B A0000003974349445F0100 00");
    bench_answer_is(&b, "620D 840B A0000003974349445F0100");
    IS(0x9000, "00A404080B A0000003974349445F0100 00");
    bench_answer_is(&b, "6400");
    IS(0x9000, SELECT_PNP);
    assert_int_equal(b.len, 0);
    IS(0x9000, "00CA7F6800");
    bench_answer_is(&b, "301A 1604 4D534654 3012 0410 BFFD1CCEBAD14096BF82E87F086A9807");
    IS(0x6118, "00CA7F6804"); /* the rest by GET RESPONSE */
    bench_answer_is(&b, "301A1604");
    IS(0x9000, "00C0000018");
    bench_answer_is(&b, "4D534654 3012 0410 BFFD1CCEBAD14096BF82E87F086A9807");
    IS(0x6A88, "00CA7F6900");
    IS(0x6A88, "00CA006600");
    IS(0x6700, "00CA7F6801 00 00");
    bench_free(&b);
}

static void names(void **state)
{
    (void)state;
    bench_card(&b, NULL, 0);
    IS(0x9000, "00A4040C06 A00000039743"); /* right-truncated */
    IS(0x9000, "00CA7F6800");
    IS(0x9000, "00A4040C05 A000000397"); /* the RID is that of both: GIDS is the first */
    IS(0x6D00, "00CA7F6800");
    IS(0x9000, SELECT_PNP);
    IS(0x6A82, "00A4040C0B A0000003974349445F0101");
    IS(0x6A82, "00A4040C0C A0000003974349445F010000");
    IS(0x6A82, "00A4040C07 A0000003080000"); /* neither: nothing changes */
    IS(0x6A82, "00A4000C02 A010");           /* it has no files */
    IS(0x6A82, "00A4000C02 3FFF");
    IS(0x6A86, "00A4040E00");
    IS(0x6A86, "00A4010C00");
    IS(0x9000, "00CA7F6800");
    IS(0x9000, SELECT_GIDS);
    IS(0x6D00, "00CA7F6800");
    bench_free(&b);
}

/* GIDS' commands are not there, and a PIN sent by mistake costs no try. */
static void gids_is_not_there(void **state)
{
    static const char *const commands[] = {
        "00200080", "0020008008 3030303030303030", "0024008010 30303030303030303131313131313131",
        "002C028004 31313131", "00CB3FFF 04 5C027F71 00", "00CB2F01 02 5C00 00",
        "00CB0000 02 5C00 00", "00DBA010 04 DF210107", "10DBA010 04 DF210107", "00440000",
        "00E40000", "00E60000", "00E0000000", "002241B6 06 800157 840181", "002A9E9A 02 AABB 00",
        "00870000 04 7C028100 00", "0047000008 AC06 80010C 830181 00",
    };

    (void)state;
    bench_card(&b, NULL, 0);
    IS(0x9000, SELECT_PNP);
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (bench_hex(&b, "%s", commands[i]) != 0x6D00)
            fail_msg("%s: %04X", commands[i], b.sw);
    IS(0x6E00, "80CA7F6800");
    IS(0x6881, "01CA7F6800");
    IS(0x6884, "10CA7F6800");
    IS(0x6985, "00C0000000");
    IS(0x9000, SELECT_GIDS);
    IS(0x63C3, "00200080");
    bench_free(&b);
}

/* All that GIDS keeps in RAM goes with the selection. */
static void what_gids_loses(void **state)
{
    (void)state;
    bench_card(&b, NULL, 0);
    assert_int_equal(bench_login(&b), 0x9000);
    bench_key_file(&b, 0x81, 0xC);
    IS(0x9000, "0047000008 AC06 80010C 830181 00");
    assert_int_equal(bench_admin(&b), 0x9000);
    IS(0x9000, "002241B6 06 80011C 840181");
    IS(0x9000, "002A9E9A 02 AABB 00");
    IS(0x9000, "00A4000C02 A014");
    IS(0x9000, "00DB0000 04 DF210107");

    IS(0x9000, SELECT_PNP);
    IS(0x9000, SELECT_GIDS);
    IS(0x63C3, "00200080");               /* PIN */
    IS(0x6982, "00DBA014 04 DF210107");   /* admin key */
    IS(0x6A82, "00CB0000 04 5C02DF21 00"); /* current file */
    assert_int_equal(bench_login(&b), 0x9000);
    IS(0x6985, "002A9E9A 02 AABB 00");    /* environment */
    IS(0x9000, "002281A4 03 830180");
    IS(0x9000, "00870000 04 7C028100 00");
    IS(0x9000, SELECT_PNP);
    IS(0x9000, SELECT_GIDS);
    IS(0x6985, "00870000 0C 7C0A8208 0000000000000000 00"); /* challenge, and whose it was */
    assert_int_equal(bench_login(&b), 0x9000);
    IS(0x9000, "10DBA010 04 DF220107");
    IS(0x9000, SELECT_PNP);
    IS(0x9000, SELECT_GIDS);
    IS(0x6A88, "00CBA010 04 5C02DF22 00"); /* chain */
    IS(0x6104, "00CB3FFF 04 5C027F71 05");
    IS(0x9000, SELECT_PNP);
    IS(0x6985, "00C0000004"); /* the rest of an answer */
    bench_free(&b);
}

/* It is there before GIDS is in use and after; a reset leaves nothing selected. */
static void at_all_times(void **state)
{
    uint8_t atr[SOFTCARD_ATR_MAX];
    size_t len;

    (void)state;
    bench_blank(&b, NULL);
    IS(0x9000, SELECT_PNP);
    IS(0x9000, "00CA7F6800");
    IS(0x9000, SELECT_GIDS);
    IS(0x9000, "00440000");
    IS(0x9000, SELECT_PNP);
    bench_reopen(&b); /* as when another process goes on */
    IS(0x9000, "00CA7F6800");
    softcard_power_on(b.card, b.ram, atr, &len);
    IS(0x6D00, "00CA7F6800");
    IS(0x6986, "00CBA010 02 5C00 00");
    bench_free(&b);

    bench_blank(&b, NULL);
    IS(0x9000, "00E60000"); /* while it is being made, anybody may */
    IS(0x9000, SELECT_PNP);
    IS(0x9000, "00CA7F6800");
    IS(0x6285, SELECT_GIDS);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_says),
        cmocka_unit_test(names),
        cmocka_unit_test(gids_is_not_there),
        cmocka_unit_test(what_gids_loses),
        cmocka_unit_test(at_all_times),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
