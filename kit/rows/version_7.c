/* SPDX-License-Identifier: MIT */
/* Functions of version 7: what every module of that version must have. The nine that bring in keys
 * under another key are optional: a module without them says so in each of them. */
#include "kit/bench/fixture_keys.h"
#include "kit/bench/key_use.h"
#include "kit/groups.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define OK      SCARD_S_SUCCESS
#define INVALID SCARD_E_INVALID_PARAMETER
#define CANNOT  SCARD_E_UNSUPPORTED_FEATURE

/* ---- the table ------------------------------------------------------------------------------- */

/* Entry points that version 7 brings; a module fills all of them, also those that only answer that
 * they are not supported. */
static const struct {
    const char *name;
    size_t at;
} slots[] = {
#define SLOT(name) { #name, offsetof(CARD_DATA, pfn##name) }
    SLOT(MDImportSessionKey),   SLOT(MDEncryptData),        SLOT(CardImportSessionKey),
    SLOT(CardGetSharedKeyHandle), SLOT(CardGetAlgorithmProperty), SLOT(CardGetKeyProperty),
    SLOT(CardSetKeyProperty),   SLOT(CardDestroyKey),       SLOT(CardProcessEncryptedData),
    SLOT(CardCreateContainerEx),
#undef SLOT
};

static void all_there(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    for (size_t i = 0; i < ARRAY(slots); i++) {
        void *const *slot = (void *const *)(const void *)((const char *)&b.data + slots[i].at);

        CHECK(r, *slot != NULL, "pfn%s is NULL", slots[i].name);
    }
}

static const struct requirement table_rows[] = {
    ROW("V7.1.1", "A module of version 7 has every entry point of version 7", all_there,
        .versions = KIT_V(7)),
};

/* ---- CardCreateContainerEx ------------------------------------------------------------------- */

static DWORD create(struct bench *b, PCARD_DATA data, BYTE index, DWORD flags, PIN_ID pin)
{
    const DWORD spec = any_spec(b);

    return CALL(b, CreateContainerEx, data, index, flags, spec, spec_bits(b, spec), NULL, pin);
}

/* The public half, proven to belong to what the container uses. */
static EVP_PKEY *see_key(struct bench *b, BYTE index)
{
    const char *why = "";
    EVP_PKEY *key = public_key_of(b, index, any_spec(b), &why);

    CHECK(b->run, key != NULL, "no public key: %s", why);
    prove_key(b, index, any_spec(b), key);
    return key;
}

static BYTE make_key(struct run *r, struct bench *b)
{
    BYTE index;

    bench_open(r, b);
    need_generation(b);
    index = need_scratch(b);
    EXPECT(r, create(b, &b->data, index, CARD_CREATE_CONTAINER_KEY_GEN, ROLE_USER), OK);
    return index;
}

static void makes_keys(struct run *r)
{
    struct bench b;
    BYTE index = make_key(r, &b);

    EVP_PKEY_free(see_key(&b, index));
    NEED(r, drop_container(&b, index));
}

static void makes_over(struct run *r)
{
    struct bench b;
    BYTE index = make_key(r, &b);
    EVP_PKEY *first = see_key(&b, index), *second;

    EXPECT(r, create(&b, &b.data, index, CARD_CREATE_CONTAINER_KEY_GEN, ROLE_USER), OK);
    second = see_key(&b, index);
    CHECK(r, EVP_PKEY_eq(first, second) != 1, "the key from before is still there");
    NEED(r, drop_container(&b, index));
}

static void refuses_data(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    EXPECT(r, create(&b, NULL, empty_index(&b), CARD_CREATE_CONTAINER_KEY_GEN, ROLE_USER), INVALID);
}

/* Who guards a key: a PIN that there is, and not the admin. */
static void refuses_pins(struct run *r)
{
    static const PIN_ID pins[] = { ROLE_EVERYONE, ROLE_ADMIN, MAX_PINS, 0xFFFFFFFF };
    struct bench b;
    BYTE index;

    bench_open(r, &b);
    need_generation(&b);
    index = need_scratch(&b);
    for (size_t i = 0; i < ARRAY(pins); i++) {
        be_user(&b);
        EXPECT(r, create(&b, &b.data, index, CARD_CREATE_CONTAINER_KEY_GEN, pins[i]), INVALID,
               CANNOT, SCARD_W_SECURITY_VIOLATION);
    }
}

