/* SPDX-License-Identifier: MIT */
/* Key agreement: the secret and what is derived from it, computed again by libcrypto. */
#include "tests/host/support.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

static struct host *host;
static EVP_PKEY *peer;
static unsigned char *peer_der;
static size_t peer_len;

static int setup(void **state)
{
    fakes_setup(state);
    host = open_new_card(0);
    begin_as_user(host);
    assert_ok(host_container_create(host, "k", AT_ECDHE_P256, 0, NULL));
    peer = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    peer_der = NULL;
    peer_len = (size_t)i2d_PUBKEY(peer, &peer_der);
    return 0;
}

static int teardown(void **state)
{
    host_end(host);
    host_close(host);
    OPENSSL_free(peer_der);
    EVP_PKEY_free(peer);
    return fakes_teardown(state);
}

/* The secret, from the other side. */
static size_t secret(EVP_PKEY *own, EVP_PKEY *other, BYTE z[66])
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(own, NULL);
    size_t len = 66;

    assert_int_equal(EVP_PKEY_derive_init(ctx), 1);
    assert_int_equal(EVP_PKEY_derive_set_peer(ctx, other), 1);
    assert_int_equal(EVP_PKEY_derive(ctx, z, &len), 1);
    EVP_PKEY_CTX_free(ctx);
    return len;
}

static unsigned live(void)
{
    unsigned n = 0;

    for (size_t i = 0; i < FAKE_AGREEMENTS; i++)
        n += fakes.card->agreements[i].live;
    return n;
}

/* ---- what is refused ----------------------------------------------------------------------- */

static void other_peers_are_refused(void **state)
{
    static const char *const others[] = { "P-384", "P-224", "secp256k1" };
    struct host_agreement *made = NULL;
    unsigned char *der;
    EVP_PKEY *key;
    int len;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        key = i < 3 ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", others[i])
                    : EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
        der = NULL;
        len = i2d_PUBKEY(key, &der);
        assert_code(host_agree(host, "k", der, (size_t)len, &made), NTE_BAD_PUBLIC_KEY);
        OPENSSL_free(der);
        EVP_PKEY_free(key);
    }
    for (size_t n = 0; n < peer_len; n++)
        assert_code(host_agree(host, "k", peer_der, n, &made), NTE_BAD_PUBLIC_KEY);
    peer_der[peer_len - 1] ^= 1; /* no point of the curve */
    assert_code(host_agree(host, "k", peer_der, peer_len, &made), NTE_BAD_PUBLIC_KEY);
    peer_der[peer_len - 1] ^= 1;
    assert_code(host_agree(host, "k", NULL, 0, &made), SCARD_E_INVALID_PARAMETER);
    assert_code(host_agree(host, "x", peer_der, peer_len, &made), SCARD_E_NO_KEY_CONTAINER);
    assert_int_equal(fakes.card->calls[FAKE_CONSTRUCT_DH], 0);
    fakes.card->user = false;
    assert_code(host_agree(host, "k", peer_der, peer_len, &made), SCARD_W_SECURITY_VIOLATION);
    assert_null(made);
}

static void other_keys_agree_on_nothing(void **state)
{
    struct host_agreement *made = NULL;

    (void)state;
    assert_ok(host_container_create(host, "rsa", AT_KEYEXCHANGE, 0, NULL));
    assert_ok(host_container_create(host, "sig", AT_ECDSA_P256, 0, NULL));
    assert_code(host_agree(host, "rsa", peer_der, peer_len, &made), NTE_NO_KEY);
    assert_code(host_agree(host, "sig", peer_der, peer_len, &made), NTE_NO_KEY);
    host_end(host);
    host_close(host);
    host = open_host(4); /* which has no CardDeriveKey */
    begin_as_user(host);
    assert_code(host_agree(host, "k", peer_der, peer_len, &made), SCARD_E_UNSUPPORTED_FEATURE);
}

