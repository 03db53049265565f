/* SPDX-License-Identifier: MIT */
/* Containers and what is done with their keys; OpenSSL has the last word on every result. */
#include "openssl_keys.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#define OK SCARD_S_SUCCESS

static DWORD make(struct desk *d, BYTE index, DWORD flags, DWORD spec, DWORD bits, BYTE *blob)
{
    return d->data.pfnCardCreateContainer(&d->data, index, flags, spec, bits, blob);
}

/* The public key of a slot as OpenSSL has it; the other one is `beside` it, or empty. */
static EVP_PKEY *public_beside(struct desk *d, BYTE index, DWORD spec, bool beside)
{
    CONTAINER_INFO info;
    EVP_PKEY *key;

    memset(&info, 0xA5, sizeof(info));
    info.dwVersion = 0;
    assert_rc(d->data.pfnCardGetContainerInfo(&d->data, index, 0, &info), OK);
    assert_int_equal(info.dwVersion, 1);
    if (spec == AT_KEYEXCHANGE) {
        assert_int_equal(info.pbSigPublicKey != NULL, beside);
        assert_int_equal(info.cbSigPublicKey != 0, beside);
        key = key_from_blob(info.pbKeyExPublicKey, info.cbKeyExPublicKey, spec);
    } else {
        assert_int_equal(info.pbKeyExPublicKey != NULL, beside);
        assert_int_equal(info.cbKeyExPublicKey != 0, beside);
        key = key_from_blob(info.pbSigPublicKey, info.cbSigPublicKey, spec);
    }
    if (info.pbKeyExPublicKey != NULL)
        mem_free(info.pbKeyExPublicKey);
    if (info.pbSigPublicKey != NULL)
        mem_free(info.pbSigPublicKey);
    return key;
}

static EVP_PKEY *public_of(struct desk *d, BYTE index, DWORD spec)
{
    return public_beside(d, index, spec, false);
}

/* Signs and gives the signature big-endian. */
static DWORD sign(struct desk *d, CARD_SIGNING_INFO *info, BYTE *out, size_t *out_len)
{
    DWORD rc = d->data.pfnCardSignData(&d->data, info);

    if (rc != OK) {
        assert_null(info->pbSignedData);
        assert_int_equal(info->cbSignedData, 0);
        return rc;
    }
    *out_len = info->cbSignedData;
    assert_in_range(*out_len, 1, 512);
    for (size_t i = 0; i < *out_len; i++)
        out[i] = info->pbSignedData[info->dwKeySpec <= AT_SIGNATURE ? *out_len - 1 - i : i];
    mem_free(info->pbSignedData);
    return rc;
}

/* ---- signatures ------------------------------------------------------------------------------ */

static const WCHAR md5[] = BCRYPT_MD5_ALGORITHM, sha1[] = BCRYPT_SHA1_ALGORITHM,
                   sha256[] = BCRYPT_SHA256_ALGORITHM, sha384[] = BCRYPT_SHA384_ALGORITHM,
                   sha512[] = BCRYPT_SHA512_ALGORITHM;

static const struct hash_row {
    ALG_ID alg;
    const WCHAR *name;
    const char *openssl; /* NULL: without DigestInfo */
    DWORD len;
} hashes[] = {
    { CALG_MD5, md5, "MD5", 16 },
    { CALG_SHA1, sha1, "SHA1", 20 },
    { CALG_SSL3_SHAMD5, NULL, NULL, 36 },
    { CALG_SHA_256, sha256, "SHA256", 32 },
    { CALG_SHA_384, sha384, "SHA384", 48 },
    { CALG_SHA_512, sha512, "SHA512", 64 },
    { 0, NULL, NULL, 36 },
};

