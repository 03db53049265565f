/* SPDX-License-Identifier: MIT */
/* CardAcquireContext and CardDeleteContext: the certification document, 2.3.1. */
#include "minidriver/entry.h"

#include "minidriver/agreement.h"
#include "minidriver/call.h"
#include "minidriver/unsupported.h"

#include <string.h>

#define ATR_MIN 2u  /* ISO/IEC 7816-3 (8.2.1): TS and T0 */
#define ATR_MAX 33u

/* One entry point a line, under the version that brought it; the order is that of CARD_DATA.
 * pfnCspGetDHAgreement (v5) and pfnCspUnpadData (v7) stand among them but are the caller's. */
static void fill_v4(PCARD_DATA d)
{
    d->pfnCardDeleteContext = md_delete_context;
    d->pfnCardQueryCapabilities = md_query_capabilities;
    d->pfnCardDeleteContainer = md_delete_container;
    d->pfnCardCreateContainer = md_create_container;
    d->pfnCardGetContainerInfo = md_get_container_info;
    d->pfnCardAuthenticatePin = md_authenticate_pin;
    d->pfnCardGetChallenge = md_get_challenge;
    d->pfnCardAuthenticateChallenge = md_authenticate_challenge;
    d->pfnCardUnblockPin = md_unblock_pin;
    d->pfnCardChangeAuthenticator = md_change_authenticator;
    d->pfnCardDeauthenticate = md_deauthenticate;
    d->pfnCardCreateDirectory = md_create_directory;
    d->pfnCardDeleteDirectory = md_delete_directory;
    d->pvUnused3 = NULL;
    d->pvUnused4 = NULL;
    d->pfnCardCreateFile = md_create_file;
    d->pfnCardReadFile = md_read_file;
    d->pfnCardWriteFile = md_write_file;
    d->pfnCardDeleteFile = md_delete_file;
    d->pfnCardEnumFiles = md_enum_files;
    d->pfnCardGetFileInfo = md_get_file_info;
    d->pfnCardQueryFreeSpace = md_query_free_space;
    d->pfnCardQueryKeySizes = md_query_key_sizes;
    d->pfnCardSignData = md_sign_data;
    d->pfnCardRSADecrypt = md_rsa_decrypt;
    d->pfnCardConstructDHAgreement = md_construct_dh_agreement;
}

static void fill_v5(PCARD_DATA d)
{
    d->pfnCardDeriveKey = md_derive_key;
    d->pfnCardDestroyDHAgreement = md_destroy_dh_agreement;
}

static void fill_v6(PCARD_DATA d)
{
    d->pfnCardGetChallengeEx = md_get_challenge_ex;
    d->pfnCardAuthenticateEx = md_authenticate_ex;
    d->pfnCardChangeAuthenticatorEx = md_change_authenticator_ex;
    d->pfnCardDeauthenticateEx = md_deauthenticate_ex;
    d->pfnCardGetContainerProperty = md_get_container_property;
    d->pfnCardSetContainerProperty = md_set_container_property;
    d->pfnCardGetProperty = md_get_property;
    d->pfnCardSetProperty = md_set_property;
}

static void fill_v7(PCARD_DATA d)
{
    d->pfnMDImportSessionKey = md_import_session_key;
    d->pfnMDEncryptData = md_encrypt_data;
    d->pfnCardImportSessionKey = md_card_import_session_key;
    d->pfnCardGetSharedKeyHandle = md_get_shared_key_handle;
    d->pfnCardGetAlgorithmProperty = md_get_algorithm_property;
    d->pfnCardGetKeyProperty = md_get_key_property;
    d->pfnCardSetKeyProperty = md_set_key_property;
    d->pfnCardDestroyKey = md_destroy_key;
    d->pfnCardProcessEncryptedData = md_process_encrypted_data;
    d->pfnCardCreateContainerEx = md_create_container_ex;
}

/* Only what the caller's version has: its CARD_DATA may end there. */
static void fill(PCARD_DATA d)
{
    fill_v4(d);
    if (d->dwVersion >= CARD_DATA_VERSION_FIVE)
        fill_v5(d);
    if (d->dwVersion >= CARD_DATA_VERSION_SIX)
        fill_v6(d);
    if (d->dwVersion >= CARD_DATA_VERSION_SEVEN)
        fill_v7(d);
}

/* An ATR begins with 3B or 3F (7816-3, 8.1). Which application the card has, it is asked. */
static bool is_atr(const BYTE *atr)
{
    return atr[0] == 0x3B || atr[0] == 0x3F;
}

/* How many interface bytes follow, and whether there are more behind them: the high half of T0, and
 * of each TDi, the last of its group (7816-3, 8.2). */
static DWORD group_len(BYTE indicator)
{
    return (indicator >> 4 & 1u) + (indicator >> 5 & 1u) + (indicator >> 6 & 1u) + (indicator >> 7);
}

/* Are there all bytes that it tells of? One behind them is TCK. */
static bool is_whole(const BYTE *atr, DWORD len)
{
    DWORD end = 2 + group_len(atr[1]);

    for (BYTE indicator = atr[1]; (indicator & 0x80) != 0; end += group_len(indicator)) {
        if (end > len)
            return false;
        indicator = atr[end - 1];
    }
    return end + (atr[1] & 0x0F) <= len;
}

