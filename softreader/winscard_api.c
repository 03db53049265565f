/* SPDX-License-Identifier: MIT */
/*
 * The functions of pcsc-lite's client library: arguments are checked here, in pcsc-lite's order,
 * and numbers become objects. What the calls mean is in context.c, connection.c and status.c.
 */
#pragma GCC visibility push(default)
#include <winscard.h>
#pragma GCC visibility pop

#include "softreader/attrib.h"
#include "softreader/connection.h"
#include "softreader/reader.h"
#include "softreader/status.h"

#include <reader.h>

#include <stdlib.h>
#include <string.h>

/* More readers than there can be cards, and the PnP reader: a count above it is a mistake. */
#define STATES_MAX (HOME_CARDS_MAX + 16u)

const SCARD_IO_REQUEST g_rgSCardT0Pci = { SCARD_PROTOCOL_T0, sizeof(SCARD_IO_REQUEST) };
const SCARD_IO_REQUEST g_rgSCardT1Pci = { SCARD_PROTOCOL_T1, sizeof(SCARD_IO_REQUEST) };
const SCARD_IO_REQUEST g_rgSCardRawPci = { SCARD_PROTOCOL_RAW, sizeof(SCARD_IO_REQUEST) };

/* Hands `len` bytes over in one of PC/SC's three ways: only the length (`out` NULL), into the
 * caller's room, or into memory for SCardFreeMemory (SCARD_AUTOALLOCATE: `out` is then the address
 * of a pointer). `out_len` may be NULL where pcsc-lite allows it: then nothing is wanted. */
static LONG give(const void *data, size_t len, void *out, DWORD *out_len)
{
    DWORD room;
    void *copy;

    if (out_len == NULL)
        return SCARD_S_SUCCESS;
    room = *out_len;
    if (room == SCARD_AUTOALLOCATE) {
        if (out == NULL)
            return SCARD_E_INVALID_PARAMETER;
        copy = malloc(len);
        if (copy == NULL)
            return SCARD_E_NO_MEMORY;
        memcpy(copy, data, len);
        memcpy(out, &copy, sizeof(copy));
        *out_len = len;
        return SCARD_S_SUCCESS;
    }
    *out_len = len;
    if (out == NULL)
        return SCARD_S_SUCCESS;
    if (room < len)
        return SCARD_E_INSUFFICIENT_BUFFER;
    memcpy(out, data, len);
    return SCARD_S_SUCCESS;
}

/* ---- contexts ------------------------------------------------------------------------------ */

LONG SCardEstablishContext(DWORD dwScope, LPCVOID pvReserved1, LPCVOID pvReserved2,
                           LPSCARDCONTEXT phContext)
{
    (void)pvReserved1;
    (void)pvReserved2;
    if (phContext == NULL)
        return SCARD_E_INVALID_PARAMETER;
    *phContext = 0;
    if (dwScope > SCARD_SCOPE_GLOBAL)
        return SCARD_E_INVALID_VALUE;
    return context_new(phContext);
}

LONG SCardReleaseContext(SCARDCONTEXT hContext)
{
    return context_release(hContext) ? SCARD_S_SUCCESS : SCARD_E_INVALID_HANDLE;
}

LONG SCardIsValidContext(SCARDCONTEXT hContext)
{
    struct context *context = context_get(hContext);

    if (context == NULL)
        return SCARD_E_INVALID_HANDLE;
    context_put(context);
    return SCARD_S_SUCCESS;
}

LONG SCardFreeMemory(SCARDCONTEXT hContext, LPCVOID pvMem)
{
    LONG rc = SCardIsValidContext(hContext);
    void *memory;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    memcpy(&memory, &pvMem, sizeof(memory)); /* ours to free, whatever the prototype says */
    free(memory);
    return SCARD_S_SUCCESS;
}

LONG SCardCancel(SCARDCONTEXT hContext)
{
    struct context *context = context_get(hContext);

    if (context == NULL)
        return SCARD_E_INVALID_HANDLE;
    context_cancel(context);
    context_put(context);
    return SCARD_S_SUCCESS;
}

/* ---- readers ------------------------------------------------------------------------------- */

LONG SCardListReaders(SCARDCONTEXT hContext, LPCSTR mszGroups, LPSTR mszReaders,
                      LPDWORD pcchReaders)
{
    LONG rc;
    char *names;
    size_t len, count;

    (void)mszGroups; /* there is one group */
    if (pcchReaders == NULL)
        return SCARD_E_INVALID_PARAMETER;
    rc = SCardIsValidContext(hContext);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    names = reader_names(&len, &count);
    if (names == NULL)
        return SCARD_E_NO_MEMORY;
    rc = count == 0 ? SCARD_E_NO_READERS_AVAILABLE : give(names, len, mszReaders, pcchReaders);
    free(names);
    return rc;
}

