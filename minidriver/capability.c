/* SPDX-License-Identifier: MIT */
/* What the card can do: the certification document, 2.3.4.9, 2.4.1.1 and 2.4.3.6. */
#include "minidriver/capability.h"

#include "minidriver/entry.h"

bool spec_known(DWORD spec)
{
    return spec >= AT_KEYEXCHANGE && spec <= AT_ECDHE_P521;
}

const struct edge_key_sizes *spec_sizes(struct md_call *m, DWORD spec)
{
    const struct edge_key_sizes *sizes = &md_profile(m)->keys[spec];

    return sizes->max != 0 ? sizes : NULL;
}

void fill_capabilities(struct md_call *m, PCARD_CAPABILITIES out)
{
    const struct profile *p = md_profile(m);

    if (m->failed != SCARD_S_SUCCESS)
        return;
    out->dwVersion = CARD_CAPABILITIES_CURRENT_VERSION;
    out->fCertificateCompression = FALSE; /* what is written is read back as it was */
    out->fKeyGen = p->generates && !p->read_only;
}

void fill_key_sizes(const struct edge_key_sizes *sizes, PCARD_KEY_SIZES out)
{
    out->dwVersion = CARD_KEY_SIZES_CURRENT_VERSION;
    out->dwMinimumBitlen = sizes->min;
    out->dwDefaultBitlen = sizes->preferred;
    out->dwMaximumBitlen = sizes->max;
    out->dwIncrementalBitlen = sizes->step;
}

DWORD fill_free_space(struct md_call *m, PCARD_FREE_SPACE_INFO out)
{
    uint32_t bytes = 0, containers = 0;
    DWORD rc = SCARD_S_SUCCESS;

    if (!md_profile(m)->read_only && m->failed == SCARD_S_SUCCESS)
        rc = m->edge->ops->free_space(m->edge, &bytes, &containers);
    if (m->failed != SCARD_S_SUCCESS)
        return m->failed;
    if (rc != SCARD_S_SUCCESS)
        return rc;
    out->dwVersion = CARD_FREE_SPACE_INFO_CURRENT_VERSION;
    out->dwBytesAvailable = bytes;
    out->dwKeyContainersAvailable = containers;
    out->dwMaxKeyContainers = m->edge->profile.containers_max;
    return rc;
}

DWORD WINAPI md_query_capabilities(PCARD_DATA pCardData, PCARD_CAPABILITIES pCardCapabilities)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData); /* CMR.4.1.1.E1 */

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(pCardCapabilities != NULL, SCARD_E_INVALID_PARAMETER, "CMR.4.1.1.E2");
    REQUIRE(VERSION_OK(pCardCapabilities->dwVersion, CARD_CAPABILITIES_CURRENT_VERSION),
                                       ERROR_REVISION_MISMATCH,   "CMR.4.1.1.E3");
    fill_capabilities(&m, pCardCapabilities);
    return md_leave(&m, SCARD_S_SUCCESS);
}

DWORD WINAPI md_query_free_space(PCARD_DATA pCardData, DWORD dwFlags,
                                 PCARD_FREE_SPACE_INFO pCardFreeSpaceInfo)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData); /* CMR.3.4.9.E1 */

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(pCardFreeSpaceInfo != NULL, SCARD_E_INVALID_PARAMETER, "CMR.3.4.9.E2");
    REQUIRE(dwFlags == 0,               SCARD_E_INVALID_PARAMETER, "CMR.3.4.9.E3");
    REQUIRE(VERSION_OK(pCardFreeSpaceInfo->dwVersion, CARD_FREE_SPACE_INFO_CURRENT_VERSION),
                                        ERROR_REVISION_MISMATCH,   "CMR.3.4.9.E4");
    return md_leave(&m, fill_free_space(&m, pCardFreeSpaceInfo));
}

DWORD WINAPI md_query_key_sizes(PCARD_DATA pCardData, DWORD dwKeySpec, DWORD dwFlags,
                                PCARD_KEY_SIZES pKeySizes)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData); /* CMR.4.3.6.E1 */
    const struct edge_key_sizes *sizes;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(pKeySizes != NULL,     SCARD_E_INVALID_PARAMETER,   "CMR.4.3.6.E2");
    REQUIRE(spec_known(dwKeySpec), SCARD_E_INVALID_PARAMETER,   "CMR.4.3.6.E3");
    REQUIRE(dwFlags == 0,          SCARD_E_INVALID_PARAMETER,   "CMR.4.3.6.E4, printed 3.1.1.E4");
    REQUIRE(VERSION_OK(pKeySizes->dwVersion, CARD_KEY_SIZES_CURRENT_VERSION),
                                   ERROR_REVISION_MISMATCH,     "CMR.4.3.6.E5");
    sizes = spec_sizes(&m, dwKeySpec);
    REQUIRE(sizes != NULL,         SCARD_E_UNSUPPORTED_FEATURE, "CMR.4.3.6.E6");
    fill_key_sizes(sizes, pKeySizes);
    return md_leave(&m, SCARD_S_SUCCESS);
}
