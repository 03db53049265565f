/* SPDX-License-Identifier: MIT */
/*
 * Dialogues recorded between OpenSC and another GIDS card (GidsApplet), held against ours, one
 * session after the other on one card. Equal are all data and status words but for
 *
 *   - what is a card's own: random numbers, its key pairs, what is computed with them. Those are
 *     recomputed, or checked with the public key, and are equal in form;
 *   - what the table `differences` explains. A row that explains nothing fails as well.
 *
 * Sessions that were not recorded left changes behind: `interludes` brings them.
 */
#include "tests/softcard/bench.h"

#include "iso7816/tlv.h"

#include <openssl/rsa.h>
#include <stdio.h>
#include <string.h>

#define EXCHANGES_MAX 64u
#define BYTES_MAX 300u
#define GATHER_MAX 2400u

struct exchange {
    uint8_t cmd[BYTES_MAX], answer[BYTES_MAX];
    size_t cmd_len, answer_len;
    uint16_t sw;
};

static struct session {
    struct exchange at[EXCHANGES_MAX];
    size_t count;
} session;

static struct player {
    struct bench b;
    uint8_t admin_key[24];      /* in force on both cards */
    uint8_t host_random[16], card_random[16];
    uint8_t kk;                 /* key that MSE set */
    bool imported[256];         /* keys that are the same on both cards */
    EVP_PKEY *pub[256];         /* as read first */
    const struct exchange *first; /* of an answer that comes in parts, by GET RESPONSE */
    uint8_t ours[GATHER_MAX], theirs[GATHER_MAX];
    size_t ours_len, theirs_len;
} player;

/* ---- differences ----------------------------------------------------------------------------- */

static struct difference {
    const char *cmd;            /* first bytes, hexadecimal */
    uint16_t theirs, ours;
    const char *because;
    unsigned used;
} differences[] = {
    { "00A404", 0x6999, 0x6A82,
      "6999 is the Java Card runtime's answer when no applet is selected; 7816-4 11.2.2 has 6A82",
      0 },
    { "00CADF30", 0x6986, 0x6D00,
      "6986 is the runtime's again; INS CA is not GIDS and the instruction is checked first",
      0 },
    { "00CB3FFF035C017E", 0x6984, 0x6A88,
      "no such object in the application: GIDS 2.0 and 7816-4 have 6A88; 6984 is that applet's "
      "answer to anything it does not know",
      0 },
};
#define DIFFERENCES (sizeof(differences) / sizeof(differences[0]))

static bool starts_with(const struct exchange *x, const char *hex)
{
    uint8_t bytes[32];
    size_t len = bench_unhex(hex, bytes, sizeof(bytes));

    return x->cmd_len >= len && memcmp(x->cmd, bytes, len) == 0;
}

/* The admin key that both cards have from now on. */
static void learn_admin_key(const struct exchange *x)
{
    if (starts_with(x, "00DB3FFF2670248401 80") && x->sw == 0x9000 && player.b.sw == 0x9000)
        memcpy(player.admin_key, x->cmd + 14, sizeof(player.admin_key));
}

static void must_be_explained(const struct exchange *x)
{
    uint16_t ours = player.b.sw;

    for (size_t i = 0; i < DIFFERENCES; i++) {
        struct difference *d = &differences[i];

        if (!starts_with(x, d->cmd) || d->theirs != x->sw || d->ours != ours)
            continue;
        d->used++;
        return;
    }
    print_error("%02X %02X %02X %02X ..: theirs %04X, ours %04X\n", x->cmd[0], x->cmd[1],
                x->cmd[2], x->cmd[3], x->sw, ours);
    fail();
}

/* ---- reading a recording --------------------------------------------------------------------- */

static bool is_hex(const char *s, size_t len)
{
    return len != 0 && strspn(s, "0123456789ABCDEF") >= len;
}

