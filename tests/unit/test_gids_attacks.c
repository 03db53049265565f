/* SPDX-License-Identifier: MIT */
/* Cards that lie. Whatever they answer: no crash, no leak, no success with nonsense in it. */
#include "script.h"
#include "vectors.h"

#include <stdio.h>

static struct edge e;
static struct script s;
static struct caller c;

static void begin(const char *dialogue)
{
    edge_begin(&e, &s, &c, dialogue);
}

/* Keys as `containers` lists them. */
static const struct edge_key rsa = RSA_1024, rsa_exchange = { 1, 1024, 0x81 }, p256 = EC_P256;

static char *join(const char *a, const char *b, const char *d)
{
    static char buf[8000];

    snprintf(buf, sizeof(buf), "%s%s%s", a, b, d);
    return buf;
}

/* Is the proof of selection strict? Anything else must lead to SELECT, never to VERIFY. */
static void test_proof_is_strict(void **state)
{
    static const char *const answers[] = {
        "9000", "7F7106970103930103", "7F7106970103930103 6A88", "7F7106970103930103AA 9000",
        "7F7206970103930103 9000", "7F7103970103 9000", "7F7106930103930103 9000",
        "7F7107970103930103 9000", "7F7105970103930103 9000", "7F71079702000393 0103 9000",
        "7F718106970103930103 9000", "7F7109970103930103990100 9000",
        "7F7109970103970102930103 9000", "AA*250 9000", "AA*254 9000", "AA*256 9000",
        "AA*4096 9000",
        "6100", "6C00", "90", "",
    };
    uint8_t pin[] = { 0x31, 0x32, 0x33, 0x34 };
    uint32_t left;

    (void)state;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        bool good = i == 10; /* 81 06 is a length as good as 06 */

        begin(join(STATUS "< ", answers[i], "\n" SELECT FCI "> 0020008004 31323334\n" OK));
        if (good)
            begin(join(STATUS "< ", answers[i], "\n> 0020008004 31323334\n" OK));
        if (strcmp(answers[i], "6100") == 0)
            begin(STATUS "< 6100\n> 00C0000000\n< 6100\n" SELECT FCI "> 0020008004 31323334\n" OK);
        if (strcmp(answers[i], "6C00") == 0)
            begin(STATUS "< 6C00\n" STATUS "< 6C00\n" SELECT FCI "> 0020008004 31323334\n" OK);
        assert_int_equal(e.ops->verify(&e, EDGE_USER, pin, 4, &left), SCARD_S_SUCCESS);
        assert_true(script_done(&s));
    }
    begin(STATUS "< 6D00\n" SELECT "< 6A82\n"); /* the card is another one now */
    assert_int_equal(e.ops->verify(&e, EDGE_USER, pin, 4, &left), SCARD_E_UNKNOWN_CARD);
}

/* VERIFY is sent once, whatever comes back. */
static void test_verify_is_never_repeated(void **state)
{
    static const struct {
        const char *sw;
        DWORD rc;
        uint32_t left;
    } rows[] = {
        { "63C2", SCARD_W_WRONG_CHV, 2 },
        { "63C0", SCARD_W_WRONG_CHV, 0 },
        { "63CF", SCARD_W_WRONG_CHV, 15 },
        { "6983", SCARD_W_CHV_BLOCKED, 0 },
        { "6982", SCARD_W_SECURITY_VIOLATION, 0xFFFFFFFF },
        { "6D00", SCARD_E_UNSUPPORTED_FEATURE, 0xFFFFFFFF },
        { "6A82", SCARD_E_FILE_NOT_FOUND, 0xFFFFFFFF },
        { "6700", SCARD_E_INVALID_PARAMETER, 0xFFFFFFFF },
        { "6F00", SCARD_E_UNEXPECTED, 0xFFFFFFFF },
        { "AABB 9000", SCARD_E_UNEXPECTED, 0xFFFFFFFF },
        { "90", SCARD_E_UNEXPECTED, 0xFFFFFFFF },
    };
    uint8_t pin[] = { 0x31, 0x32, 0x33, 0x34 };
    uint32_t left;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin(join(PROOF "> 0020008004 31323334\n< ", rows[i].sw, "\n"));
        assert_int_equal(e.ops->verify(&e, EDGE_USER, pin, 4, &left), rows[i].rc);
        assert_int_equal(left, rows[i].left);
        assert_true(script_done(&s));
    }
}

