/* SPDX-License-Identifier: MIT */
#include "edge/edge.h"

#include "cardmint/atrs.h"

enum kind { PIV, GIDS, KINDS };

/* In the order of asking. */
static const struct edge_ops *const edges[KINDS] = {
    [PIV] = &edge_piv,
    [GIDS] = &edge_gids,
};

#define ATR_ROW(kind_, name_, atr_, mask_) { kind_, sizeof(atr_) - 1, atr_, mask_ },
static const struct {
    enum kind kind;
    size_t len;
    const char *atr, *mask;
} known[] = { CARDMINT_ATRS(ATR_ROW) };
#define ATR_LENGTHS(kind_, name_, atr_, mask_) \
    _Static_assert(sizeof(atr_) == sizeof(mask_), name_ ": the mask has another length");
CARDMINT_ATRS(ATR_LENGTHS)

static bool is_meant(size_t row, const uint8_t *atr, size_t len)
{
    if (len != known[row].len)
        return false;
    for (size_t i = 0; i < len; i++)
        if ((atr[i] & (uint8_t)known[row].mask[i]) != (uint8_t)known[row].atr[i])
            return false;
    return true;
}

/* KINDS: nobody knows. */
static enum kind kind_of(const uint8_t *atr, size_t len)
{
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (is_meant(i, atr, len))
            return known[i].kind;
    return KINDS;
}

static DWORD ask(struct edge *e, enum kind kind)
{
    DWORD rc = edges[kind]->probe(e, &e->profile);

    if (rc == SCARD_S_SUCCESS)
        e->ops = edges[kind];
    return rc;
}

DWORD edge_find(struct edge *e, const uint8_t *atr, size_t atr_len)
{
    enum kind first = kind_of(atr, atr_len);
    DWORD rc = first != KINDS ? ask(e, first) : SCARD_E_UNKNOWN_CARD;

    for (enum kind k = 0; k < KINDS && rc == SCARD_E_UNKNOWN_CARD; k++)
        if (k != first)
            rc = ask(e, k);
    return rc;
}
