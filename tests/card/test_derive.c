/* SPDX-License-Identifier: MIT */
/* CardDeriveKey: every function and every parameter on every curve; OpenSSL agrees and derives by
 * itself. What an agreement is to its context is in test_agreement.c. */
#include "agreements.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <string.h>

#define OK      SCARD_S_SUCCESS
#define INVALID SCARD_E_INVALID_PARAMETER

static const DWORD specs[] = { AT_ECDHE_P256, AT_ECDHE_P384, AT_ECDHE_P521 };

/* ---- what is derived, and by whom ------------------------------------------------------------ */

static const WCHAR hash[] = BCRYPT_KDF_HASH, hmac[] = BCRYPT_KDF_HMAC, prf[] = BCRYPT_KDF_TLS_PRF,
                   concat[] = BCRYPT_KDF_SP80056A_CONCAT;
static const WCHAR md5[] = BCRYPT_MD5_ALGORITHM, sha1[] = BCRYPT_SHA1_ALGORITHM,
                   sha256[] = BCRYPT_SHA256_ALGORITHM, sha384[] = BCRYPT_SHA384_ALGORITHM,
                   sha512[] = BCRYPT_SHA512_ALGORITHM, aes[] = BCRYPT_AES_ALGORITHM;
static const DWORD ssl30 = 0x0300, tls10 = 0x0301, tls11 = 0x0302, tls12 = 0x0303, dtls = 0xFEFF,
                   tls13 = 0x0304, zero = 0, seven = 7, bits128 = 128, bits1000 = 1000,
                   bits2048 = 2048;

#define SEED   "0123456789abcdefghijklmnopqrstuv0123456789ABCDEFGHIJKLMNOPQRSTUV"
#define SEED63 "0123456789abcdefghijklmnopqrstuv0123456789ABCDEFGHIJKLMNOPQRSTU"
#define PARAMS 7u
#define Z      "(Z)" /* as a key: the secret itself */

struct param {
    ULONG type;
    const void *at;
    ULONG len;
};

#define T(type, text)   { type, text, sizeof(text) - 1 }
#define V(type, value)  { type, &(value), sizeof(value) }
#define N(name)         { KDF_HASH_ALGORITHM, name, sizeof(name) }

/* A list, and beside it what CNG says is computed of it: how, by what digest, of which bytes before
 * and behind Z, under which key. */
struct derivation {
    const WCHAR *kdf;
    DWORD flags;
    struct param list[PARAMS];
    const char *digest, *before, *behind, *key;
    size_t bits; /* SP800_56A_CONCAT; 0: as long as Z */
};

static size_t join(BYTE *out, const char *before, const BYTE *z, size_t z_len, const char *behind)
{
    size_t at = strlen(before);

    memcpy(out, before, at);
    memcpy(out + at, z, z_len);
    memcpy(out + at + z_len, behind, strlen(behind));
    return at + z_len + strlen(behind);
}

static void openssl_kdf(const char *name, const char *digest, const BYTE *z, size_t z_len,
                        const char *param, const char *behind, BYTE *out, size_t len)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, name, NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    const char *secret = strcmp(name, "SSKDF") == 0 ? OSSL_KDF_PARAM_KEY : OSSL_KDF_PARAM_SECRET;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)(uintptr_t)digest, 0),
        OSSL_PARAM_construct_octet_string(secret, (void *)(uintptr_t)z, z_len),
        OSSL_PARAM_construct_octet_string(param, (void *)(uintptr_t)behind, strlen(behind)),
        OSSL_PARAM_construct_end(),
    };

    assert_int_equal(EVP_KDF_derive(ctx, out, len, params), 1);
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
}

