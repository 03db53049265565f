/* SPDX-License-Identifier: MIT */
/* The GIDS edge: recognising the card, its tables, extended APDUs, what is kept in the cache. */
#include "script.h"
#include "vectors.h"

static struct edge e;
static struct script s;
static struct caller c;

static DWORD probe(const char *dialogue)
{
    edge_begin(&e, &s, &c, dialogue);
    e.ops = NULL;
    return edge_find(&e);
}

static void test_finds_gids(void **state)
{
    (void)state;
    assert_int_equal(probe(SELECT FCI), SCARD_S_SUCCESS);
    assert_ptr_equal(e.ops, &edge_gids);
    assert_int_equal(e.profile.containers_max, 30);
    assert_true(e.profile.generates && e.profile.imports && !e.profile.read_only);
    assert_int_equal(e.profile.pins[EDGE_USER].kind, EDGE_SECRET_PIN);
    assert_int_equal(e.profile.pins[EDGE_ADMIN].kind, EDGE_SECRET_KEY);
    assert_int_equal(e.profile.pins[EDGE_USER].unblock, 1u << EDGE_ADMIN);
    assert_int_equal(e.profile.keys[1].max, 4096);
    assert_int_equal(e.profile.keys[3].max, 256);
    assert_int_equal(e.profile.keys[0].max, 0);
    /* version 1, without DO 73, with a label */
    assert_int_equal(probe(SELECT "< 61154F0BA0000003974254465901005006 616263646566 9000\n"),
                     SCARD_S_SUCCESS);
}

static void test_other_cards(void **state)
{
    static const char *const answers[] = {
        "6A82", "6D00", "6E00", "6999", "6285", "9000", "61124F0BA000000397425446590201 7303400199",
        "6F124F0BA00000039742544659020173034001C0 9000",   /* not 61 */
        "61124F0BA00000039742544658020173034001C0 9000",   /* another AID */
        "610A4F08A000000397425446 9000",                   /* too short an AID */
        "61124F0BA00000039742544659020173034001C0AA 9000", /* something after it */
        "61134F0BA00000039742544659020173034001C0 9000",   /* length past the end */
        "61055003414243 9000",                             /* no AID */
        "6100 9000", "618000 9000", "00*50 9000", "61847FFFFFFF4F0B 9000",
    };
    char dialogue[300];

    (void)state;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        strcpy(dialogue, SELECT "< ");
        strcat(dialogue, answers[i]);
        strcat(dialogue, "\n");
        assert_int_equal(probe(dialogue), SCARD_E_UNKNOWN_CARD);
        assert_null(e.ops);
        assert_int_equal(e.profile.containers_max, 0);
    }
}

static void test_transport_ends_the_search(void **state)
{
    (void)state;
    edge_begin(&e, &s, &c, "");
    e.ops = NULL;
    s.fail_with = SCARD_W_REMOVED_CARD;
    assert_int_equal(edge_find(&e), SCARD_W_REMOVED_CARD);
    assert_null(e.ops);
}

/* ---- extended APDUs ---- */

#define READ_LONG "> 00CBA010000004 5C02DF24 1000\n"
#define READ_SHORT "> 00CBA010045C02DF2400\n"
#define ASK_ATR "> 00CB2F01025C0000\n"

static DWORD read_file(void)
{
    const struct edge_file f = { "mscp", "kxc00", 1, 0xA010DF24 };
    uint8_t *data = NULL;
    size_t len = 0;
    DWORD rc = e.ops->read(&e, &f, &data, &len);

    c.blocks -= rc == SCARD_S_SUCCESS ? 1 : 0;
    free(data);
    return rc;
}

static void learn(const char *dialogue)
{
    edge_begin(&e, &s, &c, dialogue);
    e.link_extends = true;
    assert_int_equal(read_file(), SCARD_S_SUCCESS);
    assert_int_equal(read_file(), SCARD_S_SUCCESS);
    assert_true(script_done(&s));
    assert_true(e.link_known);
}

