/* SPDX-License-Identifier: MIT */
/*
 * The admin key 9B, and with it the right to write: SP 800-73-4 part 2, 3.2.4 and 3.3.
 *
 * No command tells whether the card takes the caller for an admin. The edge remembers who answered a
 * challenge in this context, as long as our application did not have to be selected again. When
 * others made the card forget, a write is refused, and then nothing is remembered.
 */
#include "edge/piv_internal.h"

#include "base/secret.h"
#include "crypto/block.h"

#include <string.h>

#define LEFT_UNKNOWN 0xFFFFFFFFu
#define ALG_3DES     0x03u
#define ALG_AES_128  0x08u
#define ALG_AES_192  0x0Au
#define ALG_AES_256  0x0Cu

/* SP 800-78-4 table 6-2, in the order of asking a card that does not tell. */
static const struct admin_alg {
    uint8_t id;
    uint8_t key_len;
    enum crypto_cipher cipher;
} admin_algs[] = {
    { ALG_3DES, 24, CRYPTO_3DES },
    { ALG_AES_192, 24, CRYPTO_AES },
    { ALG_AES_128, 16, CRYPTO_AES },
    { ALG_AES_256, 32, CRYPTO_AES },
};

#define ADMIN_ALGS (sizeof(admin_algs) / sizeof(admin_algs[0]))

static const struct admin_alg *alg_by_id(uint8_t id)
{
    for (size_t i = 0; i < ADMIN_ALGS; i++)
        if (admin_algs[i].id == id)
            return &admin_algs[i];
    return NULL;
}

static uint16_t admin_p1p2(const struct admin_alg *alg)
{
    return (uint16_t)((unsigned)alg->id << 8 | PIV_ADMIN_REF);
}

bool piv_is_admin(const struct edge *e)
{
    const struct piv_own *own = piv_own(e);

    return own->admin_since != 0 && own->admin_since == e->selections;
}

/* The profile says whether the card can be written: that hangs on this. */
static void set_admin(struct edge *e, bool is_admin)
{
    struct piv_own *own = piv_own(e);

    if (is_admin != (own->admin_since != 0))
        e->described = false;
    own->admin_since = is_admin ? e->selections : 0;
}

void piv_admin_lost(struct edge *e)
{
    set_admin(e, false);
    piv_own(e)->admitted_in = 0;
}

/* ---- the challenge --------------------------------------------------------------------------- */

/* Does the card tell of what kind the key is? F7 of 9B. */
static DWORD ask_alg(struct run *r)
{
    struct piv_facts *f = piv_facts(r->e);
    uint8_t buf[APDU_SHORT_LE];
    struct wr answer = wr_init(buf, sizeof(buf));
    struct apdu cmd = run_apdu(PIV_METADATA, PIV_ADMIN_REF, NULL, 0, APDU_SHORT_LE);
    struct piv_metadata found;
    sw_t sw = { SW_UNKNOWN };
    DWORD rc = piv_send(r, &cmd, &answer, 0, &sw);

    if (!piv_is_answer(rc))
        return rc;
    if (rc != SCARD_S_SUCCESS || !sw_is(sw, SW_OK)) {
        if (sw_is(sw, SW_INS) || sw_is(sw, SW_CLA))
            f->metadata = EDGE_NO;
    } else if (piv_parse_metadata(buf, wr_len(&answer), &found) &&
               alg_by_id(found.alg_id) != NULL) {
        f->metadata = EDGE_YES;
        f->admin_alg = found.alg_id;
    }
    piv_facts_keep(r->e);
    return SCARD_S_SUCCESS;
}

