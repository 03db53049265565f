/* SPDX-License-Identifier: MIT */
/* The tables as lines, with tabs: name, ids, function, also, reason, file, whether it can be run. */
#include "mutation.h"

#include <stdio.h>

DWORD mutant_run(struct call *c)
{
    return invoke(c);
}

PFN_CARD_ACQUIRE_CONTEXT real_acquire(void)
{
    return NULL;
}

static const char *text(const char *s)
{
    return s != NULL ? s : "";
}

int main(void)
{
    const struct table *t;
    char name[96];

    for (size_t n = 0; (t = mutation_table(n)) != NULL; n++)
        for (size_t i = 0; i < t->count; i++) {
            const struct mutation *m = &t->lines[i];

            mutation_name(m, name);
            printf("%s\t%s\t%s\t%s\t%s\t%s\t%d\n", name, m->ids, function_name(m->function),
                   text(m->also), text(m->reason), text(m->file),
                   m->what != NULL || m->file != NULL);
        }
    return 0;
}
