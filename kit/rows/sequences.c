/* SPDX-License-Identifier: MIT */
/* 2.5: typical uses, step by step. Where the document lists calls of CryptoAPI or CNG, the host plays
 * the provider; where it lists calls of the minidriver, they are made as listed. */
#include "kit/bench/fixture_keys.h"
#include "kit/bench/bench.h"
#include "kit/groups.h"
#include "kit/bench/scenario.h"
#include "kit/bench/secrets.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

#define MAIL "To: somebody\r\n\r\nThis is for your eyes only.\r\n"

static void random_bytes(struct run *r, BYTE *out, size_t len)
{
    if (RAND_bytes(out, (int)len) != 1)
        run_blocked(r, "no random bytes");
}

/* A container with an exchange key and its certificate, as an earlier enrolment leaves it. */
static void open_enrolled(struct run *r, struct scenario *s, const char *container)
{
    scenario_open(r, s, container);
    scenario_login(s, "log in for the enrolment");
    scenario_key(s, AT_KEYEXCHANGE);
    scenario_certificate(s, AT_KEYEXCHANGE);
    NEED(r, host_logout(s->host));
}

static void need_rsa_card(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    need_rsa(&b);
    need_writable(&b);
    bench_close(&b);
}

/* ---- 2.5.1 Smart card logon ------------------------------------------------------------------- */

static void logon(struct run *r)
{
    struct scenario s;
    BYTE *cert = NULL;
    size_t len = 0;

    need_rsa_card(r);
    open_enrolled(r, &s, "kit-logon");
    STEP(r, "CryptGetKeyParam KP_CERTIFICATE",
         host_cert_read(s.host, s.container, AT_KEYEXCHANGE, &cert, &len));
    scenario_login(&s, "CryptSetProvParam PP_KEYEXCHANGE_PIN");
    scenario_sign(&s, AT_KEYEXCHANGE, "CryptSignHash of the certificate", cert, len);
    scenario_session(&s, "DES-EDE3-CBC", cert, len);
    host_free(cert, len);
    scenario_close(&s);
}

/* ---- 2.5.2 PIN change, 2.5.7 PIN unblock: calls of the minidriver -------------------------------- */

static const struct kit_secret *pin_of(struct run *r)
{
    return &r->config->user_pin;
}

/* The Base CSP counts up bPinsFreshness in cardcf: the user may write it. */
static void write_cardcf(struct bench *b)
{
    PBYTE data = NULL;
    DWORD len = 0;

    EXPECT(b->run, CALL(b, ReadFile, &b->data, NULL, str("cardcf"), 0, &data, &len), 0);
    if (!mem_is_ours(data) || len < 2)
        run_fail(b->run, "cardcf with its freshness counters", "%u bytes", (unsigned)len);
    data[1]++;
    EXPECT(b->run, CALL(b, WriteFile, &b->data, NULL, str("cardcf"), 0, data, len), 0);
    mem_free(data);
}

static void make_file_system(struct run *r)
{
    struct scenario s;

    scenario_open(r, &s, "kit-none"); /* sees to cardcf */
    host_end(s.host);
    host_close(s.host);
}

static void end_of_user(struct bench *b)
{
    if (b->data.pfnCardDeauthenticate == NULL)
        run_note(b->run, "no CardDeauthenticate: the card is reset");
    else
        EXPECT(b->run, CALL(b, Deauthenticate, &b->data, user_name(), 0), 0);
    EXPECT(b->run, CALL(b, DeleteContext, &b->data), 0);
}

static void pin_change(struct run *r)
{
    const struct kit_secret *old = pin_of(r), fresh = wrong_pin(r->config);
    struct bench b;
    DWORD left = 0;

    bench_open(r, &b);
    need_writable(&b); /* cardcf */
    make_file_system(r);
    be_nobody(&b);
    EXPECT(r, CALL(&b, ChangeAuthenticator, &b.data, user_name(), bytes_of(old->bytes), old->len,
                   bytes_of(fresh.bytes), fresh.len, 0, CARD_AUTHENTICATE_PIN_PIN, &left), 0);
    write_cardcf(&b);
    EXPECT(r, CALL(&b, ChangeAuthenticator, &b.data, user_name(), bytes_of(fresh.bytes), fresh.len,
                   bytes_of(old->bytes), old->len, 0, CARD_AUTHENTICATE_PIN_PIN, &left), 0);
    end_of_user(&b);
}

