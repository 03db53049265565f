/* SPDX-License-Identifier: MIT */
/*
 * RSA paddings on blocks whose number the card computes: RFC 8017, section numbers below. Here
 * because libcrypto pads and unpads only together with a key of its own (the functions that did
 * it alone are deprecated).
 */
#include "host/host_internal.h"

#include "base/secret.h"
#include "base/wstr.h"

#include <openssl/rand.h>
#include <string.h>

/* DigestInfo prefixes: RFC 8017 section 9.2, note 1. SHAMD5 is TLS 1.0's, without DigestInfo. */
static const struct hash_alg hashes[] = {
    { CALG_SHA_256, BCRYPT_SHA256_ALGORITHM, "SHA256", 32, 19,
      { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
        0x05, 0x00, 0x04, 0x20 } },
    { CALG_SHA_384, BCRYPT_SHA384_ALGORITHM, "SHA384", 48, 19,
      { 0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02,
        0x05, 0x00, 0x04, 0x30 } },
    { CALG_SHA_512, BCRYPT_SHA512_ALGORITHM, "SHA512", 64, 19,
      { 0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03,
        0x05, 0x00, 0x04, 0x40 } },
    { CALG_SHA1, BCRYPT_SHA1_ALGORITHM, "SHA1", 20, 15,
      { 0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04,
        0x14 } },
    { CALG_MD5, BCRYPT_MD5_ALGORITHM, "MD5", 16, 18,
      { 0x30, 0x20, 0x30, 0x0c, 0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05, 0x05,
        0x00, 0x04, 0x10 } },
    { CALG_SSL3_SHAMD5, NULL, "MD5-SHA1", 36, 0, { 0 } },
};
#define HASHES (sizeof hashes / sizeof hashes[0])

const struct hash_alg *hash_by_id(ALG_ID id)
{
    for (size_t i = 0; i < HASHES; i++) {
        if (hashes[i].id == id)
            return &hashes[i];
    }
    return NULL;
}

const struct hash_alg *hash_by_cng(LPCWSTR name)
{
    for (size_t i = 0; i < HASHES; i++) {
        if (hashes[i].cng != NULL && wstr_equal(hashes[i].cng, name))
            return &hashes[i];
    }
    return NULL;
}

/* ---- section 9.2, EMSA-PKCS1-v1_5 ---------------------------------------------------------- */

bool pad_pkcs1(const struct hash_alg *hash, const BYTE *digest, size_t digest_len, BYTE *block,
               size_t block_len)
{
    size_t prefix_len = hash != NULL ? hash->prefix_len : 0;
    size_t fill;

    if (block_len < 11 || digest_len > block_len - 11 || prefix_len > block_len - 11 - digest_len)
        return false;
    fill = block_len - 3 - prefix_len - digest_len;
    block[0] = 0x00;
    block[1] = 0x01;
    memset(block + 2, 0xFF, fill);
    block[2 + fill] = 0x00;
    if (prefix_len != 0)
        memcpy(block + 3 + fill, hash->prefix, prefix_len);
    memcpy(block + 3 + fill + prefix_len, digest, digest_len);
    return true;
}

/* ---- appendix B.2.1, MGF1 ------------------------------------------------------------------ */

/* Exclusive-ors the mask made from `seed` into `data`. */
static bool mgf1(const EVP_MD *md, size_t hash_len, const BYTE *seed, size_t seed_len, BYTE *data,
                 size_t len)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    BYTE mask[EVP_MAX_MD_SIZE];
    bool ok = ctx != NULL;

    for (size_t at = 0, count = 0; ok && at < len; at += hash_len, count++) {
        BYTE counter[4] = { (BYTE)(count >> 24), (BYTE)(count >> 16), (BYTE)(count >> 8),
                            (BYTE)count };

        ok = EVP_DigestInit_ex2(ctx, md, NULL) == 1 && EVP_DigestUpdate(ctx, seed, seed_len) == 1 &&
             EVP_DigestUpdate(ctx, counter, sizeof counter) == 1 &&
             EVP_DigestFinal_ex(ctx, mask, NULL) == 1;
        for (size_t i = 0; ok && i < hash_len && at + i < len; i++)
            data[at + i] ^= mask[i];
    }
    wipe(mask, sizeof mask);
    EVP_MD_CTX_free(ctx);
    return ok;
}

/* ---- section 9.1.1, EMSA-PSS-ENCODE -------------------------------------------------------- */

