/* SPDX-License-Identifier: MIT */
/*
 * The GIDS edge among itself. GIDS: Generic Identity Device Specification 2.0, one application
 * with files (EF) that hold data objects (DO); an EF decides who may read and write its DOs.
 *
 *     gids.c         the card, the table of its verbs
 *     gids_roles.c   who is authenticated; PIN, PUK, admin key
 *     gids_run.c     commands, proof of selection; reading and writing data objects and tables
 *     gids_master.c  masterfile: which file is where
 *     gids_files.c   files, free space
 *     gids_keymap.c  which container holds which key
 *     gids_keys.c    making, importing, deleting keys
 *     gids_crypto.c  public key, sign, decrypt, key agreement
 */
#ifndef CARDMINT_EDGE_GIDS_INTERNAL_H
#define CARDMINT_EDGE_GIDS_INTERNAL_H

#include "edge/run.h"
#include "iso7816/tlv.h"

/* EF identifiers; P1 P2 of GET DATA and PUT DATA. */
enum {
    GIDS_EF_ATR = 0x2F01,
    GIDS_EF_APP = 0x3FFF,         /* the application itself */
    GIDS_EF_TABLES = 0xA000,      /* masterfile and keymap: all read, PIN or admin writes */
    GIDS_EF_USER_WRITE = 0xA010,  /* all read, PIN or admin writes */
    GIDS_EF_USER_EXEC = 0xA011,   /* none reads, PIN or admin writes */
    GIDS_EF_ADMIN_WRITE = 0xA012, /* all read, admin writes */
    GIDS_EF_USER_ONLY = 0xA013,   /* PIN or admin reads and writes */
    GIDS_EF_ADMIN_ONLY = 0xA014,  /* admin reads and writes */
    GIDS_EF_KEY0 = 0xB081,        /* the key of container 0; container i: + i */
};

/* Instructions, ISO/IEC 7816-4 and 7816-8 and -9 by number. */
enum {
    INS_VERIFY = 0x20,
    INS_MSE = 0x22,
    INS_CHANGE = 0x24,
    INS_PSO = 0x2A,
    INS_RESET_RETRY = 0x2C,
    INS_ACTIVATE = 0x44,
    INS_GENERATE = 0x47,
    INS_GENERAL_AUTHENTICATE = 0x87,
    INS_SELECT = 0xA4,
    INS_GET_DATA = 0xCB,
    INS_PUT_DATA = 0xDB,
    INS_CREATE = 0xE0,
    INS_DELETE = 0xE4,
};

#define GIDS_KEY0 0x81u            /* the first key reference */
#define GIDS_KEYS 30u              /* key references 81 to 9E, for all containers together */
#define GIDS_CONTAINERS 30u
#define GIDS_DO_MAX (65536u + 5u)  /* longest DO read: longer than any card's, tag and length too */

/* SELECT of our application. SCARD_E_UNKNOWN_CARD when the card answers, but not as GIDS does. */
DWORD gids_select_ours(struct edge *e);

/* The same; *ret_read_only: the card says that nobody writes, makes or deletes anything on it. */
DWORD gids_select_and_see(struct edge *e, bool *ret_read_only);

/* Runs `cmds` (run.h, run_batch). `answer`: NULL, none is wanted. *ret_sw (set on SCARD_S_SUCCESS):
 * that of the last command sent. *ret_at (may be NULL): its index. */
DWORD gids_run(struct run *g, const struct apdu *cmds, size_t count, struct wr *answer,
               uint32_t tag, sw_t *ret_sw, size_t *ret_at);

/* One command without answer data; a refusal becomes sw_error's code. */
DWORD gids_do(struct run *g, struct apdu cmd);

/* run_prove and run_settle. */
DWORD gids_prove(struct run *g);
DWORD gids_settle(struct run *g, bool *ret_made);

/* Most wrong tries, of a template `tag` of counters: 97 tries left, 93 most tries. 0: it is none. Our
 * application alone has such (GIDS 2.0, GET DATA). */
unsigned gids_most_tries(const uint8_t *data, size_t len, uint32_t tag);

/* Reads a DO. *ret_data: services->alloc, never NULL on success. `small`: is expected to fit a
 * short answer (not a promise). */
DWORD gids_get(struct run *g, uint16_t ef, uint32_t tag, bool small, uint8_t **ret_data,
               size_t *ret_len);

/* Writes a DO. The selection must be proven. */
DWORD gids_put(struct run *g, uint16_t ef, uint32_t tag, const uint8_t *data, size_t len);

/* ---- tables: a format byte 01, then records of one size -------------------------------------- */

#define GIDS_TABLE_FORMAT 0x01u

