/* SPDX-License-Identifier: MIT */
/* Files: the certification document, 2.3.4.3 to 2.3.4.7. */
#include "minidriver/entry.h"

#include "minidriver/call.h"
#include "minidriver/names.h"

/* Conditions that a file may be created with; 5 and 6 came with version 6. */
static bool is_file_ac(const struct md_call *m, CARD_FILE_ACCESS_CONDITION ac)
{
    return (ac >= EveryoneReadUserWriteAc && ac <= EveryoneReadAdminWriteAc) ||
           ((ac == UserReadWriteAc || ac == AdminReadWriteAc) &&
            m->data->dwVersion >= CARD_DATA_VERSION_SIX);
}

/* Who may write, and so delete, a file of condition `ac`. */
static PIN_SET writers(uint8_t ac)
{
    return ac == EveryoneReadAdminWriteAc || ac == AdminReadWriteAc ? MD_ADMIN : MD_USER | MD_ADMIN;
}

/* Who may create files in a directory; root counts as a user directory. */
static PIN_SET creators(const struct edge_file *dir)
{
    return dir != NULL && dir->ac == AdminCreateDeleteDirAc ? MD_ADMIN : MD_USER | MD_ADMIN;
}

/* The file by the table, or, in the root, by its fixed place: cardcf and cardid are read before
 * anything is cached. `place` is where a fixed one is put. */
static const struct edge_file *find(struct md_call *m, const char *dir, const char *name,
                                    struct edge_file *place)
{
    char lower_dir[EDGE_NAME_MAX], lower[EDGE_NAME_MAX];

    name_lower(lower_dir, dir);
    name_lower(lower, name);
    if (m->edge->ops->fixed != NULL && m->edge->ops->fixed(m->edge, lower_dir, lower, place))
        return place;
    return md_find_file(m, dir, name);
}

/* The content in a block of the caller's. */
static DWORD read(struct md_call *m, const struct edge_file *file, PBYTE *ret_data, DWORD *ret_len)
{
    uint8_t *data = NULL;
    size_t len = 0;
    DWORD rc = m->edge->ops->read(m->edge, file, &data, &len);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    *ret_data = data;
    *ret_len = (DWORD)len;
    return SCARD_S_SUCCESS;
}

DWORD WINAPI md_read_file(PCARD_DATA pCardData, LPSTR pszDirectoryName, LPSTR pszFileName,
                          DWORD dwFlags, PBYTE *ppbData, PDWORD pcbData)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData); /* CMR.3.4.3.E1 */
    const struct edge_file *file = NULL;
    struct edge_file fixed;
    bool sound;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(name_given(pszFileName),          SCARD_E_INVALID_PARAMETER, "CMR.3.4.3.E2");
    REQUIRE(ppbData != NULL,                  SCARD_E_INVALID_PARAMETER, "CMR.3.4.3.E3");
    *ppbData = NULL;
    REQUIRE(pcbData != NULL,                  SCARD_E_INVALID_PARAMETER, "CMR.3.4.3.E4");
    *pcbData = 0;
    REQUIRE(dir_length_ok(pszDirectoryName),  SCARD_E_INVALID_PARAMETER, "CMR.3.4.3.E5");
    REQUIRE(dir_chars_ok(pszDirectoryName),   SCARD_E_INVALID_PARAMETER, "CMR.3.4.3.E6");
    sound = name_ok(pszFileName) && dwFlags == 0;
    if (sound)
        file = find(&m, pszDirectoryName, pszFileName, &fixed);
    REQUIRE(file != NULL || md_has_dir(&m, pszDirectoryName),
                                              SCARD_E_DIR_NOT_FOUND,     "CMR.3.4.3.E7");
    REQUIRE(name_length_ok(pszFileName),      SCARD_E_INVALID_PARAMETER, "CMR.3.4.3.E8");
    REQUIRE(name_chars_ok(pszFileName),       SCARD_E_INVALID_PARAMETER, "CMR.3.4.3.E9");
    REQUIRE(file != NULL || md_find_file(&m, pszDirectoryName, pszFileName) != NULL,
                                              SCARD_E_FILE_NOT_FOUND,    "CMR.3.4.3.E10");
    REQUIRE(dwFlags == 0,                     SCARD_E_INVALID_PARAMETER, "CMR.3.4.3.E11");
    rc = read(&m, file, ppbData, pcbData);                         /* CMR.3.4.3.E12: the card */
    if (rc == SCARD_E_FILE_NOT_FOUND && file == &fixed) {               /* not at its usual place */
        file = md_find_file(&m, pszDirectoryName, pszFileName);
        rc = file != NULL ? read(&m, file, ppbData, pcbData) : rc;
    }
    return md_leave(&m, rc);
}

