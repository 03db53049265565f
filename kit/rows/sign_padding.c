/* SPDX-License-Identifier: MIT */
/* CardSignData pads: PKCS#1 v1.5, PSS. */
#include "kit/bench/padding.h"
#include "kit/rows/sign.h"
#include "kit/bench/signatures.h"

#include <string.h>

#define BLOCK_MAX 1024u

/* ---- padding --------------------------------------------------------------------------------- */

/* true: signed. The structure is the caller's; md: what its DigestInfo must say, NULL: none. */
static bool pads(struct bench *b, struct signer *s, CARD_SIGNING_INFO *info, const char *md)
{
    DWORD rc = CALL(b, SignData, &b->data, info);

    if (rc == SCARD_E_UNSUPPORTED_FEATURE)
        return false;
    EXPECT(b->run, rc, SCARD_S_SUCCESS);
    check_signed(b, info);
    CHECK(b->run, pkcs1_verifies(signer_key(b, s), md, info->pbData, info->cbData,
                                 info->pbSignedData, info->cbSignedData),
          "flags %08X, hash %04X: no signature of PKCS#1 v1.5 %s%s", (unsigned)info->dwSigningFlags,
          (unsigned)info->aiHashAlg, md != NULL ? "with the identifier of " : "without one",
          md != NULL ? md : "");
    drop_signature(info);
    return true;
}

static void pads_all_hashes(struct bench *b, struct signer *s)
{
    unsigned done = 0;

    for (size_t i = 0; i < HASH_KINDS; i++) {
        const struct hash_kind *hash = hash_kind(i);
        CARD_SIGNING_INFO info = ask_signature(b, s, hash);

        if (!pads(b, s, &info, hash->md))
            continue;
        done++;
        info = ask_signature(b, s, hash);
        info.dwSigningFlags = CRYPT_NOHASHOID;
        (void)pads(b, s, &info, NULL);
    }
    CHECK(b->run, done != 0, "%s with no hash at all", spec_name(s->spec));
    run_saw(b->run, "%u hashes", done);
}

void sign_pads_data(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    each_signer(&b, true, pads_all_hashes);
}

/* ---- padding as pPaddingInfo has it ---------------------------------------------------------- */

/* The other members of version 1 say nothing: aiHashAlg is 0. */
static CARD_SIGNING_INFO ask_padding(struct bench *b, struct signer *s,
                                     const struct hash_kind *hash, DWORD type, void *how)
{
    CARD_SIGNING_INFO info = ask_signature(b, s, hash);

    info.dwVersion = CARD_SIGNING_INFO_CURRENT_VERSION;
    info.aiHashAlg = 0;
    info.dwSigningFlags = CARD_PADDING_INFO_PRESENT;
    info.dwPaddingType = type;
    info.pPaddingInfo = how;
    return info;
}

static unsigned pkcs1_by_info(struct bench *b, struct signer *s)
{
    unsigned done = 0;

    for (size_t i = 0; i < HASH_KINDS; i++) {
        const struct hash_kind *hash = hash_kind(i);
        BCRYPT_PKCS1_PADDING_INFO how = { .pszAlgId = hash->name };
        CARD_SIGNING_INFO info = ask_padding(b, s, hash, CARD_PADDING_PKCS1, &how);

        done += pads(b, s, &info, hash->md) ? 1 : 0;
    }
    return done;
}

/* A salt of any length: only that one verifies. */
static unsigned pss_by_info(struct bench *b, struct signer *s, const struct hash_kind *hash,
                            DWORD salt)
{
    BCRYPT_PSS_PADDING_INFO how = { .pszAlgId = hash->name, .cbSalt = salt };
    CARD_SIGNING_INFO info = ask_padding(b, s, hash, CARD_PADDING_PSS, &how);
    DWORD rc;

    if (hash->len + salt + 2 > (DWORD)EVP_PKEY_get_size(signer_key(b, s)))
        return 0;
    rc = CALL(b, SignData, &b->data, &info);
    if (rc == SCARD_E_UNSUPPORTED_FEATURE && !padding_declared(b, CARD_PADDING_PSS))
        return 0;
    EXPECT(b->run, rc, SCARD_S_SUCCESS);
    check_signed(b, &info);
    CHECK(b->run, pss_verifies(signer_key(b, s), hash, salt, info.pbData, info.pbSignedData,
                               info.cbSignedData),
          "no signature of PSS with %s and a salt of %u bytes", hash->md, (unsigned)salt);
    drop_signature(&info);
    return 1;
}

/* A block that the caller has padded. Not every card takes one. */
static unsigned none_by_info(struct bench *b, struct signer *s)
{
    const DWORD width = (DWORD)EVP_PKEY_get_size(signer_key(b, s));
    CARD_SIGNING_INFO info = ask_padding(b, s, hash_kind(0), CARD_PADDING_NONE, NULL);
    BYTE block[BLOCK_MAX], opened[BLOCK_MAX];

    if (width > BLOCK_MAX)
        return 0;
    memset(block, 0x11, width);
    block[0] = 0;
    info.pbData = block;
    info.cbData = width;
    if (CALL(b, SignData, &b->data, &info) != SCARD_S_SUCCESS)
        return 0;
    check_signed(b, &info);
    CHECK(b->run, rsa_block(signer_key(b, s), info.pbSignedData, info.cbSignedData, opened) &&
                      memcmp(block, opened, width) == 0,
          "a block without padding comes out as another");
    drop_signature(&info);
    return 1;
}

static void takes_padding_info(struct bench *b, struct signer *s)
{
    unsigned pkcs1 = pkcs1_by_info(b, s), pss = 0, none;

    for (size_t i = 0; i < HASH_KINDS && hash_kind(i)->md != NULL; i++) {
        pss += pss_by_info(b, s, hash_kind(i), hash_kind(i)->len);
        pss += pss_by_info(b, s, hash_kind(i), 0);
    }
    none = none_by_info(b, s);
    CHECK(b->run, pkcs1 + pss != 0, "%s: no padding that pPaddingInfo names is supported",
          spec_name(s->spec));
    run_saw(b->run, "PKCS#1 with %u hashes, PSS in %u ways, raw %s", pkcs1, pss,
            none != 0 ? "too" : "not");
}

void sign_takes_padding_info(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    each_signer(&b, true, takes_padding_info);
}
