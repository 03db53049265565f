/* SPDX-License-Identifier: MIT */
/* CardSignData: the certification document, 2.4.3.5. */
#include "minidriver/entry.h"

#include "minidriver/blobs.h"
#include "minidriver/capability.h"
#include "minidriver/hash.h"

#include <string.h>

#define SIGNING_INFO_NEWEST CARD_SIGNING_INFO_CURRENT_VERSION
#define SIGN_FLAGS                                                                \
    (CRYPT_NOHASHOID | CRYPT_TYPE2_FORMAT | CRYPT_X931_FORMAT | CARD_BUFFER_SIZE_ONLY | \
     CARD_PADDING_INFO_PRESENT)

static size_t signature_len(DWORD spec, unsigned bits)
{
    return spec_is_rsa(spec) ? bits / 8 : 2 * ((bits + 7) / 8);
}

static bool has_padding_info(const CARD_SIGNING_INFO *info)
{
    return (info->dwSigningFlags & CARD_PADDING_INFO_PRESENT) != 0;
}

/* How the card is asked, made out of the many ways to say it. */
struct plan {
    enum edge_padding padding;
    const struct hash_alg *hash; /* NULL: the input as it is, without DigestInfo */
    bool by_caller;              /* the caller's callback pads, the card does the raw operation */
};

static DWORD plan_padding_info(const struct md_call *m, const CARD_SIGNING_INFO *info,
                               struct plan *plan)
{
    const BCRYPT_PKCS1_PADDING_INFO *pkcs1 = info->pPaddingInfo;

    switch (info->dwPaddingType) {
    case CARD_PADDING_NONE:
        plan->padding = EDGE_RAW;
        return SCARD_S_SUCCESS;
    case CARD_PADDING_PKCS1:
        if (pkcs1 == NULL)
            return SCARD_E_INVALID_PARAMETER;
        if (pkcs1->pszAlgId != NULL) {
            plan->hash = hash_by_name(pkcs1->pszAlgId);
            if (plan->hash == NULL)
                return SCARD_E_UNSUPPORTED_FEATURE;
        }
        return SCARD_S_SUCCESS;
    case CARD_PADDING_PSS:
        if (info->pPaddingInfo == NULL)
            return SCARD_E_INVALID_PARAMETER;
        plan->by_caller = true;
        plan->padding = EDGE_RAW;
        return m->data->pfnCspPadData != NULL ? SCARD_S_SUCCESS : SCARD_E_UNSUPPORTED_FEATURE;
    default:
        return SCARD_E_INVALID_PARAMETER;
    }
}

static DWORD make_plan(const struct md_call *m, const CARD_SIGNING_INFO *info, struct plan *plan)
{
    memset(plan, 0, sizeof(*plan));
    plan->padding = EDGE_PKCS1;
    if (!spec_is_rsa(info->dwKeySpec)) {
        plan->padding = EDGE_RAW; /* ECDSA has no padding */
        return SCARD_S_SUCCESS;
    }
    if (has_padding_info(info))
        return plan_padding_info(m, info, plan);
    if ((info->dwSigningFlags & (CRYPT_TYPE2_FORMAT | CRYPT_X931_FORMAT)) != 0)
        return SCARD_E_UNSUPPORTED_FEATURE;
    if (info->aiHashAlg != 0 && (info->dwSigningFlags & CRYPT_NOHASHOID) == 0)
        plan->hash = hash_by_id(info->aiHashAlg);
    return SCARD_S_SUCCESS;
}

/* Is the input as long as its hash, or as the modulus where nothing is padded? */
static bool length_fits(const struct plan *plan, const CARD_SIGNING_INFO *info, unsigned bits)
{
    size_t room = bits / 8;
    const struct hash_alg *named = has_padding_info(info) ? NULL : hash_by_id(info->aiHashAlg);

    if (named != NULL && info->cbData != named->len)
        return false; /* also where the hash only says how long its value is */
    if (!spec_is_rsa(info->dwKeySpec))
        return info->cbData != 0 && info->cbData <= 64;
    if (plan->by_caller)
        return info->cbData != 0 && info->cbData <= 64;
    if (plan->padding == EDGE_RAW)
        return info->cbData == room;
    if (plan->hash != NULL)
        return info->cbData == plan->hash->len &&
               plan->hash->prefix_len + info->cbData + 11 <= room;
    return info->cbData != 0 && info->cbData + 11 <= room;
}

