/* SPDX-License-Identifier: MIT */
#include "fake_edge.h"

#include "cardmint/cardmod.h"
#include "pcsc/pcsc.h"

#include <string.h>

#define USER  (1u << EDGE_USER)
#define ADMIN (1u << EDGE_ADMIN)
#define HERE  0x1000u /* edge_file.where: HERE + index in fake.files */
#define FIXED 0x2000u

enum { SIG_KEY = 0x3000, KX_KEY, EC_KEY }; /* edge_key.where */

struct fake fake;

static void add(const char *dir, const char *name, uint8_t ac, const char *content)
{
    struct edge_file *f = &fake.files[fake.file_count];

    memset(f, 0, sizeof(*f));
    memcpy(f->dir, dir, strlen(dir) + 1);
    memcpy(f->name, name, strlen(name) + 1);
    f->ac = ac;
    f->where = HERE + (uint32_t)fake.file_count;
    fake.content[fake.file_count++] = content;
}

void fake_reset(void)
{
    static const struct profile profile = {
        .generates = true,
        .imports = true,
        .containers_max = FAKE_CONTAINERS,
        .pins = {
            [EDGE_USER] = { EDGE_SECRET_PIN, 4, 8, USER, ADMIN, PrimaryCardPin, false },
            [EDGE_ADMIN] = { EDGE_SECRET_KEY, 8, 8, ADMIN, 0, AdministratorPin, false },
        },
        .keys = {
            [AT_KEYEXCHANGE] = { 1024, 1024, 2048, 1024 },
            [AT_SIGNATURE] = { 1024, 1024, 2048, 1024 },
            [AT_ECDHE_P256] = { 256, 256, 256, 1 },
        },
    };

    memset(&fake, 0, sizeof(fake));
    fake.profile = profile;
    fake.free_bytes = 100;
    fake.failing = VERBS;
    add("", "cardid", EveryoneReadAdminWriteAc, "0123456789abcdef");
    add("", "secret", AdminReadWriteAc, "xyz");
    add("mine", "", UserCreateDeleteDirAc, NULL);
    add("mine", "one", EveryoneReadUserWriteAc, "1");
    add("theirs", "", AdminCreateDeleteDirAc, NULL);
    fake.containers[0].sig = (struct edge_key){ AT_SIGNATURE, 1024, SIG_KEY };
    fake.containers[0].kx = (struct edge_key){ AT_KEYEXCHANGE, 1024, KX_KEY };
    fake.containers[1].kx = (struct edge_key){ AT_ECDHE_P256, 256, EC_KEY };
    for (unsigned i = 0; i < FAKE_CONTAINERS; i++)
        fake.containers[i].pin = EDGE_USER;
}

/* ---- verbs ----------------------------------------------------------------------------------- */

static DWORD begin(enum verb verb)
{
    fake.asked[verb]++;
    if (verb == fake.failing && (fake.fails_at == 0 || fake.asked[verb] == fake.fails_at))
        return fake.fails_with;
    return SCARD_S_SUCCESS;
}

/* ... and refused unless one of `set` is authenticated. */
static DWORD begin_as(enum verb verb, uint8_t set)
{
    DWORD rc = begin(verb);

    return rc != SCARD_S_SUCCESS || (fake.roles & set) != 0 ? rc : SCARD_W_SECURITY_VIOLATION;
}

static DWORD give(struct edge *e, const void *data, size_t len, uint8_t **ret, size_t *ret_len)
{
    uint8_t *block = e->services.alloc(e->services.host, len);

    if (block == NULL)
        return SCARD_E_NO_MEMORY;
    memcpy(block, data, len);
    *ret = block;
    *ret_len = len;
    return SCARD_S_SUCCESS;
}

static DWORD table(struct edge *e, struct edge_file **ret_files, size_t *ret_count)
{
    uint8_t *block = NULL;
    size_t len = 0;
    DWORD rc = begin(TABLE);

    if (rc == SCARD_S_SUCCESS)
        rc = give(e, fake.files, fake.file_count * sizeof(fake.files[0]), &block, &len);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    *ret_files = (struct edge_file *)(void *)block;
    *ret_count = fake.file_count;
    return rc;
}

static bool fixed(const struct edge *e, const char *dir, const char *name, struct edge_file *ret)
{
    (void)e;
    if (!fake.has_fixed || dir[0] != '\0' || strcmp(name, "cardid") != 0)
        return false;
    *ret = fake.files[0];
    ret->where = FIXED;
    return true;
}

static DWORD read_file(struct edge *e, const struct edge_file *file, uint8_t **ret, size_t *ret_len)
{
    DWORD rc = file->ac == AdminReadWriteAc ? begin_as(READ, ADMIN) : begin(READ);

    if (rc == SCARD_S_SUCCESS && file->where == FIXED)
        rc = SCARD_E_FILE_NOT_FOUND;
    if (rc == SCARD_S_SUCCESS)
        rc = give(e, fake.content[file->where - HERE], strlen(fake.content[file->where - HERE]),
                  ret, ret_len);
    return rc;
}

