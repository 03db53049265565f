/* SPDX-License-Identifier: MIT */
/*
 * What the chip keeps without power: one SQLite file (docs/card-image.md).
 *
 * Commands run between image_begin and image_commit or image_rollback. Every function returns
 * false when the file could not be read or written; the caller then gives up on the command.
 * Several processes may have the image open: many may read at a time, or all but one wait to write.
 * "Found" is told apart by an output. Buffers are freed with image_free, which wipes them.
 */
#ifndef CARDMINT_SOFTCARD_IMAGE_H
#define CARDMINT_SOFTCARD_IMAGE_H

#include "softcard/softcard.h"

struct image;

/* Numbers of the card as a whole; the values are the rows' keys in the image. */
enum image_number {
    IMAGE_LIFE_CYCLE = 1,     /* of GIDS, as DO 8A */
    IMAGE_UNBLOCK = 2,        /* enum softcard_unblock */
    IMAGE_CAPACITY = 3,       /* bytes */
    IMAGE_NO_EXTENDED = 4,
    IMAGE_RESELECT_LOGS_OUT = 5,
    IMAGE_PIN_TRIES = 6,      /* limit for PIN and PUK set on this card */
    IMAGE_APPLICATIONS = 7,   /* enum softcard_applications, of which it may have both */
    IMAGE_SERIAL = 8,         /* 31 random bits, for good */
    IMAGE_PIV_STANDARD = 9,   /* PIV without Yubico's additions */
    IMAGE_SEALED = 10,        /* nobody writes files and keys of GIDS any more */
};

/* A file as CREATE FILE made it. */
#define IMAGE_RULE_MAX 24u
#define IMAGE_CRTS_MAX 160u
struct image_file {
    uint16_t fid;
    uint8_t kind;             /* FCP 82: 39 data objects, 18 key */
    uint8_t life_cycle;
    uint8_t rule[IMAGE_RULE_MAX]; /* FCP 8C */
    size_t rule_len;
    uint8_t crts[IMAGE_CRTS_MAX]; /* FCP A5, key files only */
    size_t crts_len;
};

/* PIN or PUK. */
#define IMAGE_SECRET_MAX 127u
struct image_secret {
    uint8_t value[IMAGE_SECRET_MAX];
    size_t len;
    unsigned tries, limit;
};

struct image_blob {
    uint8_t *data;
    size_t len;
};

/* `factory` writes what the applications have from the start. */
enum softcard_result image_create(const char *path, const struct softcard_options *options,
                                  bool (*factory)(struct image *image));
enum softcard_result image_open(const char *path, struct image **ret);
void image_close(struct image *image);
void image_free(struct image_blob *blob);

/* A transaction that will write takes its place in the queue at once: had it only read so far, and
 * another process too, neither could go on to write what it decided on (SQLite calls that
 * BUSY, and waiting would not help). One that only reads makes nobody wait but who is about to
 * store, and cannot write. */
enum image_access { IMAGE_READS, IMAGE_WRITES };
bool image_begin(struct image *image, enum image_access access);
bool image_commit(struct image *image);
void image_rollback(struct image *image);

bool image_number(struct image *image, enum image_number which, unsigned *ret);
bool image_set_number(struct image *image, enum image_number which, unsigned value);
bool image_atr(struct image *image, uint8_t *atr, size_t *ret_len);

bool image_file(struct image *image, uint16_t fid, bool *ret_found, struct image_file *ret);
/* The file with the lowest identifier above `after`. */
bool image_next_file(struct image *image, uint16_t after, bool *ret_found, struct image_file *ret);
bool image_add_file(struct image *image, const struct image_file *file);
bool image_set_life_cycle(struct image *image, uint16_t fid, uint8_t life_cycle);
bool image_set_rule(struct image *image, const struct image_file *file);
bool image_remove_file(struct image *image, uint16_t fid); /* with all it holds */
bool image_count_files(struct image *image, unsigned *ret);

/* Places of objects and keys: of GIDS its files' identifiers, of PIV those above 16 bits. */
#define IMAGE_PIV 0x10000u    /* its objects; key kk is at IMAGE_PIV + kk */

/* Data objects; the value without tag and length. */
bool image_object(struct image *image, uint32_t fid, uint32_t tag, bool *ret_found,
                  struct image_blob *ret);
bool image_put_object(struct image *image, uint32_t fid, uint32_t tag, const uint8_t *value,
                      size_t len);
bool image_remove_object(struct image *image, uint32_t fid, uint32_t tag); /* its room too */
bool image_count_objects(struct image *image, uint32_t fid, unsigned *ret);
bool image_next_object(struct image *image, uint32_t fid, uint32_t after, bool *ret_found,
                       uint32_t *ret_tag);

/* What an object counts for: the greater of the two. Both are 0 when it is not there. */
struct image_size {
    bool found;
    size_t len, reserved;
};
bool image_object_size(struct image *image, uint32_t fid, uint32_t tag, struct image_size *ret);

/* Keeps room for an object's value, `bytes`; 0: none. */
bool image_reserve(struct image *image, uint32_t fid, uint32_t tag, size_t bytes);

/* Key material of key file `fid`: `alg` is the algorithm nibble (6..9 RSA, A..E EC) or the
 * symmetric algorithm (1..5); `data` DER or plain bytes. */
bool image_key(struct image *image, uint32_t fid, bool *ret_found, uint8_t *ret_alg,
               struct image_blob *ret);
bool image_put_key(struct image *image, uint32_t fid, uint8_t alg, const uint8_t *data, size_t len);
bool image_remove_key(struct image *image, uint32_t fid); /* with its policy */

/* How a PIV key came to the card and what its use asks for, as Yubico's metadata has it. */
struct image_policy {
    uint8_t pin, touch, origin;
};
bool image_policy(struct image *image, uint32_t fid, bool *ret_found, struct image_policy *ret);
bool image_put_policy(struct image *image, uint32_t fid, const struct image_policy *policy);

/* A key with its policy goes to another place, where none is. */
bool image_move_key(struct image *image, uint32_t from, uint32_t to);

/* All objects, keys, policies and secrets of PIV go. */
bool image_clear_piv(struct image *image);

/* Of GIDS ref is its key reference, of PIV that and IMAGE_PIV_SECRETS. */
#define IMAGE_PIV_SECRETS 0x100u
bool image_secret(struct image *image, uint16_t ref, bool *ret_found, struct image_secret *ret);
bool image_put_secret(struct image *image, uint16_t ref, const struct image_secret *secret);
bool image_set_tries(struct image *image, uint16_t ref, unsigned tries);

/* Bytes of all objects and keys together; an object counts for what is reserved, if that is
 * more. */
bool image_used(struct image *image, size_t *ret);

#endif