static void test_challenges(void **state)
{
    static const char *const answers[] = {
        "9000", "7C00 9000", "7C028100 9000", "7C0A8208A1A2A3A4A5A6A7A8 9000",
        "7C0A8108A1A2A3A4A5A6A7 9000", "7C098107A1A2A3A4A5A6A7 9000",
        "7C138111 A1*17 9000", "7C0A8108A1A2A3A4A5A6A7A8AA 9000", "A1*8 9000",
        "7C0B8108A1A2A3A4A5A6A7A800 9000", "7C80 8108A1*8 0000 9000",
    };
    uint8_t challenge[16];
    size_t len;

    (void)state;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        begin(join("> 002281A403830180\n" OK "> 00870000047C02810000\n< ", answers[i], "\n"));
        s.lenient = true;
        len = sizeof(challenge);
        assert_int_not_equal(e.ops->challenge(&e, challenge, &len), SCARD_S_SUCCESS);
        assert_int_equal(len, sizeof(challenge));
    }
    begin("> 002281A403830180\n" OK "> 00870000047C02810000\n< 7C128110 A1*16 9000\n");
    len = 8; /* no room for what comes */
    assert_int_equal(e.ops->challenge(&e, challenge, &len), SCARD_E_INSUFFICIENT_BUFFER);
    begin("> 002281A403830180\n" OK "> 00870000047C02810000\n< 7C128110 A1*16 9000\n");
    len = 16;
    assert_int_equal(e.ops->challenge(&e, challenge, &len), SCARD_S_SUCCESS);
    assert_int_equal(len, 16);
}

static void test_public_keys(void **state)
{
    static const struct {
        const struct edge_key *key;
        const char *answer;
        bool good;
    } rows[] = {
        { &rsa, "7F498188818180 C1*128 8203010001 9000", true },
        { &rsa, "7F498186818180 C1*128 820103 9000", true },
        { &rsa, "7F49818A818180 C1*128 82050000010001 9000", true },
        { &p256, "7F49438641 04" EC_X EC_Y "9000", true },
        { &rsa, "9000", false },
        { &rsa, "7F4900 9000", false },
        /* leading zero */
        { &rsa, "7F49818881818000 C1*127 8203010001 9000", false },
        { &rsa, "7F49818981818100 C1*128 8203010001 9000", false },
        { &rsa, "7F49818781817F C1*127 8203010001 9000", false },   /* too short */
        { &rsa, "7F49818881818041 C1*127 8203010001 9000", false }, /* 1023 bits */
        /* even exponent */
        { &rsa, "7F498188818180 C1*128 8203010000 9000", false },
        { &rsa, "7F49818A818180 C1*128 82050100000001 9000", false },
        { &rsa, "7F498185818180 C1*128 8200 9000", false },         /* no exponent */
        { &rsa, "7F498183818180 C1*128 9000", false },
        { &rsa, "7F498188 8203010001 818180 C1*128 9000", false },  /* other order */
        /* one more */
        { &rsa, "7F49818B818180 C1*128 8203010001 830100 9000", false },
        { &p256, "7F49438641 02" EC_X EC_Y "9000", false },
        { &p256, "7F49438641 00" EC_X EC_Y "9000", false },
        { &p256, "7F49238621 03" EC_X "9000", false },
        { &p256, "7F49448642 04" EC_X EC_Y "00 9000", false },
        { &p256, "7F49028600 9000", false },
        { &p256, "7F4980 8641 04" EC_X EC_Y "0000 9000", false },
        { &p256, "7F498188818180 C1*128 8203010001 9000", false },
    };
    struct edge_public_key key;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin(join(GET_PUBLIC "< ", rows[i].answer, "\n"));
        s.lenient = true;
        memset(&key, 0xEE, sizeof(key));
        if ((e.ops->public_key(&e, rows[i].key, &key) == SCARD_S_SUCCESS) != rows[i].good)
            fail_msg("is it a public key? %s", rows[i].answer);
        assert_int_equal(c.blocks, 0);
    }
}

