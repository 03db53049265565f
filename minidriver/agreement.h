/* SPDX-License-Identifier: MIT */
/*
 * Secrets agreed by CardConstructDHAgreement. The card gives the shared point out, and what is
 * derived from it is derived here: so it lives in the caller's memory, as long as its context at
 * most, and is wiped. It ends when a call meets a card that was reset or is gone, or that has to be
 * selected again. Only who is authenticated may use it, so that a reset which no call meets (others
 * have selected the application since) takes it out of reach; that of a key that everyone may use,
 * everyone.
 */
#ifndef CARDMINT_MINIDRIVER_AGREEMENT_H
#define CARDMINT_MINIDRIVER_AGREEMENT_H

#include "minidriver/call.h"

struct agreement {
    struct agreement *next;
    BYTE index;
    uint8_t guard; /* the role that guards the key */
    size_t len;    /* of the field, in bytes */
    uint8_t z[EDGE_EC_MAX_BYTES]; /* the shared point's x coordinate, big-endian */
};

/* The agreement of that index in this context, or NULL. */
const struct agreement *agreement_find(const struct md_context *context, BYTE index);

/* Wipes and frees all. Does not touch the card. */
void agreements_free(PCARD_DATA data, struct md_context *context);

/* The same when the application had to be selected since they were made: the card has forgotten
 * them. At the end of each call. */
void agreements_check(PCARD_DATA data, struct md_context *context);

#endif
