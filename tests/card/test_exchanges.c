/* SPDX-License-Identifier: MIT */
/*
 * Command and answer pairs a function costs, exactly. `floor` is what the card's command set asks
 * for at least, with tables cached. Ours is one more where the selection is proven by a read before
 * a command that writes or could cost a try (edge/edge.h), and more where the card is asked who is
 * authenticated: another process may have changed that, so it is not remembered.
 */
#include "support.h"

#include <string.h>

static BYTE kilobyte[1000];

typedef DWORD call_fn(struct desk *d);

static DWORD capabilities(struct desk *d)
{
    CARD_CAPABILITIES c = { 0 };

    return d->data.pfnCardQueryCapabilities(&d->data, &c);
}

static DWORD free_space(struct desk *d)
{
    CARD_FREE_SPACE_INFO c = { 0 };

    return d->data.pfnCardQueryFreeSpace(&d->data, 0, &c);
}

static DWORD key_sizes(struct desk *d)
{
    CARD_KEY_SIZES c = { 0 };

    return d->data.pfnCardQueryKeySizes(&d->data, AT_SIGNATURE, 0, &c);
}

static DWORD guid(struct desk *d)
{
    static const WCHAR name[] = CP_CARD_GUID;
    BYTE out[16];
    DWORD len;

    return d->data.pfnCardGetProperty(&d->data, name, out, sizeof(out), &len, 0);
}

static DWORD authenticated(struct desk *d)
{
    static const WCHAR name[] = CP_CARD_AUTHENTICATED_STATE;
    PIN_SET set;
    DWORD len;

    return d->data.pfnCardGetProperty(&d->data, name, (PBYTE)&set, sizeof(set), &len, 0);
}

static DWORD read_small(struct desk *d)
{
    return read_file(d, NULL, "cardid", NULL, 0);
}

static DWORD read_long(struct desk *d)
{
    return read_file(d, "mscp", "kxc00", kilobyte, sizeof(kilobyte));
}

static DWORD file_info(struct desk *d)
{
    CARD_FILE_INFO info = { 0 };

    return d->data.pfnCardGetFileInfo(&d->data, str("mscp"), str("small"), &info);
}

static DWORD enum_files(struct desk *d)
{
    LPSTR names = NULL;
    DWORD len;
    DWORD rc = d->data.pfnCardEnumFiles(&d->data, str("mscp"), &names, &len, 0);

    if (rc == SCARD_S_SUCCESS)
        mem_free(names);
    return rc;
}

static DWORD write_small(struct desk *d)
{
    return write_file(d, "mscp", "small", "hello", 5);
}

static DWORD write_long(struct desk *d)
{
    return write_file(d, "mscp", "kxc00", kilobyte, sizeof(kilobyte));
}

static DWORD create(struct desk *d)
{
    return create_file(d, NULL, "new", EveryoneReadUserWriteAc);
}

static DWORD delete(struct desk *d)
{
    return d->data.pfnCardDeleteFile(&d->data, NULL, str("new"), 0);
}

static DWORD create_directory(struct desk *d)
{
    return d->data.pfnCardCreateDirectory(&d->data, str("newdir"), UserCreateDeleteDirAc);
}

static DWORD delete_directory(struct desk *d)
{
    return d->data.pfnCardDeleteDirectory(&d->data, str("newdir"));
}

static DWORD create_reserved(struct desk *d)
{
    return d->data.pfnCardCreateFile(&d->data, NULL, str("spare"), 100, EveryoneReadUserWriteAc);
}

static DWORD generate_in(struct desk *d, BYTE index, DWORD spec, DWORD bits)
{
    return d->data.pfnCardCreateContainer(&d->data, index, CARD_CREATE_CONTAINER_KEY_GEN, spec,
                                          bits, NULL);
}

static DWORD generate(struct desk *d)
{
    return generate_in(d, 0, AT_KEYEXCHANGE, 2048);
}

static DWORD generate_ec(struct desk *d)
{
    return generate_in(d, 1, AT_ECDSA_P256, 0);
}

static DWORD generate_second(struct desk *d)
{
    return generate_in(d, 1, AT_ECDHE_P256, 0);
}

