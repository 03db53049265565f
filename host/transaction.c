/* SPDX-License-Identifier: MIT */
/* Transactions: the card is ours between the first host_begin and its host_end. */
#include "host/host_internal.h"

/* Takes the card; after a reset by somebody else accepts that once. */
static DWORD lock(struct host *host)
{
    DWORD rc = host->was_reset ? SCARD_W_RESET_CARD : pcsc_begin(host->pcsc, host->card);

    if (rc != SCARD_W_RESET_CARD)
        return rc;
    rc = pcsc_reconnect(host->pcsc, host->card, PCSC_SHARED, PCSC_LEAVE);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    host->was_reset = false;
    return pcsc_begin(host->pcsc, host->card);
}

DWORD host_begin(struct host *host)
{
    DWORD rc;

    if (host->depth > 0) {
        host->depth++;
        return SCARD_S_SUCCESS;
    }
    for (int attempt = 0;; attempt++) {
        rc = lock(host);
        if (rc != SCARD_S_SUCCESS)
            return rc;
        rc = cardcf_read(host);
        if (rc == SCARD_S_SUCCESS)
            break;
        (void)pcsc_end(host->pcsc, host->card, PCSC_LEAVE);
        if (rc != SCARD_W_RESET_CARD || attempt > 0)
            return rc;
    }
    host->roles = PIN_SET_NONE;
    host->depth = 1;
    return SCARD_S_SUCCESS;
}

void host_end(struct host *host)
{
    enum pcsc_disposition how = PCSC_LEAVE;

    if (host->depth == 0 || --host->depth > 0)
        return;
    if (deauthenticate(host) != SCARD_S_SUCCESS)
        how = PCSC_RESET; /* the surest way to forget a PIN */
    host->roles = PIN_SET_NONE;
    (void)pcsc_end(host->pcsc, host->card, how);
}
