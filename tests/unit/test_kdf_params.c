/* SPDX-License-Identifier: MIT */
/* minidriver/derive_params: the parameter lists of CardDeriveKey, refused and understood. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "minidriver/derive_params.h"

#define INVALID SCARD_E_INVALID_PARAMETER

static WCHAR hash[] = BCRYPT_KDF_HASH, hmac[] = BCRYPT_KDF_HMAC, prf[] = BCRYPT_KDF_TLS_PRF,
             concat[] = BCRYPT_KDF_SP80056A_CONCAT;
static WCHAR *const names[] = { hash, hmac, prf, concat };

static WCHAR md5[] = BCRYPT_MD5_ALGORITHM, sha256[] = BCRYPT_SHA256_ALGORITHM,
             sha384[] = BCRYPT_SHA384_ALGORITHM, sha512[] = BCRYPT_SHA512_ALGORITHM,
             aes[] = BCRYPT_AES_ALGORITHM;

static uint8_t z[66], one[] = { 1 }, four_five[] = { 4, 5 }, sixteen[] = { 0x10, 0x11, 0x12 },
               thirty[] = { 0x20, 0x21, 0x22, 0x23 }, seed[64];
static char label[] = "master secret";

#define P(type, value) { sizeof(value), (type), (value) }

/* Another agreement: its handle is 0x77. */
static uint8_t other[] = { 0xAA, 0xBB };
static PVOID other_handle = (PVOID)(uintptr_t)0x77, lost_handle = (PVOID)(uintptr_t)0x78;

static DWORD find_secret(void *host, PVOID handle, struct span *ret)
{
    assert_string_equal(host, "host");
    if (handle != other_handle)
        return SCARD_E_INVALID_HANDLE;
    *ret = (struct span){ other, sizeof(other) };
    return SCARD_S_SUCCESS;
}

static const struct derive_secrets secrets = { (void *)(uintptr_t)"host", find_secret };

static DWORD parse_with(struct derive_params *p, WCHAR *name, DWORD flags, size_t z_len,
                        BCryptBuffer *buffers, size_t count)
{
    BCryptBufferDesc list = { BCRYPTBUFFER_VERSION, (ULONG)count, buffers };
    CARD_DERIVE_KEY info = { .dwVersion = 1, .dwFlags = flags, .pwszKDF = name,
                             .pParameterList = &list };

    assert_non_null(derive_kdf_by_name(name));
    return derive_params(p, derive_kdf_by_name(name), &info, (struct span){ z, z_len }, &secrets);
}

static DWORD parse(struct derive_params *p, WCHAR *name, BCryptBuffer *buffers, size_t count)
{
    return parse_with(p, name, 0, 32, buffers, count);
}

static void assert_piece(struct span_list list, size_t i, const void *want, size_t len)
{
    assert_true(i < list.count);
    assert_int_equal(list.at[i].len, len);
    assert_memory_equal(list.at[i].at, want, len);
}

/* ---- refused -------------------------------------------------------------------------------- */

static void test_unknown_functions(void **state)
{
    static const WCHAR raw[] = BCRYPT_KDF_RAW_SECRET, hkdf[] = BCRYPT_KDF_HKDF, empty[] = { 0 };
    WCHAR longer[] = CM_WSTR("HASHES");

    (void)state;
    assert_null(derive_kdf_by_name(raw));
    assert_null(derive_kdf_by_name(hkdf));
    assert_null(derive_kdf_by_name(empty));
    assert_null(derive_kdf_by_name(longer));
}

/* A list that is none, whatever the function. */
static void test_no_list(void **state)
{
    BCryptBuffer many[DERIVE_PARAMS_MAX + 1] = { 0 };
    BCryptBufferDesc list = { 1, 0, NULL };
    CARD_DERIVE_KEY info = { .pParameterList = &list };
    struct derive_params p;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        const struct derive_kdf *kdf = derive_kdf_by_name(names[i]);
        const struct span secret = { z, 32 };

        list = (BCryptBufferDesc){ 1, 0, NULL }; /* version */
        assert_int_equal(derive_params(&p, kdf, &info, secret, &secrets), INVALID);
        list = (BCryptBufferDesc){ 0, 1, NULL };
        assert_int_equal(derive_params(&p, kdf, &info, secret, &secrets), INVALID);
        list = (BCryptBufferDesc){ 0, 0xFFFFFFFF, many };
        assert_int_equal(derive_params(&p, kdf, &info, secret, &secrets), INVALID);
    }
    for (size_t i = 0; i < DERIVE_PARAMS_MAX + 1; i++)
        many[i].BufferType = KDF_SECRET_APPEND;
    assert_int_equal(parse(&p, hash, many, DERIVE_PARAMS_MAX + 1), INVALID);
    assert_int_equal(parse(&p, hash, many, DERIVE_PARAMS_MAX), SCARD_S_SUCCESS);
    assert_int_equal(p.kdf.after.count, DERIVE_PARAMS_MAX);
}