/* External authentication, request: 7C{81}. *ret_sw other than 9000: not with this algorithm. */
static DWORD request(struct run *r, const struct admin_alg *alg, uint8_t *challenge, sw_t *ret_sw)
{
    static const uint8_t empty[] = { 0x7C, 0x02, 0x81, 0x00 };
    size_t size = crypto_block_len(alg->cipher);
    uint8_t buf[APDU_SHORT_LE];
    struct wr answer = wr_init(buf, sizeof(buf));
    struct apdu cmd = run_apdu(PIV_AUTHENTICATE, admin_p1p2(alg), empty, sizeof(empty),
                               APDU_SHORT_LE);
    struct rd top, all, random;
    DWORD rc = piv_send(r, &cmd, &answer, 0x7C, ret_sw);

    if (rc != SCARD_S_SUCCESS || !sw_is(*ret_sw, SW_OK))
        return rc;
    top = rd_init(buf, wr_len(&answer));
    all = tlv_enter(&top, 0x7C);
    random = tlv_enter(&all, 0x81);
    if (!rd_done(&all) || rd_left(&random) != size)
        return SCARD_E_UNEXPECTED;
    rd_copy(&random, challenge, size);
    piv_own(r->e)->admin_maybe = false; /* whoever begins anew is no admin any more (3.2.4) */
    return SCARD_S_SUCCESS;
}

/* A challenge by the algorithm that the card is known, or found, to have. key_len 0: any. */
static DWORD get_challenge(struct run *r, size_t key_len, const struct admin_alg **ret_alg,
                           uint8_t challenge[CRYPTO_BLOCK_MAX])
{
    struct piv_facts *f = piv_facts(r->e);
    sw_t sw = { SW_WRONG_P1P2 };
    DWORD rc = SCARD_S_SUCCESS;

    if (f->admin_alg == 0 && f->metadata != EDGE_NO)
        rc = ask_alg(r);
    for (size_t i = 0; i <= ADMIN_ALGS && rc == SCARD_S_SUCCESS; i++) {
        /* the one that is known first, then all the others */
        const struct admin_alg *alg = i == 0 ? alg_by_id(f->admin_alg) : &admin_algs[i - 1];

        if (alg == NULL || (i != 0 && alg->id == f->admin_alg) ||
            (key_len != 0 && alg->key_len != key_len))
            continue;
        rc = request(r, alg, challenge, &sw);
        if (rc != SCARD_S_SUCCESS || !sw_is(sw, SW_OK)) {
            if (!sw_is(sw, SW_WRONG_P1P2) && !sw_is(sw, SW_WRONG_DATA) &&
                !sw_is(sw, SW_REFERENCE_NOT_FOUND))
                break; /* not because of the algorithm */
            continue;
        }
        if (f->admin_alg != alg->id) {
            f->admin_alg = alg->id;
            piv_facts_keep(r->e);
        }
        *ret_alg = alg;
        return SCARD_S_SUCCESS;
    }
    if (rc != SCARD_S_SUCCESS)
        return rc;
    return sw_is(sw, SW_WRONG_P1P2) || sw_is(sw, SW_WRONG_DATA) ? SCARD_E_UNSUPPORTED_FEATURE
                                                               : sw_error(sw);
}

DWORD piv_challenge(struct edge *e, uint8_t *challenge, size_t *len)
{
    struct run r = { e, false };
    uint8_t block[CRYPTO_BLOCK_MAX];
    const struct admin_alg *alg = NULL;
    size_t size;
    DWORD rc;

    piv_own(e)->challenge_alg = 0;
    rc = get_challenge(&r, 0, &alg, block);
    piv_admin_lost(e); /* by the standard an authentication begun ends the one before */
    if (rc != SCARD_S_SUCCESS)
        return rc;
    size = crypto_block_len(alg->cipher);
    if (*len < size)
        return SCARD_E_INSUFFICIENT_BUFFER;
    memcpy(challenge, block, size);
    *len = size;
    piv_own(e)->challenge_alg = alg->id;
    return SCARD_S_SUCCESS;
}

/* External authentication, response: 7C{82 answer} */
static DWORD answer_with(struct edge *e, const struct admin_alg *alg, const uint8_t *response,
                         sw_t *ret_sw)
{
    size_t size = crypto_block_len(alg->cipher);
    uint8_t buf[CRYPTO_BLOCK_MAX + 4];
    struct wr w = wr_init(buf, sizeof(buf));
    struct piv_own *own = piv_own(e);
    bool before = own->admin_maybe;
    struct apdu cmd;
    DWORD rc;

    tlv_header(&w, 0x7C, tlv_size(0x82, size));
    tlv_put(&w, 0x82, response, size);
    cmd = run_apdu(PIV_AUTHENTICATE, admin_p1p2(alg), buf, wr_len(&w), 0);
    own->admin_maybe = true; /* so it stays when the card's word for it is lost */
    rc = card_exchange(&e->card, &cmd, NULL, ret_sw);
    wipe(buf, sizeof(buf));
    if (rc == SCARD_S_SUCCESS && !sw_is(*ret_sw, SW_OK))
        own->admin_maybe = before;
    return rc;
}

