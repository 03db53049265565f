/* SPDX-License-Identifier: MIT */
#include "minidriver/hash.h"

#include "base/wstr.h"

#define SHA2_PREFIX(total, oid, len) \
    { 0x30, total, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, oid, \
      0x05, 0x00, 0x04, len }, 19

static const WCHAR md5[] = BCRYPT_MD5_ALGORITHM, sha1[] = BCRYPT_SHA1_ALGORITHM,
                   sha256[] = BCRYPT_SHA256_ALGORITHM, sha384[] = BCRYPT_SHA384_ALGORITHM,
                   sha512[] = BCRYPT_SHA512_ALGORITHM, none[] = { 0 };

static const struct hash_alg hashes[] = {
    { CALG_MD5,         md5,    16,
      { 0x30, 0x20, 0x30, 0x0C, 0x06, 0x08, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x02, 0x05, 0x05,
        0x00, 0x04, 0x10 }, 18 },
    { CALG_SHA1,        sha1,   20,
      { 0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2B, 0x0E, 0x03, 0x02, 0x1A, 0x05, 0x00, 0x04, 0x14 },
      15 },
    { CALG_SSL3_SHAMD5, none,   36, { 0 }, 0 }, /* TLS 1.0: MD5 and SHA-1 one behind the other */
    { CALG_SHA_256,     sha256, 32, SHA2_PREFIX(0x31, 0x01, 0x20) },
    { CALG_SHA_384,     sha384, 48, SHA2_PREFIX(0x41, 0x02, 0x30) },
    { CALG_SHA_512,     sha512, 64, SHA2_PREFIX(0x51, 0x03, 0x40) },
};

#define COUNT (sizeof(hashes) / sizeof(hashes[0]))

const struct hash_alg *hash_by_id(ALG_ID id)
{
    for (size_t i = 0; i < COUNT; i++)
        if (hashes[i].id == id)
            return &hashes[i];
    return NULL;
}

const struct hash_alg *hash_by_name(LPCWSTR name)
{
    for (size_t i = 0; i < COUNT; i++)
        if (hashes[i].name[0] != 0 && wstr_equal(hashes[i].name, name))
            return &hashes[i];
    return NULL;
}

bool is_hash_id(ALG_ID id)
{
    return (id & (7u << 13)) == ALG_CLASS_HASH; /* wincrypt.h: the class is in the top three bits */
}
