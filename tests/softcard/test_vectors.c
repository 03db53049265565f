/* SPDX-License-Identifier: MIT */
/* The card against vectors/vectors.txt, which the OpenSSL command line made. */
#include "tests/softcard/bench.h"

#include "softcard/keys.h"

#include <stdio.h>
#include <string.h>

#define FIELDS_MAX 6u

static struct bench b;
static char fields[FIELDS_MAX + 1][512];

/* Calls `check` with the fields of each line of a kind; how many there were. */
static unsigned each(const char *kind, void (*check)(void))
{
    static char line[2048];
    unsigned n = 0;
    FILE *f = fopen(TEST_FOLDER "/vectors/vectors.txt", "r");

    assert_non_null(f);
    while (fgets(line, sizeof(line), f) != NULL) {
        memset(fields, 0, sizeof(fields));
        if (sscanf(line, "%511s %511s %511s %511s %511s %511s %511s", fields[0], fields[1],
                   fields[2], fields[3], fields[4], fields[5], fields[6]) < 6 ||
            strcmp(fields[0], kind) != 0)
            continue;
        check();
        n++;
    }
    (void)fclose(f);
    return n;
}

/* ---- ec CURVE d point peer shared ------------------------------------------------------------ */

static unsigned nibble(void)
{
    return strcmp(fields[1], "P-256") == 0 ? 0xC : strcmp(fields[1], "P-384") == 0 ? 0xD : 0xE;
}

/* PUT KEY with the template written out by hand. */
static uint16_t put(const char *d, const char *point)
{
    static char hex[1200];
    uint8_t data[600];
    unsigned d_len = (unsigned)strlen(d) / 2, point_len = (unsigned)strlen(point) / 2;
    unsigned seq = 3 + 2 + d_len + (point_len > 127 ? 3 : 2) + point_len;
    unsigned value = seq + (seq > 127 ? 3 : 2), a5 = 6 + value + (value > 127 ? 3 : 2);
    unsigned all = 3 + a5 + (a5 > 127 ? 3 : 2);

    (void)snprintf(hex, sizeof(hex), "70%s%02X 840181 A5%s%02X 830103 840100 87%s%02X 30%s%02X "
                   "020101 04%02X%s 04%s%02X%s",
                   all > 127 ? "81" : "", all, a5 > 127 ? "81" : "", a5, value > 127 ? "81" : "",
                   value, seq > 127 ? "81" : "", seq, d_len, d, point_len > 127 ? "81" : "",
                   point_len, point);
    return bench_run(&b, false, 0xDB, 0x3FFF, data, bench_unhex(hex, data, sizeof(data)));
}

/* A6 {7F49 {86 point}} by hand */
static uint16_t derive(const char *point)
{
    static char hex[600];
    uint8_t data[300];
    unsigned len = (unsigned)strlen(point) / 2, pub = len + (len > 127 ? 3 : 2);
    unsigned tpl = pub + 2 + (pub > 127 ? 2 : 1);

    (void)snprintf(hex, sizeof(hex), "A6%s%02X 7F49%s%02X 86%s%02X%s", tpl > 127 ? "81" : "", tpl,
                   pub > 127 ? "81" : "", pub, len > 127 ? "81" : "", len, point);
    return bench_run(&b, false, 0x2A, 0x8086, data, bench_unhex(hex, data, sizeof(data)));
}

static void check_ec(void)
{
    static char other[512];
    const uint8_t ask[] = { 0x70, 8, 0x84, 1, 0x81, 0xA5, 3, 0x7F, 0x49, 0x80 };
    uint8_t point[133];
    size_t len = bench_unhex(fields[3], point, sizeof(point));

    bench_card(&b, NULL, 0);
    assert_int_equal(bench_login(&b), 0x9000);
    bench_key_file(&b, 0x81, (uint8_t)nibble());
    assert_int_equal(put(fields[2], fields[4]), 0x6A80); /* the peer's point is not d's */
    assert_int_equal(put(fields[2], fields[3]), 0x9000);
    assert_int_equal(bench_run(&b, false, 0xCB, 0x3FFF, ask, sizeof(ask)), 0x9000);
    assert_true(b.len > len);
    assert_memory_equal(b.out + b.len - len, point, len);
    assert_int_equal(bench_hex(&b, "002241B806 8001%02X 840181", nibble()), 0x9000);
    assert_int_equal(derive(fields[4]), 0x9000);
    bench_answer_is(&b, fields[5]);
    strcpy(other, fields[4]);
    other[strlen(other) - 1] ^= 1; /* another last digit: 0 <-> 1, 8 <-> 9, E: off the alphabet */
    if (strchr("0123456789ABCDEF", other[strlen(other) - 1]) == NULL)
        other[strlen(other) - 1] = '0';
    assert_string_not_equal(other, fields[4]);
    assert_int_equal(derive(other), 0x6A80);
    bench_free(&b);
}

static void curves(void **state)
{
    (void)state;
    assert_int_equal(each("ec", check_ec), 3);
}

/* ---- cipher NAME ALG key challenge response kcv ---------------------------------------------- */

static void check_cipher(void)
{
    uint8_t key[32], challenge[16], response[16], got[16];
    size_t key_len = bench_unhex(fields[3], key, sizeof(key));
    size_t len = bench_unhex(fields[4], challenge, sizeof(challenge));
    uint8_t alg = (uint8_t)(fields[2][0] - '0');
    struct softcard_person who = { .pin = (const uint8_t *)BENCH_PIN, .pin_len = 8,
                                   .admin_key = key, .admin_key_len = key_len,
                                   .admin_aes = alg > 2 };
    unsigned a5 = (unsigned)key_len + 7;

    (void)bench_unhex(fields[5], response, sizeof(response));
    assert_true(cipher_cbc(alg, true, key, challenge, len, got));
    assert_memory_equal(got, response, len);
    assert_true(cipher_cbc(alg, false, key, response, len, got));
    assert_memory_equal(got, challenge, len);

    bench_blank(&b, NULL);
    assert_int_equal(softcard_personalise(b.card, &who), SOFTCARD_OK);
    bench_reset(&b);
    assert_int_equal(bench_hex(&b, "002281A403830180"), 0x9000);
    assert_int_equal(bench_hex(&b, "00870000 04 7C028100 00"), 0x9000);
    assert_int_equal(b.len, 4 + len); /* AES: 16 */
    assert_int_equal(bench_admin_by(&b, fields[1], key), 0x9000);
    assert_int_equal(bench_hex(&b, "00DB3FFF%02X 70%02X 840180 A5%02X 87%02X%s 8803%s", a5 + 7,
                               a5 + 5, a5, (unsigned)key_len, fields[3], fields[6]), 0x9000);
    fields[6][5] = fields[6][5] == '0' ? '1' : '0';
    assert_int_equal(bench_hex(&b, "00DB3FFF%02X 70%02X 840180 A5%02X 87%02X%s 8803%s", a5 + 7,
                               a5 + 5, a5, (unsigned)key_len, fields[3], fields[6]), 0x6A80);
    bench_free(&b);
}

static void ciphers(void **state)
{
    (void)state;
    assert_int_equal(each("cipher", check_cipher), 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curves),
        cmocka_unit_test(ciphers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
