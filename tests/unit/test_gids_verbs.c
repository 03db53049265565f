/* SPDX-License-Identifier: MIT */
/*
 * Every verb of the GIDS edge: the exact commands, how many exchanges (short and extended), what
 * comes out. Each row is then played again with the transport failing at each exchange, with each
 * allocation failing, and with another application selected at the start.
 */
#include "script.h"
#include "vectors.h"

#include <stdio.h>

struct args {
    unsigned index;
    uint8_t spec;
    uint32_t bits;
    enum edge_padding padding;
    const char *in;
    struct edge_file file;
};

struct result {
    uint8_t data[1200];
    size_t len;
    uint32_t left;
};

struct row {
    const char *name;
    DWORD (*run)(struct edge *e, const struct args *a, struct result *r);
    unsigned exchanges;
    struct args args;
    const char *dialogue;
    const char *keymap, *table; /* in the cache at the start */
    const char *out;            /* what comes out */
    DWORD rc;
    bool extended;              /* the card is known to take extended APDUs */
    bool stays;                 /* is not repeated when another application is selected */
    const char *keymap_after, *table_after; /* in the cache at the end */
};

/* ---- verbs with their arguments ---- */

static DWORD run_probe(struct edge *e, const struct args *a, struct result *r)
{
    struct profile p;
    DWORD rc = e->ops->probe(e, &p);

    (void)a;
    if (rc == SCARD_S_SUCCESS)
        r->data[r->len++] = (uint8_t)p.containers_max;
    return rc;
}

static DWORD run_table(struct edge *e, const struct args *a, struct result *r)
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

static DWORD run_read(struct edge *e, const struct args *a, struct result *r)
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

static DWORD run_write(struct edge *e, const struct args *a, struct result *r)
{
    uint8_t data[4096];

    (void)r;
    return e->ops->write(e, &a->file, data, hex(a->in, data, sizeof(data)));
}

static DWORD run_create(struct edge *e, const struct args *a, struct result *r)
{
    (void)r;
    return e->ops->create(e, NULL, 0, &a->file);
}

static DWORD run_remove(struct edge *e, const struct args *a, struct result *r)
{
    (void)r;
    return e->ops->remove(e, &a->file, 1, 0);
}

static DWORD run_space(struct edge *e, const struct args *a, struct result *r)
{
    uint32_t bytes, containers;
    DWORD rc = e->ops->free_space(e, &bytes, &containers);

    (void)a;
    assert_int_equal(bytes, 0xFFFFFFFF);
    r->data[r->len++] = (uint8_t)containers;
    return rc;
}

static DWORD run_roles(struct edge *e, const struct args *a, struct result *r)
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

static DWORD run_verify(struct edge *e, const struct args *a, struct result *r)
{
    uint8_t pin[256];

    return e->ops->verify(e, EDGE_USER, pin, hex(a->in, pin, sizeof(pin)), &r->left);
}

static DWORD run_logout(struct edge *e, const struct args *a, struct result *r)
{
    (void)a;
    (void)r;
    return e->ops->logout(e, 1u << EDGE_USER);
}

static DWORD run_challenge(struct edge *e, const struct args *a, struct result *r)
{
    size_t len = 16;
    DWORD rc = e->ops->challenge(e, r->data, &len);

    (void)a;
    if (rc == SCARD_S_SUCCESS)
        r->len = len;
    return rc;
}

static DWORD run_respond(struct edge *e, const struct args *a, struct result *r)
{
    uint8_t buf[64];

    return e->ops->respond(e, buf, hex(a->in, buf, sizeof(buf)), &r->left);
}

static DWORD run_containers(struct edge *e, const struct args *a, struct result *r)
{
    struct edge_container list[30];
    DWORD rc = e->ops->containers(e, list);

    (void)a;
    if (rc == SCARD_S_SUCCESS)
        for (unsigned i = 0; i < 3; i++) {
            r->data[r->len++] = list[i].sig_spec;
            r->data[r->len++] = list[i].kx_spec;
        }
    return rc;
}

static DWORD run_generate(struct edge *e, const struct args *a, struct result *r)
{
    (void)r;
    return e->ops->generate(e, a->index, a->spec, a->bits);
}

static DWORD run_import(struct edge *e, const struct args *a, struct result *r)
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

static DWORD run_erase(struct edge *e, const struct args *a, struct result *r)
{
    (void)r;
    return e->ops->erase(e, a->index);
}

static DWORD run_public(struct edge *e, const struct args *a, struct result *r)
{
    struct edge_public_key key;
    DWORD rc = e->ops->public_key(e, a->index, a->spec, &key);

    if (rc == SCARD_S_SUCCESS) {
        memcpy(r->data, key.n, key.n_len);
        memcpy(r->data + key.n_len, key.e, key.e_len);
        r->len = key.n_len + key.e_len;
    }
    return rc;
}