/* Asked once, before the first command that needs it; never where the link does not take them. */
static void test_asks_once_for_extended(void **state)
{
    (void)state;
    learn(ASK_ATR "< 4301F4 47030801C0 4603414243 9000\n" READ_LONG "< DF240155 9000\n" READ_LONG
          "< DF240155 9000\n");
    assert_true(e.card.extended);
    learn(ASK_ATR "< 4301F4 4703080180 9000\n" READ_SHORT "< DF240155 9000\n" READ_SHORT
          "< DF240155 9000\n");
    assert_false(e.card.extended);
    edge_begin(&e, &s, &c, READ_SHORT "< DF240155 9000\n");
    assert_int_equal(read_file(), SCARD_S_SUCCESS);
    assert_false(e.link_known);
}

static void test_does_not_believe_odd_capabilities(void **state)
{
    static const char *const answers[] = { "9000", "47020801 9000", "4704080140FF 9000",
                                           "470408 01 9000", "00*100 9000" };
    char dialogue[500];

    (void)state;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        strcpy(dialogue, ASK_ATR "< ");
        strcat(dialogue, answers[i]);
        strcat(dialogue, "\n" READ_SHORT "< DF240155 9000\n" READ_SHORT "< DF240155 9000\n");
        learn(dialogue);
        assert_false(e.card.extended);
    }
    learn(ASK_ATR "< 6A82\n" PROOF READ_SHORT "< DF240155 9000\n" READ_SHORT "< DF240155 9000\n");
    assert_false(e.card.extended);
}

/* A card or a reader that promised too much: short from then on. */
static void test_falls_back_to_short(void **state)
{
    (void)state;
    learn(ASK_ATR "< 47030801C0 9000\n" READ_LONG "< 6700\n" PROOF READ_SHORT "< DF240155 9000\n"
          READ_SHORT "< DF240155 9000\n");
    assert_false(e.card.extended);
}

/* ---- tables ---- */

#define BAD_NAME  "41*9 6162000000000000 00 0000 24DF0000 10A00000" /* directory without NUL */
#define BAD_FILE  "6D73637000*5 42*9 0000 25DF0000 10A00000"        /* name without NUL */
#define BAD_EF    "6D73637000*5 6162000000000000 00 0000 25DF0000 10A00100"
#define BAD_TAG   "6D73637000*5 6162000000000000 00 0000 25000000 10A00000"
#define EMPTY     "00*28 "
#define CONTROL   "6D73637000*5 0162000000000000 00 0000 25DF0000 10A00000"
#define OTHER_EF  "6D73637000*5 4162000000000000 00 0000 26DF0000 FFA00000"

static size_t table(struct edge_file **files, const char *hex_text)
{
    size_t count = 99;

    edge_begin(&e, &s, &c, "");
    caller_put(&c, "gids.masterfile", hex_text);
    assert_int_equal(e.ops->table(&e, files, &count), SCARD_S_SUCCESS);
    return count;
}

static void test_bad_records_hide_no_good_ones(void **state)
{
    struct edge_file *f = NULL;

    (void)state;
    assert_int_equal(table(&f, "01" BAD_NAME CARDID BAD_FILE BAD_EF EMPTY BAD_TAG CARDCF CONTROL
                               OTHER_EF "AABBCC"), 3);
    assert_string_equal(f[0].name, "cardid");
    assert_int_equal(f[0].ac, 3);
    assert_string_equal(f[1].name, "cardcf");
    assert_string_equal(f[2].dir, "mscp");
    assert_string_equal(f[2].name, "ab"); /* lower case */
    assert_int_equal(f[2].ac, 4);
    free(f);
    c.blocks--;
    assert_int_equal(c.blocks, 0);
    f = NULL;
    assert_int_equal(table(&f, "02" CARDID), 0); /* another format */
    assert_null(f);
    assert_int_equal(table(&f, "01" "AA*27"), 0);
    assert_int_equal(c.blocks, 0);
}

