/* SPDX-License-Identifier: MIT */
/*
 * Padding of RSA ciphertexts taken off on the host, for cards that do the raw operation. Time and
 * memory accesses depend on lengths alone, not on the block: a caller who can have many ciphertexts
 * decrypted must not learn from time which of them were well padded (Bleichenbacher, Manger). That
 * it failed the caller is told all the same; hiding that too is for the protocol above.
 */
#ifndef CARDMINT_CRYPTO_UNPAD_H
#define CARDMINT_CRYPTO_UNPAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UNPAD_MAX 512u /* bytes of a block: RSA-4096 */

/* RFC 8017 7.2.2: 00 02 at least eight bytes not zero, 00, the message. RFC 8017 7.1.2 with SHA-1
 * and an empty label. `em` is as long as the modulus, `out` has room for as much; *ret_len is the
 * message's length. False: not padded so; `out` is all zeros, *ret_len untouched. */
bool unpad_pkcs1(const uint8_t *em, size_t len, uint8_t *out, size_t *ret_len);
bool unpad_oaep_sha1(const uint8_t *em, size_t len, uint8_t *out, size_t *ret_len);

#endif
