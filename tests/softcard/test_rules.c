/* SPDX-License-Identifier: MIT */
/* Who may do what, and when: access rules, life cycle, selection. */
#include "tests/softcard/bench.h"

#include <openssl/ec.h>
#include <string.h>

static struct bench b;

enum { NOBODY, USER, ADMIN, BOTH, ROLES };

static void become(int role)
{
    assert_int_equal(bench_hex(&b, "00200082"), 0x9000);
    if (role == USER || role == BOTH)
        assert_int_equal(bench_login(&b), 0x9000);
    if (role == ADMIN || role == BOTH)
        assert_int_equal(bench_admin(&b), 0x9000);
}

static uint16_t create(unsigned fid, const char *rule)
{
    uint8_t bytes[24];
    unsigned n = (unsigned)bench_unhex(rule, bytes, sizeof(bytes));

    return bench_hex(&b, "00E00000%02X 62%02X 820139 8302%04X 8C%02X%s", 11 + n, 9 + n, fid, n,
                     rule);
}

#define SEND(...) bench_hex(&b, __VA_ARGS__)
#define IS(sw, ...) assert_int_equal(SEND(__VA_ARGS__), sw)

/* ---- data files ------------------------------------------------------------------------------ */

#define W(nobody, user, admin, both) { nobody, user, admin, both }

static const struct row {
    unsigned fid;
    const char *rule;      /* NULL: made by personalisation */
    bool write[ROLES], read[ROLES];
} matrix[] = {
    { 0xA000, NULL,     W(0, 1, 1, 1), W(1, 1, 1, 1) },
    { 0xA010, NULL,     W(0, 1, 1, 1), W(1, 1, 1, 1) },
    { 0xA011, NULL,     W(0, 1, 1, 1), W(0, 0, 0, 0) },
    { 0xA012, NULL,     W(0, 0, 1, 1), W(1, 1, 1, 1) },
    { 0xA013, NULL,     W(0, 1, 1, 1), W(0, 1, 1, 1) },
    { 0xA014, NULL,     W(0, 0, 1, 1), W(0, 0, 1, 1) },
    { 0x5001, "031000", W(0, 1, 0, 1), W(1, 1, 1, 1) }, /* PIN alone */
    { 0x5002, "03B010", W(0, 0, 0, 1), W(0, 1, 0, 1) }, /* PIN and admin */
    { 0x5003, "0100",   W(0, 0, 0, 0), W(1, 1, 1, 1) }, /* PUT appears in no group: forbidden */
    { 0x5004, "0210 0120", W(0, 1, 0, 1), W(0, 0, 1, 1) }, /* two groups */
    { 0x5005, "0210 0220 0100", W(0, 1, 1, 1), W(1, 1, 1, 1) }, /* groups are alternatives */
    { 0x5006, "033111", W(0, 1, 1, 1), W(0, 1, 0, 1) }, /* over contacts */
    { 0x5007, "033200", W(0, 0, 0, 0), W(1, 1, 1, 1) }, /* PUT over contactless only */
    { 0x5008, "03FF00", W(0, 0, 0, 0), W(1, 1, 1, 1) }, /* never */
    { 0x5009, "034000", W(0, 0, 0, 0), W(1, 1, 1, 1) }, /* RFU */
    { 0x500A, "038000", W(0, 0, 0, 0), W(1, 1, 1, 1) }, /* all of no conditions */
    { 0x500B, "0310",   W(0, 1, 0, 1), W(0, 0, 0, 0) }, /* a condition lacks */
};

