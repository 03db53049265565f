/* SPDX-License-Identifier: MIT */
/* Who is authenticated; the PIN, the PUK and the admin key. */
#include "edge/gids_internal.h"

#include "base/secret.h"
#include "crypto/check_value.h"

#include <string.h>

#define LEFT_UNKNOWN 0xFFFFFFFFu

/* P2 of VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER */
#define REF_USER_PIN  0x80u
#define REF_LOGOUT    0x82u /* GIDS 2.0: drops PIN and admin authentication together */
#define REF_ADMIN_KEY 0x80u

#define TRIES_MAX     15u /* 63Cx has a nibble for them */

/* ---- who is authenticated -------------------------------------------------------------------- */

/* May `ef` be read now? Asks for a DO that no layout uses. *ret_sw: 6982 no; 9000 or 6A88 yes. */
static DWORD try_read(struct edge *e, uint16_t ef, sw_t *ret_sw)
{
    static const uint8_t which[] = { 0x5C, 0x02, 0xDF, 0x1E };
    uint8_t buf[2 * APDU_SHORT_LE];
    struct wr answer = wr_init(buf, sizeof(buf));
    struct apdu cmd = run_apdu(INS_GET_DATA, ef, which, sizeof(which), APDU_SHORT_LE);
    DWORD rc = card_exchange(&e->card, &cmd, &answer, ret_sw); /* GIDS 2.0, GET DATA */

    wipe(buf, sizeof(buf));
    return rc;
}

static bool opened(sw_t sw)
{
    return sw_is(sw, SW_OK) || sw_is(sw, SW_REFERENCE_NOT_FOUND);
}

/* VERIFY without data costs no try. GIDS 2.0: 9000 when the PIN is verified (some cards answer
 * 63Cx all the same). */
static DWORD ask_pin(struct edge *e, bool *ret_verified)
{
    struct apdu cmd = run_apdu(INS_VERIFY, REF_USER_PIN, NULL, 0, 0);
    sw_t sw;
    DWORD rc = card_exchange(&e->card, &cmd, NULL, &sw);

    if (rc == SCARD_S_SUCCESS)
        *ret_verified = sw_is(sw, SW_OK);
    return rc;
}

/* A013 opens to PIN and admin, A014 to admin alone.
 *   A013 shut: nobody, 1 exchange. Another application may have said so: then ours, deselected,
 *     has forgotten its roles, and the answer is right.
 *   A013 open, A014 shut: the user, 2 exchanges. No other application answers so.
 *   Both open: the admin. Proves that it is our application that talks, then asks for the PIN:
 *     4 exchanges. On cards that do not answer that, a user verified beside the admin is not seen.
 *   A013 not there: the PIN alone can be asked for. */
DWORD gids_roles(struct edge *e, uint8_t *ret_set)
{
    struct run g = { e, false };
    sw_t user = { 0 }, admin = { SW_SECURITY_STATUS };
    bool verified = false;
    uint8_t set = 0;
    DWORD rc = try_read(e, GIDS_EF_USER_ONLY, &user);

    if (rc == SCARD_S_SUCCESS && opened(user))
        rc = try_read(e, GIDS_EF_ADMIN_ONLY, &admin);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (sw_is(user, SW_SECURITY_STATUS)) {
        *ret_set = 0;
        return SCARD_S_SUCCESS;
    }
    if (opened(user) && sw_is(admin, SW_SECURITY_STATUS)) {
        *ret_set = 1u << EDGE_USER;
        return SCARD_S_SUCCESS;
    }
    rc = gids_settle(&g, &verified);
    if (rc == SCARD_S_SUCCESS && verified) { /* was not selected: another one talked */
        *ret_set = 0;
        return SCARD_S_SUCCESS;
    }
    if (rc == SCARD_S_SUCCESS)
        rc = ask_pin(e, &verified);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (opened(admin))
        set |= 1u << EDGE_ADMIN;
    if (verified)
        set |= 1u << EDGE_USER;
    *ret_set = set;
    return SCARD_S_SUCCESS;
}

