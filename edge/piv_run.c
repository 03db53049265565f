/* SPDX-License-Identifier: MIT */
/* Finding PIV's application again, and what the link can do. */
#include "edge/piv_internal.h"

#include "base/secret.h"

#include <string.h>

#define PROOF_MAX 4096u /* a CHUID with its signature: 3000 */

DWORD piv_select(struct edge *e)
{
    /* Without the version: SP 800-73-4 part 2, 3.1.1 */
    static const uint8_t aid[] = { 0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00 };
    struct piv_own *own = piv_own(e);
    uint8_t buf[sizeof(own->selected)];
    struct wr answer = wr_init(buf, sizeof(buf));
    struct apdu cmd = run_apdu(PIV_SELECT, 0x0400, aid, sizeof(aid), APDU_SHORT_LE);
    sw_t sw;
    DWORD rc = card_exchange(&e->card, &cmd, &answer, &sw);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (!sw_is(sw, SW_OK) || !piv_parse_selected(buf, wr_len(&answer)))
        return SCARD_E_UNKNOWN_CARD;
    memcpy(own->selected, buf, wr_len(&answer));
    own->selected_len = wr_len(&answer);
    own->challenge_alg = 0;
    piv_admin_lost(e);
    e->selections++;
    return SCARD_S_SUCCESS;
}

bool piv_is_answer(DWORD rc)
{
    return rc == SCARD_S_SUCCESS || rc == SCARD_E_UNEXPECTED;
}

/* ---- the proof ------------------------------------------------------------------------------- */

/*
 * The proof of selection is GET DATA of the discovery object: every reader may have it, it is short,
 * it names the application that answers, and reading it changes nothing. Not VERIFY without data
 * (00 20 00 80): GIDS and others answer that in the same words about a PIN of their own. Not SELECT:
 * by the standard it keeps who is authenticated, real cards drop that.
 * Cards older than the object (SP 800-73-3 made it; it is optional): the CHUID, which PIV alone has,
 * but which with its signature can be long. Cards that have neither: SELECT, and so they forget.
 *
 * What the object says is kept: which PIN is the primary one.
 */
static DWORD ask_discovery(struct edge *e, uint32_t le, bool *ret_ours, sw_t *ret_sw)
{
    static const uint8_t which[] = { 0x5C, 0x01, PIV_DISCOVERY };
    uint8_t buf[APDU_SHORT_LE];
    struct wr answer = wr_init(buf, sizeof(buf));
    struct apdu cmd = run_apdu(PIV_GET_DATA, 0x3FFF, which, sizeof(which), le);
    struct piv_own *own = piv_own(e);
    DWORD rc;

    ret_sw->v = SW_UNKNOWN;
    rc = card_exchange(&e->card, &cmd, &answer, ret_sw);
    if (!piv_is_answer(rc))
        return rc;
    *ret_ours = rc == SCARD_S_SUCCESS && sw_is(*ret_sw, SW_OK) &&
                piv_parse_discovery(buf, wr_len(&answer), &own->pin_ref);
    if (*ret_ours)
        own->discovery = EDGE_YES;
    return SCARD_S_SUCCESS;
}

/* 53{30 FASC-N, ..}, or a CHUID without it, 53{34 GUID, ..} */
static DWORD ask_chuid(struct edge *e, bool *ret_ours)
{
    static const uint8_t which[] = { 0x5C, 0x03, 0x5F, 0xC1, 0x02 };
    uint8_t buf[PROOF_MAX];
    struct wr answer = wr_init(buf, sizeof(buf));
    struct apdu cmd = run_apdu(PIV_GET_DATA, 0x3FFF, which, sizeof(which), APDU_SHORT_LE);
    struct rd top, chuid, fascn, guid;
    sw_t sw = { SW_UNKNOWN };
    DWORD rc = card_exchange(&e->card, &cmd, &answer, &sw);

    if (!piv_is_answer(rc))
        return rc;
    top = rd_init(buf, rc == SCARD_S_SUCCESS && sw_is(sw, SW_OK) ? wr_len(&answer) : 0);
    chuid = tlv_enter(&top, 0x53);
    fascn = tlv_find(&chuid, 0x30);
    guid = tlv_find(&chuid, 0x34);
    *ret_ours = rd_done(&top) && (rd_left(&fascn) == 25 || rd_left(&guid) == 16);
    return SCARD_S_SUCCESS;
}

