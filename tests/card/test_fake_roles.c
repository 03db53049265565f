/* SPDX-License-Identifier: MIT */
/* The driver on a card with more roles than GIDS has: a PIN that is shown for each use, one that only
 * unblocks, keys that are free to use; on one that is described when first needed; and on one that
 * is read-only, entry by entry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_caller.h"
#include "fake_edge.h"

#include <string.h>

#define OK        SCARD_S_SUCCESS
#define INVALID   SCARD_E_INVALID_PARAMETER
#define VIOLATION SCARD_W_SECURITY_VIOLATION
#define LACKS     SCARD_E_UNSUPPORTED_FEATURE
#define SET(id)   CREATE_PIN_SET(id)
#define SIGNER    3u
#define PUK       4u
#define ARRAY(a)  (sizeof(a) / sizeof((a)[0]))

static WCHAR user[] = wszCARD_USER_USER, admin[] = wszCARD_USER_ADMIN;
static char mine[] = "mine", one[] = "one", fresh[] = "fresh";
static BYTE some[256] = "12345678";

/* PIN 3 guards container 0, for each use; container 1 is free to use; 4 unblocks the user. */
static void start(void)
{
    fake_reset();
    fake.profile.pins[EDGE_USER].unblock = SET(PUK);
    fake.profile.pins[SIGNER] = (struct edge_pin){ EDGE_SECRET_PIN, 4, 8, SET(SIGNER), SET(PUK),
                                                   EDGE_PURPOSE_SIGNATURE, true };
    fake.profile.pins[PUK] = (struct edge_pin){ EDGE_SECRET_PIN, 8, 8, SET(PUK), 0,
                                                EDGE_PURPOSE_UNBLOCK, false };
    fake.containers[0].pin = SIGNER;
    fake.containers[1].pin = EDGE_EVERYONE;
    acquire();
}

static DWORD show(PIN_ID id, DWORD len)
{
    return d->pfnCardAuthenticateEx(d, id, 0, some, len, NULL, NULL, NULL);
}

static DWORD change(DWORD flags, PIN_ID by, PIN_ID target)
{
    return d->pfnCardChangeAuthenticatorEx(d, flags, by, some, 8, target, some, 8, 0, NULL);
}

static DWORD sign(BYTE container, DWORD spec)
{
    CARD_SIGNING_INFO info = { .dwVersion = 1, .bContainerIndex = container, .dwKeySpec = spec,
                               .pbData = some, .cbData = 20 };
    DWORD rc = d->pfnCardSignData(d, &info);

    if (rc == OK)
        mem_free_one(info.pbSignedData);
    return rc;
}

static void shown(void **unused)
{
    static const struct {
        PIN_ID id;
        DWORD len, rc;
    } rows[] = {
        { 0, 8, INVALID }, { PUK, 8, INVALID }, { 5, 8, INVALID }, { 7, 8, INVALID },
        { 8, 8, INVALID }, { SIGNER, 3, INVALID }, { SIGNER, 9, INVALID }, { SIGNER, 4, OK },
        { ROLE_USER, 8, OK },
    };

    (void)unused;
    start();
    for (size_t i = 0; i < ARRAY(rows); i++) {
        fake.asked[VERIFY] = 0;
        assert_int_equal(show(rows[i].id, rows[i].len), rows[i].rc);
        assert_int_equal(fake.asked[VERIFY], rows[i].rc == OK ? 1 : 0); /* no try is lost */
        assert_true(rows[i].rc != OK || fake.role == (enum edge_role)rows[i].id);
    }
    release();
}

