/* SPDX-License-Identifier: MIT */
/* CardGetProperty, CardSetProperty and CardGetContainerProperty, version 6. The order of checks is inferred from the
 * requirement numbers of version 6. */
#include "minidriver/entry.h"

#include "base/wstr.h"
#include "minidriver/capability.h"

#include <string.h>

/* What dwFlags of a property means. */
enum flags { BY_NONE, BY_PIN, BY_SPEC };

/* Writes the value to `out`, which has the row's size. Structures with a version find the caller's
 * in it. */
typedef DWORD get_fn(struct md_call *m, DWORD flags, BYTE *out);

static void put_dword(BYTE *out, DWORD value)
{
    memcpy(out, &value, sizeof(value)); /* a DWORD in memory, as the caller reads it */
}

/* Of the profile, which could perhaps not be had: md_leave says so then. */
static DWORD put_known(const struct md_call *m, BYTE *out, DWORD value)
{
    if (m->failed == SCARD_S_SUCCESS)
        put_dword(out, value);
    return m->failed;
}

static DWORD get_free_space(struct md_call *m, DWORD flags, BYTE *out)
{
    CARD_FREE_SPACE_INFO info;
    DWORD rc;

    (void)flags;
    memcpy(&info, out, sizeof(info));
    if (!VERSION_OK(info.dwVersion, CARD_FREE_SPACE_INFO_CURRENT_VERSION))
        return ERROR_REVISION_MISMATCH;
    rc = fill_free_space(m, &info);
    if (rc == SCARD_S_SUCCESS)
        memcpy(out, &info, sizeof(info));
    return rc;
}

static DWORD get_features(struct md_call *m, DWORD flags, BYTE *out)
{
    CARD_CAPABILITIES info;

    (void)flags;
    memcpy(&info, out, sizeof(info));
    if (!VERSION_OK(info.dwVersion, CARD_CAPABILITIES_CURRENT_VERSION))
        return ERROR_REVISION_MISMATCH;
    fill_capabilities(m, &info);
    memcpy(out, &info, sizeof(info));
    return SCARD_S_SUCCESS;
}

static DWORD get_key_sizes(struct md_call *m, DWORD flags, BYTE *out)
{
    const struct edge_key_sizes *sizes = spec_sizes(m, flags != 0 ? flags : AT_KEYEXCHANGE);
    CARD_KEY_SIZES info;

    memcpy(&info, out, sizeof(info));
    if (!VERSION_OK(info.dwVersion, CARD_KEY_SIZES_CURRENT_VERSION))
        return ERROR_REVISION_MISMATCH;
    if (sizes == NULL)
        return SCARD_E_UNSUPPORTED_FEATURE;
    fill_key_sizes(sizes, &info);
    memcpy(out, &info, sizeof(info));
    return SCARD_S_SUCCESS;
}

static DWORD get_read_only(struct md_call *m, DWORD flags, BYTE *out)
{
    (void)flags;
    return put_known(m, out, md_profile(m)->read_only);
}

static DWORD get_cache_mode(struct md_call *m, DWORD flags, BYTE *out)
{
    (void)flags;
    return put_known(m, out, md_profile(m)->session_cache ? CP_CACHE_MODE_SESSION_ONLY
                                                          : CP_CACHE_MODE_GLOBAL_CACHE);
}

static DWORD get_enrollment(struct md_call *m, DWORD flags, BYTE *out)
{
    (void)flags;
    return put_known(m, out, !md_profile(m)->read_only);
}

/* The same bytes as the file cardid. */
static DWORD get_guid(struct md_call *m, DWORD flags, BYTE *out)
{
    const struct edge_file *file = NULL;
    struct edge_file fixed;
    uint8_t *data = NULL;
    size_t len = 0;
    DWORD rc = SCARD_E_FILE_NOT_FOUND;

    (void)flags;
    if (m->edge->ops->fixed != NULL &&
        m->edge->ops->fixed(m->edge, "", szCARD_IDENTIFIER_FILE, &fixed))
        rc = m->edge->ops->read(m->edge, &fixed, &data, &len);
    if (rc == SCARD_E_FILE_NOT_FOUND) {
        file = md_find_file(m, NULL, szCARD_IDENTIFIER_FILE);
        if (file != NULL)
            rc = m->edge->ops->read(m->edge, file, &data, &len);
    }
    if (rc == SCARD_S_SUCCESS && len != 16)
        rc = SCARD_E_UNEXPECTED;
    if (rc == SCARD_S_SUCCESS)
        memcpy(out, data, len);
    md_free(m, data);
    return rc;
}

static bool has_pin(const struct md_call *m, DWORD id)
{
    return m->edge->profile.pins[id].kind != EDGE_SECRET_NONE;
}

