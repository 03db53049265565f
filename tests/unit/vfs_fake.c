/* SPDX-License-Identifier: MIT */
#include "vfs_fake.h"

struct fake_card card;
struct bytes got;

static const struct vfs_place places[PLACES] = {
    [CERT] = { "mscp", "kxc00", 1 },
    [ROOTS] = { "mscp", "msroots", 1 },
    [ELSEWHERE] = { "other", "thing", 3 },
};

static DWORD answer(void)
{
    return ++card.answers == card.fail_at ? card.fail_with : SCARD_S_SUCCESS;
}

static DWORD give(struct edge *e, const struct bytes *from, uint8_t **ret_data, size_t *ret_len)
{
    if (from->len == 0)
        return SCARD_E_FILE_NOT_FOUND;
    *ret_data = e->services.alloc(e->services.host, from->len);
    if (*ret_data == NULL)
        return SCARD_E_NO_MEMORY;
    memcpy(*ret_data, from->data, from->len);
    *ret_len = from->len;
    return SCARD_S_SUCCESS;
}

static void take(struct bytes *to, const uint8_t *data, size_t len)
{
    assert_true(len <= sizeof(to->data));
    if (len != 0)
        memcpy(to->data, data, len);
    to->len = len;
}

static DWORD identity(struct edge *e, uint8_t ret[16])
{
    DWORD rc = answer();

    (void)e;
    if (rc == SCARD_S_SUCCESS)
        memcpy(ret, "0123456789abcdef", 16);
    return rc;
}

static DWORD present(struct edge *e, bool *list)
{
    (void)e;
    for (size_t i = 0; i < PLACES; i++)
        list[i] = card.places[i].len != 0;
    return answer();
}

static DWORD get_place(struct edge *e, size_t place, uint8_t **ret_data, size_t *ret_len)
{
    DWORD rc = answer();

    assert_true(place < PLACES);
    return rc == SCARD_S_SUCCESS ? give(e, &card.places[place], ret_data, ret_len) : rc;
}

static DWORD put_place(struct edge *e, size_t place, const uint8_t *data, size_t len)
{
    DWORD rc = answer();

    (void)e;
    assert_true(place < PLACES);
    if (rc == SCARD_S_SUCCESS && (card.roles & (USER | ADMIN)) == 0)
        rc = SCARD_W_SECURITY_VIOLATION;
    if (rc == SCARD_S_SUCCESS && card.refuses_put)
        rc = SCARD_E_UNSUPPORTED_FEATURE;
    if (rc == SCARD_S_SUCCESS)
        take(&card.places[place], data, len);
    return rc;
}

static DWORD drop_place(struct edge *e, size_t place)
{
    return place == ROOTS ? SCARD_E_UNSUPPORTED_FEATURE : put_place(e, place, NULL, 0);
}

static DWORD labels(struct edge *e, struct vfs_label *list)
{
    DWORD rc = answer();

    (void)e;
    if (rc == SCARD_S_SUCCESS)
        memcpy(list, card.labels, sizeof(card.labels));
    return rc;
}

static DWORD label(struct edge *e, const struct vfs_label *list)
{
    DWORD rc = answer();

    (void)e;
    if (rc == SCARD_S_SUCCESS && !card.holds_label)
        rc = SCARD_E_UNSUPPORTED_FEATURE;
    if (rc == SCARD_S_SUCCESS)
        memcpy(card.labels, list, sizeof(card.labels));
    return rc;
}

static DWORD load(struct edge *e, unsigned part, uint8_t **ret_data, size_t *ret_len)
{
    DWORD rc = answer();

    assert_true(part < VFS_PARTS);
    if (rc == SCARD_S_SUCCESS && !card.holds)
        rc = SCARD_E_UNSUPPORTED_FEATURE;
    return rc == SCARD_S_SUCCESS ? give(e, &card.parts[part], ret_data, ret_len) : rc;
}

static bool is_full(size_t len)
{
    for (size_t i = 0; i < VFS_PARTS; i++)
        len += card.parts[i].len;
    return card.room != 0 && len > card.room;
}

