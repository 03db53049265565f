/* SPDX-License-Identifier: MIT */
/*
 * PC/SC by pcsc-lite's binary interface, whose DWORD and LONG are `long` (64 bits on most
 * systems). Its types and numbers stop here: every length and state goes through a local of
 * pcsc-lite's type, every status is narrowed to its 32 bits. Its SCARD_ codes are Windows' but
 * for SCARD_E_UNSUPPORTED_FEATURE, which it gives the number 0x8010001F: what comes up is
 * SCARD_E_UNEXPECTED then, and that name of its header is never used here.
 */
#include "pcsc/pcsc.h"

#include <dlfcn.h>
#include <string.h>

#include <winscard.h>

#define LIBRARY "libpcsclite.so.1"

struct pcsc {
    LONG (*establish)(DWORD scope, LPCVOID, LPCVOID, LPSCARDCONTEXT ret_ctx);
    LONG (*release)(SCARDCONTEXT);
    LONG (*is_valid)(SCARDCONTEXT);
    LONG (*list_readers)(SCARDCONTEXT, LPCSTR groups, LPSTR readers, LPDWORD len);
    LONG (*get_status_change)(SCARDCONTEXT, DWORD wait_ms, SCARD_READERSTATE *states, DWORD count);
    LONG (*connect)(SCARDCONTEXT, LPCSTR reader, DWORD share, DWORD protocols,
                    LPSCARDHANDLE ret_card, LPDWORD ret_protocol);
    LONG (*reconnect)(SCARDHANDLE, DWORD share, DWORD protocols, DWORD how, LPDWORD ret_protocol);
    LONG (*disconnect)(SCARDHANDLE, DWORD how);
    LONG (*begin)(SCARDHANDLE);
    LONG (*end)(SCARDHANDLE, DWORD how);
    LONG (*status)(SCARDHANDLE, LPSTR reader, LPDWORD reader_len, LPDWORD state, LPDWORD protocol,
                   LPBYTE atr, LPDWORD atr_len);
    LONG (*transmit)(SCARDHANDLE, const SCARD_IO_REQUEST *send_pci, LPCBYTE in, DWORD in_len,
                     SCARD_IO_REQUEST *recv_pci, LPBYTE out, LPDWORD out_len);
};

/* Where each function goes. A function pointer has the size of `void *` wherever dlsym exists. */
static const struct symbol {
    const char *name;
    size_t at;
} symbols[] = {
    { "SCardEstablishContext", offsetof(struct pcsc, establish)         },
    { "SCardReleaseContext",   offsetof(struct pcsc, release)           },
    { "SCardIsValidContext",   offsetof(struct pcsc, is_valid)          },
    { "SCardListReaders",      offsetof(struct pcsc, list_readers)      },
    { "SCardGetStatusChange",  offsetof(struct pcsc, get_status_change) },
    { "SCardConnect",          offsetof(struct pcsc, connect)           },
    { "SCardReconnect",        offsetof(struct pcsc, reconnect)         },
    { "SCardDisconnect",       offsetof(struct pcsc, disconnect)        },
    { "SCardBeginTransaction", offsetof(struct pcsc, begin)             },
    { "SCardEndTransaction",   offsetof(struct pcsc, end)               },
    { "SCardStatus",           offsetof(struct pcsc, status)            },
    { "SCardTransmit",         offsetof(struct pcsc, transmit)          },
};

/* A LONG of 64 bits holds 0x80100004 as a positive number: the low 32 bits are the code. */
static uint32_t code(LONG rv)
{
    return (uint32_t)rv;
}

static SCARDCONTEXT context(uintptr_t ctx)
{
    return (SCARDCONTEXT)(intptr_t)ctx;
}

static SCARDHANDLE handle(uintptr_t card)
{
    return (SCARDHANDLE)(intptr_t)card;
}

size_t pcsc_size(void)
{
    return sizeof(struct pcsc);
}

uint32_t pcsc_load_at(const char *file, void *room, struct pcsc **ret)
{
    void *library = dlopen(file != NULL ? file : LIBRARY, RTLD_NOW | RTLD_LOCAL);

    if (library == NULL)
        return code(SCARD_E_NO_SERVICE);
    for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
        void *function = dlsym(library, symbols[i].name);

        if (function == NULL)
            return code(SCARD_E_NO_SERVICE);
        memcpy((uint8_t *)room + symbols[i].at, &function, sizeof(function));
    }
    *ret = room;
    return code(SCARD_S_SUCCESS);
}

uint32_t pcsc_establish(const struct pcsc *pcsc, uintptr_t *ret_ctx)
{
    SCARDCONTEXT ctx = 0;
    LONG rv = pcsc->establish(SCARD_SCOPE_SYSTEM, NULL, NULL, &ctx);

    if (rv == SCARD_S_SUCCESS)
        *ret_ctx = (uintptr_t)ctx;
    return code(rv);
}

