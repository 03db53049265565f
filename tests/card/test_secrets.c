/* SPDX-License-Identifier: MIT */
/* New PINs and keys, as CMR.3.3.1 and 3.3.2 want them: counters to the letter, who is authenticated
 * afterwards, what stays in force when it fails. The error rows by themselves are the kit's. */
#include "support.h"

#include <openssl/evp.h>
#include <string.h>

#define OK       SCARD_S_SUCCESS
#define WRONG    SCARD_W_WRONG_CHV
#define BLOCKED  SCARD_W_CHV_BLOCKED
#define NEW_PIN  "abcdefghij"
#define BY_PIN   CARD_AUTHENTICATE_PIN_PIN
#define BY_KEY   CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE

static WCHAR user[] = wszCARD_USER_USER, admin[] = wszCARD_USER_ADMIN;

/* ---- short forms ----------------------------------------------------------------------------- */

static DWORD change(struct desk *d, const char *old, const char *fresh, DWORD tries, DWORD *left)
{
    return d->data.pfnCardChangeAuthenticator(&d->data, user, bytes(old), (DWORD)strlen(old),
                                              bytes(fresh), (DWORD)strlen(fresh), tries, BY_PIN,
                                              left);
}

static DWORD unblock(struct desk *d, const void *proof, DWORD len, const char *fresh, DWORD tries)
{
    return d->data.pfnCardUnblockPin(&d->data, user, bytes(proof), len, bytes(fresh),
                                     (DWORD)strlen(fresh), tries, BY_KEY);
}

static DWORD verify(struct desk *d, const char *pin, DWORD *left)
{
    return d->data.pfnCardAuthenticatePin(&d->data, user, bytes(pin), (DWORD)strlen(pin), left);
}

/* CBC with a zero IV. */
static void answer(const BYTE *key, size_t key_len, const BYTE *challenge, DWORD len, BYTE *ret)
{
    static const BYTE iv[16];
    const EVP_CIPHER *cipher = len == 8         ? EVP_des_ede3_cbc()
                               : key_len == 16  ? EVP_aes_128_cbc()
                               : key_len == 24  ? EVP_aes_192_cbc()
                                                : EVP_aes_256_cbc();
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int got = 0;

    assert_int_equal(EVP_EncryptInit_ex(ctx, cipher, NULL, key, iv), 1);
    assert_int_equal(EVP_CIPHER_CTX_set_padding(ctx, 0), 1);
    assert_int_equal(EVP_EncryptUpdate(ctx, ret, &got, challenge, (int)len), 1);
    assert_int_equal(got, len);
    EVP_CIPHER_CTX_free(ctx);
}

/* The right response to a fresh challenge; its length. */
static DWORD draw(struct desk *d, const BYTE *key, size_t key_len, BYTE response[16])
{
    BYTE *challenge = NULL;
    DWORD len = 0;

    assert_rc(d->data.pfnCardGetChallenge(&d->data, &challenge, &len), OK);
    assert_true(len == 8 || len == 16);
    answer(key, key_len, challenge, len, response);
    mem_free(challenge);
    return len;
}

static PIN_SET authenticated(struct desk *d)
{
    static const WCHAR name[] = CP_CARD_AUTHENTICATED_STATE;
    DWORD set = 0xEE, len = 0;

    assert_rc(d->data.pfnCardGetProperty(&d->data, name, (PBYTE)&set, sizeof(set), &len, 0), OK);
    return set;
}

/* ---- CardChangeAuthenticator, the user ------------------------------------------------------- */

/* CMR.3.3.2.4: authenticated afterwards. .E11, .E16: each wrong old PIN costs a try, the last try
 * answers WRONG_CHV with 0 left, the next CHV_BLOCKED, the right one too. */
static void change_counts(void **state)
{
    static const DWORD lefts[] = { 2, 1, 0 };
    struct desk d;
    DWORD left = 0;

    (void)state;
    make_card("bob", NULL);
    desk_open(&d, "bob", 7);
    assert_rc(change(&d, PIN, NEW_PIN, 0, &left), OK);
    assert_int_equal(left, 0xFFFFFFFF);
    assert_int_equal(authenticated(&d), CREATE_PIN_SET(ROLE_USER));
    for (size_t i = 0; i < ARRAY(lefts); i++) {
        assert_rc(change(&d, PIN, "other pin", 0, &left), WRONG);
        assert_int_equal(left, lefts[i]);
        assert_int_equal(authenticated(&d), 0);
    }
    assert_rc(change(&d, NEW_PIN, "other pin", 0, &left), BLOCKED);
    assert_int_equal(left, 0);
    assert_rc(verify(&d, NEW_PIN, &left), BLOCKED);
    assert_int_equal(left, 0);
    desk_close(&d);
    assert_int_equal(home_remove("bob"), SOFTCARD_OK);
}

/* The card parts old and new by the length it knows. What is shown as the old PIN must be the old
 * PIN, not its beginning with the rest in front of the new one; and a new PIN that is refused
 * leaves the old one in force. */
