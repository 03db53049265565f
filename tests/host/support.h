/* SPDX-License-Identifier: MIT */
/* What the host's tests share: the fakes, opened, and a host on them. */
#ifndef CARDMINT_TESTS_HOST_SUPPORT_H
#define CARDMINT_TESTS_HOST_SUPPORT_H

#include "host/host_internal.h"
#include "tests/host/fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* The fakes stay loaded between hosts, so that the card outlives them. */
struct fakes {
    struct fake_pcsc *pcsc;
    struct fake_card *card;
    struct fake_file *(*find)(const char *dir, const char *name);
    void (*set_file)(const char *dir, const char *name, const void *data, size_t len);
};
extern struct fakes fakes;

int fakes_setup(void **state);    /* both as new */
int fakes_teardown(void **state);

/* A host on the fakes; it must open. version 0: the newest. It gives the card back at once. */
struct host *open_host(DWORD version);
/* The same, with a time-out of its transactions. */
struct host *open_keeping(DWORD version, DWORD ms);
/* The same on a card with the five files. */
struct host *open_new_card(DWORD version);
/* host_begin and host_login with the right PIN. */
void begin_as_user(struct host *host);

/* A self-signed certificate of `signer` about `subject`'s key, made by the test itself; DER in
 * *ret, to be freed with OPENSSL_free. padding: bytes of a useless extension. */
int make_cert(EVP_PKEY *subject, size_t padding, unsigned char **ret);

/* All files and keys of the card, for assert_unchanged; one of a time. */
void remember_card(void);
void assert_unchanged(void);

#define assert_ok(rc) assert_int_equal((rc), SCARD_S_SUCCESS)
#define assert_code(rc, code) assert_string_equal(host_code_name(rc), host_code_name(code))

#endif
