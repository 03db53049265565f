/* SPDX-License-Identifier: MIT */
/* Agreements: with whom one is made, whose it is, how long it lives, how many there may be, and how
 * a derivation names others. What is derived is in test_derive.c. */
#include "agreements.h"

#include <string.h>

#define OK      SCARD_S_SUCCESS
#define INVALID SCARD_E_INVALID_PARAMETER
#define NO      SCARD_W_SECURITY_VIOLATION
#define MOST    256u /* an index is a BYTE */

static const DWORD specs[] = { AT_ECDHE_P256, AT_ECDHE_P384, AT_ECDHE_P521 };
static const WCHAR hash[] = BCRYPT_KDF_HASH, hmac[] = BCRYPT_KDF_HMAC,
                   concat[] = BCRYPT_KDF_SP80056A_CONCAT;

static DWORD derive(PCARD_DATA data, BYTE index, const WCHAR *kdf, BCryptBuffer *buffers,
                    ULONG count, BYTE out[66])
{
    BCryptBufferDesc list = { BCRYPTBUFFER_VERSION, count, buffers };
    CARD_DERIVE_KEY info = { .dwVersion = 1, .pwszKDF = wide(kdf), .pParameterList = &list,
                             .bSecretAgreementIndex = index };
    DWORD rc = data->pfnCardDeriveKey(data, &info);

    if (rc != OK) {
        assert_null(info.pbDerivedKey);
        return rc;
    }
    assert_in_range(info.cbDerivedKey, 20, 66);
    memcpy(out, info.pbDerivedKey, info.cbDerivedKey);
    mem_free(info.pbDerivedKey);
    return rc;
}

/* The agreement is alive in `data`, and its secret is `z`. */
static DWORD is_secret(PCARD_DATA data, BYTE index, const BYTE *z, size_t len)
{
    BYTE got[66], want[20];
    DWORD rc = derive(data, index, hash, NULL, 0, got);

    if (rc != OK)
        return rc;
    assert_int_equal(EVP_Q_digest(NULL, "SHA1", NULL, z, len, want, NULL), 1);
    assert_memory_equal(got, want, sizeof(want));
    return rc;
}

static DWORD destroy(PCARD_DATA data, BYTE index)
{
    return data->pfnCardDestroyDHAgreement(data, index, 0);
}

/* ---- with whom ------------------------------------------------------------------------------- */

/* CMR.4.3.2.E3: version 2 alone; before E4 and E6, and what failed has no index. */
static void versions(void **state)
{
    static const struct {
        DWORD version, flags, want;
        bool peer;
    } rows[] = {
        { 0, 0, ERROR_REVISION_MISMATCH, true }, { 1, 0, ERROR_REVISION_MISMATCH, true },
        { 3, 0, ERROR_REVISION_MISMATCH, true }, { 1, 1, ERROR_REVISION_MISMATCH, false },
        { 2, 1, INVALID, true },                 { 2, 0, INVALID, false },
        { 2, 0, OK, true },
    };
    EVP_PKEY *peer = ec_make(AT_ECDHE_P256), *key;
    BYTE blob[EC_BLOB_MAX], z[Z_MAX];
    struct desk d;

    (void)state;
    for (DWORD version = 5; version <= 7; version++) {
        desk_open(&d, CARD, version);
        be_user(&d);
        key = agreement_key(&d, 0, AT_ECDHE_P256);
        assert_int_equal(openssl_z(peer, key, z), 32);
        for (size_t i = 0; i < ARRAY(rows); i++) {
            CARD_DH_AGREEMENT_INFO info = { .dwVersion = rows[i].version, .dwFlags = rows[i].flags,
                                            .pbPublicKey = rows[i].peer ? blob : NULL,
                                            .bSecretAgreementIndex = 0xEE };

            info.dwPublicKey = (DWORD)ec_blob(peer, AT_ECDHE_P256, false, blob);
            assert_rc(d.data.pfnCardConstructDHAgreement(&d.data, &info), rows[i].want);
            if (rows[i].want == OK)
                assert_rc(is_secret(&d.data, info.bSecretAgreementIndex, z, 32), OK);
            else
                assert_int_equal(info.bSecretAgreementIndex, 0xEE);
        }
        EVP_PKEY_free(key);
        desk_close(&d);
    }
    EVP_PKEY_free(peer);
}

