/* SPDX-License-Identifier: MIT */
/* 2.3.4.4: CardCreateFile. */
#include "kit/rows/files.h"
#include "kit/bench/timing.h"

#include <string.h>

#define TEXT FIXTURE_TEXT, strlen(FIXTURE_TEXT)

static void open_user(struct run *r, struct bench *b)
{
    bench_open(r, b);
    need_writable(b);
    be_user(b);
}

/* ---- functional ------------------------------------------------------------------------------ */

static bool is_there(struct bench *b, const char *dir, const char *name)
{
    return see_file(b, dir, name, NULL, 0) == SCARD_S_SUCCESS;
}

static void create_one(struct bench *b, const char *dir, const char *elsewhere, const char *name)
{
    struct run *r = b->run;

    CHECK(r, make_file(b, dir, name, EveryoneReadUserWriteAc) == SCARD_S_SUCCESS,
          "\"%s\" cannot be made", name);
    CHECK(r, is_there(b, dir, name), "\"%s\" is not there", name);
    CHECK(r, !is_there(b, elsewhere, name), "\"%s\" is in another directory as well", name);
    NEED(r, put_file(b, dir, name, name, strlen(name)));
    CHECK(r, see_file(b, dir, name, name, strlen(name)) == SCARD_S_SUCCESS,
          "\"%s\" does not hold what is written to it", name);
}

static void creates(struct run *r)
{
    static const char *const names[] = { "kit", "kitletrs", "kitletr" };
    struct bench b;

    open_user(r, &b);
    for (size_t i = 0; i < ARRAY(names); i++)
        create_one(&b, FIXTURE_DIR, NULL, names[i]);
    for (size_t i = 0; i < ARRAY(names); i++) {
        CHECK(r, see_file(&b, FIXTURE_DIR, names[i], names[i], strlen(names[i])) == SCARD_S_SUCCESS,
              "\"%s\" is not what it was when the next was made", names[i]);
        NEED(r, drop_file(&b, FIXTURE_DIR, names[i]));
        create_one(&b, NULL, FIXTURE_DIR, names[i]);
        NEED(r, drop_file(&b, NULL, names[i]));
    }
}

/* By reading and writing. A reading that gives no content is none: codes are CMR.3.4.3.E12's. */
static void check_rights(struct bench *b, const struct condition *c)
{
    for (enum role role = NOBODY; role < roles_end(b); role++) {
        DWORD rc;

        become(b, role);
        rc = see_file(b, NULL, OWN_FILE, WITH_TEXT, strlen(WITH_TEXT));
        CHECK(b->run, (rc == SCARD_S_SUCCESS) == c->reads[role], "%s: reading by %s: %s", c->name,
              role_name(role), kit_code(rc));
        rc = put_file(b, NULL, OWN_FILE, WITH_TEXT, strlen(WITH_TEXT));
        CHECK(b->run, (rc == SCARD_S_SUCCESS) == c->writes[role], "%s: writing by %s: %s", c->name,
              role_name(role), kit_code(rc));
    }
}

static void applies_condition(struct run *r)
{
    struct bench b;
    bool any = false;

    bench_open(r, &b);
    need_writable(&b);
    for (size_t i = 0; i < CONDITIONS; i++) {
        if (!make_with(&b, &conditions[i]))
            continue;
        any = true;
        check_rights(&b, &conditions[i]);
        clear_file(&b, NULL, OWN_FILE);
        run_saw(r, "%s", conditions[i].name);
    }
    CHECK(r, any, "files of no access condition can be made");
}

/* A file with as much room as the card has for it: how many bytes. */
static DWORD make_with_room(struct bench *b)
{
    static const DWORD sizes[] = { 2000, 500, 100 };

    for (size_t i = 0; i < ARRAY(sizes); i++) {
        DWORD rc = make_sized(b, NULL, OWN_FILE, sizes[i]);

        if (rc == SCARD_E_INVALID_PARAMETER) /* CMR.3.4.4.E11 */
            continue;
        NEED(b->run, rc);
        return sizes[i];
    }
    run_not_applicable(b->run, "the card has not even room for 100 bytes (CardCreateFile)");
}

/* A card too large to fill: the room is kept if it tells less. */
static void judge_by_space(struct run *r, DWORD before, DWORD after, DWORD size)
{
    if (before == CARD_DATA_VALUE_UNKNOWN || after >= before || before - after < size / 2)
        run_not_applicable(r, "the card cannot be filled: it has room for far more than is tried");
    run_saw(r, "%u bytes free, and %u with a file made for %u", (unsigned)before, (unsigned)after,
            (unsigned)size);
}

/* On a card that is full otherwise, a file takes what was reserved for it, where another does not.
 * All is put back before it is judged. */
