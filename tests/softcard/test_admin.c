/* SPDX-License-Identifier: MIT */
/* The admin's: its key of each kind, what it alone may delete, and keys replaced in place. */
#include "tests/softcard/powercut.h"

#include <openssl/ec.h>
#include <stdlib.h>
#include <string.h>

static struct bench b;

#define IS(sw, ...) assert_int_equal(bench_hex(&b, __VA_ARGS__), sw)
#define OUT "00200082"
#define ADMIN_WRITES "00DBA014 04 DF210107" /* an object only the admin may put */

/* ---- admin keys ------------------------------------------------------------------------------ */

static const struct kind {
    size_t len;
    unsigned alg;
    const char *cipher, *kcv; /* of bench_key: docs/card-extensions.md, 4 */
} kinds[] = {
    { 24, 2, "DES-EDE3-CBC", NULL },
    { 16, 3, "AES-128-CBC",  "DBF184" },
    { 24, 4, "AES-192-CBC",  "BD584C" },
    { 32, 5, "AES-256-CBC",  "A73C55" },
};

static void card_of(const struct kind *kind)
{
    bench_card(&b, NULL, kind->alg > 2 ? kind->len : 0);
}

/* PUT KEY to B080: `len` bytes that start with `first` and count up, and a check value. */
static uint16_t put_admin(size_t len, unsigned first, const char *kcv)
{
    char hex[80] = "";

    for (size_t i = 0; i < len; i++) {
        static const char digits[] = "0123456789ABCDEF";
        uint8_t byte = (uint8_t)(first + i);

        hex[2 * i] = digits[byte >> 4];
        hex[2 * i + 1] = digits[byte & 15];
    }
    if (kcv == NULL)
        return bench_hex(&b, "00DB3FFF %02zX 70%02zX 840180 A5%02zX 87%02zX %s", len + 9, len + 7,
                         len + 2, len, hex);
    return bench_hex(&b, "00DB3FFF %02zX 70%02zX 840180 A5%02zX 87%02zX %s 8803%s", len + 14,
                     len + 12, len + 7, len, hex, kcv);
}

/* First three bytes of zeros under the key that starts with `first`, in hexadecimal. */
static const char *check_value(const struct kind *kind, unsigned first)
{
    static const uint8_t zeros[16];
    static char hex[7];
    uint8_t key[32], out[16];

    for (size_t i = 0; i < sizeof(key); i++)
        key[i] = (uint8_t)(first + i);
    bench_cbc(kind->cipher, true, key, zeros, kind->alg > 2 ? 16 : 8, out);
    for (size_t i = 0; i < 6; i++)
        hex[i] = "0123456789ABCDEF"[out[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15];
    return hex;
}

static uint16_t admin_by(const struct kind *kind, unsigned first)
{
    uint8_t key[32];

    for (size_t i = 0; i < sizeof(key); i++)
        key[i] = (uint8_t)(first + i);
    return bench_admin_by(&b, kind->cipher, key);
}

/* Refused: nothing but the right length and check value, by the admin; the old key goes on. */
static void bad_admin_keys(const struct kind *kind)
{
    for (size_t len = 0; len <= 33; len++)
        if (len != kind->len) {
            IS(0x9000, OUT);
            assert_int_equal(admin_by(kind, 1), 0x9000);
            assert_int_equal(put_admin(len, 0x40, NULL), 0x6A80);
            IS(0x9000, ADMIN_WRITES); /* still the admin */
        }
    assert_int_equal(put_admin(kind->len, 0x40, "000000"), 0x6A80);
    IS(0x9000, OUT);
    assert_int_equal(put_admin(kind->len, 0x40, NULL), 0x6982);
    assert_int_equal(bench_login(&b), 0x9000);
    assert_int_equal(put_admin(kind->len, 0x40, NULL), 0x6982);
    IS(0x9000, OUT);
    assert_int_equal(admin_by(kind, 0x40), 0x6982);
    assert_int_equal(admin_by(kind, 1), 0x9000);
}

static void admin_keys_of_each_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        card_of(&kinds[i]);
        if (kinds[i].kcv != NULL)
            assert_string_equal(check_value(&kinds[i], 1), kinds[i].kcv);
        bad_admin_keys(&kinds[i]);
        assert_int_equal(put_admin(kinds[i].len, 0x40, check_value(&kinds[i], 0x40)), 0x9000);
        IS(0x9000, ADMIN_WRITES); /* a new key does not log out */
        assert_int_equal(put_admin(kinds[i].len, 0x60, NULL), 0x9000); /* nor need it a new one */
        bench_reset(&b);
        assert_int_equal(admin_by(&kinds[i], 0x40), 0x6982);
        assert_int_equal(admin_by(&kinds[i], 0x60), 0x9000);
        IS(0x9000, "002C028004 39393939"); /* it unblocks */
        IS(0x9000, "0020008004 39393939");
        bench_free(&b);
    }
}

