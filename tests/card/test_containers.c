/* SPDX-License-Identifier: MIT */
/* What a container holds: RSA keys of every size taken from outside, blobs that are none, keys of
 * all kinds side by side and in each other's place, and who may put them there. */
#include "agreements.h"

#include <openssl/rand.h>
#include <string.h>

#define OK       SCARD_S_SUCCESS
#define INVALID  SCARD_E_INVALID_PARAMETER
#define NO       SCARD_W_SECURITY_VIOLATION
#define IMPORT   CARD_CREATE_CONTAINER_KEY_IMPORT
#define GENERATE CARD_CREATE_CONTAINER_KEY_GEN
#define BLOB_MAX 3000u

static DWORD create(struct desk *d, BYTE index, DWORD how, DWORD spec, DWORD bits, BYTE *blob)
{
    return d->data.pfnCardCreateContainer(&d->data, index, how, spec, bits, blob);
}

static DWORD erase(struct desk *d, BYTE index)
{
    return d->data.pfnCardDeleteContainer(&d->data, index, 0);
}

/* Keys that the card still has room for: what is left behind by a failure counts. */
static DWORD room(struct desk *d)
{
    CARD_FREE_SPACE_INFO info = { .dwVersion = 1 };

    assert_rc(d->data.pfnCardQueryFreeSpace(&d->data, 0, &info), OK);
    assert_in_range(info.dwKeyContainersAvailable, 1, 30);
    return info.dwKeyContainersAvailable;
}

static bool is_rsa(DWORD spec)
{
    return spec <= AT_SIGNATURE;
}

static bool is_exchange(DWORD spec)
{
    return spec == AT_KEYEXCHANGE || spec >= AT_ECDHE_P256;
}

/* ---- what is there, and does it work --------------------------------------------------------- */

/* The key of one slot, NULL for none; which other slot is filled, is told. */
static EVP_PKEY *key_of(struct desk *d, BYTE index, DWORD spec, bool *ret_other)
{
    CONTAINER_INFO info;
    EVP_PKEY *key = NULL;
    PBYTE mine, other;

    memset(&info, 0xA5, sizeof(info));
    info.dwVersion = CONTAINER_INFO_CURRENT_VERSION;
    assert_rc(d->data.pfnCardGetContainerInfo(&d->data, index, 0, &info), OK);
    mine = is_exchange(spec) ? info.pbKeyExPublicKey : info.pbSigPublicKey;
    other = is_exchange(spec) ? info.pbSigPublicKey : info.pbKeyExPublicKey;
    if (mine != NULL)
        key = key_from_blob(mine, is_exchange(spec) ? info.cbKeyExPublicKey : info.cbSigPublicKey,
                            spec);
    if (ret_other != NULL)
        *ret_other = other != NULL;
    assert_int_equal(info.cbSigPublicKey != 0, info.pbSigPublicKey != NULL);
    assert_int_equal(info.cbKeyExPublicKey != 0, info.pbKeyExPublicKey != NULL);
    if (mine != NULL)
        mem_free(mine);
    if (other != NULL)
        mem_free(other);
    return key;
}

static void reverse(BYTE *at, size_t len)
{
    for (size_t i = 0; i < len / 2; i++) {
        BYTE t = at[i];

        at[i] = at[len - 1 - i];
        at[len - 1 - i] = t;
    }
}

static void signs(struct desk *d, BYTE index, DWORD spec, EVP_PKEY *key)
{
    BYTE digest[32];
    CARD_SIGNING_INFO info = { .dwVersion = 1, .bContainerIndex = index, .dwKeySpec = spec,
                               .aiHashAlg = CALG_SHA_256, .pbData = digest, .cbData = 32 };

    assert_int_equal(RAND_bytes(digest, sizeof(digest)), 1);
    assert_rc(d->data.pfnCardSignData(&d->data, &info), OK);
    if (is_rsa(spec)) {
        assert_int_equal(info.cbSignedData, EVP_PKEY_get_size(key));
        reverse(info.pbSignedData, info.cbSignedData);
        assert_true(rsa_verifies(key, "SHA256", digest, 32, info.pbSignedData, info.cbSignedData));
    } else {
        assert_int_equal(info.cbSignedData, 2 * ec_field(spec));
        assert_true(ecdsa_verifies(key, digest, 32, info.pbSignedData, info.cbSignedData));
    }
    mem_free(info.pbSignedData);
}

