/* SPDX-License-Identifier: MIT */
/*
 * The GIDS edge on the software card: a card's whole life, with short and with extended APDUs;
 * what it signs and decrypts is checked by OpenSSL. Then every verb that writes, with the power
 * cut at each exchange.
 */
#include "opinion.h"

#include "softcard/softcard.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <unistd.h>

static const uint8_t pin[] = { '1', '2', '3', '4', '5', '6', '7', '8' };
static const uint8_t admin_key[24] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
                                       13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24 };

struct soft {
    char path[64];
    struct softcard *card;
    struct softcard_ram *ram;
    unsigned cut; /* the power fails at this exchange, counted down; 0: never */
    bool dead;
    uint8_t out[SOFTCARD_ANSWER_MAX];
};

static struct soft soft;
static struct edge e;
static struct caller c;

static uint32_t transmit(void *link, const uint8_t *in, size_t in_len, uint8_t *out,
                         size_t *out_len)
{
    struct soft *s = link;
    size_t len = sizeof(s->out);

    if (s->cut != 0 && --s->cut == 0)
        s->dead = true;
    if (s->dead)
        return SCARD_W_RESET_CARD;
    assert_int_equal(softcard_transmit(s->card, s->ram, in, in_len, s->out, &len), SOFTCARD_OK);
    assert_true(len <= *out_len);
    memcpy(out, s->out, len);
    *out_len = len;
    return SCARD_S_SUCCESS;
}

/* Power off and on: selection and roles are gone. */
static void power_cycle(void)
{
    uint8_t atr[SOFTCARD_ATR_MAX];
    size_t len = 0;

    soft.cut = 0;
    soft.dead = false;
    softcard_power_on(soft.card, soft.ram, atr, &len);
}

static void card_begin(bool extended)
{
    const struct softcard_options options = { .no_extended = !extended };
    const struct softcard_person who = { .pin = pin, .pin_len = sizeof(pin),
                                         .admin_key = admin_key, .admin_key_len = 24 };

    memset(&soft, 0, sizeof(soft));
    memset(&c, 0, sizeof(c));
    memset(&e, 0, sizeof(e));
    (void)snprintf(soft.path, sizeof(soft.path), "/tmp/unit-gids-XXXXXX");
    assert_non_null(mkdtemp(soft.path));
    strcat(soft.path, "/t.card");
    soft.ram = calloc(1, softcard_ram_size());
    assert_int_equal(softcard_create(soft.path, &options), SOFTCARD_OK);
    assert_int_equal(softcard_open(soft.path, &soft.card), SOFTCARD_OK);
    assert_int_equal(softcard_personalise(soft.card, &who), SOFTCARD_OK);
    power_cycle();
    card_init(&e.card, transmit, &soft);
    e.services = caller_services(&c);
    e.link_extends = true;
    assert_int_equal(edge_find(&e, NULL, 0), SCARD_S_SUCCESS);
}

static void card_end(void)
{
    assert_int_equal(c.blocks, 0);
    softcard_close(soft.card);
    free(soft.ram);
    (void)unlink(soft.path);
    *strrchr(soft.path, '/') = '\0';
    (void)rmdir(soft.path);
}

static void login(void)
{
    uint32_t left;

    assert_int_equal(e.ops->verify(&e, EDGE_USER, pin, sizeof(pin), &left), SCARD_S_SUCCESS);
}

static uint8_t roles(void)
{
    uint8_t set = 0xEE;

    assert_int_equal(e.ops->roles(&e, &set), SCARD_S_SUCCESS);
    return set;
}

static void admin_login(void)
{
    uint8_t challenge[16], response[32];
    size_t len = sizeof(challenge);
    int n = 0;
    uint32_t left;
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();

    assert_int_equal(e.ops->challenge(&e, challenge, &len), SCARD_S_SUCCESS);
    assert_int_equal(len, 8);
    assert_int_equal(EVP_EncryptInit_ex(cipher, EVP_des_ede3_cbc(), NULL, admin_key,
                                        (const uint8_t[8]){ 0 }), 1);
    assert_int_equal(EVP_EncryptUpdate(cipher, response, &n, challenge, 8), 1);
    EVP_CIPHER_CTX_free(cipher);
    assert_int_equal(n, 8);
    assert_int_equal(e.ops->respond(&e, response, 8, &left), SCARD_S_SUCCESS);
}

/* ---- keys ---- */

/* The key of a container, as the edge lists it; one that it does not list has spec 0. */
static struct edge_key find_key(unsigned index, uint8_t spec)
{
    static const struct edge_key none;
    struct edge_container list[EDGE_CONTAINERS_MAX];

