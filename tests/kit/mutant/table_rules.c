/* SPDX-License-Identifier: MIT */
/* 2.2.1.1 to 2.2.4: names, memory, the caller's help. */
#include "mutation.h"

#include <stdlib.h>
#include <string.h>

#define BAD     SCARD_E_INVALID_PARAMETER
#define NO_FILE SCARD_E_FILE_NOT_FOUND
#define NOT_HIS SCARD_W_SECURITY_VIOLATION

/* ---- when ------------------------------------------------------------------------------------ */

static bool control_character(const struct call *c)
{
    return c->data != NULL && c->name != NULL && c->name[0] != '\0' && c->name[0] < 0x20 &&
           c->name[0] > 0;
}

static bool beyond_ascii(const struct call *c)
{
    bool beyond = false;

    for (LPSTR at = c->name; at != NULL && *at != '\0'; at++)
        beyond = beyond || *at < 0;
    return beyond;
}

static bool one_letter_dir(const struct call *c)
{
    return c->data != NULL && c->dir != NULL && strlen(c->dir) == 1 && c->dir[0] == 'k';
}

/* ---- what: names ----------------------------------------------------------------------------- */

static DWORD all_in_root(struct call *c, const struct mutation *m)
{
    (void)m;
    if (c->name != NULL && in_a_dir(c))
        c->dir = NULL;
    return invoke(c);
}

static DWORD wide_list(struct call *c, const struct mutation *m)
{
    struct block b;
    PBYTE wide;

    (void)m;
    c->rc = invoke(c);
    if (c->rc != SCARD_S_SUCCESS || !result_of(c, &b))
        return c->rc;
    wide = c->data->pfnCspAlloc(2 * *b.len);
    for (DWORD i = 0; wide != NULL && i < *b.len; i++) {
        wide[2 * i] = (*b.at)[i];
        wide[2 * i + 1] = 0;
    }
    if (wide != NULL) {
        c->data->pfnCspFree(*b.at);
        *b.at = wide;
        *b.len *= 2;
    }
    return c->rc;
}

/* ---- what: memory ---------------------------------------------------------------------------- */

static DWORD scratch_of_libc(struct call *c, const struct mutation *m)
{
    void *volatile scratch = malloc(100);

    (void)m;
    free(scratch);
    return invoke(c);
}

static DWORD crash_without_memory(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);

    return rc == SCARD_E_NO_MEMORY ? what_crash(c, m) : rc;
}

static DWORD leak_without_memory(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);

    (void)m;
    if (rc == SCARD_E_NO_MEMORY && c->data != NULL && c->data->pfnCspAlloc != NULL)
        (void)c->data->pfnCspAlloc(8);
    return rc;
}

static DWORD realloc_by_libc(struct call *c, const struct mutation *m)
{
    struct block b;
    PBYTE more;

    (void)m;
    c->rc = invoke(c);
    if (c->rc != SCARD_S_SUCCESS || !result_of(c, &b))
        return c->rc;
    more = realloc(*b.at, *b.len + 16);
    if (more != NULL)
        *b.at = more;
    return c->rc;
}

static DWORD realloc_of_foreign(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);
    static BYTE foreign[16];

    (void)m;
    if (rc == SCARD_S_SUCCESS)
        (void)c->data->pfnCspReAlloc(foreign, 32);
    return rc;
}

/* The result is what pfnCspReAlloc gives, or nothing. */
static DWORD realloc_unseen(struct call *c, const struct mutation *m)
{
    struct block b;

    (void)m;
    c->rc = invoke(c);
    if (c->rc == SCARD_S_SUCCESS && result_of(c, &b))
        *b.at = c->data->pfnCspReAlloc(*b.at, *b.len + 16);
    return c->rc;
}

static DWORD free_by_libc(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);

    (void)m;
    if (rc == SCARD_S_SUCCESS)
        free(c->data->pfnCspAlloc(16));
    return rc;
}

/* ---- what: the caller's help ----------------------------------------------------------------- */

