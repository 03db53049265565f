/* SPDX-License-Identifier: MIT */
/* Personalisation of cards with PIV: what is refused, and what is on the card afterwards. */
#include "tests/softcard/bench.h"

#include <string.h>

static struct bench b;

#define IS(sw, ...) assert_int_equal(bench_hex(&b, __VA_ARGS__), sw)
#define BYTES(text) (const uint8_t *)(text)

static struct softcard_person somebody(void)
{
    return (struct softcard_person){ .pin = BYTES("271828"), .pin_len = 6, .puk = BYTES("31415926"),
                                     .puk_len = 8, .admin_key = bench_key, .admin_key_len = 24 };
}

static void refused(const struct softcard_person *who)
{
    bench_piv(&b, NULL);
    assert_int_equal(softcard_personalise(b.card, who), SOFTCARD_ARGUMENT);
    bench_reset(&b); /* as it was */
    assert_int_equal(bench_piv_login(&b), 0x9000);
    assert_int_equal(bench_piv_admin(&b), 0x9000);
    IS(0x6A82, "00CB3FFF05 5C035FC109 00");
    IS(0x6A82, "00CB3FFF05 5C035FFF00 00");
    bench_free(&b);
}

static void what_is_no_secret(void **state)
{
    static const char *const no_pins[] = { "12345", "123456789", "12345a", "      " };
    static const char *const no_puks[] = { "12345", "123456789" };
    static const uint8_t weak[24] = { 1, 1, 1, 1, 1, 1, 1, 1 };
    struct softcard_person who;

    (void)state;
    for (size_t i = 0; i < sizeof(no_pins) / sizeof(no_pins[0]); i++) {
        who = somebody();
        who.pin = BYTES(no_pins[i]);
        who.pin_len = strlen(no_pins[i]);
        refused(&who);
        who = somebody();
        who.global_pin = BYTES(no_pins[i]);
        who.global_pin_len = strlen(no_pins[i]);
        refused(&who);
    }
    for (size_t i = 0; i < sizeof(no_puks) / sizeof(no_puks[0]); i++) {
        who = somebody();
        who.puk = BYTES(no_puks[i]);
        who.puk_len = strlen(no_puks[i]);
        refused(&who);
    }
    who = somebody();
    who.puk_len = 0;
    refused(&who);
    who = somebody();
    who.admin_key = weak;
    refused(&who);
}

static void made(const struct softcard_options *o, const struct softcard_person *who)
{
    bench_piv(&b, o);
    assert_int_equal(softcard_personalise(b.card, who), SOFTCARD_OK);
    bench_reset(&b);
    IS(0x63C2, "0020008008 313233343536FFFF");
    IS(0x63C2, "002C008010 3132333435363738 313233343536FFFF");
    IS(0x9000, "0020008008 323731383238FFFF");
    IS(0x9000, "002C008010 3331343135393236 323731383238FFFF");
}

static void with_an_admin_path(void **state)
{
    struct softcard_person who = somebody();

    (void)state;
    made(NULL, &who);
    IS(0x9000, "00CB3FFF05 5C035FC109 00");
    bench_answer_is(&b, "531C 881A 8918 0102030405060708090A0B0C0D0E0F101112131415161718");
    IS(0x9000, "00CB3FFF05 5C035FFF00 00");
    bench_answer_is(&b, "5305 8003 810102");
    assert_int_equal(bench_piv_admin(&b), 0x6982);
    assert_int_equal(bench_piv_admin_by(&b, 0x03, "DES-EDE3-CBC", bench_key), 0x9000);
    bench_reset(&b);
    IS(0x6982, "00CB3FFF05 5C035FC109 00");
    bench_free(&b);

    who.admin_aes = true;
    who.admin_key_len = 32;
    made(NULL, &who);
    IS(0x9000, "00CB3FFF05 5C035FC109 00");
    assert_int_equal(b.len, 2 + 2 + 2 + 32);
    assert_int_equal(bench_piv_admin_by(&b, 0x0C, "AES-256-CBC", bench_key), 0x9000);
    bench_free(&b);
}

static void without(void **state)
{
    const struct softcard_options o = { .pin_tries = 3 };
    struct softcard_person who = somebody();

    (void)state;
    who.admin_key_apart = true;
    made(&o, &who);
    IS(0x6A82, "00CB3FFF05 5C035FC109 00");
    IS(0x6A82, "00CB3FFF05 5C035FFF00 00");
    assert_int_equal(bench_piv_admin_by(&b, 0x03, "DES-EDE3-CBC", bench_key), 0x9000);
    bench_free(&b);
}

/* A card of the standard alone: its admin key cannot be another, and nobody finds it there. */
static void of_the_standard(void **state)
{
    static const char *const yubicos[] = { "F6829A", "F7009A", "F8000000", "FA0303", "FB0000",
                                           "FD000000", "FE119D00", "FFFFFF00" };
    static const uint8_t factory[24] = { 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4,
                                         5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8 };
    const struct softcard_options o = { .piv_standard = true };
    struct softcard_person who = somebody();

    (void)state;
    who.admin_key_apart = true;
    bench_piv(&b, &o);
    assert_int_equal(softcard_personalise(b.card, &who), SOFTCARD_ARGUMENT);
    bench_free(&b);
    who.admin_key = factory;
    made(&o, &who);
    assert_int_equal(bench_piv_admin(&b), 0x9000);
    for (size_t i = 0; i < sizeof(yubicos) / sizeof(yubicos[0]); i++)
        IS(0x6D00, "00%s", yubicos[i]);
    IS(0x6A82, "00CB3FFF05 5C035FFF00 00");
    assert_int_equal(bench_piv_admin(&b), 0x9000);
    IS(0x6A81, "00DB3FFF0B 5C035FFF00 5304 01020304");
    IS(0x9000, "00DB3FFF0B 5C035FC105 5304 01020304");
    IS(0x9000, "0047009A05 AC03800111 00");
    bench_free(&b);
}

static void with_a_global_pin(void **state)
{
    struct softcard_person who = somebody();

    (void)state;
    who.global_pin = BYTES("16180339");
    who.global_pin_len = 8;
    made(NULL, &who);
    IS(0x9000, "00CB3FFF03 5C017E 00");
    bench_answer_is(&b, "7E12 4F0B A000000308000010000100 5F2F026020");
    IS(0x63C3, "00200000");
    IS(0x9000, "0020000008 3136313830333339");
    bench_free(&b);
}

/* Of both: GIDS is in use too, with the same PIN and its own tries. */
static void both(void **state)
{
    struct softcard_options o = { .applications = SOFTCARD_BOTH };
    struct softcard_person who = somebody();

    (void)state;
    for (int puk = 0; puk <= 1; puk++) {
        o.unblock = puk != 0 ? SOFTCARD_UNBLOCK_PUK : SOFTCARD_UNBLOCK_ADMIN;
        made(&o, &who);
        IS(0x9000, "00A4040C09 A00000039742544659");
        IS(0x63C3, "00200080");
        IS(0x63C2, "0020008006 303030303030");
        IS(0x9000, "0020008006 323731383238");
        assert_int_equal(bench_admin(&b), 0x9000);
        IS(puk != 0 ? 0x9000 : 0x6A88, "00CB3FFF04 5C027F73 00");
        bench_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_secret), cmocka_unit_test(with_an_admin_path),
        cmocka_unit_test(without),           cmocka_unit_test(of_the_standard),
        cmocka_unit_test(with_a_global_pin),
        cmocka_unit_test(both),
    };

    return cmocka_run_group_tests_name("piv_person", tests, NULL, NULL);
}
