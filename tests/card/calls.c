/* SPDX-License-Identifier: MIT */
#include "calls.h"

#include <string.h>

BYTE kilobyte[1000];

DWORD call_capabilities(struct desk *d)
{
    CARD_CAPABILITIES c = { 0 };

    return d->data.pfnCardQueryCapabilities(&d->data, &c);
}

DWORD call_free_space(struct desk *d)
{
    CARD_FREE_SPACE_INFO c = { 0 };

    return d->data.pfnCardQueryFreeSpace(&d->data, 0, &c);
}

DWORD call_key_sizes(struct desk *d)
{
    CARD_KEY_SIZES c = { 0 };

    return d->data.pfnCardQueryKeySizes(&d->data, AT_SIGNATURE, 0, &c);
}

DWORD call_guid(struct desk *d)
{
    static const WCHAR name[] = CP_CARD_GUID;
    BYTE out[16];
    DWORD len;

    return d->data.pfnCardGetProperty(&d->data, name, out, sizeof(out), &len, 0);
}

DWORD call_authenticated(struct desk *d)
{
    static const WCHAR name[] = CP_CARD_AUTHENTICATED_STATE;
    PIN_SET set;
    DWORD len;

    return d->data.pfnCardGetProperty(&d->data, name, (PBYTE)&set, sizeof(set), &len, 0);
}

DWORD call_read_small(struct desk *d)
{
    return read_file(d, NULL, "cardid", NULL, 0);
}

DWORD call_read_long(struct desk *d)
{
    return read_file(d, "mscp", "kxc00", kilobyte, sizeof(kilobyte));
}

DWORD call_file_info(struct desk *d)
{
    CARD_FILE_INFO info = { 0 };

    return d->data.pfnCardGetFileInfo(&d->data, str("mscp"), str("small"), &info);
}

DWORD call_enum_files(struct desk *d)
{
    LPSTR names = NULL;
    DWORD len;
    DWORD rc = d->data.pfnCardEnumFiles(&d->data, str("mscp"), &names, &len, 0);

    if (rc == SCARD_S_SUCCESS)
        mem_free(names);
    return rc;
}

DWORD call_write_small(struct desk *d)
{
    return write_file(d, "mscp", "small", "hello", 5);
}

DWORD call_write_long(struct desk *d)
{
    return write_file(d, "mscp", "kxc00", kilobyte, sizeof(kilobyte));
}

DWORD call_create(struct desk *d)
{
    return create_file(d, NULL, "new", EveryoneReadUserWriteAc);
}

DWORD call_delete(struct desk *d)
{
    return d->data.pfnCardDeleteFile(&d->data, NULL, str("new"), 0);
}

DWORD call_create_directory(struct desk *d)
{
    return d->data.pfnCardCreateDirectory(&d->data, str("newdir"), UserCreateDeleteDirAc);
}

DWORD call_delete_directory(struct desk *d)
{
    return d->data.pfnCardDeleteDirectory(&d->data, str("newdir"));
}

DWORD call_create_reserved(struct desk *d)
{
    return d->data.pfnCardCreateFile(&d->data, NULL, str("spare"), 100, EveryoneReadUserWriteAc);
}

DWORD call_generate_in(struct desk *d, BYTE index, DWORD spec, DWORD bits)
{
    return d->data.pfnCardCreateContainer(&d->data, index, CARD_CREATE_CONTAINER_KEY_GEN, spec,
                                          bits, NULL);
}

DWORD call_generate(struct desk *d)
{
    return call_generate_in(d, 0, AT_KEYEXCHANGE, 2048);
}

DWORD call_generate_ec(struct desk *d)
{
    return call_generate_in(d, 1, AT_ECDSA_P256, 0);
}

DWORD call_generate_second(struct desk *d)
{
    return call_generate_in(d, 1, AT_ECDHE_P256, 0);
}

DWORD call_generate_other(struct desk *d)
{
    return call_generate_in(d, 1, AT_ECDSA_P384, 0);
}

DWORD call_generate_one(struct desk *d)
{
    return call_generate_in(d, 2, AT_ECDSA_P256, 0);
}

DWORD call_delete_container(struct desk *d)
{
    return d->data.pfnCardDeleteContainer(&d->data, 2, 0);
}

DWORD call_delete_two_keys(struct desk *d)
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

DWORD call_construct(struct desk *d)
{
    CARD_DH_AGREEMENT_INFO info = { .dwVersion = CARD_DH_AGREEMENT_INFO_VERSION,
                                    .bContainerIndex = 1, .dwPublicKey = sizeof(peer),
                                    .pbPublicKey = peer };
    DWORD rc = d->data.pfnCardConstructDHAgreement(&d->data, &info);

    agreed = info.bSecretAgreementIndex;
    return rc;
}

DWORD call_derive(struct desk *d)
{
    static WCHAR hash[] = BCRYPT_KDF_HASH;
    CARD_DERIVE_KEY info = { .dwVersion = 1, .pwszKDF = hash, .bSecretAgreementIndex = agreed };
    DWORD rc = d->data.pfnCardDeriveKey(&d->data, &info);

    if (rc == SCARD_S_SUCCESS)
        mem_free(info.pbDerivedKey);
    return rc;
}