static DWORD pad_and_forget(struct call *c, const struct mutation *m)
{
    PBYTE block = NULL;
    DWORD len = 0;

    (void)m;
    if (c->data != NULL && c->info != NULL && c->data->pfnCspPadData != NULL)
        (void)c->data->pfnCspPadData(c->info, 128, &len, &block);
    return invoke(c);
}

static const struct mutation lines[] = {
    /* 2.2.1.1 */
    BREAK("CMR.1.2.1", "seven-letters", CardCreateFile, eight_letters, ANSWERS(BAD),
          MAY_SPREAD("CMR.1.3.1", "it has a name of eight")),
    BREAK("CMR.1.2.1", "one-letter-directory", CardCreateDirectory, one_letter_dir, ANSWERS(BAD)),
    BREAK("CMR.1.2.1", "control-characters", CardCreateFile, control_character, ANSWERS(0)),
    BREAK("CMR.1.2.2", "one-level", any, has_data, DOES(all_in_root),
          MAY_SPREAD("*", "files are not where they were put")),
    BREAK("CMR.1.2.3", "capitals-differ", CardReadFile, capitals, ANSWERS(NO_FILE)),
    BREAK("CMR.1.2.3", "capitals-differ-in-list", CardGetFileInfo, capitals, ANSWERS(NO_FILE)),
    BREAK("CMR.1.2.3", "capitals-not-listed", CardEnumFiles, capitals,
          ANSWERS(SCARD_E_DIR_NOT_FOUND)),
    BREAK("CMR.1.2.4", "anybody-reads", CardReadFile, has_data, RECODES(NOT_HIS, 0),
          MAY_SPREAD("CMR.3.4.3.E12", "it says the same of one function")),
    BREAK("CMR.1.2.4", "anybody-deletes", CardDeleteFile, has_data, RECODES(NOT_HIS, 0),
          MAY_SPREAD("CMR.3.4.7.E11 CMR.3.4.7.E12", "they say the same of one function")),
    /* 2.2.2 */
    BREAK("CMR.1.3.1", "wide", CardEnumFiles, has_data, DOES(wide_list),
          MAY_SPREAD("*", "whatever lists files")),
    BREAK("CMR.1.3.1", "seven-bits", CardCreateFile, beyond_ascii, ANSWERS(BAD)),
    BREAK("CMR.1.3.4", "scratch", CardSignData, has_data, DOES(scratch_of_libc)),
    BREAK("CMR.1.3.4", "result", CardEnumFiles, has_data, DOES(what_foreign_block),
          MAY_SPREAD("CMR.3.4.8.3", "it says the same")),
    /* 2.2.3 */
    BREAK("CMR.1.4.1", "unseen", CardReadFile, has_data, RECODES(SCARD_E_NO_MEMORY, 0)),
    BREAK("CMR.1.4.1", "crash", any, has_data, DOES(crash_without_memory),
          MAY_SPREAD("*", "wherever there is no memory, or space")),
    BREAK("CMR.1.4.1", "leak", CardEnumFiles, has_data, DOES(leak_without_memory)),
    BREAK("CMR.1.4.2", "by-libc", CardReadFile, has_data, DOES(realloc_by_libc),
          MAY_SPREAD("*", "the C library does not survive it")),
    BREAK("CMR.1.4.2", "of-another", CardSignData, has_data, DOES(realloc_of_foreign)),
    BREAK("CMR.1.4.3", "unseen", CardReadFile, has_data, DOES(realloc_unseen)),
    BREAK("CMR.1.4.4", "by-libc", CardSignData, has_data, DOES(free_by_libc),
          MAY_SPREAD("*", "the C library does not survive it")),
    BREAK("CMR.1.4.4", "twice", CardReadFile, has_data, DOES(what_free_twice)),
    BREAK("CMR.1.4.4", "foreign", CardEnumFiles, has_data, DOES(what_free_foreign)),
    /* 2.2.4 */
    BREAK("CMR.1.5.1", "old", CardReadFile, has_data, DOES(what_read_once),
          MAY_SPREAD("*", "files are as they were read first")),
    BREAK("CMR.1.5.2", "forgotten", CardSignData, has_data, DOES(pad_and_forget)),
};

const struct table rules_table = { lines, ARRAY(lines) };