static DWORD write_file(struct edge *e, const struct edge_file *file, const uint8_t *data,
                        size_t len)
{
    bool admins = file->ac == AdminReadWriteAc || file->ac == EveryoneReadAdminWriteAc;

    (void)e, (void)data, (void)len;
    return begin_as(WRITE, admins ? ADMIN : USER | ADMIN);
}

static bool is_admins(const char *dir)
{
    for (size_t i = 0; i < fake.file_count; i++)
        if (strcmp(fake.files[i].dir, dir) == 0 && fake.files[i].name[0] == '\0')
            return fake.files[i].ac == AdminCreateDeleteDirAc;
    return false;
}

static DWORD create(struct edge *e, const struct edge_file *what, uint32_t reserve)
{
    DWORD rc = begin_as(CREATE, is_admins(what->dir) ? ADMIN : USER | ADMIN);

    (void)e;
    if (rc == SCARD_S_SUCCESS && fake.free_bytes != CARD_DATA_VALUE_UNKNOWN &&
        reserve > fake.free_bytes)
        return SCARD_E_WRITE_TOO_MANY;
    fake.reserved = reserve;
    return rc;
}

static DWORD remove_file(struct edge *e, const struct edge_file *file)
{
    (void)e, (void)file;
    return begin_as(REMOVE, USER | ADMIN);
}

static DWORD free_space(struct edge *e, uint32_t *ret_bytes, uint32_t *ret_containers)
{
    (void)e;
    *ret_bytes = fake.free_bytes;
    *ret_containers = 1;
    return begin(SPACE);
}

static DWORD roles(struct edge *e, uint8_t *ret_set)
{
    DWORD rc = begin(ROLES);

    (void)e;
    if (rc == SCARD_S_SUCCESS)
        *ret_set = fake.roles;
    return rc;
}

static DWORD verify(struct edge *e, enum edge_role role, const uint8_t *pin, size_t len,
                    uint32_t *ret_left)
{
    DWORD rc = begin(VERIFY);

    (void)e, (void)pin, (void)len;
    fake.role = role;
    *ret_left = 0xFFFFFFFF;
    if (rc == SCARD_S_SUCCESS)
        fake.roles |= (uint8_t)(1u << role);
    return rc;
}

static DWORD logout(struct edge *e, uint8_t set)
{
    DWORD rc = begin(LOGOUT);

    (void)e;
    if (rc == SCARD_S_SUCCESS)
        fake.roles &= (uint8_t)~set;
    return rc;
}

static DWORD challenge(struct edge *e, uint8_t *data, size_t *len)
{
    (void)e;
    memset(data, 'c', 8);
    *len = 8;
    return begin(CHALLENGE);
}

static DWORD respond(struct edge *e, const uint8_t *response, size_t len, uint32_t *ret_left)
{
    DWORD rc = begin(RESPOND);

    (void)e, (void)response, (void)len;
    *ret_left = 0xFFFFFFFF;
    if (rc == SCARD_S_SUCCESS)
        fake.roles |= ADMIN;
    return rc;
}

static DWORD change(struct edge *e, enum edge_role role, const uint8_t *old, size_t old_len,
                    const uint8_t *fresh, size_t fresh_len, unsigned tries, uint32_t *ret_left)
{
    DWORD rc = begin(CHANGE);

    (void)e, (void)old, (void)old_len, (void)fresh, (void)fresh_len;
    *ret_left = rc == SCARD_W_WRONG_CHV ? 2 : 0xFFFFFFFF;
    fake.tries = tries;
    fake.role = role;
    if (rc == SCARD_S_SUCCESS)
        fake.roles |= (uint8_t)(1u << role);
    return rc;
}

static DWORD change_key(struct edge *e, const uint8_t *response, size_t len, const uint8_t *key,
                        size_t key_len, uint32_t *ret_left)
{
    (void)e, (void)response, (void)len, (void)key, (void)key_len;
    *ret_left = 0xFFFFFFFF;
    return begin(CHANGE_KEY);
}

static DWORD unblock(struct edge *e, enum edge_role role, const uint8_t *proof, size_t len,
                     const uint8_t *fresh, size_t fresh_len, unsigned tries, uint32_t *ret_left)
{
    (void)e, (void)proof, (void)len, (void)fresh, (void)fresh_len;
    *ret_left = 0xFFFFFFFF;
    fake.tries = tries;
    fake.role = role;
    fake.roles = 0;
    return begin(UNBLOCK);
}

static DWORD containers(struct edge *e, struct edge_container *list)
{
    (void)e;
    memcpy(list, fake.containers, sizeof(fake.containers));
    return begin(CONTAINERS);
}

static DWORD generate(struct edge *e, unsigned index, uint8_t spec, uint32_t bits)
{
    (void)e, (void)index, (void)spec, (void)bits;
    return begin_as(GENERATE, USER);
}

static DWORD import(struct edge *e, unsigned index, uint8_t spec, uint32_t bits,
                    const struct edge_private_key *key)
{
    (void)e, (void)index, (void)spec, (void)bits, (void)key;
    return begin_as(IMPORT, USER);
}

