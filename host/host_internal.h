/* SPDX-License-Identifier: MIT */
/*
 * Inside the host: what its files share. Nobody else includes this but the host's own tests.
 *
 *     functions of host.h   files.c, containers.c, newkey.c, import.c, certs.c, keys.c, use.c,
 *                           agree.c, request.c, roots.c, auth.c, admin.c, pins.c, info.c, config.c
 *     around each           transaction.c, pincache.c
 *     below them            card.c: calls of the module, outputs checked; cardfiles.c, contmap.c,
 *                           names.c, subject.c
 *     from the module       callbacks.c, memory.c, cache.c, padding.c
 */
#ifndef CARDMINT_HOST_HOST_INTERNAL_H
#define CARDMINT_HOST_HOST_INTERNAL_H

#include "cardmint/host.h"
#include "pcsc/pcsc.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <time.h>

/* ---- memory.c: blocks the module and we hand to each other --------------------------------- */

LPVOID WINAPI csp_alloc(SIZE_T size);
LPVOID WINAPI csp_realloc(LPVOID block, SIZE_T size);
void WINAPI csp_free(LPVOID block); /* wipes */

/* True when `block` came from csp_alloc or csp_realloc and has room for `len` bytes. */
bool csp_holds(const void *block, size_t len);

/* ---- cache.c: the data cache --------------------------------------------------------------- */

#define CARDCF_LEN 6u                  /* the Base CSP's part of cardcf: CARD_CACHE_FILE_FORMAT */
#define CACHE_MOST (4u * 1024u * 1024u) /* bytes kept at most */

/* The counters of cardcf an item depends on: bits. */
enum { CACHE_PINS = 1, CACHE_CONTAINERS = 2, CACHE_FILES = 4, CACHE_ALL = 7 };
enum cache_owner { CACHE_HOST, CACHE_MODULE };

struct cache_item;
struct cache {
    struct cache_item *first;
    size_t bytes;
    bool open;                /* false: nothing is known about the card, nothing is kept */
    BYTE stamp[CARDCF_LEN];   /* cardcf as it is now */
};

/* cardcf is now `stamp`: drops what it makes stale. NULL: not known, everything is stale. */
void cache_stamp(struct cache *cache, const BYTE *stamp);
/* Keeps a copy; silently keeps nothing when the cache is closed, full, or memory is short. */
void cache_add(struct cache *cache, enum cache_owner owner, const WCHAR *tag, unsigned depends,
               const BYTE *data, size_t len);
/* *ret_data belongs to the cache and lives until the next call of another function here. */
bool cache_get(const struct cache *cache, enum cache_owner owner, const WCHAR *tag,
               const BYTE **ret_data, size_t *ret_len);
void cache_drop(struct cache *cache, enum cache_owner owner, const WCHAR *tag);

/* The three callbacks: `context` is the struct cache. */
DWORD WINAPI csp_cache_add(PVOID context, LPWSTR tag, DWORD flags, PBYTE data, DWORD len);
DWORD WINAPI csp_cache_lookup(PVOID context, LPWSTR tag, DWORD flags, PBYTE *data, PDWORD len);
DWORD WINAPI csp_cache_delete(PVOID context, LPWSTR tag, DWORD flags);

/* ---- padding.c ----------------------------------------------------------------------------- */

struct hash_alg {
    ALG_ID id;
    const WCHAR *cng;     /* NULL: CNG has no name for it */
    const char *openssl;
    BYTE len;
    BYTE prefix_len;      /* of the DigestInfo before the digest; 0: none */
    BYTE prefix[19];
};

const struct hash_alg *hash_by_id(ALG_ID id);      /* NULL: not known */
const struct hash_alg *hash_by_cng(LPCWSTR name);

/* RFC 8017. Blocks are big-endian and as long as the modulus. false: does not fit, or no
 * randomness. hash NULL: no DigestInfo. */
bool pad_pkcs1(const struct hash_alg *hash, const BYTE *digest, size_t digest_len, BYTE *block,
               size_t block_len);
