/* SPDX-License-Identifier: MIT */
/* Personalisation: a session with a card by its own commands. */
#ifndef CARDMINT_SOFTCARD_PERSONAL_H
#define CARDMINT_SOFTCARD_PERSONAL_H

#include "softcard/chip.h"

struct session {
    struct softcard *card;
    struct softcard_ram *ram;
    uint8_t *answer;             /* the last one */
    size_t answer_len;           /* without status word */
    bool has_gids, has_piv;
    enum softcard_result result; /* the first failure: nothing is sent after it */
};

/* One command that must be answered 9000, or `also`. */
void personal_send_or(struct session *s, uint8_t ins, uint16_t p1p2, const uint8_t *data,
                      size_t len, uint16_t also);
void personal_send(struct session *s, uint8_t ins, uint16_t p1p2, const uint8_t *data, size_t len);

/* `alg` is the admin key's number in keys.h. */
void personal_gids(struct session *s, const struct softcard_person *who, uint8_t alg);
void personal_piv(struct session *s, const struct softcard_person *who, uint8_t alg);

/* Secrets as PIV has them? */
bool personal_piv_ok(const struct softcard_person *who);

#endif
