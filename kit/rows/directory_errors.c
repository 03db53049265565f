/* SPDX-License-Identifier: MIT */
/* Errors of 2.3.4.1 and 2.3.4.2. */
#include "kit/rows/directories.h"

#include <string.h>

#define INVALID SCARD_E_INVALID_PARAMETER
#define TEXT    FIXTURE_TEXT, strlen(FIXTURE_TEXT)

/* ---- CardCreateDirectory --------------------------------------------------------------------- */

/* What should not have been made goes again: it would be in the way of all that follows. */
static DWORD create(struct args *a)
{
    DWORD rc = CALL(a->b, CreateDirectory, a->data, a->name, a->ac);

    if (rc == SCARD_S_SUCCESS && a->name != NULL && a->data != NULL)
        (void)CALL(a->b, DeleteDirectory, a->data, a->name);
    return rc;
}

static void good_create(struct args *a)
{
    a->name = str("kitnew");
    a->ac = UserCreateDeleteDirAc;
}

const struct subject directory_create_subject = { .call = create, .good = good_create,
                                                  .prepare = need_writable };

static bool bad_condition(struct args *a, size_t n, char what[48])
{
    static const DWORD conditions_not[] = { 0, 3, 4, 5, 6, 7, 0xFF, 0x101, 0xFFFFFFFF };

    if (n >= ARRAY(conditions_not))
        return false;
    a->ac = conditions_not[n];
    snprintf(what, 48, "access condition %08X", (unsigned)a->ac);
    return true;
}

static void refuses_conditions(struct run *r)
{
    error_row_with(r, bad_condition);
}

/* Of both conditions, where the card has both; what is in the directory stays. */
static void refuses_twice(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    need_writable(&b);
    be_user(&b);
    EXPECT(r, CALL(&b, CreateDirectory, &b.data, str(FIXTURE_DIR), UserCreateDeleteDirAc),
           ERROR_FILE_EXISTS);
    EXPECT(r, CALL(&b, CreateDirectory, &b.data, str(FIXTURE_DIR), AdminCreateDeleteDirAc),
           ERROR_FILE_EXISTS, SCARD_E_UNSUPPORTED_FEATURE);
    CHECK(r, see_file(&b, FIXTURE_DIR, FIXTURE_FILE, TEXT) == SCARD_S_SUCCESS,
          "a file in the directory is not what it was");
    bench_close(&b);
    error_row(r);
}

static void refuses_files(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    need_writable(&b);
    be_user(&b);
    EXPECT(r, CALL(&b, CreateDirectory, &b.data, str(FIXTURE_READ_FILE), UserCreateDeleteDirAc),
           ERROR_FILE_EXISTS);
    CHECK(r, see_file(&b, NULL, FIXTURE_READ_FILE, TEXT) == SCARD_S_SUCCESS,
          "the file of that name is not what it was");
    bench_close(&b);
    error_row(r);
}

#define DIRS_MOST 150u

static const char *nth_dir(unsigned n)
{
    static char name[9];

    snprintf(name, sizeof(name), "kitd%03u", n % 1000);
    return name;
}

/* Directories until no more can be made; *ret_count: of those that were. */
static DWORD create_until_full(struct bench *b, unsigned *ret_count)
{
    DWORD rc = SCARD_S_SUCCESS;
    unsigned n;

    for (n = 0; n < DIRS_MOST && rc == SCARD_S_SUCCESS; n++)
        rc = CALL(b, CreateDirectory, &b->data, str(nth_dir(n)), UserCreateDeleteDirAc);
    *ret_count = rc == SCARD_S_SUCCESS ? n : n - 1;
    return rc;
}

