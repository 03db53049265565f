/* SPDX-License-Identifier: MIT */
/* Free space and reservations: docs/card-extensions.md, section 9. What is refused comes first. */
#include "tests/softcard/powercut.h"
#include "tests/softcard/space.h"

static struct bench b;

#define IS(sw, ...) assert_int_equal(bench_hex(&b, __VA_ARGS__), sw)
#define OUT "00200082"

static void card_with(size_t room)
{
    const struct softcard_options options = { .capacity = SPACE_ADMIN + SPACE_KEPT + room };

    bench_card(&b, &options, 0);
    assert_int_equal(space_told(&b, NULL), room < SPACE_LARGEST ? room : SPACE_LARGEST);
}

static void file(unsigned fid, const char *rule)
{
    IS(0x9000, "00E00000 0E 620C 820139 8302%04X 8C03%s", fid, rule);
    IS(0x9000, "00440000");
}

/* ---- refused --------------------------------------------------------------------------------- */

static void malformed_reservations(void **state)
{
    static const char *const bad[] = {
        "A010 DF00 00000010", "A010 DF1E 00000010", /* a number of one byte, in two */
        "A010 DF80 00000010", "A010 DFA4 00000010", /* a tag of three */
        "A010 0053 00000010", "A010 5300 00000010", "A010 DE24 00000010", "A010 0000 00000000",
    };
    const unsigned room = 500;

    (void)state;
    card_with(room);
    assert_int_equal(bench_login(&b), 0x9000);
    for (unsigned len = 0; len <= 20; len++)
        if (len != 8)
            IS(0x6A80, "00DB3FFF %02X DF7D%02X %.*s", 3 + len, len, (int)(2 * len),
               "A010DF2400000010A010DF2500000010A010DF26");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        IS(0x6A80, "00DB3FFF 0B DF7D08 %s", bad[i]);
    IS(0x6A80, "00DB3FFF 0A DF7D08 A010DF24000000");             /* cut short */
    IS(0x6A80, "00DB3FFF 0C DF7D08 A010DF2400000010 00");        /* and more */
    IS(0x6A80, "00DB3FFF 16 DF7D08 A010DF2400000010 DF7D08 A010DF2500000010");
    IS(0x6A80, "00DB3FFF 0B DF7E08 A010DF2400000010");           /* to be read only */
    IS(0x6A88, "00CB3FFF 04 5C02DF7D 00");                       /* to be written only */
    IS(0x6A80, "00CB3FFF 06 5C04DF7EDF7E 00");
    IS(0x6A88, "00CB3FFF 02 5C00 00");
    IS(0x9000, "00CBA010 02 5C00 00");
    assert_int_equal(b.len, 0);
    assert_int_equal(space_told(&b, NULL), room);
    bench_free(&b);
}

static void no_such_file(void **state)
{
    static const unsigned fids[] = { 0x5555, 0x0000, 0x3FFF, 0x3F00, 0x2F01, 0xFFFF, 0xB081 };

    (void)state;
    card_with(500);
    assert_int_equal(bench_login(&b), 0x9000);
    IS(0x9000, "00A4000C02A010"); /* the current file is not meant by 0000 */
    for (size_t i = 0; i < sizeof(fids) / sizeof(fids[0]); i++)
        assert_int_equal(space_reserve(&b, fids[i], 0xDF24, 1), 0x6A82);
    assert_int_equal(space_reserve(&b, 0xB080, 0xDF24, 1), 0x6981);
    assert_int_equal(bench_admin(&b), 0x9000);
    assert_int_equal(space_reserve(&b, 0xB080, 0xDF24, 1), 0x6981);
    assert_int_equal(space_told(&b, NULL), 500);
    bench_free(&b);
}

