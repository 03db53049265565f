/* SPDX-License-Identifier: MIT */
/* Deletions seen by others, and what roles may. */
#include "kit/bench/fixture_keys.h"
#include "kit/bench/multi.h"
#include "kit/rows/tool.h"
#include "kit/bench/tour.h"

#include <string.h>

#define NAME "kitgone"

/* ---- transactions ---------------------------------------------------------------------------- */

/* Two contexts on connections of their own, neither in a transaction. */
static void open_pair(struct run *r, struct bench *one, struct bench *two)
{
    open_card(r, one, 0);
    need_writable(one);
    turn_end(one);
    open_card(r, two, 0);
    turn_end(two);
}

static DWORD make_dir(struct bench *b)
{
    return CALL(b, CreateDirectory, &b->data, str(NAME), UserCreateDeleteDirAc);
}

static DWORD drop_dir(struct bench *b)
{
    return CALL(b, DeleteDirectory, &b->data, str(NAME));
}

/* An empty directory and none differ in nothing that can be read; but a file can be made in one. */
static bool is_dir(struct bench *b)
{
    if (make_file(b, NAME, NAME, EveryoneReadUserWriteAc) != SCARD_S_SUCCESS)
        return false;
    NEED(b->run, drop_file(b, NAME, NAME));
    return true;
}

void tool_directory_transaction(struct run *r)
{
    struct bench one, two;

    open_pair(r, &one, &two);
    turn_begin(&one);
    turn_user(&one);
    (void)drop_file(&one, NAME, NAME); /* left there, perhaps, by a run that failed */
    (void)drop_dir(&one);
    NEED(r, make_dir(&one));
    turn_end(&one);
    turn_begin(&two);
    turn_user(&two);
    CHECK(r, is_dir(&two), "another context does not see a new directory");
    EXPECT(r, drop_dir(&two), SCARD_S_SUCCESS);
    turn_end(&two);
    turn_begin(&one);
    turn_user(&one);
    CHECK(r, !is_dir(&one), "a file is made in a directory that was deleted");
    EXPECT(r, drop_dir(&one), SCARD_E_DIR_NOT_FOUND);
    turn_end(&one);
}

void tool_file_transaction(struct run *r)
{
    struct bench one, two;

    open_pair(r, &one, &two);
    turn_begin(&one);
    turn_user(&one);
    NEED(r, make_file(&one, FIXTURE_DIR, NAME, EveryoneReadUserWriteAc));
    NEED(r, put_file(&one, FIXTURE_DIR, NAME, "text", 4));
    turn_end(&one);
    turn_begin(&two);
    turn_user(&two);
    EXPECT(r, see_file(&two, FIXTURE_DIR, NAME, "text", 4), SCARD_S_SUCCESS);
    EXPECT(r, drop_file(&two, FIXTURE_DIR, NAME), SCARD_S_SUCCESS);
    turn_end(&two);
    turn_begin(&one);
    EXPECT(r, see_file(&one, FIXTURE_DIR, NAME, NULL, 0), SCARD_E_FILE_NOT_FOUND);
    turn_user(&one);
    EXPECT(r, drop_file(&one, FIXTURE_DIR, NAME), SCARD_E_FILE_NOT_FOUND);
    NEED(r, make_file(&one, FIXTURE_DIR, NAME, EveryoneReadUserWriteAc));
    EXPECT(r, see_file(&one, FIXTURE_DIR, NAME, "", 0), SCARD_S_SUCCESS);
    NEED(r, drop_file(&one, FIXTURE_DIR, NAME));
    turn_end(&one);
}

/* ---- roles ----------------------------------------------------------------------------------- */

static DWORD write_users(struct tour *t)
{
    return put_file(t->b, FIXTURE_DIR, FIXTURE_FILE, FIXTURE_TEXT, strlen(FIXTURE_TEXT));
}

static DWORD write_admins(struct tour *t)
{
    return put_file(t->b, NULL, FIXTURE_READ_FILE, FIXTURE_TEXT, strlen(FIXTURE_TEXT));
}

static const struct stop *stop_of(const struct tour *t, const char *function)
{
    const struct stop *stop;

    for (size_t n = 0; (stop = tour_stop(t, n)) != NULL; n++)
        if (strcmp(stop->function, function) == 0)
            return stop;
    return NULL;
}

/* By role: y may, - may not, ? is left to the card. */
static const struct action {
    const char *what, *function; /* of the tour, or NULL */
    DWORD (*call)(struct tour *t);
    const char *may;
} actions[] = {
    { "write the user's file", NULL, write_users, "-yy" },
    { "write the admin's file", NULL, write_admins, "--y" },
    { "create a file", "CardCreateFile", NULL, "-yy" },
    { "create a directory", "CardCreateDirectory", NULL, "-y?" },
    { "make a key", "CardCreateContainer", NULL, "-y?" },
    { "sign", "CardSignData", NULL, "-y-" },
    { "decrypt", "CardRSADecrypt", NULL, "-y-" },
    { "agree on a secret", "CardConstructDHAgreement", NULL, "-y-" },
};

static DWORD attempt(struct tour *t, const struct action *a, enum role role)
{
    const struct stop *stop = a->function != NULL ? stop_of(t, a->function) : NULL;
    DWORD rc;

    if (stop == NULL) {
        become(t->b, role);
        return a->call(t);
    }
    tour_before(t, stop);
    become(t->b, role);
    rc = stop->call(t);
    if (rc == SCARD_S_SUCCESS && role != USER && stop->tidy != NULL)
        become(t->b, USER);
    tour_after(t, stop);
    return rc;
}

/* false: not even the one who may does it on this card. */
static bool is_possible(struct tour *t, const struct action *a, const enum role last)
{
    if (a->function != NULL && stop_of(t, a->function) == NULL)
        return false;
    for (enum role role = USER; role <= last; role++)
        if (a->may[role] == 'y' && attempt(t, a, role) == SCARD_S_SUCCESS)
            return true;
    return false;
}

void tool_roles(struct run *r)
{
    unsigned seen = 0;
    enum role last;
    struct bench b;
    struct tour t;

    bench_open(r, &b);
    tour_begin(&t, &b);
    last = t.admin ? ADMIN : USER;
    for (size_t i = 0; i < ARRAY(actions); i++) {
        if (!is_possible(&t, &actions[i], last))
            continue;
        for (enum role role = NOBODY; role <= last; role++) {
            const char may = actions[i].may[role];
            DWORD rc = may != '?' ? attempt(&t, &actions[i], role) : SCARD_S_SUCCESS;

            if (may == '-')
                CHECK(r, rc == SCARD_W_SECURITY_VIOLATION, "%s may %s: %s", role_name(role),
                      actions[i].what, kit_code(rc));
            CHECK(r, may != 'y' || rc == SCARD_S_SUCCESS, "%s may not %s: %s", role_name(role),
                  actions[i].what, kit_code(rc));
            seen++;
        }
    }
    be_nobody(&b);
    run_saw(r, "%u rights", seen);
}
