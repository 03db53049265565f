/* SPDX-License-Identifier: MIT */
/* What properties tell: the same as older functions, and about PINs what only they do. */
#include "kit/bench/fixture_keys.h"
#include "kit/bench/secrets.h"
#include "kit/rows/version_6.h"

#include <string.h>

#define OK       SCARD_S_SUCCESS
#define INVALID  SCARD_E_INVALID_PARAMETER
#define CANNOT   SCARD_E_UNSUPPORTED_FEATURE
#define GUID_LEN 16u
#define ROOM     64u

static DWORD get(struct bench *b, const WCHAR *name, DWORD flags, void *to, DWORD room, PDWORD len)
{
    *len = 0;
    return CALL(b, GetProperty, &b->data, name, to, room, len, flags);
}

/* Succeeds, and has that length. */
static void must_get(struct bench *b, const WCHAR *name, DWORD flags, void *to, DWORD size)
{
    DWORD len;

    EXPECT(b->run, get(b, name, flags, to, size, &len), OK);
    CHECK(b->run, len == size, "*pdwDataLen is %u, not %u", (unsigned)len, (unsigned)size);
}

static DWORD get_number(struct bench *b, const WCHAR *name, DWORD flags)
{
    DWORD value = 0xA5A5A5A5;

    must_get(b, name, flags, &value, sizeof(value));
    return value;
}

/* ---- CardGetProperty: the same as older functions -------------------------------------------- */

static void tells_space(struct run *r)
{
    static const WCHAR name[] = CP_CARD_FREE_SPACE;
    CARD_FREE_SPACE_INFO want = { .dwVersion = 1 };
    struct bench b;

    bench_open(r, &b);
    NEED(r, CALL(&b, QueryFreeSpace, &b.data, 0, &want));
    for (DWORD version = 0; version < 2; version++) {
        CARD_FREE_SPACE_INFO got = { .dwVersion = version };

        must_get(&b, name, 0, &got, sizeof(got));
        CHECK(r, memcmp(&got, &want, sizeof(got)) == 0,
              "version %u: not what CardQueryFreeSpace tells", (unsigned)version);
    }
}

static void tells_abilities(struct run *r)
{
    static const WCHAR name[] = CP_CARD_CAPABILITIES;
    CARD_CAPABILITIES want = { .dwVersion = 1 };
    struct bench b;

    bench_open(r, &b);
    NEED(r, CALL(&b, QueryCapabilities, &b.data, &want));
    for (DWORD version = 0; version < 2; version++) {
        CARD_CAPABILITIES got = { .dwVersion = version };

        must_get(&b, name, 0, &got, sizeof(got));
        CHECK(r, memcmp(&got, &want, sizeof(got)) == 0,
              "version %u: not what CardQueryCapabilities tells", (unsigned)version);
    }
}

static void tells_sizes(struct run *r)
{
    static const WCHAR name[] = CP_CARD_KEYSIZES;
    struct bench b;

    bench_open(r, &b);
    for (DWORD spec = AT_KEYEXCHANGE; spec < SPECS_END; spec++) {
        CARD_KEY_SIZES want = { .dwVersion = 1 };

        if (CALL(&b, QueryKeySizes, &b.data, spec, 0, &want) != OK)
            continue;
        for (DWORD version = 0; version < 2; version++) {
            CARD_KEY_SIZES got = { .dwVersion = version };

            must_get(&b, name, spec, &got, sizeof(got));
            CHECK(r, memcmp(&got, &want, sizeof(got)) == 0,
                  "%s, version %u: not what CardQueryKeySizes tells", spec_name(spec),
                  (unsigned)version);
        }
    }
}

