/* SPDX-License-Identifier: MIT */
/* What the kit must be told of module and cards. Read by config.c (text) and config_xml.c (the
 * closed tool's CMCKConfig). */
#ifndef CARDMINT_KIT_CONFIG_H
#define CARDMINT_KIT_CONFIG_H

#include "cardmint/cardmod.h"

#include <stdbool.h>
#include <stddef.h>

#define KIT_CARDS_MAX  2   /* some rows need two alike */
#define KIT_SECRET_MAX 128

struct kit_secret {
    BYTE bytes[KIT_SECRET_MAX];
    DWORD len; /* 0: there is none */
};

/* ASK: what the card says of itself counts (CardQueryCapabilities, CardQueryKeySizes, trying). */
enum kit_answer { KIT_ASK, KIT_YES, KIT_NO };

struct kit_config {
    char *module;               /* path of the minidriver */
    char *pcsc;                 /* path of the PC/SC library; NULL: the system's */
    char *readers[KIT_CARDS_MAX]; /* names, or parts of one only; [1] NULL: rows that need two cards
                                     do not apply */
    char *inf;                  /* the module's INF file; NULL: rows that read it do not apply */

    unsigned least_version, newest_version; /* of CARD_DATA; 4 and 7 unless told */

    /* Secrets, the same on all cards. */
    struct kit_secret user_pin, admin_pin, puk;
    struct kit_secret admin_key;
    bool admin_aes;             /* AES, otherwise 3DES */
    DWORD pin_least, pin_most;  /* lengths the card takes; 4 and 127 unless told */
    DWORD pin_tries;            /* most wrong tries; 0: seen, not known */
    enum kit_answer pin_blocks, admin_blocks; /* is it blocked after the last wrong try? */

    /* What the card can do. A set that is empty: ask the card. */
    enum kit_answer key_import, key_generation;
    unsigned key_specs;         /* set of 1 << AT_... */
    DWORD rsa_bits[8];          /* ends with 0 */
    unsigned paddings;          /* set of 1 << CARD_PADDING_... (PKCS1, PSS, OAEP) that the card does */
    unsigned kdfs;              /* set of KIT_KDF_... */
    enum kit_answer retry_count; /* takes cRetryCount */

    /* How much. */
    unsigned threads, thread_rounds; /* MultiThreaded: 8 and 5 unless told */
    unsigned challenges;             /* NonRepeatingChallenge: 300 */
    unsigned repeats;                /* of performance rows: 20, as the document has it */
    unsigned seconds;                /* SimultaneousUse and its like: 2 unless told */
    unsigned limit_seconds;          /* a test that takes longer hangs: 120 */
    bool keep_fixture;               /* leaves files and keys of the kit on the card, for the next run */
};

enum { KIT_KDF_HASH = 1, KIT_KDF_HMAC = 2, KIT_KDF_TLS_PRF = 4, KIT_KDF_SP800_56A = 8 };

struct kit_config kit_config_default(void);
void kit_config_clear(struct kit_config *config); /* wipes the secrets */

/* One "name = value". Lines of a file the same; # begins a comment. false: `says` has file, line and
 * what was wrong. */
bool kit_config_set(struct kit_config *config, const char *name, const char *value, char says[256]);
bool kit_config_read(struct kit_config *config, const char *path, char says[256]);

/* CMCKConfig as vendors have it for the closed tool. false: element and line are named. */
bool kit_config_read_xml(struct kit_config *config, const char *path, char says[256]);
/* Either: XML when the file begins with < (or a byte order mark). */
bool kit_config_load(struct kit_config *config, const char *path, char says[256]);

/* Do the values fit together? What the readers ask at their end. */
bool kit_config_check(const struct kit_config *config, char says[256]);
/* The nth name; NULL behind the last. */
const char *kit_config_name(size_t n);
/* Fills `says`; always false. */
bool kit_config_wrong(char says[256], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
