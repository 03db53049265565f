/* SPDX-License-Identifier: MIT */
#include "edge/edge.h"

#include "cardmint/atrs.h"

/* In the order of asking. */
static const struct edge_ops *const edges[CARD_KIND_COUNT] = {
    [CARD_KIND_PIV] = &edge_piv,
    [CARD_KIND_GIDS] = &edge_gids,
};

static DWORD ask(struct edge *e, enum card_kind kind)
{
    DWORD rc = edges[kind]->probe(e, &e->profile);

    if (rc == SCARD_S_SUCCESS)
        e->ops = edges[kind];
    return rc;
}

DWORD edge_find(struct edge *e, const uint8_t *atr, size_t atr_len)
{
    const struct known_card *known = known_card_find(atr, atr_len);
    DWORD rc = known != NULL ? ask(e, known->kind) : SCARD_E_UNKNOWN_CARD;

    for (enum card_kind k = 0; k < CARD_KIND_COUNT && rc == SCARD_E_UNKNOWN_CARD; k++)
        if (known == NULL || k != known->kind)
            rc = ask(e, k);
    return rc;
}
