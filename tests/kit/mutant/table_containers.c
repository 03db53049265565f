/* SPDX-License-Identifier: MIT */
/* 2.4.1, 2.4.2: capabilities and key containers. */
#include "mutation.h"

#include "kit/bench/key_blobs.h"

#include <string.h>

#define ODD_CODE   SCARD_F_INTERNAL_ERROR
#define BAD        SCARD_E_INVALID_PARAMETER
#define NOT_HIS    SCARD_W_SECURITY_VIOLATION
#define NO_KEY     SCARD_E_NO_KEY_CONTAINER
#define CANNOT     SCARD_E_UNSUPPORTED_FEATURE
#define MISMATCH   ERROR_REVISION_MISMATCH

/* ---- when ------------------------------------------------------------------------------------ */

static bool importing(const struct call *c)
{
    return c->data != NULL && c->flags == CARD_CREATE_CONTAINER_KEY_IMPORT;
}

static bool generating(const struct call *c)
{
    return c->data != NULL && c->flags == CARD_CREATE_CONTAINER_KEY_GEN;
}

static bool import_of_nothing(const struct call *c)
{
    return c->flags == CARD_CREATE_CONTAINER_KEY_IMPORT && c->in == NULL;
}

static bool create_flags_bad(const struct call *c)
{
    return c->flags != CARD_CREATE_CONTAINER_KEY_GEN &&
           c->flags != CARD_CREATE_CONTAINER_KEY_IMPORT;
}

static bool no_size(const struct call *c)
{
    return spec_rsa(c) && c->bits < 64;
}

static bool size_of_curve(const struct call *c)
{
    return spec_curve(c) && c->bits != 0;
}

static bool generating_1024(const struct call *c)
{
    return generating(c) && spec_rsa(c) && c->bits == 1024;
}

static bool generating_2048(const struct call *c)
{
    return generating(c) && spec_rsa(c) && c->bits == 2048;
}

static bool generating_256(const struct call *c)
{
    return generating(c) && (c->spec == AT_ECDSA_P256 || c->spec == AT_ECDHE_P256);
}

static bool generating_384(const struct call *c)
{
    return generating(c) && (c->spec == AT_ECDSA_P384 || c->spec == AT_ECDHE_P384);
}

static bool generating_521(const struct call *c)
{
    return generating(c) && (c->spec == AT_ECDSA_P521 || c->spec == AT_ECDHE_P521);
}

/* ---- help ------------------------------------------------------------------------------------ */

/* The public keys of a container, as the real module tells them. */
static bool info_of(const struct call *c, CONTAINER_INFO *info)
{
    struct call look = beside(c, fn_CardGetContainerInfo);

    memset(info, 0, sizeof(*info));
    info->dwVersion = CONTAINER_INFO_CURRENT_VERSION;
    look.index = c->index;
    look.info = info;
    return c->data != NULL && invoke(&look) == SCARD_S_SUCCESS;
}

static void info_free(const struct call *c, CONTAINER_INFO *info)
{
    if (info->pbSigPublicKey != NULL)
        c->data->pfnCspFree(info->pbSigPublicKey);
    if (info->pbKeyExPublicKey != NULL)
        c->data->pfnCspFree(info->pbKeyExPublicKey);
}

/* Is there a key already where this one would go? */
static bool slot_taken(const struct call *c)
{
    CONTAINER_INFO info;
    bool taken;

    if (c->data == NULL || spec_bad(c) || !info_of(c, &info))
        return false;
    taken = spec_exchanges(c->spec) ? info.pbKeyExPublicKey != NULL : info.pbSigPublicKey != NULL;
    info_free(c, &info);
    return taken;
}

static bool container_missing(const struct call *c)
{
    CONTAINER_INFO info;

    if (c->data == NULL)
        return false;
    if (!info_of(c, &info))
        return true;
    info_free(c, &info);
    return false;
}

static bool container_there(const struct call *c)
{
    return c->data != NULL && !container_missing(c);
}

/* ---- what ------------------------------------------------------------------------------------ */

static DWORD lie_about_generation(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);
    CARD_CAPABILITIES *info = c->info;

    (void)m;
    if (rc == SCARD_S_SUCCESS)
        info->fKeyGen = !info->fKeyGen;
    return rc;
}

static DWORD uncreate(struct call *c, const struct mutation *m)
{
    struct call off = beside(c, fn_CardDeleteContainer);
    DWORD rc = invoke(c);

    (void)m;
    off.index = c->index;
    if (rc == SCARD_S_SUCCESS)
        (void)invoke(&off);
    return rc;
}

