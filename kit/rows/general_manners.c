/* SPDX-License-Identifier: MIT */
/* 2.1: what the module does beside the card, and by which way it gets there. */
#include "kit/rows/general.h"
#include "kit/bench/module_file.h"
#include "kit/bench/tour.h"
#include "kit/bench/watch.h"

#include <link.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WORDS_MAX 65536 /* of what is printed */

/* ---- nothing behind the caller's back -------------------------------------------------------- */

static void is_innocent(struct tour *t, const struct stop *stop, DWORD rc)
{
    static const enum watched bad[] = { WATCH_WRITE, WATCH_NETWORK, WATCH_PROCESS, WATCH_SHARE };

    (void)rc;
    for (size_t i = 0; i < ARRAY(bad); i++)
        CHECK(t->b->run, watch_count(bad[i]) == 0, "%s, in %s or before", watch_last(bad[i]),
              stop->function);
}

/* Standard output and error of a test are a file without name. */
static size_t printed(void)
{
    struct stat about;

    return fstat(STDOUT_FILENO, &about) == 0 && S_ISREG(about.st_mode) ? (size_t)about.st_size : 0;
}

static bool is_printed(const struct kit_secret *secret)
{
    static char words[WORDS_MAX];
    ssize_t len = printed() != 0 ? pread(STDOUT_FILENO, words, sizeof(words), 0) : 0;

    return secret->len != 0 && len > 0 &&
           memmem(words, (size_t)len, secret->bytes, secret->len) != NULL;
}

void general_no_backdoor(struct run *r)
{
    struct module_file file;
    char says[128];

    tour_watched(r, is_innocent);
    fflush(NULL);
    CHECK(r, !is_printed(&r->config->user_pin), "the PIN is printed");
    if (module_file_read(r->config->module, &file, says))
        CHECK(r, !file.shares_memory, "the file has a section that is writable and shared");
    run_saw(r, "%u files opened for reading; source code and review say the rest",
            watch_count(WATCH_READ));
}

/* ---- no user interface ----------------------------------------------------------------------- */

struct search {
    bool (*fits)(const char *name);
    char found[256];
};

static int look_at(struct dl_phdr_info *info, size_t len, void *context)
{
    struct search *search = context;
    const char *end = strrchr(info->dlpi_name, '/');

    (void)len;
    if (search->fits(end != NULL ? end + 1 : info->dlpi_name))
        snprintf(search->found, sizeof(search->found), "%s", info->dlpi_name);
    return 0;
}

/* Libraries in the process that were not there before, or are named in the module's file. */
static void check_libraries(struct run *r, const struct search *before,
                            bool (*fits)(const char *name))
{
    struct search after = { .fits = fits };
    struct module_file file;
    char says[128];

    dl_iterate_phdr(look_at, &after);
    CHECK(r, after.found[0] == '\0' || before->found[0] != '\0', "%s is loaded", after.found);
    if (!module_file_read(r->config->module, &file, says))
        return;
    for (size_t i = 0; i < file.library_count; i++)
        CHECK(r, !fits(file.libraries[i]), "%s is needed", file.libraries[i]);
}

static void is_silent(struct tour *t, const struct stop *stop, DWORD rc)
{
    (void)rc;
    CHECK(t->b->run, watch_count(WATCH_PROCESS) == 0, "%s, in %s or before",
          watch_last(WATCH_PROCESS), stop->function);
    CHECK(t->b->run, strstr(watch_last(WATCH_WRITE), "/dev/tty") == NULL,
          "%s opens the terminal", stop->function);
    fflush(NULL);
    CHECK(t->b->run, printed() == 0, "%zu bytes are printed, in %s or before", printed(),
          stop->function);
}

void general_no_ui(struct run *r)
{
    struct search before = { .fits = library_shows };

    dl_iterate_phdr(look_at, &before);
    tour_watched(r, is_silent);
    check_libraries(r, &before, library_shows);
}

/* ---- by the resource manager alone ----------------------------------------------------------- */

