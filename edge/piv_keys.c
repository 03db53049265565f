/* SPDX-License-Identifier: MIT */
/*
 * Making, importing and deleting keys: one key in a slot, which a new one replaces in one command.
 *
 * A certificate left in the slot is another key's then. Where the card tells of its keys itself (F7)
 * the caller's next certificate replaces it; where it does not, the certificate is taken for the key,
 * and is emptied.
 */
#include "edge/piv_internal.h"

#include "base/secret.h"

#include <string.h>

#define IMPORT_MAX (5u * (EDGE_RSA_MAX_BYTES / 2 + 4)) /* RSA-4096: five numbers of 256 bytes */

static DWORD key_error(struct edge *e, sw_t sw)
{
    switch (sw.v) {
    case SW_SECURITY_STATUS:
        piv_admin_lost(e);
        return SCARD_W_SECURITY_VIOLATION;
    case SW_NO_SPACE:
        return SCARD_E_NO_MEMORY;
    default: /* 6A80: not this algorithm; 6A86: not in this slot */
        return sw_error(sw);
    }
}

/* ---- a key's value --------------------------------------------------------------------------- */

/* GENERATE ASYMMETRIC KEY PAIR (SP 800-73-4 part 2, 3.3.2): AC{80 algorithm} answers the public key
 * 7F49, whose content goes to `w`. */
static DWORD fill_generated(struct run *r, const struct piv_key *key, struct wr *w)
{
    const uint8_t what[] = { 0xAC, 0x03, 0x80, 0x01, key->alg->id };
    bool wide = !key->alg->ec && key->alg->bits > 1024;
    struct apdu cmd = run_apdu(PIV_GENERATE, piv_slots[key->index].ref, what, sizeof(what),
                               wide ? PIV_PUBLIC_MAX : APDU_SHORT_LE);
    uint8_t buf[PIV_PUBLIC_MAX];
    struct wr answer = wr_init(buf, sizeof(buf));
    struct edge_public_key public;
    struct rd top, content;
    sw_t sw;
    DWORD rc = piv_send(r, &cmd, &answer, 0x7F49, &sw);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (!sw_is(sw, SW_OK))
        return key_error(r->e, sw);
    top = rd_init(buf, wr_len(&answer));
    content = tlv_enter(&top, 0x7F49);
    if (!piv_parse_public(content, key->alg, &public)) {
        piv_cache_drop(r->e, "keys", 0); /* there is a new key all the same */
        piv_cache_drop(r->e, "public", piv_slots[key->index].ref);
        return SCARD_E_UNEXPECTED;
    }
    wr_bytes(w, content.at, rd_left(&content));
    return SCARD_S_SUCCESS;
}

/* A number in its full length. */
static void put_number(struct wr *w, uint32_t tag, const struct rd *number, size_t len)
{
    size_t have = rd_left(number);

    if (number->bad || have == 0 || have > len) {
        w->bad = true;
        return;
    }
    tlv_header(w, tag, len);
    wr_fill(w, 0, len - have);
    wr_bytes(w, number->at, have);
}

static void put_public(struct wr *w, const struct piv_alg *alg, const struct edge_private_key *key)
{
    size_t bytes = piv_alg_bytes(alg);

    if (alg->ec) {
        tlv_header(w, 0x86, 1 + 2 * bytes);
        wr_u8(w, 0x04);
        wr_bytes(w, key->x.at, rd_left(&key->x));
        wr_bytes(w, key->y.at, rd_left(&key->y));
    } else {
        tlv_put(w, 0x81, key->n.at, rd_left(&key->n));
        tlv_put(w, 0x82, key->e.at, rd_left(&key->e));
    }
}

/* IMPORT, the vendor's: RSA 01 p, 02 q, 03 dP, 04 dQ, 05 qInv, each half as long as the modulus;
 * EC 06 d. */