static void tells_habits(struct run *r)
{
    static const WCHAR read_only[] = CP_CARD_READ_ONLY, cache[] = CP_CARD_CACHE_MODE,
                       enrols[] = CP_SUPPORTS_WIN_X509_ENROLLMENT;
    DWORD is_fixed, mode, enrolment;
    struct bench b;

    bench_open(r, &b);
    is_fixed = get_number(&b, read_only, 0);
    mode = get_number(&b, cache, 0);
    enrolment = get_number(&b, enrols, 0);
    CHECK(r, is_fixed <= 1, "CP_CARD_READ_ONLY is %08X", (unsigned)is_fixed);
    CHECK(r, mode >= CP_CACHE_MODE_GLOBAL_CACHE && mode <= CP_CACHE_MODE_NO_CACHE,
          "CP_CARD_CACHE_MODE is %u", (unsigned)mode);
    CHECK(r, enrolment <= 1 && !(is_fixed && enrolment),
          "CP_SUPPORTS_WIN_X509_ENROLLMENT is %08X, and CP_CARD_READ_ONLY %u", (unsigned)enrolment,
          (unsigned)is_fixed);
    if (is_fixed)
        return;
    be_user(&b);
    CHECK(r, is_user(&b), "CP_CARD_READ_ONLY is FALSE, and the user writes no file");
    run_saw(r, "cache mode %u", (unsigned)mode);
}

static void tells_card(struct run *r)
{
    static const WCHAR name[] = CP_CARD_GUID, serial[] = CP_CARD_SERIAL_NO;
    BYTE guid[GUID_LEN], room[ROOM];
    struct bench b;
    DWORD len, rc;

    bench_open(r, &b);
    must_get(&b, name, 0, guid, sizeof(guid));
    EXPECT(r, see_file(&b, NULL, "cardid", guid, sizeof(guid)), OK);
    rc = get(&b, serial, 0, room, sizeof(room), &len);
    EXPECT(r, rc, OK, CANNOT, INVALID, ERROR_INSUFFICIENT_BUFFER);
    CHECK(r, rc != OK || len != 0, "a serial number of no bytes");
    run_saw(r, "serial number: %s", kit_code(rc));
}

/* ---- CardGetProperty: PINs ------------------------------------------------------------------- */

static void check_pin(struct bench *b, PIN_ID pin, PIN_SET set)
{
    static const WCHAR name[] = CP_CARD_PIN_INFO;
    PIN_INFO info = { .dwVersion = PIN_INFO_CURRENT_VERSION };
    struct run *r = b->run;

    must_get(b, name, pin, &info, sizeof(info));
    run_note(r, "PIN %u: type %u, purpose %u, changed by %02X, unblocked by %02X", (unsigned)pin,
             (unsigned)info.PinType, (unsigned)info.PinPurpose, (unsigned)info.dwChangePermission,
             (unsigned)info.dwUnblockPermission);
    CHECK(r, info.dwVersion == PIN_INFO_CURRENT_VERSION &&
                 info.PinCachePolicy.dwVersion == PIN_CACHE_POLICY_CURRENT_VERSION,
          "PIN %u: versions %u and %u", (unsigned)pin, (unsigned)info.dwVersion,
          (unsigned)info.PinCachePolicy.dwVersion);
    CHECK(r, info.PinType <= EmptyPinType, "PIN %u: type %u", (unsigned)pin,
          (unsigned)info.PinType);
    CHECK(r, ((info.dwChangePermission | info.dwUnblockPermission) & ~(set | 1u)) == 0,
          "PIN %u: changed by %02X, unblocked by %02X, which the card does not have", (unsigned)pin,
          (unsigned)info.dwChangePermission, (unsigned)info.dwUnblockPermission);
    CHECK(r, pin != ROLE_ADMIN || r->config->admin_key.len == 0 ||
                 info.PinType == ChallengeResponsePinType,
          "the admin's type is %u, and a key is configured", (unsigned)info.PinType);
}

