/* SPDX-License-Identifier: MIT */
/* 2.3.4.3: CardReadFile. */
#include "kit/rows/files.h"
#include "kit/bench/timing.h"

#include <string.h>

/* ---- what is read ---------------------------------------------------------------------------- */

struct reading {
    PBYTE data;
    DWORD len; /* in: what lies there before */
};

static DWORD read_it(struct bench *b, const char *dir, const char *name, struct reading *ret)
{
    ret->data = NULL;
    return CALL(b, ReadFile, &b->data, str(dir), str(name), 0, &ret->data, &ret->len);
}

static void done_with(struct reading *reading)
{
    if (mem_is_ours(reading->data))
        mem_free(reading->data);
    reading->data = NULL;
}

/* The bytes are in the block; how many it says there are is CMR.3.4.3.3. */
static void check_content(struct bench *b, const char *dir, const char *name, const BYTE *want,
                          size_t len)
{
    struct reading got = { .len = 0 };
    DWORD rc = read_it(b, dir, name, &got);

    CHECK(b->run, rc == SCARD_S_SUCCESS, "%s, of a file of %zu bytes", kit_code(rc), len);
    CHECK(b->run, len == 0 || (got.data != NULL && mem_len(got.data) >= len),
          "no block of %zu bytes", len);
    CHECK(b->run, len == 0 || memcmp(got.data, want, len) == 0,
          "other bytes than were written, of a file of %zu", len);
    done_with(&got);
}

/* Two files of one name: in a directory, and in the root. false: it does not fit. */
static bool put_both(struct bench *b, size_t size)
{
    return put_file(b, FIXTURE_DIR, OWN_FILE, pattern(0, size), size) == SCARD_S_SUCCESS &&
           put_file(b, NULL, OWN_FILE, pattern(1, size), size) == SCARD_S_SUCCESS;
}

/* A card that is only read: what its files hold is fixed by the specification. */
static void reads_known_files(struct run *r, struct bench *b)
{
    struct reading id = { .len = 0 }, map = { .len = 0 };

    EXPECT(r, read_it(b, NULL, "cardid", &id), SCARD_S_SUCCESS);
    EXPECT(r, read_it(b, "mscp", "cmapfile", &map), SCARD_S_SUCCESS);
    CHECK(r, id.len == 16, "cardid has %u bytes, not 16", (unsigned)id.len);
    CHECK(r, map.len % 86 == 0, "the container map has %u bytes, no multiple of 86",
          (unsigned)map.len);
    run_saw(r, "the card is only read: cardid %u bytes, cmapfile %u", (unsigned)id.len,
            (unsigned)map.len);
}

static void reads_all(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    choose_place(&b);
    if (strcmp(place.dir, FIXTURE_DIR) != 0) {
        reads_known_files(r, &b);
        return;
    }
    be_user(&b);
    own_file(&b, FIXTURE_DIR, OWN_FILE, NULL, 0);
    own_file(&b, NULL, OWN_FILE, NULL, 0);
    for (size_t i = 0; i < CONTENT_SIZES; i++) {
        const size_t size = content_sizes[i];

        if (!put_both(&b, size)) {
            run_note(r, "two files of %zu bytes cannot be written", size);
            continue;
        }
        check_content(&b, FIXTURE_DIR, OWN_FILE, pattern(0, size), size);
        check_content(&b, NULL, OWN_FILE, pattern(1, size), size);
        run_saw(r, "%zu", size);
    }
    NEED(r, drop_file(&b, FIXTURE_DIR, OWN_FILE));
    NEED(r, drop_file(&b, NULL, OWN_FILE));
}

/* By the callback, each time another, which stays as it is while other calls are made. */
static void allocates(struct run *r)
{
    struct reading one = { .len = 0 }, two = { .len = 0 };
    BYTE copy[256];
    size_t len;
    struct bench b;

    bench_open(r, &b);
    choose_place(&b);
    NEED(r, read_it(&b, place.dir, place.name, &one));
    CHECK(r, mem_is_ours(one.data) || (one.len == 0 && one.data == NULL),
          "the buffer is none of pfnCspAlloc or pfnCspReAlloc");
    len = one.data != NULL ? mem_len(one.data) : 0;
    len = len < sizeof(copy) ? len : sizeof(copy);
    CHECK(r, one.data == NULL || mem_len(one.data) >= one.len, "%zu bytes allocated for %u",
          mem_len(one.data), (unsigned)one.len);
    if (len != 0)
        memcpy(copy, one.data, len);
    NEED(r, read_it(&b, place.dir, place.name, &two));
    CHECK(r, one.data == NULL || one.data != two.data, "twice the same buffer");
    done_with(&two);
    NEED(r, CALL(&b, DeleteContext, &b.data));
    CHECK(r, one.data == NULL || (mem_is_ours(one.data) && memcmp(one.data, copy, len) == 0),
          "the buffer is freed, or changed, before the caller is done with it");
}

static void check_len(struct bench *b, size_t size)
{
    static const DWORD before[] = { 0, 1, 0xFFFFFFFF };

    for (size_t i = 0; i < ARRAY(before); i++) {
        struct reading got = { .len = before[i] };

        NEED(b->run, read_it(b, FIXTURE_DIR, OWN_FILE, &got));
        CHECK(b->run, got.len == size, "*pcbData is %u for %zu bytes, with %u there before",
              (unsigned)got.len, size, (unsigned)before[i]);
        done_with(&got);
    }
}

