/* SPDX-License-Identifier: MIT */
/* container list, default, delete, public-key. */
#include "cli/cli.h"

#include <json-c/json.h>

/* ---- list ------------------------------------------------------------------------------------ */

static struct json_object *json_key(WORD bits, bool cert)
{
    struct json_object *o;

    if (bits == 0)
        return NULL;
    o = json_object_new_object();
    json_object_object_add(o, "bits", json_object_new_int(bits));
    json_object_object_add(o, "certificate", json_object_new_boolean(cert));
    return o;
}

static enum exit_code print_list_json(const struct host_container *list, size_t count)
{
    struct json_object *rows = json_object_new_array();

    for (size_t i = 0; i < count; i++) {
        struct json_object *row = json_object_new_object();

        json_object_object_add(row, "index", json_object_new_int(list[i].index));
        json_object_object_add(row, "name", json_text(list[i].name));
        json_object_object_add(row, "default", json_object_new_boolean(list[i].is_default));
        json_object_object_add(row, "key_exchange", json_key(list[i].kx_bits, list[i].kx_cert));
        json_object_object_add(row, "signature", json_key(list[i].sig_bits, list[i].sig_cert));
        json_object_array_add(rows, row);
    }
    return print_json(rows);
}

static const char *key_text(WORD bits, bool cert, char room[32])
{
    if (bits == 0)
        return "-";
    snprintf(room, 32, "%u bits%s", bits, cert ? ", cert" : "");
    return room;
}

static void print_list(struct host_container *list, size_t count)
{
    print_heading("%5s  %-39s  %-16s  %-16s", "index", "name (* default)", "key exchange",
                  "signature");
    for (size_t i = 0; i < count; i++) {
        char kx[32], sig[32], name[HOST_CONTAINER_NAME_MAX + 2];

        snprintf(name, sizeof name, "%s%s", clean_text(list[i].name),
                 list[i].is_default ? " *" : "");
        printf("%5u  %-39s  %-16s  %-16s\n", list[i].index, name,
               key_text(list[i].kx_bits, list[i].kx_cert, kx),
               key_text(list[i].sig_bits, list[i].sig_cert, sig));
    }
}

enum exit_code cmd_container_list(const struct cli *cli)
{
    struct host *host = NULL;
    struct host_container *list = NULL;
    size_t count = 0;
    enum exit_code rc = open_host(cli, &host);
    DWORD code;

    if (rc != EXIT_OK)
        return rc;
    rc = begin(host);
    if (rc == EXIT_OK) {
        code = host_containers(host, &list, &count);
        host_end(host);
        if (code != SCARD_S_SUCCESS)
            rc = fail_host(code, "the containers cannot be listed");
    }
    host_close(host);
    if (rc == EXIT_OK && given(cli, OPT_JSON))
        rc = print_list_json(list, count);
    else if (rc == EXIT_OK)
        print_list(list, count);
    host_free(list, count * sizeof *list);
    return rc;
}

/* ---- default --------------------------------------------------------------------------------- */

enum exit_code cmd_container_default(const struct cli *cli)
{
    struct host *host = NULL;
    enum exit_code rc = open_host(cli, &host);
    DWORD code;

    if (rc == EXIT_OK)
        rc = begin_as_user(cli, host);
    if (rc == EXIT_OK) {
        code = host_container_set_default(host, arg(cli, 0));
        host_end(host);
        if (code != SCARD_S_SUCCESS)
            rc = fail_host(code, "container %s", arg(cli, 0));
    }
    host_close(host);
    if (rc == EXIT_OK)
        say("container \"%s\" is the default\n", arg(cli, 0));
    return rc;
}

/* ---- delete, public-key ---------------------------------------------------------------------- */

static enum exit_code find_container(struct host *host, const char *name,
                                     struct host_container *ret)
{
    enum exit_code rc = begin(host);
    DWORD code;

    if (rc != EXIT_OK)
        return rc;
    code = host_container_find(host, name, ret);
    host_end(host);
    return code == SCARD_S_SUCCESS ? EXIT_OK : fail_host(code, "container %s", name);
}

enum exit_code cmd_container_delete(const struct cli *cli)
{
    struct host_container found = { 0 };
    struct host *host = NULL;
    enum exit_code rc = open_host(cli, &host);
    DWORD code;

    if (rc == EXIT_OK)
        rc = find_container(host, arg(cli, 0), &found);
    if (rc == EXIT_OK)
        rc = begin_as_user(cli, host);
    if (rc == EXIT_OK) {
        code = host_container_delete(host, arg(cli, 0));
        host_end(host);
        if (code != SCARD_S_SUCCESS)
            rc = fail_host(code, "container %s", arg(cli, 0));
    }
    host_close(host);
    if (rc == EXIT_OK)
        say("container \"%s\": deleted\n", clean_text(found.name));
    return rc;
}

enum exit_code cmd_container_public_key(const struct cli *cli)
{
    struct host_container found = { 0 };
    struct host *host = NULL;
    BYTE *der = NULL;
    size_t len = 0;
    DWORD spec = 0, code;
    enum exit_code rc = check_form(cli);

    if (rc == EXIT_OK)
        rc = open_host(cli, &host);
    if (rc == EXIT_OK)
        rc = begin(host);
    if (rc == EXIT_OK) {
        rc = find_key(cli, host, arg(cli, 0), &found, &spec);
        if (rc == EXIT_OK) {
            code = host_public_key(host, arg(cli, 0), spec, &der, &len);
            if (code != SCARD_S_SUCCESS)
                rc = fail_host(code, "public key of container %s", arg(cli, 0));
        }
        host_end(host);
    }
    host_close(host);
    if (rc == EXIT_OK)
        rc = write_der(cli, "PUBLIC KEY", der, len);
    host_free(der, len);
    return rc;
}
