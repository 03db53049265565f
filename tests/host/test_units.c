/* SPDX-License-Identifier: MIT */
/* The parts of the host that need no card: records, certificates, cache, paddings, words. */
#include "tests/host/support.h"

#include "base/bytes.h"

#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

/* ---- the container map --------------------------------------------------------------------- */

/* "ab", valid and default, signature 1024, key exchange 2048: written out by hand. */
static const BYTE known_record[MAP_RECORD_LEN] = {
    'a', 0, 'b', 0, [80] = 0x03, [81] = 0x00, [82] = 0x00, [83] = 0x04, [84] = 0x00, [85] = 0x08,
};

static void record_has_the_known_bytes(void **state)
{
    struct map_record record = { .name = { 'a', 'b' }, .flags = 3, .sig_bits = 1024,
                                 .kx_bits = 2048 };
    BYTE bytes[MAP_RECORD_LEN];

    (void)state;
    map_record_encode(&record, bytes);
    assert_memory_equal(bytes, known_record, sizeof bytes);
    memset(&record, 0xAA, sizeof record);
    map_record_decode(known_record, &record);
    assert_int_equal(record.name[1], 'b');
    assert_int_equal(record.name[2], 0);
    assert_int_equal(record.flags, 3);
    assert_int_equal(record.sig_bits, 1024);
    assert_int_equal(record.kx_bits, 2048);
}

static void record_name_always_ends(void **state)
{
    struct map_record record;
    BYTE bytes[MAP_RECORD_LEN];

    (void)state;
    memset(bytes, 'x', sizeof bytes);
    map_record_decode(bytes, &record);
    assert_int_equal(record.name[38], 'x' | 'x' << 8);
    assert_int_equal(record.name[39], 0);
    record.name[39] = 'x'; /* and what is written, too */
    map_record_encode(&record, bytes);
    assert_int_equal(bytes[78] | bytes[79], 0);
}

static void record_name_leaves_no_rest(void **state)
{
    struct map_record record = { .name = { 'a', 0, 's', 'e', 'c', 'r', 'e', 't' } };
    BYTE bytes[MAP_RECORD_LEN], zeros[78] = { 0 };

    (void)state;
    map_record_encode(&record, bytes);
    assert_memory_equal(bytes + 2, zeros, sizeof zeros);
}

static void map_keeps_records_it_does_not_touch(void **state)
{
    struct map_record record = { .name = { 'n' }, .flags = 1, .kx_bits = 1024 }, got;
    BYTE before[2 * MAP_RECORD_LEN + 5];
    struct contmap map;

    (void)state;
    RAND_bytes(before, sizeof before); /* half a record at the end */
    before[80] |= 1;
    map = (struct contmap){ host_copy(before, sizeof before), sizeof before };
    assert_int_equal(contmap_count(&map), 2);
    assert_ok(contmap_set(&map, 3, &record));
    assert_int_equal(map.len, 4 * MAP_RECORD_LEN);
    assert_memory_equal(map.bytes, before, 2 * MAP_RECORD_LEN);
    assert_false(contmap_get(&map, 2, &got)); /* the gap is free */
    assert_int_equal(got.flags, 0);
    assert_true(contmap_get(&map, 3, &got));
    assert_ok(contmap_set(&map, 3, NULL));
    assert_int_equal(map.len, 4 * MAP_RECORD_LEN); /* never packed */
    assert_false(contmap_get(&map, 3, &got));
    assert_code(contmap_set(&map, HOST_CONTAINERS_MAX, &record), SCARD_E_NO_MEMORY);
    contmap_free(&map);
    contmap_free(&map);
}

/* ---- certificates -------------------------------------------------------------------------- */

static int some_cert(size_t padding, unsigned char **ret)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    int len = make_cert(key, padding, ret);

    EVP_PKEY_free(key);
    return len;
}