/* What is not understood stays where it is; a new record goes behind the last whole one. */
static void test_rewriting_keeps_what_it_does_not_know(void **state)
{
    static const struct edge_file what = { "mscp", "kxc00", 1, 0 };

    (void)state;
    edge_begin(&e, &s, &c, PROOF "> 00DBA0005C DF1F59 01" BAD_NAME BAD_TAG KXC00 "AABBCCDD\n" OK);
    caller_put(&c, "gids.masterfile", "01" BAD_NAME BAD_TAG "AABBCCDD");
    assert_int_equal(e.ops->create(&e, NULL, 0, &what), SCARD_S_SUCCESS);
    assert_true(script_done(&s));
    edge_begin(&e, &s, &c, ""); /* a format that is not ours is not rewritten */
    caller_put(&c, "gids.masterfile", "02AABB");
    assert_int_equal(e.ops->create(&e, NULL, 0, &what), SCARD_E_UNEXPECTED);
    edge_begin(&e, &s, &c, PROOF "> 00DBA0002B DF2028 01" KEY_FREE "99000000 07 55 01020304 0506"
               KEY_FREE "AABBCC\n" OK SELECT_KEY OK DELETE OK);
    caller_put(&c, "gids.keymap", "01" KEY_RSA "99000000 07 55 01020304 0506" KEY_FREE "AABBCC");
    assert_int_equal(e.ops->erase(&e, 0), SCARD_S_SUCCESS);
    assert_true(script_done(&s));
    edge_begin(&e, &s, &c, PROOF); /* a container that somebody uses in another way is not ours */
    caller_put(&c, "gids.keymap", "01" "99000000 07 55 01020304 0506");
    assert_int_equal(e.ops->generate(&e, 0, 1, 2048), SCARD_E_NO_MEMORY);
}

/* Each access condition has its EF, and there the first free DO. */
static void test_places_of_new_files(void **state)
{
    static const struct {
        struct edge_file what;
        const char *record;
    } rows[] = {
        { { "mscp", "a", 1, 0 }, "6D73637000*5 6100*8 0000 24DF0000 10A00000" },
        { { "mscp", "a", 2, 0 }, "6D73637000*5 6100*8 0000 24DF0000 11A00000" },
        { { "mscp", "a", 3, 0 }, "6D73637000*5 6100*8 0000 24DF0000 12A00000" },
        { { "mscp", "a", 5, 0 }, "6D73637000*5 6100*8 0000 24DF0000 13A00000" },
        { { "mscp", "a", 6, 0 }, "6D73637000*5 6100*8 0000 24DF0000 14A00000" },
        { { "mscp", "", 1, 0 }, "6D73637000*5 00*9 0000 00000000 00A00000" },
        { { "", "cardcf", 1, 0 }, CARDCF },
        { { "mscp", "cmapfile", 1, 0 }, CMAPFILE },
        { { "abcdefgh", "ijklmnop", 1, 0 },
          "6162636465666768 00 696A6B6C6D6E6F70 00 0000 24DF0000 10A00000" },
    };
    char dialogue[500];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        strcpy(dialogue, PROOF "> 00DBA00020 DF1F1D 01");
        strcat(dialogue, rows[i].record);
        strcat(dialogue, "\n" OK);
        edge_begin(&e, &s, &c, dialogue);
        caller_put(&c, "gids.masterfile", "01");
        assert_int_equal(e.ops->create(&e, NULL, 0, &rows[i].what), SCARD_S_SUCCESS);
        assert_true(script_done(&s));
    }
}

static void test_no_place_left(void **state)
{
    static const struct edge_file what = { "mscp", "zz", 1, 0 };
    uint8_t map[1 + 92 * 28] = { 1 };

    (void)state;
    edge_begin(&e, &s, &c, "");
    for (unsigned i = 0; i < 92; i++) {
        uint8_t *r = map + 1 + i * 28u;

        r[9] = 'a';
        r[20] = (uint8_t)(0x24 + i);
        r[21] = 0xDF;
        r[24] = 0x10;
        r[25] = 0xA0;
    }
    e.services.cache_add(&c, "gids.masterfile", map, sizeof(map));
    assert_int_equal(e.ops->create(&e, NULL, 0, &what), SCARD_E_NO_MEMORY);
    assert_int_equal(c.blocks, 0);
}

