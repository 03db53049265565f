/* SPDX-License-Identifier: MIT */
/* The closed tool's calls, as in tool_steps.c: containers and signatures. */
#include "kit/bench/fixture_keys.h"
#include "kit/bench/padding.h"
#include "kit/bench/signatures.h"
#include "kit/rows/sign.h"
#include "kit/rows/tool.h"

#include "base/wstr.h"

#include <string.h>

#define OK       SCARD_S_SUCCESS
#define INVALID  SCARD_E_INVALID_PARAMETER
#define MISMATCH ERROR_REVISION_MISMATCH
#define NO_KEY   SCARD_E_NO_KEY_CONTAINER
#define CANNOT   SCARD_E_UNSUPPORTED_FEATURE

/* ---- CardGetContainerInfo -------------------------------------------------------------------- */

static DWORD show(struct bench *b, BYTE index, DWORD flags, DWORD version)
{
    CONTAINER_INFO info = { .dwVersion = version };

    return CALL(b, GetContainerInfo, &b->data, index, flags, &info);
}

void step_container_badly(struct run *r)
{
    CONTAINER_INFO info = { .dwVersion = CONTAINER_INFO_CURRENT_VERSION };
    struct signer s;
    struct bench b;

    bench_open(r, &b);
    s = need_signer(&b);
    EXPECT(r, CALL(&b, GetContainerInfo, NULL, s.index, 0, &info), INVALID);
    EXPECT(r, CALL(&b, GetContainerInfo, &b.data, s.index, 0, NULL), INVALID);
    EXPECT(r, show(&b, empty_index(&b), 0, 1), NO_KEY);
    EXPECT(r, show(&b, 0xFF, 0, 1), NO_KEY);
    EXPECT(r, show(&b, s.index, 1, 1), INVALID);
    EXPECT(r, show(&b, s.index, 0, 2), MISMATCH);
    EXPECT(r, show(&b, s.index, 0, 257), MISMATCH);
}

/* ---- how a hash is told -------------------------------------------------------------------- */

enum way { BY_NUMBER, BY_BASIC_VERSION, BY_NAME, WAYS };

static CARD_SIGNING_INFO ask_by(struct bench *b, const struct signer *s,
                                const struct hash_kind *hash, enum way way,
                                BCRYPT_PKCS1_PADDING_INFO *how)
{
    CARD_SIGNING_INFO info = ask_signature(b, s, hash);

    how->pszAlgId = hash->name;
    if (way != BY_BASIC_VERSION)
        info.dwVersion = CARD_SIGNING_INFO_CURRENT_VERSION;
    if (way == BY_NAME) {
        info.aiHashAlg = 0;
        info.dwSigningFlags = CARD_PADDING_INFO_PRESENT;
        info.dwPaddingType = CARD_PADDING_PKCS1;
        info.pPaddingInfo = how;
    }
    return info;
}

/* ---- CardSignData: errors -------------------------------------------------------------------- */

#define NO_ALGORITHM 0x10000000u

static DWORD sign(struct bench *b, CARD_SIGNING_INFO info)
{
    DWORD rc = CALL(b, SignData, &b->data, &info);

    drop_signature(&info);
    return rc;
}

/* By the hash number, as every version has it: of keys that pad. */
static void refuses_hashes(struct run *r, struct bench *b, CARD_SIGNING_INFO good)
{
    good.aiHashAlg = NO_ALGORITHM;
    EXPECT(r, sign(b, good), INVALID);
    if (!spec_is_rsa(good.dwKeySpec) || padding_asked() != 0)
        return; /* the hash is the caller's matter */
    good.aiHashAlg = CALG_MAC;
    EXPECT(r, sign(b, good), CANNOT);
}

