/* SPDX-License-Identifier: MIT */
/*
 * The PIV edge among itself. PIV: NIST SP 800-73-4 (part 1: objects, part 2: commands), SP 800-78-4
 * (algorithms); beyond these the vendor commands and objects that YubiKeys have made common, where a
 * card has them.
 *
 *     piv.c          the card, its profile, the table of its verbs
 *     piv_run.c      SELECT, proof of selection, extended APDUs
 *     piv_objects.c  GET DATA and PUT DATA, through the caller's cache
 *     piv_parse.c    what the objects say: pure functions over untrusted bytes
 *     piv_cert.c     certificate objects: compressed or not, the public key in them
 *     piv_list.c     which slots hold keys
 *     piv_keys.c     making, importing, deleting keys
 *     piv_use.c      public key, sign, decrypt, key agreement
 *     piv_pins.c     PIN and PUK; who is authenticated
 *     piv_admin.c    the admin key 9B; the right to write
 *     piv_files.c    what vfs is told of the card
 *     piv_map.c      containers' names: the card's own map
 */
#ifndef CARDMINT_EDGE_PIV_INTERNAL_H
#define CARDMINT_EDGE_PIV_INTERNAL_H

#include "edge/run.h"
#include "edge/vfs.h"
#include "iso7816/tlv.h"

/* Instructions: SP 800-73-4 part 2, 3; from 0xF6 on the vendor's. */
enum {
    PIV_VERIFY = 0x20,
    PIV_CHANGE = 0x24,
    PIV_RESET_RETRY = 0x2C,
    PIV_GENERATE = 0x47,
    PIV_AUTHENTICATE = 0x87,
    PIV_SELECT = 0xA4,
    PIV_GET_DATA = 0xCB,
    PIV_PUT_DATA = 0xDB,
    PIV_MOVE_KEY = 0xF6,
    PIV_METADATA = 0xF7,
    PIV_SERIAL = 0xF8,
    PIV_VERSION = 0xFD,
    PIV_IMPORT = 0xFE,
    PIV_SET_ADMIN_KEY = 0xFF,
};

/* Data objects: SP 800-73-4 part 1, table 3; from 5FFF00 on the vendor's, and ours. */
enum {
    PIV_DISCOVERY = 0x7E,
    PIV_CHUID = 0x5FC102,
    PIV_CCC = 0x5FC107,
    PIV_PRINTED = 0x5FC109,      /* for the PIN to read: by Yubico's convention the admin key */
    PIV_HISTORY = 0x5FC10C,
    PIV_ADMIN_DATA = 0x5FFF00,
    PIV_MSCMAP = 0x5FFF10,       /* names of containers */
    PIV_MSROOTS = 0x5FFF11,      /* .. 5FFF15, filled in order */
    PIV_OVERLAY = 0x5FFF20,      /* + part: files that the card itself has no place for */
};

#define PIV_OBJECT_MAX 32768u    /* an object, tag 53 and length too: longer than any card's */
#define PIV_CERT_MAX   16384u    /* a certificate unpacked: what compresses better is a bomb */
#define PIV_MSROOTS_OBJECTS 5u
#define PIV_CONTAINERS 24u
#define PIV_RETIRED    20u       /* 82 .. 95 */
#define PIV_FIRST_RETIRED 2u     /* its container */
#define PIV_PUBLIC_MAX 600u      /* 7F49 of RSA-4096: 526 bytes */

/* Roles beside those of edge.h. */
enum { PIV_ROLE_SIGN = 3 /* the user's PIN, for 9C */, PIV_ROLE_PUK = 4 };

#define PIV_ADMIN_REF 0x9Bu
#define PIV_PIN_MIN 6u
#define PIV_PIN_MAX 8u           /* padded with FF: SP 800-73-4 part 2, 2.4.3 */

/* ---- what is known of the card --------------------------------------------------------------- */

/* A key algorithm, SP 800-78-4 table 6-2 (and Yubico's 16). */
struct piv_alg {
    uint8_t id;
    bool ec;
    uint16_t bits;
    uint8_t exchange, sign; /* key specifications */
};

