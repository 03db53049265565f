/* SPDX-License-Identifier: MIT */
/*
 * Transactions: the card is ours between the first host_begin and its host_end, and for the
 * policy's TransactionTimeoutMilliseconds after that. A thread of the host's own gives it back
 * then, because nobody else may come by: other programs wait for the card, and it is
 * authenticated. Between host_end and host_begin the struct belongs to whoever holds keeper.lock.
 */
#include "host/host_internal.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

/* Gives the card back, to be used by nobody but its next user. */
static void give_back(struct host *host)
{
    enum pcsc_disposition how = PCSC_LEAVE;

    if (deauthenticate(host) != SCARD_S_SUCCESS)
        how = PCSC_RESET; /* the surest way to forget a PIN */
    host->roles = PIN_SET_NONE;
    (void)pcsc_end(host->pcsc, host->card, how);
}

/* ---- the keeper ---------------------------------------------------------------------------- */

static struct timespec in_ms(DWORD ms)
{
    struct timespec at = { 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += (time_t)(ms / 1000u);
    at.tv_nsec += (long)(ms % 1000u) * 1000000L;
    if (at.tv_nsec >= 1000000000L) {
        at.tv_nsec -= 1000000000L;
        at.tv_sec++;
    }
    return at;
}

static bool is_past(const struct timespec *at)
{
    struct timespec now = in_ms(0);

    return now.tv_sec > at->tv_sec || (now.tv_sec == at->tv_sec && now.tv_nsec >= at->tv_nsec);
}

static void *keeper_thread(void *argument)
{
    struct host *host = argument;
    struct keeper *keeper = &host->keeper;

    (void)pthread_mutex_lock(&keeper->lock);
    while (!keeper->ends) {
        if (!keeper->holds) {
            (void)pthread_cond_wait(&keeper->news, &keeper->lock);
        } else if (is_past(&keeper->until)) { /* may have been put off while we slept */
            keeper->holds = false;
            give_back(host);
        } else {
            (void)pthread_cond_timedwait(&keeper->news, &keeper->lock, &keeper->until);
        }
    }
    (void)pthread_mutex_unlock(&keeper->lock);
    return NULL;
}

/* The caller's signal handlers are none of the thread's business. */
static bool create_thread(struct host *host)
{
    sigset_t all, before;
    bool created;

    (void)sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return false;
    created = pthread_create(&host->keeper.thread, NULL, keeper_thread, host) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return created;
}

static bool make_news(pthread_cond_t *news)
{
    pthread_condattr_t attr;
    bool made;

    if (pthread_condattr_init(&attr) != 0)
        return false;
    made = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0 &&
           pthread_cond_init(news, &attr) == 0;
    (void)pthread_condattr_destroy(&attr);
    return made;
}

static bool keeper_start(struct host *host)
{
    struct keeper *keeper = &host->keeper;

    if (keeper->runs)
        return true;
    if (pthread_mutex_init(&keeper->lock, NULL) != 0)
        return false;
    if (make_news(&keeper->news)) {
        keeper->runs = create_thread(host);
        if (keeper->runs)
            return true;
        (void)pthread_cond_destroy(&keeper->news);
    }
    (void)pthread_mutex_destroy(&keeper->lock);
    return false;
}

/* Keeps the card for the next host_begin. False: it is to be given back now. */
static bool keep(struct host *host)
{
    struct keeper *keeper = &host->keeper;
    DWORD ms = host->policy.TransactionTimeoutMilliseconds;
    bool every_time = IS_PIN_SET(host->roles, ROLE_USER) &&
                      host->pin_cache.policy == PinCacheAlwaysPrompt;

    if (ms == 0 || host->spent || every_time || !keeper_start(host))
        return false;
    (void)pthread_mutex_lock(&keeper->lock);
    keeper->until = in_ms(ms);
    keeper->holds = true;
    (void)pthread_cond_signal(&keeper->news);
    (void)pthread_mutex_unlock(&keeper->lock);
    return true;
}

/* Takes the kept card over from the keeper. False: there is none. */
static bool take_over(struct host *host)
{
    struct keeper *keeper = &host->keeper;
    bool held;

    if (!keeper->runs)
        return false;
    (void)pthread_mutex_lock(&keeper->lock);
    held = keeper->holds;
    keeper->holds = false;
    (void)pthread_mutex_unlock(&keeper->lock);
    return held;
}

void transaction_drop(struct host *host)
{
    if (take_over(host))
        give_back(host);
}

void transaction_close(struct host *host)
{
    struct keeper *keeper = &host->keeper;

    host->policy.TransactionTimeoutMilliseconds = 0;
    while (host->depth > 0)
        host_end(host);
    if (!keeper->runs)
        return;
    transaction_drop(host);
    (void)pthread_mutex_lock(&keeper->lock);
    keeper->ends = true;
    (void)pthread_cond_signal(&keeper->news);
    (void)pthread_mutex_unlock(&keeper->lock);
    (void)pthread_join(keeper->thread, NULL);
    (void)pthread_cond_destroy(&keeper->news);
    (void)pthread_mutex_destroy(&keeper->lock);
    keeper->runs = false;
}

/* ---- begin and end ------------------------------------------------------------------------- */

/* Takes the card; after a reset by somebody else accepts that once. */
static DWORD lock(struct host *host)
{
    DWORD rc = host->was_reset ? SCARD_W_RESET_CARD : pcsc_begin(host->pcsc, host->card);

    if (rc != SCARD_W_RESET_CARD)
        return rc;
    rc = pcsc_reconnect(host->pcsc, host->card, PCSC_SHARED, PCSC_LEAVE);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    host->was_reset = false;
    return pcsc_begin(host->pcsc, host->card);
}

/* Goes on where the last host_end left off. Nobody can have touched cardcf since, but the card may
 * have been taken out. */
static bool resume(struct host *host)
{
    if (!take_over(host))
        return false;
    if (pcsc_status(host->pcsc, host->card, NULL, NULL, NULL) == SCARD_S_SUCCESS)
        return true;
    give_back(host);
    return false;
}

static DWORD begin_anew(struct host *host)
{
    DWORD rc;

    for (int attempt = 0;; attempt++) {
        rc = lock(host);
        if (rc != SCARD_S_SUCCESS)
            return rc;
        rc = cardcf_read(host);
        if (rc == SCARD_S_SUCCESS)
            break;
        (void)pcsc_end(host->pcsc, host->card, PCSC_LEAVE);
        if (rc != SCARD_W_RESET_CARD || attempt > 0)
            return rc;
    }
    host->roles = PIN_SET_NONE;
    return SCARD_S_SUCCESS;
}

DWORD host_begin(struct host *host)
{
    DWORD rc = SCARD_S_SUCCESS;

    if (host->depth == 0 && !resume(host))
        rc = begin_anew(host);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (host->depth++ == 0)
        host->spent = false;
    return SCARD_S_SUCCESS;
}

void host_end(struct host *host)
{
    if (host->depth == 0 || --host->depth > 0)
        return;
    if (!keep(host))
        give_back(host);
}
