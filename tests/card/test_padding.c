/* SPDX-License-Identifier: MIT */
/* What the card does not pad by itself: PSS and OAEP through the caller's callbacks, with every
 * hash and length; which structure says what. OpenSSL verifies and encrypts. */
#define OPENSSL_SUPPRESS_DEPRECATED /* RSA_padding_* have no successors */
#include "openssl_keys.h"

#include <openssl/rand.h>
#include <string.h>

#define OK        SCARD_S_SUCCESS
#define INVALID   SCARD_E_INVALID_PARAMETER
#define LACKS     SCARD_E_UNSUPPORTED_FEATURE
#define MISMATCH  ERROR_REVISION_MISMATCH
#define BITS      2048
#define WIDTH     256u
#define KEY_INDEX 3

static const WCHAR md5[] = BCRYPT_MD5_ALGORITHM, sha1[] = BCRYPT_SHA1_ALGORITHM,
                   sha256[] = BCRYPT_SHA256_ALGORITHM, sha384[] = BCRYPT_SHA384_ALGORITHM,
                   sha512[] = BCRYPT_SHA512_ALGORITHM;

static const struct hash {
    const WCHAR *name;
    const char *openssl;
    DWORD len;
} hashes[] = {
    { md5, "MD5", 16 },
    { sha1, "SHA1", 20 },
    { sha256, "SHA256", 32 },
    { sha384, "SHA384", 48 },
    { sha512, "SHA512", 64 },
};

static const struct hash *hash_named(const WCHAR *name)
{
    for (size_t i = 0; i < ARRAY(hashes); i++)
        if (hashes[i].name == name)
            return &hashes[i];
    fail_msg("a name that was not given");
    return NULL;
}

static void reverse(BYTE *at, size_t len)
{
    for (size_t i = 0; i < len / 2; i++) {
        BYTE t = at[i];

        at[i] = at[len - 1 - i];
        at[len - 1 - i] = t;
    }
}

/* One key for all tests, made elsewhere, in both slots. */
static EVP_PKEY *key;
static RSA *rsa;
static struct desk desk;

static int begin(void **state)
{
    static const DWORD specs[] = { AT_SIGNATURE, AT_KEYEXCHANGE };
    BYTE blob[2000];

    key = EVP_RSA_gen(BITS);
    rsa = key != NULL ? EVP_PKEY_get1_RSA(key) : NULL;
    if (rsa == NULL || home_begin(state) != 0)
        return -1;
    desk_open(&desk, CARD, 7);
    be_user(&desk);
    for (size_t i = 0; i < ARRAY(specs); i++) {
        private_blob(key, specs[i], blob);
        assert_rc(desk.data.pfnCardCreateContainer(&desk.data, KEY_INDEX,
                                                   CARD_CREATE_CONTAINER_KEY_IMPORT, specs[i], BITS,
                                                   blob), OK);
    }
    desk_close(&desk);
    return 0;
}

static int end(void **state)
{
    RSA_free(rsa);
    EVP_PKEY_free(key);
    return home_end(state);
}

/* ---- PSS ------------------------------------------------------------------------------------- */

static unsigned asked;

static DWORD WINAPI pad(PCARD_SIGNING_INFO info, DWORD width, DWORD *ret_len, PBYTE *ret)
{
    const BCRYPT_PSS_PADDING_INFO *pss = info->pPaddingInfo;
    const struct hash *hash = hash_named(pss->pszAlgId);
    const EVP_MD *md = EVP_get_digestbyname(hash->openssl);

    asked++;
    assert_int_equal(width, WIDTH);
    assert_int_equal(info->dwPaddingType, CARD_PADDING_PSS);
    assert_int_equal(info->cbData, hash->len);
    *ret = mem_alloc(width);
    assert_non_null(*ret);
    assert_int_equal(RSA_padding_add_PKCS1_PSS_mgf1(rsa, *ret, info->pbData, md, md,
                                                    (int)pss->cbSalt), 1);
    reverse(*ret, width);
    *ret_len = width;
    return OK;
}

static bool verifies(const struct hash *hash, int salt, const BYTE *digest, const BYTE *sig)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    const EVP_MD *md = EVP_get_digestbyname(hash->openssl);
    int rc;

    assert_int_equal(EVP_PKEY_verify_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING), 1);
    assert_int_equal(EVP_PKEY_CTX_set_signature_md(ctx, md), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, salt), 1);
    rc = EVP_PKEY_verify(ctx, sig, WIDTH, digest, hash->len);
    EVP_PKEY_CTX_free(ctx);
    return rc == 1;
}

