/* SPDX-License-Identifier: MIT */
/* The tables of 2.4.2, which containers.c puts in printed order. */
#ifndef CARDMINT_KIT_ROWS_CONTAINERS_H
#define CARDMINT_KIT_ROWS_CONTAINERS_H

#include "kit/bench/faults.h"
#include "kit/bench/fixture_keys.h"
#include "kit/bench/key_use.h"

/* container_create.c, container_create_pace.c, container_create_errors.c, container_errors.c */
extern const struct requirement container_create[8], container_create_pace[10];
extern const struct requirement container_create_errors[7];
extern const struct requirement container_delete_errors[3], container_info_errors[5];
extern const struct subject container_create_subject, container_delete_subject,
    container_info_subject;

/* The public key that the container shows for that use; the test fails where there is none. */
EVP_PKEY *need_shown(struct bench *b, BYTE index, DWORD spec);
/* A kind of which the fixture has a key; not applicable: the card has no key. */
DWORD need_fixture_key(struct bench *b);

#endif
