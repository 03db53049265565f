/* SPDX-License-Identifier: MIT */
/*
 * The PIV edge on the software card: a card's whole life, with short and with extended APDUs, for
 * callers with and without a cache, alone on the chip and beside GIDS, which other programs select
 * between any two verbs. What the card signs and decrypts is checked by OpenSSL.
 */
#include "opinion.h"

#include "crypto/block.h"
#include "softcard/softcard.h"

#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <unistd.h>
#include <zlib.h>

#define USER 1u
#define SIGN 3u
#define SIGNATURE 22u /* container of 9C */
#define CARD_AUTH 23u /* of 9E */

static const uint8_t pin[] = { '7', '6', '5', '4', '3', '2', '1' };
static const uint8_t puk[] = { '8', '7', '6', '5', '4', '3', '2', '1' };
static const uint8_t admin_key[24] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
                                       13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24 };

static struct soft {
    char path[64];
    struct softcard *card;
    struct softcard_ram *ram;
    uint8_t out[SOFTCARD_ANSWER_MAX];
    unsigned pulled; /* after so many exchanges the card is pulled out; 0: never */
} soft;
static struct edge e;
static struct caller c;

static uint32_t transmit(void *link, const uint8_t *in, size_t in_len, uint8_t *out,
                         size_t *out_len)
{
    struct soft *s = link;
    size_t len = sizeof(s->out);

    if (s->pulled == 1)
        return SCARD_W_REMOVED_CARD;
    s->pulled -= s->pulled != 0;
    assert_int_equal(softcard_transmit(s->card, s->ram, in, in_len, s->out, &len), SOFTCARD_OK);
    assert_true(len <= *out_len);
    memcpy(out, s->out, len);
    *out_len = len;
    if (getenv("PIV_TRACE") != NULL) {
        printf("> ");
        for (size_t i = 0; i < in_len && i < 40; i++)
            printf("%02X", in[i]);
        printf(" (%zu) < (%zu) %02X%02X\n", in_len, len, out[len - 2], out[len - 1]);
    }
    return SCARD_S_SUCCESS;
}

static void send(const char *text)
{
    uint8_t in[300], out[600];
    size_t len = sizeof(out);

    (void)transmit(&soft, in, hex(text, in, sizeof(in)), out, &len);
}

/* A new insertion: what the caller cached is gone too. */
static void insert(void)
{
    uint8_t atr[SOFTCARD_ATR_MAX];
    size_t len = 0;
    bool forgets = c.forgets;

    if (e.ops != NULL && e.own != NULL)
        e.ops->close(&e);
    assert_int_equal(c.blocks, 0);
    caller_begin(&c);
    c.forgets = forgets;
    softcard_power_on(soft.card, soft.ram, atr, &len);
    memset(&e, 0, sizeof(e));
    card_init(&e.card, transmit, &soft);
    e.services = caller_services(&c);
    e.link_extends = true;
    assert_int_equal(edge_find(&e, NULL, 0), SCARD_S_SUCCESS);
    assert_ptr_equal(e.ops, &edge_piv);
    assert_int_equal(e.card.exchanges, 1);
}

struct kind {
    const char *name;
    bool extended, forgets, both, apart;
};

static void card_begin(const struct kind *kind)
{
    const struct softcard_options options = {
        .applications = kind->both ? SOFTCARD_BOTH : SOFTCARD_PIV, .no_extended = !kind->extended };
    const struct softcard_person who = { .pin = pin, .pin_len = sizeof(pin),
                                         .puk = puk, .puk_len = sizeof(puk),
                                         .admin_key = admin_key, .admin_key_len = 24,
                                         .admin_key_apart = kind->apart };

    print_message("%s\n", kind->name);
    memset(&e, 0, sizeof(e));
    caller_begin(&c);
    c.forgets = kind->forgets;
    (void)snprintf(soft.path, sizeof(soft.path), "/tmp/unit-piv-XXXXXX");
    assert_non_null(mkdtemp(soft.path));
    strcat(soft.path, "/t.card");
    soft.ram = calloc(1, softcard_ram_size());
    assert_int_equal(softcard_create(soft.path, &options), SOFTCARD_OK);
    assert_int_equal(softcard_open(soft.path, &soft.card), SOFTCARD_OK);
    assert_int_equal(softcard_personalise(soft.card, &who), SOFTCARD_OK);
    insert();
}

