/* SPDX-License-Identifier: MIT */
/* Directories: the certification document, 2.3.4.1, 2.3.4.2 and 2.3.4.8. */
#include "minidriver/entry.h"

#include "minidriver/call.h"
#include "minidriver/names.h"

#include <string.h>

static bool is_dir_ac(CARD_DIRECTORY_ACCESS_CONDITION ac)
{
    return ac == UserCreateDeleteDirAc || ac == AdminCreateDeleteDirAc;
}

static DWORD create(struct md_call *m, const char *dir, CARD_DIRECTORY_ACCESS_CONDITION ac)
{
    struct edge_file what = { .ac = (uint8_t)ac };

    name_lower(what.dir, dir);
    return m->edge->ops->create(m->edge, &what, 0);
}

DWORD WINAPI md_create_directory(PCARD_DATA pCardData, LPSTR pszDirectoryName,
                                 CARD_DIRECTORY_ACCESS_CONDITION AccessCondition)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData); /* CMR.3.4.1.E1 */
    bool is_dir, is_file;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(name_given(pszDirectoryName),     SCARD_E_INVALID_PARAMETER,   "CMR.3.4.1.E2");
    REQUIRE(name_length_ok(pszDirectoryName), SCARD_E_INVALID_PARAMETER,   "CMR.3.4.1.E3");
    REQUIRE(name_chars_ok(pszDirectoryName),  SCARD_E_INVALID_PARAMETER,   "CMR.3.4.1.E4");
    REQUIRE(is_dir_ac(AccessCondition),       SCARD_E_INVALID_PARAMETER,   "CMR.3.4.1.E5");
    REQUIRE(!md_profile(&m)->read_only,       SCARD_E_UNSUPPORTED_FEATURE, "read-only card");
    is_dir = md_find_dir(&m, pszDirectoryName) != NULL;
    is_file = md_find_file(&m, NULL, pszDirectoryName) != NULL;
    REQUIRE(md_may(&m, !is_dir && !is_file, MD_USER | MD_ADMIN),
                                              SCARD_W_SECURITY_VIOLATION,  "E6 is not printed");
    REQUIRE(!is_dir,                          ERROR_FILE_EXISTS,           "CMR.3.4.1.E7");
    REQUIRE(!is_file,                         ERROR_FILE_EXISTS,           "CMR.3.4.1.E8");
    REQUIRE(m.failed == SCARD_S_SUCCESS,      m.failed,                    "the table: not read");
    return md_leave(&m, create(&m, pszDirectoryName, AccessCondition)); /* E9: the card */
}

/* Files in it; the entry of the directory itself does not count. */
static bool is_empty(struct md_call *m, const struct edge_file *dir)
{
    const struct edge_file *files = md_files(m);

    for (size_t i = 0; files != NULL && i < m->file_count; i++)
        if (strcmp(files[i].dir, dir->dir) == 0 && files[i].name[0] != '\0')
            return false;
    return files != NULL;
}

DWORD WINAPI md_delete_directory(PCARD_DATA pCardData, LPSTR pszDirectoryName)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData); /* CMR.3.4.2.E1 */
    const struct edge_file *dir;
    uint8_t now = 0;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(name_given(pszDirectoryName),     SCARD_E_INVALID_PARAMETER,   "CMR.3.4.2.E2");
    REQUIRE(name_length_ok(pszDirectoryName), SCARD_E_INVALID_PARAMETER,   "CMR.3.4.2.E3");
    REQUIRE(name_chars_ok(pszDirectoryName),  SCARD_E_INVALID_PARAMETER,   "CMR.3.4.2.E4");
    REQUIRE(!md_profile(&m)->read_only,       SCARD_E_UNSUPPORTED_FEATURE, "read-only card");
    REQUIRE(m.failed == SCARD_S_SUCCESS,      m.failed,                    "not described");
    m.failed = m.edge->ops->roles(m.edge, &now); /* E9 is ours: the card lets an admin too */
    REQUIRE((now & (MD_USER | MD_ADMIN)) != 0, SCARD_W_SECURITY_VIOLATION, "CMR.3.4.2.E5");
    dir = md_find_dir(&m, pszDirectoryName);
    REQUIRE(dir != NULL,                      SCARD_E_DIR_NOT_FOUND,       "CMR.3.4.2.E6");
    REQUIRE(is_empty(&m, dir),                ERROR_DIR_NOT_EMPTY,         "CMR.3.4.2.E7");
    REQUIRE(dir->ac != AdminCreateDeleteDirAc || (now & MD_ADMIN) != 0,
                                              SCARD_W_SECURITY_VIOLATION,  "CMR.3.4.2.E8");
    REQUIRE(dir->ac != UserCreateDeleteDirAc || (now & MD_USER) != 0,
                                              SCARD_W_SECURITY_VIOLATION,  "CMR.3.4.2.E9");
    return md_leave(&m, m.edge->ops->remove(m.edge, dir));
}

/* Names of the files of `dir` as a multi-string; *ret_len 0 when there are none. */
static DWORD list(struct md_call *m, const char *dir, LPSTR *ret_names, DWORD *ret_len)
{
    const struct edge_file *files = md_files(m);
    char lower[EDGE_NAME_MAX];
    char *names = md_alloc(m, m->file_count * EDGE_NAME_MAX + 1);
    size_t at = 0;

    if (names == NULL)
        return SCARD_E_NO_MEMORY;
    name_lower(lower, dir);
    for (size_t i = 0; i < m->file_count; i++) {
        size_t len = strlen(files[i].name) + 1;

        if (strcmp(files[i].dir, lower) != 0 || len == 1)
            continue;
        memcpy(names + at, files[i].name, len);
        at += len;
    }
    if (at == 0) {
        md_free(m, names);
        return SCARD_E_DIR_NOT_FOUND; /* CMR.3.4.8.E8 */
    }
    names[at++] = '\0';
    *ret_names = names;
    *ret_len = (DWORD)at;
    return SCARD_S_SUCCESS;
}

DWORD WINAPI md_enum_files(PCARD_DATA pCardData, LPSTR pszDirectoryName, LPSTR *pmszFileNames,
                           LPDWORD pdwcbFileName, DWORD dwFlags)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData); /* CMR.3.4.8.E1 */

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(pmszFileNames != NULL,               SCARD_E_INVALID_PARAMETER, "CMR.3.4.8.E2");
    *pmszFileNames = NULL;
    REQUIRE(pdwcbFileName != NULL,               SCARD_E_INVALID_PARAMETER, "CMR.3.4.8.E3");
    *pdwcbFileName = 0;
    REQUIRE(dir_length_ok(pszDirectoryName),     SCARD_E_INVALID_PARAMETER, "CMR.3.4.8.E4");
    REQUIRE(dir_chars_ok(pszDirectoryName),      SCARD_E_INVALID_PARAMETER, "CMR.3.4.8.E5");
    REQUIRE(md_has_dir(&m, pszDirectoryName),    SCARD_E_DIR_NOT_FOUND,     "CMR.3.4.8.E6");
    REQUIRE(dwFlags == 0,                        SCARD_E_INVALID_PARAMETER, "CMR.3.4.8.E7");
    REQUIRE(md_files(&m) != NULL,                m.failed,                  "the table: not read");
    return md_leave(&m, list(&m, pszDirectoryName, pmszFileNames, pdwcbFileName)); /* E8 */
}