/* Another key than the one given. */
static DWORD generate_instead(struct call *c, const struct mutation *m)
{
    BYTE blob[KEY_BLOB_MAX];
    EVP_PKEY *key = spec_bad(c) ? NULL : key_make(c->spec, c->bits != 0 ? c->bits : 1024);

    (void)m;
    if (key != NULL && c->in != NULL && private_blob(key, c->spec, blob) != 0)
        c->in = blob;
    EVP_PKEY_free(key);
    return invoke(c);
}

static DWORD keep_the_old_key(struct call *c, const struct mutation *m)
{
    (void)m;
    return slot_taken(c) && as_user(c) ? SCARD_S_SUCCESS : invoke(c);
}

static DWORD refuse_taken(struct call *c, const struct mutation *m)
{
    (void)m;
    return slot_taken(c) && as_user(c) ? ERROR_FILE_EXISTS : invoke(c);
}

/* The other of signing and exchanging, of RSA; of curves, the other use. */
static DWORD other_spec(struct call *c, const struct mutation *m)
{
    static const DWORD others[] = { 0, AT_SIGNATURE, AT_KEYEXCHANGE, AT_ECDHE_P256, AT_ECDHE_P384,
                                    AT_ECDHE_P521, AT_ECDSA_P256, AT_ECDSA_P384, AT_ECDSA_P521 };

    (void)m;
    if (!spec_bad(c))
        c->spec = others[c->spec];
    return invoke(c);
}

/* All keys that the card "makes" are the same one. */
static DWORD make_the_same_key(struct call *c, const struct mutation *m)
{
    static EVP_PKEY *keys[SPECS_END];
    BYTE blob[KEY_BLOB_MAX];

    (void)m;
    if (spec_bad(c) || (spec_rsa(c) && (c->bits < 1024 || c->bits > 4096 || c->bits % 64 != 0)))
        return invoke(c);
    if (keys[c->spec] == NULL || (spec_rsa(c) && EVP_PKEY_get_bits(keys[c->spec]) != (int)c->bits))
        keys[c->spec] = key_make(c->spec, c->bits);
    if (keys[c->spec] != NULL && private_blob(keys[c->spec], c->spec, blob) != 0) {
        c->flags = CARD_CREATE_CONTAINER_KEY_IMPORT;
        c->in = blob;
    }
    return invoke(c);
}

/* Only one of the two keys of a container comes out: the other was deleted, or replaced. */
static DWORD one_key_only(struct call *c, const struct mutation *m)
{
    struct call off = beside(c, fn_CardDeleteContainer);

    (void)m;
    off.index = c->index;
    if (container_there(c) && as_user(c))
        (void)invoke(&off);
    return invoke(c);
}

static DWORD delete_nothing(struct call *c, const struct mutation *m)
{
    (void)m;
    return c->flags == 0 && container_there(c) && !as_nobody(c) ? SCARD_S_SUCCESS : invoke(c);
}

static DWORD delete_first_of_two(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);
    struct call next = beside(c, fn_CardDeleteContainer);

    (void)m;
    next.index = (BYTE)(c->index - 1);
    if (rc == SCARD_S_SUCCESS && c->index != 0)
        (void)invoke(&next);
    return rc;
}

/* A kind of key that the card then lacks; and says so by another code. */
static bool about_largest_curve(const struct call *c)
{
    return c->data != NULL && (c->spec == AT_ECDSA_P521 || c->spec == AT_ECDHE_P521) &&
           (c->function == fn_CardCreateContainer ||
            (c->function == fn_CardQueryKeySizes && c->info != NULL && c->flags == 0));
}

static DWORD lack_badly(struct call *c, const struct mutation *m)
{
    (void)m;
    return c->function == fn_CardQueryKeySizes ? CANNOT : ODD_CODE;
}

/* The same, by the right code, and before anything else is looked at. */
static DWORD lack_first(struct call *c, const struct mutation *m)
{
    (void)c;
    (void)m;
    return CANNOT;
}

