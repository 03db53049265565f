/* SPDX-License-Identifier: MIT */
/* 2.4.3.5, 2.4.3.6: signatures and key sizes. */
#include "mutation.h"

#define ODD_CODE   SCARD_F_INTERNAL_ERROR
#define BAD        SCARD_E_INVALID_PARAMETER
#define NOT_HIS    SCARD_W_SECURITY_VIOLATION
#define NO_KEY     SCARD_E_NO_KEY_CONTAINER
#define CANNOT     SCARD_E_UNSUPPORTED_FEATURE
#define CLASS(algorithm) ((algorithm) & 0xE000u)
#define MISMATCH   ERROR_REVISION_MISMATCH

/* ---- 2.4.3.5 --------------------------------------------------------------------------------- */

static CARD_SIGNING_INFO *sign_of(const struct call *c)
{
    return c->info;
}

static bool sign_version_high(const struct call *c)
{
    return c->info != NULL && sign_of(c)->dwVersion > 2;
}

static bool no_digest(const struct call *c)
{
    return c->info != NULL && sign_of(c)->pbData == NULL;
}

static bool sign_spec_bad(const struct call *c)
{
    return c->info != NULL &&
           (sign_of(c)->dwKeySpec < AT_KEYEXCHANGE || sign_of(c)->dwKeySpec > AT_ECDHE_P521);
}

static bool sign_flags_bad(const struct call *c)
{
    return c->info != NULL && (sign_of(c)->dwSigningFlags & ~0x6000000Fu) != 0;
}

static bool no_hash(const struct call *c)
{
    return c->info != NULL && sign_of(c)->aiHashAlg != 0 &&
           CLASS(sign_of(c)->aiHashAlg) != ALG_CLASS_HASH;
}

static bool old_hash(const struct call *c)
{
    return c->info != NULL && sign_of(c)->aiHashAlg == (ALG_CLASS_HASH | 2);
}

static bool strange_hash(const struct call *c)
{
    ALG_ID hash = c->info != NULL ? sign_of(c)->aiHashAlg : 0;

    return CLASS(hash) == ALG_CLASS_HASH && hash != CALG_MD5 && hash != CALG_SHA1 &&
           hash != CALG_SSL3_SHAMD5 && hash != CALG_SHA_256 && hash != CALG_SHA_384 &&
           hash != CALG_SHA_512;
}

static bool padding_info_given(const struct call *c)
{
    return c->data != NULL && c->info != NULL && sign_of(c)->dwVersion == 2 &&
           (sign_of(c)->dwSigningFlags & CARD_PADDING_INFO_PRESENT) != 0;
}

static bool rsa_without_padding_info(const struct call *c)
{
    return c->data != NULL && c->info != NULL && sign_of(c)->dwSigningFlags == 0 &&
           (sign_of(c)->dwKeySpec == AT_SIGNATURE || sign_of(c)->dwKeySpec == AT_KEYEXCHANGE);
}

/* Another padding than is asked for: without the hash's name. */
static DWORD pad_without_oid(struct call *c, const struct mutation *m)
{
    CARD_SIGNING_INFO *info = sign_of(c);
    DWORD given = info->dwSigningFlags;

    (void)m;
    info->dwSigningFlags |= CRYPT_NOHASHOID;
    c->rc = invoke(c);
    info->dwSigningFlags = given;
    return c->rc;
}

static DWORD sign_without_padding_info(struct call *c, const struct mutation *m)
{
    CARD_SIGNING_INFO *info = sign_of(c);

    (void)m;
    info->dwSigningFlags &= ~CARD_PADDING_INFO_PRESENT;
    c->rc = invoke(c);
    info->dwSigningFlags |= CARD_PADDING_INFO_PRESENT;
    return c->rc;
}

static DWORD sign_flags_forgotten(struct call *c, const struct mutation *m)
{
    CARD_SIGNING_INFO *info = sign_of(c);
    DWORD given = info->dwSigningFlags;

    (void)m;
    info->dwSigningFlags = 0;
    c->rc = invoke(c);
    info->dwSigningFlags = given;
    return c->rc;
}

