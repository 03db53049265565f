/* SPDX-License-Identifier: MIT */
/* What authentication (pins.c) and new secrets (secrets.c) share. */
#ifndef CARDMINT_MINIDRIVER_PINS_H
#define CARDMINT_MINIDRIVER_PINS_H

#include "minidriver/call.h"

#define ATTEMPTS_UNKNOWN 0xFFFFFFFFu

/* "user" or "admin", as the interface names them up to version 5. False: neither. */
bool user_id(LPCWSTR name, PIN_ID *ret);

const struct edge_pin *pin_of(const struct md_call *m, PIN_ID id);

/* Has the card this role, other than everyone? */
bool is_pin_id(const struct md_call *m, PIN_ID id);

/* Is the role's secret a key, which answers challenges? */
bool is_key(const struct md_call *m, PIN_ID id);

/* Is its secret for nothing but unblocking others? Such a one is never shown for its own sake. */
bool is_unblock_only(const struct md_call *m, PIN_ID id);

/* Is the role's secret a PIN, and this a length that the card may be shown? It costs no try to know
 * better. */
bool can_present(const struct md_call *m, PIN_ID id, DWORD len);

/* CMR.3.2.1.E7, CMR.3.2.3.E6: a failed attempt leaves nobody authenticated, whatever the reason.
 * The card sees to that where it is asked, this where it is not. False, for REQUIRE. What the card
 * says does not count: one that does not take this is gone, or has forgotten everybody. */
bool drop(struct md_call *m, PIN_ID id);

/* *attempts (may be NULL): tries left where that is what went wrong, else unknown. */
void tell(PDWORD attempts, DWORD rc, uint32_t left);

#endif
