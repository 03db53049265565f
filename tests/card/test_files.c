/* SPDX-License-Identifier: MIT */
/* The file system: who may do what, sizes, names, lists, a full card. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO  SCARD_W_SECURITY_VIOLATION
#define YES SCARD_S_SUCCESS

static void take(struct desk *d, int role)
{
    if (role == ROLE_USER)
        be_user(d);
    else if (role == ROLE_ADMIN)
        be_admin(d);
    else
        be_nobody(d);
}

/* By access condition and by role 0 nobody, 1 user, 2 admin: read, write, delete. */
static const struct right {
    unsigned ac;
    DWORD read[3], write[3];
} rights[] = {
    { EveryoneReadUserWriteAc,  { YES, YES, YES }, { NO, YES, YES } },
    { UserWriteExecuteAc,       { NO, NO, NO },    { NO, YES, YES } },
    { EveryoneReadAdminWriteAc, { YES, YES, YES }, { NO, NO, YES } },
    { UserReadWriteAc,          { NO, YES, YES },  { NO, YES, YES } },
    { AdminReadWriteAc,         { NO, NO, YES },   { NO, NO, YES } },
};

static void access_conditions(void **state)
{
    struct desk d;
    CARD_FILE_INFO info;

    (void)state;
    desk_open(&d, CARD, 7);
    for (size_t i = 0; i < ARRAY(rights); i++) {
        const struct right *r = &rights[i];

        be_admin(&d);
        assert_rc(create_file(&d, NULL, "thing", r->ac), YES);
        assert_rc(write_file(&d, NULL, "thing", "content", 7), YES);
        for (int role = 0; role < 3; role++) {
            take(&d, role);
            assert_rc(read_file(&d, NULL, "thing", "content", 7), r->read[role]);
            memset(&info, 0, sizeof(info));
            assert_rc(d.data.pfnCardGetFileInfo(&d.data, NULL, str("thing"), &info),
                      r->read[role]);
            if (r->read[role] == YES) {
                assert_int_equal(info.dwVersion, 1);
                assert_int_equal(info.cbFileSize, 7);
                assert_int_equal(info.AccessCondition, r->ac);
            }
            assert_rc(write_file(&d, NULL, "thing", "content", 7), r->write[role]);
        }
        for (int role = 0; role < 3; role++) { /* to delete is to write */
            DWORD rc;

            take(&d, role);
            rc = d.data.pfnCardDeleteFile(&d.data, NULL, str("thing"), 0);
            assert_rc(rc, r->write[role]);
            if (rc == YES)
                break;
        }
        be_admin(&d);
        assert_rc(read_file(&d, NULL, "thing", NULL, 0), SCARD_E_FILE_NOT_FOUND);
    }
    desk_close(&d);
}

/* Conditions 5 and 6 came with version 6. */
static void conditions_by_version(void **state)
{
    struct desk d;

    (void)state;
    for (DWORD version = 4; version <= 7; version++) {
        desk_open(&d, CARD, version);
        be_admin(&d);
        for (unsigned ac = 0; ac < 9; ac++) {
            bool good = (ac >= 1 && ac <= 3) || ((ac == 5 || ac == 6) && version >= 6);

            assert_rc(create_file(&d, NULL, "thing", ac), good ? YES : SCARD_E_INVALID_PARAMETER);
            if (good)
                assert_rc(d.data.pfnCardDeleteFile(&d.data, NULL, str("thing"), 0), YES);
        }
        desk_close(&d);
    }
}

static void directories(void **state)
{
    struct desk d;
    CARD_DATA *c = &d.data;

    (void)state;
    desk_open(&d, CARD, 7);
    assert_rc(c->pfnCardCreateDirectory(c, str("box"), UserCreateDeleteDirAc), NO);
    be_user(&d);
    assert_rc(c->pfnCardCreateDirectory(c, str("box"), UserCreateDeleteDirAc), YES);
    assert_rc(c->pfnCardCreateDirectory(c, str("BOX"), UserCreateDeleteDirAc), ERROR_FILE_EXISTS);
    assert_rc(create_file(&d, NULL, "box", 1), ERROR_FILE_EXISTS);
    assert_rc(create_file(&d, "box", "one", 1), YES);
    assert_rc(c->pfnCardDeleteDirectory(c, str("box")), ERROR_DIR_NOT_EMPTY);
    assert_rc(c->pfnCardDeleteFile(c, str("box"), str("one"), 0), YES);
    be_nobody(&d);
    assert_rc(create_file(&d, "box", "one", 1), NO);
    assert_rc(c->pfnCardDeleteDirectory(c, str("box")), NO);
    be_admin(&d);
    assert_rc(create_file(&d, "box", "one", 1), YES);
    assert_rc(c->pfnCardDeleteFile(c, str("box"), str("one"), 0), YES);
    assert_rc(c->pfnCardDeleteDirectory(c, str("box")), NO); /* CMR.3.4.2.E9 */
    be_user(&d);
    assert_rc(c->pfnCardDeleteDirectory(c, str("box")), YES);
    assert_rc(c->pfnCardDeleteDirectory(c, str("box")), SCARD_E_DIR_NOT_FOUND);
    desk_close(&d);
}