static void decrypts(struct desk *d, BYTE index, EVP_PKEY *key)
{
    BYTE block[512];
    CARD_RSA_DECRYPT_INFO info = { .dwVersion = 2, .bContainerIndex = index, .pbData = block,
                                   .dwKeySpec = AT_KEYEXCHANGE,
                                   .dwPaddingType = CARD_PADDING_PKCS1 };

    info.cbData = (DWORD)rsa_encrypt(key, RSA_PKCS1_PADDING, "a message", block);
    reverse(block, info.cbData);
    assert_rc(d->data.pfnCardRSADecrypt(&d->data, &info), OK);
    assert_int_equal(info.cbData, 9);
    reverse(block, 9);
    assert_memory_equal(block, "a message", 9);
}

static void agrees(struct desk *d, BYTE index, DWORD spec, EVP_PKEY *key)
{
    static const WCHAR hash[] = BCRYPT_KDF_HASH;
    BYTE z[Z_MAX], want[20];
    CARD_DERIVE_KEY info = { .dwVersion = 1, .pwszKDF = wide(hash) };

    info.bSecretAgreementIndex = agree(d, index, spec, key, z);
    assert_rc(d->data.pfnCardDeriveKey(&d->data, &info), OK);
    assert_int_equal(EVP_Q_digest(NULL, "SHA1", NULL, z, ec_field(spec), want, NULL), 1);
    assert_int_equal(info.cbDerivedKey, 20);
    assert_memory_equal(info.pbDerivedKey, want, 20);
    mem_free(info.pbDerivedKey);
    assert_rc(d->data.pfnCardDestroyDHAgreement(&d->data, info.bSecretAgreementIndex, 0), OK);
}

static void works(struct desk *d, BYTE index, DWORD spec, EVP_PKEY *key)
{
    if (is_rsa(spec) || !is_exchange(spec))
        signs(d, index, spec, key);
    if (spec == AT_KEYEXCHANGE)
        decrypts(d, index, key);
    if (is_exchange(spec) && !is_rsa(spec))
        agrees(d, index, spec, key);
}

/* The slot holds `key` and no other, and the card can use it. */
static void holds(struct desk *d, BYTE index, DWORD spec, EVP_PKEY *key, bool beside)
{
    bool other = !beside;
    EVP_PKEY *now = key_of(d, index, spec, &other);

    assert_non_null(now);
    assert_int_equal(EVP_PKEY_eq(now, key), 1);
    assert_int_equal(other, beside);
    works(d, index, spec, key);
    EVP_PKEY_free(now);
}

/* ---- keys made elsewhere, once for all tests ------------------------------------------------- */

static const DWORD sizes[] = { 1024, 2048, 3072, 4096 };
static EVP_PKEY *rsa_keys[ARRAY(sizes)];

static EVP_PKEY *rsa_key(DWORD bits)
{
    for (size_t i = 0; i < ARRAY(sizes); i++)
        if (sizes[i] == bits)
            return rsa_keys[i];
    fail_msg("no key of %u bits", bits);
    return NULL;
}

static int begin(void **state)
{
    for (size_t i = 0; i < ARRAY(sizes); i++) {
        rsa_keys[i] = EVP_RSA_gen(sizes[i]);
        if (rsa_keys[i] == NULL)
            return -1;
    }
    return home_begin(state);
}

static int end(void **state)
{
    for (size_t i = 0; i < ARRAY(sizes); i++)
        EVP_PKEY_free(rsa_keys[i]);
    return home_end(state);
}

