/* SPDX-License-Identifier: MIT */
#include "softcard/home.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define IMAGE_SUFFIX ".card"
#define RAM_SUFFIX   ".ram"
#define JOURNAL_SUFFIX ".card-journal" /* SQLite's, left behind when a process died */

bool home_name_ok(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t len = strlen(name), ram = strlen(RAM_SUFFIX);

    return len > 0 && len < SOFTCARD_NAME_MAX && name[0] != '.' && strspn(name, allowed) == len &&
           (len < ram || strcmp(name + len - ram, RAM_SUFFIX) != 0);
}

static bool join(char *path, const char *a, const char *b, const char *c)
{
    int n = snprintf(path, HOME_PATH_MAX, "%s%s%s", a, b, c);

    return n > 0 && (size_t)n < HOME_PATH_MAX;
}

bool home_dir(char *path)
{
    const char *home = getenv("CARDMINT_HOME");
    const char *data = getenv("XDG_DATA_HOME");
    const char *user = getenv("HOME");

    if (home != NULL && home[0] != '\0')
        return join(path, home, "", "");
    if (data != NULL && data[0] == '/')
        return join(path, data, "/cardmint", "");
    return user != NULL && user[0] != '\0' && join(path, user, "/.local/share/cardmint", "");
}

bool home_slots_dir(char *path)
{
    char dir[HOME_PATH_MAX];

    return home_dir(dir) && join(path, dir, "/slots", "");
}

static bool in_home(char *path, const char *folder, const char *name, const char *suffix)
{
    char dir[HOME_PATH_MAX], with_folder[HOME_PATH_MAX];

    return home_name_ok(name) && home_dir(dir) && join(with_folder, dir, folder, "") &&
           join(path, with_folder, name, suffix);
}

bool home_image_path(const char *name, char *path)
{
    return in_home(path, "/cards/", name, IMAGE_SUFFIX);
}

bool home_ram_path(const char *name, char *path)
{
    return in_home(path, "/slots/", name, RAM_SUFFIX);
}

static bool slot_path(const char *name, char *path)
{
    return in_home(path, "/slots/", name, "");
}

/* Makes `path` and the folders above it that are lacking. */
static bool make_folders(char *path)
{
    for (char *at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        bool ok;

        *at = '\0';
        ok = mkdir(path, 0700) == 0 || errno == EEXIST;
        *at = '/';
        if (!ok)
            return false;
    }
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

enum softcard_result home_make(void)
{
    static const char *const folders[] = { "/cards", "/slots" };
    char dir[HOME_PATH_MAX], path[HOME_PATH_MAX];

    for (size_t i = 0; i < 2; i++)
        if (!home_dir(dir) || !join(path, dir, folders[i], "") || !make_folders(path))
            return SOFTCARD_IO;
    return SOFTCARD_OK;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct home_card *)a)->name, ((const struct home_card *)b)->name);
}

/* "alice.card" -> "alice" */
static bool card_name(const char *file, char *name)
{
    size_t len = strlen(file), suffix = strlen(IMAGE_SUFFIX);

    if (len <= suffix || len - suffix >= SOFTCARD_NAME_MAX ||
        strcmp(file + len - suffix, IMAGE_SUFFIX) != 0)
        return false;
    memcpy(name, file, len - suffix);
    name[len - suffix] = '\0';
    return home_name_ok(name);
}

enum softcard_result home_check(void)
{
    char dir[HOME_PATH_MAX], path[HOME_PATH_MAX];
    DIR *d;

    if (!home_dir(dir) || !join(path, dir, "/cards", ""))
        return SOFTCARD_IO;
    d = opendir(path);
    if (d == NULL)
        return errno == ENOENT ? SOFTCARD_OK : SOFTCARD_IO;
    closedir(d);
    return SOFTCARD_OK;
}

size_t home_list(struct home_card *cards, size_t cap)
{
    char dir[HOME_PATH_MAX], path[HOME_PATH_MAX];
    struct dirent *entry;
    size_t n = 0;
    DIR *d;

    if (!home_dir(dir) || !join(path, dir, "/cards", "") || (d = opendir(path)) == NULL)
        return 0;
    while (n < cap && (entry = readdir(d)) != NULL) {
        if (!card_name(entry->d_name, cards[n].name))
            continue;
        cards[n].inserted = home_is_inserted(cards[n].name);
        n++;
    }
    closedir(d);
    qsort(cards, n, sizeof(*cards), by_name);
    return n;
}

bool home_is_inserted(const char *name)
{
    char path[HOME_PATH_MAX];

    return slot_path(name, path) && access(path, F_OK) == 0;
}

/* SOFTCARD_OK when the image of `name` exists. */
static enum softcard_result known(const char *name)
{
    char path[HOME_PATH_MAX];

    if (!home_image_path(name, path))
        return SOFTCARD_MISSING;
    if (access(path, F_OK) == 0)
        return SOFTCARD_OK;
    return errno == ENOENT || errno == ENOTDIR ? SOFTCARD_MISSING : SOFTCARD_IO;
}

static enum softcard_result unlink_if_there(const char *path)
{
    return unlink(path) == 0 || errno == ENOENT ? SOFTCARD_OK : SOFTCARD_IO;
}

enum softcard_result home_insert(const char *name)
{
    char path[HOME_PATH_MAX];
    enum softcard_result result = known(name);
    int fd;

    if (result == SOFTCARD_OK)
        result = home_make();
    if (result != SOFTCARD_OK)
        return result;
    if (!slot_path(name, path))
        return SOFTCARD_IO;
    fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    return fd >= 0 || errno == EEXIST ? SOFTCARD_OK : SOFTCARD_IO;
}

enum softcard_result home_eject(const char *name)
{
    char path[HOME_PATH_MAX];
    enum softcard_result result = known(name);

    if (result != SOFTCARD_OK)
        return result;
    if (!slot_path(name, path))
        return SOFTCARD_IO;
    result = unlink_if_there(path);
    if (result == SOFTCARD_OK && home_ram_path(name, path))
        result = unlink_if_there(path);
    return result;
}

enum softcard_result home_remove(const char *name)
{
    char path[HOME_PATH_MAX];
    enum softcard_result result = home_eject(name);

    if (result != SOFTCARD_OK)
        return result;
    if (!home_image_path(name, path) || unlink(path) != 0)
        return SOFTCARD_IO;
    if (!in_home(path, "/cards/", name, JOURNAL_SUFFIX))
        return SOFTCARD_IO;
    return unlink_if_there(path); /* it holds what the image held: secrets */
}
