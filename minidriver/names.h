/* SPDX-License-Identifier: MIT */
/* Names of files and directories: CMR.1.2.1 to 1.2.3. One helper a rule. */
#ifndef CARDMINT_MINIDRIVER_NAMES_H
#define CARDMINT_MINIDRIVER_NAMES_H

#include "edge/edge.h"

/* Given at all, and not "". */
bool name_given(const char *name);

/* 1 to 8 characters. dir_length_ok takes NULL too: the root. */
bool name_length_ok(const char *name);
bool dir_length_ok(const char *dir);

/* None of \ / : * ? " < > | and of the codes 1 to 31. dir_chars_ok takes NULL too. */
bool name_chars_ok(const char *name);
bool dir_chars_ok(const char *dir);

/* Length and characters. */
bool name_ok(const char *name);

/* Lower case (A to Z only), at most 8 characters; NULL becomes "". */
void name_lower(char out[EDGE_NAME_MAX], const char *name);

#endif
