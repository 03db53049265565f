/* SPDX-License-Identifier: MIT */
/* Functions of version 6. The document stops at version 5: ids are ours, the order of checks is
 * inferred from the sister functions and from what drivers do, so it is said, not judged. */
#include "kit/bench/faults.h"
#include "kit/bench/timing.h"
#include "kit/bench/variants.h"
#include "kit/groups.h"
#include "kit/rows/containers.h"
#include "kit/rows/version_6.h"

#include <string.h>

#define INVALID SCARD_E_INVALID_PARAMETER
#define CANNOT  SCARD_E_UNSUPPORTED_FEATURE

#define V6_ROW(id_, words_, codes_, ...)                                                \
    {                                                                                   \
        .id = id_, .words = words_, .test = error_row, .faults = { __VA_ARGS__ },       \
        .codes = codes_, .versions = SINCE_6, .advisory = true              \
    }

/* Everyone is no PIN; nor are numbers whose low byte is one. */
static void vary_pin(struct args *a, DWORD value)
{
    a->pin = value;
}

static void each_bad_id(struct run *r)
{
    static const DWORD ids[] = { ROLE_EVERYONE, MAX_PINS + 1, 0x101, 0x80000001, 0xFFFFFFFF };

    refuses_each(r, vary_pin, ids, ARRAY(ids), INVALID, INVALID);
    error_row(r);
}

#define V6_IDS(id_, words_)                                                             \
    {                                                                                   \
        .id = id_, .words = words_, .test = each_bad_id, .faults = { BAD_PIN_ID },      \
        .codes = { INVALID }, .versions = KIT_V(6) | KIT_V(7), .advisory = true         \
    }

static void want_user(struct args *a)
{
    a->pin = ROLE_USER;
}

/* ---- CardAuthenticateEx -------------------------------------------------------------------------- */

static DWORD authenticate(struct args *a)
{
    return CALL(a->b, AuthenticateEx, a->data, a->pin, a->flags, a->in, a->in_len, NULL, NULL,
                &a->left);
}

static const struct subject authenticating = { .call = authenticate, .good = want_user,
                                               .moves_roles = true };

static const struct requirement authenticate_rows[] = {
    V6_ROW("V6.1.E1", "CardAuthenticateEx refuses pCardData NULL", CODES(INVALID), NO_DATA),
    V6_IDS("V6.1.E2", "... a PIN number that the card does not have"),
    V6_ROW("V6.1.E3", "... no PIN, of a PIN that is typed", CODES(INVALID), NO_IN),
    V6_ROW("V6.1.E4", "... flags that there are not", CODES(INVALID), FLAGS),
    V6_ROW("V6.1.E5", "... lengths that no PIN has", CODES(INVALID, SCARD_W_WRONG_CHV), IN_EMPTY,
           IN_LONG, IN_ENDLESS),
    V6_ROW("V6.1.E8", "... a wrong PIN", CODES(SCARD_W_WRONG_CHV), IN_WRONG),
    ROW("V6.1.E9", "... any PIN, when wrong ones have blocked it: SCARD_W_CHV_BLOCKED",
        pin_ex_blocks, .versions = KIT_V(6), .advisory = true),
};

/* ---- CardGetChallengeEx -------------------------------------------------------------------------- */

static DWORD challenge(struct args *a)
{
    return CALL(a->b, GetChallengeEx, a->data, a->pin, a->out, a->out_len, a->flags);
}

static void want_admin(struct args *a)
{
    a->pin = ROLE_ADMIN;
}

static const struct subject challenging = { .call = challenge, .good = want_admin };

static const struct requirement challenge_rows[] = {
    V6_ROW("V6.2.E1", "CardGetChallengeEx refuses pCardData NULL", CODES(INVALID), NO_DATA),
    V6_ROW("V6.2.E2", "... no place for the challenge", CODES(INVALID), NO_OUT),
    V6_ROW("V6.2.E3", "... no place for its length", CODES(INVALID), NO_OUT_LEN),
    V6_IDS("V6.2.E4", "... a PIN number that the card does not have"),
    V6_ROW("V6.2.E5", "... flags", CODES(INVALID), FLAGS),
};