/* Nor does that hide another error. Everything is put back before it is judged. */
static void refuses_when_full(struct run *r)
{
    struct precedence others = { .row = NULL };
    unsigned count = 0;
    struct bench b;
    DWORD rc = SCARD_S_SUCCESS;
    bool full;

    bench_open(r, &b);
    need_writable(&b);
    full = fill_card(&b, 1);
    if (full)
        rc = create_until_full(&b, &count);
    if (rc != SCARD_S_SUCCESS)
        others = earlier_errors(&b);
    for (unsigned n = count; n-- > 0;)
        (void)CALL(&b, DeleteDirectory, &b.data, str(nth_dir(n)));
    empty_card(&b);
    if (!full)
        run_not_applicable(r, "the card cannot be filled: it has room for far more than is tried");
    if (rc == SCARD_S_SUCCESS)
        run_not_applicable(r, "directories take no room: %u are made on a card without any", count);
    EXPECT(r, rc, SCARD_E_NO_MEMORY);
    judge_precedence(r, &others);
    run_saw(r, "%s, after %u directories on a card that is full", kit_code(rc), count);
}

const struct requirement directory_create_errors[8] = {
    ERROR_ROW("CMR.3.4.1.E1", "pCardData NULL", CODES(INVALID), NO_DATA),
    ERROR_ROW("CMR.3.4.1.E2", "no name, an empty name", CODES(INVALID), NO_NAME, EMPTY_NAME),
    { .id = "CMR.3.4.1.E3", .test = long_names, .faults = { LONG_NAME, EMPTY_NAME },
      .codes = { INVALID }, .words = "a name of none or more than 8 characters" },
    { .id = "CMR.3.4.1.E4", .test = odd_names, .faults = { ODD_NAME }, .codes = { INVALID },
      .words = "a forbidden character in the name, each of them" },
    { .id = "CMR.3.4.1.E5", .test = refuses_conditions, .faults = { BAD_AC, AC_ZERO },
      .codes = { INVALID }, .versions = KIT_V(4) | KIT_V(5) | KIT_V(7),
      .words = "an access condition that is not for directories" },
    { .id = "CMR.3.4.1.E7", .test = refuses_twice, .faults = { TAKEN_BY_DIR, FULL_DIR },
      .codes = { ERROR_FILE_EXISTS }, .words = "the name of a directory" },
    { .id = "CMR.3.4.1.E8", .test = refuses_files, .faults = { TAKEN_BY_FILE },
      .codes = { ERROR_FILE_EXISTS }, .words = "the name of a file" },
    { .id = "CMR.3.4.1.E9", .test = refuses_when_full, .codes = { SCARD_E_NO_MEMORY },
      .words = "no room for it on the card" },
};

/* ---- CardDeleteDirectory --------------------------------------------------------------------- */

static DWORD delete(struct args *a)
{
    return CALL(a->b, DeleteDirectory, a->data, a->name);
}

static void good_delete(struct args *a)
{
    a->name = str(FIXTURE_EMPTY_DIR);
}

const struct subject directory_delete_subject = { .call = delete, .good = good_delete,
                                                  .prepare = need_writable };

static DWORD delete_dir(struct bench *b, const char *dir)
{
    return CALL(b, DeleteDirectory, &b->data, str(dir));
}

static bool missing(struct args *a, size_t n, char what[48])
{
    static const char *const names[] = { "kitnone", FIXTURE_READ_FILE, FIXTURE_FILE };

    if (n >= ARRAY(names))
        return false;
    a->name = str(names[n]);
    snprintf(what, 48, "directory \"%s\"", names[n]);
    return true;
}

/* Nor is a file a directory. */
static void refuses_missing(struct run *r)
{
    error_row_with(r, missing);
}

