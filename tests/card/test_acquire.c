/* SPDX-License-Identifier: MIT */
/* CardAcquireContext and CardDeleteContext: versions, the order of checks, memory. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#define GUARD 0xC7u

/* ---- versions -------------------------------------------------------------------------------- */

/* Bytes of CARD_DATA that version `v` has. */
static size_t part(DWORD v)
{
    return v <= 4 ? offsetof(CARD_DATA, pfnCardDeriveKey)
           : v == 5 ? offsetof(CARD_DATA, pfnCardGetChallengeEx)
           : v == 6 ? offsetof(CARD_DATA, pfnCspUnpadData)
                    : sizeof(CARD_DATA);
}

/* Pointers from `from` up to `to` that are NULL. */
static unsigned nulls(const BYTE *data, size_t from, size_t to)
{
    unsigned count = 0;

    for (; from < to; from += sizeof(void *)) {
        void *slot;

        memcpy(&slot, data + from, sizeof(slot));
        count += slot == NULL ? 1 : 0;
    }
    return count;
}

/* A caller's CARD_DATA ends where its version does: a block of that very size, so that a write
 * behind it is also seen by AddressSanitizer, and guard bytes in a whole one. */
static void negotiates(struct desk *d, DWORD wanted, DWORD want)
{
    const size_t size = part(wanted);
    const unsigned spare = want == 4 ? 2 : want == 7 ? 4 : 3; /* unused 3, 4; the caller's own */
    BYTE *exact = malloc(size), whole[sizeof(CARD_DATA)];
    CARD_DATA filled;

    memset(&filled, 0, sizeof(filled));
    desk_fill(d, &filled, wanted);
    memcpy(exact, &filled, size);
    assert_rc(d->acquire((PCARD_DATA)(void *)exact, 0), SCARD_S_SUCCESS);
    assert_int_equal(((PCARD_DATA)(void *)exact)->dwVersion, want);
    assert_int_equal(nulls(exact, offsetof(CARD_DATA, pvVendorSpecific), size), spare);
    assert_rc(((PCARD_DATA)(void *)exact)->pfnCardDeleteContext((PCARD_DATA)(void *)exact),
              SCARD_S_SUCCESS);
    free(exact);

    memset(whole, GUARD, sizeof(whole));
    memcpy(whole, &filled, size);
    assert_rc(d->acquire((PCARD_DATA)(void *)whole, 0), SCARD_S_SUCCESS);
    for (size_t i = size; i < sizeof(whole); i++)
        assert_int_equal(whole[i], GUARD);
    assert_rc(((PCARD_DATA)(void *)whole)->pfnCardDeleteContext((PCARD_DATA)(void *)whole),
              SCARD_S_SUCCESS);
}

static void versions(void **state)
{
    struct desk d;

    (void)state;
    desk_connect(&d, CARD);
    for (DWORD v = 0; v < 4; v++) {
        d.data.dwVersion = v;
        assert_rc(d.acquire(&d.data, 0), ERROR_REVISION_MISMATCH);
        assert_int_equal(d.data.dwVersion, v);
    }
    for (DWORD v = 4; v <= 9; v++)
        negotiates(&d, v, v < 7 ? v : 7);
    negotiates(&d, 0xFFFFFFFF, 7);
    desk_close(&d);
}

/* What is the caller's stays, also where it stands among the driver's. */
static DWORD WINAPI get_agreement(PCARD_DATA data, PVOID secret, BYTE *index, DWORD flags)
{
    (void)data, (void)secret, (void)index, (void)flags;
    return SCARD_E_UNEXPECTED;
}

static DWORD WINAPI unpad_data(PCARD_RSA_DECRYPT_INFO info, DWORD *len, PBYTE *out)
{
    (void)info, (void)len, (void)out;
    return SCARD_E_UNEXPECTED;
}

static void callers_part(void **state)
{
    struct desk d;
    CARD_DATA before;

    (void)state;
    desk_connect(&d, CARD);
    d.data.pfnCspGetDHAgreement = get_agreement;
    d.data.pfnCspUnpadData = unpad_data;
    before = d.data;
    assert_rc(d.acquire(&d.data, 0), SCARD_S_SUCCESS);
    assert_memory_equal(&before, &d.data, offsetof(CARD_DATA, pvVendorSpecific));
    assert_true(d.data.pfnCspGetDHAgreement == get_agreement);
    assert_true(d.data.pfnCspUnpadData == unpad_data);
    desk_close(&d);
}

/* ---- checks ---------------------------------------------------------------------------------- */

static BYTE strange_atr[] = { 0x00, 0x3B, 0x00 };

