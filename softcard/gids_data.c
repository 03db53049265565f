/* SPDX-License-Identifier: MIT */
/* GET DATA and PUT DATA. GIDS 2.0, data management; 7816-4 11.5. */
#include "softcard/gids_space.h"

#include "base/secret.h"

#include <string.h>

enum { DO_TAG_LIST = 0x5C, DO_KEY_TEMPLATE = 0x70, DO_KEY_TEMPLATE_SPEC = 0xA3,
       DO_GLOBAL_PIN = 0x7F71, DO_APPLICATION_PIN = 0x7F72, DO_PUK = 0x7F73 };

static uint16_t p1p2(const struct call *call)
{
    return (uint16_t)(call->cmd.p1 << 8 | call->cmd.p2);
}

/* ---- the answers the card makes itself ------------------------------------------------------- */

/* EF.ATR: capabilities. 47, third byte: 80 command chaining, 40 extended length. */
static uint16_t get_ef_atr(struct call *call)
{
    static const char maker[] = "cardmint";
    uint8_t caps[] = { 0x08, 0x01, 0xC0 };
    unsigned no_extended;

    if (!image_number(call->image, IMAGE_NO_EXTENDED, &no_extended))
        return SW_MUTE;
    if (no_extended != 0)
        caps[2] = 0x80;
    tlv_put_u8(&call->out, 0x43, 0xF4);
    tlv_put(&call->out, 0x47, caps, sizeof(caps));
    tlv_put(&call->out, 0x46, maker, sizeof(maker) - 1);
    return SW_OK;
}

/* 7F71 and its kin: 97 tries left, 93 limit. */
static uint16_t get_counters(struct call *call, uint32_t tag, uint8_t ref)
{
    struct image_secret secret;
    bool found;
    size_t mark;

    if (!image_secret(call->image, ref, &found, &secret))
        return SW_MUTE;
    if (!found)
        return SW_REFERENCE_NOT_FOUND;
    mark = tlv_open(&call->out, tag);
    tlv_put_u8(&call->out, 0x97, (uint8_t)secret.tries);
    tlv_put_u8(&call->out, 0x93, (uint8_t)secret.limit);
    tlv_close(&call->out, tag, mark);
    wipe(&secret, sizeof(secret));
    return SW_OK;
}

static uint16_t get_from_application(struct call *call, uint32_t tag)
{
    switch (tag) {
    case DO_GLOBAL_PIN:
    case DO_APPLICATION_PIN:
        return get_counters(call, tag, REF_PIN);
    case DO_PUK:
        return get_counters(call, tag, REF_PUK);
    case DO_SPACE:
        return gids_get_space(call);
    default:
        return SW_REFERENCE_NOT_FOUND;
    }
}

/* ---- GET DATA -------------------------------------------------------------------------------- */

static uint16_t put_one(struct call *call, uint16_t fid, uint32_t tag)
{
    struct image_blob value = { 0 };
    bool found;

    if (!image_object(call->image, fid, tag, &found, &value))
        return SW_MUTE;
    if (!found)
        return SW_REFERENCE_NOT_FOUND;
    tlv_put(&call->out, tag, value.data, value.len);
    image_free(&value);
    return SW_OK;
}

/* 5C 00: all objects of the file, in the order of their tags. */
static uint16_t put_all(struct call *call, uint16_t fid)
{
    uint32_t tag = 0;
    bool found;

    for (;;) {
        if (!image_next_object(call->image, fid, tag, &found, &tag))
            return SW_MUTE;
        if (!found)
            return SW_OK;
        if (put_one(call, fid, tag) != SW_OK)
            return SW_MUTE;
    }
}

uint16_t gids_find_for_objects(struct call *call, uint16_t fid, struct image_file *ret)
{
    uint16_t sw = fid != FID_CURRENT ? gids_find(call, fid, ret) : SW_NOT_FOUND;

    if (sw != SW_OK)
        return sw;
    if (ret->kind != FILE_OBJECTS)
        return SW_WRONG_FILE_TYPE;
    if (call->life_cycle >= LCS_ACTIVATED && ret->life_cycle < LCS_ACTIVATED &&
        ret->life_cycle != LCS_INITIALISATION)
        return SW_CONDITIONS;
    return SW_OK;
}

