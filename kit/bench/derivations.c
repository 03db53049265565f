/* SPDX-License-Identifier: MIT */
#include "kit/bench/derivations.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <string.h>

static const WCHAR hash[] = BCRYPT_KDF_HASH, hmac[] = BCRYPT_KDF_HMAC, prf[] = BCRYPT_KDF_TLS_PRF,
                   concat[] = BCRYPT_KDF_SP80056A_CONCAT;
static const WCHAR md5[] = BCRYPT_MD5_ALGORITHM, sha1[] = BCRYPT_SHA1_ALGORITHM,
                   sha256[] = BCRYPT_SHA256_ALGORITHM, sha384[] = BCRYPT_SHA384_ALGORITHM,
                   sha512[] = BCRYPT_SHA512_ALGORITHM, aes[] = BCRYPT_AES_ALGORITHM;
static const DWORD tls10 = 0x0301, tls11 = 0x0302, tls12 = 0x0303, bits128 = 128, bits1000 = 1000;

const char by_secret[] = "";

#define SEED   "0123456789abcdefghijklmnopqrstuv0123456789ABCDEFGHIJKLMNOPQRSTUV"
#define SEED63 "0123456789abcdefghijklmnopqrstuv0123456789ABCDEFGHIJKLMNOPQRSTU"

#define T(type, text)  { type, text, sizeof(text) - 1 }
#define V(type, value) { type, &(value), sizeof(value) }
#define N(name)        { KDF_HASH_ALGORITHM, name, sizeof(name) }
#define LABEL          T(KDF_TLS_PRF_LABEL, "l")
#define SEEDS          T(KDF_TLS_PRF_SEED, SEED)
#define PARTIES        T(KDF_ALGORITHMID, "alg"), T(KDF_PARTYUINFO, "u"), T(KDF_PARTYVINFO, "v")
#define BY_Z           KDF_USE_SECRET_AS_HMAC_KEY_FLAG

/* ---- what modules take ----------------------------------------------------------------------- */

static const struct derivation of_hash[] = {
    { hash, 0, { N(sha1) }, "SHA1", "", "", NULL, 0, false },
    { hash, 0, { N(sha256) }, "SHA256", "", "", NULL, 0, true },
    { hash, 0, { N(sha384) }, "SHA384", "", "", NULL, 0, true },
    { hash, 0, { N(sha512) }, "SHA512", "", "", NULL, 0, true },
    { hash, 0, { N(md5) }, "MD5", "", "", NULL, 0, true },
    { hash, 0, { { 0 } }, "SHA1", "", "", NULL, 0, true },
    { hash, 0, { N(sha1), T(KDF_SECRET_PREPEND, "before") }, "SHA1", "before", "", NULL, 0, false },
    { hash, 0, { T(KDF_SECRET_APPEND, "behind"), N(sha1) }, "SHA1", "", "behind", NULL, 0, false },
    { hash, 0, /* each kind in the order of the list, however they alternate */
      { T(KDF_SECRET_APPEND, "d"), T(KDF_SECRET_PREPEND, "a"), T(KDF_SECRET_APPEND, "ef"), N(sha1),
        T(KDF_SECRET_PREPEND, "bc"), T(KDF_SECRET_APPEND, "g") },
      "SHA1", "abc", "defg", NULL, 0, false },
};

static const struct derivation of_hmac[] = {
    { hmac, 0, { N(sha1), T(KDF_HMAC_KEY, "a key") }, "SHA1", "", "", "a key", 0, false },
    { hmac, BY_Z, { N(sha1) }, "SHA1", "", "", BY_SECRET, 0, false },
    { hmac, BY_Z, { T(KDF_SECRET_PREPEND, "x"), N(sha1), T(KDF_SECRET_APPEND, "y") },
      "SHA1", "x", "y", BY_SECRET, 0, false },
    { hmac, 0, { N(sha256), T(KDF_HMAC_KEY, "k") }, "SHA256", "", "", "k", 0, true },
    { hmac, 0, { N(sha384), T(KDF_HMAC_KEY, "k") }, "SHA384", "", "", "k", 0, true },
    { hmac, 0, { T(KDF_HMAC_KEY, "k"), N(sha512) }, "SHA512", "", "", "k", 0, true },
    { hmac, 0, { T(KDF_HMAC_KEY, "k"), N(md5) }, "MD5", "", "", "k", 0, true },
    { hmac, 0, { T(KDF_HMAC_KEY, "k") }, "SHA1", "", "", "k", 0, true },
    { hmac, 0, /* a key longer than a block of the digest */
      { T(KDF_SECRET_APPEND, "2"), T(KDF_HMAC_KEY, SEED SEED SEED), T(KDF_SECRET_PREPEND, "1"),
        N(sha1) }, "SHA1", "1", "2", SEED SEED SEED, 0, false },
};