/* ---- CardDeauthenticateEx ------------------------------------------------------------------------ */

static DWORD deauthenticate(struct args *a)
{
    return CALL(a->b, DeauthenticateEx, a->data, a->pin, a->flags);
}

static void want_set(struct args *a)
{
    a->pin = CREATE_PIN_SET(ROLE_USER);
}

static bool spoil_set(struct args *a, enum fault fault)
{
    if (fault == BAD_PIN_ID)
        a->pin = 0x100;
    return fault == BAD_PIN_ID;
}

static const struct subject deauthenticating = { .call = deauthenticate, .good = want_set,
                                                 .spoil = spoil_set, .moves_roles = true };

static const struct requirement deauthenticate_rows[] = {
    V6_ROW("V6.3.E1", "CardDeauthenticateEx refuses pCardData NULL", CODES(INVALID), NO_DATA),
    V6_ROW("V6.3.E2", "... flags", CODES(INVALID), FLAGS),
    V6_ROW("V6.3.E3", "... a set with bits that no PIN has", CODES(INVALID), BAD_PIN_ID),
};

/* ---- CardChangeAuthenticatorEx ------------------------------------------------------------------- */

static DWORD change(struct args *a)
{
    return CALL(a->b, ChangeAuthenticatorEx, a->data, a->flags, a->pin, a->in, a->in_len, a->pin,
                a->fresh, a->fresh_len, a->tries, &a->left);
}

static void want_change(struct args *a)
{
    a->flags = PIN_CHANGE_FLAG_CHANGEPIN;
    a->fresh = bytes_of(a->b->run->config->user_pin.bytes);
    a->fresh_len = a->b->run->config->user_pin.len;
}

static const struct subject changing = { .call = change, .good = want_change,
                                         .moves_roles = true };

static const struct requirement change_rows[] = {
    V6_ROW("V6.4.E1", "CardChangeAuthenticatorEx refuses pCardData NULL", CODES(INVALID), NO_DATA),
    V6_ROW("V6.4.E2", "... flags that there are not", CODES(INVALID), FLAGS),
    V6_IDS("V6.4.E3", "... a PIN number that the card does not have"),
    V6_ROW("V6.4.E4", "... no old PIN", CODES(INVALID), NO_IN),
    V6_ROW("V6.4.E5", "... no new PIN", CODES(INVALID), NO_FRESH),
    V6_ROW("V6.4.E7", "... lengths that no new PIN has", CODES(INVALID), FRESH_SHORT, FRESH_LONG),
    V6_ROW("V6.4.E8", "... tries that cannot be counted", CODES(INVALID), TRIES_HIGH),
    V6_ROW("V6.4.E10", "... a wrong old PIN", CODES(SCARD_W_WRONG_CHV), IN_WRONG),
};

/* ---- CardGetContainerProperty, CardGetProperty ---------------------------------------------------- */

static DWORD container_property(struct args *a)
{
    return CALL(a->b, GetContainerProperty, a->data, a->index, a->property, a->info, a->room,
                a->out_len, a->flags);
}

static void want_container_info(struct args *a)
{
    static WCHAR name[] = CCP_CONTAINER_INFO;

    a->property = name;
    a->index = fixture_key(a->b, need_fixture_key(a->b));
    a->room = sizeof(CONTAINER_INFO);
}

static bool spoil_property(struct args *a, enum fault fault)
{
    static WCHAR unknown[] = CM_WSTR("No such property"), empty[] = { 0 }, longest[1024];

    for (size_t i = 0; i + 1 < ARRAY(longest); i++)
        longest[i] = 'P';
    if (fault == NO_NAME)
        a->property = NULL;
    else if (fault == MISSING_NAME)
        a->property = unknown;
    else if (fault == EMPTY_NAME)
        a->property = empty;
    else if (fault == LONG_NAME)
        a->property = longest;
    return fault == NO_NAME || fault == MISSING_NAME || fault == EMPTY_NAME || fault == LONG_NAME;
}

