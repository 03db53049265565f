/* SPDX-License-Identifier: MIT */
/*
 * The Smart Card Plug and Play application, by which Windows learns what card it is before it has a
 * driver for it. Microsoft, Smart Card Minidriver: Discovery Process; docs/card-extensions.md 8.
 */
#include "softcard/gids.h"

#define CARD_IDS 0x7F68u

static const uint8_t aid[] = { 0xA0, 0x00, 0x00, 0x03, 0x97, 0x43, 0x49, 0x44, 0x5F, 0x01, 0x00 };

/* Drawn once, for all software cards of this project. */
static const uint8_t guid[16] = { 0xBF, 0xFD, 0x1C, 0xCE, 0xBA, 0xD1, 0x40, 0x96,
                                  0xBF, 0x82, 0xE8, 0x7F, 0x08, 0x6A, 0x98, 0x07 };

/* The template P2 asks for, with the DF name; nothing is known to say about it in an FMD. */
static void put_template(struct wr *w, uint8_t p2)
{
    static const uint8_t tags[] = { 0x6F, 0x62, 0x64 }; /* FCI, FCP, FMD */
    size_t which = p2 >> 2, tpl;

    if (which >= sizeof(tags))
        return;
    tpl = tlv_open(w, tags[which]);
    if (tags[which] != 0x64)
        tlv_put(w, 0x84, aid, sizeof(aid));
    tlv_close(w, tags[which], tpl);
}

static uint16_t select_pnp(struct call *call)
{
    put_template(&call->out, call->cmd.p2);
    return SW_OK;
}

/* CardID ::= SEQUENCE { version INTEGER DEFAULT v1, vendor IA5String, guids SEQUENCE OF OCTET
 * STRING }. DER leaves a value out that is the default (X.690 11.5). */
static uint16_t get_data(struct call *call)
{
    size_t card_id, guids;

    if ((call->cmd.p1 << 8 | call->cmd.p2) != CARD_IDS)
        return SW_REFERENCE_NOT_FOUND;
    if (call->cmd.data_len != 0)
        return SW_WRONG_LENGTH;
    card_id = tlv_open(&call->out, 0x30);
    tlv_put(&call->out, 0x16, "MSFT", 4);
    guids = tlv_open(&call->out, 0x30);
    tlv_put(&call->out, 0x04, guid, sizeof(guid));
    tlv_close(&call->out, 0x30, guids);
    tlv_close(&call->out, 0x30, card_id);
    return SW_OK;
}

static const struct command commands[] = {
    { 0xCA, false, IMAGE_READS, false, get_data }, /* GET DATA, 7816-4 11.5 */
};

/* The RID alone is GIDS' too, which comes first. */
const struct application pnp_application = {
    .on = SOFTCARD_GIDS, .aid = aid, .aid_len = sizeof(aid), .aid_least = 6,
    .select = select_pnp, .commands = commands,
    .command_count = sizeof(commands) / sizeof(commands[0]),
};
