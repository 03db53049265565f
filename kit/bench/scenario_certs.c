/* SPDX-License-Identifier: MIT */
/* Requests and certificates of the sequences: by an authority of the run, and by the card itself. */
#include "kit/bench/scenario.h"

#include "kit/bench/bench.h"

#include <openssl/x509.h>
#include <string.h>

static bool fill(X509 *cert, EVP_PKEY *subject)
{
    X509_NAME *name = X509_get_subject_name(cert);

    return X509_set_version(cert, X509_VERSION_3) == 1 &&
           ASN1_INTEGER_set(X509_get_serialNumber(cert), 1) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(cert), 0) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(cert), 86400) != NULL &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"kit", -1, -1,
                                      0) == 1 &&
           X509_set_issuer_name(cert, name) == 1 && X509_set_pubkey(cert, subject) == 1;
}

static size_t issue(EVP_PKEY *subject, BYTE *der, size_t room)
{
    EVP_PKEY *authority = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    size_t len = 0;

    if (authority != NULL && cert != NULL && fill(cert, subject) &&
        X509_sign(cert, authority, EVP_sha256()) > 0) {
        int need = i2d_X509(cert, NULL);
        unsigned char *at = der;

        if (need > 0 && (size_t)need <= room)
            len = (size_t)i2d_X509(cert, &at);
    }
    X509_free(cert);
    EVP_PKEY_free(authority);
    return len;
}

/* Written to the card, and read back. */
static void store(struct scenario *s, DWORD spec, const BYTE *der, size_t len)
{
    BYTE *back = NULL;
    size_t back_len = 0;
    bool same;

    STEP(s->run, "store the certificate (KP_CERTIFICATE)",
         host_cert_write(s->host, s->container, spec, der, len));
    STEP(s->run, "read it back",
         host_cert_read(s->host, s->container, spec, &back, &back_len));
    same = back_len == len && memcmp(back, der, len) == 0;
    host_free(back, back_len);
    CHECK(s->run, same, "another certificate than was written");
}

void scenario_certificate(struct scenario *s, DWORD spec)
{
    EVP_PKEY *key = scenario_public(s, spec);
    BYTE der[4096];
    size_t len = issue(key, der, sizeof(der));

    EVP_PKEY_free(key);
    if (len == 0)
        run_blocked(s->run, "no certificate can be made");
    store(s, spec, der, len);
}

/* ---- signed by the card ------------------------------------------------------------------------- */

/* That its signature is right, libcrypto says. */
void scenario_request(struct scenario *s, DWORD spec, ALG_ID hash)
{
    struct host_error err;
    BYTE *der = NULL;
    size_t len = 0;
    const unsigned char *at;
    X509_REQ *req;
    bool good;

    STEP(s->run, "sign the request",
         host_cert_request(s->host, s->container, spec, "/CN=kit", NULL, hash, &der, &len, &err));
    at = der;
    req = d2i_X509_REQ(NULL, &at, (long)len);
    good = req != NULL && X509_REQ_verify(req, X509_REQ_get0_pubkey(req)) == 1;
    X509_REQ_free(req);
    host_free(der, len);
    CHECK(s->run, good, "a request whose signature is wrong");
}

/* Whole, by a key of the same kind that is thrown away: the card's signature takes the place of
 * its. */
static X509 *stand_in(EVP_PKEY *subject, const EVP_MD *md)
{
    EVP_PKEY *key = EVP_PKEY_is_a(subject, "RSA") ? EVP_RSA_gen(1024) : EVP_EC_gen("P-256");
    X509 *cert = X509_new();

    if (key == NULL || cert == NULL || !fill(cert, subject) || X509_sign(cert, key, md) <= 0) {
        X509_free(cert);
        cert = NULL;
    }
    EVP_PKEY_free(key);
    return cert;
}

static void sign_by_card(struct scenario *s, DWORD spec, ALG_ID hash, X509 *cert)
{
    unsigned char *body = NULL;
    int len = i2d_re_X509_tbs(cert, &body);
    BYTE digest[EVP_MAX_MD_SIZE], *sig = NULL;
    unsigned digest_len = 0;
    size_t sig_len = 0;
    const ASN1_BIT_STRING *place;

    if (len <= 0 || EVP_Digest(body, (size_t)len, digest, &digest_len, scenario_md(hash), NULL) != 1)
        run_blocked(s->run, "no certificate can be made");
    OPENSSL_free(body);
    STEP(s->run, "CryptSignAndEncodeCertificate",
         host_sign(s->host, s->container, spec, hash, digest, digest_len, &sig, &sig_len));
    X509_get0_signature(&place, NULL, cert);
    if (ASN1_STRING_set((ASN1_STRING *)(uintptr_t)place, sig, (int)sig_len) != 1)
        run_blocked(s->run, "no memory");
    host_free(sig, sig_len);
}

void scenario_own_certificate(struct scenario *s, DWORD spec, ALG_ID hash)
{
    EVP_PKEY *key = scenario_public(s, spec);
    X509 *cert = stand_in(key, scenario_md(hash));
    unsigned char *der = NULL;
    int len;

    if (cert == NULL)
        run_blocked(s->run, "no certificate can be made");
    sign_by_card(s, spec, hash, cert);
    CHECK(s->run, X509_verify(cert, key) == 1, "a certificate that the card's key has not signed");
    len = i2d_X509(cert, &der);
    if (len <= 0)
        run_blocked(s->run, "no certificate can be made");
    store(s, spec, der, (size_t)len);
    OPENSSL_free(der);
    X509_free(cert);
    EVP_PKEY_free(key);
}
