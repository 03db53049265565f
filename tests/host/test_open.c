/* SPDX-License-Identifier: MIT */
/* From options to an open card: what can be wrong on the way, and what is said then. */
#include "tests/host/support.h"

#include <stdlib.h>
#include <string.h>

static struct host_options options;

static int setup(void **state)
{
    options = (struct host_options){ .module = FAKE_MODULE, .pcsc = FAKE_PCSC };
    return fakes_setup(state);
}

/* Opening fails with this code, and the line has all of these words. */
static void expect_failure(DWORD code, const char *a, const char *b)
{
    struct host *host = NULL;
    struct host_error err = { 0 };

    assert_code(host_open(&options, &host, &err), code);
    assert_null(host);
    assert_code(err.code, code);
    if (strstr(err.says, a) == NULL || strstr(err.says, b) == NULL)
        fail_msg("\"%s\" lacks \"%s\" or \"%s\"", err.says, a, b);
    assert_null(strchr(err.says, '\n'));
    assert_int_equal(host_open(&options, &host, NULL), code); /* nobody has to listen */
}

static void opens_and_closes(void **state)
{
    struct host *host = open_host(0);

    (void)state;
    assert_int_equal(host_card_data(host)->dwVersion, 7);
    assert_int_equal(fakes.card->contexts, 1);
    host_close(host);
    host_close(NULL);
    assert_int_equal(fakes.card->contexts, 0);
    assert_int_equal(fakes.pcsc->disconnects, 1);
    assert_int_equal(fakes.pcsc->begins, fakes.pcsc->ends);
}

static void every_version_opens(void **state)
{
    (void)state;
    for (DWORD version = 4; version <= 7; version++) {
        struct host *host = open_host(version);

        assert_int_equal(host_card_data(host)->dwVersion, version);
        host_close(host);
    }
    fakes.card->version = 5;
    host_close(open_host(7)); /* an older module answers with what it has */
}

static void close_ends_what_is_open(void **state)
{
    struct host *host = open_host(0);

    (void)state;
    begin_as_user(host);
    assert_ok(host_begin(host));
    host_close(host);
    assert_false(fakes.card->user);
    assert_false(fakes.pcsc->locked);
}

static void module_that_is_none(void **state)
{
    (void)state;
    options.module = "/nowhere/module.so";
    expect_failure(ERROR_MOD_NOT_FOUND, "cannot load module /nowhere/module.so", "--module");
    options.module = FAKE_PCSC;
    expect_failure(ERROR_PROC_NOT_FOUND, "is not a minidriver", "CardAcquireContext");
    options.module = NULL; /* none beside the test program */
    expect_failure(ERROR_MOD_NOT_FOUND, "../lib/cardmint.so", "--module");
}

static void library_that_is_no_pcsc(void **state)
{
    (void)state;
    options.pcsc = FAKE_MODULE;
    expect_failure(SCARD_E_NO_SERVICE, "cannot load", "PC/SC");
    options.pcsc = "/nowhere/lib.so";
    expect_failure(SCARD_E_NO_SERVICE, "/nowhere/lib.so", "soft");
    options.pcsc = FAKE_PCSC;
    fakes.pcsc->establish_rc = SCARD_E_NO_SERVICE;
    expect_failure(SCARD_E_NO_SERVICE, "no smart card service", "pcscd");
}

static void library_of_the_environment(void **state)
{
    struct host *host = NULL;

    (void)state;
    options.pcsc = NULL;
    setenv("CARDMINT_PCSC", FAKE_PCSC, 1);
    assert_ok(host_open(&options, &host, NULL));
    host_close(host);
    setenv("CARDMINT_PCSC", "/nowhere/lib.so", 1);
    expect_failure(SCARD_E_NO_SERVICE, "/nowhere/lib.so", "");
    options.pcsc = FAKE_PCSC; /* the option wins */
    assert_ok(host_open(&options, &host, NULL));
    host_close(host);
    unsetenv("CARDMINT_PCSC");
}