/* "61124F.. 9000 ok" or "6A82 file not found" */
static void parse_answer(char *line, struct exchange *x)
{
    size_t first = strcspn(line, " "), second = 0;
    const char *sw = line;
    uint8_t bytes[2];

    if (line[first] == ' ')
        second = strcspn(line + first + 1, " ");
    if (second == 4 && is_hex(line + first + 1, 4)) {
        line[first] = '\0';
        x->answer_len = bench_unhex(line, x->answer, sizeof(x->answer));
        sw = line + first + 1;
    }
    line[(size_t)(sw - line) + 4] = '\0';
    assert_int_equal(bench_unhex(sw, bytes, 2), 2);
    x->sw = (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static void load(const char *name)
{
    static char line[4096];
    char path[400];
    FILE *f;

    memset(&session, 0, sizeof(session));
    (void)snprintf(path, sizeof(path), "%s/traces/%s.txt", TEST_FOLDER, name);
    f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof(line), f) != NULL) {
        struct exchange *x = &session.at[session.count];

        assert_true(session.count < EXCHANGES_MAX);
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "   > ", 5) == 0) {
            x->cmd_len = bench_unhex(line + 5, x->cmd, sizeof(x->cmd));
        } else if (strncmp(line, "   < ", 5) == 0) {
            parse_answer(line + 5, x);
            session.count++;
        }
    }
    (void)fclose(f);
    assert_true(session.count > 0);
}

/* ---- commands that hold what only one card can know ------------------------------------------ */

/* The cryptogram over the random number of our card. */
static void answer_challenge(uint8_t *cmd)
{
    uint8_t plain[40];

    memcpy(plain, player.card_random, 16);
    memcpy(plain + 16, player.host_random, 16);
    memset(plain + 32, 0x5A, 7);
    plain[39] = 0x80;
    bench_cbc("DES-EDE3-CBC", true, player.admin_key, plain, sizeof(plain), cmd + 9);
}

/* A chain of two commands with a cryptogram: the recorded plaintext under our card's key. */
static void encrypt_anew(struct exchange *first, struct exchange *last)
{
    uint8_t cryptogram[512];
    size_t a = first->cmd[4], b = last->cmd[4], len = sizeof(cryptogram);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(player.pub[player.kk], NULL);

    assert_non_null(ctx);
    assert_int_equal(EVP_PKEY_encrypt_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING), 1);
    assert_int_equal(EVP_PKEY_encrypt(ctx, cryptogram, &len, last->answer, last->answer_len), 1);
    EVP_PKEY_CTX_free(ctx);
    assert_int_equal(len, a + b);
    memcpy(first->cmd + 5, cryptogram, a);
    memcpy(last->cmd + 5, cryptogram + a, b);
}

static void prepare(size_t at)
{
    struct exchange *x = &session.at[at];

    if (starts_with(x, "00870000147C128110"))
        memcpy(player.host_random, x->cmd + 9, 16);
    if (starts_with(x, "008700002C7C2A8228"))
        answer_challenge(x->cmd);
    if (starts_with(x, "002241"))
        player.kk = x->cmd[x->cmd_len - 1];
    if (starts_with(x, "102A8086")) {
        assert_true(at + 1 < session.count);
        encrypt_anew(x, &session.at[at + 1]);
    }
    if (starts_with(x, "10DB3FFF") && x->cmd[9] == 0x84) /* 70 82 xx xx 84 01 kk */
        player.imported[x->cmd[11]] = true;
}

/* ---- answers --------------------------------------------------------------------------------- */

static bool is_public_key(const struct exchange *x)
{
    return starts_with(x, "00CB3FFF0A7008");
}

static bool is_signature(const struct exchange *x)
{
    return starts_with(x, "002A9E9A");
}

