/* SPDX-License-Identifier: MIT */
/*
 * Cards that lie, in PIV's words: no crash, no leak, no success with nonsense in it; and what is wrong
 * with one container hides no other.
 */
#include "script.h"
#include "vectors_piv.h"

#include "edge/piv_internal.h"

#include <stdio.h>
#include <zlib.h>

static struct edge e;
static struct script s;
static struct caller c;

/* ---- recognition ---- */

static void test_recognition(void **state)
{
    static const struct {
        const char *answer;
        bool ours;
    } rows[] = {
        { "61114F0600001000010079074F05A000000308 9000", true },
        { "61164F0BA00000030800001000010079074F05A000000308 9000", true },
        { "610D4F0BA000000308000010000100 9000", true },
        { "61134F06000010000100500079074F05A000000308 9000", true }, /* an empty label */
        { "6A82", false },
        { "9000", false },
        { "61114F0600001000010079074F05A000000308 6283", false },
        { "61084F06000010000100 9000", false },                       /* whose PIX is it? */
        { "61114F0600001000010079074F05A000000397 9000", false },     /* not NIST's */
        { "61114F0600002000010079074F05A000000308 9000", false },     /* not PIV */
        { "61124F0BA000000397425446590201 7303400199 9000", false },  /* GIDS */
        { "61114F0600001000010079074F05A000000308 AA 9000", false },  /* something after it */
        { "61804F0600001000010079074F05A000000308 0000 9000", false }, /* indefinite */
        { "6184FFFFFFFF4F06 9000", false },
        { "61124F0600001000010079074F05A000000308 9000", false },     /* past the end */
        { "00*200 9000", false }, { "61*250 9000", false }, { "6100", false }, { "90", false },
    };
    struct profile p;
    char dialogue[300];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DWORD rc;

        (void)snprintf(dialogue, sizeof(dialogue), SELECT_PIV "< %s\n> 00C0000000\n< 6100\n",
                       rows[i].answer);
        edge_begin(&e, &s, &c, dialogue);
        e.ops = &edge_piv;
        rc = edge_piv.probe(&e, &p);
        if (rows[i].ours != (rc == SCARD_S_SUCCESS))
            fail_msg("%s: %08X", rows[i].answer, (unsigned)rc);
        assert_true(rc == SCARD_S_SUCCESS || e.own == NULL);
        edge_end(&e, &c);
    }
}

/* Anything but the discovery object leads to SELECT, never to VERIFY right away. */
static void test_proof_is_strict(void **state)
{
    static const char *const answers[] = {
        "9000", "6A88", "7E00 9000", "7E0D4F0BA000000397000010000100 9000",
        "7E124F0BA0000003080000100001005F2F024000 6283",
        "7E124F0BA0000003080000100001005F2F024000AA 9000",
        "7E134F0BA0000003080000100001005F2F024000 9000",
        "7E0D4F0BA000000308000020000100 9000", "53124F0BA0000003080000100001005F2F024000 9000",
        "7E084F06000010000100 9000", "AA*250 9000", "00*250 9000", "90", "",
    };
    static const uint8_t pin[] = "123456";
    char dialogue[500];
    uint32_t left;

    (void)state;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        (void)snprintf(dialogue, sizeof(dialogue), ASK_7E "< %s\n" GET("C102") NONE SELECT_PIV PIV_APT
                       PIV_PROOF "> 0020008008 313233343536FFFF\n" OK, answers[i]);
        edge_begin_piv(&e, &s, &c, dialogue);
        assert_int_equal(e.ops->verify(&e, EDGE_USER, pin, 6, &left), SCARD_S_SUCCESS);
        assert_true(script_done(&s));
        edge_end(&e, &c);
    }
}

/* ---- identity ---- */

