/* SPDX-License-Identifier: MIT */
/*
 * Readers: what a card is called here, which there are, and what a look at one shows.
 */
#ifndef CARDMINT_SOFTREADER_READER_H
#define CARDMINT_SOFTREADER_READER_H

#include "softreader/slot.h"

#define READER_PREFIX   "cardmint "
#define READER_SUFFIX   " 00 00" /* as pcscd ends its names: number and slot */
#define READER_NAME_MAX (sizeof(READER_PREFIX READER_SUFFIX) + SOFTCARD_NAME_MAX)

/* The reader of a card, written to room for READER_NAME_MAX. */
void reader_name(const char *card, char *out);

/* The other way, room SOFTCARD_NAME_MAX; false: no reader of ours is called so. */
bool reader_card(const char *reader, char *ret_card);

/* The names of all readers, each with its NUL, one more NUL at the end; NULL when memory ran out.
 * The caller frees it. *ret_count: how many. */
char *reader_names(size_t *ret_len, size_t *ret_count);

struct reader_look {
    bool known; /* the card exists */
    bool inserted;
    bool mute; /* inserted, but the image is damaged */
    enum slot_sharing sharing;
    uint16_t events; /* insertions and removals seen by this process, never 0 */
    uint8_t atr[SOFTCARD_ATR_MAX];
    size_t atr_len;
};

void reader_look(const char *card, struct reader_look *ret);

#endif
