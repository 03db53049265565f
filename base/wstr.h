/* SPDX-License-Identifier: MIT */
/*
 * UTF-16 strings, as Windows' WCHAR has them: 16-bit units, NUL-terminated. The C library's
 * wide functions must not touch them off Windows, where wchar_t has 32 bits.
 */
#ifndef CARDMINT_BASE_WSTR_H
#define CARDMINT_BASE_WSTR_H

#include <stdbool.h>
#include <stddef.h>

#ifdef _WIN32
#include <wchar.h>
typedef wchar_t wchar16;
#else
#include <stdint.h>
typedef uint16_t wchar16;
#endif

/* Units before the NUL. */
size_t wstr_len(const wchar16 *s);

/* True when both are the same, unit by unit (property names and user ids are case-sensitive). */
bool wstr_equal(const wchar16 *a, const wchar16 *b);

/* Writes `ascii` as UTF-16 with its NUL into room for `cap` units; false (nothing written) when
 * it does not fit or a byte is not ASCII. */
bool wstr_from_ascii(wchar16 *out, size_t cap, const char *ascii);

/* The same for UTF-8 (RFC 3629: nothing overlong, no surrogates). */
bool wstr_from_utf8(wchar16 *out, size_t cap, const char *utf8);

/* At most `max` units of `s` as UTF-8 with its NUL, '?' for what is no character: three bytes a unit
 * and one more are always enough. False (nothing written) when it does not fit. */
bool wstr_to_utf8(char *out, size_t cap, const wchar16 *s, size_t max);

/* The other way; false (nothing written) when it does not fit or a unit is not ASCII. At most
 * `max` units of `s` are looked at, a NUL among them ends it. */
bool wstr_to_ascii(char *out, size_t cap, const wchar16 *s, size_t max);

#endif
