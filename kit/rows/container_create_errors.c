/* SPDX-License-Identifier: MIT */
/* 2.4.2.1.3: errors of CardCreateContainer. */
#include "kit/rows/containers.h"

/* A key to bring, and where to: made once. */
static struct {
    EVP_PKEY *key;
    BYTE blob[KEY_BLOB_MAX];
    BYTE index;
    DWORD lacking; /* a size that the card has not */
} ours;

/* Of the sizes that people use, and then just beyond the largest. */
static DWORD lacking_bits(struct bench *b, DWORD spec)
{
    static const DWORD common[] = { 1536, 768, 512 };
    CARD_KEY_SIZES sizes;

    if (spec_is_curve(spec))
        return curve_bits(spec) + 1;
    for (size_t i = 0; i < ARRAY(common); i++)
        if (!has_rsa_bits(b, common[i]))
            return common[i];
    return key_sizes_of(b, spec, &sizes) ? sizes.dwMaximumBitlen + 64 : 0x10000;
}

/* RSA first: sizes are more to it than to a curve. */
static DWORD create_spec(struct bench *b)
{
    return is_usable(b, AT_SIGNATURE) ? AT_SIGNATURE : any_spec(b);
}

static void prepare_create(struct bench *b)
{
    const DWORD spec = create_spec(b);

    ours.index = need_scratch(b);
    ours.lacking = lacking_bits(b, spec);
    ours.key = key_make(spec, spec_bits(b, spec));
    if (ours.key == NULL || private_blob(ours.key, spec, ours.blob) == 0)
        run_blocked(b->run, "OpenSSL makes no key %s", spec_name(spec));
}

static void good_create(struct args *a)
{
    a->index = ours.index;
    a->spec = create_spec(a->b);
    a->bits = spec_bits(a->b, a->spec);
    a->flags = can_generate(a->b) ? CARD_CREATE_CONTAINER_KEY_GEN
                                  : CARD_CREATE_CONTAINER_KEY_IMPORT;
    a->in = ours.blob;
}

static bool spoil_create(struct args *a, enum fault fault)
{
    if (fault != NO_IN)
        return false;
    a->flags = CARD_CREATE_CONTAINER_KEY_IMPORT; /* nothing else misses it */
    a->in = NULL;
    return true;
}

static DWORD create(struct args *a)
{
    return CALL(a->b, CreateContainer, a->data, a->index, a->flags, a->spec, a->bits, a->in);
}

const struct subject container_create_subject = { .call = create, .good = good_create,
                                                  .prepare = prepare_create,
                                                  .spoil = spoil_create };

static void good(struct args *a, struct bench *b)
{
    good_args(a, b, &container_create_subject);
}

static void open_create(struct run *r, struct bench *b)
{
    bench_open(r, b);
    prepare_create(b);
}

static void create_refuses_flags(struct run *r)
{
    static const DWORD flags[] = { 0, 3, 4, 0x80000001, 0x80000002, 0xFFFFFFFF };
    struct bench b;
    struct args a;

    open_create(r, &b);
    for (size_t i = 0; i < ARRAY(flags); i++) {
        good(&a, &b);
        a.flags = flags[i];
        EXPECT(r, create(&a), SCARD_E_INVALID_PARAMETER);
    }
    bench_close(&b);
    error_row(r);
}

static void create_refuses_specs(struct run *r)
{
    static const DWORD specs[] = { 0, 9, 10, 0x10001, 0x10003, 0xFFFFFFFF };
    struct bench b;
    struct args a;

    open_create(r, &b);
    for (size_t i = 0; i < ARRAY(specs); i++) {
        good(&a, &b);
        a.spec = specs[i];
        a.bits = 0;
        EXPECT(r, create(&a), SCARD_E_INVALID_PARAMETER);
    }
    bench_close(&b);
    error_row(r);
}

