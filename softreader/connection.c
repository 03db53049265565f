/* SPDX-License-Identifier: MIT */
#include "softreader/connection.h"

#include "softreader/reader.h"

#include <string.h>

#define PROTOCOL_ANY_OLD 0x1000u /* pcsc-lite's "any" before 1.4; still asked for */

static DWORD wanted_protocols(DWORD preferred)
{
    if (preferred & PROTOCOL_ANY_OLD)
        return SCARD_PROTOCOL_ANY;
    return preferred & SCARD_PROTOCOL_ANY;
}

/* What can be told before touching the reader. */
static LONG check_mode(DWORD share, DWORD preferred)
{
    if (share == SCARD_SHARE_DIRECT)
        return SCARD_S_SUCCESS; /* needs no protocol */
    if (share != SCARD_SHARE_SHARED && share != SCARD_SHARE_EXCLUSIVE)
        return SCARD_E_INVALID_VALUE;
    return wanted_protocols(preferred) != 0 ? SCARD_S_SUCCESS : SCARD_E_PROTO_MISMATCH;
}

/* Share mode, power and protocol, for a first connection and for a renewed one. */
static LONG settle(struct slot *slot, DWORD share, DWORD preferred, DWORD *ret_protocol)
{
    LONG rc = slot_share(slot, share);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    *ret_protocol = SCARD_PROTOCOL_UNDEFINED;
    if (share == SCARD_SHARE_DIRECT && wanted_protocols(preferred) == 0)
        return SCARD_S_SUCCESS; /* the card is left without power */
    return slot_connect(slot, wanted_protocols(preferred), ret_protocol);
}

LONG connection_open(struct context *context, const char *reader, DWORD share, DWORD preferred,
                     SCARDHANDLE *ret_handle, DWORD *ret_protocol)
{
    struct handle how = { .share = share };
    struct slot *slot = NULL;
    char card[SOFTCARD_NAME_MAX];
    LONG rc = check_mode(share, preferred);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (!reader_card(reader, card))
        return SCARD_E_UNKNOWN_READER;
    rc = slot_open(card, &slot);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = settle(slot, share, preferred, &how.protocol);
    if (rc != SCARD_S_SUCCESS) {
        slot_close(slot);
        return rc;
    }
    slot_acknowledge(slot);
    rc = handle_new(context, slot, &how, ret_handle);
    if (rc == SCARD_S_SUCCESS)
        *ret_protocol = how.protocol;
    return rc;
}

/* A reset or the end of power, in a transaction of its own if there is none. */
static LONG dispose(struct handle *handle, DWORD disposition)
{
    LONG rc = SCARD_S_SUCCESS;

    if (disposition == SCARD_LEAVE_CARD)
        return SCARD_S_SUCCESS;
    if (handle->transactions == 0)
        rc = slot_begin(handle->slot, true);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (disposition == SCARD_RESET_CARD)
        slot_reset(handle->slot);
    else
        slot_power_off(handle->slot); /* SCARD_EJECT_CARD too: the reader has no motor */
    slot_acknowledge(handle->slot);
    if (handle->transactions == 0)
        slot_end(handle->slot);
    return SCARD_S_SUCCESS;
}

LONG connection_reopen(struct handle *handle, DWORD share, DWORD preferred, DWORD initialization,
                       DWORD *ret_protocol)
{
    LONG rc = check_mode(share, preferred);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (initialization > SCARD_UNPOWER_CARD)
        return SCARD_E_INVALID_VALUE;
    if (slot_check(handle->slot) == SCARD_W_REMOVED_CARD)
        return SCARD_W_REMOVED_CARD;
    rc = dispose(handle, initialization);
    if (rc == SCARD_S_SUCCESS)
        rc = settle(handle->slot, share, preferred, &handle->protocol);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    handle->share = share;
    slot_acknowledge(handle->slot);
    *ret_protocol = handle->protocol;
    return SCARD_S_SUCCESS;
}

LONG connection_close(struct handle *handle, DWORD disposition)
{
    if (slot_check(handle->slot) != SCARD_W_REMOVED_CARD)
        dispose(handle, disposition); /* a card taken out meanwhile has lost its power anyway */
    if (handle->transactions > 0)
        slot_end(handle->slot);
    handle->transactions = 0;
    return SCARD_S_SUCCESS;
}

LONG connection_begin(struct handle *handle, bool wait)
{
    LONG rc = slot_check(handle->slot);

    if (rc != SCARD_S_SUCCESS && rc != SCARD_W_UNPOWERED_CARD)
        return rc;
    if (handle->transactions == 0) {
        rc = slot_begin(handle->slot, wait);
        if (rc != SCARD_S_SUCCESS)
            return rc;
        rc = slot_check(handle->slot); /* a reset while we waited */
        if (rc != SCARD_S_SUCCESS && rc != SCARD_W_UNPOWERED_CARD) {
            slot_end(handle->slot);
            return rc;
        }
    }
    handle->transactions++;
    return SCARD_S_SUCCESS;
}

LONG connection_end(struct handle *handle, DWORD disposition)
{
    LONG rc;

    if (disposition > SCARD_EJECT_CARD)
        return SCARD_E_INVALID_VALUE;
    if (handle->transactions == 0)
        return SCARD_E_NOT_TRANSACTED;
    rc = slot_check(handle->slot);
    if (rc != SCARD_W_REMOVED_CARD)
        rc = dispose(handle, disposition);
    if (--handle->transactions == 0)
        slot_end(handle->slot);
    return rc;
}

/* One command inside a transaction. */
static LONG exchange(struct handle *handle, const uint8_t *in, size_t in_len, uint8_t *out,
                     DWORD *out_len)
{
    const uint8_t *answer;
    size_t len, room = *out_len;
    LONG rc = slot_check(handle->slot);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = slot_transmit(handle->slot, in, in_len, &answer, &len);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (len <= room)
        memcpy(out, answer, len);
    else
        rc = SCARD_E_INSUFFICIENT_BUFFER;
    *out_len = len;
    slot_forget_answer(handle->slot);
    return rc;
}

LONG connection_transmit(struct handle *handle, DWORD protocol, const uint8_t *in, size_t in_len,
                         uint8_t *out, DWORD *out_len)
{
    LONG rc = slot_check(handle->slot);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (handle->protocol == SCARD_PROTOCOL_UNDEFINED ||
        (protocol != SCARD_PROTOCOL_RAW && protocol != handle->protocol))
        return SCARD_E_PROTO_MISMATCH;
    if (handle->transactions > 0)
        return exchange(handle, in, in_len, out, out_len);

    rc = slot_begin(handle->slot, true);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = exchange(handle, in, in_len, out, out_len);
    slot_end(handle->slot);
    return rc;
}

DWORD connection_state(const struct handle *handle)
{
    if (!slot_powered(handle->slot))
        return SCARD_PRESENT | SCARD_SWALLOWED;
    return SCARD_PRESENT | SCARD_POWERED | SCARD_NEGOTIABLE; /* pcscd never says _SPECIFIC */
}
