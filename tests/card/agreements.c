/* SPDX-License-Identifier: MIT */
#include "agreements.h"

EVP_PKEY *agreement_key(struct desk *d, BYTE container, DWORD spec)
{
    CONTAINER_INFO info = { .dwVersion = 1 };
    EVP_PKEY *key;

    assert_rc(d->data.pfnCardCreateContainer(&d->data, container, CARD_CREATE_CONTAINER_KEY_GEN,
                                             spec, 0, NULL), SCARD_S_SUCCESS);
    assert_rc(d->data.pfnCardGetContainerInfo(&d->data, container, 0, &info), SCARD_S_SUCCESS);
    key = key_from_blob(info.pbKeyExPublicKey, info.cbKeyExPublicKey, spec);
    mem_free(info.pbKeyExPublicKey);
    if (info.pbSigPublicKey != NULL)
        mem_free(info.pbSigPublicKey);
    return key;
}

DWORD agree_with(PCARD_DATA data, BYTE container, BYTE *blob, DWORD len, BYTE *ret_index)
{
    CARD_DH_AGREEMENT_INFO info = { .dwVersion = CARD_DH_AGREEMENT_INFO_VERSION,
                                    .bContainerIndex = container, .dwPublicKey = len,
                                    .pbPublicKey = blob };
    DWORD rc = data->pfnCardConstructDHAgreement(data, &info);

    *ret_index = info.bSecretAgreementIndex;
    return rc;
}

BYTE agree(struct desk *d, BYTE container, DWORD spec, EVP_PKEY *key, BYTE z[Z_MAX])
{
    EVP_PKEY *peer = ec_make(spec);
    BYTE blob[EC_BLOB_MAX], index = 0;
    DWORD len = (DWORD)ec_blob(peer, spec, false, blob);

    assert_int_equal(openssl_z(peer, key, z), ec_field(spec));
    assert_rc(agree_with(&d->data, container, blob, len, &index), SCARD_S_SUCCESS);
    EVP_PKEY_free(peer);
    return index;
}

size_t openssl_z(EVP_PKEY *mine, EVP_PKEY *theirs, BYTE z[Z_MAX])
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, mine, NULL);
    size_t len = Z_MAX;

    assert_int_equal(EVP_PKEY_derive_init(ctx), 1);
    assert_int_equal(EVP_PKEY_derive_set_peer(ctx, theirs), 1);
    assert_int_equal(EVP_PKEY_derive(ctx, z, &len), 1);
    EVP_PKEY_CTX_free(ctx);
    return len;
}
