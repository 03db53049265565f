/* SPDX-License-Identifier: MIT */
/* Using keys: public key, sign, decrypt, key agreement. Key and algorithm are set in every call. */
#include "edge/gids_internal.h"

#include "base/secret.h"
#include "edge/result.h"

#include <string.h>

#define PKCS1_OVERHEAD 11u /* RFC 8017: fewest padding bytes */
#define OAEP_OVERHEAD  42u /* with SHA-1 */

/* GIDS 2.0: MSE SET's P1 P2, PERFORM SECURITY OPERATION's P1 P2, high nibble of the algorithm */
struct operation {
    uint16_t mse, pso;
    uint8_t alg;
};

static const struct operation sign_raw = { 0x41B6, 0x9E9A, 0x10 };
static const struct operation sign_pkcs1 = { 0x41B6, 0x9E9A, 0x50 };
static const struct operation decipher_raw = { 0x41B8, 0x8086, 0x00 };
static const struct operation decipher_pkcs1 = { 0x41B8, 0x8086, 0x40 };
static const struct operation decipher_oaep = { 0x41B8, 0x8086, 0x80 };

/* ---- public key ------------------------------------------------------------------------------ */

static void public_tag(char tag[16], uint8_t ref)
{
    static const char base[16] = "gids.public.00", hex[] = "0123456789abcdef";

    memcpy(tag, base, sizeof(base));
    tag[12] = hex[ref >> 4];
    tag[13] = hex[ref & 0x0F];
}

void gids_public_keep(const struct edge *e, uint8_t ref, const uint8_t *data, size_t len)
{
    char tag[16];

    public_tag(tag, ref);
    e->services.cache_drop(e->services.host, tag);
    e->services.cache_add(e->services.host, tag, data, len);
}

void gids_public_drop(const struct edge *e, uint8_t ref)
{
    char tag[16];

    public_tag(tag, ref);
    e->services.cache_drop(e->services.host, tag);
}

/* 7F49{81 modulus, 82 exponent}: ISO/IEC 7816-8, public key template */
static bool parse_rsa(struct rd *tpl, size_t bytes, struct edge_public_key *ret)
{
    struct rd n = tlv_enter(tpl, 0x81), e = tlv_enter(tpl, 0x82);

    while (rd_left(&e) > 1 && e.at[0] == 0)
        (void)rd_u8(&e);
    if (!rd_done(tpl) || rd_left(&n) != bytes || (n.at[0] & 0x80) == 0 || rd_left(&e) == 0 ||
        rd_left(&e) > sizeof(ret->e) || (e.end[-1] & 1) == 0)
        return false;
    ret->n_len = rd_left(&n);
    ret->e_len = rd_left(&e);
    rd_copy(&n, ret->n, ret->n_len);
    rd_copy(&e, ret->e, ret->e_len);
    return true;
}

/* 7F49{86 04 || X || Y} */
static bool parse_ec(struct rd *tpl, size_t bytes, struct edge_public_key *ret)
{
    struct rd point = tlv_enter(tpl, 0x86);

    if (!rd_done(tpl) || rd_left(&point) != 1 + 2 * bytes || rd_u8(&point) != 0x04)
        return false;
    ret->n_len = 2 * bytes;
    ret->e_len = 0;
    rd_copy(&point, ret->n, ret->n_len);
    return true;
}

bool gids_public_parse(const uint8_t *data, size_t len, const struct gids_size *size,
                       struct edge_public_key *ret)
{
    struct rd top = rd_init(data, len), tpl = tlv_enter(&top, 0x7F49);
    size_t bytes = gids_size_bytes(size);

    if (!rd_done(&top))
        return false;
    return size->ec ? parse_ec(&tpl, bytes, ret) : parse_rsa(&tpl, bytes, ret);
}

static bool public_cached(struct run *g, const struct gids_key *key, struct edge_public_key *ret)
{
    const struct services *s = &g->e->services;
    uint8_t *data = NULL;
    size_t len = 0;
    char tag[16];
    bool good;

    public_tag(tag, key->ref);
    if (!s->cache_find(s->host, tag, &data, &len))
        return false;
    good = gids_public_parse(data, len, key->size, ret);
    run_free(g->e, data, len);
    return good;
}