/* ---- PIN and admin key ----------------------------------------------------------------------- */

static bool pin_fits(enum edge_role role, size_t len, unsigned tries)
{
    return role == EDGE_USER && len >= GIDS_PIN_MIN && len <= GIDS_PIN_MAX && tries <= TRIES_MAX;
}

DWORD gids_pin_verify(struct edge *e, enum edge_role role, const uint8_t *pin, size_t len,
                      uint32_t *ret_left)
{
    struct run g = { e, false };
    struct apdu cmd = run_apdu(INS_VERIFY, REF_USER_PIN, pin, len, 0);
    sw_t sw;
    DWORD rc;

    *ret_left = LEFT_UNKNOWN;
    if (!pin_fits(role, len, 0)) /* no data would ask, not show */
        return SCARD_E_INVALID_PARAMETER;
    rc = gids_prove(&g);
    if (rc == SCARD_S_SUCCESS)
        rc = gids_run(&g, &cmd, 1, NULL, 0, &sw, NULL); /* ISO/IEC 7816-4, VERIFY */
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (sw_is(sw, SW_BLOCKED))
        *ret_left = 0;
    (void)sw_is_wrong_pin(sw, ret_left);
    return sw_error(sw);
}

DWORD gids_logout(struct edge *e, uint8_t set)
{
    struct run g = { e, false };

    (void)set;
    return gids_do(&g, run_apdu(INS_VERIFY, REF_LOGOUT, NULL, 0, 0)); /* GIDS 2.0, VERIFY */
}

DWORD gids_challenge(struct edge *e, uint8_t *challenge, size_t *len)
{
    static const uint8_t admin_key[] = { 0x83, 0x01, 0x80 };
    static const uint8_t request[] = { 0x7C, 0x02, 0x81, 0x00 };
    struct run g = { e, false };
    const struct apdu cmds[] = {
        /* GIDS 2.0, MANAGE SECURITY ENVIRONMENT SET, authentication template: the admin key */
        run_apdu(INS_MSE, 0x81A4, admin_key, sizeof(admin_key), 0),
        /* GIDS 2.0, GENERAL AUTHENTICATE, external authentication: request of a challenge */
        run_apdu(INS_GENERAL_AUTHENTICATE, 0, request, sizeof(request), APDU_SHORT_LE),
    };
    uint8_t buf[APDU_SHORT_LE];
    struct wr answer = wr_init(buf, sizeof(buf));
    struct rd top, tpl, random;
    sw_t sw;
    DWORD rc = gids_run(&g, cmds, 2, &answer, 0x7C, &sw, NULL);

    if (rc == SCARD_S_SUCCESS)
        rc = sw_error(sw);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    top = rd_init(buf, wr_len(&answer));
    tpl = tlv_enter(&top, 0x7C);
    random = tlv_enter(&tpl, 0x81);
    if (!rd_done(&tpl) || rd_left(&random) < GIDS_RESPONSE_MIN ||
        rd_left(&random) > GIDS_RESPONSE_MAX)
        return SCARD_E_UNEXPECTED;
    if (rd_left(&random) > *len)
        return SCARD_E_INSUFFICIENT_BUFFER;
    *len = rd_left(&random);
    memcpy(challenge, random.at, *len);
    return SCARD_S_SUCCESS;
}

/* Nothing may come between challenge and response, so nothing is proven and nothing repeated:
 * whatever the refusal (wrong 6982, late 6985, another application's 6D00), the response was not
 * accepted. The admin key has no try counter. */
