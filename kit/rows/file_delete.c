/* SPDX-License-Identifier: MIT */
/* 2.3.4.7: CardDeleteFile. */
#include "kit/rows/files.h"
#include "kit/bench/timing.h"

#include <string.h>

static void open_user(struct run *r, struct bench *b)
{
    bench_open(r, b);
    need_writable(b);
    be_user(b);
}

static bool is_there(struct bench *b, const char *dir, const char *name)
{
    return see_file(b, dir, name, WITH_TEXT, strlen(WITH_TEXT)) == SCARD_S_SUCCESS;
}

/* ---- functional ------------------------------------------------------------------------------ */

/* No other test's: if nothing were ever deleted, they would be there. */
#define FILE_1 "kitgone1"
#define FILE_2 "kitgone2"

/* The other directory has one of the same name. */
static void delete_one(struct bench *b, const char *dir, const char *elsewhere)
{
    struct run *r = b->run;
    DWORD rc = drop_file(b, dir, FILE_1);

    CHECK(r, rc == SCARD_S_SUCCESS, "%s", kit_code(rc));
    CHECK(r, see_file(b, dir, FILE_1, NULL, 0) != SCARD_S_SUCCESS, "the file is still there");
    CHECK(r, is_there(b, elsewhere, FILE_1) && is_there(b, dir, FILE_2),
          "another file is gone as well");
    CHECK(r, make_file(b, dir, FILE_1, EveryoneReadUserWriteAc) == SCARD_S_SUCCESS,
          "its name is not free");
    CHECK(r, see_file(b, dir, FILE_1, "", 0) == SCARD_S_SUCCESS,
          "a new file of its name is not empty");
    NEED(r, put_file(b, dir, FILE_1, WITH_TEXT, strlen(WITH_TEXT)));
}

static void deletes(struct run *r)
{
    static const char *const dirs[] = { FIXTURE_DIR, NULL };
    static const char *const names[] = { FILE_1, FILE_2 };
    struct bench b;

    open_user(r, &b);
    for (size_t i = 0; i < 4; i++)
        own_file(&b, dirs[i / 2], names[i % 2], WITH_TEXT, strlen(WITH_TEXT));
    delete_one(&b, FIXTURE_DIR, NULL);
    delete_one(&b, NULL, FIXTURE_DIR);
    for (size_t i = 0; i < 4; i++)
        NEED(r, drop_file(&b, dirs[i / 2], names[i % 2]));
}

static void delete_returns_0(struct run *r)
{
    struct bench b;

    open_user(r, &b);
    own_file(&b, FIXTURE_DIR, OWN_FILE, WITH_TEXT, strlen(WITH_TEXT));
    EXPECT(r, drop_file(&b, FIXTURE_DIR, OWN_FILE), SCARD_S_SUCCESS);
    own_file(&b, NULL, OWN_FILE, NULL, 0); /* one that is empty */
    EXPECT(r, drop_file(&b, NULL, OWN_FILE), SCARD_S_SUCCESS);
}

const struct requirement file_delete[2] = {
    ROW("CMR.3.4.7.1", "the file is gone, and no other; its name is free", deletes),
    ROW("CMR.3.4.7.2", "0 on success", delete_returns_0, .versions = KIT_V4_TO_V7),
};

/* ---- performance ----------------------------------------------------------------------------- */

#define PACE_SIZE 128u

static void delete_once(struct bench *b)
{
    own_file(b, FIXTURE_DIR, OWN_FILE, pattern(0, PACE_SIZE), PACE_SIZE);
    NEED(b->run, drop_file(b, FIXTURE_DIR, OWN_FILE));
}

static void deletes_in_time(struct run *r)
{
    struct bench b;

    open_user(r, &b);
    longest_within(r, &b, delete_once, 5000);
}

static void deletes_in_time_on_average(struct run *r)
{
    struct bench b;

    open_user(r, &b);
    average_within(r, &b, delete_once, 4000);
}

const struct requirement file_delete_pace[2] = {
    ROW("CMR.3.4.7.X1", "128 bytes within 5 s", deletes_in_time),
    ROW("CMR.3.4.7.X2", "128 bytes within 4 s on average of 20", deletes_in_time_on_average),
};

/* ---- errors ---------------------------------------------------------------------------------- */

#define INVALID SCARD_E_INVALID_PARAMETER
#define NOT_HIS SCARD_W_SECURITY_VIOLATION

static DWORD call_delete(struct args *a)
{
    return CALL(a->b, DeleteFile, a->data, a->dir, a->name, a->flags);
}

const struct subject file_delete_subject = { .call = call_delete, .prepare = need_writable };

/* Of each access condition; the file stays. */
static void refuses_nobody(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    need_writable(&b);
    for (size_t i = 0; i < CONDITIONS; i++) {
        const struct condition *c = &conditions[i];

        if (!make_with(&b, c))
            continue;
        be_nobody(&b);
        EXPECT(r, drop_file(&b, NULL, OWN_FILE), NOT_HIS);
        become(&b, c->writes[USER] ? USER : ADMIN);
        CHECK(r, put_file(&b, NULL, OWN_FILE, "x", 1) == SCARD_S_SUCCESS,
              "%s: the file is gone all the same", c->name);
        clear_file(&b, NULL, OWN_FILE);
        run_saw(r, "%s", c->name);
    }
    bench_close(&b);
    error_row(r);
}

