/* SPDX-License-Identifier: MIT */
/* Yubico's commands for the card as a whole: admin key, tries, reset, serial number, version. */
#include "softcard/piv.h"

#include "base/secret.h"

#include <string.h>

#define DES_KEY 8u
#define TRIES_MAX 15u /* what 63Cx can tell */

/* The weak keys of DES and the six pairs that undo each other, without their parity bits (SP 800-67,
 * 3.4.2). */
static bool is_weak_des(const uint8_t *key)
{
    static const uint8_t weak[][DES_KEY] = {
        { 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00 },
        { 0xFE, 0xFE, 0xFE, 0xFE, 0xFE, 0xFE, 0xFE, 0xFE },
        { 0xE0, 0xE0, 0xE0, 0xE0, 0xF0, 0xF0, 0xF0, 0xF0 },
        { 0x1E, 0x1E, 0x1E, 0x1E, 0x0E, 0x0E, 0x0E, 0x0E },
        { 0x00, 0x1E, 0x00, 0x1E, 0x00, 0x0E, 0x00, 0x0E },
        { 0x1E, 0x00, 0x1E, 0x00, 0x0E, 0x00, 0x0E, 0x00 },
        { 0x00, 0xE0, 0x00, 0xE0, 0x00, 0xF0, 0x00, 0xF0 },
        { 0xE0, 0x00, 0xE0, 0x00, 0xF0, 0x00, 0xF0, 0x00 },
        { 0x00, 0xFE, 0x00, 0xFE, 0x00, 0xFE, 0x00, 0xFE },
        { 0xFE, 0x00, 0xFE, 0x00, 0xFE, 0x00, 0xFE, 0x00 },
        { 0x1E, 0xE0, 0x1E, 0xE0, 0x0E, 0xF0, 0x0E, 0xF0 },
        { 0xE0, 0x1E, 0xE0, 0x1E, 0xF0, 0x0E, 0xF0, 0x0E },
        { 0x1E, 0xFE, 0x1E, 0xFE, 0x0E, 0xFE, 0x0E, 0xFE },
        { 0xFE, 0x1E, 0xFE, 0x1E, 0xFE, 0x0E, 0xFE, 0x0E },
        { 0xE0, 0xFE, 0xE0, 0xFE, 0xF0, 0xFE, 0xF0, 0xFE },
        { 0xFE, 0xE0, 0xFE, 0xE0, 0xFE, 0xF0, 0xFE, 0xF0 },
    };
    uint8_t bare[DES_KEY];
    bool found = false;

    for (size_t i = 0; i < DES_KEY; i++)
        bare[i] = key[i] & 0xFE;
    for (size_t i = 0; i < sizeof(weak) / sizeof(weak[0]); i++)
        found = secret_equal(bare, weak[i], DES_KEY) || found;
    wipe(bare, sizeof(bare));
    return found;
}

static bool key_ok(uint8_t alg, struct rd key)
{
    if (cipher_block(alg) == 0 || rd_left(&key) != cipher_key_len(alg))
        return false;
    for (size_t i = 0; cipher_block(alg) == DES_KEY && i < cipher_key_len(alg); i += DES_KEY)
        if (is_weak_des(key.at + i))
            return false;
    return true;
}

/* P1 FF, P2 FF or FE (touch): algorithm, 9B, length, key. */
uint16_t piv_set_admin_key(struct call *call)
{
    const uint32_t at = IMAGE_PIV + PIV_ADMIN_KEY;
    struct image_policy policy = { PIV_PIN_DEFAULT, PIV_TOUCH_NEVER, PIV_IMPORTED };
    struct rd data = rd_init(call->cmd.data, call->cmd.data_len);
    uint8_t alg = piv_alg(rd_u8(&data)), ref = rd_u8(&data), len = rd_u8(&data);
    struct rd key = rd_sub(&data, len);
    uint16_t sw;

    if (call->cmd.p1 != 0xFF || call->cmd.p2 < 0xFE)
        return SW_WRONG_P1P2;
    if (!piv_of(call)->admin_ok)
        return SW_SECURITY_STATUS;
    if (!rd_done(&data) || ref != PIV_ADMIN_KEY || !key_ok(alg, key))
        return SW_WRONG_DATA;
    if (call->cmd.p2 == 0xFE)
        policy.touch = PIV_TOUCH_ALWAYS;
    sw = room_for(call, len);
    if (sw != SW_OK)
        return sw;
    return image_put_key(call->image, at, alg, key.at, len) &&
                   image_put_policy(call->image, at, &policy)
               ? SW_OK : SW_MUTE;
}

/* P1 tries of the PIN, P2 of the PUK; both become the factory's. */
uint16_t piv_set_tries(struct call *call)
{
    if (call->cmd.p1 == 0 || call->cmd.p1 > TRIES_MAX || call->cmd.p2 == 0 ||
        call->cmd.p2 > TRIES_MAX)
        return SW_WRONG_P1P2;
    if (!piv_of(call)->admin_ok || !piv_of(call)->pin_ok)
        return SW_SECURITY_STATUS;
    if (call->cmd.data_len != 0)
        return SW_WRONG_LENGTH;
    piv_of(call)->pin_ok = 0;
    return piv_default_secrets(call->image, call->cmd.p1, call->cmd.p2) ? SW_OK : SW_MUTE;
}

static uint16_t is_blocked(struct call *call, uint16_t ref)
{
    uint16_t sw = tries_status(call, ref);

    return sw == SW_BLOCKED ? SW_OK : sw == SW_MUTE ? SW_MUTE : SW_CONDITIONS;
}

/* Everything of PIV goes back to the factory's state, with another identity: only on a card that is
 * of no use to anybody else. */
uint16_t piv_reset(struct call *call)
{
    uint16_t sw;

    if (piv_p1p2(call) != 0)
        return SW_WRONG_P1P2;
    if (call->cmd.data_len != 0)
        return SW_WRONG_LENGTH;
    sw = is_blocked(call, PIV_SECRET_PIN);
    if (sw == SW_OK)
        sw = is_blocked(call, PIV_SECRET_PUK);
    if (sw != SW_OK)
        return sw;
    if (!image_clear_piv(call->image) || !piv_factory(call->image))
        return SW_MUTE;
    piv_application.forget(call->ram);
    call->ram->global_pin_ok = 0;
    return SW_OK;
}

uint16_t piv_serial(struct call *call)
{
    unsigned serial;

    if (piv_p1p2(call) != 0)
        return SW_WRONG_P1P2;
    if (!image_number(call->image, IMAGE_SERIAL, &serial))
        return SW_MUTE;
    wr_u32be(&call->out, serial);
    return SW_OK;
}

/* That of the Yubico cards whose commands these are: 5.7 brought MOVE KEY and RSA-4096. */
uint16_t piv_version(struct call *call)
{
    static const uint8_t version[] = { 5, 7, 0 };

    if (piv_p1p2(call) != 0)
        return SW_WRONG_P1P2;
    wr_bytes(&call->out, version, sizeof(version));
    return SW_OK;
}
