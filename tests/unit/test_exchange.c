/* SPDX-License-Identifier: MIT */
/* card_exchange on a scripted card: chaining, 61xx, 6Cxx, and cards that lie about all of it. */
#include "script.h"
#include "vectors.h"

#include "iso7816/exchange.h"

struct run {
    struct card card;
    struct script script;
    uint8_t out[1200];
    struct wr answer;
    sw_t sw;
    uint32_t rc;
};

static uint8_t data[10000];

/* One command of `len` data bytes 55 on a card that plays `dialogue`. */
static void exchange(struct run *r, const char *dialogue, size_t len, uint32_t le, size_t room,
                     bool extended)
{
    struct apdu cmd = { 0x00, 0xDB, 0x3F, 0xFF, data, len, le };

    memset(r, 0, sizeof(*r));
    memset(data, 0x55, sizeof(data));
    r->script.at = dialogue;
    r->sw.v = 0xEEEE;
    r->answer = wr_init(r->out, room);
    card_init(&r->card, script_transmit, &r->script);
    r->card.extended = extended;
    r->rc = card_exchange(&r->card, &cmd, &r->answer, &r->sw);
}

static void check(const struct run *r, uint32_t rc, uint16_t sw, unsigned exchanges)
{
    assert_int_equal(r->rc, rc);
    assert_int_equal(r->sw.v, sw);
    assert_int_equal(r->card.exchanges, exchanges);
    if (rc == SCARD_S_SUCCESS)
        assert_true(script_done(&r->script));
}

static void test_plain(void **state)
{
    struct run r;

    (void)state;
    exchange(&r, "> 00DB3FFF\n< 9000\n", 0, 0, 0, false);
    check(&r, SCARD_S_SUCCESS, 0x9000, 1);
    exchange(&r, "> 00DB3FFF02555500\n< AABB 6A82\n", 2, 256, 10, false);
    check(&r, SCARD_S_SUCCESS, 0x6A82, 1);
    assert_int_equal(wr_len(&r.answer), 2);
}

static void test_chain(void **state)
{
    struct run r;

    (void)state;
    exchange(&r, "> 10DB3FFFFF 55*255\n" OK "> 10DB3FFFFF 55*255\n" OK "> 00DB3FFF0A 55*10 00\n"
             "< AA 9000\n", 520, 256, 10, false);
    check(&r, SCARD_S_SUCCESS, 0x9000, 3);
    exchange(&r, "> 10DB3FFFFF 55*255\n" OK "> 00DB3FFFFF 55*255\n" OK, 510, 0, 0, false);
    check(&r, SCARD_S_SUCCESS, 0x9000, 2); /* no empty last block */
    exchange(&r, "> 10DB3FFFFF 55*255\n< 6884\n", 510, 0, 0, false);
    check(&r, SCARD_S_SUCCESS, 0x6884, 1); /* the block that failed */
}

static void test_extended(void **state)
{
    struct run r;

    (void)state;
    exchange(&r, "> 00DB3FFF 000208 55*520 0400\n< AA*1024 9000\n", 520, 1024, 1200, true);
    check(&r, SCARD_S_SUCCESS, 0x9000, 1);
    assert_int_equal(wr_len(&r.answer), 1024);
    exchange(&r, "> 10DB3FFF 001000 55*4096\n" OK "> 00DB3FFF0455555555\n" OK, 4100, 0, 0, true);
    check(&r, SCARD_S_SUCCESS, 0x9000, 2);
    exchange(&r, "> 00DB3FFF 001000\n< AA*100 6100\n> 00C00000 001000\n< BB*900 9000\n", 0, 65536,
             1200, true);
    check(&r, SCARD_S_SUCCESS, 0x9000, 2);
    assert_int_equal(wr_len(&r.answer), 1000);
}

