/* SPDX-License-Identifier: MIT */
/* 2.3.4.8: CardEnumFiles; and 2.3.4.9 behind it. */
#include "kit/rows/free_space.h"
#include "kit/groups.h"

#include <string.h>
#include <strings.h>

#define INVALID SCARD_E_INVALID_PARAMETER

/* ---- lists ----------------------------------------------------------------------------------- */

struct list {
    LPSTR names;
    DWORD len; /* in: what lies there before */
    size_t room; /* bytes of the block, as far as that is known */
};

static DWORD list_of(struct bench *b, const char *dir, struct list *ret)
{
    DWORD rc;

    ret->names = NULL;
    rc = CALL(b, EnumFiles, &b->data, str(dir), &ret->names, &ret->len, 0);
    ret->room = ret->names == NULL      ? 0
                : mem_is_ours(ret->names) ? mem_len(ret->names)
                                          : ret->len;
    return rc;
}

static struct list need_list(struct bench *b, const char *dir)
{
    struct list list = { .len = 0 };

    NEED(b->run, list_of(b, dir, &list));
    if (list.names == NULL)
        run_blocked(b->run, "no list");
    return list;
}

static void done_with(struct list *list)
{
    if (list->names != NULL && mem_is_ours(list->names))
        mem_free(list->names);
    list->names = NULL;
}

/* How often the name is among them, in whatever case. */
static unsigned count_name(const struct list *list, const char *name)
{
    unsigned count = 0;

    for (size_t at = 0; at < list->room && list->names[at] != '\0';) {
        size_t len = strnlen(list->names + at, list->room - at);

        if (len == strlen(name) && strncasecmp(list->names + at, name, len) == 0)
            count++;
        at += len + 1;
    }
    return count;
}

/* Bytes of a multi-string, both last NULs counted; 0: it is none. */
static size_t multi_len(const struct list *list)
{
    size_t at = 0;

    while (at < list->room && list->names[at] != '\0') {
        const char *name = list->names + at;
        size_t len = strnlen(name, list->room - at);

        if (len > 8 || strpbrk(name, "\\/:*?\"<>|") != NULL)
            return 0;
        at += len + 1;
    }
    return at < list->room && at != 0 ? at + 1 : 0;
}

/* ---- CardEnumFiles: functional --------------------------------------------------------------- */

static void check_names(struct bench *b, const char *dir, const char *there, const char *not_there)
{
    const char *in = dir != NULL ? dir : "the root";
    struct list list = need_list(b, dir);
    unsigned count = count_name(&list, there);

    CHECK(b->run, count == 1, "%s is listed %u times in %s", there, count, in);
    CHECK(b->run, count_name(&list, not_there) == 0, "%s is listed in %s", not_there, in);
    done_with(&list);
}

static void lists(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    choose_place(&b);
    if (strcmp(place.dir, FIXTURE_DIR) != 0) { /* a card that is only read */
        check_names(&b, NULL, "cardid", place.name);
        check_names(&b, place.dir, place.name, "cardid");
        return;
    }
    be_user(&b);
    own_file(&b, FIXTURE_DIR, OWN_FILE, NULL, 0);
    own_file(&b, NULL, OWN_FILE2, "abc", 3);
    for (enum role role = NOBODY; role < roles_end(&b); role++) { /* to list takes no right */
        become(&b, role);
        check_names(&b, FIXTURE_DIR, OWN_FILE, OWN_FILE2);
        check_names(&b, NULL, OWN_FILE2, OWN_FILE);
        check_names(&b, FIXTURE_DIR, FIXTURE_FILE, FIXTURE_READ_FILE);
        check_names(&b, NULL, FIXTURE_READ_FILE, FIXTURE_FILE);
    }
    be_user(&b);
    NEED(r, drop_file(&b, FIXTURE_DIR, OWN_FILE));
    NEED(r, drop_file(&b, NULL, OWN_FILE2));
    check_names(&b, FIXTURE_DIR, FIXTURE_FILE, OWN_FILE);
    check_names(&b, NULL, FIXTURE_READ_FILE, OWN_FILE2);
}

static void is_multi_string(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    choose_place(&b);
    for (unsigned i = 0; i < 2; i++) {
        struct list list = need_list(&b, i == 0 ? NULL : place.dir);

        CHECK(r, multi_len(&list) != 0, "no names of 1 to 8 characters, a NUL behind each and one "
                                        "behind all, within %zu bytes", list.room);
        run_saw(r, "%zu bytes", multi_len(&list));
        done_with(&list);
    }
}

/* By the callback, each time another, which stays as it is while other calls are made. */
static void allocates(struct run *r)
{
    struct list one, two;
    char copy[256];
    size_t len;
    struct bench b;

    bench_open(r, &b);
    choose_place(&b);
    one = need_list(&b, NULL);
    CHECK(r, mem_is_ours(one.names), "the buffer is none of pfnCspAlloc or pfnCspReAlloc");
    len = one.room < sizeof(copy) ? one.room : sizeof(copy);
    memcpy(copy, one.names, len);
    two = need_list(&b, place.dir);
    CHECK(r, one.names != two.names, "twice the same buffer");
    done_with(&two);
    NEED(r, CALL(&b, DeleteContext, &b.data));
    CHECK(r, mem_is_ours(one.names) && memcmp(one.names, copy, len) == 0,
          "the buffer is freed, or changed, before the caller is done with it");
}

