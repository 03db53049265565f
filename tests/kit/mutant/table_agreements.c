/* SPDX-License-Identifier: MIT */
/* 2.4.3.1 to 2.4.3.4: decryption and agreements. */
#include "mutation.h"

#include <string.h>

#define ODD_CODE   SCARD_F_INTERNAL_ERROR
#define BAD        SCARD_E_INVALID_PARAMETER
#define NOT_HIS    SCARD_W_SECURITY_VIOLATION
#define NO_KEY     SCARD_E_NO_KEY_CONTAINER
#define CANNOT     SCARD_E_UNSUPPORTED_FEATURE
#define TOO_SMALL  SCARD_E_INSUFFICIENT_BUFFER
#define MISMATCH   ERROR_REVISION_MISMATCH

/* ---- 2.4.3.1 --------------------------------------------------------------------------------- */

static CARD_RSA_DECRYPT_INFO *decrypt_of(const struct call *c)
{
    return c->info;
}

static bool cipher_version_high(const struct call *c)
{
    return c->data != NULL && c->info != NULL && decrypt_of(c)->dwVersion > 2;
}

static bool cipher_spec_bad(const struct call *c)
{
    return c->info != NULL && decrypt_of(c)->dwKeySpec != AT_SIGNATURE &&
           decrypt_of(c)->dwKeySpec != AT_KEYEXCHANGE;
}

static bool no_cipher(const struct call *c)
{
    return c->info != NULL && decrypt_of(c)->pbData == NULL;
}

static bool cipher_short(const struct call *c)
{
    return c->info != NULL && decrypt_of(c)->pbData != NULL && decrypt_of(c)->cbData < 64;
}

static const struct mutation decrypting[] = {
    /* 2.4.3.1.1 CardRSADecrypt */
    BREAK("CMR.4.3.1.1", "bit", CardRSADecrypt, has_data, DOES(what_turn_bit),
          MAY_SPREAD("CMR.4.3.1 S", "whatever decrypts")),
    BREAK("CMR.4.3.1.2", "not-zero", CardRSADecrypt, has_data, FAILS(1),
          MAY_SPREAD("CMR.4.3.1 S", "whatever decrypts")),
    BREAK("CMR.4.3.1.3", "refused", CardRSADecrypt, has_data, DOES(what_refuse_version_0)),
    BREAK("CMR.4.3.1.X1", "slow-once", CardRSADecrypt, has_data, SLOW_ONCE_IN_TEN(1600)),
    BREAK("CMR.4.3.1.X2", "slow", CardRSADecrypt, has_data, SLOW(1100)),
    /* 2.4.3.1.3 */
    BREAK("CMR.4.3.1.E1", "accepted", CardRSADecrypt, no_data, ANSWERS(0)),
    BREAK("CMR.4.3.1.E2", "crash", CardRSADecrypt, no_info, CRASHES),
    BREAK("CMR.4.3.1.E3", "code", CardRSADecrypt, cipher_version_high, ANSWERS(BAD)),
    BOTH("CMR.4.3.1.E3", "container-first", CardRSADecrypt, cipher_version_high, index_empty,
         ANSWERS(NO_KEY)),
    BREAK("CMR.4.3.1.E4", "code", CardRSADecrypt, index_empty, RECODES(NO_KEY, BAD)),
    BOTH("CMR.4.3.1.E4", "spec-first", CardRSADecrypt, cipher_spec_bad, index_empty, ANSWERS(BAD)),
    BREAK("CMR.4.3.1.E5", "accepted", CardRSADecrypt, cipher_spec_bad, ANSWERS(0)),
    BREAK("CMR.4.3.1.E6", "crash", CardRSADecrypt, no_cipher, CRASHES),
    BOTH("CMR.4.3.1.E6", "rights-first", CardRSADecrypt, no_cipher, as_nobody, ANSWERS(NOT_HIS)),
    BREAK("CMR.4.3.1.E7", "code", CardRSADecrypt, cipher_short, RECODES(TOO_SMALL, ODD_CODE)),
    BREAK("CMR.4.3.1.E8", "accepted", CardRSADecrypt, has_data, RECODES(NOT_HIS, 0)),
};

const struct table decrypt_table = { decrypting, ARRAY(decrypting) };

/* ---- 2.4.3.2 to 2.4.3.4 ---------------------------------------------------------------------- */

static CARD_DH_AGREEMENT_INFO *agreement_of(const struct call *c)
{
    return c->info;
}

static CARD_DERIVE_KEY *derivation_of(const struct call *c)
{
    return c->info;
}