/* In a directory of the admin the card lets the admin alone create and delete. */
static void directories_of_the_admin(void **state)
{
    struct desk d;
    CARD_DATA *c = &d.data;

    (void)state;
    desk_open(&d, CARD, 7);
    be_user(&d);
    assert_rc(c->pfnCardCreateDirectory(c, str("adm"), AdminCreateDeleteDirAc), YES);
    assert_rc(create_file(&d, "adm", "one", EveryoneReadUserWriteAc), NO);
    be_admin(&d);
    assert_rc(create_file(&d, "adm", "one", EveryoneReadUserWriteAc), YES);
    be_user(&d);
    assert_rc(write_file(&d, "adm", "one", "hello", 5), YES);
    assert_rc(c->pfnCardDeleteFile(c, str("adm"), str("one"), 0), NO);
    assert_rc(read_file(&d, "adm", "one", "hello", 5), YES);
    assert_rc(c->pfnCardDeleteDirectory(c, str("adm")), ERROR_DIR_NOT_EMPTY);
    be_admin(&d);
    assert_rc(c->pfnCardDeleteFile(c, str("adm"), str("one"), 0), YES);
    be_user(&d);
    assert_rc(c->pfnCardDeleteDirectory(c, str("adm")), NO); /* CMR.3.4.2.E8 */
    be_admin(&d);
    assert_rc(c->pfnCardDeleteDirectory(c, str("adm")), YES);
    assert_rc(c->pfnCardDeleteDirectory(c, str("adm")), SCARD_E_DIR_NOT_FOUND);
    desk_close(&d);
}

/* ---- content --------------------------------------------------------------------------------- */

static void sizes(void **state)
{
    static const size_t lens[] = { 0,   1,   2,   121, 122,  123,  247,  248,  249,  250, 251,
                                   252, 253, 255, 256, 257,  300,  509,  510,  511,  512, 513,
                                   767, 768, 769, 1023, 2048, 5000, 20000, 300, 1,    0,   17 };
    static BYTE data[20000];
    struct desk d;

    (void)state;
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (BYTE)(i * 7 + i / 251);
    desk_open(&d, CARD, 7);
    be_user(&d);
    assert_rc(create_file(&d, NULL, "sized", 1), YES);
    assert_rc(read_file(&d, NULL, "sized", "", 0), YES); /* never written */
    for (size_t i = 0; i < ARRAY(lens); i++) {
        CARD_FILE_INFO info = { 0 };

        assert_rc(write_file(&d, NULL, "sized", data, lens[i]), YES);
        assert_rc(read_file(&d, NULL, "sized", data, lens[i]), YES);
        assert_rc(d.data.pfnCardGetFileInfo(&d.data, NULL, str("sized"), &info), YES);
        assert_int_equal(info.cbFileSize, lens[i]);
    }
    assert_rc(d.data.pfnCardDeleteFile(&d.data, NULL, str("sized"), 0), YES);
    desk_close(&d);
}

/* CMR.1.2.3: names are one whatever their case, and come back in lower case. */
static void name_case(void **state)
{
    struct desk d;
    LPSTR names = NULL;
    DWORD len = 0;

    (void)state;
    make_card("bob", NULL);
    desk_open(&d, "bob", 7);
    be_user(&d);
    assert_rc(d.data.pfnCardCreateDirectory(&d.data, str("MsCp"), UserCreateDeleteDirAc), YES);
    assert_rc(create_file(&d, "mscp", "KXC00", 1), YES);
    assert_rc(create_file(&d, "MSCP", "kxc00", 1), ERROR_FILE_EXISTS);
    assert_rc(write_file(&d, "Mscp", "kXc00", "cert", 4), YES);
    assert_rc(read_file(&d, "mscP", "Kxc00", "cert", 4), YES);
    assert_rc(create_file(&d, "mscp", "a!#$%-_~", 1), YES); /* what is not forbidden is allowed */
    assert_rc(d.data.pfnCardEnumFiles(&d.data, str("MSCP"), &names, &len, 0), YES);
    assert_int_equal(len, sizeof("kxc00\0a!#$%-_~\0"));
    assert_memory_equal(names, "kxc00\0a!#$%-_~\0", len);
    mem_free(names);
    desk_close(&d);
    assert_int_equal(home_remove("bob"), SOFTCARD_OK);
}

