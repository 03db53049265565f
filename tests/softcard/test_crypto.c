/* SPDX-License-Identifier: MIT */
/* The card's keys at work, held against OpenSSL's own. */
#include "tests/softcard/bench.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <string.h>

static struct bench b;

#define IS(sw, ...) assert_int_equal(bench_hex(&b, __VA_ARGS__), sw)
#define KK 0x81
#define SIGN 0x9E9A
#define DECIPHER 0x8086

/* DigestInfo of a SHA-256 hash 00 .. 1F. */
static const uint8_t digest_info[51] = {
    0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20, 0,    1,    2,    3,    4,    5,    6,    7,    8,    9,    10,   11,   12,
    13,   14,   15,   16,   17,   18,   19,   20,   21,   22,   23,   24,   25,   26,   27,   28,
    29,   30,   31,
};
static const uint8_t message[] = "hello world";

static uint16_t mse(unsigned crt, unsigned alg)
{
    return bench_hex(&b, "002241%02X 06 8001%02X 8401%02X", crt, alg, KK);
}

/* ---- RSA ------------------------------------------------------------------------------------- */

static size_t encrypt(EVP_PKEY *key, int padding, const uint8_t *in, size_t len, uint8_t *out)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    size_t out_len = 512;

    assert_int_equal(EVP_PKEY_encrypt_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, padding), 1);
    assert_int_equal(EVP_PKEY_encrypt(ctx, out, &out_len, in, len), 1);
    EVP_PKEY_CTX_free(ctx);
    return out_len;
}

static void pkcs1_signatures(EVP_PKEY *pub, unsigned alg, size_t k, bool extended)
{
    static const uint8_t filler[512] = { 1 };
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pub, NULL);
    uint8_t first[512];

    assert_int_equal(mse(0xB6, 0x50 | alg), 0x9000);
    assert_int_equal(bench_run(&b, extended, 0x2A, SIGN, digest_info, sizeof(digest_info)), 0x9000);
    assert_int_equal(b.len, k);
    assert_int_equal(EVP_PKEY_verify_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING), 1);
    assert_int_equal(EVP_PKEY_verify(ctx, b.out, k, digest_info, sizeof(digest_info)), 1);
    EVP_PKEY_CTX_free(ctx);
    memcpy(first, b.out, k);
    assert_int_equal(bench_run(&b, !extended, 0x2A, SIGN, digest_info, sizeof(digest_info)),
                     0x9000);
    assert_memory_equal(b.out, first, k); /* however it comes */
    assert_int_equal(bench_run(&b, extended, 0x2A, SIGN, filler, k - 11), 0x9000);
    assert_int_equal(bench_run(&b, extended, 0x2A, SIGN, filler, k - 10), 0x6700);
    assert_int_equal(bench_run(&b, extended, 0x2A, SIGN, filler, 0), 0x6700);
}

/* Raw, through both templates: what the public key turns back into the input. */
static void raw_numbers(EVP_PKEY *pub, unsigned alg, size_t k, bool extended)
{
    uint8_t in[513] = { 0x00, 0x01, 0xFF, 0x55 }, back[512];

    memset(in + 4, 0xA5, sizeof(in) - 4);
    for (int sign = 0; sign < 2; sign++) {
        uint16_t op = sign ? SIGN : DECIPHER;

        assert_int_equal(mse(sign ? 0xB6 : 0xB8, (sign ? 0x10 : 0x00) | alg), 0x9000);
        assert_int_equal(bench_run(&b, extended, 0x2A, op, in, k), 0x9000);
        assert_int_equal(b.len, k);
        assert_int_equal(encrypt(pub, RSA_NO_PADDING, b.out, k, back), k);
        assert_memory_equal(back, in, k);
        assert_int_equal(bench_run(&b, extended, 0x2A, op, in, k - 1), 0x6700);
        assert_int_equal(bench_run(&b, extended, 0x2A, op, in, k + 1), 0x6700);
        memset(back, 0xFF, k); /* not below the modulus */
        assert_int_equal(bench_run(&b, extended, 0x2A, op, back, k), 0x6A80);
    }
    memset(in, 0, k); /* a result of many leading zeros keeps its length */
    in[k - 1] = 1;
    assert_int_equal(bench_run(&b, extended, 0x2A, SIGN, in, k), 0x9000);
    assert_int_equal(b.len, k);
    assert_memory_equal(b.out, in, k);
}

