/* SPDX-License-Identifier: MIT */
#include "kit/groups.h"

static const struct group *const groups[] = {
    &general_rows,   &context_rows,   &authentication_rows, &pin_rows,      &directory_rows,
    &file_rows,      &listing_rows,   &capability_rows,     &container_rows, &decrypt_rows,
    &agreement_rows, &sign_rows,      &key_size_rows,       &sequence_rows, &tool_rows,
    &version_6_rows, &version_7_rows,
};

const struct section *kit_section(size_t n)
{
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        if (n < groups[i]->count)
            return &groups[i]->sections[n];
        n -= groups[i]->count;
    }
    return NULL;
}

const char *kit_kind_name(enum kit_kind kind)
{
    static const char *const names[] = { "general", "functional", "performance", "error",
                                         "sequence" };

    return names[kind];
}

const char *kit_status_name(enum kit_status status)
{
    static const char *const names[] = { "pass", "fail", "not-applicable", "inspected" };

    return names[status];
}