/* Strings for all but Z: no parameter here has a NUL. Returns the length. */
static size_t expected(const struct derivation *w, const BYTE *z, size_t z_len, BYTE out[256])
{
    BYTE message[512];
    size_t len = join(message, w->before, z, z_len, w->behind), got = 0;

    if (w->kdf == hash) {
        assert_int_equal(EVP_Q_digest(NULL, w->digest, NULL, message, len, out, &got), 1);
    } else if (w->kdf == hmac) {
        bool by_z = strcmp(w->key, Z) == 0;

        assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, w->digest, NULL,
                                  by_z ? (const void *)z : w->key, by_z ? z_len : strlen(w->key),
                                  message, len, out, 256, &got));
    } else if (w->kdf == prf) {
        got = 48;
        openssl_kdf("TLS1-PRF", w->digest, z, z_len, OSSL_KDF_PARAM_SEED, w->behind, out, got);
    } else {
        got = w->bits != 0 ? w->bits / 8 : z_len;
        openssl_kdf("SSKDF", w->digest, z, z_len, OSSL_KDF_PARAM_INFO, w->behind, out, got);
    }
    return got;
}

/* CardDeriveKey with a list; `out` on success. */
static DWORD derive(PCARD_DATA data, CARD_DERIVE_KEY *info, const WCHAR *kdf,
                    const struct param list[PARAMS], BYTE out[256])
{
    BCryptBuffer buffers[PARAMS];
    BCryptBufferDesc desc = { BCRYPTBUFFER_VERSION, 0, buffers };
    DWORD rc;

    for (; desc.cBuffers < PARAMS && list[desc.cBuffers].at != NULL; desc.cBuffers++) {
        const struct param *p = &list[desc.cBuffers];

        buffers[desc.cBuffers] = (BCryptBuffer){ p->len, p->type, bytes(p->at) };
    }
    info->pwszKDF = wide(kdf);
    info->pParameterList = desc.cBuffers != 0 ? &desc : NULL;
    info->pbDerivedKey = bytes("stale");
    info->cbDerivedKey = 99;
    rc = data->pfnCardDeriveKey(data, info);
    if (rc != OK)
        assert_int_equal(info->cbDerivedKey, 0);
    if (rc != OK || (info->dwFlags & CARD_BUFFER_SIZE_ONLY) != 0) {
        assert_null(info->pbDerivedKey);
        return rc;
    }
    assert_in_range(info->cbDerivedKey, 1, 256);
    memcpy(out, info->pbDerivedKey, info->cbDerivedKey);
    mem_free(info->pbDerivedKey);
    return rc;
}

#define HK KDF_USE_SECRET_AS_HMAC_KEY_FLAG

