/* SPDX-License-Identifier: MIT */
/* Which rows, in which versions, one after the other; and what came out. */
#include "kit/run.h"

#include "kit/bench/bench.h"
#include "kit/closed_tool.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VERSION_LEAST 4u
#define VERSION_MOST  7u
#define MEND_SECONDS  20u /* a module that hangs shall not do so for long between the tests */

/* ---- the selection ----------------------------------------------------------------------------- */

/* "CMR.3.4" means CMR.3.4.1.E1 too, but "CMR.3.4.1.E1" not CMR.3.4.1.E10. */
static bool begins(const char *id, const char *wanted)
{
    size_t len = strlen(wanted);

    return strncmp(id, wanted, len) == 0 &&
           (id[len] == '\0' || id[len] == '.' || (len != 0 && wanted[len - 1] == '.'));
}

bool kit_selects(const struct kit_options *o, const char *id)
{
    if (o->test != NULL)
        return closed_tool_has(o->test, o->subtest, id);
    if (o->only == NULL || o->only_count == 0)
        return true;
    for (size_t i = 0; i < o->only_count; i++)
        if (begins(id, o->only[i]))
            return true;
    return false;
}

static bool finds_one(const char *wanted)
{
    const struct section *s;

    for (size_t n = 0; (s = kit_section(n)) != NULL; n++)
        for (size_t i = 0; i < s->count; i++)
            if (begins(s->rows[i].id, wanted))
                return true;
    return false;
}

static size_t select_rows(const struct kit_options *o, struct kit_result *into)
{
    const struct section *s;
    size_t count = 0;

    for (size_t n = 0; (s = kit_section(n)) != NULL; n++)
        for (size_t i = 0; i < s->count; i++) {
            if (!kit_selects(o, s->rows[i].id))
                continue;
            if (into != NULL) {
                into[count].section = s;
                into[count].requirement = &s->rows[i];
            }
            count++;
        }
    return count;
}

/* ---- one row ------------------------------------------------------------------------------------ */

struct runner {
    const struct kit_config *config;
    unsigned newest; /* version of the module */
};

static void set(char **field, const char *text)
{
    char *copy = strdup(text != NULL ? text : "");

    if (copy == NULL)
        return;
    free(*field);
    *field = copy;
}

static void append(char **field, const char *text)
{
    char *both = NULL;

    if (asprintf(&both, "%s%s", *field != NULL ? *field : "", text) >= 0) {
        free(*field);
        *field = both;
    }
}

/* Worse first, so that the worst of the versions is kept. */
static unsigned badness(enum kit_status status)
{
    static const unsigned order[] = { [KIT_FAIL] = 3, [KIT_PASS] = 2, [KIT_INSPECTED] = 1,
                                      [KIT_NOT_APPLICABLE] = 0 };

    return order[status];
}

static enum kit_status status_of(char verdict)
{
    return verdict == 'P' ? KIT_PASS : verdict == 'N' ? KIT_NOT_APPLICABLE : KIT_FAIL;
}

static void take(struct kit_result *result, const struct outcome *o, unsigned version)
{
    enum kit_status status = status_of(o->verdict);
    char heading[64];

    snprintf(heading, sizeof(heading), "-- version %u\n", version);
    append(&result->log, heading);
    append(&result->log, o->log);
    result->ms += o->ms;
    if (result->versions != 0 && badness(status) <= badness(result->status)) {
        result->versions |= KIT_V(version);
        return;
    }
    result->versions |= KIT_V(version);
    result->status = status;
    result->blocked = o->verdict == 'B';
    set(&result->expected, o->verdict == 'F' || o->verdict == 'X' ? o->expected : "");
    set(&result->got, status == KIT_NOT_APPLICABLE || result->blocked ? "" : o->got);
    set(&result->detail, o->verdict == 'P' ? "" : o->got);
    if (status == KIT_FAIL) {
        snprintf(heading, sizeof(heading), " (CARD_DATA version %u)", version);
        append(&result->detail, heading);
    }
}

/* What cannot be made is missed where it is needed; what cannot be removed stays. */
static void aside(const struct runner *k, const char *id, test_fn *task, unsigned seconds)
{
    static const struct section none = { .number = "", .function = "" };
    const struct requirement row = { .id = id, .words = "" };
    struct kit_config quick = *k->config;
    struct outcome o;

    if (quick.limit_seconds > seconds)
        quick.limit_seconds = seconds;
    if (child_run(&quick, &none, &row, task, k->newest, &o))
        outcome_clear(&o);
}

/* A test may find late that it does not apply: when it has changed what others need. */
static bool has_changed(const char *log)
{
    static const char *const calls[] = { "CardChangeAuthenticator(", "CardUnblockPin(",
                                         "CardCreate" };

    for (size_t i = 0; log != NULL && i < sizeof(calls) / sizeof(calls[0]); i++)
        if (strstr(log, calls[i]) != NULL)
            return true;
    return false;
}

