/* SPDX-License-Identifier: MIT */
/* The tour, version 4: context, authentication, files, what the card can do. */
#include "kit/bench/tour.h"

#include <string.h>

#define FILE_NAME "kittour"
#define DIR_NAME  "kittourd"

static void as_user(struct tour *t)
{
    be_user(t->b);
}

static bool with_admin(const struct tour *t)
{
    return t->admin;
}

static bool has_unblocking(const struct tour *t)
{
    return t->admin || t->b->run->config->puk.len != 0;
}

static bool has_logout(const struct tour *t)
{
    return t->b->data.pfnCardDeauthenticate != NULL;
}

static PBYTE pin(const struct tour *t)
{
    return bytes_of(t->b->run->config->user_pin.bytes);
}

static DWORD pin_len(const struct tour *t)
{
    return t->b->run->config->user_pin.len;
}

/* ---- context --------------------------------------------------------------------------------- */

static void fill_other(struct tour *t)
{
    bench_fill(t->b, &t->other, t->b->data.dwVersion);
    t->other.pfnCspAlloc = t->b->data.pfnCspAlloc; /* a test may have callbacks of its own */
    t->other.pfnCspReAlloc = t->b->data.pfnCspReAlloc;
    t->other.pfnCspFree = t->b->data.pfnCspFree;
}

static DWORD acquire(struct tour *t)
{
    return ACQUIRE(t->b, &t->other, 0);
}

static void acquire_other(struct tour *t)
{
    fill_other(t);
    (void)acquire(t);
}

static DWORD delete(struct tour *t)
{
    return CALL(t->b, DeleteContext, &t->other);
}

static void delete_other(struct tour *t)
{
    if (t->other.pvVendorSpecific != NULL)
        (void)delete(t);
    t->other.pvVendorSpecific = NULL;
}

/* ---- authentication -------------------------------------------------------------------------- */

static DWORD authenticate_pin(struct tour *t)
{
    DWORD left = 0;

    return CALL(t->b, AuthenticatePin, &t->b->data, user_name(), pin(t), pin_len(t), &left);
}

static DWORD get_challenge(struct tour *t)
{
    PBYTE challenge = NULL;
    DWORD len = 0, rc = CALL(t->b, GetChallenge, &t->b->data, &challenge, &len);

    tour_take(t, 0, challenge, len);
    return rc;
}

static void draw(struct tour *t)
{
    t->response_len = draw_and_answer(t->b, t->response);
}

static DWORD authenticate_challenge(struct tour *t)
{
    DWORD left = 0;

    return CALL(t->b, AuthenticateChallenge, &t->b->data, t->response, t->response_len, &left);
}

static DWORD deauthenticate(struct tour *t)
{
    return CALL(t->b, Deauthenticate, &t->b->data, user_name(), 0);
}

static void prove(struct tour *t)
{
    const struct kit_secret *puk = &t->b->run->config->puk;

    if (puk->len == 0) {
        draw(t);
        return;
    }
    memcpy(t->response, puk->bytes, puk->len);
    t->response_len = puk->len;
}

static DWORD unblock(struct tour *t)
{
    return CALL(t->b, UnblockPin, &t->b->data, user_name(), t->response, t->response_len, pin(t),
                pin_len(t), 0, CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE);
}

static DWORD change(struct tour *t)
{
    DWORD left = 0;

    return CALL(t->b, ChangeAuthenticator, &t->b->data, user_name(), pin(t), pin_len(t), pin(t),
                pin_len(t), 0, CARD_AUTHENTICATE_PIN_PIN, &left);
}

/* ---- files ----------------------------------------------------------------------------------- */

static DWORD create_directory(struct tour *t)
{
    return CALL(t->b, CreateDirectory, &t->b->data, str(DIR_NAME), UserCreateDeleteDirAc);
}

static DWORD delete_directory(struct tour *t)
{
    return CALL(t->b, DeleteDirectory, &t->b->data, str(DIR_NAME));
}

static DWORD create_file(struct tour *t)
{
    return make_file(t->b, FIXTURE_DIR, FILE_NAME, EveryoneReadUserWriteAc);
}

