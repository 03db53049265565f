/* SPDX-License-Identifier: MIT */
#include "edge/gids_internal.h"

#include <string.h>

/* ---- selection ------------------------------------------------------------------------------- */

/* What a rule 8C (ISO/IEC 7816-4, 5.4.3.1, compact) says of the access modes `bits`: nobody, ever. A
 * rule that makes no sense says nothing. */
static bool forbids(struct rd rule, uint8_t bits)
{
    uint8_t forbidden = 0;

    while (rd_left(&rule) != 0) {
        uint8_t modes = rd_u8(&rule);

        if ((modes & 0x80) != 0) /* bits with another meaning */
            return false;
        for (uint8_t b = 0x40; b != 0; b >>= 1) {
            if ((modes & b) == 0)
                continue;
            if (rd_u8(&rule) != 0xFF && (b & bits) != 0)
                return false;
            forbidden |= b;
        }
    }
    return !rule.bad && (forbidden & bits) == bits;
}

#define CREATE_AND_DELETE 0x03u /* of an application's rule: GIDS 2.0, access rules */

DWORD gids_select_and_see(struct edge *e, bool *ret_read_only)
{
    static const uint8_t aid[] = { 0xA0, 0x00, 0x00, 0x03, 0x97, 0x42, 0x54, 0x46, 0x59 };
    uint8_t buf[APDU_SHORT_LE];
    struct wr answer = wr_init(buf, sizeof(buf));
    struct apdu cmd = run_apdu(INS_SELECT, 0x0400, aid, sizeof(aid), APDU_SHORT_LE);
    struct rd top, fci, name, rule;
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
    rule = tlv_find(&fci, 0x8C); /* docs/card-extensions.md, section 10; other cards have none */
    *ret_read_only = !rule.bad && forbids(rule, CREATE_AND_DELETE);
    return SCARD_S_SUCCESS;
}

DWORD gids_select_ours(struct edge *e)
{
    bool read_only;

    return gids_select_and_see(e, &read_only);
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
    struct apdu cmd = run_apdu(INS_GET_DATA, GIDS_EF_APP, pin_status, sizeof(pin_status),
                                APDU_SHORT_LE);
    sw_t sw = { 0 };
    DWORD rc = card_exchange(&e->card, &cmd, &answer, &sw);

    if (rc != SCARD_S_SUCCESS && rc != SCARD_E_UNEXPECTED)
        return rc;
    *ret_ours = rc == SCARD_S_SUCCESS && sw_is(sw, SW_OK) &&
                gids_most_tries(buf, wr_len(&answer), 0x7F71) != 0;
    return SCARD_S_SUCCESS;
}

/* Does the card take extended APDUs? ISO/IEC 7816-4 (12.1.1.9): EF.ATR, card capabilities 47,
 * third byte, bit 7. A card that does not tell is taken not to. */
static DWORD ask_capabilities(struct run *g);

static const struct run_kind kind = { gids_select_ours, ask_application, ask_capabilities };

static DWORD ask_capabilities(struct run *g)
{
    static const uint8_t all[] = { 0x5C, 0x00 };
    uint8_t buf[APDU_SHORT_LE];
    struct wr answer = wr_init(buf, sizeof(buf));
    struct apdu cmd = run_apdu(INS_GET_DATA, GIDS_EF_ATR, all, sizeof(all), APDU_SHORT_LE);
    struct run_batch b = { .cmds = &cmd, .count = 1, .answer = &answer };
    struct rd top, capabilities;
    DWORD rc = run_plainly(g, &kind, &b);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    top = rd_init(buf, sw_is(b.sw, SW_OK) ? wr_len(&answer) : 0);
    capabilities = tlv_find(&top, 0x47);
    g->e->card.extended = !capabilities.bad && rd_left(&capabilities) == 3 &&
                          (capabilities.at[2] & 0x40) != 0;
    g->e->link_known = true;
    return SCARD_S_SUCCESS;
}

/* ---- commands -------------------------------------------------------------------------------- */

DWORD gids_settle(struct run *g, bool *ret_made)
{
    return run_settle(g, &kind, ret_made);
}

