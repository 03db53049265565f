/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the driver share: a folder of cards of their own, a software card in the
 * software reader, and the driver loaded by path, as a caller has it.
 *
 *     home_begin ── make_card ── desk_open ── d.data.pfnCardXxx(&d.data, ...) ── desk_close
 *                                                                             └── home_end
 */
#ifndef CARDMINT_TESTS_CARD_SUPPORT_H
#define CARDMINT_TESTS_CARD_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cardmint/cardmod.h"
#include "minidriver/call.h"
#include "pcsc/pcsc.h"
#include "softcard/home.h"

#define CARD       "alice"
#define PIN        "12345678"
#define WRONG_PIN  "87654321"
#define PIN_LEN    8u
#define PUK        "13572468"
#define MEM_NEVER  0u
#define ARRAY(a)   (sizeof(a) / sizeof((a)[0]))

extern const BYTE admin_key[24];

/* ---- folder of cards ------------------------------------------------------------------------- */

int home_begin(void **state); /* cmocka setup: a new folder, a personalised card inserted */
int home_end(void **state);   /* cmocka teardown: all of it is gone */

/* A personalised card of that name, inserted. options may be NULL. One that unblocks by a PUK, and
 * PIV, has PUK. */
void make_card(const char *name, const struct softcard_options *options);

/* ---- the caller's memory --------------------------------------------------------------------- */

LPVOID WINAPI mem_alloc(SIZE_T len);
LPVOID WINAPI mem_realloc(LPVOID block, SIZE_T len);
void WINAPI mem_free(LPVOID block);

long mem_live(void);            /* blocks not yet freed */
void mem_fail_at(unsigned nth); /* the nth allocation from now fails, once; MEM_NEVER: none */
bool mem_has_failed(void);      /* it has */

/* ---- a card in a reader and a context on it -------------------------------------------------- */

#define CACHE_ITEMS 64u

struct cache {
    struct {
        WCHAR tag[64];
        BYTE *bytes;
        DWORD len;
    } items[CACHE_ITEMS];
};

struct desk {
    struct pcsc *pcsc;
    uintptr_t ctx, card;
    char reader[PCSC_NAME_MAX];
    BYTE atr[PCSC_ATR_MAX];
    size_t atr_len;
    struct cache cache;
    PFN_CARD_ACQUIRE_CONTEXT acquire;
    CARD_DATA data;
};

/* Connects to card `name`, begins a transaction, fills CARD_DATA; acquires no context. */
void desk_connect(struct desk *d, const char *name);

/* The caller's part of CARD_DATA, as desk_connect leaves it. */
void desk_fill(struct desk *d, PCARD_DATA data, DWORD version);

/* desk_connect, then CardAcquireContext at `version`. */
void desk_open(struct desk *d, const char *name, DWORD version);

/* Lends the driver a cache from now on. */
void desk_cache(struct desk *d);
void desk_cache_empty(struct desk *d);

/* CardDeleteContext if there is one, disconnects; everything the driver was lent must be back. */
void desk_close(struct desk *d);

/* cmocka teardown of one test: closes what a failed one left open. */
int desks_left(void **state);
#define desk_test(f) cmocka_unit_test_teardown(f, desks_left)

/* The power goes and comes: roles, selection and security environment are lost. */
void desk_reset(struct desk *d);

/* Sends bytes past the driver (hex, with or without spaces); the status word. */
unsigned desk_send(struct desk *d, const char *hex);

/* Command and answer pairs since the context was acquired. */
unsigned long exchanges(const struct desk *d);

/* ---- roles ----------------------------------------------------------------------------------- */

void be_nobody(struct desk *d);
void be_user(struct desk *d);  /* the user alone */
void be_admin(struct desk *d); /* the admin alone */

/* Answers a challenge of 8 bytes under the admin key. */
void respond_to(const BYTE challenge[8], BYTE response[8]);

/* Tries left for the PIN, asked of the card past the driver. */
unsigned tries_left(struct desk *d);

/* ---- short forms ----------------------------------------------------------------------------- */

/* A string for a parameter that the interface has not declared const. */
LPSTR str(const char *s);
LPWSTR wide(const WCHAR *s);
PBYTE bytes(const void *data);

DWORD create_file(struct desk *d, const char *dir, const char *name, unsigned ac);
DWORD write_file(struct desk *d, const char *dir, const char *name, const void *data, size_t len);

/* Reads and compares; `data` NULL: any. */
DWORD read_file(struct desk *d, const char *dir, const char *name, const void *data, size_t len);

#define assert_rc(got, want) assert_int_equal((got), (want))

#endif
