/* SPDX-License-Identifier: MIT */
/*
 * The card's arithmetic, by OpenSSL: key pairs, their use, and the admin key's block ciphers.
 *
 * A key pair travels as DER (PKCS#8 PrivateKeyInfo) in a struct image_blob, freed with
 * image_free. Its kind is the algorithm nibble of GIDS (4.4): 6..9 RSA 1024, 2048, 3072, 4096;
 * C, D, E: P-256, P-384, P-521. Numbers are big-endian. Functions return false on failure and then
 * leave outputs untouched; no reason is given, for the card says 6A80 either way.
 */
#ifndef CARDMINT_SOFTCARD_KEYS_H
#define CARDMINT_SOFTCARD_KEYS_H

#include "base/bytes.h"
#include "softcard/image.h"

#define KEY_MAX_BYTES 512u /* RSA-4096 modulus */
#define KEY_BLOCK_MAX 16u  /* AES */

/* Bits of an algorithm nibble; 0: this card does not have it. */
unsigned key_bits(uint8_t alg);
bool key_is_ec(uint8_t alg);

/* Bytes of a modulus or of a field element. */
size_t key_bytes(uint8_t alg);

/* The nibble of a size; 0 when there is none. */
uint8_t key_rsa_alg(unsigned bits);

bool key_generate(uint8_t alg, struct image_blob *ret);

/* PKCS#1 RSAPrivateKey; tells the algorithm by the modulus. The numbers are checked. */
bool key_import_rsa(const uint8_t *der, size_t len, uint8_t *ret_alg, struct image_blob *ret);

/* d and the uncompressed point, which must belong to it. */
bool key_import_ec(uint8_t alg, const uint8_t *d, size_t d_len, const uint8_t *point,
                   size_t point_len, struct image_blob *ret);

/* RSA: modulus (exactly key_bytes) and exponent; EC: 04 || X || Y in `n`, e_len 0. */
struct key_public {
    uint8_t n[KEY_MAX_BYTES];
    size_t n_len;
    uint8_t e[4];
    size_t e_len;
};
bool key_public(const struct image_blob *key, uint8_t alg, struct key_public *ret);

/* What stands in a template 7F49: 81 modulus, 82 exponent; or 86 point. */
bool key_put_public(const struct image_blob *key, uint8_t alg, struct wr *out);

/* From half of what a key is, the other half computed: p and q with the exponent 65537, when the three
 * numbers of the Chinese remainder theorem belong to them; d alone. */
struct key_crt {
    struct rd p, q, dp, dq, qinv;
};
bool key_import_crt(uint8_t alg, const struct key_crt *crt, struct image_blob *ret);
bool key_import_scalar(uint8_t alg, const uint8_t *d, size_t len, struct image_blob *ret);

enum key_padding { KEY_RAW, KEY_PKCS1, KEY_OAEP_SHA1 };

/* Room at `out`: KEY_MAX_BYTES. RAW input is exactly key_bytes. */
bool key_rsa_sign(const struct image_blob *key, enum key_padding padding, const uint8_t *in,
                  size_t len, uint8_t *out, size_t *ret_len);
bool key_rsa_decrypt(const struct image_blob *key, enum key_padding padding, const uint8_t *in,
                     size_t len, uint8_t *out, size_t *ret_len);

/* r || s, each key_bytes. `hash`: any length; its leftmost bits count. */
bool key_ecdsa(const struct image_blob *key, uint8_t alg, const uint8_t *hash, size_t len,
               uint8_t *out, size_t *ret_len);

/* The same as SEQUENCE {INTEGER r, INTEGER s}. */
bool key_put_ecdsa(const struct image_blob *key, uint8_t alg, const uint8_t *hash, size_t len,
                   struct wr *out);

/* x coordinate, key_bytes. The point is checked to be on the curve. */
bool key_ecdh(const struct image_blob *key, uint8_t alg, const uint8_t *point, size_t len,
              uint8_t *out, size_t *ret_len);

/* Symmetric algorithms of GIDS: 1 two-key and 2 three-key 3DES, 3..5 AES-128, -192, -256. */
size_t cipher_block(uint8_t alg);   /* bytes; 0: unknown */
size_t cipher_key_len(uint8_t alg); /* bytes as stored: 16, 24, 16, 24, 32 */

/* CBC with a zero IV, whole blocks, `out` as long as `in` and not the same. */
bool cipher_cbc(uint8_t alg, bool encrypt, const uint8_t *key, const uint8_t *in, size_t len,
                uint8_t *out);

bool key_random(uint8_t *out, size_t len);

#endif