static void one_row(const struct row *row)
{
    become(BOTH);
    if (row->rule != NULL) {
        assert_int_equal(create(row->fid, row->rule), 0x9000);
        IS(0x9000, "00DB0000 04 DF210107"); /* not activated: free */
        IS(0x9000, "00CB0000 04 5C02DF21 00");
        IS(0x9000, "00440000");
    }
    for (int role = NOBODY; role < ROLES; role++) {
        become(role);
        IS(row->write[role] ? 0x9000 : 0x6982, "00DB%04X 04 DF2101%02X", row->fid, role);
        if (!row->read[role]) {
            IS(0x6982, "00CB%04X 04 5C02DF21 00", row->fid);
            assert_int_equal(b.len, 0);
            IS(0x6982, "00CB%04X 02 5C00 00", row->fid);
        } else if (SEND("00CB%04X 04 5C02DF21 00", row->fid) == 0x9000) {
            if (row->write[role]) {
                char want[16] = "DF210100";

                want[7] = (char)('0' + role);
                bench_answer_is(&b, want);
            }
        } else {
            assert_int_equal(b.sw, 0x6A88); /* nobody has written yet */
            assert_true(!row->write[role] && row->rule == NULL);
        }
    }
}

static void files_by_role(void **state)
{
    (void)state;
    bench_card(&b, NULL, 0);
    for (size_t i = 0; i < sizeof(matrix) / sizeof(matrix[0]); i++)
        one_row(&matrix[i]);
    bench_free(&b);
}

/* ---- making and deleting files --------------------------------------------------------------- */

static void create_and_delete(void **state)
{
    static const bool may[ROLES] = W(0, 1, 1, 1);

    (void)state;
    bench_card(&b, NULL, 0);
    for (int role = NOBODY; role < ROLES; role++) {
        become(role);
        assert_int_equal(create(0x6000, "030000"), may[role] ? 0x9000 : 0x6982);
        become(BOTH);
        assert_int_equal(create(0x6000, "030000"), may[role] ? 0x6A89 : 0x9000);
        IS(0x9000, "00DB6000 04 DF210107");
        become(role);
        IS(0x9000, "00A4000C026000");
        IS(may[role] ? 0x9000 : 0x6982, "00E40000");
        become(BOTH);
        IS(may[role] ? 0x6A82 : 0x9000, "00A4000C026000");
        if (!may[role])
            IS(0x9000, "00E40000");
        IS(0x6A82, "00A4000C026000");
    }
    assert_int_equal(create(0x6000, "030000"), 0x9000);
    IS(0x6A88, "00CB6000 04 5C02DF21 00"); /* what it held went with it */
    bench_free(&b);
}

/* DELETE FILE wants the file selected by the command before. */
static void delete_only_what_was_just_selected(void **state)
{
    (void)state;
    bench_card(&b, NULL, 0);
    become(USER);
    assert_int_equal(create(0x6000, "030000"), 0x9000);
    IS(0x6986, "00E40000"); /* created, not selected */
    IS(0x9000, "00A4000C026000");
    IS(0x9000, "00DB6000 04 DF210107");
    IS(0x6986, "00E40000"); /* a command between */
    IS(0x9000, "00A4000C026000");
    IS(0x6985, "00C0000000");
    IS(0x6986, "00E40000");
    IS(0x9000, "00A4000C026000");
    IS(0x9000, "10DB6000 02 DF21"); /* a chain begun between */
    IS(0x6986, "00E40000");
    IS(0x9000, "00A4000C026000");
    IS(0x9000, "00A4000C023FFF");
    IS(0x6986, "00E40000"); /* the application is no file */
    IS(0x9000, "00A4000C026000");
    IS(0x6700, "00E40000 01 00");
    IS(0x9000, "00A4000C026000");
    IS(0x9000, "00E40000");
    bench_free(&b);
}

static void create_checks_its_data(void **state)
{
    (void)state;
    bench_card(&b, NULL, 0);
    become(USER);
    assert_int_equal(create(0x3FFF, "030000"), 0x6A80); /* reserved */
    assert_int_equal(create(0x2F01, "030000"), 0x6A80);
    assert_int_equal(create(0x0000, "030000"), 0x6A80);
    IS(0x6A80, "00E00000 0E 620C 820138 83026001 8C03030000"); /* no such kind */
    IS(0x6A80, "00E00000 09 6207 820139 83026001");            /* no rule */
    IS(0x6A80, "00E00000 0E 620D 820139 83026001 8C03030000"); /* length past the end */
    IS(0x6A80, "00E00000 0F 620C 820139 83026001 8C03030000 00");
    IS(0x6A80, "00E00000 0E 620C 820118 8302B081 8C038F1010"); /* key file without templates */
    /* a key file's templates name one key; which, is not looked at */
    IS(0x6A80, "00E00000 26 6224 820118 8302B081 8C058F10101000 A514 "
               "B608800117830181 9500 B608800157830182 9500");
    IS(0x9000, "00E00000 26 6224 820118 8302B081 8C058F10101000 A514 "
               "B608800117830183 9500 B608800157830183 9500");
    IS(0x6884, "10E00000 0E 620C 820139 83026001 8C03030000"); /* CREATE does not chain */
    IS(0x6A86, "00E00001 0E 620C 820139 83026001 8C03030000");
    bench_free(&b);
}