static void cert_goes_there_and_back(void **state)
{
    unsigned char *der;
    size_t len = (size_t)some_cert(2000, &der), packed_len, back_len;
    BYTE *packed, *back;

    (void)state;
    assert_ok(cert_compress(der, len, &packed, &packed_len));
    assert_true(packed_len < len);
    assert_int_equal(packed[0], 1); /* LE16 version, LE16 length, zlib */
    assert_int_equal(packed[1], 0);
    assert_int_equal(packed[2] | packed[3] << 8, len);
    assert_int_equal(packed[4], 0x78);
    assert_ok(cert_expand(packed, packed_len, &back, &back_len));
    assert_int_equal(back_len, len);
    assert_memory_equal(back, der, len);
    host_free(back, back_len);
    assert_ok(cert_expand(der, len, &back, &back_len)); /* plain DER is taken as well */
    assert_memory_equal(back, der, len);
    host_free(back, back_len);
    host_free(packed, packed_len);
    OPENSSL_free(der);
}

static void cert_may_be_followed_by_padding(void **state)
{
    unsigned char *der;
    size_t len = (size_t)some_cert(0, &der), packed_len, back_len;
    BYTE *packed, *back, *padded;

    (void)state;
    padded = calloc(1, len + 100);
    memcpy(padded, der, len);
    assert_ok(cert_expand(padded, len + 100, &back, &back_len));
    assert_int_equal(back_len, len);
    host_free(back, back_len);
    assert_ok(cert_compress(der, len, &packed, &packed_len));
    memcpy(padded, packed, packed_len);
    memset(padded + packed_len, 0, len + 100 - packed_len);
    assert_ok(cert_expand(padded, len + 100, &back, &back_len));
    assert_int_equal(back_len, len);
    host_free(back, back_len);
    host_free(packed, packed_len);
    free(padded);
    OPENSSL_free(der);
}

static void cut_off_cert_is_damaged(void **state)
{
    unsigned char *der;
    size_t len = (size_t)some_cert(0, &der), packed_len, back_len;
    BYTE *packed, *back;

    (void)state;
    assert_ok(cert_compress(der, len, &packed, &packed_len));
    for (size_t n = 0; n < packed_len; n++) {
        BYTE *exact = host_copy(packed, n); /* so that a sanitizer sees each byte too far */

        assert_code(cert_expand(exact, n, &back, &back_len), NTE_BAD_DATA);
        host_free(exact, n);
    }
    for (size_t n = 0; n < len; n++)
        assert_code(cert_expand(der, n, &back, &back_len), NTE_BAD_DATA);
    host_free(packed, packed_len);
    OPENSSL_free(der);
}

static void bombs_are_not_unpacked(void **state)
{
    BYTE *zeros = calloc(1, 65535), *packed, *back;
    unsigned char *der;
    size_t packed_len, back_len, len;

    (void)state;
    zeros[0] = 0x30;
    assert_ok(cert_compress(zeros, 65535, &packed, &packed_len));
    assert_true(packed_len < 200);
    packed[2] = 0x10; /* says 16 bytes, holds 65535 */
    packed[3] = 0x00;
    assert_code(cert_expand(packed, packed_len, &back, &back_len), NTE_BAD_DATA);
    packed[2] = packed[3] = 0xFF; /* says the truth, but is no certificate */
    assert_code(cert_expand(packed, packed_len, &back, &back_len), NTE_BAD_DATA);
    host_free(packed, packed_len);
    assert_ok(cert_compress(zeros, 100, &packed, &packed_len));
    packed[2] = 0xFF; /* says more than it holds */
    assert_code(cert_expand(packed, packed_len, &back, &back_len), NTE_BAD_DATA);
    host_free(packed, packed_len);
    len = (size_t)some_cert(0, &der); /* a good one, of another length than it says */
    assert_ok(cert_compress(der, len, &packed, &packed_len));
    packed[2]++;
    assert_code(cert_expand(packed, packed_len, &back, &back_len), NTE_BAD_DATA);
    host_free(packed, packed_len);
    OPENSSL_free(der);
    free(zeros);
    assert_code(cert_compress((const BYTE *)"", 0, &packed, &packed_len), CRYPT_E_BAD_LEN);
    assert_code(cert_compress((const BYTE *)"", 65536, &packed, &packed_len), CRYPT_E_BAD_LEN);
}

