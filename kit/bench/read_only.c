/* SPDX-License-Identifier: MIT */
/* Cards that are only read (CP_CARD_READ_ONLY): what they need not have. */
#include "kit/bench/read_only.h"

#include "kit/bench/fixture_keys.h"
#include "kit/bench/secrets.h"

#include <string.h>

/* ---- functions that such a card may lack ------------------------------------------------------ */

static DWORD draws(struct bench *b)
{
    PBYTE challenge = NULL;
    DWORD len = 0, rc = CALL(b, GetChallenge, &b->data, &challenge, &len);

    if (mem_is_ours(challenge))
        mem_free(challenge);
    return rc;
}

static DWORD responds(struct bench *b)
{
    struct kit_secret response = b->run->config->admin_key;

    if (response.len == 0 || draws(b) != SCARD_S_SUCCESS)
        return draws(b);
    response = draw_for(b, &b->run->config->admin_key);
    return respond(b, &response, &not_asked);
}

static DWORD unblocks(struct bench *b)
{
    if (!unblocks_by_puk(b) && responds(b) != SCARD_S_SUCCESS)
        return responds(b);
    be_nobody(b);
    return unblock_to(b, &b->run->config->user_pin, 0);
}

static DWORD changes(struct bench *b)
{
    const struct kit_secret *pin = &b->run->config->user_pin;

    return change_pin(b, pin, pin, 0, &not_asked);
}

static const struct {
    const char *function;
    DWORD (*good)(struct bench *b); /* a call that succeeds where it is offered */
} optional[] = {
    { "CardGetChallenge", draws },      { "CardGetChallengeEx", draws },
    { "CardAuthenticateChallenge", responds }, { "CardUnblockPin", unblocks },
    { "CardChangeAuthenticator", changes }, { "CardChangeAuthenticatorEx", changes },
};

void need_offered(struct bench *b, const char *function)
{
    for (size_t i = 0; i < ARRAY(optional); i++) {
        if (strcmp(optional[i].function, function) != 0 || !is_read_only(b))
            continue;
        if (optional[i].good(b) == SCARD_E_UNSUPPORTED_FEATURE)
            run_not_applicable(b->run, "the card is read-only (CP_CARD_READ_ONLY), and %s says "
                                       "that it is not there, as it may on such a card",
                               function);
        be_nobody(b);
    }
}
