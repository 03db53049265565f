/* SPDX-License-Identifier: MIT */
#include "edge/gids_internal.h"

#include "base/secret.h"

#include <string.h>

struct apdu gids_apdu(uint8_t ins, uint16_t p1p2, const void *data, size_t len, uint32_t le)
{
    struct apdu cmd = { .ins = ins, .p1 = (uint8_t)(p1p2 >> 8), .p2 = (uint8_t)p1p2,
                        .data = data, .data_len = len, .le = le };

    return cmd;
}

void *gids_alloc(const struct gids *g, size_t len)
{
    const struct services *s = &g->e->services;

    return s->alloc(s->host, len != 0 ? len : 1);
}

void gids_free(const struct gids *g, void *block, size_t len)
{
    const struct services *s = &g->e->services;

    if (block == NULL)
        return;
    wipe(block, len);
    s->free(s->host, block);
}

/* ---- selection ------------------------------------------------------------------------------- */

DWORD gids_select_ours(struct edge *e)
{
    static const uint8_t aid[] = { 0xA0, 0x00, 0x00, 0x03, 0x97, 0x42, 0x54, 0x46, 0x59 };
    uint8_t buf[APDU_SHORT_LE];
    struct wr answer = wr_init(buf, sizeof(buf));
    struct apdu cmd = gids_apdu(INS_SELECT, 0x0400, aid, sizeof(aid), APDU_SHORT_LE);
    struct rd top, fci, name;
    sw_t sw;
    DWORD rc = card_exchange(&e->card, &cmd, &answer, &sw); /* ISO/IEC 7816-4, SELECT by DF name */

    if (rc != SCARD_S_SUCCESS)
        return rc;
    top = rd_init(buf, wr_len(&answer));
    fci = tlv_enter(&top, 0x61); /* GIDS 2.0, SELECT: application template */
    name = tlv_find(&fci, 0x4F);
    if (!sw_is(sw, SW_OK) || !rd_done(&top) || name.bad || rd_left(&name) < sizeof(aid) ||
        memcmp(name.at, aid, sizeof(aid)) != 0)
        return SCARD_E_UNKNOWN_CARD;
    e->selections++;
    return SCARD_S_SUCCESS;
}

unsigned gids_most_tries(const uint8_t *data, size_t len, uint32_t tag)
{
    struct rd top = rd_init(data, len), tpl = tlv_enter(&top, tag);
    struct rd left = tlv_find(&tpl, 0x97), most = tlv_find(&tpl, 0x93);

    if (!rd_done(&top) || rd_left(&tpl) != 6 || left.bad || rd_left(&left) != 1 || most.bad ||
        rd_left(&most) != 1)
        return 0;
    return most.at[0];
}

/* Is our application selected? It answers GET DATA 3FFF/7F71 with the PIN's counters, which anybody
 * may read. An answer that is too long is no yes. */
static DWORD ask_application(struct edge *e, bool *ret_ours)
{
    static const uint8_t pin_status[] = { 0x5C, 0x02, 0x7F, 0x71 };
    uint8_t buf[APDU_SHORT_LE];
    struct wr answer = wr_init(buf, sizeof(buf));
    struct apdu cmd = gids_apdu(INS_GET_DATA, GIDS_EF_APP, pin_status, sizeof(pin_status),
                                APDU_SHORT_LE);
    sw_t sw = { 0 };
    DWORD rc = card_exchange(&e->card, &cmd, &answer, &sw);

    if (rc != SCARD_S_SUCCESS && rc != SCARD_E_UNEXPECTED)
        return rc;
    *ret_ours = rc == SCARD_S_SUCCESS && sw_is(sw, SW_OK) &&
                gids_most_tries(buf, wr_len(&answer), 0x7F71) != 0;
    return SCARD_S_SUCCESS;
}

DWORD gids_settle(struct gids *g, bool *ret_made)
{
    bool ours = false;
    DWORD rc = ask_application(g->e, &ours);

    if (rc == SCARD_S_SUCCESS && !ours)
        rc = gids_select_ours(g->e);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    g->proven = true;
    *ret_made = !ours;
    return SCARD_S_SUCCESS;
}

DWORD gids_prove(struct gids *g)
{
    bool made;

    return g->proven ? SCARD_S_SUCCESS : gids_settle(g, &made);
}

/* ---- commands -------------------------------------------------------------------------------- */

struct batch {
    const struct apdu *cmds;
    size_t count;
    struct wr *answer;
    uint32_t tag;
    sw_t sw;   /* of the last command sent */
    size_t at; /* its index */
};

/* The commands as they stand, up to the first that is refused. */
static DWORD send_once(struct gids *g, struct batch *b)
{
    DWORD rc = SCARD_S_SUCCESS;

    if (b->answer != NULL)
        *b->answer = wr_init(b->answer->start, (size_t)(b->answer->end - b->answer->start));
    for (b->at = 0; b->at < b->count; b->at++) {
        bool last = b->at + 1 == b->count;

        rc = card_exchange(&g->e->card, &b->cmds[b->at], last ? b->answer : NULL, &b->sw);
        if (rc != SCARD_S_SUCCESS || !sw_is(b->sw, SW_OK) || last)
            break;
    }
    return rc;
}

