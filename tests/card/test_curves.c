/* SPDX-License-Identifier: MIT */
/* The six elliptic curve key specifications: made by the card and imported, both in one container,
 * signatures and agreed secrets checked by OpenSSL; agreements and what is derived of them. */
#include "openssl_keys.h"

#include <openssl/rand.h>
#include <string.h>

#define OK SCARD_S_SUCCESS

static bool agrees(DWORD spec)
{
    return spec >= AT_ECDHE_P256;
}

static DWORD import(struct desk *d, BYTE index, DWORD spec, DWORD bits, BYTE *blob)
{
    return d->data.pfnCardCreateContainer(&d->data, index, CARD_CREATE_CONTAINER_KEY_IMPORT, spec,
                                          bits, blob);
}

static DWORD generate(struct desk *d, BYTE index, DWORD spec)
{
    return d->data.pfnCardCreateContainer(&d->data, index, CARD_CREATE_CONTAINER_KEY_GEN, spec, 0,
                                          NULL);
}

/* The key of a slot, as OpenSSL has it. */
static EVP_PKEY *public_of(struct desk *d, BYTE index, DWORD spec)
{
    CONTAINER_INFO info = { .dwVersion = 1 };
    EVP_PKEY *key;

    assert_rc(d->data.pfnCardGetContainerInfo(&d->data, index, 0, &info), OK);
    key = agrees(spec) ? key_from_blob(info.pbKeyExPublicKey, info.cbKeyExPublicKey, spec)
                       : key_from_blob(info.pbSigPublicKey, info.cbSigPublicKey, spec);
    if (info.pbKeyExPublicKey != NULL)
        mem_free(info.pbKeyExPublicKey);
    if (info.pbSigPublicKey != NULL)
        mem_free(info.pbSigPublicKey);
    return key;
}

static void signs(struct desk *d, BYTE index, DWORD spec, EVP_PKEY *key)
{
    static const struct {
        ALG_ID alg;
        DWORD len;
    } hashes[] = { { CALG_SHA1, 20 }, { CALG_SHA_256, 32 }, { CALG_SHA_384, 48 },
                   { CALG_SHA_512, 64 }, { 0, 17 } };
    BYTE digest[64];

    assert_int_equal(RAND_bytes(digest, sizeof(digest)), 1);
    for (size_t i = 0; i < ARRAY(hashes); i++) {
        CARD_SIGNING_INFO info = { .dwVersion = 1, .bContainerIndex = index, .dwKeySpec = spec,
                                   .aiHashAlg = hashes[i].alg, .pbData = digest,
                                   .cbData = hashes[i].len };

        assert_rc(d->data.pfnCardSignData(&d->data, &info), OK);
        assert_int_equal(info.cbSignedData, 2 * ec_field(spec));
        assert_true(ecdsa_verifies(key, digest, hashes[i].len, info.pbSignedData,
                                   info.cbSignedData));
        info.pbSignedData[3] ^= 1;
        assert_false(ecdsa_verifies(key, digest, hashes[i].len, info.pbSignedData,
                                    info.cbSignedData));
        mem_free(info.pbSignedData);
        if (hashes[i].alg == 0)
            continue;
        info.cbData--; /* not as long as the hash that is named */
        assert_rc(d->data.pfnCardSignData(&d->data, &info), SCARD_E_INVALID_PARAMETER);
    }
}

/* ---- agreements ------------------------------------------------------------------------------ */

static DWORD agree(struct desk *d, BYTE index, BYTE *blob, DWORD len, BYTE *ret)
{
    CARD_DH_AGREEMENT_INFO info = { .dwVersion = 2, .bContainerIndex = index, .dwPublicKey = len,
                                    .pbPublicKey = blob, .bSecretAgreementIndex = 0xEE };
    DWORD rc = d->data.pfnCardConstructDHAgreement(&d->data, &info);

    *ret = info.bSecretAgreementIndex;
    return rc;
}

static DWORD derive_hash(struct desk *d, BYTE agreement, PBCryptBufferDesc list, BYTE out[64],
                         DWORD *ret_len)
{
    static WCHAR kdf[] = BCRYPT_KDF_HASH;
    CARD_DERIVE_KEY info = { .dwVersion = 1, .pwszKDF = kdf, .pParameterList = list,
                             .bSecretAgreementIndex = agreement };
    DWORD rc = d->data.pfnCardDeriveKey(&d->data, &info);

    if (rc != OK) {
        assert_null(info.pbDerivedKey);
        assert_int_equal(info.cbDerivedKey, 0);
        return rc;
    }
    assert_in_range(info.cbDerivedKey, 16, 64);
    memcpy(out, info.pbDerivedKey, info.cbDerivedKey);
    *ret_len = info.cbDerivedKey;
    mem_free(info.pbDerivedKey);
    return rc;
}