static DWORD fill_imported(struct run *r, const struct piv_key *key,
                           const struct edge_private_key *source, struct wr *w)
{
    const struct rd *numbers[] = { &source->p, &source->q, &source->dp, &source->dq,
                                   &source->qinv };
    size_t bytes = piv_alg_bytes(key->alg);
    uint8_t buf[IMPORT_MAX];
    struct wr in = wr_init(buf, sizeof(buf));
    struct apdu cmd;
    sw_t sw;
    DWORD rc = SCARD_E_INVALID_PARAMETER;

    if (key->alg->ec)
        put_number(&in, 0x06, &source->d, bytes);
    for (uint32_t i = 0; i < 5 && !key->alg->ec; i++)
        put_number(&in, 1 + i, numbers[i], bytes / 2);
    if (!in.bad) {
        cmd = run_apdu(PIV_IMPORT,
                       (uint16_t)((unsigned)key->alg->id << 8 | piv_slots[key->index].ref), buf,
                       wr_len(&in), 0);
        rc = piv_send(r, &cmd, NULL, 0, &sw);
        if (rc == SCARD_S_SUCCESS)
            rc = key_error(r->e, sw);
    }
    wipe(buf, sizeof(buf));
    if (rc == SCARD_S_SUCCESS)
        put_public(w, key->alg, source);
    return rc;
}

static bool fits_alg(const struct edge_private_key *key, const struct piv_alg *alg)
{
    size_t bytes = piv_alg_bytes(alg);

    if (alg->ec)
        return rd_left(&key->d) == bytes && rd_left(&key->x) == bytes && rd_left(&key->y) == bytes;
    return rd_left(&key->n) == bytes && (key->n.at[0] & 0x80) != 0 && rd_left(&key->e) != 0 &&
           rd_left(&key->e) <= 4 && rd_left(&key->p) <= bytes / 2 && rd_left(&key->q) <= bytes / 2;
}

/* ---- verbs ----------------------------------------------------------------------------------- */

/* Empties the certificate of a slot, if it has one. */
static DWORD drop_certificate(struct run *r, unsigned index)
{
    uint8_t *data = NULL;
    size_t len = 0;
    DWORD rc = piv_get_cached(r, piv_slots[index].cert, &data, &len);

    run_free(r->e, data, len);
    if (rc == SCARD_E_FILE_NOT_FOUND)
        return SCARD_S_SUCCESS;
    return piv_is_answer(rc) ? piv_put(r, piv_slots[index].cert, NULL, 0) : rc;
}

/* CMR.4.2.1.E8: keys are the user's to make. The card would let whoever has the admin key. Without the
 * caller's, the right comes by the PIN: then the card sees to it. */
static DWORD check_user(struct edge *e)
{
    uint8_t now = 1u << EDGE_USER;
    DWORD rc = piv_is_admin(e) ? e->ops->roles(e, &now) : SCARD_S_SUCCESS;

    return rc != SCARD_S_SUCCESS || (now & 1u << EDGE_USER) != 0 ? rc : SCARD_W_SECURITY_VIOLATION;
}

static DWORD make(struct edge *e, unsigned index, uint8_t spec, uint32_t bits,
                  const struct edge_private_key *source)
{
    struct run r = { e, false };
    uint8_t public[PIV_PUBLIC_MAX];
    struct wr w = wr_init(public, sizeof(public));
    struct piv_key list[PIV_CONTAINERS], key = { .alg = piv_alg_by_spec(spec, bits), .spec = spec,
                                                 .index = (uint8_t)index };
    DWORD rc;

    if (key.alg == NULL || index >= PIV_CONTAINERS || (source != NULL && !fits_alg(source, key.alg)))
        return SCARD_E_INVALID_PARAMETER;
    key.pin = piv_slots[index].pin;
    rc = piv_list(&r, list);
    /* One key in a slot: the other of a container stays, as the card cannot hold two. */
    if (rc == SCARD_S_SUCCESS && list[index].alg != NULL &&
        piv_is_exchange(&list[index]) != piv_is_exchange(&key))
        rc = SCARD_E_UNSUPPORTED_FEATURE;
    if (rc == SCARD_S_SUCCESS)
        rc = check_user(e);
    if (rc == SCARD_S_SUCCESS)
        rc = piv_admit(&r);
    if (rc == SCARD_S_SUCCESS)
        rc = source != NULL ? fill_imported(&r, &key, source, &w) : fill_generated(&r, &key, &w);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    piv_own(e)->erased &= ~(1u << index);
    piv_list_set(e, &key, public, wr_len(&w));
    /* When these fail the key is there all the same, and the card says so. */
    rc = piv_map_note(&r, &key, list);
    if (rc == SCARD_S_SUCCESS && piv_facts(e)->metadata != EDGE_YES)
        rc = drop_certificate(&r, index);
    return rc;
}

