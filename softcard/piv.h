/* SPDX-License-Identifier: MIT */
/*
 * The PIV application: NIST SP 800-73-4 (objects and keys in part 1, commands in part 2), with the
 * additions that Yubico's cards have and clients count on. What neither says: docs/piv-card.md.
 *
 *     piv.c          name, commands, algorithms, slots
 *     piv_data.c     objects                  piv_pin.c      PIN, PUK, global PIN
 *     piv_auth.c     GENERAL AUTHENTICATE: its template, and the admin key
 *     piv_use.c      the same with key pairs  piv_key.c      how those get there
 *     piv_manage.c   metadata, moving keys    piv_admin.c    Yubico's other commands
 *     piv_factory.c  what a card has from the start
 */
#ifndef CARDMINT_SOFTCARD_PIV_H
#define CARDMINT_SOFTCARD_PIV_H

#include "softcard/chip.h"

/* Key references, SP 800-73-4 part 1 table 4b. */
enum { PIV_GLOBAL_PIN = 0x00, PIV_PIN = 0x80, PIV_PUK = 0x81, PIV_ADMIN_KEY = 0x9B };

/* Where they are in the image. */
enum { PIV_SECRET_GLOBAL = IMAGE_PIV_SECRETS | PIV_GLOBAL_PIN,
       PIV_SECRET_PIN = IMAGE_PIV_SECRETS | PIV_PIN,
       PIV_SECRET_PUK = IMAGE_PIV_SECRETS | PIV_PUK };

#define PIV_SECRET_LEN 8u
#define PIV_OBJECT_MAX 32768u /* bytes in 53 */

/* Policies and origins, Yubico's numbers. */
enum { PIV_PIN_DEFAULT, PIV_PIN_NEVER, PIV_PIN_ONCE, PIV_PIN_ALWAYS };
enum { PIV_TOUCH_DEFAULT, PIV_TOUCH_NEVER, PIV_TOUCH_ALWAYS, PIV_TOUCH_CACHED };
enum { PIV_GENERATED = 1, PIV_IMPORTED = 2 };

enum piv_challenge { PIV_NO_CHALLENGE, PIV_EXTERNAL, PIV_MUTUAL };

/* RAM while PIV is selected. */
struct piv_ram {
    uint8_t pin_ok, admin_ok;
    uint8_t just_verified;    /* the command before this one was a VERIFY of a PIN, and right */
    uint8_t challenge;        /* enum piv_challenge, for the next GENERAL AUTHENTICATE only */
    uint8_t random[KEY_BLOCK_MAX]; /* challenge, or witness in clear */
};
_Static_assert(sizeof(struct piv_ram) <= CHIP_APPLICATION_RAM, "RAM of an application");

static inline struct piv_ram *piv_own(struct softcard_ram *ram)
{
    return (struct piv_ram *)(void *)ram->own.bytes;
}

static inline struct piv_ram *piv_of(const struct call *call)
{
    return piv_own(call->ram);
}

extern const struct application piv_application;

/* ---- piv.c ----------------------------------------------------------------------------------- */

/* SP 800-78-4 table 6-2 against the numbers of keys.h; 0: the card does not have it. Both 00 and 03
 * are 3DES. */
uint8_t piv_alg(uint8_t id);
uint8_t piv_alg_id(uint8_t alg);

/* 9A, 9C, 9D, 9E, 82..95 */
bool piv_is_slot(uint8_t ref);

/* P1P2 as one number. */
uint16_t piv_p1p2(const struct call *call);

/* ---- piv_data.c ------------------------------------------------------------------------------ */

handler_fn piv_get_data, piv_put_data;
enum { PIV_DISCOVERY = 0x7E, PIV_BIT_GROUP = 0x7F61 };

/* Does the discovery object offer the global PIN? */
uint16_t piv_offers_global(struct call *call, bool *ret);

/* ---- piv_pin.c ------------------------------------------------------------------------------- */

handler_fn piv_verify, piv_change, piv_reset_retry;

/* 6 to 8 digits, then FF up to 8 bytes (part 1, 2.4.3). */
bool piv_pin_well_formed(const uint8_t *pin);

/* ---- piv_auth.c, piv_use.c ------------------------------------------------------------------- */

/* The dynamic authentication template 7C (part 2, table 7). */
struct piv_template {
    struct rd witness, challenge, response, exponentiation; /* 80, 81, 82, 85; bad: not there */
};
handler_fn piv_general_authenticate;
uint16_t piv_use_key(struct call *call, const struct piv_template *tpl);

/* ---- piv_key.c, piv_manage.c ----------------------------------------------------------------- */

handler_fn piv_generate, piv_import, piv_metadata, piv_move;

/* ---- piv_admin.c ----------------------------------------------------------------------------- */

handler_fn piv_set_admin_key, piv_set_tries, piv_reset, piv_serial, piv_version;

/* ---- piv_factory.c --------------------------------------------------------------------------- */

extern const uint8_t piv_default_pin[PIV_SECRET_LEN], piv_default_puk[PIV_SECRET_LEN];
extern const uint8_t piv_default_admin_key[24]; /* 3DES */

bool piv_factory(struct image *image);

/* PIN and PUK as from the factory, with so many tries. */
bool piv_default_secrets(struct image *image, unsigned pin_tries, unsigned puk_tries);

#endif
