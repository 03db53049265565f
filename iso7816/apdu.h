/* SPDX-License-Identifier: MIT */
/*
 * Command APDUs, ISO/IEC 7816-3 (12.1): the four cases, in short and in extended form.
 * Used from both ends: a driver encodes, the software card parses.
 */
#ifndef CARDMINT_ISO7816_APDU_H
#define CARDMINT_ISO7816_APDU_H

#include "base/bytes.h"

#define APDU_SHORT_LC    255u   /* most data bytes of a short command */
#define APDU_SHORT_LE    256u   /* most answer bytes of a short command; encoded as 00 */
#define APDU_EXTENDED_LC 65535u
#define APDU_EXTENDED_LE 65536u /* encoded as 00 00 */

#define CLA_CHAINING 0x10u /* 7816-4 (5.4.1): not the last command of a chain */

struct apdu {
    uint8_t cla, ins, p1, p2;
    const uint8_t *data; /* the sender's or the buffer's; may be NULL when data_len is 0 */
    size_t data_len;
    uint32_t le;         /* answer bytes wanted, 1..65536; 0: no Le field */
};

/* Writes the command. Short form when data and le fit it and `extended` is false. Without
 * `extended`, a command that does not fit the short form marks `w` bad. */
void apdu_encode(struct wr *w, const struct apdu *cmd, bool extended);

/* Takes a command apart. ret->data points into the window. False when the bytes are none of the
 * four cases (wrong Lc, bytes left over); *ret is untouched then. *ret_extended (may be NULL)
 * tells the form. */
bool apdu_parse(struct rd in, struct apdu *ret, bool *ret_extended);

#endif
