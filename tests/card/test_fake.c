/* SPDX-License-Identifier: MIT */
/* The driver on a card that GIDS is not: read-only, with directories of the admin, with a free
 * space that is known, with two keys in a container; and every verb of it failing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cardmint/cardmod.h"
#include "fake_caller.h"
#include "fake_edge.h"

#include <stdlib.h>
#include <string.h>

#define OK               SCARD_S_SUCCESS
#define INVALID          SCARD_E_INVALID_PARAMETER
#define VIOLATION        SCARD_W_SECURITY_VIOLATION
#define LACKS            SCARD_E_UNSUPPORTED_FEATURE
#define USER             CREATE_PIN_SET(ROLE_USER)
#define ADMIN            CREATE_PIN_SET(ROLE_ADMIN)
#define ARRAY(a)         (sizeof(a) / sizeof((a)[0]))
#define assert_rc(a, b)  assert_int_equal((a), (b))

/* ---- calls ----------------------------------------------------------------------------------- */

static char dir_mine[] = "mine", dir_theirs[] = "theirs", name_one[] = "one", name_new[] = "new",
            name_secret[] = "secret", name_id[] = "cardid", name_long[] = "ninechars";
static WCHAR user[] = wszCARD_USER_USER, admin[] = wszCARD_USER_ADMIN;
static BYTE some[256] = "12345678";
static PBYTE out;
static DWORD out_len;

static DWORD make_dir(void)
{
    return d->pfnCardCreateDirectory(d, name_new, AdminCreateDeleteDirAc);
}

static DWORD drop_dir(void)
{
    return d->pfnCardDeleteDirectory(d, dir_theirs);
}

static DWORD make_file(void)
{
    return d->pfnCardCreateFile(d, dir_mine, name_new, 100, EveryoneReadUserWriteAc);
}

static DWORD make_theirs(void)
{
    return d->pfnCardCreateFile(d, dir_theirs, name_new, 0, AdminReadWriteAc);
}

static DWORD read_one(void)
{
    return d->pfnCardReadFile(d, dir_mine, name_one, 0, &out, &out_len);
}

static DWORD read_id(void)
{
    return d->pfnCardReadFile(d, NULL, name_id, 0, &out, &out_len);
}

static DWORD write_one(void)
{
    return d->pfnCardWriteFile(d, dir_mine, name_one, 0, some, 5);
}

static DWORD drop_one(void)
{
    return d->pfnCardDeleteFile(d, dir_mine, name_one, 0);
}

static DWORD drop_secret(void)
{
    return d->pfnCardDeleteFile(d, NULL, name_secret, 0);
}

static DWORD list(void)
{
    return d->pfnCardEnumFiles(d, dir_mine, (LPSTR *)(void *)&out, &out_len, 0);
}

static DWORD file_info(void)
{
    CARD_FILE_INFO info = { 0 };

    return d->pfnCardGetFileInfo(d, dir_mine, name_one, &info);
}

static DWORD free_space(void)
{
    CARD_FREE_SPACE_INFO info = { 0 };

    return d->pfnCardQueryFreeSpace(d, 0, &info);
}

static DWORD guid(void)
{
    return property(CP_CARD_GUID, 0, some + 100, 16);
}

static DWORD state(void)
{
    PIN_SET set;

    return property(CP_CARD_AUTHENTICATED_STATE, 0, &set, sizeof(set));
}

static DWORD show_pin(void)
{
    return d->pfnCardAuthenticatePin(d, user, some, 8, NULL);
}

static DWORD draw(void)
{
    return d->pfnCardGetChallenge(d, &out, &out_len);
}

static DWORD answer(void)
{
    return d->pfnCardAuthenticateChallenge(d, some, 8, NULL);
}

static DWORD log_out(void)
{
    return d->pfnCardDeauthenticate(d, user, 0);
}

static DWORD make_key(void)
{
    return d->pfnCardCreateContainer(d, 2, CARD_CREATE_CONTAINER_KEY_GEN, AT_SIGNATURE, 1024, NULL);
}

