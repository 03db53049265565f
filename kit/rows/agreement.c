/* SPDX-License-Identifier: MIT */
/* 2.4.3.2 to 2.4.3.4: CardConstructDHAgreement, CardDeriveKey, CardDestroyDHAgreement: what they
 * do. An agreement is seen by what is derived of it; OpenSSL agrees and derives by itself. */
#include "kit/bench/agreements.h"
#include "kit/bench/fixture_keys.h"
#include "kit/groups.h"
#include "kit/bench/timing.h"

#include <string.h>

#define SEVERAL 5u

/* As the user, with what shows a secret. */
static struct agreer begin(struct run *r, struct bench *b)
{
    struct agreer a;

    bench_open(r, b);
    a = need_agreer(b);
    need_derivation(b);
    be_user(b);
    return a;
}

/* Made, and seen: what the row asks is another thing. */
static struct agreed agreed_with(struct bench *b, struct agreer *a)
{
    struct agreed got = { .index = 0xA7 };

    NEED(b->run, agree(b, a, &got));
    NEED(b->run, see_secret(b, &got));
    return got;
}

/* Cards with room for a single one: the next row of a test needs it. */
static void tidy(struct bench *b, const struct agreed *a)
{
    if (b->data.pfnCardDestroyDHAgreement != NULL)
        (void)destroy(b, a->index);
}

/* ---- CardConstructDHAgreement ---------------------------------------------------------------- */

static void check_agreement(struct bench *b, struct agreer *a, struct agreed *got)
{
    NEED(b->run, see_secret(b, got));
    CHECK(b->run, is_right(got), "%s: another secret than OpenSSL's", spec_name(a->spec));
    tidy(b, got);
}

static void check_once(struct bench *b, struct agreer *a)
{
    struct agreed got = { .index = 0 };

    EXPECT(b->run, agree_with_openssl(b, a, &got), SCARD_S_SUCCESS);
    check_agreement(b, a, &got);
}

/* A peer is looked for with which the secret begins with a zero: that is part of it. */
static void check_leading_zero(struct bench *b, struct agreer *a)
{
    struct agreed got = { .secret = { 1 } };
    BYTE blob[KEY_BLOB_MAX];
    DWORD len = 0;

    while (got.secret[0] != 0)
        len = make_peer(b, a, blob, &got);
    EXPECT(b->run, construct(b, a, blob, len, &got.index), SCARD_S_SUCCESS);
    check_agreement(b, a, &got);
}

/* Curves that the fixture has no key on: one is made for the test. */
static void check_on_curve(struct bench *b, DWORD spec)
{
    struct agreer a = { .index = scratch_index(b), .spec = spec };

    if (!has_spec(b, spec) || fixture_key(b, spec) != 0xFF || a.index == 0xFF ||
        put_key(b, a.index, spec, 0) != SCARD_S_SUCCESS)
        return;
    check_once(b, &a);
    EVP_PKEY_free(a.key);
    (void)drop_container(b, a.index);
}

static void agrees(struct run *r)
{
    struct bench b;
    struct agreer a = begin(r, &b);

    for (unsigned i = 0; i < 3; i++)
        check_once(&b, &a);
    check_leading_zero(&b, &a);
    check_on_curve(&b, AT_ECDHE_P384);
    check_on_curve(&b, AT_ECDHE_P521);
    be_nobody(&b);
}

/* The index is what CardDeriveKey knows the agreement by, whatever stood there before. */
static void gives_an_index(struct run *r)
{
    struct bench b;
    struct agreer a = begin(r, &b);
    struct agreed got[2] = { { .index = 0xA7 }, { .index = 0x58 } };

    for (size_t i = 0; i < ARRAY(got); i++) {
        DWORD rc;

        NEED(r, agree(&b, &a, &got[i]));
        rc = see_secret(&b, &got[i]);
        CHECK(r, rc == SCARD_S_SUCCESS, "bSecretAgreementIndex %u: CardDeriveKey answers %s",
              (unsigned)got[i].index, kit_code(rc));
        tidy(&b, &got[i]);
    }
    CHECK(r, !same_secret(&got[0], &got[1]),
          "with two peers, bSecretAgreementIndex names the same secret");
    be_nobody(&b);
}

static void check_not_in(struct bench *b, const struct agreed *got, const char *where)
{
    struct agreed there = *got;
    const bool alive = see_secret(b, &there) == SCARD_S_SUCCESS;

    CHECK(b->run, !alive, "its secret can be used in %s", where);
}