/* What the card gets: DigestInfo, the block the caller padded, or the data itself. */
static DWORD input_of(struct md_call *m, const struct plan *plan, PCARD_SIGNING_INFO info,
                      size_t modulus, BYTE **ret_in, size_t *ret_len)
{
    PBYTE block = NULL;
    DWORD len = 0, rc;
    size_t prefix = plan->hash != NULL ? plan->hash->prefix_len : 0;

    if (plan->by_caller) {
        rc = m->data->pfnCspPadData(info, (DWORD)modulus, &len, &block);
        if (rc == SCARD_S_SUCCESS && (block == NULL || len != modulus)) {
            md_free(m, block);
            rc = SCARD_E_UNEXPECTED;
        }
        if (rc != SCARD_S_SUCCESS)
            return rc;
        bytes_reverse(block, len); /* the callback's result is little-endian */
        *ret_in = block;
        *ret_len = len;
        return SCARD_S_SUCCESS;
    }
    *ret_len = prefix + info->cbData;
    *ret_in = md_alloc(m, *ret_len);
    if (*ret_in == NULL)
        return SCARD_E_NO_MEMORY;
    if (prefix != 0)
        memcpy(*ret_in, plan->hash->prefix, prefix);
    memcpy(*ret_in + prefix, info->pbData, info->cbData);
    return SCARD_S_SUCCESS;
}

static DWORD sign(struct md_call *m, const struct plan *plan, PCARD_SIGNING_INFO info,
                  const struct edge_key *key)
{
    size_t out_len = signature_len(key->spec, key->bits), in_len = 0;
    const size_t expected = out_len;
    BYTE *in = NULL, *out = md_alloc(m, out_len);
    DWORD rc = SCARD_E_NO_MEMORY;

    if (out != NULL)
        rc = input_of(m, plan, info, key->bits / 8, &in, &in_len);

    if (rc == SCARD_S_SUCCESS)
        rc = m->edge->ops->sign(m->edge, key, plan->padding, in, in_len, out, &out_len);
    if (rc == SCARD_S_SUCCESS && out_len != expected)
        rc = SCARD_E_UNEXPECTED;
    md_wipe_free(m, in, in_len);
    if (rc != SCARD_S_SUCCESS) {
        md_free(m, out);
        return rc;
    }
    if (spec_is_rsa(info->dwKeySpec))
        bytes_reverse(out, out_len);
    info->pbSignedData = out;
    info->cbSignedData = (DWORD)out_len;
    return SCARD_S_SUCCESS;
}

DWORD WINAPI md_sign_data(PCARD_DATA pCardData, PCARD_SIGNING_INFO pInfo)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData); /* CMR.4.3.5.E1 */
    const struct edge_container *container;
    struct plan plan;
    const struct edge_key *key;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(pInfo != NULL,                   SCARD_E_INVALID_PARAMETER,   "CMR.4.3.5.E2");
    REQUIRE(VERSION_OK(pInfo->dwVersion, SIGNING_INFO_NEWEST),
                                             ERROR_REVISION_MISMATCH,     "CMR.4.3.5.E3");
    pInfo->pbSignedData = NULL;
    pInfo->cbSignedData = 0;
    REQUIRE(!has_padding_info(pInfo) || pInfo->dwVersion == SIGNING_INFO_NEWEST,
                                             ERROR_REVISION_MISMATCH,     "CMR.4.3.5.E3");
    REQUIRE(pInfo->pbData != NULL,           SCARD_E_INVALID_PARAMETER,   "CMR.4.3.5.E4");
    container = md_container(&m, pInfo->bContainerIndex);
    REQUIRE(container != NULL,               SCARD_E_NO_KEY_CONTAINER,    "CMR.4.3.5.E5");
    REQUIRE(spec_known(pInfo->dwKeySpec),    SCARD_E_INVALID_PARAMETER,   "CMR.4.3.5.E6");
    key = md_key(container, pInfo->dwKeySpec);
    REQUIRE(key != NULL,                     SCARD_E_INVALID_PARAMETER,   "inferred, by 4.3.1.E5");
    REQUIRE((pInfo->dwSigningFlags & ~(DWORD)SIGN_FLAGS) == 0,
                                             SCARD_E_INVALID_PARAMETER,   "CMR.4.3.5.E7");
    REQUIRE(has_padding_info(pInfo) || pInfo->aiHashAlg == 0 || is_hash_id(pInfo->aiHashAlg),
                                             SCARD_E_INVALID_PARAMETER,   "CMR.4.3.5.E8");
    REQUIRE(has_padding_info(pInfo) || pInfo->aiHashAlg == 0 ||
            hash_by_id(pInfo->aiHashAlg) != NULL,
                                             SCARD_E_UNSUPPORTED_FEATURE, "CMR.4.3.5.E9");
    rc = make_plan(&m, pInfo, &plan);
    REQUIRE(rc == SCARD_S_SUCCESS,           rc,                          "inferred: the padding");
    if ((pInfo->dwSigningFlags & CARD_BUFFER_SIZE_ONLY) != 0) {
        pInfo->cbSignedData = (DWORD)signature_len(key->spec, key->bits);
        return md_leave(&m, SCARD_S_SUCCESS);
    }
    REQUIRE(length_fits(&plan, pInfo, key->bits),
                                             SCARD_E_INVALID_PARAMETER,   "inferred: the length");
    return md_leave(&m, sign(&m, &plan, pInfo, key)); /* CMR.4.3.5.E10: the card */
}