static bool agreement_version_bad(const struct call *c)
{
    return c->info != NULL && agreement_of(c)->dwVersion != 2;
}

static bool no_peer(const struct call *c)
{
    return c->info != NULL && agreement_of(c)->pbPublicKey == NULL;
}

static bool agreement_flags(const struct call *c)
{
    return c->info != NULL && agreement_of(c)->dwFlags != 0;
}

static bool derivation_version_high(const struct call *c)
{
    return c->info != NULL && derivation_of(c)->dwVersion > 2;
}

static bool no_kdf(const struct call *c)
{
    return c->info != NULL && derivation_of(c)->pwszKDF == NULL;
}

static bool derivation_flags(const struct call *c)
{
    return c->info != NULL && (derivation_of(c)->dwFlags & ~0x21000001u) != 0;
}

static bool kdf_unknown(const struct call *c)
{
    LPWSTR kdf = c->info != NULL ? derivation_of(c)->pwszKDF : NULL;

    return kdf != NULL && kdf[0] != 'H' && kdf[0] != 'T' && kdf[0] != 'S';
}

static bool list_bad(const struct call *c)
{
    BCryptBufferDesc *list = c->info != NULL ? derivation_of(c)->pParameterList : NULL;
    bool unknown = list != NULL && (list->ulVersion != 0 || list->cBuffers > 100);

    for (ULONG i = 0; list != NULL && !unknown && i < list->cBuffers; i++)
        unknown = list->pBuffers[i].BufferType > KDF_KEYBITLENGTH;
    return unknown;
}

static bool has_list(const struct call *c)
{
    BCryptBufferDesc *list = c->info != NULL ? derivation_of(c)->pParameterList : NULL;
    LPWSTR kdf = c->info != NULL ? derivation_of(c)->pwszKDF : NULL;

    return c->data != NULL && list != NULL && list->ulVersion == 0 && list->cBuffers != 0 &&
           kdf != NULL && kdf[0] == 'H';
}

static bool index_strange(const struct call *c)
{
    return c->info != NULL && derivation_of(c)->bSecretAgreementIndex > 200;
}

static bool agreement_strange(const struct call *c)
{
    return c->data != NULL && c->index > 200;
}

/* With a key of its own in place of the other side's. */
static DWORD agree_with_itself(struct call *c, const struct mutation *m)
{
    CARD_DH_AGREEMENT_INFO *info = agreement_of(c);
    CONTAINER_INFO own = { .dwVersion = CONTAINER_INFO_CURRENT_VERSION };
    struct call look = beside(c, fn_CardGetContainerInfo);
    PBYTE given = info != NULL ? info->pbPublicKey : NULL;

    (void)m;
    if (given == NULL)
        return invoke(c);
    look.index = info->bContainerIndex;
    look.info = &own;
    if (invoke(&look) != SCARD_S_SUCCESS)
        return invoke(c);
    if (own.pbKeyExPublicKey != NULL && own.cbKeyExPublicKey == info->dwPublicKey &&
        memcmp(own.pbKeyExPublicKey, given, 4) == 0)
        info->pbPublicKey = own.pbKeyExPublicKey;
    c->rc = invoke(c);
    info->pbPublicKey = given;
    if (own.pbKeyExPublicKey != NULL)
        c->data->pfnCspFree(own.pbKeyExPublicKey);
    if (own.pbSigPublicKey != NULL)
        c->data->pfnCspFree(own.pbSigPublicKey);
    return c->rc;
}

static DWORD index_not_told(struct call *c, const struct mutation *m)
{
    BYTE before = c->info != NULL ? agreement_of(c)->bSecretAgreementIndex : 0;
    DWORD rc = invoke(c);

    (void)m;
    if (rc == SCARD_S_SUCCESS)
        agreement_of(c)->bSecretAgreementIndex =
            before != agreement_of(c)->bSecretAgreementIndex ? before : (BYTE)(before ^ 0xAA);
    return rc;
}

/* Derives from an agreement of another context of the process, when it has none of that number. */
static DWORD share_agreements(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);
    PCARD_DATA other = another_context(c->data);

    (void)m;
    if (rc == SCARD_E_INVALID_PARAMETER && other != NULL) {
        c->data = other;
        rc = invoke(c);
    }
    return rc;
}

