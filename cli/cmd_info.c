/* SPDX-License-Identifier: MIT */
/* readers, info, pin verify. */
#include "cli/cli.h"

#include "cardmint/atrs.h"

#include <json-c/json.h>
#include <string.h>

static const char *atr_hex(const BYTE *atr, DWORD len, char room[2 * 36 + 1])
{
    to_hex(atr, len <= 36 ? len : 36, room);
    return room;
}

static enum exit_code print_readers_json(const struct host_reader *readers, size_t count)
{
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; i < count; i++) {
        struct json_object *row = json_object_new_object();

        json_object_object_add(row, "name", json_text(readers[i].name));
        json_object_object_add(row, "card", json_object_new_boolean(readers[i].card));
        json_object_object_add(
            row, "atr", readers[i].card ? json_hex(readers[i].atr, readers[i].atr_len) : NULL);
        json_object_array_add(list, row);
    }
    return print_json(list);
}

enum exit_code cmd_readers(const struct cli *cli)
{
    struct host_options options = { 0 };
    struct host_reader *readers = NULL;
    struct host_error err = { 0 };
    size_t count = 0;
    enum exit_code rc = host_options_from(cli, &options);

    if (rc != EXIT_OK)
        return rc;
    if (host_readers(&options, &readers, &count, &err) != SCARD_S_SUCCESS)
        return fail_host_error(&err);
    if (given(cli, OPT_JSON)) {
        rc = print_readers_json(readers, count);
    } else {
        if (count == 0)
            say("no readers; `cardmint card insert NAME` makes one of a software card\n");
        for (size_t i = 0; i < count; i++) {
            char atr[2 * 36 + 1];

            printf("%-40s  %s\n", clean_text(readers[i].name),
                   readers[i].card ? atr_hex(readers[i].atr, readers[i].atr_len, atr) : "no card");
        }
    }
    host_free(readers, count * sizeof *readers);
    return rc;
}

/* ---- info ------------------------------------------------------------------------------------ */

/* NULL: nobody knows it by its ATR. */
static const char *card_name(const struct host_info *info)
{
    const struct known_card *known = known_card_find(info->atr, info->atr_len);

    return known != NULL ? known->name : NULL;
}

static const char *cache_mode_name(DWORD mode)
{
    static const char *const names[] = { "unknown", "global", "session", "none" };

    return mode < sizeof names / sizeof names[0] ? names[mode] : names[0];
}

/* null where the module does not tell. */
static struct json_object *json_number(DWORD number)
{
    return number == CARD_DATA_VALUE_UNKNOWN ? NULL : json_object_new_int64(number);
}

static enum exit_code print_info_json(const struct host_info *info)
{
    struct json_object *o = json_object_new_object();
    struct json_object *pins = json_object_new_array();
    struct json_object *rsa = NULL;

    for (int pin = 0; pin < MAX_PINS; pin++) {
        if (IS_PIN_SET(info->pins, pin))
            json_object_array_add(pins, json_object_new_int(pin));
    }
    if (info->rsa.dwMaximumBitlen != 0) {
        rsa = json_object_new_object();
        json_object_object_add(rsa, "least", json_number(info->rsa.dwMinimumBitlen));
        json_object_object_add(rsa, "default", json_number(info->rsa.dwDefaultBitlen));
        json_object_object_add(rsa, "most", json_number(info->rsa.dwMaximumBitlen));
        json_object_object_add(rsa, "step", json_number(info->rsa.dwIncrementalBitlen));
    }
    json_object_object_add(o, "reader", json_text(info->reader));
    json_object_object_add(o, "atr", json_hex(info->atr, info->atr_len));
    json_object_object_add(o, "card", card_name(info) != NULL ? json_text(card_name(info)) : NULL);
    json_object_object_add(o, "interface_version", json_number(info->version));
    json_object_object_add(o, "card_id", info->has_card_id ? json_hex(info->card_id, 16) : NULL);
    json_object_object_add(o, "read_only", json_object_new_boolean(info->read_only));
    json_object_object_add(o, "key_generation", json_object_new_boolean(info->key_generation));
    json_object_object_add(o, "certificate_compression",
                           json_object_new_boolean(info->certificate_compression));
    json_object_object_add(o, "cache_mode",
                           json_object_new_string(cache_mode_name(info->cache_mode)));
    json_object_object_add(o, "pins", pins);
    json_object_object_add(o, "free_bytes", json_number(info->free_bytes));
    json_object_object_add(o, "free_containers", json_number(info->free_containers));
    json_object_object_add(o, "max_containers", json_number(info->max_containers));
    json_object_object_add(o, "rsa_bits", rsa);
    return print_json(o);
}

static void print_number(const char *what, DWORD number)
{
    if (number == CARD_DATA_VALUE_UNKNOWN)
        printf("%-18s not told\n", what);
    else
        printf("%-18s %u\n", what, number);
}

static void print_info(struct host_info *info)
{
    char hex[2 * 36 + 1];

    printf("%-18s %s\n", "reader", clean_text(info->reader));
    printf("%-18s %s\n", "ATR", atr_hex(info->atr, info->atr_len, hex));
    if (card_name(info) != NULL)
        printf("%-18s %s\n", "card", card_name(info));
    printf("%-18s %u\n", "interface version", info->version);
    to_hex(info->card_id, 16, hex);
    printf("%-18s %s\n", "card id",
           info->has_card_id ? hex : "none: the card has no minidriver file system");
    printf("%-18s %s\n", "read-only", info->read_only ? "yes" : "no");
    printf("%-18s %s\n", "makes keys", info->key_generation ? "yes" : "no");
    if (info->rsa.dwMaximumBitlen != 0)
        printf("%-18s %u to %u bits, steps of %u\n", "RSA", info->rsa.dwMinimumBitlen,
               info->rsa.dwMaximumBitlen, info->rsa.dwIncrementalBitlen);
    printf("%-18s %s\n", "cache", cache_mode_name(info->cache_mode));
    print_number("free bytes", info->free_bytes);
    print_number("free containers", info->free_containers);
    print_number("containers at most", info->max_containers);
}

enum exit_code cmd_info(const struct cli *cli)
{
    struct host *host = NULL;
    struct host_info info = { 0 };
    enum exit_code rc = open_host(cli, &host);
    DWORD code;

    if (rc != EXIT_OK)
        return rc;
    code = host_info(host, &info);
    host_close(host);
    if (code != SCARD_S_SUCCESS)
        return fail_host(code, "the card does not tell about itself");
    if (given(cli, OPT_JSON))
        return print_info_json(&info);
    print_info(&info);
    return EXIT_OK;
}

enum exit_code cmd_pin_verify(const struct cli *cli)
{
    struct host *host = NULL;
    enum exit_code rc = open_host(cli, &host);

    if (rc != EXIT_OK)
        return rc;
    rc = begin_as_user(cli, host);
    if (rc == EXIT_OK) {
        host_end(host);
        say("the PIN is right\n");
    }
    host_close(host);
    return rc;
}
