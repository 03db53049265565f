/* SPDX-License-Identifier: MIT */
/* report.json: { "about": {...}, "summary": {...}, "results": [ {...} ... ] } */
#include "kit/report.h"

#include "kit/closed_tool.h"
#include "kit/report/text.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

static void add_text(struct json_object *to, const char *name, const char *text)
{
    char *clean = text != NULL ? clean_copy(text) : NULL;

    json_object_object_add(to, name, clean != NULL ? json_object_new_string(clean) : NULL);
    free(clean);
}

/* Milliseconds: three decimals say all there is. */
static void add_ms(struct json_object *to, double ms)
{
    char digits[32];

    snprintf(digits, sizeof(digits), "%.3f", ms);
    json_object_object_add(to, "ms", json_object_new_double_s(ms, digits));
}

static struct json_object *versions(unsigned set)
{
    struct json_object *list = json_object_new_array();

    for (int v = 0; v < 10; v++)
        if ((set & KIT_V(v)) != 0)
            json_object_array_add(list, json_object_new_int(v));
    return list;
}

/* The log as a list of lines. */
static struct json_object *lines(const char *text)
{
    struct json_object *list = json_object_new_array();
    char *clean = clean_copy(text);

    for (char *at = clean; at != NULL && *at != '\0';) {
        size_t len = strcspn(at, "\n");

        json_object_array_add(list, json_object_new_string_len(at, (int)len));
        at += len + (at[len] == '\n');
    }
    free(clean);
    return list;
}

static struct json_object *closed_tool(const struct kit_result *result)
{
    char name[64];
    struct json_object *tool;

    closed_tool_name(result->requirement, name);
    if (name[0] == '\0')
        return NULL;
    tool = json_object_new_object();
    add_text(tool, "test", name);
    add_text(tool, "verdict", closed_tool_verdict(result));
    return tool;
}

static struct json_object *one(const struct kit_result *result)
{
    const struct requirement *row = result->requirement;
    struct json_object *o = json_object_new_object();

    add_text(o, "id", row->id);
    add_text(o, "section", result->section->number);
    add_text(o, "function", result->section->function);
    add_text(o, "kind", kit_kind_name(result->section->kind));
    add_text(o, "words", row->words);
    json_object_object_add(o, "optional", json_object_new_boolean(row->optional));
    add_text(o, "status", kit_status_name(result->status));
    json_object_object_add(o, "blocked", json_object_new_boolean(result->blocked));
    add_text(o, "expected", result->expected);
    add_text(o, "got", result->got);
    add_text(o, "detail", result->detail);
    add_ms(o, result->ms);
    json_object_object_add(o, "versions", versions(result->versions));
    json_object_object_add(o, "closed_tool", closed_tool(result));
    json_object_object_add(o, "log", lines(result->log));
    return o;
}

static struct json_object *about_object(const struct kit_about *about)
{
    struct json_object *o = json_object_new_object();

    add_text(o, "version", about->version);
    add_text(o, "module", about->module);
    add_text(o, "reader", about->reader);
    add_text(o, "started", about->started);
    add_ms(o, about->ms);
    return o;
}

static struct json_object *summary(const struct kit_result *results, size_t count)
{
    struct kit_summary s = kit_summarise(results, count);
    struct json_object *o = json_object_new_object();

    json_object_object_add(o, "total", json_object_new_int((int)s.total));
    for (enum kit_status status = KIT_PASS; status <= KIT_INSPECTED; status++)
        json_object_object_add(o, kit_status_name(status),
                               json_object_new_int((int)s.by_status[status]));
    return o;
}

bool report_json(FILE *to, const struct kit_about *about, const struct kit_result *results,
                 size_t count)
{
    struct json_object *all = json_object_new_object(), *list = json_object_new_array();
    const char *text;

    json_object_object_add(all, "about", about_object(about));
    json_object_object_add(all, "summary", summary(results, count));
    for (size_t i = 0; i < count; i++)
        json_object_array_add(list, one(&results[i]));
    json_object_object_add(all, "results", list);
    text = json_object_to_json_string_ext(all, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
                                                   JSON_C_TO_STRING_NOSLASHESCAPE);
    errno = 0;
    if (text != NULL)
        fprintf(to, "%s\n", text);
    else
        errno = ENOMEM;
    json_object_put(all);
    return text != NULL && fflush(to) == 0 && ferror(to) == 0;
}
