/* SPDX-License-Identifier: MIT */
/* Calls with arguments of no particular interest, to be counted. */
#ifndef CARDMINT_TESTS_CARD_CALLS_H
#define CARDMINT_TESTS_CARD_CALLS_H

#include "support.h"

typedef DWORD call_fn(struct desk *d);

extern BYTE kilobyte[1000]; /* what call_write_long writes */

call_fn call_capabilities, call_free_space, call_key_sizes, call_guid, call_authenticated,
    call_read_small, call_read_long, call_file_info, call_enum_files, call_write_small,
    call_write_long, call_create, call_delete, call_create_directory, call_delete_directory,
    call_create_reserved, call_generate, call_generate_ec, call_generate_second,
    call_generate_other, call_generate_one, call_delete_container, call_delete_two_keys,
    call_construct, call_derive, call_destroy, call_container_info, call_sign_pkcs1,
    call_sign_raw, call_sign_ec, call_decrypt, call_show_pin, call_challenge, call_respond,
    call_change_pin, call_change_key, call_unblock, call_log_out;
DWORD call_generate_in(struct desk *d, BYTE index, DWORD spec, DWORD bits);

/* Floors with extended and with short APDUs, then ours: extended, tables in the caller's cache;
 * short, likewise; extended, no cache. */
struct call_row {
    const char *name;
    call_fn *call;
    unsigned floor, floor_short, cached, cached_short, bare;
    const char *why;
};

#define CALL_ROWS_MAX 60u

/* Calls them in order, on a new card for each of the three ways, and prints what they cost; fails
 * where that is not what the rows say. `options` may be NULL. */
void calls_count(const struct call_row *rows, size_t count, const struct softcard_options *options,
                 void (*prepare)(struct desk *d));

/* A floor is a floor, and what is above it says why. */
void calls_floors(const struct call_row *rows, size_t count);

#endif
