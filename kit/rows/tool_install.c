/* SPDX-License-Identifier: MIT */
/* HashCM, InstCheckINF, InstRegistration, ResetATR, EntryPoints: what is installed. */
#include "kit/bench/bench.h"
#include "kit/bench/inf.h"
#include "kit/bench/module_file.h"
#include "kit/rows/tool.h"

#include <dlfcn.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* ---- the module's file ----------------------------------------------------------------------- */

static void note_hash(struct run *r, const struct module_file *file, const char *name)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char hex[2 * EVP_MAX_MD_SIZE + 1];
    size_t len = 0;

    if (EVP_Q_digest(NULL, name, NULL, file->bytes, file->len, digest, &len) != 1)
        run_blocked(r, "OpenSSL has no %s", name);
    for (size_t i = 0; i < len; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    run_saw(r, "%s %s", name, hex);
}

void tool_hash(struct run *r)
{
    static struct module_file file;
    struct stat named, loaded;
    char says[128];
    struct bench b;
    Dl_info info;

    if (!module_file_read(r->config->module, &file, says))
        run_blocked(r, "%s", says);
    bench_connect(r, &b, 0);
    CHECK(r, dladdr(*(void **)&b.acquire, &info) != 0 && info.dli_fname != NULL,
          "CardAcquireContext lies in no file");
    CHECK(r, stat(info.dli_fname, &loaded) == 0 && stat(r->config->module, &named) == 0 &&
                 loaded.st_dev == named.st_dev && loaded.st_ino == named.st_ino,
          "CardAcquireContext runs from %s", info.dli_fname);
    note_hash(r, &file, "SHA1");
    note_hash(r, &file, "SHA256");
}

void tool_entry_points(struct run *r)
{
    static struct module_file file;
    bool entry = false, enters = false, leaves = false;
    char says[128];

    if (!module_file_read(r->config->module, &file, says))
        run_blocked(r, "%s", says);
    for (size_t i = 0; i < file.export_count; i++) {
        entry = entry || strcmp(file.exports[i], "CardAcquireContext") == 0;
        enters = enters || strcmp(file.exports[i], "DllRegisterServer") == 0;
        leaves = leaves || strcmp(file.exports[i], "DllUnregisterServer") == 0;
    }
    CHECK(r, entry, "CardAcquireContext is not exported under that name");
    CHECK(r, enters == leaves, "DllRegisterServer and DllUnregisterServer: one is missing");
    run_saw(r, "registration functions: %s", enters ? "both" : "none");
}

/* ---- the ATR --------------------------------------------------------------------------------- */

static void see_atr(struct bench *b, const char *when)
{
    BYTE atr[PCSC_ATR_MAX];
    size_t len = sizeof(atr);

    NEED(b->run, pcsc_status(b->pcsc, b->card, atr, &len, NULL));
    CHECK(b->run, len == b->atr_len && memcmp(atr, b->atr, len) == 0, "another ATR %s", when);
    bench_fill(b, &b->data, b->run->version);
    EXPECT(b->run, ACQUIRE(b, &b->data, 0), SCARD_S_SUCCESS);
    EXPECT(b->run, CALL(b, DeleteContext, &b->data), SCARD_S_SUCCESS);
}

void tool_reset_atr(struct run *r)
{
    struct bench b;

    bench_connect(r, &b, 0);
    see_atr(&b, "at first");
    bench_reset(&b);
    see_atr(&b, "after a reset");
    bench_pause(&b);
    NEED(r, pcsc_reconnect(b.pcsc, b.card, PCSC_SHARED, PCSC_UNPOWER));
    bench_resume(&b);
    see_atr(&b, "after power was off");
    run_saw(r, "%zu bytes", b.atr_len);
}

/* ---- the INF file ---------------------------------------------------------------------------- */

#define CLASS_GUID "{990A2BD7-E738-46c7-B26F-1CF8FB9F1391}"
#define DEVICE     "SCFILTER\\CID_"
#define KEY        "\\Microsoft\\Cryptography\\Calais\\SmartCards\\"
#define GUID_LEN   32u /* hexadecimal digits of the card's own identifier */
#define NAME_MAX_LEN 512u

static const struct inf *read_inf(struct run *r)
{
    static struct inf inf;
    char says[256];

    if (r->config->inf == NULL)
        run_not_applicable(r, "no INF file is configured");
    if (!inf_read(r->config->inf, &inf, says))
        run_blocked(r, "%s", says);
    return &inf;
}

