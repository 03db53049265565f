/* SPDX-License-Identifier: MIT */
/* What OpenSSL says of what a card made. */
#ifndef CARDMINT_TESTS_UNIT_OPINION_H
#define CARDMINT_TESTS_UNIT_OPINION_H

#include "script.h"

#include <openssl/evp.h>

/* A card's public key; `curve` NULL: RSA. */
EVP_PKEY *opinion_key(const struct edge_public_key *key, const char *curve);
bool opinion_rsa(EVP_PKEY *pkey, int padding, const uint8_t *sig, size_t sig_len,
                 const uint8_t *in, size_t in_len);
bool opinion_ec(EVP_PKEY *pkey, const uint8_t *rs, size_t len, const uint8_t *in, size_t in_len);
size_t opinion_encrypt(EVP_PKEY *pkey, int padding, const uint8_t *in, size_t in_len, uint8_t *out);
/* Of a key specification; NULL: RSA. */
const char *opinion_curve(uint8_t spec);

/* A private key made by OpenSSL, as the caller hands it in. */
struct made {
    uint8_t numbers[10][EDGE_RSA_MAX_BYTES];
    struct edge_private_key key;
};

void made_new(struct made *m, uint8_t spec, uint32_t bits);

#endif
