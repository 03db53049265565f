/* SPDX-License-Identifier: MIT */
/* What is on the card, who is authenticated, what was called before: asked of the real module. */
#include "mutation.h"

#include <stdlib.h>

/* ---- what is on the card --------------------------------------------------------------------- */

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
    return in_a_dir(c) && !long_dir(c) && !odd_dir(c) && !dir_missing(c, c->dir);
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

/* ---- who is authenticated -------------------------------------------------------------------- */

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

/* ---- containers and keys --------------------------------------------------------------------- */

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

/* ---- challenges ------------------------------------------------------------------------------ */

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