static DWORD get_pin_info(struct md_call *m, DWORD id, BYTE *out)
{
    const struct edge_pin *pin = &m->edge->profile.pins[id];
    PIN_INFO info;

    memcpy(&info, out, sizeof(info));
    if (info.dwVersion != PIN_INFO_CURRENT_VERSION)
        return ERROR_REVISION_MISMATCH;
    memset(&info, 0, sizeof(info));
    info.dwVersion = PIN_INFO_CURRENT_VERSION;
    info.PinType = id == ROLE_EVERYONE            ? EmptyPinType
                   : pin->kind == EDGE_SECRET_KEY ? ChallengeResponsePinType
                                                  : AlphaNumericPinType;
    info.PinPurpose = (SECRET_PURPOSE)pin->purpose;
    info.dwChangePermission = pin->change;
    info.dwUnblockPermission = pin->unblock;
    info.PinCachePolicy.dwVersion = PIN_CACHE_POLICY_CURRENT_VERSION;
    info.PinCachePolicy.PinCachePolicyType = pin->always ? PinCacheAlwaysPrompt : PinCacheNormal;
    memcpy(out, &info, sizeof(info));
    return SCARD_S_SUCCESS;
}

static DWORD get_list_pins(struct md_call *m, DWORD flags, BYTE *out)
{
    PIN_SET set = 0;

    (void)flags;
    for (DWORD id = ROLE_USER; id < MAX_PINS; id++)
        if (has_pin(m, id))
            set |= CREATE_PIN_SET(id);
    put_dword(out, set);
    return SCARD_S_SUCCESS;
}

static DWORD get_roles(struct md_call *m, DWORD flags, BYTE *out)
{
    uint8_t set = 0;
    DWORD rc = m->edge->ops->roles(m->edge, &set);

    (void)flags;
    if (rc == SCARD_S_SUCCESS)
        put_dword(out, set);
    return rc;
}

static DWORD get_pin_strength(struct md_call *m, DWORD id, BYTE *out)
{
    (void)m;
    (void)id;
    put_dword(out, CARD_PIN_STRENGTH_PLAINTEXT);
    return SCARD_S_SUCCESS;
}

static DWORD get_imports(struct md_call *m, DWORD flags, BYTE *out)
{
    const struct profile *p = md_profile(m);

    (void)flags;
    return put_known(m, out, p->imports && !p->read_only ? CARD_KEY_IMPORT_PLAIN_TEXT : 0);
}

/* A NULL `get`: known, and not to be had. */
static const struct md_property {
    const WCHAR *name;
    DWORD size;
    DWORD since;
    enum flags flags;
    get_fn *get;
} md_properties[] = {
    { CP_CARD_FREE_SPACE,              sizeof(CARD_FREE_SPACE_INFO), 6, BY_NONE, get_free_space },
    { CP_CARD_CAPABILITIES,            sizeof(CARD_CAPABILITIES),    6, BY_NONE, get_features },
    { CP_CARD_KEYSIZES,                sizeof(CARD_KEY_SIZES),       6, BY_SPEC, get_key_sizes },
    { CP_CARD_READ_ONLY,               sizeof(BOOL),                 6, BY_NONE, get_read_only },
    { CP_CARD_CACHE_MODE,              sizeof(DWORD),                6, BY_NONE, get_cache_mode },
    { CP_SUPPORTS_WIN_X509_ENROLLMENT, sizeof(BOOL),                 6, BY_NONE, get_enrollment },
    { CP_CARD_GUID,                    16,                           6, BY_NONE, get_guid },
    { CP_CARD_SERIAL_NO,               16,                           6, BY_NONE, NULL },
    { CP_CARD_PIN_INFO,                sizeof(PIN_INFO),             6, BY_PIN,  get_pin_info },
    { CP_CARD_LIST_PINS,               sizeof(PIN_SET),              6, BY_NONE, get_list_pins },
    { CP_CARD_AUTHENTICATED_STATE,     sizeof(PIN_SET),              6, BY_NONE, get_roles },
    { CP_CARD_PIN_STRENGTH_VERIFY,     sizeof(DWORD),                6, BY_PIN,  get_pin_strength },
    { CP_CARD_PIN_STRENGTH_CHANGE,     sizeof(DWORD),                6, BY_PIN,  NULL },
    { CP_CARD_PIN_STRENGTH_UNBLOCK,    sizeof(DWORD),                6, BY_PIN,  NULL },
    { CP_PARENT_WINDOW,                sizeof(HWND),                 6, BY_NONE, NULL },
    { CP_PIN_CONTEXT_STRING,           sizeof(WCHAR),                6, BY_NONE, NULL },
    { CP_KEY_IMPORT_SUPPORT,           sizeof(DWORD),                7, BY_NONE, get_imports },
};

static const struct md_property *find(const struct md_call *m, LPCWSTR name)
{
    for (size_t i = 0; i < sizeof(md_properties) / sizeof(md_properties[0]); i++)
        if (wstr_equal(md_properties[i].name, name) && md_properties[i].since <= m->data->dwVersion)
            return &md_properties[i];
    return NULL;
}

static bool flags_ok(const struct md_call *m, enum flags meaning, DWORD flags)
{
    switch (meaning) {
    case BY_PIN:
        return flags < MAX_PINS && (flags == ROLE_EVERYONE || has_pin(m, flags));
    case BY_SPEC:
        return flags == 0 || spec_known(flags);
    default:
        return flags == 0;
    }
}