/* Puts a key of the kind there; the caller frees it. bits 0: a curve. */
static EVP_PKEY *put(struct desk *d, BYTE index, DWORD spec, DWORD bits)
{
    EVP_PKEY *key;
    BYTE blob[BLOB_MAX];

    if (!is_rsa(spec)) {
        key = ec_make(spec);
        ec_blob(key, spec, true, blob);
    } else {
        key = rsa_key(bits);
        assert_int_equal(EVP_PKEY_up_ref(key), 1);
        private_blob(key, spec, blob);
    }
    assert_rc(create(d, index, IMPORT, spec, bits, blob), OK);
    return key;
}

/* ---- import ---------------------------------------------------------------------------------- */

/* CMR.4.2.1.E6: each size of the card's, for each use, and said truly. */
static void every_size(void **state)
{
    static const DWORD uses[] = { AT_SIGNATURE, AT_KEYEXCHANGE };
    BYTE blob[BLOB_MAX];
    struct desk d;

    (void)state;
    desk_open(&d, CARD, 7);
    be_user(&d);
    for (size_t i = 0; i < ARRAY(sizes); i++) {
        for (size_t u = 0; u < ARRAY(uses); u++) {
            EVP_PKEY *key = put(&d, 0, uses[u], sizes[i]);

            holds(&d, 0, uses[u], key, u != 0);
            private_blob(key, uses[u], blob);
            for (size_t k = 0; k < ARRAY(sizes); k++)
                if (k != i)
                    assert_rc(create(&d, 0, IMPORT, uses[u], sizes[k], blob), INVALID);
            assert_rc(create(&d, 0, IMPORT, 3 - uses[u], sizes[i], blob), INVALID);
            holds(&d, 0, uses[u], key, u != 0);
            EVP_PKEY_free(key);
        }
        assert_rc(erase(&d, 0), OK);
    }
    desk_close(&d);
}

/* A PRIVATEKEYBLOB spoiled in its head, and in each of its numbers, is refused, by whoever notices;
 * the key that was there stays, the other slot's too. */
static void bad_rsa_blobs(void **state)
{
    enum { N = 20, P = N + 128, Q = P + 64, DP = Q + 64, DQ = DP + 64, QINV = DQ + 64,
           D = QINV + 64 };
    static const struct {
        size_t at;
        BYTE xor;
    } rows[] = { { 0, 1 },     { 0, 7 },     { 1, 1 },     { 4, 1 },     { 5, 0x80 },
                 { 6, 1 },     { 8, 1 },     { 11, 3 },    { 12, 0x10 }, { 13, 0x0C },
                 { 15, 0x80 }, { 16, 2 },    { 19, 0x80 }, { N, 2 },     { N + 127, 0x80 },
                 { P, 2 },     { P + 63, 0x40 },           { Q, 2 },     { Q + 63, 0x40 },
                 { DP, 2 },    { DQ + 9, 1 },              { QINV, 2 },  { D, 2 },
                 { D + 100, 1 } };
    EVP_PKEY *there, *beside;
    BYTE blob[BLOB_MAX];
    struct desk d;
    DWORD left;

    (void)state;
    desk_open(&d, CARD, 7);
    be_user(&d);
    there = put(&d, 1, AT_KEYEXCHANGE, 1024);
    beside = put(&d, 1, AT_ECDSA_P256, 0);
    left = room(&d);
    for (unsigned fresh = 0; fresh < 2; fresh++) { /* over the same key; in an empty container */
        for (size_t i = 0; i < ARRAY(rows); i++) {
            DWORD rc;

            private_blob(there, AT_KEYEXCHANGE, blob);
            blob[rows[i].at] ^= rows[i].xor;
            rc = create(&d, fresh != 0 ? 2 : 1, IMPORT, AT_KEYEXCHANGE, 1024, blob);
            if (rc != INVALID)
                fail_msg("byte %zu: %08x", rows[i].at, rc);
        }
        holds(&d, 1, AT_KEYEXCHANGE, there, true);
        holds(&d, 1, AT_ECDSA_P256, beside, true);
        assert_int_equal(room(&d), left);
    }
    {
        CONTAINER_INFO info = { .dwVersion = 1 };

        assert_rc(d.data.pfnCardGetContainerInfo(&d.data, 2, 0, &info), SCARD_E_NO_KEY_CONTAINER);
    }
    assert_rc(erase(&d, 1), OK);
    EVP_PKEY_free(there);
    EVP_PKEY_free(beside);
    desk_close(&d);
}

