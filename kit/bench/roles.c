/* SPDX-License-Identifier: MIT */
#include "kit/bench/bench.h"
#include "kit/bench/fixture_keys.h"

#include <openssl/evp.h>
#include <string.h>

LPWSTR user_name(void)
{
    static WCHAR name[] = wszCARD_USER_USER;

    return name;
}

LPWSTR admin_name(void)
{
    static WCHAR name[] = wszCARD_USER_ADMIN;

    return name;
}

LPWSTR anonymous_name(void)
{
    static WCHAR name[] = wszCARD_USER_EVERYONE;

    return name;
}

struct kit_secret wrong_pin(const struct kit_config *config)
{
    struct kit_secret wrong = config->user_pin;

    for (DWORD i = 0; i < wrong.len; i++) /* another digit for each, so that digits stay digits */
        wrong.bytes[i] = wrong.bytes[i] == '7' ? '4' : '7';
    return wrong;
}

void be_nobody(struct bench *b)
{
    bench_reset(b);
}

void let_go(struct bench *b)
{
    if (b->data.pfnCardDeauthenticate == NULL ||
        CALL(b, Deauthenticate, &b->data, user_name(), 0) != SCARD_S_SUCCESS ||
        CALL(b, Deauthenticate, &b->data, admin_name(), 0) != SCARD_S_SUCCESS)
        bench_reset(b);
}

static DWORD show_pin(struct bench *b)
{
    const struct kit_secret *pin = &b->run->config->user_pin;
    DWORD left = 0;

    return CALL(b, AuthenticatePin, &b->data, user_name(), bytes_of(pin->bytes), pin->len, &left);
}

void be_user(struct bench *b)
{
    be_nobody(b);
    NEED(b->run, show_pin(b));
}

/* ---- challenge and response: S001, "response = E(admin key, challenge)", CBC with a zero IV ----- */

static const EVP_CIPHER *cipher(const struct kit_config *config)
{
    if (!config->admin_aes)
        return EVP_des_ede3_cbc();
    return config->admin_key.len == 16   ? EVP_aes_128_cbc()
           : config->admin_key.len == 24 ? EVP_aes_192_cbc()
                                         : EVP_aes_256_cbc();
}

void answer_challenge(struct bench *b, const BYTE *challenge, DWORD len, BYTE *ret)
{
    static const BYTE zeros[16];
    const struct kit_config *config = b->run->config;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int done = 0;
    bool ok;

    if (len > KIT_SECRET_MAX)
        run_blocked(b->run, "a challenge of %u bytes", (unsigned)len);
    ok = ctx != NULL &&
         EVP_EncryptInit_ex(ctx, cipher(config), NULL, config->admin_key.bytes, zeros) == 1 &&
         EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
         EVP_EncryptUpdate(ctx, ret, &done, challenge, (int)len) == 1 && (DWORD)done == len;
    EVP_CIPHER_CTX_free(ctx);
    if (!ok)
        run_blocked(b->run, "a challenge of %u bytes cannot be answered", (unsigned)len);
}

DWORD draw_and_answer(struct bench *b, BYTE *response)
{
    PBYTE challenge = NULL;
    DWORD len = 0;

    NEED(b->run, CALL(b, GetChallenge, &b->data, &challenge, &len));
    if (challenge == NULL)
        run_blocked(b->run, "CardGetChallenge gives no challenge");
    answer_challenge(b, challenge, len, response);
    if (mem_is_ours(challenge))
        mem_free(challenge);
    return len;
}

void be_admin(struct bench *b)
{
    BYTE response[KIT_SECRET_MAX];
    DWORD len, left = 0;

    if (b->run->config->admin_key.len == 0)
        run_not_applicable(b->run, "the admin has no key (none is configured)");
    be_nobody(b);
    len = draw_and_answer(b, response);
    NEED(b->run, CALL(b, AuthenticateChallenge, &b->data, response, len, &left));
}

/* ---- who is it: by what the card lets it do ----------------------------------------------------- */

static bool may_write(struct bench *b, const char *dir, const char *name)
{
    DWORD rc = put_file(b, dir, name, FIXTURE_TEXT, strlen(FIXTURE_TEXT));

    if (rc != SCARD_S_SUCCESS && rc != SCARD_W_SECURITY_VIOLATION)
        run_blocked(b->run, "writing %s: %s", name, kit_code(rc));
    return rc == SCARD_S_SUCCESS;
}

/* On a card that is only read: signing, by the first of the keys. */
static bool may_sign(struct bench *b)
{
    static const DWORD specs[] = { AT_SIGNATURE, AT_KEYEXCHANGE, AT_ECDSA_P256 };
    BYTE digest[20] = { 1 };
    CARD_SIGNING_INFO info = { .dwVersion = CARD_SIGNING_INFO_BASIC_VERSION, .pbData = digest,
                               .cbData = sizeof(digest), .aiHashAlg = CALG_SHA1 };
    DWORD rc;

    for (size_t i = 0; i < ARRAY(specs) && info.dwKeySpec == 0; i++) {
        info.bContainerIndex = fixture_key(b, specs[i]);
        info.dwKeySpec = info.bContainerIndex != 0xFF ? specs[i] : 0;
    }
    if (info.dwKeySpec == 0)
        run_not_applicable(b->run, "the card is read-only and has no key that signs: nobody can see "
                                   "who is authenticated");
    rc = CALL(b, SignData, &b->data, &info);
    if (rc == SCARD_S_SUCCESS && mem_is_ours(info.pbSignedData))
        mem_free(info.pbSignedData);
    if (rc != SCARD_S_SUCCESS && rc != SCARD_W_SECURITY_VIOLATION)
        run_blocked(b->run, "signing: %s", kit_code(rc));
    return rc == SCARD_S_SUCCESS;
}

/* ... and reading what only the admin may. */
static bool may_read_as_admin(struct bench *b)
{
    DWORD rc = see_file(b, NULL, FIXTURE_ADMIN_FILE, NULL, 0);

    if (rc == SCARD_E_FILE_NOT_FOUND)
        run_not_applicable(b->run, "the card is read-only and has no file of the admin's: nobody can "
                                   "see who is authenticated");
    if (rc != SCARD_S_SUCCESS && rc != SCARD_W_SECURITY_VIOLATION)
        run_blocked(b->run, "reading %s: %s", FIXTURE_ADMIN_FILE, kit_code(rc));
    return rc == SCARD_S_SUCCESS;
}

bool is_user(struct bench *b)
{
    return is_read_only(b) ? may_sign(b) : may_write(b, FIXTURE_DIR, FIXTURE_FILE);
}

bool is_admin(struct bench *b)
{
    return is_read_only(b) ? may_read_as_admin(b) : may_write(b, NULL, FIXTURE_READ_FILE);
}

/* ---- all tries again ---------------------------------------------------------------------------- */

static DWORD unblock(struct bench *b)
{
    const struct kit_config *config = b->run->config;
    const struct kit_secret *proof = &config->puk;
    struct kit_secret response;

    if (config->puk.len == 0) {
        response.len = draw_and_answer(b, response.bytes);
        proof = &response;
    }
    return CALL(b, UnblockPin, &b->data, user_name(), bytes_of(proof->bytes), proof->len,
                bytes_of(config->user_pin.bytes), config->user_pin.len, 0,
                CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE);
}

void restore_pin(struct bench *b)
{
    if (show_pin(b) != SCARD_S_SUCCESS) {
        NEED(b->run, unblock(b));
        NEED(b->run, show_pin(b));
    }
    be_nobody(b);
}
