/* SPDX-License-Identifier: MIT */
/*
 * Enterprise roots: mscp\msroots, a PKCS#7 SignedData with certificates and nothing signed
 * (RFC 2315 section 9). Programs that propagate certificates read it from the card.
 */
#include "host/host_internal.h"

#include <ctype.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#define ROOTS_MOST 65536u

static struct card_path roots_path(void)
{
    return card_path(szBASE_CSP_DIR, szROOT_STORE_FILE);
}

/* ---- PKCS#7 -------------------------------------------------------------------------------- */

static PKCS7 *new_store(void)
{
    PKCS7 *p7 = PKCS7_new();

    if (p7 != NULL && PKCS7_set_type(p7, NID_pkcs7_signed) == 1 &&
        PKCS7_content_new(p7, NID_pkcs7_data) == 1 && PKCS7_set_detached(p7, 1) == 1)
        return p7;
    PKCS7_free(p7);
    return NULL;
}

/* Cards with files of fixed size fill them up. */
static bool is_zero(const BYTE *bytes, size_t len)
{
    while (len > 0 && *bytes == 0) {
        bytes++;
        len--;
    }
    return len == 0;
}

/* What the file holds; an empty store when there is none. */
static DWORD load(struct host *host, PKCS7 **ret)
{
    BYTE *data = NULL;
    const unsigned char *at;
    size_t len = 0;
    PKCS7 *p7;
    DWORD rc = card_read(host, roots_path(), &data, &len);

    if (rc == SCARD_E_FILE_NOT_FOUND || rc == SCARD_E_DIR_NOT_FOUND ||
        (rc == SCARD_S_SUCCESS && len == 0)) {
        host_free(data, len);
        *ret = new_store();
        return *ret != NULL ? SCARD_S_SUCCESS : ERROR_NOT_ENOUGH_MEMORY;
    }
    if (rc != SCARD_S_SUCCESS)
        return rc;
    at = data;
    p7 = d2i_PKCS7(NULL, &at, (long)len);
    if (p7 == NULL || !is_zero(at, (size_t)(data + len - at)) || !PKCS7_type_is_signed(p7) ||
        p7->d.sign == NULL) {
        PKCS7_free(p7);
        rc = NTE_BAD_DATA;
    } else {
        *ret = p7;
    }
    host_free(data, len);
    return rc;
}

static DWORD encode(PKCS7 *p7, BYTE **ret, size_t *ret_len)
{
    unsigned char *der = NULL;
    int len = i2d_PKCS7(p7, &der);

    if (len <= 0)
        return NTE_FAIL;
    *ret = host_copy(der, (size_t)len);
    *ret_len = (size_t)len;
    OPENSSL_free(der);
    return *ret != NULL ? SCARD_S_SUCCESS : ERROR_NOT_ENOUGH_MEMORY;
}

static DWORD store(struct host *host, PKCS7 *p7)
{
    BYTE *der = NULL;
    size_t len = 0;
    DWORD rc = encode(p7, &der, &len);

    if (rc == SCARD_S_SUCCESS && len > ROOTS_MOST)
        rc = SCARD_E_WRITE_TOO_MANY;
    if (rc == SCARD_S_SUCCESS)
        rc = cardcf_bump(host, CACHE_FILES);
    if (rc == SCARD_S_SUCCESS)
        rc = card_put(host, roots_path(), der, len, EveryoneReadUserWriteAc);
    host_free(der, len);
    return rc;
}

/* Loads the store in a transaction, which is left open on success. */
static DWORD begin_and_load(struct host *host, PKCS7 **ret)
{
    DWORD rc = host_begin(host);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = load(host, ret);
    if (rc != SCARD_S_SUCCESS)
        host_end(host);
    return rc;
}

/* ---- reading ------------------------------------------------------------------------------- */

