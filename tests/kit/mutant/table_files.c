/* SPDX-License-Identifier: MIT */
/* 2.3.4.1 to 2.3.4.5: directories, reading, creating. */
#include "mutation.h"

#include <string.h>

#define ODD_CODE SCARD_F_INTERNAL_ERROR
#define BAD      SCARD_E_INVALID_PARAMETER
#define NO_DIR   SCARD_E_DIR_NOT_FOUND
#define NO_FILE  SCARD_E_FILE_NOT_FOUND
#define NOT_HIS  SCARD_W_SECURITY_VIOLATION

/* ---- when ------------------------------------------------------------------------------------ */

static bool admins_ac(const struct call *c)
{
    return c->data != NULL && c->ac == AdminCreateDeleteDirAc;
}

static bool not_users_ac(const struct call *c)
{
    return c->data != NULL && c->ac > EveryoneReadUserWriteAc && c->ac <= AdminReadWriteAc;
}

static bool has_size(const struct call *c)
{
    return c->data != NULL && c->size != 0 && !size_huge(c);
}

static bool name_taken_by_dir(const struct call *c)
{
    return dir_there(c);
}

/* No byte is free, by the module's own account. */
static bool card_full(const struct call *c)
{
    CARD_FREE_SPACE_INFO info = { .dwVersion = CARD_FREE_SPACE_INFO_CURRENT_VERSION };
    struct call ask = beside(c, fn_CardQueryFreeSpace);

    ask.info = &info;
    return c->data != NULL && invoke(&ask) == SCARD_S_SUCCESS && info.dwBytesAvailable < 16;
}

/* ---- what ------------------------------------------------------------------------------------ */

/* Made, and taken away again. */
static DWORD unmake_dir(struct call *c, const struct mutation *m)
{
    struct call off = beside(c, fn_CardDeleteDirectory);
    DWORD rc = invoke(c);

    (void)m;
    off.dir = c->dir;
    if (rc == SCARD_S_SUCCESS)
        (void)invoke(&off);
    return rc;
}

static DWORD unmake_file(struct call *c, const struct mutation *m)
{
    struct call off = beside(c, fn_CardDeleteFile);
    DWORD rc = invoke(c);

    (void)m;
    off.dir = c->dir;
    off.name = c->name;
    if (rc == SCARD_S_SUCCESS)
        (void)invoke(&off);
    return rc;
}

/* Taken away, and made again. */
static DWORD remake_dir(struct call *c, const struct mutation *m)
{
    struct call on = beside(c, fn_CardCreateDirectory);
    DWORD rc = invoke(c);

    (void)m;
    on.dir = c->dir;
    on.ac = UserCreateDeleteDirAc;
    if (rc == SCARD_S_SUCCESS)
        (void)invoke(&on);
    return rc;
}

/* The access condition `a` in place of the one asked for. */
static DWORD other_ac(struct call *c, const struct mutation *m)
{
    c->ac = m->a;
    return invoke(c);
}

static DWORD reserve_nothing(struct call *c, const struct mutation *m)
{
    (void)m;
    c->size = 0;
    return invoke(c);
}

static DWORD tell_other_ac(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);
    CARD_FILE_INFO *info = c->info;

    (void)m;
    if (rc == SCARD_S_SUCCESS)
        info->AccessCondition = info->AccessCondition == EveryoneReadUserWriteAc
                                    ? EveryoneReadAdminWriteAc
                                    : EveryoneReadUserWriteAc;
    return rc;
}

/* `a` bytes more than there are; 0: 128, where there are none. */
static DWORD tell_other_size(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);
    CARD_FILE_INFO *info = c->info;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (m->a == 0 && info->cbFileSize == 0)
        info->cbFileSize = 128;
    else if (m->a != 0 && info->cbFileSize != 0)
        info->cbFileSize += m->a;
    return rc;
}

