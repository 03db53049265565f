/* SPDX-License-Identifier: MIT */
/* Key blobs of CAPI (RSA, little-endian) and CNG (elliptic curves, big-endian). */
#ifndef CARDMINT_MINIDRIVER_BLOBS_H
#define CARDMINT_MINIDRIVER_BLOBS_H

#include "cardmint/cardmod.h"
#include "edge/edge.h"

bool spec_is_rsa(DWORD spec);

/* Bytes of the public key blob, and the blob itself: PUBLICKEYBLOB or BCRYPT_ECCPUBLIC_BLOB. */
size_t blob_public_size(DWORD spec, const struct edge_public_key *key);
void blob_public(DWORD spec, const struct edge_public_key *key, BYTE *out);

/* An RSA PRIVATEKEYBLOB of unknown length: takes its word for the modulus, refuses what is no key
 * blob of that key specification. *ret_bits: its size. Then the numbers, turned round into `work`
 * (room: blob_private_room(bits)), to be wiped after use. */
bool blob_private_bits(const BYTE *blob, DWORD spec, uint32_t *ret_bits);
size_t blob_private_room(uint32_t bits);
void blob_private(const BYTE *blob, uint32_t bits, BYTE *work, struct edge_private_key *ret);

/* A BCRYPT_ECCPRIVATE_BLOB {magic, length; X, Y, d} of unknown length: is it one of that key
 * specification? Then its numbers, which stay where they are. */
bool blob_is_private_ecc(const BYTE *blob, DWORD spec, uint32_t bits);
void blob_private_ecc(const BYTE *blob, struct edge_private_key *ret);

/* A BCRYPT_ECCPUBLIC_BLOB of `len` bytes, of the curve of `spec` and for key agreement: X || Y.
 * False: it is none. */
bool blob_peer_point(const BYTE *blob, size_t len, const struct edge_key *key, struct rd *ret);

#endif