static void reader_is_chosen(void **state)
{
    struct host_info info;
    struct host *host = NULL;

    (void)state;
    fakes.pcsc->readers[0] = (struct fake_reader){ "Reader A 0", false, false };
    fakes.pcsc->readers[1] = (struct fake_reader){ "Reader A 01", true, false };
    assert_ok(host_open(&options, &host, NULL)); /* the only one with a card */
    assert_ok(host_info(host, &info));
    assert_string_equal(info.reader, "Reader A 01");
    host_close(host);
    options.reader = "reader a";
    expect_failure(SCARD_E_UNKNOWN_READER, "ambiguous", "Reader A 0, Reader A 01");
    options.reader = "Reader A 0"; /* the whole name of one, part of the other */
    expect_failure(SCARD_E_NO_SMARTCARD, "no card in Reader A 0", "insert");
    options.reader = "a 01";
    assert_ok(host_open(&options, &host, NULL));
    host_close(host);
    options.reader = "B";
    expect_failure(SCARD_E_UNKNOWN_READER, "no reader B", "cardmint readers");
}

static void no_card_to_be_had(void **state)
{
    (void)state;
    fakes.pcsc->readers[0].card = false;
    expect_failure(SCARD_E_NO_SMARTCARD, "no reader with a card", "insert");
    fakes.pcsc->readers[0].name = NULL;
    expect_failure(SCARD_E_NO_READERS_AVAILABLE, "no reader", "--pcsc");
    fakes.pcsc->readers[0] = (struct fake_reader){ "Mute", true, true };
    expect_failure(SCARD_W_UNRESPONSIVE_CARD, "Mute", "does not answer");
    fakes.pcsc->readers[0].mute = false;
    fakes.pcsc->readers[1] = (struct fake_reader){ "Other", true, false };
    expect_failure(SCARD_E_UNKNOWN_READER, "more than one", "Mute, Other");
    options.reader = "Mute";
    fakes.pcsc->connect_rc = SCARD_E_SHARING_VIOLATION;
    expect_failure(SCARD_E_SHARING_VIOLATION, "another program", "Mute");
    fakes.pcsc->connect_rc = SCARD_W_UNPOWERED_CARD;
    expect_failure(SCARD_W_UNPOWERED_CARD, "does not answer", "Mute");
}

