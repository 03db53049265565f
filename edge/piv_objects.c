/* SPDX-License-Identifier: MIT */
/* Data objects, and what of them the caller's cache keeps. */
#include "edge/piv_internal.h"

#include <string.h>

#define TAG_MAX 24u

/* Tag list 5C of one tag: SP 800-73-4 part 2, 3.1.2 */
static size_t put_tag(uint8_t out[5], uint32_t tag)
{
    struct wr w = wr_init(out, 5);
    size_t len = tag > 0xFF ? 3 : 1;

    wr_u8(&w, 0x5C);
    wr_u8(&w, (uint8_t)len);
    while (len-- > 0)
        wr_u8(&w, (uint8_t)(tag >> (8 * len)));
    return wr_len(&w);
}

/* The discovery object comes as itself, the others inside 53. */
static uint32_t outer_tag(uint32_t tag)
{
    return tag == PIV_DISCOVERY ? PIV_DISCOVERY : 0x53;
}

/* A refusal tells of this one object, and must not look as if it told of more (a wrong PIN, say):
 * whatever a card answers here, the other objects are still read. */
static DWORD get_error(sw_t sw)
{
    switch (sw.v) {
    case SW_OK:
        return SCARD_S_SUCCESS;
    case SW_SECURITY_STATUS:
        return SCARD_W_SECURITY_VIOLATION;
    case SW_NOT_FOUND:
    case SW_WRONG_DATA: /* this and the next: a tag that the card does not know */
    case SW_FUNCTION_UNSUPPORTED:
    case SW_WRONG_P1P2:
    case SW_REFERENCE_NOT_FOUND:
        return SCARD_E_FILE_NOT_FOUND;
    default:
        return SCARD_E_UNEXPECTED;
    }
}

DWORD piv_get(struct run *r, uint32_t tag, bool small, uint8_t **ret_data, size_t *ret_len)
{
    struct edge *e = r->e;
    uint8_t which[5], *buf = run_alloc(e, PIV_OBJECT_MAX), *data = NULL;
    size_t which_len = put_tag(which, tag);
    bool wide = !small || e->card.extended;
    struct apdu cmd = run_apdu(PIV_GET_DATA, 0x3FFF, which, which_len,
                               wide ? APDU_EXTENDED_LE : APDU_SHORT_LE);
    struct wr answer;
    struct rd top, value;
    sw_t sw;
    DWORD rc;

    if (buf == NULL)
        return SCARD_E_NO_MEMORY;
    answer = wr_init(buf, PIV_OBJECT_MAX);
    rc = piv_send(r, &cmd, &answer, outer_tag(tag), &sw);
    if (rc == SCARD_S_SUCCESS)
        rc = get_error(sw);
    if (rc != SCARD_S_SUCCESS)
        goto out;
    top = rd_init(buf, wr_len(&answer));
    value = tlv_enter(&top, outer_tag(tag));
    if (rd_left(&value) == 0) {
        rc = SCARD_E_FILE_NOT_FOUND;
        goto out;
    }
    data = run_alloc(e, rd_left(&value));
    if (data == NULL) {
        rc = SCARD_E_NO_MEMORY;
        goto out;
    }
    *ret_len = rd_left(&value);
    memcpy(data, value.at, *ret_len);
    *ret_data = data;
out:
    run_free(e, buf, PIV_OBJECT_MAX); /* all of it: a repeated answer may be the shorter one */
    return rc;
}

/* ---- writing --------------------------------------------------------------------------------- */

static bool is_standard(uint32_t tag)
{
    return (tag & 0xFFFF00u) == 0x5FC100u;
}

bool piv_takes(const struct edge *e, uint32_t tag)
{
    return is_standard(tag) || piv_own(e)->vendor_objects != EDGE_NO;
}

static DWORD no_vendor_objects(struct edge *e)
{
    piv_own(e)->vendor_objects = EDGE_NO;
    return SCARD_E_UNSUPPORTED_FEATURE;
}

static DWORD put_error(struct edge *e, uint32_t tag, sw_t sw)
{
    switch (sw.v) {
    case SW_SECURITY_STATUS:
        piv_admin_lost(e);
        return SCARD_W_SECURITY_VIOLATION;
    case SW_WRONG_LENGTH:
        return SCARD_E_WRITE_TOO_MANY;
    case SW_WRONG_DATA: /* of an object in its right form: the tag */
    case SW_FUNCTION_UNSUPPORTED:
    case SW_NOT_FOUND:
    case SW_WRONG_P1P2:
    case SW_REFERENCE_NOT_FOUND:
        return is_standard(tag) ? SCARD_E_UNSUPPORTED_FEATURE : no_vendor_objects(e);
    default:
        return sw_error(sw);
    }
}

static bool keep_object(struct edge *e, uint32_t tag, const uint8_t *data, size_t len)
{
    uint8_t *item = run_alloc(e, len + 1);

    if (item == NULL) {
        piv_cache_drop(e, "object", tag);
        return false;
    }
    item[0] = len != 0 ? 1 : 0; /* is there one? A cache may not know of empty items */
    if (len != 0)
        memcpy(item + 1, data, len);
    piv_cache_keep(e, "object", tag, item, len + 1);
    run_free(e, item, len + 1);
    return true;
}

