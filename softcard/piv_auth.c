/* SPDX-License-Identifier: MIT */
/*
 * GENERAL AUTHENTICATE, SP 800-73-4 part 2, 3.2.4: its template, and what it does with the admin key
 * 9B, external and mutual authentication (part 2, A.1).
 */
#include "softcard/piv.h"

#include "base/secret.h"

#include <string.h>

#define TEMPLATE 0x7Cu

/* Each element at most once, in any order, and nothing else. */
static bool parse(struct rd data, struct piv_template *ret)
{
    struct rd tpl = tlv_enter(&data, TEMPLATE);
    struct tlv obj;

    ret->witness = ret->challenge = ret->response = ret->exponentiation = (struct rd){ .bad = true };
    while (tlv_next(&tpl, &obj)) {
        struct rd *to = obj.tag == 0x80   ? &ret->witness
                        : obj.tag == 0x81 ? &ret->challenge
                        : obj.tag == 0x82 ? &ret->response
                        : obj.tag == 0x85 ? &ret->exponentiation
                                          : NULL;

        if (to == NULL || !to->bad)
            return false;
        *to = obj.value;
    }
    return rd_done(&data) && rd_done(&tpl);
}

struct admin_key {
    uint8_t alg;
    struct image_blob key;
};

/* P1 must name the key's own algorithm. */
static uint16_t load_key(struct call *call, struct admin_key *ret)
{
    bool found;

    if (!image_key(call->image, IMAGE_PIV + PIV_ADMIN_KEY, &found, &ret->alg, &ret->key))
        return SW_MUTE;
    if (found && ret->alg == piv_alg(call->cmd.p1) && ret->key.len == cipher_key_len(ret->alg))
        return SW_OK;
    image_free(&ret->key);
    return SW_WRONG_P1P2;
}

/* One block: the zero IV makes CBC the codebook that the standard asks for. */
static bool block(const struct admin_key *admin, bool encrypt, const uint8_t *in, uint8_t *out)
{
    return cipher_cbc(admin->alg, encrypt, admin->key.data, in, cipher_block(admin->alg), out);
}

static void put(struct call *call, uint8_t tag, const uint8_t *value, size_t len)
{
    size_t mark = tlv_open(&call->out, TEMPLATE);

    tlv_put(&call->out, tag, value, len);
    tlv_close(&call->out, TEMPLATE, mark);
}

/* 81 00: a challenge; 80 00: a witness, which goes out encrypted. */
static uint16_t begin(struct call *call, const struct admin_key *admin, enum piv_challenge kind)
{
    struct piv_ram *own = piv_of(call);
    uint8_t cryptogram[KEY_BLOCK_MAX];
    size_t len = cipher_block(admin->alg);

    if (!key_random(own->random, len))
        return SW_MUTE;
    if (kind == PIV_EXTERNAL) {
        put(call, 0x81, own->random, len);
    } else {
        if (!block(admin, true, own->random, cryptogram))
            return SW_MUTE;
        put(call, 0x80, cryptogram, len);
    }
    own->challenge = (uint8_t)kind;
    return SW_OK;
}

/* 82 {the challenge encrypted}. */
static uint16_t respond(struct call *call, const struct admin_key *admin, struct rd response)
{
    uint8_t expected[KEY_BLOCK_MAX];
    size_t len = cipher_block(admin->alg);
    bool same;

    if (!block(admin, true, piv_of(call)->random, expected))
        return SW_MUTE;
    same = rd_left(&response) == len && secret_equal(expected, response.at, len);
    wipe(expected, sizeof(expected));
    piv_of(call)->admin_ok = same;
    return same ? SW_OK : SW_SECURITY_STATUS;
}

/* 80 {the witness decrypted} 81 {host's challenge}, answered by that encrypted. */
static uint16_t respond_mutually(struct call *call, const struct admin_key *admin,
                                 const struct piv_template *tpl)
{
    uint8_t cryptogram[KEY_BLOCK_MAX];
    size_t len = cipher_block(admin->alg);

    if (rd_left(&tpl->challenge) != len || rd_left(&tpl->witness) != len)
        return SW_WRONG_DATA;
    if (!secret_equal(piv_of(call)->random, tpl->witness.at, len))
        return SW_SECURITY_STATUS;
    if (!block(admin, true, tpl->challenge.at, cryptogram))
        return SW_MUTE;
    put(call, 0x82, cryptogram, len);
    piv_of(call)->admin_ok = 1;
    return SW_OK;
}

static bool is_empty(struct rd element)
{
    return !element.bad && rd_left(&element) == 0;
}

static bool is_full(struct rd element)
{
    return rd_left(&element) != 0;
}

/* What was sent tells the step. Whoever begins anew, or fails, is no longer the admin (3.2.4), and a
 * challenge is good for one answer. */
static uint16_t with_admin_key(struct call *call, const struct admin_key *admin,
                               const struct piv_template *tpl)
{
    struct piv_ram *own = piv_of(call);
    enum piv_challenge waiting = own->challenge;
    uint16_t sw = SW_WRONG_DATA;

    own->challenge = PIV_NO_CHALLENGE;
    own->admin_ok = 0;
    if (!tpl->exponentiation.bad)
        return SW_WRONG_DATA;
    if (is_empty(tpl->challenge) && tpl->witness.bad && tpl->response.bad)
        return begin(call, admin, PIV_EXTERNAL);
    if (is_empty(tpl->witness) && tpl->challenge.bad && tpl->response.bad)
        return begin(call, admin, PIV_MUTUAL);
    if (is_full(tpl->response) && tpl->witness.bad && tpl->challenge.bad)
        sw = waiting == PIV_EXTERNAL ? respond(call, admin, tpl->response) : SW_SECURITY_STATUS;
    else if (!is_full(tpl->response) && is_full(tpl->witness) && is_full(tpl->challenge))
        sw = waiting == PIV_MUTUAL ? respond_mutually(call, admin, tpl) : SW_SECURITY_STATUS;
    wipe(own->random, sizeof(own->random));
    return sw;
}

uint16_t piv_general_authenticate(struct call *call)
{
    struct admin_key admin = { 0 };
    struct piv_template tpl;
    bool well_formed = parse(rd_init(call->cmd.data, call->cmd.data_len), &tpl);
    uint16_t sw;

    if (piv_is_slot(call->cmd.p2))
        return piv_use_key(call, well_formed ? &tpl : NULL);
    piv_of(call)->just_verified = 0; /* whichever key it was for */
    sw = call->cmd.p2 == PIV_ADMIN_KEY ? load_key(call, &admin) : SW_WRONG_P1P2;
    if (sw != SW_OK) {
        piv_of(call)->challenge = PIV_NO_CHALLENGE;
        return sw;
    }
    sw = well_formed ? with_admin_key(call, &admin, &tpl) : SW_WRONG_DATA;
    image_free(&admin.key);
    return sw;
}