/* A file in a directory of the admin, by the user. */
static DWORD delete_there(struct bench *b, CARD_FILE_ACCESS_CONDITION ac, bool *ret_there)
{
    DWORD rc;

    be_admin(b);
    NEED(b->run, make_file(b, ADMIN_DIR, OWN_FILE, ac));
    NEED(b->run, put_file(b, ADMIN_DIR, OWN_FILE, WITH_TEXT, strlen(WITH_TEXT)));
    be_user(b);
    rc = drop_file(b, ADMIN_DIR, OWN_FILE);
    *ret_there = is_there(b, ADMIN_DIR, OWN_FILE);
    clear_file(b, ADMIN_DIR, OWN_FILE);
    return rc;
}

/* What is printed before comes first, though the user may not delete there. */
static void check_order(struct bench *b)
{
    be_admin(b);
    NEED(b->run, make_file(b, ADMIN_DIR, OWN_FILE, EveryoneReadAdminWriteAc));
    be_user(b);
    EXPECT(b->run, drop_file(b, ADMIN_DIR, OWN_FILE2), SCARD_E_FILE_NOT_FOUND);
    EXPECT(b->run, CALL(b, DeleteFile, &b->data, str(ADMIN_DIR), str(OWN_FILE), 0x80), INVALID);
    clear_file(b, ADMIN_DIR, OWN_FILE);
}

/* Where the file is the admin's and the directory the user's, or the other way round, the document
 * goes by the directory and later specifications by the file: both are permitted, and said. */
static DWORD delete_admins_file(struct bench *b)
{
    const struct condition *admins = &conditions[2];
    DWORD rc;

    if (!make_with(b, admins))
        return SCARD_E_UNSUPPORTED_FEATURE;
    be_user(b);
    rc = drop_file(b, NULL, OWN_FILE);
    clear_file(b, NULL, OWN_FILE);
    return rc;
}

static void refuses_the_user(struct run *r)
{
    DWORD rc, own;
    bool there = false;
    struct bench b;

    bench_open(r, &b);
    need_writable(&b);
    own = delete_admins_file(&b);
    if (own == NOT_HIS)
        run_saw(r, "a file of the admin's in the root: %s", kit_code(own));
    if (!own_dir(&b, ADMIN_DIR, AdminCreateDeleteDirAc)) {
        if (own == NOT_HIS)
            return;
        run_not_applicable(r, "the card has no directories of the admin (CardCreateDirectory)");
    }
    rc = delete_there(&b, EveryoneReadAdminWriteAc, &there);
    EXPECT(r, rc, NOT_HIS);
    CHECK(r, there, "the file is gone all the same");
    check_order(&b);
    rc = delete_there(&b, EveryoneReadUserWriteAc, &there);
    EXPECT(r, rc, NOT_HIS, SCARD_S_SUCCESS);
    run_saw(r, "the admin's file in the admin's directory refused; the user's there: %s",
            kit_code(rc));
    drop_dir(&b, ADMIN_DIR);
}

/* For E8 and E10 no code is printed: what the sister functions have. */
const struct requirement file_delete_errors[11] = {
    ERROR_ROW("CMR.3.4.7.E1", "pCardData NULL", CODES(INVALID), NO_DATA),
    ERROR_ROW("CMR.3.4.7.E2", "no file name, an empty one", CODES(INVALID), NO_NAME, EMPTY_NAME),
    ERRORS("CMR.3.4.7.E4", "a directory name of none or more than 8 characters", long_dirs,
           CODES(INVALID), EMPTY_DIR, LONG_DIR),
    ERRORS("CMR.3.4.7.E5", "a forbidden character in the directory name, each of them", odd_dirs,
           CODES(INVALID), ODD_DIR),
    ERRORS("CMR.3.4.7.E6", "no directory of that name", missing_dirs, CODES(SCARD_E_DIR_NOT_FOUND),
           MISSING_DIR),
    ERRORS("CMR.3.4.7.E7", "a file name of more than 8 characters", long_names, CODES(INVALID),
           LONG_NAME),
    ERRORS("CMR.3.4.7.E8", "a forbidden character in the file name, each of them", odd_names,
           CODES(INVALID), ODD_NAME),
    ERRORS("CMR.3.4.7.E9", "no file of that name in the directory", missing_files,
           CODES(SCARD_E_FILE_NOT_FOUND), MISSING_NAME),
    ERRORS("CMR.3.4.7.E10", "dwFlags not 0, each bit", each_flag, CODES(INVALID), FLAGS),
    { .id = "CMR.3.4.7.E11", .test = refuses_nobody, .faults = { AS_NOBODY },
      .codes = { NOT_HIS }, .versions = KIT_V(4) | KIT_V(5) | KIT_V(7),
      .words = "nobody authenticated, each access condition; the file stays" },
    { .id = "CMR.3.4.7.E12", .test = refuses_the_user, .codes = { NOT_HIS },
      .words = "who may not delete files of the directory; the file stays" },
};
