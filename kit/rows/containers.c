/* SPDX-License-Identifier: MIT */
/* 2.4.2: key containers. Here CardDeleteContainer and CardGetContainerInfo; see containers.h. */
#include "kit/rows/containers.h"
#include "kit/groups.h"
#include "kit/bench/timing.h"

#include <string.h>

/* ---- CardDeleteContainer ------------------------------------------------------------------------- */

static DWORD look(struct bench *b, BYTE index, CONTAINER_INFO *info)
{
    memset(info, 0xA5, sizeof(*info)); /* members that the module leaves alone */
    info->dwVersion = CONTAINER_INFO_CURRENT_VERSION;
    return CALL(b, GetContainerInfo, &b->data, index, 0, info);
}

static void drop(CONTAINER_INFO *info)
{
    if (mem_is_ours(info->pbSigPublicKey))
        mem_free(info->pbSigPublicKey);
    if (mem_is_ours(info->pbKeyExPublicKey) && info->pbKeyExPublicKey != info->pbSigPublicKey)
        mem_free(info->pbKeyExPublicKey);
}

static void check_gone(struct bench *b, BYTE index, DWORD spec)
{
    BYTE digest[20] = { 1 };
    CARD_SIGNING_INFO sign = { .dwVersion = CARD_SIGNING_INFO_BASIC_VERSION,
                               .bContainerIndex = index, .dwKeySpec = spec,
                               .aiHashAlg = CALG_SHA1, .pbData = digest, .cbData = 20 };
    CONTAINER_INFO info;
    DWORD rc = look(b, index, &info);

    if (rc == SCARD_S_SUCCESS)
        drop(&info);
    CHECK(b->run, rc != SCARD_S_SUCCESS, "the container still shows a key");
    rc = CALL(b, SignData, &b->data, &sign);
    CHECK(b->run, rc != SCARD_S_SUCCESS, "the private key %s still signs", spec_name(spec));
}

/* A module that only hides what was there shows it again beside a new key. */
static void check_not_hidden(struct bench *b, BYTE index, DWORD signature, DWORD exchange)
{
    const char *why = "";

    NEED(b->run, put_key(b, index, exchange, spec_bits(b, exchange)));
    CHECK(b->run, public_key_of(b, index, signature, &why) == NULL,
          "the deleted key %s is back beside a new one", spec_name(signature));
    NEED(b->run, drop_container(b, index));
}

/* The other containers' keys, all that are known. */
static void see_neighbours(struct bench *b, struct shown ret[SPECS_END])
{
    memset(ret, 0, SPECS_END * sizeof(*ret));
    for (DWORD spec = AT_KEYEXCHANGE; spec < SPECS_END; spec++)
        if (fixture_key(b, spec) != 0xFF)
            ret[spec] = shown_key(b, fixture_key(b, spec), spec);
}

/* The container map is the caller's. Its bytes, or nothing. */
static DWORD read_map(struct bench *b, PBYTE *ret)
{
    DWORD len = 0;

    *ret = NULL;
    if (CALL(b, ReadFile, &b->data, str("mscp"), str("cmapfile"), 0, ret, &len) !=
        SCARD_S_SUCCESS)
        return 0;
    return mem_is_ours(*ret) && mem_len(*ret) >= len ? len : 0;
}

/* Two keys in a container, if the card has such; *ret_signature, *ret_exchange: 0 for none. */
static void fill(struct bench *b, BYTE index, DWORD *ret_signature, DWORD *ret_exchange)
{
    DWORD rc = SCARD_S_SUCCESS;

    *ret_signature = any_spec_that(b, false);
    *ret_exchange = any_spec_that(b, true);
    if (*ret_signature != 0)
        NEED(b->run, put_key(b, index, *ret_signature, spec_bits(b, *ret_signature)));
    if (*ret_exchange != 0 &&
        (rc = put_key(b, index, *ret_exchange, spec_bits(b, *ret_exchange))) ==
            SCARD_E_NO_MEMORY && *ret_signature != 0)
        *ret_exchange = 0; /* a container of this card takes one key */
    NEED(b->run, *ret_exchange != 0 ? rc : SCARD_S_SUCCESS);
}

