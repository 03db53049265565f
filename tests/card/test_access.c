/* SPDX-License-Identifier: MIT */
/* Who may do what: every access condition of files and directories by every state of the card,
 * cell by cell; directories of the admin with files in them; every character of a name. */
#include "support.h"

#include <stdio.h>
#include <string.h>

#define NO  SCARD_W_SECURITY_VIOLATION
#define YES SCARD_S_SUCCESS

/* ---- who is authenticated -------------------------------------------------------------------- */

enum { NOBODY, USER, ADMIN, BOTH, STATES };
static const char *const state_names[STATES] = { "nobody", "user", "admin", "both" };

static void add_admin(struct desk *d)
{
    BYTE response[8];
    PBYTE challenge = NULL;
    DWORD len = 0;

    assert_rc(d->data.pfnCardGetChallenge(&d->data, &challenge, &len), YES);
    assert_int_equal(len, 8);
    respond_to(challenge, response);
    mem_free(challenge);
    assert_rc(d->data.pfnCardAuthenticateChallenge(&d->data, response, 8, NULL), YES);
}

static void become(struct desk *d, unsigned state)
{
    static const WCHAR name[] = CP_CARD_AUTHENTICATED_STATE;
    static const PIN_SET sets[STATES] = { 0, CREATE_PIN_SET(ROLE_USER), CREATE_PIN_SET(ROLE_ADMIN),
                                          CREATE_PIN_SET(ROLE_USER) | CREATE_PIN_SET(ROLE_ADMIN) };
    PIN_SET set = 0xFFFF;
    DWORD len = 0;

    if (state == NOBODY)
        be_nobody(d);
    else if (state == ADMIN)
        be_admin(d);
    else
        be_user(d);
    if (state == BOTH)
        add_admin(d);
    assert_rc(d->data.pfnCardGetProperty(&d->data, name, (PBYTE)&set, sizeof(set), &len, 0), YES);
    assert_int_equal(set, sets[state]);
}

/* ---- the matrix ------------------------------------------------------------------------------ */

/* A right has a letter for each state: y or -. */
static const struct {
    unsigned ac;
    const char *read, *write;
} files[] = {
    { EveryoneReadUserWriteAc,  "yyyy", "-yyy" },
    { UserWriteExecuteAc,       "----", "-yyy" },
    { EveryoneReadAdminWriteAc, "yyyy", "--yy" },
    { UserReadWriteAc,          "-yyy", "-yyy" },
    { AdminReadWriteAc,         "--yy", "--yy" },
};

/* `remove`: files of a directory, beside the right to write them. NULL is root. */
static const struct {
    const char *name;
    unsigned ac;
    const char *create, *remove, *vanish;
} dirs[] = {
    { NULL,  0,                      "-yyy", "-yyy", NULL },
    { "usr", UserCreateDeleteDirAc,  "-yyy", "-yyy", "-y-y" },
    { "adm", AdminCreateDeleteDirAc, "--yy", "--yy", "--yy" },
};

static unsigned wrong;

static void cell(const char *what, const char *dir, unsigned ac, unsigned state, DWORD rc,
                 bool allowed)
{
    if (rc == (allowed ? YES : NO))
        return;
    print_error("%s, directory %s, condition %u, %s: %08x\n", what, dir != NULL ? dir : "root", ac,
                state_names[state], rc);
    wrong++;
}

static void make_dir(struct desk *d, size_t i)
{
    if (dirs[i].name == NULL)
        return;
    become(d, BOTH);
    assert_rc(d->data.pfnCardCreateDirectory(&d->data, str(dirs[i].name),
                                             (CARD_DIRECTORY_ACCESS_CONDITION)dirs[i].ac), YES);
}

static void remove_dir(struct desk *d, size_t i)
{
    if (dirs[i].name == NULL)
        return;
    become(d, BOTH);
    assert_rc(d->data.pfnCardDeleteDirectory(&d->data, str(dirs[i].name)), YES);
}

static DWORD info_of(struct desk *d, const char *dir, const char *name, unsigned ac)
{
    CARD_FILE_INFO info = { .dwVersion = 1, .cbFileSize = 99 };
    DWORD rc = d->data.pfnCardGetFileInfo(&d->data, str(dir), str(name), &info);

    if (rc == YES) {
        assert_int_equal(info.cbFileSize, 3);
        assert_int_equal(info.AccessCondition, ac);
    }
    return rc;
}

