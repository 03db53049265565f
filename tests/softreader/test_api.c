/* SPDX-License-Identifier: MIT */
/* The interface itself: handles, buffers, memory, protocols, attributes, texts. */
#include "support.h"

#include <reader.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char groups[] = "SCard$DefaultReaders\0";

static void contexts_are_numbers_that_are_checked(void **state)
{
    SCARDCONTEXT context, other;

    (void)state;
    assert_int_equal(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, NULL),
                     SCARD_E_INVALID_PARAMETER);
    assert_int_equal(SCardEstablishContext(17, NULL, NULL, &context), SCARD_E_INVALID_VALUE);
    assert_int_equal(SCardIsValidContext(0), SCARD_E_INVALID_HANDLE);
    assert_int_equal(SCardReleaseContext(-1), SCARD_E_INVALID_HANDLE);
    assert_int_equal(SCardCancel(4711), SCARD_E_INVALID_HANDLE);
    context = establish();
    other = establish();
    assert_int_not_equal(context, other);
    assert_int_equal(SCardIsValidContext(context), SCARD_S_SUCCESS);
    assert_int_equal(SCardReleaseContext(context), SCARD_S_SUCCESS);
    assert_int_equal(SCardIsValidContext(context), SCARD_E_INVALID_HANDLE);
    assert_int_equal(SCardReleaseContext(context), SCARD_E_INVALID_HANDLE);
    assert_int_equal(SCardIsValidContext(other), SCARD_S_SUCCESS);
    assert_int_equal(SCardReleaseContext(other), SCARD_S_SUCCESS);
}

static void every_call(SCARDHANDLE h, LONG expected)
{
    uint8_t apdu[5] = { 0 }, out[300];
    char name[64];
    DWORD n = sizeof(out), m = sizeof(name), d;

    assert_int_equal(SCardReconnect(h, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD, &d),
                     expected);
    assert_int_equal(SCardBeginTransaction(h), expected);
    assert_int_equal(SCardStatus(h, name, &m, &d, &d, out, &n), expected);
    n = sizeof(out);
    assert_int_equal(SCardTransmit(h, SCARD_PCI_T1, apdu, 5, NULL, out, &n), expected);
    assert_int_equal(SCardControl(h, CM_IOCTL_GET_FEATURE_REQUEST, NULL, 0, out, sizeof(out), &n),
                     expected);
    n = sizeof(out);
    assert_int_equal(SCardGetAttrib(h, SCARD_ATTR_ATR_STRING, out, &n), expected);
}