/* An external challenge is one block, and another kind's response has the wrong length. */
static void challenges_of_each_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t block = kinds[i].alg > 2 ? 16 : 8;

        card_of(&kinds[i]);
        IS(0x9000, "002281A4 06 8001%02X 830180", kinds[i].alg);
        IS(0x9000, "00870000 04 7C028100 00");
        assert_int_equal(b.len, block + 4);
        IS(0x6982, "00870000 %02zX 7C%02zX82%02zX %0*d", 28 - block, 26 - block, 24 - block,
           (int)(48 - 2 * block), 0);
        IS(0x6985, "00870000 %02zX 7C%02zX82%02zX %0*d", block + 4, block + 2, block,
           (int)(2 * block), 0);
        IS(0x6982, ADMIN_WRITES);
        bench_free(&b);
    }
}

/* ---- deleting -------------------------------------------------------------------------------- */

static uint16_t delete_file(unsigned fid)
{
    IS(0x9000, "00A4000C02%04X", fid);
    return bench_hex(&b, "00E40000");
}

/* What `card new` leaves to the admin. */
static void the_admins_files(void **state)
{
    static const unsigned fids[] = { 0xA012, 0xA014, 0xB080 };

    (void)state;
    bench_card(&b, NULL, 0);
    for (size_t i = 0; i < 3; i++) {
        IS(0x9000, OUT);
        assert_int_equal(delete_file(fids[i]), 0x6982);
        assert_int_equal(bench_login(&b), 0x9000);
        assert_int_equal(delete_file(fids[i]), 0x6982);
        IS(0x6986, "00E40000"); /* refused, it is no longer the one just selected */
        assert_int_equal(bench_admin(&b), 0x9000); /* nothing was changed */
        IS(0x9000, OUT);
    }
    assert_int_equal(bench_login(&b), 0x9000);
    assert_int_equal(delete_file(0xA013), 0x9000); /* the user's own */
    IS(0x9000, OUT);
    assert_int_equal(bench_admin(&b), 0x9000);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(delete_file(fids[i]), 0x9000);
    for (size_t i = 0; i < 3; i++)
        IS(0x6A82, "00A4000C02%04X", fids[i]);
    bench_free(&b);
}

