/* SPDX-License-Identifier: MIT */
/* 2.4.3.6: CardQueryKeySizes. */
#include "kit/bench/faults.h"
#include "kit/bench/fixture_keys.h"
#include "kit/groups.h"

#include <string.h>

#define QUICK_TO_MAKE 2048u /* bits of an RSA key that every card makes within seconds */

/* Asked over what lay there before. */
static CARD_KEY_SIZES ask(struct bench *b, DWORD spec, DWORD version)
{
    CARD_KEY_SIZES sizes;

    memset(&sizes, 0xA5, sizeof(sizes));
    sizes.dwVersion = version;
    EXPECT(b->run, CALL(b, QueryKeySizes, &b->data, spec, 0, &sizes), SCARD_S_SUCCESS);
    return sizes;
}

static void need_any(struct bench *b)
{
    if (any_spec(b) == 0)
        run_not_applicable(b->run, "the card has no kind of key: CardQueryKeySizes knows none");
}

/* ---- what it says is so ------------------------------------------------------------------------- */

/* Of a curve that its size is among them; that there is no other is CMR.4.3.6.2. */
static void check_curve(struct run *r, DWORD spec, const CARD_KEY_SIZES *s)
{
    const DWORD bits = curve_bits(spec);

    CHECK(r, s->dwMinimumBitlen <= bits && bits <= s->dwMaximumBitlen, "%s has %u to %u bits",
          spec_name(spec), (unsigned)s->dwMinimumBitlen, (unsigned)s->dwMaximumBitlen);
}

static void check_order(struct run *r, DWORD spec, const CARD_KEY_SIZES *s)
{
    CHECK(r, s->dwMinimumBitlen != 0 && s->dwMinimumBitlen <= s->dwDefaultBitlen &&
                 s->dwDefaultBitlen <= s->dwMaximumBitlen && s->dwMaximumBitlen <= 0x10000,
          "%s: least %u, default %u, most %u bits", spec_name(spec), (unsigned)s->dwMinimumBitlen,
          (unsigned)s->dwDefaultBitlen, (unsigned)s->dwMaximumBitlen);
    CHECK(r, s->dwIncrementalBitlen != 0 || s->dwMinimumBitlen == s->dwMaximumBitlen,
          "%s has no increment", spec_name(spec));
    CHECK(r, key_sizes_have(s, s->dwDefaultBitlen) && key_sizes_have(s, s->dwMaximumBitlen),
          "%s: default %u or most %u bits cannot be had in steps of %u from %u", spec_name(spec),
          (unsigned)s->dwDefaultBitlen, (unsigned)s->dwMaximumBitlen,
          (unsigned)s->dwIncrementalBitlen, (unsigned)s->dwMinimumBitlen);
}

/* Keys by import alone: some cards take minutes to make a large one. */
static DWORD bring(struct bench *b, BYTE index, DWORD spec, DWORD bits)
{
    EVP_PKEY *key = may_import(b) ? key_make(spec, bits) : NULL;
    DWORD rc = may_import(b) ? import_key(b, index, spec, key) : SCARD_E_UNSUPPORTED_FEATURE;

    EVP_PKEY_free(key);
    return rc;
}

static void check_has(struct bench *b, BYTE index, DWORD spec, DWORD bits)
{
    const bool quick = bits <= QUICK_TO_MAKE;
    const char *why = "";
    EVP_PKEY *key;
    DWORD rc;

    if (!quick && bring(b, index, spec, spec_bits(b, spec)) != SCARD_S_SUCCESS) {
        run_note(b->run, "%u bits: not tried, a card may take minutes", (unsigned)bits);
        return;
    }
    rc = quick ? put_key(b, index, spec, bits) : bring(b, index, spec, bits);
    if (rc == SCARD_E_NO_MEMORY) {
        run_note(b->run, "%u bits: the card has no room left for them", (unsigned)bits);
        (void)drop_container(b, index); /* of the key before */
        return;
    }
    CHECK(b->run, rc == SCARD_S_SUCCESS, "%s of %u bits is named, but not taken: %s",
          spec_name(spec), (unsigned)bits, kit_code(rc));
    key = public_key_of(b, index, spec, &why);
    if (key == NULL)
        run_blocked(b->run, "the public key: %s", why);
    CHECK(b->run, (DWORD)EVP_PKEY_get_bits(key) == bits, "a key of %u bits where %u were asked for",
          (unsigned)EVP_PKEY_get_bits(key), (unsigned)bits);
    EVP_PKEY_free(key);
    (void)drop_container(b, index);
}

