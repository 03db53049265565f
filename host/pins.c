/* SPDX-License-Identifier: MIT */
/*
 * The user's PIN: changed and unblocked. The plain functions of the interface do it, in every
 * version: CardChangeAuthenticator and CardUnblockPin are mandatory slots from version 4 to 7, and
 * the scenarios of the certification document (2.5.2, 2.5.7) use them. Of what
 * CardChangeAuthenticatorEx adds one thing is needed here: how many tries a wrong PUK has left.
 */
#include "host/host_internal.h"

#include "base/secret.h"

#include <stdlib.h>

/* Two secrets in blocks of their own: the interface is not const. */
struct pair {
    BYTE *first, *second;
    size_t first_len, second_len;
};

static void pair_free(struct pair *pair)
{
    host_free(pair->first, pair->first_len);
    host_free(pair->second, pair->second_len);
}

static DWORD pair_make(const BYTE *first, size_t first_len, const BYTE *second, size_t second_len,
                       struct pair *ret)
{
    if (!secret_fits(first, first_len) || !secret_fits(second, second_len))
        return SCARD_E_INVALID_PARAMETER;
    *ret = (struct pair){ host_copy(first, first_len), host_copy(second, second_len), first_len,
                          second_len };
    if (ret->first != NULL && ret->second != NULL)
        return SCARD_S_SUCCESS;
    pair_free(ret);
    return ERROR_NOT_ENOUGH_MEMORY;
}

/* ---- change -------------------------------------------------------------------------------- */

/* As scenario 2.5.2: change, cardcf. The PIN is the new one whatever becomes of cardcf, and that
 * is what the caller must know. */
static DWORD change(struct host *host, struct pair *pins, DWORD tries, DWORD *ret_left)
{
    WCHAR user[] = wszCARD_USER_USER;
    DWORD left = CARD_DATA_VALUE_UNKNOWN, rc;
    CARD_DATA *data = &host->data;

    pin_cache_forget(host);
    rc = data->pfnCardChangeAuthenticator(data, user, pins->first, (DWORD)pins->first_len,
                                          pins->second, (DWORD)pins->second_len, tries,
                                          CARD_AUTHENTICATE_PIN_PIN, &left);
    rc = note_login(host, ROLE_USER, rc, left, ret_left);
    if (rc == SCARD_S_SUCCESS) {
        (void)cardcf_bump(host, CACHE_PINS);
        pin_policy_ask(host);
    }
    return rc;
}

DWORD host_pin_change(struct host *host, const BYTE *old, size_t old_len, const BYTE *fresh,
                      size_t fresh_len, DWORD tries, DWORD *ret_left)
{
    struct pair pins;
    DWORD rc;

    if (ret_left != NULL)
        *ret_left = CARD_DATA_VALUE_UNKNOWN;
    rc = pair_make(old, old_len, fresh, fresh_len, &pins);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = host_begin(host);
    if (rc == SCARD_S_SUCCESS) {
        rc = change(host, &pins, tries, ret_left);
        host_end(host);
    }
    pair_free(&pins);
    return rc;
}

/* ---- unblock ------------------------------------------------------------------------------- */

/* The proof is the administrator's in either function: which of his secrets it is, a response or
 * the card's PUK, finds out the module. */
static DWORD call_unblock(struct host *host, struct pair *pair, DWORD tries, bool tell,
                          DWORD *ret_left)
{
    WCHAR user[] = wszCARD_USER_USER;
    CARD_DATA *data = &host->data;
    DWORD rc = SCARD_E_UNSUPPORTED_FEATURE;

    if (tell && data->dwVersion >= CARD_DATA_VERSION_SIX)
        rc = data->pfnCardChangeAuthenticatorEx(data, PIN_CHANGE_FLAG_UNBLOCK, ROLE_ADMIN,
                                                pair->first, (DWORD)pair->first_len, ROLE_USER,
                                                pair->second, (DWORD)pair->second_len, tries,
                                                ret_left);
    if (rc != SCARD_E_UNSUPPORTED_FEATURE)
        return rc;
    return data->pfnCardUnblockPin(data, user, pair->first, (DWORD)pair->first_len, pair->second,
                                   (DWORD)pair->second_len, tries,
                                   CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE);
}

/* As scenario 2.5.7: unblock, user with the new PIN, cardcf, nobody. Nothing may come before: the
 * data may be the response to a challenge. */
static DWORD unblock(struct host *host, struct pair *data_and_pin, DWORD tries, DWORD *ret_left)
{
    struct pair *pair = data_and_pin;
    DWORD left = CARD_DATA_VALUE_UNKNOWN, rc;

    pin_cache_forget(host);
    rc = call_unblock(host, pair, tries, ret_left != NULL, &left);
    rc = note_login(host, ROLE_ADMIN, rc, left, ret_left);
    if (rc == SCARD_S_SUCCESS &&
        present_pin(host, pair->second, pair->second_len, NULL) == SCARD_S_SUCCESS)
        (void)cardcf_bump(host, CACHE_PINS);
    (void)deauthenticate(host);
    return rc;
}

static DWORD unblock_by(struct host *host, const BYTE *proof, size_t len, const BYTE *fresh,
                        size_t fresh_len, DWORD tries, DWORD *ret_left)
{
    struct pair pair;
    DWORD rc = pair_make(proof, len, fresh, fresh_len, &pair);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = host_begin(host);
    if (rc == SCARD_S_SUCCESS) {
        rc = unblock(host, &pair, tries, ret_left);
        host_end(host);
    }
    pair_free(&pair);
    return rc;
}

DWORD host_pin_unblock(struct host *host, const BYTE *response, size_t len, const BYTE *fresh,
                       size_t fresh_len, DWORD tries)
{
    return unblock_by(host, response, len, fresh, fresh_len, tries, NULL);
}

DWORD host_pin_unblock_with_puk(struct host *host, const BYTE *puk, size_t len, const BYTE *fresh,
                                size_t fresh_len, DWORD tries, DWORD *ret_left)
{
    *ret_left = CARD_DATA_VALUE_UNKNOWN;
    return unblock_by(host, puk, len, fresh, fresh_len, tries, ret_left);
}

DWORD host_pin_unblock_with_key(struct host *host, const BYTE *key, size_t key_len,
                                const BYTE *fresh, size_t fresh_len, DWORD tries)
{
    struct admin_answer answer;
    DWORD rc;

    if (!secret_fits(fresh, fresh_len))
        return SCARD_E_INVALID_PARAMETER;
    rc = host_begin(host);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = admin_answer(host, key, key_len, &answer);
    if (rc == SCARD_S_SUCCESS)
        rc = host_pin_unblock(host, answer.bytes, answer.len, fresh, fresh_len, tries);
    wipe(&answer, sizeof answer);
    host_end(host);
    return rc;
}
