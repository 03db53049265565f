/* SPDX-License-Identifier: MIT */
/*
 * The host: the part that Windows' Base CSP plays, for any minidriver module.
 *
 *     host_readers, host_open, host_begin, host_login, host_sign ..., host_end, host_close
 *
 * It loads the module by path, connects to the card, supplies the callbacks (memory, data cache,
 * padding), holds the transactions, creates the minidriver file system on a fresh card, and keeps
 * what the card does not understand: container map, certificates (compressed), cache counters.
 *
 * It knows a minidriver by cardmod.h alone. Results are SCARD_, ERROR_ and NTE_ codes; host_says
 * turns them into words. SCARD_E_NO_MEMORY: no room on the card (or in the module);
 * ERROR_NOT_ENOUGH_MEMORY: the host's own memory. One thread at a time per struct host; any number
 * of them, but one PC/SC library for all: modules look it up by name and find the first one loaded.
 * The host keeps no state outside struct host, but the text host_code_name returns.
 *
 * Strings are UTF-8 (container names: at most 39 characters, ASCII for now); buffers returned with
 * `ret_` are the caller's, to be freed with host_free, which wipes them. On failure nothing is
 * returned. Every function that touches the card is a transaction of its own outside host_begin.
 */
#ifndef CARDMINT_HOST_HOST_H
#define CARDMINT_HOST_HOST_H

#include "cardmint/cardmod.h"

#include <stdbool.h>
#include <stddef.h>

struct host;

#define HOST_CONTAINER_NAME_MAX 40u /* container name: MAX_CONTAINER_NAME_LEN and a NUL */
#define HOST_CONTAINERS_MAX 255u

struct host_options {
    const char *module;   /* path of the minidriver; NULL: cardmint.so in ../lib of this program */
    const char *pcsc;     /* "soft" (softreader/ beside cardmint.so), "system" (libpcsclite.so.1),
                             or a library's path; NULL: $CARDMINT_PCSC, else "soft" */
    const char *reader;   /* name, or a part of one only; NULL: the only reader with a card */
    DWORD version;        /* CARD_DATA version asked for; 0: the newest, 7 */
};

/* What went wrong, in words for people: one line, what was wrong and what to do. */
struct host_error {
    DWORD code;
    char says[256];
};

