/* SPDX-License-Identifier: MIT */
/* Certificate requests: PKCS#10 (RFC 2986), signed by the card. */
#include "host/host_internal.h"

#include <openssl/x509v3.h>
#define DER_MOST 65536

static bool add_alt_names(X509_REQ *req, const char *text, struct host_error *err)
{
    GENERAL_NAMES *names = alt_names_parse(text, err);
    STACK_OF(X509_EXTENSION) *all = NULL;
    bool ok = names != NULL &&
              X509V3_add1_i2d(&all, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1 &&
              X509_REQ_add_extensions(req, all) == 1;

    sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
    sk_GENERAL_NAME_pop_free(names, GENERAL_NAME_free);
    return ok;
}

static DWORD set_key(struct host *host, const struct key_ref *key, X509_REQ *req)
{
    struct public_key parsed;
    EVP_PKEY *loaded = NULL;
    BYTE *blob = NULL;
    size_t len = 0;
    DWORD rc = key_blob(host, key, &blob, &len);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (public_key_parse(blob, len, &parsed))
        loaded = public_key_load(&parsed);
    if (loaded == NULL || X509_REQ_set_pubkey(req, loaded) != 1)
        rc = NTE_BAD_KEY;
    EVP_PKEY_free(loaded);
    host_free(blob, len);
    return rc;
}

static ALG_ID default_hash(const struct key_ref *key)
{
    return key->rsa || key->bits == 256 ? CALG_SHA_256
           : key->bits == 384           ? CALG_SHA_384
                                        : CALG_SHA_512;
}

/* What is signed: the request without its signature. */
static bool digest_of(X509_REQ *req, const struct hash_alg *hash, BYTE *digest)
{
    unsigned char *tbs = NULL;
    int len = i2d_re_X509_REQ_tbs(req, &tbs);
    bool ok = len > 0 &&
              EVP_Q_digest(NULL, hash->openssl, NULL, tbs, (size_t)len, digest, NULL) == 1;

    OPENSSL_free(tbs);
    return ok;
}

/* RFC 8017 A.2.4: parameters NULL; RFC 5758 3.2: absent. */
static bool set_algorithm(X509_REQ *req, const struct hash_alg *hash, bool rsa)
{
    X509_ALGOR *algorithm = X509_ALGOR_new();
    int nid = NID_undef;
    bool ok = algorithm != NULL &&
              OBJ_find_sigid_by_algs(&nid, OBJ_txt2nid(hash->openssl),
                                     rsa ? NID_rsaEncryption : NID_X9_62_id_ecPublicKey) == 1 &&
              X509_ALGOR_set0(algorithm, OBJ_nid2obj(nid), rsa ? V_ASN1_NULL : V_ASN1_UNDEF,
                              NULL) == 1 &&
              X509_REQ_set1_signature_algo(req, algorithm) == 1;

    X509_ALGOR_free(algorithm);
    return ok;
}

static bool set_signature(X509_REQ *req, const BYTE *sig, size_t len)
{
    ASN1_BIT_STRING *bits = ASN1_BIT_STRING_new();

    if (bits == NULL || ASN1_BIT_STRING_set(bits, (unsigned char *)(uintptr_t)sig, (int)len) != 1) {
        ASN1_BIT_STRING_free(bits);
        return false;
    }
    bits->flags &= ~(ASN1_STRING_FLAG_BITS_LEFT | 0x07); /* no unused bits */
    bits->flags |= ASN1_STRING_FLAG_BITS_LEFT;
    X509_REQ_set0_signature(req, bits);
    return true;
}

static DWORD sign_request(struct host *host, const char *container, const struct key_ref *key,
                          ALG_ID alg, X509_REQ *req)
{
    const struct hash_alg *hash = hash_by_id(alg != 0 ? alg : default_hash(key));
    BYTE digest[EVP_MAX_MD_SIZE];
    BYTE *sig = NULL;
    size_t len = 0;
    DWORD rc;

    if (hash == NULL || hash->cng == NULL || !set_algorithm(req, hash, key->rsa))
        return NTE_BAD_ALGID;
    if (!digest_of(req, hash, digest))
        return NTE_FAIL;
    rc = host_sign(host, container, key->spec, hash->id, digest, hash->len, &sig, &len);
    if (rc == SCARD_S_SUCCESS && !set_signature(req, sig, len))
        rc = ERROR_NOT_ENOUGH_MEMORY;
    if (rc == SCARD_S_SUCCESS && X509_REQ_verify(req, X509_REQ_get0_pubkey(req)) != 1)
        rc = NTE_BAD_SIGNATURE; /* whoever issues certificates would say so later, and less well */
    host_free(sig, len);
    return rc;
}

static DWORD encode(X509_REQ *req, BYTE **ret_der, size_t *ret_len)
{
    unsigned char *der = NULL;
    int len = i2d_X509_REQ(req, &der);

    if (len <= 0 || len > DER_MOST) {
        OPENSSL_free(der);
        return NTE_FAIL;
    }
    *ret_der = host_copy(der, (size_t)len);
    *ret_len = (size_t)len;
    OPENSSL_free(der);
    return *ret_der != NULL ? SCARD_S_SUCCESS : ERROR_NOT_ENOUGH_MEMORY;
}

static DWORD complete(struct host *host, const char *container, DWORD spec, ALG_ID hash,
                      X509_REQ *req)
{
    struct key_ref key;
    DWORD rc = host_begin(host);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = key_find(host, container, spec, &key);
    if (rc == SCARD_S_SUCCESS)
        rc = set_key(host, &key, req);
    if (rc == SCARD_S_SUCCESS)
        rc = sign_request(host, container, &key, hash, req);
    host_end(host);
    return rc;
}

DWORD host_cert_request_check(const char *subject, const char *alt_names, struct host_error *err)
{
    struct host_error why = { 0 };
    X509_NAME *name = subject != NULL ? subject_parse(subject, &why) : NULL;
    GENERAL_NAMES *others = NULL;
    bool ok = name != NULL;

    if (ok && alt_names != NULL) {
        others = alt_names_parse(alt_names, &why);
        ok = others != NULL;
    }
    X509_NAME_free(name);
    sk_GENERAL_NAME_pop_free(others, GENERAL_NAME_free);
    if (ok)
        return SCARD_S_SUCCESS;
    return host_fail(err, CRYPT_E_INVALID_X500_STRING, "%s",
                     why.code != 0 ? why.says : host_says(CRYPT_E_INVALID_X500_STRING));
}

DWORD host_cert_request(struct host *host, const char *container, DWORD spec, const char *subject,
                        const char *alt_names, ALG_ID hash, BYTE **ret_der, size_t *ret_len,
                        struct host_error *err)
{
    X509_REQ *req = X509_REQ_new();
    X509_NAME *name = NULL;
    DWORD rc = CRYPT_E_INVALID_X500_STRING;

    if (err != NULL)
        *err = (struct host_error){ 0 };
    if (req != NULL && subject != NULL)
        name = subject_parse(subject, err);
    if (name != NULL && X509_REQ_set_version(req, X509_REQ_VERSION_1) == 1 &&
        X509_REQ_set_subject_name(req, name) == 1 &&
        (alt_names == NULL || add_alt_names(req, alt_names, err)))
        rc = complete(host, container, spec, hash, req);
    if (rc == SCARD_S_SUCCESS)
        rc = encode(req, ret_der, ret_len);
    X509_NAME_free(name);
    X509_REQ_free(req);
    if (rc != SCARD_S_SUCCESS && err != NULL && err->code == 0)
        (void)host_fail(err, rc, "%s", host_says(rc));
    return rc;
}