static DWORD list(STACK_OF(X509) *certs, struct host_root **ret, size_t *ret_count)
{
    int count = certs != NULL ? sk_X509_num(certs) : 0;
    struct host_root *all = calloc((size_t)count + 1, sizeof *all);

    if (all == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    for (int i = 0; i < count; i++) {
        unsigned char *der = NULL;
        int len = i2d_X509(sk_X509_value(certs, i), &der);

        if (len > 0)
            all[i].der = host_copy(der, (size_t)len);
        OPENSSL_free(der);
        if (all[i].der == NULL) {
            host_roots_free(all, (size_t)count);
            return len > 0 ? ERROR_NOT_ENOUGH_MEMORY : NTE_BAD_DATA;
        }
        all[i].len = (size_t)len;
    }
    *ret = all;
    *ret_count = (size_t)count;
    return SCARD_S_SUCCESS;
}

DWORD host_roots(struct host *host, struct host_root **ret_list, size_t *ret_count)
{
    PKCS7 *p7 = NULL;
    DWORD rc = begin_and_load(host, &p7);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    host_end(host);
    rc = list(p7->d.sign->cert, ret_list, ret_count);
    PKCS7_free(p7);
    return rc;
}

void host_roots_free(struct host_root *list, size_t count)
{
    if (list == NULL)
        return;
    for (size_t i = 0; i < count; i++)
        host_free(list[i].der, list[i].len);
    free(list);
}

DWORD host_roots_pkcs7(struct host *host, BYTE **ret_der, size_t *ret_len)
{
    PKCS7 *p7 = NULL;
    DWORD rc = begin_and_load(host, &p7);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    host_end(host);
    rc = encode(p7, ret_der, ret_len);
    PKCS7_free(p7);
    return rc;
}

/* ---- changing ------------------------------------------------------------------------------ */

static DWORD add(struct host *host, X509 *cert)
{
    PKCS7 *p7 = NULL;
    DWORD rc = begin_and_load(host, &p7);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    for (int i = 0; p7->d.sign->cert != NULL && i < sk_X509_num(p7->d.sign->cert); i++) {
        if (X509_cmp(sk_X509_value(p7->d.sign->cert, i), cert) == 0)
            rc = ERROR_FILE_EXISTS;
    }
    if (rc == SCARD_S_SUCCESS && PKCS7_add_certificate(p7, cert) != 1)
        rc = ERROR_NOT_ENOUGH_MEMORY;
    if (rc == SCARD_S_SUCCESS)
        rc = store(host, p7);
    host_end(host);
    PKCS7_free(p7);
    return rc;
}

DWORD host_roots_add(struct host *host, const BYTE *der, size_t len)
{
    const unsigned char *at = der;
    X509 *cert;
    DWORD rc;

    if (der == NULL)
        return SCARD_E_INVALID_PARAMETER;
    if (host->read_only)
        return SCARD_E_READ_ONLY_CARD;
    cert = len <= ROOTS_MOST ? d2i_X509(NULL, &at, (long)len) : NULL;
    rc = cert != NULL && at == der + len ? add(host, cert) : CRYPT_E_ASN1_ERROR;
    X509_free(cert);
    return rc;
}

/* Does the certificate's fingerprint begin like that? `want` is lower case, without colons. */
static bool begins(const X509 *cert, const char *hash, const char *want)
{
    static const char hex[] = "0123456789abcdef";
    BYTE digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    EVP_MD *md = EVP_MD_fetch(NULL, hash, NULL);
    size_t i = 0;

    if (md != NULL && X509_digest(cert, md, digest, &len) == 1)
        while (i < 2u * len && want[i] == hex[i % 2 == 0 ? digest[i / 2] >> 4 : digest[i / 2] & 15])
            i++;
    EVP_MD_free(md);
    return len != 0 && want[i] == '\0';
}

static bool normalise(const char *text, char *out, size_t room)
{
    size_t n = 0;

    for (; *text != '\0'; text++) {
        if (*text == ':')
            continue;
        if (isxdigit((unsigned char)*text) == 0 || n + 1 >= room)
            return false;
        out[n++] = (char)tolower((unsigned char)*text);
    }
    out[n] = '\0';
    return n != 0;
}

static DWORD remove_from(STACK_OF(X509) *certs, const char *want)
{
    int found = -1;

    for (int i = 0; certs != NULL && i < sk_X509_num(certs); i++) {
        if (!begins(sk_X509_value(certs, i), "SHA256", want) &&
            !begins(sk_X509_value(certs, i), "SHA1", want))
            continue;
        if (found >= 0)
            return ERROR_TOO_MANY_NAMES;
        found = i;
    }
    if (found < 0)
        return SCARD_E_NO_SUCH_CERTIFICATE;
    X509_free(sk_X509_delete(certs, found));
    return SCARD_S_SUCCESS;
}

DWORD host_roots_remove(struct host *host, const char *fingerprint)
{
    char want[2 * EVP_MAX_MD_SIZE + 1];
    PKCS7 *p7 = NULL;
    DWORD rc;

    if (fingerprint == NULL || !normalise(fingerprint, want, sizeof want))
        return SCARD_E_INVALID_PARAMETER;
    if (host->read_only)
        return SCARD_E_READ_ONLY_CARD;
    rc = begin_and_load(host, &p7);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = remove_from(p7->d.sign->cert, want);
    if (rc == SCARD_S_SUCCESS)
        rc = store(host, p7);
    host_end(host);
    PKCS7_free(p7);
    return rc;
}