/* Of the names with both last NULs, and no byte more: where it ends is how callers find it. */
static void tells_len(struct run *r)
{
    static const DWORD before[] = { 0, 1, 0xFFFFFFFF };
    struct bench b;

    bench_open(r, &b);
    choose_place(&b);
    for (size_t i = 0; i < 2 * ARRAY(before); i++) {
        struct list list = { .len = before[i / 2] };

        NEED(r, list_of(&b, i % 2 == 0 ? NULL : place.dir, &list));
        CHECK(r, list.len == multi_len(&list), "*pdwcbFileName is %u, of a list of %zu bytes",
              (unsigned)list.len, multi_len(&list));
        done_with(&list);
    }
}

static void list_returns_0(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    choose_place(&b);
    for (enum role role = NOBODY; role < roles_end(&b); role++) {
        struct list list = { .len = 0 };

        become(&b, role);
        EXPECT(r, list_of(&b, NULL, &list), SCARD_S_SUCCESS);
        done_with(&list);
        EXPECT(r, list_of(&b, place.dir, &list), SCARD_S_SUCCESS);
        done_with(&list);
    }
}

static const struct requirement list_functional[] = {
    ROW("CMR.3.4.8.1", "the names of the files in the directory, each once, and no other", lists),
    ROW("CMR.3.4.8.2", "in one block, a NUL behind each name and one behind all", is_multi_string),
    ROW("CMR.3.4.8.3", "the block is of the caller's callback, and the caller's to free",
        allocates),
    ROW("CMR.3.4.8.4", "*pdwcbFileName is its size; what lay there does not matter", tells_len),
    ROW("CMR.3.4.8.5", "0 on success", list_returns_0, .versions = KIT_V4_TO_V7),
};

/* ---- CardEnumFiles: errors ------------------------------------------------------------------- */

static DWORD call_list(struct args *a)
{
    return CALL(a->b, EnumFiles, a->data, a->dir, (LPSTR *)(void *)a->out, a->out_len, a->flags);
}

static const struct subject list_subject = { .call = call_list, .good = good_place,
                                             .prepare = choose_place };

/* Also one in which a file was. */
static void refuses_empty(struct run *r)
{
    struct list list = { .len = 0 };
    struct bench b;

    bench_open(r, &b);
    need_writable(&b);
    be_user(&b);
    own_file(&b, FIXTURE_EMPTY_DIR, OWN_FILE, "abc", 3);
    NEED(r, drop_file(&b, FIXTURE_EMPTY_DIR, OWN_FILE));
    EXPECT(r, list_of(&b, FIXTURE_EMPTY_DIR, &list), SCARD_E_DIR_NOT_FOUND);
    bench_close(&b);
    error_row(r);
}

/* For E7 no code is printed: what the sister functions have. */
static const struct requirement list_errors[] = {
    ERROR_ROW("CMR.3.4.8.E1", "pCardData NULL", CODES(INVALID), NO_DATA),
    ERROR_ROW("CMR.3.4.8.E2", "pmszFileNames NULL", CODES(INVALID), NO_OUT),
    ERROR_ROW("CMR.3.4.8.E3", "pdwcbFileName NULL", CODES(INVALID), NO_OUT_LEN),
    { .id = "CMR.3.4.8.E4", .test = long_dirs, .faults = { EMPTY_DIR, LONG_DIR },
      .codes = { INVALID }, .words = "a directory name of none or more than 8 characters" },
    { .id = "CMR.3.4.8.E5", .test = odd_dirs, .faults = { ODD_DIR }, .codes = { INVALID },
      .words = "a forbidden character in the directory name, each of them" },
    { .id = "CMR.3.4.8.E6", .test = missing_dirs, .faults = { MISSING_DIR },
      .codes = { SCARD_E_DIR_NOT_FOUND }, .words = "no directory of that name" },
    { .id = "CMR.3.4.8.E7", .test = each_flag, .faults = { FLAGS }, .codes = { INVALID },
      .versions = KIT_V(4) | KIT_V(5) | KIT_V(7), .words = "dwFlags not 0, each bit" },
    { .id = "CMR.3.4.8.E8", .test = refuses_empty, .faults = { NO_FILES },
      .codes = { SCARD_E_DIR_NOT_FOUND }, .words = "a directory without files" },
};

/* ---- in printed order ------------------------------------------------------------------------ */

#define LIST  "CardEnumFiles"
#define SPACE "CardQueryFreeSpace"

static const struct section sections[] = {
    { "2.3.4.8.1", LIST, KIT_FUNCTIONAL, NULL, list_functional, ARRAY(list_functional) },
    { "2.3.4.8.2", LIST, KIT_ERROR, &list_subject, list_errors, ARRAY(list_errors) },
    { "2.3.4.9.1", SPACE, KIT_FUNCTIONAL, NULL, free_space, ARRAY(free_space) },
    { "2.3.4.9.2", SPACE, KIT_ERROR, &free_space_subject, free_space_errors,
      ARRAY(free_space_errors) },
};

const struct group listing_rows = { sections, ARRAY(sections) };
