/* SPDX-License-Identifier: MIT */
#include "iso7816/exchange.h"

#include "base/secret.h"
#include "cardmint/wintypes.h"

#define INS_GET_RESPONSE 0xC0u

void card_init(struct card *card, card_transmit_fn *transmit, void *link)
{
    card->transmit = transmit;
    card->link = link;
    card->extended = false;
    card->t0 = false;
    card->exchanges = 0;
}

/* ISO/IEC 7816-3 (12.1.2): a TPDU of T=0 has a header of five bytes, and data in one direction: the
 * answer to data is fetched (case 4), and where nothing goes either way P3 is 00 (case 1). */
static struct apdu as_tpdu(struct apdu cmd)
{
    if (cmd.data_len != 0)
        cmd.le = 0;
    else if (cmd.le == 0)
        cmd.le = APDU_SHORT_LE; /* encoded as 00 */
    return cmd;
}

/* One APDU as it stands. The answer's data stays in card->in: *ret_data looks at it. */
static uint32_t send_one(struct card *card, const struct apdu *cmd, struct rd *ret_data, sw_t *ret_sw)
{
    const struct apdu sent_as = card->t0 ? as_tpdu(*cmd) : *cmd;
    struct wr w = wr_init(card->out, sizeof(card->out));
    size_t len = sizeof(card->in);
    size_t sent;
    uint32_t rc;

    apdu_encode(&w, &sent_as, card->extended);
    if (w.bad)
        return SCARD_E_INVALID_PARAMETER;
    sent = wr_len(&w);
    card->exchanges++;
    rc = card->transmit(card->link, card->out, sent, card->in, &len);
    wipe(card->out, sent);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (len < 2 || len > sizeof(card->in))
        return SCARD_E_UNEXPECTED;
    *ret_data = rd_init(card->in, len - 2);
    ret_sw->v = (uint16_t)(card->in[len - 2] << 8 | card->in[len - 1]);
    return SCARD_S_SUCCESS;
}

/* Appends answer data; wipes it where it came from. */
static uint32_t keep(struct wr *answer, struct rd data)
{
    size_t len = rd_left(&data);
    uint32_t rc = SCARD_S_SUCCESS;

    if (len == 0)
        return rc;
    if (answer != NULL)
        wr_bytes(answer, data.at, len);
    if (answer == NULL || answer->bad)
        rc = SCARD_E_UNEXPECTED;
    wipe((uint8_t *)(uintptr_t)data.at, len);
    return rc;
}

/* The rest of an answer, ISO/IEC 7816-4 (7.6.1). A 61xx that brings nothing new is refused, so
 * the loop ends when `answer` is full at the latest. */
static uint32_t fetch_rest(struct card *card, uint8_t cla, struct wr *answer, sw_t *sw)
{
    while ((sw->v & 0xFF00) == SW_MORE_DATA) {
        uint32_t waiting = sw->v & 0xFFu;
        uint32_t most = card->extended ? CARD_BLOCK_MAX : APDU_SHORT_LE;
        struct apdu more = { .cla = cla, .ins = INS_GET_RESPONSE,
                             .le = waiting != 0 ? waiting : most };
        struct rd data;
        uint32_t rc = send_one(card, &more, &data, sw);

        if (rc != SCARD_S_SUCCESS)
            return rc;
        if (rd_left(&data) == 0 && (sw->v & 0xFF00) == SW_MORE_DATA)
            return SCARD_E_UNEXPECTED;
        rc = keep(answer, data);
        if (rc != SCARD_S_SUCCESS)
            return rc;
    }
    return SCARD_S_SUCCESS;
}

/* The last (or only) command: its answer may need another Le and may come in pieces. */
static uint32_t send_last(struct card *card, struct apdu cmd, struct wr *answer, sw_t *sw)
{
    struct rd data;
    uint32_t rc = send_one(card, &cmd, &data, sw);

    /* Only where there is a Le to be wrong: a command without, VERIFY say, is never sent twice. */
    if (rc == SCARD_S_SUCCESS && cmd.le != 0 && (sw->v & 0xFF00) == SW_WRONG_LE) {
        cmd.le = (sw->v & 0xFF) != 0 ? sw->v & 0xFFu : APDU_SHORT_LE;
        rc = send_one(card, &cmd, &data, sw);
    }
    if (rc == SCARD_S_SUCCESS)
        rc = keep(answer, data);
    if (rc == SCARD_S_SUCCESS)
        rc = fetch_rest(card, (uint8_t)(cmd.cla & ~CLA_CHAINING), answer, sw);
    return rc;
}

uint32_t card_exchange(struct card *card, const struct apdu *cmd, struct wr *answer, sw_t *ret_sw)
{
    size_t block = card->extended ? CARD_BLOCK_MAX : APDU_SHORT_LC;
    struct apdu part = *cmd;
    struct rd data;
    sw_t sw = { 0 };
    uint32_t rc;

    if (part.le > (card->extended ? CARD_BLOCK_MAX : APDU_SHORT_LE))
        part.le = card->extended ? CARD_BLOCK_MAX : APDU_SHORT_LE;
    while (part.data_len > block) { /* ISO/IEC 7816-4 (5.3.3): command chaining */
        struct apdu link = { .cla = (uint8_t)(part.cla | CLA_CHAINING), .ins = part.ins,
                             .p1 = part.p1, .p2 = part.p2, .data = part.data, .data_len = block };

        rc = send_one(card, &link, &data, &sw);
        if (rc != SCARD_S_SUCCESS)
            return rc;
        if (!sw_is(sw, SW_OK)) {
            *ret_sw = sw;
            return SCARD_S_SUCCESS;
        }
        part.data += block;
        part.data_len -= block;
    }
    rc = send_last(card, part, answer, &sw);
    if (rc == SCARD_S_SUCCESS)
        *ret_sw = sw;
    return rc;
}
