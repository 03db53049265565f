/* SPDX-License-Identifier: MIT */
/* 2.5: typical uses, step by step. Where the document lists calls of CryptoAPI or CNG, the host plays
 * the provider; where it lists calls of the minidriver, they are made as listed. */
#include "kit/rows/sequences.h"

#include "kit/bench/fixture_keys.h"
#include "kit/bench/scenario.h"
#include "kit/groups.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

static const ALG_ID sha_1[2] = { CALG_SHA1 };

#define MAIL "To: somebody\r\n\r\nThis is for your eyes only.\r\n"

static void random_bytes(struct run *r, BYTE *out, size_t len)
{
    if (RAND_bytes(out, (int)len) != 1)
        run_blocked(r, "no random bytes");
}

/* A container with an exchange key and its certificate, as an earlier enrolment leaves it; and
 * another program, which knows nothing of it yet. */
static void open_enrolled(struct run *r, struct scenario *s, const char *container)
{
    scenario_open(r, s, container);
    scenario_login(s, "log in for the enrolment");
    scenario_key(s, AT_KEYEXCHANGE);
    scenario_certificate(s, AT_KEYEXCHANGE);
    scenario_again(s);
}

static void need_rsa_card(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    need_rsa(&b);
    if (!has_spec(&b, AT_KEYEXCHANGE))
        run_not_applicable(r, "the card has no RSA keys for exchange (CardQueryKeySizes)");
    (void)need_scratch(&b);
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
    (void)scenario_sign(&s, AT_KEYEXCHANGE, "CryptSignHash of the certificate", sha_1, cert, len);
    scenario_session(&s, "DES-EDE3-CBC", cert, len);
    host_free(cert, len);
    scenario_close(&s);
}

/* ---- 2.5.3 Enrolment ------------------------------------------------------------------------------ */

/* The container that the key was made in has it, under the name asked for. */
static void see_container(struct scenario *s)
{
    struct host_container found;

    STEP(s->run, "CryptGetProvParam PP_CONTAINER",
         host_container_find(s->host, s->container, &found));
    CHECK(s->run, found.kx_bits != 0 && strcmp(found.name, s->container) == 0,
          "the container \"%s\", without a key", found.name);
}

/* Three signatures by one PIN: of a hash value, of the request, of a certificate. */
static void enrol(struct run *r, DWORD spec, const char *container)
{
    static const ALG_ID any_hash[2] = { CALG_SHA_256, CALG_SHA1 };
    struct scenario s;
    BYTE data[64];
    ALG_ID hash;

    random_bytes(r, data, sizeof(data));
    scenario_open(r, &s, container);
    scenario_login(&s, "log in");
    scenario_key(&s, spec);
    see_container(&s);
    hash = scenario_sign(&s, spec, "CryptSignHash, NCryptSignHash", any_hash, data, sizeof(data));
    scenario_request(&s, spec, hash);
    scenario_own_certificate(&s, spec, hash);
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
    if (!has_spec(&b, AT_ECDHE_P256))
        run_not_applicable(r, "the card has no AT_ECDHE_P256 (CardQueryKeySizes)");
    (void)need_scratch(&b);
    bench_close(&b);
}

static void enrol_ecc(struct run *r)
{
    need_ecdh(r);
    enrol(r, AT_ECDHE_P256, "kit-enrol-ecc");
}

/* ---- 2.5.4 Run as ------------------------------------------------------------------------------- */

/* CryptGetProvParam PP_ENUMALGS: what the card can do. */
static void list_algorithms(struct scenario *s)
{
    struct host_info about;

    STEP(s->run, "CryptGetProvParam PP_ENUMALGS", host_info(s->host, &about));
    CHECK(s->run, about.rsa.dwMaximumBitlen != 0, "no RSA among the algorithms of a card that has it");
}

