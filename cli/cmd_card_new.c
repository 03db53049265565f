/* SPDX-License-Identifier: MIT */
/* card new: all of a card, or nothing. */
#include "cli/cli.h"

#include "softcard/home.h"

#include <openssl/rand.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_3DES ((size_t)24)

/* What the command line asks for. */
struct plan {
    const char *name;
    struct softcard_options options;
    struct softcard_person person; /* points into the three below */
    struct secret pin, puk, key;
    bool key_is_random;
};

static bool has_piv(const struct plan *plan)
{
    return (plan->options.applications & SOFTCARD_PIV) != 0;
}

static bool has_puk(const struct plan *plan)
{
    return has_piv(plan) || plan->options.unblock == SOFTCARD_UNBLOCK_PUK;
}

static enum exit_code plan_profile(const struct cli *cli, struct plan *plan)
{
    static const struct {
        const char *name;
        enum softcard_applications on;
    } profiles[] = { { "gids", SOFTCARD_GIDS }, { "piv", SOFTCARD_PIV }, { "both", SOFTCARD_BOTH } };
    const char *name = given(cli, OPT_PROFILE) ? cli->value[OPT_PROFILE] : "gids";
    const char *path = cli->value[OPT_ADMIN_PATH];

    for (size_t i = 0; i < sizeof profiles / sizeof profiles[0]; i++)
        if (strcmp(name, profiles[i].name) == 0)
            plan->options.applications = profiles[i].on;
    if (plan->options.applications == 0)
        return fail(EXIT_USAGE, "--profile %s is not known; give gids, piv or both", name);
    if (path == NULL)
        return EXIT_OK;
    if (strcmp(path, "pin") != 0 && strcmp(path, "none") != 0)
        return fail(EXIT_USAGE, "--admin-path %s is not known; give pin or none", path);
    if (!has_piv(plan))
        return fail(EXIT_USAGE, "--admin-path is for PIV cards; on others the user may write anyway");
    plan->person.admin_key_apart = strcmp(path, "none") == 0;
    return EXIT_OK;
}

static enum exit_code plan_unblock(const struct cli *cli, struct plan *plan)
{
    const char *unblock = cli->value[OPT_UNBLOCK];

    if (unblock == NULL)
        return EXIT_OK;
    if (strcmp(unblock, "admin") != 0 && strcmp(unblock, "puk") != 0)
        return fail(EXIT_USAGE, "--unblock %s is not known; give admin or puk", unblock);
    if (plan->options.applications == SOFTCARD_PIV && strcmp(unblock, "puk") != 0)
        return fail(EXIT_USAGE, "a PIV card is unblocked by its PUK; leave --unblock out");
    if (strcmp(unblock, "puk") == 0)
        plan->options.unblock = SOFTCARD_UNBLOCK_PUK;
    return EXIT_OK;
}

static enum exit_code plan_options(const struct cli *cli, struct plan *plan)
{
    unsigned long tries = 0, capacity = 0;
    enum exit_code rc = number_option(cli, OPT_PIN_TRIES, 1, 15, &tries);

    if (rc == EXIT_OK)
        rc = number_option(cli, OPT_CAPACITY, SOFTCARD_CAPACITY_LEAST, SOFTCARD_CAPACITY_MOST,
                           &capacity);
    if (rc == EXIT_OK)
        rc = plan_profile(cli, plan);
    if (rc == EXIT_OK)
        rc = plan_unblock(cli, plan);
    if (rc != EXIT_OK)
        return rc;
    plan->options.pin_tries = (unsigned)tries;
    plan->options.capacity = capacity;
    plan->options.no_extended = given(cli, OPT_NO_EXTENDED);
    plan->options.reselect_logs_out = given(cli, OPT_RESELECT);
    return EXIT_OK;
}

static enum exit_code check_combination(const struct cli *cli, const struct plan *plan)
{
    static const enum opt personal[] = { OPT_PIN,           OPT_PIN_FILE,  OPT_PUK,
                                         OPT_PUK_FILE,      OPT_ADMIN_KEY, OPT_ADMIN_KEY_FILE,
                                         OPT_ADMIN_KEY_OUT, OPT_AES,       OPT_ADMIN_PATH };
    bool key_given = given(cli, OPT_ADMIN_KEY) || given(cli, OPT_ADMIN_KEY_FILE);

    for (size_t i = 0; given(cli, OPT_BLANK) && i < sizeof personal / sizeof personal[0]; i++) {
        if (given(cli, personal[i]))
            return fail(EXIT_USAGE, "--blank makes a card without PIN, PUK and admin key of its own; leave "
                                    "out either");
    }
    if (!has_puk(plan) &&
        (given(cli, OPT_PUK) || given(cli, OPT_PUK_FILE)))
        return fail(EXIT_USAGE, "a PUK needs --unblock puk: a card has a PUK or is unblocked by "
                                "the admin key");
    if (key_given && given(cli, OPT_ADMIN_KEY_OUT))
        return fail(EXIT_USAGE, "--admin-key-out is for a random key; you give one yourself");
    return check_new_file(cli->value[OPT_ADMIN_KEY_OUT]);
}

