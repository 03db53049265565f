/* SPDX-License-Identifier: MIT */
/* Check values of keys, against those of docs/card-extensions.md (made with the OpenSSL command
 * line), and keys that are none. */
#include "crypto/check_value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct {
    enum crypto_cipher cipher;
    size_t len;
    uint8_t first, step_back; /* bytes first, first + 1 ...; again from `first` after step_back */
    uint8_t value[CRYPTO_CHECK_LEN];
} rows[] = {
    { CRYPTO_3DES, 24, 0x01, 8, { 0xB0, 0x73, 0xDC } },
    { CRYPTO_3DES, 24, 0x40, 24, { 0xB4, 0x69, 0x2B } },
    { CRYPTO_AES, 16, 0x01, 16, { 0xDB, 0xF1, 0x84 } },
    { CRYPTO_AES, 24, 0x01, 24, { 0xBD, 0x58, 0x4C } },
    { CRYPTO_AES, 32, 0x01, 32, { 0xA7, 0x3C, 0x55 } },
};

static void test_no_keys(void **state)
{
    uint8_t key[33] = { 0 }, value[CRYPTO_CHECK_LEN] = { 1, 2, 3 };

    (void)state;
    for (size_t len = 0; len <= sizeof(key); len++) {
        bool aes = len == 16 || len == 24 || len == 32;

        assert_int_equal(crypto_check_value(CRYPTO_3DES, key, len, value), len == 24);
        assert_int_equal(crypto_check_value(CRYPTO_AES, key, len, value), aes);
    }
}

static void test_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t key[32], value[CRYPTO_CHECK_LEN];

        for (size_t k = 0; k < rows[i].len; k++)
            key[k] = (uint8_t)(rows[i].first + k % rows[i].step_back);
        assert_true(crypto_check_value(rows[i].cipher, key, rows[i].len, value));
        assert_memory_equal(value, rows[i].value, sizeof(value));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_keys),
        cmocka_unit_test(test_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
