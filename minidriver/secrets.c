/* SPDX-License-Identifier: MIT */
/* New PINs and keys: the certification document, 2.3.3; the Ex form of version 6. */
#include "minidriver/entry.h"

#include "minidriver/pins.h"

#define TRIES_MAX 15u /* what a status word 63Cx can tell */

/* The form a role's secret has: what CardChangeAuthenticator's dwFlags must say of it. */
static DWORD form_of(const struct md_call *m, PIN_ID id)
{
    return is_key(m, id) ? CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE : CARD_AUTHENTICATE_PIN_PIN;
}

/* A key has no tries to count. Whether a PIN's can be set, the card says when it is asked. */
static bool tries_ok(const struct md_call *m, PIN_ID id, DWORD tries)
{
    return tries <= (is_key(m, id) ? 0 : TRIES_MAX);
}

static DWORD unblock(struct md_call *m, PIN_ID id, const BYTE *proof, DWORD proof_len,
                     const BYTE *fresh, DWORD fresh_len, DWORD tries, PDWORD attempts)
{
    uint32_t left = ATTEMPTS_UNKNOWN;
    DWORD rc = m->edge->ops->unblock(m->edge, (enum edge_role)id, proof, proof_len, fresh,
                                     fresh_len, tries, &left);

    tell(attempts, rc, left);
    return rc;
}

/* CMR.3.3.1.5 has the card deauthenticated afterwards: the verb sees to that, and drop where it is
 * not called. */
DWORD WINAPI md_unblock_pin(PCARD_DATA pCardData, LPWSTR pwszUserId, PBYTE pbAuthenticationData,
                            DWORD cbAuthenticationData, PBYTE pbNewPinData, DWORD cbNewPinData,
                            DWORD cRetryCount, DWORD dwFlags)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData); /* CMR.3.3.1.E1 */
    PIN_ID id;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(pwszUserId != NULL,           SCARD_E_INVALID_PARAMETER,   "CMR.3.3.1.E2");
    REQUIRE(pbAuthenticationData != NULL, SCARD_E_INVALID_PARAMETER,   "CMR.3.3.1.E3");
    REQUIRE(pbNewPinData != NULL,         SCARD_E_INVALID_PARAMETER,   "CMR.3.3.1.E4");
    REQUIRE(user_id(pwszUserId, &id),     SCARD_E_INVALID_PARAMETER,   "CMR.3.3.1.E5");
    REQUIRE(pin_of(&m, id)->unblock != 0 && m.edge->ops->unblock != NULL,
                                          SCARD_E_UNSUPPORTED_FEATURE, "inferred: the admin");
    REQUIRE(cbAuthenticationData != 0 || drop(&m, id),
                                          SCARD_E_INVALID_PARAMETER,   "CMR.3.3.1.E6");
    REQUIRE(can_present(&m, id, cbNewPinData) || drop(&m, id),
                                          SCARD_E_INVALID_PARAMETER,   "CMR.3.3.1.E7");
    REQUIRE(tries_ok(&m, id, cRetryCount) || drop(&m, id),
                                          SCARD_E_INVALID_PARAMETER,   "CMR.3.3.1.E8");
    REQUIRE(dwFlags == CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE || drop(&m, id),
                                          SCARD_E_INVALID_PARAMETER,   "CMR.3.3.1.E9");
    return md_leave(&m, unblock(&m, id, pbAuthenticationData, cbAuthenticationData, pbNewPinData,
                                cbNewPinData, cRetryCount, NULL)); /* E10 to E13: the card */
}

/* Current and new secret may both be shown to the card? The length of a response is for the card to
 * refuse, that of a key for the edge, which knows what kind of key it is. */
static bool lengths_ok(const struct md_call *m, PIN_ID id, DWORD current_len, DWORD fresh_len)
{
    if (is_key(m, id))
        return current_len != 0 && fresh_len != 0;
    return can_present(m, id, current_len) && can_present(m, id, fresh_len);
}

static DWORD change(struct md_call *m, PIN_ID id, const BYTE *current, DWORD current_len,
                    const BYTE *fresh, DWORD fresh_len, DWORD tries, PDWORD attempts)
{
    const struct edge_ops *ops = m->edge->ops;
    uint32_t left = ATTEMPTS_UNKNOWN;
    DWORD rc;

    if (is_key(m, id))
        rc = ops->change_key(m->edge, current, current_len, fresh, fresh_len, &left);
    else
        rc = ops->change(m->edge, (enum edge_role)id, current, current_len, fresh, fresh_len, tries,
                         &left);
    tell(attempts, rc, left);
    return rc;
}

static bool can_change(const struct md_call *m, PIN_ID id)
{
    return is_pin_id(m, id) && (is_key(m, id) ? m->edge->ops->change_key != NULL
                                              : m->edge->ops->change != NULL);
}