static void of_one_context(struct run *r)
{
    struct bench b, other;
    struct agreer a = begin(r, &b);
    struct agreed mine = agreed_with(&b, &a);

    bench_again(&b, &other);
    stay_user(&other); /* so that it is for want of the secret that it is refused */
    check_not_in(&other, &mine, "another context");
    CHECK(r, is_alive(&b, &mine), "not in its own any more, when another asked for it");
    NEED(r, CALL(&b, DeleteContext, &b.data));
    check_not_in(&other, &mine, "another context, when its own is deleted");
    NEED(r, CALL(&other, DeleteContext, &other.data));
    NEED(r, ACQUIRE(&b, &b.data, 0));
    be_user(&b);
    check_not_in(&b, &mine, "a context that is acquired after its own is deleted");
    be_nobody(&b);
}

static void several_at_once(struct run *r)
{
    struct bench b;
    struct agreer a = begin(r, &b);
    struct agreed got[SEVERAL];

    got[0] = agreed_with(&b, &a);
    for (size_t i = 1; i < SEVERAL; i++) {
        DWORD rc;

        got[i] = (struct agreed){ .index = 0 };
        rc = agree(&b, &a, &got[i]);
        if (i == 1 && rc == SCARD_E_NO_MEMORY)
            run_not_applicable(r, "the card has one agreement at a time: the second is answered %s",
                               kit_code(rc));
        if (rc == SCARD_E_NO_MEMORY)
            break;
        EXPECT(r, rc, SCARD_S_SUCCESS);
        NEED(r, see_secret(&b, &got[i]));
        for (size_t k = 0; k < i; k++) {
            CHECK(r, got[k].index != got[i].index, "two agreements with index %u",
                  (unsigned)got[i].index);
            CHECK(r, !same_secret(&got[k], &got[i]), "with two peers, the same secret");
            CHECK(r, is_alive(&b, &got[k]), "agreement %zu of %zu has lost its secret", k + 1,
                  i + 1);
        }
    }
    be_nobody(&b);
}

static void construct_succeeds(struct run *r)
{
    struct bench b;
    struct agreer a;
    BYTE index = 0;

    bench_open(r, &b);
    a = need_agreer(&b);
    be_user(&b);
    EXPECT(r, agree_again(&b, &a, &index), SCARD_S_SUCCESS);
    be_nobody(&b);
}

/* Whoever is authenticated then: agreements are ephemeral. */
static void ends_with_a_reset(struct run *r)
{
    struct bench b;
    struct agreer a = begin(r, &b);
    struct agreed got = agreed_with(&b, &a);
    bool gone;

    bench_reset(&b);
    gone = see_secret(&b, &got) != SCARD_S_SUCCESS;
    CHECK(r, gone, "its secret can be used after a reset, with nobody authenticated");
    be_user(&b);
    gone = see_secret(&b, &got) != SCARD_S_SUCCESS;
    CHECK(r, gone, "its secret can be used after a reset, by the user");
    be_nobody(&b);
}

/* Nobody has destroyed any: the context goes, and its memory with it, and the next has room. */
static void needs_no_destruction(struct run *r)
{
    struct bench b;
    struct agreer a = begin(r, &b);
    unsigned long live;

    NEED(r, CALL(&b, DeleteContext, &b.data));
    live = mem_live();
    for (unsigned round = 0; round < 3; round++) {
        DWORD rc;

        NEED(r, ACQUIRE(&b, &b.data, 0));
        be_user(&b);
        for (unsigned i = 0; i < 3; i++) {
            BYTE index = 0;

            rc = agree_again(&b, &a, &index);
            CHECK(r, i != 0 || rc != SCARD_E_NO_MEMORY, "context %u: %s", round + 1,
                  kit_code(rc));
            if (rc != SCARD_E_NO_MEMORY)
                NEED(r, rc);
        }
        EXPECT(r, CALL(&b, DeleteContext, &b.data), SCARD_S_SUCCESS);
        CHECK(r, mem_live() <= live, "%lu blocks more than before", mem_live() - live);
    }
    NEED(r, ACQUIRE(&b, &b.data, 0));
    be_nobody(&b);
}

static const struct requirement construct_functional[] = {
    ROW("CMR.4.3.2.1", "a secret is agreed on, with the key of the container", agrees,
        .optional = true, .versions = KIT_V(5) | KIT_V(7)),
    ROW("CMR.4.3.2.2", "bSecretAgreementIndex names the agreement", gives_an_index),
    ROW("CMR.4.3.2.3", "an agreement is of its context alone", of_one_context),
    ROW("CMR.4.3.2.4", "several agreements at once, each with its secret", several_at_once,
        .optional = true),
    ROW("CMR.4.3.2.5", "0 on success", construct_succeeds, .versions = KIT_V4_TO_V7),
    ROW("N.2.4.3.2.1", "after a reset of the card nobody has the secret", ends_with_a_reset),
    ROW("N.2.4.3.2.2", "agreements that nobody destroys go with their context",
        needs_no_destruction),
};

/* ---- CardDestroyDHAgreement ------------------------------------------------------------------ */

static struct agreer begin_destroying(struct run *r, struct bench *b)
{
    struct agreer a;