static void card_end(void)
{
    e.ops->close(&e);
    assert_int_equal(c.blocks, 0);
    softcard_close(soft.card);
    free(soft.ram);
    (void)unlink(soft.path);
    *strrchr(soft.path, '/') = '\0';
    (void)rmdir(soft.path);
}

static const struct kind kinds[] = {
    { "extended", true, false, false, false },
    { "short", false, false, false, false },
    { "no cache", true, true, false, false },
    { "beside GIDS", true, false, true, false },
};

/* Another program has used GIDS. */
static void disturb(const struct kind *kind)
{
    if (kind->both)
        send("00A4040009A0000003974254465900");
}

static void login_as(unsigned role)
{
    uint32_t left;

    assert_int_equal(e.ops->verify(&e, (enum edge_role)role, pin, sizeof(pin), &left),
                     SCARD_S_SUCCESS);
}

static uint8_t roles(void)
{
    uint8_t set = 0xEE;

    assert_int_equal(e.ops->roles(&e, &set), SCARD_S_SUCCESS);
    return set;
}

static DWORD admin_login(const uint8_t *key, size_t key_len, enum crypto_cipher cipher)
{
    uint8_t challenge[16], response[16];
    size_t len = sizeof(challenge);
    uint32_t left;

    assert_int_equal(e.ops->challenge(&e, challenge, &len), SCARD_S_SUCCESS);
    assert_int_equal(len, crypto_block_len(cipher));
    assert_true(crypto_encrypt_block(cipher, key, key_len, challenge, response));
    return e.ops->respond(&e, response, len, &left);
}

/* ---- keys ---- */

static struct edge_key find_key(unsigned index, uint8_t spec, uint8_t guard)
{
    static const struct edge_key none;
    struct edge_container list[EDGE_CONTAINERS_MAX];

    assert_int_equal(e.ops->containers(&e, list), SCARD_S_SUCCESS);
    assert_int_equal(list[index].pin, guard);
    return list[index].kx.spec == spec    ? list[index].kx
           : list[index].sig.spec == spec ? list[index].sig
                                          : none;
}

static void check_decrypts(const struct edge_key *listed, EVP_PKEY *pkey, size_t bytes)
{
    static const struct {
        enum edge_padding ours;
        int openssl;
    } paddings[] = { { EDGE_PKCS1, RSA_PKCS1_PADDING },
                     { EDGE_OAEP_SHA1, RSA_PKCS1_OAEP_PADDING } };
    uint8_t box[EDGE_RSA_MAX_BYTES], plain[EDGE_RSA_MAX_BYTES];
    size_t len;

    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(opinion_encrypt(pkey, paddings[i].openssl, pin, sizeof(pin), box), bytes);
        len = sizeof(plain);
        assert_int_equal(e.ops->decrypt(&e, listed, paddings[i].ours, box, bytes, plain, &len),
                         SCARD_S_SUCCESS);
        assert_int_equal(len, sizeof(pin));
        assert_memory_equal(plain, pin, len);
        len = sizeof(plain);
        assert_int_equal(e.ops->decrypt(&e, listed, paddings[1 - i].ours, box, bytes, plain, &len),
                         SCARD_F_INTERNAL_ERROR);
    }
    len = sizeof(plain);
    assert_int_equal(e.ops->decrypt(&e, listed, EDGE_RAW, box, bytes, plain, &len),
                     SCARD_S_SUCCESS);
    assert_int_equal(len, bytes);
    assert_int_equal(plain[0], 0);
}

