/* SPDX-License-Identifier: MIT */
/* The software reader, with its exchanges counted. Carries the SONAME, so that the module finds it. */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <winscard.h>

#define EXPORT __attribute__((visibility("default")))

unsigned counting_pcsc_exchanges(void);

static unsigned exchanges;

EXPORT unsigned counting_pcsc_exchanges(void)
{
    unsigned n = exchanges;

    exchanges = 0;
    return n;
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
        if (strcmp(#name, "SCardTransmit") == 0)                                                   \
            exchanges++;                                                                           \
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
FORWARD(SCardTransmit,
        (SCARDHANDLE a, const SCARD_IO_REQUEST *b, LPCBYTE c, DWORD d, SCARD_IO_REQUEST *e,
         LPBYTE f, LPDWORD g),
        (a, b, c, d, e, f, g))
