/* SPDX-License-Identifier: MIT */
/* What is wrong with the arguments, or in which state the card is. */
#include "mutation.h"

#include <stdlib.h>
#include <string.h>

static bool same_name(LPCWSTR a, LPCWSTR b)
{
    while (*a != 0 && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static bool is_user(const struct call *c, LPCWSTR name)
{
    return c->user != NULL && same_name(c->user, name);
}

/* ---- arguments of any function -------------------------------------------------------------------- */

bool no_data(const struct call *c)
{
    return c->data == NULL;
}

bool has_data(const struct call *c)
{
    return c->data != NULL;
}

bool no_user(const struct call *c)
{
    return c->user == NULL;
}

bool for_user(const struct call *c)
{
    return c->data != NULL && is_user(c, wszCARD_USER_USER);
}

bool for_admin(const struct call *c)
{
    return c->data != NULL && is_user(c, wszCARD_USER_ADMIN);
}

bool other_user(const struct call *c)
{
    return c->user != NULL && !is_user(c, wszCARD_USER_USER) && !is_user(c, wszCARD_USER_ADMIN);
}

bool no_in(const struct call *c)
{
    return c->in == NULL;
}

bool in_empty(const struct call *c)
{
    return c->in != NULL && c->in_len == 0;
}

bool in_long(const struct call *c)
{
    return c->in != NULL && c->in_len > 127 && c->in_len != 0xFFFFFFFF;
}

bool in_endless(const struct call *c)
{
    return c->in != NULL && c->in_len == 0xFFFFFFFF;
}

bool in_short(const struct call *c)
{
    return c->in != NULL && c->in_len != 0 && c->in_len < challenge_len(c->data);
}

bool no_out(const struct call *c)
{
    return c->out == NULL;
}

bool no_out_len(const struct call *c)
{
    return c->out_len == NULL;
}

bool no_info(const struct call *c)
{
    return c->info == NULL;
}

bool no_left(const struct call *c)
{
    return c->left == NULL;
}

bool has_left(const struct call *c)
{
    return c->left != NULL;
}

bool flags(const struct call *c)
{
    return c->flags != 0;
}

bool no_fresh(const struct call *c)
{
    return c->fresh == NULL;
}

bool fresh_empty(const struct call *c)
{
    return c->fresh != NULL && c->fresh_len == 0;
}

bool fresh_long(const struct call *c)
{
    return c->fresh != NULL && c->fresh_len > 127;
}

bool tries_set(const struct call *c)
{
    return c->tries != 0;
}

bool tries_high(const struct call *c)
{
    return c->tries > 0xFF;
}

static DWORD version(const struct call *c)
{
    return c->info != NULL ? *(const DWORD *)c->info : 1;
}

bool version_0(const struct call *c)
{
    return version(c) == 0;
}

bool version_high(const struct call *c)
{
    return version(c) > 2;
}

bool version_low(const struct call *c)
{
    return c->data != NULL && c->data->dwVersion < 4;
}

/* ---- names ---------------------------------------------------------------------------------------- */

static bool is_long(LPCSTR name)
{
    return name != NULL && strlen(name) > 8;
}

static bool is_odd(LPCSTR name)
{
    return name != NULL && strlen(name) <= 8 && strpbrk(name, "\\/:*?\"<>|") != NULL;
}

static bool has_capitals(LPCSTR name)
{
    return name != NULL && strpbrk(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != NULL;
}

bool no_name(const struct call *c)
{
    return c->name == NULL || c->name[0] == '\0';
}

bool no_name_at_all(const struct call *c)
{
    return c->name == NULL;
}

bool empty_name(const struct call *c)
{
    return c->name != NULL && c->name[0] == '\0';
}

bool long_name(const struct call *c)
{
    return is_long(c->name);
}

bool odd_name(const struct call *c)
{
    return is_odd(c->name);
}

bool no_dir(const struct call *c)
{
    return c->dir == NULL || c->dir[0] == '\0';
}

bool in_a_dir(const struct call *c)
{
    return c->data != NULL && c->dir != NULL && c->dir[0] != '\0';
}

bool empty_dir(const struct call *c)
{
    return c->dir != NULL && c->dir[0] == '\0';
}

bool long_dir(const struct call *c)
{
    return is_long(c->dir);
}

bool odd_dir(const struct call *c)
{
    return is_odd(c->dir);
}

bool capitals(const struct call *c)
{
    return c->data != NULL && (has_capitals(c->name) || has_capitals(c->dir));
}

bool eight_letters(const struct call *c)
{
    return c->data != NULL && ((c->name != NULL && strlen(c->name) == 8) ||
                               (c->name == NULL && c->dir != NULL && strlen(c->dir) == 8));
}

/* ---- what is on the card -------------------------------------------------------------------------- */

static DWORD look_at(const struct call *c, LPSTR dir, LPSTR name)
{
    CARD_FILE_INFO info = { .dwVersion = CARD_FILE_INFO_CURRENT_VERSION };
    struct call look = beside(c, fn_CardGetFileInfo);

    look.dir = dir;
    look.name = name;
    look.info = &info;
    return c->data != NULL ? invoke(&look) : SCARD_E_INVALID_PARAMETER;
}

static bool dir_missing(const struct call *c, LPSTR dir)
{
    static char any[] = "any";

    return look_at(c, dir, any) == SCARD_E_DIR_NOT_FOUND;
}

bool missing_dir(const struct call *c)
{
    return in_a_dir(c) && dir_missing(c, c->dir);
}

bool dir_there(const struct call *c)
{
    return in_a_dir(c) && !is_long(c->dir) && !is_odd(c->dir) && !dir_missing(c, c->dir);
}

bool missing_file(const struct call *c)
{
    return !no_name(c) && look_at(c, c->dir, c->name) == SCARD_E_FILE_NOT_FOUND;
}

bool file_there(const struct call *c)
{
    DWORD rc = no_name(c) ? SCARD_E_FILE_NOT_FOUND : look_at(c, c->dir, c->name);

    return rc == SCARD_S_SUCCESS || rc == SCARD_W_SECURITY_VIOLATION;
}

/* Of CardCreateDirectory: what it would make is there as a file. */
bool name_is_file(const struct call *c)
{
    DWORD rc = in_a_dir(c) ? look_at(c, NULL, c->dir) : SCARD_E_FILE_NOT_FOUND;

    return rc == SCARD_S_SUCCESS || rc == SCARD_W_SECURITY_VIOLATION;
}

bool name_is_dir(const struct call *c)
{
    return c->dir == NULL && !no_name(c) && !is_long(c->name) && !is_odd(c->name) &&
           !dir_missing(c, c->name) && look_at(c, NULL, c->name) == SCARD_E_FILE_NOT_FOUND;
}

bool dir_has_files(const struct call *c)
{
    struct call look = beside(c, fn_CardEnumFiles);
    PBYTE names = NULL;
    DWORD len = 0;

    if (!in_a_dir(c))
        return false;
    look.dir = c->dir;
    look.out = &names;
    look.out_len = &len;
    if (invoke(&look) != SCARD_S_SUCCESS)
        return false;
    c->data->pfnCspFree(names);
    return true;
}

bool bad_dir_ac(const struct call *c)
{
    return c->ac != UserCreateDeleteDirAc && c->ac != AdminCreateDeleteDirAc;
}

bool bad_ac(const struct call *c)
{
    return c->ac == 0 || c->ac > AdminReadWriteAc;
}

bool ac_zero(const struct call *c)
{
    return c->ac == 0;
}

bool ac_not_zero(const struct call *c)
{
    return c->ac > AdminReadWriteAc;
}

bool size_huge(const struct call *c)
{
    return c->size > 0x10000;
}

/* ---- who is authenticated ------------------------------------------------------------------------- */

static LPVOID WINAPI own_alloc(SIZE_T len)
{
    return malloc(len);
}

static LPVOID WINAPI own_realloc(LPVOID block, SIZE_T len)
{
    return realloc(block, len);
}

static void WINAPI own_free(LPVOID block)
{
    free(block);
}

static DWORD ask_who(PCARD_DATA own, PIN_SET *ret)
{
    static const WCHAR name[] = CP_CARD_AUTHENTICATED_STATE;
    CARD_DATA twin = *own;
    DWORD len = 0;
    struct call c = { .function = fn_CardGetProperty, .data = &twin, .property = name,
                      .info = ret, .room = sizeof(*ret), .out_len = &len };
    DWORD rc;

    wrap(&twin);
    rc = invoke(&c);
    c.function = fn_CardDeleteContext;
    (void)invoke(&c);
    return rc;
}

PIN_SET who(const struct call *c)
{
    CARD_DATA own = { .dwVersion = CARD_DATA_VERSION_SIX };
    PFN_CARD_ACQUIRE_CONTEXT acquire = real_acquire();
    PIN_SET set = 0;

    if (c->data == NULL || acquire == NULL)
        return 0;
    own.pbAtr = c->data->pbAtr;
    own.cbAtr = c->data->cbAtr;
    own.pwszCardName = c->data->pwszCardName;
    own.hSCardCtx = c->data->hSCardCtx;
    own.hScard = c->data->hScard;
    own.pfnCspAlloc = own_alloc;
    own.pfnCspReAlloc = own_realloc;
    own.pfnCspFree = own_free;
    if (acquire(&own, 0) != SCARD_S_SUCCESS || ask_who(&own, &set) != SCARD_S_SUCCESS)
        return 0;
    return set & (CREATE_PIN_SET(ROLE_USER) | CREATE_PIN_SET(ROLE_ADMIN));
}

bool as_nobody(const struct call *c)
{
    return c->data != NULL && who(c) == 0;
}

bool as_user(const struct call *c)
{
    return c->data != NULL && who(c) == CREATE_PIN_SET(ROLE_USER);
}

bool as_admin(const struct call *c)
{
    return c->data != NULL && who(c) == CREATE_PIN_SET(ROLE_ADMIN);
}

/* ---- containers and keys -------------------------------------------------------------------------- */

/* Its index, wherever the function has it. */
static BYTE index_of(const struct call *c)
{
    switch (c->function) {
    case fn_CardSignData:
        return ((CARD_SIGNING_INFO *)c->info)->bContainerIndex;
    case fn_CardRSADecrypt:
        return ((CARD_RSA_DECRYPT_INFO *)c->info)->bContainerIndex;
    case fn_CardConstructDHAgreement:
        return ((CARD_DH_AGREEMENT_INFO *)c->info)->bContainerIndex;
    default:
        return c->index;
    }
}

bool index_empty(const struct call *c)
{
    CONTAINER_INFO info = { .dwVersion = CONTAINER_INFO_CURRENT_VERSION };
    struct call look = beside(c, fn_CardGetContainerInfo);
    DWORD rc;

    if (c->data == NULL || c->info == NULL)
        return false;
    look.index = index_of(c);
    look.info = &info;
    rc = invoke(&look);
    if (rc != SCARD_S_SUCCESS)
        return true;
    if (info.pbSigPublicKey != NULL)
        c->data->pfnCspFree(info.pbSigPublicKey);
    if (info.pbKeyExPublicKey != NULL)
        c->data->pfnCspFree(info.pbKeyExPublicKey);
    return false;
}

bool index_out(const struct call *c)
{
    return c->data != NULL && c->info != NULL && index_of(c) > 100;
}

bool spec_bad(const struct call *c)
{
    return c->spec < AT_KEYEXCHANGE || c->spec > AT_ECDHE_P521;
}

bool spec_curve(const struct call *c)
{
    return c->spec >= AT_ECDSA_P256 && c->spec <= AT_ECDHE_P521;
}

bool spec_rsa(const struct call *c)
{
    return c->spec == AT_KEYEXCHANGE || c->spec == AT_SIGNATURE;
}

/* ---- challenges ----------------------------------------------------------------------------------- */

bool after_challenge(const struct call *c)
{
    return last_function(c->data) == fn_CardGetChallenge;
}

bool not_after_challenge(const struct call *c)
{
    return c->data != NULL && last_function(c->data) != fn_CardGetChallenge;
}

bool response_used(const struct call *c)
{
    return was_accepted(c->in, c->in_len);
}