/* ---- two keys -------------------------------------------------------------------------------- */

#define R1 1024
#define R2 2048
#define R3 3072

/* A key, one beside it, then a third, in the place of the one or the other. */
static const struct {
    DWORD first, first_bits, second, second_bits, third, third_bits;
} triples[] = {
    { AT_SIGNATURE, R1, AT_KEYEXCHANGE, R1, AT_SIGNATURE, R1 },
    { AT_SIGNATURE, R1, AT_KEYEXCHANGE, R2, AT_SIGNATURE, R3 },
    { AT_KEYEXCHANGE, R2, AT_SIGNATURE, R1, AT_SIGNATURE, R2 },
    { AT_KEYEXCHANGE, R1, AT_ECDSA_P521, 0, AT_KEYEXCHANGE, R2 },
    { AT_KEYEXCHANGE, R1, AT_ECDSA_P256, 0, AT_SIGNATURE, R1 },
    { AT_ECDHE_P384, 0, AT_SIGNATURE, R2, AT_KEYEXCHANGE, R1 },
    { AT_ECDHE_P256, 0, AT_ECDSA_P256, 0, AT_ECDSA_P384, 0 },
    { AT_ECDSA_P521, 0, AT_ECDHE_P521, 0, AT_ECDHE_P521, 0 },
    { AT_SIGNATURE, R1, AT_ECDHE_P256, 0, AT_ECDSA_P256, 0 },
};

/* "Add the new key material to the existing container" (2.4.2.1.1): the other slot stays, what
 * takes a slot replaces what was in it, of whatever size and kind, and deletion takes both. The
 * cache does not remember what was there. */
static void side_by_side(void **state)
{
    struct desk d;

    (void)state;
    desk_open(&d, CARD, 7);
    be_user(&d);
    for (size_t i = 0; i < 2 * ARRAY(triples); i++) {
        const DWORD first = triples[i / 2].first, second = triples[i / 2].second,
                    third = triples[i / 2].third;
        const bool over_first = is_exchange(first) == is_exchange(third);
        EVP_PKEY *a, *b, *c;

        if (i == ARRAY(triples))
            desk_cache(&d);
        a = put(&d, 6, first, triples[i / 2].first_bits);
        holds(&d, 6, first, a, false);
        b = put(&d, 6, second, triples[i / 2].second_bits);
        holds(&d, 6, first, a, true);
        holds(&d, 6, second, b, true);
        c = put(&d, 6, third, triples[i / 2].third_bits);
        holds(&d, 6, over_first ? second : first, over_first ? b : a, true);
        holds(&d, 6, third, c, true);
        assert_rc(erase(&d, 6), OK);
        for (unsigned n = 0; n < 2; n++) {
            CONTAINER_INFO info = { .dwVersion = 1 };

            assert_rc(d.data.pfnCardGetContainerInfo(&d.data, 6, 0, &info),
                      SCARD_E_NO_KEY_CONTAINER); /* CMR.4.2.3.E3 */
            assert_rc(erase(&d, 6), OK);         /* CMR.4.2.2.2 */
        }
        EVP_PKEY_free(a);
        EVP_PKEY_free(b);
        EVP_PKEY_free(c);
    }
    desk_close(&d);
}

