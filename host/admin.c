/* SPDX-License-Identifier: MIT */
/*
 * The administrator: a challenge, and its encryption under the admin key as the response. A
 * challenge serves the very next command to the card [certification 3.2.2.5]: nothing may come
 * between it and the response.
 */
#include "host/host_internal.h"

#include "base/secret.h"

#include <limits.h>
#include <string.h>

#define BLOCK_3DES 8u
#define BLOCK_AES  16u

/* ---- the response -------------------------------------------------------------------------- */

/* The one cipher of a kind and a key's length; NULL: no such thing. */
static const char *cipher_name(bool aes, size_t key_len)
{
    switch (key_len) {
    case 16:
        return aes ? "AES-128-CBC" : "DES-EDE3-CBC";
    case 24:
        return aes ? "AES-192-CBC" : "DES-EDE3-CBC";
    case 32:
        return aes ? "AES-256-CBC" : NULL;
    default:
        return NULL;
    }
}

/* The key as the cipher wants it: two keys of 3DES are K1 K2 K1 [behaviour 9]. */
static size_t whole_key(const BYTE *key, size_t key_len, bool aes, BYTE ret[ADMIN_KEY_MOST])
{
    memcpy(ret, key, key_len);
    if (aes || key_len != 16)
        return key_len;
    memcpy(ret + 16, key, 8);
    return 24;
}

DWORD host_admin_response(const BYTE *key, size_t key_len, bool aes, const BYTE *challenge,
                          size_t len, BYTE *ret)
{
    static const BYTE zero_iv[BLOCK_AES];
    const char *name = cipher_name(aes, key_len);
    EVP_CIPHER *cipher;
    EVP_CIPHER_CTX *ctx;
    BYTE whole[ADMIN_KEY_MOST];
    int done = 0;
    bool ok;

    if (key == NULL || challenge == NULL || ret == NULL || name == NULL || len == 0 ||
        len % (aes ? BLOCK_AES : BLOCK_3DES) != 0 || len > INT_MAX)
        return SCARD_E_INVALID_PARAMETER;
    cipher = EVP_CIPHER_fetch(NULL, name, NULL);
    ctx = EVP_CIPHER_CTX_new();
    (void)whole_key(key, key_len, aes, whole);
    ok = cipher != NULL && ctx != NULL &&
         EVP_EncryptInit_ex2(ctx, cipher, whole, zero_iv, NULL) == 1 &&
         EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
         EVP_EncryptUpdate(ctx, ret, &done, challenge, (int)len) == 1 && (size_t)done == len;
    wipe(whole, sizeof whole);
    EVP_CIPHER_CTX_free(ctx);
    EVP_CIPHER_free(cipher);
    return ok ? SCARD_S_SUCCESS : NTE_FAIL;
}

/* ---- the challenge ------------------------------------------------------------------------- */

/* Draws a challenge into room for CHALLENGE_MOST bytes. */
static DWORD draw_challenge(struct host *host, BYTE *ret, size_t *ret_len)
{
    CARD_DATA *data = &host->data;
    BYTE *challenge = NULL;
    DWORD len = 0;
    DWORD rc = card_result(host, data->pfnCardGetChallenge(data, &challenge, &len));

    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (len == 0 || len % BLOCK_3DES != 0 || len > CHALLENGE_MOST || !csp_holds(challenge, len)) {
        rc = SCARD_E_UNEXPECTED;
    } else {
        memcpy(ret, challenge, len);
        *ret_len = len;
    }
    csp_free(challenge);
    return rc;
}

/* The interface knows 3DES only; cards with an AES key show it by a challenge of one AES block. */
static bool wants_aes(size_t challenge_len)
{
    return challenge_len == BLOCK_AES;
}

DWORD admin_answer(struct host *host, const BYTE *key, size_t key_len, struct admin_answer *ret)
{
    BYTE challenge[CHALLENGE_MOST];
    DWORD rc;

    if (key == NULL || cipher_name(true, key_len) == NULL)
        return SCARD_E_INVALID_PARAMETER;
    rc = draw_challenge(host, challenge, &ret->len);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    ret->aes = wants_aes(ret->len);
    /* a key that does not fit is told from one that is wrong: it costs no try */
    return host_admin_response(key, key_len, ret->aes, challenge, ret->len, ret->bytes);
}