static const struct derivation derivations[] = {
    { hash, 0, { { 0 } }, "SHA1", "", "", NULL, 0 },
    { hash, HK, { { 0 } }, "SHA1", "", "", NULL, 0 }, /* the flag is of HMAC */
    { hash, 0, { N(md5) }, "MD5", "", "", NULL, 0 },
    { hash, 0, { N(sha1) }, "SHA1", "", "", NULL, 0 },
    { hash, 0, { N(sha256) }, "SHA256", "", "", NULL, 0 },
    { hash, 0, { N(sha384) }, "SHA384", "", "", NULL, 0 },
    { hash, 0, { N(sha512) }, "SHA512", "", "", NULL, 0 },
    { hash, 0, { T(KDF_SECRET_PREPEND, "before") }, "SHA1", "before", "", NULL, 0 },
    { hash, 0, { T(KDF_SECRET_APPEND, "behind") }, "SHA1", "", "behind", NULL, 0 },
    { hash, 0, /* each kind in array order, however they alternate */
      { T(KDF_SECRET_APPEND, "d"), T(KDF_SECRET_PREPEND, "a"), T(KDF_SECRET_APPEND, "ef"),
        N(sha256), T(KDF_SECRET_PREPEND, "bc"), T(KDF_SECRET_APPEND, "g") },
      "SHA256", "abc", "defg", NULL, 0 },
    { hmac, 0, { { 0 } }, "SHA1", "", "", "", 0 },
    { hmac, 0, { T(KDF_HMAC_KEY, "a key") }, "SHA1", "", "", "a key", 0 },
    { hmac, HK, { { 0 } }, "SHA1", "", "", Z, 0 },
    { hmac, HK, { N(sha512), T(KDF_SECRET_PREPEND, "x"), T(KDF_SECRET_APPEND, "y") },
      "SHA512", "x", "y", Z, 0 },
    { hmac, 0, { T(KDF_HMAC_KEY, "k"), N(md5) }, "MD5", "", "", "k", 0 },
    { hmac, 0,
      { T(KDF_SECRET_APPEND, "2"), T(KDF_HMAC_KEY, SEED SEED SEED), T(KDF_SECRET_PREPEND, "1"),
        N(sha384) }, "SHA384", "1", "2", SEED SEED SEED, 0 }, /* longer than a block */
    { prf, 0, { T(KDF_TLS_PRF_LABEL, "master secret"), T(KDF_TLS_PRF_SEED, SEED) },
      "MD5-SHA1", "", "master secret" SEED, NULL, 0 },
    { prf, 0, { T(KDF_TLS_PRF_SEED, SEED), T(KDF_TLS_PRF_LABEL, "l") }, /* in any order */
      "MD5-SHA1", "", "l" SEED, NULL, 0 },
    { prf, 0, { T(KDF_TLS_PRF_LABEL, "l"), T(KDF_TLS_PRF_SEED, SEED),
                V(KDF_TLS_PRF_PROTOCOL, ssl30) }, "MD5-SHA1", "", "l" SEED, NULL, 0 },
    { prf, 0, { T(KDF_TLS_PRF_LABEL, "l"), T(KDF_TLS_PRF_SEED, SEED),
                V(KDF_TLS_PRF_PROTOCOL, tls10) }, "MD5-SHA1", "", "l" SEED, NULL, 0 },
    { prf, 0, { T(KDF_TLS_PRF_LABEL, "l"), T(KDF_TLS_PRF_SEED, SEED),
                V(KDF_TLS_PRF_PROTOCOL, tls11) }, "MD5-SHA1", "", "l" SEED, NULL, 0 },
    { prf, 0, { T(KDF_TLS_PRF_LABEL, "l"), T(KDF_TLS_PRF_SEED, SEED),
                V(KDF_TLS_PRF_PROTOCOL, dtls) }, "MD5-SHA1", "", "l" SEED, NULL, 0 },
    { prf, 0, { V(KDF_TLS_PRF_PROTOCOL, tls12), T(KDF_TLS_PRF_LABEL, "l"),
                T(KDF_TLS_PRF_SEED, SEED) }, "SHA256", "", "l" SEED, NULL, 0 },
    { prf, 0, { V(KDF_TLS_PRF_PROTOCOL, tls12), T(KDF_TLS_PRF_LABEL, "l"),
                T(KDF_TLS_PRF_SEED, SEED), N(sha256) }, "SHA256", "", "l" SEED, NULL, 0 },
    { prf, 0, { V(KDF_TLS_PRF_PROTOCOL, tls12), N(sha384), T(KDF_TLS_PRF_LABEL, "l"),
                T(KDF_TLS_PRF_SEED, SEED) }, "SHA384", "", "l" SEED, NULL, 0 },
    { concat, 0, { T(KDF_ALGORITHMID, "alg"), T(KDF_PARTYUINFO, "u"), T(KDF_PARTYVINFO, "v") },
      NULL, "", "alguv", NULL, 0 }, /* NULL: the digest of the curve */
    { concat, 0, { T(KDF_PARTYVINFO, "v"), T(KDF_SUPPPRIVINFO, "priv"), T(KDF_ALGORITHMID, "alg"),
                   T(KDF_SUPPPUBINFO, "pub"), T(KDF_PARTYUINFO, "u"), N(sha1) },
      "SHA1", "", "alguvpubpriv", NULL, 0 }, /* in the order of the standard */
    { concat, 0, { T(KDF_ALGORITHMID, "alg"), T(KDF_PARTYUINFO, "u"), T(KDF_PARTYVINFO, "v"),
                   N(sha256), V(KDF_KEYBITLENGTH, bits128) }, "SHA256", "", "alguv", NULL, 128 },
    { concat, 0, { T(KDF_ALGORITHMID, "alg"), T(KDF_PARTYUINFO, "u"), T(KDF_PARTYVINFO, "v"),
                   N(sha512), V(KDF_KEYBITLENGTH, bits1000) }, "SHA512", "", "alguv", NULL, 1000 },
    { concat, 0, { T(KDF_ALGORITHMID, "alg"), T(KDF_PARTYUINFO, "u"), T(KDF_PARTYVINFO, "v"),
                   N(md5), V(KDF_KEYBITLENGTH, bits2048) }, "MD5", "", "alguv", NULL, 2048 },
};