void step_sign_badly(struct run *r)
{
    BCRYPT_PKCS1_PADDING_INFO how;
    CARD_SIGNING_INFO good, info;
    const struct hash_kind *hash;
    struct signer s;
    struct bench b;

    bench_open(r, &b);
    s = need_signer(&b);
    be_user(&b);
    NEED(r, sign_any(&b, &s, &info, &hash));
    drop_signature(&info);
    good = ask_signature(&b, &s, hash);
    info = good;
    EXPECT(r, CALL(&b, SignData, NULL, &info), INVALID);
    EXPECT(r, CALL(&b, SignData, &b.data, NULL), INVALID);
    info.dwVersion = 65538;
    EXPECT(r, sign(&b, info), MISMATCH);
    info = good;
    info.pbData = NULL;
    EXPECT(r, sign(&b, info), INVALID);
    info = good;
    info.bContainerIndex = empty_index(&b);
    EXPECT(r, sign(&b, info), NO_KEY);
    info = good;
    info.dwKeySpec = 65538;
    EXPECT(r, sign(&b, info), INVALID);
    info = ask_by(&b, &s, hash, BY_NAME, &how);
    info.dwSigningFlags = 0xFFFFFFFF;
    EXPECT(r, sign(&b, info), INVALID);
    refuses_hashes(r, &b, good);
    be_nobody(&b);
    EXPECT(r, sign(&b, good), SCARD_W_SECURITY_VIOLATION);
}

/* ---- CardSignData: every hash, told in every way --------------------------------------------- */

static const WCHAR md2[] = BCRYPT_MD2_ALGORITHM, md4[] = BCRYPT_MD4_ALGORITHM;

/* Hashes that no one should sign any more, but which the tool has signed. */
static const struct hash_kind old_hashes[] = {
    { CALG_MD2, md2, "MD2", 16 },
    { CALG_MD4, md4, "MD4", 16 },
};

static const struct hash_kind *tool_hash_kind(size_t n)
{
    return n < ARRAY(old_hashes) ? &old_hashes[n] : hash_kind(n - ARRAY(old_hashes));
}

/* The digest itself, in whatever padding: OpenSSL may not know such hashes any more. */
static bool says(EVP_PKEY *key, const struct hash_kind *hash, const CARD_SIGNING_INFO *info)
{
    BYTE block[1024], told[DIGEST_INFO_MAX];
    size_t len = hash->md != NULL ? digest_info(hash, info->pbData, told) : 0;

    if (len == 0) {
        memcpy(told, info->pbData, info->cbData);
        len = info->cbData;
    }
    return info->cbSignedData <= sizeof(block) && info->cbSignedData > len + 10 &&
           rsa_block(key, info->pbSignedData, info->cbSignedData, block) && block[0] == 0 &&
           block[1] == 1 && block[info->cbSignedData - len - 1] == 0 &&
           memcmp(block + info->cbSignedData - len, told, len) == 0;
}

/* 1: signed. 0: the module says that it does not. */
static unsigned signs_by(struct bench *b, struct signer *s, const struct hash_kind *hash,
                         enum way way)
{
    static const char *const names[WAYS] = { "in version 2", "in version 1", "by its name" };
    BCRYPT_PKCS1_PADDING_INFO how;
    CARD_SIGNING_INFO info = ask_by(b, s, hash, way, &how);
    DWORD rc = CALL(b, SignData, &b->data, &info);

    if (rc == CANNOT)
        return 0;
    EXPECT(b->run, rc, OK);
    check_signed(b, &info);
    CHECK(b->run, says(signer_key(b, s), hash, &info),
          "%u bytes of hash %04X, told %s: no signature of PKCS#1 v1.5 over it",
          (unsigned)hash->len, (unsigned)hash->alg, names[way]);
    drop_signature(&info);
    return 1;
}

static void signs_all(struct bench *b, struct signer *s)
{
    const struct hash_kind *hash;
    unsigned done = 0, seen = 0;

    for (size_t n = 0; (hash = tool_hash_kind(n)) != NULL; n++) {
        unsigned times = 0;

        for (enum way way = 0; way < WAYS; way++)
            times += way != BY_NAME || hash->name != NULL ? signs_by(b, s, hash, way) : 0;
        CHECK(b->run, times == 0 || times == (hash->name != NULL ? WAYS : WAYS - 1),
              "hash %04X is signed in some ways only", (unsigned)hash->alg);
        done += times;
        seen += times != 0;
    }
    CHECK(b->run, done != 0, "no hash is signed");
    run_saw(b->run, "%s: %u hashes", spec_name(s->spec), seen);
}

void step_sign_well(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    need_rsa(&b);
    each_signer(&b, true, signs_all);
}