static void check_map(struct bench *b, const BYTE *map, DWORD len)
{
    PBYTE now;
    DWORD now_len = read_map(b, &now);

    CHECK(b->run, len == now_len && (len == 0 || memcmp(map, now, len) == 0),
          "the container map (mscp\\cmapfile) has changed, which is the caller's to do");
}

static void deletes(struct run *r)
{
    DWORD map_len, signature, exchange;
    struct bench b, again;
    struct shown beside[SPECS_END], beside_now[SPECS_END];
    PBYTE map;
    BYTE index;

    bench_open(r, &b);
    index = need_scratch(&b);
    map_len = read_map(&b, &map);
    see_neighbours(&b, beside);
    fill(&b, index, &signature, &exchange);
    NEED(r, drop_container(&b, index));
    check_gone(&b, index, signature != 0 ? signature : exchange);
    be_user(&b); /* after a reset, in another context */
    bench_again(&b, &again);
    check_gone(&again, index, signature != 0 ? signature : exchange);
    see_neighbours(&again, beside_now);
    for (DWORD spec = 0; spec < SPECS_END; spec++)
        CHECK(r, same_shown(&beside[spec], &beside_now[spec]),
              "another container shows another key than before");
    check_map(&b, map, map_len);
    if (signature != 0 && exchange != 0)
        check_not_hidden(&b, index, signature, exchange);
}

static void deletes_with_0(struct run *r)
{
    DWORD spec;
    struct bench b;
    BYTE index;

    bench_open(r, &b);
    index = need_scratch(&b);
    spec = any_spec(&b);
    NEED(r, put_key(&b, index, spec, spec_bits(&b, spec)));
    EXPECT(r, drop_container(&b, index), SCARD_S_SUCCESS);
    EXPECT(r, drop_container(&b, index), SCARD_S_SUCCESS); /* which is not there any more */
    EXPECT(r, drop_container(&b, empty_index(&b)), SCARD_S_SUCCESS);
}

static const struct requirement delete_functional[] = {
    { .id = "CMR.4.2.2.1", .test = deletes,
      .words = "both keys of a container, public and private, are gone, and nothing else" },
    { .id = "CMR.4.2.2.2", .test = deletes_with_0, .versions = KIT_V(4) | KIT_V(5) | KIT_V(7),
      .words = "0 on success, also where there was no container" },
};

/* ---- CardGetContainerInfo -------------------------------------------------------------------------- */

DWORD need_fixture_key(struct bench *b)
{
    for (DWORD spec = AT_ECDHE_P521; spec >= AT_KEYEXCHANGE; spec--)
        if (fixture_key(b, spec) != 0xFF)
            return spec;
    run_not_applicable(b->run, "there is no key on the card, and none can be put there");
}

static void check_absent(struct run *r, const void *blob, DWORD len, const char *which)
{
    CHECK(r, blob == NULL && len == 0, "the container has no %s key, but its member is %s, %u bytes",
          which, blob == NULL ? "NULL" : "set", (unsigned)len);
}

/* The key alone in its container: in its own member, well made, and that of the private key. */
static void check_alone(struct bench *b, DWORD spec)
{
    const BYTE index = fixture_key(b, spec);
    const char *why = "";
    CONTAINER_INFO info;
    EVP_PKEY *key;

    EXPECT(b->run, look(b, index, &info), SCARD_S_SUCCESS);
    CHECK(b->run, info.dwVersion == 1, "version %u of the structure comes back",
          (unsigned)info.dwVersion);
    if (spec_exchanges(spec))
        check_absent(b->run, info.pbSigPublicKey, info.cbSigPublicKey, "signature");
    else
        check_absent(b->run, info.pbKeyExPublicKey, info.cbKeyExPublicKey, "exchange");
    drop(&info);
    key = public_key_of(b, index, spec, &why);
    CHECK(b->run, key != NULL, "the public key %s: %s", spec_name(spec), why);
    be_user(b);
    prove_key(b, index, spec, key);
    be_nobody(b);
    EVP_PKEY_free(key);
    run_saw(b->run, "%s", spec_name(spec));
}

