/* SPDX-License-Identifier: MIT */
/* The caller's cache: a few items by tag. The context pointer of the callbacks is its struct. */
#include "base/wstr.h"
#include "kit/bench/bench.h"

#include <stdlib.h>
#include <string.h>

#define ITEMS   64u
#define TAG_MAX 64u

static struct cache {
    struct item {
        WCHAR tag[TAG_MAX];
        BYTE *bytes;
        DWORD len;
    } items[ITEMS];
    unsigned lookups, adds, deletes;
} cache;

static struct item *find(LPWSTR tag)
{
    for (unsigned i = 0; i < ITEMS; i++)
        if (cache.items[i].bytes != NULL && wstr_equal(cache.items[i].tag, tag))
            return &cache.items[i];
    return NULL;
}

static void forget(struct item *item)
{
    free(item->bytes);
    item->bytes = NULL;
}

static DWORD WINAPI delete_item(PVOID context, LPWSTR tag, DWORD flags)
{
    struct item *item = find(tag);

    (void)context;
    (void)flags;
    cache.deletes++;
    if (item == NULL)
        return SCARD_E_FILE_NOT_FOUND;
    forget(item);
    return SCARD_S_SUCCESS;
}

static DWORD WINAPI add_item(PVOID context, LPWSTR tag, DWORD flags, PBYTE data, DWORD len)
{
    struct item *item = find(tag);

    (void)context;
    (void)flags;
    cache.adds++;
    if (item != NULL)
        forget(item);
    for (unsigned i = 0; i < ITEMS && item == NULL; i++)
        if (cache.items[i].bytes == NULL)
            item = &cache.items[i];
    if (item == NULL || wstr_len(tag) >= TAG_MAX)
        return SCARD_E_NO_MEMORY;
    item->bytes = malloc(len + 1u);
    if (item->bytes == NULL)
        return SCARD_E_NO_MEMORY;
    memcpy(item->tag, tag, (wstr_len(tag) + 1) * sizeof(*tag));
    memcpy(item->bytes, data, len);
    item->len = len;
    return SCARD_S_SUCCESS;
}

static DWORD WINAPI look_up(PVOID context, LPWSTR tag, DWORD flags, PBYTE *ret_data, PDWORD ret_len)
{
    struct item *item = find(tag);

    (void)context;
    (void)flags;
    cache.lookups++;
    if (item == NULL)
        return SCARD_E_FILE_NOT_FOUND;
    *ret_data = mem_alloc(item->len != 0 ? item->len : 1);
    if (*ret_data == NULL)
        return SCARD_E_NO_MEMORY;
    memcpy(*ret_data, item->bytes, item->len);
    *ret_len = item->len;
    return SCARD_S_SUCCESS;
}

void bench_cache(struct bench *b)
{
    b->data.pfnCspCacheAddFile = add_item;
    b->data.pfnCspCacheLookupFile = look_up;
    b->data.pfnCspCacheDeleteFile = delete_item;
    b->data.pvCacheContext = &cache;
}

unsigned cache_lookups(void)
{
    return cache.lookups;
}

unsigned cache_adds(void)
{
    return cache.adds;
}

unsigned cache_deletes(void)
{
    return cache.deletes;
}
