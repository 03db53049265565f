/* SPDX-License-Identifier: MIT */
/* 2.2.4: the caller's cache and its padding, for modules that use them. */
#include "kit/bench/fixture_keys.h"
#include "kit/rows/general.h"
#include "kit/bench/tour.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <string.h>
#include <strings.h>

/* ---- the cache ------------------------------------------------------------------------------- */

#define NAME "kitcache"

static bool has_cache_file(struct bench *b)
{
    PBYTE data = NULL;
    DWORD len = 0;
    bool has = CALL(b, ReadFile, &b->data, NULL, str(szCACHE_FILE), 0, &data, &len) ==
                   SCARD_S_SUCCESS &&
               len >= sizeof(CARD_CACHE_FILE_FORMAT);

    if (mem_is_ours(data))
        mem_free(data);
    return has;
}

static unsigned uses(void)
{
    return cache_lookups() + cache_adds() + cache_deletes();
}

static void see(struct bench *b, const char *text)
{
    DWORD rc = see_file(b, NULL, NAME, text, strlen(text));

    CHECK(b->run, rc != SCARD_E_COMM_DATA_LOST, "a file is read as it was, not as it is");
    EXPECT(b->run, rc, SCARD_S_SUCCESS);
}

static bool is_listed(struct bench *b)
{
    LPSTR names = NULL;
    DWORD len = 0;
    bool listed = false;

    if (CALL(b, EnumFiles, &b->data, NULL, &names, &len, 0) != SCARD_S_SUCCESS ||
        !mem_is_ours(names))
        return false;
    for (DWORD at = 0; at < len && names[at] != '\0';
         at += (DWORD)strnlen(names + at, len - at) + 1)
        listed = listed || strncasecmp(names + at, NAME, len - at) == 0;
    mem_free(names);
    return listed;
}

/* What is changed through the module is not old in the cache. */
static void follows_changes(struct bench *b)
{
    struct run *r = b->run;

    be_user(b);
    CHECK(r, !is_listed(b), "a file is listed before it was made");
    EXPECT(r, make_file(b, NULL, NAME, EveryoneReadUserWriteAc), SCARD_S_SUCCESS);
    CHECK(r, is_listed(b), "a new file is not listed");
    EXPECT(r, put_file(b, NULL, NAME, "first", 5), SCARD_S_SUCCESS);
    see(b, "first");
    EXPECT(r, put_file(b, NULL, NAME, "and second", 10), SCARD_S_SUCCESS);
    see(b, "and second");
    EXPECT(r, drop_file(b, NULL, NAME), SCARD_S_SUCCESS);
    CHECK(r, see_file(b, NULL, NAME, NULL, 0) != SCARD_S_SUCCESS && !is_listed(b),
          "a file is there after it was deleted");
}

static DWORD spec_there(struct bench *b, BYTE index)
{
    CONTAINER_INFO info = { .dwVersion = CONTAINER_INFO_CURRENT_VERSION };
    DWORD rc = CALL(b, GetContainerInfo, &b->data, index, 0, &info);

    if (mem_is_ours(info.pbSigPublicKey))
        mem_free(info.pbSigPublicKey);
    if (mem_is_ours(info.pbKeyExPublicKey))
        mem_free(info.pbKeyExPublicKey);
    return rc;
}

static void follows_containers(struct bench *b)
{
    const BYTE index = scratch_index(b);
    const DWORD spec = any_spec(b);

    if (index == 0xFF || spec == 0)
        return;
    (void)spec_there(b, index);
    if (put_key(b, index, spec, spec_bits(b, spec)) != SCARD_S_SUCCESS)
        return;
    EXPECT(b->run, spec_there(b, index), SCARD_S_SUCCESS);
    NEED(b->run, drop_container(b, index));
    EXPECT(b->run, spec_there(b, index), SCARD_E_NO_KEY_CONTAINER);
}

void general_cache(struct run *r)
{
    unsigned long live;
    struct bench b;
    bool has_file;

    bench_open(r, &b);
    bench_cache(&b);
    need_writable(&b);
    be_user(&b);
    has_file = has_cache_file(&b);
    live = mem_live();
    follows_changes(&b);
    follows_containers(&b);
    be_nobody(&b);
    if (!has_file && uses() == 0)
        run_not_applicable(r, "the card has no " szCACHE_FILE ", and the module calls none of the "
                              "cache callbacks");
    CHECK(r, has_file, "no whole " szCACHE_FILE " in the root, but callbacks are called");
    run_note(r, "%lu blocks before, %lu after", live, mem_live());
    run_saw(r, "%u lookups, %u additions, %u deletions", cache_lookups(), cache_adds(),
            cache_deletes());
}