/* Both structures, and the length by itself: CARD_BUFFER_SIZE_ONLY asks the card nothing. */
static void derives(struct desk *d, BYTE index, const struct derivation *row, const BYTE *z,
                    size_t z_len)
{
    static const char *const by_curve[] = { "SHA256", "SHA384", "SHA512" };
    struct derivation w = *row;
    BYTE want[256], got[256];
    size_t len;

    if (w.digest == NULL)
        w.digest = by_curve[z_len == 32 ? 0 : z_len == 48 ? 1 : 2];
    len = expected(&w, z, z_len, want);
    for (DWORD version = 0; version <= 2; version++) {
        CARD_DERIVE_KEY info = { .dwVersion = version, .dwFlags = w.flags,
                                 .bSecretAgreementIndex = index };
        unsigned long before;

        assert_rc(derive(&d->data, &info, w.kdf, w.list, got), OK);
        if (info.cbDerivedKey != len || memcmp(got, want, len) != 0)
            fail_msg("derivation %zu, Z of %zu, version %u", (size_t)(row - derivations), z_len,
                     version);
        before = exchanges(d);
        info.dwFlags |= CARD_BUFFER_SIZE_ONLY;
        assert_rc(derive(&d->data, &info, w.kdf, w.list, got), OK);
        assert_int_equal(info.cbDerivedKey, len);
        assert_int_equal(exchanges(d), before);
    }
}

static void every_derivation(void **state)
{
    struct desk d;

    (void)state;
    desk_open(&d, CARD, 7);
    be_user(&d);
    for (size_t s = 0; s < ARRAY(specs); s++) {
        EVP_PKEY *key = agreement_key(&d, 0, specs[s]);
        BYTE z[Z_MAX], index = agree(&d, 0, specs[s], key, z);

        for (size_t i = 0; i < ARRAY(derivations); i++)
            derives(&d, index, &derivations[i], z, ec_field(specs[s]));
        EVP_PKEY_free(key);
    }
    assert_rc(d.data.pfnCardDeleteContainer(&d.data, 0, 0), OK);
    desk_close(&d);
}

/* A peer is looked for with which Z begins with a zero: it counts. */
static void leading_zero(void **state)
{
    struct desk d;
    EVP_PKEY *key, *peer = NULL;
    BYTE z[Z_MAX] = { 1 }, blob[EC_BLOB_MAX], index = 0;
    DWORD len;

    (void)state;
    desk_open(&d, CARD, 5);
    be_user(&d);
    key = agreement_key(&d, 0, AT_ECDHE_P256);
    while (z[0] != 0) {
        EVP_PKEY_free(peer);
        peer = ec_make(AT_ECDHE_P256);
        assert_int_equal(openssl_z(peer, key, z), 32);
    }
    len = (DWORD)ec_blob(peer, AT_ECDHE_P256, false, blob);
    assert_rc(agree_with(&d.data, 0, blob, len, &index), OK);
    for (size_t i = 0; i < ARRAY(derivations); i++)
        derives(&d, index, &derivations[i], z, 32);
    assert_rc(d.data.pfnCardDeleteContainer(&d.data, 0, 0), OK);
    EVP_PKEY_free(peer);
    EVP_PKEY_free(key);
    desk_close(&d);
}

/* ---- what is refused ------------------------------------------------------------------------- */

