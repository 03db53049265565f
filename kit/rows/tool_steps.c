/* SPDX-License-Identifier: MIT */
/* The closed tool's calls as it makes them: its arguments, in its order, on one context, at every
 * version. The rows of the document have most of them, each by itself and at version 5. */
#include "kit/bench/fixture_keys.h"
#include "kit/bench/secrets.h"
#include "kit/rows/tool.h"

#include <string.h>

#define OK       SCARD_S_SUCCESS
#define INVALID  SCARD_E_INVALID_PARAMETER
#define WRONG    SCARD_W_WRONG_CHV
#define MISMATCH ERROR_REVISION_MISMATCH
#define MISSING  "kitnone"
#define FLAGS_FF 0xFF

/* ---- CardAcquireContext, CardDeleteContext --------------------------------------------------- */

static void refuses_atrs(struct run *r, struct bench *b, PCARD_DATA data)
{
    static const DWORD lengths[] = { 0, 0xFFFFFFFF, PCSC_ATR_MAX + 1, 2 };
    BYTE atr[PCSC_ATR_MAX];

    bench_fill(b, data, r->version);
    data->pbAtr = NULL;
    EXPECT(r, ACQUIRE(b, data, 0), INVALID);
    for (size_t i = 0; i < ARRAY(lengths); i++) {
        if (lengths[i] == b->atr_len)
            continue;
        bench_fill(b, data, r->version);
        data->cbAtr = lengths[i];
        EXPECT(r, ACQUIRE(b, data, 0), INVALID, SCARD_E_UNKNOWN_CARD);
    }
    for (int fill = 0xFF; fill >= 0; fill -= 0xFF) {
        bench_fill(b, data, r->version);
        memset(atr, fill, sizeof(atr));
        data->pbAtr = atr;
        EXPECT(r, ACQUIRE(b, data, 0), SCARD_E_UNKNOWN_CARD);
    }
}

static void refuses_callbacks(struct run *r, struct bench *b, PCARD_DATA data)
{
    bench_fill(b, data, r->version);
    data->pfnCspAlloc = NULL;
    EXPECT(r, ACQUIRE(b, data, 0), INVALID);
    bench_fill(b, data, r->version);
    data->pfnCspReAlloc = NULL;
    EXPECT(r, ACQUIRE(b, data, 0), INVALID);
    bench_fill(b, data, r->version);
    data->pfnCspFree = NULL;
    EXPECT(r, ACQUIRE(b, data, 0), INVALID);
}

void step_acquire_badly(struct run *r)
{
    CARD_DATA data;
    struct bench b;

    bench_connect(r, &b, 0);
    EXPECT(r, ACQUIRE(&b, NULL, 0), INVALID);
    bench_fill(&b, &data, r->version);
    EXPECT(r, ACQUIRE(&b, &data, FLAGS_FF), INVALID);
    if (r->version < 7) { /* there it is a context without a card */
        bench_fill(&b, &data, r->version);
        EXPECT(r, ACQUIRE(&b, &data, 1), INVALID);
    }
    bench_fill(&b, &data, r->config->least_version - 1);
    EXPECT(r, ACQUIRE(&b, &data, 0), MISMATCH);
    bench_fill(&b, &data, 0);
    EXPECT(r, ACQUIRE(&b, &data, 0), MISMATCH);
    refuses_atrs(r, &b, &data);
    bench_fill(&b, &data, r->version);
    data.pwszCardName = NULL;
    EXPECT(r, ACQUIRE(&b, &data, 0), INVALID);
    refuses_callbacks(r, &b, &data);
    bench_fill(&b, &data, r->version);
    data.hScard = 0;
    EXPECT(r, ACQUIRE(&b, &data, 0), SCARD_E_INVALID_HANDLE);
}

/* What is refused has ended nothing. */
void step_delete_badly(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    EXPECT(r, CALL(&b, DeleteContext, NULL), INVALID);
    EXPECT(r, see_fixture(&b), OK);
    EXPECT(r, CALL(&b, DeleteContext, &b.data), OK);
    CHECK(r, b.data.pvVendorSpecific == NULL, "pvVendorSpecific is not NULL");
}

/* ---- CardAuthenticatePin --------------------------------------------------------------------- */

static DWORD show(struct bench *b, LPWSTR user, const BYTE *pin, DWORD len)
{
    DWORD left = 0;

    return CALL(b, AuthenticatePin, &b->data, user, bytes_of(pin), len, &left);
}