/* ISO/IEC 7816-3 (12.1.2): no Le behind data, the answer is fetched; five bytes at least. */
static void test_t0(void **state)
{
    static const struct {
        const char *dialogue;
        size_t len;
        uint32_t le;
        unsigned exchanges;
    } rows[] = {
        { "> 00DB3FFF00\n" OK, 0, 0, 1 },
        { "> 00DB3FFF10\n< AABB 9000\n", 0, 16, 1 },
        { "> 00DB3FFF025555\n" OK, 2, 0, 1 },
        { "> 00DB3FFF025555\n< 6102\n> 00C0000002\n< AABB 9000\n", 2, 256, 2 },
        { "> 10DB3FFFFF 55*255\n" OK "> 00DB3FFF0155\n< 6102\n> 00C0000002\n< AABB 9000\n", 256,
          256, 3 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct apdu cmd = { 0x00, 0xDB, 0x3F, 0xFF, data, rows[i].len, rows[i].le };
        struct run r = { .script.at = rows[i].dialogue };

        memset(data, 0x55, sizeof(data));
        r.answer = wr_init(r.out, 10);
        card_init(&r.card, script_transmit, &r.script);
        r.card.t0 = true;
        r.rc = card_exchange(&r.card, &cmd, &r.answer, &r.sw);
        check(&r, SCARD_S_SUCCESS, 0x9000, rows[i].exchanges);
        assert_int_equal(wr_len(&r.answer), rows[i].le != 0 ? 2 : 0);
    }
}

static void test_more_data(void **state)
{
    struct run r;

    (void)state;
    exchange(&r, "> 00DB3FFF00\n< AA*256 6100\n> 00C0000000\n< BB*256 6102\n> 00C0000002\n"
             "< CCCC 9000\n", 0, 65536, 1200, false);
    check(&r, SCARD_S_SUCCESS, 0x9000, 3);
    assert_int_equal(wr_len(&r.answer), 514);
    exchange(&r, "> 00DB3FFF00\n< 6103\n> 00C0000003\n< 010203 6A80\n", 0, 256, 10, false);
    check(&r, SCARD_S_SUCCESS, 0x6A80, 2);
}

static void test_wrong_le(void **state)
{
    struct run r;

    (void)state;
    exchange(&r, "> 00DB3FFF00\n< 6C02\n> 00DB3FFF02\n< AABB 9000\n", 0, 256, 10, false);
    check(&r, SCARD_S_SUCCESS, 0x9000, 2);
    exchange(&r, "> 00DB3FFF02\n< 6C00\n> 00DB3FFF00\n< AA 9000\n", 0, 2, 10, false);
    check(&r, SCARD_S_SUCCESS, 0x9000, 2);
    exchange(&r, "> 00DB3FFF00\n< 6C02\n> 00DB3FFF02\n< 6C03\n", 0, 256, 10, false);
    check(&r, SCARD_S_SUCCESS, 0x6C03, 2); /* once is enough */
    exchange(&r, "> 00DB3FFF0155\n< 6C02\n", 1, 0, 0, false);
    check(&r, SCARD_S_SUCCESS, 0x6C02, 1); /* there was no Le: no second try at a PIN */
}

/* A card that always has more ends when the room is full, or at once when it brings nothing. */
static uint32_t endless(void *link, const uint8_t *in, size_t in_len, uint8_t *out, size_t *out_len)
{
    size_t bring = *(const size_t *)link;

    (void)in;
    (void)in_len;
    assert_true(*out_len >= bring + 2);
    memset(out, 0xAA, bring);
    out[bring] = 0x61;
    out[bring + 1] = 0x00;
    *out_len = bring + 2;
    return SCARD_S_SUCCESS;
}

static void test_endless_more_data(void **state)
{
    static const size_t brings[] = { 0, 1, 256, 4096 };
    struct card card;
    struct apdu cmd = { 0x00, 0xCB, 0x3F, 0xFF, NULL, 0, 65536 };
    uint8_t out[1000];

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        size_t bring = brings[i];
        struct wr answer = wr_init(out, sizeof(out));
        sw_t sw = { 0xEEEE };

        card_init(&card, endless, &bring);
        assert_int_equal(card_exchange(&card, &cmd, &answer, &sw), SCARD_E_UNEXPECTED);
        assert_int_equal(sw.v, 0xEEEE);
        assert_true(card.exchanges <= 1002);
        card_init(&card, endless, &bring); /* and when no data is wanted at all */
        assert_int_equal(card_exchange(&card, &cmd, NULL, &sw), SCARD_E_UNEXPECTED);
    }
}

static void test_too_long(void **state)
{
    struct run r;

    (void)state;
    exchange(&r, "> 00DB3FFF04\n< AA*11 9000\n", 0, 4, 10, false);
    check(&r, SCARD_E_UNEXPECTED, 0xEEEE, 1);
    exchange(&r, "> 00DB3FFF04\n< AA*10 9000\n", 0, 4, 10, false); /* more than Le, but room */
    check(&r, SCARD_S_SUCCESS, 0x9000, 1);
    exchange(&r, "> 00DB3FFF04\n< AA*10 6101\n> 00C0000001\n< AA 9000\n", 0, 4, 10, false);
    check(&r, SCARD_E_UNEXPECTED, 0xEEEE, 2);
    assert_int_equal(r.out[10], 0);
    exchange(&r, "> 00DB3FFF\n< AA*4096 9000\n", 0, 0, 10, false);
    check(&r, SCARD_E_UNEXPECTED, 0xEEEE, 1);
}

