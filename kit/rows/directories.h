/* SPDX-License-Identifier: MIT */
/* The tables of errors of 2.3.4.1 and 2.3.4.2, which directories.c puts in printed order. */
#ifndef CARDMINT_KIT_ROWS_DIRECTORIES_H
#define CARDMINT_KIT_ROWS_DIRECTORIES_H

#include "kit/bench/file_work.h"

extern const struct requirement directory_create_errors[8], directory_delete_errors[9];
extern const struct subject directory_create_subject, directory_delete_subject;

#endif