struct gids_table {
    const char *cache; /* its name in the caller's cache */
    uint16_t ef, tag;  /* its DO */
};

/* Bytes of a table, from the cache or the card; `fresh`: from the card, as anybody must who is
 * about to rewrite it (a change by others may not have been counted in cardcf yet); that proves the
 * selection as well. A table the card does not have, or an empty one, is the format byte alone.
 * *ret_data: services->alloc. */
DWORD gids_load(struct run *g, const struct gids_table *table, bool fresh, uint8_t **ret_data,
                size_t *ret_len);

/* Writes it (proving the selection first) and brings the cache up to date; drops it there on
 * failure. SCARD_E_NO_MEMORY: no room. */
DWORD gids_store(struct run *g, const struct gids_table *table, const uint8_t *data, size_t len);

/* ---- the file system ------------------------------------------------------------------------- */

#define GIDS_MASTER_TABLES 2u

/* The tables as they are on the card (the second: length 0 when there is none), and what they
 * say. */
struct gids_master {
    struct gids_master_table {
        uint8_t *bytes;
        size_t len;
    } tables[GIDS_MASTER_TABLES];
    struct edge_file *files; /* directories first */
    size_t count;
};

DWORD gids_master_load(struct run *g, bool fresh, struct gids_master *ret);
void gids_master_free(struct run *g, struct gids_master *m);

/* Is there an entry of these names? Has a directory files? Is there another one with the same
 * DO? */
bool gids_master_has(const struct gids_master *m, const struct edge_file *f);
bool gids_master_fills(const struct gids_master *m, const char *dir);
bool gids_master_shares(const struct gids_master *m, const struct edge_file *f);

/* The EF for the access condition of `f`; 0: no such condition. */
uint16_t gids_master_ef(const struct edge_file *f);

/* Write the table that lists `f` with it, without it, and as it was when `m` was loaded. */
DWORD gids_master_add(struct run *g, const struct gids_master *m, const struct edge_file *f);
DWORD gids_master_drop(struct run *g, const struct gids_master *m, const struct edge_file *f);
void gids_master_restore(struct run *g, const struct gids_master *m, const struct edge_file *f);

static inline bool gids_is_dir(const struct edge_file *f)
{
    return f->name[0] == '\0';
}

/* edge_file.where: EF and DO; a directory has no DO. */
static inline uint32_t gids_place(uint32_t ef, uint32_t tag)
{
    return ef << 16 | tag;
}

static inline uint16_t gids_place_ef(uint32_t where)
{
    return (uint16_t)(where >> 16);
}

