/* SPDX-License-Identifier: MIT */
#include "verbs.h"

/* ---- verbs with their arguments ---- */

DWORD run_probe(struct edge *e, const struct args *a, struct result *r)
{
    struct profile p;
    DWORD rc = e->ops->probe(e, &p);

    (void)a;
    if (rc == SCARD_S_SUCCESS)
        r->data[r->len++] = (uint8_t)p.containers_max;
    return rc;
}

DWORD run_table(struct edge *e, const struct args *a, struct result *r)
{
    struct edge_file *files = NULL;
    size_t count = 0;
    DWORD rc = e->ops->table(e, &files, &count);

    (void)a;
    if (rc != SCARD_S_SUCCESS)
        return rc;
    for (size_t i = 0; i < count; i++) {
        r->data[r->len++] = files[i].ac;
        for (int shift = 24; shift >= 0; shift -= 8)
            r->data[r->len++] = (uint8_t)(files[i].where >> shift);
    }
    e->services.free(e->services.host, files);
    return rc;
}

DWORD run_read(struct edge *e, const struct args *a, struct result *r)
{
    uint8_t *data = NULL;
    size_t len = 0;
    DWORD rc = e->ops->read(e, &a->file, &data, &len);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    assert_non_null(data);
    memcpy(r->data, data, len);
    r->len = len;
    e->services.free(e->services.host, data);
    return rc;
}

DWORD run_write(struct edge *e, const struct args *a, struct result *r)
{
    uint8_t data[4096];

    (void)r;
    return e->ops->write(e, &a->file, data, hex(a->in, data, sizeof(data)));
}

DWORD run_create(struct edge *e, const struct args *a, struct result *r)
{
    (void)r;
    return e->ops->create(e, &a->file, a->reserve);
}

DWORD run_remove(struct edge *e, const struct args *a, struct result *r)
{
    (void)r;
    return e->ops->remove(e, &a->file);
}

DWORD run_space(struct edge *e, const struct args *a, struct result *r)
{
    uint32_t bytes, containers;
    DWORD rc = e->ops->free_space(e, &bytes, &containers);

    (void)a;
    if (rc != SCARD_S_SUCCESS)
        return rc;
    for (int shift = 24; shift >= 0; shift -= 8)
        r->data[r->len++] = (uint8_t)(bytes >> shift);
    for (int shift = 24; shift >= 0; shift -= 8)
        r->data[r->len++] = (uint8_t)(containers >> shift);
    return rc;
}

DWORD run_roles(struct edge *e, const struct args *a, struct result *r)
{
    uint8_t set = 0xEE;
    DWORD rc = e->ops->roles(e, &set);

    (void)a;
    if (rc == SCARD_S_SUCCESS)
        r->data[r->len++] = set;
    else
        assert_int_equal(set, 0xEE);
    return rc;
}

static enum edge_role role_of(const struct args *a)
{
    return a->role != 0 ? (enum edge_role)a->role : EDGE_USER;
}

DWORD run_verify(struct edge *e, const struct args *a, struct result *r)
{
    uint8_t pin[256];

    return e->ops->verify(e, role_of(a), pin, hex(a->in, pin, sizeof(pin)), &r->left);
}

DWORD run_logout(struct edge *e, const struct args *a, struct result *r)
{
    (void)r;
    return e->ops->logout(e, (uint8_t)(1u << role_of(a)));
}

DWORD run_challenge(struct edge *e, const struct args *a, struct result *r)
{
    size_t len = 16;
    DWORD rc = e->ops->challenge(e, r->data, &len);

    (void)a;
    if (rc == SCARD_S_SUCCESS)
        r->len = len;
    return rc;
}

DWORD run_respond(struct edge *e, const struct args *a, struct result *r)
{
    uint8_t buf[64];

    return e->ops->respond(e, buf, hex(a->in, buf, sizeof(buf)), &r->left);
}

