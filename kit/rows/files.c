/* SPDX-License-Identifier: MIT */
/* 2.3.4.3 to 2.3.4.7 in printed order. */
#include "kit/rows/files.h"
#include "kit/groups.h"

#define READ   "CardReadFile"
#define CREATE "CardCreateFile"
#define INFO   "CardGetFileInfo"
#define WRITE  "CardWriteFile"
#define DELETE "CardDeleteFile"

/* clang-format off */
static const struct section sections[] = {
    { "2.3.4.3.1", READ,   KIT_FUNCTIONAL,  NULL, file_read, ARRAY(file_read) },
    { "2.3.4.3.2", READ,   KIT_PERFORMANCE, NULL, file_read_pace, ARRAY(file_read_pace) },
    { "2.3.4.3.3", READ,   KIT_ERROR, &file_read_subject, file_read_errors,
      ARRAY(file_read_errors) },
    { "2.3.4.4.1", CREATE, KIT_FUNCTIONAL,  NULL, file_create, ARRAY(file_create) },
    { "2.3.4.4.2", CREATE, KIT_PERFORMANCE, NULL, file_create_pace, ARRAY(file_create_pace) },
    { "2.3.4.4.3", CREATE, KIT_ERROR, &file_create_subject, file_create_errors,
      ARRAY(file_create_errors) },
    { "2.3.4.5.1", INFO,   KIT_FUNCTIONAL,  NULL, file_info, ARRAY(file_info) },
    { "2.3.4.5.2", INFO,   KIT_ERROR, &file_info_subject, file_info_errors,
      ARRAY(file_info_errors) },
    { "2.3.4.6.1", WRITE,  KIT_FUNCTIONAL,  NULL, file_write, ARRAY(file_write) },
    { "2.3.4.6.2", WRITE,  KIT_PERFORMANCE, NULL, file_write_pace, ARRAY(file_write_pace) },
    { "2.3.4.6.3", WRITE,  KIT_ERROR, &file_write_subject, file_write_errors,
      ARRAY(file_write_errors) },
    { "2.3.4.7.1", DELETE, KIT_FUNCTIONAL,  NULL, file_delete, ARRAY(file_delete) },
    { "2.3.4.7.2", DELETE, KIT_PERFORMANCE, NULL, file_delete_pace, ARRAY(file_delete_pace) },
    { "2.3.4.7.3", DELETE, KIT_ERROR, &file_delete_subject, file_delete_errors,
      ARRAY(file_delete_errors) },
};
/* clang-format on */

const struct group file_rows = { sections, ARRAY(sections) };