/* What is wrong with a peer's blob, on each curve; the magic and the length by themselves, then the
 * point: not on the curve, the origin, a coordinate that is no field element. */
static void bad_peers(void **state)
{
    struct desk d;

    (void)state;
    desk_open(&d, CARD, 5);
    be_user(&d);
    for (size_t s = 0; s < ARRAY(specs); s++) {
        const size_t field = ec_field(specs[s]);
        EVP_PKEY *key = agreement_key(&d, 0, specs[s]);
        BYTE good[EC_BLOB_MAX], blob[EC_BLOB_MAX], index = 0;
        DWORD len;
        long live = mem_live();

        for (size_t other = 0; other < ARRAY(specs); other++) {
            EVP_PKEY *peer = ec_make(specs[other]);

            len = (DWORD)ec_blob(peer, specs[other], false, blob);
            assert_rc(agree_with(&d.data, 0, blob, len, &index), other == s ? OK : INVALID);
            if (other == s)
                memcpy(good, blob, len);
            EVP_PKEY_free(peer);
        }
        assert_rc(destroy(&d.data, 0), OK);
        len = (DWORD)(8 + 2 * field);
        for (size_t at = 0; at < len; at += at < 8 ? 1 : field / 2 - 1) {
            memcpy(blob, good, len);
            blob[at] ^= 0x11;
            assert_rc(agree_with(&d.data, 0, blob, len, &index), INVALID);
        }
        memcpy(blob, good, len);
        blob[len] = 0;
        assert_rc(agree_with(&d.data, 0, blob, len - 1, &index), INVALID);
        assert_rc(agree_with(&d.data, 0, blob, len + 1, &index), INVALID);
        memset(blob + 8, 0, 2 * field);
        assert_rc(agree_with(&d.data, 0, blob, len, &index), INVALID);
        memset(blob + 8, 0xFF, 2 * field);
        assert_rc(agree_with(&d.data, 0, blob, len, &index), INVALID);
        assert_rc(agree_with(&d.data, 0, good, len, &index), OK);
        assert_rc(destroy(&d.data, index), OK);
        assert_int_equal(mem_live(), live); /* no attempt kept anything */
        EVP_PKEY_free(key);
    }
    desk_close(&d);
}

/* CMR.4.3.2.E7: the user, alone or beside the admin; CMR.4.3.3.E9, 4.3.4.E4: whoever. */
static void by_whom(void **state)
{
    BYTE z[Z_MAX], blob[EC_BLOB_MAX], index, another = 0xEE;
    EVP_PKEY *key, *peer = ec_make(AT_ECDHE_P256);
    DWORD len = (DWORD)ec_blob(peer, AT_ECDHE_P256, false, blob);
    struct desk d;

    (void)state;
    desk_open(&d, CARD, 7);
    be_user(&d);
    key = agreement_key(&d, 0, AT_ECDHE_P256);
    index = agree(&d, 0, AT_ECDHE_P256, key, z);
    be_admin(&d);
    assert_rc(agree_with(&d.data, 0, blob, len, &another), NO);
    assert_rc(is_secret(&d.data, index, z, 32), OK);
    be_nobody(&d);
    assert_rc(agree_with(&d.data, 0, blob, len, &another), NO);
    assert_rc(is_secret(&d.data, index, z, 32), NO);
    assert_rc(destroy(&d.data, index), NO);
    be_admin(&d);
    assert_rc(destroy(&d.data, index), OK);
    be_user(&d);
    assert_rc(destroy(&d.data, index), INVALID); /* CMR.4.3.4.E2 */
    index = agree(&d, 0, AT_ECDHE_P256, key, z);
    desk_reset(&d);
    assert_rc(agree_with(&d.data, 0, blob, len, &another), NO);
    assert_int_equal(another, 0);
    be_user(&d);
    assert_rc(is_secret(&d.data, index, z, 32), INVALID); /* it ends with a reset */
    assert_rc(destroy(&d.data, index), INVALID);
    EVP_PKEY_free(peer);
    EVP_PKEY_free(key);
    desk_close(&d);
}

