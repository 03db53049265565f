/* SPDX-License-Identifier: MIT */
/* Using keys. All padding is the host's: SP 800-73-4 part 2, 3.2.4, appendix A. */
#include "edge/piv_internal.h"

#include "base/secret.h"
#include "crypto/unpad.h"
#include "edge/result.h"

#include <string.h>

#define PKCS1_OVERHEAD 11u /* RFC 8017: fewest padding bytes */
#define TEMPLATE_MAX   (EDGE_RSA_MAX_BYTES + 16u)

DWORD piv_general(struct run *r, const struct piv_operation *op, struct wr *answer, struct rd *ret,
                  sw_t *ret_sw)
{
    uint8_t buf[TEMPLATE_MAX];
    struct wr w = wr_init(buf, sizeof(buf));
    size_t template = tlv_open(&w, 0x7C);
    uint32_t room = (uint32_t)(answer->end - answer->start);
    struct rd top, all;
    struct apdu cmd;
    DWORD rc;

    tlv_put(&w, 0x82, NULL, 0); /* empty: to be filled in */
    tlv_put(&w, op->tag, op->in, op->in_len);
    tlv_close(&w, 0x7C, template);
    if (w.bad)
        return SCARD_E_INVALID_PARAMETER;
    cmd = run_apdu(PIV_AUTHENTICATE, (uint16_t)((unsigned)op->alg << 8 | op->ref), buf, wr_len(&w),
                   room > APDU_SHORT_LE ? room : APDU_SHORT_LE);
    rc = op->close ? piv_send_close(r, &cmd, answer, 0x7C, ret_sw)
                   : piv_send(r, &cmd, answer, 0x7C, ret_sw);
    wipe(buf, sizeof(buf));
    if (rc != SCARD_S_SUCCESS || !sw_is(*ret_sw, SW_OK))
        return rc;
    top = rd_init(answer->start, wr_len(answer));
    all = tlv_enter(&top, 0x7C);
    *ret = tlv_enter(&all, 0x82);
    return rd_done(&all) ? SCARD_S_SUCCESS : SCARD_E_UNEXPECTED;
}

/* The answer's 82 as a place that has been written: what result.h takes. */
static struct wr as_written(const struct rd *r)
{
    struct wr w = wr_init((uint8_t *)(uintptr_t)r->at, rd_left(r));

    w.at = w.end;
    return w;
}

/* ---- public key ------------------------------------------------------------------------------ */

static bool public_cached(struct edge *e, const struct piv_key *key, struct edge_public_key *ret)
{
    uint8_t *data = NULL;
    size_t len = 0;
    bool good;

    if (!piv_cache_find(e, "public", piv_slots[key->index].ref, &data, &len))
        return false;
    good = len != 0 && data[0] == key->alg->id &&
           piv_parse_public(rd_init(data + 1, len - 1), key->alg, ret);
    run_free(e, data, len);
    return good;
}

/* The standard has no command for it: from the certificate, or metadata. */
DWORD piv_public_key(struct edge *e, const struct edge_key *listed, struct edge_public_key *ret)
{
    struct run r = { e, false };
    uint8_t public[1 + PIV_PUBLIC_MAX];
    struct wr w = wr_init(public + 1, PIV_PUBLIC_MAX);
    struct piv_key key, found;
    DWORD rc;

    if (!piv_key_of(listed, &key))
        return SCARD_E_NO_KEY_CONTAINER;
    if (public_cached(e, &key, ret))
        return SCARD_S_SUCCESS;
    rc = piv_find_key(&r, key.index, &found, &w);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (found.alg != key.alg || !piv_parse_public(rd_init(public + 1, wr_len(&w)), found.alg, ret))
        return SCARD_E_NO_KEY_CONTAINER;
    public[0] = found.alg->id;
    piv_cache_keep(e, "public", piv_slots[key.index].ref, public, 1 + wr_len(&w));
    return SCARD_S_SUCCESS;
}

/* ---- private key ----------------------------------------------------------------------------- */

/* 6A86: no key there, or one of another kind: what the cache says of it is not so. */
static DWORD use_error(struct edge *e, sw_t sw)
{
    switch (sw.v) {
    case SW_WRONG_P1P2:
    case SW_NOT_FOUND:
    case SW_REFERENCE_NOT_FOUND:
        piv_cache_drop(e, "keys", 0);
        return SCARD_E_NO_KEY_CONTAINER;
    default:
        return sw_error(sw);
    }
}

