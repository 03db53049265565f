/* SPDX-License-Identifier: MIT */
/* Keys of the fixture; see bench.h for what finds them. And how a test makes keys of its own. */
#ifndef CARDMINT_KIT_BENCH_FIXTURE_KEYS_H
#define CARDMINT_KIT_BENCH_FIXTURE_KEYS_H

#include "kit/bench/bench.h"
#include "kit/bench/key_blobs.h"

/* The user is authenticated. Keys that are there stay; what cannot be made is noted in the log.
 * On an empty card: container 0 a signature key of RSA, 1 an exchange key of RSA, 2 one for
 * signatures on P-256, 3 one for agreement on P-256, each alone in its container. */
void fixture_keys_make(struct bench *b);
/* Nothing is known any more, but for the keys that this run has made. */
void fixture_keys_forget(struct bench *b);
/* Those that this run has made. */
void fixture_keys_remove(struct bench *b);

/* ---- what the card declares: configuration first, else capabilities and key sizes --------------- */

bool is_read_only(struct bench *b); /* by CP_CARD_READ_ONLY, asked in the newest version */
/* Ends the test that needs `what`: not applicable where no container is left for a key, or none can
 * be made; else blocked. */
_Noreturn void no_key(struct bench *b, const char *what);
DWORD key_refusal(struct bench *b); /* of CardCreateContainer for the fixture; 0: keys are made */
bool can_generate(struct bench *b);
bool may_import(struct bench *b);             /* nothing in the interface denies it beforehand */
bool key_sizes_of(struct bench *b, DWORD spec, CARD_KEY_SIZES *ret); /* asks the module */
bool key_sizes_have(const CARD_KEY_SIZES *sizes, DWORD bits);
bool has_rsa_bits(struct bench *b, DWORD bits);
bool offers_rsa(struct bench *b, DWORD spec, DWORD bits, DWORD *ret_least);
DWORD spec_bits(struct bench *b, DWORD spec); /* dwKeySize of a key like the fixture's; curves: 0 */
bool is_usable(struct bench *b, DWORD spec); /* has it, and the fixture has one */
/* A kind that is usable, of all and of those that exchange or do not; 0: none. */
DWORD any_spec(struct bench *b);
DWORD any_spec_that(struct bench *b, bool exchanges);

/* ---- keys of a test, at the scratch index ------------------------------------------------------- */

/* Writable, a kind of key, an empty container: else not applicable, or blocked. Becomes the user. */
BYTE need_scratch(struct bench *b);
void need_generation(struct bench *b);

/* CardCreateContainer by the card's generator, or with a key of ours (NULL: none was made). */
DWORD generate_key(struct bench *b, BYTE index, DWORD spec, DWORD bits);
DWORD import_key(struct bench *b, BYTE index, DWORD spec, EVP_PKEY *key);
/* The one or the other, whatever the card does. */
DWORD put_key(struct bench *b, BYTE index, DWORD spec, DWORD bits);
DWORD drop_container(struct bench *b, BYTE index);

/* What the container shows for that use, however it is made; len 0: nothing. */
struct shown {
    BYTE bytes[KEY_BLOB_MAX];
    DWORD len;
};
struct shown shown_key(struct bench *b, BYTE index, DWORD spec);
bool same_shown(const struct shown *a, const struct shown *b);

/* The public key of a container, by CardGetContainerInfo; NULL and *why: there is none, or what is
 * there is not well made. EVP_PKEY_free. */
EVP_PKEY *public_key_of(struct bench *b, BYTE index, DWORD spec, const char **why);

#endif
