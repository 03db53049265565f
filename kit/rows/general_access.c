/* SPDX-License-Identifier: MIT */
/* CMR.1.2.4: access conditions of files and directories, cell by cell. */
#include "kit/rows/general.h"

#include "kit/bench/file_work.h"

#define NAME "kitac"
#define DIR  "kitacd"

static unsigned cells;

/* Success, or refused for that reason and no other. */
static void cell(struct bench *b, const char *what, unsigned ac, enum role role, DWORD rc,
                 bool allowed)
{
    cells++;
    if (rc == (allowed ? SCARD_S_SUCCESS : SCARD_W_SECURITY_VIOLATION))
        return;
    run_fail(b->run, kit_code(allowed ? SCARD_S_SUCCESS : SCARD_W_SECURITY_VIOLATION),
             "%s: %s %s a file of condition %u", kit_code(rc), role_name(role), what, ac);
}

static DWORD info_of(struct bench *b)
{
    CARD_FILE_INFO info = { .dwVersion = CARD_FILE_INFO_CURRENT_VERSION };

    return CALL(b, GetFileInfo, &b->data, NULL, str(NAME), &info);
}

static void make_subject(struct bench *b, const struct condition *c)
{
    become(b, has_admin(b) ? ADMIN : USER);
    NEED(b->run, make_file(b, NULL, NAME, c->ac));
    NEED(b->run, put_file(b, NULL, NAME, "text", 4));
}

static void check_uses(struct bench *b, const struct condition *c)
{
    for (enum role role = NOBODY; role < roles_end(b); role++) {
        become(b, role);
        cell(b, "reads", c->ac, role, see_file(b, NULL, NAME, "text", 4), c->reads[role]);
        cell(b, "asks about", c->ac, role, info_of(b), c->reads[role]);
        cell(b, "writes", c->ac, role, put_file(b, NULL, NAME, "text", 4), c->writes[role]);
    }
}

/* Who may write may delete. */
static void check_deletion(struct bench *b, const struct condition *c)
{
    for (enum role role = NOBODY; role < roles_end(b); role++) {
        DWORD rc;

        become(b, role);
        rc = drop_file(b, NULL, NAME);
        cell(b, "deletes", c->ac, role, rc, c->writes[role]);
        if (rc == SCARD_S_SUCCESS)
            return;
    }
}

/* ---- directories ----------------------------------------------------------------------------- */

static const struct {
    CARD_DIRECTORY_ACCESS_CONDITION ac;
    const char *create; /* files in it: a letter for each role, y or - */
    enum role owner;    /* who deletes it */
} directories[] = {
    { UserCreateDeleteDirAc, "-yy", USER },
    { AdminCreateDeleteDirAc, "--y", ADMIN },
};

static void check_directory(struct bench *b, size_t i)
{
    DWORD made;

    become(b, directories[i].owner);
    (void)drop_file(b, DIR, NAME); /* left there, perhaps, by a run that failed */
    (void)CALL(b, DeleteDirectory, &b->data, str(DIR));
    made = CALL(b, CreateDirectory, &b->data, str(DIR), directories[i].ac);
    if (made != SCARD_S_SUCCESS && directories[i].owner == ADMIN && b->data.dwVersion >= 7)
        return; /* version 7 leaves them to the card */
    NEED(b->run, made);
    for (enum role role = NOBODY; role < roles_end(b); role++) {
        DWORD rc;

        become(b, role);
        rc = make_file(b, DIR, NAME, EveryoneReadUserWriteAc);
        cell(b, "creates, in a directory,", directories[i].ac, role, rc,
             directories[i].create[role] == 'y');
        if (rc == SCARD_S_SUCCESS)
            NEED(b->run, drop_file(b, DIR, NAME));
    }
    become(b, NOBODY);
    EXPECT(b->run, CALL(b, DeleteDirectory, &b->data, str(DIR)), SCARD_W_SECURITY_VIOLATION);
    become(b, directories[i].owner);
    EXPECT(b->run, CALL(b, DeleteDirectory, &b->data, str(DIR)), SCARD_S_SUCCESS);
}

void general_access(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    need_writable(&b);
    for (size_t i = 0; i < CONDITIONS; i++) {
        if (b.data.dwVersion < conditions[i].since ||
            (!has_admin(&b) && !conditions[i].writes[USER]))
            continue;
        make_subject(&b, &conditions[i]);
        check_uses(&b, &conditions[i]);
        check_deletion(&b, &conditions[i]);
    }
    for (size_t i = 0; i < ARRAY(directories); i++)
        if (directories[i].owner < roles_end(&b))
            check_directory(&b, i);
    be_nobody(&b);
    run_saw(r, "%u rights", cells);
}
