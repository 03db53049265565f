/* SPDX-License-Identifier: MIT */
/* 2.3.4.5: CardGetFileInfo. */
#include "kit/rows/files.h"

#include <string.h>

/* Asked over what lay there before. */
static DWORD ask(struct bench *b, const char *dir, const char *name, DWORD version,
                 CARD_FILE_INFO *ret)
{
    memset(ret, 0xA5, sizeof(*ret));
    ret->dwVersion = version;
    return CALL(b, GetFileInfo, &b->data, str(dir), str(name), ret);
}

/* ---- functional ------------------------------------------------------------------------------ */

static void check_info(struct bench *b, const struct condition *c)
{
    CARD_FILE_INFO info;
    DWORD rc;

    become(b, c->reads[USER] ? USER : ADMIN);
    rc = ask(b, NULL, OWN_FILE, CARD_FILE_INFO_CURRENT_VERSION, &info);
    CHECK(b->run, rc == SCARD_S_SUCCESS, "%s, of a file with %s", kit_code(rc), c->name);
    CHECK(b->run, info.dwVersion == 1, "version %u of the structure comes back",
          (unsigned)info.dwVersion);
    CHECK(b->run, info.AccessCondition == c->ac, "access condition %u of a file made with %s (%u)",
          (unsigned)info.AccessCondition, c->name, (unsigned)c->ac);
    CHECK(b->run, info.cbFileSize == strlen(WITH_TEXT), "size %u of a file of %zu bytes",
          (unsigned)info.cbFileSize, strlen(WITH_TEXT));
    run_saw(b->run, "%s", c->name);
}

/* A card that is only read: size and condition agree with what reading gives. */
static void check_given(struct run *r, struct bench *b)
{
    CARD_FILE_INFO info;
    PBYTE data = NULL;
    DWORD len = 0;

    EXPECT(r, ask(b, place.dir, place.name, 1, &info), SCARD_S_SUCCESS);
    NEED(r, CALL(b, ReadFile, &b->data, str(place.dir), str(place.name), 0, &data, &len));
    CHECK(r, info.dwVersion == 1 && info.cbFileSize == len &&
                 info.AccessCondition <= AdminReadWriteAc,
          "version %u, %u bytes, condition %u, of a file of %u bytes", (unsigned)info.dwVersion,
          (unsigned)info.cbFileSize, (unsigned)info.AccessCondition, (unsigned)len);
    run_saw(r, "the card is only read");
}

static void tells_of_file(struct run *r)
{
    struct bench b;
    bool any = false;

    bench_open(r, &b);
    choose_place(&b);
    if (strcmp(place.dir, FIXTURE_DIR) != 0) {
        check_given(r, &b);
        return;
    }
    for (size_t i = 0; i < CONDITIONS; i++) {
        const struct condition *c = &conditions[i];

        if ((!c->reads[USER] && !c->reads[ADMIN]) || !make_with(&b, c))
            continue;
        any = true;
        check_info(&b, c);
        clear_file(&b, NULL, OWN_FILE);
    }
    CHECK(r, any, "no file can be made that can be read");
}

static void info_returns_0(struct run *r)
{
    CARD_FILE_INFO info;
    struct bench b;

    bench_open(r, &b);
    choose_place(&b);
    for (enum role role = NOBODY; role < roles_end(&b); role++) {
        become(&b, role);
        EXPECT(r, ask(&b, place.dir, place.name, 1, &info), SCARD_S_SUCCESS);
    }
}

static void check_size(struct bench *b, const void *data, size_t size, const char *what)
{
    CARD_FILE_INFO info;
    DWORD rc = put_file(b, FIXTURE_DIR, OWN_FILE, data, size);

    if (rc == SCARD_E_WRITE_TOO_MANY) {
        run_note(b->run, "%zu bytes cannot be written", size);
        return;
    }
    NEED(b->run, rc);
    NEED(b->run, ask(b, FIXTURE_DIR, OWN_FILE, 1, &info));
    CHECK(b->run, info.cbFileSize == size, "size %u of a file of %zu bytes %s",
          (unsigned)info.cbFileSize, size, what);
    run_saw(b->run, "%zu", size);
}

/* Of what compresses badly, and of what compresses well; larger and smaller than before. */
static void tells_size(struct run *r)
{
    static const BYTE zeros[4000];
    static const size_t sizes[] = { 1, 255, 256, 1000, 4000, 17 };
    struct bench b;

    bench_open(r, &b);
    choose_place(&b);
    if (strcmp(place.dir, FIXTURE_DIR) != 0) {
        check_given(r, &b);
        return;
    }
    be_user(&b);
    own_file(&b, FIXTURE_DIR, OWN_FILE, NULL, 0);
    for (size_t i = 0; i < ARRAY(sizes); i++) {
        check_size(&b, pattern(0, sizes[i]), sizes[i], "");
        check_size(&b, zeros, sizes[i], "that are all zero");
    }
    NEED(r, drop_file(&b, FIXTURE_DIR, OWN_FILE));
}

