/* SPDX-License-Identifier: MIT */
/* PIN and PUK, and who is authenticated. SP 800-73-4 part 2, 3.2.1 to 3.2.3. */
#include "edge/piv_internal.h"

#include "base/secret.h"

#include <string.h>

#define LEFT_UNKNOWN 0xFFFFFFFFu
#define REF_PUK      0x81u
#define USER_ROLES   (1u << EDGE_USER | 1u << PIV_ROLE_SIGN)

static bool is_user(enum edge_role role)
{
    return role == EDGE_USER || (unsigned)role == PIV_ROLE_SIGN;
}

static bool fits(size_t len)
{
    return len >= PIV_PIN_MIN && len <= PIV_PIN_MAX;
}

/* As cards want it: eight bytes, FF behind. */
static void put_padded(struct wr *w, const uint8_t *secret, size_t len)
{
    wr_bytes(w, secret, len);
    wr_fill(w, 0xFF, PIV_PIN_MAX - len);
}

/* Which PIN is the user's, the proof of selection tells; asked for if that was never needed yet, and
 * once more where the proof had to be SELECT. */
static DWORD know_pin(struct run *r)
{
    struct piv_own *own = piv_own(r->e);
    bool made = false;
    DWORD rc = own->discovery == EDGE_NOT_ASKED ? piv_prove(r) : SCARD_S_SUCCESS;

    if (rc == SCARD_S_SUCCESS && own->discovery == EDGE_NOT_ASKED) {
        rc = piv_settle(r, &made);
        if (rc == SCARD_S_SUCCESS && own->discovery == EDGE_NOT_ASKED)
            own->discovery = EDGE_NO; /* ours is selected and has not got it, nor a CHUID */
    }
    return rc;
}

/* Before a command that could cost a try. */
static DWORD prove_and_know(struct run *r)
{
    DWORD rc = piv_prove(r);

    return rc == SCARD_S_SUCCESS ? know_pin(r) : rc;
}

/* The outcome of a command that shows a secret. 63 0x: older cards for 63 Cx. */
static DWORD shown(sw_t sw, uint32_t *ret_left)
{
    if (sw_is(sw, SW_BLOCKED))
        *ret_left = 0;
    if ((sw.v & 0xFFF0) == 0x6300) {
        *ret_left = sw.v & 0x0Fu;
        return SCARD_W_WRONG_CHV;
    }
    (void)sw_is_wrong_pin(sw, ret_left);
    return sw_error(sw);
}

/* ---- who is authenticated -------------------------------------------------------------------- */

/* VERIFY without data costs no try; 9000: verified. Other applications answer it too, for their own
 * PIN, so that a yes is believed only when it is ours that answers. A no needs no proof: another
 * application that is selected now has made ours forget. Some cards never say yes: to these nobody
 * is authenticated, and the card itself refuses or not.
 * Nobody: 1 exchange; the user: 2; the admin: 2, for the card only remembers while it is selected. */
DWORD piv_roles(struct edge *e, uint8_t *ret_set)
{
    struct run r = { e, false };
    const struct piv_own *own = piv_own(e);
    bool made = false, admin;
    struct apdu cmd;
    sw_t sw = { SW_UNKNOWN };
    DWORD rc = know_pin(&r);

    if (rc == SCARD_S_SUCCESS) {
        cmd = run_apdu(PIV_VERIFY, own->pin_ref, NULL, 0, 0);
        rc = card_exchange(&e->card, &cmd, NULL, &sw);
    }
    if (rc == SCARD_S_SUCCESS && (sw_is(sw, SW_OK) || piv_is_admin(e)) && !r.proven)
        rc = piv_settle(&r, &made);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    admin = piv_is_admin(e);
    *ret_set = (uint8_t)((sw_is(sw, SW_OK) && !made ? USER_ROLES : 0) |
                         (admin ? 1u << EDGE_ADMIN : 0));
    return SCARD_S_SUCCESS;
}

