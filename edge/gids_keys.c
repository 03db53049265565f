/* SPDX-License-Identifier: MIT */
/*
 * Making and deleting keys. A key needs its EF (CREATE, ACTIVATE), then its value (GENERATE or
 * PUT KEY), then its entry in the keymap: in this order, so that power lost at any point leaves
 * a key EF that nobody lists, never a container without a key. Such an EF is deleted when its
 * reference is used again. Deleting goes the other way round.
 */
#include "edge/gids_internal.h"

#include "base/secret.h"

/* GIDS 2.0, control reference templates and the high nibble of algorithm references */
#define CRT_SIGN       0xB6u
#define CRT_DECIPHER   0xB8u
#define ALG_RAW        0x00u
#define ALG_SIGN_RAW   0x10u
#define ALG_PKCS1      0x40u
#define ALG_SIGN_PKCS1 0x50u
#define ALG_OAEP       0x80u
#define USE_PRIVATE    0x40u /* usage qualifier 95: compute, decipher */

#define CREATE_MAX 128u
#define IMPORT_MAX 2600u /* RSA-4096: 2372 */

/* What a key of each kind may be used for. */
static const struct use_row {
    bool ec, exchange;
    struct {
        uint8_t crt, alg;
    } uses[5];
} use_rows[] = {
    { false, true,
      { { CRT_DECIPHER, ALG_RAW },
        { CRT_DECIPHER, ALG_OAEP },
        { CRT_DECIPHER, ALG_PKCS1 },
        { CRT_SIGN, ALG_SIGN_RAW },
        { CRT_SIGN, ALG_SIGN_PKCS1 } } },
    { false, false, { { CRT_SIGN, ALG_SIGN_RAW }, { CRT_SIGN, ALG_SIGN_PKCS1 } } },
    { true, true, { { CRT_SIGN, ALG_SIGN_RAW }, { CRT_DECIPHER, ALG_RAW } } },
    { true, false, { { CRT_SIGN, ALG_SIGN_RAW } } },
};

static uint16_t ref_ef(uint8_t ref)
{
    return (uint16_t)(GIDS_EF_KEY0 + ref - GIDS_KEY0);
}

static uint16_t key_ef(const struct gids_key *key)
{
    return ref_ef(key->ref);
}

/* Where this edge's verbs say something else than sw_error. */
static DWORD key_error(sw_t sw)
{
    return sw_is(sw, SW_NO_SPACE) ? SCARD_E_NO_MEMORY : sw_error(sw);
}

/* ---- the key's EF ---------------------------------------------------------------------------- */

/* GIDS 2.0, CREATE FILE: FCP 62{82 key EF, 83 EF, 8C rule, A5{one CRT for each use}}. Rule: the
 * PIN generates, uses and replaces; all read the public key. */
static void put_fcp(struct wr *w, const struct gids_key *key)
{
    static const uint8_t rule[] = { 0x8F, 0x10, 0x10, 0x10, 0x00 };
    const uint8_t id[] = { (uint8_t)(key_ef(key) >> 8), (uint8_t)key_ef(key) };
    size_t fcp = tlv_open(w, 0x62), crts;

    tlv_put_u8(w, 0x82, 0x18);
    tlv_put(w, 0x83, id, sizeof(id));
    tlv_put(w, 0x8C, rule, sizeof(rule));
    crts = tlv_open(w, 0xA5);
    for (size_t i = 0; i < sizeof(use_rows) / sizeof(use_rows[0]); i++) {
        const struct use_row *row = &use_rows[i];

        if (row->ec != key->size->ec || row->exchange != gids_is_exchange(key))
            continue;
        for (size_t u = 0; u < 5 && row->uses[u].crt != 0; u++) {
            size_t crt = tlv_open(w, row->uses[u].crt);

            tlv_put_u8(w, 0x80, (uint8_t)(row->uses[u].alg | key->size->nibble));
            tlv_put_u8(w, 0x83, key->ref);
            tlv_put_u8(w, 0x95, USE_PRIVATE);
            tlv_close(w, row->uses[u].crt, crt);
        }
    }
    tlv_close(w, 0xA5, crts);
    tlv_close(w, 0x62, fcp);
}

/* SELECT EF, DELETE FILE (GIDS 2.0). Success when there is none. */
static DWORD delete_file(struct run *g, uint16_t ef)
{
    const uint8_t id[] = { (uint8_t)(ef >> 8), (uint8_t)ef };
    struct apdu select = run_apdu(INS_SELECT, 0x000C, id, sizeof(id), 0);
    sw_t sw;
    DWORD rc = gids_run(g, &select, 1, NULL, 0, &sw, NULL);

    if (rc != SCARD_S_SUCCESS || sw_is(sw, SW_NOT_FOUND))
        return rc;
    if (!sw_is(sw, SW_OK))
        return sw_error(sw);
    return gids_do(g, run_apdu(INS_DELETE, 0x0000, NULL, 0, 0));
}

