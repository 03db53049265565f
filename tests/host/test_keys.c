/* SPDX-License-Identifier: MIT */
/* Containers, their keys and their certificates. */
#include "tests/host/support.h"

#include "base/bytes.h"

#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#define BITS 1024

static struct host *host;

static int setup(void **state)
{
    fakes_setup(state);
    host = open_new_card(0);
    return 0;
}

static int teardown(void **state)
{
    host_close(host);
    host = NULL;
    return fakes_teardown(state);
}

static void reopen(DWORD version)
{
    host_close(host);
    host = open_host(version);
}

static void fail_next(enum fake_call call, unsigned skip, DWORD rc)
{
    fakes.card->fault = (struct fake_fault){ call, skip, rc, false };
}

static void create(const char *name, DWORD spec)
{
    begin_as_user(host);
    assert_ok(host_container_create(host, name, spec, fakes.card->elliptic ? 0 : BITS, NULL));
    host_end(host);
}

/* Those of the map. */
static size_t containers(void)
{
    struct host_container *list = NULL;
    size_t count = 0, listed = 0;

    assert_ok(host_containers(host, &list, &count));
    for (size_t i = 0; i < count; i++)
        listed += list[i].name[0] != '\0';
    host_free(list, count * sizeof *list);
    return listed;
}

static unsigned counter(size_t at)
{
    const BYTE *cf = fakes.find("", "cardcf")->data;

    return cf[at] | (unsigned)cf[at + 1] << 8;
}

/* ---- containers ---------------------------------------------------------------------------- */

static void container_is_created_and_found(void **state)
{
    struct host_container made = { 0 }, found = { 0 };
    const BYTE *map;

    (void)state;
    begin_as_user(host);
    assert_ok(host_container_create(host, "first", AT_KEYEXCHANGE, BITS, &made));
    assert_int_equal(made.index, 0);
    assert_string_equal(made.name, "first");
    assert_true(made.is_default);
    assert_int_equal(made.kx_bits, BITS);
    assert_int_equal(made.sig_bits, 0);
    assert_ok(host_container_create(host, NULL, AT_SIGNATURE, BITS, &made));
    assert_int_equal(made.index, 1);
    assert_int_equal(strlen(made.name), 36);
    assert_int_equal(made.name[14], '4');
    assert_false(made.is_default);
    assert_int_equal(made.sig_bits, BITS);
    assert_int_equal(counter(2), 2);
    map = fakes.find("mscp", "cmapfile")->data;
    assert_int_equal(fakes.find("mscp", "cmapfile")->len, 2 * 86);
    assert_memory_equal(map, "f\0i\0r\0s\0t\0\0", 11);
    assert_int_equal(map[80], 3);
    assert_int_equal(map[84] | map[85] << 8, BITS);
    assert_int_equal(map[86 + 80], 1);
    assert_ok(host_container_find(host, NULL, &found));
    assert_string_equal(found.name, "first");
    assert_ok(host_container_find(host, "1", &found));
    assert_string_equal(found.name, made.name);
    assert_ok(host_container_find(host, made.name, &found));
    assert_int_equal(found.index, 1);
    assert_code(host_container_find(host, "nobody", &found), SCARD_E_NO_KEY_CONTAINER);
    assert_code(host_container_find(host, "2", &found), SCARD_E_NO_KEY_CONTAINER);
    assert_code(host_container_find(host, "300", &found), SCARD_E_NO_KEY_CONTAINER);
    assert_code(host_container_create(host, "first", AT_KEYEXCHANGE, BITS, NULL),
                ERROR_FILE_EXISTS);
    host_end(host);
}

