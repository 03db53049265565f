/* SPDX-License-Identifier: MIT */
/* The controls of fake_module.c and fake_pcsc.c: what a test may set and count. */
#ifndef CARDMINT_TESTS_HOST_FAKE_H
#define CARDMINT_TESTS_HOST_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- fake_pcsc.c --------------------------------------------------------------------------- */

#define FAKE_READERS 3

struct fake_reader {
    const char *name; /* NULL: no such reader */
    bool card, mute;
};

struct fake_pcsc {
    struct fake_reader readers[FAKE_READERS];
    uint32_t establish_rc, connect_rc, begin_rc, status_rc; /* not 0: the answer */
    unsigned resets;                             /* so many begins answer SCARD_W_RESET_CARD */
    unsigned begins, ends, reconnects, disconnects, contexts;
    unsigned last_end;                           /* disposition of the last SCardEndTransaction */
    bool locked;
    void (*on_reset)(void);                      /* the card loses what it knew of its user */
};

struct fake_pcsc *fake_pcsc(void);
void fake_pcsc_clear(void); /* one reader, "Fake Reader 0", with a card */

/* ---- fake_module.c ------------------------------------------------------------------------- */

#define FAKE_CALLS(X)                                                                              \
    X(ACQUIRE) X(DELETE_CONTEXT) X(QUERY_CAPABILITIES) X(DELETE_CONTAINER) X(CREATE_CONTAINER)     \
    X(GET_CONTAINER_INFO) X(AUTHENTICATE_PIN) X(GET_CHALLENGE) X(AUTHENTICATE_CHALLENGE)           \
    X(DEAUTHENTICATE) X(CREATE_DIRECTORY) X(CREATE_FILE) X(READ_FILE) X(WRITE_FILE)                \
    X(DELETE_FILE) X(ENUM_FILES) X(GET_FILE_INFO) X(QUERY_FREE_SPACE) X(QUERY_KEY_SIZES)           \
    X(SIGN_DATA) X(RSA_DECRYPT) X(GET_PROPERTY) X(UNBLOCK_PIN) X(CHANGE_AUTHENTICATOR)             \
    X(CONSTRUCT_DH) X(DERIVE_KEY) X(DESTROY_DH)

#define FAKE_CALL(name) FAKE_##name,
enum fake_call { FAKE_CALLS(FAKE_CALL) FAKE_CALL_COUNT };

/* How an output breaks the rules. */
enum fake_trick { FAKE_HONEST, FAKE_NULL_OUTPUT, FAKE_HUGE_LENGTH, FAKE_TOO_LONG, FAKE_NO_END };

struct fake_fault {
    enum fake_call call;
    unsigned skip;          /* so many calls go well first */
    uint32_t rc;            /* then one answers this; 0: no fault */
    bool after;             /* it does its work, and then says that it failed */
};

struct fake_file {
    bool used, directory;
    char dir[9], name[9];
    uint32_t access;
    uint8_t *data;
    size_t len;
};

#define FAKE_FILES 32
#define FAKE_CONTAINERS 3
#define FAKE_AGREEMENTS 2

struct fake_agreement {
    bool live;
    uint8_t z[66];
    size_t len;
};

struct fake_card {
    /* behaviour */
    uint32_t version;        /* most it speaks; answers `answer_version` when not 0 */
    uint32_t answer_version;
    size_t null_slot;        /* offset in CARD_DATA + 1: left NULL */
    bool no_deauthenticate;
    bool elliptic;           /* keys it makes for AT_KEYEXCHANGE, AT_SIGNATURE are P-256 */
    bool tells_free;         /* how many containers it could still make */
    bool no_room;            /* for keys */
    bool no_import;
    unsigned rsa_step;          /* not 0: RSA keys of 1024 to 2048 bits in such steps */
    bool basic_signing;      /* knows version 1 of CARD_SIGNING_INFO alone */
    bool alters_import;      /* keeps another key than it was given */
    bool no_unpadding;       /* version 7 that removes no padding itself */
    bool compresses, read_only;
    uint32_t cache_mode;
    enum fake_trick trick;
    enum fake_call trick_call;
    struct fake_fault fault;
    bool uses_cache;         /* CardReadFile asks the caller's cache first */
    bool admin_aes;          /* the admin key is one: set it, too */
    uint32_t challenge_len;  /* not 0: bytes it claims */
    bool fixed_tries;        /* the most of wrong tries cannot be set */
    bool unblock_logs_in;    /* against the rules, it does */
    const char *puk;         /* not NULL: unblocks instead of the admin key */
    bool no_pin_info;
    uint32_t pin_policy, pin_seconds; /* PIN_INFO's cache policy */

    /* the card */
    struct fake_file files[FAKE_FILES];
    void *sig[FAKE_CONTAINERS], *kx[FAKE_CONTAINERS]; /* EVP_PKEY */
    struct fake_agreement agreements[FAKE_AGREEMENTS];
    bool user, admin, challenged;
    uint8_t pin[16], admin_key[32];
    size_t pin_len, admin_len;
    unsigned tries, most_tries, admin_tries;
    uint8_t challenge[512];  /* its first block counts */

    unsigned calls[FAKE_CALL_COUNT], contexts;
};

#define FAKE_PIN "1234"
#define FAKE_TRIES 3
#define FAKE_ADMIN_TRIES 10
#define FAKE_ADMIN_KEY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
extern const uint8_t fake_admin_key[24];

struct fake_card *fake_card(void);
void fake_card_clear(void);
struct fake_file *fake_find(const char *dir, const char *name); /* NULL: none */
void fake_set_file(const char *dir, const char *name, const void *data, size_t len);

#endif
