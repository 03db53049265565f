/* SPDX-License-Identifier: MIT */
/* The functions of the interface, how each is called well, and its rows in the order of print. */
#include "faults.h"

#include <string.h>

#define INVALID   SCARD_E_INVALID_PARAMETER
#define VIOLATION SCARD_W_SECURITY_VIOLATION
#define LACKS     SCARD_E_UNSUPPORTED_FEATURE
#define NO_KEY    SCARD_E_NO_KEY_CONTAINER
#define MISMATCH  ERROR_REVISION_MISMATCH
#define SLOT(fn)  (a->d->data.pfnCard##fn)

/* ---- roles ----------------------------------------------------------------------------------- */

static DWORD authenticate_pin(struct args *a)
{
    DWORD left = 77;

    return SLOT(AuthenticatePin)(a->data, a->user, a->in, a->in_len, &left);
}

static const struct row authenticate_pin_rows[] = {
    { "CMR.3.2.1.E1", NO_DATA,    INVALID },
    { "CMR.3.2.1.E2", NO_USER,    INVALID },
    { "CMR.3.2.1.E3", NO_IN,      INVALID },
    { "CMR.3.2.1.E4", OTHER_USER, INVALID },
    { "CMR.3.2.1.E5", IN_EMPTY,   INVALID },
    { "CMR.3.2.1.E5", IN_SHORT,   INVALID },
    { "CMR.3.2.1.E5", IN_LONG,    INVALID },
    { "CMR.3.2.1.E6", IN_WRONG,   SCARD_W_WRONG_CHV },
};

static DWORD get_challenge(struct args *a)
{
    return SLOT(GetChallenge)(a->data, a->out, a->out_len);
}

static const struct row get_challenge_rows[] = {
    { "CMR.3.2.2.E1", NO_DATA,    INVALID },
    { "CMR.3.2.2.E2", NO_OUT,     INVALID },
    { "CMR.3.2.2.E3", NO_OUT_LEN, INVALID },
};

static DWORD authenticate_challenge(struct args *a)
{
    return SLOT(AuthenticateChallenge)(a->data, a->in, a->in_len, NULL);
}

static void adjust_challenge(struct args *a)
{
    PBYTE challenge = NULL;
    DWORD len = 0;

    a->role = NOBODY;
    assert_rc(SLOT(GetChallenge)(&a->d->data, &challenge, &len), SCARD_S_SUCCESS);
    assert_int_equal(len, 8);
    respond_to(challenge, a->bytes);
    mem_free(challenge);
}

static const struct row authenticate_challenge_rows[] = {
    { "CMR.3.2.3.E1", NO_DATA,      INVALID },
    { "CMR.3.2.3.E2", NO_IN,        INVALID },
    { "CMR.3.2.3.E3", IN_EMPTY,     INVALID },
    { "3a: length",   IN_SHORT,     SCARD_W_WRONG_CHV },
    { "3a: length",   IN_LONG,      SCARD_W_WRONG_CHV },
    { "CMR.3.2.3.E4", NO_CHALLENGE, SCARD_W_WRONG_CHV },
    { "CMR.3.2.3.E5", IN_WRONG,     SCARD_W_WRONG_CHV },
};

static DWORD deauthenticate(struct args *a)
{
    return SLOT(Deauthenticate)(a->data, a->user, a->flags);
}

static const struct row deauthenticate_rows[] = {
    { "CMR.3.2.4.E1", NO_DATA,    INVALID },
    { "inferred",     NO_USER,    INVALID },
    { "inferred",     OTHER_USER, INVALID },
    { "CMR.3.2.4.E4", FLAGS,      INVALID },
};

static DWORD authenticate_ex(struct args *a)
{
    return SLOT(AuthenticateEx)(a->data, a->pin, a->flags, a->in, a->in_len, a->out, a->out_len,
                                NULL);
}

static const struct row authenticate_ex_rows[] = {
    { "version 6", NO_DATA,     INVALID },
    { "version 6", PIN_ID_HIGH, INVALID },
    { "version 6", NO_IN,       INVALID },
    { "version 6", FLAGS,       INVALID },
    { "version 6", IN_EMPTY,    INVALID },
    { "version 6", IN_LONG,     INVALID },
    { "version 6", IN_WRONG,    SCARD_W_WRONG_CHV },
};

