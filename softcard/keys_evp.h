/* SPDX-License-Identifier: MIT */
/* Key pairs between OpenSSL and the image: for keys*.c only. */
#ifndef CARDMINT_SOFTCARD_KEYS_EVP_H
#define CARDMINT_SOFTCARD_KEYS_EVP_H

#include "softcard/keys.h"

#include <openssl/evp.h>

bool key_to_der(EVP_PKEY *pkey, struct image_blob *ret);
EVP_PKEY *key_from_der(const struct image_blob *key);
bool key_pair_ok(EVP_PKEY *pkey); /* numbers that belong together */

#endif