/* To another PIN: so it shows that something was done. */
static void pin_unblock(struct run *r)
{
    const struct kit_secret fresh = other_pin(r->config);
    BYTE response[KIT_SECRET_MAX];
    struct bench b;
    DWORD len, left = 0;

    bench_open(r, &b);
    need_writable(&b); /* cardcf */
    make_file_system(r);
    if (r->config->puk.len != 0)
        run_not_applicable(r, "this card unblocks by a PUK, without a challenge");
    be_nobody(&b);
    len = draw_and_answer(&b, response);
    EXPECT(r, CALL(&b, UnblockPin, &b.data, user_name(), response, len, bytes_of(fresh.bytes),
                   fresh.len, 0, CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE), 0);
    EXPECT(r, CALL(&b, AuthenticatePin, &b.data, user_name(), bytes_of(fresh.bytes), fresh.len,
                   &left), 0);
    write_cardcf(&b);
    restore_pin(&b);
    end_of_user(&b);
}

/* ---- 2.5.3 Enrolment ------------------------------------------------------------------------------ */

/* The request is signed on the card; that its signature is right, libcrypto says. */
static void request(struct scenario *s, DWORD spec)
{
    struct host_error err;
    BYTE *der = NULL;
    size_t len = 0;
    const unsigned char *at;
    X509_REQ *req;
    bool good;

    STEP(s->run, "sign the request (CryptSignHash, NCryptSignHash)",
         host_cert_request(s->host, s->container, spec, "/CN=kit", NULL, 0, &der, &len, &err));
    at = der;
    req = d2i_X509_REQ(NULL, &at, (long)len);
    good = req != NULL && X509_REQ_verify(req, X509_REQ_get0_pubkey(req)) == 1;
    X509_REQ_free(req);
    host_free(der, len);
    CHECK(s->run, good, "a request whose signature is wrong");
}

static void enrol(struct run *r, DWORD spec, const char *container)
{
    struct scenario s;

    scenario_open(r, &s, container);
    scenario_login(&s, "log in");
    scenario_key(&s, spec);
    request(&s, spec);
    scenario_certificate(&s, spec);
    scenario_close(&s);
}

static void enrol_rsa(struct run *r)
{
    need_rsa_card(r);
    enrol(r, AT_KEYEXCHANGE, "kit-enrol-rsa");
}

static void need_ecdh(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    need_writable(&b);
    if (!has_spec(&b, AT_ECDHE_P256))
        run_not_applicable(r, "the card has no AT_ECDHE_P256 (CardQueryKeySizes)");
    bench_close(&b);
}

static void enrol_ecc(struct run *r)
{
    need_ecdh(r);
    enrol(r, AT_ECDHE_P256, "kit-enrol-ecc");
}

/* ---- 2.5.4 Run as ------------------------------------------------------------------------------- */

static void run_as(struct run *r)
{
    struct scenario s;
    BYTE data[64], *cert = NULL;
    size_t len = 0;

    need_rsa_card(r);
    open_enrolled(r, &s, "kit-run-as");
    STEP(r, "CryptGetKeyParam KP_CERTIFICATE",
         host_cert_read(s.host, s.container, AT_KEYEXCHANGE, &cert, &len));
    scenario_login(&s, "CryptSetProvParam PP_KEYEXCHANGE_PIN");
    scenario_login(&s, "CryptSetProvParam PP_KEYEXCHANGE_PIN, of the second context");
    random_bytes(r, data, sizeof(data));
    scenario_sign(&s, AT_KEYEXCHANGE, "CryptSignHash of a random value", data, sizeof(data));
    scenario_session(&s, "DES-EDE3-CBC", cert, len);
    host_free(cert, len);
    scenario_close(&s);
}

/* ---- 2.5.5, 2.5.6 Mail --------------------------------------------------------------------------- */

static void mail_sign(struct run *r)
{
    struct host_container found;
    struct scenario s;

    need_rsa_card(r);
    open_enrolled(r, &s, "kit-mail-sign");
    STEP(r, "locate the container", host_container_find(s.host, s.container, &found));
    CHECK(r, found.kx_bits != 0, "a container without an exchange key");
    scenario_login(&s, "submit the PIN silently");
    scenario_sign(&s, AT_KEYEXCHANGE, "sign the hash value", (const BYTE *)MAIL, sizeof(MAIL) - 1);
    scenario_close(&s);
}

