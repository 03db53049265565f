/* SPDX-License-Identifier: MIT */
/*
 * Compares this build of the public headers with the tables in data/, row by row.
 *
 *   abi_native DATA
 *
 * abi_table.inc (from generate.py) holds what the build has; the expected values are read from the
 * tables here. So a row which the generator left out, or a row added, is a mismatch too. Every
 * mismatch is reported by name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cardmint/cardmod.h>
#include <cardmint/msclmd.h>

struct layout {
    const char *type;
    const char *field;
    size_t offset;
    size_t size;
};

struct constant {
    const char *name;
    unsigned unit; /* bytes per character of a string, 0 = number */
    uint32_t number;
    const void *text;
    size_t text_size; /* terminator included */
};

#include "abi_table.inc"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *data_folder;

struct row {
    char text[256];
    char *cell[4];
};

static FILE *open_table(const char *name, const char *header)
{
    char path[4096];
    struct row row;

    assert_true((size_t)snprintf(path, sizeof(path), "%s/%s", data_folder, name) < sizeof(path));
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail_msg("cannot open %s", path);
    assert_non_null(fgets(row.text, sizeof(row.text), file));
    row.text[strcspn(row.text, "\r\n")] = '\0';
    assert_string_equal(row.text, header);
    return file;
}

/* The next row, cut into its four cells; 0 at the end of the table. */
static int next_row(FILE *file, struct row *row)
{
    if (fgets(row->text, sizeof(row->text), file) == NULL)
        return 0;
    row->text[strcspn(row->text, "\r\n")] = '\0';
    char *rest = row->text;
    for (size_t i = 0; i < 4; i++) {
        row->cell[i] = rest;
        rest += strcspn(rest, ",");
        if (i < 3) {
            assert_int_equal(*rest, ',');
            *rest++ = '\0';
        }
    }
    assert_int_equal(*rest, '\0');
    return 1;
}

static void finish(const char *table, size_t rows, size_t checks, size_t mismatches)
{
    if (rows != checks) {
        print_error("%s: %zu rows, but %zu checks\n", table, rows, checks);
        mismatches++;
    }
    print_message("%s: %zu rows checked, %zu mismatches\n", table, rows, mismatches);
    assert_int_equal(mismatches, 0);
}

static void check_layout(const char *table, const struct layout *have, size_t count)
{
    FILE *file = open_table(table, "struct,field,offset,size");
    struct row row;
    size_t rows = 0;
    size_t mismatches = 0;

    for (; next_row(file, &row); rows++) {
        unsigned long offset = strtoul(row.cell[2], NULL, 10);
        unsigned long size = strtoul(row.cell[3], NULL, 10);
        if (rows >= count || strcmp(have[rows].type, row.cell[0]) != 0 ||
            strcmp(have[rows].field, row.cell[1]) != 0) {
            print_error("%s: no check for %s %s\n", table, row.cell[0], row.cell[1]);
            mismatches++;
        } else if (have[rows].offset != offset || have[rows].size != size) {
            print_error("%s %s: offset %zu, size %zu; expected %lu, %lu\n", row.cell[0],
                        row.cell[1], have[rows].offset, have[rows].size, offset, size);
            mismatches++;
        }
    }
    fclose(file);
    finish(table, rows, count, mismatches);
}

/* Is the constant the text, each character in a unit of the given width, then a terminator? */
static int is_text(const struct constant *have, unsigned unit, const char *text)
{
    size_t length = strlen(text) + 1;

    if (have->unit != unit || have->text_size != length * unit)
        return 0;
    for (size_t i = 0; i < length; i++) {
        unsigned character =
            unit == 2 ? ((const uint16_t *)have->text)[i] : ((const unsigned char *)have->text)[i];
        if (character != (unsigned char)text[i])
            return 0;
    }
    return 1;
}

static void check_constants(void **state)
{
    const char *table = "cardmod-constants.csv";
    FILE *file = open_table(table, "name,value,kind,header");
    struct row row;
    size_t rows = 0;
    size_t mismatches = 0;

    (void)state;
    for (; next_row(file, &row); rows++) {
        const struct constant *have = &constants[rows];
        const char *kind = row.cell[2];
        if (rows >= COUNT(constants) || strcmp(have->name, row.cell[0]) != 0) {
            print_error("%s: no check for %s\n", table, row.cell[0]);
            mismatches++;
        } else if (strcmp(kind, "wstr") == 0 || strcmp(kind, "str") == 0) {
            if (!is_text(have, kind[0] == 'w' ? 2 : 1, row.cell[1])) {
                print_error("%s: not the text \"%s\" (%s)\n", row.cell[0], row.cell[1], kind);
                mismatches++;
            }
        } else if (have->unit != 0 || have->number != strtoul(row.cell[1], NULL, 16)) {
            print_error("%s: 0x%08X; expected %s\n", row.cell[0], (unsigned)have->number,
                        row.cell[1]);
            mismatches++;
        }
    }
    fclose(file);
    finish(table, rows, COUNT(constants), mismatches);
}

static void check_cardmod_layout(void **state)
{
    (void)state;
    check_layout("cardmod-layout-x86_64.csv", layout_0, COUNT(layout_0));
}

static void check_companion_layout(void **state)
{
    (void)state;
    check_layout("companion-layout-x86_64.csv", layout_1, COUNT(layout_1));
}

/* Not in the tables: the macros over PIN sets, and where the version blocks of CARD_DATA end. */
static void check_pin_sets(void **state)
{
    PIN_SET set = PIN_SET_NONE;

    (void)state;
    SET_PIN(set, ROLE_USER);
    SET_PIN(set, 7);
    assert_int_equal(set, 0x82);
    assert_int_equal(set, CREATE_PIN_SET(1) | CREATE_PIN_SET(7));
    assert_true(IS_PIN_SET(set, ROLE_USER));
    assert_false(IS_PIN_SET(set, ROLE_ADMIN));
    CLEAR_PIN(set, ROLE_USER);
    assert_int_equal(set, 0x80);
}

static void check_version_blocks(void **state)
{
    (void)state;
    assert_int_equal(offsetof(CARD_DATA, pfnCardDeriveKey), 328);
    assert_int_equal(offsetof(CARD_DATA, pfnCardGetChallengeEx), 352);
    assert_int_equal(offsetof(CARD_DATA, pfnCspUnpadData), 416);
    assert_int_equal(sizeof(CARD_DATA), 504);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_cardmod_layout), cmocka_unit_test(check_companion_layout),
        cmocka_unit_test(check_constants),      cmocka_unit_test(check_pin_sets),
        cmocka_unit_test(check_version_blocks),
    };

    if (argc != 2) {
        fprintf(stderr, "usage: %s DATA\n", argv[0]);
        return 2;
    }
    data_folder = argv[1];
    return cmocka_run_group_tests_name("abi", tests, NULL, NULL);
}