static void test_chuid_of_any_length(void **state)
{
    uint8_t chuid[100], id[16], want[16], zeros[16] = { 0 };
    size_t len = hex("3019 D65018580C100420*18 3410 A1A2A3A4A5A6A7A8A9AAABACADAEAFB0"
                     "3508 3230333031323331 3E00 FE00", chuid, sizeof(chuid));

    (void)state;
    (void)hex("A1A2A3A4A5A6A7A8A9AAABACADAEAFB0", want, sizeof(want));
    assert_true(piv_parse_chuid(chuid, len, id));
    assert_memory_equal(id, want, 16);
    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *copy = malloc(cut + 1); /* of just this length: for the sanitizer */
        bool good;

        memcpy(copy, chuid, cut);
        memset(id, 0, sizeof(id));
        good = piv_parse_chuid(copy, cut, id);
        assert_int_equal(good, memcmp(id, zeros, 16) != 0);
        free(copy);
    }
    memset(chuid + 29, 0, 16); /* no GUID: the FASC-N */
    assert_true(piv_parse_chuid(chuid, len, id));
    assert_memory_not_equal(id, zeros, 16);
    memset(chuid + 29, 0xFF, 16); /* nor a number of its own */
    memset(want, 0xFF, 16);
    assert_true(piv_parse_chuid(chuid, len, id));
    assert_memory_not_equal(id, want, 16);
    (void)hex("D4E739DA739C", chuid + 2, 6); /* of nobody */
    assert_false(piv_parse_chuid(chuid, len, id));
    memset(chuid + 2, 0, 25);
    assert_false(piv_parse_chuid(chuid, len, id));
}

static DWORD read_id(const char *dialogue, uint8_t id[16])
{
    struct edge_file file;
    uint8_t *data = NULL;
    size_t len = 0;
    DWORD rc;

    edge_begin_piv(&e, &s, &c, dialogue);
    assert_true(e.ops->fixed(&e, "", "cardid", &file));
    rc = e.ops->read(&e, &file, &data, &len);
    if (rc == SCARD_S_SUCCESS) {
        assert_int_equal(len, 16);
        memcpy(id, data, 16);
    }
    assert_true(script_done(&s));
    e.services.free(&c, data);
    edge_end(&e, &c);
    return rc;
}

#define SERIAL  "> 00F8000000\n"
#define CCC     GET("C107")
#define NO_GUID "< 5331 3019 D4E739DA739C 00*19 3410 00*16 3E00FE00 9000\n"

/* Never zero, and each card its own, as long as it has anything of its own. */
static void test_fallbacks_of_the_identity(void **state)
{
    static const char *const dialogues[] = {
        GET("C102") "< 5314 3410 00*15 01 FE00 9000\n",
        GET("C102") NO_GUID SERIAL "< 00000001 9000\n",
        GET("C102") NO_GUID SERIAL "< 00000002 9000\n",
        GET("C102") NONE PIV_PROOF SERIAL "< 6D00\n" CCC "< 5317F015 A000000116FF02 00*13 01 9000\n",
        GET("C102") NONE PIV_PROOF SERIAL "< 00000000 9000\n" CCC
            "< 5317F015 A000000116FF02 00*13 02 9000\n",
        GET("C102") NONE PIV_PROOF SERIAL "< 0001 9000\n" CCC "< 5302F000 9000\n",
    };
    uint8_t ids[6][16], zeros[16] = { 0 };

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(read_id(dialogues[i], ids[i]), SCARD_S_SUCCESS);
        assert_memory_not_equal(ids[i], zeros, 16);
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(ids[i], ids[k], 16);
    }
}

/* ---- small objects: whole, then cut at each place, then with each byte turned ---- */

static void try_all(const uint8_t *data, size_t len)
{
    struct piv_metadata metadata;
    struct edge_public_key key;
    struct piv_map map;
    struct rd window;
    unsigned on = 99, off = 99;
    uint8_t id[16], flags;

    (void)piv_parse_selected(data, len);
    (void)piv_parse_discovery(data, len, &flags);
    if (piv_parse_history(data, len, &on, &off))
        assert_true(on + off <= PIV_RETIRED);
    (void)piv_parse_admin_data(data, len, &flags);
    if (piv_parse_protected_key(data, len, &window))
        assert_true(rd_left(&window) >= 16 && rd_left(&window) <= 32);
    (void)piv_parse_chuid(data, len, id);
    (void)piv_parse_ccc(data, len, id);
    if (piv_parse_metadata(data, len, &metadata) && metadata.alg != NULL)
        (void)piv_parse_public(metadata.public, metadata.alg, &key);
    piv_map_parse(data, len, &map);
}

