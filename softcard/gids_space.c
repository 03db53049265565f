/* SPDX-License-Identifier: MIT */
#include "softcard/gids_space.h"

#include "base/secret.h"

#define TRIES_MAX 15u /* what 63Cx can tell */

uint16_t gids_room_for_object(struct call *call, size_t len, size_t reserved)
{
    return len <= reserved ? SW_OK : room_for(call, len);
}

uint16_t gids_get_space(struct call *call)
{
    uint8_t value[8];
    struct wr w = wr_init(value, sizeof(value));
    unsigned files;
    size_t room;
    uint16_t sw = room_left(call, &room);

    if (sw != SW_OK || !image_count_files(call->image, &files))
        return SW_MUTE;
    wr_u32be(&w, (uint32_t)(room < VALUE_MAX ? room : VALUE_MAX));
    wr_u32be(&w, files < FILES_MAX ? FILES_MAX - files : 0);
    tlv_put(&call->out, DO_SPACE, value, sizeof(value));
    return SW_OK;
}

/* An object that is there: whoever may write it. One that is not: whoever may make files in the
 * application, as with CREATE FILE; it says nothing that its reader would believe. */
static uint16_t may_reserve(struct call *call, const struct image_file *file, bool exists)
{
    if (gids_allowed(call, file, AM_PUT) || (!exists && gids_allowed_application(call, AM_CREATE)))
        return SW_OK;
    return SW_SECURITY_STATUS;
}

/* What more is needed than the object counts for already. */
static uint16_t room_to_reserve(struct call *call, uint16_t fid, const struct image_size *old,
                                uint32_t bytes)
{
    size_t counted = old->len > old->reserved ? old->len : old->reserved;
    unsigned objects;

    if (!image_count_objects(call->image, fid, &objects))
        return SW_MUTE;
    if (bytes > VALUE_MAX || (!old->found && objects >= OBJECTS_MAX))
        return SW_NO_SPACE;
    return bytes > counted ? room_for(call, bytes - counted) : SW_OK;
}

uint16_t gids_reserve(struct call *call, struct rd value)
{
    uint16_t fid = rd_u16be(&value);
    uint32_t tag = rd_u16be(&value), bytes = rd_u32be(&value);
    struct image_file file;
    struct image_size old;
    uint16_t sw;

    if (!rd_done(&value) || (tag >> 8 & 0x1F) != 0x1F || (tag & 0xFF) < 0x1F || (tag & 0x80) != 0)
        return SW_WRONG_DATA;
    sw = gids_find_for_objects(call, fid, &file);
    if (sw != SW_OK)
        return sw;
    if (!image_object_size(call->image, fid, tag, &old))
        return SW_MUTE;
    sw = may_reserve(call, &file, old.found);
    if (sw == SW_OK && !old.found && bytes == 0)
        sw = SW_REFERENCE_NOT_FOUND;
    if (sw == SW_OK)
        sw = room_to_reserve(call, fid, &old, bytes);
    if (sw != SW_OK)
        return sw;
    if (!old.found && !image_put_object(call->image, fid, tag, NULL, 0))
        return SW_MUTE;
    return image_reserve(call->image, fid, tag, bytes) ? SW_OK : SW_MUTE;
}

/* What is left of `tries` under a new limit. A verified PIN has all of them, and so has one of a
 * card being made. The admin alone does not give tries back. A blocked PIN stays blocked until
 * RESET RETRY COUNTER sets a new one, even for who verified it, in another reader, before. */
static unsigned tries_under(const struct call *call, unsigned tries, unsigned limit)
{
    if (call->life_cycle < LCS_ACTIVATED || (gids_of(call)->pin_ok && tries != 0))
        return limit;
    return tries < limit ? tries : limit;
}

uint16_t gids_set_tries(struct call *call, struct rd value)
{
    struct rd field = tlv_enter(&value, 0x93);
    struct image_secret secret;
    unsigned limit;
    bool found, ok;

    if (!rd_done(&value) || rd_left(&field) != 1)
        return SW_WRONG_DATA;
    limit = rd_u8(&field);
    if (limit == 0 || limit > TRIES_MAX)
        return SW_WRONG_DATA;
    if (call->life_cycle >= LCS_ACTIVATED && !gids_of(call)->pin_ok && !gids_of(call)->admin_ok)
        return SW_SECURITY_STATUS;
    if (!image_secret(call->image, REF_PIN, &found, &secret))
        return SW_MUTE;
    if (!found)
        return SW_REFERENCE_NOT_FOUND;
    secret.tries = tries_under(call, secret.tries, limit);
    secret.limit = limit;
    ok = image_put_secret(call->image, REF_PIN, &secret);
    wipe(&secret, sizeof(secret));
    return ok ? SW_OK : SW_MUTE;
}