/* Salts of no byte, as long as the hash, as long as can be; the other lengths do not verify. */
static void pss(void **state)
{
    static const DWORD specs[] = { AT_SIGNATURE, AT_KEYEXCHANGE };
    BYTE digest[64];

    (void)state;
    desk_open(&desk, CARD, 7);
    be_user(&desk);
    desk.data.pfnCspPadData = pad;
    asked = 0;
    assert_int_equal(RAND_bytes(digest, sizeof(digest)), 1);
    for (size_t i = 0; i < ARRAY(hashes); i++) {
        const DWORD salts[] = { 0, hashes[i].len, WIDTH - hashes[i].len - 2 };

        for (size_t s = 0; s < ARRAY(salts); s++) {
            BCRYPT_PSS_PADDING_INFO how = { hashes[i].name, salts[s] };
            CARD_SIGNING_INFO info = { .dwVersion = 2, .bContainerIndex = KEY_INDEX,
                                       .dwKeySpec = specs[s % 2], .pbData = digest,
                                       .cbData = hashes[i].len, .pPaddingInfo = &how,
                                       .dwSigningFlags = CARD_PADDING_INFO_PRESENT,
                                       .dwPaddingType = CARD_PADDING_PSS };

            assert_rc(desk.data.pfnCardSignData(&desk.data, &info), OK);
            assert_int_equal(info.cbSignedData, WIDTH);
            reverse(info.pbSignedData, WIDTH);
            for (size_t k = 0; k < ARRAY(salts); k++)
                assert_int_equal(verifies(&hashes[i], (int)salts[k], digest, info.pbSignedData),
                                 k == s);
            mem_free(info.pbSignedData);
            info.dwSigningFlags |= CARD_BUFFER_SIZE_ONLY; /* nothing to pad */
            assert_rc(desk.data.pfnCardSignData(&desk.data, &info), OK);
            assert_null(info.pbSignedData);
            assert_int_equal(info.cbSignedData, WIDTH);
        }
    }
    assert_int_equal(asked, ARRAY(hashes) * 3);
    desk_close(&desk);
}

/* ---- OAEP ------------------------------------------------------------------------------------ */

#define MESSAGE "the message"

static DWORD WINAPI unpad(PCARD_RSA_DECRYPT_INFO info, DWORD *ret_len, PBYTE *ret)
{
    const BCRYPT_OAEP_PADDING_INFO *oaep = info->pPaddingInfo;
    const EVP_MD *md = EVP_get_digestbyname(hash_named(oaep->pszAlgId)->openssl);
    BYTE block[WIDTH], plain[WIDTH];
    int len;

    asked++;
    assert_int_equal(info->cbData, WIDTH);
    memcpy(block, info->pbData, WIDTH);
    reverse(block, WIDTH);
    len = RSA_padding_check_PKCS1_OAEP_mgf1(plain, WIDTH, block, WIDTH, WIDTH, oaep->pbLabel,
                                            (int)oaep->cbLabel, md, md);
    if (len < 0)
        return INVALID;
    *ret = mem_alloc(WIDTH);
    assert_non_null(*ret);
    memcpy(*ret, plain, (size_t)len);
    reverse(*ret, (size_t)len);
    *ret_len = (DWORD)len;
    return OK;
}

static void encrypt(const struct hash *hash, const char *label, BYTE block[WIDTH])
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    const EVP_MD *md = EVP_get_digestbyname(hash->openssl);
    size_t len = WIDTH;

    assert_int_equal(EVP_PKEY_encrypt_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md(ctx, md), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md), 1);
    if (label[0] != '\0')
        assert_int_equal(EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, OPENSSL_strdup(label),
                                                          (int)strlen(label)), 1);
    assert_int_equal(EVP_PKEY_encrypt(ctx, block, &len, bytes(MESSAGE), strlen(MESSAGE)), 1);
    assert_int_equal(len, WIDTH);
    EVP_PKEY_CTX_free(ctx);
    reverse(block, WIDTH);
}

