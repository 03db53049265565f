/* SPDX-License-Identifier: MIT */
/* The tables of 2.3.2 that are not in authentication.c. */
#ifndef CARDMINT_KIT_ROWS_AUTHENTICATION_H
#define CARDMINT_KIT_ROWS_AUTHENTICATION_H

#include "kit/bench/secrets.h"

/* challenges.c */
extern const struct requirement challenge_rows[8], challenge_errors[3], response_rows[2],
    response_errors[8];
extern const struct subject challenge_subject, response_subject;

#endif