static DWORD erase(struct edge *e, unsigned index)
{
    (void)e, (void)index;
    return begin_as(ERASE, USER | ADMIN);
}

/* The key is one that was listed, unchanged. */
static bool is_ours(const struct edge_key *key)
{
    return (key->spec == AT_SIGNATURE && key->where == SIG_KEY) ||
           (key->spec == AT_KEYEXCHANGE && key->where == KX_KEY) ||
           (key->spec == AT_ECDHE_P256 && key->where == EC_KEY);
}

/* The role that guards it; a card that is asked for more than one role's keys tells them apart. */
static unsigned guard_of(const struct edge_key *key)
{
    return fake.containers[key->where == EC_KEY ? 1 : 0].pin;
}

static DWORD begin_key(enum verb verb, const struct edge_key *key)
{
    if (!is_ours(key))
        return SCARD_E_NO_KEY_CONTAINER;
    return guard_of(key) == EDGE_EVERYONE ? begin(verb)
                                          : begin_as(verb, (uint8_t)(1u << guard_of(key)));
}

static DWORD public_key(struct edge *e, const struct edge_key *key, struct edge_public_key *ret)
{
    (void)e;
    memset(ret, key->spec, sizeof(*ret));
    ret->n_len = key->spec == AT_ECDHE_P256 ? 64 : 128;
    ret->e_len = key->spec == AT_ECDHE_P256 ? 0 : 3;
    return is_ours(key) ? begin(PUBLIC_KEY) : SCARD_E_NO_KEY_CONTAINER;
}

static DWORD sign(struct edge *e, const struct edge_key *key, enum edge_padding padding,
                  const uint8_t *in, size_t in_len, uint8_t *out, size_t *out_len)
{
    DWORD rc = begin_key(SIGN, key);

    (void)e, (void)padding, (void)in, (void)in_len;
    if (rc != SCARD_S_SUCCESS)
        return rc;
    memset(out, 's', *out_len);
    *out_len -= fake.off;
    return rc;
}

static DWORD decrypt(struct edge *e, const struct edge_key *key, enum edge_padding padding,
                     const uint8_t *in, size_t in_len, uint8_t *out, size_t *out_len)
{
    DWORD rc = begin_key(DECRYPT, key);

    (void)e, (void)padding, (void)in, (void)in_len;
    if (rc != SCARD_S_SUCCESS)
        return rc;
    memset(out, 'p', *out_len);
    *out_len += fake.off;
    return rc;
}

static DWORD agree(struct edge *e, const struct edge_key *key, const uint8_t *point,
                   size_t point_len, uint8_t *z, size_t *z_len)
{
    DWORD rc = begin_key(AGREE, key);

    (void)e, (void)point, (void)point_len;
    if (rc != SCARD_S_SUCCESS)
        return rc;
    memset(z, 'z', 32);
    *z_len = 32;
    return rc;
}

static DWORD describe(struct edge *e, struct profile *profile)
{
    DWORD rc = begin(DESCRIBE);

    (void)e;
    if (rc == SCARD_S_SUCCESS)
        *profile = fake.whole;
    return rc;
}

static void end(struct edge *e)
{
    (void)e;
    (void)begin(CLOSE);
}

static struct edge_ops ops = {
    .name = "fake", .close = end, .table = table, .read = read_file, .fixed = fixed, .write = write_file,
    .create = create, .remove = remove_file, .free_space = free_space, .roles = roles,
    .verify = verify, .logout = logout, .challenge = challenge, .respond = respond,
    .change = change, .change_key = change_key, .unblock = unblock,
    .containers = containers, .generate = generate, .import = import, .erase = erase,
    .public_key = public_key, .sign = sign, .decrypt = decrypt, .agree = agree,
};

DWORD edge_find(struct edge *e, const uint8_t *atr, size_t atr_len)
{
    (void)atr;
    (void)atr_len;
    ops.describe = fake.lazy ? describe : NULL;
    e->ops = &ops;
    e->profile = fake.profile;
    return SCARD_S_SUCCESS;
}

/* ---- in the place of pcsc/ ------------------------------------------------------------------- */

size_t pcsc_size(void)
{
    return 1;
}

uint32_t pcsc_load_at(const char *file, void *room, struct pcsc **ret)
{
    (void)file;
    *ret = room;
    return SCARD_S_SUCCESS;
}

uint32_t pcsc_context_valid(const struct pcsc *pcsc, uintptr_t ctx)
{
    (void)pcsc, (void)ctx;
    return SCARD_S_SUCCESS;
}

uint32_t pcsc_status(const struct pcsc *pcsc, uintptr_t card, uint8_t *atr, size_t *atr_len,
                     enum pcsc_protocol *protocol)
{
    (void)pcsc, (void)card, (void)atr, (void)atr_len;
    *protocol = PCSC_T1;
    return SCARD_S_SUCCESS;
}

uint32_t pcsc_transmit(void *channel, const uint8_t *in, size_t in_len, uint8_t *out,
                       size_t *out_len)
{
    (void)channel, (void)in, (void)in_len, (void)out, (void)out_len;
    return SCARD_F_COMM_ERROR; /* no edge, no command */
}
