/* SPDX-License-Identifier: MIT */
/* 2.3.4.1 and 2.3.4.2: CardCreateDirectory, CardDeleteDirectory. */
#include "kit/rows/directories.h"
#include "kit/groups.h"

#include <string.h>

static DWORD delete_dir(struct bench *b, const char *dir)
{
    return CALL(b, DeleteDirectory, &b->data, str(dir));
}

/* Is it there: can a file be made in it? By the admin, who may in each kind, if there is one. */
static bool is_there(struct bench *b, const char *dir)
{
    DWORD rc;

    become(b, has_admin(b) ? ADMIN : USER);
    rc = make_file(b, dir, OWN_FILE2, EveryoneReadUserWriteAc);
    if (rc == SCARD_S_SUCCESS)
        (void)drop_file(b, dir, OWN_FILE2);
    return rc == SCARD_S_SUCCESS;
}

/* ---- CardCreateDirectory --------------------------------------------------------------------- */

/* A file in it is neither in the root nor in another directory. */
static void check_dir(struct bench *b, const char *dir)
{
    struct run *r = b->run;

    be_user(b);
    CHECK(r, make_file(b, dir, OWN_FILE, EveryoneReadUserWriteAc) == SCARD_S_SUCCESS,
          "no file can be made in \"%s\"", dir);
    NEED(r, put_file(b, dir, OWN_FILE, dir, strlen(dir)));
    CHECK(r, see_file(b, dir, OWN_FILE, dir, strlen(dir)) == SCARD_S_SUCCESS,
          "the file in \"%s\" is not found there", dir);
    CHECK(r, see_file(b, NULL, OWN_FILE, NULL, 0) != SCARD_S_SUCCESS,
          "the file in \"%s\" is found in the root", dir);
    CHECK(r, see_file(b, FIXTURE_DIR, OWN_FILE, NULL, 0) != SCARD_S_SUCCESS,
          "the file in \"%s\" is found in another directory", dir);
}

/* Names of three letters and of eight, and one that begins like another, side by side. */
static void creates(struct run *r)
{
    static const char *const dirs[] = { "kit", "kitbox12", "kitbox1" };
    struct bench b;

    bench_open(r, &b);
    need_writable(&b);
    for (size_t i = 0; i < ARRAY(dirs); i++) {
        (void)own_dir(&b, dirs[i], UserCreateDeleteDirAc);
        check_dir(&b, dirs[i]);
    }
    for (size_t i = 0; i < ARRAY(dirs); i++) {
        CHECK(r, see_file(&b, dirs[i], OWN_FILE, dirs[i], strlen(dirs[i])) == SCARD_S_SUCCESS,
              "the file in \"%s\" is not what it was", dirs[i]);
        drop_dir(&b, dirs[i]);
    }
}

/* By who may create files in it. */
static void check_condition(struct bench *b, CARD_DIRECTORY_ACCESS_CONDITION ac, enum role maker)
{
    const bool may[ROLES] = { false, ac == UserCreateDeleteDirAc, true };

    for (enum role role = NOBODY; role < roles_end(b); role++) {
        DWORD rc;

        become(b, role);
        rc = make_file(b, OWN_DIR, OWN_FILE, EveryoneReadUserWriteAc);
        if (rc == SCARD_S_SUCCESS) { /* is it there? Of the answer alone judges CMR.3.4.4 */
            rc = see_file(b, OWN_DIR, OWN_FILE, NULL, 0);
            clear_file(b, OWN_DIR, OWN_FILE);
        }
        CHECK(b->run, (rc == SCARD_S_SUCCESS) == may[role],
              "%s, made by %s: creating a file by %s: %s",
              ac == UserCreateDeleteDirAc ? "UserCreateDeleteDirAc" : "AdminCreateDeleteDirAc",
              role_name(maker), role_name(role), kit_code(rc));
    }
}

/* false: the card has no such directory, or this role makes none. */
static bool make_as(struct bench *b, enum role maker, CARD_DIRECTORY_ACCESS_CONDITION ac)
{
    DWORD rc;

    if (ac == AdminCreateDeleteDirAc && !has_admin(b))
        return false; /* nobody could delete it */
    become(b, maker);
    rc = CALL(b, CreateDirectory, &b->data, str(OWN_DIR), ac);
    if (rc == ERROR_FILE_EXISTS) {
        drop_dir(b, OWN_DIR);
        become(b, maker);
        rc = CALL(b, CreateDirectory, &b->data, str(OWN_DIR), ac);
    }
    if (rc == SCARD_W_SECURITY_VIOLATION ||
        (rc == SCARD_E_UNSUPPORTED_FEATURE && ac == AdminCreateDeleteDirAc))
        return false;
    NEED(b->run, rc);
    return true;
}

