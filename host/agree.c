/* SPDX-License-Identifier: MIT */
/* Key agreement: ECDH with a key of the card, and what is derived from the secret. */
#include "host/host_internal.h"

#include "base/bytes.h"
#include "base/secret.h"

#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define EC_MOST 66u    /* bytes of a coordinate of P-521 */
#define PARAMS_MOST 8u /* of one derivation */
#define TLS_SEED 64u

struct host_agreement {
    struct host_agreement *next;
    struct host *host; /* NULL: host_close came first */
    BYTE index;        /* the module's */
};

/* ---- the peer ------------------------------------------------------------------------------ */

static EVP_PKEY *load_peer(const BYTE *peer, size_t len)
{
    const unsigned char *at = peer;
    EVP_PKEY *key = NULL;
    OSSL_DECODER_CTX *ctx = OSSL_DECODER_CTX_new_for_pkey(&key, NULL, NULL, "EC",
                                                          EVP_PKEY_PUBLIC_KEY, NULL, NULL);

    if (ctx != NULL)
        (void)OSSL_DECODER_from_data(ctx, &at, &len);
    OSSL_DECODER_CTX_free(ctx);
    return key;
}

/* A coordinate, big-endian, as long as the field. */
static bool coordinate(EVP_PKEY *key, const char *which, size_t len, BYTE *out)
{
    BIGNUM *n = NULL;
    bool ok = EVP_PKEY_get_bn_param(key, which, &n) == 1 && BN_bn2binpad(n, out, (int)len) >= 0;

    BN_free(n);
    return ok;
}

/* BCRYPT_ECCPUBLIC_BLOB; 0: not a public key of that curve. */
static size_t peer_blob(const BYTE *peer, size_t peer_len, WORD bits, BYTE out[8 + 2 * EC_MOST])
{
    EVP_PKEY *key = load_peer(peer, peer_len);
    const struct curve *curve = key != NULL ? curve_of(key) : NULL;
    struct wr w = wr_init(out, 8);
    size_t len = 0;

    if (curve != NULL && curve->bits == bits) {
        wr_u32le(&w, curve->ecdh);
        wr_u32le(&w, curve->bytes);
        if (coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X, curve->bytes, out + 8) &&
            coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y, curve->bytes, out + 8 + curve->bytes))
            len = 8 + 2u * curve->bytes;
    }
    EVP_PKEY_free(key);
    return len;
}

/* ---- agreements ---------------------------------------------------------------------------- */

static DWORD construct(struct host *host, const struct key_ref *key, BYTE *blob, size_t len,
                       struct host_agreement **ret)
{
    CARD_DATA *data = &host->data;
    struct host_agreement *made = calloc(1, sizeof *made);
    CARD_DH_AGREEMENT_INFO info = {
        .dwVersion = CARD_DH_AGREEMENT_INFO_VERSION,
        .bContainerIndex = key->index,
        .dwPublicKey = (DWORD)len,
        .pbPublicKey = blob,
    };
    DWORD rc;

    if (made == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    rc = card_result(host, data->pfnCardConstructDHAgreement(data, &info));
    if (rc != SCARD_S_SUCCESS) {
        free(made);
        return rc;
    }
    *made = (struct host_agreement){ host->agreements, host, info.bSecretAgreementIndex };
    host->agreements = made;
    *ret = made;
    return SCARD_S_SUCCESS;
}

static DWORD find_and_construct(struct host *host, const char *container, const BYTE *peer,
                                size_t peer_len, struct host_agreement **ret)
{
    BYTE blob[8 + 2 * EC_MOST];
    struct key_ref key;
    size_t len;
    DWORD rc = key_find(host, container, 0, &key);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (key.rsa || !key.exchange)
        return NTE_NO_KEY;
    if (host->data.pfnCardConstructDHAgreement == NULL ||
        host->data.dwVersion < CARD_DATA_VERSION_FIVE || host->data.pfnCardDeriveKey == NULL ||
        host->data.pfnCardDestroyDHAgreement == NULL)
        return SCARD_E_UNSUPPORTED_FEATURE;
    len = peer_blob(peer, peer_len, key.bits, blob);
    return len != 0 ? construct(host, &key, blob, len, ret) : NTE_BAD_PUBLIC_KEY;
}

DWORD host_agree(struct host *host, const char *container, const BYTE *peer, size_t peer_len,
                 struct host_agreement **ret)
{
    DWORD rc;

