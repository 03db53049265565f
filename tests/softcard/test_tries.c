/* SPDX-License-Identifier: MIT */
/* How often a PIN may be wrong: docs/card-extensions.md, section 9. What is refused comes first. */
#include "tests/softcard/powercut.h"

#include <stdlib.h>

static struct bench b;

#define IS(sw, ...) assert_int_equal(bench_hex(&b, __VA_ARGS__), sw)
#define OUT       "00200082"
#define WRONG     "0020008008 3030303030303030"
#define TRIES     "00DB3FFF 06 7F7103 9301%02X"
#define NEW_PIN   "0020008004 39393939"

static void counter_of(const char *tag, unsigned tries, unsigned limit)
{
    const uint8_t want[] = { 0x97, 1, (uint8_t)tries, 0x93, 1, (uint8_t)limit };

    IS(0x9000, "00CB3FFF 04 5C02%s 00", tag);
    assert_int_equal(b.len, 9);
    assert_memory_equal(b.out + 3, want, sizeof(want));
}

static void counter_is(unsigned tries, unsigned limit)
{
    counter_of("7F71", tries, limit);
    counter_of("7F72", tries, limit);
}

static void block(void)
{
    for (int i = 0; i < 16; i++)
        (void)bench_hex(&b, WRONG);
    assert_int_equal(b.sw, 0x6983);
}

/* ---- refused --------------------------------------------------------------------------------- */

static void malformed(void **state)
{
    static const char *const bad[] = {
        "03 7F7100",                "04 7F710193",            "05 7F71029300",
        "05 7F71029301",            "06 7F7103930100",        "06 7F7103930110",
        "06 7F71039301FF",          "07 7F710493020003",      "06 7F7103970103",
        "09 7F7106930103930103",    "09 7F7106930103970103",  "09 7F7106970103930103",
        "07 7F710393010300",        "07 7F710493010300",      "05 7F71039301",
        "06 7F7203930103",          "06 7F7303930103",        "02 7F71",
        "0C 7F71039301037F7103930103",
    };

    (void)state;
    bench_card(&b, NULL, 0);
    assert_int_equal(bench_admin(&b), 0x9000);
    assert_int_equal(bench_login(&b), 0x9000);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        IS(0x6A80, "00DB3FFF %s", bad[i]);
        counter_is(3, 3);
    }
    IS(0x6A80, "00DB3FFF00");
    IS(0x9000, "00200080"); /* nor does it log out */
    bench_free(&b);
}

static void without_a_right(void **state)
{
    (void)state;
    bench_card(&b, NULL, 0);
    for (unsigned n = 1; n <= 15; n++)
        IS(0x6982, TRIES, n);
    assert_int_equal(bench_login(&b), 0x9000);
    IS(0x63C2, WRONG);
    IS(0x6982, TRIES, 15u); /* the PIN was verified once */
    counter_is(2, 3);
    assert_int_equal(bench_admin(&b), 0x9000);
    IS(0x9000, OUT);
    IS(0x6982, TRIES, 15u);
    counter_is(2, 3);
    bench_free(&b);
}

/* ---- taken ----------------------------------------------------------------------------------- */

static void by_the_user(void **state)
{
    (void)state;
    bench_card(&b, NULL, 0);
    assert_int_equal(bench_login(&b), 0x9000);
    for (unsigned n = 1; n <= 15; n++) {
        IS(0x9000, TRIES, n);
        counter_is(n, n);
        IS(0x9000, "00200080"); /* still verified */
        bench_reopen(&b);
        counter_is(n, n);
    }
    IS(0x9000, "10DB3FFF 03 7F7103"); /* chained */
    IS(0x9000, "00DB3FFF 03 930105");
    IS(0x63C4, WRONG);
    assert_int_equal(bench_login(&b), 0x9000);
    counter_is(5, 5);
    IS(0x9000, TRIES, 1u);
    IS(0x63C0, WRONG);
    IS(0x6983, WRONG);
    bench_free(&b);
}

