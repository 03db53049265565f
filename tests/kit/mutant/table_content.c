/* SPDX-License-Identifier: MIT */
/* 2.3.4.6 to 2.3.4.9: writing, deleting, listing, space. */
#include "mutation.h"

#include <stdlib.h>
#include <string.h>

#define ODD_CODE SCARD_F_INTERNAL_ERROR
#define BAD      SCARD_E_INVALID_PARAMETER
#define NO_DIR   SCARD_E_DIR_NOT_FOUND
#define NO_FILE  SCARD_E_FILE_NOT_FOUND
#define NOT_HIS  SCARD_W_SECURITY_VIOLATION

/* ---- what is in a file ----------------------------------------------------------------------- */

struct content {
    PBYTE bytes; /* of the caller's callback */
    DWORD len;
};

static bool content_of(const struct call *c, struct content *ret)
{
    struct call read = beside(c, fn_CardReadFile);

    ret->bytes = NULL;
    ret->len = 0;
    read.dir = c->dir;
    read.name = c->name;
    read.out = &ret->bytes;
    read.out_len = &ret->len;
    return c->data != NULL && !no_name(c) && invoke(&read) == SCARD_S_SUCCESS;
}

static void content_free(const struct call *c, struct content *content)
{
    if (content->bytes != NULL)
        c->data->pfnCspFree(content->bytes);
}

static DWORD put(const struct call *c, PBYTE bytes, DWORD len)
{
    struct call write = beside(c, fn_CardWriteFile);

    write.dir = c->dir;
    write.name = c->name;
    write.in = bytes;
    write.in_len = len;
    return invoke(&write);
}

/* ---- what ------------------------------------------------------------------------------------ */

static DWORD write_less(struct call *c, const struct mutation *m)
{
    (void)m;
    if (c->in != NULL && c->in_len > 1)
        c->in_len--;
    return invoke(c);
}

/* What was longer stays so. */
static DWORD keep_the_rest(struct call *c, const struct mutation *m)
{
    struct content before;

    (void)m;
    if (!content_of(c, &before))
        return invoke(c);
    c->rc = invoke(c);
    if (c->rc == SCARD_S_SUCCESS && before.len > c->in_len) {
        memcpy(before.bytes, c->in, c->in_len);
        (void)put(c, before.bytes, before.len);
    }
    content_free(c, &before);
    return c->rc;
}

/* What is written comes behind what is there. */
static DWORD append(struct call *c, const struct mutation *m)
{
    struct content before;
    PBYTE both;

    (void)m;
    if (c->in == NULL || c->in_len > 0x10000 || !content_of(c, &before))
        return invoke(c);
    both = malloc(before.len + c->in_len + 1);
    c->rc = invoke(c);
    if (both != NULL && c->rc == SCARD_S_SUCCESS && before.len != 0) {
        memcpy(both, before.bytes, before.len);
        memcpy(both + before.len, c->in, c->in_len);
        (void)put(c, both, before.len + c->in_len);
    }
    free(both);
    content_free(c, &before);
    return c->rc;
}

static DWORD never_grow(struct call *c, const struct mutation *m)
{
    struct content before;
    bool grows;

    (void)m;
    if (!content_of(c, &before))
        return invoke(c);
    grows = before.len != 0 && c->in_len > before.len;
    content_free(c, &before);
    return grows ? SCARD_E_WRITE_TOO_MANY : invoke(c);
}

/* Deleted, and there again. */
static DWORD remake_file(struct call *c, const struct mutation *m)
{
    struct call make = beside(c, fn_CardCreateFile);
    struct content before;

    (void)m;
    if (!content_of(c, &before))
        return invoke(c);
    c->rc = invoke(c);
    make.dir = c->dir;
    make.name = c->name;
    make.ac = EveryoneReadUserWriteAc;
    if (c->rc == SCARD_S_SUCCESS && invoke(&make) == SCARD_S_SUCCESS)
        (void)put(c, before.bytes, before.len);
    content_free(c, &before);
    return c->rc;
}

/* Written as far as there was room, though it says that there was none. */
static DWORD write_in_spite(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);

    (void)m;
    if (rc == SCARD_E_WRITE_TOO_MANY)
        (void)put(c, c->in, 3);
    return rc;
}

static bool is_list(struct call *c, struct block *b)
{
    c->rc = invoke(c);
    return c->rc == SCARD_S_SUCCESS && result_of(c, b) && *b->len > 2;
}

