/* SPDX-License-Identifier: MIT */
/* For the tests of the software reader: a home with a card, commands, other processes. */
#ifndef CARDMINT_TESTS_SOFTREADER_SUPPORT_H
#define CARDMINT_TESTS_SOFTREADER_SUPPORT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <winscard.h>

#include "softcard/home.h"

#include <sys/types.h>

#define ALICE "cardmint alice 00 00"
#define BOB   "cardmint bob 00 00"
#define PNP   "\\\\?PnP?\\Notification"

/* cmocka's set-up and tear-down: an empty home of its own for each test, and one with the
 * personalised card alice (PIN 123456) inserted. */
int home_setup(void **state);
int card_setup(void **state);
int home_teardown(void **state);

/* A blank card in the home. */
void make_card(const char *name, bool insert);

SCARDCONTEXT establish(void);
SCARDHANDLE connect_to(SCARDCONTEXT context, const char *reader);

/* Sends `len` bytes; the status word, or the negative of what SCardTransmit said. */
LONG send_apdu(SCARDHANDLE card, const uint8_t *apdu, size_t len);
LONG select_gids(SCARDHANDLE card);
LONG verify_pin(SCARDHANDLE card);
LONG pin_status(SCARDHANDLE card); /* 9000: verified; 63Cx: not */

/* `body` in another process; 0 from it is success. */
pid_t in_child(int (*body)(void *), void *argument);
int child_result(pid_t pid); /* what body returned; -1: it was killed */

/* One byte says "now" to another thread or process. */
struct signal_line {
    int fds[2];
};
void line_open(struct signal_line *line);
void line_close(struct signal_line *line);
void line_say(const struct signal_line *line);
bool line_wait(const struct signal_line *line); /* false: not within ten seconds */

int64_t clock_ms(void);
void sleep_ms(unsigned ms);

#endif
