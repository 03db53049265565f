/* SPDX-License-Identifier: MIT */
#include "kit/bench/scenario.h"

#include "kit/bench/bench.h"

#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

void scenario_step(struct run *r, const char *name, DWORD rc, const char *call)
{
    run_note(r, "%s: %s -> %s", name, call, kit_code(rc));
    if (rc != SCARD_S_SUCCESS)
        run_fail(r, "every step succeeds", "%s at the step %s", kit_code(rc), name);
}

static void connect(struct scenario *s)
{
    struct run *r = s->run;
    struct host_policy policy = host_policy_default();
    struct host_options options = { .module = r->config->module, .pcsc = r->config->pcsc,
                                    .reader = r->config->readers[0], .version = r->version,
                                    .policy = &policy };
    struct host_error err;

    policy.TransactionTimeoutMilliseconds = 0;
    if (host_open(&options, &s->host, &err) != SCARD_S_SUCCESS)
        run_blocked(r, "%s", err.says);
    NEED(r, host_begin(s->host));
}

void scenario_again(struct scenario *s)
{
    host_end(s->host);
    host_close(s->host);
    connect(s);
}

void scenario_second(struct scenario *s, struct scenario *ret)
{
    host_end(s->host);
    *ret = (struct scenario){ s->run, NULL, s->container };
    connect(ret);
}

void scenario_back(struct scenario *second, struct scenario *s)
{
    host_end(second->host);
    host_close(second->host);
    NEED(s->run, host_begin(s->host));
}

void scenario_open(struct run *r, struct scenario *s, const char *container)
{
    const struct kit_secret *key = &r->config->admin_key;

    *s = (struct scenario){ r, NULL, container };
    connect(s);
    NEED(r, host_create_card(s->host, key->bytes, key->len));
    NEED(r, host_logout(s->host));
    scenario_login(s, "before the sequence");
    (void)host_container_delete(s->host, container);
    NEED(r, host_logout(s->host));
}

void scenario_close(struct scenario *s)
{
    scenario_login(s, "after the sequence");
    NEED(s->run, host_container_delete(s->host, s->container));
    host_end(s->host);
    host_close(s->host);
}

void scenario_login(struct scenario *s, const char *step)
{
    const struct kit_secret *pin = &s->run->config->user_pin;

    STEP(s->run, step, host_login(s->host, pin->bytes, pin->len, NULL));
}

void scenario_key(struct scenario *s, DWORD spec)
{
    DWORD bits = 0;

    if (spec == AT_SIGNATURE || spec == AT_KEYEXCHANGE)
        bits = s->run->config->rsa_bits[0] != 0 ? s->run->config->rsa_bits[0] : 1024;
    STEP(s->run, "generate the key",
         host_container_create(s->host, s->container, spec, bits, NULL));
}

EVP_PKEY *scenario_public(struct scenario *s, DWORD spec)
{
    BYTE *der = NULL;
    size_t len = 0;
    const unsigned char *at;
    EVP_PKEY *key;

    STEP(s->run, "export the public key",
         host_public_key(s->host, s->container, spec, &der, &len));
    at = der;
    key = d2i_PUBKEY(NULL, &at, (long)len);
    host_free(der, len);
    if (key == NULL)
        run_fail(s->run, "a public key", "what is no SubjectPublicKeyInfo");
    return key;
}

/* ---- a certification authority ------------------------------------------------------------------ */

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

void scenario_certificate(struct scenario *s, DWORD spec)
{
    EVP_PKEY *key = scenario_public(s, spec);
    BYTE der[4096], *back = NULL;
    size_t len = issue(key, der, sizeof(der)), back_len = 0;
    bool same;

    EVP_PKEY_free(key);
    if (len == 0)
        run_blocked(s->run, "no certificate can be made");
    STEP(s->run, "store the certificate (KP_CERTIFICATE)",
         host_cert_write(s->host, s->container, spec, der, len));
    STEP(s->run, "read it back",
         host_cert_read(s->host, s->container, spec, &back, &back_len));
    same = back_len == len && memcmp(back, der, len) == 0;
    host_free(back, back_len);
    CHECK(s->run, same, "another certificate than was written");
}

/* ---- signatures ---------------------------------------------------------------------------------- */

