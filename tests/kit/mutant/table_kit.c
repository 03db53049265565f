/* SPDX-License-Identifier: MIT */
/* What has no number in the document: sentences there, sequences, steps of the closed tool, and
 * versions 6 and 7. */
#include "mutation.h"

static const struct mutation lines[] = {
    BREAK("V6.1.E1", "accepted", CardAuthenticateEx, no_data, ANSWERS(0)),
};

const struct table kit_table = { lines, ARRAY(lines) };