static struct piv_operation operation(const struct piv_key *key, uint8_t tag, const uint8_t *in,
                                      size_t in_len)
{
    struct piv_operation op = { .alg = key->alg->id, .ref = piv_slots[key->index].ref, .tag = tag,
                                .in = in, .in_len = in_len, .close = key->pin == PIV_ROLE_SIGN };

    return op;
}

/* RFC 8017 9.2: 00 01 FF .. FF 00 message */
static void pad_pkcs1(uint8_t *block, size_t bytes, const uint8_t *in, size_t in_len)
{
    struct wr w = wr_init(block, bytes);

    wr_u8(&w, 0x00);
    wr_u8(&w, 0x01);
    wr_fill(&w, 0xFF, bytes - in_len - 3);
    wr_u8(&w, 0x00);
    wr_bytes(&w, in, in_len);
}

static DWORD sign_rsa(struct run *r, const struct piv_key *key, enum edge_padding padding,
                      const uint8_t *in, size_t in_len, uint8_t *out, size_t *out_len)
{
    size_t bytes = piv_alg_bytes(key->alg);
    uint8_t block[EDGE_RSA_MAX_BYTES], buf[EDGE_RSA_MAX_BYTES + 8];
    struct wr answer = wr_init(buf, bytes + 8), signature;
    const struct piv_operation op = operation(key, 0x81, block, bytes);
    struct rd result;
    sw_t sw;
    DWORD rc;

    if (padding == EDGE_RAW ? in_len != bytes : in_len == 0 || in_len > bytes - PKCS1_OVERHEAD)
        return SCARD_E_INVALID_PARAMETER;
    if (padding == EDGE_RAW)
        memcpy(block, in, bytes);
    else if (padding == EDGE_PKCS1)
        pad_pkcs1(block, bytes, in, in_len);
    else
        return SCARD_E_UNSUPPORTED_FEATURE;
    rc = piv_general(r, &op, &answer, &result, &sw);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (!sw_is(sw, SW_OK))
        return use_error(r->e, sw);
    if (rd_left(&result) > bytes || rd_left(&result) < bytes - RESULT_ZEROS_DROPPED)
        return SCARD_E_UNEXPECTED;
    if (*out_len < bytes)
        return SCARD_E_INSUFFICIENT_BUFFER;
    signature = as_written(&result);
    result_pad(out, bytes, &signature);
    *out_len = bytes;
    return SCARD_S_SUCCESS;
}

static DWORD sign_ec(struct run *r, const struct piv_key *key, enum edge_padding padding,
                     const uint8_t *in, size_t in_len, uint8_t *out, size_t *out_len)
{
    size_t bytes = piv_alg_bytes(key->alg);
    uint8_t buf[APDU_SHORT_LE], rs[2 * EDGE_EC_MAX_BYTES];
    struct wr answer = wr_init(buf, sizeof(buf)), signature;
    /* FIPS 186: the leftmost bits of the digest */
    const struct piv_operation op = operation(key, 0x81, in, in_len < bytes ? in_len : bytes);
    struct rd result;
    sw_t sw;
    DWORD rc;

    if (padding != EDGE_RAW || in_len == 0)
        return SCARD_E_INVALID_PARAMETER;
    rc = piv_general(r, &op, &answer, &result, &sw);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (!sw_is(sw, SW_OK))
        return use_error(r->e, sw);
    signature = as_written(&result);
    if (!result_ecdsa(&signature, bytes, rs))
        return SCARD_E_UNEXPECTED;
    if (*out_len < 2 * bytes)
        return SCARD_E_INSUFFICIENT_BUFFER;
    memcpy(out, rs, 2 * bytes);
    *out_len = 2 * bytes;
    return SCARD_S_SUCCESS;
}

DWORD piv_sign(struct edge *e, const struct edge_key *listed, enum edge_padding padding,
               const uint8_t *in, size_t in_len, uint8_t *out, size_t *out_len)
{
    struct run r = { e, false };
    struct piv_key key;

    if (!piv_key_of(listed, &key))
        return SCARD_E_NO_KEY_CONTAINER;
    return key.alg->ec ? sign_ec(&r, &key, padding, in, in_len, out, out_len)
                       : sign_rsa(&r, &key, padding, in, in_len, out, out_len);
}

