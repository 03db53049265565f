/* SPDX-License-Identifier: MIT */
/* The GIDS card as a whole, its roles, and the table of its verbs. */
#include "edge/gids_internal.h"

#include "base/secret.h"

#include <string.h>

#define PIN_MIN      4u   /* what cards in the field take; GIDS 2.0 itself: 8 */
#define PIN_MAX      127u /* GIDS 2.0, VERIFY */
#define RESPONSE_MIN 8u   /* one block of 3DES */
#define RESPONSE_MAX 16u  /* one block of AES */

#define LEFT_UNKNOWN 0xFFFFFFFFu

/* VERIFY: P2 */
#define REF_USER_PIN 0x80u
#define REF_LOGOUT   0x82u /* GIDS 2.0: drops PIN and admin authentication together */

/* GIDS has no list of what a card is able to: what it lacks (most cards: EC) it refuses when
 * asked. AT_ECDHE_* is not offered: there is no verb yet for what such a key is for. */
static const struct profile gids_profile = {
    .generates = true,
    .imports = true,
    .containers_max = GIDS_CONTAINERS,
    .pins = {
        [EDGE_USER] = { EDGE_SECRET_PIN, PIN_MIN, PIN_MAX, 1u << EDGE_USER, 1u << EDGE_ADMIN },
        [EDGE_ADMIN] = { EDGE_SECRET_KEY, RESPONSE_MIN, RESPONSE_MAX, 1u << EDGE_ADMIN, 0 },
    },
    .keys = {
        [SPEC_RSA_EXCHANGE] = { 1024, 2048, 4096, 1024 },
        [SPEC_RSA_SIGNATURE] = { 1024, 2048, 4096, 1024 },
        [SPEC_ECDSA_P256] = { 256, 256, 256, 1 },
        [SPEC_ECDSA_P384] = { 384, 384, 384, 1 },
        [SPEC_ECDSA_P521] = { 521, 521, 521, 1 },
    },
};

static DWORD gids_probe(struct edge *e, struct profile *profile)
{
    DWORD rc = gids_select_ours(e);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    e->card.extended = false;
    e->link_known = false;
    *profile = gids_profile;
    return SCARD_S_SUCCESS;
}

/* ---- who is authenticated -------------------------------------------------------------------- */

/* May `ef` be read now? Asks for a DO that no layout uses. *ret_sw: 6982 no; 9000 or 6A88 yes. */
static DWORD try_read(struct edge *e, uint16_t ef, sw_t *ret_sw)
{
    static const uint8_t which[] = { 0x5C, 0x02, 0xDF, 0x1E };
    uint8_t buf[2 * APDU_SHORT_LE];
    struct wr answer = wr_init(buf, sizeof(buf));
    struct apdu cmd = gids_apdu(INS_GET_DATA, ef, which, sizeof(which), APDU_SHORT_LE);
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
    struct apdu cmd = gids_apdu(INS_VERIFY, REF_USER_PIN, NULL, 0, 0);
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
static DWORD gids_roles(struct edge *e, uint8_t *ret_set)
{
    struct gids g = { e, false };
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

static DWORD gids_verify(struct edge *e, enum edge_role role, const uint8_t *pin, size_t len,
                         uint32_t *ret_left)
{
    struct gids g = { e, false };
    struct apdu cmd = gids_apdu(INS_VERIFY, REF_USER_PIN, pin, len, 0);
    sw_t sw;
    DWORD rc;

    *ret_left = LEFT_UNKNOWN;
    if (role != EDGE_USER || len < PIN_MIN || len > PIN_MAX) /* no data would ask, not show */
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

static DWORD gids_logout(struct edge *e, uint8_t set)
{
    struct gids g = { e, false };

    (void)set;
    return gids_do(&g, gids_apdu(INS_VERIFY, REF_LOGOUT, NULL, 0, 0)); /* GIDS 2.0, VERIFY */
}

static DWORD gids_challenge(struct edge *e, uint8_t *challenge, size_t *len)
{
    static const uint8_t admin_key[] = { 0x83, 0x01, 0x80 };
    static const uint8_t request[] = { 0x7C, 0x02, 0x81, 0x00 };
    struct gids g = { e, false };
    const struct apdu cmds[] = {
        /* GIDS 2.0, MANAGE SECURITY ENVIRONMENT SET, authentication template: the admin key */
        gids_apdu(INS_MSE, 0x81A4, admin_key, sizeof(admin_key), 0),
        /* GIDS 2.0, GENERAL AUTHENTICATE, external authentication: request of a challenge */
        gids_apdu(INS_GENERAL_AUTHENTICATE, 0, request, sizeof(request), APDU_SHORT_LE),
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
    if (!rd_done(&tpl) || rd_left(&random) < RESPONSE_MIN || rd_left(&random) > RESPONSE_MAX)
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
static DWORD gids_respond(struct edge *e, const uint8_t *response, size_t len, uint32_t *ret_left)
{
    uint8_t buf[RESPONSE_MAX + 4];
    struct wr w = wr_init(buf, sizeof(buf));
    struct apdu cmd;
    sw_t sw;
    DWORD rc;

    *ret_left = LEFT_UNKNOWN;
    if (len < RESPONSE_MIN || len > RESPONSE_MAX)
        return SCARD_W_WRONG_CHV;
    tlv_header(&w, 0x7C, tlv_size(0x82, len));
    tlv_put(&w, 0x82, response, len);
    cmd = gids_apdu(INS_GENERAL_AUTHENTICATE, 0, buf, wr_len(&w), 0); /* GIDS 2.0 */
    rc = card_exchange(&e->card, &cmd, NULL, &sw);
    wipe(buf, sizeof(buf));
    if (rc != SCARD_S_SUCCESS || sw_is(sw, SW_OK))
        return rc;
    if (!sw_is(sw, SW_BLOCKED))
        return SCARD_W_WRONG_CHV;
    *ret_left = 0;
    return SCARD_W_CHV_BLOCKED;
}

const struct edge_ops edge_gids = {
    .name = "gids",
    .probe = gids_probe,
    .table = gids_files_table,
    .read = gids_files_read,
    .fixed = gids_files_fixed,
    .write = gids_files_write,
    .create = gids_files_create,
    .remove = gids_files_remove,
    .free_space = gids_free_space,
    .roles = gids_roles,
    .verify = gids_verify,
    .logout = gids_logout,
    .challenge = gids_challenge,
    .respond = gids_respond,
    .containers = gids_containers,
    .generate = gids_keys_generate,
    .import = gids_keys_import,
    .erase = gids_keys_erase,
    .public_key = gids_public_key,
    .sign = gids_sign,
    .decrypt = gids_decrypt,
};
