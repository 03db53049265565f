/* SPDX-License-Identifier: MIT */
/* The tables of 2.3.4.3 to 2.3.4.7, which files.c puts in printed order. */
#ifndef CARDMINT_KIT_ROWS_FILES_H
#define CARDMINT_KIT_ROWS_FILES_H

#include "kit/bench/file_work.h"

/* file_read.c, file_create.c, file_info.c, file_write.c, file_delete.c */
extern const struct requirement file_read[4], file_create[4], file_info[5], file_write[4],
    file_delete[2];
extern const struct requirement file_read_pace[2], file_create_pace[2], file_write_pace[2],
    file_delete_pace[2];
extern const struct requirement file_read_errors[12], file_create_errors[11], file_info_errors[11],
    file_write_errors[12], file_delete_errors[11];
extern const struct subject file_read_subject, file_create_subject, file_info_subject,
    file_write_subject, file_delete_subject;

/* A row of errors with a test of its own. */
#define ERRORS(id_, words_, test_, codes_, ...)                                         \
    {                                                                                   \
        .id = id_, .words = words_, .test = test_, .codes = codes_,                     \
        .faults = { __VA_ARGS__ }                                                       \
    }

#endif
