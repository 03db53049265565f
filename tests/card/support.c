/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "base/wstr.h"

#include <dirent.h>
#include <dlfcn.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const BYTE admin_key[24] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
                             13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24 };

/* ---- folder of cards ------------------------------------------------------------------------- */

void make_card(const char *name, const struct softcard_options *options)
{
    struct softcard_person who = { .pin = (const uint8_t *)PIN, .pin_len = PIN_LEN,
                                   .admin_key = admin_key, .admin_key_len = sizeof(admin_key) };
    struct softcard *card = NULL;
    char path[HOME_PATH_MAX];

    assert_true(home_image_path(name, path));
    if (options != NULL && (options->unblock == SOFTCARD_UNBLOCK_PUK ||
                            (options->applications & SOFTCARD_PIV) != 0)) {
        who.puk = (const uint8_t *)PUK;
        who.puk_len = PIN_LEN;
    }
    assert_int_equal(softcard_create(path, options), SOFTCARD_OK);
    assert_int_equal(softcard_open(path, &card), SOFTCARD_OK);
    assert_int_equal(softcard_personalise(card, &who), SOFTCARD_OK);
    softcard_close(card);
    assert_int_equal(home_insert(name), SOFTCARD_OK);
}

int home_begin(void **state)
{
    char dir[] = "/tmp/cardmint-card-XXXXXX";

    *state = NULL;
    if (mkdtemp(dir) == NULL || setenv("CARDMINT_HOME", dir, 1) != 0 || home_make() != SOFTCARD_OK)
        return -1;
    make_card(CARD, NULL);
    return 0;
}

static void empty_folder(const char *home, const char *name)
{
    char dir[HOME_PATH_MAX], path[HOME_PATH_MAX + 512];
    struct dirent *entry;
    DIR *d;

    snprintf(dir, sizeof(dir), "%s/%s", home, name);
    d = opendir(dir);
    while (d != NULL && (entry = readdir(d)) != NULL) {
        snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlink(path);
    }
    if (d != NULL)
        closedir(d);
    rmdir(dir);
}

int home_end(void **state)
{
    const char *home = getenv("CARDMINT_HOME");

    (void)state;
    empty_folder(home, "cards");
    empty_folder(home, "slots");
    return rmdir(home);
}

/* ---- the caller's memory --------------------------------------------------------------------- */

static long live;
static unsigned fail_in;
static bool has_failed;

LPVOID WINAPI mem_alloc(SIZE_T len)
{
    void *block;

    assert_int_not_equal(len, 0);
    if (fail_in != MEM_NEVER && --fail_in == 0) {
        has_failed = true;
        return NULL;
    }
    block = malloc(len);
    if (block != NULL) {
        memset(block, 0xA5, len); /* nobody may count on zeros */
        live++;
    }
    return block;
}

LPVOID WINAPI mem_realloc(LPVOID block, SIZE_T len)
{
    return realloc(block, len);
}

void WINAPI mem_free(LPVOID block)
{
    assert_non_null(block);
    live--;
    free(block);
}

long mem_live(void)
{
    return live;
}

void mem_fail_at(unsigned nth)
{
    fail_in = nth;
    has_failed = false;
}

bool mem_has_failed(void)
{
    return has_failed;
}

/* ---- the caller's cache ---------------------------------------------------------------------- */

static int cache_at(const struct cache *cache, const WCHAR *tag)
{
    for (unsigned i = 0; i < CACHE_ITEMS; i++)
        if (cache->items[i].bytes != NULL && wstr_equal(cache->items[i].tag, tag))
            return (int)i;
    return -1;
}

static DWORD WINAPI cache_delete(PVOID context, LPWSTR tag, DWORD flags)
{
    struct cache *cache = context;
    int at = cache_at(cache, tag);

    assert_int_equal(flags, 0);
    if (at < 0)
        return SCARD_E_FILE_NOT_FOUND;
    free(cache->items[at].bytes);
    cache->items[at].bytes = NULL;
    return SCARD_S_SUCCESS;
}

static DWORD WINAPI cache_add(PVOID context, LPWSTR tag, DWORD flags, PBYTE data, DWORD len)
{
    struct cache *cache = context;

    (void)cache_delete(context, tag, flags);
    assert_in_range(wstr_len(tag), 1, 63);
    for (unsigned i = 0; i < CACHE_ITEMS; i++) {
        if (cache->items[i].bytes != NULL)
            continue;
        cache->items[i].bytes = malloc(len != 0 ? len : 1);
        if (cache->items[i].bytes == NULL)
            break;
        memcpy(cache->items[i].tag, tag, (wstr_len(tag) + 1) * sizeof(*tag));
        memcpy(cache->items[i].bytes, data, len);
        cache->items[i].len = len;
        return SCARD_S_SUCCESS;
    }
    return SCARD_E_NO_MEMORY;
}

