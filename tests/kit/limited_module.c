/* SPDX-License-Identifier: MIT */
/* A module that can less than the real one ($LIMITED_OF), and says so: $LIMITED is read-only, no-rsa
 * or no-curves. */
#include "cardmint/cardmod.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define NOT_HERE(data) ((data) == NULL ? SCARD_E_INVALID_PARAMETER : SCARD_E_UNSUPPORTED_FEATURE)

static CARD_DATA real;

static bool is(const char *how)
{
    const char *limited = getenv("LIMITED");

    return limited != NULL && strcmp(limited, how) == 0;
}

/* ---- read-only -------------------------------------------------------------------------------- */

static DWORD WINAPI create_directory(PCARD_DATA data, LPSTR name, CARD_DIRECTORY_ACCESS_CONDITION ac)
{
    (void)name;
    (void)ac;
    return NOT_HERE(data);
}

static DWORD WINAPI delete_directory(PCARD_DATA data, LPSTR name)
{
    (void)name;
    return NOT_HERE(data);
}

static DWORD WINAPI create_file(PCARD_DATA data, LPSTR dir, LPSTR name, DWORD len,
                                CARD_FILE_ACCESS_CONDITION ac)
{
    (void)dir;
    (void)name;
    (void)len;
    (void)ac;
    return NOT_HERE(data);
}

static DWORD WINAPI write_file(PCARD_DATA data, LPSTR dir, LPSTR name, DWORD flags, PBYTE bytes,
                               DWORD len)
{
    (void)dir;
    (void)name;
    (void)flags;
    (void)bytes;
    (void)len;
    return NOT_HERE(data);
}

static DWORD WINAPI delete_file(PCARD_DATA data, LPSTR dir, LPSTR name, DWORD flags)
{
    (void)dir;
    (void)name;
    (void)flags;
    return NOT_HERE(data);
}

static DWORD WINAPI delete_container(PCARD_DATA data, BYTE index, DWORD reserved)
{
    (void)index;
    (void)reserved;
    return NOT_HERE(data);
}

static DWORD WINAPI change(PCARD_DATA data, LPWSTR user, PBYTE old, DWORD old_len, PBYTE fresh,
                           DWORD fresh_len, DWORD tries, DWORD flags, PDWORD left)
{
    (void)user;
    (void)old;
    (void)old_len;
    (void)fresh;
    (void)fresh_len;
    (void)tries;
    (void)flags;
    (void)left;
    return NOT_HERE(data);
}

static DWORD WINAPI change_ex(PCARD_DATA data, DWORD flags, PIN_ID by, PBYTE old, DWORD old_len,
                              PIN_ID pin, PBYTE fresh, DWORD fresh_len, DWORD tries, PDWORD left)
{
    (void)by;
    (void)pin;
    return change(data, NULL, old, old_len, fresh, fresh_len, tries, flags, left);
}

static DWORD WINAPI unblock(PCARD_DATA data, LPWSTR user, PBYTE proof, DWORD proof_len, PBYTE fresh,
                            DWORD fresh_len, DWORD tries, DWORD flags)
{
    return change(data, user, proof, proof_len, fresh, fresh_len, tries, flags, NULL);
}

static DWORD WINAPI free_space(PCARD_DATA data, DWORD flags, PCARD_FREE_SPACE_INFO info)
{
    DWORD rc = real.pfnCardQueryFreeSpace(data, flags, info);

    if (rc == SCARD_S_SUCCESS)
        info->dwBytesAvailable = info->dwKeyContainersAvailable = 0;
    return rc;
}

static DWORD WINAPI capabilities(PCARD_DATA data, PCARD_CAPABILITIES info)
{
    DWORD rc = real.pfnCardQueryCapabilities(data, info);

    if (rc == SCARD_S_SUCCESS)
        info->fKeyGen = FALSE;
    return rc;
}