static void test_too_short(void **state)
{
    struct run r;

    (void)state;
    exchange(&r, "> 00DB3FFF00\n< \n", 0, 256, 10, false);
    check(&r, SCARD_E_UNEXPECTED, 0xEEEE, 1);
    exchange(&r, "> 00DB3FFF00\n< 90\n", 0, 256, 10, false);
    check(&r, SCARD_E_UNEXPECTED, 0xEEEE, 1);
    exchange(&r, "> 00DB3FFF00\n< 6102\n> 00C0000002\n< 90\n", 0, 256, 10, false);
    check(&r, SCARD_E_UNEXPECTED, 0xEEEE, 2);
}

/* A transport that claims to have written more than there was room for. */
static uint32_t liar(void *link, const uint8_t *in, size_t in_len, uint8_t *out, size_t *out_len)
{
    (void)link;
    (void)in;
    (void)in_len;
    memset(out, 0x90, *out_len);
    *out_len += 1;
    return SCARD_S_SUCCESS;
}

static void test_length_lies(void **state)
{
    struct card card;
    struct apdu cmd = { 0x00, 0xCB, 0x3F, 0xFF, NULL, 0, 256 };
    uint8_t out[10];
    struct wr answer = wr_init(out, sizeof(out));
    sw_t sw;

    (void)state;
    card_init(&card, liar, NULL);
    assert_int_equal(card_exchange(&card, &cmd, &answer, &sw), SCARD_E_UNEXPECTED);
}

static void test_transport_fails_anywhere(void **state)
{
    static const char dialogue[] = "> 10DB3FFFFF 55*255\n" OK "> 00DB3FFF01 55 00\n< 6C03\n"
                                   "> 00DB3FFF01 55 03\n< AABBCC 6102\n> 00C0000002\n"
                                   "< DDEE 9000\n";
    static const uint32_t codes[] = { SCARD_W_REMOVED_CARD, SCARD_W_RESET_CARD,
                                      SCARD_E_NOT_TRANSACTED, SCARD_F_COMM_ERROR };

    (void)state;
    for (unsigned n = 0; n < 4; n++)
        for (size_t k = 0; k < 4; k++) {
            struct run r = { .script = { .at = dialogue, .fail_from = n, .fail_with = codes[k] } };
            struct apdu cmd = { 0x00, 0xDB, 0x3F, 0xFF, data, 256, 256 };

            memset(data, 0x55, sizeof(data));
            r.sw.v = 0xEEEE;
            r.answer = wr_init(r.out, sizeof(r.out));
            card_init(&r.card, script_transmit, &r.script);
            r.rc = card_exchange(&r.card, &cmd, &r.answer, &r.sw);
            check(&r, codes[k], 0xEEEE, n + 1);
        }
}

/* PINs and keys do not stay behind in the buffers of the line. */
static void test_buffers_are_wiped(void **state)
{
    struct run r;

    (void)state;
    exchange(&r, "> 10DB3FFFFF 55*255\n" OK "> 00DB3FFF2D 55*45 00\n< 77*100 9000\n", 300, 256,
             200, false);
    check(&r, SCARD_S_SUCCESS, 0x9000, 2);
    for (size_t i = 0; i < sizeof(r.card.out); i++)
        assert_int_not_equal(r.card.out[i], 0x55);
    for (size_t i = 0; i < sizeof(r.card.in); i++)
        assert_int_not_equal(r.card.in[i], 0x77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_chain),
        cmocka_unit_test(test_extended),
        cmocka_unit_test(test_t0),
        cmocka_unit_test(test_more_data),
        cmocka_unit_test(test_wrong_le),
        cmocka_unit_test(test_endless_more_data),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_too_short),
        cmocka_unit_test(test_length_lies),
        cmocka_unit_test(test_transport_fails_anywhere),
        cmocka_unit_test(test_buffers_are_wiped),
    };

    return cmocka_run_group_tests_name("exchange", tests, NULL, NULL);
}
