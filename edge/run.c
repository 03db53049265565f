/* SPDX-License-Identifier: MIT */
#include "edge/run.h"

#include "base/secret.h"
#include "iso7816/tlv.h"

#define INS_GET_DATA 0xCBu /* ISO/IEC 7816-4 */

struct apdu run_apdu(uint8_t ins, uint16_t p1p2, const void *data, size_t len, uint32_t le)
{
    struct apdu cmd = { .ins = ins, .p1 = (uint8_t)(p1p2 >> 8), .p2 = (uint8_t)p1p2,
                        .data = data, .data_len = len, .le = le };

    return cmd;
}

void *run_alloc(const struct edge *e, size_t len)
{
    const struct services *s = &e->services;

    return s->alloc(s->host, len != 0 ? len : 1);
}

void run_free(const struct edge *e, void *block, size_t len)
{
    const struct services *s = &e->services;

    if (block == NULL)
        return;
    wipe(block, len);
    s->free(s->host, block);
}

DWORD run_settle(struct run *r, const struct run_kind *kind, bool *ret_made)
{
    bool ours = false;
    DWORD rc = kind->ask(r->e, &ours);

    if (rc == SCARD_S_SUCCESS && !ours)
        rc = kind->select(r->e);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    r->proven = true;
    *ret_made = !ours;
    return SCARD_S_SUCCESS;
}

DWORD run_prove(struct run *r, const struct run_kind *kind)
{
    bool made;

    return r->proven ? SCARD_S_SUCCESS : run_settle(r, kind, &made);
}

/* The commands as they stand, up to the first that is refused. */
static DWORD send_once(struct run *r, struct run_batch *b)
{
    DWORD rc = SCARD_S_SUCCESS;

    if (b->answer != NULL)
        *b->answer = wr_init(b->answer->start, (size_t)(b->answer->end - b->answer->start));
    for (b->at = 0; b->at < b->count; b->at++) {
        bool last = b->at + 1 == b->count;

        rc = card_exchange(&r->e->card, &b->cmds[b->at], last ? b->answer : NULL, &b->sw);
        if (rc != SCARD_S_SUCCESS || !sw_is(b->sw, SW_OK) || last)
            break;
    }
    return rc;
}

static bool well_answered(const struct run_batch *b)
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
static bool broke_chain(const struct run *r, const struct run_batch *b)
{
    return b->cmds[b->at].data_len > (r->e->card.extended ? CARD_BLOCK_MAX : APDU_SHORT_LC);
}

DWORD run_plainly(struct run *r, const struct run_kind *kind, struct run_batch *b)
{
    for (;;) {
        bool was_proven = r->proven;
        bool made;
        DWORD rc = send_once(r, b);

        if (rc != SCARD_S_SUCCESS)
            return rc;
        if (well_answered(b)) {
            r->proven = r->proven || b->tag != 0;
            return SCARD_S_SUCCESS;
        }
        if (!was_proven || broke_chain(r, b)) {
            rc = run_settle(r, kind, &made);
            if (rc != SCARD_S_SUCCESS)
                return rc;
            if (!was_proven && made)
                continue;
        }
        return sw_is(b->sw, SW_OK) ? SCARD_E_UNEXPECTED : SCARD_S_SUCCESS;
    }
}

/* Commands that read: they may be sent again whatever became of them. */
static bool only_read(const struct apdu *cmds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (cmds[i].ins != INS_GET_DATA)
            return false;
    return true;
}

bool run_link_refused(DWORD rc)
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

DWORD run_batch(struct run *r, const struct run_kind *kind, struct run_batch *b)
{
    struct edge *e = r->e;
    bool wide = needs_extended(b->cmds, b->count);
    DWORD rc = SCARD_S_SUCCESS;

    if (wide && e->link_extends && !e->link_known && !b->close)
        rc = kind->widen(r);
    if (rc == SCARD_S_SUCCESS)
        rc = run_plainly(r, kind, b);
    if (wide && e->card.extended &&
        (rc == SCARD_S_SUCCESS ? sw_is(b->sw, SW_WRONG_LENGTH)
                               : run_link_refused(rc) && only_read(b->cmds, b->count))) {
        e->card.extended = false; /* the card, or the reader, promised too much */
        rc = run_plainly(r, kind, b);
    }
    return rc;
}
