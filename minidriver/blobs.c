/* SPDX-License-Identifier: MIT */
#include "minidriver/blobs.h"

#include <string.h>

/* PUBLICKEYBLOB and PRIVATEKEYBLOB: BLOBHEADER {type, version, reserved16, alg32}, RSAPUBKEY
 * {magic32, bits32, exponent32}, then the numbers. */
#define RSA_HEAD 20u

bool spec_is_rsa(DWORD spec)
{
    return spec == AT_KEYEXCHANGE || spec == AT_SIGNATURE;
}

static DWORD rsa_alg(DWORD spec)
{
    return spec == AT_SIGNATURE ? CALG_RSA_SIGN : CALG_RSA_KEYX;
}

#define ECC_HEAD 8u

/* The magics of CNG blobs, by key specification. */
static const struct {
    DWORD public, private;
} ecc_magics[EDGE_SPECS] = {
    [AT_ECDSA_P256] = { BCRYPT_ECDSA_PUBLIC_P256_MAGIC, BCRYPT_ECDSA_PRIVATE_P256_MAGIC },
    [AT_ECDSA_P384] = { BCRYPT_ECDSA_PUBLIC_P384_MAGIC, BCRYPT_ECDSA_PRIVATE_P384_MAGIC },
    [AT_ECDSA_P521] = { BCRYPT_ECDSA_PUBLIC_P521_MAGIC, BCRYPT_ECDSA_PRIVATE_P521_MAGIC },
    [AT_ECDHE_P256] = { BCRYPT_ECDH_PUBLIC_P256_MAGIC, BCRYPT_ECDH_PRIVATE_P256_MAGIC },
    [AT_ECDHE_P384] = { BCRYPT_ECDH_PUBLIC_P384_MAGIC, BCRYPT_ECDH_PRIVATE_P384_MAGIC },
    [AT_ECDHE_P521] = { BCRYPT_ECDH_PUBLIC_P521_MAGIC, BCRYPT_ECDH_PRIVATE_P521_MAGIC },
};

size_t blob_public_size(DWORD spec, const struct edge_public_key *key)
{
    return (spec_is_rsa(spec) ? RSA_HEAD : ECC_HEAD) + key->n_len;
}

void blob_public(DWORD spec, const struct edge_public_key *key, BYTE *out)
{
    struct wr w = wr_init(out, blob_public_size(spec, key));
    uint32_t exponent = 0;

    if (!spec_is_rsa(spec)) {
        wr_u32le(&w, ecc_magics[spec].public);
        wr_u32le(&w, (uint32_t)key->n_len / 2);
        wr_bytes(&w, key->n, key->n_len);
        return;
    }
    for (size_t i = 0; i < key->e_len; i++)
        exponent = exponent << 8 | key->e[i];
    wr_u8(&w, PUBLICKEYBLOB);
    wr_u8(&w, CUR_BLOB_VERSION);
    wr_u16le(&w, 0);
    wr_u32le(&w, rsa_alg(spec));
    wr_bytes(&w, "RSA1", 4);
    wr_u32le(&w, (uint32_t)key->n_len * 8);
    wr_u32le(&w, exponent);
    wr_bytes(&w, key->n, key->n_len);
    bytes_reverse(out + RSA_HEAD, key->n_len);
}

bool blob_private_bits(const BYTE *blob, DWORD spec, uint32_t *ret_bits)
{
    struct rd r = rd_init(blob, RSA_HEAD);
    uint8_t type = rd_u8(&r), version = rd_u8(&r);
    uint32_t alg, bits;
    const uint8_t *magic;

    (void)rd_u16le(&r);
    alg = rd_u32le(&r);
    magic = rd_bytes(&r, 4);
    bits = rd_u32le(&r);
    if (type != PRIVATEKEYBLOB || version != CUR_BLOB_VERSION || alg != rsa_alg(spec) ||
        memcmp(magic, "RSA2", 4) != 0 || bits == 0 || bits % 16 != 0 ||
        bits > EDGE_RSA_MAX_BYTES * 8)
        return false;
    *ret_bits = bits;
    return true;
}

/* Modulus and private exponent are whole, the other five half as long. */
size_t blob_private_room(uint32_t bits)
{
    size_t whole = bits / 8;

    return 4 + 2 * whole + 5 * (whole / 2);
}

/* The next number of the blob, big-endian in `work`, without leading zeros. */
static struct rd turn(struct rd *blob, struct wr *work, size_t len)
{
    uint8_t *at = work->at;
    struct rd number;

    wr_bytes(work, rd_bytes(blob, len), len);
    bytes_reverse(at, len);
    number = rd_init(at, len);
    while (rd_left(&number) > 1 && number.at[0] == 0)
        number.at++;
    return number;
}

void blob_private(const BYTE *blob, uint32_t bits, BYTE *work, struct edge_private_key *ret)
{
    size_t whole = bits / 8, half = bits / 16;
    struct rd r = rd_init(blob + RSA_HEAD - 4, blob_private_room(bits));
    struct wr w = wr_init(work, blob_private_room(bits));

    memset(ret, 0, sizeof(*ret));
    ret->e = turn(&r, &w, 4);
    ret->n = turn(&r, &w, whole);
    ret->p = turn(&r, &w, half);
    ret->q = turn(&r, &w, half);
    ret->dp = turn(&r, &w, half);
    ret->dq = turn(&r, &w, half);
    ret->qinv = turn(&r, &w, half);
    ret->d = turn(&r, &w, whole);
}

/* ---- elliptic curves: nothing to turn round -------------------------------------------------- */

static uint32_t field_len(const BYTE *blob)
{
    struct rd r = rd_init(blob + 4, 4);

    return rd_u32le(&r);
}

static DWORD magic_of(const BYTE *blob)
{
    struct rd r = rd_init(blob, 4);

    return rd_u32le(&r);
}

bool blob_is_private_ecc(const BYTE *blob, DWORD spec, uint32_t bits)
{
    return magic_of(blob) == ecc_magics[spec].private && field_len(blob) == (bits + 7) / 8;
}

void blob_private_ecc(const BYTE *blob, struct edge_private_key *ret)
{
    size_t len = field_len(blob);

    memset(ret, 0, sizeof(*ret));
    ret->x = rd_init(blob + ECC_HEAD, len);
    ret->y = rd_init(blob + ECC_HEAD + len, len);
    ret->d = rd_init(blob + ECC_HEAD + 2 * len, len);
}

bool blob_peer_point(const BYTE *blob, size_t len, const struct edge_key *key, struct rd *ret)
{
    size_t field = (key->bits + 7u) / 8u;

    if (len != ECC_HEAD + 2 * field || magic_of(blob) != ecc_magics[key->spec].public ||
        field_len(blob) != field)
        return false;
    *ret = rd_init(blob + ECC_HEAD, 2 * field);
    return true;
}
