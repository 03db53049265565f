/* SPDX-License-Identifier: MIT */
#include "kit/bench/scenario.h"

#include "kit/bench/fixture_keys.h"

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
    DWORD rc;

    policy.TransactionTimeoutMilliseconds = 0;
    policy.AllowPrivateSignatureKeyImport = policy.AllowPrivateExchangeKeyImport = true;
    policy.AllowPrivateECDHEKeyImport = policy.AllowPrivateECDSAKeyImport = true;
    rc = host_open(&options, &s->host, &err);
    if (rc != SCARD_S_SUCCESS)
        run_note(r, "%s", err.says);
    STEP(r, "CryptAcquireContext", rc);
    NEED(r, host_begin(s->host));
}

void scenario_another(struct scenario *of, struct scenario *ret)
{
    host_end(of->host);
    *ret = *of;
    connect(ret);
}

void scenario_leave(struct scenario *s)
{
    host_end(s->host);
    host_close(s->host);
}

void scenario_again(struct scenario *s)
{
    scenario_leave(s);
    connect(s);
}

/* A module need not have CardDeauthenticate: the host resets the card then. */
static void log_out(struct scenario *s)
{
    if (host_logout(s->host) == SCARD_S_SUCCESS)
        return;
    host_end(s->host);
    NEED(s->run, host_begin(s->host));
}

/* What keys the card has, and how it comes by them: before the host has the card. */
static void look_at_card(struct run *r, struct scenario *s)
{
    struct bench b;

    bench_open(r, &b);
    s->rsa_bits = fixture_rsa_bits(&b);
    s->generates = can_generate(&b);
    bench_close(&b);
}

/* The minidriver file system, which the admin alone can make. */
static void see_to_files(struct scenario *s)
{
    const struct kit_secret *key = &s->run->config->admin_key;
    struct host_info about;

    if (key->len != 0) {
        NEED(s->run, host_create_card(s->host, key->bytes, key->len));
        log_out(s);
        return;
    }
    NEED(s->run, host_info(s->host, &about));
    if (!about.has_card_id)
        run_not_applicable(s->run, "the card has no minidriver file system, and no admin_key is "
                                   "configured to make it");
}

void scenario_open(struct run *r, struct scenario *s, const char *container)
{
    *s = (struct scenario){ .run = r, .container = container };
    look_at_card(r, s);
    connect(s);
    see_to_files(s);
    scenario_login(s, "before the sequence");
    (void)host_container_delete(s->host, container);
    log_out(s);
}

void scenario_close(struct scenario *s)
{
    scenario_login(s, "after the sequence");
    NEED(s->run, host_container_delete(s->host, s->container));
    scenario_leave(s);
}

void scenario_login(struct scenario *s, const char *step)
{
    const struct kit_secret *pin = &s->run->config->user_pin;

    STEP(s->run, step, host_login(s->host, pin->bytes, pin->len, NULL));
}

/* A card that makes none: the provider does, and brings it. */
static DWORD bring_key(struct scenario *s, DWORD spec, DWORD bits)
{
    EVP_PKEY *key = key_make(spec, bits);
    unsigned char *der = NULL;
    int len = key != NULL ? i2d_PrivateKey(key, &der) : 0;
    struct host_error err;
    DWORD rc;

    EVP_PKEY_free(key);
    if (len <= 0)
        run_blocked(s->run, "no key %s can be made to bring", spec_name(spec));
    rc = host_container_import(s->host, s->container, spec, der, (size_t)len, NULL, NULL, &err);
    OPENSSL_clear_free(der, (size_t)len);
    return rc;
}

void scenario_key(struct scenario *s, DWORD spec)
{
    const DWORD bits = spec_is_rsa(spec) ? s->rsa_bits : 0;

    if (s->generates)
        STEP(s->run, "generate the key",
             host_container_create(s->host, s->container, spec, bits, NULL));
    else
        STEP(s->run, "bring the key, which the card does not make", bring_key(s, spec, bits));
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

/* ---- signatures ---------------------------------------------------------------------------------- */

static bool verifies(EVP_PKEY *key, const EVP_MD *md, const BYTE *digest, size_t len,
                     const BYTE *sig, size_t sig_len)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    bool ok = ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 &&
              EVP_PKEY_CTX_set_signature_md(ctx, md) == 1 &&
              EVP_PKEY_verify(ctx, sig, sig_len, digest, len) == 1;

    EVP_PKEY_CTX_free(ctx);
    return ok;
}

const EVP_MD *scenario_md(ALG_ID hash)
{
    return hash == CALG_SHA_256 ? EVP_sha256() : hash == CALG_MD5 ? EVP_md5() : EVP_sha1();
}

ALG_ID scenario_sign(struct scenario *s, DWORD spec, const char *step, const ALG_ID hashes[2],
                     const BYTE *data, size_t len)
{
    BYTE digest[EVP_MAX_MD_SIZE], *sig = NULL;
    DWORD rc = SCARD_E_UNSUPPORTED_FEATURE;
    size_t sig_len = 0;
    unsigned digest_len = 0;
    ALG_ID hash = 0;
    EVP_PKEY *key;
    bool ok;

    for (size_t i = 0; i < 2 && hashes[i] != 0 && rc == SCARD_E_UNSUPPORTED_FEATURE; i++) {
        hash = hashes[i];
        if (EVP_Digest(data, len, digest, &digest_len, scenario_md(hash), NULL) != 1)
            run_blocked(s->run, "no hash %04X", (unsigned)hash);
        rc = host_sign(s->host, s->container, spec, hash, digest, digest_len, &sig, &sig_len);
    }
    STEP(s->run, step, rc);
    key = scenario_public(s, spec);
    ok = verifies(key, scenario_md(hash), digest, digest_len, sig, sig_len);
    host_free(sig, sig_len);
    EVP_PKEY_free(key);
    CHECK(s->run, ok, "the signature is not one of the key that the card shows");
    run_note(s->run, "verify the signature in software -> good");
    return hash;
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
