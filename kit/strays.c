/* SPDX-License-Identifier: MIT */
#include "kit/strays.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS_MAX 1000u /* one that starts others faster than they end shall not hold us up */

/* As proc(5) has them, of the thread that becomes the parent of what has lost its own. */
static size_t children(pid_t *ret, size_t room)
{
    char path[64];
    size_t count = 0;
    FILE *list;
    int pid;

    snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
    list = fopen(path, "re");
    while (list != NULL && count < room && fscanf(list, "%d", &pid) == 1)
        ret[count++] = pid;
    if (list != NULL)
        (void)fclose(list);
    return count;
}

static bool is_known(const struct strays *s, pid_t pid)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->known[i] == pid)
            return true;
    return false;
}

void strays_watch(struct strays *ret)
{
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    ret->count = children(ret->known, STRAYS_KNOWN_MAX);
}

unsigned strays_end(const struct strays *strays)
{
    unsigned ended = 0;
    bool any = true;

    if (strays->count == STRAYS_KNOWN_MAX)
        return 0; /* there may be more that are not to be ended */
    for (unsigned round = 0; any && round < ROUNDS_MAX; round++) {
        pid_t found[2 * STRAYS_KNOWN_MAX];
        size_t count = children(found, sizeof(found) / sizeof(found[0]));

        any = false; /* the children of those we end come to us: look until there are none */
        for (size_t i = 0; i < count; i++) {
            if (is_known(strays, found[i]) || kill(found[i], SIGKILL) != 0)
                continue;
            ended += waitpid(found[i], NULL, 0) == found[i];
            any = true;
        }
    }
    return ended;
}