static const struct derivation of_prf[] = {
    { prf, 0, { T(KDF_TLS_PRF_LABEL, "master secret"), SEEDS },
      "MD5-SHA1", "", "master secret" SEED, NULL, 0, false },
    { prf, 0, { SEEDS, LABEL }, "MD5-SHA1", "", "l" SEED, NULL, 0, false },
    { prf, 0, { LABEL, SEEDS, V(KDF_TLS_PRF_PROTOCOL, tls10) },
      "MD5-SHA1", "", "l" SEED, NULL, 0, true },
    { prf, 0, { LABEL, SEEDS, V(KDF_TLS_PRF_PROTOCOL, tls11) },
      "MD5-SHA1", "", "l" SEED, NULL, 0, true },
    { prf, 0, { V(KDF_TLS_PRF_PROTOCOL, tls12), LABEL, SEEDS },
      "SHA256", "", "l" SEED, NULL, 0, true },
    { prf, 0, { V(KDF_TLS_PRF_PROTOCOL, tls12), LABEL, SEEDS, N(sha256) },
      "SHA256", "", "l" SEED, NULL, 0, true },
    { prf, 0, { V(KDF_TLS_PRF_PROTOCOL, tls12), N(sha384), LABEL, SEEDS },
      "SHA384", "", "l" SEED, NULL, 0, true },
};

static const struct derivation of_concat[] = {
    { concat, 0, { PARTIES, N(sha256) }, "SHA256", "", "alguv", NULL, 0, false },
    { concat, 0, { PARTIES }, NULL, "", "alguv", NULL, 0, true },
    { concat, 0, /* in the order of the standard, not of the list */
      { T(KDF_PARTYVINFO, "v"), T(KDF_SUPPPRIVINFO, "priv"), T(KDF_ALGORITHMID, "alg"),
        T(KDF_SUPPPUBINFO, "pub"), T(KDF_PARTYUINFO, "u"), N(sha256) },
      "SHA256", "", "alguvpubpriv", NULL, 0, false },
    { concat, 0, { PARTIES, N(sha256), V(KDF_KEYBITLENGTH, bits128) },
      "SHA256", "", "alguv", NULL, 128, true },
    { concat, 0, { PARTIES, N(sha512), V(KDF_KEYBITLENGTH, bits1000) },
      "SHA512", "", "alguv", NULL, 1000, true },
};

/* ---- what they do not ------------------------------------------------------------------------ */

#define BAD(kdf, flags, ...) { kdf, flags, { __VA_ARGS__ }, "", "", "", NULL, 0, false }

static const struct derivation not_of_hash[] = {
    BAD(hash, 0, N(sha1), T(0x7FFF, "?")),
    BAD(hash, 0, T(0x80000000, "?")),
    BAD(hash, 0, N(aes)),
    BAD(hash, 0, N(sha1), T(KDF_HMAC_KEY, "k")),
    BAD(hash, 0, N(sha1), LABEL),
    BAD(hash, 0, N(sha1), T(KDF_ALGORITHMID, "a")),
};

static const struct derivation not_of_hmac[] = {
    BAD(hmac, BY_Z, N(sha1), T(0x7FFF, "?")),
    BAD(hmac, BY_Z, N(aes)),
    BAD(hmac, BY_Z, N(sha1), SEEDS),
};

static const struct derivation not_of_prf[] = {
    BAD(prf, 0, { 0 }),
    BAD(prf, 0, LABEL),
    BAD(prf, 0, SEEDS),
    BAD(prf, 0, LABEL, T(KDF_TLS_PRF_SEED, SEED63)),
    BAD(prf, 0, LABEL, T(KDF_TLS_PRF_SEED, SEED "x")),
    BAD(prf, 0, LABEL, SEEDS, T(KDF_SECRET_APPEND, "x")),
    BAD(prf, 0, LABEL, SEEDS, T(0x7FFF, "?")),
};

static const struct derivation not_of_concat[] = {
    BAD(concat, 0, { 0 }),
    BAD(concat, 0, T(KDF_ALGORITHMID, "a"), T(KDF_PARTYUINFO, "u")),
    BAD(concat, 0, PARTIES, T(KDF_SECRET_PREPEND, "x")),
    BAD(concat, 0, PARTIES, T(0x7FFF, "?")),
};