#define SIGN_1024 "> 002241B606800156840181\n" OK "> 002A9E9A20" SHA256_ABC "00\n< "
#define SIGN_P256 "> 002241B60680011C840181\n" OK "> 002A9E9A20" SHA256_ABC "00\n< "

static void test_signatures(void **state)
{
    static const struct {
        const struct edge_key *key;
        const char *dialogue, *answer;
        bool good;
    } rows[] = {
        { &rsa, SIGN_1024, "5A*128 9000", true },
        { &rsa, SIGN_1024, "5A*127 9000", true }, /* a zero dropped */
        { &rsa, SIGN_1024, "9000", false },
        { &rsa, SIGN_1024, "5A 9000", false },
        { &rsa, SIGN_1024, "5A*119 9000", false },
        { &rsa, SIGN_1024, "5A*129 9000", false },
        { &rsa, SIGN_1024, "5A*513 9000", false },
        { &rsa, SIGN_1024, "5A*4096 9000", false },
        { &p256, SIGN_P256, ECDSA_R ECDSA_S "9000", true },
        { &p256, SIGN_P256, "9000", false },
        { &p256, SIGN_P256, "00*64 9000", false },
        { &p256, SIGN_P256, ECDSA_R "00*32 9000", false },
        { &p256, SIGN_P256, "00*32" " " ECDSA_S "9000", false },
        { &p256, SIGN_P256, "5A*63 9000", false },
        { &p256, SIGN_P256, "5A*65 9000", false },
        { &p256, SIGN_P256, "3006020101020102 9000", true },
        { &p256, SIGN_P256, "3006020100020102 9000", false },      /* r zero */
        { &p256, SIGN_P256, "3006020181020102 9000", false },      /* r negative */
        { &p256, SIGN_P256, "300702020001020102 9000", false },    /* not minimal */
        { &p256, SIGN_P256, "30050200020102 9000", false },        /* r empty */
        { &p256, SIGN_P256, "3006020101020102 00 9000", false },   /* something after it */
        { &p256, SIGN_P256, "3009020101020102020103 9000", false }, /* three numbers */
        { &p256, SIGN_P256, "3003020101 9000", false },
        { &p256, SIGN_P256, "3046 0221 01 5A*32 0221 01 5A*32 9000", false }, /* too long */
        { &p256, SIGN_P256, "3080020101020102 0000 9000", false },
        { &p256, SIGN_P256, "3084FFFFFFFF0201010201 9000", false },
    };
    uint8_t in[32], out[600];

    (void)state;
    hex(SHA256_ABC, in, sizeof(in));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool ec = rows[i].key == &p256;
        size_t len = sizeof(out);
        DWORD rc;

        begin(join(rows[i].dialogue, rows[i].answer, "\n"));
        memset(out, 0xEE, sizeof(out));
        rc = e.ops->sign(&e, rows[i].key, ec ? EDGE_RAW : EDGE_PKCS1, in, 32, out, &len);
        if ((rc == SCARD_S_SUCCESS) != rows[i].good)
            fail_msg("%08X for %.60s", (unsigned)rc, rows[i].answer);
        assert_int_equal(len, !rows[i].good ? sizeof(out) : ec ? 64 : 128);
        assert_int_equal(out[len < sizeof(out) ? len : 0], 0xEE);
        assert_int_equal(c.blocks, 0);
    }
}