DWORD host_admin_challenge(struct host *host, BYTE *challenge, size_t *len)
{
    BYTE drawn[CHALLENGE_MOST];
    size_t drawn_len = 0;
    DWORD rc;

    if (challenge == NULL || len == NULL)
        return SCARD_E_INVALID_PARAMETER;
    if (host->depth == 0)
        return SCARD_E_NOT_TRANSACTED;
    rc = draw_challenge(host, drawn, &drawn_len);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (drawn_len > *len)
        return ERROR_INSUFFICIENT_BUFFER;
    memcpy(challenge, drawn, drawn_len);
    *len = drawn_len;
    return SCARD_S_SUCCESS;
}

/* ---- roles --------------------------------------------------------------------------------- */

DWORD host_admin_respond(struct host *host, const BYTE *response, size_t len, DWORD *ret_left)
{
    DWORD left = CARD_DATA_VALUE_UNKNOWN, rc;
    CARD_DATA *data = &host->data;
    BYTE copy[CHALLENGE_MOST];

    if (ret_left != NULL)
        *ret_left = CARD_DATA_VALUE_UNKNOWN;
    if (host->depth == 0)
        return SCARD_E_NOT_TRANSACTED;
    if (response == NULL || len == 0 || len > sizeof copy)
        return SCARD_E_INVALID_PARAMETER;
    memcpy(copy, response, len);
    rc = data->pfnCardAuthenticateChallenge(data, copy, (DWORD)len, &left);
    wipe(copy, sizeof copy);
    return note_login(host, ROLE_ADMIN, rc, left, ret_left);
}

DWORD host_login_admin(struct host *host, const BYTE *key, size_t key_len, DWORD *ret_left)
{
    struct admin_answer answer;
    DWORD rc;

    if (ret_left != NULL)
        *ret_left = CARD_DATA_VALUE_UNKNOWN;
    if (host->depth == 0)
        return SCARD_E_NOT_TRANSACTED;
    rc = admin_answer(host, key, key_len, &answer);
    if (rc == SCARD_S_SUCCESS)
        rc = host_admin_respond(host, answer.bytes, answer.len, ret_left);
    wipe(&answer, sizeof answer);
    return rc;
}

/* ---- a new admin key ----------------------------------------------------------------------- */

/* cardcf does not move: nothing that anybody caches depends on the admin key. */
static DWORD change_key(struct host *host, struct admin_answer *answer, const BYTE *fresh,
                        size_t fresh_len, DWORD *ret_left)
{
    WCHAR admin[] = wszCARD_USER_ADMIN;
    DWORD left = CARD_DATA_VALUE_UNKNOWN, rc;
    CARD_DATA *data = &host->data;
    BYTE whole[ADMIN_KEY_MOST];
    size_t whole_len = whole_key(fresh, fresh_len, answer->aes, whole);

    rc = data->pfnCardChangeAuthenticator(data, admin, answer->bytes, (DWORD)answer->len, whole,
                                          (DWORD)whole_len, 0,
                                          CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE, &left);
    wipe(whole, sizeof whole);
    return note_login(host, ROLE_ADMIN, rc, left, ret_left);
}

DWORD host_admin_change_key(struct host *host, const BYTE *key, size_t key_len, const BYTE *fresh,
                            size_t fresh_len, DWORD *ret_left)
{
    struct admin_answer answer;
    DWORD rc;

    if (ret_left != NULL)
        *ret_left = CARD_DATA_VALUE_UNKNOWN;
    if (fresh == NULL || cipher_name(true, fresh_len) == NULL)
        return SCARD_E_INVALID_PARAMETER;
    rc = host_begin(host);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = admin_answer(host, key, key_len, &answer);
    if (rc == SCARD_S_SUCCESS)
        rc = change_key(host, &answer, fresh, fresh_len, ret_left);
    wipe(&answer, sizeof answer);
    host_end(host);
    return rc;
}