/* A size that the card cannot spare is an invalid parameter, by print: CMR.3.4.4.E11. */
static DWORD create(struct md_call *m, const char *dir, const char *name, DWORD size,
                    CARD_FILE_ACCESS_CONDITION ac)
{
    struct edge_file what = { .ac = (uint8_t)ac };
    DWORD rc;

    name_lower(what.dir, dir);
    name_lower(what.name, name);
    rc = m->edge->ops->create(m->edge, &what, size);
    return rc == SCARD_E_WRITE_TOO_MANY ? SCARD_E_INVALID_PARAMETER : rc;
}

DWORD WINAPI md_create_file(PCARD_DATA pCardData, LPSTR pszDirectoryName, LPSTR pszFileName,
                            DWORD cbInitialCreationSize,
                            CARD_FILE_ACCESS_CONDITION AccessCondition)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData); /* CMR.3.4.4.E1 */
    const struct edge_file *dir;
    bool exists, sound;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(name_given(pszFileName),         SCARD_E_INVALID_PARAMETER,   "CMR.3.4.4.E2");
    REQUIRE(dir_length_ok(pszDirectoryName), SCARD_E_INVALID_PARAMETER,   "CMR.3.4.4.E3");
    REQUIRE(dir_chars_ok(pszDirectoryName),  SCARD_E_INVALID_PARAMETER,   "CMR.3.4.4.E4");
    REQUIRE(!md_profile(&m)->read_only,      SCARD_E_UNSUPPORTED_FEATURE, "read-only card");
    dir = pszDirectoryName != NULL ? md_find_dir(&m, pszDirectoryName) : NULL;
    REQUIRE(pszDirectoryName == NULL || dir != NULL,
                                             SCARD_E_DIR_NOT_FOUND,       "CMR.3.4.4.E5");
    exists = name_ok(pszFileName) &&
             (md_find_file(&m, pszDirectoryName, pszFileName) != NULL ||
              (pszDirectoryName == NULL && md_find_dir(&m, pszFileName) != NULL));
    sound = name_ok(pszFileName) && !exists && is_file_ac(&m, AccessCondition);
    REQUIRE(md_may(&m, sound, creators(dir)), SCARD_W_SECURITY_VIOLATION, "CMR.3.4.4.E6");
    REQUIRE(name_length_ok(pszFileName),     SCARD_E_INVALID_PARAMETER,   "CMR.3.4.4.E7");
    REQUIRE(name_chars_ok(pszFileName),      SCARD_E_INVALID_PARAMETER,   "CMR.3.4.4.E8");
    REQUIRE(!exists,                         ERROR_FILE_EXISTS,           "CMR.3.4.4.E9");
    /* E11 has the code of E12: where both fail nobody can tell which was first. */
    REQUIRE(is_file_ac(&m, AccessCondition), SCARD_E_INVALID_PARAMETER,   "CMR.3.4.4.E12");
    REQUIRE(m.failed == SCARD_S_SUCCESS,     m.failed,                    "the table was not read");
    rc = create(&m, pszDirectoryName, pszFileName, cbInitialCreationSize, AccessCondition);
    REQUIRE(rc != SCARD_E_INVALID_PARAMETER || md_is_any(&m, creators(dir)),
                                             SCARD_W_SECURITY_VIOLATION,  "CMR.3.4.4.E6");
    return md_leave(&m, rc); /* CMR.3.4.4.E11 */
}

DWORD WINAPI md_get_file_info(PCARD_DATA pCardData, LPSTR pszDirectoryName, LPSTR pszFileName,
                              PCARD_FILE_INFO pCardFileInfo)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData); /* CMR.3.4.5.E1 */
    const struct edge_file *file;
    PBYTE data = NULL;
    DWORD len = 0;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(name_given(pszFileName),          SCARD_E_INVALID_PARAMETER, "CMR.3.4.5.E2");
    REQUIRE(pCardFileInfo != NULL,            SCARD_E_INVALID_PARAMETER, "CMR.3.4.5.E3");
    REQUIRE(dir_length_ok(pszDirectoryName),  SCARD_E_INVALID_PARAMETER, "CMR.3.4.5.E4");
    REQUIRE(dir_chars_ok(pszDirectoryName),   SCARD_E_INVALID_PARAMETER, "CMR.3.4.5.E5");
    REQUIRE(md_has_dir(&m, pszDirectoryName), SCARD_E_DIR_NOT_FOUND,     "CMR.3.4.5.E6");
    REQUIRE(name_length_ok(pszFileName),      SCARD_E_INVALID_PARAMETER, "CMR.3.4.5.E7");
    REQUIRE(name_chars_ok(pszFileName),       SCARD_E_INVALID_PARAMETER, "CMR.3.4.5.E8");
    file = md_find_file(&m, pszDirectoryName, pszFileName);
    REQUIRE(file != NULL,                     SCARD_E_FILE_NOT_FOUND,    "CMR.3.4.5.E9");
    REQUIRE(VERSION_OK(pCardFileInfo->dwVersion, CARD_FILE_INFO_CURRENT_VERSION),
                                              ERROR_REVISION_MISMATCH,   "CMR.3.4.5.E10");
    rc = read(&m, file, &data, &len); /* the size is known by reading alone; CMR.3.4.5.E11 */
    if (rc == SCARD_S_SUCCESS) {
        pCardFileInfo->dwVersion = CARD_FILE_INFO_CURRENT_VERSION;
        pCardFileInfo->cbFileSize = len;
        pCardFileInfo->AccessCondition = (CARD_FILE_ACCESS_CONDITION)file->ac;
        md_wipe_free(&m, data, len);
    }
    return md_leave(&m, rc);
}