static void check_agrees(const struct edge_key *listed, const struct edge_public_key *key)
{
    struct made peer;
    uint8_t point[2 * EDGE_EC_MAX_BYTES], z[EDGE_EC_MAX_BYTES];
    size_t half = key->n_len / 2, len = sizeof(z);

    made_new(&peer, listed->spec, (uint32_t)(8 * half));
    memcpy(point, peer.key.x.at, half);
    memcpy(point + half, peer.key.y.at, half);
    assert_int_equal(e.ops->agree(&e, listed, point, 2 * half, z, &len), SCARD_S_SUCCESS);
    assert_int_equal(len, half);
    point[2 * half - 1] ^= 1; /* not on the curve */
    assert_int_equal(e.ops->agree(&e, listed, point, 2 * half, z, &len), SCARD_E_INVALID_PARAMETER);
}

static DWORD sign(const struct edge_key *listed, EVP_PKEY *pkey, size_t len)
{
    uint8_t digest[64], sig[EDGE_RSA_MAX_BYTES];
    size_t sig_len = sizeof(sig), bytes = (size_t)EVP_PKEY_get_bits(pkey) / 8;
    DWORD rc;

    memset(digest, 0x3C, sizeof(digest));
    if (listed->spec >= 3) {
        rc = e.ops->sign(&e, listed, EDGE_RAW, digest, len, sig, &sig_len);
        if (rc == SCARD_S_SUCCESS)
            assert_true(opinion_ec(pkey, sig, sig_len, digest, len < bytes ? len : bytes));
    } else {
        rc = e.ops->sign(&e, listed, EDGE_PKCS1, digest, 51, sig, &sig_len);
        if (rc == SCARD_S_SUCCESS)
            assert_true(opinion_rsa(pkey, RSA_PKCS1_PADDING, sig, sig_len, digest, 51));
    }
    return rc;
}

/* The key is what it says, and guarded as it should be. */
static void check_key(unsigned index, uint8_t spec, uint8_t guard)
{
    const struct edge_key listed = find_key(index, spec, guard);
    struct edge_public_key key;
    EVP_PKEY *pkey;

    assert_int_equal(listed.spec, spec);
    assert_int_equal(e.ops->public_key(&e, &listed, &key), SCARD_S_SUCCESS);
    pkey = opinion_key(&key, opinion_curve(spec));
    if (guard == SIGN) { /* once for each time the PIN is shown */
        assert_int_equal(sign(&listed, pkey, 32), SCARD_W_SECURITY_VIOLATION);
        login_as(SIGN);
        (void)find_key(index, spec, guard); /* as the core asks before each use */
    }
    assert_int_equal(sign(&listed, pkey, 32), SCARD_S_SUCCESS);
    if (guard == SIGN)
        assert_int_equal(sign(&listed, pkey, 32), SCARD_W_SECURITY_VIOLATION);
    if (guard == USER && spec >= 3)
        assert_int_equal(sign(&listed, pkey, 64), SCARD_S_SUCCESS); /* is cut */
    if (spec == 1)
        check_decrypts(&listed, pkey, key.n_len);
    if (spec >= 6)
        check_agrees(&listed, &key);
    EVP_PKEY_free(pkey);
}