/* GIDS 2.0, GET PUBLIC KEY, with the outer tag that the cards in the field take (70; the text has
 * A3) */
static DWORD public_from_card(struct run *g, const struct gids_key *key,
                              struct edge_public_key *ret)
{
    const uint8_t which[] = { 0x70, 0x08, 0x84, 0x01, key->ref, 0xA5, 0x03, 0x7F, 0x49, 0x80 };
    bool wide = !key->size->ec && key->size->bits > 1024;
    struct apdu cmd = run_apdu(INS_GET_DATA, GIDS_EF_APP, which, sizeof(which),
                                wide ? GIDS_PUBLIC_MAX : APDU_SHORT_LE);
    uint8_t buf[GIDS_PUBLIC_MAX];
    struct wr answer = wr_init(buf, sizeof(buf));
    sw_t sw;
    DWORD rc = gids_run(g, &cmd, 1, &answer, 0x7F49, &sw, NULL);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (sw_is(sw, SW_UNKNOWN) || sw_is(sw, SW_REFERENCE_NOT_FOUND) || sw_is(sw, SW_NOT_FOUND) ||
        sw_is(sw, SW_REFERENCE_DATA) || sw_is(sw, SW_CONDITIONS) || sw_is(sw, SW_WRONG_DATA))
        return SCARD_E_NO_KEY_CONTAINER; /* cards disagree how to say it */
    if (!sw_is(sw, SW_OK))
        return sw_error(sw);
    if (!gids_public_parse(buf, wr_len(&answer), key->size, ret))
        return SCARD_E_UNEXPECTED;
    gids_public_keep(g->e, key->ref, buf, wr_len(&answer));
    return SCARD_S_SUCCESS;
}

DWORD gids_public_key(struct edge *e, const struct edge_key *listed, struct edge_public_key *ret)
{
    struct run g = { e, false };
    struct gids_key key;

    if (!gids_key_of(listed, &key))
        return SCARD_E_NO_KEY_CONTAINER;
    return public_cached(&g, &key, ret) ? SCARD_S_SUCCESS : public_from_card(&g, &key, ret);
}

/* ---- private key ----------------------------------------------------------------------------- */

/* MSE SET and PSO as a pair: GIDS 2.0. *ret_at: 0 the first was refused, 1 the second. */
static DWORD perform(struct run *g, const struct gids_key *key, const struct operation *op,
                     const uint8_t *in, size_t in_len, size_t want, struct wr *answer, sw_t *ret_sw,
                     size_t *ret_at)
{
    const uint8_t env[] = { 0x80, 0x01, (uint8_t)(op->alg | key->size->nibble), 0x84, 0x01,
                            key->ref };
    const struct apdu cmds[] = {
        run_apdu(INS_MSE, op->mse, env, sizeof(env), 0),
        run_apdu(INS_PSO, op->pso, in, in_len,
                  want > APDU_SHORT_LE ? (uint32_t)want : APDU_SHORT_LE),
    };

    return gids_run(g, cmds, 2, answer, 0, ret_sw, ret_at);
}

/* Refusals of the pair. At MSE the key is listed in the keymap, so what is wrong is the EF (gone,
 * not activated) or the algorithm (not among its CRTs). */
static DWORD use_error(sw_t sw, size_t at)
{
    if (at != 0)
        return sw_is(sw, SW_REFERENCE_NOT_FOUND) ? SCARD_E_NO_KEY_CONTAINER : sw_error(sw);
    switch (sw.v) {
    case SW_NOT_FOUND:
    case SW_REFERENCE_NOT_FOUND:
    case SW_CONDITIONS:
        return SCARD_E_NO_KEY_CONTAINER;
    case SW_REFERENCE_DATA:
    case SW_WRONG_DATA:
    case SW_FUNCTION_UNSUPPORTED:
    case SW_WRONG_P1P2:
    case SW_UNKNOWN:
        return SCARD_E_UNSUPPORTED_FEATURE;
    default:
        return sw_error(sw);
    }
}

