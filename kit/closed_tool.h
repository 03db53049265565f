/* SPDX-License-Identifier: MIT */
/*
 * The closed tool's tests, by the names of its command line, and which requirements belong to each.
 *
 *     cardmint exec CardAuthenticatePin Negative
 *
 * Its steps are known from a public log and public configurations; its verdict on a result of ours
 * is what that log shows it says in such a case.
 */
#ifndef CARDMINT_KIT_CLOSED_TOOL_H
#define CARDMINT_KIT_CLOSED_TOOL_H

#include "kit/kit.h"

struct closed_test {
    const char *name, *subtest; /* subtest NULL: it has none */
    const char *ids; /* with blanks between; * at the end: all that begin so; "" where requirements
                        come by function and kind alone */
};

/* The nth in the order it runs them; NULL behind the last. */
const struct closed_test *closed_tool_test(size_t n);

/* Which one a requirement belongs to; NULL: none of them sees to it. */
const struct closed_test *closed_tool_of(const char *id);

/* Is the requirement in that test, or subtest of it (NULL: any)? Names in letters of any case. */
bool closed_tool_has(const char *test, const char *subtest, const char *id);

/* Is there such a test, with such a subtest (NULL: any)? */
bool closed_tool_known(const char *test, const char *subtest);

/* Pass, Fail, Warn, Skipped or Blocked; "" where no test of it sees to the requirement. */
const char *closed_tool_verdict(const struct kit_result *result);

#endif
