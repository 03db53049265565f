/* SPDX-License-Identifier: MIT */
/*
 * What a card edge promises the core. An edge knows one kind of card: its commands, where its
 * files and keys are. It knows nothing of CARD_DATA, dwFlags, property names, versions or the
 * order of checks: those are the core's (minidriver/), once for all edges.
 *
 *     edge_find ── ops->describe                                            what the card is
 *         │    └── ops->table ── ops->read / write / create / remove        files
 *         │    └── ops->containers ── ops->generate / import / erase        key containers
 *         │                      └── ops->public_key / sign / decrypt / agree
 *         └── ops->roles ── ops->verify / challenge / respond / logout      roles
 *                        └── ops->change / change_key / unblock             PINs
 *
 * Rules for every verb:
 *   - The caller holds the PC/SC transaction; between two verbs anybody may have used the card:
 *     nothing an edge learned in one call is trusted in the next, except through services->cache_*
 *     (the caller keeps that fresh) and what cannot change while the card is powered.
 *   - A command refused because our application is no longer selected is repeated once, after
 *     SELECT. Before a command that could cost a try, or that writes, the selection is proven by a
 *     read: another application might take our bytes for its own.
 *   - Each verb is all or nothing for its caller: on failure outputs are untouched and the card is
 *     as before, as far as the card's commands allow; where they do not, the comment says so.
 *   - Errors are SCARD_ and ERROR_ codes (wintypes.h); numbers and key material are big-endian.
 *   - `exchanges` below: command/answer pairs with short APDUs, T=1, selection in place, key and
 *     file tables in the cache. A table that is not costs its reading, which then proves the
 *     selection too, in place of the one exchange counted for that. A refusal costs one more, to
 *     find out whether it is our application that refuses. Where the link takes extended APDUs one
 *     exchange, once per card, asks whether the card does; then long commands and answers are one
 *     exchange each.
 */
#ifndef CARDMINT_EDGE_EDGE_H
#define CARDMINT_EDGE_EDGE_H

#include "cardmint/wintypes.h"
#include "iso7816/exchange.h"

#define EDGE_NAME_MAX 9u         /* directory and file names: 8 characters and a NUL */

/* CMR.1.2.1: may a file's or directory's name have this character? */
static inline bool edge_name_char(unsigned char c)
{
    return c >= 32 && c != '\\' && c != '/' && c != ':' && c != '*' && c != '?' && c != '"' &&
           c != '<' && c != '>' && c != '|';
}

#define EDGE_CONTAINERS_MAX 32u  /* most key containers any edge offers */
#define EDGE_RSA_MAX_BYTES 512u  /* RSA-4096 */
#define EDGE_EC_MAX_BYTES 66u    /* P-521 */
#define EDGE_SPECS 9u            /* key specifications, AT_* 1 to 8; 0 unused */

/* What the core lends an edge: the caller's memory and the caller's cache. `host` is passed back
 * as first argument. Results of alloc and cache_find are freed with free. */
struct services {
    void *host;
    void *(*alloc)(void *host, size_t len); /* NULL: out of memory */
    void (*free)(void *host, void *block);
    /* The caller's data cache; items vanish whenever the caller finds them stale. `tag` is ASCII.
     * find: true and a fresh block when there is one. add: stores a copy; may silently not. */
    bool (*cache_find)(void *host, const char *tag, uint8_t **ret_data, size_t *ret_len);
    void (*cache_add)(void *host, const char *tag, const uint8_t *data, size_t len);
    void (*cache_drop)(void *host, const char *tag);
};

/* ---- what a card is (filled in by find, completed by describe) ----------------------------- */

/* Roles, numbered as PIN_ID in cardmod.h; a set of roles has bit n for role n. Those from 3 on are
 * the edge's to number: they guard keys, or unblock. */
enum edge_role { EDGE_EVERYONE = 0, EDGE_USER = 1, EDGE_ADMIN = 2, EDGE_ROLES = 8 };

/* What a secret is for, numbered as SECRET_PURPOSE in cardmod.h. */
enum edge_purpose { EDGE_PURPOSE_AUTHENTICATION = 0, EDGE_PURPOSE_SIGNATURE = 1,
                    EDGE_PURPOSE_ADMIN = 4, EDGE_PURPOSE_PRIMARY = 5, EDGE_PURPOSE_UNBLOCK = 6 };

enum edge_secret { EDGE_SECRET_NONE = 0, EDGE_SECRET_PIN, EDGE_SECRET_KEY };