/* `block` is as long as the modulus. */
static DWORD take_plain(const uint8_t *block, size_t bytes, enum edge_padding padding, uint8_t *out,
                        size_t *out_len)
{
    uint8_t plain[EDGE_RSA_MAX_BYTES];
    size_t len = bytes;
    bool good = true;
    DWORD rc = SCARD_S_SUCCESS;

    if (padding == EDGE_RAW)
        memcpy(plain, block, bytes);
    else
        good = padding == EDGE_PKCS1 ? unpad_pkcs1(block, bytes, plain, &len)
                                     : unpad_oaep_sha1(block, bytes, plain, &len);
    if (!good)
        rc = SCARD_F_INTERNAL_ERROR;
    else if (*out_len < len)
        rc = SCARD_E_INSUFFICIENT_BUFFER;
    if (rc == SCARD_S_SUCCESS) {
        memcpy(out, plain, len);
        *out_len = len;
    }
    wipe(plain, sizeof(plain));
    return rc;
}

DWORD piv_decrypt(struct edge *e, const struct edge_key *listed, enum edge_padding padding,
                  const uint8_t *in, size_t in_len, uint8_t *out, size_t *out_len)
{
    struct run r = { e, false };
    uint8_t buf[EDGE_RSA_MAX_BYTES + 8], block[EDGE_RSA_MAX_BYTES];
    struct wr answer, number;
    struct piv_operation op;
    struct piv_key key;
    struct rd result;
    size_t bytes;
    sw_t sw;
    DWORD rc;

    if (!piv_key_of(listed, &key))
        return SCARD_E_NO_KEY_CONTAINER;
    bytes = piv_alg_bytes(key.alg);
    if (key.alg->ec || in_len != bytes || padding > EDGE_OAEP_SHA1)
        return SCARD_E_INVALID_PARAMETER;
    op = operation(&key, 0x81, in, in_len);
    answer = wr_init(buf, bytes + 8);
    rc = piv_general(&r, &op, &answer, &result, &sw);
    if (rc == SCARD_S_SUCCESS && sw_is(sw, SW_WRONG_DATA))
        rc = SCARD_F_INTERNAL_ERROR; /* no number below the modulus: looks like a bad padding */
    else if (rc == SCARD_S_SUCCESS && !sw_is(sw, SW_OK))
        rc = use_error(e, sw);
    else if (rc == SCARD_S_SUCCESS && (rd_left(&result) > bytes || rd_left(&result) == 0))
        rc = SCARD_E_UNEXPECTED;
    else if (rc == SCARD_S_SUCCESS) {
        number = as_written(&result);
        result_pad(block, bytes, &number);
        rc = take_plain(block, bytes, padding, out, out_len);
    }
    wipe(buf, sizeof(buf));
    wipe(block, sizeof(block));
    return rc;
}

DWORD piv_agree(struct edge *e, const struct edge_key *listed, const uint8_t *point,
                size_t point_len, uint8_t *z, size_t *z_len)
{
    struct run r = { e, false };
    uint8_t in[1 + 2 * EDGE_EC_MAX_BYTES] = { 0x04 }, buf[EDGE_EC_MAX_BYTES + 8];
    struct wr answer = wr_init(buf, sizeof(buf));
    struct piv_operation op;
    struct piv_key key;
    struct rd result;
    size_t bytes;
    sw_t sw;
    DWORD rc;

    if (!piv_key_of(listed, &key))
        return SCARD_E_NO_KEY_CONTAINER;
    bytes = piv_alg_bytes(key.alg);
    if (!key.alg->ec || point_len != 2 * bytes)
        return SCARD_E_INVALID_PARAMETER;
    memcpy(in + 1, point, point_len);
    op = operation(&key, 0x85, in, 1 + point_len);
    rc = piv_general(&r, &op, &answer, &result, &sw);
    if (rc == SCARD_S_SUCCESS && !sw_is(sw, SW_OK))
        rc = use_error(e, sw); /* 6A80: the point */
    else if (rc == SCARD_S_SUCCESS && rd_left(&result) != bytes)
        rc = SCARD_E_UNEXPECTED; /* an octet string: no zeros are dropped */
    else if (rc == SCARD_S_SUCCESS && *z_len < bytes)
        rc = SCARD_E_INSUFFICIENT_BUFFER;
    else if (rc == SCARD_S_SUCCESS) {
        memcpy(z, result.at, bytes);
        *z_len = bytes;
    }
    wipe(buf, sizeof(buf));
    return rc;
}
