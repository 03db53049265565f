/* SPDX-License-Identifier: MIT */
/* The way to the card: options, opening, authentication, finding the key. */
#include "cli/cli.h"

#include "softcard/home.h"

#include <string.h>

/* "NAME=VALUE" */
static enum exit_code set_value(struct host_config *config, const char *text)
{
    const char *equals = strchr(text, '=');
    struct host_error err = { 0 };
    char name[64];

    if (equals == NULL || equals == text || (size_t)(equals - text) >= sizeof name)
        return fail(EXIT_USAGE, "--set %s: give NAME=VALUE; `cardmint config` shows the names",
                    text);
    memcpy(name, text, (size_t)(equals - text));
    name[equals - text] = '\0';
    if (host_config_set(config, name, equals + 1, &err) != SCARD_S_SUCCESS)
        return fail(EXIT_USAGE, "--set %s: %s", text, err.says);
    return EXIT_OK;
}

enum exit_code load_config(const struct cli *cli, const struct host_config **ret)
{
    static struct host_config config; /* one command, one configuration */
    static bool loaded;
    struct host_error err = { 0 };
    enum exit_code rc = EXIT_OK;

    *ret = &config;
    if (loaded)
        return EXIT_OK;
    if (host_config_load(cli->value[OPT_CONFIG], &config, &err) != SCARD_S_SUCCESS)
        return fail(EXIT_USAGE, "%s", err.says);
    for (int i = 0; rc == EXIT_OK && i < cli->set_count; i++)
        rc = set_value(&config, cli->sets[i]);
    loaded = rc == EXIT_OK;
    return rc;
}

static const char *first_of(const char *a, const char *b)
{
    return a != NULL ? a : b;
}

enum exit_code host_options_from(const struct cli *cli, struct host_options *ret)
{
    const struct host_config *config = NULL;
    unsigned long version = 0;
    enum exit_code rc = number_option(cli, OPT_CARD_VERSION, 4, 7, &version);

    if (rc == EXIT_OK)
        rc = load_config(cli, &config);
    if (rc != EXIT_OK)
        return rc;
    ret->module = first_of(cli->value[OPT_MODULE], config->module);
    ret->pcsc = first_of(cli->value[OPT_PCSC], config->pcsc);
    ret->reader = first_of(cli->value[OPT_READER], config->reader);
    ret->version = version != 0 ? (DWORD)version : config->version;
    ret->policy = &config->policy;
    return EXIT_OK;
}

enum exit_code check_home(void)
{
    char dir[HOME_PATH_MAX];

    if (home_check() == SOFTCARD_OK)
        return EXIT_OK;
    if (!home_dir(dir))
        return fail(EXIT_FAILED, "the folder of cards has too long a name, or none is known; set "
                                 "CARDMINT_HOME");
    return fail(EXIT_FAILED, "%s cannot be read as the folder of cards; set CARDMINT_HOME", dir);
}

/* A software card whose image is damaged is mute, and PC/SC cannot say why. We can. */
static enum exit_code find_damaged_card(void)
{
    struct home_card cards[HOME_CARDS_MAX];
    size_t count = home_list(cards, HOME_CARDS_MAX);

    for (size_t i = 0; i < count; i++) {
        char path[HOME_PATH_MAX];
        struct softcard *card = NULL;
        enum softcard_result result;

        if (!cards[i].inserted || !home_image_path(cards[i].name, path))
            continue;
        result = softcard_open(path, &card);
        softcard_close(card);
        if (result == SOFTCARD_DAMAGED)
            return fail_softcard(result, cards[i].name);
    }
    return EXIT_OK;
}

enum exit_code open_host(const struct cli *cli, struct host **ret)
{
    struct host_options options = { 0 };
    struct host_error err = { 0 };
    enum exit_code rc = host_options_from(cli, &options);
    DWORD code;

    if (rc != EXIT_OK)
        return rc;
    code = host_open(&options, ret, &err);
    if (code == SCARD_W_UNRESPONSIVE_CARD || code == SCARD_E_NO_SMARTCARD) {
        rc = find_damaged_card();
        if (rc != EXIT_OK)
            return rc;
    }
    return code == SCARD_S_SUCCESS ? EXIT_OK : fail_host_error(&err);
}