static void cert_files_have_known_names(void **state)
{
    static const char names[] = "kxc10\0KSC0a\0kxc02\0";

    (void)state;
    assert_string_equal(cert_path(0, true, false).name, "kxc00");
    assert_string_equal(cert_path(7, false, false).name, "ksc07");
    assert_string_equal(cert_path(12, true, false).name, "kxc12");
    assert_string_equal(cert_path(12, true, true).name, "kxc0c");
    assert_string_equal(cert_path(254, true, false).name, "kxc254");
    assert_true(cert_listed(names, sizeof names, 10, true));
    assert_true(cert_listed(names, sizeof names, 10, false)); /* by its hexadecimal name */
    assert_false(cert_listed(names, sizeof names, 16, true)); /* kxc10 is number ten's */
    assert_true(cert_listed(names, sizeof names, 2, true));
    assert_false(cert_listed(names, sizeof names, 2, false));
    assert_false(cert_listed(NULL, 0, 2, false));
}

/* ---- the data cache ------------------------------------------------------------------------ */

static const WCHAR tag_a[] = CM_WSTR("a"), tag_b[] = CM_WSTR("b");

static bool has(const struct cache *cache, const WCHAR *tag)
{
    const BYTE *data;
    size_t len;

    return cache_get(cache, CACHE_HOST, tag, &data, &len);
}

static void counters_decide_what_is_fresh(void **state)
{
    static const struct {
        BYTE now[6];
        unsigned stale; /* CACHE_ bits */
    } rows[] = {
        { { 0, 5, 1, 1, 1, 1 }, 0 },
        { { 9, 5, 1, 1, 1, 1 }, 0 }, /* the version counts nothing */
        { { 0, 6, 1, 1, 1, 1 }, CACHE_PINS },
        { { 0, 5, 2, 1, 1, 1 }, CACHE_CONTAINERS },
        { { 0, 5, 1, 2, 1, 1 }, CACHE_CONTAINERS },
        { { 0, 5, 1, 1, 0, 1 }, CACHE_FILES }, /* going back is a change, too */
        { { 0, 5, 1, 1, 1, 0 }, CACHE_FILES },
        { { 0, 4, 0, 1, 0, 1 }, CACHE_ALL },
    };
    static const BYTE then[6] = { 0, 5, 1, 1, 1, 1 };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (unsigned depends = 1; depends <= CACHE_ALL; depends++) {
            struct cache cache = { 0 };

            cache_stamp(&cache, then);
            cache_add(&cache, CACHE_HOST, tag_a, depends, (const BYTE *)"x", 1);
            assert_true(has(&cache, tag_a));
            cache_stamp(&cache, rows[i].now);
            assert_int_equal(has(&cache, tag_a), (depends & rows[i].stale) == 0);
            cache_stamp(&cache, NULL);
            assert_false(has(&cache, tag_a));
            assert_int_equal(cache.bytes, 0);
        }
    }
}

static void closed_cache_keeps_nothing(void **state)
{
    static const BYTE stamp[6];
    struct cache cache = { 0 };

    (void)state;
    cache_add(&cache, CACHE_HOST, tag_a, CACHE_ALL, (const BYTE *)"x", 1);
    assert_false(has(&cache, tag_a));
    cache_stamp(&cache, stamp);
    cache_add(&cache, CACHE_HOST, tag_a, CACHE_ALL, (const BYTE *)"x", 1);
    cache_add(&cache, CACHE_HOST, tag_b, CACHE_ALL, NULL, 0);
    cache_drop(&cache, CACHE_HOST, tag_a);
    assert_false(has(&cache, tag_a));
    assert_true(has(&cache, tag_b));
    cache_stamp(&cache, NULL);
}

static void cache_has_an_end(void **state)
{
    static const BYTE stamp[6];
    struct cache cache = { 0 };
    BYTE *much = calloc(1, CACHE_MOST);

    (void)state;
    cache_stamp(&cache, stamp);
    cache_add(&cache, CACHE_HOST, tag_a, CACHE_ALL, much, CACHE_MOST);
    assert_false(has(&cache, tag_a));
    cache_add(&cache, CACHE_HOST, tag_a, CACHE_ALL, much, CACHE_MOST / 2 + 1);
    cache_add(&cache, CACHE_HOST, tag_b, CACHE_ALL, much, CACHE_MOST / 2 + 1);
    assert_true(has(&cache, tag_a));
    assert_false(has(&cache, tag_b));
    cache_add(&cache, CACHE_HOST, tag_a, CACHE_ALL, much, SIZE_MAX);
    assert_false(has(&cache, tag_a)); /* the old copy does not stand in for the new */
    cache_stamp(&cache, NULL);
    free(much);
}