struct edge_pin {
    enum edge_secret kind; /* NONE: the card has no such role */
    size_t min, max;       /* length in bytes of a PIN that the card may be shown */
    uint8_t change;        /* set of roles that may change it */
    uint8_t unblock;       /* set of roles that may unblock it */
    uint8_t purpose;       /* enum edge_purpose */
    bool always;           /* to be shown before each use of a key that it guards */
};

struct edge_key_sizes {
    uint32_t min, preferred, max, step; /* bits; max 0: the card has no such keys */
};

struct profile {
    bool read_only;             /* the card, or our view of it, cannot be written */
    bool session_cache;         /* other programs change files without a word in cardcf: what was
                                   read is good while the card is inserted, at most */
    bool generates;             /* makes key pairs on the card */
    bool imports;               /* takes key pairs from outside */
    unsigned containers_max;    /* key containers 0 .. max-1 */
    struct edge_pin pins[EDGE_ROLES]; /* by role */
    struct edge_key_sizes keys[EDGE_SPECS]; /* by key specification, AT_* of cardmod.h */
};

/* ---- files --------------------------------------------------------------------------------- */

/* One directory or file. Directories: name is "". Root itself is not listed. Names are lower
 * case. `ac`: CARD_DIRECTORY_ACCESS_CONDITION or CARD_FILE_ACCESS_CONDITION by number. */
struct edge_file {
    char dir[EDGE_NAME_MAX];  /* "": root */
    char name[EDGE_NAME_MAX];
    uint8_t ac;
    bool listed;              /* by the table; otherwise it is there only if it has content */
    uint32_t where;           /* the edge's own; the core only carries it */
};

/* ---- keys ---------------------------------------------------------------------------------- */

/* A key of a container, as `containers` lists it; good for the same call only. */
struct edge_key {
    uint8_t spec;   /* AT_* of cardmod.h; 0: the slot is empty */
    uint16_t bits;
    uint32_t where; /* the edge's own; the core only carries it */
};

/* What a container holds: a key for signatures (AT_SIGNATURE, AT_ECDSA_*) and one for key exchange
 * (AT_KEYEXCHANGE, AT_ECDHE_*). */
struct edge_container {
    struct edge_key sig, kx;
    uint8_t pin; /* the role that guards the keys; EDGE_EVERYONE: free to use */
};

/* A public key. RSA: modulus (n_len bytes, no leading zero) and exponent. EC: n is X || Y, each
 * n_len / 2 bytes; e_len 0. */
struct edge_public_key {
    uint8_t n[EDGE_RSA_MAX_BYTES];
    size_t n_len;
    uint8_t e[4];
    size_t e_len;
};

/* A private key to import. RSA: the eight numbers of PKCS#1 without leading zeros (windows on the
 * caller's bytes, big-endian). EC: d, x, y, each of field length; the others empty. */
struct edge_private_key {
    struct rd n, e, d, p, q, dp, dq, qinv;
    struct rd x, y;
};

/* What the card does to the data around the private key operation. */
enum edge_padding {
    EDGE_RAW = 0,    /* nothing: the input is as long as the modulus; EC: the digest */
    EDGE_PKCS1,      /* PKCS#1 v1.5: sign: pads the DigestInfo; decrypt: returns the message */
    EDGE_OAEP_SHA1,  /* decrypt only */
};

struct edge;

enum edge_answer { EDGE_NOT_ASKED = 0, EDGE_YES, EDGE_NO };

struct edge_ops {
    const char *name; /* "gids": for traces; nobody compares it */

    /* Recognises the card (nothing is assumed selected) and fills *profile. 1 exchange.
     * SCARD_E_UNKNOWN_CARD: it is another kind; *profile is untouched. */
    DWORD (*probe)(struct edge *e, struct profile *profile);

    /* Completes *profile by what recognising the card did not tell: read_only, session_cache,
     * generates, imports, keys. Asked for once in a context, when first needed. On failure *profile is untouched.
     * Absent: probe told everything. 0 exchanges where the cache has it. */
    DWORD (*describe)(struct edge *e, struct profile *profile);

    /* Frees e->own; no exchange. Absent: the edge keeps nothing. */
    void (*close)(struct edge *e);

    /* ---- files; absent verbs: the card has no files (edge/vfs gives them) ---- */

    /* All directories and files. *ret_files: services->alloc, *ret_count entries (NULL when 0).
     * 0 exchanges where the cache has it, else as reading a file. */
    DWORD (*table)(struct edge *e, struct edge_file **ret_files, size_t *ret_count);