static void names_have_a_form(void **state)
{
    static const char *const bad[] = {
        "", "a\\b", "a\tb", "\x7F", "\xC2\x85", "\xE2\x80\xAE", /* turns the line round */
        "\xC3", "\xC0\x80", "\xED\xA0\x80",                    /* no UTF-8 */
        "0", "254", "1234567890123456789012345678901234567890",
    };
    static const char long_name[] = "\xF0\x9F\x94\x91\xE2\x82\xAC\xC3\xA4" /* 4 units */
                                    "12345678901234567890123456789012345";
    struct host_container made;

    (void)state;
    begin_as_user(host);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_code(host_container_create(host, bad[i], AT_SIGNATURE, BITS, NULL),
                    SCARD_E_INVALID_PARAMETER);
    assert_code(host_container_create(host, "a", 9, BITS, NULL), SCARD_E_INVALID_PARAMETER);
    assert_code(host_container_create(host, "a", AT_SIGNATURE, 7, NULL),
                SCARD_E_UNSUPPORTED_FEATURE);
    assert_ok(host_container_create(host, "123456789012345678901234567890123456789", AT_SIGNATURE,
                                    BITS, &made));
    assert_int_equal(strlen(made.name), 39);
    assert_ok(host_container_create(host, long_name, AT_SIGNATURE, BITS, &made));
    assert_string_equal(made.name, long_name);
    assert_memory_equal(fakes.find("mscp", "cmapfile")->data + 86, "\x3D\xD8\x11\xDD\xAC\x20",
                        6);
    assert_ok(host_container_find(host, long_name, &made));
    assert_int_equal(made.index, 1);
    host_end(host);
    assert_int_equal(containers(), 2);
}

static void odd_records_hide_nothing(void **state)
{
    struct host_container *list = NULL;
    struct map_record good = { .name = { 'g' }, .flags = 1, .kx_bits = BITS };
    BYTE map[3 * MAP_RECORD_LEN + 7];
    size_t count = 0;

    (void)state;
    memset(map, 0xFF, sizeof map); /* a valid default container with a name of nonsense */
    map_record_encode(&good, map + MAP_RECORD_LEN);
    memset(map + 2 * MAP_RECORD_LEN, 0, MAP_RECORD_LEN);
    fakes.set_file("mscp", "cmapfile", map, sizeof map);
    assert_ok(host_containers(host, &list, &count));
    assert_int_equal(count, 2);
    assert_int_equal(list[0].name[0], '?');
    assert_int_equal(strlen(list[0].name), 39);
    assert_string_equal(list[1].name, "g");
    assert_int_equal(list[1].index, 1);
    host_free(list, count * sizeof *list);
}

static void freed_container_is_used_again(void **state)
{
    struct host_container made;
    BYTE zeros[86] = { 0 };

    (void)state;
    create("a", AT_KEYEXCHANGE);
    create("b", AT_KEYEXCHANGE);
    fakes.set_file("mscp", "kxc00", "x", 1);
    begin_as_user(host);
    assert_ok(host_container_delete(host, "a"));
    assert_int_equal(fakes.find("mscp", "cmapfile")->len, 2 * 86); /* never packed */
    assert_memory_equal(fakes.find("mscp", "cmapfile")->data, zeros, 86);
    assert_null(fakes.card->kx[0]);
    assert_null(fakes.find("mscp", "kxc00"));
    assert_code(host_container_delete(host, "a"), SCARD_E_NO_KEY_CONTAINER);
    fakes.set_file("mscp", "ksc00", "left over", 9);
    assert_ok(host_container_create(host, "c", AT_SIGNATURE, BITS, &made));
    assert_int_equal(made.index, 0);
    assert_true(made.is_default); /* there was none left */
    assert_null(fakes.find("mscp", "ksc00")); /* not the certificate of this key */
    host_end(host);
}

static void full_card_says_so(void **state)
{
    (void)state;
    for (unsigned i = 0; i < FAKE_CONTAINERS; i++)
        create(NULL, AT_KEYEXCHANGE);
    begin_as_user(host);
    assert_code(host_container_create(host, "more", AT_KEYEXCHANGE, BITS, NULL),
                SCARD_E_NO_MEMORY);
    assert_string_equal(host_says(SCARD_E_NO_MEMORY), "no room left on the card");
    host_end(host);
    assert_int_equal(containers(), FAKE_CONTAINERS);
}

/* A key the map does not list may be somebody's: it is neither overwritten nor out of reach. */
static void unlisted_keys_are_left_alone(void **state)
{
    struct host_container found, made;
    BYTE *der = NULL;
    size_t len = 0;
    void *key;

    (void)state;
    create("a", AT_KEYEXCHANGE);
    fakes.set_file("mscp", "cmapfile", NULL, 0);
    fakes.find("", "cardcf")->data[2]++;
    key = fakes.card->kx[0];
    begin_as_user(host);
    assert_ok(host_container_create(host, "b", AT_KEYEXCHANGE, BITS, &made));
    assert_int_equal(made.index, 1);
    assert_ptr_equal(fakes.card->kx[0], key);
    assert_ok(host_container_find(host, "0", &found));
    assert_string_equal(found.name, "");
    assert_int_equal(found.kx_bits, BITS);
    assert_ok(host_public_key(host, "0", 0, &der, &len));
    host_free(der, len);
    assert_ok(host_container_delete(host, "0"));
    assert_null(fakes.card->kx[0]);
    assert_code(host_container_find(host, "0", &found), SCARD_E_NO_KEY_CONTAINER);
    host_end(host);
    assert_int_equal(containers(), 1);
}

