/* SPDX-License-Identifier: MIT */
#include "kit/bench/bench.h"
#include "kit/run.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

double clock_real_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

double clock_ms(void)
{
    const char *path = getenv("CARDMINT_KIT_CLOCK");
    int file = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    int64_t added = 0;

    if (file >= 0) {
        if (read(file, &added, sizeof(added)) != (ssize_t)sizeof(added))
            added = 0;
        close(file);
    }
    return clock_real_ms() + (double)added / 1e6;
}
