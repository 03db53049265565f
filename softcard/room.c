/* SPDX-License-Identifier: MIT */
/* Space on the card, of which all its applications have one. */
#include "softcard/chip.h"

uint16_t room_left(struct call *call, size_t *ret)
{
    unsigned capacity;
    size_t used;

    if (!image_number(call->image, IMAGE_CAPACITY, &capacity) || !image_used(call->image, &used))
        return SW_MUTE;
    *ret = used < capacity ? capacity - used : 0;
    return SW_OK;
}

uint16_t room_for(struct call *call, size_t more)
{
    size_t room;
    uint16_t sw = room_left(call, &room);

    return sw != SW_OK ? sw : more <= room ? SW_OK : SW_NO_SPACE;
}