/* Every call of a creation fails in turn, before its work or after it. */
static void failed_creation_leaves_the_map(void **state)
{
    static const enum fake_call calls[] = {
        FAKE_READ_FILE, FAKE_WRITE_FILE, FAKE_CREATE_CONTAINER, FAKE_GET_CONTAINER_INFO,
        FAKE_QUERY_FREE_SPACE, FAKE_ENUM_FILES,
    };
    unsigned failures = 0;
    size_t before;

    (void)state;
    create("old", AT_KEYEXCHANGE);
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        for (unsigned n = 0; n < 2 * 8; n++) {
            struct fake_fault fault = { calls[i], n / 2, SCARD_E_WRITE_TOO_MANY, n % 2 == 1 };
            DWORD rc;

            begin_as_user(host);
            fakes.card->fault = fault;
            rc = host_container_create(host, "new", AT_KEYEXCHANGE, BITS, NULL);
            fakes.card->fault.rc = 0;
            host_end(host);
            before = containers();
            if (rc == SCARD_S_SUCCESS) {
                assert_int_equal(before, 2);
                begin_as_user(host);
                assert_ok(host_container_delete(host, "new"));
                host_end(host);
                break;
            }
            failures++;
            assert_code(rc, SCARD_E_WRITE_TOO_MANY);
            assert_int_equal(before, 1); /* the map is as before */
            if (calls[i] != FAKE_CREATE_CONTAINER || !fault.after) /* "failed", yet it is there */
                assert_null(fakes.card->kx[1]);
            if (fakes.card->kx[1] != NULL) {
                begin_as_user(host);
                assert_ok(host_container_delete(host, "1"));
                host_end(host);
            }
        }
    }
    assert_true(failures > 6);
}

static void failed_deletion_leaves_the_map(void **state)
{
    (void)state;
    create("a", AT_KEYEXCHANGE);
    begin_as_user(host);
    fail_next(FAKE_DELETE_CONTAINER, 0, SCARD_E_UNEXPECTED);
    assert_code(host_container_delete(host, "a"), SCARD_E_UNEXPECTED);
    host_end(host);
    assert_int_equal(containers(), 1);
    assert_non_null(fakes.card->kx[0]);
    assert_code(host_container_delete(host, "a"), SCARD_W_SECURITY_VIOLATION);
    assert_int_equal(containers(), 1);
}

static void card_without_a_map_gets_one(void **state)
{
    (void)state;
    fakes.find("mscp", "cmapfile")->used = false;
    assert_int_equal(containers(), 0);
    fakes.find("", "mscp")->used = false;
    fakes.find("", "cardcf")->data[2]++;
    create("a", AT_KEYEXCHANGE);
    assert_non_null(fakes.find("mscp", "cmapfile"));
    assert_int_equal(containers(), 1);
}

static void default_container_is_chosen(void **state)
{
    struct host_container found;

    (void)state;
    assert_code(host_container_find(host, NULL, &found), SCARD_E_NO_KEY_CONTAINER);
    create("a", AT_KEYEXCHANGE);
    create("b", AT_KEYEXCHANGE);
    create("c", AT_KEYEXCHANGE);
    assert_ok(host_container_find(host, NULL, &found));
    assert_string_equal(found.name, "a");
    begin_as_user(host);
    assert_ok(host_container_delete(host, NULL));
    assert_code(host_container_find(host, NULL, &found), SCARD_E_NO_KEY_CONTAINER);
    assert_ok(host_container_delete(host, "b"));
    assert_ok(host_container_find(host, NULL, &found)); /* the only one */
    assert_string_equal(found.name, "c");
    host_end(host);
}

/* ---- keys and certificates ----------------------------------------------------------------- */