bool pad_pss(const struct hash_alg *hash, const BYTE *digest, size_t digest_len, size_t salt_len,
             BYTE *block, size_t block_len);
/* Removes a padding: the message is moved to the start of the block. false: the padding is wrong,
 * and nothing tells where. */
bool unpad_pkcs1(BYTE *block, size_t block_len, size_t *ret_len);
bool unpad_oaep(const struct hash_alg *hash, const BYTE *label, size_t label_len, BYTE *block,
                size_t block_len, size_t *ret_len);

/* ---- callbacks.c --------------------------------------------------------------------------- */

DWORD WINAPI csp_pad_data(PCARD_SIGNING_INFO info, DWORD width, DWORD *ret_len, PBYTE *ret_block);
DWORD WINAPI csp_unpad_data(PCARD_RSA_DECRYPT_INFO info, DWORD *ret_len, PBYTE *ret_data);
DWORD WINAPI csp_get_dh_agreement(PCARD_DATA data, PVOID agreement, BYTE *ret_index, DWORD flags);

/* ---- the host ------------------------------------------------------------------------------ */

/* cardcf as this transaction found it (and as we changed it since). */
struct cardcf {
    bool there;   /* it has been read */
    DWORD unread; /* why not, where it may be there all the same; else 0 */
    BYTE *bytes;  /* at least CARDCF_LEN; what follows are other applications' counters */
    size_t len;
};

/* pincache.c: the user's PIN as the card took it, and what its policy says about keeping it. */
struct pin_cache {
    BYTE *page;       /* NULL: none yet; SECRET_MOST bytes */
    size_t len;
    bool full;
    BYTE freshness;   /* bPinsFreshness at that time */
    uint64_t since_ms;
    PIN_CACHE_POLICY_TYPE policy;
    DWORD seconds;    /* PinCacheTimed */
};

/* transaction.c: the card between two transactions. */
struct keeper {
    bool runs;             /* the thread, and with it the rest */
    bool holds;            /* the card is kept ... */
    struct timespec until; /* ... by CLOCK_MONOTONIC */
    bool ends;             /* host_close */
    pthread_t thread;
    pthread_mutex_t lock;  /* of the three above, and of the host while the card is kept */
    pthread_cond_t news;
};

struct host {
    struct pcsc *pcsc;
    uintptr_t ctx;
    uintptr_t card;
    bool has_ctx, has_card, has_context; /* to be given back by host_close */
    void *library;                       /* the module */
    CARD_DATA data;
    char reader[PCSC_NAME_MAX];
    BYTE atr[PCSC_ATR_MAX];
    WCHAR card_name[40];

    unsigned depth;    /* of host_begin */
    PIN_SET roles;     /* what host_login authenticated in this transaction */
    bool was_reset;    /* the card was reset under us: reconnect before the next transaction */
    bool spent;        /* this transaction ended badly: host_end gives the card back at once */

    struct host_policy policy;
    bool read_only;
    bool compresses;   /* the module compresses certificates itself */
    DWORD cache_mode;  /* CP_CACHE_MODE_* */
    struct cache cache;
    struct cardcf cardcf;
    struct host_agreement *agreements; /* agree.c: those alive */
    struct pin_cache pin_cache;
    struct keeper keeper;
};

/* ---- transaction.c ------------------------------------------------------------------------- */

/* Gives the card back at once when host_end has kept it. */
void transaction_drop(struct host *host);
/* The same, ends what is open, and the thread; nothing is kept from here on. */
void transaction_close(struct host *host);

/* ---- reader.c ------------------------------------------------------------------------------ */

/* "<folder of this program>/../lib/<file>" into room for `cap` characters. */
bool host_library_path(const char *file, char *ret, size_t cap);
/* PC/SC by options->pcsc, and a context. Free with pcsc_release and pcsc_free. */
DWORD host_open_pcsc(const struct host_options *options, struct pcsc **ret, uintptr_t *ret_ctx,
                     struct host_error *err);
/* The reader the options mean, with a card in it; name: room for PCSC_NAME_MAX. */
DWORD host_choose_reader(const struct host_options *options, const struct pcsc *pcsc,
                         uintptr_t ctx, char *name, struct host_error *err);

