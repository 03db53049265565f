/* SPDX-License-Identifier: MIT */
/*
 * The admin key of PIV and what it opens. The card's random numbers are replaced, so that the vectors of
 * the OpenSSL command line are met to the byte.
 */
#include "tests/softcard/bench.h"

#include <string.h>

static struct bench b;

#define IS(sw, ...) assert_int_equal(bench_hex(&b, __VA_ARGS__), sw)
#define VERIFY      "0020008008 313233343536FFFF"
#define WRITE       "00DB3FFF0B 5C035FFF20 5304 01020304" /* what only the admin may */
#define AES_KEY     "000102030405060708090A0B0C0D0E0F"

/* ---- random numbers that are known ----------------------------------------------------------- */

static unsigned random_from; /* 0: random */

bool __real_key_random(uint8_t *out, size_t len);
bool __wrap_key_random(uint8_t *out, size_t len);
bool __wrap_key_random(uint8_t *out, size_t len)
{
    if (random_from == 0)
        return __real_key_random(out, len);
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(random_from + i);
    return true;
}

static void card(void)
{
    random_from = 0;
    bench_piv(&b, NULL);
}

static void aes_card(void)
{
    card();
    assert_int_equal(bench_piv_admin(&b), 0x9000);
    IS(0x9000, "00FFFFFF13 089B10 " AES_KEY);
    bench_reset(&b);
}

/* ---- authentication -------------------------------------------------------------------------- */

static void external(void **state)
{
    (void)state;
    card();
    random_from = 0xA1;
    IS(0x9000, "0087039B04 7C028100 00");
    bench_answer_is(&b, "7C0A 8108 A1A2A3A4A5A6A7A8");
    IS(0x9000, "0087039B0C 7C0A 8208 199FA374705A69EB");
    IS(0x9000, WRITE);
    IS(0x9000, "0087009B04 7C028100 00"); /* 00 is 3DES as well */
    IS(0x6982, WRITE); /* who begins anew has nothing until he has finished */
    bench_free(&b);

    aes_card();
    random_from = 0xA1;
    IS(0x9000, "0087089B04 7C028100 00");
    bench_answer_is(&b, "7C12 8110 A1A2A3A4A5A6A7A8A9AAABACADAEAFB0");
    IS(0x9000, "0087089B14 7C12 8210 61DFEB970E94C8C959938040EA3F6D71");
    IS(0x9000, WRITE);
    bench_free(&b);
}

static void mutual(void **state)
{
    (void)state;
    card();
    random_from = 1;
    IS(0x9000, "0087039B04 7C028000 00");
    bench_answer_is(&b, "7C0A 8008 77A7D6BCF57962B9");
    IS(0x9000, "0087039B18 7C16 8008 0102030405060708 8108 5152535455565758 8200 00");
    bench_answer_is(&b, "7C0A 8208 39093075FB649ACE");
    IS(0x9000, WRITE);
    bench_free(&b);

    aes_card();
    random_from = 0x61;
    IS(0x9000, "0087089B04 7C028000 00");
    bench_answer_is(&b, "7C12 8010 D25363FC721337648A68F34ABEF3B405");
    IS(0x9000, "0087089B26 7C24 8110 7172737475767778797A7B7C7D7E7F80" /* in any order, without 82 */
               "8010 6162636465666768696A6B6C6D6E6F70 00");
    bench_answer_is(&b, "7C12 8210 E96095E1D43870AAEB7C2776C214FBF1");
    IS(0x9000, WRITE);
    bench_free(&b);
}

static void wrong_algorithm(void **state)
{
    static const char *const others[] = { "08", "0A", "0C", "07", "11", "FF" };

    (void)state;
    card();
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        IS(0x6A86, "0087%s9B04 7C028100 00", others[i]);
    IS(0x6A86, "0087038104 7C028100 00");
    IS(0x6A86, "0087030404 7C028100 00");
    bench_free(&b);
    aes_card();
    IS(0x6A86, "0087039B04 7C028100 00");
    bench_free(&b);
}

static void malformed(void **state)
{
    static const char *const bad[] = {
        "", "02 7C00", "03 7C0281", "04 7C018100", "05 7C02810000", "04 7D028100", "04 7C028300",
        "06 7C0481008100", "06 7C0481008000", "06 7C0481008200", "06 7C0482008100",
        "05 7C03810100", "04 7C028200", "04 7C028500", "06 7C0485008200", "05 7C03800100",
    };

    (void)state;
    card();
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(bench_piv_admin(&b), 0x9000);
        if (bench_hex(&b, "0087039B%s 00", bad[i]) != 0x6A80)
            fail_msg("%s: %04X", bad[i], b.sw);
    }
    bench_free(&b);
}

