/* SPDX-License-Identifier: MIT */
/* Readers: which PC/SC library, which reader, is there a card in it. */
#include "host/host_internal.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define NAMES_MOST 16384u /* bytes of all reader names */
#define SOFT_LIBRARY "softreader/libpcsclite.so.1"

bool host_library_path(const char *file, char *ret, size_t cap)
{
    char program[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
    char *slash;
    int n;

    if (len <= 0)
        return false;
    program[len] = '\0';
    slash = strrchr(program, '/');
    if (slash == NULL)
        return false;
    *slash = '\0';
    n = snprintf(ret, cap, "%s/../lib/%s", program, file);
    return n > 0 && (size_t)n < cap;
}

/* "soft" unless the options or the environment say otherwise. */
static const char *pcsc_choice(const struct host_options *options)
{
    const char *choice = options != NULL ? options->pcsc : NULL;

    if (choice == NULL)
        choice = getenv("CARDMINT_PCSC");
    return choice != NULL && choice[0] != '\0' ? choice : "soft";
}

bool host_pcsc_path(const struct host_options *options, char *ret, size_t cap)
{
    const char *choice = pcsc_choice(options);
    int n;

    if (strcmp(choice, "soft") == 0)
        return host_library_path(SOFT_LIBRARY, ret, cap);
    n = snprintf(ret, cap, "%s", strcmp(choice, "system") == 0 ? "" : choice);
    return n >= 0 && (size_t)n < cap;
}

DWORD host_open_pcsc(const struct host_options *options, struct pcsc **ret, uintptr_t *ret_ctx,
                     struct host_error *err)
{
    char file[PATH_MAX];
    struct pcsc *pcsc = NULL;
    bool system_wide;
    DWORD rc;

    if (!host_pcsc_path(options, file, sizeof file))
        return host_fail(err, SCARD_E_NO_SERVICE, "cannot find the software reader: /proc is "
                                                  "needed, or name the library itself");
    system_wide = file[0] == '\0';
    rc = pcsc_load(system_wide ? NULL : file, &pcsc);
    if (rc != SCARD_S_SUCCESS) {
        if (system_wide)
            return host_fail(err, rc, "cannot load libpcsclite.so.1: install pcsc-lite, or use the "
                                      "software reader (--pcsc soft)");
        return host_fail(err, rc, "cannot load %s as a PC/SC library: give the path of one, or "
                                  "\"soft\" or \"system\"",
                         file);
    }
    rc = pcsc_establish(pcsc, ret_ctx);
    if (rc != SCARD_S_SUCCESS) {
        pcsc_free(pcsc);
        return host_fail(err, rc, "no smart card service (%s): start pcscd, or use the software "
                                  "reader (--pcsc soft)",
                         host_says(rc));
    }
    *ret = pcsc;
    return SCARD_S_SUCCESS;
}

/* What is in a reader now. One that vanished meanwhile is one without a card. */
static DWORD look(const struct pcsc *pcsc, uintptr_t ctx, struct host_reader *reader,
                  bool *ret_mute)
{
    uint32_t state = PCSC_STATE_UNAWARE;
    BYTE atr[PCSC_ATR_MAX];
    size_t atr_len = sizeof atr;
    DWORD rc = pcsc_wait(pcsc, ctx, reader->name, 0, &state, atr, &atr_len);

    *ret_mute = false;
    if (rc != SCARD_S_SUCCESS)
        return rc == SCARD_E_UNKNOWN_READER || rc == SCARD_E_TIMEOUT ? SCARD_S_SUCCESS : rc;
    reader->card = (state & PCSC_STATE_PRESENT) != 0;
    *ret_mute = reader->card && (state & SCARD_STATE_MUTE) != 0;
    if (reader->card && atr_len <= sizeof reader->atr) {
        memcpy(reader->atr, atr, atr_len);
        reader->atr_len = (DWORD)atr_len;
    }
    return SCARD_S_SUCCESS;
}

/* Names of a multi-string, as far as they are terminated and not longer than a name may be. */
static size_t split_names(const char *names, size_t len, struct host_reader *ret)
{
    size_t count = 0;

    for (size_t at = 0; at < len && names[at] != '\0';) {
        size_t name_len = strnlen(names + at, len - at);

        if (name_len == len - at)
            break;
        if (name_len < sizeof ret->name) {
            if (ret != NULL)
                memcpy(ret[count].name, names + at, name_len + 1);
            count++;
        }
        at += name_len + 1;
    }
    return count;
}

static DWORD list_readers(const struct pcsc *pcsc, uintptr_t ctx, struct host_reader **ret,
                          size_t *ret_count)
{
    char *names = malloc(NAMES_MOST);
    struct host_reader *list = NULL;
    size_t len = NAMES_MOST, count;
    DWORD rc = ERROR_NOT_ENOUGH_MEMORY;

    if (names == NULL)
        return rc;
    rc = pcsc_list(pcsc, ctx, names, &len);
    if (rc != SCARD_S_SUCCESS)
        goto out;
    count = split_names(names, len, NULL);
    list = calloc(count != 0 ? count : 1, sizeof *list);
    if (list == NULL) {
        rc = ERROR_NOT_ENOUGH_MEMORY;
        goto out;
    }
    split_names(names, len, list);
    *ret = list;
    *ret_count = count;
out:
    free(names);
    return rc;
}

DWORD host_readers(const struct host_options *options, struct host_reader **ret_readers,
                   size_t *ret_count, struct host_error *err)
{
    struct pcsc *pcsc = NULL;
    struct host_reader *list = NULL;
    uintptr_t ctx = 0;
    size_t count = 0;
    bool mute;
    DWORD rc = host_open_pcsc(options, &pcsc, &ctx, err);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    rc = list_readers(pcsc, ctx, &list, &count);
    for (size_t i = 0; rc == SCARD_S_SUCCESS && i < count; i++)
        rc = look(pcsc, ctx, &list[i], &mute);
    pcsc_release(pcsc, ctx);
    pcsc_free(pcsc);
    if (rc != SCARD_S_SUCCESS) {
        free(list);
        return host_fail(err, rc, "cannot list the readers: %s", host_says(rc));
    }
    *ret_readers = list;
    *ret_count = count;
    return SCARD_S_SUCCESS;
}

/* ---- the one meant ------------------------------------------------------------------------- */

/* "A, B", as far as there is room. */
static void join_names(const struct host_reader *list, size_t count, char *ret, size_t cap)
{
    size_t at = 0;

    ret[0] = '\0';
    for (size_t i = 0; i < count && at < cap; i++) {
        int n = snprintf(ret + at, cap - at, "%s%s", i != 0 ? ", " : "", list[i].name);

        if (n < 0)
            return;
        at += (size_t)n;
    }
}

/* Keeps the readers whose name has `part` in it; one of just that name beats them all. */
static size_t keep_named(struct host_reader *list, size_t count, const char *part)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i].name, part) == 0) {
            list[0] = list[i];
            return 1;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (strcasestr(list[i].name, part) != NULL)
            list[kept++] = list[i];
    }
    return kept;
}

