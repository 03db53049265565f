/* SPDX-License-Identifier: MIT */
/*
 * One image, several processes, and no reader that lets one command at a time through: each has
 * power and RAM of its own. Nobody finds the card mute, no try is lost, and what one process has
 * stored the others see.
 *
 * First with a second card in this process that comes in between the two transactions of a guess
 * (the linker's --wrap puts us there), then with children that run as they please.
 */
#include "tests/softcard/bench.h"

#include "softcard/image.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static struct bench b; /* in a child: the child's */

#define IS(sw, ...) assert_int_equal(bench_hex(&b, __VA_ARGS__), sw)
#define RIGHT "0020008008" BENCH_PIN_HEX
#define WRONG "0020008008 3030303030303030"

static const struct softcard_options many_tries = { .pin_tries = 15 };
static const struct softcard_options with_puk = { .unblock = SOFTCARD_UNBLOCK_PUK };

static unsigned tries_left(void)
{
    IS(0x9000, "00CB3FFF 04 5C027F71 00");
    return b.out[5];
}

/* ---- in between ------------------------------------------------------------------------------ */

static struct bench other;   /* the same image */
static const char *cuts_in;  /* what the other one sends when a guess has cost its try */
static const char *and_then; /* and then, if anything */
static uint16_t cuts_in_sw;
static unsigned begun;

bool __real_image_begin(struct image *image, enum image_access access);
bool __wrap_image_begin(struct image *image, enum image_access access);

bool __wrap_image_begin(struct image *image, enum image_access access)
{
    const char *command = cuts_in;

    if (command != NULL && ++begun == 2) {
        cuts_in = NULL;
        cuts_in_sw = bench_hex(&other, "%s", command);
        if (and_then != NULL)
            (void)bench_hex(&other, "%s", and_then);
    }
    return __real_image_begin(image, access);
}

static void share_begin(const struct softcard_options *options)
{
    bench_card(&b, options, 0);
    memset(&other, 0, sizeof(other));
    other.ram = calloc(1, softcard_ram_size());
    assert_non_null(other.ram);
    assert_int_equal(softcard_open(b.path, &other.card), SOFTCARD_OK);
    bench_reset(&other);
}

static void share_end(void)
{
    softcard_close(other.card);
    free(other.ram);
    bench_free(&b);
}

#define FROM_OLD_TO(lc, pin) "00240080" lc BENCH_PIN_HEX pin

static const struct meeting {
    const char *ours, *theirs;
    uint16_t our_sw, their_sw;
    unsigned left; /* tries in the end */
    const struct softcard_options *options;
    const char *then;
} meetings[] = {
    /* two guesses, two tries */
    { WRONG, WRONG, 0x63C2, 0x63C1, 1, NULL, NULL },
    { RIGHT, WRONG, 0x9000, 0x63C1, 3, NULL, NULL },
    /* theirs fills the tries: ours costs one of the new ones */
    { WRONG, RIGHT, 0x63C2, 0x9000, 2, NULL, NULL },
    { RIGHT, RIGHT, 0x9000, 0x9000, 3, NULL, NULL },
    /* theirs changes the PIN: the old one is wrong now, the new one right */
    { RIGHT, FROM_OLD_TO("0E", "393939393939"), 0x63C2, 0x9000, 2, NULL, NULL },
    { "0020008006 393939393939", FROM_OLD_TO("0E", "393939393939"), 0x9000, 0x9000, 3, NULL, NULL },
    { FROM_OLD_TO("0C", "37373737"), FROM_OLD_TO("0C", "36363636"), 0x63C2, 0x9000, 2, NULL, NULL },
    /* old and new are parted by the length of the PIN that holds when they are compared */
    { "002400800C 393939393939 373737373737", FROM_OLD_TO("0E", "393939393939"), 0x9000, 0x9000, 3,
      NULL, NULL },
    { "0024008008" BENCH_PIN_HEX, FROM_OLD_TO("0C", "31323334"), 0x9000, 0x9000, 3, NULL, NULL },
    /* as many left as before, but of another PIN: of the same length, of the same beginning */
    { RIGHT, FROM_OLD_TO("10", "3939393939393939"), 0x63C1, 0x9000, 1, NULL, WRONG },
    { RIGHT, FROM_OLD_TO("0C", "31323334"), 0x63C1, 0x9000, 1, NULL, WRONG },
    /* a PUK likewise */
    { "002C00800C" BENCH_PUK_HEX "39393939", "0024008110" BENCH_PUK_HEX "3737373737373737", 0x63C2,
      0x9000, 3, &with_puk, NULL },
    { "002C00800C" BENCH_PUK_HEX "39393939", "002C00800C" BENCH_PUK_HEX "37373737", 0x9000, 0x9000,
      3, &with_puk, NULL },
};

