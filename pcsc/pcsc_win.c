/* SPDX-License-Identifier: MIT */
/* PC/SC by winscard.dll, the only implementation there is on Windows: `file` of pcsc_load is not
 * looked at. Names are ANSI, as readers' names are ASCII. */
#include "pcsc/pcsc.h"

#include <windows.h>
#include <winscard.h>

#include <string.h>

#define PROTOCOLS (SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1)

struct pcsc {
    uint8_t nothing; /* winscard.dll is linked; a struct needs a member */
};

size_t pcsc_size(void)
{
    return sizeof(struct pcsc);
}

uint32_t pcsc_load_at(const char *file, void *room, struct pcsc **ret)
{
    (void)file;
    *ret = room;
    return SCARD_S_SUCCESS;
}

uint32_t pcsc_establish(const struct pcsc *pcsc, uintptr_t *ret_ctx)
{
    SCARDCONTEXT ctx = 0;
    LONG rv = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &ctx);

    (void)pcsc;
    if (rv == SCARD_S_SUCCESS)
        *ret_ctx = (uintptr_t)ctx;
    return (uint32_t)rv;
}

void pcsc_release(const struct pcsc *pcsc, uintptr_t ctx)
{
    (void)pcsc;
    (void)SCardReleaseContext((SCARDCONTEXT)ctx);
}

uint32_t pcsc_context_valid(const struct pcsc *pcsc, uintptr_t ctx)
{
    (void)pcsc;
    if (SCardIsValidContext((SCARDCONTEXT)ctx) == SCARD_S_SUCCESS)
        return SCARD_S_SUCCESS;
    return (uint32_t)SCARD_E_INVALID_HANDLE;
}

uint32_t pcsc_list(const struct pcsc *pcsc, uintptr_t ctx, char *names, size_t *len)
{
    DWORD got = (DWORD)*len;
    LONG rv;

    (void)pcsc;
    if (*len == 0)
        return (uint32_t)SCARD_E_INSUFFICIENT_BUFFER;
    rv = SCardListReadersA((SCARDCONTEXT)ctx, NULL, names, &got);
    if (rv == (LONG)SCARD_E_NO_READERS_AVAILABLE || (rv == SCARD_S_SUCCESS && got == 0)) {
        names[0] = '\0';
        *len = 1;
        return SCARD_S_SUCCESS;
    }
    if (rv == SCARD_S_SUCCESS)
        *len = got;
    return (uint32_t)rv;
}

uint32_t pcsc_wait(const struct pcsc *pcsc, uintptr_t ctx, const char *reader, uint32_t wait_ms,
                   uint32_t *state, uint8_t atr[PCSC_ATR_MAX], size_t *atr_len)
{
    SCARD_READERSTATEA now;
    LONG rv;

    (void)pcsc;
    memset(&now, 0, sizeof(now));
    now.szReader = reader;
    now.dwCurrentState = *state;
    rv = SCardGetStatusChangeA((SCARDCONTEXT)ctx, wait_ms, &now, 1);
    if (rv != SCARD_S_SUCCESS)
        return (uint32_t)rv;
    if (now.cbAtr > *atr_len || now.cbAtr > sizeof(now.rgbAtr))
        return (uint32_t)SCARD_E_INSUFFICIENT_BUFFER;
    memcpy(atr, now.rgbAtr, now.cbAtr);
    *atr_len = now.cbAtr;
    *state = now.dwEventState;
    return SCARD_S_SUCCESS;
}

uint32_t pcsc_connect(const struct pcsc *pcsc, uintptr_t ctx, const char *reader,
                      enum pcsc_share share, uintptr_t *ret_card)
{
    SCARDHANDLE card = 0;
    DWORD protocol = 0;
    LONG rv = SCardConnectA((SCARDCONTEXT)ctx, reader, (DWORD)share, PROTOCOLS, &card, &protocol);

    (void)pcsc;
    if (rv == SCARD_S_SUCCESS)
        *ret_card = (uintptr_t)card;
    return (uint32_t)rv;
}

uint32_t pcsc_reconnect(const struct pcsc *pcsc, uintptr_t card, enum pcsc_share share,
                        enum pcsc_disposition how)
{
    DWORD protocol = 0;

    (void)pcsc;
    return (uint32_t)SCardReconnect((SCARDHANDLE)card, (DWORD)share, PROTOCOLS, (DWORD)how,
                                    &protocol);
}

uint32_t pcsc_disconnect(const struct pcsc *pcsc, uintptr_t card, enum pcsc_disposition how)
{
    (void)pcsc;
    return (uint32_t)SCardDisconnect((SCARDHANDLE)card, (DWORD)how);
}

uint32_t pcsc_begin(const struct pcsc *pcsc, uintptr_t card)
{
    (void)pcsc;
    return (uint32_t)SCardBeginTransaction((SCARDHANDLE)card);
}

uint32_t pcsc_end(const struct pcsc *pcsc, uintptr_t card, enum pcsc_disposition how)
{
    (void)pcsc;
    return (uint32_t)SCardEndTransaction((SCARDHANDLE)card, (DWORD)how);
}

uint32_t pcsc_status(const struct pcsc *pcsc, uintptr_t card, uint8_t *atr, size_t *atr_len,
                     enum pcsc_protocol *protocol)
{
    BYTE bytes[36]; /* winscard's ATR buffers have 36 bytes */
    DWORD len = sizeof(bytes), name_len = 0, state = 0, active = 0;
    LONG rv = SCardStatusA((SCARDHANDLE)card, NULL, &name_len, &state, &active, bytes, &len);

    (void)pcsc;
    if (rv != SCARD_S_SUCCESS)
        return (uint32_t)rv;
    if (len > PCSC_ATR_MAX)
        return (uint32_t)SCARD_E_INVALID_ATR;
    if (atr != NULL)
        memcpy(atr, bytes, len);
    if (atr_len != NULL)
        *atr_len = len;
    if (protocol != NULL)
        *protocol = active == SCARD_PROTOCOL_T0 ? PCSC_T0 : PCSC_T1;
    return SCARD_S_SUCCESS;
}

uint32_t pcsc_transmit(void *channel, const uint8_t *in, size_t in_len, uint8_t *out,
                       size_t *out_len)
{
    const struct pcsc_channel *to = channel;
    SCARD_IO_REQUEST pci = {
        .dwProtocol = to->protocol == PCSC_T0 ? SCARD_PROTOCOL_T0 : SCARD_PROTOCOL_T1,
        .cbPciLength = sizeof(pci),
    };
    DWORD len = (DWORD)*out_len;
    LONG rv = SCardTransmit((SCARDHANDLE)to->card, &pci, in, (DWORD)in_len, NULL, out, &len);

    if (rv != SCARD_S_SUCCESS)
        return (uint32_t)rv;
    if (len > *out_len)
        return (uint32_t)SCARD_F_INTERNAL_ERROR;
    *out_len = len;
    return SCARD_S_SUCCESS;
}
