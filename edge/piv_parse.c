/* SPDX-License-Identifier: MIT */
/* What PIV's data objects say. All of it is the card's word: lengths are checked, order is not. */
#include "edge/piv_internal.h"

#include "crypto/hash.h"

#include <string.h>

static const uint8_t rid[] = { 0xA0, 0x00, 0x00, 0x03, 0x08 };             /* NIST's */
static const uint8_t pix[] = { 0x00, 0x00, 0x10, 0x00 };                   /* PIV card application */

static bool begins(const struct rd *r, const uint8_t *with, size_t len)
{
    return rd_left(r) >= len && memcmp(r->at, with, len) == 0;
}

/* Zeros, or what memory never written has. */
static bool is_blank(const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (data[i] != data[0] || (data[i] != 0x00 && data[i] != 0xFF))
            return false;
    return true;
}

/* 4F: the whole AID as standard cards have it, or the part behind the RID alone. */
static bool is_our_name(struct rd name)
{
    if (begins(&name, pix, sizeof(pix)))
        return true;
    if (!begins(&name, rid, sizeof(rid)))
        return false;
    (void)rd_bytes(&name, sizeof(rid));
    return begins(&name, pix, sizeof(pix));
}

bool piv_parse_selected(const uint8_t *data, size_t len)
{
    struct rd top = rd_init(data, len), apt = tlv_enter(&top, 0x61);
    struct rd name = tlv_find(&apt, 0x4F), authority = tlv_find(&apt, 0x79);
    struct rd allocated = tlv_find(&authority, 0x4F);

    /* Our PIX alone says little; beside NIST's RID it is PIV. */
    return rd_done(&top) && !name.bad && is_our_name(name) &&
           (begins(&name, rid, sizeof(rid)) ||
            (!allocated.bad && begins(&allocated, rid, sizeof(rid))));
}

bool piv_parse_discovery(const uint8_t *data, size_t len, uint8_t *ret_pin)
{
    struct rd top = rd_init(data, len), all = tlv_enter(&top, 0x7E);
    struct rd name = tlv_find(&all, 0x4F), policy = tlv_find(&all, 0x5F2F);

    if (!rd_done(&top) || name.bad || !begins(&name, rid, sizeof(rid)) || !is_our_name(name))
        return false;
    /* SP 800-73-4 part 1, 3.3.2: byte 1 bit 6: the global PIN too; byte 2: 20 it is the primary one */
    *ret_pin = !policy.bad && rd_left(&policy) == 2 && (policy.at[0] & 0x20) != 0 &&
                       policy.at[1] == 0x20
                   ? 0x00
                   : 0x80;
    return true;
}

static bool one_byte(const struct rd *all, uint32_t tag, unsigned most, unsigned *ret)
{
    struct rd v = tlv_find(all, tag);

    if (v.bad || rd_left(&v) != 1 || v.at[0] > most)
        return false;
    *ret = v.at[0];
    return true;
}

/* SP 800-73-4 part 1, 3.3.4. Of the URL (F3) nothing is wanted, not even that it is one. */
bool piv_parse_history(const uint8_t *data, size_t len, unsigned *ret_on, unsigned *ret_off)
{
    struct rd all = rd_init(data, len);
    unsigned on, off;

    if (!one_byte(&all, 0xC1, PIV_RETIRED, &on) || !one_byte(&all, 0xC2, PIV_RETIRED, &off) ||
        on + off > PIV_RETIRED)
        return false;
    *ret_on = on;
    *ret_off = off;
    return true;
}

bool piv_parse_admin_data(const uint8_t *data, size_t len, uint8_t *ret_flags)
{
    struct rd top = rd_init(data, len), all = tlv_enter(&top, 0x80), flags = tlv_find(&all, 0x81);

    if (flags.bad || rd_left(&flags) != 1)
        return false;
    *ret_flags = flags.at[0];
    return true;
}

bool piv_parse_protected_key(const uint8_t *data, size_t len, struct rd *ret_key)
{
    struct rd top = rd_init(data, len), all = tlv_enter(&top, 0x88), key = tlv_find(&all, 0x89);

    if (key.bad || (rd_left(&key) != 16 && rd_left(&key) != 24 && rd_left(&key) != 32))
        return false;
    *ret_key = key;
    return true;
}

bool piv_digest_id(const char *word, const uint8_t *data, size_t len, uint8_t *ret)
{
    uint8_t digest[DIGEST_MAX];
    struct hashing h;

    hashing_begin(&h, DIGEST_SHA256, NULL);
    hashing_add(&h, (struct span){ (const uint8_t *)word, strlen(word) });
    hashing_add(&h, (struct span){ data, len });
    if (!hashing_end(&h, digest))
        return false;
    memcpy(ret, digest, 16);
    return !is_blank(ret, 16);
}