/* Same tags and lengths, same exponent; and the same key each time it is read. */
static void check_public_key(uint8_t kk)
{
    struct rd us = rd_init(player.ours, player.ours_len);
    struct rd them = rd_init(player.theirs, player.theirs_len);
    struct rd our_tpl = tlv_enter(&us, 0x7F49), their_tpl = tlv_enter(&them, 0x7F49);
    struct rd our_n = tlv_enter(&our_tpl, 0x81), their_n = tlv_enter(&their_tpl, 0x81);
    struct rd our_e = tlv_enter(&our_tpl, 0x82), their_e = tlv_enter(&their_tpl, 0x82);
    EVP_PKEY *key;

    assert_true(rd_done(&us) && rd_done(&our_tpl) && rd_done(&them) && rd_done(&their_tpl));
    assert_int_equal(player.ours_len, player.theirs_len);
    assert_int_equal(rd_left(&our_n), rd_left(&their_n));
    assert_int_equal(rd_left(&our_e), 3);
    assert_memory_equal(our_e.at, their_e.at, 3);
    if (player.imported[kk])
        assert_memory_equal(our_n.at, their_n.at, rd_left(&our_n));
    key = bench_public(&player.b, kk);
    assert_non_null(key);
    if (player.pub[kk] != NULL)
        assert_int_equal(EVP_PKEY_eq(key, player.pub[kk]), 1);
    EVP_PKEY_free(player.pub[kk]);
    player.pub[kk] = key;
}

static void check_signature(const struct exchange *x)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(player.pub[player.kk], NULL);

    assert_non_null(ctx);
    assert_int_equal(player.ours_len, player.theirs_len);
    assert_int_equal(EVP_PKEY_verify_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING), 1);
    assert_int_equal(EVP_PKEY_verify(ctx, player.ours, player.ours_len, x->cmd + 5, x->cmd[4]), 1);
    EVP_PKEY_CTX_free(ctx);
}

/* R1 || R2 || 7 bytes || 80: the card knows the key. */
static void check_proof(const struct exchange *x)
{
    uint8_t plain[40];

    assert_int_equal(player.b.len, x->answer_len);
    assert_memory_equal(player.b.out, x->answer, 4);
    bench_cbc("DES-EDE3-CBC", false, player.admin_key, player.b.out + 4, 40, plain);
    assert_memory_equal(plain, player.host_random, 16);
    assert_memory_equal(plain + 16, player.card_random, 16);
    assert_int_equal(plain[39], 0x80);
}

static void gather(const struct exchange *x)
{
    assert_true(player.ours_len + player.b.len <= GATHER_MAX);
    assert_true(player.theirs_len + x->answer_len <= GATHER_MAX);
    memcpy(player.ours + player.ours_len, player.b.out, player.b.len);
    memcpy(player.theirs + player.theirs_len, x->answer, x->answer_len);
    player.ours_len += player.b.len;
    player.theirs_len += x->answer_len;
}

/* A public key or a signature, in one answer or several: looked at when it is whole. */
static void compare_own(const struct exchange *x)
{
    if (!starts_with(x, "00C0")) {
        player.first = x;
        player.ours_len = player.theirs_len = 0;
    }
    assert_int_equal(player.b.len, x->answer_len);
    gather(x);
    if (x->sw != 0x9000)
        return;
    x = player.first;
    player.first = NULL;
    if (is_signature(x))
        check_signature(x);
    else
        check_public_key(x->cmd[9]);
}

static void compare(const struct exchange *x)
{
    learn_admin_key(x);
    if (x->sw != player.b.sw) {
        must_be_explained(x);
        return;
    }
    if (is_public_key(x) || is_signature(x) || (starts_with(x, "00C0") && player.first != NULL)) {
        compare_own(x);
        return;
    }
    player.first = NULL;
    if (starts_with(x, "00870000147C128110")) {
        assert_int_equal(player.b.len, x->answer_len);
        assert_memory_equal(player.b.out, x->answer, 4);
        memcpy(player.card_random, player.b.out + 4, 16);
    } else if (starts_with(x, "008700002C7C2A8228")) {
        check_proof(x);
    } else {
        assert_int_equal(player.b.len, x->answer_len);
        assert_memory_equal(player.b.out, x->answer, x->answer_len);
    }
}

/* ---- what was not recorded ------------------------------------------------------------------- */

/* Objects are taken as the session that follows reads them; keys are our own. */
static const struct interlude {
    const char *before;
    struct { uint16_t file, tag; } objects[4];
    struct { uint8_t kk, alg; } keys[2];
} interludes[] = {
    { "gids-12-write-cert-1982B", { { 0xA010, 0xDF22 } }, { { 0, 0 } } },
    { "gids-18-keygen-rsa4096",
      { { 0xA010, 0xDF22 }, { 0xA010, 0xDF23 }, { 0xA000, 0xDF20 } },
      { { 0x82, 0x6 }, { 0x83, 0x8 } } },
};