static void refuses_users(struct run *r, struct bench *b, const struct kit_secret *pin)
{
    static WCHAR empty[] = { 0 }, longest[256];

    for (size_t i = 0; i + 1 < ARRAY(longest); i++)
        longest[i] = 'u';
    EXPECT(r, CALL(b, AuthenticatePin, NULL, user_name(), bytes_of(pin->bytes), pin->len, NULL),
           INVALID);
    EXPECT(r, show(b, NULL, pin->bytes, pin->len), INVALID);
    EXPECT(r, show(b, anonymous_name(), pin->bytes, pin->len), INVALID);
    EXPECT(r, show(b, empty, pin->bytes, pin->len), INVALID);
    EXPECT(r, show(b, longest, pin->bytes, pin->len), INVALID);
}

/* The right one is right straight after a wrong one, and the user is there again. */
static void refuses_pin(struct run *r, struct bench *b, const BYTE *pin, DWORD len)
{
    const struct kit_secret *right = &r->config->user_pin;

    EXPECT(r, show(b, user_name(), pin, len), WRONG, INVALID);
    EXPECT(r, show(b, user_name(), right->bytes, right->len), OK);
    CHECK(r, is_user(b), "after a wrong PIN of %u bytes the right one does not make the user",
          (unsigned)len);
}

void step_pin_badly(struct run *r)
{
    const struct kit_secret *right = &r->config->user_pin;
    const struct kit_secret wrong = wrong_pin(r->config);
    BYTE pin[KIT_SECRET_MAX + 1];
    struct bench b;

    bench_open(r, &b);
    refuses_users(r, &b, right);
    memset(pin, '5', sizeof(pin)); /* what is behind the PIN is no end of a string */
    memcpy(pin, right->bytes, right->len);
    refuses_pin(r, &b, pin, 0);
    pin[0] = wrong.bytes[0];
    refuses_pin(r, &b, pin, right->len);
    pin[0] = right->bytes[0];
    pin[right->len - 1] = wrong.bytes[right->len - 1];
    refuses_pin(r, &b, pin, right->len);
    pin[right->len - 1] = right->bytes[right->len - 1];
    if (right->len > 1) {
        refuses_pin(r, &b, pin, right->len - 1);
        refuses_pin(r, &b, pin, 1);
    }
    refuses_pin(r, &b, pin, right->len + 1);
    refuses_pin(r, &b, pin, 0xFFFFFFFF);
}

/* ---- files ----------------------------------------------------------------------------------- */

static DWORD read_bad(struct bench *b, const char *dir, const char *name, DWORD flags)
{
    PBYTE data = NULL;
    DWORD len = 0, rc = CALL(b, ReadFile, &b->data, str(dir), str(name), flags, &data, &len);

    if (mem_is_ours(data))
        mem_free(data);
    return rc;
}

void step_read_badly(struct run *r)
{
    struct bench b;
    PBYTE data = NULL;
    DWORD len = 0;

    bench_open(r, &b);
    EXPECT(r, CALL(&b, ReadFile, NULL, NULL, str("cardid"), 0, &data, &len), INVALID);
    EXPECT(r, read_bad(&b, NULL, NULL, 0), INVALID);
    EXPECT(r, read_bad(&b, NULL, "", 0), INVALID);
    EXPECT(r, CALL(&b, ReadFile, &b.data, NULL, str("cardid"), 0, NULL, &len), INVALID);
    EXPECT(r, CALL(&b, ReadFile, &b.data, NULL, str("cardid"), 0, &data, NULL), INVALID);
    EXPECT(r, read_bad(&b, MISSING, "cmapfile", 0), SCARD_E_DIR_NOT_FOUND);
    EXPECT(r, read_bad(&b, "cardid", "cmapfile", 0), SCARD_E_DIR_NOT_FOUND);
    EXPECT(r, read_bad(&b, NULL, MISSING, 0), SCARD_E_FILE_NOT_FOUND);
    EXPECT(r, read_bad(&b, "mscp", MISSING, 0), SCARD_E_FILE_NOT_FOUND);
    EXPECT(r, read_bad(&b, NULL, "mscp", 0), SCARD_E_FILE_NOT_FOUND);
    EXPECT(r, read_bad(&b, NULL, "cardid", FLAGS_FF), INVALID);
}

static DWORD tell(struct bench *b, const char *dir, const char *name, DWORD version)
{
    CARD_FILE_INFO info = { .dwVersion = version };

    return CALL(b, GetFileInfo, &b->data, str(dir), str(name), &info);
}

