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
 * Strings are UTF-8 (container names: at most 39 UTF-16 units, no backslash); buffers returned with
 * `ret_` are the caller's, to be freed with host_free, which wipes them. On failure nothing is
 * returned. Every function that touches the card is a transaction of its own outside host_begin.
 *
 * As an installed library: cc $(pkg-config --cflags cardmint-host) p.c $(pkg-config --libs
 * cardmint-host); examples/host-sign.c is such a program. C11 and C++11 read this header. A struct
 * host does not survive fork: the child opens its own.
 */
#ifndef CARDMINT_HOST_H
#define CARDMINT_HOST_H

#include "cardmint/cardmod.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default) /* all else in the library stays inside */

struct host;

#define HOST_CONTAINER_NAME_MAX 120u /* 39 UTF-16 units (MAX_CONTAINER_NAME_LEN) as UTF-8, a NUL */
#define HOST_CONTAINERS_MAX 255u

struct host_options {
    const char *module;   /* path of the minidriver; NULL: cardmint.so in ../lib of this program */
    const char *pcsc;     /* "soft" (softreader/ beside cardmint.so), "system" (libpcsclite.so.1),
                             or a library's path; NULL: $CARDMINT_PCSC, else "soft" */
    const char *reader;   /* name, or a part of one only; NULL: the only reader with a card */
    DWORD version;        /* CARD_DATA version asked for; 0: the newest, 7 */
    const struct host_policy *policy; /* copied; NULL: host_policy_default */
};

/* What went wrong, in words for people: one line, what was wrong and what to do. */
struct host_error {
    DWORD code;
    char says[256];
};

/* Which files host_open would load: the module, and the PC/SC library ("" for the system's, which the
 * dynamic linker finds). options may be NULL. False: /proc, which says where we are, is not there, or
 * it does not fit. */
bool host_module_path(const struct host_options *options, char *ret, size_t cap);
bool host_pcsc_path(const struct host_options *options, char *ret, size_t cap);