static void ciphertexts(EVP_PKEY *pub, unsigned alg, size_t k, bool extended)
{
    static const struct { unsigned use; int padding; } kinds[] = {
        { 0x40, RSA_PKCS1_PADDING }, { 0x80, RSA_PKCS1_OAEP_PADDING },
    };
    uint8_t in[513] = { 0 }, block[512];

    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(mse(0xB8, kinds[i].use | alg), 0x9000);
        assert_int_equal(encrypt(pub, kinds[i].padding, message, sizeof(message), in), k);
        assert_int_equal(bench_run(&b, extended, 0x2A, DECIPHER, in, k), 0x9000);
        assert_int_equal(b.len, sizeof(message));
        assert_memory_equal(b.out, message, sizeof(message));
        assert_int_equal(bench_run(&b, !extended, 0x2A, DECIPHER, in, k), 0x9000);
        assert_memory_equal(b.out, message, sizeof(message));
        assert_int_equal(bench_run(&b, extended, 0x2A, DECIPHER, in, k + 1), 0x6700);
        assert_int_equal(bench_run(&b, extended, 0x2A, DECIPHER, in, k - 1), 0x6700);
        memset(block, 0x5A, k); /* no padding inside */
        block[0] = 0;
        assert_int_equal(encrypt(pub, RSA_NO_PADDING, block, k, in), k);
        for (int again = 0; again < 3; again++)
            assert_int_equal(bench_run(&b, extended, 0x2A, DECIPHER, in, k), 0x6A80);
        assert_int_equal(b.len, 0);
    }
}

static void rsa_uses(unsigned alg, size_t k)
{
    EVP_PKEY *pub = bench_public(&b, KK);

    assert_non_null(pub);
    assert_int_equal(EVP_PKEY_get_bits(pub), 8 * k);
    for (int extended = 0; extended < 2; extended++) {
        pkcs1_signatures(pub, alg, k, extended);
        raw_numbers(pub, alg, k, extended);
        ciphertexts(pub, alg, k, extended);
    }
    EVP_PKEY_free(pub);
}

static void imported_rsa(void **state)
{
    static const unsigned bits[] = { 1024, 2048, 3072, 4096 };
    char name[16];

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        EVP_PKEY *key, *pub;

        (void)snprintf(name, sizeof(name), "rsa%u", bits[i]);
        key = bench_pem(name);
        bench_card(&b, NULL, 0);
        assert_int_equal(bench_login(&b), 0x9000);
        bench_key_file(&b, KK, (uint8_t)(6 + i));
        assert_int_equal(bench_import(&b, KK, key, i % 2 == 0), 0x9000);
        pub = bench_public(&b, KK);
        assert_int_equal(EVP_PKEY_eq(pub, key), 1);
        assert_int_equal(bench_import(&b, KK, key, i % 2 == 1), 0x9000); /* again, over it */
        bench_reopen(&b);
        rsa_uses(6 + i, bits[i] / 8);
        EVP_PKEY_free(pub);
        EVP_PKEY_free(key);
        bench_free(&b);
    }
}

static void generated_rsa(void **state)
{
    (void)state;
    for (unsigned alg = 6; alg <= 7; alg++) {
        EVP_PKEY *one, *two;

        bench_card(&b, NULL, 0);
        assert_int_equal(bench_login(&b), 0x9000);
        bench_key_file(&b, KK, (uint8_t)alg);
        IS(alg == 6 ? 0x9000 : 0x610E, "00470000 08 AC068001%02X8301%02X 00", alg, KK);
        assert_int_equal(b.len, alg == 6 ? 140 : 256);
        one = bench_public(&b, KK);
        rsa_uses(alg, alg == 6 ? 128 : 256);
        IS(alg == 6 ? 0x618C : 0x6100, "00470000 08 AC068001%02X8401%02X", alg, KK);
        two = bench_public(&b, KK);
        assert_int_equal(EVP_PKEY_eq(one, two), 0); /* a new one each time */
        EVP_PKEY_free(one);
        EVP_PKEY_free(two);
        bench_free(&b);
    }
}