static DWORD delete_file(struct tour *t)
{
    return drop_file(t->b, FIXTURE_DIR, FILE_NAME);
}

static void make_directory(struct tour *t)
{
    (void)create_directory(t);
}

static void drop_directory(struct tour *t)
{
    (void)delete_directory(t);
}

static void make_one(struct tour *t)
{
    (void)create_file(t);
}

static void drop_one(struct tour *t)
{
    (void)delete_file(t);
}

static DWORD read_file(struct tour *t)
{
    PBYTE data = NULL;
    DWORD len = 0, rc = CALL(t->b, ReadFile, &t->b->data, str(FIXTURE_DIR), str(FIXTURE_FILE), 0,
                             &data, &len);

    tour_take(t, 0, data, len);
    return rc;
}

static DWORD write_file(struct tour *t)
{
    return put_file(t->b, FIXTURE_DIR, FIXTURE_FILE, FIXTURE_TEXT, strlen(FIXTURE_TEXT));
}

static DWORD file_info(struct tour *t)
{
    CARD_FILE_INFO info = { .dwVersion = CARD_FILE_INFO_CURRENT_VERSION };

    return CALL(t->b, GetFileInfo, &t->b->data, str(FIXTURE_DIR), str(FIXTURE_FILE), &info);
}

static DWORD enum_files(struct tour *t)
{
    LPSTR names = NULL;
    DWORD len = 0, rc = CALL(t->b, EnumFiles, &t->b->data, str(FIXTURE_DIR), &names, &len, 0);

    tour_take(t, 0, names, len);
    return rc;
}

/* ---- what the card can do -------------------------------------------------------------------- */

static DWORD free_space(struct tour *t)
{
    CARD_FREE_SPACE_INFO info = { .dwVersion = CARD_FREE_SPACE_INFO_CURRENT_VERSION };

    return CALL(t->b, QueryFreeSpace, &t->b->data, 0, &info);
}

static DWORD capabilities(struct tour *t)
{
    CARD_CAPABILITIES says = { .dwVersion = CARD_CAPABILITIES_CURRENT_VERSION };

    return CALL(t->b, QueryCapabilities, &t->b->data, &says);
}

static DWORD key_sizes(struct tour *t)
{
    CARD_KEY_SIZES sizes = { .dwVersion = CARD_KEY_SIZES_CURRENT_VERSION };

    return CALL(t->b, QueryKeySizes, &t->b->data, t->new_spec, 0, &sizes);
}

const struct stop tour_card_stops[] = {
    { "CardAcquireContext", 4, NULL, fill_other, acquire, delete_other },
    { "CardDeleteContext", 4, NULL, acquire_other, delete, delete_other },
    { "CardAuthenticatePin", 4, NULL, NULL, authenticate_pin, NULL },
    { "CardGetChallenge", 4, with_admin, NULL, get_challenge, NULL },
    { "CardAuthenticateChallenge", 4, with_admin, draw, authenticate_challenge, as_user },
    { "CardDeauthenticate", 4, has_logout, NULL, deauthenticate, as_user },
    { "CardUnblockPin", 4, has_unblocking, prove, unblock, as_user },
    { "CardChangeAuthenticator", 4, NULL, NULL, change, as_user },
    { "CardCreateDirectory", 4, NULL, NULL, create_directory, drop_directory },
    { "CardDeleteDirectory", 4, NULL, make_directory, delete_directory, drop_directory },
    { "CardReadFile", 4, NULL, NULL, read_file, NULL },
    { "CardCreateFile", 4, NULL, NULL, create_file, drop_one },
    { "CardGetFileInfo", 4, NULL, NULL, file_info, NULL },
    { "CardWriteFile", 4, NULL, NULL, write_file, NULL },
    { "CardDeleteFile", 4, NULL, make_one, delete_file, drop_one },
    { "CardEnumFiles", 4, NULL, NULL, enum_files, NULL },
    { "CardQueryFreeSpace", 4, NULL, NULL, free_space, NULL },
    { "CardQueryCapabilities", 4, NULL, NULL, capabilities, NULL },
    { "CardQueryKeySizes", 4, NULL, NULL, key_sizes, NULL },
    { .function = NULL },
};
