/* SPDX-License-Identifier: MIT */
/*
 * The folder of cards, $CARDMINT_HOME (default: $XDG_DATA_HOME/cardmint, then
 * ~/.local/share/cardmint; made mode 0700 at first need).
 *
 *     cards/NAME.card    the image of card NAME
 *     slots/NAME         exists while NAME is inserted
 *     slots/NAME.ram     a slot's shared memory: RAM of the powered card, counters, locks
 *
 * A card name: 1 to 31 of A-Z a-z 0-9 . _ - and not starting with a dot, nor ending in ".ram"
 * (slots/NAME.ram would be two things). Used by the software reader and by `cardmint card`.
 */
#ifndef CARDMINT_SOFTCARD_HOME_H
#define CARDMINT_SOFTCARD_HOME_H

#include "softcard/softcard.h"

#define HOME_PATH_MAX 4096u
#define HOME_CARDS_MAX 64u /* more than PC/SC programs show readers */

struct home_card {
    char name[SOFTCARD_NAME_MAX];
    bool inserted;
};

/* True for a name that may be a card's. */
bool home_name_ok(const char *name);

/* Paths, written to room for HOME_PATH_MAX. False when it does not fit or no home is known. */
bool home_dir(char *path);
bool home_slots_dir(char *path);
bool home_image_path(const char *name, char *path);
bool home_ram_path(const char *name, char *path);

/* Makes the folders that are lacking. */
enum softcard_result home_make(void);

/* Can the cards be listed? A folder that is not there yet is empty. SOFTCARD_IO: it is no folder,
 * cannot be read, has too long a name, or nobody knows where it is. */
enum softcard_result home_check(void);

/* All cards, sorted by name; at most `cap`. Returns how many were written. Never fails: no home is
 * no cards. */
size_t home_list(struct home_card *cards, size_t cap);

bool home_is_inserted(const char *name);

/* SOFTCARD_MISSING: no such card. Inserting an inserted card and ejecting an ejected one succeed.
 * eject takes the power away: the shared RAM is gone with it. remove ejects, then deletes the
 * image. */
enum softcard_result home_insert(const char *name);
enum softcard_result home_eject(const char *name);
enum softcard_result home_remove(const char *name);

#endif
