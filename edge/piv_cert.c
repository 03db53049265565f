/* SPDX-License-Identifier: MIT */
/*
 * Certificate objects: 70 certificate, 71 is it compressed, FE; SP 800-73-4 part 1, appendix A.
 *
 * What 71 says is not listened to: bit order in the standard is read in two ways, and cards lie. The
 * data tells by its first bytes: DER, gzip (RFC 1952; the standard's) or zlib (RFC 1950; old cards).
 *
 * A caller that writes the Base CSP's compressed form (LE16 1, LE16 length, zlib) gets the same bytes
 * back, while all other users of the card find the standard's gzip: both hold the same deflate
 * stream. MTIME, which nobody looks at, keeps the two bytes of zlib's header and says that we were
 * here: 'c' 'm' CMF FLG.
 */
#include "edge/piv_internal.h"

#include "base/secret.h"

#include <string.h>
#include <zlib.h>

#define GZIP_HEADER   10u
#define GZIP_TRAILER  8u
#define ZLIB_HEADER   2u
#define ZLIB_TRAILER  4u
#define PACKED_HEADER 4u
#define PACKED        1u /* version of the Base CSP's form */
#define WINDOW_EITHER (15 + 32) /* inflateInit2: zlib or gzip, whichever it is */

/* ---- compression ----------------------------------------------------------------------------- */

/* All memory is the caller's. */
static voidpf zlib_alloc(voidpf edge, uInt items, uInt size)
{
    return run_alloc(edge, (size_t)items * size);
}

static void zlib_free(voidpf edge, voidpf block)
{
    run_free(edge, block, 0);
}

/* Unpacks zlib or gzip into room for *out_len. *ret_used: bytes of `in` that it took. */
static DWORD unpack(const struct edge *e, const uint8_t *in, size_t in_len, uint8_t *out,
                    size_t *out_len, size_t *ret_used)
{
    z_stream z = { .zalloc = zlib_alloc, .zfree = zlib_free, .opaque = (voidpf)(uintptr_t)e,
                   .next_in = (Bytef *)(uintptr_t)in, .avail_in = (uInt)in_len,
                   .next_out = out, .avail_out = (uInt)*out_len };
    int result = inflateInit2(&z, WINDOW_EITHER);

    if (result != Z_OK)
        return result == Z_MEM_ERROR ? SCARD_E_NO_MEMORY : SCARD_E_UNEXPECTED;
    result = inflate(&z, Z_FINISH);
    (void)inflateEnd(&z);
    if (result == Z_MEM_ERROR)
        return SCARD_E_NO_MEMORY;
    if (result != Z_STREAM_END) /* cut short, damaged, or longer than any certificate */
        return SCARD_E_UNEXPECTED;
    *out_len = z.total_out;
    *ret_used = z.total_in;
    return SCARD_S_SUCCESS;
}

static bool is_gzip(const uint8_t *data, size_t len)
{
    return len > GZIP_HEADER + GZIP_TRAILER && data[0] == 0x1F && data[1] == 0x8B;
}

static bool is_zlib(const uint8_t *data, size_t len)
{
    return len > ZLIB_HEADER + ZLIB_TRAILER && data[0] == 0x78 && (data[0] << 8 | data[1]) % 31 == 0;
}

/* Bytes of the SEQUENCE that `data` begins with: what follows is a card's filling. 0: none. */
static size_t der_len(const uint8_t *data, size_t len)
{
    struct rd top = rd_init(data, len), cert = tlv_enter(&top, 0x30);

    return cert.bad || rd_left(&cert) == 0 ? 0 : len - rd_left(&top);
}

static DWORD copy(const struct edge *e, const uint8_t *data, size_t len, uint8_t **ret_data,
                  size_t *ret_len)
{
    uint8_t *block = run_alloc(e, len);

    if (block == NULL)
        return SCARD_E_NO_MEMORY;
    memcpy(block, data, len);
    *ret_data = block;
    *ret_len = len;
    return SCARD_S_SUCCESS;
}

/* The Base CSP's form out of our gzip of `used` bytes, which holds `plain`. */
static DWORD as_written(const struct edge *e, const uint8_t *gzip, size_t used,
                        const uint8_t *plain, size_t plain_len, uint8_t **ret_data, size_t *ret_len)
{
    size_t raw = used - GZIP_HEADER - GZIP_TRAILER;
    size_t len = PACKED_HEADER + ZLIB_HEADER + raw + ZLIB_TRAILER;
    uint8_t *data = run_alloc(e, len);
    struct wr w;

    if (data == NULL)
        return SCARD_E_NO_MEMORY;
    w = wr_init(data, len);
    wr_u16le(&w, PACKED);
    wr_u16le(&w, (uint16_t)plain_len);
    wr_bytes(&w, gzip + 6, ZLIB_HEADER);
    wr_bytes(&w, gzip + GZIP_HEADER, raw);
    wr_u32be(&w, (uint32_t)adler32(1, plain, (uInt)plain_len));
    *ret_data = data;
    *ret_len = len;
    return SCARD_S_SUCCESS;
}