/* All three ways to ask for PKCS#1: by hash, with CRYPT_NOHASHOID, with padding information. */
static void sign_hashes(struct desk *d, BYTE index, DWORD spec, EVP_PKEY *key)
{
    BYTE digest[64], sig[512];
    size_t len = 0;

    assert_int_equal(RAND_bytes(digest, sizeof(digest)), 1);
    for (size_t i = 0; i < ARRAY(hashes); i++) {
        BCRYPT_PKCS1_PADDING_INFO padding = { hashes[i].name };
        CARD_SIGNING_INFO info = { .dwVersion = 1, .bContainerIndex = index, .dwKeySpec = spec,
                                   .aiHashAlg = hashes[i].alg, .pbData = digest,
                                   .cbData = hashes[i].len };

        assert_rc(sign(d, &info, sig, &len), OK);
        assert_true(rsa_verifies(key, hashes[i].openssl, digest, hashes[i].len, sig, len));
        sig[len / 2] ^= 1;
        assert_false(rsa_verifies(key, hashes[i].openssl, digest, hashes[i].len, sig, len));
        info.dwSigningFlags = CRYPT_NOHASHOID;
        assert_rc(sign(d, &info, sig, &len), OK);
        assert_true(rsa_verifies(key, NULL, digest, hashes[i].len, sig, len));
        info.dwVersion = 2;
        info.aiHashAlg = 0x1234; /* does not count now */
        info.dwSigningFlags = CARD_PADDING_INFO_PRESENT;
        info.dwPaddingType = CARD_PADDING_PKCS1;
        info.pPaddingInfo = &padding;
        assert_rc(sign(d, &info, sig, &len), OK);
        assert_true(rsa_verifies(key, hashes[i].openssl, digest, hashes[i].len, sig, len));
        info.dwVersion = 1;
        assert_rc(sign(d, &info, sig, &len), ERROR_REVISION_MISMATCH);
        info.dwVersion = 1;
        info.dwSigningFlags = 0;
        info.aiHashAlg = CALG_SHA_256;
        info.cbData = 31;
        assert_rc(sign(d, &info, sig, &len), SCARD_E_INVALID_PARAMETER);
    }
}

static void size_only(struct desk *d, BYTE index, DWORD spec, DWORD want)
{
    BYTE digest[32] = { 0 };
    CARD_SIGNING_INFO info = { .dwVersion = 1, .bContainerIndex = index, .dwKeySpec = spec,
                               .aiHashAlg = CALG_SHA_256, .pbData = digest, .cbData = 32,
                               .dwSigningFlags = CARD_BUFFER_SIZE_ONLY,
                               .pbSignedData = digest };
    long live = mem_live();

    assert_rc(d->data.pfnCardSignData(&d->data, &info), OK);
    assert_null(info.pbSignedData);
    assert_int_equal(info.cbSignedData, want);
    assert_int_equal(mem_live(), live);
}

static void sign_raw(struct desk *d, BYTE index, DWORD spec, EVP_PKEY *key)
{
    BYTE block[256], sig[512];
    size_t len = 0, width = (size_t)EVP_PKEY_get_size(key);
    CARD_SIGNING_INFO info = { .dwVersion = 2, .bContainerIndex = index, .dwKeySpec = spec,
                               .dwSigningFlags = CARD_PADDING_INFO_PRESENT,
                               .dwPaddingType = CARD_PADDING_NONE, .pbData = block,
                               .cbData = (DWORD)width };
    DWORD rc;

    memset(block, 0x11, sizeof(block));
    block[0] = 0;
    rc = sign(d, &info, sig, &len);
    assert_rc(rc, OK);
    assert_true(rsa_opens(key, sig, len, block, width));
    info.cbData--;
    assert_rc(sign(d, &info, sig, &len), SCARD_E_INVALID_PARAMETER);
}

/* ---- PSS through the caller ------------------------------------------------------------------ */

static EVP_PKEY *pss_key;
static unsigned pss_asked;

