/* SPDX-License-Identifier: MIT */
#include "secrets.h"

#include <openssl/evp.h>
#include <string.h>

#define OK SCARD_S_SUCCESS

const WCHAR user[] = wszCARD_USER_USER, admin[] = wszCARD_USER_ADMIN;

/* ---- cards ----------------------------------------------------------------------------------- */

/* 0x51, 0x52 and so on: parity does not matter, and no two keys of 3DES are one. */
const BYTE aes_key[32] = { 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5A, 0x5B,
                                  0x5C, 0x5D, 0x5E, 0x5F, 0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66,
                                  0x67, 0x68, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x70 };
const BYTE fresh_key[33] = { 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A,
                                    0x9B, 0x9C, 0x9D, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2, 0xA3, 0xA4,
                                    0xA5, 0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xAB, 0xAC, 0xAD, 0xAE,
                                    0xAF, 0xB0, 0xB1 };

/* AES where key_len is not 0; what unblocks is an answer to its challenge, or the PUK. */
void open_card(struct desk *d, DWORD key_len, bool puk)
{
    const struct softcard_options options = { .unblock = puk ? SOFTCARD_UNBLOCK_PUK
                                                             : SOFTCARD_UNBLOCK_ADMIN };
    struct softcard_person who = { .pin = bytes(PIN), .pin_len = PIN_LEN, .admin_key = aes_key,
                                   .admin_key_len = key_len, .admin_aes = true };
    struct softcard *card = NULL;
    char path[HOME_PATH_MAX];

    if (key_len == 0) {
        make_card("bob", &options);
    } else {
        assert_true(home_image_path("bob", path));
        if (puk) {
            who.puk = bytes(PUK);
            who.puk_len = PIN_LEN;
        }
        assert_int_equal(softcard_create(path, &options), SOFTCARD_OK);
        assert_int_equal(softcard_open(path, &card), SOFTCARD_OK);
        assert_int_equal(softcard_personalise(card, &who), SOFTCARD_OK);
        softcard_close(card);
        assert_int_equal(home_insert("bob"), SOFTCARD_OK);
    }
    desk_open(d, "bob", 7);
}

void close_card(struct desk *d)
{
    desk_close(d);
    assert_int_equal(home_remove("bob"), SOFTCARD_OK);
}

PIN_SET roles(struct desk *d)
{
    static const WCHAR name[] = CP_CARD_AUTHENTICATED_STATE;
    PIN_SET set = 0xFFFF;
    DWORD len = 0;

    assert_rc(d->data.pfnCardGetProperty(&d->data, name, (PBYTE)&set, sizeof(set), &len, 0), OK);
    return set;
}

/* ---- secrets --------------------------------------------------------------------------------- */

const struct key des = { admin_key, 24, false };

/* The right response to a new challenge; its length. CBC with a zero IV. */
DWORD draw(struct desk *d, const struct key *key, BYTE response[16])
{
    static const BYTE iv[16];
    const EVP_CIPHER *cipher = !key->aes        ? EVP_des_ede3_cbc()
                               : key->len == 16 ? EVP_aes_128_cbc()
                               : key->len == 24 ? EVP_aes_192_cbc()
                                                : EVP_aes_256_cbc();
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    PBYTE challenge = NULL;
    DWORD len = 0;
    int got = 0;

    assert_rc(d->data.pfnCardGetChallenge(&d->data, &challenge, &len), OK);
    assert_int_equal(len, key->aes ? 16 : 8);
    assert_int_equal(EVP_EncryptInit_ex(ctx, cipher, NULL, key->at, iv), 1);
    assert_int_equal(EVP_CIPHER_CTX_set_padding(ctx, 0), 1);
    assert_int_equal(EVP_EncryptUpdate(ctx, response, &got, challenge, (int)len), 1);
    assert_int_equal(got, len);
    EVP_CIPHER_CTX_free(ctx);
    mem_free(challenge);
    return len;
}

DWORD show(struct desk *d, const char *pin, DWORD *left)
{
    return d->data.pfnCardAuthenticatePin(&d->data, wide(user), bytes(pin), (DWORD)strlen(pin),
                                          left);
}

DWORD become_admin(struct desk *d, const struct key *key)
{
    BYTE response[16];
    DWORD len = draw(d, key, response);

    return d->data.pfnCardAuthenticateChallenge(&d->data, response, len, NULL);
}

DWORD change(struct desk *d, const char *old, const char *fresh, DWORD tries, DWORD *left)
{
    return d->data.pfnCardChangeAuthenticator(&d->data, wide(user), bytes(old), (DWORD)strlen(old),
                                              bytes(fresh), (DWORD)strlen(fresh), tries, BY_PIN,
                                              left);
}

DWORD change_key(struct desk *d, const BYTE *response, DWORD len, const BYTE *key,
                        DWORD key_len)
{
    DWORD left = 77;
    DWORD rc = d->data.pfnCardChangeAuthenticator(&d->data, wide(admin), bytes(response), len,
                                                  bytes(key), key_len, 0, BY_KEY, &left);

    if (rc == SCARD_S_SUCCESS || rc == SCARD_W_WRONG_CHV)
        assert_int_equal(left, 0xFFFFFFFF); /* CMR.3.3.2.E17: it has no counter */
    return rc;
}

DWORD unblock(struct desk *d, const void *proof, DWORD len, const char *fresh, DWORD tries)
{
    return d->data.pfnCardUnblockPin(&d->data, wide(user), bytes(proof), len, bytes(fresh),
                                     (DWORD)strlen(fresh), tries, BY_KEY);
}