/* Some cards do not chain this operation, or lack it. */
static bool lacks_raw_sign(sw_t sw)
{
    return sw_is(sw, SW_UNKNOWN) || sw_is(sw, SW_WRONG_P1P2) || sw_is(sw, SW_REFERENCE_DATA) ||
           sw_is(sw, SW_WRONG_LENGTH) || sw_is(sw, SW_CHAINING_UNSUPPORTED);
}

static DWORD sign_rsa(struct run *g, const struct gids_key *key, enum edge_padding padding,
                      const uint8_t *in, size_t in_len, uint8_t *out, size_t *out_len)
{
    size_t bytes = gids_size_bytes(key->size), at = 0;
    uint8_t buf[EDGE_RSA_MAX_BYTES];
    struct wr answer = wr_init(buf, sizeof(buf));
    const struct operation *op = padding == EDGE_RAW ? &sign_raw : &sign_pkcs1;
    sw_t sw;
    DWORD rc;

    if (padding == EDGE_RAW ? in_len != bytes : in_len == 0 || in_len > bytes - PKCS1_OVERHEAD)
        return SCARD_E_INVALID_PARAMETER;
    if (padding != EDGE_RAW && padding != EDGE_PKCS1)
        return SCARD_E_UNSUPPORTED_FEATURE;
    rc = perform(g, key, op, in, in_len, bytes, &answer, &sw, &at);
    if (rc == SCARD_S_SUCCESS && padding == EDGE_RAW && key->spec == key->size->exchange &&
        lacks_raw_sign(sw)) /* to decipher is the same operation */
        rc = perform(g, key, &decipher_raw, in, in_len, bytes, &answer, &sw, &at);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (!sw_is(sw, SW_OK))
        return use_error(sw, at);
    if (wr_len(&answer) > bytes || wr_len(&answer) < bytes - RESULT_ZEROS_DROPPED)
        return SCARD_E_UNEXPECTED;
    if (*out_len < bytes)
        return SCARD_E_INSUFFICIENT_BUFFER;
    result_pad(out, bytes, &answer);
    *out_len = bytes;
    return SCARD_S_SUCCESS;
}

static DWORD sign_ec(struct run *g, const struct gids_key *key, enum edge_padding padding,
                     const uint8_t *in, size_t in_len, uint8_t *out, size_t *out_len)
{
    size_t bytes = gids_size_bytes(key->size), at = 0;
    uint8_t buf[2 * EDGE_EC_MAX_BYTES + 16], rs[2 * EDGE_EC_MAX_BYTES];
    struct wr answer = wr_init(buf, sizeof(buf));
    sw_t sw;
    DWORD rc;

    if (padding != EDGE_RAW || in_len == 0)
        return SCARD_E_INVALID_PARAMETER;
    if (in_len > bytes) /* FIPS 186: the leftmost bits of the digest */
        in_len = bytes;
    rc = perform(g, key, &sign_raw, in, in_len, 0, &answer, &sw, &at);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (!sw_is(sw, SW_OK))
        return use_error(sw, at);
    if (!result_ecdsa(&answer, bytes, rs))
        return SCARD_E_UNEXPECTED;
    if (*out_len < 2 * bytes)
        return SCARD_E_INSUFFICIENT_BUFFER;
    memcpy(out, rs, 2 * bytes);
    *out_len = 2 * bytes;
    return SCARD_S_SUCCESS;
}

DWORD gids_sign(struct edge *e, const struct edge_key *listed, enum edge_padding padding,
                const uint8_t *in, size_t in_len, uint8_t *out, size_t *out_len)
{
    struct run g = { e, false };
    struct gids_key key;

    if (!gids_key_of(listed, &key))
        return SCARD_E_NO_KEY_CONTAINER;
    return key.size->ec ? sign_ec(&g, &key, padding, in, in_len, out, out_len)
                        : sign_rsa(&g, &key, padding, in, in_len, out, out_len);
}

/* Raw results are as long as the modulus; the other paddings leave room for themselves. */
static DWORD take_plain(const struct wr *answer, enum edge_padding padding, size_t bytes,
                        uint8_t *out, size_t *out_len)
{
    size_t len = wr_len(answer);
    size_t most = padding == EDGE_RAW     ? bytes
                  : padding == EDGE_PKCS1 ? bytes - PKCS1_OVERHEAD
                                          : bytes - OAEP_OVERHEAD;

    if (len > most || (padding == EDGE_RAW && len == 0))
        return SCARD_E_UNEXPECTED;
    if (padding == EDGE_RAW)
        len = bytes;
    if (*out_len < len)
        return SCARD_E_INSUFFICIENT_BUFFER;
    result_pad(out, len, answer);
    *out_len = len;
    return SCARD_S_SUCCESS;
}