static void module_that_refuses(void **state)
{
    static const struct {
        DWORD rc;
        const char *words;
    } rows[] = {
        { SCARD_E_UNKNOWN_CARD, "is not one this module knows" },
        { ERROR_REVISION_MISMATCH, "does not offer version 7" },
        { SCARD_E_NO_MEMORY, "cannot use the card" },
        { 0x12345678, "0x12345678" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct host *host = NULL;
        struct host_error err = { 0 };

        fakes.card->fault = (struct fake_fault){ FAKE_ACQUIRE, 0, rows[i].rc, false };
        assert_code(host_open(&options, &host, &err), rows[i].rc);
        assert_non_null(strstr(err.says, rows[i].words));
        assert_false(fakes.pcsc->locked);
    }
}

static void module_that_breaks_the_rules(void **state)
{
    static const struct {
        size_t at;
        DWORD version;
        const char *name;
    } rows[] = {
        { offsetof(CARD_DATA, pfnCardReadFile), 4, "CardReadFile" },
        { offsetof(CARD_DATA, pfnCardSignData), 5, "CardSignData" },
        { offsetof(CARD_DATA, pfnCardDeauthenticateEx), 6, "CardDeauthenticateEx" },
        { offsetof(CARD_DATA, pfnMDEncryptData), 7, "MDEncryptData" },
        { offsetof(CARD_DATA, pfnCardCreateContainerEx), 7, "CardCreateContainerEx" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct host *host = NULL;

        fakes.card->null_slot = rows[i].at + 1;
        options.version = rows[i].version;
        expect_failure(ERROR_BAD_FORMAT, "it lacks", rows[i].name);
        if (rows[i].version > 4) { /* a slot of a later version may be anything */
            options.version = rows[i].version - 1;
            if (rows[i].version > 5) {
                assert_ok(host_open(&options, &host, NULL));
                host_close(host);
            }
        }
    }
    fakes.card->null_slot = 0;
    options.version = 6;
    fakes.card->answer_version = 7;
    expect_failure(ERROR_BAD_FORMAT, "answered with interface version 7", "asked for 6");
    fakes.card->answer_version = 3;
    expect_failure(ERROR_BAD_FORMAT, "answered with interface version 3", "--module");
}

static void optional_slots_may_be_null(void **state)
{
    static const size_t slots[] = {
        offsetof(CARD_DATA, pfnCardDeauthenticate),
        offsetof(CARD_DATA, pfnCardRSADecrypt),
        offsetof(CARD_DATA, pfnCardConstructDHAgreement),
        offsetof(CARD_DATA, pfnCardDeriveKey),
        offsetof(CARD_DATA, pfnCardDestroyDHAgreement),
    };

    (void)state;
    for (size_t i = 0; i < sizeof slots / sizeof slots[0]; i++) {
        fakes.card->null_slot = slots[i] + 1;
        host_close(open_host(7));
    }
}

static void no_delete_context_is_survived(void **state)
{
    (void)state;
    fakes.card->null_slot = offsetof(CARD_DATA, pfnCardDeleteContext) + 1;
    expect_failure(ERROR_BAD_FORMAT, "it lacks", "CardDeleteContext");
    fakes.card->contexts = 0; /* nobody could give it back */
}

static void reset_while_opening(void **state)
{
    (void)state;
    fakes.pcsc->resets = 1;
    host_close(open_host(0));
    assert_int_equal(fakes.pcsc->reconnects, 1);
    fakes.pcsc->begin_rc = SCARD_W_REMOVED_CARD;
    expect_failure(SCARD_W_REMOVED_CARD, "cannot get at the card", "removed");
}

static void readers_are_listed(void **state)
{
    struct host_reader *list = NULL;
    struct host_error err = { 0 };
    size_t count = 99;

    (void)state;
    fakes.pcsc->readers[2] = (struct fake_reader){ "Empty", false, false };
    assert_ok(host_readers(&options, &list, &count, &err));
    assert_int_equal(count, 2);
    assert_string_equal(list[0].name, "Fake Reader 0");
    assert_true(list[0].card);
    assert_int_equal(list[0].atr_len, 4);
    assert_int_equal(list[0].atr[0], 0x3B);
    assert_false(list[1].card);
    assert_int_equal(list[1].atr_len, 0);
    host_free(list, count * sizeof *list);
    fakes.pcsc->readers[0].name = fakes.pcsc->readers[2].name = NULL;
    assert_ok(host_readers(&options, &list, &count, &err));
    assert_int_equal(count, 0);
    host_free(list, 0);
    options.pcsc = "/nowhere/lib.so";
    assert_code(host_readers(&options, &list, &count, &err), SCARD_E_NO_SERVICE);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fakes_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(opens_and_closes),
        TEST(every_version_opens),
        TEST(close_ends_what_is_open),
        TEST(module_that_is_none),
        TEST(library_that_is_no_pcsc),
        TEST(library_of_the_environment),
        TEST(reader_is_chosen),
        TEST(no_card_to_be_had),
        TEST(module_that_refuses),
        TEST(module_that_breaks_the_rules),
        TEST(optional_slots_may_be_null),
        TEST(no_delete_context_is_survived),
        TEST(reset_while_opening),
        TEST(readers_are_listed),
    };

    unsetenv("CARDMINT_PCSC");
    return cmocka_run_group_tests_name("host_open", tests, NULL, NULL);
}
