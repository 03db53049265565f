/* SPDX-License-Identifier: MIT */
/* 2.3.4.6: CardWriteFile. */
#include "kit/rows/files.h"
#include "kit/bench/timing.h"

#include <stdlib.h>
#include <string.h>

#define TEXT FIXTURE_TEXT, strlen(FIXTURE_TEXT)

static void open_user(struct run *r, struct bench *b)
{
    bench_open(r, b);
    need_writable(b);
    be_user(b);
}

/* Exactly these bytes are in it. */
static void check_holds(struct bench *b, const char *dir, const char *name, const BYTE *want,
                        size_t len, const char *after)
{
    DWORD rc = see_file(b, dir, name, want, len);

    CHECK(b->run, rc == SCARD_S_SUCCESS, "%s: reading gives %s", after,
          rc == SCARD_E_COMM_DATA_LOST ? "another content" : kit_code(rc));
}

/* ---- functional ------------------------------------------------------------------------------ */

/* Into a new file each time: what was there before is CMR.3.4.6.2. false: it does not fit. */
static bool write_new(struct bench *b, const char *dir, size_t size)
{
    char after[48];
    DWORD rc;

    NEED(b->run, make_file(b, dir, OWN_FILE, EveryoneReadUserWriteAc));
    rc = put_file(b, dir, OWN_FILE, pattern(0, size), size);
    if (rc != SCARD_E_WRITE_TOO_MANY) {
        CHECK(b->run, rc == SCARD_S_SUCCESS, "%s for %zu bytes", kit_code(rc), size);
        snprintf(after, sizeof(after), "%zu bytes written to a new file", size);
        check_holds(b, dir, OWN_FILE, pattern(0, size), size, after);
    }
    NEED(b->run, drop_file(b, dir, OWN_FILE));
    return rc == SCARD_S_SUCCESS;
}

static void writes_all(struct run *r)
{
    struct bench b;
    size_t most = 0;

    open_user(r, &b);
    for (size_t i = 0; i < CONTENT_SIZES; i++)
        if (write_new(&b, i % 2 == 0 ? FIXTURE_DIR : NULL, content_sizes[i]))
            most = content_sizes[i];
    CHECK(r, most >= 255, "not even 255 bytes can be written");
    check_holds(&b, FIXTURE_DIR, FIXTURE_FILE, (const BYTE *)TEXT, "another file");
    run_saw(r, "up to %zu bytes", most);
}

static void overwrites(struct run *r)
{
    static const size_t sizes[] = { 1000, 10, 10, 300, 256, 0, 7, 1 };
    struct bench b;

    open_user(r, &b);
    own_file(&b, FIXTURE_DIR, OWN_FILE, NULL, 0);
    for (unsigned i = 0; i < ARRAY(sizes); i++) {
        char after[48];

        NEED(r, put_file(&b, FIXTURE_DIR, OWN_FILE, pattern(i, sizes[i]), sizes[i]));
        snprintf(after, sizeof(after), "%zu bytes over %zu", sizes[i], i == 0 ? 0 : sizes[i - 1]);
        check_holds(&b, FIXTURE_DIR, OWN_FILE, pattern(i, sizes[i]), sizes[i], after);
    }
    NEED(r, drop_file(&b, FIXTURE_DIR, OWN_FILE));
}

/* Made for a few bytes, or for none, then written more and more. */
static void grows(struct run *r)
{
    static const size_t sizes[] = { 16, 17, 300, 1000, 2000 };
    static const DWORD first[] = { 0, 16 };
    struct bench b;

    open_user(r, &b);
    for (size_t f = 0; f < ARRAY(first); f++) {
        NEED(r, make_sized(&b, FIXTURE_DIR, OWN_FILE, first[f]));
        for (unsigned i = 0; i < ARRAY(sizes); i++) {
            DWORD rc = put_file(&b, FIXTURE_DIR, OWN_FILE, pattern(i, sizes[i]), sizes[i]);

            if (rc == SCARD_E_WRITE_TOO_MANY && free_bytes(&b) < sizes[i])
                break;
            CHECK(r, rc == SCARD_S_SUCCESS, "%s for %zu bytes, in a file made for %u", kit_code(rc),
                  sizes[i], (unsigned)first[f]);
            check_holds(&b, FIXTURE_DIR, OWN_FILE, pattern(i, sizes[i]), sizes[i], "a file grown");
        }
        NEED(r, drop_file(&b, FIXTURE_DIR, OWN_FILE));
    }
}