static DWORD WINAPI pad_pss(PCARD_SIGNING_INFO info, DWORD width, DWORD *ret_len, PBYTE *ret)
{
    const BCRYPT_PSS_PADDING_INFO *padding = info->pPaddingInfo;
    BYTE block[512];

    pss_asked++;
    assert_int_equal(width, EVP_PKEY_get_size(pss_key));
    assert_true(pss_pad(pss_key, info->pbData, info->cbData, (int)padding->cbSalt, block));
    *ret = mem_alloc(width);
    if (*ret == NULL)
        return SCARD_E_NO_MEMORY;
    for (DWORD i = 0; i < width; i++)
        (*ret)[i] = block[width - 1 - i];
    *ret_len = width;
    return OK;
}

static DWORD WINAPI pad_badly(PCARD_SIGNING_INFO info, DWORD width, DWORD *ret_len, PBYTE *ret)
{
    (void)info;
    *ret = mem_alloc(width);
    *ret_len = width - 1;
    return OK;
}

static DWORD WINAPI pad_not(PCARD_SIGNING_INFO info, DWORD width, DWORD *ret_len, PBYTE *ret)
{
    (void)info, (void)width, (void)ret_len, (void)ret;
    return SCARD_W_CANCELLED_BY_USER;
}

static void sign_pss(struct desk *d, BYTE index, DWORD spec, EVP_PKEY *key)
{
    BCRYPT_PSS_PADDING_INFO padding = { sha256, 32 };
    BYTE digest[32] = { 1, 2, 3 }, sig[512];
    CARD_SIGNING_INFO info = { .dwVersion = 2, .bContainerIndex = index, .dwKeySpec = spec,
                               .dwSigningFlags = CARD_PADDING_INFO_PRESENT,
                               .dwPaddingType = CARD_PADDING_PSS, .pPaddingInfo = &padding,
                               .pbData = digest, .cbData = sizeof(digest) };
    size_t len = 0;

    pss_key = key;
    d->data.pfnCspPadData = pad_pss; /* CMR.3.1.1.8: may be set later */
    assert_rc(sign(d, &info, sig, &len), OK);
    assert_int_equal(pss_asked, 1);
    assert_true(pss_verifies(key, digest, sig, len));
    d->data.pfnCspPadData = pad_badly;
    assert_rc(sign(d, &info, sig, &len), SCARD_E_UNEXPECTED);
    d->data.pfnCspPadData = pad_not;
    assert_rc(sign(d, &info, sig, &len), SCARD_W_CANCELLED_BY_USER);
    d->data.pfnCspPadData = NULL;
    assert_rc(sign(d, &info, sig, &len), SCARD_E_UNSUPPORTED_FEATURE);
    info.pPaddingInfo = NULL;
    assert_rc(sign(d, &info, sig, &len), SCARD_E_INVALID_PARAMETER);
    info.dwPaddingType = 3;
    assert_rc(sign(d, &info, sig, &len), SCARD_E_INVALID_PARAMETER);
    pss_asked = 0;
}

static void sign_everything(struct desk *d, BYTE index, DWORD spec)
{
    EVP_PKEY *key = public_of(d, index, spec);

    sign_hashes(d, index, spec, key);
    size_only(d, index, spec, (DWORD)EVP_PKEY_get_size(key));
    sign_raw(d, index, spec, key);
    sign_pss(d, index, spec, key);
    EVP_PKEY_free(key);
}

/* ---- decryption ------------------------------------------------------------------------------ */

static DWORD decrypt(struct desk *d, CARD_RSA_DECRYPT_INFO *info, EVP_PKEY *key, int padding,
                     const char *message)
{
    static BYTE block[512];
    size_t len = rsa_encrypt(key, padding, message, block);

    for (size_t i = 0; i < len / 2; i++) {
        BYTE t = block[i];

        block[i] = block[len - 1 - i];
        block[len - 1 - i] = t;
    }
    info->pbData = block;
    info->cbData = (DWORD)len;
    return d->data.pfnCardRSADecrypt(&d->data, info);
}

