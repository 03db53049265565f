/* SPDX-License-Identifier: MIT */
/*
 * Names of key containers: UTF-16 in the container map, UTF-8 here. What is no text for a terminal
 * is not taken in a new name, and shows as '?' in an old one: no name can hide its container, or
 * look like another one by turning the line round.
 */
#include "host/host_internal.h"

#include "base/wstr.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

static bool is_text(WCHAR unit)
{
    static const struct {
        WCHAR first, last;
    } others[] = {
        { 0x0001, 0x001F }, { 0x007F, 0x009F },
        { 0x200E, 0x200F }, { 0x2028, 0x202E }, { 0x2066, 0x2069 }, /* lines and directions */
        { 0xFFFE, 0xFFFF },
    };

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (unit >= others[i].first && unit <= others[i].last)
            return false;
    }
    return true;
}

/* CAPI splits names at the backslash. */
bool container_name_valid(const char *utf8, WCHAR ret[CONTAINER_NAME_UNITS])
{
    if (!wstr_from_utf8(ret, CONTAINER_NAME_UNITS, utf8) || ret[0] == 0)
        return false;
    for (size_t i = 0; ret[i] != 0; i++) {
        if (!is_text(ret[i]) || ret[i] == '\\')
            return false;
    }
    return true;
}

/* A random GUID in lower case, version 4 (RFC 4122 section 4.4). */
bool container_name_random(WCHAR ret[CONTAINER_NAME_UNITS])
{
    char text[37];
    BYTE b[16];

    if (RAND_bytes(b, sizeof b) != 1)
        return false;
    b[6] = (BYTE)((b[6] & 0x0F) | 0x40);
    b[8] = (BYTE)((b[8] & 0x3F) | 0x80);
    snprintf(text, sizeof text,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
             b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
             b[15]);
    return wstr_from_ascii(ret, CONTAINER_NAME_UNITS, text);
}

void container_name_show(const WCHAR name[CONTAINER_NAME_UNITS], char ret[HOST_CONTAINER_NAME_MAX])
{
    WCHAR shown[CONTAINER_NAME_UNITS] = { 0 };

    for (size_t i = 0; i < CONTAINER_NAME_UNITS - 1 && name[i] != 0; i++)
        shown[i] = is_text(name[i]) ? name[i] : '?';
    (void)wstr_to_utf8(ret, HOST_CONTAINER_NAME_MAX, shown, CONTAINER_NAME_UNITS - 1);
}