static void no_data(struct desk *d) { (void)d; }
static void version_3(struct desk *d) { d->data.dwVersion = 3; }
static void no_atr(struct desk *d) { d->data.pbAtr = NULL; }
static void short_atr(struct desk *d) { d->data.cbAtr = 1; }
static void long_atr(struct desk *d) { d->data.cbAtr = 34; }
static void no_name(struct desk *d) { d->data.pwszCardName = NULL; }
static void no_alloc(struct desk *d) { d->data.pfnCspAlloc = NULL; }
static void no_realloc(struct desk *d) { d->data.pfnCspReAlloc = NULL; }
static void no_free(struct desk *d) { d->data.pfnCspFree = NULL; }
static void bad_context(struct desk *d) { d->data.hSCardCtx = 0x7777; }
static void no_card(struct desk *d) { d->data.hScard = 0; }
static void bad_card(struct desk *d) { d->data.hScard = 0x7777; }

static void other_atr(struct desk *d)
{
    if (d->data.pbAtr != NULL)
        d->data.pbAtr = strange_atr;
}

/* In the order of print. `flags` is dwFlags; a row with `null` hands in no CARD_DATA at all. */
static const struct row {
    const char *id;
    void (*break_it)(struct desk *d);
    DWORD want, flags;
    bool null;
} rows[] = {
    { "CMR.3.1.1.E1", no_data, SCARD_E_INVALID_PARAMETER, 0, true },
    { "CMR.3.1.1.E2", no_data, SCARD_E_INVALID_PARAMETER, 2, false },
    { "CMR.3.1.1.E2", no_data, SCARD_E_INVALID_PARAMETER, 0x80000001, false },
    { "2a: no key injection", no_data, SCARD_E_UNSUPPORTED_FEATURE, 1, false },
    { "CMR.3.1.1.E3", version_3, ERROR_REVISION_MISMATCH, 0, false },
    { "CMR.3.1.1.E4", no_atr, SCARD_E_INVALID_PARAMETER, 0, false },
    { "CMR.3.1.1.E5", short_atr, SCARD_E_INVALID_PARAMETER, 0, false },
    { "CMR.3.1.1.E5", long_atr, SCARD_E_INVALID_PARAMETER, 0, false },
    { "CMR.3.1.1.E6", no_name, SCARD_E_INVALID_PARAMETER, 0, false },
    { "CMR.3.1.1.E7", other_atr, SCARD_E_UNKNOWN_CARD, 0, false },
    { "CMR.3.1.1.E8", no_alloc, SCARD_E_INVALID_PARAMETER, 0, false },
    { "CMR.3.1.1.E8", no_realloc, SCARD_E_INVALID_PARAMETER, 0, false },
    { "CMR.3.1.1.E8", no_free, SCARD_E_INVALID_PARAMETER, 0, false },
    { "CMR.3.1.1.E9", bad_context, SCARD_E_INVALID_HANDLE, 0, false },
    { "CMR.3.1.1.E10", no_card, SCARD_E_INVALID_HANDLE, 0, false },
    { "CMR.3.1.1.E10", bad_card, SCARD_E_INVALID_HANDLE, 0, false },
};

static DWORD broken(struct desk *d, const struct row *a, const struct row *b)
{
    desk_fill(d, &d->data, CARD_DATA_CURRENT_VERSION);
    b->break_it(d);
    a->break_it(d);
    return d->acquire(a->null || b->null ? NULL : &d->data, a->flags | b->flags);
}

static void each_fault(void **state)
{
    struct desk d;

    (void)state;
    desk_connect(&d, CARD);
    for (size_t i = 0; i < ARRAY(rows); i++) {
        DWORD rc = broken(&d, &rows[i], &rows[i]);

        if (rc != rows[i].want)
            fail_msg("%s: %08x, not %08x", rows[i].id, rc, rows[i].want);
        assert_null(d.data.pvVendorSpecific);
        assert_int_equal(mem_live(), 0);
    }
    desk_close(&d);
}

/* Fewer bytes than the ATR itself tells of; without its last, TCK, it is taken. */
static void atr_cut_off(void **state)
{
    static BYTE own[] = { 0x3B, 0x95, 0x11, 0x81, 0x01, 1, 2, 3, 4, 5, 0x05 };
    struct desk d;

    (void)state;
    desk_connect(&d, CARD);
    for (DWORD len = 2; len <= sizeof(own); len++) {
        DWORD rc;

        desk_fill(&d, &d.data, CARD_DATA_CURRENT_VERSION);
        d.data.pbAtr = own;
        d.data.cbAtr = len;
        rc = d.acquire(&d.data, 0);
        if (len < sizeof(own) - 1)
            assert_rc(rc, SCARD_E_INVALID_PARAMETER);
        else
            assert_rc(rc, SCARD_S_SUCCESS);
        if (rc == SCARD_S_SUCCESS)
            assert_rc(d.data.pfnCardDeleteContext(&d.data), SCARD_S_SUCCESS);
    }
    desk_close(&d);
}

/* Of two faults the one printed first is named. A version below 7 makes flag 1 a fault of the
 * flags: that pair is not comparable. */
static void two_faults(void **state)
{
    struct desk d;

    (void)state;
    desk_connect(&d, CARD);
    for (size_t i = 0; i < ARRAY(rows); i++) {
        for (size_t j = i + 1; j < ARRAY(rows); j++) {
            DWORD rc;

            if ((rows[i].flags | rows[j].flags) == 1 && (rows[j].break_it == version_3))
                continue;
            rc = broken(&d, &rows[i], &rows[j]);
            if (rc != rows[i].want)
                fail_msg("%s with %s: %08x", rows[i].id, rows[j].id, rc);
        }
    }
    desk_close(&d);
}