static const struct mutation directories[] = {
    /* 2.3.4.1.1 CardCreateDirectory */
    BREAK("CMR.3.4.1.1", "nothing-done", CardCreateDirectory, has_data, DOES(unmake_dir),
          MAY_SPREAD("CMR.1.2 CMR.3.4", "they make directories on the way")),
    BREAK("CMR.3.4.1.2", "user-always", CardCreateDirectory, admins_ac, DOES(other_ac),
          .a = UserCreateDeleteDirAc,
          MAY_SPREAD("CMR.3.4.2.E8 CMR.3.4.4.E6 CMR.1.2.4", "the admin's directory is the user's")),
    BREAK("CMR.3.4.1.3", "not-zero", CardCreateDirectory, has_data, FAILS(1),
          MAY_SPREAD("CMR.3.4.1.1 CMR.3.4.1.2 CMR.1.2", "they make directories on the way")),
    /* 2.3.4.1.2 */
    BREAK("CMR.3.4.1.E1", "crash", CardCreateDirectory, no_data, CRASHES),
    BREAK("CMR.3.4.1.E2", "crash", CardCreateDirectory, no_dir, CRASHES,
          MAY_SPREAD("CMR.3.4.1.E3", "an empty name is too short as well")),
    BREAK("CMR.3.4.1.E2", "empty-accepted", CardCreateDirectory, empty_dir, ANSWERS(0),
          MAY_SPREAD("CMR.3.4.1.E3", "an empty name is too short as well")),
    BREAK("CMR.3.4.1.E3", "accepted", CardCreateDirectory, long_dir, ANSWERS(0)),
    BREAK("CMR.3.4.1.E4", "accepted", CardCreateDirectory, odd_dir, ANSWERS(0)),
    BREAK("CMR.3.4.1.E5", "accepted", CardCreateDirectory, bad_dir_ac, DOES(other_ac),
          .a = UserCreateDeleteDirAc),
    BOTH("CMR.3.4.1.E5", "name-first", CardCreateDirectory, bad_dir_ac, name_taken_by_dir,
         ANSWERS(ERROR_FILE_EXISTS)),
    BREAK("CMR.3.4.1.E7", "accepted", CardCreateDirectory, dir_there,
          RECODES(ERROR_FILE_EXISTS, 0), MAY_SPREAD("CMR.1.2.3", "names that differ by case")),
    BREAK("CMR.3.4.1.E8", "code", CardCreateDirectory, name_is_file,
          RECODES(ERROR_FILE_EXISTS, BAD)),
    BREAK("CMR.3.4.1.E9", "code", CardCreateDirectory, has_data,
          RECODES(SCARD_E_NO_MEMORY, ODD_CODE)),
    BOTH("CMR.3.4.1.E9", "room-first", CardCreateDirectory, name_taken_by_dir, card_full,
         ANSWERS(SCARD_E_NO_MEMORY)),
    /* 2.3.4.2.1 CardDeleteDirectory */
    BREAK("CMR.3.4.2.1", "nothing-done", CardDeleteDirectory, has_data, DOES(remake_dir),
          MAY_SPREAD("CMR.3.4.1 CMR.3.4.2 CMR.1.2", "they delete directories on the way")),
    BREAK("CMR.3.4.2.2", "not-zero", CardDeleteDirectory, has_data, FAILS(1),
          MAY_SPREAD("CMR.3.4.1 CMR.3.4.2.1 CMR.1.2", "they delete directories on the way")),
    /* 2.3.4.2.2 */
    BREAK("CMR.3.4.2.E1", "accepted", CardDeleteDirectory, no_data, ANSWERS(0)),
    BREAK("CMR.3.4.2.E2", "empty-accepted", CardDeleteDirectory, empty_dir, ANSWERS(0),
          MAY_SPREAD("CMR.3.4.2.E3", "an empty name is too short as well")),
    BREAK("CMR.3.4.2.E3", "code", CardDeleteDirectory, long_dir, ANSWERS(NO_DIR)),
    BREAK("CMR.3.4.2.E4", "code", CardDeleteDirectory, odd_dir, ANSWERS(NO_DIR)),
    BREAK("CMR.3.4.2.E5", "accepted", CardDeleteDirectory, as_nobody, RECODES(NOT_HIS, 0)),
    BOTH("CMR.3.4.2.E5", "name-first", CardDeleteDirectory, missing_dir, as_nobody,
         ANSWERS(NO_DIR)),
    BREAK("CMR.3.4.2.E6", "code", CardDeleteDirectory, has_data, RECODES(NO_DIR, NO_FILE)),
    BREAK("CMR.3.4.2.E7", "code", CardDeleteDirectory, has_data,
          RECODES(ERROR_DIR_NOT_EMPTY, ODD_CODE)),
    BREAK("CMR.3.4.2.E8", "accepted", CardDeleteDirectory, as_user, RECODES(NOT_HIS, 0),
          MAY_SPREAD("CMR.3.4.1", "directories stay that were to be deleted")),
    BREAK("CMR.3.4.2.E9", "code", CardDeleteDirectory, as_admin, RECODES(NOT_HIS, ODD_CODE)),
};

const struct table directory_table = { directories, ARRAY(directories) };

