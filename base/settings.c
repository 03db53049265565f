/* SPDX-License-Identifier: MIT */
#include "base/settings.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MOST 5000u
#define BLANKS    " \t\r\n\v\f"

/* ---- one value ------------------------------------------------------------------------------- */

static int lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

bool settings_same(const char *a, const char *b)
{
    while (*a != '\0' && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return lower(*a) == lower(*b);
}

bool settings_number(const char *text, uint32_t *ret)
{
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *digits = hex ? "0123456789abcdefABCDEF" : "0123456789";
    unsigned long long number;

    text += hex ? 2 : 0;
    if (*text == '\0' || strspn(text, digits) != strlen(text))
        return false;
    errno = 0;
    number = strtoull(text, NULL, hex ? 16 : 10);
    if (errno != 0 || number > 0xFFFFFFFFu)
        return false;
    *ret = (uint32_t)number;
    return true;
}

bool settings_flag(const char *text, bool *ret)
{
    static const char *const words[] = { "0", "1", "false", "true", "no", "yes" };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (settings_same(words[i], text)) {
            *ret = i % 2 != 0;
            return true;
        }
    }
    return false;
}

/* ---- the file -------------------------------------------------------------------------------- */

/* Without blanks at either end. */
static char *trim(char *text)
{
    size_t len;

    text += strspn(text, BLANKS);
    len = strlen(text);
    while (len > 0 && strchr(BLANKS, text[len - 1]) != NULL)
        len--;
    text[len] = '\0';
    return text;
}

/* A # that begins a word: reader names have one inside. */
static void cut_comment(char *line)
{
    for (char *at = line; *at != '\0'; at++) {
        if (*at == '#' && (at == line || strchr(BLANKS, at[-1]) != NULL)) {
            *at = '\0';
            return;
        }
    }
}

static enum settings_end take_line(char *line, settings_take *take, void *context)
{
    char *equals;

    cut_comment(line);
    line = trim(line);
    if (*line == '\0')
        return SETTINGS_ALL;
    equals = strchr(line, '=');
    if (equals == NULL)
        return SETTINGS_NO_PAIR;
    *equals = '\0';
    return take(context, trim(line), trim(equals + 1)) ? SETTINGS_ALL : SETTINGS_REFUSED;
}

/* One line into `line`. *ret_more false: that was the last. */
static enum settings_end read_line(FILE *file, char line[LINE_MOST], bool *ret_more)
{
    size_t len = 0;
    int c;

    while ((c = getc(file)) != EOF && c != '\n') {
        if (c == '\0')
            return SETTINGS_NO_TEXT;
        if (len + 1 >= LINE_MOST)
            return SETTINGS_LONG;
        line[len++] = (char)c;
    }
    line[len] = '\0';
    *ret_more = c != EOF;
    return c == EOF && ferror(file) != 0 ? SETTINGS_ERROR : SETTINGS_ALL;
}

enum settings_end settings_read(FILE *file, settings_take *take, void *context, unsigned *ret_line)
{
    enum settings_end end = SETTINGS_ALL;
    char line[LINE_MOST];
    bool more = true;

    for (*ret_line = 1; more; ++*ret_line) {
        end = read_line(file, line, &more);
        if (end == SETTINGS_ALL)
            end = take_line(line, take, context);
        if (end != SETTINGS_ALL)
            break;
    }
    return end;
}

const char *settings_says(enum settings_end end)
{
    switch (end) {
    case SETTINGS_NO_PAIR:
        return "this is not \"name = value\"";
    case SETTINGS_NO_TEXT:
        return "not a text file";
    case SETTINGS_LONG:
        return "the line is too long";
    case SETTINGS_ERROR:
        return strerror(errno);
    default:
        return "";
    }
}