/* ---- key files ------------------------------------------------------------------------------- */

#define ADMIN_FILE "00E00000 1C 621A 820118 8302B0%02X 8C0487002000 A50B A409800102 8301%02X 9501%s"

static void admin_keys_are_made_by_the_admin(void **state)
{
    (void)state;
    bench_card(&b, NULL, 0);
    become(NOBODY);
    IS(0x6982, ADMIN_FILE, 0x90, 0x90, "C0");
    become(USER);
    IS(0x6982, ADMIN_FILE, 0x90, 0x90, "C0");
    IS(0x6982, ADMIN_FILE, 0x90, 0x90, "80");
    IS(0x9000, ADMIN_FILE, 0x91, 0x91, "40"); /* a key that proves the card is none */
    become(ADMIN);
    IS(0x9000, ADMIN_FILE, 0x90, 0x90, "C0");
    bench_free(&b);
}

#define NEW_KEY "404142434445464748494A4B4C4D4E4F5051525354555657"
#define PUT_ADMIN "00DB3FFF 26 7024 840180 A51F 8718" NEW_KEY "8803"

static void the_admin_key_file(void **state)
{
    static const uint8_t fresh[] = "@ABCDEFGHIJKLMNOPQRSTUVW";

    (void)state;
    bench_card(&b, NULL, 0);
    become(USER);
    IS(0x6982, PUT_ADMIN "B4692B");
    become(ADMIN);
    IS(0x6A80, PUT_ADMIN "B4692C"); /* check value */
    IS(0x6A80, "00DB3FFF 25 7023 840180 A51E 8717 %s 8803B4692B", &NEW_KEY[2]); /* 23 bytes */
    IS(0x6A80, "00DB3FFF 25 7023 840180 A51E 8718" NEW_KEY "8802B469");
    IS(0x9000, PUT_ADMIN "B073DC"); /* OpenSC's: as if none were given */
    IS(0x9000, "00DB3FFF 21 701F 840180 A51A 8718" NEW_KEY);
    IS(0x6982, "00CB3FFF 0A 70088401 80 A5037F4980 00"); /* never read */
    IS(0x9000, PUT_ADMIN "B4692B");
    become(NOBODY);
    assert_int_equal(bench_admin(&b), 0x6982); /* the old one is gone */
    assert_int_equal(bench_admin_by(&b, "DES-EDE3-CBC", fresh), 0x9000);
    IS(0x9000, "00DB3FFF 07 7005 840180 A500"); /* takes the key away */
    IS(0x6985, "00870000 04 7C028100 00");      /* no key: no challenge, and no accident */
    bench_free(&b);
}

/* Rule 8F 10 10 10 00: generate, use, import by PIN; the public key for everyone. */
static void user_key_files(void **state)
{
    static const bool may[ROLES] = W(0, 1, 0, 1);
    EVP_PKEY *pub;

    (void)state;
    bench_card(&b, NULL, 0);
    become(USER);
    bench_key_file(&b, 0x81, 0xC);
    IS(0x6A88, "00CB3FFF 0A 7008840181 A5037F4980 00"); /* no key yet */
    IS(0x9000, "002241B6 06 80011C 840181");            /* may be set, */
    IS(0x6985, "002A9E9A 01 AA 00");                    /* cannot be used */
    for (int role = NOBODY; role < ROLES; role++) {
        EVP_PKEY *key = EVP_EC_gen("P-256");

        become(role);
        IS(may[role] ? 0x9000 : 0x6982, "00470000 08 AC0680010C830181 00");
        assert_int_equal(bench_import(&b, 0x81, key, false), may[role] ? 0x9000 : 0x6982);
        IS(may[role] ? 0x9000 : 0x6982, "002241B6 06 80011C 840181");
        EVP_PKEY_free(key);
    }
    become(NOBODY);
    pub = bench_public(&b, 0x81);
    assert_non_null(pub);
    EVP_PKEY_free(pub);
    bench_free(&b);
}

