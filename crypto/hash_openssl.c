/* SPDX-License-Identifier: MIT */
/* hash.h with OpenSSL's libcrypto. handle[0]: EVP_MD_CTX or EVP_MAC_CTX. */
#include "crypto/hash.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

static const char *const names[] = { [DIGEST_MD5] = "MD5",
                                     [DIGEST_SHA1] = "SHA1",
                                     [DIGEST_SHA256] = "SHA256",
                                     [DIGEST_SHA384] = "SHA384",
                                     [DIGEST_SHA512] = "SHA512" };

static bool begin_hash(EVP_MD_CTX *ctx, const char *name)
{
    EVP_MD *md = EVP_MD_fetch(NULL, name, NULL);
    bool ok = ctx != NULL && md != NULL && EVP_DigestInit_ex2(ctx, md, NULL) == 1;

    EVP_MD_free(md); /* the context holds one too */
    return ok;
}

static bool begin_hmac(EVP_MAC_CTX *ctx, const char *name, const struct span *key)
{
    char digest[8];
    const uint8_t none = 0;
    OSSL_PARAM params[2];

    OPENSSL_strlcpy(digest, name, sizeof(digest)); /* OSSL_PARAM takes no const */
    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0);
    params[1] = OSSL_PARAM_construct_end();
    /* A NULL key means "keep the old one" to OpenSSL, not "empty". */
    return ctx != NULL && EVP_MAC_init(ctx, key->len != 0 ? key->at : &none, key->len, params) == 1;
}

void hashing_begin(struct hashing *h, enum digest alg, const struct span *key)
{
    EVP_MAC *mac = NULL;

    *h = (struct hashing){ .alg = alg, .keyed = key != NULL };
    ERR_set_mark(); /* the caller's queue of errors stays as it is */
    if (digest_len(alg) == 0 || (key != NULL && key->len != 0 && key->at == NULL)) {
        h->bad = true;
    } else if (key != NULL) {
        mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
        h->handle[0] = mac != NULL ? EVP_MAC_CTX_new(mac) : NULL;
        h->bad = !begin_hmac(h->handle[0], names[alg], key);
        EVP_MAC_free(mac);
    } else {
        h->handle[0] = EVP_MD_CTX_new();
        h->bad = !begin_hash(h->handle[0], names[alg]);
    }
}

void hashing_add(struct hashing *h, struct span piece)
{
    if (piece.len == 0 || h->bad)
        return;
    if (piece.at == NULL)
        h->bad = true;
    else if (h->keyed)
        h->bad = EVP_MAC_update(h->handle[0], piece.at, piece.len) != 1;
    else
        h->bad = EVP_DigestUpdate(h->handle[0], piece.at, piece.len) != 1;
}

bool hashing_end(struct hashing *h, uint8_t *out)
{
    size_t len = 0;

    if (!h->bad && h->keyed)
        h->bad = EVP_MAC_final(h->handle[0], out, &len, digest_len(h->alg)) != 1;
    else if (!h->bad)
        h->bad = EVP_DigestFinal_ex(h->handle[0], out, NULL) != 1;
    if (h->keyed)
        EVP_MAC_CTX_free(h->handle[0]);
    else
        EVP_MD_CTX_free(h->handle[0]);
    h->handle[0] = NULL;
    ERR_pop_to_mark();
    return !h->bad;
}