static void need_key(struct bench *b)
{
    (void)need_fixture_key(b);
}

static const struct subject asking_container = { .call = container_property,
                                                 .good = want_container_info,
                                                 .spoil = spoil_property, .prepare = need_key };

static const struct requirement container_property_rows[] = {
    V6_ROW("V6.5.E1", "CardGetContainerProperty refuses pCardData NULL", CODES(INVALID), NO_DATA),
    V6_ROW("V6.5.E2", "... no name", CODES(INVALID), NO_NAME),
    V6_ROW("V6.5.E3", "... no place for the value", CODES(INVALID), NO_INFO),
    V6_ROW("V6.5.E4", "... no place for its length", CODES(INVALID), NO_OUT_LEN),
    V6_ROW("V6.5.E5", "... flags", CODES(INVALID), FLAGS),
    V6_ROW("V6.5.E6", "... a name that there is not, an empty one, a very long one",
           CODES(INVALID), MISSING_NAME, EMPTY_NAME, LONG_NAME),
    V6_ROW("V6.5.E7", "... a container that there is not", CODES(SCARD_E_NO_KEY_CONTAINER),
           NO_INDEX, EMPTY_INDEX),
    V6_ROW("V6.5.E8", "... too little room",
           CODES(ERROR_INSUFFICIENT_BUFFER, SCARD_E_INSUFFICIENT_BUFFER), SMALL_ROOM),
    V6_ROW("V6.5.E9", "... a structure of a version too high", CODES(ERROR_REVISION_MISMATCH),
           VERSION_HIGH),
};

static DWORD property(struct args *a)
{
    return CALL(a->b, GetProperty, a->data, a->property, a->info, a->room, a->out_len, a->flags);
}

static void want_capabilities(struct args *a)
{
    static WCHAR name[] = CP_CARD_CAPABILITIES;

    a->property = name;
    a->room = sizeof(CARD_CAPABILITIES);
}

static const struct subject asking = { .call = property, .good = want_capabilities,
                                       .spoil = spoil_property };

#define BAD_FLAG 0x80u /* no PIN and no kind of key either */

/* Each, with the flags that are right for it. */
static const struct {
    WCHAR name[40];
    DWORD flags, version; /* of the structure; else it does not matter */
} properties[] = {
    { CP_CARD_FREE_SPACE, 0, 1 },
    { CP_CARD_CAPABILITIES, 0, 1 },
    { CP_CARD_KEYSIZES, AT_SIGNATURE, 1 },
    { CP_CARD_READ_ONLY, 0, 0 },
    { CP_CARD_CACHE_MODE, 0, 0 },
    { CP_SUPPORTS_WIN_X509_ENROLLMENT, 0, 0 },
    { CP_CARD_GUID, 0, 0 },
    { CP_CARD_SERIAL_NO, 0, 0 },
    { CP_CARD_PIN_INFO, ROLE_USER, PIN_INFO_CURRENT_VERSION },
    { CP_CARD_LIST_PINS, 0, 0 },
    { CP_CARD_AUTHENTICATED_STATE, 0, 0 },
    { CP_CARD_PIN_STRENGTH_VERIFY, ROLE_USER, 0 },
    { CP_CARD_PIN_STRENGTH_CHANGE, ROLE_USER, 0 },
    { CP_CARD_PIN_STRENGTH_UNBLOCK, ROLE_USER, 0 },
};

static DWORD get(struct bench *b, size_t i, DWORD flags)
{
    DWORD room[16] = { properties[i].version }, len = 0;

    return CALL(b, GetProperty, &b->data, properties[i].name, (PBYTE)room, sizeof(room), &len,
                flags);
}

/* Of one that the card cannot tell, the code for that will do. */
static void refuses_flags_of_each(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    for (size_t i = 0; i < ARRAY(properties); i++) {
        DWORD rc = get(&b, i, BAD_FLAG);

        if (rc != INVALID && !(rc == CANNOT && get(&b, i, properties[i].flags) == CANNOT))
            run_fail(r, kit_code(INVALID), "%s, of the property in place %zu, given flags %02X",
                     kit_code(rc), i, BAD_FLAG);
    }
    bench_close(&b);
    error_row(r);
}