DWORD gids_respond(struct edge *e, const uint8_t *response, size_t len, uint32_t *ret_left)
{
    uint8_t buf[GIDS_RESPONSE_MAX + 4];
    struct wr w = wr_init(buf, sizeof(buf));
    struct apdu cmd;
    sw_t sw;
    DWORD rc;

    *ret_left = LEFT_UNKNOWN;
    if (len < GIDS_RESPONSE_MIN || len > GIDS_RESPONSE_MAX)
        return SCARD_W_WRONG_CHV;
    tlv_header(&w, 0x7C, tlv_size(0x82, len));
    tlv_put(&w, 0x82, response, len);
    cmd = run_apdu(INS_GENERAL_AUTHENTICATE, 0, buf, wr_len(&w), 0); /* GIDS 2.0 */
    rc = card_exchange(&e->card, &cmd, NULL, &sw);
    wipe(buf, sizeof(buf));
    if (rc != SCARD_S_SUCCESS || sw_is(sw, SW_OK))
        return rc;
    if (!sw_is(sw, SW_BLOCKED))
        return SCARD_W_WRONG_CHV;
    *ret_left = 0;
    return SCARD_W_CHV_BLOCKED;
}

/* ---- new secrets ----------------------------------------------------------------------------- */

/* Most tries of the PIN (tag 7F71) or the PUK (7F73), GIDS 2.0, GET DATA of the application. 0: the
 * card has none; an odd answer is none too. */
static DWORD ask_tries(struct run *g, uint16_t tag, unsigned *ret_most)
{
    const uint8_t which[] = { 0x5C, 0x02, (uint8_t)(tag >> 8), (uint8_t)tag };
    uint8_t buf[APDU_SHORT_LE];
    struct wr answer = wr_init(buf, sizeof(buf));
    struct apdu cmd = run_apdu(INS_GET_DATA, GIDS_EF_APP, which, sizeof(which), APDU_SHORT_LE);
    sw_t sw = { 0 };
    DWORD rc = gids_run(g, &cmd, 1, &answer, tag, &sw, NULL);

    *ret_most = 0;
    if (rc != SCARD_S_SUCCESS && rc != SCARD_E_UNEXPECTED)
        return rc;
    if (rc == SCARD_S_SUCCESS && sw_is(sw, SW_OK))
        *ret_most = gids_most_tries(buf, wr_len(&answer), tag);
    return SCARD_S_SUCCESS;
}

/* docs/card-extensions.md, 9: PUT DATA 3FFF, 7F71{93 most wrong tries}. Cards that do not know it
 * refuse and change nothing. */
static DWORD put_tries(struct run *g, unsigned tries)
{
    const uint8_t object[] = { 0x7F, 0x71, 0x03, 0x93, 0x01, (uint8_t)tries };
    struct apdu cmd = run_apdu(INS_PUT_DATA, GIDS_EF_APP, object, sizeof(object), 0);
    sw_t sw;
    DWORD rc = gids_run(g, &cmd, 1, NULL, 0, &sw, NULL);

    if (rc != SCARD_S_SUCCESS || sw_is(sw, SW_OK))
        return rc;
    return sw_is(sw, SW_SECURITY_STATUS) ? SCARD_W_SECURITY_VIOLATION : SCARD_E_INVALID_PARAMETER;
}

/* 0 keeps them. *ret_before: what they were, to be put back when the new PIN is refused; 0: nothing
 * to put back. */
static DWORD set_tries(struct run *g, unsigned tries, unsigned *ret_before)
{
    unsigned before = 0;
    DWORD rc;

    *ret_before = 0;
    if (tries == 0)
        return SCARD_S_SUCCESS;
    rc = ask_tries(g, 0x7F71, &before);
    if (rc == SCARD_S_SUCCESS)
        rc = put_tries(g, tries);
    if (rc == SCARD_S_SUCCESS)
        *ret_before = before;
    return rc;
}