/* CREATE FILE, ACTIVATE FILE (GIDS 2.0; the new EF is the current one). An EF that an earlier
 * attempt left behind (6A89; some cards: 6984) is deleted first. */
static DWORD create_file(struct run *g, const struct gids_key *key)
{
    uint8_t buf[CREATE_MAX];
    struct wr w = wr_init(buf, sizeof(buf));
    struct apdu create;
    sw_t sw;
    DWORD rc;

    put_fcp(&w, key);
    create = run_apdu(INS_CREATE, 0x0000, buf, wr_len(&w), 0);
    rc = gids_run(g, &create, 1, NULL, 0, &sw, NULL);
    if (rc == SCARD_S_SUCCESS && (sw_is(sw, SW_FILE_EXISTS) || sw_is(sw, SW_REFERENCE_DATA))) {
        rc = delete_file(g, key_ef(key));
        if (rc == SCARD_S_SUCCESS)
            rc = gids_run(g, &create, 1, NULL, 0, &sw, NULL);
    }
    if (rc == SCARD_S_SUCCESS)
        rc = key_error(sw);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = gids_do(g, run_apdu(INS_ACTIVATE, 0x0000, NULL, 0, 0));
    if (rc != SCARD_S_SUCCESS)
        (void)delete_file(g, key_ef(key));
    return rc;
}

/* ---- the key's value ------------------------------------------------------------------------- */

/* GIDS 2.0, GENERATE ASYMMETRIC KEY PAIR: AC{80 size, 83 key} answers the public key 7F49. */
static DWORD fill_generated(struct run *g, const struct gids_key *key, sw_t *ret_sw)
{
    const uint8_t what[] = { 0xAC, 0x06, 0x80, 0x01, key->size->nibble, 0x83, 0x01, key->ref };
    bool wide = !key->size->ec && key->size->bits > 1024;
    struct apdu cmd = run_apdu(INS_GENERATE, 0x0000, what, sizeof(what),
                                wide ? GIDS_PUBLIC_MAX : APDU_SHORT_LE);
    uint8_t buf[GIDS_PUBLIC_MAX];
    struct wr answer = wr_init(buf, sizeof(buf));
    struct edge_public_key public;
    DWORD rc = gids_run(g, &cmd, 1, &answer, 0x7F49, ret_sw, NULL);

    if (rc != SCARD_S_SUCCESS || !sw_is(*ret_sw, SW_OK))
        return rc;
    if (!gids_public_parse(buf, wr_len(&answer), key->size, &public))
        return SCARD_E_UNEXPECTED;
    gids_public_keep(g->e, key->ref, buf, wr_len(&answer));
    return SCARD_S_SUCCESS;
}

/* DER INTEGER of a number without leading zeros. */
static void put_integer(struct wr *w, const struct rd *number)
{
    size_t len = rd_left(number);
    bool sign = len != 0 && (number->at[0] & 0x80) != 0;

    if (len == 0 || number->bad)
        w->bad = true;
    tlv_header(w, 0x02, len + (sign ? 1 : 0));
    if (sign)
        wr_u8(w, 0);
    wr_bytes(w, number->at, len);
}

/* PKCS#1 (RFC 8017 A.1.2): RSAPrivateKey */
static void put_rsa(struct wr *w, const struct edge_private_key *key)
{
    size_t seq = tlv_open(w, 0x30);

    tlv_put_u8(w, 0x02, 0);
    put_integer(w, &key->n);
    put_integer(w, &key->e);
    put_integer(w, &key->d);
    put_integer(w, &key->p);
    put_integer(w, &key->q);
    put_integer(w, &key->dp);
    put_integer(w, &key->dq);
    put_integer(w, &key->qinv);
    tlv_close(w, 0x30, seq);
}

/* GIDS 2.0, PUT KEY, EC: SEQUENCE { 1, OCTET STRING d, OCTET STRING 04 || X || Y } */
static void put_ec(struct wr *w, const struct edge_private_key *key)
{
    size_t seq = tlv_open(w, 0x30), point;

    tlv_put_u8(w, 0x02, 1);
    tlv_put(w, 0x04, key->d.at, rd_left(&key->d));
    point = tlv_open(w, 0x04);
    wr_u8(w, 0x04);
    wr_bytes(w, key->x.at, rd_left(&key->x));
    wr_bytes(w, key->y.at, rd_left(&key->y));
    tlv_close(w, 0x04, point);
    tlv_close(w, 0x30, seq);
}