static void write_returns_0(struct run *r)
{
    struct bench b;

    open_user(r, &b);
    EXPECT(r, put_file(&b, FIXTURE_DIR, FIXTURE_FILE, TEXT), SCARD_S_SUCCESS);
    if (!has_admin(&b))
        return;
    be_admin(&b);
    EXPECT(r, put_file(&b, NULL, FIXTURE_READ_FILE, TEXT), SCARD_S_SUCCESS);
}

const struct requirement file_write[4] = {
    ROW("CMR.3.4.6.1", "all bytes go into the file", writes_all),
    ROW("CMR.3.4.6.2", "they replace what was there, and the file has their size", overwrites),
    ROW("CMR.3.4.6.3", "a file grows when more is written than it was made for", grows),
    ROW("CMR.3.4.6.4", "0 on success", write_returns_0, .versions = KIT_V4_TO_V7),
};

/* ---- performance ----------------------------------------------------------------------------- */

static void write_once(struct bench *b)
{
    NEED(b->run, put_file(b, FIXTURE_DIR, OWN_FILE, pattern(0, PACED_SIZE), PACED_SIZE));
}

static void writes_in_time(struct run *r)
{
    struct bench b;

    open_paced(r, &b);
    longest_within(r, &b, write_once, 7000);
    NEED(r, drop_file(&b, FIXTURE_DIR, OWN_FILE));
}

static void writes_in_time_on_average(struct run *r)
{
    struct bench b;

    open_paced(r, &b);
    average_within(r, &b, write_once, 6000);
    NEED(r, drop_file(&b, FIXTURE_DIR, OWN_FILE));
}

const struct requirement file_write_pace[2] = {
    ROW("CMR.3.4.6.X1", "2048 bytes within 7 s", writes_in_time),
    ROW("CMR.3.4.6.X2", "2048 bytes within 6 s on average of 20", writes_in_time_on_average),
};

/* ---- errors ---------------------------------------------------------------------------------- */

#define INVALID SCARD_E_INVALID_PARAMETER

static BYTE *huge; /* bytes that do not fit */
static DWORD huge_len;

static DWORD call_write(struct args *a)
{
    return CALL(a->b, WriteFile, a->data, a->dir, a->name, a->flags, a->in, a->in_len);
}

static void good_write(struct args *a)
{
    a->in_len = (DWORD)strlen(FIXTURE_TEXT);
    memcpy(a->bytes, TEXT);
}

static void prepare_write(struct bench *b)
{
    need_writable(b);
    if (huge == NULL) {
        huge_len = bytes_that_do_not_fit(b);
        huge = calloc(huge_len, 1);
    }
    if (huge == NULL)
        run_blocked(b->run, "no memory");
}

static bool spoil_write(struct args *a, enum fault fault)
{
    if (fault != IN_HUGE)
        return false;
    a->in = huge;
    a->in_len = huge_len;
    return true;
}

const struct subject file_write_subject = { .call = call_write, .good = good_write,
                                            .prepare = prepare_write, .spoil = spoil_write };

/* Also with a length of none. */
static void refuses_no_data(struct run *r)
{
    struct bench b;

    open_user(r, &b);
    EXPECT(r, CALL(&b, WriteFile, &b.data, str(FIXTURE_DIR), str(FIXTURE_FILE), 0, NULL, 0),
           SCARD_E_INVALID_PARAMETER);
    bench_close(&b);
    error_row(r);
}