static void test_objects_cut_and_turned(void **state)
{
    static const char *const objects[] = {
        "61114F0600001000010079074F05A000000308", "7E124F0BA0000003080000100001005F2F026020",
        "C10105C20101F307 68747470 3A2F2FFE00", "80038101 02", "881A8918 55*24", "88128910 55*16",
        "3019 D65018580C10 00*19 3410 55*16 3E00FE00", "F015A000000116FF02 55*14 F10121FE00",
        "010111 02020201 030101 0443 8641 04 55*64", "81 6B 41004200*78 9A0100080101 00*21",
        "010107 0482010981820100 C1*256 8203010001",
    };
    uint8_t data[600];

    (void)state;
    for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
        size_t len = hex(objects[i], data, sizeof(data));

        for (size_t cut = 0; cut <= len; cut++) {
            uint8_t *copy = malloc(cut + 1);

            memcpy(copy, data, cut);
            try_all(copy, cut);
            for (size_t at = 0; at < cut && at < 40; at++)
                for (unsigned v = 0; v < 256; v += cut == len ? 1 : 17) {
                    copy[at] = (uint8_t)v;
                    try_all(copy, cut);
                    copy[at] = data[at];
                }
            free(copy);
        }
    }
}

/* ---- the map of containers ---- */

static void test_maps(void **state)
{
    static uint8_t data[24 * 107 + 300];
    struct piv_map map;
    struct wr w;

    (void)state;
    for (size_t len = 0; len <= 3 * 107; len++) { /* no multiple of its record: whole ones count */
        w = wr_init(data, sizeof(data));
        tlv_header(&w, 0x81, len);
        wr_fill(&w, 0, len);
        for (size_t i = 0; i + 107 <= len; i += 107) {
            w.start[wr_len(&w) - len + i + 80] = (uint8_t)(0x82 + i / 107);
            w.start[wr_len(&w) - len + i + 84] = 1;
        }
        piv_map_parse(data, wr_len(&w), &map);
        assert_int_equal(map.sound, len != 0 && len % 107 == 0);
        for (unsigned i = 0; i < PIV_CONTAINERS; i++)
            assert_int_equal(map.at[i] != NULL, i >= 2 && (i - 1) * 107 <= len);
    }
    data[4 + 80] = 0x42; /* a slot that there is not; the same slot twice */
    piv_map_parse(data, wr_len(&w), &map);
    assert_false(map.sound);
    memset(&map, 0, sizeof(map));
    for (size_t i = 0; i < 3; i++)
        w.start[wr_len(&w) - 321 + i * 107 + 80] = 0x9A;
    piv_map_parse(data, wr_len(&w), &map);
    assert_false(map.sound);
    assert_ptr_equal(map.at[0], w.at - 321);
}

/* ---- certificates ---- */

/* A certificate that is just enough of one: P-256. `w` gets the object. */
static size_t tiny_cert(uint8_t *out, size_t cap, const char *spki)
{
    uint8_t key[3000];
    size_t key_len = hex(spki, key, sizeof(key)), cert, tbs;
    struct wr w = wr_init(out, cap);

    cert = tlv_open(&w, 0x30);
    tbs = tlv_open(&w, 0x30);
    tlv_put_u8(&w, 0x02, 1);
    for (size_t i = 0; i < 4; i++) /* algorithm, issuer, validity, subject */
        tlv_put(&w, 0x30, NULL, 0);
    wr_bytes(&w, key, key_len);
    tlv_close(&w, 0x30, tbs);
    tlv_close(&w, 0x30, cert);
    assert_false(w.bad);
    return wr_len(&w);
}

#define SPKI_EC    "3059301306072A8648CE3D020106082A8648CE3D030107034200 04" EC_X EC_Y
#define OID_RSA    "300D06092A864886F70D0101010500"

static size_t object_of(const uint8_t *cert, size_t len, uint8_t info, uint8_t *out, size_t cap)
{
    struct wr w = wr_init(out, cap);

    tlv_put(&w, 0x70, cert, len);
    tlv_put_u8(&w, 0x71, info);
    tlv_put(&w, 0xFE, NULL, 0);
    assert_false(w.bad);
    return wr_len(&w);
}

static DWORD unpack(const uint8_t *object, size_t len, size_t *ret_len)
{
    uint8_t *der = NULL, *copy = malloc(len + 1);
    DWORD rc;

    memcpy(copy, object, len);
    rc = piv_cert_unpack(&e, copy, len, true, &der, ret_len);
    free(copy);
    assert_int_equal(rc == SCARD_S_SUCCESS, der != NULL);
    e.services.free(&c, der);
    assert_int_equal(c.blocks, 1); /* e.own */
    return rc;
}

