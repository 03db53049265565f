/* SPDX-License-Identifier: MIT */
/* 2.4.3.2.3, 2.4.3.3.2, 2.4.3.4.3: errors of CardConstructDHAgreement, CardDeriveKey and
 * CardDestroyDHAgreement. */
#include "kit/bench/agreements.h"
#include "kit/bench/fixture_keys.h"
#include "kit/bench/variants.h"

#include <string.h>

#define INVALID   SCARD_E_INVALID_PARAMETER
#define VIOLATION SCARD_W_SECURITY_VIOLATION
#define MISMATCH  ERROR_REVISION_MISMATCH
#define INDICES   256u /* of a BYTE */

/* ---- CardConstructDHAgreement ---------------------------------------------------------------- */

static struct agreer agreer;
static BYTE peer[KEY_BLOB_MAX];
static DWORD peer_len;

static DWORD call_construct(struct args *a)
{
    CARD_DH_AGREEMENT_INFO *info = &a->box.agreement;

    info->bContainerIndex = a->index;
    info->dwFlags = a->flags;
    info->pbPublicKey = a->in;
    info->dwPublicKey = a->in_len;
    return CALL(a->b, ConstructDHAgreement, a->data, a->info);
}

static void prepare_construct(struct args *a)
{
    a->box.version = CARD_DH_AGREEMENT_INFO_VERSION;
    a->index = agreer.index;
    a->in = peer;
    a->in_len = peer_len;
}

/* A card that does not agree has no such errors. */
static void need_construction(struct bench *b)
{
    BYTE index = 0;

    agreer = need_agreer(b);
    peer_len = make_peer(b, &agreer, peer, NULL);
    if (construct(b, &agreer, peer, peer_len, &index) == SCARD_S_SUCCESS &&
        b->data.dwVersion >= 5 && b->data.pfnCardDestroyDHAgreement != NULL)
        (void)destroy(b, index); /* there may be room for one only */
}

const struct subject construct_subject = { .call = call_construct, .good = prepare_construct,
                                           .prepare = need_construction };

static void construct_refuses_versions(struct run *r)
{
    static const DWORD versions[] = { 0, 1, 3, 258, 65538, 0xFFFFFFFF };

    refuses_each(r, vary_version, versions, ARRAY(versions), MISMATCH, MISMATCH);
    error_row(r);
}

/* A container with another key is none for agreement, whoever asks. */
static void construct_needs_its_key(struct run *r)
{
    static const DWORD specs[] = { AT_SIGNATURE, AT_KEYEXCHANGE, AT_ECDSA_P256, AT_ECDSA_P384 };
    struct bench b;

    bench_open(r, &b);
    be_user(&b);
    need_construction(&b);
    for (unsigned role = 0; role < 2; role++) {
        for (size_t i = 0; i < ARRAY(specs); i++) {
            struct args a;

            good_args(&a, &b, &construct_subject);
            a.index = fixture_key(&b, specs[i]);
            if (a.index != 0xFF && a.index != agreer.index)
                EXPECT(r, call_construct(&a), INVALID);
        }
        be_nobody(&b);
    }
    bench_close(&b);
    error_row(r);
}

static void construct_refuses_flags(struct run *r)
{
    refuses_flags(r, 0, INVALID);
    error_row(r);
}

/* And when it is full, the rows before come first: what is wrong with the call, and who may not make
 * any at all, is still told. */
static void construct_needs_room(struct run *r)
{
    bool seen[INDICES] = { false };
    struct precedence others;
    struct bench b;
    DWORD rc = SCARD_S_SUCCESS, by_nobody;
    unsigned count = 0;
    BYTE index = 0;

    bench_open(r, &b);
    be_user(&b);
    need_construction(&b);
    for (; count <= INDICES && rc == SCARD_S_SUCCESS; count++) {
        rc = agree_again(&b, &agreer, &index);
        CHECK(r, rc != SCARD_S_SUCCESS || !seen[index],
              "agreement %u has index %u, as one that is alive", count + 1, (unsigned)index);
        seen[index] = true;
    }
    EXPECT(r, rc, SCARD_E_NO_MEMORY);
    run_saw(r, "%s behind %u agreements", kit_code(rc), count - 1);
    others = earlier_errors(&b);
    judge_precedence(r, &others);
    let_go(&b);
    by_nobody = agree_again(&b, &agreer, &index);
    EXPECT(r, by_nobody, VIOLATION);
}

