/* SPDX-License-Identifier: MIT */
/* Who the card takes us for: the user, and nobody again. */
#include "host/host_internal.h"

#include <stdlib.h>
#include <string.h>

static bool speaks(const struct host *host, DWORD version)
{
    return host->data.dwVersion >= version;
}

/* A failure that is no plain refusal may have left the card authenticated. */
DWORD note_login(struct host *host, PIN_ID role, DWORD rc, DWORD left, DWORD *ret_left)
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

bool secret_fits(const BYTE *secret, size_t len)
{
    return (secret != NULL || len == 0) && len <= SECRET_MOST;
}

DWORD present_pin(struct host *host, const BYTE *pin, size_t pin_len, DWORD *ret_left)
{
    WCHAR user[] = wszCARD_USER_USER;
    DWORD left = CARD_DATA_VALUE_UNKNOWN, rc;
    CARD_DATA *data = &host->data;
    BYTE *copy = host_copy(pin, pin_len); /* not const there: a module may format it in place */

    if (copy == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (speaks(host, CARD_DATA_VERSION_SIX))
        rc = data->pfnCardAuthenticateEx(data, ROLE_USER, 0, copy, (DWORD)pin_len, NULL, NULL,
                                         &left);
    else
        rc = data->pfnCardAuthenticatePin(data, user, copy, (DWORD)pin_len, &left);
    host_free(copy, pin_len);
    rc = note_login(host, ROLE_USER, rc, left, ret_left);
    if (rc == SCARD_S_SUCCESS)
        pin_policy_ask(host);
    return rc;
}

DWORD host_login(struct host *host, const BYTE *pin, size_t pin_len, DWORD *ret_left)
{
    DWORD rc;

    if (ret_left != NULL)
        *ret_left = CARD_DATA_VALUE_UNKNOWN;
    if (host->depth == 0)
        return SCARD_E_NOT_TRANSACTED;
    if (!secret_fits(pin, pin_len))
        return SCARD_E_INVALID_PARAMETER;
    rc = present_pin(host, pin, pin_len, ret_left);
    if (rc == SCARD_S_SUCCESS)
        pin_cache_keep(host, pin, pin_len);
    return rc;
}

DWORD host_login_cached(struct host *host, DWORD *ret_left)
{
    const BYTE *pin = NULL;
    size_t len = 0;
    DWORD rc;

    if (ret_left != NULL)
        *ret_left = CARD_DATA_VALUE_UNKNOWN;
    if (host->depth == 0)
        return SCARD_E_NOT_TRANSACTED;
    if (!pin_cache_get(host, &pin, &len))
        return SCARD_W_CARD_NOT_AUTHENTICATED;
    rc = present_pin(host, pin, len, ret_left);
    if (rc != SCARD_S_SUCCESS && rc != ERROR_NOT_ENOUGH_MEMORY && !card_is_gone(rc))
        pin_cache_forget(host); /* refused: a second time would cost another try */
    return rc;
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
    else
        host->spent = true; /* host_end resets the card */
    return rc;
}

DWORD host_logout(struct host *host)
{
    if (host->depth == 0) {
        transaction_drop(host);
        return SCARD_S_SUCCESS;
    }
    return deauthenticate(host);
}