/* ---- module.c ------------------------------------------------------------------------------ */

/* Loads the module and finds CardAcquireContext. */
DWORD module_load(const char *file, void **ret_library, PFN_CARD_ACQUIRE_CONTEXT *ret_acquire,
                  struct host_error *err);
/* What CardAcquireContext left in *data: a version between 4 and `asked`, every slot filled. */
DWORD module_check(const CARD_DATA *data, DWORD asked, const char *file, struct host_error *err);

/* ---- card.c: calls of the module; outputs are copies, to be freed with host_free ----------- */

/* dir "": root. Members are not const because the interface is not. */
struct card_path {
    char dir[9], name[9];
};

struct card_path card_path(const char *dir, const char *name);

DWORD card_read(struct host *host, struct card_path path, BYTE **ret_data, size_t *ret_len);
DWORD card_write(struct host *host, struct card_path path, const BYTE *data, size_t len);
/* card_write that creates the file where it is missing; on failure it is missing again. */
DWORD card_put(struct host *host, struct card_path path, const BYTE *data, size_t len,
               CARD_FILE_ACCESS_CONDITION access);
DWORD card_create(struct host *host, struct card_path path, size_t len,
                  CARD_FILE_ACCESS_CONDITION access);
DWORD card_create_directory(struct host *host, const char *dir);
DWORD card_remove(struct host *host, struct card_path path);
DWORD card_file_info(struct host *host, struct card_path path, CARD_FILE_INFO *ret);
/* Names of files, each with its NUL; *ret_len bytes. */
DWORD card_list(struct host *host, const char *dir, char **ret_names, size_t *ret_len);

/* Public key blobs of a container; length 0: no such key. */
struct card_keys {
    BYTE *sig, *kx;
    size_t sig_len, kx_len;
};
DWORD card_keys(struct host *host, BYTE index, struct card_keys *ret); /* through the cache */
void card_keys_free(struct card_keys *keys);

/* A property of fixed size; SCARD_E_UNSUPPORTED_FEATURE when the module is older than version 6. */
DWORD card_property(struct host *host, LPCWSTR name, DWORD flags, void *ret, DWORD len);
/* Notes a reset; returns rc. Every result of the module goes through it. */
DWORD card_result(struct host *host, DWORD rc);
/* The card or the way to it is gone: nothing else can be done in this transaction. */
bool card_is_gone(DWORD rc);

/* ---- cardfiles.c: cardcf ------------------------------------------------------------------- */

/* Reads cardcf and validates the cache. An error only when the card is gone. */
DWORD cardcf_read(struct host *host);
void cardcf_forget(struct host *host);
/* Counts up the counters of `what` (CACHE_ bits), before the change they announce. */
DWORD cardcf_bump(struct host *host, unsigned what);

/* ---- contmap.c: the container map ---------------------------------------------------------- */

#define MAP_RECORD_LEN 86u

struct map_record {
    WCHAR name[MAX_CONTAINER_NAME_LEN + 1]; /* terminated */
    BYTE flags;                             /* CONTAINER_MAP_* */
    WORD sig_bits, kx_bits;
};

/* The file as it is: records we do not touch keep every byte. */
struct contmap {
    BYTE *bytes;
    size_t len;
};

void map_record_decode(const BYTE bytes[MAP_RECORD_LEN], struct map_record *ret);
void map_record_encode(const struct map_record *record, BYTE bytes[MAP_RECORD_LEN]);

size_t contmap_count(const struct contmap *map);
/* False: the record is free or beyond the end (*ret is zero then). */
bool contmap_get(const struct contmap *map, size_t index, struct map_record *ret);
/* record NULL: frees the record. Grows the map as needed. */
DWORD contmap_set(struct contmap *map, size_t index, const struct map_record *record);
DWORD contmap_load(struct host *host, struct contmap *ret);
DWORD contmap_store(struct host *host, const struct contmap *map);
void contmap_free(struct contmap *map);

/* ---- keys.c -------------------------------------------------------------------------------- */

