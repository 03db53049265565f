/* SPDX-License-Identifier: MIT */
/* The files with rows: each has the sections of one chapter, in printed order. sections.c puts them
 * in a row. */
#ifndef CARDMINT_KIT_GROUPS_H
#define CARDMINT_KIT_GROUPS_H

#include "kit/kit.h"

struct group {
    const struct section *sections;
    size_t count;
};

extern const struct group general_rows;        /* 2.1, 2.2 */
extern const struct group context_rows;        /* 2.3.1 */
extern const struct group authentication_rows; /* 2.3.2 */
extern const struct group pin_rows;            /* 2.3.3 */
extern const struct group directory_rows;      /* 2.3.4.1, 2.3.4.2 */
extern const struct group file_rows;           /* 2.3.4.3 to 2.3.4.7 */
extern const struct group listing_rows;        /* 2.3.4.8, 2.3.4.9 */
extern const struct group capability_rows;     /* 2.4.1 */
extern const struct group container_rows;      /* 2.4.2 */
extern const struct group decrypt_rows;        /* 2.4.3.1 */
extern const struct group agreement_rows;      /* 2.4.3.2 to 2.4.3.4 */
extern const struct group sign_rows;           /* 2.4.3.5 */
extern const struct group key_size_rows;       /* 2.4.3.6 */
extern const struct group sequence_rows;       /* 2.5 */
extern const struct group tool_rows;           /* steps of the closed tool that no row has */
extern const struct group version_6_rows, version_7_rows;

#endif