static void refuses_flags(struct run *r)
{
    static const DWORD flags[] = { 0, 4, 0xFF };
    struct bench b;
    BYTE index;

    bench_open(r, &b);
    need_generation(&b);
    index = need_scratch(&b);
    for (size_t i = 0; i < ARRAY(flags); i++)
        EXPECT(r, create(&b, &b.data, index, flags[i], ROLE_USER), INVALID);
}

static void refuses_nobody(struct run *r)
{
    struct bench b;
    BYTE index;

    bench_open(r, &b);
    need_generation(&b);
    index = need_scratch(&b);
    be_nobody(&b);
    EXPECT(r, create(&b, &b.data, index, CARD_CREATE_CONTAINER_KEY_GEN, ROLE_USER),
           SCARD_W_SECURITY_VIOLATION);
}

#define V7_ROW(id_, words_, test_, ...) \
    ROW(id_, words_, test_, .versions = KIT_V(7), __VA_ARGS__)

static const struct requirement create_rows[] = {
    ROW("V7.2.1", "CardCreateContainerEx makes a key of the user's", makes_keys,
        .versions = KIT_V(7)),
    ROW("V7.2.2", "... also in the place of another", makes_over, .versions = KIT_V(7)),
};

static const struct requirement create_errors[] = {
    V7_ROW("V7.2.E1", "CardCreateContainerEx refuses pCardData NULL", refuses_data,
           .codes = { INVALID }),
    V7_ROW("V7.2.E2", "... flags that are neither of the two", refuses_flags, .codes = { INVALID }),
    V7_ROW("V7.2.E3", "... PINs that guard no keys", refuses_pins, .codes = { INVALID }),
    V7_ROW("V7.2.E4", "... nobody authenticated", refuses_nobody,
           .codes = { SCARD_W_SECURITY_VIOLATION }),
};

/* ---- keys under keys ------------------------------------------------------------------------- */

static const WCHAR blob_type[] = BCRYPT_KEY_DATA_BLOB, aes[] = CARD_AES_ALGORITHM,
                   function[] = CSF_AUTHENTICATE, block_len[] = CKP_BLOCK_LENGTH,
                   chaining[] = CKP_CHAINING_MODE, modes[] = CP_CHAINING_MODES;
static BYTE bytes[64];

static DWORD md_import(struct bench *b, PCARD_DATA data)
{
    CARD_KEY_HANDLE key = 0;

    (void)b;
    return b->data.pfnMDImportSessionKey(data, blob_type, aes, &key, bytes, sizeof(bytes));
}

static DWORD md_encrypt(struct bench *b, PCARD_DATA data)
{
    PCARD_ENCRYPTED_DATA out = NULL;
    DWORD count = 0;

    return b->data.pfnMDEncryptData(data, 0, function, bytes, sizeof(bytes), 0, &out, &count);
}

static DWORD import(struct bench *b, PCARD_DATA data)
{
    CARD_KEY_HANDLE key = 0;

    return CALL(b, ImportSessionKey, data, 0, NULL, blob_type, aes, &key, bytes, sizeof(bytes), 0);
}

static DWORD get_key(struct bench *b, PCARD_DATA data)
{
    DWORD value = 0, len = 0;

    return CALL(b, GetKeyProperty, data, 0, block_len, (PBYTE)&value, sizeof(value), &len, 0);
}

static DWORD set_key(struct bench *b, PCARD_DATA data)
{
    return CALL(b, SetKeyProperty, data, 0, chaining, bytes, sizeof(bytes), 0);
}

static DWORD algorithm(struct bench *b, PCARD_DATA data)
{
    DWORD len = 0;

    return CALL(b, GetAlgorithmProperty, data, aes, modes, bytes, sizeof(bytes), &len, 0);
}

static DWORD shared(struct bench *b, PCARD_DATA data)
{
    CARD_KEY_HANDLE key = 0;
    PBYTE out = NULL;
    DWORD len = 0;

    return CALL(b, GetSharedKeyHandle, data, bytes, sizeof(bytes), &out, &len, &key);
}