static bool well_answered(const struct batch *b)
{
    struct rd top;

    if (!sw_is(b->sw, SW_OK) || b->tag == 0)
        return sw_is(b->sw, SW_OK);
    top = rd_init(b->answer->start, wr_len(b->answer));
    (void)tlv_enter(&top, b->tag);
    return rd_done(&top);
}

/* True when the refused command was a chain: some cards hold on to a broken chain and refuse all
 * else until SELECT, which GIDS forbids; the read that proves the selection tells. */
static bool broke_chain(const struct gids *g, const struct batch *b)
{
    return b->cmds[b->at].data_len > (g->e->card.extended ? CARD_BLOCK_MAX : APDU_SHORT_LC);
}

/* The commands, and once more if they were refused because our application was not selected. */
static DWORD send_to_ours(struct gids *g, struct batch *b)
{
    for (;;) {
        bool was_proven = g->proven;
        bool made;
        DWORD rc = send_once(g, b);

        if (rc != SCARD_S_SUCCESS)
            return rc;
        if (well_answered(b)) {
            g->proven = g->proven || b->tag != 0;
            return SCARD_S_SUCCESS;
        }
        if (!was_proven || broke_chain(g, b)) {
            rc = gids_settle(g, &made);
            if (rc != SCARD_S_SUCCESS)
                return rc;
            if (!was_proven && made)
                continue;
        }
        return sw_is(b->sw, SW_OK) ? SCARD_E_UNEXPECTED : SCARD_S_SUCCESS;
    }
}

/* Does the card take extended APDUs? ISO/IEC 7816-4 (12.1.1.9): EF.ATR, card capabilities 47,
 * third byte, bit 7. A card that does not tell is taken not to. */
static DWORD ask_capabilities(struct gids *g)
{
    static const uint8_t all[] = { 0x5C, 0x00 };
    uint8_t buf[APDU_SHORT_LE];
    struct wr answer = wr_init(buf, sizeof(buf));
    struct apdu cmd = gids_apdu(INS_GET_DATA, GIDS_EF_ATR, all, sizeof(all), APDU_SHORT_LE);
    struct batch b = { .cmds = &cmd, .count = 1, .answer = &answer };
    struct rd top, capabilities;
    DWORD rc = send_to_ours(g, &b);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    top = rd_init(buf, sw_is(b.sw, SW_OK) ? wr_len(&answer) : 0);
    capabilities = tlv_find(&top, 0x47);
    g->e->card.extended = !capabilities.bad && rd_left(&capabilities) == 3 &&
                          (capabilities.at[2] & 0x40) != 0;
    g->e->link_known = true;
    return SCARD_S_SUCCESS;
}

/* Commands that read: they may be sent again whatever became of them. */
static bool only_read(const struct apdu *cmds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (cmds[i].ins != INS_GET_DATA)
            return false;
    return true;
}

/* The way to the card failed, but the card is still there. */
static bool link_refused(DWORD rc)
{
    return rc != SCARD_S_SUCCESS && rc != SCARD_W_RESET_CARD && rc != SCARD_W_REMOVED_CARD &&
           rc != SCARD_E_INVALID_HANDLE && rc != SCARD_E_NO_MEMORY && rc != SCARD_E_UNEXPECTED;
}

static bool needs_extended(const struct apdu *cmds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (cmds[i].data_len > APDU_SHORT_LC || cmds[i].le > APDU_SHORT_LE)
            return true;
    return false;
}

DWORD gids_run(struct gids *g, const struct apdu *cmds, size_t count, struct wr *answer,
               uint32_t tag, sw_t *ret_sw, size_t *ret_at)
{
    struct batch b = { .cmds = cmds, .count = count, .answer = answer, .tag = tag };
    bool wide = needs_extended(cmds, count);
    DWORD rc = SCARD_S_SUCCESS;

    if (wide && g->e->link_extends && !g->e->link_known)
        rc = ask_capabilities(g);
    if (rc == SCARD_S_SUCCESS)
        rc = send_to_ours(g, &b);
    if (wide && g->e->card.extended &&
        (rc == SCARD_S_SUCCESS ? sw_is(b.sw, SW_WRONG_LENGTH)
                               : link_refused(rc) && only_read(cmds, count))) {
        g->e->card.extended = false; /* the card, or the reader, promised too much */
        rc = send_to_ours(g, &b);
    }
    if (rc != SCARD_S_SUCCESS)
        return rc;
    *ret_sw = b.sw;
    if (ret_at != NULL)
        *ret_at = b.at;
    return SCARD_S_SUCCESS;
}

DWORD gids_do(struct gids *g, struct apdu cmd)
{
    sw_t sw;
    DWORD rc = gids_run(g, &cmd, 1, NULL, 0, &sw, NULL);

    return rc != SCARD_S_SUCCESS ? rc : sw_error(sw);
}

