/* SPDX-License-Identifier: MIT */
#include "kit/bench/hashes.h"

#include "base/wstr.h"

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <string.h>

static const WCHAR md5[] = BCRYPT_MD5_ALGORITHM, sha1[] = BCRYPT_SHA1_ALGORITHM,
                   sha256[] = BCRYPT_SHA256_ALGORITHM, sha384[] = BCRYPT_SHA384_ALGORITHM,
                   sha512[] = BCRYPT_SHA512_ALGORITHM;

static const struct hash_kind kinds[HASH_KINDS] = {
    { CALG_SHA_256, sha256, "SHA256", 32 },
    { CALG_SHA1, sha1, "SHA1", 20 },
    { CALG_SHA_384, sha384, "SHA384", 48 },
    { CALG_SHA_512, sha512, "SHA512", 64 },
    { CALG_MD5, md5, "MD5", 16 },
    { CALG_SSL3_SHAMD5, NULL, NULL, 36 },
};

const struct hash_kind *hash_kind(size_t n)
{
    return n < HASH_KINDS ? &kinds[n] : NULL;
}

const struct hash_kind *hash_by_alg(ALG_ID alg)
{
    for (size_t i = 0; i < HASH_KINDS; i++)
        if (kinds[i].alg == alg)
            return &kinds[i];
    return NULL;
}

const struct hash_kind *hash_by_name(const WCHAR *name)
{
    for (size_t i = 0; i < HASH_KINDS; i++)
        if (kinds[i].name != NULL && wstr_equal(kinds[i].name, name))
            return &kinds[i];
    return NULL;
}

size_t digest_info(const struct hash_kind *hash, const BYTE *value, BYTE *out)
{
    X509_SIG *info = X509_SIG_new();
    X509_ALGOR *alg = NULL;
    ASN1_OCTET_STRING *octets = NULL;
    unsigned char *at = out;
    int len = 0;

    if (info == NULL)
        return 0;
    X509_SIG_getm(info, &alg, &octets);
    if (X509_ALGOR_set0(alg, OBJ_nid2obj(OBJ_txt2nid(hash->md)), V_ASN1_NULL, NULL) == 1 &&
        ASN1_OCTET_STRING_set(octets, value, (int)hash->len) == 1 &&
        i2d_X509_SIG(info, NULL) <= DIGEST_INFO_MAX)
        len = i2d_X509_SIG(info, &at);
    X509_SIG_free(info);
    return len > 0 ? (size_t)len : 0;
}
