/* SPDX-License-Identifier: MIT */
/* 2.4.2.1.1: what CardCreateContainer does. */
#include "kit/rows/containers.h"

EVP_PKEY *need_shown(struct bench *b, BYTE index, DWORD spec)
{
    const char *why = "";
    EVP_PKEY *key = public_key_of(b, index, spec, &why);

    if (key != NULL)
        return key;
    if (shown_key(b, index, spec).len != 0)
        run_blocked(b->run, "the public key %s is not well made: %s", spec_name(spec), why);
    run_fail(b->run, "a key in the container", "no key %s in container %u: %s", spec_name(spec),
             index, why);
}

/* What is shown is `given`, unless that is NULL, and the private key belongs to it. */
static void check_made(struct bench *b, BYTE index, DWORD spec, EVP_PKEY *given)
{
    EVP_PKEY *shown = need_shown(b, index, spec);

    CHECK(b->run, given == NULL || EVP_PKEY_eq(shown, given) == 1,
          "another public key %s than the one brought", spec_name(spec));
    prove_key(b, index, spec, shown);
    EVP_PKEY_free(shown);
}

/* What the configuration promises may not be answered with "unsupported". */
static bool is_promised(struct bench *b, enum kit_answer told, DWORD spec)
{
    unsigned specs = b->run->config->key_specs;

    return told == KIT_YES && (specs == 0 || (specs & 1u << spec) != 0);
}

/* false: the card answers that it does not make keys of this kind. */
static bool makes(struct bench *b, BYTE index, DWORD spec)
{
    DWORD rc = can_generate(b) ? generate_key(b, index, spec, spec_bits(b, spec))
                               : SCARD_E_UNSUPPORTED_FEATURE;

    if (rc == SCARD_E_UNSUPPORTED_FEATURE &&
        !is_promised(b, b->run->config->key_generation, spec))
        return false;
    EXPECT(b->run, rc, SCARD_S_SUCCESS);
    check_made(b, index, spec, NULL);
    return true;
}

/* false: that it takes none. By the note of CMR.4.2.1.2 in the words of INVALID_PARAMETER, too. */
static bool takes(struct bench *b, BYTE index, DWORD spec)
{
    EVP_PKEY *key = may_import(b) ? key_make(spec, spec_bits(b, spec)) : NULL;
    DWORD rc = may_import(b) ? import_key(b, index, spec, key) : SCARD_E_UNSUPPORTED_FEATURE;
    bool lacks = (rc == SCARD_E_UNSUPPORTED_FEATURE || rc == SCARD_E_INVALID_PARAMETER) &&
                 !is_promised(b, b->run->config->key_import, spec);

    if (!lacks) {
        EXPECT(b->run, rc, SCARD_S_SUCCESS);
        check_made(b, index, spec, key);
    }
    EVP_PKEY_free(key);
    return !lacks;
}

/* Kinds of key by `does`; how many of them, told by name. */
static unsigned each_kind(struct bench *b, BYTE index, bool (*does)(struct bench *, BYTE, DWORD))
{
    unsigned count = 0;

    for (DWORD spec = AT_KEYEXCHANGE; spec < SPECS_END; spec++) {
        if (!has_spec(b, spec) || !does(b, index, spec))
            continue;
        count++;
        run_saw(b->run, "%s", spec_name(spec));
        NEED(b->run, drop_container(b, index));
    }
    return count;
}

/* ---- the card makes keys, takes keys -------------------------------------------------------------- */

static void generates(struct run *r)
{
    struct bench b;
    BYTE index;

    bench_open(r, &b);
    need_generation(&b);
    index = need_scratch(&b);
    CHECK(r, makes(&b, index, any_spec(&b)) || each_kind(&b, index, makes) != 0,
          "no kind of key is made, in spite of fKeyGen");
    NEED(r, drop_container(&b, index));
}

static void imports(struct run *r)
{
    struct bench b;
    BYTE index;

    bench_open(r, &b);
    index = need_scratch(&b);
    if (each_kind(&b, index, takes) == 0)
        run_not_applicable(r, "the card takes no keys of any kind (CardCreateContainer with "
                              "CARD_CREATE_CONTAINER_KEY_IMPORT, or the configuration)");
}

/* ---- over what is there ---------------------------------------------------------------------------- */

/* The new key has taken the place of `before`. */
static EVP_PKEY *put_over(struct bench *b, BYTE index, DWORD spec, EVP_PKEY *before)
{
    EVP_PKEY *now;

    EXPECT(b->run, put_key(b, index, spec, spec_bits(b, spec)), SCARD_S_SUCCESS);
    now = need_shown(b, index, spec);
    CHECK(b->run, before == NULL || EVP_PKEY_eq(now, before) != 1,
          "%s: the public key from before is still there", spec_name(spec));
    EVP_PKEY_free(before);
    return now;
}

