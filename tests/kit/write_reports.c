/* SPDX-License-Identifier: MIT */
/* write_reports FOLDER: the four reports of results that are made up, for reports.py to look at.
 * What a module could say to harm its reader stands in every text. */
#include "kit/report.h"

#include <stdlib.h>
#include <string.h>

#define NASTY \
    "\033[31mred\033]0;title\a \"quoted\" 'single' <script>alert(1)</script> &amp; ]]> " \
    "\xff\xfe \xc3 \xed\xa0\x80 \xf4\x90\x80\x80 \xc2\x9b" "31m \x7f \xe2\x80\xae" "txt.exe " \
    "\xef\xbf\xbe \xe4\xb8\xad\xe6\x96\x87 \xf0\x9f\x94\x91 end"

static char text[] = NASTY;
static char lines[] = "-- version 5\nCardReadFile(\"" NASTY "\") -> success, 0.10 ms\n\n\tlast";
static char nothing[] = "";
static char invalid[] = "SCARD_E_INVALID_PARAMETER (80100004)";
static char no_file[] = "SCARD_E_FILE_NOT_FOUND (80100024), given pCardData NULL";
static char success[] = "success (00000000), given pCardData NULL";
static char no_name[] = "8010FFFF from CALL(&b, ReadFile)";
static char reason[] = "the card has no elliptic curves";

static const struct requirement rows[] = {
    { .id = "CMR.3.4.3.1", .words = "The whole file is read" },
    { .id = "CMR.3.4.3.2", .words = NASTY, .optional = true },
    { .id = "CMR.3.4.3.E1", .words = "pCardData NULL" },
    { .id = "CMR.3.4.3.E2", .words = "no name" },
    { .id = "CMR.3.4.3.E3", .words = "empty name" },
    { .id = "CMR.1.0.2", .words = "No Trojans: read the source" },
    { .id = "CMR.4.3.2.1", .words = "A secret is agreed on" },
};
static const struct section sections[] = {
    { "2.3.4.3.1", "CardReadFile", KIT_FUNCTIONAL, NULL, &rows[0], 2 },
    { "2.3.4.3.3", "CardReadFile", KIT_ERROR, NULL, &rows[2], 3 },
    { "2.1", "", KIT_GENERAL, NULL, &rows[5], 1 },
    { "2.4.3.2.1", "CardConstructDHAgreement", KIT_FUNCTIONAL, NULL, &rows[6], 1 },
};

#define RESULT(s, r, st, bl, v, e, g, d, l, t) { &sections[s], &rows[r], st, bl, v, e, g, d, l, t }
static const struct kit_result results[] = {
    RESULT(0, 0, KIT_PASS, false, KIT_V(4) | KIT_V(5), nothing, text, nothing, lines, 1.5),
    RESULT(0, 1, KIT_FAIL, true, KIT_V(5), text, text, text, lines, 2000.25),
    RESULT(1, 2, KIT_FAIL, false, KIT_V(5), invalid, no_file, no_file, nothing, 3),
    RESULT(1, 3, KIT_FAIL, false, KIT_V(5), invalid, success, success, nothing, 4),
    RESULT(1, 4, KIT_FAIL, false, KIT_V(7), invalid, no_name, no_name, nothing, 5),
    RESULT(2, 5, KIT_INSPECTED, false, 0, nothing, nothing, reason, nothing, 0),
    RESULT(3, 6, KIT_NOT_APPLICABLE, false, KIT_V(5), nothing, nothing, reason, nothing, 6),
};
#define COUNT (sizeof(results) / sizeof(results[0]))

/* The table of the kit's own rows is what the closed tool's names are found by: not needed here. */
typedef bool report_fn(FILE *to, const struct kit_about *about, const struct kit_result *results,
                       size_t count);

static bool plain(FILE *to, const struct kit_about *about, const struct kit_result *all, size_t n)
{
    return report_table(to, about, all, n, false);
}

static bool coloured(FILE *to, const struct kit_about *about, const struct kit_result *all,
                     size_t n)
{
    return report_table(to, about, all, n, true);
}

static bool write_one(const char *dir, const char *name, report_fn *report, bool full)
{
    const struct kit_about about = { .module = full ? text : NULL, .reader = full ? text : NULL,
                                     .version = full ? "1.2.3" : NULL,
                                     .started = full ? "2026-01-02T03:04:05Z" : NULL,
                                     .ms = full ? 12345.6 : 0 };
    char path[1024];
    FILE *to;
    bool ok;

    snprintf(path, sizeof(path), "%s/%s%s", dir, full ? "" : "empty-", name);
    to = fopen(path, "w");
    ok = to != NULL && report(to, &about, results, full ? COUNT : 0);
    if (to != NULL)
        ok = fclose(to) == 0 && ok;
    return ok;
}

/* A disk that is full is told. */
static bool tells_errors(report_fn *report)
{
    const struct kit_about about = { .module = text };
    FILE *to = fopen("/dev/full", "w");
    bool ok = to != NULL && !report(to, &about, results, COUNT);

    if (to != NULL)
        (void)fclose(to);
    return ok;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        report_fn *report;
    } all[] = {
        { "table.txt", plain },          { "colour.txt", coloured },   { "report.json", report_json },
        { "junit.xml", report_junit },   { "report.html", report_html },
    };

    if (argc != 2)
        return 2;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (!write_one(argv[1], all[i].name, all[i].report, true) ||
            !write_one(argv[1], all[i].name, all[i].report, false) ||
            !tells_errors(all[i].report)) {
            fprintf(stderr, "%s failed\n", all[i].name);
            return 1;
        }
    return 0;
}