/* A challenge serves one answer, the next command. */
static void challenges_are_for_once(void **state)
{
    (void)state;
    card();
    random_from = 0xA1;
    IS(0x6982, "0087039B0C 7C0A 8208 199FA374705A69EB"); /* nobody asked */
    IS(0x9000, "0087039B04 7C028100 00");
    IS(0x6982, "0087039B0C 7C0A 8208 199FA374705A69EC");
    IS(0x6982, "0087039B0C 7C0A 8208 199FA374705A69EB");
    IS(0x9000, "0087039B04 7C028100 00");
    IS(0x63C3, "00200080");
    IS(0x6982, "0087039B0C 7C0A 8208 199FA374705A69EB");
    IS(0x9000, "0087039B04 7C028100 00");
    IS(0x6985, "00C0000000");
    IS(0x6982, "0087039B0C 7C0A 8208 199FA374705A69EB");
    IS(0x9000, "0087039B04 7C028100 00");
    IS(0x6982, "0087039B0B 7C09 8207 199FA374705A69"); /* too short */
    IS(0x9000, "0087039B04 7C028100 00");
    IS(0x6A86, "0087079A04 7C028200"); /* another key's command */
    IS(0x6982, "0087039B0C 7C0A 8208 199FA374705A69EB");
    random_from = 1;
    IS(0x9000, "0087039B04 7C028000 00");
    IS(0x6982, "0087039B16 7C14 8008 0102030405060709 8108 5152535455565758 00");
    IS(0x6982, "0087039B16 7C14 8008 0102030405060708 8108 5152535455565758 00");
    IS(0x9000, "0087039B04 7C028000 00");
    IS(0x6A80, "0087039B15 7C13 8008 0102030405060708 8107 51525354555657 00");
    IS(0x6982, "0087039B16 7C14 8008 0102030405060708 8108 5152535455565758 00");
    random_from = 0xA1; /* an answer to a witness is none to a challenge */
    IS(0x9000, "0087039B04 7C028000 00");
    IS(0x6982, "0087039B0C 7C0A 8208 199FA374705A69EB");
    IS(0x6982, WRITE);
    IS(0x9000, "0087039B04 7C028100 00"); /* in two blocks of a chain it is still one command */
    IS(0x9000, "1087039B06 7C0A 8208 199F");
    IS(0x9000, "0087039B06 A374705A69EB");
    IS(0x9000, WRITE);
    bench_free(&b);
}

static void what_ends_it(void **state)
{
    (void)state;
    card();
    assert_int_equal(bench_piv_admin(&b), 0x9000);
    IS(0x9000, "0020FF80"); /* not a logout of the user */
    IS(0x63C2, "0020008008 393939393939FFFF");
    IS(0x9000, BENCH_SELECT_PIV);
    IS(0x9000, WRITE);
    IS(0x6982, "0087039B0C 7C0A 8208 0000000000000000"); /* a failure (3.2.4) */
    IS(0x6982, WRITE);
    assert_int_equal(bench_piv_admin(&b), 0x9000);
    bench_reset(&b);
    IS(0x6982, WRITE);
    bench_free(&b);
}

/* ---- Yubico's commands ----------------------------------------------------------------------- */

static void set_admin_key(void **state)
{
    static const struct {
        uint8_t alg;
        const char *cipher;
        unsigned len;
    } kinds[] = { { 0x03, "DES-EDE3-CBC", 24 }, { 0x08, "AES-128-CBC", 16 },
                  { 0x0A, "AES-192-CBC", 24 },  { 0x0C, "AES-256-CBC", 32 } };

    (void)state;
    card();
    IS(0x6982, "00FFFFFF13 089B10 " AES_KEY);
    assert_int_equal(bench_piv_admin(&b), 0x9000);
    IS(0x6A86, "00FFFFFD13 089B10 " AES_KEY);
    IS(0x6A86, "00FF00FF13 089B10 " AES_KEY);
    IS(0x6A80, "00FFFFFF");
    IS(0x6A80, "00FFFFFF13 089A10 " AES_KEY);
    IS(0x6A80, "00FFFFFF12 089B0F " "000102030405060708090A0B0C0D0E");
    IS(0x6A80, "00FFFFFF14 089B10 " AES_KEY "00");
    IS(0x6A80, "00FFFFFF13 089B11 " AES_KEY);
    IS(0x6A80, "00FFFFFF13 0A9B10 " AES_KEY);
    IS(0x6A80, "00FFFFFF13 079B10 " AES_KEY);
    IS(0x6A80, "00FFFFFF1B 039B18 0102030405060708 0101010101010101 0102030405060708");
    IS(0x6A80, "00FFFFFF1B 039B18 0102030405060708 0102030405060708 E1FF E0FE F1FF F0FE");
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        uint8_t cmd[64] = { 0x00, 0xFF, 0xFF, 0xFF, (uint8_t)(kinds[i].len + 3), kinds[i].alg, 0x9B,
                            (uint8_t)kinds[i].len };

        memcpy(cmd + 8, bench_key, kinds[i].len);
        assert_int_equal(bench_bytes(&b, cmd, 8 + kinds[i].len), 0x9000);
        IS(0x9000, WRITE); /* still the admin */
        bench_reset(&b);
        assert_int_equal(bench_piv_admin(&b), i == 0 ? 0x6982 : 0x6A86);
        assert_int_equal(bench_piv_admin_by(&b, kinds[i].alg, kinds[i].cipher, bench_key), 0x9000);
    }
    IS(0x9000, "00F7009B");
    bench_answer_is(&b, "01010C 02020001 050100");
    IS(0x9000, "00FFFFFE1B 039B18 010203040506070801020304050607080102030405060708");
    IS(0x9000, "00F7009B");
    bench_answer_is(&b, "010103 02020002 050101");
    bench_free(&b);
}

