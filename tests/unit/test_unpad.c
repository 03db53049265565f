/* SPDX-License-Identifier: MIT */
/* RSA paddings taken off: what OpenSSL put on, and everything that is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/unpad.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>

static const size_t sizes[] = { 64, 128, 256, 384, 512 };

static void test_pkcs1(void **state)
{
    uint8_t em[512], out[512], msg[512];
    size_t len;

    (void)state;
    for (size_t i = 0; i < 512; i++)
        msg[i] = (uint8_t)(i * 7); /* zeros among them */
    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
        for (size_t n = 0; n <= sizes[s] - 11; n++) {
            memset(em, 1 + (int)(n % 255), sizes[s]);
            em[0] = 0;
            em[1] = 2;
            em[sizes[s] - n - 1] = 0;
            memcpy(em + sizes[s] - n, msg, n);
            assert_true(unpad_pkcs1(em, sizes[s], out, &len));
            assert_int_equal(len, n);
            assert_memory_equal(out, msg, n);
        }
}

static void test_not_pkcs1(void **state)
{
    uint8_t em[128], out[128], zeros[128] = { 0 };
    size_t len = 99;

    (void)state;
    for (size_t at = 0; at < 10; at++) { /* a zero too early, or a wrong head */
        memset(em, 0x55, sizeof(em));
        em[0] = 0;
        em[1] = 2;
        em[100] = 0;
        em[at] = at < 2 ? 0x01 : 0x00;
        memset(out, 0xEE, sizeof(out));
        assert_false(unpad_pkcs1(em, sizeof(em), out, &len));
        assert_memory_equal(out, zeros, sizeof(zeros));
        assert_int_equal(len, 99);
    }
    memset(em, 0x55, sizeof(em)); /* no zero at all */
    em[0] = 0;
    em[1] = 2;
    assert_false(unpad_pkcs1(em, sizeof(em), out, &len));
    assert_false(unpad_pkcs1(em, 10, out, &len));
    em[127] = 0; /* nothing behind it */
    assert_true(unpad_pkcs1(em, sizeof(em), out, &len));
    assert_int_equal(len, 0);
}

/* The padded block: encrypted with padding, decrypted without. */
static void pad_oaep(EVP_PKEY *pkey, const uint8_t *msg, size_t len, uint8_t *em, size_t size)
{
    EVP_PKEY_CTX *in = EVP_PKEY_CTX_new(pkey, NULL), *back = EVP_PKEY_CTX_new(pkey, NULL);
    uint8_t box[256];
    size_t box_len = sizeof(box), em_len = size;

    EVP_PKEY_encrypt_init(in);
    EVP_PKEY_CTX_set_rsa_padding(in, RSA_PKCS1_OAEP_PADDING);
    assert_int_equal(EVP_PKEY_encrypt(in, box, &box_len, msg, len), 1);
    EVP_PKEY_decrypt_init(back);
    EVP_PKEY_CTX_set_rsa_padding(back, RSA_NO_PADDING);
    assert_int_equal(EVP_PKEY_decrypt(back, em, &em_len, box, box_len), 1);
    assert_int_equal(em_len, size);
    EVP_PKEY_CTX_free(in);
    EVP_PKEY_CTX_free(back);
}

static void test_oaep(void **state)
{
    uint8_t em[256], out[256], msg[256];
    size_t len;

    (void)state;
    for (size_t i = 0; i < sizeof(msg); i++)
        msg[i] = (uint8_t)(i * 7);
    for (size_t size = 128; size <= 256; size += 128) {
        EVP_PKEY *pkey = EVP_RSA_gen(8 * size);

        for (size_t n = 0; n <= size - 42; n++) {
            pad_oaep(pkey, msg, n, em, size);
            assert_true(unpad_oaep_sha1(em, size, out, &len));
            assert_int_equal(len, n);
            assert_memory_equal(out, msg, n);
            em[n % size] ^= 1;
            assert_false(unpad_oaep_sha1(em, size, out, &len));
        }
        EVP_PKEY_free(pkey);
    }
    assert_false(unpad_oaep_sha1(em, 41, out, &len));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pkcs1), cmocka_unit_test(test_not_pkcs1), cmocka_unit_test(test_oaep),
    };

    return cmocka_run_group_tests_name("unpad", tests, NULL, NULL);
}
