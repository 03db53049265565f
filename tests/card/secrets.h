/* SPDX-License-Identifier: MIT */
/* Cards of every kind - unblocked by the admin or a PUK, an admin key of 3DES or of AES - and the
 * calls that show and change secrets. */
#ifndef CARDMINT_TESTS_CARD_SECRETS_H
#define CARDMINT_TESTS_CARD_SECRETS_H

#include "support.h"

#define BY_KEY  CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE
#define BY_PIN  CARD_AUTHENTICATE_PIN_PIN
#define NEW_PIN "abcdefgh"

extern const WCHAR user[5], admin[6];

struct key {
    const BYTE *at;
    DWORD len;
    bool aes;
};

extern const struct key des;                       /* that of make_card */
extern const BYTE aes_key[32], fresh_key[33];      /* their beginnings are keys too */

/* Card "bob": an AES key of that length, or 0: 3DES. What unblocks is an answer to a challenge, or
 * the PUK. */
void open_card(struct desk *d, DWORD key_len, bool puk);
void close_card(struct desk *d);

PIN_SET roles(struct desk *d); /* who is authenticated */

/* The right response to a new challenge; its length. */
DWORD draw(struct desk *d, const struct key *key, BYTE response[16]);

DWORD show(struct desk *d, const char *pin, DWORD *left);
DWORD become_admin(struct desk *d, const struct key *key);
DWORD change(struct desk *d, const char *old, const char *fresh, DWORD tries, DWORD *left);
DWORD change_key(struct desk *d, const BYTE *response, DWORD len, const BYTE *key, DWORD key_len);
DWORD unblock(struct desk *d, const void *proof, DWORD len, const char *fresh, DWORD tries);

#endif
