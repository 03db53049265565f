/* SPDX-License-Identifier: MIT */
/* The desk of the tests on our own module, the software reader and software cards. */
#ifndef CARDMINT_TESTS_HOST_REAL_H
#define CARDMINT_TESTS_HOST_REAL_H

#include "cardmint/host.h"

#include "softcard/home.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define assert_ok(rc) assert_string_equal(host_code_name(rc), "SCARD_S_SUCCESS")
#define assert_code(rc, code) assert_string_equal(host_code_name(rc), host_code_name(code))

#define REAL_CARD "test"

extern const BYTE real_pin[6], real_admin[24];
extern unsigned (*real_exchanges)(void);   /* since the last call */
extern void (*real_reset_at)(unsigned n);  /* the n-th from now is lost, by a reset */

/* A home of its own, with REAL_CARD, its PIN and admin key as above and the five files. With
 * CARDMINT_TEST_PCSC in the environment the one card that library shows is taken instead: its PIN
 * must be as above, and it is nobody's to eject. */
int real_setup(void **state);
int real_teardown(void **state);
bool real_is_plugged(void); /* such a card */
const char *real_pcsc(void);

/* One more card, inserted. NULL: as REAL_CARD is. It has no files yet. */
void real_make_card(const char *name, const struct softcard_options *options,
                    const struct softcard_person *who);

/* keep_ms: TransactionTimeoutMilliseconds. reader NULL: the only one. */
struct host *real_open(const char *reader, DWORD version, DWORD keep_ms);

#endif
