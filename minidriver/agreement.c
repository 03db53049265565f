/* SPDX-License-Identifier: MIT */
/* Key agreement: the certification document, 2.4.3.2 to 2.4.3.4. */
#include "minidriver/agreement.h"

#include "base/secret.h"
#include "minidriver/blobs.h"
#include "minidriver/derive_params.h"
#include "minidriver/entry.h"

#include <string.h>

#define AGREEMENTS_MAX 256u /* an index is a BYTE */

const struct agreement *agreement_find(const struct md_context *context, BYTE index)
{
    const struct agreement *a = context->agreements;

    while (a != NULL && a->index != index)
        a = a->next;
    return a;
}

static void release(PCARD_DATA data, struct agreement *a)
{
    wipe(a, sizeof(*a));
    data->pfnCspFree(a);
}

void agreements_free(PCARD_DATA data, struct md_context *context)
{
    while (context->agreements != NULL) {
        struct agreement *first = context->agreements;

        context->agreements = first->next;
        release(data, first);
    }
}

void agreements_check(PCARD_DATA data, struct md_context *context)
{
    if (context->selections != context->edge.selections)
        agreements_free(data, context);
    context->selections = context->edge.selections;
}

/* The first index that is not in use; AGREEMENTS_MAX: all are. */
static unsigned free_index(const struct md_context *context)
{
    unsigned i = 0;

    while (i < AGREEMENTS_MAX && agreement_find(context, (BYTE)i) != NULL)
        i++;
    return i;
}

/* A key that everyone may use needs nobody authenticated. */
static bool is_free(uint8_t guard)
{
    return guard == EDGE_EVERYONE;
}

/* May the secret be used, or taken away? */
static bool may_use(struct md_call *m, const struct agreement *a)
{
    return is_free(a->guard) || md_is_any(m, MD_USER | MD_ADMIN | CREATE_PIN_SET(a->guard));
}

static DWORD agree(struct md_call *m, const struct edge_container *container,
                   const struct rd *point, BYTE *ret_index)
{
    unsigned index = free_index(m->context);
    struct agreement *a = index < AGREEMENTS_MAX ? md_alloc(m, sizeof(*a)) : NULL;
    DWORD rc;

    if (a == NULL)
        return SCARD_E_NO_MEMORY; /* CMR.4.3.2.E8 */
    memset(a, 0, sizeof(*a));
    a->index = (BYTE)index;
    a->guard = container->pin;
    a->len = sizeof(a->z);
    rc = m->edge->ops->agree(m->edge, &container->kx, point->at, rd_left(point), a->z, &a->len);
    if (rc != SCARD_S_SUCCESS) {
        release(m->data, a);
        return rc;
    }
    agreements_check(m->data, m->context); /* this one is of the selection that is now */
    a->next = m->context->agreements;
    m->context->agreements = a;
    *ret_index = a->index;
    return SCARD_S_SUCCESS;
}

static bool is_ecdhe(DWORD spec)
{
    return spec >= AT_ECDHE_P256 && spec <= AT_ECDHE_P521;
}

DWORD WINAPI md_construct_dh_agreement(PCARD_DATA pCardData, PCARD_DH_AGREEMENT_INFO pAgreementInfo)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData); /* CMR.4.3.2.E1 */
    const struct edge_container *container;
    struct rd point;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(pAgreementInfo != NULL,              SCARD_E_INVALID_PARAMETER,   "CMR.4.3.2.E2");
    REQUIRE(pAgreementInfo->dwVersion == CARD_DH_AGREEMENT_INFO_VERSION,
                                                 ERROR_REVISION_MISMATCH,     "CMR.4.3.2.E3");
    REQUIRE(pAgreementInfo->pbPublicKey != NULL, SCARD_E_INVALID_PARAMETER,   "CMR.4.3.2.E4");
    container = md_container(&m, pAgreementInfo->bContainerIndex);
    REQUIRE(container != NULL,                   SCARD_E_NO_KEY_CONTAINER,    "CMR.4.3.2.E5");
    REQUIRE(is_ecdhe(container->kx.spec),        SCARD_E_INVALID_PARAMETER,   "CMR.4.3.2.E5");
    REQUIRE(pAgreementInfo->dwFlags == 0,        SCARD_E_INVALID_PARAMETER,   "CMR.4.3.2.E6");
    REQUIRE(m.edge->ops->agree != NULL,          SCARD_E_UNSUPPORTED_FEATURE, "inferred");
    REQUIRE(blob_peer_point(pAgreementInfo->pbPublicKey, pAgreementInfo->dwPublicKey,
                            &container->kx, &point),
                                                 SCARD_E_INVALID_PARAMETER,   "inferred: the key");
    REQUIRE(md_may(&m, is_free(container->pin) || free_index(m.context) < AGREEMENTS_MAX,
                   CREATE_PIN_SET(container->pin)),
                                                 SCARD_W_SECURITY_VIOLATION,  "CMR.4.3.2.E7");
    return md_leave(&m, agree(&m, container, &point,
                              &pAgreementInfo->bSecretAgreementIndex)); /* E7: the card. E8 */
}

/* ---- CardDeriveKey --------------------------------------------------------------------------- */

#define DERIVE_FLAGS (KDF_USE_SECRET_AS_HMAC_KEY_FLAG | CARD_BUFFER_SIZE_ONLY)