DWORD piv_keys_generate(struct edge *e, unsigned index, uint8_t spec, uint32_t bits)
{
    return make(e, index, spec, bits, NULL);
}

DWORD piv_keys_import(struct edge *e, unsigned index, uint8_t spec, uint32_t bits,
                      const struct edge_private_key *key)
{
    return make(e, index, spec, bits, key);
}

/* MOVE KEY to nowhere, the vendor's from 5.7 on. *ret_gone: the card has deleted it; false: it has no
 * such command. */
static DWORD delete_key(struct run *r, unsigned index, bool *ret_gone)
{
    struct apdu cmd = run_apdu(PIV_MOVE_KEY, (uint16_t)(0xFF00u | piv_slots[index].ref), NULL, 0, 0);
    sw_t sw;
    DWORD rc = piv_send(r, &cmd, NULL, 0, &sw);

    *ret_gone = rc == SCARD_S_SUCCESS && (sw_is(sw, SW_OK) || sw_is(sw, SW_REFERENCE_NOT_FOUND));
    if (rc != SCARD_S_SUCCESS || *ret_gone)
        return rc;
    switch (sw.v) {
    case SW_INS:
    case SW_CLA:
    case SW_FUNCTION_UNSUPPORTED:
    case SW_WRONG_P1P2:
    case SW_WRONG_DATA:
        return SCARD_S_SUCCESS;
    default: /* it has, and the key is still there */
        return key_error(r->e, sw);
    }
}

/* The standard knows no deleting of keys. What a card without MOVE KEY can do is to forget certificate
 * and name: the key itself remains on it, unused, until a new one is made in its slot. Cards that
 * tell of keys by F7 tell of it again after the next insertion; that is the truth. */
DWORD piv_keys_erase(struct edge *e, unsigned index)
{
    struct run r = { e, false };
    struct piv_key list[PIV_CONTAINERS];
    bool gone = false;
    DWORD rc = SCARD_E_INVALID_PARAMETER;

    if (index < PIV_CONTAINERS)
        rc = piv_list(&r, list);
    if (rc != SCARD_S_SUCCESS || list[index].alg == NULL)
        return rc;
    rc = piv_admit(&r);
    if (rc == SCARD_S_SUCCESS)
        rc = delete_key(&r, index, &gone);
    if (rc == SCARD_S_SUCCESS)
        rc = drop_certificate(&r, index);
    if (rc == SCARD_S_SUCCESS)
        rc = piv_map_drop(&r, index);
    if (rc != SCARD_S_SUCCESS && !gone)
        return rc;
    memset(&list[index], 0, sizeof(list[index]));
    list[index].index = (uint8_t)index;
    piv_list_set(e, &list[index], NULL, 0);
    if (!gone)
        piv_own(e)->erased |= 1u << index;
    return rc;
}

/* One in each slot. How much a slot's key takes no card tells. */
DWORD piv_free_space(struct edge *e, uint32_t *ret_bytes, uint32_t *ret_containers)
{
    struct run r = { e, false };
    struct piv_key list[PIV_CONTAINERS];
    DWORD rc = piv_list(&r, list);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    *ret_bytes = vfs_free_bytes(e);
    *ret_containers = 0;
    for (unsigned i = 0; i < PIV_CONTAINERS; i++)
        *ret_containers += list[i].alg == NULL ? 1 : 0;
    return SCARD_S_SUCCESS;
}
