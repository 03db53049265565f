/* SPDX-License-Identifier: MIT */
/*
 * crypto/: hashes, HMACs and the four key derivations. Known answers come from FIPS 180-4, RFC
 * 1321, RFC 2202, RFC 4231, RFC 7518 C and the TLS working group's PRF vectors; OpenSSL's own
 * functions are asked over random inputs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "crypto/kdf.h"

#define TEXT(s) { (const uint8_t *)(s), sizeof(s) - 1 }
#define BYTES(a) { (a), sizeof(a) }
#define LIST(a) { (a), sizeof(a) / sizeof((a)[0]) }

static const enum digest all[] = { DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384,
                                   DIGEST_SHA512 };
static const char *const openssl_names[] = { "MD5", "SHA1", "SHA256", "SHA384", "SHA512" };
#define DIGESTS (sizeof(all) / sizeof(all[0]))

/* ---- memory of OpenSSL that runs out when a test says so ------------------------------------- */

static size_t allocations_left = SIZE_MAX;

static bool may_allocate(void)
{
    if (allocations_left == SIZE_MAX)
        return true;
    if (allocations_left == 0)
        return false;
    allocations_left--;
    return true;
}

static void *limited_alloc(size_t len, const char *file, int line)
{
    (void)file;
    (void)line;
    return may_allocate() ? malloc(len) : NULL;
}

static void *limited_grow(void *block, size_t len, const char *file, int line)
{
    (void)file;
    (void)line;
    return may_allocate() ? realloc(block, len) : NULL;
}

static void plain_free(void *block, const char *file, int line)
{
    (void)file;
    (void)line;
    free(block);
}

/* ---- helpers ------------------------------------------------------------------------------- */

