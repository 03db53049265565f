/* SPDX-License-Identifier: MIT */
#include "base/wstr.h"

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