/* Four contexts, each on a connection of its own; those before live on. */
static void run_as(struct run *r)
{
    struct scenario first, second, third, fourth;
    BYTE data[64], *cert = NULL;
    size_t len = 0;

    need_rsa_card(r);
    random_bytes(r, data, sizeof(data));
    open_enrolled(r, &first, "kit-run-as");
    EVP_PKEY_free(scenario_public(&first, AT_KEYEXCHANGE));
    STEP(r, "CryptGetKeyParam KP_CERTIFICATE",
         host_cert_read(first.host, first.container, AT_KEYEXCHANGE, &cert, &len));
    scenario_another(&first, &second);
    scenario_login(&second, "CryptSetProvParam PP_KEYEXCHANGE_PIN");
    list_algorithms(&second);
    scenario_another(&second, &third);
    scenario_login(&third, "CryptSetProvParam PP_KEYEXCHANGE_PIN, of the third context");
    (void)scenario_sign(&third, AT_KEYEXCHANGE, "CryptSignHash of a random value", sha_1, data,
                        sizeof(data));
    scenario_another(&third, &fourth);
    scenario_login(&fourth, "the PIN that the provider has kept");
    scenario_session(&fourth, "DES-EDE3-CBC", cert, len);
    host_free(cert, len);
    scenario_leave(&fourth);
    scenario_leave(&third);
    scenario_leave(&second);
    NEED(r, host_begin(first.host));
    scenario_close(&first);
}

/* ---- 2.5.5, 2.5.6 Mail --------------------------------------------------------------------------- */

static void mail_sign(struct run *r)
{
    static const ALG_ID sha_or_md5[2] = { CALG_SHA1, CALG_MD5 };
    struct host_container found;
    struct scenario s;

    need_rsa_card(r);
    open_enrolled(r, &s, "kit-mail-sign");
    STEP(r, "locate the container", host_container_find(s.host, s.container, &found));
    CHECK(r, found.kx_bits != 0, "a container without an exchange key");
    scenario_login(&s, "submit the PIN silently");
    (void)scenario_sign(&s, AT_KEYEXCHANGE, "sign the hash value", sha_or_md5, (const BYTE *)MAIL,
                        sizeof(MAIL) - 1);
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

/* A module need not have each KDF: it refuses this one, and derives by another. */
static void need_tls(struct scenario *s, struct host_agreement *agreement,
                     const struct host_derive *how)
{
    const struct host_derive plain = { .kdf = HOST_KDF_HASH };
    BYTE *got = NULL;
    size_t len = 0;
    DWORD rc = host_derive(agreement, how, &got, &len);

    host_free(got, len);
    if (rc != SCARD_E_INVALID_PARAMETER || (s->run->config->kdfs & KIT_KDF_TLS_PRF) != 0)
        return;
    if (host_derive(agreement, &plain, &got, &len) == SCARD_S_SUCCESS)
        run_not_applicable(s->run, "the module does not have KDF TLS_PRF (CardDeriveKey: %s)",
                           kit_code(rc));
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
    need_tls(s, agreement, &how);
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
    scenario_login(&s, "log in for the enrolment");
    scenario_key(&s, AT_ECDHE_P256);
    scenario_again(&s);
    card = scenario_public(&s, AT_ECDHE_P256);
    scenario_login(&s, "submit the PIN silently");
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
    ROW("S.2", "PIN change: the six calls in their order; the user may write cardcf", sequence_pin_change,
        .versions = KIT_V(5) | KIT_V(7)),
    ROW("S.3.RSA", "Enrolment with RSA: key, hash, request and certificate signed by it", enrol_rsa),
    ROW("S.3.ECC", "Enrolment on P-256: key, hash, request and certificate signed by it", enrol_ecc),
    ROW("S.4", "Run as: four contexts at once, a signature, a session key", run_as),
    ROW("S.5", "Mail is signed", mail_sign),
    ROW("S.6", "Mail is decrypted", mail_decrypt),
    ROW("S.7", "PIN unblock: the eight calls in their order; the new PIN opens cardcf", sequence_pin_unblock,
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
