/* SPDX-License-Identifier: MIT */
/*
 * Windows on bytes: a reader and a writer that never pass the end.
 *
 * Both remember that something went wrong (`bad`) and then do nothing more, so that a parser or
 * an encoder reads straight down and asks once, at the end. A `struct rd` looks at memory that
 * belongs to someone else and must not outlive it; nothing here allocates.
 */
#ifndef CARDMINT_BASE_BYTES_H
#define CARDMINT_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes still to be read: [at, end). After a failure `bad` is set and at == end. */
struct rd {
    const uint8_t *at;
    const uint8_t *end;
    bool bad;
};

/* `len` bytes at `buf` (which may be NULL when len is 0). */
struct rd rd_init(const void *buf, size_t len);

/* Bytes left; 0 when bad. */
size_t rd_left(const struct rd *r);

/* True when nothing went wrong and nothing is left over. */
bool rd_done(const struct rd *r);

/* Marks the reader bad; always returns false, so that `return rd_fail(&r);` reads well. */
bool rd_fail(struct rd *r);

/* The next number; 0 when bad. le: little-endian, be: big-endian. */
uint8_t rd_u8(struct rd *r);
uint16_t rd_u16be(struct rd *r);
uint16_t rd_u16le(struct rd *r);
uint32_t rd_u32le(struct rd *r);
uint32_t rd_u32be(struct rd *r);

/* The next `len` bytes: a pointer into the window, or NULL when there are fewer (then bad). */
const uint8_t *rd_bytes(struct rd *r, size_t len);

/* The same as a window of its own. */
struct rd rd_sub(struct rd *r, size_t len);

/* Copies the next `len` bytes to `out`; out is untouched and the reader bad if there are fewer. */
void rd_copy(struct rd *r, void *out, size_t len);

/* A place to write: [start, end), `at` is the next byte. After a failure nothing is written. */
struct wr {
    uint8_t *start;
    uint8_t *at;
    uint8_t *end;
    bool bad;
};

/* Room for `cap` bytes at `buf`. */
struct wr wr_init(void *buf, size_t cap);

/* Bytes written so far (what was there before a failure). */
size_t wr_len(const struct wr *w);

/* Bytes of room left; 0 when bad. */
size_t wr_room(const struct wr *w);

void wr_u8(struct wr *w, uint8_t v);
void wr_u16be(struct wr *w, uint16_t v);
void wr_u16le(struct wr *w, uint16_t v);
void wr_u32le(struct wr *w, uint32_t v);
void wr_u32be(struct wr *w, uint32_t v);

/* `buf` may be NULL when len is 0. */
void wr_bytes(struct wr *w, const void *buf, size_t len);

/* `len` bytes of value `v`. */
void wr_fill(struct wr *w, uint8_t v, size_t len);

/* Turns `len` bytes round in place: RSA numbers are little-endian in CAPI, big-endian on cards. */
void bytes_reverse(uint8_t *buf, size_t len);

#endif
