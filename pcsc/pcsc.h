/* SPDX-License-Identifier: MIT */
/*
 * PC/SC as cardmint uses it. pcsc_lite.c (pcsc-lite's ABI: pcscd's library or our software
 * reader) and pcsc_win.c (winscard.dll) are the only files that see a <winscard.h>; the types
 * here are plain C, because pcsc-lite's DWORD and Windows' disagree in width.
 *
 *     pcsc_load ── pcsc_establish ── pcsc_list / pcsc_wait
 *                        └── pcsc_connect ── pcsc_begin ── pcsc_transmit ... ── pcsc_end
 *                                  └── pcsc_disconnect
 *
 * A driver is given its handles (CARD_DATA.hSCardCtx, hScard) by the caller: it uses pcsc_load,
 * pcsc_status and pcsc_transmit only. A host does the rest.
 *
 * Every function returns a SCARD_ code of wintypes.h (Windows' numbers), transport errors such as
 * SCARD_W_REMOVED_CARD and SCARD_W_RESET_CARD unchanged.
 */
#ifndef CARDMINT_PCSC_PCSC_H
#define CARDMINT_PCSC_PCSC_H

#include <stddef.h>
#include <stdint.h>

#define PCSC_ATR_MAX 33u    /* ISO/IEC 7816-3 (8.2.1): TS and at most 32 more */
#define PCSC_NAME_MAX 128u  /* longest reader name, NUL included */

/* A loaded PC/SC library. Shared by threads; immutable after pcsc_load. */
struct pcsc;

/* Values as in winscard.h (equal in all implementations). */
enum pcsc_share { PCSC_EXCLUSIVE = 1, PCSC_SHARED = 2 };
enum pcsc_disposition { PCSC_LEAVE = 0, PCSC_RESET = 1, PCSC_UNPOWER = 2 };
enum pcsc_protocol { PCSC_T0 = 1, PCSC_T1 = 2 };

/* Reader states for pcsc_wait, bits as in winscard.h; the high word counts events. */
enum {
    PCSC_STATE_UNAWARE = 0x0000,
    PCSC_STATE_CHANGED = 0x0002,
    PCSC_STATE_UNKNOWN = 0x0004,
    PCSC_STATE_EMPTY = 0x0010,
    PCSC_STATE_PRESENT = 0x0020,
};

/* Loads a PC/SC library. `file`: its path, or NULL for the platform's own; off Windows NULL means
 * the name "libpcsclite.so.1", which the dynamic linker answers with the library of that SONAME
 * already in the process, if there is one: so a driver talks to whatever its caller talks to.
 * SCARD_E_NO_SERVICE when it does not load or lacks a function. Free with pcsc_free. */
uint32_t pcsc_load(const char *file, struct pcsc **ret);

/* The same into the caller's memory, of at least pcsc_size bytes and aligned as a pointer is: a driver
 * has all memory from its caller. Goes with that memory, not by pcsc_free. */
size_t pcsc_size(void);
uint32_t pcsc_load_at(const char *file, void *room, struct pcsc **ret);

/* Does not unload the library (its threads may outlive us). NULL is welcome. */
void pcsc_free(struct pcsc *pcsc);

uint32_t pcsc_establish(const struct pcsc *pcsc, uintptr_t *ret_ctx);
void pcsc_release(const struct pcsc *pcsc, uintptr_t ctx);

/* SCARD_S_SUCCESS when `ctx` is a live context, otherwise SCARD_E_INVALID_HANDLE. */
uint32_t pcsc_context_valid(const struct pcsc *pcsc, uintptr_t ctx);

/* Reader names as an ASCII multi-string (each NUL-terminated, one more NUL). *len: room in bytes,
 * then bytes written. No reader: SCARD_S_SUCCESS and an empty multi-string ("\0", 1 byte). */
uint32_t pcsc_list(const struct pcsc *pcsc, uintptr_t ctx, char *names, size_t *len);

/* Waits until the state of `reader` differs from *state (PCSC_STATE_UNAWARE: answers at once), or
 * wait_ms is over (SCARD_E_TIMEOUT). *state: what the caller knows, then what is, and the ATR
 * (atr_len: room, then length; 0 without a card). */
uint32_t pcsc_wait(const struct pcsc *pcsc, uintptr_t ctx, const char *reader, uint32_t wait_ms,
                   uint32_t *state, uint8_t atr[PCSC_ATR_MAX], size_t *atr_len);

/* Connects to the card in `reader`, T=0 or T=1. Free with pcsc_disconnect. */
uint32_t pcsc_connect(const struct pcsc *pcsc, uintptr_t ctx, const char *reader,
                      enum pcsc_share share, uintptr_t *ret_card);

/* After SCARD_W_RESET_CARD: accepts the reset. `how`: what to do to the card first. */
uint32_t pcsc_reconnect(const struct pcsc *pcsc, uintptr_t card, enum pcsc_share share,
                        enum pcsc_disposition how);
uint32_t pcsc_disconnect(const struct pcsc *pcsc, uintptr_t card, enum pcsc_disposition how);

/* Transactions: between the two nobody else reaches the card. */
uint32_t pcsc_begin(const struct pcsc *pcsc, uintptr_t card);
uint32_t pcsc_end(const struct pcsc *pcsc, uintptr_t card, enum pcsc_disposition how);

/* ATR (room for PCSC_ATR_MAX bytes) and protocol of a connected card. SCARD_E_INVALID_HANDLE for
 * a handle that is none. Any output may be NULL. */
uint32_t pcsc_status(const struct pcsc *pcsc, uintptr_t card, uint8_t *atr, size_t *atr_len,
                     enum pcsc_protocol *protocol);

/* A connected card as something to transmit to. The handle may be changed by its owner at any
 * time between two commands. */
struct pcsc_channel {
    const struct pcsc *pcsc;
    uintptr_t card;
    enum pcsc_protocol protocol;
};

/* One command APDU, one answer: the card_transmit_fn of iso7816/exchange.h, `channel` being a
 * struct pcsc_channel. *out_len: room, then length, status word included. */
uint32_t pcsc_transmit(void *channel, const uint8_t *in, size_t in_len, uint8_t *out,
                       size_t *out_len);

#endif
