/* SPDX-License-Identifier: MIT */
/*
 * Which slots hold keys. No command of the standard tells; in this order is believed
 *
 *     metadata (F7)     where the card knows it: the key itself answers, with its public key
 *     a certificate     otherwise: who has one has a key
 *     the cache         the answer to GENERATE, as long as there is no certificate
 *
 * and the container map (MSCMAP) says what a key was made for. Of the retired slots those are asked
 * that the map or the key history names; a history that is found to lie, or makes no sense, is not
 * listened to. Whatever is wrong with one slot: the others are listed.
 */
#include "edge/piv_internal.h"

#include <string.h>

#define LIST_FORMAT 1u
#define LIST_RECORD 3u /* algorithm, key specification, role */
#define LIST_LEN    (1u + PIV_CONTAINERS * LIST_RECORD)

uint8_t piv_spec_for(const struct piv_alg *alg, bool exchange)
{
    return exchange ? alg->exchange : alg->sign;
}

bool piv_default_exchange(const struct piv_alg *alg, unsigned index)
{
    return alg->ec ? piv_slots[index].ec_exchange : piv_slots[index].rsa_exchange;
}

static void no_key(struct piv_key *key, unsigned index)
{
    memset(key, 0, sizeof(*key));
    key->index = (uint8_t)index;
}

/* ---- one slot -------------------------------------------------------------------------------- */

/* PIN policy of F7: never, once, always; anything else leaves it to the slot. */
static uint8_t role_for(uint8_t policy, unsigned index)
{
    static const uint8_t roles[] = { [1] = EDGE_EVERYONE, [2] = EDGE_USER, [3] = PIV_ROLE_SIGN };

    return policy >= 1 && policy <= 3 ? roles[policy] : piv_slots[index].pin;
}

static void set_key(struct piv_key *key, unsigned index, const struct piv_alg *alg, uint8_t pin)
{
    key->index = (uint8_t)index;
    key->alg = alg;
    key->pin = pin;
    key->spec = alg != NULL ? piv_spec_for(alg, piv_default_exchange(alg, index)) : 0;
}

/* Does this refusal of F7 say that the card knows it, or that it does not? */
static void learn(struct edge *e, sw_t sw)
{
    struct piv_facts *f = piv_facts(e);
    enum edge_answer known = f->metadata;

    if (sw_is(sw, SW_OK) || sw_is(sw, SW_REFERENCE_NOT_FOUND) || sw_is(sw, SW_NOT_FOUND))
        f->metadata = EDGE_YES;
    else if (known == EDGE_NOT_ASKED)
        f->metadata = EDGE_NO;
    if (f->metadata != known)
        piv_facts_keep(e);
}

/* *ret_told: the card has said whether there is a key. */
static DWORD by_metadata(struct run *r, unsigned index, struct piv_key *ret, struct wr *w,
                         bool *ret_told)
{
    uint8_t buf[PIV_PUBLIC_MAX];
    struct wr answer = wr_init(buf, sizeof(buf));
    struct apdu cmd = run_apdu(PIV_METADATA, piv_slots[index].ref, NULL, 0, PIV_PUBLIC_MAX);
    struct piv_metadata found;
    struct edge_public_key key;
    sw_t sw = { SW_UNKNOWN };
    DWORD rc;

    *ret_told = false;
    if (piv_facts(r->e)->metadata == EDGE_NO)
        return SCARD_S_SUCCESS;
    rc = piv_send(r, &cmd, &answer, 0, &sw);
    if (rc != SCARD_S_SUCCESS)
        return piv_is_answer(rc) ? SCARD_S_SUCCESS : rc;
    learn(r->e, sw);
    if (piv_facts(r->e)->metadata == EDGE_YES && !sw_is(sw, SW_OK)) {
        *ret_told = true;
        return SCARD_S_SUCCESS;
    }
    if (!sw_is(sw, SW_OK) || !piv_parse_metadata(buf, wr_len(&answer), &found))
        return SCARD_S_SUCCESS;
    if (found.alg == NULL) { /* of a kind that the interface has no name for */
        *ret_told = true;
    } else if (piv_parse_public(found.public, found.alg, &key)) {
        set_key(ret, index, found.alg, role_for(found.pin_policy, index));
        wr_bytes(w, found.public.at, rd_left(&found.public));
        *ret_told = true;
    }
    return SCARD_S_SUCCESS;
}