static DWORD attempt(struct bench *b, const char *name)
{
    return put_file(b, NULL, name, "xyz", 3);
}

/* What was refused has changed nothing. */
static DWORD attempt_and_look(struct bench *b, const char *name)
{
    DWORD rc = attempt(b, name), seen = see_file(b, NULL, name, WITH_TEXT, strlen(WITH_TEXT));

    CHECK(b->run, seen != SCARD_E_COMM_DATA_LOST, "the file is not what it was (%s)", kit_code(rc));
    return rc;
}

static void refuses_who_may_not(struct run *r)
{
    struct bench b;

    open_user(r, &b);
    refuse_each(r, &b, attempt_and_look, true);
    bench_close(&b);
    error_row(r);
}

/* Nothing of it is written. */
static void refuses_too_many(struct run *r)
{
    struct bench b;
    DWORD rc, seen;

    open_user(r, &b);
    prepare_write(&b);
    rc = put_file(&b, FIXTURE_DIR, FIXTURE_FILE, huge, huge_len);
    seen = see_file(&b, FIXTURE_DIR, FIXTURE_FILE, TEXT);
    EXPECT(r, rc, SCARD_E_WRITE_TOO_MANY);
    CHECK(r, seen == SCARD_S_SUCCESS, "the file is not what it was, though it says %s",
          kit_code(rc));
    run_saw(r, "%s for %u bytes", kit_code(rc), (unsigned)huge_len);
    bench_close(&b);
    error_row(r);
}

/* E8 and E10 are printed with the code of E9; each sister function has the other. */
const struct requirement file_write_errors[12] = {
    ERROR_ROW("CMR.3.4.6.E1", "pCardData NULL", CODES(INVALID), NO_DATA),
    ERROR_ROW("CMR.3.4.6.E2", "no file name, an empty one", CODES(INVALID), NO_NAME, EMPTY_NAME),
    ERRORS("CMR.3.4.6.E3", "pbData NULL", refuses_no_data, CODES(INVALID), NO_IN),
    ERRORS("CMR.3.4.6.E4", "a directory name of none or more than 8 characters", long_dirs,
           CODES(INVALID), EMPTY_DIR, LONG_DIR),
    ERRORS("CMR.3.4.6.E5", "a forbidden character in the directory name, each of them", odd_dirs,
           CODES(INVALID), ODD_DIR),
    ERRORS("CMR.3.4.6.E6", "no directory of that name", missing_dirs, CODES(SCARD_E_DIR_NOT_FOUND),
           MISSING_DIR),
    ERRORS("CMR.3.4.6.E7", "a file name of more than 8 characters", long_names, CODES(INVALID),
           LONG_NAME),
    ERRORS("CMR.3.4.6.E8", "a forbidden character in the file name, each of them", odd_names,
           CODES(INVALID, SCARD_E_FILE_NOT_FOUND), ODD_NAME),
    ERRORS("CMR.3.4.6.E9", "no file of that name in the directory", missing_files,
           CODES(SCARD_E_FILE_NOT_FOUND), MISSING_NAME),
    ERRORS("CMR.3.4.6.E10", "dwFlags not 0, each bit", each_flag,
           CODES(INVALID, SCARD_E_FILE_NOT_FOUND), FLAGS),
    { .id = "CMR.3.4.6.E12", .test = refuses_who_may_not, .faults = { UNWRITABLE, AS_NOBODY },
      .codes = { SCARD_W_SECURITY_VIOLATION }, .versions = KIT_V(4) | KIT_V(5) | KIT_V(7),
      .words = "who may not write the file: each access condition, each role; it stays" },
    ERRORS("CMR.3.4.6.E13", "more bytes than the card has room for; the file stays",
           refuses_too_many, CODES(SCARD_E_WRITE_TOO_MANY), IN_HUGE),
};