/* A key slot. Container and slot belong together for good: it depends on nothing on the card. */
struct piv_slot {
    uint8_t ref;    /* key reference: P2 */
    uint32_t cert;  /* object of its certificate */
    uint8_t pin;    /* the role that guards its key unless the card says otherwise */
    bool rsa_exchange, ec_exchange; /* what a key is for where nobody said */
};

extern const struct piv_slot piv_slots[PIV_CONTAINERS];

/* A key as listed. alg NULL: none. */
struct piv_key {
    const struct piv_alg *alg;
    uint8_t spec;
    uint8_t pin;
    uint8_t index;
};

/* Facts asked for once; in the caller's cache too. */
struct piv_facts {
    bool has_flags;
    uint8_t flags;             /* of the admin data: 02: the admin key is where the PIN reads it */
    enum edge_answer metadata; /* the card knows F7 */
    bool has_version;
    uint8_t version[3];        /* of the vendor's firmware; zeros: it is no such card */
    uint8_t admin_alg;         /* of key 9B; 0: not known */
};

#define PIV_FLAG_PROTECTED 0x02u

/* e->own. */
struct piv_own {
    struct vfs vfs;               /* first: edge/vfs.h */
    struct piv_facts facts;
    bool has_facts;               /* the cache has been asked */
    enum edge_answer vendor_objects; /* the card takes objects that are not the standard's */
    enum edge_answer discovery;   /* the card has the discovery object: cannot change */
    uint8_t pin_ref;              /* 80, or 00: the global PIN; what the discovery object said last */
    uint8_t selected[256];        /* SELECT's answer */
    size_t selected_len;
    /* Who is authenticated as admin no command tells. The caller: as long as e->selections is this;
     * 0: not. */
    unsigned admin_since;
    /* The card may take somebody for the admin, by an answer of the caller's or of the driver's own
     * (the key behind the PIN), until an authentication is begun and not finished. SELECT does not
     * end it: by the standard that keeps who is authenticated. */
    bool admin_maybe;
    unsigned proven_in;           /* the caller's call in which the selection was proven; 0: none */
    unsigned admitted_in;         /* the caller's call in which the right to write was seen; 0: none */
    uint8_t challenge_alg;        /* of the challenge given out and not answered; 0: none */
    /* The list of keys as it was when the PIN was shown for 9C, which no command may follow but the
     * key's use: good while card.exchanges is this. */
    uint32_t list_at;
    unsigned list_in;             /* or, for callers without a cache, in this call of theirs */
    struct piv_key list[PIV_CONTAINERS];
    uint8_t specs[PIV_CONTAINERS]; /* what keys were made for in this context; 0: not made in it */
    /* The key made last, for callers without a cache: until there is a certificate many cards do
     * not tell of it. alg NULL: none. */
    struct piv_key made;
    uint8_t made_public[PIV_PUBLIC_MAX];
    size_t made_len;
    uint32_t erased;              /* bit n: container n was erased on a card that cannot delete its
                                     key, and does not show any more */
};

static inline struct piv_own *piv_own(const struct edge *e)
{
    return e->own;
}

/* NULL: unknown. */
const struct piv_alg *piv_alg_by_id(uint8_t id);
const struct piv_alg *piv_alg_by_spec(uint8_t spec, uint32_t bits);
/* Bytes of a modulus or a coordinate. */
size_t piv_alg_bytes(const struct piv_alg *alg);
bool piv_is_exchange(const struct piv_key *key);
/* Container of a key reference; PIV_CONTAINERS: none. */
unsigned piv_index_of(uint8_t ref);

/* What has been found out; `keep` after a change. */
struct piv_facts *piv_facts(struct edge *e);
void piv_facts_keep(struct edge *e);
/* The flags of the admin data; 0 where the card has none. 1 exchange, once in an insertion. */
DWORD piv_flags(struct run *r, uint8_t *ret);

/* ---- commands -------------------------------------------------------------------------------- */

