/* SPDX-License-Identifier: MIT */
/*
 * Any bytes are an input. Valid commands are mutated by a fixed pseudo-random sequence and sent to
 * blank and personalised cards: each is answered, nothing is read or written out of place (the
 * sanitizers look), and afterwards the card still works. Images are cut and overwritten: refused,
 * or mute, never more.
 */
#include "tests/softcard/apdu_corpus.h"
#include "tests/softcard/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROUNDS 20000u
#define CMD_MAX 600u

static struct bench b;
static uint64_t seed;

static uint32_t rnd(uint32_t below)
{
    seed ^= seed << 13; /* xorshift64 */
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 24) % below);
}

static size_t mutate(uint8_t *cmd, size_t len)
{
    for (uint32_t n = rnd(4); n > 0 && len != 0; n--) {
        size_t at = rnd((uint32_t)len);

        switch (rnd(6)) {
        case 0:
            cmd[at] = (uint8_t)rnd(256);
            break;
        case 1:
            cmd[at] ^= (uint8_t)(1u << rnd(8));
            break;
        case 2: /* cut */
            len = at;
            break;
        case 3: /* a byte more */
            if (len < CMD_MAX)
                cmd[len++] = (uint8_t)rnd(256);
            break;
        case 4: /* a byte less, the length kept */
            memmove(cmd + at, cmd + at + 1, len - at - 1);
            len--;
            break;
        default: /* an interesting length */
            cmd[at] = (uint8_t[]){ 0x00, 0x7F, 0x80, 0x81, 0x82, 0x83, 0xFF }[rnd(7)];
        }
    }
    return len;
}

/* Terminating ends the game, 0044 at the application ends the blank card: kept rare. */
static bool spoils(const uint8_t *cmd, size_t len)
{
    return len >= 2 && (cmd[1] == 0xE6 || (cmd[1] == 0x44 && rnd(20) != 0));
}

/* RSA keys of 3072 bits and more take seconds each. */
static bool takes_long(const uint8_t *cmd, size_t len)
{
    return len >= 10 && cmd[1] == 0x47;
}

static unsigned play(unsigned rounds)
{
    uint8_t cmd[CMD_MAX];
    unsigned fine = 0, generated = 0;

    for (unsigned i = 0; i < rounds; i++) {
        uint32_t line = rnd(corpora[b.piv].count);
        size_t len = bench_unhex(corpora[b.piv].lines[line], cmd, sizeof(cmd));

        len = mutate(cmd, len);
        if (spoils(cmd, len) || (takes_long(cmd, len) && ++generated > 200))
            continue;
        /* an exact copy on the heap: a byte read too far is seen */
        uint8_t *exact = malloc(len != 0 ? len : 1);

        assert_non_null(exact);
        memcpy(exact, cmd, len);
        fine += bench_bytes(&b, exact, len) == 0x9000;
        assert_true((b.sw & 0xF000) == 0x6000 || b.sw == 0x9000);
        assert_true(b.sw == 0x9000 || b.sw == 0x6285 || (b.sw & 0xFF00) == 0x6100 || b.len == 0);
        free(exact);
        if (i % 500 == 499)
            bench_reset(&b);
    }
    return fine;
}

static void a_personalised_card(void **state)
{
    const struct softcard_options many = { .pin_tries = 15, .capacity = 1 << 20 };
    unsigned fine = 0;

    (void)state;
    seed = 0x9E3779B97F4A7C15u;
    for (unsigned i = 0; i < 10; i++) { /* PINs get blocked, keys deleted: begin again */
        bench_card(&b, &many, 0);
        assert_int_equal(bench_login(&b), 0x9000);
        fine += play(ROUNDS / 10);
        assert_int_equal(bench_hex(&b, "00A4040C09 A00000039742544659"), 0x9000);
        bench_free(&b);
    }
    assert_true(fine > ROUNDS / 10); /* the sequence does reach the commands */
}

static void a_blank_card(void **state)
{
    unsigned fine = 0;

    (void)state;
    seed = 0xD1B54A32D192ED03u;
    for (unsigned i = 0; i < 10; i++) {
        bench_blank(&b, NULL);
        fine += play(ROUNDS / 10);
        assert_int_equal(bench_hex(&b, "00A4040C09 A00000039742544659"), 0x9000);
        bench_free(&b);
    }
    assert_true(fine > ROUNDS / 10);
}

/* The other application, now and then left for GIDS by the corpus itself. */
static void another_application(void **state)
{
    unsigned fine = 0;

    (void)state;
    seed = 0xBF58476D1CE4E5B9u;
    bench_card(&b, NULL, 0);
    for (unsigned i = 0; i < ROUNDS / 50; i++) {
        assert_int_equal(bench_hex(&b, "00A4040C0B A0000003974349445F0100"), 0x9000);
        fine += play(50);
    }
    assert_true(fine > ROUNDS / 50);
    bench_free(&b);
}

/* The admin is authenticated now and then, so that commands that write are reached. */
static void a_piv_card(void **state)
{
    const struct softcard_options both = { .applications = SOFTCARD_BOTH, .pin_tries = 15,
                                           .capacity = 1 << 20 };
    unsigned fine = 0;

    (void)state;
    seed = 0x94D049BB133111EBu;
    for (unsigned i = 0; i < 10; i++) {
        bench_piv(&b, i % 2 == 0 ? NULL : &both);
        for (unsigned k = 0; k < ROUNDS / 500; k++) {
            (void)bench_hex(&b, BENCH_SELECT_PIV);
            (void)bench_piv_admin(&b);
            (void)bench_piv_login(&b);
            fine += play(50);
        }
        bench_reset(&b);
        bench_free(&b);
    }
    assert_true(fine > ROUNDS / 10);
}