static void try_bits(struct bench *b, DWORD spec, DWORD bits)
{
    struct args a;
    DWORD rc;

    good(&a, b);
    a.flags = CARD_CREATE_CONTAINER_KEY_GEN;
    a.spec = spec;
    a.bits = bits;
    rc = create(&a);
    if (rc != SCARD_E_INVALID_PARAMETER && rc != SCARD_E_UNSUPPORTED_FEATURE)
        run_fail(b->run, "SCARD_E_INVALID_PARAMETER or SCARD_E_UNSUPPORTED_FEATURE",
                 "%s for %s of %u bits", kit_code(rc), spec_name(spec), (unsigned)bits);
    run_note(b->run, "%s of %u bits: %s", spec_name(spec), (unsigned)bits, kit_code(rc));
}

/* 0 is the only size for a curve, and none for RSA. */
static void create_refuses_bits(struct run *r)
{
    struct bench b;

    open_create(r, &b);
    for (DWORD spec = AT_KEYEXCHANGE; spec < SPECS_END; spec++) {
        const DWORD rsa[] = { 0, 1, 8, ours.lacking, 0x80000000 | spec_bits(&b, spec),
                              0xFFFFFFFF };
        const DWORD curve[] = { 1, 255, curve_bits(spec), 1024, 0x80000000, 0xFFFFFFFF };

        if (has_spec(&b, spec))
            for (size_t i = 0; i < ARRAY(rsa); i++)
                try_bits(&b, spec, spec_is_rsa(spec) ? rsa[i] : curve[i]);
    }
    be_nobody(&b); /* which is a later row */
    try_bits(&b, create_spec(&b), ours.lacking);
    bench_close(&b);
    error_row(r);
}

/* ---- what the card lacks ------------------------------------------------------------------------------ */

/* A size for a kind that the card may not have, too. */
static DWORD some_bits(struct bench *b, DWORD spec)
{
    DWORD bits = spec_bits(b, spec);

    return spec_is_rsa(spec) && bits == 0 ? 1024 : bits;
}

static DWORD ask_for(struct bench *b, DWORD spec, bool import)
{
    EVP_PKEY *key;
    DWORD rc;

    if (!import)
        return generate_key(b, ours.index, spec, some_bits(b, spec));
    key = key_make(spec, some_bits(b, spec));
    rc = import_key(b, ours.index, spec, key);
    EVP_PKEY_free(key);
    return rc;
}

/* By what the configuration says, or else by trying: what the card does, it has, whatever code
 * comes with it. */
static bool lacks(struct bench *b, DWORD spec, bool import)
{
    const enum kit_answer told = import ? b->run->config->key_import
                                        : b->run->config->key_generation;

    if (told != KIT_ASK && (told == KIT_NO || has_spec(b, spec)))
        return told == KIT_NO;
    (void)ask_for(b, spec, import);
    if (shown_key(b, ours.index, AT_SIGNATURE).len == 0 &&
        shown_key(b, ours.index, AT_KEYEXCHANGE).len == 0)
        return true;
    (void)drop_container(b, ours.index);
    return false;
}

/* Flags, and no key to bring, are printed before. */
static void check_order(struct bench *b, DWORD spec, bool import)
{
    const DWORD bits = spec_is_rsa(spec) ? 1024 : 0;

    EXPECT(b->run, CALL(b, CreateContainer, &b->data, ours.index, 4, spec, bits, NULL),
           SCARD_E_INVALID_PARAMETER);
    if (import)
        EXPECT(b->run, CALL(b, CreateContainer, &b->data, ours.index,
                            CARD_CREATE_CONTAINER_KEY_IMPORT, spec, bits, NULL),
               SCARD_E_INVALID_PARAMETER);
}

/* Refused by one of the codes, to the user and to nobody, who is asked after in a later row. A note
 * of CMR.4.2.1.2 permits the second. */
static void refuse(struct bench *b, DWORD spec, bool import)
{
    be_nobody(b);
    EXPECT(b->run, ask_for(b, spec, import), SCARD_E_UNSUPPORTED_FEATURE,
           SCARD_E_INVALID_PARAMETER);
    be_user(b);
    EXPECT(b->run, ask_for(b, spec, import), SCARD_E_UNSUPPORTED_FEATURE,
           SCARD_E_INVALID_PARAMETER);
    check_order(b, spec, import);
    run_saw(b->run, "%s is not %s", spec_name(spec), import ? "taken" : "made");
}