static const struct {
    unsigned kdf;
    const char *name;
    const struct derivation *good, *bad;
    size_t good_count, bad_count;
} kdfs[] = {
#define KDF(kdf, name, good, bad) { kdf, name, good, bad, ARRAY(good), ARRAY(bad) }
    KDF(KIT_KDF_HASH, "HASH", of_hash, not_of_hash),
    KDF(KIT_KDF_HMAC, "HMAC", of_hmac, not_of_hmac),
    KDF(KIT_KDF_TLS_PRF, "TLS_PRF", of_prf, not_of_prf),
    KDF(KIT_KDF_SP800_56A, "SP800_56A_CONCAT", of_concat, not_of_concat),
#undef KDF
};

static size_t place(unsigned kdf)
{
    size_t i = 0;

    while (i + 1 < ARRAY(kdfs) && kdfs[i].kdf != kdf)
        i++;
    return i;
}

const struct derivation *derivation(unsigned kdf, size_t n)
{
    const size_t i = place(kdf);

    return n < kdfs[i].good_count ? &kdfs[i].good[n] : NULL;
}

const struct derivation *bad_derivation(unsigned kdf, size_t n)
{
    const size_t i = place(kdf);

    return n < kdfs[i].bad_count ? &kdfs[i].bad[n] : NULL;
}

const char *kdf_name(unsigned kdf)
{
    return kdfs[place(kdf)].name;
}

CARD_DERIVE_KEY *ask_derivation(const struct derivation *d, BYTE agreement)
{
    static BCryptBuffer buffers[PARAMS_MAX];
    static BCryptBufferDesc desc;
    static CARD_DERIVE_KEY info;

    desc = (BCryptBufferDesc){ BCRYPTBUFFER_VERSION, 0, buffers };
    for (const struct param *p = d->list; p < d->list + PARAMS_MAX && p->at != NULL; p++)
        buffers[desc.cBuffers++] = (BCryptBuffer){ p->len, p->type, bytes_of(p->at) };
    info = (CARD_DERIVE_KEY){ .dwVersion = CARD_DERIVE_KEY_VERSION, .dwFlags = d->flags,
                              .pwszKDF = (LPWSTR)(uintptr_t)d->kdf,
                              .pParameterList = desc.cBuffers != 0 ? &desc : NULL,
                              .bSecretAgreementIndex = agreement };
    return &info;
}

/* ---- OpenSSL's part -------------------------------------------------------------------------- */

static size_t join(BYTE *out, const char *before, const BYTE *z, size_t z_len, const char *behind)
{
    const size_t before_len = strlen(before), behind_len = strlen(behind);

    memcpy(out, bytes_of(before), before_len);
    memcpy(out + before_len, z, z_len);
    memcpy(out + before_len + z_len, bytes_of(behind), behind_len);
    return before_len + z_len + behind_len;
}

/* TLS1-PRF: the seed, SSKDF: the info. */
static bool by_kdf(const char *name, const char *digest, const BYTE *z, size_t z_len,
                   const char *behind, BYTE *out, size_t len)
{
    const bool tls = strcmp(name, "TLS1-PRF") == 0;
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, name, NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)(uintptr_t)digest, 0),
        OSSL_PARAM_construct_octet_string(tls ? OSSL_KDF_PARAM_SECRET : OSSL_KDF_PARAM_KEY,
                                          bytes_of(z), z_len),
        OSSL_PARAM_construct_octet_string(tls ? OSSL_KDF_PARAM_SEED : OSSL_KDF_PARAM_INFO,
                                          bytes_of(behind), strlen(behind)),
        OSSL_PARAM_construct_end(),
    };
    bool ok = ctx != NULL && EVP_KDF_derive(ctx, out, len, params) == 1;

    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    return ok;
}

DWORD derive_by_openssl(const struct derivation *d, const BYTE *secret, size_t len,
                        BYTE out[DERIVED_MAX])
{
    const char *digest = d->digest != NULL ? d->digest
                         : len == 32       ? "SHA256"
                         : len == 48       ? "SHA384"
                                           : "SHA512";
    BYTE message[512];
    size_t message_len = join(message, d->before, secret, len, d->behind), got = 0;
    const bool by_z = d->key == BY_SECRET;

    if (d->kdf == hash)
        return EVP_Q_digest(NULL, digest, NULL, message, message_len, out, &got) == 1 ? (DWORD)got
                                                                                      : 0;
    if (d->kdf == hmac)
        return EVP_Q_mac(NULL, "HMAC", NULL, digest, NULL, by_z ? (const void *)secret : d->key,
                         by_z ? len : strlen(d->key), message, message_len, out, DERIVED_MAX,
                         &got) != NULL
                   ? (DWORD)got
                   : 0;
    if (d->kdf == prf)
        return by_kdf("TLS1-PRF", digest, secret, len, d->behind, out, 48) ? 48 : 0;
    got = d->bits != 0 ? d->bits / 8 : len;
    return by_kdf("SSKDF", digest, secret, len, d->behind, out, got) ? (DWORD)got : 0;
}
