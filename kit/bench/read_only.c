/* SPDX-License-Identifier: MIT */
/* Cards that are only read (CP_CARD_READ_ONLY): what they need not have, and what shows there who is
 * authenticated. */
#include "kit/bench/read_only.h"

#include "kit/bench/fixture_keys.h"
#include "kit/bench/secrets.h"

#include <string.h>

#define NO_CONTAINER 0xFF

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

/* ---- who is it: by what his keys do ------------------------------------------------------------- */

static DWORD use_key(struct bench *b, BYTE index, DWORD spec)
{
    BYTE digest[20] = { 1 };
    CARD_SIGNING_INFO info = { .dwVersion = CARD_SIGNING_INFO_BASIC_VERSION, .dwKeySpec = spec,
                               .bContainerIndex = index, .pbData = digest,
                               .cbData = sizeof(digest), .aiHashAlg = CALG_SHA1 };
    DWORD rc = CALL(b, SignData, &b->data, &info);

    if (mem_is_ours(info.pbSignedData))
        mem_free(info.pbSignedData);
    return rc;
}

bool may_use_key(struct bench *b)
{
    for (DWORD spec = AT_KEYEXCHANGE; spec <= AT_ECDHE_P521; spec++) {
        const BYTE index = fixture_key(b, spec);
        DWORD rc;

        if (index == NO_CONTAINER)
            continue;
        rc = use_key(b, index, spec);
        if (rc != SCARD_S_SUCCESS && rc != SCARD_W_SECURITY_VIOLATION)
            run_blocked(b->run, "signing with %s: %s", spec_name(spec), kit_code(rc));
        return rc == SCARD_S_SUCCESS;
    }
    run_not_applicable(b->run, "the card is read-only (CP_CARD_READ_ONLY) and has no key: nothing "
                               "there shows who is authenticated");
}
