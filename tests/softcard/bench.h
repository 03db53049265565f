/* SPDX-License-Identifier: MIT */
/*
 * A card on the bench: what the tests of softcard/ share. One struct bench is one card image in a
 * folder of its own, one powered card, and the last answer. What goes wrong here fails the test that
 * runs.
 */
#ifndef CARDMINT_TESTS_SOFTCARD_BENCH_H
#define CARDMINT_TESTS_SOFTCARD_BENCH_H

#include "softcard/softcard.h"

#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define BENCH_PIN "12345678"
#define BENCH_PIN_HEX "3132333435363738"
#define BENCH_PUK_HEX "3837363534333231"

struct bench {
    struct softcard *card;
    struct softcard_ram *ram;
    char dir[64], path[96];
    uint8_t out[SOFTCARD_ANSWER_MAX]; /* the last answer */
    size_t len;                       /* of its data: the status word is not counted */
    uint16_t sw;
    bool piv;                         /* it is PIV that bench_reset selects */
};

/* Default keys: 01..18 (hex) as far as the cipher's key is long. */
extern const uint8_t bench_key[32];

/* A fresh folder in memory if there is one; the image inside is not made. */
void bench_folder(struct bench *b);

/* A blank card, powered, the application selected. */
void bench_blank(struct bench *b, const struct softcard_options *options);

/* The same, personalised: PIN 12345678, PUK 87654321 if the options say so, admin key the first
 * 24 bytes of bench_key as 3DES, or aes_len bytes of it as AES. */
void bench_card(struct bench *b, const struct softcard_options *options, size_t aes_len);

/* A PIV card as from the factory: PIN 123456, PUK 12345678, Yubico's admin key. Selected. */
#define BENCH_SELECT_PIV "00A4040009 A00000030800001000 00"
void bench_piv(struct bench *b, const struct softcard_options *options);
uint16_t bench_piv_login(struct bench *b);
/* External authentication by 9B. `alg` is PIV's number, `cipher` OpenSSL's name. */
uint16_t bench_piv_admin_by(struct bench *b, uint8_t alg, const char *cipher, const uint8_t *key);
uint16_t bench_piv_admin(struct bench *b); /* with the factory's key */

/* Power off and on, and select. */
void bench_reset(struct bench *b);
/* Close and open the image: another process comes. RAM is kept. */
void bench_reopen(struct bench *b);
void bench_free(struct bench *b); /* removes image and folder */

/* One command as it stands; returns the status word. */
uint16_t bench_bytes(struct bench *b, const uint8_t *in, size_t len);
/* The same in hexadecimal; spaces are ignored, and the line is a printf format. */
uint16_t bench_hex(struct bench *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A command with any amount of data, chained in blocks of 255 or as one extended command, all
 * answer data collected. */
uint16_t bench_run(struct bench *b, bool extended, uint8_t ins, uint16_t p1p2, const uint8_t *data,
                   size_t len);

/* Does the last answer's data equal this hexadecimal? */
void bench_answer_is(const struct bench *b, const char *hex);

/* Hexadecimal with spaces to bytes; the length. */
size_t bench_unhex(const char *hex, uint8_t *out, size_t cap);

uint16_t bench_login(struct bench *b);
/* MSE AT and external authentication; `cipher` is OpenSSL's name of key's cipher in CBC mode. */
uint16_t bench_admin_by(struct bench *b, const char *cipher, const uint8_t *key);
uint16_t bench_admin(struct bench *b); /* with bench_key, 3DES */
void bench_cbc(const char *cipher, bool encrypt, const uint8_t *key, const uint8_t *in, size_t len,
               uint8_t *out);

/* A key file B0kk, activated, with the templates of Microsoft's exchange key (RSA, nibble 6..9) or
 * of docs/card-extensions.md (EC, C..E): the user must be logged in. */
void bench_key_file(struct bench *b, uint8_t kk, uint8_t alg);
/* PUT KEY of an OpenSSL key; returns the status word. */
uint16_t bench_import(struct bench *b, uint8_t kk, EVP_PKEY *key, bool extended);
/* The public half of kk as the card tells it. NULL when it does not. */
EVP_PKEY *bench_public(struct bench *b, uint8_t kk);
/* A key from PEM in tests/softcard/keys/. */
EVP_PKEY *bench_pem(const char *name);

#endif
