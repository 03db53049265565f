/* SPDX-License-Identifier: MIT */
/* What a card and its module tell about themselves. */
#include "host/host_internal.h"

#include <stdio.h>
#include <string.h>

static DWORD ask_id(struct host *host, struct host_info *ret)
{
    BYTE *id = NULL;
    size_t len = 0;
    DWORD rc = card_read(host, card_path("", szCARD_IDENTIFIER_FILE), &id, &len);

    if (rc != SCARD_S_SUCCESS)
        return card_is_gone(rc) ? rc : SCARD_S_SUCCESS;
    ret->has_card_id = len == sizeof ret->card_id;
    if (ret->has_card_id)
        memcpy(ret->card_id, id, len);
    host_free(id, len);
    return SCARD_S_SUCCESS;
}

static DWORD ask_space(struct host *host, struct host_info *ret)
{
    CARD_FREE_SPACE_INFO space = { .dwVersion = CARD_FREE_SPACE_INFO_CURRENT_VERSION };
    CARD_DATA *data = &host->data;
    DWORD rc = card_result(host, data->pfnCardQueryFreeSpace(data, 0, &space));

    ret->free_bytes = ret->free_containers = ret->max_containers = CARD_DATA_VALUE_UNKNOWN;
    if (rc != SCARD_S_SUCCESS)
        return card_is_gone(rc) ? rc : SCARD_S_SUCCESS;
    ret->free_bytes = space.dwBytesAvailable;
    ret->free_containers = space.dwKeyContainersAvailable;
    ret->max_containers = space.dwMaxKeyContainers;
    return SCARD_S_SUCCESS;
}

static DWORD ask_keys(struct host *host, struct host_info *ret)
{
    CARD_CAPABILITIES able = { .dwVersion = CARD_CAPABILITIES_CURRENT_VERSION };
    CARD_KEY_SIZES sizes = { .dwVersion = CARD_KEY_SIZES_CURRENT_VERSION };
    CARD_DATA *data = &host->data;
    DWORD rc = card_result(host, data->pfnCardQueryCapabilities(data, &able));

    if (rc == SCARD_S_SUCCESS) {
        ret->key_generation = able.fKeyGen != FALSE;
        ret->certificate_compression = able.fCertificateCompression != FALSE;
    }
    if (card_is_gone(rc))
        return rc;
    rc = card_result(host, data->pfnCardQueryKeySizes(data, AT_KEYEXCHANGE, 0, &sizes));
    if (rc == SCARD_S_SUCCESS)
        ret->rsa = sizes;
    return card_is_gone(rc) ? rc : SCARD_S_SUCCESS;
}

static DWORD ask_pins(struct host *host, struct host_info *ret)
{
    PIN_SET pins = PIN_SET_NONE;
    DWORD rc = card_property(host, CP_CARD_LIST_PINS, 0, &pins, sizeof pins);

    ret->pins = rc == SCARD_S_SUCCESS ? pins : PIN_SET_NONE;
    return card_is_gone(rc) ? rc : SCARD_S_SUCCESS;
}

DWORD host_info(struct host *host, struct host_info *ret)
{
    struct host_info info = { 0 };
    DWORD rc = host_begin(host);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    snprintf(info.reader, sizeof info.reader, "%s", host->reader);
    memcpy(info.atr, host->atr, sizeof host->atr);
    info.atr_len = host->data.cbAtr;
    info.version = host->data.dwVersion;
    info.read_only = host->read_only;
    info.cache_mode = host->cache_mode;
    rc = ask_id(host, &info);
    if (rc == SCARD_S_SUCCESS)
        rc = ask_keys(host, &info);
    if (rc == SCARD_S_SUCCESS)
        rc = ask_pins(host, &info);
    if (rc == SCARD_S_SUCCESS)
        rc = ask_space(host, &info);
    host_end(host);
    if (rc == SCARD_S_SUCCESS)
        *ret = info;
    return rc;
}
