/* SPDX-License-Identifier: MIT */
/* 2.4.3.1: CardRSADecrypt. OpenSSL encrypts under the public key of the container. */
#include "kit/rows/decrypt.h"
#include "kit/bench/fixture_keys.h"
#include "kit/groups.h"
#include "kit/bench/hashes.h"
#include "kit/bench/padding.h"
#include "kit/bench/timing.h"

#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <string.h>

#define BLOCK_MAX   CIPHER_MAX
#define TIMED_LEN   32u   /* CMR.4.3.1.X1 */
#define LONGEST     1500.0
#define AVERAGE     1000.0
#define PKCS1_EXTRA 11u   /* 00 02, eight bytes at least, 00 */

/* 7 knows the second alone. */
DWORD decrypt_version(const struct bench *b)
{
    return b->data.dwVersion >= 7 ? CARD_RSA_KEY_DECRYPT_INFO_VERSION_TWO
                                  : CARD_RSA_KEY_DECRYPT_INFO_VERSION_ONE;
}

/* ---- what is needed -------------------------------------------------------------------------- */

BYTE need_decrypt_index(struct bench *b)
{
    BYTE index;

    need_rsa(b);
    if (b->data.pfnCardRSADecrypt == NULL)
        run_not_applicable(b->run, "the module has no CardRSADecrypt (pfnCardRSADecrypt is NULL)");
    if (!has_spec(b, AT_KEYEXCHANGE))
        run_not_applicable(b->run, "the card has no RSA keys for exchange (CardQueryKeySizes)");
    index = fixture_key(b, AT_KEYEXCHANGE);
    if (index == 0xFF)
        no_key(b, "an exchange key of RSA");
    lend_padding(b);
    return index;
}

struct decryptor {
    BYTE index;
    EVP_PKEY *key;
    DWORD width; /* of the modulus */
};

static struct decryptor need_key(struct bench *b)
{
    struct decryptor d = { .index = need_decrypt_index(b) };
    const char *why = "";

    d.key = public_key_of(b, d.index, AT_KEYEXCHANGE, &why);
    if (d.key == NULL)
        run_blocked(b->run, "the public key: %s", why);
    d.width = (DWORD)EVP_PKEY_get_size(d.key);
    if (d.width > BLOCK_MAX)
        run_blocked(b->run, "a modulus of %u bytes", (unsigned)d.width);
    be_user(b);
    return d;
}

/* ---- messages -------------------------------------------------------------------------------- */

struct message {
    BYTE bytes[BLOCK_MAX];
    DWORD len;
};

static struct message random_message(struct run *r, DWORD len)
{
    struct message m = { .len = len };

    if (RAND_bytes(m.bytes, (int)len) != 1)
        run_blocked(r, "OpenSSL has no random numbers");
    return m;
}

/* Little-endian, as the interface has it. oaep NULL: PKCS#1 v1.5. */
static void encrypt(struct run *r, const struct decryptor *d, const struct message *m,
                    const BCRYPT_OAEP_PADDING_INFO *oaep, BYTE block[BLOCK_MAX])
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(d->key, NULL);
    size_t len = BLOCK_MAX;
    bool ok = ctx != NULL && EVP_PKEY_encrypt_init(ctx) == 1;

    if (ok && oaep == NULL)
        ok = EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1;
    else if (ok)
        ok = EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_oaep_md_name(ctx, hash_by_name(oaep->pszAlgId)->md, NULL) == 1;
    ok = ok && EVP_PKEY_encrypt(ctx, block, &len, m->bytes, m->len) == 1 && len == d->width;
    EVP_PKEY_CTX_free(ctx);
    if (!ok)
        run_blocked(r, "OpenSSL does not encrypt %u bytes", (unsigned)m->len);
    reverse_bytes(block, len);
}

/* One call; a card that does not decrypt says so. */
static DWORD decrypt(struct bench *b, CARD_RSA_DECRYPT_INFO *info)
{
    DWORD rc = CALL(b, RSADecrypt, &b->data, info);

    if (rc == SCARD_E_UNSUPPORTED_FEATURE && info->dwPaddingType <= CARD_PADDING_PKCS1)
        run_not_applicable(b->run, "the card does not decrypt: CardRSADecrypt answers %s",
                           kit_code(rc));
    return rc;
}

static CARD_RSA_DECRYPT_INFO ask(struct bench *b, const struct decryptor *d, BYTE *block)
{
    return (CARD_RSA_DECRYPT_INFO){ .dwVersion = decrypt_version(b), .bContainerIndex = d->index,
                                    .dwKeySpec = AT_KEYEXCHANGE, .pbData = block,
                                    .cbData = d->width, .dwPaddingType = CARD_PADDING_NONE };
}