static bool same(LPCWSTR a, LPCWSTR b)
{
    while (*a != 0 && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static DWORD WINAPI property(PCARD_DATA data, LPCWSTR name, PBYTE value, DWORD room, PDWORD len,
                             DWORD flags)
{
    static const WCHAR read_only[] = CP_CARD_READ_ONLY, enrols[] = CP_SUPPORTS_WIN_X509_ENROLLMENT,
                       abilities[] = CP_CARD_CAPABILITIES, space[] = CP_CARD_FREE_SPACE;
    static const BOOL yes = TRUE, no = FALSE;
    DWORD rc = real.pfnCardGetProperty(data, name, value, room, len, flags);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (same(name, read_only))
        memcpy(value, &yes, sizeof(yes));
    else if (same(name, enrols))
        memcpy(value, &no, sizeof(no));
    else if (same(name, abilities))
        memcpy(value + offsetof(CARD_CAPABILITIES, fKeyGen), &no, sizeof(no));
    else if (same(name, space))
        memset(value + offsetof(CARD_FREE_SPACE_INFO, dwBytesAvailable), 0, 2 * sizeof(DWORD));
    return rc;
}

/* ---- without a kind of key -------------------------------------------------------------------- */

static bool lacks(DWORD spec)
{
    const bool rsa = spec == AT_SIGNATURE || spec == AT_KEYEXCHANGE;
    const bool curve = spec >= AT_ECDSA_P256 && spec <= AT_ECDHE_P521;

    return (is("no-rsa") && rsa) || (is("no-curves") && curve);
}

static DWORD WINAPI key_sizes(PCARD_DATA data, DWORD spec, DWORD flags, PCARD_KEY_SIZES sizes)
{
    DWORD rc = real.pfnCardQueryKeySizes(data, spec, flags, sizes);

    return rc == SCARD_S_SUCCESS && lacks(spec) ? SCARD_E_UNSUPPORTED_FEATURE : rc;
}

static DWORD WINAPI create_container(PCARD_DATA data, BYTE index, DWORD flags, DWORD spec,
                                     DWORD bits, PBYTE key)
{
    if (is("read-only"))
        return NOT_HERE(data);
    if (lacks(spec) && flags == CARD_CREATE_CONTAINER_KEY_GEN)
        return SCARD_E_UNSUPPORTED_FEATURE;
    return real.pfnCardCreateContainer(data, index, flags, spec, bits, key);
}

/* ---- the way in --------------------------------------------------------------------------------- */

static void make_read_only(PCARD_DATA data)
{
    data->pfnCardCreateDirectory = create_directory;
    data->pfnCardDeleteDirectory = delete_directory;
    data->pfnCardCreateFile = create_file;
    data->pfnCardWriteFile = write_file;
    data->pfnCardDeleteFile = delete_file;
    data->pfnCardDeleteContainer = delete_container;
    data->pfnCardChangeAuthenticator = change;
    data->pfnCardUnblockPin = unblock;
    data->pfnCardQueryFreeSpace = free_space;
    data->pfnCardQueryCapabilities = capabilities;
    if (data->dwVersion < 6)
        return;
    data->pfnCardChangeAuthenticatorEx = change_ex;
    data->pfnCardGetProperty = property;
}

__attribute__((visibility("default"))) DWORD WINAPI CardAcquireContext(PCARD_DATA data, DWORD flags)
{
    PFN_CARD_ACQUIRE_CONTEXT acquire = NULL;
    void *module = dlopen(getenv("LIMITED_OF"), RTLD_NOW | RTLD_LOCAL);
    DWORD rc;

    if (module != NULL)
        *(void **)&acquire = dlsym(module, "CardAcquireContext");
    if (acquire == NULL)
        return SCARD_F_INTERNAL_ERROR;
    rc = acquire(data, flags);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    real = (CARD_DATA){ .pfnCardQueryFreeSpace = data->pfnCardQueryFreeSpace,
                        .pfnCardQueryCapabilities = data->pfnCardQueryCapabilities,
                        .pfnCardQueryKeySizes = data->pfnCardQueryKeySizes,
                        .pfnCardCreateContainer = data->pfnCardCreateContainer };
    if (data->dwVersion >= 6)
        real.pfnCardGetProperty = data->pfnCardGetProperty;
    if (is("read-only"))
        make_read_only(data);
    data->pfnCardQueryKeySizes = key_sizes;
    data->pfnCardCreateContainer = create_container;
    return rc;
}
