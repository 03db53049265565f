/* SPDX-License-Identifier: MIT */
/*
 * Certificates: files kxcNN and kscNN of mscp, NN the container's number in decimal. The content,
 * by the Base CSP's convention: LE16 1, LE16 length of the DER, the DER as a zlib stream. Plain DER
 * is also read, as other software writes it.
 */
#include "host/host_internal.h"

#include "base/bytes.h"
#include "base/wstr.h"

#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define COMPRESSED 1u       /* the version number of the compressed form */
#define HEADER 4u
#define DER_MOST 65535u     /* what the form's length can say; also guards against bombs */

/* ---- names --------------------------------------------------------------------------------- */

struct card_path cert_path(BYTE index, bool exchange, bool hex)
{
    char name[9];

    snprintf(name, sizeof name, hex ? "%s%02x" : "%s%02u",
             exchange ? szUSER_KEYEXCHANGE_CERT_PREFIX : szUSER_SIGNATURE_CERT_PREFIX,
             (unsigned)index);
    return card_path(szBASE_CSP_DIR, name);
}

/* Some software writes the number in hexadecimal. Where that has a letter in it, it cannot be
 * another container's decimal number. */
static bool has_hex_name(BYTE index)
{
    return index % 16 > 9 || index / 16 > 9;
}

static bool in_list(const char *names, size_t len, const struct card_path *path)
{
    const char *name;
    size_t at = 0;

    while ((name = next_name(names, len, &at)) != NULL) {
        if (name_equal(name, path->name))
            return true;
    }
    return false;
}

bool cert_listed(const char *names, size_t len, BYTE index, bool exchange)
{
    struct card_path decimal = cert_path(index, exchange, false);
    struct card_path hex = cert_path(index, exchange, true);

    return in_list(names, len, &decimal) || (has_hex_name(index) && in_list(names, len, &hex));
}

DWORD certs_remove(struct host *host, BYTE index, unsigned slots)
{
    char *names = NULL;
    size_t len = 0;
    DWORD rc = card_list(host, szBASE_CSP_DIR, &names, &len);

    if (rc == SCARD_E_DIR_NOT_FOUND)
        return SCARD_S_SUCCESS;
    for (unsigned i = 0; rc == SCARD_S_SUCCESS && i < 4; i++) {
        bool exchange = (i & 1) != 0, hex = (i & 2) != 0;
        struct card_path path = cert_path(index, exchange, hex);

        if ((slots & (exchange ? SLOT_EXCHANGE : SLOT_SIGNATURE)) != 0 &&
            (!hex || has_hex_name(index)) && in_list(names, len, &path))
            rc = card_remove(host, path);
    }
    host_free(names, len);
    return rc;
}

/* ---- the compressed form ------------------------------------------------------------------- */

