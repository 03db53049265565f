/* SPDX-License-Identifier: MIT */
/* CARD_DATA as CardAcquireContext leaves it: version and pointers (CMR.3.1.1.2, .6, .7). */
#include "kit/rows/context.h"

#include <signal.h>
#include <string.h>

/* ---- the pointers ---------------------------------------------------------------------------- */

enum leave { ALWAYS, ANYONE, RSA, CURVES }; /* set: always, as one likes, with such keys */

#define SLOT(version, function, leave) \
    { #function, offsetof(CARD_DATA, pfn##function), version, leave }

static const struct {
    const char *name;
    size_t at;
    DWORD version;
    enum leave leave;
} slots[] = {
    SLOT(4, CardDeleteContext, ALWAYS),
    SLOT(4, CardQueryCapabilities, ALWAYS),
    SLOT(4, CardDeleteContainer, ALWAYS),
    SLOT(4, CardCreateContainer, ALWAYS),
    SLOT(4, CardGetContainerInfo, ALWAYS),
    SLOT(4, CardAuthenticatePin, ALWAYS),
    SLOT(4, CardGetChallenge, ALWAYS),
    SLOT(4, CardAuthenticateChallenge, ALWAYS),
    SLOT(4, CardUnblockPin, ALWAYS),
    SLOT(4, CardChangeAuthenticator, ALWAYS),
    SLOT(4, CardDeauthenticate, ANYONE),
    SLOT(4, CardCreateDirectory, ALWAYS),
    SLOT(4, CardDeleteDirectory, ALWAYS),
    SLOT(4, CardCreateFile, ALWAYS),
    SLOT(4, CardReadFile, ALWAYS),
    SLOT(4, CardWriteFile, ALWAYS),
    SLOT(4, CardDeleteFile, ALWAYS),
    SLOT(4, CardEnumFiles, ALWAYS),
    SLOT(4, CardGetFileInfo, ALWAYS),
    SLOT(4, CardQueryFreeSpace, ALWAYS),
    SLOT(4, CardQueryKeySizes, ALWAYS),
    SLOT(4, CardSignData, ALWAYS),
    SLOT(4, CardRSADecrypt, RSA),
    SLOT(4, CardConstructDHAgreement, CURVES),
    SLOT(5, CardDeriveKey, CURVES),
    SLOT(5, CardDestroyDHAgreement, CURVES),
    SLOT(6, CardGetChallengeEx, ALWAYS),
    SLOT(6, CardAuthenticateEx, ALWAYS),
    SLOT(6, CardChangeAuthenticatorEx, ALWAYS),
    SLOT(6, CardDeauthenticateEx, ALWAYS),
    SLOT(6, CardGetContainerProperty, ALWAYS),
    SLOT(6, CardSetContainerProperty, ALWAYS),
    SLOT(6, CardGetProperty, ALWAYS),
    SLOT(6, CardSetProperty, ALWAYS),
    SLOT(7, MDImportSessionKey, ALWAYS),
    SLOT(7, MDEncryptData, ALWAYS),
    SLOT(7, CardImportSessionKey, ALWAYS),
    SLOT(7, CardDestroyKey, ALWAYS),
    SLOT(7, CardGetAlgorithmProperty, ALWAYS),
    SLOT(7, CardGetKeyProperty, ALWAYS),
    SLOT(7, CardGetSharedKeyHandle, ALWAYS),
    SLOT(7, CardProcessEncryptedData, ALWAYS),
    SLOT(7, CardCreateContainerEx, ALWAYS),
};

/* What stands in a slot that the module has not written. */
static void nobody_has_set_this(void)
{
    raise(SIGABRT);
}

static void (*slot(const CARD_DATA *data, size_t i))(void)
{
    void (*at)(void);

    memcpy(&at, (const BYTE *)data + slots[i].at, sizeof(at));
    return at;
}

static void litter(PCARD_DATA data, DWORD version)
{
    void (*const unset)(void) = nobody_has_set_this;

    for (size_t i = 0; i < ARRAY(slots); i++)
        if (slots[i].version <= version)
            memcpy((BYTE *)data + slots[i].at, &unset, sizeof(unset));
}

/* The name of a pointer up to that version which the module has left as it was; else NULL. */
static const char *left_alone(const CARD_DATA *data, DWORD version, bool all)
{
    for (size_t i = 0; i < ARRAY(slots); i++)
        if (slots[i].version <= version && (all || slots[i].leave == ALWAYS) &&
            slot(data, i) == nobody_has_set_this)
            return slots[i].name;
    return NULL;
}

/* Of one that is NULL and may not be. `keys`: the card has such keys. */
static const char *null_one(const CARD_DATA *data, const bool keys[])
{
    for (size_t i = 0; i < ARRAY(slots); i++)
        if (slots[i].version <= data->dwVersion && keys[slots[i].leave] && slot(data, i) == NULL)
            return slots[i].name;
    return NULL;
}

/* One of a version above `got`, up to `wanted`, that was set all the same. */
static const char *set_above(const CARD_DATA *data, DWORD got, DWORD wanted)
{
    for (size_t i = 0; i < ARRAY(slots); i++)
        if (slots[i].version > got && slots[i].version <= wanted && slot(data, i) != NULL &&
            slot(data, i) != nobody_has_set_this)
            return slots[i].name;
    return NULL;
}

/* CMR.3.1.1.2 */
void context_sets_pointers(struct run *r)
{
    bool keys[] = { [ALWAYS] = true, [ANYONE] = false, [RSA] = false, [CURVES] = false };
    const char *name;
    struct bench b;

    bench_connect(r, &b, 0);
    litter(&b.data, r->version);
    NEED(r, ACQUIRE(&b, &b.data, 0));
    name = left_alone(&b.data, b.data.dwVersion, true);
    CHECK(r, name == NULL, "pfn%s is left as it was", name);
    name = null_one(&b.data, keys); /* first: without these the card cannot be asked for its keys */
    CHECK(r, name == NULL, "pfn%s is NULL", name);
    keys[RSA] = has_spec(&b, AT_SIGNATURE) || has_spec(&b, AT_KEYEXCHANGE);
    keys[CURVES] = has_spec(&b, AT_ECDHE_P256) || has_spec(&b, AT_ECDHE_P384) ||
                   has_spec(&b, AT_ECDHE_P521);
    name = null_one(&b.data, keys);
    CHECK(r, name == NULL, "pfn%s is NULL, and the card has such keys", name);
}

/* ---- the version ----------------------------------------------------------------------------- */

#define GUARD 0xC7u

/* Bytes of CARD_DATA that version `v` has. */
static size_t part(DWORD v)
{
    return v <= 4   ? offsetof(CARD_DATA, pfnCardDeriveKey)
           : v == 5 ? offsetof(CARD_DATA, pfnCardGetChallengeEx)
           : v == 6 ? offsetof(CARD_DATA, pfnCspUnpadData)
                    : sizeof(CARD_DATA);
}

/* dwVersion after a call that asked for `wanted`. Whoever asks for a version has the memory of
 * that version and no more: bytes behind it stay. */
static DWORD negotiated(struct bench *b, DWORD wanted)
{
    struct run *r = b->run;
    const size_t size = part(wanted);
    BYTE behind[sizeof(CARD_DATA)];
    DWORD got;

    memset(behind, GUARD, sizeof(behind));
    bench_fill(b, &b->data, wanted);
    litter(&b->data, wanted);
    memcpy((BYTE *)&b->data + size, behind + size, sizeof(CARD_DATA) - size);
    EXPECT(r, ACQUIRE(b, &b->data, 0), SCARD_S_SUCCESS);
    got = b->data.dwVersion;
    run_note(r, "version %u asked for, %u given", (unsigned)wanted, (unsigned)got);
    CHECK(r, memcmp((BYTE *)&b->data + size, behind + size, sizeof(CARD_DATA) - size) == 0,
          "a CARD_DATA of version %u is written behind its end", (unsigned)wanted);
    CHECK(r, left_alone(&b->data, got, false) == NULL, "dwVersion says %u, but pfn%s is not set",
          (unsigned)got, left_alone(&b->data, got, false));
    CHECK(r, set_above(&b->data, got, wanted) == NULL, "dwVersion says %u, but pfn%s is set",
          (unsigned)got, set_above(&b->data, got, wanted));
    (void)CALL(b, DeleteContext, &b->data);
    return got;
}

/* CMR.3.1.1.6 */
void context_tells_version(struct run *r)
{
    struct bench b;
    DWORD newest;

    bench_connect(r, &b, 0);
    newest = negotiated(&b, 0xFFFFFFFF);
    CHECK(r, newest >= r->config->least_version && newest <= 7,
          "version %u, where any was asked for", (unsigned)newest);
    for (DWORD wanted = r->config->least_version; wanted <= 8; wanted++) {
        const DWORD got = negotiated(&b, wanted), want = wanted < newest ? wanted : newest;

        CHECK(r, got == want, "version %u, where %u was asked for; the newest is %u",
              (unsigned)got, (unsigned)wanted, (unsigned)newest);
    }
    run_saw(r, "versions %u to %u", r->config->least_version, (unsigned)newest);
}

/* CMR.3.1.1.7 */
void context_knows_version_4(struct run *r)
{
    struct bench b;

    bench_connect(r, &b, 0);
    bench_fill(&b, &b.data, 5);
    if (ACQUIRE(&b, &b.data, 0) != SCARD_S_SUCCESS || b.data.dwVersion != 5)
        run_not_applicable(r, "the module does not give version 5 (CardAcquireContext)");
    (void)CALL(&b, DeleteContext, &b.data);
    bench_fill(&b, &b.data, 4);
    EXPECT(r, ACQUIRE(&b, &b.data, 0), SCARD_S_SUCCESS);
    CHECK(r, b.data.dwVersion == 4, "version %u", (unsigned)b.data.dwVersion);
    context_reaches_card(&b);
}
