/* SPDX-License-Identifier: MIT */
/*
 * Names for a certificate request, from text: the subject (X.501), and the other names of RFC 5280
 * 4.2.1.6. libcrypto's own reader of the latter is not used: its texts may name files and sections,
 * or mean something else ("email:copy").
 */
#include "host/host_internal.h"

#include "base/wstr.h"

#include <openssl/x509v3.h>
#include <string.h>

#define TEXT_MOST 1024u /* bytes of a subject, or of the other names */

/* Parts of a text, divided by a character that stands for itself behind a backslash. */
struct parts {
    char text[TEXT_MOST + 1];
    char *next; /* NULL: no more */
    char separator;
};

static bool parts_init(struct parts *ret, const char *text, char separator)
{
    size_t len = strlen(text);

    if (len > TEXT_MOST)
        return false;
    memcpy(ret->text, text, len + 1);
    ret->next = ret->text;
    ret->separator = separator;
    return true;
}

static char *trim(char *text)
{
    size_t len;

    while (*text == ' ')
        text++;
    len = strlen(text);
    while (len > 0 && text[len - 1] == ' ' && (len < 2 || text[len - 2] != '\\'))
        text[--len] = '\0';
    return text;
}

static char *next_part(struct parts *parts)
{
    char *part = parts->next, *at = part;

    while (*at != '\0' && *at != parts->separator)
        at += *at == '\\' && at[1] != '\0' ? 2 : 1;
    parts->next = *at != '\0' ? at + 1 : NULL;
    *at = '\0';
    return trim(part);
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c != '\0' ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;

    return at != NULL ? (int)(at - digits) : -1;
}

/* Takes the backslashes away, in place: RFC 4514 2.4, a pair of hexadecimal digits or the character
 * itself. False: one at the end, or a NUL. */
static bool unescape(char *text)
{
    char *to = text;

    while (*text != '\0') {
        int high = -1, low = -1;

        if (*text == '\\') {
            text++;
            high = hex_digit(*text);
            low = high >= 0 ? hex_digit(text[1]) : -1;
            if (*text == '\0' || (low >= 0 && high * 16 + low == 0))
                return false;
        }
        *to++ = low >= 0 ? (char)(high * 16 + low) : *text;
        text += low >= 0 ? 2 : 1;
    }
    *to = '\0';
    return true;
}

/* ---- the subject --------------------------------------------------------------------------- */

/* Names that other programs use beside libcrypto's. */
static int type_of(const char *name)
{
    static const struct {
        const char *name;
        int nid;
    } others[] = {
        { "E", NID_pkcs9_emailAddress },
        { "S", NID_stateOrProvinceName },
    };

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (strcmp(others[i].name, name) == 0)
            return others[i].nid;
    }
    return OBJ_txt2nid(name);
}

static bool is_control(char c)
{
    return ((BYTE)c < 0x20 && c != '\0') || c == 0x7F;
}

static bool has_control(const char *text)
{
    while (*text != '\0' && !is_control(*text))
        text++;
    return *text != '\0';
}

/* Characters that mean something else in RFC 4514 (several values, quotes) are not taken for
 * themselves; behind a backslash they are. */
static bool is_plain(const char *text)
{
    for (; *text != '\0'; text++) {
        if (is_control(*text) || strchr("+\";<>", *text) != NULL)
            return false;
        if (*text == '\\' && text[1] != '\0')
            text++;
    }
    return true;
}

static bool add_part(X509_NAME *name, char *part, struct host_error *err)
{
    char *value = strchr(part, '=');
    int type;

    if (value == NULL) {
        (void)host_fail(err, CRYPT_E_INVALID_X500_STRING,
                        "subject: '%s' is no TYPE=VALUE, such as CN=Ada", part);
        return false;
    }
    *value++ = '\0';
    part = trim(part);
    value = trim(value);
    type = type_of(part);
    if (type == NID_undef) {
        (void)host_fail(err, CRYPT_E_INVALID_X500_STRING,
                        "subject: there is no type '%s'; use CN, O, OU, C, L, ST, DC, ...", part);
        return false;
    }
    if (!is_plain(value)) {
        (void)host_fail(err, CRYPT_E_INVALID_X500_STRING,
                        "subject: in '%s' the characters + \" ; < > want a backslash before them "
                        "(one value each, no quotes), and control characters cannot be", part);
        return false;
    }
    if (unescape(value) && value[0] != '\0' && !has_control(value) &&
        X509_NAME_add_entry_by_NID(name, type, MBSTRING_UTF8, (const unsigned char *)value, -1, -1,
                                   0) == 1)
        return true;
    (void)host_fail(err, CRYPT_E_INVALID_X500_STRING,
                    "subject: %s cannot be '%s': empty, too long, or with characters that it may "
                    "not have", part, value);
    return false;
}

