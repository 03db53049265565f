/* SPDX-License-Identifier: MIT */
/* The caller's memory, watched: a list of live blocks, each with a fence behind it. */
#include "kit/bench/bench.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define FENCE_LEN 16u
#define FENCE     0xC5
#define FRESH     0xA5 /* nobody may count on zeros */
#define STALE     0xDD /* nor on what was */

struct block {
    struct block *next, *before;
    size_t len;
    size_t unused; /* keeps what follows aligned as malloc does */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct block *all;
static unsigned long live, calls;
static unsigned fail_in;
static const char *fault;

static BYTE *body(struct block *block)
{
    return (BYTE *)(block + 1);
}

static struct block *find(const void *at)
{
    struct block *block = all;

    while (block != NULL && body(block) != at)
        block = block->next;
    return block;
}

static bool fails_now(void)
{
    calls++;
    return fail_in != 0 && --fail_in == 0;
}

static void *make(size_t len)
{
    struct block *block = len < (size_t)1 << 30 ? malloc(sizeof(*block) + len + FENCE_LEN) : NULL;

    if (block == NULL)
        return NULL;
    block->len = len;
    block->before = NULL;
    block->next = all;
    if (all != NULL)
        all->before = block;
    all = block;
    live++;
    memset(body(block), FRESH, len);
    memset(body(block) + len, FENCE, FENCE_LEN);
    return body(block);
}

static void drop(struct block *block)
{
    for (size_t i = 0; i < FENCE_LEN; i++)
        if (body(block)[block->len + i] != FENCE)
            fault = "a block was written behind its end";
    if (block->next != NULL)
        block->next->before = block->before;
    if (block->before != NULL)
        block->before->next = block->next;
    else
        all = block->next;
    live--;
    memset(body(block), STALE, block->len);
    free(block);
}

LPVOID WINAPI mem_alloc(SIZE_T len)
{
    void *at;

    pthread_mutex_lock(&lock);
    at = fails_now() ? NULL : make(len);
    pthread_mutex_unlock(&lock);
    return at;
}

LPVOID WINAPI mem_realloc(LPVOID old, SIZE_T len)
{
    struct block *block;
    void *at = NULL;

    pthread_mutex_lock(&lock);
    block = find(old);
    if (block == NULL && old != NULL)
        fault = "pfnCspReAlloc was given what pfnCspAlloc has not made";
    else if (!fails_now())
        at = make(len); /* always elsewhere */
    if (at != NULL && block != NULL) {
        memcpy(at, old, block->len < len ? block->len : len);
        drop(block);
    }
    pthread_mutex_unlock(&lock);
    return at;
}

void WINAPI mem_free(LPVOID at)
{
    struct block *block;

    pthread_mutex_lock(&lock);
    block = find(at);
    if (block != NULL)
        drop(block);
    else
        fault = "pfnCspFree was given what is no live block of pfnCspAlloc (freed twice, perhaps)";
    pthread_mutex_unlock(&lock);
}

unsigned long mem_live(void)
{
    return live;
}

unsigned long mem_calls(void)
{
    return calls;
}

bool mem_is_ours(const void *at)
{
    return mem_len(at) != (size_t)-1;
}

size_t mem_len(const void *at)
{
    struct block *block;
    size_t len;

    pthread_mutex_lock(&lock);
    block = find(at);
    len = block != NULL ? block->len : (size_t)-1;
    pthread_mutex_unlock(&lock);
    return len;
}

void mem_fail_at(unsigned nth)
{
    pthread_mutex_lock(&lock);
    fail_in = nth;
    pthread_mutex_unlock(&lock);
}

const char *mem_fault(void)
{
    return fault;
}
