/* SPDX-License-Identifier: MIT */
/*
 * Commands to a card of one application: what all edges do the same. A command that is refused
 * because our application is no longer selected is repeated once after SELECT; long commands go
 * extended where card and link take that.
 */
#ifndef CARDMINT_EDGE_RUN_H
#define CARDMINT_EDGE_RUN_H

#include "edge/edge.h"

/* One verb under way. */
struct run {
    struct edge *e;
    bool proven; /* in this very verb our application has answered as only it does */
};

/* How an edge's application is found. */
struct run_kind {
    /* SELECT; counts e->selections. SCARD_E_UNKNOWN_CARD: the card answers, but not as ours does. */
    DWORD (*select)(struct edge *e);
    /* Is ours selected? By a read that only it answers so. */
    DWORD (*ask)(struct edge *e, bool *ret_ours);
    /* Does the card take extended APDUs? Sets e->card.extended and e->link_known. */
    DWORD (*widen)(struct run *r);
};

/* A command with P1 P2 as one number; data may be NULL. le as in struct apdu. */
struct apdu run_apdu(uint8_t ins, uint16_t p1p2, const void *data, size_t len, uint32_t le);

/* Commands one after another, up to the first that is refused. */
struct run_batch {
    const struct apdu *cmds;
    size_t count;
    struct wr *answer; /* gets the answer of the last one, from its start; NULL: none is wanted */
    uint32_t tag;      /* not 0: an answer is good only when it is exactly one object of that tag, and
                          then proves the selection */
    bool close;        /* the command before these must stay the last one that the card has seen: the
                          card is not asked for anything else first */
    sw_t sw;           /* of the last command sent */
    size_t at;         /* its index */
};

/* Runs them. The one place that deals with a lost selection: when a command is refused (or the
 * answer is not of the wanted form) and the selection is not yet proven, it is proven by a read; when
 * that fails too, our application is selected and all of them are repeated once.
 * Also asks once per card whether it takes extended APDUs, when a command first needs them. */
DWORD run_batch(struct run *r, const struct run_kind *kind, struct run_batch *b);

/* run_batch without asking for extended APDUs. */
DWORD run_plainly(struct run *r, const struct run_kind *kind, struct run_batch *b);

/* The way to the card failed, but the card is still there. */
bool run_link_refused(DWORD rc);

/* Makes sure our application is selected; a read of it first, SELECT only when that fails. Nothing
 * when it is proven already. Before everything that writes or costs a try. */
DWORD run_prove(struct run *r, const struct run_kind *kind);

/* The same unconditionally. *ret_made: it was not selected, and with that nobody authenticated. */
DWORD run_settle(struct run *r, const struct run_kind *kind, bool *ret_made);

/* The caller's memory. run_free wipes first; NULL is welcome. */
void *run_alloc(const struct edge *e, size_t len);
void run_free(const struct edge *e, void *block, size_t len);

#endif