/* The other way: a key of ours over one of the card's. What is brought is CMR.4.2.1.2's. */
static void import_over(struct bench *b, BYTE index, DWORD spec, EVP_PKEY *before)
{
    EVP_PKEY *ours = may_import(b) ? key_make(spec, spec_bits(b, spec)) : NULL, *now;

    if (ours != NULL && import_key(b, index, spec, ours) == SCARD_S_SUCCESS) {
        now = need_shown(b, index, spec);
        CHECK(b->run, EVP_PKEY_eq(now, before) != 1,
              "%s: an import has left the public key from before", spec_name(spec));
        prove_key(b, index, spec, now);
        EVP_PKEY_free(now);
    }
    EVP_PKEY_free(ours);
}

static void overwrite_with(struct bench *b, BYTE index, DWORD spec)
{
    EVP_PKEY *key = put_over(b, index, spec, NULL);

    key = put_over(b, index, spec, key);
    prove_key(b, index, spec, key);
    import_over(b, index, spec, key);
    EVP_PKEY_free(key);
}

/* Kinds of the same use take the place of each other. */
static void overwrites(struct run *r)
{
    static const DWORD kinds[] = { AT_SIGNATURE, AT_ECDSA_P256, 0, AT_KEYEXCHANGE, AT_ECDHE_P256 };
    struct bench b;
    BYTE index;
    bool any = false;

    bench_open(r, &b);
    index = need_scratch(&b);
    for (size_t i = 0; i < ARRAY(kinds); i++) {
        if (kinds[i] == 0)
            NEED(r, drop_container(&b, index));
        if (kinds[i] == 0 || !is_usable(&b, kinds[i]))
            continue;
        overwrite_with(&b, index, kinds[i]);
        any = true;
    }
    if (!any)
        overwrite_with(&b, index, any_spec(&b));
    NEED(r, drop_container(&b, index));
}

/* ---- kinds ------------------------------------------------------------------------------------------ */

static bool makes_or_takes(struct bench *b, BYTE index, DWORD spec)
{
    return makes(b, index, spec) || takes(b, index, spec);
}

static void makes_each_kind(struct run *r)
{
    struct bench b;
    BYTE index;

    bench_open(r, &b);
    index = need_scratch(&b);
    CHECK(r, each_kind(&b, index, makes_or_takes) != 0, "the card makes and takes no kind of key");
}

static void succeeds(struct run *r)
{
    struct bench b;
    DWORD spec;
    BYTE index;

    bench_open(r, &b);
    index = need_scratch(&b);
    spec = any_spec(&b);
    EXPECT(r, can_generate(&b) ? generate_key(&b, index, spec, spec_bits(&b, spec))
                               : put_key(&b, index, spec, spec_bits(&b, spec)),
           SCARD_S_SUCCESS);
    NEED(r, drop_container(&b, index));
}

/* ---- never the same ----------------------------------------------------------------------------------- */

#define DRAWS 5u

/* A generator that begins anew with power, or with a context, would repeat itself. */
static void check_distinct(struct bench *b, BYTE index, DWORD spec)
{
    struct shown keys[DRAWS];

    for (unsigned i = 0; i < DRAWS; i++) {
        if (i == 2)
            be_user(b);
        if (i == 3)
            NEED(b->run, drop_container(b, index));
        NEED(b->run, generate_key(b, index, spec, spec_bits(b, spec)));
        keys[i] = shown_key(b, index, spec);
        if (keys[i].len == 0)
            run_blocked(b->run, "the container shows no key %s", spec_name(spec));
        for (unsigned k = 0; k < i; k++)
            CHECK(b->run, !same_shown(&keys[i], &keys[k]), "%s: key %u is key %u again",
                  spec_name(spec), i + 1, k + 1);
    }
    NEED(b->run, drop_container(b, index));
}

static void never_repeats(struct run *r)
{
    static const DWORD kinds[] = { AT_SIGNATURE, AT_ECDSA_P256, AT_ECDHE_P256 };
    struct bench b;
    BYTE index;
    bool any = false;

    bench_open(r, &b);
    need_generation(&b);
    index = need_scratch(&b);
    for (size_t i = 0; i < ARRAY(kinds); i++) {
        if (!is_usable(&b, kinds[i]))
            continue;
        check_distinct(&b, index, kinds[i]);
        any = true;
    }
    if (!any)
        check_distinct(&b, index, any_spec(&b));
}

/* ---- one way or the other ------------------------------------------------------------------------------ */