    assert_int_equal(e.ops->containers(&e, list), SCARD_S_SUCCESS);
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
    }
    len = sizeof(plain);
    assert_int_equal(e.ops->decrypt(&e, listed, EDGE_RAW, box, bytes, plain, &len),
                     SCARD_S_SUCCESS);
    assert_int_equal(len, bytes);
    assert_int_equal(plain[0], 0); /* a padded block begins with it */
    box[bytes - 1] ^= 1;
    assert_int_equal(e.ops->decrypt(&e, listed, EDGE_OAEP_SHA1, box, bytes, plain, &len),
                     SCARD_F_INTERNAL_ERROR);
}

/* The key signs (and decrypts), and its public key fits. */
static void check_key(unsigned index, uint8_t spec, bool thorough)
{
    struct edge_public_key key;
    const struct edge_key listed = find_key(index, spec);
    uint8_t digest[64], block[EDGE_RSA_MAX_BYTES], sig[EDGE_RSA_MAX_BYTES];
    size_t len = sizeof(sig);
    EVP_PKEY *pkey;

    memset(digest, 0x3C, sizeof(digest));
    memset(block, 0x3C, sizeof(block));
    assert_int_equal(e.ops->public_key(&e, &listed, &key), SCARD_S_SUCCESS);
    pkey = opinion_key(&key, opinion_curve(spec));
    if (spec >= 3) {
        assert_int_equal(e.ops->sign(&e, &listed, EDGE_RAW, digest, 32, sig, &len),
                         SCARD_S_SUCCESS);
        assert_int_equal(len, key.n_len);
        assert_true(opinion_ec(pkey, sig, len, digest, 32));
    } else {
        assert_int_equal(e.ops->sign(&e, &listed, EDGE_PKCS1, digest, 51, sig, &len),
                         SCARD_S_SUCCESS);
        assert_int_equal(len, key.n_len);
        assert_true(opinion_rsa(pkey, RSA_PKCS1_PADDING, sig, len, digest, 51));
    }
    if (thorough && spec < 3) {
        block[0] = 0x00; /* below the modulus */
        assert_int_equal(e.ops->sign(&e, &listed, EDGE_RAW, block, key.n_len, sig, &len),
                         SCARD_S_SUCCESS);
        assert_true(opinion_rsa(pkey, RSA_NO_PADDING, sig, len, block, key.n_len));
    }
    if (thorough && spec == 1)
        check_decrypts(&listed, pkey, key.n_len);
    EVP_PKEY_free(pkey);
}

static const struct {
    uint8_t spec;
    uint32_t bits;
} kinds[] = { { 1, 1024 }, { 2, 1024 }, { 1, 2048 }, { 3, 256 }, { 4, 384 }, { 5, 521 } };

static void live(bool extended)
{
    struct made m;
    uint8_t other;

    card_begin(extended);
    assert_int_equal(roles(), 0);
    assert_int_equal(e.ops->generate(&e, 0, 1, 1024), SCARD_W_SECURITY_VIOLATION);
    login();
    assert_int_equal(roles(), 1u << EDGE_USER);
    for (unsigned i = 0; i < 6; i++) {
        print_message("spec %u, %u bits\n", kinds[i].spec, (unsigned)kinds[i].bits);
        assert_int_equal(e.ops->generate(&e, i, kinds[i].spec, kinds[i].bits), SCARD_S_SUCCESS);
        check_key(i, kinds[i].spec, true);
        made_new(&m, kinds[i].spec, kinds[i].bits); /* over it, in the same EF */
        assert_int_equal(e.ops->import(&e, i, kinds[i].spec, kinds[i].bits, &m.key),
                         SCARD_S_SUCCESS);
        check_key(i, kinds[i].spec, true);
        made_new(&m, kinds[i].spec, kinds[i].bits); /* and in an EF of its own */
        assert_int_equal(e.ops->erase(&e, i), SCARD_S_SUCCESS);
        assert_int_equal(e.ops->import(&e, i, kinds[i].spec, kinds[i].bits, &m.key),
                         SCARD_S_SUCCESS);
        check_key(i, kinds[i].spec, false);
        other = kinds[i].spec == 1 ? 2 : 1; /* beside it, in the other slot */
        assert_int_equal(e.ops->generate(&e, i, other, 1024), SCARD_S_SUCCESS);
        check_key(i, other, false);
        check_key(i, kinds[i].spec, false);
    }
    assert_int_equal(e.card.extended, extended);
    assert_int_equal(e.ops->generate(&e, 0, 1, 2048), SCARD_S_SUCCESS); /* another size */
    assert_int_equal(find_key(0, 1).bits, 2048);
    check_key(0, 1, false);
    check_key(0, 2, false);
    assert_int_equal(e.ops->erase(&e, 0), SCARD_S_SUCCESS); /* both */
    assert_int_equal(find_key(0, 1).spec, 0);
    assert_int_equal(find_key(0, 2).spec, 0);
    check_key(1, 2, false);
    assert_int_equal(e.ops->logout(&e, 0xFF), SCARD_S_SUCCESS);
    assert_int_equal(roles(), 0);
    card_end();
}

