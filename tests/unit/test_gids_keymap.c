/* SPDX-License-Identifier: MIT */
/* The keymap: whatever it says, no key belongs to two containers, and none is written over. */
#include "script.h"
#include "vectors.h"

#include <stdio.h>

static struct edge e;
static struct script s;
static struct caller c;

static void containers(const char *map, struct edge_container *list)
{
    edge_begin(&e, &s, &c, "");
    caller_put(&c, "gids.keymap", map);
    memset(list, 0xEE, 30 * sizeof(*list));
    assert_int_equal(e.ops->containers(&e, list), SCARD_S_SUCCESS);
    assert_int_equal(c.blocks, 0);
}

static void test_records(void **state)
{
    struct edge_container list[30];

    (void)state;
    containers("01" KEY_RSA
               "01000000 07 9A 81B0 FFFF 0000"  /* another container's EF */
               "01000000 0B 9C 83B0 FFFF 0000"  /* P-224: no key specification */
               "01000000 0C 9C 84B0 FFFF 0000"  /* good */
               "01000000 0C 00 85B0 FFFF 0000"  /* neither exchange nor signature */
               "02000000 0C 9C 86B0 FFFF 0000"  /* another state */
               "01000000 09 9C 87B0 FFFF 0000"  /* good */
               "01000000 09 9C 88B0 FFFF",      /* cut off */
               list);
    for (unsigned i = 0; i < 30; i++) {
        assert_int_equal(list[i].kx.spec, i == 0 ? 1 : 0);
        assert_int_equal(list[i].sig.spec, i == 3 ? 3 : i == 6 ? 2 : 0);
        assert_int_equal(list[i].sig.bits, i == 3 ? 256 : i == 6 ? 4096 : 0);
        assert_int_equal(list[i].sig.where, i == 3 ? 0x84 : i == 6 ? 0x87 : 0);
    }
}

#define ONE(ef, type) "01000000 07 " type " " ef "B0 FFFF 0000"
#define TWO(a, b)     "01000000 07 9A " a "B0 " b "B0 0C 9C"
#define P224          "01000000 0B 9C 81B0 FFFF 0000"

