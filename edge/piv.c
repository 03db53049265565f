/* SPDX-License-Identifier: MIT */
/* The PIV card as a whole, its slots, and the table of its verbs. */
#include "edge/piv_internal.h"

#include <string.h>

/* ---- slots and algorithms -------------------------------------------------------------------- */

#define RETIRED(n) { 0x82 + (n), 0x5FC10D + (n), EDGE_USER, true, true }

/* Windows takes the first free container for a new key: those come first whose key the PIN guards
 * for a session. 9C (the PIN before each use) and 9E (no PIN at all) are for those who ask. What RSA
 * keys are for follows the inbox driver's habit, logon needs a key for exchange; with EC keys 9A, 9C
 * and 9E must not agree on secrets (SP 800-73-4 part 2, 3.2.4). */
const struct piv_slot piv_slots[PIV_CONTAINERS] = {
    { 0x9A, 0x5FC105, EDGE_USER, true, false },
    { 0x9D, 0x5FC10B, EDGE_USER, true, true },
    RETIRED(0), RETIRED(1), RETIRED(2), RETIRED(3), RETIRED(4), RETIRED(5), RETIRED(6),
    RETIRED(7), RETIRED(8), RETIRED(9), RETIRED(10), RETIRED(11), RETIRED(12), RETIRED(13),
    RETIRED(14), RETIRED(15), RETIRED(16), RETIRED(17), RETIRED(18), RETIRED(19),
    { 0x9C, 0x5FC10A, PIV_ROLE_SIGN, false, false },
    { 0x9E, 0x5FC101, EDGE_EVERYONE, false, false },
};

static const struct piv_alg algs[] = {
    { 0x06, false, 1024, 1, 2 }, { 0x07, false, 2048, 1, 2 }, { 0x05, false, 3072, 1, 2 },
    { 0x16, false, 4096, 1, 2 }, { 0x11, true, 256, 6, 3 },   { 0x14, true, 384, 7, 4 },
};

#define ALGS (sizeof(algs) / sizeof(algs[0]))

const struct piv_alg *piv_alg_by_id(uint8_t id)
{
    for (size_t i = 0; i < ALGS; i++)
        if (algs[i].id == id)
            return &algs[i];
    return NULL;
}

const struct piv_alg *piv_alg_by_spec(uint8_t spec, uint32_t bits)
{
    for (size_t i = 0; i < ALGS; i++)
        if (algs[i].bits == bits && (algs[i].exchange == spec || algs[i].sign == spec))
            return &algs[i];
    return NULL;
}

size_t piv_alg_bytes(const struct piv_alg *alg)
{
    return alg->bits / 8u;
}

bool piv_is_exchange(const struct piv_key *key)
{
    return key->spec == key->alg->exchange;
}

unsigned piv_index_of(uint8_t ref)
{
    unsigned i = 0;

    while (i < PIV_CONTAINERS && piv_slots[i].ref != ref)
        i++;
    return i;
}

/* ---- facts ----------------------------------------------------------------------------------- */

#define FACTS_FORMAT 1u
#define FACTS_LEN    9u

static void facts_load(struct edge *e, struct piv_facts *f)
{
    uint8_t *data = NULL;
    size_t len = 0;
    struct rd r;

    if (!piv_cache_find(e, "facts", 0, &data, &len))
        return;
    r = rd_init(data, len);
    if (len == FACTS_LEN && rd_u8(&r) == FACTS_FORMAT) {
        f->has_flags = rd_u8(&r) != 0;
        f->flags = rd_u8(&r);
        f->metadata = rd_u8(&r) % 3;
        f->has_version = rd_u8(&r) != 0;
        rd_copy(&r, f->version, sizeof(f->version));
        f->admin_alg = rd_u8(&r);
    }
    run_free(e, data, len);
}

struct piv_facts *piv_facts(struct edge *e)
{
    struct piv_own *own = piv_own(e);

    if (!own->has_facts)
        facts_load(e, &own->facts);
    own->has_facts = true;
    return &own->facts;
}

void piv_facts_keep(struct edge *e)
{
    const struct piv_facts *f = piv_facts(e);
    const uint8_t data[FACTS_LEN] = { FACTS_FORMAT, f->has_flags, f->flags, (uint8_t)f->metadata,
                                      f->has_version, f->version[0], f->version[1], f->version[2],
                                      f->admin_alg };

    piv_cache_keep(e, "facts", 0, data, sizeof(data));
}

DWORD piv_flags(struct run *r, uint8_t *ret)
{
    struct piv_facts *f = piv_facts(r->e);
    uint8_t *data = NULL;
    size_t len = 0;
    DWORD rc;

    if (!f->has_flags) {
        rc = piv_get(r, PIV_ADMIN_DATA, true, &data, &len);
        if (rc != SCARD_S_SUCCESS && !piv_is_nothing(rc))
            return rc;
        f->flags = 0;
        if (rc == SCARD_S_SUCCESS)
            (void)piv_parse_admin_data(data, len, &f->flags);
        run_free(r->e, data, len);
        f->has_flags = true;
        piv_facts_keep(r->e);
    }
    *ret = f->flags;
    return SCARD_S_SUCCESS;
}

