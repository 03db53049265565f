/* SPDX-License-Identifier: MIT */
/* Status words and the codes that they become. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cardmint/wintypes.h"
#include "iso7816/sw.h"

static void test_table(void **state)
{
    static const struct {
        uint16_t sw;
        uint32_t rc;
    } rows[] = {
        { 0x9000, SCARD_S_SUCCESS },           { 0x6285, SCARD_E_UNEXPECTED },
        { 0x63C0, SCARD_W_WRONG_CHV },         { 0x63CF, SCARD_W_WRONG_CHV },
        { 0x6700, SCARD_E_INVALID_PARAMETER }, { 0x6981, SCARD_E_UNEXPECTED },
        { 0x6982, SCARD_W_SECURITY_VIOLATION }, { 0x6983, SCARD_W_CHV_BLOCKED },
        { 0x6984, SCARD_E_INVALID_PARAMETER }, { 0x6985, SCARD_E_UNEXPECTED },
        { 0x6986, SCARD_E_UNEXPECTED },        { 0x6A80, SCARD_E_INVALID_PARAMETER },
        { 0x6A81, SCARD_E_UNSUPPORTED_FEATURE }, { 0x6A82, SCARD_E_FILE_NOT_FOUND },
        { 0x6A84, SCARD_E_WRITE_TOO_MANY },    { 0x6A86, SCARD_E_INVALID_PARAMETER },
        { 0x6A88, SCARD_E_FILE_NOT_FOUND },    { 0x6A89, ERROR_FILE_EXISTS },
        { 0x6D00, SCARD_E_UNSUPPORTED_FEATURE }, { 0x6E00, SCARD_E_UNSUPPORTED_FEATURE },
        { 0x6F00, SCARD_E_UNEXPECTED },        { 0x0000, SCARD_E_UNEXPECTED },
        { 0xFFFF, SCARD_E_UNEXPECTED },        { 0x9001, SCARD_E_UNEXPECTED },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        sw_t sw = { rows[i].sw };

        assert_int_equal(sw_error(sw), rows[i].rc);
    }
}

/* Only 9000 is success, and every number has words. */
static void test_every_number(void **state)
{
    (void)state;
    for (uint32_t v = 0; v <= 0xFFFF; v++) {
        sw_t sw = { (uint16_t)v };

        assert_int_equal(sw_error(sw) == SCARD_S_SUCCESS, v == 0x9000);
        assert_non_null(sw_says(sw));
    }
}

static void test_tries_left(void **state)
{
    sw_t sw = { 0x63C2 };
    uint32_t left = 77;

    (void)state;
    assert_true(sw_is_wrong_pin(sw, &left));
    assert_int_equal(left, 2);
    sw.v = 0x63CF;
    assert_true(sw_is_wrong_pin(sw, &left));
    assert_int_equal(left, 15);
    sw.v = 0x6300;
    assert_false(sw_is_wrong_pin(sw, &left));
    assert_int_equal(left, 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_every_number),
        cmocka_unit_test(test_tries_left),
    };

    return cmocka_run_group_tests_name("sw", tests, NULL, NULL);
}