static DWORD by_certificate(struct run *r, unsigned index, struct piv_key *ret, struct wr *w)
{
    uint8_t *object = NULL, *der = NULL;
    size_t len = 0, der_len = 0;
    DWORD rc = piv_get_cached(r, piv_slots[index].cert, &object, &len);

    if (rc == SCARD_S_SUCCESS)
        rc = piv_cert_unpack(r->e, object, len, false, &der, &der_len);
    run_free(r->e, object, len);
    if (rc == SCARD_S_SUCCESS) {
        struct wr own = *w;

        set_key(ret, index, piv_cert_public(der, der_len, &own), piv_slots[index].pin);
        if (ret->alg != NULL)
            *w = own;
    }
    run_free(r->e, der, der_len);
    return piv_is_nothing(rc) ? SCARD_S_SUCCESS : rc; /* none that anybody could read */
}

/* "piv.public": algorithm, then content of 7F49. */
static bool by_cache(struct edge *e, unsigned index, struct piv_key *ret, struct wr *w)
{
    struct piv_own *own = piv_own(e);
    struct edge_public_key key;
    uint8_t *data = NULL;
    size_t len = 0;
    const struct piv_alg *alg;
    bool good = false;

    if (piv_cache_find(e, "public", piv_slots[index].ref, &data, &len)) {
        alg = len != 0 ? piv_alg_by_id(data[0]) : NULL;
        good = alg != NULL && piv_parse_public(rd_init(data + 1, len - 1), alg, &key);
        if (good) {
            set_key(ret, index, alg, piv_slots[index].pin);
            wr_bytes(w, data + 1, len - 1);
        }
        run_free(e, data, len);
    }
    if (!good && own->made.alg != NULL && own->made.index == index) {
        set_key(ret, index, own->made.alg, own->made.pin);
        wr_bytes(w, own->made_public, own->made_len);
        good = true;
    }
    return good;
}

DWORD piv_find_key(struct run *r, unsigned index, struct piv_key *ret, struct wr *w)
{
    bool told = false;
    DWORD rc;

    no_key(ret, index);
    rc = by_metadata(r, index, ret, w, &told);
    if (rc != SCARD_S_SUCCESS || told)
        return rc;
    rc = by_certificate(r, index, ret, w);
    if (rc == SCARD_S_SUCCESS && ret->alg == NULL)
        (void)by_cache(r->e, index, ret, w);
    return rc;
}

/* ---- all of them ----------------------------------------------------------------------------- */

/* What the container map, or this context, says of a key's purpose. */
static void apply_record(struct edge *e, const struct piv_map *map, struct piv_key *key)
{
    const struct piv_own *own = piv_own(e);
    const uint8_t *record = map->at[key->index];

    if (key->alg == NULL)
        return;
    if (record != NULL && (record[PIV_RECORD_SPEC] == PIV_SPEC_EXCHANGE ||
                           record[PIV_RECORD_SPEC] == PIV_SPEC_SIGN))
        key->spec = piv_spec_for(key->alg, record[PIV_RECORD_SPEC] == PIV_SPEC_EXCHANGE);
    else if (own->specs[key->index] == key->alg->exchange || own->specs[key->index] == key->alg->sign)
        key->spec = own->specs[key->index];
}

static DWORD look(struct run *r, const struct piv_map *map, unsigned index, struct piv_key *list)
{
    uint8_t public[PIV_PUBLIC_MAX];
    struct wr w = wr_init(public + 1, sizeof(public) - 1);
    struct piv_key *key = &list[index];
    DWORD rc;

    if ((piv_own(r->e)->erased >> index & 1) != 0)
        return SCARD_S_SUCCESS;
    rc = piv_find_key(r, index, key, &w);
    if (rc != SCARD_S_SUCCESS || key->alg == NULL)
        return rc;
    apply_record(r->e, map, key);
    public[0] = key->alg->id;
    piv_cache_keep(r->e, "public", piv_slots[index].ref, public, 1 + wr_len(&w));
    return SCARD_S_SUCCESS;
}

