/* SPDX-License-Identifier: MIT */
/* What is done with secrets: wiped when no longer needed, compared without telling where they differ. */
#ifndef CARDMINT_BASE_SECRET_H
#define CARDMINT_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/* Overwrites `len` bytes with zeros; the compiler cannot leave it out. NULL is welcome. */
void wipe(void *buf, size_t len);

/* True when the `len` bytes are equal. Takes the same time wherever they differ. */
bool secret_equal(const void *a, const void *b, size_t len);

#endif