static void module_sees_only_its_own_items(void **state)
{
    static const BYTE stamp[6];
    WCHAR tag[] = CM_WSTR("a");
    struct cache cache = { 0 };
    BYTE bytes[] = { 1, 2, 3 }, *got = NULL;
    DWORD len = 0;

    (void)state;
    cache_stamp(&cache, stamp);
    cache_add(&cache, CACHE_HOST, tag, CACHE_ALL, (const BYTE *)"host", 4);
    assert_code(csp_cache_lookup(&cache, tag, 0, &got, &len), SCARD_W_CACHE_ITEM_NOT_FOUND);
    assert_ok(csp_cache_add(&cache, tag, 0, bytes, sizeof bytes));
    bytes[0] = 9; /* a copy was stored */
    assert_ok(csp_cache_lookup(&cache, tag, 0, &got, &len));
    assert_int_equal(len, 3);
    assert_int_equal(got[0], 1);
    csp_free(got);
    assert_ok(csp_cache_delete(&cache, tag, 0));
    assert_int_not_equal(csp_cache_lookup(&cache, tag, 0, &got, &len), 0);
    assert_null(got);
    assert_true(has(&cache, tag_a));
    assert_code(csp_cache_add(NULL, tag, 0, bytes, 1), SCARD_E_INVALID_PARAMETER);
    assert_code(csp_cache_add(&cache, NULL, 0, bytes, 1), SCARD_E_INVALID_PARAMETER);
    assert_code(csp_cache_add(&cache, tag, 1, bytes, 1), SCARD_E_INVALID_PARAMETER);
    assert_code(csp_cache_add(&cache, tag, 0, NULL, 1), SCARD_E_INVALID_PARAMETER);
    cache_stamp(&cache, NULL);
}

/* ---- memory -------------------------------------------------------------------------------- */

static void blocks_know_their_size(void **state)
{
    BYTE *block = csp_alloc(10);
    _Alignas(max_align_t) BYTE foreign[64] = { 0 };

    (void)state;
    assert_true(csp_holds(block, 10));
    assert_false(csp_holds(block, 11));
    assert_false(csp_holds(NULL, 0));
    assert_false(csp_holds(foreign + 32, 1));
    assert_null(csp_realloc(foreign + 32, 20)); /* [certification 1.4.2] */
    csp_free(foreign + 32);
    csp_free(NULL);
    memcpy(block, "0123456789", 10);
    block = csp_realloc(block, 20);
    assert_memory_equal(block, "0123456789", 10);
    assert_true(csp_holds(block, 20));
    block = csp_realloc(block, 4);
    assert_memory_equal(block, "0123", 4);
    assert_false(csp_holds(block, 5));
    assert_null(csp_realloc(block, SIZE_MAX));
    assert_true(csp_holds(block, 4)); /* the old block stays */
    csp_free(block);
    assert_null(csp_alloc(SIZE_MAX));
}

/* ---- paddings, against libcrypto ----------------------------------------------------------- */

static EVP_PKEY *rsa;

static int make_rsa(void **state)
{
    (void)state;
    rsa = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
    return rsa == NULL;
}

static int free_rsa(void **state)
{
    (void)state;
    EVP_PKEY_free(rsa);
    return 0;
}

static void raw_private(const BYTE *in, BYTE *out, size_t len)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(rsa, NULL);

    assert_int_equal(EVP_PKEY_decrypt_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING), 1);
    assert_int_equal(EVP_PKEY_decrypt(ctx, out, &len, in, len), 1);
    EVP_PKEY_CTX_free(ctx);
}