static void handles_are_checked(void **state)
{
    SCARDCONTEXT context = establish();
    SCARDHANDLE card = connect_to(context, ALICE);

    (void)state;
    every_call(0, SCARD_E_INVALID_HANDLE);
    every_call(-1, SCARD_E_INVALID_HANDLE);
    every_call(context, SCARD_E_INVALID_HANDLE);
    assert_int_equal(SCardEndTransaction(context, SCARD_LEAVE_CARD), SCARD_E_INVALID_HANDLE);
    assert_int_equal(SCardDisconnect(context, SCARD_LEAVE_CARD), SCARD_E_INVALID_HANDLE);
    assert_int_equal(SCardIsValidContext(card), SCARD_E_INVALID_HANDLE);
    assert_int_equal(SCardDisconnect(card, 99), SCARD_E_INVALID_VALUE);
    assert_int_equal(SCardDisconnect(card, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    assert_int_equal(SCardDisconnect(card, SCARD_LEAVE_CARD), SCARD_E_INVALID_HANDLE);
    every_call(card, SCARD_E_INVALID_HANDLE);
    card = connect_to(context, ALICE);
    assert_int_equal(SCardReleaseContext(context), SCARD_S_SUCCESS);
    every_call(card, SCARD_E_INVALID_HANDLE); /* it went with its context */
}

static void readers_are_inserted_cards(void **state)
{
    static const char expected[] = ALICE "\0" BOB "\0";
    SCARDCONTEXT context = establish();
    char list[200], *allocated = NULL;
    DWORD len = sizeof(list);

    (void)state;
    assert_int_equal(SCardListReaders(context, NULL, list, &len), SCARD_S_SUCCESS);
    assert_int_equal(len, sizeof(ALICE) + 1);
    make_card("bob", false);
    assert_int_equal(home_insert("bob"), SOFTCARD_OK);

    len = 0;
    assert_int_equal(SCardListReaders(context, NULL, NULL, &len), SCARD_S_SUCCESS);
    assert_int_equal(len, sizeof(expected));
    len = sizeof(expected) - 1;
    assert_int_equal(SCardListReaders(context, NULL, list, &len), SCARD_E_INSUFFICIENT_BUFFER);
    assert_int_equal(len, sizeof(expected));
    assert_int_equal(SCardListReaders(context, groups, list, &len), SCARD_S_SUCCESS);
    assert_memory_equal(list, expected, sizeof(expected));
    len = SCARD_AUTOALLOCATE;
    assert_int_equal(SCardListReaders(context, NULL, (LPSTR)&allocated, &len), SCARD_S_SUCCESS);
    assert_int_equal(len, sizeof(expected));
    assert_memory_equal(allocated, expected, sizeof(expected));
    assert_int_equal(SCardFreeMemory(0, allocated), SCARD_E_INVALID_HANDLE);
    assert_int_equal(SCardFreeMemory(context, allocated), SCARD_S_SUCCESS);

    assert_int_equal(SCardListReaders(context, NULL, list, NULL), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(SCardListReaders(0, NULL, list, &len), SCARD_E_INVALID_HANDLE);
    home_eject("alice");
    home_eject("bob");
    assert_int_equal(SCardListReaders(context, NULL, NULL, &len), SCARD_E_NO_READERS_AVAILABLE);
    assert_int_equal(SCardReleaseContext(context), SCARD_S_SUCCESS);
}

static void there_is_one_group(void **state)
{
    SCARDCONTEXT context = establish();
    char list[64], *allocated = NULL;
    DWORD len = 5;

    (void)state;
    assert_int_equal(SCardListReaderGroups(context, list, &len), SCARD_E_INSUFFICIENT_BUFFER);
    assert_int_equal(len, sizeof(groups));
    assert_int_equal(SCardListReaderGroups(context, list, &len), SCARD_S_SUCCESS);
    assert_memory_equal(list, groups, sizeof(groups));
    len = SCARD_AUTOALLOCATE;
    assert_int_equal(SCardListReaderGroups(context, (LPSTR)&allocated, &len), SCARD_S_SUCCESS);
    assert_memory_equal(allocated, groups, sizeof(groups));
    SCardFreeMemory(context, allocated);
    assert_int_equal(SCardReleaseContext(context), SCARD_S_SUCCESS);
}

static void connecting_wrongly(void **state)
{
    SCARDCONTEXT context = establish();
    SCARDHANDLE h = 0;
    DWORD p;
    static const char *const nobody[] = { "", "alice", "cardmint  00 00", "cardmint bob 00 00",
                                          "cardmint alice 00 01", "cardmint ../alice 00 00", NULL };

    (void)state;
    for (size_t i = 0; i < 7; i++)
        assert_int_equal(SCardConnect(context, nobody[i], SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, &h,
                                      &p),
                         SCARD_E_UNKNOWN_READER);
    assert_int_equal(SCardConnect(context, ALICE, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, NULL, &p),
                     SCARD_E_INVALID_PARAMETER);
    assert_int_equal(SCardConnect(context, ALICE, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, &h, NULL),
                     SCARD_E_INVALID_PARAMETER);
    assert_int_equal(SCardConnect(0, ALICE, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, &h, &p),
                     SCARD_E_INVALID_HANDLE);
    assert_int_equal(SCardConnect(context, ALICE, 9, SCARD_PROTOCOL_ANY, &h, &p),
                     SCARD_E_INVALID_VALUE);
    assert_int_equal(SCardConnect(context, ALICE, SCARD_SHARE_SHARED, 0, &h, &p),
                     SCARD_E_PROTO_MISMATCH);
    assert_int_equal(SCardConnect(context, ALICE, SCARD_SHARE_SHARED, SCARD_PROTOCOL_RAW, &h, &p),
                     SCARD_E_PROTO_MISMATCH);
    assert_int_equal(h, 0);
    assert_int_equal(SCardReleaseContext(context), SCARD_S_SUCCESS);
}

static void cards_that_do_not_answer(void **state)
{
    SCARDCONTEXT context = establish();
    SCARDHANDLE h = 0;
    DWORD p;
    char path[HOME_PATH_MAX];
    FILE *f;

    (void)state;
    make_card("bob", false);
    assert_int_equal(SCardConnect(context, BOB, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, &h, &p),
                     SCARD_E_NO_SMARTCARD);
    home_insert("bob");
    assert_true(home_image_path("bob", path));
    f = fopen(path, "w");
    assert_non_null(f);
    fputs("this is no card", f);
    fclose(f);
    assert_int_equal(SCardConnect(context, BOB, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, &h, &p),
                     SCARD_W_UNRESPONSIVE_CARD);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(SCardConnect(context, BOB, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, &h, &p),
                     SCARD_E_NO_SMARTCARD);
    h = connect_to(context, ALICE); /* the others go on */
    assert_int_equal(select_gids(h), 0x9000);
    assert_true(home_image_path("alice", path));
    assert_int_equal(unlink(path), 0);
    every_call(h, SCARD_W_REMOVED_CARD);
    assert_int_equal(SCardReleaseContext(context), SCARD_S_SUCCESS);
}

static void answers_need_room(void **state)
{
    static const uint8_t select[] = { 0x00, 0xA4, 0x04, 0x00, 0x09, 0xA0, 0x00, 0x00, 0x03, 0x97,
                                      0x42, 0x54, 0x46, 0x59, 0x00 };
    SCARDCONTEXT context = establish();
    SCARDHANDLE card = connect_to(context, ALICE);
    static uint8_t out[SOFTCARD_ANSWER_MAX], guard[4] = { 0xEE, 0xEE, 0xEE, 0xEE };
    DWORD len = sizeof(out), whole;
    SCARD_IO_REQUEST pci = { 0, 0 };

    (void)state;
    assert_int_equal(SCardTransmit(card, SCARD_PCI_T1, select, sizeof(select), &pci, out, &len),
                     SCARD_S_SUCCESS);
    assert_int_equal(pci.dwProtocol, SCARD_PROTOCOL_T1);
    assert_int_equal(pci.cbPciLength, sizeof(pci));
    whole = len;
    assert_true(whole > 4);
    memset(out, 0xEE, sizeof(out));
    for (DWORD room = 0; room < whole; room++) {
        len = room;
        assert_int_equal(SCardTransmit(card, SCARD_PCI_T1, select, sizeof(select), NULL, out, &len),
                         SCARD_E_INSUFFICIENT_BUFFER);
        assert_int_equal(len, whole);
        assert_memory_equal(out, guard, sizeof(guard)); /* nothing, not a part */
    }
    len = whole;
    assert_int_equal(SCardTransmit(card, SCARD_PCI_T1, select, sizeof(select), NULL, out, &len),
                     SCARD_S_SUCCESS);
    assert_int_equal(out[whole], 0xEE);
    assert_int_equal(SCardTransmit(card, SCARD_PCI_T1, NULL, 5, NULL, out, &len),
                     SCARD_E_INVALID_PARAMETER);
    assert_int_equal(SCardTransmit(card, NULL, select, 5, NULL, out, &len),
                     SCARD_E_INVALID_PARAMETER);
    assert_int_equal(SCardTransmit(card, SCARD_PCI_T1, select, 5, NULL, NULL, &len),
                     SCARD_E_INVALID_PARAMETER);
    assert_int_equal(SCardTransmit(card, SCARD_PCI_T1, select, 5, NULL, out, NULL),
                     SCARD_E_INVALID_PARAMETER);
    len = SCARD_AUTOALLOCATE;
    assert_int_equal(SCardTransmit(card, SCARD_PCI_T1, select, 5, NULL, out, &len),
                     SCARD_E_INVALID_PARAMETER);
    assert_int_equal(SCardReleaseContext(context), SCARD_S_SUCCESS);
}

static void any_bytes_are_answered(void **state)
{
    static uint8_t in[MAX_BUFFER_SIZE_EXTENDED + 1];
    uint8_t out[SOFTCARD_ANSWER_MAX];
    SCARDCONTEXT context = establish();
    SCARDHANDLE card = connect_to(context, ALICE);
    DWORD len;

    (void)state;
    for (size_t n = 1; n < 6; n++)
        assert_true(send_apdu(card, in, n) > 0);
    assert_true(send_apdu(card, in, MAX_BUFFER_SIZE_EXTENDED) > 0);
    len = sizeof(out);
    assert_int_equal(SCardTransmit(card, SCARD_PCI_T1, in, sizeof(in), NULL, out, &len),
                     SCARD_E_INSUFFICIENT_BUFFER);
    assert_int_equal(SCardReleaseContext(context), SCARD_S_SUCCESS);
}

static void the_protocol_is_kept_to(void **state)
{
    SCARDCONTEXT context = establish();
    SCARDHANDLE card = connect_to(context, ALICE), other = 0;
    uint8_t apdu[4] = { 0, 0x20, 0, 0x80 }, out[256];
    DWORD len = sizeof(out), protocol;

    (void)state;
    assert_int_equal(SCardTransmit(card, SCARD_PCI_T0, apdu, 4, NULL, out, &len),
                     SCARD_E_PROTO_MISMATCH);
    assert_int_equal(SCardTransmit(card, SCARD_PCI_RAW, apdu, 4, NULL, out, &len), SCARD_S_SUCCESS);
    /* T=1 is in use: another program cannot have T=0 at the same time. */
    assert_int_equal(SCardConnect(context, ALICE, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0, &other,
                                  &protocol),
                     SCARD_E_PROTO_MISMATCH);
    /* Direct: a connection to the reader. */
    assert_int_equal(SCardConnect(context, ALICE, SCARD_SHARE_DIRECT, 0, &other, &protocol),
                     SCARD_S_SUCCESS);
    assert_int_equal(protocol, SCARD_PROTOCOL_UNDEFINED);
    len = sizeof(out);
    assert_int_equal(SCardTransmit(other, SCARD_PCI_T1, apdu, 4, NULL, out, &len),
                     SCARD_E_PROTO_MISMATCH);
    assert_int_equal(SCardReleaseContext(context), SCARD_S_SUCCESS);
}

static void status_says_what_is_there(void **state)
{
    SCARDCONTEXT context = establish();
    SCARDHANDLE card = connect_to(context, ALICE);
    char name[64], *name_allocated = NULL;
    uint8_t atr[MAX_ATR_SIZE], *atr_allocated = NULL;
    DWORD name_len = sizeof(name), atr_len = sizeof(atr), flags = 0, protocol = 0, real;

    (void)state;
    assert_int_equal(SCardStatus(card, name, &name_len, &flags, &protocol, atr, &atr_len),
                     SCARD_S_SUCCESS);
    assert_string_equal(name, ALICE);
    assert_int_equal(name_len, sizeof(ALICE));
    assert_true(flags & SCARD_PRESENT && flags & SCARD_POWERED);
    assert_int_equal(protocol, SCARD_PROTOCOL_T1);
    assert_int_equal(atr[0], 0x3B);
    real = atr_len;
    name_len = 3;
    atr_len = 2;
    assert_int_equal(SCardStatus(card, name, &name_len, NULL, NULL, atr, &atr_len),
                     SCARD_E_INSUFFICIENT_BUFFER);
    assert_int_equal(name_len, sizeof(ALICE));
    assert_int_equal(atr_len, real);
    assert_int_equal(SCardStatus(card, NULL, &name_len, NULL, NULL, NULL, &atr_len),
                     SCARD_S_SUCCESS);
    assert_int_equal(SCardStatus(card, NULL, NULL, NULL, NULL, NULL, NULL), SCARD_S_SUCCESS);
    name_len = atr_len = SCARD_AUTOALLOCATE;
    assert_int_equal(SCardStatus(card, (LPSTR)&name_allocated, &name_len, NULL, NULL,
                                 (LPBYTE)&atr_allocated, &atr_len),
                     SCARD_S_SUCCESS);
    assert_string_equal(name_allocated, ALICE);
    assert_int_equal(atr_len, real);
    assert_memory_equal(atr_allocated, atr, real);
    SCardFreeMemory(context, name_allocated);
    SCardFreeMemory(context, atr_allocated);
    assert_int_equal(SCardReleaseContext(context), SCARD_S_SUCCESS);
}

static void attributes(void **state)
{
    static const struct {
        DWORD id, len;
        const void *value;
    } rows[] = {
        { SCARD_ATTR_VENDOR_NAME, 9, "cardmint" },
        { SCARD_ATTR_DEVICE_FRIENDLY_NAME, sizeof(ALICE), ALICE },
        { SCARD_ATTR_DEVICE_SYSTEM_NAME, sizeof(ALICE), ALICE },
        { SCARD_ATTR_CURRENT_PROTOCOL_TYPE, 4, "\2\0\0" },
        { SCARD_ATTR_ICC_PRESENCE, 1, "\2" },
        { SCARD_ATTR_ICC_INTERFACE_STATUS, 1, "\1" },
        { SCARD_ATTR_ICC_TYPE_PER_ATR, 1, "\1" },
        { SCARD_ATTR_VENDOR_IFD_SERIAL_NO, 6, "alice" },
        { SCARD_ATTR_VENDOR_IFD_VERSION, 4, NULL },
        { SCARD_ATTR_CHANNEL_ID, 4, NULL },
        { SCARD_ATTR_MAXINPUT, 4, NULL },
        { SCARD_ATTR_ATR_STRING, 13, NULL },
    };
    SCARDCONTEXT context = establish();
    SCARDHANDLE card = connect_to(context, ALICE);
    uint8_t out[128], *allocated = NULL;
    DWORD len;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(SCardGetAttrib(card, rows[i].id, NULL, &len), SCARD_S_SUCCESS);
        assert_int_equal(len, rows[i].len);
        len--;
        assert_int_equal(SCardGetAttrib(card, rows[i].id, out, &len), SCARD_E_INSUFFICIENT_BUFFER);
        len = sizeof(out);
        assert_int_equal(SCardGetAttrib(card, rows[i].id, out, &len), SCARD_S_SUCCESS);
        if (rows[i].value != NULL)
            assert_memory_equal(out, rows[i].value, rows[i].len);
    }
    len = SCARD_AUTOALLOCATE;
    assert_int_equal(SCardGetAttrib(card, SCARD_ATTR_VENDOR_NAME, (LPBYTE)&allocated, &len),
                     SCARD_S_SUCCESS);
    assert_string_equal((char *)allocated, "cardmint");
    SCardFreeMemory(context, allocated);
    len = sizeof(out);
    assert_int_equal(SCardGetAttrib(card, 0x12345, out, &len), SCARD_E_UNSUPPORTED_FEATURE);
    assert_int_equal(SCardGetAttrib(card, SCARD_ATTR_ATR_STRING, out, NULL),
                     SCARD_E_INVALID_PARAMETER);
    assert_int_equal(SCardSetAttrib(card, SCARD_ATTR_ATR_STRING, out, 1),
                     SCARD_E_UNSUPPORTED_FEATURE);
    assert_int_equal(SCardSetAttrib(card, SCARD_ATTR_ATR_STRING, NULL, 1),
                     SCARD_E_INVALID_PARAMETER);
    assert_int_equal(SCardReleaseContext(context), SCARD_S_SUCCESS);
}

static void control_has_no_features(void **state)
{
    SCARDCONTEXT context = establish();
    SCARDHANDLE card = connect_to(context, ALICE);
    uint8_t out[64];
    DWORD len = 77;

    (void)state;
    assert_int_equal(SCardControl(card, CM_IOCTL_GET_FEATURE_REQUEST, NULL, 0, out, sizeof(out), &len),
                     SCARD_S_SUCCESS);
    assert_int_equal(len, 0);
    assert_int_equal(SCardControl(card, SCARD_CTL_CODE(1), NULL, 0, out, sizeof(out), &len),
                     SCARD_E_UNSUPPORTED_FEATURE);
    assert_int_equal(SCardControl(card, SCARD_CTL_CODE(1), NULL, 0, NULL, 0, NULL),
                     SCARD_E_UNSUPPORTED_FEATURE);
    assert_int_equal(SCardReleaseContext(context), SCARD_S_SUCCESS);
}

/* CARDMINT_REAL_PCSCLITE names Debian's library; dlopen by path loads it beside ours. */
static void texts_are_pcsclites(void **state)
{
    const char *path = getenv("CARDMINT_REAL_PCSCLITE");
    const char *(*theirs)(LONG);
    void *real, *symbol;

    (void)state;
    assert_non_null(path);
    real = dlmopen(LM_ID_NEWLM, path, RTLD_NOW);
    assert_non_null(real);
    symbol = dlsym(real, "pcsc_stringify_error");
    assert_non_null(symbol);
    memcpy(&theirs, &symbol, sizeof(theirs));
    assert_string_equal(pcsc_stringify_error(SCARD_S_SUCCESS), theirs(SCARD_S_SUCCESS));
    for (LONG code = 0x80100000; code < 0x80100080; code++)
        assert_string_equal(pcsc_stringify_error(code), theirs(code));
    dlclose(real);
}

#define CARD_TEST(f) cmocka_unit_test_setup_teardown(f, card_setup, home_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CARD_TEST(contexts_are_numbers_that_are_checked),
        CARD_TEST(handles_are_checked),
        CARD_TEST(readers_are_inserted_cards),
        CARD_TEST(there_is_one_group),
        CARD_TEST(connecting_wrongly),
        CARD_TEST(cards_that_do_not_answer),
        CARD_TEST(answers_need_room),
        CARD_TEST(any_bytes_are_answered),
        CARD_TEST(the_protocol_is_kept_to),
        CARD_TEST(status_says_what_is_there),
        CARD_TEST(attributes),
        CARD_TEST(control_has_no_features),
        cmocka_unit_test(texts_are_pcsclites),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
