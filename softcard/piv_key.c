/* SPDX-License-Identifier: MIT */
/* How key pairs get on the card: GENERATE (SP 800-73-4 part 2, 3.3.2), and Yubico's IMPORT. */
#include "softcard/piv.h"

#include <string.h>

/* Yubico's elements AA and AB, which may stand in both commands. */
static bool parse_policy(const struct tlv *obj, struct image_policy *policy)
{
    if (rd_left(&obj->value) != 1)
        return false;
    if (obj->tag == 0xAA) {
        policy->pin = obj->value.at[0];
        return policy->pin <= PIV_PIN_ALWAYS;
    }
    policy->touch = obj->value.at[0];
    return obj->tag == 0xAB && policy->touch <= PIV_TOUCH_CACHED;
}

/* What the standard says where the command did not (part 1, table 4b). */
static void fill_policy(uint8_t slot, struct image_policy *policy)
{
    if (policy->pin == PIV_PIN_DEFAULT)
        policy->pin = slot == 0x9C ? PIV_PIN_ALWAYS : slot == 0x9E ? PIV_PIN_NEVER : PIV_PIN_ONCE;
    if (policy->touch == PIV_TOUCH_DEFAULT)
        policy->touch = PIV_TOUCH_NEVER;
}

static uint16_t store(struct call *call, uint8_t alg, const struct image_blob *key,
                      struct image_policy *policy)
{
    const uint32_t at = IMAGE_PIV + call->cmd.p2;
    uint16_t sw = room_for(call, key->len);

    if (sw != SW_OK)
        return sw;
    fill_policy(call->cmd.p2, policy);
    return image_put_key(call->image, at, alg, key->data, key->len) &&
                   image_put_policy(call->image, at, policy)
               ? SW_OK : SW_MUTE;
}

static uint16_t may(const struct call *call)
{
    if (!piv_is_slot(call->cmd.p2))
        return SW_WRONG_P1P2;
    return piv_of(call)->admin_ok ? SW_OK : SW_SECURITY_STATUS;
}

/* ---- GENERATE ASYMMETRIC KEY PAIR ------------------------------------------------------------ */

static bool is_65537(struct rd exponent)
{
    return rd_left(&exponent) == 3 && memcmp(exponent.at, "\x01\x00\x01", 3) == 0;
}

/* AC {80 algorithm, 81 exponent, AA, AB}; the exponent can be but one. */
static bool parse_control(struct rd data, uint8_t *ret_alg, struct image_policy *policy)
{
    struct rd control = tlv_enter(&data, 0xAC);
    struct tlv obj;

    *ret_alg = 0;
    while (tlv_next(&control, &obj)) {
        if (obj.tag == 0x80 && rd_left(&obj.value) == 1)
            *ret_alg = piv_alg(obj.value.at[0]);
        else if (!(obj.tag == 0x81 && is_65537(obj.value)) && !parse_policy(&obj, policy))
            return false;
    }
    return rd_done(&data) && rd_done(&control) && key_bits(*ret_alg) != 0;
}

uint16_t piv_generate(struct call *call)
{
    struct image_policy policy = { .origin = PIV_GENERATED };
    struct image_blob key = { 0 };
    uint16_t sw = call->cmd.p1 == 0x00 ? may(call) : SW_WRONG_P1P2;
    size_t mark;
    uint8_t alg;

    if (sw != SW_OK)
        return sw;
    if (!parse_control(rd_init(call->cmd.data, call->cmd.data_len), &alg, &policy))
        return SW_WRONG_DATA;
    if (!key_generate(alg, &key))
        return SW_UNKNOWN;
    sw = store(call, alg, &key, &policy);
    if (sw == SW_OK) {
        mark = tlv_open(&call->out, 0x7F49);
        sw = key_put_public(&key, alg, &call->out) ? SW_OK : SW_UNKNOWN;
        tlv_close(&call->out, 0x7F49, mark);
    }
    image_free(&key);
    return sw;
}

/* ---- IMPORT ---------------------------------------------------------------------------------- */

/* RSA 01 p, 02 q, 03 dP, 04 dQ, 05 qInv; EC 06 d: in any order, each once. */
#define NUMBERS 6u
struct parts {
    struct rd number[NUMBERS]; /* by tag less 1; bad: not there */
};

static bool parse_parts(struct rd data, struct parts *ret, struct image_policy *policy)
{
    struct tlv obj;

    for (size_t i = 0; i < NUMBERS; i++)
        ret->number[i] = (struct rd){ .bad = true };
    while (tlv_next(&data, &obj)) {
        if (obj.tag < 1 || obj.tag > NUMBERS) {
            if (!parse_policy(&obj, policy))
                return false;
        } else if (ret->number[obj.tag - 1].bad && rd_left(&obj.value) != 0) {
            ret->number[obj.tag - 1] = obj.value;
        } else {
            return false;
        }
    }
    return !data.bad;
}

/* Does the key have the numbers of its kind, none longer than it can be, and no others? */
static bool parts_ok(const struct parts *parts, uint8_t alg)
{
    bool ec = key_is_ec(alg);
    size_t longest = ec ? key_bytes(alg) : key_bytes(alg) / 2;

    for (size_t i = 0; i < NUMBERS; i++)
        if (parts->number[i].bad == (ec == (i == NUMBERS - 1)) ||
            rd_left(&parts->number[i]) > longest)
            return false;
    return true;
}

static bool make(const struct parts *parts, uint8_t alg, struct image_blob *ret)
{
    const struct rd *n = parts->number;
    const struct key_crt crt = { n[0], n[1], n[2], n[3], n[4] };

    return key_is_ec(alg) ? key_import_scalar(alg, n[5].at, rd_left(&n[5]), ret)
                          : key_import_crt(alg, &crt, ret);
}

/* Yubico, P1 algorithm, P2 slot. */
uint16_t piv_import(struct call *call)
{
    struct image_policy policy = { .origin = PIV_IMPORTED };
    struct image_blob key = { 0 };
    struct parts parts;
    uint8_t alg = piv_alg(call->cmd.p1);
    uint16_t sw = key_bits(alg) != 0 ? may(call) : SW_WRONG_P1P2;

    if (sw != SW_OK)
        return sw;
    if (!parse_parts(rd_init(call->cmd.data, call->cmd.data_len), &parts, &policy) ||
        !parts_ok(&parts, alg) || !make(&parts, alg, &key))
        return SW_WRONG_DATA;
    sw = store(call, alg, &key, &policy);
    image_free(&key);
    return sw;
}
