/* SPDX-License-Identifier: MIT */
/* Key containers: the certification document, 2.4.2. */
#include "minidriver/entry.h"

#include "minidriver/blobs.h"
#include "minidriver/capability.h"

#include <string.h>

/* ---- CardCreateContainer, CardCreateContainerEx --------------------------------------------- */

/* RSA: a size of the card's. Elliptic curves: 0, the size is in the key specification; for a key
 * from outside it may be said again. A size that makes no sense is told from one this card
 * lacks. */
static DWORD check_size(const struct edge_key_sizes *sizes, DWORD spec, DWORD bits, bool is_import)
{
    if (!spec_is_rsa(spec))
        return bits == 0 || (is_import && sizes != NULL && bits == sizes->preferred)
                   ? SCARD_S_SUCCESS
                   : SCARD_E_INVALID_PARAMETER;
    if (bits < 384 || bits > 16384 || bits % 8 != 0) /* the sizes of the inbox providers */
        return SCARD_E_INVALID_PARAMETER;
    if (sizes == NULL || bits < sizes->min || bits > sizes->max ||
        (sizes->step != 0 && (bits - sizes->min) % sizes->step != 0))
        return SCARD_E_UNSUPPORTED_FEATURE;
    return SCARD_S_SUCCESS;
}

/* The bits the edge wants to hear: of RSA the size, of a curve its own. */
static uint32_t edge_bits(const struct edge_key_sizes *sizes, DWORD spec, DWORD bits)
{
    return spec_is_rsa(spec) ? bits : sizes->preferred;
}

/* The blob's numbers, those of RSA turned round in a block of the caller's. */
static DWORD import(struct md_call *m, BYTE index, DWORD spec, uint32_t bits, const BYTE *blob)
{
    struct edge_private_key key;
    size_t room = spec_is_rsa(spec) ? blob_private_room(bits) : 0;
    BYTE *work = md_alloc(m, room);
    DWORD rc;

    if (work == NULL)
        return SCARD_E_NO_MEMORY;
    if (spec_is_rsa(spec))
        blob_private(blob, bits, work, &key);
    else
        blob_private_ecc(blob, &key);
    rc = m->edge->ops->import(m->edge, index, (uint8_t)spec, bits, &key);
    md_wipe_free(m, work, room);
    return rc;
}

static bool blob_ok(const BYTE *blob, DWORD spec, uint32_t bits)
{
    uint32_t found = 0;

    if (!spec_is_rsa(spec))
        return blob_is_private_ecc(blob, spec, bits);
    return blob_private_bits(blob, spec, &found) && found == bits;
}

/* What the card can be asked for: making keys, or taking them. */
static bool can(struct md_call *m, DWORD spec, bool is_import)
{
    const struct profile *p = md_profile(m);

    if (m->failed != SCARD_S_SUCCESS || p->read_only || spec_sizes(m, spec) == NULL)
        return false;
    return is_import ? p->imports && m->edge->ops->import != NULL
                     : p->generates && m->edge->ops->generate != NULL;
}

/* Keys are the user's, or whose the container is. The admin may own none; another PIN would have to
 * be asked for when the key is used, and the card does not. */
static DWORD check_owner(struct md_call *m, BYTE index, PIN_ID pin)
{
    if (pin == ROLE_USER)
        return SCARD_S_SUCCESS;
    (void)md_container(m, index);
    if (m->failed == SCARD_S_SUCCESS && pin == m->containers[index].pin)
        return SCARD_S_SUCCESS;
    if (pin == ROLE_EVERYONE || pin >= MAX_PINS ||
        m->edge->profile.pins[pin].kind == EDGE_SECRET_NONE)
        return SCARD_E_INVALID_PARAMETER;
    return pin == ROLE_ADMIN ? SCARD_W_SECURITY_VIOLATION : SCARD_E_UNSUPPORTED_FEATURE;
}

DWORD WINAPI md_create_container_ex(PCARD_DATA pCardData, BYTE bContainerIndex, DWORD dwFlags,
                                    DWORD dwKeySpec, DWORD dwKeySize, PBYTE pbKeyData, PIN_ID PinId)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData); /* CMR.4.2.1.E1 */
    const bool is_import = dwFlags == CARD_CREATE_CONTAINER_KEY_IMPORT;
    uint32_t bits = 0;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(!is_import || pbKeyData != NULL, SCARD_E_INVALID_PARAMETER,   "CMR.4.2.1.E2");
    REQUIRE(is_import || dwFlags == CARD_CREATE_CONTAINER_KEY_GEN,
                                             SCARD_E_INVALID_PARAMETER,   "CMR.4.2.1.E4");
    REQUIRE(spec_known(dwKeySpec),           SCARD_E_INVALID_PARAMETER,   "CMR.4.2.1.E5");
    rc = check_size(spec_sizes(&m, dwKeySpec), dwKeySpec, dwKeySize, is_import);
    REQUIRE(rc == SCARD_S_SUCCESS,           rc,                          "CMR.4.2.1.E6");
    REQUIRE(can(&m, dwKeySpec, is_import),   SCARD_E_UNSUPPORTED_FEATURE, "CMR.4.2.1.E7");
    bits = edge_bits(spec_sizes(&m, dwKeySpec), dwKeySpec, dwKeySize);
    REQUIRE(!is_import || blob_ok(pbKeyData, dwKeySpec, bits),
                                             SCARD_E_INVALID_PARAMETER,   "inferred: the blob");
    REQUIRE(bContainerIndex < m.edge->profile.containers_max,
                                             SCARD_E_NO_KEY_CONTAINER,    "inferred: the index");
    rc = check_owner(&m, bContainerIndex, PinId);
    REQUIRE(rc == SCARD_S_SUCCESS,           rc,                          "inferred: the PIN");
    if (is_import)
        return md_leave(&m, import(&m, bContainerIndex, dwKeySpec, bits, pbKeyData)); /* E8: card */
    return md_leave(&m, m.edge->ops->generate(m.edge, bContainerIndex, (uint8_t)dwKeySpec, bits));
}