static DWORD get_challenge_ex(struct args *a)
{
    return SLOT(GetChallengeEx)(a->data, a->pin, a->out, a->out_len, a->flags);
}

static void adjust_admin(struct args *a)
{
    a->pin = ROLE_ADMIN;
}

static const struct row get_challenge_ex_rows[] = {
    { "version 6", NO_DATA,     INVALID },
    { "version 6", NO_OUT,      INVALID },
    { "version 6", NO_OUT_LEN,  INVALID },
    { "version 6", PIN_ID_HIGH, INVALID },
    { "version 6", FLAGS,       INVALID },
};

static DWORD unblock_pin(struct args *a)
{
    return SLOT(UnblockPin)(a->data, a->user, a->in, a->in_len, a->fresh, a->fresh_len, a->tries,
                            a->flags);
}

static void adjust_fresh(struct args *a)
{
    static const BYTE same[] = PIN;

    a->fresh = bytes(same);
    a->fresh_len = PIN_LEN;
}

static void adjust_unblock(struct args *a)
{
    adjust_challenge(a);
    adjust_fresh(a);
    a->flags = CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE;
}

static const struct row unblock_pin_rows[] = {
    { "CMR.3.3.1.E1", NO_DATA,      INVALID },
    { "CMR.3.3.1.E2", NO_USER,      INVALID },
    { "CMR.3.3.1.E3", NO_IN,        INVALID },
    { "CMR.3.3.1.E4", NO_FRESH,     INVALID },
    { "CMR.3.3.1.E5", OTHER_USER,   INVALID },
    { "CMR.3.3.1.E6", IN_EMPTY,     INVALID },
    { "CMR.3.3.1.E7", FRESH_SHORT,  INVALID },
    { "CMR.3.3.1.E7", FRESH_LONG,   INVALID },
    { "CMR.3.3.1.E8", TRIES_HIGH,   INVALID },
    { "CMR.3.3.1.E9", FLAGS,        INVALID },
    { "the card",     IN_SHORT,     SCARD_W_WRONG_CHV },
    { "the card",     IN_LONG,      SCARD_W_WRONG_CHV },
    { "the card",     NO_CHALLENGE, SCARD_W_WRONG_CHV },
    { "the card",     IN_WRONG,     SCARD_W_WRONG_CHV },
};

static DWORD change_authenticator(struct args *a)
{
    DWORD left = 77;

    return SLOT(ChangeAuthenticator)(a->data, a->user, a->in, a->in_len, a->fresh, a->fresh_len,
                                     a->tries, a->flags, &left);
}

static void adjust_change(struct args *a)
{
    adjust_fresh(a);
    a->flags = CARD_AUTHENTICATE_PIN_PIN;
}

static const struct row change_authenticator_rows[] = {
    { "CMR.3.3.2.E1",     NO_DATA,     INVALID },
    { "CMR.3.3.2.E2",     NO_USER,     INVALID },
    { "CMR.3.3.2.E3",     NO_IN,       INVALID },
    { "CMR.3.3.2.E4",     NO_FRESH,    INVALID },
    { "CMR.3.3.2.E5",     OTHER_USER,  INVALID },
    { "CMR.3.3.2.E6, E7", IN_EMPTY,    INVALID },
    { "CMR.3.3.2.E6, E7", IN_SHORT,    INVALID },
    { "CMR.3.3.2.E6, E7", IN_LONG,     INVALID },
    { "CMR.3.3.2.E6, E7", FRESH_SHORT, INVALID },
    { "CMR.3.3.2.E6, E7", FRESH_LONG,  INVALID },
    { "CMR.3.3.2.E8",     TRIES_HIGH,  INVALID },
    { "CMR.3.3.2.E9",     FLAGS,       INVALID },
    { "the card",         IN_WRONG,    SCARD_W_WRONG_CHV },
};

/* ---- files ----------------------------------------------------------------------------------- */

static DWORD create_directory(struct args *a)
{
    return SLOT(CreateDirectory)(a->data, a->name, (CARD_DIRECTORY_ACCESS_CONDITION)a->ac);
}

static void adjust_new(struct args *a)
{
    a->name = str("new");
}