static const struct requirement property_rows[] = {
    V6_ROW("V6.6.E1", "CardGetProperty refuses pCardData NULL", CODES(INVALID), NO_DATA),
    V6_ROW("V6.6.E2", "... no name", CODES(INVALID), NO_NAME),
    V6_ROW("V6.6.E3", "... no place for the value", CODES(INVALID), NO_INFO),
    V6_ROW("V6.6.E4", "... no place for its length", CODES(INVALID), NO_OUT_LEN),
    V6_ROW("V6.6.E5", "... a name that there is not, an empty one, a very long one",
           CODES(INVALID, CANNOT), MISSING_NAME, EMPTY_NAME, LONG_NAME),
    { .id = "V6.6.E6", .words = "... flags that the property does not know, of each property",
      .test = refuses_flags_of_each, .faults = { FLAGS }, .codes = { INVALID }, .versions = SINCE_6,
      .advisory = true },
    V6_ROW("V6.6.E7", "... too little room",
           CODES(ERROR_INSUFFICIENT_BUFFER, SCARD_E_INSUFFICIENT_BUFFER), SMALL_ROOM),
    V6_ROW("V6.6.E8", "... a structure of a version too high", CODES(ERROR_REVISION_MISMATCH),
           VERSION_HIGH),
};

/* Limits that the closed tool uses, in milliseconds. */
#define GET_LONGEST 7000
#define GET_AVERAGE 6000

static void get_free_space(struct bench *b)
{
    static WCHAR name[] = CP_CARD_FREE_SPACE;
    CARD_FREE_SPACE_INFO info = { .dwVersion = CARD_FREE_SPACE_INFO_CURRENT_VERSION };
    DWORD len = 0;

    NEED(b->run, CALL(b, GetProperty, &b->data, name, (PBYTE)&info, sizeof(info), &len, 0));
}

static void property_longest(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    longest_within(r, &b, get_free_space, GET_LONGEST);
}

static void property_average(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    average_within(r, &b, get_free_space, GET_AVERAGE);
}

static const struct requirement property_pace[] = {
    ROW("V6.6.X1", "CardGetProperty takes at most 7 seconds", property_longest,
        .versions = KIT_V(6) | KIT_V(7)),
    ROW("V6.6.X2", "... 6 on the average", property_average, .versions = KIT_V(6) | KIT_V(7)),
};

/* ---- CardSetProperty, CardSetContainerProperty ----------------------------------------------------- */

static DWORD set_property(struct args *a)
{
    return CALL(a->b, SetProperty, a->data, a->property, a->in, a->in_len, a->flags);
}

static void want_window(struct args *a)
{
    static WCHAR name[] = CP_PARENT_WINDOW;

    a->property = name;
    memset(a->bytes, 0, sizeof(a->bytes));
    a->in_len = sizeof(HWND);
}

static const struct subject setting = { .call = set_property, .good = want_window,
                                        .spoil = spoil_property };

static const struct requirement set_property_errors[] = {
    V6_ROW("V6.7.E1", "CardSetProperty refuses pCardData NULL", CODES(INVALID), NO_DATA),
    V6_ROW("V6.7.E2", "... no name", CODES(INVALID), NO_NAME),
    V6_ROW("V6.7.E3", "... no value", CODES(INVALID), NO_IN),
    V6_ROW("V6.7.E4", "... flags", CODES(INVALID), FLAGS),
    V6_ROW("V6.7.E5", "... a name that there is not, an empty one, a very long one",
           CODES(CANNOT, INVALID), MISSING_NAME, EMPTY_NAME, LONG_NAME),
    V6_ROW("V6.7.E8", "... a value of another length", CODES(INVALID), IN_EMPTY, IN_SHORT, IN_LONG),
};

