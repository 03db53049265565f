/* SPDX-License-Identifier: MIT */
#include "minidriver/call.h"

#include "base/secret.h"
#include "base/wstr.h"
#include "minidriver/agreement.h"
#include "minidriver/names.h"

#include <string.h>

#define TAG_MAX 40u

/* ---- services of edge.h on top of the caller's callbacks ------------------------------------- */

static void *service_alloc(void *host, size_t len)
{
    PCARD_DATA data = host;

    return data->pfnCspAlloc(len != 0 ? len : 1);
}

static void service_free(void *host, void *block)
{
    PCARD_DATA data = host;

    if (block != NULL)
        data->pfnCspFree(block);
}

static bool service_find(void *host, const char *tag, uint8_t **ret_data, size_t *ret_len)
{
    PCARD_DATA data = host;
    WCHAR wide[TAG_MAX];
    PBYTE found = NULL;
    DWORD len = 0;

    if (data->pfnCspCacheLookupFile == NULL || !wstr_from_ascii(wide, TAG_MAX, tag) ||
        data->pfnCspCacheLookupFile(data->pvCacheContext, wide, 0, &found, &len) != 0 ||
        found == NULL)
        return false;
    *ret_data = found;
    *ret_len = len;
    return true;
}

static void service_add(void *host, const char *tag, const uint8_t *bytes, size_t len)
{
    PCARD_DATA data = host;
    WCHAR wide[TAG_MAX];

    if (data->pfnCspCacheAddFile != NULL && wstr_from_ascii(wide, TAG_MAX, tag))
        (void)data->pfnCspCacheAddFile(data->pvCacheContext, wide, 0, (PBYTE)(uintptr_t)bytes,
                                       (DWORD)len);
}

static void service_drop(void *host, const char *tag)
{
    PCARD_DATA data = host;
    WCHAR wide[TAG_MAX];

    if (data->pfnCspCacheDeleteFile != NULL && wstr_from_ascii(wide, TAG_MAX, tag))
        (void)data->pfnCspCacheDeleteFile(data->pvCacheContext, wide, 0);
}

static const struct services service_table = {
    .alloc = service_alloc,
    .free = service_free,
    .cache_find = service_find,
    .cache_add = service_add,
    .cache_drop = service_drop,
};

/* ---- prologue and epilogue ------------------------------------------------------------------- */

DWORD md_enter(struct md_call *m, PCARD_DATA data)
{
    if (data == NULL || data->pvVendorSpecific == NULL)
        return SCARD_E_INVALID_PARAMETER;
    memset(m, 0, sizeof(*m));
    m->data = data;
    m->context = data->pvVendorSpecific;
    m->edge = &m->context->edge;
    m->context->channel.card = data->hScard; /* the caller may have a new one */
    m->edge->services = service_table;
    m->edge->services.host = data;
    m->edge->calls++;
    return SCARD_S_SUCCESS;
}

DWORD md_leave(struct md_call *m, DWORD rc)
{
    if (m->failed != SCARD_S_SUCCESS)
        rc = m->failed;
    if (rc == SCARD_W_RESET_CARD || rc == SCARD_W_REMOVED_CARD)
        agreements_free(m->data, m->context);
    agreements_check(m->data, m->context);
    md_free(m, m->files);
    md_free(m, m->containers);
    return rc;
}

void *md_alloc(struct md_call *m, size_t len)
{
    return service_alloc(m->data, len);
}

void md_free(struct md_call *m, void *block)
{
    service_free(m->data, block);
}

void md_wipe_free(struct md_call *m, void *block, size_t len)
{
    wipe(block, len);
    md_free(m, block);
}

/* ---- facts ----------------------------------------------------------------------------------- */

const struct profile *md_profile(struct md_call *m)
{
    struct edge *e = m->edge;

    if (!e->described && m->failed == SCARD_S_SUCCESS) {
        if (e->ops->describe != NULL)
            m->failed = e->ops->describe(e, &e->profile);
        e->described = m->failed == SCARD_S_SUCCESS;
    }
    return &e->profile;
}

const struct edge_file *md_files(struct md_call *m)
{
    static const struct edge_file none;

    if (!m->has_files && m->failed == SCARD_S_SUCCESS) {
        m->failed = m->edge->ops->table(m->edge, &m->files, &m->file_count);
        m->has_files = m->failed == SCARD_S_SUCCESS;
    }
    if (!m->has_files)
        return NULL;
    return m->files != NULL ? m->files : &none;
}

/* The entry of lower-case names; "" is the directory itself. */
static const struct edge_file *find(struct md_call *m, const char *dir, const char *name)
{
    const struct edge_file *files = md_files(m);

    for (size_t i = 0; files != NULL && i < m->file_count; i++)
        if (strcmp(files[i].dir, dir) == 0 && strcmp(files[i].name, name) == 0)
            return &files[i];
    return NULL;
}

const struct edge_file *md_find_dir(struct md_call *m, const char *dir)
{
    char lower[EDGE_NAME_MAX];

    name_lower(lower, dir);
    return find(m, lower, "");
}

bool md_has_dir(struct md_call *m, const char *dir)
{
    return dir == NULL || md_find_dir(m, dir) != NULL;
}

const struct edge_file *md_find_file(struct md_call *m, const char *dir, const char *name)
{
    char lower_dir[EDGE_NAME_MAX], lower[EDGE_NAME_MAX];

    name_lower(lower_dir, dir);
    name_lower(lower, name);
    return find(m, lower_dir, lower);
}

const struct edge_container *md_container(struct md_call *m, BYTE index)
{
    unsigned max = m->edge->profile.containers_max;
    const struct edge_container *c;

    if (m->containers == NULL && m->failed == SCARD_S_SUCCESS && index < max) {
        m->containers = md_alloc(m, max * sizeof(*m->containers));
        m->failed = m->containers != NULL ? m->edge->ops->containers(m->edge, m->containers)
                                          : SCARD_E_NO_MEMORY;
    }
    if (m->failed != SCARD_S_SUCCESS || index >= max)
        return NULL;
    c = &m->containers[index];
    return c->sig.spec != 0 || c->kx.spec != 0 ? c : NULL;
}

const struct edge_key *md_key(const struct edge_container *container, DWORD spec)
{
    if (spec == 0)
        return NULL;
    return container->sig.spec == spec ? &container->sig
           : container->kx.spec == spec ? &container->kx
                                        : NULL;
}

bool md_is_any(struct md_call *m, PIN_SET set)
{
    uint8_t now = 0;

    if (m->failed == SCARD_S_SUCCESS)
        m->failed = m->edge->ops->roles(m->edge, &now);
    return m->failed == SCARD_S_SUCCESS && (now & set) != 0;
}

bool md_may(struct md_call *m, bool sound, PIN_SET set)
{
    return sound || md_is_any(m, set);
}