DWORD cert_compress(const BYTE *der, size_t len, BYTE **ret, size_t *ret_len)
{
    uLong bound = compressBound((uLong)len), packed = bound;
    struct wr w;
    BYTE *out;

    if (len == 0 || len > DER_MOST)
        return CRYPT_E_BAD_LEN;
    out = malloc(HEADER + bound);
    if (out == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    w = wr_init(out, HEADER);
    wr_u16le(&w, COMPRESSED);
    wr_u16le(&w, (uint16_t)len);
    if (compress2(out + HEADER, &packed, der, (uLong)len, Z_BEST_COMPRESSION) != Z_OK) {
        free(out);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    *ret = out;
    *ret_len = HEADER + packed;
    return SCARD_S_SUCCESS;
}

/* Length of the certificate at `der`, 0: there is none. */
static size_t cert_len(const BYTE *der, size_t len)
{
    const unsigned char *at = der;
    X509 *cert = len <= DER_MOST ? d2i_X509(NULL, &at, (long)len) : NULL;

    if (cert == NULL)
        return 0;
    X509_free(cert);
    return (size_t)(at - der);
}

/* The stream must give just the `out_len` bytes its header promised. What follows it in the file
 * is none of ours: cards with files of fixed size leave bytes there. */
static bool inflate_all(const BYTE *in, size_t in_len, BYTE *out, size_t out_len)
{
    z_stream z = { .next_in = (Bytef *)(uintptr_t)in, .avail_in = (uInt)in_len,
                   .next_out = out, .avail_out = (uInt)out_len };
    int result;

    if (inflateInit(&z) != Z_OK)
        return false;
    result = inflate(&z, Z_FINISH);
    inflateEnd(&z);
    return result == Z_STREAM_END && z.total_out == out_len;
}

DWORD cert_expand(const BYTE *data, size_t len, BYTE **ret_der, size_t *ret_len)
{
    struct rd r = rd_init(data, len);
    uint16_t version = rd_u16le(&r), plain_len = rd_u16le(&r);
    size_t found;
    BYTE *plain;

    if (!r.bad && version == COMPRESSED) {
        plain = malloc(plain_len != 0 ? plain_len : 1);
        if (plain == NULL)
            return ERROR_NOT_ENOUGH_MEMORY;
        found = inflate_all(data + HEADER, len - HEADER, plain, plain_len)
                    ? cert_len(plain, plain_len)
                    : 0;
        if (found == 0) {
            free(plain);
            return NTE_BAD_DATA;
        }
    } else {
        found = cert_len(data, len);
        if (found == 0)
            return NTE_BAD_DATA;
        plain = host_copy(data, found);
        if (plain == NULL)
            return ERROR_NOT_ENOUGH_MEMORY;
    }
    *ret_der = plain;
    *ret_len = found;
    return SCARD_S_SUCCESS;
}

/* ---- write --------------------------------------------------------------------------------- */

/* Is this a certificate, and for this key? */
static DWORD check_cert(const BYTE *der, size_t len, const BYTE *blob, size_t blob_len)
{
    const unsigned char *at = der;
    X509 *cert = d2i_X509(NULL, &at, (long)len);
    struct public_key parsed;
    EVP_PKEY *ours = NULL;
    DWORD rc;

    if (public_key_parse(blob, blob_len, &parsed))
        ours = public_key_load(&parsed);
    if (cert == NULL || at != der + len)
        rc = CRYPT_E_ASN1_ERROR;
    else if (ours == NULL)
        rc = NTE_BAD_KEY;
    else if (X509_get0_pubkey(cert) == NULL || EVP_PKEY_eq(X509_get0_pubkey(cert), ours) != 1)
        rc = NTE_BAD_PUBLIC_KEY;
    else
        rc = SCARD_S_SUCCESS;
    EVP_PKEY_free(ours);
    X509_free(cert);
    return rc;
}

static DWORD write_cert(struct host *host, const struct key_ref *key, const BYTE *der, size_t len)
{
    BYTE *packed = NULL, *blob = NULL;
    size_t packed_len = 0, blob_len = 0;
    DWORD rc = key_blob(host, key, &blob, &blob_len);

    if (rc == SCARD_S_SUCCESS)
        rc = check_cert(der, len, blob, blob_len);
    if (rc == SCARD_S_SUCCESS && !host->compresses)
        rc = cert_compress(der, len, &packed, &packed_len);
    if (rc == SCARD_S_SUCCESS)
        rc = cardcf_bump(host, CACHE_FILES);
    if (rc == SCARD_S_SUCCESS)
        rc = card_put(host, cert_path(key->index, key->exchange, false),
                      packed != NULL ? packed : der, packed != NULL ? packed_len : len,
                      EveryoneReadUserWriteAc);
    host_free(packed, packed_len);
    host_free(blob, blob_len);
    return rc;
}

DWORD host_cert_write(struct host *host, const char *container, DWORD spec, const BYTE *der,
                      size_t len)
{
    struct key_ref key;
    DWORD rc;

    if (der == NULL)
        return SCARD_E_INVALID_PARAMETER;
    if (len == 0 || len > DER_MOST)
        return CRYPT_E_BAD_LEN;
    if (host->read_only)
        return SCARD_E_READ_ONLY_CARD;
    rc = host_begin(host);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = key_find(host, container, spec, &key);
    if (rc == SCARD_S_SUCCESS)
        rc = write_cert(host, &key, der, len);
    host_end(host);
    return rc;
}

/* ---- read ---------------------------------------------------------------------------------- */

static DWORD read_file(struct host *host, const struct key_ref *key, BYTE **ret, size_t *ret_len)
{
    struct card_path path = cert_path(key->index, key->exchange, false);
    const BYTE *kept = NULL;
    WCHAR tag[9];
    DWORD rc;

    (void)wstr_from_ascii(tag, sizeof tag / sizeof tag[0], path.name);
    if (cache_get(&host->cache, CACHE_HOST, tag, &kept, ret_len)) {
        *ret = host_copy(kept, *ret_len);
        return *ret != NULL ? SCARD_S_SUCCESS : ERROR_NOT_ENOUGH_MEMORY;
    }
    rc = card_read(host, path, ret, ret_len);
    if (rc == SCARD_E_FILE_NOT_FOUND && has_hex_name(key->index))
        rc = card_read(host, cert_path(key->index, key->exchange, true), ret, ret_len);
    if (rc == SCARD_S_SUCCESS)
        cache_add(&host->cache, CACHE_HOST, tag, CACHE_FILES, *ret, *ret_len);
    if (rc == SCARD_E_FILE_NOT_FOUND || rc == SCARD_E_DIR_NOT_FOUND)
        return SCARD_E_NO_SUCH_CERTIFICATE;
    return rc;
}

DWORD host_cert_read(struct host *host, const char *container, DWORD spec, BYTE **ret_der,
                     size_t *ret_len)
{
    struct key_ref key;
    BYTE *data = NULL;
    size_t len = 0;
    DWORD rc = host_begin(host);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = key_find(host, container, spec, &key);
    if (rc == SCARD_S_SUCCESS)
        rc = read_file(host, &key, &data, &len);
    host_end(host);
    if (rc == SCARD_S_SUCCESS && len == 0)
        rc = SCARD_E_NO_SUCH_CERTIFICATE; /* made, but never written */
    if (rc == SCARD_S_SUCCESS)
        rc = cert_expand(data, len, ret_der, ret_len);
    host_free(data, len);
    return rc;
}