/* The admin says how many there are, and gives none back. */
static void by_the_admin(void **state)
{
    (void)state;
    bench_card(&b, NULL, 0);
    IS(0x63C2, WRONG);
    assert_int_equal(bench_admin(&b), 0x9000);
    IS(0x9000, TRIES, 15u);
    counter_is(2, 15);
    IS(0x9000, TRIES, 1u);
    counter_is(1, 1);
    IS(0x9000, TRIES, 15u);
    counter_is(1, 15);
    assert_int_equal(bench_login(&b), 0x9000); /* a right PIN fills them */
    counter_is(15, 15);
    IS(0x63CE, WRONG);
    bench_free(&b);
}

static void a_blocked_pin_stays_blocked(void **state)
{
    (void)state;
    bench_card(&b, NULL, 0);
    block();
    IS(0x6982, TRIES, 15u);
    assert_int_equal(bench_admin(&b), 0x9000);
    for (unsigned n = 1; n <= 15; n++) {
        IS(0x9000, TRIES, n);
        counter_is(0, n);
    }
    IS(0x9000, TRIES, 4u);
    assert_int_equal(bench_login(&b), 0x6983);
    IS(0x9000, "002C028004 39393939"); /* only this ends it, with the new number */
    counter_is(4, 4);
    IS(0x9000, NEW_PIN);
    bench_free(&b);
}

/* Verified in one reader, blocked in another: the first cannot give the second its tries back. */
static void blocked_in_another_reader(void **state)
{
    struct bench first;

    (void)state;
    bench_card(&b, NULL, 0);
    assert_int_equal(bench_login(&b), 0x9000);
    first = b;
    b.ram = calloc(1, softcard_ram_size());
    assert_non_null(b.ram);
    bench_reset(&b);
    block();
    assert_int_equal(bench_hex(&first, "00200080"), 0x9000);
    assert_int_equal(bench_hex(&first, TRIES, 15u), 0x9000);
    counter_is(0, 15);
    assert_int_equal(bench_login(&b), 0x6983);
    free(first.ram);
    bench_free(&b);
}

/* ---- how long the number lasts --------------------------------------------------------------- */

static void kept_by_what_sets_a_pin(void **state)
{
    const struct softcard_options puk = { .unblock = SOFTCARD_UNBLOCK_PUK, .pin_tries = 6 };

    (void)state;
    bench_card(&b, NULL, 0);
    assert_int_equal(bench_login(&b), 0x9000);
    IS(0x9000, TRIES, 7u);
    IS(0x63C6, WRONG);
    IS(0x9000, "002400800C " BENCH_PIN_HEX "39393939");
    counter_is(7, 7);
    assert_int_equal(bench_admin(&b), 0x9000);
    IS(0x9000, "002C028008 " BENCH_PIN_HEX);
    counter_is(7, 7);
    bench_free(&b);

    bench_card(&b, &puk, 0);
    counter_is(6, 6);
    counter_of("7F73", 6, 6);
    assert_int_equal(bench_login(&b), 0x9000);
    IS(0x9000, TRIES, 2u);
    counter_of("7F73", 6, 6); /* the PUK has its own */
    block();
    IS(0x9000, "002C00800C " BENCH_PUK_HEX "39393939");
    counter_is(2, 2);
    IS(0x9000, "0024008110 " BENCH_PUK_HEX "3737373737373737");
    counter_of("7F73", 6, 6);
    bench_free(&b);
}

/* A card being made: no PIN, then the card's number, then its own. */
static void a_first_pin(void **state)
{
    const struct softcard_options nine = { .pin_tries = 9 };

    (void)state;
    bench_blank(&b, &nine);
    IS(0x6A88, TRIES, 5u);
    IS(0x6A80, TRIES, 16u);
    IS(0x9000, "0024018008 " BENCH_PIN_HEX);
    counter_is(9, 9);
    IS(0x9000, TRIES, 5u);
    counter_is(5, 5);
    IS(0x9000, TRIES, 11u);
    counter_is(11, 11);
    IS(0x9000, "0024018004 39393939");
    counter_is(11, 11);
    IS(0x9000, "00A4000C023FFF");
    IS(0x9000, "00440000");
    IS(0x6982, TRIES, 5u);
    bench_free(&b);
}

