/* SPDX-License-Identifier: MIT */
#include "kit/bench/inf.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FILE_MAX_LEN (1u << 20)
#define TEXT_MAX     4096u

/* ---- the file, as bytes of a line each ------------------------------------------------------- */

/* UTF-16 becomes bytes; what has none becomes '?': names and keys are ASCII. */
static size_t narrow(char *text, size_t len)
{
    const unsigned char *in = (const unsigned char *)text;
    size_t out = 0;

    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        memmove(text, text + 3, len - 3);
        return len - 3;
    }
    if (len < 2 || in[0] != 0xFF || in[1] != 0xFE)
        return len;
    for (size_t i = 2; i + 1 < len; i += 2)
        text[out++] = in[i + 1] == 0 ? (char)in[i] : '?';
    return out;
}

static char *slurp(const char *path)
{
    FILE *from = fopen(path, "rbe");
    char *text = from != NULL ? malloc(FILE_MAX_LEN + 1) : NULL;
    size_t len = text != NULL ? fread(text, 1, FILE_MAX_LEN, from) : 0;

    if (from != NULL)
        fclose(from);
    if (text != NULL)
        text[narrow(text, len)] = '\0';
    return text;
}

/* A comment begins with ; outside of quotes. A line that ends in \ goes on. */
static bool take_line(char **at, char line[TEXT_MAX])
{
    size_t len = 0;
    bool quoted = false, comment = false;

    if (**at == '\0')
        return false;
    for (; **at != '\0'; (*at)++) {
        char c = **at;

        if (c == '\n') {
            while (len > 0 && isspace((unsigned char)line[len - 1]))
                len--;
            if (len == 0 || line[len - 1] != '\\')
                break;
            len--;
            comment = false;
            continue;
        }
        quoted ^= c == '"';
        comment = comment || (c == ';' && !quoted);
        if (!comment && len + 1 < TEXT_MAX)
            line[len++] = c;
    }
    line[len] = '\0';
    if (**at == '\n')
        (*at)++;
    return true;
}

/* ---- lines ----------------------------------------------------------------------------------- */

static char *copy_of(const char *from, size_t len)
{
    while (len > 0 && isspace((unsigned char)*from)) {
        from++;
        len--;
    }
    while (len > 0 && isspace((unsigned char)from[len - 1]))
        len--;
    return strndup(from, len);
}

static void unquote(char *text)
{
    char *to = text;

    for (; *text != '\0'; text++)
        if (*text != '"')
            *to++ = *text;
    *to = '\0';
}

/* The first such character outside of quotes; its end, where there is none. */
static const char *find(const char *text, char wanted)
{
    bool quoted = false;

    for (; *text != '\0' && (*text != wanted || quoted); text++)
        quoted ^= *text == '"';
    return text;
}

static void split(struct inf_line *line, const char *text)
{
    const char *equals = find(text, '=');

    line->key = copy_of(text, *equals != '\0' ? (size_t)(equals - text) : 0);
    if (*equals != '\0')
        text = equals + 1;
    for (;;) {
        const char *end = find(text, ',');

        if (line->field_count == INF_FIELDS_MAX)
            return;
        line->fields[line->field_count++] = copy_of(text, (size_t)(end - text));
        if (*end == '\0')
            return;
        text = end + 1;
    }
}

static struct inf_line *add(struct inf *inf)
{
    struct inf_line *more = realloc(inf->lines, (inf->count + 1) * sizeof(*more));

    if (more == NULL)
        return NULL;
    inf->lines = more;
    memset(&more[inf->count], 0, sizeof(*more));
    return &more[inf->count++];
}

static bool parse(struct inf *inf, char *text)
{
    char line[TEXT_MAX], section[TEXT_MAX] = "";

    while (take_line(&text, line)) {
        const char *from = line + strspn(line, " \t\r");
        struct inf_line *next;

        if (*from == '\0')
            continue;
        next = add(inf);
        if (next == NULL)
            return false;
        if (*from == '[') { /* kept as a line without fields, so that empty ones are seen */
            snprintf(section, sizeof(section), "%.*s", (int)strcspn(from + 1, "]"), from + 1);
            next->section = strdup(section);
            next->key = strdup("");
            continue;
        }
        next->section = strdup(section);
        split(next, from);
    }
    return true;
}

/* ---- %strings% ------------------------------------------------------------------------------- */

static const char *string_of(const struct inf *inf, const char *name, size_t len)
{
    for (size_t i = 0; i < inf->count; i++) {
        const struct inf_line *l = &inf->lines[i];

        if (strncasecmp(l->section, "Strings", 7) == 0 && strlen(l->key) == len &&
            strncasecmp(l->key, name, len) == 0 && l->field_count != 0)
            return l->fields[0];
    }
    return NULL;
}

/* Unknown ones stay as they are. */
static void fill_in(const struct inf *inf, char **field)
{
    char text[TEXT_MAX];
    size_t len = 0;

    for (const char *at = *field; *at != '\0' && len + 1 < sizeof(text); at++) {
        const char *end = *at == '%' ? strchr(at + 1, '%') : NULL;
        const char *value = end != NULL ? string_of(inf, at + 1, (size_t)(end - at - 1)) : NULL;

        if (value == NULL) {
            text[len++] = *at;
            continue;
        }
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s", value);
        at = end;
    }
    text[len < sizeof(text) ? len : sizeof(text) - 1] = '\0';
    free(*field);
    *field = strdup(text);
}

bool inf_read(const char *path, struct inf *ret, char says[256])
{
    char *text = slurp(path);

    memset(ret, 0, sizeof(*ret));
    if (text == NULL || !parse(ret, text)) {
        snprintf(says, 256, "%.200s cannot be read", path);
        free(text);
        inf_clear(ret);
        return false;
    }
    free(text);
    for (size_t i = 0; i < ret->count; i++)
        for (size_t f = 0; f < ret->lines[i].field_count; f++)
            unquote(ret->lines[i].fields[f]);
    for (size_t i = 0; i < ret->count; i++)
        for (size_t f = 0; f < ret->lines[i].field_count; f++)
            if (strncasecmp(ret->lines[i].section, "Strings", 7) != 0)
                fill_in(ret, &ret->lines[i].fields[f]);
    return true;
}

void inf_clear(struct inf *inf)
{
    for (size_t i = 0; i < inf->count; i++) {
        free(inf->lines[i].section);
        free(inf->lines[i].key);
        for (size_t f = 0; f < inf->lines[i].field_count; f++)
            free(inf->lines[i].fields[f]);
    }
    free(inf->lines);
    memset(inf, 0, sizeof(*inf));
}

/* ---- looking things up ----------------------------------------------------------------------- */

bool inf_has_section(const struct inf *inf, const char *section)
{
    for (size_t i = 0; i < inf->count; i++)
        if (strcasecmp(inf->lines[i].section, section) == 0)
            return true;
    return false;
}

const struct inf_line *inf_next(const struct inf *inf, const char *section, const char *key,
                                const struct inf_line *after)
{
    for (size_t i = after != NULL ? (size_t)(after - inf->lines) + 1 : 0; i < inf->count; i++)
        if (inf->lines[i].field_count != 0 && strcasecmp(inf->lines[i].section, section) == 0 &&
            (key == NULL || strcasecmp(inf->lines[i].key, key) == 0))
            return &inf->lines[i];
    return NULL;
}

const char *inf_value(const struct inf *inf, const char *section, const char *key)
{
    const struct inf_line *line = inf_next(inf, section, key, NULL);

    return line != NULL ? line->fields[0] : "";
}