/* Keeps the readers with a card; *ret_mute: one of them is silent. */
static DWORD keep_with_card(const struct pcsc *pcsc, uintptr_t ctx, struct host_reader *list,
                            size_t *count, bool *ret_mute)
{
    size_t kept = 0;

    *ret_mute = false;
    for (size_t i = 0; i < *count; i++) {
        bool mute = false;
        DWORD rc = look(pcsc, ctx, &list[i], &mute);

        if (rc != SCARD_S_SUCCESS)
            return rc;
        if (mute)
            *ret_mute = true;
        if (list[i].card)
            list[kept++] = list[i];
    }
    *count = kept;
    return SCARD_S_SUCCESS;
}

static DWORD choose(const struct host_options *options, const struct pcsc *pcsc, uintptr_t ctx,
                    struct host_reader *list, size_t count, struct host_error *err)
{
    const char *part = options != NULL ? options->reader : NULL;
    const bool soft = strcmp(pcsc_choice(options), "soft") == 0;
    const char *insert = soft
                             ? "insert one with `cardmint card insert NAME`"
                             : "insert one";
    char names[160];
    bool mute = false;
    DWORD rc;

    if (count == 0)
        return host_fail(err, SCARD_E_NO_READERS_AVAILABLE,
                         "there is no reader: %s, or choose another PC/SC with --pcsc",
                         soft ? "insert a card with `cardmint card insert NAME`" : "connect one");
    if (part != NULL) {
        count = keep_named(list, count, part);
        join_names(list, count, names, sizeof names);
        if (count == 0)
            return host_fail(err, SCARD_E_UNKNOWN_READER,
                             "there is no reader %s: `cardmint readers` lists them", part);
        if (count > 1)
            return host_fail(err, SCARD_E_UNKNOWN_READER,
                             "reader %s is ambiguous: give more of one of the names %s", part,
                             names);
    }
    rc = keep_with_card(pcsc, ctx, list, &count, &mute);
    if (rc != SCARD_S_SUCCESS)
        return host_fail(err, rc, "cannot look into the readers: %s", host_says(rc));
    if (count == 0 && part != NULL)
        return host_fail(err, SCARD_E_NO_SMARTCARD, "no card in %s: %s", list[0].name, insert);
    if (count == 0)
        return host_fail(err, SCARD_E_NO_SMARTCARD, "no reader with a card: %s", insert);
    join_names(list, count, names, sizeof names);
    if (count > 1)
        return host_fail(err, SCARD_E_UNKNOWN_READER,
                         "more than one reader has a card: choose with --reader from %s", names);
    if (mute)
        return host_fail(err, SCARD_W_UNRESPONSIVE_CARD,
                         "the card in %s does not answer: take it out and insert it again",
                         list[0].name);
    return SCARD_S_SUCCESS;
}

DWORD host_choose_reader(const struct host_options *options, const struct pcsc *pcsc,
                         uintptr_t ctx, char *name, struct host_error *err)
{
    struct host_reader *list = NULL;
    size_t count = 0;
    DWORD rc = list_readers(pcsc, ctx, &list, &count);

    if (rc != SCARD_S_SUCCESS)
        return host_fail(err, rc, "cannot list the readers: %s", host_says(rc));
    rc = choose(options, pcsc, ctx, list, count, err);
    if (rc == SCARD_S_SUCCESS)
        memcpy(name, list[0].name, sizeof list[0].name);
    free(list);
    return rc;
}
