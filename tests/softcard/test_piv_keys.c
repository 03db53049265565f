/* SPDX-License-Identifier: MIT */
/* Key pairs of PIV: how they come, what they may, what they answer, and who may use them. */
#include "tests/softcard/bench.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <string.h>

#include "iso7816/tlv.h"

static struct bench b;

#define IS(sw, ...) assert_int_equal(bench_hex(&b, __VA_ARGS__), sw)
#define VERIFY      "0020008008 313233343536FFFF"
#define ABC         "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD" /* SHA-256 */
#define D1_20       "0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20"
#define D21_40      "2122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F40"
#define SIGN(alg, ref) "0087" alg ref "26 7C24 8200 8120 " ABC " 00"

static void card(void)
{
    bench_piv(&b, NULL);
    assert_int_equal(bench_piv_admin(&b), 0x9000);
}

/* The public key that GENERATE or metadata told: n bytes in front of the template's content. */
static EVP_PKEY *point_of(size_t at)
{
    OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    OSSL_PARAM *params;
    EVP_PKEY *key = NULL;

    assert_int_equal(b.out[at], 0x86);
    OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME,
                                    b.out[at + 1] == 65 ? "P-256" : "P-384", 0);
    OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, b.out + at + 2, b.out[at + 1]);
    params = OSSL_PARAM_BLD_to_param(bld);
    EVP_PKEY_fromdata_init(ctx);
    assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(bld);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

/* Is 7C{82 ..} in the last answer a signature of the hash? */
static bool signed_by(EVP_PKEY *key, const char *hash_hex)
{
    uint8_t hash[64];
    size_t hash_len = bench_unhex(hash_hex, hash, sizeof(hash));
    struct rd answer = rd_init(b.out, b.len), tpl = tlv_enter(&answer, 0x7C);
    struct rd sig = tlv_enter(&tpl, 0x82);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    bool ok;

    assert_true(rd_done(&answer) && rd_done(&tpl));
    assert_int_equal(EVP_PKEY_verify_init(ctx), 1);
    if (EVP_PKEY_is_a(key, "RSA")) {
        EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING);
        EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256());
    }
    ok = EVP_PKEY_verify(ctx, sig.at, rd_left(&sig), hash, hash_len) == 1;
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

/* ---- GENERATE -------------------------------------------------------------------------------- */

static void generate_refuses(void **state)
{
    static const char *const bad[] = {
        "", "02 AC00", "05 AC03800103", "05 AC038001E0", "05 AC03800155", "06 AC0480020711",
        "08 AC06800111AA0104", "08 AC06800111AA0200", "08 AC06800111AB0104", "08 AC06800111AC0101",
        "0A AC08800107810301 0003", "05 AC04800111", "05 AD03800111", "06 AC0380011100",
    };

    (void)state;
    card();
    IS(0x6A86, "0047019A05 AC03800111 00");
    IS(0x6A86, "0047009B05 AC03800111 00");
    IS(0x6A86, "0047000405 AC03800111 00");
    IS(0x6A86, "0047009605 AC03800111 00");
    IS(0x6A86, "0047008105 AC03800111 00");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (bench_hex(&b, "0047009A%s 00", bad[i]) != 0x6A80)
            fail_msg("%s: %04X", bad[i], b.sw);
    IS(0x6A88, "00F7009A");
    bench_reset(&b);
    IS(0x9000, VERIFY);
    IS(0x6982, "0047009A05 AC03800111 00");
    bench_free(&b);
}

static void generate(void **state)
{
    EVP_PKEY *key;

    (void)state;
    card();
    for (size_t i = 0; i < 2; i++) {
        const uint8_t control[] = { 0xAC, 3, 0x80, 1, i == 0 ? 0x06 : 0x07 };

        assert_int_equal(bench_run(&b, false, 0x47, 0x0095, control, sizeof(control)), 0x9000);
        assert_memory_equal(b.out, "\x7F\x49", 2);
        assert_int_equal(b.len, i == 0 ? 140 : 270);
        assert_memory_equal(b.out + b.len - 5, "\x82\x03\x01\x00\x01", 5);
    }
    IS(0x9000, "0047009D08 AC06800114AA0101 00");
    assert_memory_equal(b.out, "\x7F\x49\x63\x86\x61\x04", 6);
    IS(0x9000, "0047009C0A AC0880011181030100 01 00");
    assert_memory_equal(b.out, "\x7F\x49\x43\x86\x41\x04", 6);
    key = point_of(3);
    IS(0x9000, VERIFY);
    IS(0x9000, SIGN("11", "9C"));
    assert_true(signed_by(key, ABC));
    EVP_PKEY_free(key);
    IS(0x9000, "00F7009C");
    assert_memory_equal(b.out, "\x01\x01\x11\x02\x02\x03\x01\x03\x01\x01\x04\x43\x86\x41\x04", 15);
    IS(0x9000, "00F7009D");
    assert_memory_equal(b.out, "\x01\x01\x14\x02\x02\x01\x01\x03\x01\x01\x04\x63\x86\x61\x04", 15);
    bench_free(&b);
}

