/* SPDX-License-Identifier: MIT */
/* PIV: what is left on the card of an authentication, and what a right that is not there looks like. */
#include "script.h"
#include "vectors_piv.h"

#include "edge/piv_internal.h"

#include <stdio.h>

static struct edge e;
static struct script s;
static struct caller c;

static const uint8_t answer[] = { 0x19, 0x9F, 0xA3, 0x74, 0x70, 0x5A, 0x69, 0xEB };

static void begin(const char *dialogue, const char *facts)
{
    edge_begin_piv(&e, &s, &c, dialogue);
    caller_put(&c, FACTS, facts);
    caller_put(&c, KEYS, NO_KEYS);
    piv_own(&e)->discovery = EDGE_YES;
}

static void end(void)
{
    if (!script_done(&s))
        fail_msg("not played: %.60s", s.at);
    edge_end(&e, &c);
}

/* ---- logging out of the admin key ---- */

#define LOGOUT   "> 0020FF80\n"

/* Cards without a word for logging out are selected anew, and by the standard keep their admin then:
 * the authentication that the driver made with the user's key must not stay behind. */
static void test_select_keeps_the_admin(void **state)
{
    (void)state;
    begin(ADMITTED "> 0047009A05AC0380011100\n< 6A86\n" LOGOUT "< 6A86\n" PIV_PROOF SELECT_PIV PIV_APT
          "> 00200080\n< 63C3\n" CHALLENGE, KNOWN("02", "03"));
    assert_int_not_equal(e.ops->generate(&e, 0, 3, 256), SCARD_S_SUCCESS);
    assert_int_equal(e.ops->logout(&e, 1u << EDGE_USER), SCARD_S_SUCCESS);
    end();
}

/* The card may have understood what it could not acknowledge. */
static void test_lost_acknowledgement(void **state)
{
    uint32_t left;

    (void)state;
    begin("", KNOWN("02", "03"));
    piv_own(&e)->challenge_alg = 0x03;
    s.fail_with = SCARD_E_COMM_DATA_LOST;
    assert_int_equal(e.ops->respond(&e, answer, 8, &left), SCARD_E_COMM_DATA_LOST);
    s.fail_with = 0;
    s.at = CHALLENGE;
    assert_int_equal(e.ops->logout(&e, 1u << EDGE_ADMIN), SCARD_S_SUCCESS);
    end();
}

/* Nobody was: nothing is asked of the card. Who was refused is nobody. */
static void test_nobody_to_log_out(void **state)
{
    uint32_t left;

    (void)state;
    begin(RESPONSE "< 6982\n", KNOWN("02", "03"));
    assert_int_equal(e.ops->logout(&e, 1u << EDGE_ADMIN), SCARD_S_SUCCESS);
    piv_own(&e)->challenge_alg = 0x03;
    assert_int_equal(e.ops->respond(&e, answer, 8, &left), SCARD_W_WRONG_CHV);
    assert_int_equal(e.ops->logout(&e, 1u << EDGE_ADMIN), SCARD_S_SUCCESS);
    end();
}

/* The key was changed to one of another algorithm since: the others are tried. */
static void test_another_algorithm_since(void **state)
{
    uint32_t left;

    (void)state;
    begin(RESPONSE OK "> 0087039B047C02810000\n< 6A86\n" PIV_PROOF
          "> 00870A9B047C02810000\n< 7C128110 A1*16 9000\n", KNOWN("02", "03"));
    piv_own(&e)->challenge_alg = 0x03;
    assert_int_equal(e.ops->respond(&e, answer, 8, &left), SCARD_S_SUCCESS);
    assert_int_equal(e.ops->logout(&e, 1u << EDGE_ADMIN), SCARD_S_SUCCESS);
    end();
}

/* ---- a challenge that is out, and CardUnblockPin ---- */

#define UNBLOCK(puk) "> 002C008010 " puk "313233343536FFFF\n"

static DWORD unblock(const uint8_t *proof)
{
    static const uint8_t pin[] = "123456";
    uint32_t left;

    return e.ops->unblock(&e, EDGE_USER, proof, 8, pin, 6, 0, &left);
}