/* Given, or random: 24 bytes are a key of either kind. */
static enum exit_code plan_admin_key(const struct cli *cli, struct plan *plan)
{
    bool aes = given(cli, OPT_AES);
    size_t len;
    enum exit_code rc = get_admin_key(cli, &plan->key);

    if (rc != EXIT_OK)
        return rc;
    len = plan->key.len;
    if (len == 0) {
        plan->key_is_random = true;
        plan->key.len = KEY_3DES;
        if (RAND_priv_bytes(plan->key.bytes, KEY_3DES) != 1)
            return fail(EXIT_FAILED, "OpenSSL has no random numbers; give an admin key yourself");
        return EXIT_OK;
    }
    if (aes ? len != 16 && len != 24 && len != 32 : len != KEY_3DES) {
        return fail(EXIT_USAGE, "the admin key has %zu bytes; it must have %s", len,
                    aes ? "16, 24 or 32 (AES)" : "24 (3DES; see also --aes)");
    }
    return EXIT_OK;
}

/* SP 800-73-4 part 1, 2.4.3. A PUK may be any 8 bytes there; shorter ones are padded as PINs are. */
static enum exit_code check_piv_secrets(const struct plan *plan)
{
    bool digits = true;

    for (size_t i = 0; i < plan->pin.len; i++)
        digits = digits && plan->pin.bytes[i] >= '0' && plan->pin.bytes[i] <= '9';
    if (!digits || plan->pin.len < 6 || plan->pin.len > 8)
        return fail(EXIT_USAGE, "the PIN of a PIV card has 6 to 8 digits; choose another one");
    if (plan->puk.len < 6 || plan->puk.len > 8)
        return fail(EXIT_USAGE, "the PUK of a PIV card has 6 to 8 characters; choose another one");
    return EXIT_OK;
}

static enum exit_code plan_person(const struct cli *cli, struct plan *plan)
{
    enum exit_code rc = plan_admin_key(cli, plan);

    if (rc == EXIT_OK)
        rc = get_new_secret(cli, SECRET_PIN, plan->name, &plan->pin);
    if (rc == EXIT_OK && has_puk(plan))
        rc = get_new_secret(cli, SECRET_PUK, plan->name, &plan->puk);
    if (rc == EXIT_OK && has_piv(plan))
        rc = check_piv_secrets(plan);
    if (rc != EXIT_OK)
        return rc;
    plan->person.pin = plan->pin.bytes;
    plan->person.pin_len = plan->pin.len;
    plan->person.puk = plan->puk.len > 0 ? plan->puk.bytes : NULL;
    plan->person.puk_len = plan->puk.len;
    plan->person.admin_key = plan->key.bytes;
    plan->person.admin_key_len = plan->key.len;
    plan->person.admin_aes = given(cli, OPT_AES);
    return EXIT_OK;
}

/* The software reader calls the reader of card alice "cardmint alice 00 00". */
static bool is_reader_of(const char *reader, const char *card)
{
    const char *space = strchr(reader, ' ');
    size_t len = strlen(card);

    return space != NULL && strncmp(space + 1, card, len) == 0 && space[1 + len] == ' ';
}

static enum exit_code find_reader(const struct host_options *options, const char *name,
                                  char room[128])
{
    struct host_reader *readers = NULL;
    struct host_error err = { 0 };
    size_t count = 0;
    bool found = false;

    if (host_readers(options, &readers, &count, &err) != SCARD_S_SUCCESS)
        return fail_host_error(&err);
    for (size_t i = 0; i < count && !found; i++) {
        found = is_reader_of(readers[i].name, name);
        if (found)
            snprintf(room, 128, "%s", readers[i].name);
    }
    host_free(readers, count * sizeof *readers);
    if (!found)
        return fail(EXIT_NO_CARD, "the software reader does not show card %s; is --pcsc right?",
                    name);
    return EXIT_OK;
}

/* The minidriver's file system, made through the minidriver like any other card's. */
static enum exit_code make_file_system(const struct cli *cli, const struct plan *plan)
{
    struct host_options options = { 0 };
    struct host_error err = { 0 };
    struct host *host = NULL;
    char reader[128];
    enum exit_code rc = host_options_from(cli, &options);
    DWORD code;

    if (!given(cli, OPT_PCSC))
        options.pcsc = "soft"; /* whatever the configuration says: the card is a software one */
    if (rc == EXIT_OK)
        rc = find_reader(&options, plan->name, reader);
    if (rc != EXIT_OK)
        return rc;
    options.reader = reader;
    if (host_open(&options, &host, &err) != SCARD_S_SUCCESS)
        return fail_host_error(&err);
    code = host_create_card(host, plan->key.bytes, plan->key.len);
    host_close(host);
    if (code != SCARD_S_SUCCESS)
        return fail_host(code, "the file system of card %s cannot be made", plan->name);
    return EXIT_OK;
}

static enum exit_code personalise(const struct plan *plan, const char *path)
{
    struct softcard *card = NULL;
    enum softcard_result result = softcard_open(path, &card);