void step_info_badly(struct run *r)
{
    CARD_FILE_INFO info = { .dwVersion = CARD_FILE_INFO_CURRENT_VERSION };
    struct bench b;

    bench_open(r, &b);
    EXPECT(r, CALL(&b, GetFileInfo, NULL, NULL, str("cardapps"), &info), INVALID);
    EXPECT(r, tell(&b, NULL, NULL, 1), INVALID);
    EXPECT(r, tell(&b, NULL, "", 1), INVALID);
    EXPECT(r, CALL(&b, GetFileInfo, &b.data, NULL, str("cardapps"), NULL), INVALID);
    EXPECT(r, tell(&b, MISSING, "cmapfile", 1), SCARD_E_DIR_NOT_FOUND);
    be_user(&b);
    EXPECT(r, tell(&b, NULL, MISSING, 1), SCARD_E_FILE_NOT_FOUND);
    EXPECT(r, tell(&b, "mscp", MISSING, 1), SCARD_E_FILE_NOT_FOUND);
    EXPECT(r, tell(&b, NULL, "cardapps", 2), MISMATCH);
}

void step_list_badly(struct run *r)
{
    LPSTR names = NULL;
    struct bench b;
    DWORD len = 0;

    bench_open(r, &b);
    EXPECT(r, CALL(&b, EnumFiles, NULL, NULL, &names, &len, 0), INVALID);
    EXPECT(r, CALL(&b, EnumFiles, &b.data, NULL, NULL, &len, 0), INVALID);
    EXPECT(r, CALL(&b, EnumFiles, &b.data, NULL, &names, NULL, 0), INVALID);
    EXPECT(r, CALL(&b, EnumFiles, &b.data, str(MISSING), &names, &len, 0), SCARD_E_DIR_NOT_FOUND);
    EXPECT(r, CALL(&b, EnumFiles, &b.data, NULL, &names, &len, FLAGS_FF), INVALID);
}

/* ---- what the card can do -------------------------------------------------------------------- */

static DWORD space(struct bench *b, DWORD version, DWORD flags)
{
    CARD_FREE_SPACE_INFO info = { .dwVersion = version };

    return CALL(b, QueryFreeSpace, &b->data, flags, &info);
}

void step_space_badly(struct run *r)
{
    CARD_FREE_SPACE_INFO info = { .dwVersion = CARD_FREE_SPACE_INFO_CURRENT_VERSION };
    struct bench b;

    bench_open(r, &b);
    be_user(&b);
    EXPECT(r, CALL(&b, QueryFreeSpace, NULL, 0, &info), INVALID);
    EXPECT(r, CALL(&b, QueryFreeSpace, &b.data, 0, NULL), INVALID);
    EXPECT(r, space(&b, 1, FLAGS_FF), INVALID);
    EXPECT(r, space(&b, 2, 0), MISMATCH);
    EXPECT(r, space(&b, 0xFF, 0), MISMATCH);
}

static DWORD abilities(struct bench *b, DWORD version)
{
    CARD_CAPABILITIES says = { .dwVersion = version };

    return CALL(b, QueryCapabilities, &b->data, &says);
}

void step_abilities_badly(struct run *r)
{
    CARD_CAPABILITIES says = { .dwVersion = CARD_CAPABILITIES_CURRENT_VERSION };
    struct bench b;

    bench_open(r, &b);
    be_user(&b);
    EXPECT(r, CALL(&b, QueryCapabilities, NULL, &says), INVALID);
    EXPECT(r, CALL(&b, QueryCapabilities, &b.data, NULL), INVALID);
    EXPECT(r, abilities(&b, 2), MISMATCH);
    EXPECT(r, abilities(&b, 257), MISMATCH);
}

static DWORD sizes(struct bench *b, DWORD spec, DWORD flags, DWORD version)
{
    CARD_KEY_SIZES info = { .dwVersion = version };

    return CALL(b, QueryKeySizes, &b->data, spec, flags, &info);
}

void step_sizes_badly(struct run *r)
{
    CARD_KEY_SIZES info = { .dwVersion = CARD_KEY_SIZES_CURRENT_VERSION };
    struct bench b;
    DWORD spec;

    bench_open(r, &b);
    be_user(&b);
    spec = any_spec(&b) != 0 ? any_spec(&b) : AT_SIGNATURE;
    EXPECT(r, CALL(&b, QueryKeySizes, NULL, spec, 0, &info), INVALID);
    EXPECT(r, CALL(&b, QueryKeySizes, &b.data, spec, 0, NULL), INVALID);
    EXPECT(r, sizes(&b, 0xFF, 0, 1), INVALID);
    for (DWORD other = AT_ECDSA_P256; other < SPECS_END; other++)
        if (!has_spec(&b, other))
            EXPECT(r, sizes(&b, other, 0, 1), SCARD_E_UNSUPPORTED_FEATURE);
    EXPECT(r, sizes(&b, spec, 1, 1), INVALID);
    EXPECT(r, sizes(&b, spec, 0, 65537), MISMATCH);
    EXPECT(r, sizes(&b, spec, 0, 2), MISMATCH);
}
