/* SPDX-License-Identifier: MIT */
/* Arguments to struct call and back. */
#include "call.h"

#include <pthread.h>
#include <string.h>

#define ARRAY(a) (sizeof(a) / sizeof((a)[0]))

/* The real module's pointers: the same in every context. */
static CARD_DATA real;

#define OPEN(...) __VA_ARGS__
/* A wrapper, and the way to the function behind. */
#define WRAPPER(name, parameters, fields, arguments)                           \
    static DWORD WINAPI wrap_##name parameters                                 \
    {                                                                          \
        struct call c = { .function = fn_##name, .data = data, OPEN fields };  \
                                                                               \
        return mutant_run(&c);                                                 \
    }                                                                          \
    static DWORD real_##name(struct call *c)                                   \
    {                                                                          \
        return real.pfn##name arguments;                                       \
    }

/* ---- version 4 ------------------------------------------------------------------------------- */

WRAPPER(CardDeleteContext, (PCARD_DATA data), (.rc = 0), (c->data))
WRAPPER(CardQueryCapabilities, (PCARD_DATA data, PCARD_CAPABILITIES info), (.info = info),
        (c->data, c->info))
WRAPPER(CardDeleteContainer, (PCARD_DATA data, BYTE index, DWORD flags),
        (.index = index, .flags = flags), (c->data, c->index, c->flags))
WRAPPER(CardCreateContainer,
        (PCARD_DATA data, BYTE index, DWORD flags, DWORD spec, DWORD bits, PBYTE in),
        (.index = index, .flags = flags, .spec = spec, .bits = bits, .in = in),
        (c->data, c->index, c->flags, c->spec, c->bits, c->in))
WRAPPER(CardGetContainerInfo, (PCARD_DATA data, BYTE index, DWORD flags, PCONTAINER_INFO info),
        (.index = index, .flags = flags, .info = info), (c->data, c->index, c->flags, c->info))
WRAPPER(CardAuthenticatePin, (PCARD_DATA data, LPWSTR user, PBYTE in, DWORD in_len, PDWORD left),
        (.user = user, .in = in, .in_len = in_len, .left = left),
        (c->data, c->user, c->in, c->in_len, c->left))
WRAPPER(CardGetChallenge, (PCARD_DATA data, PBYTE *out, PDWORD out_len),
        (.out = out, .out_len = out_len), (c->data, c->out, c->out_len))
WRAPPER(CardAuthenticateChallenge, (PCARD_DATA data, PBYTE in, DWORD in_len, PDWORD left),
        (.in = in, .in_len = in_len, .left = left), (c->data, c->in, c->in_len, c->left))
WRAPPER(CardUnblockPin,
        (PCARD_DATA data, LPWSTR user, PBYTE in, DWORD in_len, PBYTE fresh, DWORD fresh_len,
         DWORD tries, DWORD flags),
        (.user = user, .in = in, .in_len = in_len, .fresh = fresh, .fresh_len = fresh_len,
         .tries = tries, .flags = flags),
        (c->data, c->user, c->in, c->in_len, c->fresh, c->fresh_len, c->tries, c->flags))
WRAPPER(CardChangeAuthenticator,
        (PCARD_DATA data, LPWSTR user, PBYTE in, DWORD in_len, PBYTE fresh, DWORD fresh_len,
         DWORD tries, DWORD flags, PDWORD left),
        (.user = user, .in = in, .in_len = in_len, .fresh = fresh, .fresh_len = fresh_len,
         .tries = tries, .flags = flags, .left = left),
        (c->data, c->user, c->in, c->in_len, c->fresh, c->fresh_len, c->tries, c->flags, c->left))
WRAPPER(CardDeauthenticate, (PCARD_DATA data, LPWSTR user, DWORD flags),
        (.user = user, .flags = flags), (c->data, c->user, c->flags))
WRAPPER(CardCreateDirectory, (PCARD_DATA data, LPSTR dir, CARD_DIRECTORY_ACCESS_CONDITION ac),
        (.dir = dir, .ac = ac), (c->data, c->dir, c->ac))
WRAPPER(CardDeleteDirectory, (PCARD_DATA data, LPSTR dir), (.dir = dir), (c->data, c->dir))
WRAPPER(CardCreateFile,
        (PCARD_DATA data, LPSTR dir, LPSTR name, DWORD size, CARD_FILE_ACCESS_CONDITION ac),
        (.dir = dir, .name = name, .size = size, .ac = ac),
        (c->data, c->dir, c->name, c->size, c->ac))
WRAPPER(CardReadFile,
        (PCARD_DATA data, LPSTR dir, LPSTR name, DWORD flags, PBYTE *out, PDWORD out_len),
        (.dir = dir, .name = name, .flags = flags, .out = out, .out_len = out_len),
        (c->data, c->dir, c->name, c->flags, c->out, c->out_len))
WRAPPER(CardWriteFile,
        (PCARD_DATA data, LPSTR dir, LPSTR name, DWORD flags, PBYTE in, DWORD in_len),
        (.dir = dir, .name = name, .flags = flags, .in = in, .in_len = in_len),
        (c->data, c->dir, c->name, c->flags, c->in, c->in_len))
WRAPPER(CardDeleteFile, (PCARD_DATA data, LPSTR dir, LPSTR name, DWORD flags),
        (.dir = dir, .name = name, .flags = flags), (c->data, c->dir, c->name, c->flags))
WRAPPER(CardEnumFiles, (PCARD_DATA data, LPSTR dir, LPSTR *out, LPDWORD out_len, DWORD flags),
        (.dir = dir, .out = (PBYTE *)out, .out_len = out_len, .flags = flags),
        (c->data, c->dir, (LPSTR *)c->out, c->out_len, c->flags))
WRAPPER(CardGetFileInfo, (PCARD_DATA data, LPSTR dir, LPSTR name, PCARD_FILE_INFO info),
        (.dir = dir, .name = name, .info = info), (c->data, c->dir, c->name, c->info))
WRAPPER(CardQueryFreeSpace, (PCARD_DATA data, DWORD flags, PCARD_FREE_SPACE_INFO info),
        (.flags = flags, .info = info), (c->data, c->flags, c->info))
WRAPPER(CardQueryKeySizes, (PCARD_DATA data, DWORD spec, DWORD flags, PCARD_KEY_SIZES info),
        (.spec = spec, .flags = flags, .info = info), (c->data, c->spec, c->flags, c->info))
WRAPPER(CardSignData, (PCARD_DATA data, PCARD_SIGNING_INFO info), (.info = info),
        (c->data, c->info))
WRAPPER(CardRSADecrypt, (PCARD_DATA data, PCARD_RSA_DECRYPT_INFO info), (.info = info),
        (c->data, c->info))
WRAPPER(CardConstructDHAgreement, (PCARD_DATA data, PCARD_DH_AGREEMENT_INFO info), (.info = info),
        (c->data, c->info))

/* ---- version 5 ------------------------------------------------------------------------------- */

WRAPPER(CardDeriveKey, (PCARD_DATA data, PCARD_DERIVE_KEY info), (.info = info),
        (c->data, c->info))
WRAPPER(CardDestroyDHAgreement, (PCARD_DATA data, BYTE index, DWORD flags),
        (.index = index, .flags = flags), (c->data, c->index, c->flags))

/* ---- version 6 ------------------------------------------------------------------------------- */

WRAPPER(CardGetChallengeEx, (PCARD_DATA data, PIN_ID pin, PBYTE *out, PDWORD out_len, DWORD flags),
        (.pin = pin, .out = out, .out_len = out_len, .flags = flags),
        (c->data, c->pin, c->out, c->out_len, c->flags))
WRAPPER(CardAuthenticateEx,
        (PCARD_DATA data, PIN_ID pin, DWORD flags, PBYTE in, DWORD in_len, PBYTE *session,
         PDWORD session_len, PDWORD left),
        (.pin = pin, .flags = flags, .in = in, .in_len = in_len, .session = session,
         .session_len = session_len, .left = left),
        (c->data, c->pin, c->flags, c->in, c->in_len, c->session, c->session_len, c->left))
WRAPPER(CardChangeAuthenticatorEx,
        (PCARD_DATA data, DWORD flags, PIN_ID pin, PBYTE in, DWORD in_len, PIN_ID target,
         PBYTE fresh, DWORD fresh_len, DWORD tries, PDWORD left),
        (.flags = flags, .pin = pin, .in = in, .in_len = in_len, .target = target, .fresh = fresh,
         .fresh_len = fresh_len, .tries = tries, .left = left),
        (c->data, c->flags, c->pin, c->in, c->in_len, c->target, c->fresh, c->fresh_len, c->tries,
         c->left))
WRAPPER(CardDeauthenticateEx, (PCARD_DATA data, PIN_SET pin, DWORD flags),
        (.pin = pin, .flags = flags), (c->data, c->pin, c->flags))
WRAPPER(CardGetContainerProperty,
        (PCARD_DATA data, BYTE index, LPCWSTR property, PBYTE info, DWORD room, PDWORD out_len,
         DWORD flags),
        (.index = index, .property = property, .info = info, .room = room, .out_len = out_len,
         .flags = flags),
        (c->data, c->index, c->property, c->info, c->room, c->out_len, c->flags))
WRAPPER(CardSetContainerProperty,
        (PCARD_DATA data, BYTE index, LPCWSTR property, PBYTE in, DWORD in_len, DWORD flags),
        (.index = index, .property = property, .in = in, .in_len = in_len, .flags = flags),
        (c->data, c->index, c->property, c->in, c->in_len, c->flags))
WRAPPER(CardGetProperty,
        (PCARD_DATA data, LPCWSTR property, PBYTE info, DWORD room, PDWORD out_len, DWORD flags),
        (.property = property, .info = info, .room = room, .out_len = out_len, .flags = flags),
        (c->data, c->property, c->info, c->room, c->out_len, c->flags))
WRAPPER(CardSetProperty, (PCARD_DATA data, LPCWSTR property, PBYTE in, DWORD in_len, DWORD flags),
        (.property = property, .in = in, .in_len = in_len, .flags = flags),
        (c->data, c->property, c->in, c->in_len, c->flags))

/* ---- version 7 ------------------------------------------------------------------------------- */

WRAPPER(MDImportSessionKey,
        (PCARD_DATA data, LPCWSTR blob, LPCWSTR algorithm, PCARD_KEY_HANDLE key_ret, PBYTE in,
         DWORD in_len),
        (.blob = blob, .algorithm = algorithm, .key_ret = key_ret, .in = in, .in_len = in_len),
        (c->data, c->blob, c->algorithm, c->key_ret, c->in, c->in_len))
WRAPPER(MDEncryptData,
        (PCARD_DATA data, CARD_KEY_HANDLE key, LPCWSTR property, PBYTE in, DWORD in_len,
         DWORD flags, PCARD_ENCRYPTED_DATA *pieces_ret, PDWORD out_len),
        (.key = key, .property = property, .in = in, .in_len = in_len, .flags = flags,
         .pieces_ret = pieces_ret, .out_len = out_len),
        (c->data, c->key, c->property, c->in, c->in_len, c->flags, c->pieces_ret, c->out_len))
WRAPPER(CardImportSessionKey,
        (PCARD_DATA data, BYTE index, LPVOID info, LPCWSTR blob, LPCWSTR algorithm,
         PCARD_KEY_HANDLE key_ret, PBYTE in, DWORD in_len, DWORD flags),
        (.index = index, .info = info, .blob = blob, .algorithm = algorithm, .key_ret = key_ret,
         .in = in, .in_len = in_len, .flags = flags),
        (c->data, c->index, c->info, c->blob, c->algorithm, c->key_ret, c->in, c->in_len,
         c->flags))
WRAPPER(CardGetSharedKeyHandle,
        (PCARD_DATA data, PBYTE in, DWORD in_len, PBYTE *out, PDWORD out_len,
         PCARD_KEY_HANDLE key_ret),
        (.in = in, .in_len = in_len, .out = out, .out_len = out_len, .key_ret = key_ret),
        (c->data, c->in, c->in_len, c->out, c->out_len, c->key_ret))
WRAPPER(CardGetAlgorithmProperty,
        (PCARD_DATA data, LPCWSTR algorithm, LPCWSTR property, PBYTE info, DWORD room,
         PDWORD out_len, DWORD flags),
        (.algorithm = algorithm, .property = property, .info = info, .room = room,
         .out_len = out_len, .flags = flags),
        (c->data, c->algorithm, c->property, c->info, c->room, c->out_len, c->flags))
WRAPPER(CardGetKeyProperty,
        (PCARD_DATA data, CARD_KEY_HANDLE key, LPCWSTR property, PBYTE info, DWORD room,
         PDWORD out_len, DWORD flags),
        (.key = key, .property = property, .info = info, .room = room, .out_len = out_len,
         .flags = flags),
        (c->data, c->key, c->property, c->info, c->room, c->out_len, c->flags))
WRAPPER(CardSetKeyProperty,
        (PCARD_DATA data, CARD_KEY_HANDLE key, LPCWSTR property, PBYTE in, DWORD in_len,
         DWORD flags),
        (.key = key, .property = property, .in = in, .in_len = in_len, .flags = flags),
        (c->data, c->key, c->property, c->in, c->in_len, c->flags))
WRAPPER(CardDestroyKey, (PCARD_DATA data, CARD_KEY_HANDLE key), (.key = key), (c->data, c->key))
WRAPPER(CardProcessEncryptedData,
        (PCARD_DATA data, CARD_KEY_HANDLE key, LPCWSTR property, PCARD_ENCRYPTED_DATA pieces,
         DWORD size, PBYTE info, DWORD room, PDWORD out_len, DWORD flags),
        (.key = key, .property = property, .pieces = pieces, .size = size, .info = info,
         .room = room, .out_len = out_len, .flags = flags),
        (c->data, c->key, c->property, c->pieces, c->size, c->info, c->room, c->out_len, c->flags))
WRAPPER(CardCreateContainerEx,
        (PCARD_DATA data, BYTE index, DWORD flags, DWORD spec, DWORD bits, PBYTE in, PIN_ID pin),
        (.index = index, .flags = flags, .spec = spec, .bits = bits, .in = in, .pin = pin),
        (c->data, c->index, c->flags, c->spec, c->bits, c->in, c->pin))

/* ---- the slots ------------------------------------------------------------------------------- */

typedef void any_fn(void);

#define SLOT(name_, version_)                                                                  \
    [fn_##name_] = { #name_, version_, offsetof(CARD_DATA, pfn##name_), (any_fn *)wrap_##name_, \
                     real_##name_ },

static const struct slot {
    const char *name;
    DWORD version;
    size_t offset;
    any_fn *wrapper;
    DWORD (*invoke)(struct call *c);
} slots[FUNCTION_COUNT] = { FUNCTIONS(SLOT) };

static any_fn **slot_in(PCARD_DATA data, const struct slot *s)
{
    return (any_fn **)(void *)((char *)data + s->offset);
}

void wrap(PCARD_DATA data)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < ARRAY(slots); i++) {
        const struct slot *s = &slots[i];

        if (s->name == NULL || s->version > data->dwVersion || *slot_in(data, s) == NULL ||
            *slot_in(data, s) == s->wrapper)
            continue;
        if (*slot_in(&real, s) != *slot_in(data, s))
            *slot_in(&real, s) = *slot_in(data, s);
        *slot_in(data, s) = s->wrapper;
    }
    pthread_mutex_unlock(&lock);
}

const char *function_name(enum function function)
{
    switch (function) {
    case fn_any:
        return "any";
    case fn_none:
        return "none";
    case fn_CardAcquireContext:
        return "CardAcquireContext";
    default:
        return slots[function].name;
    }
}

DWORD invoke(struct call *c)
{
    PFN_CARD_ACQUIRE_CONTEXT acquire;
    DWORD rc;

    if (c->function != fn_CardAcquireContext)
        return slots[c->function].invoke(c);
    acquire = real_acquire();
    if (acquire == NULL)
        return SCARD_F_INTERNAL_ERROR;
    rc = acquire(c->data, c->flags);
    if (rc == SCARD_S_SUCCESS)
        wrap(c->data);
    return rc;
}

struct call beside(const struct call *c, enum function function)
{
    return (struct call){ .function = function, .data = c->data };
}
