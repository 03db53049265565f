/* SPDX-License-Identifier: MIT */
/* Processes that a module has started and left behind: a session of its own, or the end of its
 * parent, takes one out of the reach of kill(2), not out of ours. */
#ifndef CARDMINT_KIT_STRAYS_H
#define CARDMINT_KIT_STRAYS_H

#include <stddef.h>
#include <sys/types.h>

#define STRAYS_KNOWN_MAX 64u

/* The children this process has of its own. */
struct strays {
    pid_t known[STRAYS_KNOWN_MAX];
    size_t count;
};

/* From now on, what loses its parent below this process becomes its child. */
void strays_watch(struct strays *ret);
/* Ends all children that are not known, and theirs; how many. None, where /proc does not tell. */
unsigned strays_end(const struct strays *strays);

#endif