static const struct row create_directory_rows[] = {
    { "CMR.3.4.1.E1", NO_DATA,       INVALID },
    { "CMR.3.4.1.E2", NO_NAME,       INVALID },
    { "CMR.3.4.1.E2", EMPTY_NAME,    INVALID },
    { "CMR.3.4.1.E3", LONG_NAME,     INVALID },
    { "CMR.3.4.1.E4", ODD_NAME,      INVALID },
    { "CMR.3.4.1.E5", BAD_AC,        INVALID },
    { "CMR.3.4.1.E5", AC_ZERO,       INVALID },
    { "inferred",     AS_NOBODY,     VIOLATION },
    { "CMR.3.4.1.E7", TAKEN_BY_DIR,  ERROR_FILE_EXISTS },
    { "CMR.3.4.1.E8", TAKEN_BY_FILE, ERROR_FILE_EXISTS },
};

static DWORD delete_directory(struct args *a)
{
    return SLOT(DeleteDirectory)(a->data, a->name);
}

static void adjust_empty(struct args *a)
{
    a->name = str("empty");
}

static const struct row delete_directory_rows[] = {
    { "CMR.3.4.2.E1", NO_DATA,      INVALID },
    { "CMR.3.4.2.E2", NO_NAME,      INVALID },
    { "CMR.3.4.2.E2", EMPTY_NAME,   INVALID },
    { "CMR.3.4.2.E3", LONG_NAME,    INVALID },
    { "CMR.3.4.2.E4", ODD_NAME,     INVALID },
    { "CMR.3.4.2.E5", AS_NOBODY,    VIOLATION },
    { "CMR.3.4.2.E6", MISSING_NAME, SCARD_E_DIR_NOT_FOUND },
    { "CMR.3.4.2.E7", FULL_DIR,     ERROR_DIR_NOT_EMPTY },
    { "CMR.3.4.2.E9", AS_ADMIN,     VIOLATION },
};

static DWORD read_it(struct args *a)
{
    return SLOT(ReadFile)(a->data, a->dir, a->name, a->flags, a->out, a->out_len);
}

static const struct row read_rows[] = {
    { "CMR.3.4.3.E1",  NO_DATA,      INVALID },
    { "CMR.3.4.3.E2",  NO_NAME,      INVALID },
    { "CMR.3.4.3.E2",  EMPTY_NAME,   INVALID },
    { "CMR.3.4.3.E3",  NO_OUT,       INVALID },
    { "CMR.3.4.3.E4",  NO_OUT_LEN,   INVALID },
    { "CMR.3.4.3.E5",  EMPTY_DIR,    INVALID },
    { "CMR.3.4.3.E5",  LONG_DIR,     INVALID },
    { "CMR.3.4.3.E6",  ODD_DIR,      INVALID },
    { "CMR.3.4.3.E7",  MISSING_DIR,  SCARD_E_DIR_NOT_FOUND },
    { "CMR.3.4.3.E8",  LONG_NAME,    INVALID },
    { "CMR.3.4.3.E9",  ODD_NAME,     INVALID },
    { "CMR.3.4.3.E10", MISSING_NAME, SCARD_E_FILE_NOT_FOUND },
    { "CMR.3.4.3.E11", FLAGS,        INVALID },
    { "CMR.3.4.3.E12", UNREADABLE,   VIOLATION },
};

static DWORD create_it(struct args *a)
{
    return SLOT(CreateFile)(a->data, a->dir, a->name, 16, (CARD_FILE_ACCESS_CONDITION)a->ac);
}

static const struct row create_rows[] = {
    { "CMR.3.4.4.E1",  NO_DATA,     INVALID },
    { "CMR.3.4.4.E2",  NO_NAME,     INVALID },
    { "CMR.3.4.4.E2",  EMPTY_NAME,  INVALID },
    { "CMR.3.4.4.E3",  EMPTY_DIR,   INVALID },
    { "CMR.3.4.4.E3",  LONG_DIR,    INVALID },
    { "CMR.3.4.4.E4",  ODD_DIR,     INVALID },
    { "CMR.3.4.4.E5",  MISSING_DIR, SCARD_E_DIR_NOT_FOUND },
    { "CMR.3.4.4.E6",  AS_NOBODY,   VIOLATION },
    { "CMR.3.4.4.E7",  LONG_NAME,   INVALID },
    { "CMR.3.4.4.E8",  ODD_NAME,    INVALID },
    { "CMR.3.4.4.E9",  UNREADABLE,  ERROR_FILE_EXISTS },
    { "CMR.3.4.4.E12", BAD_AC,      INVALID },
    { "CMR.3.4.4.E12", AC_ZERO,     INVALID },
};