static inline uint16_t gids_place_do(uint32_t where)
{
    return (uint16_t)where;
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* Key specifications, numbered as AT_* of wincrypt.h and cardmod.h. */
enum gids_spec {
    SPEC_NONE = 0,
    SPEC_RSA_EXCHANGE = 1,
    SPEC_RSA_SIGNATURE = 2,
    SPEC_ECDSA_P256 = 3,
    SPEC_ECDSA_P384 = 4,
    SPEC_ECDSA_P521 = 5,
    SPEC_ECDHE_P256 = 6,
    SPEC_ECDHE_P384 = 7,
    SPEC_ECDHE_P521 = 8,
};

/* One size of key; GIDS 2.0, algorithm references: the low nibble. */
struct gids_size {
    uint8_t nibble;
    uint16_t bits;
    bool ec;
    uint8_t exchange; /* key specification with key type 9A */
    uint8_t sign;     /* with key type 9C */
};

/* A key; size NULL: none, or none that this edge understands. */
struct gids_key {
    const struct gids_size *size;
    uint8_t spec;
    uint8_t ref; /* key reference, and low byte of its EF */
};

/* What the keymap says of a container: a key of each slot at most, in the order they came. */
struct gids_record {
    bool taken; /* in use, by something that this edge understands or not */
    struct gids_key keys[2];
};

/* The row for `spec` and `bits`, or NULL. */
const struct gids_size *gids_size_find(uint8_t spec, uint32_t bits);

/* Bytes of a modulus or a coordinate. */
size_t gids_size_bytes(const struct gids_size *size);

/* Is it a key for the key exchange slot? */
bool gids_is_exchange(const struct gids_key *key);

/* What keymap bytes say of container `index`. */
void gids_keymap_get(const uint8_t *map, size_t len, unsigned index, struct gids_record *ret);

/* May the key file that is container `index`'s by rule be deleted with it: has no other one a key
 * there? */
bool gids_keymap_owns(const uint8_t *map, size_t len, unsigned index);

/* A key reference for a new key of container `index`: its own, 81 + index, where no record claims
 * it, else the last that is free. 0: none. */
uint8_t gids_keymap_pick(const uint8_t *map, size_t len, unsigned index);

/* Enters `record` (NULL: frees it) and writes the keymap. What is not understood in `map` stays as
 * it is. */
DWORD gids_keymap_set(struct run *g, const uint8_t *map, size_t len, unsigned index,
                      const struct gids_record *record);

/* Writes keymap bytes as they are. */
DWORD gids_keymap_store(struct run *g, const uint8_t *map, size_t len);

DWORD gids_keymap_load(struct run *g, bool fresh, uint8_t **ret_map, size_t *ret_len);
/* Containers that may still be made: each needs a record and a key file. */
DWORD gids_keymap_free(struct run *g, uint32_t *ret);

/* The key that the core was told of. False: not one of this card. */
bool gids_key_of(const struct edge_key *listed, struct gids_key *ret);

/* A public key template 7F49{...}, strictly. False: malformed, or not of `size`; *ret untouched. */
bool gids_public_parse(const uint8_t *data, size_t len, const struct gids_size *size,
                       struct edge_public_key *ret);

#define GIDS_PUBLIC_MAX 600u /* 7F49 template of RSA-4096: 526 bytes */

/* The caller's cache of public keys, by key reference. */
void gids_public_keep(const struct edge *e, uint8_t ref, const uint8_t *data, size_t len);
void gids_public_drop(const struct edge *e, uint8_t ref);

/* ---- verbs (see edge.h) ---------------------------------------------------------------------- */

DWORD gids_files_table(struct edge *e, struct edge_file **ret_files, size_t *ret_count);
DWORD gids_files_read(struct edge *e, const struct edge_file *file, uint8_t **ret_data,
                      size_t *ret_len);
bool gids_files_fixed(const struct edge *e, const char *dir, const char *name,
                      struct edge_file *ret);
DWORD gids_files_write(struct edge *e, const struct edge_file *file, const uint8_t *data,
                       size_t len);
DWORD gids_files_create(struct edge *e, const struct edge_file *what, uint32_t reserve);
DWORD gids_files_remove(struct edge *e, const struct edge_file *file);
DWORD gids_free_space(struct edge *e, uint32_t *ret_bytes, uint32_t *ret_containers);

#define GIDS_PIN_MIN      4u   /* what cards in the field take; GIDS 2.0 itself: 8 */
#define GIDS_PIN_MAX      127u /* GIDS 2.0, VERIFY */
#define GIDS_RESPONSE_MIN 8u   /* one block of 3DES */
#define GIDS_RESPONSE_MAX 16u  /* one block of AES */

DWORD gids_roles(struct edge *e, uint8_t *ret_set);
DWORD gids_pin_verify(struct edge *e, enum edge_role role, const uint8_t *pin, size_t len,
                      uint32_t *ret_left);
DWORD gids_logout(struct edge *e, uint8_t set);
DWORD gids_challenge(struct edge *e, uint8_t *challenge, size_t *len);
DWORD gids_respond(struct edge *e, const uint8_t *response, size_t len, uint32_t *ret_left);
DWORD gids_pin_change(struct edge *e, enum edge_role role, const uint8_t *old, size_t old_len,
                      const uint8_t *fresh, size_t fresh_len, unsigned tries, uint32_t *ret_left);
DWORD gids_change_key(struct edge *e, const uint8_t *response, size_t len, const uint8_t *key,
                      size_t key_len, uint32_t *ret_left);
DWORD gids_unblock(struct edge *e, enum edge_role role, const uint8_t *proof, size_t len,
                   const uint8_t *fresh, size_t fresh_len, unsigned tries, uint32_t *ret_left);

DWORD gids_containers(struct edge *e, struct edge_container *list);
DWORD gids_keys_generate(struct edge *e, unsigned index, uint8_t spec, uint32_t bits);
DWORD gids_keys_import(struct edge *e, unsigned index, uint8_t spec, uint32_t bits,
                       const struct edge_private_key *key);
DWORD gids_keys_erase(struct edge *e, unsigned index);
DWORD gids_public_key(struct edge *e, const struct edge_key *key, struct edge_public_key *ret);
DWORD gids_sign(struct edge *e, const struct edge_key *key, enum edge_padding padding,
                const uint8_t *in, size_t in_len, uint8_t *out, size_t *out_len);
DWORD gids_decrypt(struct edge *e, const struct edge_key *key, enum edge_padding padding,
                   const uint8_t *in, size_t in_len, uint8_t *out, size_t *out_len);
DWORD gids_agree(struct edge *e, const struct edge_key *key, const uint8_t *point,
                 size_t point_len, uint8_t *z, size_t *z_len);

#endif
