/* SPDX-License-Identifier: MIT */
#include "softreader/status.h"

#include "softreader/reader.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

/* Nobody tells when a lock is taken or dropped: look this often while a program waits for it. */
#define LOOK_AT_LOCKS_MS 100
/* Insertions and removals come by inotify. Looking now and then all the same covers a home that
 * did not exist yet, and file systems without inotify. */
#define LOOK_AGAIN_MS    2000
#define LOOK_BLIND_MS    100

static const char pnp_name[] = "\\\\?PnP?\\Notification";

struct watch {
    SCARD_READERSTATE *states;
    size_t count;
    char *readers; /* all names when the wait began: what the PnP reader compares with */
    size_t readers_len, readers_count;
    bool locks_matter;
    int notify; /* inotify; -1: blind */
};

static bool is_pnp(const SCARD_READERSTATE *state)
{
    return strcasecmp(state->szReader, pnp_name) == 0;
}

/* ---- looking ------------------------------------------------------------------------------- */

static DWORD look_flags(const struct reader_look *look)
{
    DWORD flags = (DWORD)look->events << 16;

    if (!look->inserted)
        return flags | SCARD_STATE_EMPTY;
    flags |= SCARD_STATE_PRESENT;
    if (look->mute)
        flags |= SCARD_STATE_MUTE;
    if (look->sharing == SLOT_EXCLUSIVE)
        flags |= SCARD_STATE_EXCLUSIVE;
    if (look->sharing == SLOT_SHARED)
        flags |= SCARD_STATE_INUSE;
    return flags;
}

/* Does what is seen contradict what the program believes? Sharing by others is news only to a
 * program which said that it was otherwise: pcscd does not wake anyone for a new connection. */
static bool contradicts(DWORD believed, DWORD seen)
{
    const DWORD presence = SCARD_STATE_EMPTY | SCARD_STATE_PRESENT | SCARD_STATE_MUTE;
    const DWORD sharing = SCARD_STATE_INUSE | SCARD_STATE_EXCLUSIVE;
    DWORD events = believed >> 16;

    if ((believed & 0xFFFF & ~(DWORD)SCARD_STATE_CHANGED) == SCARD_STATE_UNAWARE)
        return true;
    if (believed & (SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE))
        return true; /* it is there again */
    if (events != 0 && events != seen >> 16)
        return true;
    if ((believed & (SCARD_STATE_EMPTY | SCARD_STATE_PRESENT)) != 0 &&
        (believed & presence) != (seen & presence))
        return true;
    return (believed & sharing & ~seen) != 0;
}

static bool look_at_reader(SCARD_READERSTATE *state)
{
    struct reader_look look = { .known = false };
    char card[SOFTCARD_NAME_MAX];

    if (reader_card(state->szReader, card))
        reader_look(card, &look);
    if (!look.known) {
        bool news = (state->dwCurrentState & SCARD_STATE_UNKNOWN) == 0;

        state->dwEventState = SCARD_STATE_UNKNOWN | (news ? SCARD_STATE_CHANGED : 0);
        state->cbAtr = 0;
        return news;
    }
    state->dwEventState = look_flags(&look);
    state->cbAtr = look.atr_len;
    memcpy(state->rgbAtr, look.atr, look.atr_len);
    if (!contradicts(state->dwCurrentState, state->dwEventState))
        return false;
    state->dwEventState |= SCARD_STATE_CHANGED;
    return true;
}

/* The high word counts the readers, as on Windows; a program that has not been told a number is
 * told of changes since its call began. */
static bool look_at_pnp(const struct watch *watch, SCARD_READERSTATE *state)
{
    DWORD believed = state->dwCurrentState >> 16;
    size_t len, count;
    char *names = reader_names(&len, &count);
    bool news;

    if (names == NULL)
        return false;
    news = len != watch->readers_len || memcmp(names, watch->readers, len) != 0 ||
           (believed != 0 && believed != count);
    free(names);
    state->dwEventState = (DWORD)count << 16 | (news ? SCARD_STATE_CHANGED : 0);
    state->cbAtr = 0;
    return news;
}

static bool look_at_all(const struct watch *watch)
{
    bool news = false;

    for (size_t i = 0; i < watch->count; i++) {
        SCARD_READERSTATE *state = &watch->states[i];

        if (state->dwCurrentState & SCARD_STATE_IGNORE)
            state->dwEventState = SCARD_STATE_IGNORE;
        else if (is_pnp(state) ? look_at_pnp(watch, state) : look_at_reader(state))
            news = true;
    }
    return news;
}

