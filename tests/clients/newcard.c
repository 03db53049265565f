/* SPDX-License-Identifier: MIT */
/* newcard NAME [--insert] [--piv]: a blank card in $CARDMINT_HOME, as from the factory. */
#include "softcard/home.h"

#include <stdio.h>
#include <string.h>

static int fail(const char *what, enum softcard_result result)
{
    fprintf(stderr, "newcard: %s: %s\n", what, softcard_says(result));
    return 1;
}

static bool parse(int argc, char **argv, struct softcard_options *options, bool *insert)
{
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--insert") == 0)
            *insert = true;
        else if (strcmp(argv[i], "--piv") == 0)
            options->applications = SOFTCARD_PIV;
        else
            return false;
    }
    return argc >= 2 && home_name_ok(argv[1]);
}

int main(int argc, char **argv)
{
    struct softcard_options options = { 0 };
    bool insert = false;
    char path[HOME_PATH_MAX];
    enum softcard_result result;

    if (!parse(argc, argv, &options, &insert)) {
        fprintf(stderr, "usage: newcard NAME [--insert] [--piv]\n");
        return 2;
    }
    result = home_make();
    if (result != SOFTCARD_OK || !home_image_path(argv[1], path))
        return fail("the home", result);
    result = softcard_create(path, &options);
    if (result != SOFTCARD_OK)
        return fail(path, result);
    if (insert)
        result = home_insert(argv[1]);
    if (result != SOFTCARD_OK)
        return fail("insert", result);
    return 0;
}
