/* SPDX-License-Identifier: MIT */
#include "softreader/context.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct context {
    SCARDCONTEXT id;
    unsigned holds; /* one for the table, one for each context_get */
    struct waiter *waiters;
    struct context *next;
};

struct entry {
    struct handle handle; /* first: a struct handle * is its entry's address */
    SCARDHANDLE id;
    SCARDCONTEXT context;
    unsigned holds;
    bool released;        /* out of the table; ask under `busy` */
    pthread_mutex_t busy; /* one thread at a time */
    struct entry *next;
};

/* Everything below under tables_lock. It is never held while waiting for `busy`. */
static pthread_mutex_t tables_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;
static struct context *contexts;
static struct entry *entries;
static pid_t tables_pid; /* whose they are: clone without the handlers below is noticed too */
static uint32_t last_id;

/* ---- fork ---------------------------------------------------------------------------------- */

static void fork_prepare(void)
{
    pthread_mutex_lock(&tables_lock);
}

static void fork_parent(void)
{
    pthread_mutex_unlock(&tables_lock);
}

/* Nothing may be freed here: other threads, which do not exist in the child, were using it. */
static void fork_child(void)
{
    for (struct entry *e = entries; e != NULL; e = e->next)
        if (e->handle.slot != NULL)
            slot_abandon(e->handle.slot);
    entries = NULL;
    contexts = NULL;
    tables_pid = getpid();
    pthread_mutex_unlock(&tables_lock);
}

static void tables_init(void)
{
    tables_pid = getpid();
    pthread_atfork(fork_prepare, fork_parent, fork_child);
}

static void tables_enter(void)
{
    pthread_once(&tables_once, tables_init);
    pthread_mutex_lock(&tables_lock);
    if (tables_pid != getpid()) {
        entries = NULL;
        contexts = NULL;
        tables_pid = getpid();
    }
}

static void tables_leave(void)
{
    pthread_mutex_unlock(&tables_lock);
}

/* Positive and below 2^31, since programs keep them in an int; contexts and handles never share a
 * number. Comes round after two thousand million. */
static LONG new_id(void)
{
    last_id = (last_id + 1) & 0x3FFFFFFFu;
    return (LONG)(last_id | 0x40000000u);
}

/* ---- contexts ------------------------------------------------------------------------------ */

LONG context_new(SCARDCONTEXT *ret)
{
    struct context *c = calloc(1, sizeof(*c));

    if (c == NULL)
        return SCARD_E_NO_MEMORY;
    tables_enter();
    c->id = new_id();
    c->holds = 1;
    c->next = contexts;
    contexts = c;
    *ret = c->id;
    tables_leave();
    return SCARD_S_SUCCESS;
}

struct context *context_get(SCARDCONTEXT id)
{
    struct context *c;

    tables_enter();
    for (c = contexts; c != NULL && c->id != id; c = c->next)
        ;
    if (c != NULL)
        c->holds++;
    tables_leave();
    return c;
}

void context_put(struct context *context)
{
    bool last;

    tables_enter();
    last = --context->holds == 0;
    tables_leave();
    if (last)
        free(context);
}

static void wake_waiters(struct context *context)
{
    for (struct waiter *w = context->waiters; w != NULL; w = w->next) {
        w->cancelled = true;
        eventfd_write(w->wake, 1);
    }
}

/* The first handle of a context, by number; 0: none left. */
static SCARDHANDLE first_handle_of(SCARDCONTEXT id)
{
    SCARDHANDLE found = 0;

    tables_enter();
    for (const struct entry *e = entries; e != NULL && found == 0; e = e->next)
        if (e->context == id)
            found = e->id;
    tables_leave();
    return found;
}

static void close_handles_of(SCARDCONTEXT id)
{
    struct handle *handle;
    SCARDHANDLE h;

    while ((h = first_handle_of(id)) != 0) {
        handle = handle_get(h);
        if (handle == NULL)
            continue; /* another thread was quicker */
        if (handle->transactions > 0) {
            slot_reset(handle->slot);
            slot_end(handle->slot);
        }
        handle_release(handle);
    }
}