/* ---- how many, and how long ------------------------------------------------------------------ */

/* A reset that a call meets ends them, also for who is authenticated again. */
static void until_a_reset(void **state)
{
    BYTE z[Z_MAX], index;
    struct desk d, other;
    EVP_PKEY *key;

    (void)state;
    desk_connect(&other, CARD);
    assert_rc(pcsc_end(other.pcsc, other.card, PCSC_LEAVE), OK);
    desk_open(&d, CARD, 5);
    be_user(&d);
    key = agreement_key(&d, 0, AT_ECDHE_P256);
    index = agree(&d, 0, AT_ECDHE_P256, key, z);
    assert_rc(is_secret(&d.data, index, z, 32), OK);
    assert_rc(pcsc_end(d.pcsc, d.card, PCSC_LEAVE), OK);
    assert_rc(pcsc_begin(other.pcsc, other.card), OK);
    desk_reset(&other);
    assert_rc(pcsc_end(other.pcsc, other.card, PCSC_LEAVE), OK);
    assert_rc(is_secret(&d.data, index, z, 32), SCARD_W_RESET_CARD);
    assert_rc(pcsc_reconnect(d.pcsc, d.card, PCSC_SHARED, PCSC_LEAVE), OK);
    assert_rc(pcsc_begin(d.pcsc, d.card), OK);
    be_user(&d);
    assert_rc(is_secret(&d.data, index, z, 32), INVALID);
    assert_rc(destroy(&d.data, index), INVALID);
    EVP_PKEY_free(key);
    desk_close(&d);
    desk_close(&other);
}

/* CMR.4.3.2.4, E8: each index is another, each has its own secret; one more than there are indices
 * is refused, and what was destroyed makes room. */
static void as_many_as_indices(void **state)
{
    static BYTE secrets[MOST][Z_MAX];
    bool seen[MOST] = { false };
    BYTE indices[MOST], blob[EC_BLOB_MAX], index = 0;
    EVP_PKEY *key, *peer = ec_make(AT_ECDHE_P256);
    DWORD len = (DWORD)ec_blob(peer, AT_ECDHE_P256, false, blob);
    struct desk d;
    long live;

    (void)state;
    desk_open(&d, CARD, 7);
    desk_cache(&d);
    be_user(&d);
    key = agreement_key(&d, 0, AT_ECDHE_P256);
    for (unsigned i = 0; i < MOST; i++) {
        indices[i] = agree(&d, 0, AT_ECDHE_P256, key, secrets[i]);
        assert_false(seen[indices[i]]);
        seen[indices[i]] = true;
    }
    live = mem_live();
    assert_rc(agree_with(&d.data, 0, blob, len, &index), SCARD_E_NO_MEMORY);
    assert_int_equal(mem_live(), live);
    assert_rc(destroy(&d.data, indices[77]), OK);
    assert_rc(is_secret(&d.data, indices[77], secrets[77], 32), INVALID);
    assert_int_equal(agree(&d, 0, AT_ECDHE_P256, key, secrets[77]), indices[77]);
    for (unsigned i = 0; i < MOST; i++)
        assert_rc(is_secret(&d.data, indices[i], secrets[i], 32), OK);
    for (unsigned i = 0; i < MOST; i += 3)
        assert_rc(destroy(&d.data, indices[i]), OK);
    for (unsigned i = 0; i < MOST; i++)
        assert_rc(is_secret(&d.data, indices[i], secrets[i], 32), i % 3 == 0 ? INVALID : OK);
    EVP_PKEY_free(peer);
    EVP_PKEY_free(key);
    desk_close(&d); /* with two thirds of them: CardDeleteContext frees them */
}

