/* SPDX-License-Identifier: MIT */
/* card list, info, insert, eject, remove. */
#include "cli/cli.h"

#include "softcard/home.h"
#include "softcard/vpcd.h"

#include <json-c/json.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Finds a card by its exact name, and its image's path. */
static enum exit_code find_card(const char *name, struct home_card *ret, char path[HOME_PATH_MAX])
{
    struct home_card cards[HOME_CARDS_MAX];
    size_t count = home_list(cards, HOME_CARDS_MAX);
    struct nearest near = nearest_init(name);
    enum exit_code rc = check_home();

    if (rc != EXIT_OK)
        return rc;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(cards[i].name, name) == 0) {
            *ret = cards[i];
            return home_image_path(name, path) ? EXIT_OK : fail_softcard(SOFTCARD_IO, name);
        }
        nearest_try(&near, cards[i].name);
    }
    if (near.name != NULL)
        return fail(EXIT_NOT_FOUND, "there is no card %s; did you mean %s?", name, near.name);
    return fail(EXIT_NOT_FOUND, "there is no card %s; `cardmint card list` lists them", name);
}

enum exit_code cmd_card_list(const struct cli *cli)
{
    struct home_card cards[HOME_CARDS_MAX];
    size_t count = home_list(cards, HOME_CARDS_MAX);
    struct json_object *list;
    enum exit_code rc = check_home();

    if (rc != EXIT_OK)
        return rc;
    if (given(cli, OPT_JSON)) {
        list = json_object_new_array();
        for (size_t i = 0; i < count; i++) {
            struct json_object *row = json_object_new_object();

            json_object_object_add(row, "name", json_text(cards[i].name));
            json_object_object_add(row, "inserted", json_object_new_boolean(cards[i].inserted));
            json_object_array_add(list, row);
        }
        return print_json(list);
    }
    if (count == 0)
        say("no software cards; `cardmint card new NAME` makes one\n");
    for (size_t i = 0; i < count; i++)
        printf("%-31s  %s\n", cards[i].name, cards[i].inserted ? "inserted" : "ejected");
    return EXIT_OK;
}

/* ---- info ------------------------------------------------------------------------------------ */

static enum exit_code open_image(const char *name, const char *path, struct softcard **ret)
{
    enum softcard_result result = softcard_open(path, ret);

    return result == SOFTCARD_OK ? EXIT_OK : fail_softcard(result, name);
}

enum exit_code cmd_card_info(const struct cli *cli)
{
    struct home_card found;
    struct softcard *card = NULL;
    char path[HOME_PATH_MAX], hex[2 * SOFTCARD_ATR_MAX + 1];
    uint8_t atr[SOFTCARD_ATR_MAX];
    size_t atr_len = 0;
    struct stat st = { .st_size = 0 };
    enum exit_code rc = find_card(arg(cli, 0), &found, path);

    if (rc == EXIT_OK)
        rc = open_image(found.name, path, &card);
    if (rc != EXIT_OK)
        return rc;
    softcard_atr(card, atr, &atr_len);
    softcard_close(card);
    (void)stat(path, &st);
    if (given(cli, OPT_JSON)) {
        struct json_object *o = json_object_new_object();

        json_object_object_add(o, "name", json_text(found.name));
        json_object_object_add(o, "inserted", json_object_new_boolean(found.inserted));
        json_object_object_add(o, "atr", json_hex(atr, atr_len));
        json_object_object_add(o, "image", json_text(path));
        json_object_object_add(o, "image_bytes", json_object_new_int64(st.st_size));
        return print_json(o);
    }
    to_hex(atr, atr_len, hex);
    printf("%-12s %s\n%-12s %s\n%-12s %s\n%-12s %s, %lld bytes\n", "name", found.name, "inserted",
           found.inserted ? "yes" : "no", "ATR", hex, "image", path, (long long)st.st_size);
    return EXIT_OK;
}

/* ---- vpcd ------------------------------------------------------------------------------------ */

static volatile sig_atomic_t stop;

static void stop_serving(int number)
{
    (void)number;
    stop = 1;
}

static void say_connected(void)
{
    say("plugged in; Ctrl-C takes it out\n");
    fflush(stdout);
}

/* HOST:PORT or [HOST]:PORT, into room for both. */
static enum exit_code split_address(const char *address, char host[256], char port[32])
{
    const char *colon = strrchr(address, ':');
    size_t len = colon != NULL ? (size_t)(colon - address) : 0;