static const struct {
    unsigned index;
    uint8_t spec;
    uint32_t bits;
    uint8_t guard;
} keys[] = {
    { 0, 1, 2048, USER },        { 1, 1, 1024, USER },       { 2, 7, 384, USER },
    { SIGNATURE, 3, 256, SIGN }, { CARD_AUTH, 3, 256, 0 },   { 21, 6, 256, USER },
    { SIGNATURE, 2, 2048, SIGN }, { 1, 6, 256, USER },       { 0, 4, 384, USER },
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

static void test_keys(void **state)
{
    struct made m;

    (void)state;
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        card_begin(&kinds[k]);
        assert_int_equal(roles(), 0);
        assert_int_equal(e.ops->generate(&e, 0, 1, 1024), SCARD_W_SECURITY_VIOLATION);
        assert_int_equal(e.ops->generate(&e, 0, 5, 521), SCARD_E_INVALID_PARAMETER);
        assert_int_equal(e.ops->generate(&e, 24, 1, 1024), SCARD_E_INVALID_PARAMETER);
        for (size_t i = 0; i < KEYS; i++) {
            print_message("  container %u, spec %u, %u bits\n", keys[i].index, keys[i].spec,
                          (unsigned)keys[i].bits);
            disturb(&kinds[k]);
            login_as(USER);
            assert_int_equal(roles(), 1u << USER | 1u << SIGN);
            assert_int_equal(e.ops->erase(&e, keys[i].index), SCARD_S_SUCCESS);
            assert_int_equal(e.ops->generate(&e, keys[i].index, keys[i].spec, keys[i].bits),
                             SCARD_S_SUCCESS);
            check_key(keys[i].index, keys[i].spec, keys[i].guard);
            made_new(&m, keys[i].spec, keys[i].bits);
            assert_int_equal(e.ops->import(&e, keys[i].index, keys[i].spec, keys[i].bits, &m.key),
                             SCARD_S_SUCCESS);
            check_key(keys[i].index, keys[i].spec, keys[i].guard);
        }
        assert_int_equal(e.card.extended, kinds[k].extended);
        assert_int_equal(e.ops->generate(&e, 0, 6, 256), SCARD_E_UNSUPPORTED_FEATURE); /* beside another */
        insert(); /* the card knows its keys, all but what they were made for */
        login_as(USER);
        check_key(21, 6, USER);
        check_key(1, 6, USER);
        check_key(SIGNATURE, 2, SIGN);
        assert_int_equal(e.ops->erase(&e, 21), SCARD_S_SUCCESS);
        assert_int_equal(find_key(21, 6, USER).spec, 0);
        insert();
        assert_int_equal(find_key(21, 6, USER).spec, 0);
        card_end();
    }
}

/* ---- roles ---- */

static DWORD verify(const char *text, uint32_t *left)
{
    return e.ops->verify(&e, EDGE_USER, (const uint8_t *)text, strlen(text), left);
}

static DWORD unblock(const char *proof, const char *fresh)
{
    uint32_t left;

    return e.ops->unblock(&e, EDGE_USER, (const uint8_t *)proof, strlen(proof),
                          (const uint8_t *)fresh, strlen(fresh), 0, &left);
}

static DWORD change(unsigned role, const char *old, const char *fresh, uint32_t *left)
{
    return e.ops->change(&e, (enum edge_role)role, (const uint8_t *)old, strlen(old),
                         (const uint8_t *)fresh, strlen(fresh), 0, left);
}