/* ISO/IEC 7816-3, 8.2: TS, T0, interface bytes as Y says, K historical bytes. */
static size_t historical(const BYTE *atr, size_t len, const BYTE **ret)
{
    size_t at, count = len > 1 ? atr[1] & 0x0F : 0;
    unsigned y = len > 1 ? atr[1] >> 4 : 0;

    for (at = 2; y != 0 && at < len;) {
        size_t d = (y & 1) + (y >> 1 & 1) + (y >> 2 & 1);

        if ((y & 8) == 0) {
            at += d;
            break;
        }
        y = at + d < len ? atr[at + d] >> 4 : 0;
        at += d + 1;
    }
    *ret = atr + at;
    return at + count <= len ? count : 0;
}

static void device_of(const struct bench *b, char device[NAME_MAX_LEN])
{
    const BYTE *bytes;
    size_t count = historical(b->atr, b->atr_len, &bytes);
    size_t len = (size_t)snprintf(device, NAME_MAX_LEN, DEVICE);

    for (size_t i = 0; i < count; i++)
        len += (size_t)snprintf(device + len, NAME_MAX_LEN - len, "%02x", bytes[i]);
}

/* By its historical bytes, or by the identifier that a card with Plug and Play tells. */
static bool names_card(const struct inf *inf, const char *models, const char *device)
{
    for (const struct inf_line *l = NULL; (l = inf_next(inf, models, NULL, l)) != NULL;)
        for (size_t f = 1; f < l->field_count; f++)
            if (strcasecmp(l->fields[f], device) == 0 ||
                (strncasecmp(l->fields[f], DEVICE, strlen(DEVICE)) == 0 &&
                 strlen(l->fields[f]) == strlen(DEVICE) + GUID_LEN))
                return true;
    return false;
}

static void section_name(char name[NAME_MAX_LEN], const char *first, const char *platform)
{
    snprintf(name, NAME_MAX_LEN, "%s%s%s", first, platform != NULL ? "." : "",
             platform != NULL ? platform : "");
}

/* For each line of [Manufacturer] and each platform in it. */
typedef void each_fn(struct run *r, const struct inf *inf, const char *models, const char *platform,
                     const struct bench *b);

static void each_platform(struct run *r, const struct inf *inf, each_fn *see,
                          const struct bench *b)
{
    const struct inf_line *l = NULL;
    unsigned count = 0;

    while ((l = inf_next(inf, "Manufacturer", NULL, l)) != NULL) {
        if (l->field_count == 1)
            see(r, inf, l->fields[0], NULL, b);
        for (size_t f = 1; f < l->field_count; f++)
            see(r, inf, l->fields[0], l->fields[f], b);
        count += l->field_count == 1 ? 1 : (unsigned)l->field_count - 1;
    }
    CHECK(r, count != 0, "[Manufacturer] has no line");
    run_saw(r, "%u platforms", count);
}

static void see_device(struct run *r, const struct inf *inf, const char *models,
                       const char *platform, const struct bench *b)
{
    char name[NAME_MAX_LEN], device[NAME_MAX_LEN];

    device_of(b, device);
    section_name(name, models, platform);
    CHECK(r, inf_has_section(inf, name), "no section [%s]", name);
    CHECK(r, names_card(inf, name, device), "[%s] does not have %s", name, device);
    section_name(name, "DefaultInstall", platform);
    CHECK(r, inf_has_section(inf, name), "no section [%s]", name);
}

void tool_inf(struct run *r)
{
    const struct inf *inf = read_inf(r);
    struct bench b;

    CHECK(r, strcasecmp(inf_value(inf, "Version", "Signature"), "$Windows NT$") == 0,
          "Signature is \"%s\"", inf_value(inf, "Version", "Signature"));
    CHECK(r, strcasecmp(inf_value(inf, "Version", "Class"), "SmartCard") == 0, "Class is \"%s\"",
          inf_value(inf, "Version", "Class"));
    CHECK(r, strcasecmp(inf_value(inf, "Version", "ClassGuid"), CLASS_GUID) == 0,
          "ClassGuid is \"%s\"", inf_value(inf, "Version", "ClassGuid"));
    CHECK(r, inf_value(inf, "Version", "Provider")[0] != '\0', "no Provider");
    CHECK(r, inf_value(inf, "Version", "DriverVer")[0] != '\0', "no DriverVer");
    bench_connect(r, &b, 0);
    each_platform(r, inf, see_device, &b);
}