void scenario_sign(struct scenario *s, DWORD spec, const char *step, const BYTE *data, size_t len)
{
    EVP_PKEY *key = scenario_public(s, spec);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    BYTE digest[20], *sig = NULL;
    size_t sig_len = 0;
    bool ok;

    if (EVP_Q_digest(NULL, "SHA1", NULL, data, len, digest, NULL) != 1)
        run_blocked(s->run, "no SHA-1");
    STEP(s->run, step, host_sign(s->host, s->container, spec, CALG_SHA1, digest, sizeof(digest),
                                 &sig, &sig_len));
    ok = ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 &&
         EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha1()) == 1 &&
         EVP_PKEY_verify(ctx, sig, sig_len, digest, sizeof(digest)) == 1;
    host_free(sig, sig_len);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    CHECK(s->run, ok, "the signature is not one of the key that the card shows");
    run_note(s->run, "verify the signature in software -> good");
}

/* ---- session keys -------------------------------------------------------------------------------- */

#define SESSION_LEN 32u /* AES-256; 3DES takes the first 24, RC2 16 */

static size_t crypt(struct run *r, const char *name, const BYTE *key, const BYTE *iv, bool encrypt,
                    const BYTE *in, size_t len, BYTE *out)
{
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int first = 0, last = 0;
    bool ok = cipher != NULL && ctx != NULL &&
              EVP_CipherInit_ex2(ctx, cipher, key, iv, encrypt ? 1 : 0, NULL) == 1 &&
              EVP_CipherUpdate(ctx, out, &first, in, (int)len) == 1 &&
              EVP_CipherFinal_ex(ctx, out + first, &last) == 1;

    EVP_CIPHER_CTX_free(ctx);
    EVP_CIPHER_free(cipher);
    if (!ok)
        run_blocked(r, "%s cannot be computed here", name);
    return (size_t)first + (size_t)last;
}

/* Under the card's public key: what a SIMPLEBLOB holds. */
static size_t wrap(struct scenario *s, const BYTE *key, BYTE *out, size_t room)
{
    EVP_PKEY *public = scenario_public(s, AT_KEYEXCHANGE);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(public, NULL);
    size_t len = room;
    bool ok = ctx != NULL && EVP_PKEY_encrypt_init(ctx) == 1 &&
              EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
              EVP_PKEY_encrypt(ctx, out, &len, key, SESSION_LEN) == 1;

    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(public);
    if (!ok)
        run_blocked(s->run, "the session key cannot be wrapped");
    return len;
}

/* RC2 is with OpenSSL's old algorithms. */
static void old_algorithms(void)
{
    if (!OSSL_PROVIDER_available(NULL, "legacy")) {
        (void)OSSL_PROVIDER_load(NULL, "legacy");
        (void)OSSL_PROVIDER_load(NULL, "default");
    }
}

void scenario_session(struct scenario *s, const char *cipher, const BYTE *data, size_t len)
{
    BYTE key[SESSION_LEN], iv[16], sealed[8192 + 16], opened[8192 + 16], blob[1024], *back = NULL;
    size_t sealed_len, blob_len, back_len = 0, opened_len;

    old_algorithms();
    if (len > 8192 || RAND_bytes(key, sizeof(key)) != 1 || RAND_bytes(iv, sizeof(iv)) != 1)
        run_blocked(s->run, "no session key");
    sealed_len = crypt(s->run, cipher, key, iv, true, data, len, sealed);
    run_note(s->run, "encrypt with a session key of %s", cipher);
    blob_len = wrap(s, key, blob, sizeof(blob));
    run_note(s->run, "export it under the card's public key (SIMPLEBLOB)");
    STEP(s->run, "import the session key: the card decrypts it",
         host_decrypt(s->host, s->container, HOST_PAD_PKCS1, blob, blob_len, &back, &back_len));
    if (back_len != SESSION_LEN || memcmp(back, key, SESSION_LEN) != 0)
        run_fail(s->run, "the session key", "%zu other bytes", back_len);
    opened_len = crypt(s->run, cipher, back, iv, false, sealed, sealed_len, opened);
    host_free(back, back_len);
    CHECK(s->run, opened_len == len && memcmp(opened, data, len) == 0,
          "what was decrypted is not what was encrypted");
}
