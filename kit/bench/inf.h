/* SPDX-License-Identifier: MIT */
/* An INF file, as Windows' setup reads it: sections, lines, %strings%. */
#ifndef CARDMINT_KIT_BENCH_INF_H
#define CARDMINT_KIT_BENCH_INF_H

#include <stdbool.h>
#include <stddef.h>

#define INF_FIELDS_MAX 128u

/* "key = field, field, ..."; without '=' the key is "". Quotes are gone, %strings% filled in. */
struct inf_line {
    char *section, *key, *fields[INF_FIELDS_MAX];
    size_t field_count;
};

struct inf {
    struct inf_line *lines;
    size_t count;
};

/* false: `says` has why. UTF-8, ANSI or UTF-16 with its mark. Free with inf_clear. */
bool inf_read(const char *path, struct inf *ret, char says[256]);
void inf_clear(struct inf *inf);

/* Names are the same in letters of any case. */
bool inf_has_section(const struct inf *inf, const char *section);
/* The next line of the section (key NULL: any) behind `after`, NULL: the first. NULL: none. */
const struct inf_line *inf_next(const struct inf *inf, const char *section, const char *key,
                                const struct inf_line *after);
/* Its first field; "" where there is none. */
const char *inf_value(const struct inf *inf, const char *section, const char *key);

#endif
