/* SPDX-License-Identifier: MIT */
/* Bytes that PIV cards and hosts exchange, as text for script.h. */
#ifndef CARDMINT_TESTS_UNIT_VECTORS_PIV_H
#define CARDMINT_TESTS_UNIT_VECTORS_PIV_H

#include "vectors.h"

#define SELECT_PIV "> 00A4040009A0000003080000100000\n"
#define PIV_APT    "< 61114F0600001000010079074F05A000000308 9000\n"
#define ASK_7E     "> 00CB3FFF035C017E00\n"
#define IS_7E      "< 7E124F0BA000000308000010000100 5F2F024000 9000\n"
#define PIV_PROOF  ASK_7E IS_7E
#define GLOBAL     ASK_7E "< 7E124F0BA000000308000010000100 5F2F026020 9000\n"

#define GET(tag)   "> 00CB3FFF055C035F" tag "00\n"
#define NONE       "< 6A82\n"

/* The cache: what the card is, which keys it has, an object that is not there. */
#define FACTS "piv.facts.000000"
#define KEYS  "piv.keys.000000"
#define KNOWN(metadata, alg) "01 01 02 " metadata " 01 050703 " alg /* written by the PIN's key */
#define NO_KEYS  "01 00*72"
#define KEY_9A   "01 070101 00*69"              /* RSA-2048 */
#define KEY_9D   "01 000000 110601 00*66"       /* P-256 */

/* Keys as `containers` lists them. */
#define RSA_9A  { 1, 2048, 0x010007 }
#define EC_9C   { 3, 256, 0x031611 }
#define ECDH_9D { 6, 256, 0x010111 }

/* The admin key behind the PIN, and what the driver does with it. */
#define ADMIN_KEY "0102030405060708 0102030405060708 0102030405060708"
#define PROTECTED GET("C109") "< 531C881A8918" ADMIN_KEY "9000\n"
#define CHALLENGE "> 0087039B047C02810000\n< 7C0A8108A1A2A3A4A5A6A7A8 9000\n"
#define RESPONSE  "> 0087039B0C7C0A8208199FA374705A69EB\n"
#define ADMITTED  PROTECTED CHALLENGE RESPONSE OK

#endif
