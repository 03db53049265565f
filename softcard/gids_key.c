/* SPDX-License-Identifier: MIT */
/* Key pairs: GENERATE, import by PUT DATA, public keys by GET DATA. GIDS 2.0, key management. */
#include "softcard/gids.h"

#include "base/secret.h"

#include <string.h>

enum { KEY_SYMMETRIC = 1, KEY_RSA = 2, KEY_EC = 3 }; /* 83 in the value of A5 */

/* Key file of reference kk, with a bit of its rule. */
static uint16_t key_file(struct call *call, uint8_t ref, uint8_t bit, struct image_file *ret)
{
    uint16_t sw = gids_find(call, (uint16_t)(FID_KEYS | ref), ret);

    if (sw != SW_OK)
        return sw == SW_NOT_FOUND ? SW_REFERENCE_NOT_FOUND : sw;
    if (ret->kind != FILE_KEY)
        return SW_WRONG_FILE_TYPE;
    return gids_allowed(call, ret, bit) ? SW_OK : SW_SECURITY_STATUS;
}

/* A key file is for the algorithm whose nibble its templates carry. */
static bool file_takes(const struct image_file *file, uint8_t alg)
{
    struct rd list = rd_init(file->crts, file->crts_len);
    struct tlv crt;

    while (tlv_next(&list, &crt)) {
        struct rd value = tlv_find(&crt.value, 0x80);

        if (rd_left(&value) == 1 && (value.at[0] & 0x0F) == alg)
            return true;
    }
    return false;
}

static uint16_t store(struct call *call, const struct image_file *file, uint8_t alg,
                      const struct image_blob *key)
{
    uint16_t sw = room_for(call, key->len);

    if (sw != SW_OK)
        return sw;
    return image_put_key(call->image, file->fid, alg, key->data, key->len) ? SW_OK : SW_MUTE;
}

/* ---- public keys ----------------------------------------------------------------------------- */

static uint16_t put_public(struct call *call, uint8_t alg, const struct image_blob *key)
{
    size_t mark = tlv_open(&call->out, 0x7F49);
    bool ok = key_put_public(key, alg, &call->out);

    tlv_close(&call->out, 0x7F49, mark);
    return ok ? SW_OK : SW_UNKNOWN;
}

/* Extended header list {84 kk, A5 {7F49 80}}: 80 stands for all there is, it is no length (7816-4
 * 8.4.6). The form 7F49 {80 00} means the same. */
static bool asks_public_key(struct rd what)
{
    static const uint8_t all[] = { 0x7F, 0x49, 0x80 };

    if (rd_left(&what) == sizeof(all) && memcmp(what.at, all, sizeof(all)) == 0)
        return true;
    (void)tlv_enter(&what, 0x7F49);
    return rd_done(&what);
}

uint16_t gids_get_public_key(struct call *call, struct rd tpl)
{
    struct rd ref = tlv_find(&tpl, 0x84), what = tlv_find(&tpl, 0xA5);
    struct image_file file;
    struct image_blob key = { 0 };
    uint8_t alg;
    bool found;
    uint16_t sw;

    if (rd_left(&ref) != 1 || what.bad || !asks_public_key(what))
        return SW_WRONG_DATA;
    sw = key_file(call, rd_u8(&ref), AM_GET, &file);
    if (sw != SW_OK)
        return sw;
    if (!image_key(call->image, file.fid, &found, &alg, &key))
        return SW_MUTE;
    if (!found)
        return SW_REFERENCE_NOT_FOUND;
    sw = key_bits(alg) != 0 ? put_public(call, alg, &key) : SW_SECURITY_STATUS;
    image_free(&key);
    return sw;
}

/* ---- GENERATE ASYMMETRIC KEY PAIR, 7816-8 5.1 ------------------------------------------------ */

uint16_t gids_generate(struct call *call)
{
    struct rd data = rd_init(call->cmd.data, call->cmd.data_len);
    struct rd crt = tlv_enter(&data, 0xAC), alg = tlv_find(&crt, 0x80), ref = tlv_find(&crt, 0x83);
    struct image_file file;
    struct image_blob key = { 0 };
    uint8_t wanted;
    uint16_t sw;

    if (call->cmd.p1 != 0 || call->cmd.p2 != 0)
        return SW_WRONG_P1P2;
    if (ref.bad)
        ref = tlv_find(&crt, 0x84);
    if (!rd_done(&data) || rd_left(&alg) != 1 || rd_left(&ref) != 1)
        return SW_WRONG_DATA;
    wanted = rd_u8(&alg);
    sw = key_file(call, rd_u8(&ref), AM_GENERATE, &file);
    if (sw != SW_OK)
        return sw;
    if (key_bits(wanted) == 0)
        return SW_FUNCTION_UNSUPPORTED;
    if (!file_takes(&file, wanted))
        return SW_WRONG_P1P2; /* GIDS 2.0: algorithm differs from the templates of the file */
    if (!key_generate(wanted, &key))
        return SW_UNKNOWN;
    sw = store(call, &file, wanted, &key);
    if (sw == SW_OK)
        sw = put_public(call, wanted, &key);
    image_free(&key);
    return sw;
}

