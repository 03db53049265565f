/* SPDX-License-Identifier: MIT */
/*
 * The PIN cache: what the card has taken, for as long as the card's policy for that PIN allows
 * (PIN_INFO, specification 7.5). It has a page of its own, so that it may be locked out of the swap
 * space and left out of core dumps; where the system refuses that, it is wiped all the same.
 */
#include "host/host_internal.h"

#include "base/secret.h"

#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define SECOND_MS 1000u

/* Counts while the machine sleeps, too. */
static uint64_t now_ms(void)
{
    struct timespec now = { 0 };

    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * SECOND_MS + (uint64_t)now.tv_nsec / 1000000u;
}

/* What nobody tells is kept as little as can be; before version 6 nobody could tell. */
void pin_policy_ask(struct host *host)
{
    PIN_INFO info = { .dwVersion = PIN_INFO_CURRENT_VERSION };
    struct pin_cache *cache = &host->pin_cache;

    cache->policy = PinCacheNormal;
    if (host->data.dwVersion < CARD_DATA_VERSION_SIX)
        return;
    cache->policy = PinCacheNone;
    if (card_property(host, CP_CARD_PIN_INFO, ROLE_USER, &info, sizeof info) != SCARD_S_SUCCESS)
        return;
    cache->policy = info.PinCachePolicy.PinCachePolicyType;
    cache->seconds = info.PinCachePolicy.dwPinCachePolicyInfo;
}

static bool make_page(struct pin_cache *cache)
{
    void *page;

    if (cache->page != NULL)
        return true;
    page = mmap(NULL, SECRET_MOST, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return false;
    (void)mlock(page, SECRET_MOST);
    (void)madvise(page, SECRET_MOST, MADV_DONTDUMP);
    cache->page = page;
    return true;
}

void pin_cache_keep(struct host *host, const BYTE *pin, size_t len)
{
    struct pin_cache *cache = &host->pin_cache;

    pin_cache_forget(host);
    if (cache->policy != PinCacheNormal && cache->policy != PinCacheTimed)
        return;
    if (!make_page(cache))
        return; /* then it must be asked for again */
    if (len != 0)
        memcpy(cache->page, pin, len);
    cache->len = len;
    cache->since_ms = now_ms();
    cache->freshness = host->cardcf.there ? host->cardcf.bytes[1] : 0;
    cache->full = true;
}

/* A PIN that another program has changed since would only cost a try: bPinsFreshness tells. */
static bool stale(const struct host *host)
{
    const struct pin_cache *cache = &host->pin_cache;

    if (host->cardcf.there && host->cardcf.bytes[1] != cache->freshness)
        return true;
    return cache->policy == PinCacheTimed &&
           now_ms() - cache->since_ms >= (uint64_t)cache->seconds * SECOND_MS;
}

bool pin_cache_get(struct host *host, const BYTE **ret_pin, size_t *ret_len)
{
    struct pin_cache *cache = &host->pin_cache;

    if (cache->full && stale(host))
        pin_cache_forget(host);
    if (!cache->full)
        return false;
    *ret_pin = cache->page;
    *ret_len = cache->len;
    return true;
}

void pin_cache_forget(struct host *host)
{
    struct pin_cache *cache = &host->pin_cache;

    wipe(cache->page, cache->len);
    cache->len = 0;
    cache->full = false;
}

void pin_cache_free(struct host *host)
{
    struct pin_cache *cache = &host->pin_cache;

    if (cache->page == NULL)
        return;
    wipe(cache->page, SECRET_MOST);
    (void)munmap(cache->page, SECRET_MOST); /* unlocks it, too */
    cache->page = NULL;
}

void host_pin_forget(struct host *host)
{
    pin_cache_forget(host);
}
