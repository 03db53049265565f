/* SPDX-License-Identifier: MIT */
#include "softreader/attrib.h"

#include "base/bytes.h"
#include "softreader/reader.h"

#include <reader.h>

#include <stdlib.h>
#include <string.h>

_Static_assert(READER_NAME_MAX <= ATTRIB_MAX, "a reader's name is an attribute");

typedef void attrib_fn(const struct handle *handle, struct wr *w);

/* Numbers are 32 bits in the machine's order, as the readers of pcscd give them. */
static void put_number(struct wr *w, uint32_t value)
{
    wr_bytes(w, &value, sizeof(value));
}

static void put_string(struct wr *w, const char *text)
{
    wr_bytes(w, text, strlen(text) + 1);
}

static void get_atr(const struct handle *handle, struct wr *w)
{
    uint8_t atr[SOFTCARD_ATR_MAX];
    size_t len;

    slot_atr(handle->slot, atr, &len);
    wr_bytes(w, atr, len);
}

static void get_vendor(const struct handle *handle, struct wr *w)
{
    (void)handle;
    put_string(w, "cardmint");
}

static void get_type(const struct handle *handle, struct wr *w)
{
    (void)handle;
    put_string(w, "software reader");
}

static void get_serial(const struct handle *handle, struct wr *w)
{
    put_string(w, slot_name(handle->slot));
}

static void get_reader_name(const struct handle *handle, struct wr *w)
{
    char name[READER_NAME_MAX];

    reader_name(slot_name(handle->slot), name);
    put_string(w, name);
}

/* 0xMMmmbbbb from "MAJOR.MINOR.PATCH". */
static void get_version(const struct handle *handle, struct wr *w)
{
    char *at;
    unsigned long major = strtoul(CARDMINT_VERSION, &at, 10), minor = 0, patch = 0;

    (void)handle;
    if (*at == '.')
        minor = strtoul(at + 1, &at, 10);
    if (*at == '.')
        patch = strtoul(at + 1, &at, 10);
    put_number(w, (uint32_t)((major & 0xFF) << 24 | (minor & 0xFF) << 16 | (patch & 0xFFFF)));
}

static void get_channel(const struct handle *handle, struct wr *w)
{
    (void)handle;
    put_number(w, 0x00F00000u); /* PC/SC part 3: F0 to FF, a channel of the vendor's own */
}

static void get_protocols(const struct handle *handle, struct wr *w)
{
    uint8_t atr[SOFTCARD_ATR_MAX];
    size_t len;

    slot_atr(handle->slot, atr, &len);
    put_number(w, (uint32_t)atr_protocols(atr, len));
}

static void get_protocol(const struct handle *handle, struct wr *w)
{
    put_number(w, (uint32_t)handle->protocol);
}

static void get_presence(const struct handle *handle, struct wr *w)
{
    (void)handle;
    wr_u8(w, 2); /* PC/SC part 3: present, not swallowed */
}

static void get_contact(const struct handle *handle, struct wr *w)
{
    wr_u8(w, slot_powered(handle->slot) ? 1 : 0);
}

static void get_card_type(const struct handle *handle, struct wr *w)
{
    (void)handle;
    wr_u8(w, 1); /* ISO/IEC 7816, asynchronous */
}

static void get_max_input(const struct handle *handle, struct wr *w)
{
    (void)handle;
    put_number(w, MAX_BUFFER_SIZE_EXTENDED);
}

static void get_zero(const struct handle *handle, struct wr *w)
{
    (void)handle;
    put_number(w, 0);
}

static void get_one(const struct handle *handle, struct wr *w)
{
    (void)handle;
    put_number(w, 1);
}

static const struct attrib_row {
    DWORD id;
    attrib_fn *get;
} rows[] = {
    { SCARD_ATTR_VENDOR_NAME,            get_vendor      },
    { SCARD_ATTR_VENDOR_IFD_TYPE,        get_type        },
    { SCARD_ATTR_VENDOR_IFD_VERSION,     get_version     },
    { SCARD_ATTR_VENDOR_IFD_SERIAL_NO,   get_serial      },
    { SCARD_ATTR_CHANNEL_ID,             get_channel     },
    { SCARD_ATTR_ASYNC_PROTOCOL_TYPES,   get_protocols   },
    { SCARD_ATTR_SYNC_PROTOCOL_TYPES,    get_zero        },
    { SCARD_ATTR_POWER_MGMT_SUPPORT,     get_one         },
    { SCARD_ATTR_CHARACTERISTICS,        get_zero        },
    { SCARD_ATTR_CURRENT_PROTOCOL_TYPE,  get_protocol    },
    { SCARD_ATTR_ICC_PRESENCE,           get_presence    },
    { SCARD_ATTR_ICC_INTERFACE_STATUS,   get_contact     },
    { SCARD_ATTR_ICC_TYPE_PER_ATR,       get_card_type   },
    { SCARD_ATTR_ATR_STRING,             get_atr         },
    { SCARD_ATTR_MAXINPUT,               get_max_input   },
    { SCARD_ATTR_DEVICE_UNIT,            get_zero        },
    { SCARD_ATTR_DEVICE_FRIENDLY_NAME_A, get_reader_name },
    { SCARD_ATTR_DEVICE_SYSTEM_NAME_A,   get_reader_name },
};

LONG attrib_get(const struct handle *handle, DWORD id, uint8_t *out, size_t *ret_len)
{
    struct wr w = wr_init(out, ATTRIB_MAX);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].id != id)
            continue;
        rows[i].get(handle, &w);
        if (w.bad)
            return SCARD_F_INTERNAL_ERROR;
        *ret_len = wr_len(&w);
        return SCARD_S_SUCCESS;
    }
    return SCARD_E_UNSUPPORTED_FEATURE;
}