static const struct mutation lines[] = {
    /* 2.4.1.1.1 CardQueryCapabilities */
    BREAK("CMR.4.1.1.1", "generation", CardQueryCapabilities, has_data, DOES(lie_about_generation),
          MAY_SPREAD("CMR.4.2.1", "what the card can do is asked here")),
    BREAK("CMR.4.1.1.2", "not-zero", CardQueryCapabilities, has_data, FAILS(1),
          MAY_SPREAD("*", "what the card can do is asked at the beginning")),
    BREAK("CMR.4.1.1.3", "refused", CardQueryCapabilities, has_data, DOES(what_refuse_version_0)),
    BREAK("CMR.4.1.1.3", "kept", CardQueryCapabilities, version_0, DOES(what_keep_version)),
    /* 2.4.1.1.2 */
    BREAK("CMR.4.1.1.E1", "accepted", CardQueryCapabilities, no_data, ANSWERS(0)),
    BREAK("CMR.4.1.1.E2", "crash", CardQueryCapabilities, no_info, CRASHES),
    BREAK("CMR.4.1.1.E3", "accepted", CardQueryCapabilities, version_high, RECODES(MISMATCH, 0)),
    BREAK("CMR.4.1.1.E3", "code", CardQueryCapabilities, version_high, RECODES(MISMATCH, BAD)),
    /* 2.4.2.1.1 CardCreateContainer */
    BREAK("CMR.4.2.1.1", "nothing-done", CardCreateContainer, generating, DOES(uncreate),
          MAY_SPREAD("*", "whatever makes a key")),
    BREAK("CMR.4.2.1.2", "other-key", CardCreateContainer, importing, DOES(generate_instead),
          MAY_SPREAD("CMR.4", "whatever imports a key")),
    BREAK("CMR.4.2.1.3", "old-key-stays", CardCreateContainer, has_data, DOES(keep_the_old_key),
          MAY_SPREAD("CMR.4.2.1.6", "two keys made in one place are the same")),
    BREAK("CMR.4.2.1.3", "refused", CardCreateContainer, has_data, DOES(refuse_taken),
          MAY_SPREAD("CMR.4.2.1", "they make keys in one place")),
    BREAK("CMR.4.2.1.4", "other-kind", CardCreateContainer, has_data, DOES(other_spec),
          MAY_SPREAD("*", "whatever makes a key")),
    BREAK("CMR.4.2.1.5", "not-zero", CardCreateContainer, has_data, FAILS(1),
          MAY_SPREAD("*", "whatever makes a key")),
    BREAK("CMR.4.2.1.6 T.NonRepeatingKeys", "same-key", CardCreateContainer, generating,
          DOES(make_the_same_key),
          MAY_SPREAD("CMR.4.2.1.3", "a key made over another is the same")),
    BREAK("CMR.4.2.1.7", "neither", CardCreateContainer, as_user, ANSWERS(CANNOT),
          MAY_SPREAD("*", "whatever makes a key")),
    BREAK("N.2.4.2.1.1", "one-key-only", CardCreateContainer, has_data, DOES(one_key_only)),
    /* 2.4.2.1.2 */
    BREAK("CMR.4.2.1.X1", "slow-once", CardCreateContainer, generating_1024,
          SLOW_ONCE_IN_THREE(20100)),
    BREAK("CMR.4.2.1.X2", "slow", CardCreateContainer, generating_1024, SLOW(10100)),
    BREAK("CMR.4.2.1.X3", "slow-once", CardCreateContainer, generating_2048,
          SLOW_ONCE_IN_THREE(150100)),
    BREAK("CMR.4.2.1.X4", "slow", CardCreateContainer, generating_2048, SLOW(100100)),
    BREAK("CMR.4.2.1.X5", "slow-once", CardCreateContainer, generating_256,
          SLOW_ONCE_IN_THREE(12100)),
    BREAK("CMR.4.2.1.X6", "slow", CardCreateContainer, generating_256, SLOW(10100)),
    BREAK("CMR.4.2.1.X7", "slow-once", CardCreateContainer, generating_384,
          SLOW_ONCE_IN_THREE(25100)),
    BREAK("CMR.4.2.1.X8", "slow", CardCreateContainer, generating_384, SLOW(20100)),
    BREAK("CMR.4.2.1.X9", "slow-once", CardCreateContainer, generating_521,
          SLOW_ONCE_IN_THREE(30100)),
    BREAK("CMR.4.2.1.X10", "slow", CardCreateContainer, generating_521, SLOW(25100)),
    /* 2.4.2.1.3 */
    BREAK("CMR.4.2.1.E1", "crash", CardCreateContainer, no_data, CRASHES),
    BREAK("CMR.4.2.1.E2", "crash", CardCreateContainer, import_of_nothing, CRASHES),
    BREAK("CMR.4.2.1.E4", "accepted", CardCreateContainer, create_flags_bad, ANSWERS(0)),
    BREAK("CMR.4.2.1.E5", "accepted", CardCreateContainer, spec_bad, ANSWERS(0)),
    BREAK("CMR.4.2.1.E6", "accepted", CardCreateContainer, no_size, ANSWERS(0)),
    BREAK("CMR.4.2.1.E6", "curve-accepted", CardCreateContainer, size_of_curve, ANSWERS(0)),
    BREAK("CMR.4.2.1.E7", "code", any, about_largest_curve, DOES(lack_badly),
          MAY_SPREAD("CMR.4 CMR.1.2", "the card lacks a kind of key")),
    BREAK("CMR.4.2.1.E7", "first", any, about_largest_curve, DOES(lack_first),
          MAY_SPREAD("CMR.4 CMR.1.2", "the card lacks a kind of key")),
    BREAK("CMR.4.2.1.E8", "accepted", CardCreateContainer, has_data, RECODES(NOT_HIS, 0)),
    BREAK("CMR.4.2.1.E8", "admin-accepted", CardCreateContainer, as_admin, RECODES(NOT_HIS, 0)),
    /* 2.4.2.2.1 CardDeleteContainer */
    BREAK("CMR.4.2.2.1", "nothing-done", CardDeleteContainer, has_data, DOES(delete_nothing),
          MAY_SPREAD("*", "keys stay where none should be")),
    BREAK("CMR.4.2.2.1", "one-too-many", CardDeleteContainer, has_data, DOES(delete_first_of_two),
          MAY_SPREAD("*", "keys are gone")),
    BREAK("CMR.4.2.2.2", "missing-refused", CardDeleteContainer, container_missing,
          RECODES(0, NO_KEY)),
    BREAK("CMR.4.2.2.2", "not-zero", CardDeleteContainer, container_there, FAILS(1),
          MAY_SPREAD("CMR.4.2", "they delete keys on the way")),
    /* 2.4.2.2.2 */
    BREAK("CMR.4.2.2.E1", "accepted", CardDeleteContainer, no_data, ANSWERS(0)),
    BREAK("CMR.4.2.2.E3", "accepted", CardDeleteContainer, flags, DOES(what_flags_to_zero),
          MAY_SPREAD("*", "a key of the kit's is deleted")),
    BOTH("CMR.4.2.2.E3", "rights-first", CardDeleteContainer, flags, as_nobody, ANSWERS(NOT_HIS)),
    BREAK("CMR.4.2.2.E4", "accepted", CardDeleteContainer, as_nobody, RECODES(NOT_HIS, 0)),
    /* 2.4.2.3.1 CardGetContainerInfo */
    BREAK("CMR.4.2.3.1", "bit", CardGetContainerInfo, has_data, DOES(what_turn_bit),
          MAY_SPREAD("*", "whatever uses a public key")),
    BREAK("CMR.4.2.3.2", "foreign", CardGetContainerInfo, has_data, DOES(what_foreign_block)),
    BREAK("CMR.4.2.3.3", "not-zero", CardGetContainerInfo, has_data, FAILS(1),
          MAY_SPREAD("*", "whatever uses a public key")),
    BREAK("CMR.4.2.3.4", "refused", CardGetContainerInfo, has_data, DOES(what_refuse_version_0)),
    BREAK("CMR.4.2.3.4", "kept", CardGetContainerInfo, version_0, DOES(what_keep_version)),
    /* 2.4.2.3.2: both limits are the same, so that an average above is a longest above too */
    BREAK("CMR.4.2.3.X1", "slow-once", CardGetContainerInfo, has_data, SLOW_ONCE_IN_TEN(5100)),
    BREAK("CMR.4.2.3.X2", "slow", CardGetContainerInfo, has_data, SLOW(5100),
          MAY_SPREAD("CMR.4.2.3.X1", "the longest has the same limit")),
    /* 2.4.2.3.3 */
    BREAK("CMR.4.2.3.E1", "accepted", CardGetContainerInfo, no_data, ANSWERS(0)),
    BREAK("CMR.4.2.3.E2", "crash", CardGetContainerInfo, no_info, CRASHES),
    BREAK("CMR.4.2.3.E3", "code", CardGetContainerInfo, has_data, RECODES(NO_KEY, BAD),
          MAY_SPREAD("*", "whatever looks for a container that is not there")),
    BOTH("CMR.4.2.3.E3", "flags-first", CardGetContainerInfo, flags, container_missing,
         ANSWERS(BAD)),
    BREAK("CMR.4.2.3.E4", "accepted", CardGetContainerInfo, flags, DOES(what_flags_to_zero)),
    BOTH("CMR.4.2.3.E4", "version-first", CardGetContainerInfo, flags, version_high,
         ANSWERS(MISMATCH)),
    BREAK("CMR.4.2.3.E5", "accepted", CardGetContainerInfo, version_high, RECODES(MISMATCH, 0)),
};

const struct table container_table = { lines, ARRAY(lines) };
