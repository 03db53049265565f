/* SPDX-License-Identifier: MIT */
/* PIN change, unblock and the admin key on our own module and software cards. */
#include "tests/host/real.h"

#include <string.h>

#define PIN(text) (const BYTE *)(text), strlen(text)

static const BYTE aes_key[32] = { 3, 1, 4, 1, 5, 9, 2, 6 };
static struct host *host;

static void open_host(const char *reader, DWORD version)
{
    host = real_open(reader, version, 0);
}

/* A test that failed must not keep the next one waiting for its transaction. */
static int close_host(void **state)
{
    (void)state;
    host_close(host);
    host = NULL;
    return 0;
}

static DWORD login(const char *pin, DWORD *ret_left)
{
    DWORD rc = host_begin(host);

    assert_ok(rc);
    rc = host_login(host, PIN(pin), ret_left);
    host_end(host);
    return rc;
}

static DWORD login_admin(const BYTE *key, size_t len)
{
    DWORD rc = host_begin(host);

    assert_ok(rc);
    rc = host_login_admin(host, key, len, NULL);
    host_end(host);
    return rc;
}

static BYTE pins_freshness(void)
{
    BYTE *cardcf = NULL, freshness;
    size_t len = 0;

    assert_ok(host_file_read(host, "cardcf", &cardcf, &len));
    assert_true(len >= 6);
    freshness = cardcf[1];
    host_free(cardcf, len);
    return freshness;
}

static void pin_changes(void **state)
{
    DWORD version = (DWORD)(uintptr_t)*state, left = 0;
    BYTE before;

    open_host(NULL, version);
    before = pins_freshness();
    assert_code(host_pin_change(host, PIN("000000"), PIN("654321"), 0, &left), SCARD_W_WRONG_CHV);
    assert_int_equal(left, 2);
    assert_ok(host_begin(host));
    assert_ok(host_pin_change(host, PIN("123456"), PIN("65432100"), 0, &left));
    assert_ok(host_file_write(host, "note", real_pin, 1, EveryoneReadUserWriteAc)); /* the user */
    host_end(host);
    assert_int_equal(pins_freshness(), (BYTE)(before + 1));
    assert_code(host_file_write(host, "note", real_pin, 1, EveryoneReadUserWriteAc),
                SCARD_W_SECURITY_VIOLATION);
    assert_code(login("123456", &left), SCARD_W_WRONG_CHV);
    assert_ok(login("65432100", NULL));
    assert_ok(host_pin_change(host, PIN("65432100"), PIN("123456"), 0, NULL));
}

static void blocked_pin_is_unblocked(void **state)
{
    DWORD version = (DWORD)(uintptr_t)*state, left = 7;
    static const BYTE wrong[24];
    BYTE before;

    open_host(NULL, version);
    before = pins_freshness();
    while (left > 0)
        assert_code(login("000000", &left), SCARD_W_WRONG_CHV);
    assert_code(login("123456", NULL), SCARD_W_CHV_BLOCKED);
    assert_code(host_pin_change(host, PIN("123456"), PIN("654321"), 0, NULL), SCARD_W_CHV_BLOCKED);
    assert_code(host_pin_unblock_with_key(host, wrong, 24, PIN("654321"), 0), SCARD_W_WRONG_CHV);
    assert_ok(host_begin(host));
    assert_ok(host_pin_unblock_with_key(host, real_admin, sizeof real_admin, PIN("654321"), 0));
    assert_code(host_file_write(host, "note", real_pin, 1, EveryoneReadUserWriteAc),
                SCARD_W_SECURITY_VIOLATION); /* nobody */
    host_end(host);
    assert_int_equal(pins_freshness(), (BYTE)(before + 1));
    assert_ok(login("654321", NULL));
    assert_ok(host_pin_change(host, PIN("654321"), PIN("123456"), 0, NULL));
}

static void help_desk_unblocks(void **state)
{
    BYTE challenge[256], response[256];
    size_t len = sizeof challenge;

    (void)state;
    open_host(NULL, 0);
    assert_ok(host_begin(host));
    assert_ok(host_admin_challenge(host, challenge, &len));
    assert_int_equal(len, 8);
    assert_ok(host_admin_response(real_admin, sizeof real_admin, false, challenge, len, response));
    assert_ok(host_pin_unblock(host, response, len, PIN("654321"), 0));
    assert_code(host_pin_unblock(host, response, len, PIN("111111"), 0), SCARD_W_WRONG_CHV);
    host_end(host);
    assert_ok(host_pin_change(host, PIN("654321"), PIN("123456"), 0, NULL));
}