/* A PUK that is used up says so, and for good: neither the PIN nor the admin can help it. */
static void a_blocked_puk(void **state)
{
    const struct softcard_options puk = { .unblock = SOFTCARD_UNBLOCK_PUK };

    (void)state;
    bench_card(&b, &puk, 0);
    IS(0x63C2, "002C00800C 3030303030303030 39393939");
    IS(0x63C1, "002400810C 3030303030303030 39393939");
    IS(0x63C0, "002C00800C 3030303030303030 39393939");
    counter_of("7F73", 0, 3);
    assert_int_equal(bench_login(&b), 0x9000);
    IS(0x9000, TRIES, 5u);
    assert_int_equal(bench_admin(&b), 0x9000);
    IS(0x6983, "002C00800C " BENCH_PUK_HEX "39393939");
    IS(0x6983, "0024008110 " BENCH_PUK_HEX "3737373737373737");
    IS(0x6A86, "002C028004 39393939");
    counter_of("7F73", 0, 3);
    counter_is(5, 5); /* the PIN knows nothing of it */
    assert_int_equal(bench_login(&b), 0x9000);
    bench_free(&b);
}

/* ---- the power goes -------------------------------------------------------------------------- */

static uint16_t eleven(struct bench *at)
{
    return bench_hex(at, TRIES, 11u);
}

static void three_or_eleven(bool complete)
{
    IS(0x9000, "00CB3FFF 04 5C027F71 00");
    assert_true(b.out[8] == 11 || (!complete && b.out[8] == 3));
    assert_int_equal(b.out[5], b.out[8]);
    assert_int_equal(bench_login(&b), 0x9000);
}

static void cut_while_tries_are_set(void **state)
{
    (void)state;
    bench_card(&b, NULL, 0);
    assert_int_equal(bench_login(&b), 0x9000);
    assert_in_range(powercut_everywhere(&b, eleven, 0x9000, three_or_eleven), 5, 100);
    bench_free(&b);
}

/* ---- anything in any order ------------------------------------------------------------------- */

static struct model {
    unsigned tries, limit;
    bool pin, admin;
} m;

static void model_guess(bool right)
{
    m.pin = right && m.tries != 0;
    m.tries = m.pin ? m.limit : m.tries != 0 ? m.tries - 1 : 0;
}

static void model_limit(unsigned n)
{
    if (!m.pin && !m.admin)
        return;
    m.limit = n;
    m.tries = m.pin || m.tries > n ? n : m.tries;
}

static void one_step(unsigned what, unsigned n)
{
    switch (what) {
    case 0:
        model_guess(false);
        (void)bench_hex(&b, WRONG);
        break;
    case 1:
        model_guess(true);
        (void)bench_login(&b);
        break;
    case 2:
        m.admin = bench_admin(&b) == 0x9000;
        break;
    case 3:
        m.pin = m.admin = false;
        IS(0x9000, OUT);
        break;
    case 4:
        if (m.admin)
            m = (struct model){ m.limit, m.limit, false, false };
        (void)bench_hex(&b, "002C028008 " BENCH_PIN_HEX);
        break;
    default:
        IS(m.pin || m.admin ? 0x9000 : 0x6982, TRIES, n);
        model_limit(n);
    }
}

static void many_steps(void **state)
{
    uint64_t seed = 88172645463325252u; /* xorshift64 */
    unsigned blocked = 0;

    (void)state;
    bench_card(&b, NULL, 0);
    m = (struct model){ 3, 3, false, false };
    for (unsigned i = 0; i < 5000; i++) {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        one_step((unsigned)(seed >> 24) % 8, 1 + (unsigned)(seed >> 40) % 15);
        counter_of("7F71", m.tries, m.limit);
        IS(m.pin ? 0x9000 : m.tries == 0 ? 0x6983 : 0x63C0 | m.tries, "00200080");
        blocked += m.tries == 0;
    }
    assert_true(blocked > 20);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed),
        cmocka_unit_test(without_a_right),
        cmocka_unit_test(by_the_user),
        cmocka_unit_test(by_the_admin),
        cmocka_unit_test(a_blocked_pin_stays_blocked),
        cmocka_unit_test(blocked_in_another_reader),
        cmocka_unit_test(kept_by_what_sets_a_pin),
        cmocka_unit_test(a_first_pin),
        cmocka_unit_test(a_blocked_puk),
        cmocka_unit_test(cut_while_tries_are_set),
        cmocka_unit_test(many_steps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