static EVP_PKEY *public_of(const char *container, DWORD spec)
{
    const unsigned char *at;
    BYTE *der = NULL;
    size_t len = 0;
    EVP_PKEY *key;

    assert_ok(host_public_key(host, container, spec, &der, &len));
    at = der;
    key = d2i_PUBKEY(NULL, &at, (long)len);
    assert_non_null(key);
    assert_ptr_equal(at, der + len);
    host_free(der, len);
    return key;
}

static void public_keys_are_the_cards(void **state)
{
    BYTE *der = NULL;
    size_t len = 0;

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        bool signature = i % 2 == 1;
        EVP_PKEY *key;

        fakes.card->elliptic = i >= 2;
        create("k", signature ? AT_SIGNATURE : AT_KEYEXCHANGE);
        key = public_of("k", i % 2 == 1 ? AT_SIGNATURE : AT_KEYEXCHANGE);
        assert_int_equal(EVP_PKEY_eq(key, signature ? fakes.card->sig[0] : fakes.card->kx[0]), 1);
        EVP_PKEY_free(key);
        EVP_PKEY_free(public_of(NULL, 0)); /* the key there is */
        assert_code(host_public_key(host, "k", signature ? AT_KEYEXCHANGE : AT_SIGNATURE, &der,
                                    &len),
                    NTE_NO_KEY);
        assert_code(host_public_key(host, "k", 77, &der, &len), SCARD_E_INVALID_PARAMETER);
        begin_as_user(host);
        assert_ok(host_container_delete(host, "k"));
        host_end(host);
    }
}

static void nonsense_instead_of_a_key(void **state)
{
    BYTE *der = NULL;
    size_t len = 0;

    (void)state;
    create("k", AT_KEYEXCHANGE);
    fakes.card->trick_call = FAKE_GET_CONTAINER_INFO;
    for (enum fake_trick trick = FAKE_NULL_OUTPUT; trick <= FAKE_TOO_LONG; trick++) {
        reopen(0);
        fakes.card->trick = trick;
        assert_code(host_public_key(host, "k", 0, &der, &len), SCARD_E_UNEXPECTED);
        assert_null(der);
    }
}

static bool verify(EVP_PKEY *key, const char *hash, const BYTE *digest, size_t digest_len,
                   const BYTE *sig, size_t len)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    EVP_MD *md = EVP_MD_fetch(NULL, hash, NULL);
    bool ok = EVP_PKEY_verify_init(ctx) == 1 && EVP_PKEY_CTX_set_signature_md(ctx, md) == 1 &&
              EVP_PKEY_verify(ctx, sig, len, digest, digest_len) == 1;

    EVP_MD_free(md);
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

static void signatures_verify(void **state)
{
    BYTE digest[32] = { 1, 2, 3 }, *sig = NULL;
    size_t len = 0;

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        DWORD spec = i % 2 == 1 ? AT_SIGNATURE : AT_KEYEXCHANGE;
        EVP_PKEY *key;

        fakes.card->elliptic = i >= 2;
        create("k", spec);
        key = public_of("k", spec);
        assert_code(host_sign(host, "k", spec, CALG_SHA_256, digest, 32, &sig, &len),
                    SCARD_W_SECURITY_VIOLATION);
        begin_as_user(host);
        assert_ok(host_sign(host, "k", spec, CALG_SHA_256, digest, 32, &sig, &len));
        assert_true(verify(key, "SHA256", digest, 32, sig, len));
        host_free(sig, len);
        assert_code(host_sign(host, "k", spec, CALG_SHA_256, digest, 31, &sig, &len),
                    NTE_BAD_HASH);
        assert_code(host_sign(host, "k", spec, CALG_AES, digest, 32, &sig, &len), NTE_BAD_ALGID);
        assert_code(host_sign(host, "x", spec, CALG_SHA_256, digest, 32, &sig, &len),
                    SCARD_E_NO_KEY_CONTAINER);
        fakes.card->trick_call = FAKE_SIGN_DATA;
        for (enum fake_trick trick = FAKE_NULL_OUTPUT; trick <= FAKE_TOO_LONG; trick++) {
            fakes.card->trick = trick;
            assert_code(host_sign(host, "k", spec, CALG_SHA_256, digest, 32, &sig, &len),
                        SCARD_E_UNEXPECTED);
        }
        fakes.card->trick = FAKE_HONEST;
        assert_ok(host_container_delete(host, "k"));
        host_end(host);
        EVP_PKEY_free(key);
    }
}