static void test_keys_extended(void **state)
{
    (void)state;
    live(true);
}

static void test_keys_short(void **state)
{
    (void)state;
    live(false);
}

/* ---- files and roles ---- */

static const struct edge_file files_made[] = {
    { "mscp", "", 1, true, 0 },      { "", "cardcf", 1, true, 0 },
    { "", "cardid", 3, true, 0 },    { "mscp", "cmapfile", 1, true, 0 },
    { "mscp", "kxc00", 1, true, 0 }, { "mscp", "private", 5, true, 0 },
    { "mscp", "exec", 2, true, 0 },  { "mscp", "admin", 6, true, 0 },
};

static bool in_table(const char *dir, const char *name, struct edge_file *ret)
{
    struct edge_file *files = NULL;
    size_t count = 0, i = 0;

    assert_int_equal(e.ops->table(&e, &files, &count), SCARD_S_SUCCESS);
    while (i < count && (strcmp(files[i].dir, dir) != 0 || strcmp(files[i].name, name) != 0))
        i++;
    if (i < count)
        *ret = files[i];
    if (files != NULL)
        e.services.free(&c, files);
    return i < count;
}

static void check_read(const struct edge_file *f, const uint8_t *want, size_t want_len)
{
    uint8_t *data = NULL;
    size_t len = 0;

    assert_int_equal(e.ops->read(&e, f, &data, &len), SCARD_S_SUCCESS);
    assert_int_equal(len, want_len);
    assert_memory_equal(data, want, len);
    e.services.free(&c, data);
}

static void use_files(bool extended)
{
    static uint8_t content[9000];
    struct edge_file f;
    uint8_t *data;
    size_t len;

    for (size_t i = 0; i < sizeof(content); i++)
        content[i] = (uint8_t)(i * 7);
    card_begin(extended);
    login();
    assert_false(in_table("mscp", "kxc00", &f));
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(e.ops->create(&e, &files_made[i], 0), SCARD_S_SUCCESS);
        assert_true(in_table(files_made[i].dir, files_made[i].name, &f));
        assert_int_equal(f.ac, files_made[i].ac);
    }
    for (size_t size = 0; size < sizeof(content); size = size * 3 + 1) {
        assert_true(in_table("mscp", "kxc00", &f));
        assert_int_equal(e.ops->write(&e, &f, content, size), SCARD_S_SUCCESS);
        check_read(&f, content, size);
    }
    assert_true(in_table("mscp", "private", &f));
    assert_int_equal(e.ops->write(&e, &f, content, 300), SCARD_S_SUCCESS);
    assert_true(in_table("mscp", "exec", &f));
    assert_int_equal(e.ops->write(&e, &f, content, 30), SCARD_S_SUCCESS);
    assert_int_equal(e.ops->read(&e, &f, &data, &len), SCARD_W_SECURITY_VIOLATION);
    assert_true(in_table("", "cardid", &f));
    assert_int_equal(e.ops->write(&e, &f, content, 16), SCARD_W_SECURITY_VIOLATION);
    power_cycle(); /* selection and PIN are gone: reading goes on, the rest is refused */
    assert_true(in_table("mscp", "kxc00", &f));
    check_read(&f, content, 3280);
    assert_int_equal(e.ops->write(&e, &f, content, 1), SCARD_W_SECURITY_VIOLATION);
    check_read(&f, content, 3280);
    power_cycle();
    assert_true(in_table("mscp", "private", &f));
    assert_int_equal(e.ops->read(&e, &f, &data, &len), SCARD_W_SECURITY_VIOLATION);
    power_cycle();
    assert_int_equal(roles(), 0);
    admin_login();
    assert_int_equal(roles(), 1u << EDGE_ADMIN);
    assert_true(in_table("", "cardid", &f));
    assert_int_equal(e.ops->write(&e, &f, content, 16), SCARD_S_SUCCESS);
    login();
    assert_int_equal(roles(), 1u << EDGE_ADMIN | 1u << EDGE_USER);
    assert_true(in_table("mscp", "kxc00", &f));
    assert_int_equal(e.ops->remove(&e, &f), SCARD_S_SUCCESS);
    assert_false(in_table("mscp", "kxc00", &f));
    assert_int_equal(e.ops->create(&e, &files_made[4], 0), SCARD_S_SUCCESS);
    assert_true(in_table("mscp", "kxc00", &f)); /* the old content does not come back */
    check_read(&f, content, 0);
    card_end();
}

static void test_files_extended(void **state)
{
    (void)state;
    use_files(true);
}

