/* SPDX-License-Identifier: MIT */
/* The tour, versions 6 and 7. Key injection is called with nothing in its arguments: cards with it
 * are rare, and a refusal has to keep to the same manners. */
#include "base/wstr.h"
#include "kit/bench/fixture_keys.h"
#include "kit/bench/tour.h"

#include <string.h>

#define NONE 0xFF

static void as_user(struct tour *t)
{
    be_user(t->b);
}

static bool with_admin(const struct tour *t)
{
    return t->admin;
}

static bool has_scratch(const struct tour *t)
{
    return t->scratch != NONE && t->new_spec != 0 && can_generate(t->b);
}

static PBYTE pin(const struct tour *t)
{
    return bytes_of(t->b->run->config->user_pin.bytes);
}

static DWORD pin_len(const struct tour *t)
{
    return t->b->run->config->user_pin.len;
}

/* ---- version 6 ------------------------------------------------------------------------------- */

static DWORD get_challenge(struct tour *t)
{
    PBYTE challenge = NULL;
    DWORD len = 0, rc = CALL(t->b, GetChallengeEx, &t->b->data, ROLE_ADMIN, &challenge, &len, 0);

    tour_take(t, 0, challenge, len);
    return rc;
}

static DWORD authenticate(struct tour *t)
{
    PBYTE session = NULL;
    DWORD len = 0, left = 0, rc;

    rc = CALL(t->b, AuthenticateEx, &t->b->data, ROLE_USER, 0, pin(t), pin_len(t), &session, &len,
              &left);
    tour_take(t, 0, session, len);
    return rc;
}

static DWORD change(struct tour *t)
{
    DWORD left = 0;

    return CALL(t->b, ChangeAuthenticatorEx, &t->b->data, PIN_CHANGE_FLAG_CHANGEPIN, ROLE_USER,
                pin(t), pin_len(t), ROLE_USER, pin(t), pin_len(t), 0, &left);
}

static DWORD deauthenticate(struct tour *t)
{
    return CALL(t->b, DeauthenticateEx, &t->b->data, CREATE_PIN_SET(ROLE_USER), 0);
}

static DWORD get_container_property(struct tour *t)
{
    static const WCHAR name[] = CCP_CONTAINER_INFO;
    CONTAINER_INFO info = { .dwVersion = CONTAINER_INFO_CURRENT_VERSION };
    DWORD len = 0, rc = CALL(t->b, GetContainerProperty, &t->b->data, t->sign_index, name,
                             (PBYTE)&info, sizeof(info), &len, 0);

    tour_take(t, 0, info.pbSigPublicKey, info.cbSigPublicKey);
    tour_take(t, 1, info.pbKeyExPublicKey, info.cbKeyExPublicKey);
    return rc;
}

static DWORD set_container_property(struct tour *t)
{
    static const WCHAR name[] = CCP_CONTAINER_INFO; /* not to be set */
    BYTE nothing[4] = { 0 };

    return CALL(t->b, SetContainerProperty, &t->b->data, t->sign_index, name, nothing,
                sizeof(nothing), 0);
}

/* One call for each property: what a card cannot tell it need not. */
static DWORD get_property(struct tour *t)
{
    static const struct {
        WCHAR name[40];
        DWORD flags, version; /* of the structure */
    } all[] = {
        { CP_CARD_FREE_SPACE, 0, 1 },           { CP_CARD_CAPABILITIES, 0, 1 },
        { CP_CARD_KEYSIZES, AT_SIGNATURE, 1 },  { CP_CARD_READ_ONLY, 0, 0 },
        { CP_CARD_CACHE_MODE, 0, 0 },           { CP_SUPPORTS_WIN_X509_ENROLLMENT, 0, 0 },
        { CP_CARD_SERIAL_NO, 0, 0 },            { CP_CARD_LIST_PINS, 0, 0 },
        { CP_CARD_PIN_INFO, ROLE_USER, PIN_INFO_CURRENT_VERSION },
        { CP_CARD_PIN_STRENGTH_VERIFY, ROLE_USER, 0 },
        { CP_CARD_AUTHENTICATED_STATE, 0, 0 },  { CP_CARD_GUID, 0, 0 },
    };
    DWORD rc = SCARD_S_SUCCESS;

    for (size_t i = 0; i < ARRAY(all); i++) {
        DWORD room[16] = { all[i].version }, len = 0;

        rc = CALL(t->b, GetProperty, &t->b->data, all[i].name, (PBYTE)room, sizeof(room), &len,
                  all[i].flags);
        if (rc != SCARD_S_SUCCESS && rc != SCARD_E_UNSUPPORTED_FEATURE &&
            rc != SCARD_E_INVALID_PARAMETER)
            break;
    }
    return rc;
}

