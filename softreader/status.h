/* SPDX-License-Identifier: MIT */
/* SCardGetStatusChange. */
#ifndef CARDMINT_SOFTREADER_STATUS_H
#define CARDMINT_SOFTREADER_STATUS_H

#include "softreader/context.h"

/* Waits up to `timeout` ms (INFINITE: for ever) until a state differs from what the program
 * believes, and writes what is seen in any case. SCARD_E_TIMEOUT, SCARD_E_CANCELLED,
 * SCARD_E_UNKNOWN_READER. */
LONG status_wait(struct context *context, DWORD timeout, SCARD_READERSTATE *states, size_t count);

#endif