const struct requirement construct_errors[8] = {
    ERROR_ROW("CMR.4.3.2.E1", "pCardData NULL", CODES(INVALID), NO_DATA),
    ERROR_ROW("CMR.4.3.2.E2", "pSecretInfo NULL", CODES(INVALID), NO_INFO),
    ROW("CMR.4.3.2.E3", "a version of CARD_DH_AGREEMENT_INFO that is not 2",
        construct_refuses_versions, .faults = { VERSION_HIGH }, .codes = { MISMATCH },
        .versions = KIT_V(4) | KIT_V(5) | KIT_V(7)),
    ERROR_ROW("CMR.4.3.2.E4", "pbPublicKey NULL", CODES(INVALID), NO_IN),
    ROW("CMR.4.3.2.E5", "a container that does not exist, or without a key for agreement",
        construct_needs_its_key, .faults = { NO_INDEX, EMPTY_INDEX },
        .codes = { SCARD_E_NO_KEY_CONTAINER }),
    ROW("CMR.4.3.2.E6", "dwFlags not 0", construct_refuses_flags, .faults = { FLAGS },
        .codes = { INVALID }),
    ERROR_ROW("CMR.4.3.2.E7", "nobody, or the admin, is authenticated", CODES(VIOLATION), AS_NOBODY,
              AS_ADMIN),
    ROW("CMR.4.3.2.E8", "no room for an agreement more", construct_needs_room,
        .codes = { SCARD_E_NO_MEMORY }),
};

/* ---- an agreement to work with --------------------------------------------------------------- */

/* The engine resets the card to change roles, and an agreement may be gone with that: a new one for
 * each call. Where nobody may make one, the last is alive. */
static BYTE alive;
static bool any_alive;

static void renew(struct bench *b)
{
    BYTE index = alive;
    DWORD rc = agree_again(b, &agreer, &index);

    if (rc == SCARD_E_NO_MEMORY && any_alive) { /* a card with room for one */
        if (destroy(b, alive) == VIOLATION)
            return;
        any_alive = false;
        rc = agree_again(b, &agreer, &index);
    }
    if (rc == VIOLATION && any_alive)
        return;
    NEED(b->run, rc);
    if (any_alive && alive != index && b->data.pfnCardDestroyDHAgreement != NULL)
        (void)destroy(b, alive);
    alive = index;
    any_alive = true;
}

static bool spoil_agreement(struct args *a, enum fault fault)
{
    static BYTE what[] = "?";
    static BCryptBuffer buffer = { 1, 0x7FFF, what };
    static BCryptBufferDesc unknown = { BCRYPTBUFFER_VERSION, 1, &buffer };

    if (fault == NO_AGREEMENT)
        a->index = (BYTE)(alive + 100);
    else if (fault == BAD_LIST)
        a->list = &unknown;
    return fault == NO_AGREEMENT || fault == BAD_LIST;
}

static void vary_agreement(struct args *a, DWORD value)
{
    a->index = (BYTE)(alive + value);
}

static const DWORD other_indices[] = { 1, 2, 0x7F, 0x80, 0xFE, 0xFF };

/* ---- CardDeriveKey --------------------------------------------------------------------------- */

static const struct derivation *plain;

static DWORD call_derive(struct args *a)
{
    CARD_DERIVE_KEY *info = &a->box.derive;

    info->bSecretAgreementIndex = a->index;
    info->dwFlags = a->flags;
    info->pwszKDF = a->kdf;
    info->pParameterList = a->list;
    return CALL(a->b, DeriveKey, a->data, a->info);
}

static void prepare_derive(struct args *a)
{
    renew(a->b);
    a->box.derive = *ask_derivation(plain, alive);
    a->index = alive;
    a->flags = a->box.derive.dwFlags;
    a->kdf = a->box.derive.pwszKDF;
    a->list = a->box.derive.pParameterList;
}

/* What the module derives with, if it does: whether the key is right is not asked here. */
static void find_kdf(struct bench *b)
{
    need_derivation(b);
    agreer = need_agreer(b);
    any_alive = false;
    renew(b);
    plain = derivation(KIT_KDF_HASH, 0);
    for (unsigned kdf = 1; kdf < KDFS_END; kdf <<= 1)
        for (size_t n = 0; n < 2; n++) {
            CARD_DERIVE_KEY *info = ask_derivation(derivation(kdf, n), alive);
            DWORD rc = CALL(b, DeriveKey, &b->data, info);

            drop_derived(info);
            if (rc == SCARD_S_SUCCESS) {
                plain = derivation(kdf, n);
                return;
            }
        }
}

const struct subject derive_subject = { .call = call_derive, .good = prepare_derive,
                                        .prepare = find_kdf, .spoil = spoil_agreement,
                                        .keeps_context = true };

static void derive_refuses_versions(struct run *r)
{
    static const DWORD versions[] = { 3, 257, 65537, 0xFFFFFFFF };

    refuses_each(r, vary_version, versions, ARRAY(versions), MISMATCH, MISMATCH);
    error_row(r);
}

static void derive_refuses_flags(struct run *r)
{
    refuses_flags(r, KDF_USE_SECRET_AS_HMAC_KEY_FLAG | CARD_BUFFER_SIZE_ONLY, INVALID);
    error_row(r);
}

static void vary_kdf(struct args *a, DWORD n)
{
    static WCHAR names[][8] = { CM_WSTR(""), CM_WSTR("HAS"), CM_WSTR("HASH2"), CM_WSTR("PBKDF2"),
                                CM_WSTR("TLS_PR") };

    a->kdf = names[n];
}