/* A key that the card made beside one it was given, and both after the power was gone. */
static void made_beside_given(void **state)
{
    EVP_PKEY *given, *made, *again;
    struct desk d;
    bool other = false;

    (void)state;
    desk_open(&d, CARD, 7);
    desk_cache(&d);
    be_user(&d);
    given = put(&d, 29, AT_KEYEXCHANGE, 3072);
    assert_rc(create(&d, 29, GENERATE, AT_SIGNATURE, 1024, NULL), OK);
    made = key_of(&d, 29, AT_SIGNATURE, &other);
    assert_true(other);
    holds(&d, 29, AT_SIGNATURE, made, true);
    holds(&d, 29, AT_KEYEXCHANGE, given, true);
    assert_rc(create(&d, 29, GENERATE, AT_SIGNATURE, 1024, NULL), OK);
    again = key_of(&d, 29, AT_SIGNATURE, &other);
    assert_int_not_equal(EVP_PKEY_eq(made, again), 1); /* CMR.4.2.1.6 */
    holds(&d, 29, AT_KEYEXCHANGE, given, true);
    desk_reset(&d);
    desk_cache_empty(&d);
    be_user(&d);
    holds(&d, 29, AT_SIGNATURE, again, true);
    holds(&d, 29, AT_KEYEXCHANGE, given, true);
    assert_rc(erase(&d, 29), OK);
    EVP_PKEY_free(given);
    EVP_PKEY_free(made);
    EVP_PKEY_free(again);
    desk_close(&d);
}

/* ---- who ------------------------------------------------------------------------------------- */

/* CMR.4.2.1.E8: neither nobody nor the admin puts a key anywhere, by making it or bringing it, in
 * the place of one of the same or another size, or beside one; and nothing is lost in trying. */
static void not_the_user(void **state)
{
    static const struct {
        BYTE index;
        DWORD spec, bits;
    } rows[] = { { 9, AT_SIGNATURE, 1024 },  { 9, AT_SIGNATURE, 2048 }, { 9, AT_ECDSA_P256, 0 },
                 { 9, AT_KEYEXCHANGE, 1024 }, { 9, AT_ECDHE_P256, 0 },   { 8, AT_SIGNATURE, 1024 },
                 { 8, AT_ECDHE_P521, 0 } };
    struct desk d;
    EVP_PKEY *key;
    DWORD left;

    (void)state;
    desk_open(&d, CARD, 7);
    be_user(&d);
    key = put(&d, 9, AT_SIGNATURE, 1024);
    left = room(&d);
    for (size_t i = 0; i < 4 * ARRAY(rows); i++) {
        const DWORD spec = rows[i / 4].spec, bits = rows[i / 4].bits;
        CONTAINER_INFO info = { .dwVersion = 1 };
        BYTE blob[BLOB_MAX];

        if (is_rsa(spec)) {
            private_blob(rsa_key(bits), spec, blob);
        } else {
            EVP_PKEY *curve = ec_make(spec);

            ec_blob(curve, spec, true, blob);
            EVP_PKEY_free(curve);
        }
        if (i % 4 < 2)
            be_nobody(&d);
        else
            be_admin(&d);
        assert_rc(create(&d, rows[i / 4].index, i % 2 == 0 ? GENERATE : IMPORT, spec, bits, blob),
                  NO);
        assert_rc(d.data.pfnCardGetContainerInfo(&d.data, 8, 0, &info), SCARD_E_NO_KEY_CONTAINER);
        assert_int_equal(room(&d), left);
        be_user(&d);
        holds(&d, 9, AT_SIGNATURE, key, false);
    }
    be_nobody(&d);
    assert_rc(erase(&d, 9), NO); /* CMR.4.2.2.E4 */
    assert_rc(erase(&d, 8), NO);
    be_user(&d);
    holds(&d, 9, AT_SIGNATURE, key, false);
    be_admin(&d);
    assert_rc(erase(&d, 9), OK);
    EVP_PKEY_free(key);
    desk_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        desk_test(every_size),        desk_test(bad_rsa_blobs), desk_test(side_by_side),
        desk_test(made_beside_given), desk_test(not_the_user),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
