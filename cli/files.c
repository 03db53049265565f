/* SPDX-License-Identifier: MIT */
/* Files in and out. What is written is written whole or not at all. */
#include "cli/cli.h"

#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_standard(const char *path)
{
    return path == NULL || strcmp(path, "-") == 0;
}

const char *input_name(const char *path)
{
    return is_standard(path) ? "standard input" : path;
}

/* Reads until the end or until the room is full. False: errno. */
static bool read_all(int fd, BYTE *buf, size_t cap, size_t *ret_len)
{
    size_t len = 0;

    while (len < cap) {
        ssize_t n = read(fd, buf + len, cap - len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        if (n == 0)
            break;
        len += (size_t)n;
    }
    *ret_len = len;
    return true;
}

enum exit_code read_input(const char *path, size_t max, BYTE **ret_data, size_t *ret_len)
{
    static bool taken; /* standard input: there is one, once */
    const char *name = input_name(path);
    int fd = is_standard(path) ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    enum exit_code rc = EXIT_OK;
    BYTE *data = calloc(1, max + 1);
    size_t len = 0;

    if (data == NULL)
        rc = fail(EXIT_FAILED, "no memory to read %s", name);
    else if (is_standard(path) && taken)
        rc = fail(EXIT_USAGE, "standard input is named twice; give a file for one of them");
    else if (fd < 0 || !read_all(fd, data, max + 1, &len))
        rc = fail(EXIT_FAILED, "%s: %s; give a file that can be read", name, strerror(errno));
    else if (len > max)
        rc = fail(EXIT_FAILED, "%s is too long; at most %zu bytes are taken here", name, max);
    if (fd >= 0 && fd != STDIN_FILENO)
        close(fd);
    taken = taken || is_standard(path);
    if (rc != EXIT_OK) {
        input_free(data, max + 1);
        return rc;
    }
    *ret_data = data;
    *ret_len = len;
    return EXIT_OK;
}

void input_free(BYTE *data, size_t len)
{
    wipe(data, len);
    free(data);
}

static bool write_all(int fd, const BYTE *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        data += n;
        len -= (size_t)n;
    }
    return true;
}

static mode_t masked(unsigned mode)
{
    mode_t mask = umask(0);

    umask(mask);
    return (mode_t)mode & ~mask;
}

/* Writes beside `target` and renames. False: errno, and nothing is left or changed. */
static bool replace_file(const char *target, mode_t mode, const BYTE *data, size_t len)
{
    char temp[PATH_MAX];
    int n = snprintf(temp, sizeof temp, "%s.XXXXXX", target);
    int fd, saved;
    bool ok;

    if (n < 0 || (size_t)n >= sizeof temp) {
        errno = ENAMETOOLONG;
        return false;
    }
    fd = mkostemp(temp, O_CLOEXEC);
    if (fd < 0)
        return false;
    ok = write_all(fd, data, len) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
    saved = errno;
    if (close(fd) != 0 && ok) {
        saved = errno;
        ok = false;
    }
    if (ok && rename(temp, target) != 0) {
        saved = errno;
        ok = false;
    }
    if (!ok)
        unlink(temp);
    errno = saved;
    return ok;
}

/* A device or pipe cannot be renamed over. */
static bool write_device(const char *path, const BYTE *data, size_t len)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0 && write_all(fd, data, len);
    int saved = errno;

    if (fd >= 0)
        close(fd);
    errno = saved;
    return ok;
}

enum exit_code write_output(const char *path, unsigned mode, const void *data, size_t len)
{
    char target[PATH_MAX];
    struct stat st;
    bool ok;

    if (is_standard(path)) {
        fflush(stdout);
        if (!write_all(STDOUT_FILENO, data, len))
            return fail(EXIT_FAILED, "cannot write to standard output: %s", strerror(errno));
        return EXIT_OK;
    }
    if (stat(path, &st) != 0 && lstat(path, &st) == 0) /* a link to nowhere stays a link */
        return fail(EXIT_FAILED, "%s is a link to what is not there; choose another place", path);
    if (stat(path, &st) != 0)
        ok = replace_file(path, masked(mode), data, len);
    else if (!S_ISREG(st.st_mode))
        ok = write_device(path, data, len);
    else if (realpath(path, target) == NULL) /* a link stays a link */
        ok = false;
    else
        ok = replace_file(target, st.st_mode & (mode_t)mode, data, len);
    if (!ok)
        return fail(EXIT_FAILED, "%s: %s; choose a place that can be written", path,
                    strerror(errno));
    return EXIT_OK;
}

/* Whole, or not there. */
static bool create_file(const char *path, unsigned mode, const void *data, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
    bool ok = fd >= 0 && write_all(fd, data, len) && fsync(fd) == 0;
    int saved = errno;

    if (fd >= 0 && close(fd) != 0 && ok) {
        saved = errno;
        ok = false;
    }
    if (fd >= 0 && !ok)
        unlink(path);
    errno = saved;
    return ok;
}

enum exit_code check_new_file(const char *path)
{
    struct stat st;

    if (is_standard(path) || lstat(path, &st) != 0 || !(S_ISREG(st.st_mode) || S_ISLNK(st.st_mode)))
        return EXIT_OK;
    return fail(EXIT_USAGE, "%s is there already, and what is in it would be lost; name another "
                            "file", path);
}

enum exit_code write_new_file(const char *path, unsigned mode, const void *data, size_t len)
{
    struct stat st;
    enum exit_code rc = check_new_file(path);

    if (rc != EXIT_OK)
        return rc;
    if (is_standard(path) || lstat(path, &st) == 0) /* a device or pipe */
        return write_output(path, mode, data, len);
    if (!create_file(path, mode, data, len))
        return fail(EXIT_FAILED, "%s: %s; choose a place that can be written", path,
                    strerror(errno));
    return EXIT_OK;
}

enum exit_code check_binary_output(const char *path)
{
    if (is_standard(path) && isatty(STDOUT_FILENO))
        return fail(EXIT_USAGE, "the result is binary; write it to a file with -o FILE");
    return EXIT_OK;
}

enum exit_code check_form(const struct cli *cli)
{
    if (given(cli, OPT_PEM) && given(cli, OPT_DER))
        return fail(EXIT_USAGE, "--pem and --der: give one of them");
    return given(cli, OPT_DER) ? check_binary_output(cli->value[OPT_OUTPUT]) : EXIT_OK;
}

enum exit_code write_der(const struct cli *cli, const char *label, const BYTE *der, size_t len)
{
    const char *path = cli->value[OPT_OUTPUT];
    enum exit_code rc;
    char *pem;
    long pem_len;
    BIO *bio;

    if (given(cli, OPT_DER))
        return write_output(path, 0666, der, len);
    bio = BIO_new(BIO_s_mem());
    if (bio == NULL || PEM_write_bio(bio, label, "", der, (long)len) <= 0) {
        BIO_free(bio);
        return fail(EXIT_FAILED, "no memory to write PEM");
    }
    pem_len = BIO_get_mem_data(bio, &pem);
    rc = write_output(path, 0666, pem, (size_t)pem_len);
    BIO_free(bio);
    return rc;
}