static DWORD get_file_info(struct args *a)
{
    return SLOT(GetFileInfo)(a->data, a->dir, a->name, a->info);
}

static const struct row get_file_info_rows[] = {
    { "CMR.3.4.5.E1",  NO_DATA,      INVALID },
    { "CMR.3.4.5.E2",  NO_NAME,      INVALID },
    { "CMR.3.4.5.E2",  EMPTY_NAME,   INVALID },
    { "CMR.3.4.5.E3",  NO_INFO,      INVALID },
    { "CMR.3.4.5.E4",  EMPTY_DIR,    INVALID },
    { "CMR.3.4.5.E4",  LONG_DIR,     INVALID },
    { "CMR.3.4.5.E5",  ODD_DIR,      INVALID },
    { "CMR.3.4.5.E6",  MISSING_DIR,  SCARD_E_DIR_NOT_FOUND },
    { "CMR.3.4.5.E7",  LONG_NAME,    INVALID },
    { "CMR.3.4.5.E8",  ODD_NAME,     INVALID },
    { "CMR.3.4.5.E9",  MISSING_NAME, SCARD_E_FILE_NOT_FOUND },
    { "CMR.3.4.5.E10", VERSION_HIGH, MISMATCH },
    { "CMR.3.4.5.E11", UNREADABLE,   VIOLATION },
};

static DWORD write_it(struct args *a)
{
    return SLOT(WriteFile)(a->data, a->dir, a->name, a->flags, a->in, a->in_len);
}

static const struct row write_rows[] = {
    { "CMR.3.4.6.E1",  NO_DATA,      INVALID },
    { "CMR.3.4.6.E2",  NO_NAME,      INVALID },
    { "CMR.3.4.6.E2",  EMPTY_NAME,   INVALID },
    { "CMR.3.4.6.E3",  NO_IN,        INVALID },
    { "CMR.3.4.6.E4",  EMPTY_DIR,    INVALID },
    { "CMR.3.4.6.E4",  LONG_DIR,     INVALID },
    { "CMR.3.4.6.E5",  ODD_DIR,      INVALID },
    { "CMR.3.4.6.E6",  MISSING_DIR,  SCARD_E_DIR_NOT_FOUND },
    { "CMR.3.4.6.E7",  LONG_NAME,    INVALID },
    { "CMR.3.4.6.E8",  ODD_NAME,     INVALID },
    { "CMR.3.4.6.E9",  MISSING_NAME, SCARD_E_FILE_NOT_FOUND },
    { "CMR.3.4.6.E10", FLAGS,        INVALID },
    { "CMR.3.4.6.E12", UNWRITABLE,   VIOLATION },
    { "CMR.3.4.6.E12", AS_NOBODY,    VIOLATION },
    { "CMR.3.4.6.E13", IN_HUGE,      SCARD_E_WRITE_TOO_MANY },
};

static DWORD delete_it(struct args *a)
{
    return SLOT(DeleteFile)(a->data, a->dir, a->name, a->flags);
}

static const struct row delete_rows[] = {
    { "CMR.3.4.7.E1",  NO_DATA,      INVALID },
    { "CMR.3.4.7.E2",  NO_NAME,      INVALID },
    { "CMR.3.4.7.E2",  EMPTY_NAME,   INVALID },
    { "CMR.3.4.7.E4",  EMPTY_DIR,    INVALID },
    { "CMR.3.4.7.E4",  LONG_DIR,     INVALID },
    { "CMR.3.4.7.E5",  ODD_DIR,      INVALID },
    { "CMR.3.4.7.E6",  MISSING_DIR,  SCARD_E_DIR_NOT_FOUND },
    { "CMR.3.4.7.E7",  LONG_NAME,    INVALID },
    { "CMR.3.4.7.E8",  ODD_NAME,     INVALID },
    { "CMR.3.4.7.E9",  MISSING_NAME, SCARD_E_FILE_NOT_FOUND },
    { "CMR.3.4.7.E10", FLAGS,        INVALID },
    { "CMR.3.4.7.E11", AS_NOBODY,    VIOLATION },
    { "CMR.3.4.7.E12", UNWRITABLE,   VIOLATION },
};

