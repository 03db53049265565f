/* SPDX-License-Identifier: MIT */
/* Padding as the Base CSP and the KSP do it for modules whose cards do not, and what the card is
 * told to do by itself. */
#ifndef CARDMINT_KIT_BENCH_PADDING_H
#define CARDMINT_KIT_BENCH_PADDING_H

#include "kit/bench/bench.h"

/* pfnCspPadData (PKCS#1 v1.5, PSS) and, for version 7, pfnCspUnpadData (PKCS#1 v1.5, OAEP). */
void lend_padding(struct bench *b);
unsigned padding_asked(void); /* how often the module has called them */

/* Does the configuration name CARD_PADDING_...? Then the module must do it; else it may refuse. */
bool padding_declared(const struct bench *b, DWORD type);

#endif