/* ---- what comes back ------------------------------------------------------------------------- */

/* The padded message. Cards that take the padding off put another on: its bytes may differ. */
static bool is_padded(const BYTE *block, DWORD width, const struct message *m)
{
    BYTE turned[BLOCK_MAX];
    DWORD zero = 2;

    memcpy(turned, block, width);
    reverse_bytes(turned, width);
    while (zero < width && turned[zero] != 0)
        zero++;
    return turned[0] == 0 && turned[1] == 2 && zero >= PKCS1_EXTRA - 1 &&
           zero + 1 + m->len == width && memcmp(turned + zero + 1, m->bytes, m->len) == 0;
}

static void check_padded(struct run *r, const CARD_RSA_DECRYPT_INFO *info,
                         const struct decryptor *d, const BYTE *block, const struct message *m)
{
    CHECK(r, info->pbData == block, "pbData points elsewhere than before");
    CHECK(r, info->cbData == d->width, "%u bytes come back of a block of %u",
          (unsigned)info->cbData, (unsigned)d->width);
    CHECK(r, is_padded(block, d->width, m),
          "not the block of PKCS#1, little-endian, with the %u bytes that were encrypted",
          (unsigned)m->len);
}

static void decrypts_block(struct bench *b, const struct decryptor *d, const struct message *m,
                           BYTE block[BLOCK_MAX])
{
    CARD_RSA_DECRYPT_INFO info = ask(b, d, block);

    EXPECT(b->run, decrypt(b, &info), SCARD_S_SUCCESS);
    check_padded(b->run, &info, d, block, m);
}

/* A block whose first byte, as numbers are written, is 0: it is as long as the others. */
static void decrypts_small_number(struct bench *b, const struct decryptor *d)
{
    const struct message m = random_message(b->run, TIMED_LEN);
    BYTE block[BLOCK_MAX];

    do
        encrypt(b->run, d, &m, NULL, block);
    while (block[d->width - 1] != 0);
    decrypts_block(b, d, &m, block);
}

/* ---- version 7: the padding is taken off ----------------------------------------------------- */

static void removes_padding(struct bench *b, const struct decryptor *d, DWORD type,
                            BCRYPT_OAEP_PADDING_INFO *oaep)
{
    const struct message m = random_message(b->run, TIMED_LEN);
    BYTE block[BLOCK_MAX];
    CARD_RSA_DECRYPT_INFO info = ask(b, d, block);
    DWORD rc;

    encrypt(b->run, d, &m, oaep, block);
    info.dwPaddingType = type;
    info.pPaddingInfo = oaep;
    rc = decrypt(b, &info);
    if (rc == SCARD_E_UNSUPPORTED_FEATURE && !padding_declared(b, type))
        return;
    EXPECT(b->run, rc, SCARD_S_SUCCESS);
    CHECK(b->run, info.cbData == m.len, "%u bytes come back, %u were encrypted",
          (unsigned)info.cbData, (unsigned)m.len);
    reverse_bytes(block, m.len);
    CHECK(b->run, memcmp(block, m.bytes, m.len) == 0, "another message, padding type %u",
          (unsigned)type);
}

static void removes_every_padding(struct bench *b, const struct decryptor *d)
{
    removes_padding(b, d, CARD_PADDING_PKCS1, NULL);
    for (size_t i = 0; hash_kind(i) != NULL && hash_kind(i)->md != NULL; i++) {
        BCRYPT_OAEP_PADDING_INFO oaep = { .pszAlgId = hash_kind(i)->name };

        if (2 * hash_kind(i)->len + 2 + TIMED_LEN <= d->width)
            removes_padding(b, d, CARD_PADDING_OAEP, &oaep);
    }
}

/* ---- functional ------------------------------------------------------------------------------ */

static void decrypts(struct run *r)
{
    struct bench b;
    struct decryptor d;

    bench_open(r, &b);
    d = need_key(&b);
    for (unsigned i = 0; i < 3; i++) {
        const DWORD lens[] = { TIMED_LEN, 1, d.width - PKCS1_EXTRA };
        const struct message m = random_message(r, lens[i]);
        BYTE block[BLOCK_MAX];

        encrypt(r, &d, &m, NULL, block);
        decrypts_block(&b, &d, &m, block);
    }
    decrypts_small_number(&b, &d);
    if (b.data.dwVersion >= 7)
        removes_every_padding(&b, &d);
    be_nobody(&b);
}