static DWORD decrypt(CARD_RSA_DECRYPT_INFO *info, BCRYPT_OAEP_PADDING_INFO *oaep,
                     BYTE block[WIDTH])
{
    *info = (CARD_RSA_DECRYPT_INFO){ .dwVersion = 2, .bContainerIndex = KEY_INDEX,
                                     .dwKeySpec = AT_KEYEXCHANGE, .pbData = block, .cbData = WIDTH,
                                     .pPaddingInfo = oaep, .dwPaddingType = CARD_PADDING_OAEP };
    return desk.data.pfnCardRSADecrypt(&desk.data, info);
}

/* SHA-1 without a label is the card's, all others the caller's; without a caller's, nobody's.
 * For another label or hash than the sender's there is no message, and the buffer stays as it was.
 */
static void oaep(void **state)
{
    static const char *const labels[] = { "", "a label" };
    long live;

    (void)state;
    desk_open(&desk, CARD, 7);
    be_user(&desk);
    live = mem_live();
    for (size_t i = 0; i < 2 * ARRAY(hashes); i++) {
        const struct hash *hash = &hashes[i / 2];
        const char *label = labels[i % 2];
        const bool by_card = hash->name == sha1 && label[0] == '\0';
        BCRYPT_OAEP_PADDING_INFO how = { hash->name, bytes(label), (DWORD)strlen(label) };
        BYTE sent[WIDTH], block[WIDTH];
        CARD_RSA_DECRYPT_INFO info;

        encrypt(hash, label, sent);
        memcpy(block, sent, WIDTH);
        desk.data.pfnCspUnpadData = NULL;
        assert_rc(decrypt(&info, &how, block), by_card ? OK : LACKS);
        desk.data.pfnCspUnpadData = unpad;
        asked = 0;
        memcpy(block, sent, WIDTH);
        assert_rc(decrypt(&info, &how, block), OK);
        assert_int_equal(asked, by_card ? 0 : 1);
        assert_int_equal(info.cbData, strlen(MESSAGE));
        reverse(block, info.cbData);
        assert_memory_equal(block, MESSAGE, info.cbData);

        how.pbLabel = bytes("another");
        how.cbLabel = 7;
        memcpy(block, sent, WIDTH);
        assert_rc(decrypt(&info, &how, block), INVALID);
        assert_memory_equal(block, sent, WIDTH);
        assert_int_equal(info.cbData, WIDTH);
        if (hash->name != sha1) {
            how = (BCRYPT_OAEP_PADDING_INFO){ sha1, NULL, 0 };
            assert_rc(decrypt(&info, &how, block), SCARD_F_INTERNAL_ERROR); /* the card noticed */
            assert_memory_equal(block, sent, WIDTH);
        }
        assert_int_equal(mem_live(), live);
    }
    desk_close(&desk);
}

/* ---- structures ------------------------------------------------------------------------------ */

/* CMR.4.3.5.E3, E7 to E9, and 9a: by the structure's version what may be said; where the padding
 * information stands, the hash does not count. */
static const struct {
    DWORD version, flags, type, want;
    ALG_ID alg;
    const WCHAR *name; /* of PKCS#1 */
} sign_rows[] = {
    { 0, 0, 0, OK, CALG_SHA_256, NULL },
    { 1, 0, 0, OK, CALG_SHA_256, NULL },
    { 2, 0, 0, OK, CALG_SHA_256, NULL },
    { 2, 0, CARD_PADDING_PSS, OK, CALG_SHA_256, NULL }, /* without the flag nobody looks */
    { 3, 0, 0, MISMATCH, CALG_SHA_256, NULL },
    { 0xFFFFFFFF, 0, 0, MISMATCH, CALG_SHA_256, NULL },
    { 3, 0x80, 0, MISMATCH, CALG_SHA_256, NULL }, /* E3 is before E7 */
    { 0, CARD_PADDING_INFO_PRESENT, CARD_PADDING_PKCS1, MISMATCH, 0, sha256 },
    { 1, CARD_PADDING_INFO_PRESENT, CARD_PADDING_PKCS1, MISMATCH, 0, sha256 },
    { 2, CARD_PADDING_INFO_PRESENT, CARD_PADDING_PKCS1, OK, 0, sha256 },
    { 2, CARD_PADDING_INFO_PRESENT, CARD_PADDING_PKCS1, OK, 0x1234, NULL },
    { 2, CARD_PADDING_INFO_PRESENT, CARD_PADDING_PKCS1, INVALID, 0, sha384 }, /* not its length */
    { 2, CARD_PADDING_INFO_PRESENT, CARD_PADDING_NONE, INVALID, 0, sha256 },  /* not the modulus */
    { 2, CARD_PADDING_INFO_PRESENT, CARD_PADDING_PSS, LACKS, 0, sha256 },     /* no callback */
    { 2, CARD_PADDING_INFO_PRESENT, CARD_PADDING_OAEP, INVALID, 0, sha256 },
    { 2, CARD_PADDING_INFO_PRESENT, 0, INVALID, 0, sha256 },
    { 2, CARD_PADDING_INFO_PRESENT | 0x80, 0, INVALID, 0, sha256 },
    { 1, 0x80, 0, INVALID, CALG_MD2, NULL },  /* E7 is before E9 */
    { 1, 0, 0, INVALID, 0x1234, NULL },       /* E8: no hash */
    { 1, 0, 0, INVALID, CALG_RSA_SIGN, NULL },
    { 1, 0, 0, LACKS, CALG_MD2, NULL },       /* E9: not ours */
    { 1, 0, 0, LACKS, CALG_MAC, NULL },
    { 1, CRYPT_NOHASHOID, 0, OK, CALG_SHA_256, NULL },
    { 1, 0, 0, OK, 0, NULL },
    { 1, 0, 0, INVALID, CALG_SHA1, NULL }, /* 32 bytes are no SHA-1 */
};