static unsigned count_names(struct desk *d, const char *dir)
{
    LPSTR names = NULL;
    DWORD len = 0, at = 0;
    unsigned count = 0;
    DWORD rc = d->data.pfnCardEnumFiles(&d->data, str(dir), &names, &len, 0);

    if (rc == SCARD_E_DIR_NOT_FOUND)
        return 0;
    assert_rc(rc, YES);
    for (; at < len && names[at] != '\0'; at += (DWORD)strlen(names + at) + 1)
        count++;
    assert_int_equal(at + 1, len); /* both NULs are counted, and nothing else */
    mem_free(names);
    return count;
}

static void many_files(void **state)
{
    struct desk d;
    unsigned count = 60;
    char name[16];

    (void)state;
    make_card("bob", NULL);
    desk_open(&d, "bob", 7);
    desk_cache(&d);
    be_user(&d);
    for (unsigned i = 0; i < count; i++) {
        snprintf(name, sizeof(name), "file%02u", i);
        assert_rc(create_file(&d, NULL, name, 1), YES);
        assert_rc(write_file(&d, NULL, name, name, strlen(name)), YES);
        assert_int_equal(count_names(&d, NULL), i + 1);
    }
    for (unsigned i = 0; i < count; i += 2) {
        snprintf(name, sizeof(name), "file%02u", i);
        assert_rc(d.data.pfnCardDeleteFile(&d.data, NULL, str(name), 0), YES);
    }
    desk_cache_empty(&d);
    assert_int_equal(count_names(&d, NULL), count / 2);
    for (unsigned i = 0; i < count; i++) {
        snprintf(name, sizeof(name), "file%02u", i);
        assert_rc(read_file(&d, NULL, name, name, strlen(name)),
                  i % 2 == 0 ? SCARD_E_FILE_NOT_FOUND : YES);
    }
    desk_close(&d);
    assert_int_equal(home_remove("bob"), SOFTCARD_OK);
}

/* What was deleted leaves nothing behind for a file of the same name. */
static void recreated(void **state)
{
    struct desk d;

    (void)state;
    desk_open(&d, CARD, 7);
    be_admin(&d);
    for (unsigned i = 0; i < ARRAY(rights); i++) {
        assert_rc(create_file(&d, NULL, "again", rights[i].ac), YES);
        if (rights[i].read[ROLE_ADMIN] == YES)
            assert_rc(read_file(&d, NULL, "again", "", 0), YES);
        assert_rc(write_file(&d, NULL, "again", "old", 3), YES);
        assert_rc(d.data.pfnCardDeleteFile(&d.data, NULL, str("again"), 0), YES);
        assert_rc(d.data.pfnCardDeleteFile(&d.data, NULL, str("again"), 0),
                  SCARD_E_FILE_NOT_FOUND);
    }
    desk_close(&d);
}

/* CMR.3.4.6.E13, 3.4.1.E9: what does not fit leaves what was there. */
static void full_card(void **state)
{
    const struct softcard_options small = { .capacity = 1500 };
    static BYTE data[4000];
    struct desk d;
    DWORD rc = YES;
    char name[16];
    unsigned i;

    (void)state;
    make_card("bob", &small);
    desk_open(&d, "bob", 7);
    be_user(&d);
    assert_rc(create_file(&d, NULL, "big", 1), YES);
    assert_rc(write_file(&d, NULL, "big", "the old content", 15), YES);
    assert_rc(write_file(&d, NULL, "big", data, sizeof(data)), SCARD_E_WRITE_TOO_MANY);
    assert_rc(read_file(&d, NULL, "big", "the old content", 15), YES);
    for (i = 0; i < 200 && rc == YES; i++) {
        snprintf(name, sizeof(name), "dir%02u", i);
        rc = d.data.pfnCardCreateDirectory(&d.data, str(name), UserCreateDeleteDirAc);
    }
    assert_rc(rc, SCARD_E_NO_MEMORY);
    assert_rc(create_file(&d, NULL, "more", 1), SCARD_E_NO_MEMORY);
    assert_rc(read_file(&d, NULL, "big", "the old content", 15), YES);
    assert_int_equal(count_names(&d, NULL), 1);
    assert_rc(read_file(&d, name, "none", "", 0), SCARD_E_DIR_NOT_FOUND);
    desk_close(&d);
    assert_int_equal(home_remove("bob"), SOFTCARD_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        desk_test(access_conditions),
        desk_test(conditions_by_version),
        desk_test(directories),
        desk_test(directories_of_the_admin),
        desk_test(sizes),
        desk_test(name_case),
        desk_test(many_files),
        desk_test(recreated),
        desk_test(full_card),
    };

    return cmocka_run_group_tests(tests, home_begin, home_end);
}