DWORD WINAPI md_get_property(PCARD_DATA pCardData, LPCWSTR wszProperty, PBYTE pbData, DWORD cbData,
                             PDWORD pdwDataLen, DWORD dwFlags)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData);
    const struct md_property *property;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(wszProperty != NULL, SCARD_E_INVALID_PARAMETER, "inferred");
    REQUIRE(pbData != NULL, SCARD_E_INVALID_PARAMETER, "inferred");
    REQUIRE(pdwDataLen != NULL, SCARD_E_INVALID_PARAMETER, "inferred");
    *pdwDataLen = 0;
    property = find(&m, wszProperty);
    REQUIRE(property != NULL, SCARD_E_INVALID_PARAMETER, "inferred");
    REQUIRE(flags_ok(&m, property->flags, dwFlags), SCARD_E_INVALID_PARAMETER, "inferred");
    *pdwDataLen = property->size;
    REQUIRE(cbData >= property->size, ERROR_INSUFFICIENT_BUFFER, "inferred");
    *pdwDataLen = property->get != NULL ? property->size : 0;
    REQUIRE(property->get != NULL, SCARD_E_UNSUPPORTED_FEATURE, "inferred");
    rc = md_leave(&m, property->get(&m, dwFlags, pbData));
    if (rc != SCARD_S_SUCCESS)
        *pdwDataLen = 0;
    return rc;
}

/* What a caller gives for its windows. This module has none, so nothing is kept; all else is the
 * card's, and fixed. */
DWORD WINAPI md_set_property(PCARD_DATA pCardData, LPCWSTR wszProperty, PBYTE pbData,
                             DWORD cbDataLen, DWORD dwFlags)
{
    static const WCHAR window[] = CP_PARENT_WINDOW, text[] = CP_PIN_CONTEXT_STRING;
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData);
    bool is_window, is_text;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(wszProperty != NULL,           SCARD_E_INVALID_PARAMETER,   "inferred");
    is_window = wstr_equal(wszProperty, window);
    is_text = wstr_equal(wszProperty, text);
    REQUIRE(pbData != NULL || is_text,     SCARD_E_INVALID_PARAMETER,   "inferred: NULL clears it");
    REQUIRE(is_window || is_text,          SCARD_E_UNSUPPORTED_FEATURE, "inferred");
    REQUIRE(dwFlags == 0,                  SCARD_E_INVALID_PARAMETER,   "inferred");
    REQUIRE(cbDataLen == sizeof(HWND) || is_text,
                                           SCARD_E_INVALID_PARAMETER,   "inferred");
    REQUIRE(cbDataLen % sizeof(WCHAR) == 0, SCARD_E_INVALID_PARAMETER,  "inferred");
    return md_leave(&m, SCARD_S_SUCCESS);
}

/* ---- containers ------------------------------------------------------------------------------ */

static DWORD get_container_info(struct md_call *m, const struct edge_container *container,
                                BYTE *out)
{
    CONTAINER_INFO info;
    DWORD rc;

    memcpy(&info, out, sizeof(info));
    if (!VERSION_OK(info.dwVersion, CONTAINER_INFO_CURRENT_VERSION))
        return ERROR_REVISION_MISMATCH;
    rc = fill_container_info(m, container, &info);
    if (rc == SCARD_S_SUCCESS)
        memcpy(out, &info, sizeof(info));
    return rc;
}

DWORD WINAPI md_get_container_property(PCARD_DATA pCardData, BYTE bContainerIndex,
                                       LPCWSTR wszProperty, PBYTE pbData, DWORD cbData,
                                       PDWORD pdwDataLen, DWORD dwFlags)
{
    static const WCHAR info_name[] = CCP_CONTAINER_INFO, pin_name[] = CCP_PIN_IDENTIFIER;
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData);
    const struct edge_container *container;
    bool is_info, is_pin;
    DWORD size;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(wszProperty != NULL, SCARD_E_INVALID_PARAMETER, "inferred");
    REQUIRE(pbData != NULL, SCARD_E_INVALID_PARAMETER, "inferred");
    REQUIRE(pdwDataLen != NULL, SCARD_E_INVALID_PARAMETER, "inferred");
    *pdwDataLen = 0;
    REQUIRE(dwFlags == 0, SCARD_E_INVALID_PARAMETER, "inferred");
    is_info = wstr_equal(wszProperty, info_name);
    is_pin = wstr_equal(wszProperty, pin_name);
    REQUIRE(is_info || is_pin, SCARD_E_INVALID_PARAMETER, "inferred");
    container = md_container(&m, bContainerIndex);
    REQUIRE(container != NULL, SCARD_E_NO_KEY_CONTAINER, "inferred");
    size = is_info ? sizeof(CONTAINER_INFO) : sizeof(PIN_ID);
    *pdwDataLen = size;
    REQUIRE(cbData >= size, ERROR_INSUFFICIENT_BUFFER, "inferred");
    if (is_info)
        rc = get_container_info(&m, container, pbData);
    else
        put_dword(pbData, container->pin);
    if (rc != SCARD_S_SUCCESS)
        *pdwDataLen = 0;
    return md_leave(&m, rc);
}