/* SELECT. SCARD_E_UNKNOWN_CARD when the card answers, but not as PIV does. */
DWORD piv_select(struct edge *e);

/* run_batch of one command. */
DWORD piv_send(struct run *r, const struct apdu *cmd, struct wr *answer, uint32_t tag, sw_t *ret_sw);
/* For the use of a key right after the PIN was shown for it (SP 800-73-4 part 1, 3.3: 9C). */
DWORD piv_send_close(struct run *r, const struct apdu *cmd, struct wr *answer, uint32_t tag,
                     sw_t *ret_sw);

DWORD piv_prove(struct run *r);
DWORD piv_settle(struct run *r, bool *ret_made);
/* Finds out now whether the card takes extended APDUs, unless that is known. */
DWORD piv_widen(struct run *r);

/* Not an error of the way to the card: it has said no, or nonsense. */
bool piv_is_answer(DWORD rc);

/* Reading came to nothing that could be used; the way to the card is fine. */
static inline bool piv_is_nothing(DWORD rc)
{
    return rc == SCARD_E_FILE_NOT_FOUND || rc == SCARD_E_UNEXPECTED ||
           rc == SCARD_W_SECURITY_VIOLATION;
}

/* ---- objects --------------------------------------------------------------------------------- */

/* The value in an object's 53 (7E: in itself). *ret_data: services->alloc, never NULL on success.
 * SCARD_E_FILE_NOT_FOUND: not there, or empty: cards do not tell these apart. */
DWORD piv_get(struct run *r, uint32_t tag, bool small, uint8_t **ret_data, size_t *ret_len);

/* The same through the caller's cache, which also keeps that there is none. */
DWORD piv_get_cached(struct run *r, uint32_t tag, uint8_t **ret_data, size_t *ret_len);

/* Replaces an object; len 0 empties it. The right to write (piv_admit) comes first. Brings the cache
 * up to date. SCARD_E_WRITE_TOO_MANY: too long; SCARD_E_UNSUPPORTED_FEATURE: the card has no such
 * object. */
DWORD piv_put(struct run *r, uint32_t tag, const uint8_t *data, size_t len);

/* May the card take this object? False: it has refused one of its kind. */
bool piv_takes(const struct edge *e, uint32_t tag);

/* piv_admit, then piv_put. */
DWORD piv_write(struct edge *e, uint32_t tag, const uint8_t *data, size_t len);

/* The caller's cache by number: "piv.object.5fc105", "piv.public.00009a". */
bool piv_cache_find(const struct edge *e, const char *kind, uint32_t number, uint8_t **ret_data,
                    size_t *ret_len);
void piv_cache_keep(const struct edge *e, const char *kind, uint32_t number, const uint8_t *data,
                    size_t len);
void piv_cache_drop(const struct edge *e, const char *kind, uint32_t number);

/* ---- parsers: *ret is untouched unless they return true ---------------------------------------- */

/* SELECT's answer: SP 800-73-4 part 2, table 3. */
bool piv_parse_selected(const uint8_t *data, size_t len);
/* 7E whole: 4F our AID, 5F2F PIN usage policy. *ret_pin: key reference of the primary PIN. */
bool piv_parse_discovery(const uint8_t *data, size_t len, uint8_t *ret_pin);
/* Number of retired keys with certificates on the card, and elsewhere. False: it makes no sense. */
bool piv_parse_history(const uint8_t *data, size_t len, unsigned *ret_on, unsigned *ret_off);
/* 80{81 flags}. */
bool piv_parse_admin_data(const uint8_t *data, size_t len, uint8_t *ret_flags);
/* 88{89 key}: a window on `data`. */
bool piv_parse_protected_key(const uint8_t *data, size_t len, struct rd *ret_key);
/* What makes a card one of its kind; false: this object has no such thing. `ret`: 16 bytes. */
bool piv_parse_chuid(const uint8_t *data, size_t len, uint8_t *ret);
bool piv_parse_ccc(const uint8_t *data, size_t len, uint8_t *ret);
/* SHA-256 of a word and bytes, cut to 16. */
bool piv_digest_id(const char *word, const uint8_t *data, size_t len, uint8_t *ret);

