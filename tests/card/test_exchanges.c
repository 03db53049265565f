/* SPDX-License-Identifier: MIT */
/*
 * Command and answer pairs a function costs, exactly. `floor` is what the card's command set asks
 * for at least, with tables cached. Ours is one more where the selection is proven by a read before
 * a command that writes or could cost a try (edge/edge.h), and more where the card is asked who is
 * authenticated: another process may have changed that, so it is not remembered.
 */
#include "calls.h"

#include <string.h>

#define PROOF "selection proven first"
#define FRESH "the table as the card has it, which proves the selection"
#define SHOWN "the old PIN by itself first; selection proven"
#define ROLES "the card is asked who is authenticated"

/* In this order: a row may rely on those above it. Floors with extended and with short APDUs, then
 * ours: extended, tables in the caller's cache; short, likewise; extended, no cache. A table that
 * is to be rewritten is read from the card, which proves the selection as well. */
static const struct call_row rows[] = {
    { "QueryCapabilities",          call_capabilities,     0, 0, 0, 0, 0, "" },
    { "QueryKeySizes",              call_key_sizes,        0, 0, 0, 0, 0, "" },
    { "QueryFreeSpace",             call_free_space,       1, 1, 1, 1, 2, "" },
    { "GetProperty GUID",           call_guid,             1, 1, 1, 1, 1, "" },
    { "ReadFile cardid",            call_read_small,       1, 1, 1, 1, 1, "" },
    { "EnumFiles",                  call_enum_files,       0, 0, 0, 0, 1, "" },
    { "GetFileInfo",                call_file_info,        1, 1, 1, 1, 2, "" },
    { "AuthenticatePin",            call_show_pin,         1, 1, 2, 2, 2, PROOF },
    { "GetProperty roles, user",    call_authenticated,    0, 0, 2, 2, 2, ROLES },
    { "WriteFile 5 bytes",          call_write_small,      1, 1, 2, 2, 3, PROOF },
    { "WriteFile 1000 bytes",       call_write_long,       1, 4, 2, 5, 3, PROOF },
    { "ReadFile 1000 bytes",        call_read_long,        1, 4, 1, 4, 2, "" },
    { "CreateFile",                 call_create,           1, 1, 2, 2, 3, FRESH },
    { "CreateFile, reserved",       call_create_reserved,  2, 2, 3, 3, 4, FRESH },
    { "DeleteFile",                 call_delete,           2, 2, 3, 3, 4, FRESH },
    { "CreateDirectory",            call_create_directory, 1, 1, 2, 2, 3, FRESH },
    { "DeleteDirectory",            call_delete_directory, 1, 1, 4, 4, 5, FRESH "; " ROLES },
    { "CreateContainer RSA-2048",   call_generate,         4, 5, 5, 6, 5, FRESH },
    { "the same, key replaced",     call_generate,         1, 2, 2, 3, 2, FRESH },
    { "CreateContainer P-256",      call_generate_ec,      4, 4, 5, 5, 5, FRESH },
    { "GetContainerInfo RSA-2048",  call_container_info,   0, 0, 0, 0, 2, "" },
    { "SignData RSA-2048 PKCS#1",   call_sign_pkcs1,       2, 2, 2, 2, 3, "" },
    { "SignData RSA-2048 raw",      call_sign_raw,         2, 3, 2, 3, 3, "" },
    { "SignData P-256",             call_sign_ec,          2, 2, 2, 2, 3, "" },
    { "RSADecrypt RSA-2048",        call_decrypt,          2, 3, 2, 3, 3, "" },
    { "the same, a second key",     call_generate_second,  4, 4, 5, 5, 5, FRESH },
    { "ConstructDHAgreement",       call_construct,        2, 2, 2, 2, 3, "" },
    { "DeriveKey",                  call_derive,           0, 0, 2, 2, 2, ROLES },
    { "DestroyDHAgreement",         call_destroy,          0, 0, 2, 2, 2, ROLES },
    { "key replaced, another size", call_generate_other,   6, 6, 7, 7, 7, FRESH },
    { "DeleteContainer, two keys",  call_delete_two_keys,  5, 5, 6, 6, 7, FRESH },
    { "CreateContainer P-256",      call_generate_one,     4, 4, 5, 5, 5, FRESH },
    { "DeleteContainer",            call_delete_container, 3, 3, 4, 4, 5, FRESH },
    { "ChangeAuthenticator, user",  call_change_pin,       1, 1, 3, 3, 3, SHOWN },
    { "Deauthenticate",             call_log_out,          1, 1, 1, 1, 1, "" },
    { "GetProperty roles, nobody",  call_authenticated,    0, 0, 1, 1, 1, ROLES },
    { "GetChallenge",               call_challenge,        2, 2, 2, 2, 2, "" },
    { "AuthenticateChallenge",      call_respond,          1, 1, 1, 1, 1, "" },
    { "GetProperty roles, admin",   call_authenticated,    0, 0, 4, 4, 4, ROLES },
    { "GetChallenge",               call_challenge,        2, 2, 2, 2, 2, "" },
    { "ChangeAuthenticator, admin", call_change_key,       2, 2, 2, 2, 2, "" },
    { "GetChallenge",               call_challenge,        2, 2, 2, 2, 2, "" },
    { "UnblockPin by the admin",    call_unblock,          2, 2, 2, 2, 2, "" },
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
    assert_rc(call_write_small(d), SCARD_S_SUCCESS);
    assert_rc(create_file(d, "mscp", "kxc00", EveryoneReadUserWriteAc), SCARD_S_SUCCESS);
    assert_rc(call_write_long(d), SCARD_S_SUCCESS);
    be_user(d);
    assert_rc(call_generate_in(d, 9, AT_ECDSA_P256, 0), SCARD_S_SUCCESS); /* the card has a keymap */
    assert_rc(d->data.pfnCardDeleteContainer(&d->data, 9, 0), SCARD_S_SUCCESS);
    be_nobody(d);
}

static void table(void **state)
{
    (void)state;
    calls_count(rows, ARRAY(rows), NULL, prepare);
}

static void floors(void **state)
{
    (void)state;
    calls_floors(rows, ARRAY(rows));
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