static DWORD ask(struct edge *e, bool *ret_ours)
{
    struct piv_own *own = piv_own(e);
    bool ours = false;
    sw_t sw;
    DWORD rc = SCARD_S_SUCCESS;

    if (own->discovery != EDGE_NO)
        rc = ask_discovery(e, APDU_SHORT_LE, &ours, &sw);
    if (rc == SCARD_S_SUCCESS && !ours && own->discovery != EDGE_YES) {
        rc = ask_chuid(e, &ours);
        if (rc == SCARD_S_SUCCESS && ours)
            own->discovery = EDGE_NO; /* ours is selected, and has not got it */
    }
    if (rc == SCARD_S_SUCCESS)
        *ret_ours = ours;
    return rc;
}

/* ---- extended APDUs -------------------------------------------------------------------------- */

static DWORD widen(struct run *r);

static const struct run_kind kind = { piv_select, ask, widen };

/* PIV has no file that tells: the proof is asked for in extended form. Cards that do not know it answer
 * 6700 or 6D00; readers that do not, fail. Understood, but not there (6A82), is a yes too, once it
 * is clear who said it. */
static DWORD widen(struct run *r)
{
    struct edge *e = r->e;

    for (;;) {
        bool ours = false, made = false;
        sw_t sw;
        DWORD rc;

        e->card.extended = true;
        rc = ask_discovery(e, CARD_BLOCK_MAX, &ours, &sw); /* a Le that no short APDU has */
        e->card.extended = false;
        if (rc != SCARD_S_SUCCESS && !run_link_refused(rc))
            return rc;
        r->proven = r->proven || ours;
        if (rc == SCARD_S_SUCCESS && !r->proven) {
            rc = run_settle(r, &kind, &made);
            if (rc != SCARD_S_SUCCESS)
                return rc;
            if (made)
                continue;
        }
        e->card.extended = ours || (rc == SCARD_S_SUCCESS && sw_is(sw, SW_NOT_FOUND));
        e->link_known = true;
        return SCARD_S_SUCCESS;
    }
}

/* ---- commands -------------------------------------------------------------------------------- */

/* What was proven holds for the whole call of the caller's. */
static void recall(struct run *r)
{
    const struct piv_own *own = piv_own(r->e);

    r->proven = r->proven || (own->proven_in != 0 && own->proven_in == r->e->calls);
}

static void remember(const struct run *r)
{
    if (r->proven)
        piv_own(r->e)->proven_in = r->e->calls;
}

static DWORD send_one(struct run *r, const struct apdu *cmd, struct wr *answer, uint32_t tag, bool close,
                      sw_t *ret_sw)
{
    struct run_batch b = { .cmds = cmd, .count = 1, .answer = answer, .tag = tag, .close = close };
    DWORD rc;

    recall(r);
    rc = run_batch(r, &kind, &b);
    remember(r);
    if (rc == SCARD_S_SUCCESS)
        *ret_sw = b.sw;
    return rc;
}

DWORD piv_send(struct run *r, const struct apdu *cmd, struct wr *answer, uint32_t tag, sw_t *ret_sw)
{
    return send_one(r, cmd, answer, tag, false, ret_sw);
}

DWORD piv_send_close(struct run *r, const struct apdu *cmd, struct wr *answer, uint32_t tag,
                     sw_t *ret_sw)
{
    return send_one(r, cmd, answer, tag, true, ret_sw);
}

DWORD piv_prove(struct run *r)
{
    DWORD rc;

    recall(r);
    rc = run_prove(r, &kind);
    remember(r);
    return rc;
}

DWORD piv_settle(struct run *r, bool *ret_made)
{
    DWORD rc = run_settle(r, &kind, ret_made);

    remember(r);
    return rc;
}

DWORD piv_widen(struct run *r)
{
    return r->e->link_extends && !r->e->link_known ? widen(r) : SCARD_S_SUCCESS;
}