DWORD WINAPI md_create_container(PCARD_DATA pCardData, BYTE bContainerIndex, DWORD dwFlags,
                                 DWORD dwKeySpec, DWORD dwKeySize, PBYTE pbKeyData)
{
    return md_create_container_ex(pCardData, bContainerIndex, dwFlags, dwKeySpec, dwKeySize,
                                  pbKeyData, ROLE_USER);
}

/* ---- CardDeleteContainer --------------------------------------------------------------------- */

DWORD WINAPI md_delete_container(PCARD_DATA pCardData, BYTE bContainerIndex, DWORD dwReserved)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData); /* CMR.4.2.2.E1 */
    bool there;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(dwReserved == 0,           SCARD_E_INVALID_PARAMETER,   "CMR.4.2.2.E3");
    REQUIRE(!md_profile(&m)->read_only, SCARD_E_UNSUPPORTED_FEATURE, "read-only card");
    there = md_container(&m, bContainerIndex) != NULL;
    /* What is not there costs no right on the card: it is asked for here. */
    REQUIRE(md_may(&m, there, MD_USER | MD_ADMIN), SCARD_W_SECURITY_VIOLATION, "CMR.4.2.2.E4");
    REQUIRE(bContainerIndex < m.edge->profile.containers_max,
                                       SCARD_S_SUCCESS,             "CMR.4.2.2.2");
    /* also where none was listed: there may be a key that the edge does not understand */
    return md_leave(&m, m.edge->ops->erase(m.edge, bContainerIndex));
}

/* ---- CardGetContainerInfo -------------------------------------------------------------------- */

/* The public key of one slot as a blob of the caller's. */
static DWORD public_blob(struct md_call *m, const struct edge_key *of, PBYTE *ret_blob,
                         DWORD *ret_len)
{
    struct edge_public_key key;
    size_t len;
    DWORD rc = m->edge->ops->public_key(m->edge, of, &key);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    len = blob_public_size(of->spec, &key);
    *ret_blob = md_alloc(m, len);
    if (*ret_blob == NULL)
        return SCARD_E_NO_MEMORY;
    blob_public(of->spec, &key, *ret_blob);
    *ret_len = (DWORD)len;
    return SCARD_S_SUCCESS;
}

DWORD fill_container_info(struct md_call *m, const struct edge_container *container,
                          PCONTAINER_INFO out)
{
    CONTAINER_INFO info = { .dwVersion = CONTAINER_INFO_CURRENT_VERSION };
    DWORD rc = SCARD_S_SUCCESS;

    if (container->sig.spec != 0)
        rc = public_blob(m, &container->sig, &info.pbSigPublicKey, &info.cbSigPublicKey);
    if (rc == SCARD_S_SUCCESS && container->kx.spec != 0)
        rc = public_blob(m, &container->kx, &info.pbKeyExPublicKey, &info.cbKeyExPublicKey);
    if (rc != SCARD_S_SUCCESS) {
        md_free(m, info.pbSigPublicKey);
        return rc;
    }
    *out = info;
    return SCARD_S_SUCCESS;
}

/* What a failure leaves: nothing to free. A structure of another version is not ours to write. */
static void clear(PCONTAINER_INFO info)
{
    if (!VERSION_OK(info->dwVersion, CONTAINER_INFO_CURRENT_VERSION))
        return;
    info->pbSigPublicKey = NULL;
    info->cbSigPublicKey = 0;
    info->pbKeyExPublicKey = NULL;
    info->cbKeyExPublicKey = 0;
}

DWORD WINAPI md_get_container_info(PCARD_DATA pCardData, BYTE bContainerIndex, DWORD dwFlags,
                                   PCONTAINER_INFO pContainerInfo)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData); /* CMR.4.2.3.E1 */
    const struct edge_container *container;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(pContainerInfo != NULL, SCARD_E_INVALID_PARAMETER, "CMR.4.2.3.E2");
    clear(pContainerInfo);
    container = md_container(&m, bContainerIndex);
    REQUIRE(container != NULL,      SCARD_E_NO_KEY_CONTAINER,  "CMR.4.2.3.E3");
    REQUIRE(dwFlags == 0,           SCARD_E_INVALID_PARAMETER, "CMR.4.2.3.E4");
    REQUIRE(VERSION_OK(pContainerInfo->dwVersion, CONTAINER_INFO_CURRENT_VERSION),
                                    ERROR_REVISION_MISMATCH,   "CMR.4.2.3.E5");
    return md_leave(&m, fill_container_info(&m, container, pContainerInfo));
}
