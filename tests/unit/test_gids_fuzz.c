/* SPDX-License-Identifier: MIT */
/*
 * Every verb of the GIDS edge against a card that answers at random: rubbish, right answers, and
 * right answers with something changed. The generator is seeded, so each run is the same run;
 * `unit_gids_fuzz SEED ROUNDS` makes others. Run it under the sanitizers.
 */
#include "script.h"
#include "vectors.h"

#include <stdio.h>

static uint64_t seed;

static uint32_t rnd(uint32_t below)
{
    seed ^= seed << 13; /* xorshift64 */
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 16) % below;
}

#define DIR_ADM "61646D00*6 00*9 0000 00000000 12A00000"

/* What a card in good health would say to the command; changed at random below. */
static const char *const answers[] = {
    "61124F0BA00000039742544659020173034001C0 9000",
    "7F7106970103930103 9000",
    "DF200D01" KEY_RSA "9000",
    "DF200D01" KEY_P256 "9000",
    "DF200D01" KEY_RSA1024 "9000",
    "DF1F818D" MASTER "9000",
    "DF2206000102030405 9000",
    "4301F447030801C0 9000",
    "7C0A8108A1A2A3A4A5A6A7A8 9000",
    "7F498188818180 C1*128 8203010001 9000",
    TPL_RSA "9000",
    "7F49438641 04" EC_X EC_Y "9000",
    "3045 0220" ECDSA_R "022100" ECDSA_S "9000",
    ECDSA_R ECDSA_S "9000",
    "5A*256 9000",
    "5A*128 9000",
    "68656C6C6F 9000",
    "DF248202BC 55*251 6100",
    "6100",
    "6CFF",
    "9000",
    "7F7306970103930103 9000",
    "DF200D01" KEY_TWO "9000",
    "DF7E08 00004321 00000004 9000",
    DH_Z "9000",
    "DF1F39 01" DIR_ADM CARDID "9000",
};

static const uint16_t status_words[] = { 0x9000, 0x9000, 0x6A82, 0x6A88, 0x6982, 0x6983, 0x6984,
                                         0x6985, 0x6A80, 0x6A84, 0x6A86, 0x6A89, 0x6D00, 0x63C2,
                                         0x6F00, 0x6700, 0x6884, 0x6110, 0x6C05, 0x6285 };

struct watch {
    bool answered_as_ours; /* in this call: something that could be the proof of selection */
    bool responding;       /* the answer to a challenge was sent */
    unsigned verifies;     /* PINs shown in this call */
    unsigned rash;         /* writes, tries before any proof */
    unsigned exchanges;
};

static size_t fitting(const uint8_t *in, size_t in_len, uint8_t *out, size_t cap)
{
    const char *text = "9000";

    if (in[1] == 0xA4 && in[2] == 0x04)
        text = answers[0];
    else if (in[1] == 0xCB && in_len == 10 && in[7] == 0x7F)
        text = answers[in[8] == 0x73 ? 21 : 1];
    else if (in[1] == 0xCB && in_len == 10 && in[8] == 0x20)
        text = answers[rnd(4) == 0 ? 22 : 2 + rnd(3)];
    else if (in[1] == 0xCB && in_len == 10 && in[8] == 0x1F)
        text = answers[rnd(4) == 0 ? 25 : 5];
    else if (in[1] == 0xCB && in_len == 10 && in[8] == 0x7E)
        text = answers[23];
    else if (in[1] == 0x2A && in[2] == 0x80 && in_len < 100)
        text = answers[24];
    else if (in[1] == 0xCB || in[1] == 0x47)
        text = answers[6 + rnd(6)];
    else if (in[1] == 0x87)
        text = answers[8];
    else if (in[1] == 0x2A && (in[0] & 0x10) == 0)
        text = answers[12 + rnd(5)];
    return hex(text, out, cap);
}

static size_t random_answer(const uint8_t *in, size_t in_len, uint8_t *out, size_t cap)
{
    uint32_t kind = rnd(100);
    size_t len;

    if (kind < 70)
        len = fitting(in, in_len, out, cap);
    else if (kind < 80)
        len = hex(answers[rnd(sizeof(answers) / sizeof(answers[0]))], out, cap);
    else if (kind < 85) {
        len = rnd(4) == 0 ? rnd((uint32_t)cap) : rnd(40);
        for (size_t i = 0; i < len; i++)
            out[i] = (uint8_t)rnd(256);
    } else {
        uint16_t sw = status_words[rnd(sizeof(status_words) / sizeof(status_words[0]))];

        out[0] = (uint8_t)(sw >> 8);
        out[1] = (uint8_t)sw;
        len = 2;
    }
    if (rnd(8) == 0 && len > 0) /* something changed */
        out[rnd((uint32_t)len)] = (uint8_t)rnd(256);
    if (rnd(12) == 0 && len > 2) { /* something cut out */
        size_t cut = rnd((uint32_t)len - 2);

        memmove(out + cut, out + len - 2, 2);
        len = cut + 2;
    }
    return len;
}

