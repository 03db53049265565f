/* SPDX-License-Identifier: MIT */
/*
 * Text for the reports. What results hold comes from modules and cards: it is made harmless here,
 * for all four forms. What is no UTF-8, and what controls a terminal or turns the direction of
 * writing around, becomes U+FFFD.
 */
#ifndef CARDMINT_KIT_REPORT_TEXT_H
#define CARDMINT_KIT_REPORT_TEXT_H

#include "kit/kit.h"

/* As one line: line feeds and tabs become blanks. */
void put_line(FILE *to, const char *text);
/* For XML and HTML, between tags and in attributes; line feeds and tabs stay. */
void put_markup(FILE *to, const char *text);
/* A copy, line feeds and tabs in it; NULL: no memory. */
char *clean_copy(const char *text);

/* "2.3.2.1.3 CardAuthenticatePin, error" */
void section_title(const struct section *section, char title[128]);
/* "4, 5": of a set of KIT_V */
void version_list(unsigned versions, char list[32]);
/* "CardAuthenticatePin Negative"; "" where none sees to it */
void closed_tool_name(const struct requirement *requirement, char name[64]);
/* "fail", and "blocked" where that is more telling */
const char *status_word(const struct kit_result *result);

/* How many results from the nth on are of the same section. */
size_t same_section(const struct kit_result *results, size_t count, size_t n);

#endif