LONG SCardListReaderGroups(SCARDCONTEXT hContext, LPSTR mszGroups, LPDWORD pcchGroups)
{
    static const char groups[] = "SCard$DefaultReaders\0"; /* and the NUL of the string itself */
    LONG rc;

    if (pcchGroups == NULL)
        return SCARD_E_INVALID_PARAMETER;
    rc = SCardIsValidContext(hContext);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    return give(groups, sizeof(groups), mszGroups, pcchGroups);
}

LONG SCardGetStatusChange(SCARDCONTEXT hContext, DWORD dwTimeout, SCARD_READERSTATE *rgReaderStates,
                          DWORD cReaders)
{
    struct context *context;
    LONG rc;

    if ((rgReaderStates == NULL && cReaders > 0) || cReaders > STATES_MAX)
        return SCARD_E_INVALID_PARAMETER;
    context = context_get(hContext);
    if (context == NULL)
        return SCARD_E_INVALID_HANDLE;
    rc = status_wait(context, dwTimeout, rgReaderStates, cReaders);
    context_put(context);
    return rc;
}

/* ---- connections --------------------------------------------------------------------------- */

LONG SCardConnect(SCARDCONTEXT hContext, LPCSTR szReader, DWORD dwShareMode,
                  DWORD dwPreferredProtocols, LPSCARDHANDLE phCard, LPDWORD pdwActiveProtocol)
{
    struct context *context;
    LONG rc;

    if (phCard == NULL || pdwActiveProtocol == NULL)
        return SCARD_E_INVALID_PARAMETER;
    *phCard = 0;
    if (szReader == NULL)
        return SCARD_E_UNKNOWN_READER;
    if (strnlen(szReader, MAX_READERNAME + 1) > MAX_READERNAME)
        return SCARD_E_INVALID_VALUE;
    context = context_get(hContext);
    if (context == NULL)
        return SCARD_E_INVALID_HANDLE;
    rc = connection_open(context, szReader, dwShareMode, dwPreferredProtocols, phCard,
                         pdwActiveProtocol);
    context_put(context);
    return rc;
}

LONG SCardReconnect(SCARDHANDLE hCard, DWORD dwShareMode, DWORD dwPreferredProtocols,
                    DWORD dwInitialization, LPDWORD pdwActiveProtocol)
{
    struct handle *handle;
    LONG rc;

    if (pdwActiveProtocol == NULL)
        return SCARD_E_INVALID_PARAMETER;
    handle = handle_get(hCard);
    if (handle == NULL)
        return SCARD_E_INVALID_HANDLE;
    rc = connection_reopen(handle, dwShareMode, dwPreferredProtocols, dwInitialization,
                           pdwActiveProtocol);
    handle_put(handle);
    return rc;
}

LONG SCardDisconnect(SCARDHANDLE hCard, DWORD dwDisposition)
{
    struct handle *handle;
    LONG rc;

    if (dwDisposition > SCARD_EJECT_CARD)
        return SCARD_E_INVALID_VALUE;
    handle = handle_get(hCard);
    if (handle == NULL)
        return SCARD_E_INVALID_HANDLE;
    rc = connection_close(handle, dwDisposition);
    handle_release(handle);
    return rc;
}

LONG SCardBeginTransaction(SCARDHANDLE hCard)
{
    struct handle *handle = handle_get(hCard);
    LONG rc;

    if (handle == NULL)
        return SCARD_E_INVALID_HANDLE;
    rc = connection_begin(handle, getenv("PCSCLITE_NO_BLOCKING") == NULL);
    handle_put(handle);
    return rc;
}

LONG SCardEndTransaction(SCARDHANDLE hCard, DWORD dwDisposition)
{
    struct handle *handle = handle_get(hCard);
    LONG rc;

    if (handle == NULL)
        return SCARD_E_INVALID_HANDLE;
    rc = connection_end(handle, dwDisposition);
    handle_put(handle);
    return rc;
}