/* ---- data objects ---------------------------------------------------------------------------- */

DWORD gids_get(struct gids *g, uint16_t ef, uint32_t tag, bool small, uint8_t **ret_data,
               size_t *ret_len)
{
    const uint8_t which[] = { 0x5C, 0x02, (uint8_t)(tag >> 8), (uint8_t)tag };
    bool wide = !small || g->e->card.extended;
    struct apdu cmd = gids_apdu(INS_GET_DATA, ef, which, sizeof(which),
                                wide ? APDU_EXTENDED_LE : APDU_SHORT_LE);
    uint8_t *buf = gids_alloc(g, GIDS_DO_MAX);
    uint8_t *data = NULL;
    struct wr answer;
    struct rd top, value;
    sw_t sw;
    DWORD rc;

    if (buf == NULL)
        return SCARD_E_NO_MEMORY;
    answer = wr_init(buf, GIDS_DO_MAX);
    rc = gids_run(g, &cmd, 1, &answer, tag, &sw, NULL); /* GIDS 2.0, GET DATA */
    if (rc == SCARD_S_SUCCESS)
        rc = sw_error(sw);
    if (rc != SCARD_S_SUCCESS)
        goto out;
    top = rd_init(buf, wr_len(&answer));
    value = tlv_enter(&top, tag);
    data = gids_alloc(g, rd_left(&value));
    if (data == NULL) {
        rc = SCARD_E_NO_MEMORY;
        goto out;
    }
    *ret_len = rd_left(&value);
    memcpy(data, value.at, *ret_len);
    *ret_data = data;
out:
    gids_free(g, buf, GIDS_DO_MAX); /* all of it: a repeated answer may be the shorter one */
    return rc;
}

DWORD gids_put(struct gids *g, uint16_t ef, uint32_t tag, const uint8_t *data, size_t len)
{
    size_t size = tlv_size(tag, len);
    struct apdu cmd;
    uint8_t *buf;
    struct wr w;
    sw_t sw;
    DWORD rc;

    if (len > GIDS_DO_MAX || size > GIDS_DO_MAX) /* could not be read back */
        return SCARD_E_WRITE_TOO_MANY;
    buf = gids_alloc(g, size);
    if (buf == NULL)
        return SCARD_E_NO_MEMORY;
    w = wr_init(buf, size);
    tlv_put(&w, tag, data, len);
    cmd = gids_apdu(INS_PUT_DATA, ef, buf, size, 0);
    rc = gids_run(g, &cmd, 1, NULL, 0, &sw, NULL); /* GIDS 2.0, PUT DATA */
    gids_free(g, buf, size);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (sw_is(sw, SW_WRONG_LENGTH)) /* the form is right: more than the card takes */
        return SCARD_E_WRITE_TOO_MANY;
    return sw_error(sw);
}

/* ---- tables ---------------------------------------------------------------------------------- */

/* A table that is not there is the format byte alone: for the reader the same as one without
 * records, and a start for the writer. */
static DWORD empty_table(struct gids *g, uint8_t **ret_data, size_t *ret_len)
{
    uint8_t *data = gids_alloc(g, 1);

    if (data == NULL)
        return SCARD_E_NO_MEMORY;
    data[0] = GIDS_TABLE_FORMAT;
    *ret_data = data;
    *ret_len = 1;
    return SCARD_S_SUCCESS;
}

DWORD gids_load(struct gids *g, const struct gids_table *table, bool fresh, uint8_t **ret_data,
                size_t *ret_len)
{
    const struct services *s = &g->e->services;
    uint8_t *data = NULL;
    size_t len = 0;
    DWORD rc;

    if (!fresh && s->cache_find(s->host, table->cache, &data, &len)) {
        if (len != 0) {
            *ret_data = data;
            *ret_len = len;
            return SCARD_S_SUCCESS;
        }
        gids_free(g, data, 0);
    }
    rc = gids_get(g, table->ef, table->tag, true, &data, &len);
    if (rc == SCARD_S_SUCCESS && len == 0)
        gids_free(g, data, 0);
    if (rc == SCARD_E_FILE_NOT_FOUND || (rc == SCARD_S_SUCCESS && len == 0))
        rc = empty_table(g, &data, &len);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    s->cache_drop(s->host, table->cache);
    s->cache_add(s->host, table->cache, data, len);
    *ret_data = data;
    *ret_len = len;
    return SCARD_S_SUCCESS;
}

DWORD gids_store(struct gids *g, const struct gids_table *table, const uint8_t *data, size_t len)
{
    const struct services *s = &g->e->services;
    DWORD rc = gids_prove(g);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = gids_put(g, table->ef, table->tag, data, len);
    s->cache_drop(s->host, table->cache);
    if (rc == SCARD_S_SUCCESS)
        s->cache_add(s->host, table->cache, data, len);
    return rc == SCARD_E_WRITE_TOO_MANY ? SCARD_E_NO_MEMORY : rc;
}