/* Every type alone beside what is required, for every function. */
static void test_types_by_function(void **state)
{
    static const char *const takes[] = { /* by type, 0 to 0x14: x yes, 2 any number, . no */
                                         "x22...2..............", "x22x..2..............",
                                         "x...xx.x.............", "x.....2.xxxxx.....x.." };
    static DWORD protocol = 0x0303, bits = 128;
    BCryptBuffer value[0x15], need[4][3] = {
        { { 0 } }, { { 0 } },
        { P(KDF_TLS_PRF_LABEL, label), P(KDF_TLS_PRF_SEED, seed) },
        { P(KDF_ALGORITHMID, one), P(KDF_PARTYUINFO, one), P(KDF_PARTYVINFO, one) },
    };
    static const size_t needs[] = { 0, 0, 2, 3 };
    struct derive_params p;

    (void)state;
    for (ULONG type = 0; type < 0x15; type++)
        value[type] = (BCryptBuffer)P(type, one);
    value[KDF_HASH_ALGORITHM] = (BCryptBuffer)P(KDF_HASH_ALGORITHM, sha256);
    value[KDF_TLS_PRF_SEED] = (BCryptBuffer)P(KDF_TLS_PRF_SEED, seed);
    value[KDF_SECRET_HANDLE] = (BCryptBuffer){ sizeof(PVOID), KDF_SECRET_HANDLE, &other_handle };
    value[KDF_KEYBITLENGTH] = (BCryptBuffer){ 4, KDF_KEYBITLENGTH, &bits };
    value[KDF_TLS_PRF_PROTOCOL] = (BCryptBuffer){ 4, KDF_TLS_PRF_PROTOCOL, &protocol };
    for (size_t k = 0; k < 4; k++) {
        for (ULONG type = 0; type < 0x15; type++) {
            BCryptBuffer list[6];
            size_t count = 0;
            char rule = takes[k][type];

            list[count++] = (BCryptBuffer){ 4, KDF_TLS_PRF_PROTOCOL, &protocol };
            if (k != 2 || type == KDF_TLS_PRF_PROTOCOL)
                count = 0; /* TLS takes a hash with 1.2 only */
            for (size_t i = 0; i < needs[k]; i++)
                if (need[k][i].BufferType != type)
                    list[count++] = need[k][i];
            list[count++] = value[type];
            assert_int_equal(parse(&p, names[k], list, count),
                             rule == '.' ? INVALID : SCARD_S_SUCCESS);
            list[count] = list[count - 1]; /* twice */
            assert_int_equal(parse(&p, names[k], list, count + 1),
                             rule == '2' ? SCARD_S_SUCCESS : INVALID);
            list[count - 1].pvBuffer = NULL; /* a length without address */
            assert_int_equal(parse(&p, names[k], list, count), INVALID);
        }
        for (size_t i = 0; i < needs[k]; i++) { /* one of the required missing */
            BCryptBuffer list[3];
            size_t count = 0;

            for (size_t j = 0; j < needs[k]; j++)
                if (j != i)
                    list[count++] = need[k][j];
            assert_int_equal(parse(&p, names[k], list, count), INVALID);
        }
    }
    value[0].BufferType = 0x100; /* beyond any bit */
    assert_int_equal(parse(&p, hash, value, 1), INVALID);
    value[0].BufferType = 0xFFFFFFFF;
    assert_int_equal(parse(&p, hash, value, 1), INVALID);
}