static DWORD set_property(struct tour *t)
{
    static const WCHAR name[] = CP_PIN_CONTEXT_STRING, text[] = CM_WSTR("kit");

    return CALL(t->b, SetProperty, &t->b->data, name, bytes_of(text), sizeof(text), 0);
}

/* ---- version 7 ------------------------------------------------------------------------------- */

static DWORD create_container(struct tour *t)
{
    return CALL(t->b, CreateContainerEx, &t->b->data, t->scratch, CARD_CREATE_CONTAINER_KEY_GEN,
                t->new_spec, t->new_bits, NULL, ROLE_USER);
}

static void drop(struct tour *t)
{
    (void)drop_container(t->b, t->scratch);
}

static DWORD md_import(struct tour *t)
{
    CARD_KEY_HANDLE key = 0;

    return t->b->data.pfnMDImportSessionKey(&t->b->data, NULL, NULL, &key, NULL, 0);
}

static DWORD md_encrypt(struct tour *t)
{
    PCARD_ENCRYPTED_DATA out = NULL;
    DWORD count = 0;

    return t->b->data.pfnMDEncryptData(&t->b->data, 0, NULL, NULL, 0, 0, &out, &count);
}

static DWORD import_session_key(struct tour *t)
{
    CARD_KEY_HANDLE key = 0;

    return CALL(t->b, ImportSessionKey, &t->b->data, 0, NULL, NULL, NULL, &key, NULL, 0, 0);
}

static DWORD shared_key(struct tour *t)
{
    CARD_KEY_HANDLE key = 0;
    PBYTE out = NULL;
    DWORD len = 0, rc = CALL(t->b, GetSharedKeyHandle, &t->b->data, NULL, 0, &out, &len, &key);

    tour_take(t, 0, out, len);
    return rc;
}

static DWORD algorithm_property(struct tour *t)
{
    DWORD len = 0;

    return CALL(t->b, GetAlgorithmProperty, &t->b->data, NULL, NULL, NULL, 0, &len, 0);
}

static DWORD get_key_property(struct tour *t)
{
    DWORD len = 0;

    return CALL(t->b, GetKeyProperty, &t->b->data, 0, NULL, NULL, 0, &len, 0);
}

static DWORD set_key_property(struct tour *t)
{
    return CALL(t->b, SetKeyProperty, &t->b->data, 0, NULL, NULL, 0, 0);
}

static DWORD destroy_key(struct tour *t)
{
    return CALL(t->b, DestroyKey, &t->b->data, 0);
}

static DWORD process_encrypted(struct tour *t)
{
    DWORD len = 0;

    return CALL(t->b, ProcessEncryptedData, &t->b->data, 0, NULL, NULL, 0, NULL, 0, &len, 0);
}

const struct stop tour_later_stops[] = {
    { "CardGetChallengeEx", 6, with_admin, NULL, get_challenge, NULL },
    { "CardAuthenticateEx", 6, NULL, NULL, authenticate, NULL },
    { "CardChangeAuthenticatorEx", 6, NULL, NULL, change, as_user },
    { "CardDeauthenticateEx", 6, NULL, NULL, deauthenticate, as_user },
    { "CardGetContainerProperty", 6, NULL, NULL, get_container_property, NULL },
    { "CardSetContainerProperty", 6, NULL, NULL, set_container_property, NULL },
    { "CardGetProperty", 6, NULL, NULL, get_property, NULL },
    { "CardSetProperty", 6, NULL, NULL, set_property, NULL },
    { "CardCreateContainerEx", 7, has_scratch, NULL, create_container, drop },
    { "MDImportSessionKey", 7, NULL, NULL, md_import, NULL },
    { "MDEncryptData", 7, NULL, NULL, md_encrypt, NULL },
    { "CardImportSessionKey", 7, NULL, NULL, import_session_key, NULL },
    { "CardGetSharedKeyHandle", 7, NULL, NULL, shared_key, NULL },
    { "CardGetAlgorithmProperty", 7, NULL, NULL, algorithm_property, NULL },
    { "CardGetKeyProperty", 7, NULL, NULL, get_key_property, NULL },
    { "CardSetKeyProperty", 7, NULL, NULL, set_key_property, NULL },
    { "CardDestroyKey", 7, NULL, NULL, destroy_key, NULL },
    { "CardProcessEncryptedData", 7, NULL, NULL, process_encrypted, NULL },
    { .function = NULL },
};