DWORD WINAPI md_change_authenticator(PCARD_DATA pCardData, LPWSTR pwszUserId,
                                     PBYTE pbCurrentAuthenticator, DWORD cbCurrentAuthenticator,
                                     PBYTE pbNewAuthenticator, DWORD cbNewAuthenticator,
                                     DWORD cRetryCount, DWORD dwFlags, PDWORD pcAttemptsRemaining)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData); /* CMR.3.3.2.E1 */
    PIN_ID id;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(pwszUserId != NULL,             SCARD_E_INVALID_PARAMETER,   "CMR.3.3.2.E2");
    REQUIRE(pbCurrentAuthenticator != NULL, SCARD_E_INVALID_PARAMETER,   "CMR.3.3.2.E3");
    REQUIRE(pbNewAuthenticator != NULL,     SCARD_E_INVALID_PARAMETER,   "CMR.3.3.2.E4");
    REQUIRE(user_id(pwszUserId, &id),       SCARD_E_INVALID_PARAMETER,   "CMR.3.3.2.E5");
    REQUIRE(can_change(&m, id),             SCARD_E_UNSUPPORTED_FEATURE, "inferred");
    REQUIRE(lengths_ok(&m, id, cbCurrentAuthenticator, cbNewAuthenticator) || drop(&m, id),
                                            SCARD_E_INVALID_PARAMETER,   "CMR.3.3.2.E6, E7");
    REQUIRE(tries_ok(&m, id, cRetryCount) || drop(&m, id),
                                            SCARD_E_INVALID_PARAMETER,   "CMR.3.3.2.E8");
    REQUIRE(dwFlags == form_of(&m, id) || drop(&m, id),
                                            SCARD_E_INVALID_PARAMETER,   "CMR.3.3.2.E9");
    return md_leave(&m, change(&m, id, pbCurrentAuthenticator, cbCurrentAuthenticator,
                               pbNewAuthenticator, cbNewAuthenticator, cRetryCount,
                               pcAttemptsRemaining)); /* E11 to E17: the card */
}

/* ---- version 6: the order of checks is inferred ---------------------------------------------- */

#define CHANGE_FLAGS (PIN_CHANGE_FLAG_UNBLOCK | PIN_CHANGE_FLAG_CHANGEPIN)

/* One of the two, and perhaps the word that nobody looks. */
static bool one_change(DWORD flags)
{
    flags &= ~(DWORD)CARD_PIN_SILENT_CONTEXT;
    return flags == PIN_CHANGE_FLAG_UNBLOCK || flags == PIN_CHANGE_FLAG_CHANGEPIN;
}

DWORD WINAPI md_change_authenticator_ex(PCARD_DATA pCardData, DWORD dwFlags,
                                        PIN_ID dwAuthenticatingPinId, PBYTE pbAuthenticatingPinData,
                                        DWORD cbAuthenticatingPinData, PIN_ID dwTargetPinId,
                                        PBYTE pbTargetData, DWORD cbTargetData, DWORD cRetryCount,
                                        PDWORD pcAttemptsRemaining)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData);
    const bool is_unblock = (dwFlags & CHANGE_FLAGS) == PIN_CHANGE_FLAG_UNBLOCK;
    const PIN_ID by = dwAuthenticatingPinId, target = dwTargetPinId;
    bool lengths;
    PIN_SET may;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(one_change(dwFlags),             SCARD_E_INVALID_PARAMETER,   "inferred");
    REQUIRE(is_pin_id(&m, by),               SCARD_E_INVALID_PARAMETER,   "inferred");
    REQUIRE(is_pin_id(&m, target),           SCARD_E_INVALID_PARAMETER,   "inferred");
    REQUIRE(pbAuthenticatingPinData != NULL, SCARD_E_INVALID_PARAMETER,   "inferred");
    REQUIRE(pbTargetData != NULL,            SCARD_E_INVALID_PARAMETER,   "inferred");
    REQUIRE(!is_unblock || by != target,     SCARD_E_INVALID_PARAMETER,   "inferred");
    lengths = is_unblock || by != target
                  ? cbAuthenticatingPinData != 0 && cbTargetData != 0
                  : lengths_ok(&m, target, cbAuthenticatingPinData, cbTargetData);
    REQUIRE(lengths || drop(&m, by),         SCARD_E_INVALID_PARAMETER,   "inferred");
    REQUIRE(tries_ok(&m, target, cRetryCount) || drop(&m, by),
                                             SCARD_E_INVALID_PARAMETER,   "inferred");
    may = is_unblock ? pin_of(&m, target)->unblock : pin_of(&m, target)->change;
    REQUIRE(IS_PIN_SET(may, by) || drop(&m, by),
                                             SCARD_W_SECURITY_VIOLATION,  "inferred");
    REQUIRE(is_unblock ? m.edge->ops->unblock != NULL : by == target && can_change(&m, target),
                                             SCARD_E_UNSUPPORTED_FEATURE, "inferred");
    if (is_unblock)
        rc = unblock(&m, target, pbAuthenticatingPinData, cbAuthenticatingPinData, pbTargetData,
                     cbTargetData, cRetryCount, pcAttemptsRemaining);
    else
        rc = change(&m, target, pbAuthenticatingPinData, cbAuthenticatingPinData, pbTargetData,
                    cbTargetData, cRetryCount, pcAttemptsRemaining);
    return md_leave(&m, rc);
}
