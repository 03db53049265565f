/* SPDX-License-Identifier: MIT */
/* Who the card takes us for. */
#include "host/host_internal.h"

#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

#define SECRET_MOST 1024u   /* bytes of a PIN, far above any card's */
#define CHALLENGE_MOST 256u /* bytes */
#define BLOCK 8u            /* of 3DES */

static bool speaks(const struct host *host, DWORD version)
{
    return host->data.dwVersion >= version;
}

/* After an attempt: what must be taken back at the end. A failure that is no plain refusal may
 * have left the card authenticated. */
static DWORD note_login(struct host *host, PIN_ID role, DWORD rc, DWORD left, DWORD *ret_left)
{
    rc = card_result(host, rc);
    if (rc == SCARD_W_WRONG_CHV || rc == SCARD_W_CHV_BLOCKED)
        CLEAR_PIN(host->roles, role);
    else if (rc != SCARD_E_INVALID_PARAMETER && rc != SCARD_E_UNSUPPORTED_FEATURE)
        SET_PIN(host->roles, role);
    if (ret_left != NULL)
        *ret_left = rc == SCARD_W_WRONG_CHV ? left : CARD_DATA_VALUE_UNKNOWN;
    return rc;
}

DWORD host_login(struct host *host, const BYTE *pin, size_t pin_len, DWORD *ret_left)
{
    WCHAR user[] = wszCARD_USER_USER;
    DWORD left = CARD_DATA_VALUE_UNKNOWN, rc;
    CARD_DATA *data = &host->data;
    BYTE *copy; /* the interface's buffer is not const: a module may format the PIN in place */

    if (ret_left != NULL)
        *ret_left = CARD_DATA_VALUE_UNKNOWN;
    if (host->depth == 0)
        return SCARD_E_NOT_TRANSACTED;
    if ((pin == NULL && pin_len != 0) || pin_len > SECRET_MOST)
        return SCARD_E_INVALID_PARAMETER;
    copy = host_copy(pin, pin_len);
    if (copy == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (speaks(host, CARD_DATA_VERSION_SIX))
        rc = data->pfnCardAuthenticateEx(data, ROLE_USER, 0, copy, (DWORD)pin_len, NULL, NULL,
                                         &left);
    else
        rc = data->pfnCardAuthenticatePin(data, user, copy, (DWORD)pin_len, &left);
    host_free(copy, pin_len);
    return note_login(host, ROLE_USER, rc, left, ret_left);
}

/* ---- the administrator: challenge and response --------------------------------------------- */

bool admin_response(const BYTE *key, size_t key_len, const BYTE *challenge, size_t len, BYTE *ret)
{
    static const BYTE zero_iv[BLOCK];
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "DES-EDE3-CBC", NULL);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    BYTE whole[24];
    int done = 0;
    bool ok = cipher != NULL && ctx != NULL && (key_len == 24 || key_len == 16);

    if (ok) {
        memcpy(whole, key, key_len);
        if (key_len == 16)
            memcpy(whole + 16, key, 8); /* two keys: K1 K2 K1 */
        ok = EVP_EncryptInit_ex2(ctx, cipher, whole, zero_iv, NULL) == 1 &&
             EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
             EVP_EncryptUpdate(ctx, ret, &done, challenge, (int)len) == 1 && (size_t)done == len;
    }
    wipe(whole, sizeof whole);
    EVP_CIPHER_CTX_free(ctx);
    EVP_CIPHER_free(cipher);
    return ok;
}

/* Draws a challenge into room for CHALLENGE_MOST bytes. */
static DWORD draw_challenge(struct host *host, BYTE *ret, DWORD *ret_len)
{
    CARD_DATA *data = &host->data;
    BYTE *challenge = NULL;
    DWORD len = 0;
    DWORD rc = card_result(host, data->pfnCardGetChallenge(data, &challenge, &len));

    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (len < BLOCK || len % BLOCK != 0 || len > CHALLENGE_MOST || !csp_holds(challenge, len)) {
        rc = SCARD_E_UNEXPECTED;
    } else {
        memcpy(ret, challenge, len);
        *ret_len = len;
    }
    csp_free(challenge);
    return rc;
}

DWORD host_login_admin(struct host *host, const BYTE *key, size_t key_len, DWORD *ret_left)
{
    BYTE challenge[CHALLENGE_MOST], response[CHALLENGE_MOST];
    DWORD len = 0, left = CARD_DATA_VALUE_UNKNOWN, rc;
    CARD_DATA *data = &host->data;

    if (ret_left != NULL)
        *ret_left = CARD_DATA_VALUE_UNKNOWN;
    if (host->depth == 0)
        return SCARD_E_NOT_TRANSACTED;
    if (key == NULL || (key_len != 24 && key_len != 16))
        return SCARD_E_INVALID_PARAMETER;
    rc = draw_challenge(host, challenge, &len);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (!admin_response(key, key_len, challenge, len, response))
        return NTE_FAIL;
    rc = data->pfnCardAuthenticateChallenge(data, response, len, &left);
    wipe(response, sizeof response);
    return note_login(host, ROLE_ADMIN, rc, left, ret_left);
}

/* ---- and back ------------------------------------------------------------------------------ */

DWORD deauthenticate(struct host *host)
{
    WCHAR user[] = wszCARD_USER_USER, admin[] = wszCARD_USER_ADMIN;
    CARD_DATA *data = &host->data;
    DWORD rc = SCARD_S_SUCCESS;

    if (host->roles == PIN_SET_NONE)
        return SCARD_S_SUCCESS;
    if (speaks(host, CARD_DATA_VERSION_SIX)) {
        rc = data->pfnCardDeauthenticateEx(data, host->roles, 0);
    } else if (data->pfnCardDeauthenticate == NULL) {
        rc = SCARD_E_UNSUPPORTED_FEATURE;
    } else {
        if (IS_PIN_SET(host->roles, ROLE_USER))
            rc = data->pfnCardDeauthenticate(data, user, 0);
        if (rc == SCARD_S_SUCCESS && IS_PIN_SET(host->roles, ROLE_ADMIN))
            rc = data->pfnCardDeauthenticate(data, admin, 0);
    }
    rc = card_result(host, rc);
    if (rc == SCARD_S_SUCCESS)
        host->roles = PIN_SET_NONE;
    return rc;
}

DWORD host_logout(struct host *host)
{
    return deauthenticate(host);
}
