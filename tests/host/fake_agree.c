/* SPDX-License-Identifier: MIT */
/*
 * Key agreements of the fake module. What it derives is computed by libcrypto's own functions, from
 * a parameter list that it reads for itself.
 */
#include "tests/host/fake_internal.h"

#include "base/bytes.h"
#include "base/wstr.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <string.h>

#define card fake_state

/* ---- agreements ---------------------------------------------------------------------------- */

/* BCRYPT_ECCKEY_BLOB of the key's curve. */
static EVP_PKEY *load_peer(PCARD_DH_AGREEMENT_INFO info, const struct fake_curve *curve)
{
    struct rd r = rd_init(info->pbPublicKey, info->dwPublicKey);
    DWORD magic = rd_u32le(&r), bytes = rd_u32le(&r);
    BYTE point[FAKE_POINT_MOST] = { 0x04 };
    OSSL_PARAM params[3] = {
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)curve->group, 0),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * curve->bytes),
        OSSL_PARAM_END,
    };
    EVP_PKEY_CTX *ctx;
    EVP_PKEY *key = NULL;

    params[0].data_size = strlen(curve->group);
    rd_copy(&r, point + 1, 2 * curve->bytes);
    if (!rd_done(&r) || magic != curve->ecdh || bytes != curve->bytes)
        return NULL;
    ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    if (EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static bool agree(EVP_PKEY *key, EVP_PKEY *peer, struct fake_agreement *ret)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);

    ret->len = sizeof ret->z;
    ret->live = EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer(ctx, peer) == 1 &&
                EVP_PKEY_derive(ctx, ret->z, &ret->len) == 1;
    EVP_PKEY_CTX_free(ctx);
    return ret->live;
}

static DWORD WINAPI construct(PCARD_DATA data, PCARD_DH_AGREEMENT_INFO info)
{
    EVP_PKEY *key = fake_key(info->bContainerIndex, AT_KEYEXCHANGE), *peer;
    BYTE i = 0;
    bool ok;

    FAULT(FAKE_CONSTRUCT_DH);
    (void)data;
    if (info->dwVersion != CARD_DH_AGREEMENT_INFO_VERSION)
        return ERROR_REVISION_MISMATCH;
    if (key == NULL)
        return SCARD_E_NO_KEY_CONTAINER;
    if (!EVP_PKEY_is_a(key, "EC") || info->dwFlags != 0)
        return SCARD_E_INVALID_PARAMETER;
    peer = load_peer(info, fake_curve_of_key(key));
    if (peer == NULL)
        return SCARD_E_INVALID_PARAMETER;
    while (i < FAKE_AGREEMENTS && card.agreements[i].live)
        i++;
    ok = card.user && i < FAKE_AGREEMENTS && agree(key, peer, &card.agreements[i]);
    EVP_PKEY_free(peer);
    if (!card.user)
        return SCARD_W_SECURITY_VIOLATION;
    if (!ok)
        return SCARD_E_NO_MEMORY;
    info->bSecretAgreementIndex = (BYTE)(i + FAKE_AGREEMENT_BASE);
    return fake_finish(FAKE_CONSTRUCT_DH);
}

static struct fake_agreement *find(BYTE index)
{
    unsigned i = index - (unsigned)FAKE_AGREEMENT_BASE;

    return i < FAKE_AGREEMENTS && card.agreements[i].live ? &card.agreements[i] : NULL;
}

static DWORD WINAPI destroy(PCARD_DATA data, BYTE index, DWORD flags)
{
    FAULT(FAKE_DESTROY_DH);
    (void)data;
    if (find(index) == NULL || flags != 0)
        return SCARD_E_INVALID_PARAMETER;
    if (!card.user)
        return SCARD_W_SECURITY_VIOLATION;
    memset(find(index), 0, sizeof(struct fake_agreement));
    return SCARD_S_SUCCESS;
}

/* ---- derivation ---------------------------------------------------------------------------- */

struct input {
    char hash[16];
    BYTE bytes[4096]; /* for HASH, HMAC: prepend Z append */
    size_t len;
    const BCryptBuffer *of[0x13]; /* the last of each type */
};

static void append(struct input *in, const BYTE *bytes, size_t len)
{
    if (len != 0)
        memcpy(in->bytes + in->len, bytes, len);
    in->len += len;
}

static void append_all(struct input *in, const BCryptBufferDesc *list, ULONG type)
{
    for (ULONG i = 0; i < list->cBuffers; i++) {
        if (list->pBuffers[i].BufferType == type)
            append(in, list->pBuffers[i].pvBuffer, list->pBuffers[i].cbBuffer);
    }
}

static bool read_list(const BCryptBufferDesc *list, struct input *ret)
{
    memset(ret, 0, sizeof *ret);
    strcpy(ret->hash, "SHA1");
    for (ULONG i = 0; i < list->cBuffers; i++) {
        const BCryptBuffer *buffer = &list->pBuffers[i];

        if (buffer->BufferType >= 0x13)
            return false;
        ret->of[buffer->BufferType] = buffer;
        if (buffer->BufferType == KDF_HASH_ALGORITHM &&
            !wstr_to_ascii(ret->hash, sizeof ret->hash, buffer->pvBuffer, buffer->cbBuffer / 2))
            return false;
    }
    return true;
}

