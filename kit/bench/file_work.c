/* SPDX-License-Identifier: MIT */
#include "kit/bench/file_work.h"
#include "kit/bench/fixture_keys.h"

#include <stdlib.h>
#include <string.h>

/* ---- directories and files of tests ---------------------------------------------------------- */

static DWORD create_dir(struct bench *b, const char *dir, CARD_DIRECTORY_ACCESS_CONDITION ac)
{
    DWORD rc;

    be_user(b);
    rc = CALL(b, CreateDirectory, &b->data, str(dir), ac);
    if (rc != SCARD_W_SECURITY_VIOLATION || !has_admin(b))
        return rc;
    be_admin(b);
    return CALL(b, CreateDirectory, &b->data, str(dir), ac);
}

DWORD try_dir(struct bench *b, const char *dir, CARD_DIRECTORY_ACCESS_CONDITION ac)
{
    DWORD rc = ac == AdminCreateDeleteDirAc && !has_admin(b) ? SCARD_E_UNSUPPORTED_FEATURE
                                                             : create_dir(b, dir, ac);

    if (rc != ERROR_FILE_EXISTS)
        return rc;
    drop_dir(b, dir);
    return create_dir(b, dir, ac);
}

bool own_dir(struct bench *b, const char *dir, CARD_DIRECTORY_ACCESS_CONDITION ac)
{
    DWORD rc = try_dir(b, dir, ac);

    if (rc == SCARD_E_UNSUPPORTED_FEATURE)
        return false;
    NEED(b->run, rc);
    return true;
}

void need_admin_dir(struct bench *b)
{
    if (!own_dir(b, ADMIN_DIR, AdminCreateDeleteDirAc))
        run_not_applicable(b->run, has_admin(b)
                                       ? "the card has no directories of the admin "
                                         "(AdminCreateDeleteDirAc: %s)"
                                       : "no admin is configured to own a directory (%s)",
                           kit_code(SCARD_E_UNSUPPORTED_FEATURE));
}

/* By the admin and by the user, whatever either is answered: who may is what is judged elsewhere. */
void drop_dir(struct bench *b, const char *dir)
{
    static const char *const names[] = { OWN_FILE, OWN_FILE2, FIXTURE_FILE };
    static const enum role roles[] = { ADMIN, USER };

    for (size_t r = has_admin(b) ? 0 : 1; r < ARRAY(roles); r++) {
        become(b, roles[r]);
        for (size_t i = 0; i < ARRAY(names); i++)
            (void)drop_file(b, dir, names[i]);
        (void)CALL(b, DeleteDirectory, &b->data, str(dir));
    }
}

void clear_file(struct bench *b, const char *dir, const char *name)
{
    become(b, has_admin(b) ? ADMIN : USER);
    if (drop_file(b, dir, name) == SCARD_S_SUCCESS)
        return;
    be_user(b);
    (void)drop_file(b, dir, name);
}

void own_file(struct bench *b, const char *dir, const char *name, const void *data, size_t len)
{
    NEED(b->run, make_file(b, dir, name, EveryoneReadUserWriteAc));
    if (len != 0)
        NEED(b->run, put_file(b, dir, name, data, len));
}

DWORD make_sized(struct bench *b, const char *dir, const char *name, DWORD size)
{
    return CALL(b, CreateFile, &b->data, str(dir), str(name), size, EveryoneReadUserWriteAc);
}

const size_t content_sizes[CONTENT_SIZES] = { 0, 1, 255, 256, 1000, 4000 };

const BYTE *pattern(unsigned seed, size_t len)
{
    static BYTE bytes[2][PATTERN_MAX];
    BYTE *to = bytes[seed % 2];

    for (size_t i = 0; i < len && i < PATTERN_MAX; i++)
        to[i] = (BYTE)(seed + i * 7 + i / 251);
    return to;
}

/* ---- access conditions of files -------------------------------------------------------------- */