static void test_pins(void **state)
{
    uint32_t left;

    (void)state;
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        card_begin(&kinds[k]);
        assert_int_equal(verify("000000", &left), SCARD_W_WRONG_CHV);
        assert_int_equal(left, 2);
        disturb(&kinds[k]);
        assert_int_equal(verify("7654321", &left), SCARD_S_SUCCESS);
        assert_int_equal(roles(), 1u << USER | 1u << SIGN);
        disturb(&kinds[k]);
        assert_int_equal(change(USER, "000000", "123456", &left), SCARD_W_WRONG_CHV);
        assert_int_equal(left, 2);
        assert_int_equal(roles(), 0);
        assert_int_equal(change(USER, "7654321", "123456", &left), SCARD_S_SUCCESS);
        assert_int_equal(roles(), 1u << USER | 1u << SIGN);
        assert_int_equal(e.ops->logout(&e, 1u << USER), SCARD_S_SUCCESS);
        assert_int_equal(roles(), 0);
        for (unsigned i = 3; i-- > 0;) {
            DWORD rc = verify("000000", &left);

            assert_true(rc == SCARD_W_WRONG_CHV || (i == 0 && rc == SCARD_W_CHV_BLOCKED));
            assert_int_equal(left, i);
        }
        assert_int_equal(verify("123456", &left), SCARD_W_CHV_BLOCKED);
        disturb(&kinds[k]);
        assert_int_equal(unblock("11111111", "246802"), SCARD_W_WRONG_CHV);
        assert_int_equal(unblock("87654321", "246802"), SCARD_S_SUCCESS);
        assert_int_equal(roles(), 0);
        assert_int_equal(verify("246802", &left), SCARD_S_SUCCESS);
        assert_int_equal(change(4, "87654321", "abcdefgh", &left), SCARD_S_SUCCESS);
        assert_int_equal(unblock("87654321", "135791"), SCARD_W_WRONG_CHV);
        assert_int_equal(unblock("abcdefgh", "135791"), SCARD_S_SUCCESS);
        assert_int_equal(verify("246802", &left), SCARD_W_WRONG_CHV);
        assert_int_equal(e.ops->verify(&e, (enum edge_role)4, puk, 8, &left),
                         SCARD_E_UNSUPPORTED_FEATURE);
        card_end();
    }
}

static void describe(bool writable)
{
    assert_int_equal(e.ops->describe(&e, &e.profile), SCARD_S_SUCCESS);
    e.described = true;
    assert_int_equal(e.profile.read_only, !writable);
    assert_int_equal(e.profile.imports, writable);
}

/* The admin key where only the admin knows it: the card is read-only until he comes. */
static void test_admin(void **state)
{
    static const struct kind apart = { "the key apart", true, false, true, true };
    static const uint8_t aes[32] = { 0xA5, 1, 2, 3 };
    uint8_t wrong[24], challenge[16], response[16];
    size_t len = sizeof(challenge);
    uint32_t left;

    (void)state;
    card_begin(&apart);
    describe(false);
    login_as(USER);
    assert_int_equal(e.ops->generate(&e, 0, 3, 256), SCARD_W_SECURITY_VIOLATION);
    memcpy(wrong, admin_key, sizeof(wrong));
    wrong[0] ^= 0x40;
    assert_int_equal(admin_login(wrong, 24, CRYPTO_3DES), SCARD_W_WRONG_CHV);
    assert_int_equal(e.ops->respond(&e, wrong, 8, &left), SCARD_W_WRONG_CHV); /* no challenge */
    assert_int_equal(roles() & 1u << EDGE_ADMIN, 0);
    assert_int_equal(admin_login(admin_key, 24, CRYPTO_3DES), SCARD_S_SUCCESS);
    assert_false(e.described);
    describe(true);
    assert_int_equal(roles(), 1u << USER | 1u << SIGN | 1u << EDGE_ADMIN);
    assert_int_equal(e.ops->generate(&e, 0, 3, 256), SCARD_S_SUCCESS);
    disturb(&apart); /* the card forgets */
    assert_int_equal(roles(), 0);
    assert_false(e.described);
    describe(false);
    assert_int_equal(e.ops->generate(&e, 1, 3, 256), SCARD_W_SECURITY_VIOLATION);
    assert_int_equal(admin_login(admin_key, 24, CRYPTO_3DES), SCARD_S_SUCCESS);
    assert_int_equal(e.ops->logout(&e, 1u << EDGE_ADMIN), SCARD_S_SUCCESS);
    assert_int_equal(e.ops->generate(&e, 1, 3, 256), SCARD_W_SECURITY_VIOLATION);

    /* another kind of key needs the card's own help: here by the same kind */
    assert_int_equal(e.ops->challenge(&e, challenge, &len), SCARD_S_SUCCESS);
    assert_true(crypto_encrypt_block(CRYPTO_3DES, admin_key, 24, challenge, response));
    assert_int_equal(e.ops->change_key(&e, response, len, aes, 32, &left),
                     SCARD_E_INVALID_PARAMETER);
    len = sizeof(challenge);
    assert_int_equal(e.ops->challenge(&e, challenge, &len), SCARD_S_SUCCESS);
    assert_true(crypto_encrypt_block(CRYPTO_3DES, admin_key, 24, challenge, response));
    assert_int_equal(e.ops->change_key(&e, response, len, wrong, 24, &left), SCARD_S_SUCCESS);
    assert_int_equal(admin_login(admin_key, 24, CRYPTO_3DES), SCARD_W_WRONG_CHV);
    assert_int_equal(admin_login(wrong, 24, CRYPTO_3DES), SCARD_S_SUCCESS);

    /* the admin key does not unblock: it is told so, and costs no try of the PUK */
    len = sizeof(challenge);
    assert_int_equal(e.ops->challenge(&e, challenge, &len), SCARD_S_SUCCESS);
    assert_true(crypto_encrypt_block(CRYPTO_3DES, wrong, 24, challenge, response));
    assert_int_equal(e.ops->unblock(&e, EDGE_USER, response, len, pin, sizeof(pin), 0, &left),
                     SCARD_E_UNSUPPORTED_FEATURE);
    assert_int_equal(roles(), 0);
    assert_int_equal(unblock("87654321", "7654321"), SCARD_S_SUCCESS);
    card_end();
}