static DWORD generate_other(struct desk *d)
{
    return generate_in(d, 1, AT_ECDSA_P384, 0);
}

static DWORD generate_one(struct desk *d)
{
    return generate_in(d, 2, AT_ECDSA_P256, 0);
}

static DWORD delete_container(struct desk *d)
{
    return d->data.pfnCardDeleteContainer(&d->data, 2, 0);
}

static DWORD delete_two_keys(struct desk *d)
{
    return d->data.pfnCardDeleteContainer(&d->data, 1, 0);
}

/* The base point of P-256: a peer whose private key is 1. */
static BYTE peer[8 + 64] =
    "ECK1\x20\0\0\0"
    "\x6B\x17\xD1\xF2\xE1\x2C\x42\x47\xF8\xBC\xE6\xE5\x63\xA4\x40\xF2"
    "\x77\x03\x7D\x81\x2D\xEB\x33\xA0\xF4\xA1\x39\x45\xD8\x98\xC2\x96"
    "\x4F\xE3\x42\xE2\xFE\x1A\x7F\x9B\x8E\xE7\xEB\x4A\x7C\x0F\x9E\x16"
    "\x2B\xCE\x33\x57\x6B\x31\x5E\xCE\xCB\xB6\x40\x68\x37\xBF\x51\xF5";
static BYTE agreed;

static DWORD construct(struct desk *d)
{
    CARD_DH_AGREEMENT_INFO info = { .dwVersion = CARD_DH_AGREEMENT_INFO_VERSION,
                                    .bContainerIndex = 1, .dwPublicKey = sizeof(peer),
                                    .pbPublicKey = peer };
    DWORD rc = d->data.pfnCardConstructDHAgreement(&d->data, &info);

    agreed = info.bSecretAgreementIndex;
    return rc;
}

static DWORD derive(struct desk *d)
{
    static WCHAR hash[] = BCRYPT_KDF_HASH;
    CARD_DERIVE_KEY info = { .dwVersion = 1, .pwszKDF = hash, .bSecretAgreementIndex = agreed };
    DWORD rc = d->data.pfnCardDeriveKey(&d->data, &info);

    if (rc == SCARD_S_SUCCESS)
        mem_free(info.pbDerivedKey);
    return rc;
}

static DWORD destroy(struct desk *d)
{
    return d->data.pfnCardDestroyDHAgreement(&d->data, agreed, 0);
}

static DWORD container_info(struct desk *d)
{
    CONTAINER_INFO info = { 0 };
    DWORD rc = d->data.pfnCardGetContainerInfo(&d->data, 0, 0, &info);

    if (rc == SCARD_S_SUCCESS)
        mem_free(info.pbKeyExPublicKey);
    return rc;
}

static DWORD sign(struct desk *d, BYTE index, DWORD spec, DWORD len, ALG_ID hash, DWORD padding)
{
    CARD_SIGNING_INFO info = { .dwVersion = 2, .bContainerIndex = index, .dwKeySpec = spec,
                               .aiHashAlg = hash, .pbData = kilobyte, .cbData = len,
                               .dwSigningFlags = padding != 0 ? CARD_PADDING_INFO_PRESENT : 0,
                               .dwPaddingType = padding };
    DWORD rc = d->data.pfnCardSignData(&d->data, &info);

    if (rc == SCARD_S_SUCCESS)
        mem_free(info.pbSignedData);
    return rc;
}

static DWORD sign_pkcs1(struct desk *d)
{
    return sign(d, 0, AT_KEYEXCHANGE, 32, CALG_SHA_256, 0);
}

static DWORD sign_raw(struct desk *d)
{
    return sign(d, 0, AT_KEYEXCHANGE, 256, 0, CARD_PADDING_NONE);
}

static DWORD sign_ec(struct desk *d)
{
    return sign(d, 1, AT_ECDSA_P256, 32, CALG_SHA_256, 0);
}