/* What a refused write must not have changed, seen by who may read. */
static void assert_content(struct desk *d, const char *dir, unsigned ac, const char *want)
{
    if (ac == UserWriteExecuteAc)
        return; /* nobody may read it */
    become(d, ADMIN);
    assert_rc(read_file(d, dir, "file", want, strlen(want)), YES);
}

static void file_in_state(struct desk *d, size_t i, size_t f, unsigned state)
{
    const char *dir = dirs[i].name;
    const unsigned ac = files[f].ac;
    const bool reads = files[f].read[state] == 'y', writes = files[f].write[state] == 'y';
    const bool removes = writes && dirs[i].remove[state] == 'y';

    become(d, BOTH);
    assert_rc(create_file(d, dir, "file", ac), YES);
    assert_rc(write_file(d, dir, "file", "old", 3), YES);
    become(d, state);
    cell("read (CMR.3.4.3.E12)", dir, ac, state, read_file(d, dir, "file", "old", 3), reads);
    cell("info (CMR.3.4.5.E11)", dir, ac, state, info_of(d, dir, "file", ac), reads);
    cell("write (CMR.3.4.6.E12)", dir, ac, state, write_file(d, dir, "file", "new!", 4), writes);
    assert_content(d, dir, ac, writes ? "new!" : "old");
    become(d, state);
    cell("delete (CMR.3.4.7.E11, E12)", dir, ac, state,
         d->data.pfnCardDeleteFile(&d->data, str(dir), str("file"), 0), removes);
    become(d, BOTH);
    if (!removes) {
        assert_content(d, dir, ac, writes ? "new!" : "old");
        become(d, BOTH);
        assert_rc(d->data.pfnCardDeleteFile(&d->data, str(dir), str("file"), 0), YES);
    }
    assert_rc(write_file(d, dir, "file", "x", 1), SCARD_E_FILE_NOT_FOUND);
}

static void files_by_state(void **state)
{
    struct desk d;

    (void)state;
    wrong = 0;
    desk_open(&d, CARD, 7);
    for (size_t i = 0; i < ARRAY(dirs); i++) {
        make_dir(&d, i);
        for (size_t f = 0; f < ARRAY(files); f++)
            for (unsigned s = 0; s < STATES; s++)
                file_in_state(&d, i, f, s);
        remove_dir(&d, i);
    }
    assert_int_equal(wrong, 0);
    desk_close(&d);
}

/* CMR.3.4.4.E6; CMR.3.4.2.E5, E8, E9. A refused creation leaves no file, a refused deletion the
 * directory; who may list is not asked (CMR.3.4.8). */
static void directories_by_state(void **state)
{
    struct desk d;
    CARD_DATA *c = &d.data;

    (void)state;
    wrong = 0;
    desk_open(&d, CARD, 7);
    for (size_t i = 0; i < ARRAY(dirs); i++) {
        const char *dir = dirs[i].name;

        for (unsigned s = 0; s < STATES; s++) {
            const bool creates = dirs[i].create[s] == 'y';
            LPSTR names = NULL;
            DWORD rc, len = 0;

            make_dir(&d, i);
            for (size_t f = 0; f < ARRAY(files); f++) { /* the file's own condition is no matter */
                become(&d, s);
                rc = create_file(&d, dir, "file", files[f].ac);
                cell("create (CMR.3.4.4.E6)", dir, files[f].ac, s, rc, creates);
                rc = c->pfnCardEnumFiles(c, str(dir), &names, &len, 0);
                if (rc == YES)
                    mem_free(names);
                else
                    assert_rc(rc, SCARD_E_DIR_NOT_FOUND); /* CMR.3.4.8.E8: no files */
                assert_int_equal(rc == YES, creates);
                become(&d, BOTH);
                assert_rc(c->pfnCardDeleteFile(c, str(dir), str("file"), 0),
                          creates ? YES : SCARD_E_FILE_NOT_FOUND);
            }
            if (dir == NULL)
                continue;
            become(&d, s);
            rc = c->pfnCardDeleteDirectory(c, str(dir));
            cell("delete (CMR.3.4.2.E5, E8, E9)", dir, 0, s, rc, dirs[i].vanish[s] == 'y');
            become(&d, BOTH);
            assert_rc(c->pfnCardDeleteDirectory(c, str(dir)),
                      rc == YES ? SCARD_E_DIR_NOT_FOUND : YES);
        }
    }
    assert_int_equal(wrong, 0);
    desk_close(&d);
}

