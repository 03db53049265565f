/* SPDX-License-Identifier: MIT */
/*
 * TransactionTimeoutMilliseconds: what is kept after host_end, for how long, and how it ends. LONG
 * is longer than any test may take, SHORT is waited for.
 */
#include "tests/host/support.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#define LONG_MS  600000u
#define SHORT_MS 60u

static struct host *host;

static int setup(void **state)
{
    fakes_setup(state);
    host_close(open_new_card(0)); /* its files */
    host = open_keeping(0, LONG_MS);
    return 0;
}

static int teardown(void **state)
{
    host_close(host);
    host = NULL;
    return fakes_teardown(state);
}

static void reopen(DWORD version, DWORD ms)
{
    host_close(host);
    host = open_keeping(version, ms);
}

static unsigned now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned)now.tv_sec * 1000u + (unsigned)(now.tv_nsec / 1000000);
}

/* Whether the card is free; by the lock under which the thread gives it back. */
static bool is_free(void)
{
    bool locked;

    if (host == NULL || !host->keeper.runs)
        return !fakes.pcsc->locked;
    pthread_mutex_lock(&host->keeper.lock);
    locked = fakes.pcsc->locked;
    pthread_mutex_unlock(&host->keeper.lock);
    return !locked;
}

static void wait_until_free(void)
{
    unsigned begun = now_ms();

    while (!is_free()) {
        usleep(1000);
        assert_true(now_ms() - begun < 20000);
    }
}

static void use_as_user(void)
{
    begin_as_user(host);
    host_end(host);
}

/* ---- how it ends --------------------------------------------------------------------------- */

static void close_does_not_wait(void **state)
{
    unsigned begun = now_ms();

    (void)state;
    use_as_user();
    assert_false(is_free());
    host_close(host);
    host = NULL;
    assert_true(is_free());
    assert_false(fakes.card->user);
    assert_int_equal(fakes.pcsc->last_end, PCSC_LEAVE);
    assert_true(now_ms() - begun < LONG_MS / 2);
}

static void close_ends_what_is_open(void **state)
{
    (void)state;
    use_as_user();
    assert_ok(host_begin(host));
    assert_ok(host_begin(host));
    host_close(host);
    host = NULL;
    assert_true(is_free());
    assert_false(fakes.card->user);
}

static void card_is_given_back_in_time(void **state)
{
    (void)state;
    for (DWORD version = 4; version <= 7; version++) {
        unsigned begun = now_ms();

        reopen(version, SHORT_MS);
        use_as_user();
        wait_until_free();
        assert_true(now_ms() - begun >= SHORT_MS);
        assert_false(fakes.card->user);
        assert_int_equal(fakes.pcsc->last_end, PCSC_LEAVE);
        assert_ok(host_begin(host)); /* and can be had again: nobody is logged in */
        assert_code(host_file_write(host, "note", NULL, 0, EveryoneReadUserWriteAc),
                    SCARD_W_SECURITY_VIOLATION);
        host_end(host);
    }
}

static void card_is_reset_where_logout_fails(void **state)
{
    (void)state;
    fakes.card->no_deauthenticate = true;
    reopen(0, SHORT_MS);
    use_as_user();
    wait_until_free();
    assert_int_equal(fakes.pcsc->last_end, PCSC_RESET);
    assert_false(fakes.card->user);
}

static void logout_gives_it_back(void **state)
{
    (void)state;
    use_as_user();
    assert_ok(host_logout(host));
    assert_true(is_free());
    assert_false(fakes.card->user);
    assert_ok(host_logout(host));
    fakes.card->no_deauthenticate = true;
    begin_as_user(host);
    assert_code(host_logout(host), SCARD_E_UNSUPPORTED_FEATURE);
    host_end(host); /* not kept: the card still takes us for the user */
    assert_true(is_free());
    assert_int_equal(fakes.pcsc->last_end, PCSC_RESET);
}

/* ---- what is not kept ---------------------------------------------------------------------- */

static void zero_keeps_nothing(void **state)
{
    (void)state;
    reopen(0, 0);
    use_as_user();
    assert_true(is_free());
    assert_false(host->keeper.runs);
}

static void always_prompt_keeps_no_user(void **state)
{
    (void)state;
    fakes.card->pin_policy = PinCacheAlwaysPrompt;
    use_as_user();
    assert_true(is_free());
    assert_false(fakes.card->user);
    assert_ok(host_begin(host)); /* without the user there is nothing to prompt for */
    host_end(host);
    assert_false(is_free());
}

static void lost_card_is_not_kept(void **state)
{
    static const DWORD gone[] = { SCARD_W_RESET_CARD, SCARD_W_REMOVED_CARD, SCARD_F_COMM_ERROR };
    BYTE *data = NULL;
    size_t len = 0;

    (void)state;
    for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++) {
        begin_as_user(host);
        fakes.card->fault = (struct fake_fault){ FAKE_READ_FILE, 0, gone[i], false };
        assert_code(host_file_read(host, "cardid", &data, &len), gone[i]);
        host_end(host);
        assert_true(is_free());
    }
    use_as_user();
    assert_false(is_free()); /* the next one is as good as any */
}

