/* SPDX-License-Identifier: MIT */
#include "iso7816/apdu.h"

static void encode_short(struct wr *w, const struct apdu *cmd)
{
    if (cmd->data_len > APDU_SHORT_LC || cmd->le > APDU_SHORT_LE)
        w->bad = true;
    if (cmd->data_len != 0) {
        wr_u8(w, (uint8_t)cmd->data_len);
        wr_bytes(w, cmd->data, cmd->data_len);
    }
    if (cmd->le != 0)
        wr_u8(w, (uint8_t)cmd->le); /* 256 becomes 00 */
}

static void encode_extended(struct wr *w, const struct apdu *cmd)
{
    if (cmd->data_len > APDU_EXTENDED_LC || cmd->le > APDU_EXTENDED_LE)
        w->bad = true;
    wr_u8(w, 0); /* case 2E: 00 Le Le; cases 3E and 4E: 00 Lc Lc data [Le Le] */
    if (cmd->data_len != 0) {
        wr_u16be(w, (uint16_t)cmd->data_len);
        wr_bytes(w, cmd->data, cmd->data_len);
    }
    if (cmd->le != 0)
        wr_u16be(w, (uint16_t)cmd->le); /* 65536 becomes 00 00 */
}

void apdu_encode(struct wr *w, const struct apdu *cmd, bool extended)
{
    wr_u8(w, cmd->cla);
    wr_u8(w, cmd->ins);
    wr_u8(w, cmd->p1);
    wr_u8(w, cmd->p2);
    if (extended && (cmd->data_len > APDU_SHORT_LC || cmd->le > APDU_SHORT_LE))
        encode_extended(w, cmd);
    else
        encode_short(w, cmd);
}

/* Lc, data and Le of the form that was found out; `wide`: two-byte fields. */
static bool parse_body(struct rd *in, struct apdu *cmd, bool wide)
{
    uint32_t max = wide ? APDU_EXTENDED_LE : APDU_SHORT_LE;
    size_t field = wide ? 2 : 1;
    uint32_t n;

    n = wide ? rd_u16be(in) : rd_u8(in);
    if (rd_done(in)) { /* case 2: this was Le */
        cmd->le = n != 0 ? n : max;
        return true;
    }
    cmd->data_len = n;
    cmd->data = rd_bytes(in, n);
    if (n == 0 || in->bad)
        return false;
    if (rd_left(in) == field) { /* case 4 */
        n = wide ? rd_u16be(in) : rd_u8(in);
        cmd->le = n != 0 ? n : max;
    }
    return rd_done(in);
}

bool apdu_parse(struct rd in, struct apdu *ret, bool *ret_extended)
{
    struct apdu cmd = { 0 };
    bool wide;

    cmd.cla = rd_u8(&in);
    cmd.ins = rd_u8(&in);
    cmd.p1 = rd_u8(&in);
    cmd.p2 = rd_u8(&in);
    wide = rd_left(&in) > 1 && in.at[0] == 0;
    if (wide)
        (void)rd_u8(&in);
    if (in.bad || (rd_left(&in) != 0 && !parse_body(&in, &cmd, wide)))
        return false;
    if (ret_extended != NULL)
        *ret_extended = wide;
    *ret = cmd;
    return true;
}
