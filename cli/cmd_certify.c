/* SPDX-License-Identifier: MIT */
/* certify, exec: every requirement of the certification document, against any module. */
#include "cli/certify.h"

#include "kit/closed_tool.h"
#include "kit/report.h"
#include "kit/report/text.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ---- what is to be run -------------------------------------------------------------------------- */

struct selection {
    const char *ids[ONLY_MAX + CERTIFY_IDS_MAX]; /* of --only, and the words behind */
    struct kit_options options;
};

/* The nth requirement of all that are selected, with its section; NULL: there are no more. */
static const struct requirement *selected(const struct kit_options *o, size_t n,
                                          const struct section **ret)
{
    const struct section *section;

    for (size_t s = 0; (section = kit_section(s)) != NULL; s++)
        for (size_t i = 0; i < section->count; i++)
            if (kit_selects(o, section->rows[i].id) && n-- == 0) {
                *ret = section;
                return &section->rows[i];
            }
    return NULL;
}

static enum exit_code select_ids(const struct cli *cli, struct selection *ret)
{
    size_t count = 0;

    for (int i = 0; i < cli->only_count; i++)
        ret->ids[count++] = cli->only[i];
    for (int i = 0; i < cli->arg_count; i++)
        ret->ids[count++] = cli->args[i];
    for (size_t i = 0; i < count; i++) {
        const struct kit_options one = { .only = &ret->ids[i], .only_count = 1 };
        const struct section *section;

        if (selected(&one, 0, &section) == NULL)
            return fail(EXIT_USAGE, "no requirement's id is %s, or below it; `cardmint certify "
                                    "--list` shows them",
                        ret->ids[i]);
    }
    ret->options.only = ret->ids;
    ret->options.only_count = count;
    return EXIT_OK;
}

/* The names, with commas between: of the tests, or of one's subtests. */
static char *known_names(const char *test)
{
    const struct closed_test *t;
    const char *before = "";
    char *names = NULL;
    size_t len;
    FILE *to = open_memstream(&names, &len);

    if (to == NULL)
        return NULL;
    for (size_t n = 0; (t = closed_tool_test(n)) != NULL; n++) {
        const char *name = test == NULL ? t->name : t->subtest;

        if (test != NULL && strcasecmp(t->name, test) != 0)
            continue;
        if (name != NULL && strcmp(name, before) != 0)
            fprintf(to, "%s%s", before[0] != '\0' ? ", " : "", name);
        before = name != NULL ? name : before;
    }
    (void)fclose(to);
    return names;
}

static enum exit_code unknown_test(const char *test, const char *subtest)
{
    char *names = known_names(subtest != NULL ? test : NULL);
    enum exit_code rc;

    if (subtest == NULL)
        rc = fail(EXIT_USAGE, "there is no test %s; there are %s", test,
                  names != NULL ? names : "others");
    else if (names != NULL && names[0] != '\0')
        rc = fail(EXIT_USAGE, "test %s has no subtest %s; it has %s", test, subtest, names);
    else
        rc = fail(EXIT_USAGE, "test %s has no subtests; leave %s out", test, subtest);
    free(names);
    return rc;
}

static enum exit_code select_test(const struct cli *cli, struct selection *ret)
{
    const char *test = arg(cli, 0), *subtest = arg(cli, 1);
    const struct section *section;

    if (test != NULL && !closed_tool_known(test, NULL))
        return unknown_test(test, NULL);
    if (subtest != NULL && !closed_tool_known(test, subtest))
        return unknown_test(test, subtest);
    ret->options.test = test;
    ret->options.subtest = subtest;
    if (test != NULL && selected(&ret->options, 0, &section) == NULL)
        return fail(EXIT_USAGE, "test %s%s%s has no requirement of its own here", test,
                    subtest != NULL ? " " : "", subtest != NULL ? subtest : "");
    return EXIT_OK;
}

/* ---- --list ------------------------------------------------------------------------------------- */

