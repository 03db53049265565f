/* SPDX-License-Identifier: MIT */
/* newcard NAME [--insert]: a blank card in $CARDMINT_HOME, as from the factory. */
#include "softcard/home.h"

#include <stdio.h>
#include <string.h>

static int fail(const char *what, enum softcard_result result)
{
    fprintf(stderr, "newcard: %s: %s\n", what, softcard_says(result));
    return 1;
}

int main(int argc, char **argv)
{
    bool insert = argc == 3 && strcmp(argv[2], "--insert") == 0;
    char path[HOME_PATH_MAX];
    enum softcard_result result;

    if (argc < 2 || (argc > 2 && !insert) || argc > 3 || !home_name_ok(argv[1])) {
        fprintf(stderr, "usage: newcard NAME [--insert]\n");
        return 2;
    }
    result = home_make();
    if (result != SOFTCARD_OK || !home_image_path(argv[1], path))
        return fail("the home", result);
    result = softcard_create(path, NULL);
    if (result != SOFTCARD_OK)
        return fail(path, result);
    if (insert)
        result = home_insert(argv[1]);
    if (result != SOFTCARD_OK)
        return fail("insert", result);
    return 0;
}