static void modules_have_their_limit(void **state)
{
    struct host_agreement *made[FAKE_AGREEMENTS + 1] = { NULL };

    (void)state;
    for (size_t i = 0; i < FAKE_AGREEMENTS; i++)
        assert_ok(host_agree(host, "k", peer_der, peer_len, &made[i]));
    assert_code(host_agree(host, "k", peer_der, peer_len, &made[FAKE_AGREEMENTS]),
                SCARD_E_NO_MEMORY);
    assert_null(made[FAKE_AGREEMENTS]);
    host_agreement_free(made[0]);
    assert_int_equal(live(), FAKE_AGREEMENTS - 1);
    assert_ok(host_agree(host, "k", peer_der, peer_len, &made[0]));
    for (size_t i = 0; i < FAKE_AGREEMENTS; i++)
        host_agreement_free(made[i]);
    assert_int_equal(live(), 0);
    host_agreement_free(NULL);
}

#define SPAN(text) { (const BYTE *)(text), sizeof(text) - 1 }
#define SEED SPAN("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")

static void parameters_are_checked(void **state)
{
    const struct host_derive bad[] = {
        { .kdf = (enum host_kdf)9 },
        { .kdf = HOST_KDF_TLS_PRF, .seed = SEED },
        { .kdf = HOST_KDF_TLS_PRF, .label = SPAN("label") },
        { .kdf = HOST_KDF_TLS_PRF, .label = SPAN("label"), .seed = SPAN("short") },
        { .kdf = HOST_KDF_SP800_56A, .party_u = SPAN("u"), .party_v = SPAN("v") },
        { .kdf = HOST_KDF_SP800_56A, .algorithm_id = SPAN("a"), .party_v = SPAN("v") },
        { .kdf = HOST_KDF_SP800_56A, .algorithm_id = SPAN("a"), .party_u = SPAN("u") },
        { .kdf = HOST_KDF_SP800_56A, .algorithm_id = SPAN("a"), .party_u = SPAN("u"),
          .party_v = SPAN("v"), .key_bits = 129 },
    };
    const struct host_derive hash = { .kdf = HOST_KDF_HASH, .hash = CALG_AES };
    const struct host_derive plain = { .kdf = HOST_KDF_HASH };
    struct host_agreement *made = NULL;
    BYTE *key = NULL;
    size_t len = 0;

    (void)state;
    assert_ok(host_agree(host, "k", peer_der, peer_len, &made));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_code(host_derive(made, &bad[i], &key, &len), SCARD_E_INVALID_PARAMETER);
    assert_code(host_derive(made, &hash, &key, &len), NTE_BAD_ALGID);
    assert_code(host_derive(made, NULL, &key, &len), SCARD_E_INVALID_PARAMETER);
    assert_code(host_derive(NULL, &plain, &key, &len), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(fakes.card->calls[FAKE_DERIVE_KEY], 0);
    fakes.card->trick_call = FAKE_DERIVE_KEY;
    for (enum fake_trick trick = FAKE_NULL_OUTPUT; trick <= FAKE_TOO_LONG; trick++) {
        fakes.card->trick = trick;
        assert_code(host_derive(made, &plain, &key, &len), SCARD_E_UNEXPECTED);
    }
    fakes.card->trick = FAKE_HONEST;
    fakes.card->user = false;
    assert_code(host_derive(made, &plain, &key, &len), SCARD_W_SECURITY_VIOLATION);
    fakes.card->user = true;
    assert_null(key);
    host_agreement_free(made);
}

/* The callback knows the agreements that live, and looks at no other pointer. */
static void handles_are_looked_up(void **state)
{
    struct host_agreement *a = NULL, *b = NULL;
    CARD_DATA *data = host_card_data(host);
    BYTE index = 0xEE;

    (void)state;
    assert_ok(host_agree(host, "k", peer_der, peer_len, &a));
    assert_ok(host_agree(host, "k", peer_der, peer_len, &b));
    assert_code(data->pfnCspGetDHAgreement(data, NULL, &index, 0), SCARD_E_INVALID_PARAMETER);
    assert_code(data->pfnCspGetDHAgreement(data, (PVOID)(uintptr_t)8, &index, 0),
                SCARD_E_INVALID_PARAMETER);
    assert_code(data->pfnCspGetDHAgreement(data, &index, &index, 0), SCARD_E_INVALID_PARAMETER);
    assert_code(data->pfnCspGetDHAgreement(data, a, &index, 1), SCARD_E_INVALID_PARAMETER);
    assert_code(data->pfnCspGetDHAgreement(data, a, NULL, 0), SCARD_E_INVALID_PARAMETER);
    assert_code(data->pfnCspGetDHAgreement(NULL, a, &index, 0), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(index, 0xEE);
    assert_ok(data->pfnCspGetDHAgreement(data, a, &index, 0));
    assert_int_equal(index, 40);
    assert_ok(data->pfnCspGetDHAgreement(data, b, &index, 0));
    assert_int_equal(index, 41);
    host_agreement_free(a);
    assert_code(data->pfnCspGetDHAgreement(data, a, &index, 0), SCARD_E_INVALID_PARAMETER);
    host_agreement_free(b);
}

static void agreements_outlive_the_host(void **state)
{
    const struct host_derive plain = { .kdf = HOST_KDF_HASH };
    struct host_agreement *made = NULL;
    BYTE *key = NULL;
    size_t len = 0;

    (void)state;
    assert_ok(host_agree(host, "k", peer_der, peer_len, &made));
    host_end(host); /* which logs out */
    assert_code(host_derive(made, &plain, &key, &len), SCARD_W_SECURITY_VIOLATION);
    begin_as_user(host);
    assert_ok(host_derive(made, &plain, &key, &len));
    host_free(key, len);
    key = NULL;
    host_end(host);
    host_close(host);
    assert_code(host_derive(made, &plain, &key, &len), SCARD_E_INVALID_PARAMETER);
    host_agreement_free(made);
    host = open_host(0);
    begin_as_user(host);
}

/* ---- what is derived ----------------------------------------------------------------------- */

static void secrets_are_those_of_the_peer(void **state)
{
    static const DWORD specs[] = { AT_ECDHE_P256, AT_ECDHE_P384, AT_ECDHE_P521 };
    static const char *const groups[] = { "P-256", "P-384", "P-521" };

    (void)state;
    for (unsigned i = 0; i < 6; i++) {
        bool pem = i % 2 == 1;
        EVP_PKEY *own = EVP_PKEY_Q_keygen(NULL, NULL, "EC", groups[i / 2]);
        struct host_agreement *made = NULL;
        BIO *bio = BIO_new(BIO_s_mem());
        BYTE z[66];
        char *at;
        size_t len;

        assert_ok(host_container_create(host, "c", specs[i / 2], 0, NULL));
        assert_int_equal(pem ? PEM_write_bio_PUBKEY(bio, own) : i2d_PUBKEY_bio(bio, own), 1);
        len = (size_t)BIO_get_mem_data(bio, &at);
        assert_ok(host_agree(host, "c", (BYTE *)at, len, &made));
        len = secret(own, fakes.card->kx[1], z);
        assert_int_equal(fakes.card->agreements[0].len, len);
        assert_memory_equal(fakes.card->agreements[0].z, z, len);
        host_agreement_free(made);
        assert_ok(host_container_delete(host, "c"));
        BIO_free(bio);
        EVP_PKEY_free(own);
    }
}

/* libcrypto's derivation over z and a text. */
static void expect(const char *kdf_name, const char *hash, const char *key_name, const BYTE *z,
                   size_t z_len, const char *text_name, const char *text, size_t len, BYTE *out)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, kdf_name, NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    OSSL_PARAM params[4] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)(uintptr_t)hash, 0),
        OSSL_PARAM_construct_octet_string(key_name, (void *)(uintptr_t)z, z_len),
        OSSL_PARAM_construct_octet_string(text_name, (void *)(uintptr_t)text, strlen(text)),
        OSSL_PARAM_construct_end(),
    };

    assert_int_equal(EVP_KDF_derive(ctx, out, len, params), 1);
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
}

