/* SPDX-License-Identifier: MIT */
#include "softcard/vpcd.h"

#include "base/secret.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FRAME_MAX 65535u
#define LOOK_MS   200 /* how soon *stop is seen when a signal comes just before poll */

enum { ORDER_OFF = 0, ORDER_ON = 1, ORDER_RESET = 2, ORDER_ATR = 4 };

struct plug {
    int fd;
    struct softcard *card;
    struct softcard_ram *ram;
    const volatile sig_atomic_t *stop;
    bool powered;
    uint8_t in[FRAME_MAX];
    uint8_t out[2 + SOFTCARD_ANSWER_MAX];
};

const char *vpcd_says(enum vpcd_result result)
{
    static const char *const says[] = {
        [VPCD_DONE] = "done",
        [VPCD_ADDRESS] = "that host is not known",
        [VPCD_REFUSED] = "nobody listens there; is pcscd running with the vpcd reader driver",
        [VPCD_LOST] = "the line to the reader driver broke",
        [VPCD_MUTE] = "the card image cannot be read or written",
        [VPCD_MEMORY] = "out of memory",
    };

    return (size_t)result < sizeof(says) / sizeof(says[0]) ? says[result] : "unknown result";
}

static int dial(const char *host, const char *port, enum vpcd_result *ret_result)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
    int fd = -1, one = 1;

    *ret_result = VPCD_ADDRESS;
    if (getaddrinfo(host, port, &hints, &list) != 0)
        return -1;
    *ret_result = VPCD_REFUSED;
    for (struct addrinfo *at = list; at != NULL && fd < 0; at = at->ai_next) {
        fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
        if (fd >= 0 && connect(fd, at->ai_addr, at->ai_addrlen) != 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(list);
    if (fd >= 0)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    return fd;
}

/* The driver sends length and body as two segments: without an acknowledgement at once, Nagle's
 * algorithm on its side holds the second back for 40 ms, at every APDU. The kernel forgets the
 * option, so it is set before each read. */
static void acknowledge_at_once(int fd)
{
    int one = 1;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one));
}

/* Exactly `len` bytes. False: stopped, line ended or broken (*ret_result). */
static bool receive(struct plug *p, uint8_t *buf, size_t len, enum vpcd_result *ret_result)
{
    while (len > 0) {
        struct pollfd wait = { .fd = p->fd, .events = POLLIN };
        ssize_t n;

        if (*p->stop) {
            *ret_result = VPCD_DONE;
            return false;
        }
        if (poll(&wait, 1, LOOK_MS) <= 0)
            continue;
        acknowledge_at_once(p->fd);
        n = recv(p->fd, buf, len, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            *ret_result = n == 0 ? VPCD_DONE : VPCD_LOST;
            return false;
        }
        buf += n;
        len -= (size_t)n;
    }
    return true;
}

/* Sends the `len` bytes that stand at p->out + 2. */
static bool reply(struct plug *p, size_t len)
{
    size_t left = len + 2;
    const uint8_t *at = p->out;

    p->out[0] = (uint8_t)(len >> 8);
    p->out[1] = (uint8_t)len;
    while (left > 0) {
        ssize_t n = send(p->fd, at, left, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        left -= (size_t)n;
    }
    wipe(p->out, len + 2);
    return true;
}

/* An order has no answer, but for the ATR. */
static bool obey(struct plug *p, uint8_t order)
{
    uint8_t atr[SOFTCARD_ATR_MAX];
    size_t len = 0;

    switch (order) {
    case ORDER_OFF:
        softcard_power_off(p->ram);
        p->powered = false;
        return true;
    case ORDER_ON:
    case ORDER_RESET:
        softcard_power_on(p->card, p->ram, atr, &len);
        p->powered = true;
        return true;
    case ORDER_ATR:
        softcard_atr(p->card, p->out + 2, &len);
        return reply(p, len);
    default:
        return true;
    }
}

static enum vpcd_result serve_one(struct plug *p, size_t len)
{
    size_t out_len = SOFTCARD_ANSWER_MAX;
    uint8_t atr[SOFTCARD_ATR_MAX];
    size_t atr_len;

    if (len == 1)
        return obey(p, p->in[0]) ? VPCD_DONE : VPCD_LOST;
    if (!p->powered) { /* the driver asks before it powers: be a card all the same */
        softcard_power_on(p->card, p->ram, atr, &atr_len);
        p->powered = true;
    }
    if (softcard_transmit(p->card, p->ram, p->in, len, p->out + 2, &out_len) != SOFTCARD_OK)
        return VPCD_MUTE;
    wipe(p->in, len);
    if (out_len > FRAME_MAX)
        return VPCD_LOST;
    return reply(p, out_len) ? VPCD_DONE : VPCD_LOST;
}

static enum vpcd_result serve(struct plug *p)
{
    enum vpcd_result result = VPCD_DONE;
    uint8_t head[2];

    while (receive(p, head, sizeof(head), &result)) {
        size_t len = (size_t)(head[0] << 8 | head[1]);

        if (len == 0)
            continue;
        if (!receive(p, p->in, len, &result))
            break;
        result = serve_one(p, len);
        if (result != VPCD_DONE)
            break;
    }
    return result;
}

enum vpcd_result vpcd_serve(const char *host, const char *port, struct softcard *card,
                            const volatile sig_atomic_t *stop, void (*connected)(void))
{
    enum vpcd_result result = VPCD_MEMORY;
    struct plug *p = calloc(1, sizeof(*p));
    struct softcard_ram *ram = calloc(1, softcard_ram_size());

    if (p != NULL && ram != NULL) {
        *p = (struct plug){ .card = card, .ram = ram, .stop = stop };
        p->fd = dial(host, port, &result);
        if (p->fd >= 0) {
            if (connected != NULL)
                connected();
            result = serve(p);
            close(p->fd);
        }
    }
    if (ram != NULL)
        softcard_power_off(ram);
    free(ram);
    free(p);
    return result;
}