static DWORD run_sign(struct edge *e, const struct args *a, struct result *r)
{
    uint8_t in[600];
    size_t len = sizeof(r->data);
    DWORD rc = e->ops->sign(e, a->index, a->spec, a->padding, in, hex(a->in, in, sizeof(in)),
                            r->data, &len);

    if (rc == SCARD_S_SUCCESS)
        r->len = len;
    return rc;
}

static DWORD run_decrypt(struct edge *e, const struct args *a, struct result *r)
{
    uint8_t in[600];
    size_t len = sizeof(r->data);
    DWORD rc = e->ops->decrypt(e, a->index, a->spec, a->padding, in, hex(a->in, in, sizeof(in)),
                               r->data, &len);

    if (rc == SCARD_S_SUCCESS)
        r->len = len;
    return rc;
}

/* ---- the table ---- */

#define FILE_KXC00  { "mscp", "kxc00", 1, 0xA010DF24 }
#define FILE_CARDCF { "", "cardcf", 1, 0xA010DF22 }
#define FILE_CARDID { "", "cardid", 3, 0xA012DF20 }

#define READ_24   "> 00CBA010045C02DF2400\n"
#define READ_24_X "> 00CBA010000004 5C02DF24 1000\n"
#define MSE(crt, alg) "> 002241" crt "068001" alg "840181\n"

