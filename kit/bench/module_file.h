/* SPDX-License-Identifier: MIT */
/* A module's file, as it lies on the disk: an ELF shared object or a PE DLL. */
#ifndef CARDMINT_KIT_BENCH_MODULE_FILE_H
#define CARDMINT_KIT_BENCH_MODULE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODULE_NAMES_MAX 4096u

struct module_file {
    const char *kind;    /* "ELF", "PE" */
    uint8_t *bytes;
    size_t len;
    bool is_library;
    bool shares_memory;  /* a section that is writable and shared between processes */
    const char *exports[MODULE_NAMES_MAX + 1]; /* end with NULL */
    const char *libraries[64 + 1];             /* that it names as needed */
    size_t export_count, library_count;
};

/* false: cannot be read, or is neither; `says` has why. Free with module_file_clear. */
bool module_file_read(const char *path, struct module_file *ret, char says[128]);
void module_file_clear(struct module_file *file);

/* Is the name that of a library for windows, menus or terminals? */
bool library_shows(const char *name);
/* ... one that reaches readers or USB by itself? */
bool library_reaches_devices(const char *name);

#endif