/* Nothing but noise. */
static void noise(void **state)
{
    uint8_t cmd[CMD_MAX];

    (void)state;
    seed = 0x2545F4914F6CDD1Du;
    bench_card(&b, NULL, 0);
    for (unsigned i = 0; i < ROUNDS; i++) {
        size_t len = rnd(40);

        for (size_t k = 0; k < len; k++)
            cmd[k] = (uint8_t)rnd(256);
        (void)bench_bytes(&b, cmd, len);
    }
    assert_int_equal(bench_hex(&b, "00A4040C09 A00000039742544659"), 0x9000);
    bench_free(&b);
}

/* ---- images ---------------------------------------------------------------------------------- */

static uint8_t image[1 << 18];
static size_t image_len;

static void write_image(const uint8_t *data, size_t len)
{
    FILE *f = fopen(b.path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, len, f), len);
    (void)fclose(f);
}

static void take_image(void)
{
    FILE *f;

    bench_card(&b, NULL, 0);
    softcard_close(b.card);
    b.card = NULL;
    f = fopen(b.path, "rb");
    assert_non_null(f);
    image_len = fread(image, 1, sizeof(image), f);
    (void)fclose(f);
    assert_true(image_len > 4096 && image_len < sizeof(image));
}

static void cut_images(void **state)
{
    struct softcard *card = NULL;

    (void)state;
    take_image();
    for (size_t len = 0; len < image_len; len += 997) {
        write_image(image, len);
        assert_int_equal(softcard_open(b.path, &card), SOFTCARD_DAMAGED);
        assert_null(card);
    }
    write_image(image, image_len - 1);
    assert_int_equal(softcard_open(b.path, &card), SOFTCARD_DAMAGED);
    write_image(image, image_len);
    assert_int_equal(softcard_open(b.path, &b.card), SOFTCARD_OK);
    bench_free(&b);
}

static void other_files(void **state)
{
    static const char *const texts[] = { "", "not a card", "SQLite format 3", "\x89PNG\r\n\x1a\n" };
    struct softcard *card = NULL;
    static uint8_t changed[sizeof(image)];

    (void)state;
    take_image();
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        write_image((const uint8_t *)texts[i], strlen(texts[i]));
        assert_int_equal(softcard_open(b.path, &card), SOFTCARD_DAMAGED);
    }
    memset(changed, 0xA5, image_len);
    write_image(changed, image_len);
    assert_int_equal(softcard_open(b.path, &card), SOFTCARD_DAMAGED);
    memcpy(changed, image, image_len);
    changed[63] = 4; /* user_version: a newer layout */
    write_image(changed, image_len);
    assert_int_equal(softcard_open(b.path, &card), SOFTCARD_DAMAGED);
    changed[63] = 3;
    changed[71] ^= 1; /* application_id: somebody else's database */
    write_image(changed, image_len);
    assert_int_equal(softcard_open(b.path, &card), SOFTCARD_DAMAGED);
    assert_null(card);
    assert_int_equal(unlink(b.path), 0);
    assert_int_equal(softcard_open(b.path, &card), SOFTCARD_MISSING);
    bench_free(&b);
}

/* Overwritten somewhere: refused, or opened and then each command is answered or the card mute. */
static void overwritten_images(void **state)
{
    static uint8_t changed[sizeof(image)];
    unsigned refused = 0;

    (void)state;
    seed = 0xBF58476D1CE4E5B9u;
    take_image();
    for (unsigned i = 0; i < 400; i++) {
        size_t at = rnd((uint32_t)image_len - 64), len = 1 + rnd(64);
        enum softcard_result result;

        memcpy(changed, image, image_len);
        for (size_t k = 0; k < len; k++)
            changed[at + k] = (uint8_t)rnd(256);
        write_image(changed, image_len);
        result = softcard_open(b.path, &b.card);
        assert_true(result == SOFTCARD_OK || result == SOFTCARD_DAMAGED);
        refused += result != SOFTCARD_OK;
        if (result == SOFTCARD_OK) {
            uint8_t atr[SOFTCARD_ATR_MAX], cmd[CMD_MAX];
            size_t atr_len;

            softcard_power_on(b.card, b.ram, atr, &atr_len);
            assert_true(atr_len <= SOFTCARD_ATR_MAX);
            for (size_t k = 0; k < corpora[0].count; k++) {
                size_t n = bench_unhex(corpora[0].lines[k], cmd, sizeof(cmd)), out_len = sizeof(b.out);

                result = softcard_transmit(b.card, b.ram, cmd, n, b.out, &out_len);
                assert_true(result == SOFTCARD_IO || (result == SOFTCARD_OK && out_len >= 2));
            }
        }
        softcard_close(b.card);
        b.card = NULL;
    }
    assert_true(refused > 0);
    bench_free(&b);
}

static void a_card_is_private(void **state)
{
    struct stat st;
    enum softcard_result again;

    (void)state;
    (void)umask(0);
    bench_card(&b, NULL, 0);
    assert_int_equal(stat(b.path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    again = softcard_create(b.path, NULL);
    assert_int_equal(again, SOFTCARD_EXISTS);
    assert_int_equal(softcard_create("/nonexistent/x.card", NULL), SOFTCARD_IO);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_personalised_card),
        cmocka_unit_test(a_blank_card),
        cmocka_unit_test(another_application),
        cmocka_unit_test(a_piv_card),
        cmocka_unit_test(noise),
        cmocka_unit_test(cut_images),
        cmocka_unit_test(other_files),
        cmocka_unit_test(overwritten_images),
        cmocka_unit_test(a_card_is_private),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
