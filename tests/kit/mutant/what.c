/* SPDX-License-Identifier: MIT */
/* What a mutation does with a call. */
#include "mutation.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* ---- codes ----------------------------------------------------------------------------------- */

DWORD what_answer(struct call *c, const struct mutation *m)
{
    (void)c;
    return m->a;
}

DWORD what_crash(struct call *c, const struct mutation *m)
{
    static volatile DWORD *volatile nowhere;

    (void)c;
    *nowhere = m->a;
    return m->a;
}

DWORD what_fail(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);

    return rc == SCARD_S_SUCCESS ? m->a : rc;
}

DWORD what_recode(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);

    return rc == m->a ? m->b : rc;
}

/* ---- time ------------------------------------------------------------------------------------ */

void clock_add(unsigned ms)
{
    const char *path = getenv("CARDMINT_KIT_CLOCK");
    int file = path != NULL ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    int64_t added = 0;

    if (file < 0)
        return;
    (void)flock(file, LOCK_EX);
    if (pread(file, &added, sizeof(added), 0) != (ssize_t)sizeof(added))
        added = 0;
    added += (int64_t)ms * 1000000;
    (void)!pwrite(file, &added, sizeof(added), 0);
    close(file);
}

/* Each `b`th good call takes `a` ms longer. */
DWORD what_slow(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);

    if (rc == SCARD_S_SUCCESS && (calls_of(c->function) + 1) % m->b == 0)
        clock_add(m->a);
    return rc;
}

/* ---- results --------------------------------------------------------------------------------- */

static bool at(struct block *ret, PBYTE *block, PDWORD len)
{
    ret->at = block;
    ret->len = len;
    return block != NULL && len != NULL && *block != NULL;
}

static bool public_key_at(struct block *ret, CONTAINER_INFO *info)
{
    return info->pbSigPublicKey != NULL
               ? at(ret, &info->pbSigPublicKey, &info->cbSigPublicKey)
               : at(ret, &info->pbKeyExPublicKey, &info->cbKeyExPublicKey);
}

bool result_of(const struct call *c, struct block *ret)
{
    CARD_SIGNING_INFO *sign = c->info;
    CARD_DERIVE_KEY *derive = c->info;
    CARD_RSA_DECRYPT_INFO *decrypt = c->info;

    switch (c->function) {
    case fn_CardGetContainerInfo:
        return public_key_at(ret, c->info);
    case fn_CardSignData:
        return at(ret, &sign->pbSignedData, &sign->cbSignedData);
    case fn_CardDeriveKey:
        return at(ret, &derive->pbDerivedKey, &derive->cbDerivedKey);
    case fn_CardRSADecrypt:
        return at(ret, &decrypt->pbData, &decrypt->cbData);
    default:
        return at(ret, c->out, c->out_len);
    }
}

/* Done, with a result to spoil. */
static bool did(struct call *c, struct block *ret)
{
    c->rc = invoke(c);
    return c->rc == SCARD_S_SUCCESS && result_of(c, ret);
}

DWORD what_foreign_block(struct call *c, const struct mutation *m)
{
    struct block b;
    PBYTE foreign;

    (void)m;
    if (!did(c, &b))
        return c->rc;
    foreign = malloc(*b.len != 0 ? *b.len : 1);
    if (foreign != NULL) {
        memcpy(foreign, *b.at, *b.len);
        c->data->pfnCspFree(*b.at);
        *b.at = foreign;
    }
    return c->rc;
}

DWORD what_turn_bit(struct call *c, const struct mutation *m)
{
    struct block b;

    (void)m;
    if (did(c, &b) && *b.len != 0)
        (*b.at)[*b.len / 2] ^= 4;
    return c->rc;
}

DWORD what_turn_first_bit(struct call *c, const struct mutation *m)
{
    struct block b;

    (void)m;
    if (did(c, &b) && *b.len != 0)
        (*b.at)[0] ^= 4;
    return c->rc;
}

DWORD what_len_more(struct call *c, const struct mutation *m)
{
    struct block b;
    PBYTE longer;

    (void)m;
    if (!did(c, &b))
        return c->rc;
    longer = c->data->pfnCspReAlloc(*b.at, *b.len + 1);
    if (longer != NULL) {
        longer[*b.len] = 0;
        *b.at = longer;
        ++*b.len;
    }
    return c->rc;
}

DWORD what_len_less(struct call *c, const struct mutation *m)
{
    struct block b;

    (void)m;
    if (did(c, &b) && *b.len != 0)
        --*b.len;
    return c->rc;
}

DWORD what_len_kept(struct call *c, const struct mutation *m)
{
    DWORD before = c->out_len != NULL ? *c->out_len : 0;
    struct block b;

    (void)m;
    if (did(c, &b) && c->out_len != NULL)
        *c->out_len = before;
    return c->rc;
}

DWORD what_len_claimed(struct call *c, const struct mutation *m)
{
    struct block b;

    (void)m;
    if (did(c, &b))
        ++*b.len;
    return c->rc;
}

/* ---- structures and tries -------------------------------------------------------------------- */

DWORD what_refuse_version_0(struct call *c, const struct mutation *m)
{
    (void)m;
    return version_0(c) && c->data != NULL ? ERROR_REVISION_MISMATCH : invoke(c);
}

DWORD what_keep_version(struct call *c, const struct mutation *m)
{
    DWORD before = c->info != NULL ? *(DWORD *)c->info : 0, rc = invoke(c);

    (void)m;
    if (rc == SCARD_S_SUCCESS)
        *(DWORD *)c->info = before;
    return rc;
}

DWORD what_more_tries(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);

    (void)m;
    if (rc == SCARD_W_WRONG_CHV && c->left != NULL)
        ++*c->left;
    return rc;
}

DWORD what_tries_kept(struct call *c, const struct mutation *m)
{
    DWORD before = c->left != NULL ? *c->left : 0, rc = invoke(c);

    (void)m;
    if (c->left != NULL)
        *c->left = before;
    return rc;
}

DWORD what_flags_to_zero(struct call *c, const struct mutation *m)
{
    (void)m;
    c->flags = 0;
    return invoke(c);
}

/* ---- the caller's memory --------------------------------------------------------------------- */

DWORD what_leak(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);

    (void)m;
    if (c->data != NULL && c->data->pfnCspAlloc != NULL && rc == SCARD_S_SUCCESS)
        (void)c->data->pfnCspAlloc(16);
    return rc;
}

DWORD what_free_twice(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);
    LPVOID block = rc == SCARD_S_SUCCESS ? c->data->pfnCspAlloc(16) : NULL;

    (void)m;
    if (block != NULL) {
        c->data->pfnCspFree(block);
        c->data->pfnCspFree(block);
    }
    return rc;
}

DWORD what_free_foreign(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);

    (void)m;
    if (rc == SCARD_S_SUCCESS)
        c->data->pfnCspFree(malloc(16));
    return rc;
}