static void flag_of_version_7(void **state)
{
    struct desk d;

    (void)state;
    desk_connect(&d, CARD);
    for (DWORD v = 3; v < 7; v++) {
        d.data.dwVersion = v;
        assert_rc(d.acquire(&d.data, 1), SCARD_E_INVALID_PARAMETER);
    }
    desk_close(&d);
}

/* CMR.3.1.1.E9: zero is no invalid context. */
static void context_zero(void **state)
{
    struct desk d;

    (void)state;
    desk_connect(&d, CARD);
    d.data.hSCardCtx = 0;
    assert_rc(d.acquire(&d.data, 0), SCARD_S_SUCCESS);
    desk_close(&d);
}

/* ---- memory and end -------------------------------------------------------------------------- */

static void out_of_memory(void **state)
{
    struct desk d;
    unsigned k = 1;

    (void)state;
    desk_connect(&d, CARD);
    for (;; k++) {
        DWORD rc;

        mem_fail_at(k);
        rc = d.acquire(&d.data, 0);
        if (!mem_has_failed())
            break;
        assert_rc(rc, SCARD_E_NO_MEMORY);
        assert_null(d.data.pvVendorSpecific);
        assert_int_equal(mem_live(), 0);
    }
    mem_fail_at(MEM_NEVER);
    assert_true(k > 1);
    assert_non_null(d.data.pvVendorSpecific);
    desk_close(&d);
}

static void deleted_twice(void **state)
{
    struct desk d;

    (void)state;
    desk_open(&d, CARD, 7);
    assert_rc(d.data.pfnCardDeleteContext(NULL), SCARD_E_INVALID_PARAMETER); /* CMR.3.1.2.E1 */
    assert_rc(d.data.pfnCardDeleteContext(&d.data), SCARD_S_SUCCESS);
    assert_null(d.data.pvVendorSpecific);
    assert_int_equal(mem_live(), 0);
    assert_rc(d.data.pfnCardDeleteContext(&d.data), SCARD_E_INVALID_PARAMETER);
    assert_rc(d.data.pfnCardDeauthenticateEx(&d.data, PIN_SET_ALL_ROLES, 0),
              SCARD_E_INVALID_PARAMETER);
    desk_close(&d);
}

static void deleted_without_card(void **state)
{
    struct desk d;
    unsigned long before;

    (void)state;
    make_card("bob", NULL);
    desk_open(&d, "bob", 7);
    assert_int_equal(home_eject("bob"), SOFTCARD_OK);
    before = exchanges(&d);
    assert_rc(read_file(&d, NULL, "cardid", NULL, 0), SCARD_W_REMOVED_CARD);
    assert_true(exchanges(&d) >= before);
    assert_rc(d.data.pfnCardDeleteContext(&d.data), SCARD_S_SUCCESS);
    desk_close(&d);
    assert_int_equal(home_remove("bob"), SOFTCARD_OK);
}

/* CMR.3.1.1.4, 3.1.1.5: several contexts, on one card and on two. */
static void many_contexts(void **state)
{
    struct desk a, b;
    CARD_DATA second;

    (void)state;
    make_card("bob", NULL);
    desk_open(&a, CARD, 7);
    desk_open(&b, "bob", 5);
    memset(&second, 0, sizeof(second));
    desk_fill(&a, &second, 6);
    assert_rc(a.acquire(&second, 0), SCARD_S_SUCCESS);
    be_user(&a);
    be_user(&b);
    assert_rc(create_file(&a, NULL, "one", 1), SCARD_S_SUCCESS);
    assert_rc(create_file(&b, NULL, "two", 1), SCARD_S_SUCCESS);
    assert_rc(second.pfnCardDeleteContext(&second), SCARD_S_SUCCESS);
    assert_rc(read_file(&a, NULL, "one", "", 0), SCARD_S_SUCCESS);
    assert_rc(read_file(&a, NULL, "two", "", 0), SCARD_E_FILE_NOT_FOUND);
    assert_rc(read_file(&b, NULL, "two", "", 0), SCARD_S_SUCCESS);
    assert_rc(b.data.pfnCardDeleteContext(&b.data), SCARD_S_SUCCESS);
    assert_rc(a.data.pfnCardDeleteContext(&a.data), SCARD_S_SUCCESS);
    desk_close(&a);
    desk_close(&b);
    assert_int_equal(home_remove("bob"), SOFTCARD_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        desk_test(versions),
        desk_test(callers_part),
        desk_test(each_fault),
        desk_test(atr_cut_off),
        desk_test(two_faults),
        desk_test(flag_of_version_7),
        desk_test(context_zero),
        desk_test(out_of_memory),
        desk_test(deleted_twice),
        desk_test(deleted_without_card),
        desk_test(many_contexts),
    };

    return cmocka_run_group_tests(tests, home_begin, home_end);
}
