/* SPDX-License-Identifier: MIT */
/*
 * The memory callbacks. Each block carries its size, so that it can be wiped when it is freed (it
 * may have held a PIN or a plaintext), and a mark made from its address, by which a block of
 * somebody else's is told: realloc answers NULL to one, free leaves it alone.
 */
#include "host/host_internal.h"

#include "base/secret.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MARK ((uintptr_t)0x63736D61u)
#define BLOCK_MOST (16u * 1024u * 1024u) /* a module that asks for more has lost its way */

struct block {
    alignas(max_align_t) size_t size;
    uintptr_t mark;
};

/* AddressSanitizer must not look: the bytes before somebody else's block may be nobody's. */
__attribute__((no_sanitize("address"))) static struct block *block_of(const void *data)
{
    struct block *block;

    if (data == NULL || (uintptr_t)data % alignof(max_align_t) != 0)
        return NULL;
    block = (struct block *)((uintptr_t)data - sizeof *block);
    return block->mark == (MARK ^ (uintptr_t)block) ? block : NULL;
}

LPVOID WINAPI csp_alloc(SIZE_T size)
{
    struct block *block = size <= BLOCK_MOST ? malloc(sizeof *block + size) : NULL;

    if (block == NULL)
        return NULL;
    block->size = size;
    block->mark = MARK ^ (uintptr_t)block;
    return block + 1;
}

LPVOID WINAPI csp_realloc(LPVOID data, SIZE_T size)
{
    struct block *old = block_of(data);
    void *moved;

    if (data == NULL)
        return csp_alloc(size);
    if (old == NULL)
        return NULL;
    moved = csp_alloc(size); /* not realloc: it would leave the old bytes behind, unwiped */
    if (moved == NULL)
        return NULL;
    memcpy(moved, data, old->size < size ? old->size : size);
    csp_free(data);
    return moved;
}

void WINAPI csp_free(LPVOID data)
{
    struct block *block = block_of(data);

    if (block == NULL)
        return;
    wipe(block, sizeof *block + block->size);
    free(block);
}

bool csp_holds(const void *data, size_t len)
{
    const struct block *block = block_of(data);

    return block != NULL && block->size >= len;
}

void host_free(void *block, size_t len)
{
    if (block != NULL)
        wipe(block, len);
    free(block);
}

BYTE *host_copy(const void *data, size_t len)
{
    BYTE *copy = malloc(len != 0 ? len : 1);

    if (copy != NULL && len != 0)
        memcpy(copy, data, len);
    return copy;
}
