/* SPDX-License-Identifier: MIT */
/* The fake module's PIN and admin key: tried, counted, changed, unblocked. */
#include "tests/host/fake_internal.h"

#include "base/wstr.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

#define card fake_state

const uint8_t fake_admin_key[24] = { FAKE_ADMIN_KEY };

void fake_auth_clear(void)
{
    card.pin_len = strlen(FAKE_PIN);
    memcpy(card.pin, FAKE_PIN, card.pin_len);
    card.tries = card.most_tries = FAKE_TRIES;
    card.admin_len = sizeof fake_admin_key;
    memcpy(card.admin_key, fake_admin_key, sizeof fake_admin_key);
    card.admin_tries = FAKE_ADMIN_TRIES;
}

/* ---- the secrets --------------------------------------------------------------------------- */

static DWORD check_pin(const BYTE *pin, DWORD len, PDWORD left)
{
    card.user = false;
    if (card.tries == 0) {
        *left = 0;
        return SCARD_W_CHV_BLOCKED;
    }
    if (len != card.pin_len || memcmp(pin, card.pin, len) != 0) {
        *left = --card.tries;
        return SCARD_W_WRONG_CHV;
    }
    card.tries = card.most_tries;
    card.user = true;
    return SCARD_S_SUCCESS;
}

static bool pin_fits(DWORD len)
{
    return len >= 4 && len <= sizeof card.pin;
}

/* A new PIN and its tries. */
static void set_pin(const BYTE *pin, DWORD len, DWORD tries)
{
    memcpy(card.pin, pin, len);
    card.pin_len = len;
    if (tries != 0)
        card.most_tries = tries;
    card.tries = card.most_tries;
}

static const EVP_CIPHER *cipher(void)
{
    if (!card.admin_aes)
        return EVP_des_ede3_ecb();
    return card.admin_len == 16   ? EVP_aes_128_ecb()
           : card.admin_len == 24 ? EVP_aes_192_ecb()
                                  : EVP_aes_256_ecb();
}

static DWORD block_len(void)
{
    return card.admin_aes ? 16 : 8;
}

/* One block: CBC with a zero IV is ECB. */
static DWORD check_response(const BYTE *response, DWORD len, PDWORD left)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    BYTE plain[16];
    int n = 0;

    card.admin = false;
    if (card.admin_tries == 0) {
        *left = 0;
        EVP_CIPHER_CTX_free(ctx);
        return SCARD_W_CHV_BLOCKED;
    }
    EVP_DecryptInit_ex(ctx, cipher(), NULL, card.admin_key, NULL);
    EVP_CIPHER_CTX_set_padding(ctx, 0);
    if (card.challenged && len == block_len())
        EVP_DecryptUpdate(ctx, plain, &n, response, (int)len);
    EVP_CIPHER_CTX_free(ctx);
    card.admin = n != 0 && memcmp(plain, card.challenge, (size_t)n) == 0;
    card.challenged = false;
    card.admin_tries = card.admin ? FAKE_ADMIN_TRIES : card.admin_tries - 1;
    *left = card.admin_tries;
    return card.admin ? SCARD_S_SUCCESS : SCARD_W_WRONG_CHV;
}

/* ---- authentication ------------------------------------------------------------------------ */

static DWORD WINAPI authenticate_pin(PCARD_DATA data, LPWSTR user, PBYTE pin, DWORD len,
                                     PDWORD left)
{
    FAULT(FAKE_AUTHENTICATE_PIN);
    if (data->dwVersion >= 6 || !wstr_equal(user, wszCARD_USER_USER))
        return SCARD_E_INVALID_PARAMETER;
    return check_pin(pin, len, left);
}

static DWORD WINAPI authenticate_ex(PCARD_DATA data, PIN_ID role, DWORD flags, PBYTE pin,
                                    DWORD len, PBYTE *session, PDWORD session_len, PDWORD left)
{
    FAULT(FAKE_AUTHENTICATE_PIN);
    (void)data;
    (void)session;
    (void)session_len;
    if (role != ROLE_USER || flags != 0)
        return SCARD_E_INVALID_PARAMETER;
    return check_pin(pin, len, left);
}

static DWORD WINAPI get_challenge(PCARD_DATA data, PBYTE *ret, PDWORD len)
{
    DWORD drawn = card.challenge_len != 0 ? card.challenge_len : block_len();

    FAULT(FAKE_GET_CHALLENGE);
    RAND_bytes(card.challenge, sizeof card.challenge);
    card.challenged = true;
    return fake_hand_out(data, FAKE_GET_CHALLENGE, card.challenge, drawn, ret, len);
}

static DWORD WINAPI authenticate_challenge(PCARD_DATA data, PBYTE response, DWORD len,
                                           PDWORD left)
{
    FAULT(FAKE_AUTHENTICATE_CHALLENGE);
    (void)data;
    return check_response(response, len, left);
}

static DWORD WINAPI deauthenticate(PCARD_DATA data, LPWSTR user, DWORD flags)
{
    FAULT(FAKE_DEAUTHENTICATE);
    (void)data;
    (void)flags;
    if (wstr_equal(user, wszCARD_USER_USER))
        card.user = false;
    if (wstr_equal(user, wszCARD_USER_ADMIN))
        card.admin = false;
    return SCARD_S_SUCCESS;
}

static DWORD WINAPI deauthenticate_ex(PCARD_DATA data, PIN_SET pins, DWORD flags)
{
    FAULT(FAKE_DEAUTHENTICATE);
    (void)data;
    (void)flags;
    if (card.no_deauthenticate)
        return SCARD_E_UNSUPPORTED_FEATURE;
    if (IS_PIN_SET(pins, ROLE_USER))
        card.user = false;
    if (IS_PIN_SET(pins, ROLE_ADMIN))
        card.admin = false;
    return SCARD_S_SUCCESS;
}

