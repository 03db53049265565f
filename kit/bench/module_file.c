/* SPDX-License-Identifier: MIT */
#include "kit/bench/module_file.h"

#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* Room for an object of `len` bytes at `at`, all of it in the file; NULL: there is not. */
static const void *at(const struct module_file *f, uint64_t offset, uint64_t len)
{
    return offset <= f->len && len <= f->len - offset ? f->bytes + offset : NULL;
}

/* A name with its NUL. */
static const char *text_at(const struct module_file *f, uint64_t offset)
{
    if (offset >= f->len || memchr(f->bytes + offset, '\0', f->len - offset) == NULL)
        return NULL;
    return (const char *)f->bytes + offset;
}

static void add_export(struct module_file *f, const char *name)
{
    if (name != NULL && f->export_count < MODULE_NAMES_MAX)
        f->exports[f->export_count++] = name;
}

static void add_library(struct module_file *f, const char *name)
{
    if (name != NULL && f->library_count + 1 < sizeof(f->libraries) / sizeof(f->libraries[0]))
        f->libraries[f->library_count++] = name;
}

/* ---- ELF, of this machine's class ------------------------------------------------------------ */

/* A copy of what lies there: a hostile file aligns nothing. */
static bool copy(const struct module_file *f, uint64_t offset, void *ret, size_t len)
{
    const void *from = at(f, offset, len);

    if (from != NULL)
        memcpy(ret, from, len);
    return from != NULL;
}

static bool section(const struct module_file *f, const ElfW(Ehdr) *head, unsigned i,
                    ElfW(Shdr) *ret)
{
    return i < head->e_shnum &&
           copy(f, head->e_shoff + (uint64_t)i * head->e_shentsize, ret, sizeof(*ret));
}

static void read_symbols(struct module_file *f, const ElfW(Shdr) *table, uint64_t names)
{
    ElfW(Sym) s;

    for (uint64_t i = 1; i < table->sh_size / sizeof(s); i++) {
        if (!copy(f, table->sh_offset + i * sizeof(s), &s, sizeof(s)))
            return;
        if (s.st_shndx != SHN_UNDEF && s.st_info >> 4 != STB_LOCAL) /* weak ones are exports too */
            add_export(f, text_at(f, names + s.st_name));
    }
}

static void read_dynamic(struct module_file *f, const ElfW(Shdr) *table, uint64_t names)
{
    ElfW(Dyn) d;

    for (uint64_t i = 0; i < table->sh_size / sizeof(d); i++) {
        if (!copy(f, table->sh_offset + i * sizeof(d), &d, sizeof(d)) || d.d_tag == DT_NULL)
            return;
        if (d.d_tag == DT_NEEDED)
            add_library(f, text_at(f, names + d.d_un.d_val));
    }
}

static bool read_elf(struct module_file *f)
{
    ElfW(Shdr) table, names;
    ElfW(Ehdr) head;

    if (!copy(f, 0, &head, sizeof(head)) || memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 ||
        head.e_ident[EI_CLASS] != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32))
        return false;
    f->kind = "ELF";
    f->is_library = head.e_type == ET_DYN;
    for (unsigned i = 0; i < head.e_shnum; i++) {
        if (!section(f, &head, i, &table) || !section(f, &head, table.sh_link, &names))
            continue;
        if (table.sh_type == SHT_DYNSYM)
            read_symbols(f, &table, names.sh_offset);
        else if (table.sh_type == SHT_DYNAMIC)
            read_dynamic(f, &table, names.sh_offset);
    }
    return true;
}

/* ---- PE -------------------------------------------------------------------------------------- */

#define PE_DLL          0x2000u
#define PE_SHARED       0x10000000u
#define PE_WRITE        0x80000000u
#define PE_SECTION      40u
#define PE_PLUS         0x20Bu
#define PE_SECTIONS_MAX 96u

static uint32_t number(const struct module_file *f, uint64_t offset, unsigned len)
{
    const uint8_t *p = at(f, offset, len);
    uint32_t value = 0;

    for (unsigned i = len; p != NULL && i > 0; i--)
        value = value << 8 | p[i - 1];
    return value;
}

struct pe {
    struct module_file *f;
    uint64_t sections, directories;
    uint32_t section_count;
};

