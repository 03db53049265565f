/* SPDX-License-Identifier: MIT */
/*
 * The caller's part in a test: PC/SC, CARD_DATA with callbacks that watch, the card's roles, and
 * what kit_run has put on the card before (the fixture).
 *
 *     bench_open(r, &b);  be_user(&b);  EXPECT(r, CALL(&b, SignData, &b.data, &info), 0);
 *
 * Every call of the module goes through CALL, which logs it as written, with code and time.
 * A bench is one context on one card. It need not be closed: the process ends.
 */
#ifndef CARDMINT_KIT_BENCH_BENCH_H
#define CARDMINT_KIT_BENCH_BENCH_H

#include "kit/kit.h"
#include "pcsc/pcsc.h"

struct bench {
    struct run *run;
    struct pcsc *pcsc;
    uintptr_t ctx, card;
    char reader[PCSC_NAME_MAX];
    BYTE atr[PCSC_ATR_MAX];
    size_t atr_len;
    PFN_CARD_ACQUIRE_CONTEXT acquire;
    CARD_DATA data;
    CARD_CAPABILITIES says; /* bench_open has asked */
};

#define CALL(b, function, ...)                                   \
    (call_begins((b), "Card" #function "(" #__VA_ARGS__ ")"),    \
     call_ends((b), (b)->data.pfnCard##function(__VA_ARGS__)))
#define ACQUIRE(b, ...)                                          \
    (call_begins((b), "CardAcquireContext(" #__VA_ARGS__ ")"),   \
     call_ends((b), (b)->acquire(__VA_ARGS__)))
void call_begins(struct bench *b, const char *call);
DWORD call_ends(struct bench *b, DWORD rc);
double call_ms(void); /* how long the last CALL of this thread took */

/* Loads module and PC/SC library, connects to configured card `number`, begins a transaction, fills
 * in CARD_DATA for version r->version; acquires no context. */
void bench_connect(struct run *r, struct bench *b, unsigned number);
/* The same, and CardAcquireContext. Card 0. */
void bench_open(struct run *r, struct bench *b);
/* A context more, on the same connection, with a CARD_DATA of its own: `into` shares b's handles. */
void bench_again(struct bench *b, struct bench *into);
/* CardDeleteContext, end of transaction, disconnect (the card is reset). */
void bench_close(struct bench *b);
/* The caller's part of a CARD_DATA. */
void bench_fill(struct bench *b, PCARD_DATA data, DWORD version);

/* Gives the transaction away and takes it back; roles are kept. */
void bench_pause(struct bench *b);
void bench_resume(struct bench *b);
/* Resets the card and begins again. */
void bench_reset(struct bench *b);

/* ---- the caller's memory: watched, of all benches of the process (memory.c) ------------------- */

LPVOID WINAPI mem_alloc(SIZE_T len);
LPVOID WINAPI mem_realloc(LPVOID block, SIZE_T len);
void WINAPI mem_free(LPVOID block);

unsigned long mem_live(void);            /* blocks now */
unsigned long mem_calls(void);           /* of alloc and realloc, ever */
bool mem_is_ours(const void *block);     /* begins a live block of these callbacks */
size_t mem_len(const void *block);       /* of a live block */
/* The nth alloc or realloc from now on answers NULL; 0: none. */
void mem_fail_at(unsigned nth);
/* What the module has done wrong so far, one line: freed twice, freed what is none of ours, written
 * behind a block; NULL: nothing. */
const char *mem_fault(void);

/* ---- the caller's cache (cache.c): lent with bench_cache -------------------------------------- */

void bench_cache(struct bench *b);
unsigned cache_lookups(void), cache_adds(void), cache_deletes(void);

/* ---- roles ------------------------------------------------------------------------------------ */

/* The user, without a reset: of cards where a new context's SELECT has logged out. */
void stay_user(struct bench *b);
void be_nobody(struct bench *b); /* by a reset of the card: needs no function of the module */
void be_user(struct bench *b);  /* the user alone */
/* The admin alone, by challenge and response, or by admin_pin; where neither is configured, not
 * applicable. */
void be_admin(struct bench *b);
bool has_admin(const struct bench *b); /* is either? */
/* The same by name, for tables of who may what. */
enum role { NOBODY, USER, ADMIN, ROLES };
void become(struct bench *b, enum role role);
const char *role_name(enum role role);
/* Behind the last that can be authenticated: without an admin, before him. */
enum role roles_end(const struct bench *b);
void let_go(struct bench *b);   /* nobody, by CardDeauthenticate: agreements live on */
/* *ret: what a challenge of the card demands of the admin key. */
void answer_challenge(struct bench *b, const BYTE *challenge, DWORD len, BYTE *ret);
/* Draws one and answers it; its length. `response`: KIT_SECRET_MAX. */
DWORD draw_and_answer(struct bench *b, BYTE *response);
/* Can this role do what only it may? By writing (user: a file of the fixture) - not by asking. On a
 * card that is only read: the user by signing; where that cannot be seen, not applicable. */
bool is_user(struct bench *b);
bool is_admin(struct bench *b); /* false where none can be authenticated */

LPWSTR user_name(void);  /* wszCARD_USER_USER */
LPWSTR admin_name(void);
LPWSTR anonymous_name(void);
/* A PIN of the right length that is wrong. */
struct kit_secret wrong_pin(const struct kit_config *config);
/* Shows the right one, and unblocks by the admin where it must: all tries are there again. */
void restore_pin(struct bench *b);

/* ---- the fixture ------------------------------------------------------------------------------ */

/* Files. Of the user, with FIXTURE_TEXT in it; one for the admin alone; one that the admin writes;
 * a directory that is empty. */
#define FIXTURE_DIR        "kitdir"
#define FIXTURE_FILE       "kitfile"
#define FIXTURE_TEXT       "hello, card"
#define FIXTURE_EMPTY_DIR  "kitempty"
#define FIXTURE_ADMIN_FILE "kitadmin" /* root; AdminReadWriteAc */
#define FIXTURE_READ_FILE  "kitread"  /* root; EveryoneReadAdminWriteAc */

/* Containers. Which index has a key of that specification; 0xFF: the card has no such keys. Of RSA
 * 1024 bits or the least the card has. Tests create theirs at SCRATCH_INDEX, and leave it empty. */
BYTE fixture_key(struct bench *b, DWORD spec);
DWORD fixture_rsa_bits(struct bench *b);
BYTE scratch_index(struct bench *b); /* a container that is empty */
BYTE empty_index(struct bench *b);   /* one that stays so */
bool has_spec(struct bench *b, DWORD spec);

/* NOT APPLICABLE, with the reason, unless the card can: */
void need_writable(struct bench *b);
void need_rsa(struct bench *b);
void need_curves(struct bench *b);     /* an ECDH key */
void need_second_card(struct run *r);

/* Reads the fixture's file; on a card that is only read, and has none, the container map. */
DWORD see_fixture(struct bench *b);
/* Puts the fixture there (run before the first test), and takes it away after the last. */
void fixture_make(struct run *r);
void fixture_remove(struct run *r);
/* After a test that did not end well: PIN, roles, scratch container and files are as before. */
void fixture_mend(struct run *r);

/* ---- small things ----------------------------------------------------------------------------- */

LPSTR str(const char *s); /* a string for a parameter that the interface has not declared const */
PBYTE bytes_of(const void *data);
#define ARRAY(a) (sizeof(a) / sizeof((a)[0]))

/* Milliseconds, monotonic. $CARDMINT_KIT_CLOCK names a file of 8 bytes, nanoseconds to add: how a
 * test of the kit makes a module slow without waiting. */
double clock_ms(void);

DWORD make_file(struct bench *b, const char *dir, const char *name, CARD_FILE_ACCESS_CONDITION ac);
DWORD put_file(struct bench *b, const char *dir, const char *name, const void *data, size_t len);
/* Reads it, compares with data (NULL: any), frees it. */
DWORD see_file(struct bench *b, const char *dir, const char *name, const void *data, size_t len);
DWORD drop_file(struct bench *b, const char *dir, const char *name);

#endif