/* SP 800-73-4 part 1, 3.1.2. The GUID (34) is the identity; where it is empty the FASC-N (30) of
 * federal cards. Agency code 9999, and zeros, have all cards that are none. */
bool piv_parse_chuid(const uint8_t *data, size_t len, uint8_t *ret)
{
    static const uint8_t no_agency[] = { 0xD4, 0xE7, 0x39, 0xDA, 0x73, 0x9C };
    struct rd all = rd_init(data, len), guid = tlv_find(&all, 0x34), fascn = tlv_find(&all, 0x30);

    if (!guid.bad && rd_left(&guid) == 16 && !is_blank(guid.at, 16)) {
        rd_copy(&guid, ret, 16);
        return true;
    }
    if (fascn.bad || rd_left(&fascn) != 25 || is_blank(fascn.at, 25) ||
        begins(&fascn, no_agency, sizeof(no_agency)))
        return false;
    return piv_digest_id("FASC-N", fascn.at, 25, ret);
}

/* SP 800-73-4 part 1, 3.1.1: F0, card identifier: RID, manufacturer, card type, 14 bytes of its own */
bool piv_parse_ccc(const uint8_t *data, size_t len, uint8_t *ret)
{
    struct rd all = rd_init(data, len), id = tlv_find(&all, 0xF0);

    if (id.bad || rd_left(&id) != 21 || is_blank(id.at + 7, 14))
        return false;
    return piv_digest_id("CCC", id.at, 21, ret);
}

bool piv_parse_metadata(const uint8_t *data, size_t len, struct piv_metadata *ret)
{
    struct rd all = rd_init(data, len), alg = tlv_find(&all, 0x01), policy = tlv_find(&all, 0x02);
    struct rd public = tlv_find(&all, 0x04);

    if (alg.bad || rd_left(&alg) != 1)
        return false;
    ret->alg_id = alg.at[0];
    ret->alg = piv_alg_by_id(alg.at[0]);
    ret->pin_policy = !policy.bad && rd_left(&policy) >= 1 ? policy.at[0] : 0;
    ret->public = public.bad ? rd_init(NULL, 0) : public;
    return true;
}

/* ISO/IEC 7816-8: 81 modulus, 82 exponent */
static bool parse_rsa(struct rd *all, size_t bytes, struct edge_public_key *ret)
{
    struct rd n = tlv_find(all, 0x81), e = tlv_find(all, 0x82);

    while (rd_left(&n) > bytes && n.at[0] == 0) /* as a DER INTEGER has it */
        (void)rd_u8(&n);
    while (rd_left(&e) > 1 && e.at[0] == 0)
        (void)rd_u8(&e);
    if (n.bad || e.bad || rd_left(&n) != bytes || (n.at[0] & 0x80) == 0 || rd_left(&e) == 0 ||
        rd_left(&e) > sizeof(ret->e) || (e.end[-1] & 1) == 0 || (n.end[-1] & 1) == 0)
        return false;
    ret->n_len = rd_left(&n);
    ret->e_len = rd_left(&e);
    rd_copy(&n, ret->n, ret->n_len);
    rd_copy(&e, ret->e, ret->e_len);
    return true;
}

/* 86: 04 X Y */
static bool parse_ec(struct rd *all, size_t bytes, struct edge_public_key *ret)
{
    struct rd point = tlv_find(all, 0x86);

    if (point.bad || rd_left(&point) != 1 + 2 * bytes || rd_u8(&point) != 0x04)
        return false;
    ret->n_len = 2 * bytes;
    ret->e_len = 0;
    rd_copy(&point, ret->n, ret->n_len);
    return true;
}

bool piv_parse_public(struct rd content, const struct piv_alg *alg, struct edge_public_key *ret)
{
    size_t bytes = piv_alg_bytes(alg);

    return alg->ec ? parse_ec(&content, bytes, ret) : parse_rsa(&content, bytes, ret);
}

void piv_map_parse(const uint8_t *data, size_t len, struct piv_map *ret)
{
    struct rd top = rd_init(data, len), records = tlv_enter(&top, 0x81);

    memset(ret, 0, sizeof(*ret));
    ret->sound = !records.bad && rd_left(&records) != 0 && rd_left(&records) % PIV_RECORD == 0;
    while (rd_left(&records) >= PIV_RECORD) {
        const uint8_t *record = rd_bytes(&records, PIV_RECORD);
        unsigned index = piv_index_of(record[PIV_RECORD_SLOT]);

        if ((record[PIV_RECORD_FLAGS] & PIV_RECORD_VALID) == 0)
            continue;
        if (index == PIV_CONTAINERS || ret->at[index] != NULL)
            ret->sound = false;
        else
            ret->at[index] = record;
    }
}
