/* SPDX-License-Identifier: MIT */
/* Is the private key in a container the one that belongs to a public key? Found out by using it. */
#ifndef CARDMINT_KIT_BENCH_KEY_USE_H
#define CARDMINT_KIT_BENCH_KEY_USE_H

#include "kit/bench/bench.h"
#include "kit/bench/key_blobs.h"

/* The user is authenticated. A signature (RSA: by CardSignData, of an exchange key too where the
 * module does not decrypt), a message decrypted, or a secret agreed on, as OpenSSL has it by `key`.
 * The test fails where the result is another, and is blocked where there is none. */
void prove_key(struct bench *b, BYTE index, DWORD spec, EVP_PKEY *key);

#endif
