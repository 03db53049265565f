/* SPDX-License-Identifier: MIT */
/* SCardGetAttrib: what the reader says of itself and of its card. */
#ifndef CARDMINT_SOFTREADER_ATTRIB_H
#define CARDMINT_SOFTREADER_ATTRIB_H

#include "softreader/context.h"

#define ATTRIB_MAX 128u /* the longest: a name */

/* Writes the value to room for ATTRIB_MAX. SCARD_E_UNSUPPORTED_FEATURE: there is none. */
LONG attrib_get(const struct handle *handle, DWORD id, uint8_t *out, size_t *ret_len);

#endif
