/* SPDX-License-Identifier: MIT */
/* pcsc/pcsc_lite.c over a library that checks widths and numbers (fake_pcsclite.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cardmint/wintypes.h"
#include "pcsc/pcsc.h"

#define CONTEXT 0x12345678u
#define CARD    (UINTPTR_MAX - 1)
#define LIAR    0x77u
#define GONE    0x66u
#define T0_CARD 0x50u

static struct pcsc *pcsc;

static int load(void **state)
{
    (void)state;
    return pcsc_load(FAKE_PCSCLITE, &pcsc) == SCARD_S_SUCCESS ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    pcsc_free(pcsc);
    return 0;
}

static void test_load_fails(void **state)
{
    struct pcsc *p = NULL;

    (void)state;
    assert_int_equal(pcsc_load("/no/such/library.so", &p), SCARD_E_NO_SERVICE);
    assert_int_equal(pcsc_load("libm.so.6", &p), SCARD_E_NO_SERVICE); /* lacks the functions */
    assert_null(p);
    pcsc_free(NULL);
}

static void test_context(void **state)
{
    uintptr_t ctx = 0;

    (void)state;
    assert_int_equal(pcsc_establish(pcsc, &ctx), SCARD_S_SUCCESS);
    assert_int_equal(ctx, CONTEXT);
    assert_int_equal(pcsc_context_valid(pcsc, ctx), SCARD_S_SUCCESS);
    assert_int_equal(pcsc_context_valid(pcsc, 99), SCARD_E_INVALID_HANDLE);
    pcsc_release(pcsc, ctx);
}

static void test_list(void **state)
{
    char names[20];
    size_t len = sizeof(names);

    (void)state;
    assert_int_equal(pcsc_list(pcsc, CONTEXT, names, &len), SCARD_S_SUCCESS);
    assert_int_equal(len, 9);
    assert_memory_equal(names, "One\0Two\0", 9);
    len = 8;
    assert_int_equal(pcsc_list(pcsc, CONTEXT, names, &len), SCARD_E_INSUFFICIENT_BUFFER);
    len = 0;
    assert_int_equal(pcsc_list(pcsc, CONTEXT, names, &len), SCARD_E_INSUFFICIENT_BUFFER);
    len = sizeof(names);
    assert_int_equal(pcsc_list(pcsc, 1, names, &len), SCARD_S_SUCCESS); /* no reader */
    assert_int_equal(len, 1);
    assert_int_equal(names[0], 0);
    /* pcsc-lite's "unsupported" has the number of Windows' "unexpected": it is that */
    assert_int_equal(pcsc_list(pcsc, 2, names, &len), SCARD_E_UNEXPECTED);
    assert_int_equal(pcsc_list(pcsc, 3, names, &len), SCARD_E_INVALID_HANDLE);
}

static void test_wait(void **state)
{
    uint8_t atr[PCSC_ATR_MAX];
    size_t len = sizeof(atr);
    uint32_t now = 0x00010022;

    (void)state;
    assert_int_equal(pcsc_wait(pcsc, CONTEXT, "One", 0, &now, atr, &len), SCARD_S_SUCCESS);
    assert_int_equal(now, 0x00020022);
    assert_int_equal(len, 33);
    assert_int_equal(atr[32], 0x3B);
    now = 0x00010022;
    assert_int_equal(pcsc_wait(pcsc, CONTEXT, "slow", 250, &now, atr, &len), SCARD_E_TIMEOUT);
    assert_int_equal(now, 0x00010022);
    assert_int_equal(pcsc_wait(pcsc, CONTEXT, "forever", 0xFFFFFFFF, &now, atr, &len),
                     SCARD_S_SUCCESS);
    now = 0x00010022;
    len = sizeof(atr);
    assert_int_equal(pcsc_wait(pcsc, CONTEXT, "liar", 0, &now, atr, &len),
                     SCARD_E_INSUFFICIENT_BUFFER);
}

