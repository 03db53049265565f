/* SPDX-License-Identifier: MIT */
/*
 * What the card has that the Base CSP wants to see as files (edge/vfs.h): certificates, root
 * certificates, the identity. Reading is free for all; writing asks the card's right, piv_admit.
 */
#include "edge/piv_internal.h"

#include <string.h>

#define READ_ALL_WRITE_USER 1u /* EveryoneReadUserWriteAc */
#define ROOTS_CHUNK 2900u      /* bytes of msroots in an object: cards' objects have 3052 and more */

#define CERTS(n) { "mscp", "kxc" #n, READ_ALL_WRITE_USER }, { "mscp", "ksc" #n, READ_ALL_WRITE_USER }

/* Of container n: 2 n and 2 n + 1. */
static const struct vfs_place places[] = {
    CERTS(00), CERTS(01), CERTS(02), CERTS(03), CERTS(04), CERTS(05), CERTS(06), CERTS(07),
    CERTS(08), CERTS(09), CERTS(10), CERTS(11), CERTS(12), CERTS(13), CERTS(14), CERTS(15),
    CERTS(16), CERTS(17), CERTS(18), CERTS(19), CERTS(20), CERTS(21), CERTS(22), CERTS(23),
    { "mscp", "msroots", READ_ALL_WRITE_USER },
};

#define PLACES (sizeof(places) / sizeof(places[0]))
#define ROOTS  (PLACES - 1u)

/* ---- identity -------------------------------------------------------------------------------- */

/* Serial number, the vendor's: 4 bytes */
static DWORD by_serial(struct run *r, uint8_t *ret, bool *ret_found)
{
    uint8_t buf[APDU_SHORT_LE];
    struct wr answer = wr_init(buf, sizeof(buf));
    struct apdu cmd = run_apdu(PIV_SERIAL, 0, NULL, 0, APDU_SHORT_LE);
    sw_t sw = { SW_UNKNOWN };
    DWORD rc = piv_send(r, &cmd, &answer, 0, &sw);

    *ret_found = rc == SCARD_S_SUCCESS && sw_is(sw, SW_OK) && wr_len(&answer) == 4 &&
                 memcmp(buf, "\0\0\0\0", 4) != 0 && piv_digest_id("serial", buf, 4, ret);
    return piv_is_answer(rc) ? SCARD_S_SUCCESS : rc;
}

static DWORD by_object(struct run *r, uint32_t tag,
                       bool (*parse)(const uint8_t *, size_t, uint8_t *), uint8_t *ret,
                       bool *ret_found)
{
    uint8_t *data = NULL;
    size_t len = 0;
    DWORD rc = piv_get(r, tag, false, &data, &len);

    *ret_found = rc == SCARD_S_SUCCESS && parse(data, len, ret);
    run_free(r->e, data, len);
    if (piv_is_nothing(rc))
        rc = SCARD_S_SUCCESS;
    return rc;
}

/* The last resort: two cards of one kind that have nothing of their own are the same card to us. */
static bool by_answer(const struct edge *e, uint8_t *ret)
{
    return piv_digest_id("SELECT", piv_own(e)->selected, piv_own(e)->selected_len, ret);
}

/* GUID of the CHUID, its FASC-N, serial number, CCC, SELECT's answer: the first that says anything. */
static DWORD identity(struct edge *e, uint8_t ret[16])
{
    struct run r = { e, false };
    uint8_t id[16], *data = NULL;
    size_t len = 0;
    bool found = false;
    DWORD rc = SCARD_S_SUCCESS;

    if (piv_cache_find(e, "cardid", 0, &data, &len)) {
        found = len == sizeof(id);
        if (found)
            memcpy(ret, data, sizeof(id));
        run_free(e, data, len);
        if (found)
            return SCARD_S_SUCCESS;
    }
    rc = by_object(&r, PIV_CHUID, piv_parse_chuid, id, &found);
    if (rc == SCARD_S_SUCCESS && !found)
        rc = by_serial(&r, id, &found);
    if (rc == SCARD_S_SUCCESS && !found)
        rc = by_object(&r, PIV_CCC, piv_parse_ccc, id, &found);
    if (rc == SCARD_S_SUCCESS && !found && !by_answer(e, id))
        rc = SCARD_E_UNEXPECTED;
    if (rc != SCARD_S_SUCCESS)
        return rc;
    piv_cache_keep(e, "cardid", 0, id, sizeof(id));
    memcpy(ret, id, sizeof(id));
    return SCARD_S_SUCCESS;
}