static void change_boundaries(void **state)
{
    char long_pin[129];
    struct desk d;
    DWORD left = 0;

    (void)state;
    memset(long_pin, '7', sizeof(long_pin) - 1);
    long_pin[128] = '\0';
    desk_open(&d, CARD, 7);
    assert_rc(change(&d, "1234", "56780000", 0, &left), WRONG);
    assert_int_equal(left, 2);
    assert_rc(verify(&d, PIN, NULL), OK);
    assert_rc(change(&d, PIN "9", "99999999", 0, NULL), WRONG);
    assert_rc(verify(&d, PIN, NULL), OK);
    assert_rc(change(&d, PIN, long_pin, 0, NULL), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(authenticated(&d), 0);
    assert_rc(change(&d, PIN, "123", 0, NULL), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(tries_left(&d), 3); /* no try is lost on what the card was not shown */
    assert_rc(change(&d, PIN, long_pin + 1, 0, NULL), OK); /* 127 */
    assert_rc(verify(&d, long_pin + 1, NULL), OK);
    assert_rc(change(&d, long_pin + 1, PIN, 0, NULL), OK);
    desk_close(&d);
}

/* cRetryCount: so many wrong PINs do not block; 16 cannot be told, so it cannot be set. */
static void tries(void **state)
{
    struct desk d;
    DWORD left = 0;
    BYTE response[16];

    (void)state;
    make_card("bob", NULL);
    desk_open(&d, "bob", 7);
    assert_rc(change(&d, PIN, PIN, 16, NULL), SCARD_E_INVALID_PARAMETER);
    assert_rc(change(&d, PIN, PIN, 5, NULL), OK);
    for (DWORD i = 5; i-- > 0;) {
        assert_rc(verify(&d, WRONG_PIN, &left), WRONG);
        assert_int_equal(left, i);
    }
    assert_rc(verify(&d, PIN, &left), BLOCKED);
    assert_rc(unblock(&d, response, draw(&d, admin_key, 24, response), NEW_PIN, 2), OK);
    assert_int_equal(tries_left(&d), 2);
    assert_rc(verify(&d, WRONG_PIN, &left), WRONG);
    assert_int_equal(left, 1);
    assert_rc(verify(&d, NEW_PIN, NULL), OK);
    assert_rc(change(&d, NEW_PIN, PIN, 0, NULL), OK); /* 0 keeps the number */
    assert_int_equal(tries_left(&d), 2);
    desk_close(&d);
    assert_int_equal(home_remove("bob"), SOFTCARD_OK);
}

/* ---- CardUnblockPin -------------------------------------------------------------------------- */

/* CMR.3.3.1.5: nobody is authenticated afterwards, whatever the outcome; .E10 to .E13. */
static void unblock_by_admin(void **state)
{
    struct desk d;
    BYTE response[16], old[16], *challenge = NULL;
    DWORD len = 0;

    (void)state;
    make_card("bob", NULL);
    desk_open(&d, "bob", 7);
    for (unsigned i = 0; i < 3; i++)
        assert_rc(verify(&d, WRONG_PIN, NULL), WRONG);
    assert_rc(verify(&d, PIN, NULL), BLOCKED);

    be_admin(&d);
    assert_rc(unblock(&d, "12345678", 8, NEW_PIN, 0), WRONG); /* .E10: no challenge before */
    assert_int_equal(authenticated(&d), 0);
    assert_rc(d.data.pfnCardGetChallenge(&d.data, &challenge, &len), OK);
    mem_free(challenge);
    assert_rc(unblock(&d, "12345678", 8, NEW_PIN, 0), WRONG); /* .E11 */
    (void)draw(&d, admin_key, 24, response);
    assert_rc(unblock(&d, response, 7, NEW_PIN, 0), WRONG); /* .E13 */
    (void)draw(&d, admin_key, 24, response);
    assert_rc(read_file(&d, NULL, "cardid", NULL, 0), SCARD_E_FILE_NOT_FOUND); /* in between */
    assert_rc(unblock(&d, response, 8, NEW_PIN, 0), WRONG);
    assert_rc(verify(&d, PIN, NULL), BLOCKED); /* all that changed nothing */

    (void)draw(&d, admin_key, 24, response);
    memcpy(old, response, sizeof(old));
    assert_rc(unblock(&d, response, 8, NEW_PIN, 0), OK);
    assert_int_equal(authenticated(&d), 0);
    assert_rc(unblock(&d, old, 8, PIN, 0), WRONG); /* .E12: replayed */
    assert_rc(verify(&d, PIN, NULL), WRONG);
    assert_rc(verify(&d, NEW_PIN, NULL), OK);
    assert_int_equal(tries_left(&d), 3);
    (void)draw(&d, admin_key, 24, response); /* it need not be blocked */
    assert_rc(unblock(&d, response, 8, PIN, 0), OK);
    assert_int_equal(authenticated(&d), 0);
    assert_rc(verify(&d, PIN, NULL), OK);
    desk_close(&d);
    assert_int_equal(home_remove("bob"), SOFTCARD_OK);
}

static void unblock_by_puk(void **state)
{
    const struct softcard_options with_puk = { .unblock = SOFTCARD_UNBLOCK_PUK };
    struct desk d;

    (void)state;
    make_card("bob", &with_puk);
    desk_open(&d, "bob", 7);
    for (unsigned i = 0; i < 3; i++)
        assert_rc(verify(&d, WRONG_PIN, NULL), WRONG);
    assert_rc(unblock(&d, PUK, PIN_LEN, NEW_PIN, 5), SCARD_E_INVALID_PARAMETER);
    assert_rc(unblock(&d, WRONG_PIN, PIN_LEN, NEW_PIN, 0), WRONG);
    assert_rc(verify(&d, PIN, NULL), BLOCKED);
    assert_rc(unblock(&d, PUK, PIN_LEN, NEW_PIN, 0), OK);
    assert_int_equal(authenticated(&d), 0);
    assert_rc(verify(&d, NEW_PIN, NULL), OK);
    for (unsigned i = 0; i < 3; i++)
        assert_rc(unblock(&d, WRONG_PIN, PIN_LEN, PIN, 0), WRONG);
    assert_rc(unblock(&d, PUK, PIN_LEN, PIN, 0), BLOCKED);
    assert_rc(verify(&d, NEW_PIN, NULL), OK); /* a blocked PUK does not block the PIN */
    desk_close(&d);
    assert_int_equal(home_remove("bob"), SOFTCARD_OK);
}

/* ---- the admin key --------------------------------------------------------------------------- */

static DWORD change_key(struct desk *d, const BYTE *response, DWORD len, const BYTE *key,
                        DWORD key_len)
{
    return d->data.pfnCardChangeAuthenticator(&d->data, admin, bytes(response), len, bytes(key),
                                              key_len, 0, BY_KEY, NULL);
}

static void new_admin_key(void **state)
{
    static const BYTE fresh[24] = { 9, 8, 7, 6, 5, 4, 3, 2, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2,
                                    3, 4, 5 };
    static const DWORD bad[] = { 8, 16, 23, 25, 32 };
    struct desk d;
    BYTE response[16];
    DWORD len;

    (void)state;
    make_card("bob", NULL);
    desk_open(&d, "bob", 7);
    for (size_t i = 0; i < ARRAY(bad); i++) {
        len = draw(&d, admin_key, 24, response);
        assert_rc(change_key(&d, response, len, fresh, bad[i]), SCARD_E_INVALID_PARAMETER);
        assert_int_equal(authenticated(&d), 0);
    }
    assert_rc(change_key(&d, response, 8, fresh, 24), WRONG); /* CMR.3.3.2.E12 */
    len = draw(&d, fresh, 24, response);
    assert_rc(change_key(&d, response, len, fresh, 24), WRONG); /* CMR.3.3.2.E13 */
    len = draw(&d, admin_key, 24, response);
    assert_rc(change_key(&d, response, len, fresh, 24), OK);
    assert_int_equal(authenticated(&d), CREATE_PIN_SET(ROLE_ADMIN)); /* CMR.3.3.2.4 */
    len = draw(&d, admin_key, 24, response);
    assert_rc(d.data.pfnCardAuthenticateChallenge(&d.data, response, len, NULL), WRONG);
    len = draw(&d, fresh, 24, response);
    assert_rc(unblock(&d, response, len, NEW_PIN, 0), OK);
    desk_close(&d);
    assert_int_equal(home_remove("bob"), SOFTCARD_OK);
}

/* Whoever changes the PIN, or unblocks it, by a second context on the same card: the first one has
 * no PIN of its own to remember. */
static void two_contexts(void **state)
{
    struct desk a;
    CARD_DATA b;

    (void)state;
    desk_open(&a, CARD, 7);
    desk_fill(&a, &b, 4);
    assert_rc(a.acquire(&b, 0), OK);
    assert_rc(b.pfnCardChangeAuthenticator(&b, user, bytes(PIN), PIN_LEN, bytes(NEW_PIN), 10, 0,
                                           BY_PIN, NULL), OK);
    assert_int_equal(authenticated(&a), CREATE_PIN_SET(ROLE_USER)); /* the card's, not ours */
    assert_rc(verify(&a, PIN, NULL), WRONG);
    assert_rc(verify(&a, NEW_PIN, NULL), OK);
    assert_rc(change(&a, NEW_PIN, PIN, 0, NULL), OK);
    assert_rc(b.pfnCardDeleteContext(&b), OK);
    desk_close(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        desk_test(change_counts),    desk_test(change_boundaries), desk_test(tries),
        desk_test(unblock_by_admin), desk_test(unblock_by_puk),    desk_test(new_admin_key),
        desk_test(two_contexts),
    };

    return cmocka_run_group_tests(tests, home_begin, home_end);
}