static void derive_refuses_kdfs(struct run *r)
{
    static const DWORD numbers[] = { 0, 1, 2, 3, 4 };

    refuses_each(r, vary_kdf, numbers, ARRAY(numbers), INVALID, INVALID);
    error_row(r);
}

/* Also that of an agreement that was destroyed. */
static void vary_destroyed(struct args *a, DWORD value)
{
    (void)value;
    if (a->b->data.pfnCardDestroyDHAgreement != NULL)
        NEED(a->b->run, destroy(a->b, alive));
    else
        a->index++;
    any_alive = false;
}

static void derive_refuses_indices(struct run *r)
{
    static const DWORD once = 0;

    refuses_each(r, vary_agreement, other_indices, ARRAY(other_indices), INVALID, INVALID);
    refuses_each(r, vary_destroyed, &once, 1, INVALID, INVALID);
    error_row(r);
}

static void derive_refuses_lists(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    be_user(&b);
    find_kdf(&b);
    for (unsigned kdf = 1; kdf < KDFS_END; kdf <<= 1) {
        if (!has_kdf(&b, alive, kdf))
            continue;
        for (size_t n = 0; bad_derivation(kdf, n) != NULL; n++) {
            CARD_DERIVE_KEY *info = ask_derivation(bad_derivation(kdf, n), alive);

            run_note(r, "%s, list %zu of those it cannot take", kdf_name(kdf), n + 1);
            EXPECT(r, CALL(&b, DeriveKey, &b.data, info), INVALID);
        }
    }
    bench_close(&b);
    error_row(r);
}

const struct requirement derive_errors[9] = {
    ERROR_ROW("CMR.4.3.3.E1", "pCardData NULL", CODES(INVALID), NO_DATA),
    ERROR_ROW("CMR.4.3.3.E2", "pAgreementInfo NULL", CODES(INVALID), NO_INFO),
    ROW("CMR.4.3.3.E3", "a version of CARD_DERIVE_KEY that does not exist yet",
        derive_refuses_versions, .faults = { VERSION_HIGH }, .codes = { MISMATCH },
        .versions = KIT_V(5) | KIT_V(7)),
    ERROR_ROW("CMR.4.3.3.E4", "pwszKDF NULL", CODES(INVALID), NO_KDF),
    ROW("CMR.4.3.3.E5", "flags that CardDeriveKey does not have", derive_refuses_flags,
        .faults = { FLAGS }, .codes = { INVALID }),
    ROW("CMR.4.3.3.E6", "a KDF that does not exist", derive_refuses_kdfs, .faults = { STRANGE_KDF },
        .codes = { INVALID }),
    ROW("CMR.4.3.3.E7", "an index that no agreement has", derive_refuses_indices,
        .faults = { NO_AGREEMENT }, .codes = { INVALID }),
    ROW("CMR.4.3.3.E8", "a list of parameters that is not of the KDF", derive_refuses_lists,
        .faults = { BAD_LIST }, .codes = { INVALID }),
    ERROR_ROW("CMR.4.3.3.E9", "nobody is authenticated", CODES(VIOLATION), AS_NOBODY),
};

/* ---- CardDestroyDHAgreement ------------------------------------------------------------------ */

static DWORD call_destroy(struct args *a)
{
    return CALL(a->b, DestroyDHAgreement, a->data, a->index, a->flags);
}

static void prepare_destroy(struct args *a)
{
    renew(a->b);
    a->index = alive;
}

static void need_agreement(struct bench *b)
{
    need_destruction(b);
    agreer = need_agreer(b);
    any_alive = false;
    renew(b);
}

const struct subject destroy_subject = { .call = call_destroy, .good = prepare_destroy,
                                         .prepare = need_agreement, .spoil = spoil_agreement,
                                         .keeps_context = true };

static void destroy_refuses_indices(struct run *r)
{
    static const DWORD once = 0;

    refuses_each(r, vary_agreement, other_indices, ARRAY(other_indices), INVALID, INVALID);
    refuses_each(r, vary_destroyed, &once, 1, INVALID, INVALID);
    error_row(r);
}

static void destroy_refuses_flags(struct run *r)
{
    refuses_flags(r, 0, INVALID);
    error_row(r);
}

const struct requirement destroy_errors[4] = {
    ERROR_ROW("CMR.4.3.4.E1", "pCardData NULL", CODES(INVALID), NO_DATA),
    ROW("CMR.4.3.4.E2", "an index that no agreement has", destroy_refuses_indices,
        .faults = { NO_AGREEMENT }, .codes = { INVALID }),
    ROW("CMR.4.3.4.E3", "dwFlags not 0", destroy_refuses_flags, .faults = { FLAGS },
        .codes = { INVALID }),
    ERROR_ROW("CMR.4.3.4.E4", "nobody is authenticated", CODES(VIOLATION), AS_NOBODY),
};
