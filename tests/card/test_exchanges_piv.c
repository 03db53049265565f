/* SPDX-License-Identifier: MIT */
/*
 * Command and answer pairs a function costs on a PIV card, exactly; as test_exchanges.c has it for
 * GIDS. The card lets its user write: the admin key lies behind the PIN, as most cards in use have it.
 */
#include "calls.h"

#include <string.h>

static DWORD certificate(struct desk *d)
{
    return write_file(d, "mscp", "kxc00", kilobyte, sizeof(kilobyte));
}

static DWORD create_certificate(struct desk *d)
{
    return create_file(d, "mscp", "kxc00", EveryoneReadUserWriteAc);
}

static DWORD read_certificate(struct desk *d)
{
    return read_file(d, "mscp", "kxc00", kilobyte, sizeof(kilobyte));
}

static DWORD remove_certificate(struct desk *d)
{
    return d->data.pfnCardDeleteFile(&d->data, str("mscp"), str("kxc00"), 0);
}

static DWORD read_map(struct desk *d)
{
    return read_file(d, "mscp", "cmapfile", NULL, 0);
}

static DWORD generate_sign(struct desk *d)
{
    return call_generate_in(d, 22, AT_ECDSA_P256, 0);
}

static DWORD delete_first(struct desk *d)
{
    return d->data.pfnCardDeleteContainer(&d->data, 1, 0);
}

static DWORD show_sign_pin(struct desk *d)
{
    return d->data.pfnCardAuthenticateEx(&d->data, 3, 0, bytes(PIN), PIN_LEN, NULL, NULL, NULL);
}

static DWORD sign_with_9c(struct desk *d)
{
    static BYTE digest[32];
    CARD_SIGNING_INFO info = { .dwVersion = 2, .bContainerIndex = 22, .dwKeySpec = AT_ECDSA_P256,
                               .aiHashAlg = CALG_SHA_256, .pbData = digest, .cbData = 32 };
    DWORD rc = d->data.pfnCardSignData(&d->data, &info);

    if (rc == SCARD_S_SUCCESS)
        mem_free(info.pbSignedData);
    return rc;
}

static DWORD unblock(struct desk *d)
{
    static const WCHAR user[] = wszCARD_USER_USER;

    return d->data.pfnCardUnblockPin(&d->data, wide(user), bytes(PUK), PIN_LEN, bytes(PIN), PIN_LEN,
                                     0, CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE);
}

#define PROOF "selection proven first"
#define ADMIT "the key read from behind the PIN proves the selection and the PIN"
#define ROLES "the card is asked who is authenticated"
#define RECORD "the record of a file that the card has no table for; who asks; the user's right"
#define OURS  "the driver's own authentication ends with the user's"
#define COPY  "so does the copy behind the PIN"
#define MAP   "the container map is brought up to date"