static size_t hmac(const struct input *in, const BYTE *key, size_t key_len, BYTE out[64])
{
    size_t len = 0;

    return EVP_Q_mac(NULL, "HMAC", NULL, in->hash, NULL, key, key_len, in->bytes, in->len, out, 64,
                     &len) != NULL ? len : 0;
}

/* libcrypto's KDF of that name over `secret`, the text under `text_name`. */
static size_t run_kdf(const char *name, const char *hash, const char *secret_name,
                      const struct fake_agreement *a, const char *text_name, struct input *text,
                      BYTE *out, size_t len)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, name, NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    OSSL_PARAM params[4] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)(uintptr_t)hash, 0),
        OSSL_PARAM_construct_octet_string(secret_name, (void *)(uintptr_t)a->z, a->len),
        OSSL_PARAM_construct_octet_string(text_name, text->bytes, text->len),
        OSSL_PARAM_construct_end(),
    };
    bool ok = EVP_KDF_derive(ctx, out, len, params) == 1;

    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    return ok ? len : 0;
}

static size_t tls_prf(const BCryptBufferDesc *list, struct input *in,
                      const struct fake_agreement *a, BYTE *out)
{
    const BCryptBuffer *protocol = in->of[KDF_TLS_PRF_PROTOCOL];
    bool twelve = protocol != NULL && *(const DWORD *)protocol->pvBuffer == 0x0303;

    if (in->of[KDF_TLS_PRF_LABEL] == NULL || in->of[KDF_TLS_PRF_SEED] == NULL ||
        in->of[KDF_TLS_PRF_SEED]->cbBuffer != 64)
        return 0;
    append_all(in, list, KDF_TLS_PRF_LABEL);
    append_all(in, list, KDF_TLS_PRF_SEED);
    return run_kdf("TLS1-PRF",
                   !twelve ? "MD5-SHA1" : in->of[KDF_HASH_ALGORITHM] != NULL ? in->hash : "SHA256",
                   OSSL_KDF_PARAM_SECRET, a, OSSL_KDF_PARAM_SEED, in, out, 48);
}

static size_t concat(const BCryptBufferDesc *list, struct input *in,
                     const struct fake_agreement *a, BYTE *out)
{
    const BCryptBuffer *bits = in->of[0x12]; /* KDF_KEYBITLENGTH */

    for (ULONG type = KDF_ALGORITHMID; type <= KDF_SUPPPRIVINFO; type++) {
        if (type <= KDF_PARTYVINFO && in->of[type] == NULL)
            return 0;
        append_all(in, list, type);
    }
    return run_kdf("SSKDF", in->hash, OSSL_KDF_PARAM_KEY, a, OSSL_KDF_PARAM_INFO, in, out,
                   bits != NULL ? *(const DWORD *)bits->pvBuffer / 8 : a->len);
}

static size_t derive_by(LPCWSTR kdf, DWORD flags, const BCryptBufferDesc *list, struct input *in,
                        const struct fake_agreement *a, BYTE *out)
{
    const BCryptBuffer *key = in->of[KDF_HMAC_KEY];
    size_t len = 0;

    if (wstr_equal(kdf, BCRYPT_KDF_TLS_PRF))
        return tls_prf(list, in, a, out);
    if (wstr_equal(kdf, BCRYPT_KDF_SP80056A_CONCAT))
        return concat(list, in, a, out);
    append_all(in, list, KDF_SECRET_PREPEND);
    append(in, a->z, a->len);
    append_all(in, list, KDF_SECRET_APPEND);
    if (wstr_equal(kdf, BCRYPT_KDF_HASH))
        return EVP_Q_digest(NULL, in->hash, NULL, in->bytes, in->len, out, &len) == 1 ? len : 0;
    if (!wstr_equal(kdf, BCRYPT_KDF_HMAC) ||
        ((flags & KDF_USE_SECRET_AS_HMAC_KEY_FLAG) != 0) == (key != NULL))
        return 0;
    return key != NULL ? hmac(in, key->pvBuffer, key->cbBuffer, out) : hmac(in, a->z, a->len, out);
}

static DWORD WINAPI derive(PCARD_DATA data, PCARD_DERIVE_KEY info)
{
    static const BCryptBufferDesc none = { 0, 0, NULL };
    const BCryptBufferDesc *list = info->pParameterList != NULL ? info->pParameterList : &none;
    const struct fake_agreement *a = find(info->bSecretAgreementIndex);
    struct input in;
    BYTE out[1024];
    size_t len;

    FAULT(FAKE_DERIVE_KEY);
    if (a == NULL || !read_list(list, &in))
        return SCARD_E_INVALID_PARAMETER;
    if (!card.user)
        return SCARD_W_SECURITY_VIOLATION;
    len = derive_by(info->pwszKDF, info->dwFlags, list, &in, a, out);
    if (len == 0)
        return SCARD_E_INVALID_PARAMETER;
    return fake_hand_out(data, FAKE_DERIVE_KEY, out, len, &info->pbDerivedKey,
                         &info->cbDerivedKey);
}

void fake_agree_fill(PCARD_DATA data)
{
    data->pfnCardConstructDHAgreement = construct;
    if (data->dwVersion < 5)
        return;
    data->pfnCardDeriveKey = derive;
    data->pfnCardDestroyDHAgreement = destroy;
}