/* Does libcrypto accept the signature made with our padding? */
static bool verifies(const char *hash, int padding, const BYTE *digest, size_t digest_len,
                     const BYTE *sig)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(rsa, NULL);
    EVP_MD *md = EVP_MD_fetch(NULL, hash, NULL);
    bool ok = EVP_PKEY_verify_init(ctx) == 1 && EVP_PKEY_CTX_set_rsa_padding(ctx, padding) == 1 &&
              EVP_PKEY_CTX_set_signature_md(ctx, md) == 1 &&
              EVP_PKEY_verify(ctx, sig, 128, digest, digest_len) == 1;

    EVP_MD_free(md);
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

static void libcrypto_verifies_our_padding(void **state)
{
    static const ALG_ID ids[] = { CALG_MD5, CALG_SHA1, CALG_SHA_256, CALG_SHA_384, CALG_SHA_512,
                                  CALG_SSL3_SHAMD5 };
    BYTE digest[64], block[128], sig[128];

    (void)state;
    RAND_bytes(digest, sizeof digest);
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        const struct hash_alg *hash = hash_by_id(ids[i]);

        assert_non_null(hash);
        assert_true(pad_pkcs1(hash, digest, hash->len, block, sizeof block));
        raw_private(block, sig, sizeof block);
        assert_true(verifies(hash->openssl, RSA_PKCS1_PADDING, digest, hash->len, sig));
        if (hash->cng == NULL || hash->len == 64)
            continue; /* no PSS for it, or none in 1024 bits */
        for (size_t salt = 0; salt <= hash->len; salt += hash->len) {
            assert_true(pad_pss(hash, digest, hash->len, salt, block, sizeof block));
            raw_private(block, sig, sizeof block);
            assert_true(verifies(hash->openssl, RSA_PKCS1_PSS_PADDING, digest, hash->len, sig));
        }
    }
    assert_false(pad_pss(hash_by_id(CALG_SHA_512), digest, 64, 64, block, sizeof block));
    assert_false(pad_pkcs1(hash_by_id(CALG_SHA_256), digest, 32, block, 32 + 19 + 10));
    assert_true(pad_pkcs1(hash_by_id(CALG_SHA_256), digest, 32, block, 32 + 19 + 11));
    assert_null(hash_by_id(CALG_MD2));
    assert_null(hash_by_cng(CM_WSTR("sha256")));
}

static void public_encrypt(int padding, const char *hash, const BYTE *in, size_t len, BYTE *out)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(rsa, NULL);
    size_t out_len = 128;

    assert_int_equal(EVP_PKEY_encrypt_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, padding), 1);
    if (hash != NULL)
        assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md_name(ctx, hash, NULL), 1);
    assert_int_equal(EVP_PKEY_encrypt(ctx, out, &out_len, in, len), 1);
    EVP_PKEY_CTX_free(ctx);
}

static void our_unpadding_reads_libcrypto(void **state)
{
    static const size_t lens[] = { 0, 1, 32, 62 };
    BYTE message[128], cipher[128], block[128];
    size_t len;

    (void)state;
    RAND_bytes(message, sizeof message);
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        public_encrypt(RSA_PKCS1_PADDING, NULL, message, lens[i], cipher);
        raw_private(cipher, block, sizeof block);
        assert_true(unpad_pkcs1(block, sizeof block, &len));
        assert_int_equal(len, lens[i]);
        assert_memory_equal(block, message, len);

        public_encrypt(RSA_PKCS1_OAEP_PADDING, "SHA256", message, lens[i], cipher);
        raw_private(cipher, block, sizeof block);
        assert_true(unpad_oaep(hash_by_id(CALG_SHA_256), NULL, 0, block, sizeof block, &len));
        assert_int_equal(len, lens[i]);
        assert_memory_equal(block, message, len);

        public_encrypt(RSA_PKCS1_OAEP_PADDING, "SHA1", message, lens[i], cipher);
        raw_private(cipher, block, sizeof block);
        assert_true(unpad_oaep(hash_by_id(CALG_SHA1), NULL, 0, block, sizeof block, &len));
        assert_memory_equal(block, message, len);
        raw_private(cipher, block, sizeof block);
        assert_false(unpad_oaep(hash_by_id(CALG_SHA1), (const BYTE *)"label", 5, block,
                                sizeof block, &len));
    }
}

