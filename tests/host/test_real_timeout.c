/* SPDX-License-Identifier: MIT */
/*
 * The card kept after host_end, seen from a second connection and from another process: it waits,
 * and has the card when the time is up, without what was authenticated.
 */
#include "tests/host/real.h"

#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define KEEP_MS 300u
#define LONG_MS 600000u

static struct host *host, *other;

/* A test that failed must not keep the next one waiting for its transaction. */
static int close_hosts(void **state)
{
    (void)state;
    host_close(host);
    host_close(other);
    host = other = NULL;
    return 0;
}

static unsigned now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned)now.tv_sec * 1000u + (unsigned)(now.tv_nsec / 1000000);
}

static void use_as_user(void)
{
    assert_ok(host_begin(host));
    assert_ok(host_login(host, real_pin, sizeof real_pin, NULL));
    host_end(host);
}

static void kept_card_needs_no_second_pin(void **state)
{
    (void)state;
    host = real_open(NULL, 0, LONG_MS);
    use_as_user();
    (void)real_exchanges();
    assert_ok(host_begin(host));
    host_end(host);
    assert_int_equal(real_exchanges(), 0);
    assert_ok(host_file_write(host, "note", real_pin, 1, EveryoneReadUserWriteAc));
    assert_ok(host_file_remove(host, "note"));
    (void)close_hosts(state); /* at once */
    host = real_open(NULL, 0, 0);
    assert_code(host_file_write(host, "note", real_pin, 1, EveryoneReadUserWriteAc),
                SCARD_W_SECURITY_VIOLATION);
}

static void second_connection_waits_for_its_turn(void **state)
{
    unsigned begun;

    (void)state;
    other = real_open(NULL, 0, 0);
    host = real_open(NULL, 0, KEEP_MS);
    begun = now_ms();
    use_as_user();
    assert_ok(host_begin(other));
    assert_true(now_ms() - begun >= KEEP_MS);
    assert_true(now_ms() - begun < KEEP_MS + 20000);
    assert_code(host_file_write(other, "note", real_pin, 1, EveryoneReadUserWriteAc),
                SCARD_W_SECURITY_VIOLATION);
    host_end(other);
    assert_ok(host_begin(host)); /* and the first one again */
    host_end(host);
}

/* 0: it got the card, after the time was up and with nobody logged in. */
static int other_process(unsigned begun)
{
    struct host_options options = { .module = MODULE, .pcsc = real_pcsc() };
    int rc = 0;

    if (host_open(&options, &host, NULL) != SCARD_S_SUCCESS)
        return 1;
    if (now_ms() - begun < KEEP_MS)
        rc = 2; /* host_open is a transaction itself */
    if (host_file_write(host, "note", real_pin, 1, EveryoneReadUserWriteAc) !=
        SCARD_W_SECURITY_VIOLATION)
        rc = 3;
    host_close(host);
    return rc;
}

static void second_process_waits_for_its_turn(void **state)
{
    unsigned begun = now_ms();
    int status = -1, start[2];
    pid_t child;

    (void)state;
    assert_int_equal(pipe(start), 0);
    child = fork(); /* before there is a thread */
    if (child == 0) {
        if (read(start[0], &begun, sizeof begun) != (ssize_t)sizeof begun)
            _exit(9);
        _exit(other_process(begun));
    }
    host = real_open(NULL, 0, KEEP_MS);
    use_as_user();
    begun = now_ms() - 2; /* the clock's grain */
    assert_int_equal(write(start[1], &begun, sizeof begun), sizeof begun);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    close(start[0]);
    close(start[1]);
}

static void card_ejected_meanwhile_hurts_nobody(void **state)
{
    (void)state;
    if (real_is_plugged())
        skip();
    for (unsigned late = 0; late < 2; late++) {
        host = real_open(NULL, 0, late != 0 ? LONG_MS : 30);
        use_as_user();
        assert_int_equal(home_eject(REAL_CARD), SOFTCARD_OK);
        if (late == 0)
            usleep(200 * 1000); /* the thread finds it gone; else host_begin does */
        assert_code(host_begin(host), SCARD_W_REMOVED_CARD);
        (void)close_hosts(state);
        assert_int_equal(home_insert(REAL_CARD), SOFTCARD_OK);
    }
    host = real_open(NULL, 0, 0);
}

static void closed_while_ejected(void **state)
{
    (void)state;
    if (real_is_plugged())
        skip();
    host = real_open(NULL, 0, LONG_MS);
    use_as_user();
    assert_int_equal(home_eject(REAL_CARD), SOFTCARD_OK);
    (void)close_hosts(state);
    assert_int_equal(home_insert(REAL_CARD), SOFTCARD_OK);
    host = real_open(NULL, 0, 0);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_teardown(function, close_hosts)
    const struct CMUnitTest tests[] = {
        TEST(second_process_waits_for_its_turn),
        TEST(kept_card_needs_no_second_pin),
        TEST(second_connection_waits_for_its_turn),
        TEST(card_ejected_meanwhile_hurts_nobody),
        TEST(closed_while_ejected),
    };

    return cmocka_run_group_tests_name("host_real_timeout", tests, real_setup, real_teardown);
}