/* The vendor's version; zeros where the card has none. 1 exchange, once in an insertion. */
static DWORD piv_firmware(struct run *r, uint8_t ret[3])
{
    struct piv_facts *f = piv_facts(r->e);
    uint8_t buf[APDU_SHORT_LE];
    struct wr answer = wr_init(buf, sizeof(buf));
    struct apdu cmd = run_apdu(PIV_VERSION, 0, NULL, 0, APDU_SHORT_LE);
    sw_t sw = { SW_UNKNOWN };
    DWORD rc;

    if (!f->has_version) {
        rc = piv_send(r, &cmd, &answer, 0, &sw);
        if (!piv_is_answer(rc))
            return rc;
        if (rc == SCARD_S_SUCCESS && sw_is(sw, SW_OK) && wr_len(&answer) == 3)
            memcpy(f->version, buf, 3);
        f->has_version = true;
        piv_facts_keep(r->e);
    }
    memcpy(ret, f->version, 3);
    return SCARD_S_SUCCESS;
}

/* ---- the card -------------------------------------------------------------------------------- */

/* What every PIV card has; the rest is describe's. */
static const struct profile piv_profile = {
    .read_only = true,
    .session_cache = true, /* tools that know nothing of cardcf write certificates and keys */
    .containers_max = PIV_CONTAINERS,
    .pins = {
        [EDGE_USER] = { EDGE_SECRET_PIN, PIV_PIN_MIN, PIV_PIN_MAX, 1u << EDGE_USER,
                        1u << PIV_ROLE_PUK, EDGE_PURPOSE_PRIMARY, false },
        [EDGE_ADMIN] = { EDGE_SECRET_KEY, 8, 16, 1u << EDGE_ADMIN, 0, EDGE_PURPOSE_ADMIN, false },
        [PIV_ROLE_SIGN] = { EDGE_SECRET_PIN, PIV_PIN_MIN, PIV_PIN_MAX, 0, 0,
                            EDGE_PURPOSE_SIGNATURE, true },
        [PIV_ROLE_PUK] = { EDGE_SECRET_PIN, PIV_PIN_MIN, PIV_PIN_MAX, 1u << PIV_ROLE_PUK, 0,
                           EDGE_PURPOSE_UNBLOCK, false },
    },
    .keys = {
        [1] = { 1024, 2048, 2048, 1024 }, [2] = { 1024, 2048, 2048, 1024 },
        [3] = { 256, 256, 256, 1 },       [4] = { 384, 384, 384, 1 },
        [6] = { 256, 256, 256, 1 },       [7] = { 384, 384, 384, 1 },
    },
};

static DWORD piv_probe(struct edge *e, struct profile *profile)
{
    struct piv_own *own = run_alloc(e, sizeof(*own));
    DWORD rc;

    if (own == NULL)
        return SCARD_E_NO_MEMORY;
    memset(own, 0, sizeof(*own));
    vfs_init(&own->vfs, &piv_source);
    own->pin_ref = 0x80;
    e->own = own;
    rc = piv_select(e);
    if (rc != SCARD_S_SUCCESS) {
        e->own = NULL;
        run_free(e, own, sizeof(*own));
        return rc;
    }
    e->card.extended = false;
    e->link_known = false;
    *profile = piv_profile;
    return SCARD_S_SUCCESS;
}

/* Yubico's from 5.7 on make RSA-3072 and RSA-4096. */
static bool makes_long_keys(const uint8_t version[3])
{
    return version[0] > 5 || (version[0] == 5 && version[1] >= 7);
}

/* A card is written with its admin key 9B. Who has that is the caller, as ROLE_ADMIN, or the driver
 * itself where the key lies behind the PIN. Anything else is honestly read-only. Made again when
 * somebody becomes admin, or ceases to be. A card that is read-only is not asked what it can make. */
static DWORD piv_describe(struct edge *e, struct profile *profile)
{
    struct run r = { e, false };
    uint8_t flags = 0, version[3] = { 0 };
    bool writable = piv_is_admin(e);
    DWORD rc = SCARD_S_SUCCESS;

    if (!writable) {
        rc = piv_flags(&r, &flags);
        writable = (flags & PIV_FLAG_PROTECTED) != 0;
    }
    if (rc == SCARD_S_SUCCESS && writable)
        rc = piv_firmware(&r, version);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    profile->read_only = !writable;
    profile->generates = writable;
    profile->imports = writable && version[0] != 0;
    for (unsigned spec = 1; spec <= 2; spec++)
        profile->keys[spec].max = makes_long_keys(version) ? 4096 : 2048;
    return SCARD_S_SUCCESS;
}

static void piv_close(struct edge *e)
{
    struct piv_own *own = piv_own(e);

    if (own == NULL)
        return;
    vfs_close(e);
    e->own = NULL;
    run_free(e, own, sizeof(*own));
}

const struct edge_ops edge_piv = {
    .name = "piv",
    .probe = piv_probe,
    .describe = piv_describe,
    .close = piv_close,
    .table = vfs_table,
    .read = vfs_read,
    .fixed = vfs_fixed,
    .write = vfs_write,
    .create = vfs_create,
    .remove = vfs_remove,
    .free_space = piv_free_space,
    .roles = piv_roles,
    .verify = piv_pin_verify,
    .logout = piv_logout,
    .challenge = piv_challenge,
    .respond = piv_respond,
    .change = piv_pin_change,
    .change_key = piv_change_key,
    .unblock = piv_unblock,
    .containers = piv_containers,
    .generate = piv_keys_generate,
    .import = piv_keys_import,
    .erase = piv_keys_erase,
    .public_key = piv_public_key,
    .sign = piv_sign,
    .decrypt = piv_decrypt,
    .agree = piv_agree,
};
