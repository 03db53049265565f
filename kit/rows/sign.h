/* SPDX-License-Identifier: MIT */
/* What the rows of CardSignData share. */
#ifndef CARDMINT_KIT_ROWS_SIGN_H
#define CARDMINT_KIT_ROWS_SIGN_H

#include "kit/bench/faults.h"
#include "kit/bench/hashes.h"
#include "kit/bench/key_blobs.h"

struct signer {
    BYTE index;
    DWORD spec;
    EVP_PKEY *key; /* signer_key asks for it */
};

/* The public key; the test is blocked where there is none. */
EVP_PKEY *signer_key(struct bench *b, struct signer *s);

/* Keys of the fixture, in this order: signatures of RSA, exchange of RSA, then curves for
 * signatures, curves for agreement. The user is authenticated. A card without any: not applicable.
 * rsa_only: where the row is about padding. */
typedef void signer_fn(struct bench *b, struct signer *s);
void each_signer(struct bench *b, bool rsa_only, signer_fn *use);

/* The first of them. */
struct signer need_signer(struct bench *b);

/* A structure of version 1 for a hash; the value behind it is random, the same in all calls of a
 * process. */
CARD_SIGNING_INFO ask_signature(struct bench *b, const struct signer *s,
                                const struct hash_kind *hash);
/* CardSignData with the first hash that the module has; *ret_hash: which. Its code: no other hash
 * is tried after one but SCARD_E_UNSUPPORTED_FEATURE. */
DWORD sign_any(struct bench *b, const struct signer *s, CARD_SIGNING_INFO *ret,
               const struct hash_kind **ret_hash);
void drop_signature(CARD_SIGNING_INFO *info);
void check_signed(struct bench *b, const CARD_SIGNING_INFO *info); /* there is a signature */

test_fn sign_pads_data, sign_takes_padding_info;

extern const struct subject sign_subject;
extern const struct requirement sign_errors[10];

#endif
