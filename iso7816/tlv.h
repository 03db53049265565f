/* SPDX-License-Identifier: MIT */
/*
 * BER-TLV data objects as ISO/IEC 7816-4 (5.2.2) has them: tags of one to three bytes, definite
 * lengths of one to four bytes (83 FF FF FF is the longest accepted). A tag is written the way
 * the standard prints it: 0x81, 0x7F49, 0xDF20.
 *
 * Nothing here allocates, recurses, or looks past the window it was given.
 */
#ifndef CARDMINT_ISO7816_TLV_H
#define CARDMINT_ISO7816_TLV_H

#include "base/bytes.h"

/* One data object inside someone else's bytes. */
struct tlv {
    uint32_t tag;
    struct rd value;
};

/* Reads the next object of `r`. False at the end of `r`, and when what is there is no object that
 * fits (then r->bad is set): loop with `while (tlv_next(&r, &obj))`, then ask `r.bad`. */
bool tlv_next(struct rd *r, struct tlv *ret);

/* Reads the next object, which must have the tag `tag`, and returns its value; anything else
 * marks both `r` and the returned window bad. For answers whose form is known:
 *     struct rd top = rd_init(buf, len), tpl = tlv_enter(&top, 0x7F49), mod = tlv_enter(&tpl, 0x81); */
struct rd tlv_enter(struct rd *r, uint32_t tag);

/* The value of the first object with `tag` directly inside `r` (which is not moved). The window
 * returned is bad when there is none, or when `r` is malformed before it. */
struct rd tlv_find(const struct rd *r, uint32_t tag);

/* True for a constructed object (bit 6 of the first tag byte): its value is objects again. */
bool tlv_is_constructed(uint32_t tag);

/* Bytes that the tag and length fields of an object take, and the object as a whole. */
size_t tlv_header_size(uint32_t tag, size_t value_len);
size_t tlv_size(uint32_t tag, size_t value_len);

/* Writes the tag and length fields only; `value_len` bytes are to follow. */
void tlv_header(struct wr *w, uint32_t tag, size_t value_len);

/* Writes a whole object. `value` may be NULL when value_len is 0. */
void tlv_put(struct wr *w, uint32_t tag, const void *value, size_t value_len);

/* Writes an object of one byte. */
void tlv_put_u8(struct wr *w, uint32_t tag, uint8_t value);

/* An object whose value is written between the two calls. tlv_open returns a mark for tlv_close,
 * which moves the value up to make room for the length. Marks nest. */
size_t tlv_open(struct wr *w, uint32_t tag);
void tlv_close(struct wr *w, uint32_t tag, size_t mark);

#endif