static void reserves(struct run *r)
{
    DWORD before, after, size, other, rc, seen;
    struct bench b;
    bool full;

    open_user(r, &b);
    before = free_bytes(&b);
    size = make_with_room(&b);
    after = free_bytes(&b);
    NEED(r, make_sized(&b, NULL, OWN_FILE2, 0));
    full = fill_card(&b, size / 8);
    other = full ? put_file(&b, NULL, OWN_FILE2, pattern(1, size), size) : SCARD_S_SUCCESS;
    rc = put_file(&b, NULL, OWN_FILE, pattern(0, size), size);
    seen = see_file(&b, NULL, OWN_FILE, pattern(0, size), size);
    empty_card(&b);
    (void)drop_file(&b, NULL, OWN_FILE);
    (void)drop_file(&b, NULL, OWN_FILE2);
    if (!full || other == SCARD_S_SUCCESS) {
        judge_by_space(r, before, after, size);
        return;
    }
    CHECK(r, rc == SCARD_S_SUCCESS && seen == SCARD_S_SUCCESS,
          "a file made for %u bytes does not take them when the card is full otherwise: %s",
          (unsigned)size, kit_code(rc));
    run_saw(r, "%u bytes taken, on a card that refuses them to another file (%s)", (unsigned)size,
            kit_code(other));
}

static void create_returns_0(struct run *r)
{
    struct bench b;

    open_user(r, &b);
    EXPECT(r, make_sized(&b, FIXTURE_DIR, OWN_FILE, 0), SCARD_S_SUCCESS);
    NEED(r, drop_file(&b, FIXTURE_DIR, OWN_FILE));
    EXPECT(r, make_sized(&b, NULL, OWN_FILE, 100), SCARD_S_SUCCESS);
    NEED(r, drop_file(&b, NULL, OWN_FILE));
    if (!has_admin(&b))
        return;
    be_admin(&b);
    EXPECT(r, make_sized(&b, FIXTURE_DIR, OWN_FILE, 100), SCARD_S_SUCCESS);
    NEED(r, drop_file(&b, FIXTURE_DIR, OWN_FILE));
}

const struct requirement file_create[4] = {
    ROW("CMR.3.4.4.1", "a file of that name is in that directory, and in no other", creates),
    ROW("CMR.3.4.4.2", "its access condition is the one asked for, by each role's doing",
        applies_condition, .versions = KIT_V(4) | KIT_V(5) | KIT_V(7)),
    ROW("CMR.3.4.4.3", "the room asked for is kept for it", reserves),
    ROW("CMR.3.4.4.4", "0 on success", create_returns_0, .versions = KIT_V4_TO_V7),
};

/* ---- performance ----------------------------------------------------------------------------- */

#define PACE_SIZE 128u

static void create_once(struct bench *b)
{
    (void)drop_file(b, FIXTURE_DIR, OWN_FILE);
    NEED(b->run, make_sized(b, FIXTURE_DIR, OWN_FILE, PACE_SIZE));
}

static void creates_in_time(struct run *r)
{
    struct bench b;

    open_user(r, &b);
    longest_within(r, &b, create_once, 5000);
    NEED(r, drop_file(&b, FIXTURE_DIR, OWN_FILE));
}

static void creates_in_time_on_average(struct run *r)
{
    struct bench b;

    open_user(r, &b);
    average_within(r, &b, create_once, 4000);
    NEED(r, drop_file(&b, FIXTURE_DIR, OWN_FILE));
}

const struct requirement file_create_pace[2] = {
    ROW("CMR.3.4.4.X1", "128 bytes within 5 s", creates_in_time),
    ROW("CMR.3.4.4.X2", "128 bytes within 4 s on average of 20", creates_in_time_on_average),
};

/* ---- errors ---------------------------------------------------------------------------------- */

#define INVALID   SCARD_E_INVALID_PARAMETER
#define NOT_HIS   SCARD_W_SECURITY_VIOLATION
#define MOST_SIZE 0x7FFFFFFFu

static DWORD huge = MOST_SIZE; /* a size that no room is left for */

/* `room` is the size. What should not have been made goes again. */
static DWORD call_create(struct args *a)
{
    DWORD rc = CALL(a->b, CreateFile, a->data, a->dir, a->name, a->room, a->ac);

    if (rc == SCARD_S_SUCCESS && a->name != NULL && a->data != NULL)
        (void)drop_file(a->b, a->dir, a->name);
    return rc;
}

static void good_create(struct args *a)
{
    a->name = str(OWN_FILE);
    a->room = 16;
}

static void prepare_create(struct bench *b)
{
    need_writable(b);
    huge = bytes_that_do_not_fit(b);
}

static bool spoil_create(struct args *a, enum fault fault)
{
    if (fault == IN_HUGE)
        a->room = huge;
    else if (fault == TAKEN_BY_FILE)
        a->name = str(FIXTURE_FILE);
    else
        return false;
    return true;
}

const struct subject file_create_subject = { .call = call_create, .good = good_create,
                                             .prepare = prepare_create, .spoil = spoil_create };

/* In the directory of the admin whatever else is wrong: E6 is printed before. */
static void refuse_in_admin_dir(struct run *r, struct bench *b, enum role role)
{
    static const enum fault later[] = { NO_FAULT, LONG_NAME, ODD_NAME, TAKEN_BY_FILE, IN_HUGE,
                                        BAD_AC, AC_ZERO };

    become(b, role);
    for (size_t i = 0; i < ARRAY(later); i++) {
        struct args a;

        good_args(&a, b, &file_create_subject);
        a.dir = str(ADMIN_DIR);
        spoil(&a, &file_create_subject, later[i]);
        run_note(r, "by %s in a directory of the admin, and given %s:", role_name(role),
                 fault_name(later[i]));
        EXPECT(r, call_create(&a), NOT_HIS);
    }
}