static size_t squeeze(const uint8_t *plain, size_t len, int window, uint8_t *out, size_t cap)
{
    z_stream z = { .next_in = (Bytef *)(uintptr_t)plain, .avail_in = (uInt)len, .next_out = out,
                   .avail_out = (uInt)cap };

    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    (void)deflateEnd(&z);
    return z.total_out;
}

static void test_certificates_compressed(void **state)
{
    static uint8_t plain[2000000], packed[20000], object[20100];
    size_t cert = tiny_cert(plain, 500, SPKI_EC), len, got = 0;

    (void)state;
    edge_begin_piv(&e, &s, &c, "");
    for (int gzip = 0; gzip < 2; gzip++) {
        size_t packed_len = squeeze(plain, cert, gzip ? 15 + 16 : 15, packed, sizeof(packed));

        for (unsigned info = 0; info < 256; info += 127) { /* what 71 says does not matter */
            len = object_of(packed, packed_len, (uint8_t)info, object, sizeof(object));
            assert_int_equal(unpack(object, len, &got), SCARD_S_SUCCESS);
            assert_int_equal(got, cert);
        }
        for (size_t cut = 0; cut < packed_len; cut++) { /* cut short, whatever the lengths say */
            len = object_of(packed, cut, 1, object, sizeof(object));
            assert_int_not_equal(unpack(object, len, &got), SCARD_S_SUCCESS);
        }
        for (size_t at = 0; at < packed_len; at++) {
            packed[at] ^= 0x10;
            len = object_of(packed, packed_len, 1, object, sizeof(object));
            (void)unpack(object, len, &got);
            packed[at] ^= 0x10;
        }
    }
    tlv_header(&(struct wr){ plain, plain, plain + 5, false }, 0x30, sizeof(plain) - 5);
    memset(plain + 5, 0, sizeof(plain) - 5); /* a bomb: two million bytes in two thousand */
    len = squeeze(plain, sizeof(plain), 15 + 16, packed, sizeof(packed));
    len = object_of(packed, len, 1, object, sizeof(object));
    assert_int_equal(unpack(object, len, &got), SCARD_E_UNEXPECTED);
    edge_end(&e, &c);
}

static void test_certificates_plain(void **state)
{
    uint8_t cert[500], object[600];
    size_t len = tiny_cert(cert, sizeof(cert), SPKI_EC), object_len, got = 0;

    (void)state;
    edge_begin_piv(&e, &s, &c, "");
    cert[len] = 0; /* filling */
    object_len = object_of(cert, len + 1, 0, object, sizeof(object));
    assert_int_equal(unpack(object, object_len, &got), SCARD_S_SUCCESS);
    assert_int_equal(got, len);
    object_len = object_of(cert, len, 1, object, sizeof(object)); /* compressed? it is not */
    assert_int_equal(unpack(object, object_len, &got), SCARD_S_SUCCESS);
    for (size_t cut = 0; cut < object_len - 5; cut++) /* 70 is not whole */
        assert_int_not_equal(unpack(object, cut, &got), SCARD_S_SUCCESS);
    assert_int_equal(unpack((const uint8_t *)"\x70\x00", 2, &got), SCARD_E_FILE_NOT_FOUND);
    assert_int_equal(unpack((const uint8_t *)"\x71\x01\x00", 3, &got), SCARD_E_UNEXPECTED);
    edge_end(&e, &c);
}

