/* SPDX-License-Identifier: MIT */
/* A module that ends badly: $BAD says how CardReadFile of the real one ($BAD_OF) does. */
#include "cardmint/cardmod.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static PFN_CARD_READ_FILE real;

static bool is(const char *how)
{
    const char *bad = getenv("BAD");

    return bad != NULL && strcmp(bad, how) == 0;
}

static DWORD WINAPI read_file(PCARD_DATA data, LPSTR dir, LPSTR name, DWORD flags, PBYTE *bytes,
                              PDWORD len)
{
    if (is("crash"))
        raise(SIGSEGV); /* as a wrong pointer ends it; that itself, the sanitizers would catch */
    if (is("abort"))
        abort();
    while (is("hang"))
        sleep(1);
    if (is("exit"))
        exit(0); /* as if all were well */
    if (is("print"))
        printf("P \nthis is no verdict\n");
    return real(data, dir, name, flags, bytes, len);
}

__attribute__((visibility("default"))) DWORD WINAPI CardAcquireContext(PCARD_DATA data, DWORD flags)
{
    PFN_CARD_ACQUIRE_CONTEXT acquire = NULL;
    void *module = dlopen(getenv("BAD_OF"), RTLD_NOW | RTLD_LOCAL);
    DWORD rc;

    if (module != NULL)
        *(void **)&acquire = dlsym(module, "CardAcquireContext");
    if (acquire == NULL)
        return SCARD_F_INTERNAL_ERROR;
    if (is("stranger"))
        return SCARD_E_UNKNOWN_CARD;
    rc = acquire(data, flags);
    if (rc == SCARD_S_SUCCESS) {
        real = data->pfnCardReadFile;
        data->pfnCardReadFile = read_file;
    }
    return rc;
}