static void refuses_who_may_not(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    need_writable(&b);
    if (own_dir(&b, ADMIN_DIR, AdminCreateDeleteDirAc)) {
        be_admin(&b);
        NEED(r, make_file(&b, ADMIN_DIR, FIXTURE_FILE, EveryoneReadUserWriteAc));
        refuse_in_admin_dir(r, &b, NOBODY);
        refuse_in_admin_dir(r, &b, USER);
        CHECK(r, !is_there(&b, ADMIN_DIR, OWN_FILE), "the file is there all the same");
        drop_dir(&b, ADMIN_DIR);
    } else {
        run_saw(r, "the card has no directories of the admin");
    }
    bench_close(&b);
    error_row(r);
}

/* Whatever condition is asked for; what is in the file stays. */
static void refuses_twice(struct run *r)
{
    struct bench b;

    open_user(r, &b);
    for (CARD_FILE_ACCESS_CONDITION ac = EveryoneReadUserWriteAc; ac <= EveryoneReadAdminWriteAc;
         ac++) {
        EXPECT(r, make_file(&b, FIXTURE_DIR, FIXTURE_FILE, ac), ERROR_FILE_EXISTS);
        EXPECT(r, make_file(&b, NULL, FIXTURE_READ_FILE, ac), ERROR_FILE_EXISTS);
    }
    CHECK(r, see_file(&b, FIXTURE_DIR, FIXTURE_FILE, TEXT) == SCARD_S_SUCCESS &&
                 see_file(&b, NULL, FIXTURE_READ_FILE, TEXT) == SCARD_S_SUCCESS,
          "the file that was there is not what it was");
    bench_close(&b);
    error_row(r);
}

static bool large(struct args *a, size_t n, char what[48])
{
    const DWORD sizes[] = { huge, MOST_SIZE, 0xFFFFFFF0, 0xFFFFFFFF };

    if (n >= ARRAY(sizes))
        return false;
    a->room = sizes[n];
    snprintf(what, 48, "a size of %u bytes", (unsigned)sizes[n]);
    return true;
}

static void refuses_sizes(struct run *r)
{
    error_row_with(r, large);
}

/* 5 and 6 came with version 6. */
static bool bad_condition(struct args *a, size_t n, char what[48])
{
    static const DWORD acs[] = { 0, 4, 7, 8, 0xFF, 0x101, 0xFFFFFFFF, 5, 6 };

    if (n >= ARRAY(acs) || (acs[n] == 5 && a->b->run->version >= 6))
        return false;
    a->ac = acs[n];
    snprintf(what, 48, "access condition %08X", (unsigned)a->ac);
    return true;
}

static void refuses_conditions(struct run *r)
{
    error_row_with(r, bad_condition);
}

const struct requirement file_create_errors[11] = {
    ERROR_ROW("CMR.3.4.4.E1", "pCardData NULL", CODES(INVALID), NO_DATA),
    ERROR_ROW("CMR.3.4.4.E2", "no file name, an empty one", CODES(INVALID), NO_NAME, EMPTY_NAME),
    ERRORS("CMR.3.4.4.E3", "a directory name of none or more than 8 characters", long_dirs,
           CODES(INVALID), EMPTY_DIR, LONG_DIR),
    ERRORS("CMR.3.4.4.E4", "a forbidden character in the directory name, each of them", odd_dirs,
           CODES(INVALID), ODD_DIR),
    ERRORS("CMR.3.4.4.E5", "no directory of that name", missing_dirs, CODES(SCARD_E_DIR_NOT_FOUND),
           MISSING_DIR),
    { .id = "CMR.3.4.4.E6", .test = refuses_who_may_not, .faults = { AS_NOBODY },
      .codes = { NOT_HIS }, .versions = KIT_V(4) | KIT_V(5) | KIT_V(7),
      .words = "who may not create files in the directory: each of its conditions" },
    ERRORS("CMR.3.4.4.E7", "a file name of more than 8 characters", long_names, CODES(INVALID),
           LONG_NAME),
    ERRORS("CMR.3.4.4.E8", "a forbidden character in the file name, each of them", odd_names,
           CODES(INVALID), ODD_NAME),
    ERRORS("CMR.3.4.4.E9", "the name of a file that is there; it stays", refuses_twice,
           CODES(ERROR_FILE_EXISTS), TAKEN_BY_FILE),
    ERRORS("CMR.3.4.4.E11", "a size that the card has no room for", refuses_sizes, CODES(INVALID),
           IN_HUGE),
    { .id = "CMR.3.4.4.E12", .test = refuses_conditions, .faults = { BAD_AC, AC_ZERO },
      .codes = { INVALID }, .versions = KIT_V(4) | KIT_V(5) | KIT_V(7),
      .words = "an access condition that is not for new files" },
};
