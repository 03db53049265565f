/* SPDX-License-Identifier: MIT */
/* junit.xml, as build servers read it: a section is a suite, a requirement a case. Blocked is an
 * error there, not applicable and inspected are skipped. */
#include "kit/report.h"

#include "kit/closed_tool.h"
#include "kit/report/text.h"

#include <errno.h>

struct counts {
    unsigned tests, failures, errors, skipped;
    double ms;
};

static struct counts count_all(const struct kit_result *results, size_t count)
{
    struct counts c = { .tests = (unsigned)count };

    for (size_t i = 0; i < count; i++) {
        const struct kit_result *r = &results[i];

        c.errors += r->status == KIT_FAIL && r->blocked;
        c.failures += r->status == KIT_FAIL && !r->blocked;
        c.skipped += r->status == KIT_NOT_APPLICABLE || r->status == KIT_INSPECTED;
        c.ms += r->ms;
    }
    return c;
}

static void put_attribute(FILE *to, const char *name, const char *value)
{
    fprintf(to, " %s=\"", name);
    put_markup(to, value);
    fputc('"', to);
}

static void put_counts(FILE *to, struct counts c)
{
    fprintf(to, " tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\" time=\"%.3f\">\n",
            c.tests, c.failures, c.errors, c.skipped, c.ms / 1000);
}

static void put_failure(FILE *to, const struct kit_result *r)
{
    const char *element = r->blocked ? "error" : "failure";

    fprintf(to, "      <%s", element);
    put_attribute(to, "type", status_word(r));
    put_attribute(to, "message", r->detail);
    fputs(">expected: ", to);
    put_markup(to, r->expected);
    fputs("\ngot: ", to);
    put_markup(to, r->got);
    fprintf(to, "\nthe closed tool would say: %s</%s>\n", closed_tool_verdict(r), element);
}

static void put_case(FILE *to, const struct kit_result *r)
{
    const char *function = r->section->function;
    char class[160];

    snprintf(class, sizeof(class), "%s.%s", function[0] != '\0' ? function : "general",
             kit_kind_name(r->section->kind));
    fputs("    <testcase", to);
    put_attribute(to, "classname", class);
    put_attribute(to, "name", r->requirement->id);
    fprintf(to, " time=\"%.3f\">\n", r->ms / 1000);
    if (r->status == KIT_FAIL)
        put_failure(to, r);
    if (r->status == KIT_NOT_APPLICABLE || r->status == KIT_INSPECTED) {
        fputs("      <skipped", to);
        put_attribute(to, "message", r->detail[0] != '\0' ? r->detail : status_word(r));
        fputs("/>\n", to);
    }
    fputs("      <system-out>", to);
    put_markup(to, r->requirement->words);
    fputc('\n', to);
    put_markup(to, r->log);
    fputs("</system-out>\n    </testcase>\n", to);
}

bool report_junit(FILE *to, const struct kit_about *about, const struct kit_result *results,
                  size_t count)
{
    size_t n;

    errno = 0;
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites", to);
    put_attribute(to, "name", about->module != NULL ? about->module : "module");
    put_counts(to, count_all(results, count));
    for (size_t i = 0; i < count; i += n) {
        char title[128];

        n = same_section(results, count, i);
        section_title(results[i].section, title);
        fputs("  <testsuite", to);
        put_attribute(to, "name", title);
        if (about->started != NULL)
            put_attribute(to, "timestamp", about->started);
        put_counts(to, count_all(results + i, n));
        for (size_t k = i; k < i + n; k++)
            put_case(to, &results[k]);
        fputs("  </testsuite>\n", to);
    }
    fputs("</testsuites>\n", to);
    return fflush(to) == 0 && ferror(to) == 0;
}