const struct condition conditions[CONDITIONS] = {
    { EveryoneReadUserWriteAc, "EveryoneReadUserWriteAc", 4, { true, true, true },
      { false, true, true } },
    { UserWriteExecuteAc, "UserWriteExecuteAc", 4, { false, false, false }, { false, true, true } },
    { EveryoneReadAdminWriteAc, "EveryoneReadAdminWriteAc", 4, { true, true, true },
      { false, false, true } },
    { UserReadWriteAc, "UserReadWriteAc", 6, { false, true, true }, { false, true, true } },
    { AdminReadWriteAc, "AdminReadWriteAc", 6, { false, false, true }, { false, false, true } },
};

bool make_with(struct bench *b, const struct condition *c)
{
    const enum role writer = c->writes[USER] ? USER : ADMIN;
    DWORD rc;

    if (c->since > b->run->version)
        return false;
    if (writer >= roles_end(b)) {
        run_note(b->run, "no admin is configured to make a file with %s", c->name);
        return false;
    }
    become(b, writer);
    rc = make_file(b, NULL, OWN_FILE, c->ac);
    if (rc == ERROR_FILE_EXISTS) {
        clear_file(b, NULL, OWN_FILE);
        become(b, writer);
        rc = make_file(b, NULL, OWN_FILE, c->ac);
    }
    if (rc == SCARD_E_UNSUPPORTED_FEATURE || (c->since > 5 && rc == SCARD_E_INVALID_PARAMETER)) {
        run_note(b->run, "the card has no %s", c->name);
        return false;
    }
    NEED(b->run, rc);
    NEED(b->run, put_file(b, NULL, OWN_FILE, WITH_TEXT, strlen(WITH_TEXT)));
    return true;
}

void refuse_each(struct run *r, struct bench *b, attempt_fn *attempt, bool to_write)
{
    bool any = false;

    for (size_t i = 0; i < CONDITIONS; i++) {
        const struct condition *c = &conditions[i];
        const bool *rights = to_write ? c->writes : c->reads;

        if (!make_with(b, c))
            continue;
        for (enum role role = NOBODY; role < roles_end(b); role++) {
            if (rights[role])
                continue;
            any = true;
            become(b, role);
            run_note(r, "%s, by %s:", c->name, role_name(role));
            EXPECT(r, attempt(b, OWN_FILE), SCARD_W_SECURITY_VIOLATION);
            run_saw(r, "refused: %s by %s", c->name, role_name(role));
        }
        clear_file(b, NULL, OWN_FILE);
    }
    if (!any)
        run_not_applicable(r, "the card has no condition that keeps anybody out "
                              "(CardCreateFile)");
}

/* ---- room ------------------------------------------------------------------------------------ */

#define FILL_MOST  0x100000u /* bytes: a card that takes more is none that can be filled */
#define FILL_FIRST 65536u          /* tried first where the card does not tell */
#define FILL_FILES 24u

DWORD free_bytes(struct bench *b)
{
    CARD_FREE_SPACE_INFO info = { .dwVersion = CARD_FREE_SPACE_INFO_CURRENT_VERSION };

    if (CALL(b, QueryFreeSpace, &b->data, 0, &info) != SCARD_S_SUCCESS)
        return CARD_DATA_VALUE_UNKNOWN;
    return info.dwBytesAvailable;
}

DWORD bytes_that_do_not_fit(struct bench *b)
{
    DWORD told = free_bytes(b);

    return told < FILL_MOST ? told + 400000u : 4 * FILL_MOST;
}

const char *fill_name(unsigned n)
{
    static char name[9];

    snprintf(name, sizeof(name), "kitf%02u", n % 100);
    return name;
}

