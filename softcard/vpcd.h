/* SPDX-License-Identifier: MIT */
/*
 * Plugs a card into a real pcscd: the far end of the vpcd reader driver's TCP line. Frames are a
 * 16-bit big-endian length and a body; one-byte bodies are orders (00 power off, 01 power on,
 * 02 reset, 04 tell the ATR), anything else is an APDU, answered by a frame.
 *
 * This is a reader of its own with a power of its own: do not insert the same card in the software
 * reader at the same time.
 */
#ifndef CARDMINT_SOFTCARD_VPCD_H
#define CARDMINT_SOFTCARD_VPCD_H

#include "softcard/softcard.h"

#include <signal.h>

enum vpcd_result {
    VPCD_DONE = 0,   /* *stop was set, or the driver closed the line */
    VPCD_ADDRESS,    /* the host is not known */
    VPCD_REFUSED,    /* nobody listens there: is pcscd running with the vpcd driver? */
    VPCD_LOST,       /* the line broke */
    VPCD_MUTE,       /* the card image could not be read or written */
    VPCD_MEMORY,
};
const char *vpcd_says(enum vpcd_result result);

/* Serves until *stop is set (looked at whenever a signal interrupts) or the line ends.
 * `connected` (may be NULL) is called once the line stands. */
enum vpcd_result vpcd_serve(const char *host, const char *port, struct softcard *card,
                            const volatile sig_atomic_t *stop, void (*connected)(void));

#endif
