/* SPDX-License-Identifier: MIT */
/* 2.4.3.5.3: errors of CardSignData. */
#include "kit/bench/fixture_keys.h"
#include "kit/bench/padding.h"
#include "kit/rows/sign.h"
#include "kit/bench/variants.h"

#define INVALID SCARD_E_INVALID_PARAMETER
#define FLAGS_KNOWN                                                                          \
    (CRYPT_NOHASHOID | CRYPT_TYPE2_FORMAT | CRYPT_X931_FORMAT | CARD_BUFFER_SIZE_ONLY |      \
     CARD_PADDING_INFO_PRESENT)
#define NO_ALGORITHM 0x10000000u /* of no class */

/* ---- a good call ----------------------------------------------------------------------------- */

static const struct hash_kind *good_hash;

static DWORD call(struct args *a)
{
    CARD_SIGNING_INFO *info = &a->box.sign;

    info->bContainerIndex = a->index;
    info->dwKeySpec = a->spec;
    info->dwSigningFlags = a->flags;
    info->pbData = a->in;
    info->cbData = a->in_len;
    return CALL(a->b, SignData, a->data, a->info);
}

static void prepare_good(struct args *a)
{
    const struct signer s = need_signer(a->b);

    a->box.sign = ask_signature(a->b, &s, good_hash);
    a->index = s.index;
    a->spec = s.spec;
    a->in = a->box.sign.pbData;
    a->in_len = a->box.sign.cbData;
}

/* The hash that the module has. Whether it signs with it is not asked here. */
static void find_hash(struct bench *b)
{
    const struct signer s = need_signer(b);
    CARD_SIGNING_INFO info;

    (void)sign_any(b, &s, &info, &good_hash);
    drop_signature(&info);
}

/* An algorithm that there is not; and one of the document's list that is no hash of data. */
static bool spoil_hash(struct args *a, enum fault fault)
{
    if (fault != NO_HASH && fault != STRANGE_HASH)
        return false;
    a->box.sign.aiHashAlg = fault == NO_HASH ? NO_ALGORITHM : CALG_MAC;
    return true;
}

const struct subject sign_subject = { .call = call, .good = prepare_good, .prepare = find_hash,
                                      .spoil = spoil_hash };

/* ---- values ---------------------------------------------------------------------------------- */

static void refuses_versions(struct run *r)
{
    static const DWORD versions[] = { 3, 257, 65538, 0xFFFFFFFF };

    refuses_each(r, vary_version, versions, ARRAY(versions), ERROR_REVISION_MISMATCH,
                 ERROR_REVISION_MISMATCH);
    error_row(r);
}

static void refuses_specs(struct run *r)
{
    static const DWORD specs[] = { 0, 9, 10, 65538, 0xFFFFFFFF };

    refuses_each(r, vary_spec, specs, ARRAY(specs), INVALID, INVALID);
    error_row(r);
}

/* In version 2, where every flag has its place. */
static void vary_all_flags(struct args *a, DWORD value)
{
    static BCRYPT_PKCS1_PADDING_INFO how;

    how.pszAlgId = good_hash->name;
    a->box.sign.dwVersion = CARD_SIGNING_INFO_CURRENT_VERSION;
    a->box.sign.dwPaddingType = CARD_PADDING_PKCS1;
    a->box.sign.pPaddingInfo = &how;
    a->flags = value;
}

static void refuses_every_flag(struct run *r)
{
    static const DWORD all = 0xFFFFFFFF;

    refuses_flags(r, FLAGS_KNOWN, INVALID);
    refuses_each(r, vary_all_flags, &all, 1, INVALID, INVALID);
    error_row(r);
}

static void vary_hash(struct args *a, DWORD value)
{
    a->box.sign.aiHashAlg = value;
}

/* Algorithms of the list that are of another class may also count as not supported. */
static void refuses_no_hash(struct run *r)
{
    static const DWORD none[] = { NO_ALGORITHM, 1, 0x1234 };
    static const DWORD others[] = { CALG_RSA_SIGN, CALG_DES, CALG_RSA_KEYX };

    refuses_each(r, vary_hash, none, ARRAY(none), INVALID, INVALID);
    refuses_each(r, vary_hash, others, ARRAY(others), INVALID, SCARD_E_UNSUPPORTED_FEATURE);
    error_row(r);
}