static void set_tries(void **state)
{
    (void)state;
    card();
    assert_int_equal(bench_piv_admin(&b), 0x9000);
    IS(0x6982, "00FA0504");
    IS(0x9000, "0024008010 313233343536FFFF 363534333231FFFF");
    IS(0x6A86, "00FA0005");
    IS(0x6A86, "00FA0500");
    IS(0x6A86, "00FA1005");
    IS(0x6A86, "00FA0510");
    IS(0x6700, "00FA0504 01 00");
    IS(0x9000, "00FA0504");
    IS(0x63C5, "00200080");
    IS(0x9000, VERIFY); /* the factory's again */
    IS(0x63C3, "002C008010 3030303030303030 313233343536FFFF");
    IS(0x9000, "00F70080");
    bench_answer_is(&b, "0101FF 050101 06020505");
    IS(0x9000, "00F70081");
    bench_answer_is(&b, "0101FF 050101 06020403");
    bench_reset(&b);
    IS(0x9000, VERIFY);
    IS(0x6982, "00FA0504");
    bench_free(&b);
}

static void block(unsigned tries)
{
    for (unsigned i = 0; i < tries; i++)
        (void)bench_hex(&b, "0020008008 393939393939FFFF");
    IS(0x6983, "00200080");
}

static void reset(void **state)
{
    uint8_t chuid[61];

    (void)state;
    card();
    IS(0x9000, "00CB3FFF05 5C035FC10200");
    memcpy(chuid, b.out, sizeof(chuid));
    assert_int_equal(bench_piv_admin(&b), 0x9000);
    IS(0x9000, WRITE);
    IS(0x9000, "00FFFFFF13 089B10 " AES_KEY);
    IS(0x6143, "0047009A05 AC03800111 03"); /* the first bytes of a public key */
    IS(0x6A86, "00FB0001");
    IS(0x6985, "00FB0000");
    block(3);
    IS(0x6985, "00FB0000");
    for (int i = 2; i >= 0; i--)
        IS(0x63C0 + i, "002C008010 3030303030303030 313233343536FFFF");
    IS(0x9000, "00FB0000");
    IS(0x6982, WRITE); /* whoever was the admin */
    IS(0x6A82, "00CB3FFF05 5C035FFF20 00");
    IS(0x6A88, "00F7009A");
    IS(0x9000, "00CB3FFF05 5C035FC10200");
    assert_int_equal(b.len, sizeof(chuid));
    assert_memory_not_equal(b.out, chuid, sizeof(chuid));
    IS(0x9000, VERIFY);
    assert_int_equal(bench_piv_admin(&b), 0x9000);
    bench_free(&b);
}

static void about_the_card(void **state)
{
    uint8_t serial[4];

    (void)state;
    card();
    IS(0x9000, "00FD0000");
    bench_answer_is(&b, "050700");
    IS(0x9000, "00F8000000");
    assert_int_equal(b.len, 4);
    assert_true(b.out[0] < 0x80);
    memcpy(serial, b.out, 4);
    bench_reopen(&b);
    IS(0x9000, "00F8000000");
    assert_memory_equal(b.out, serial, 4);
    IS(0x6A86, "00FD0100");
    IS(0x6A86, "00F8000100");
    bench_free(&b);
    card();
    IS(0x9000, "00F8000000");
    assert_memory_not_equal(b.out, serial, 4);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(external),        cmocka_unit_test(mutual),
        cmocka_unit_test(wrong_algorithm), cmocka_unit_test(malformed),
        cmocka_unit_test(challenges_are_for_once),
        cmocka_unit_test(what_ends_it),    cmocka_unit_test(set_admin_key),
        cmocka_unit_test(set_tries),       cmocka_unit_test(reset),
        cmocka_unit_test(about_the_card),
    };

    return cmocka_run_group_tests_name("piv_admin", tests, NULL, NULL);
}
