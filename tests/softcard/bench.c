/* SPDX-License-Identifier: MIT */
#include "tests/softcard/bench.h"

#include "iso7816/apdu.h"
#include "iso7816/tlv.h"

#include <dirent.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const uint8_t bench_key[32] = { 1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16,
                                17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32 };

/* ---- the card -------------------------------------------------------------------------------- */

void bench_folder(struct bench *b)
{
    const char *tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

    memset(b, 0, sizeof(*b));
    (void)snprintf(b->dir, sizeof(b->dir), "%s/softcard-XXXXXX", tmp);
    assert_non_null(mkdtemp(b->dir));
    (void)snprintf(b->path, sizeof(b->path), "%s/t.card", b->dir);
}

void bench_reset(struct bench *b)
{
    uint8_t atr[SOFTCARD_ATR_MAX];
    size_t atr_len = 0;

    softcard_power_on(b->card, b->ram, atr, &atr_len);
    assert_true(atr_len >= 2 && atr[0] == 0x3B);
    assert_int_equal(bench_hex(b, "%s", b->piv ? BENCH_SELECT_PIV : "00A4040C09 A00000039742544659"),
                     0x9000);
}

void bench_reopen(struct bench *b)
{
    softcard_close(b->card);
    b->card = NULL;
    assert_int_equal(softcard_open(b->path, &b->card), SOFTCARD_OK);
}

static void make(struct bench *b, const struct softcard_options *options)
{
    bench_folder(b);
    b->ram = calloc(1, softcard_ram_size());
    assert_non_null(b->ram);
    assert_int_equal(softcard_create(b->path, options), SOFTCARD_OK);
    assert_int_equal(softcard_open(b->path, &b->card), SOFTCARD_OK);
}

void bench_blank(struct bench *b, const struct softcard_options *options)
{
    make(b, options);
    bench_reset(b);
}

void bench_card(struct bench *b, const struct softcard_options *options, size_t aes_len)
{
    struct softcard_person who = {
        .pin = (const uint8_t *)BENCH_PIN, .pin_len = 8,
        .admin_key = bench_key, .admin_key_len = aes_len != 0 ? aes_len : 24,
        .admin_aes = aes_len != 0,
    };

    if (options != NULL && options->unblock == SOFTCARD_UNBLOCK_PUK) {
        who.puk = (const uint8_t *)"87654321";
        who.puk_len = 8;
    }
    make(b, options);
    assert_int_equal(softcard_personalise(b->card, &who), SOFTCARD_OK);
    bench_reset(b);
}

void bench_free(struct bench *b)
{
    DIR *d = opendir(b->dir);
    struct dirent *entry;
    char path[400];

    softcard_close(b->card);
    free(b->ram);
    while (d != NULL && (entry = readdir(d)) != NULL) {
        (void)snprintf(path, sizeof(path), "%s/%s", b->dir, entry->d_name);
        (void)unlink(path);
    }
    if (d != NULL)
        closedir(d);
    (void)rmdir(b->dir);
}

/* ---- commands -------------------------------------------------------------------------------- */

uint16_t bench_bytes(struct bench *b, const uint8_t *in, size_t len)
{
    size_t out_len = sizeof(b->out);

    assert_int_equal(softcard_transmit(b->card, b->ram, in, len, b->out, &out_len), SOFTCARD_OK);
    assert_true(out_len >= 2 && out_len <= sizeof(b->out));
    b->len = out_len - 2;
    b->sw = (uint16_t)(b->out[b->len] << 8 | b->out[b->len + 1]);
    return b->sw;
}

size_t bench_unhex(const char *hex, uint8_t *out, size_t cap)
{
    size_t n = 0;

    for (; *hex != '\0'; hex++) {
        unsigned v = 0;

        if (*hex == ' ')
            continue;
        assert_true(n < cap && sscanf(hex, "%2x", &v) == 1);
        out[n++] = (uint8_t)v;
        hex++;
    }
    return n;
}