static void test_keys_of_certificates(void **state)
{
    static const struct {
        const char *spki;
        uint8_t alg; /* 0: not a key for us */
    } rows[] = {
        { SPKI_EC, 0x11 },
        { "3076301006072A8648CE3D020106052B81040022036200 04 55*96", 0x14 },
        { "30819F" OID_RSA "03818D00 308189 02818100 C1*128 0203010001", 0x06 },
        { "30820122" OID_RSA "0382010F00 3082010A 0282010100 C1*256 0203010001", 0x07 },
        { "308201A2" OID_RSA "0382018F00 3082018A 0282018100 C1*384 0203010001", 0x05 },
        { "30820222" OID_RSA "0382020F00 3082020A 0282020100 C1*512 0203010001", 0x16 },
        { "30820422" OID_RSA "0382040F00 3082040A 0282040100 C1*1024 0203010001", 0 }, /* RSA-8192 */
        { "30819F" OID_RSA "03818D00 308189 02818100 00*127 C1 0203010001", 0 },
        { "30819F" OID_RSA "03818D00 308189 02818100 C1*127 C2 0203010001", 0 }, /* even */
        { "30819F" OID_RSA "03818D00 308189 02818100 C1*128 0203010002", 0 },
        { "3081A1" OID_RSA "03818F00 30818B 02818100 C1*128 02050100000001", 0 }, /* 33 bits */
        { "30819C" OID_RSA "03818A00 308186 02818100 C1*128 0200", 0 },
        { "30819F" OID_RSA "03818D01 308189 02818100 C1*128 0203010001", 0 }, /* unused bits */
        { "3059301306072A8648CE3D020106082A8648CE3D030107034200 02" EC_X EC_Y, 0 },
        { "3059301306072A8648CE3D020106082A8648CE3D030107034200 00" EC_X EC_Y, 0 },
        { "3039301306072A8648CE3D020106082A8648CE3D030107032200 04" EC_X, 0 },
        { "3059301306072A8648CE3D020106082A8648CE3D030101034200 04" EC_X EC_Y, 0 }, /* P-192 */
        { "302A300506032B6570032100 55*32", 0 }, /* Ed25519 */
        { "3000", 0 }, { "", 0 }, { "308000", 0 }, { "3084FFFFFFFF30", 0 }, { "30*200", 0 },
    };
    uint8_t cert[3000], public[PIV_PUBLIC_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t len = tiny_cert(cert, sizeof(cert), rows[i].spki);
        struct wr w = wr_init(public, sizeof(public));
        const struct piv_alg *alg = piv_cert_public(cert, len, &w);

        if ((alg != NULL ? alg->id : 0) != rows[i].alg)
            fail_msg("%s: %02X", rows[i].spki, alg != NULL ? alg->id : 0);
        for (size_t cut = 0; cut < len; cut++) {
            uint8_t *copy = malloc(cut + 1);

            memcpy(copy, cert, cut);
            w = wr_init(public, sizeof(public));
            assert_null(piv_cert_public(copy, cut, &w));
            free(copy);
        }
    }
}

/* Memory runs out at each place, and zlib's is the caller's too. */
static void test_certificates_without_memory(void **state)
{
    uint8_t cert[500], packed[600], form[700], object[800];
    size_t len = tiny_cert(cert, sizeof(cert), SPKI_EC), object_len, got;
    DWORD rc = SCARD_E_NO_MEMORY;

    (void)state;
    edge_begin_piv(&e, &s, &c, "");
    form[0] = 1, form[1] = 0, form[2] = (uint8_t)len, form[3] = (uint8_t)(len >> 8);
    got = squeeze(cert, len, 15, packed, sizeof(packed));
    memcpy(form + 4, packed, got);
    object_len = object_of(packed, got, 1, object, sizeof(object));
    for (unsigned at = 1; rc == SCARD_E_NO_MEMORY; at++) {
        c.fail_alloc = c.allocs + at;
        rc = unpack(object, object_len, &len);
    }
    assert_int_equal(rc, SCARD_S_SUCCESS);
    rc = SCARD_E_NO_MEMORY;
    for (unsigned at = 1; rc == SCARD_E_NO_MEMORY; at++) {
        uint8_t *made = NULL;

        c.fail_alloc = c.allocs + at;
        rc = piv_cert_pack(&e, form, 4 + got, &made, &object_len);
        assert_int_equal(rc == SCARD_S_SUCCESS, made != NULL);
        e.services.free(&c, made);
        assert_int_equal(c.blocks, 1); /* e.own */
    }
    assert_int_equal(rc, SCARD_S_SUCCESS);
    c.fail_alloc = 0;
    edge_end(&e, &c);
}

/* ---- which keys there are ---- */

#define NO_F7      "> 00F7009A00\n< 6D00\n"
#define CERT_EC    "5371 706C 306A 3068 020101 3000300030003000" SPKI_EC "710100 FE00 9000\n"