static void changed(void **unused)
{
    static const struct {
        DWORD flags;
        PIN_ID by, target;
        DWORD rc;
    } rows[] = {
        { PIN_CHANGE_FLAG_UNBLOCK, ROLE_ADMIN, ROLE_USER, VIOLATION }, /* the key cannot */
        { PIN_CHANGE_FLAG_UNBLOCK, PUK, ROLE_ADMIN, VIOLATION },
        { PIN_CHANGE_FLAG_UNBLOCK, PUK, PUK, INVALID },
        { PIN_CHANGE_FLAG_UNBLOCK, 5, ROLE_USER, INVALID },
        { PIN_CHANGE_FLAG_CHANGEPIN, PUK, ROLE_USER, VIOLATION },
        { PIN_CHANGE_FLAG_CHANGEPIN, ROLE_USER, SIGNER, VIOLATION },
        { PIN_CHANGE_FLAG_CHANGEPIN, PUK, PUK, OK },
        { PIN_CHANGE_FLAG_CHANGEPIN, SIGNER, SIGNER, OK },
        { PIN_CHANGE_FLAG_UNBLOCK, PUK, ROLE_USER, OK },
        { PIN_CHANGE_FLAG_UNBLOCK, PUK, SIGNER, OK },
    };

    (void)unused;
    start();
    for (size_t i = 0; i < ARRAY(rows); i++) {
        fake.asked[CHANGE] = fake.asked[UNBLOCK] = 0;
        assert_int_equal(change(rows[i].flags, rows[i].by, rows[i].target), rows[i].rc);
        assert_int_equal(fake.asked[CHANGE] + fake.asked[UNBLOCK], rows[i].rc == OK ? 1 : 0);
        assert_true(rows[i].rc != OK || fake.role == (enum edge_role)rows[i].target);
    }
    release();
}

/* The PUK stands where a response would. */
static void unblocked_by_puk(void **unused)
{
    const DWORD flags = CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE;

    (void)unused;
    start();
    assert_int_equal(d->pfnCardUnblockPin(d, admin, some, 8, some, 8, 0, flags), LACKS);
    assert_int_equal(fake.asked[UNBLOCK], 0);
    fake.failing = UNBLOCK;
    fake.fails_with = SCARD_W_WRONG_CHV;
    assert_int_equal(d->pfnCardUnblockPin(d, user, some, 8, some, 8, 0, flags), SCARD_W_WRONG_CHV);
    fake.fails_with = LACKS; /* the answer to a challenge, where the admin cannot unblock */
    assert_int_equal(d->pfnCardUnblockPin(d, user, some, 8, some, 8, 0, flags), LACKS);
    fake.failing = VERBS;
    assert_int_equal(d->pfnCardUnblockPin(d, user, some, 8, some, 8, 0, flags), OK);
    assert_int_equal(fake.role, ROLE_USER);
    release();
}

static void told(void **unused)
{
    static const struct {
        PIN_ID id;
        SECRET_TYPE type;
        SECRET_PURPOSE purpose;
        PIN_SET change, unblock;
        PIN_CACHE_POLICY_TYPE policy;
    } rows[] = {
        { 1, AlphaNumericPinType, PrimaryCardPin, SET(1), SET(PUK), PinCacheNormal },
        { 2, ChallengeResponsePinType, AdministratorPin, SET(2), 0, PinCacheNormal },
        { 3, AlphaNumericPinType, DigitalSignaturePin, SET(3), SET(PUK), PinCacheAlwaysPrompt },
        { 4, AlphaNumericPinType, UnblockOnlyPin, SET(4), 0, PinCacheNormal },
        { 0, EmptyPinType, AuthenticationPin, 0, 0, PinCacheNormal },
    };
    PIN_INFO info = { .dwVersion = PIN_INFO_CURRENT_VERSION };
    PIN_SET set = 0;

    (void)unused;
    start();
    assert_int_equal(property(CP_CARD_PIN_INFO, 5, &info, sizeof(info)), INVALID);
    assert_int_equal(property(CP_CARD_PIN_INFO, 8, &info, sizeof(info)), INVALID);
    for (size_t i = 0; i < ARRAY(rows); i++) {
        memset(&info, 0, sizeof(info));
        info.dwVersion = PIN_INFO_CURRENT_VERSION;
        assert_int_equal(property(CP_CARD_PIN_INFO, rows[i].id, &info, sizeof(info)), OK);
        assert_int_equal(info.PinType, rows[i].type);
        assert_int_equal(info.PinPurpose, rows[i].purpose);
        assert_int_equal(info.dwChangePermission, rows[i].change);
        assert_int_equal(info.dwUnblockPermission, rows[i].unblock);
        assert_int_equal(info.PinCachePolicy.PinCachePolicyType, rows[i].policy);
    }
    assert_int_equal(property(CP_CARD_LIST_PINS, 0, &set, sizeof(set)), OK);
    assert_int_equal(set, SET(1) | SET(2) | SET(3) | SET(4));
    release();
}