static DWORD destroy(struct bench *b, PCARD_DATA data)
{
    return CALL(b, DestroyKey, data, 0);
}

static DWORD process(struct bench *b, PCARD_DATA data)
{
    CARD_ENCRYPTED_DATA piece = { .pbEncryptedData = bytes, .cbEncryptedData = sizeof(bytes) };
    DWORD len = 0;

    return CALL(b, ProcessEncryptedData, data, 0, function, &piece, 1, bytes, sizeof(bytes), &len,
                0);
}

/* By the section: which one is asked about. */
static DWORD (*const calls[])(struct bench *b, PCARD_DATA data) = {
    md_import, md_encrypt, import, get_key, set_key, algorithm, shared, destroy, process,
};
#define FIRST_SECTION 3

static DWORD call_it(struct run *r, struct bench *b, PCARD_DATA data)
{
    const size_t section = strtoul(r->section->number + strlen("V7."), NULL, 10);

    if (section < FIRST_SECTION || section - FIRST_SECTION >= ARRAY(calls))
        run_blocked(r, "no such section");
    return calls[section - FIRST_SECTION](b, data);
}

/* A key that nobody brought, bytes that are none: no success, whatever the module can do. */
static void says_what_it_lacks(struct run *r)
{
    static const WCHAR name[] = CP_KEY_IMPORT_SUPPORT;
    DWORD ways = 0, len = 0, rc;
    struct bench b;

    bench_open(r, &b);
    be_user(&b);
    (void)CALL(&b, GetProperty, &b.data, name, (PBYTE)&ways, sizeof(ways), &len, 0);
    rc = call_it(r, &b, &b.data);
    if ((ways & ~(DWORD)CARD_KEY_IMPORT_PLAIN_TEXT) != 0)
        run_not_applicable(r, "keys are brought in under other keys (CP_KEY_IMPORT_SUPPORT %X)",
                           (unsigned)ways);
    EXPECT(r, rc, CANNOT);
}

static void refuses_no_data(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    EXPECT(r, call_it(r, &b, NULL), INVALID);
}

#define INJECTION(n, name)                                                                     \
    static const struct requirement well_##n[] = {                                             \
        V7_ROW("V7." #n ".1", #name " is there, or says that it is not", says_what_it_lacks,   \
               .codes = { CANNOT }) };                                                         \
    static const struct requirement badly_##n[] = {                                            \
        V7_ROW("V7." #n ".E1", #name " refuses pCardData NULL", refuses_no_data,               \
               .codes = { INVALID }) };
INJECTION(3, MDImportSessionKey)
INJECTION(4, MDEncryptData)
INJECTION(5, CardImportSessionKey)
INJECTION(6, CardGetKeyProperty)
INJECTION(7, CardSetKeyProperty)
INJECTION(8, CardGetAlgorithmProperty)
INJECTION(9, CardGetSharedKeyHandle)
INJECTION(10, CardDestroyKey)
INJECTION(11, CardProcessEncryptedData)

#define SECTIONS(n, name)                                              \
    { "V7." #n, #name, KIT_FUNCTIONAL, NULL, well_##n, ARRAY(well_##n) }, \
    { "V7." #n, #name, KIT_ERROR, NULL, badly_##n, ARRAY(badly_##n) }

static const struct section sections[] = {
    { "V7.1", "", KIT_FUNCTIONAL, NULL, table_rows, ARRAY(table_rows) },
    { "V7.2", "CardCreateContainerEx", KIT_FUNCTIONAL, NULL, create_rows, ARRAY(create_rows) },
    { "V7.2", "CardCreateContainerEx", KIT_ERROR, NULL, create_errors, ARRAY(create_errors) },
    SECTIONS(3, MDImportSessionKey),
    SECTIONS(4, MDEncryptData),
    SECTIONS(5, CardImportSessionKey),
    SECTIONS(6, CardGetKeyProperty),
    SECTIONS(7, CardSetKeyProperty),
    SECTIONS(8, CardGetAlgorithmProperty),
    SECTIONS(9, CardGetSharedKeyHandle),
    SECTIONS(10, CardDestroyKey),
    SECTIONS(11, CardProcessEncryptedData),
};

const struct group version_7_rows = { sections, ARRAY(sections) };