static void test_fixed_files(void **state)
{
    struct edge_file f = { .where = 0 };

    (void)state;
    edge_begin(&e, &s, &c, "");
    assert_true(e.ops->fixed(&e, "", "cardcf", &f));
    assert_int_equal(f.where, 0xA010DF22);
    assert_true(e.ops->fixed(&e, "", "cardid", &f));
    assert_int_equal(f.where, 0xA012DF20);
    assert_false(e.ops->fixed(&e, "mscp", "cardcf", &f));
    assert_false(e.ops->fixed(&e, "mscp", "kxc00", &f));
}

/* A failed write leaves no doubtful table in the cache. */
static void test_cache_after_a_failed_write(void **state)
{
    static const struct edge_file what = { "mscp", "kxc00", 1, 0 };

    (void)state;
    edge_begin(&e, &s, &c, PROOF);
    caller_put(&c, "gids.masterfile", MASTER);
    s.fail_from = 1;
    s.fail_with = SCARD_W_REMOVED_CARD;
    assert_int_equal(e.ops->create(&e, NULL, 0, &what), SCARD_W_REMOVED_CARD);
    assert_false(caller_has(&c, "gids.masterfile", MASTER));
}

/* ---- keys ---- */

static void test_public_key_is_cached(void **state)
{
    struct edge_public_key key;

    (void)state;
    edge_begin(&e, &s, &c, GET_PUBLIC TPL_ANSWER);
    caller_put(&c, "gids.keymap", "01" KEY_RSA);
    assert_int_equal(e.ops->public_key(&e, 0, 1, &key), SCARD_S_SUCCESS);
    assert_int_equal(e.ops->public_key(&e, 0, 1, &key), SCARD_S_SUCCESS);
    assert_true(script_done(&s));
    assert_true(caller_has(&c, "gids.public.00", TPL_RSA));
    caller_put(&c, "gids.public.00", "7F49 00"); /* rubbish there: the card is asked */
    s.at = GET_PUBLIC TPL_ANSWER;
    assert_int_equal(e.ops->public_key(&e, 0, 1, &key), SCARD_S_SUCCESS);
    s.at = PROOF PUT_KEYMAP KEY_FREE "\n" OK SELECT_KEY OK DELETE OK;
    assert_int_equal(e.ops->erase(&e, 0), SCARD_S_SUCCESS);
    assert_false(caller_has(&c, "gids.public.00", TPL_RSA));
}

static void test_keymap_records(void **state)
{
    struct edge_container list[30];

    (void)state;
    edge_begin(&e, &s, &c, "");
    caller_put(&c, "gids.keymap", "01" KEY_RSA
               "01000000 07 9A 81B0 FFFF 0000"  /* another container's EF */
               "01000000 0B 9C 83B0 FFFF 0000"  /* P-224: no key specification */
               "01000000 0C 9C 84B0 FFFF 0000"  /* good */
               "01000000 0C 00 85B0 FFFF 0000"  /* neither exchange nor signature */
               "02000000 0C 9C 86B0 FFFF 0000"  /* another state */
               "01000000 09 9C 87B0 FFFF 0000"  /* good */
               "01000000 09 9C 88B0 FFFF");     /* cut off */
    memset(list, 0xEE, sizeof(list));
    assert_int_equal(e.ops->containers(&e, list), SCARD_S_SUCCESS);
    for (unsigned i = 0; i < 30; i++) {
        assert_int_equal(list[i].kx_spec, i == 0 ? 1 : 0);
        assert_int_equal(list[i].sig_spec, i == 3 ? 3 : i == 6 ? 2 : 0);
        assert_int_equal(list[i].sig_bits, i == 3 ? 256 : i == 6 ? 4096 : 0);
    }
    assert_int_equal(c.blocks, 0);
}