    if (result == SOFTCARD_OK)
        result = softcard_personalise(card, &plan->person);
    softcard_close(card);
    return result == SOFTCARD_OK ? EXIT_OK : fail_softcard(result, plan->name);
}

/* The only time a secret is printed. */
static enum exit_code hand_over_key(const struct cli *cli, struct plan *plan)
{
    struct secret line = { .len = 2 * KEY_3DES + 1 };
    const char *path = cli->value[OPT_ADMIN_KEY_OUT];
    enum exit_code rc;

    if (!plan->key_is_random)
        return EXIT_OK;
    to_hex(plan->key.bytes, KEY_3DES, (char *)line.bytes);
    line.bytes[2 * KEY_3DES] = '\n';
    if (path == NULL)
        say("admin key, shown only this once: ");
    rc = write_new_file(path, 0600, line.bytes, line.len);
    secret_wipe(&line);
    return rc;
}

static enum exit_code furnish(const struct cli *cli, struct plan *plan, const char *path)
{
    /* PIV has its objects from the factory; on a card of both, drivers take PIV. */
    bool file_system = !given(cli, OPT_BLANK) && !has_piv(plan);
    enum softcard_result result = SOFTCARD_OK;
    enum exit_code rc = EXIT_OK;

    if (!given(cli, OPT_BLANK))
        rc = personalise(plan, path);
    if (rc == EXIT_OK && (file_system || !given(cli, OPT_NO_INSERT)))
        result = home_insert(plan->name);
    if (rc == EXIT_OK && result == SOFTCARD_OK && file_system)
        rc = make_file_system(cli, plan);
    if (rc == EXIT_OK && result == SOFTCARD_OK && given(cli, OPT_NO_INSERT))
        result = home_eject(plan->name);
    if (rc == EXIT_OK && result != SOFTCARD_OK)
        rc = fail_softcard(result, plan->name);
    if (rc == EXIT_OK && !given(cli, OPT_BLANK))
        rc = hand_over_key(cli, plan);
    return rc;
}

/* Whoever does not see this must not have a card, nor the key of one. */
static enum exit_code report(const struct cli *cli, const struct plan *plan)
{
    const char *key_file = cli->value[OPT_ADMIN_KEY_OUT];
    struct stat st;

    say("card %s: made%s%s\n", plan->name, given(cli, OPT_BLANK) ? ", blank" : ", ready to use",
        given(cli, OPT_NO_INSERT) ? "" : ", inserted");
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return EXIT_OK;
    clearerr(stdout);
    if (key_file != NULL && lstat(key_file, &st) == 0 && S_ISREG(st.st_mode))
        unlink(key_file); /* ours: there was none before */
    return fail(EXIT_FAILED, "cannot write to standard output; the card is not made");
}

/* Ctrl-C must not leave half a card, nor a card whose key nobody has seen: it waits. */
static enum exit_code make(const struct cli *cli, struct plan *plan)
{
    char path[HOME_PATH_MAX];
    enum softcard_result result = home_make();
    sigset_t ending, before;
    enum exit_code rc;

    if (result != SOFTCARD_OK || !home_image_path(plan->name, path))
        return fail_softcard(result != SOFTCARD_OK ? result : SOFTCARD_IO, plan->name);
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGHUP);
    sigaddset(&ending, SIGPIPE);
    sigprocmask(SIG_BLOCK, &ending, &before);

    result = softcard_create(path, &plan->options);
    if (result != SOFTCARD_OK) {
        rc = fail_softcard(result, plan->name);
    } else {
        rc = furnish(cli, plan, path);
        if (rc == EXIT_OK)
            rc = report(cli, plan);
        if (rc != EXIT_OK)
            home_remove(plan->name);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    return rc;
}

static enum exit_code check_free(const char *name)
{
    struct home_card cards[HOME_CARDS_MAX];
    size_t count = home_list(cards, HOME_CARDS_MAX);
    enum exit_code rc;

    if (!home_name_ok(name))
        return fail(EXIT_USAGE,
                    "`%s' is no card name; use 1 to 31 of A-Z a-z 0-9 . _ - and no "
                    "dot in front",
                    name);
    rc = check_home();
    if (rc != EXIT_OK)
        return rc;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(cards[i].name, name) == 0)
            return fail_softcard(SOFTCARD_EXISTS, name);
    }
    if (count == HOME_CARDS_MAX)
        return fail(EXIT_FAILED, "there are %u cards already; remove one", HOME_CARDS_MAX);
    return EXIT_OK;
}

enum exit_code cmd_card_new(const struct cli *cli)
{
    struct plan plan = { .name = cli->args[0] };
    enum exit_code rc = check_free(plan.name);

    if (rc == EXIT_OK)
        rc = plan_options(cli, &plan);
    if (rc == EXIT_OK)
        rc = check_combination(cli, &plan);
    if (rc == EXIT_OK && !given(cli, OPT_BLANK))
        rc = plan_person(cli, &plan);
    if (rc == EXIT_OK)
        rc = make(cli, &plan);
    secret_wipe(&plan.pin);
    secret_wipe(&plan.puk);
    secret_wipe(&plan.key);
    return rc;
}