/* Certificates alone tell; `retired`: the dialogue from the key history on. */
static size_t listed(const char *main_four, const char *retired, uint8_t *out)
{
    struct edge_container list[PIV_CONTAINERS];
    static char dialogue[20000];
    size_t count = 0;

    (void)snprintf(dialogue, sizeof(dialogue), GET("FF10") NONE PIV_PROOF NO_F7 "%s%s", main_four,
                   retired);
    edge_begin_piv(&e, &s, &c, dialogue);
    assert_int_equal(e.ops->containers(&e, list), SCARD_S_SUCCESS);
    if (!script_done(&s))
        fail_msg("not played: %.60s", s.at);
    for (unsigned i = 0; i < PIV_CONTAINERS; i++)
        if (list[i].kx.spec != 0 || list[i].sig.spec != 0)
            out[count++] = (uint8_t)i;
    edge_end(&e, &c);
    return count;
}

#define FOUR_NONE GET("C105") NONE GET("C10B") NONE GET("C10A") NONE GET("C101") NONE

/* Each of the four spoiled in turn; the others are listed. */
static void test_one_bad_container(void **state)
{
    static const char *const bad[] = {
        "9000\n", "5300 9000\n", "53027000 9000\n", "5304FFFFFFFF 9000\n", "00*100 9000\n",
        "6982\n", "6A80\n", "6F00\n", "530A7008308030803080 9000\n", "53067004789C0102 9000\n",
        "530C700A1F8B080000000000 0003 9000\n", "530C700A0100E803 789C03000000 9000\n", /* 01 00 */
        "5370 706B*100 9000\n", "6100\n> 00C0000000\n< 6100\n",
        "90\n", "\n", "6983\n", "63C0\n", "6700\n", "6984\n", "6A84\n", "6A89\n", "6D00\n", "6E00\n",
    };
    static const char *const gets[] = { GET("C105"), GET("C10B"), GET("C10A"), GET("C101") };
    static const uint8_t index[] = { 0, 1, 22, 23 };
    char dialogue[4000];
    uint8_t found[24];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        for (size_t which = 0; which < 4; which++) {
            size_t n = 0;

            dialogue[0] = '\0';
            for (size_t k = 0; k < 4; k++) {
                strcat(dialogue, gets[k]);
                strcat(dialogue, "< ");
                strcat(dialogue, k == which ? bad[i] : CERT_EC);
            }
            assert_int_equal(listed(dialogue, GET("C10C") NONE GET("C10D") NONE, found), 3);
            for (size_t k = 0; k < 4; k++)
                if (k != which)
                    assert_int_equal(found[n++], index[k]);
        }
}

/* The 20 retired slots from `from` on: a key in 84 alone. */
static const char *all_retired(unsigned from)
{
    static char text[4000];

    text[0] = '\0';
    for (unsigned i = from; i < 20; i++)
        (void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
                       "> 00CB3FFF055C035FC1%02X00\n< %s", 0x0D + i, i == 2 ? CERT_EC : "6A82\n");
    return text;
}

static void test_history_that_lies(void **state)
{
    static const struct {
        const char *history;
        unsigned asked;  /* slots that its own words lead to */
        bool liar;
    } rows[] = {
        { "5308C10100C20100FE00 9000\n", 1, false }, /* honest as far as one can see */
        { "6A82\n", 1, false },
        { "5308C10102C20100FE00 9000\n", 3, true },  /* two, they say: there is none */
        { "5308C10103C20100FE00 9000\n", 4, true },  /* three, there is one */
        { "5308C10115C20100FE00 9000\n", 0, true },  /* 21 of 20 */
        { "5308C1010BC2010AFE00 9000\n", 0, true },  /* 11 and 10 */
        { "5308C101FFC201FFFE00 9000\n", 0, true },
        { "5302C100 9000\n", 0, true },
        { "5304C1840000 9000\n", 0, true },
        { "53*100 9000\n", 0, true },
        { "9000\n", 0, true },
        { "6982\n", 0, true },
        { "538200D0C10100C20100F381C5 41*197 FE00 9000\n", 1, false }, /* URL > 118 bytes */
    };
    static char dialogue[8000];
    uint8_t found[24];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t n;

        (void)snprintf(dialogue, sizeof(dialogue), GET("C10C") "< %s%s", rows[i].history,
                       all_retired(0));
        if (!rows[i].liar) /* one more is asked for: 82, which is not there */
            (void)snprintf(dialogue, sizeof(dialogue), GET("C10C") "< %s" GET("C10D") NONE,
                           rows[i].history);
        n = listed(FOUR_NONE, dialogue, found);
        assert_int_equal(n, rows[i].liar ? 1 : 0);
        if (n == 1)
            assert_int_equal(found[0], 4);
    }
}