static void guarded(void **unused)
{
    static const PIN_ID pins[] = { SIGNER, ROLE_EVERYONE };
    PIN_ID id;
    DWORD len;

    (void)unused;
    start();
    for (BYTE i = 0; i < ARRAY(pins); i++) {
        assert_int_equal(d->pfnCardGetContainerProperty(d, i, CCP_PIN_IDENTIFIER, (PBYTE)&id,
                                                        sizeof(id), &len, 0), OK);
        assert_int_equal(id, pins[i]);
    }
    assert_int_equal(sign(0, AT_SIGNATURE), VIOLATION);
    assert_int_equal(show(ROLE_USER, 8), OK);
    assert_int_equal(sign(0, AT_SIGNATURE), VIOLATION); /* another PIN's key */
    assert_int_equal(show(SIGNER, 8), OK);
    assert_int_equal(sign(0, AT_SIGNATURE), OK);
    release();
}

/* Construct, derive and destroy; `roles` while deriving and destroying. */
static DWORD agree(uint8_t before, uint8_t roles)
{
    static WCHAR hash[] = BCRYPT_KDF_HASH;
    BYTE peer[8 + 64] = "ECK1\x20";
    CARD_DH_AGREEMENT_INFO info = { .dwVersion = CARD_DH_AGREEMENT_INFO_VERSION,
                                    .bContainerIndex = 1, .dwPublicKey = sizeof(peer),
                                    .pbPublicKey = peer };
    CARD_DERIVE_KEY key = { .dwVersion = 1, .pwszKDF = hash };
    DWORD rc, dropped;

    fake.roles = before;
    rc = d->pfnCardConstructDHAgreement(d, &info);
    if (rc != OK)
        return rc;
    fake.roles = roles;
    key.bSecretAgreementIndex = info.bSecretAgreementIndex;
    rc = d->pfnCardDeriveKey(d, &key);
    if (rc == OK)
        mem_free_one(key.pbDerivedKey);
    dropped = d->pfnCardDestroyDHAgreement(d, info.bSecretAgreementIndex, 0);
    assert_int_equal(dropped, rc);
    fake.roles = 0xFF;
    if (dropped != OK)
        assert_int_equal(d->pfnCardDestroyDHAgreement(d, info.bSecretAgreementIndex, 0), OK);
    return rc;
}

/* A key that is free to use: so are its secrets. Another's: for its role, and user and admin. */
static void agreements(void **unused)
{
    (void)unused;
    start();
    assert_int_equal(agree(0, 0), OK);
    assert_int_equal(fake.asked[ROLES], 0);
    fake.containers[1].pin = SIGNER;
    assert_int_equal(agree(SET(ROLE_USER), 0), VIOLATION); /* the card */
    assert_int_equal(agree(SET(SIGNER), 0), VIOLATION);
    assert_int_equal(agree(SET(SIGNER), SET(PUK)), VIOLATION);
    assert_int_equal(agree(SET(SIGNER), SET(SIGNER)), OK);
    assert_int_equal(agree(SET(SIGNER), SET(ROLE_USER)), OK);
    release();
}

/* ---- a card that is described late ----------------------------------------------------------- */

static DWORD read_only_flag(void)
{
    BOOL flag = 7;
    DWORD rc = property(CP_CARD_READ_ONLY, 0, &flag, sizeof(flag));

    assert_int_equal(flag, rc == OK ? fake.whole.read_only : 7);
    return rc;
}

static DWORD cache_mode(void)
{
    DWORD mode = 7, rc = property(CP_CARD_CACHE_MODE, 0, &mode, sizeof(mode));

    assert_int_equal(mode, rc != OK ? 7 : fake.whole.session_cache ? CP_CACHE_MODE_SESSION_ONLY
                                                                   : CP_CACHE_MODE_GLOBAL_CACHE);
    return rc;
}

static DWORD import_support(void)
{
    DWORD mask = 7, rc = property(CP_KEY_IMPORT_SUPPORT, 0, &mask, sizeof(mask));

    assert_int_equal(mask, rc != OK ? 7 : fake.whole.imports && !fake.whole.read_only ? 1 : 0);
    return rc;
}

static DWORD capabilities(void)
{
    CARD_CAPABILITIES caps = { 0 };
    DWORD rc = d->pfnCardQueryCapabilities(d, &caps);

    assert_true(rc != OK || caps.fKeyGen == (fake.whole.generates && !fake.whole.read_only));
    return rc;
}

static DWORD key_sizes(void)
{
    CARD_KEY_SIZES sizes = { 0 };
    DWORD rc = d->pfnCardQueryKeySizes(d, AT_SIGNATURE, 0, &sizes);

    assert_true(rc != OK || sizes.dwMaximumBitlen == fake.whole.keys[AT_SIGNATURE].max);
    return rc;
}