static void without_a_right(void **state)
{
    static const unsigned fids[] = { 0xA000, 0xA010, 0xA011, 0xA012, 0xA013, 0xA014, 0x5003 };

    (void)state;
    card_with(500);
    assert_int_equal(bench_login(&b), 0x9000);
    IS(0x9000, "00E00000 0C 620A 820139 83025003 8C0100"); /* to be read only, for good */
    IS(0x9000, "00DB5003 04 DF210107");
    IS(0x9000, "00440000");
    assert_int_equal(bench_admin(&b), 0x9000);
    IS(0x9000, "00DBA014 04 DF210107");
    IS(0x9000, OUT);
    for (size_t i = 0; i < sizeof(fids) / sizeof(fids[0]); i++)
        for (unsigned bytes = 0; bytes < 3; bytes++) {
            assert_int_equal(space_reserve(&b, fids[i], 0xDF24, bytes), 0x6982);
            assert_int_equal(space_reserve(&b, fids[i], 0xDF21, bytes), 0x6982);
        }
    assert_int_equal(bench_login(&b), 0x9000);
    assert_int_equal(space_reserve(&b, 0xA014, 0xDF21, 10), 0x6982); /* the admin's object */
    assert_int_equal(space_reserve(&b, 0xA014, 0xDF21, 0), 0x6982);
    assert_int_equal(space_reserve(&b, 0x5003, 0xDF21, 10), 0x6982);
    assert_int_equal(space_told(&b, NULL), 498);
    assert_int_equal(space_reserve(&b, 0xA014, 0xDF24, 10), 0x9000); /* a new one: as CREATE FILE */
    assert_int_equal(space_reserve(&b, 0xA014, 0xDF24, 20), 0x6982); /* once */
    IS(0x6982, "00DBA014 04 DF240107");
    IS(0x6982, "00DBA014 03 DF2400");
    assert_int_equal(space_told(&b, NULL), 488);
    assert_int_equal(bench_admin(&b), 0x9000);
    assert_int_equal(space_length(&b, 0xA014, 0xDF24, 0), 0);
    assert_int_equal(space_reserve(&b, 0xA014, 0xDF24, 0), 0x9000);
    assert_int_equal(space_told(&b, NULL), 498);
    bench_free(&b);
}

static void no_room(void **state)
{
    (void)state;
    card_with(500);
    assert_int_equal(bench_login(&b), 0x9000);
    assert_int_equal(space_reserve(&b, 0xA010, 0xDF24, 0), 0x6A88); /* nothing to end */
    assert_int_equal(space_reserve(&b, 0xA010, 0xDF24, 501), 0x6A84);
    assert_int_equal(space_length(&b, 0xA010, 0xDF24, 0), -1);
    assert_int_equal(space_put(&b, 0xA010, 0xDF24, 1, 100), 0x9000);
    assert_int_equal(space_reserve(&b, 0xA010, 0xDF24, 501), 0x6A84); /* 401 of 400 */
    assert_int_equal(space_reserve(&b, 0xA010, 0xDF24, 0xFFFFFFFF), 0x6A84);
    assert_int_equal(space_length(&b, 0xA010, 0xDF24, 1), 100);
    assert_int_equal(space_told(&b, NULL), 400);
    assert_int_equal(space_reserve(&b, 0xA010, 0xDF24, 500), 0x9000);
    assert_int_equal(space_told(&b, NULL), 0);
    assert_int_equal(space_reserve(&b, 0xA010, 0xDF25, 1), 0x6A84);
    assert_int_equal(space_reserve(&b, 0xA010, 0xDF24, 501), 0x6A84); /* and keeps the 500 */
    assert_int_equal(space_put(&b, 0xA010, 0xDF24, 2, 500), 0x9000);
    bench_free(&b);

    card_with(65536);
    assert_int_equal(bench_login(&b), 0x9000);
    assert_int_equal(space_reserve(&b, 0xA010, 0xDF24, SPACE_LARGEST + 1), 0x6A84);
    assert_int_equal(space_reserve(&b, 0xA010, 0xDF24, 0x80000000), 0x6A84);
    assert_int_equal(space_reserve(&b, 0xA010, 0xDF24, SPACE_LARGEST), 0x9000);
    file(0x6000, "030000");
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(space_reserve(&b, 0x6000, 0xDF1F + i % 0x60, 1), 0x9000);
    for (unsigned i = 0; i < 4; i++)
        IS(0x9000, "00DB6000 04 DF%02X0107", 1 + i);
    assert_int_equal(space_reserve(&b, 0x6000, 0xBF21, 1), 0x6A84); /* 100 objects in a file */
    assert_int_equal(space_reserve(&b, 0x6000, 0xDF21, 2), 0x9000);
    bench_free(&b);
}

/* ---- the number told ------------------------------------------------------------------------- */

/* One object of what is told, and no more. */
static void exactly(unsigned room)
{
    card_with(room);
    room = space_told(&b, NULL);
    assert_int_equal(bench_login(&b), 0x9000);
    assert_int_equal(space_put(&b, 0xA010, 0xDF24, 1, room + 1), 0x6A84);
    assert_int_equal(space_length(&b, 0xA010, 0xDF24, 1), -1);
    assert_int_equal(space_told(&b, NULL), room);
    assert_int_equal(space_put(&b, 0xA010, 0xDF24, 1, room), 0x9000);
    assert_int_equal(space_length(&b, 0xA010, 0xDF24, 1), room);
}