/* The right to use a key is asked when it is set and when it is used. */
static void use_after_logout(void **state)
{
    (void)state;
    bench_card(&b, NULL, 0);
    become(USER);
    bench_key_file(&b, 0x81, 0xC);
    IS(0x9000, "00470000 08 AC0680010C830181 00");
    IS(0x9000, "002241B6 06 80011C 840181");
    IS(0x9000, "002A9E9A 02 AABB 00");
    assert_int_equal(b.len, 64);
    IS(0x9000, "00CBA010 02 5C00 00"); /* other commands do not disturb the environment */
    IS(0x9000, "00A4000C023FFF");
    IS(0x9000, "002A9E9A 02 AABB 00");
    IS(0x63C2, "0020008004 30303030");
    IS(0x6982, "002A9E9A 02 AABB 00"); /* the environment is there, the right is not */
    assert_int_equal(bench_login(&b), 0x9000);
    IS(0x9000, "002A9E9A 02 AABB 00");
    IS(0x9000, "00200082");
    IS(0x6985, "002A9E9A 02 AABB 00");
    assert_int_equal(bench_login(&b), 0x9000);
    IS(0x6985, "002A9E9A 02 AABB 00"); /* logging out has cleared it */
    bench_free(&b);
}

/* One template of each type stays active. */
static void environments_live_side_by_side(void **state)
{
    (void)state;
    bench_card(&b, NULL, 0);
    become(USER);
    bench_key_file(&b, 0x81, 0xC);
    IS(0x9000, "00470000 08 AC0680010C830181 00");
    IS(0x9000, "002241B6 06 80011C 840181");
    IS(0x9000, "002241B8 06 840181 80010C"); /* in any order */
    IS(0x9000, "002281A4 06 800102 830180");
    IS(0x9000, "002A9E9A 02 AABB 00");
    IS(0x6A80, "002A8086 02 AABB 00"); /* understood as key agreement, and no point */
    IS(0x9000, "00870000 04 7C028100 00");
    IS(0x6A88, "002241B6 06 80011C 840182"); /* a refused MSE leaves the old one */
    IS(0x6984, "002241B6 06 80015C 840181"); /* not among the templates */
    IS(0x6984, "002241B6 06 80011D 840181");
    IS(0x6984, "002281A4 06 800103 830180");
    IS(0x6984, "002281A4 03 830181");        /* no admin key */
    IS(0x6A86, "002281B6 06 80011C 840181"); /* private keys only compute */
    IS(0x6A86, "0022F301");                  /* no RESTORE */
    IS(0x6A80, "002241B6 03 840181");
    IS(0x9000, "002A9E9A 02 AABB 00");
    bench_free(&b);
}

/* ---- life cycle ------------------------------------------------------------------------------ */