/* ---- what keys answer ---- */

static void test_signatures(void **state)
{
    static const struct edge_key rsa = { 1, 1024, 0x010006 }, ec = EC_9C;
    static const char *const rsa_bad[] = {
        "9000", "7C00 9000", "7C028200 9000", "7C81828180 C1*127 9000", "7C818482 8181 C1*129 9000",
        "7C7A8278 C1*119 9000", "7C79 8277 C1*119 9000", "82 8180 C1*128 9000",
        "7C8183 828180 C1*128 AA 9000", "7C8183 818180 C1*128 9000", "C1*128 9000",
    };
    static const char *const ec_bad[] = {
        "7C028200 9000", "7C0482023000 9000",
        "7C0A8208 3006 020100 020101 9000",                         /* r = 0 */
        "7C0A8208 3006 020101 020100 9000",                         /* s = 0 */
        "7C0A8208 3006 0201FF 020101 9000",                         /* negative */
        "7C0B8209 3007 02020001 020101 9000",                       /* not minimal */
        "7C2C822A 3028 0223 01 55*34 020101 9000",                  /* r too long */
        "7C468244 3042 0220 55*32 0220 55*32 9000",                 /* past the end */
        "7C4A8248 3046 0222 01 55*33 0220 55*32 9000",
        "7C418240 00*64 9000", "7C0A8208 3006 020101 020101 9000 9000",
    };
    uint8_t in[128], out[600];
    char dialogue[3000];

    (void)state;
    memset(in, 0x22, sizeof(in));
    for (size_t i = 0; i < sizeof(rsa_bad) / sizeof(rsa_bad[0]); i++) {
        size_t len = sizeof(out);

        (void)snprintf(dialogue, sizeof(dialogue), "> 0087069A88...\n< %s\n" PIV_PROOF, rsa_bad[i]);
        edge_begin_piv(&e, &s, &c, dialogue);
        s.lenient = true;
        memset(out, 0xEE, sizeof(out));
        if (e.ops->sign(&e, &rsa, EDGE_RAW, in, 128, out, &len) == SCARD_S_SUCCESS)
            fail_msg("%s", rsa_bad[i]);
        assert_int_equal(out[0], 0xEE);
        len = sizeof(out);
        s.at = dialogue;
        assert_int_not_equal(e.ops->decrypt(&e, &rsa, EDGE_PKCS1, in, 128, out, &len),
                             SCARD_S_SUCCESS);
        assert_int_equal(out[0], 0xEE);
        edge_end(&e, &c);
    }
    for (size_t i = 0; i < sizeof(ec_bad) / sizeof(ec_bad[0]); i++) {
        size_t len = sizeof(out);

        (void)snprintf(dialogue, sizeof(dialogue), "> 0087119C26...\n< %s\n" PIV_PROOF, ec_bad[i]);
        edge_begin_piv(&e, &s, &c, dialogue);
        s.lenient = true;
        if (e.ops->sign(&e, &ec, EDGE_RAW, in, 32, out, &len) == SCARD_S_SUCCESS)
            fail_msg("%s", ec_bad[i]);
        edge_end(&e, &c);
    }
}

/* ---- all verbs, one answer ---- */

static const char *liars_answer;
static unsigned liars_patience;

/* A card that says the same to everything, but for SELECT and the proof. */
static uint32_t liar(void *link, const uint8_t *in, size_t in_len, uint8_t *out, size_t *out_len)
{
    uint8_t buf[6000];
    size_t len;
    const char *text = liars_answer;

    (void)link;
    if (liars_patience-- == 0)
        return SCARD_W_REMOVED_CARD;
    if (in[1] == 0xA4)
        text = "61114F0600001000010079074F05A0000003089000";
    else if (in[1] == 0xCB && in_len > 6 && in[6] == 1)
        text = "7E124F0BA0000003080000100001005F2F0240009000";
    len = hex(text, buf, sizeof(buf));
    if (len > *out_len)
        len = *out_len;
    memcpy(out, buf, len);
    *out_len = len;
    return SCARD_S_SUCCESS;
}

