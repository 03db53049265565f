/* SPDX-License-Identifier: MIT */
/* For a terminal, or a file to grep: every requirement a line, those that fail once more at the
 * end. */
#include "kit/report.h"

#include "kit/closed_tool.h"
#include "kit/report/text.h"

#include <errno.h>
#include <string.h>

struct table {
    FILE *to;
    bool colour;
};

static const char *tint(const struct table *t, const struct kit_result *result)
{
    static const char *const of[] = { [KIT_PASS] = "\033[32m", [KIT_FAIL] = "\033[1;31m",
                                      [KIT_NOT_APPLICABLE] = "\033[33m",
                                      [KIT_INSPECTED] = "\033[36m" };

    return t->colour ? of[result->status] : "";
}

static const char *plain(const struct table *t)
{
    return t->colour ? "\033[0m" : "";
}

static const char *label(const struct kit_result *result)
{
    static const char *const of[] = { [KIT_PASS] = "pass", [KIT_FAIL] = "FAIL",
                                      [KIT_NOT_APPLICABLE] = "n/a", [KIT_INSPECTED] = "inspect" };

    return result->status == KIT_FAIL && result->blocked ? "BLOCKED" : of[result->status];
}

/* A line of its own below the requirement; nothing where there is nothing to say. */
static void put_field(const struct table *t, const char *name, const char *text)
{
    if (text[0] == '\0')
        return;
    fprintf(t->to, "           %-9s ", name);
    put_line(t->to, text);
    fputc('\n', t->to);
}

static void put_row(const struct table *t, const struct kit_result *result)
{
    fprintf(t->to, "  %s%-7s%s  %-16s ", tint(t, result), label(result), plain(t),
            result->requirement->id);
    put_line(t->to, result->requirement->words);
    if (result->status == KIT_PASS || result->status == KIT_FAIL)
        fprintf(t->to, "  (%.0f ms)", result->ms);
    fputc('\n', t->to);
}

static void put_failure(const struct table *t, const struct kit_result *result)
{
    char name[64], told[128];

    put_row(t, result);
    put_field(t, "expected", result->expected);
    put_field(t, "got", result->got);
    if (strcmp(result->detail, result->got) != 0)
        put_field(t, "why", result->detail);
    closed_tool_name(result->requirement, name);
    snprintf(told, sizeof(told), "%s: %s", name, closed_tool_verdict(result));
    put_field(t, "cmck", name[0] != '\0' ? told : "");
}

static void put_about(const struct table *t, const struct kit_about *about)
{
    const struct {
        const char *name, *text;
    } facts[] = {
        { "cardmint", about->version },
        { "module", about->module },
        { "reader", about->reader },
        { "started", about->started },
    };

    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
        if (facts[i].text == NULL)
            continue;
        fprintf(t->to, "%-9s ", facts[i].name);
        put_line(t->to, facts[i].text);
        fputc('\n', t->to);
    }
}

static void put_all(const struct table *t, const struct kit_result *results, size_t count)
{
    const struct section *section = NULL;
    char title[128];

    for (size_t i = 0; i < count; i++) {
        if (results[i].section != section) {
            section = results[i].section;
            section_title(section, title);
            fprintf(t->to, "\n%s\n", title);
        }
        put_row(t, &results[i]);
        if (results[i].status == KIT_NOT_APPLICABLE)
            put_field(t, "because", results[i].detail);
    }
}

static void put_failures(const struct table *t, const struct kit_result *results, size_t count)
{
    bool any = false;

    for (size_t i = 0; i < count; i++) {
        if (results[i].status != KIT_FAIL)
            continue;
        if (!any)
            fputs("\nThese fail:\n", t->to);
        any = true;
        put_failure(t, &results[i]);
    }
}

static void put_summary(const struct table *t, const struct kit_about *about,
                        const struct kit_result *results, size_t count)
{
    struct kit_summary s = kit_summarise(results, count);
    unsigned blocked = 0;

    for (size_t i = 0; i < count; i++)
        blocked += results[i].status == KIT_FAIL && results[i].blocked;
    fprintf(t->to, "\n%u requirements: %u pass, %u fail", s.total, s.by_status[KIT_PASS],
            s.by_status[KIT_FAIL]);
    if (blocked != 0)
        fprintf(t->to, " (%u blocked)", blocked);
    fprintf(t->to, ", %u not applicable, %u to be inspected; %.1f s\n",
            s.by_status[KIT_NOT_APPLICABLE], s.by_status[KIT_INSPECTED], about->ms / 1000);
}

bool report_table(FILE *to, const struct kit_about *about, const struct kit_result *results,
                  size_t count, bool colour)
{
    const struct table t = { to, colour };

    errno = 0;
    put_about(&t, about);
    put_all(&t, results, count);
    put_failures(&t, results, count);
    put_summary(&t, about, results, count);
    return fflush(to) == 0 && ferror(to) == 0;
}