static void admin_key_changes(void **state)
{
    static const BYTE fresh[24] = { 1, 1, 2, 3, 5, 8, 13, 21 };

    (void)state;
    open_host(NULL, 0);
    assert_code(host_admin_change_key(host, fresh, 24, fresh, 24, NULL), SCARD_W_WRONG_CHV);
    assert_ok(host_admin_change_key(host, real_admin, sizeof real_admin, fresh, 24, NULL));
    assert_code(login_admin(real_admin, sizeof real_admin), SCARD_W_WRONG_CHV);
    assert_ok(login_admin(fresh, 24));
    assert_ok(host_admin_change_key(host, fresh, 24, real_admin, sizeof real_admin, NULL));
    assert_ok(login_admin(real_admin, sizeof real_admin));
}

static void puk_card_is_unblocked_by_its_puk(void **state)
{
    static const BYTE puk[8] = { '8', '7', '6', '5', '4', '3', '2', '1' };
    struct softcard_options options = { .unblock = SOFTCARD_UNBLOCK_PUK };
    struct softcard_person who = { .pin = real_pin, .pin_len = sizeof real_pin, .puk = puk,
                                   .puk_len = sizeof puk, .admin_key = real_admin,
                                   .admin_key_len = sizeof real_admin };

    DWORD version = (DWORD)(uintptr_t)*state, left = 0;

    real_make_card("puk", &options, &who);
    open_host("puk", version);
    assert_ok(host_create_card(host, real_admin, sizeof real_admin));
    assert_code(host_pin_unblock(host, real_pin, sizeof real_pin, PIN("654321"), 0),
                SCARD_W_WRONG_CHV);
    assert_code(host_pin_unblock_with_puk(host, PIN("00000000"), PIN("654321"), 0, &left),
                SCARD_W_WRONG_CHV);
    assert_int_equal(left, version >= 6 ? 1 : CARD_DATA_VALUE_UNKNOWN);
    assert_ok(host_pin_unblock_with_puk(host, puk, sizeof puk, PIN("111111"), 0, &left));
    assert_ok(host_pin_unblock(host, puk, sizeof puk, PIN("654321"), 0));
    assert_ok(login("654321", NULL));
    (void)close_host(state);
    assert_int_equal(home_remove("puk"), SOFTCARD_OK);
}

/* What `card new --aes` needs: works with the module as it is. */
static void aes_card_gets_its_files(void **state)
{
    struct softcard_person who = { .pin = real_pin, .pin_len = sizeof real_pin,
                                   .admin_key = aes_key, .admin_aes = true };
    struct host_info info;

    (void)state;
    for (who.admin_key_len = 16; who.admin_key_len <= 32; who.admin_key_len += 8) {
        real_make_card("aes", NULL, &who);
        open_host("aes", 0);
        assert_code(login_admin(real_admin, sizeof real_admin), SCARD_W_WRONG_CHV);
        assert_ok(host_create_card(host, aes_key, who.admin_key_len));
        assert_ok(host_info(host, &info));
        assert_true(info.has_card_id);
        (void)close_host(state);
        assert_int_equal(home_remove("aes"), SOFTCARD_OK);
    }
}

static void aes_card_is_unblocked(void **state)
{
    struct softcard_person who = { .pin = real_pin, .pin_len = sizeof real_pin,
                                   .admin_key = aes_key, .admin_key_len = sizeof aes_key,
                                   .admin_aes = true };
    static const BYTE fresh[32] = { 2, 7, 1, 8 };

    (void)state;
    real_make_card("aes", NULL, &who);
    open_host("aes", 0);
    assert_ok(host_create_card(host, aes_key, sizeof aes_key));
    assert_ok(host_pin_unblock_with_key(host, aes_key, sizeof aes_key, PIN("654321"), 0));
    assert_ok(login("654321", NULL));
    assert_ok(host_admin_change_key(host, aes_key, sizeof aes_key, fresh, sizeof fresh, NULL));
    assert_ok(login_admin(fresh, sizeof fresh));
    (void)close_host(state);
    assert_int_equal(home_remove("aes"), SOFTCARD_OK);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_teardown(function, close_host)
#define VERSION(function, n)                                                                       \
    cmocka_unit_test_prestate_setup_teardown(function, NULL, close_host, (void *)(uintptr_t)(n))
    const struct CMUnitTest tests[] = {
        TEST(aes_card_gets_its_files),
        VERSION(pin_changes, 4),
        VERSION(pin_changes, 7),
        VERSION(blocked_pin_is_unblocked, 4),
        VERSION(blocked_pin_is_unblocked, 7),
        TEST(help_desk_unblocks),
        TEST(admin_key_changes),
        VERSION(puk_card_is_unblocked_by_its_puk, 5),
        VERSION(puk_card_is_unblocked_by_its_puk, 7),
        TEST(aes_card_is_unblocked),
    };

    return cmocka_run_group_tests_name("host_real_pins", tests, real_setup, real_teardown);
}