/* Containers 0 and 1 as they are listed: key specification and key reference of each slot. */
static void test_two_keys(void **state)
{
    static const struct {
        const char *what, *map;
        struct {
            uint8_t kx, kx_ref, sig, sig_ref;
        } want[2];
    } rows[] = {
        { "both slots", TWO("81", "9E"), { { 1, 0x81, 3, 0x9E } } },
        { "the other way round", "01000000 0C 9C 81B0 9EB0 07 9A", { { 1, 0x9E, 3, 0x81 } } },
        { "second of the same slot", "01000000 07 9A 81B0 9EB0 0C 9A", { { 1, 0x81, 0, 0 } } },
        { "second without first", "01000000 00 00 FFFF 9EB0 07 9C", { { 0 } } },
        { "first not understood", "01000000 0B 9C 81B0 9EB0 07 9A", { { 0 } } },
        { "second of no size", "01000000 07 9A 81B0 9EB0 0B 9C", { { 1, 0x81, 0, 0 } } },
        { "second of no type", "01000000 07 9A 81B0 9EB0 07 00", { { 1, 0x81, 0, 0 } } },
        { "second in the first one's EF", TWO("81", "81"), { { 1, 0x81, 0, 0 } } },
        { "second below the range", TWO("81", "80"), { { 1, 0x81, 0, 0 } } },
        { "second above the range", TWO("81", "9F"), { { 1, 0x81, 0, 0 } } },
        { "second in a file's EF", "01000000 07 9A 81B0 10A0 0C 9C", { { 1, 0x81, 0, 0 } } },
        { "second on a free record", "00000000 07 9A 81B0 9EB0 0C 9C", { { 0 } } },
        { "first below the range", ONE("80", "9A"), { { 0 } } },
        { "first above the range", ONE("9F", "9A"), { { 0 } } },
        { "first in a table", "01000000 07 9A 00A0 FFFF 0000", { { 0 } } },
        { "two that claim one EF", ONE("81", "9A") ONE("81", "9C"), { { 1, 0x81, 0, 0 } } },
        { "another's second", TWO("81", "9E") ONE("9E", "9C"), { { 1, 0x81, 3, 0x9E } } },
        { "second in another's first", ONE("9E", "9A") TWO("82", "9E"),
          { { 1, 0x9E, 0, 0 }, { 1, 0x82, 0, 0 } } },
        { "second in another's second", TWO("81", "9E") TWO("82", "9E"),
          { { 1, 0x81, 3, 0x9E }, { 1, 0x82, 0, 0 } } },
        { "each in the other's", ONE("82", "9A") ONE("81", "9C"),
          { { 1, 0x82, 0, 0 }, { 0, 0, 2, 0x81 } } },
        { "in one that is not understood", P224 ONE("81", "9A"), { { 0 } } },
        { "beside one that is not understood", P224 ONE("82", "9A"),
          { { 0 }, { 1, 0x82, 0, 0 } } },
        { "a free one claims nothing", "00000000 07 9A 82B0 FFFF 0000" ONE("82", "9C"),
          { { 0 }, { 0, 0, 2, 0x82 } } },
        { "another state claims its own", "02000000 07 9A 82B0 FFFF 0000" ONE("82", "9C"),
          { { 0 }, { 0, 0, 2, 0x82 } } },
    };
    struct edge_container list[30];
    char text[200];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].what);
        (void)snprintf(text, sizeof(text), "01%s", rows[i].map);
        containers(text, list);
        for (unsigned k = 0; k < 2; k++) {
            assert_int_equal(list[k].kx.spec, rows[i].want[k].kx);
            assert_int_equal(list[k].kx.where, rows[i].want[k].kx_ref);
            assert_int_equal(list[k].sig.spec, rows[i].want[k].sig);
            assert_int_equal(list[k].sig.where, rows[i].want[k].sig_ref);
        }
    }
}

/* Which EF a new signature key of container 0 gets: its own, or the last that no record claims. */
static void test_place_of_a_new_key(void **state)
{
    static const struct {
        const char *what, *map;
        unsigned ref; /* 0: there is no room */
    } rows[] = {
        { "nothing there", "", 0x81 },
        { "freed", KEY_FREE, 0x81 },
        { "a free record is no claim", "00000000 07 9A 81B0 9EB0 07 9C", 0x81 },
        { "own EF taken by another", KEY_FREE ONE("81", "9A"), 0x9E },
        { "and the last by a third", KEY_FREE ONE("81", "9A") ONE("9E", "9A"), 0x9D },
        { "and by a second key", KEY_FREE TWO("81", "9E"), 0x9D },
        { "beside the other slot", ONE("81", "9A"), 0x9E },
        { "the other slot is elsewhere", ONE("9E", "9A"), 0x81 },
        { "one that is not understood", P224, 0 },
        { "one that claims another's", KEY_FREE ONE("9E", "9A") ONE("9E", "9A") ONE("81", "9A"),
          0x9D },
    };
    char dialogue[600], map[300];
    size_t len;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t bytes[200];

        print_message("%s\n", rows[i].what);
        (void)snprintf(map, sizeof(map), "01%s", rows[i].map);
        len = hex(map, bytes, sizeof(bytes));
        (void)snprintf(dialogue, sizeof(dialogue), GET_KEYMAP "< DF20%02zX%s 9000\n", len, map);
        if (rows[i].ref != 0)
            (void)snprintf(dialogue + strlen(dialogue), 100,
                           "> 00E000001D 621B8201188302B0%02X...\n< 6A84\n", rows[i].ref);
        edge_begin(&e, &s, &c, dialogue);
        assert_int_equal(e.ops->generate(&e, 0, 3, 256), SCARD_E_NO_MEMORY);
        assert_true(script_done(&s));
        assert_int_equal(c.blocks, 0);
    }
}

