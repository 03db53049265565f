/* SPDX-License-Identifier: MIT */
/* Keys and signatures as OpenSSL has them, from and to the blobs of the interface. */
#ifndef CARDMINT_TESTS_CARD_OPENSSL_KEYS_H
#define CARDMINT_TESTS_CARD_OPENSSL_KEYS_H

#include "support.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>

/* PUBLICKEYBLOB or BCRYPT_ECCPUBLIC_BLOB of exactly `len` bytes, read independently. */
EVP_PKEY *key_from_blob(const BYTE *blob, size_t len, DWORD spec);

/* Elliptic curves by AT_ECDSA_* and AT_ECDHE_*: bytes of a coordinate, a new key, and its
 * BCRYPT_ECCPUBLIC_BLOB or BCRYPT_ECCPRIVATE_BLOB (room: EC_BLOB_MAX), of which the length. */
#define EC_BLOB_MAX (8u + 3u * 66u)
size_t ec_field(DWORD spec);
EVP_PKEY *ec_make(DWORD spec);
size_t ec_blob(EVP_PKEY *key, DWORD spec, bool private, BYTE *out);

/* PRIVATEKEYBLOB of an RSA key. */
void private_blob(EVP_PKEY *key, DWORD spec, BYTE *out);

/* All big-endian. hash NULL: PKCS#1 v1.5 without DigestInfo. */
bool rsa_verifies(EVP_PKEY *key, const char *hash, const BYTE *digest, size_t digest_len,
                  const BYTE *sig, size_t sig_len);
bool rsa_opens(EVP_PKEY *key, const BYTE *sig, size_t sig_len, const BYTE *block, size_t block_len);
bool pss_verifies(EVP_PKEY *key, const BYTE digest[32], const BYTE *sig, size_t sig_len);
bool pss_pad(EVP_PKEY *key, const BYTE *digest, size_t digest_len, int salt, BYTE *block);
bool ecdsa_verifies(EVP_PKEY *key, const BYTE *digest, size_t digest_len, const BYTE *sig,
                    size_t sig_len);

/* RSA_NO_PADDING: the message alone, at the end of zeros. Returns the modulus length. */
size_t rsa_encrypt(EVP_PKEY *key, int padding, const char *message, BYTE *out);

#endif