#define LABEL T(KDF_TLS_PRF_LABEL, "l")
#define SEEDS T(KDF_TLS_PRF_SEED, SEED)
#define OTHER T(KDF_ALGORITHMID, "a"), T(KDF_PARTYUINFO, "u"), T(KDF_PARTYVINFO, "v")

/* CMR.4.3.3.E8 */
static const struct {
    const WCHAR *kdf;
    DWORD flags;
    struct param list[PARAMS];
} bad_lists[] = {
    { hash, 0, { N(aes) } },
    { hash, 0, { N(sha1), N(sha1) } },
    { hash, 0, { { KDF_HASH_ALGORITHM, sha256, 5 } } },
    { hash, 0, { T(KDF_HMAC_KEY, "k") } },
    { hash, 0, { LABEL } },
    { hash, 0, { T(KDF_ALGORITHMID, "a") } },
    { hash, 0, { V(KDF_KEYBITLENGTH, bits128) } },
    { hash, 0, { T(0x0D, "?") } },
    { hash, 0, { T(0x13, "?") } },
    { hash, 0, { T(0x80000000, "?") } },
    { hmac, 0, { T(KDF_HMAC_KEY, "k"), T(KDF_HMAC_KEY, "k") } },
    { hmac, HK, { T(KDF_HMAC_KEY, "k") } }, /* the key is Z, or it is given */
    { hmac, 0, { SEEDS } },
    { prf, 0, { { 0 } } },
    { prf, 0, { LABEL } },
    { prf, 0, { SEEDS } },
    { prf, 0, { LABEL, T(KDF_TLS_PRF_SEED, SEED63) } },
    { prf, 0, { LABEL, T(KDF_TLS_PRF_SEED, SEED "x") } },
    { prf, 0, { LABEL, SEEDS, SEEDS } },
    { prf, 0, { LABEL, SEEDS, V(KDF_TLS_PRF_PROTOCOL, tls13) } },
    { prf, 0, { LABEL, SEEDS, V(KDF_TLS_PRF_PROTOCOL, zero) } },
    { prf, 0, { LABEL, SEEDS, { KDF_TLS_PRF_PROTOCOL, &tls12, 2 } } },
    { prf, 0, { LABEL, SEEDS, N(sha256) } }, /* TLS 1.0 has its digests */
    { prf, 0, { LABEL, SEEDS, V(KDF_TLS_PRF_PROTOCOL, tls12), N(sha1) } },
    { prf, 0, { LABEL, SEEDS, V(KDF_TLS_PRF_PROTOCOL, tls12), N(sha512) } },
    { prf, 0, { LABEL, SEEDS, T(KDF_SECRET_APPEND, "x") } },
    { concat, 0, { { 0 } } },
    { concat, 0, { T(KDF_ALGORITHMID, "a"), T(KDF_PARTYUINFO, "u") } },
    { concat, 0, { T(KDF_PARTYUINFO, "u"), T(KDF_PARTYVINFO, "v") } },
    { concat, 0, { OTHER, V(KDF_KEYBITLENGTH, zero) } },
    { concat, 0, { OTHER, V(KDF_KEYBITLENGTH, seven) } },
    { concat, 0, { OTHER, { KDF_KEYBITLENGTH, &bits128, 3 } } },
    { concat, 0, { OTHER, T(KDF_SECRET_PREPEND, "x") } },
    { concat, 0, { OTHER, T(KDF_PARTYUINFO, "u") } },
};

#define SIZE   CARD_BUFFER_SIZE_ONLY
#define HANDLE_FLAG CARD_RETURN_KEY_HANDLE