DWORD piv_put(struct run *r, uint32_t tag, const uint8_t *data, size_t len)
{
    struct edge *e = r->e;
    size_t size = 5 + tlv_size(0x53, len);
    uint8_t *buf, which[5];
    size_t which_len = put_tag(which, tag);
    struct apdu cmd;
    struct wr w;
    sw_t sw;
    DWORD rc;

    if (size > PIV_OBJECT_MAX) /* could not be read back */
        return SCARD_E_WRITE_TOO_MANY;
    buf = run_alloc(e, size);
    if (buf == NULL)
        return SCARD_E_NO_MEMORY;
    w = wr_init(buf, size);
    wr_bytes(&w, which, which_len);
    tlv_put(&w, 0x53, data, len);
    cmd = run_apdu(PIV_PUT_DATA, 0x3FFF, buf, wr_len(&w), 0);
    rc = piv_send(r, &cmd, NULL, 0, &sw); /* SP 800-73-4 part 2, 3.3.2 */
    if (rc == SCARD_S_SUCCESS && !sw_is(sw, SW_OK))
        rc = put_error(e, tag, sw);
    if (rc == SCARD_S_SUCCESS && tag != PIV_PRINTED) { /* that is where the admin key may be */
        uint8_t *item = w.at - len - 1; /* as keep_object has it, in memory that is there already */

        *item = len != 0 ? 1 : 0;
        piv_cache_keep(e, "object", tag, item, len + 1);
    } else {
        piv_cache_drop(e, "object", tag);
    }
    run_free(e, buf, size);
    return rc;
}

/* ---- the caller's cache ---------------------------------------------------------------------- */

static void cache_tag(char out[TAG_MAX], const char *kind, uint32_t number)
{
    static const char digits[] = "0123456789abcdef";
    size_t at = strlen(kind) + 5;

    memcpy(out, "piv.", 4);
    memcpy(out + 4, kind, at - 5);
    out[at - 1] = '.';
    for (int shift = 20; shift >= 0; shift -= 4)
        out[at++] = digits[number >> shift & 0x0F];
    out[at] = '\0';
}

bool piv_cache_find(const struct edge *e, const char *kind, uint32_t number, uint8_t **ret_data,
                    size_t *ret_len)
{
    char tag[TAG_MAX];

    cache_tag(tag, kind, number);
    return e->services.cache_find(e->services.host, tag, ret_data, ret_len);
}

void piv_cache_keep(const struct edge *e, const char *kind, uint32_t number, const uint8_t *data,
                    size_t len)
{
    char tag[TAG_MAX];

    cache_tag(tag, kind, number);
    e->services.cache_drop(e->services.host, tag);
    e->services.cache_add(e->services.host, tag, data, len);
}

void piv_cache_drop(const struct edge *e, const char *kind, uint32_t number)
{
    char tag[TAG_MAX];

    cache_tag(tag, kind, number);
    e->services.cache_drop(e->services.host, tag);
}

/* False: not in the cache. *ret_rc: what reading it comes to. */
static bool cached(struct edge *e, uint32_t tag, uint8_t **ret_data, size_t *ret_len, DWORD *ret_rc)
{
    uint8_t *item = NULL;
    size_t len = 0;

    if (!piv_cache_find(e, "object", tag, &item, &len))
        return false;
    if (len == 0 || item[0] > 1 || (item[0] == 1) != (len > 1)) {
        run_free(e, item, len);
        return false;
    }
    *ret_rc = len > 1 ? SCARD_S_SUCCESS : SCARD_E_FILE_NOT_FOUND;
    if (len == 1) {
        run_free(e, item, len);
        return true;
    }
    memmove(item, item + 1, len - 1);
    *ret_data = item;
    *ret_len = len - 1;
    return true;
}

DWORD piv_get_cached(struct run *r, uint32_t tag, uint8_t **ret_data, size_t *ret_len)
{
    DWORD rc;

    if (cached(r->e, tag, ret_data, ret_len, &rc))
        return rc;
    rc = piv_get(r, tag, false, ret_data, ret_len);
    if (rc == SCARD_S_SUCCESS && !keep_object(r->e, tag, *ret_data, *ret_len)) {
        run_free(r->e, *ret_data, *ret_len);
        *ret_data = NULL;
        rc = SCARD_E_NO_MEMORY;
    } else if (rc == SCARD_E_FILE_NOT_FOUND && !keep_object(r->e, tag, NULL, 0)) {
        rc = SCARD_E_NO_MEMORY;
    }
    return rc;
}

DWORD piv_write(struct edge *e, uint32_t tag, const uint8_t *data, size_t len)
{
    struct run r = { e, false };
    DWORD rc = piv_takes(e, tag) ? piv_admit(&r) : SCARD_E_UNSUPPORTED_FEATURE;

    return rc == SCARD_S_SUCCESS ? piv_put(&r, tag, data, len) : rc;
}