static DWORD store(struct edge *e, unsigned part, const uint8_t *data, size_t len)
{
    DWORD rc = answer();

    (void)e;
    assert_true(part < VFS_PARTS);
    assert_true(part != VFS_DIRECTORY || len <= VFS_DIRECTORY_MAX);
    if (rc == SCARD_S_SUCCESS && !card.holds)
        rc = SCARD_E_UNSUPPORTED_FEATURE;
    if (rc == SCARD_S_SUCCESS && len != 0 && is_full(len))
        rc = SCARD_E_WRITE_TOO_MANY;
    if (rc == SCARD_S_SUCCESS)
        take(&card.parts[part], data, len);
    return rc;
}

static const struct vfs_source source = { places,    PLACES, identity, present, get_place, put_place,
                                          drop_place, labels, label,    load,    store };

static DWORD roles(struct edge *e, uint8_t *ret_set)
{
    (void)e;
    *ret_set = card.roles;
    return answer();
}

static DWORD containers(struct edge *e, struct edge_container *list)
{
    (void)e;
    memcpy(list, card.boxes, sizeof(card.boxes));
    return answer();
}

static const struct edge_ops ops = { .name = "fake", .roles = roles, .containers = containers };

void card_reset(void)
{
    memset(&card, 0, sizeof(card));
    card.holds = true;
    card.roles = USER | ADMIN;
    card.boxes[0].kx = (struct edge_key){ 1, 2048, 0 };
    card.boxes[2].sig = (struct edge_key){ 3, 256, 0 };
    for (unsigned i = 0; i < BOXES; i++)
        card.boxes[i].pin = EDGE_USER;
}

void context_open(struct fake_context *c, struct caller *caller)
{
    memset(c, 0, sizeof(*c));
    c->e.ops = &ops;
    c->e.services = caller_services(caller);
    c->e.profile.containers_max = BOXES;
    c->e.own = &c->vfs;
    vfs_init(&c->vfs, &source);
}

void context_close(struct fake_context *c)
{
    vfs_close(&c->e);
}

/* ---- as the core does ------------------------------------------------------------------------ */

static DWORD lookup(struct fake_context *c, const char *dir, const char *name,
                    struct edge_file *ret)
{
    struct edge_file *files = NULL;
    size_t count = 0;
    DWORD rc = vfs_table(&c->e, &files, &count);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = SCARD_E_FILE_NOT_FOUND;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(files[i].dir, dir) != 0 || strcmp(files[i].name, name) != 0)
            continue;
        assert_int_equal(rc, SCARD_E_FILE_NOT_FOUND); /* listed once */
        *ret = files[i];
        rc = SCARD_S_SUCCESS;
    }
    c->e.services.free(c->e.services.host, files);
    return rc;
}

const struct edge_file *look(struct fake_context *c, const char *dir, const char *name)
{
    static struct edge_file file;

    return lookup(c, dir, name, &file) == SCARD_S_SUCCESS ? &file : NULL;
}

DWORD make(struct fake_context *c, const char *dir, const char *name, uint8_t ac)
{
    struct edge_file what = { .ac = ac };

    memcpy(what.dir, dir, strlen(dir));
    memcpy(what.name, name, strlen(name));
    return vfs_create(&c->e, &what, 0);
}

DWORD put(struct fake_context *c, const char *dir, const char *name, const void *data, size_t len)
{
    struct edge_file file;
    DWORD rc = lookup(c, dir, name, &file);

    return rc == SCARD_S_SUCCESS ? vfs_write(&c->e, &file, data, len) : rc;
}

DWORD drop(struct fake_context *c, const char *dir, const char *name)
{
    struct edge_file file;
    DWORD rc = lookup(c, dir, name, &file);

    return rc == SCARD_S_SUCCESS ? vfs_remove(&c->e, &file) : rc;
}

DWORD get(struct fake_context *c, const char *dir, const char *name)
{
    struct edge_file file;
    uint8_t *data = NULL;
    DWORD rc = vfs_fixed(&c->e, dir, name, &file) ? SCARD_S_SUCCESS : lookup(c, dir, name, &file);

    if (rc == SCARD_S_SUCCESS)
        rc = vfs_read(&c->e, &file, &data, &got.len);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    assert_non_null(data);
    memcpy(got.data, data, got.len);
    c->e.services.free(c->e.services.host, data);
    return rc;
}

void assert_file(struct fake_context *c, const char *dir, const char *name, const void *data,
                 size_t len)
{
    assert_int_equal(get(c, dir, name), SCARD_S_SUCCESS);
    assert_int_equal(got.len, len);
    assert_memory_equal(got.data, data, len);
}
