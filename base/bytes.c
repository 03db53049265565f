/* SPDX-License-Identifier: MIT */
#include "base/bytes.h"

#include <string.h>

struct rd rd_init(const void *buf, size_t len)
{
    static const uint8_t nothing[1];
    const uint8_t *at = buf != NULL ? buf : nothing;
    struct rd r = { at, at + (buf != NULL ? len : 0), buf == NULL && len != 0 };

    return r;
}

size_t rd_left(const struct rd *r)
{
    return (size_t)(r->end - r->at);
}

bool rd_done(const struct rd *r)
{
    return !r->bad && r->at == r->end;
}

bool rd_fail(struct rd *r)
{
    r->bad = true;
    r->at = r->end;
    return false;
}

const uint8_t *rd_bytes(struct rd *r, size_t len)
{
    const uint8_t *at = r->at;

    if (r->bad || len > rd_left(r)) {
        rd_fail(r);
        return NULL;
    }
    r->at += len;
    return at;
}

struct rd rd_sub(struct rd *r, size_t len)
{
    const uint8_t *at = rd_bytes(r, len);
    struct rd sub = rd_init(at, at != NULL ? len : 0);

    sub.bad = at == NULL;
    return sub;
}

void rd_copy(struct rd *r, void *out, size_t len)
{
    const uint8_t *at = rd_bytes(r, len);

    if (at != NULL && len != 0)
        memcpy(out, at, len);
}

uint8_t rd_u8(struct rd *r)
{
    const uint8_t *at = rd_bytes(r, 1);

    return at != NULL ? at[0] : 0;
}

uint16_t rd_u16be(struct rd *r)
{
    const uint8_t *at = rd_bytes(r, 2);

    if (at == NULL)
        return 0;
    return (uint16_t)(at[0] << 8 | at[1]);
}

uint16_t rd_u16le(struct rd *r)
{
    const uint8_t *at = rd_bytes(r, 2);

    if (at == NULL)
        return 0;
    return (uint16_t)(at[1] << 8 | at[0]);
}

uint32_t rd_u32le(struct rd *r)
{
    uint32_t low = rd_u16le(r);
    uint32_t high = rd_u16le(r);

    return r->bad ? 0 : high << 16 | low;
}

uint32_t rd_u32be(struct rd *r)
{
    uint32_t high = rd_u16be(r);
    uint32_t low = rd_u16be(r);

    return r->bad ? 0 : high << 16 | low;
}

struct wr wr_init(void *buf, size_t cap)
{
    struct wr w = { buf, buf, (uint8_t *)buf + cap, false };

    return w;
}

size_t wr_len(const struct wr *w)
{
    return (size_t)(w->at - w->start);
}

size_t wr_room(const struct wr *w)
{
    return w->bad ? 0 : (size_t)(w->end - w->at);
}

/* The next `len` bytes to be filled, or NULL when they do not fit. */
static uint8_t *wr_take(struct wr *w, size_t len)
{
    uint8_t *at = w->at;

    if (len > wr_room(w)) {
        w->bad = true;
        return NULL;
    }
    w->at += len;
    return at;
}

void wr_u8(struct wr *w, uint8_t v)
{
    wr_bytes(w, &v, 1);
}

void wr_u16be(struct wr *w, uint16_t v)
{
    const uint8_t b[2] = { (uint8_t)(v >> 8), (uint8_t)v };

    wr_bytes(w, b, sizeof(b));
}

void wr_u16le(struct wr *w, uint16_t v)
{
    const uint8_t b[2] = { (uint8_t)v, (uint8_t)(v >> 8) };

    wr_bytes(w, b, sizeof(b));
}

void wr_u32le(struct wr *w, uint32_t v)
{
    const uint8_t b[4] = { (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24) };

    wr_bytes(w, b, sizeof(b));
}

void wr_u32be(struct wr *w, uint32_t v)
{
    wr_u16be(w, (uint16_t)(v >> 16));
    wr_u16be(w, (uint16_t)v);
}

void wr_bytes(struct wr *w, const void *buf, size_t len)
{
    uint8_t *at = wr_take(w, len);

    if (at != NULL && len != 0)
        memcpy(at, buf, len);
}

void wr_fill(struct wr *w, uint8_t v, size_t len)
{
    uint8_t *at = wr_take(w, len);

    if (at != NULL && len != 0)
        memset(at, v, len);
}

void bytes_reverse(uint8_t *buf, size_t len)
{
    for (size_t i = 0; i < len / 2; i++) {
        uint8_t b = buf[i];

        buf[i] = buf[len - 1 - i];
        buf[len - 1 - i] = b;
    }
}