/* The condition counts, not who made the directory. */
static void applies_condition(struct run *r)
{
    bool any = false;
    struct bench b;

    bench_open(r, &b);
    need_writable(&b);
    for (CARD_DIRECTORY_ACCESS_CONDITION ac = UserCreateDeleteDirAc; ac <= AdminCreateDeleteDirAc;
         ac++)
        for (enum role maker = USER; maker < roles_end(&b); maker++) {
            if (!make_as(&b, maker, ac)) {
                run_saw(r, "condition %u: none is made by %s", (unsigned)ac, role_name(maker));
                continue;
            }
            any = true;
            check_condition(&b, ac, maker);
            drop_dir(&b, OWN_DIR);
        }
    CHECK(r, any, "neither user nor admin may make a directory");
}

static void create_returns_0(struct run *r)
{
    struct bench b;
    DWORD rc;

    bench_open(r, &b);
    need_writable(&b);
    rc = try_dir(&b, OWN_DIR, UserCreateDeleteDirAc);
    drop_dir(&b, OWN_DIR);
    EXPECT(r, rc, SCARD_S_SUCCESS);
    rc = try_dir(&b, OWN_DIR, AdminCreateDeleteDirAc);
    drop_dir(&b, OWN_DIR);
    EXPECT(r, rc, SCARD_S_SUCCESS, SCARD_E_UNSUPPORTED_FEATURE);
}

static const struct requirement create_functional[] = {
    ROW("CMR.3.4.1.1", "a directory of that name is there, below the root", creates),
    ROW("CMR.3.4.1.2", "its access condition is the one asked for, whoever makes it",
        applies_condition),
    ROW("CMR.3.4.1.3", "0 on success", create_returns_0, .versions = KIT_V4_TO_V7),
};

/* ---- CardDeleteDirectory --------------------------------------------------------------------- */

/* `dir` is no other test's: if nothing were ever deleted, it would be there. */
static void delete_one(struct bench *b, const char *dir, CARD_DIRECTORY_ACCESS_CONDITION ac)
{
    struct run *r = b->run;
    const enum role owner = ac == UserCreateDeleteDirAc ? USER : ADMIN;

    if (!own_dir(b, dir, ac)) {
        run_note(r, "the card has no directories of the admin");
        return;
    }
    become(b, owner);
    CHECK(r, delete_dir(b, dir) == SCARD_S_SUCCESS, "a directory of %s is not deleted by %s",
          role_name(owner), role_name(owner));
    CHECK(r, !is_there(b, dir), "files can be made in the directory that was deleted");
    CHECK(r, is_there(b, FIXTURE_EMPTY_DIR), "another directory is gone as well");
    NEED(r, try_dir(b, dir, ac)); /* its name is free */
    drop_dir(b, dir);
}

static void deletes(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    need_writable(&b);
    delete_one(&b, "kitvoid", UserCreateDeleteDirAc);
    delete_one(&b, "kitvoid2", AdminCreateDeleteDirAc);
}

static void delete_returns_0(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    need_writable(&b);
    (void)own_dir(&b, OWN_DIR, UserCreateDeleteDirAc);
    be_user(&b);
    EXPECT(r, delete_dir(&b, OWN_DIR), SCARD_S_SUCCESS);
    if (!own_dir(&b, OWN_DIR, AdminCreateDeleteDirAc))
        return;
    be_admin(&b);
    EXPECT(r, delete_dir(&b, OWN_DIR), SCARD_S_SUCCESS);
}

static const struct requirement delete_functional[] = {
    ROW("CMR.3.4.2.1", "the directory is gone, and no other", deletes),
    ROW("CMR.3.4.2.2", "0 on success", delete_returns_0, .versions = KIT_V4_TO_V7),
};

/* ---- in printed order ------------------------------------------------------------------------ */

#define CREATE "CardCreateDirectory"
#define DELETE "CardDeleteDirectory"

static const struct section sections[] = {
    { "2.3.4.1.1", CREATE, KIT_FUNCTIONAL, NULL, create_functional, ARRAY(create_functional) },
    { "2.3.4.1.2", CREATE, KIT_ERROR, &directory_create_subject, directory_create_errors,
      ARRAY(directory_create_errors) },
    { "2.3.4.2.1", DELETE, KIT_FUNCTIONAL, NULL, delete_functional, ARRAY(delete_functional) },
    { "2.3.4.2.2", DELETE, KIT_ERROR, &directory_delete_subject, directory_delete_errors,
      ARRAY(directory_delete_errors) },
};

const struct group directory_rows = { sections, ARRAY(sections) };