/* (*) printed with the code of E9; the sister functions have INVALID_PARAMETER. */
DWORD WINAPI md_write_file(PCARD_DATA pCardData, LPSTR pszDirectoryName, LPSTR pszFileName,
                           DWORD dwFlags, PBYTE pbData, DWORD cbData)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData); /* CMR.3.4.6.E1 */
    const struct edge_file *file;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(name_given(pszFileName),          SCARD_E_INVALID_PARAMETER,   "CMR.3.4.6.E2");
    REQUIRE(pbData != NULL,                   SCARD_E_INVALID_PARAMETER,   "CMR.3.4.6.E3");
    REQUIRE(dir_length_ok(pszDirectoryName),  SCARD_E_INVALID_PARAMETER,   "CMR.3.4.6.E4");
    REQUIRE(dir_chars_ok(pszDirectoryName),   SCARD_E_INVALID_PARAMETER,   "CMR.3.4.6.E5");
    REQUIRE(!md_profile(&m)->read_only,       SCARD_E_UNSUPPORTED_FEATURE, "read-only card");
    REQUIRE(md_has_dir(&m, pszDirectoryName), SCARD_E_DIR_NOT_FOUND,       "CMR.3.4.6.E6");
    REQUIRE(name_length_ok(pszFileName),      SCARD_E_INVALID_PARAMETER,   "CMR.3.4.6.E7");
    REQUIRE(name_chars_ok(pszFileName),       SCARD_E_INVALID_PARAMETER,   "CMR.3.4.6.E8 (*)");
    file = md_find_file(&m, pszDirectoryName, pszFileName);
    REQUIRE(file != NULL,                     SCARD_E_FILE_NOT_FOUND,      "CMR.3.4.6.E9");
    REQUIRE(dwFlags == 0,                     SCARD_E_INVALID_PARAMETER,   "CMR.3.4.6.E10 (*)");
    rc = m.edge->ops->write(m.edge, file, pbData, cbData); /* E12, E13: the card, and the edge where
                                                              no card could take as much */
    REQUIRE(rc != SCARD_E_WRITE_TOO_MANY || md_is_any(&m, writers(file->ac)),
                                              SCARD_W_SECURITY_VIOLATION,  "CMR.3.4.6.E12");
    return md_leave(&m, rc);
}

DWORD WINAPI md_delete_file(PCARD_DATA pCardData, LPSTR pszDirectoryName, LPSTR pszFileName,
                            DWORD dwFlags)
{
    struct md_call m;
    DWORD rc = md_enter(&m, pCardData); /* CMR.3.4.7.E1 */
    const struct edge_file *file;

    if (rc != SCARD_S_SUCCESS)
        return rc;
    REQUIRE(name_given(pszFileName),          SCARD_E_INVALID_PARAMETER,   "CMR.3.4.7.E2");
    REQUIRE(dir_length_ok(pszDirectoryName),  SCARD_E_INVALID_PARAMETER,   "CMR.3.4.7.E4");
    REQUIRE(dir_chars_ok(pszDirectoryName),   SCARD_E_INVALID_PARAMETER,   "CMR.3.4.7.E5");
    REQUIRE(!md_profile(&m)->read_only,       SCARD_E_UNSUPPORTED_FEATURE, "read-only card");
    REQUIRE(md_has_dir(&m, pszDirectoryName), SCARD_E_DIR_NOT_FOUND,       "CMR.3.4.7.E6");
    REQUIRE(name_length_ok(pszFileName),      SCARD_E_INVALID_PARAMETER,   "CMR.3.4.7.E7");
    REQUIRE(name_chars_ok(pszFileName),       SCARD_E_INVALID_PARAMETER,   "CMR.3.4.7.E8");
    file = md_find_file(&m, pszDirectoryName, pszFileName);
    REQUIRE(file != NULL,                     SCARD_E_FILE_NOT_FOUND,      "CMR.3.4.7.E9");
    REQUIRE(dwFlags == 0,                     SCARD_E_INVALID_PARAMETER,   "CMR.3.4.7.E10");
    /* E11 is the card's to refuse, with the table. E12: the table of a card may be open to the user
     * where the file is the admin's, so the right is asked for before anything is changed. */
    REQUIRE(md_may(&m, writers(file->ac) != MD_ADMIN, MD_ADMIN),
                                              SCARD_W_SECURITY_VIOLATION,  "CMR.3.4.7.E12");
    return md_leave(&m, m.edge->ops->remove(m.edge, file));
}
