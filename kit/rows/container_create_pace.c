/* SPDX-License-Identifier: MIT */
/* 2.4.2.1.2: how long CardCreateContainer takes to make a key. */
#include "kit/rows/containers.h"
#include "kit/bench/timing.h"

#include <string.h>

static const struct pace {
    const char *id;
    DWORD spec, or_spec, bits;
    double seconds;
    bool average;
} paces[] = {
    { "CMR.4.2.1.X1", AT_SIGNATURE, AT_KEYEXCHANGE, 1024, 20, false },
    { "CMR.4.2.1.X2", AT_SIGNATURE, AT_KEYEXCHANGE, 1024, 10, true },
    { "CMR.4.2.1.X3", AT_SIGNATURE, AT_KEYEXCHANGE, 2048, 150, false },
    { "CMR.4.2.1.X4", AT_SIGNATURE, AT_KEYEXCHANGE, 2048, 100, true },
    { "CMR.4.2.1.X5", AT_ECDSA_P256, AT_ECDHE_P256, 256, 12, false },
    { "CMR.4.2.1.X6", AT_ECDSA_P256, AT_ECDHE_P256, 256, 10, true },
    { "CMR.4.2.1.X7", AT_ECDSA_P384, AT_ECDHE_P384, 384, 25, false },
    { "CMR.4.2.1.X8", AT_ECDSA_P384, AT_ECDHE_P384, 384, 20, true },
    { "CMR.4.2.1.X9", AT_ECDSA_P521, AT_ECDHE_P521, 521, 30, false },
    { "CMR.4.2.1.X10", AT_ECDSA_P521, AT_ECDHE_P521, 521, 25, true },
};

static struct {
    BYTE index;
    DWORD spec, bits;
} timed; /* of the one test in this process */

static void generate_once(struct bench *b)
{
    const DWORD rc = generate_key(b, timed.index, timed.spec, timed.bits);

    if (rc == SCARD_E_NO_MEMORY)
        run_not_applicable(b->run, "the card has no room for a key of that size (CardCreateContainer"
                                   ": %s)", kit_code(rc));
    NEED(b->run, rc);
}

#define LONGEST_OF 5u /* "over 20" is said of the average alone, and a key may take minutes */

static const struct pace *pace_of(const struct run *r)
{
    size_t i = 0;

    while (i + 1 < ARRAY(paces) && strcmp(paces[i].id, r->requirement->id) != 0)
        i++;
    return &paces[i];
}

static void generates_in_time(struct run *r)
{
    const struct pace *pace = pace_of(r);
    struct kit_config fewer = *r->config;
    struct bench b;

    fewer.repeats = fewer.repeats < LONGEST_OF ? fewer.repeats : LONGEST_OF;
    bench_open(r, &b);
    need_generation(&b);
    timed.spec = has_spec(&b, pace->spec) ? pace->spec : pace->or_spec;
    timed.bits = spec_is_rsa(timed.spec) ? pace->bits : 0;
    if (!has_spec(&b, timed.spec) || (timed.bits != 0 && !has_rsa_bits(&b, timed.bits)))
        run_not_applicable(r, "the card has no %s keys of %u bits (CardQueryKeySizes)",
                           timed.bits != 0 ? "RSA" : "elliptic curve", (unsigned)pace->bits);
    timed.index = need_scratch(&b);
    if (generate_key(&b, timed.index, timed.spec, timed.bits) == SCARD_E_UNSUPPORTED_FEATURE)
        run_not_applicable(r, "the card does not make keys %s of %u bits (CardCreateContainer)",
                           spec_name(timed.spec), (unsigned)pace->bits);
    if (pace->average) {
        average_within(r, &b, generate_once, 1000 * pace->seconds);
    } else {
        r->config = &fewer;
        longest_within(r, &b, generate_once, 1000 * pace->seconds);
    }
    NEED(r, drop_container(&b, timed.index));
}

#define PACE(id_, words_)                                                                    \
    {                                                                                        \
        .id = (id_), .words = (words_), .test = generates_in_time, .optional = true          \
    }

const struct requirement container_create_pace[10] = {
    PACE("CMR.4.2.1.X1", "RSA of 1024 bits within 20 s"),
    PACE("CMR.4.2.1.X2", "RSA of 1024 bits within 10 s on average of 20"),
    PACE("CMR.4.2.1.X3", "RSA of 2048 bits within 150 s"),
    PACE("CMR.4.2.1.X4", "RSA of 2048 bits within 100 s on average of 20"),
    PACE("CMR.4.2.1.X5", "a key on P-256 within 12 s"),
    PACE("CMR.4.2.1.X6", "a key on P-256 within 10 s on average of 20"),
    PACE("CMR.4.2.1.X7", "a key on P-384 within 25 s"),
    PACE("CMR.4.2.1.X8", "a key on P-384 within 20 s on average of 20"),
    PACE("CMR.4.2.1.X9", "a key on P-521 within 30 s"),
    PACE("CMR.4.2.1.X10", "a key on P-521 within 25 s on average of 20"),
};