/* A curve of the interface. */
struct curve {
    WORD bits;
    WORD bytes;               /* of a coordinate */
    DWORD ecdsa, ecdh;        /* magic of the public blob */
    DWORD sign, exchange;     /* AT_* */
    const char *group;        /* as libcrypto names it */
};
#define PRIVATE_MAGIC 0x01000000u /* added to that of a public blob */

const struct curve *curve_by_bits(WORD bits);   /* NULL: none */
const struct curve *curve_of(EVP_PKEY *key);    /* NULL: no key of one of these */

/* A public key blob, looked through. Pointers lead into the blob. */
struct public_key {
    const struct curve *curve; /* NULL: RSA */
    WORD bits;
    DWORD exponent;
    const BYTE *number;        /* RSA: modulus, little-endian. EC: X, Y, big-endian */
    size_t number_len;
};

bool public_key_parse(const BYTE *blob, size_t len, struct public_key *ret);
EVP_PKEY *public_key_load(const struct public_key *key); /* NULL: not a key, or no memory */

/* A key of a container, found. */
struct key_ref {
    BYTE index;
    bool exchange;  /* in the key exchange slot */
    bool rsa;
    WORD bits;
    DWORD spec;     /* as the module wants it: AT_ECDSA_P256 for a P-256 signature key ... */
};

DWORD key_find(struct host *host, const char *container, DWORD spec, struct key_ref *ret);
/* The container map may be wrong about a key: corrects *key by what the card says. spec as in
 * key_find: only 0 leaves the choice of the slot. False: the card says the same, or nothing. */
bool key_correct(struct host *host, DWORD spec, struct key_ref *key);
/* Its public key blob; host_free. */
DWORD key_blob(struct host *host, const struct key_ref *key, BYTE **ret, size_t *ret_len);
bool spec_is_exchange(DWORD spec); /* AT_KEYEXCHANGE, AT_ECDHE_* */
bool spec_is_known(DWORD spec);

/* ---- files.c ------------------------------------------------------------------------------- */

/* Names in what card_list gave: *at moves on; NULL at the end. */
const char *next_name(const char *names, size_t len, size_t *at);
bool name_equal(const char *a, const char *b); /* A-Z and a-z alike, as on cards */

/* ---- containers.c, certs.c ----------------------------------------------------------------- */

/* The container of that name or number (NULL: the default one). One that the card has but the map
 * does not list is found by its number: *ret is zero then. */
DWORD container_locate(struct host *host, const struct contmap *map, const char *name,
                       BYTE *ret_index, struct map_record *ret);
/* Key sizes of a record: where the map says nothing, what the card says. */
DWORD container_bits(struct host *host, BYTE index, struct map_record *record);

/* names.c: a name that new containers may have; a random one; one from the map, for people. */
#define CONTAINER_NAME_UNITS (MAX_CONTAINER_NAME_LEN + 1u)
bool container_name_valid(const char *utf8, WCHAR ret[CONTAINER_NAME_UNITS]);
bool container_name_random(WCHAR ret[CONTAINER_NAME_UNITS]);
void container_name_show(const WCHAR name[CONTAINER_NAME_UNITS],
                         char ret[HOST_CONTAINER_NAME_MAX]);

/* newkey.c: a key in a new container, or in the empty slot of the one of that name. The user is
 * authenticated, a transaction open. */
struct new_key {
    WCHAR name[CONTAINER_NAME_UNITS];
    DWORD spec, bits;
    BYTE *blob;     /* to import, CARD_CREATE_CONTAINER_KEY_IMPORT; NULL: the card makes it */
    EVP_PKEY *pair; /* the same, to compare with what the card has then */
    BYTE index;     /* where it went */
};
DWORD container_add_key(struct host *host, struct new_key *key, struct host_container *ret);
/* The name for it: the caller's (no number, which names a container by its place), or NULL: a
 * random GUID. */
DWORD container_new_name(const char *name, WCHAR ret[CONTAINER_NAME_UNITS]);

