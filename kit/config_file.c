/* SPDX-License-Identifier: MIT */
/* The configuration from a file: lines of "name = value", or the closed tool's XML. */
#include "kit/config.h"

#include "base/settings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct taking {
    struct kit_config *config;
    char why[256];
};

static bool take(void *context, const char *name, const char *value)
{
    struct taking *t = context;

    return kit_config_set(t->config, name, value, t->why);
}

static bool read_text(struct kit_config *config, FILE *file, const char *path, char says[256])
{
    struct taking t = { .config = config };
    unsigned line;
    enum settings_end end = settings_read(file, take, &t, &line);

    if (end != SETTINGS_ALL)
        return kit_config_wrong(says, "%.100s, line %u: %.130s", path, line,
                                end == SETTINGS_REFUSED ? t.why : settings_says(end));
    if (!kit_config_check(config, t.why))
        return kit_config_wrong(says, "%.100s: %.130s", path, t.why);
    return true;
}

bool kit_config_read(struct kit_config *config, const char *path, char says[256])
{
    FILE *file = fopen(path, "re");
    bool ok;

    if (file == NULL)
        return kit_config_wrong(says, "%.180s cannot be read: %s", path, strerror(errno));
    ok = read_text(config, file, path, says);
    (void)fclose(file);
    return ok;
}

bool kit_config_load(struct kit_config *config, const char *path, char says[256])
{
    FILE *file = fopen(path, "re");
    int first = file != NULL ? getc(file) : EOF;

    if (file != NULL)
        (void)fclose(file);
    /* < or the byte order mark of UTF-8 or UTF-16, which text has none of */
    if (first == '<' || first == 0xEF || first >= 0xFE)
        return kit_config_read_xml(config, path, says);
    return kit_config_read(config, path, says);
}