/* The retired slots that the key history names, from 82 up; *ret_honest: it makes sense. A card without
 * one has, by the standard, no retired keys. Where keys can be asked themselves it is not needed, and
 * not read: those cards' tools do not keep one. */
static DWORD history(struct run *r, unsigned *ret_on, bool *ret_honest)
{
    uint8_t *data = NULL;
    size_t len = 0;
    unsigned on = 0, off = 0;
    DWORD rc;

    *ret_on = 0;
    *ret_honest = false;
    if (piv_facts(r->e)->metadata == EDGE_YES)
        return SCARD_S_SUCCESS;
    rc = piv_get(r, PIV_HISTORY, true, &data, &len);
    if (rc == SCARD_S_SUCCESS) {
        *ret_honest = piv_parse_history(data, len, &on, &off);
        *ret_on = on;
        run_free(r->e, data, len);
    } else if (rc == SCARD_E_FILE_NOT_FOUND) {
        *ret_honest = true;
    }
    return piv_is_nothing(rc) ? SCARD_S_SUCCESS : rc;
}

/* Slots still to be asked are bits of `todo`, by container. */
static DWORD look_at(struct run *r, const struct piv_map *map, uint32_t todo, struct piv_key *list,
                     uint32_t *ret_found)
{
    DWORD rc = SCARD_S_SUCCESS;

    *ret_found = 0;
    for (unsigned i = 0; i < PIV_CONTAINERS && rc == SCARD_S_SUCCESS; i++)
        if ((todo >> i & 1) != 0) {
            rc = look(r, map, i, list);
            *ret_found |= (uint32_t)(list[i].alg != NULL) << i;
        }
    return rc;
}

/* The keys that the history names, and one more: it must not be there. */
static DWORD look_at_retired(struct run *r, const struct piv_map *map, struct piv_key *list)
{
    const uint32_t all = ((1u << PIV_RETIRED) - 1) << PIV_FIRST_RETIRED;
    uint32_t named = 0, ask, found = 0;
    unsigned on = 0;
    bool honest = false;
    DWORD rc = history(r, &on, &honest);

    for (unsigned i = PIV_FIRST_RETIRED; i < PIV_FIRST_RETIRED + PIV_RETIRED; i++)
        named |= (uint32_t)(map->at[i] != NULL) << i;
    ask = ((1u << on) - 1) << PIV_FIRST_RETIRED;
    if (on < PIV_RETIRED && !map->sound)
        ask |= 1u << (PIV_FIRST_RETIRED + on);
    if (!honest && !map->sound)
        ask = all;
    if (rc == SCARD_S_SUCCESS)
        rc = look_at(r, map, ask | named, list, &found);
    if (rc == SCARD_S_SUCCESS && honest &&
        (found & ask) != ((1u << on) - 1) << PIV_FIRST_RETIRED) /* a liar */
        rc = look_at(r, map, all & ~(ask | named), list, &found);
    return rc;
}

static DWORD look_everywhere(struct run *r, struct piv_key *list)
{
    const uint32_t retired = ((1u << PIV_RETIRED) - 1) << PIV_FIRST_RETIRED;
    uint8_t *data = NULL;
    size_t len = 0;
    struct piv_map map;
    uint32_t found;
    DWORD rc = piv_get_cached(r, PIV_MSCMAP, &data, &len);

    piv_map_parse(data, rc == SCARD_S_SUCCESS ? len : 0, &map);
    if (rc == SCARD_S_SUCCESS || piv_is_nothing(rc))
        rc = look_at(r, &map, ((1u << PIV_CONTAINERS) - 1) & ~retired, list, &found);
    if (rc == SCARD_S_SUCCESS)
        rc = look_at_retired(r, &map, list);
    run_free(r->e, data, len);
    return rc;
}

/* ---- the list in the cache ------------------------------------------------------------------- */

static void list_keep(struct edge *e, const struct piv_key *list)
{
    uint8_t data[LIST_LEN] = { LIST_FORMAT };
    struct wr w = wr_init(data + 1, sizeof(data) - 1);

    for (unsigned i = 0; i < PIV_CONTAINERS; i++) {
        wr_u8(&w, list[i].alg != NULL ? list[i].alg->id : 0);
        wr_u8(&w, list[i].spec);
        wr_u8(&w, list[i].pin);
    }
    piv_cache_keep(e, "keys", 0, data, sizeof(data));
}

