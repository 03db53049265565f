/* SPDX-License-Identifier: MIT */
/*
 * Inside the chip: what its applications share. The public contract is softcard.h.
 *
 *     chip.c          APDU in, APDU out: form, chaining, GET RESPONSE
 *     select.c        SELECT, and whose command it is
 *     applications.c  which applications there are
 *     gids*.c pnp.c piv*.c   the applications: data that names handlers, and these
 *     tries.c room.c  PINs and space, the same for all
 *     image*.c        EEPROM     keys.c  arithmetic
 *
 * A handler reads `call->cmd`, writes answer data to `call->out` and returns a status word. It runs
 * inside one transaction of the image: kept when it answers 9000 or 6285, otherwise rolled back.
 * What it may do there, read or write, is in the table of commands.
 */
#ifndef CARDMINT_SOFTCARD_CHIP_H
#define CARDMINT_SOFTCARD_CHIP_H

#include "iso7816/apdu.h"
#include "iso7816/sw.h"
#include "iso7816/tlv.h"
#include "softcard/image.h"
#include "softcard/keys.h"

#define CHAIN_MAX 65535u           /* data of a chained command */
#define CHIP_APPLICATION_RAM 96u   /* what an application keeps while it is selected */

/* RAM: everything a reset clears. */
struct softcard_ram {
    uint8_t powered;
    uint8_t selected;                /* place in `applications`, the first is 1; 0: none */
    uint8_t global_pin_ok;           /* of the card as a whole: outlives a selection */
    union {                          /* the selected application's; zeros when it is selected */
        uint64_t aligned;
        uint8_t bytes[CHIP_APPLICATION_RAM];
    } own;
    struct {                         /* a chain under way */
        uint8_t active, ins, p1, p2;
        uint32_t len;
        uint8_t data[CHAIN_MAX];
    } chain;
    struct {                         /* an answer not yet fetched */
        uint32_t at, len;
        uint8_t data[SOFTCARD_ANSWER_MAX];
    } rest;
};

struct call {
    struct image *image;
    struct softcard_ram *ram;
    struct apdu cmd;      /* of a chain: the joined data */
    struct wr out;        /* answer data */
    unsigned life_cycle;  /* of the application, if it has one: set by its admit */
};

typedef uint16_t handler_fn(struct call *call);

/* The image failed: the transaction is rolled back and the card mute. No status word has it. */
#define SW_MUTE 0x0000u

struct command {
    uint8_t ins;
    bool chains;              /* may come in pieces (CLA 10) */
    enum image_access access;
    bool asks;                /* without data it reads only */
    handler_fn *run;
};

struct application {
    enum softcard_applications on; /* on cards that have one of these */
    const uint8_t *aid;
    uint8_t aid_len, aid_least;    /* a name may be cut short to so many bytes (7816-4 11.2.2) */
    bool next;                     /* found by "next occurrence" (P2=02) too */
    handler_fn *select;            /* by name; it is the selected one already */
    handler_fn *select_file;       /* by P1=00; NULL: it has no files */
    const struct command *commands;
    size_t command_count;
    bool answers_unasked;          /* without Le: as if Le were 00 */
    uint16_t unselected;           /* answer to its commands while nothing is selected; 0: 6D00 */
    bool (*factory)(struct image *image); /* writes what it has from the start; NULL: nothing */
    /* May this command run, in the state of life the application is in? NULL: always. */
    uint16_t (*admit)(struct call *call, const struct command *command);
    /* Any command has come, whatever it is: forget what only the one before it was to meet. */
    void (*before)(struct softcard_ram *ram, const struct apdu *cmd);
    /* Forget who is authenticated. */
    void (*forget)(struct softcard_ram *ram);
};

/* applications.c: in the order in which SELECT looks for a name. */
extern const struct application *const applications[];
extern const size_t application_count;

/* ---- select.c -------------------------------------------------------------------------------- */

const struct application *chip_selected(const struct softcard_ram *ram); /* NULL: none */

/* A command and whose it is; `command` NULL: there is none of that instruction. */
struct found {
    const struct application *app; /* NULL: the chip's own */
    const struct command *command;
};

/* An application has no commands of another. While none is selected, one may have a word for its
 * own. False: the image failed. */
bool chip_find_command(struct image *image, const struct softcard_ram *ram, uint8_t ins,
                       struct found *ret);

/* Life cycle status byte, ISO/IEC 7816-4 table 14. */
enum { LCS_INITIALISATION = 0x03, LCS_DEACTIVATED = 0x04, LCS_ACTIVATED = 0x05,
       LCS_TERMINATED = 0x0C };

/* ---- tries.c: PINs and PUKs ------------------------------------------------------------------ */

/* 9000, 6A88 when there is none; SW_MUTE. */
uint16_t tries_load(struct call *call, uint16_t ref, struct image_secret *ret);

/* Takes a try and puts that on disk; 6983 when there is none left. *secret is what holds in the
 * transaction that is open now, but for its tries: those this guess has left. The caller wipes
 * it. */
uint16_t tries_take(struct call *call, uint16_t ref, struct image_secret *secret);

/* Compares the guess for which a try was taken. 9000: right, and the tries are full again once the
 * handler's transaction is kept; otherwise 63Cx. */
uint16_t tries_compare(struct call *call, uint16_t ref, struct image_secret *secret,
                       const uint8_t *guess, size_t len);

/* What VERIFY without data tells of a secret that is not verified: 63Cx, 6983. */
uint16_t tries_status(struct call *call, uint16_t ref);

/* ---- room.c: space on the card --------------------------------------------------------------- */

/* Bytes neither used nor reserved. 9000; SW_MUTE. */
uint16_t room_left(struct call *call, size_t *ret);

/* Is there room for so many bytes more? 9000, 6A84; SW_MUTE. */
uint16_t room_for(struct call *call, size_t more);

/* seal.c: what softcard_seal does, in a transaction. */
bool seal_image(struct image *image);

#endif
