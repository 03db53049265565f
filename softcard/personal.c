/* SPDX-License-Identifier: MIT */
/* From a blank card to one in use, by the card's own commands: Microsoft's GIDS profile. */
#include "softcard/gids.h"

#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

#define COMMAND_MAX 300u

/* The files that stand for the access conditions of cardmod.h, with the rule write, read. */
static const struct {
    uint16_t fid;
    uint8_t rule[3];
} condition_files[] = {
    { 0xA000, { 0x03, 0x30, 0x00 } }, /* UserCreateDeleteDirAc */
    { 0xA010, { 0x03, 0x30, 0x00 } }, /* EveryoneReadUserWriteAc */
    { 0xA011, { 0x03, 0x30, 0xFF } }, /* UserWriteExecuteAc */
    { 0xA012, { 0x03, 0x20, 0x00 } }, /* EveryoneReadAdminWriteAc */
    { 0xA013, { 0x03, 0x30, 0x30 } }, /* UserReadWriteAc */
    { 0xA014, { 0x03, 0x20, 0x20 } }, /* AdminReadWriteAc */
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

struct session {
    struct softcard *card;
    struct softcard_ram *ram;
    uint8_t *answer;
    enum softcard_result result; /* the first failure */
};

static bool answered(const struct session *s, size_t len, uint16_t sw)
{
    return len >= 2 && s->answer[len - 2] == sw >> 8 && s->answer[len - 1] == (sw & 0xFF);
}

/* One command that must be answered 9000, or `also`. */
static void send_or(struct session *s, uint8_t ins, uint16_t p1p2, const uint8_t *data, size_t len,
                    uint16_t also)
{
    uint8_t out[COMMAND_MAX];
    struct wr w = wr_init(out, sizeof(out));
    struct apdu cmd = { .ins = ins, .p1 = (uint8_t)(p1p2 >> 8), .p2 = (uint8_t)p1p2, .data = data,
                        .data_len = len };
    size_t answer_len = SOFTCARD_ANSWER_MAX;

    if (s->result != SOFTCARD_OK)
        return;
    apdu_encode(&w, &cmd, false);
    s->result = w.bad ? SOFTCARD_ARGUMENT
                      : softcard_transmit(s->card, s->ram, out, wr_len(&w), s->answer, &answer_len);
    if (s->result == SOFTCARD_OK && !answered(s, answer_len, SW_OK) &&
        !answered(s, answer_len, also))
        s->result = SOFTCARD_ARGUMENT;
    wipe(out, sizeof(out));
}

static void send(struct session *s, uint8_t ins, uint16_t p1p2, const uint8_t *data, size_t len)
{
    send_or(s, ins, p1p2, data, len, SW_OK);
}

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
    send(s, 0xE0, 0x0000, buf, wr_len(&w));
    send(s, 0x44, 0x0000, NULL, 0);
}

/* The algorithm number of an admin key; 0: no cipher has keys of that length. */
static uint8_t admin_alg(const struct softcard_person *who)
{
    static const uint8_t algs[] = { 2, 3, 4, 5 }; /* 3DES with three keys; AES-128, -192, -256 */

    for (size_t i = who->admin_aes ? 1 : 0; i < (who->admin_aes ? sizeof(algs) : 1); i++)
        if (cipher_key_len(algs[i]) == who->admin_key_len)
            return algs[i];
    return 0;
}

/* B080 and its key; the check value is the key's encryption of zeros. */
static void put_admin_key(struct session *s, const struct softcard_person *who, uint8_t alg)
{
    static const uint8_t rule[] = { 0x87, 0x00, 0x20, 0xFF };
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
    send(s, 0xDB, FID_APPLICATION, buf, wr_len(&w));
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
    send_or(s, 0xDB, FID_APPLICATION, object, wr_len(&w), SW_NO_SPACE);
}

static void run(struct session *s, const struct softcard_person *who, uint8_t alg)
{
    static const uint8_t aid[] = { 0xA0, 0x00, 0x00, 0x03, 0x97, 0x42, 0x54, 0x46, 0x59 };
    static const uint8_t application[] = { 0x3F, 0xFF };

    send(s, 0xA4, 0x040C, aid, sizeof(aid));
    send(s, 0x24, 0x0100 | REF_PIN, who->pin, who->pin_len);
    if (who->puk_len != 0)
        send(s, 0x24, 0x0100 | REF_PUK, who->puk, who->puk_len);
    for (size_t i = 0; i < sizeof(condition_files) / sizeof(condition_files[0]); i++)
        create(s, FILE_OBJECTS, condition_files[i].fid, condition_files[i].rule,
               sizeof(condition_files[i].rule), NULL, 0);
    put_admin_key(s, who, alg);
    for (size_t i = 0; i < sizeof(reservations) / sizeof(reservations[0]); i++)
        reserve(s, reservations[i].fid, reservations[i].tag, reservations[i].bytes);
    send(s, 0xA4, 0x000C, application, sizeof(application));
    send(s, 0x44, 0x0000, NULL, 0);
}

static bool secret_ok(const uint8_t *secret, size_t len)
{
    return secret != NULL && len >= 4 && len <= IMAGE_SECRET_MAX;
}

enum softcard_result softcard_personalise(struct softcard *card, const struct softcard_person *who)
{
    struct session s = { .card = card, .result = SOFTCARD_OK };
    uint8_t atr[SOFTCARD_ATR_MAX], alg = admin_alg(who);
    size_t atr_len;

    if (!secret_ok(who->pin, who->pin_len) ||
        (who->puk_len != 0 && !secret_ok(who->puk, who->puk_len)) ||
        alg == 0 || who->admin_key == NULL)
        return SOFTCARD_ARGUMENT;
    s.ram = calloc(1, softcard_ram_size());
    s.answer = malloc(SOFTCARD_ANSWER_MAX);
    if (s.ram == NULL || s.answer == NULL) {
        s.result = SOFTCARD_MEMORY;
    } else {
        softcard_power_on(card, s.ram, atr, &atr_len);
        run(&s, who, alg);
        softcard_power_off(s.ram);
    }
    free(s.ram);
    free(s.answer);
    return s.result;
}