static void test_connect(void **state)
{
    uintptr_t card = 0;

    (void)state;
    assert_int_equal(pcsc_connect(pcsc, CONTEXT, "Three", PCSC_SHARED, &card),
                     SCARD_E_UNKNOWN_READER);
    assert_int_equal(card, 0);
    assert_int_equal(pcsc_connect(pcsc, CONTEXT, "One", PCSC_SHARED, &card), SCARD_S_SUCCESS);
    assert_true(card == CARD);
    assert_int_equal(pcsc_reconnect(pcsc, card, PCSC_EXCLUSIVE, PCSC_UNPOWER), SCARD_S_SUCCESS);
    assert_int_equal(pcsc_begin(pcsc, card), SCARD_S_SUCCESS);
    assert_int_equal(pcsc_begin(pcsc, GONE), SCARD_W_RESET_CARD);
    assert_int_equal(pcsc_end(pcsc, card, PCSC_LEAVE), SCARD_S_SUCCESS);
    assert_int_equal(pcsc_end(pcsc, card, PCSC_RESET), SCARD_E_NOT_TRANSACTED);
    assert_int_equal(pcsc_disconnect(pcsc, card, PCSC_RESET), SCARD_S_SUCCESS);
}

static void test_status(void **state)
{
    uint8_t atr[PCSC_ATR_MAX] = { 0 };
    size_t len = 0;
    enum pcsc_protocol protocol = PCSC_T0;

    (void)state;
    assert_int_equal(pcsc_status(pcsc, CARD, atr, &len, &protocol), SCARD_S_SUCCESS);
    assert_int_equal(len, 33);
    assert_int_equal(protocol, PCSC_T1);
    assert_int_equal(pcsc_status(pcsc, T0_CARD, NULL, NULL, &protocol), SCARD_S_SUCCESS);
    assert_int_equal(protocol, PCSC_T0);
    assert_int_equal(pcsc_status(pcsc, CARD, NULL, NULL, NULL), SCARD_S_SUCCESS);
    assert_int_equal(pcsc_status(pcsc, GONE, NULL, NULL, NULL), SCARD_W_REMOVED_CARD);
    assert_int_equal(pcsc_status(pcsc, 5, NULL, NULL, NULL), SCARD_E_INVALID_HANDLE);
    assert_int_equal(pcsc_status(pcsc, LIAR, atr, &len, NULL), SCARD_E_INVALID_ATR);
}

static void test_transmit(void **state)
{
    static const uint8_t in[] = { 0x00, 0xCB, 0x3F, 0xFF, 0x90, 0x00 };
    struct pcsc_channel to = { pcsc, CARD, PCSC_T1 };
    uint8_t out[8];
    size_t len = sizeof(out);

    (void)state;
    assert_int_equal(pcsc_transmit(&to, in, 6, out, &len), SCARD_S_SUCCESS);
    assert_int_equal(len, 6);
    assert_memory_equal(out, in, 6);
    to.card = T0_CARD;
    to.protocol = PCSC_T0;
    len = sizeof(out);
    assert_int_equal(pcsc_transmit(&to, in, 6, out, &len), SCARD_S_SUCCESS);
    len = 5; /* no room: nothing is written, and the room is not claimed larger */
    memset(out, 0xEE, sizeof(out));
    assert_int_equal(pcsc_transmit(&to, in, 6, out, &len), SCARD_E_INSUFFICIENT_BUFFER);
    assert_int_equal(len, 5);
    assert_int_equal(out[0], 0xEE);
    to.card = GONE;
    to.protocol = PCSC_T1;
    assert_int_equal(pcsc_transmit(&to, in, 6, out, &len), SCARD_W_REMOVED_CARD);
    to.card = LIAR;
    len = sizeof(out);
    assert_int_equal(pcsc_transmit(&to, in, 6, out, &len), SCARD_F_INTERNAL_ERROR);
    assert_int_equal(len, sizeof(out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_load_fails),
        cmocka_unit_test(test_context),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_wait),
        cmocka_unit_test(test_connect),
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_transmit),
    };

    return cmocka_run_group_tests_name("pcsc_lite", tests, load, unload);
}