static void shows_keys(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    (void)need_fixture_key(&b);
    for (DWORD spec = AT_KEYEXCHANGE; spec < SPECS_END; spec++)
        if (fixture_key(&b, spec) != 0xFF)
            check_alone(&b, spec);
}

static void check_block(struct run *r, const BYTE *blob, DWORD len, const char *which)
{
    if (blob == NULL)
        return;
    CHECK(r, mem_is_ours(blob), "the %s key is not in a block of pfnCspAlloc or pfnCspReAlloc",
          which);
    CHECK(r, mem_len(blob) >= len, "the block of the %s key has %zu bytes, of %u", which,
          mem_len(blob), (unsigned)len);
}

/* Freed by the caller: nothing of the module's may be said to be wrong then, or touched later. */
static void check_blocks(struct bench *b, BYTE index)
{
    CONTAINER_INFO info;

    NEED(b->run, look(b, index, &info));
    check_block(b->run, info.pbSigPublicKey, info.cbSigPublicKey, "signature");
    check_block(b->run, info.pbKeyExPublicKey, info.cbKeyExPublicKey, "exchange");
    CHECK(b->run, info.pbSigPublicKey == NULL || info.pbSigPublicKey != info.pbKeyExPublicKey,
          "both keys are in one block, which the caller frees twice");
    drop(&info);
    NEED(b->run, look(b, index, &info));
    drop(&info);
    CHECK(b->run, mem_fault() == NULL, "%s", mem_fault());
}

static void allocates_by_callbacks(struct run *r)
{
    DWORD signature, exchange;
    struct bench b;

    bench_open(r, &b);
    (void)need_fixture_key(&b);
    for (DWORD spec = AT_KEYEXCHANGE; spec < SPECS_END; spec++)
        if (fixture_key(&b, spec) != 0xFF)
            check_blocks(&b, fixture_key(&b, spec));
    signature = any_spec_that(&b, false);
    exchange = any_spec_that(&b, true);
    if (signature == 0 || exchange == 0 || scratch_index(&b) == 0xFF)
        return;
    be_user(&b);
    if (put_key(&b, scratch_index(&b), signature, spec_bits(&b, signature)) == SCARD_S_SUCCESS &&
        put_key(&b, scratch_index(&b), exchange, spec_bits(&b, exchange)) == SCARD_S_SUCCESS)
        check_blocks(&b, scratch_index(&b)); /* two at once */
    (void)drop_container(&b, scratch_index(&b));
}

static void info_succeeds(struct run *r)
{
    CONTAINER_INFO info;
    struct bench b;
    DWORD spec;

    bench_open(r, &b);
    spec = need_fixture_key(&b);
    EXPECT(r, look(&b, fixture_key(&b, spec), &info), SCARD_S_SUCCESS);
    drop(&info);
    be_user(&b);
    EXPECT(r, look(&b, fixture_key(&b, spec), &info), SCARD_S_SUCCESS);
    drop(&info);
}

static bool same_key(const BYTE *a, DWORD a_len, const BYTE *b, DWORD b_len)
{
    return (a == NULL) == (b == NULL) && a_len == b_len &&
           (a == NULL || memcmp(a, b, a_len) == 0);
}

static void takes_version_0(struct run *r)
{
    CONTAINER_INFO zero, one;
    struct bench b;
    BYTE index;

    bench_open(r, &b);
    index = fixture_key(&b, need_fixture_key(&b));
    memset(&zero, 0xA5, sizeof(zero));
    zero.dwVersion = 0;
    EXPECT(r, CALL(&b, GetContainerInfo, &b.data, index, 0, &zero), SCARD_S_SUCCESS);
    NEED(r, look(&b, index, &one));
    CHECK(r, zero.dwVersion == 1, "version %u comes back for version 0", (unsigned)zero.dwVersion);
    CHECK(r, same_key(zero.pbSigPublicKey, zero.cbSigPublicKey, one.pbSigPublicKey,
                      one.cbSigPublicKey) &&
                 same_key(zero.pbKeyExPublicKey, zero.cbKeyExPublicKey, one.pbKeyExPublicKey,
                          one.cbKeyExPublicKey),
          "other keys for version 0 than for version 1");
    drop(&zero);
    drop(&one);
}