static DWORD drop_key(void)
{
    return d->pfnCardDeleteContainer(d, 0, 0);
}

static DWORD key_info(void)
{
    CONTAINER_INFO info = { 0 };
    DWORD rc = d->pfnCardGetContainerInfo(d, 0, 0, &info);

    if (rc == OK) {
        assert_int_equal(info.cbSigPublicKey, 20 + 128);
        assert_int_equal(info.cbKeyExPublicKey, 20 + 128);
        assert_int_equal(info.pbSigPublicKey[20], AT_SIGNATURE);
        assert_int_equal(info.pbKeyExPublicKey[20], AT_KEYEXCHANGE);
        mem_free_one(info.pbSigPublicKey);
        mem_free_one(info.pbKeyExPublicKey);
    } else {
        assert_null(info.pbSigPublicKey);
        assert_null(info.pbKeyExPublicKey);
    }
    return rc;
}

static DWORD sign(void)
{
    CARD_SIGNING_INFO info = { .dwVersion = 1, .dwKeySpec = AT_SIGNATURE, .aiHashAlg = CALG_SHA1,
                               .pbData = some, .cbData = 20 };
    DWORD rc = d->pfnCardSignData(d, &info);

    out = info.pbSignedData;
    out_len = info.cbSignedData;
    return rc;
}

static DWORD decrypt(void)
{
    BYTE block[128] = { 'x' };
    CARD_RSA_DECRYPT_INFO info = { .dwVersion = 2, .dwKeySpec = AT_KEYEXCHANGE, .pbData = block,
                                   .cbData = 128, .dwPaddingType = CARD_PADDING_NONE };
    DWORD rc = d->pfnCardRSADecrypt(d, &info);

    if (rc != OK)
        assert_int_equal(block[0], 'x');
    return rc;
}

static DWORD new_pin(void)
{
    return d->pfnCardChangeAuthenticator(d, user, some, 8, some, 6, 5, CARD_AUTHENTICATE_PIN_PIN,
                                         NULL);
}

static DWORD new_key(void)
{
    return d->pfnCardChangeAuthenticator(d, admin, some, 8, some, 24, 0,
                                         CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE, NULL);
}

static DWORD unblock(void)
{
    return d->pfnCardUnblockPin(d, user, some, 8, some, 6, 5,
                                CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE);
}

static bool ends_agreements(DWORD rc)
{
    return rc == SCARD_W_RESET_CARD || rc == SCARD_W_REMOVED_CARD;
}

/* Whatever fails: nothing of the agreement stays. A card that was reset has ended it. */
static DWORD drop_agreement(BYTE index, DWORD rc)
{
    DWORD dropped = d->pfnCardDestroyDHAgreement(d, index, 0);

    if (dropped != OK) {
        bool ended = ends_agreements(rc) || ends_agreements(dropped);

        fake.failing = VERBS;
        assert_rc(d->pfnCardDestroyDHAgreement(d, index, 0), ended ? SCARD_E_INVALID_PARAMETER : OK);
        if (out != NULL)
            mem_free_one(out);
        out = NULL;
        out_len = 0;
    }
    return rc != OK ? rc : dropped;
}

static DWORD construct(BYTE *index)
{
    BYTE peer[8 + 64] = "ECK1\x20";
    CARD_DH_AGREEMENT_INFO info = { .dwVersion = CARD_DH_AGREEMENT_INFO_VERSION,
                                    .bContainerIndex = 1, .dwPublicKey = sizeof(peer),
                                    .pbPublicKey = peer };
    DWORD rc = d->pfnCardConstructDHAgreement(d, &info);

    *index = info.bSecretAgreementIndex;
    return rc;
}

static DWORD agree(void)
{
    BYTE index;
    DWORD rc = construct(&index);

    return rc != OK ? rc : drop_agreement(index, OK);
}