    /* The whole content. *ret_data: services->alloc, never NULL on success; length 0 for a file
     * never written. SCARD_E_FILE_NOT_FOUND: a file of `fixed` that has no content; ask the table.
     * SCARD_W_SECURITY_VIOLATION: no right. ceil((len + header) / 256) exchanges; never written:
     * 2. */
    DWORD (*read)(struct edge *e, const struct edge_file *file, uint8_t **ret_data,
                  size_t *ret_len);

    /* Looks for `dir`\`name` without needing the table: for files whose place is fixed, so that
     * they can be read when nothing is cached (cardcf, cardid). False: ask the table. No exchange;
     * `listed` is false: that the file exists is only known when it has been read. */
    bool (*fixed)(const struct edge *e, const char *dir, const char *name, struct edge_file *ret);

    /* Replaces the content. SCARD_E_WRITE_TOO_MANY: does not fit; the old content stays.
     * 1 + ceil((len + header) / 255) exchanges. */
    DWORD (*write)(struct edge *e, const struct edge_file *file, const uint8_t *data, size_t len);

    /* Adds a directory or file to the table as the card has it now, not as the cache remembers it;
     * `where` is chosen by the edge. `reserve`: bytes that a later write is sure to find room for,
     * where the card can promise that: SCARD_E_WRITE_TOO_MANY when it cannot spare them.
     * ERROR_FILE_EXISTS: by another program's doing. SCARD_E_NO_MEMORY: no room in the table.
     * SCARD_E_UNSUPPORTED_FEATURE: no such directories.
     * 2 exchanges, 3 with a reservation, and more as the table grows. What a torn `remove` left
     * behind may show through until the first write. */
    DWORD (*create)(struct edge *e, const struct edge_file *what, uint32_t reserve);

    /* Removes an entry of the table (as the card has it now) and, for a file, its content. Table
     * first: what is torn in between leaves an orphan, never an entry without content.
     * ERROR_DIR_NOT_EMPTY: by another program's doing. 3 exchanges and more as the table grows. */
    DWORD (*remove)(struct edge *e, const struct edge_file *file);

    /* Bytes that a new file may have, and containers still free; CARD_DATA_VALUE_UNKNOWN
     * (0xFFFFFFFF) where the card cannot tell. 1 exchange; none on a card that was found not to
     * tell. */
    DWORD (*free_space)(struct edge *e, uint32_t *ret_bytes, uint32_t *ret_containers);

    /* ---- roles ---- */

    /* Which roles are authenticated now, asked of the card (another process may have changed it).
     * Nobody: 1 exchange; the user: 2; the admin: 4. Not every card can tell a user beside the
     * admin. */
    DWORD (*roles)(struct edge *e, uint8_t *ret_set);

    /* Shows a PIN. *ret_left: tries left after WRONG_CHV, 0 after CHV_BLOCKED, otherwise
     * 0xFFFFFFFF. The selection is proven first. 2 exchanges. */
    DWORD (*verify)(struct edge *e, enum edge_role role, const uint8_t *pin, size_t len,
                    uint32_t *ret_left);

    /* Drops the authentication of at least the roles in `set`; cards that can only drop all at
     * once drop all. 1 exchange. */
    DWORD (*logout)(struct edge *e, uint8_t set);

    /* A challenge for the admin key; *len: room, then length. 2 exchanges. */
    DWORD (*challenge)(struct edge *e, uint8_t *challenge, size_t *len);

    /* Answers it: must be the next command after `challenge`. Wrong, late or without challenge:
     * SCARD_W_WRONG_CHV. 1 exchange. */
    DWORD (*respond)(struct edge *e, const uint8_t *response, size_t len, uint32_t *ret_left);

    /* Replaces a PIN, which then is authenticated. The old one is shown first: a wrong one costs a
     * try, and nothing else happens. `tries`: the most wrong tries from now on, 0 keeps it;
     * SCARD_E_INVALID_PARAMETER where the card cannot set it, or does not take the new PIN. On
     * failure the old PIN holds, the number of tries is put back as far as the card lets it, and
     * the role is not authenticated. 3 exchanges, with tries 5. */
    DWORD (*change)(struct edge *e, enum edge_role role, const uint8_t *old, size_t old_len,
                    const uint8_t *fresh, size_t fresh_len, unsigned tries, uint32_t *ret_left);

    /* `respond`, then a new admin key: 3DES (24 bytes) where the challenge had 8 bytes, AES (16,
     * 24, 32) where it had 16; SCARD_E_INVALID_PARAMETER: no such key on this card. The admin is
     * authenticated then; on failure the old key holds and nobody is. 2 exchanges. */
    DWORD (*change_key)(struct edge *e, const uint8_t *response, size_t len, const uint8_t *key,
                        size_t key_len, uint32_t *ret_left);