static DWORD decrypt(struct desk *d)
{
    BYTE block[256] = { 2 };
    CARD_RSA_DECRYPT_INFO info = { .dwVersion = 2, .dwKeySpec = AT_KEYEXCHANGE, .pbData = block,
                                   .cbData = sizeof(block), .dwPaddingType = CARD_PADDING_NONE };

    return d->data.pfnCardRSADecrypt(&d->data, &info);
}

static DWORD show_pin(struct desk *d)
{
    static const WCHAR user[] = wszCARD_USER_USER;

    return d->data.pfnCardAuthenticatePin(&d->data, wide(user), bytes(PIN), PIN_LEN, NULL);
}

static BYTE response[8];

static DWORD challenge(struct desk *d)
{
    PBYTE data = NULL;
    DWORD len;
    DWORD rc = d->data.pfnCardGetChallenge(&d->data, &data, &len);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    respond_to(data, response);
    mem_free(data);
    return rc;
}

static DWORD respond(struct desk *d)
{
    return d->data.pfnCardAuthenticateChallenge(&d->data, response, sizeof(response), NULL);
}

static DWORD change_pin(struct desk *d) /* to what it was */
{
    static const WCHAR user[] = wszCARD_USER_USER;

    return d->data.pfnCardChangeAuthenticator(&d->data, wide(user), bytes(PIN), PIN_LEN, bytes(PIN),
                                              PIN_LEN, 0, CARD_AUTHENTICATE_PIN_PIN, NULL);
}

static DWORD change_key(struct desk *d)
{
    static const WCHAR admin[] = wszCARD_USER_ADMIN;

    return d->data.pfnCardChangeAuthenticator(&d->data, wide(admin), response, sizeof(response),
                                              bytes(admin_key), 24, 0,
                                              CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE, NULL);
}

static DWORD unblock(struct desk *d)
{
    static const WCHAR user[] = wszCARD_USER_USER;

    return d->data.pfnCardUnblockPin(&d->data, wide(user), response, sizeof(response), bytes(PIN),
                                     PIN_LEN, 0, CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE);
}

static DWORD log_out(struct desk *d)
{
    return d->data.pfnCardDeauthenticateEx(&d->data, PIN_SET_ALL_ROLES, 0);
}

#define PROOF "selection proven first"
#define FRESH "the table as the card has it, which proves the selection"
#define SHOWN "the old PIN by itself first; selection proven"
#define ROLES "the card is asked who is authenticated"

/* In this order: a row may rely on those above it. Floors with extended and with short APDUs, then
 * ours: extended, tables in the caller's cache; short, likewise; extended, no cache. A table that
 * is to be rewritten is read from the card, which proves the selection as well. */