static const struct {
    enum host_padding padding;
    int libcrypto;
    const char *hash;
} paddings[] = {
    { HOST_PAD_PKCS1, RSA_PKCS1_PADDING, NULL },
    { HOST_PAD_OAEP_SHA1, RSA_PKCS1_OAEP_PADDING, "SHA1" },
    { HOST_PAD_OAEP_SHA256, RSA_PKCS1_OAEP_PADDING, "SHA256" },
    { HOST_PAD_NONE, RSA_NO_PADDING, NULL },
};

static void encrypt(EVP_PKEY *key, size_t row, const BYTE *in, size_t len, BYTE out[BITS / 8])
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    size_t out_len = BITS / 8;

    assert_int_equal(EVP_PKEY_encrypt_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, paddings[row].libcrypto), 1);
    if (paddings[row].hash != NULL)
        assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md_name(ctx, paddings[row].hash, NULL), 1);
    assert_int_equal(EVP_PKEY_encrypt(ctx, out, &out_len, in, len), 1);
    EVP_PKEY_CTX_free(ctx);
}

static void ciphertexts_are_decrypted(void **state)
{
    BYTE message[BITS / 8] = { 0, 's', 'e', 'c', 'r', 'e', 't' }, cipher[BITS / 8], *plain = NULL;
    size_t len = 0, want;
    EVP_PKEY *key;

    (void)state;
    create("k", AT_KEYEXCHANGE);
    key = public_of("k", 0);
    for (DWORD version = 6; version <= 8; version++) {
        fakes.card->no_unpadding = version == 8; /* version 7 by the other way */
        reopen(version == 8 ? 7 : version);
        begin_as_user(host);
        for (size_t i = 0; i < sizeof paddings / sizeof paddings[0]; i++) {
            want = paddings[i].padding == HOST_PAD_NONE ? sizeof message : 7;
            encrypt(key, i, message, want, cipher);
            assert_ok(host_decrypt(host, "k", paddings[i].padding, cipher, sizeof cipher, &plain,
                                   &len));
            assert_int_equal(len, want);
            assert_memory_equal(plain, message, want);
            host_free(plain, len);
            plain = NULL;
            if (paddings[i].padding == HOST_PAD_NONE)
                continue;
            memset(cipher, 1, sizeof cipher);
            assert_code(host_decrypt(host, "k", paddings[i].padding, cipher, sizeof cipher, &plain,
                                     &len),
                        NTE_BAD_DATA);
            assert_null(plain);
        }
        assert_code(host_decrypt(host, "k", HOST_PAD_PKCS1, cipher, 127, &plain, &len),
                    SCARD_E_INSUFFICIENT_BUFFER);
        fakes.card->trick = FAKE_HUGE_LENGTH;
        fakes.card->trick_call = FAKE_RSA_DECRYPT;
        assert_code(host_decrypt(host, "k", HOST_PAD_NONE, cipher, 128, &plain, &len),
                    SCARD_E_UNEXPECTED);
        fakes.card->trick = FAKE_HONEST;
        host_end(host);
        assert_code(host_decrypt(host, "k", HOST_PAD_PKCS1, cipher, 128, &plain, &len),
                    SCARD_W_SECURITY_VIOLATION);
    }
    EVP_PKEY_free(key);
}

static void elliptic_keys_decrypt_nothing(void **state)
{
    BYTE cipher[32] = { 0 }, *plain = NULL;
    size_t len = 0;

    (void)state;
    fakes.card->elliptic = true;
    create("k", AT_KEYEXCHANGE);
    assert_code(host_decrypt(host, "k", HOST_PAD_PKCS1, cipher, sizeof cipher, &plain, &len),
                SCARD_E_UNSUPPORTED_FEATURE);
}

