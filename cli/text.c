/* SPDX-License-Identifier: MIT */
/* What goes to the terminal: remarks, progress, colours, JSON, hexadecimal. */
#include "cli/cli.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
    bool quiet, colour_out, colour_err;
    bool in_progress; /* a progress line stands on the terminal */
} text;

void text_init(const struct cli *cli)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    bool colour = !given(cli, OPT_NO_COLOR) && (no_color == NULL || no_color[0] == 0) &&
                  term != NULL && strcmp(term, "dumb") != 0;

    text.quiet = given(cli, OPT_QUIET);
    text.colour_out = colour && isatty(STDOUT_FILENO);
    text.colour_err = colour && isatty(STDERR_FILENO);
}

const char *error_prefix(void)
{
    return text.colour_err ? "\033[1;31mcardmint:\033[0m" : "cardmint:";
}

void say(const char *format, ...)
{
    va_list list;

    if (text.quiet)
        return;
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
}

void print_heading(const char *format, ...)
{
    va_list list;

    if (text.quiet)
        return;
    if (text.colour_out)
        fputs("\033[1m", stdout);
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    puts(text.colour_out ? "\033[0m" : "");
}

void progress(const char *format, ...)
{
    va_list list;

    if (text.quiet || !isatty(STDERR_FILENO))
        return;
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputs(" ...", stderr);
    fflush(stderr);
    text.in_progress = true;
}

void progress_done(void)
{
    if (!text.in_progress)
        return;
    fputs("\r\033[K", stderr);
    text.in_progress = false;
}

void to_hex(const BYTE *bytes, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * len] = 0;
}

/* Bytes of the UTF-8 character at s; 0 where there is none (RFC 3629). */
static size_t utf8_len(const unsigned char *s)
{
    static const struct {
        unsigned char least, most, second_least, second_most;
        size_t len;
    } rows[] = {
        {0x20,  0x7E, 0x00, 0xFF, 1},
        { 0xC2, 0xC2, 0xA0, 0xBF, 2},
        { 0xC3, 0xDF, 0x80, 0xBF, 2},
        { 0xE0, 0xE0, 0xA0, 0xBF, 3},
        { 0xE1, 0xEC, 0x80, 0xBF, 3},
        { 0xED, 0xED, 0x80, 0x9F, 3},
        { 0xEE, 0xEF, 0x80, 0xBF, 3},
        { 0xF0, 0xF0, 0x90, 0xBF, 4},
        { 0xF1, 0xF3, 0x80, 0xBF, 4},
        { 0xF4, 0xF4, 0x80, 0x8F, 4},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (s[0] < rows[i].least || s[0] > rows[i].most)
            continue;
        if (rows[i].len > 1 && (s[1] < rows[i].second_least || s[1] > rows[i].second_most))
            return 0;
        for (size_t k = 2; k < rows[i].len; k++) {
            if ((s[k] & 0xC0) != 0x80)
                return 0;
        }
        return rows[i].len;
    }
    return 0;
}

char *clean_text(char *string)
{
    unsigned char *at = (unsigned char *)string;

    while (*at != 0) {
        size_t len = utf8_len(at);

        if (len == 0) {
            *at = '?';
            len = 1;
        }
        at += len;
    }
    return string;
}

struct json_object *json_text(const char *string)
{
    char *copy = strdup(string);
    struct json_object *object = json_object_new_string(copy != NULL ? clean_text(copy) : "");

    free(copy);
    return object;
}

struct json_object *json_hex(const BYTE *bytes, size_t len)
{
    char hex[2 * 256 + 1];

    to_hex(bytes, len < 256 ? len : 256, hex);
    return json_object_new_string(hex);
}

enum exit_code print_json(struct json_object *object)
{
    puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
                                                    JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(object);
    return EXIT_OK;
}