static void use_everything(void)
{
    static const struct edge_key rsa = RSA_9A, ec = EC_9C, ecdh = ECDH_9D;
    static const uint8_t in[256] = { 0 }, pin[] = "123456";
    struct edge_container list[PIV_CONTAINERS];
    struct edge_public_key key;
    struct edge_file *files = NULL, file;
    uint8_t out[600], *data = NULL, set;
    size_t len, count = 0;
    uint32_t left, bytes, containers;

    (void)e.ops->describe(&e, &e.profile);
    (void)e.ops->containers(&e, list);
    (void)e.ops->free_space(&e, &bytes, &containers);
    (void)e.ops->table(&e, &files, &count);
    for (size_t i = 0; i < count; i++)
        if (e.ops->read(&e, &files[i], &data, &len) == SCARD_S_SUCCESS)
            e.services.free(&c, data);
    e.services.free(&c, files);
    (void)e.ops->fixed(&e, "", "cardid", &file);
    if (e.ops->read(&e, &file, &data, &len) == SCARD_S_SUCCESS)
        e.services.free(&c, data);
    (void)e.ops->roles(&e, &set);
    (void)e.ops->verify(&e, EDGE_USER, pin, 6, &left);
    (void)e.ops->verify(&e, (enum edge_role)3, pin, 6, &left);
    (void)e.ops->public_key(&e, &rsa, &key);
    (void)e.ops->public_key(&e, &ec, &key);
    len = sizeof(out);
    (void)e.ops->sign(&e, &rsa, EDGE_RAW, in, 256, out, &len);
    (void)e.ops->sign(&e, &ec, EDGE_RAW, in, 32, out, &len);
    (void)e.ops->decrypt(&e, &rsa, EDGE_OAEP_SHA1, in, 256, out, &len);
    len = sizeof(out);
    (void)e.ops->agree(&e, &ecdh, in, 64, out, &len);
    len = 16;
    (void)e.ops->challenge(&e, out, &len);
    (void)e.ops->respond(&e, in, 8, &left);
    (void)e.ops->unblock(&e, EDGE_USER, pin, 6, pin, 6, 0, &left);
    (void)e.ops->change(&e, EDGE_USER, pin, 6, pin, 6, 0, &left);
    (void)e.ops->change_key(&e, in, 8, in, 24, &left);
    (void)e.ops->generate(&e, 0, 3, 256);
    (void)e.ops->erase(&e, 0);
    (void)e.ops->logout(&e, 0xFF);
}

static void test_one_answer_to_everything(void **state)
{
    static const char *const answers[] = {
        "", "90", "9000", "6100", "61FF", "6C00", "6CFF", "6A82", "6982", "63CF", "6983", "6985",
        "00 9000", "5300 9000", "53 9000", "5380 9000", "5384FFFFFFFF 9000", "53*4094 9000",
        "30*4094 9000", "7C*255 9000", "7F49*255 9000", "FF*4096 6100", "00*4096 9000",
        "1FFFFFFF7F01 9000", "530480028101 9000", "530580038101 02 9000", "531C881A8918 00*24 9000",
        "7C0A8108 00*8 9000", "010107 9000", "010111 0443 8641 04 55*64 9000", "040000 9000",
        "53820C00 AA*3072 9000", "7F4943864104 55*64 9000", "53030100 02 9000",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
        for (unsigned wide = 0; wide < 2; wide++) {
            edge_begin_piv(&e, &s, &c, "");
            c.forgets = i % 2 != 0;
            liars_answer = answers[i];
            liars_patience = 4000;
            e.link_extends = wide != 0;
            card_init(&e.card, liar, NULL);
            use_everything();
            assert_true(liars_patience != 0 && liars_patience < 4000);
            edge_end(&e, &c);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recognition),
        cmocka_unit_test(test_proof_is_strict),
        cmocka_unit_test(test_chuid_of_any_length),
        cmocka_unit_test(test_fallbacks_of_the_identity),
        cmocka_unit_test(test_objects_cut_and_turned),
        cmocka_unit_test(test_maps),
        cmocka_unit_test(test_certificates_compressed),
        cmocka_unit_test(test_certificates_plain),
        cmocka_unit_test(test_certificates_without_memory),
        cmocka_unit_test(test_keys_of_certificates),
        cmocka_unit_test(test_one_bad_container),
        cmocka_unit_test(test_history_that_lies),
        cmocka_unit_test(test_signatures),
        cmocka_unit_test(test_one_answer_to_everything),
    };

    return cmocka_run_group_tests_name("piv_attacks", tests, NULL, NULL);
}
