/* SPDX-License-Identifier: MIT */
/* Rows of errors of the file functions: each of many bad arguments, then error_row. */
#include "kit/bench/file_work.h"

#include <string.h>

static size_t code_count(const struct requirement *row)
{
    size_t count = 1;

    while (count < KIT_CODES_MAX && row->codes[count] != 0)
        count++;
    return count;
}

void error_row_with(struct run *r, bad_fn *bad)
{
    const struct subject *s = r->section->subject;
    struct bench b;
    struct args a;

    bench_open(r, &b);
    be_user(&b);
    if (s->prepare != NULL) {
        s->prepare(&b);
        be_user(&b);
    }
    for (size_t n = 0;; n++) {
        char what[48] = "";
        DWORD rc;

        good_args(&a, &b, s);
        if (!bad(&a, n, what))
            break;
        run_note(r, "given %s", what);
        rc = s->call(&a);
        drop_results(&a);
        run_expect(r, rc, what, r->requirement->codes, code_count(r->requirement));
    }
    bench_close(&b);
    error_row(r);
}

/* ---- names ----------------------------------------------------------------------------------- */

#define FORBIDDEN "\\/:*?\"<>|"

static bool long_one(size_t n, LPSTR *to, char what[48])
{
    static const size_t lens[] = { 9, 10, 16, 64, 255 };
    static char name[256];

    if (n >= ARRAY(lens))
        return false;
    memset(name, 'k', sizeof(name));
    name[lens[n]] = '\0';
    *to = name;
    snprintf(what, 48, "a name of %zu characters", lens[n]);
    return true;
}

/* Each forbidden character: first, in the middle, last, of five. */
static bool odd_one(size_t n, LPSTR *to, char what[48])
{
    static char name[6];
    const size_t marks = strlen(FORBIDDEN);
    char odd;

    if (n >= marks + 31)
        return false;
    if (n < marks)
        odd = FORBIDDEN[n];
    else
        odd = (char)(n - marks + 1);
    memcpy(name, "kitab", sizeof(name));
    name[n % 3 * 2] = odd;
    *to = name;
    snprintf(what, 48, "a name with the character %02X", (unsigned)(unsigned char)odd);
    return true;
}

static bool long_name(struct args *a, size_t n, char what[48])
{
    return long_one(n, &a->name, what);
}

static bool odd_name(struct args *a, size_t n, char what[48])
{
    return odd_one(n, &a->name, what);
}

static bool long_dir(struct args *a, size_t n, char what[48])
{
    return long_one(n, &a->dir, what);
}

static bool odd_dir(struct args *a, size_t n, char what[48])
{
    return odd_one(n, &a->dir, what);
}

void long_names(struct run *r)
{
    error_row_with(r, long_name);
}

void odd_names(struct run *r)
{
    error_row_with(r, odd_name);
}

void long_dirs(struct run *r)
{
    error_row_with(r, long_dir);
}

void odd_dirs(struct run *r)
{
    error_row_with(r, odd_dir);
}

/* ---- what is not there ----------------------------------------------------------------------- */

/* Nor is a file a directory. */
static bool missing_dir(struct args *a, size_t n, char what[48])
{
    static const char *const names[] = { "kitnone", FIXTURE_READ_FILE, FIXTURE_FILE };

    if (n >= ARRAY(names))
        return false;
    a->dir = str(names[n]);
    snprintf(what, 48, "directory \"%s\"", names[n]);
    return true;
}

/* A file that is in another directory; a directory. */
static bool missing_file(struct args *a, size_t n, char what[48])
{
    const struct place names[] = {
        { NULL, "kitnone" }, { place.dir, "kitnone" }, { NULL, place.name },
        { place.dir, FIXTURE_READ_FILE }, { NULL, place.dir }, { place.dir, place.dir },
    };

    if (n >= ARRAY(names))
        return false;
    a->dir = str(names[n].dir);
    a->name = str(names[n].name);
    snprintf(what, 48, "\"%s\" in %s", names[n].name, names[n].dir != NULL ? names[n].dir : "root");
    return true;
}

void missing_dirs(struct run *r)
{
    error_row_with(r, missing_dir);
}

void missing_files(struct run *r)
{
    error_row_with(r, missing_file);
}

/* ---- flags and versions ---------------------------------------------------------------------- */

static bool bit(struct args *a, size_t n, char what[48])
{
    if (n >= 32)
        return false;
    a->flags = (DWORD)1 << n;
    snprintf(what, 48, "flags %08X", (unsigned)a->flags);
    return true;
}

static bool version(struct args *a, size_t n, char what[48])
{
    static const DWORD versions[] = { 2, 3, 257, 65537, 0xFFFFFFFF };

    if (n >= ARRAY(versions))
        return false;
    a->box.version = versions[n];
    snprintf(what, 48, "version %u of the structure", (unsigned)versions[n]);
    return true;
}

void each_flag(struct run *r)
{
    error_row_with(r, bit);
}

void each_version(struct run *r)
{
    error_row_with(r, version);
}