/* As many of `size` bytes as find room in a new file; halves until they do. 0: not even `rest`. */
static DWORD fill_one(struct bench *b, unsigned n, DWORD size, DWORD rest, const BYTE *zeros)
{
    const char *name = fill_name(n);
    DWORD rc = make_file(b, NULL, name, EveryoneReadUserWriteAc);

    if (rc == ERROR_FILE_EXISTS)
        rc = SCARD_S_SUCCESS;
    if (rc != SCARD_S_SUCCESS)
        return 0;
    for (; size >= rest && size != 0; size /= 2)
        if (put_file(b, NULL, name, zeros, size) == SCARD_S_SUCCESS)
            return size;
    (void)drop_file(b, NULL, name);
    return 0;
}

bool fill_card(struct bench *b, DWORD rest)
{
    DWORD told, size, total = 0;
    bool full = false;
    BYTE *zeros;

    be_user(b);
    told = free_bytes(b);
    if (told != CARD_DATA_VALUE_UNKNOWN && told > FILL_MOST)
        return false;
    size = told != CARD_DATA_VALUE_UNKNOWN && told != 0 ? told : FILL_FIRST;
    zeros = calloc(FILL_MOST, 1);
    if (zeros == NULL)
        return false;
    for (unsigned n = 0; n < FILL_FILES && total < FILL_MOST && !full; n++) {
        DWORD done = fill_one(b, n, size, rest, zeros);

        full = done == 0;
        total += done;
        if (done != 0 && done < size)
            size = done;
    }
    free(zeros);
    return full;
}

void empty_card(struct bench *b)
{
    be_user(b);
    for (unsigned n = 0; n < FILL_FILES; n++)
        if (drop_file(b, NULL, fill_name(n)) != SCARD_S_SUCCESS)
            return;
}

/* ---- a file that is there -------------------------------------------------------------------- */

#define UNREADABLE_FILE "kitclose" /* where the version has no AdminReadWriteAc */

struct place place = { FIXTURE_DIR, FIXTURE_FILE };
static const char *unreadable;

void choose_place(struct bench *b)
{
    if (is_read_only(b))
        place = (struct place){ "mscp", "cmapfile" };
}

static bool is_there(struct bench *b, const char *name)
{
    return see_file(b, NULL, name, NULL, 0) != SCARD_E_FILE_NOT_FOUND;
}

void prepare_reading(struct bench *b)
{
    choose_place(b);
    if (is_there(b, FIXTURE_ADMIN_FILE))
        unreadable = FIXTURE_ADMIN_FILE;
    else if (is_there(b, UNREADABLE_FILE) ||
             make_file(b, NULL, UNREADABLE_FILE, UserWriteExecuteAc) == SCARD_S_SUCCESS)
        unreadable = UNREADABLE_FILE;
}

bool has_unreadable(void)
{
    return unreadable != NULL;
}

void refuse_reading(struct run *r, attempt_fn *attempt)
{
    struct bench b;

    bench_open(r, &b);
    need_writable(&b);
    refuse_each(r, &b, attempt, false);
    be_user(&b);
    prepare_reading(&b);
    bench_close(&b);
    if (has_unreadable())
        error_row(r);
}

void good_place(struct args *a)
{
    a->dir = str(place.dir);
    a->name = str(place.name);
}

bool spoil_reading(struct args *a, enum fault fault)
{
    if (fault != UNREADABLE)
        return false;
    if (unreadable != NULL) { /* else it stays as it is: the pair is the other fault alone */
        a->dir = NULL;
        a->name = str(unreadable);
    }
    return true;
}

/* ---- pace ------------------------------------------------------------------------------------ */

void open_paced(struct run *r, struct bench *b)
{
    DWORD rc;

    bench_open(r, b);
    need_writable(b);
    be_user(b);
    own_file(b, FIXTURE_DIR, OWN_FILE, NULL, 0);
    rc = put_file(b, FIXTURE_DIR, OWN_FILE, pattern(0, PACED_SIZE), PACED_SIZE);
    if (rc == SCARD_E_WRITE_TOO_MANY) {
        (void)drop_file(b, FIXTURE_DIR, OWN_FILE);
        run_not_applicable(r, "the card has no room for a file of 2048 bytes (CardWriteFile)");
    }
    NEED(r, rc); /* else an empty file would be timed */
}
