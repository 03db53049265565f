/* SPDX-License-Identifier: MIT */
#include "edge/result.h"

#include "iso7816/tlv.h"

#include <string.h>

void result_pad(uint8_t *out, size_t len, const struct wr *answer)
{
    size_t zeros = len - wr_len(answer);

    memset(out, 0, zeros);
    memcpy(out + zeros, answer->start, wr_len(answer));
}

/* X.690 INTEGER, positive and minimal, as `bytes` bytes. */
static bool read_positive(struct rd *seq, uint8_t *out, size_t bytes)
{
    struct rd v = tlv_enter(seq, 0x02);
    size_t len = rd_left(&v);

    if (len == 0 || (v.at[0] & 0x80) != 0)
        return false;
    if (v.at[0] == 0) {
        (void)rd_u8(&v);
        if (rd_left(&v) == 0 || (v.at[0] & 0x80) == 0)
            return false;
    }
    len = rd_left(&v);
    if (len > bytes)
        return false;
    memset(out, 0, bytes - len);
    rd_copy(&v, out + bytes - len, len);
    return true;
}

static bool is_zero(const uint8_t *number, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (number[i] != 0)
            return false;
    return true;
}

bool result_ecdsa(const struct wr *answer, size_t bytes, uint8_t *rs)
{
    struct rd top = rd_init(answer->start, wr_len(answer));
    struct rd seq;

    if (wr_len(answer) == 2 * bytes) {
        memcpy(rs, answer->start, 2 * bytes);
    } else {
        seq = tlv_enter(&top, 0x30);
        if (!rd_done(&top) || !read_positive(&seq, rs, bytes) ||
            !read_positive(&seq, rs + bytes, bytes) || !rd_done(&seq))
            return false;
    }
    return !is_zero(rs, bytes) && !is_zero(rs + bytes, bytes);
}
