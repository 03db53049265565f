/* SPDX-License-Identifier: MIT */
/* Signatures as the interface has them, judged by OpenSSL: of RSA little-endian, of curves r and s
 * one behind the other. */
#ifndef CARDMINT_KIT_BENCH_SIGNATURES_H
#define CARDMINT_KIT_BENCH_SIGNATURES_H

#include "kit/bench/hashes.h"

#include <openssl/evp.h>

/* md NULL: without a DigestInfo. */
bool pkcs1_verifies(EVP_PKEY *key, const char *md, const BYTE *value, DWORD len, const BYTE *sig,
                    DWORD sig_len);
bool pss_verifies(EVP_PKEY *key, const struct hash_kind *hash, DWORD salt, const BYTE *value,
                  const BYTE *sig, DWORD sig_len);
bool ecdsa_verifies(EVP_PKEY *key, const BYTE *value, DWORD len, const BYTE *sig, DWORD sig_len);

/* The block under an RSA signature, padding and all, most significant byte first. `block`: as long
 * as the modulus. */
bool rsa_block(EVP_PKEY *key, const BYTE *sig, DWORD sig_len, BYTE *block);

#endif