/* Thirty records, each with the key of its own: there is no EF for a second one. */
static void test_no_key_file_left(void **state)
{
    static char dialogue[2000] = "> 00CBA000000004 5C02DF20 1000\n< DF20820169 01";
    uint32_t bytes, left;

    (void)state;
    for (unsigned i = 0; i < 30; i++)
        (void)snprintf(dialogue + strlen(dialogue), 40, " 01000000 07 9A %02XB0 FFFF 0000",
                       0x81 + i);
    strcat(dialogue, " 9000\n");
    edge_begin(&e, &s, &c, dialogue);
    e.card.extended = e.link_known = e.link_extends = true;
    assert_int_equal(e.ops->generate(&e, 0, 3, 256), SCARD_E_NO_MEMORY);
    assert_true(script_done(&s));
    e.tells_space = EDGE_NO;
    assert_int_equal(e.ops->free_space(&e, &bytes, &left), SCARD_S_SUCCESS);
    assert_int_equal(left, 0);
}

/* Records free, but not key files: each container with two keys takes two. */
static void test_free_containers(void **state)
{
    char map[900] = "01";
    uint32_t bytes, left;

    (void)state;
    for (unsigned i = 0; i < 14; i++)
        (void)snprintf(map + strlen(map), 40, "01000000 07 9A %02XB0 %02XB0 0C 9C ", 0x81 + i,
                       0x9E - i);
    edge_begin(&e, &s, &c, "");
    caller_put(&c, "gids.keymap", map);
    e.tells_space = EDGE_NO;
    assert_int_equal(e.ops->free_space(&e, &bytes, &left), SCARD_S_SUCCESS);
    assert_int_equal(left, 2);
    assert_int_equal(bytes, 0xFFFFFFFF);
    assert_int_equal(c.blocks, 0);
}

/* What a card answers about its free space and does not mean: then it cannot tell. */
static void test_malformed_free_space(void **state)
{
    static const struct {
        const char *text;
        bool ours; /* so no other application's: it need not be asked who it is */
    } answers[] = {
        { "9000", false },
        { "DF7E00 9000", true },
        { "DF7E07 000000AA000000 9000", true },
        { "DF7E09 000000AA0000000100 9000", true },
        { "DF7E08 000000AA00000001 00 9000", false },
        { "DF7D08 000000AA00000001 9000", false },
        { "000000AA00000001 9000", false },
        { "DF7E08 000000AA 9000", false },
        { "DF7E80 000000AA00000001 0000 9000", false },
        { "DF7E8400000008 000000AA00000001 00 9000", false },
        { "00*100 9000", false },
    };
    uint32_t bytes, left;
    char dialogue[400];

    (void)state;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        (void)snprintf(dialogue, sizeof(dialogue), "> 00CB3FFF045C02DF7E00\n< %s\n%s",
                       answers[i].text, answers[i].ours ? "" : PROOF);
        edge_begin(&e, &s, &c, dialogue);
        caller_put(&c, "gids.keymap", "01");
        for (unsigned twice = 0; twice < 2; twice++) { /* and is not asked again */
            bytes = left = 0xEE;
            assert_int_equal(e.ops->free_space(&e, &bytes, &left), SCARD_S_SUCCESS);
            assert_int_equal(bytes, 0xFFFFFFFF);
            assert_int_equal(left, 30);
            assert_true(script_done(&s));
        }
        assert_int_equal(c.blocks, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_two_keys),
        cmocka_unit_test(test_place_of_a_new_key),
        cmocka_unit_test(test_no_key_file_left),
        cmocka_unit_test(test_free_containers),
        cmocka_unit_test(test_malformed_free_space),
    };

    return cmocka_run_group_tests_name("gids_keymap", tests, NULL, NULL);
}