DWORD call_destroy(struct desk *d)
{
    return d->data.pfnCardDestroyDHAgreement(&d->data, agreed, 0);
}

DWORD call_container_info(struct desk *d)
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

DWORD call_sign_pkcs1(struct desk *d)
{
    return sign(d, 0, AT_KEYEXCHANGE, 32, CALG_SHA_256, 0);
}

DWORD call_sign_raw(struct desk *d)
{
    return sign(d, 0, AT_KEYEXCHANGE, 256, 0, CARD_PADDING_NONE);
}

DWORD call_sign_ec(struct desk *d)
{
    return sign(d, 1, AT_ECDSA_P256, 32, CALG_SHA_256, 0);
}

DWORD call_decrypt(struct desk *d)
{
    BYTE block[256] = { 2 };
    CARD_RSA_DECRYPT_INFO info = { .dwVersion = 2, .dwKeySpec = AT_KEYEXCHANGE, .pbData = block,
                                   .cbData = sizeof(block), .dwPaddingType = CARD_PADDING_NONE };

    return d->data.pfnCardRSADecrypt(&d->data, &info);
}

DWORD call_show_pin(struct desk *d)
{
    static const WCHAR user[] = wszCARD_USER_USER;

    return d->data.pfnCardAuthenticatePin(&d->data, wide(user), bytes(PIN), PIN_LEN, NULL);
}

static BYTE response[8];

DWORD call_challenge(struct desk *d)
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

DWORD call_respond(struct desk *d)
{
    return d->data.pfnCardAuthenticateChallenge(&d->data, response, sizeof(response), NULL);
}

DWORD call_change_pin(struct desk *d) /* to what it was */
{
    static const WCHAR user[] = wszCARD_USER_USER;

    return d->data.pfnCardChangeAuthenticator(&d->data, wide(user), bytes(PIN), PIN_LEN, bytes(PIN),
                                              PIN_LEN, 0, CARD_AUTHENTICATE_PIN_PIN, NULL);
}

DWORD call_change_key(struct desk *d)
{
    static const WCHAR admin[] = wszCARD_USER_ADMIN;

    return d->data.pfnCardChangeAuthenticator(&d->data, wide(admin), response, sizeof(response),
                                              bytes(admin_key), 24, 0,
                                              CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE, NULL);
}

DWORD call_unblock(struct desk *d)
{
    static const WCHAR user[] = wszCARD_USER_USER;

    return d->data.pfnCardUnblockPin(&d->data, wide(user), response, sizeof(response), bytes(PIN),
                                     PIN_LEN, 0, CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE);
}

DWORD call_log_out(struct desk *d)
{
    return d->data.pfnCardDeauthenticateEx(&d->data, PIN_SET_ALL_ROLES, 0);
}

/* ---- counting ---- */

static void measure(const struct call_row *rows, size_t count,
                    const struct softcard_options *options, void (*prepare)(struct desk *d),
                    bool cache, unsigned *ret)
{
    struct desk d;

    make_card("bob", options);
    desk_open(&d, "bob", 7);
    if (cache)
        desk_cache(&d);
    prepare(&d);
    for (size_t i = 0; i < count; i++) {
        unsigned long before = exchanges(&d);
        DWORD rc = rows[i].call(&d);

        if (rc != SCARD_S_SUCCESS)
            fail_msg("%s: %08x", rows[i].name, rc);
        ret[i] = (unsigned)(exchanges(&d) - before);
    }
    desk_close(&d);
    assert_int_equal(home_remove("bob"), SOFTCARD_OK);
}

void calls_count(const struct call_row *rows, size_t count, const struct softcard_options *options,
                 void (*prepare)(struct desk *d))
{
    struct softcard_options is_short = { 0 };
    unsigned cached[CALL_ROWS_MAX], cached_short[CALL_ROWS_MAX], bare[CALL_ROWS_MAX], failed = 0;

    assert_true(count <= CALL_ROWS_MAX);
    if (options != NULL)
        is_short = *options;
    is_short.no_extended = true;
    measure(rows, count, options, prepare, true, cached);
    measure(rows, count, &is_short, prepare, true, cached_short);
    measure(rows, count, options, prepare, false, bare);
    print_message("%-28s %11s  %11s  no cache\n", "", "extended", "short");
    print_message("%-28s floor  ours  floor  ours      ours\n", "");
    for (size_t i = 0; i < count; i++) {
        const struct call_row *r = &rows[i];
        bool same = cached[i] == r->cached && cached_short[i] == r->cached_short &&
                    bare[i] == r->bare;

        print_message("%-28s %5u %5u  %5u %5u  %8u  %s%s\n", r->name, r->floor, cached[i],
                      r->floor_short, cached_short[i], bare[i], r->why,
                      same ? "" : "  <-- not as expected");
        failed += same ? 0 : 1;
    }
    assert_int_equal(failed, 0);
}

void calls_floors(const struct call_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_true(rows[i].cached >= rows[i].floor && rows[i].bare >= rows[i].cached);
        assert_true(rows[i].cached_short >= rows[i].floor_short);
        if (rows[i].cached > rows[i].floor || rows[i].cached_short > rows[i].floor_short)
            assert_true(rows[i].why[0] != '\0');
    }
}
