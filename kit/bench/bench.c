/* SPDX-License-Identifier: MIT */
#include "kit/bench/bench.h"
#include "kit/bench/module_file.h"
#include "kit/bench/read_only.h"
#include "kit/run.h"

#include "base/wstr.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#define BENCHES_MAX 64

LPSTR str(const char *s)
{
    return (LPSTR)(uintptr_t)s;
}

PBYTE bytes_of(const void *data)
{
    return (PBYTE)(uintptr_t)data;
}

/* ---- calls ------------------------------------------------------------------------------------ */

static _Thread_local double began, took;
static _Thread_local const char *calling;

void call_begins(struct bench *b, const char *call)
{
    calling = call;
    run_say(b->run, 'C', call);
    began = clock_ms();
}

DWORD call_ends(struct bench *b, DWORD rc)
{
    took = clock_ms() - began;
    run_note(b->run, "%s -> %s, %.2f ms", calling, kit_code(rc), took);
    return rc;
}

double call_ms(void)
{
    return took;
}

/* ---- connections: those that are open are let go of when the process ends ---------------------- */

static struct {
    struct pcsc *pcsc;
    uintptr_t ctx, card;
} connections[BENCHES_MAX]; /* taken in a test's first thread */

static void remember(const struct bench *b)
{
    for (size_t i = 0; i < BENCHES_MAX; i++) {
        if (connections[i].pcsc != NULL)
            continue;
        connections[i].pcsc = b->pcsc;
        connections[i].ctx = b->ctx;
        connections[i].card = b->card;
        return;
    }
}

static void let_go_of(size_t i)
{
    (void)pcsc_disconnect(connections[i].pcsc, connections[i].card, PCSC_RESET);
    pcsc_release(connections[i].pcsc, connections[i].ctx);
    pcsc_free(connections[i].pcsc);
    connections[i].pcsc = NULL;
}

void bench_let_all_go(void)
{
    for (size_t i = 0; i < BENCHES_MAX; i++)
        if (connections[i].pcsc != NULL)
            let_go_of(i);
}

/* The reader of that name, or the only one with that part in its name. */
static bool find_reader(struct bench *b, const char *wanted)
{
    char names[4096];
    size_t len = sizeof(names);
    unsigned found = 0;

    if (pcsc_list(b->pcsc, b->ctx, names, &len) != SCARD_S_SUCCESS)
        return false;
    for (const char *name = names; *name != '\0'; name += strlen(name) + 1) {
        bool same = strcmp(name, wanted) == 0;

        if (strlen(name) >= sizeof(b->reader) || (!same && strstr(name, wanted) == NULL))
            continue;
        found = same ? 1 : found + 1;
        memcpy(b->reader, name, strlen(name) + 1);
        if (same)
            break;
    }
    return found == 1;
}

static bool is_for_windows(const char *path)
{
    static struct module_file file;
    char says[128];
    bool pe = module_file_read(path, &file, says) && strcmp(file.kind, "PE") == 0;

    module_file_clear(&file);
    return pe;
}

static void load_module(struct run *r, struct bench *b)
{
    void *module;

    run_say(r, 'C', "loading the module"); /* it has constructors */
    module = dlopen(r->config->module, RTLD_NOW | RTLD_LOCAL);
    if (module == NULL)
        run_blocked(r, "the module does not load%s: %s",
                    is_for_windows(r->config->module) ? ", it is for Windows" : "", dlerror());
    run_say(r, 'C', "");
    *(void **)&b->acquire = dlsym(module, "CardAcquireContext");
    if (b->acquire == NULL)
        run_blocked(r, "the module does not export CardAcquireContext");
}

void bench_fill(struct bench *b, PCARD_DATA data, DWORD version)
{
    static WCHAR name[] = CM_WSTR("card under test");

    memset(data, 0, sizeof(*data));
    data->dwVersion = version;
    data->pbAtr = b->atr;
    data->cbAtr = (DWORD)b->atr_len;
    data->pwszCardName = name;
    data->pfnCspAlloc = mem_alloc;
    data->pfnCspReAlloc = mem_realloc;
    data->pfnCspFree = mem_free;
    data->hSCardCtx = (SCARDCONTEXT)b->ctx;
    data->hScard = (SCARDHANDLE)b->card;
}

