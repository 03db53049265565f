/* SPDX-License-Identifier: MIT */
/* Properties of card and containers, version 6: what each answers, and what is refused. */
#include "support.h"

#include <string.h>

#define UNTOUCHED 0xA5u

/* Gets `name` into `out` (room bytes) and checks the length told. */
static DWORD get(struct desk *d, const WCHAR *name, DWORD flags, void *out, DWORD room, DWORD *len)
{
    DWORD rc;

    *len = 99;
    rc = d->data.pfnCardGetProperty(&d->data, name, out, room, len, flags);
    if (rc != SCARD_S_SUCCESS && rc != ERROR_INSUFFICIENT_BUFFER)
        assert_int_equal(*len, 0);
    return rc;
}

/* A DWORD-sized property. */
static DWORD get_dword(struct desk *d, const WCHAR *name, DWORD flags)
{
    DWORD value = 0xDEADBEEF, len;

    assert_rc(get(d, name, flags, &value, sizeof(value), &len), SCARD_S_SUCCESS);
    assert_int_equal(len, sizeof(value));
    return value;
}

static void numbers(void **state)
{
    struct desk d;

    (void)state;
    desk_open(&d, CARD, 7);
    assert_int_equal(get_dword(&d, CP_CARD_READ_ONLY, 0), FALSE);
    assert_int_equal(get_dword(&d, CP_CARD_CACHE_MODE, 0), CP_CACHE_MODE_GLOBAL_CACHE);
    assert_int_equal(get_dword(&d, CP_SUPPORTS_WIN_X509_ENROLLMENT, 0), TRUE);
    assert_int_equal(get_dword(&d, CP_CARD_LIST_PINS, 0), MD_USER | MD_ADMIN);
    assert_int_equal(get_dword(&d, CP_CARD_PIN_STRENGTH_VERIFY, ROLE_USER),
                     CARD_PIN_STRENGTH_PLAINTEXT);
    assert_int_equal(get_dword(&d, CP_KEY_IMPORT_SUPPORT, 0), CARD_KEY_IMPORT_PLAIN_TEXT);
    be_user(&d);
    assert_int_equal(get_dword(&d, CP_CARD_AUTHENTICATED_STATE, 0), MD_USER);
    be_nobody(&d);
    assert_int_equal(get_dword(&d, CP_CARD_AUTHENTICATED_STATE, 0), 0);
    desk_close(&d);
}

static void pin_info(void **state)
{
    PIN_INFO info = { .dwVersion = PIN_INFO_CURRENT_VERSION };
    struct desk d;
    DWORD len;

    (void)state;
    desk_open(&d, CARD, 6);
    assert_rc(get(&d, CP_CARD_PIN_INFO, ROLE_USER, &info, sizeof(info), &len), SCARD_S_SUCCESS);
    assert_int_equal(len, sizeof(info));
    assert_int_equal(info.PinType, AlphaNumericPinType);
    assert_int_equal(info.PinPurpose, PrimaryCardPin);
    assert_int_equal(info.dwUnblockPermission, MD_ADMIN);
    assert_true((info.dwChangePermission & MD_USER) != 0);
    assert_int_equal(info.PinCachePolicy.PinCachePolicyType, PinCacheNormal);
    assert_rc(get(&d, CP_CARD_PIN_INFO, ROLE_ADMIN, &info, sizeof(info), &len), SCARD_S_SUCCESS);
    assert_int_equal(info.PinType, ChallengeResponsePinType);
    assert_int_equal(info.PinPurpose, AdministratorPin);
    assert_int_equal(info.dwUnblockPermission, 0);
    assert_rc(get(&d, CP_CARD_PIN_INFO, 3, &info, sizeof(info), &len), SCARD_E_INVALID_PARAMETER);
    assert_rc(get(&d, CP_CARD_PIN_INFO, 8, &info, sizeof(info), &len), SCARD_E_INVALID_PARAMETER);
    info.dwVersion = 5;
    assert_rc(get(&d, CP_CARD_PIN_INFO, ROLE_USER, &info, sizeof(info), &len),
              ERROR_REVISION_MISMATCH);
    desk_close(&d);
}