static bool says(const CARD_RSA_DECRYPT_INFO *info, const char *message)
{
    size_t len = strlen(message);

    for (size_t i = 0; i < len; i++)
        if (info->cbData < len || info->pbData[i] != (BYTE)message[len - 1 - i])
            return false;
    return true;
}

static void decrypts(struct desk *d, BYTE index)
{
    BCRYPT_OAEP_PADDING_INFO oaep = { sha1, NULL, 0 };
    CARD_RSA_DECRYPT_INFO info = { .dwVersion = 2, .bContainerIndex = index,
                                   .dwKeySpec = AT_KEYEXCHANGE };
    EVP_PKEY *key = public_of(d, index, AT_KEYEXCHANGE);

    info.dwPaddingType = CARD_PADDING_PKCS1;
    assert_rc(decrypt(d, &info, key, RSA_PKCS1_PADDING, "a message"), OK);
    assert_int_equal(info.cbData, 9);
    assert_true(says(&info, "a message"));
    assert_rc(decrypt(d, &info, key, RSA_NO_PADDING, "no padding"), SCARD_F_INTERNAL_ERROR);
    info.dwPaddingType = CARD_PADDING_OAEP;
    assert_rc(decrypt(d, &info, key, RSA_PKCS1_OAEP_PADDING, "oaep"), SCARD_E_INVALID_PARAMETER);
    info.pPaddingInfo = &oaep;
    assert_rc(decrypt(d, &info, key, RSA_PKCS1_OAEP_PADDING, "oaep"), OK);
    assert_int_equal(info.cbData, 4);
    assert_true(says(&info, "oaep"));
    oaep.pszAlgId = sha256; /* not on the card, and no callback */
    assert_rc(decrypt(d, &info, key, RSA_PKCS1_OAEP_PADDING, "oaep"), SCARD_E_UNSUPPORTED_FEATURE);
    info.dwPaddingType = CARD_PADDING_NONE;
    assert_rc(decrypt(d, &info, key, RSA_PKCS1_PADDING, "raw"), OK);
    assert_int_equal(info.cbData, EVP_PKEY_get_size(key));
    assert_true(says(&info, "raw"));
    assert_int_equal(info.pbData[info.cbData - 1], 0);
    assert_int_equal(info.pbData[info.cbData - 2], 2);
    info.dwPaddingType = 3;
    assert_rc(decrypt(d, &info, key, RSA_PKCS1_PADDING, "x"), SCARD_E_INVALID_PARAMETER);
    for (DWORD version = 0; version < 2; version++) { /* version 7 wants the new structure */
        info.dwVersion = version;
        assert_rc(decrypt(d, &info, key, RSA_PKCS1_PADDING, "x"), ERROR_REVISION_MISMATCH);
    }
    EVP_PKEY_free(key);
}

/* ---- padding taken off by the caller --------------------------------------------------------- */

#define HIDDEN "hidden in the block"

static unsigned unpad_asked;
static enum { WELL, TOO_LONG, WAY_TOO_LONG, NOTHING, REFUSED } unpad_how;

static DWORD WINAPI unpad_data(PCARD_RSA_DECRYPT_INFO info, DWORD *ret_len, PBYTE *ret)
{
    unpad_asked++;
    assert_int_equal(info->dwVersion, 2);
    assert_int_equal(info->dwPaddingType, CARD_PADDING_OAEP);
    assert_non_null(info->pPaddingInfo);
    assert_true(says(info, HIDDEN)); /* little-endian, the whole block */
    for (size_t i = strlen(HIDDEN); i < info->cbData; i++)
        assert_int_equal(info->pbData[i], 0);
    if (unpad_how == REFUSED) { /* what stands in its outputs then is nothing */
        *ret = info->pbData;
        *ret_len = 0xFFFFFFFF;
        return SCARD_E_INVALID_PARAMETER;
    }
    *ret = unpad_how == NOTHING ? NULL : mem_alloc(info->cbData + 1);
    if (*ret == NULL)
        return unpad_how == NOTHING ? OK : SCARD_E_NO_MEMORY;
    memcpy(*ret, "dlrow", 5);
    *ret_len = unpad_how == TOO_LONG ? info->cbData + 1 : unpad_how == WAY_TOO_LONG ? ~0u : 5;
    return OK;
}

