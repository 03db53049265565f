/* SPDX-License-Identifier: MIT */
/* What goes to the terminal: remarks, progress, colours, JSON, hexadecimal. */
#include "cli/cli.h"

#include "base/utf8.h"

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

void progress_again(const char *format, ...)
{
    va_list list;

    if (text.quiet || !isatty(STDERR_FILENO))
        return;
    fputs("\r\033[K", stderr);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fflush(stderr);
    text.in_progress = true;
}

bool colour_wanted(void)
{
    return text.colour_out;
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

char *clean_text(char *string)
{
    const unsigned char *at = (const unsigned char *)string;
    size_t len = 0;

    while (*at != 0) {
        const unsigned char *begin = at;

        if (utf8_can_be_shown(utf8_next(&at))) {
            memmove(string + len, begin, (size_t)(at - begin));
            len += (size_t)(at - begin);
        } else {
            string[len++] = '?';
            at += at == begin; /* a byte that is no character */
        }
    }
    string[len] = '\0';
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
