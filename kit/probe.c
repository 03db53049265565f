/* SPDX-License-Identifier: MIT */
/* For the time before `cardmint certify`: runs rows and prints them. Goes when that comes. */
#include "kit/kit.h"

#include <stdlib.h>
#include <string.h>

#pragma weak kit_config_default

static void show(void *context, const struct kit_result *r, unsigned done, unsigned total)
{
    (void)context;
    printf("[%u/%u] %-16s %-14s%s %7.1f ms  %s%s%s  %s\n", done, total, r->requirement->id,
           kit_status_name(r->status), r->blocked ? " (blocked)" : "", r->ms, r->expected,
           r->expected[0] != '\0' ? " <- " : "", r->got, r->status == KIT_PASS ? "" : r->detail);
    if (getenv("KIT_LOG") != NULL)
        fputs(r->log, stdout);
}

static struct kit_config standard(void)
{
    struct kit_config c = { .least_version = 4, .newest_version = 7, .pin_least = 4,
                            .pin_most = 127, .threads = 8, .thread_rounds = 5, .challenges = 300,
                            .repeats = 20, .seconds = 3, .limit_seconds = 60 };
    static const BYTE key[24] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
                                  13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24 };

    if (kit_config_default != NULL)
        c = kit_config_default();
    memcpy(c.user_pin.bytes, "12345678", 8);
    c.user_pin.len = 8;
    memcpy(c.admin_key.bytes, key, 24);
    c.admin_key.len = 24;
    return c;
}

int main(int argc, char **argv)
{
    struct kit_config config = standard();
    struct kit_options options = { .progress = show };
    struct kit_result *results = NULL;
    struct kit_summary s;
    size_t count = 0;
    char says[256];

    if (argc < 4)
        return 2;
    config.module = argv[1];
    config.pcsc = argv[2];
    config.readers[0] = argv[3];
    config.readers[1] = argc > 4 && argv[4][0] != '\0' ? argv[4] : NULL;
    if (argc > 5) {
        options.only = (const char *const *)&argv[5];
        options.only_count = (size_t)argc - 5;
    }
    if (!kit_run(&config, &options, &results, &count, says)) {
        fprintf(stderr, "%s\n", says);
        return 9;
    }
    s = kit_summarise(results, count);
    printf("%u rows: %u pass, %u fail, %u not applicable, %u inspected\n", s.total,
           s.by_status[0], s.by_status[1], s.by_status[2], s.by_status[3]);
    kit_results_free(results, count);
    return s.by_status[KIT_FAIL] != 0;
}