/* ---- IMPORT, and what such a key answers ------------------------------------------------------ */

static void import_refuses(void **state)
{
    static const char *const bad[] = {
        "00", "02 0600", "23 0621" D1_20 "00", "21 0620" D1_20, "24 0620" D1_20 "0600",
        "26 0620" D1_20 "06020102", "25 0620" D1_20 "AA0104", "26 0620" D1_20 "01020304",
        "25 0620" D1_20 "070101", "05 0101020102", "25 0620" D1_20 "010103",
        "22 0620 0000000000000000000000000000000000000000000000000000000000000000",
        "22 0620 FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", /* the order */
    };

    (void)state;
    card();
    IS(0x6A86, "00FE119B22 0620 " D1_20);
    IS(0x6A86, "00FE119622 0620 " D1_20);
    IS(0x6A86, "00FE039D22 0620 " D1_20);
    IS(0x6A86, "00FEE09D22 0720 " D1_20);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (bench_hex(&b, "00FE119D%s", bad[i]) != 0x6A80)
            fail_msg("%s: %04X", bad[i], b.sw);
    IS(0x6A80, "00FE079D22 0620 " D1_20);
    IS(0x6A80, "00FE069D0F 010103 020105 030101 040101 050102"); /* far too small */
    IS(0x6A80, "00FE069D0F 010101 020105 030101 040101 050102");
    IS(0x6A80, "00FE069D0F 010100 020100 030100 040100 050100");
    IS(0x6A88, "00F7009D");
    bench_reset(&b);
    IS(0x6982, "00FE119D22 0620 " D1_20);
    bench_free(&b);
}

static void ec_vectors(void **state)
{
    EVP_PKEY *key;

    (void)state;
    card();
    IS(0x9000, "00FE119D22 0620 " D1_20);
    IS(0x9000, "00F7009D");
    bench_answer_is(&b, "010111 02020201 030102 0443 8641 04"
                        "515C3D6EB9E396B904D3FECA7F54FDCD0CC1E997BF375DCA515AD0A6C3B4035F"
                        "4536BE3A50F318FBF9A5475902A221502BEF0D57E08C53B2CC0A56F17D9F9354");
    key = point_of(12);
    IS(0x9000, VERIFY);
    IS(0x9000, SIGN("11", "9D"));
    assert_true(signed_by(key, ABC));
    IS(0x9000, "0087119D1A 7C18 8200 8114 A9993E364706816ABA3E25717850C26C9CD0D89D 00");
    assert_true(signed_by(key, "A9993E364706816ABA3E25717850C26C9CD0D89D"));
    EVP_PKEY_free(key);
    IS(0x9000, "0087119D47 7C45 8200 8541 04"
               "1F140146BFB1B251F84F4DDBE0D4CDCFD77AFD984A9520E35794021F8312BB9E"
               "EC995A08B1FA7704DF3DCC0B50A9665263FB7711F95F9F8A449C5096E47C892B 00");
    bench_answer_is(&b, "7C22 8220 4FE243908F378AA1C2A69538822E6ED908C3225D8692575507C649901245150A");
    IS(0x9000, "00FE119A22 0620 " D21_40); /* the other side comes to the same */
    IS(0x6A80, "0087119A47 7C45 8200 8541 04" /* a key for authentication agrees on nothing */
               "515C3D6EB9E396B904D3FECA7F54FDCD0CC1E997BF375DCA515AD0A6C3B4035F"
               "4536BE3A50F318FBF9A5475902A221502BEF0D57E08C53B2CC0A56F17D9F9354 00");
    IS(0x9000, "00FE118222 0620 " D21_40);
    IS(0x9000, "0087118247 7C45 8541 04"
               "515C3D6EB9E396B904D3FECA7F54FDCD0CC1E997BF375DCA515AD0A6C3B4035F"
               "4536BE3A50F318FBF9A5475902A221502BEF0D57E08C53B2CC0A56F17D9F9354 8200 00");
    bench_answer_is(&b, "7C22 8220 4FE243908F378AA1C2A69538822E6ED908C3225D8692575507C649901245150A");
    bench_free(&b);
}