/* The one before is gone when the next is made. */
static DWORD one_agreement(struct call *c, const struct mutation *m)
{
    static PCARD_DATA last_data;
    static BYTE last;
    struct call off = beside(c, fn_CardDestroyDHAgreement);

    (void)m;
    off.index = last;
    c->rc = invoke(c);
    if (c->rc != SCARD_S_SUCCESS)
        return c->rc;
    if (last_data == c->data && last != agreement_of(c)->bSecretAgreementIndex)
        (void)invoke(&off);
    last_data = c->data;
    last = agreement_of(c)->bSecretAgreementIndex;
    return c->rc;
}

static DWORD without_list(struct call *c, const struct mutation *m)
{
    PVOID given = derivation_of(c)->pParameterList;

    (void)m;
    derivation_of(c)->pParameterList = NULL;
    c->rc = invoke(c);
    derivation_of(c)->pParameterList = given;
    return c->rc;
}

static DWORD without_flags(struct call *c, const struct mutation *m)
{
    DWORD *at = c->function == fn_CardDeriveKey           ? &derivation_of(c)->dwFlags
                : c->function == fn_CardConstructDHAgreement ? &agreement_of(c)->dwFlags
                                                          : NULL;
    DWORD given = at != NULL ? *at : 0;

    (void)m;
    if (at != NULL)
        *at &= 0x21000001u;
    c->rc = invoke(c);
    if (at != NULL)
        *at = given;
    return c->rc;
}

static bool agreement_there(const struct call *c)
{
    return c->data != NULL && c->flags == 0 && !agreement_strange(c) && !as_nobody(c);
}

/* No room was left the last time: without a key of the other side neither. */
static DWORD room_first(struct call *c, const struct mutation *m)
{
    static bool full;

    (void)m;
    if (full && c->info != NULL && no_peer(c))
        return SCARD_E_NO_MEMORY;
    c->rc = invoke(c);
    full = c->rc == SCARD_E_NO_MEMORY || (full && c->rc != SCARD_S_SUCCESS);
    return c->rc;
}

