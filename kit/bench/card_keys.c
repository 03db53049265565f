/* SPDX-License-Identifier: MIT */
/* What keys the card declares to have, and keys that a test makes. */
#include "kit/bench/fixture_keys.h"

#include <string.h>

#define NONE 0xFF

/* ---- what the card declares -------------------------------------------------------------------- */

bool may_import(struct bench *b)
{
    return b->run->config->key_import != KIT_NO;
}

bool key_sizes_of(struct bench *b, DWORD spec, CARD_KEY_SIZES *ret)
{
    *ret = (CARD_KEY_SIZES){ .dwVersion = CARD_KEY_SIZES_CURRENT_VERSION };
    return b->data.pfnCardQueryKeySizes != NULL &&
           CALL(b, QueryKeySizes, &b->data, spec, 0, ret) == SCARD_S_SUCCESS;
}

bool key_sizes_have(const CARD_KEY_SIZES *sizes, DWORD bits)
{
    DWORD step = sizes->dwIncrementalBitlen;

    return bits >= sizes->dwMinimumBitlen && bits <= sizes->dwMaximumBitlen &&
           (step == 0 ? bits == sizes->dwMinimumBitlen || bits == sizes->dwMaximumBitlen
                      : (bits - sizes->dwMinimumBitlen) % step == 0);
}

bool offers_rsa(struct bench *b, DWORD spec, DWORD bits, DWORD *ret_least)
{
    const DWORD *listed = b->run->config->rsa_bits;
    CARD_KEY_SIZES sizes;
    bool there = false;

    if (listed[0] == 0) {
        there = key_sizes_of(b, spec, &sizes) && key_sizes_have(&sizes, bits);
        *ret_least = sizes.dwMinimumBitlen;
        return there;
    }
    *ret_least = listed[0];
    for (size_t i = 0; i < ARRAY(b->run->config->rsa_bits) && listed[i] != 0; i++) {
        there = there || listed[i] == bits;
        if (listed[i] < *ret_least)
            *ret_least = listed[i];
    }
    return there;
}

bool has_rsa_bits(struct bench *b, DWORD bits)
{
    const DWORD spec = has_spec(b, AT_SIGNATURE) ? AT_SIGNATURE : AT_KEYEXCHANGE;
    DWORD least;

    return has_spec(b, spec) && offers_rsa(b, spec, bits, &least);
}

DWORD spec_bits(struct bench *b, DWORD spec)
{
    return spec_is_rsa(spec) ? fixture_rsa_bits(b) : 0;
}

/* Cards there are that name more kinds than they have. */
bool is_usable(struct bench *b, DWORD spec)
{
    return has_spec(b, spec) && fixture_key(b, spec) != NONE;
}

DWORD any_spec_that(struct bench *b, bool exchanges)
{
    static const DWORD quick[] = { AT_ECDSA_P256, AT_ECDHE_P256, AT_SIGNATURE,  AT_KEYEXCHANGE,
                                   AT_ECDSA_P384, AT_ECDHE_P384, AT_ECDSA_P521, AT_ECDHE_P521 };

    for (size_t i = 0; i < ARRAY(quick); i++)
        if (spec_exchanges(quick[i]) == exchanges && is_usable(b, quick[i]))
            return quick[i];
    return 0;
}

DWORD any_spec(struct bench *b)
{
    DWORD spec = any_spec_that(b, false);

    if (spec == 0)
        spec = any_spec_that(b, true);
    for (DWORD other = AT_ECDHE_P521; spec == 0 && other >= AT_KEYEXCHANGE; other--)
        if (has_spec(b, other))
            spec = other;
    return spec;
}

/* ---- keys of a test ------------------------------------------------------------------------------ */

BYTE need_scratch(struct bench *b)
{
    BYTE index = scratch_index(b);

    need_writable(b);
    if (is_read_only(b))
        run_not_applicable(b->run, "the card is read-only (CP_CARD_READ_ONLY)");
    if (any_spec(b) == 0)
        run_not_applicable(b->run, "the card has no kind of key (CardQueryKeySizes)");
    if (!can_generate(b) && (key_refusal(b) == SCARD_E_UNSUPPORTED_FEATURE || !may_import(b)))
        run_not_applicable(b->run, "the card neither makes keys nor takes them "
                                   "(CardCreateContainer, or the configuration)");
    if (index == NONE)
        run_not_applicable(b->run, "no container of the card is empty (CardGetContainerInfo): run "
                                   "again with one that is");
    be_user(b);
    return index;
}

void need_generation(struct bench *b)
{
    if (!can_generate(b))
        run_not_applicable(b->run, "the card does not make keys (fKeyGen of "
                                   "CardQueryCapabilities, or the configuration)");
}

DWORD generate_key(struct bench *b, BYTE index, DWORD spec, DWORD bits)
{
    return CALL(b, CreateContainer, &b->data, index, CARD_CREATE_CONTAINER_KEY_GEN, spec, bits,
                NULL);
}

DWORD import_key(struct bench *b, BYTE index, DWORD spec, EVP_PKEY *key)
{
    BYTE blob[KEY_BLOB_MAX];
    DWORD bits = spec_is_rsa(spec) && key != NULL ? (DWORD)EVP_PKEY_get_bits(key) : 0;

    if (key == NULL || private_blob(key, spec, blob) == 0)
        run_blocked(b->run, "OpenSSL makes no key %s", spec_name(spec));
    return CALL(b, CreateContainer, &b->data, index, CARD_CREATE_CONTAINER_KEY_IMPORT, spec, bits,
                blob);
}

DWORD put_key(struct bench *b, BYTE index, DWORD spec, DWORD bits)
{
    DWORD rc = SCARD_E_UNSUPPORTED_FEATURE;

    if (b->run->config->key_generation != KIT_NO) /* whatever fKeyGen says */
        rc = generate_key(b, index, spec, bits);
    if (rc != SCARD_S_SUCCESS && may_import(b)) {
        EVP_PKEY *key = key_make(spec, bits);

        rc = import_key(b, index, spec, key);
        EVP_PKEY_free(key);
    }
    return rc;
}

DWORD drop_container(struct bench *b, BYTE index)
{
    return CALL(b, DeleteContainer, &b->data, index, 0);
}
