/* SPDX-License-Identifier: MIT */
/* Free space that is true, and space that is reserved: CMR.3.4.4.3, 3.4.4.E11, 3.4.9.1. */
#include "support.h"

#include <string.h>

#define OK SCARD_S_SUCCESS

static DWORD free_bytes(struct desk *d)
{
    CARD_FREE_SPACE_INFO info = { 0 };

    assert_rc(d->data.pfnCardQueryFreeSpace(&d->data, 0, &info), OK);
    assert_int_equal(info.dwMaxKeyContainers, 30);
    return info.dwBytesAvailable;
}

static DWORD create(struct desk *d, const char *name, DWORD size)
{
    return d->data.pfnCardCreateFile(&d->data, NULL, str(name), size, EveryoneReadUserWriteAc);
}

static void open_small(struct desk *d)
{
    const struct softcard_options small = { .capacity = 12000 };

    make_card("bob", &small);
    desk_open(d, "bob", 7);
    be_user(d);
}

/* As many bytes as are told, to the byte; a file then takes them, whatever else is on the card. */
static void to_the_byte(void **state)
{
    static BYTE data[12001];
    struct desk d;
    CARD_FILE_INFO info = { 0 };
    DWORD told;

    (void)state;
    memset(data, 0x5A, sizeof(data));
    open_small(&d);
    assert_rc(create(&d, "first", 0), OK);
    told = free_bytes(&d);
    assert_in_range(told, 1000, 12000);
    assert_rc(create(&d, "big", told + 1), SCARD_E_INVALID_PARAMETER); /* CMR.3.4.4.E11 */
    assert_rc(read_file(&d, NULL, "big", NULL, 0), SCARD_E_FILE_NOT_FOUND);
    assert_int_equal(free_bytes(&d), told);
    assert_rc(create(&d, "big", told), OK);
    assert_int_equal(free_bytes(&d), 0);
    assert_rc(d.data.pfnCardGetFileInfo(&d.data, NULL, str("big"), &info), OK);
    assert_int_equal(info.cbFileSize, 0); /* CMR.3.4.5.4 */
    assert_rc(write_file(&d, NULL, "first", data, 1), SCARD_E_WRITE_TOO_MANY);
    assert_rc(write_file(&d, NULL, "big", data, told), OK);
    assert_rc(read_file(&d, NULL, "big", data, told), OK);
    assert_rc(write_file(&d, NULL, "big", data, told + 1), SCARD_E_WRITE_TOO_MANY);
    assert_rc(write_file(&d, NULL, "big", data, 5), OK); /* its room stays its own */
    assert_rc(write_file(&d, NULL, "first", data, 1), SCARD_E_WRITE_TOO_MANY);
    assert_rc(d.data.pfnCardDeleteFile(&d.data, NULL, str("big"), 0), OK);
    assert_int_equal(free_bytes(&d), told);
    assert_rc(write_file(&d, NULL, "first", data, told), OK);
    desk_close(&d);
    assert_int_equal(home_remove("bob"), SOFTCARD_OK);
}

/* What cannot be created reserves nothing. */
static void nothing_reserved(void **state)
{
    struct desk d;
    DWORD told;

    (void)state;
    open_small(&d);
    assert_rc(create(&d, "there", 10), OK);
    told = free_bytes(&d);
    assert_rc(create(&d, "there", 100), ERROR_FILE_EXISTS);
    be_nobody(&d);
    assert_rc(create(&d, "new", 100), SCARD_W_SECURITY_VIOLATION);
    assert_int_equal(free_bytes(&d), told);
    be_admin(&d);
    assert_rc(d.data.pfnCardCreateDirectory(&d.data, str("adm"), AdminCreateDeleteDirAc), OK);
    be_user(&d);
    assert_rc(d.data.pfnCardCreateFile(&d.data, str("adm"), str("new"), 100,
                                       EveryoneReadUserWriteAc), SCARD_W_SECURITY_VIOLATION);
    assert_int_equal(free_bytes(&d), told);
    desk_close(&d);
    assert_int_equal(home_remove("bob"), SOFTCARD_OK);
}

/* The user makes a file that the admin alone may write: its room is kept all the same. */
static void for_the_admin(void **state)
{
    struct desk d;
    DWORD told;

    (void)state;
    open_small(&d);
    told = free_bytes(&d);
    assert_rc(d.data.pfnCardCreateFile(&d.data, NULL, str("policy"), 500,
                                       EveryoneReadAdminWriteAc), OK);
    assert_int_equal(free_bytes(&d), told - 500);
    assert_rc(write_file(&d, NULL, "policy", "x", 1), SCARD_W_SECURITY_VIOLATION);
    be_admin(&d);
    assert_rc(write_file(&d, NULL, "policy", "x", 1), OK);
    assert_rc(d.data.pfnCardDeleteFile(&d.data, NULL, str("policy"), 0), OK);
    assert_int_equal(free_bytes(&d), told);
    desk_close(&d);
    assert_int_equal(home_remove("bob"), SOFTCARD_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        desk_test(to_the_byte),
        desk_test(nothing_reserved),
        desk_test(for_the_admin),
    };

    return cmocka_run_group_tests(tests, home_begin, home_end);
}