/* ---- certificates ---------------------------------------------------------------------------- */

/* The key whose certificate a place is: kxc the key for exchange, ksc the one for signatures. */
static bool is_place_of(const struct piv_key *key, size_t place)
{
    return key->alg != NULL && piv_is_exchange(key) == (place % 2 == 0);
}

static DWORD get_certificate(struct run *r, size_t place, uint8_t **ret_data, size_t *ret_len)
{
    uint8_t *object = NULL;
    size_t len = 0;
    DWORD rc = piv_get_cached(r, piv_slots[place / 2].cert, &object, &len);

    if (rc == SCARD_S_SUCCESS)
        rc = piv_cert_unpack(r->e, object, len, true, ret_data, ret_len);
    run_free(r->e, object, len);
    /* What is no certificate is not there: it must not spoil a list of the others. */
    return piv_is_nothing(rc) ? SCARD_E_FILE_NOT_FOUND : rc;
}

static DWORD put_certificate(struct edge *e, size_t place, const uint8_t *data, size_t len)
{
    struct run r = { e, false };
    struct piv_key list[PIV_CONTAINERS];
    uint8_t *object = NULL;
    size_t object_len = 0;
    DWORD rc = piv_list(&r, list);

    if (rc == SCARD_S_SUCCESS && !is_place_of(&list[place / 2], place))
        rc = SCARD_E_UNSUPPORTED_FEATURE; /* of no key: the card has no place for it */
    if (rc == SCARD_S_SUCCESS)
        rc = piv_cert_pack(e, data, len, &object, &object_len);
    if (rc == SCARD_S_SUCCESS)
        rc = piv_write(e, piv_slots[place / 2].cert, object, object_len);
    run_free(e, object, object_len);
    return rc;
}

/* ---- root certificates ----------------------------------------------------------------------- */

/* One object: 83 more follow, 82 the last. */
static DWORD get_chunk(struct run *r, unsigned n, struct wr *w, bool *ret_last)
{
    uint8_t *data = NULL;
    size_t len = 0;
    struct rd top, chunk;
    DWORD rc = piv_get_cached(r, PIV_MSROOTS + n, &data, &len);

    if (rc == SCARD_S_SUCCESS) {
        top = rd_init(data, len);
        *ret_last = data[0] != 0x83;
        chunk = tlv_enter(&top, *ret_last ? 0x82 : 0x83);
        if (chunk.bad || rd_left(&chunk) > wr_room(w))
            rc = SCARD_E_FILE_NOT_FOUND;
        else
            wr_bytes(w, chunk.at, rd_left(&chunk));
    }
    run_free(r->e, data, len);
    return piv_is_nothing(rc) ? SCARD_E_FILE_NOT_FOUND : rc;
}

/* All of them or nothing. */
static DWORD get_roots(struct run *r, uint8_t **ret_data, size_t *ret_len)
{
    const size_t room = PIV_OBJECT_MAX;
    uint8_t *data = run_alloc(r->e, room);
    struct wr w = wr_init(data, data != NULL ? room : 0);
    bool last = false;
    DWORD rc = data != NULL ? SCARD_S_SUCCESS : SCARD_E_NO_MEMORY;

    for (unsigned n = 0; n < PIV_MSROOTS_OBJECTS && rc == SCARD_S_SUCCESS && !last; n++)
        rc = get_chunk(r, n, &w, &last);
    if (rc == SCARD_S_SUCCESS && !last)
        rc = SCARD_E_FILE_NOT_FOUND;
    if (rc != SCARD_S_SUCCESS) {
        run_free(r->e, data, 0);
        return rc;
    }
    *ret_data = data;
    *ret_len = wr_len(&w);
    return SCARD_S_SUCCESS;
}