/* In this order. */
static const struct call_row rows[] = {
    { "QueryCapabilities",          call_capabilities,      0, 0,  0,  0,  0, "" },
    { "QueryKeySizes",              call_key_sizes,         0, 0,  0,  0,  0, "" },
    { "QueryFreeSpace",             call_free_space,        0, 0,  0,  0, 26, "" },
    { "GetProperty GUID",           call_guid,              0, 0,  0,  0,  1, "" },
    { "EnumFiles",                  call_enum_files,        0, 0,  0,  0, 27, "" },
    { "ReadFile cmapfile",          read_map,               0, 0,  0,  0, 28, "" },
    { "AuthenticatePin",            call_show_pin,          1, 1,  2,  2,  2, PROOF },
    { "GetProperty roles, user",    call_authenticated,     0, 0,  2,  2,  2, ROLES },
    { "CreateContainer RSA-2048",   call_generate,          3, 4,  5,  6, 31, ADMIT "; " MAP },
    { "CreateContainer P-256",      call_generate_ec,       3, 3,  6,  6, 34, ADMIT "; " MAP },
    { "CreateContainer P-256, 9C",  generate_sign,          3, 3,  6,  7, 12, ADMIT "; " MAP },
    { "CreateFile kxc00",           create_certificate,     3, 3, 10, 10, 22, RECORD },
    { "WriteFile kxc00, 1000",      certificate,            3, 6,  4,  7, 14, ADMIT },
    { "ReadFile kxc00, 1000",       read_certificate,       0, 0,  0,  0, 11, "" },
    { "GetContainerInfo RSA-2048",  call_container_info,    0, 0,  0,  0,  6, "" },
    { "SignData RSA-2048 PKCS#1",   call_sign_pkcs1,        1, 3,  1,  3,  6, "" },
    { "SignData RSA-2048 raw",      call_sign_raw,          1, 3,  1,  3,  6, "" },
    { "SignData P-256",             call_sign_ec,           1, 1,  1,  1,  6, "" },
    { "RSADecrypt RSA-2048",        call_decrypt,           1, 3,  1,  3,  6, "" },
    { "AuthenticateEx, 9C",         show_sign_pin,          1, 1,  2,  2,  6, PROOF },
    { "SignData P-256, 9C",         sign_with_9c,           1, 1,  1,  1,  1, "" },
    { "DeleteContainer",            delete_first,           3, 3,  6,  7, 12, ADMIT "; " MAP },
    { "CreateContainer ECDH P-256", call_generate_second,   3, 3,  6,  7, 12, ADMIT "; " MAP },
    { "ConstructDHAgreement",       call_construct,         1, 1,  1,  1,  6, "" },
    { "DeriveKey",                  call_derive,            0, 0,  2,  2,  2, ROLES },
    { "DestroyDHAgreement",         call_destroy,           0, 0,  2,  2,  2, ROLES },
    { "DeleteFile kxc00",           remove_certificate,     3, 3,  7,  7, 25, ADMIT "; " RECORD },
    { "ChangeAuthenticator, user",  call_change_pin,        1, 1,  2,  2,  2, PROOF },
    { "Deauthenticate",             call_log_out,           1, 1,  2,  2,  2, OURS },
    { "GetProperty roles, nobody",  call_authenticated,     0, 0,  1,  1,  1, ROLES },
    { "UnblockPin by the PUK",      unblock,                1, 1,  3,  3,  3, PROOF "; logged out" },
    { "GetChallenge",               call_challenge,         1, 1,  1,  1,  1, "" },
    { "AuthenticateChallenge",      call_respond,           1, 1,  1,  1,  1, "" },
    { "GetProperty roles, admin",   call_authenticated,     0, 0,  2,  2,  2, ROLES },
    { "AuthenticatePin, beside him", call_show_pin,         1, 1,  2,  2,  2, PROOF },
    { "CreateContainer, as both",   call_generate_one,      1, 1,  5,  7, 11, ROLES "; " MAP },
    { "GetChallenge",               call_challenge,         1, 1,  1,  1,  1, "" },
    { "ChangeAuthenticator, admin", call_change_key,        2, 2,  3,  3,  3, COPY },
};

static const struct softcard_options piv = { .applications = SOFTCARD_PIV };

/* A certificate as far as the card can tell, and whatever is asked once per card. */
static void prepare(struct desk *d)
{
    static const BYTE head[] = { 0x30, 0x82, 0x03, 0xE4 };

    memcpy(kilobyte, head, sizeof(head));
    assert_int_equal(exchanges(d), 1); /* CardAcquireContext */
    be_user(d);
    assert_rc(call_generate_in(d, 9, AT_ECDSA_P256, 0), SCARD_S_SUCCESS);
    assert_rc(d->data.pfnCardDeleteContainer(&d->data, 9, 0), SCARD_S_SUCCESS);
    assert_rc(call_guid(d), SCARD_S_SUCCESS);
    assert_rc(call_generate_in(d, 0, AT_KEYEXCHANGE, 2048), SCARD_S_SUCCESS);
    assert_rc(create_certificate(d), SCARD_S_SUCCESS); /* whatever is not there, the cache knows */
    assert_rc(remove_certificate(d), SCARD_S_SUCCESS);
    assert_rc(d->data.pfnCardDeleteContainer(&d->data, 0, 0), SCARD_S_SUCCESS);
    be_nobody(d);
}

static void table(void **state)
{
    (void)state;
    calls_count(rows, ARRAY(rows), &piv, prepare);
}

static void floors(void **state)
{
    (void)state;
    calls_floors(rows, ARRAY(rows));
}

int main(void)
{
    const struct CMUnitTest tests[] = { desk_test(table), cmocka_unit_test(floors) };

    return cmocka_run_group_tests_name("exchanges_piv", tests, home_begin, home_end);
}
