/* SPDX-License-Identifier: MIT */
/* A PC/SC library with readers that do as a test says. Nothing is ever transmitted. */
#include "tests/host/fake.h"

#include <string.h>
#include <winscard.h>

#define EXPORT __attribute__((visibility("default")))

static struct fake_pcsc state;
static const BYTE atr[] = { 0x3B, 0x02, 0x14, 0x50 };

EXPORT struct fake_pcsc *fake_pcsc(void)
{
    return &state;
}

EXPORT void fake_pcsc_clear(void)
{
    memset(&state, 0, sizeof state);
    state.readers[0] = (struct fake_reader){ "Fake Reader 0", true, false };
}

static struct fake_reader *find(const char *name)
{
    for (size_t i = 0; i < FAKE_READERS; i++) {
        if (state.readers[i].name != NULL && strcmp(state.readers[i].name, name) == 0)
            return &state.readers[i];
    }
    return NULL;
}

EXPORT LONG SCardEstablishContext(DWORD scope, LPCVOID a, LPCVOID b, LPSCARDCONTEXT ret)
{
    (void)scope;
    (void)a;
    (void)b;
    if (state.establish_rc != 0)
        return (LONG)state.establish_rc;
    state.contexts++;
    *ret = 7;
    return SCARD_S_SUCCESS;
}

EXPORT LONG SCardReleaseContext(SCARDCONTEXT ctx)
{
    (void)ctx;
    state.contexts--;
    return SCARD_S_SUCCESS;
}

EXPORT LONG SCardIsValidContext(SCARDCONTEXT ctx)
{
    return ctx == 7 ? SCARD_S_SUCCESS : SCARD_E_INVALID_HANDLE;
}

EXPORT LONG SCardListReaders(SCARDCONTEXT ctx, LPCSTR groups, LPSTR names, LPDWORD len)
{
    size_t at = 0;

    (void)ctx;
    (void)groups;
    for (size_t i = 0; i < FAKE_READERS; i++) {
        if (state.readers[i].name == NULL)
            continue;
        memcpy(names + at, state.readers[i].name, strlen(state.readers[i].name) + 1);
        at += strlen(state.readers[i].name) + 1;
    }
    if (at == 0)
        return SCARD_E_NO_READERS_AVAILABLE;
    names[at++] = '\0';
    *len = at;
    return SCARD_S_SUCCESS;
}

EXPORT LONG SCardGetStatusChange(SCARDCONTEXT ctx, DWORD wait, SCARD_READERSTATE *states, DWORD n)
{
    const struct fake_reader *reader = find(states->szReader);

    (void)ctx;
    (void)wait;
    (void)n;
    if (reader == NULL)
        return SCARD_E_UNKNOWN_READER;
    states->dwEventState = SCARD_STATE_CHANGED;
    states->dwEventState |= reader->card ? SCARD_STATE_PRESENT : SCARD_STATE_EMPTY;
    states->dwEventState |= reader->mute ? SCARD_STATE_MUTE : 0;
    states->cbAtr = reader->card && !reader->mute ? sizeof atr : 0;
    memcpy(states->rgbAtr, atr, states->cbAtr);
    return SCARD_S_SUCCESS;
}

EXPORT LONG SCardConnect(SCARDCONTEXT ctx, LPCSTR reader, DWORD share, DWORD protocols,
                         LPSCARDHANDLE ret, LPDWORD protocol)
{
    (void)ctx;
    (void)reader;
    (void)share;
    (void)protocols;
    if (state.connect_rc != 0)
        return (LONG)state.connect_rc;
    *ret = 11;
    *protocol = SCARD_PROTOCOL_T1;
    return SCARD_S_SUCCESS;
}

static void reset(void)
{
    if (state.on_reset != NULL)
        state.on_reset();
}

EXPORT LONG SCardReconnect(SCARDHANDLE card, DWORD share, DWORD protocols, DWORD how,
                           LPDWORD protocol)
{
    (void)card;
    (void)share;
    (void)protocols;
    state.reconnects++;
    if (how != SCARD_LEAVE_CARD)
        reset();
    *protocol = SCARD_PROTOCOL_T1;
    return SCARD_S_SUCCESS;
}

EXPORT LONG SCardDisconnect(SCARDHANDLE card, DWORD how)
{
    (void)card;
    (void)how;
    state.disconnects++;
    return SCARD_S_SUCCESS;
}

EXPORT LONG SCardBeginTransaction(SCARDHANDLE card)
{
    (void)card;
    state.begins++;
    if (state.begin_rc != 0)
        return (LONG)state.begin_rc;
    if (state.resets > 0) {
        state.resets--;
        reset();
        return SCARD_W_RESET_CARD;
    }
    if (state.locked)
        return SCARD_E_SHARING_VIOLATION;
    state.locked = true;
    return SCARD_S_SUCCESS;
}

EXPORT LONG SCardEndTransaction(SCARDHANDLE card, DWORD how)
{
    (void)card;
    state.ends++;
    state.last_end = (unsigned)how;
    state.locked = false;
    if (how != SCARD_LEAVE_CARD)
        reset();
    return SCARD_S_SUCCESS;
}

EXPORT LONG SCardStatus(SCARDHANDLE card, LPSTR reader, LPDWORD reader_len, LPDWORD st,
                        LPDWORD protocol, LPBYTE ret_atr, LPDWORD atr_len)
{
    (void)card;
    (void)reader;
    if (state.status_rc != 0)
        return (LONG)state.status_rc;
    *reader_len = 0;
    *st = SCARD_PRESENT;
    *protocol = SCARD_PROTOCOL_T1;
    memcpy(ret_atr, atr, sizeof atr);
    *atr_len = sizeof atr;
    return SCARD_S_SUCCESS;
}

EXPORT LONG SCardTransmit(SCARDHANDLE card, const SCARD_IO_REQUEST *pci, LPCBYTE in, DWORD in_len,
                          SCARD_IO_REQUEST *recv, LPBYTE out, LPDWORD out_len)
{
    (void)card;
    (void)pci;
    (void)in;
    (void)in_len;
    (void)recv;
    (void)out;
    (void)out_len;
    return SCARD_E_NOT_TRANSACTED; /* the fake module keeps its card in memory */
}