/* A command whose data is one secret behind the other, either may be missing. */
static DWORD send_secrets(struct run *g, uint8_t ins, uint8_t p1, const uint8_t *first,
                          size_t first_len, const uint8_t *second, size_t second_len, sw_t *ret_sw)
{
    uint8_t buf[2 * GIDS_PIN_MAX];
    struct wr w = wr_init(buf, sizeof(buf));
    struct apdu cmd;
    DWORD rc;

    wr_bytes(&w, first, first_len);
    wr_bytes(&w, second, second_len);
    cmd = run_apdu(ins, (uint16_t)((unsigned)p1 << 8 | REF_USER_PIN), buf, wr_len(&w), 0);
    rc = w.bad ? SCARD_E_INVALID_PARAMETER : gids_run(g, &cmd, 1, NULL, 0, ret_sw, NULL);
    wipe(buf, sizeof(buf));
    return rc;
}

/* After a failure halfway: nobody stays authenticated. */
static DWORD undone(struct edge *e, DWORD rc)
{
    if (rc != SCARD_S_SUCCESS)
        (void)gids_logout(e, 0);
    return rc;
}

/* CHANGE REFERENCE DATA has both PINs without a length between, and the card parts them by the
 * length it knows: a wrong old PIN could make a right one with the beginning of the new. So the old
 * one is shown by itself first. */
DWORD gids_pin_change(struct edge *e, enum edge_role role, const uint8_t *old, size_t old_len,
                      const uint8_t *fresh, size_t fresh_len, unsigned tries, uint32_t *ret_left)
{
    struct run g = { e, true }; /* proven by gids_pin_verify */
    unsigned before = 0;
    sw_t sw = { SW_OK };
    DWORD rc;

    *ret_left = LEFT_UNKNOWN;
    rc = pin_fits(role, fresh_len, tries) ? gids_pin_verify(e, role, old, old_len, ret_left)
                                          : SCARD_E_INVALID_PARAMETER;
    if (rc == SCARD_W_WRONG_CHV || rc == SCARD_W_CHV_BLOCKED) /* the card has logged out itself */
        return rc;
    if (rc == SCARD_S_SUCCESS)
        rc = set_tries(&g, tries, &before);
    if (rc == SCARD_S_SUCCESS) /* GIDS 2.0, CHANGE REFERENCE DATA */
        rc = send_secrets(&g, INS_CHANGE, 0x00, old, old_len, fresh, fresh_len, &sw);
    if (rc == SCARD_S_SUCCESS)
        rc = sw_error(sw);
    if (rc != SCARD_S_SUCCESS && before != 0) /* not by showing the PIN again: it may cost a try */
        (void)put_tries(&g, before);
    return undone(e, rc);
}

/* The admin key's check value says whether it arrived whole. */
static bool put_key(struct wr *w, enum crypto_cipher cipher, const uint8_t *key, size_t len)
{
    uint8_t check[CRYPTO_CHECK_LEN];
    size_t outer = tlv_open(w, 0x70), inner;

    if (!crypto_check_value(cipher, key, len, check))
        return false;
    tlv_put_u8(w, 0x84, REF_ADMIN_KEY);
    inner = tlv_open(w, 0xA5);
    tlv_put(w, 0x87, key, len);
    tlv_put(w, 0x88, check, sizeof(check));
    tlv_close(w, 0xA5, inner);
    tlv_close(w, 0x70, outer);
    wipe(check, sizeof(check));
    return !w->bad;
}

static bool key_fits(enum crypto_cipher cipher, size_t len)
{
    return cipher == CRYPTO_3DES ? len == 24 : len == 16 || len == 24 || len == 32;
}