static void a_blank_card(void **state)
{
    (void)state;
    bench_blank(&b, NULL);
    IS(0x9000, "00200080");                         /* nothing is asked for */
    IS(0x6A88, "00CB3FFF 04 5C027F71 00");          /* there is no PIN */
    IS(0x6A88, "0020008004 31323334");
    IS(0x6986, "00870000 04 7C028100 00");
    IS(0x6986, "002C028004 31323334");
    IS(0x6A80, "0024018003 313233");                /* too short */
    IS(0x9000, "0024018004 31323334");
    IS(0x9000, "0024018008 " BENCH_PIN_HEX);        /* again */
    IS(0x6A88, "0024018108 " BENCH_PUK_HEX);        /* this card has no PUK */
    assert_int_equal(create(0x6000, "03FFFF"), 0x9000);
    IS(0x9000, "00440000");
    IS(0x9000, "00DB6000 04 DF210107");             /* rules sleep */
    IS(0x9000, "00CB6000 04 5C02DF21 00");
    bench_key_file(&b, 0x81, 0xC);
    IS(0x9000, "00470000 08 AC0680010C830181 00");
    IS(0x9000, "002241B6 06 80011C 840181");
    IS(0x6985, "002A9E9A 02 AABB 00");              /* keys are not used */
    IS(0x9000, "00A4000C023FFF");
    IS(0x9000, "00440000");                         /* in use from here */
    IS(0x9000, "00440000");
    IS(0x63C3, "00200080");
    IS(0x6982, "00DB6000 04 DF210107");
    IS(0x6982, "0024018008 " BENCH_PIN_HEX);
    assert_int_equal(create(0x6001, "030000"), 0x6982);
    bench_reopen(&b);
    bench_reset(&b);
    IS(0x63C3, "00200080");
    bench_free(&b);
}

static void the_end_of_a_card(void **state)
{
    (void)state;
    bench_card(&b, NULL, 0);
    become(BOTH);
    IS(0x6982, "00E60000"); /* no rule has TERMINATE DF */
    bench_free(&b);

    bench_blank(&b, NULL);
    assert_int_equal(create(0x6000, "030000"), 0x9000);
    IS(0x9000, "00DB6000 04 DF210107");
    IS(0x9000, "00440000");
    IS(0x9000, "00E60000");
    IS(0x6285, "00E60000");
    IS(0x6285, "00A4040009 A00000039742544659 00");
    bench_answer_is(&b, "61124F0BA0000003974254465902017303 4001C0");
    IS(0x6985, "00DB6000 04 DF210108");
    IS(0x6985, "00200080");
    IS(0x9000, "00CB6000 04 5C02DF21 00");
    bench_answer_is(&b, "DF210107");
    bench_reopen(&b);
    IS(0x6985, "00440000"); /* for ever */
    bench_free(&b);
}

/* ---- selection ------------------------------------------------------------------------------- */

static void select_answers(void **state)
{
    (void)state;
    bench_card(&b, NULL, 0);
    IS(0x9000, "00A4040005 A000000397 00"); /* right-truncated names */
    IS(0x9000, "00A404000B A000000397425446590201 00");
    IS(0x6A82, "00A404000B A000000397425446590202 00");
    IS(0x9000, "00A4040409 A00000039742544659 00");
    bench_answer_is(&b, "6208 820138 8C03033030");
    IS(0x9000, "00A4040809 A00000039742544659 00");
    bench_answer_is(&b, "6409 5F2F0160 7F65028000");
    IS(0x9000, "00A4000402 3FFF 00");
    bench_answer_is(&b, "6208 820138 8C03033030");
    IS(0x9000, "00A4000402 A012 00");
    bench_answer_is(&b, "6210 820139 8302A012 8A0105 8C0443202000");
    IS(0x9000, "00A4000402 0000 00"); /* the current one */
    bench_answer_is(&b, "6210 820139 8302A012 8A0105 8C0443202000");
    IS(0x9000, "00A4000802 A012 00");
    bench_answer_is(&b, "6400");
    IS(0x9000, "00A4000402 B080 00");
    bench_answer_is(&b, "621E 820118 8302B080 8A0105 8C05C7200020FF A50BA40980010283018095 01C0");
    IS(0x9000, "00A4000402 3FFF 00");
    IS(0x6A82, "00A4000402 0000 00"); /* none */
    IS(0x6A82, "00A4000402 5555 00");
    IS(0x9000, "00CB2F01 02 5C00 00");
    bench_answer_is(&b, "4301F4 47030801C0 4608 636172646D696E74");
    IS(0x6A82, "00CB2F00 02 5C00 00");
    bench_free(&b);
}

