/* SPDX-License-Identifier: MIT */
/* PIV from the factory's secrets to somebody's, by its own commands. */
#include "softcard/personal.h"
#include "softcard/piv.h"

#include "base/secret.h"

#include <string.h>

#define SECRET_LEAST    6u
#define ADMIN_KEY_MAX   32u
#define PRINTED         0x09u /* 5FC109, which only who knows the PIN may read */
#define FLAG_PROTECTED  0x02u /* the management key is in it */

/* Padded with FF to 8 bytes. */
static bool pad(const uint8_t *secret, size_t len, uint8_t out[PIV_SECRET_LEN])
{
    memset(out, 0xFF, PIV_SECRET_LEN);
    if (secret == NULL || len < SECRET_LEAST || len > PIV_SECRET_LEN)
        return false;
    memcpy(out, secret, len);
    return true;
}

static bool pin_ok(const uint8_t *pin, size_t len)
{
    uint8_t padded[PIV_SECRET_LEN];
    bool ok = pad(pin, len, padded) && piv_pin_well_formed(padded);

    wipe(padded, sizeof(padded));
    return ok;
}

bool personal_piv_ok(const struct softcard_person *who)
{
    return pin_ok(who->pin, who->pin_len) && who->puk_len >= SECRET_LEAST &&
           who->puk_len <= PIV_SECRET_LEN &&
           (who->global_pin == NULL || pin_ok(who->global_pin, who->global_pin_len));
}

/* External authentication with the factory's key. */
static void authenticate(struct session *s)
{
    static const uint8_t ask[] = { 0x7C, 0x02, 0x81, 0x00 };
    uint8_t response[12] = { 0x7C, 0x0A, 0x82, 0x08 };

    personal_send(s, 0x87, 0x0300 | PIV_ADMIN_KEY, ask, sizeof(ask));
    if (s->result != SOFTCARD_OK)
        return;
    if (s->answer_len != sizeof(response) ||
        !cipher_cbc(piv_alg(0x03), true, piv_default_admin_key, s->answer + 4, 8, response + 4))
        s->result = SOFTCARD_ARGUMENT;
    personal_send(s, 0x87, 0x0300 | PIV_ADMIN_KEY, response, sizeof(response));
}

static void set_admin_key(struct session *s, const struct softcard_person *who, uint8_t alg)
{
    uint8_t buf[3 + ADMIN_KEY_MAX];
    struct wr w = wr_init(buf, sizeof(buf));

    if (who->admin_key_len == sizeof(piv_default_admin_key) && alg == piv_alg(0x03) &&
        secret_equal(who->admin_key, piv_default_admin_key, sizeof(piv_default_admin_key)))
        return; /* it is that one; and not every card can set another */

    wr_u8(&w, piv_alg_id(alg));
    wr_u8(&w, PIV_ADMIN_KEY);
    wr_u8(&w, (uint8_t)who->admin_key_len);
    wr_bytes(&w, who->admin_key, who->admin_key_len);
    personal_send(s, 0xFF, 0xFFFF, buf, wr_len(&w));
    wipe(buf, sizeof(buf));
}

/* 24: the factory's value, then ours. */
static void change(struct session *s, uint8_t ref, const uint8_t *from_factory,
                   const uint8_t *secret, size_t len)
{
    uint8_t buf[2 * PIV_SECRET_LEN];

    memcpy(buf, from_factory, PIV_SECRET_LEN);
    (void)pad(secret, len, buf + PIV_SECRET_LEN); /* seen before anything was sent */
    personal_send(s, 0x24, ref, buf, sizeof(buf));
    wipe(buf, sizeof(buf));
}

/* Yubico's convention: the key as 88{89 key} in the printed information, and that it is there as
 * 80{81 02} in 5FFF00. */
static void leave_admin_key(struct session *s, const struct softcard_person *who)
{
    static const uint8_t flags[] = { 0x5C, 0x03, 0x5F, 0xFF, 0x00, 0x53, 0x05,
                                     0x80, 0x03, 0x81, 0x01, FLAG_PROTECTED };
    static const uint8_t printed[] = { 0x5C, 0x03, 0x5F, 0xC1, PRINTED };
    uint8_t buf[sizeof(printed) + 6 + ADMIN_KEY_MAX];
    struct wr w = wr_init(buf, sizeof(buf));
    size_t object, protected;

    wr_bytes(&w, printed, sizeof(printed));
    object = tlv_open(&w, 0x53);
    protected = tlv_open(&w, 0x88);
    tlv_put(&w, 0x89, who->admin_key, who->admin_key_len);
    tlv_close(&w, 0x88, protected);
    tlv_close(&w, 0x53, object);
    personal_send(s, 0xDB, 0x3FFF, buf, wr_len(&w));
    personal_send(s, 0xDB, 0x3FFF, flags, sizeof(flags));
    wipe(buf, sizeof(buf));
}

/* Both PINs serve, the global one is primary (part 1, 3.3.2). */
static void offer_global_pin(struct session *s, const struct softcard_person *who)
{
    static const uint8_t discovery[] = { 0x7E, 0x12, 0x4F, 0x0B, 0xA0, 0x00, 0x00,
                                         0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01,
                                         0x00, 0x5F, 0x2F, 0x02, 0x60, 0x20 };

    personal_send(s, 0xDB, 0x3FFF, discovery, sizeof(discovery));
    change(s, PIV_GLOBAL_PIN, piv_default_pin, who->global_pin, who->global_pin_len);
}

/* The admin key first: a weak one is refused, and then nothing has been written. */
void personal_piv(struct session *s, const struct softcard_person *who, uint8_t alg)
{
    personal_send(s, 0xA4, 0x040C, piv_application.aid, piv_application.aid_len);
    authenticate(s);
    set_admin_key(s, who, alg);
    if (!who->admin_key_apart)
        leave_admin_key(s, who);
    if (who->global_pin != NULL)
        offer_global_pin(s, who);
    change(s, PIV_PIN, piv_default_pin, who->pin, who->pin_len);
    change(s, PIV_PUK, piv_default_puk, who->puk, who->puk_len);
}