/* The first object last, and empty before the others change: what is torn in between leaves no roots,
 * never some of these and some of those. */
static DWORD put_roots(struct edge *e, const uint8_t *data, size_t len)
{
    unsigned count = len != 0 ? (unsigned)((len + ROOTS_CHUNK - 1) / ROOTS_CHUNK) : 1;
    uint8_t *chunk;
    DWORD rc = SCARD_S_SUCCESS;

    if (len > PIV_MSROOTS_OBJECTS * ROOTS_CHUNK)
        return SCARD_E_WRITE_TOO_MANY;
    chunk = run_alloc(e, ROOTS_CHUNK + 4);
    if (chunk == NULL)
        return SCARD_E_NO_MEMORY;
    if (count > 1)
        rc = piv_write(e, PIV_MSROOTS, NULL, 0);
    for (unsigned n = count; n-- > 0 && rc == SCARD_S_SUCCESS;) {
        size_t at = (size_t)n * ROOTS_CHUNK, part = len - at < ROOTS_CHUNK ? len - at : ROOTS_CHUNK;
        struct wr w = wr_init(chunk, ROOTS_CHUNK + 4);

        tlv_put(&w, n + 1 == count ? 0x82 : 0x83, data + at, part);
        rc = piv_write(e, PIV_MSROOTS + n, chunk, wr_len(&w));
    }
    run_free(e, chunk, 0);
    return rc;
}

/* ---- vfs ------------------------------------------------------------------------------------- */

static DWORD get(struct edge *e, size_t place, uint8_t **ret_data, size_t *ret_len)
{
    struct run r = { e, false };

    return place == ROOTS ? get_roots(&r, ret_data, ret_len)
                          : get_certificate(&r, place, ret_data, ret_len);
}

static DWORD present(struct edge *e, bool *list)
{
    struct run r = { e, false };
    struct piv_key keys[PIV_CONTAINERS];
    DWORD rc = piv_list(&r, keys);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    for (size_t place = 0; place < PLACES; place++) {
        uint8_t *data = NULL;
        size_t len = 0;

        list[place] = false;
        if (place != ROOTS && !is_place_of(&keys[place / 2], place))
            continue;
        rc = get(e, place, &data, &len);
        list[place] = rc == SCARD_S_SUCCESS;
        run_free(e, data, len);
        if (rc != SCARD_S_SUCCESS && rc != SCARD_E_FILE_NOT_FOUND)
            return rc;
    }
    return SCARD_S_SUCCESS;
}

static DWORD put(struct edge *e, size_t place, const uint8_t *data, size_t len)
{
    return place == ROOTS ? put_roots(e, data, len) : put_certificate(e, place, data, len);
}

static DWORD drop(struct edge *e, size_t place)
{
    return piv_write(e, place == ROOTS ? PIV_MSROOTS : piv_slots[place / 2].cert, NULL, 0);
}

/* Cards refuse objects that they do not know in many words, and what is there may be anybody's: that
 * shall not hide the files that the card does have. One file's bytes are that file's affair. */
static DWORD load(struct edge *e, unsigned part, uint8_t **ret_data, size_t *ret_len)
{
    struct run r = { e, false };
    DWORD rc = piv_get(&r, PIV_OVERLAY + part, part == VFS_FRESHNESS, ret_data, ret_len);

    return part < VFS_CONTENT && (rc == SCARD_E_UNEXPECTED || rc == SCARD_W_SECURITY_VIOLATION)
               ? SCARD_E_UNSUPPORTED_FEATURE : rc;
}

static DWORD store(struct edge *e, unsigned part, const uint8_t *data, size_t len)
{
    return piv_write(e, PIV_OVERLAY + part, data, len);
}

const struct vfs_source piv_source = {
    .places = places,
    .place_count = PLACES,
    .identity = identity,
    .present = present,
    .get = get,
    .put = put,
    .drop = drop,
    .labels = piv_labels,
    .label = piv_label,
    .load = load,
    .store = store,
};
