/* SPDX-License-Identifier: MIT */
/* What is done with one connection to a card: the calls that take a SCARDHANDLE, after its lookup. */
#ifndef CARDMINT_SOFTREADER_CONNECTION_H
#define CARDMINT_SOFTREADER_CONNECTION_H

#include "softreader/context.h"

LONG connection_open(struct context *context, const char *reader, DWORD share, DWORD preferred,
                     SCARDHANDLE *ret_handle, DWORD *ret_protocol);
LONG connection_reopen(struct handle *handle, DWORD share, DWORD preferred, DWORD initialization,
                       DWORD *ret_protocol);

/* Whatever it returns, the handle is to be released. */
LONG connection_close(struct handle *handle, DWORD disposition);

LONG connection_begin(struct handle *handle, bool wait);
LONG connection_end(struct handle *handle, DWORD disposition);

/* *out_len: room, then the length of the answer (also with SCARD_E_INSUFFICIENT_BUFFER, when the
 * card has done what it was told and the answer is lost). */
LONG connection_transmit(struct handle *handle, DWORD protocol, const uint8_t *in, size_t in_len,
                         uint8_t *out, DWORD *out_len);

/* SCARD_PRESENT and so on, for SCardStatus. */
DWORD connection_state(const struct handle *handle);

#endif
