/* SPDX-License-Identifier: MIT */
/* GIDS from blank to in use, by its own commands: Microsoft's profile. */
#include "softcard/gids.h"
#include "softcard/personal.h"

#include "base/secret.h"

/* The files that stand for the access conditions of cardmod.h, with the rule write, read. Where
 * only the admin writes, only the admin deletes (first condition): the application's rule would
 * leave it to the user as well (docs/card-extensions.md, section 6). */
static const struct {
    uint16_t fid;
    uint8_t rule_len, rule[4];
} condition_files[] = {
    { 0xA000, 3, { 0x03, 0x30, 0x00 } },       /* UserCreateDeleteDirAc */
    { 0xA010, 3, { 0x03, 0x30, 0x00 } },       /* EveryoneReadUserWriteAc */
    { 0xA011, 3, { 0x03, 0x30, 0xFF } },       /* UserWriteExecuteAc */
    { 0xA012, 4, { 0x43, 0x20, 0x20, 0x00 } }, /* EveryoneReadAdminWriteAc */
    { 0xA013, 3, { 0x03, 0x30, 0x30 } },       /* UserReadWriteAc */
    { 0xA014, 4, { 0x43, 0x20, 0x20, 0x20 } }, /* AdminReadWriteAc */
};

/* Room for the driver's tables, so that a full card can still be tidied up. A card too small for
 * it goes without. */
static const struct {
    uint16_t fid, tag;
    uint32_t bytes;
} reservations[] = {
    { 0xA000, 0xDF1F, 2048 }, /* masterfile: 73 files */
    { 0xA000, 0xDF20, 361 },  /* keymap: 30 containers */
};

static void create(struct session *s, uint8_t kind, uint16_t fid, const uint8_t *rule,
                   size_t rule_len, const uint8_t *crts, size_t crts_len)
{
    uint8_t buf[96];
    const uint8_t id[2] = { (uint8_t)(fid >> 8), (uint8_t)fid };
    struct wr w = wr_init(buf, sizeof(buf));
    size_t fcp = tlv_open(&w, 0x62);

    tlv_put_u8(&w, 0x82, kind);
    tlv_put(&w, 0x83, id, sizeof(id));
    tlv_put(&w, 0x8C, rule, rule_len);
    if (crts_len != 0)
        tlv_put(&w, 0xA5, crts, crts_len);
    tlv_close(&w, 0x62, fcp);
    personal_send(s, 0xE0, 0x0000, buf, wr_len(&w));
    personal_send(s, 0x44, 0x0000, NULL, 0);
}

/* B080 and its key, deleted and replaced by the admin only; the check value is the key's encryption
 * of zeros. */
static void put_admin_key(struct session *s, const struct softcard_person *who, uint8_t alg)
{
    static const uint8_t rule[] = { 0xC7, 0x20, 0x00, 0x20, 0xFF };
    static const uint8_t zeros[KEY_BLOCK_MAX];
    const uint8_t crt[] = { 0xA4, 0x09, 0x80, 0x01, alg,  0x83,
                            0x01, REF_ADMIN_KEY, 0x95, 0x01, 0xC0 };
    uint8_t buf[96], kcv[KEY_BLOCK_MAX];
    const uint8_t ref = REF_ADMIN_KEY;
    struct wr w = wr_init(buf, sizeof(buf));
    size_t tpl = tlv_open(&w, 0x70), a5;

    tlv_put(&w, 0x84, &ref, 1);
    a5 = tlv_open(&w, 0xA5);
    tlv_put(&w, 0x87, who->admin_key, who->admin_key_len);
    if (cipher_cbc(alg, true, who->admin_key, zeros, cipher_block(alg), kcv))
        tlv_put(&w, 0x88, kcv, 3);
    tlv_close(&w, 0xA5, a5);
    tlv_close(&w, 0x70, tpl);
    create(s, FILE_KEY, FID_KEYS | REF_ADMIN_KEY, rule, sizeof(rule), crt, sizeof(crt));
    personal_send(s, 0xDB, FID_APPLICATION, buf, wr_len(&w));
    wipe(buf, sizeof(buf));
}

static void reserve(struct session *s, uint16_t fid, uint16_t tag, uint32_t bytes)
{
    uint8_t object[11];
    struct wr w = wr_init(object, sizeof(object));

    tlv_header(&w, 0xDF7D, 8);
    wr_u16be(&w, fid);
    wr_u16be(&w, tag);
    wr_u32be(&w, bytes);
    personal_send_or(s, 0xDB, FID_APPLICATION, object, wr_len(&w), SW_NO_SPACE);
}

void personal_gids(struct session *s, const struct softcard_person *who, uint8_t alg)
{
    static const uint8_t application[] = { 0x3F, 0xFF };

    personal_send(s, 0xA4, 0x040C, gids_aid, sizeof(gids_aid));
    personal_send(s, 0x24, 0x0100 | REF_PIN, who->pin, who->pin_len);
    if (who->puk_len != 0) /* on a card of both it may be PIV's alone */
        personal_send_or(s, 0x24, 0x0100 | REF_PUK, who->puk, who->puk_len,
                         s->has_piv ? SW_REFERENCE_NOT_FOUND : SW_OK);
    for (size_t i = 0; i < sizeof(condition_files) / sizeof(condition_files[0]); i++)
        create(s, FILE_OBJECTS, condition_files[i].fid, condition_files[i].rule,
               condition_files[i].rule_len, NULL, 0);
    put_admin_key(s, who, alg);
    for (size_t i = 0; i < sizeof(reservations) / sizeof(reservations[0]); i++)
        reserve(s, reservations[i].fid, reservations[i].tag, reservations[i].bytes);
    personal_send(s, 0xA4, 0x000C, application, sizeof(application));
    personal_send(s, 0x44, 0x0000, NULL, 0);
}