/* d of one byte, as some programs shorten it; P-384. */
static void short_scalars(void **state)
{
    (void)state;
    card();
    IS(0x9000, "00FE149E03 060101");
    IS(0x9000, "00F7009E"); /* the generator itself */
    bench_answer_is(&b, "010114 02020101 030102 0463 8661 04"
                        "AA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A38"
                        "5502F25DBF55296C3A545E3872760AB7"
                        "3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C0"
                        "0A60B1CE1D7E819D7A431D7C90EA0E5F");
    bench_free(&b);
}

static size_t put_number(struct wr *w, uint8_t tag, EVP_PKEY *key, const char *name, size_t len)
{
    uint8_t buf[256];
    BIGNUM *n = NULL;

    assert_int_equal(EVP_PKEY_get_bn_param(key, name, &n), 1);
    assert_int_equal(BN_bn2binpad(n, buf, (int)len), len);
    BN_clear_free(n);
    tlv_put(w, tag, buf, len);
    return len;
}

static uint16_t import_rsa(uint8_t alg, uint8_t ref, EVP_PKEY *key, bool extended, int spoil)
{
    static uint8_t data[1400];
    struct wr w = wr_init(data, sizeof(data));
    size_t half = (size_t)EVP_PKEY_get_bits(key) / 16;

    put_number(&w, 1, key, OSSL_PKEY_PARAM_RSA_FACTOR1, half);
    put_number(&w, 2, key, OSSL_PKEY_PARAM_RSA_FACTOR2, half);
    put_number(&w, 3, key, OSSL_PKEY_PARAM_RSA_EXPONENT1, half);
    put_number(&w, 4, key, OSSL_PKEY_PARAM_RSA_EXPONENT2, half);
    put_number(&w, 5, key, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, half);
    assert_false(w.bad);
    if (spoil != 0)
        data[(size_t)spoil * (wr_len(&w) / 5) - 3] ^= 2;
    return bench_run(&b, extended, 0xFE, (uint16_t)(alg << 8 | ref), data, wr_len(&w));
}

/* 7C{82 00, 81 k EM}, PKCS#1 of SHA-256("abc") */
static uint16_t sign_rsa(uint8_t alg, uint8_t ref, size_t k, bool extended)
{
    uint8_t data[600], em[512], info[51];
    struct wr w = wr_init(data, sizeof(data));
    size_t tpl, n = bench_unhex("3031300D060960864801650304020105000420" ABC, info, sizeof(info));

    memset(em, 0xFF, k);
    em[0] = 0;
    em[1] = 1;
    em[k - n - 1] = 0;
    memcpy(em + k - n, info, n);
    tpl = tlv_open(&w, 0x7C);
    tlv_put(&w, 0x82, NULL, 0);
    tlv_put(&w, 0x81, em, k);
    tlv_close(&w, 0x7C, tpl);
    return bench_run(&b, extended, 0x87, (uint16_t)(alg << 8 | ref), data, wr_len(&w));
}

static void rsa_keys(void **state)
{
    static const struct {
        const char *name;
        uint8_t alg;
        size_t k, answer;
    } kinds[] = { { "rsa1024", 0x06, 128, 134 }, { "rsa2048", 0x07, 256, 264 },
                  { "rsa3072", 0x05, 384, 392 }, { "rsa4096", 0x16, 512, 520 } };

    (void)state;
    card();
    IS(0x9000, VERIFY);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        EVP_PKEY *key = bench_pem(kinds[i].name);

        for (int spoil = 1; spoil <= 5 && i < 2; spoil++)
            assert_int_equal(import_rsa(kinds[i].alg, 0x9A, key, false, spoil), 0x6A80);
        assert_int_equal(import_rsa(kinds[(i + 1) % 4].alg, 0x9A, key, false, 0), 0x6A80);
        for (int extended = 0; extended <= 1; extended++) {
            assert_int_equal(import_rsa(kinds[i].alg, 0x9A, key, extended, 0), 0x9000);
            assert_int_equal(sign_rsa(kinds[i].alg, 0x9A, kinds[i].k, extended), 0x9000);
            assert_int_equal(b.len, kinds[i].answer);
            assert_true(signed_by(key, ABC));
        }
        assert_int_equal(sign_rsa(kinds[i].alg, 0x9A, kinds[i].k - 1, false), 0x6A80);
        EVP_PKEY_free(key);
    }
    bench_free(&b);
}