static void another_cuts_in(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(meetings) / sizeof(meetings[0]); i++) {
        const struct meeting *m = &meetings[i];

        share_begin(m->options);
        begun = 0;
        cuts_in = m->theirs;
        and_then = m->then;
        if (bench_hex(&b, "%s", m->ours) != m->our_sw || cuts_in != NULL ||
            cuts_in_sw != m->their_sw || tries_left() != m->left)
            fail_msg("meeting %zu: %04X, %04X, %u left", i, b.sw, cuts_in_sw, tries_left());
        share_end();
    }
}

/* The last try is one try, whoever comes in between. */
static void the_last_try(void **state)
{
    (void)state;
    share_begin(NULL);
    IS(0x63C2, WRONG);
    IS(0x63C1, WRONG);
    begun = 0;
    and_then = NULL;
    cuts_in = RIGHT;
    IS(0x63C0, WRONG);
    assert_int_equal(cuts_in_sw, 0x6983);
    IS(0x6983, RIGHT);
    share_end();
}

/* The other one, who is logged in, sets how many tries there are: all are left then, so a guess
 * that has cost one of the old ones costs one of the new, and a right one fills no more than there
 * are. */
static void another_sets_the_tries(void **state)
{
    static const struct {
        const char *ours;
        unsigned most;
        uint16_t our_sw;
        unsigned left;
    } rows[] = {
        { WRONG, 2, 0x63C1, 1 }, /* as few as were left of three */
        { WRONG, 1, 0x63C0, 0 },
        { WRONG, 3, 0x63C2, 2 },
        { WRONG, 9, 0x63C8, 8 },
        { RIGHT, 2, 0x9000, 2 },
        { RIGHT, 1, 0x9000, 1 },
        { RIGHT, 9, 0x9000, 9 },
        { FROM_OLD_TO("0C", "31323334"), 2, 0x9000, 2 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char tries[32];

        share_begin(NULL);
        assert_int_equal(bench_login(&other), 0x9000);
        (void)snprintf(tries, sizeof(tries), "00DB3FFF067F71039301%02X", rows[i].most);
        begun = 0;
        and_then = NULL;
        cuts_in = tries;
        IS(rows[i].our_sw, "%s", rows[i].ours);
        assert_int_equal(cuts_in_sw, 0x9000);
        assert_int_equal(tries_left(), rows[i].left);
        assert_int_equal(b.out[8], rows[i].most);
        share_end();
    }
}

/* ---- children -------------------------------------------------------------------------------- */

#define CHILDREN 4u
#define ROUNDS   12u
#define PATIENCE 30u /* seconds; a child that waits for a dead one ends */

/* What all see. */
static struct yard {
    pthread_barrier_t barrier;
    unsigned answers[CHILDREN]; /* bit n: 63Cn; bit 16: 9000 */
    uint8_t pin[16], next[CHILDREN][16];
    size_t pin_len, next_len[CHILDREN];
} *yard;

enum { ANSWER_OK = 16 };

/* In a child no assertion may leave: it would run on in the parent's tests. */
static void must(bool holds, const char *what)
{
    if (holds)
        return;
    print_error("a child: %s\n", what);
    _exit(1);
}

static uint16_t ask_bytes(const uint8_t *in, size_t in_len)
{
    size_t len = sizeof(b.out);

    must(softcard_transmit(b.card, b.ram, in, in_len, b.out, &len) == SOFTCARD_OK, "mute");
    b.len = len - 2;
    return (uint16_t)(b.out[len - 2] << 8 | b.out[len - 1]);
}

static uint16_t ask(const char *hex)
{
    uint8_t in[64];

    return ask_bytes(in, bench_unhex(hex, in, sizeof(in)));
}

static void note(unsigned child, uint16_t sw)
{
    must(sw == 0x9000 || (sw & 0xFFF0) == 0x63C0, "neither right nor wrong");
    yard->answers[child] |= 1u << (sw == 0x9000 ? ANSWER_OK : sw & 0x0F);
}

static unsigned all_answers(void)
{
    unsigned all = 0;

    for (size_t i = 0; i < CHILDREN; i++) {
        must((all & yard->answers[i]) == 0, "two had the same answer");
        all |= yard->answers[i];
    }
    return all;
}

static void be_child(void (*work)(unsigned child), unsigned child)
{
    uint8_t atr[SOFTCARD_ATR_MAX];
    size_t atr_len;

    (void)alarm(PATIENCE);
    must(softcard_open(b.path, &b.card) == SOFTCARD_OK, "open");
    softcard_power_on(b.card, b.ram, atr, &atr_len);
    must(ask("00A4040C09 A00000039742544659") == 0x9000, "select");
    work(child);
    _exit(0);
}

/* Each child has an open image and power of its own, none from before the fork. */
static void children_do(void (*work)(unsigned child))
{
    pid_t pid[CHILDREN];
    int status = 0;

    bench_card(&b, &many_tries, 0);
    softcard_close(b.card);
    b.card = NULL;
    memset(yard->answers, 0, sizeof(yard->answers));
    for (unsigned i = 0; i < CHILDREN; i++) {
        pid[i] = fork();
        assert_true(pid[i] >= 0);
        if (pid[i] == 0)
            be_child(work, i);
    }
    for (unsigned i = 0; i < CHILDREN; i++) {
        assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    assert_int_equal(softcard_open(b.path, &b.card), SOFTCARD_OK);
    bench_reset(&b);
}

static void guess_wrong(unsigned child)
{
    (void)pthread_barrier_wait(&yard->barrier);
    for (int i = 0; i < 3; i++)
        note(child, ask(WRONG));
}

/* 12 of 15 tries: each answer has been given once, 63CE to 63C3. */
static void wrong_guesses_add_up(void **state)
{
    (void)state;
    children_do(guess_wrong);
    assert_int_equal(all_answers(), 0x7FF8);
    assert_int_equal(tries_left(), 3);
    bench_free(&b);
}

/* CHANGE from the PIN all know to one of this child's own, of a length of its own. */
static uint16_t change_pin(unsigned child, unsigned round)
{
    uint8_t cmd[64] = { 0x00, 0x24, 0x00, 0x80 };
    char pin[16];
    int len = snprintf(pin, sizeof(pin), "%0*u", (int)(4 + (child + round) % 5),
                       1000 + round * CHILDREN + child);

    yard->next_len[child] = (size_t)len;
    memcpy(yard->next[child], pin, (size_t)len);
    cmd[4] = (uint8_t)(yard->pin_len + (size_t)len);
    memcpy(cmd + 5, yard->pin, yard->pin_len);
    memcpy(cmd + 5 + yard->pin_len, pin, (size_t)len);
    return ask_bytes(cmd, 5u + cmd[4]);
}

/* One has changed it, and the others came too late: each lost a try of the new PIN. */
static void settle(void)
{
    must(all_answers() == (1u << ANSWER_OK | 0x7000), "one winner and three wrong guesses");
    must(ask("00CB3FFF 04 5C027F71 00") == 0x9000 && b.out[5] == 12, "tries after a change");
    for (unsigned i = 0; i < CHILDREN; i++) {
        if (yard->answers[i] >> ANSWER_OK != 0) {
            memcpy(yard->pin, yard->next[i], sizeof(yard->pin));
            yard->pin_len = yard->next_len[i];
        }
        yard->answers[i] = 0;
    }
}

static void change_in_turn(unsigned child)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        (void)pthread_barrier_wait(&yard->barrier);
        note(child, change_pin(child, round));
        if (pthread_barrier_wait(&yard->barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
            settle();
    }
}

static void one_change_wins(void **state)
{
    (void)state;
    memcpy(yard->pin, BENCH_PIN, yard->pin_len = strlen(BENCH_PIN));
    children_do(change_in_turn);
    assert_int_equal(tries_left(), 12);
    bench_free(&b);
}

/* Object DF30 + child: always its own, and as it was put last. */
static void put_and_get(unsigned child, unsigned round)
{
    char put[40], get[40];
    const uint8_t want[] = { 0xDF, (uint8_t)(0x30 + child), 2, (uint8_t)child, (uint8_t)round };

    (void)snprintf(put, sizeof(put), "00DBA010 05 DF%02X02%02X%02X", 0x30 + child, child, round);
    (void)snprintf(get, sizeof(get), "00CBA010 04 5C02DF%02X 00", 0x30 + child);
    must(ask(put) == 0x9000, "PUT DATA");
    must(ask(get) == 0x9000 && b.len == sizeof(want) && memcmp(b.out, want, b.len) == 0,
         "GET DATA");
}

/* No child is wrong twice before it is right, so the tries never run out, and right is right. */
static void bit_of_all(unsigned child)
{
    (void)pthread_barrier_wait(&yard->barrier);
    for (unsigned round = 0; round < ROUNDS; round++) {
        must(ask(RIGHT) == 0x9000, "right PIN");
        put_and_get(child, round);
        must(ask("0024008010" BENCH_PIN_HEX BENCH_PIN_HEX) == 0x9000, "CHANGE");
        must((ask(WRONG) & 0xFFF0) == 0x63C0, "wrong PIN");
        must((ask("00200080") & 0xFFF0) == 0x63C0, "nobody is logged in");
        must(ask(RIGHT) == 0x9000, "right PIN again");
        put_and_get(child, round + 0x80);
    }
}

static void all_at_once(void **state)
{
    (void)state;
    children_do(bit_of_all);
    assert_int_equal(tries_left(), 15);
    IS(0x9000, "00CBA010 02 5C00 00");
    bench_answer_is(&b, "DF3002008B DF3102018B DF3202028B DF3302038B");
    bench_free(&b);
}

/* What only reads goes on while another process is about to write, and cannot write. */
static void readers_do_not_wait(void **state)
{
    struct image *image = NULL;

    (void)state;
    bench_card(&b, NULL, 0);
    assert_int_equal(image_open(b.path, &image), SOFTCARD_OK);
    assert_true(image_begin(image, IMAGE_WRITES));
    assert_int_equal(tries_left(), 3);
    IS(0x63C3, "00200080");
    assert_true(image_set_tries(image, 0x80, 1));
    assert_int_equal(tries_left(), 3);
    assert_true(image_commit(image));
    assert_int_equal(tries_left(), 1);
    assert_true(image_begin(image, IMAGE_READS));
    assert_false(image_set_tries(image, 0x80, 3));
    image_rollback(image);
    image_close(image);
    assert_int_equal(tries_left(), 1);
    bench_free(&b);
}

static int set_up(void **state)
{
    pthread_barrierattr_t shared;

    (void)state;
    yard = mmap(NULL, sizeof(*yard), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (yard == MAP_FAILED || pthread_barrierattr_init(&shared) != 0 ||
        pthread_barrierattr_setpshared(&shared, PTHREAD_PROCESS_SHARED) != 0)
        return -1;
    return pthread_barrier_init(&yard->barrier, &shared, CHILDREN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_cuts_in),
        cmocka_unit_test(the_last_try),
        cmocka_unit_test(another_sets_the_tries),
        cmocka_unit_test(readers_do_not_wait),
        cmocka_unit_test(wrong_guesses_add_up),
        cmocka_unit_test(one_change_wins),
        cmocka_unit_test(all_at_once),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
