/* SPDX-License-Identifier: MIT */
/*
 * The tables behind SCARDCONTEXT and SCARDHANDLE. Values given out are numbers, looked up and never
 * followed; an object found is held until it is put back, so that another thread may release it
 * meanwhile. After a fork the child has empty tables.
 */
#ifndef CARDMINT_SOFTREADER_CONTEXT_H
#define CARDMINT_SOFTREADER_CONTEXT_H

#include "softreader/slot.h"

struct context;

LONG context_new(SCARDCONTEXT *ret);

/* NULL: not a context of this process. */
struct context *context_get(SCARDCONTEXT id);
void context_put(struct context *context);

/* The context is invalid from here on; its waiting threads wake, its handles are closed (with a
 * reset where one was in a transaction). False: no such context. */
bool context_release(SCARDCONTEXT id);

/* A thread in SCardGetStatusChange: `wake` (an eventfd) becomes readable when it is cancelled. */
struct waiter {
    int wake;
    bool cancelled; /* ask with waiter_cancelled */
    struct waiter *next;
};
bool waiter_begin(struct context *context, struct waiter *waiter); /* false: no descriptors left */
bool waiter_cancelled(const struct waiter *waiter);
void waiter_end(struct context *context, struct waiter *waiter);
void context_cancel(struct context *context);

/* One SCardConnect. Between handle_get and handle_put the caller has it for itself. */
struct handle {
    struct slot *slot;
    DWORD share, protocol;
    unsigned transactions; /* nested SCardBeginTransaction */
};

/* Takes the slot over, also on failure. */
LONG handle_new(struct context *context, struct slot *slot, const struct handle *how,
                SCARDHANDLE *ret);

/* NULL: not a handle of this process. Waits while another thread has it. */
struct handle *handle_get(SCARDHANDLE id);
void handle_put(struct handle *handle);

/* handle_put, and the handle is gone: its slot is closed. */
void handle_release(struct handle *handle);

#endif
