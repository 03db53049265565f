/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_caller.h"

#include <stdlib.h>

DWORD WINAPI CardAcquireContext(PCARD_DATA pCardData, DWORD dwFlags);

static CARD_DATA data;
CARD_DATA *const d = &data;
long live;

static LPVOID WINAPI mem_alloc(SIZE_T len)
{
    live++;
    return malloc(len);
}

static LPVOID WINAPI mem_realloc(LPVOID block, SIZE_T len)
{
    return realloc(block, len);
}

static void WINAPI mem_free(LPVOID block)
{
    live--;
    free(block);
}

void mem_free_one(void *block)
{
    mem_free(block);
}

void acquire(void)
{
    static BYTE atr[] = { 0x3B, 0x00 };
    static WCHAR name[] = CM_WSTR("a card");
    const CARD_DATA fresh = { .dwVersion = 7, .pbAtr = atr, .cbAtr = sizeof(atr),
                              .pwszCardName = name, .pfnCspAlloc = mem_alloc,
                              .pfnCspReAlloc = mem_realloc, .pfnCspFree = mem_free, .hScard = 1 };

    data = fresh;
    assert_int_equal(CardAcquireContext(d, 0), SCARD_S_SUCCESS);
}

void release(void)
{
    assert_int_equal(d->pfnCardDeleteContext(d), SCARD_S_SUCCESS);
    assert_int_equal(live, 0);
}

DWORD property(const WCHAR *name, DWORD flags, void *value, DWORD room)
{
    DWORD len;

    return d->pfnCardGetProperty(d, name, value, room, &len, flags);
}