/* containers.c: by name; -1 none, -2 more than one. */
int container_named(const struct contmap *map, const WCHAR *name);
int container_number(const char *text); /* "0" to "254"; -1: no number of a container */
void container_describe(BYTE index, const struct map_record *record, const char *names, size_t len,
                        struct host_container *ret);
/* The same, the card asked for its certificates. */
void container_show(struct host *host, BYTE index, const struct map_record *record,
                    struct host_container *ret);

/* File of a certificate. hex: the name other software gives it, from container 10 on. */
struct card_path cert_path(BYTE index, bool exchange, bool hex);
/* Which certificate files of a container are in a list of card_list. */
bool cert_listed(const char *names, size_t len, BYTE index, bool exchange);
/* Removes the certificate files of slots of a container, where there are any. */
enum { SLOT_SIGNATURE = 1, SLOT_EXCHANGE = 2 };
DWORD certs_remove(struct host *host, BYTE index, unsigned slots);

/* The compressed form of the Base CSP: LE16 1, LE16 length, zlib. host_free. */
DWORD cert_compress(const BYTE *der, size_t len, BYTE **ret, size_t *ret_len);
/* Either form to DER; one certificate, without what may follow it. host_free. */
DWORD cert_expand(const BYTE *data, size_t len, BYTE **ret_der, size_t *ret_len);

/* ---- auth.c -------------------------------------------------------------------------------- */

#define SECRET_MOST 1024u /* bytes of a PIN or PUK, far above any card's */

bool secret_fits(const BYTE *secret, size_t len);
/* After an attempt to authenticate `role`: notes what must be taken back at the end, and a reset.
 * Returns rc; *ret_left (may be NULL) as host_login has it. */
DWORD note_login(struct host *host, PIN_ID role, DWORD rc, DWORD left, DWORD *ret_left);
/* host_login without the PIN cache. */
DWORD present_pin(struct host *host, const BYTE *pin, size_t pin_len, DWORD *ret_left);
/* Takes back what is authenticated. Anything but success: the card wants a reset. */
DWORD deauthenticate(struct host *host);

/* ---- admin.c ------------------------------------------------------------------------------- */

#define CHALLENGE_MOST 256u /* bytes */
#define ADMIN_KEY_MOST 32u

/* The response to a challenge just drawn: it must be used by the next call of the module. */
struct admin_answer {
    BYTE bytes[CHALLENGE_MOST];
    size_t len;
    bool aes; /* the card's key is one */
};
DWORD admin_answer(struct host *host, const BYTE *key, size_t key_len, struct admin_answer *ret);

/* ---- pincache.c ---------------------------------------------------------------------------- */

/* Learns the policy of the user's PIN: when the user has been authenticated. */
void pin_policy_ask(struct host *host);
/* Keeps a PIN the card took, where that policy allows it. */
void pin_cache_keep(struct host *host, const BYTE *pin, size_t len);
/* *ret_pin belongs to the cache. False: there is none that may be used. */
bool pin_cache_get(struct host *host, const BYTE **ret_pin, size_t *ret_len);
void pin_cache_forget(struct host *host);
void pin_cache_free(struct host *host);

/* ---- agree.c ------------------------------------------------------------------------------- */

/* For host_close: those still alive belong to nobody from here on. */
void agreements_forget(struct host *host);

/* ---- subject.c ----------------------------------------------------------------------------- */

/* "/CN=Ada/O=Engines" or "CN=Ada,O=Engines", in the order given. NULL: *err says why. */
X509_NAME *subject_parse(const char *text, struct host_error *err);
/* "DNS:..,email:..,UPN:.." */
GENERAL_NAMES *alt_names_parse(const char *text, struct host_error *err);

/* ---- config.c ------------------------------------------------------------------------------ */

/* May a private key of that kind (an AT_ constant) be imported? SCARD_W_SECURITY_VIOLATION, and
 * *err says which value to set. */
DWORD policy_allows_import(const struct host *host, DWORD spec, struct host_error *err);

/* ---- small things -------------------------------------------------------------------------- */

/* A copy, for host_free; never NULL but for want of memory, even when len is 0. */
BYTE *host_copy(const void *data, size_t len);

#endif
