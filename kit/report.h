/* SPDX-License-Identifier: MIT */
/* What people and machines read of a run. */
#ifndef CARDMINT_KIT_REPORT_H
#define CARDMINT_KIT_REPORT_H

#include "kit/kit.h"

/* Facts of the run that are no result. Strings may be NULL. */
struct kit_about {
    const char *module, *reader, *version, *started; /* version: the kit's; started: ISO 8601 */
    double ms;
};

/* Each: false when it could not be written (errno). */
bool report_table(FILE *to, const struct kit_about *about, const struct kit_result *results,
                  size_t count, bool colour);
bool report_json(FILE *to, const struct kit_about *about, const struct kit_result *results,
                 size_t count);
bool report_junit(FILE *to, const struct kit_about *about, const struct kit_result *results,
                  size_t count);
bool report_html(FILE *to, const struct kit_about *about, const struct kit_result *results,
                 size_t count);

#endif