/* Signs though nobody is authenticated: with the PIN that was shown last. */
static DWORD sign_for_anybody(struct call *c, const struct mutation *m)
{
    static WCHAR user[] = wszCARD_USER_USER;
    BYTE pin[SECRET_MAX];
    struct call on = beside(c, fn_CardAuthenticatePin), off = beside(c, fn_CardDeauthenticate);

    (void)m;
    c->rc = invoke(c);
    if (c->rc != NOT_HIS)
        return c->rc;
    on.user = off.user = user;
    on.in = pin;
    on.in_len = right_pin(pin);
    (void)invoke(&on);
    c->rc = invoke(c);
    (void)invoke(&off);
    return c->rc;
}

/* ---- 2.4.3.6 --------------------------------------------------------------------------------- */

static bool rsa_sizes(const struct call *c)
{
    return c->data != NULL && spec_rsa(c);
}

static bool curve_sizes(const struct call *c)
{
    return c->data != NULL && spec_curve(c);
}

/* A kind that the card then seems to lack. */
static bool about_largest_curve(const struct call *c)
{
    return c->data != NULL && c->info != NULL &&
           (c->spec == AT_ECDSA_P521 || c->spec == AT_ECDHE_P521);
}

static bool largest_curve(const struct call *c)
{
    return about_largest_curve(c) && c->flags == 0 && !version_high(c);
}

static DWORD sizes_too_high(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);
    CARD_KEY_SIZES *info = c->info;

    (void)m;
    if (rc == SCARD_S_SUCCESS) {
        info->dwMinimumBitlen = info->dwMaximumBitlen + 1024;
        info->dwMaximumBitlen += 4096;
        info->dwDefaultBitlen = info->dwMinimumBitlen;
    }
    return rc;
}

static DWORD default_outside(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);
    CARD_KEY_SIZES *info = c->info;

    (void)m;
    if (rc == SCARD_S_SUCCESS)
        info->dwDefaultBitlen = info->dwMaximumBitlen + info->dwIncrementalBitlen;
    return rc;
}

static DWORD curve_range(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);
    CARD_KEY_SIZES *info = c->info;

    (void)m;
    if (rc == SCARD_S_SUCCESS)
        info->dwMaximumBitlen = 521 + 1;
    return rc;
}

static DWORD curve_increment(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);
    CARD_KEY_SIZES *info = c->info;

    (void)m;
    if (rc == SCARD_S_SUCCESS)
        info->dwIncrementalBitlen = 0;
    return rc;
}

static DWORD spec_taken_for_signature(struct call *c, const struct mutation *m)
{
    (void)m;
    c->spec = AT_SIGNATURE;
    return invoke(c);
}