static DWORD derive(void)
{
    static WCHAR hash[] = BCRYPT_KDF_HASH;
    CARD_DERIVE_KEY info = { .dwVersion = 1, .pwszKDF = hash };
    DWORD rc = construct(&info.bSecretAgreementIndex);

    if (rc != OK)
        return rc;
    rc = d->pfnCardDeriveKey(d, &info);
    out = info.pbDerivedKey;
    out_len = info.cbDerivedKey;
    return drop_agreement(info.bSecretAgreementIndex, rc);
}

/* With both roles authenticated all of them succeed. `asks`: verbs on the way there, one each;
 * `twice`: two, as public_key for two keys. No fact is fetched that only a failure needs. */
static const struct call {
    DWORD (*call)(void);
    uint32_t asks, twice;
} calls[] = {
    { make_dir, 1u << TABLE | 1u << CREATE, 0 },
    { drop_dir, 1u << ROLES | 1u << TABLE | 1u << REMOVE, 0 },
    { make_file, 1u << TABLE | 1u << CREATE, 0 },
    { make_theirs, 1u << TABLE | 1u << CREATE, 0 },
    { read_one, 1u << TABLE | 1u << READ, 0 },
    { read_id, 1u << TABLE | 1u << READ, 0 },
    { write_one, 1u << TABLE | 1u << WRITE, 0 },
    { drop_one, 1u << TABLE | 1u << REMOVE, 0 },
    { drop_secret, 1u << TABLE | 1u << ROLES | 1u << REMOVE, 0 },
    { list, 1u << TABLE, 0 },
    { file_info, 1u << TABLE | 1u << READ, 0 },
    { free_space, 1u << SPACE, 0 },
    { guid, 1u << TABLE | 1u << READ, 0 },
    { state, 1u << ROLES, 0 },
    { show_pin, 1u << VERIFY, 0 },
    { draw, 1u << CHALLENGE, 0 },
    { answer, 1u << RESPOND, 0 },
    { log_out, 1u << LOGOUT, 0 },
    { make_key, 1u << GENERATE, 0 },
    { drop_key, 1u << CONTAINERS | 1u << ERASE, 0 },
    { key_info, 1u << CONTAINERS | 1u << PUBLIC_KEY, 1u << PUBLIC_KEY },
    { sign, 1u << CONTAINERS | 1u << SIGN, 0 },
    { decrypt, 1u << CONTAINERS | 1u << DECRYPT, 0 },
    { new_pin, 1u << CHANGE, 0 },
    { new_key, 1u << CHANGE_KEY, 0 },
    { unblock, 1u << UNBLOCK, 0 },
    { agree, 1u << CONTAINERS | 1u << AGREE | 1u << ROLES, 0 },
    { derive, 1u << CONTAINERS | 1u << AGREE | 1u << ROLES, 1u << ROLES },
};

static void start(uint8_t roles)
{
    fake_reset();
    fake.roles = roles;
    out = NULL;
    out_len = 0;
}

