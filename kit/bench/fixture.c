/* SPDX-License-Identifier: MIT */
/* What the tests find on the card: put there before the first, looked after, taken away after the
 * last. What is there already stays, so that a card prepared once serves many runs. */
#include "kit/bench/bench.h"
#include "kit/bench/fixture_keys.h"
#include "kit/bench/secrets.h"

#include <string.h>

#define TEXT_LEN (sizeof(FIXTURE_TEXT) - 1)

/* ---- files ------------------------------------------------------------------------------------ */

static const struct {
    const char *dir, *name;
    CARD_FILE_ACCESS_CONDITION ac;
} files[] = {
    { FIXTURE_DIR, FIXTURE_FILE, EveryoneReadUserWriteAc },
    { NULL, FIXTURE_READ_FILE, EveryoneReadAdminWriteAc },
    { NULL, FIXTURE_ADMIN_FILE, AdminReadWriteAc },
};

static const char *const dirs[] = { FIXTURE_DIR, FIXTURE_EMPTY_DIR };

static bool is_done(DWORD rc)
{
    return rc == SCARD_S_SUCCESS || rc == ERROR_FILE_EXISTS;
}

/* As the user, or else as the admin: cards differ in who may. */
static void make_dir(struct bench *b, const char *dir)
{
    be_user(b);
    if (is_done(CALL(b, CreateDirectory, &b->data, str(dir), UserCreateDeleteDirAc)))
        return;
    if (has_admin(b))
        be_admin(b);
    if (!is_done(CALL(b, CreateDirectory, &b->data, str(dir), UserCreateDeleteDirAc)))
        run_note(b->run, "directory %s cannot be made", dir);
}

/* Without an admin all are the user's: files of these names are there. */
static void make_one(struct bench *b, size_t i)
{
    const CARD_FILE_ACCESS_CONDITION ac = has_admin(b) ? files[i].ac : EveryoneReadUserWriteAc;

    if (files[i].ac == AdminReadWriteAc && !has_admin(b))
        return; /* which nobody could read */
    if (ac != EveryoneReadUserWriteAc)
        be_admin(b);
    else
        be_user(b);
    if (!is_done(make_file(b, files[i].dir, files[i].name, ac)))
        run_note(b->run, "file %s cannot be made", files[i].name);
    (void)put_file(b, files[i].dir, files[i].name, FIXTURE_TEXT, TEXT_LEN);
}

static void make_files(struct bench *b)
{
    for (size_t i = 0; i < ARRAY(dirs); i++)
        make_dir(b, dirs[i]);
    for (size_t i = 0; i < ARRAY(files); i++)
        make_one(b, i);
}

static void remove_files(struct bench *b)
{
    if (has_admin(b))
        be_admin(b);
    else
        be_user(b);
    (void)drop_file(b, NULL, FIXTURE_READ_FILE);
    (void)drop_file(b, NULL, FIXTURE_ADMIN_FILE);
    be_user(b);
    (void)drop_file(b, FIXTURE_DIR, FIXTURE_FILE);
    for (size_t i = 0; i < ARRAY(dirs); i++)
        (void)CALL(b, DeleteDirectory, &b->data, str(dirs[i]));
}

/* Files of tests that did not get to delete them: by their names. */
static void drop_leftovers_of(struct bench *b, const char *dir)
{
    LPSTR names = NULL;
    DWORD len = 0;

    if (CALL(b, EnumFiles, &b->data, str(dir), &names, &len, 0) != SCARD_S_SUCCESS ||
        !mem_is_ours(names))
        return;
    for (DWORD at = 0; at < len && names[at] != '\0';) {
        size_t name_len = strnlen(names + at, len - at);
        bool ours = strncmp(names + at, "kit", 3) == 0;

        for (size_t i = 0; i < ARRAY(files); i++)
            ours = ours && strcmp(names + at, files[i].name) != 0;
        if (ours && at + name_len < len)
            (void)drop_file(b, dir, names + at);
        at += (DWORD)name_len + 1;
    }
    mem_free(names);
}

static void drop_leftovers(struct bench *b)
{
    static const char *const folders[] = { NULL, FIXTURE_DIR, FIXTURE_EMPTY_DIR };

    for (unsigned role = 0; role < (has_admin(b) ? 2 : 1); role++) {
        if (role == 0)
            be_user(b);
        else
            be_admin(b);
        for (size_t i = 0; i < ARRAY(folders); i++)
            drop_leftovers_of(b, folders[i]);
    }
}

/* ---- all of it -------------------------------------------------------------------------------- */

static void each_card(struct run *r, void (*use)(struct bench *b))
{
    for (unsigned n = 0; n < KIT_CARDS_MAX && r->config->readers[n] != NULL; n++) {
        struct bench b;

        bench_connect(r, &b, n);
        NEED(r, ACQUIRE(&b, &b.data, 0));
        use(&b);
        bench_close(&b);
    }
}

/* What is known of the keys may be of before the card was closed. A card that is only read has what
 * it has. */
static void make_all(struct bench *b)
{
    fixture_keys_forget(b);
    if (is_read_only(b))
        return;
    restore_pin(b);
    make_files(b);
    be_user(b);
    fixture_keys_make(b);
}

void fixture_make(struct run *r)
{
    each_card(r, make_all);
}

static void remove_all(struct bench *b)
{
    restore_pin(b);
    drop_leftovers(b);
    remove_files(b);
    be_user(b);
    fixture_keys_remove(b);
}

void fixture_remove(struct run *r)
{
    each_card(r, remove_all);
}

static void mend(struct bench *b)
{
    if (b->run->config->admin_key.len != 0)
        restore_admin_key(b);
    restore_pin(b);
    if (is_read_only(b))
        return;
    drop_leftovers(b);
    make_files(b);
    be_user(b);
    (void)CALL(b, DeleteContainer, &b->data, scratch_index(b), 0);
    fixture_keys_make(b);
}

void fixture_mend(struct run *r)
{
    each_card(r, mend);
}

DWORD see_fixture(struct bench *b)
{
    DWORD rc = see_file(b, FIXTURE_DIR, FIXTURE_FILE, FIXTURE_TEXT, TEXT_LEN);

    return (rc == SCARD_E_DIR_NOT_FOUND || rc == SCARD_E_FILE_NOT_FOUND) && is_read_only(b)
               ? see_file(b, "mscp", "cmapfile", NULL, 0)
               : rc;
}

/* ---- what a row needs -------------------------------------------------------------------------- */

void need_writable(struct bench *b)
{
    if (is_read_only(b))
        run_not_applicable(b->run, "the card is read-only (CP_CARD_READ_ONLY)");
}

void need_rsa(struct bench *b)
{
    if (!has_spec(b, AT_SIGNATURE) && !has_spec(b, AT_KEYEXCHANGE))
        run_not_applicable(b->run, "the card has no RSA (CardQueryKeySizes)");
}

void need_curves(struct bench *b)
{
    if (!has_spec(b, AT_ECDHE_P256) && !has_spec(b, AT_ECDHE_P384) && !has_spec(b, AT_ECDHE_P521))
        run_not_applicable(b->run, "the card has no key for agreement (CardQueryKeySizes)");
}

void need_second_card(struct run *r)
{
    if (r->config->readers[1] == NULL)
        run_not_applicable(r, "needs a second card; none is configured");
}
