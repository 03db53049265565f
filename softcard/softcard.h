/* SPDX-License-Identifier: MIT */
/*
 * The software card: a chip in a file.
 *
 *     softcard_create   a blank card, as from the factory      softcard_personalise  makes it usable
 *     softcard_open ── softcard_power_on ── softcard_transmit ... ── softcard_power_off ── _close
 *
 * What a chip keeps in EEPROM is one SQLite file, the image: each command is one durable
 * transaction (docs/card-image.md). What a chip keeps in RAM (selection, authenticated roles,
 * security environment, a chain under way, an answer not yet fetched) is `struct softcard_ram`:
 * plain bytes that belong to whoever holds the power, so that several processes may share one
 * powered card. The card knows nothing of readers, processes or time: its caller lets one command at
 * a time through each RAM. The image alone may be shared without that (docs/card-image.md).
 */
#ifndef CARDMINT_SOFTCARD_SOFTCARD_H
#define CARDMINT_SOFTCARD_SOFTCARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOFTCARD_ATR_MAX    33u
#define SOFTCARD_ANSWER_MAX 65538u /* longest answer: 65536 bytes and the status word */
#define SOFTCARD_NAME_MAX   32u    /* longest card name, NUL included */

/* Capacity, bytes. A card with less than the least has no room for a minidriver's file system; an
 * image of it can be made all the same. */
#define SOFTCARD_CAPACITY_LEAST 1024u
#define SOFTCARD_CAPACITY_MOST  (64u * 1024u * 1024u)

/* Results of the functions below. Status words are not among them: a refused command is a
 * command well answered. */
enum softcard_result {
    SOFTCARD_OK = 0,
    SOFTCARD_EXISTS,   /* create: there is a file of that name already */
    SOFTCARD_MISSING,  /* open: no such file */
    SOFTCARD_DAMAGED,  /* the image is no card image, or was written by a newer version */
    SOFTCARD_IO,       /* disk full, no permission, ... */
    SOFTCARD_MEMORY,
    SOFTCARD_ARGUMENT, /* an option out of range */
};

/* A sentence for people, without full stop; never NULL. */
const char *softcard_says(enum softcard_result result);

/* Which card is made. Zero-initialise, then set what differs. */
enum softcard_unblock {
    SOFTCARD_UNBLOCK_ADMIN = 0, /* by the admin key; the card has no PUK */
    SOFTCARD_UNBLOCK_PUK,       /* by a PUK; RESET RETRY COUNTER by admin is refused */
};

enum softcard_applications { SOFTCARD_GIDS = 1, SOFTCARD_PIV = 2, SOFTCARD_BOTH = 3 };

struct softcard_options {
    enum softcard_applications applications; /* 0: GIDS */
    enum softcard_unblock unblock; /* of GIDS; PIV always has a PUK */
    unsigned pin_tries;      /* 1..15; 0: 3 */
    size_t capacity;         /* bytes for files and keys together, SOFTCARD_CAPACITY_MOST at most;
                                0: 64 KiB */
    bool no_extended;        /* short APDUs and chaining only (EF.ATR says so) */
    bool reselect_logs_out;  /* SELECT of the AID drops authentication, as Java Cards do; the
                                specification keeps it */
    bool piv_standard;       /* PIV without Yubico's commands and objects: its admin key can only be
                                the factory's */
    uint8_t atr[SOFTCARD_ATR_MAX];
    size_t atr_len;          /* 0: the standard ATR of this card */
};

/* What personalisation writes. Secrets stay the caller's to wipe. On a card with PIV the PIN has 6 to 8
 * digits and the PUK, which it must have, 6 to 8 bytes; both are stored padded with FF to 8
 * (SP 800-73-4 part 1, 2.4.3). */
struct softcard_person {
    const uint8_t *pin;      /* user PIN, 4..127 bytes */
    size_t pin_len;
    const uint8_t *puk;      /* PUK cards, and PIV; 4..127 bytes */
    size_t puk_len;
    const uint8_t *admin_key; /* 3DES: 24 bytes; AES: 16, 24 or 32 */
    size_t admin_key_len;
    bool admin_aes;
    bool admin_key_apart;    /* PIV: the admin key is not left on the card for who knows the PIN; a
                                driver without the key cannot write */
    const uint8_t *global_pin; /* PIV: NULL, or a global PIN that is the primary one; as the PIN */
    size_t global_pin_len;
};

/* Volatile state, cleared by power_on. Its size is fixed and it holds no pointers: it may live in
 * memory shared by processes. It can hold secrets in transit: wipe it, keep it mode 0600. */
struct softcard_ram;
size_t softcard_ram_size(void);

struct softcard; /* an open image; one thread at a time */

/* Makes a new image file, mode 0600. GIDS is in the initialisation state, without files, PIN or keys;
 * PIV as from the factory: PIN 123456, PUK 12345678, admin key 0102030405060708 three times, an
 * identity of its own and no key pairs. Leaves nothing behind on failure. options may be NULL. */
enum softcard_result softcard_create(const char *path, const struct softcard_options *options);

/* Makes such a card somebody's, by its own commands. GIDS: PIN (and PUK), the six
 * access-condition files A000 and A010..A014 and the admin key file B080 (Microsoft's GIDS
 * profile), then ACTIVATE; the files of the minidriver's file system (cardid, cardcf, ...) are
 * the host's to create. PIV: PIN, PUK, admin key and, unless that is kept apart, the key in the
 * PIN-protected object where Yubico's clients and drivers look for it. SOFTCARD_ARGUMENT when a
 * secret's length or form is out of range, and then nothing has been written. */
enum softcard_result softcard_personalise(struct softcard *card, const struct softcard_person *who);

/* Makes a card that is only read of one with GIDS: its rules, those of its files and keys, and the
 * application's own let nobody write, make or delete anything any more; PIN, PUK and admin key
 * still serve, and can be changed. As an issuer does who loads a chip before it goes out; there is
 * no way back. docs/card-extensions.md, section 10. */
enum softcard_result softcard_seal(struct softcard *card);

enum softcard_result softcard_open(const char *path, struct softcard **ret);
void softcard_close(struct softcard *card); /* NULL is welcome */

/* Clears `ram` and copies the answer to reset (room SOFTCARD_ATR_MAX); a warm reset is the same. */
void softcard_power_on(struct softcard *card, struct softcard_ram *ram, uint8_t *atr,
                       size_t *ret_atr_len);

/* The ATR without touching anything. */
void softcard_atr(const struct softcard *card, uint8_t *atr, size_t *ret_atr_len);

/* Clears `ram`. */
void softcard_power_off(struct softcard_ram *ram);

/* One command, one answer. `out` has room for *out_len bytes, which must be at least
 * SOFTCARD_ANSWER_MAX; *out_len becomes the answer's length, status word included. Any bytes are a
 * valid input: what is no command is answered 6700. SOFTCARD_IO: the image could not be read or
 * written; the card must be taken as mute, and nothing of the command has happened. */
enum softcard_result softcard_transmit(struct softcard *card, struct softcard_ram *ram,
                                       const uint8_t *in, size_t in_len, uint8_t *out,
                                       size_t *out_len);

#endif