/* OAEP with another hash than the card's: the card gives the block, the caller the message. When it
 * does not, the buffer is as it was: a block that does not unpad is nobody's to see. */
static void caller_unpads(void **state)
{
    static const DWORD want[] = { OK, SCARD_E_UNEXPECTED, SCARD_E_UNEXPECTED,
                                  SCARD_E_UNEXPECTED, SCARD_E_INVALID_PARAMETER };
    BCRYPT_OAEP_PADDING_INFO oaep = { sha256, NULL, 0 };
    CARD_RSA_DECRYPT_INFO info = { .dwVersion = 2, .bContainerIndex = 9,
                                   .dwKeySpec = AT_KEYEXCHANGE,
                                   .dwPaddingType = CARD_PADDING_OAEP, .pPaddingInfo = &oaep };
    struct desk d;
    EVP_PKEY *key;
    long live;

    (void)state;
    desk_open(&d, CARD, 7);
    be_user(&d);
    assert_rc(make(&d, 9, 1, AT_KEYEXCHANGE, 1024, NULL), OK);
    key = public_of(&d, 9, AT_KEYEXCHANGE);
    live = mem_live();
    d.data.pfnCspUnpadData = unpad_data;
    for (unpad_how = WELL; unpad_how <= REFUSED; unpad_how++) {
        BYTE before[128];

        assert_rc(decrypt(&d, &info, key, RSA_NO_PADDING, HIDDEN), want[unpad_how]);
        assert_int_equal(mem_live(), live);
        assert_int_equal(info.cbData, unpad_how == WELL ? 5 : 128);
        if (unpad_how == WELL)
            assert_true(says(&info, "world"));
        else
            assert_false(says(&info, HIDDEN));
        rsa_encrypt(key, RSA_NO_PADDING, HIDDEN, before);
        for (size_t i = 0; unpad_how != WELL && i < sizeof(before); i++)
            assert_int_equal(info.pbData[i], before[sizeof(before) - 1 - i]);
    }
    assert_int_equal(unpad_asked, 5);
    unpad_how = WELL;
    for (unsigned k = 1;; k++) {
        DWORD rc;

        mem_fail_at(k);
        rc = decrypt(&d, &info, key, RSA_NO_PADDING, HIDDEN);
        if (!mem_has_failed())
            break;
        assert_rc(rc, SCARD_E_NO_MEMORY);
        assert_int_equal(mem_live(), live);
    }
    mem_fail_at(MEM_NEVER);
    EVP_PKEY_free(key);
    desk_close(&d);
}

