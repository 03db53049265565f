/* SPDX-License-Identifier: MIT */
/* The admin's key, of 3DES and of AES: a response serves once and at once, a new key takes the old
 * one's place or leaves it. */
#include "secrets.h"

#include <string.h>

#define OK      SCARD_S_SUCCESS
#define INVALID SCARD_E_INVALID_PARAMETER
#define WRONG   SCARD_W_WRONG_CHV
#define A       CREATE_PIN_SET(ROLE_ADMIN)

static void by_pin(struct desk *d)
{
    assert_rc(show(d, PIN, NULL), OK);
}

static void by_roles(struct desk *d)
{
    (void)roles(d);
}

static void by_file(struct desk *d)
{
    assert_rc(read_file(d, NULL, "cardid", NULL, 0), SCARD_E_FILE_NOT_FOUND);
}

static void by_challenge(struct desk *d)
{
    BYTE another[16];

    (void)draw(d, &des, another);
}

static void by_answer(struct desk *d)
{
    BYTE wrong[16] = { 0 };

    assert_rc(d->data.pfnCardAuthenticateChallenge(&d->data, wrong, 8, NULL), WRONG);
}

/* CMR.3.3.1.E10, E12, 3.3.2.E12: whatever the card was asked since, the answer is late; a response
 * serves once. Old PIN and old key hold, nobody is authenticated. */
static void late_answers(void **state)
{
    static void (*const between[])(struct desk *) = { by_pin, by_roles, by_file, by_challenge,
                                                      by_answer, be_nobody, be_user, desk_reset };
    BYTE response[16];
    struct desk d;

    (void)state;
    open_card(&d, 0, false);
    for (size_t i = 0; i < 2 * ARRAY(between); i++) {
        DWORD len = draw(&d, &des, response);

        between[i / 2](&d);
        assert_rc(i % 2 != 0 ? unblock(&d, response, len, NEW_PIN, 0)
                             : change_key(&d, response, len, fresh_key, 24), WRONG);
        assert_int_equal(roles(&d), 0);
        assert_rc(become_admin(&d, &des), OK);
        assert_int_equal(roles(&d), A);
        be_user(&d);
    }
    (void)draw(&d, &des, response);
    assert_rc(unblock(&d, response, 8, PIN, 0), OK);
    assert_rc(unblock(&d, response, 8, NEW_PIN, 0), WRONG);
    assert_rc(change_key(&d, response, 8, fresh_key, 24), WRONG);
    be_user(&d);
    close_card(&d);
}

/* A card's key file is for one kind of key. A new one of the same length takes the old one's place
 * (CMR.3.3.2.4); other lengths, and a response that is wrong (CMR.3.3.2.E13), short or long, leave
 * the old one, and nobody authenticated. */
static void aes_keys(void **state)
{
    static const DWORD lens[] = { 16, 24, 32 }, others[] = { 0, 8, 15, 16, 17, 23, 24, 31, 32, 33 };
    BYTE response[17] = { 0 };
    struct desk d;

    (void)state;
    for (size_t i = 0; i < ARRAY(lens); i++) {
        const struct key old = { aes_key, lens[i], true }, fresh = { fresh_key, lens[i], true };

        open_card(&d, old.len, i % 2 != 0);
        assert_rc(become_admin(&d, &old), OK);
        assert_int_equal(roles(&d), A);
        for (size_t k = 0; k < ARRAY(others); k++) {
            if (others[k] == old.len)
                continue;
            (void)draw(&d, &old, response);
            assert_rc(change_key(&d, response, 16, fresh_key, others[k]), INVALID);
            assert_int_equal(roles(&d), 0);
            assert_rc(become_admin(&d, &old), OK);
        }
        for (DWORD len = 15; len <= 17; len++) {
            (void)draw(&d, &old, response);
            response[3] ^= len == 16 ? 1 : 0;
            assert_rc(change_key(&d, response, len, fresh.at, fresh.len), WRONG);
            assert_int_equal(roles(&d), 0);
        }
        (void)draw(&d, &fresh, response); /* by the key that is not there yet */
        assert_rc(change_key(&d, response, 16, fresh.at, fresh.len), WRONG);
        assert_rc(become_admin(&d, &old), OK);
        be_nobody(&d);
        (void)draw(&d, &old, response);
        assert_rc(change_key(&d, response, 16, fresh.at, fresh.len), OK);
        assert_int_equal(roles(&d), A);
        assert_rc(become_admin(&d, &old), WRONG);
        assert_rc(become_admin(&d, &fresh), OK);
        desk_reset(&d);
        assert_rc(become_admin(&d, &fresh), OK);
        close_card(&d);
    }
}

/* CMR.3.3.1.5: an AES card unblocks as one of 3DES does, by a response of 16 bytes. */
static void aes_unblocks(void **state)
{
    const struct key key = { aes_key, 32, true };
    BYTE response[16];
    struct desk d;

    (void)state;
    open_card(&d, key.len, false);
    for (unsigned n = 0; n < 3; n++)
        assert_rc(show(&d, WRONG_PIN, NULL), WRONG);
    assert_rc(show(&d, PIN, NULL), SCARD_W_CHV_BLOCKED);
    (void)draw(&d, &key, response);
    assert_rc(unblock(&d, response, 8, NEW_PIN, 0), WRONG); /* CMR.3.3.1.E13 */
    (void)draw(&d, &key, response);
    response[15] ^= 1;
    assert_rc(unblock(&d, response, 16, NEW_PIN, 0), WRONG); /* CMR.3.3.1.E11 */
    assert_rc(show(&d, PIN, NULL), SCARD_W_CHV_BLOCKED);
    (void)draw(&d, &key, response);
    assert_rc(unblock(&d, response, 16, NEW_PIN, 0), OK);
    assert_int_equal(roles(&d), 0);
    assert_rc(show(&d, NEW_PIN, NULL), OK);
    close_card(&d);
}

/* CMR.3.2.2.6: as many as the kit draws, of either length. */
static void challenges_differ(void **state)
{
    static BYTE seen[300][16];
    struct desk d;

    (void)state;
    for (DWORD len = 8; len <= 16; len += 8) {
        open_card(&d, len == 16 ? 16 : 0, false);
        for (size_t i = 0; i < ARRAY(seen); i++) {
            PBYTE challenge = NULL;
            DWORD got = 0;

            assert_rc(d.data.pfnCardGetChallenge(&d.data, &challenge, &got), OK);
            assert_int_equal(got, len);
            memcpy(seen[i], challenge, len);
            mem_free(challenge);
            for (size_t j = 0; j < i; j++)
                assert_memory_not_equal(seen[i], seen[j], len);
        }
        close_card(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        desk_test(late_answers),
        desk_test(aes_keys),
        desk_test(aes_unblocks),
        desk_test(challenges_differ),
    };

    return cmocka_run_group_tests(tests, home_begin, home_end);
}
