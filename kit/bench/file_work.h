/* SPDX-License-Identifier: MIT */
/* What tests of directories and files share: access conditions, a full card, and rows of
 * errors that try more than one bad argument. */
#ifndef CARDMINT_KIT_BENCH_FILE_WORK_H
#define CARDMINT_KIT_BENCH_FILE_WORK_H

#include "kit/bench/faults.h"

/* ---- files and directories of tests, beside the fixture -------------------------------------- */

#define OWN_FILE  "kitone"
#define OWN_FILE2 "kittwo"
#define OWN_DIR   "kitbox"
#define ADMIN_DIR "kitvault" /* AdminCreateDeleteDirAc */

/* CardCreateDirectory by whoever may: the user, else the admin. One that is left from before goes
 * first. */
DWORD try_dir(struct bench *b, const char *dir, CARD_DIRECTORY_ACCESS_CONDITION ac);
/* The same; false: the card has no such directories, by SCARD_E_UNSUPPORTED_FEATURE. */
bool own_dir(struct bench *b, const char *dir, CARD_DIRECTORY_ACCESS_CONDITION ac);
/* ADMIN_DIR; else not applicable. A directory that nobody could delete again is not made. */
void need_admin_dir(struct bench *b);
/* Takes it away with what tests put into it. Whose turn it is then is not said. */
void drop_dir(struct bench *b, const char *dir);
/* The file alone, by whoever may. */
void clear_file(struct bench *b, const char *dir, const char *name);
/* A file EveryoneReadUserWriteAc with these bytes, by the user, who is authenticated. */
void own_file(struct bench *b, const char *dir, const char *name, const void *data, size_t len);
DWORD make_sized(struct bench *b, const char *dir, const char *name, DWORD size);

/* len bytes, never the same in a row, other ones for each seed. */
const BYTE *pattern(unsigned seed, size_t len);
#define PATTERN_MAX 4096u
/* The sizes that content is tried with. */
extern const size_t content_sizes[];
#define CONTENT_SIZES 6

/* ---- access conditions of files -------------------------------------------------------------- */

struct condition {
    CARD_FILE_ACCESS_CONDITION ac;
    const char *name;
    unsigned since; /* version of CARD_DATA */
    bool reads[ROLES], writes[ROLES];
};
#define CONDITIONS 5
extern const struct condition conditions[CONDITIONS];

/* OWN_FILE in the root, by who may write it, with 3 bytes in it. false: the version or the card has
 * no such condition. */
bool make_with(struct bench *b, const struct condition *c);
#define WITH_TEXT "abc"
/* Each role that lacks a right: the call answers SCARD_W_SECURITY_VIOLATION. */
typedef DWORD attempt_fn(struct bench *b, const char *name);
void refuse_each(struct run *r, struct bench *b, attempt_fn *attempt, bool to_write);

/* ---- the card -------------------------------------------------------------------------------- */

/* dwBytesAvailable; CARD_DATA_VALUE_UNKNOWN too when the question fails. */
DWORD free_bytes(struct bench *b);
/* Far more bytes than there is room for. */
DWORD bytes_that_do_not_fit(struct bench *b);
/* Writes files until not even `rest` bytes more find room. false: it never comes to that. */
bool fill_card(struct bench *b, DWORD rest);
void empty_card(struct bench *b);     /* of these */
const char *fill_name(unsigned n);    /* of the nth */

/* A file that is there: of the fixture, or the container map of a card that is only read. */
struct place {
    const char *dir, *name;
};
extern struct place place;
void choose_place(struct bench *b);
/* For a subject: such a file; one that the user may not read, for UNREADABLE. */
void prepare_reading(struct bench *b);
void good_place(struct args *a);
bool spoil_reading(struct args *a, enum fault fault);
bool has_unreadable(void);
/* A row about who may not read: refuse_each, then the row's faults where UNREADABLE can be tried. */
void refuse_reading(struct run *r, attempt_fn *attempt);

/* For rows of pace: the user, and OWN_FILE in the fixture's directory with PACED_SIZE bytes; not
 * applicable where the card has no room for it. */
#define PACED_SIZE 2048u
void open_paced(struct run *r, struct bench *b);

/* ---- error_row, and before it more of the same fault (file_faults.c) ------------------------- */

/* Sets the nth bad argument and says what it is; false: there are no more. */
typedef bool bad_fn(struct args *a, size_t n, char what[48]);
void error_row_with(struct run *r, bad_fn *bad);

test_fn long_names, odd_names, long_dirs, odd_dirs; /* "name" of the arguments, and "dir" */
test_fn missing_dirs, missing_files, each_flag, each_version;

#endif