/* ---- PUT KEY --------------------------------------------------------------------------------- */

/* The first three bytes of the key's encryption of zeros. OpenSC's gids-tool sends those of its test
 * key with every key: they count as no check value given (docs/card-extensions.md). */
static bool kcv_right(uint8_t alg, struct rd key, struct rd kcv)
{
    static const uint8_t zeros[KEY_BLOCK_MAX], of_opensc[] = { 0xB0, 0x73, 0xDC };
    uint8_t block[KEY_BLOCK_MAX];

    if (rd_left(&kcv) != 3)
        return false;
    return memcmp(kcv.at, of_opensc, sizeof(of_opensc)) == 0 ||
           (cipher_cbc(alg, true, key.at, zeros, cipher_block(alg), block) &&
            memcmp(kcv.at, block, 3) == 0);
}

/* The algorithm of an admin key file: 1..5 in its authentication template. */
static uint8_t symmetric_alg(const struct image_file *file)
{
    for (uint8_t alg = 1; alg <= 5; alg++)
        if (gids_crt_has(file, 0xA4, alg))
            return alg;
    return 0;
}

static uint16_t put_symmetric(struct call *call, const struct image_file *file, struct rd key,
                              struct rd kcv)
{
    uint8_t alg = symmetric_alg(file);
    struct image_blob blob = { (uint8_t *)(uintptr_t)key.at, rd_left(&key) };

    if (alg == 0 || rd_left(&key) != cipher_key_len(alg))
        return SW_WRONG_DATA;
    if (!kcv.bad && !kcv_right(alg, key, kcv))
        return SW_WRONG_DATA;
    return store(call, file, alg, &blob);
}

static uint16_t put_pair(struct call *call, const struct image_file *file, uint8_t alg,
                         struct image_blob *key)
{
    uint16_t sw = file_takes(file, alg) ? store(call, file, alg, key) : SW_WRONG_DATA;

    image_free(key);
    return sw;
}

/* SEQUENCE {INTEGER 1, OCTET STRING d, OCTET STRING 04 X Y}: docs/card-extensions.md */
static uint16_t put_ec(struct call *call, const struct image_file *file, struct rd value)
{
    struct rd seq = tlv_enter(&value, 0x30), version = tlv_enter(&seq, 0x02);
    struct rd d = tlv_enter(&seq, 0x04), point = tlv_enter(&seq, 0x04);
    struct image_blob key = { 0 };

    if (!rd_done(&seq) || !rd_done(&value) || rd_left(&version) != 1 || version.at[0] != 1)
        return SW_WRONG_DATA;
    for (uint8_t alg = 0xC; alg <= 0xE; alg++)
        if (rd_left(&point) == 1 + 2 * key_bytes(alg))
            return key_import_ec(alg, d.at, rd_left(&d), point.at, rd_left(&point), &key)
                       ? put_pair(call, file, alg, &key) : SW_WRONG_DATA;
    return SW_WRONG_DATA;
}

static uint16_t put_rsa(struct call *call, const struct image_file *file, struct rd value)
{
    struct image_blob key = { 0 };
    uint8_t alg;

    if (!key_import_rsa(value.at, rd_left(&value), &alg, &key))
        return SW_WRONG_DATA;
    return put_pair(call, file, alg, &key);
}

/* Template {84 kk, A5 {83 type, 84 00, 87 value, 88 kcv}}; an empty A5 takes the key away. */
uint16_t gids_put_key(struct call *call, struct rd tpl)
{
    struct rd ref = tlv_find(&tpl, 0x84), a5 = tlv_find(&tpl, 0xA5);
    struct rd type = tlv_find(&a5, 0x83), value = tlv_find(&a5, 0x87), kcv = tlv_find(&a5, 0x88);
    struct image_file file;
    uint16_t sw;

    if (rd_left(&ref) != 1 || a5.bad)
        return SW_WRONG_DATA;
    sw = key_file(call, rd_u8(&ref), AM_PUT, &file);
    if (sw != SW_OK)
        return sw;
    if (rd_left(&a5) == 0)
        return image_remove_key(call->image, file.fid) ? SW_OK : SW_MUTE;
    if (value.bad)
        return SW_WRONG_DATA;
    switch (rd_left(&type) == 1 ? type.at[0] : KEY_SYMMETRIC) { /* clients leave the type out */
    case KEY_SYMMETRIC:
        return put_symmetric(call, &file, value, kcv);
    case KEY_RSA:
        return put_rsa(call, &file, value);
    case KEY_EC:
        return put_ec(call, &file, value);
    default:
        return SW_WRONG_DATA;
    }
}
