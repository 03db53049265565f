/* SPDX-License-Identifier: MIT */
/*
 * Keys derived from an agreed secret, as CNG's BCryptDeriveKey defines it.
 *
 *     BY_HASH        H(before... Z after...)
 *     BY_HMAC        HMAC(key, before... Z after...)
 *     BY_TLS10_PRF   the PRF of TLS 1.0 and 1.1 (RFC 2246 5) with secret Z over after...
 *     BY_TLS12_PRF   the PRF of TLS 1.2 (RFC 5246 5) with secret Z over after...
 *     BY_CONCAT      H(1 Z after...) H(2 Z after...) ...     SP 800-56A 5.8.1, the counter 32 bits
 *
 * So `after` is what CNG appends; for a PRF the label, then the seed; for BY_CONCAT AlgorithmID,
 * PartyUInfo, PartyVInfo, SuppPubInfo, SuppPrivInfo. Z is the x-coordinate of the shared point,
 * big-endian, of field length: leading zeros count.
 */
#ifndef CARDMINT_CRYPTO_KDF_H
#define CARDMINT_CRYPTO_KDF_H

#include "crypto/hash.h"

enum kdf_kind { BY_HASH, BY_HMAC, BY_TLS10_PRF, BY_TLS12_PRF, BY_CONCAT };

struct span_list {
    const struct span *at;
    size_t count;
};

/* What to derive; holds no copies. Members that a kind does not name above are not looked at. */
struct kdf {
    enum kdf_kind kind;
    enum digest digest;      /* not for BY_TLS10_PRF: it is MD5 and SHA-1 together */
    struct span secret;      /* Z */
    struct span key;         /* of BY_HMAC; may be Z too, may be empty */
    struct span_list before;
    struct span_list after;
};

/* The longest output: the digest's length for BY_HASH and BY_HMAC; 0: the digest is unknown. */
size_t kdf_max(const struct kdf *k);

/* Writes the first `len` bytes, 1 to kdf_max. False, and zeros in `out`: no such length, no secret,
 * or a hash that failed. */
bool kdf_derive(const struct kdf *k, uint8_t *out, size_t len);

#endif
