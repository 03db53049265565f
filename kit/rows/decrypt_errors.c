/* SPDX-License-Identifier: MIT */
/* 2.4.3.1.3: errors of CardRSADecrypt. */
#include "kit/rows/decrypt.h"
#include "kit/bench/fixture_keys.h"
#include "kit/bench/variants.h"

#include <string.h>

#define INVALID  SCARD_E_INVALID_PARAMETER
#define TOO_MUCH 0xFFFFFFFF

/* What is decrypted does not count here: a number less than the modulus. */
static BYTE block[CIPHER_MAX + 1];

static DWORD width(struct bench *b)
{
    DWORD bits = fixture_rsa_bits(b);

    if (bits < 8 || bits / 8 > CIPHER_MAX)
        run_blocked(b->run, "a modulus of %u bits", (unsigned)bits);
    return bits / 8;
}

static DWORD call(struct args *a)
{
    CARD_RSA_DECRYPT_INFO *info = &a->box.decrypt;

    memset(block, 0x5A, sizeof(block));
    block[width(a->b) - 1] = 0;
    info->bContainerIndex = a->index;
    info->dwKeySpec = a->spec;
    info->pbData = a->in;
    info->cbData = a->in_len;
    return CALL(a->b, RSADecrypt, a->data, a->info);
}

static void prepare_good(struct args *a)
{
    a->box.decrypt.dwVersion = decrypt_version(a->b);
    a->box.decrypt.dwPaddingType = CARD_PADDING_NONE;
    a->index = fixture_key(a->b, AT_KEYEXCHANGE);
    a->spec = AT_KEYEXCHANGE;
    a->in = block;
    a->in_len = width(a->b);
}

/* A card of exchange keys that does not decrypt with them has no such errors. */
static void need_decryption(struct bench *b)
{
    struct args a = { .b = b, .data = &b->data, .info = &a.box };

    (void)need_decrypt_index(b);
    prepare_good(&a);
    if (call(&a) == SCARD_E_UNSUPPORTED_FEATURE)
        run_not_applicable(b->run, "the card does not decrypt: CardRSADecrypt answers %s",
                           kit_code(SCARD_E_UNSUPPORTED_FEATURE));
}

const struct subject decrypt_subject = { .call = call, .good = prepare_good,
                                         .prepare = need_decryption };

/* In the newest, 0 and 1 are of callers that are not asked for any more. */
static void refuses_versions(struct run *r)
{
    static const DWORD versions[] = { 3, 257, 65538, 0xFFFFFFFF, 0, 1 };

    refuses_each(r, vary_version, versions, r->version >= 7 ? 6 : 4, ERROR_REVISION_MISMATCH,
                 ERROR_REVISION_MISMATCH);
    error_row(r);
}

/* A container that has another key; where there is none, the other key is asked for. */
static void vary_holder(struct args *a, DWORD spec)
{
    const BYTE index = fixture_key(a->b, spec);

    if (index != 0xFF && index != a->index)
        a->index = index;
    else
        a->spec = spec;
}

static void refuses_specs(struct run *r)
{
    static const DWORD specs[] = { 0, 9, 65538, AT_ECDSA_P256, AT_ECDHE_P256, AT_ECDHE_P521,
                                   0xFFFFFFFF };
    static const DWORD holders[] = { AT_SIGNATURE, AT_ECDSA_P256, AT_ECDHE_P256 };

    refuses_each(r, vary_spec, specs, ARRAY(specs), INVALID, INVALID);
    refuses_each(r, vary_holder, holders, ARRAY(holders), INVALID, INVALID);
    error_row(r);
}

static void vary_shortage(struct args *a, DWORD less)
{
    a->in_len -= less < a->in_len ? less : a->in_len;
}

static void vary_excess(struct args *a, DWORD more)
{
    a->in_len += more;
}

/* Too much is an invalid value all the same; which code it has is not printed. */
static void refuses_lengths(struct run *r)
{
    static const DWORD less[] = { 1, 16, TOO_MUCH }, more[] = { 1 };

    refuses_each(r, vary_shortage, less, ARRAY(less), SCARD_E_INSUFFICIENT_BUFFER,
                 SCARD_E_INSUFFICIENT_BUFFER);
    refuses_each(r, vary_excess, more, ARRAY(more), INVALID, SCARD_E_INSUFFICIENT_BUFFER);
    error_row(r);
}

const struct requirement decrypt_errors[8] = {
    ERROR_ROW("CMR.4.3.1.E1", "pCardData NULL", CODES(INVALID), NO_DATA),
    ERROR_ROW("CMR.4.3.1.E2", "pInfo NULL", CODES(INVALID), NO_INFO),
    ROW("CMR.4.3.1.E3", "a version of CARD_RSA_DECRYPT_INFO that the module does not have",
        refuses_versions, .versions = KIT_V(4) | KIT_V(5) | KIT_V(7), .faults = { VERSION_HIGH },
        .codes = { ERROR_REVISION_MISMATCH }),
    ERROR_ROW("CMR.4.3.1.E4", "a container that does not exist", CODES(SCARD_E_NO_KEY_CONTAINER),
              NO_INDEX, EMPTY_INDEX),
    ROW("CMR.4.3.1.E5", "a dwKeySpec that is none of RSA, or not the one of the container's key",
        refuses_specs, .faults = { BAD_SPEC, OTHER_SPEC }, .codes = { INVALID }),
    ERROR_ROW("CMR.4.3.1.E6", "pbData NULL", CODES(INVALID), NO_IN),
    ROW("CMR.4.3.1.E7", "cbData is not the length of the modulus", refuses_lengths,
        .faults = { IN_SHORT, IN_EMPTY }, .codes = { SCARD_E_INSUFFICIENT_BUFFER }),
    ERROR_ROW("CMR.4.3.1.E8", "nobody is authenticated", CODES(SCARD_W_SECURITY_VIOLATION),
              AS_NOBODY),
};