/* P2 02: one file after the other. */
static void walk_through_the_files(void **state)
{
    static const char *const fids[] = { "A000", "A010", "A011", "A012", "A013", "A014", "B080" };
    uint8_t fid[2];

    (void)state;
    bench_card(&b, NULL, 0);
    for (size_t i = 0; i < 7; i++) {
        IS(0x9000, "00A400%02X00", i == 0 ? 0x04 : 0x06);
        (void)bench_unhex(fids[i], fid, 2);
        assert_memory_equal(b.out + 7, fid, 2);
    }
    IS(0x6A82, "00A4000600");
    bench_free(&b);
}

static void selecting_again(void **state)
{
    const struct softcard_options logs_out = { .reselect_logs_out = true };

    (void)state;
    bench_card(&b, NULL, 0);
    become(BOTH);
    IS(0x9000, "00A4040C09 A00000039742544659");
    IS(0x9000, "00200080"); /* still */
    IS(0x9000, "00DBA014 04 DF210107");
    IS(0x6A82, "00A4040007 A0000003080000 00"); /* another application: nothing changes */
    IS(0x9000, "00200080");
    IS(0x9000, "00CB0000 04 5C02DF21 00");
    bench_reset(&b);
    IS(0x63C3, "00200080");
    IS(0x6982, "00DBA014 04 DF210107");
    bench_free(&b);

    bench_card(&b, &logs_out, 0);
    become(BOTH);
    bench_key_file(&b, 0x81, 0xC);
    IS(0x9000, "002241B6 06 80011C 840181");
    IS(0x6A82, "00A4040007 A0000003080000 00");
    IS(0x9000, "00200080");
    IS(0x9000, "00A4040C09 A00000039742544659");
    IS(0x63C3, "00200080");
    IS(0x6982, "00DBA014 04 DF210107");
    IS(0x6985, "002A9E9A 02 AABB 00");
    bench_free(&b);
}

static void nothing_selected(void **state)
{
    uint8_t atr[SOFTCARD_ATR_MAX];
    size_t len;

    (void)state;
    bench_card(&b, NULL, 0);
    softcard_power_on(b.card, b.ram, atr, &len);
    IS(0x6986, "00CBA010 02 5C00 00");
    IS(0x6986, "0020008008 " BENCH_PIN_HEX);
    IS(0x6986, "00440000");
    IS(0x6D00, "00840000 08");
    IS(0x6A82, "00A4000C02 3FFF");
    bench_free(&b);
}

/* ---- the line -------------------------------------------------------------------------------- */

static void classes(void **state)
{
    (void)state;
    bench_card(&b, NULL, 0);
    IS(0x6E00, "80200080");
    IS(0x6E00, "20200080");
    IS(0x6882, "0C200080");
    IS(0x6882, "04200080");
    IS(0x6881, "01200080");
    IS(0x6D00, "00B0000000");
    IS(0x6D00, "00CA7F6800");
    IS(0x6700, "002000");
    IS(0x6700, "0020008005 31323334"); /* Lc past the end */
    IS(0x6700, "0020008002 31323334 0000");
    assert_int_equal(bench_bytes(&b, NULL, 0), 0x6700);
    IS(0x63C3, "00200080"); /* none of that cost a try */
    bench_free(&b);
}

static void chains(void **state)
{
    (void)state;
    bench_card(&b, NULL, 0);
    become(USER);
    IS(0x9000, "10DBA010 03 DF2102");
    IS(0x9000, "00DBA010 02 0102");
    IS(0x9000, "00CBA010 04 5C02DF21 00");
    bench_answer_is(&b, "DF21020102");
    IS(0x9000, "10DBA010 03 DF2102"); /* broken by another command: */
    IS(0x9000, "00CBA010 04 5C02DF21 00");
    IS(0x6A80, "00DBA010 02 0304"); /* this is no continuation */
    IS(0x9000, "10DBA010 03 DF2102");
    IS(0x6985, "00C0000000"); /* by GET RESPONSE */
    IS(0x6A80, "00DBA010 02 0304");
    IS(0x9000, "10DBA010 03 DF2102");
    IS(0x6A80, "00DBA013 02 0304"); /* by other P1P2 */
    IS(0x6A80, "00DBA010 02 0304");
    IS(0x9000, "00CBA010 04 5C02DF21 00");
    bench_answer_is(&b, "DF21020102");
    /* several objects in one chain: all or none */
    IS(0x9000, "10DBA010 04 DF220101");
    IS(0x6A80, "00DBA010 04 DF230201");
    IS(0x6A88, "00CBA010 04 5C02DF22 00");
    IS(0x9000, "10DBA010 04 DF220101");
    IS(0x9000, "00DBA010 04 DF230101");
    IS(0x9000, "00CBA010 02 5C00 00");
    bench_answer_is(&b, "DF21020102 DF220101 DF230101");
    /* other commands that chain */
    IS(0x9000, "10200080 04 31323334");
    IS(0x9000, "00200080 04 35363738");
    IS(0x6884, "10CBA010 04 5C02DF22 00");
    bench_free(&b);
}