static bool is_ours(const uint8_t *gzip)
{
    return gzip[2] == Z_DEFLATED && gzip[3] == 0 && gzip[4] == 'c' && gzip[5] == 'm';
}

DWORD piv_cert_unpack(const struct edge *e, const uint8_t *data, size_t len, bool as_stored,
                      uint8_t **ret_der, size_t *ret_len)
{
    struct rd all = rd_init(data, len), cert = tlv_find(&all, 0x70);
    size_t room = PIV_CERT_MAX, used = 0, found;
    uint8_t *plain;
    DWORD rc;

    if (cert.bad || rd_left(&cert) == 0) /* 53 02 70 00: emptied, by some */
        return cert.bad ? SCARD_E_UNEXPECTED : SCARD_E_FILE_NOT_FOUND;
    found = der_len(cert.at, rd_left(&cert));
    if (found != 0)
        return copy(e, cert.at, found, ret_der, ret_len);
    if (!is_gzip(cert.at, rd_left(&cert)) && !is_zlib(cert.at, rd_left(&cert)))
        return SCARD_E_UNEXPECTED;
    plain = run_alloc(e, room);
    if (plain == NULL)
        return SCARD_E_NO_MEMORY;
    rc = unpack(e, cert.at, rd_left(&cert), plain, &room, &used);
    found = rc == SCARD_S_SUCCESS ? der_len(plain, room) : 0;
    if (rc == SCARD_S_SUCCESS && found == 0)
        rc = SCARD_E_UNEXPECTED;
    if (rc == SCARD_S_SUCCESS)
        rc = as_stored && is_gzip(cert.at, used) && is_ours(cert.at)
                 ? as_written(e, cert.at, used, plain, room, ret_der, ret_len)
                 : copy(e, plain, found, ret_der, ret_len);
    run_free(e, plain, 0);
    return rc;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* gzip around the deflate stream of a zlib stream. */
static void put_gzip(struct wr *w, const uint8_t *zlib, size_t len, const uint8_t *plain,
                     size_t plain_len)
{
    static const uint8_t head[] = { 0x1F, 0x8B, Z_DEFLATED, 0, 'c', 'm' };

    wr_bytes(w, head, sizeof(head));
    wr_bytes(w, zlib, ZLIB_HEADER);
    wr_u8(w, 0);
    wr_u8(w, 0xFF); /* system: unknown */
    wr_bytes(w, zlib + ZLIB_HEADER, len - ZLIB_HEADER - ZLIB_TRAILER);
    wr_u32le(w, (uint32_t)crc32(0, plain, (uInt)plain_len));
    wr_u32le(w, (uint32_t)plain_len);
}

/* 70 cert, 71 00 or 01, FE */
static DWORD make_object(const struct edge *e, const uint8_t *cert, size_t len, bool compressed,
                         uint8_t **ret_object, size_t *ret_len)
{
    size_t size = tlv_size(0x70, len) + 5;
    uint8_t *object = run_alloc(e, size);
    struct wr w;

    if (object == NULL)
        return SCARD_E_NO_MEMORY;
    w = wr_init(object, size);
    tlv_put(&w, 0x70, cert, len);
    tlv_put_u8(&w, 0x71, compressed ? 1 : 0);
    tlv_put(&w, 0xFE, NULL, 0);
    *ret_object = object;
    *ret_len = size;
    return SCARD_S_SUCCESS;
}

/* A zlib stream that holds a certificate of `plain_len` bytes, and nothing else. */
static DWORD pack_zlib(const struct edge *e, const uint8_t *zlib, size_t len, size_t plain_len,
                       uint8_t **ret_object, size_t *ret_len)
{
    size_t room = plain_len, used = 0;
    size_t gzip_len = len - ZLIB_HEADER - ZLIB_TRAILER + GZIP_HEADER + GZIP_TRAILER;
    uint8_t *plain = run_alloc(e, plain_len), *gzip = run_alloc(e, gzip_len);
    DWORD rc = plain != NULL && gzip != NULL ? SCARD_S_SUCCESS : SCARD_E_NO_MEMORY;

    if (rc == SCARD_S_SUCCESS)
        rc = unpack(e, zlib, len, plain, &room, &used);
    if (rc == SCARD_E_UNEXPECTED || (rc == SCARD_S_SUCCESS && (used != len || room != plain_len ||
                                                               der_len(plain, room) != room)))
        rc = SCARD_E_UNSUPPORTED_FEATURE;
    if (rc == SCARD_S_SUCCESS) {
        struct wr w = wr_init(gzip, gzip_len);

        put_gzip(&w, zlib, len, plain, plain_len);
        rc = make_object(e, gzip, gzip_len, true, ret_object, ret_len);
    }
    run_free(e, plain, 0);
    run_free(e, gzip, 0);
    return rc;
}

DWORD piv_cert_pack(const struct edge *e, const uint8_t *data, size_t len, uint8_t **ret_object,
                    size_t *ret_len)
{
    struct rd r = rd_init(data, len);
    uint16_t version, plain_len;

    if (len != 0 && der_len(data, len) == len)
        return make_object(e, data, len, false, ret_object, ret_len);
    version = rd_u16le(&r);
    plain_len = rd_u16le(&r);
    if (r.bad || version != PACKED || plain_len == 0 || plain_len > PIV_CERT_MAX ||
        !is_zlib(r.at, rd_left(&r)))
        return SCARD_E_UNSUPPORTED_FEATURE;
    return pack_zlib(e, r.at, rd_left(&r), plain_len, ret_object, ret_len);
}

/* ---- the public key -------------------------------------------------------------------------- */

static const uint8_t oid_rsa[] = { 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01 };
static const uint8_t oid_ec[] = { 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01 };
static const uint8_t oid_p256[] = { 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07 };
static const uint8_t oid_p384[] = { 0x2B, 0x81, 0x04, 0x00, 0x22 };

static bool same(const struct rd *r, const uint8_t *oid, size_t len)
{
    return !r->bad && rd_left(r) == len && memcmp(r->at, oid, len) == 0;
}

/* RFC 5280 4.1: Certificate { TBSCertificate { [0] version, serial, algorithm, issuer, validity,
 * subject, SubjectPublicKeyInfo .. } .. } */
static struct rd find_spki(const uint8_t *der, size_t len)
{
    static const uint32_t before[] = { 0x02, 0x30, 0x30, 0x30, 0x30 };
    struct rd top = rd_init(der, len), cert = tlv_enter(&top, 0x30), tbs = tlv_enter(&cert, 0x30);
    struct rd version = tbs;

    (void)tlv_enter(&version, 0xA0);
    if (!version.bad)
        tbs = version;
    for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++)
        (void)tlv_enter(&tbs, before[i]);
    return tlv_enter(&tbs, 0x30);
}

