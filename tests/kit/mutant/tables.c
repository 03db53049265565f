/* SPDX-License-Identifier: MIT */
#include "mutation.h"

#include <stdio.h>
#include <string.h>

static const struct table *const tables[] = {
    &general_table,   &rules_table,     &context_table,    &authentication_table, &pin_table,
    &directory_table, &read_table,      &write_table,      &listing_table,        &container_table,
    &decrypt_table,   &agreement_table, &sign_table,       &sequence_table,       &kit_table,
    &steps_table,     &later_table,
};

const struct table *mutation_table(size_t n)
{
    return n < ARRAY(tables) ? tables[n] : NULL;
}

void mutation_name(const struct mutation *m, char name[96])
{
    snprintf(name, 96, "%.*s/%s", (int)strcspn(m->ids, " "), m->ids, m->word);
}