/* ---- registration ---------------------------------------------------------------------------- */

/* Values of one card's key in one AddReg section. */
struct entry {
    const char *key;
    const struct inf_line *atr, *mask, *module, *csp, *ksp;
};

static void see_value(struct entry *e, const struct inf_line *l)
{
    const struct {
        const char *name;
        const struct inf_line **at;
    } values[] = { { "ATR", &e->atr },
                   { "ATRMask", &e->mask },
                   { "80000001", &e->module },
                   { "Crypto Provider", &e->csp },
                   { "Smart Card Key Storage Provider", &e->ksp } };

    for (size_t i = 0; i < ARRAY(values); i++)
        if (strcasecmp(l->fields[2], values[i].name) == 0)
            *values[i].at = l;
}

/* HKLM, key, name, flags, value ... */
static const char *card_key(const struct inf_line *l)
{
    return l->field_count > 4 && strcasecmp(l->fields[0], "HKLM") == 0 &&
                   strcasestr(l->fields[1], KEY) != NULL
               ? l->fields[1]
               : NULL;
}

/* (ATR of the card & mask) is the ATR registered. */
static bool fits(const struct entry *e, const struct bench *b)
{
    if (e->atr == NULL || e->mask == NULL || e->atr->field_count != e->mask->field_count ||
        e->atr->field_count - 4 != b->atr_len)
        return false;
    for (size_t i = 0; i < b->atr_len; i++) {
        unsigned long want = strtoul(e->atr->fields[4 + i], NULL, 16);
        unsigned long mask = strtoul(e->mask->fields[4 + i], NULL, 16);

        if ((b->atr[i] & mask) != want)
            return false;
    }
    return true;
}

static bool is_value(const struct inf_line *l, const char *want)
{
    return l != NULL && strcasecmp(l->fields[4], want) == 0;
}

static void check_entry(struct run *r, const struct entry *e)
{
    const char *name = e->module != NULL ? e->module->fields[4] : "";
    const size_t len = strlen(name);

    CHECK(r, len > 4 && strcasecmp(name + len - 4, ".dll") == 0, "%s: 80000001 is \"%s\"", e->key,
          name);
    CHECK(r, e->csp != NULL || e->ksp != NULL, "%s: neither CSP nor KSP", e->key);
    CHECK(r, e->csp == NULL || is_value(e->csp, "Microsoft Base Smart Card Crypto Provider"),
          "%s: Crypto Provider is \"%s\"", e->key, e->csp->fields[4]);
    CHECK(r, e->ksp == NULL || is_value(e->ksp, "Microsoft Smart Card Key Storage Provider"),
          "%s: Smart Card Key Storage Provider is \"%s\"", e->key, e->ksp->fields[4]);
}

/* The values of that key, wherever they stand in the section. */
static struct entry read_entry(const struct inf *inf, const char *section, const char *key)
{
    struct entry e = { .key = key };

    for (const struct inf_line *l = NULL; (l = inf_next(inf, section, NULL, l)) != NULL;)
        if (card_key(l) != NULL && strcasecmp(card_key(l), key) == 0)
            see_value(&e, l);
    return e;
}

/* false: the section does not register this card. */
static bool registers(struct run *r, const struct inf *inf, const char *section,
                      const struct bench *b)
{
    bool found = false;

    for (const struct inf_line *l = NULL; (l = inf_next(inf, section, NULL, l)) != NULL;) {
        struct entry e;

        if (card_key(l) == NULL)
            continue;
        e = read_entry(inf, section, card_key(l));
        if (!fits(&e, b))
            continue;
        found = true;
        check_entry(r, &e);
    }
    return found;
}

static void see_registration(struct run *r, const struct inf *inf, const char *models,
                             const char *platform, const struct bench *b)
{
    char name[NAME_MAX_LEN];
    bool found = false;

    (void)models;
    section_name(name, "DefaultInstall", platform);
    for (const struct inf_line *l = NULL; (l = inf_next(inf, name, "AddReg", l)) != NULL;)
        for (size_t f = 0; f < l->field_count; f++)
            found = registers(r, inf, l->fields[f], b) || found;
    CHECK(r, found, "[%s] does not register this card: no ATR with its mask fits", name);
}

void tool_registration(struct run *r)
{
    const struct inf *inf = read_inf(r);
    struct bench b;

    bench_connect(r, &b, 0);
    each_platform(r, inf, see_registration, &b);
}
