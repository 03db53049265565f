/* SPDX-License-Identifier: MIT */
/*
 * The GIDS application, and beside it Smart Card Plug and Play: what their files share.
 *
 *     gids.c      the application: name, commands, state of life
 *     gids_*.c    the commands, each a handler of that table
 *     pnp.c       the other application
 */
#ifndef CARDMINT_SOFTCARD_GIDS_H
#define CARDMINT_SOFTCARD_GIDS_H

#include "softcard/chip.h"

/* File identifiers, GIDS 2.0 (object model). */
enum {
    FID_CURRENT = 0x0000,
    FID_DIR = 0x2F00,
    FID_ATR = 0x2F01,
    FID_MF = 0x3F00,
    FID_APPLICATION = 0x3FFF,
    FID_KEYS = 0xB000,      /* key file of key reference kk is B0kk */
};
enum { FILE_OBJECTS = 0x39, FILE_KEY = 0x18 }; /* FCP 82 */

/* Key references. */
enum { REF_GLOBAL_PIN = 0x00, REF_PIN = 0x80, REF_PUK = 0x81, REF_RESET = 0x82,
       REF_ADMIN_KEY = 0x80 };

/* Access mode bits of attribute 8C, compact form; the same bit means different commands on
 * different files. DELETE_SELF is 7816-4's, GIDS 2.0 does not use it. */
enum { AM_DELETE_SELF = 0x40, AM_TERMINATE = 0x20, AM_GENERATE = 0x08, AM_USE = 0x04, AM_PUT = 0x02, AM_GET = 0x01,
       AM_CREATE = 0x02, AM_DELETE = 0x01 };

/* Control reference templates, one of each may be set. */
enum crt { CRT_AT, CRT_DST, CRT_CT, CRT_COUNT };
struct environment {
    bool set;
    uint8_t alg, ref;
};

enum challenge { CHALLENGE_NONE, CHALLENGE_EXTERNAL, CHALLENGE_MUTUAL };

/* RAM while GIDS is selected. */
struct gids_ram {
    uint8_t pin_ok, admin_ok;
    uint8_t file_just_selected;      /* the command before this one selected a file by identifier */
    uint8_t challenge;               /* enum challenge, for the next GENERAL AUTHENTICATE only */
    uint16_t current;                /* file identifier; FID_CURRENT: none */
    struct environment env[CRT_COUNT];
    uint8_t card_random[16], host_random[16];
};
_Static_assert(sizeof(struct gids_ram) <= CHIP_APPLICATION_RAM, "RAM of an application");

static inline struct gids_ram *gids_own(struct softcard_ram *ram)
{
    return (struct gids_ram *)(void *)ram->own.bytes;
}

static inline struct gids_ram *gids_of(const struct call *call)
{
    return gids_own(call->ram);
}

extern const struct application gids_application, pnp_application;

/* gids.c */
extern const uint8_t gids_aid[11];

/* gids_file.c */
handler_fn gids_select, gids_select_file, gids_create, gids_activate, gids_delete, gids_terminate;

/* The file P1P2 or a key reference names. 9000, or 6A82; SW_MUTE. */
uint16_t gids_find(struct call *call, uint16_t fid, struct image_file *ret);

/* May the command with access mode bit `bit` run on a file, or (rule of the application) on the
 * application itself? Only in the operational state are rules looked at. */
bool gids_allowed(const struct call *call, const struct image_file *file, uint8_t bit);
bool gids_allowed_application(const struct call *call, uint8_t bit);

/* Does the key file list algorithm `alg` in a CRT of tag `tag`? */
bool gids_crt_has(const struct image_file *file, uint32_t tag, uint8_t alg);
bool gids_is_admin_key(const struct image_file *file);

/* gids_data.c */
handler_fn gids_get_data, gids_put_data;
/* The file `fid`, if it is one of objects that may be used: 9000, 6A82, 6981, 6985. */
uint16_t gids_find_for_objects(struct call *call, uint16_t fid, struct image_file *ret);

/* gids_pin.c */
handler_fn gids_verify, gids_change, gids_reset_retry;
void gids_forget_roles(struct softcard_ram *ram); /* PIN, admin, environments */

/* gids_auth.c */
handler_fn gids_general_authenticate;

/* gids_key.c */
handler_fn gids_generate;
uint16_t gids_put_key(struct call *call, struct rd tpl);
uint16_t gids_get_public_key(struct call *call, struct rd tpl);

/* gids_crypto.c */
handler_fn gids_mse, gids_pso;

#endif