/* An answer to F7 for a key. *ret_public: window on the public key's content (81 82, or 86), empty
 * when the card tells none. */
struct piv_metadata {
    const struct piv_alg *alg; /* NULL: a kind of key that is not for us */
    uint8_t alg_id, pin_policy;
    struct rd public;
};
bool piv_parse_metadata(const uint8_t *data, size_t len, struct piv_metadata *ret);

/* Content of 7F49, strictly: not a key of `alg` otherwise. */
bool piv_parse_public(struct rd content, const struct piv_alg *alg, struct edge_public_key *ret);

/* ---- the map of containers ------------------------------------------------------------------- */

#define PIV_RECORD 107u

/* MSCMAP: 81{records}. A record: name, UTF-16LE[40] | slot | key_spec | bits, LE16 | flags | pin |
 * container of the ECDH key | SHA-1 of the certificate. */
enum { PIV_RECORD_SLOT = 80, PIV_RECORD_SPEC = 81, PIV_RECORD_BITS = 82, PIV_RECORD_FLAGS = 84,
       PIV_RECORD_PIN = 85, PIV_RECORD_HASH = 87 };
enum { PIV_RECORD_VALID = 1, PIV_RECORD_DEFAULT = 2, PIV_SPEC_EXCHANGE = 1, PIV_SPEC_SIGN = 2 };

struct piv_map {
    bool sound;                       /* there is one, and all of it makes sense */
    const uint8_t *at[PIV_CONTAINERS]; /* a container's valid record, in the caller's bytes; or NULL */
};

/* Records that make no sense are passed over. */
void piv_map_parse(const uint8_t *data, size_t len, struct piv_map *ret);

DWORD piv_labels(struct edge *e, struct vfs_label *list);
DWORD piv_label(struct edge *e, const struct vfs_label *list);
/* Takes a container's record out, as far as there is one. */
DWORD piv_map_drop(struct run *r, unsigned index);
/* Writes down what a new key was made for, where its slot does not say it. `list`: the keys that were
 * there before. */
DWORD piv_map_note(struct run *r, const struct piv_key *key, const struct piv_key *list);
/* Is a key of that kind, in that slot, for exchange, unless a record says otherwise? */
bool piv_default_exchange(const struct piv_alg *alg, unsigned index);

/* ---- certificates ---------------------------------------------------------------------------- */

/* The certificate in an object 70 71 FE. *ret_der: services->alloc. `as_stored`: one that a caller
 * wrote in the Base CSP's compressed form comes back in that form, to the byte.
 * SCARD_E_FILE_NOT_FOUND: there is none; SCARD_E_UNEXPECTED: what is there is none. */
DWORD piv_cert_unpack(const struct edge *e, const uint8_t *data, size_t len, bool as_stored,
                      uint8_t **ret_der, size_t *ret_len);

/* The other way: an object of what a caller wrote, DER or the Base CSP's compressed form.
 * SCARD_E_UNSUPPORTED_FEATURE: it is neither. */
DWORD piv_cert_pack(const struct edge *e, const uint8_t *data, size_t len, uint8_t **ret_object,
                    size_t *ret_len);

/* The public key of a certificate, as content of 7F49 into `w`. NULL: not one for us. */
const struct piv_alg *piv_cert_public(const uint8_t *der, size_t len, struct wr *w);

/* ---- keys ------------------------------------------------------------------------------------ */

/* What each slot holds; 0 exchanges where the cache has it. `list`: PIV_CONTAINERS. */
DWORD piv_list(struct run *r, struct piv_key *list);

/* The key of one slot, as the card has it, and content of 7F49 for it in `w`; alg NULL: none. */
DWORD piv_find_key(struct run *r, unsigned index, struct piv_key *ret, struct wr *w);

/* `key` is now in its slot, or (alg NULL) none is: brings list and public key in the cache up to
 * date. */