DWORD run_change(struct edge *e, const struct args *a, struct result *r)
{
    uint8_t old[256], fresh[256];
    size_t old_len = hex(a->in, old, sizeof(old));

    return e->ops->change(e, role_of(a), old, old_len, fresh, hex(a->fresh, fresh, sizeof(fresh)),
                          a->tries, &r->left);
}

DWORD run_change_key(struct edge *e, const struct args *a, struct result *r)
{
    uint8_t response[64], key[64];
    size_t len = hex(a->in, response, sizeof(response));

    return e->ops->change_key(e, response, len, key, hex(a->fresh, key, sizeof(key)), &r->left);
}

DWORD run_unblock(struct edge *e, const struct args *a, struct result *r)
{
    uint8_t proof[256], fresh[256];
    size_t len = hex(a->in, proof, sizeof(proof));

    return e->ops->unblock(e, EDGE_USER, proof, len, fresh, hex(a->fresh, fresh, sizeof(fresh)),
                           a->tries, &r->left);
}

DWORD run_containers(struct edge *e, const struct args *a, struct result *r)
{
    struct edge_container list[30];
    DWORD rc = e->ops->containers(e, list);

    (void)a;
    if (rc == SCARD_S_SUCCESS)
        for (unsigned i = 0; i < 3; i++) {
            r->data[r->len++] = list[i].sig.spec;
            r->data[r->len++] = list[i].kx.spec;
        }
    return rc;
}

/* Container, specification, bits / 16 and role of each key. */
DWORD run_listed(struct edge *e, const struct args *a, struct result *r)
{
    struct edge_container list[EDGE_CONTAINERS_MAX];
    DWORD rc = e->ops->containers(e, list);

    (void)a;
    for (unsigned i = 0; rc == SCARD_S_SUCCESS && i < e->profile.containers_max; i++) {
        const struct edge_key *key = list[i].kx.spec != 0 ? &list[i].kx : &list[i].sig;

        if (key->spec == 0)
            continue;
        r->data[r->len++] = (uint8_t)i;
        r->data[r->len++] = key->spec;
        r->data[r->len++] = (uint8_t)(key->bits / 16);
        r->data[r->len++] = list[i].pin;
    }
    return rc;
}

DWORD run_generate(struct edge *e, const struct args *a, struct result *r)
{
    (void)r;
    return e->ops->generate(e, a->index, a->spec, a->bits);
}

DWORD run_import(struct edge *e, const struct args *a, struct result *r)
{
    uint8_t n[512], d[512], half[256], x[66], y[66];
    static const uint8_t exponent[] = { 1, 0, 1 };
    struct edge_private_key key = { 0 };

    (void)r;
    if (a->spec == 3) {
        key.d = rd_init(d, hex(EC_D, d, sizeof(d)));
        key.x = rd_init(x, hex(EC_X, x, sizeof(x)));
        key.y = rd_init(y, hex(EC_Y, y, sizeof(y)));
    } else {
        memset(n, 0xFF, sizeof(n));
        memset(d, 0x55, sizeof(d));
        memset(half, 0x77, sizeof(half));
        key.n = rd_init(n, a->bits / 8);
        key.e = rd_init(exponent, sizeof(exponent));
        key.d = rd_init(d, a->bits / 8);
        key.p = key.q = key.dp = key.dq = key.qinv = rd_init(half, a->bits / 16);
    }
    return e->ops->import(e, a->index, a->spec, a->bits, &key);
}

DWORD run_erase(struct edge *e, const struct args *a, struct result *r)
{
    (void)r;
    return e->ops->erase(e, a->index);
}

DWORD run_public(struct edge *e, const struct args *a, struct result *r)
{
    struct edge_public_key key;
    DWORD rc = e->ops->public_key(e, &a->key, &key);

    if (rc == SCARD_S_SUCCESS) {
        memcpy(r->data, key.n, key.n_len);
        memcpy(r->data + key.n_len, key.e, key.e_len);
        r->len = key.n_len + key.e_len;
    }
    return rc;
}

