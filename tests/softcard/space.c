/* SPDX-License-Identifier: MIT */
#include "tests/softcard/space.h"

#include "base/bytes.h"

#include <string.h>

unsigned space_told(struct bench *b, unsigned *ret_files)
{
    const uint8_t head[] = { 0xDF, 0x7E, 8 };
    struct rd value = rd_init(b->out + 3, 8);
    unsigned bytes, files;

    assert_int_equal(bench_hex(b, "00CB3FFF 04 5C02DF7E 00"), 0x9000);
    assert_int_equal(b->len, 11);
    assert_memory_equal(b->out, head, 3);
    bytes = rd_u32be(&value);
    files = rd_u32be(&value);
    if (ret_files != NULL)
        *ret_files = files;
    return bytes;
}

uint16_t space_reserve(struct bench *b, unsigned fid, unsigned tag, unsigned bytes)
{
    return bench_hex(b, "00DB3FFF 0B DF7D08 %04X %04X %08X", fid, tag, bytes);
}

uint16_t space_put(struct bench *b, unsigned fid, unsigned tag, uint8_t fill, size_t len)
{
    static uint8_t object[SPACE_LARGEST + 64];

    assert_true(len + 6 <= sizeof(object));
    memset(object, fill, sizeof(object));
    object[0] = (uint8_t)(tag >> 8);
    object[1] = (uint8_t)tag;
    object[2] = 0x83;
    object[3] = (uint8_t)(len >> 16);
    object[4] = (uint8_t)(len >> 8);
    object[5] = (uint8_t)len;
    return bench_run(b, true, 0xDB, (uint16_t)fid, object, len + 6);
}

long space_length(struct bench *b, unsigned fid, unsigned tag, uint8_t fill)
{
    const uint8_t list[] = { 0x5C, 2, (uint8_t)(tag >> 8), (uint8_t)tag };
    size_t head;

    if (bench_run(b, true, 0xCB, (uint16_t)fid, list, sizeof(list)) == 0x6A88)
        return -1;
    assert_int_equal(b->sw, 0x9000);
    head = 3 + (b->out[2] > 0x80 ? b->out[2] & 0x0Fu : 0);
    for (size_t i = head; i < b->len; i++)
        assert_int_equal(b->out[i], fill);
    return (long)(b->len - head);
}