/* Nothing may come between challenge and response: nothing is proven and nothing repeated. */
DWORD piv_answer_challenge(struct edge *e, const uint8_t *response, size_t len, uint32_t *ret_left)
{
    struct piv_own *own = piv_own(e);
    const struct admin_alg *alg = alg_by_id(own->challenge_alg);
    sw_t sw;
    DWORD rc;

    *ret_left = LEFT_UNKNOWN;
    own->challenge_alg = 0;
    if (alg == NULL || len != crypto_block_len(alg->cipher))
        return SCARD_W_WRONG_CHV;
    rc = answer_with(e, alg, response, &sw);
    if (rc != SCARD_S_SUCCESS || sw_is(sw, SW_OK))
        return rc;
    if (!sw_is(sw, SW_BLOCKED))
        return SCARD_W_WRONG_CHV;
    *ret_left = 0;
    return SCARD_W_CHV_BLOCKED;
}

DWORD piv_respond(struct edge *e, const uint8_t *response, size_t len, uint32_t *ret_left)
{
    DWORD rc = piv_answer_challenge(e, response, len, ret_left);

    set_admin(e, rc == SCARD_S_SUCCESS);
    return rc;
}

DWORD piv_admin_drop(struct run *r)
{
    struct piv_own *own = piv_own(r->e);
    bool maybe = own->admin_maybe || own->challenge_alg != 0;
    const struct admin_alg *alg;
    uint8_t challenge[CRYPTO_BLOCK_MAX];

    own->challenge_alg = 0;
    piv_admin_lost(r->e);
    return maybe ? get_challenge(r, 0, &alg, challenge) : SCARD_S_SUCCESS;
}

/* ---- the right to write ---------------------------------------------------------------------- */

/* The driver answers for itself, with the key that the PIN opened. */
static DWORD authenticate(struct run *r, const uint8_t *key, size_t key_len)
{
    uint8_t challenge[CRYPTO_BLOCK_MAX], response[CRYPTO_BLOCK_MAX];
    const struct admin_alg *alg = NULL;
    sw_t sw = { SW_OK };
    DWORD rc = get_challenge(r, key_len, &alg, challenge);

    /* No admin key of this length: the caller has no right. That the card could not do what it is
     * asked for is something else, and would send the caller's bytes elsewhere. */
    if (rc == SCARD_E_UNSUPPORTED_FEATURE || rc == SCARD_E_FILE_NOT_FOUND)
        rc = SCARD_W_SECURITY_VIOLATION;
    if (rc == SCARD_S_SUCCESS &&
        !crypto_encrypt_block(alg->cipher, key, key_len, challenge, response))
        rc = SCARD_E_UNEXPECTED;
    if (rc == SCARD_S_SUCCESS)
        rc = answer_with(r->e, alg, response, &sw);
    wipe(response, sizeof(response));
    if (rc == SCARD_S_SUCCESS && !sw_is(sw, SW_OK))
        rc = SCARD_W_SECURITY_VIOLATION; /* the copy is not the key any more */
    return rc;
}

/* Reading the key anew each time is what asks whether the user is authenticated now: cards answer
 * 6982, some 6A82. */
