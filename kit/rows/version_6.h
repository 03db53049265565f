/* SPDX-License-Identifier: MIT */
/* The tables of version 6 that are not in version_6.c: what the functions do. */
#ifndef CARDMINT_KIT_ROWS_VERSION_6_H
#define CARDMINT_KIT_ROWS_VERSION_6_H

#include "kit/kit.h"

#define SINCE_6 (KIT_V(6) | KIT_V(7))

/* version_6_pins.c */
extern const struct requirement pin_ex_rows[3], pin_ex_pace[2], challenge_ex_rows[1],
    log_out_ex_rows[1], change_ex_rows[2];
test_fn pin_ex_blocks;
/* version_6_properties.c */
extern const struct requirement container_property_well[2], property_well[8], set_property_rows[2],
    set_container_rows[1];

#endif
