/* SPDX-License-Identifier: MIT */
/*
 * A card that plays a dialogue, and the caller's services, for tests of what sends commands.
 *
 * A dialogue is text: a line "> hex" is the command expected next, a line "< hex" its answer,
 * status word included. Blanks do not count, "AA*240" is 240 bytes AA, "..." at the end of a command is
 * anything, "#" begins a comment.
 */
#ifndef CARDMINT_TESTS_UNIT_SCRIPT_H
#define CARDMINT_TESTS_UNIT_SCRIPT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cardmint/wintypes.h"
#include "edge/edge.h"

/* Bytes of a hex text; fails the test when it is none. Returns how many. */
size_t hex(const char *text, uint8_t *out, size_t cap);

/* One kind of card, as hex: what selects its application, the answer, the command that proves the
 * selection. */
struct script_kind {
    const struct edge_ops *ops;
    const char *select, *answer, *proof;
};

extern const struct script_kind script_piv;

struct script {
    const struct script_kind *kind;
    const char *at;     /* what is still to be played */
    unsigned played;    /* exchanges so far */
    unsigned fail_from; /* from this exchange on (0: the first) the transport fails ... */
    uint32_t fail_with; /* ... with this; 0: never */
    bool foreign;       /* another application is selected: it refuses all with foreign_sw */
    uint16_t foreign_sw;
    unsigned dangerous; /* commands that another application should never have been sent */
    bool lenient;       /* a command that is not expected is answered 6F00 */
};

/* card_transmit_fn; link is a struct script. */
uint32_t script_transmit(void *link, const uint8_t *in, size_t in_len, uint8_t *out,
                         size_t *out_len);

/* True when everything has been played. */
bool script_done(const struct script *s);

#define CALLER_ITEMS 64u

/* The caller: memory that is counted, and a cache. */
struct caller {
    unsigned blocks;     /* given out and not freed */
    unsigned allocs;
    unsigned fail_alloc; /* this allocation (1: the first) fails; 0: none */
    struct {
        char tag[32];
        uint8_t data[4096];
        size_t len;
        bool used;
    } items[CALLER_ITEMS];
    bool forgets;        /* it has no cache */
};

void caller_put(struct caller *c, const char *tag, const char *hex_text);
bool caller_has(const struct caller *c, const char *tag, const char *hex_text);
/* Empties it. */
void caller_begin(struct caller *c);
struct services caller_services(struct caller *c);

/* The PIV edge on a script, its application selected (not counted, not in the dialogue). */
void edge_begin_piv(struct edge *e, struct script *s, struct caller *c, const char *dialogue);
/* Closes it; nothing of the caller's is left. */
void edge_end(struct edge *e, const struct caller *c);

/* An edge on a script. Frees nothing. */
void edge_begin(struct edge *e, struct script *s, struct caller *c, const char *dialogue);

#endif
