/* SPDX-License-Identifier: MIT */
/* Versions 6 and 7. */
#include "mutation.h"

#include <string.h>

#define ODD_CODE  SCARD_F_INTERNAL_ERROR
#define BAD       SCARD_E_INVALID_PARAMETER
#define WRONG     SCARD_W_WRONG_CHV
#define NO_KEY    SCARD_E_NO_KEY_CONTAINER
#define CANNOT    SCARD_E_UNSUPPORTED_FEATURE
#define MISMATCH  ERROR_REVISION_MISMATCH
#define TOO_SMALL ERROR_INSUFFICIENT_BUFFER

/* ---- when ------------------------------------------------------------------------------------ */

static bool pin_strange(const struct call *c)
{
    return c->pin == 0 || c->pin >= MAX_PINS;
}

static bool pin_of_everyone(const struct call *c)
{
    return c->pin == ROLE_EVERYONE;
}

static bool pin_of_low_byte(const struct call *c)
{
    return c->pin == (0x100 | ROLE_USER);
}

static bool set_strange(const struct call *c)
{
    return c->pin > PIN_SET_ALL_ROLES;
}

static bool change_flags_bad(const struct call *c)
{
    const DWORD flags_given = c->flags & ~CARD_PIN_SILENT_CONTEXT;

    return flags_given != PIN_CHANGE_FLAG_UNBLOCK && flags_given != PIN_CHANGE_FLAG_CHANGEPIN;
}

static bool no_property(const struct call *c)
{
    return c->property == NULL;
}

static bool property_unknown(const struct call *c)
{
    return c->property != NULL && c->property[0] == 'N' && c->property[1] == 'o';
}

static bool room_small(const struct call *c)
{
    return c->info != NULL && c->room == 1;
}

static bool property_version_high(const struct call *c)
{
    return c->info != NULL && c->room >= sizeof(DWORD) && *(DWORD *)c->info > 7;
}

/* Which property. */
#define PROPERTY(name_, string)                                           \
    static bool name_(const struct call *c)                               \
    {                                                                     \
        static const WCHAR name[] = string;                               \
        size_t i = 0;                                                     \
                                                                          \
        if (c->data == NULL || c->property == NULL)                       \
            return false;                                                 \
        while (i + 1 < ARRAY(name) && c->property[i] == name[i])          \
            i++;                                                          \
        return i + 1 == ARRAY(name) && c->property[i] == 0;               \
    }
PROPERTY(free_space, CP_CARD_FREE_SPACE)
PROPERTY(capabilities, CP_CARD_CAPABILITIES)
PROPERTY(key_sizes, CP_CARD_KEYSIZES)
PROPERTY(cache_mode, CP_CARD_CACHE_MODE)
PROPERTY(guid, CP_CARD_GUID)
PROPERTY(pin_info, CP_CARD_PIN_INFO)
PROPERTY(strength, CP_CARD_PIN_STRENGTH_VERIFY)
PROPERTY(state, CP_CARD_AUTHENTICATED_STATE)
PROPERTY(container_info, CCP_CONTAINER_INFO)
PROPERTY(pin_of_key, CCP_PIN_IDENTIFIER)

static bool silent(const struct call *c)
{
    return c->data != NULL && (c->flags & CARD_PIN_SILENT_CONTEXT) != 0;
}

static bool session(const struct call *c)
{
    return c->data != NULL && (c->flags & CARD_AUTHENTICATE_GENERATE_SESSION_PIN) != 0;
}

static bool changes(const struct call *c)
{
    return c->data != NULL && c->flags == PIN_CHANGE_FLAG_CHANGEPIN && c->in != NULL;
}

static bool unblocks(const struct call *c)
{
    return c->data != NULL && c->flags == PIN_CHANGE_FLAG_UNBLOCK;
}

static bool window_of_a_byte(const struct call *c)
{
    return c->data != NULL && c->in != NULL && c->in_len > 2 * sizeof(HWND);
}

static bool made_before(const struct call *c)
{
    return c->data != NULL && calls_of(fn_CardCreateContainerEx) != 0;
}

static bool neither_way(const struct call *c)
{
    return c->data != NULL && c->flags != CARD_CREATE_CONTAINER_KEY_GEN &&
           c->flags != CARD_CREATE_CONTAINER_KEY_IMPORT;
}

static bool not_users(const struct call *c)
{
    return c->data != NULL && c->pin != ROLE_USER;
}

/* ---- what ------------------------------------------------------------------------------------ */

