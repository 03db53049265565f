/* SPDX-License-Identifier: MIT */
#include "base/wstr.h"

#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

size_t wstr_len(const wchar16 *s)
{
    size_t n = 0;

    while (s[n] != 0)
        n++;
    return n;
}

bool wstr_equal(const wchar16 *a, const wchar16 *b)
{
    while (*a != 0 && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

bool wstr_from_ascii(wchar16 *out, size_t cap, const char *ascii)
{
    size_t len = strlen(ascii);

    if (len >= cap)
        return false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)ascii[i] > 0x7F)
            return false;
    for (size_t i = 0; i <= len; i++)
        out[i] = (wchar16)ascii[i];
    return true;
}

bool wstr_to_ascii(char *out, size_t cap, const wchar16 *s, size_t max)
{
    size_t len = 0;

    while (len < max && s[len] != 0) {
        if (s[len] > 0x7F)
            return false;
        len++;
    }
    if (len >= cap)
        return false;
    for (size_t i = 0; i < len; i++)
        out[i] = (char)s[i];
    out[len] = '\0';
    return true;
}

/* ---- UTF-8 ----------------------------------------------------------------------------------- */

/* Units that `utf8` takes; written when out is not NULL. SIZE_MAX: it is none. */
static size_t convert(wchar16 *out, const char *utf8)
{
    const unsigned char *at = (const unsigned char *)utf8;
    size_t n = 0;

    while (*at != 0) {
        uint32_t c = utf8_next(&at);

        if (c == UTF8_BAD)
            return SIZE_MAX;
        if (c >= 0x10000) {
            if (out != NULL)
                out[n] = (wchar16)(0xD7C0 + (c >> 10));
            n++;
            c = 0xDC00 | (c & 0x3FF);
        }
        if (out != NULL)
            out[n] = (wchar16)c;
        n++;
    }
    if (out != NULL)
        out[n] = 0;
    return n;
}

bool wstr_from_utf8(wchar16 *out, size_t cap, const char *utf8)
{
    size_t units = convert(NULL, utf8);

    if (units == SIZE_MAX || units >= cap)
        return false;
    (void)convert(out, utf8);
    return true;
}

/* A character of s[*i] and, of a pair, the one behind it; *i moves on. */
static uint32_t next_utf16(const wchar16 *s, size_t max, size_t *i)
{
    uint32_t c = s[(*i)++];

    if (c < 0xD800 || c > 0xDFFF)
        return c;
    if (c > 0xDBFF || *i >= max || s[*i] < 0xDC00 || s[*i] > 0xDFFF)
        return '?';
    return 0x10000 + ((c - 0xD800) << 10) + (s[(*i)++] - 0xDC00u);
}

static size_t put_utf8(char out[4], uint32_t c)
{
    size_t more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned char heads[] = { 0x00, 0xC0, 0xE0, 0xF0 };

    for (size_t i = more; i > 0; i--) {
        out[i] = (char)(0x80 | (c & 0x3F));
        c >>= 6;
    }
    out[0] = (char)(heads[more] | c);
    return more + 1;
}

bool wstr_to_utf8(char *out, size_t cap, const wchar16 *s, size_t max)
{
    char one[4];
    size_t len = 0;

    for (size_t i = 0; i < max && s[i] != 0;)
        len += put_utf8(one, next_utf16(s, max, &i));
    if (len >= cap)
        return false;
    len = 0;
    for (size_t i = 0; i < max && s[i] != 0;)
        len += put_utf8(out + len, next_utf16(s, max, &i));
    out[len] = '\0';
    return true;
}
