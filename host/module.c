/* SPDX-License-Identifier: MIT */
/* A minidriver as a file: loading it, and what it must have filled in before we believe it. */
#include "host/host_internal.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#define VERSION_LEAST CARD_DATA_VERSION_FOUR

/* Every slot a module fills, with the version that brought it. Those for one kind of key, and
 * CardDeauthenticate, may stay NULL [certification 3.1.1.2]. */
#define SLOT(version, optional, name) \
    { "Card" #name, offsetof(CARD_DATA, pfnCard##name), version, optional }

static const struct slot {
    const char *name;
    size_t at;
    DWORD version;
    bool optional;
} slots[] = {
    SLOT(4, false, DeleteContext),
    SLOT(4, false, QueryCapabilities),
    SLOT(4, false, DeleteContainer),
    SLOT(4, false, CreateContainer),
    SLOT(4, false, GetContainerInfo),
    SLOT(4, false, AuthenticatePin),
    SLOT(4, false, GetChallenge),
    SLOT(4, false, AuthenticateChallenge),
    SLOT(4, false, UnblockPin),
    SLOT(4, false, ChangeAuthenticator),
    SLOT(4, true, Deauthenticate),
    SLOT(4, false, CreateDirectory),
    SLOT(4, false, DeleteDirectory),
    SLOT(4, false, CreateFile),
    SLOT(4, false, ReadFile),
    SLOT(4, false, WriteFile),
    SLOT(4, false, DeleteFile),
    SLOT(4, false, EnumFiles),
    SLOT(4, false, GetFileInfo),
    SLOT(4, false, QueryFreeSpace),
    SLOT(4, false, QueryKeySizes),
    SLOT(4, false, SignData),
    SLOT(4, true, RSADecrypt),
    SLOT(4, true, ConstructDHAgreement),
    SLOT(5, true, DeriveKey),
    SLOT(5, true, DestroyDHAgreement),
    SLOT(6, false, GetChallengeEx),
    SLOT(6, false, AuthenticateEx),
    SLOT(6, false, ChangeAuthenticatorEx),
    SLOT(6, false, DeauthenticateEx),
    SLOT(6, false, GetContainerProperty),
    SLOT(6, false, SetContainerProperty),
    SLOT(6, false, GetProperty),
    SLOT(6, false, SetProperty),
    { "MDImportSessionKey", offsetof(CARD_DATA, pfnMDImportSessionKey), 7, false },
    { "MDEncryptData", offsetof(CARD_DATA, pfnMDEncryptData), 7, false },
    SLOT(7, false, ImportSessionKey),
    SLOT(7, false, GetSharedKeyHandle),
    SLOT(7, false, GetAlgorithmProperty),
    SLOT(7, false, GetKeyProperty),
    SLOT(7, false, SetKeyProperty),
    SLOT(7, false, DestroyKey),
    SLOT(7, false, ProcessEncryptedData),
    SLOT(7, false, CreateContainerEx),
};

/* dlerror's text begins with the path, which our own line has already. */
static const char *load_error(const char *file)
{
    const char *text = dlerror();
    size_t len = strlen(file);

    if (text == NULL)
        return "no reason given";
    return strncmp(text, file, len) == 0 && strncmp(text + len, ": ", 2) == 0 ? text + len + 2
                                                                              : text;
}

DWORD module_load(const char *file, void **ret_library, PFN_CARD_ACQUIRE_CONTEXT *ret_acquire,
                  struct host_error *err)
{
    void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL), *symbol;

    if (library == NULL)
        return host_fail(err, ERROR_MOD_NOT_FOUND,
                         "cannot load module %s (%s): give a minidriver's path with --module", file,
                         load_error(file));
    symbol = dlsym(library, "CardAcquireContext");
    if (symbol == NULL) {
        dlclose(library);
        return host_fail(err, ERROR_PROC_NOT_FOUND,
                         "%s is not a minidriver: it lacks CardAcquireContext", file);
    }
    memcpy(ret_acquire, &symbol, sizeof symbol); /* ISO C casts no object to a function pointer */
    *ret_library = library;
    return SCARD_S_SUCCESS;
}

static bool is_null(const CARD_DATA *data, const struct slot *slot)
{
    void (*function)(void);

    memcpy(&function, (const BYTE *)data + slot->at, sizeof function);
    return function == NULL;
}

DWORD module_check(const CARD_DATA *data, DWORD asked, const char *file, struct host_error *err)
{
    if (data->dwVersion < VERSION_LEAST || data->dwVersion > asked)
        return host_fail(err, ERROR_BAD_FORMAT,
                         "%s answered with interface version %u when asked for %u: use another "
                         "--module or --card-version",
                         file, data->dwVersion, asked);
    for (size_t i = 0; i < sizeof slots / sizeof slots[0]; i++) {
        const struct slot *slot = &slots[i];

        if (slot->version <= data->dwVersion && !slot->optional && is_null(data, slot))
            return host_fail(err, ERROR_BAD_FORMAT,
                             "%s is not a usable minidriver: it lacks %s, which version %u of the "
                             "interface demands",
                             file, slot->name, data->dwVersion);
    }
    return SCARD_S_SUCCESS;
}