static void certificate_is_kept_compressed(void **state)
{
    EVP_PKEY *key;
    unsigned char *der;
    BYTE *back = NULL;
    struct host_container found;
    const struct fake_file *file;
    size_t len, back_len = 0;

    (void)state;
    create("k", AT_KEYEXCHANGE);
    key = public_of("k", 0);
    len = (size_t)make_cert(key, 1000, &der);
    assert_code(host_cert_read(host, "k", 0, &back, &back_len), SCARD_E_NO_SUCH_CERTIFICATE);
    begin_as_user(host);
    assert_ok(host_cert_write(host, "k", 0, der, len));
    host_end(host);
    file = fakes.find("mscp", "kxc00");
    assert_non_null(file);
    assert_int_equal(file->access, EveryoneReadUserWriteAc);
    assert_true(file->len < len);
    assert_int_equal(file->data[0], 1);
    assert_ok(host_cert_read(host, "k", AT_KEYEXCHANGE, &back, &back_len));
    assert_int_equal(back_len, len);
    assert_memory_equal(back, der, len);
    host_free(back, back_len);
    assert_ok(host_container_find(host, "k", &found));
    assert_true(found.kx_cert);
    assert_false(found.sig_cert);
    fakes.card->compresses = true; /* a module that does it itself is given DER */
    reopen(0);
    begin_as_user(host);
    assert_ok(host_cert_write(host, "k", 0, der, len));
    host_end(host);
    assert_memory_equal(fakes.find("mscp", "kxc00")->data, der, len);
    assert_ok(host_cert_read(host, "k", 0, &back, &back_len));
    host_free(back, back_len);
    OPENSSL_free(der);
    EVP_PKEY_free(key);
}

static void wrong_certificates_are_not_written(void **state)
{
    EVP_PKEY *other = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)BITS), *key;
    unsigned char *der;
    BYTE *more;
    size_t len;

    (void)state;
    create("k", AT_KEYEXCHANGE);
    key = public_of("k", 0);
    begin_as_user(host);
    len = (size_t)make_cert(other, 0, &der);
    assert_code(host_cert_write(host, "k", 0, der, len), NTE_BAD_PUBLIC_KEY);
    OPENSSL_free(der);
    len = (size_t)make_cert(key, 0, &der);
    assert_code(host_cert_write(host, "k", 0, der, len - 1), CRYPT_E_ASN1_ERROR);
    more = calloc(1, len + 1);
    memcpy(more, der, len);
    assert_code(host_cert_write(host, "k", 0, more, len + 1), CRYPT_E_ASN1_ERROR);
    free(more);
    assert_code(host_cert_write(host, "k", 0, der, 0), CRYPT_E_BAD_LEN);
    assert_code(host_cert_write(host, "k", 0, der, 65536), CRYPT_E_BAD_LEN);
    assert_code(host_cert_write(host, "k", AT_SIGNATURE, der, len), NTE_NO_KEY);
    assert_null(fakes.find("mscp", "kxc00"));
    assert_int_equal(counter(4), 1); /* that of the container's creation */
    host_end(host);
    OPENSSL_free(der);
    EVP_PKEY_free(key);
    EVP_PKEY_free(other);
}

static void damaged_certificate_is_told(void **state)
{
    BYTE *back = NULL;
    size_t len = 0;

    (void)state;
    create("k", AT_KEYEXCHANGE);
    fakes.set_file("mscp", "kxc00", "\1\0\20\0nonsense", 12);
    assert_code(host_cert_read(host, "k", 0, &back, &len), NTE_BAD_DATA);
    fakes.set_file("mscp", "kxc00", NULL, 0);
    fakes.find("", "cardcf")->data[4]++;
    assert_code(host_cert_read(host, "k", 0, &back, &len), SCARD_E_NO_SUCH_CERTIFICATE);
    assert_null(back);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(container_is_created_and_found),
        TEST(names_have_a_form),
        TEST(odd_records_hide_nothing),
        TEST(freed_container_is_used_again),
        TEST(full_card_says_so),
        TEST(unlisted_keys_are_left_alone),
        TEST(failed_creation_leaves_the_map),
        TEST(failed_deletion_leaves_the_map),
        TEST(card_without_a_map_gets_one),
        TEST(default_container_is_chosen),
        TEST(public_keys_are_the_cards),
        TEST(nonsense_instead_of_a_key),
        TEST(signatures_verify),
        TEST(ciphertexts_are_decrypted),
        TEST(elliptic_keys_decrypt_nothing),
        TEST(certificate_is_kept_compressed),
        TEST(wrong_certificates_are_not_written),
        TEST(damaged_certificate_is_told),
    };

    return cmocka_run_group_tests_name("host_keys", tests, NULL, NULL);
}