    if (peer == NULL)
        return SCARD_E_INVALID_PARAMETER;
    rc = host_begin(host);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = find_and_construct(host, container, peer, peer_len, ret);
    host_end(host);
    return rc;
}

static void forget(struct host_agreement *agreement)
{
    struct host_agreement **at = &agreement->host->agreements;

    while (*at != agreement)
        at = &(*at)->next;
    *at = agreement->next;
    agreement->host = NULL;
}

/* A module may refuse when nobody is authenticated: then it keeps the secret until host_close. */
void host_agreement_free(struct host_agreement *agreement)
{
    struct host *host;

    if (agreement == NULL)
        return;
    host = agreement->host;
    if (host != NULL && host_begin(host) == SCARD_S_SUCCESS) {
        (void)card_result(
            host, host->data.pfnCardDestroyDHAgreement(&host->data, agreement->index, 0));
        host_end(host);
    }
    if (host != NULL)
        forget(agreement);
    free(agreement);
}

void agreements_forget(struct host *host)
{
    while (host->agreements != NULL)
        forget(host->agreements);
}

/* PFN_CSP_GET_DH_AGREEMENT. A handle of ours is the address of an agreement; whether it is one is
 * looked up, not believed. */
DWORD WINAPI csp_get_dh_agreement(PCARD_DATA data, PVOID handle, BYTE *ret_index, DWORD flags)
{
    const struct host *host;

    if (data == NULL || ret_index == NULL || flags != 0)
        return SCARD_E_INVALID_PARAMETER;
    host = (const struct host *)(const void *)((const char *)data - offsetof(struct host, data));
    for (const struct host_agreement *a = host->agreements; a != NULL; a = a->next) {
        if (a == handle) {
            *ret_index = a->index;
            return SCARD_S_SUCCESS;
        }
    }
    return SCARD_E_INVALID_PARAMETER;
}

/* ---- derivation ---------------------------------------------------------------------------- */

/* A parameter list under way. */
struct params {
    BCryptBuffer at[PARAMS_MOST];
    ULONG count;
    WCHAR hash[16];
    DWORD tls_version, key_bits;
};

static void add(struct params *p, ULONG type, const void *data, size_t len)
{
    BCryptBuffer *b = &p->at[p->count++];

    b->BufferType = type;
    b->cbBuffer = (ULONG)len;
    b->pvBuffer = (PVOID)(uintptr_t)data; /* the interface is not const; it is read only */
}

static void add_bytes(struct params *p, ULONG type, struct host_bytes bytes)
{
    if (bytes.data != NULL)
        add(p, type, bytes.data, bytes.len);
}

static bool add_hash(struct params *p, ALG_ID alg)
{
    const struct hash_alg *hash = alg != 0 ? hash_by_id(alg) : NULL;
    size_t len = 0;

    if (alg == 0)
        return true;
    if (hash == NULL || hash->cng == NULL)
        return false;
    while (hash->cng[len] != 0)
        len++;
    memcpy(p->hash, hash->cng, (len + 1) * sizeof(WCHAR));
    add(p, KDF_HASH_ALGORITHM, p->hash, (len + 1) * sizeof(WCHAR));
    return true;
}

static DWORD add_tls(struct params *p, const struct host_derive *how)
{
    if (how->label.data == NULL || how->seed.data == NULL || how->seed.len != TLS_SEED)
        return SCARD_E_INVALID_PARAMETER;
    add_bytes(p, KDF_TLS_PRF_LABEL, how->label);
    add_bytes(p, KDF_TLS_PRF_SEED, how->seed);
    p->tls_version = how->tls_version;
    if (how->tls_version != 0)
        add(p, KDF_TLS_PRF_PROTOCOL, &p->tls_version, sizeof p->tls_version);
    return SCARD_S_SUCCESS;
}

static DWORD add_sp800_56a(struct params *p, const struct host_derive *how)
{
    if (how->algorithm_id.data == NULL || how->party_u.data == NULL || how->party_v.data == NULL ||
        how->key_bits % 8 != 0)
        return SCARD_E_INVALID_PARAMETER;
    add_bytes(p, KDF_ALGORITHMID, how->algorithm_id);
    add_bytes(p, KDF_PARTYUINFO, how->party_u);
    add_bytes(p, KDF_PARTYVINFO, how->party_v);
    add_bytes(p, KDF_SUPPPUBINFO, how->supp_pub);
    add_bytes(p, KDF_SUPPPRIVINFO, how->supp_priv);
    p->key_bits = how->key_bits;
    if (how->key_bits != 0)
        add(p, KDF_KEYBITLENGTH, &p->key_bits, sizeof p->key_bits);
    return SCARD_S_SUCCESS;
}

static DWORD add_parameters(struct params *p, const struct host_derive *how)
{
    if (!add_hash(p, how->hash))
        return NTE_BAD_ALGID;
    switch (how->kdf) {
    case HOST_KDF_HMAC:
        add_bytes(p, KDF_HMAC_KEY, how->hmac_key);
        /* fall through */
    case HOST_KDF_HASH:
        add_bytes(p, KDF_SECRET_PREPEND, how->prepend);
        add_bytes(p, KDF_SECRET_APPEND, how->append);
        return SCARD_S_SUCCESS;
    case HOST_KDF_TLS_PRF:
        return add_tls(p, how);
    case HOST_KDF_SP800_56A:
        return add_sp800_56a(p, how);
    default:
        return SCARD_E_INVALID_PARAMETER;
    }
}

static DWORD derive(struct host *host, CARD_DERIVE_KEY *info, BYTE **ret_key, size_t *ret_len)
{
    DWORD rc = card_result(host, host->data.pfnCardDeriveKey(&host->data, info));

    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (info->cbDerivedKey == 0 || !csp_holds(info->pbDerivedKey, info->cbDerivedKey)) {
        rc = SCARD_E_UNEXPECTED;
    } else {
        *ret_key = host_copy(info->pbDerivedKey, info->cbDerivedKey);
        *ret_len = info->cbDerivedKey;
        rc = *ret_key != NULL ? SCARD_S_SUCCESS : ERROR_NOT_ENOUGH_MEMORY;
    }
    csp_free(info->pbDerivedKey);
    return rc;
}

DWORD host_derive(struct host_agreement *agreement, const struct host_derive *how, BYTE **ret_key,
                  size_t *ret_len)
{
    static WCHAR names[][20] = {
        [HOST_KDF_HASH] = BCRYPT_KDF_HASH,
        [HOST_KDF_HMAC] = BCRYPT_KDF_HMAC,
        [HOST_KDF_TLS_PRF] = BCRYPT_KDF_TLS_PRF,
        [HOST_KDF_SP800_56A] = BCRYPT_KDF_SP80056A_CONCAT,
    };
    struct params params = { .count = 0 };
    BCryptBufferDesc list = { BCRYPTBUFFER_VERSION, 0, params.at };
    CARD_DERIVE_KEY info = { .dwVersion = CARD_DERIVE_KEY_VERSION };
    struct host *host;
    DWORD rc;

    if (agreement == NULL || how == NULL || agreement->host == NULL)
        return SCARD_E_INVALID_PARAMETER;
    rc = add_parameters(&params, how);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    host = agreement->host;
    list.cBuffers = params.count;
    info.pwszKDF = names[how->kdf];
    info.bSecretAgreementIndex = agreement->index;
    info.pParameterList = &list;
    if (how->kdf == HOST_KDF_HMAC && how->hmac_key.data == NULL)
        info.dwFlags = KDF_USE_SECRET_AS_HMAC_KEY_FLAG;
    rc = host_begin(host);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = derive(host, &info, ret_key, ret_len);
    host_end(host);
    return rc;
}
