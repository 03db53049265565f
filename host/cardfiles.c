/* SPDX-License-Identifier: MIT */
/* The files that make a card a minidriver card: cardid, cardcf, cardapps, mscp, cmapfile. */
#include "host/host_internal.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

/* ---- cardcf: the counters ------------------------------------------------------------------ */

static struct card_path cardcf_path(void)
{
    return card_path("", szCACHE_FILE);
}

void cardcf_forget(struct host *host)
{
    host_free(host->cardcf.bytes, host->cardcf.len);
    host->cardcf = (struct cardcf){ 0 };
}

/* What is read from the file, in a form that has all counters of ours. */
static DWORD keep(struct host *host, BYTE *bytes, size_t len)
{
    size_t whole = len < CARDCF_LEN ? CARDCF_LEN : len;
    BYTE *copy = calloc(1, whole);

    if (copy != NULL && len != 0)
        memcpy(copy, bytes, len);
    host_free(bytes, len);
    if (copy == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    host->cardcf = (struct cardcf){ .there = true, .bytes = copy, .len = whole };
    return SCARD_S_SUCCESS;
}

DWORD cardcf_read(struct host *host)
{
    static const BYTE session[CARDCF_LEN]; /* counters of our own, for as long as we are open */
    BYTE *bytes = NULL;
    size_t len = 0;
    DWORD rc;

    cardcf_forget(host);
    if (host->cache_mode != CP_CACHE_MODE_GLOBAL_CACHE) {
        if (host->cache_mode != CP_CACHE_MODE_SESSION_ONLY)
            cache_stamp(&host->cache, NULL);
        else if (!host->cache.open)
            cache_stamp(&host->cache, session);
        return SCARD_S_SUCCESS;
    }
    rc = card_read(host, cardcf_path(), &bytes, &len);
    if (rc == SCARD_S_SUCCESS)
        rc = keep(host, bytes, len);
    /* a file too short for the counters says nothing about them */
    cache_stamp(&host->cache,
                rc == SCARD_S_SUCCESS && len >= CARDCF_LEN ? host->cardcf.bytes : NULL);
    if (card_is_gone(rc))
        return rc;
    if (rc != SCARD_E_FILE_NOT_FOUND && rc != SCARD_E_DIR_NOT_FOUND &&
        rc != SCARD_E_UNSUPPORTED_FEATURE)
        host->cardcf.unread = rc; /* one may read all the same, but change nothing unannounced */
    return SCARD_S_SUCCESS;
}

static void count_up(BYTE *counter)
{
    unsigned next = (counter[0] | (unsigned)counter[1] << 8) + 1;

    counter[0] = (BYTE)next;
    counter[1] = (BYTE)(next >> 8);
}

static void count(BYTE *counters, unsigned what)
{
    if ((what & CACHE_PINS) != 0)
        counters[1]++;
    if ((what & CACHE_CONTAINERS) != 0)
        count_up(counters + 2);
    if ((what & CACHE_FILES) != 0)
        count_up(counters + 4);
}

DWORD cardcf_bump(struct host *host, unsigned what)
{
    struct cardcf *cf = &host->cardcf;
    BYTE stamp[CARDCF_LEN];
    DWORD rc;

    if (cf->unread != SCARD_S_SUCCESS && !host->read_only)
        return cf->unread;
    if (!cf->there || host->read_only) { /* nothing to tell others by, but our own cache */
        memcpy(stamp, host->cache.stamp, sizeof stamp);
        count(stamp, what);
        cache_stamp(&host->cache, host->cache.open ? stamp : NULL);
        return SCARD_S_SUCCESS;
    }
    count(cf->bytes, what);
    rc = card_write(host, cardcf_path(), cf->bytes, cf->len);
    if (rc == SCARD_S_SUCCESS)
        cache_stamp(&host->cache, cf->bytes);
    else
        (void)cardcf_read(host); /* what is in it now, the card alone knows */
    return rc;
}

/* ---- a new card ---------------------------------------------------------------------------- */

/* Creates a file unless it is there. One that is there but was never written (the power went
 * between the two) gets its content. */
static DWORD ensure_file(struct host *host, struct card_path path, const BYTE *content, size_t len,
                         CARD_FILE_ACCESS_CONDITION access)
{
    CARD_FILE_INFO info;
    DWORD rc = card_file_info(host, path, &info);

    if (rc == SCARD_E_FILE_NOT_FOUND)
        return card_put(host, path, content, len, access);
    if (rc != SCARD_S_SUCCESS || len == 0 || info.cbFileSize != 0)
        return rc;
    return card_write(host, path, content, len);
}

static DWORD ensure_directory(struct host *host, const char *dir)
{
    DWORD rc = card_create_directory(host, dir);

    return rc == ERROR_FILE_EXISTS ? SCARD_S_SUCCESS : rc;
}

static DWORD create_files(struct host *host)
{
    static const BYTE counters[CARDCF_LEN];
    static const BYTE apps[8] = szBASE_CSP_DIR;
    static const BYTE zeros[16];
    BYTE id[16];
    DWORD rc;

    do {
        if (RAND_bytes(id, sizeof id) != 1)
            return NTE_FAIL;
    } while (memcmp(id, zeros, sizeof id) == 0);
    rc = ensure_file(host, card_path("", szCARD_IDENTIFIER_FILE), id, sizeof id,
                     EveryoneReadAdminWriteAc);
    if (rc == SCARD_S_SUCCESS)
        rc = ensure_file(host, cardcf_path(), counters, sizeof counters, EveryoneReadUserWriteAc);
    if (rc == SCARD_S_SUCCESS)
        rc = ensure_file(host, card_path("", "cardapps"), apps, sizeof apps,
                         EveryoneReadUserWriteAc);
    if (rc == SCARD_S_SUCCESS)
        rc = ensure_directory(host, szBASE_CSP_DIR);
    if (rc == SCARD_S_SUCCESS)
        rc = ensure_file(host, card_path(szBASE_CSP_DIR, szCONTAINER_MAP_FILE), NULL, 0,
                         EveryoneReadUserWriteAc);
    return rc;
}

DWORD host_create_card(struct host *host, const BYTE *admin_key, size_t admin_key_len)
{
    DWORD rc;

    if (host->read_only)
        return SCARD_E_READ_ONLY_CARD;
    rc = host_begin(host);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = host_login_admin(host, admin_key, admin_key_len, NULL);
    if (rc == SCARD_S_SUCCESS)
        rc = create_files(host);
    if (!card_is_gone(rc))
        (void)cardcf_read(host); /* from here on there are counters */
    host_end(host);
    return rc;
}
