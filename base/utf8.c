/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"

#include <stddef.h>

uint32_t utf8_next(const unsigned char **at)
{
    static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
    const unsigned char *s = *at;
    unsigned more = s[0] < 0x80 ? 0 : s[0] < 0xE0 ? 1 : s[0] < 0xF0 ? 2 : 3;
    uint32_t c = more == 0 ? s[0] : s[0] & (0x3Fu >> more);

    if ((s[0] >= 0x80 && s[0] < 0xC2) || s[0] > 0xF4)
        return UTF8_BAD;
    for (unsigned i = 1; i <= more; i++) {
        if ((s[i] & 0xC0) != 0x80) /* the NUL too */
            return UTF8_BAD;
        c = c << 6 | (s[i] & 0x3Fu);
    }
    if (c < least[more] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return UTF8_BAD;
    *at = s + more + 1;
    return c;
}

bool utf8_can_be_shown(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } not[] = {
        { 0x0000, 0x001F }, { 0x007F, 0x009F }, { 0x200E, 0x200F }, { 0x2028, 0x202E },
        { 0x2066, 0x2069 }, { 0xD800, 0xDFFF }, { 0xFDD0, 0xFDEF }, { 0xFEFF, 0xFEFF },
    };

    for (size_t i = 0; i < sizeof(not) / sizeof(not[0]); i++)
        if (c >= not[i].first && c <= not[i].last)
            return false;
    return c <= 0x10FFFF && (c & 0xFFFE) != 0xFFFE;
}