LONG SCardTransmit(SCARDHANDLE hCard, const SCARD_IO_REQUEST *pioSendPci, LPCBYTE pbSendBuffer,
                   DWORD cbSendLength, SCARD_IO_REQUEST *pioRecvPci, LPBYTE pbRecvBuffer,
                   LPDWORD pcbRecvLength)
{
    struct handle *handle;
    LONG rc;

    if (pbSendBuffer == NULL || pbRecvBuffer == NULL || pcbRecvLength == NULL || pioSendPci == NULL)
        return SCARD_E_INVALID_PARAMETER;
    if (*pcbRecvLength == SCARD_AUTOALLOCATE)
        return SCARD_E_INVALID_PARAMETER; /* pcsc-lite has it everywhere but here */
    if (cbSendLength > MAX_BUFFER_SIZE_EXTENDED)
        return SCARD_E_INSUFFICIENT_BUFFER;
    handle = handle_get(hCard);
    if (handle == NULL)
        return SCARD_E_INVALID_HANDLE;
    rc = connection_transmit(handle, pioSendPci->dwProtocol, pbSendBuffer, cbSendLength,
                             pbRecvBuffer, pcbRecvLength);
    if (rc == SCARD_S_SUCCESS && pioRecvPci != NULL) {
        pioRecvPci->dwProtocol = handle->protocol;
        pioRecvPci->cbPciLength = sizeof(*pioRecvPci);
    }
    handle_put(handle);
    return rc;
}

/* ---- what is told -------------------------------------------------------------------------- */

/* As slot_check, for questions that the reader answers: it has power when the card has none. */
static LONG check_reader(const struct handle *handle)
{
    LONG rc = slot_check(handle->slot);

    return rc == SCARD_W_UNPOWERED_CARD ? SCARD_S_SUCCESS : rc;
}

LONG SCardStatus(SCARDHANDLE hCard, LPSTR szReaderName, LPDWORD pcchReaderLen, LPDWORD pdwState,
                 LPDWORD pdwProtocol, LPBYTE pbAtr, LPDWORD pcbAtrLen)
{
    struct handle *handle = handle_get(hCard);
    char name[READER_NAME_MAX];
    uint8_t atr[SOFTCARD_ATR_MAX];
    size_t atr_len;
    LONG rc, name_rc, atr_rc;

    if (handle == NULL)
        return SCARD_E_INVALID_HANDLE;
    rc = check_reader(handle);
    if (rc != SCARD_S_SUCCESS)
        goto out;
    if (pdwState != NULL)
        *pdwState = connection_state(handle);
    if (pdwProtocol != NULL)
        *pdwProtocol = handle->protocol;
    reader_name(slot_name(handle->slot), name);
    slot_atr(handle->slot, atr, &atr_len);
    name_rc = give(name, strlen(name) + 1, szReaderName, pcchReaderLen);
    atr_rc = give(atr, atr_len, pbAtr, pcbAtrLen);
    rc = name_rc != SCARD_S_SUCCESS ? name_rc : atr_rc;
out:
    handle_put(handle);
    return rc;
}

LONG SCardControl(SCARDHANDLE hCard, DWORD dwControlCode, LPCVOID pbSendBuffer, DWORD cbSendLength,
                  LPVOID pbRecvBuffer, DWORD cbRecvLength, LPDWORD lpBytesReturned)
{
    struct handle *handle;
    LONG rc;

    (void)pbSendBuffer;
    (void)cbSendLength;
    (void)pbRecvBuffer;
    (void)cbRecvLength;
    if (lpBytesReturned != NULL)
        *lpBytesReturned = 0;
    handle = handle_get(hCard);
    if (handle == NULL)
        return SCARD_E_INVALID_HANDLE;
    rc = check_reader(handle);
    if (rc == SCARD_S_SUCCESS)
        rc = dwControlCode == CM_IOCTL_GET_FEATURE_REQUEST ? SCARD_S_SUCCESS /* none: 0 bytes */
                                                           : SCARD_E_UNSUPPORTED_FEATURE;
    handle_put(handle);
    return rc;
}

LONG SCardGetAttrib(SCARDHANDLE hCard, DWORD dwAttrId, LPBYTE pbAttr, LPDWORD pcbAttrLen)
{
    struct handle *handle;
    uint8_t value[ATTRIB_MAX];
    size_t len;
    LONG rc;

    if (pcbAttrLen == NULL)
        return SCARD_E_INVALID_PARAMETER;
    handle = handle_get(hCard);
    if (handle == NULL)
        return SCARD_E_INVALID_HANDLE;
    rc = check_reader(handle);
    if (rc == SCARD_S_SUCCESS)
        rc = attrib_get(handle, dwAttrId, value, &len);
    if (rc == SCARD_S_SUCCESS)
        rc = give(value, len, pbAttr, pcbAttrLen);
    handle_put(handle);
    return rc;
}

LONG SCardSetAttrib(SCARDHANDLE hCard, DWORD dwAttrId, LPCBYTE pbAttr, DWORD cbAttrLen)
{
    struct handle *handle;

    (void)dwAttrId;
    if (pbAttr == NULL || cbAttrLen == 0)
        return SCARD_E_INVALID_PARAMETER;
    handle = handle_get(hCard);
    if (handle == NULL)
        return SCARD_E_INVALID_HANDLE;
    handle_put(handle);
    return SCARD_E_UNSUPPORTED_FEATURE;
}