/* Before version 7: structure 1, raw. */
static void decrypts_in_5(BYTE index)
{
    CARD_RSA_DECRYPT_INFO info = { .bContainerIndex = index, .dwKeySpec = AT_KEYEXCHANGE };
    struct desk d;
    EVP_PKEY *key;

    desk_open(&d, CARD, 5);
    be_user(&d);
    key = public_of(&d, index, AT_KEYEXCHANGE);
    for (info.dwVersion = 0; info.dwVersion < 2; info.dwVersion++) {
        assert_rc(decrypt(&d, &info, key, RSA_PKCS1_PADDING, "old"), OK);
        assert_int_equal(info.cbData, EVP_PKEY_get_size(key));
        assert_true(says(&info, "old"));
    }
    assert_rc(decrypt(&d, &info, key, RSA_PKCS1_PADDING, "old"), ERROR_REVISION_MISMATCH);
    EVP_PKEY_free(key);
    desk_close(&d);
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void generated(void **state)
{
    static const struct {
        DWORD spec, bits;
    } rows[] = { { AT_SIGNATURE, 1024 }, { AT_SIGNATURE, 2048 },
                 { AT_KEYEXCHANGE, 1024 }, { AT_KEYEXCHANGE, 2048 } };
    struct desk d;

    (void)state;
    for (size_t i = 0; i < ARRAY(rows); i++) {
        desk_open(&d, CARD, 7);
        desk_cache(&d);
        be_user(&d);
        assert_rc(make(&d, (BYTE)i, 1, rows[i].spec, rows[i].bits, NULL), OK);
        size_only(&d, (BYTE)i, rows[i].spec, rows[i].bits / 8);
        sign_everything(&d, (BYTE)i, rows[i].spec);
        if (rows[i].spec == AT_KEYEXCHANGE)
            decrypts(&d, (BYTE)i);
        desk_close(&d);
        if (rows[i].spec == AT_KEYEXCHANGE)
            decrypts_in_5((BYTE)i);
    }
    assert_int_equal(mem_live(), 0);
}

static void imported(void **state)
{
    static const DWORD specs[] = { AT_SIGNATURE, AT_KEYEXCHANGE };
    BYTE blob[2000];
    struct desk d;

    (void)state;
    desk_open(&d, CARD, 7);
    be_user(&d);
    for (DWORD bits = 1024; bits <= 2048; bits += 1024) {
        for (size_t i = 0; i < ARRAY(specs); i++) {
            EVP_PKEY *mine = EVP_RSA_gen(bits), *back;

            private_blob(mine, specs[i], blob);
            assert_rc(make(&d, 5, 2, specs[i], bits, blob), OK);
            back = public_of(&d, 5, specs[i]);
            assert_int_equal(EVP_PKEY_eq(mine, back), 1);
            EVP_PKEY_free(back);
            sign_everything(&d, 5, specs[i]);
            assert_rc(make(&d, 5, 2, specs[i], 3072 - bits, blob), SCARD_E_INVALID_PARAMETER);
            assert_rc(make(&d, 5, 2, 3 - specs[i], bits, blob), SCARD_E_INVALID_PARAMETER);
            back = public_of(&d, 5, specs[i]);
            assert_int_equal(EVP_PKEY_eq(mine, back), 1);
            EVP_PKEY_free(back);
            EVP_PKEY_free(mine);
            assert_rc(d.data.pfnCardDeleteContainer(&d.data, 5, 0), OK);
        }
    }
    desk_close(&d);
}

static void curves(void **state)
{
    static const struct {
        DWORD spec, len, hash;
    } rows[] = { { AT_ECDSA_P256, 32, 32 }, { AT_ECDSA_P384, 48, 48 }, { AT_ECDSA_P521, 66, 64 } };
    BYTE digest[64] = { 9, 8, 7 }, sig[512];
    size_t len = 0;
    struct desk d;

    (void)state;
    desk_open(&d, CARD, 7);
    be_user(&d);
    for (size_t i = 0; i < ARRAY(rows); i++) {
        CARD_SIGNING_INFO info = { .dwVersion = 1, .bContainerIndex = 6, .dwKeySpec = rows[i].spec,
                                   .pbData = digest, .cbData = rows[i].hash };
        EVP_PKEY *key;

        assert_rc(make(&d, 6, 1, rows[i].spec, 256, NULL), SCARD_E_INVALID_PARAMETER);
        assert_rc(make(&d, 6, 1, rows[i].spec, 0, NULL), OK);
        key = public_of(&d, 6, rows[i].spec);
        for (unsigned n = 0; n < 8; n++) {
            assert_rc(sign(&d, &info, sig, &len), OK);
            assert_int_equal(len, 2 * rows[i].len);
            assert_true(ecdsa_verifies(key, digest, rows[i].hash, sig, len));
            sig[len - 1] ^= 1;
            assert_false(ecdsa_verifies(key, digest, rows[i].hash, sig, len));
        }
        for (info.cbData = 20; info.cbData <= 64; info.cbData += 4) { /* FIPS 186: cut or filled */
            assert_rc(sign(&d, &info, sig, &len), OK);
            assert_true(ecdsa_verifies(key, digest, info.cbData, sig, len));
        }
        size_only(&d, 6, rows[i].spec, 2 * rows[i].len);
        EVP_PKEY_free(key);
        assert_rc(d.data.pfnCardDeleteContainer(&d.data, 6, 0), OK);
    }
    desk_close(&d);
}

/* Each allocation of an import failing in turn: the one code, nothing left behind, and in the end
 * the key. */
static void import_out_of_memory(void **state)
{
    EVP_PKEY *mine = EVP_RSA_gen(1024), *back;
    CONTAINER_INFO info = { 0 };
    BYTE blob[1000];
    struct desk d;
    unsigned k = 1;

    (void)state;
    private_blob(mine, AT_SIGNATURE, blob);
    desk_open(&d, CARD, 7);
    be_user(&d);
    for (;; k++) {
        long live = mem_live();
        DWORD rc;

        mem_fail_at(k);
        rc = make(&d, 10, 2, AT_SIGNATURE, 1024, blob);
        if (!mem_has_failed())
            break;
        mem_fail_at(MEM_NEVER);
        assert_rc(rc, SCARD_E_NO_MEMORY);
        assert_int_equal(mem_live(), live);
        assert_rc(d.data.pfnCardGetContainerInfo(&d.data, 10, 0, &info), SCARD_E_NO_KEY_CONTAINER);
    }
    mem_fail_at(MEM_NEVER);
    assert_true(k > 1);
    back = public_of(&d, 10, AT_SIGNATURE);
    assert_int_equal(EVP_PKEY_eq(mine, back), 1);
    EVP_PKEY_free(back);
    EVP_PKEY_free(mine);
    desk_close(&d);
}

/* A key in each slot: each is replaced by itself, of another size too, and the other one stays. */
static void two_keys_a_container(void **state)
{
    struct desk d;
    EVP_PKEY *first, *still, *second, *third;

    (void)state;
    desk_open(&d, CARD, 7);
    be_user(&d);
    assert_rc(make(&d, 11, 1, AT_KEYEXCHANGE, 1024, NULL), OK);
    first = public_of(&d, 11, AT_KEYEXCHANGE);
    assert_rc(make(&d, 11, 1, AT_SIGNATURE, 1024, NULL), OK);
    second = public_beside(&d, 11, AT_SIGNATURE, true);
    assert_int_not_equal(EVP_PKEY_eq(first, second), 1);
    assert_rc(make(&d, 11, 1, AT_SIGNATURE, 2048, NULL), OK);
    third = public_beside(&d, 11, AT_SIGNATURE, true);
    assert_int_equal(EVP_PKEY_get_bits(third), 2048);
    still = public_beside(&d, 11, AT_KEYEXCHANGE, true);
    assert_int_equal(EVP_PKEY_eq(first, still), 1);
    assert_rc(d.data.pfnCardDeleteContainer(&d.data, 11, 0), OK);
    EVP_PKEY_free(first);
    EVP_PKEY_free(second);
    EVP_PKEY_free(third);
    EVP_PKEY_free(still);
    desk_close(&d);
}

/* Ways to sign that are known, and not to be had. */
static void padding_refused(void **state)
{
    static const WCHAR md4[] = BCRYPT_MD4_ALGORITHM;
    static const struct {
        DWORD flags, type, want;
        bool info;
    } rows[] = {
        { CRYPT_X931_FORMAT, 0, SCARD_E_UNSUPPORTED_FEATURE, false },
        { CRYPT_TYPE2_FORMAT, 0, SCARD_E_UNSUPPORTED_FEATURE, false },
        { CARD_PADDING_INFO_PRESENT, CARD_PADDING_PKCS1, SCARD_E_UNSUPPORTED_FEATURE, true },
        { CARD_PADDING_INFO_PRESENT, CARD_PADDING_PKCS1, SCARD_E_INVALID_PARAMETER, false },
        { CARD_PADDING_INFO_PRESENT, CARD_PADDING_OAEP, SCARD_E_INVALID_PARAMETER, true },
        { CARD_PADDING_INFO_PRESENT, 0, SCARD_E_INVALID_PARAMETER, true },
    };
    BCRYPT_PKCS1_PADDING_INFO strange = { md4 };
    BYTE digest[32] = { 0 }, sig[512];
    struct desk d;
    size_t len;

    (void)state;
    desk_open(&d, CARD, 7);
    be_user(&d);
    assert_rc(make(&d, 12, 1, AT_SIGNATURE, 1024, NULL), OK);
    for (size_t i = 0; i < ARRAY(rows); i++) {
        CARD_SIGNING_INFO info = { .dwVersion = 2, .bContainerIndex = 12, .dwKeySpec = AT_SIGNATURE,
                                   .aiHashAlg = CALG_SHA_256, .dwSigningFlags = rows[i].flags,
                                   .dwPaddingType = rows[i].type, .pbData = digest, .cbData = 32,
                                   .pPaddingInfo = rows[i].info ? &strange : NULL,
                                   .pbSignedData = digest, .cbSignedData = 5 };

        assert_rc(sign(&d, &info, sig, &len), rows[i].want);
    }
    desk_close(&d);
}

/* CMR.4.2.1.6: a key that is made anew is another. */
static void overwritten(void **state)
{
    struct desk d;
    EVP_PKEY *first, *second;

    (void)state;
    desk_open(&d, CARD, 7);
    desk_cache(&d);
    be_user(&d);
    assert_rc(make(&d, 8, 1, AT_SIGNATURE, 1024, NULL), OK);
    first = public_of(&d, 8, AT_SIGNATURE);
    assert_rc(make(&d, 8, 1, AT_SIGNATURE, 1024, NULL), OK);
    second = public_of(&d, 8, AT_SIGNATURE);
    assert_int_equal(EVP_PKEY_eq(first, second), 0);
    sign_everything(&d, 8, AT_SIGNATURE);
    EVP_PKEY_free(first);
    EVP_PKEY_free(second);
    desk_close(&d);
}

static void deleted(void **state)
{
    CONTAINER_INFO info = { 0 };
    struct desk d;

    (void)state;
    desk_open(&d, CARD, 7);
    assert_rc(d.data.pfnCardDeleteContainer(&d.data, 20, 0), SCARD_W_SECURITY_VIOLATION);
    be_user(&d);
    assert_rc(d.data.pfnCardDeleteContainer(&d.data, 20, 0), OK); /* CMR.4.2.2.2 */
    assert_rc(d.data.pfnCardDeleteContainer(&d.data, 0xFF, 0), OK);
    assert_rc(make(&d, 20, 1, AT_SIGNATURE, 1024, NULL), OK);
    be_nobody(&d);
    assert_rc(d.data.pfnCardDeleteContainer(&d.data, 20, 0), SCARD_W_SECURITY_VIOLATION);
    be_admin(&d); /* CMR.4.2.2.E4: user or admin */
    assert_rc(d.data.pfnCardDeleteContainer(&d.data, 20, 0), OK);
    memset(&info, 0xA5, sizeof(info));
    info.dwVersion = 1;
    assert_rc(d.data.pfnCardGetContainerInfo(&d.data, 20, 0, &info), SCARD_E_NO_KEY_CONTAINER);
    assert_null(info.pbSigPublicKey); /* nothing to free after a failure */
    assert_int_equal(info.cbSigPublicKey, 0);
    assert_null(info.pbKeyExPublicKey);
    assert_int_equal(info.cbKeyExPublicKey, 0);
    desk_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        desk_test(generated), desk_test(imported), desk_test(curves),
        desk_test(overwritten), desk_test(deleted),
        desk_test(caller_unpads), desk_test(import_out_of_memory),
        desk_test(two_keys_a_container), desk_test(padding_refused),
    };

    return cmocka_run_group_tests(tests, home_begin, home_end);
}
