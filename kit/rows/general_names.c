/* SPDX-License-Identifier: MIT */
/* CMR.1.2.1 to CMR.1.2.3, CMR.1.3.1: names of files and directories. */
#include "kit/rows/general.h"

#include "kit/bench/bench.h"

#include <string.h>

#define NAME_MAX_LEN 8u
#define DIR          "kitn"

/* What a test before left there, when it failed. */
static void empty_dir(struct bench *b)
{
    LPSTR names = NULL;
    DWORD len = 0;

    if (CALL(b, EnumFiles, &b->data, str(DIR), &names, &len, 0) != SCARD_S_SUCCESS ||
        !mem_is_ours(names))
        return;
    for (DWORD at = 0; at < len && names[at] != '\0';
         at += (DWORD)strnlen(names + at, len - at) + 1)
        (void)drop_file(b, DIR, names + at);
    mem_free(names);
}

/* As the user, in a directory of the test's own. */
static void open_files(struct run *r, struct bench *b)
{
    DWORD rc;

    bench_open(r, b);
    need_writable(b);
    be_user(b);
    rc = CALL(b, CreateDirectory, &b->data, str(DIR), UserCreateDeleteDirAc);
    if (rc == SCARD_E_UNSUPPORTED_FEATURE)
        run_not_applicable(r, "the card makes no directories (CardCreateDirectory: %s)",
                           kit_code(rc));
    if (rc == ERROR_FILE_EXISTS)
        empty_dir(b);
    else
        NEED(r, rc);
}

static void close_files(struct bench *b)
{
    (void)CALL(b, DeleteDirectory, &b->data, str(DIR));
    be_nobody(b);
}

static DWORD make(struct bench *b, const char *name)
{
    return make_file(b, DIR, name, EveryoneReadUserWriteAc);
}

/* Of a directory and of a file: it is written, read and deleted by it. */
static void is_good(struct bench *b, const char *name)
{
    struct run *r = b->run;

    (void)CALL(b, DeleteDirectory, &b->data, str(name)); /* of a run that failed, perhaps */
    EXPECT(r, CALL(b, CreateDirectory, &b->data, str(name), UserCreateDeleteDirAc), SCARD_S_SUCCESS);
    EXPECT(r, CALL(b, DeleteDirectory, &b->data, str(name)), SCARD_S_SUCCESS);
    EXPECT(r, make(b, name), SCARD_S_SUCCESS);
    EXPECT(r, put_file(b, DIR, name, name, strlen(name)), SCARD_S_SUCCESS);
    EXPECT(r, see_file(b, DIR, name, name, strlen(name)), SCARD_S_SUCCESS);
    EXPECT(r, drop_file(b, DIR, name), SCARD_S_SUCCESS);
}

static void describe(const char *name, char text[64])
{
    size_t len = 0;

    for (; *name != '\0' && len < 56; name++)
        len += (size_t)snprintf(text + len, 64 - len, *name > 32 && *name < 127 ? "%c" : "<%02X>",
                                (unsigned char)*name);
}

static void is_bad(struct bench *b, const char *name)
{
    char text[64] = "";
    DWORD rc = make(b, name);

    describe(name, text);
    if (rc == SCARD_S_SUCCESS)
        (void)drop_file(b, DIR, name);
    CHECK(b->run, rc != SCARD_S_SUCCESS, "a file is called \"%s\"", text);
    rc = CALL(b, CreateDirectory, &b->data, str(name), UserCreateDeleteDirAc);
    if (rc == SCARD_S_SUCCESS)
        (void)CALL(b, DeleteDirectory, &b->data, str(name));
    CHECK(b->run, rc != SCARD_S_SUCCESS, "a directory is called \"%s\"", text);
}

static bool is_forbidden(unsigned character)
{
    return character < 32 || strchr("\\/:*?\"<>|", (int)character) != NULL;
}

/* Each character alone or at the end of a name, in turn. */
void general_names(struct run *r)
{
    static const char longest[] = "kitdxyz8"; /* no beginning of it is DIR */
    struct bench b;

    open_files(r, &b);
    for (unsigned len = 1; len <= NAME_MAX_LEN; len++) {
        char name[NAME_MAX_LEN + 1] = "";

        memcpy(name, longest, len);
        is_good(&b, name);
    }
    is_good(&b, "!#$%&'()");
    is_good(&b, "-@^_`{}~");
    is_bad(&b, "");
    is_bad(&b, "kitnames9");
    for (unsigned c = 1; c < 128; c++) {
        const char alone[] = { (char)c, '\0' }, among[] = { 'k', 'i', 't', (char)c, 'n', '\0' };

        if (is_forbidden(c)) {
            is_bad(&b, alone);
            is_bad(&b, among);
        }
    }
    close_files(&b);
}

/* ---- two levels ------------------------------------------------------------------------------ */

static void see_each(struct bench *b, const char *const dirs[], size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        const char *text = dirs[i] != NULL ? dirs[i] : "root";

        EXPECT(b->run, see_file(b, dirs[i], name, text, strlen(text)), SCARD_S_SUCCESS);
    }
}