static void long_answers(void **state)
{
    uint8_t object[605] = { 0xDF, 0x21, 0x82, 0x02, 0x58 };
    const uint8_t list[] = { 0x5C, 2, 0xDF, 0x21 };

    (void)state;
    for (size_t i = 5; i < sizeof(object); i++)
        object[i] = (uint8_t)i;
    bench_card(&b, NULL, 0);
    become(USER);
    assert_int_equal(bench_run(&b, false, 0xDB, 0xA010, object, sizeof(object)), 0x9000);
    IS(0x6100, "00CBA010 04 5C02DF21"); /* no Le: all of it waits */
    assert_int_equal(b.len, 0);
    IS(0x6100, "00C0000000");
    assert_int_equal(b.len, 256);
    assert_memory_equal(b.out, object, 256);
    IS(0x615D, "00C0000000");
    assert_memory_equal(b.out, object + 256, 256);
    IS(0x614D, "00C0000010");
    IS(0x9000, "00C0000000");
    assert_int_equal(b.len, 77);
    assert_memory_equal(b.out, object + 528, 77);
    IS(0x6985, "00C0000000");
    IS(0x6100, "00CBA010 04 5C02DF21 10");
    IS(0x9000, "00200080");   /* drops the rest */
    IS(0x6985, "00C0000000");
    assert_int_equal(bench_run(&b, false, 0xCB, 0xA010, list, 4), 0x9000);
    assert_int_equal(b.len, sizeof(object));
    assert_memory_equal(b.out, object, sizeof(object));
    assert_int_equal(bench_run(&b, true, 0xCB, 0xA010, list, 4), 0x9000);
    assert_int_equal(b.len, sizeof(object));
    bench_free(&b);
}

/* A challenge is for the next command, once. */
static void challenges(void **state)
{
    (void)state;
    bench_card(&b, NULL, 0);
    IS(0x6985, "00870000 04 7C028100 00"); /* no environment */
    IS(0x9000, "002281A4 03 830180");
    IS(0x6985, "00870000 0C 7C0A8208 0000000000000000"); /* no challenge */
    IS(0x9000, "00870000 04 7C028100 00");
    IS(0x6982, "00870000 0C 7C0A8208 0000000000000000");
    IS(0x6985, "00870000 0C 7C0A8208 0000000000000000"); /* used up */
    IS(0x9000, "00870000 04 7C028100 00");
    IS(0x63C3, "00200080");
    IS(0x6985, "00870000 0C 7C0A8208 0000000000000000"); /* a command between */
    IS(0x9000, "00870000 04 7C028100 00");
    IS(0x9000, "10DBA010 01 DF");
    IS(0x6985, "00870000 0C 7C0A8208 0000000000000000"); /* a block of one */
    IS(0x9000, "00870000 04 7C028100 00");
    IS(0x6982, "00870000 05 7C03820100");                 /* length */
    IS(0x6A80, "00870000 03 7C0182 00");
    IS(0x6A80, "00870000 05 7C03810100");                 /* R1 has 16 bytes */
    assert_int_equal(bench_admin(&b), 0x9000);
    IS(0x9000, "00DBA012 04 DF210107");
    IS(0x9000, "00870000 04 7C028100 00");
    IS(0x6982, "00870000 0C 7C0A8208 0000000000000000");
    IS(0x6982, "00DBA012 04 DF210107"); /* a failed authentication leaves none */
    assert_int_equal(bench_admin(&b), 0x9000);
    IS(0x9000, "00870000 04 7C028100 00");
    IS(0x6982, "00870000 05 7C03820100");
    IS(0x6982, "00DBA012 04 DF210107"); /* nor one of the wrong length, */
    assert_int_equal(bench_admin(&b), 0x9000);
    IS(0x6985, "00870000 0C 7C0A8208 0000000000000000");
    IS(0x6982, "00DBA012 04 DF210107"); /* nor one nobody asked for */
    bench_free(&b);
}

