/* SPDX-License-Identifier: MIT */
/* Authentication: the certification document, 2.3.2; the Ex forms of version 6. */
#include "minidriver/entry.h"

#include "base/wstr.h"
#include "minidriver/pins.h"

#define CHALLENGE_MAX 64u

bool user_id(LPCWSTR name, PIN_ID *ret)
{
    static const WCHAR user[] = wszCARD_USER_USER, admin[] = wszCARD_USER_ADMIN;
    bool is_user = wstr_equal(name, user);

    *ret = is_user ? ROLE_USER : ROLE_ADMIN;
    return is_user || wstr_equal(name, admin);
}

const struct edge_pin *pin_of(const struct md_call *m, PIN_ID id)
{
    return &m->edge->profile.pins[id];
}

bool is_pin_id(const struct md_call *m, PIN_ID id)
{
    return id >= ROLE_USER && id < MAX_PINS && pin_of(m, id)->kind != EDGE_SECRET_NONE;
}

bool is_key(const struct md_call *m, PIN_ID id)
{
    return pin_of(m, id)->kind == EDGE_SECRET_KEY;
}

bool is_unblock_only(const struct md_call *m, PIN_ID id)
{
    return pin_of(m, id)->purpose == EDGE_PURPOSE_UNBLOCK;
}

static bool length_ok(const struct md_call *m, PIN_ID id, DWORD len)
{
    const struct edge_pin *pin = pin_of(m, id);

    return len >= pin->min && len <= pin->max;
}

bool can_present(const struct md_call *m, PIN_ID id, DWORD len)
{
    return pin_of(m, id)->kind == EDGE_SECRET_PIN && length_ok(m, id, len);
}

bool drop(struct md_call *m, PIN_ID id)
{
    (void)m->edge->ops->logout(m->edge, (uint8_t)CREATE_PIN_SET(id));
    return false;
}

void tell(PDWORD attempts, DWORD rc, uint32_t left)
{
    if (attempts != NULL)
        *attempts = rc == SCARD_W_WRONG_CHV || rc == SCARD_W_CHV_BLOCKED ? left : ATTEMPTS_UNKNOWN;
}

static DWORD verify(struct md_call *m, PIN_ID id, const BYTE *pin, DWORD len, PDWORD attempts)
{
    uint32_t left = ATTEMPTS_UNKNOWN;
    DWORD rc = m->edge->ops->verify(m->edge, (enum edge_role)id, pin, len, &left);

    tell(attempts, rc, left);
    return rc;
}

static DWORD respond(struct md_call *m, const BYTE *response, DWORD len, PDWORD attempts)
{
    uint32_t left = ATTEMPTS_UNKNOWN;
    DWORD rc = SCARD_W_WRONG_CHV;

    if (length_ok(m, ROLE_ADMIN, len))
        rc = m->edge->ops->respond(m->edge, response, len, &left);
    else
        (void)drop(m, ROLE_ADMIN);
    tell(attempts, rc, left);
    return rc;
}

/* A challenge in a block of the caller's. */
static DWORD challenge(struct md_call *m, PBYTE *ret_data, PDWORD ret_len)
{
    size_t len = CHALLENGE_MAX;
    BYTE *data = md_alloc(m, len);
    DWORD rc;

    if (data == NULL)
        return SCARD_E_NO_MEMORY;
    rc = m->edge->ops->challenge(m->edge, data, &len);
    if (rc != SCARD_S_SUCCESS) {
        md_free(m, data);
        return rc;
    }
    *ret_data = data;
    *ret_len = (DWORD)len;
    return SCARD_S_SUCCESS;
}

DWORD WINAPI md_authenticate_pin(PCARD_DATA pCardData, LPWSTR pwszUserId, PBYTE pbPin, DWORD cbPin,
                                 PDWORD pcAttemptsRemaining)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData); /* CMR.3.2.1.E1 */
    PIN_ID id;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(pwszUserId != NULL,            SCARD_E_INVALID_PARAMETER, "CMR.3.2.1.E2");
    REQUIRE(pbPin != NULL,                 SCARD_E_INVALID_PARAMETER, "CMR.3.2.1.E3");
    REQUIRE(user_id(pwszUserId, &id),      SCARD_E_INVALID_PARAMETER, "CMR.3.2.1.E4");
    REQUIRE(can_present(&m, id, cbPin) || drop(&m, id),
                                           SCARD_E_INVALID_PARAMETER, "CMR.3.2.1.E5");
    return md_leave(&m, verify(&m, id, pbPin, cbPin, pcAttemptsRemaining)); /* E6 to E9: the card */
}

DWORD WINAPI md_get_challenge(PCARD_DATA pCardData, PBYTE *ppbChallengeData,
                              PDWORD pcbChallengeData)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData); /* CMR.3.2.2.E1 */

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(ppbChallengeData != NULL, SCARD_E_INVALID_PARAMETER,   "CMR.3.2.2.E2");
    *ppbChallengeData = NULL;
    REQUIRE(pcbChallengeData != NULL, SCARD_E_INVALID_PARAMETER,   "CMR.3.2.2.E3");
    *pcbChallengeData = 0;
    REQUIRE(is_key(&m, ROLE_ADMIN),   SCARD_E_UNSUPPORTED_FEATURE, "inferred: no admin key");
    return md_leave(&m, challenge(&m, ppbChallengeData, pcbChallengeData));
}