static bool fits_size(const struct edge_private_key *key, const struct gids_size *size)
{
    size_t bytes = gids_size_bytes(size);

    if (size->ec)
        return rd_left(&key->d) == bytes && rd_left(&key->x) == bytes && rd_left(&key->y) == bytes;
    return rd_left(&key->n) == bytes && (key->n.at[0] & 0x80) != 0 && rd_left(&key->d) <= bytes &&
           rd_left(&key->e) <= 4 && rd_left(&key->p) <= bytes / 2 + 1 &&
           rd_left(&key->q) <= bytes / 2 + 1;
}

/* GIDS 2.0, PUT KEY: 70{84 key, A5{83 kind, 84 in plain, 87 value}} */
static DWORD fill_imported(struct run *g, const struct gids_key *key,
                           const struct edge_private_key *source, sw_t *ret_sw)
{
    uint8_t buf[IMPORT_MAX];
    struct wr w = wr_init(buf, sizeof(buf));
    size_t outer = tlv_open(&w, 0x70), inner, value;
    struct apdu cmd;
    DWORD rc = SCARD_E_INVALID_PARAMETER;

    tlv_put_u8(&w, 0x84, key->ref);
    inner = tlv_open(&w, 0xA5);
    tlv_put_u8(&w, 0x83, key->size->ec ? 3 : 2);
    tlv_put_u8(&w, 0x84, 0);
    value = tlv_open(&w, 0x87);
    if (key->size->ec)
        put_ec(&w, source);
    else
        put_rsa(&w, source);
    tlv_close(&w, 0x87, value);
    tlv_close(&w, 0xA5, inner);
    tlv_close(&w, 0x70, outer);
    if (!w.bad) {
        cmd = run_apdu(INS_PUT_DATA, GIDS_EF_APP, buf, wr_len(&w), 0);
        rc = gids_run(g, &cmd, 1, NULL, 0, ret_sw, NULL);
    }
    wipe(buf, sizeof(buf));
    return rc;
}

/* source NULL: the card makes the key. */
static DWORD fill(struct run *g, const struct gids_key *key, const struct edge_private_key *source,
                  sw_t *ret_sw)
{
    return source != NULL ? fill_imported(g, key, source, ret_sw) : fill_generated(g, key, ret_sw);
}

/* ---- verbs ----------------------------------------------------------------------------------- */

/* The EF of a listed key is gone, not activated, or made for other uses: the key that it should
 * hold is of no use to anybody. Status words that may just as well blame an imported key's bytes
 * are not among these. */
static bool blames_file(sw_t sw, bool importing)
{
    return sw_is(sw, SW_NOT_FOUND) || sw_is(sw, SW_REFERENCE_NOT_FOUND) ||
           sw_is(sw, SW_CONDITIONS) ||
           (!importing && (sw_is(sw, SW_REFERENCE_DATA) || sw_is(sw, SW_WRONG_P1P2)));
}

/* A key in an EF of its own, as keys[at] of the container's record; entered last. */
static DWORD make_anew(struct run *g, const uint8_t *map, size_t len, unsigned index,
                       const struct gids_record *record, unsigned at,
                       const struct edge_private_key *source)
{
    const struct gids_key *key = &record->keys[at];
    sw_t sw = { SW_OK };
    DWORD rc = create_file(g, key);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    gids_public_drop(g->e, key->ref);
    rc = fill(g, key, source, &sw);
    if (rc == SCARD_S_SUCCESS)
        rc = key_error(sw);
    if (rc == SCARD_S_SUCCESS)
        rc = gids_keymap_set(g, map, len, index, record);
    if (rc != SCARD_S_SUCCESS) {
        gids_public_drop(g->e, key->ref);
        (void)delete_file(g, key_ef(key));
    }
    return rc;
}

/* The place of a key of this kind in its container: that of the key it replaces, or behind the
 * other slot's. */
static unsigned place_in(const struct gids_record *record, const struct gids_key *key)
{
    unsigned at = 0;

    while (at < 1 && record->keys[at].size != NULL &&
           gids_is_exchange(&record->keys[at]) != gids_is_exchange(key))
        at++;
    return at;
}

/* A key of the same kind in the same slot: the EF, its CRTs and the keymap stay, and the card
 * replaces the value or not. Any other gets an EF of its own, and what it replaces is deleted when
 * it is there. */