DWORD gids_prove(struct run *g)
{
    return run_prove(g, &kind);
}

DWORD gids_run(struct run *g, const struct apdu *cmds, size_t count, struct wr *answer,
               uint32_t tag, sw_t *ret_sw, size_t *ret_at)
{
    struct run_batch b = { .cmds = cmds, .count = count, .answer = answer, .tag = tag };
    DWORD rc = run_batch(g, &kind, &b);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    *ret_sw = b.sw;
    if (ret_at != NULL)
        *ret_at = b.at;
    return SCARD_S_SUCCESS;
}

DWORD gids_do(struct run *g, struct apdu cmd)
{
    sw_t sw;
    DWORD rc = gids_run(g, &cmd, 1, NULL, 0, &sw, NULL);

    return rc != SCARD_S_SUCCESS ? rc : sw_error(sw);
}

/* ---- data objects ---------------------------------------------------------------------------- */

DWORD gids_get(struct run *g, uint16_t ef, uint32_t tag, bool small, uint8_t **ret_data,
               size_t *ret_len)
{
    const uint8_t which[] = { 0x5C, 0x02, (uint8_t)(tag >> 8), (uint8_t)tag };
    bool wide = !small || g->e->card.extended;
    struct apdu cmd = run_apdu(INS_GET_DATA, ef, which, sizeof(which),
                                wide ? APDU_EXTENDED_LE : APDU_SHORT_LE);
    uint8_t *buf = run_alloc(g->e, GIDS_DO_MAX);
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
    data = run_alloc(g->e, rd_left(&value));
    if (data == NULL) {
        rc = SCARD_E_NO_MEMORY;
        goto out;
    }
    *ret_len = rd_left(&value);
    memcpy(data, value.at, *ret_len);
    *ret_data = data;
out:
    run_free(g->e, buf, GIDS_DO_MAX); /* all of it: a repeated answer may be the shorter one */
    return rc;
}

DWORD gids_put(struct run *g, uint16_t ef, uint32_t tag, const uint8_t *data, size_t len)
{
    size_t size = tlv_size(tag, len);
    struct apdu cmd;
    uint8_t *buf;
    struct wr w;
    sw_t sw;
    DWORD rc;

    if (len > GIDS_DO_MAX || size > GIDS_DO_MAX) /* could not be read back */
        return SCARD_E_WRITE_TOO_MANY;
    buf = run_alloc(g->e, size);
    if (buf == NULL)
        return SCARD_E_NO_MEMORY;
    w = wr_init(buf, size);
    tlv_put(&w, tag, data, len);
    cmd = run_apdu(INS_PUT_DATA, ef, buf, size, 0);
    rc = gids_run(g, &cmd, 1, NULL, 0, &sw, NULL); /* GIDS 2.0, PUT DATA */
    run_free(g->e, buf, size);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (sw_is(sw, SW_WRONG_LENGTH)) /* the form is right: more than the card takes */
        return SCARD_E_WRITE_TOO_MANY;
    return sw_error(sw);
}

/* ---- tables ---------------------------------------------------------------------------------- */

/* A table that is not there is the format byte alone: for the reader the same as one without
 * records, and a start for the writer. */
static DWORD empty_table(struct run *g, uint8_t **ret_data, size_t *ret_len)
{
    uint8_t *data = run_alloc(g->e, 1);

    if (data == NULL)
        return SCARD_E_NO_MEMORY;
    data[0] = GIDS_TABLE_FORMAT;
    *ret_data = data;
    *ret_len = 1;
    return SCARD_S_SUCCESS;
}

DWORD gids_load(struct run *g, const struct gids_table *table, bool fresh, uint8_t **ret_data,
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
        run_free(g->e, data, 0);
    }
    rc = gids_get(g, table->ef, table->tag, true, &data, &len);
    if (rc == SCARD_S_SUCCESS && len == 0)
        run_free(g->e, data, 0);
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

DWORD gids_store(struct run *g, const struct gids_table *table, const uint8_t *data, size_t len)
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