/* A test that ended badly has left its card to be reset: that is met here, and accepted. */
static void begin_anew(struct run *r, struct bench *b)
{
    if (pcsc_begin(b->pcsc, b->card) == SCARD_S_SUCCESS)
        return;
    NEED(r, pcsc_reconnect(b->pcsc, b->card, PCSC_SHARED, PCSC_RESET));
    NEED(r, pcsc_begin(b->pcsc, b->card));
}

void bench_connect(struct run *r, struct bench *b, unsigned number)
{
    memset(b, 0, sizeof(*b));
    b->run = r;
    if (number >= KIT_CARDS_MAX || r->config->readers[number] == NULL)
        run_blocked(r, "no reader is configured for card %u", number);
    NEED(r, pcsc_load(r->config->pcsc, &b->pcsc)); /* first: the module shall find this one */
    NEED(r, pcsc_establish(b->pcsc, &b->ctx));
    if (!find_reader(b, r->config->readers[number]))
        run_blocked(r, "no reader, or more than one, goes by \"%s\"", r->config->readers[number]);
    NEED(r, pcsc_connect(b->pcsc, b->ctx, b->reader, PCSC_SHARED, &b->card));
    remember(b);
    begin_anew(r, b);
    b->atr_len = sizeof(b->atr);
    NEED(r, pcsc_status(b->pcsc, b->card, b->atr, &b->atr_len, NULL));
    load_module(r, b);
    bench_fill(b, &b->data, r->version);
}

static void acquire(struct bench *b)
{
    NEED(b->run, ACQUIRE(b, &b->data, 0));
    b->says.dwVersion = CARD_CAPABILITIES_CURRENT_VERSION;
    if (b->data.pfnCardQueryCapabilities == NULL ||
        CALL(b, QueryCapabilities, &b->data, &b->says) != SCARD_S_SUCCESS)
        memset(&b->says, 0, sizeof(b->says));
}

void bench_open(struct run *r, struct bench *b)
{
    bench_connect(r, b, 0);
    acquire(b);
    need_offered(b, r->section->function);
}

void bench_again(struct bench *b, struct bench *into)
{
    *into = *b;
    bench_fill(into, &into->data, b->run->version);
    acquire(into);
}

void bench_close(struct bench *b)
{
    if (b->data.pvVendorSpecific != NULL)
        (void)CALL(b, DeleteContext, &b->data);
    for (size_t i = 0; i < BENCHES_MAX; i++)
        if (connections[i].pcsc == b->pcsc)
            let_go_of(i);
}

void bench_pause(struct bench *b)
{
    NEED(b->run, pcsc_end(b->pcsc, b->card, PCSC_LEAVE));
}

void bench_resume(struct bench *b)
{
    NEED(b->run, pcsc_begin(b->pcsc, b->card));
}

void bench_reset(struct bench *b)
{
    bench_pause(b);
    NEED(b->run, pcsc_reconnect(b->pcsc, b->card, PCSC_SHARED, PCSC_RESET));
    bench_resume(b);
}

/* ---- files ------------------------------------------------------------------------------------ */

DWORD make_file(struct bench *b, const char *dir, const char *name, CARD_FILE_ACCESS_CONDITION ac)
{
    return CALL(b, CreateFile, &b->data, str(dir), str(name), 0, ac);
}

DWORD put_file(struct bench *b, const char *dir, const char *name, const void *data, size_t len)
{
    return CALL(b, WriteFile, &b->data, str(dir), str(name), 0, bytes_of(data), (DWORD)len);
}

DWORD see_file(struct bench *b, const char *dir, const char *name, const void *data, size_t len)
{
    PBYTE got = NULL;
    DWORD got_len = 0, rc = CALL(b, ReadFile, &b->data, str(dir), str(name), 0, &got, &got_len);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    if (data != NULL && (got_len != len || (len != 0 && memcmp(got, data, len) != 0)))
        rc = SCARD_E_COMM_DATA_LOST; /* none that reading a file may give: it is another content */
    if (mem_is_ours(got))
        mem_free(got);
    return rc;
}

DWORD drop_file(struct bench *b, const char *dir, const char *name)
{
    return CALL(b, DeleteFile, &b->data, str(dir), str(name), 0);
}