/* CMR.3.4.1.2: the condition that is recorded does not depend on who made the directory. */
static void directories_made_by(void **state)
{
    static const CARD_DIRECTORY_ACCESS_CONDITION acs[] = { UserCreateDeleteDirAc,
                                                           AdminCreateDeleteDirAc };
    struct desk d;
    CARD_DATA *c = &d.data;

    (void)state;
    desk_open(&d, CARD, 7);
    for (size_t i = 0; i < ARRAY(acs); i++) {
        for (unsigned s = 0; s < STATES; s++) {
            become(&d, s);
            assert_rc(c->pfnCardCreateDirectory(c, str("made"), acs[i]), s == NOBODY ? NO : YES);
            if (s == NOBODY) {
                assert_rc(read_file(&d, "made", "x", NULL, 0), SCARD_E_DIR_NOT_FOUND);
                continue;
            }
            become(&d, USER);
            assert_rc(create_file(&d, "made", "file", EveryoneReadUserWriteAc),
                      acs[i] == AdminCreateDeleteDirAc ? NO : YES);
            if (acs[i] == UserCreateDeleteDirAc)
                assert_rc(c->pfnCardDeleteFile(c, str("made"), str("file"), 0), YES);
            become(&d, acs[i] == AdminCreateDeleteDirAc ? USER : ADMIN);
            assert_rc(c->pfnCardDeleteDirectory(c, str("made")), NO); /* CMR.3.4.2.E8, E9 */
            become(&d, BOTH);
            assert_rc(c->pfnCardDeleteDirectory(c, str("made")), YES);
        }
    }
    desk_close(&d);
}

/* ---- directories of the admin ---------------------------------------------------------------- */

static const char *const shelves[] = { NULL, "usr", "adm", "adm2" };
#define SHELVES ARRAY(shelves)

static void assert_shelves(struct desk *d, const bool there[SHELVES])
{
    for (size_t i = 0; i < SHELVES; i++) {
        char content[8];

        snprintf(content, sizeof(content), "on %zu", i);
        assert_rc(read_file(d, shelves[i], "same", content, strlen(content)),
                  there[i] ? YES : SCARD_E_FILE_NOT_FOUND);
    }
}

/* One name in four places, under two tables: each is a file of its own, to whoever looks, with a
 * cache, without one, and after the power was gone. */
static void same_name(void **state)
{
    bool there[SHELVES] = { true, true, true, true };
    struct desk d;
    CARD_DATA *c = &d.data;

    (void)state;
    desk_open(&d, CARD, 7);
    desk_cache(&d);
    become(&d, ADMIN);
    for (size_t i = 0; i < SHELVES; i++) {
        char content[8];

        if (shelves[i] != NULL)
            assert_rc(c->pfnCardCreateDirectory(c, str(shelves[i]), i == 1
                                                                        ? UserCreateDeleteDirAc
                                                                        : AdminCreateDeleteDirAc),
                      YES);
        snprintf(content, sizeof(content), "on %zu", i);
        assert_rc(create_file(&d, shelves[i], "same", EveryoneReadAdminWriteAc), YES);
        assert_rc(create_file(&d, shelves[i], "SAME", EveryoneReadAdminWriteAc),
                  ERROR_FILE_EXISTS); /* CMR.3.4.4.E9 */
        assert_rc(write_file(&d, shelves[i], "same", content, strlen(content)), YES);
    }
    for (size_t i = 0; i < SHELVES; i++) {
        assert_shelves(&d, there);
        desk_cache_empty(&d);
        desk_reset(&d);
        assert_shelves(&d, there);
        become(&d, BOTH);
        if (shelves[i] != NULL)
            assert_rc(c->pfnCardDeleteDirectory(c, str(shelves[i])), ERROR_DIR_NOT_EMPTY);
        assert_rc(c->pfnCardDeleteFile(c, str(shelves[i]), str("same"), 0), YES);
        there[i] = false;
        assert_shelves(&d, there);
    }
    for (size_t i = 1; i < SHELVES; i++)
        assert_rc(c->pfnCardDeleteDirectory(c, str(shelves[i])), YES);
    desk_close(&d);
}