/* ---- GENERAL AUTHENTICATE -------------------------------------------------------------------- */

static void use_refuses(void **state)
{
    static const char *const bad[] = {
        "", "02 7C00", "04 7C028200", "24 7C22 8120 " ABC, "04 7C028100", "06 7C0482008100",
        "2A 7C28 8200 8120 " ABC " 85028100", "28 7C26 8200 8120 " ABC " 8200",
        "28 7C26 8200 8120 " ABC " 8000", "26 7D24 8200 8120 " ABC, "26 7C23 8200 8120 " ABC,
        "27 7C25 8200 8121 00" ABC, "27 7C25 820100 8120 " ABC, "06 7C0482008500",
        "08 7C068200 85020401",
    };

    (void)state;
    card();
    IS(0x6A86, "0087119D26 7C24 8200 8120 " ABC " 00"); /* empty */
    IS(0x9000, "00FE119D22 0620 " D1_20);
    IS(0x6982, "0087119D00");
    IS(0x6982, SIGN("11", "9D"));
    IS(0x9000, VERIFY);
    IS(0x6A86, SIGN("14", "9D"));
    IS(0x6A86, SIGN("07", "9D"));
    IS(0x6A86, SIGN("00", "9D"));
    IS(0x6A86, SIGN("11", "9A"));
    IS(0x6A86, SIGN("11", "96"));
    IS(0x6A86, SIGN("11", "80"));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (bench_hex(&b, "0087119D%s 00", bad[i]) != 0x6A80)
            fail_msg("%s: %04X", bad[i], b.sw);
    IS(0x6A80, "0087119D47 7C45 8200 8541 04" /* not on the curve */
               "1F140146BFB1B251F84F4DDBE0D4CDCFD77AFD984A9520E35794021F8312BB9E"
               "EC995A08B1FA7704DF3DCC0B50A9665263FB7711F95F9F8A449C5096E47C892C 00");
    IS(0x9000, SIGN("11", "9D"));
    bench_free(&b);
}

/* 9C: the VERIFY is the command right before, and good for one signature. */
static void pin_always(void **state)
{
    static const char *const between[] = {
        "00200080", "00CB3FFF05 5C035FC10200", "00F7009C", "00C0000000", "00F80000", BENCH_SELECT_PIV,
        "0087039B04 7C028100 00", "0087119D00", "10DB3FFF01 5C", "00AB0000", "0024008000",
        "0087119600", "00870C9B04 7C028100 00", "1087119D01 7C", "8020008000", "0CCB3FFF00", "00",
    };

    (void)state;
    card();
    IS(0x9000, "00FE119C22 0620 " D1_20);
    IS(0x9000, "00FE119D22 0620 " D21_40);
    IS(0x6982, SIGN("11", "9C"));
    for (size_t i = 0; i < sizeof(between) / sizeof(between[0]); i++) {
        IS(0x9000, VERIFY);
        (void)bench_hex(&b, "%s", between[i]);
        if (bench_hex(&b, SIGN("11", "9C")) != 0x6982)
            fail_msg("%s: %04X", between[i], b.sw);
    }
    IS(0x9000, VERIFY);
    IS(0x9000, SIGN("11", "9C"));
    IS(0x6982, SIGN("11", "9C"));
    IS(0x9000, SIGN("11", "9D")); /* what wants the PIN once has had it */
    IS(0x9000, "0024008010 313233343536FFFF 313233343536FFFF");
    IS(0x6982, SIGN("11", "9C")); /* CHANGE is no VERIFY */
    IS(0x9000, VERIFY);
    IS(0x6A80, "0087119C04 7C028200"); /* a use that fails is one */
    IS(0x6982, SIGN("11", "9C"));
    IS(0x9000, VERIFY);
    IS(0x63C2, "0020008008 393939393939FFFF");
    IS(0x6982, SIGN("11", "9C"));
    IS(0x9000, VERIFY);
    IS(0x9000, "1087119C10 7C24 8200 8120 BA7816BF8F01CFEA4141"); /* a chain is one command */
    IS(0x9000, "0087119C16 40DE5DAE2223B00361A396177A9CB410FF61F20015AD 00");
    bench_free(&b);
}