static DWORD omit_last(struct call *c, const struct mutation *m)
{
    struct block b;
    DWORD last;

    (void)m;
    if (!is_list(c, &b))
        return c->rc;
    for (last = *b.len - 2; last > 0 && (*b.at)[last - 1] != 0; last--)
        ;
    (*b.at)[last] = 0;
    if (last == 0)
        (*b.at)[1] = 0;
    *b.len = last == 0 ? 2 : last + 1;
    return c->rc;
}

static DWORD no_final_nul(struct call *c, const struct mutation *m)
{
    struct block b;

    (void)m;
    if (is_list(c, &b))
        (*b.at)[*b.len - 1] = 'x';
    return c->rc;
}

static DWORD commas_between(struct call *c, const struct mutation *m)
{
    struct block b;

    (void)m;
    if (is_list(c, &b))
        for (DWORD i = 0; i + 2 < *b.len; i++)
            if ((*b.at)[i] == 0)
                (*b.at)[i] = ',';
    return c->rc;
}

static DWORD same_space(struct call *c, const struct mutation *m)
{
    static DWORD first;
    DWORD rc = invoke(c);
    CARD_FREE_SPACE_INFO *info = c->info;

    (void)m;
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (first == 0)
        first = info->dwBytesAvailable;
    info->dwBytesAvailable = first;
    return rc;
}

static DWORD more_free_than_there_are(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);
    CARD_FREE_SPACE_INFO *info = c->info;

    (void)m;
    if (rc == SCARD_S_SUCCESS)
        info->dwKeyContainersAvailable = info->dwMaxKeyContainers + 3;
    return rc;
}

/* A directory in which the user, who asks, may make no file. */
static bool closed_to_user(const struct call *c)
{
    static char probe[] = "mutprobe";
    struct call make = beside(c, fn_CardCreateFile), off = beside(c, fn_CardDeleteFile);
    DWORD rc;

    if (!in_a_dir(c) || !as_user(c))
        return false;
    make.dir = off.dir = c->dir;
    make.name = off.name = probe;
    make.ac = EveryoneReadUserWriteAc;
    rc = invoke(&make);
    if (rc == SCARD_S_SUCCESS)
        (void)invoke(&off);
    return rc == SCARD_W_SECURITY_VIOLATION;
}

