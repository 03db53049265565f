/* SPDX-License-Identifier: MIT */
/* CardRSADecrypt: the certification document, 2.4.3.1; removal of padding since version 7. */
#include "minidriver/entry.h"

#include "base/wstr.h"
#include "minidriver/blobs.h"
#include "minidriver/call.h"

#include <string.h>

/* Version 7 contexts take structure 2 alone, older ones structure 1 (0 counts as 1). */
static bool version_ok(const struct md_call *m, DWORD version)
{
    if (m->data->dwVersion >= CARD_DATA_VERSION_SEVEN)
        return version == CARD_RSA_KEY_DECRYPT_INFO_VERSION_TWO;
    return VERSION_OK(version, CARD_RSA_KEY_DECRYPT_INFO_VERSION_ONE);
}

static bool has_padding(const CARD_RSA_DECRYPT_INFO *info)
{
    return info->dwVersion >= CARD_RSA_KEY_DECRYPT_INFO_VERSION_TWO;
}

struct plan {
    enum edge_padding padding;
    bool by_caller; /* raw on the card, then the caller's callback */
};

static DWORD plan_oaep(const struct md_call *m, const BCRYPT_OAEP_PADDING_INFO *oaep,
                       struct plan *plan)
{
    static const WCHAR sha1[] = BCRYPT_SHA1_ALGORITHM;

    if (oaep == NULL || oaep->pszAlgId == NULL)
        return SCARD_E_INVALID_PARAMETER;
    if (wstr_equal(oaep->pszAlgId, sha1) && oaep->cbLabel == 0) {
        plan->padding = EDGE_OAEP_SHA1;
        return SCARD_S_SUCCESS;
    }
    plan->by_caller = true;
    return m->data->pfnCspUnpadData != NULL ? SCARD_S_SUCCESS : SCARD_E_UNSUPPORTED_FEATURE;
}

static DWORD make_plan(const struct md_call *m, const CARD_RSA_DECRYPT_INFO *info,
                       struct plan *plan)
{
    plan->padding = EDGE_RAW;
    plan->by_caller = false;
    if (!has_padding(info))
        return SCARD_S_SUCCESS;
    switch (info->dwPaddingType) {
    case CARD_PADDING_NONE:
        return SCARD_S_SUCCESS;
    case CARD_PADDING_PKCS1:
        plan->padding = EDGE_PKCS1;
        return SCARD_S_SUCCESS;
    case CARD_PADDING_OAEP:
        return plan_oaep(m, info->pPaddingInfo, plan);
    default:
        return SCARD_E_INVALID_PARAMETER;
    }
}

/* The caller takes the padding off `raw` (little-endian, as long as the modulus) in a copy of its
 * structure: when it fails, its buffer still holds the ciphertext. */
static DWORD unpad(struct md_call *m, PCARD_RSA_DECRYPT_INFO info, BYTE *raw, DWORD raw_len)
{
    CARD_RSA_DECRYPT_INFO padded = *info;
    PBYTE plain = NULL;
    DWORD len = 0, rc;

    padded.pbData = raw;
    padded.cbData = raw_len;
    rc = m->data->pfnCspUnpadData(&padded, &len, &plain);
    if (rc != SCARD_S_SUCCESS || plain == NULL)
        return rc != SCARD_S_SUCCESS ? rc : SCARD_E_UNEXPECTED;
    if (len > info->cbData) { /* more than the caller can have: its length is no guide */
        md_free(m, plain);
        return SCARD_E_UNEXPECTED;
    }
    memcpy(info->pbData, plain, len);
    info->cbData = len;
    md_wipe_free(m, plain, len);
    return rc;
}

/* Ciphertext and plaintext are little-endian at the interface; the buffer is the caller's. */
static DWORD decrypt(struct md_call *m, const struct plan *plan, const struct edge_key *key,
                     PCARD_RSA_DECRYPT_INFO info)
{
    size_t room = info->cbData, len = room;
    BYTE *work = md_alloc(m, 2 * room), *out = work != NULL ? work + room : NULL;
    DWORD rc;

    if (work == NULL)
        return SCARD_E_NO_MEMORY;
    memcpy(work, info->pbData, room);
    bytes_reverse(work, room);
    rc = m->edge->ops->decrypt(m->edge, key, plan->padding, work, room, out, &len);
    if (rc == SCARD_S_SUCCESS && len > room)
        rc = SCARD_E_UNEXPECTED;
    if (rc == SCARD_S_SUCCESS) {
        bytes_reverse(out, len);
        if (plan->by_caller) {
            rc = unpad(m, info, out, (DWORD)len);
        } else {
            memcpy(info->pbData, out, len);
            info->cbData = (DWORD)len;
        }
    }
    md_wipe_free(m, work, 2 * room);
    return rc;
}

DWORD WINAPI md_rsa_decrypt(PCARD_DATA pCardData, PCARD_RSA_DECRYPT_INFO pInfo)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData); /* CMR.4.3.1.E1 */
    const struct edge_container *container;
    const struct edge_key *key;
    struct plan plan;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(pInfo != NULL,                 SCARD_E_INVALID_PARAMETER,    "CMR.4.3.1.E2");
    REQUIRE(version_ok(&m, pInfo->dwVersion), ERROR_REVISION_MISMATCH,   "CMR.4.3.1.E3");
    container = md_container(&m, pInfo->bContainerIndex);
    REQUIRE(container != NULL,             SCARD_E_NO_KEY_CONTAINER,     "CMR.4.3.1.E4");
    key = md_key(container, pInfo->dwKeySpec);
    REQUIRE(spec_is_rsa(pInfo->dwKeySpec) && key != NULL,
                                           SCARD_E_INVALID_PARAMETER,    "CMR.4.3.1.E5");
    REQUIRE(pInfo->pbData != NULL,         SCARD_E_INVALID_PARAMETER,    "CMR.4.3.1.E6");
    REQUIRE(pInfo->cbData >= key->bits / 8u, SCARD_E_INSUFFICIENT_BUFFER,  "CMR.4.3.1.E7");
    REQUIRE(pInfo->cbData == key->bits / 8u, SCARD_E_INVALID_PARAMETER,    "inferred: too long");
    rc = make_plan(&m, pInfo, &plan);
    REQUIRE(rc == SCARD_S_SUCCESS,         rc,                           "inferred: the padding");
    return md_leave(&m, decrypt(&m, &plan, key, pInfo)); /* CMR.4.3.1.E8: the card */
}