/* Fills *err and returns code. err may be NULL. */
DWORD host_fail(struct host_error *err, DWORD code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A code in words; never NULL. "wrong PIN", "no card in the reader", ... */
const char *host_says(DWORD code);
/* Its name, "SCARD_W_WRONG_CHV"; "0x........" for one unknown (static storage, per thread). */
const char *host_code_name(DWORD code);

void host_free(void *block, size_t len);

/* ---- readers ------------------------------------------------------------------------------- */

struct host_reader {
    char name[128];
    bool card;            /* a card is in it */
    BYTE atr[36];
    DWORD atr_len;
};

/* *ret_readers: host_free(list, count * sizeof *list). No readers: success and count 0. */
DWORD host_readers(const struct host_options *options, struct host_reader **ret_readers,
                   size_t *ret_count, struct host_error *err);

/* ---- a card -------------------------------------------------------------------------------- */

/* Loads PC/SC and the module, connects (shared) and acquires a context inside a transaction of its
 * own. ERROR_MOD_NOT_FOUND, ERROR_PROC_NOT_FOUND, ERROR_BAD_FORMAT: the module cannot be loaded, is
 * none, or breaks the rules. SCARD_E_UNKNOWN_READER: none is meant, or more than one. */
DWORD host_open(const struct host_options *options, struct host **ret, struct host_error *err);
void host_close(struct host *host); /* NULL is welcome; the card stays powered */

/* Transactions nest. begin validates the data cache (cardcf) and accepts a reset by somebody else
 * (SCARD_W_RESET_CARD: reconnects once). The last end deauthenticates what host_login
 * authenticated, as the Base CSP does; where the module cannot, it resets the card. After
 * SCARD_W_REMOVED_CARD only host_close is left. host_end without host_begin does nothing. */
DWORD host_begin(struct host *host);
void host_end(struct host *host);

/* For callers that go on with cardmod.h themselves (kit, tests). They change cardcf through
 * host_file_write only: the host remembers its counters within a transaction. */
PCARD_DATA host_card_data(struct host *host);

struct host_info {
    char reader[128];
    BYTE atr[36];
    DWORD atr_len;
    DWORD version;         /* negotiated */
    BYTE card_id[16];
    bool has_card_id;      /* false: the card has no minidriver file system yet, card_id is zero */
    BOOL read_only, key_generation;
    BOOL certificate_compression; /* the module does it itself */
    DWORD cache_mode;      /* CP_CACHE_MODE_* */
    DWORD pins;            /* PIN_SET; 0 when the module is older than version 6 */
    DWORD free_bytes, free_containers, max_containers; /* CARD_DATA_VALUE_UNKNOWN: not told */
    CARD_KEY_SIZES rsa;    /* of AT_KEYEXCHANGE; dwMaximumBitlen 0: none */
};
DWORD host_info(struct host *host, struct host_info *ret);

/* Creates the minidriver file system where it is lacking: cardid (random), cardcf, cardapps, mscp,
 * cmapfile. The admin key (3DES, 24 bytes) authenticates, as cardid's access condition asks.
 * What is there already stays, so that it may be repeated after a power cut. */
DWORD host_create_card(struct host *host, const BYTE *admin_key, size_t admin_key_len);

/* ---- roles --------------------------------------------------------------------------------- */

/* *ret_left (may be NULL): tries left on SCARD_W_WRONG_CHV, 0xFFFFFFFF when not told or on any
 * other result. The authentication lasts until host_end of the outermost transaction; outside one
 * it would be over at once, hence SCARD_E_NOT_TRANSACTED. Admin keys: 24 bytes, or 16: K1 K2 K1. */
DWORD host_login(struct host *host, const BYTE *pin, size_t pin_len, DWORD *ret_left);
DWORD host_login_admin(struct host *host, const BYTE *key, size_t key_len, DWORD *ret_left);
/* Earlier than host_end. When the module cannot: its code, and host_end resets the card. */
DWORD host_logout(struct host *host);

/* ---- files --------------------------------------------------------------------------------- */

struct host_file {
    char dir[9], name[9]; /* dir "": root */
    DWORD size;
    DWORD access;         /* CARD_FILE_ACCESS_CONDITION; InvalidAc: not readable, size unknown */
};

/* All files of root and the directories of cardapps (mscp when there is no cardapps). */
DWORD host_files(struct host *host, struct host_file **ret_files, size_t *ret_count);

/* `path`: "name" or "dir/name" (also "dir\name"). write creates the file (access: condition for
 * a new one) and bumps the files counter in cardcf; so does remove. SCARD_E_INVALID_PARAMETER for
 * a path of another form. Nothing of these is cached. At most 65536 bytes. */
DWORD host_file_read(struct host *host, const char *path, BYTE **ret_data, size_t *ret_len);
DWORD host_file_write(struct host *host, const char *path, const BYTE *data, size_t len,
                      CARD_FILE_ACCESS_CONDITION access);
DWORD host_file_remove(struct host *host, const char *path);

/* ---- key containers ------------------------------------------------------------------------ */

struct host_container {
    BYTE index;
    char name[HOST_CONTAINER_NAME_MAX];
    bool is_default;
    WORD sig_bits, kx_bits;   /* 0: no such key */
    bool sig_cert, kx_cert;   /* a certificate file is there */
};

DWORD host_containers(struct host *host, struct host_container **ret_list, size_t *ret_count);

/* By name, or by "0", "1", ... ; NULL: the default container, else the only one.
 * SCARD_E_NO_KEY_CONTAINER when there is none or it is not unique. A container that the card has
 * but the map does not list (its creation or deletion was cut off, or its maker keeps no map) is
 * found by its number, with an empty name. */
DWORD host_container_find(struct host *host, const char *name, struct host_container *ret);

/* Makes a key pair on the card in the first free container and enters it in the container map;
 * it becomes the default when there is none. name NULL: a random GUID; else printable ASCII without
 * backslash. spec: AT_KEYEXCHANGE or AT_SIGNATURE (others as the module allows); bits: RSA size, 0
 * for elliptic curves. The user is authenticated. ERROR_FILE_EXISTS: a container of that name
 * exists. SCARD_E_NO_MEMORY: the card is full. On failure the container map is as before. ret may
 * be NULL. */
DWORD host_container_create(struct host *host, const char *name, DWORD spec, DWORD bits,
                            struct host_container *ret);

/* Key, certificates and map entry. */
DWORD host_container_delete(struct host *host, const char *name);

/* The public key as SubjectPublicKeyInfo, DER. spec, here and below: AT_* (0: the key exchange key,
 * else the signature key). NTE_NO_KEY: the container has no such key. */
DWORD host_public_key(struct host *host, const char *container, DWORD spec, BYTE **ret_der,
                      size_t *ret_len);

/* ---- certificates -------------------------------------------------------------------------- */

/* Writes DER to kxcNN or kscNN, in the Base CSP's compressed form unless the module compresses
 * itself. NTE_BAD_PUBLIC_KEY when the certificate's key is not the container's, CRYPT_E_ASN1_ERROR
 * when it is no certificate, CRYPT_E_BAD_LEN above 65535 bytes; nothing is written then.
 * Reading takes both forms; SCARD_E_NO_SUCH_CERTIFICATE, NTE_BAD_DATA when it is damaged. */
DWORD host_cert_write(struct host *host, const char *container, DWORD spec, const BYTE *der,
                      size_t len);
DWORD host_cert_read(struct host *host, const char *container, DWORD spec, BYTE **ret_der,
                     size_t *ret_len);

/* ---- use of keys --------------------------------------------------------------------------- */

/* Signs a digest, PKCS#1 v1.5 for RSA. hash: CALG_SHA_256, ...; the digest has its length
 * (NTE_BAD_HASH). The signature is as openssl wants it: big-endian, ECDSA in DER. */
DWORD host_sign(struct host *host, const char *container, DWORD spec, ALG_ID hash,
                const BYTE *digest, size_t digest_len, BYTE **ret_sig, size_t *ret_len);

enum host_padding { HOST_PAD_PKCS1, HOST_PAD_OAEP_SHA1, HOST_PAD_OAEP_SHA256, HOST_PAD_NONE };

/* Decrypts a big-endian RSA ciphertext as long as the modulus (SCARD_E_INSUFFICIENT_BUFFER) with
 * the key exchange key, else the signature key, and removes the padding: on the card's side with
 * version 7, here with older modules. NTE_BAD_DATA: the padding is wrong, nothing tells how. */
DWORD host_decrypt(struct host *host, const char *container, enum host_padding padding,
                   const BYTE *in, size_t in_len, BYTE **ret_plain, size_t *ret_len);

#endif
