/* SPDX-License-Identifier: MIT */
/*
 * A library with pcsc-lite's interface, compiled against its own headers, that checks what it is
 * handed and answers with values that only survive the right widths. The name of the reader, or
 * the card handle, chooses the behaviour (see test_pcsc_lite.c).
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <winscard.h>

#define CONTEXT ((SCARDCONTEXT)0x12345678)
#define CARD    ((SCARDHANDLE)-2) /* all of the handle must come back, its sign too */
#define LIAR    ((SCARDHANDLE)0x77)
#define GONE    ((SCARDHANDLE)0x66)
#define T0_CARD ((SCARDHANDLE)0x50)

LONG SCardEstablishContext(DWORD scope, LPCVOID a, LPCVOID b, LPSCARDCONTEXT ctx)
{
    if (scope != SCARD_SCOPE_SYSTEM || a != NULL || b != NULL)
        return SCARD_E_INVALID_PARAMETER;
    *ctx = CONTEXT;
    return SCARD_S_SUCCESS;
}

LONG SCardReleaseContext(SCARDCONTEXT ctx)
{
    return ctx == CONTEXT ? SCARD_S_SUCCESS : SCARD_E_INVALID_HANDLE;
}

LONG SCardIsValidContext(SCARDCONTEXT ctx)
{
    return ctx == CONTEXT ? SCARD_S_SUCCESS : SCARD_E_INVALID_VALUE;
}

LONG SCardListReaders(SCARDCONTEXT ctx, LPCSTR groups, LPSTR readers, LPDWORD len)
{
    static const char names[] = "One\0Two\0";

    if (ctx == 1)
        return SCARD_E_NO_READERS_AVAILABLE;
    if (ctx == 2) /* Windows' number, which pcsc-lite gives another name */
        return SCARD_E_UNSUPPORTED_FEATURE;
    if (ctx != CONTEXT || groups != NULL)
        return SCARD_E_INVALID_HANDLE;
    if (*len < sizeof(names)) {
        *len = sizeof(names);
        return SCARD_E_INSUFFICIENT_BUFFER;
    }
    memcpy(readers, names, sizeof(names));
    *len = sizeof(names);
    return SCARD_S_SUCCESS;
}

LONG SCardGetStatusChange(SCARDCONTEXT ctx, DWORD wait_ms, SCARD_READERSTATE *states, DWORD count)
{
    if (ctx != CONTEXT || count != 1)
        return SCARD_E_INVALID_PARAMETER;
    if (strcmp(states->szReader, "slow") == 0)
        return wait_ms == 250 ? SCARD_E_TIMEOUT : SCARD_E_INVALID_PARAMETER;
    if (strcmp(states->szReader, "forever") == 0 && wait_ms != INFINITE)
        return SCARD_E_INVALID_PARAMETER;
    if (states->dwCurrentState != 0x00010022)
        return SCARD_E_INVALID_VALUE;
    states->dwEventState = 0x00020022;
    states->cbAtr = strcmp(states->szReader, "liar") == 0 ? 1000 : MAX_ATR_SIZE;
    memset(states->rgbAtr, 0x3B, MAX_ATR_SIZE);
    return SCARD_S_SUCCESS;
}

LONG SCardConnect(SCARDCONTEXT ctx, LPCSTR reader, DWORD share, DWORD protocols,
                  LPSCARDHANDLE card, LPDWORD protocol)
{
    if (ctx != CONTEXT || share != SCARD_SHARE_SHARED ||
        protocols != (SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1))
        return SCARD_E_INVALID_PARAMETER;
    if (strcmp(reader, "One") != 0)
        return SCARD_E_UNKNOWN_READER;
    *card = CARD;
    *protocol = SCARD_PROTOCOL_T1;
    return SCARD_S_SUCCESS;
}

LONG SCardReconnect(SCARDHANDLE card, DWORD share, DWORD protocols, DWORD how, LPDWORD protocol)
{
    if (share != SCARD_SHARE_EXCLUSIVE || protocols != 3 || how != SCARD_UNPOWER_CARD)
        return SCARD_E_INVALID_PARAMETER;
    *protocol = SCARD_PROTOCOL_T1;
    return card == CARD ? SCARD_S_SUCCESS : SCARD_E_INVALID_HANDLE;
}

LONG SCardDisconnect(SCARDHANDLE card, DWORD how)
{
    return card == CARD && how == SCARD_RESET_CARD ? SCARD_S_SUCCESS : SCARD_E_INVALID_HANDLE;
}

LONG SCardBeginTransaction(SCARDHANDLE card)
{
    return card == GONE ? SCARD_W_RESET_CARD : SCARD_S_SUCCESS;
}

LONG SCardEndTransaction(SCARDHANDLE card, DWORD how)
{
    return card == CARD && how == SCARD_LEAVE_CARD ? SCARD_S_SUCCESS : SCARD_E_NOT_TRANSACTED;
}

LONG SCardStatus(SCARDHANDLE card, LPSTR reader, LPDWORD reader_len, LPDWORD state,
                 LPDWORD protocol, LPBYTE atr, LPDWORD atr_len)
{
    if (card != CARD && card != T0_CARD && card != LIAR)
        return card == GONE ? SCARD_W_REMOVED_CARD : SCARD_E_INVALID_HANDLE;
    if (reader != NULL || *reader_len != 0 || *atr_len < MAX_ATR_SIZE)
        return SCARD_E_INSUFFICIENT_BUFFER;
    *reader_len = 4;
    *state = SCARD_PRESENT | SCARD_SPECIFIC;
    *protocol = card == T0_CARD ? SCARD_PROTOCOL_T0 : SCARD_PROTOCOL_T1;
    memset(atr, 0x3B, MAX_ATR_SIZE);
    *atr_len = card == LIAR ? 36 : MAX_ATR_SIZE;
    return SCARD_S_SUCCESS;
}

LONG SCardTransmit(SCARDHANDLE card, const SCARD_IO_REQUEST *send_pci, LPCBYTE in, DWORD in_len,
                   SCARD_IO_REQUEST *recv_pci, LPBYTE out, LPDWORD out_len)
{
    DWORD protocol = card == T0_CARD ? SCARD_PROTOCOL_T0 : SCARD_PROTOCOL_T1;

    if (send_pci->dwProtocol != protocol || send_pci->cbPciLength != sizeof(SCARD_IO_REQUEST) ||
        recv_pci != NULL)
        return SCARD_E_PROTO_MISMATCH;
    if (card == GONE)
        return SCARD_W_REMOVED_CARD;
    if (card == LIAR) {
        *out_len = 0x100000002; /* its low 32 bits look harmless */
        return SCARD_S_SUCCESS;
    }
    if (*out_len < in_len) {
        *out_len = in_len;
        return SCARD_E_INSUFFICIENT_BUFFER;
    }
    memcpy(out, in, in_len); /* an echo */
    *out_len = in_len;
    return SCARD_S_SUCCESS;
}
