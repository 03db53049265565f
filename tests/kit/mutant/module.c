/* SPDX-License-Identifier: MIT */
/* $MUTANT_OF is the real module; $MUTATION what is broken, nothing if it is not set. */
#include "mutation.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static PFN_CARD_ACQUIRE_CONTEXT acquire;
static const struct mutation *chosen;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const struct mutation *find(const char *name)
{
    const struct table *t;
    char candidate[96];

    for (size_t n = 0; (t = mutation_table(n)) != NULL; n++)
        for (size_t i = 0; i < t->count; i++) {
            mutation_name(&t->lines[i], candidate);
            if (strcmp(candidate, name) == 0)
                return &t->lines[i];
        }
    return NULL;
}

static void load(void)
{
    const char *path = getenv("MUTANT_OF"), *name = getenv("MUTATION");
    void *module = path != NULL ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;

    if (name != NULL && name[0] != '\0') {
        chosen = find(name);
        if (chosen == NULL) {
            fprintf(stderr, "no mutation %s\n", name);
            return; /* nothing works then, so that it cannot be taken for a module that does */
        }
    }
    if (module != NULL)
        *(void **)&acquire = dlsym(module, "CardAcquireContext");
    else
        fprintf(stderr, "$MUTANT_OF: %s\n", path != NULL ? dlerror() : "not set");
}

PFN_CARD_ACQUIRE_CONTEXT real_acquire(void)
{
    pthread_once(&once, load);
    return acquire;
}

static bool applies(const struct mutation *m, const struct call *c)
{
    return m != NULL && m->what != NULL &&
           (m->function == fn_any || m->function == c->function) &&
           (m->when == NULL || m->when(c)) && (m->and == NULL || m->and(c));
}

DWORD mutant_run(struct call *c)
{
    c->rc = applies(chosen, c) ? chosen->what(c, chosen) : invoke(c);
    remember(c);
    return c->rc;
}

DWORD WINAPI __attribute__((visibility("default"))) CardAcquireContext(PCARD_DATA data, DWORD flags)
{
    struct call c = { .function = fn_CardAcquireContext, .data = data, .flags = flags };

    (void)real_acquire();
    return mutant_run(&c);
}