/* Where an address of the loaded image lies in the file; behind its end: nowhere. */
static uint64_t in_file(const struct pe *pe, uint32_t address)
{
    for (uint32_t i = 0; i < pe->section_count; i++) {
        uint64_t s = pe->sections + i * PE_SECTION;
        uint32_t from = number(pe->f, s + 12, 4), size = number(pe->f, s + 16, 4);

        if (address >= from && address - from < size)
            return (uint64_t)number(pe->f, s + 20, 4) + (address - from);
    }
    return UINT64_MAX;
}

static void read_pe_exports(const struct pe *pe)
{
    uint64_t table = in_file(pe, number(pe->f, pe->directories, 4));
    uint32_t count = number(pe->f, table + 24, 4);
    uint64_t names = in_file(pe, number(pe->f, table + 32, 4));

    if (table == UINT64_MAX || names == UINT64_MAX)
        return;
    for (uint32_t i = 0; i < count && i < MODULE_NAMES_MAX; i++)
        add_export(pe->f, text_at(pe->f, in_file(pe, number(pe->f, names + 4u * i, 4))));
}

static void read_pe_libraries(const struct pe *pe)
{
    uint64_t table = in_file(pe, number(pe->f, pe->directories + 8, 4));

    for (; table != UINT64_MAX && at(pe->f, table, 20) != NULL; table += 20) {
        uint32_t name = number(pe->f, table + 12, 4);

        if (name == 0)
            return;
        add_library(pe->f, text_at(pe->f, in_file(pe, name)));
    }
}

static bool read_pe(struct module_file *f)
{
    uint64_t head = number(f, 0x3C, 4), optional = head + 24;
    struct pe pe = { .f = f };

    if (number(f, 0, 2) != 0x5A4D || number(f, head, 4) != 0x4550)
        return false;
    f->kind = "PE";
    f->is_library = (number(f, head + 22, 2) & PE_DLL) != 0;
    pe.section_count = number(f, head + 6, 2);
    if (pe.section_count > PE_SECTIONS_MAX)
        return false;
    pe.sections = optional + number(f, head + 20, 2);
    pe.directories = optional + (number(f, optional, 2) == PE_PLUS ? 112 : 96);
    for (uint32_t i = 0; i < pe.section_count; i++) {
        uint32_t flags = number(f, pe.sections + i * PE_SECTION + 36, 4);

        f->shares_memory |= (flags & PE_SHARED) != 0 && (flags & PE_WRITE) != 0;
    }
    read_pe_exports(&pe);
    read_pe_libraries(&pe);
    return true;
}

/* ---- the file -------------------------------------------------------------------------------- */

static bool slurp(FILE *from, struct module_file *f)
{
    struct stat about;

    if (fstat(fileno(from), &about) != 0 || !S_ISREG(about.st_mode) || about.st_size <= 0)
        return false;
    f->len = (size_t)about.st_size;
    f->bytes = malloc(f->len);
    return f->bytes != NULL && fread(f->bytes, 1, f->len, from) == f->len;
}

bool module_file_read(const char *path, struct module_file *ret, char says[128])
{
    FILE *from = fopen(path, "rbe");
    bool ok;

    memset(ret, 0, sizeof(*ret));
    ok = from != NULL && slurp(from, ret);
    if (from != NULL)
        fclose(from);
    if (!ok) {
        snprintf(says, 128, "the module's file cannot be read");
        module_file_clear(ret);
        return false;
    }
    if (read_elf(ret) || read_pe(ret))
        return true;
    snprintf(says, 128, "neither an ELF file of this machine nor a PE file");
    module_file_clear(ret);
    return false;
}

void module_file_clear(struct module_file *file)
{
    free(file->bytes);
    memset(file, 0, sizeof(*file));
}

/* ---- libraries ------------------------------------------------------------------------------- */

static bool has_part(const char *const *parts, const char *name)
{
    for (; *parts != NULL; parts++)
        if (strcasestr(name, *parts) != NULL)
            return true;
    return false;
}

bool library_shows(const char *name)
{
    static const char *const parts[] = { "libX11", "libxcb", "libwayland-client", "libgtk",
                                         "libgdk", "libQt", "libwx", "libSDL", "libncurses",
                                         "libtinfo", "libreadline", "libnotify", "libassuan",
                                         "comctl32", "comdlg32", "uxtheme", "credui", "mshtml",
                                         "mfc", NULL };

    return has_part(parts, name);
}

bool library_reaches_devices(const char *name)
{
    static const char *const parts[] = { "libusb", "libhidapi", "libccid", "libnfc",
                                         "libserialport", "setupapi", "winusb", "hid.dll",
                                         NULL };

    return has_part(parts, name);
}
