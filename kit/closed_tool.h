/* SPDX-License-Identifier: MIT */
/* Names of the closed certification tool's tests, and which requirements belong to each. */
#ifndef CARDMINT_KIT_CLOSED_TOOL_H
#define CARDMINT_KIT_CLOSED_TOOL_H

#include "kit/kit.h"

/* Does the requirement belong to that test? subtest NULL: to any of its subtests. */
bool closed_tool_has(const char *test, const char *subtest, const char *id);

#endif