/* A common size that it does not name is not there. */
static void check_lacks(struct bench *b, BYTE index, DWORD spec, const CARD_KEY_SIZES *sizes)
{
    static const DWORD common[] = { 512, 768, 1024, 1536, 2048 };

    for (size_t i = 0; i < ARRAY(common); i++) {
        DWORD rc;

        if (key_sizes_have(sizes, common[i]))
            continue;
        rc = put_key(b, index, spec, common[i]);
        if (rc == SCARD_S_SUCCESS)
            (void)drop_container(b, index);
        CHECK(b->run, rc != SCARD_S_SUCCESS, "%s of %u bits is not named, but taken",
              spec_name(spec), (unsigned)common[i]);
    }
}

/* By making keys, where the card takes any. */
static void check_rsa(struct bench *b, DWORD spec, const CARD_KEY_SIZES *sizes)
{
    const BYTE index = scratch_index(b);

    if (index == 0xFF || (!can_generate(b) && !may_import(b)))
        return;
    be_user(b);
    if (put_key(b, index, spec, spec_bits(b, spec)) == SCARD_E_UNSUPPORTED_FEATURE)
        return; /* a card of which one only reads */
    check_has(b, index, spec, sizes->dwMinimumBitlen);
    if (sizes->dwDefaultBitlen != sizes->dwMinimumBitlen)
        check_has(b, index, spec, sizes->dwDefaultBitlen);
    if (sizes->dwMaximumBitlen != sizes->dwDefaultBitlen)
        check_has(b, index, spec, sizes->dwMaximumBitlen);
    check_lacks(b, index, spec, sizes);
}

static void tells_sizes(struct run *r)
{
    CARD_KEY_SIZES sizes, rsa = { 0 };
    struct bench b;
    DWORD of = 0;

    bench_open(r, &b);
    need_any(&b);
    for (DWORD spec = AT_KEYEXCHANGE; spec < SPECS_END; spec++) {
        if (!has_spec(&b, spec))
            continue;
        sizes = ask(&b, spec, 1);
        CHECK(r, sizes.dwVersion == 1, "version %u of the structure comes back",
              (unsigned)sizes.dwVersion);
        run_saw(r, "%s %u to %u", spec_name(spec), (unsigned)sizes.dwMinimumBitlen,
                (unsigned)sizes.dwMaximumBitlen);
        if (spec_is_curve(spec)) {
            check_curve(r, spec, &sizes);
            continue;
        }
        check_order(r, spec, &sizes);
        rsa = sizes;
        of = spec;
    }
    if (of != 0)
        check_rsa(&b, of, &rsa);
}

/* ---- curves ------------------------------------------------------------------------------------- */

typedef void check_fn(struct run *r, DWORD spec, const CARD_KEY_SIZES *sizes);

static void each_curve(struct run *r, check_fn *check)
{
    struct bench b;
    bool any = false;

    bench_open(r, &b);
    for (DWORD spec = AT_ECDSA_P256; spec <= AT_ECDHE_P521; spec++) {
        CARD_KEY_SIZES sizes;

        if (!has_spec(&b, spec))
            continue;
        sizes = ask(&b, spec, 1);
        check(r, spec, &sizes);
        any = true;
    }
    if (!any)
        run_not_applicable(r, "the card has no keys on curves (CardQueryKeySizes)");
}

static void check_specific(struct run *r, DWORD spec, const CARD_KEY_SIZES *s)
{
    const DWORD bits = curve_bits(spec);

    CHECK(r, s->dwMinimumBitlen == bits && s->dwDefaultBitlen == bits && s->dwMaximumBitlen == bits,
          "%s: least %u, default %u, most %u", spec_name(spec), (unsigned)s->dwMinimumBitlen,
          (unsigned)s->dwDefaultBitlen, (unsigned)s->dwMaximumBitlen);
}