/* What the plain function says, the property says: byte for byte. */
static void the_same_as_the_plain_functions(void **state)
{
    CARD_FREE_SPACE_INFO space = { 0 }, space2 = { 0 };
    CARD_CAPABILITIES caps = { 0 }, caps2 = { 0 };
    CARD_KEY_SIZES sizes = { 0 }, sizes2 = { 0 };
    struct desk d;
    DWORD len;

    (void)state;
    desk_open(&d, CARD, 7);
    assert_rc(d.data.pfnCardQueryFreeSpace(&d.data, 0, &space), SCARD_S_SUCCESS);
    assert_rc(get(&d, CP_CARD_FREE_SPACE, 0, &space2, sizeof(space2), &len), SCARD_S_SUCCESS);
    assert_memory_equal(&space, &space2, sizeof(space));
    assert_true(space.dwMaxKeyContainers >= 1);
    assert_rc(d.data.pfnCardQueryCapabilities(&d.data, &caps), SCARD_S_SUCCESS);
    assert_rc(get(&d, CP_CARD_CAPABILITIES, 0, &caps2, sizeof(caps2), &len), SCARD_S_SUCCESS);
    assert_memory_equal(&caps, &caps2, sizeof(caps));
    assert_rc(d.data.pfnCardQueryKeySizes(&d.data, AT_SIGNATURE, 0, &sizes), SCARD_S_SUCCESS);
    assert_rc(get(&d, CP_CARD_KEYSIZES, AT_SIGNATURE, &sizes2, sizeof(sizes2), &len),
              SCARD_S_SUCCESS);
    assert_memory_equal(&sizes, &sizes2, sizeof(sizes));
    assert_rc(get(&d, CP_CARD_KEYSIZES, 0, &sizes2, sizeof(sizes2), &len), SCARD_S_SUCCESS);
    assert_rc(get(&d, CP_CARD_KEYSIZES, 9, &sizes2, sizeof(sizes2), &len),
              SCARD_E_INVALID_PARAMETER);
    desk_close(&d);
}