static const struct mutation writing[] = {
    /* 2.3.4.6.1 CardWriteFile */
    BREAK("CMR.3.4.6.1", "last-byte-lost", CardWriteFile, has_data, DOES(write_less),
          MAY_SPREAD("*", "whatever writes a file")),
    BREAK("CMR.3.4.6.2", "rest-stays", CardWriteFile, has_data, DOES(keep_the_rest),
          MAY_SPREAD("CMR.3.4.5", "they write files on the way")),
    BREAK("CMR.3.4.6.2", "behind", CardWriteFile, has_data, DOES(append),
          MAY_SPREAD("*", "whatever writes a file twice")),
    BREAK("CMR.3.4.6.3", "never-grows", CardWriteFile, has_data, DOES(never_grow),
          MAY_SPREAD("CMR.3.4.3 CMR.3.4.4 CMR.3.4.5 CMR.3.4.6", "they write files on the way")),
    BREAK("CMR.3.4.6.4", "not-zero", CardWriteFile, has_data, FAILS(1),
          MAY_SPREAD("*", "whatever writes a file")),
    BREAK("CMR.3.4.6.X1", "slow-once", CardWriteFile, has_data, SLOW_ONCE_IN_TEN(7100)),
    BREAK("CMR.3.4.6.X2", "slow", CardWriteFile, has_data, SLOW(6100)),
    /* 2.3.4.6.3 */
    BREAK("CMR.3.4.6.E1", "crash", CardWriteFile, no_data, CRASHES),
    BREAK("CMR.3.4.6.E2", "accepted", CardWriteFile, no_name, ANSWERS(0),
          MAY_SPREAD("CMR.3.4.6.E7", "an empty name is too short as well")),
    BREAK("CMR.3.4.6.E3", "crash", CardWriteFile, no_in, CRASHES),
    BREAK("CMR.3.4.6.E4", "code", CardWriteFile, long_dir, ANSWERS(NO_DIR)),
    BREAK("CMR.3.4.6.E5", "code", CardWriteFile, odd_dir, ANSWERS(NO_DIR)),
    BREAK("CMR.3.4.6.E6", "code", CardWriteFile, has_data, RECODES(NO_DIR, NO_FILE)),
    BOTH("CMR.3.4.6.E6", "name-first", CardWriteFile, missing_dir, long_name, ANSWERS(BAD)),
    BREAK("CMR.3.4.6.E7", "accepted", CardWriteFile, long_name, ANSWERS(0)),
    BREAK("CMR.3.4.6.E8", "accepted", CardWriteFile, odd_name, ANSWERS(0)),
    BREAK("CMR.3.4.6.E9", "accepted", CardWriteFile, missing_file, RECODES(NO_FILE, 0)),
    BREAK("CMR.3.4.6.E10", "accepted", CardWriteFile, flags, DOES(what_flags_to_zero)),
    BREAK("CMR.3.4.6.E12", "accepted", CardWriteFile, has_data, RECODES(NOT_HIS, 0),
          MAY_SPREAD("*", "by writing it is seen who is authenticated")),
    BREAK("CMR.3.4.6.E13", "code", CardWriteFile, has_data,
          RECODES(SCARD_E_WRITE_TOO_MANY, ODD_CODE)),
    BREAK("CMR.3.4.6.E13", "accepted", CardWriteFile, has_data,
          RECODES(SCARD_E_WRITE_TOO_MANY, 0)),
    BREAK("CMR.3.4.6.E13", "half-done", CardWriteFile, has_data, DOES(write_in_spite)),
    /* 2.3.4.7.1 CardDeleteFile */
    BREAK("CMR.3.4.7.1", "nothing-done", CardDeleteFile, has_data, DOES(remake_file),
          MAY_SPREAD("*", "whatever deletes a file")),
    BREAK("CMR.3.4.7.2", "not-zero", CardDeleteFile, has_data, FAILS(1),
          MAY_SPREAD("*", "whatever deletes a file")),
    BREAK("CMR.3.4.7.X1", "slow-once", CardDeleteFile, has_data, SLOW_ONCE_IN_TEN(5100)),
    BREAK("CMR.3.4.7.X2", "slow", CardDeleteFile, has_data, SLOW(4100)),
    /* 2.3.4.7.3 */
    BREAK("CMR.3.4.7.E1", "accepted", CardDeleteFile, no_data, ANSWERS(0)),
    BREAK("CMR.3.4.7.E2", "crash", CardDeleteFile, no_name, CRASHES,
          MAY_SPREAD("CMR.3.4.7.E7", "an empty name is too short as well")),
    BREAK("CMR.3.4.7.E4", "code", CardDeleteFile, long_dir, ANSWERS(NO_DIR)),
    BREAK("CMR.3.4.7.E5", "code", CardDeleteFile, odd_dir, ANSWERS(NO_DIR)),
    BREAK("CMR.3.4.7.E6", "code", CardDeleteFile, has_data, RECODES(NO_DIR, NO_FILE)),
    BOTH("CMR.3.4.7.E6", "name-first", CardDeleteFile, missing_dir, long_name, ANSWERS(BAD)),
    BREAK("CMR.3.4.7.E7", "code", CardDeleteFile, long_name, ANSWERS(NO_FILE)),
    BREAK("CMR.3.4.7.E8", "accepted", CardDeleteFile, odd_name, ANSWERS(0)),
    BREAK("CMR.3.4.7.E9", "accepted", CardDeleteFile, has_data, RECODES(NO_FILE, 0)),
    BOTH("CMR.3.4.7.E9", "flags-first", CardDeleteFile, missing_file, flags, ANSWERS(BAD)),
    BREAK("CMR.3.4.7.E10", "accepted", CardDeleteFile, flags, DOES(what_flags_to_zero)),
    BREAK("CMR.3.4.7.E11", "accepted", CardDeleteFile, as_nobody, RECODES(NOT_HIS, 0)),
    BREAK("CMR.3.4.7.E12", "accepted", CardDeleteFile, as_user, RECODES(NOT_HIS, 0)),
    BOTH("CMR.3.4.7.E12", "rights-first", CardDeleteFile, flags, closed_to_user,
         ANSWERS(NOT_HIS)),
    BOTH("CMR.3.4.7.E12", "rights-before-name", CardDeleteFile, missing_file, closed_to_user,
         ANSWERS(NOT_HIS)),
};

const struct table write_table = { writing, ARRAY(writing) };