/* SHA-1 of the secret, as OpenSSL agrees on it: the default of KDF HASH. */
static void agreed_hash(EVP_PKEY *mine, EVP_PKEY *theirs, BYTE out[20])
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, mine, NULL);
    BYTE z[66];
    size_t len = sizeof(z);

    assert_int_equal(EVP_PKEY_derive_init(ctx), 1);
    assert_int_equal(EVP_PKEY_derive_set_peer(ctx, theirs), 1);
    assert_int_equal(EVP_PKEY_derive(ctx, z, &len), 1);
    assert_int_equal(EVP_Q_digest(NULL, "SHA1", NULL, z, len, out, NULL), 1);
    EVP_PKEY_CTX_free(ctx);
}

static void agrees_with_openssl(struct desk *d, BYTE index, DWORD spec, EVP_PKEY *key)
{
    for (unsigned round = 0; round < 3; round++) {
        BYTE blob[EC_BLOB_MAX], out[64], want[20], agreement = 0;
        EVP_PKEY *peer = ec_make(spec);
        DWORD len = (DWORD)ec_blob(peer, spec, false, blob), got = 0;

        agreed_hash(peer, key, want);
        assert_rc(agree(d, index, blob, len, &agreement), OK);
        assert_rc(derive_hash(d, agreement, NULL, out, &got), OK);
        assert_int_equal(got, 20);
        assert_memory_equal(out, want, 20);
        assert_rc(d->data.pfnCardDestroyDHAgreement(&d->data, agreement, 0), OK);
        assert_rc(d->data.pfnCardDestroyDHAgreement(&d->data, agreement, 0),
                  SCARD_E_INVALID_PARAMETER);
        assert_rc(derive_hash(d, agreement, NULL, out, &got), SCARD_E_INVALID_PARAMETER);
        EVP_PKEY_free(peer);
    }
}

