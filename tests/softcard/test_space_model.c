/* SPDX-License-Identifier: MIT */
/*
 * Anything in any order: objects put and deleted, room reserved and given back, keys and files made
 * and taken away, on cards that are mostly full. A model computes what must be answered and what
 * must be told after each command; the card agrees to the byte.
 */
#include "tests/softcard/space.h"

#include <openssl/ec.h>
#include <string.h>

#define ROUNDS 3000u
#define OBJECTS 6u /* in each of two files */
#define KEYS 2u

static struct bench b;

static const unsigned fids[] = { 0xA010, 0xA013 };

static struct model {
    unsigned capacity, key_len;
    bool key[KEYS];
    struct {
        bool there;
        uint8_t fill;
        unsigned len, reserved;
    } object[2][OBJECTS];
    unsigned refused, taken; /* so that both are tried */
} m;

static uint64_t seed;

static unsigned rnd(unsigned below)
{
    seed ^= seed << 13; /* xorshift64 */
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed >> 24) % below;
}

static unsigned counts(unsigned f, unsigned i)
{
    unsigned len = m.object[f][i].len, reserved = m.object[f][i].reserved;

    return len > reserved ? len : reserved;
}

static unsigned room(void)
{
    unsigned used = SPACE_ADMIN + SPACE_KEPT;

    for (unsigned f = 0; f < 2; f++)
        for (unsigned i = 0; i < OBJECTS; i++)
            used += counts(f, i);
    for (unsigned k = 0; k < KEYS; k++)
        used += m.key[k] ? m.key_len : 0;
    assert_true(used <= m.capacity);
    return m.capacity - used;
}

/* Is there `needed` room? Then the card must say so too. */
static bool agreed(uint16_t sw, unsigned needed)
{
    bool fits = needed <= room();

    assert_int_equal(sw, fits ? 0x9000 : 0x6A84);
    if (fits)
        m.taken++;
    else
        m.refused++;
    return fits;
}

/* Mostly around what is left. */
static unsigned some_length(void)
{
    switch (rnd(4)) {
    case 0:
        return rnd(40);
    case 1:
        return room() + rnd(3);
    case 2:
        return room() / 2;
    default:
        return rnd(700);
    }
}

static void put(unsigned f, unsigned i)
{
    unsigned len = some_length();
    uint8_t fill = (uint8_t)rnd(256);
    uint16_t sw = space_put(&b, fids[f], 0xDF21 + i, fill, len);

    if (len == 0 && m.object[f][i].there) {
        assert_int_equal(sw, 0x9000);
        memset(&m.object[f][i], 0, sizeof(m.object[f][i]));
    } else if (agreed(sw, len > m.object[f][i].reserved ? len : 0)) {
        m.object[f][i].there = true;
        m.object[f][i].len = len;
        m.object[f][i].fill = fill;
    }
}

static void reserve(unsigned f, unsigned i)
{
    unsigned bytes = rnd(6) != 0 ? some_length() : 0;
    uint16_t sw = space_reserve(&b, fids[f], 0xDF21 + i, bytes);

    if (bytes == 0 && !m.object[f][i].there) {
        assert_int_equal(sw, 0x6A88);
    } else if (agreed(sw, bytes > counts(f, i) ? bytes - counts(f, i) : 0)) {
        m.object[f][i].there = true;
        m.object[f][i].reserved = bytes;
    }
}

static void delete(unsigned f, unsigned i)
{
    if (!m.object[f][i].there)
        return;
    assert_int_equal(space_put(&b, fids[f], 0xDF21 + i, 0, 0), 0x9000);
    memset(&m.object[f][i], 0, sizeof(m.object[f][i]));
}

static void make_key(unsigned k)
{
    if (agreed(bench_hex(&b, "00470000 08 AC0680010C8301%02X 00", 0x81 + k), m.key_len))
        m.key[k] = true;
}

static void drop_key(unsigned k)
{
    assert_int_equal(bench_hex(&b, "00DB3FFF 07 7005 8401%02X A500", 0x81 + k), 0x9000);
    m.key[k] = false;
}

/* All of a file's objects and reservations go with it. */
static void make_file_again(unsigned f)
{
    assert_int_equal(bench_hex(&b, "00A4000C02%04X", fids[f]), 0x9000);
    assert_int_equal(bench_hex(&b, "00E40000"), 0x9000);
    memset(m.object[f], 0, sizeof(m.object[f]));
    assert_int_equal(bench_hex(&b, "00E00000 0E 620C 820139 8302%04X 8C03033000", fids[f]),
                     0x9000);
    assert_int_equal(bench_hex(&b, "00440000"), 0x9000);
}

static void one_step(void)
{
    unsigned f = rnd(2), i = rnd(OBJECTS), what = rnd(100);

    if (what < 50)
        put(f, i);
    else if (what < 75)
        reserve(f, i);
    else if (what < 88)
        delete(f, i);
    else if (what < 92)
        make_key(rnd(KEYS));
    else if (what < 96)
        drop_key(rnd(KEYS));
    else if (what < 97)
        make_file_again(f);
    else
        bench_reopen(&b);
}

static void what_the_card_says(void)
{
    unsigned f = rnd(2), i = rnd(OBJECTS);

    assert_int_equal(space_told(&b, NULL), room() < SPACE_LARGEST ? room() : SPACE_LARGEST);
    assert_int_equal(space_length(&b, fids[f], 0xDF21 + i, m.object[f][i].fill),
                     m.object[f][i].there ? (long)m.object[f][i].len : -1);
}

/* What a key takes is the card's business, but always the same. */
static unsigned measure_key(void)
{
    unsigned before = space_told(&b, NULL), after;

    assert_int_equal(bench_hex(&b, "00470000 08 AC0680010C830181 00"), 0x9000);
    after = space_told(&b, NULL);
    assert_in_range(before - after, 100, 200);
    drop_key(0);
    return before - after;
}

static void play(unsigned space)
{
    const struct softcard_options options = { .capacity = SPACE_ADMIN + SPACE_KEPT + space };

    bench_card(&b, &options, 0);
    memset(&m, 0, sizeof(m));
    m.capacity = SPACE_ADMIN + SPACE_KEPT + space;
    assert_int_equal(bench_login(&b), 0x9000);
    bench_key_file(&b, 0x81, 0xC);
    bench_key_file(&b, 0x82, 0xC);
    m.key_len = measure_key();
    for (unsigned n = 0; n < ROUNDS; n++) {
        one_step();
        what_the_card_says();
    }
    assert_in_range(m.refused, ROUNDS / 20, ROUNDS);
    assert_in_range(m.taken, ROUNDS / 20, ROUNDS);
    bench_free(&b);
}

static void a_small_card(void **state)
{
    (void)state;
    seed = 88172645463325252u;
    play(700);
}

static void a_larger_card(void **state)
{
    (void)state;
    seed = 1234567890123456789u;
    play(3000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_card),
        cmocka_unit_test(a_larger_card),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