/* ---- elliptic curves ------------------------------------------------------------------------- */

static const struct curve {
    unsigned alg;
    const char *name;
    size_t field;
} curves[] = { { 0xC, "P-256", 32 }, { 0xD, "P-384", 48 }, { 0xE, "P-521", 66 } };

/* r || s as the DER that OpenSSL verifies. */
static bool verifies(EVP_PKEY *pub, const uint8_t *rs, size_t field, const uint8_t *hash,
                     size_t len)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pub, NULL);
    ECDSA_SIG *sig = ECDSA_SIG_new();
    unsigned char *der = NULL;
    int der_len;
    bool ok;

    ECDSA_SIG_set0(sig, BN_bin2bn(rs, (int)field, NULL), BN_bin2bn(rs + field, (int)field, NULL));
    der_len = i2d_ECDSA_SIG(sig, &der);
    ok = der_len > 0 && EVP_PKEY_verify_init(ctx) == 1 &&
         EVP_PKEY_verify(ctx, der, (size_t)der_len, hash, len) == 1;
    OPENSSL_free(der);
    ECDSA_SIG_free(sig);
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

static void ec_signatures(EVP_PKEY *pub, const struct curve *c)
{
    static const size_t lengths[] = { 1, 20, 28, 32, 48, 64, 66 };
    uint8_t hash[67];

    memset(hash, 0x9C, sizeof(hash));
    assert_int_equal(mse(0xB6, 0x10 | c->alg), 0x9000);
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        hash[0] = (uint8_t)i;
        assert_int_equal(bench_run(&b, i % 2, 0x2A, SIGN, hash, lengths[i]), 0x9000);
        assert_int_equal(b.len, 2 * c->field);
        assert_true(verifies(pub, b.out, c->field, hash, lengths[i]));
        hash[0] ^= 1;
        assert_false(verifies(pub, b.out, c->field, hash, lengths[i]));
    }
    assert_int_equal(bench_run(&b, false, 0x2A, SIGN, hash, 67), 0x6700);
    assert_int_equal(bench_run(&b, false, 0x2A, SIGN, hash, 0), 0x6700);
}

/* A6 {7F49 {86 point}}; returns its length. */
static size_t agreement(const uint8_t *point, size_t len, uint8_t *out)
{
    size_t n = 0, l = len > 127 ? 3 : 2, pub = l + len, m = pub > 127 ? 4 : 3, tpl = m + pub;

    out[n++] = 0xA6;
    if (tpl > 127)
        out[n++] = 0x81;
    out[n++] = (uint8_t)tpl;
    out[n++] = 0x7F;
    out[n++] = 0x49;
    if (pub > 127)
        out[n++] = 0x81;
    out[n++] = (uint8_t)pub;
    out[n++] = 0x86;
    if (len > 127)
        out[n++] = 0x81;
    out[n++] = (uint8_t)len;
    memcpy(out + n, point, len);
    return n + len;
}

static uint16_t derive(const uint8_t *point, size_t len)
{
    uint8_t cmd[200];

    return bench_run(&b, false, 0x2A, DECIPHER, cmd, agreement(point, len, cmd));
}

static size_t point_of(EVP_PKEY *key, uint8_t *out)
{
    size_t len = 0;

    assert_int_equal(EVP_PKEY_get_octet_string_param(key, "pub", out, 133, &len), 1);
    return len;
}