static void test_values(void **state)
{
    static DWORD bits;
    static WCHAR unknown[] = CM_WSTR("SHA2567"), endless[20];
    BCryptBuffer alg = P(KDF_HASH_ALGORITHM, sha256);
    BCryptBuffer info[] = { P(KDF_ALGORITHMID, one), P(KDF_PARTYUINFO, one),
                            P(KDF_PARTYVINFO, one), { 4, KDF_KEYBITLENGTH, &bits } };
    static const DWORD no_length[] = { 0, 1, 127, 0xFFFFFFFF };
    struct derive_params p;

    (void)state;
    alg.cbBuffer -= 2; /* without its NUL */
    assert_int_equal(parse(&p, hash, &alg, 1), SCARD_S_SUCCESS);
    assert_int_equal(p.kdf.digest, DIGEST_SHA256);
    alg.cbBuffer -= 1; /* half a character */
    assert_int_equal(parse(&p, hash, &alg, 1), INVALID);
    alg.cbBuffer = 0;
    assert_int_equal(parse(&p, hash, &alg, 1), INVALID);
    alg.pvBuffer = NULL;
    assert_int_equal(parse(&p, hash, &alg, 1), INVALID);
    alg = (BCryptBuffer)P(KDF_HASH_ALGORITHM, aes);
    assert_int_equal(parse(&p, hash, &alg, 1), INVALID);
    alg = (BCryptBuffer)P(KDF_HASH_ALGORITHM, unknown);
    assert_int_equal(parse(&p, hash, &alg, 1), INVALID);
    for (size_t i = 0; i < 20; i++)
        endless[i] = 'S';
    alg = (BCryptBuffer)P(KDF_HASH_ALGORITHM, endless);
    assert_int_equal(parse(&p, hash, &alg, 1), INVALID);
    for (size_t i = 0; i < 4; i++) {
        bits = no_length[i];
        assert_int_equal(parse(&p, concat, info, 4), INVALID);
    }
    bits = 128;
    for (ULONG len = 0; len < 8; len++) {
        info[3].cbBuffer = len;
        assert_int_equal(parse(&p, concat, info, 4), len == 4 ? SCARD_S_SUCCESS : INVALID);
    }
}

static void test_secret_handles_refused(void **state)
{
    BCryptBuffer b = { sizeof(PVOID), KDF_SECRET_HANDLE, &lost_handle };
    BCryptBufferDesc list = { 0, 1, &b };
    CARD_DERIVE_KEY info = { .pParameterList = &list };
    struct derive_params p;

    (void)state;
    assert_int_equal(parse(&p, hash, &b, 1), SCARD_E_INVALID_HANDLE); /* as find says */
    b.pvBuffer = &other_handle;
    assert_int_equal(derive_params(&p, derive_kdf_by_name(hash), &info, (struct span){ z, 32 },
                                   NULL), INVALID);
    b.cbBuffer = sizeof(PVOID) - 1;
    assert_int_equal(parse(&p, hash, &b, 1), INVALID);
}

static void test_hmac_key_and_flag(void **state)
{
    BCryptBuffer b = P(KDF_HMAC_KEY, thirty);
    struct derive_params p;

    (void)state;
    assert_int_equal(parse_with(&p, hmac, KDF_USE_SECRET_AS_HMAC_KEY_FLAG, 32, &b, 1), INVALID);
    assert_int_equal(parse(&p, hmac, &b, 1), SCARD_S_SUCCESS);
    assert_ptr_equal(p.kdf.key.at, thirty);
    assert_int_equal(p.kdf.key.len, 4);
    assert_int_equal(parse_with(&p, hmac, KDF_USE_SECRET_AS_HMAC_KEY_FLAG, 32, NULL, 0),
                     SCARD_S_SUCCESS);
    assert_ptr_equal(p.kdf.key.at, z);
    assert_int_equal(p.kdf.key.len, 32);
    assert_int_equal(parse(&p, hmac, NULL, 0), SCARD_S_SUCCESS);
    assert_int_equal(p.kdf.key.len, 0);
    /* the flag is nothing to the others, nor are other flags to us */
    assert_int_equal(parse_with(&p, hash, KDF_USE_SECRET_AS_HMAC_KEY_FLAG | CARD_BUFFER_SIZE_ONLY,
                                32, NULL, 0), SCARD_S_SUCCESS);
    assert_int_equal(p.kdf.kind, BY_HASH);
}

/* ---- understood ----------------------------------------------------------------------------- */