static const struct mutation listing[] = {
    /* 2.3.4.8.1 CardEnumFiles */
    BREAK("CMR.3.4.8.1", "last-omitted", CardEnumFiles, has_data, DOES(omit_last),
          MAY_SPREAD("CMR.1.2.3", "it counts files")),
    BREAK("CMR.3.4.8.2", "no-final-nul", CardEnumFiles, has_data, DOES(no_final_nul),
          MAY_SPREAD("CMR.1.2.3", "it counts files")),
    BREAK("CMR.3.4.8.2", "commas", CardEnumFiles, has_data, DOES(commas_between),
          MAY_SPREAD("CMR.1.2.3", "it counts files")),
    BREAK("CMR.3.4.8.3", "foreign", CardEnumFiles, has_data, DOES(what_foreign_block)),
    BREAK("CMR.3.4.8.4", "one-more", CardEnumFiles, has_data, DOES(what_len_claimed)),
    BREAK("CMR.3.4.8.4", "one-less", CardEnumFiles, has_data, DOES(what_len_less),
          MAY_SPREAD("CMR.1.2.3", "it counts files")),
    BREAK("CMR.3.4.8.5", "not-zero", CardEnumFiles, has_data, FAILS(1),
          MAY_SPREAD("CMR.3.4.8 CMR.3.4.4 CMR.3.4.7 CMR.1.2", "they look at the list")),
    /* 2.3.4.8.2 */
    BREAK("CMR.3.4.8.E1", "crash", CardEnumFiles, no_data, CRASHES),
    BREAK("CMR.3.4.8.E2", "accepted", CardEnumFiles, no_out, ANSWERS(0)),
    BREAK("CMR.3.4.8.E3", "crash", CardEnumFiles, no_out_len, CRASHES),
    BREAK("CMR.3.4.8.E4", "code", CardEnumFiles, long_dir, ANSWERS(NO_DIR)),
    BREAK("CMR.3.4.8.E4", "empty-is-root", CardEnumFiles, empty_dir, ANSWERS(0)),
    BREAK("CMR.3.4.8.E5", "code", CardEnumFiles, odd_dir, ANSWERS(NO_DIR)),
    BREAK("CMR.3.4.8.E6", "code", CardEnumFiles, missing_dir, RECODES(NO_DIR, NO_FILE)),
    BOTH("CMR.3.4.8.E6", "flags-first", CardEnumFiles, missing_dir, flags, ANSWERS(BAD)),
    BREAK("CMR.3.4.8.E7", "accepted", CardEnumFiles, flags, DOES(what_flags_to_zero)),
    BREAK("CMR.3.4.8.E8", "code", CardEnumFiles, dir_there, RECODES(NO_DIR, NO_FILE)),
    /* 2.3.4.9.1 CardQueryFreeSpace */
    BREAK("CMR.3.4.9.1", "always-the-same", CardQueryFreeSpace, has_data, DOES(same_space)),
    BREAK("CMR.3.4.9.1", "too-many-containers", CardQueryFreeSpace, has_data,
          DOES(more_free_than_there_are)),
    BREAK("CMR.3.4.9.2", "not-zero", CardQueryFreeSpace, has_data, FAILS(1),
          MAY_SPREAD("CMR.3.4.9", "they ask for the space")),
    BREAK("CMR.3.4.9.3", "refused", CardQueryFreeSpace, has_data, DOES(what_refuse_version_0)),
    BREAK("CMR.3.4.9.3", "kept", CardQueryFreeSpace, version_0, DOES(what_keep_version)),
    /* 2.3.4.9.2 */
    BREAK("CMR.3.4.9.E1", "accepted", CardQueryFreeSpace, no_data, ANSWERS(0)),
    BREAK("CMR.3.4.9.E2", "crash", CardQueryFreeSpace, no_info, CRASHES),
    BREAK("CMR.3.4.9.E3", "accepted", CardQueryFreeSpace, flags, DOES(what_flags_to_zero)),
    BOTH("CMR.3.4.9.E3", "version-first", CardQueryFreeSpace, flags, version_high,
         ANSWERS(ERROR_REVISION_MISMATCH)),
    BREAK("CMR.3.4.9.E4", "accepted", CardQueryFreeSpace, version_high,
          RECODES(ERROR_REVISION_MISMATCH, 0)),
};

const struct table listing_table = { listing, ARRAY(listing) };