static void test_plaintexts(void **state)
{
    static const struct {
        const char *answer;
        enum edge_padding padding;
        DWORD rc;
    } rows[] = {
        { "9000", EDGE_PKCS1, SCARD_S_SUCCESS }, /* an empty message is one */
        { "AA*117 9000", EDGE_PKCS1, SCARD_S_SUCCESS },
        { "AA*118 9000", EDGE_PKCS1, SCARD_E_UNEXPECTED },
        { "AA*86 9000", EDGE_OAEP_SHA1, SCARD_S_SUCCESS },
        { "AA*87 9000", EDGE_OAEP_SHA1, SCARD_E_UNEXPECTED },
        { "AA*128 9000", EDGE_RAW, SCARD_S_SUCCESS },
        { "AA*129 9000", EDGE_RAW, SCARD_E_UNEXPECTED },
        { "9000", EDGE_RAW, SCARD_E_UNEXPECTED },
        { "6A80", EDGE_PKCS1, SCARD_F_INTERNAL_ERROR },
        { "6984", EDGE_PKCS1, SCARD_F_INTERNAL_ERROR },
        { "6982", EDGE_PKCS1, SCARD_W_SECURITY_VIOLATION },
        { "6A88", EDGE_PKCS1, SCARD_E_NO_KEY_CONTAINER },
    };
    static const char *const algorithms[] = { "06", "46", "86" };
    uint8_t in[128] = { 0x77 }, out[600];
    char dialogue[3000];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t len = sizeof(out);

        snprintf(dialogue, sizeof(dialogue),
                 "> 002241B8068001%s840181\n" OK "> 002A808680 77 00*127 00\n< %s\n" PROOF,
                 algorithms[rows[i].padding], rows[i].answer);
        begin(dialogue);
        assert_int_equal(e.ops->decrypt(&e, &rsa_exchange, rows[i].padding, in, 128, out, &len),
                         rows[i].rc);
        if (rows[i].rc != SCARD_S_SUCCESS)
            assert_int_equal(len, sizeof(out));
    }
}

/* MSE refused: what is wrong is the key's EF or the algorithm. */
static void test_mse_refused(void **state)
{
    static const struct {
        const char *sw;
        DWORD rc;
    } rows[] = {
        { "6A88", SCARD_E_NO_KEY_CONTAINER },    { "6A82", SCARD_E_NO_KEY_CONTAINER },
        { "6985", SCARD_E_NO_KEY_CONTAINER },    { "6984", SCARD_E_UNSUPPORTED_FEATURE },
        { "6A86", SCARD_E_UNSUPPORTED_FEATURE }, { "6F00", SCARD_E_UNSUPPORTED_FEATURE },
        { "6982", SCARD_W_SECURITY_VIOLATION },  { "6285", SCARD_E_UNEXPECTED },
    };
    uint8_t in[128] = { 0x77 }, out[600];
    size_t len = sizeof(out);

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin(join("> 002241B806800186840181\n< ", rows[i].sw, "\n" PROOF));
        assert_int_equal(e.ops->decrypt(&e, &rsa_exchange, EDGE_OAEP_SHA1, in, 128, out, &len),
                         rows[i].rc);
        assert_true(script_done(&s));
    }
}

/* A pair is repeated from its first half: another application took the MSE for its own. */
static void test_pair_is_repeated_whole(void **state)
{
    uint8_t in[32], out[600];
    size_t len = sizeof(out);

    (void)state;
    hex(SHA256_ABC, in, sizeof(in));
    begin("> 002241B60680011C840181\n" OK "> 002A9E9A20" SHA256_ABC "00\n< 6985\n" STATUS
          "< 6A88\n" SELECT FCI SIGN_P256 ECDSA_R ECDSA_S "9000\n");
    assert_int_equal(e.ops->sign(&e, &p256, EDGE_RAW, in, 32, out, &len), SCARD_S_SUCCESS);
    assert_true(script_done(&s));
}

/* GET DATA of another application: it answers 9000, but something else. */
static void test_read_answers_something_else(void **state)
{
    static const char *const answers[] = { "9000", "DF2506 000102030405 9000", "53021122 9000",
                                           "DF2203010203FF 9000", "DF2280 0102 0000 9000",
                                           "DF228400000001 01 9000", "DF22 9000", "DF2205AA 9000" };
    struct edge_file f = { "", "cardcf", 1, false, 0xA010DF22 };
    uint8_t *data;
    size_t len;

    (void)state;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        data = NULL;
        begin(join("> 00CBA010045C02DF2200\n< ", answers[i],
                   "\n" STATUS "< 9000\n" SELECT FCI
                   "> 00CBA010045C02DF2200\n< DF2206 000102030405 9000\n"));
        assert_int_equal(e.ops->read(&e, &f, &data, &len), SCARD_S_SUCCESS);
        assert_int_equal(len, 6);
        free(data);
        begin(join("> 00CBA010045C02DF2200\n< ", answers[i], "\n" PROOF));
        data = NULL; /* ours said it: then it is broken */
        assert_int_equal(e.ops->read(&e, &f, &data, &len), SCARD_E_UNEXPECTED);
        assert_null(data);
        assert_int_equal(c.blocks, 0);
    }
}

