/* SPDX-License-Identifier: MIT */
#include "iso7816/tlv.h"

#include <string.h>

#define TAG_MAX_BYTES  3u        /* ISO/IEC 7816-4: longer tags are reserved */
#define LENGTH_MAX     0xFFFFFFu /* 83 and three bytes: more than any card holds */

static uint32_t read_tag(struct rd *r)
{
    uint32_t tag = rd_u8(r);
    size_t bytes = 1;
    uint8_t b;

    if ((tag & 0x1F) != 0x1F) {
        if (tag == 0) /* padding between objects; no object has this tag */
            rd_fail(r);
        return tag;
    }
    do {
        b = rd_u8(r);
        tag = tag << 8 | b;
        if (++bytes > TAG_MAX_BYTES)
            rd_fail(r);
    } while ((b & 0x80) != 0 && !r->bad);
    return tag;
}

static size_t read_length(struct rd *r)
{
    size_t first = rd_u8(r);
    size_t len = 0;

    if (first < 0x80)
        return first;
    if (first < 0x81 || first > 0x83) { /* 80 is indefinite, 84 and more exceed LENGTH_MAX */
        rd_fail(r);
        return 0;
    }
    for (size_t i = 0; i < first - 0x80; i++)
        len = len << 8 | rd_u8(r);
    return len;
}

bool tlv_next(struct rd *r, struct tlv *ret)
{
    uint32_t tag;
    struct rd value;

    if (r->bad || rd_left(r) == 0)
        return false;
    tag = read_tag(r);
    value = rd_sub(r, read_length(r));
    if (r->bad)
        return false;
    ret->tag = tag;
    ret->value = value;
    return true;
}

/* A window on nothing that is already bad. */
static struct rd no_value(void)
{
    struct rd none = rd_init(NULL, 0);

    rd_fail(&none);
    return none;
}

struct rd tlv_enter(struct rd *r, uint32_t tag)
{
    struct tlv obj;

    if (tlv_next(r, &obj) && obj.tag == tag)
        return obj.value;
    rd_fail(r);
    return no_value();
}

struct rd tlv_find(const struct rd *r, uint32_t tag)
{
    struct rd at = *r;
    struct tlv obj;

    while (tlv_next(&at, &obj))
        if (obj.tag == tag)
            return obj.value;
    return no_value();
}

static size_t tag_size(uint32_t tag)
{
    return tag > 0xFFFF ? 3 : tag > 0xFF ? 2 : 1;
}

static size_t length_size(size_t len)
{
    return len > 0xFFFF ? 4 : len > 0xFF ? 3 : len > 0x7F ? 2 : 1;
}

bool tlv_is_constructed(uint32_t tag)
{
    return (tag >> (8 * (tag_size(tag) - 1)) & 0x20) != 0;
}

size_t tlv_header_size(uint32_t tag, size_t value_len)
{
    return tag_size(tag) + length_size(value_len);
}

size_t tlv_size(uint32_t tag, size_t value_len)
{
    return tlv_header_size(tag, value_len) + value_len;
}

void tlv_header(struct wr *w, uint32_t tag, size_t value_len)
{
    size_t bytes = length_size(value_len);

    if (value_len > LENGTH_MAX)
        w->bad = true;
    for (size_t i = tag_size(tag); i-- > 0;)
        wr_u8(w, (uint8_t)(tag >> (8 * i)));
    if (bytes > 1)
        wr_u8(w, (uint8_t)(0x80 + bytes - 1));
    for (size_t i = bytes > 1 ? bytes - 1 : 1; i-- > 0;)
        wr_u8(w, (uint8_t)(value_len >> (8 * i)));
}

void tlv_put(struct wr *w, uint32_t tag, const void *value, size_t value_len)
{
    tlv_header(w, tag, value_len);
    wr_bytes(w, value, value_len);
}

void tlv_put_u8(struct wr *w, uint32_t tag, uint8_t value)
{
    tlv_put(w, tag, &value, 1);
}

size_t tlv_open(struct wr *w, uint32_t tag)
{
    tlv_header(w, tag, 0);
    return wr_len(w);
}

void tlv_close(struct wr *w, uint32_t tag, size_t mark)
{
    size_t len = w->bad ? 0 : wr_len(w) - mark;
    size_t grow = length_size(len) - 1;
    uint8_t *value = w->start + mark;
    uint8_t *after;

    wr_fill(w, 0, grow);
    if (w->bad)
        return;
    memmove(value + grow, value, len);
    after = w->at;
    w->at = value - 1 - tag_size(tag);
    tlv_header(w, tag, len);
    w->at = after;
}