static void mail_decrypt(struct run *r)
{
    struct host_container found;
    struct scenario s;

    need_rsa_card(r);
    open_enrolled(r, &s, "kit-mail-dec");
    STEP(r, "locate the container", host_container_find(s.host, s.container, &found));
    CHECK(r, found.kx_bits != 0, "a container without an exchange key");
    scenario_login(&s, "submit the PIN silently");
    scenario_session(&s, "RC2-CBC", (const BYTE *)MAIL, sizeof(MAIL) - 1);
    scenario_close(&s);
}

/* ---- 2.5.8 SSL client authentication --------------------------------------------------------------- */

static void verify(struct scenario *s, const EVP_MD *md, const BYTE *digest, size_t len,
                   const BYTE *sig, size_t sig_len)
{
    EVP_PKEY *key = scenario_public(s, AT_KEYEXCHANGE);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    bool good = ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
                EVP_PKEY_CTX_set_signature_md(ctx, md) == 1 &&
                EVP_PKEY_verify(ctx, sig, sig_len, digest, len) == 1;

    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    CHECK(s->run, good, "the signature is not one of the key that the card shows");
}

static void ssl_rsa(struct run *r)
{
    const struct host_sign_how joined = { .kind = HOST_SIGN_PKCS1, .hash = 0 };
    BYTE digest[36], *sig = NULL;
    struct scenario s;
    size_t len = 0;

    need_rsa_card(r);
    open_enrolled(r, &s, "kit-ssl-rsa");
    scenario_login(&s, "submit the PIN silently");
    random_bytes(r, digest, sizeof(digest));
    STEP(r, "NCryptSignHash, PKCS#1, SHA-1",
         host_sign(s.host, s.container, AT_KEYEXCHANGE, CALG_SHA1, digest, 20, &sig, &len));
    verify(&s, EVP_sha1(), digest, 20, sig, len);
    host_free(sig, len);
    STEP(r, "CryptSignHash of CALG_SSL3_SHAMD5: 36 bytes, no OID",
         host_sign_how(s.host, s.container, AT_KEYEXCHANGE, &joined, digest, 36, &sig, &len));
    verify(&s, EVP_md5_sha1(), digest, 36, sig, len);
    host_free(sig, len);
    scenario_close(&s);
}

/* The server's side of the agreement, and TLS 1.0's PRF on it. */
static bool server_secret(EVP_PKEY *server, EVP_PKEY *card, const BYTE seed[64], BYTE master[48])
{
    static const char label[] = "master secret";
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(server, NULL);
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS1-PRF", NULL);
    EVP_KDF_CTX *prf = EVP_KDF_CTX_new(kdf);
    BYTE z[32];
    size_t len = sizeof(z);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char[]){ "MD5-SHA1" }, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, z, sizeof(z)),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, bytes_of(label), sizeof(label) - 1),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, bytes_of(seed), 64),
        OSSL_PARAM_construct_end(),
    };
    bool ok = ctx != NULL && prf != NULL && EVP_PKEY_derive_init(ctx) == 1 &&
              EVP_PKEY_derive_set_peer(ctx, card) == 1 && EVP_PKEY_derive(ctx, z, &len) == 1 &&
              EVP_KDF_derive(prf, master, 48, params) == 1;

    EVP_PKEY_CTX_free(ctx);
    EVP_KDF_CTX_free(prf);
    EVP_KDF_free(kdf);
    return ok;
}

static void agree_and_compare(struct scenario *s, EVP_PKEY *server, EVP_PKEY *card)
{
    static const BYTE label[] = "master secret";
    unsigned char *spki = NULL;
    int spki_len = i2d_PUBKEY(server, &spki);
    struct host_agreement *agreement = NULL;
    BYTE seed[64], want[48], *got = NULL;
    size_t len = 0;
    const struct host_derive how = { .kdf = HOST_KDF_TLS_PRF, .label = { label, sizeof(label) - 1 },
                                     .seed = { seed, sizeof(seed) }, .tls_version = 0x0301 };
    bool same;

    random_bytes(s->run, seed, sizeof(seed));
    if (spki_len <= 0 || !server_secret(server, card, seed, want))
        run_blocked(s->run, "the server's side cannot be computed");
    STEP(s->run, "NCryptSecretAgreement",
         host_agree(s->host, s->container, spki, (size_t)spki_len, &agreement));
    STEP(s->run, "NCryptDeriveKey, TLS_PRF, the master secret",
         host_derive(agreement, &how, &got, &len));
    same = len == sizeof(want) && memcmp(got, want, len) == 0;
    host_free(got, len);
    host_agreement_free(agreement);
    OPENSSL_free(spki);
    CHECK(s->run, same, "another master secret than the server's");
}