static void tells_pins(struct run *r)
{
    static const WCHAR list[] = CP_CARD_LIST_PINS, name[] = CP_CARD_PIN_INFO;
    struct bench b;
    DWORD len;
    PIN_SET set;

    bench_open(r, &b);
    set = get_number(&b, list, 0);
    CHECK(r, IS_PIN_SET(set, ROLE_USER) && set <= 0xFF, "the PIN list is %08X", (unsigned)set);
    for (PIN_ID pin = ROLE_USER; pin < MAX_PINS; pin++) {
        PIN_INFO info = { .dwVersion = PIN_INFO_CURRENT_VERSION };

        if (IS_PIN_SET(set, pin))
            check_pin(&b, pin, set);
        else
            EXPECT(r, get(&b, name, pin, &info, sizeof(info), &len), INVALID);
    }
    run_saw(r, "PINs %02X", (unsigned)set);
}

static void tells_strengths(struct run *r)
{
    static const WCHAR list[] = CP_CARD_LIST_PINS, verify[] = CP_CARD_PIN_STRENGTH_VERIFY,
                       change[] = CP_CARD_PIN_STRENGTH_CHANGE,
                       unblock[] = CP_CARD_PIN_STRENGTH_UNBLOCK;
    const WCHAR *const reserved[] = { change, unblock };
    struct bench b;
    PIN_SET set;

    bench_open(r, &b);
    set = get_number(&b, list, 0);
    for (PIN_ID pin = ROLE_USER; pin < MAX_PINS; pin++) {
        DWORD value, len;

        if (!IS_PIN_SET(set, pin))
            continue;
        value = get_number(&b, verify, pin);
        CHECK(r, value != 0 && value <= 3, "PIN %u: strength %08X", (unsigned)pin, (unsigned)value);
        for (size_t i = 0; i < ARRAY(reserved); i++)
            EXPECT(r, get(&b, reserved[i], pin, &value, sizeof(value), &len), OK, CANNOT);
    }
}

static void tells_state(struct run *r)
{
    static const WCHAR name[] = CP_CARD_AUTHENTICATED_STATE;
    PIN_SET set = 0;
    struct bench b;
    DWORD len, rc;

    bench_open(r, &b);
    be_nobody(&b);
    rc = get(&b, name, 0, &set, sizeof(set), &len);
    if (rc == CANNOT || rc == INVALID)
        run_not_applicable(r, "the card does not tell who is authenticated: %s", kit_code(rc));
    EXPECT(r, rc, OK);
    CHECK(r, (set & ~1u) == 0, "%02X are authenticated after a reset", (unsigned)set);
    be_user(&b);
    set = get_number(&b, name, 0);
    /* other PINs of the card may be the same secret by another number: the admin's is not */
    CHECK(r, IS_PIN_SET(set, ROLE_USER) && !IS_PIN_SET(set, ROLE_ADMIN),
          "%02X, after the user's PIN", (unsigned)set);
}

const struct requirement property_well[8] = {
    ROW("V6.6.1", "CP_CARD_FREE_SPACE is what CardQueryFreeSpace tells", tells_space,
        .versions = SINCE_6),
    ROW("V6.6.2", "CP_CARD_CAPABILITIES is what CardQueryCapabilities tells", tells_abilities,
        .versions = SINCE_6),
    ROW("V6.6.3", "CP_CARD_KEYSIZES is what CardQueryKeySizes tells, of each kind of key",
        tells_sizes, .versions = SINCE_6),
    ROW("V6.6.4", "CP_CARD_READ_ONLY, CP_CARD_CACHE_MODE and CP_SUPPORTS_WIN_X509_ENROLLMENT have "
                  "values that there are", tells_habits, .versions = SINCE_6),
    ROW("V6.6.5", "CP_CARD_GUID is what cardid holds; a serial number is optional", tells_card,
        .versions = SINCE_6),
    ROW("V6.6.6", "CP_CARD_LIST_PINS has the user; of each PIN there, and of no other, there is "
                  "CP_CARD_PIN_INFO", tells_pins, .versions = SINCE_6),
    ROW("V6.6.7", "CP_CARD_PIN_STRENGTH_VERIFY of each PIN", tells_strengths, .versions = SINCE_6),
    ROW("V6.6.8", "CP_CARD_AUTHENTICATED_STATE, if told, is so", tells_state,
        .versions = SINCE_6),
};

