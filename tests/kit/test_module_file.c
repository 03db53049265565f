/* SPDX-License-Identifier: MIT */
/* Files of modules: a DLL made here, this program's own ELF file; cut off and spoiled, too. */
#include "kit/bench/module_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define ROUNDS 4000
#define ELF_MOST 65536u

static bool read_bytes(const uint8_t *bytes, size_t len, struct module_file *ret)
{
    int file = memfd_create("module", MFD_CLOEXEC);
    char path[64], says[128] = "";
    bool ok;

    assert_true(file >= 0 && write(file, bytes, len) == (ssize_t)len);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    ok = module_file_read(path, ret, says);
    assert_true(ok || says[0] != '\0');
    close(file);
    return ok;
}

static void put(uint8_t *to, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

/* 64 bits, one section of 512 bytes at 200, loaded at 1000: exports at 1000, imports at 1080. */
static void make_dll(uint8_t dll[0x400])
{
    memset(dll, 0, 0x400);
    memcpy(dll, "MZ", 2);
    put(dll + 0x3C, 0x40);
    memcpy(dll + 0x40, "PE\0\0\x64\x86\x01", 7);
    put(dll + 0x54, 240 | 0x2000u << 16); /* size of the optional header; a DLL */
    put(dll + 0x58, 0x20B);
    put(dll + 0xC8, 0x1000);
    put(dll + 0xD0, 0x1080);
    put(dll + 0x148 + 12, 0x1000);
    put(dll + 0x148 + 16, 0x200);
    put(dll + 0x148 + 20, 0x200);
    put(dll + 0x148 + 36, 0x90000000); /* shared and writable */
    put(dll + 0x200 + 24, 1);
    put(dll + 0x200 + 32, 0x1040);
    put(dll + 0x240, 0x1050);
    memcpy(dll + 0x250, "CardAcquireContext", 18);
    put(dll + 0x280 + 12, 0x10C0);
    memcpy(dll + 0x2C0, "WINSCARD.dll", 12);
}

static void dll_is_read(void **state)
{
    struct module_file f;
    uint8_t dll[0x400];

    (void)state;
    make_dll(dll);
    assert_true(read_bytes(dll, sizeof(dll), &f));
    assert_string_equal(f.kind, "PE");
    assert_true(f.is_library && f.shares_memory);
    assert_int_equal(f.export_count, 1);
    assert_string_equal(f.exports[0], "CardAcquireContext");
    assert_int_equal(f.library_count, 1);
    assert_string_equal(f.libraries[0], "WINSCARD.dll");
    module_file_clear(&f);
}

static size_t own_elf(uint8_t *ret, size_t room)
{
    FILE *from = fopen("/proc/self/exe", "rbe");
    size_t len;

    assert_non_null(from);
    len = fread(ret, 1, room, from);
    fclose(from);
    return len;
}

/* Every name must be text inside of the file, whatever the file says. */
static void read_spoiled(const uint8_t *bytes, size_t len)
{
    struct module_file f;
    size_t letters = 0;

    if (!read_bytes(bytes, len, &f))
        return;
    for (size_t i = 0; i < f.export_count; i++)
        letters += strlen(f.exports[i]);
    for (size_t i = 0; i < f.library_count; i++)
        letters += strlen(f.libraries[i]) + library_shows(f.libraries[i]);
    assert_true(letters < SIZE_MAX);
    module_file_clear(&f);
}

static void spoil_each(uint8_t *bytes, size_t len, size_t head)
{
    static const uint32_t odd[] = { 0, 1, 0x7F, 0xFFFFFFFF, 0x80000000, 0x40 };
    uint32_t seed = 1;

    for (size_t i = 0; i < ROUNDS; i++) {
        uint8_t old[4];
        size_t at;

        seed = seed * 1664525 + 1013904223;
        at = (seed >> 8) % (head - 4);
        memcpy(old, bytes + at, 4);
        put(bytes + at, i % 2 != 0 ? odd[i / 2 % 6] : seed);
        read_spoiled(bytes, i % 3 != 0 ? len : at + 1);
        memcpy(bytes + at, old, 4);
    }
}

static void spoiled_dll_is_harmless(void **state)
{
    uint8_t dll[0x400];

    (void)state;
    make_dll(dll);
    spoil_each(dll, sizeof(dll), sizeof(dll));
}

/* Its tables brought to the front, where the spoiling is, at an odd place. */
static void spoiled_elf_is_harmless(void **state)
{
    static uint8_t elf[ELF_MOST];
    size_t len = own_elf(elf, sizeof(elf));

    (void)state;
    assert_true(len > 4096);
    for (size_t at = 41; at < 49; at++) {
        put(elf + 40, (uint32_t)at * 8 + 1); /* e_shoff: where the program headers are */
        put(elf + 44, 0);
        spoil_each(elf, 4096, 1024);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dll_is_read),
        cmocka_unit_test(spoiled_dll_is_harmless),
        cmocka_unit_test(spoiled_elf_is_harmless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