static DWORD enum_files(struct args *a)
{
    return SLOT(EnumFiles)(a->data, a->dir, (LPSTR *)(void *)a->out, a->out_len, a->flags);
}

static const struct row enum_rows[] = {
    { "CMR.3.4.8.E1", NO_DATA,     INVALID },
    { "CMR.3.4.8.E2", NO_OUT,      INVALID },
    { "CMR.3.4.8.E3", NO_OUT_LEN,  INVALID },
    { "CMR.3.4.8.E4", EMPTY_DIR,   INVALID },
    { "CMR.3.4.8.E4", LONG_DIR,    INVALID },
    { "CMR.3.4.8.E5", ODD_DIR,     INVALID },
    { "CMR.3.4.8.E6", MISSING_DIR, SCARD_E_DIR_NOT_FOUND },
    { "CMR.3.4.8.E7", FLAGS,       INVALID },
    { "CMR.3.4.8.E8", NO_FILES,    SCARD_E_DIR_NOT_FOUND },
};

static DWORD query_free_space(struct args *a)
{
    return SLOT(QueryFreeSpace)(a->data, a->flags, a->info);
}

static const struct row query_free_space_rows[] = {
    { "CMR.3.4.9.E1", NO_DATA,      INVALID },
    { "CMR.3.4.9.E2", NO_INFO,      INVALID },
    { "CMR.3.4.9.E3", FLAGS,        INVALID },
    { "CMR.3.4.9.E4", VERSION_HIGH, MISMATCH },
};

/* ---- capabilities ---------------------------------------------------------------------------- */

static DWORD query_capabilities(struct args *a)
{
    return SLOT(QueryCapabilities)(a->data, a->info);
}

static const struct row query_capabilities_rows[] = {
    { "CMR.4.1.1.E1", NO_DATA,      INVALID },
    { "CMR.4.1.1.E2", NO_INFO,      INVALID },
    { "CMR.4.1.1.E3", VERSION_HIGH, MISMATCH },
};

static DWORD query_key_sizes(struct args *a)
{
    return SLOT(QueryKeySizes)(a->data, a->spec, a->flags, a->info);
}

static const struct row query_key_sizes_rows[] = {
    { "CMR.4.3.6.E1", NO_DATA,      INVALID },
    { "CMR.4.3.6.E2", NO_INFO,      INVALID },
    { "CMR.4.3.6.E3", BAD_SPEC,     INVALID },
    { "CMR.4.3.6.E4", FLAGS,        INVALID },
    { "CMR.4.3.6.E5", VERSION_HIGH, MISMATCH },
};

static DWORD get_property(struct args *a)
{
    return SLOT(GetProperty)(a->data, a->property, a->info, a->room, a->out_len, a->flags);
}

static const WCHAR no_property[] = CM_WSTR("Free space");

/* A property's name stands in for the name of a file: NO_NAME and MISSING_NAME spoil it. */
static DWORD get_property_by_name(struct args *a)
{
    if (a->name == NULL)
        a->property = NULL;
    else if (strcmp(a->name, "none") == 0)
        a->property = no_property;
    return get_property(a);
}

static void adjust_property(struct args *a)
{
    static const WCHAR name[] = CP_CARD_CAPABILITIES;

    a->property = name;
    a->room = sizeof(CARD_CAPABILITIES);
}

static const struct row get_property_rows[] = {
    { "version 6", NO_DATA,      INVALID },
    { "version 6", NO_NAME,      INVALID },
    { "version 6", NO_INFO,      INVALID },
    { "version 6", NO_OUT_LEN,   INVALID },
    { "version 6", MISSING_NAME, INVALID },
    { "version 6", FLAGS,        INVALID },
    { "version 6", SMALL_ROOM,   ERROR_INSUFFICIENT_BUFFER },
    { "version 6", VERSION_HIGH, MISMATCH },
};

/* ---- containers ------------------------------------------------------------------------------ */

static DWORD create_container(struct args *a)
{
    return SLOT(CreateContainer)(a->data, a->index, a->flags, a->spec, a->bits, a->in);
}