    /* A new PIN with all its tries, by the answer to the challenge of the command before, or on
     * cards that have a PUK, by that. Nobody is authenticated afterwards, whatever the outcome.
     * `tries` as in `change`. 2 exchanges, 4 with tries; by a PUK 4, or 3 when it has a length that
     * no answer has. */
    DWORD (*unblock)(struct edge *e, enum edge_role role, const uint8_t *proof, size_t len,
                     const uint8_t *fresh, size_t fresh_len, unsigned tries, uint32_t *ret_left);

    /* ---- key containers ---- */

    /* What each container holds; `list` has room for profile.containers_max, all are written.
     * 0 exchanges where the cache has it, else 1. */
    DWORD (*containers)(struct edge *e, struct edge_container *list);

    /* Makes a key pair for `spec` (AT_*) of `bits` in container `index`; the key of the other slot
     * stays. A key in the same slot is replaced when the new one is there, not before.
     * SCARD_E_NO_MEMORY: no room. SCARD_E_UNSUPPORTED_FEATURE: the container has the other key, and
     * room for one.
     * generate: EC 5 exchanges, RSA-2048 6; in place of a key of the same kind 2 and 3.
     * import: EC 5, RSA-2048 9. In place of a key of another kind: 2 more. */
    DWORD (*generate)(struct edge *e, unsigned index, uint8_t spec, uint32_t bits);
    DWORD (*import)(struct edge *e, unsigned index, uint8_t spec, uint32_t bits,
                    const struct edge_private_key *key);

    /* Deletes all keys of a container; success when there is none. 4 exchanges, two keys 6. */
    DWORD (*erase)(struct edge *e, unsigned index);

    /* ---- use of a key, as `containers` listed it in this call ---- */

    /* SCARD_E_NO_KEY_CONTAINER when there is no such key. 0 exchanges where the cache has it, else
     * 1, RSA-2048 2. */
    DWORD (*public_key)(struct edge *e, const struct edge_key *key, struct edge_public_key *ret);

    /* Key and algorithm are set in every call. `out` has room for *out_len; out_len becomes the
     * result's length: modulus length, or r || s of twice the field length; padded on the left if
     * the card dropped zeros. SCARD_E_UNSUPPORTED_FEATURE: the card lacks that padding.
     * RSA-2048 PKCS1 2 exchanges, RAW 3. */
    DWORD (*sign)(struct edge *e, const struct edge_key *key, enum edge_padding padding,
                  const uint8_t *in, size_t in_len, uint8_t *out, size_t *out_len);

    /* The same for decryption; RAW gives the padded block, modulus length. A block that does not
     * unpad: SCARD_F_INTERNAL_ERROR. RSA-2048 3 exchanges. */
    DWORD (*decrypt)(struct edge *e, const struct edge_key *key, enum edge_padding padding,
                     const uint8_t *in, size_t in_len, uint8_t *out, size_t *out_len);

    /* ECDH: the shared point's x coordinate, field length, into room for *z_len. `point` is the
     * peer's X || Y; one that is not on the curve: SCARD_E_INVALID_PARAMETER. 2 exchanges. */
    DWORD (*agree)(struct edge *e, const struct edge_key *key, const uint8_t *point,
                   size_t point_len, uint8_t *z, size_t *z_len);
};

/* A card at the end of a line, with the edge that fits it. Lives in the core's context. */
struct edge {
    struct card card;
    bool link_extends;   /* the protocol takes extended APDUs (T=1): set by the core */
    bool link_known;     /* the edge has asked the card too and set card.extended */
    unsigned selections; /* how often the application had to be selected: the card was reset, or
                            talked to by others, and nobody is authenticated since */
    unsigned calls;      /* of the caller so far: while this stays the same nobody else has used the
                            card, though verbs may be several. 0: not told */
    enum edge_answer tells_space; /* the card knows of free space and reservations: cannot change */
    const struct edge_ops *ops;
    struct profile profile;
    bool described;      /* the profile is complete */
    void *own;           /* the edge's: what it keeps for the life of the context (ops->close) */
    struct services services; /* refreshed by the core before each verb */
};

extern const struct edge_ops edge_piv, edge_gids;

/* Asks the edge that the ATR names (include/cardmint/atrs.h), else every edge in turn (the order is
 * in edge.c); sets e->ops and e->profile. A known ATR: 1 exchange, or as many as there are edges.
 * SCARD_E_UNKNOWN_CARD when none knows the card; transport errors end the search. */
DWORD edge_find(struct edge *e, const uint8_t *atr, size_t atr_len);

#endif