static bool list_cached(struct edge *e, struct piv_key *list)
{
    uint8_t *data = NULL;
    size_t len = 0;
    struct rd r;
    bool good;

    if (!piv_cache_find(e, "keys", 0, &data, &len))
        return false;
    r = rd_init(data, len);
    good = len == LIST_LEN && rd_u8(&r) == LIST_FORMAT;
    for (unsigned i = 0; i < PIV_CONTAINERS && good; i++) {
        list[i].index = (uint8_t)i;
        list[i].alg = piv_alg_by_id(rd_u8(&r));
        list[i].spec = rd_u8(&r);
        list[i].pin = rd_u8(&r);
        if (list[i].alg != NULL)
            good = list[i].pin < EDGE_ROLES && (list[i].spec == list[i].alg->exchange ||
                                                list[i].spec == list[i].alg->sign);
    }
    run_free(e, data, len);
    return good;
}

DWORD piv_list(struct run *r, struct piv_key *list)
{
    struct piv_own *own = piv_own(r->e);
    DWORD rc;

    if (list_cached(r->e, list))
        return SCARD_S_SUCCESS;
    if ((own->list_in != 0 && own->list_in == r->e->calls) ||
        (own->list_at != 0 && own->list_at == r->e->card.exchanges)) { /* see piv_pin_verify */
        memmove(list, own->list, sizeof(own->list));
        return SCARD_S_SUCCESS;
    }
    for (unsigned i = 0; i < PIV_CONTAINERS; i++)
        no_key(&list[i], i);
    rc = look_everywhere(r, list);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    list_keep(r->e, list);
    memmove(own->list, list, sizeof(own->list));
    own->list_in = r->e->calls;
    return SCARD_S_SUCCESS;
}

void piv_list_set(struct edge *e, const struct piv_key *key, const uint8_t *public, size_t len)
{
    struct piv_own *own = piv_own(e);
    struct piv_key list[PIV_CONTAINERS];
    uint8_t item[1 + PIV_PUBLIC_MAX];

    own->list_at = own->list_in = 0;
    own->specs[key->index] = key->spec;
    if (key->alg != NULL && len <= PIV_PUBLIC_MAX) {
        own->made = *key;
        memcpy(own->made_public, public, len);
        own->made_len = len;
        item[0] = key->alg->id;
        memcpy(item + 1, public, len);
        piv_cache_keep(e, "public", piv_slots[key->index].ref, item, 1 + len);
    } else {
        if (own->made.index == key->index)
            own->made.alg = NULL;
        piv_cache_drop(e, "public", piv_slots[key->index].ref);
    }
    if (list_cached(e, list)) {
        list[key->index] = *key;
        list_keep(e, list);
    }
}

DWORD piv_containers(struct edge *e, struct edge_container *out)
{
    struct run r = { e, false };
    struct piv_key list[PIV_CONTAINERS];
    DWORD rc = piv_list(&r, list);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    memset(out, 0, PIV_CONTAINERS * sizeof(*out));
    for (unsigned i = 0; i < PIV_CONTAINERS; i++) {
        const struct piv_key *key = &list[i];
        struct edge_key *to;

        out[i].pin = piv_slots[i].pin;
        if (key->alg == NULL)
            continue;
        to = piv_is_exchange(key) ? &out[i].kx : &out[i].sig;
        to->spec = key->spec;
        to->bits = key->alg->bits;
        to->where = (uint32_t)key->pin << 16 | (uint32_t)i << 8 | key->alg->id;
        out[i].pin = key->pin;
    }
    return SCARD_S_SUCCESS;
}

bool piv_key_of(const struct edge_key *listed, struct piv_key *ret)
{
    const struct piv_alg *alg = piv_alg_by_id((uint8_t)listed->where);
    unsigned index = listed->where >> 8 & 0xFF, pin = listed->where >> 16 & 0xFF;

    if (alg == NULL || index >= PIV_CONTAINERS || pin >= EDGE_ROLES || listed->bits != alg->bits ||
        (listed->spec != alg->exchange && listed->spec != alg->sign))
        return false;
    *ret = (struct piv_key){ alg, listed->spec, (uint8_t)pin, (uint8_t)index };
    return true;
}
