/* SPDX-License-Identifier: MIT */
/* The table of cards known by their ATR: each row is a sound ATR, and nothing else is taken for it. */
#include "cardmint/atrs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ATR_MAX 33u
#define ROWS (sizeof(known_cards) / sizeof(known_cards[0]))

static const uint8_t *bytes(const char *text)
{
    return (const uint8_t *)text;
}

/* ISO/IEC 7816-3, 8.2: begins with 3B or 3F, at most 33 bytes; T=1 is offered, so TCK makes the
 * exclusive-or of all behind TS zero. */
static void test_rows_are_atrs(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        const uint8_t *atr = bytes(known_cards[i].atr);
        uint8_t check = 0;

        assert_true(known_cards[i].len >= 2 && known_cards[i].len <= ATR_MAX);
        assert_true(atr[0] == 0x3B || atr[0] == 0x3F);
        for (size_t k = 1; k < known_cards[i].len; k++)
            check ^= atr[k];
        assert_int_equal(check, 0);
        for (size_t k = 0; k < known_cards[i].len; k++) /* else it would never match */
            assert_int_equal(atr[k] & ~(uint8_t)known_cards[i].mask[k], 0);
        assert_true(strlen(known_cards[i].name) < 40);
        assert_ptr_equal(known_card_find(atr, known_cards[i].len), &known_cards[i]);
    }
}

/* Cut off, longer, with one bit turned where the mask looks: another card. */
static void test_others_are_not(void **state)
{
    uint8_t atr[ATR_MAX + 1];

    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        const struct known_card *card = &known_cards[i];

        memset(atr, 0, sizeof(atr));
        memcpy(atr, card->atr, card->len);
        for (size_t len = 0; len <= ATR_MAX; len++)
            if (len != card->len)
                assert_ptr_not_equal(known_card_find(atr, len), card);
        for (size_t bit = 0; bit < 8 * card->len; bit++) {
            atr[bit / 8] ^= (uint8_t)(1u << bit % 8);
            if (((uint8_t)card->mask[bit / 8] & 1u << bit % 8) != 0)
                assert_ptr_not_equal(known_card_find(atr, card->len), card);
            atr[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
}

static void test_anything_is_read_within_its_bounds(void **state)
{
    (void)state;
    assert_null(known_card_find(NULL, 0));
    srand(1);
    for (unsigned round = 0; round < 10000; round++) {
        size_t len = (size_t)rand() % (ATR_MAX + 1);
        uint8_t *atr = malloc(len != 0 ? len : 1); /* the sanitizers see what is read beyond */

        assert_non_null(atr);
        for (size_t k = 0; k < len; k++)
            atr[k] = (uint8_t)rand();
        (void)known_card_find(atr, len);
        free(atr);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_atrs),
        cmocka_unit_test(test_others_are_not),
        cmocka_unit_test(test_anything_is_read_within_its_bounds),
    };

    return cmocka_run_group_tests_name("atrs", tests, NULL, NULL);
}