static void check(struct host_agreement *made, const struct host_derive *how, const BYTE *want,
                  size_t want_len)
{
    BYTE *key = NULL;
    size_t len = 0;

    assert_ok(host_derive(made, how, &key, &len));
    assert_int_equal(len, want_len);
    assert_memory_equal(key, want, len);
    host_free(key, len);
}

static void hashes_and_hmacs(struct host_agreement *made, const BYTE z[32])
{
    const struct host_derive hash = { .kdf = HOST_KDF_HASH };
    const struct host_derive hash384 = { .kdf = HOST_KDF_HASH, .hash = CALG_SHA_384,
                                         .prepend = SPAN("before"), .append = SPAN("after") };
    const struct host_derive hmac = { .kdf = HOST_KDF_HMAC, .hash = CALG_SHA_256,
                                      .prepend = SPAN("before"), .hmac_key = SPAN("key") };
    const struct host_derive own = { .kdf = HOST_KDF_HMAC, .append = SPAN("after") };
    BYTE text[64], want[64];
    size_t len = 0;

    assert_int_equal(EVP_Q_digest(NULL, "SHA1", NULL, z, 32, want, &len), 1);
    check(made, &hash, want, 20);
    memcpy(text, "before", 6);
    memcpy(text + 6, z, 32);
    memcpy(text + 38, "after", 5);
    assert_int_equal(EVP_Q_digest(NULL, "SHA384", NULL, text, 43, want, &len), 1);
    check(made, &hash384, want, 48);
    assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, "key", 3, text, 38, want, 64,
                              &len));
    check(made, &hmac, want, 32);
    assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, "SHA1", NULL, z, 32, text + 6, 37, want, 64,
                              &len));
    check(made, &own, want, 20);
}