static const struct row {
    const char *name;
    call_fn *call;
    unsigned floor, floor_short, cached, cached_short, bare;
    const char *why;
} rows[] = {
    { "QueryCapabilities",          capabilities,     0, 0, 0, 0, 0, "" },
    { "QueryKeySizes",              key_sizes,        0, 0, 0, 0, 0, "" },
    { "QueryFreeSpace",             free_space,       1, 1, 1, 1, 2, "" },
    { "GetProperty GUID",           guid,             1, 1, 1, 1, 1, "" },
    { "ReadFile cardid",            read_small,       1, 1, 1, 1, 1, "" },
    { "EnumFiles",                  enum_files,       0, 0, 0, 0, 1, "" },
    { "GetFileInfo",                file_info,        1, 1, 1, 1, 2, "" },
    { "AuthenticatePin",            show_pin,         1, 1, 2, 2, 2, PROOF },
    { "GetProperty roles, user",    authenticated,    0, 0, 2, 2, 2, ROLES },
    { "WriteFile 5 bytes",          write_small,      1, 1, 2, 2, 3, PROOF },
    { "WriteFile 1000 bytes",       write_long,       1, 4, 2, 5, 3, PROOF },
    { "ReadFile 1000 bytes",        read_long,        1, 4, 1, 4, 2, "" },
    { "CreateFile",                 create,           1, 1, 2, 2, 3, FRESH },
    { "CreateFile, reserved",       create_reserved,  2, 2, 3, 3, 4, FRESH },
    { "DeleteFile",                 delete,           2, 2, 3, 3, 4, FRESH },
    { "CreateDirectory",            create_directory, 1, 1, 2, 2, 3, FRESH },
    { "DeleteDirectory",            delete_directory, 1, 1, 4, 4, 5, FRESH "; " ROLES },
    { "CreateContainer RSA-2048",   generate,         4, 5, 5, 6, 5, FRESH },
    { "the same, key replaced",     generate,         1, 2, 2, 3, 2, FRESH },
    { "CreateContainer P-256",      generate_ec,      4, 4, 5, 5, 5, FRESH },
    { "GetContainerInfo RSA-2048",  container_info,   0, 0, 0, 0, 2, "" },
    { "SignData RSA-2048 PKCS#1",   sign_pkcs1,       2, 2, 2, 2, 3, "" },
    { "SignData RSA-2048 raw",      sign_raw,         2, 3, 2, 3, 3, "" },
    { "SignData P-256",             sign_ec,          2, 2, 2, 2, 3, "" },
    { "RSADecrypt RSA-2048",        decrypt,          2, 3, 2, 3, 3, "" },
    { "the same, a second key",     generate_second,  4, 4, 5, 5, 5, FRESH },
    { "ConstructDHAgreement",       construct,        2, 2, 2, 2, 3, "" },
    { "DeriveKey",                  derive,           0, 0, 2, 2, 2, ROLES },
    { "DestroyDHAgreement",         destroy,          0, 0, 2, 2, 2, ROLES },
    { "key replaced, another size", generate_other,   6, 6, 7, 7, 7, FRESH },
    { "DeleteContainer, two keys",  delete_two_keys,  5, 5, 6, 6, 7, FRESH },
    { "CreateContainer P-256",      generate_one,     4, 4, 5, 5, 5, FRESH },
    { "DeleteContainer",            delete_container, 3, 3, 4, 4, 5, FRESH },
    { "ChangeAuthenticator, user",  change_pin,       1, 1, 3, 3, 3, SHOWN },
    { "Deauthenticate",             log_out,          1, 1, 1, 1, 1, "" },
    { "GetProperty roles, nobody",  authenticated,    0, 0, 1, 1, 1, ROLES },
    { "GetChallenge",               challenge,        2, 2, 2, 2, 2, "" },
    { "AuthenticateChallenge",      respond,          1, 1, 1, 1, 1, "" },
    { "GetProperty roles, admin",   authenticated,    0, 0, 4, 4, 4, ROLES },
    { "GetChallenge",               challenge,        2, 2, 2, 2, 2, "" },
    { "ChangeAuthenticator, admin", change_key,       2, 2, 2, 2, 2, "" },
    { "GetChallenge",               challenge,        2, 2, 2, 2, 2, "" },
    { "UnblockPin by the admin",    unblock,          2, 2, 2, 2, 2, "" },
};

/* Files, and whatever is asked once per card or kept in the cache. */
static void prepare(struct desk *d)
{
    be_admin(d);
    assert_rc(create_file(d, NULL, "cardid", EveryoneReadAdminWriteAc), SCARD_S_SUCCESS);
    assert_rc(write_file(d, NULL, "cardid", "0123456789abcdef", 16), SCARD_S_SUCCESS);
    assert_rc(d->data.pfnCardCreateDirectory(&d->data, str("mscp"), UserCreateDeleteDirAc),
              SCARD_S_SUCCESS);
    assert_rc(create_file(d, "mscp", "small", EveryoneReadUserWriteAc), SCARD_S_SUCCESS);
    assert_rc(write_small(d), SCARD_S_SUCCESS);
    assert_rc(create_file(d, "mscp", "kxc00", EveryoneReadUserWriteAc), SCARD_S_SUCCESS);
    assert_rc(write_long(d), SCARD_S_SUCCESS);
    be_user(d);
    assert_rc(generate_in(d, 9, AT_ECDSA_P256, 0), SCARD_S_SUCCESS); /* the card has a keymap */
    assert_rc(d->data.pfnCardDeleteContainer(&d->data, 9, 0), SCARD_S_SUCCESS);
    be_nobody(d);
}