static size_t unhex(const char *hex, uint8_t *out, size_t room)
{
    char pair[3] = { 0 };
    size_t len = strlen(hex) / 2;

    assert_true(len <= room);
    for (size_t i = 0; i < len; i++) {
        memcpy(pair, hex + 2 * i, 2);
        out[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return len;
}

static void assert_hex(const uint8_t *got, size_t len, const char *want)
{
    uint8_t bytes[256];

    assert_int_equal(unhex(want, bytes, sizeof(bytes)), len);
    assert_memory_equal(got, bytes, len);
}

static bool one_hash(enum digest alg, const struct span *key, struct span text, uint8_t *out)
{
    struct hashing h;

    hashing_begin(&h, alg, key);
    hashing_add(&h, text);
    return hashing_end(&h, out);
}

static void assert_zero(const uint8_t *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        assert_int_equal(at[i], 0);
}

/* ---- what must fail ------------------------------------------------------------------------- */

static void test_hash_refuses(void **state)
{
    const struct span lost = { NULL, 1 }, empty = { NULL, 0 }, text = TEXT("abc");
    uint8_t out[DIGEST_MAX];
    struct hashing h;

    (void)state;
    assert_int_equal(digest_len((enum digest)5), 0);
    assert_int_equal(digest_len((enum digest)-1), 0);
    assert_false(one_hash((enum digest)5, NULL, text, out));
    assert_false(one_hash((enum digest)5, &text, text, out));
    assert_false(one_hash(DIGEST_SHA256, &lost, text, out));
    assert_false(one_hash(DIGEST_SHA256, NULL, lost, out));
    hashing_begin(&h, DIGEST_SHA256, NULL); /* what went wrong in the middle is known at the end */
    hashing_add(&h, lost);
    hashing_add(&h, text);
    assert_false(hashing_end(&h, out));
    assert_true(one_hash(DIGEST_SHA256, &empty, empty, out)); /* nothing is not wrong */
    assert_hex(out, 32, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void test_kdf_refuses(void **state)
{
    static const uint8_t z[] = { 1, 2, 3 };
    const struct span lost = { NULL, 1 };
    const struct kdf good = { .digest = DIGEST_SHA256, .secret = BYTES(z), .key = TEXT("key") };
    uint8_t out[65];

    (void)state;
    for (int kind = BY_HASH; kind <= BY_CONCAT + 1; kind++) {
        struct kdf k = good;

        k.kind = (enum kdf_kind)kind;
        assert_int_equal(kdf_derive(&k, out, 32), kind <= BY_CONCAT);
        assert_false(kdf_derive(&k, out, 0));
        k.secret.len = 0;
        memset(out, 0xEE, sizeof(out));
        assert_false(kdf_derive(&k, out, 32)); /* no secret */
        assert_zero(out, 32);
        assert_int_equal(out[32], 0xEE);
        k.secret = lost;
        assert_false(kdf_derive(&k, out, 32));
        k = good;
        k.kind = (enum kdf_kind)kind;
        k.digest = (enum digest)7;
        assert_int_equal(kdf_max(&k) == 0, kind != BY_TLS10_PRF);
        if (kind != BY_TLS10_PRF)
            assert_false(kdf_derive(&k, out, 16));
        k.digest = DIGEST_SHA256;
        k.after = (struct span_list){ &lost, 1 }; /* the hash fails, at the last piece */
        memset(out, 0xEE, sizeof(out));
        assert_false(kdf_derive(&k, out, 32));
        assert_zero(out, 32);
    }
}

static void test_output_too_long(void **state)
{
    static const uint8_t z[] = { 1 };
    uint8_t out[DIGEST_MAX + 1];

    (void)state;
    for (size_t i = 0; i < DIGESTS; i++) {
        struct kdf k = { .kind = BY_HASH, .digest = all[i], .secret = BYTES(z) };

        for (int kind = BY_HASH; kind <= BY_HMAC; kind++) {
            k.kind = (enum kdf_kind)kind;
            assert_int_equal(kdf_max(&k), digest_len(all[i]));
            assert_true(kdf_derive(&k, out, kdf_max(&k)));
            assert_false(kdf_derive(&k, out, kdf_max(&k) + 1));
            assert_zero(out, kdf_max(&k) + 1);
        }
        k.kind = BY_CONCAT;
        if (sizeof(size_t) > 4)
            assert_true(kdf_max(&k) == (size_t)digest_len(all[i]) * UINT32_MAX);
    }
}

/* Whichever allocation of the library fails: no key, or the right one. */
static void test_no_memory(void **state)
{
    static const uint8_t z[48] = { 7, 1, 2 };
    const struct span after[] = { TEXT("label"), TEXT("seed") };
    uint8_t want[48], got[48];

    (void)state;
    for (int kind = BY_HASH; kind <= BY_CONCAT; kind++) {
        const struct kdf k = { .kind = (enum kdf_kind)kind, .digest = DIGEST_SHA384,
                               .secret = BYTES(z), .after = LIST(after) };
        size_t failed = 0;
        bool ok = false;

        assert_true(kdf_derive(&k, want, sizeof(want)));
        for (size_t n = 0; n < 400; n++) {
            allocations_left = n;
            ok = kdf_derive(&k, got, sizeof(got));
            allocations_left = SIZE_MAX;
            failed += !ok;
            if (ok)
                assert_memory_equal(got, want, sizeof(want));
            else
                assert_zero(got, sizeof(got));
        }
        assert_true(ok && failed > 0); /* it was about allocations, and 400 are enough */
    }
}

/* ---- known answers -------------------------------------------------------------------------- */

static void test_hashes(void **state)
{
    static const char *const want[] = {
        "900150983cd24fb0d6963f7d28e17f72",
        "a9993e364706816aba3e25717850c26c9cd0d89d",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc23"
        "58baeca134c825a7",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a8"
        "36ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    };
    uint8_t out[DIGEST_MAX];

    (void)state;
    for (size_t i = 0; i < DIGESTS; i++) {
        struct hashing h;

        hashing_begin(&h, all[i], NULL);
        hashing_add(&h, (struct span)TEXT("a"));
        hashing_add(&h, (struct span){ NULL, 0 });
        hashing_add(&h, (struct span)TEXT("bc"));
        assert_true(hashing_end(&h, out));
        assert_hex(out, digest_len(all[i]), want[i]);
    }
}

static void test_hmacs(void **state)
{
    static const char *const want[] = {
        "750c783e6ab0b503eaa86e310a5db738",
        "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c7"
        "8b3239ecfab21649",
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a"
        "6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
    };
    const struct span jefe = TEXT("Jefe"), text = TEXT("what do ya want for nothing?");
    const struct span text6 = TEXT("Test Using Larger Than Block-Size Key - Hash Key First");
    uint8_t long_key[131], out[DIGEST_MAX];
    const struct span key = BYTES(long_key);

    (void)state;
    for (size_t i = 0; i < DIGESTS; i++) { /* RFC 2202 and RFC 4231, test case 2 */
        assert_true(one_hash(all[i], &jefe, text, out));
        assert_hex(out, digest_len(all[i]), want[i]);
    }
    memset(long_key, 0xAA, sizeof(long_key)); /* RFC 4231, test case 6: longer than a block */
    assert_true(one_hash(DIGEST_SHA256, &key, text6, out));
    assert_hex(out, 32, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

/* The vectors of the TLS working group's mailing list, one for each PRF. */
static void test_tls_prf(void **state)
{
    static const struct {
        enum kdf_kind kind;
        enum digest digest;
        const char *secret, *label, *seed, *want;
    } rows[] = {
        { BY_TLS12_PRF, DIGEST_SHA256, "9bbe436ba940f017b17652849a71db35", "test label",
          "a0ba9f936cda311827a6f796ffd5198c",
          "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9"
          "c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789ba"
          "a48082d122ee42c5a72e5a5110fff70187347b66" },
        { BY_TLS12_PRF, DIGEST_SHA384, "b80b733d6ceefcdc71566ea48e5567df", "test label",
          "cd665cf6a8447dd6ff8b27555edb7465",
          "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cde9ca0faa60be9fe3"
          "4f82b1233c9146a0e534cb400fed2700884f9dc236f80edd8bfa961144c9e8d792eca722a7b32fc3"
          "d416d473ebc2c5fd4abfdad05d9184259b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236"
          "a3e52655c9e9aee691c8f3a26854308d5eaa3be85e0990703d73e56f" },
        { BY_TLS10_PRF, DIGEST_SHA512, /* of which it knows nothing */
          "abababababababababababababababababababababababababababababababababababababababab"
          "abababababababab", "PRF Testvector",
          "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
          "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
          "d3d4d1e349b5d515044666d51de32bab258cb521b6b053463e354832fd976754443bcf9a296519bc"
          "289abcbc1187e4ebd31e602353776c408aafb74cbc85eff69255f9788faa184cbb957a9819d84a5d"
          "7eb006eb459d3ae8de9810454b8b2d8f1afbc655a8c9a013" },
    };
    uint8_t secret[64], seed[64], out[256];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct span after[] = {
            { (const uint8_t *)rows[i].label, strlen(rows[i].label) },
            { seed, unhex(rows[i].seed, seed, sizeof(seed)) },
        };
        const struct kdf k = { .kind = rows[i].kind, .digest = rows[i].digest,
                               .secret = { secret, unhex(rows[i].secret, secret, sizeof(secret)) },
                               .after = LIST(after) };
        const size_t len = strlen(rows[i].want) / 2;

        assert_true(kdf_derive(&k, out, len));
        assert_hex(out, len, rows[i].want);
    }
}

/* RFC 7518, appendix C: ECDH-ES, 128 bits. */
static void test_concat(void **state)
{
    const struct span info[] = { TEXT("\0\0\0\7A128GCM"), TEXT("\0\0\0\5Alice"),
                                 TEXT("\0\0\0\3Bob"), TEXT("\0\0\0\x80"), { NULL, 0 } };
    uint8_t z[32], out[16];
    struct kdf k = { .kind = BY_CONCAT, .digest = DIGEST_SHA256, .secret = BYTES(z),
                     .after = LIST(info) };

    (void)state;
    unhex("9e56d91d817135d372834283bf84269cfb316ea3da806a48f6daa7798cfe90c4", z, sizeof(z));
    k.before = (struct span_list){ info, 2 }; /* not of this kind: not looked at */
    assert_true(kdf_derive(&k, out, sizeof(out)));
    assert_hex(out, sizeof(out), "56aa8deaf8236d205c2228cd71a7101a");
}

/* HASH and HMAC are by definition the hash of the whole; leading zeros of Z count. */
static void test_hash_and_hmac(void **state)
{
    static const uint8_t z[] = { 0, 0, 5 };
    static const uint8_t whole[] = { 4, 5, 0x20, 0x21, 0, 0, 5, 1, 0x10 };
    const struct span before[] = { TEXT("\4\5"), TEXT("\x20\x21") };
    const struct span after[] = { TEXT("\1"), TEXT("\x10") };
    const struct span secret = BYTES(z), text = BYTES(whole), none = { NULL, 0 };
    struct kdf k = { .kind = BY_HASH, .secret = secret, .before = LIST(before),
                     .after = LIST(after) };
    uint8_t want[DIGEST_MAX], out[DIGEST_MAX];

    (void)state;
    for (size_t i = 0; i < DIGESTS; i++) {
        const size_t len = digest_len(all[i]);
        const struct span keys[] = { secret, none, TEXT("key") };

        k.kind = BY_HASH;
        k.digest = all[i];
        assert_true(one_hash(all[i], NULL, text, want));
        assert_true(kdf_derive(&k, out, len));
        assert_memory_equal(out, want, len);
        memset(out, 0xEE, sizeof(out));
        assert_true(kdf_derive(&k, out, 9)); /* a shorter one is its beginning */
        assert_memory_equal(out, want, 9);
        assert_int_equal(out[9], 0xEE);
        k.kind = BY_HMAC;
        for (size_t j = 0; j < 3; j++) {
            k.key = keys[j];
            assert_true(one_hash(all[i], &k.key, text, want));
            assert_true(kdf_derive(&k, out, len));
            assert_memory_equal(out, want, len);
        }
    }
}

/* ---- OpenSSL's own -------------------------------------------------------------------------- */

static void openssl_kdf(const char *name, const char *digest, const char *secret_name,
                        const char *info_name, struct span secret, const struct span *info,
                        size_t count, uint8_t *out, size_t len)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, name, NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    uint8_t joined[512] = { 0 };
    char digest_name[16];
    size_t at = 0;
    OSSL_PARAM params[4];

    for (size_t i = 0; i < count; i++) {
        assert_true(info[i].len <= sizeof(joined) - at);
        memcpy(joined + at, info[i].at, info[i].len);
        at += info[i].len;
    }
    OPENSSL_strlcpy(digest_name, digest, sizeof(digest_name));
    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest_name, 0);
    params[1] = OSSL_PARAM_construct_octet_string(secret_name, (void *)(uintptr_t)secret.at,
                                                  secret.len);
    params[2] = OSSL_PARAM_construct_octet_string(info_name, joined, at);
    params[3] = OSSL_PARAM_construct_end();
    assert_int_equal(EVP_KDF_derive(ctx, out, len, params), 1);
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
}

static size_t below(size_t n)
{
    uint8_t r[2];

    assert_int_equal(RAND_bytes(r, sizeof(r)), 1);
    return (size_t)(r[0] << 8 | r[1]) % n;
}

static void test_against_openssl(void **state)
{
    static uint8_t want[20000], got[sizeof(want)]; /* more than 256 blocks of any digest */
    uint8_t z[66], info[3][100];

    (void)state;
    for (int round = 0; round < 600; round++) {
        const size_t d = below(DIGESTS), len = round < 9 ? sizeof(got) : 1 + below(300);
        const struct span parts[] = { { info[0], 1 + below(100) }, { info[1], below(101) },
                                      { info[2], below(101) } };
        struct kdf k = { .digest = all[d], .secret = { z, 1 + below(sizeof(z)) },
                         .after = LIST(parts) };

        assert_int_equal(RAND_bytes(z, sizeof(z)), 1);
        assert_int_equal(RAND_bytes(info[0], sizeof(info)), 1);
        k.kind = (enum kdf_kind)(BY_TLS10_PRF + (int)(round % 3));
        assert_true(kdf_derive(&k, got, len));
        if (k.kind == BY_CONCAT)
            openssl_kdf("SSKDF", openssl_names[d], OSSL_KDF_PARAM_SECRET, OSSL_KDF_PARAM_INFO,
                        k.secret, parts, 3, want, len);
        else
            openssl_kdf("TLS1-PRF", k.kind == BY_TLS10_PRF ? "MD5-SHA1" : openssl_names[d],
                        OSSL_KDF_PARAM_SECRET, OSSL_KDF_PARAM_SEED, k.secret, parts, 3, want, len);
        assert_memory_equal(got, want, len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hash_refuses),
        cmocka_unit_test(test_kdf_refuses),
        cmocka_unit_test(test_output_too_long),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_hashes),
        cmocka_unit_test(test_hmacs),
        cmocka_unit_test(test_tls_prf),
        cmocka_unit_test(test_concat),
        cmocka_unit_test(test_hash_and_hmac),
        cmocka_unit_test(test_against_openssl),
    };

    /* Before OpenSSL's first allocation; it refuses later. */
    if (CRYPTO_set_mem_functions(limited_alloc, limited_grow, plain_free) != 1)
        return 1;
    return cmocka_run_group_tests_name("kdf", tests, NULL, NULL);
}