static DWORD WINAPI cache_lookup(PVOID context, LPWSTR tag, DWORD flags, PBYTE *ret_data,
                                 PDWORD ret_len)
{
    struct cache *cache = context;
    int at = cache_at(cache, tag);

    assert_int_equal(flags, 0);
    if (at < 0)
        return SCARD_E_FILE_NOT_FOUND;
    *ret_data = mem_alloc(cache->items[at].len != 0 ? cache->items[at].len : 1);
    if (*ret_data == NULL)
        return SCARD_E_NO_MEMORY;
    memcpy(*ret_data, cache->items[at].bytes, cache->items[at].len);
    *ret_len = cache->items[at].len;
    return SCARD_S_SUCCESS;
}

void desk_cache(struct desk *d)
{
    d->data.pfnCspCacheAddFile = cache_add;
    d->data.pfnCspCacheLookupFile = cache_lookup;
    d->data.pfnCspCacheDeleteFile = cache_delete;
    d->data.pvCacheContext = &d->cache;
}

void desk_cache_empty(struct desk *d)
{
    for (unsigned i = 0; i < CACHE_ITEMS; i++) {
        free(d->cache.items[i].bytes);
        d->cache.items[i].bytes = NULL;
    }
}

/* ---- a card in a reader and a context on it -------------------------------------------------- */

void desk_fill(struct desk *d, PCARD_DATA data, DWORD version)
{
    static WCHAR name[] = CM_WSTR("cardmint test card");

    data->dwVersion = version;
    data->pbAtr = d->atr;
    data->cbAtr = (DWORD)d->atr_len;
    data->pwszCardName = name;
    data->pfnCspAlloc = mem_alloc;
    data->pfnCspReAlloc = mem_realloc;
    data->pfnCspFree = mem_free;
    data->hSCardCtx = (SCARDCONTEXT)d->ctx;
    data->hScard = (SCARDHANDLE)d->card;
}

/* Desks that are open: a test that fails does not close its own, and a transaction left open would
 * keep the next test waiting for ever. */
static struct open_desk {
    struct pcsc *pcsc;
    uintptr_t ctx, card;
} open_desks[4];

static void remember(const struct desk *d)
{
    for (size_t i = 0; i < ARRAY(open_desks); i++) {
        if (open_desks[i].pcsc != NULL)
            continue;
        open_desks[i] = (struct open_desk){ d->pcsc, d->ctx, d->card };
        return;
    }
    fail_msg("too many desks");
}

static void put_away(struct open_desk *o)
{
    (void)pcsc_disconnect(o->pcsc, o->card, PCSC_RESET);
    pcsc_release(o->pcsc, o->ctx);
    pcsc_free(o->pcsc);
    memset(o, 0, sizeof(*o));
}

int desks_left(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY(open_desks); i++) {
        if (open_desks[i].pcsc == NULL)
            continue;
        put_away(&open_desks[i]);
        live = 0;
        mem_fail_at(MEM_NEVER);
    }
    return 0;
}

void desk_connect(struct desk *d, const char *name)
{
    void *driver = dlopen(DRIVER, RTLD_NOW | RTLD_LOCAL);

    memset(d, 0, sizeof(*d));
    if (driver == NULL)
        fail_msg("%s", dlerror());
    *(void **)&d->acquire = dlsym(driver, "CardAcquireContext");
    assert_non_null(d->acquire);
    snprintf(d->reader, sizeof(d->reader), "cardmint %s 00 00", name);
    assert_rc(pcsc_load(READER_LIBRARY, &d->pcsc), SCARD_S_SUCCESS);
    assert_rc(pcsc_establish(d->pcsc, &d->ctx), SCARD_S_SUCCESS);
    assert_rc(pcsc_connect(d->pcsc, d->ctx, d->reader, PCSC_SHARED, &d->card), SCARD_S_SUCCESS);
    remember(d);
    assert_rc(pcsc_begin(d->pcsc, d->card), SCARD_S_SUCCESS);
    d->atr_len = sizeof(d->atr);
    assert_rc(pcsc_status(d->pcsc, d->card, d->atr, &d->atr_len, NULL), SCARD_S_SUCCESS);
    desk_fill(d, &d->data, CARD_DATA_CURRENT_VERSION);
}

void desk_open(struct desk *d, const char *name, DWORD version)
{
    desk_connect(d, name);
    d->data.dwVersion = version;
    assert_rc(d->acquire(&d->data, 0), SCARD_S_SUCCESS);
    assert_int_equal(d->data.dwVersion, version);
}

void desk_close(struct desk *d)
{
    if (d->data.pvVendorSpecific != NULL)
        assert_rc(d->data.pfnCardDeleteContext(&d->data), SCARD_S_SUCCESS);
    for (size_t i = 0; i < ARRAY(open_desks); i++)
        if (open_desks[i].pcsc == d->pcsc) { /* each desk has loaded its own */
            open_desks[i].card = d->card;    /* it may have connected anew */
            put_away(&open_desks[i]);
        }
    desk_cache_empty(d);
    assert_int_equal(mem_live(), 0);
}