static DWORD logout_pin(struct run *r)
{
    struct apdu cmd = run_apdu(PIV_VERIFY, (uint16_t)(0xFF00u | piv_own(r->e)->pin_ref), NULL, 0, 0);
    sw_t sw;
    DWORD rc = piv_send(r, &cmd, NULL, 0, &sw);

    if (rc != SCARD_S_SUCCESS || sw_is(sw, SW_OK))
        return rc;
    /* Cards older than SP 800-73-4 do not know it, but many of them forget at SELECT: */
    rc = piv_select(r->e);
    cmd = run_apdu(PIV_VERIFY, piv_own(r->e)->pin_ref, NULL, 0, 0);
    if (rc == SCARD_S_SUCCESS)
        rc = card_exchange(&r->e->card, &cmd, NULL, &sw);
    return rc == SCARD_S_SUCCESS && sw_is(sw, SW_OK) ? SCARD_E_UNSUPPORTED_FEATURE : rc;
}

DWORD piv_logout(struct edge *e, uint8_t set)
{
    struct run r = { e, false };
    struct piv_own *own = piv_own(e);
    bool user = (set & USER_ROLES) != 0;
    DWORD rc = SCARD_S_SUCCESS, admin_rc = SCARD_S_SUCCESS;

    own->list_at = 0;
    if (user) {
        rc = know_pin(&r);
        if (rc == SCARD_S_SUCCESS)
            rc = logout_pin(&r);
    }
    /* What the driver did with the user's key goes with the user. */
    if ((set & 1u << EDGE_ADMIN) != 0 || (user && own->admin_maybe && !piv_is_admin(e)))
        admin_rc = piv_admin_drop(&r);
    return rc != SCARD_S_SUCCESS ? rc : admin_rc;
}

/* ---- PIN ------------------------------------------------------------------------------------- */

/* Before each use of 9C the PIN is shown, and nothing may come between: so what the core will ask
 * for then (which keys are there, does the card take extended APDUs) is found out now. */
static DWORD prepare_use(struct run *r)
{
    struct piv_own *own = piv_own(r->e);
    DWORD rc = piv_list(r, own->list);

    return rc == SCARD_S_SUCCESS ? piv_widen(r) : rc;
}

DWORD piv_pin_verify(struct edge *e, enum edge_role role, const uint8_t *pin, size_t len,
                     uint32_t *ret_left)
{
    struct run r = { e, false };
    struct piv_own *own = piv_own(e);
    uint8_t buf[PIV_PIN_MAX];
    struct wr w = wr_init(buf, sizeof(buf));
    struct apdu cmd;
    sw_t sw;
    DWORD rc = SCARD_S_SUCCESS;

    *ret_left = LEFT_UNKNOWN;
    own->list_at = 0;
    if (!is_user(role)) /* the PUK can only be used, not shown */
        return SCARD_E_UNSUPPORTED_FEATURE;
    if (!fits(len)) /* no data would ask, not show */
        return SCARD_E_INVALID_PARAMETER;
    if ((unsigned)role == PIV_ROLE_SIGN)
        rc = prepare_use(&r);
    if (rc == SCARD_S_SUCCESS)
        rc = prove_and_know(&r);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    put_padded(&w, pin, len);
    cmd = run_apdu(PIV_VERIFY, own->pin_ref, buf, sizeof(buf), 0);
    rc = piv_send(&r, &cmd, NULL, 0, &sw);
    wipe(buf, sizeof(buf));
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (sw_is(sw, SW_OK) && (unsigned)role == PIV_ROLE_SIGN)
        own->list_at = e->card.exchanges;
    return shown(sw, ret_left);
}

/* ---- new secrets ----------------------------------------------------------------------------- */

