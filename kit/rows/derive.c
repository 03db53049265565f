/* SPDX-License-Identifier: MIT */
/* 2.4.3.3.1: CardDeriveKey. OpenSSL has the same secret, and derives by itself. */
#include "kit/bench/agreements.h"

#include <string.h>

/* ---- one derivation -------------------------------------------------------------------------- */

struct scene {
    struct bench b;
    struct agreed agreed;
};

static void begin(struct run *r, struct scene *s)
{
    struct agreer a;

    bench_open(r, &s->b);
    a = need_agreer(&s->b);
    need_derivation(&s->b);
    be_user(&s->b);
    NEED(r, agree_with_openssl(&s->b, &a, &s->agreed));
}

/* NULL: the module may refuse it, and does. */
static CARD_DERIVE_KEY *derive(struct scene *s, const struct derivation *d)
{
    CARD_DERIVE_KEY *info = ask_derivation(d, s->agreed.index);
    DWORD rc = CALL(&s->b, DeriveKey, &s->b.data, info);

    if (rc == SCARD_E_INVALID_PARAMETER && d->refusable)
        return NULL;
    EXPECT(s->b.run, rc, SCARD_S_SUCCESS);
    return info;
}

static bool comes_out(const struct scene *s, const struct derivation *d,
                      const CARD_DERIVE_KEY *info)
{
    BYTE want[DERIVED_MAX];
    DWORD len = derive_by_openssl(d, s->agreed.secret, s->agreed.len, want);

    if (len == 0)
        run_blocked(s->b.run, "OpenSSL does not derive");
    return info->pbDerivedKey != NULL && info->cbDerivedKey == len &&
           memcmp(info->pbDerivedKey, want, len) == 0;
}

/* true: the module has it, and what comes out is right. */
static bool check(struct scene *s, unsigned kdf, size_t n)
{
    const struct derivation *d = derivation(kdf, n);
    CARD_DERIVE_KEY *info = derive(s, d);

    if (info == NULL)
        return false;
    CHECK(s->b.run, comes_out(s, d, info), "%s, list %zu: another key of %u bytes than OpenSSL's",
          kdf_name(kdf), n + 1, (unsigned)info->cbDerivedKey);
    drop_derived(info);
    return true;
}

/* `use` for each KDF of the module. A module with none does not derive. */
typedef void kdf_fn(struct scene *s, unsigned kdf);

static void each_kdf(struct scene *s, kdf_fn *use)
{
    unsigned found = 0;

    for (unsigned kdf = 1; kdf < KDFS_END; kdf <<= 1)
        if (has_kdf(&s->b, s->agreed.index, kdf)) {
            found++;
            run_saw(s->b.run, "%s", kdf_name(kdf));
            use(s, kdf);
        }
    CHECK(s->b.run, found != 0, "none of HASH, HMAC, TLS_PRF and SP800_56A_CONCAT derives a key");
    be_nobody(&s->b);
}