DWORD run_sign(struct edge *e, const struct args *a, struct result *r)
{
    uint8_t in[600];
    size_t len = sizeof(r->data);
    DWORD rc = e->ops->sign(e, &a->key, a->padding, in, hex(a->in, in, sizeof(in)),
                            r->data, &len);

    if (rc == SCARD_S_SUCCESS)
        r->len = len;
    return rc;
}

DWORD run_decrypt(struct edge *e, const struct args *a, struct result *r)
{
    uint8_t in[600];
    size_t len = sizeof(r->data);
    DWORD rc = e->ops->decrypt(e, &a->key, a->padding, in, hex(a->in, in, sizeof(in)),
                               r->data, &len);

    if (rc == SCARD_S_SUCCESS)
        r->len = len;
    return rc;
}

DWORD run_agree(struct edge *e, const struct args *a, struct result *r)
{
    uint8_t point[600];
    size_t len = sizeof(r->data);
    DWORD rc = e->ops->agree(e, &a->key, point, hex(a->in, point, sizeof(point)), r->data, &len);

    if (rc == SCARD_S_SUCCESS)
        r->len = len;
    return rc;
}

/* ---- playing ---- */

static const struct row *rows;
static size_t row_count;

static void begin(const struct row *row, struct edge *e, struct script *s, struct caller *c)
{
    if (row->piv)
        edge_begin_piv(e, s, c, row->dialogue);
    else
        edge_begin(e, s, c, row->dialogue);
    for (size_t i = 0; i < 5 && row->cached[i].tag != NULL; i++)
        caller_put(c, row->cached[i].tag, row->cached[i].hex);
    if (row->prepare != NULL)
        row->prepare(e);
    e->card.extended = e->link_known = e->link_extends = row->extended;
    if (row->keymap != NULL)
        caller_put(c, "gids.keymap", row->keymap);
    if (row->table != NULL)
        caller_put(c, "gids.masterfile", row->table);
    if (row->admin_table != NULL)
        caller_put(c, "gids.adminfile", row->admin_table);
    e->tells_space = row->space;
}

static void check_result(const struct row *row, const struct result *r)
{
    uint8_t want[1200];
    size_t len = row->out != NULL ? hex(row->out, want, sizeof(want)) : 0;

    assert_int_equal(r->len, len);
    assert_memory_equal(r->data, want, len);
}

static void check_after(const struct row *row, const struct result *r, const struct edge *e,
                        const struct caller *c)
{
    if (row->keymap_after != NULL)
        assert_true(caller_has(c, "gids.keymap", row->keymap_after));
    if (row->table_after != NULL)
        assert_true(caller_has(c, "gids.masterfile", row->table_after));
    if (row->admin_table_after != NULL)
        assert_true(caller_has(c, "gids.adminfile", row->admin_table_after));
    for (size_t i = 0; i < 3 && row->cached_after[i].tag != NULL; i++)
        assert_true(caller_has(c, row->cached_after[i].tag, row->cached_after[i].hex));
    if (row->left != NULL)
        assert_int_equal(r->left, *row->left);
    if (row->space_after != EDGE_NOT_ASKED)
        assert_int_equal(e->tells_space, row->space_after);
}

static void test_dialogues(void **state)
{
    struct edge e;
    struct script s;
    struct caller c;

    (void)state;
    for (size_t i = 0; i < row_count; i++) {
        struct result r = { .left = 0xEEEE };

        begin(&rows[i], &e, &s, &c);
        memset(r.data, 0xEE, sizeof(r.data));
        print_message("%2u exchanges  %s\n", rows[i].exchanges, rows[i].name);
        assert_int_equal(rows[i].run(&e, &rows[i].args, &r), rows[i].rc);
        check_result(&rows[i], &r);
        assert_true(script_done(&s));
        assert_int_equal(e.card.exchanges, rows[i].exchanges);
        check_after(&rows[i], &r, &e, &c);
        edge_end(&e, &c);
    }
}