/* An AES key by the vendor's command, found out without help. */
static void test_admin_aes(void **state)
{
    static const uint8_t aes[16] = { 0xA5, 1, 2, 3 };
    uint8_t challenge[16], response[16];
    size_t len = sizeof(challenge);
    uint32_t left;

    (void)state;
    card_begin(&kinds[0]);
    assert_int_equal(admin_login(admin_key, 24, CRYPTO_3DES), SCARD_S_SUCCESS);
    send("00FFFFFF13089B10 A5010203 00*12");
    insert();
    assert_int_equal(admin_login(aes, 16, CRYPTO_AES), SCARD_S_SUCCESS);
    describe(true);
    assert_int_equal(e.ops->challenge(&e, challenge, &len), SCARD_S_SUCCESS);
    assert_true(crypto_encrypt_block(CRYPTO_AES, aes, 16, challenge, response));
    assert_int_equal(e.ops->change_key(&e, response, len, admin_key, 24, &left), SCARD_S_SUCCESS);
    assert_int_equal(admin_login(admin_key, 24, CRYPTO_AES), SCARD_S_SUCCESS);
    insert(); /* what lies behind the PIN is the new key */
    login_as(USER);
    assert_int_equal(e.ops->generate(&e, 0, 3, 256), SCARD_S_SUCCESS);
    assert_int_equal(roles(), 1u << USER | 1u << SIGN); /* that does not make an admin of him */
    assert_int_equal(e.ops->logout(&e, 1u << USER), SCARD_S_SUCCESS);
    assert_int_equal(e.ops->generate(&e, 1, 3, 256), SCARD_W_SECURITY_VIOLATION);
    card_end();
}

/* ---- files ---- */

static bool in_table(const char *name, struct edge_file *ret)
{
    struct edge_file *files = NULL;
    size_t count = 0, i = 0;

    assert_int_equal(e.ops->table(&e, &files, &count), SCARD_S_SUCCESS);
    while (i < count && strcmp(files[i].name, name) != 0)
        i++;
    if (i < count)
        *ret = files[i];
    e.services.free(&c, files);
    return i < count;
}

static size_t read_file(const char *name, uint8_t *out, size_t room)
{
    struct edge_file file;
    uint8_t *data = NULL;
    size_t len = 0;

    if (!in_table(name, &file))
        return 0;
    assert_int_equal(e.ops->read(&e, &file, &data, &len), SCARD_S_SUCCESS);
    assert_true(len <= room);
    memcpy(out, data, len);
    e.services.free(&c, data);
    return len;
}