/* ---- what is kept -------------------------------------------------------------------------- */

static void authentication_goes_on(void **state)
{
    unsigned begins, reads;

    (void)state;
    use_as_user();
    begins = fakes.pcsc->begins;
    reads = fakes.card->calls[FAKE_READ_FILE];
    assert_ok(host_begin(host));
    assert_int_equal(fakes.card->calls[FAKE_READ_FILE], reads); /* cardcf is known */
    host_end(host);
    assert_ok(host_file_write(host, "note", NULL, 0, EveryoneReadUserWriteAc));
    assert_int_equal(fakes.pcsc->begins, begins);
    assert_int_equal(fakes.card->calls[FAKE_AUTHENTICATE_PIN], 1);
    assert_int_equal(fakes.card->calls[FAKE_DEAUTHENTICATE], 0);
}

static void each_use_puts_it_off(void **state)
{
    (void)state;
    reopen(0, 400);
    use_as_user();
    for (unsigned i = 0; i < 4; i++) {
        usleep(200 * 1000);
        if (is_free())
            return; /* a machine so slow that nothing can be said */
        assert_ok(host_begin(host));
        host_end(host);
    }
    assert_int_equal(fakes.card->calls[FAKE_DEAUTHENTICATE], 0); /* after 800 ms */
    wait_until_free();
    assert_int_equal(fakes.card->calls[FAKE_DEAUTHENTICATE], 1);
}

static void open_transaction_has_no_time_out(void **state)
{
    (void)state;
    reopen(0, SHORT_MS);
    use_as_user();
    assert_ok(host_begin(host));
    usleep(3 * SHORT_MS * 1000);
    assert_false(is_free());
    host_end(host);
    wait_until_free();
}

/* ---- the card goes meanwhile --------------------------------------------------------------- */

static void removal_is_noticed(void **state)
{
    (void)state;
    use_as_user();
    fakes.pcsc->status_rc = fakes.pcsc->begin_rc = SCARD_W_REMOVED_CARD;
    fakes.card->fault = (struct fake_fault){ FAKE_DEAUTHENTICATE, 0, SCARD_W_REMOVED_CARD, false };
    assert_code(host_begin(host), SCARD_W_REMOVED_CARD);
    assert_true(is_free());
    assert_code(host_begin(host), SCARD_W_REMOVED_CARD);
}

/* By whichever call comes first. */
static void reset_is_noticed(void **state)
{
    (void)state;
    for (unsigned later = 0; later < 2; later++) {
        unsigned reconnects = fakes.pcsc->reconnects;

        use_as_user();
        fakes.pcsc->on_reset();
        fakes.pcsc->status_rc = SCARD_W_RESET_CARD;
        fakes.pcsc->resets = later;
        if (later == 0)
            fakes.card->fault = (struct fake_fault){ FAKE_DEAUTHENTICATE, 0, SCARD_W_RESET_CARD,
                                                     false };
        assert_ok(host_begin(host));
        assert_int_equal(fakes.pcsc->reconnects, reconnects + 1);
        fakes.pcsc->status_rc = 0;
        assert_code(host_file_write(host, "note", NULL, 0, EveryoneReadUserWriteAc),
                    SCARD_W_SECURITY_VIOLATION); /* nobody is logged in */
        host_end(host);
    }
}

static void removal_is_survived_by_the_thread(void **state)
{
    (void)state;
    reopen(0, SHORT_MS);
    begin_as_user(host);
    fakes.pcsc->status_rc = fakes.pcsc->begin_rc = SCARD_W_REMOVED_CARD;
    fakes.card->fault = (struct fake_fault){ FAKE_DEAUTHENTICATE, 0, SCARD_W_REMOVED_CARD, false };
    host_end(host);
    wait_until_free();
    assert_code(host_begin(host), SCARD_W_REMOVED_CARD);
}

/* Begin and end at the very moment when the time is up, again and again. */
static void end_of_time_is_no_race(void **state)
{
    (void)state;
    reopen(0, 1);
    for (unsigned i = 0; i < 300; i++) {
        use_as_user();
        usleep(900 + i);
    }
    wait_until_free();
    assert_false(fakes.card->user);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(close_does_not_wait),
        TEST(close_ends_what_is_open),
        TEST(card_is_given_back_in_time),
        TEST(card_is_reset_where_logout_fails),
        TEST(logout_gives_it_back),
        TEST(zero_keeps_nothing),
        TEST(always_prompt_keeps_no_user),
        TEST(lost_card_is_not_kept),
        TEST(authentication_goes_on),
        TEST(each_use_puts_it_off),
        TEST(open_transaction_has_no_time_out),
        TEST(removal_is_noticed),
        TEST(reset_is_noticed),
        TEST(removal_is_survived_by_the_thread),
        TEST(end_of_time_is_no_race),
    };

    return cmocka_run_group_tests_name("host_timeout", tests, NULL, NULL);
}
