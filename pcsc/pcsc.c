/* SPDX-License-Identifier: MIT */
/* What does not depend on the PC/SC library. */
#include "pcsc/pcsc.h"

#include <stdlib.h>

#define NO_MEMORY 0x80100006u /* SCARD_E_NO_MEMORY: each system's winscard.h is another file's */

uint32_t pcsc_load(const char *file, struct pcsc **ret)
{
    void *room = malloc(pcsc_size());
    uint32_t rc = room != NULL ? pcsc_load_at(file, room, ret) : NO_MEMORY;

    if (rc != 0)
        free(room);
    return rc;
}

void pcsc_free(struct pcsc *pcsc)
{
    free(pcsc);
}
