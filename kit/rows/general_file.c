/* SPDX-License-Identifier: MIT */
/* What can be read off the module's file without running it. */
#include "kit/bench/bench.h"
#include "kit/rows/general.h"
#include "kit/bench/module_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SIZE_MAX_ALLOWED (2u * 1024 * 1024)

static struct module_file *read_file(struct run *r)
{
    static struct module_file file;
    char says[128];

    if (!module_file_read(r->config->module, &file, says))
        run_blocked(r, "%s", says);
    return &file;
}

/* What Windows asks of a DLL; names that begin with an underscore are the C library's. */
static bool may_be_exported(const char *name)
{
    static const char *const allowed[] = { "CardAcquireContext", "CardAcquireContext@8", "DllMain",
                                           "DllRegisterServer", "DllUnregisterServer",
                                           "DllCanUnloadNow", "DllGetClassObject", "DllInstall" };

    for (size_t i = 0; i < ARRAY(allowed); i++)
        if (strcmp(name, allowed[i]) == 0)
            return true;
    return name[0] == '_';
}

void general_exports(struct run *r)
{
    const struct module_file *file = read_file(r);

    for (size_t i = 0; i < file->export_count; i++)
        CHECK(r, may_be_exported(file->exports[i]), "%s is exported", file->exports[i]);
    run_saw(r, "%zu exports in the %s file", file->export_count, file->kind);
}

void general_one_library(struct run *r)
{
    const struct module_file *file = read_file(r);
    const char *path = r->config->module, *end = strrchr(path, '/');
    bool entry = false;
    char beside[4096];

    for (size_t i = 0; i < file->export_count; i++)
        entry = entry || strcmp(file->exports[i], "CardAcquireContext") == 0 ||
                strcmp(file->exports[i], "CardAcquireContext@8") == 0;
    CHECK(r, file->is_library, "the %s file is no dynamic library", file->kind);
    CHECK(r, entry, "the file does not export CardAcquireContext");
    for (size_t i = 0; i < file->library_count; i++) {
        snprintf(beside, sizeof(beside), "%.*s%s", end != NULL ? (int)(end + 1 - path) : 0, path,
                 file->libraries[i]);
        CHECK(r, access(beside, F_OK) != 0, "it needs %s, which lies beside it",
              file->libraries[i]);
        run_note(r, "needs %s", file->libraries[i]);
    }
    run_saw(r, "one %s library", file->kind);
}

void general_size(struct run *r)
{
    const struct module_file *file = read_file(r);

    CHECK(r, file->len <= SIZE_MAX_ALLOWED, "%zu bytes", file->len);
    run_saw(r, "%zu bytes of %u allowed", file->len, SIZE_MAX_ALLOWED);
}
