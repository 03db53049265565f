/* SPDX-License-Identifier: MIT */
/*
 * Configuration files: lines of "name = value". A # that begins a word begins a comment; blank
 * lines are skipped; blanks around name and value are not part of them.
 */
#ifndef CARDMINT_BASE_SETTINGS_H
#define CARDMINT_BASE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Takes one; false: it is wrong, and the taker knows why. */
typedef bool settings_take(void *context, const char *name, const char *value);

enum settings_end {
    SETTINGS_ALL,     /* the whole file was taken */
    SETTINGS_REFUSED, /* by take */
    SETTINGS_NO_PAIR, /* the line is not "name = value" */
    SETTINGS_NO_TEXT, /* a NUL in it */
    SETTINGS_LONG,    /* a line of 5000 bytes and more: the longest path, and a name */
    SETTINGS_ERROR,   /* cannot be read: errno */
};

/* *ret_line: the line that was wrong, the first is 1. */
enum settings_end settings_read(FILE *file, settings_take *take, void *context,
                                unsigned *ret_line);
/* What SETTINGS_NO_PAIR and those behind it mean, in words. */
const char *settings_says(enum settings_end end);

/* Decimal, or 0x and hexadecimal; no sign, nothing around it. */
bool settings_number(const char *text, uint32_t *ret);
/* 0, 1, no, yes, false, true, in letters of any case. */
bool settings_flag(const char *text, bool *ret);
/* The same word, whatever the case of its (ASCII) letters. */
bool settings_same(const char *a, const char *b);

#endif