uint16_t bench_hex(struct bench *b, const char *format, ...)
{
    static char line[8192];
    uint8_t in[4096];
    va_list ap;
    int n;

    va_start(ap, format);
    n = vsnprintf(line, sizeof(line), format, ap);
    va_end(ap);
    assert_true(n >= 0 && (size_t)n < sizeof(line));
    return bench_bytes(b, in, bench_unhex(line, in, sizeof(in)));
}

static uint16_t one(struct bench *b, const struct apdu *cmd, bool extended)
{
    static uint8_t in[APDU_EXTENDED_LC + 16];
    struct wr w = wr_init(in, sizeof(in));

    apdu_encode(&w, cmd, extended);
    assert_false(w.bad);
    return bench_bytes(b, in, wr_len(&w));
}

/* Gathers what waits behind 61xx. */
static void gather(struct bench *b)
{
    static uint8_t all[SOFTCARD_ANSWER_MAX];
    const struct apdu more = { .ins = 0xC0, .le = APDU_SHORT_LE };
    size_t n = 0;

    if ((b->sw & 0xFF00) != 0x6100)
        return;
    memcpy(all, b->out, b->len);
    n = b->len;
    while ((b->sw & 0xFF00) == 0x6100) {
        (void)one(b, &more, false);
        assert_true(n + b->len <= sizeof(all));
        memcpy(all + n, b->out, b->len);
        n += b->len;
    }
    memcpy(b->out, all, n);
    b->len = n;
}

uint16_t bench_run(struct bench *b, bool extended, uint8_t ins, uint16_t p1p2, const uint8_t *data,
                   size_t len)
{
    struct apdu cmd = { .ins = ins, .p1 = (uint8_t)(p1p2 >> 8), .p2 = (uint8_t)p1p2 };

    while (!extended && len > APDU_SHORT_LC) {
        cmd.cla = CLA_CHAINING;
        cmd.data = data;
        cmd.data_len = APDU_SHORT_LC;
        if (one(b, &cmd, false) != 0x9000)
            return b->sw;
        data += APDU_SHORT_LC;
        len -= APDU_SHORT_LC;
    }
    cmd.cla = 0;
    cmd.data = data;
    cmd.data_len = len;
    cmd.le = extended ? APDU_EXTENDED_LE : APDU_SHORT_LE;
    (void)one(b, &cmd, extended);
    gather(b);
    return b->sw;
}

void bench_answer_is(const struct bench *b, const char *hex)
{
    uint8_t want[4096];
    size_t len = bench_unhex(hex, want, sizeof(want));

    assert_int_equal(b->len, len);
    assert_memory_equal(b->out, want, len);
}

/* ---- roles ----------------------------------------------------------------------------------- */

uint16_t bench_login(struct bench *b)
{
    return bench_hex(b, "0020008008" BENCH_PIN_HEX);
}

void bench_cbc(const char *cipher, bool encrypt, const uint8_t *key, const uint8_t *in, size_t len,
               uint8_t *out)
{
    static const uint8_t iv[16];
    EVP_CIPHER *alg = EVP_CIPHER_fetch(NULL, cipher, NULL);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n = 0;

    assert_int_equal(EVP_CipherInit_ex2(ctx, alg, key, iv, encrypt, NULL), 1);
    assert_int_equal(EVP_CIPHER_CTX_set_padding(ctx, 0), 1);
    assert_int_equal(EVP_CipherUpdate(ctx, out, &n, in, (int)len), 1);
    assert_int_equal(n, len);
    EVP_CIPHER_CTX_free(ctx);
    EVP_CIPHER_free(alg);
}

uint16_t bench_admin_by(struct bench *b, const char *cipher, const uint8_t *key)
{
    uint8_t cmd[64] = { 0x00, 0x87, 0x00, 0x00 };
    uint8_t n;

    if (bench_hex(b, "002281A403830180") != 0x9000 ||
        bench_hex(b, "00870000047C02810000") != 0x9000)
        return b->sw;
    assert_true(b->len == 12 || b->len == 20);
    n = (uint8_t)(b->len - 4);
    cmd[4] = (uint8_t)(n + 4);
    cmd[5] = 0x7C;
    cmd[6] = (uint8_t)(n + 2);
    cmd[7] = 0x82;
    cmd[8] = n;
    bench_cbc(cipher, true, key, b->out + 4, n, cmd + 9);
    return bench_bytes(b, cmd, 9u + n);
}