static void tells_len(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    choose_place(&b);
    if (strcmp(place.dir, FIXTURE_DIR) != 0) {
        reads_known_files(r, &b);
        return;
    }
    be_user(&b);
    own_file(&b, FIXTURE_DIR, OWN_FILE, NULL, 0);
    for (size_t i = 0; i < CONTENT_SIZES; i++) {
        const size_t size = content_sizes[i];

        if (put_file(&b, FIXTURE_DIR, OWN_FILE, pattern(0, size), size) == SCARD_S_SUCCESS)
            check_len(&b, size);
    }
    NEED(r, drop_file(&b, FIXTURE_DIR, OWN_FILE));
}

static void read_returns_0(struct run *r)
{
    struct reading got = { .len = 0 };
    struct bench b;

    bench_open(r, &b);
    choose_place(&b);
    for (enum role role = NOBODY; role < roles_end(&b); role++) {
        become(&b, role);
        EXPECT(r, read_it(&b, place.dir, place.name, &got), SCARD_S_SUCCESS);
        done_with(&got);
    }
}

const struct requirement file_read[4] = {
    ROW("CMR.3.4.3.1", "all of the file of that name in that directory", reads_all),
    ROW("CMR.3.4.3.2", "the buffer is of the caller's callback, and the caller's to free",
        allocates),
    ROW("CMR.3.4.3.3", "*pcbData is the number of bytes; what lay there does not matter",
        tells_len),
    ROW("CMR.3.4.3.4", "0 on success", read_returns_0, .versions = KIT_V4_TO_V7),
};

/* ---- performance ----------------------------------------------------------------------------- */

static void read_once(struct bench *b)
{
    struct reading got = { .len = 0 };

    NEED(b->run, read_it(b, FIXTURE_DIR, OWN_FILE, &got));
    done_with(&got);
}

static void reads_in_time(struct run *r)
{
    struct bench b;

    open_paced(r, &b);
    longest_within(r, &b, read_once, 3500);
    NEED(r, drop_file(&b, FIXTURE_DIR, OWN_FILE));
}

static void reads_in_time_on_average(struct run *r)
{
    struct bench b;

    open_paced(r, &b);
    average_within(r, &b, read_once, 3200);
    NEED(r, drop_file(&b, FIXTURE_DIR, OWN_FILE));
}

const struct requirement file_read_pace[2] = {
    ROW("CMR.3.4.3.X1", "2048 bytes within 3.5 s", reads_in_time),
    ROW("CMR.3.4.3.X2", "2048 bytes within 3.2 s on average of 20", reads_in_time_on_average),
};

/* ---- errors ---------------------------------------------------------------------------------- */

#define INVALID SCARD_E_INVALID_PARAMETER

static DWORD call_read(struct args *a)
{
    return CALL(a->b, ReadFile, a->data, a->dir, a->name, a->flags, a->out, a->out_len);
}

const struct subject file_read_subject = { .call = call_read, .good = good_place,
                                           .prepare = prepare_reading, .spoil = spoil_reading };

static DWORD attempt(struct bench *b, const char *name)
{
    struct reading got = { .len = 0 };
    DWORD rc = read_it(b, NULL, name, &got);

    done_with(&got);
    return rc;
}

static void refuses_who_may_not(struct run *r)
{
    refuse_reading(r, attempt);
}

const struct requirement file_read_errors[12] = {
    ERROR_ROW("CMR.3.4.3.E1", "pCardData NULL", CODES(INVALID), NO_DATA),
    ERROR_ROW("CMR.3.4.3.E2", "no file name, an empty one", CODES(INVALID), NO_NAME, EMPTY_NAME),
    ERROR_ROW("CMR.3.4.3.E3", "ppbData NULL", CODES(INVALID), NO_OUT),
    ERROR_ROW("CMR.3.4.3.E4", "pcbData NULL", CODES(INVALID), NO_OUT_LEN),
    ERRORS("CMR.3.4.3.E5", "a directory name of none or more than 8 characters", long_dirs,
           CODES(INVALID), EMPTY_DIR, LONG_DIR),
    ERRORS("CMR.3.4.3.E6", "a forbidden character in the directory name, each of them", odd_dirs,
           CODES(INVALID), ODD_DIR),
    ERRORS("CMR.3.4.3.E7", "no directory of that name", missing_dirs, CODES(SCARD_E_DIR_NOT_FOUND),
           MISSING_DIR),
    ERRORS("CMR.3.4.3.E8", "a file name of more than 8 characters", long_names, CODES(INVALID),
           LONG_NAME),
    ERRORS("CMR.3.4.3.E9", "a forbidden character in the file name, each of them", odd_names,
           CODES(INVALID), ODD_NAME),
    ERRORS("CMR.3.4.3.E10", "no file of that name in the directory", missing_files,
           CODES(SCARD_E_FILE_NOT_FOUND), MISSING_NAME),
    ERRORS("CMR.3.4.3.E11", "dwFlags not 0, each bit", each_flag, CODES(INVALID), FLAGS),
    { .id = "CMR.3.4.3.E12", .test = refuses_who_may_not, .faults = { UNREADABLE },
      .codes = { SCARD_W_SECURITY_VIOLATION }, .versions = KIT_V(4) | KIT_V(5) | KIT_V(7),
      .words = "who may not read the file: each access condition, each role" },
};