/* Bit 40 narrows the application's rule and never widens it. */
static void a_files_own_rule(void **state)
{
    enum { NOBODY, USER, ADMIN, BOTH };
    static const struct {
        const char *rule;
        bool may[4];
    } rows[] = {
        { "030000",       { false, true, true, true } }, /* silent */
        { "43000000",     { false, true, true, true } }, /* always: no more than that */
        { "43100000",     { false, true, false, true } },
        { "43200000",     { false, false, true, true } },
        { "43B00000",     { false, false, false, true } },
        { "43FF0000",     { false, false, false, false } },
        { "40100340 00",  { false, true, false, true } },  /* in a group of its own */
        { "40104020 0300", { false, true, true, true } },  /* groups are alternatives */
        { "03000040",     { false, false, false, false } }, /* the condition lacks */
    };

    (void)state;
    bench_card(&b, NULL, 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (int role = NOBODY; role <= BOTH; role++) {
            uint8_t rule[24];
            size_t n = bench_unhex(rows[i].rule, rule, sizeof(rule));

            if (bench_hex(&b, "00A4000C026000") != 0x9000) {
                assert_int_equal(bench_login(&b), 0x9000);
                IS(0x9000, "00E00000%02zX 62%02zX 820139 83026000 8C%02zX%s", 11 + n, 9 + n, n,
                   rows[i].rule);
                IS(0x9000, "00440000");
            }
            IS(0x9000, OUT);
            if (role == USER || role == BOTH)
                assert_int_equal(bench_login(&b), 0x9000);
            if (role == ADMIN || role == BOTH)
                assert_int_equal(bench_admin(&b), 0x9000);
            assert_int_equal(delete_file(0x6000), rows[i].may[role] ? 0x9000 : 0x6982);
            if (role == BOTH && !rows[i].may[role]) { /* out of the way of the next row */
                bench_free(&b);
                bench_card(&b, NULL, 0);
            }
        }
    bench_free(&b);
}

/* Rules sleep until a file is activated, and until the application is. */
static void rules_sleep(void **state)
{
    (void)state;
    bench_blank(&b, NULL);
    IS(0x9000, "00E00000 0F 620D 820139 83026000 8C0443FF0000");
    IS(0x9000, "00440000");
    assert_int_equal(delete_file(0x6000), 0x9000);
    bench_free(&b);
    bench_card(&b, NULL, 0);
    assert_int_equal(bench_login(&b), 0x9000);
    IS(0x9000, "00E00000 0F 620D 820139 83026000 8C0443FF0000");
    assert_int_equal(delete_file(0x6000), 0x9000);
    bench_free(&b);
}

/* Another process, with a power of its own, was quicker. */
static void deleted_by_another(void **state)
{
    struct bench other;

    (void)state;
    bench_card(&b, NULL, 0);
    assert_int_equal(bench_login(&b), 0x9000);
    other = b;
    other.ram = calloc(1, softcard_ram_size());
    assert_non_null(other.ram);
    other.card = NULL;
    assert_int_equal(softcard_open(b.path, &other.card), SOFTCARD_OK);
    bench_reset(&other);
    assert_int_equal(bench_login(&other), 0x9000);
    IS(0x9000, "00A4000C02A013");
    assert_int_equal(bench_hex(&other, "00A4000C02A013"), 0x9000);
    assert_int_equal(bench_hex(&other, "00E40000"), 0x9000);
    IS(0x6A82, "00E40000");
    softcard_close(other.card);
    free(other.ram);
    bench_free(&b);
}

/* ---- a key replaced -------------------------------------------------------------------------- */

static bool same_public(uint8_t kk, const EVP_PKEY *want)
{
    EVP_PKEY *pub = bench_public(&b, kk);
    bool same = pub != NULL && EVP_PKEY_eq(pub, want) == 1;

    EVP_PKEY_free(pub);
    return same;
}

static bool signs(void)
{
    return bench_hex(&b, "002241B6 06 80011C 840181") == 0x9000 &&
           bench_hex(&b, "002A9E9A 02 AABB 00") == 0x9000 && b.len == 64;
}

/* An import over a key is taken as a whole or the old key goes on. */
static void imports_are_whole(void **state)
{
    const struct softcard_options small = { .capacity = 24 + 200 }; /* the admin's key, and one */
    EVP_PKEY *old = EVP_EC_gen("P-256"), *fresh = EVP_EC_gen("P-256"), *big = EVP_EC_gen("P-384");

    (void)state;
    bench_card(&b, &small, 0);
    assert_int_equal(bench_login(&b), 0x9000);
    bench_key_file(&b, 0x81, 0xC);
    assert_int_equal(bench_import(&b, 0x81, old, false), 0x9000);
    assert_int_equal(bench_import(&b, 0x81, big, false), 0x6A80);   /* another curve */
    assert_true(same_public(0x81, old) && signs());
    assert_int_equal(bench_import(&b, 0x81, fresh, false), 0x6A84); /* no room beside it */
    assert_true(same_public(0x81, old) && signs());
    IS(0x6A84, "00470000 08 AC0680010C830181 00");
    assert_true(same_public(0x81, old) && signs());
    IS(0x6A80, "00DB3FFF 12 7010 840181 A50B 830103 840100 8703 300100"); /* no key at all */
    IS(0x9000, "10DB3FFF 07 7077 840181 A572");                          /* a chain torn */
    IS(0x9000, "00200080");
    assert_true(same_public(0x81, old) && signs());
    IS(0x9000, OUT);
    assert_int_equal(bench_import(&b, 0x81, fresh, false), 0x6982);
    assert_int_equal(bench_login(&b), 0x9000);
    assert_true(same_public(0x81, old) && signs());
    EVP_PKEY_free(old);
    EVP_PKEY_free(fresh);
    EVP_PKEY_free(big);
    bench_free(&b);
}

static EVP_PKEY *cut_old, *cut_new;

static uint16_t import_new(struct bench *at)
{
    return bench_import(at, 0x81, cut_new, true);
}

static void old_or_new(bool complete)
{
    assert_true(same_public(0x81, cut_new) || (!complete && same_public(0x81, cut_old)));
    assert_int_equal(bench_login(&b), 0x9000);
    assert_true(signs());
}

static void cut_while_a_key_is_imported(void **state)
{
    (void)state;
    cut_old = EVP_EC_gen("P-256");
    cut_new = EVP_EC_gen("P-256");
    bench_card(&b, NULL, 0);
    assert_int_equal(bench_login(&b), 0x9000);
    bench_key_file(&b, 0x81, 0xC);
    assert_int_equal(bench_import(&b, 0x81, cut_old, false), 0x9000);
    assert_in_range(powercut_everywhere(&b, import_new, 0x9000, old_or_new), 5, 100);
    EVP_PKEY_free(cut_old);
    EVP_PKEY_free(cut_new);
    bench_free(&b);
}

/* 81 to 9E, in any order: 30 keys, each its own. */
static void key_files_in_any_order(void **state)
{
    EVP_PKEY *keys[30];

    (void)state;
    bench_card(&b, NULL, 0);
    assert_int_equal(bench_login(&b), 0x9000);
    for (unsigned i = 0; i < 30; i++) {
        unsigned at = i * 7 % 30; /* each once */

        keys[at] = EVP_EC_gen("P-256");
        bench_key_file(&b, (uint8_t)(0x81 + at), 0xC);
        assert_int_equal(bench_import(&b, (uint8_t)(0x81 + at), keys[at], i % 2 != 0), 0x9000);
    }
    for (unsigned i = 0; i < 30; i++) {
        assert_true(same_public((uint8_t)(0x81 + i), keys[i]));
        EVP_PKEY_free(keys[i]);
    }
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(admin_keys_of_each_kind),
        cmocka_unit_test(challenges_of_each_kind),
        cmocka_unit_test(the_admins_files),
        cmocka_unit_test(a_files_own_rule),
        cmocka_unit_test(rules_sleep),
        cmocka_unit_test(deleted_by_another),
        cmocka_unit_test(imports_are_whole),
        cmocka_unit_test(cut_while_a_key_is_imported),
        cmocka_unit_test(key_files_in_any_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
