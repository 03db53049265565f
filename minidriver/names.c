/* SPDX-License-Identifier: MIT */
#include "minidriver/names.h"

#include <string.h>

bool name_given(const char *name)
{
    return name != NULL && name[0] != '\0';
}

bool name_length_ok(const char *name)
{
    size_t len = 0;

    while (len < EDGE_NAME_MAX && name[len] != '\0')
        len++;
    return len >= 1 && len < EDGE_NAME_MAX;
}

bool dir_length_ok(const char *dir)
{
    return dir == NULL || name_length_ok(dir);
}

bool name_chars_ok(const char *name)
{
    for (; *name != '\0'; name++)
        if (!edge_name_char((unsigned char)*name))
            return false;
    return true;
}

bool dir_chars_ok(const char *dir)
{
    return dir == NULL || name_chars_ok(dir);
}

bool name_ok(const char *name)
{
    return name_length_ok(name) && name_chars_ok(name);
}

void name_lower(char out[EDGE_NAME_MAX], const char *name)
{
    size_t i = 0;

    for (; name != NULL && i < EDGE_NAME_MAX - 1 && name[i] != '\0'; i++) {
        out[i] = name[i];
        if (name[i] >= 'A' && name[i] <= 'Z')
            out[i] = (char)(name[i] | 0x20);
    }
    memset(out + i, 0, EDGE_NAME_MAX - i);
}
