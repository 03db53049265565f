/* SPDX-License-Identifier: MIT */
#include "base/secret.h"

#include <stdint.h>

void wipe(void *buf, size_t len)
{
    volatile uint8_t *at = buf;

    if (buf == NULL)
        return;
    while (len-- > 0)
        *at++ = 0;
}

bool secret_equal(const void *a, const void *b, size_t len)
{
    const volatile uint8_t *x = a;
    const volatile uint8_t *y = b;
    uint8_t diff = 0;

    for (size_t i = 0; i < len; i++)
        diff = (uint8_t)(diff | (x[i] ^ y[i]));
    return diff == 0;
}