/* CMR.4.3.2.3: not shared between contexts, in either direction; gone with their own. */
static void of_one_context(void **state)
{
    BYTE z[2][Z_MAX], mine, blob[EC_BLOB_MAX], theirs = 0;
    EVP_PKEY *key, *peer = ec_make(AT_ECDHE_P256);
    DWORD len = (DWORD)ec_blob(peer, AT_ECDHE_P256, false, blob);
    struct desk a;
    CARD_DATA b;
    long live;

    (void)state;
    desk_open(&a, CARD, 7);
    live = mem_live();
    memset(&b, 0, sizeof(b));
    desk_fill(&a, &b, 7);
    assert_rc(a.acquire(&b, 0), OK);
    be_user(&a);
    key = agreement_key(&a, 0, AT_ECDHE_P256);
    mine = agree(&a, 0, AT_ECDHE_P256, key, z[0]);
    assert_rc(is_secret(&b, mine, z[0], 32), INVALID); /* CMR.4.3.3.E7 */
    assert_rc(destroy(&b, mine), INVALID);             /* CMR.4.3.4.E2 */
    assert_int_equal(openssl_z(peer, key, z[1]), 32);
    assert_rc(agree_with(&b, 0, blob, len, &theirs), OK);
    assert_rc(is_secret(&b, theirs, z[1], 32), OK);
    assert_rc(is_secret(&a.data, mine, z[0], 32), OK);
    assert_rc(destroy(&a.data, mine), OK);
    assert_rc(is_secret(&b, theirs, z[1], 32), OK);
    mine = agree(&a, 0, AT_ECDHE_P256, key, z[0]);
    assert_rc(b.pfnCardDeleteContext(&b), OK);
    assert_rc(is_secret(&a.data, mine, z[0], 32), OK);
    assert_rc(a.data.pfnCardDeleteContext(&a.data), OK);
    assert_true(mem_live() < live); /* the context itself is counted in `live` */
    assert_int_equal(mem_live(), 0);
    assert_rc(a.acquire(&a.data, 0), OK);
    assert_rc(is_secret(&a.data, mine, z[0], 32), INVALID);
    EVP_PKEY_free(peer);
    EVP_PKEY_free(key);
    desk_close(&a);
}

/* The secret is the agreement's, not the key's: it outlives it. */
static void without_the_key(void **state)
{
    BYTE z[Z_MAX], index;
    struct desk d;
    EVP_PKEY *key;

    (void)state;
    desk_open(&d, CARD, 7);
    be_user(&d);
    key = agreement_key(&d, 4, AT_ECDHE_P384);
    index = agree(&d, 4, AT_ECDHE_P384, key, z);
    EVP_PKEY_free(key);
    key = agreement_key(&d, 4, AT_ECDHE_P256);
    assert_rc(is_secret(&d.data, index, z, 48), OK);
    assert_rc(d.data.pfnCardDeleteContainer(&d.data, 4, 0), OK);
    assert_rc(is_secret(&d.data, index, z, 48), OK);
    EVP_PKEY_free(key);
    desk_close(&d);
}

/* ---- KDF_SECRET_HANDLE ----------------------------------------------------------------------- */

/* The caller's handles are its own; only it knows which agreement one means. */
static BYTE meant[3];
static PCARD_DATA asked_for;

static DWORD WINAPI which_agreement(PCARD_DATA data, PVOID handle, BYTE *ret_index, DWORD flags)
{
    const uintptr_t at = (uintptr_t)handle - 0x7000;

    asked_for = data;
    assert_int_equal(flags, 0);
    if (at >= ARRAY(meant))
        return SCARD_E_INVALID_HANDLE;
    *ret_index = meant[at];
    return OK;
}

#define HANDLE_OF(n) ((PVOID)(uintptr_t)(0x7000 + (n)))