static void wrong_paddings_are_refused(void **state)
{
    BYTE good[16] = { 0, 2, 1, 1, 1, 1, 1, 1, 1, 1, 0, 'm', 'e', 's', 's', 'g' }, block[16];
    size_t len = 99;

    (void)state;
    memcpy(block, good, sizeof block);
    assert_true(unpad_pkcs1(block, sizeof block, &len));
    assert_int_equal(len, 5);
    assert_memory_equal(block, "messg", 5);
    for (size_t at = 0; at < 10; at++) { /* each byte matters: 00, 02, eight that are not 00 */
        memcpy(block, good, sizeof block);
        block[at] = at < 2 ? (BYTE)(block[at] ^ 1) : 0;
        assert_false(unpad_pkcs1(block, sizeof block, &len));
    }
    memset(block, 1, sizeof block);
    block[0] = 0;
    block[1] = 2;
    assert_false(unpad_pkcs1(block, sizeof block, &len)); /* no end */
    assert_false(unpad_pkcs1(block, 10, &len));
    assert_false(unpad_oaep(hash_by_id(CALG_SHA1), NULL, 0, block, sizeof block, &len));
}

static void pad_callback_checks_its_arguments(void **state)
{
    BYTE digest[32] = { 0 }, *block = NULL;
    BCRYPT_PSS_PADDING_INFO pss = { .pszAlgId = BCRYPT_SHA256_ALGORITHM, .cbSalt = 32 };
    CARD_SIGNING_INFO info = { .dwVersion = 1, .aiHashAlg = CALG_SHA_256, .pbData = digest,
                               .cbData = 32 };
    DWORD len = 0;

    (void)state;
    assert_ok(csp_pad_data(&info, 128, &len, &block));
    assert_int_equal(len, 128);
    assert_int_equal(block[127], 0x00); /* little-endian */
    assert_int_equal(block[126], 0x01);
    csp_free(block);
    info.cbData = 31;
    assert_code(csp_pad_data(&info, 128, &len, &block), SCARD_E_INVALID_PARAMETER);
    assert_null(block);
    info.cbData = 32;
    info.aiHashAlg = CALG_AES_128;
    assert_code(csp_pad_data(&info, 128, &len, &block), SCARD_E_UNSUPPORTED_FEATURE);
    info.aiHashAlg = 0;
    assert_ok(csp_pad_data(&info, 43, &len, &block));
    csp_free(block);
    assert_code(csp_pad_data(&info, 42, &len, &block), SCARD_E_INVALID_PARAMETER);
    assert_code(csp_pad_data(&info, 0xFFFFFFFF, &len, &block), SCARD_E_INVALID_PARAMETER);
    info.dwSigningFlags = CARD_PADDING_INFO_PRESENT;
    assert_code(csp_pad_data(&info, 128, &len, &block), ERROR_REVISION_MISMATCH);
    info.dwVersion = 2;
    info.dwPaddingType = CARD_PADDING_PSS;
    assert_code(csp_pad_data(&info, 128, &len, &block), SCARD_E_INVALID_PARAMETER);
    info.pPaddingInfo = &pss;
    assert_ok(csp_pad_data(&info, 128, &len, &block));
    assert_int_equal(block[0], 0xBC);
    csp_free(block);
    info.dwPaddingType = CARD_PADDING_OAEP;
    assert_code(csp_pad_data(&info, 128, &len, &block), SCARD_E_INVALID_PARAMETER);
    info.dwVersion = 3;
    assert_code(csp_pad_data(&info, 128, &len, &block), ERROR_REVISION_MISMATCH);
    assert_code(csp_pad_data(NULL, 128, &len, &block), SCARD_E_INVALID_PARAMETER);
}