/* Hashes that the module may have; who has one of them signs with it. */
static void refuse_old_hashes(struct bench *b, const struct signer *s, const struct hash_kind *hash)
{
    static const DWORD old[] = { ALG_CLASS_HASH | 1, ALG_CLASS_HASH | 2 }; /* MD2, MD4 */

    for (size_t i = 0; i < ARRAY(old); i++) {
        CARD_SIGNING_INFO info = ask_signature(b, s, hash);

        info.aiHashAlg = old[i];
        info.cbData = 16;
        EXPECT(b->run, CALL(b, SignData, &b->data, &info), SCARD_E_UNSUPPORTED_FEATURE,
               SCARD_S_SUCCESS);
        drop_signature(&info);
    }
}

/* Only of cards that pad; others need not look at it. */
static void refuses_strange_hash(struct run *r)
{
    const struct hash_kind *hash;
    CARD_SIGNING_INFO info;
    struct signer s;
    struct bench b;

    bench_open(r, &b);
    need_rsa(&b);
    s = need_signer(&b);
    if (!spec_is_rsa(s.spec))
        no_key(&b, "a key of RSA");
    be_user(&b);
    NEED(r, sign_any(&b, &s, &info, &hash));
    drop_signature(&info);
    if (padding_asked() != 0)
        run_not_applicable(r, "padding is left to the caller (pfnCspPadData): aiHashAlg can be "
                              "ignored");
    refuse_old_hashes(&b, &s, hash);
    bench_close(&b);
    error_row(r);
}

static void check_nobody(struct bench *b, struct signer *s)
{
    const struct hash_kind *hash;
    CARD_SIGNING_INFO info;
    DWORD rc;

    be_nobody(b);
    rc = sign_any(b, s, &info, &hash);
    drop_signature(&info);
    if (rc != SCARD_E_UNSUPPORTED_FEATURE) /* a key for agreement that does not sign */
        EXPECT(b->run, rc, SCARD_W_SECURITY_VIOLATION);
}

/* With each key of the fixture. */
static void refuses_nobody(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    each_signer(&b, false, check_nobody);
    bench_close(&b);
    error_row(r);
}

const struct requirement sign_errors[10] = {
    ERROR_ROW("CMR.4.3.5.E1", "pCardData NULL", CODES(INVALID), NO_DATA),
    ERROR_ROW("CMR.4.3.5.E2", "pInfo NULL", CODES(INVALID), NO_INFO),
    ROW("CMR.4.3.5.E3", "a version of CARD_SIGNING_INFO that the module does not have",
        refuses_versions, .versions = KIT_V(4) | KIT_V(5) | KIT_V(7), .faults = { VERSION_HIGH },
        .codes = { ERROR_REVISION_MISMATCH }),
    ERROR_ROW("CMR.4.3.5.E4", "pbData NULL", CODES(INVALID), NO_IN),
    ERROR_ROW("CMR.4.3.5.E5", "a container that is empty, or beyond the last",
              CODES(SCARD_E_NO_KEY_CONTAINER), NO_INDEX, EMPTY_INDEX),
    ROW("CMR.4.3.5.E6", "a dwKeySpec that is none of AT_...", refuses_specs, .faults = { BAD_SPEC },
        .codes = { INVALID }),
    ROW("CMR.4.3.5.E7", "flags that CardSignData does not have", refuses_every_flag,
        .faults = { FLAGS }, .codes = { INVALID }),
    ROW("CMR.4.3.5.E8", "an aiHashAlg that is no algorithm, or none of hashes", refuses_no_hash,
        .faults = { NO_HASH }, .codes = { INVALID }),
    ROW("CMR.4.3.5.E9", "an aiHashAlg that the module does not support", refuses_strange_hash,
        .faults = { STRANGE_HASH }, .codes = { SCARD_E_UNSUPPORTED_FEATURE }, .optional = true),
    ROW("CMR.4.3.5.E10", "nobody is authenticated", refuses_nobody, .faults = { AS_NOBODY },
        .codes = { SCARD_W_SECURITY_VIOLATION }),
};