/* Further secrets stand behind Z and before what is appended. */
static void by_handle(void **state)
{
    PVOID first = HANDLE_OF(0), second = HANDLE_OF(1), dead = HANDLE_OF(2), lost = HANDLE_OF(9);
    char before[] = "before", behind[] = "behind", key_text[] = "key", a[] = "a";
    BCryptBuffer list[] = { { 6, KDF_SECRET_APPEND, behind },
                            { sizeof(second), KDF_SECRET_HANDLE, &second },
                            { sizeof(first), KDF_SECRET_HANDLE, &first },
                            { 6, KDF_SECRET_PREPEND, before },
                            { 3, KDF_HMAC_KEY, key_text } };
    BCryptBuffer other[] = { { 1, KDF_ALGORITHMID, a },
                             { 1, KDF_PARTYUINFO, a },
                             { 1, KDF_PARTYVINFO, a },
                             { sizeof(first), KDF_SECRET_HANDLE, &first } };
    BYTE z[3][Z_MAX], index, got[66], want[64], message[6 + 3 * 32 + 6];
    size_t want_len = 0;
    struct desk d;
    EVP_PKEY *key;

    (void)state;
    desk_open(&d, CARD, 7);
    be_user(&d);
    key = agreement_key(&d, 0, AT_ECDHE_P256);
    index = agree(&d, 0, AT_ECDHE_P256, key, z[0]);
    meant[0] = agree(&d, 0, AT_ECDHE_P256, key, z[1]);
    meant[1] = agree(&d, 0, AT_ECDHE_P256, key, z[2]);
    meant[2] = 0xEE; /* no agreement */

    d.data.pfnCspGetDHAgreement = NULL;
    assert_rc(derive(&d.data, index, hash, list, 4, got), SCARD_E_UNSUPPORTED_FEATURE);
    d.data.pfnCspGetDHAgreement = which_agreement;
    memcpy(message, "before", 6);
    memcpy(message + 6, z[0], 32);
    memcpy(message + 38, z[2], 32); /* in array order */
    memcpy(message + 70, z[1], 32);
    memcpy(message + 102, "behind", 6);
    assert_rc(derive(&d.data, index, hash, list, 4, got), OK);
    assert_ptr_equal(asked_for, &d.data);
    assert_int_equal(EVP_Q_digest(NULL, "SHA1", NULL, message, sizeof(message), want, NULL), 1);
    assert_memory_equal(got, want, 20);
    assert_rc(derive(&d.data, index, hmac, list, 5, got), OK);
    assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, "SHA1", NULL, "key", 3, message, sizeof(message),
                              want, sizeof(want), &want_len));
    assert_int_equal(want_len, 20);
    assert_memory_equal(got, want, 20);
    assert_rc(derive(&d.data, index, concat, other, 4, got), OK);
    memcpy(message, "\0\0\0\1", 4);
    memcpy(message + 4, z[0], 32);
    memcpy(message + 36, z[1], 32);
    memcpy(message + 68, "aaa", 3);
    assert_int_equal(EVP_Q_digest(NULL, "SHA256", NULL, message, 71, want, NULL), 1);
    assert_memory_equal(got, want, 32);

    for (unsigned i = 0; i < 3; i++) { /* CMR.4.3.3.E8 */
        BCryptBuffer bad[] = { { sizeof(first), KDF_SECRET_HANDLE, &first },
                               { i == 2 ? 4 : sizeof(dead), KDF_SECRET_HANDLE,
                                 i == 0 ? &dead : i == 1 ? &lost : &second } };

        assert_rc(derive(&d.data, index, hash, bad, 2, got), INVALID);
    }
    assert_rc(destroy(&d.data, meant[0]), OK);
    assert_rc(derive(&d.data, index, hash, list, 4, got), INVALID);
    assert_rc(is_secret(&d.data, index, z[0], 32), OK);
    EVP_PKEY_free(key);
    desk_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        desk_test(versions),       desk_test(bad_peers),       desk_test(by_whom),
        desk_test(of_one_context), desk_test(without_the_key), desk_test(as_many_as_indices),
        desk_test(by_handle),      desk_test(until_a_reset),
    };

    return cmocka_run_group_tests(tests, home_begin, home_end);
}