/* Does the verb end as ever when the transport fails at this exchange? */
static bool may_end(const struct row *row, unsigned at)
{
    return row->rc != SCARD_S_SUCCESS || at + row->tidying >= row->exchanges;
}

/* The card is gone from exchange n on: the transport's code comes up, nothing comes out. Where
 * the row ends in a refusal, the exchanges after it only tidy up: then the refusal may come up. Of
 * a success only those that the row calls `tidying`. */
static void test_transport_fails_anywhere(void **state)
{
    struct edge e;
    struct script s;
    struct caller c;

    (void)state;
    for (size_t i = 0; i < row_count; i++)
        for (unsigned n = 0; n < rows[i].exchanges; n++) {
            struct result r = { 0 };
            DWORD rc;

            begin(&rows[i], &e, &s, &c);
            s.fail_from = n;
            s.fail_with = SCARD_W_RESET_CARD;
            rc = rows[i].run(&e, &rows[i].args, &r);
            if (rc != SCARD_W_RESET_CARD && (rc != rows[i].rc || !may_end(&rows[i], n)))
                fail_msg("%s, exchange %u: %08X", rows[i].name, n, (unsigned)rc);
            assert_int_equal(r.len, 0);
            edge_end(&e, &c);
        }
}

/* No memory is never a crash or a leak, and never a success with something missing. */
static void test_memory_fails_anywhere(void **state)
{
    struct edge e;
    struct script s;
    struct caller c;

    (void)state;
    for (size_t i = 0; i < row_count; i++)
        for (unsigned k = 1; k < 20; k++) {
            struct result r = { 0 };
            DWORD rc;

            begin(&rows[i], &e, &s, &c);
            c.allocs = 0;
            c.fail_alloc = k;
            s.lenient = true;
            rc = rows[i].run(&e, &rows[i].args, &r);
            edge_end(&e, &c);
            if (rc == SCARD_S_SUCCESS && rows[i].run != run_space)
                check_result(&rows[i], &r);
            if (rc != SCARD_S_SUCCESS)
                assert_int_equal(r.len, 0);
        }
}

/* Another application is selected, and refuses in its own way: ours is selected once, and the
 * verb ends as ever. The other one is never sent a write or a PIN. */
static void test_selection_lost(void **state)
{
    static const uint16_t refusals[] = { 0x6D00, 0x6E00, 0x6A82, 0x6A81, 0x6A86, 0x6A88, 0x6A80,
                                         0x6981, 0x6982, 0x6983, 0x6984, 0x6985, 0x6986, 0x6999,
                                         0x6900, 0x6884, 0x6700, 0x6F00, 0x63C3, 0x6285 };
    struct edge e;
    struct script s;
    struct caller c;

    (void)state;
    for (size_t i = 0; i < row_count; i++)
        for (size_t k = 0; k < sizeof(refusals) / sizeof(refusals[0]); k++) {
            struct result r = { 0 };
            DWORD rc;

            if (rows[i].stays || rows[i].exchanges == 0 ||
                (rows[i].extended && refusals[k] == 0x6700)) /* may also say that the reader cannot
                                                                do extended APDUs */
                continue;
            begin(&rows[i], &e, &s, &c);
            s.foreign = true;
            s.foreign_sw = refusals[k];
            rc = rows[i].run(&e, &rows[i].args, &r);
            if (rc != rows[i].rc)
                fail_msg("%s, %04X: %08X", rows[i].name, refusals[k], (unsigned)rc);
            check_result(&rows[i], &r);
            assert_int_equal(s.dangerous, 0);
            edge_end(&e, &c);
        }
}

int verbs_play(const char *name, const struct row *all, size_t count)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dialogues),
        cmocka_unit_test(test_transport_fails_anywhere),
        cmocka_unit_test(test_memory_fails_anywhere),
        cmocka_unit_test(test_selection_lost),
    };

    rows = all;
    row_count = count;
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}