static void keys_are_derived(void **state)
{
    static const char tls[] =
        "label0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    struct host_derive prf = { .kdf = HOST_KDF_TLS_PRF, .label = SPAN("label"), .seed = SEED };
    struct host_derive concat = { .kdf = HOST_KDF_SP800_56A, .algorithm_id = SPAN("a"),
                                  .party_u = SPAN("uu"), .party_v = SPAN("vvv") };
    struct host_agreement *made = NULL;
    BYTE z[66], want[64];

    (void)state;
    assert_ok(host_agree(host, "k", peer_der, peer_len, &made));
    assert_int_equal(secret(peer, fakes.card->kx[0], z), 32);
    hashes_and_hmacs(made, z);
    expect("TLS1-PRF", "MD5-SHA1", OSSL_KDF_PARAM_SECRET, z, 32, OSSL_KDF_PARAM_SEED, tls, 48,
           want);
    check(made, &prf, want, 48);
    prf.tls_version = 0x0302;
    check(made, &prf, want, 48);
    prf.tls_version = 0x0303;
    expect("TLS1-PRF", "SHA256", OSSL_KDF_PARAM_SECRET, z, 32, OSSL_KDF_PARAM_SEED, tls, 48, want);
    check(made, &prf, want, 48);
    prf.hash = CALG_SHA_384;
    expect("TLS1-PRF", "SHA384", OSSL_KDF_PARAM_SECRET, z, 32, OSSL_KDF_PARAM_SEED, tls, 48, want);
    check(made, &prf, want, 48);
    concat.hash = CALG_SHA_256;
    expect("SSKDF", "SHA256", OSSL_KDF_PARAM_KEY, z, 32, OSSL_KDF_PARAM_INFO, "auuvvv", 32, want);
    check(made, &concat, want, 32);
    concat.supp_pub = (struct host_bytes)SPAN("pp");
    concat.supp_priv = (struct host_bytes)SPAN("ss");
    concat.key_bits = 384;
    expect("SSKDF", "SHA256", OSSL_KDF_PARAM_KEY, z, 32, OSSL_KDF_PARAM_INFO, "auuvvvppss", 48,
           want);
    check(made, &concat, want, 48);
    host_agreement_free(made);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(other_peers_are_refused),
        TEST(other_keys_agree_on_nothing),
        TEST(modules_have_their_limit),
        TEST(parameters_are_checked),
        TEST(handles_are_looked_up),
        TEST(agreements_outlive_the_host),
        TEST(secrets_are_those_of_the_peer),
        TEST(keys_are_derived),
    };

    return cmocka_run_group_tests_name("host_agree", tests, NULL, NULL);
}