/* ---- CardGetContainerProperty ---------------------------------------------------------------- */

static bool same_key(const BYTE *a, DWORD a_len, const BYTE *c, DWORD c_len)
{
    return a_len == c_len && (a_len == 0 || memcmp(a, c, a_len) == 0);
}

static void drop_keys(CONTAINER_INFO *info)
{
    if (mem_is_ours(info->pbSigPublicKey))
        mem_free(info->pbSigPublicKey);
    if (mem_is_ours(info->pbKeyExPublicKey))
        mem_free(info->pbKeyExPublicKey);
}

static void compare_infos(struct bench *b, BYTE index, DWORD version)
{
    static const WCHAR name[] = CCP_CONTAINER_INFO;
    CONTAINER_INFO got = { .dwVersion = version }, want = { .dwVersion = 1 };
    DWORD len = 0;

    NEED(b->run, CALL(b, GetContainerInfo, &b->data, index, 0, &want));
    EXPECT(b->run, CALL(b, GetContainerProperty, &b->data, index, name, (PBYTE)&got, sizeof(got),
                        &len, 0), OK);
    CHECK(b->run, len == sizeof(got) && got.dwVersion == 1, "%u bytes of version %u", (unsigned)len,
          (unsigned)got.dwVersion);
    CHECK(b->run, same_key(got.pbSigPublicKey, got.cbSigPublicKey, want.pbSigPublicKey,
                           want.cbSigPublicKey) &&
                      same_key(got.pbKeyExPublicKey, got.cbKeyExPublicKey, want.pbKeyExPublicKey,
                               want.cbKeyExPublicKey),
          "other keys than by CardGetContainerInfo, in container %u", index);
    drop_keys(&got);
    drop_keys(&want);
}

static void tells_keys(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    if (any_spec(&b) == 0)
        run_not_applicable(r, "the card has no kind of key (CardQueryKeySizes)");
    for (DWORD spec = AT_KEYEXCHANGE; spec < SPECS_END; spec++)
        for (DWORD version = 0; version < 2; version++)
            if (fixture_key(&b, spec) != 0xFF)
                compare_infos(&b, fixture_key(&b, spec), version);
}

static void tells_pin_of_key(struct run *r)
{
    static const WCHAR name[] = CCP_PIN_IDENTIFIER, list[] = CP_CARD_LIST_PINS;
    PIN_ID pin = 0xFF;
    struct bench b;
    DWORD len = 0;
    PIN_SET set;

    bench_open(r, &b);
    if (any_spec(&b) == 0)
        run_not_applicable(r, "the card has no kind of key (CardQueryKeySizes)");
    EXPECT(r, CALL(&b, GetContainerProperty, &b.data, fixture_key(&b, any_spec(&b)), name,
                   (PBYTE)&pin, sizeof(pin), &len, 0), OK);
    set = get_number(&b, list, 0);
    CHECK(r, len == sizeof(pin) && pin < MAX_PINS && (pin == 0 || IS_PIN_SET(set, pin)),
          "the key is guarded by PIN %u; the card has %02X", (unsigned)pin, (unsigned)set);
    run_saw(r, "PIN %u", (unsigned)pin);
}

const struct requirement container_property_well[2] = {
    ROW("V6.5.1", "CCP_CONTAINER_INFO is what CardGetContainerInfo tells", tells_keys,
        .versions = SINCE_6),
    ROW("V6.5.2", "CCP_PIN_IDENTIFIER names a PIN of the card", tells_pin_of_key,
        .versions = SINCE_6),
};

/* ---- CardSetProperty, CardSetContainerProperty ----------------------------------------------- */