/* The example of CNG's page: kinds mixed, each concatenated in array order. */
static void test_prepend_append(void **state)
{
    BCryptBuffer list[] = { P(KDF_SECRET_APPEND, one), P(KDF_SECRET_PREPEND, four_five),
                            P(KDF_SECRET_APPEND, sixteen), P(KDF_SECRET_PREPEND, thirty),
                            { sizeof(PVOID), KDF_SECRET_HANDLE, &other_handle } };
    struct derive_params p;

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        assert_int_equal(parse(&p, names[k], list, 4), SCARD_S_SUCCESS);
        assert_int_equal(p.kdf.kind, k == 0 ? BY_HASH : BY_HMAC);
        assert_int_equal(p.kdf.before.count, 2);
        assert_piece(p.kdf.before, 0, four_five, 2);
        assert_piece(p.kdf.before, 1, thirty, 4);
        assert_int_equal(p.kdf.after.count, 2);
        assert_piece(p.kdf.after, 0, one, 1);
        assert_piece(p.kdf.after, 1, sixteen, 3);
        assert_int_equal(parse(&p, names[k], list, 5), SCARD_S_SUCCESS);
        assert_int_equal(p.kdf.before.count, 2);
        assert_int_equal(p.kdf.after.count, 3);
        assert_piece(p.kdf.after, 0, other, 2); /* right behind Z */
        assert_piece(p.kdf.after, 1, one, 1);
    }
}

static void test_hash_defaults(void **state)
{
    static struct {
        WCHAR *name;
        ULONG size;
        enum digest digest;
    } rows[] = { { md5, sizeof(md5), DIGEST_MD5 },
                 { sha256, sizeof(sha256), DIGEST_SHA256 },
                 { sha384, sizeof(sha384), DIGEST_SHA384 },
                 { sha512, sizeof(sha512), DIGEST_SHA512 } };
    CARD_DERIVE_KEY info = { .pParameterList = NULL };
    struct derive_params p;

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        assert_int_equal(derive_params(&p, derive_kdf_by_name(names[k]), &info,
                                       (struct span){ z, 66 }, NULL), SCARD_S_SUCCESS);
        assert_int_equal(p.kdf.digest, DIGEST_SHA1);
        assert_int_equal(p.len, 20);
        assert_ptr_equal(p.kdf.secret.at, z);
        assert_int_equal(p.kdf.secret.len, 66);
        for (size_t i = 0; i < 4; i++) {
            BCryptBuffer b = { rows[i].size, KDF_HASH_ALGORITHM, rows[i].name };

            assert_int_equal(parse(&p, names[k], &b, 1), SCARD_S_SUCCESS);
            assert_int_equal(p.kdf.digest, rows[i].digest);
            assert_int_equal(p.len, digest_len(rows[i].digest));
        }
    }
}

static void test_tls_prf(void **state)
{
    static const struct {
        DWORD protocol;
        WCHAR *alg;
        ULONG alg_size;
        DWORD want;
        enum kdf_kind kind;
        enum digest digest;
    } rows[] = {
        { 0x0002, NULL, 0, INVALID, 0, 0 },
        { 0x0300, NULL, 0, SCARD_S_SUCCESS, BY_TLS10_PRF, 0 },
        { 0x0301, NULL, 0, SCARD_S_SUCCESS, BY_TLS10_PRF, 0 },
        { 0x0302, NULL, 0, SCARD_S_SUCCESS, BY_TLS10_PRF, 0 },
        { 0xFEFF, NULL, 0, SCARD_S_SUCCESS, BY_TLS10_PRF, 0 },
        { 0x0301, sha256, sizeof(sha256), INVALID, 0, 0 },
        { 0x0303, NULL, 0, SCARD_S_SUCCESS, BY_TLS12_PRF, DIGEST_SHA256 },
        { 0x0303, sha256, sizeof(sha256), SCARD_S_SUCCESS, BY_TLS12_PRF, DIGEST_SHA256 },
        { 0x0303, sha384, sizeof(sha384), SCARD_S_SUCCESS, BY_TLS12_PRF, DIGEST_SHA384 },
        { 0x0303, sha512, sizeof(sha512), INVALID, 0, 0 },
        { 0x0303, md5, sizeof(md5), INVALID, 0, 0 },
        { 0x0303, aes, sizeof(aes), INVALID, 0, 0 },
        { 0x0304, NULL, 0, INVALID, 0, 0 },
        { 0, NULL, 0, INVALID, 0, 0 },
    };
    BCryptBuffer list[] = { P(KDF_TLS_PRF_SEED, seed),
                            { sizeof(label) - 1, KDF_TLS_PRF_LABEL, label },
                            { 4, KDF_TLS_PRF_PROTOCOL, NULL },
                            { 0, KDF_HASH_ALGORITHM, NULL } };
    struct derive_params p;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DWORD protocol = rows[i].protocol;

        list[2].pvBuffer = &protocol;
        list[3].cbBuffer = rows[i].alg_size;
        list[3].pvBuffer = rows[i].alg;
        assert_int_equal(parse(&p, prf, list, rows[i].alg != NULL ? 4 : 3), rows[i].want);
        if (rows[i].want != SCARD_S_SUCCESS)
            continue;
        assert_int_equal(p.kdf.kind, rows[i].kind);
        if (p.kdf.kind == BY_TLS12_PRF)
            assert_int_equal(p.kdf.digest, rows[i].digest);
        assert_int_equal(p.len, 48);
        assert_int_equal(p.kdf.after.count, 2);
        assert_piece(p.kdf.after, 0, label, sizeof(label) - 1);
        assert_piece(p.kdf.after, 1, seed, 64);
    }
    assert_int_equal(parse(&p, prf, list, 2), SCARD_S_SUCCESS);
    assert_int_equal(p.kdf.kind, BY_TLS10_PRF);
    list[2].cbBuffer = 2;
    assert_int_equal(parse(&p, prf, list, 3), INVALID);
    list[0].cbBuffer = 63;
    assert_int_equal(parse(&p, prf, list, 2), INVALID);
}

