/* SPDX-License-Identifier: MIT */
/* UTF-8 as it comes from others (RFC 3629: nothing overlong, no surrogates). */
#ifndef CARDMINT_BASE_UTF8_H
#define CARDMINT_BASE_UTF8_H

#include <stdbool.h>
#include <stdint.h>

#define UTF8_BAD 0xFFFFFFFFu

/* The next character of a string that does not end here; *at moves on. UTF8_BAD: there is none, and
 * *at stays. */
uint32_t utf8_next(const unsigned char **at);

/* Can be shown: no control character (C0, DEL, C1), none that turns the direction of writing
 * around, no noncharacter. A line feed and a tab are control characters. */
bool utf8_can_be_shown(uint32_t character);

#endif