static const struct row rows[] = {
    { .name = "probe", .run = run_probe, .exchanges = 1, .stays = true, .out = "1E",
      .dialogue = SELECT FCI },

    /* files */
    { .name = "table cached", .run = run_table, .exchanges = 0, .table = MASTER, .dialogue = "",
      .out = "01A0000000 03A012DF20 01A010DF21 01A010DF22 01A010DF23" },
    { .name = "table", .run = run_table, .exchanges = 1,
      .dialogue = GET_MASTER "< DF1F818D" MASTER "9000\n", .table_after = MASTER,
      .out = "01A0000000 03A012DF20 01A010DF21 01A010DF22 01A010DF23" },
    { .name = "table missing", .run = run_table, .exchanges = 2, .table_after = "01", .out = "",
      .dialogue = GET_MASTER "< 6A88\n" PROOF },
    { .name = "read cardcf", .run = run_read, .exchanges = 1, .args = { .file = FILE_CARDCF },
      .dialogue = "> 00CBA010045C02DF2200\n< DF2206 000102030405 9000\n", .out = "000102030405" },
    { .name = "read cardid, absent", .run = run_read, .exchanges = 2, .rc = SCARD_E_FILE_NOT_FOUND,
      .args = { .file = FILE_CARDID }, .dialogue = "> 00CBA012045C02DF2000\n< 6A88\n" PROOF },
    { .name = "read 700 bytes short", .run = run_read, .exchanges = 3,
      .args = { .file = FILE_KXC00 }, .out = "55*700",
      .dialogue = READ_24 "< DF248202BC 55*251 6100\n> 00C0000000\n< 55*256 61C1\n"
                          "> 00C00000C1\n< 55*193 9000\n" },
    { .name = "read 700 bytes extended", .run = run_read, .exchanges = 1, .extended = true,
      .args = { .file = FILE_KXC00 }, .out = "55*700",
      .dialogue = READ_24_X "< DF248202BC 55*700 9000\n" },
    { .name = "read, never written", .run = run_read, .exchanges = 2,
      .args = { .file = FILE_KXC00 }, .out = "", .dialogue = READ_24 "< 6A88\n" PROOF },
    { .name = "read without right", .run = run_read, .exchanges = 2,
      .rc = SCARD_W_SECURITY_VIOLATION, .args = { .file = FILE_KXC00 },
      .dialogue = READ_24 "< 6982\n" PROOF },
    { .name = "write 6 bytes", .run = run_write, .exchanges = 2,
      .args = { .file = FILE_CARDCF, .in = "000000000100" },
      .dialogue = PROOF "> 00DBA01009DF2206 000000000100\n" OK },
    { .name = "write 700 bytes short", .run = run_write, .exchanges = 4,
      .args = { .file = FILE_KXC00, .in = "55*700" },
      .dialogue = PROOF "> 10DBA010FF DF248202BC 55*250\n" OK "> 10DBA010FF 55*255\n" OK
                        "> 00DBA010C3 55*195\n" OK },
    { .name = "write 700 bytes extended", .run = run_write, .exchanges = 2, .extended = true,
      .args = { .file = FILE_KXC00, .in = "55*700" },
      .dialogue = PROOF "> 00DBA010 0002C1 DF248202BC 55*700\n" OK },
    { .name = "write, too much", .run = run_write, .exchanges = 2, .rc = SCARD_E_WRITE_TOO_MANY,
      .args = { .file = FILE_KXC00, .in = "5555" },
      .dialogue = PROOF "> 00DBA01005 DF2402 5555\n< 6A84\n" },
    { .name = "create kxc00", .run = run_create, .exchanges = 2, .table = MASTER,
      .args = { .file = { "mscp", "kxc00", 1, 0 } }, .table_after = MASTER KXC00,
      .dialogue = PROOF "> 00DBA000AD DF1F81A9" MASTER KXC00 "\n" OK },
    { .name = "create kxc00, table not cached", .run = run_create, .exchanges = 2,
      .args = { .file = { "mscp", "kxc00", 1, 0 } }, .table_after = MASTER KXC00,
      .dialogue = GET_MASTER "< DF1F818D" MASTER "9000\n"
                             "> 00DBA000AD DF1F81A9" MASTER KXC00 "\n" OK },
    { .name = "create the first file", .run = run_create, .exchanges = 3,
      .args = { .file = { "", "cardid", 3, 0 } }, .table_after = "01" CARDID,
      .dialogue = GET_MASTER "< 6A88\n" PROOF "> 00DBA00020 DF1F1D01" CARDID "\n" OK },
    { .name = "create admin directory", .run = run_create, .exchanges = 0, .stays = true,
      .rc = SCARD_E_UNSUPPORTED_FEATURE, .args = { .file = { "abc", "", 2, 0 } }, .dialogue = "" },
    { .name = "remove kxc00", .run = run_remove, .exchanges = 3, .table = MASTER KXC00,
      .args = { .file = FILE_KXC00 }, .table_after = MASTER,
      .dialogue = PROOF "> 00DBA00091 DF1F818D" MASTER "\n" OK "> 00DBA01003DF2400\n" OK },
    { .name = "remove one of two that share a DO", .run = run_remove, .exchanges = 2,
      .table = MASTER KXC00 KXC01, .args = { .file = FILE_KXC00 }, .table_after = MASTER KXC01,
      .dialogue = PROOF "> 00DBA000AD DF1F81A9" MASTER KXC01 "\n" OK },
    { .name = "remove, not allowed: the table is put back", .run = run_remove, .exchanges = 4,
      .table = MASTER KXC00, .args = { .file = FILE_KXC00 }, .rc = SCARD_W_SECURITY_VIOLATION,
      .table_after = MASTER KXC00,
      .dialogue = PROOF "> 00DBA00091 DF1F818D" MASTER "\n" OK "> 00DBA01003DF2400\n< 6982\n"
                        "> 00DBA000AD DF1F81A9" MASTER KXC00 "\n" OK },
    { .name = "free space", .run = run_space, .exchanges = 0, .keymap = "01" KEY_FREE KEY_FREE,
      .dialogue = "", .out = "1E" },
    { .name = "free space, unknown", .run = run_space, .exchanges = 0, .dialogue = "",
      .out = "FF" },

    /* roles */
    { .name = "roles: nobody", .run = run_roles, .exchanges = 1, .stays = true, .out = "00",
      .dialogue = "> 00CBA013045C02DF1E00\n< 6982\n" },
    { .name = "roles: user", .run = run_roles, .exchanges = 2, .stays = true, .out = "02",
      .dialogue = "> 00CBA013045C02DF1E00\n< 6A88\n> 00CBA014045C02DF1E00\n< 6982\n" },
    { .name = "roles: admin", .run = run_roles, .exchanges = 4, .stays = true, .out = "04",
      .dialogue = "> 00CBA013045C02DF1E00\n< 6A88\n> 00CBA014045C02DF1E00\n< 6A88\n" PROOF
                  "> 00200080\n< 63C3\n" },
    { .name = "roles: both", .run = run_roles, .exchanges = 4, .stays = true, .out = "06",
      .dialogue = "> 00CBA013045C02DF1E00\n< 6A88\n> 00CBA014045C02DF1E00\n< 6A88\n" PROOF
                  "> 00200080\n< 9000\n" },
    { .name = "roles: another application", .run = run_roles, .exchanges = 3, .stays = true,
      .out = "00", .dialogue = "> 00CBA013045C02DF1E00\n< 6D00\n" STATUS "< 6D00\n" SELECT FCI },
    { .name = "verify", .run = run_verify, .exchanges = 2, .args = { .in = "3132333435363738" },
      .dialogue = PROOF "> 00200080083132333435363738\n" OK },
    { .name = "verify, wrong", .run = run_verify, .exchanges = 2, .rc = SCARD_W_WRONG_CHV,
      .args = { .in = "303030303030" },
      .dialogue = PROOF "> 0020008006303030303030\n< 63C2\n" },
    { .name = "verify, blocked", .run = run_verify, .exchanges = 2, .rc = SCARD_W_CHV_BLOCKED,
      .args = { .in = "303030303030" },
      .dialogue = PROOF "> 0020008006303030303030\n< 6983\n" },
    { .name = "verify, no PIN: nothing is sent", .run = run_verify, .exchanges = 0, .stays = true,
      .rc = SCARD_E_INVALID_PARAMETER, .args = { .in = "" }, .dialogue = "" },
    { .name = "logout", .run = run_logout, .exchanges = 1, .dialogue = "> 00200082\n" OK },
    { .name = "challenge", .run = run_challenge, .exchanges = 2, .out = "A1A2A3A4A5A6A7A8",
      .dialogue = "> 002281A403830180\n" OK "> 00870000047C02810000\n"
                  "< 7C0A8108A1A2A3A4A5A6A7A8 9000\n" },
    { .name = "respond", .run = run_respond, .exchanges = 1, .stays = true,
      .args = { .in = "199FA374705A69EB" },
      .dialogue = "> 008700000C7C0A8208199FA374705A69EB\n" OK },
    { .name = "respond, wrong", .run = run_respond, .exchanges = 1, .stays = true,
      .rc = SCARD_W_WRONG_CHV, .args = { .in = "0000000000000000" },
      .dialogue = "> 008700000C7C0A820800*8\n< 6982\n" },
    { .name = "respond, late", .run = run_respond, .exchanges = 1, .stays = true,
      .rc = SCARD_W_WRONG_CHV, .args = { .in = "0000000000000000" },
      .dialogue = "> 008700000C7C0A820800*8\n< 6985\n" },

    /* containers */
    { .name = "containers cached", .run = run_containers, .exchanges = 0, .dialogue = "",
      .keymap = "01" KEY_RSA KEY_FREE "01000000 0C 9C 83B0 FFFF 0000", .out = "000100000300" },
    { .name = "containers", .run = run_containers, .exchanges = 1, .out = "000100000000",
      .dialogue = GET_KEYMAP "< DF200D 01" KEY_RSA "9000\n", .keymap_after = "01" KEY_RSA },
    { .name = "generate RSA-2048 short", .run = run_generate, .exchanges = 6, .keymap = "01",
      .args = { .spec = 1, .bits = 2048 }, .keymap_after = "01" KEY_RSA,
      .dialogue = PROOF CREATE_RSA OK ACTIVATE OK GENERATE_RSA TPL_ANSWER
                  PUT_KEYMAP KEY_RSA "\n" OK },
    { .name = "generate RSA-2048 extended", .run = run_generate, .exchanges = 5, .keymap = "01",
      .args = { .spec = 1, .bits = 2048 }, .keymap_after = "01" KEY_RSA, .extended = true,
      .dialogue = PROOF CREATE_RSA OK ACTIVATE OK "> 00470000 000008 AC06800107830181 0258\n< "
                  TPL_RSA "9000\n" PUT_KEYMAP KEY_RSA "\n" OK },
    { .name = "generate, keymap not cached", .run = run_generate, .exchanges = 6,
      .args = { .spec = 1, .bits = 2048 }, .keymap_after = "01" KEY_RSA,
      .dialogue = GET_KEYMAP "< DF200101 9000\n" CREATE_RSA OK ACTIVATE OK GENERATE_RSA TPL_ANSWER
                  PUT_KEYMAP KEY_RSA "\n" OK },
    { .name = "generate over the same kind", .run = run_generate, .exchanges = 3,
      .args = { .spec = 1, .bits = 2048 }, .keymap = "01" KEY_RSA,
      .dialogue = PROOF GENERATE_RSA TPL_ANSWER },
    { .name = "generate over an EF left behind", .run = run_generate, .exchanges = 9,
      .keymap = "01", .args = { .spec = 1, .bits = 2048 }, .keymap_after = "01" KEY_RSA,
      .dialogue = PROOF CREATE_RSA "< 6A89\n" SELECT_KEY OK DELETE OK CREATE_RSA OK ACTIVATE OK
                  GENERATE_RSA TPL_ANSWER PUT_KEYMAP KEY_RSA "\n" OK },
    { .name = "generate over another size", .run = run_generate, .exchanges = 9,
      .keymap = "01" KEY_RSA4096, .args = { .spec = 1, .bits = 2048 },
      .keymap_after = "01" KEY_RSA,
      .dialogue = PROOF PUT_KEYMAP KEY_FREE "\n" OK SELECT_KEY OK DELETE OK CREATE_RSA OK
                  ACTIVATE OK GENERATE_RSA TPL_ANSWER PUT_KEYMAP KEY_RSA "\n" OK },
    { .name = "generate beside the other slot", .run = run_generate, .exchanges = 1,
      .keymap = "01" KEY_RSA, .rc = SCARD_E_NO_MEMORY, .args = { .spec = 2, .bits = 2048 },
      .dialogue = PROOF },
    { .name = "generate over a key whose EF is gone", .run = run_generate, .exchanges = 9,
      .keymap = "01" KEY_RSA, .args = { .spec = 1, .bits = 2048 }, .keymap_after = "01" KEY_RSA,
      .dialogue = PROOF GENERATE_RSA "< 6984\n" PUT_KEYMAP KEY_FREE "\n" OK SELECT_KEY "< 6A82\n"
                  CREATE_RSA OK ACTIVATE OK GENERATE_RSA TPL_ANSWER PUT_KEYMAP KEY_RSA "\n" OK },
    { .name = "import of bad bytes over a key: the key stays", .run = run_import, .exchanges = 7,
      .keymap = "01" KEY_RSA, .args = { .spec = 1, .bits = 2048 }, .keymap_after = "01" KEY_RSA,
      .rc = SCARD_E_INVALID_PARAMETER,
      .dialogue = PROOF "> 10DB3FFFFF...\n" OK "> 10DB3FFFFF...\n" OK "> 10DB3FFFFF...\n" OK
                  "> 10DB3FFFFF...\n" OK "> 00DB3FFF...\n< 6984\n" PROOF },
    { .name = "generate refused: nothing stays", .run = run_generate, .exchanges = 6,
      .keymap = "01", .args = { .spec = 1, .bits = 2048 }, .rc = SCARD_E_UNSUPPORTED_FEATURE,
      .keymap_after = "01",
      .dialogue = PROOF CREATE_RSA OK ACTIVATE OK GENERATE_RSA "< 6A81\n" SELECT_KEY OK DELETE OK },
    { .name = "generate, no room for the EF", .run = run_generate, .exchanges = 2,
      .keymap = "01", .args = { .spec = 1, .bits = 2048 }, .rc = SCARD_E_NO_MEMORY,
      .dialogue = PROOF CREATE_RSA "< 6A84\n" },
    { .name = "generate P-256", .run = run_generate, .exchanges = 5, .keymap = "01",
      .args = { .spec = 3, .bits = 256 }, .keymap_after = "01" KEY_P256,
      .dialogue = PROOF "> 00E000001D 621B8201188302B0818C058F10101000A50B B60980011C830181950140\n"
                  OK ACTIVATE OK "> 0047000008AC0680010C83018100\n< 7F49438641 04" EC_X EC_Y
                  "9000\n" PUT_KEYMAP KEY_P256 "\n" OK },
    { .name = "import P-256", .run = run_import, .exchanges = 5, .keymap = "01",
      .args = { .spec = 3, .bits = 256 }, .keymap_after = "01" KEY_P256,
      .dialogue = PROOF "> 00E000001D 621B8201188302B0818C058F10101000A50B B60980011C830181950140\n"
                  OK ACTIVATE OK "> 00DB3FFF79 7077840181A572830103840100876A3068020101 0420" EC_D
                  "044104" EC_X EC_Y "\n" OK PUT_KEYMAP KEY_P256 "\n" OK },
    { .name = "import RSA-1024 extended", .run = run_import, .exchanges = 5, .keymap = "01",
      .args = { .spec = 2, .bits = 1024 }, .keymap_after = "01" KEY_RSA1024, .extended = true,
      .dialogue = PROOF "> 00E0000028 62268201188302B0818C058F10101000A516"
                  "B609800116830181950140 B609800156830181950140\n" OK ACTIVATE OK
                  "> 00DB3FFF 000272 7082026E 840181 A5820267 830102 840100 8782025D 30820259"
                  "020100 02818100FF*128 0203010001 028180 55*128 0240 77*64 0240 77*64 0240 77*64"
                  " 0240 77*64 0240 77*64\n" OK PUT_KEYMAP KEY_RSA1024 "\n" OK },
    { .name = "import RSA-2048 short", .run = run_import, .exchanges = 9, .keymap = "01",
      .args = { .spec = 1, .bits = 2048 }, .keymap_after = "01" KEY_RSA,
      .dialogue = PROOF CREATE_RSA OK ACTIVATE OK "> 10DB3FFFFF 708204B5 840181 A58204AE...\n" OK
                  "> 10DB3FFFFF...\n" OK "> 10DB3FFFFF...\n" OK "> 10DB3FFFFF...\n" OK
                  "> 00DB3FFF...\n" OK PUT_KEYMAP KEY_RSA "\n" OK },
    { .name = "import refused in a chain: nothing stays", .run = run_import, .exchanges = 8,
      .keymap = "01", .args = { .spec = 1, .bits = 2048 }, .keymap_after = "01",
      .rc = SCARD_E_INVALID_PARAMETER,
      .dialogue = PROOF CREATE_RSA OK ACTIVATE OK "> 10DB3FFFFF 708204B5 840181 A58204AE...\n" OK
                  "> 10DB3FFFFF...\n< 6A80\n" PROOF SELECT_KEY OK DELETE OK },
    { .name = "erase", .run = run_erase, .exchanges = 4, .keymap = "01" KEY_RSA,
      .keymap_after = "01" KEY_FREE,
      .dialogue = PROOF PUT_KEYMAP KEY_FREE "\n" OK SELECT_KEY OK DELETE OK },
    { .name = "erase nothing", .run = run_erase, .exchanges = 0, .keymap = "01" KEY_FREE,
      .stays = true, .dialogue = "" },
    { .name = "erase refused: the keymap is put back", .run = run_erase, .exchanges = 5,
      .keymap = "01" KEY_RSA, .keymap_after = "01" KEY_RSA, .rc = SCARD_W_SECURITY_VIOLATION,
      .dialogue = PROOF PUT_KEYMAP KEY_FREE "\n" OK SELECT_KEY OK DELETE "< 6982\n"
                  PUT_KEYMAP KEY_RSA "\n" OK },
    { .name = "public key RSA-2048 short", .run = run_public, .exchanges = 2,
      .keymap = "01" KEY_RSA, .args = { .spec = 1 }, .out = "C1*256 010001",
      .dialogue = GET_PUBLIC TPL_ANSWER },
    { .name = "public key RSA-2048 extended", .run = run_public, .exchanges = 1, .extended = true,
      .keymap = "01" KEY_RSA, .args = { .spec = 1 }, .out = "C1*256 010001",
      .dialogue = "> 00CB3FFF 00000A 7008840181A5037F4980 0258\n< " TPL_RSA "9000\n" },
    { .name = "public key P-256", .run = run_public, .exchanges = 1, .keymap = "01" KEY_P256,
      .args = { .spec = 3 }, .out = EC_X EC_Y,
      .dialogue = GET_PUBLIC "< 7F49438641 04" EC_X EC_Y "9000\n" },
    { .name = "public key of nothing", .run = run_public, .exchanges = 0, .keymap = "01" KEY_RSA,
      .stays = true, .args = { .index = 1, .spec = 1 }, .rc = SCARD_E_NO_KEY_CONTAINER,
      .dialogue = "" },

    /* private key */
    { .name = "sign PKCS#1 RSA-2048", .run = run_sign, .exchanges = 2, .keymap = "01" KEY_RSA,
      .args = { .spec = 1, .padding = EDGE_PKCS1, .in = INFO_ABC }, .out = "5A*256",
      .dialogue = MSE("B6", "57") OK "> 002A9E9A33" INFO_ABC "00\n< 5A*256 9000\n" },
    { .name = "sign PKCS#1 RSA-4096 short", .run = run_sign, .exchanges = 3,
      .keymap = "01" KEY_RSA4096, .args = { .spec = 1, .padding = EDGE_PKCS1, .in = INFO_ABC },
      .out = "5A*512", .dialogue = MSE("B6", "59") OK "> 002A9E9A33" INFO_ABC
      "00\n< 5A*256 6100\n> 00C0000000\n< 5A*256 9000\n" },
    { .name = "sign PKCS#1 RSA-4096 extended", .run = run_sign, .exchanges = 2, .extended = true,
      .keymap = "01" KEY_RSA4096, .args = { .spec = 1, .padding = EDGE_PKCS1, .in = INFO_ABC },
      .out = "5A*512", .dialogue = MSE("B6", "59") OK "> 002A9E9A 000033" INFO_ABC
      "0200\n< 5A*512 9000\n" },
    { .name = "sign, keymap not cached", .run = run_sign, .exchanges = 3,
      .args = { .spec = 1, .padding = EDGE_PKCS1, .in = INFO_ABC }, .out = "5A*256",
      .dialogue = GET_KEYMAP "< DF200D 01" KEY_RSA "9000\n" MSE("B6", "57") OK
                  "> 002A9E9A33" INFO_ABC "00\n< 5A*256 9000\n" },
    { .name = "sign raw RSA-2048 short", .run = run_sign, .exchanges = 3, .keymap = "01" KEY_RSA,
      .args = { .spec = 1, .in = "33*256" }, .out = "5A*256",
      .dialogue = MSE("B6", "17") OK "> 102A9E9AFF 33*255\n" OK "> 002A9E9A01 33 00\n"
                  "< 5A*256 9000\n" },
    { .name = "sign raw RSA-2048 extended", .run = run_sign, .exchanges = 2, .extended = true,
      .keymap = "01" KEY_RSA, .args = { .spec = 1, .in = "33*256" }, .out = "5A*256",
      .dialogue = MSE("B6", "17") OK "> 002A9E9A 000100 33*256 0100\n< 5A*256 9000\n" },
    { .name = "sign raw, by deciphering", .run = run_sign, .exchanges = 7, .keymap = "01" KEY_RSA,
      .args = { .spec = 1, .in = "33*256" }, .out = "00 5A*255",
      .dialogue = MSE("B6", "17") OK "> 102A9E9AFF 33*255\n" OK "> 002A9E9A01 33 00\n< 6F00\n"
                  PROOF MSE("B8", "07") OK "> 102A8086FF 33*255\n" OK "> 002A808601 33 00\n"
                  "< 5A*255 9000\n" }, /* the card dropped a zero */
    { .name = "sign P-256", .run = run_sign, .exchanges = 2, .keymap = "01" KEY_P256,
      .args = { .spec = 3, .in = SHA256_ABC }, .out = ECDSA_R ECDSA_S,
      .dialogue = MSE("B6", "1C") OK "> 002A9E9A20" SHA256_ABC "00\n< " ECDSA_R ECDSA_S
                  "9000\n" },
    { .name = "sign P-256, answered as DER", .run = run_sign, .exchanges = 2,
      .keymap = "01" KEY_P256, .args = { .spec = 3, .in = SHA256_ABC }, .out = ECDSA_R ECDSA_S,
      .dialogue = MSE("B6", "1C") OK "> 002A9E9A20" SHA256_ABC "00\n< 3045 0220" ECDSA_R
                  "022100" ECDSA_S "9000\n" },
    { .name = "sign P-256, SHA-384 cut", .run = run_sign, .exchanges = 2, .keymap = "01" KEY_P256,
      .args = { .spec = 3, .in = "11*48" }, .out = ECDSA_R ECDSA_S,
      .dialogue = MSE("B6", "1C") OK "> 002A9E9A20 11*32 00\n< " ECDSA_R ECDSA_S "9000\n" },
    { .name = "sign without PIN", .run = run_sign, .exchanges = 2, .keymap = "01" KEY_RSA,
      .args = { .spec = 1, .padding = EDGE_PKCS1, .in = INFO_ABC },
      .rc = SCARD_W_SECURITY_VIOLATION, .dialogue = MSE("B6", "57") "< 6982\n" PROOF },
    { .name = "decrypt PKCS#1 RSA-2048 short", .run = run_decrypt, .exchanges = 3,
      .keymap = "01" KEY_RSA, .args = { .spec = 1, .padding = EDGE_PKCS1, .in = "77*256" },
      .out = "68656C6C6F", .dialogue = MSE("B8", "47") OK "> 102A8086FF 77*255\n" OK
      "> 002A808601 77 00\n< 68656C6C6F 9000\n" },
    { .name = "decrypt PKCS#1 RSA-2048 extended", .run = run_decrypt, .exchanges = 2,
      .extended = true, .keymap = "01" KEY_RSA,
      .args = { .spec = 1, .padding = EDGE_PKCS1, .in = "77*256" }, .out = "68656C6C6F",
      .dialogue = MSE("B8", "47") OK "> 002A8086 000100 77*256 0100\n< 68656C6C6F 9000\n" },
    { .name = "decrypt OAEP RSA-2048", .run = run_decrypt, .exchanges = 3,
      .keymap = "01" KEY_RSA, .args = { .spec = 1, .padding = EDGE_OAEP_SHA1, .in = "77*256" },
      .out = "68656C6C6F", .dialogue = MSE("B8", "87") OK "> 102A8086FF 77*255\n" OK
      "> 002A808601 77 00\n< 68656C6C6F 9000\n" },
    { .name = "decrypt raw, zeros dropped", .run = run_decrypt, .exchanges = 3,
      .keymap = "01" KEY_RSA, .args = { .spec = 1, .in = "77*256" }, .out = "00*254 0205",
      .dialogue = MSE("B8", "07") OK "> 102A8086FF 77*255\n" OK
      "> 002A808601 77 00\n< 0205 9000\n" },
    { .name = "decrypt raw RSA-4096 short", .run = run_decrypt, .exchanges = 5,
      .keymap = "01" KEY_RSA4096, .args = { .spec = 1, .in = "77*512" }, .out = "5A*512",
      .dialogue = MSE("B8", "09") OK "> 102A8086FF 77*255\n" OK "> 102A8086FF 77*255\n" OK
      "> 002A808602 7777 00\n< 5A*256 6100\n> 00C0000000\n< 5A*256 9000\n" },
    { .name = "decrypt what does not unpad", .run = run_decrypt, .exchanges = 4,
      .keymap = "01" KEY_RSA, .args = { .spec = 1, .padding = EDGE_PKCS1, .in = "77*256" },
      .rc = SCARD_F_INTERNAL_ERROR, .dialogue = MSE("B8", "47") OK "> 102A8086FF 77*255\n" OK
      "> 002A808601 77 00\n< 6A80\n" PROOF },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* ---- playing ---- */

static const struct row *now; /* for messages */

static void begin(const struct row *row, struct edge *e, struct script *s, struct caller *c)
{
    edge_begin(e, s, c, row->dialogue);
    e->card.extended = e->link_known = e->link_extends = row->extended;
    if (row->keymap != NULL)
        caller_put(c, "gids.keymap", row->keymap);
    if (row->table != NULL)
        caller_put(c, "gids.masterfile", row->table);
    now = row;
}

static void check_result(const struct row *row, const struct result *r)
{
    uint8_t want[1200];
    size_t len = row->out != NULL ? hex(row->out, want, sizeof(want)) : 0;

    assert_int_equal(r->len, len);
    assert_memory_equal(r->data, want, len);
}

static void test_dialogues(void **state)
{
    struct edge e;
    struct script s;
    struct caller c;

    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        struct result r = { .left = 0xEEEE };

        begin(&rows[i], &e, &s, &c);
        memset(r.data, 0xEE, sizeof(r.data));
        print_message("%2u exchanges  %s\n", rows[i].exchanges, rows[i].name);
        assert_int_equal(rows[i].run(&e, &rows[i].args, &r), rows[i].rc);
        check_result(&rows[i], &r);
        assert_true(script_done(&s));
        assert_int_equal(e.card.exchanges, rows[i].exchanges);
        assert_int_equal(c.blocks, 0);
        if (rows[i].keymap_after != NULL)
            assert_true(caller_has(&c, "gids.keymap", rows[i].keymap_after));
        if (rows[i].table_after != NULL)
            assert_true(caller_has(&c, "gids.masterfile", rows[i].table_after));
        if (rows[i].run == run_verify && rows[i].rc == SCARD_W_WRONG_CHV)
            assert_int_equal(r.left, 2);
        if (rows[i].run == run_verify && rows[i].rc == SCARD_W_CHV_BLOCKED)
            assert_int_equal(r.left, 0);
    }
}