/* An answer that is wrong (or late: the card was reset) is no PUK; the same bytes without a challenge
 * are. What was typed is a PUK all the same: Windows asks for a challenge before it asks for that. */
static void test_answers_are_no_puk(void **state)
{
    (void)state;
    begin(RESPONSE "< 6982\n" LOGOUT OK
          PIV_PROOF UNBLOCK("199FA374705A69EB") "< 63C2\n" LOGOUT OK
          "> 0087039B0C7C0A8208 3132333435363738\n< 6982\n"
          PIV_PROOF UNBLOCK("3132333435363738") OK LOGOUT OK, KNOWN("02", "03"));
    piv_own(&e)->challenge_alg = 0x03;
    assert_int_equal(unblock(answer), SCARD_W_WRONG_CHV);
    assert_int_equal(unblock(answer), SCARD_W_WRONG_CHV);
    piv_own(&e)->challenge_alg = 0x03;
    assert_int_equal(unblock((const uint8_t *)"12345678"), SCARD_S_SUCCESS);
    end();
}

/* ---- no right to write ---- */

#define NO_ALG(alg) "> 0087" alg "9B047C02810000\n< 6A86\n"

/* The key behind the PIN is of a kind that the card's is not (any more): no right, and not a card that
 * cannot hold certificates, whose bytes go elsewhere. */
static void test_copy_of_another_kind(void **state)
{
    static const char *const dialogues[] = {
        GET("C109") "< 5314 8812 8910 55*16 9000\n" NO_ALG("08"),
        GET("C109") "< 531C 881A 8918 55*24 9000\n" NO_ALG("03") NO_ALG("0A"),
        GET("C109") "< 531C 881A 8918 55*24 9000\n> 0087039B047C02810000\n< 6A88\n" NO_ALG("0A"),
    };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        begin(dialogues[i], KNOWN("02", "00"));
        assert_int_equal(e.ops->generate(&e, 0, 3, 256), SCARD_W_SECURITY_VIOLATION);
        end();
    }
}

/* ---- deleting ---- */

#define MOVE "> 00F6FF9A\n"

/* A card that can delete keys, and did not: its key is not gone. */
static void test_key_not_deleted(void **state)
{
    static const char *const refusals[] = { "< 6581\n", "< 6985\n", "< 6F00\n", "< 6982\n" };
    char dialogue[900];

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(dialogue, sizeof(dialogue), "%s%s", ADMITTED MOVE, refusals[i]);
        begin(dialogue, KNOWN("01", "03"));
        caller_put(&c, KEYS, KEY_9A);
        assert_int_not_equal(e.ops->erase(&e, 0), SCARD_S_SUCCESS);
        assert_true(caller_has(&c, KEYS, KEY_9A));
        end();
    }
}

/* ---- objects of ours that are somebody else's ---- */

/* Whatever the card says to the overlay's directory, the files that it has are listed. */
static void test_overlay_refused(void **state)
{
    static const char *const answers[] = { "< 6982\n", "< 6F00\n", "< 9000\n", "< 5384FFFFFFFF 9000\n",
                                           "< 530207FF 9000\n" };
    struct edge_file *files;
    size_t count;
    char dialogue[300];

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        (void)snprintf(dialogue, sizeof(dialogue), "> 00CB3FFF055C035FFF2100\n%s%s"
                       "> 00CB3FFF055C035FFF1100\n" NONE PIV_PROOF,
                       answers[i], i < 4 ? PIV_PROOF : "");
        begin(dialogue, KNOWN("02", "03"));
        files = NULL;
        assert_int_equal(e.ops->table(&e, &files, &count), SCARD_S_SUCCESS);
        assert_true(count >= 5);
        e.services.free(&c, files);
        end();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_select_keeps_the_admin),
        cmocka_unit_test(test_lost_acknowledgement),
        cmocka_unit_test(test_nobody_to_log_out),
        cmocka_unit_test(test_another_algorithm_since),
        cmocka_unit_test(test_answers_are_no_puk),
        cmocka_unit_test(test_copy_of_another_kind),
        cmocka_unit_test(test_key_not_deleted),
        cmocka_unit_test(test_overlay_refused),
    };

    return cmocka_run_group_tests_name("piv_rights", tests, NULL, NULL);
}