static const struct mutation reading[] = {
    /* 2.3.4.3.1 CardReadFile */
    BREAK("CMR.3.4.3.1", "bit", CardReadFile, has_data, DOES(what_turn_bit),
          MAY_SPREAD("*", "whatever reads a file")),
    BREAK("CMR.3.4.3.2", "foreign", CardReadFile, has_data, DOES(what_foreign_block),
          MAY_SPREAD("CMR.1.3.4", "it says the same")),
    BREAK("CMR.3.4.3.3", "one-more", CardReadFile, has_data, DOES(what_len_more),
          MAY_SPREAD("*", "whatever reads a file")),
    BREAK("CMR.3.4.3.3", "one-less", CardReadFile, has_data, DOES(what_len_less),
          MAY_SPREAD("*", "whatever reads a file")),
    BREAK("CMR.3.4.3.4", "not-zero", CardReadFile, has_data, FAILS(1),
          MAY_SPREAD("*", "whatever reads a file")),
    BREAK("CMR.3.4.3.X1", "slow-once", CardReadFile, has_data, SLOW_ONCE_IN_TEN(3600)),
    BREAK("CMR.3.4.3.X2", "slow", CardReadFile, has_data, SLOW(3300)),
    /* 2.3.4.3.3 */
    BREAK("CMR.3.4.3.E1", "crash", CardReadFile, no_data, CRASHES),
    BREAK("CMR.3.4.3.E2", "accepted", CardReadFile, no_name, ANSWERS(0),
          MAY_SPREAD("CMR.3.4.3.E8", "an empty name is too short as well")),
    BOTH("CMR.3.4.3.E2", "dir-first", CardReadFile, no_name_at_all, missing_dir, ANSWERS(NO_DIR)),
    BREAK("CMR.3.4.3.E3", "crash", CardReadFile, no_out, CRASHES),
    BOTH("CMR.3.4.3.E3", "dir-first", CardReadFile, no_out, missing_dir, ANSWERS(NO_DIR)),
    BREAK("CMR.3.4.3.E4", "accepted", CardReadFile, no_out_len, ANSWERS(0)),
    BREAK("CMR.3.4.3.E5", "code", CardReadFile, long_dir, ANSWERS(NO_DIR)),
    BREAK("CMR.3.4.3.E5", "empty-is-root", CardReadFile, empty_dir, ANSWERS(0)),
    BREAK("CMR.3.4.3.E6", "code", CardReadFile, odd_dir, ANSWERS(NO_DIR)),
    BREAK("CMR.3.4.3.E7", "code", CardReadFile, has_data, RECODES(NO_DIR, NO_FILE)),
    BOTH("CMR.3.4.3.E7", "name-first", CardReadFile, missing_dir, long_name, ANSWERS(BAD)),
    BREAK("CMR.3.4.3.E8", "code", CardReadFile, long_name, ANSWERS(NO_FILE)),
    BREAK("CMR.3.4.3.E9", "code", CardReadFile, odd_name, ANSWERS(NO_FILE)),
    BREAK("CMR.3.4.3.E10", "code", CardReadFile, has_data, RECODES(NO_FILE, ODD_CODE),
          MAY_SPREAD("CMR.3.4.7.1", "it looks for what was deleted")),
    BOTH("CMR.3.4.3.E10", "flags-first", CardReadFile, missing_file, flags, ANSWERS(BAD)),
    BREAK("CMR.3.4.3.E11", "accepted", CardReadFile, flags, DOES(what_flags_to_zero)),
    BREAK("CMR.3.4.3.E12", "accepted", CardReadFile, has_data, RECODES(NOT_HIS, 0),
          MAY_SPREAD("CMR.1.2.4", "it says the same")),
    /* 2.3.4.4.1 CardCreateFile */
    BREAK("CMR.3.4.4.1", "nothing-done", CardCreateFile, has_data, DOES(unmake_file),
          MAY_SPREAD("*", "whatever makes a file")),
    BREAK("CMR.3.4.4.2", "user-always", CardCreateFile, not_users_ac, DOES(other_ac),
          .a = EveryoneReadUserWriteAc, MAY_SPREAD("CMR.1.2.4", "it says the same")),
    BREAK("CMR.3.4.4.3", "not-reserved", CardCreateFile, has_size, DOES(reserve_nothing)),
    BREAK("CMR.3.4.4.4", "not-zero", CardCreateFile, has_data, FAILS(1),
          MAY_SPREAD("*", "whatever makes a file")),
    BREAK("CMR.3.4.4.X1", "slow-once", CardCreateFile, has_data, SLOW_ONCE_IN_TEN(5100)),
    BREAK("CMR.3.4.4.X2", "slow", CardCreateFile, has_data, SLOW(4100)),
    /* 2.3.4.4.3 */
    BREAK("CMR.3.4.4.E1", "accepted", CardCreateFile, no_data, ANSWERS(0)),
    BREAK("CMR.3.4.4.E2", "crash", CardCreateFile, no_name, CRASHES,
          MAY_SPREAD("CMR.3.4.4.E7", "an empty name is too short as well")),
    BREAK("CMR.3.4.4.E3", "code", CardCreateFile, long_dir, ANSWERS(NO_DIR)),
    BREAK("CMR.3.4.4.E4", "code", CardCreateFile, odd_dir, ANSWERS(NO_DIR)),
    BREAK("CMR.3.4.4.E5", "code", CardCreateFile, has_data, RECODES(NO_DIR, NO_FILE)),
    BOTH("CMR.3.4.4.E5", "rights-first", CardCreateFile, missing_dir, as_nobody, ANSWERS(NOT_HIS)),
    BREAK("CMR.3.4.4.E6", "accepted", CardCreateFile, has_data, RECODES(NOT_HIS, 0)),
    BOTH("CMR.3.4.4.E6", "name-first", CardCreateFile, long_name, as_nobody, ANSWERS(BAD)),
    BREAK("CMR.3.4.4.E7", "accepted", CardCreateFile, long_name, ANSWERS(0)),
    BREAK("CMR.3.4.4.E8", "accepted", CardCreateFile, odd_name, ANSWERS(0)),
    BREAK("CMR.3.4.4.E9", "accepted", CardCreateFile, has_data, RECODES(ERROR_FILE_EXISTS, 0),
          MAY_SPREAD("CMR.1.2.3", "names that differ by case")),
    BOTH("CMR.3.4.4.E9", "size-first", CardCreateFile, file_there, size_huge, ANSWERS(BAD)),
    BREAK("CMR.3.4.4.E11", "accepted", CardCreateFile, size_huge, DOES(reserve_nothing)),
    BREAK("CMR.3.4.4.E12", "zero-accepted", CardCreateFile, ac_zero, DOES(other_ac),
          .a = EveryoneReadUserWriteAc),
    BREAK("CMR.3.4.4.E12", "accepted", CardCreateFile, ac_not_zero, DOES(other_ac),
          .a = EveryoneReadUserWriteAc),
    /* 2.3.4.5.1 CardGetFileInfo */
    BREAK("CMR.3.4.5.1", "other-condition", CardGetFileInfo, has_data, DOES(tell_other_ac),
          MAY_SPREAD("CMR.3.4.4.2", "by it the condition is seen")),
    BREAK("CMR.3.4.5.2", "not-zero", CardGetFileInfo, has_data, FAILS(1),
          MAY_SPREAD("*", "whatever looks at a file")),
    BREAK("CMR.3.4.5.3", "one-more", CardGetFileInfo, has_data, DOES(tell_other_size), .a = 1,
          MAY_SPREAD("CMR.3.4.5.1 CMR.3.4.6", "by it the size is seen")),
    BREAK("CMR.3.4.5.4", "new-not-empty", CardGetFileInfo, has_data, DOES(tell_other_size), .a = 0),
    BREAK("CMR.3.4.5.5", "refused", CardGetFileInfo, has_data, DOES(what_refuse_version_0)),
    BREAK("CMR.3.4.5.5", "kept", CardGetFileInfo, version_0, DOES(what_keep_version)),
    /* 2.3.4.5.2 */
    BREAK("CMR.3.4.5.E1", "crash", CardGetFileInfo, no_data, CRASHES),
    BREAK("CMR.3.4.5.E2", "accepted", CardGetFileInfo, no_name, ANSWERS(0),
          MAY_SPREAD("CMR.3.4.5.E7", "an empty name is too short as well")),
    BREAK("CMR.3.4.5.E3", "crash", CardGetFileInfo, no_info, CRASHES),
    BREAK("CMR.3.4.5.E4", "code", CardGetFileInfo, long_dir, ANSWERS(NO_DIR)),
    BREAK("CMR.3.4.5.E5", "code", CardGetFileInfo, odd_dir, ANSWERS(NO_DIR)),
    BREAK("CMR.3.4.5.E6", "code", CardGetFileInfo, has_data, RECODES(NO_DIR, NO_FILE)),
    BOTH("CMR.3.4.5.E6", "name-first", CardGetFileInfo, missing_dir, long_name, ANSWERS(BAD)),
    BREAK("CMR.3.4.5.E7", "code", CardGetFileInfo, long_name, ANSWERS(NO_FILE)),
    BREAK("CMR.3.4.5.E8", "accepted", CardGetFileInfo, odd_name, ANSWERS(0)),
    BREAK("CMR.3.4.5.E9", "code", CardGetFileInfo, has_data, RECODES(NO_FILE, ODD_CODE),
          MAY_SPREAD("CMR.3.4.4 CMR.3.4.7", "they look for what is not there")),
    BOTH("CMR.3.4.5.E9", "version-first", CardGetFileInfo, missing_file, version_high,
         ANSWERS(ERROR_REVISION_MISMATCH)),
    BREAK("CMR.3.4.5.E10", "accepted", CardGetFileInfo, version_high,
          RECODES(ERROR_REVISION_MISMATCH, 0)),
    BREAK("CMR.3.4.5.E11", "accepted", CardGetFileInfo, has_data, RECODES(NOT_HIS, 0)),
};

const struct table read_table = { reading, ARRAY(reading) };