/* Of the admin's too, where the user is refused for two reasons; what is in it stays. */
static void refuses_full(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    need_writable(&b);
    be_user(&b);
    EXPECT(r, delete_dir(&b, FIXTURE_DIR), ERROR_DIR_NOT_EMPTY);
    CHECK(r, see_file(&b, FIXTURE_DIR, FIXTURE_FILE, TEXT) == SCARD_S_SUCCESS,
          "the file in the directory is not what it was");
    if (own_dir(&b, ADMIN_DIR, AdminCreateDeleteDirAc)) {
        be_admin(&b);
        NEED(r, make_file(&b, ADMIN_DIR, OWN_FILE, EveryoneReadUserWriteAc));
        be_user(&b);
        EXPECT(r, delete_dir(&b, ADMIN_DIR), ERROR_DIR_NOT_EMPTY);
        drop_dir(&b, ADMIN_DIR);
    }
    bench_close(&b);
    error_row(r);
}

/* By that role, which may not; it is still there for the other. */
static void refuse_to(struct run *r, struct bench *b, const char *dir, enum role role,
                      enum role owner)
{
    become(b, role);
    EXPECT(r, delete_dir(b, dir), SCARD_W_SECURITY_VIOLATION);
    become(b, owner);
    CHECK(r, make_file(b, dir, OWN_FILE, EveryoneReadUserWriteAc) == SCARD_S_SUCCESS,
          "the directory is gone all the same");
    drop_dir(b, dir);
}

static void refuses_nobody(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    need_writable(&b);
    (void)own_dir(&b, OWN_DIR, UserCreateDeleteDirAc);
    refuse_to(r, &b, OWN_DIR, NOBODY, USER);
    if (own_dir(&b, ADMIN_DIR, AdminCreateDeleteDirAc))
        refuse_to(r, &b, ADMIN_DIR, NOBODY, ADMIN);
    bench_close(&b);
    error_row(r);
}

static void refuses_the_user(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    need_writable(&b);
    need_admin_dir(&b);
    refuse_to(r, &b, ADMIN_DIR, USER, ADMIN);
}

static void refuses_the_admin(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    need_writable(&b);
    (void)own_dir(&b, OWN_DIR, UserCreateDeleteDirAc);
    refuse_to(r, &b, OWN_DIR, ADMIN, USER);
}

const struct requirement directory_delete_errors[9] = {
    ERROR_ROW("CMR.3.4.2.E1", "pCardData NULL", CODES(INVALID), NO_DATA),
    ERROR_ROW("CMR.3.4.2.E2", "no name, an empty name", CODES(INVALID), NO_NAME, EMPTY_NAME),
    { .id = "CMR.3.4.2.E3", .test = long_names, .faults = { LONG_NAME, EMPTY_NAME },
      .codes = { INVALID }, .words = "a name of none or more than 8 characters" },
    { .id = "CMR.3.4.2.E4", .test = odd_names, .faults = { ODD_NAME }, .codes = { INVALID },
      .words = "a forbidden character in the name, each of them" },
    { .id = "CMR.3.4.2.E5", .test = refuses_nobody, .faults = { AS_NOBODY },
      .codes = { SCARD_W_SECURITY_VIOLATION }, .versions = KIT_V(4) | KIT_V(5) | KIT_V(7),
      .words = "nobody authenticated; the directory stays" },
    { .id = "CMR.3.4.2.E6", .test = refuses_missing, .faults = { MISSING_NAME },
      .codes = { SCARD_E_DIR_NOT_FOUND }, .words = "no directory of that name" },
    { .id = "CMR.3.4.2.E7", .test = refuses_full, .faults = { FULL_DIR },
      .codes = { ERROR_DIR_NOT_EMPTY }, .words = "files in it, whosever it is" },
    { .id = "CMR.3.4.2.E8", .test = refuses_the_user, .codes = { SCARD_W_SECURITY_VIOLATION },
      .words = "the user, a directory with AdminCreateDeleteDirAc; it stays" },
    { .id = "CMR.3.4.2.E9", .test = refuses_the_admin, .faults = { AS_ADMIN },
      .codes = { SCARD_W_SECURITY_VIOLATION },
      .words = "the admin, a directory with UserCreateDeleteDirAc; it stays" },
};
