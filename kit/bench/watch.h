/* SPDX-License-Identifier: MIT */
/*
 * What the module does beside the card: functions of the C library that it imports are replaced,
 * in its own table of imports alone, by ones that count and pass on. So what the PC/SC library and
 * libcrypto do for it is not taken for the module's doing.
 */
#ifndef CARDMINT_KIT_BENCH_WATCH_H
#define CARDMINT_KIT_BENCH_WATCH_H

#include "kit/kit.h"

enum watched {
    WATCH_ALLOC,   /* malloc and its like */
    WATCH_REALLOC,
    WATCH_FREE,    /* free of a block of pfnCspAlloc; it is not passed on */
    WATCH_WRITE,   /* a file opened for writing, a log */
    WATCH_READ,    /* a file opened for reading */
    WATCH_NETWORK,
    WATCH_PROCESS, /* another program started */
    WATCH_SHARE,   /* memory that is shared and writable */
    WATCHED
};

/* From now on, in this process. Blocked, where the module's imports cannot be found. */
void watch_begin(struct run *r);

unsigned watch_count(enum watched what);      /* since the last watch_clear */
const char *watch_last(enum watched what);    /* "fopen /tmp/x"; "" */
void watch_clear(void);

#endif