void desk_reset(struct desk *d)
{
    assert_rc(pcsc_end(d->pcsc, d->card, PCSC_LEAVE), SCARD_S_SUCCESS);
    assert_rc(pcsc_reconnect(d->pcsc, d->card, PCSC_SHARED, PCSC_RESET), SCARD_S_SUCCESS);
    assert_rc(pcsc_begin(d->pcsc, d->card), SCARD_S_SUCCESS);
}

static size_t from_hex(const char *hex, BYTE *out, size_t room)
{
    size_t len = 0;
    unsigned value;
    int used;

    for (; len < room && sscanf(hex, " %2x%n", &value, &used) == 1; hex += used)
        out[len++] = (BYTE)value;
    return len;
}

static unsigned transmit(struct desk *d, const char *hex, BYTE *out, size_t *out_len)
{
    struct pcsc_channel channel = { d->pcsc, d->card, PCSC_T1 };
    BYTE in[300];
    size_t len = from_hex(hex, in, sizeof(in));

    assert_rc(pcsc_transmit(&channel, in, len, out, out_len), SCARD_S_SUCCESS);
    assert_true(*out_len >= 2);
    return (unsigned)out[*out_len - 2] << 8 | out[*out_len - 1];
}

unsigned desk_send(struct desk *d, const char *hex)
{
    static BYTE out[SOFTCARD_ANSWER_MAX];
    size_t len = sizeof(out);

    return transmit(d, hex, out, &len);
}

unsigned long exchanges(const struct desk *d)
{
    const struct md_context *context = d->data.pvVendorSpecific;

    return (unsigned long)context->edge.card.exchanges;
}

/* ---- roles ----------------------------------------------------------------------------------- */

void be_nobody(struct desk *d)
{
    static const WCHAR user[] = wszCARD_USER_USER;

    assert_rc(d->data.pfnCardDeauthenticate(&d->data, wide(user), 0), SCARD_S_SUCCESS);
}

void be_user(struct desk *d)
{
    static const WCHAR user[] = wszCARD_USER_USER;

    be_nobody(d);
    assert_rc(d->data.pfnCardAuthenticatePin(&d->data, wide(user), bytes(PIN), PIN_LEN, NULL),
              SCARD_S_SUCCESS);
}

void be_admin(struct desk *d)
{
    BYTE response[8];
    PBYTE challenge = NULL;
    DWORD len = 0;

    be_nobody(d);
    assert_rc(d->data.pfnCardGetChallenge(&d->data, &challenge, &len), SCARD_S_SUCCESS);
    assert_int_equal(len, 8);
    respond_to(challenge, response);
    mem_free(challenge);
    assert_rc(d->data.pfnCardAuthenticateChallenge(&d->data, response, 8, NULL), SCARD_S_SUCCESS);
}

void respond_to(const BYTE challenge[8], BYTE response[8])
{
    static const BYTE iv[8];
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int len = 0;

    assert_non_null(ctx);
    assert_int_equal(EVP_EncryptInit_ex(ctx, EVP_des_ede3_cbc(), NULL, admin_key, iv), 1);
    assert_int_equal(EVP_CIPHER_CTX_set_padding(ctx, 0), 1);
    assert_int_equal(EVP_EncryptUpdate(ctx, response, &len, challenge, 8), 1);
    assert_int_equal(len, 8);
    EVP_CIPHER_CTX_free(ctx);
}

unsigned tries_left(struct desk *d)
{
    BYTE out[300];
    size_t len = sizeof(out);

    assert_int_equal(transmit(d, "00CB3FFF045C027F7100", out, &len), 0x9000);
    for (size_t i = 0; i + 2 < len; i++)
        if (out[i] == 0x97 && out[i + 1] == 1)
            return out[i + 2];
    fail_msg("no counter in 7F71");
    return 0;
}

/* ---- short forms ----------------------------------------------------------------------------- */

LPSTR str(const char *s)
{
    return (LPSTR)(uintptr_t)s;
}

LPWSTR wide(const WCHAR *s)
{
    return (LPWSTR)(uintptr_t)s;
}

PBYTE bytes(const void *data)
{
    return (PBYTE)(uintptr_t)data;
}

DWORD create_file(struct desk *d, const char *dir, const char *name, unsigned ac)
{
    return d->data.pfnCardCreateFile(&d->data, str(dir), str(name), 0,
                                     (CARD_FILE_ACCESS_CONDITION)ac);
}

DWORD write_file(struct desk *d, const char *dir, const char *name, const void *data, size_t len)
{
    return d->data.pfnCardWriteFile(&d->data, str(dir), str(name), 0, bytes(data), (DWORD)len);
}

DWORD read_file(struct desk *d, const char *dir, const char *name, const void *data, size_t len)
{
    PBYTE got = bytes("stale");
    DWORD got_len = 99;
    DWORD rc = d->data.pfnCardReadFile(&d->data, str(dir), str(name), 0, &got, &got_len);

    if (rc != SCARD_S_SUCCESS) {
        assert_null(got);
        assert_int_equal(got_len, 0);
        return rc;
    }
    assert_non_null(got);
    if (data != NULL) {
        assert_int_equal(got_len, len);
        assert_memory_equal(got, data, len);
    }
    mem_free(got);
    return rc;
}
