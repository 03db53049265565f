/* SPDX-License-Identifier: MIT */
/* file ls, read, write, rm. */
#include "cli/cli.h"

#include <json-c/json.h>
#include <string.h>

#define FILE_MOST 65535u /* bytes of a file: what a 16-bit length in a card can tell */

static const struct access_row {
    CARD_FILE_ACCESS_CONDITION access;
    const char *name;
} access_rows[] = {
    {EveryoneReadUserWriteAc,   "everyone"      }, /* the first is the default of --access */
    { EveryoneReadAdminWriteAc, "everyone-admin"},
    { UserReadWriteAc,          "user"          },
    { UserWriteExecuteAc,       "user-write"    },
    { AdminReadWriteAc,         "admin"         },
};
#define ACCESS_ROWS (sizeof access_rows / sizeof access_rows[0])

static const char *access_name(DWORD access)
{
    for (size_t i = 0; i < ACCESS_ROWS; i++) {
        if ((DWORD)access_rows[i].access == access)
            return access_rows[i].name;
    }
    return access == InvalidAc ? "not readable" : "other";
}

static enum exit_code access_option(const struct cli *cli, CARD_FILE_ACCESS_CONDITION *ret)
{
    const char *name = cli->value[OPT_ACCESS];

    *ret = access_rows[0].access;
    for (size_t i = 0; name != NULL && i < ACCESS_ROWS; i++) {
        if (strcmp(access_rows[i].name, name) == 0) {
            *ret = access_rows[i].access;
            return EXIT_OK;
        }
    }
    if (name == NULL)
        return EXIT_OK;
    return fail(EXIT_USAGE, "--access %s is not known; `cardmint file write --help` tells all",
                name);
}

/* ---- ls -------------------------------------------------------------------------------------- */

static void file_path(const struct host_file *file, char room[20])
{
    snprintf(room, 20, "%s%s%s", file->dir, file->dir[0] != 0 ? "/" : "", file->name);
    clean_text(room);
}

static enum exit_code print_files_json(const struct host_file *files, size_t count)
{
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; i < count; i++) {
        struct json_object *row = json_object_new_object();
        bool known = files[i].access != InvalidAc;
        char path[20];

        file_path(&files[i], path);
        json_object_object_add(row, "path", json_text(path));
        json_object_object_add(row, "bytes", known ? json_object_new_int64(files[i].size) : NULL);
        json_object_object_add(row, "access",
                               known ? json_object_new_string(access_name(files[i].access)) : NULL);
        json_object_array_add(list, row);
    }
    return print_json(list);
}

static void print_files(const struct host_file *files, size_t count)
{
    print_heading("%-18s %7s  %s", "file", "bytes", "access");
    for (size_t i = 0; i < count; i++) {
        char path[20], size[16] = "-";

        file_path(&files[i], path);
        if (files[i].access != InvalidAc)
            snprintf(size, sizeof size, "%u", files[i].size);
        printf("%-18s %7s  %s\n", path, size, access_name(files[i].access));
    }
}

/* Nobody is asked for a PIN to list; who gives one sees more. */
static bool given_secret(const struct cli *cli)
{
    return given(cli, OPT_PIN) || given(cli, OPT_PIN_FILE) || given(cli, OPT_ADMIN_KEY) ||
           given(cli, OPT_ADMIN_KEY_FILE);
}

enum exit_code cmd_file_ls(const struct cli *cli)
{
    struct host *host = NULL;
    struct host_file *files = NULL;
    size_t count = 0;
    enum exit_code rc = open_host(cli, &host);
    DWORD code;

    if (rc != EXIT_OK)
        return rc;
    rc = given_secret(cli) ? begin_as_owner(cli, host) : begin(host);
    if (rc == EXIT_OK) {
        code = host_files(host, &files, &count);
        host_end(host);
        if (code != SCARD_S_SUCCESS)
            rc = fail_host(code, "the files cannot be listed");
    }
    host_close(host);
    if (rc == EXIT_OK && given(cli, OPT_JSON))
        rc = print_files_json(files, count);
    else if (rc == EXIT_OK)
        print_files(files, count);
    host_free(files, count * sizeof *files);
    return rc;
}

/* ---- read, write, rm ------------------------------------------------------------------------- */

static enum exit_code fail_file(DWORD code, const char *path)
{
    if (code == SCARD_E_INVALID_PARAMETER)
        return fail(EXIT_USAGE,
                    "file %s: a path is NAME or DIRECTORY/NAME, each of 1 to 8 "
                    "characters",
                    path);
    return fail_host(code, "file %s", path);
}

/* Without authentication first: most files need none, and nobody is asked for nothing. */
static enum exit_code read_file(const struct cli *cli, struct host *host, const char *path,
                                BYTE **ret_data, size_t *ret_len)
{
    enum exit_code rc = begin(host);
    DWORD code;

    if (rc != EXIT_OK)
        return rc;
    code = host_file_read(host, path, ret_data, ret_len);
    host_end(host);
    if (code == SCARD_W_SECURITY_VIOLATION) {
        rc = begin_as_owner(cli, host);
        if (rc != EXIT_OK)
            return rc;
        code = host_file_read(host, path, ret_data, ret_len);
        host_end(host);
    }
    return code == SCARD_S_SUCCESS ? EXIT_OK : fail_file(code, path);
}

enum exit_code cmd_file_read(const struct cli *cli)
{
    struct host *host = NULL;
    BYTE *data = NULL;
    size_t len = 0;
    enum exit_code rc = open_host(cli, &host);

    if (rc != EXIT_OK)
        return rc;
    rc = read_file(cli, host, arg(cli, 0), &data, &len);
    host_close(host);
    if (rc == EXIT_OK)
        rc = write_output(cli->value[OPT_OUTPUT], 0666, data, len);
    host_free(data, len);
    return rc;
}

enum exit_code cmd_file_write(const struct cli *cli)
{
    CARD_FILE_ACCESS_CONDITION access = InvalidAc;
    struct host *host = NULL;
    BYTE *data = NULL;
    size_t len = 0;
    enum exit_code rc = access_option(cli, &access);
    DWORD code;

    if (rc == EXIT_OK)
        rc = read_input(arg(cli, 1), FILE_MOST, &data, &len);
    if (rc == EXIT_OK)
        rc = open_host(cli, &host);
    if (rc == EXIT_OK)
        rc = begin_as_owner(cli, host);
    if (rc == EXIT_OK) {
        code = host_file_write(host, arg(cli, 0), data, len, access);
        host_end(host);
        if (code != SCARD_S_SUCCESS)
            rc = fail_file(code, arg(cli, 0));
    }
    host_close(host);
    input_free(data, len);
    if (rc == EXIT_OK)
        say("%s: %zu bytes written\n", arg(cli, 0), len);
    return rc;
}

enum exit_code cmd_file_rm(const struct cli *cli)
{
    struct host *host = NULL;
    enum exit_code rc = open_host(cli, &host);
    DWORD code;

    if (rc == EXIT_OK)
        rc = begin_as_owner(cli, host);
    if (rc == EXIT_OK) {
        code = host_file_remove(host, arg(cli, 0));
        host_end(host);
        if (code != SCARD_S_SUCCESS)
            rc = fail_file(code, arg(cli, 0));
    }
    host_close(host);
    if (rc == EXIT_OK)
        say("%s: removed\n", arg(cli, 0));
    return rc;
}