/* A container further on: the records between are freed ones. */
static void test_keymap_grows(void **state)
{
    (void)state;
    edge_begin(&e, &s, &c, PROOF "> 00E000001D 621B8201188302B0838C058F10101000A50B"
               "B60980011C830183950140\n" OK ACTIVATE OK
               "> 0047000008AC0680010C83018300\n< 7F49438641 04" EC_X EC_Y "9000\n"
               "> 00DBA00028 DF2025 01" KEY_RSA KEY_FREE "01000000 0C 9C 83B0 FFFF 0000\n" OK);
    caller_put(&c, "gids.keymap", "01" KEY_RSA);
    assert_int_equal(e.ops->generate(&e, 2, 3, 256), SCARD_S_SUCCESS);
    assert_true(script_done(&s));
}

static void test_arguments(void **state)
{
    uint8_t in[600] = { 1 }, out[600];
    size_t len = sizeof(out);
    uint32_t left;
    struct edge_private_key none = { .e = { 0 } };

    (void)state;
    none.n = none.e = none.d = none.p = none.q = none.dp = none.dq = none.qinv = rd_init(NULL, 0);
    none.x = none.y = none.n;
    edge_begin(&e, &s, &c, "");
    caller_put(&c, "gids.keymap", "01" KEY_RSA);
    assert_int_equal(e.ops->generate(&e, 30, 1, 2048), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(e.ops->generate(&e, 0, 1, 2049), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(e.ops->generate(&e, 0, 9, 256), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(e.ops->import(&e, 0, 1, 2048, &none), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(e.ops->import(&e, 0, 3, 256, &none), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(e.ops->erase(&e, 30), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(e.ops->sign(&e, 99, 1, EDGE_PKCS1, in, 32, out, &len),
                     SCARD_E_NO_KEY_CONTAINER);
    assert_int_equal(e.ops->sign(&e, 0, 2, EDGE_PKCS1, in, 32, out, &len),
                     SCARD_E_NO_KEY_CONTAINER);
    assert_int_equal(e.ops->sign(&e, 0, 1, EDGE_PKCS1, in, 246, out, &len),
                     SCARD_E_INVALID_PARAMETER);
    assert_int_equal(e.ops->sign(&e, 0, 1, EDGE_RAW, in, 255, out, &len),
                     SCARD_E_INVALID_PARAMETER);
    assert_int_equal(e.ops->decrypt(&e, 0, 1, EDGE_PKCS1, in, 257, out, &len),
                     SCARD_E_INVALID_PARAMETER);
    assert_int_equal(e.ops->verify(&e, EDGE_USER, in, 3, &left), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(e.ops->verify(&e, EDGE_USER, in, 128, &left), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(e.ops->verify(&e, EDGE_ADMIN, in, 8, &left), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(e.card.exchanges, 0);
    assert_int_equal(c.blocks, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_gids),
        cmocka_unit_test(test_other_cards),
        cmocka_unit_test(test_transport_ends_the_search),
        cmocka_unit_test(test_asks_once_for_extended),
        cmocka_unit_test(test_does_not_believe_odd_capabilities),
        cmocka_unit_test(test_falls_back_to_short),
        cmocka_unit_test(test_bad_records_hide_no_good_ones),
        cmocka_unit_test(test_rewriting_keeps_what_it_does_not_know),
        cmocka_unit_test(test_places_of_new_files),
        cmocka_unit_test(test_no_place_left),
        cmocka_unit_test(test_fixed_files),
        cmocka_unit_test(test_cache_after_a_failed_write),
        cmocka_unit_test(test_public_key_is_cached),
        cmocka_unit_test(test_keymap_records),
        cmocka_unit_test(test_keymap_grows),
        cmocka_unit_test(test_arguments),
    };

    return cmocka_run_group_tests_name("gids", tests, NULL, NULL);
}