static const struct mutation agreeing[] = {
    /* 2.4.3.2.1 CardConstructDHAgreement */
    BREAK("CMR.4.3.2.1", "other-secret", CardConstructDHAgreement, has_data,
          DOES(agree_with_itself), MAY_SPREAD("CMR.4.3.3 CMR.4.3.2", "the secret is another")),
    BREAK("CMR.4.3.2.2", "not-told", CardConstructDHAgreement, has_data, DOES(index_not_told),
          MAY_SPREAD("CMR.4.3.2 CMR.4.3.3 CMR.4.3.4", "the agreement is not found")),
    BREAK("CMR.4.3.2.3", "shared", CardDeriveKey, has_data, DOES(share_agreements)),
    BREAK("CMR.4.3.2.4", "one-only", CardConstructDHAgreement, has_data, DOES(one_agreement),
          MAY_SPREAD("CMR.4.3.2.E8", "there is never an end of space")),
    BREAK("CMR.4.3.2.5", "not-zero", CardConstructDHAgreement, has_data, FAILS(1),
          MAY_SPREAD("CMR.4.3.2 CMR.4.3.3 CMR.4.3.4", "whatever needs an agreement")),
    BREAK("CMR.4.3.2.X1", "slow-once", CardConstructDHAgreement, has_data, SLOW_ONCE_IN_TEN(7100)),
    BREAK("CMR.4.3.2.X2", "slow", CardConstructDHAgreement, has_data, SLOW(6100)),
    /* 2.4.3.2.3 */
    BREAK("CMR.4.3.2.E1", "accepted", CardConstructDHAgreement, no_data, ANSWERS(0)),
    BREAK("CMR.4.3.2.E2", "crash", CardConstructDHAgreement, no_info, CRASHES),
    BREAK("CMR.4.3.2.E3", "code", CardConstructDHAgreement, agreement_version_bad, ANSWERS(BAD)),
    BREAK("CMR.4.3.2.E4", "crash", CardConstructDHAgreement, no_peer, CRASHES),
    BOTH("CMR.4.3.2.E4", "container-first", CardConstructDHAgreement, no_peer, index_empty,
         ANSWERS(NO_KEY)),
    BREAK("CMR.4.3.2.E5", "code", CardConstructDHAgreement, index_empty, RECODES(NO_KEY, ODD_CODE)),
    BOTH("CMR.4.3.2.E5", "flags-first", CardConstructDHAgreement, index_empty, agreement_flags,
         ANSWERS(ODD_CODE)),
    BREAK("CMR.4.3.2.E6", "accepted", CardConstructDHAgreement, agreement_flags,
          DOES(without_flags)),
    BOTH("CMR.4.3.2.E6", "rights-first", CardConstructDHAgreement, agreement_flags, as_nobody,
         ANSWERS(NOT_HIS)),
    BREAK("CMR.4.3.2.E7", "accepted", CardConstructDHAgreement, has_data, RECODES(NOT_HIS, 0)),
    BREAK("CMR.4.3.2.E7", "admin-accepted", CardConstructDHAgreement, as_admin,
          RECODES(NOT_HIS, 0)),
    BREAK("CMR.4.3.2.E8", "code", CardConstructDHAgreement, has_data,
          RECODES(SCARD_E_NO_MEMORY, ODD_CODE)),
    BREAK("CMR.4.3.2.E8", "room-first", CardConstructDHAgreement, has_data, DOES(room_first)),
    /* 2.4.3.3.1 CardDeriveKey */
    BREAK("CMR.4.3.3.1", "bit", CardDeriveKey, has_data, DOES(what_turn_bit),
          MAY_SPREAD("CMR.4.3.2 CMR.4.3.3", "whatever derives a key")),
    BREAK("CMR.4.3.3.2", "list-ignored", CardDeriveKey, has_list, DOES(without_list)),
    BREAK("CMR.4.3.3.3", "foreign", CardDeriveKey, has_data, DOES(what_foreign_block)),
    BREAK("CMR.4.3.3.4", "one-more", CardDeriveKey, has_data, DOES(what_len_more),
          MAY_SPREAD("CMR.4.3.2 CMR.4.3.3", "whatever derives a key")),
    BREAK("CMR.4.3.3.5", "not-zero", CardDeriveKey, has_data, FAILS(1),
          MAY_SPREAD("CMR.4.3.2 CMR.4.3.3", "whatever derives a key")),
    /* 2.4.3.3.2 */
    BREAK("CMR.4.3.3.E1", "accepted", CardDeriveKey, no_data, ANSWERS(0)),
    BREAK("CMR.4.3.3.E2", "crash", CardDeriveKey, no_info, CRASHES),
    BREAK("CMR.4.3.3.E3", "code", CardDeriveKey, derivation_version_high, ANSWERS(BAD)),
    BREAK("CMR.4.3.3.E4", "crash", CardDeriveKey, no_kdf, CRASHES),
    BREAK("CMR.4.3.3.E5", "accepted", CardDeriveKey, derivation_flags, DOES(without_flags)),
    BREAK("CMR.4.3.3.E6", "code", CardDeriveKey, kdf_unknown, ANSWERS(CANNOT)),
    BREAK("CMR.4.3.3.E7", "accepted", CardDeriveKey, index_strange, RECODES(BAD, 0)),
    BREAK("CMR.4.3.3.E8", "accepted", CardDeriveKey, list_bad, DOES(without_list)),
    BOTH("CMR.4.3.3.E8", "rights-first", CardDeriveKey, list_bad, as_nobody, ANSWERS(NOT_HIS)),
    BREAK("CMR.4.3.3.E9", "accepted", CardDeriveKey, has_data, RECODES(NOT_HIS, 0)),
    /* 2.4.3.4.1 CardDestroyDHAgreement */
    BREAK("CMR.4.3.4.1", "nothing-done", CardDestroyDHAgreement, agreement_there, ANSWERS(0)),
    BREAK("CMR.4.3.4.2", "not-zero", CardDestroyDHAgreement, has_data, FAILS(1),
          MAY_SPREAD("CMR.4.3.4.1 CMR.4.3.2", "they destroy agreements on the way")),
    BREAK("CMR.4.3.4.X1", "slow-once", CardDestroyDHAgreement, has_data, SLOW_ONCE_IN_TEN(610)),
    BREAK("CMR.4.3.4.X2", "slow", CardDestroyDHAgreement, has_data, SLOW(510)),
    /* 2.4.3.4.3 */
    BREAK("CMR.4.3.4.E1", "accepted", CardDestroyDHAgreement, no_data, ANSWERS(0)),
    BREAK("CMR.4.3.4.E2", "accepted", CardDestroyDHAgreement, agreement_strange, RECODES(BAD, 0)),
    BREAK("CMR.4.3.4.E3", "accepted", CardDestroyDHAgreement, flags, DOES(what_flags_to_zero)),
    BOTH("CMR.4.3.4.E3", "rights-first", CardDestroyDHAgreement, flags, as_nobody,
         ANSWERS(NOT_HIS)),
    BREAK("CMR.4.3.4.E4", "accepted", CardDestroyDHAgreement, has_data, RECODES(NOT_HIS, 0)),
};

const struct table agreement_table = { agreeing, ARRAY(agreeing) };