    if (len > 2 && address[0] == '[' && address[len - 1] == ']') {
        address++;
        len -= 2;
    }
    if (len == 0 || len >= 256 || colon[1] == 0 || strlen(colon + 1) >= 32)
        return fail(EXIT_USAGE, "--vpcd %s: give HOST:PORT, for instance localhost:35963", address);
    memcpy(host, address, len);
    host[len] = 0;
    memcpy(port, colon + 1, strlen(colon + 1) + 1);
    return EXIT_OK;
}

static enum exit_code fail_vpcd(enum vpcd_result result, const char *address)
{
    const char *advice =
        result == VPCD_REFUSED ? "; start a pcscd with the vpcd reader driver" : "";

    return fail(result == VPCD_MUTE ? EXIT_DAMAGED : EXIT_FAILED, "%s: %s%s", address,
                vpcd_says(result), advice);
}

/* In the foreground, until Ctrl-C or until the driver hangs up. */
static enum exit_code serve(const struct home_card *found, struct softcard *card,
                            const char *address)
{
    struct sigaction action = { .sa_handler = stop_serving }; /* no SA_RESTART: it interrupts */
    char host[256], port[32];
    enum vpcd_result result;
    enum exit_code rc = split_address(address, host, port);

    if (rc == EXIT_OK && found->inserted)
        rc = fail(EXIT_USAGE,
                  "card %s is inserted in the software reader; `cardmint card eject "
                  "%s` first",
                  found->name, found->name);
    if (rc != EXIT_OK)
        return rc;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    result = vpcd_serve(host, port, card, &stop, say_connected);
    return result == VPCD_DONE ? EXIT_OK : fail_vpcd(result, address);
}

/* ---- insert, eject, remove ------------------------------------------------------------------- */

enum exit_code cmd_card_insert(const struct cli *cli)
{
    struct home_card found;
    struct softcard *card = NULL;
    char path[HOME_PATH_MAX];
    enum softcard_result result;
    enum exit_code rc = find_card(arg(cli, 0), &found, path);

    if (rc == EXIT_OK)
        rc = open_image(found.name, path, &card); /* a damaged card is refused here, with words */
    if (rc == EXIT_OK && given(cli, OPT_VPCD)) {
        rc = serve(&found, card, cli->value[OPT_VPCD]);
        softcard_close(card);
        return rc;
    }
    softcard_close(card);
    if (rc != EXIT_OK)
        return rc;
    result = home_insert(found.name);
    if (result != SOFTCARD_OK)
        return fail_softcard(result, found.name);
    say("card %s: inserted\n", found.name);
    return EXIT_OK;
}

enum exit_code cmd_card_eject(const struct cli *cli)
{
    struct home_card found;
    char path[HOME_PATH_MAX];
    enum softcard_result result;
    enum exit_code rc = find_card(arg(cli, 0), &found, path);

    if (rc != EXIT_OK)
        return rc;
    result = home_eject(found.name);
    if (result != SOFTCARD_OK)
        return fail_softcard(result, found.name);
    say("card %s: ejected\n", found.name);
    return EXIT_OK;
}

static enum exit_code confirm(const struct cli *cli, const char *name)
{
    char answer[8] = "";

    if (given(cli, OPT_YES))
        return EXIT_OK;
    if (!isatty(STDIN_FILENO))
        return fail(EXIT_USAGE, "removing card %s deletes its keys for ever; confirm with --yes",
                    name);
    fprintf(stderr, "Delete card %s and its keys for ever? [y/N] ", name);
    if (fgets(answer, sizeof answer, stdin) == NULL || (answer[0] != 'y' && answer[0] != 'Y'))
        return fail(EXIT_FAILED, "card %s is kept", name);
    return EXIT_OK;
}

enum exit_code cmd_card_remove(const struct cli *cli)
{
    struct home_card found;
    char path[HOME_PATH_MAX];
    enum softcard_result result;
    enum exit_code rc = find_card(arg(cli, 0), &found, path);

    if (rc == EXIT_OK)
        rc = confirm(cli, found.name);
    if (rc != EXIT_OK)
        return rc;
    result = home_remove(found.name);
    if (result != SOFTCARD_OK)
        return fail_softcard(result, found.name);
    say("card %s: removed\n", found.name);
    return EXIT_OK;
}
