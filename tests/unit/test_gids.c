/* SPDX-License-Identifier: MIT */
/* The GIDS edge: recognising the card, its tables, extended APDUs, what is kept in the cache. */
#include "script.h"
#include "vectors.h"

#include <stdio.h>

static struct edge e;
static struct script s;
static struct caller c;

/* Of a card that is asked in GIDS first: include/cardmint/atrs.h. */
static const uint8_t gids_atr[] = { 0x3B, 0x88, 0x80, 0x01, 'c', 'a', 'r', 'd',
                                    'm', 'i', 'n', 't', 0x03 };

static DWORD probe(const char *dialogue)
{
    edge_begin(&e, &s, &c, dialogue);
    e.ops = NULL;
    return edge_find(&e, gids_atr, sizeof(gids_atr));
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

/* An ATR that nobody knows: PIV is asked, then GIDS, and nothing else. */
static void test_unknown_atr(void **state)
{
    static const uint8_t other[] = { 0x3B, 0x00 };

    (void)state;
    edge_begin(&e, &s, &c, "> 00A4040009A0000003080000100000\n< 6A82\n" SELECT FCI);
    e.ops = NULL;
    assert_int_equal(edge_find(&e, other, sizeof(other)), SCARD_S_SUCCESS);
    assert_ptr_equal(e.ops, &edge_gids);
    assert_int_equal(e.card.exchanges, 2);
    edge_begin(&e, &s, &c, "> 00A4040009A0000003080000100000\n"
                           "< 61114F0600001000010079074F05A000000308 9000\n");
    e.ops = NULL;
    assert_int_equal(edge_find(&e, other, sizeof(other)), SCARD_S_SUCCESS);
    assert_ptr_equal(e.ops, &edge_piv);
    assert_int_equal(e.card.exchanges, 1);
    e.ops->close(&e);
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
        strcat(dialogue, "\n> 00A4040009A0000003080000100000\n< 6A82\n"); /* nor PIV */
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
    assert_int_equal(edge_find(&e, gids_atr, sizeof(gids_atr)), SCARD_W_REMOVED_CARD);
    assert_null(e.ops);
}

/* ---- extended APDUs ---- */

#define READ_LONG "> 00CBA010000004 5C02DF24 1000\n"
#define READ_SHORT "> 00CBA010045C02DF2400\n"
#define ASK_ATR "> 00CB2F01025C0000\n"

static DWORD read_file(void)
{
    const struct edge_file f = { "mscp", "kxc00", 1, true, 0xA010DF24 };
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

#define KEY_ODD   "99000000 07 55 01020304 0506"
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

#define AT(place) "6D73637000*5 7800*8 0000" place
#define DIR_ADM   "61646D00*6 00*9 0000 00000000 12A00000"
#define IN_ADM(name, place) "61646D00*6 " name "00*8 0000" place

/* A record that points at a table, a key or the application would have it written over. */
static void test_records_that_point_elsewhere(void **state)
{
    static const char *const places[] = {
        "1FDF0000 00A00000", "24DF0000 00A00000", "20DF0000 00A00000", /* tables */
        "24DF0000 81B00000", "24DF0000 00B00000", "24DF0000 FFB00000", /* keys */
        "24DF0000 FF3F0000", "71DF0000 FF3F0000", "24DF0000 012F0000", /* application, EF.ATR */
        "1FDF0000 12A00000",                                           /* the admin's table */
        "24DF0000 00000000", "1EDF0000 10A00000", "80DF0000 10A00000", "24DE0000 10A00000",
        "24DF0100 10A00000", "24DF0000 10A00100", "00000000 10A00000",
    };
    char text[300];
    struct edge_file *f;

    (void)state;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        (void)snprintf(text, sizeof(text), "01" DIR_MSCP AT("%s") CARDCF, places[i]);
        f = NULL;
        if (table(&f, text) != 2)
            fail_msg("a file at %s", places[i]);
        assert_string_equal(f[1].name, "cardcf");
        e.services.free(&c, f);
        assert_int_equal(c.blocks, 0);
    }
    f = NULL; /* the neighbours are files as any other */
    assert_int_equal(table(&f, "01" DIR_MSCP AT("20DF0000 12A00000") AT("1FDF0000 10A00000")), 3);
    e.services.free(&c, f);
}

/* Names as CMR.1.2.1 has them: blanks and high bytes, but no control characters and none of the
 * nine that file systems use. */
static void test_names(void **state)
{
    char text[200];

    (void)state;
    for (unsigned b = 1; b < 256; b++) {
        struct edge_file *f = NULL;
        bool good = b >= 32 && strchr("\\/:*?\"<>|", (int)b) == NULL;
        size_t count;

        (void)snprintf(text, sizeof(text), "01 6D73637000*5 %02X00*8 0000 24DF0000 10A00000", b);
        count = table(&f, text);
        if (count != (good ? 1 : 0))
            fail_msg("%zu names of %02X", count, b);
        if (good)
            assert_int_equal((unsigned char)f[0].name[0], b >= 'A' && b <= 'Z' ? b + 32 : b);
        e.services.free(&c, f);
    }
}

/* What the user may write says nothing of a directory of the admin's, nor the admin's table of the
 * user's: the files of a directory come from the table that its own record decides. */
static void test_two_tables(void **state)
{
    static const struct {
        const char *master, *admin;
        const char *names; /* of the files, in order */
    } rows[] = {
        { DIR_ADM, IN_ADM("61", "24DF0000 14A00000"), "a" },
        { DIR_ADM IN_ADM("62", "24DF0000 10A00000"), IN_ADM("61", "24DF0000 14A00000"), "a" },
        { IN_ADM("62", "24DF0000 10A00000") DIR_ADM, IN_ADM("61", "24DF0000 14A00000"), "a" },
        { DIR_ADM DIR_MSCP AT("24DF0000 10A00000"), IN_ADM("61", "24DF0000 14A00000"), "xa" },
        { DIR_ADM DIR_MSCP, AT("24DF0000 10A00000"), "" },  /* not the admin's to list */
        { DIR_ADM, CARDCF, "" },                            /* nor the root */
        { DIR_ADM, DIR_MSCP, "" },                          /* nor directories */
        { DIR_ADM, BAD_FILE BAD_TAG IN_ADM("61", "1FDF0000 12A00000"), "" },
        { DIR_ADM, BAD_NAME IN_ADM("61", "24DF0000 12A00000") "AABBCC", "a" },
        { DIR_MSCP IN_ADM("62", "24DF0000 10A00000"), IN_ADM("61", "24DF0000 14A00000"), "b" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct edge_file *files = NULL;
        char text[500], names[10] = "";
        size_t count = 0;

        edge_begin(&e, &s, &c, "");
        (void)snprintf(text, sizeof(text), "01%s", rows[i].master);
        caller_put(&c, "gids.masterfile", text);
        (void)snprintf(text, sizeof(text), "01%s", rows[i].admin);
        caller_put(&c, "gids.adminfile", text);
        assert_int_equal(e.ops->table(&e, &files, &count), SCARD_S_SUCCESS);
        for (size_t k = 0; k < count; k++)
            strncat(names, files[k].name, 1);
        assert_string_equal(names, rows[i].names);
        e.services.free(&c, files);
        assert_int_equal(c.blocks, 0);
    }
}

/* An admin's table of another format lists nothing and is not rewritten. */
static void test_admin_table_of_another_format(void **state)
{
    static const struct edge_file what = { "adm", "a", 6, true, 0 };
    static const struct edge_file listed = { "adm", "a", 6, true, 0xA014DF24 };

    (void)state;
    edge_begin(&e, &s, &c, GET_MASTER "< DF1F1D 01" DIR_ADM "9000\n> 00CBA012045C02DF1F00\n"
               "< DF1F1D 02" IN_ADM("61", "24DF0000 14A00000") "9000\n");
    assert_int_equal(e.ops->create(&e, &what, 0), SCARD_E_UNEXPECTED);
    assert_true(script_done(&s));
    s.at = GET_MASTER "< DF1F1D 01" DIR_ADM "9000\n> 00CBA012045C02DF1F00\n"
           "< DF1F1D 02" IN_ADM("61", "24DF0000 14A00000") "9000\n";
    assert_int_equal(e.ops->remove(&e, &listed), SCARD_E_FILE_NOT_FOUND);
    assert_true(script_done(&s));
    assert_int_equal(c.blocks, 0);
}

/* What is not understood stays where it is; a new record goes behind the last whole one. */
static void test_rewriting_keeps_what_it_does_not_know(void **state)
{
    static const struct edge_file what = { "mscp", "kxc00", 1, true, 0 };

    (void)state;
    edge_begin(&e, &s, &c, GET_MASTER "< DF1F3D 01" BAD_NAME BAD_TAG "AABBCCDD 9000\n"
               "> 00DBA0005C DF1F59 01" BAD_NAME BAD_TAG KXC00 "AABBCCDD\n" OK);
    assert_int_equal(e.ops->create(&e, &what, 0), SCARD_S_SUCCESS);
    assert_true(script_done(&s));
    /* a format that is not ours is not rewritten */
    edge_begin(&e, &s, &c, GET_MASTER "< DF1F03 02AABB 9000\n");
    assert_int_equal(e.ops->create(&e, &what, 0), SCARD_E_UNEXPECTED);
    assert_true(script_done(&s));
    edge_begin(&e, &s, &c, GET_KEYMAP "< DF2028 01" KEY_RSA KEY_ODD KEY_FREE "AABBCC 9000\n"
               "> 00DBA0002B DF2028 01" KEY_FREE KEY_ODD KEY_FREE "AABBCC\n" OK SELECT_KEY OK
               DELETE OK);
    assert_int_equal(e.ops->erase(&e, 0), SCARD_S_SUCCESS);
    assert_true(script_done(&s));
    /* a container that somebody uses in another way is not ours; nor is another format */
    edge_begin(&e, &s, &c, GET_KEYMAP MAP(KEY_ODD));
    assert_int_equal(e.ops->generate(&e, 0, 1, 2048), SCARD_E_NO_MEMORY);
    assert_true(script_done(&s));
    edge_begin(&e, &s, &c, GET_KEYMAP "< DF200D 02" KEY_RSA "9000\n");
    assert_int_equal(e.ops->generate(&e, 0, 1, 2048), SCARD_E_UNEXPECTED);
    assert_true(script_done(&s));
}

/* Each access condition has its EF, and there the first free DO. */
static void test_places_of_new_files(void **state)
{
    static const struct {
        struct edge_file what;
        const char *record;
    } rows[] = {
        { { "mscp", "a", 1, true, 0 }, "6D73637000*5 6100*8 0000 24DF0000 10A00000" },
        { { "mscp", "a", 2, true, 0 }, "6D73637000*5 6100*8 0000 24DF0000 11A00000" },
        { { "mscp", "a", 3, true, 0 }, "6D73637000*5 6100*8 0000 24DF0000 12A00000" },
        { { "mscp", "a", 5, true, 0 }, "6D73637000*5 6100*8 0000 24DF0000 13A00000" },
        { { "mscp", "a", 6, true, 0 }, "6D73637000*5 6100*8 0000 24DF0000 14A00000" },
        { { "mscp", "", 1, true, 0 }, "6D73637000*5 00*9 0000 00000000 00A00000" },
        { { "adm", "", 2, true, 0 }, "61646D00*6 00*9 0000 00000000 12A00000" },
        { { "mscp", "\x80 \xFF", 1, true, 0 }, "6D73637000*5 8020FF00*6 0000 24DF0000 10A00000" },
        { { "", "cardcf", 1, true, 0 }, CARDCF },
        { { "mscp", "cmapfile", 1, true, 0 }, CMAPFILE },
        { { "abcdefgh", "ijklmnop", 1, true, 0 },
          "6162636465666768 00 696A6B6C6D6E6F70 00 0000 24DF0000 10A00000" },
    };
    char dialogue[500];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        strcpy(dialogue, GET_MASTER "< DF1F01 01 9000\n> 00DBA00020 DF1F1D 01");
        strcat(dialogue, rows[i].record);
        strcat(dialogue, "\n" OK);
        edge_begin(&e, &s, &c, dialogue);
        assert_int_equal(e.ops->create(&e, &rows[i].what, 0), SCARD_S_SUCCESS);
        assert_true(script_done(&s));
    }
}

static void test_no_place_left(void **state)
{
    static const struct edge_file what = { "mscp", "zz", 1, true, 0 };
    static char dialogue[8000] = "> 00CBA000000004 5C02DF1F 1000\n< DF1F820A11 01";

    (void)state;
    for (unsigned i = 0; i < 92; i++)
        (void)snprintf(dialogue + strlen(dialogue), 60, " 00*9 6100*8 0000 %02XDF0000 10A00000",
                       0x24 + i);
    strcat(dialogue, " 9000\n");
    edge_begin(&e, &s, &c, dialogue);
    e.card.extended = e.link_known = e.link_extends = true;
    assert_int_equal(e.ops->create(&e, &what, 0), SCARD_E_NO_MEMORY);
    assert_true(script_done(&s));
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
    static const struct edge_file what = { "mscp", "kxc00", 1, true, 0 };

    (void)state;
    edge_begin(&e, &s, &c, GET_MASTER MASTER_5);
    caller_put(&c, "gids.masterfile", MASTER);
    s.fail_from = 1;
    s.fail_with = SCARD_W_REMOVED_CARD;
    assert_int_equal(e.ops->create(&e, &what, 0), SCARD_W_REMOVED_CARD);
    assert_false(caller_has(&c, "gids.masterfile", MASTER));
}

/* ---- keys ---- */

static void test_public_key_is_cached(void **state)
{
    static const struct edge_key rsa = RSA_2048;
    struct edge_public_key key;

    (void)state;
    edge_begin(&e, &s, &c, GET_PUBLIC TPL_ANSWER);
    assert_int_equal(e.ops->public_key(&e, &rsa, &key), SCARD_S_SUCCESS);
    assert_int_equal(e.ops->public_key(&e, &rsa, &key), SCARD_S_SUCCESS);
    assert_true(script_done(&s));
    assert_true(caller_has(&c, "gids.public.81", TPL_RSA));
    caller_put(&c, "gids.public.81", "7F49 00"); /* rubbish there: the card is asked */
    s.at = GET_PUBLIC TPL_ANSWER;
    assert_int_equal(e.ops->public_key(&e, &rsa, &key), SCARD_S_SUCCESS);
    s.at = GET_KEYMAP MAP(KEY_RSA) PUT_KEYMAP KEY_FREE "\n" OK SELECT_KEY OK DELETE OK;
    assert_int_equal(e.ops->erase(&e, 0), SCARD_S_SUCCESS);
    assert_false(caller_has(&c, "gids.public.81", TPL_RSA));
}

/* A container further on: the records between are freed ones. */
static void test_keymap_grows(void **state)
{
    (void)state;
    edge_begin(&e, &s, &c, GET_KEYMAP MAP(KEY_RSA)
               "> 00E000001D 621B8201188302B0838C058F10101000A50B B60980011C830183950140\n" OK ACTIVATE OK
               "> 0047000008AC0680010C83018300\n< 7F49438641 04" EC_X EC_Y "9000\n"
               "> 00DBA00028 DF2025 01" KEY_RSA KEY_FREE "01000000 0C 9C 83B0 FFFF 0000\n" OK);
    assert_int_equal(e.ops->generate(&e, 2, 3, 256), SCARD_S_SUCCESS);
    assert_true(script_done(&s));
}

static void test_arguments(void **state)
{
    uint8_t in[600] = { 1 }, out[600];
    size_t len = sizeof(out);
    uint32_t left;
    struct edge_private_key none = { .e = { 0 } };
    static const struct edge_key rsa = RSA_2048;
    static const struct edge_key bad[] = { { 0, 0, 0x81 },     { 1, 256, 0x81 },  { 9, 2048, 0x81 },
                                           { 1, 2048, 0x80 },  { 1, 2048, 0x9F }, { 2, 0, 0x81 },
                                           { 1, 2048, 0x181 }, { 3, 2048, 0x81 } };
    struct edge_public_key public;

    (void)state;
    none.n = none.e = none.d = none.p = none.q = none.dp = none.dq = none.qinv = rd_init(NULL, 0);
    none.x = none.y = none.n;
    edge_begin(&e, &s, &c, "");
    assert_int_equal(e.ops->generate(&e, 30, 1, 2048), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(e.ops->generate(&e, 0, 1, 2049), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(e.ops->generate(&e, 0, 9, 256), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(e.ops->import(&e, 0, 1, 2048, &none), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(e.ops->import(&e, 0, 3, 256, &none), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(e.ops->erase(&e, 30), SCARD_E_INVALID_PARAMETER);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) { /* never listed */
        assert_int_equal(e.ops->sign(&e, &bad[i], EDGE_PKCS1, in, 32, out, &len),
                         SCARD_E_NO_KEY_CONTAINER);
        assert_int_equal(e.ops->decrypt(&e, &bad[i], EDGE_PKCS1, in, 256, out, &len),
                         SCARD_E_NO_KEY_CONTAINER);
        assert_int_equal(e.ops->agree(&e, &bad[i], in, 64, out, &len), SCARD_E_NO_KEY_CONTAINER);
        assert_int_equal(e.ops->public_key(&e, &bad[i], &public), SCARD_E_NO_KEY_CONTAINER);
    }
    assert_int_equal(e.ops->sign(&e, &rsa, EDGE_PKCS1, in, 246, out, &len),
                     SCARD_E_INVALID_PARAMETER);
    assert_int_equal(e.ops->sign(&e, &rsa, EDGE_RAW, in, 255, out, &len),
                     SCARD_E_INVALID_PARAMETER);
    assert_int_equal(e.ops->decrypt(&e, &rsa, EDGE_PKCS1, in, 257, out, &len),
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
        cmocka_unit_test(test_unknown_atr),
        cmocka_unit_test(test_other_cards),
        cmocka_unit_test(test_transport_ends_the_search),
        cmocka_unit_test(test_asks_once_for_extended),
        cmocka_unit_test(test_does_not_believe_odd_capabilities),
        cmocka_unit_test(test_falls_back_to_short),
        cmocka_unit_test(test_bad_records_hide_no_good_ones),
        cmocka_unit_test(test_records_that_point_elsewhere),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_two_tables),
        cmocka_unit_test(test_admin_table_of_another_format),
        cmocka_unit_test(test_rewriting_keeps_what_it_does_not_know),
        cmocka_unit_test(test_places_of_new_files),
        cmocka_unit_test(test_no_place_left),
        cmocka_unit_test(test_fixed_files),
        cmocka_unit_test(test_cache_after_a_failed_write),
        cmocka_unit_test(test_public_key_is_cached),
        cmocka_unit_test(test_keymap_grows),
        cmocka_unit_test(test_arguments),
    };

    return cmocka_run_group_tests_name("gids", tests, NULL, NULL);
}