/* Other bits of the value, at that byte. */
static DWORD turn_value(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);

    if (rc == SCARD_S_SUCCESS)
        ((BYTE *)c->info)[m->a] ^= (BYTE)m->b;
    return rc;
}

static DWORD turn_key(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);
    CONTAINER_INFO info;

    (void)m;
    if (rc != SCARD_S_SUCCESS)
        return rc;
    memcpy(&info, c->info, sizeof(info));
    if (info.pbSigPublicKey != NULL)
        info.pbSigPublicKey[info.cbSigPublicKey - 1] ^= 1;
    return rc;
}

/* Making a session PIN must not open the card; nor refusing to. */
static DWORD open_by_the_way(struct call *c, const struct mutation *m)
{
    const DWORD given = c->flags;

    (void)m;
    c->flags = 0;
    (void)invoke(c);
    c->flags = given;
    return CANNOT;
}

/* A function of version 7 is missing. */
static DWORD drop_version_7(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);

    (void)m;
    if (rc == SCARD_S_SUCCESS && c->data->dwVersion >= CARD_DATA_VERSION_SEVEN)
        c->data->pfnCardDestroyKey = NULL;
    return rc;
}

/* One of the functions of key injection: pCardData NULL, and with one. */
#define INJECTION(id, function)                                       \
    BREAK(id ".1", "in-words-only", function, has_data, ANSWERS(0)), \
    BREAK(id ".E1", "accepted", function, no_data, ANSWERS(0))

