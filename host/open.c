/* SPDX-License-Identifier: MIT */
/* From options to a card with a context, and back. */
#include "host/host_internal.h"

#include "base/wstr.h"
#include "cardmint/atrs.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define MODULE "cardmint.so"

/* Everything the caller owes in CARD_DATA. Slots above the version asked for stay unread. */
static void fill_card_data(struct host *host, DWORD version)
{
    CARD_DATA *data = &host->data;

    data->dwVersion = version;
    data->pbAtr = host->atr;
    data->pwszCardName = host->card_name;
    data->pfnCspAlloc = csp_alloc;
    data->pfnCspReAlloc = csp_realloc;
    data->pfnCspFree = csp_free;
    data->pfnCspCacheAddFile = csp_cache_add;
    data->pfnCspCacheLookupFile = csp_cache_lookup;
    data->pfnCspCacheDeleteFile = csp_cache_delete;
    data->pvCacheContext = &host->cache;
    data->pfnCspPadData = csp_pad_data;
    data->pfnCspGetDHAgreement = csp_get_dh_agreement;
    data->pfnCspUnpadData = csp_unpad_data;
    data->hSCardCtx = host->ctx;
    data->hScard = host->card;
}

/* pwszCardName: as the installation registers it. */
static void name_card(struct host *host)
{
    const struct known_card *known = known_card_find(host->atr, host->data.cbAtr);

    (void)wstr_from_ascii(host->card_name, sizeof host->card_name / sizeof host->card_name[0],
                          known != NULL ? known->name : "smart card");
}

static DWORD connect_card(struct host *host, struct host_error *err)
{
    size_t atr_len = sizeof host->atr;
    DWORD rc = pcsc_connect(host->pcsc, host->ctx, host->reader, PCSC_SHARED, &host->card);

    if (rc == SCARD_S_SUCCESS) {
        host->has_card = true;
        rc = pcsc_status(host->pcsc, host->card, host->atr, &atr_len, NULL);
    }
    if (rc == SCARD_E_SHARING_VIOLATION)
        return host_fail(err, rc, "another program has the card in %s for itself: end it",
                         host->reader);
    if (rc == SCARD_W_UNRESPONSIVE_CARD || rc == SCARD_W_UNPOWERED_CARD)
        return host_fail(err, rc, "the card in %s does not answer: take it out and insert it again",
                         host->reader);
    if (rc != SCARD_S_SUCCESS)
        return host_fail(err, rc, "cannot connect to the card in %s: %s (%s)", host->reader,
                         host_says(rc), host_code_name(rc));
    host->data.cbAtr = (DWORD)atr_len;
    name_card(host);
    return SCARD_S_SUCCESS;
}

static DWORD fail_acquire(const struct host *host, DWORD rc, DWORD version, const char *file,
                          struct host_error *err)
{
    if (rc == SCARD_E_UNKNOWN_CARD)
        return host_fail(err, rc, "the card in %s is not one this module knows (%s): use another "
                                  "card or another --module",
                         host->reader, file);
    if (rc == ERROR_REVISION_MISMATCH)
        return host_fail(err, rc, "%s does not offer version %u of the interface: try another "
                                  "--card-version",
                         file, version);
    return host_fail(err, rc, "%s cannot use the card in %s: %s (%s)", file, host->reader,
                     host_says(rc), host_code_name(rc));
}

/* Facts that hold as long as the context does. What a module does not tell, the lesser is true. */
static void ask_facts(struct host *host)
{
    CARD_CAPABILITIES able = { .dwVersion = CARD_CAPABILITIES_CURRENT_VERSION };
    BOOL read_only = FALSE;
    DWORD mode = CP_CACHE_MODE_GLOBAL_CACHE; /* what everybody did before version 6 */

    if (card_result(host, host->data.pfnCardQueryCapabilities(&host->data, &able)) ==
        SCARD_S_SUCCESS)
        host->compresses = able.fCertificateCompression != FALSE;
    if (card_property(host, CP_CARD_READ_ONLY, 0, &read_only, sizeof read_only) == SCARD_S_SUCCESS)
        host->read_only = read_only != FALSE;
    if (card_property(host, CP_CARD_CACHE_MODE, 0, &mode, sizeof mode) != SCARD_S_SUCCESS)
        mode = CP_CACHE_MODE_GLOBAL_CACHE;
    host->cache_mode = mode;
}