/* Tables of every length, each byte value: the readers keep to the bytes there are. */
static void test_tables_of_any_length(void **state)
{
    static const uint8_t fills[] = { 0x00, 0x01, 0x41, 0x9A, 0xDF, 0xFF };
    static const struct edge_file file = { "AAAAAAAA", "AAAAAAAA", 1, true, 0xA010DF41 };
    char dialogue[300];
    uint8_t map[3000];
    struct edge_container list[30];
    struct edge_file *files;
    size_t count;

    (void)state;
    for (size_t len = 0; len < 2600; len += len < 130 ? 1 : 97)
        for (size_t i = 0; i < sizeof(fills); i++) {
            begin("");
            s.lenient = true;
            memset(map, fills[i], sizeof(map));
            map[0] = 1;
            e.services.cache_add(&c, "gids.keymap", map, len);
            e.services.cache_add(&c, "gids.masterfile", map, len);
            e.services.cache_add(&c, "gids.adminfile", map, len);
            (void)e.ops->containers(&e, list);
            files = NULL;
            if (e.ops->table(&e, &files, &count) == SCARD_S_SUCCESS && files != NULL)
                e.services.free(&c, files);
            assert_int_equal(c.blocks, 0);
            if (len < 2)
                continue;
            (void)snprintf(dialogue, sizeof(dialogue),
                           "> 00CBA000000004 5C02DF20 1000\n< DF2082%04zX 01 %02X*%zu 9000\n"
                           "> 00CBA000000004 5C02DF1F 1000\n< DF1F82%04zX 01 %02X*%zu 9000\n",
                           len, fills[i], len - 1, len, fills[i], len - 1);
            begin(dialogue); /* who rewrites them has them from the card */
            e.card.extended = e.link_known = e.link_extends = true;
            s.lenient = true;
            (void)e.ops->erase(&e, (unsigned)(len % 30));
            assert_true(s.played > 0);
            s.at = strstr(dialogue, "> 00CBA000000004 5C02DF1F");
            (void)e.ops->remove(&e, &file);
            assert_int_equal(c.blocks, 0);
        }
}

/* Only what the card says is believed about who is authenticated. */
static void test_roles_lies(void **state)
{
    uint8_t set;

    (void)state;
    /* another application calls both unknown: no role of ours */
    begin("> 00CBA013045C02DF1E00\n< 6A88\n> 00CBA014045C02DF1E00\n< 6A88\n" STATUS "< 6A88\n"
          SELECT FCI);
    assert_int_equal(e.ops->roles(&e, &set), SCARD_S_SUCCESS);
    assert_int_equal(set, 0);
    /* no EF A013: the PIN is asked */
    begin("> 00CBA013045C02DF1E00\n< 6A82\n" PROOF "> 00200080\n< 9000\n");
    assert_int_equal(e.ops->roles(&e, &set), SCARD_S_SUCCESS);
    assert_int_equal(set, 1u << EDGE_USER);
    begin("> 00CBA013045C02DF1E00\n< 6A82\n" PROOF "> 00200080\n< 6983\n");
    assert_int_equal(e.ops->roles(&e, &set), SCARD_S_SUCCESS);
    assert_int_equal(set, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_proof_is_strict),
        cmocka_unit_test(test_verify_is_never_repeated),
        cmocka_unit_test(test_challenges),
        cmocka_unit_test(test_public_keys),
        cmocka_unit_test(test_signatures),
        cmocka_unit_test(test_plaintexts),
        cmocka_unit_test(test_mse_refused),
        cmocka_unit_test(test_pair_is_repeated_whole),
        cmocka_unit_test(test_read_answers_something_else),
        cmocka_unit_test(test_tables_of_any_length),
        cmocka_unit_test(test_roles_lies),
    };

    return cmocka_run_group_tests_name("gids_attacks", tests, NULL, NULL);
}