static const struct mutation signing[] = {
    /* 2.4.3.5.1 CardSignData */
    BREAK("CMR.4.3.5.1", "bit", CardSignData, has_data, DOES(what_turn_bit),
          MAY_SPREAD("*", "whatever signs")),
    BREAK("CMR.4.3.5.2", "without-oid", CardSignData, rsa_without_padding_info,
          DOES(pad_without_oid), MAY_SPREAD("*", "whatever signs")),
    BREAK("CMR.4.3.5.3", "foreign", CardSignData, has_data, DOES(what_foreign_block)),
    BREAK("CMR.4.3.5.4", "one-more", CardSignData, has_data, DOES(what_len_more),
          MAY_SPREAD("*", "whatever signs")),
    BREAK("CMR.4.3.5.5", "ignored", CardSignData, padding_info_given,
          DOES(sign_without_padding_info)),
    BREAK("CMR.4.3.5.5", "refused", CardSignData, padding_info_given, ANSWERS(CANNOT)),
    BREAK("CMR.4.3.5.6", "not-zero", CardSignData, has_data, FAILS(1),
          MAY_SPREAD("*", "whatever signs")),
    BREAK("CMR.4.3.5.7", "refused", CardSignData, has_data, DOES(what_refuse_version_0)),
    BREAK("CMR.4.3.5.X1", "slow-once", CardSignData, has_data, SLOW_ONCE_IN_TEN(1600)),
    BREAK("CMR.4.3.5.X2", "slow", CardSignData, has_data, SLOW(1100)),
    /* 2.4.3.5.3 */
    BREAK("CMR.4.3.5.E1", "accepted", CardSignData, no_data, ANSWERS(0)),
    BREAK("CMR.4.3.5.E2", "crash", CardSignData, no_info, CRASHES),
    BREAK("CMR.4.3.5.E3", "code", CardSignData, sign_version_high, ANSWERS(BAD)),
    BREAK("CMR.4.3.5.E4", "crash", CardSignData, no_digest, CRASHES),
    BOTH("CMR.4.3.5.E4", "container-first", CardSignData, no_digest, index_empty, ANSWERS(NO_KEY)),
    BREAK("CMR.4.3.5.E5", "code", CardSignData, index_empty, RECODES(NO_KEY, BAD)),
    BOTH("CMR.4.3.5.E5", "spec-first", CardSignData, sign_spec_bad, index_empty, ANSWERS(BAD)),
    BREAK("CMR.4.3.5.E6", "accepted", CardSignData, sign_spec_bad, ANSWERS(0)),
    BREAK("CMR.4.3.5.E7", "accepted", CardSignData, sign_flags_bad, DOES(sign_flags_forgotten)),
    BREAK("CMR.4.3.5.E8", "accepted", CardSignData, no_hash, ANSWERS(0)),
    BREAK("CMR.4.3.5.E8", "code", CardSignData, no_hash, ANSWERS(ODD_CODE)),
    BREAK("CMR.4.3.5.E9", "code", CardSignData, strange_hash, ANSWERS(ODD_CODE)),
    BREAK("CMR.4.3.5.E9", "old-hash", CardSignData, old_hash, ANSWERS(BAD)),
    BOTH("CMR.4.3.5.E9", "rights-first", CardSignData, strange_hash, as_nobody, ANSWERS(NOT_HIS)),
    BREAK("CMR.4.3.5.E10", "signs", CardSignData, has_data, DOES(sign_for_anybody)),
    BREAK("CMR.4.3.5.E10", "code", CardSignData, has_data, RECODES(NOT_HIS, ODD_CODE)),
    /* 2.4.3.6.1 CardQueryKeySizes */
    BREAK("CMR.4.3.6.1", "too-high", CardQueryKeySizes, rsa_sizes, DOES(sizes_too_high),
          MAY_SPREAD("*", "keys of these sizes are made")),
    BREAK("CMR.4.3.6.1", "default-outside", CardQueryKeySizes, rsa_sizes, DOES(default_outside),
          MAY_SPREAD("*", "keys of this size are made")),
    BREAK("CMR.4.3.6.2", "range", CardQueryKeySizes, curve_sizes, DOES(curve_range)),
    BREAK("CMR.4.3.6.3", "increment", CardQueryKeySizes, curve_sizes, DOES(curve_increment)),
    BREAK("CMR.4.3.6.4", "not-zero", CardQueryKeySizes, has_data, FAILS(1),
          MAY_SPREAD("*", "what keys there are is asked at the beginning")),
    BREAK("CMR.4.3.6.5", "refused", CardQueryKeySizes, has_data, DOES(what_refuse_version_0)),
    BREAK("CMR.4.3.6.5", "kept", CardQueryKeySizes, version_0, DOES(what_keep_version)),
    /* 2.4.3.6.2 */
    BREAK("CMR.4.3.6.E1", "accepted", CardQueryKeySizes, no_data, ANSWERS(0)),
    BREAK("CMR.4.3.6.E2", "crash", CardQueryKeySizes, no_info, CRASHES),
    BREAK("CMR.4.3.6.E3", "accepted", CardQueryKeySizes, spec_bad, DOES(spec_taken_for_signature)),
    BOTH("CMR.4.3.6.E3", "version-first", CardQueryKeySizes, spec_bad, version_high,
         ANSWERS(MISMATCH)),
    BREAK("CMR.4.3.6.E4", "accepted", CardQueryKeySizes, flags, DOES(what_flags_to_zero)),
    BOTH("CMR.4.3.6.E4", "version-first", CardQueryKeySizes, flags, version_high,
         ANSWERS(MISMATCH)),
    BREAK("CMR.4.3.6.E5", "accepted", CardQueryKeySizes, version_high, RECODES(MISMATCH, 0)),
    BREAK("CMR.4.3.6.E6", "code", CardQueryKeySizes, largest_curve, ANSWERS(BAD),
          MAY_SPREAD("CMR.4", "the card seems to lack a kind of key")),
    BREAK("CMR.4.3.6.E6", "first", CardQueryKeySizes, about_largest_curve, ANSWERS(CANNOT),
          MAY_SPREAD("CMR.4", "the card seems to lack a kind of key")),
};

const struct table sign_table = { signing, ARRAY(signing) };