static void adjust_generate(struct args *a)
{
    a->flags = CARD_CREATE_CONTAINER_KEY_GEN;
    a->bits = 1024;
    a->index = 2;
}

static void adjust_import(struct args *a)
{
    adjust_generate(a);
    a->flags = CARD_CREATE_CONTAINER_KEY_IMPORT;
}

static const struct row generate_rows[] = {
    { "CMR.4.2.1.E1", NO_DATA,      INVALID },
    { "CMR.4.2.1.E4", FLAGS,        INVALID },
    { "CMR.4.2.1.E5", BAD_SPEC,     INVALID },
    { "CMR.4.2.1.E6", BAD_BITS,     INVALID },
    { "CMR.4.2.1.E6", LACKING_BITS, LACKS },
    { "inferred",     NO_INDEX,     NO_KEY },
    { "CMR.4.2.1.E8", AS_NOBODY,    VIOLATION },
    { "CMR.4.2.1.E8", AS_ADMIN,     VIOLATION },
};

static const struct row import_rows[] = {
    { "CMR.4.2.1.E1",       NO_DATA,      INVALID },
    { "CMR.4.2.1.E2",       NO_IN,        INVALID },
    { "CMR.4.2.1.E5",       BAD_SPEC,     INVALID },
    { "CMR.4.2.1.E6",       BAD_BITS,     INVALID },
    { "CMR.4.2.1.E6",       LACKING_BITS, LACKS },
    { "inferred: the blob", IN_WRONG,     INVALID },
};

static DWORD delete_container(struct args *a)
{
    return SLOT(DeleteContainer)(a->data, a->index, a->flags);
}

static const struct row delete_container_rows[] = {
    { "CMR.4.2.2.E1", NO_DATA,   INVALID },
    { "CMR.4.2.2.E3", FLAGS,     INVALID },
    { "CMR.4.2.2.E4", AS_NOBODY, VIOLATION },
};

static DWORD get_container_info(struct args *a)
{
    return SLOT(GetContainerInfo)(a->data, a->index, a->flags, a->info);
}

static const struct row get_container_info_rows[] = {
    { "CMR.4.2.3.E1", NO_DATA,      INVALID },
    { "CMR.4.2.3.E2", NO_INFO,      INVALID },
    { "CMR.4.2.3.E3", NO_INDEX,     NO_KEY },
    { "CMR.4.2.3.E3", EMPTY_INDEX,  NO_KEY },
    { "CMR.4.2.3.E4", FLAGS,        INVALID },
    { "CMR.4.2.3.E5", VERSION_HIGH, MISMATCH },
};

/* ---- operations with keys -------------------------------------------------------------------- */

static DWORD sign_data(struct args *a)
{
    CARD_SIGNING_INFO *info = &a->box.sign;

    info->bContainerIndex = a->index;
    info->dwKeySpec = a->spec;
    info->dwSigningFlags = a->flags;
    info->pbData = a->in;
    info->cbData = a->in_len;
    return SLOT(SignData)(a->data, a->info != NULL ? info : NULL);
}

static void adjust_sign(struct args *a)
{
    a->box.sign.dwVersion = CARD_SIGNING_INFO_BASIC_VERSION;
    a->box.sign.aiHashAlg = CALG_SHA1;
    a->in_len = 20;
}

static const struct row sign_data_rows[] = {
    { "CMR.4.3.5.E1",  NO_DATA,      INVALID },
    { "CMR.4.3.5.E2",  NO_INFO,      INVALID },
    { "CMR.4.3.5.E3",  VERSION_HIGH, MISMATCH },
    { "CMR.4.3.5.E4",  NO_IN,        INVALID },
    { "CMR.4.3.5.E5",  NO_INDEX,     NO_KEY },
    { "CMR.4.3.5.E5",  EMPTY_INDEX,  NO_KEY },
    { "CMR.4.3.5.E6",  BAD_SPEC,     INVALID },
    { "4.3.1.E5",      OTHER_SPEC,   INVALID },
    { "CMR.4.3.5.E7",  FLAGS,        INVALID },
    { "CMR.4.3.5.E8",  NO_HASH,      INVALID },
    { "CMR.4.3.5.E9",  STRANGE_HASH, LACKS },
    { "inferred",      IN_LONG,      INVALID },
    { "CMR.4.3.5.E10", AS_NOBODY,    VIOLATION },
    { "CMR.4.3.5.E10", AS_ADMIN,     VIOLATION },
};