static void tells_new_files(struct run *r)
{
    static const DWORD sizes[] = { 0, 1, 128, 1000 };
    struct bench b;

    bench_open(r, &b);
    need_writable(&b);
    be_user(&b);
    for (size_t i = 0; i < ARRAY(sizes); i++) {
        CARD_FILE_INFO info;

        NEED(r, make_sized(&b, FIXTURE_DIR, OWN_FILE, sizes[i]));
        NEED(r, ask(&b, FIXTURE_DIR, OWN_FILE, 1, &info));
        CHECK(r, info.cbFileSize == 0, "size %u of a new file, made for %u bytes",
              (unsigned)info.cbFileSize, (unsigned)sizes[i]);
        NEED(r, drop_file(&b, FIXTURE_DIR, OWN_FILE));
    }
}

static void takes_version_0(struct run *r)
{
    CARD_FILE_INFO zero, one;
    struct bench b;

    bench_open(r, &b);
    choose_place(&b);
    NEED(r, ask(&b, place.dir, place.name, 1, &one));
    EXPECT(r, ask(&b, place.dir, place.name, 0, &zero), SCARD_S_SUCCESS);
    CHECK(r, zero.dwVersion == 1, "version %u comes back for version 0", (unsigned)zero.dwVersion);
    CHECK(r, zero.cbFileSize == one.cbFileSize && zero.AccessCondition == one.AccessCondition,
          "for version 0 size %u, condition %u; for version 1 %u, %u", (unsigned)zero.cbFileSize,
          (unsigned)zero.AccessCondition, (unsigned)one.cbFileSize,
          (unsigned)one.AccessCondition);
}

const struct requirement file_info[5] = {
    ROW("CMR.3.4.5.1", "CARD_FILE_INFO is filled in: size, and the condition it was made with",
        tells_of_file, .versions = KIT_V(5) | KIT_V(7)),
    ROW("CMR.3.4.5.2", "0 on success", info_returns_0, .versions = KIT_V4_TO_V7),
    ROW("CMR.3.4.5.3", "the size is that of the data, however the card stores it", tells_size),
    ROW("CMR.3.4.5.4", "the size of a new file is 0, whatever it was made for", tells_new_files),
    ROW("CMR.3.4.5.5", "version 0 of CARD_FILE_INFO is version 1", takes_version_0,
        .versions = KIT_V(4) | KIT_V(5) | KIT_V(7)),
};

/* ---- errors ---------------------------------------------------------------------------------- */

#define INVALID SCARD_E_INVALID_PARAMETER

static DWORD call_info(struct args *a)
{
    return CALL(a->b, GetFileInfo, a->data, a->dir, a->name, a->info);
}

static void good_info(struct args *a)
{
    good_place(a);
    a->box.file.dwVersion = CARD_FILE_INFO_CURRENT_VERSION;
}

const struct subject file_info_subject = { .call = call_info, .good = good_info,
                                           .prepare = prepare_reading, .spoil = spoil_reading };

static DWORD attempt(struct bench *b, const char *name)
{
    CARD_FILE_INFO info;

    return ask(b, NULL, name, 1, &info);
}

static void refuses_who_may_not(struct run *r)
{
    refuse_reading(r, attempt);
}

/* For E8 no code is printed: what its sister rows have. */
const struct requirement file_info_errors[11] = {
    ERROR_ROW("CMR.3.4.5.E1", "pCardData NULL", CODES(INVALID), NO_DATA),
    ERROR_ROW("CMR.3.4.5.E2", "no file name, an empty one", CODES(INVALID), NO_NAME, EMPTY_NAME),
    ERROR_ROW("CMR.3.4.5.E3", "pCardFileInfo NULL", CODES(INVALID), NO_INFO),
    ERRORS("CMR.3.4.5.E4", "a directory name of none or more than 8 characters", long_dirs,
           CODES(INVALID), EMPTY_DIR, LONG_DIR),
    ERRORS("CMR.3.4.5.E5", "a forbidden character in the directory name, each of them", odd_dirs,
           CODES(INVALID), ODD_DIR),
    ERRORS("CMR.3.4.5.E6", "no directory of that name", missing_dirs, CODES(SCARD_E_DIR_NOT_FOUND),
           MISSING_DIR),
    ERRORS("CMR.3.4.5.E7", "a file name of more than 8 characters", long_names, CODES(INVALID),
           LONG_NAME),
    ERRORS("CMR.3.4.5.E8", "a forbidden character in the file name, each of them", odd_names,
           CODES(INVALID), ODD_NAME),
    ERRORS("CMR.3.4.5.E9", "no file of that name in the directory", missing_files,
           CODES(SCARD_E_FILE_NOT_FOUND), MISSING_NAME),
    ERRORS("CMR.3.4.5.E10", "a version of the structure that there is not", each_version,
           CODES(ERROR_REVISION_MISMATCH), VERSION_HIGH),
    { .id = "CMR.3.4.5.E11", .test = refuses_who_may_not, .faults = { UNREADABLE },
      .codes = { SCARD_W_SECURITY_VIOLATION }, .versions = KIT_V(4) | KIT_V(5) | KIT_V(7),
      .words = "who may not read the file: each access condition, each role" },
};