static struct json_object *listed(const struct section *section, const struct requirement *row)
{
    struct json_object *o = json_object_new_object();
    char tool[64], versions[32];

    closed_tool_name(row, tool);
    version_list(row->versions != 0 ? row->versions : KIT_V(5), versions);
    json_object_object_add(o, "id", json_object_new_string(row->id));
    json_object_object_add(o, "section", json_object_new_string(section->number));
    json_object_object_add(o, "function", json_object_new_string(section->function));
    json_object_object_add(o, "kind", json_object_new_string(kit_kind_name(section->kind)));
    json_object_object_add(o, "words", json_object_new_string(row->words));
    json_object_object_add(o, "optional", json_object_new_boolean(row->optional));
    json_object_object_add(o, "tested", json_object_new_boolean(row->test != NULL));
    json_object_object_add(o, "versions",
                           json_object_new_string(row->test != NULL ? versions : ""));
    json_object_object_add(o, "closed_tool",
                           tool[0] != '\0' ? json_object_new_string(tool) : NULL);
    return o;
}

static enum exit_code list(const struct cli *cli, const struct kit_options *options)
{
    struct json_object *all = given(cli, OPT_JSON) ? json_object_new_array() : NULL;
    const struct section *section;
    const struct requirement *row;

    for (size_t n = 0; (row = selected(options, n, &section)) != NULL; n++) {
        if (all != NULL)
            json_object_array_add(all, listed(section, row));
        else
            printf("%-16s %-12s %-12s %s\n", row->id, section->number,
                   kit_kind_name(section->kind), row->words);
    }
    return all != NULL ? print_json(all) : EXIT_OK;
}

/* ---- the run ------------------------------------------------------------------------------------ */

struct watch {
    struct timespec begin;
    unsigned failing;
};

static double seconds_since(const struct timespec *begin)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - begin->tv_sec) + (double)(now.tv_nsec - begin->tv_nsec) / 1e9;
}

static void show_progress(void *context, const struct kit_result *result, unsigned done,
                          unsigned total)
{
    struct watch *watch = context;

    watch->failing += result->status == KIT_FAIL;
    progress_again("%u of %u, %u failing, %.0f s: %s", done, total, watch->failing,
                   seconds_since(&watch->begin), result->requirement->id);
}

struct outcome {
    struct kit_about about;
    const struct kit_result *results;
    size_t count;
};

static bool table(FILE *to, const struct outcome *o)
{
    return report_table(to, &o->about, o->results, o->count, to == stdout && colour_wanted());
}

static bool json(FILE *to, const struct outcome *o)
{
    return report_json(to, &o->about, o->results, o->count);
}

static bool junit(FILE *to, const struct outcome *o)
{
    return report_junit(to, &o->about, o->results, o->count);
}

static bool html(FILE *to, const struct outcome *o)
{
    return report_html(to, &o->about, o->results, o->count);
}

/* Whole, or not at all. */
static enum exit_code write_report(const char *folder, const char *name,
                                   bool (*report)(FILE *to, const struct outcome *o),
                                   const struct outcome *o)
{
    char path[4096], *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);
    bool ok = to != NULL && report(to, o);
    enum exit_code rc;

    ok = to != NULL && fclose(to) == 0 && ok;
    if (!ok)
        rc = fail(EXIT_FAILED, "%s/%s: out of memory", folder, name);
    else if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
        rc = fail(EXIT_USAGE, "--report: the path is too long");
    else
        rc = write_output(path, 0666, text, len);
    free(text);
    return rc;
}

static enum exit_code write_reports(const struct cli *cli, const struct outcome *o)
{
    const char *folder = cli->value[OPT_REPORT];
    enum exit_code rc;

    if (folder == NULL)
        return EXIT_OK;
    rc = write_report(folder, "report.json", json, o);
    if (rc == EXIT_OK)
        rc = write_report(folder, "junit.xml", junit, o);
    if (rc == EXIT_OK)
        rc = write_report(folder, "report.html", html, o);
    return rc;
}

