/* SPDX-License-Identifier: MIT */
/* GET DATA (SP 800-73-4 part 2, 3.1.2) and PUT DATA (part 2, 3.3.1). */
#include "softcard/piv.h"

#define P1P2_DATA    0x3FFFu /* the current application's objects */
#define TAG_LIST     0x5Cu
#define TAG_CONTENT  0x53u
#define VENDOR       0x5FFF00u

/* The objects there are, by range of tags; reading is free or for who knows the PIN (part 1, table
 * 2). Objects of Yubico's (and ours) stand beside NIST's. */
static const struct range {
    uint32_t first, last;
    bool pin;
} ranges[] = {
    { 0x5FC101, 0x5FC102, false }, /* certificate 9E, CHUID */
    { 0x5FC103, 0x5FC103, true  }, /* fingerprints */
    { 0x5FC105, 0x5FC107, false }, /* certificate 9A, security object, capabilities */
    { 0x5FC108, 0x5FC109, true  }, /* facial image, printed information */
    { 0x5FC10A, 0x5FC10C, false }, /* certificates 9C and 9D, key history */
    { 0x5FC10D, 0x5FC120, false }, /* certificates of retired keys 82..95 */
    { 0x5FC121, 0x5FC121, true  }, /* iris images */
    { 0x5FC122, 0x5FC122, false }, /* signer of secure messaging */
    { 0x5FC123, 0x5FC123, true  }, /* pairing code */
    { VENDOR, 0x5FFFFF, false },
    { PIV_DISCOVERY, PIV_DISCOVERY, false },
    { PIV_BIT_GROUP, PIV_BIT_GROUP, false },
};

/* NULL: there is no such object, or not on this card. */
static const struct range *range_of(struct call *call, uint32_t tag)
{
    unsigned standard;

    if (tag >= VENDOR && (!image_number(call->image, IMAGE_PIV_STANDARD, &standard) || standard != 0))
        return NULL;
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (tag >= ranges[i].first && tag <= ranges[i].last)
            return &ranges[i];
    return NULL;
}

/* Two objects stand for themselves, the others in 53. */
static uint32_t wrapper(uint32_t tag)
{
    return tag == PIV_DISCOVERY || tag == PIV_BIT_GROUP ? tag : TAG_CONTENT;
}

/* 5C {tag}: the tag of one object, one to three bytes. */
static bool tag_of(struct rd list, uint32_t *ret)
{
    size_t n = rd_left(&list);

    *ret = 0;
    for (size_t i = 0; i < n; i++)
        *ret = *ret << 8 | rd_u8(&list);
    return n >= 1 && n <= 3;
}

uint16_t piv_get_data(struct call *call)
{
    struct rd data = rd_init(call->cmd.data, call->cmd.data_len), list = tlv_enter(&data, TAG_LIST);
    struct image_blob value = { 0 };
    const struct range *range;
    uint32_t tag;
    bool found;

    if (piv_p1p2(call) != P1P2_DATA)
        return SW_WRONG_P1P2;
    if (!rd_done(&data) || !tag_of(list, &tag))
        return SW_WRONG_DATA;
    range = range_of(call, tag);
    if (range == NULL)
        return SW_NOT_FOUND;
    if (range->pin && !piv_of(call)->pin_ok && !call->ram->global_pin_ok)
        return SW_SECURITY_STATUS;
    if (!image_object(call->image, IMAGE_PIV, tag, &found, &value))
        return SW_MUTE;
    if (found)
        tlv_put(&call->out, wrapper(tag), value.data, value.len);
    image_free(&value);
    return found ? SW_OK : SW_NOT_FOUND;
}

/* The object as a whole; without content it is deleted, and never stored empty. */
static uint16_t store(struct call *call, uint32_t tag, struct rd content)
{
    size_t len = rd_left(&content);
    uint16_t sw;

    if (range_of(call, tag) == NULL)
        return SW_FUNCTION_UNSUPPORTED;
    if (len == 0)
        return image_remove_object(call->image, IMAGE_PIV, tag) ? SW_OK : SW_MUTE;
    sw = len <= PIV_OBJECT_MAX ? room_for(call, len) : SW_NO_SPACE;
    if (sw != SW_OK)
        return sw;
    return image_put_object(call->image, IMAGE_PIV, tag, content.at, len) ? SW_OK : SW_MUTE;
}

/* 5C {tag} 53 {content}, or 7E {..} or 7F61 {..} alone. */
uint16_t piv_put_data(struct call *call)
{
    struct rd data = rd_init(call->cmd.data, call->cmd.data_len), content;
    struct tlv obj;
    uint32_t tag;

    if (piv_p1p2(call) != P1P2_DATA)
        return SW_WRONG_P1P2;
    if (!piv_of(call)->admin_ok)
        return SW_SECURITY_STATUS;
    if (!tlv_next(&data, &obj))
        return SW_WRONG_DATA;
    if (obj.tag == PIV_DISCOVERY || obj.tag == PIV_BIT_GROUP)
        return rd_done(&data) ? store(call, obj.tag, obj.value) : SW_WRONG_DATA;
    content = tlv_enter(&data, TAG_CONTENT);
    if (obj.tag != TAG_LIST || !rd_done(&data) || !tag_of(obj.value, &tag) ||
        wrapper(tag) != TAG_CONTENT)
        return SW_WRONG_DATA;
    return store(call, tag, content);
}

/* PIN usage policy, first byte: 20 says the global PIN serves too (part 1, 3.3.2). */
uint16_t piv_offers_global(struct call *call, bool *ret)
{
    struct image_blob value = { 0 };
    struct rd object, policy;
    bool found;

    *ret = false;
    if (!image_object(call->image, IMAGE_PIV, PIV_DISCOVERY, &found, &value))
        return SW_MUTE;
    object = rd_init(value.data, value.len);
    policy = tlv_find(&object, 0x5F2F);
    *ret = found && rd_left(&policy) == 2 && (policy.at[0] & 0x20) != 0;
    image_free(&value);
    return SW_OK;
}
