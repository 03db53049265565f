/* SPDX-License-Identifier: MIT */
/* Keys as OpenSSL has them, from and to the blobs of the interface. Nothing here judges: what is
 * wrong with a blob is said in words. */
#ifndef CARDMINT_KIT_BENCH_KEY_BLOBS_H
#define CARDMINT_KIT_BENCH_KEY_BLOBS_H

#include "cardmint/cardmod.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>

/* ---- key specifications: AT_KEYEXCHANGE 1 to AT_ECDHE_P521 8 ----------------------------------- */

#define SPECS_END (AT_ECDHE_P521 + 1u)

bool spec_is_rsa(DWORD spec);
bool spec_is_curve(DWORD spec);
bool spec_exchanges(DWORD spec);      /* its place is the container's key exchange key */
const char *spec_name(DWORD spec);    /* "AT_ECDSA_P256" */
DWORD curve_bits(DWORD spec);         /* 256, 384, 521 */
size_t curve_field(DWORD spec);       /* bytes of a coordinate: 32, 48, 66 */

/* ---- blobs ------------------------------------------------------------------------------------- */

#define KEY_BLOB_MAX 4700u /* the private half of RSA with 8192 bits */

/* A new key of that kind; bits: of RSA. NULL: OpenSSL could not. Free with EVP_PKEY_free. */
EVP_PKEY *key_make(DWORD spec, DWORD bits);

/* PUBLICKEYBLOB and PRIVATEKEYBLOB, or BCRYPT_ECCKEY_BLOB with X, Y (and d). `out`: KEY_BLOB_MAX.
 * The length; 0: not a key of that kind. */
size_t public_blob(EVP_PKEY *key, DWORD spec, BYTE *out);
size_t private_blob(EVP_PKEY *key, DWORD spec, BYTE *out);

/* Reads a public blob of exactly `len` bytes, for a key of that specification: type, version,
 * algorithm, magic, lengths, a point on the curve. NULL, and *why: what is wrong with it. */
EVP_PKEY *key_from_blob(const BYTE *blob, size_t len, DWORD spec, const char **why);

/* In place: the numbers of CAPI are little-endian, OpenSSL's big-endian. */
void reverse_bytes(BYTE *at, size_t len);

#endif