static void create_refuses_what_it_lacks(struct run *r)
{
    struct bench b;
    bool any = false;

    bench_open(r, &b);
    ours.index = need_scratch(&b);
    for (DWORD spec = AT_KEYEXCHANGE; spec < SPECS_END; spec++)
        for (unsigned import = 0; import < 2; import++) {
            if (!lacks(&b, spec, import != 0))
                continue;
            refuse(&b, spec, import != 0);
            any = true;
        }
    if (!any)
        run_not_applicable(r, "the card makes and takes keys of all eight kinds "
                              "(CardQueryKeySizes, CardCreateContainer)");
}

/* ---- another than the user ------------------------------------------------------------------------------ */

/* Not over a key that is there either, and it stays. */
static void refuse_over(struct bench *b, DWORD spec, const struct shown *before)
{
    struct shown now;

    if (can_generate(b))
        EXPECT(b->run, generate_key(b, ours.index, spec, spec_bits(b, spec)),
               SCARD_W_SECURITY_VIOLATION);
    else
        EXPECT(b->run, import_key(b, ours.index, spec, ours.key), SCARD_W_SECURITY_VIOLATION);
    now = shown_key(b, ours.index, spec);
    CHECK(b->run, same_shown(before, &now), "after the refused call the key is another, or gone");
}

static void create_is_the_users(struct run *r)
{
    struct shown before;
    struct bench b;
    DWORD spec;

    open_create(r, &b);
    spec = create_spec(&b);
    NEED(r, put_key(&b, ours.index, spec, spec_bits(&b, spec)));
    before = shown_key(&b, ours.index, spec);
    be_nobody(&b);
    refuse_over(&b, spec, &before);
    if (has_admin(&b)) {
        be_admin(&b);
        refuse_over(&b, spec, &before);
    }
    be_user(&b);
    if (import_key(&b, ours.index, spec, ours.key) == SCARD_S_SUCCESS) {
        be_nobody(&b);
        EXPECT(r, import_key(&b, ours.index, spec, ours.key), SCARD_W_SECURITY_VIOLATION);
        be_user(&b);
    }
    NEED(r, drop_container(&b, ours.index));
    bench_close(&b);
    error_row(r);
}

const struct requirement container_create_errors[7] = {
    ERROR_ROW("CMR.4.2.1.E1", "pCardData NULL", CODES(SCARD_E_INVALID_PARAMETER), NO_DATA),
    ERROR_ROW("CMR.4.2.1.E2", "a key to bring, but pbKeyData NULL",
              CODES(SCARD_E_INVALID_PARAMETER), NO_IN),
    { .id = "CMR.4.2.1.E4", .test = create_refuses_flags, .faults = { FLAGS },
      .codes = { SCARD_E_INVALID_PARAMETER }, .versions = KIT_V(4) | KIT_V(5),
      .words = "dwFlags neither to make a key nor to bring one" },
    { .id = "CMR.4.2.1.E5", .test = create_refuses_specs, .faults = { BAD_SPEC },
      .codes = { SCARD_E_INVALID_PARAMETER }, .words = "a dwKeySpec that is none of AT_..." },
    { .id = "CMR.4.2.1.E6", .test = create_refuses_bits, .faults = { BAD_BITS },
      .codes = { SCARD_E_INVALID_PARAMETER, SCARD_E_UNSUPPORTED_FEATURE },
      .words = "dwKeySize of RSA that the card lacks, or not 0 for a curve" },
    { .id = "CMR.4.2.1.E7", .test = create_refuses_what_it_lacks,
      .codes = { SCARD_E_UNSUPPORTED_FEATURE, SCARD_E_INVALID_PARAMETER },
      .words = "a kind of key that the card does not make, or does not take" },
    { .id = "CMR.4.2.1.E8", .test = create_is_the_users, .faults = { AS_NOBODY, AS_ADMIN },
      .codes = { SCARD_W_SECURITY_VIOLATION }, .versions = KIT_V(5) | KIT_V(7),
      .words = "another than the user: nobody, the admin" },
};