static void check_step(struct run *r, DWORD spec, const CARD_KEY_SIZES *s)
{
    CHECK(r, s->dwIncrementalBitlen == 1, "%s: increment %u", spec_name(spec),
          (unsigned)s->dwIncrementalBitlen);
}

static void curves_have_their_size(struct run *r)
{
    each_curve(r, check_specific);
}

static void curves_have_increment_1(struct run *r)
{
    each_curve(r, check_step);
}

/* ---- 0, and version 0 ------------------------------------------------------------------------------ */

/* Of each kind 0, or that the card does not have it: a module that fails always does not get away. */
static void check_codes(struct bench *b)
{
    for (DWORD spec = AT_KEYEXCHANGE; spec < SPECS_END; spec++) {
        CARD_KEY_SIZES sizes = { .dwVersion = CARD_KEY_SIZES_CURRENT_VERSION };

        EXPECT(b->run, CALL(b, QueryKeySizes, &b->data, spec, 0, &sizes), SCARD_S_SUCCESS,
               SCARD_E_UNSUPPORTED_FEATURE, SCARD_E_INVALID_PARAMETER);
    }
}

static void succeeds(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    check_codes(&b);
    need_any(&b);
    for (unsigned role = 0; role < 2; role++) {
        for (DWORD spec = AT_KEYEXCHANGE; spec < SPECS_END; spec++)
            if (has_spec(&b, spec))
                (void)ask(&b, spec, 1);
        be_user(&b);
    }
}

static void takes_version_0(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    need_any(&b);
    for (DWORD spec = AT_KEYEXCHANGE; spec < SPECS_END; spec++) {
        CARD_KEY_SIZES zero, one;

        if (!has_spec(&b, spec))
            continue;
        zero = ask(&b, spec, 0);
        one = ask(&b, spec, 1);
        CHECK(r, zero.dwVersion == 1, "version %u comes back for version 0",
              (unsigned)zero.dwVersion);
        CHECK(r, memcmp(&zero, &one, sizeof(one)) == 0, "%s: other sizes for version 0 than for 1",
              spec_name(spec));
    }
}

static const struct requirement functional[] = {
    { .id = "CMR.4.3.6.1", .test = tells_sizes,
      .words = "the sizes that the card has for keys of a kind" },
    { .id = "CMR.4.3.6.2", .test = curves_have_their_size, .optional = true,
      .words = "least, default and most of a curve are the size of its field" },
    { .id = "CMR.4.3.6.3", .test = curves_have_increment_1, .optional = true,
      .words = "the increment of a curve is 1" },
    { .id = "CMR.4.3.6.4", .test = succeeds, .versions = KIT_V4_TO_V7, .words = "0 on success" },
    { .id = "CMR.4.3.6.5", .test = takes_version_0, .versions = KIT_V(4) | KIT_V(5) | KIT_V(7),
      .words = "version 0 of CARD_KEY_SIZES is version 1" },
};

/* ---- errors ------------------------------------------------------------------------------------- */

static DWORD query(struct args *a)
{
    return CALL(a->b, QueryKeySizes, a->data, a->spec, a->flags, a->info);
}

static void prepare_good(struct args *a)
{
    a->spec = any_spec(a->b);
    a->box.sizes.dwVersion = CARD_KEY_SIZES_CURRENT_VERSION;
}

static const struct subject subject = { .call = query, .good = prepare_good, .prepare = need_any };

static void refuses_specs(struct run *r)
{
    static const DWORD specs[] = { 0, 9, 0x10001, 0xFFFFFFFF };
    struct bench b;

    bench_open(r, &b);
    for (size_t i = 0; i < ARRAY(specs); i++) {
        CARD_KEY_SIZES sizes = { .dwVersion = 1 };

        EXPECT(r, CALL(&b, QueryKeySizes, &b.data, specs[i], 0, &sizes), SCARD_E_INVALID_PARAMETER);
    }
    bench_close(&b);
    error_row(r);
}