static void what_is_told_is_true(void **state)
{
    static const unsigned rooms[] = { 0, 1, 2, 127, 128, 255, 256, 1000, 32767, 32768, 32769 };

    (void)state;
    for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
        exactly(rooms[i]);
        assert_int_equal(space_told(&b, NULL), rooms[i] > SPACE_LARGEST ? 1 : 0);
        bench_free(&b);
    }
    exactly(3 * SPACE_LARGEST - 1); /* told one after the other */
    assert_int_equal(space_told(&b, NULL), SPACE_LARGEST);
    assert_int_equal(space_put(&b, 0xA010, 0xDF25, 1, SPACE_LARGEST), 0x9000);
    assert_int_equal(space_told(&b, NULL), SPACE_LARGEST - 1);
    bench_free(&b);
}

/* Everybody may ask, of a card in any state; keys count. */
static void told_to_everybody(void **state)
{
    const struct softcard_options small = { .capacity = 1000 };
    unsigned files = 0;

    (void)state;
    bench_blank(&b, &small);
    assert_int_equal(space_told(&b, &files), 1000);
    assert_int_equal(files, 64);
    bench_free(&b);

    card_with(500);
    assert_int_equal(space_told(&b, &files), 500);
    assert_int_equal(files, 57);
    assert_int_equal(bench_login(&b), 0x9000);
    while (files != 0) {
        unsigned now = files;

        bench_key_file(&b, (uint8_t)(0x81 + 57 - now), 0xC);
        assert_int_equal(space_told(&b, &files), 500); /* an empty file takes nothing */
        assert_int_equal(files, now - 1);
    }
    IS(0x6A84, "00E00000 0E 620C 820139 83026000 8C03030000");
    IS(0x9000, "00470000 08 AC0680010C830181 00");
    assert_in_range(space_told(&b, &files), 300, 400);
    IS(0x9000, "00DB3FFF 07 7005 840181 A500"); /* takes the key away */
    assert_int_equal(space_told(&b, &files), 500);
    IS(0x9000, "00A4000C02B081");
    IS(0x9000, "00E40000");
    assert_int_equal(space_told(&b, &files), 500);
    assert_int_equal(files, 1);
    bench_free(&b);
}

/* ---- the life of a reservation --------------------------------------------------------------- */

static void as_the_page_has_it(void **state)
{
    (void)state;
    card_with(2000);
    assert_int_equal(bench_login(&b), 0x9000);
    IS(0x9000, "00DB3FFF 0B DF7D08 A010 DF24 00000400");
    IS(0x9000, "00CBA010 04 5C02DF24 00");
    bench_answer_is(&b, "DF2400");
    assert_int_equal(space_told(&b, NULL), 2000 - 1024);
    IS(0x9000, "10DB3FFF 05 DF7D08 A010"); /* chained, and larger */
    IS(0x9000, "00DB3FFF 06 DF24 00000500");
    assert_int_equal(space_told(&b, NULL), 2000 - 1280);
    bench_reopen(&b); /* it lasts */
    bench_reset(&b);
    assert_int_equal(space_told(&b, NULL), 2000 - 1280);
    bench_free(&b);
}

static void a_full_card(void **state)
{
    (void)state;
    card_with(1000);
    assert_int_equal(bench_login(&b), 0x9000);
    assert_int_equal(space_reserve(&b, 0xA010, 0xDF24, 400), 0x9000);
    assert_int_equal(space_put(&b, 0xA010, 0xDF25, 9, 600), 0x9000);
    assert_int_equal(space_told(&b, NULL), 0);
    for (size_t len = 400; len > 0; len--) { /* whatever fits, over what was there */
        assert_int_equal(space_put(&b, 0xA010, 0xDF24, (uint8_t)len, len), 0x9000);
        assert_int_equal(space_put(&b, 0xA010, 0xDF24, 7, 401), 0x6A84);
        assert_int_equal(space_length(&b, 0xA010, 0xDF24, (uint8_t)len), len);
    }
    assert_int_equal(space_put(&b, 0xA000, 0xDF1F, 8, 2048), 0x9000); /* those of `card new` */
    assert_int_equal(space_put(&b, 0xA000, 0xDF20, 8, 361), 0x9000);
    assert_int_equal(space_put(&b, 0xA000, 0xDF1F, 8, 2049), 0x6A84);
    assert_int_equal(space_put(&b, 0xA010, 0xDF25, 8, 600), 0x6A84); /* nothing reserved */
    assert_int_equal(space_told(&b, NULL), 0);
    assert_int_equal(space_length(&b, 0xA010, 0xDF25, 9), 600);
    bench_free(&b);
}