/* H = Hash(eight zeros || digest || salt). */
static bool pss_hash(const EVP_MD *md, const BYTE *digest, size_t digest_len, const BYTE *salt,
                     size_t salt_len, BYTE *out)
{
    static const BYTE zeros[8];
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx != NULL && EVP_DigestInit_ex2(ctx, md, NULL) == 1 &&
              EVP_DigestUpdate(ctx, zeros, sizeof zeros) == 1 &&
              EVP_DigestUpdate(ctx, digest, digest_len) == 1 &&
              EVP_DigestUpdate(ctx, salt, salt_len) == 1 &&
              EVP_DigestFinal_ex(ctx, out, NULL) == 1;

    EVP_MD_CTX_free(ctx);
    return ok;
}

/* The modulus has 8 * block_len bits: a key whose length is no multiple of 8 cannot be told from
 * the width the callback is given. */
bool pad_pss(const struct hash_alg *hash, const BYTE *digest, size_t digest_len, size_t salt_len,
             BYTE *block, size_t block_len)
{
    size_t h = hash->len, db_len;
    EVP_MD *md;
    BYTE *salt, *hashed;
    bool ok;

    if (digest_len != h || block_len < h + 2 || salt_len > block_len - h - 2)
        return false;
    db_len = block_len - h - 1;
    salt = block + db_len - salt_len;
    hashed = block + db_len;
    memset(block, 0, db_len - salt_len - 1);
    block[db_len - salt_len - 1] = 0x01;
    md = EVP_MD_fetch(NULL, hash->openssl, NULL);
    ok = md != NULL && (salt_len == 0 || RAND_bytes(salt, (int)salt_len) == 1) &&
         pss_hash(md, digest, digest_len, salt, salt_len, hashed) &&
         mgf1(md, h, hashed, h, block, db_len);
    EVP_MD_free(md);
    block[0] &= 0x7F;
    block[block_len - 1] = 0xBC;
    return ok;
}

/* ---- unpadding: what is wrong, and where, must not show in the time it takes --------------- */

/* All ones when a == 0, else zero. */
static size_t mask_zero(size_t a)
{
    return (size_t)0 - (size_t)(1 & ((~a & (a - 1)) >> (sizeof a * 8 - 1)));
}

static size_t mask_less(size_t a, size_t b) /* both below half the range */
{
    return (size_t)0 - ((a - b) >> (sizeof a * 8 - 1));
}

/* Section 7.2.2: 00 02 PS 00 M, PS of at least eight bytes. */
bool unpad_pkcs1(BYTE *block, size_t block_len, size_t *ret_len)
{
    size_t bad, found = 0, zero_at = 0;

    if (block_len < 11)
        return false;
    bad = (size_t)(block[0] | (block[1] ^ 0x02));
    for (size_t i = 2; i < block_len; i++) {
        size_t here = mask_zero(block[i]) & ~found;

        zero_at |= here & i;
        found |= here;
    }
    bad |= ~found | mask_less(zero_at, 10);
    if (bad != 0)
        return false;
    *ret_len = block_len - zero_at - 1;
    memmove(block, block + zero_at + 1, *ret_len);
    return true;
}

/* lHash' || PS || 01 || M: where M begins, 0 when the block is wrong. */
static size_t oaep_message(const BYTE *db, size_t db_len, const BYTE *label_hash, size_t h,
                           size_t bad)
{
    size_t found = 0, one_at = 0;

    bad |= secret_equal(db, label_hash, h) ? 0 : 1;
    for (size_t i = h; i < db_len; i++) {
        size_t one = mask_zero((size_t)db[i] ^ 0x01), zero = mask_zero(db[i]);

        one_at |= one & ~found & i;
        bad |= ~found & ~one & ~zero; /* neither padding nor its end */
        found |= one;
    }
    bad |= ~found;
    return (one_at + 1) & mask_zero(bad);
}

/* Section 7.1.2, step 3. */
bool unpad_oaep(const struct hash_alg *hash, const BYTE *label, size_t label_len, BYTE *block,
                size_t block_len, size_t *ret_len)
{
    size_t h = hash->len, db_len, at;
    BYTE label_hash[EVP_MAX_MD_SIZE], *seed = block + 1, *db = block + 1 + h;
    EVP_MD *md;
    bool ok;

    if (block_len < 2 * h + 2)
        return false;
    db_len = block_len - h - 1;
    md = EVP_MD_fetch(NULL, hash->openssl, NULL);
    ok = md != NULL && EVP_Digest(label, label_len, label_hash, NULL, md, NULL) == 1 &&
         mgf1(md, h, db, db_len, seed, h) && mgf1(md, h, seed, h, db, db_len);
    EVP_MD_free(md);
    if (!ok)
        return false;
    at = oaep_message(db, db_len, label_hash, h, block[0]);
    if (at == 0)
        return false;
    *ret_len = db_len - at;
    memmove(block, db + at, *ret_len);
    return true;
}