void pcsc_release(const struct pcsc *pcsc, uintptr_t ctx)
{
    (void)pcsc->release(context(ctx));
}

uint32_t pcsc_context_valid(const struct pcsc *pcsc, uintptr_t ctx)
{
    LONG rv = pcsc->is_valid(context(ctx));

    return code(rv == SCARD_S_SUCCESS ? SCARD_S_SUCCESS : SCARD_E_INVALID_HANDLE);
}

uint32_t pcsc_list(const struct pcsc *pcsc, uintptr_t ctx, char *names, size_t *len)
{
    DWORD got = (DWORD)*len;
    LONG rv;

    if (*len == 0)
        return code(SCARD_E_INSUFFICIENT_BUFFER);
    rv = pcsc->list_readers(context(ctx), NULL, names, &got);
    if (code(rv) == code(SCARD_E_NO_READERS_AVAILABLE) || (rv == SCARD_S_SUCCESS && got == 0)) {
        names[0] = '\0';
        *len = 1;
        return code(SCARD_S_SUCCESS);
    }
    if (rv == SCARD_S_SUCCESS && got > *len)
        return code(SCARD_F_INTERNAL_ERROR);
    if (rv == SCARD_S_SUCCESS)
        *len = (size_t)got;
    return code(rv);
}

uint32_t pcsc_wait(const struct pcsc *pcsc, uintptr_t ctx, const char *reader, uint32_t wait_ms,
                   uint32_t *state, uint8_t atr[PCSC_ATR_MAX], size_t *atr_len)
{
    SCARD_READERSTATE now;
    LONG rv;

    memset(&now, 0, sizeof(now));
    now.szReader = reader;
    now.dwCurrentState = *state;
    rv = pcsc->get_status_change(context(ctx), wait_ms, &now, 1);
    if (rv != SCARD_S_SUCCESS)
        return code(rv);
    if (now.cbAtr > *atr_len || now.cbAtr > sizeof(now.rgbAtr))
        return code(SCARD_E_INSUFFICIENT_BUFFER);
    memcpy(atr, now.rgbAtr, now.cbAtr);
    *atr_len = (size_t)now.cbAtr;
    *state = (uint32_t)now.dwEventState;
    return code(SCARD_S_SUCCESS);
}

uint32_t pcsc_connect(const struct pcsc *pcsc, uintptr_t ctx, const char *reader,
                      enum pcsc_share share, uintptr_t *ret_card)
{
    SCARDHANDLE card = 0;
    DWORD protocol = 0;
    LONG rv = pcsc->connect(context(ctx), reader, (DWORD)share,
                            SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol);

    if (rv == SCARD_S_SUCCESS)
        *ret_card = (uintptr_t)card;
    return code(rv);
}

uint32_t pcsc_reconnect(const struct pcsc *pcsc, uintptr_t card, enum pcsc_share share,
                        enum pcsc_disposition how)
{
    DWORD protocol = 0;

    return code(pcsc->reconnect(handle(card), (DWORD)share, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
                                (DWORD)how, &protocol));
}

uint32_t pcsc_disconnect(const struct pcsc *pcsc, uintptr_t card, enum pcsc_disposition how)
{
    return code(pcsc->disconnect(handle(card), (DWORD)how));
}

uint32_t pcsc_begin(const struct pcsc *pcsc, uintptr_t card)
{
    return code(pcsc->begin(handle(card)));
}

uint32_t pcsc_end(const struct pcsc *pcsc, uintptr_t card, enum pcsc_disposition how)
{
    return code(pcsc->end(handle(card), (DWORD)how));
}

uint32_t pcsc_status(const struct pcsc *pcsc, uintptr_t card, uint8_t *atr, size_t *atr_len,
                     enum pcsc_protocol *protocol)
{
    BYTE bytes[MAX_ATR_SIZE];
    DWORD len = sizeof(bytes), name_len = 0, state = 0, active = 0;
    LONG rv = pcsc->status(handle(card), NULL, &name_len, &state, &active, bytes, &len);

    if (rv != SCARD_S_SUCCESS)
        return code(rv);
    if (len > PCSC_ATR_MAX)
        return code(SCARD_E_INVALID_ATR);
    if (atr != NULL)
        memcpy(atr, bytes, len);
    if (atr_len != NULL)
        *atr_len = (size_t)len;
    if (protocol != NULL)
        *protocol = active == SCARD_PROTOCOL_T0 ? PCSC_T0 : PCSC_T1;
    return code(SCARD_S_SUCCESS);
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
    LONG rv = to->pcsc->transmit(handle(to->card), &pci, in, (DWORD)in_len, NULL, out, &len);

    if (rv != SCARD_S_SUCCESS)
        return code(rv);
    if (len > *out_len) /* a library that claims more than there was room for */
        return code(SCARD_F_INTERNAL_ERROR);
    *out_len = (size_t)len;
    return code(SCARD_S_SUCCESS);
}