/* The card is gone from exchange n on: the transport's code comes up, nothing comes out. Where
 * the row ends in a refusal, the exchanges after it only tidy up: then the refusal may come up. */
static void test_transport_fails_anywhere(void **state)
{
    struct edge e;
    struct script s;
    struct caller c;

    (void)state;
    for (size_t i = 0; i < ROWS; i++)
        for (unsigned n = 0; n < rows[i].exchanges; n++) {
            struct result r = { 0 };
            DWORD rc;

            begin(&rows[i], &e, &s, &c);
            s.fail_from = n;
            s.fail_with = SCARD_W_RESET_CARD;
            rc = rows[i].run(&e, &rows[i].args, &r);
            if (rc != SCARD_W_RESET_CARD && (rows[i].rc == SCARD_S_SUCCESS || rc != rows[i].rc))
                fail_msg("%s, exchange %u: %08X", rows[i].name, n, (unsigned)rc);
            assert_int_equal(r.len, 0);
            assert_int_equal(c.blocks, 0);
        }
}

/* No memory is never a crash or a leak, and never a success with something missing. */
static void test_memory_fails_anywhere(void **state)
{
    struct edge e;
    struct script s;
    struct caller c;

    (void)state;
    for (size_t i = 0; i < ROWS; i++)
        for (unsigned k = 1; k < 20; k++) {
            struct result r = { 0 };
            DWORD rc;

            begin(&rows[i], &e, &s, &c);
            c.allocs = 0;
            c.fail_alloc = k;
            s.lenient = true;
            rc = rows[i].run(&e, &rows[i].args, &r);
            assert_int_equal(c.blocks, 0);
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
    for (size_t i = 0; i < ROWS; i++)
        for (size_t k = 0; k < sizeof(refusals) / sizeof(refusals[0]); k++) {
            struct result r = { 0 };
            DWORD rc;

            if (rows[i].stays || rows[i].exchanges == 0)
                continue;
            begin(&rows[i], &e, &s, &c);
            s.foreign = true;
            s.foreign_sw = refusals[k];
            if (rows[i].extended && refusals[k] == 0x6700)
                continue; /* may also say that the reader cannot do extended APDUs */
            rc = rows[i].run(&e, &rows[i].args, &r);
            if (rc != rows[i].rc)
                fail_msg("%s, %04X: %08X", rows[i].name, refusals[k], (unsigned)rc);
            check_result(&rows[i], &r);
            assert_int_equal(s.dangerous, 0);
            assert_int_equal(c.blocks, 0);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dialogues),
        cmocka_unit_test(test_transport_fails_anywhere),
        cmocka_unit_test(test_memory_fails_anywhere),
        cmocka_unit_test(test_selection_lost),
    };

    return cmocka_run_group_tests_name("gids_verbs", tests, NULL, NULL);
}