static bool dangerous(const uint8_t *in, size_t in_len)
{
    static const uint8_t all[] = { 0x24, 0x2C, 0x44, 0x47, 0xDB, 0xE0, 0xE4 };

    return memchr(all, in[1], sizeof(all)) != NULL || (in[1] == 0x20 && in_len > 4);
}

static uint32_t transmit(void *link, const uint8_t *in, size_t in_len, uint8_t *out,
                         size_t *out_len)
{
    struct watch *w = link;
    size_t len;

    assert_true(in_len >= 4 && in_len <= 4096 + 9);
    w->exchanges++;
    if (dangerous(in, in_len) && !w->answered_as_ours)
        w->rash++;
    if (in[1] == 0x20 && in_len > 4)
        w->verifies++;
    if (rnd(60) == 0)
        return rnd(2) ? SCARD_W_RESET_CARD : SCARD_W_REMOVED_CARD;
    len = random_answer(in, in_len, out, *out_len < 700 ? *out_len : rnd(50) ? 700 : *out_len);
    *out_len = len;
    if (len >= 4 && (in[1] == 0xA4 || in[1] == 0xCB || in[1] == 0xC0))
        w->answered_as_ours = true; /* the edge itself is stricter */
    if (in[1] != 0xC0)
        w->responding = in[1] == 0x87 && in_len > 10;
    if (w->responding && len == 2 && out[0] == 0x90 && out[1] == 0)
        w->answered_as_ours = true; /* it takes the answer to its own challenge */
    return SCARD_S_SUCCESS;
}

static void random_cache(struct caller *c)
{
    static const char *const keymaps[] = { "01" KEY_RSA, "01" KEY_P256, "01" KEY_RSA1024,
                                           "01" KEY_RSA4096, "01" KEY_FREE, "01",
                                           "01" KEY_TWO };
    uint8_t map[120];

    memset(c->items, 0, sizeof(c->items));
    if (rnd(4) != 0)
        caller_put(c, "gids.keymap", keymaps[rnd(7)]);
    if (rnd(2) != 0)
        caller_put(c, "gids.masterfile", rnd(2) ? MASTER : MASTER KXC00);
    if (rnd(10) == 0) {
        for (size_t i = 0; i < sizeof(map); i++)
            map[i] = (uint8_t)rnd(256);
        map[0] = rnd(2) ? 1 : map[0];
        caller_services(c).cache_add(c, rnd(2) ? "gids.keymap" : "gids.masterfile", map,
                                     rnd(sizeof(map)));
    }
    if (rnd(10) == 0)
        caller_put(c, "gids.public.81", "7F49438641 04" EC_X EC_Y);
}

/* A result that was announced must have the announced size. */
static void check_out(DWORD rc, size_t len, size_t room, size_t most)
{
    if (rc == SCARD_S_SUCCESS)
        assert_true(len <= most);
    else
        assert_int_equal(len, room);
}

static void use_key(struct edge *e, uint32_t which)
{
    static const uint8_t in[512] = { 0x21 };
    uint8_t out[512];
    size_t len = sizeof(out);
    static const struct edge_key keys[] = { RSA_2048, RSA_1024, RSA_4096, EC_P256, DH_P256,
                                            { 2, 2048, 0x9E }, { 1, 2048, 0x80 } };
    const struct edge_key *listed = &keys[rnd(7)];
    struct edge_public_key key;
    DWORD rc;

    if (which == 0) {
        rc = e->ops->sign(e, listed, rnd(2), in, rnd(2) ? 32 : 256, out, &len);
        check_out(rc, len, sizeof(out), sizeof(out));
    } else if (which == 1) {
        rc = e->ops->decrypt(e, listed, rnd(3), in, rnd(2) ? 128 : 256, out, &len);
        check_out(rc, len, sizeof(out), 256);
    } else if (which == 2) {
        rc = e->ops->agree(e, listed, in, 64, out, &len);
        check_out(rc, len, sizeof(out), 32);
    } else if (e->ops->public_key(e, listed, &key) == SCARD_S_SUCCESS) {
        assert_true(key.n_len == 64 || key.n_len == 128 || key.n_len == 256 || key.n_len == 512);
        assert_true(key.e_len <= 4);
    }
}