static void run_version(const struct runner *k, struct kit_result *result, unsigned version)
{
    const struct requirement *row = result->requirement;
    struct outcome o;

    if (!child_run(k->config, result->section, row, row->test, version, &o)) {
        set(&result->detail, "no memory or process for this test");
        result->status = KIT_FAIL;
        result->blocked = true;
        return;
    }
    take(result, &o, version);
    if (status_of(o.verdict) == KIT_FAIL ||
        (status_of(o.verdict) == KIT_NOT_APPLICABLE && has_changed(o.log)))
        aside(k, "mend", fixture_mend, MEND_SECONDS);
    outcome_clear(&o);
}

static void run_row(const struct runner *k, struct kit_result *result)
{
    const struct requirement *row = result->requirement;
    unsigned versions = row->versions != 0 ? row->versions : KIT_V(5);

    if (row->test == NULL) {
        result->status = KIT_INSPECTED;
        set(&result->detail, row->words);
        return;
    }
    if (row->versions == 0 && k->newest < 5)
        versions = KIT_V(k->newest);
    for (unsigned v = VERSION_LEAST; v <= VERSION_MOST; v++)
        if ((versions & KIT_V(v)) != 0 && v >= k->config->least_version && v <= k->newest)
            run_version(k, result, v);
    if (result->versions == 0 && result->status != KIT_FAIL) {
        result->status = KIT_NOT_APPLICABLE;
        set(&result->detail, "the module has none of the CARD_DATA versions this is about");
    }
}

/* ---- before and after ---------------------------------------------------------------------------- */

/* The module loads, the readers are there, the card is one of its own. Tells the newest version. */
static void probe(struct run *r)
{
    char newest[16];
    struct bench b;

    for (unsigned n = 0; n < KIT_CARDS_MAX && r->config->readers[n] != NULL; n++) {
        bench_connect(r, &b, n);
        if (ACQUIRE(&b, &b.data, 0) == SCARD_E_UNKNOWN_CARD)
            run_blocked(r, "the module does not know the card in \"%s\"", b.reader);
        snprintf(newest, sizeof(newest), "%u", (unsigned)b.data.dwVersion);
        run_say(r, 'V', newest);
    } /* not closed: a CardDeleteContext that crashes fails its own rows, and these shall be run */
}

static bool look(struct runner *k, char says[256])
{
    static const struct section none = { .number = "", .function = "" };
    static const struct requirement probing = { .id = "probe", .words = "" };
    struct outcome o;
    bool ok;

    if (!child_run(k->config, &none, &probing, probe, k->config->newest_version, &o)) {
        snprintf(says, 256, "no process can be started");
        return false;
    }
    ok = o.verdict == 'P';
    if (!ok)
        snprintf(says, 256, "%s", o.got);
    k->newest = o.newest >= VERSION_LEAST && o.newest <= k->config->newest_version
                    ? o.newest
                    : k->config->newest_version;
    outcome_clear(&o);
    return ok;
}

static bool begin(struct runner *k, const struct kit_options *o, char says[256])
{
    for (size_t i = 0; i < o->only_count; i++)
        if (!finds_one(o->only[i])) {
            snprintf(says, 256, "no requirement is called or begins with \"%.80s\"", o->only[i]);
            return false;
        }
    if (k->config->module == NULL || access(k->config->module, R_OK) != 0) {
        snprintf(says, 256, "no module at %.200s",
                 k->config->module != NULL ? k->config->module : "(none named)");
        return false;
    }
    if (k->config->readers[0] == NULL) {
        snprintf(says, 256, "no reader is named");
        return false;
    }
    return look(k, says);
}

bool kit_run(const struct kit_config *config, const struct kit_options *options,
             struct kit_result **ret_results, size_t *ret_count, char says[256])
{
    struct runner k = { config, config->newest_version };
    size_t count = select_rows(options, NULL);
    struct kit_result *results;

    if (!begin(&k, options, says))
        return false;
    results = calloc(count != 0 ? count : 1, sizeof(*results));
    if (results == NULL) {
        snprintf(says, 256, "no memory");
        return false;
    }
    select_rows(options, results);
    aside(&k, "prepare", fixture_make, config->limit_seconds);
    for (size_t i = 0; i < count; i++) {
        char **const fields[] = { &results[i].expected, &results[i].got, &results[i].detail,
                                  &results[i].log };

        for (size_t f = 0; f < ARRAY(fields); f++)
            set(fields[f], "");
        run_row(&k, &results[i]);
        if (options->progress != NULL)
            options->progress(options->context, &results[i], (unsigned)i + 1, (unsigned)count);
    }
    if (!config->keep_fixture)
        aside(&k, "remove", fixture_remove, MEND_SECONDS);
    *ret_results = results;
    *ret_count = count;
    return true;
}

void kit_results_free(struct kit_result *results, size_t count)
{
    for (size_t i = 0; results != NULL && i < count; i++) {
        free(results[i].expected);
        free(results[i].got);
        free(results[i].detail);
        free(results[i].log);
    }
    free(results);
}

struct kit_summary kit_summarise(const struct kit_result *results, size_t count)
{
    struct kit_summary summary = { .total = (unsigned)count };

    for (size_t i = 0; i < count; i++)
        summary.by_status[results[i].status]++;
    return summary;
}
