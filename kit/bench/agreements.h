/* SPDX-License-Identifier: MIT */
/* Agreements: keys of the card, peers that OpenSSL makes, and how a secret shows itself. What the
 * rows of 2.4.3.2 to 2.4.3.4 share. */
#ifndef CARDMINT_KIT_BENCH_AGREEMENTS_H
#define CARDMINT_KIT_BENCH_AGREEMENTS_H

#include "kit/bench/derivations.h"
#include "kit/bench/faults.h"
#include "kit/bench/key_blobs.h"

struct agreer {
    BYTE index;
    DWORD spec;
    EVP_PKEY *key; /* agreer_key asks for it */
};

struct agreed {
    BYTE index; /* bSecretAgreementIndex */
    BYTE secret[SECRET_MAX]; /* OpenSSL's, where it was asked for */
    size_t len;
    BYTE seen[DERIVED_MAX]; /* what see_secret derived, and how */
    DWORD seen_len;
    const struct derivation *by;
};

/* The container of the fixture with a key for agreement. Not applicable: no such keys, no function.
 * need_derivation: and no CardDeriveKey, which version 5 brings; need_destruction the same. */
struct agreer need_agreer(struct bench *b);
void need_derivation(struct bench *b);
void need_destruction(struct bench *b);
EVP_PKEY *agreer_key(struct bench *b, struct agreer *a);

/* A peer's public key; the secret with it, if `secret` is not NULL. Its length. */
DWORD make_peer(struct bench *b, struct agreer *a, BYTE blob[KEY_BLOB_MAX], struct agreed *secret);
/* CardConstructDHAgreement with that peer; the index it gave. */
DWORD construct(struct bench *b, const struct agreer *a, BYTE *blob, DWORD len, BYTE *ret_index);
/* With a new peer. A card that does not agree says so: not applicable. */
DWORD agree(struct bench *b, struct agreer *a, struct agreed *ret);
/* And OpenSSL with the card's public key. */
DWORD agree_with_openssl(struct bench *b, struct agreer *a, struct agreed *ret);
/* With the same peer in all of the process: in no time. */
DWORD agree_again(struct bench *b, struct agreer *a, BYTE *ret_index);
DWORD destroy(struct bench *b, BYTE index);

/* An agreement shows itself by a key that is derived, in the plainest way that the module has. The
 * code of CardDeriveKey. */
DWORD see_secret(struct bench *b, struct agreed *a);
bool same_secret(const struct agreed *a, const struct agreed *other); /* both seen */
bool is_right(const struct agreed *a); /* what was seen is what OpenSSL's secret gives */
bool is_alive(struct bench *b, const struct agreed *a); /* it shows itself as it did */
void drop_derived(CARD_DERIVE_KEY *info);

/* Does the module have this KDF, by configuration or by answering for it? */
bool has_kdf(struct bench *b, BYTE agreement, unsigned kdf);
#define KDFS_END (KIT_KDF_SP800_56A << 1)

extern const struct subject construct_subject, derive_subject, destroy_subject;
extern const struct requirement construct_errors[8], derive_errors[9], destroy_errors[4];
extern const struct requirement derive_functional[7];

#endif