static enum exit_code tell(const struct cli *cli, const struct outcome *o)
{
    bool ok = given(cli, OPT_JSON) ? json(stdout, o) : table(stdout, o);

    if (!ok)
        return fail(EXIT_FAILED, "cannot write to standard output: %s", strerror(errno));
    return kit_summarise(o->results, o->count).by_status[KIT_FAIL] != 0 ? EXIT_FAILED : EXIT_OK;
}

/* What the worker needs beside the command line. */
static struct selection selection;

static enum exit_code run(const struct cli *cli, const struct certify_cards *cards)
{
    struct watch watch = { .failing = 0 };
    struct kit_options options = selection.options;
    struct kit_result *results = NULL;
    struct outcome o = { .about = { .module = cards->config.module, .version = CARDMINT_VERSION } };
    char readers[300], started[32], why[256];
    time_t now = time(NULL);
    struct tm utc;
    enum exit_code rc, written;

    clock_gettime(CLOCK_MONOTONIC, &watch.begin);
    options.progress = show_progress;
    options.context = &watch;
    progress_again("preparing the cards");
    if (!kit_run(&cards->config, &options, &results, &o.count, why))
        return fail(EXIT_MODULE, "%s", why);
    progress_done();
    snprintf(readers, sizeof readers, "%.140s%s%.140s", cards->config.readers[0],
             cards->config.readers[1] != NULL ? "; " : "",
             cards->config.readers[1] != NULL ? cards->config.readers[1] : "");
    strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    o.about.reader = readers;
    o.about.started = started;
    o.about.ms = 1000 * seconds_since(&watch.begin);
    o.results = results;
    written = write_reports(cli, &o);
    rc = tell(cli, &o);
    kit_results_free(results, o.count);
    return written != EXIT_OK ? written : rc;
}

/* With those above it. */
static bool make_folder(const char *folder)
{
    char path[4096];

    if (snprintf(path, sizeof path, "%s", folder) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return false;
    }
    for (char *at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        *at = '\0';
        (void)mkdir(path, 0777); /* the last one tells */
        *at = '/';
    }
    return mkdir(path, 0777) == 0 || errno == EEXIST;
}

/* Before anything is done: a run takes a minute, and must not be in vain. */
static enum exit_code check_folder(const struct cli *cli)
{
    const char *folder = cli->value[OPT_REPORT];
    struct stat status;

    if (folder == NULL)
        return EXIT_OK;
    if (folder[0] == '\0' || !make_folder(folder))
        return fail(EXIT_FAILED, "--report %s: %s", folder,
                    folder[0] == '\0' ? "name a folder" : strerror(errno));
    if (stat(folder, &status) != 0 || !S_ISDIR(status.st_mode))
        return fail(EXIT_FAILED, "--report %s: not a folder", folder);
    if (access(folder, W_OK) != 0)
        return fail(EXIT_FAILED, "--report %s: %s", folder, strerror(errno));
    return EXIT_OK;
}

static enum exit_code certify(const struct cli *cli)
{
    struct certify_cards cards;
    enum exit_code rc;

    if (given(cli, OPT_LIST))
        return list(cli, &selection.options);
    rc = certify_cards_choose(cli, &cards);
    if (rc != EXIT_OK)
        return rc;
    rc = check_folder(cli);
    if (rc == EXIT_OK)
        rc = certify_cards_use(cli, &cards, run);
    certify_cards_clear(&cards);
    return rc;
}

enum exit_code cmd_certify(const struct cli *cli)
{
    enum exit_code rc = select_ids(cli, &selection);

    return rc == EXIT_OK ? certify(cli) : rc;
}

enum exit_code cmd_exec(const struct cli *cli)
{
    enum exit_code rc = select_test(cli, &selection);

    return rc == EXIT_OK ? certify(cli) : rc;
}