static void works(struct desk *d, BYTE index, DWORD spec, EVP_PKEY *key)
{
    signs(d, index, spec, key);
    if (agrees(spec))
        agrees_with_openssl(d, index, spec, key);
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* CMR.4.2.1.4, 4.2.1.6: each key specification, never the same key twice. */
static void generated(void **state)
{
    struct desk d;

    (void)state;
    desk_open(&d, CARD, 7);
    be_user(&d);
    for (DWORD spec = AT_ECDSA_P256; spec <= AT_ECDHE_P521; spec++) {
        EVP_PKEY *first, *second;

        assert_rc(generate(&d, 0, spec), OK);
        first = public_of(&d, 0, spec);
        works(&d, 0, spec, first);
        assert_rc(generate(&d, 0, spec), OK);
        second = public_of(&d, 0, spec);
        assert_int_not_equal(EVP_PKEY_eq(first, second), 1);
        assert_rc(d.data.pfnCardDeleteContainer(&d.data, 0, 0), OK);
        EVP_PKEY_free(first);
        EVP_PKEY_free(second);
    }
    desk_close(&d);
}

static void imported(void **state)
{
    struct desk d;

    (void)state;
    desk_open(&d, CARD, 7);
    be_user(&d);
    for (DWORD spec = AT_ECDSA_P256; spec <= AT_ECDHE_P521; spec++) {
        EVP_PKEY *key = ec_make(spec), *on_card;
        BYTE blob[EC_BLOB_MAX];

        ec_blob(key, spec, true, blob);
        assert_rc(import(&d, 1, spec, 0, blob), OK);
        on_card = public_of(&d, 1, spec);
        assert_int_equal(EVP_PKEY_eq(key, on_card), 1);
        works(&d, 1, spec, key);
        assert_rc(d.data.pfnCardDeleteContainer(&d.data, 1, 0), OK);
        EVP_PKEY_free(key);
        EVP_PKEY_free(on_card);
    }
    desk_close(&d);
}

/* A blob of another curve or use, a public one, a key that is not its point's: the key that was
 * there stays. */
static void bad_blobs(void **state)
{
    static const struct {
        size_t at;
        BYTE xor;
    } rows[] = { { 0, 1 }, { 2, 0x18 }, { 3, 7 }, { 3, 3 }, { 4, 0x10 }, { 7, 1 },
                 { 8, 1 }, { 8 + 32, 1 }, { 8 + 64, 1 } };
    struct desk d;

    (void)state;
    desk_open(&d, CARD, 7);
    be_user(&d);
    for (DWORD spec = AT_ECDSA_P256; spec <= AT_ECDHE_P256; spec += 3) {
        EVP_PKEY *key = ec_make(spec), *there;
        BYTE blob[EC_BLOB_MAX];

        assert_rc(generate(&d, 2, spec), OK);
        there = public_of(&d, 2, spec);
        for (size_t i = 0; i < ARRAY(rows); i++) {
            ec_blob(key, spec, true, blob);
            blob[rows[i].at] ^= rows[i].xor;
            assert_rc(import(&d, 2, spec, 0, blob), SCARD_E_INVALID_PARAMETER);
        }
        ec_blob(key, spec, true, blob);
        assert_rc(import(&d, 2, spec, 384, blob), SCARD_E_INVALID_PARAMETER); /* CMR.4.2.1.E6 */
        works(&d, 2, spec, there);
        assert_rc(import(&d, 2, spec, 256, blob), OK); /* the curve's own size may be said */
        assert_rc(d.data.pfnCardDeleteContainer(&d.data, 2, 0), OK);
        EVP_PKEY_free(key);
        EVP_PKEY_free(there);
    }
    desk_close(&d);
}

/* 2.4.2.1.1: "add the new key material to the existing container". */
static void side_by_side(void **state)
{
    struct desk d;
    EVP_PKEY *signature, *exchange, *now;

    (void)state;
    desk_open(&d, CARD, 7);
    be_user(&d);
    assert_rc(generate(&d, 3, AT_ECDHE_P384), OK);
    assert_rc(generate(&d, 3, AT_ECDSA_P521), OK);
    exchange = public_of(&d, 3, AT_ECDHE_P384);
    signature = public_of(&d, 3, AT_ECDSA_P521);
    works(&d, 3, AT_ECDHE_P384, exchange);
    works(&d, 3, AT_ECDSA_P521, signature);
    assert_rc(generate(&d, 3, AT_ECDHE_P256), OK); /* another size in the one slot */
    now = public_of(&d, 3, AT_ECDSA_P521);
    assert_int_equal(EVP_PKEY_eq(now, signature), 1);
    works(&d, 3, AT_ECDSA_P521, signature);
    EVP_PKEY_free(exchange);
    exchange = public_of(&d, 3, AT_ECDHE_P256);
    works(&d, 3, AT_ECDHE_P256, exchange);
    assert_rc(d.data.pfnCardDeleteContainer(&d.data, 3, 0), OK);
    assert_rc(d.data.pfnCardDeleteContainer(&d.data, 3, 0), OK); /* CMR.4.2.2.2 */
    EVP_PKEY_free(now);
    EVP_PKEY_free(exchange);
    EVP_PKEY_free(signature);
    desk_close(&d);
}

/* CMR.4.2.1.E8: the admin makes no keys, and destroys none in trying. */
static void not_by_the_admin(void **state)
{
    static const DWORD others[] = { AT_ECDSA_P256, AT_ECDSA_P384, AT_ECDHE_P256 };
    struct desk d;
    EVP_PKEY *key;

    (void)state;
    desk_open(&d, CARD, 7);
    be_user(&d);
    assert_rc(generate(&d, 0, AT_ECDSA_P256), OK);
    key = public_of(&d, 0, AT_ECDSA_P256);
    be_admin(&d);
    for (size_t i = 0; i < ARRAY(others); i++)
        assert_rc(generate(&d, 0, others[i]), SCARD_W_SECURITY_VIOLATION);
    be_user(&d);
    works(&d, 0, AT_ECDSA_P256, key);
    assert_rc(d.data.pfnCardDeleteContainer(&d.data, 0, 0), OK);
    EVP_PKEY_free(key);
    desk_close(&d);
}

/* All thirty keys of the card, and one more. */
static void full(void **state)
{
    struct desk d;
    CARD_FREE_SPACE_INFO space = { 0 };

    (void)state;
    make_card("bob", NULL);
    desk_open(&d, "bob", 7);
    desk_cache(&d);
    be_user(&d);
    for (BYTE i = 0; i < 15; i++) {
        assert_rc(generate(&d, i, AT_ECDSA_P256), OK);
        assert_rc(generate(&d, i, AT_ECDHE_P256), OK);
    }
    assert_rc(d.data.pfnCardQueryFreeSpace(&d.data, 0, &space), OK);
    assert_int_equal(space.dwKeyContainersAvailable, 0);
    assert_rc(generate(&d, 15, AT_ECDSA_P256), SCARD_E_NO_MEMORY);
    assert_rc(generate(&d, 0, AT_ECDSA_P384), SCARD_E_NO_MEMORY); /* no room beside the old one */
    assert_rc(generate(&d, 0, AT_ECDSA_P256), OK);                /* in its place */
    assert_rc(d.data.pfnCardDeleteContainer(&d.data, 7, 0), OK);
    assert_rc(d.data.pfnCardQueryFreeSpace(&d.data, 0, &space), OK);
    assert_int_equal(space.dwKeyContainersAvailable, 2);
    assert_rc(generate(&d, 20, AT_ECDSA_P256), OK);
    assert_rc(generate(&d, 0, AT_ECDSA_P384), OK);
    desk_close(&d);
    assert_int_equal(home_remove("bob"), SOFTCARD_OK);
}

/* ---- agreements, further --------------------------------------------------------------------- */

/* CMR.4.3.2.4: several at once, each with its own secret; those that are left go with the context
 * (desk_close counts the blocks). Nobody authenticated: no derivation. */
static void several(void **state)
{
    struct desk d;
    EVP_PKEY *key, *peers[5];
    BYTE indices[5], out[64], want[20], blob[EC_BLOB_MAX];
    DWORD len = 0;

    (void)state;
    desk_open(&d, CARD, 5);
    be_user(&d);
    assert_rc(generate(&d, 0, AT_ECDHE_P256), OK);
    key = public_of(&d, 0, AT_ECDHE_P256);
    for (unsigned i = 0; i < 5; i++) {
        peers[i] = ec_make(AT_ECDHE_P256);
        len = (DWORD)ec_blob(peers[i], AT_ECDHE_P256, false, blob);
        assert_rc(agree(&d, 0, blob, len, &indices[i]), OK);
        for (unsigned k = 0; k < i; k++)
            assert_int_not_equal(indices[k], indices[i]);
    }
    for (unsigned i = 5; i-- > 0;) {
        agreed_hash(peers[i], key, want);
        assert_rc(derive_hash(&d, indices[i], NULL, out, &len), OK);
        assert_memory_equal(out, want, 20);
        EVP_PKEY_free(peers[i]);
    }
    be_nobody(&d);
    assert_rc(derive_hash(&d, indices[0], NULL, out, &len), SCARD_W_SECURITY_VIOLATION);
    assert_rc(d.data.pfnCardDestroyDHAgreement(&d.data, indices[0], 0),
              SCARD_W_SECURITY_VIOLATION);
    desk_reset(&d);
    assert_rc(derive_hash(&d, indices[1], NULL, out, &len), SCARD_W_SECURITY_VIOLATION);
    be_user(&d);
    assert_rc(d.data.pfnCardDestroyDHAgreement(&d.data, indices[1], 0), SCARD_E_INVALID_PARAMETER);
    assert_rc(d.data.pfnCardDeleteContainer(&d.data, 0, 0), OK);
    EVP_PKEY_free(key);
    desk_close(&d);
}

/* A peer's key of another curve, of another use, cut short, off the curve. */
static void bad_peers(void **state)
{
    struct desk d;
    EVP_PKEY *peer = ec_make(AT_ECDHE_P256), *other = ec_make(AT_ECDHE_P384);
    BYTE blob[EC_BLOB_MAX], index;
    DWORD len;

    (void)state;
    desk_open(&d, CARD, 5);
    be_user(&d);
    assert_rc(generate(&d, 0, AT_ECDHE_P256), OK);
    len = (DWORD)ec_blob(other, AT_ECDHE_P384, false, blob);
    assert_rc(agree(&d, 0, blob, len, &index), SCARD_E_INVALID_PARAMETER);
    len = (DWORD)ec_blob(peer, AT_ECDSA_P256, false, blob);
    assert_rc(agree(&d, 0, blob, len, &index), SCARD_E_INVALID_PARAMETER);
    len = (DWORD)ec_blob(peer, AT_ECDHE_P256, false, blob);
    for (DWORD cut = 0; cut < len; cut += 9)
        assert_rc(agree(&d, 0, blob, cut, &index), SCARD_E_INVALID_PARAMETER);
    blob[len - 1] ^= 1;
    assert_rc(agree(&d, 0, blob, len, &index), SCARD_E_INVALID_PARAMETER);
    blob[len - 1] ^= 1;
    assert_rc(agree(&d, 0, blob, len, &index), OK);
    be_admin(&d); /* CMR.4.3.2.E7: the user alone */
    assert_rc(agree(&d, 0, blob, len, &index), SCARD_W_SECURITY_VIOLATION);
    be_user(&d);
    assert_rc(d.data.pfnCardDeleteContainer(&d.data, 0, 0), OK);
    EVP_PKEY_free(peer);
    EVP_PKEY_free(other);
    desk_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        desk_test(generated),        desk_test(imported), desk_test(bad_blobs),
        desk_test(side_by_side),     desk_test(not_by_the_admin),
        desk_test(full),             desk_test(several),  desk_test(bad_peers),
    };

    return cmocka_run_group_tests(tests, home_begin, home_end);
}
