/* SPDX-License-Identifier: MIT */
/*
 * A call that would succeed, and one thing or two wrong with it: the table of test_errors.c.
 *
 *     good_args ── spoil(fault) ── function->call        one row of the certification document
 */
#ifndef CARDMINT_TESTS_CARD_FAULTS_H
#define CARDMINT_TESTS_CARD_FAULTS_H

#include "support.h"

enum role { NOBODY, USER, ADMIN };

enum fault {
    NO_DATA,      /* pCardData NULL */
    NO_USER,      /* the name of the role: NULL, or another than "user" and "admin" */
    OTHER_USER,
    NO_IN,        /* input bytes: NULL, none, too few, too many, wrong */
    IN_EMPTY,
    IN_SHORT,
    IN_LONG,
    IN_WRONG,
    IN_HUGE,
    NO_CHALLENGE, /* a command between challenge and response */
    NO_OUT,       /* where to put the result, or its length: NULL */
    NO_OUT_LEN,
    NO_INFO,      /* the structure: NULL, or of a version that does not exist yet */
    VERSION_HIGH,
    FLAGS,        /* a flag that there is not */
    NO_NAME,      /* file, directory, property: NULL, "", long, odd, missing, there */
    EMPTY_NAME,
    LONG_NAME,
    ODD_NAME,
    MISSING_NAME,
    TAKEN_BY_FILE,
    TAKEN_BY_DIR,
    FULL_DIR,     /* a directory with files in it */
    NO_FILES,     /* one without */
    EMPTY_DIR,    /* the directory of a file */
    LONG_DIR,
    ODD_DIR,
    MISSING_DIR,
    BAD_AC,
    AC_ZERO,
    UNREADABLE,   /* a file that the user may not read, write or delete */
    UNWRITABLE,
    AS_NOBODY,    /* who is authenticated */
    AS_ADMIN,
    NO_INDEX,     /* container: out of range, empty */
    EMPTY_INDEX,
    BAD_SPEC,     /* key specification: none, one the container lacks */
    OTHER_SPEC,
    BAD_BITS,     /* size of a key: senseless, one the card lacks */
    LACKING_BITS,
    NO_HASH,      /* aiHashAlg: no hash, one that is not known */
    STRANGE_HASH,
    SMALL_ROOM,   /* for a property */
    PIN_ID_HIGH,
    NO_FRESH,     /* the new secret: NULL, too short, too long; tries that cannot be counted */
    FRESH_SHORT,
    FRESH_LONG,
    TRIES_HIGH,
    RSA_INDEX,    /* a container without a key for agreement */
    BAD_LIST,     /* parameters of a key derivation: of no known version */
};

struct args {
    struct desk *d;
    enum role role;
    PCARD_DATA data;
    LPWSTR user;
    PBYTE in, fresh;
    DWORD in_len, fresh_len, tries;
    LPWSTR kdf;
    BCryptBufferDesc *list;
    LPSTR dir, name;
    LPCWSTR property;
    DWORD flags, ac, spec, bits, room, pin;
    BYTE index;
    PBYTE *out;
    PDWORD out_len;
    void *info;
    union { /* what `info` points to, unless it is NULL */
        DWORD version;
        CARD_FILE_INFO file;
        CARD_FREE_SPACE_INFO space;
        CARD_CAPABILITIES capabilities;
        CARD_KEY_SIZES sizes;
        CONTAINER_INFO container;
        CARD_SIGNING_INFO sign;
        CARD_RSA_DECRYPT_INFO decrypt;
        CARD_DH_AGREEMENT_INFO agreement;
        CARD_DERIVE_KEY derive;
    } box;
    PBYTE out_block;
    DWORD out_count;
    BYTE bytes[256];
};

struct row {
    const char *id; /* CMR.x, or where the check comes from */
    enum fault fault;
    DWORD want;
};

struct function {
    const char *name;
    DWORD (*call)(struct args *a);
    void (*adjust)(struct args *a); /* from the common arguments to this function's; may be NULL */
    const struct row *rows;
    size_t count;
};

#define FAULT_PEER_LEN 72u
extern const BYTE fault_peer[FAULT_PEER_LEN];

extern const struct function functions[];
extern const size_t function_count;

/* Arguments with which `f` succeeds on the card of card_for_faults. */
void good_args(struct args *a, struct desk *d, const struct function *f);

void spoil(struct args *a, enum fault fault);

/* The first agreement of the context: what is derived from and destroyed. */
void agree_for_faults(struct desk *d);

/* Files, directories and keys that the arguments name. */
void card_for_faults(struct desk *d);

#endif