DWORD gids_decrypt(struct edge *e, const struct edge_key *listed, enum edge_padding padding,
                   const uint8_t *in, size_t in_len, uint8_t *out, size_t *out_len)
{
    static const struct operation *const operations[] = {
        [EDGE_RAW] = &decipher_raw,
        [EDGE_PKCS1] = &decipher_pkcs1,
        [EDGE_OAEP_SHA1] = &decipher_oaep,
    };
    struct run g = { e, false };
    uint8_t buf[EDGE_RSA_MAX_BYTES];
    struct wr answer = wr_init(buf, sizeof(buf));
    struct gids_key key;
    size_t bytes, at = 0;
    sw_t sw;
    DWORD rc;

    if (!gids_key_of(listed, &key))
        return SCARD_E_NO_KEY_CONTAINER;
    bytes = gids_size_bytes(key.size);
    if (key.size->ec || in_len != bytes || padding > EDGE_OAEP_SHA1)
        return SCARD_E_INVALID_PARAMETER;
    rc = perform(&g, &key, operations[padding], in, in_len, padding == EDGE_RAW ? bytes : 0,
                 &answer, &sw, &at);
    if (rc == SCARD_S_SUCCESS && at == 1 &&
        (sw_is(sw, SW_WRONG_DATA) || sw_is(sw, SW_REFERENCE_DATA)))
        rc = SCARD_F_INTERNAL_ERROR; /* it does not unpad; or was no number below the modulus */
    else if (rc == SCARD_S_SUCCESS && !sw_is(sw, SW_OK))
        rc = use_error(sw, at);
    else if (rc == SCARD_S_SUCCESS)
        rc = take_plain(&answer, padding, bytes, out, out_len);
    wipe(buf, sizeof(buf));
    return rc;
}

/* Extension E1 of docs/card-extensions.md, section 1: PSO DECIPHER of A6{7F49{86 04 || X || Y}}. */
DWORD gids_agree(struct edge *e, const struct edge_key *listed, const uint8_t *point,
                 size_t point_len, uint8_t *z, size_t *z_len)
{
    struct run g = { e, false };
    uint8_t in[2 * EDGE_EC_MAX_BYTES + 16], buf[EDGE_EC_MAX_BYTES];
    struct wr w = wr_init(in, sizeof(in)), answer = wr_init(buf, sizeof(buf));
    struct gids_key key;
    size_t bytes, outer, inner, at = 0;
    sw_t sw;
    DWORD rc;

    if (!gids_key_of(listed, &key))
        return SCARD_E_NO_KEY_CONTAINER;
    bytes = gids_size_bytes(key.size);
    if (!key.size->ec || point_len != 2 * bytes)
        return SCARD_E_INVALID_PARAMETER;
    outer = tlv_open(&w, 0xA6);
    inner = tlv_open(&w, 0x7F49);
    tlv_header(&w, 0x86, 1 + point_len);
    wr_u8(&w, 0x04);
    wr_bytes(&w, point, point_len);
    tlv_close(&w, 0x7F49, inner);
    tlv_close(&w, 0xA6, outer);
    rc = perform(&g, &key, &decipher_raw, in, wr_len(&w), 0, &answer, &sw, &at);
    if (rc == SCARD_S_SUCCESS && !sw_is(sw, SW_OK))
        rc = use_error(sw, at); /* 6A80 at the second: the point */
    if (rc == SCARD_S_SUCCESS && wr_len(&answer) != bytes)
        rc = SCARD_E_UNEXPECTED; /* an octet string: no zeros are dropped */
    if (rc == SCARD_S_SUCCESS && *z_len < bytes)
        rc = SCARD_E_INSUFFICIENT_BUFFER;
    if (rc == SCARD_S_SUCCESS) {
        memcpy(z, buf, bytes);
        *z_len = bytes;
    }
    wipe(buf, sizeof(buf));
    return rc;
}