static DWORD set(struct bench *b, const WCHAR *name, const void *from, DWORD len)
{
    return CALL(b, SetProperty, &b->data, name, bytes_of(from), len, 0);
}

/* By anybody: they are the context's alone. 0 is the desktop; another window there is not here. */
static void takes_what_is_shown(struct run *r)
{
    static const WCHAR window[] = CP_PARENT_WINDOW, string[] = CP_PIN_CONTEXT_STRING,
                       text[] = CM_WSTR("a text of the certification kit");
    const HWND none = 0;
    struct bench b;

    bench_open(r, &b);
    EXPECT(r, set(&b, window, &none, sizeof(none)), OK);
    EXPECT(r, set(&b, string, text, sizeof(text)), OK);
    EXPECT(r, set(&b, string, NULL, 0), OK);
}

static void refuse_all(struct bench *b, const WCHAR *const names[], size_t count)
{
    static const BYTE value[GUID_LEN] = { 1 };

    for (size_t i = 0; i < count; i++)
        EXPECT(b->run, set(b, names[i], value, sizeof(value)), CANNOT, INVALID,
               SCARD_W_SECURITY_VIOLATION);
}

/* What the card makes up itself, nobody sets; what is the admin's, not the user. */
static void keeps_the_rest(struct run *r)
{
    static const WCHAR space[] = CP_CARD_FREE_SPACE, abilities[] = CP_CARD_CAPABILITIES,
                       sizes[] = CP_CARD_KEYSIZES, list[] = CP_CARD_LIST_PINS,
                       state[] = CP_CARD_AUTHENTICATED_STATE, guid[] = CP_CARD_GUID;
    static const WCHAR *const names[] = { space, abilities, sizes, list, state, guid };
    BYTE before[GUID_LEN], after[GUID_LEN];
    struct bench b;

    bench_open(r, &b);
    must_get(&b, guid, 0, before, sizeof(before));
    refuse_all(&b, names, ARRAY(names));
    be_user(&b);
    refuse_all(&b, names, ARRAY(names));
    if (r->config->admin_key.len != 0) {
        be_admin(&b);
        refuse_all(&b, names, ARRAY(names) - 1); /* what is last is the admin's */
    }
    must_get(&b, guid, 0, after, sizeof(after));
    CHECK(r, memcmp(before, after, sizeof(after)) == 0, "the user has changed CP_CARD_GUID");
}

const struct requirement set_property_rows[2] = {
    ROW("V6.7.1", "CardSetProperty takes CP_PARENT_WINDOW and CP_PIN_CONTEXT_STRING, of anybody",
        takes_what_is_shown, .versions = SINCE_6),
    ROW("V6.7.2", "... nothing that is read-only, and of the user nothing that is the admin's",
        keeps_the_rest, .versions = SINCE_6),
};

/* To the PIN that it has: nothing is changed. */
static void sets_pin_of_key(struct run *r)
{
    static const WCHAR name[] = CCP_PIN_IDENTIFIER;
    PIN_ID pin = 0;
    struct bench b;
    DWORD len = 0, rc;
    BYTE index;

    bench_open(r, &b);
    if (any_spec(&b) == 0)
        run_not_applicable(r, "the card has no kind of key (CardQueryKeySizes)");
    index = fixture_key(&b, any_spec(&b));
    NEED(r, CALL(&b, GetContainerProperty, &b.data, index, name, (PBYTE)&pin, sizeof(pin), &len,
                 0));
    be_user(&b);
    rc = CALL(&b, SetContainerProperty, &b.data, index, name, (PBYTE)&pin, sizeof(pin), 0);
    EXPECT(r, rc, OK, CANNOT);
    run_saw(r, "%s", kit_code(rc));
}

const struct requirement set_container_rows[1] = {
    ROW("V6.8.1", "CardSetContainerProperty takes the PIN that a key has, or says that it sets "
                  "none",
        sets_pin_of_key, .versions = SINCE_6),
};