/* Frees a context that was never handed out, or no longer is. Does not touch the card. */
static void discard(PCARD_DATA data, struct md_context *context)
{
    agreements_free(data, context);
    if (context->edge.ops != NULL && context->edge.ops->close != NULL)
        context->edge.ops->close(&context->edge);
    memset(context, 0, sizeof(*context));
    data->pfnCspFree(context);
}

/* CMR.3.1.1.E9 to E10, and E7 for a card that is not what its ATR promised. */
static DWORD recognise(PCARD_DATA data, struct md_context *context)
{
    enum pcsc_protocol protocol = PCSC_T1;
    DWORD rc = pcsc_load_at(NULL, context + 1, &context->pcsc);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (data->hSCardCtx != 0 && /* 0 is no error: CMR.3.1.1.E9 says so itself */
        pcsc_context_valid(context->pcsc, data->hSCardCtx) != SCARD_S_SUCCESS)
        return SCARD_E_INVALID_HANDLE;
    rc = pcsc_status(context->pcsc, data->hScard, NULL, NULL, &protocol);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    context->channel.pcsc = context->pcsc;
    context->channel.card = data->hScard;
    context->channel.protocol = protocol;
    card_init(&context->edge.card, pcsc_transmit, &context->channel);
    context->edge.link_extends = protocol == PCSC_T1;
    context->edge.card.t0 = protocol == PCSC_T0;
    return edge_find(&context->edge, data->pbAtr, data->cbAtr);
}

static DWORD acquire(PCARD_DATA data)
{
    struct md_context *context = data->pfnCspAlloc(sizeof(*context) + pcsc_size());
    struct md_call m;
    DWORD rc;

    if (context == NULL)
        return SCARD_E_NO_MEMORY;
    memset(context, 0, sizeof(*context));
    data->pvVendorSpecific = context;
    rc = md_enter(&m, data); /* lends the edge the caller's memory and cache */
    if (rc == SCARD_S_SUCCESS)
        rc = md_leave(&m, recognise(data, context));
    if (rc != SCARD_S_SUCCESS) {
        discard(data, context);
        data->pvVendorSpecific = NULL;
        return rc;
    }
    if (data->dwVersion > CARD_DATA_CURRENT_VERSION)
        data->dwVersion = CARD_DATA_CURRENT_VERSION;
    fill(data);
    return SCARD_S_SUCCESS;
}

#define CHECK(condition, code, id) \
    do {                           \
        if (!(condition))          \
            return (code);         \
    } while (0)

/* The only export. There is no call to enter yet, hence CHECK in place of REQUIRE. */
DWORD WINAPI CardAcquireContext(PCARD_DATA pCardData, DWORD dwFlags)
{
    const DWORD no_card = CARD_SECURE_KEY_INJECTION_NO_CARD_MODE;

    CHECK(pCardData != NULL,                  SCARD_E_INVALID_PARAMETER,   "CMR.3.1.1.E1");
    CHECK((dwFlags & ~no_card) == 0,          SCARD_E_INVALID_PARAMETER,   "CMR.3.1.1.E2");
    CHECK(dwFlags == 0 || pCardData->dwVersion >= CARD_DATA_VERSION_SEVEN,
                                              SCARD_E_INVALID_PARAMETER,   "inferred, 2b");
    CHECK(dwFlags == 0,                       SCARD_E_UNSUPPORTED_FEATURE, "inferred, 2a");
    CHECK(pCardData->dwVersion >= CARD_DATA_VERSION_FOUR,
                                              ERROR_REVISION_MISMATCH,     "CMR.3.1.1.E3");
    CHECK(pCardData->pbAtr != NULL,           SCARD_E_INVALID_PARAMETER,   "CMR.3.1.1.E4");
    CHECK(pCardData->cbAtr >= ATR_MIN && pCardData->cbAtr <= ATR_MAX,
                                              SCARD_E_INVALID_PARAMETER,   "CMR.3.1.1.E5");
    CHECK(!is_atr(pCardData->pbAtr) || is_whole(pCardData->pbAtr, pCardData->cbAtr),
                                              SCARD_E_INVALID_PARAMETER,   "CMR.3.1.1.E5");
    CHECK(pCardData->pwszCardName != NULL,    SCARD_E_INVALID_PARAMETER,   "CMR.3.1.1.E6");
    CHECK(is_atr(pCardData->pbAtr),           SCARD_E_UNKNOWN_CARD,        "CMR.3.1.1.E7");
    CHECK(pCardData->pfnCspAlloc != NULL && pCardData->pfnCspReAlloc != NULL &&
          pCardData->pfnCspFree != NULL,      SCARD_E_INVALID_PARAMETER,   "CMR.3.1.1.E8");
    CHECK(pCardData->hScard != 0,             SCARD_E_INVALID_HANDLE,      "CMR.3.1.1.E10");
    return acquire(pCardData); /* E9, E10 of live handles; E7 of the card itself */
}

/* May come without a transaction, when the card is gone, even after the process is leaving: it does
 * not touch the card. */
DWORD WINAPI md_delete_context(PCARD_DATA pCardData)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData); /* CMR.3.1.2.E1 */

    if (rc != SCARD_S_SUCCESS)
        return rc;
    discard(pCardData, m.context);
    pCardData->pvVendorSpecific = NULL;
    return SCARD_S_SUCCESS;
}
