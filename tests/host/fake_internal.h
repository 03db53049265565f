/* SPDX-License-Identifier: MIT */
/* What the files of the fake module share. */
#ifndef CARDMINT_TESTS_HOST_FAKE_INTERNAL_H
#define CARDMINT_TESTS_HOST_FAKE_INTERNAL_H

#include "cardmint/cardmod.h"
#include "tests/host/fake.h"

#include <openssl/evp.h>

#define EXPORT __attribute__((visibility("default")))

extern struct fake_card fake_state;

/* Counts a call, which is the end of a challenge unless it answers one. True: the test wants it to
 * fail before it does anything; fake_fault is the code. */
bool fake_faulty(enum fake_call call);
DWORD fake_fault(void);

#define FAULT(call)                                                                                \
    if (fake_faulty(call))                                                                         \
    return fake_fault()

/* The work is done; does the test want it denied? */
DWORD fake_finish(enum fake_call call);

/* Hands out a copy, or what the trick of the test makes of it. */
DWORD fake_hand_out(PCARD_DATA data, enum fake_call call, const void *bytes, size_t len,
                    PBYTE *ret, PDWORD ret_len);

/* ---- fake_auth.c --------------------------------------------------------------------------- */

void fake_auth_clear(void);            /* PIN and admin key as made */
void fake_auth_fill(PCARD_DATA data);  /* its slots */
DWORD fake_pin_info(DWORD role, PBYTE ret, DWORD cap, PDWORD len); /* CP_CARD_PIN_INFO */

/* ---- fake_keys.c --------------------------------------------------------------------------- */

#define FAKE_RSA_BITS   1024u
#define FAKE_RSA_BYTES  (FAKE_RSA_BITS / 8)
#define FAKE_POINT_MOST (1 + 2 * 66)

struct fake_curve {
    unsigned bits;
    size_t bytes;
    const char *group;
    DWORD sign, exchange; /* AT_* */
    DWORD ecdsa, ecdh;    /* magic, public */
};

bool fake_is_exchange(DWORD spec);
const struct fake_curve *fake_curve_of_spec(DWORD spec);    /* NULL: RSA */
const struct fake_curve *fake_curve_of_key(EVP_PKEY *key);  /* NULL: RSA */
EVP_PKEY *fake_key(BYTE index, DWORD spec);                 /* NULL: none */

void fake_keys_clear(void);
void fake_keys_fill(PCARD_DATA data);  /* its slots, and those of the two below */
DWORD fake_free_containers(void);

/* ---- fake_use.c, fake_agree.c -------------------------------------------------------------- */

#define FAKE_AGREEMENT_BASE 40 /* the first index it gives */

void fake_use_fill(PCARD_DATA data);
void fake_agree_fill(PCARD_DATA data);

#endif