static void unpad_callback_checks_its_arguments(void **state)
{
    BYTE bytes[16] = { 'm', 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 0 }, *plain = NULL;
    CARD_RSA_DECRYPT_INFO info = { .dwVersion = 1, .pbData = bytes, .cbData = sizeof bytes,
                                   .dwPaddingType = CARD_PADDING_PKCS1 };
    DWORD len = 0;

    (void)state;
    assert_code(csp_unpad_data(&info, &len, &plain), ERROR_REVISION_MISMATCH);
    info.dwVersion = 2;
    assert_ok(csp_unpad_data(&info, &len, &plain));
    assert_int_equal(len, 1);
    assert_int_equal(plain[0], 'm');
    csp_free(plain);
    info.dwPaddingType = CARD_PADDING_OAEP;
    assert_code(csp_unpad_data(&info, &len, &plain), SCARD_E_INVALID_PARAMETER);
    info.dwPaddingType = CARD_PADDING_PKCS1;
    bytes[15] = 1;
    assert_code(csp_unpad_data(&info, &len, &plain), NTE_BAD_DATA);
    assert_null(plain);
    info.cbData = 0xFFFFFFFF;
    assert_code(csp_unpad_data(&info, &len, &plain), SCARD_E_INVALID_PARAMETER);
    assert_code(csp_unpad_data(NULL, &len, &plain), SCARD_E_INVALID_PARAMETER);
}

/* ---- keys, the administrator, words -------------------------------------------------------- */

static void malformed_blobs_are_no_keys(void **state)
{
    BYTE blob[20 + 128] = { 6, 2, 0, 0, 0, 0xA4, 0, 0, 'R', 'S', 'A', '1', 0, 4, 0, 0, 1, 0, 1, 0 };
    struct public_key key;

    (void)state;
    memset(blob + 20, 0xFF, 128);
    assert_true(public_key_parse(blob, sizeof blob, &key));
    assert_int_equal(key.bits, 1024);
    for (size_t n = 0; n < sizeof blob; n++) {
        BYTE *exact = host_copy(blob, n);

        assert_false(public_key_parse(exact, n, &key));
        host_free(exact, n);
    }
    blob[13] = 0xFF; /* 65280 bits */
    assert_false(public_key_parse(blob, sizeof blob, &key));
    blob[13] = 4;
    blob[16] = 2; /* an even exponent parses, but is no key */
    assert_true(public_key_parse(blob, sizeof blob, &key));
    assert_null(public_key_load(&key));
    memcpy(blob, "ECS1\x20\0\0\0", 8);
    assert_true(public_key_parse(blob, 72, &key));
    assert_null(public_key_load(&key)); /* not a point of the curve */
    assert_false(public_key_parse(blob, 71, &key));
    blob[4] = 0x21;
    assert_false(public_key_parse(blob, sizeof blob, &key));
}

/* The example of the certification document's companion: a key of zeros. */
static void admin_response_matches_the_known_one(void **state)
{
    static const BYTE key[24], challenge[8] = { 0xA8, 0x92, 0xD7, 0x56, 0x01, 0x61, 0x7C, 0x5D };
    static const BYTE known[8] = { 0x19, 0x51, 0xEC, 0x3E, 0xF8, 0x1B, 0xBA, 0xBB };
    BYTE response[8];

    (void)state;
    assert_ok(host_admin_response(key, 24, false, challenge, 8, response));
    assert_memory_equal(response, known, 8);
    assert_ok(host_admin_response(key, 16, false, challenge, 8, response));
    assert_memory_equal(response, known, 8);
}

/* docs/card-extensions.md: challenge A1 .. B0, keys 01 02 03 .. */
static void aes_admin_response_matches_the_known_one(void **state)
{
    static const struct {
        size_t key_len;
        BYTE response[16];
    } rows[] = {
        { 16, { 0x1E, 0x17, 0x4B, 0xDA, 0x18, 0x68, 0x58, 0x47,
                0xDD, 0xBC, 0xF3, 0x04, 0xE1, 0x92, 0xF0, 0xFD } },
        { 24, { 0x6A, 0x2A, 0x09, 0x8C, 0xE4, 0x3B, 0xB5, 0x9A,
                0x95, 0x83, 0xFB, 0xD7, 0x6D, 0xF0, 0xAC, 0x05 } },
        { 32, { 0xDC, 0x9A, 0x31, 0x46, 0x7E, 0x1D, 0x21, 0x53,
                0x14, 0xFC, 0xA0, 0x18, 0xC2, 0xA6, 0x6B, 0x5B } },
    };
    BYTE key[32], challenge[16], response[16];

    (void)state;
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (BYTE)(i + 1);
    for (size_t i = 0; i < sizeof challenge; i++)
        challenge[i] = (BYTE)(0xA1 + i);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_ok(host_admin_response(key, rows[i].key_len, true, challenge, 16, response));
        assert_memory_equal(response, rows[i].response, 16);
    }
}