/* A command of two secrets, each of eight bytes. The selection must be proven. */
static DWORD send_secrets(struct run *r, uint8_t ins, uint8_t ref, const uint8_t *first,
                          size_t first_len, const uint8_t *second, size_t second_len,
                          uint32_t *ret_left)
{
    uint8_t buf[2 * PIV_PIN_MAX];
    struct wr w = wr_init(buf, sizeof(buf));
    struct apdu cmd = run_apdu(ins, ref, buf, sizeof(buf), 0);
    sw_t sw;
    DWORD rc;

    put_padded(&w, first, first_len);
    put_padded(&w, second, second_len);
    rc = piv_send(r, &cmd, NULL, 0, &sw);
    wipe(buf, sizeof(buf));
    return rc != SCARD_S_SUCCESS ? rc : shown(sw, ret_left);
}

/* CHANGE REFERENCE DATA, of the PIN or the PUK. Both secrets have a fixed length, so the old one is
 * not shown first. The card sets how many tries there are, once for all. */
DWORD piv_pin_change(struct edge *e, enum edge_role role, const uint8_t *old, size_t old_len,
                     const uint8_t *fresh, size_t fresh_len, unsigned tries, uint32_t *ret_left)
{
    struct run r = { e, false };
    bool puk = (unsigned)role == PIV_ROLE_PUK;
    DWORD rc = SCARD_E_INVALID_PARAMETER;

    *ret_left = LEFT_UNKNOWN;
    if (fits(old_len) && fits(fresh_len) && tries == 0 && (puk || is_user(role))) {
        rc = prove_and_know(&r);
        if (rc == SCARD_S_SUCCESS)
            rc = send_secrets(&r, PIV_CHANGE, puk ? REF_PUK : piv_own(e)->pin_ref, old, old_len,
                              fresh, fresh_len, ret_left);
    }
    if (rc != SCARD_S_SUCCESS && !puk)
        (void)piv_logout(e, USER_ROLES);
    return rc;
}

/* A PUK is typed; an answer is as good as random, and one in 2500 looks like this. */
static bool is_typed(const uint8_t *proof, size_t len)
{
    bool typed = true;

    for (size_t i = 0; i < len; i++)
        typed = typed && proof[i] >= 0x20 && proof[i] <= 0x7E;
    return typed;
}

/* RESET RETRY COUNTER takes the PUK and nothing else: the admin key cannot unblock. A right answer to
 * the challenge that is out, which is what the caller may have meant, is told so. An answer costs no
 * try of the PUK, not even a wrong one: a PUK that looks like one is taken when no challenge is out. */
DWORD piv_unblock(struct edge *e, enum edge_role role, const uint8_t *proof, size_t len,
                  const uint8_t *fresh, size_t fresh_len, unsigned tries, uint32_t *ret_left)
{
    struct run r = { e, false };
    struct piv_own *own = piv_own(e);
    bool is_puk = fits(len) && (own->challenge_alg == 0 || is_typed(proof, len));
    DWORD rc = SCARD_E_INVALID_PARAMETER;
    uint32_t left;

    *ret_left = LEFT_UNKNOWN;
    if (role == EDGE_USER && fits(fresh_len) && tries == 0) {
        rc = own->challenge_alg != 0 ? piv_answer_challenge(e, proof, len, &left)
                                     : SCARD_W_WRONG_CHV;
        if (rc == SCARD_S_SUCCESS) {
            rc = SCARD_E_UNSUPPORTED_FEATURE;
        } else if (rc == SCARD_W_WRONG_CHV || rc == SCARD_W_CHV_BLOCKED) {
            rc = is_puk ? prove_and_know(&r) : SCARD_W_WRONG_CHV;
            if (rc == SCARD_S_SUCCESS)
                rc = send_secrets(&r, PIV_RESET_RETRY, own->pin_ref, proof, len, fresh, fresh_len,
                                  ret_left);
            if (rc == SCARD_E_FILE_NOT_FOUND) /* the global PIN is not PIV's to unblock */
                rc = SCARD_E_UNSUPPORTED_FEATURE;
        }
    }
    (void)piv_logout(e, USER_ROLES | 1u << EDGE_ADMIN); /* what was there before */
    return rc;
}
