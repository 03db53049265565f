/* SPDX-License-Identifier: MIT */
/*
 * The software reader, with its exchanges counted, and one of them lost if a test asks for it.
 * Carries the SONAME, so that the module finds it.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <winscard.h>

#define EXPORT __attribute__((visibility("default")))

unsigned counting_pcsc_exchanges(void);
void counting_pcsc_reset_at(unsigned n);

static unsigned exchanges;
static unsigned reset_at; /* exchanges until the card is reset instead; 0: never */

EXPORT unsigned counting_pcsc_exchanges(void)
{
    unsigned n = exchanges;

    exchanges = 0;
    return n;
}

/* The n-th exchange from now does not take place: the card forgets everything volatile. */
EXPORT void counting_pcsc_reset_at(unsigned n)
{
    reset_at = n;
}

static void resolve(const char *name, void *ret)
{
    void *symbol = dlsym(dlopen(SOFTREADER, RTLD_NOW | RTLD_LOCAL), name);

    if (symbol == NULL)
        abort();
    memcpy(ret, &symbol, sizeof symbol);
}

#define FORWARD(name, parameters, arguments)                                                       \
    EXPORT LONG name parameters                                                                    \
    {                                                                                              \
        static __typeof__(&name) real;                                                             \
                                                                                                   \
        if (real == NULL)                                                                          \
            resolve(#name, &real);                                                                 \
        return real arguments;                                                                     \
    }

FORWARD(SCardEstablishContext, (DWORD a, LPCVOID b, LPCVOID c, LPSCARDCONTEXT d), (a, b, c, d))
FORWARD(SCardReleaseContext, (SCARDCONTEXT a), (a))
FORWARD(SCardIsValidContext, (SCARDCONTEXT a), (a))
FORWARD(SCardListReaders, (SCARDCONTEXT a, LPCSTR b, LPSTR c, LPDWORD d), (a, b, c, d))
FORWARD(SCardGetStatusChange, (SCARDCONTEXT a, DWORD b, SCARD_READERSTATE *c, DWORD d),
        (a, b, c, d))
FORWARD(SCardConnect,
        (SCARDCONTEXT a, LPCSTR b, DWORD c, DWORD d, LPSCARDHANDLE e, LPDWORD f),
        (a, b, c, d, e, f))
FORWARD(SCardReconnect, (SCARDHANDLE a, DWORD b, DWORD c, DWORD d, LPDWORD e), (a, b, c, d, e))
FORWARD(SCardDisconnect, (SCARDHANDLE a, DWORD b), (a, b))
FORWARD(SCardBeginTransaction, (SCARDHANDLE a), (a))
FORWARD(SCardEndTransaction, (SCARDHANDLE a, DWORD b), (a, b))
FORWARD(SCardStatus,
        (SCARDHANDLE a, LPSTR b, LPDWORD c, LPDWORD d, LPDWORD e, LPBYTE f, LPDWORD g),
        (a, b, c, d, e, f, g))

EXPORT LONG SCardTransmit(SCARDHANDLE card, const SCARD_IO_REQUEST *pci, LPCBYTE in, DWORD in_len,
                          SCARD_IO_REQUEST *recv, LPBYTE out, LPDWORD out_len)
{
    static __typeof__(&SCardTransmit) real;
    DWORD protocol;

    if (real == NULL)
        resolve("SCardTransmit", &real);
    exchanges++;
    if (reset_at != 0 && --reset_at == 0) {
        SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
                       SCARD_RESET_CARD, &protocol);
        return SCARD_W_RESET_CARD;
    }
    return real(card, pci, in, in_len, recv, out, out_len);
}