static void ends(void **state)
{
    (void)state;
    card_with(1000);
    assert_int_equal(bench_login(&b), 0x9000);
    assert_int_equal(space_reserve(&b, 0xA010, 0xDF24, 400), 0x9000);
    assert_int_equal(space_put(&b, 0xA010, 0xDF24, 1, 150), 0x9000);
    assert_int_equal(space_told(&b, NULL), 600);
    assert_int_equal(space_reserve(&b, 0xA010, 0xDF24, 100), 0x9000); /* less than it holds */
    assert_int_equal(space_told(&b, NULL), 850);
    assert_int_equal(space_reserve(&b, 0xA010, 0xDF24, 0), 0x9000);
    assert_int_equal(space_told(&b, NULL), 850);
    assert_int_equal(space_length(&b, 0xA010, 0xDF24, 1), 150); /* the object stays */
    assert_int_equal(space_reserve(&b, 0xA010, 0xDF24, 400), 0x9000);
    assert_int_equal(space_put(&b, 0xA010, 0xDF24, 1, 0), 0x9000); /* with the object */
    assert_int_equal(space_length(&b, 0xA010, 0xDF24, 1), -1);
    assert_int_equal(space_told(&b, NULL), 1000);
    assert_int_equal(space_put(&b, 0xA010, 0xDF24, 1, 0), 0x9000);
    assert_int_equal(space_told(&b, NULL), 1000); /* a new one has none */
    assert_int_equal(space_reserve(&b, 0xA013, 0xDF24, 400), 0x9000);
    assert_int_equal(space_told(&b, NULL), 600);
    IS(0x9000, "00A4000C02A013");
    IS(0x9000, "00E40000"); /* with the file */
    assert_int_equal(space_told(&b, NULL), 1000);
    file(0xA013, "033030");
    assert_int_equal(space_reserve(&b, 0xA013, 0xDF24, 0), 0x6A88);
    bench_free(&b);
}

/* A card takes its key first, then what there is room for. */
static void small_cards(void **state)
{
    (void)state;
    for (unsigned capacity = SPACE_ADMIN; capacity < SPACE_ADMIN + SPACE_KEPT + 40; capacity += 7) {
        const struct softcard_options options = { .capacity = capacity };
        unsigned room = capacity - SPACE_ADMIN;

        bench_card(&b, &options, 0);
        room -= room >= 2048 ? 2048 : 0;
        room -= room >= 361 ? 361 : 0;
        assert_int_equal(space_told(&b, NULL), room);
        bench_free(&b);
    }
}

/* ---- the power goes -------------------------------------------------------------------------- */

static uint16_t reserve_300(struct bench *at)
{
    return space_reserve(at, 0xA010, 0xDF24, 300);
}

static void all_or_nothing(bool complete)
{
    bool there = space_length(&b, 0xA010, 0xDF24, 0) == 0;

    assert_true(there || !complete);
    assert_int_equal(space_told(&b, NULL), there ? 700 : 1000);
    assert_int_equal(bench_login(&b), 0x9000);
    assert_int_equal(space_put(&b, 0xA010, 0xDF24, 1, there ? 0 : 1), 0x9000);
}

static void cut_while_room_is_reserved(void **state)
{
    (void)state;
    card_with(1000);
    assert_int_equal(bench_login(&b), 0x9000);
    assert_in_range(powercut_everywhere(&b, reserve_300, 0x9000, all_or_nothing), 5, 100);
    bench_free(&b);
}

static uint16_t delete_reserved(struct bench *at)
{
    return bench_hex(at, "00DBA010 03 DF2400");
}

static void both_or_none(bool complete)
{
    bool there = space_length(&b, 0xA010, 0xDF24, 5) == 100;

    assert_true(!there || !complete);
    assert_int_equal(space_told(&b, NULL), there ? 700 : 1000);
}

static void cut_while_reserved_room_is_freed(void **state)
{
    (void)state;
    card_with(1000);
    assert_int_equal(bench_login(&b), 0x9000);
    assert_int_equal(space_reserve(&b, 0xA010, 0xDF24, 300), 0x9000);
    assert_int_equal(space_put(&b, 0xA010, 0xDF24, 5, 100), 0x9000);
    assert_in_range(powercut_everywhere(&b, delete_reserved, 0x9000, both_or_none), 5, 100);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_reservations),
        cmocka_unit_test(no_such_file),
        cmocka_unit_test(without_a_right),
        cmocka_unit_test(no_room),
        cmocka_unit_test(what_is_told_is_true),
        cmocka_unit_test(told_to_everybody),
        cmocka_unit_test(as_the_page_has_it),
        cmocka_unit_test(a_full_card),
        cmocka_unit_test(ends),
        cmocka_unit_test(small_cards),
        cmocka_unit_test(cut_while_room_is_reserved),
        cmocka_unit_test(cut_while_reserved_room_is_freed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