DWORD gids_change_key(struct edge *e, const uint8_t *response, size_t len, const uint8_t *key,
                      size_t key_len, uint32_t *ret_left)
{
    const enum crypto_cipher cipher = len == GIDS_RESPONSE_MIN ? CRYPTO_3DES : CRYPTO_AES;
    struct run g = { e, true }; /* the answer to its challenge proves the selection */
    uint8_t buf[64];
    struct wr w = wr_init(buf, sizeof(buf));
    sw_t sw = { SW_OK };
    DWORD rc;

    *ret_left = LEFT_UNKNOWN;
    if (!key_fits(cipher, key_len))
        return undone(e, SCARD_E_INVALID_PARAMETER);
    rc = gids_respond(e, response, len, ret_left);
    if (rc == SCARD_S_SUCCESS)
        rc = put_key(&w, cipher, key, key_len) ? SCARD_S_SUCCESS : SCARD_E_UNEXPECTED;
    if (rc == SCARD_S_SUCCESS) {
        struct apdu cmd = run_apdu(INS_PUT_DATA, GIDS_EF_APP, buf, wr_len(&w), 0);

        rc = gids_run(&g, &cmd, 1, NULL, 0, &sw, NULL); /* GIDS 2.0, PUT KEY */
    }
    wipe(buf, sizeof(buf));
    return undone(e, rc != SCARD_S_SUCCESS ? rc : sw_error(sw));
}

/* GIDS 2.0, RESET RETRY COUNTER, P1 00: the PUK and the new PIN one behind the other. */
static DWORD unblock_by_puk(struct run *g, const uint8_t *puk, size_t len, const uint8_t *fresh,
                            size_t fresh_len, unsigned tries, uint32_t *ret_left)
{
    sw_t sw;
    DWORD rc;

    if (len < GIDS_PIN_MIN || len > GIDS_PIN_MAX)
        return SCARD_W_WRONG_CHV;
    if (tries != 0) /* only PIN or admin may set them */
        return SCARD_E_INVALID_PARAMETER;
    rc = gids_prove(g);
    if (rc == SCARD_S_SUCCESS)
        rc = send_secrets(g, INS_RESET_RETRY, 0x00, puk, len, fresh, fresh_len, &sw);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (sw_is(sw, SW_BLOCKED))
        *ret_left = 0;
    (void)sw_is_wrong_pin(sw, ret_left);
    return sw_error(sw);
}

/* GIDS 2.0, RESET RETRY COUNTER, P1 02: by the admin, who is authenticated; the card logs out. */
static DWORD unblock_by_admin(struct run *g, const uint8_t *fresh, size_t fresh_len,
                              unsigned tries)
{
    unsigned before = 0;
    sw_t sw;
    DWORD rc = set_tries(g, tries, &before);

    if (rc == SCARD_S_SUCCESS)
        rc = send_secrets(g, INS_RESET_RETRY, 0x02, NULL, 0, fresh, fresh_len, &sw);
    if (rc == SCARD_S_SUCCESS)
        rc = sw_is(sw, SW_WRONG_P1P2) ? SCARD_E_UNSUPPORTED_FEATURE : sw_error(sw);
    if (rc != SCARD_S_SUCCESS && before != 0)
        (void)put_tries(g, before);
    return rc;
}

/* Nothing may come between challenge and response, so what kind of card it is may not be asked
 * before: the proof is always taken for a response first, which costs nothing where it is a PUK. */
DWORD gids_unblock(struct edge *e, enum edge_role role, const uint8_t *proof, size_t len,
                   const uint8_t *fresh, size_t fresh_len, unsigned tries, uint32_t *ret_left)
{
    struct run g = { e, false };
    unsigned puk = 0;
    DWORD rc;

    *ret_left = LEFT_UNKNOWN;
    if (!pin_fits(role, fresh_len, tries))
        return undone(e, SCARD_E_INVALID_PARAMETER);
    rc = gids_respond(e, proof, len, ret_left);
    if (rc == SCARD_S_SUCCESS) {
        g.proven = true;
        return undone(e, unblock_by_admin(&g, fresh, fresh_len, tries));
    }
    if (rc == SCARD_W_WRONG_CHV) {
        DWORD asked = ask_tries(&g, 0x7F73, &puk);

        if (asked != SCARD_S_SUCCESS) /* not a wrong proof: nobody knows */
            return undone(e, asked);
    }
    if (puk != 0)
        rc = unblock_by_puk(&g, proof, len, fresh, fresh_len, tries, ret_left);
    (void)gids_logout(e, 0); /* success does not log out what was there before */
    return rc;
}