static const struct requirement info_functional[] = {
    { .id = "CMR.4.2.3.1", .test = shows_keys,
      .words = "the public key of each use in its own member, nothing where there is no key" },
    { .id = "CMR.4.2.3.2", .test = allocates_by_callbacks,
      .words = "the keys are in blocks of pfnCspAlloc or pfnCspReAlloc, the caller's to free" },
    { .id = "CMR.4.2.3.3", .test = info_succeeds, .versions = KIT_V4_TO_V7,
      .words = "0 on success" },
    { .id = "CMR.4.2.3.4", .test = takes_version_0, .versions = KIT_V(4) | KIT_V(5) | KIT_V(7),
      .words = "version 0 of CONTAINER_INFO is version 1" },
};

/* ---- time ------------------------------------------------------------------------------------------- */

static BYTE timed_index; /* of the one test in this process */

static void look_once(struct bench *b)
{
    CONTAINER_INFO info;

    NEED(b->run, look(b, timed_index, &info));
    drop(&info);
}

static void open_timed(struct run *r, struct bench *b)
{
    bench_open(r, b);
    timed_index = fixture_key(b, AT_SIGNATURE);
    if (timed_index == 0xFF)
        timed_index = fixture_key(b, AT_KEYEXCHANGE);
    if (timed_index == 0xFF || fixture_rsa_bits(b) != 1024)
        run_not_applicable(r, "the card has no RSA key of 1024 bits (CardQueryKeySizes)");
}

static void shows_in_time(struct run *r)
{
    struct bench b;

    open_timed(r, &b);
    longest_within(r, &b, look_once, 5000);
}

static void shows_in_time_on_average(struct run *r)
{
    struct bench b;

    open_timed(r, &b);
    average_within(r, &b, look_once, 5000);
}

static const struct requirement info_pace[] = {
    { .id = "CMR.4.2.3.X1", .test = shows_in_time, .words = "RSA of 1024 bits within 5 s" },
    { .id = "CMR.4.2.3.X2", .test = shows_in_time_on_average,
      .words = "RSA of 1024 bits within 5 s on average of 20" },
};

/* ---- in printed order --------------------------------------------------------------------------------- */

#define CREATE "CardCreateContainer"
#define DELETE "CardDeleteContainer"
#define INFO   "CardGetContainerInfo"

static const struct section sections[] = {
    { "2.4.2.1.1", CREATE, KIT_FUNCTIONAL, NULL, container_create, ARRAY(container_create) },
    { "2.4.2.1.2", CREATE, KIT_PERFORMANCE, NULL, container_create_pace,
      ARRAY(container_create_pace) },
    { "2.4.2.1.3", CREATE, KIT_ERROR, &container_create_subject, container_create_errors,
      ARRAY(container_create_errors) },
    { "2.4.2.2.1", DELETE, KIT_FUNCTIONAL, NULL, delete_functional, ARRAY(delete_functional) },
    { "2.4.2.2.2", DELETE, KIT_ERROR, &container_delete_subject, container_delete_errors,
      ARRAY(container_delete_errors) },
    { "2.4.2.3.1", INFO, KIT_FUNCTIONAL, NULL, info_functional, ARRAY(info_functional) },
    { "2.4.2.3.2", INFO, KIT_PERFORMANCE, NULL, info_pace, ARRAY(info_pace) },
    { "2.4.2.3.3", INFO, KIT_ERROR, &container_info_subject, container_info_errors,
      ARRAY(container_info_errors) },
};

const struct group container_rows = { sections, ARRAY(sections) };