/* One name in the root and in two directories: three files. And none below. */
void general_two_levels(struct run *r)
{
    static const char *const dirs[] = { NULL, DIR, FIXTURE_DIR };
    static const char name[] = "kitsame";
    struct bench b;

    open_files(r, &b);
    for (size_t i = 0; i < ARRAY(dirs); i++) {
        const char *text = dirs[i] != NULL ? dirs[i] : "root";

        EXPECT(r, make_file(&b, dirs[i], name, EveryoneReadUserWriteAc), SCARD_S_SUCCESS);
        EXPECT(r, put_file(&b, dirs[i], name, text, strlen(text)), SCARD_S_SUCCESS);
    }
    see_each(&b, dirs, ARRAY(dirs), name);
    for (size_t i = 0; i < ARRAY(dirs); i++) {
        EXPECT(r, drop_file(&b, dirs[i], name), SCARD_S_SUCCESS);
        CHECK(r, see_file(&b, dirs[i], name, NULL, 0) != SCARD_S_SUCCESS,
              "a file is read after it was deleted");
        see_each(&b, dirs + i + 1, ARRAY(dirs) - i - 1, name);
    }
    is_bad(&b, DIR "\\x");
    is_bad(&b, DIR "/x");
    CHECK(r, make_file(&b, DIR "\\x", name, EveryoneReadUserWriteAc) != SCARD_S_SUCCESS,
          "a file lies in a directory within a directory");
    close_files(&b);
}

/* ---- any case -------------------------------------------------------------------------------- */

static unsigned count_files(struct bench *b)
{
    LPSTR names = NULL;
    DWORD len = 0, at = 0;
    unsigned count = 0;

    EXPECT(b->run, CALL(b, EnumFiles, &b->data, str("KitN"), &names, &len, 0), SCARD_S_SUCCESS);
    if (!mem_is_ours(names) || len > mem_len(names))
        run_blocked(b->run, "CardEnumFiles gives no list");
    for (; at < len && names[at] != '\0'; at += (DWORD)strnlen(names + at, len - at) + 1)
        count++;
    mem_free(names);
    return count;
}

void general_case(struct run *r)
{
    struct bench b;
    CARD_FILE_INFO info = { .dwVersion = CARD_FILE_INFO_CURRENT_VERSION };

    open_files(r, &b);
    EXPECT(r, CALL(&b, CreateDirectory, &b.data, str("KitN"), UserCreateDeleteDirAc),
           ERROR_FILE_EXISTS);
    EXPECT(r, make_file(&b, "KITN", "KitCase", EveryoneReadUserWriteAc), SCARD_S_SUCCESS);
    EXPECT(r, make_file(&b, DIR, "kitCASE", EveryoneReadUserWriteAc), ERROR_FILE_EXISTS);
    EXPECT(r, put_file(&b, "kiTN", "KITcase", "one file", 8), SCARD_S_SUCCESS);
    EXPECT(r, see_file(&b, "KITn", "kitcase", "one file", 8), SCARD_S_SUCCESS);
    EXPECT(r, CALL(&b, GetFileInfo, &b.data, str("KITN"), str("KITCASE"), &info), SCARD_S_SUCCESS);
    CHECK(r, count_files(&b) == 1, "%u files of one name", count_files(&b));
    EXPECT(r, drop_file(&b, "Kitn", "KITCASE"), SCARD_S_SUCCESS);
    CHECK(r, see_file(&b, DIR, "kitcase", NULL, 0) != SCARD_S_SUCCESS,
          "a file is read after it was deleted");
    EXPECT(r, CALL(&b, DeleteDirectory, &b.data, str("KITN")), SCARD_S_SUCCESS);
    be_nobody(&b);
}

/* ---- single bytes ---------------------------------------------------------------------------- */

/* Eight bytes that are no UTF-8, and would be sixteen in it; and the list is bytes, too. */
void general_ansi(struct run *r)
{
    static const char name[] = "\xE4\xF6\xFC\xDF\xE9\xE0\xF1\xF8";
    LPSTR names = NULL;
    DWORD len = 0;
    struct bench b;

    open_files(r, &b);
    EXPECT(r, make(&b, name), SCARD_S_SUCCESS);
    EXPECT(r, put_file(&b, DIR, name, name, sizeof(name)), SCARD_S_SUCCESS);
    EXPECT(r, see_file(&b, DIR, name, name, sizeof(name)), SCARD_S_SUCCESS);
    NEED(r, CALL(&b, EnumFiles, &b.data, str(DIR), &names, &len, 0));
    CHECK(r, mem_is_ours(names) && len <= mem_len(names) && len == sizeof(name) + 1,
          "a list of %u bytes for one name of 8", (unsigned)len);
    CHECK(r, memcmp(names, name, sizeof(name)) == 0 && names[sizeof(name)] == '\0',
          "the list has another name than the file");
    mem_free(names);
    EXPECT(r, drop_file(&b, DIR, name), SCARD_S_SUCCESS);
    close_files(&b);
}