/* The object as the recording has it, tag and length included. */
static size_t recorded(uint16_t file, uint16_t tag, uint8_t *out, size_t cap)
{
    char cmd[32];
    size_t n = 0;

    (void)snprintf(cmd, sizeof(cmd), "00CB%04X045C02%04X00", file, tag);
    for (size_t i = 0; i < session.count; i++) {
        const struct exchange *x = &session.at[i];

        if (!(n == 0 ? starts_with(x, cmd) : starts_with(x, "00C0")))
            continue;
        assert_true(n + x->answer_len <= cap);
        memcpy(out + n, x->answer, x->answer_len);
        n += x->answer_len;
        if (x->sw == 0x9000)
            return n;
    }
    fail_msg("%s is not read in this session", cmd);
    return 0;
}

static void play_interlude(const struct interlude *in)
{
    struct bench *b = &player.b;
    uint8_t object[1024];

    assert_int_equal(bench_hex(b, "0020008006313233343536"), 0x9000);
    for (size_t i = 0; in->objects[i].file != 0; i++) {
        size_t len = recorded(in->objects[i].file, in->objects[i].tag, object, sizeof(object));

        assert_int_equal(bench_run(b, false, 0xDB, in->objects[i].file, object, len), 0x9000);
    }
    for (size_t i = 0; i < 2 && in->keys[i].kk != 0; i++) {
        bench_key_file(b, in->keys[i].kk, in->keys[i].alg);
        assert_int_equal(bench_hex(b, "0047000008AC068001%02X8301%02X", in->keys[i].alg,
                                   in->keys[i].kk) & 0xFF00, 0x6100);
    }
    assert_int_equal(bench_hex(b, "00200082"), 0x9000);
}

/* ---- the sessions ---------------------------------------------------------------------------- */

static void play(void **state)
{
    const char *name = *state;

    load(name);
    for (size_t i = 0; i < sizeof(interludes) / sizeof(interludes[0]); i++)
        if (strcmp(interludes[i].before, name) == 0)
            play_interlude(&interludes[i]);
    player.first = NULL;
    for (size_t i = 0; i < session.count; i++) {
        prepare(i);
        (void)bench_bytes(&player.b, session.at[i].cmd, session.at[i].cmd_len);
        compare(&session.at[i]);
    }
    assert_null(player.first); /* every answer came to its end */
}

static void every_difference_was_met(void **state)
{
    (void)state;
    for (size_t i = 0; i < DIFFERENCES; i++)
        if (differences[i].used == 0)
            fail_msg("nothing is explained by: %s", differences[i].because);
}

static int set_up(void **state)
{
    uint8_t atr[SOFTCARD_ATR_MAX];
    size_t atr_len;

    (void)state;
    bench_blank(&player.b, NULL);
    softcard_power_on(player.b.card, player.b.ram, atr, &atr_len); /* nothing selected */
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < 256; i++)
        EVP_PKEY_free(player.pub[i]);
    bench_free(&player.b);
    return 0;
}

#define PLAY(name) { name, play, NULL, NULL, (void *)(uintptr_t)(name) }

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAY("gids-00-probe-blank-card-all-drivers"),
        PLAY("gids-01-init"),
        PLAY("gids-02-probe-init-card-all-drivers"),
        PLAY("gids-04-login"),
        PLAY("gids-05-keygen-rsa2048"),
        PLAY("gids-07-sign-sha256-rsa-pkcs"),
        PLAY("gids-08-decrypt-rsa-pkcs"),
        PLAY("gids-12-write-cert-1982B"),
        PLAY("gids-13-read-cert-1982B"),
        PLAY("gids-14-change-pin"),
        PLAY("gids-15-wrong-pin"),
        PLAY("gids-16-unblock-with-admin-key"),
        PLAY("gids-17-change-admin-key"),
        PLAY("gids-18-keygen-rsa4096"),
        PLAY("gids-19-sign-rsa4096"),
        PLAY("gids-20-import-key-rsa2048"),
        PLAY("gids-22-delete-key"),
        cmocka_unit_test(every_difference_was_met),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
