/* SPDX-License-Identifier: MIT */
/* PINs and the admin key: changed, unblocked, kept; by a module that may refuse, fail or lie. */
#include "tests/host/support.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIN(text) (const BYTE *)(text), strlen(text)
#define KEY fake_admin_key, sizeof fake_admin_key

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

static void fail_next(enum fake_call call, unsigned skip, DWORD rc, bool after)
{
    fakes.card->fault = (struct fake_fault){ call, skip, rc, after };
}

static unsigned pins_freshness(void)
{
    return fakes.find("", "cardcf")->data[1];
}

static void login(const char *pin)
{
    assert_ok(host_begin(host));
    assert_ok(host_login(host, PIN(pin), NULL));
    host_end(host);
}

static DWORD login_cached(void)
{
    DWORD rc;

    assert_ok(host_begin(host));
    rc = host_login_cached(host, NULL);
    host_end(host);
    return rc;
}

/* ---- change -------------------------------------------------------------------------------- */

static void wrong_old_pin_counts_down(void **state)
{
    DWORD left = 7;

    (void)state;
    for (unsigned tries = FAKE_TRIES; tries-- > 0;) {
        assert_code(host_pin_change(host, PIN("0000"), PIN("5678"), 0, &left), SCARD_W_WRONG_CHV);
        assert_int_equal(left, tries);
    }
    assert_code(host_pin_change(host, PIN(FAKE_PIN), PIN("5678"), 0, &left), SCARD_W_CHV_BLOCKED);
    assert_int_equal(left, CARD_DATA_VALUE_UNKNOWN);
    assert_int_equal(pins_freshness(), 0);
    assert_memory_equal(fakes.card->pin, FAKE_PIN, 4);
}