static DWORD rsa_decrypt(struct args *a)
{
    CARD_RSA_DECRYPT_INFO *info = &a->box.decrypt;

    info->bContainerIndex = a->index;
    info->dwKeySpec = a->spec;
    info->pbData = a->in;
    info->cbData = a->in_len;
    return SLOT(RSADecrypt)(a->data, a->info != NULL ? info : NULL);
}

static void adjust_decrypt(struct args *a)
{
    a->box.decrypt.dwVersion = CARD_RSA_KEY_DECRYPT_INFO_VERSION_TWO;
    a->box.decrypt.dwPaddingType = CARD_PADDING_NONE;
    a->index = 1;
    a->spec = AT_KEYEXCHANGE;
    a->in_len = 128;
}

static const struct row rsa_decrypt_rows[] = {
    { "CMR.4.3.1.E1",       NO_DATA,      INVALID },
    { "CMR.4.3.1.E2",       NO_INFO,      INVALID },
    { "CMR.4.3.1.E3",       VERSION_HIGH, MISMATCH },
    { "CMR.4.3.1.E4",       NO_INDEX,     NO_KEY },
    { "CMR.4.3.1.E4",       EMPTY_INDEX,  NO_KEY },
    { "CMR.4.3.1.E5",       BAD_SPEC,     INVALID },
    { "CMR.4.3.1.E5",       OTHER_SPEC,   INVALID },
    { "CMR.4.3.1.E6",       NO_IN,        INVALID },
    { "CMR.4.3.1.E7",       IN_SHORT,     SCARD_E_INSUFFICIENT_BUFFER },
    { "inferred: too long", IN_LONG,      INVALID },
    { "CMR.4.3.1.E8",       AS_NOBODY,    VIOLATION },
    { "CMR.4.3.1.E8",       AS_ADMIN,     VIOLATION },
};

static DWORD construct(struct args *a)
{
    CARD_DH_AGREEMENT_INFO *info = &a->box.agreement;

    info->bContainerIndex = a->index;
    info->dwFlags = a->flags;
    info->pbPublicKey = a->in;
    info->dwPublicKey = a->in_len;
    return SLOT(ConstructDHAgreement)(a->data, a->info != NULL ? info : NULL);
}

static void adjust_construct(struct args *a)
{
    a->box.version = CARD_DH_AGREEMENT_INFO_VERSION;
    a->index = 3;
    memcpy(a->bytes, fault_peer, FAULT_PEER_LEN);
    a->in_len = FAULT_PEER_LEN;
}

static const struct row construct_rows[] = {
    { "CMR.4.3.2.E1",      NO_DATA,      INVALID },
    { "CMR.4.3.2.E2",      NO_INFO,      INVALID },
    { "CMR.4.3.2.E3",      VERSION_HIGH, MISMATCH },
    { "CMR.4.3.2.E4",      NO_IN,        INVALID },
    { "CMR.4.3.2.E5",      NO_INDEX,     NO_KEY },
    { "CMR.4.3.2.E5",      EMPTY_INDEX,  NO_KEY },
    { "CMR.4.3.2.E5",      RSA_INDEX,    INVALID },
    { "CMR.4.3.2.E6",      FLAGS,        INVALID },
    { "inferred: the key", IN_EMPTY,     INVALID },
    { "inferred: the key", IN_SHORT,     INVALID },
    { "inferred: the key", IN_LONG,      INVALID },
    { "inferred: the key", IN_WRONG,     INVALID },
    { "the card",          AS_NOBODY,    VIOLATION },
};

static DWORD derive_key(struct args *a)
{
    CARD_DERIVE_KEY *info = &a->box.derive;
    DWORD rc;

    info->bSecretAgreementIndex = a->index;
    info->dwFlags = a->flags;
    info->pParameterList = a->list;
    if (a->name == NULL)
        info->pwszKDF = NULL;
    else if (strcmp(a->name, "none") == 0)
        info->pwszKDF = wide(no_property);
    rc = SLOT(DeriveKey)(a->data, a->info != NULL ? info : NULL);
    a->out_block = info->pbDerivedKey;
    return rc;
}

