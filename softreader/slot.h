/* SPDX-License-Identifier: MIT */
/*
 * The slot of one inserted card, as one card handle sees it: slots/NAME.ram mapped and locked.
 *
 *     slot_open ── slot_share ─┬─ slot_power_on / slot_transmit / slot_power_off   each under ...
 *                              └─ slot_begin ... slot_end                          ... these two
 *     slot_close
 *
 * The file holds what all processes share: counters, the power, the card's RAM. Whoever may do
 * something holds a lock on one byte of it. The locks belong to the open file description and
 * each `struct slot` has its own, so they exclude the threads of one process as well, and the
 * kernel drops them when a process dies.
 *
 * Codes returned are PC/SC's. One thread at a time; docs/software-reader.md has the file's layout.
 */
#ifndef CARDMINT_SOFTREADER_SLOT_H
#define CARDMINT_SOFTREADER_SLOT_H

#include <winscard.h>

#include "softcard/home.h"

/* Which file a path named: eject and insert makes another. */
struct file_id {
    uint64_t device, inode, sec, nsec;
};

/* The card slots/NAME stands for at this moment; false: none is inserted. */
bool slot_insertion(const char *name, struct file_id *ret);

enum slot_sharing {
    SLOT_FREE, /* nobody is connected */
    SLOT_SHARED,
    SLOT_EXCLUSIVE,
};

/* How others use the slot. Takes no lock and does not make the file. */
enum slot_sharing slot_sharing_of(const char *name);

struct slot;

/* Opens card and slot. SCARD_E_UNKNOWN_READER: no such card; SCARD_E_NO_SMARTCARD: it is not
 * inserted, or has gone; SCARD_W_UNRESPONSIVE_CARD: the image is damaged. */
LONG slot_open(const char *name, struct slot **ret);

/* Lets go of everything, without a reset. NULL is welcome. */
void slot_close(struct slot *slot);

/* After fork, in the child: lets go of what must not outlive the parent and touches nothing that
 * the parent still uses (the SQLite connection and the memory are leaked). */
void slot_abandon(struct slot *slot);

const char *slot_name(const struct slot *slot);

/* SCARD_SHARE_SHARED, _EXCLUSIVE or _DIRECT (which counts as shared). Changing from one to another
 * is atomic. SCARD_E_SHARING_VIOLATION: the mode held before stays. */
LONG slot_share(struct slot *slot, DWORD mode);

/* SCARD_S_SUCCESS, or SCARD_W_REMOVED_CARD, _RESET_CARD (since slot_acknowledge),
 * _UNPOWERED_CARD. */
LONG slot_check(const struct slot *slot);

/* Resets so far have been noticed: they are nothing new for this handle. */
void slot_acknowledge(struct slot *slot);

/* Waits until nobody else is in a transaction and keeps everybody else out; not nested. Does not
 * look at resets. A holder that died in its transaction left the card in the middle of something:
 * the card is reset first. `wait` false: SCARD_E_SHARING_VIOLATION instead of waiting.
 * SCARD_W_REMOVED_CARD: the card went away, and nothing is held. */
LONG slot_begin(struct slot *slot, bool wait);
void slot_end(struct slot *slot);

/* The rest between slot_begin and slot_end, except slot_connect. */

/* Powers the card if it has no power, and settles the protocol: one of `preferred` that the ATR
 * offers, and the one in use if the card is in use. SCARD_E_PROTO_MISMATCH: none. */
LONG slot_connect(struct slot *slot, DWORD preferred, DWORD *ret_protocol);

/* A reset: the card forgets, the others are told. Powers the card if need be. */
void slot_reset(struct slot *slot);
void slot_power_off(struct slot *slot);

/* One command. *ret_answer stays valid until the next call and is the slot's to wipe. */
LONG slot_transmit(struct slot *slot, const uint8_t *in, size_t in_len, const uint8_t **ret_answer,
                   size_t *ret_len);

/* Wipes the last answer. */
void slot_forget_answer(struct slot *slot);

void slot_atr(const struct slot *slot, uint8_t *atr, size_t *ret_len);
bool slot_powered(const struct slot *slot);

/* The protocols an ATR offers, a mask of SCARD_PROTOCOL_T0 and _T1 (ISO/IEC 7816-3, 8.2.3). */
DWORD atr_protocols(const uint8_t *atr, size_t len);

#endif