/* CMR.4.3.3.E3, E5; a handle in place of the bytes is of version 7 alone. */
static const struct {
    DWORD context, version, flags, want;
} shapes[] = {
    { 5, 0, 0, OK }, { 5, 1, 0, OK }, { 5, 2, 0, OK }, { 5, 3, 0, ERROR_REVISION_MISMATCH },
    { 6, 0, 0, OK }, { 6, 1, 0, OK }, { 6, 2, 0, OK }, { 6, 3, 0, ERROR_REVISION_MISMATCH },
    { 7, 0, 0, OK }, { 7, 1, 0, OK }, { 7, 2, 0, OK }, { 7, 3, 0, ERROR_REVISION_MISMATCH },
    { 7, 0xFFFFFFFF, 0, ERROR_REVISION_MISMATCH },
    { 7, 3, 0x80, ERROR_REVISION_MISMATCH }, /* E3 is before E5 */
    { 7, 1, HK, OK }, { 7, 1, SIZE, OK }, { 7, 1, SIZE | HK, OK },
    { 7, 1, 2, INVALID }, { 7, 1, 0x80, INVALID }, { 7, 1, CARD_PADDING_INFO_PRESENT, INVALID },
    { 5, 2, HANDLE_FLAG, INVALID }, { 6, 2, HANDLE_FLAG, INVALID },
    { 7, 1, HANDLE_FLAG, INVALID }, { 7, 0, HANDLE_FLAG, INVALID },
    { 7, 2, HANDLE_FLAG, SCARD_E_UNSUPPORTED_FEATURE },
    { 7, 2, HANDLE_FLAG | HK | SIZE, SCARD_E_UNSUPPORTED_FEATURE },
    { 7, 2, HANDLE_FLAG | 2, INVALID },
};

static void refused(void **state)
{
    static const struct param none[PARAMS];
    BYTE z[Z_MAX], out[256], index;
    struct desk d;
    EVP_PKEY *key;
    long live;

    (void)state;
    desk_open(&d, CARD, 7);
    be_user(&d);
    key = agreement_key(&d, 0, AT_ECDHE_P256);
    index = agree(&d, 0, AT_ECDHE_P256, key, z);
    live = mem_live();
    for (size_t i = 0; i < ARRAY(bad_lists); i++) {
        CARD_DERIVE_KEY info = { .dwVersion = 1, .dwFlags = bad_lists[i].flags,
                                 .bSecretAgreementIndex = index };
        DWORD rc = derive(&d.data, &info, bad_lists[i].kdf, bad_lists[i].list, out);

        if (rc != INVALID)
            fail_msg("list %zu: %08x", i, rc);
        info.dwFlags |= SIZE; /* nor is there a length */
        assert_rc(derive(&d.data, &info, bad_lists[i].kdf, bad_lists[i].list, out), INVALID);
        info.dwFlags = HANDLE_FLAG; /* 7a is before E8, behind E7 */
        info.dwVersion = 2;
        assert_rc(derive(&d.data, &info, bad_lists[i].kdf, bad_lists[i].list, out),
                  SCARD_E_UNSUPPORTED_FEATURE);
        info.bSecretAgreementIndex ^= 1;
        assert_rc(derive(&d.data, &info, bad_lists[i].kdf, bad_lists[i].list, out), INVALID);
    }
    assert_int_equal(mem_live(), live);
    derives(&d, index, &derivations[0], z, 32); /* it is still there */
    desk_close(&d);
    for (size_t i = 0; i < ARRAY(shapes); i++) {
        CARD_DERIVE_KEY info = { .dwVersion = shapes[i].version, .dwFlags = shapes[i].flags };
        DWORD rc;

        desk_open(&d, CARD, shapes[i].context);
        be_user(&d);
        info.bSecretAgreementIndex = agree(&d, 0, AT_ECDHE_P256, key, z);
        /* a structure of another version is not written to: derive() would not see that */
        if (shapes[i].want == ERROR_REVISION_MISMATCH) {
            info.pwszKDF = wide(hash);
            info.pbDerivedKey = bytes("mine");
            rc = d.data.pfnCardDeriveKey(&d.data, &info);
            assert_string_equal((const char *)info.pbDerivedKey, "mine");
        } else {
            rc = derive(&d.data, &info, hash, none, out);
        }
        if (rc != shapes[i].want)
            fail_msg("shape %zu: %08x", i, rc);
        desk_close(&d);
    }
    EVP_PKEY_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        desk_test(every_derivation),
        desk_test(leading_zero),
        desk_test(refused),
    };

    return cmocka_run_group_tests(tests, home_begin, home_end);
}