static void sign_structures(void **state)
{
    (void)state;
    desk_open(&desk, CARD, 7);
    be_user(&desk);
    for (size_t i = 0; i < ARRAY(sign_rows); i++) {
        BCRYPT_PKCS1_PADDING_INFO how = { sign_rows[i].name };
        BYTE digest[32] = { 1, 2, 3 };
        CARD_SIGNING_INFO info = { .dwVersion = sign_rows[i].version, .bContainerIndex = KEY_INDEX,
                                   .dwKeySpec = AT_SIGNATURE, .aiHashAlg = sign_rows[i].alg,
                                   .dwSigningFlags = sign_rows[i].flags, .pbData = digest,
                                   .cbData = 32, .pPaddingInfo = &how,
                                   .dwPaddingType = sign_rows[i].type };
        const bool bare = sign_rows[i].name == NULL &&
                          (sign_rows[i].alg != CALG_SHA_256 || sign_rows[i].flags != 0);
        DWORD rc = desk.data.pfnCardSignData(&desk.data, &info);

        if (rc != sign_rows[i].want)
            fail_msg("row %zu: %08x", i, rc);
        if (rc != OK) {
            assert_null(info.pbSignedData);
            continue;
        }
        reverse(info.pbSignedData, WIDTH);
        assert_true(rsa_verifies(key, bare ? NULL : "SHA256", digest, 32, info.pbSignedData,
                                 WIDTH));
        mem_free(info.pbSignedData);
    }
    desk_close(&desk);
}

/* CMR.4.3.1.E3: version 7 has structure 2 alone, those before 0 and 1. */
static void decrypt_structures(void **state)
{
    (void)state;
    for (DWORD context = 4; context <= 7; context++) {
        desk_open(&desk, CARD, context);
        be_user(&desk);
        for (DWORD version = 0; version <= 3; version++) {
            BYTE block[512];
            CARD_RSA_DECRYPT_INFO info = { .dwVersion = version, .bContainerIndex = KEY_INDEX,
                                           .dwKeySpec = AT_KEYEXCHANGE, .pbData = block,
                                           .cbData = WIDTH, .dwPaddingType = CARD_PADDING_NONE };
            const bool good = context == 7 ? version == 2 : version < 2;

            assert_int_equal(rsa_encrypt(key, RSA_NO_PADDING, MESSAGE, block), WIDTH);
            reverse(block, WIDTH);
            assert_rc(desk.data.pfnCardRSADecrypt(&desk.data, &info), good ? OK : MISMATCH);
            reverse(block, WIDTH);
            assert_int_equal(info.cbData, WIDTH);
            assert_int_equal(memcmp(block + WIDTH - strlen(MESSAGE), MESSAGE, strlen(MESSAGE)) == 0,
                             good);
        }
        desk_close(&desk);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        desk_test(pss),
        desk_test(oaep),
        desk_test(sign_structures),
        desk_test(decrypt_structures),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
