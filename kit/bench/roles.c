/* SPDX-License-Identifier: MIT */
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

void stay_user(struct bench *b)
{
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

bool has_admin(const struct bench *b)
{
    return b->run->config->admin_key.len != 0 || b->run->config->admin_pin.len != 0;
}

void be_admin(struct bench *b)
{
    const struct kit_secret *pin = &b->run->config->admin_pin;
    BYTE response[KIT_SECRET_MAX];
    DWORD len, left = 0;

    if (!has_admin(b))
        run_not_applicable(b->run, "the admin cannot be authenticated (neither admin_key nor "
                                   "admin_pin is configured)");
    be_nobody(b);
    if (b->run->config->admin_key.len == 0) {
        NEED(b->run, CALL(b, AuthenticatePin, &b->data, admin_name(), bytes_of(pin->bytes),
                          pin->len, &left));
        return;
    }
    len = draw_and_answer(b, response);
    NEED(b->run, CALL(b, AuthenticateChallenge, &b->data, response, len, &left));
}

/* ---- by name --------------------------------------------------------------------------------- */

void become(struct bench *b, enum role role)
{
    if (role == USER)
        be_user(b);
    else if (role == ADMIN)
        be_admin(b);
    else
        be_nobody(b);
}

const char *role_name(enum role role)
{
    static const char *const names[ROLES] = { "nobody", "the user", "the admin" };

    return names[role];
}

enum role roles_end(const struct bench *b)
{
    return has_admin(b) ? ROLES : ADMIN;
}

/* ---- who is it: by what the card lets it do ----------------------------------------------------- */

static bool may_write(struct bench *b, const char *dir, const char *name)
{
    DWORD rc = put_file(b, dir, name, FIXTURE_TEXT, strlen(FIXTURE_TEXT));

    if (rc != SCARD_S_SUCCESS && rc != SCARD_W_SECURITY_VIOLATION)
        run_blocked(b->run, "writing %s: %s", name, kit_code(rc));
    return rc == SCARD_S_SUCCESS;
}

static bool may_sign(struct bench *b, BYTE index, DWORD spec)
{
    static const ALG_ID hashes[] = { CALG_SHA_256, CALG_SHA1 };
    DWORD rc = SCARD_E_UNSUPPORTED_FEATURE;
    BYTE digest[32] = { 1 };

    for (size_t i = 0; i < ARRAY(hashes) && rc == SCARD_E_UNSUPPORTED_FEATURE; i++) {
        CARD_SIGNING_INFO info = { .dwVersion = CARD_SIGNING_INFO_BASIC_VERSION,
                                   .bContainerIndex = index, .dwKeySpec = spec,
                                   .aiHashAlg = hashes[i], .pbData = digest,
                                   .cbData = i == 0 ? 32 : 20 };

        rc = CALL(b, SignData, &b->data, &info);
        if (rc == SCARD_S_SUCCESS && mem_is_ours(info.pbSignedData))
            mem_free(info.pbSignedData);
    }
    if (rc != SCARD_S_SUCCESS && rc != SCARD_W_SECURITY_VIOLATION)
        run_blocked(b->run, "signing: %s", kit_code(rc));
    return rc == SCARD_S_SUCCESS;
}

static bool may_use_key(struct bench *b)
{
    for (DWORD spec = AT_KEYEXCHANGE; spec <= AT_ECDSA_P521; spec++)
        if (fixture_key(b, spec) != 0xFF)
            return may_sign(b, fixture_key(b, spec), spec);
    run_not_applicable(b->run, "the card is read-only and has no key that signs: nothing shows who "
                               "is authenticated");
}

bool is_user(struct bench *b)
{
    if (is_read_only(b))
        return may_use_key(b);
    return may_write(b, FIXTURE_DIR, FIXTURE_FILE);
}

bool is_admin(struct bench *b)
{
    if (!has_admin(b))
        return false;
    if (is_read_only(b))
        run_not_applicable(b->run, "the card is read-only (CP_CARD_READ_ONLY): nothing shows whether "
                                   "the admin is authenticated");
    return may_write(b, NULL, FIXTURE_READ_FILE);
}

/* ---- all tries again ---------------------------------------------------------------------------- */

static DWORD unblock(struct bench *b)
{
    const struct kit_config *config = b->run->config;
    const struct kit_secret *proof = &config->puk;
    struct kit_secret response;

    if (config->puk.len == 0 && config->admin_key.len == 0)
        run_blocked(b->run, "the PIN is not what it was, and neither admin_key nor puk is "
                            "configured to set it anew");
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
