/* SPDX-License-Identifier: MIT */
#include "softcard/gids.h"
#include "softcard/piv.h"

const struct application *const applications[] = { &piv_application, &gids_application,
                                                   &pnp_application };
const size_t application_count = sizeof(applications) / sizeof(applications[0]);
