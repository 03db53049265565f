/* SPDX-License-Identifier: MIT */
#include "iso7816/sw.h"

#include "cardmint/wintypes.h"

#include <stddef.h>

static const struct sw_row {
    uint16_t sw, mask;
    uint32_t error;
    const char *says;
} sw_rows[] = {
    { SW_OK,                   0xFFFF, SCARD_S_SUCCESS,             "done"                              },
    { SW_TERMINATED,           0xFFFF, SCARD_E_UNEXPECTED,          "the application is terminated"     },
    { SW_WRONG_PIN,            0xFFF0, SCARD_W_WRONG_CHV,           "wrong PIN"                         },
    { SW_WRONG_LENGTH,         0xFFFF, SCARD_E_INVALID_PARAMETER,   "wrong length"                      },
    { SW_SM_UNSUPPORTED,       0xFFFF, SCARD_E_UNEXPECTED,          "secure messaging is not supported" },
    { SW_CHAIN_LAST_EXPECTED,  0xFFFF, SCARD_E_UNEXPECTED,          "last command of a chain expected"  },
    { SW_CHAINING_UNSUPPORTED, 0xFFFF, SCARD_E_UNEXPECTED,          "command chaining is not supported" },
    { SW_NOT_ALLOWED,          0xFFFF, SCARD_E_UNEXPECTED,          "command not allowed"               },
    { SW_WRONG_FILE_TYPE,      0xFFFF, SCARD_E_UNEXPECTED,          "not that kind of file"             },
    { SW_SECURITY_STATUS,      0xFFFF, SCARD_W_SECURITY_VIOLATION,  "role not authenticated"            },
    { SW_BLOCKED,              0xFFFF, SCARD_W_CHV_BLOCKED,         "blocked"                           },
    { SW_REFERENCE_DATA,       0xFFFF, SCARD_E_INVALID_PARAMETER,   "reference data not usable"         },
    { SW_CONDITIONS,           0xFFFF, SCARD_E_UNEXPECTED,          "conditions of use not satisfied"   },
    { SW_NO_CURRENT_EF,        0xFFFF, SCARD_E_UNEXPECTED,          "no file or application selected"   },
    { SW_WRONG_DATA,           0xFFFF, SCARD_E_INVALID_PARAMETER,   "wrong data"                        },
    { SW_FUNCTION_UNSUPPORTED, 0xFFFF, SCARD_E_UNSUPPORTED_FEATURE, "function not supported"            },
    { SW_NOT_FOUND,            0xFFFF, SCARD_E_FILE_NOT_FOUND,      "file or application not found"     },
    { SW_NO_SPACE,             0xFFFF, SCARD_E_WRITE_TOO_MANY,      "no room on the card"               },
    { SW_WRONG_P1P2,           0xFFFF, SCARD_E_INVALID_PARAMETER,   "wrong parameters P1 P2"            },
    { SW_REFERENCE_NOT_FOUND,  0xFFFF, SCARD_E_FILE_NOT_FOUND,      "data object or key not found"      },
    { SW_FILE_EXISTS,          0xFFFF, ERROR_FILE_EXISTS,           "file exists already"               },
    { SW_INS,                  0xFFFF, SCARD_E_UNSUPPORTED_FEATURE, "instruction not supported"         },
    { SW_CLA,                  0xFFFF, SCARD_E_UNSUPPORTED_FEATURE, "class not supported"               },
    { 0x0000,                  0x0000, SCARD_E_UNEXPECTED,          "unexpected status word"            },
};

static const struct sw_row *find(sw_t sw)
{
    const struct sw_row *row = sw_rows;

    while ((sw.v & row->mask) != row->sw) /* the last row matches all */
        row++;
    return row;
}

bool sw_is_wrong_pin(sw_t sw, uint32_t *ret_left)
{
    if ((sw.v & 0xFFF0) != SW_WRONG_PIN)
        return false;
    *ret_left = sw.v & 0x0Fu;
    return true;
}

uint32_t sw_error(sw_t sw)
{
    return find(sw)->error;
}

const char *sw_says(sw_t sw)
{
    return find(sw)->says;
}