static DWORD admit_by_key(struct run *r)
{
    uint8_t *data = NULL, flags = 0;
    size_t len = 0;
    struct rd key;
    DWORD rc = piv_flags(r, &flags);

    if (rc == SCARD_S_SUCCESS && (flags & PIV_FLAG_PROTECTED) == 0)
        rc = SCARD_W_SECURITY_VIOLATION;
    if (rc == SCARD_S_SUCCESS)
        rc = piv_get(r, PIV_PRINTED, true, &data, &len);
    if (rc == SCARD_E_FILE_NOT_FOUND ||
        (rc == SCARD_S_SUCCESS && !piv_parse_protected_key(data, len, &key)))
        rc = SCARD_W_SECURITY_VIOLATION;
    if (rc == SCARD_S_SUCCESS)
        rc = authenticate(r, key.at, rd_left(&key));
    run_free(r->e, data, len);
    return rc;
}

DWORD piv_admit(struct run *r)
{
    struct piv_own *own = piv_own(r->e);
    DWORD rc = SCARD_S_SUCCESS;

    if (own->admitted_in != 0 && own->admitted_in == r->e->calls) {
        r->proven = true;
        return SCARD_S_SUCCESS;
    }
    if (piv_is_admin(r->e))
        rc = piv_prove(r);
    if (rc == SCARD_S_SUCCESS && !piv_is_admin(r->e))
        rc = admit_by_key(r);
    if (rc == SCARD_S_SUCCESS)
        own->admitted_in = r->e->calls;
    return rc;
}

/* ---- a new key ------------------------------------------------------------------------------- */

static const struct admin_alg *alg_for(size_t block, size_t key_len)
{
    for (size_t i = 0; i < ADMIN_ALGS; i++)
        if (crypto_block_len(admin_algs[i].cipher) == block && admin_algs[i].key_len == key_len)
            return &admin_algs[i];
    return NULL;
}

/* SET MANAGEMENT KEY, the vendor's: algorithm, 9B, length, key */
static DWORD set_key(struct run *r, const struct admin_alg *alg, const uint8_t *key)
{
    uint8_t buf[3 + 32] = { alg->id, PIV_ADMIN_REF, alg->key_len };
    struct apdu cmd = run_apdu(PIV_SET_ADMIN_KEY, 0xFFFF, buf, 3u + alg->key_len, 0);
    sw_t sw = { SW_OK };
    DWORD rc;

    memcpy(buf + 3, key, alg->key_len);
    rc = piv_send(r, &cmd, NULL, 0, &sw);
    wipe(buf, sizeof(buf));
    if (rc != SCARD_S_SUCCESS)
        return rc;
    return sw_is(sw, SW_WRONG_LENGTH) || sw_is(sw, SW_WRONG_P1P2) ? SCARD_E_INVALID_PARAMETER
                                                                  : sw_error(sw);
}

/* Where the old key lay behind the PIN, the new one shall: the user's right to write stays. A copy
 * that cannot be replaced is wrong from now on, and the card read-only for the user. */
static void keep_protected(struct run *r, const struct admin_alg *alg, const uint8_t *key)
{
    uint8_t buf[2 + 2 + 32], flags = 0;
    struct wr w = wr_init(buf, sizeof(buf));

    if (piv_flags(r, &flags) != SCARD_S_SUCCESS || (flags & PIV_FLAG_PROTECTED) == 0)
        return;
    tlv_header(&w, 0x88, tlv_size(0x89, alg->key_len));
    tlv_put(&w, 0x89, key, alg->key_len);
    (void)piv_put(r, PIV_PRINTED, buf, wr_len(&w));
    wipe(buf, sizeof(buf));
}

DWORD piv_change_key(struct edge *e, const uint8_t *response, size_t len, const uint8_t *key,
                     size_t key_len, uint32_t *ret_left)
{
    const struct admin_alg *alg = alg_for(len, key_len);
    struct run r = { e, true }; /* the answer to its challenge proves the selection */
    DWORD rc = SCARD_E_INVALID_PARAMETER;

    *ret_left = LEFT_UNKNOWN;
    if (alg != NULL)
        rc = piv_respond(e, response, len, ret_left);
    if (rc == SCARD_S_SUCCESS)
        rc = set_key(&r, alg, key);
    if (rc != SCARD_S_SUCCESS) {
        (void)piv_admin_drop(&r);
        return rc;
    }
    piv_facts(e)->admin_alg = alg->id;
    piv_facts_keep(e);
    keep_protected(&r, alg, key);
    return SCARD_S_SUCCESS;
}