uint16_t bench_admin(struct bench *b)
{
    return bench_admin_by(b, "DES-EDE3-CBC", bench_key);
}

/* ---- PIV ------------------------------------------------------------------------------------- */

void bench_piv(struct bench *b, const struct softcard_options *options)
{
    struct softcard_options o = { 0 };

    if (options != NULL)
        o = *options;
    if (o.applications == 0)
        o.applications = SOFTCARD_PIV;
    make(b, &o);
    b->piv = true;
    bench_reset(b);
}

uint16_t bench_piv_login(struct bench *b)
{
    return bench_hex(b, "0020008008 313233343536FFFF");
}

uint16_t bench_piv_admin_by(struct bench *b, uint8_t alg, const char *cipher, const uint8_t *key)
{
    uint8_t cmd[64] = { 0x00, 0x87, alg, 0x9B };
    uint8_t n;

    if (bench_hex(b, "0087%02X9B 04 7C028100 00", alg) != 0x9000)
        return b->sw;
    assert_true(b->len == 12 || b->len == 20);
    n = (uint8_t)(b->len - 4);
    cmd[4] = (uint8_t)(n + 4);
    cmd[5] = 0x7C;
    cmd[6] = (uint8_t)(n + 2);
    cmd[7] = 0x82;
    cmd[8] = n;
    bench_cbc(cipher, true, key, b->out + 4, n, cmd + 9);
    return bench_bytes(b, cmd, 9u + n);
}

uint16_t bench_piv_admin(struct bench *b)
{
    static const uint8_t key[24] = { 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4,
                                     5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8 };

    return bench_piv_admin_by(b, 0x03, "DES-EDE3-CBC", key);
}

/* ---- keys ------------------------------------------------------------------------------------ */

void bench_key_file(struct bench *b, uint8_t kk, uint8_t alg)
{
    static const uint8_t rsa[][2] = { { 0xB8, 0x00 }, { 0xB8, 0x80 }, { 0xB8, 0x40 },
                                      { 0xB6, 0x10 }, { 0xB6, 0x50 } };
    static const uint8_t ec[][2] = { { 0xB6, 0x10 }, { 0xB8, 0x00 } };
    bool is_ec = alg >= 0xC;
    const uint8_t head[] = { 0x82, 1, 0x18, 0x83, 2, 0xB0, kk, 0x8C, 5, 0x8F, 0x10, 0x10, 0x10, 0 };
    uint8_t fcp[128];
    struct wr w = wr_init(fcp, sizeof(fcp));
    size_t tpl = tlv_open(&w, 0x62), list;

    wr_bytes(&w, head, sizeof(head));
    list = tlv_open(&w, 0xA5);
    for (size_t i = 0; i < (is_ec ? 2u : 5u); i++) {
        const uint8_t *use = is_ec ? ec[i] : rsa[i];
        const uint8_t crt[] = { use[0], 9, 0x80, 1, use[1] | alg, 0x83, 1, kk, 0x95, 1, 0x40 };

        wr_bytes(&w, crt, sizeof(crt));
    }
    tlv_close(&w, 0xA5, list);
    tlv_close(&w, 0x62, tpl);
    assert_int_equal(bench_run(b, false, 0xE0, 0x0000, fcp, wr_len(&w)), 0x9000);
    assert_int_equal(bench_hex(b, "00440000"), 0x9000);
}

/* SEQUENCE {1, d, point} of docs/card-extensions.md */
static size_t ec_value(EVP_PKEY *key, uint8_t *out, size_t cap)
{
    uint8_t d[66], point[133];
    size_t field = ((size_t)EVP_PKEY_get_bits(key) + 7) / 8, point_len = 0, seq;
    struct wr w = wr_init(out, cap);
    BIGNUM *number = NULL;

    assert_int_equal(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &number), 1);
    assert_int_equal(BN_bn2binpad(number, d, (int)field), field);
    BN_clear_free(number);
    assert_int_equal(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point,
                                                     sizeof(point), &point_len), 1);
    seq = tlv_open(&w, 0x30);
    tlv_put_u8(&w, 0x02, 1);
    tlv_put(&w, 0x04, d, field);
    tlv_put(&w, 0x04, point, point_len);
    tlv_close(&w, 0x30, seq);
    assert_false(w.bad);
    return wr_len(&w);
}

