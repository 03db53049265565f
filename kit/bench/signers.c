/* SPDX-License-Identifier: MIT */
/* Keys that sign, and a signature with each. */
#include "kit/bench/fixture_keys.h"
#include "kit/bench/padding.h"
#include "kit/rows/sign.h"

#include <openssl/rand.h>

#define NONE 0xFF

static const DWORD specs[] = { AT_SIGNATURE,  AT_KEYEXCHANGE, AT_ECDSA_P256, AT_ECDSA_P384,
                               AT_ECDSA_P521, AT_ECDHE_P256,  AT_ECDHE_P384, AT_ECDHE_P521 };

static void need_any_key(struct bench *b)
{
    if (any_spec(b) == 0)
        run_not_applicable(b->run, "the card has no kind of key (CardQueryKeySizes)");
}

EVP_PKEY *signer_key(struct bench *b, struct signer *s)
{
    const char *why = "";

    if (s->key == NULL)
        s->key = public_key_of(b, s->index, s->spec, &why);
    if (s->key == NULL)
        run_blocked(b->run, "the public key %s: %s", spec_name(s->spec), why);
    return s->key;
}

void each_signer(struct bench *b, bool rsa_only, signer_fn *use)
{
    unsigned found = 0;

    need_any_key(b);
    if (rsa_only)
        need_rsa(b);
    lend_padding(b);
    be_user(b);
    for (size_t i = 0; i < ARRAY(specs); i++) {
        struct signer s = { .index = fixture_key(b, specs[i]), .spec = specs[i] };

        if (s.index == NONE || (rsa_only && !spec_is_rsa(s.spec)))
            continue;
        use(b, &s);
        EVP_PKEY_free(s.key);
        found++;
    }
    if (found == 0)
        no_key(b, "a key that signs");
    be_nobody(b);
}

struct signer need_signer(struct bench *b)
{
    need_any_key(b);
    lend_padding(b);
    for (size_t i = 0; i < ARRAY(specs); i++)
        if (fixture_key(b, specs[i]) != NONE)
            return (struct signer){ .index = fixture_key(b, specs[i]), .spec = specs[i] };
    no_key(b, "a key that signs");
}

CARD_SIGNING_INFO ask_signature(struct bench *b, const struct signer *s,
                                const struct hash_kind *hash)
{
    static BYTE value[HASH_MAX];
    static bool drawn;

    if (!drawn && RAND_bytes(value, sizeof(value)) != 1)
        run_blocked(b->run, "OpenSSL has no random numbers");
    drawn = true;
    return (CARD_SIGNING_INFO){ .dwVersion = CARD_SIGNING_INFO_BASIC_VERSION,
                                .bContainerIndex = s->index, .dwKeySpec = s->spec,
                                .aiHashAlg = hash->alg, .pbData = value, .cbData = hash->len };
}

/* On a curve, the hash of its size first: some modules have no other for it. */
static size_t first_hash(DWORD spec)
{
    const DWORD len = curve_bits(spec) == 384 ? 48 : curve_bits(spec) == 521 ? 64 : 32;
    size_t n = 0;

    while (hash_kind(n)->len != len)
        n++;
    return n;
}

DWORD sign_any(struct bench *b, const struct signer *s, CARD_SIGNING_INFO *ret,
               const struct hash_kind **ret_hash)
{
    const size_t first = first_hash(s->spec);
    DWORD rc = SCARD_E_UNSUPPORTED_FEATURE;

    for (size_t i = 0; i < HASH_KINDS && rc == SCARD_E_UNSUPPORTED_FEATURE; i++) {
        *ret_hash = hash_kind((first + i) % HASH_KINDS);
        *ret = ask_signature(b, s, *ret_hash);
        rc = CALL(b, SignData, &b->data, ret);
    }
    return rc;
}

void drop_signature(CARD_SIGNING_INFO *info)
{
    if (mem_is_ours(info->pbSignedData))
        mem_free(info->pbSignedData);
    info->pbSignedData = NULL;
}

void check_signed(struct bench *b, const CARD_SIGNING_INFO *info)
{
    CHECK(b->run, info->pbSignedData != NULL, "pbSignedData NULL");
}