/* ---- waiting ------------------------------------------------------------------------------- */

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int open_notify(void)
{
    const uint32_t slots_mask = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR;
    char dir[HOME_PATH_MAX], cards[HOME_PATH_MAX + sizeof("/cards")];
    int fd, n;

    if (!home_slots_dir(dir))
        return -1;
    fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (fd < 0)
        return -1;
    if (inotify_add_watch(fd, dir, slots_mask) < 0) {
        close(fd);
        return -1;
    }
    /* Images deleted: an empty reader is no reader any more. */
    n = home_dir(dir) ? snprintf(cards, sizeof(cards), "%s/cards", dir) : -1;
    if (n > 0 && (size_t)n < sizeof(cards))
        inotify_add_watch(fd, cards, IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR);
    return fd;
}

/* Sleeps until something may have changed, was cancelled, or `left_ms` (negative: for ever) are
 * over. */
static void sleep_until_news(const struct watch *watch, const struct waiter *waiter, int64_t left_ms)
{
    struct pollfd fds[2] = { { .fd = waiter->wake, .events = POLLIN },
                             { .fd = watch->notify, .events = POLLIN } };
    int ms = watch->notify < 0 ? LOOK_BLIND_MS : LOOK_AGAIN_MS;
    char drain[1024];

    if (watch->locks_matter && ms > LOOK_AT_LOCKS_MS)
        ms = LOOK_AT_LOCKS_MS;
    if (left_ms >= 0 && left_ms < ms)
        ms = (int)left_ms;
    if (poll(fds, watch->notify < 0 ? 1 : 2, ms) > 0 && watch->notify >= 0)
        while (read(watch->notify, drain, sizeof(drain)) > 0)
            ;
}

static LONG wait_for_news(struct watch *watch, struct context *context, DWORD timeout)
{
    bool forever = timeout >= INFINITE;
    int64_t end = forever ? -1 : now_ms() + (int64_t)timeout, left = -1;
    struct waiter waiter;
    LONG rc = SCARD_S_SUCCESS;

    if (!waiter_begin(context, &waiter))
        return SCARD_E_NO_MEMORY;
    /* First the watch, then a look: nothing falls between the two. */
    watch->notify = timeout == 0 ? -1 : open_notify();
    while (!look_at_all(watch)) {
        if (waiter_cancelled(&waiter)) {
            rc = SCARD_E_CANCELLED;
            break;
        }
        if (!forever && (left = end - now_ms()) <= 0) {
            rc = SCARD_E_TIMEOUT;
            break;
        }
        sleep_until_news(watch, &waiter, left);
    }
    if (watch->notify >= 0)
        close(watch->notify);
    waiter_end(context, &waiter);
    return rc;
}

/* Names that nobody can be waiting for are an error, as with pcscd, and not an endless wait. */
static LONG check_states(const SCARD_READERSTATE *states, size_t count, size_t *ret_watched)
{
    struct reader_look look;
    char card[SOFTCARD_NAME_MAX];
    size_t watched = 0;

    for (size_t i = 0; i < count; i++)
        if (states[i].szReader == NULL)
            return SCARD_E_INVALID_VALUE;
    for (size_t i = 0; i < count; i++) {
        if (states[i].dwCurrentState & SCARD_STATE_IGNORE)
            continue;
        watched++;
        if (is_pnp(&states[i]) || (states[i].dwCurrentState & SCARD_STATE_UNKNOWN))
            continue;
        if (!reader_card(states[i].szReader, card))
            return SCARD_E_UNKNOWN_READER;
        reader_look(card, &look);
        if (!look.known)
            return SCARD_E_UNKNOWN_READER;
    }
    *ret_watched = watched;
    return SCARD_S_SUCCESS;
}

LONG status_wait(struct context *context, DWORD timeout, SCARD_READERSTATE *states, size_t count)
{
    struct watch watch = { .states = states, .count = count, .notify = -1 };
    size_t watched;
    LONG rc = check_states(states, count, &watched);

    if (rc != SCARD_S_SUCCESS || watched == 0)
        return rc;
    for (size_t i = 0; i < count; i++)
        if (states[i].dwCurrentState & (SCARD_STATE_INUSE | SCARD_STATE_EXCLUSIVE))
            watch.locks_matter = true;
    watch.readers = reader_names(&watch.readers_len, &watch.readers_count);
    if (watch.readers == NULL)
        return SCARD_E_NO_MEMORY;
    rc = wait_for_news(&watch, context, timeout);
    free(watch.readers);
    return rc;
}