/* RFC 3279 2.3.1: SEQUENCE { modulus, exponent } */
static const struct piv_alg *put_rsa(struct rd bits, struct wr *w)
{
    struct rd key = tlv_enter(&bits, 0x30), n = tlv_enter(&key, 0x02), e = tlv_enter(&key, 0x02);

    if (rd_left(&n) > 1 && n.at[0] == 0)
        (void)rd_u8(&n);
    if (!rd_done(&bits) || !rd_done(&key))
        return NULL;
    tlv_put(w, 0x81, n.at, rd_left(&n));
    tlv_put(w, 0x82, e.at, rd_left(&e));
    return piv_alg_by_spec(1, (uint32_t)(8 * rd_left(&n)));
}

const struct piv_alg *piv_cert_public(const uint8_t *der, size_t len, struct wr *w)
{
    struct rd spki = find_spki(der, len), alg = tlv_enter(&spki, 0x30);
    struct rd oid = tlv_enter(&alg, 0x06), bits = tlv_enter(&spki, 0x03);
    const uint8_t *start = w->at;
    const struct piv_alg *found = NULL;
    struct edge_public_key key;
    struct rd content;

    if (rd_u8(&bits) != 0 || bits.bad)
        return NULL;
    if (same(&oid, oid_rsa, sizeof(oid_rsa))) {
        found = put_rsa(bits, w);
    } else if (same(&oid, oid_ec, sizeof(oid_ec))) {
        struct rd curve = tlv_enter(&alg, 0x06);

        found = same(&curve, oid_p256, sizeof(oid_p256))   ? piv_alg_by_spec(3, 256)
                : same(&curve, oid_p384, sizeof(oid_p384)) ? piv_alg_by_spec(4, 384)
                                                           : NULL;
        tlv_put(w, 0x86, bits.at, rd_left(&bits));
    }
    content = rd_init(start, (size_t)(w->at - start));
    return found != NULL && !w->bad && piv_parse_public(content, found, &key) ? found : NULL;
}