static void ssl_ecc(struct run *r)
{
    EVP_PKEY *server = EVP_EC_gen("P-256"), *card;
    struct scenario s;

    need_ecdh(r);
    if (server == NULL)
        run_blocked(r, "no ephemeral key");
    scenario_open(r, &s, "kit-ssl-ecc");
    scenario_login(&s, "submit the PIN silently");
    scenario_key(&s, AT_ECDHE_P256);
    card = scenario_public(&s, AT_ECDHE_P256);
    agree_and_compare(&s, server, card);
    EVP_PKEY_free(card);
    EVP_PKEY_free(server);
    scenario_close(&s);
}

/* ---- what the closed tool runs beside the eight --------------------------------------------------- */

/* A service copies certificates to the user's store when a card is put in: nobody has shown a PIN. */
static void propagate(struct run *r)
{
    struct scenario s;
    BYTE *cert = NULL;
    const unsigned char *at;
    size_t len = 0;
    EVP_PKEY *key;
    X509 *read;
    bool same;

    need_rsa_card(r);
    open_enrolled(r, &s, "kit-cert-prop");
    scenario_again(&s);
    STEP(r, "read the certificate, nobody authenticated",
         host_cert_read(s.host, s.container, AT_KEYEXCHANGE, &cert, &len));
    key = scenario_public(&s, AT_KEYEXCHANGE);
    at = cert;
    read = d2i_X509(NULL, &at, (long)len);
    same = read != NULL && EVP_PKEY_eq(X509_get0_pubkey(read), key) == 1;
    X509_free(read);
    EVP_PKEY_free(key);
    host_free(cert, len);
    CHECK(r, same, "a certificate of another key");
    scenario_close(&s);
}

/* An encrypted file: its key is wrapped for the card. */
static void encrypted_file(struct run *r)
{
    struct scenario s;

    need_rsa_card(r);
    open_enrolled(r, &s, "kit-efs");
    scenario_login(&s, "submit the PIN");
    scenario_session(&s, "AES-256-CBC", (const BYTE *)MAIL, sizeof(MAIL) - 1);
    scenario_close(&s);
}

/* ---- rows ------------------------------------------------------------------------------------------ */

static const struct requirement rows[] = {
    ROW("S.1", "Smart card logon: certificate, signature, session key by one exchange key", logon,
        .versions = KIT_V(5) | KIT_V(7)),
    ROW("S.2", "PIN change: afterwards the user may write cardcf", pin_change,
        .versions = KIT_V(5) | KIT_V(7)),
    ROW("S.3.RSA", "Enrolment with RSA: key, signed request, certificate", enrol_rsa),
    ROW("S.3.ECC", "Enrolment on P-256: key, signed request, certificate", enrol_ecc),
    ROW("S.4", "Run as: two contexts, a signature, a session key", run_as),
    ROW("S.5", "Mail is signed", mail_sign),
    ROW("S.6", "Mail is decrypted", mail_decrypt),
    ROW("S.7", "PIN unblock by challenge and response; then the PIN opens cardcf", pin_unblock,
        .versions = KIT_V(5) | KIT_V(7)),
    ROW("S.8.RSA", "SSL client authentication by RSA: PKCS#1, and MD5 with SHA-1 without OID", ssl_rsa),
    ROW("S.8.ECC", "SSL client authentication on P-256: agreement and TLS_PRF", ssl_ecc),
    ROW("S.9", "Certificates are propagated: read by nobody, and of the keys beside them", propagate),
    ROW("S.10", "An encrypted file: the card unwraps its key", encrypted_file),
};

static const struct section sections[] = {
    { "2.5", "", KIT_SEQUENCE, NULL, rows, ARRAY(rows) },
};

const struct group sequence_rows = { sections, ARRAY(sections) };