/* ---- names ----------------------------------------------------------------------------------- */

static DWORD try_name(struct desk *d, const char *dir, const char *name)
{
    LPSTR names = NULL;
    DWORD len = 0, rc = create_file(d, dir, name, EveryoneReadUserWriteAc);

    if (rc != YES)
        return rc;
    assert_rc(write_file(d, dir, name, name, strlen(name)), YES);
    assert_rc(read_file(d, dir, name, name, strlen(name)), YES);
    assert_rc(d->data.pfnCardEnumFiles(&d->data, str(dir), &names, &len, 0), YES);
    assert_int_equal(len, strlen(name) + 2);
    for (size_t i = 0; name[i] != '\0'; i++) /* A to Z alone have a lower case */
        assert_int_equal(names[i], name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
    mem_free(names);
    assert_rc(d->data.pfnCardDeleteFile(&d->data, str(dir), str(name), 0), YES);
    return rc;
}

/* CMR.1.2.1, CMR.3.4.4.E8: each of the 255 characters, by itself or behind others. */
static void characters(void **state)
{
    struct desk d;

    (void)state;
    make_card("bob", NULL);
    desk_open(&d, "bob", 7);
    desk_cache(&d);
    become(&d, USER);
    assert_rc(d.data.pfnCardCreateDirectory(&d.data, str("n"), UserCreateDeleteDirAc), YES);
    for (unsigned ch = 1; ch < 256; ch++) {
        const bool bad = ch < 32 || strchr("\\/:*?\"<>|", (int)ch) != NULL;
        const char alone[] = { (char)ch, '\0' };
        const char among[] = { 'a', 'b', 'c', 'd', 'e', 'f', 'g', (char)ch, '\0' };
        DWORD rc = try_name(&d, "n", ch % 2 != 0 ? alone : among);

        if (rc != (bad ? SCARD_E_INVALID_PARAMETER : YES))
            fail_msg("character %02X: %08x", ch, rc);
        if (bad)
            assert_rc(try_name(&d, "n", ch % 2 != 0 ? among : alone), SCARD_E_INVALID_PARAMETER);
    }
    desk_close(&d);
    assert_int_equal(home_remove("bob"), SOFTCARD_OK);
}

/* Directories of such names, and what differs in the case of a letter beyond ASCII: two files. */
static void odd_names(void **state)
{
    static const char *const names[] = { " ", "  a b  ", ".", "..", "\x80\xFF",
                                         "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "\xC4.txt",
                                         "\xE4.txt", "\x7F" };
    struct desk d;
    CARD_DATA *c = &d.data;

    (void)state;
    desk_open(&d, CARD, 7);
    become(&d, BOTH);
    for (unsigned ac = UserCreateDeleteDirAc; ac <= AdminCreateDeleteDirAc; ac++) {
        for (size_t i = 0; i < ARRAY(names); i++) {
            assert_rc(c->pfnCardCreateDirectory(c, str(names[i]),
                                                (CARD_DIRECTORY_ACCESS_CONDITION)ac), YES);
            assert_rc(create_file(&d, names[i], names[i], EveryoneReadUserWriteAc), YES);
            assert_rc(write_file(&d, names[i], names[i], &i, sizeof(i)), YES);
        }
        for (size_t i = 0; i < ARRAY(names); i++) {
            assert_rc(read_file(&d, names[i], names[i], &i, sizeof(i)), YES);
            assert_rc(c->pfnCardDeleteFile(c, str(names[i]), str(names[i]), 0), YES);
            assert_rc(c->pfnCardDeleteDirectory(c, str(names[i])), YES);
        }
    }
    assert_rc(create_file(&d, NULL, "ninechars", 1), SCARD_E_INVALID_PARAMETER);
    desk_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        desk_test(files_by_state), desk_test(directories_by_state), desk_test(directories_made_by),
        desk_test(same_name),      desk_test(characters),           desk_test(odd_names),
    };

    return cmocka_run_group_tests(tests, home_begin, home_end);
}
