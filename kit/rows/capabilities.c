/* SPDX-License-Identifier: MIT */
/* 2.4.1: CardQueryCapabilities. */
#include "kit/bench/faults.h"
#include "kit/bench/fixture_keys.h"
#include "kit/groups.h"

#include <string.h>

/* Asked over what lay there before: members that the module leaves alone keep `litter`. */
static CARD_CAPABILITIES ask(struct bench *b, DWORD version, BYTE litter)
{
    CARD_CAPABILITIES says;

    memset(&says, litter, sizeof(says));
    says.dwVersion = version;
    EXPECT(b->run, CALL(b, QueryCapabilities, &b->data, &says), SCARD_S_SUCCESS);
    return says;
}

static void check_same(struct run *r, const CARD_CAPABILITIES *a, const CARD_CAPABILITIES *b,
                       const char *when)
{
    CHECK(r, !a->fKeyGen == !b->fKeyGen, "fKeyGen %d and %d, %s", a->fKeyGen, b->fKeyGen, when);
    CHECK(r, !a->fCertificateCompression == !b->fCertificateCompression,
          "fCertificateCompression %d and %d, %s", a->fCertificateCompression,
          b->fCertificateCompression, when);
}

/* The card does what fKeyGen says; of several kinds of key, one is enough. */
static void check_generation(struct bench *b, const CARD_CAPABILITIES *says)
{
    const BYTE index = scratch_index(b);
    DWORD rc = SCARD_E_UNSUPPORTED_FEATURE;

    if (index == 0xFF || is_read_only(b)) {
        run_note(b->run, "no container is empty, or the card is read-only: no key is tried");
        return;
    }
    for (DWORD spec = AT_ECDHE_P521; spec >= AT_KEYEXCHANGE; spec--)
        if (rc == SCARD_E_UNSUPPORTED_FEATURE && has_spec(b, spec))
            rc = generate_key(b, index, spec, spec_bits(b, spec));
    if (rc == SCARD_S_SUCCESS)
        (void)drop_container(b, index);
    if (says->fKeyGen)
        CHECK(b->run, rc != SCARD_E_UNSUPPORTED_FEATURE, "fKeyGen TRUE, but no kind of key is made");
    else
        CHECK(b->run, rc != SCARD_S_SUCCESS, "fKeyGen FALSE, but the card has made a key");
}

static void tells_details(struct run *r)
{
    CARD_CAPABILITIES over_zeros, over_litter, as_user;
    struct bench b;

    bench_open(r, &b);
    over_zeros = ask(&b, 1, 0);
    over_litter = ask(&b, 1, 0xA5);
    check_same(r, &over_zeros, &over_litter, "over zeros and over what lay there");
    CHECK(r, over_litter.dwVersion == 1, "version %u of the structure comes back",
          (unsigned)over_litter.dwVersion);
    be_user(&b);
    as_user = ask(&b, 1, 0);
    check_same(r, &over_zeros, &as_user, "to nobody and to the user");
    check_generation(&b, &over_zeros);
    run_saw(r, "fKeyGen %d, fCertificateCompression %d", over_zeros.fKeyGen,
            over_zeros.fCertificateCompression);
}

static void succeeds(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    (void)ask(&b, 1, 0);
    be_user(&b);
    (void)ask(&b, 1, 0);
}

static void takes_version_0(struct run *r)
{
    CARD_CAPABILITIES zero, one;
    struct bench b;

    bench_open(r, &b);
    zero = ask(&b, 0, 0xA5);
    one = ask(&b, 1, 0xA5);
    CHECK(r, zero.dwVersion == 1, "version %u comes back for version 0", (unsigned)zero.dwVersion);
    check_same(r, &zero, &one, "of version 0 and of version 1");
}

static const struct requirement functional[] = {
    { .id = "CMR.4.1.1.1", .test = tells_details, .versions = KIT_V4_TO_V7,
      .words = "says what card and module can do, to anybody, and keeps to it" },
    { .id = "CMR.4.1.1.2", .test = succeeds, .words = "0 on success" },
    { .id = "CMR.4.1.1.3", .test = takes_version_0, .versions = KIT_V(4) | KIT_V(5) | KIT_V(7),
      .words = "version 0 of CARD_CAPABILITIES is version 1" },
};

/* ---- errors ------------------------------------------------------------------------------------- */

static DWORD query(struct args *a)
{
    return CALL(a->b, QueryCapabilities, a->data, a->info);
}

static void prepare_good(struct args *a)
{
    a->box.capabilities.dwVersion = CARD_CAPABILITIES_CURRENT_VERSION;
}

static const struct subject subject = { .call = query, .good = prepare_good };

/* The next version, and one whose low byte is that of version 1. */
static void refuses_versions(struct run *r)
{
    static const DWORD versions[] = { 2, 257, 0xFFFFFFFF };
    struct bench b;

    bench_open(r, &b);
    for (size_t i = 0; i < ARRAY(versions); i++) {
        CARD_CAPABILITIES says = { .dwVersion = versions[i] };

        EXPECT(r, CALL(&b, QueryCapabilities, &b.data, &says), ERROR_REVISION_MISMATCH);
    }
    bench_close(&b);
    error_row(r);
}

static const struct requirement errors[] = {
    ERROR_ROW("CMR.4.1.1.E1", "pCardData NULL", CODES(SCARD_E_INVALID_PARAMETER), NO_DATA),
    ERROR_ROW("CMR.4.1.1.E2", "pCardCapabilities NULL", CODES(SCARD_E_INVALID_PARAMETER), NO_INFO),
    { .id = "CMR.4.1.1.E3", .test = refuses_versions, .faults = { VERSION_HIGH },
      .codes = { ERROR_REVISION_MISMATCH }, .versions = KIT_V(4) | KIT_V(5) | KIT_V(7),
      .words = "a version of CARD_CAPABILITIES that does not exist yet" },
};

#define QUERY "CardQueryCapabilities"

static const struct section sections[] = {
    { "2.4.1.1.1", QUERY, KIT_FUNCTIONAL, NULL, functional, ARRAY(functional) },
    { "2.4.1.1.2", QUERY, KIT_ERROR, &subject, errors, ARRAY(errors) },
};

const struct group capability_rows = { sections, ARRAY(sections) };