static void adjust_derive(struct args *a)
{
    static const WCHAR hash[] = BCRYPT_KDF_HASH;

    a->box.version = 1;
    a->box.derive.pwszKDF = wide(hash);
}

static const struct row derive_key_rows[] = {
    { "CMR.4.3.3.E1", NO_DATA,      INVALID },
    { "CMR.4.3.3.E2", NO_INFO,      INVALID },
    { "CMR.4.3.3.E3", VERSION_HIGH, MISMATCH },
    { "CMR.4.3.3.E4", NO_NAME,      INVALID },
    { "CMR.4.3.3.E5", FLAGS,        INVALID },
    { "CMR.4.3.3.E6", MISSING_NAME, INVALID },
    { "CMR.4.3.3.E7", NO_INDEX,     INVALID },
    { "CMR.4.3.3.E8", BAD_LIST,     INVALID },
    { "CMR.4.3.3.E9", AS_NOBODY,    VIOLATION },
};

static DWORD destroy(struct args *a)
{
    return SLOT(DestroyDHAgreement)(a->data, a->index, a->flags);
}

static const struct row destroy_rows[] = {
    { "CMR.4.3.4.E1", NO_DATA,   INVALID },
    { "CMR.4.3.4.E2", NO_INDEX,  INVALID },
    { "CMR.4.3.4.E3", FLAGS,     INVALID },
    { "CMR.4.3.4.E4", AS_NOBODY, VIOLATION },
};

#define FUNCTION(name, call, adjust, rows) { name, call, adjust, rows, ARRAY(rows) }

const struct function functions[] = {
    FUNCTION("AuthenticatePin", authenticate_pin, NULL, authenticate_pin_rows),
    FUNCTION("GetChallenge", get_challenge, NULL, get_challenge_rows),
    FUNCTION("AuthenticateChallenge", authenticate_challenge, adjust_challenge,
             authenticate_challenge_rows),
    FUNCTION("AuthenticateEx", authenticate_ex, NULL, authenticate_ex_rows),
    FUNCTION("GetChallengeEx", get_challenge_ex, adjust_admin, get_challenge_ex_rows),
    FUNCTION("UnblockPin", unblock_pin, adjust_unblock, unblock_pin_rows),
    FUNCTION("ChangeAuthenticator", change_authenticator, adjust_change, change_authenticator_rows),
    FUNCTION("Deauthenticate", deauthenticate, NULL, deauthenticate_rows),
    FUNCTION("CreateDirectory", create_directory, adjust_new, create_directory_rows),
    FUNCTION("DeleteDirectory", delete_directory, adjust_empty, delete_directory_rows),
    FUNCTION("ReadFile", read_it, NULL, read_rows),
    FUNCTION("CreateFile", create_it, adjust_new, create_rows),
    FUNCTION("GetFileInfo", get_file_info, NULL, get_file_info_rows),
    FUNCTION("WriteFile", write_it, NULL, write_rows),
    FUNCTION("EnumFiles", enum_files, NULL, enum_rows),
    FUNCTION("DeleteFile", delete_it, NULL, delete_rows),
    FUNCTION("QueryFreeSpace", query_free_space, NULL, query_free_space_rows),
    FUNCTION("QueryCapabilities", query_capabilities, NULL, query_capabilities_rows),
    FUNCTION("QueryKeySizes", query_key_sizes, NULL, query_key_sizes_rows),
    FUNCTION("GetProperty", get_property_by_name, adjust_property, get_property_rows),
    FUNCTION("CreateContainer, generate", create_container, adjust_generate, generate_rows),
    FUNCTION("CreateContainer, import", create_container, adjust_import, import_rows),
    FUNCTION("GetContainerInfo", get_container_info, NULL, get_container_info_rows),
    FUNCTION("SignData", sign_data, adjust_sign, sign_data_rows),
    FUNCTION("RSADecrypt", rsa_decrypt, adjust_decrypt, rsa_decrypt_rows),
    FUNCTION("ConstructDHAgreement", construct, adjust_construct, construct_rows),
    FUNCTION("DeriveKey", derive_key, adjust_derive, derive_key_rows),
    FUNCTION("DestroyDHAgreement", destroy, NULL, destroy_rows),
    FUNCTION("DeleteContainer", delete_container, NULL, delete_container_rows),
};
const size_t function_count = ARRAY(functions);