/* CBC: a second block depends on the first. */
static void admin_response_is_chained(void **state)
{
    static const BYTE key[24] = { 1, 2, 3 }, challenge[32];
    BYTE response[32];

    (void)state;
    assert_ok(host_admin_response(key, 24, false, challenge, 16, response));
    assert_memory_not_equal(response, response + 8, 8);
    assert_ok(host_admin_response(key, 24, true, challenge, 32, response));
    assert_memory_not_equal(response, response + 16, 16);
}

static void admin_response_refuses_nonsense(void **state)
{
    static const struct {
        size_t key_len, len;
        bool aes;
    } rows[] = {
        { 8, 8, false },   { 32, 8, false }, { 24, 7, false },  { 24, 0, false },
        { 24, 12, false }, { 24, 8, true },  { 20, 16, true },  { 0, 16, true },
        { 16, 24, true },
    };
    static const BYTE key[32], challenge[32];
    BYTE response[32];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_code(host_admin_response(key, rows[i].key_len, rows[i].aes, challenge, rows[i].len,
                                        response),
                    SCARD_E_INVALID_PARAMETER);
    assert_code(host_admin_response(NULL, 24, false, challenge, 8, response),
                SCARD_E_INVALID_PARAMETER);
}

static void every_code_has_words(void **state)
{
    struct host_error err = { 0 };

    (void)state;
    assert_string_equal(host_says(SCARD_W_WRONG_CHV), "wrong PIN");
    assert_string_equal(host_code_name(SCARD_W_WRONG_CHV), "SCARD_W_WRONG_CHV");
    assert_string_equal(host_code_name(0x8765ABCD), "0x8765ABCD");
    assert_non_null(host_says(0x8765ABCD));
    assert_code(host_fail(&err, SCARD_E_TIMEOUT, "%s %d", "so", 7), SCARD_E_TIMEOUT);
    assert_string_equal(err.says, "so 7");
    assert_code(err.code, SCARD_E_TIMEOUT);
    assert_code(host_fail(NULL, SCARD_E_TIMEOUT, "x"), SCARD_E_TIMEOUT);
    host_fail(&err, 1, "%0300d", 1);
    assert_int_equal(strlen(err.says), sizeof err.says - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(record_has_the_known_bytes),
        cmocka_unit_test(record_name_always_ends),
        cmocka_unit_test(record_name_leaves_no_rest),
        cmocka_unit_test(map_keeps_records_it_does_not_touch),
        cmocka_unit_test(cert_goes_there_and_back),
        cmocka_unit_test(cert_may_be_followed_by_padding),
        cmocka_unit_test(cut_off_cert_is_damaged),
        cmocka_unit_test(bombs_are_not_unpacked),
        cmocka_unit_test(cert_files_have_known_names),
        cmocka_unit_test(counters_decide_what_is_fresh),
        cmocka_unit_test(closed_cache_keeps_nothing),
        cmocka_unit_test(cache_has_an_end),
        cmocka_unit_test(module_sees_only_its_own_items),
        cmocka_unit_test(blocks_know_their_size),
        cmocka_unit_test(libcrypto_verifies_our_padding),
        cmocka_unit_test(our_unpadding_reads_libcrypto),
        cmocka_unit_test(wrong_paddings_are_refused),
        cmocka_unit_test(pad_callback_checks_its_arguments),
        cmocka_unit_test(unpad_callback_checks_its_arguments),
        cmocka_unit_test(malformed_blobs_are_no_keys),
        cmocka_unit_test(admin_response_matches_the_known_one),
        cmocka_unit_test(aes_admin_response_matches_the_known_one),
        cmocka_unit_test(admin_response_is_chained),
        cmocka_unit_test(admin_response_refuses_nonsense),
        cmocka_unit_test(every_code_has_words),
    };

    return cmocka_run_group_tests_name("host_units", tests, make_rsa, free_rsa);
}