static void refuses_flags(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    need_any(&b);
    for (DWORD bit = 1; bit != 0; bit <<= 1) {
        CARD_KEY_SIZES sizes = { .dwVersion = 1 };

        EXPECT(r, CALL(&b, QueryKeySizes, &b.data, any_spec(&b), bit, &sizes),
               SCARD_E_INVALID_PARAMETER);
    }
    bench_close(&b);
    error_row(r);
}

static void refuses_versions(struct run *r)
{
    static const DWORD versions[] = { 2, 257, 65537, 0xFFFFFFFF };
    struct bench b;

    bench_open(r, &b);
    need_any(&b);
    for (size_t i = 0; i < ARRAY(versions); i++) {
        CARD_KEY_SIZES sizes = { .dwVersion = versions[i] };

        EXPECT(r, CALL(&b, QueryKeySizes, &b.data, any_spec(&b), 0, &sizes),
               ERROR_REVISION_MISMATCH);
    }
    bench_close(&b);
    error_row(r);
}

/* Flags and a strange version are printed before. */
static void check_lacking(struct bench *b, DWORD spec)
{
    CARD_KEY_SIZES strange = { .dwVersion = 99 };

    EXPECT(b->run, CALL(b, QueryKeySizes, &b->data, spec, 0x80, &strange),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(b->run, CALL(b, QueryKeySizes, &b->data, spec, 0, &strange), ERROR_REVISION_MISMATCH);
}

/* Each kind is either answered for, or lacking. The configuration may know of kinds that it lacks. */
static void refuses_what_it_lacks(struct run *r)
{
    unsigned told = r->config->key_specs;
    struct bench b;
    bool any = false;

    bench_open(r, &b);
    for (DWORD spec = AT_KEYEXCHANGE; spec < SPECS_END; spec++) {
        CARD_KEY_SIZES sizes = { .dwVersion = 1 };
        DWORD rc = CALL(&b, QueryKeySizes, &b.data, spec, 0, &sizes);

        if (rc == SCARD_S_SUCCESS && (told == 0 || (told & 1u << spec) != 0))
            continue;
        any = true;
        EXPECT(r, rc, SCARD_E_UNSUPPORTED_FEATURE);
        check_lacking(&b, spec);
        run_saw(r, "%s: %s", spec_name(spec), kit_code(rc));
    }
    if (!any)
        run_not_applicable(r, "the card has keys of all eight kinds (CardQueryKeySizes)");
}

static const struct requirement errors[] = {
    ERROR_ROW("CMR.4.3.6.E1", "pCardData NULL", CODES(SCARD_E_INVALID_PARAMETER), NO_DATA),
    ERROR_ROW("CMR.4.3.6.E2", "pKeySizes NULL", CODES(SCARD_E_INVALID_PARAMETER), NO_INFO),
    { .id = "CMR.4.3.6.E3", .test = refuses_specs, .faults = { BAD_SPEC },
      .codes = { SCARD_E_INVALID_PARAMETER }, .words = "a dwKeySpec that is none of AT_..." },
    { .id = "CMR.4.3.6.E4", .test = refuses_flags, .faults = { FLAGS },
      .codes = { SCARD_E_INVALID_PARAMETER },
      .words = "dwFlags not 0 (this row is printed as CMR.3.1.1.E4)" },
    { .id = "CMR.4.3.6.E5", .test = refuses_versions, .faults = { VERSION_HIGH },
      .codes = { ERROR_REVISION_MISMATCH }, .versions = KIT_V(4) | KIT_V(5) | KIT_V(7),
      .words = "a version of CARD_KEY_SIZES that does not exist yet" },
    { .id = "CMR.4.3.6.E6", .test = refuses_what_it_lacks,
      .codes = { SCARD_E_UNSUPPORTED_FEATURE },
      .words = "a kind of key that there is, but not on this card" },
};

#define QUERY "CardQueryKeySizes"

static const struct section sections[] = {
    { "2.4.3.6.1", QUERY, KIT_FUNCTIONAL, NULL, functional, ARRAY(functional) },
    { "2.4.3.6.2", QUERY, KIT_ERROR, &subject, errors, ARRAY(errors) },
};

const struct group key_size_rows = { sections, ARRAY(sections) };
