/* SPDX-License-Identifier: MIT */
/*
 * One command to the card and its whole answer: the driver's end of the line.
 *
 *     card_exchange(card, &cmd, &answer, &sw)
 *       chains a long command (CLA 10) or sends it extended,
 *       repeats with the right Le after 6Cxx,
 *       fetches the rest with GET RESPONSE after 61xx.
 *
 * Everything the card says is untrusted: lengths are checked, loops end, an answer longer than
 * the room for it is an error and never written past it.
 */
#ifndef CARDMINT_ISO7816_EXCHANGE_H
#define CARDMINT_ISO7816_EXCHANGE_H

#include "iso7816/apdu.h"
#include "iso7816/sw.h"

/* Most data bytes that one extended command carries, and one extended answer brings. More is
 * chained, or fetched with GET RESPONSE. */
#define CARD_BLOCK_MAX 4096u

/* Sends `in`, receives into `out`: *out_len is the room, then the bytes received, status word
 * included. Returns a SCARD_ code; SCARD_S_SUCCESS whatever the status word says.
 * pcsc_transmit (pcsc/pcsc.h) is the one real implementation. */
typedef uint32_t card_transmit_fn(void *link, const uint8_t *in, size_t in_len, uint8_t *out,
                                  size_t *out_len);

struct card {
    card_transmit_fn *transmit;
    void *link;
    bool extended;      /* extended APDUs may be used: card and protocol take them */
    bool t0;            /* the link carries TPDUs of T=0: no Le behind data */
    uint32_t exchanges; /* command/answer pairs so far, for tests and traces */
    uint8_t out[CARD_BLOCK_MAX + 9]; /* the command on its way; wiped after use */
    uint8_t in[CARD_BLOCK_MAX + 2];  /* the answer on its way; wiped after use */
};

void card_init(struct card *card, card_transmit_fn *transmit, void *link);

/* Runs `cmd`. Data longer than one APDU takes is chained. `cmd->le`: 0 when no data is expected,
 * otherwise any number (APDU_EXTENDED_LE asks for all there is). Answer data is appended to `answer`
 * (NULL: none is wanted, and data is an error). *ret_sw is the last status word; in a chain, that
 * of the block which failed. Returns what the transport said, or SCARD_E_UNEXPECTED when the
 * answer is no answer (under two bytes, endless 61xx, longer than the room).
 * SCARD_S_SUCCESS: look at *ret_sw. On any other code *ret_sw is untouched. */
uint32_t card_exchange(struct card *card, const struct apdu *cmd, struct wr *answer, sw_t *ret_sw);

#endif