    bench_open(r, b);
    need_destruction(b);
    a = need_agreer(b);
    be_user(b);
    return a;
}

static void destroys(struct run *r)
{
    struct bench b;
    struct agreer a = begin_destroying(r, &b);
    struct agreed got, other = { .index = 0 };
    bool two, gone;

    need_derivation(&b);
    got = agreed_with(&b, &a);
    two = agree(&b, &a, &other) == SCARD_S_SUCCESS;
    if (two)
        NEED(r, see_secret(&b, &other));
    NEED(r, destroy(&b, got.index));
    gone = see_secret(&b, &got) != SCARD_S_SUCCESS;
    CHECK(r, gone, "its secret can still be used");
    if (two)
        CHECK(r, is_alive(&b, &other), "another agreement is gone, too");
    be_nobody(&b);
}

static void destroy_succeeds(struct run *r)
{
    struct bench b;
    struct agreer a = begin_destroying(r, &b);

    for (unsigned i = 0; i < 3; i++) {
        BYTE index = 0;

        NEED(r, agree_again(&b, &a, &index));
        EXPECT(r, destroy(&b, index), SCARD_S_SUCCESS);
    }
    be_nobody(&b);
}

static const struct requirement destroy_functional[] = {
    ROW("CMR.4.3.4.1", "the agreement is gone, and no other", destroys, .optional = true,
        .versions = KIT_V(5) | KIT_V(7)),
    ROW("CMR.4.3.4.2", "0 on success", destroy_succeeds,
        .versions = KIT_V(5) | KIT_V(6) | KIT_V(7)),
};

/* ---- performance ----------------------------------------------------------------------------- */

static struct agreer timed;
static BYTE last;

/* The one before makes room. */
static void construct_once(struct bench *b)
{
    if (b->data.dwVersion >= 5 && b->data.pfnCardDestroyDHAgreement != NULL)
        (void)destroy(b, last);
    NEED(b->run, agree_again(b, &timed, &last));
}

static void destroy_once(struct bench *b)
{
    NEED(b->run, agree_again(b, &timed, &last));
    NEED(b->run, destroy(b, last));
}

typedef void pace_fn(struct run *r, struct bench *b, step_fn *step, double limit);

static void measure_constructing(struct run *r, pace_fn *within, double limit)
{
    struct bench b;

    bench_open(r, &b);
    timed = need_agreer(&b);
    be_user(&b);
    within(r, &b, construct_once, limit);
}

static void measure_destroying(struct run *r, pace_fn *within, double limit)
{
    struct bench b;

    timed = begin_destroying(r, &b);
    within(r, &b, destroy_once, limit);
}

static void construct_longest(struct run *r)
{
    measure_constructing(r, longest_within, 7000);
}

static void construct_average(struct run *r)
{
    measure_constructing(r, average_within, 6000);
}

static void destroy_longest(struct run *r)
{
    measure_destroying(r, longest_within, 600);
}

static void destroy_average(struct run *r)
{
    measure_destroying(r, average_within, 500);
}

static const struct requirement construct_pace[] = {
    ROW("CMR.4.3.2.X1", "an agreement within 7 s", construct_longest),
    ROW("CMR.4.3.2.X2", "an agreement within 6 s on the average of 20", construct_average),
};

static const struct requirement destroy_pace[] = {
    ROW("CMR.4.3.4.X1", "an agreement destroyed within 600 ms", destroy_longest),
    ROW("CMR.4.3.4.X2", "an agreement destroyed within 500 ms on the average of 20",
        destroy_average),
};

/* ---------------------------------------------------------------------------------------------- */

#define CONSTRUCT "CardConstructDHAgreement"
#define DERIVE    "CardDeriveKey"
#define DESTROY   "CardDestroyDHAgreement"

#define SECTION(number, function, kind, subject, rows) \
    { number, function, kind, subject, rows, ARRAY(rows) }

static const struct section sections[] = {
    SECTION("2.4.3.2.1", CONSTRUCT, KIT_FUNCTIONAL, NULL, construct_functional),
    SECTION("2.4.3.2.2", CONSTRUCT, KIT_PERFORMANCE, NULL, construct_pace),
    SECTION("2.4.3.2.3", CONSTRUCT, KIT_ERROR, &construct_subject, construct_errors),
    SECTION("2.4.3.3.1", DERIVE, KIT_FUNCTIONAL, NULL, derive_functional),
    SECTION("2.4.3.3.2", DERIVE, KIT_ERROR, &derive_subject, derive_errors),
    SECTION("2.4.3.4.1", DESTROY, KIT_FUNCTIONAL, NULL, destroy_functional),
    SECTION("2.4.3.4.2", DESTROY, KIT_PERFORMANCE, NULL, destroy_pace),
    SECTION("2.4.3.4.3", DESTROY, KIT_ERROR, &destroy_subject, destroy_errors),
};

const struct group agreement_rows = { sections, ARRAY(sections) };
