/* SPDX-License-Identifier: MIT */
/* What this card adds to GIDS about room and tries: docs/card-extensions.md, section 9. */
#ifndef CARDMINT_SOFTCARD_GIDS_SPACE_H
#define CARDMINT_SOFTCARD_GIDS_SPACE_H

#include "softcard/gids.h"

/* Objects of the application, 3FFF. */
enum { DO_RESERVATION = 0xDF7D, DO_SPACE = 0xDF7E };

#define OBJECTS_MAX 100u   /* in one file; GIDS 2.0 asks for at least 100 */
#define VALUE_MAX   32768u /* of an object; GIDS 2.0 asks for at least 16 KiB */
#define FILES_MAX   64u

/* GET DATA 3FFF, DF7E: bytes a new object may have, and files that may be made. */
uint16_t gids_get_space(struct call *call);

/* PUT DATA 3FFF, DF7D{EF, object, bytes}: room for that object's value. */
uint16_t gids_reserve(struct call *call, struct rd value);

/* PUT DATA 3FFF, 7F71{93 limit}: the most wrong tries of the PIN. */
uint16_t gids_set_tries(struct call *call, struct rd value);

/* Is there room for the value of `len` bytes of an object for which `reserved` are kept? An object
 * that is replaced is counted until the new one is stored - a card needs both for an update that
 * survives a power cut - unless its room is reserved. */
uint16_t gids_room_for_object(struct call *call, size_t len, size_t reserved);

#endif
