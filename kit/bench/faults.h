/* SPDX-License-Identifier: MIT */
/*
 * Rows of errors: a call that would succeed, and one thing or two wrong with it.
 *
 *     subject.good ── spoil(fault) ── subject.call
 *
 * Each row of an error section names what is spoiled and the codes permitted. Its test (error_row):
 * every fault of the row by itself gives one of the codes; together with each fault of each later
 * row of the section, it still does - of several errors, the first printed wins.
 */
#ifndef CARDMINT_KIT_BENCH_FAULTS_H
#define CARDMINT_KIT_BENCH_FAULTS_H

#include "kit/bench/bench.h"

enum fault {
    NO_FAULT,
    NO_DATA,      /* pCardData NULL */
    NO_USER,      /* the name of the role: NULL, or another than "user" and "admin" */
    OTHER_USER,
    NO_IN,        /* input bytes: NULL, none, too few, too many, wrong */
    IN_EMPTY,
    IN_SHORT,
    IN_LONG,
    IN_WRONG,
    IN_HUGE,
    IN_ENDLESS,   /* a length of FFFFFFFF */
    NO_CHALLENGE, /* a command between challenge and response */
    USED_CHALLENGE, /* the response was used before */
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
    NO_INDEX,     /* container: out of range, empty, of RSA where a curve is needed */
    EMPTY_INDEX,
    RSA_INDEX,
    BAD_SPEC,     /* key specification: none, one the container lacks */
    OTHER_SPEC,
    BAD_BITS,     /* size of a key: senseless, one the card lacks */
    LACKING_BITS,
    NO_HASH,      /* aiHashAlg: no hash, one that is not known */
    STRANGE_HASH,
    NO_FRESH,     /* the new secret: NULL, too short, too long; tries that cannot be counted */
    FRESH_SHORT,
    FRESH_LONG,
    TRIES_HIGH,
    NO_KDF,       /* pwszKDF: NULL, unknown */
    STRANGE_KDF,
    BAD_LIST,     /* parameters of a key derivation: of no known version */
    NO_AGREEMENT, /* an index that no agreement has */
    NO_ATR, BAD_ATR_LEN, STRANGE_ATR, NO_CARD_NAME, NO_ALLOC, NO_REALLOC, NO_FREE, BAD_CONTEXT,
    NO_CARD_HANDLE, VERSION_LOW, /* CARD_DATA of CardAcquireContext */
    BAD_PIN_ID,   /* no PIN of the card; room for a property that is too small */
    SMALL_ROOM,
    FAULT_COUNT
};

/* Arguments of any function; each takes what it has. */
struct args {
    struct bench *b;
    PCARD_DATA data;
    LPWSTR user, kdf, property;
    PBYTE in, fresh;
    DWORD in_len, fresh_len, tries;
    BCryptBufferDesc *list;
    LPSTR dir, name;
    DWORD flags, ac, spec, bits, pin, room;
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
        CARD_DATA acquire;
    } box;
    PBYTE out_block;
    DWORD out_count;
    DWORD left;
    BYTE bytes[640];
};

/* A function, and how it is called so that it succeeds. */
struct subject {
    DWORD (*call)(struct args *a);
    void (*good)(struct args *a); /* on top of the common arguments (faults.c: good_args); may be NULL */
    void (*prepare)(struct bench *b); /* once, as the user, before all else: an agreement to derive
                                         from; need_... of cards that lack the function. May be NULL */
    bool unopened;     /* no context: CardAcquireContext itself */
    bool keeps_context;/* what prepare made does not survive a reset of the card: be_nobody and
                          be_admin by CardDeauthenticate */
    bool moves_roles;  /* a call, good or refused, may change who is authenticated */
    /* Spoils what is special to this function; false: as usual. May be NULL. */
    bool (*spoil)(struct args *a, enum fault fault);
};

/* The test of every row of an error section that names faults; and such a row:
 * ERROR_ROW("CMR.3.4.3.E1", "pCardData NULL", CODES(SCARD_E_INVALID_PARAMETER), NO_DATA) */
test_fn error_row;
#define CODES(...) { __VA_ARGS__ }
#define ERROR_ROW(id_, words_, codes_, ...)                                             \
    {                                                                                   \
        .id = id_, .words = words_, .test = error_row, .faults = { __VA_ARGS__ },       \
        .codes = codes_                                                                 \
    }

/* Arguments with which it succeeds on the fixture, the user authenticated. */
void good_args(struct args *a, struct bench *b, const struct subject *s);
void spoil(struct args *a, const struct subject *s, enum fault fault);
const char *fault_name(enum fault fault);

/* Undoes what a call that should have failed has done, or a good one has: frees results. */
void drop_results(struct args *a);

/* For rows whose error is a state of the card - it is full - and no argument: with each fault of the
 * rows before, which are no roles, it is still their error. Of the section and the row of b->run, as
 * whoever is authenticated. Put everything back before it is judged. */
struct precedence {
    const struct requirement *row; /* the first that is not heeded; NULL: all are */
    enum fault fault;
    DWORD rc;
};
struct precedence earlier_errors(struct bench *b);
void judge_precedence(struct run *r, const struct precedence *seen);

#endif