static DWORD acquire(struct host *host, PFN_CARD_ACQUIRE_CONTEXT call, DWORD version,
                     const char *file, struct host_error *err)
{
    DWORD rc = pcsc_begin(host->pcsc, host->card);

    if (rc == SCARD_W_RESET_CARD) {
        rc = pcsc_reconnect(host->pcsc, host->card, PCSC_SHARED, PCSC_LEAVE);
        if (rc == SCARD_S_SUCCESS)
            rc = pcsc_begin(host->pcsc, host->card);
    }
    if (rc != SCARD_S_SUCCESS)
        return host_fail(err, rc, "cannot get at the card in %s: %s", host->reader, host_says(rc));
    rc = call(&host->data, 0);
    if (rc != SCARD_S_SUCCESS) {
        rc = fail_acquire(host, rc, version, file, err);
    } else {
        rc = module_check(&host->data, version, file, err);
        host->has_context = host->data.pfnCardDeleteContext != NULL;
        if (rc == SCARD_S_SUCCESS)
            ask_facts(host);
    }
    (void)pcsc_end(host->pcsc, host->card, PCSC_LEAVE);
    return rc;
}

bool host_module_path(const struct host_options *options, char *ret, size_t cap)
{
    int n;

    if (options == NULL || options->module == NULL)
        return host_library_path(MODULE, ret, cap);
    n = snprintf(ret, cap, "%s", options->module);
    return n >= 0 && (size_t)n < cap;
}

static DWORD open_card(struct host *host, const struct host_options *options,
                       struct host_error *err)
{
    DWORD version = options != NULL ? options->version : 0;
    PFN_CARD_ACQUIRE_CONTEXT call = NULL;
    char file[PATH_MAX];
    DWORD rc;

    if (!host_module_path(options, file, sizeof file))
        return host_fail(err, ERROR_MOD_NOT_FOUND,
                         "cannot find the module: give its path with --module");
    if (version == 0)
        version = CARD_DATA_CURRENT_VERSION;
    /* PC/SC first: the module takes the library of that SONAME already in the process */
    rc = host_open_pcsc(options, &host->pcsc, &host->ctx, err);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    host->has_ctx = true;
    rc = module_load(file, &host->library, &call, err);
    if (rc == SCARD_S_SUCCESS)
        rc = host_choose_reader(options, host->pcsc, host->ctx, host->reader, err);
    if (rc == SCARD_S_SUCCESS)
        rc = connect_card(host, err);
    if (rc == SCARD_S_SUCCESS) {
        fill_card_data(host, version);
        rc = acquire(host, call, version, file, err);
    }
    return rc;
}

DWORD host_open(const struct host_options *options, struct host **ret, struct host_error *err)
{
    struct host *host = calloc(1, sizeof *host);
    DWORD rc;

    if (host == NULL)
        return host_fail(err, ERROR_NOT_ENOUGH_MEMORY, "out of memory: end other programs");
    host->policy = options != NULL && options->policy != NULL ? *options->policy
                                                              : host_policy_default();
    rc = open_card(host, options, err);
    if (rc != SCARD_S_SUCCESS) {
        host_close(host);
        return rc;
    }
    *ret = host;
    return SCARD_S_SUCCESS;
}

void host_close(struct host *host)
{
    if (host == NULL)
        return;
    transaction_close(host);
    agreements_forget(host);
    if (host->has_context)
        (void)host->data.pfnCardDeleteContext(&host->data);
    if (host->has_card)
        (void)pcsc_disconnect(host->pcsc, host->card, PCSC_LEAVE);
    if (host->has_ctx)
        pcsc_release(host->pcsc, host->ctx);
    if (host->library != NULL)
        dlclose(host->library);
    pcsc_free(host->pcsc);
    cache_stamp(&host->cache, NULL);
    cardcf_forget(host);
    pin_cache_free(host);
    free(host);
}

PCARD_DATA host_card_data(struct host *host)
{
    return &host->data;
}