static DWORD write_file(const char *name, const uint8_t *data, size_t len)
{
    struct edge_file file = { "mscp", "", 1, true, 0 };
    DWORD rc = SCARD_S_SUCCESS;

    if (!in_table(name, &file)) {
        strcpy(file.name, name);
        rc = e.ops->create(&e, &file, 0);
        assert_true(rc != SCARD_S_SUCCESS || in_table(name, &file));
    }
    return rc == SCARD_S_SUCCESS ? e.ops->write(&e, &file, data, len) : rc;
}

static void check_round_trip(const char *name, const uint8_t *data, size_t len, bool lasts)
{
    static uint8_t back[20000];

    assert_int_equal(write_file(name, data, len), SCARD_S_SUCCESS);
    assert_int_equal(read_file(name, back, sizeof(back)), len);
    assert_memory_equal(back, data, len);
    if (!lasts)
        return;
    insert();
    assert_int_equal(read_file(name, back, sizeof(back)), len);
    assert_memory_equal(back, data, len);
    login_as(USER);
}

/* A certificate by OpenSSL, of a key of its own: nobody compares. */
static size_t make_cert(uint8_t *out, size_t filling)
{
    EVP_PKEY *pkey = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    char name[64];
    int len;

    (void)X509_set_version(cert, 2);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(cert), 7);
    (void)X509_gmtime_adj(X509_getm_notBefore(cert), 0);
    (void)X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
    memset(name, 'x', sizeof(name));
    for (size_t i = 0; i < filling; i++)
        (void)X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "OU", MBSTRING_ASC,
                                         (const uint8_t *)name, 60, -1, 0);
    (void)X509_set_pubkey(cert, pkey);
    assert_true(X509_sign(cert, pkey, EVP_sha256()) > 0);
    len = i2d_X509(cert, &out);
    X509_free(cert);
    EVP_PKEY_free(pkey);
    return (size_t)len;
}

/* The Base CSP's compressed form. */
static size_t pack(const uint8_t *der, size_t len, int level, uint8_t *out, size_t room)
{
    uLongf packed = (uLongf)(room - 4);

    out[0] = 1;
    out[1] = 0;
    out[2] = (uint8_t)len;
    out[3] = (uint8_t)(len >> 8);
    assert_int_equal(compress2(out + 4, &packed, der, (uLong)len, level), Z_OK);
    return 4 + packed;
}

static void test_files(void **state)
{
    static uint8_t der[9000], packed[9000], roots[8000];
    uint8_t id[16], again[16], map[2100], text[] = "hello";
    struct edge_file file;
    size_t len;

    (void)state;
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        card_begin(&kinds[k]);
        assert_int_equal(read_file("cardid", id, 16), 16);
        insert();
        assert_int_equal(read_file("cardid", again, 16), 16);
        assert_memory_equal(id, again, 16);
        assert_false(in_table("kxc00", &file));
        login_as(USER);
        assert_int_equal(e.ops->generate(&e, 0, 1, 1024), SCARD_S_SUCCESS);
        assert_false(in_table("kxc00", &file));

        len = make_cert(der, 0);
        check_round_trip("kxc00", der, len, true);
        len = make_cert(der, 20);
        disturb(&kinds[k]);
        login_as(USER);
        check_round_trip("kxc00", der, len, true);
        for (int level = 1; level <= 9; level += 4)
            check_round_trip("kxc00", packed, pack(der, len, level, packed, sizeof(packed)), true);
        assert_true(in_table("kxc00", &file));
        assert_int_equal(e.ops->remove(&e, &file), SCARD_S_SUCCESS);
        assert_false(in_table("kxc00", &file));

        check_round_trip("kxc00", text, 5, true);  /* no certificate */
        check_round_trip("ksc00", der, len, true); /* of a key that is not there */
        check_round_trip("note", text, 5, true);
        for (size_t i = 0; i < sizeof(roots); i++)
            roots[i] = (uint8_t)(i * i >> 3);
        check_round_trip("msroots", roots, sizeof(roots), true);
        check_round_trip("msroots", roots, 100, true);

        len = read_file("cmapfile", map, sizeof(map));
        assert_int_equal(len, 86);
        map[0] = 'A'; /* a name of the caller's */
        map[2] = 'b';
        memset(map + 4, 0, 76);
        check_round_trip("cmapfile", map, len, true);
        card_end();
    }
}

