/* SPDX-License-Identifier: MIT */
#include "edge/edge.h"

/* In the order of asking. */
static const struct edge_ops *const edges[] = {
    &edge_gids,
};

DWORD edge_find(struct edge *e)
{
    for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
        DWORD rc = edges[i]->probe(e, &e->profile);

        if (rc == SCARD_S_SUCCESS)
            e->ops = edges[i];
        if (rc != SCARD_E_UNKNOWN_CARD)
            return rc;
    }
    return SCARD_E_UNKNOWN_CARD;
}