static DWORD write_one(void)
{
    return d->pfnCardWriteFile(d, mine, one, 0, some, 5);
}

static DWORD make_key(void)
{
    return d->pfnCardCreateContainer(d, 2, CARD_CREATE_CONTAINER_KEY_GEN, AT_SIGNATURE, 1024, NULL);
}

static void described(void **unused)
{
    static DWORD (*const calls[])(void) = { read_only_flag, cache_mode, import_support, capabilities,
                                            key_sizes,      write_one,  make_key };

    (void)unused;
    for (size_t i = 0; i < 4 * ARRAY(calls); i++) {
        DWORD (*const call)(void) = calls[i / 4];

        fake_reset();
        fake.whole = fake.profile;
        fake.whole.read_only = i % 2;
        fake.whole.session_cache = i % 4 < 2;
        fake.whole.keys[AT_SIGNATURE].max = 1024;
        fake.profile.read_only = !fake.whole.read_only;
        fake.lazy = true;
        fake.roles = 0xFF;
        acquire();
        assert_int_equal(fake.asked[DESCRIBE], 0);
        fake.failing = DESCRIBE;
        fake.fails_with = SCARD_F_COMM_ERROR;
        assert_int_equal(call(), SCARD_F_COMM_ERROR);
        assert_int_equal(fake.asked[WRITE] + fake.asked[GENERATE], 0);
        fake.failing = VERBS; /* asked again, as it was not told */
        assert_int_equal(call(), (call == write_one || call == make_key) && i % 2 ? LACKS : OK);
        assert_int_equal(call(), (call == write_one || call == make_key) && i % 2 ? LACKS : OK);
        assert_int_equal(fake.asked[DESCRIBE], 2);
        release();
        assert_int_equal(fake.asked[CLOSE], 1);
    }
}

/* ---- a card that is only read: behaviour of each entry --------------------------------------- */

static DWORD acquired(void) { return d->pfnCardDeleteContext != NULL ? OK : LACKS; }
static DWORD pin(void) { return d->pfnCardAuthenticatePin(d, user, some, 8, NULL); }
static DWORD pin_ex(void) { return show(ROLE_USER, 8); }
static DWORD out(void) { return d->pfnCardDeauthenticate(d, user, 0); }
static DWORD out_ex(void) { return d->pfnCardDeauthenticateEx(d, SET(ROLE_USER), 0); }

static DWORD read_one(void)
{
    PBYTE data = NULL;
    DWORD len, rc = d->pfnCardReadFile(d, mine, one, 0, &data, &len);

    if (rc == OK)
        mem_free_one(data);
    return rc;
}

static DWORD info_one(void)
{
    CARD_FILE_INFO info = { 0 };

    return d->pfnCardGetFileInfo(d, mine, one, &info);
}

static DWORD list(void)
{
    LPSTR names = NULL;
    DWORD len, rc = d->pfnCardEnumFiles(d, mine, &names, &len, 0);

    if (rc == OK)
        mem_free_one(names);
    return rc;
}

static DWORD space(void)
{
    CARD_FREE_SPACE_INFO info = { .dwBytesAvailable = 7, .dwKeyContainersAvailable = 7 };
    DWORD rc = d->pfnCardQueryFreeSpace(d, 0, &info);

    assert_int_equal(info.dwBytesAvailable + info.dwKeyContainersAvailable, 0);
    assert_int_equal(info.dwMaxKeyContainers, FAKE_CONTAINERS);
    return rc;
}

static DWORD enrolment(void)
{
    BOOL flag = TRUE;
    DWORD rc = property(CP_SUPPORTS_WIN_X509_ENROLLMENT, 0, &flag, sizeof(flag));

    assert_false(flag);
    return rc;
}

static DWORD sign_one(void) { return sign(0, AT_SIGNATURE); }
static DWORD agree_one(void) { return agree(0xFF, 0xFF); }

static DWORD decrypt_one(void)
{
    CARD_RSA_DECRYPT_INFO info = { .dwVersion = 2, .dwKeySpec = AT_KEYEXCHANGE, .pbData = some,
                                   .cbData = 128, .dwPaddingType = CARD_PADDING_NONE };

    return d->pfnCardRSADecrypt(d, &info);
}

static DWORD container(void)
{
    CONTAINER_INFO info = { 0 };
    DWORD rc = d->pfnCardGetContainerInfo(d, 0, 0, &info);

    if (rc == OK) {
        mem_free_one(info.pbSigPublicKey);
        mem_free_one(info.pbKeyExPublicKey);
    }
    return rc;
}