static DWORD call(size_t i)
{
    long before = live;
    DWORD rc = calls[i].call();

    if (rc == OK && out != NULL)
        mem_free_one(out);
    else if (rc != OK && (out != NULL || out_len != 0))
        fail_msg("call %zu: a result in spite of %08x", i, rc);
    assert_int_equal(live, before);
    return rc;
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void what_is_asked(void **unused)
{
    (void)unused;
    start(0);
    acquire();
    for (size_t i = 0; i < ARRAY(calls); i++) {
        start(USER | ADMIN);
        assert_rc(call(i), OK);
        for (unsigned v = 0; v < VERBS; v++) {
            unsigned want = (calls[i].asks >> v & 1) + (calls[i].twice >> v & 1);

            if (fake.asked[v] != want)
                fail_msg("call %zu: verb %u asked %u times", i, v, fake.asked[v]);
        }
    }
    release();
}

/* What a verb cannot do, the function answers, unchanged; at the first and at the second time. */
static void each_verb_fails(void **unused)
{
    static const DWORD codes[] = { SCARD_W_REMOVED_CARD, SCARD_W_RESET_CARD, SCARD_E_NO_MEMORY,
                                   SCARD_F_COMM_ERROR, VIOLATION };
    unsigned failed = 0;

    (void)unused;
    start(0);
    acquire();
    for (size_t i = 0; i < ARRAY(calls); i++)
        for (unsigned v = 0; v < VERBS; v++)
            for (unsigned at = 1; at <= 2; at++)
                for (size_t c = 0; c < ARRAY(codes); c++) {
                    DWORD rc;

                    start(USER | ADMIN);
                    fake.failing = (enum verb)v;
                    fake.fails_at = at;
                    fake.fails_with = codes[c];
                    rc = call(i);
                    assert_rc(rc, fake.asked[v] >= at ? codes[c] : OK);
                    failed += rc != OK ? 1 : 0;
                }
    assert_true(failed > ARRAY(calls) * ARRAY(codes));
    release();
}

/* CMR.3.4.2.E8, CMR.3.4.2.E9, CMR.3.4.4.E6: directories of the admin. By roles authenticated. */
static void directories_of_the_admin(void **unused)
{
    static const struct {
        uint8_t roles;
        DWORD theirs, mine, in_theirs;
    } rows[] = {
        { 0, VIOLATION, VIOLATION, VIOLATION },
        { USER, VIOLATION, OK, VIOLATION },
        { ADMIN, OK, VIOLATION, OK },
        { USER | ADMIN, OK, OK, OK },
    };

    (void)unused;
    start(0);
    acquire();
    for (size_t i = 0; i < ARRAY(rows); i++) {
        start(rows[i].roles);
        assert_rc(d->pfnCardDeleteDirectory(d, dir_theirs), rows[i].theirs);
        assert_rc(d->pfnCardDeleteDirectory(d, dir_mine),
                  rows[i].roles == 0 ? VIOLATION : ERROR_DIR_NOT_EMPTY); /* E7 before E9 */
        fake.file_count = 3; /* "mine" without "one" */
        assert_rc(d->pfnCardDeleteDirectory(d, dir_mine), rows[i].mine);
        fake.file_count = 5;
        assert_rc(make_theirs(), rows[i].in_theirs);
        /* the right is printed before the name */
        assert_rc(d->pfnCardCreateFile(d, dir_theirs, name_long, 0, AdminReadWriteAc),
                  rows[i].in_theirs == OK ? INVALID : VIOLATION);
    }
    release();
}

/* CMR.3.4.4.E11, and its place: behind the file that exists. */
static void known_free_space(void **unused)
{
    (void)unused;
    start(0);
    acquire();
    start(USER);
    assert_rc(d->pfnCardCreateFile(d, dir_mine, name_new, 100, EveryoneReadUserWriteAc), OK);
    assert_int_equal(fake.reserved, 100);
    assert_rc(d->pfnCardCreateFile(d, dir_mine, name_new, 101, EveryoneReadUserWriteAc), INVALID);
    assert_rc(d->pfnCardCreateFile(d, dir_mine, name_one, 101, EveryoneReadUserWriteAc),
              ERROR_FILE_EXISTS);
    fake.free_bytes = CARD_DATA_VALUE_UNKNOWN;
    assert_rc(d->pfnCardCreateFile(d, dir_mine, name_new, 0xFFFFFFFF, EveryoneReadUserWriteAc), OK);
    start(0);
    assert_rc(d->pfnCardCreateFile(d, dir_mine, name_new, 101, EveryoneReadUserWriteAc), VIOLATION);
    release();
}

/* Tries left are told where that is what went wrong; tries to come reach the card as they are. */
static void new_secrets(void **unused)
{
    static const struct {
        DWORD rc, left;
    } rows[] = {
        { OK, 0xFFFFFFFF },
        { SCARD_W_WRONG_CHV, 2 },
        { INVALID, 0xFFFFFFFF },
        { VIOLATION, 0xFFFFFFFF },
    };

    (void)unused;
    start(0);
    acquire();
    for (size_t i = 0; i < ARRAY(rows); i++) {
        DWORD left = 77;

        start(0);
        fake.failing = rows[i].rc != OK ? CHANGE : VERBS;
        fake.fails_with = rows[i].rc;
        assert_rc(d->pfnCardChangeAuthenticator(d, user, some, 8, some, 6, 15,
                                                CARD_AUTHENTICATE_PIN_PIN, &left), rows[i].rc);
        assert_int_equal(left, rows[i].left);
        assert_int_equal(fake.tries, 15);
        assert_rc(d->pfnCardUnblockPin(d, user, some, 8, some, 6, 7,
                                       CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE), OK);
        assert_int_equal(fake.tries, 7);
        assert_int_equal(fake.roles, 0);
    }
    release();
}

/* CMR.4.2.1.E7, CMR.4.3.6.E6: this card has no keys for P-256 signatures. */
static void lacking_keys(void **unused)
{
    CARD_KEY_SIZES sizes = { 0 };

    (void)unused;
    start(0);
    acquire();
    start(USER);
    assert_rc(d->pfnCardQueryKeySizes(d, AT_ECDSA_P256, 0, &sizes), LACKS);
    assert_rc(d->pfnCardCreateContainer(d, 2, CARD_CREATE_CONTAINER_KEY_GEN, AT_ECDSA_P256, 0,
                                        NULL), LACKS);
    assert_rc(d->pfnCardCreateContainer(d, 2, CARD_CREATE_CONTAINER_KEY_IMPORT, AT_ECDSA_P256, 0,
                                        some), LACKS);
    assert_int_equal(fake.asked[GENERATE] + fake.asked[IMPORT], 0);
    start(0); /* before the index, before the right */
    assert_rc(d->pfnCardCreateContainer(d, 0xFF, CARD_CREATE_CONTAINER_KEY_GEN, AT_ECDSA_P256, 0,
                                        NULL), LACKS);
    release();
}

/* A read-only card: what writes is there and unsupported, behind the checks of the parameters. */
static void read_only(void **unused)
{
    static DWORD (*const writes[])(void) = { make_dir,    drop_dir, make_file, write_one, drop_one,
                                             drop_secret, make_key, drop_key };
    CARD_FREE_SPACE_INFO space = { 0 };
    CARD_CAPABILITIES caps = { 0 };
    BOOL flag = FALSE;

    (void)unused;
    fake_reset();
    fake.profile.read_only = true;
    acquire();
    start(USER | ADMIN);
    for (size_t i = 0; i < ARRAY(writes); i++)
        assert_rc(writes[i](), LACKS);
    assert_rc(d->pfnCardWriteFile(d, dir_mine, name_one, 0, NULL, 0), INVALID);
    assert_rc(d->pfnCardCreateDirectory(d, name_long, UserCreateDeleteDirAc), INVALID);
    assert_rc(d->pfnCardQueryFreeSpace(d, 0, &space), OK);
    assert_int_equal(space.dwBytesAvailable, 0);
    assert_int_equal(space.dwKeyContainersAvailable, 0);
    assert_rc(d->pfnCardQueryCapabilities(d, &caps), OK);
    assert_false(caps.fKeyGen);
    assert_rc(property(CP_CARD_READ_ONLY, 0, &flag, sizeof(flag)), OK);
    assert_true(flag);
    assert_rc(property(CP_SUPPORTS_WIN_X509_ENROLLMENT, 0, &flag, sizeof(flag)), OK);
    assert_false(flag);
    for (unsigned v = WRITE; v <= SPACE; v++)
        assert_int_equal(fake.asked[v], 0);
    release();
}

/* The admin may have a PIN, or be nobody at all. */
static void kinds_of_admin(void **unused)
{
    static const struct {
        enum edge_secret kind;
        DWORD pin, challenge, ex;
    } rows[] = {
        { EDGE_SECRET_KEY, INVALID, OK, OK },
        { EDGE_SECRET_PIN, OK, LACKS, OK },
        { EDGE_SECRET_NONE, INVALID, LACKS, INVALID },
    };
    PIN_SET pins;

    (void)unused;
    for (size_t i = 0; i < ARRAY(rows); i++) {
        start(0);
        fake.profile.pins[EDGE_ADMIN].kind = rows[i].kind;
        acquire();
        assert_rc(d->pfnCardAuthenticatePin(d, admin, some, 8, NULL), rows[i].pin);
        assert_rc(draw(), rows[i].challenge);
        if (out != NULL)
            mem_free_one(out);
        out = NULL;
        assert_rc(answer(), rows[i].challenge);
        assert_rc(d->pfnCardAuthenticateEx(d, ROLE_ADMIN, 0, some, 8, NULL, NULL, NULL),
                  rows[i].ex);
        assert_rc(property(CP_CARD_LIST_PINS, 0, &pins, sizeof(pins)), OK);
        assert_int_equal(pins, rows[i].kind == EDGE_SECRET_NONE ? USER : USER | ADMIN);
        release();
    }
}

/* cardid is looked for at its usual place first; the table says where it really is. */
static void moved_file(void **unused)
{
    (void)unused;
    start(0);
    acquire();
    fake.has_fixed = true;
    assert_rc(read_id(), OK);
    assert_int_equal(out_len, 16);
    assert_memory_equal(out, "0123456789abcdef", 16);
    mem_free_one(out);
    assert_rc(guid(), OK);
    assert_memory_equal(some + 100, "0123456789abcdef", 16);
    fake.content[0] = "short";
    assert_rc(guid(), SCARD_E_UNEXPECTED);
    fake.files[0].name[0] = 'x'; /* not there at all */
    assert_rc(read_id(), SCARD_E_FILE_NOT_FOUND);
    assert_rc(guid(), SCARD_E_FILE_NOT_FOUND);
    release();
}

/* What the card gives is not trusted: a signature too short, more plaintext than there can be. */
static void wrong_lengths(void **unused)
{
    (void)unused;
    start(0);
    acquire();
    start(USER);
    fake.off = 1;
    assert_rc(sign(), SCARD_E_UNEXPECTED);
    assert_null(out);
    assert_rc(decrypt(), SCARD_E_UNEXPECTED);
    release();
}

/* A key for agreement: its blob says so, and it signs where the card lets it. */
static void agreement_key(void **unused)
{
    CARD_SIGNING_INFO sig = { .dwVersion = 1, .bContainerIndex = 1, .dwKeySpec = AT_ECDHE_P256,
                              .pbData = some, .cbData = 32 };
    CARD_RSA_DECRYPT_INFO dec = { .dwVersion = 2, .bContainerIndex = 1, .dwKeySpec = AT_ECDHE_P256,
                                  .pbData = some, .cbData = 64,
                                  .dwPaddingType = CARD_PADDING_NONE };
    CONTAINER_INFO info = { 0 };

    (void)unused;
    start(0);
    acquire();
    start(USER);
    assert_rc(d->pfnCardGetContainerInfo(d, 1, 0, &info), OK);
    assert_null(info.pbSigPublicKey);
    assert_int_equal(info.cbKeyExPublicKey, 8 + 64);
    assert_memory_equal(info.pbKeyExPublicKey, "ECK1\x20\0\0\0", 8);
    mem_free_one(info.pbKeyExPublicKey);
    assert_rc(d->pfnCardSignData(d, &sig), OK);
    assert_int_equal(sig.cbSignedData, 64);
    mem_free_one(sig.pbSignedData);
    assert_rc(d->pfnCardRSADecrypt(d, &dec), INVALID); /* CMR.4.3.1.E5 */
    release();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_asked),
        cmocka_unit_test(each_verb_fails),
        cmocka_unit_test(directories_of_the_admin),
        cmocka_unit_test(known_free_space),
        cmocka_unit_test(new_secrets),
        cmocka_unit_test(lacking_keys),
        cmocka_unit_test(read_only),
        cmocka_unit_test(kinds_of_admin),
        cmocka_unit_test(moved_file),
        cmocka_unit_test(wrong_lengths),
        cmocka_unit_test(agreement_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