void piv_list_set(struct edge *e, const struct piv_key *key, const uint8_t *public, size_t len);

/* The key that the core was told of. False: not one of this card. */
bool piv_key_of(const struct edge_key *listed, struct piv_key *ret);
uint8_t piv_spec_for(const struct piv_alg *alg, bool exchange);

/* GENERAL AUTHENTICATE (SP 800-73-4 part 2, 3.2.4) with a template that holds `tag`, and, `answered`,
 * asks for 82. *ret: window on the answer's 82 in `answer`. */
struct piv_operation {
    uint8_t alg, ref, tag;
    const uint8_t *in;
    size_t in_len;
    bool close; /* right after the PIN was shown */
};
DWORD piv_general(struct run *r, const struct piv_operation *op, struct wr *answer, struct rd *ret,
                  sw_t *ret_sw);

/* ---- the right to write ---------------------------------------------------------------------- */

/* Proves the selection and sees that the card takes writes: the caller is authenticated as admin, or
 * the user is and the admin key lies behind the PIN. SCARD_W_SECURITY_VIOLATION: neither.
 * Admin: 1 exchange; by the key: 3; none for what one call writes after that. */
DWORD piv_admit(struct run *r);
/* A write was refused for want of rights: nobody is admin any more. */
void piv_admin_lost(struct edge *e);
bool piv_is_admin(const struct edge *e);
/* Clears the card's own idea of an admin as the standard does: by an authentication not finished. */
DWORD piv_admin_drop(struct run *r);
/* Answers the challenge that is out; SCARD_W_WRONG_CHV as well when there is none. */
DWORD piv_answer_challenge(struct edge *e, const uint8_t *response, size_t len, uint32_t *ret_left);

/* ---- verbs (see edge.h) ---------------------------------------------------------------------- */

extern const struct vfs_source piv_source;

DWORD piv_roles(struct edge *e, uint8_t *ret_set);
DWORD piv_pin_verify(struct edge *e, enum edge_role role, const uint8_t *pin, size_t len,
                     uint32_t *ret_left);
DWORD piv_logout(struct edge *e, uint8_t set);
DWORD piv_challenge(struct edge *e, uint8_t *challenge, size_t *len);
DWORD piv_respond(struct edge *e, const uint8_t *response, size_t len, uint32_t *ret_left);
DWORD piv_pin_change(struct edge *e, enum edge_role role, const uint8_t *old, size_t old_len,
                     const uint8_t *fresh, size_t fresh_len, unsigned tries, uint32_t *ret_left);
DWORD piv_change_key(struct edge *e, const uint8_t *response, size_t len, const uint8_t *key,
                     size_t key_len, uint32_t *ret_left);
DWORD piv_unblock(struct edge *e, enum edge_role role, const uint8_t *proof, size_t len,
                  const uint8_t *fresh, size_t fresh_len, unsigned tries, uint32_t *ret_left);

DWORD piv_free_space(struct edge *e, uint32_t *ret_bytes, uint32_t *ret_containers);
DWORD piv_containers(struct edge *e, struct edge_container *list);
DWORD piv_keys_generate(struct edge *e, unsigned index, uint8_t spec, uint32_t bits);
DWORD piv_keys_import(struct edge *e, unsigned index, uint8_t spec, uint32_t bits,
                      const struct edge_private_key *key);
DWORD piv_keys_erase(struct edge *e, unsigned index);
DWORD piv_public_key(struct edge *e, const struct edge_key *key, struct edge_public_key *ret);
DWORD piv_sign(struct edge *e, const struct edge_key *key, enum edge_padding padding,
               const uint8_t *in, size_t in_len, uint8_t *out, size_t *out_len);
DWORD piv_decrypt(struct edge *e, const struct edge_key *key, enum edge_padding padding,
                  const uint8_t *in, size_t in_len, uint8_t *out, size_t *out_len);
DWORD piv_agree(struct edge *e, const struct edge_key *key, const uint8_t *point,
                size_t point_len, uint8_t *z, size_t *z_len);

#endif