static DWORD container_pin(void)
{
    PIN_ID id;
    DWORD len;

    return d->pfnCardGetContainerProperty(d, 0, CCP_PIN_IDENTIFIER, (PBYTE)&id, sizeof(id), &len, 0);
}

static DWORD make_dir(void) { return d->pfnCardCreateDirectory(d, fresh, UserCreateDeleteDirAc); }
static DWORD drop_dir(void) { return d->pfnCardDeleteDirectory(d, mine); }
static DWORD make_one(void) { return d->pfnCardCreateFile(d, mine, fresh, 0, 1); }
static DWORD drop_one(void) { return d->pfnCardDeleteFile(d, mine, one, 0); }
static DWORD drop_key(void) { return d->pfnCardDeleteContainer(d, 0, 0); }

static DWORD import_key(void)
{
    return d->pfnCardCreateContainer(d, 2, CARD_CREATE_CONTAINER_KEY_IMPORT, AT_SIGNATURE, 1024,
                                     some);
}

static DWORD make_key_ex(void)
{
    return d->pfnCardCreateContainerEx(d, 2, CARD_CREATE_CONTAINER_KEY_GEN, AT_SIGNATURE, 1024, NULL,
                                       ROLE_USER);
}

static DWORD set_container(void)
{
    PIN_ID id = ROLE_USER;

    return d->pfnCardSetContainerProperty(d, 0, CCP_PIN_IDENTIFIER, (PBYTE)&id, sizeof(id), 0);
}

static DWORD set_guid(void) { return d->pfnCardSetProperty(d, CP_CARD_GUID, some, 16, 0); }

/* Those that change PINs and keys of PINs are for the card to refuse. */
static const struct {
    DWORD (*call)(void);
    DWORD rc;
} entries[] = {
    { acquired, OK }, { pin, OK }, { pin_ex, OK }, { out, OK }, { out_ex, OK }, { read_one, OK },
    { info_one, OK }, { list, OK }, { space, OK }, { capabilities, OK }, { key_sizes, OK },
    { read_only_flag, OK }, { cache_mode, OK }, { import_support, OK }, { enrolment, OK },
    { sign_one, OK }, { decrypt_one, OK }, { agree_one, OK }, { container, OK },
    { container_pin, OK },
    { make_dir, LACKS }, { drop_dir, LACKS }, { make_one, LACKS }, { write_one, LACKS },
    { drop_one, LACKS }, { make_key, LACKS }, { import_key, LACKS }, { drop_key, LACKS },
    { make_key_ex, LACKS }, { set_container, LACKS }, { set_guid, LACKS },
};

static void assert_nothing_written(void)
{
    static const enum verb writing[] = { WRITE, CREATE, REMOVE, SPACE, GENERATE, IMPORT, ERASE };

    for (size_t i = 0; i < ARRAY(writing); i++)
        assert_int_equal(fake.asked[writing[i]], 0);
}

static void read_only(void **unused)
{
    (void)unused;
    fake_reset();
    fake.whole = fake.profile;
    fake.whole.read_only = true;
    fake.lazy = true;
    acquire();
    for (size_t i = 0; i < ARRAY(entries); i++) {
        fake.roles = 0xFF;
        long before = live;
        if (entries[i].call() != entries[i].rc || before != live)
            fail_msg("entry %zu", i);
    }
    assert_nothing_written();
    release();
}

/* As long as the card does not say whether it is one, nothing is written. */
static void not_described(void **unused)
{
    static DWORD (*const writes[])(void) = { make_dir, drop_dir, make_one,   write_one,
                                             drop_one, make_key, import_key, drop_key };

    (void)unused;
    fake_reset();
    fake.lazy = true;
    fake.failing = DESCRIBE;
    fake.fails_with = SCARD_F_COMM_ERROR;
    fake.roles = 0xFF;
    acquire();
    for (size_t i = 0; i < ARRAY(writes); i++)
        assert_int_equal(writes[i](), SCARD_F_COMM_ERROR);
    assert_nothing_written();
    release();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shown),
        cmocka_unit_test(changed),
        cmocka_unit_test(unblocked_by_puk),
        cmocka_unit_test(told),
        cmocka_unit_test(guarded),
        cmocka_unit_test(agreements),
        cmocka_unit_test(described),
        cmocka_unit_test(read_only),
        cmocka_unit_test(not_described),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