/* ---- change and unblock -------------------------------------------------------------------- */

static DWORD change_pin(const BYTE *old, DWORD old_len, const BYTE *fresh, DWORD fresh_len,
                        DWORD tries, PDWORD left)
{
    DWORD rc;

    if (!pin_fits(fresh_len) || (tries != 0 && card.fixed_tries))
        return SCARD_E_INVALID_PARAMETER;
    rc = check_pin(old, old_len, left);
    if (rc == SCARD_S_SUCCESS)
        set_pin(fresh, fresh_len, tries);
    return rc;
}

static DWORD change_key(const BYTE *response, DWORD len, const BYTE *fresh, DWORD fresh_len,
                        DWORD tries, PDWORD left)
{
    bool fits = card.admin_aes ? fresh_len == 16 || fresh_len == 24 || fresh_len == 32
                               : fresh_len == 24;
    DWORD rc;

    if (!fits || tries != 0)
        return SCARD_E_INVALID_PARAMETER;
    rc = check_response(response, len, left);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    memcpy(card.admin_key, fresh, fresh_len);
    card.admin_len = fresh_len;
    return SCARD_S_SUCCESS;
}

static DWORD WINAPI change_authenticator(PCARD_DATA data, LPWSTR user, PBYTE old, DWORD old_len,
                                         PBYTE fresh, DWORD fresh_len, DWORD tries, DWORD flags,
                                         PDWORD left)
{
    DWORD rc = SCARD_E_INVALID_PARAMETER;

    FAULT(FAKE_CHANGE_AUTHENTICATOR);
    (void)data;
    if (old == NULL || fresh == NULL)
        return SCARD_E_INVALID_PARAMETER;
    if (wstr_equal(user, wszCARD_USER_USER) && flags == CARD_AUTHENTICATE_PIN_PIN)
        rc = change_pin(old, old_len, fresh, fresh_len, tries, left);
    if (wstr_equal(user, wszCARD_USER_ADMIN) && flags == CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE)
        rc = change_key(old, old_len, fresh, fresh_len, tries, left);
    return rc == SCARD_S_SUCCESS ? fake_finish(FAKE_CHANGE_AUTHENTICATOR) : rc;
}

static DWORD WINAPI unblock_pin(PCARD_DATA data, LPWSTR user, PBYTE secret, DWORD len, PBYTE fresh,
                                DWORD fresh_len, DWORD tries, DWORD flags)
{
    DWORD left = 0, rc = SCARD_S_SUCCESS;

    FAULT(FAKE_UNBLOCK_PIN);
    (void)data;
    if (!wstr_equal(user, wszCARD_USER_USER) || secret == NULL || len == 0 || fresh == NULL ||
        !pin_fits(fresh_len) || (tries != 0 && card.fixed_tries) ||
        flags != CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE)
        return SCARD_E_INVALID_PARAMETER;
    if (card.puk == NULL)
        rc = check_response(secret, len, &left);
    else if (len != strlen(card.puk) || memcmp(secret, card.puk, len) != 0)
        rc = SCARD_W_WRONG_CHV;
    if (rc == SCARD_S_SUCCESS)
        set_pin(fresh, fresh_len, tries);
    card.user = card.admin = card.unblock_logs_in;
    return rc == SCARD_S_SUCCESS ? fake_finish(FAKE_UNBLOCK_PIN) : rc;
}

/* As old modules, or those that do not tell. */
static DWORD WINAPI change_authenticator_ex(PCARD_DATA data, DWORD flags, PIN_ID by, PBYTE proof,
                                            DWORD len, PIN_ID target, PBYTE fresh, DWORD fresh_len,
                                            DWORD tries, PDWORD left)
{
    (void)data, (void)flags, (void)by, (void)proof, (void)len, (void)target, (void)fresh;
    (void)fresh_len, (void)tries, (void)left;
    return SCARD_E_UNSUPPORTED_FEATURE;
}

/* ---- the table ----------------------------------------------------------------------------- */

DWORD fake_pin_info(DWORD role, PBYTE ret, DWORD cap, PDWORD len)
{
    PIN_INFO info;

    if (role != ROLE_USER || card.no_pin_info || cap < sizeof info)
        return SCARD_E_INVALID_PARAMETER;
    memcpy(&info, ret, sizeof info);
    if (info.dwVersion != PIN_INFO_CURRENT_VERSION)
        return ERROR_REVISION_MISMATCH;
    info.PinCachePolicy.dwVersion = PIN_CACHE_POLICY_CURRENT_VERSION;
    info.PinCachePolicy.PinCachePolicyType = (PIN_CACHE_POLICY_TYPE)card.pin_policy;
    info.PinCachePolicy.dwPinCachePolicyInfo = card.pin_seconds;
    memcpy(ret, &info, sizeof info);
    *len = sizeof info;
    return SCARD_S_SUCCESS;
}

void fake_auth_fill(PCARD_DATA data)
{
    data->pfnCardAuthenticatePin = authenticate_pin;
    data->pfnCardGetChallenge = get_challenge;
    data->pfnCardAuthenticateChallenge = authenticate_challenge;
    data->pfnCardUnblockPin = unblock_pin;
    data->pfnCardChangeAuthenticator = change_authenticator;
    data->pfnCardDeauthenticate = card.no_deauthenticate ? NULL : deauthenticate;
    if (data->dwVersion >= 6) {
        data->pfnCardAuthenticateEx = authenticate_ex;
        data->pfnCardChangeAuthenticatorEx = change_authenticator_ex;
        data->pfnCardDeauthenticateEx = deauthenticate_ex;
    }
}