enum exit_code begin(struct host *host)
{
    DWORD code = host_begin(host);

    return code == SCARD_S_SUCCESS ? EXIT_OK : fail_host(code, "the card cannot be used");
}

enum exit_code fail_login(DWORD code, DWORD left, const char *what)
{
    if (code == SCARD_W_WRONG_CHV && left == 0)
        return fail(EXIT_PIN, "wrong %s, no try left: it is blocked now", what);
    if (code == SCARD_W_WRONG_CHV && left != CARD_DATA_VALUE_UNKNOWN) {
        return fail(EXIT_PIN, "wrong %s, %u %s left; try again with the right one", what, left,
                    left == 1 ? "try" : "tries");
    }
    if (code == SCARD_W_WRONG_CHV)
        return fail(EXIT_PIN, "wrong %s; try again with the right one", what);
    if (code == SCARD_E_INVALID_PARAMETER)
        return fail(EXIT_PIN, "no %s of this card has that length; no try is lost", what);
    if (code == SCARD_E_FILE_NOT_FOUND)
        return fail(EXIT_NOT_FOUND,
                    "the card has no %s: it is blank; use another, or make one with "
                    "`cardmint card new`",
                    what);
    return fail_host(code, "%s", what);
}

enum exit_code begin_as_user(const struct cli *cli, struct host *host)
{
    struct secret pin = { .len = 0 };
    DWORD left = CARD_DATA_VALUE_UNKNOWN, code;
    enum exit_code rc = get_secret(cli, SECRET_PIN, &pin);

    if (rc == EXIT_OK)
        rc = begin(host);
    if (rc == EXIT_OK) {
        code = host_login(host, pin.bytes, pin.len, &left);
        if (code != SCARD_S_SUCCESS) {
            host_end(host);
            rc = fail_login(code, left, "PIN");
        }
    }
    secret_wipe(&pin);
    return rc;
}

enum exit_code begin_as_owner(const struct cli *cli, struct host *host)
{
    struct secret key = { .len = 0 };
    DWORD left = CARD_DATA_VALUE_UNKNOWN, code;
    enum exit_code rc = get_admin_key(cli, &key);

    if (rc == EXIT_OK && key.len == 0)
        return begin_as_user(cli, host);
    if (rc == EXIT_OK && key.len != 16 && key.len != 24 && key.len != 32)
        rc = fail(EXIT_USAGE, "the admin key has %zu bytes; it must have 16 or 24 (3DES), or 16, "
                              "24 or 32 (AES)",
                  key.len);
    if (rc == EXIT_OK)
        rc = begin(host);
    if (rc == EXIT_OK) {
        code = host_login_admin(host, key.bytes, key.len, &left);
        if (code != SCARD_S_SUCCESS) {
            host_end(host);
            rc = fail_login(code, left, "admin key");
        }
    }
    secret_wipe(&key);
    return rc;
}

enum exit_code find_key(const struct cli *cli, struct host *host, const char *name,
                        struct host_container *ret, DWORD *ret_spec)
{
    DWORD code = host_container_find(host, name, ret);
    bool signature = given(cli, OPT_SIGNATURE) || (code == SCARD_S_SUCCESS && ret->kx_bits == 0);

    if (code == SCARD_E_NO_KEY_CONTAINER && name == NULL)
        return fail(EXIT_NOT_FOUND, "there is no default container; name one with --container, "
                                    "`cardmint container list` shows them");
    if (code != SCARD_S_SUCCESS && name != NULL)
        return fail_host(code, "container %s", name);
    if (code != SCARD_S_SUCCESS)
        return fail_host(code, "containers");
    if ((signature ? ret->sig_bits : ret->kx_bits) == 0)
        return fail(EXIT_NOT_FOUND,
                    "container %s has no %skey; `cardmint container list` shows "
                    "which are there",
                    ret->name, signature ? "signature " : "");
    *ret_spec = signature ? AT_SIGNATURE : AT_KEYEXCHANGE;
    return EXIT_OK;
}