static const struct mutation lines[] = {
    /* CardAuthenticateEx */
    BREAK("V6.1.1", "in-words-only", CardAuthenticateEx, has_data, ANSWERS(0),
          MAY_SPREAD("V6", "whatever authenticates")),
    BREAK("V6.1.1", "not-silently", CardAuthenticateEx, silent, ANSWERS(BAD)),
    BREAK("V6.1.2", "code", CardAuthenticateEx, has_data, RECODES(CANNOT, ODD_CODE)),
    BREAK("V6.1.2", "opens", CardAuthenticateEx, session, DOES(open_by_the_way)),
    BREAK("V6.1.3", "in-words-only", CardGetProperty, pin_info, DOES(turn_value), .a = 4,
          .b = ExternalPinType, MAY_SPREAD("V6.6.6", "the admin's type is another one as well")),
    BREAK("V6.1.X1", "slow-once", CardAuthenticateEx, has_data, SLOW_ONCE_IN_TEN(800)),
    BREAK("V6.1.X2", "slow", CardAuthenticateEx, has_data, SLOW(740)),
    BREAK("V6.1.E1", "accepted", CardAuthenticateEx, no_data, ANSWERS(0)),
    BREAK("V6.1.E2", "code", CardAuthenticateEx, pin_strange, ANSWERS(ODD_CODE)),
    BREAK("V6.1.E2", "everyone", CardAuthenticateEx, pin_of_everyone, ANSWERS(0)),
    BREAK("V6.1.E2", "low-byte", CardAuthenticateEx, pin_of_low_byte, ANSWERS(0)),
    BREAK("V6.1.E3", "accepted", CardAuthenticateEx, no_in, ANSWERS(0)),
    BREAK("V6.1.E4", "accepted", CardAuthenticateEx, flags, DOES(what_flags_to_zero)),
    BREAK("V6.1.E5", "accepted", CardAuthenticateEx, in_empty, ANSWERS(0)),
    BREAK("V6.1.E8", "accepted", CardAuthenticateEx, has_data, RECODES(WRONG, 0)),
    BREAK("V6.1.E9", "code", CardAuthenticateEx, has_data, RECODES(SCARD_W_CHV_BLOCKED, WRONG)),
    /* CardGetChallengeEx */
    BREAK("V6.2.1", "bit", CardGetChallengeEx, has_data, DOES(what_turn_bit),
          MAY_SPREAD("V6.3.1 V6.4.2", "whatever needs the admin")),
    BREAK("V6.2.E1", "crash", CardGetChallengeEx, no_data, CRASHES),
    BREAK("V6.2.E2", "accepted", CardGetChallengeEx, no_out, ANSWERS(0)),
    BREAK("V6.2.E3", "accepted", CardGetChallengeEx, no_out_len, ANSWERS(0)),
    BREAK("V6.2.E4", "code", CardGetChallengeEx, pin_strange, ANSWERS(ODD_CODE)),
    BREAK("V6.2.E4", "everyone", CardGetChallengeEx, pin_of_everyone, ANSWERS(0)),
    BREAK("V6.2.E5", "accepted", CardGetChallengeEx, flags, DOES(what_flags_to_zero)),
    /* CardDeauthenticateEx */
    BREAK("V6.3.1", "in-words-only", CardDeauthenticateEx, has_data, ANSWERS(0)),
    BREAK("V6.3.E1", "accepted", CardDeauthenticateEx, no_data, ANSWERS(0)),
    BREAK("V6.3.E2", "accepted", CardDeauthenticateEx, flags, DOES(what_flags_to_zero)),
    BREAK("V6.3.E3", "accepted", CardDeauthenticateEx, set_strange, ANSWERS(0)),
    /* CardChangeAuthenticatorEx */
    BREAK("V6.4.1", "in-words-only", CardChangeAuthenticatorEx, changes, ANSWERS(0)),
    BREAK("V6.4.2", "in-words-only", CardChangeAuthenticatorEx, unblocks, ANSWERS(0)),
    BREAK("V6.4.E1", "crash", CardChangeAuthenticatorEx, no_data, CRASHES),
    BREAK("V6.4.E2", "accepted", CardChangeAuthenticatorEx, change_flags_bad, ANSWERS(0)),
    BREAK("V6.4.E3", "code", CardChangeAuthenticatorEx, pin_strange, ANSWERS(ODD_CODE)),
    BREAK("V6.4.E3", "everyone", CardChangeAuthenticatorEx, pin_of_everyone, ANSWERS(0)),
    BREAK("V6.4.E4", "accepted", CardChangeAuthenticatorEx, no_in, ANSWERS(0)),
    BREAK("V6.4.E5", "accepted", CardChangeAuthenticatorEx, no_fresh, ANSWERS(0)),
    BREAK("V6.4.E7", "short", CardChangeAuthenticatorEx, fresh_short, ANSWERS(0)),
    BREAK("V6.4.E7", "long", CardChangeAuthenticatorEx, fresh_long, ANSWERS(ODD_CODE)),
    BREAK("V6.4.E8", "accepted", CardChangeAuthenticatorEx, tries_high, ANSWERS(0)),
    BREAK("V6.4.E10", "accepted", CardChangeAuthenticatorEx, has_data, RECODES(WRONG, 0)),
    /* CardGetContainerProperty */
    BREAK("V6.5.1", "bit", CardGetContainerProperty, container_info, DOES(turn_key)),
    BREAK("V6.5.2", "no-such-pin", CardGetContainerProperty, pin_of_key, DOES(turn_value),
          .b = 6, MAY_SPREAD("V6.8.1", "it sets what it got")),
    BREAK("V6.5.E1", "accepted", CardGetContainerProperty, no_data, ANSWERS(0)),
    BREAK("V6.5.E2", "crash", CardGetContainerProperty, no_property, CRASHES),
    BREAK("V6.5.E3", "accepted", CardGetContainerProperty, no_info, ANSWERS(0)),
    BREAK("V6.5.E4", "accepted", CardGetContainerProperty, no_out_len, ANSWERS(0)),
    BREAK("V6.5.E5", "accepted", CardGetContainerProperty, flags, DOES(what_flags_to_zero)),
    BREAK("V6.5.E6", "code", CardGetContainerProperty, property_unknown, ANSWERS(ODD_CODE)),
    BREAK("V6.5.E7", "code", CardGetContainerProperty, has_data, RECODES(NO_KEY, BAD)),
    BREAK("V6.5.E8", "accepted", CardGetContainerProperty, room_small, RECODES(TOO_SMALL, 0)),
    BREAK("V6.5.E9", "accepted", CardGetContainerProperty, property_version_high,
          RECODES(MISMATCH, 0)),
    /* CardGetProperty */
    BREAK("V6.6.1", "other", CardGetProperty, free_space, DOES(turn_value), .a = 4, .b = 1),
    BREAK("V6.6.2", "other", CardGetProperty, capabilities, DOES(turn_value), .a = 8, .b = 1),
    BREAK("V6.6.3", "other", CardGetProperty, key_sizes, DOES(turn_value), .a = 8, .b = 8),
    BREAK("V6.6.4", "strange", CardGetProperty, cache_mode, DOES(turn_value), .b = 8),
    BREAK("V6.6.5", "other", CardGetProperty, guid, DOES(turn_value), .b = 8),
    BREAK("V6.6.6", "strangers", CardGetProperty, pin_info, DOES(turn_value), .a = 12, .b = 0x40),
    BREAK("V6.6.7", "none", CardGetProperty, strength, DOES(turn_value), .b = 1),
    BREAK("V6.6.8", "the-wrong-way", CardGetProperty, state, DOES(turn_value),
          .b = CREATE_PIN_SET(ROLE_USER),
          MAY_SPREAD("V6.1.1 V6.1.2 V6.3.1 V6.4", "whatever asks who is there")),
    BREAK("V6.6.X1", "slow-once", CardGetProperty, has_data, SLOW_ONCE_IN_TEN(7100)),
    BREAK("V6.6.X2", "slow", CardGetProperty, has_data, SLOW(6500)),
    BREAK("V6.6.E1", "crash", CardGetProperty, no_data, CRASHES),
    BREAK("V6.6.E2", "accepted", CardGetProperty, no_property, ANSWERS(0)),
    BREAK("V6.6.E3", "accepted", CardGetProperty, no_info, ANSWERS(0)),
    BREAK("V6.6.E4", "accepted", CardGetProperty, no_out_len, ANSWERS(0)),
    BREAK("V6.6.E5", "accepted", CardGetProperty, property_unknown, ANSWERS(0)),
    BREAK("V6.6.E6", "accepted", CardGetProperty, flags, DOES(what_flags_to_zero)),
    BREAK("V6.6.E7", "code", CardGetProperty, room_small, RECODES(TOO_SMALL, BAD)),
    BREAK("V6.6.E8", "accepted", CardGetProperty, property_version_high, RECODES(MISMATCH, 0)),
    /* CardSetProperty */
    BREAK("V6.7.1", "refused", CardSetProperty, has_data, RECODES(0, CANNOT)),
    BREAK("V6.7.2", "accepted", CardSetProperty, has_data, RECODES(CANNOT, 0)),
    BREAK("V6.7.E1", "accepted", CardSetProperty, no_data, ANSWERS(0)),
    BREAK("V6.7.E2", "crash", CardSetProperty, no_property, CRASHES),
    BREAK("V6.7.E3", "accepted", CardSetProperty, no_in, ANSWERS(0)),
    BREAK("V6.7.E4", "accepted", CardSetProperty, flags, DOES(what_flags_to_zero)),
    BREAK("V6.7.E5", "accepted", CardSetProperty, property_unknown, RECODES(CANNOT, 0)),
    BREAK("V6.7.E8", "accepted", CardSetProperty, window_of_a_byte, ANSWERS(0)),
    /* CardSetContainerProperty */
    BREAK("V6.8.1", "code", CardSetContainerProperty, has_data, ANSWERS(ODD_CODE)),
    BREAK("V6.8.E1", "accepted", CardSetContainerProperty, no_data, ANSWERS(0)),
    BREAK("V6.8.E2 V6.8.E3 V6.8.E4 V6.8.E5 V6.8.E7 V6.8.E8 V6.8.E10", "anything",
          CardSetContainerProperty, has_data, ANSWERS(0)),
    /* version 7 */
    BREAK("V7.1.1", "pointer-missing", CardAcquireContext, has_data, DOES(drop_version_7),
          MAY_SPREAD("CMR.3.1.1.2", "it says the same of all versions")),
    BREAK("V7.2.1", "in-words-only", CardCreateContainerEx, has_data, ANSWERS(0)),
    BREAK("V7.2.2", "kept", CardCreateContainerEx, made_before, ANSWERS(0)),
    BREAK("V7.2.E1", "accepted", CardCreateContainerEx, no_data, ANSWERS(0)),
    BREAK("V7.2.E2", "accepted", CardCreateContainerEx, neither_way, ANSWERS(0)),
    BREAK("V7.2.E3", "accepted", CardCreateContainerEx, not_users, ANSWERS(0)),
    BREAK("V7.2.E4", "accepted", CardCreateContainerEx, has_data,
          RECODES(SCARD_W_SECURITY_VIOLATION, 0)),
    INJECTION("V7.3", MDImportSessionKey),
    INJECTION("V7.4", MDEncryptData),
    INJECTION("V7.5", CardImportSessionKey),
    INJECTION("V7.6", CardGetKeyProperty),
    INJECTION("V7.7", CardSetKeyProperty),
    INJECTION("V7.8", CardGetAlgorithmProperty),
    INJECTION("V7.9", CardGetSharedKeyHandle),
    INJECTION("V7.10", CardDestroyKey),
    INJECTION("V7.11", CardProcessEncryptedData),
};

const struct table later_table = { lines, ARRAY(lines) };