/* A handle in place of the bytes is of version 7 alone, of structure and context. */
static DWORD flags_of(const struct md_call *m, const CARD_DERIVE_KEY *info)
{
    bool seven = m->data->dwVersion >= CARD_DATA_VERSION_SEVEN &&
                 info->dwVersion >= CARD_DERIVE_KEY_VERSION_TWO;

    return seven ? DERIVE_FLAGS | CARD_RETURN_KEY_HANDLE : DERIVE_FLAGS;
}

static DWORD derive(struct md_call *m, const struct kdf *kdf, size_t len, PCARD_DERIVE_KEY info)
{
    BYTE *out = md_alloc(m, len);

    if (out == NULL)
        return SCARD_E_NO_MEMORY;
    if (!kdf_derive(kdf, out, len)) {
        md_free(m, out);
        return SCARD_E_UNEXPECTED;
    }
    info->pbDerivedKey = out;
    info->cbDerivedKey = (DWORD)len;
    return SCARD_S_SUCCESS;
}

/* Another agreement, which the caller names by a handle of its own. */
static DWORD find_secret(void *host, PVOID handle, struct span *ret)
{
    struct md_call *m = host;
    const struct agreement *a;
    BYTE index = 0;

    if (m->data->pfnCspGetDHAgreement == NULL)
        return SCARD_E_UNSUPPORTED_FEATURE;
    if (m->data->pfnCspGetDHAgreement(m->data, handle, &index, 0) != SCARD_S_SUCCESS)
        return SCARD_E_INVALID_PARAMETER;
    a = agreement_find(m->context, index);
    if (a == NULL)
        return SCARD_E_INVALID_PARAMETER;
    ret->at = a->z;
    ret->len = a->len;
    return SCARD_S_SUCCESS;
}

DWORD WINAPI md_derive_key(PCARD_DATA pCardData, PCARD_DERIVE_KEY pAgreementInfo)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData); /* CMR.4.3.3.E1 */
    const struct derive_secrets secrets = { &m, find_secret };
    const struct agreement *a;
    const struct derive_kdf *kdf;
    struct derive_params params;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(pAgreementInfo != NULL,          SCARD_E_INVALID_PARAMETER,   "CMR.4.3.3.E2");
    REQUIRE(VERSION_OK(pAgreementInfo->dwVersion, CARD_DERIVE_KEY_CURRENT_VERSION),
                                             ERROR_REVISION_MISMATCH,     "CMR.4.3.3.E3");
    pAgreementInfo->pbDerivedKey = NULL;
    pAgreementInfo->cbDerivedKey = 0;
    REQUIRE(pAgreementInfo->pwszKDF != NULL, SCARD_E_INVALID_PARAMETER,   "CMR.4.3.3.E4");
    REQUIRE((pAgreementInfo->dwFlags & ~flags_of(&m, pAgreementInfo)) == 0,
                                             SCARD_E_INVALID_PARAMETER,   "CMR.4.3.3.E5");
    kdf = derive_kdf_by_name(pAgreementInfo->pwszKDF);
    REQUIRE(kdf != NULL,                     SCARD_E_INVALID_PARAMETER,   "CMR.4.3.3.E6");
    a = agreement_find(m.context, pAgreementInfo->bSecretAgreementIndex);
    REQUIRE(a != NULL,                       SCARD_E_INVALID_PARAMETER,   "CMR.4.3.3.E7");
    REQUIRE((pAgreementInfo->dwFlags & CARD_RETURN_KEY_HANDLE) == 0,
                                             SCARD_E_UNSUPPORTED_FEATURE, "inferred, 7a");
    rc = derive_params(&params, kdf, pAgreementInfo, (struct span){ a->z, a->len }, &secrets);
    REQUIRE(rc == SCARD_S_SUCCESS,           rc,                          "CMR.4.3.3.E8");
    if ((pAgreementInfo->dwFlags & CARD_BUFFER_SIZE_ONLY) != 0) { /* no card operation */
        pAgreementInfo->cbDerivedKey = (DWORD)params.len;
        return md_leave(&m, SCARD_S_SUCCESS);
    }
    REQUIRE(may_use(&m, a),                  SCARD_W_SECURITY_VIOLATION,  "CMR.4.3.3.E9");
    return md_leave(&m, derive(&m, &params.kdf, params.len, pAgreementInfo));
}

/* ---- CardDestroyDHAgreement ------------------------------------------------------------------ */

DWORD WINAPI md_destroy_dh_agreement(PCARD_DATA pCardData, BYTE bSecretAgreementIndex,
                                     DWORD dwFlags)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData); /* CMR.4.3.4.E1 */
    struct agreement **at, *a;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    at = &m.context->agreements;
    while (*at != NULL && (*at)->index != bSecretAgreementIndex)
        at = &(*at)->next;
    REQUIRE(*at != NULL,       SCARD_E_INVALID_PARAMETER,  "CMR.4.3.4.E2");
    REQUIRE(dwFlags == 0,      SCARD_E_INVALID_PARAMETER,  "CMR.4.3.4.E3");
    REQUIRE(may_use(&m, *at),  SCARD_W_SECURITY_VIOLATION, "CMR.4.3.4.E4");
    a = *at;
    *at = a->next;
    release(m.data, a);
    return md_leave(&m, SCARD_S_SUCCESS);
}