static void use_files(struct edge *e, uint32_t which)
{
    struct edge_file f = { "mscp", "kxc00", (uint8_t)rnd(8), rnd(2) != 0,
                           rnd(2) ? 0xA010DF24 : 0xA010DF22 };
    struct edge_file *files = NULL;
    static const uint8_t content[5000];
    uint8_t *data = NULL;
    size_t len = 0;
    uint32_t bytes, containers;

    if (which == 0 && e->ops->table(e, &files, &len) == SCARD_S_SUCCESS) {
        for (size_t i = 0; i < len; i++)
            assert_true(strlen(files[i].dir) < 9 && strlen(files[i].name) < 9);
        if (files != NULL)
            e->services.free(e->services.host, files);
    } else if (which == 1 && e->ops->read(e, &f, &data, &len) == SCARD_S_SUCCESS) {
        assert_non_null(data);
        e->services.free(e->services.host, data);
    } else if (which == 2) {
        (void)e->ops->write(e, &f, content, rnd(2) ? rnd(sizeof(content)) : rnd(300));
    } else if (which == 3) {
        (void)e->ops->create(e, &f, rnd(2) ? rnd(1000) : 0);
    } else if (which == 4) {
        (void)e->ops->remove(e, &f);
    } else if (which == 5) {
        (void)e->ops->free_space(e, &bytes, &containers);
    }
}

static void use_roles(struct edge *e, uint32_t which)
{
    static const uint8_t key[32] = { 1, 2, 3 };
    uint8_t bytes[16] = { 0x31 }, set = 0;
    uint32_t left = 0;
    size_t len = sizeof(bytes);

    if (which == 0)
        (void)e->ops->roles(e, &set);
    else if (which == 1)
        (void)e->ops->verify(e, EDGE_USER, bytes, 4 + rnd(12), &left);
    else if (which == 2)
        (void)e->ops->logout(e, 0xFF);
    else if (which == 3)
        (void)e->ops->challenge(e, bytes, &len);
    else if (which == 4)
        (void)e->ops->respond(e, bytes, rnd(17), &left);
    else if (which == 5)
        (void)e->ops->change(e, EDGE_USER, bytes, 3 + rnd(14), bytes, 3 + rnd(14), rnd(17), &left);
    else if (which == 6)
        (void)e->ops->change_key(e, bytes, rnd(2) ? 8 : 16, key, 8 * rnd(5), &left);
    else
        (void)e->ops->unblock(e, EDGE_USER, bytes, 3 + rnd(14), bytes, 3 + rnd(14), rnd(17), &left);
    assert_true(len == 8 || (len >= 8 && len <= 16));
    assert_true((set & ~6u) == 0);
}

static void manage_keys(struct edge *e, uint32_t which)
{
    static const uint8_t number[512] = { 0xC1 };
    static const uint16_t bits[] = { 1024, 2048, 4096, 256 };
    uint8_t spec = (uint8_t)(1 + rnd(3));
    uint32_t size = spec == 3 ? 256 : bits[rnd(3)];
    struct edge_container list[EDGE_CONTAINERS_MAX];
    struct edge_private_key key;

    key.n = key.d = key.x = key.y = rd_init(number, size / 8);
    key.p = key.q = key.dp = key.dq = key.qinv = rd_init(number, size / 16);
    key.e = rd_init(number, 3);
    if (which == 0)
        (void)e->ops->generate(e, rnd(3), spec, size);
    else if (which == 1)
        (void)e->ops->import(e, rnd(3), spec, size, &key);
    else if (which == 2)
        (void)e->ops->erase(e, rnd(3));
    else
        (void)e->ops->containers(e, list);
}

static uint32_t rounds = 20000;

static void test_random_answers(void **state)
{
    static struct edge e;
    static struct caller c;
    struct script unused;
    struct watch w;

    (void)state;
    edge_begin(&e, &unused, &c, "");
    card_init(&e.card, transmit, &w);
    for (uint32_t i = 0; i < rounds; i++) {
        uint64_t replay = seed;
        uint32_t which = rnd(23);

        memset(&w, 0, sizeof(w));
        random_cache(&c);
        c.blocks = c.allocs = 0;
        c.fail_alloc = rnd(20) == 0 ? 1 + rnd(6) : 0;
        e.link_extends = rnd(2) != 0;
        e.link_known = e.link_extends && rnd(2) != 0;
        e.card.extended = e.link_known && rnd(2) != 0;
        e.tells_space = (enum edge_answer)rnd(3);
        if (which < 4)
            use_key(&e, which);
        else if (which < 10)
            use_files(&e, which - 4);
        else if (which < 18)
            use_roles(&e, which - 10);
        else if (which < 22)
            manage_keys(&e, which - 18);
        else
            (void)edge_find(&e, NULL, 0);
        if (c.blocks != 0 || w.verifies > 1 || w.rash != 0 || w.exchanges > 2000)
            fail_msg("round %u, seed %llu, kind %u: %u blocks, %u PINs, %u rash, %u exchanges",
                     (unsigned)i, (unsigned long long)replay, (unsigned)which, c.blocks,
                     w.verifies, w.rash, w.exchanges);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_answers),
    };

    seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    seed = seed != 0 ? seed : 1;
    if (argc > 2)
        rounds = (uint32_t)strtoul(argv[2], NULL, 10);
    return cmocka_run_group_tests_name("gids_fuzz", tests, NULL, NULL);
}