DWORD WINAPI md_authenticate_challenge(PCARD_DATA pCardData, PBYTE pbResponseData,
                                       DWORD cbResponseData, PDWORD pcAttemptsRemaining)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData); /* CMR.3.2.3.E1 */

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(pbResponseData != NULL, SCARD_E_INVALID_PARAMETER,   "CMR.3.2.3.E2");
    REQUIRE(cbResponseData != 0 || drop(&m, ROLE_ADMIN),
                                    SCARD_E_INVALID_PARAMETER,   "CMR.3.2.3.E3");
    REQUIRE(is_key(&m, ROLE_ADMIN), SCARD_E_UNSUPPORTED_FEATURE, "inferred: no admin key");
    /* E4 to E8: the card */
    return md_leave(&m, respond(&m, pbResponseData, cbResponseData, pcAttemptsRemaining));
}

DWORD WINAPI md_deauthenticate(PCARD_DATA pCardData, LPWSTR pwszUserId, DWORD dwFlags)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData); /* CMR.3.2.4.E1 */
    PIN_ID id;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(pwszUserId != NULL, SCARD_E_INVALID_PARAMETER, "inferred: E2 is not printed");
    REQUIRE(user_id(pwszUserId, &id), SCARD_E_INVALID_PARAMETER, "inferred: E3 is not printed");
    REQUIRE(dwFlags == 0,       SCARD_E_INVALID_PARAMETER, "CMR.3.2.4.E4");
    return md_leave(&m, m.edge->ops->logout(m.edge, (uint8_t)CREATE_PIN_SET(id)));
}

/* ---- version 6: the order of checks is inferred ---------------------------------------------- */

#define SESSION_FLAGS (CARD_AUTHENTICATE_GENERATE_SESSION_PIN | CARD_AUTHENTICATE_SESSION_PIN)

DWORD WINAPI md_authenticate_ex(PCARD_DATA pCardData, PIN_ID PinId, DWORD dwFlags, PBYTE pbPinData,
                                DWORD cbPinData, PBYTE *ppbSessionPin, PDWORD pcbSessionPin,
                                PDWORD pcAttemptsRemaining)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (ppbSessionPin != NULL)
        *ppbSessionPin = NULL;
    if (pcbSessionPin != NULL)
        *pcbSessionPin = 0;
    REQUIRE(is_pin_id(&m, PinId), SCARD_E_INVALID_PARAMETER,   "inferred");
    REQUIRE(!is_unblock_only(&m, PinId),
                                  SCARD_E_INVALID_PARAMETER,   "inferred: UnblockOnlyPin");
    REQUIRE(pbPinData != NULL,    SCARD_E_INVALID_PARAMETER,   "inferred");
    REQUIRE((dwFlags & ~(SESSION_FLAGS | CARD_PIN_SILENT_CONTEXT)) == 0 &&
            (dwFlags & SESSION_FLAGS) != SESSION_FLAGS,
                                  SCARD_E_INVALID_PARAMETER,   "inferred");
    REQUIRE((is_key(&m, PinId) ? cbPinData != 0 : can_present(&m, PinId, cbPinData)) ||
            drop(&m, PinId),
                                  SCARD_E_INVALID_PARAMETER,   "inferred");
    REQUIRE((dwFlags & CARD_AUTHENTICATE_GENERATE_SESSION_PIN) == 0 ||
            (ppbSessionPin != NULL && pcbSessionPin != NULL),
                                  SCARD_E_INVALID_PARAMETER,   "inferred");
    REQUIRE((dwFlags & SESSION_FLAGS) == 0,
                                  SCARD_E_UNSUPPORTED_FEATURE, "inferred: no session PINs");
    if (is_key(&m, PinId))
        return md_leave(&m, respond(&m, pbPinData, cbPinData, pcAttemptsRemaining));
    return md_leave(&m, verify(&m, PinId, pbPinData, cbPinData, pcAttemptsRemaining));
}

DWORD WINAPI md_get_challenge_ex(PCARD_DATA pCardData, PIN_ID PinId, PBYTE *ppbChallengeData,
                                 PDWORD pcbChallengeData, DWORD dwFlags)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(ppbChallengeData != NULL, SCARD_E_INVALID_PARAMETER, "inferred");
    *ppbChallengeData = NULL;
    REQUIRE(pcbChallengeData != NULL, SCARD_E_INVALID_PARAMETER, "inferred");
    *pcbChallengeData = 0;
    REQUIRE(is_pin_id(&m, PinId) && is_key(&m, PinId),
                                      SCARD_E_INVALID_PARAMETER, "inferred");
    REQUIRE(dwFlags == 0,             SCARD_E_INVALID_PARAMETER, "inferred");
    return md_leave(&m, challenge(&m, ppbChallengeData, pcbChallengeData));
}

DWORD WINAPI md_deauthenticate_ex(PCARD_DATA pCardData, PIN_SET PinId, DWORD dwFlags)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(dwFlags == 0,                SCARD_E_INVALID_PARAMETER, "inferred");
    REQUIRE(PinId != 0 && PinId <= 0xFF, SCARD_E_INVALID_PARAMETER, "inferred");
    return md_leave(&m, m.edge->ops->logout(m.edge, (uint8_t)PinId));
}