static DWORD set_container(struct args *a)
{
    return CALL(a->b, SetContainerProperty, a->data, a->index, a->property, a->in, a->in_len,
                a->flags);
}

static void want_pin_of_key(struct args *a)
{
    static WCHAR name[] = CCP_PIN_IDENTIFIER;

    a->property = name;
    a->index = fixture_key(a->b, AT_SIGNATURE);
    memset(a->bytes, 0, sizeof(a->bytes));
    a->bytes[0] = ROLE_USER;
    a->in_len = sizeof(PIN_ID);
}

static const struct subject setting_container = { .call = set_container, .good = want_pin_of_key,
                                                  .spoil = spoil_property, .prepare = need_rsa };

/* Who sets no such property says so to everything. */
static const struct requirement set_container_errors[] = {
    V6_ROW("V6.8.E1", "CardSetContainerProperty refuses pCardData NULL", CODES(INVALID), NO_DATA),
    V6_ROW("V6.8.E2", "... no name", CODES(INVALID, CANNOT), NO_NAME),
    V6_ROW("V6.8.E3", "... no value", CODES(INVALID, CANNOT), NO_IN),
    V6_ROW("V6.8.E4", "... flags", CODES(INVALID, CANNOT), FLAGS),
    V6_ROW("V6.8.E5", "... a name that there is not", CODES(INVALID, CANNOT), MISSING_NAME,
           EMPTY_NAME, LONG_NAME),
    V6_ROW("V6.8.E7", "... a container that there is not", CODES(SCARD_E_NO_KEY_CONTAINER, CANNOT),
           NO_INDEX, EMPTY_INDEX),
    V6_ROW("V6.8.E8", "... a value of another length", CODES(INVALID, CANNOT), IN_EMPTY, IN_SHORT,
           IN_LONG),
    V6_ROW("V6.8.E10", "... nobody authenticated", CODES(SCARD_W_SECURITY_VIOLATION, CANNOT),
           AS_NOBODY),
};

#define WELL(n, function, kind, rows) { n, function, kind, NULL, rows, ARRAY(rows) }
#define SECTION(n, function, subject, rows) { n, function, KIT_ERROR, &subject, rows, ARRAY(rows) }

static const struct section sections[] = {
    WELL("V6.1", "CardAuthenticateEx", KIT_FUNCTIONAL, pin_ex_rows),
    WELL("V6.1", "CardAuthenticateEx", KIT_PERFORMANCE, pin_ex_pace),
    SECTION("V6.1", "CardAuthenticateEx", authenticating, authenticate_rows),
    WELL("V6.2", "CardGetChallengeEx", KIT_FUNCTIONAL, challenge_ex_rows),
    SECTION("V6.2", "CardGetChallengeEx", challenging, challenge_rows),
    WELL("V6.3", "CardDeauthenticateEx", KIT_FUNCTIONAL, log_out_ex_rows),
    SECTION("V6.3", "CardDeauthenticateEx", deauthenticating, deauthenticate_rows),
    WELL("V6.4", "CardChangeAuthenticatorEx", KIT_FUNCTIONAL, change_ex_rows),
    SECTION("V6.4", "CardChangeAuthenticatorEx", changing, change_rows),
    WELL("V6.5", "CardGetContainerProperty", KIT_FUNCTIONAL, container_property_well),
    SECTION("V6.5", "CardGetContainerProperty", asking_container, container_property_rows),
    WELL("V6.6", "CardGetProperty", KIT_FUNCTIONAL, property_well),
    WELL("V6.6", "CardGetProperty", KIT_PERFORMANCE, property_pace),
    SECTION("V6.6", "CardGetProperty", asking, property_rows),
    WELL("V6.7", "CardSetProperty", KIT_FUNCTIONAL, set_property_rows),
    SECTION("V6.7", "CardSetProperty", setting, set_property_errors),
    WELL("V6.8", "CardSetContainerProperty", KIT_FUNCTIONAL, set_container_rows),
    SECTION("V6.8", "CardSetContainerProperty", setting_container, set_container_errors),
};

const struct group version_6_rows = { sections, ARRAY(sections) };