static void succeeds(struct run *r)
{
    struct bench b;
    struct decryptor d;

    bench_open(r, &b);
    d = need_key(&b);
    for (unsigned i = 0; i < 3; i++) {
        const struct message m = random_message(r, TIMED_LEN);
        BYTE block[BLOCK_MAX];
        CARD_RSA_DECRYPT_INFO info = ask(&b, &d, block);

        encrypt(r, &d, &m, NULL, block);
        EXPECT(r, decrypt(&b, &info), SCARD_S_SUCCESS);
    }
    be_nobody(&b);
}

/* Behind version 1 nothing is read: what stands there makes no sense. */
static CARD_RSA_DECRYPT_INFO by_version(struct bench *b, const struct decryptor *d, DWORD version,
                                        BYTE *block)
{
    CARD_RSA_DECRYPT_INFO info = ask(b, d, block);
    DWORD rc;

    info.dwVersion = version;
    info.dwPaddingType = 0xFFFFFFFF;
    rc = CALL(b, RSADecrypt, &b->data, &info);
    if (version == 1 && rc == SCARD_E_UNSUPPORTED_FEATURE)
        run_not_applicable(b->run, "the card does not decrypt: CardRSADecrypt answers %s",
                           kit_code(rc));
    if (version == 1)
        NEED(b->run, rc);
    EXPECT(b->run, rc, SCARD_S_SUCCESS);
    return info;
}

/* The same comes of the same block; but for what a card puts around the message anew. */
static void takes_version_0(struct run *r)
{
    BYTE one_block[BLOCK_MAX], zero_block[BLOCK_MAX];
    CARD_RSA_DECRYPT_INFO one, zero;
    struct bench b;
    struct decryptor d;
    struct message m;

    bench_open(r, &b);
    d = need_key(&b);
    m = random_message(r, TIMED_LEN);
    encrypt(r, &d, &m, NULL, one_block);
    memcpy(zero_block, one_block, d.width);
    one = by_version(&b, &d, 1, one_block);
    zero = by_version(&b, &d, 0, zero_block);
    CHECK(r, zero.cbData == one.cbData, "%u bytes, for version 1 %u", (unsigned)zero.cbData,
          (unsigned)one.cbData);
    CHECK(r, memcmp(zero_block, one_block, d.width) == 0 || is_padded(zero_block, d.width, &m),
          "another result than for version 1");
    be_nobody(&b);
}

static const struct requirement functional[] = {
    ROW("CMR.4.3.1.1", "a block as long as the modulus is decrypted with the key of the container",
        decrypts, .optional = true, .versions = KIT_V(4) | KIT_V(5) | KIT_V(7)),
    ROW("CMR.4.3.1.2", "0 on success", succeeds, .versions = KIT_V4_TO_V7),
    ROW("CMR.4.3.1.3", "version 0 of CARD_RSA_DECRYPT_INFO is version 1", takes_version_0,
        .versions = KIT_V(4) | KIT_V(5) | KIT_V(6)),
};

/* ---- performance ----------------------------------------------------------------------------- */

static struct decryptor timed;

static void decrypt_32(struct bench *b)
{
    const struct message m = random_message(b->run, TIMED_LEN);
    BYTE block[BLOCK_MAX];
    CARD_RSA_DECRYPT_INFO info = ask(b, &timed, block);

    encrypt(b->run, &timed, &m, NULL, block);
    NEED(b->run, decrypt(b, &info));
}

static void longest(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    timed = need_key(&b);
    longest_within(r, &b, decrypt_32, LONGEST);
}

static void average(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    timed = need_key(&b);
    average_within(r, &b, decrypt_32, AVERAGE);
}

static const struct requirement performance[] = {
    ROW("CMR.4.3.1.X1", "32 bytes decrypted within 1.5 s", longest),
    ROW("CMR.4.3.1.X2", "32 bytes decrypted within 1 s on the average of 20", average),
};

#define DECRYPT "CardRSADecrypt"

static const struct section sections[] = {
    { "2.4.3.1.1", DECRYPT, KIT_FUNCTIONAL, NULL, functional, ARRAY(functional) },
    { "2.4.3.1.2", DECRYPT, KIT_PERFORMANCE, NULL, performance, ARRAY(performance) },
    { "2.4.3.1.3", DECRYPT, KIT_ERROR, &decrypt_subject, decrypt_errors,
      ARRAY(decrypt_errors) },
};

const struct group decrypt_rows = { sections, ARRAY(sections) };