/* ---- room ------------------------------------------------------------------------------------ */

static void objects_are_put_and_deleted(void **state)
{
    (void)state;
    bench_card(&b, NULL, 0);
    become(USER);
    IS(0x6A88, "00CBA010 04 5C02DF21 00");
    IS(0x9000, "00DBA010 03 DF2100"); /* absent: made, empty */
    IS(0x9000, "00CBA010 04 5C02DF21 00");
    bench_answer_is(&b, "DF2100");
    IS(0x9000, "00DBA010 04 DF210107");
    IS(0x9000, "00DBA010 03 DF2100"); /* present: deleted */
    IS(0x6A88, "00CBA010 04 5C02DF21 00");
    IS(0x6A82, "00CB5555 04 5C02DF21 00");
    IS(0x6981, "00CBB080 04 5C02DF21 00");
    IS(0x6A80, "00CBA010 06 5C04DF21DF22 00"); /* one tag at a time */
    IS(0x6A80, "00DBA010 00");
    IS(0x6A80, "00DBA010 03 DF2105");
    bench_free(&b);
}

static void a_full_card(void **state)
{
    const struct softcard_options small = { .capacity = 1000 };
    uint8_t object[505] = { 0xDF, 0x21, 0x82, 0x01, 0xF4 };

    (void)state;
    bench_card(&b, &small, 0); /* the admin key takes 24 */
    become(USER);
    assert_int_equal(bench_run(&b, false, 0xDB, 0xA010, object, sizeof(object)), 0x9000);
    object[1] = 0x22;
    assert_int_equal(bench_run(&b, false, 0xDB, 0xA010, object, sizeof(object)), 0x6A84);
    object[1] = 0x21; /* a new version needs room beside the old one */
    assert_int_equal(bench_run(&b, false, 0xDB, 0xA010, object, sizeof(object)), 0x6A84);
    IS(0x9000, "00DBA010 03 DF2100");
    assert_int_equal(bench_run(&b, false, 0xDB, 0xA010, object, sizeof(object)), 0x9000);
    IS(0x9000, "00DBA010 03 DF2100");
    for (unsigned i = 0; i < 100; i++)
        IS(0x9000, "00DBA010 04 DF%02X0107", 0x01 + i);
    IS(0x6A84, "00DBA010 04 DF700107"); /* 100 objects in a file */
    for (unsigned i = 7; i < 64; i++)
        assert_int_equal(create(0x6000 + i, "030000"), 0x9000);
    assert_int_equal(create(0x7000, "030000"), 0x6A84); /* 64 files */
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_by_role),
        cmocka_unit_test(create_and_delete),
        cmocka_unit_test(delete_only_what_was_just_selected),
        cmocka_unit_test(create_checks_its_data),
        cmocka_unit_test(admin_keys_are_made_by_the_admin),
        cmocka_unit_test(the_admin_key_file),
        cmocka_unit_test(user_key_files),
        cmocka_unit_test(use_after_logout),
        cmocka_unit_test(environments_live_side_by_side),
        cmocka_unit_test(a_blank_card),
        cmocka_unit_test(the_end_of_a_card),
        cmocka_unit_test(select_answers),
        cmocka_unit_test(walk_through_the_files),
        cmocka_unit_test(selecting_again),
        cmocka_unit_test(nothing_selected),
        cmocka_unit_test(classes),
        cmocka_unit_test(chains),
        cmocka_unit_test(long_answers),
        cmocka_unit_test(challenges),
        cmocka_unit_test(objects_are_put_and_deleted),
        cmocka_unit_test(a_full_card),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