static void measure(const struct softcard_options *options, bool cache, unsigned *ret)
{
    struct desk d;

    make_card("bob", options);
    desk_open(&d, "bob", 7);
    if (cache)
        desk_cache(&d);
    prepare(&d);
    for (size_t i = 0; i < ARRAY(rows); i++) {
        unsigned long before = exchanges(&d);
        DWORD rc = rows[i].call(&d);

        if (rc != SCARD_S_SUCCESS)
            fail_msg("%s: %08x", rows[i].name, rc);
        ret[i] = (unsigned)(exchanges(&d) - before);
    }
    desk_close(&d);
    assert_int_equal(home_remove("bob"), SOFTCARD_OK);
}

static void table(void **state)
{
    const struct softcard_options is_short = { .no_extended = true };
    unsigned cached[ARRAY(rows)], cached_short[ARRAY(rows)], bare[ARRAY(rows)], failed = 0;

    (void)state;
    measure(NULL, true, cached);
    measure(&is_short, true, cached_short);
    measure(NULL, false, bare);
    print_message("%-28s %11s  %11s  no cache\n", "", "extended", "short");
    print_message("%-28s floor  ours  floor  ours      ours\n", "");
    for (size_t i = 0; i < ARRAY(rows); i++) {
        const struct row *r = &rows[i];
        bool same = cached[i] == r->cached && cached_short[i] == r->cached_short &&
                    bare[i] == r->bare;

        print_message("%-28s %5u %5u  %5u %5u  %8u  %s%s\n", r->name, r->floor, cached[i],
                      r->floor_short, cached_short[i], bare[i], r->why,
                      same ? "" : "  <-- not as expected");
        failed += same ? 0 : 1;
    }
    assert_int_equal(failed, 0);
}

/* A floor is a floor, and what is above it says why. */
static void floors(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY(rows); i++) {
        assert_true(rows[i].cached >= rows[i].floor && rows[i].bare >= rows[i].cached);
        assert_true(rows[i].cached_short >= rows[i].floor_short);
        if (rows[i].cached > rows[i].floor || rows[i].cached_short > rows[i].floor_short)
            assert_true(rows[i].why[0] != '\0');
    }
}

/* A card with a PUK: tried as an answer, PUK asked for, used, logged out. Floor 1. */
static void unblock_by_puk(void **state)
{
    const struct softcard_options with_puk = { .unblock = SOFTCARD_UNBLOCK_PUK };
    static const struct {
        const char *puk;
        DWORD want;
        unsigned cost;
    } tries[] = {
        { PUK, SCARD_S_SUCCESS, 4 },
        { WRONG_PIN, SCARD_W_WRONG_CHV, 4 },
        { PUK, SCARD_S_SUCCESS, 4 },
    };
    static const WCHAR user[] = wszCARD_USER_USER;
    struct desk d;

    (void)state;
    make_card("carol", &with_puk);
    desk_open(&d, "carol", 7);
    for (size_t i = 0; i < ARRAY(tries); i++) {
        unsigned long before = exchanges(&d);

        assert_rc(d.data.pfnCardUnblockPin(&d.data, wide(user), bytes(tries[i].puk), PIN_LEN,
                                           bytes(PIN), PIN_LEN, 0,
                                           CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE), tries[i].want);
        assert_int_equal(exchanges(&d) - before, tries[i].cost);
    }
    desk_close(&d);
    assert_int_equal(home_remove("carol"), SOFTCARD_OK);
}

static void acquire(void **state)
{
    struct desk d;
    unsigned long before;

    (void)state;
    desk_open(&d, CARD, 7);
    assert_int_equal(exchanges(&d), 1); /* floor 1: SELECT */
    before = exchanges(&d);
    assert_rc(read_file(&d, NULL, "cardid", NULL, 0), SCARD_E_FILE_NOT_FOUND);
    assert_true(exchanges(&d) > before);
    desk_close(&d);
    assert_int_equal(mem_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        desk_test(acquire),
        desk_test(unblock_by_puk),
        desk_test(floors),
        desk_test(table),
    };

    return cmocka_run_group_tests(tests, home_begin, home_end);
}