X509_NAME *subject_parse(const char *text, struct host_error *err)
{
    X509_NAME *name = X509_NAME_new();
    bool slashes = text[0] == '/', ok = name != NULL;
    struct parts parts;

    if (!parts_init(&parts, text + slashes, slashes ? '/' : ',')) {
        (void)host_fail(err, CRYPT_E_INVALID_X500_STRING, "subject: longer than %u bytes",
                        TEXT_MOST);
        ok = false;
    }
    while (ok && parts.next != NULL)
        ok = add_part(name, next_part(&parts), err);
    if (ok)
        return name;
    X509_NAME_free(name);
    return NULL;
}

/* ---- other names --------------------------------------------------------------------------- */

static bool is_ascii(const char *text)
{
    while ((BYTE)*text > 0x20 && (BYTE)*text < 0x7F)
        text++;
    return *text == '\0';
}

/* Something on both sides of the one @. */
static bool is_address(const char *text)
{
    const char *at = strchr(text, '@');

    return at != NULL && at != text && at[1] != '\0' && strchr(at + 1, '@') == NULL;
}

/* A letter or digit, and within a label a hyphen. */
static bool is_label(const char *text, size_t len)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";

    return len >= 1 && len <= 63 && text[0] != '-' && text[len - 1] != '-' &&
           strspn(text, allowed) >= len;
}

/* RFC 5280 4.2.1.6, RFC 1123 2.1: labels with dots between; the first one may be an asterisk. */
static bool is_dns_name(const char *text)
{
    size_t len;

    if (strlen(text) > 253)
        return false;
    if (strncmp(text, "*.", 2) == 0)
        text += 2;
    for (;; text += len + 1) {
        len = strcspn(text, ".");
        if (!is_label(text, len))
            return false;
        if (text[len] == '\0')
            return true;
    }
}

/* The name that a logon by card looks for: szOID_NT_PRINCIPAL_NAME, a UTF8String. */
static bool set_upn(GENERAL_NAME *name, const char *value)
{
    ASN1_TYPE *any = ASN1_TYPE_new();
    ASN1_UTF8STRING *text = ASN1_UTF8STRING_new();

    if (any == NULL || text == NULL || ASN1_STRING_set(text, value, -1) != 1) {
        ASN1_TYPE_free(any);
        ASN1_UTF8STRING_free(text);
        return false;
    }
    ASN1_TYPE_set(any, V_ASN1_UTF8STRING, text);
    if (GENERAL_NAME_set0_othername(name, OBJ_nid2obj(NID_ms_upn), any) == 1)
        return true;
    ASN1_TYPE_free(any);
    return false;
}

static bool set_ia5(GENERAL_NAME *name, int type, const char *value)
{
    ASN1_IA5STRING *text = ASN1_IA5STRING_new();

    if (text == NULL || ASN1_STRING_set(text, value, -1) != 1) {
        ASN1_IA5STRING_free(text);
        return false;
    }
    GENERAL_NAME_set0_value(name, type, text);
    return true;
}

/* "DNS:..", "email:.." or "UPN:..". */
static bool add_alt_name(GENERAL_NAMES *names, char *part)
{
    static const struct {
        const char *prefix;
        int type;
    } forms[] = {
        { "DNS:", GEN_DNS },
        { "email:", GEN_EMAIL },
        { "UPN:", GEN_OTHERNAME },
    };
    WCHAR checked[TEXT_MOST + 1];
    GENERAL_NAME *name;
    const char *value;
    size_t i = 0;
    bool ok;

    while (i < 3 && strncmp(part, forms[i].prefix, strlen(forms[i].prefix)) != 0)
        i++;
    if (i == 3 || !unescape(part))
        return false;
    value = part + strlen(forms[i].prefix);
    if (forms[i].type == GEN_DNS ? !is_dns_name(value) : !is_address(value) || has_control(value))
        return false;
    if (forms[i].type == GEN_OTHERNAME ? !wstr_from_utf8(checked, TEXT_MOST + 1, value)
                                       : !is_ascii(value))
        return false;
    name = GENERAL_NAME_new();
    ok = name != NULL && (forms[i].type == GEN_OTHERNAME ? set_upn(name, value)
                                                         : set_ia5(name, forms[i].type, value));
    if (ok && sk_GENERAL_NAME_push(names, name) > 0)
        return true;
    GENERAL_NAME_free(name);
    return false;
}

GENERAL_NAMES *alt_names_parse(const char *text, struct host_error *err)
{
    GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
    struct parts parts;
    bool ok = names != NULL && parts_init(&parts, text, ',');

    while (ok && parts.next != NULL)
        ok = add_alt_name(names, next_part(&parts));
    if (ok)
        return names;
    (void)host_fail(err, CRYPT_E_INVALID_X500_STRING,
                    "other names: DNS:NAME (letters, digits, hyphens and dots), email:USER@HOST or "
                    "UPN:USER@REALM, with commas between");
    sk_GENERAL_NAME_pop_free(names, GENERAL_NAME_free);
    return NULL;
}