bool context_release(SCARDCONTEXT id)
{
    struct context **at, *c;

    tables_enter();
    for (at = &contexts; *at != NULL && (*at)->id != id; at = &(*at)->next)
        ;
    c = *at;
    if (c != NULL) {
        *at = c->next;
        wake_waiters(c);
    }
    tables_leave();
    if (c == NULL)
        return false;
    close_handles_of(id);
    context_put(c);
    return true;
}

/* ---- waiting ------------------------------------------------------------------------------- */

bool waiter_begin(struct context *context, struct waiter *waiter)
{
    waiter->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (waiter->wake < 0)
        return false;
    waiter->cancelled = false;
    tables_enter();
    waiter->next = context->waiters;
    context->waiters = waiter;
    tables_leave();
    return true;
}

bool waiter_cancelled(const struct waiter *waiter)
{
    bool cancelled;

    tables_enter();
    cancelled = waiter->cancelled;
    tables_leave();
    return cancelled;
}

void waiter_end(struct context *context, struct waiter *waiter)
{
    struct waiter **at;

    tables_enter();
    for (at = &context->waiters; *at != NULL && *at != waiter; at = &(*at)->next)
        ;
    if (*at != NULL)
        *at = waiter->next;
    tables_leave();
    close(waiter->wake);
}

void context_cancel(struct context *context)
{
    tables_enter();
    wake_waiters(context);
    tables_leave();
}

/* ---- handles ------------------------------------------------------------------------------- */

static struct entry *entry_of(struct handle *handle)
{
    return (struct entry *)(void *)handle;
}

static void entry_put(struct entry *e)
{
    bool last;

    tables_enter();
    last = --e->holds == 0;
    tables_leave();
    if (last) {
        pthread_mutex_destroy(&e->busy);
        free(e);
    }
}

LONG handle_new(struct context *context, struct slot *slot, const struct handle *how,
                SCARDHANDLE *ret)
{
    struct entry *e = calloc(1, sizeof(*e));
    bool valid = false;

    if (e == NULL || pthread_mutex_init(&e->busy, NULL) != 0) {
        free(e);
        slot_close(slot);
        return SCARD_E_NO_MEMORY;
    }
    e->handle = *how;
    e->handle.slot = slot;
    e->holds = 1;
    tables_enter();
    for (const struct context *c = contexts; c != NULL; c = c->next)
        valid = valid || c == context; /* released while we connected? */
    if (valid) {
        e->context = context->id;
        e->id = new_id();
        e->next = entries;
        entries = e;
        *ret = e->id;
    }
    tables_leave();
    if (valid)
        return SCARD_S_SUCCESS;
    slot_close(slot);
    entry_put(e);
    return SCARD_E_INVALID_HANDLE;
}

struct handle *handle_get(SCARDHANDLE id)
{
    struct entry *e;

    tables_enter();
    for (e = entries; e != NULL && e->id != id; e = e->next)
        ;
    if (e != NULL)
        e->holds++;
    tables_leave();
    if (e == NULL)
        return NULL;
    pthread_mutex_lock(&e->busy);
    if (!e->released)
        return &e->handle;
    handle_put(&e->handle);
    return NULL;
}

void handle_put(struct handle *handle)
{
    struct entry *e = entry_of(handle);

    pthread_mutex_unlock(&e->busy);
    entry_put(e);
}

void handle_release(struct handle *handle)
{
    struct entry **at, *e = entry_of(handle);
    struct slot *slot;

    tables_enter();
    for (at = &entries; *at != NULL && *at != e; at = &(*at)->next)
        ;
    if (*at != NULL)
        *at = e->next;
    e->released = true;
    slot = handle->slot;
    handle->slot = NULL;
    e->holds--; /* the table's; the caller's own is put below */
    tables_leave();
    slot_close(slot);
    handle_put(handle);
}