static void change_refuses_nonsense(void **state)
{
    DWORD left = 7;

    (void)state;
    assert_code(host_pin_change(host, NULL, 4, PIN("5678"), 0, &left), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(left, CARD_DATA_VALUE_UNKNOWN);
    assert_code(host_pin_change(host, PIN(FAKE_PIN), NULL, 4, 0, NULL), SCARD_E_INVALID_PARAMETER);
    assert_code(host_pin_change(host, PIN(FAKE_PIN), (const BYTE *)"", 100000, 0, NULL),
                SCARD_E_INVALID_PARAMETER);
    assert_int_equal(fakes.card->calls[FAKE_CHANGE_AUTHENTICATOR], 0);
    assert_code(host_pin_change(host, PIN(FAKE_PIN), PIN("1"), 0, NULL),
                SCARD_E_INVALID_PARAMETER); /* says the card */
    fakes.card->fixed_tries = true;
    assert_code(host_pin_change(host, PIN(FAKE_PIN), PIN("5678"), 5, NULL),
                SCARD_E_INVALID_PARAMETER);
    assert_int_equal(fakes.card->tries, FAKE_TRIES);
    assert_int_equal(fakes.card->calls[FAKE_DEAUTHENTICATE], 0);
}

static void changed_pin_is_counted(void **state)
{
    (void)state;
    for (DWORD version = 4; version <= 7; version++) {
        char old[] = "1234", fresh[] = "1234";

        old[3] = (char)('0' + version);
        fresh[3] = (char)('1' + version);
        reopen(version);
        assert_ok(host_pin_change(host, PIN(old), PIN(fresh), 0, NULL));
        assert_int_equal(pins_freshness(), version - 3);
        assert_false(fakes.card->user); /* its transaction is over */
        login(fresh);
    }
}

static void change_leaves_the_user_logged_in(void **state)
{
    DWORD left = 0;

    (void)state;
    assert_ok(host_begin(host));
    assert_ok(host_pin_change(host, PIN(FAKE_PIN), PIN("5678"), 9, &left));
    assert_int_equal(fakes.card->most_tries, 9);
    assert_true(fakes.card->user);
    assert_ok(host_file_write(host, "note", NULL, 0, EveryoneReadUserWriteAc));
    host_end(host);
    assert_false(fakes.card->user);
    assert_int_equal(fakes.pcsc->last_end, PCSC_LEAVE);
}

/* The new PIN is in force: to say otherwise would have somebody try the old one. */
static void change_stands_when_the_counter_cannot(void **state)
{
    (void)state;
    fail_next(FAKE_WRITE_FILE, 0, SCARD_F_COMM_ERROR, false);
    assert_ok(host_pin_change(host, PIN(FAKE_PIN), PIN("5678"), 0, NULL));
    assert_int_equal(pins_freshness(), 0);
    login("5678");
}

static void doubtful_change_is_taken_back(void **state)
{
    (void)state;
    fail_next(FAKE_CHANGE_AUTHENTICATOR, 0, SCARD_F_COMM_ERROR, true);
    assert_code(host_pin_change(host, PIN(FAKE_PIN), PIN("5678"), 0, NULL), SCARD_F_COMM_ERROR);
    assert_false(fakes.card->user);
    assert_int_equal(fakes.card->calls[FAKE_DEAUTHENTICATE], 1);
}

static void old_module_may_lack_it(void **state)
{
    DWORD left = 0;

    (void)state;
    fail_next(FAKE_CHANGE_AUTHENTICATOR, 0, SCARD_E_UNSUPPORTED_FEATURE, false);
    assert_code(host_pin_change(host, PIN(FAKE_PIN), PIN("5678"), 0, &left),
                SCARD_E_UNSUPPORTED_FEATURE);
    assert_int_equal(fakes.card->calls[FAKE_DEAUTHENTICATE], 0);
}

/* ---- unblock ------------------------------------------------------------------------------- */

static void block(void)
{
    assert_ok(host_begin(host));
    for (unsigned i = 0; i < FAKE_TRIES; i++)
        assert_code(host_login(host, PIN("0000"), NULL), SCARD_W_WRONG_CHV);
    assert_code(host_login(host, PIN(FAKE_PIN), NULL), SCARD_W_CHV_BLOCKED);
    host_end(host);
}

static void wrong_key_unblocks_nothing(void **state)
{
    static const BYTE wrong[24] = { 1 };

    (void)state;
    block();
    assert_code(host_pin_unblock_with_key(host, wrong, 24, PIN("5678"), 0), SCARD_W_WRONG_CHV);
    assert_int_equal(fakes.card->tries, 0);
    fakes.card->admin_tries = 0;
    assert_code(host_pin_unblock_with_key(host, KEY, PIN("5678"), 0), SCARD_W_CHV_BLOCKED);
    assert_int_equal(pins_freshness(), 0);
    assert_false(fakes.pcsc->locked);
}

static void unblock_refuses_nonsense(void **state)
{
    static const BYTE key[33];

    (void)state;
    assert_code(host_pin_unblock_with_key(host, NULL, 24, PIN("5678"), 0),
                SCARD_E_INVALID_PARAMETER);
    assert_code(host_pin_unblock_with_key(host, key, 33, PIN("5678"), 0),
                SCARD_E_INVALID_PARAMETER);
    assert_code(host_pin_unblock_with_key(host, KEY, NULL, 4, 0), SCARD_E_INVALID_PARAMETER);
    assert_code(host_pin_unblock(host, NULL, 8, PIN("5678"), 0), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(fakes.card->calls[FAKE_GET_CHALLENGE], 0);
    assert_int_equal(fakes.card->calls[FAKE_UNBLOCK_PIN], 0);
    /* a key too long for the 3DES card: found out before it costs a try */
    assert_code(host_pin_unblock_with_key(host, key, 32, PIN("5678"), 0),
                SCARD_E_INVALID_PARAMETER);
    assert_int_equal(fakes.card->admin_tries, FAKE_ADMIN_TRIES);
}

static void unblocked_pin_is_counted(void **state)
{
    (void)state;
    for (DWORD version = 4; version <= 7; version++) {
        reopen(version);
        assert_ok(host_pin_unblock_with_key(host, KEY, PIN(FAKE_PIN), 0));
        block();
        assert_ok(host_begin(host));
        assert_ok(host_pin_unblock_with_key(host, KEY, PIN("567890"), 5));
        assert_false(fakes.card->user); /* nobody, within the transaction already */
        assert_false(fakes.card->admin);
        host_end(host);
        assert_int_equal(fakes.pcsc->last_end, PCSC_LEAVE);
        assert_int_equal(fakes.card->most_tries, 5);
        assert_int_equal(pins_freshness(), 2 * (version - 3));
        fakes.card->most_tries = FAKE_TRIES;
        login("567890");
    }
}

static void module_that_stays_logged_in_is_logged_out(void **state)
{
    (void)state;
    fakes.card->unblock_logs_in = true;
    assert_ok(host_begin(host));
    assert_ok(host_pin_unblock_with_key(host, KEY, PIN("5678"), 0));
    assert_false(fakes.card->user);
    assert_false(fakes.card->admin);
    host_end(host);
    fakes.card->no_deauthenticate = true;
    reopen(0);
    assert_ok(host_pin_unblock_with_key(host, KEY, PIN("5678"), 0));
    assert_int_equal(fakes.pcsc->last_end, PCSC_RESET);
    assert_false(fakes.card->user);
}

static void doubtful_unblock_is_taken_back(void **state)
{
    (void)state;
    fakes.card->unblock_logs_in = true;
    fail_next(FAKE_UNBLOCK_PIN, 0, SCARD_F_COMM_ERROR, true);
    assert_code(host_pin_unblock_with_key(host, KEY, PIN("5678"), 0), SCARD_F_COMM_ERROR);
    assert_false(fakes.card->admin);
}

static void puk_unblocks_without_a_challenge(void **state)
{
    DWORD left = 0;

    (void)state;
    fakes.card->puk = "87654321";
    block();
    assert_code(host_pin_unblock(host, PIN("00000000"), PIN("5678"), 0), SCARD_W_WRONG_CHV);
    assert_ok(host_pin_unblock(host, PIN("87654321"), PIN("5678"), 0));
    assert_code(host_pin_unblock_with_puk(host, PIN("00000000"), PIN("1234"), 0, &left),
                SCARD_W_WRONG_CHV); /* a module that does not tell is asked by the plain function */
    assert_int_equal(left, CARD_DATA_VALUE_UNKNOWN);
    assert_ok(host_pin_unblock_with_puk(host, PIN("87654321"), PIN("5678"), 0, &left));
    assert_int_equal(fakes.card->calls[FAKE_GET_CHALLENGE], 0);
    assert_int_equal(pins_freshness(), 2);
    login("5678");
}

/* ---- over the telephone -------------------------------------------------------------------- */

static void challenge_needs_a_transaction_and_room(void **state)
{
    BYTE challenge[256];
    size_t len = sizeof challenge;

    (void)state;
    assert_code(host_admin_challenge(host, challenge, &len), SCARD_E_NOT_TRANSACTED);
    assert_code(host_admin_respond(host, challenge, 8, NULL), SCARD_E_NOT_TRANSACTED);
    assert_ok(host_begin(host));
    assert_code(host_admin_challenge(host, NULL, &len), SCARD_E_INVALID_PARAMETER);
    len = 7;
    assert_code(host_admin_challenge(host, challenge, &len), ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(len, 7);
    assert_code(host_admin_respond(host, NULL, 8, NULL), SCARD_E_INVALID_PARAMETER);
    assert_code(host_admin_respond(host, challenge, 0, NULL), SCARD_E_INVALID_PARAMETER);
    assert_code(host_admin_respond(host, challenge, 257, NULL), SCARD_E_INVALID_PARAMETER);
    host_end(host);
}

static void lying_challenges_are_not_answered(void **state)
{
    static const DWORD lengths[] = { 1, 7, 9, 12, 257, 264, 512 };
    BYTE challenge[512];
    size_t len = sizeof challenge;

    (void)state;
    assert_ok(host_begin(host));
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        fakes.card->challenge_len = lengths[i];
        assert_code(host_admin_challenge(host, challenge, &len), SCARD_E_UNEXPECTED);
        assert_code(host_pin_unblock_with_key(host, KEY, PIN("5678"), 0), SCARD_E_UNEXPECTED);
        assert_code(host_admin_change_key(host, KEY, KEY, NULL), SCARD_E_UNEXPECTED);
    }
    fakes.card->challenge_len = 0;
    fakes.card->trick_call = FAKE_GET_CHALLENGE;
    for (enum fake_trick trick = FAKE_NULL_OUTPUT; trick <= FAKE_TOO_LONG; trick++) {
        fakes.card->trick = trick;
        assert_code(host_admin_challenge(host, challenge, &len), SCARD_E_UNEXPECTED);
    }
    host_end(host);
    assert_int_equal(fakes.card->calls[FAKE_UNBLOCK_PIN], 0);
}

static void help_desk_unblocks(void **state)
{
    BYTE challenge[256], response[256];
    size_t len = sizeof challenge;
    DWORD left = 0;

    (void)state;
    assert_ok(host_begin(host));
    assert_ok(host_admin_challenge(host, challenge, &len));
    assert_int_equal(len, 8);
    assert_ok(host_admin_response(KEY, false, challenge, len, response));
    assert_ok(host_admin_respond(host, response, len, &left));
    assert_true(fakes.card->admin);
    assert_code(host_admin_respond(host, response, len, &left), SCARD_W_WRONG_CHV); /* replayed */
    assert_int_equal(left, FAKE_ADMIN_TRIES - 1);
    assert_false(fakes.card->admin);
    len = sizeof challenge;
    assert_ok(host_admin_challenge(host, challenge, &len));
    assert_ok(host_admin_response(KEY, false, challenge, len, response));
    assert_ok(host_pin_unblock(host, response, len, PIN("5678"), 0));
    host_end(host);
    login("5678");
}

/* ---- the admin key ------------------------------------------------------------------------- */

static void admin_key_is_changed(void **state)
{
    static const BYTE fresh[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, wrong[32] = { 0 };
    DWORD left = 0;

    (void)state;
    assert_code(host_admin_change_key(host, wrong, 24, fresh, 16, &left), SCARD_W_WRONG_CHV);
    assert_int_equal(left, FAKE_ADMIN_TRIES - 1);
    assert_code(host_admin_change_key(host, KEY, fresh, 15, &left), SCARD_E_INVALID_PARAMETER);
    assert_code(host_admin_change_key(host, KEY, NULL, 24, &left), SCARD_E_INVALID_PARAMETER);
    assert_code(host_admin_change_key(host, KEY, wrong, 32, &left), SCARD_E_INVALID_PARAMETER);
    assert_ok(host_begin(host));
    assert_ok(host_admin_change_key(host, KEY, fresh, 16, &left)); /* two keys: K1 K2 K1 */
    assert_true(fakes.card->admin);
    host_end(host);
    assert_false(fakes.card->admin);
    assert_int_equal(fakes.card->admin_len, 24);
    assert_memory_equal(fakes.card->admin_key + 16, fresh, 8);
    assert_ok(host_begin(host));
    assert_ok(host_login_admin(host, fresh, 16, NULL));
    assert_code(host_login_admin(host, KEY, NULL), SCARD_W_WRONG_CHV);
    host_end(host);
    assert_int_equal(pins_freshness(), 0);
}

static void aes_key_is_used(void **state)
{
    static const BYTE key[32] = { 9, 8, 7 };

    (void)state;
    for (size_t len = 16; len <= 32; len += 8) {
        fakes.card->admin_aes = true;
        fakes.card->admin_len = len;
        memcpy(fakes.card->admin_key, key, len);
        assert_ok(host_begin(host));
        assert_ok(host_login_admin(host, key, len, NULL));
        assert_code(host_login_admin(host, fake_admin_key, 24, NULL), SCARD_W_WRONG_CHV);
        host_end(host);
        assert_ok(host_pin_unblock_with_key(host, key, len, PIN("5678"), 0));
        assert_ok(host_create_card(host, key, len));
        assert_ok(host_admin_change_key(host, key, len, key, 16, NULL));
        assert_int_equal(fakes.card->admin_len, 16); /* as it is */
    }
}

/* ---- the PIN cache ------------------------------------------------------------------------- */

static void nothing_is_kept_before_a_login(void **state)
{
    DWORD left = 0;

    (void)state;
    assert_code(host_login_cached(host, &left), SCARD_E_NOT_TRANSACTED);
    assert_int_equal(left, CARD_DATA_VALUE_UNKNOWN);
    assert_code(login_cached(), SCARD_W_CARD_NOT_AUTHENTICATED);
    assert_ok(host_begin(host));
    assert_code(host_login(host, PIN("0000"), NULL), SCARD_W_WRONG_CHV);
    host_end(host);
    assert_code(login_cached(), SCARD_W_CARD_NOT_AUTHENTICATED);
    assert_int_equal(fakes.card->tries, FAKE_TRIES - 1);
}

static void pin_is_presented_again(void **state)
{
    (void)state;
    for (DWORD version = 4; version <= 7; version++) {
        reopen(version);
        login(FAKE_PIN);
        assert_ok(host_begin(host));
        assert_ok(host_login_cached(host, NULL));
        assert_true(fakes.card->user);
        host_end(host);
        assert_false(fakes.card->user);
        host_pin_forget(host);
        host_pin_forget(host);
        assert_code(login_cached(), SCARD_W_CARD_NOT_AUTHENTICATED);
    }
}

static void refused_pin_is_dropped(void **state)
{
    (void)state;
    login(FAKE_PIN);
    memcpy(fakes.card->pin, "9999", 4); /* changed by somebody who counts nothing */
    assert_code(login_cached(), SCARD_W_WRONG_CHV);
    assert_int_equal(fakes.card->tries, FAKE_TRIES - 1);
    assert_code(login_cached(), SCARD_W_CARD_NOT_AUTHENTICATED);
    assert_int_equal(fakes.card->tries, FAKE_TRIES - 1);
    login("9999");
    fakes.card->tries = 0;
    assert_code(login_cached(), SCARD_W_CHV_BLOCKED);
    assert_code(login_cached(), SCARD_W_CARD_NOT_AUTHENTICATED);
}

static void broken_line_is_no_refusal(void **state)
{
    (void)state;
    login(FAKE_PIN);
    fail_next(FAKE_AUTHENTICATE_PIN, 0, SCARD_F_COMM_ERROR, false);
    assert_code(login_cached(), SCARD_F_COMM_ERROR);
    assert_ok(login_cached());
}

static void pin_changed_elsewhere_costs_no_try(void **state)
{
    (void)state;
    login(FAKE_PIN);
    fakes.find("", "cardcf")->data[1]++;
    assert_code(login_cached(), SCARD_W_CARD_NOT_AUTHENTICATED);
    assert_int_equal(fakes.card->calls[FAKE_AUTHENTICATE_PIN], 1);
}

static void changed_pin_is_dropped(void **state)
{
    (void)state;
    login(FAKE_PIN);
    assert_ok(host_pin_change(host, PIN(FAKE_PIN), PIN("5678"), 0, NULL));
    assert_code(login_cached(), SCARD_W_CARD_NOT_AUTHENTICATED);
    login("5678");
    assert_ok(host_pin_unblock_with_key(host, KEY, PIN(FAKE_PIN), 0));
    assert_code(login_cached(), SCARD_W_CARD_NOT_AUTHENTICATED);
}

static void policy_of_the_pin_is_honoured(void **state)
{
    static const struct {
        DWORD policy, seconds;
        bool silent, kept;
    } rows[] = {
        { PinCacheNormal, 0, false, true },        { PinCacheTimed, 100, false, true },
        { PinCacheTimed, 0xFFFFFFFF, false, true }, { PinCacheTimed, 0, false, false },
        { PinCacheNone, 0, false, false },         { PinCacheAlwaysPrompt, 0, false, false },
        { 99, 0, false, false },                   { PinCacheNormal, 0, true, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fakes.card->pin_policy = rows[i].policy;
        fakes.card->pin_seconds = rows[i].seconds;
        fakes.card->no_pin_info = rows[i].silent;
        login(FAKE_PIN);
        assert_code(login_cached(),
                    rows[i].kept ? SCARD_S_SUCCESS : SCARD_W_CARD_NOT_AUTHENTICATED);
    }
}

static void timed_pin_runs_out(void **state)
{
    (void)state;
    fakes.card->pin_policy = PinCacheTimed;
    fakes.card->pin_seconds = 1;
    login(FAKE_PIN);
    assert_ok(login_cached());
    usleep(1050 * 1000);
    assert_code(login_cached(), SCARD_W_CARD_NOT_AUTHENTICATED);
}

static void nothing_remains_in_memory(void **state)
{
    static const BYTE zeros[SECRET_MOST];

    (void)state;
    login(FAKE_PIN);
    assert_memory_equal(host->pin_cache.page, FAKE_PIN, 4);
    host_pin_forget(host);
    assert_memory_equal(host->pin_cache.page, zeros, sizeof zeros);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(wrong_old_pin_counts_down),
        TEST(change_refuses_nonsense),
        TEST(changed_pin_is_counted),
        TEST(change_leaves_the_user_logged_in),
        TEST(change_stands_when_the_counter_cannot),
        TEST(doubtful_change_is_taken_back),
        TEST(old_module_may_lack_it),
        TEST(wrong_key_unblocks_nothing),
        TEST(unblock_refuses_nonsense),
        TEST(unblocked_pin_is_counted),
        TEST(module_that_stays_logged_in_is_logged_out),
        TEST(doubtful_unblock_is_taken_back),
        TEST(puk_unblocks_without_a_challenge),
        TEST(challenge_needs_a_transaction_and_room),
        TEST(lying_challenges_are_not_answered),
        TEST(help_desk_unblocks),
        TEST(admin_key_is_changed),
        TEST(aes_key_is_used),
        TEST(nothing_is_kept_before_a_login),
        TEST(pin_is_presented_again),
        TEST(refused_pin_is_dropped),
        TEST(broken_line_is_no_refusal),
        TEST(pin_changed_elsewhere_costs_no_try),
        TEST(changed_pin_is_dropped),
        TEST(policy_of_the_pin_is_honoured),
        TEST(timed_pin_runs_out),
        TEST(nothing_remains_in_memory),
    };

    return cmocka_run_group_tests_name("host_pins", tests, NULL, NULL);
}
