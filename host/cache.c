/* SPDX-License-Identifier: MIT */
/*
 * The data cache: what was read from the card, with cardcf as it was then. An item is fresh as
 * long as the counters it depends on stand still. Items of the module depend on all counters,
 * because it does not tell on which; those of the host know.
 */
#include "host/host_internal.h"

#include "base/secret.h"
#include "base/wstr.h"

#include <stdlib.h>
#include <string.h>

struct cache_item {
    struct cache_item *next;
    enum cache_owner owner;
    unsigned depends;
    size_t tag_len; /* bytes, NUL included */
    size_t len;
    WCHAR *tag;     /* both behind the item, in one block with it */
    BYTE *data;
};

/* The bytes of cardcf each counter has. */
static bool counter_equal(unsigned what, const BYTE *a, const BYTE *b)
{
    switch (what) {
    case CACHE_PINS:
        return a[1] == b[1];
    case CACHE_CONTAINERS:
        return memcmp(a + 2, b + 2, 2) == 0;
    default:
        return memcmp(a + 4, b + 4, 2) == 0;
    }
}

static bool fresh(unsigned depends, const BYTE *then, const BYTE *now)
{
    for (unsigned bit = 1; bit <= CACHE_ALL; bit <<= 1) {
        if ((depends & bit) != 0 && !counter_equal(bit, then, now))
            return false;
    }
    return true;
}

static size_t item_size(const struct cache_item *item)
{
    return sizeof *item + item->tag_len + item->len;
}

static void unlink_item(struct cache *cache, struct cache_item **at)
{
    struct cache_item *item = *at;

    *at = item->next;
    cache->bytes -= item_size(item);
    wipe(item, item_size(item));
    free(item);
}

void cache_stamp(struct cache *cache, const BYTE *stamp)
{
    struct cache_item **at = &cache->first;

    while (*at != NULL) {
        /* all items were fresh until now: they carry the cache's stamp */
        if (stamp == NULL || !cache->open || !fresh((*at)->depends, cache->stamp, stamp))
            unlink_item(cache, at);
        else
            at = &(*at)->next;
    }
    cache->open = stamp != NULL;
    if (stamp != NULL)
        memcpy(cache->stamp, stamp, CARDCF_LEN);
}

static struct cache_item **find(struct cache *cache, enum cache_owner owner, const WCHAR *tag)
{
    struct cache_item **at = &cache->first;

    while (*at != NULL && ((*at)->owner != owner || !wstr_equal((*at)->tag, tag)))
        at = &(*at)->next;
    return at;
}

void cache_drop(struct cache *cache, enum cache_owner owner, const WCHAR *tag)
{
    struct cache_item **at = find(cache, owner, tag);

    if (*at != NULL)
        unlink_item(cache, at);
}

void cache_add(struct cache *cache, enum cache_owner owner, const WCHAR *tag, unsigned depends,
               const BYTE *data, size_t len)
{
    size_t tag_len = (wstr_len(tag) + 1) * sizeof(WCHAR);
    struct cache_item *item;
    size_t size = sizeof *item + tag_len + len;

    cache_drop(cache, owner, tag); /* an old copy must not survive a new one that finds no room */
    if (!cache->open || len > CACHE_MOST || tag_len > CACHE_MOST ||
        size > CACHE_MOST - cache->bytes)
        return;
    item = malloc(size);
    if (item == NULL)
        return;
    item->owner = owner;
    item->depends = depends;
    item->tag_len = tag_len;
    item->len = len;
    item->tag = (WCHAR *)(item + 1);
    item->data = (BYTE *)(item + 1) + tag_len;
    memcpy(item->tag, tag, tag_len);
    if (len != 0)
        memcpy(item->data, data, len);
    item->next = cache->first;
    cache->first = item;
    cache->bytes += size;
}

bool cache_get(const struct cache *cache, enum cache_owner owner, const WCHAR *tag,
               const BYTE **ret_data, size_t *ret_len)
{
    const struct cache_item *item = cache->first;

    while (item != NULL && (item->owner != owner || !wstr_equal(item->tag, tag)))
        item = item->next;
    if (item == NULL)
        return false;
    *ret_data = item->data;
    *ret_len = item->len;
    return true;
}

/* ---- the callbacks ------------------------------------------------------------------------- */

DWORD WINAPI csp_cache_add(PVOID context, LPWSTR tag, DWORD flags, PBYTE data, DWORD len)
{
    if (context == NULL || tag == NULL || flags != 0 || (data == NULL && len != 0))
        return SCARD_E_INVALID_PARAMETER;
    cache_add(context, CACHE_MODULE, tag, CACHE_ALL, data, len);
    return SCARD_S_SUCCESS;
}

DWORD WINAPI csp_cache_lookup(PVOID context, LPWSTR tag, DWORD flags, PBYTE *data, PDWORD len)
{
    const BYTE *found = NULL;
    size_t found_len = 0;

    if (context == NULL || tag == NULL || flags != 0 || data == NULL || len == NULL)
        return SCARD_E_INVALID_PARAMETER;
    *data = NULL;
    *len = 0;
    if (!cache_get(context, CACHE_MODULE, tag, &found, &found_len))
        return SCARD_W_CACHE_ITEM_NOT_FOUND;
    *data = csp_alloc(found_len);
    if (*data == NULL)
        return SCARD_E_NO_MEMORY;
    if (found_len != 0)
        memcpy(*data, found, found_len);
    *len = (DWORD)found_len;
    return SCARD_S_SUCCESS;
}

DWORD WINAPI csp_cache_delete(PVOID context, LPWSTR tag, DWORD flags)
{
    if (context == NULL || tag == NULL || flags != 0)
        return SCARD_E_INVALID_PARAMETER;
    cache_drop(context, CACHE_MODULE, tag);
    return SCARD_S_SUCCESS;
}
