/* SPDX-License-Identifier: MIT */
/* What is wrong with the arguments. */
#include "mutation.h"

#include <string.h>

static bool same_name(LPCWSTR a, LPCWSTR b)
{
    while (*a != 0 && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static bool is_user(const struct call *c, LPCWSTR name)
{
    return c->user != NULL && same_name(c->user, name);
}

/* ---- arguments of any function --------------------------------------------------------------- */

bool no_data(const struct call *c)
{
    return c->data == NULL;
}

bool has_data(const struct call *c)
{
    return c->data != NULL;
}

bool no_user(const struct call *c)
{
    return c->user == NULL;
}

bool for_user(const struct call *c)
{
    return c->data != NULL && is_user(c, wszCARD_USER_USER);
}

bool for_admin(const struct call *c)
{
    return c->data != NULL && is_user(c, wszCARD_USER_ADMIN);
}

bool other_user(const struct call *c)
{
    return c->user != NULL && !is_user(c, wszCARD_USER_USER) && !is_user(c, wszCARD_USER_ADMIN);
}

bool no_in(const struct call *c)
{
    return c->in == NULL;
}

bool in_empty(const struct call *c)
{
    return c->in != NULL && c->in_len == 0;
}

bool in_endless(const struct call *c)
{
    return c->in != NULL && c->in_len == 0xFFFFFFFF;
}

bool in_short(const struct call *c)
{
    return c->in != NULL && c->in_len != 0 && c->in_len < challenge_len(c->data);
}

bool no_out(const struct call *c)
{
    return c->out == NULL;
}

bool no_out_len(const struct call *c)
{
    return c->out_len == NULL;
}

bool no_info(const struct call *c)
{
    return c->info == NULL;
}

bool no_left(const struct call *c)
{
    return c->left == NULL;
}

bool has_left(const struct call *c)
{
    return c->left != NULL;
}

bool flags(const struct call *c)
{
    return c->flags != 0;
}

bool no_fresh(const struct call *c)
{
    return c->fresh == NULL;
}

bool fresh_empty(const struct call *c)
{
    return c->fresh != NULL && c->fresh_len == 0;
}

bool fresh_short(const struct call *c)
{
    return c->fresh != NULL && c->fresh_len < 4;
}

bool fresh_long(const struct call *c)
{
    return c->fresh != NULL && c->fresh_len > 127;
}

bool tries_set(const struct call *c)
{
    return c->tries != 0;
}

bool tries_high(const struct call *c)
{
    return c->tries > 0xFF;
}

static DWORD version(const struct call *c)
{
    return c->info != NULL ? *(const DWORD *)c->info : 1;
}

bool version_0(const struct call *c)
{
    return version(c) == 0;
}

bool version_high(const struct call *c)
{
    return version(c) > 2;
}

bool at_6(const struct call *c)
{
    return c->data != NULL && c->data->dwVersion == 6;
}

bool at_7(const struct call *c)
{
    return c->data != NULL && c->data->dwVersion == 7;
}

bool version_low(const struct call *c)
{
    return c->data != NULL && c->data->dwVersion < 4;
}

/* ---- names ----------------------------------------------------------------------------------- */

static bool is_long(LPCSTR name)
{
    return name != NULL && strlen(name) > 8;
}

static bool is_odd(LPCSTR name)
{
    return name != NULL && strlen(name) <= 8 && strpbrk(name, "\\/:*?\"<>|") != NULL;
}

static bool has_capitals(LPCSTR name)
{
    return name != NULL && strpbrk(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != NULL;
}

bool no_name(const struct call *c)
{
    return c->name == NULL || c->name[0] == '\0';
}

bool no_name_at_all(const struct call *c)
{
    return c->name == NULL;
}

bool long_name(const struct call *c)
{
    return is_long(c->name);
}

bool odd_name(const struct call *c)
{
    return is_odd(c->name);
}

bool no_dir(const struct call *c)
{
    return c->dir == NULL || c->dir[0] == '\0';
}

bool in_a_dir(const struct call *c)
{
    return c->data != NULL && c->dir != NULL && c->dir[0] != '\0';
}

bool empty_dir(const struct call *c)
{
    return c->dir != NULL && c->dir[0] == '\0';
}

bool long_dir(const struct call *c)
{
    return is_long(c->dir);
}

bool odd_dir(const struct call *c)
{
    return is_odd(c->dir);
}

bool capitals(const struct call *c)
{
    return c->data != NULL && (has_capitals(c->name) || has_capitals(c->dir));
}

bool eight_letters(const struct call *c)
{
    return c->data != NULL && ((c->name != NULL && strlen(c->name) == 8) ||
                               (c->name == NULL && c->dir != NULL && strlen(c->dir) == 8));
}

bool bad_dir_ac(const struct call *c)
{
    return c->ac != UserCreateDeleteDirAc && c->ac != AdminCreateDeleteDirAc;
}

bool ac_zero(const struct call *c)
{
    return c->ac == 0;
}

bool ac_not_zero(const struct call *c)
{
    return c->ac > AdminReadWriteAc;
}

bool size_huge(const struct call *c)
{
    return c->size > 0x10000;
}

/* ---- keys ------------------------------------------------------------------------------------ */

bool spec_bad(const struct call *c)
{
    return c->spec < AT_KEYEXCHANGE || c->spec > AT_ECDHE_P521;
}

bool spec_curve(const struct call *c)
{
    return c->spec >= AT_ECDSA_P256 && c->spec <= AT_ECDHE_P521;
}

bool spec_rsa(const struct call *c)
{
    return c->spec == AT_KEYEXCHANGE || c->spec == AT_SIGNATURE;
}
