/* SPDX-License-Identifier: MIT */
/* What a card can do, in the structures of cardmod.h: shared by the plain functions and the
 * properties of version 6. */
#ifndef CARDMINT_MINIDRIVER_CAPABILITY_H
#define CARDMINT_MINIDRIVER_CAPABILITY_H

#include "minidriver/call.h"

/* Is it one of AT_KEYEXCHANGE to AT_ECDHE_P521? */
bool spec_known(DWORD spec);

/* NULL: known, but the card has no such keys, or m->failed. `spec` must be known. */
const struct edge_key_sizes *spec_sizes(struct md_call *m, DWORD spec);

void fill_capabilities(struct md_call *m, PCARD_CAPABILITIES out);
void fill_key_sizes(const struct edge_key_sizes *sizes, PCARD_KEY_SIZES out);
DWORD fill_free_space(struct md_call *m, PCARD_FREE_SPACE_INFO out);

/* containers.c: the public keys of a container that exists; blocks of the caller's. */
DWORD fill_container_info(struct md_call *m, const struct edge_container *container,
                          PCONTAINER_INFO out);

#endif
