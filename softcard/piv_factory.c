/* SPDX-License-Identifier: MIT */
/* What a PIV card has from the factory, and again after RESET: secrets that everybody knows, and an
 * identity of its own. */
#include "softcard/piv.h"

#include "base/secret.h"

#include <string.h>

const uint8_t piv_default_pin[PIV_SECRET_LEN] = { '1', '2', '3', '4', '5', '6', 0xFF, 0xFF };
const uint8_t piv_default_puk[PIV_SECRET_LEN] = { '1', '2', '3', '4', '5', '6', '7', '8' };
const uint8_t piv_default_admin_key[24] = { 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4,
                                            5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8 };

#define CHUID       0x5FC102u
#define CAPABILITY  0x5FC107u
#define KEY_HISTORY 0x5FC10Cu

/* Of a card that no federal agency issued: agency and system 9999, credential 999999, series and
 * issue 0 and 1, nobody's person identifier (SP 800-73-4 part 1, 3.1.2). 5-bit characters with
 * parity. */
static const uint8_t fasc_n[25] = { 0xD4, 0xE7, 0x39, 0xDA, 0x73, 0x9C, 0xED, 0x39, 0xCE,
                                    0x73, 0x9D, 0x83, 0x68, 0x58, 0x21, 0x08, 0x42, 0x10,
                                    0x84, 0x21, 0xC8, 0x42, 0x10, 0xC3, 0xEB };

/* Discovery: the PIV PIN and no other (part 1, 3.3.2). */
static const uint8_t discovery[] = { 0x4F, 0x0B, 0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10,
                                     0x00, 0x01, 0x00, 0x5F, 0x2F, 0x02, 0x40, 0x00 };

/* No retired keys on the card, none off it (part 1, 3.3.3). */
static const uint8_t key_history[] = { 0xC1, 0x01, 0x00, 0xC2, 0x01, 0x00, 0xFE, 0x00 };

static bool put(struct image *image, uint32_t tag, const struct wr *w)
{
    return !w->bad && image_put_object(image, IMAGE_PIV, tag, w->start, wr_len(w));
}

/* A random UUID (RFC 4122, 4.4), as the GUID of a card without FASC-N of its own has to be. */
static bool random_guid(uint8_t guid[16])
{
    if (!key_random(guid, 16))
        return false;
    guid[6] = (uint8_t)(0x40 | (guid[6] & 0x0F));
    guid[8] = (uint8_t)(0x80 | (guid[8] & 0x3F));
    return true;
}

/* Not signed: 3E is empty. Part 1, 3.1.2. */
static bool put_chuid(struct image *image)
{
    uint8_t buf[80], guid[16];
    struct wr w = wr_init(buf, sizeof(buf));

    if (!random_guid(guid))
        return false;
    tlv_put(&w, 0x30, fasc_n, sizeof(fasc_n));
    tlv_put(&w, 0x34, guid, sizeof(guid));
    tlv_put(&w, 0x35, "20501231", 8);
    tlv_put(&w, 0x3E, NULL, 0);
    tlv_put(&w, 0xFE, NULL, 0);
    return put(image, CHUID, &w);
}

/* Part 1, 3.1.1: of what it says, GSC-IS alone made sense. Card identifier: GSC-RID, manufacturer,
 * card type (Java Card, as others say too), and 14 bytes that tell the card. */
static bool put_capabilities(struct image *image)
{
    static const uint8_t id_head[] = { 0xA0, 0x00, 0x00, 0x01, 0x16, 0xFF, 0x02 };
    static const uint8_t tags[] = { 0xF6, 0xF7, 0xFA, 0xFB, 0xFC, 0xFD, 0xFE };
    uint8_t buf[80], id[sizeof(id_head) + 14];
    struct wr w = wr_init(buf, sizeof(buf));

    memcpy(id, id_head, sizeof(id_head));
    if (!key_random(id + sizeof(id_head), 14))
        return false;
    tlv_put(&w, 0xF0, id, sizeof(id));
    tlv_put_u8(&w, 0xF1, 0x21);
    tlv_put_u8(&w, 0xF2, 0x21);
    tlv_put(&w, 0xF3, NULL, 0);
    tlv_put_u8(&w, 0xF4, 0x00);
    tlv_put_u8(&w, 0xF5, 0x10);
    for (size_t i = 0; i < sizeof(tags); i++)
        tlv_put(&w, tags[i], NULL, 0);
    return put(image, CAPABILITY, &w);
}

static bool put_secret(struct image *image, uint16_t ref, const uint8_t *value, unsigned tries)
{
    struct image_secret secret = { .len = PIV_SECRET_LEN, .tries = tries, .limit = tries };

    memcpy(secret.value, value, PIV_SECRET_LEN);
    return image_put_secret(image, ref, &secret); /* no secret: everybody knows it */
}

bool piv_default_secrets(struct image *image, unsigned pin_tries, unsigned puk_tries)
{
    return put_secret(image, PIV_SECRET_PIN, piv_default_pin, pin_tries) &&
           put_secret(image, PIV_SECRET_PUK, piv_default_puk, puk_tries);
}

bool piv_factory(struct image *image)
{
    const struct image_policy admin = { PIV_PIN_DEFAULT, PIV_TOUCH_NEVER, PIV_GENERATED };
    const uint32_t admin_key = IMAGE_PIV + PIV_ADMIN_KEY;
    unsigned tries;

    return image_number(image, IMAGE_PIN_TRIES, &tries) &&
           piv_default_secrets(image, tries, tries) &&
           put_secret(image, PIV_SECRET_GLOBAL, piv_default_pin, tries) &&
           image_put_key(image, admin_key, piv_alg(0x03), piv_default_admin_key,
                         sizeof(piv_default_admin_key)) &&
           image_put_policy(image, admin_key, &admin) &&
           image_put_object(image, IMAGE_PIV, PIV_DISCOVERY, discovery, sizeof(discovery)) &&
           image_put_object(image, IMAGE_PIV, KEY_HISTORY, key_history, sizeof(key_history)) &&
           put_chuid(image) && put_capabilities(image);
}
