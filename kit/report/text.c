/* SPDX-License-Identifier: MIT */
#include "kit/report/text.h"

#include "base/utf8.h"
#include "kit/closed_tool.h"

#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xEF\xBF\xBD"

/* The next character of a text that does not end here, as it may be written: `len` bytes. */
static const char *next_character(const char **text, size_t *len)
{
    const unsigned char *at = (const unsigned char *)*text;
    const char *begin = *text;
    uint32_t c = utf8_next(&at);

    *text = (const char *)at + (c == UTF8_BAD);
    *len = (size_t)(*text - begin);
    if (utf8_can_be_shown(c) || c == '\n' || c == '\t')
        return begin;
    *len = sizeof(REPLACEMENT) - 1;
    return REPLACEMENT;
}

void put_line(FILE *to, const char *text)
{
    while (*text != '\0') {
        size_t len;
        const char *c = next_character(&text, &len);

        if (*c == '\n' || *c == '\t')
            fputc(' ', to);
        else
            fwrite(c, 1, len, to);
    }
}

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void put_markup(FILE *to, const char *text)
{
    while (*text != '\0') {
        size_t len;
        const char *c = next_character(&text, &len);

        if (entity(*c) != NULL)
            fputs(entity(*c), to);
        else
            fwrite(c, 1, len, to);
    }
}

char *clean_copy(const char *text)
{
    char *copy = malloc(strlen(text) * (sizeof(REPLACEMENT) - 1) + 1), *to = copy;

    while (copy != NULL && *text != '\0') {
        size_t len;
        const char *c = next_character(&text, &len);

        memcpy(to, c, len);
        to += len;
    }
    if (copy != NULL)
        *to = '\0';
    return copy;
}

void section_title(const struct section *section, char title[128])
{
    snprintf(title, 128, "%s %s%s%s", section->number, section->function,
             section->function[0] != '\0' ? ", " : "", kit_kind_name(section->kind));
}

void version_list(unsigned versions, char list[32])
{
    size_t len = 0;

    list[0] = '\0';
    for (unsigned v = 0; v < 10; v++)
        if ((versions & KIT_V(v)) != 0 && len < 28)
            len += (size_t)snprintf(list + len, 32 - len, "%s%u", len != 0 ? ", " : "", v);
}

void closed_tool_name(const struct requirement *requirement, char name[64])
{
    const struct closed_test *test = closed_tool_of(requirement->id);

    if (test == NULL)
        name[0] = '\0';
    else
        snprintf(name, 64, "%s%s%s", test->name, test->subtest != NULL ? " " : "",
                 test->subtest != NULL ? test->subtest : "");
}

const char *status_word(const struct kit_result *result)
{
    return result->status == KIT_FAIL && result->blocked ? "blocked"
                                                         : kit_status_name(result->status);
}

size_t same_section(const struct kit_result *results, size_t count, size_t n)
{
    size_t end = n;

    while (end < count && results[end].section == results[n].section)
        end++;
    return end - n;
}
