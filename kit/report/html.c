/* SPDX-License-Identifier: MIT */
/* report.html: one file that needs no other, and no script to be read. */
#include "kit/report.h"

#include "kit/closed_tool.h"
#include "kit/report/page.h"
#include "kit/report/text.h"

#include <errno.h>
#include <string.h>

/* What is counted and coloured: the statuses, and blocked apart from fail. */
static const char *const states[] = { "pass", "fail", "blocked", "not-applicable", "inspected" };
#define STATES (sizeof(states) / sizeof(states[0]))

static void count_states(const struct kit_result *results, size_t count, unsigned counts[STATES])
{
    memset(counts, 0, STATES * sizeof(counts[0]));
    for (size_t i = 0; i < count; i++)
        for (size_t s = 0; s < STATES; s++)
            counts[s] += strcmp(status_word(&results[i]), states[s]) == 0;
}

/* A pair of a list; nothing where there is nothing to say. */
static void put_pair(FILE *to, const char *name, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    fprintf(to, "<dt>%s</dt><dd>", name);
    put_markup(to, text);
    fputs("</dd>\n", to);
}

static void put_about(FILE *to, const struct kit_about *about)
{
    char seconds[32];

    snprintf(seconds, sizeof(seconds), "%.1f s", about->ms / 1000);
    fputs("<dl>\n", to);
    put_pair(to, "Module", about->module);
    put_pair(to, "Reader", about->reader);
    put_pair(to, "Started", about->started);
    put_pair(to, "Took", seconds);
    put_pair(to, "cardmint", about->version);
    fputs("</dl>\n", to);
}

static void put_summary(FILE *to, const struct kit_result *results, size_t count)
{
    unsigned counts[STATES], failing;

    count_states(results, count, counts);
    failing = counts[1] + counts[2];
    fputs("<h1>Minidriver certification</h1>\n<p class=\"verdict\">", to);
    if (count == 0)
        fputs("Nothing was run.", to);
    else if (failing == 0)
        fprintf(to, "None of %zu requirements fails.", count);
    else
        fprintf(to, "%u of %zu requirements %s.", failing, count, failing == 1 ? "fails" : "fail");
    fputs("</p>\n", to);
    if (count != 0) {
        fputs("<div class=\"bar\" aria-hidden=\"true\">", to);
        for (size_t s = 0; s < STATES; s++)
            if (counts[s] != 0)
                fprintf(to, "<i class=\"%s\" style=\"flex: %u 0 0\"></i>", states[s], counts[s]);
        fputs("</div>\n", to);
    }
    fputs("<ul class=\"counts\">\n", to);
    for (size_t s = 0; s < STATES; s++)
        fprintf(to, "<li class=\"%s\"><b>%u</b> %s</li>\n", states[s], counts[s],
                strcmp(states[s], "not-applicable") == 0 ? "not applicable" : states[s]);
    fputs("</ul>\n", to);
}

static void put_details(FILE *to, const struct kit_result *r)
{
    char list[32], name[64], tool[128] = "none sees to it";

    version_list(r->versions, list);
    closed_tool_name(r->requirement, name);
    if (name[0] != '\0')
        snprintf(tool, sizeof(tool), "%s: %s", name, closed_tool_verdict(r));
    fputs("<div class=\"more\">\n<dl>\n", to);
    put_pair(to, "Expected", r->expected);
    put_pair(to, r->status == KIT_PASS ? "Seen" : "Got", r->got);
    put_pair(to, "Why", strcmp(r->detail, r->got) != 0 ? r->detail : "");
    put_pair(to, "Versions", list);
    put_pair(to, "Closed tool", tool);
    put_pair(to, "Optional", r->requirement->optional ? "yes" : "");
    fputs("</dl>\n", to);
    if (r->log[0] != '\0') {
        fputs("<pre>", to);
        put_markup(to, r->log);
        fputs("</pre>\n", to);
    }
    fputs("</div>\n", to);
}

static void put_row(FILE *to, const struct kit_result *r)
{
    const char *state = status_word(r);

    fprintf(to, "<details class=\"%s\" id=\"", state);
    put_markup(to, r->requirement->id);
    fprintf(to, "\"%s><summary><span class=\"state\">%s</span><code>",
            r->status == KIT_FAIL ? " open" : "", state);
    put_markup(to, r->requirement->id);
    fputs("</code><span class=\"words\">", to);
    put_markup(to, r->requirement->words);
    fputs("</span>", to);
    if (r->versions != 0)
        fprintf(to, "<span class=\"ms\">%.0f ms</span>", r->ms);
    fputs("</summary>\n", to);
    put_details(to, r);
    fputs("</details>\n", to);
}

static void put_sections(FILE *to, const struct kit_result *results, size_t count)
{
    size_t n;

    for (size_t i = 0; i < count; i += n) {
        const struct section *s = results[i].section;

        n = same_section(results, count, i);
        fputs("<section>\n<h2>", to);
        put_markup(to, s->function[0] != '\0' ? s->function : "Chapter");
        fputc(' ', to);
        put_markup(to, s->number);
        fprintf(to, " <small>%s</small></h2>\n", kit_kind_name(s->kind));
        for (size_t k = i; k < i + n; k++)
            put_row(to, &results[k]);
        fputs("</section>\n", to);
    }
}

bool report_html(FILE *to, const struct kit_about *about, const struct kit_result *results,
                 size_t count)
{
    errno = 0;
    fputs(page_head, to);
    put_markup(to, about->module != NULL ? about->module : "module");
    fputs(": minidriver certification", to);
    fputs(page_style, to);
    put_summary(to, results, count);
    put_about(to, about);
    fputs(page_controls, to);
    put_sections(to, results, count);
    fputs(page_end, to);
    return fflush(to) == 0 && ferror(to) == 0;
}