static void policies(void **state)
{
    (void)state;
    card();
    IS(0x9000, "00FE119E22 0620 " D1_20);
    IS(0x9000, SIGN("11", "9E")); /* never */
    IS(0x9000, "00FE119E25 0620 " D1_20 "AA0102");
    IS(0x6982, SIGN("11", "9E"));
    IS(0x9000, "00FE119C25 AA0101 0620 " D1_20);
    IS(0x9000, SIGN("11", "9C"));
    IS(0x9000, "00FE118228 AA0103 AB0103 0620 " D1_20);
    IS(0x9000, "00F70082");
    assert_memory_equal(b.out + 3, "\x02\x02\x03\x03", 4);
    IS(0x9000, VERIFY);
    IS(0x9000, SIGN("11", "9E"));
    IS(0x6982, SIGN("11", "82"));
    IS(0x9000, VERIFY);
    IS(0x9000, SIGN("11", "82"));
    bench_free(&b);
}

/* ---- metadata, MOVE -------------------------------------------------------------------------- */

static void metadata_refuses(void **state)
{
    (void)state;
    card();
    IS(0x6A86, "00F7019A");
    IS(0x6700, "00F7009A 01 00");
    IS(0x6A88, "00F7009A");
    IS(0x6A88, "00F70096");
    IS(0x6A88, "00F700F9");
    IS(0x9000, "00F70080");
    bench_answer_is(&b, "0101FF 050101 06020303");
    IS(0x9000, "00F70081");
    bench_answer_is(&b, "0101FF 050101 06020303");
    IS(0x9000, "0024008010 313233343536FFFF 363534333231FFFF");
    IS(0x63C2, "0020008008 313233343536FFFF");
    IS(0x9000, "00F70080");
    bench_answer_is(&b, "0101FF 050100 06020302");
    IS(0x9000, "00F7009B");
    bench_answer_is(&b, "010103 02020001 050101");
    bench_free(&b);
}

static void move(void **state)
{
    (void)state;
    card();
    IS(0x9000, "00FE119C22 0620 " D1_20);
    IS(0x9000, "00FE119D22 0620 " D21_40);
    IS(0x6A86, "00F6829B");
    IS(0x6A86, "00F69B9C");
    IS(0x6A86, "00F6969C");
    IS(0x6700, "00F6829C 01 00");
    IS(0x6A88, "00F6829A");
    IS(0x6A88, "00F6FF9A");
    IS(0x6985, "00F69D9C"); /* occupied */
    IS(0x6985, "00F69C9C");
    IS(0x9000, "00F6829C");
    IS(0x6A88, "00F7009C");
    IS(0x9000, "00F70082"); /* its policy goes with it */
    assert_memory_equal(b.out + 3, "\x02\x02\x03\x01", 4);
    IS(0x9000, VERIFY);
    IS(0x9000, SIGN("11", "82"));
    IS(0x9000, "00F6FF82");
    IS(0x6A88, "00F70082");
    IS(0x6A86, SIGN("11", "82"));
    bench_reset(&b);
    IS(0x6982, "00F6FF9D");
    IS(0x9000, "00F7009D");
    bench_free(&b);
}

/* Every slot there is. */
static void all_slots(void **state)
{
    static const uint8_t refs[] = { 0x9A, 0x9C, 0x9D, 0x9E };

    (void)state;
    card();
    for (unsigned i = 0; i < 24; i++) {
        unsigned ref = i < 4 ? refs[i] : 0x82 + i - 4;

        IS(0x9000, "00FE11%02X22 0620 %02X" "02030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20",
           ref, i + 1);
    }
    for (unsigned i = 0; i < 24; i++) {
        IS(0x9000, "00F700%02X", i < 4 ? refs[i] : 0x82 + i - 4);
        IS(0x9000, VERIFY);
        IS(0x9000, "008711%02X26 7C24 8200 8120 " ABC " 00", i < 4 ? refs[i] : 0x82 + i - 4);
    }
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(generate_refuses), cmocka_unit_test(generate),
        cmocka_unit_test(import_refuses),   cmocka_unit_test(ec_vectors),
        cmocka_unit_test(short_scalars),    cmocka_unit_test(rsa_keys),
        cmocka_unit_test(use_refuses),      cmocka_unit_test(pin_always),
        cmocka_unit_test(policies),         cmocka_unit_test(metadata_refuses),
        cmocka_unit_test(move),             cmocka_unit_test(all_slots),
    };

    return cmocka_run_group_tests_name("piv_keys", tests, NULL, NULL);
}
