/* SPDX-License-Identifier: MIT */
/* Files on the card, by path. */
#include "host/host_internal.h"

#include "base/settings.h"

#include <stdlib.h>
#include <string.h>

#define APPS_MOST 32u /* records of cardapps looked at */

/* ---- names --------------------------------------------------------------------------------- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool name_equal(const char *a, const char *b)
{
    return settings_same(a, b);
}

/* 1 to 8 characters, none that the card's file system forbids [certification 1.2.1]. */
static bool copy_name(char ret[9], const char *name, size_t len)
{
    if (len == 0 || len > 8)
        return false;
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)name[i] < 0x20 || strchr("\\/:*?\"<>|", name[i]) != NULL)
            return false;
        ret[i] = lower(name[i]);
    }
    ret[len] = '\0';
    return true;
}

static bool parse_path(const char *text, struct card_path *ret)
{
    size_t dir_len;

    if (text == NULL)
        return false;
    memset(ret, 0, sizeof *ret);
    dir_len = strcspn(text, "/\\");
    if (text[dir_len] == '\0')
        return copy_name(ret->name, text, dir_len);
    return copy_name(ret->dir, text, dir_len) &&
           copy_name(ret->name, text + dir_len + 1, strlen(text + dir_len + 1));
}

const char *next_name(const char *names, size_t len, size_t *at)
{
    const char *name = names + *at;

    if (*at >= len || *name == '\0')
        return NULL;
    *at += strlen(name) + 1; /* card_list has seen to the last NUL */
    return name;
}

/* ---- list ---------------------------------------------------------------------------------- */

struct file_list {
    struct host_file *files;
    size_t count;
};

static DWORD append(struct file_list *list, const struct host_file *file)
{
    struct host_file *grown = realloc(list->files, (list->count + 1) * sizeof *grown);

    if (grown == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    grown[list->count++] = *file;
    list->files = grown;
    return SCARD_S_SUCCESS;
}

static DWORD describe(struct host *host, const char *dir, const char *name,
                      struct host_file *ret)
{
    struct card_path path = card_path(dir, name);
    CARD_FILE_INFO info;
    DWORD rc = card_file_info(host, path, &info);

    memcpy(ret->dir, path.dir, sizeof ret->dir);
    memcpy(ret->name, path.name, sizeof ret->name);
    ret->size = rc == SCARD_S_SUCCESS ? info.cbFileSize : 0;
    ret->access = rc == SCARD_S_SUCCESS ? (DWORD)info.AccessCondition : (DWORD)InvalidAc;
    return card_is_gone(rc) ? rc : SCARD_S_SUCCESS;
}

static DWORD list_directory(struct host *host, const char *dir, struct file_list *list)
{
    char *names = NULL;
    const char *name;
    size_t len = 0, at = 0;
    DWORD rc = card_list(host, dir, &names, &len);

    if (rc == SCARD_E_DIR_NOT_FOUND) /* also what an empty directory answers */
        return SCARD_S_SUCCESS;
    while (rc == SCARD_S_SUCCESS && (name = next_name(names, len, &at)) != NULL) {
        struct host_file file;
        char checked[9];

        if (!copy_name(checked, name, strlen(name)))
            continue;
        rc = describe(host, dir, checked, &file);
        if (rc == SCARD_S_SUCCESS)
            rc = append(list, &file);
    }
    host_free(names, len);
    return rc;
}

static DWORD list_applications(struct host *host, struct file_list *list)
{
    char seen[APPS_MOST][9] = { { 0 } };
    BYTE *apps = NULL;
    size_t len = 0;
    DWORD rc = card_read(host, card_path("", "cardapps"), &apps, &len);

    if (rc != SCARD_S_SUCCESS) /* no list of applications: ours is always reserved */
        return card_is_gone(rc) ? rc : list_directory(host, szBASE_CSP_DIR, list);
    for (size_t i = 0; rc == SCARD_S_SUCCESS && i < len / 8 && i < APPS_MOST; i++) {
        const char *record = (const char *)apps + i * 8;
        bool again = false;

        if (!copy_name(seen[i], record, strnlen(record, 8)))
            continue;
        for (size_t j = 0; j < i; j++)
            again = again || strcmp(seen[j], seen[i]) == 0;
        if (!again)
            rc = list_directory(host, seen[i], list);
    }
    host_free(apps, len);
    return rc;
}

DWORD host_files(struct host *host, struct host_file **ret_files, size_t *ret_count)
{
    struct file_list list = { NULL, 0 };
    DWORD rc = host_begin(host);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = list_directory(host, "", &list);
    if (rc == SCARD_S_SUCCESS)
        rc = list_applications(host, &list);
    host_end(host);
    if (rc != SCARD_S_SUCCESS) {
        free(list.files);
        return rc;
    }
    *ret_files = list.files;
    *ret_count = list.count;
    return SCARD_S_SUCCESS;
}

/* ---- read, write, remove ------------------------------------------------------------------- */

static bool is_cardcf(const struct card_path *path)
{
    return path->dir[0] == '\0' && strcmp(path->name, szCACHE_FILE) == 0;
}

/* The counters a change of this file moves. */
static unsigned announces(const struct card_path *path)
{
    bool map = strcmp(path->dir, szBASE_CSP_DIR) == 0 &&
               strcmp(path->name, szCONTAINER_MAP_FILE) == 0;

    return map ? CACHE_CONTAINERS | CACHE_FILES : CACHE_FILES;
}

DWORD host_file_read(struct host *host, const char *path, BYTE **ret_data, size_t *ret_len)
{
    struct card_path at;
    DWORD rc;

    if (!parse_path(path, &at))
        return SCARD_E_INVALID_PARAMETER;
    rc = host_begin(host);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = card_read(host, at, ret_data, ret_len);
    host_end(host);
    return rc;
}

DWORD host_file_write(struct host *host, const char *path, const BYTE *data, size_t len,
                      CARD_FILE_ACCESS_CONDITION access)
{
    struct card_path at;
    DWORD rc;

    if (!parse_path(path, &at) || (data == NULL && len != 0))
        return SCARD_E_INVALID_PARAMETER;
    if (host->read_only)
        return SCARD_E_READ_ONLY_CARD;
    rc = host_begin(host);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (!is_cardcf(&at))
        rc = cardcf_bump(host, announces(&at));
    if (rc == SCARD_S_SUCCESS)
        rc = card_put(host, at, data, len, access);
    if (is_cardcf(&at))
        (void)cardcf_read(host);
    host_end(host);
    return rc;
}

DWORD host_file_remove(struct host *host, const char *path)
{
    struct card_path at;
    DWORD rc;

    if (!parse_path(path, &at))
        return SCARD_E_INVALID_PARAMETER;
    if (host->read_only)
        return SCARD_E_READ_ONLY_CARD;
    rc = host_begin(host);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (!is_cardcf(&at))
        rc = cardcf_bump(host, announces(&at));
    if (rc == SCARD_S_SUCCESS)
        rc = card_remove(host, at);
    if (is_cardcf(&at))
        (void)cardcf_read(host);
    host_end(host);
    return rc;
}