/* Root certificates take several objects. Pulled out while they are written, the card has the old
 * ones, the new ones, or none: never some of each. */
static void test_torn_roots(void **state)
{
    static uint8_t old[8000], fresh[5000], back[20000];
    struct edge_file file;
    unsigned none = 0, at = 1;
    DWORD rc;

    (void)state;
    memset(old, 0xAA, sizeof(old));
    memset(fresh, 0xBB, sizeof(fresh));
    card_begin(&kinds[0]);
    do {
        size_t len;

        login_as(USER);
        assert_int_equal(write_file("msroots", old, sizeof(old)), SCARD_S_SUCCESS);
        assert_true(in_table("msroots", &file));
        soft.pulled = ++at;
        rc = e.ops->write(&e, &file, fresh, sizeof(fresh));
        soft.pulled = 0;
        insert();
        len = read_file("msroots", back, sizeof(back));
        none += len == 0;
        if (len != 0 && (len != sizeof(old) || memcmp(back, old, len) != 0) &&
            (len != sizeof(fresh) || memcmp(back, fresh, len) != 0))
            fail_msg("pulled out after %u: %zu bytes of both", at - 1, len);
    } while (rc != SCARD_S_SUCCESS);
    assert_true(none != 0 && at > 4);
    card_end();
}

static DWORD read_all(void)
{
    struct edge_file *files = NULL;
    size_t count = 0;
    DWORD rc = e.ops->table(&e, &files, &count);

    for (size_t i = 0; i < count && rc == SCARD_S_SUCCESS; i++) {
        uint8_t *data = NULL;
        size_t len = 0;

        if (files[i].name[0] == '\0')
            continue;
        rc = e.ops->read(&e, &files[i], &data, &len);
        assert_int_equal(rc == SCARD_S_SUCCESS, data != NULL);
        e.services.free(&c, data);
    }
    e.services.free(&c, files);
    return rc;
}

/* Memory runs out at each place while all files are read from the card. */
static void test_files_without_memory(void **state)
{
    static uint8_t data[4000];
    DWORD rc = SCARD_E_NO_MEMORY;
    unsigned blocks;

    (void)state;
    card_begin(&kinds[2]); /* no cache: all is read each time */
    login_as(USER);
    assert_int_equal(e.ops->generate(&e, 0, 3, 256), SCARD_S_SUCCESS);
    check_round_trip("ksc00", data, make_cert(data, 0), false);
    check_round_trip("msroots", data, sizeof(data), false);
    check_round_trip("note", data, 100, false);
    blocks = c.blocks;
    for (unsigned at = 1; rc == SCARD_E_NO_MEMORY; at++) {
        c.fail_alloc = c.allocs + at;
        rc = read_all();
        assert_int_equal(c.blocks, blocks);
    }
    assert_int_equal(rc, SCARD_S_SUCCESS);
    c.fail_alloc = 0;
    card_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_torn_roots), cmocka_unit_test(test_files_without_memory),
        cmocka_unit_test(test_keys), cmocka_unit_test(test_pins), cmocka_unit_test(test_admin),
        cmocka_unit_test(test_admin_aes), cmocka_unit_test(test_files),
    };

    return cmocka_run_group_tests_name("piv_softcard", tests, NULL, NULL);
}