static void what_is_refused(void **state)
{
    static const WCHAR unknown[] = CM_WSTR("No such property");
    static const WCHAR other_case[] = CM_WSTR("read only mode");
    struct desk d;
    DWORD value, len;
    BYTE room[16];

    (void)state;
    desk_open(&d, CARD, 6);
    assert_rc(get(&d, unknown, 0, &value, sizeof(value), &len), SCARD_E_INVALID_PARAMETER);
    assert_rc(get(&d, other_case, 0, &value, sizeof(value), &len), SCARD_E_INVALID_PARAMETER);
    assert_rc(get(&d, CP_CARD_READ_ONLY, 1, &value, sizeof(value), &len),
              SCARD_E_INVALID_PARAMETER);
    assert_rc(get(&d, CP_KEY_IMPORT_SUPPORT, 0, &value, sizeof(value), &len), /* came with 7 */
              SCARD_E_INVALID_PARAMETER);
    assert_rc(get(&d, CP_PARENT_WINDOW, 0, room, sizeof(room), &len), SCARD_E_UNSUPPORTED_FEATURE);
    assert_rc(get(&d, CP_CARD_SERIAL_NO, 0, room, sizeof(room), &len), SCARD_E_UNSUPPORTED_FEATURE);
    memset(room, UNTOUCHED, sizeof(room));
    assert_rc(get(&d, CP_CARD_GUID, 0, room, 15, &len), ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(len, 16);
    for (size_t i = 0; i < sizeof(room); i++)
        assert_int_equal(room[i], UNTOUCHED);
    desk_close(&d);
}

static DWORD get_container(struct desk *d, BYTE index, const WCHAR *name, void *out, DWORD room,
                           DWORD *len)
{
    DWORD rc;

    *len = 99;
    rc = d->data.pfnCardGetContainerProperty(&d->data, index, name, out, room, len, 0);
    if (rc != SCARD_S_SUCCESS && rc != ERROR_INSUFFICIENT_BUFFER)
        assert_int_equal(*len, 0);
    return rc;
}

static void containers(void **state)
{
    static const WCHAR unknown[] = CM_WSTR("Container info");
    CONTAINER_INFO info = { .dwVersion = 1 }, plain = { .dwVersion = 1 };
    struct desk d;
    PIN_ID pin = 0;
    DWORD len;

    (void)state;
    desk_open(&d, CARD, 7);
    be_user(&d);
    assert_rc(d.data.pfnCardCreateContainer(&d.data, 4, CARD_CREATE_CONTAINER_KEY_GEN, AT_SIGNATURE,
                                            1024, NULL),
              SCARD_S_SUCCESS);
    be_nobody(&d); /* public data */
    assert_rc(get_container(&d, 4, CCP_CONTAINER_INFO, &info, sizeof(info), &len), SCARD_S_SUCCESS);
    assert_int_equal(len, sizeof(info));
    assert_rc(d.data.pfnCardGetContainerInfo(&d.data, 4, 0, &plain), SCARD_S_SUCCESS);
    assert_int_equal(info.cbSigPublicKey, plain.cbSigPublicKey);
    assert_memory_equal(info.pbSigPublicKey, plain.pbSigPublicKey, plain.cbSigPublicKey);
    assert_null(info.pbKeyExPublicKey);
    mem_free(info.pbSigPublicKey);
    mem_free(plain.pbSigPublicKey);
    assert_rc(get_container(&d, 4, CCP_PIN_IDENTIFIER, &pin, sizeof(pin), &len), SCARD_S_SUCCESS);
    assert_int_equal(pin, ROLE_USER);
    assert_rc(get_container(&d, 4, CCP_PIN_IDENTIFIER, &pin, 3, &len), ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(len, sizeof(pin));
    assert_rc(get_container(&d, 5, CCP_PIN_IDENTIFIER, &pin, sizeof(pin), &len),
              SCARD_E_NO_KEY_CONTAINER);
    assert_rc(get_container(&d, 255, CCP_PIN_IDENTIFIER, &pin, sizeof(pin), &len),
              SCARD_E_NO_KEY_CONTAINER);
    assert_rc(get_container(&d, 4, unknown, &pin, sizeof(pin), &len), SCARD_E_INVALID_PARAMETER);
    info.dwVersion = 2;
    assert_rc(get_container(&d, 4, CCP_CONTAINER_INFO, &info, sizeof(info), &len),
              ERROR_REVISION_MISMATCH);
    desk_close(&d);
    assert_int_equal(mem_live(), 0);
}

/* Two are taken, and kept by nobody; no other is. */
static void set(void **state)
{
    static const WCHAR window[] = CP_PARENT_WINDOW, text[] = CP_PIN_CONTEXT_STRING,
                       guid[] = CP_CARD_GUID;
    BYTE value[16] = { 0 };
    struct desk desk;
    CARD_DATA *d = &desk.data;

    (void)state;
    desk_open(&desk, CARD, 6);
    assert_rc(d->pfnCardSetProperty(d, window, value, sizeof(HWND), 0), SCARD_S_SUCCESS);
    assert_rc(d->pfnCardSetProperty(d, text, value, 4, 0), SCARD_S_SUCCESS);
    assert_rc(d->pfnCardSetProperty(d, text, NULL, 0, 0), SCARD_S_SUCCESS);
    assert_rc(d->pfnCardSetProperty(NULL, text, value, 4, 0), SCARD_E_INVALID_PARAMETER);
    assert_rc(d->pfnCardSetProperty(d, NULL, value, 4, 0), SCARD_E_INVALID_PARAMETER);
    assert_rc(d->pfnCardSetProperty(d, text, value, 3, 0), SCARD_E_INVALID_PARAMETER);
    assert_rc(d->pfnCardSetProperty(d, text, value, 4, 1), SCARD_E_INVALID_PARAMETER);
    assert_rc(d->pfnCardSetProperty(d, window, NULL, sizeof(HWND), 0), SCARD_E_INVALID_PARAMETER);
    assert_rc(d->pfnCardSetProperty(d, window, value, 1, 0), SCARD_E_INVALID_PARAMETER);
    assert_rc(d->pfnCardSetProperty(d, guid, value, 16, 0), SCARD_E_UNSUPPORTED_FEATURE);
    desk_close(&desk);
}

/* CMR.3.1.1.2: what is not implemented has an entry point all the same. */
static void unsupported(void **state)
{
    struct desk desk;
    CARD_DATA *d = &desk.data;

    (void)state;
    desk_open(&desk, CARD, 7);
#define BOTH(slot, ...)                                                   \
    do {                                                                  \
        assert_rc(d->slot(NULL, __VA_ARGS__), SCARD_E_INVALID_PARAMETER); \
        assert_rc(d->slot(d, __VA_ARGS__), SCARD_E_UNSUPPORTED_FEATURE);  \
    } while (0)
    BOTH(pfnCardSetContainerProperty, 0, NULL, NULL, 0, 0);
    BOTH(pfnMDImportSessionKey, NULL, NULL, NULL, NULL, 0);
    BOTH(pfnMDEncryptData, 0, NULL, NULL, 0, 0, NULL, NULL);
    BOTH(pfnCardImportSessionKey, 0, NULL, NULL, NULL, NULL, NULL, 0, 0);
    BOTH(pfnCardGetSharedKeyHandle, NULL, 0, NULL, NULL, NULL);
    BOTH(pfnCardGetAlgorithmProperty, NULL, NULL, NULL, 0, NULL, 0);
    BOTH(pfnCardGetKeyProperty, 0, NULL, NULL, 0, NULL, 0);
    BOTH(pfnCardSetKeyProperty, 0, NULL, NULL, 0, 0);
    BOTH(pfnCardDestroyKey, 0);
    BOTH(pfnCardProcessEncryptedData, 0, NULL, NULL, 0, NULL, 0, NULL, 0);
#undef BOTH
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        desk_test(numbers),
        desk_test(pin_info),
        desk_test(the_same_as_the_plain_functions),
        desk_test(what_is_refused),
        desk_test(containers),
        desk_test(set),
        desk_test(unsupported),
    };

    return cmocka_run_group_tests(tests, home_begin, home_end);
}