static void ec_agreement(EVP_PKEY *pub, const struct curve *c)
{
    EVP_PKEY *peer = EVP_EC_gen(c->name), *other = EVP_EC_gen(c->alg == 0xC ? "P-384" : "P-256");
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(peer, NULL);
    uint8_t point[133], secret[66];
    size_t len = point_of(peer, point), secret_len = sizeof(secret);

    assert_int_equal(EVP_PKEY_derive_init(ctx), 1);
    assert_int_equal(EVP_PKEY_derive_set_peer(ctx, pub), 1);
    assert_int_equal(EVP_PKEY_derive(ctx, secret, &secret_len), 1);
    EVP_PKEY_CTX_free(ctx);
    assert_int_equal(mse(0xB8, c->alg), 0x9000);
    assert_int_equal(derive(point, len), 0x9000);
    assert_int_equal(b.len, c->field);
    assert_int_equal(b.len, secret_len);
    assert_memory_equal(b.out, secret, secret_len);

    point[len - 1] ^= 1; /* off the curve */
    assert_int_equal(derive(point, len), 0x6A80);
    point[len - 1] ^= 1;
    assert_int_equal(derive(point, len - 1), 0x6A80);
    point[0] = 0x02; /* compressed */
    assert_int_equal(derive(point, 1 + c->field), 0x6A80);
    point[0] = 0x00; /* at infinity */
    assert_int_equal(derive(point, 1), 0x6A80);
    assert_int_equal(derive(point, 0), 0x6A80);
    assert_int_equal(derive(point, point_of(other, point)), 0x6A80); /* of another curve */
    memset(point, 0, sizeof(point));
    point[0] = 0x04; /* 0, 0 */
    assert_int_equal(derive(point, len), 0x6A80);
    IS(0x6A80, "002A8086 06 A6047F490186 00");
    EVP_PKEY_free(peer);
    EVP_PKEY_free(other);
}

static void elliptic_curves(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const struct curve *c = &curves[i];
        EVP_PKEY *key = EVP_EC_gen(c->name), *pub;

        bench_card(&b, NULL, 0);
        assert_int_equal(bench_login(&b), 0x9000);
        bench_key_file(&b, KK, (uint8_t)c->alg);
        IS(0x9000, "00470000 08 AC068001%02X8301%02X 00", c->alg, KK);
        pub = bench_public(&b, KK);
        ec_signatures(pub, c);
        ec_agreement(pub, c);
        EVP_PKEY_free(pub);
        assert_int_equal(bench_import(&b, KK, key, i % 2 == 0), 0x9000); /* over the other */
        bench_reopen(&b);
        pub = bench_public(&b, KK);
        assert_int_equal(EVP_PKEY_eq(pub, key), 1);
        ec_signatures(pub, c);
        ec_agreement(pub, c);
        EVP_PKEY_free(pub);
        EVP_PKEY_free(key);
        bench_free(&b);
    }
}

/* ---- keys in the wrong place ----------------------------------------------------------------- */

static void a_file_takes_its_own_algorithm(void **state)
{
    EVP_PKEY *rsa = bench_pem("rsa1024"), *ec = EVP_EC_gen("P-256"), *big = EVP_EC_gen("P-384");
    EVP_PKEY *before, *after;

    (void)state;
    bench_card(&b, NULL, 0);
    assert_int_equal(bench_login(&b), 0x9000);
    bench_key_file(&b, KK, 0xC);
    IS(0x6A86, "00470000 08 AC0680010D830181 00");
    IS(0x6A86, "00470000 08 AC06800106830181 00");
    IS(0x6A81, "00470000 08 AC0680010A830181 00"); /* P-192 is not made */
    IS(0x6A81, "00470000 08 AC06800100830181 00");
    IS(0x6A88, "00470000 08 AC0680010C830182 00");
    IS(0x6A80, "00470000 05 AC0380010C 00");
    IS(0x6A88, "00CB3FFF 0A 7008840181A5037F4980 00");
    assert_int_equal(bench_import(&b, KK, rsa, false), 0x6A80);
    assert_int_equal(bench_import(&b, KK, big, false), 0x6A80);
    assert_int_equal(bench_import(&b, KK, ec, false), 0x9000);
    before = bench_public(&b, KK);
    assert_int_equal(bench_import(&b, KK, big, false), 0x6A80);
    IS(0x6A86, "00470000 08 AC0680010D830181 00");
    after = bench_public(&b, KK);
    assert_int_equal(EVP_PKEY_eq(before, after), 1); /* what is refused changes nothing */
    IS(0x9000, "00CB3FFF 0A A308840181A5037F4980 00"); /* the tag of the text */
    IS(0x9000, "00CB3FFF 0C 700A840181A5057F49028000 00");
    IS(0x6A80, "00CB3FFF 09 7007840181A5027F49 00");
    IS(0x9000, "00DB3FFF 07 7005 840181 A500"); /* taken away */
    IS(0x6A88, "00CB3FFF 0A 7008840181A5037F4980 00");
    IS(0x9000, "00DB3FFF 07 7005 840181 A500");
    EVP_PKEY_free(before);
    EVP_PKEY_free(after);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ec);
    EVP_PKEY_free(big);
    bench_free(&b);
}