static void allows_the_user(struct run *r)
{
    DWORD rc = SCARD_E_UNSUPPORTED_FEATURE;
    struct bench b;
    BYTE index;

    bench_open(r, &b);
    need_writable(&b);
    if (is_read_only(&b))
        run_not_applicable(r, "the card is read-only (CP_CARD_READ_ONLY)");
    index = scratch_index(&b);
    if (index == 0xFF)
        run_blocked(r, "no container of the card is empty");
    be_user(&b);
    for (DWORD spec = AT_ECDHE_P521; spec >= AT_KEYEXCHANGE && rc != SCARD_S_SUCCESS; spec--) {
        EVP_PKEY *key = has_spec(&b, spec) ? key_make(spec, spec_bits(&b, spec)) : NULL;

        if (key == NULL)
            continue;
        rc = generate_key(&b, index, spec, spec_bits(&b, spec));
        if (rc != SCARD_S_SUCCESS)
            rc = import_key(&b, index, spec, key);
        EVP_PKEY_free(key);
    }
    CHECK(r, rc == SCARD_S_SUCCESS, "the user can neither make a key nor bring one: %s",
          kit_code(rc));
    NEED(r, drop_container(&b, index));
}

/* ---- two keys -------------------------------------------------------------------------------------------- */

static void check_beside(struct bench *b, BYTE index, DWORD spec, EVP_PKEY *key)
{
    EVP_PKEY *now = need_shown(b, index, spec);

    CHECK(b->run, EVP_PKEY_eq(now, key) == 1, "%s: another key since one was put beside it",
          spec_name(spec));
    prove_key(b, index, spec, now);
    EVP_PKEY_free(now);
}

/* `first`, `second` beside it, then each anew beside the other. */
static void check_pair(struct bench *b, BYTE index, DWORD first, DWORD second)
{
    EVP_PKEY *a = put_over(b, index, first, NULL), *other = put_over(b, index, second, NULL);

    check_beside(b, index, first, a);
    check_beside(b, index, second, other);
    a = put_over(b, index, first, a);
    check_beside(b, index, second, other);
    other = put_over(b, index, second, other);
    check_beside(b, index, first, a);
    check_beside(b, index, second, other);
    EVP_PKEY_free(a);
    EVP_PKEY_free(other);
    NEED(b->run, drop_container(b, index));
}

/* A card may have room for one key in a container: it says so to each of the two beside the other,
 * and takes either alone. */
static bool takes_one(struct bench *b, BYTE index, DWORD first, DWORD second)
{
    bool one = put_key(b, index, first, spec_bits(b, first)) == SCARD_S_SUCCESS &&
               put_key(b, index, second, spec_bits(b, second)) == SCARD_E_NO_MEMORY;

    NEED(b->run, drop_container(b, index));
    one = one && put_key(b, index, second, spec_bits(b, second)) == SCARD_S_SUCCESS &&
          put_key(b, index, first, spec_bits(b, first)) == SCARD_E_NO_MEMORY;
    NEED(b->run, drop_container(b, index));
    return one;
}

static void holds_two(struct run *r)
{
    static const DWORD pairs[][2] = { { AT_SIGNATURE, AT_KEYEXCHANGE },
                                      { AT_ECDHE_P256, AT_ECDSA_P256 } };
    struct bench b;
    BYTE index;
    bool any = false;

    bench_open(r, &b);
    index = need_scratch(&b);
    for (size_t i = 0; i < ARRAY(pairs); i++) {
        if (!is_usable(&b, pairs[i][0]) || !is_usable(&b, pairs[i][1]))
            continue;
        if (takes_one(&b, index, pairs[i][0], pairs[i][1]))
            run_not_applicable(r, "a container of the card has room for one key, of either kind "
                                  "(CardCreateContainer: SCARD_E_NO_MEMORY)");
        check_pair(&b, index, pairs[i][0], pairs[i][1]);
        any = true;
    }
    if (!any)
        run_not_applicable(r, "the card has no signature and exchange keys of one family "
                              "(CardQueryKeySizes)");
}

const struct requirement container_create[8] = {
    { .id = "CMR.4.2.1.1", .test = generates, .optional = true, .versions = KIT_V(5) | KIT_V(7),
      .words = "a key made by the card, which works" },
    { .id = "CMR.4.2.1.2", .test = imports, .optional = true,
      .words = "a key brought from outside: it is that key, and works" },
    { .id = "CMR.4.2.1.3", .test = overwrites, .words = "takes the place of a key that is there" },
    { .id = "CMR.4.2.1.4", .test = makes_each_kind,
      .words = "each kind of key that the card has, by dwKeySpec" },
    { .id = "CMR.4.2.1.5", .test = succeeds, .versions = KIT_V4_TO_V7, .words = "0 on success" },
    { .id = "CMR.4.2.1.6", .test = never_repeats, .words = "never the same key twice" },
    { .id = "CMR.4.2.1.7", .test = allows_the_user, .versions = KIT_V(4) | KIT_V(5),
      .words = "the user can make a key or bring one, at least one of both" },
    { .id = "N.2.4.2.1.1", .test = holds_two,
      .words = "a signature and an exchange key in one container; a new one takes the place of its "
               "own kind of use only" },
};