/* Fills *err and returns code. err may be NULL. */
DWORD host_fail(struct host_error *err, DWORD code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A code in words; never NULL. "wrong PIN", "no card in the reader", ... */
const char *host_says(DWORD code);
/* Its name, "SCARD_W_WRONG_CHV"; "0x........" for one unknown (static storage, per thread). */
const char *host_code_name(DWORD code);

void host_free(void *block, size_t len);

/* ---- policies and the configuration file ---------------------------------------------------- */

/* The policy values of the Base CSP and of the key storage provider (seed names: the names in the
 * configuration file), with what they mean here. */
struct host_policy {
    DWORD DefaultPrivateKeyLenBits;      /* RSA size of host_container_create with bits 0; 1024 to
                                            16384; default 1024, the specification's: set more */
    bool RequireOnCardPrivateKeyGen;     /* host_container_import always refuses; default false */
    DWORD TransactionTimeoutMilliseconds;/* host_end keeps the card, and the authentication, this
                                            long for the next host_begin; default 1500; 0: gives
                                            them back at once (and there is no thread) */
    bool AllowPrivateSignatureKeyImport; /* all four default to false: host_container_import */
    bool AllowPrivateExchangeKeyImport;  /* refuses that kind of key, SCARD_W_SECURITY_VIOLATION */
    bool AllowPrivateECDHEKeyImport;
    bool AllowPrivateECDSAKeyImport;
};
struct host_policy host_policy_default(void);

/* One "name = value" of the configuration; unknown names and bad values: SCARD_E_INVALID_VALUE with
 * *err saying which. Names as above, in any case; and reader, module, pcsc, version of
 * struct host_options. Numbers: decimal, or hexadecimal behind 0x; the others are 0, 1, no, yes,
 * false or true. Before the first call: struct host_config c = { .policy = host_policy_default() }
 * or host_config_load. */
struct host_config {
    struct host_policy policy;
    char *reader, *module, *pcsc; /* NULL: not set */
    DWORD version;
};
DWORD host_config_set(struct host_config *config, const char *name, const char *value,
                      struct host_error *err);

/* Fills *ret from the defaults and the configuration file: `path`; NULL: $CARDMINT_CONFIG, else
 * cardmint.conf in $XDG_CONFIG_HOME/cardmint (~/.config/cardmint), else /etc/cardmint.conf: the
 * first there is, alone. Lines of "name = value", the last of a name counts; a # at the start of a
 * word begins a comment. No file is no error unless path or $CARDMINT_CONFIG names it
 * (ERROR_FILE_NOT_FOUND; ERROR_ACCESS_DENIED: there is one that cannot be read). *err names file
 * and line. Free with host_config_clear. */
DWORD host_config_load(const char *path, struct host_config *ret, struct host_error *err);
void host_config_clear(struct host_config *config);

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
 * (SCARD_W_RESET_CARD: reconnects once). After SCARD_W_REMOVED_CARD only host_close is left.
 *
 * The last end keeps the card for TransactionTimeoutMilliseconds of the policy, as the Base CSP
 * does: a host_begin within that time goes on, still authenticated, without a look at the card;
 * other programs wait that long. Then, and at once in host_close, host_logout, and where nothing is
 * kept, the card is given back: what host_login and the like authenticated is taken back, where the
 * module cannot by a reset. Not kept is a card that was reset or lost, and a user whose PIN asks to
 * be presented for each use (PinCacheAlwaysPrompt). A thread of the library gives it back and calls
 * the module for it, hence: nothing of host_card_data is used between host_end and host_begin.
 * host_end without host_begin does nothing. */
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
 * cmapfile. The admin key (3DES or AES) authenticates, as cardid's access condition asks.
 * What is there already stays, so that it may be repeated after a power cut. */
DWORD host_create_card(struct host *host, const BYTE *admin_key, size_t admin_key_len);

/* ---- roles --------------------------------------------------------------------------------- */

/* *ret_left (may be NULL): tries left on SCARD_W_WRONG_CHV, 0xFFFFFFFF when not told or on any
 * other result. The authentication lasts until the card is given back (host_end); outside a
 * transaction it might be over at once, hence SCARD_E_NOT_TRANSACTED. Keys as below. */
DWORD host_login(struct host *host, const BYTE *pin, size_t pin_len, DWORD *ret_left);
DWORD host_login_admin(struct host *host, const BYTE *key, size_t key_len, DWORD *ret_left);
/* Earlier than that. When the module cannot: its code, and host_end resets the card. Outside a
 * transaction it gives back a card that is kept. */
DWORD host_logout(struct host *host);

/* ---- PINs and the admin key ------------------------------------------------------------------ */

/* The PIN cache: the PIN that host_login had success with is kept in memory (a page locked out of
 * the swap space where the system allows it), wiped by host_close, and dropped when the card
 * refuses it, when it is changed or unblocked (by others: seen by bPinsFreshness), and by
 * host_pin_forget. host_login_cached presents it again: SCARD_W_CARD_NOT_AUTHENTICATED, and no try
 * is spent, when there is none or none may be kept: PIN_INFO's cache policy, PinCacheNormal for
 * modules older than version 6; PinCacheTimed for its seconds; PinCacheNone, PinCacheAlwaysPrompt
 * and a policy that is not told never. */
DWORD host_login_cached(struct host *host, DWORD *ret_left);
void host_pin_forget(struct host *host);

/* Changes the user's PIN; it is authenticated then as by host_login. tries: the new most of wrong
 * tries, 0 keeps it. SCARD_E_INVALID_PARAMETER: the card cannot set tries, or takes no such PIN.
 * Bumps bPinsFreshness; when that fails the PIN is changed all the same, and so is the result. */
DWORD host_pin_change(struct host *host, const BYTE *old, size_t old_len, const BYTE *fresh,
                      size_t fresh_len, DWORD tries, DWORD *ret_left);

/* A challenge of the admin key, and its answer in the same transaction, nothing between: as a help
 * desk does over the telephone. *len: room, then length; 256 is enough
 * (ERROR_INSUFFICIENT_BUFFER). respond authenticates the administrator; unblock takes the response,
 * or on cards with a PUK the PUK (no challenge then). After unblock, and after its refusal, nobody
 * is authenticated; the PIN need not have been blocked. bPinsFreshness as in host_pin_change.
 * challenge and respond outside a transaction: SCARD_E_NOT_TRANSACTED. */
DWORD host_admin_challenge(struct host *host, BYTE *challenge, size_t *len);
DWORD host_admin_respond(struct host *host, const BYTE *response, size_t len, DWORD *ret_left);
DWORD host_pin_unblock(struct host *host, const BYTE *response, size_t len, const BYTE *fresh,
                       size_t fresh_len, DWORD tries);

/* The same with a PUK: *ret_left as host_login has it, where the module tells (from version 6 on).
 * On a card that is unblocked by its admin key SCARD_W_WRONG_CHV, and *ret_left is not known. */
DWORD host_pin_unblock_with_puk(struct host *host, const BYTE *puk, size_t len, const BYTE *fresh,
                                size_t fresh_len, DWORD tries, DWORD *ret_left);

/* The same with the key at hand. Keys: 3DES of 24 bytes (or 16: K1 K2 K1), AES of 16, 24, 32; which
 * it is shows in the length of the challenge (16: AES, else 3DES). SCARD_E_INVALID_PARAMETER: a key
 * of another length; that costs no try. After change_key the administrator is authenticated. */
DWORD host_pin_unblock_with_key(struct host *host, const BYTE *key, size_t key_len,
                                const BYTE *fresh, size_t fresh_len, DWORD tries);
DWORD host_admin_change_key(struct host *host, const BYTE *key, size_t key_len, const BYTE *fresh,
                            size_t fresh_len, DWORD *ret_left);

/* The answer to a challenge: CBC with a zero IV; needs no card. ret: room for len bytes, a number
 * of whole blocks: 8 bytes, 3DES with a key of 24 or 16 bytes; with aes 16 bytes, AES with a key of
 * 16, 24 or 32. SCARD_E_INVALID_PARAMETER: they do not fit. */
DWORD host_admin_response(const BYTE *key, size_t key_len, bool aes, const BYTE *challenge,
                          size_t len, BYTE *ret);

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

/* Those of the map; and with an empty name, to be named by their number, those that the card has
 * and the map does not list. To find these costs one CardQueryFreeSpace, and only when that counts
 * more containers than the map does, or does not count them, a look into the empty ones until all
 * are found; none of it again before a container changes. */
DWORD host_containers(struct host *host, struct host_container **ret_list, size_t *ret_count);

/* By name, or by "0", "1", ... ; NULL: the default container, else the only one.
 * SCARD_E_NO_KEY_CONTAINER when there is none or it is not unique. A container that the card has
 * but the map does not list (its creation or deletion was cut off, or its maker keeps no map) is
 * found by its number, with an empty name. */
DWORD host_container_find(struct host *host, const char *name, struct host_container *ret);

/* Makes a key pair on the card in the first free container and enters it in the container map;
 * it becomes the default when there is none. name NULL: a random GUID; else UTF-8 without
 * control characters and backslash, kept as it is, and no number below 255, which names a container
 * by its place. An existing container that lacks a key of that kind (signature, key exchange) gets
 * it beside the other one; ERROR_FILE_EXISTS when it has one. spec: AT_*; bits: RSA size, 0: the
 * policy's; 0 for elliptic curves. The user is authenticated. SCARD_E_NO_MEMORY: the card is full.
 * What the card refuses changes nothing on it. When a later step fails the key is taken back and
 * the map restored; a key beside another one cannot be taken back alone: it stays, and is found
 * by its spec. ret may be NULL. */
DWORD host_container_create(struct host *host, const char *name, DWORD spec, DWORD bits,
                            struct host_container *ret);

/* Imports a private key: PKCS#8 or the traditional form, PEM (password NULL: not encrypted) or DER;
 * RSA 1024 to 4096, P-256, P-384, P-521. spec: AT_KEYEXCHANGE, AT_SIGNATURE for RSA, any AT_ECDHE_*
 * or AT_ECDSA_* of its curve; 0: the key exchange kind. name: an existing container that lacks that
 * slot gets the key added; ERROR_FILE_EXISTS when the slot is taken; otherwise as create.
 * NTE_BAD_KEY: not a key, not of that kind, or its numbers do not belong together; NTE_BAD_LEN: a
 * size or a curve that cannot be had; ERROR_INVALID_PASSWORD. SCARD_W_SECURITY_VIOLATION: the
 * policy forbids it (*err says which value to set), or the card. All of it is checked before the
 * card is touched; then as create. SCARD_E_UNEXPECTED: the card has not the key it was given. */
DWORD host_container_import(struct host *host, const char *name, DWORD spec, const BYTE *key,
                            size_t key_len, const char *password, struct host_container *ret,
                            struct host_error *err);
/* All that import looks at before it touches the card: the same codes, and nobody need be
 * authenticated. */
DWORD host_container_import_check(struct host *host, const char *name, DWORD spec, const BYTE *key,
                                  size_t key_len, const char *password, struct host_error *err);

/* Makes it the default container. SCARD_E_NO_KEY_CONTAINER: also when the map does not list it. */
DWORD host_container_set_default(struct host *host, const char *name);

/* Both keys, both certificates and the map entry. */
DWORD host_container_delete(struct host *host, const char *name);

/* The public key as SubjectPublicKeyInfo, DER. spec, here and below: AT_* (0: the key exchange key,
 * else the signature key). NTE_NO_KEY: the container has no such key. */
DWORD host_public_key(struct host *host, const char *container, DWORD spec, BYTE **ret_der,
                      size_t *ret_len);

/* ---- certificates -------------------------------------------------------------------------- */

/* Writes DER to kxcNN or kscNN, in the Base CSP's compressed form unless the module compresses
 * itself. NTE_BAD_PUBLIC_KEY when the certificate's key is not the container's, CRYPT_E_ASN1_ERROR
 * when it is no certificate, CRYPT_E_BAD_LEN above 65535 bytes; nothing is written then.
 * Counts up wFilesFreshness of cardcf first: other processes read the certificate anew.
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

/* How to sign. */
enum host_signature { HOST_SIGN_PKCS1, HOST_SIGN_PSS, HOST_SIGN_RAW };
struct host_sign_how {
    enum host_signature kind; /* of RSA; elliptic curves always ECDSA */
    ALG_ID hash;              /* PKCS1: 0: no DigestInfo, the data as it is; PSS: needed */
    DWORD salt_len;           /* PSS; HOST_SALT_AS_HASH */
};
#define HOST_SALT_AS_HASH 0xFFFFFFFFu
/* As host_sign. Checks that data, hash and salt fit the modulus (SCARD_E_INVALID_PARAMETER).
 * RAW: data as long as the modulus, big-endian. SCARD_E_UNSUPPORTED_FEATURE: PSS or RAW with an
 * older module, that knows version 1 of CARD_SIGNING_INFO alone. */
DWORD host_sign_how(struct host *host, const char *container, DWORD spec,
                    const struct host_sign_how *how, const BYTE *data, size_t data_len,
                    BYTE **ret_sig, size_t *ret_len);
/* Could host_sign_how sign this? The same codes, before anybody is authenticated; and NTE_BAD_DATA
 * for a RAW number that is not below the modulus. */
DWORD host_sign_check(struct host *host, const char *container, DWORD spec,
                      const struct host_sign_how *how, const BYTE *data, size_t data_len);

enum host_padding { HOST_PAD_PKCS1, HOST_PAD_OAEP_SHA1, HOST_PAD_OAEP_SHA256, HOST_PAD_NONE };

/* Decrypts a big-endian RSA ciphertext as long as the modulus (SCARD_E_INSUFFICIENT_BUFFER) with
 * the key exchange key, else the signature key, and removes the padding: on the card's side with
 * version 7, here with older modules. NTE_BAD_DATA: the padding is wrong, nothing tells how. */
DWORD host_decrypt(struct host *host, const char *container, enum host_padding padding,
                   const BYTE *in, size_t in_len, BYTE **ret_plain, size_t *ret_len);

/* ---- key agreement --------------------------------------------------------------------------- */

/* ECDH of a container's AT_ECDHE key with a peer's public key (SubjectPublicKeyInfo, DER or PEM, of
 * the same curve: NTE_BAD_PUBLIC_KEY). The secret stays with the module; what is derived from it
 * comes out. Several may live at once, at most as many as the module allows (SCARD_E_NO_MEMORY);
 * each goes with host_agreement_free, before or after host_close. The user must be authenticated
 * for
 * all three; where nobody is, host_agreement_free leaves the secret to the module until host_close.
 * They live on over host_end and wait for the next login; what a reset of the card does to them is
 * the module's to say. As a KDF_SECRET_HANDLE (CardDeriveKey through host_card_data) the pointer
 * names its agreement. SCARD_E_UNSUPPORTED_FEATURE: a module without key agreement. */
struct host_agreement;
DWORD host_agree(struct host *host, const char *container, const BYTE *peer, size_t peer_len,
                 struct host_agreement **ret);
void host_agreement_free(struct host_agreement *agreement); /* NULL is welcome */

/* Key derivation as CNG names it. */
enum host_kdf { HOST_KDF_HASH, HOST_KDF_HMAC, HOST_KDF_TLS_PRF, HOST_KDF_SP800_56A };
struct host_bytes {
    const BYTE *data;
    size_t len;
};
struct host_derive {
    enum host_kdf kdf;
    ALG_ID hash;                      /* 0: the KDF's default (SHA-1; TLS 1.2 SHA-256) */
    struct host_bytes prepend, append;       /* HASH, HMAC; data NULL: none */
    struct host_bytes hmac_key;              /* HMAC; data NULL: the secret itself */
    struct host_bytes label, seed;           /* TLS_PRF; seed 64 bytes */
    DWORD tls_version;                       /* 0x0301 .. 0x0303; 0: 0x0301 */
    struct host_bytes algorithm_id, party_u, party_v; /* SP800_56A: all needed */
    struct host_bytes supp_pub, supp_priv;
    DWORD key_bits;                          /* SP800_56A; 0: as long as the secret */
};
DWORD host_derive(struct host_agreement *agreement, const struct host_derive *how,
                  BYTE **ret_key, size_t *ret_len);

/* ---- enrolment ------------------------------------------------------------------------------- */

/* A PKCS#10 request (RFC 2986), DER, signed by the container's key. subject: "/CN=Ada/O=.." or
 * "CN=Ada,O=..", in the order given, types as libcrypto names them; a backslash as in RFC 4514, but
 * one value for each part, no quotes, no control characters. alt_names: NULL, or
 * "DNS:..,email:..,UPN:.." (UPN: the otherName of Microsoft's logon). hash 0:
 * SHA-256 (P-384 and P-521: SHA-384, SHA-512); NTE_BAD_ALGID: there is no such signature.
 * CRYPT_E_INVALID_X500_STRING: subject or alt_names, *err says what. NTE_BAD_SIGNATURE: it was not
 * made by the key the card shows. */
DWORD host_cert_request(struct host *host, const char *container, DWORD spec, const char *subject,
                        const char *alt_names, ALG_ID hash, BYTE **ret_der, size_t *ret_len,
                        struct host_error *err);
/* Are these names such? Needs no card. */
DWORD host_cert_request_check(const char *subject, const char *alt_names, struct host_error *err);

/* Enterprise roots, mscp\msroots: a PKCS#7 of certificates. Reading a card without the file gives
 * no certificates; NTE_BAD_DATA, of add and remove too: the file is damaged, and left alone. add
 * refuses what is no certificate (CRYPT_E_ASN1_ERROR) or is there already (ERROR_FILE_EXISTS);
 * remove: by SHA-256 or SHA-1 fingerprint in hexadecimal, colons allowed, or a beginning of it
 * that fits one only (SCARD_E_NO_SUCH_CERTIFICATE, ERROR_TOO_MANY_NAMES). */
struct host_root {
    BYTE *der;
    size_t len;
};
DWORD host_roots(struct host *host, struct host_root **ret_list, size_t *ret_count);
void host_roots_free(struct host_root *list, size_t count);
DWORD host_roots_pkcs7(struct host *host, BYTE **ret_der, size_t *ret_len); /* the file's PKCS#7 */
DWORD host_roots_add(struct host *host, const BYTE *der, size_t len);
DWORD host_roots_remove(struct host *host, const char *fingerprint);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