static DWORD make(struct run *g, const uint8_t *map, size_t len, unsigned index,
                  const struct gids_key *wanted, const struct edge_private_key *source)
{
    struct gids_record record;
    struct gids_key *key, old;
    sw_t sw = { SW_OK };
    DWORD rc;

    gids_keymap_get(map, len, index, &record);
    if (record.taken && record.keys[0].size == NULL)
        return SCARD_E_NO_MEMORY; /* by a key this edge does not understand */
    key = &record.keys[place_in(&record, wanted)];
    old = *key;
    if (old.size == wanted->size) {
        gids_public_drop(g->e, old.ref);
        rc = fill(g, &old, source, &sw);
        if (rc != SCARD_S_SUCCESS || !blames_file(sw, source != NULL))
            return rc != SCARD_S_SUCCESS ? rc : key_error(sw);
    }
    *key = *wanted;
    if (old.size == wanted->size) { /* its EF is of no use: it is deleted first */
        key->ref = old.ref;
        old.size = NULL;
    } else {
        key->ref = gids_keymap_pick(map, len, index);
    }
    if (key->ref == 0)
        return SCARD_E_NO_MEMORY;
    rc = make_anew(g, map, len, index, &record, (unsigned)(key - record.keys), source);
    if (rc == SCARD_S_SUCCESS && old.size != NULL) {
        gids_public_drop(g->e, old.ref);
        (void)delete_file(g, key_ef(&old)); /* nobody lists it any more */
    }
    return rc;
}

static DWORD load_and_make(struct edge *e, unsigned index, uint8_t spec, uint32_t bits,
                           const struct edge_private_key *source)
{
    struct run g = { e, false };
    const struct gids_key wanted = { gids_size_find(spec, bits), spec, 0 };
    uint8_t *map = NULL;
    size_t len = 0;
    DWORD rc;

    if (wanted.size == NULL || index >= GIDS_CONTAINERS ||
        (source != NULL && !fits_size(source, wanted.size)))
        return SCARD_E_INVALID_PARAMETER;
    rc = gids_keymap_load(&g, true, &map, &len);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (map[0] != GIDS_TABLE_FORMAT)
        rc = SCARD_E_UNEXPECTED; /* not ours to rewrite */
    else
        rc = gids_prove(&g); /* everything from here on writes */
    if (rc == SCARD_S_SUCCESS)
        rc = make(&g, map, len, index, &wanted, source);
    run_free(g.e, map, len);
    return rc;
}

DWORD gids_keys_generate(struct edge *e, unsigned index, uint8_t spec, uint32_t bits)
{
    return load_and_make(e, index, spec, bits, NULL);
}

DWORD gids_keys_import(struct edge *e, unsigned index, uint8_t spec, uint32_t bits,
                       const struct edge_private_key *key)
{
    return load_and_make(e, index, spec, bits, key);
}

/* The EFs of a record that is no longer listed. What cannot be deleted is listed again. */
static DWORD delete_keys(struct run *g, const uint8_t *map, size_t len, unsigned index,
                         const struct gids_record *record)
{
    struct gids_record left = *record;
    DWORD rc = SCARD_S_SUCCESS;

    if (record->keys[0].size == NULL) { /* not understood: what is its own by rule */
        if (!gids_keymap_owns(map, len, index))
            return SCARD_S_SUCCESS;
        rc = delete_file(g, ref_ef((uint8_t)(GIDS_KEY0 + index)));
        if (rc != SCARD_S_SUCCESS)
            (void)gids_keymap_store(g, map, len);
        return rc;
    }
    for (unsigned k = 2; k-- > 0 && rc == SCARD_S_SUCCESS;) {
        if (record->keys[k].size == NULL)
            continue;
        gids_public_drop(g->e, record->keys[k].ref);
        rc = delete_file(g, key_ef(&record->keys[k]));
        if (rc != SCARD_S_SUCCESS)
            (void)gids_keymap_set(g, map, len, index, &left);
        left.keys[k].size = NULL;
    }
    return rc;
}

DWORD gids_keys_erase(struct edge *e, unsigned index)
{
    struct run g = { e, false };
    struct gids_record record;
    uint8_t *map = NULL;
    size_t len = 0;
    DWORD rc;

    if (index >= GIDS_CONTAINERS)
        return SCARD_E_INVALID_PARAMETER;
    rc = gids_keymap_load(&g, true, &map, &len);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    gids_keymap_get(map, len, index, &record);
    if (record.taken) {
        rc = gids_keymap_set(&g, map, len, index, NULL);
        if (rc == SCARD_S_SUCCESS)
            rc = delete_keys(&g, map, len, index, &record);
    }
    run_free(g.e, map, len);
    return rc;
}
