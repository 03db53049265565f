/* SPDX-License-Identifier: MIT */
/* 2.4.3.5: CardSignData. OpenSSL verifies with the public key of the container. */
#include "kit/rows/sign.h"

#include "kit/bench/fixture_keys.h"
#include "kit/groups.h"
#include "kit/bench/padding.h"
#include "kit/bench/signatures.h"
#include "kit/bench/timing.h"

#include <string.h>

#define BLOCK_MAX 1024u
#define LONGEST   1500.0
#define AVERAGE   1000.0

/* A key for agreement, with which the card does not sign: it may refuse. */
static bool need_not_sign(const struct signer *s, DWORD rc)
{
    return rc == SCARD_E_UNSUPPORTED_FEATURE && spec_is_curve(s->spec) && spec_exchanges(s->spec);
}

/* false: it need not. What the row asks is another thing. */
static bool signs(struct bench *b, struct signer *s, CARD_SIGNING_INFO *info,
                  const struct hash_kind **hash)
{
    DWORD rc = sign_any(b, s, info, hash);

    if (need_not_sign(s, rc))
        return false;
    NEED(b->run, rc);
    return true;
}

/* ---- the signature --------------------------------------------------------------------------- */

/* Whatever padding is around it. */
static bool block_ends_with(EVP_PKEY *key, const CARD_SIGNING_INFO *info)
{
    BYTE block[BLOCK_MAX];

    return info->cbSignedData <= BLOCK_MAX && info->cbSignedData >= info->cbData &&
           rsa_block(key, info->pbSignedData, info->cbSignedData, block) &&
           memcmp(block + info->cbSignedData - info->cbData, info->pbData, info->cbData) == 0;
}

static bool curve_verifies(EVP_PKEY *key, const CARD_SIGNING_INFO *info)
{
    return ecdsa_verifies(key, info->pbData, info->cbData, info->pbSignedData, info->cbSignedData);
}

static void check_signature(struct bench *b, struct signer *s)
{
    const struct hash_kind *hash;
    CARD_SIGNING_INFO info;
    DWORD rc = sign_any(b, s, &info, &hash);
    bool ok;

    if (need_not_sign(s, rc))
        return;
    EXPECT(b->run, rc, SCARD_S_SUCCESS);
    check_signed(b, &info);
    ok = spec_is_rsa(s->spec) ? block_ends_with(signer_key(b, s), &info)
                              : curve_verifies(signer_key(b, s), &info);
    CHECK(b->run, ok, "%s, %u bytes: no signature over the data with the key of the container",
          spec_name(s->spec), (unsigned)info.cbSignedData);
    run_note(b->run, "%s verifies", spec_name(s->spec));
    drop_signature(&info);
}

/* Curves that the fixture has no key on: one is made for the test. */
static void check_on_curve(struct bench *b, DWORD spec)
{
    struct signer s = { .index = scratch_index(b), .spec = spec };

    if (!has_spec(b, spec) || fixture_key(b, spec) != 0xFF || s.index == 0xFF ||
        put_key(b, s.index, spec, 0) != SCARD_S_SUCCESS)
        return;
    check_signature(b, &s);
    EVP_PKEY_free(s.key);
    (void)drop_container(b, s.index);
}

static void signs_data(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    each_signer(&b, false, check_signature);
    be_user(&b);
    check_on_curve(&b, AT_ECDSA_P384);
    check_on_curve(&b, AT_ECDSA_P521);
    be_nobody(&b);
}

/* ---- memory, length -------------------------------------------------------------------------- */

static void check_block(struct bench *b, struct signer *s)
{
    CARD_SIGNING_INFO first, second;
    const struct hash_kind *hash;

    if (!signs(b, s, &first, &hash) || !signs(b, s, &second, &hash))
        return;
    CHECK(b->run, mem_is_ours(first.pbSignedData) && mem_is_ours(second.pbSignedData),
          "pbSignedData is no block of pfnCspAlloc or pfnCspReAlloc");
    CHECK(b->run, first.pbSignedData != second.pbSignedData, "the same block twice");
    drop_signature(&first);
    drop_signature(&second);
}

static void gives_a_block(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    each_signer(&b, false, check_block);
}

static void check_len(struct bench *b, struct signer *s, const CARD_SIGNING_INFO *info)
{
    DWORD want = spec_is_rsa(s->spec) ? (DWORD)EVP_PKEY_get_size(signer_key(b, s))
                                      : 2 * (DWORD)curve_field(s->spec);

    CHECK(b->run, info->cbSignedData == want, "%s: cbSignedData %u, a signature has %u",
          spec_name(s->spec), (unsigned)info->cbSignedData, (unsigned)want);
}

static void check_length(struct bench *b, struct signer *s)
{
    const struct hash_kind *hash;
    CARD_SIGNING_INFO info;

    if (!signs(b, s, &info, &hash))
        return;
    check_len(b, s, &info);
    CHECK(b->run, !mem_is_ours(info.pbSignedData) ||
                      mem_len(info.pbSignedData) >= info.cbSignedData,
          "cbSignedData %u, the block has %zu bytes", (unsigned)info.cbSignedData,
          mem_len(info.pbSignedData));
    drop_signature(&info);
}

static void gives_the_length(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    each_signer(&b, false, check_length);
}