/* The file that P1P2 names, usable for objects; it becomes the current one. */
static uint16_t object_file(struct call *call, uint8_t bit, struct image_file *ret)
{
    uint16_t fid = p1p2(call) != FID_CURRENT ? p1p2(call) : gids_of(call)->current;
    uint16_t sw = gids_find_for_objects(call, fid, ret);

    if (sw != SW_OK)
        return sw;
    if (!gids_allowed(call, ret, bit))
        return SW_SECURITY_STATUS;
    gids_of(call)->current = fid;
    return SW_OK;
}

/* One tag, as its own bytes in the value of 5C. */
static bool parse_tag(struct rd list, uint32_t *ret)
{
    uint32_t tag = rd_u8(&list);

    if ((tag & 0x1F) == 0x1F)
        do
            tag = tag << 8 | rd_u8(&list);
        while ((tag & 0x80) != 0 && tag <= 0xFFFF && !list.bad);
    *ret = tag;
    return rd_done(&list);
}

uint16_t gids_get_data(struct call *call)
{
    struct rd data = rd_init(call->cmd.data, call->cmd.data_len);
    struct image_file file;
    struct tlv request;
    uint32_t tag = 0;
    bool all;
    uint16_t sw;

    if (!tlv_next(&data, &request) || !rd_done(&data))
        return SW_WRONG_DATA;
    if (p1p2(call) == FID_APPLICATION &&
        (request.tag == DO_KEY_TEMPLATE || request.tag == DO_KEY_TEMPLATE_SPEC))
        return gids_get_public_key(call, request.value);
    all = request.tag == DO_TAG_LIST && rd_left(&request.value) == 0;
    if (request.tag != DO_TAG_LIST || (!all && !parse_tag(request.value, &tag)))
        return SW_WRONG_DATA;
    if (p1p2(call) == FID_ATR)
        return get_ef_atr(call);
    if (p1p2(call) == FID_APPLICATION)
        return get_from_application(call, tag);
    sw = object_file(call, AM_GET, &file);
    if (sw != SW_OK)
        return sw;
    return all ? put_all(call, file.fid) : put_one(call, file.fid, tag);
}

/* ---- PUT DATA -------------------------------------------------------------------------------- */

static uint16_t put_object(struct call *call, uint16_t fid, const struct tlv *obj)
{
    size_t len = rd_left(&obj->value);
    struct image_size old;
    unsigned count;
    uint16_t sw;

    if (!image_object_size(call->image, fid, obj->tag, &old) ||
        !image_count_objects(call->image, fid, &count))
        return SW_MUTE;
    if (len == 0 && old.found) /* GIDS 2.0: an empty value deletes an object that exists */
        return image_remove_object(call->image, fid, obj->tag) ? SW_OK : SW_MUTE;
    if (len > VALUE_MAX || (!old.found && count >= OBJECTS_MAX))
        return SW_NO_SPACE;
    sw = gids_room_for_object(call, len, old.reserved);
    if (sw != SW_OK)
        return sw;
    return image_put_object(call->image, fid, obj->tag, obj->value.at, len) ? SW_OK : SW_MUTE;
}

static uint16_t put_to_application(struct call *call, const struct tlv *obj)
{
    switch (obj->tag) {
    case DO_KEY_TEMPLATE:
        return gids_put_key(call, obj->value);
    case DO_RESERVATION:
        return gids_reserve(call, obj->value);
    case DO_GLOBAL_PIN:
        return gids_set_tries(call, obj->value);
    default:
        return SW_WRONG_DATA;
    }
}

uint16_t gids_put_data(struct call *call)
{
    struct rd data = rd_init(call->cmd.data, call->cmd.data_len);
    struct image_file file;
    struct tlv obj;
    uint16_t sw;

    if (p1p2(call) == FID_APPLICATION) {
        if (!tlv_next(&data, &obj) || !rd_done(&data))
            return SW_WRONG_DATA;
        return put_to_application(call, &obj);
    }
    sw = object_file(call, AM_PUT, &file);
    if (sw != SW_OK)
        return sw;
    if (rd_left(&data) == 0)
        return SW_WRONG_DATA;
    while (tlv_next(&data, &obj)) { /* several objects of one chain are stored together or not */
        sw = put_object(call, file.fid, &obj);
        if (sw != SW_OK)
            return sw;
    }
    return data.bad ? SW_WRONG_DATA : SW_OK;
}