static void damaged_imports(void **state)
{
    EVP_PKEY *key = bench_pem("rsa1024");
    unsigned char *der = NULL;
    int len = i2d_PrivateKey(key, &der);
    uint8_t cmd[1024] = { 0x70, 0x82, 0, 0, 0x84, 1, KK, 0xA5, 0x82, 0, 0, 0x83, 1, 2, 0x84, 1, 0,
                          0x87, 0x82, 0, 0 };
    size_t n = (size_t)len;

    (void)state;
    cmd[2] = (uint8_t)((n + 17) >> 8);
    cmd[3] = (uint8_t)(n + 17);
    cmd[9] = (uint8_t)((n + 10) >> 8);
    cmd[10] = (uint8_t)(n + 10);
    cmd[19] = (uint8_t)(n >> 8);
    cmd[20] = (uint8_t)n;
    memcpy(cmd + 21, der, n);
    bench_card(&b, NULL, 0);
    assert_int_equal(bench_login(&b), 0x9000);
    bench_key_file(&b, KK, 0x6);
    for (size_t at = 21 + 4; at < 21 + n; at += 23) { /* a bit, now and then */
        cmd[at] ^= 0x04;
        assert_int_equal(bench_run(&b, true, 0xDB, 0x3FFF, cmd, n + 21), 0x6A80);
        cmd[at] ^= 0x04;
    }
    IS(0x6A88, "00CB3FFF 0A 7008840181A5037F4980 00");
    assert_int_equal(bench_run(&b, true, 0xDB, 0x3FFF, cmd, n + 21), 0x9000);
    OPENSSL_free(der);
    EVP_PKEY_free(key);
    bench_free(&b);
}

/* ---- short APDUs only ------------------------------------------------------------------------ */

static void a_card_of_short_apdus(void **state)
{
    const struct softcard_options options = { .no_extended = true };
    EVP_PKEY *key = bench_pem("rsa2048");

    (void)state;
    bench_card(&b, &options, 0);
    assert_int_equal(bench_login(&b), 0x9000);
    IS(0x9000, "00CB2F01 02 5C00 00");
    assert_int_equal(b.out[7], 0x80); /* EF.ATR says so */
    bench_key_file(&b, KK, 0x7);
    assert_int_equal(bench_import(&b, KK, key, true), 0x6700);
    IS(0x6700, "00CBA010 000002 5C00 0000");
    IS(0x6700, "00200080 000008 " BENCH_PIN_HEX);
    IS(0x9000, "00200080"); /* the last one was no VERIFY */
    assert_int_equal(bench_import(&b, KK, key, false), 0x9000);
    EVP_PKEY_free(key);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(imported_rsa),
        cmocka_unit_test(generated_rsa),
        cmocka_unit_test(elliptic_curves),
        cmocka_unit_test(a_file_takes_its_own_algorithm),
        cmocka_unit_test(damaged_imports),
        cmocka_unit_test(a_card_of_short_apdus),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