/* ---- padding --------------------------------------------------------------------------------- */

static unsigned pads; /* how often the callback was called */
static bool pads_fail;

static const struct {
    ALG_ID alg;
    DWORD len;
    const EVP_MD *(*md)(void);
    BYTE prefix[19]; /* of DigestInfo */
    DWORD prefix_len;
} hashes[] = {
    { CALG_SHA_256, 32, EVP_sha256,
      { 0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
        0x05, 0x00, 0x04, 0x20 }, 19 },
    { CALG_SHA1, 20, EVP_sha1,
      { 0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2B, 0x0E, 0x03, 0x02, 0x1A, 0x05, 0x00, 0x04, 0x14 },
      15 },
};
static size_t hash; /* the one that the module signs */

/* PKCS#1 v1.5: 00 01 FF .. FF 00, DigestInfo; the last byte first. */
static DWORD WINAPI pad_data(PCARD_SIGNING_INFO info, DWORD width, DWORD *ret_len, PBYTE *ret)
{
    const DWORD tail = hashes[hash].prefix_len + hashes[hash].len;

    pads++;
    if (pads_fail)
        return SCARD_E_UNEXPECTED;
    if (info->cbData != hashes[hash].len || width < tail + 11)
        return SCARD_E_INVALID_PARAMETER;
    *ret = mem_alloc(width);
    if (*ret == NULL)
        return SCARD_E_NO_MEMORY;
    memset(*ret, 0xFF, width);
    (*ret)[0] = 0;
    (*ret)[1] = 1;
    (*ret)[width - tail - 1] = 0;
    memcpy(*ret + width - tail, hashes[hash].prefix, hashes[hash].prefix_len);
    memcpy(*ret + width - hashes[hash].len, info->pbData, hashes[hash].len);
    reverse_bytes(*ret, width);
    *ret_len = width;
    return SCARD_S_SUCCESS;
}

static bool verifies(EVP_PKEY *key, const BYTE *digest, BYTE *signature, DWORD len)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    bool ok;

    reverse_bytes(signature, len);
    ok = ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 &&
         EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
         EVP_PKEY_CTX_set_signature_md(ctx, hashes[hash].md()) == 1 &&
         EVP_PKEY_verify(ctx, signature, len, digest, hashes[hash].len) == 1;
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

static DWORD sign(struct bench *b, BYTE index, DWORD spec, const BYTE *digest,
                  CARD_SIGNING_INFO *ret)
{
    *ret = (CARD_SIGNING_INFO){ .dwVersion = CARD_SIGNING_INFO_BASIC_VERSION,
                                .bContainerIndex = index, .dwKeySpec = spec,
                                .aiHashAlg = hashes[hash].alg, .pbData = bytes_of(digest),
                                .cbData = hashes[hash].len };
    return CALL(b, SignData, &b->data, ret);
}

static DWORD any_rsa(struct bench *b, BYTE *ret_index)
{
    DWORD spec = has_spec(b, AT_SIGNATURE) ? AT_SIGNATURE : AT_KEYEXCHANGE;

    *ret_index = fixture_key(b, spec);
    if (*ret_index == 0xFF)
        no_key(b, "a key of RSA");
    return spec;
}

void general_padding(struct run *r)
{
    static const BYTE digest[32] = { 7, 1, 8, 2 };
    CARD_SIGNING_INFO info;
    const char *why = "";
    unsigned long live;
    EVP_PKEY *key;
    struct bench b;
    DWORD spec, rc;
    BYTE index;

    bench_open(r, &b);
    need_rsa(&b);
    be_user(&b);
    spec = any_rsa(&b, &index);
    b.data.pfnCspPadData = pad_data;
    live = mem_live();
    rc = sign(&b, index, spec, digest, &info);
    if (rc == SCARD_E_UNSUPPORTED_FEATURE) { /* of that hash */
        hash = 1;
        rc = sign(&b, index, spec, digest, &info);
    }
    NEED(r, rc);
    if (pads == 0)
        run_not_applicable(r, "CardSignData pads without pfnCspPadData");
    key = public_key_of(&b, index, spec, &why);
    if (key == NULL || !mem_is_ours(info.pbSignedData))
        run_blocked(r, "no signature, or no public key to it: %s", why);
    CHECK(r, verifies(key, digest, info.pbSignedData, info.cbSignedData),
          "a signature over what pfnCspPadData gave does not verify");
    mem_free(info.pbSignedData);
    CHECK(r, mem_live() <= live, "the block of pfnCspPadData is not freed");
    pads_fail = true;
    CHECK(r, sign(&b, index, spec, digest, &info) != SCARD_S_SUCCESS,
          "pfnCspPadData fails, and CardSignData does not");
    be_nobody(&b);
}