/* Only the length: nothing is padded, nothing allocated. */
static void check_size_only(struct bench *b, struct signer *s)
{
    CARD_SIGNING_INFO info;
    const struct hash_kind *hash;
    unsigned long live;
    unsigned asked;
    DWORD rc;

    if (!signs(b, s, &info, &hash))
        return;
    drop_signature(&info);
    asked = padding_asked();
    live = mem_live();
    info = ask_signature(b, s, hash);
    info.dwSigningFlags = CARD_BUFFER_SIZE_ONLY;
    info.pbSignedData = info.pbData;
    rc = CALL(b, SignData, &b->data, &info);
    if (rc == SCARD_E_INVALID_PARAMETER || rc == SCARD_E_UNSUPPORTED_FEATURE)
        run_not_applicable(b->run, "CARD_BUFFER_SIZE_ONLY is optional, CardSignData answers %s",
                           kit_code(rc));
    EXPECT(b->run, rc, SCARD_S_SUCCESS);
    check_len(b, s, &info);
    CHECK(b->run, info.pbSignedData == NULL, "pbSignedData is not NULL");
    CHECK(b->run, mem_live() <= live, "a block more than before");
    CHECK(b->run, padding_asked() == asked, "pfnCspPadData was called");
}

static void gives_size_only(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    each_signer(&b, false, check_size_only);
}

/* ---- code, version 0 ------------------------------------------------------------------------- */

static void check_code(struct bench *b, struct signer *s)
{
    const struct hash_kind *hash;
    CARD_SIGNING_INFO info;
    DWORD rc = sign_any(b, s, &info, &hash);

    if (!need_not_sign(s, rc))
        EXPECT(b->run, rc, SCARD_S_SUCCESS);
    drop_signature(&info);
}

static void succeeds(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    each_signer(&b, false, check_code);
}

/* PKCS#1 has no random numbers, ECDSA has: there both verify, or none. */
static bool same(struct bench *b, struct signer *s, const CARD_SIGNING_INFO *one,
                 const CARD_SIGNING_INFO *zero)
{
    DWORD len = one->cbSignedData;

    if (!spec_is_rsa(s->spec))
        return curve_verifies(signer_key(b, s), one) == curve_verifies(signer_key(b, s), zero);
    if (mem_is_ours(one->pbSignedData) && mem_len(one->pbSignedData) < len)
        len = (DWORD)mem_len(one->pbSignedData);
    return zero->cbSignedData == one->cbSignedData &&
           memcmp(zero->pbSignedData, one->pbSignedData, len) == 0;
}

/* What stands behind version 1 is not read: it makes no sense. */
static void check_version_0(struct bench *b, struct signer *s)
{
    const struct hash_kind *hash;
    CARD_SIGNING_INFO one, zero;

    if (!signs(b, s, &one, &hash))
        return;
    zero = ask_signature(b, s, hash);
    zero.dwVersion = 0;
    zero.dwPaddingType = 0xFFFFFFFF;
    EXPECT(b->run, CALL(b, SignData, &b->data, &zero), SCARD_S_SUCCESS);
    check_signed(b, &one);
    check_signed(b, &zero);
    CHECK(b->run, same(b, s, &one, &zero), "%s: another signature than for version 1",
          spec_name(s->spec));
    drop_signature(&one);
    drop_signature(&zero);
}

static void takes_version_0(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    each_signer(&b, false, check_version_0);
}

static const struct requirement functional[] = {
    ROW("CMR.4.3.5.1", "data is signed with the key of the container", signs_data,
        .versions = KIT_V(4) | KIT_V(5) | KIT_V(7)),
    ROW("CMR.4.3.5.2", "data is padded: PKCS#1 v1.5, with the identifier of its hash",
        sign_pads_data),
    ROW("CMR.4.3.5.3", "pbSignedData is a block of pfnCspAlloc or pfnCspReAlloc", gives_a_block),
    ROW("CMR.4.3.5.4", "cbSignedData is the length of the signature", gives_the_length),
    ROW("CMR.4.3.5.5", "pPaddingInfo says how to pad", sign_takes_padding_info,
        .versions = KIT_V(5) | KIT_V(7)),
    ROW("CMR.4.3.5.6", "0 on success", succeeds, .versions = KIT_V4_TO_V7),
    ROW("CMR.4.3.5.7", "version 0 of CARD_SIGNING_INFO is version 1", takes_version_0,
        .versions = KIT_V(4) | KIT_V(5) | KIT_V(7)),
    ROW("N.2.4.3.5.1", "CARD_BUFFER_SIZE_ONLY: the length alone, pbSignedData NULL",
        gives_size_only, .optional = true),
};

/* ---- performance ----------------------------------------------------------------------------- */

static struct signer timed;

static void sign_once(struct bench *b)
{
    const struct hash_kind *hash;
    CARD_SIGNING_INFO info;

    NEED(b->run, sign_any(b, &timed, &info, &hash));
    drop_signature(&info);
}

static void measure(struct run *r, bool longest)
{
    struct bench b;

    bench_open(r, &b);
    timed = need_signer(&b);
    be_user(&b);
    if (longest)
        longest_within(r, &b, sign_once, LONGEST);
    else
        average_within(r, &b, sign_once, AVERAGE);
}

static void longest(struct run *r)
{
    measure(r, true);
}

static void average(struct run *r)
{
    measure(r, false);
}

static const struct requirement performance[] = {
    ROW("CMR.4.3.5.X1", "a signature within 1.5 s", longest),
    ROW("CMR.4.3.5.X2", "a signature within 1 s on the average of 20", average),
};

#define SIGN "CardSignData"

static const struct section sections[] = {
    { "2.4.3.5.1", SIGN, KIT_FUNCTIONAL, NULL, functional, ARRAY(functional) },
    { "2.4.3.5.2", SIGN, KIT_PERFORMANCE, NULL, performance, ARRAY(performance) },
    { "2.4.3.5.3", SIGN, KIT_ERROR, &sign_subject, sign_errors, ARRAY(sign_errors) },
};

const struct group sign_rows = { sections, ARRAY(sections) };