/* RFC 7518 C as a caller of CNG asks for it: parameters in any order, digest and length of the
 * curve, of which the caller takes what it needs. */
static void test_concat(void **state)
{
    static const uint8_t agreed[] = { 0x9E, 0x56, 0xD9, 0x1D, 0x81, 0x71, 0x35, 0xD3, 0x72, 0x83,
                                      0x42, 0x83, 0xBF, 0x84, 0x26, 0x9C, 0xFB, 0x31, 0x6E, 0xA3,
                                      0xDA, 0x80, 0x6A, 0x48, 0xF6, 0xDA, 0xA7, 0x79, 0x8C, 0xFE,
                                      0x90, 0xC4 };
    static const uint8_t want[] = { 0x56, 0xAA, 0x8D, 0xEA, 0xF8, 0x23, 0x6D, 0x20,
                                    0x5C, 0x22, 0x28, 0xCD, 0x71, 0xA7, 0x10, 0x1A };
    static uint8_t id[] = { 0, 0, 0, 7, 'A', '1', '2', '8', 'G', 'C', 'M' },
                   u[] = { 0, 0, 0, 5, 'A', 'l', 'i', 'c', 'e' },
                   v[] = { 0, 0, 0, 3, 'B', 'o', 'b' }, pub[] = { 0, 0, 0, 0x80 };
    static DWORD bits = 128;
    BCryptBuffer list[] = { P(KDF_ALGORITHMID, id), P(KDF_PARTYVINFO, v), P(KDF_PARTYUINFO, u),
                            P(KDF_SUPPPUBINFO, pub), { 0, KDF_SUPPPRIVINFO, NULL },
                            { 4, KDF_KEYBITLENGTH, &bits } };
    struct derive_params p;
    uint8_t out[32];

    (void)state;
    memcpy(z, agreed, sizeof(agreed));
    assert_int_equal(parse(&p, concat, list, 4), SCARD_S_SUCCESS);
    assert_int_equal(p.len, 32);
    assert_true(kdf_derive(&p.kdf, out, p.len));
    assert_memory_equal(out, want, sizeof(want));
    assert_int_equal(parse(&p, concat, list, 6), SCARD_S_SUCCESS);
    assert_int_equal(p.len, 16);
    assert_true(kdf_derive(&p.kdf, out, p.len));
    assert_memory_equal(out, want, sizeof(want));
    assert_int_equal(parse_with(&p, concat, 0, 48, list, 3), SCARD_S_SUCCESS);
    assert_int_equal(p.kdf.digest, DIGEST_SHA384);
    assert_int_equal(p.len, 48);
    assert_int_equal(parse_with(&p, concat, 0, 66, list, 3), SCARD_S_SUCCESS);
    assert_int_equal(p.kdf.digest, DIGEST_SHA512);
    assert_int_equal(p.len, 66);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unknown_functions),
        cmocka_unit_test(test_no_list),
        cmocka_unit_test(test_types_by_function),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_secret_handles_refused),
        cmocka_unit_test(test_hmac_key_and_flag),
        cmocka_unit_test(test_prepend_append),
        cmocka_unit_test(test_hash_defaults),
        cmocka_unit_test(test_tls_prf),
        cmocka_unit_test(test_concat),
    };

    return cmocka_run_group_tests_name("kdf_params", tests, NULL, NULL);
}