uint16_t bench_import(struct bench *b, uint8_t kk, EVP_PKEY *key, bool extended)
{
    static uint8_t data[4096];
    uint8_t ec[256], *der = ec;
    const uint8_t plain = 0;
    bool is_ec = EVP_PKEY_is_a(key, "EC") == 1;
    size_t der_len, tpl, a5;
    struct wr w = wr_init(data, sizeof(data));

    if (is_ec) {
        der_len = ec_value(key, ec, sizeof(ec));
    } else {
        der = NULL;
        der_len = (size_t)i2d_PrivateKey(key, &der); /* PKCS#1 */
    }
    tpl = tlv_open(&w, 0x70);
    tlv_put(&w, 0x84, &kk, 1);
    a5 = tlv_open(&w, 0xA5);
    tlv_put_u8(&w, 0x83, is_ec ? 3 : 2);
    tlv_put(&w, 0x84, &plain, 1);
    tlv_put(&w, 0x87, der, der_len);
    tlv_close(&w, 0xA5, a5);
    tlv_close(&w, 0x70, tpl);
    assert_false(w.bad);
    if (!is_ec)
        OPENSSL_free(der);
    return bench_run(b, extended, 0xDB, 0x3FFF, data, wr_len(&w));
}

static EVP_PKEY *public_rsa(struct rd tpl)
{
    struct rd n = tlv_enter(&tpl, 0x81), e = tlv_enter(&tpl, 0x82);
    OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
    BIGNUM *bn_n = BN_bin2bn(n.at, (int)rd_left(&n), NULL);
    BIGNUM *bn_e = BN_bin2bn(e.at, (int)rd_left(&e), NULL);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    EVP_PKEY *key = NULL;
    OSSL_PARAM *params;

    assert_true(rd_done(&tpl));
    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, bn_n);
    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, bn_e);
    params = OSSL_PARAM_BLD_to_param(bld);
    EVP_PKEY_fromdata_init(ctx);
    assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(bld);
    BN_free(bn_n);
    BN_free(bn_e);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static EVP_PKEY *public_ec(struct rd tpl)
{
    struct rd point = tlv_enter(&tpl, 0x86);
    size_t field = (rd_left(&point) - 1) / 2;
    const char *curve = field == 32 ? "P-256" : field == 48 ? "P-384" : "P-521";
    OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;
    OSSL_PARAM *params;

    assert_true(rd_done(&tpl));
    OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME, curve, 0);
    OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, point.at, rd_left(&point));
    params = OSSL_PARAM_BLD_to_param(bld);
    EVP_PKEY_fromdata_init(ctx);
    assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(bld);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

EVP_PKEY *bench_public(struct bench *b, uint8_t kk)
{
    const uint8_t request[] = { 0x70, 8, 0x84, 1, kk, 0xA5, 3, 0x7F, 0x49, 0x80 };
    struct rd answer, tpl;

    if (bench_run(b, false, 0xCB, 0x3FFF, request, sizeof(request)) != 0x9000)
        return NULL;
    answer = rd_init(b->out, b->len);
    tpl = tlv_enter(&answer, 0x7F49);
    assert_true(rd_done(&answer) && rd_left(&tpl) > 2);
    return tpl.at[0] == 0x86 ? public_ec(tpl) : public_rsa(tpl);
}

EVP_PKEY *bench_pem(const char *name)
{
    char path[400];
    EVP_PKEY *key = NULL;
    FILE *f;

    (void)snprintf(path, sizeof(path), "%s/keys/%s.pem", TEST_FOLDER, name);
    f = fopen(path, "r");
    assert_non_null(f);
    key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
    (void)fclose(f);
    assert_non_null(key);
    return key;
}