/* The first list that the module takes. */
static const struct derivation *plainest(struct scene *s, unsigned kdf, CARD_DERIVE_KEY **ret)
{
    for (size_t n = 0; derivation(kdf, n) != NULL; n++) {
        *ret = ask_derivation(derivation(kdf, n), s->agreed.index);
        if (CALL(&s->b, DeriveKey, &s->b.data, *ret) == SCARD_S_SUCCESS)
            return derivation(kdf, n);
    }
    run_blocked(s->b.run, "no list of parameters is taken with %s", kdf_name(kdf));
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void check_plain(struct scene *s, unsigned kdf)
{
    CARD_DERIVE_KEY *info;
    const struct derivation *d = plainest(s, kdf, &info);

    CHECK(s->b.run, comes_out(s, d, info), "%s: another key of %u bytes than OpenSSL's",
          kdf_name(kdf), (unsigned)info->cbDerivedKey);
    drop_derived(info);
}

static void derives(struct run *r)
{
    struct scene s;

    begin(r, &s);
    each_kdf(&s, check_plain);
}

static bool keys_by_secret(const struct derivation *d)
{
    return (d->flags & KDF_USE_SECRET_AS_HMAC_KEY_FLAG) != 0;
}

static void check_lists(struct scene *s, unsigned kdf)
{
    unsigned done = 0, all = 0;

    for (size_t n = 0; derivation(kdf, n) != NULL; n++)
        if (!keys_by_secret(derivation(kdf, n))) {
            all++;
            done += check(s, kdf, n) ? 1 : 0;
        }
    run_saw(s->b.run, "%s: %u of %u lists", kdf_name(kdf), done, all);
}

static void takes_lists(struct run *r)
{
    struct scene s;

    begin(r, &s);
    each_kdf(&s, check_lists);
}

static void check_block(struct scene *s, unsigned kdf)
{
    CARD_DERIVE_KEY *info;
    PBYTE first;

    (void)plainest(s, kdf, &info);
    first = info->pbDerivedKey;
    CHECK(s->b.run, mem_is_ours(first), "%s: pbDerivedKey is no block of pfnCspAlloc or "
          "pfnCspReAlloc", kdf_name(kdf));
    (void)plainest(s, kdf, &info);
    CHECK(s->b.run, mem_is_ours(info->pbDerivedKey) && info->pbDerivedKey != first,
          "%s: pbDerivedKey is no block of its own", kdf_name(kdf));
    drop_derived(info);
    mem_free(first);
}

static void gives_a_block(struct run *r)
{
    struct scene s;

    begin(r, &s);
    each_kdf(&s, check_block);
}

static DWORD length_of(struct scene *s, const struct derivation *d)
{
    BYTE want[DERIVED_MAX];

    return derive_by_openssl(d, s->agreed.secret, s->agreed.len, want);
}

static void check_length(struct scene *s, unsigned kdf)
{
    CARD_DERIVE_KEY *info;
    const struct derivation *d = plainest(s, kdf, &info);

    CHECK(s->b.run, info->cbDerivedKey == length_of(s, d), "%s: cbDerivedKey %u, the key has %u",
          kdf_name(kdf), (unsigned)info->cbDerivedKey, (unsigned)length_of(s, d));
    CHECK(s->b.run, !mem_is_ours(info->pbDerivedKey) ||
                        mem_len(info->pbDerivedKey) >= info->cbDerivedKey,
          "%s: cbDerivedKey %u, the block has %zu bytes", kdf_name(kdf),
          (unsigned)info->cbDerivedKey, mem_len(info->pbDerivedKey));
    drop_derived(info);
}

static void gives_the_length(struct run *r)
{
    struct scene s;

    begin(r, &s);
    each_kdf(&s, check_length);
}

/* A KDF that the configuration names is there; of the others, one. */
static void check_code(struct scene *s, unsigned kdf)
{
    const struct derivation *d = derivation(kdf, 0);
    CARD_DERIVE_KEY *info = ask_derivation(d, s->agreed.index);
    DWORD rc = CALL(&s->b, DeriveKey, &s->b.data, info);

    if (rc == SCARD_E_INVALID_PARAMETER && derivation(kdf, 1)->refusable) { /* another hash */
        info = ask_derivation(derivation(kdf, 1), s->agreed.index);
        rc = CALL(&s->b, DeriveKey, &s->b.data, info);
    }
    EXPECT(s->b.run, rc, SCARD_S_SUCCESS);
    drop_derived(info);
}

static void succeeds(struct run *r)
{
    struct scene s;

    begin(r, &s);
    each_kdf(&s, check_code);
}

/* ---- flags ----------------------------------------------------------------------------------- */

static void check_size_only(struct scene *s, unsigned kdf)
{
    CARD_DERIVE_KEY *info;
    const struct derivation *d = plainest(s, kdf, &info);
    unsigned long live;
    DWORD rc;

    drop_derived(info);
    live = mem_live();
    info = ask_derivation(d, s->agreed.index);
    info->dwFlags |= CARD_BUFFER_SIZE_ONLY;
    info->pbDerivedKey = bytes_of("stale");
    rc = CALL(&s->b, DeriveKey, &s->b.data, info);
    if (rc == SCARD_E_INVALID_PARAMETER || rc == SCARD_E_UNSUPPORTED_FEATURE)
        run_not_applicable(s->b.run, "CARD_BUFFER_SIZE_ONLY is optional, CardDeriveKey answers %s",
                           kit_code(rc));
    EXPECT(s->b.run, rc, SCARD_S_SUCCESS);
    CHECK(s->b.run, info->cbDerivedKey == length_of(s, d), "%s: cbDerivedKey %u, the key has %u",
          kdf_name(kdf), (unsigned)info->cbDerivedKey, (unsigned)length_of(s, d));
    CHECK(s->b.run, info->pbDerivedKey == NULL, "%s: pbDerivedKey is not NULL", kdf_name(kdf));
    CHECK(s->b.run, mem_live() <= live, "%s: a block more than before", kdf_name(kdf));
}

static void gives_size_only(struct run *r)
{
    struct scene s;

    begin(r, &s);
    each_kdf(&s, check_size_only);
}

static void keys_hmac_by_secret(struct run *r)
{
    struct scene s;

    begin(r, &s);
    if (!has_kdf(&s.b, s.agreed.index, KIT_KDF_HMAC))
        run_not_applicable(r, "the module does not have KDF HMAC (configuration, or CardDeriveKey "
                              "refuses it)");
    for (size_t n = 0; derivation(KIT_KDF_HMAC, n) != NULL; n++)
        if (keys_by_secret(derivation(KIT_KDF_HMAC, n)))
            (void)check(&s, KIT_KDF_HMAC, n);
    be_nobody(&s.b);
}

#define FROM_5 (KIT_V(5) | KIT_V(6) | KIT_V(7))

const struct requirement derive_functional[7] = {
    ROW("CMR.4.3.3.1", "a key is derived of the secret that was agreed on", derives,
        .optional = true, .versions = FROM_5),
    ROW("CMR.4.3.3.2", "the list of parameters counts: each, and their order", takes_lists),
    ROW("CMR.4.3.3.3", "pbDerivedKey is a block of pfnCspAlloc or pfnCspReAlloc", gives_a_block),
    ROW("CMR.4.3.3.4", "cbDerivedKey is the length of the key", gives_the_length),
    ROW("CMR.4.3.3.5", "0 on success", succeeds, .versions = FROM_5),
    ROW("N.2.4.3.3.1", "CARD_BUFFER_SIZE_ONLY: the length alone, pbDerivedKey NULL",
        gives_size_only, .optional = true),
    ROW("N.2.4.3.3.2", "KDF_USE_SECRET_AS_HMAC_KEY_FLAG, where there is HMAC", keys_hmac_by_secret),
};
