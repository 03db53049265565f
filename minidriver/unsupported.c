/* SPDX-License-Identifier: MIT */
#include "minidriver/unsupported.h"

/* The parameters are there for the calling convention: on 32-bit Windows the callee pops them. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

/* NOLINTBEGIN(misc-unused-parameters) */
#define DEFINE(name, parameters)                                                      \
    DWORD WINAPI name parameters                                                      \
    {                                                                                 \
        return pCardData == NULL ? SCARD_E_INVALID_PARAMETER : SCARD_E_UNSUPPORTED_FEATURE; \
    }
MD_UNSUPPORTED(DEFINE)
/* NOLINTEND(misc-unused-parameters) */
