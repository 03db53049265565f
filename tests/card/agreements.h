/* SPDX-License-Identifier: MIT */
/* Agreements of a key on the card, and what OpenSSL agrees on with the same peer. */
#ifndef CARDMINT_TESTS_CARD_AGREEMENTS_H
#define CARDMINT_TESTS_CARD_AGREEMENTS_H

#include "openssl_keys.h"

#define Z_MAX 66u

/* A key for agreement that the card makes; its public half. */
EVP_PKEY *agreement_key(struct desk *d, BYTE container, DWORD spec);

/* CardConstructDHAgreement with the blob of a peer. */
DWORD agree_with(PCARD_DATA data, BYTE container, BYTE *blob, DWORD len, BYTE *ret_index);

/* A new agreement of the card's key with a new peer: its index, and the secret that OpenSSL has. */
BYTE agree(struct desk *d, BYTE container, DWORD spec, EVP_PKEY *key, BYTE z[Z_MAX]);

/* What two keys agree on: the whole field, leading zeros too. Returns its length. */
size_t openssl_z(EVP_PKEY *mine, EVP_PKEY *theirs, BYTE z[Z_MAX]);

#endif
