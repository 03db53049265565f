/* SPDX-License-Identifier: MIT */
/* Status words, ISO/IEC 7816-4 (5.6), and the one table that turns them into SCARD_ errors. */
#ifndef CARDMINT_ISO7816_SW_H
#define CARDMINT_ISO7816_SW_H

#include <stdbool.h>
#include <stdint.h>

/* A struct, not a number: here 9000 is success, in a DWORD 0 is; the compiler keeps them apart. */
typedef struct {
    uint16_t v;
} sw_t;

enum {
    SW_OK = 0x9000,
    SW_MORE_DATA = 0x6100,              /* low byte: bytes waiting, 0 for 256 or more */
    SW_TERMINATED = 0x6285,             /* selected file or application is terminated */
    SW_WRONG_PIN = 0x63C0,              /* low nibble: tries left */
    SW_WRONG_LENGTH = 0x6700,
    SW_SM_UNSUPPORTED = 0x6882,
    SW_CHAIN_LAST_EXPECTED = 0x6883,
    SW_CHAINING_UNSUPPORTED = 0x6884,
    SW_NOT_ALLOWED = 0x6900,
    SW_WRONG_FILE_TYPE = 0x6981,
    SW_SECURITY_STATUS = 0x6982,
    SW_BLOCKED = 0x6983,
    SW_REFERENCE_DATA = 0x6984,
    SW_CONDITIONS = 0x6985,
    SW_NO_CURRENT_EF = 0x6986,
    SW_WRONG_DATA = 0x6A80,
    SW_FUNCTION_UNSUPPORTED = 0x6A81,
    SW_NOT_FOUND = 0x6A82,
    SW_NO_SPACE = 0x6A84,
    SW_WRONG_P1P2 = 0x6A86,
    SW_REFERENCE_NOT_FOUND = 0x6A88,
    SW_FILE_EXISTS = 0x6A89,
    SW_WRONG_LE = 0x6C00,               /* low byte: the Le to use */
    SW_INS = 0x6D00,
    SW_CLA = 0x6E00,
    SW_UNKNOWN = 0x6F00,
};

static inline bool sw_is(sw_t sw, uint16_t value)
{
    return sw.v == value;
}

/* True for 63Cx, the answer to a wrong PIN; *ret_left gets the tries left. */
bool sw_is_wrong_pin(sw_t sw, uint32_t *ret_left);

/* The SCARD_ or ERROR_ code (wintypes.h) for a status word; SCARD_E_UNEXPECTED for one not in the
 * table. Where an operation gives a status word another meaning, it says so before it asks here. */
uint32_t sw_error(sw_t sw);

/* The same in words, for people; never NULL. */
const char *sw_says(sw_t sw);

#endif