static void test_files_short(void **state)
{
    (void)state;
    use_files(false);
}

static void test_pin_tries(void **state)
{
    uint32_t left = 77;

    (void)state;
    card_begin(true);
    for (uint32_t i = 3; i-- > 0;) {
        assert_int_equal(e.ops->verify(&e, EDGE_USER, admin_key, 8, &left), SCARD_W_WRONG_CHV);
        assert_int_equal(left, i);
    }
    assert_int_equal(e.ops->verify(&e, EDGE_USER, pin, 8, &left), SCARD_W_CHV_BLOCKED);
    assert_int_equal(left, 0);
    assert_int_equal(e.ops->respond(&e, admin_key, 8, &left), SCARD_W_WRONG_CHV); /* unasked */
    card_end();
}

/* ---- torn ---- */

static void consistent(void)
{
    struct edge_container list[EDGE_CONTAINERS_MAX];

    assert_int_equal(e.ops->containers(&e, list), SCARD_S_SUCCESS);
    for (unsigned i = 0; i < e.profile.containers_max; i++) {
        if (list[i].sig.spec != 0)
            check_key(i, list[i].sig.spec, false);
        if (list[i].kx.spec != 0)
            check_key(i, list[i].kx.spec, false);
    }
}

/* What is in container 0 before the power fails: nothing, a key of one kind, or two. */
static void put_keys(uint8_t spec, uint8_t second, struct made *m)
{
    assert_int_equal(e.ops->erase(&e, 0), SCARD_S_SUCCESS);
    if (spec == 2)
        assert_int_equal(e.ops->import(&e, 0, 2, 1024, &m->key), SCARD_S_SUCCESS);
    else if (spec != 0)
        assert_int_equal(e.ops->generate(&e, 0, spec, 256), SCARD_S_SUCCESS);
    if (second != 0)
        assert_int_equal(e.ops->generate(&e, 0, second, 256), SCARD_S_SUCCESS);
}

static bool is_exchange(uint8_t spec)
{
    return spec == 1 || spec >= 6;
}

/* Container 0 still has the key, or, in its slot, the one that was to take its place. */
static bool survived(uint8_t had, uint8_t fresh)
{
    return had == 0 || find_key(0, had).spec != 0 ||
           (is_exchange(had) == is_exchange(fresh) && find_key(0, fresh).spec != 0);
}

/* The key operations, with the power cut at exchange 1, 2, 3 ... until they succeed. After each
 * cut the card lists no key that cannot be used, a container that had a key and should get another
 * has one or the other, and the same operation then succeeds. */
static void test_power_cut_anywhere(void **state)
{
    static struct made m;
    static const struct {
        uint8_t before, second, spec; /* 0: none, none, erase */
        uint32_t bits;
    } steps[] = { { 0, 0, 3, 256 }, { 3, 0, 3, 256 }, { 3, 0, 4, 384 }, { 2, 0, 2, 1024 },
                  { 3, 0, 0, 0 },   { 0, 0, 0, 0 },   { 3, 0, 6, 256 }, { 3, 6, 7, 384 },
                  { 3, 6, 4, 384 }, { 3, 6, 0, 0 } };

    (void)state;
    card_begin(true);
    made_new(&m, 2, 1024);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        const uint8_t spec = steps[i].spec;
        DWORD rc = SCARD_W_RESET_CARD;

        for (unsigned cut = 1; rc != SCARD_S_SUCCESS; cut++) {
            assert_true(cut < 20);
            login();
            put_keys(steps[i].before, steps[i].second, &m);
            soft.cut = cut;
            rc = spec == 0   ? e.ops->erase(&e, 0)
                 : spec == 2 ? e.ops->import(&e, 0, 2, 1024, &m.key)
                             : e.ops->generate(&e, 0, spec, steps[i].bits);
            assert_true(rc == SCARD_S_SUCCESS || rc == SCARD_W_RESET_CARD);
            power_cycle();
            memset(c.items, 0, sizeof(c.items)); /* another process comes */
            login();
            consistent();
            assert_true(spec == 0 || survived(steps[i].before, spec));
            assert_true(spec == 0 || survived(steps[i].second, spec));
            if (spec != 0 && spec != 2)
                assert_int_equal(e.ops->generate(&e, 0, spec, steps[i].bits), SCARD_S_SUCCESS);
            consistent();
        }
    }
    card_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_extended),
        cmocka_unit_test(test_keys_short),
        cmocka_unit_test(test_files_extended),
        cmocka_unit_test(test_files_short),
        cmocka_unit_test(test_pin_tries),
        cmocka_unit_test(test_power_cut_anywhere),
    };

    return cmocka_run_group_tests_name("gids_softcard", tests, NULL, NULL);
}