static void uses_no_device(struct tour *t, const struct stop *stop, DWORD rc)
{
    static const enum watched ways[] = { WATCH_READ, WATCH_WRITE };

    (void)rc;
    for (size_t i = 0; i < ARRAY(ways); i++)
        CHECK(t->b->run, strstr(watch_last(ways[i]), " /dev/bus") == NULL &&
                             strstr(watch_last(ways[i]), " /dev/hid") == NULL &&
                             strstr(watch_last(ways[i]), " /dev/ttyS") == NULL &&
                             strstr(watch_last(ways[i]), " /dev/ttyUSB") == NULL,
              "%s, in %s or before", watch_last(ways[i]), stop->function);
    CHECK(t->b->run, watch_count(WATCH_NETWORK) == 0, "%s, in %s or before",
          watch_last(WATCH_NETWORK), stop->function);
}

/* A handle that was good once. */
static uintptr_t closed_handle(struct bench *b)
{
    uintptr_t card = 0;

    NEED(b->run, pcsc_connect(b->pcsc, b->ctx, b->reader, PCSC_SHARED, &card));
    NEED(b->run, pcsc_disconnect(b->pcsc, card, PCSC_LEAVE));
    return card;
}

/* The handle is the one way: by none, or one that is closed, no file is read. */
static void needs_handle(struct run *r)
{
    SCARDHANDLE good;
    struct bench b;

    bench_open(r, &b);
    good = b.data.hScard;
    NEED(r, see_fixture(&b));
    b.data.hScard = (SCARDHANDLE)closed_handle(&b);
    CHECK(r, see_fixture(&b) != SCARD_S_SUCCESS,
          "a file of the card is read through a handle that is closed");
    b.data.hScard = good;
    EXPECT(r, see_fixture(&b), SCARD_S_SUCCESS);
    bench_close(&b);
}

void general_resource_manager(struct run *r)
{
    struct search before = { .fits = library_reaches_devices };

    dl_iterate_phdr(look_at, &before);
    needs_handle(r);
    tour_watched(r, uses_no_device);
    check_libraries(r, &before, library_reaches_devices);
}

/* ---- CARD_DATA ------------------------------------------------------------------------------- */

static BYTE was[2][sizeof(CARD_DATA)], atr[PCSC_ATR_MAX];

/* The first member that differs, by its place; 0: none. pvVendorSpecific does not count. */
static size_t differs(const CARD_DATA *data, const BYTE *before)
{
    const size_t own = offsetof(CARD_DATA, pvVendorSpecific);
    const BYTE *now = (const BYTE *)data;

    for (size_t i = 0; i < sizeof(*data); i++)
        if (now[i] != before[i] && (i < own || i >= own + sizeof(data->pvVendorSpecific)))
            return i + 1;
    return 0;
}

static void check_members(struct tour *t, const struct stop *stop)
{
    struct run *r = t->b->run;
    size_t where = differs(&t->b->data, was[0]);

    CHECK(r, where == 0, "%s changes CARD_DATA at byte %zu", stop->function, where - 1);
    CHECK(r, memcmp(t->b->atr, atr, sizeof(atr)) == 0, "%s changes the caller's ATR",
          stop->function);
    where = strcmp(stop->function, "CardAcquireContext") != 0 ? differs(&t->other, was[1]) : 0;
    CHECK(r, where == 0, "%s changes CARD_DATA at byte %zu", stop->function, where - 1);
}

void general_card_data(struct run *r)
{
    const struct stop *stop;
    struct bench b;
    struct tour t;
    size_t n;

    bench_open(r, &b);
    memcpy(was[0], &b.data, sizeof(b.data));
    tour_begin(&t, &b);
    CHECK(r, differs(&b.data, was[0]) == 0, "the first calls change CARD_DATA at byte %zu",
          differs(&b.data, was[0]) - 1);
    for (n = 0; (stop = tour_stop(&t, n)) != NULL; n++) {
        tour_before(&t, stop);
        memcpy(was[0], &b.data, sizeof(b.data));
        memcpy(was[1], &t.other, sizeof(t.other));
        memcpy(atr, b.atr, sizeof(atr));
        (void)stop->call(&t);
        check_members(&t, stop);
        tour_after(&t, stop);
    }
    be_nobody(&b);
    run_saw(r, "%zu functions", n);
}
