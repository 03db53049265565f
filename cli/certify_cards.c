/* SPDX-License-Identifier: MIT */
/*
 * Three ways to a card: two fresh software cards in a home of their own (unless told otherwise),
 * software cards of the user's home (--card), or a reader (--reader, or the configuration).
 */
#include "cli/certify.h"

#include "kit/strays.h"
#include "softcard/home.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- which ------------------------------------------------------------------------------------ */

static enum exit_code no_memory(void)
{
    return fail(EXIT_FAILED, "out of memory; end other programs");
}

static enum exit_code set(struct kit_config *config, const char *name, const char *value)
{
    char why[256];

    return kit_config_set(config, name, value, why) ? EXIT_OK : fail(EXIT_USAGE, "%s", why);
}

static enum exit_code take_secrets(const struct cli *cli, struct kit_config *config)
{
    struct secret secret = { .len = 0 };
    enum exit_code rc = EXIT_OK;

    if (given(cli, OPT_PIN) || given(cli, OPT_PIN_FILE))
        rc = get_secret(cli, SECRET_PIN, &secret);
    if (rc == EXIT_OK && secret.len != 0) {
        memcpy(config->user_pin.bytes, secret.bytes, secret.len);
        config->user_pin.len = (DWORD)secret.len;
    }
    if (rc == EXIT_OK)
        rc = get_admin_key(cli, &secret);
    if (rc == EXIT_OK && (given(cli, OPT_ADMIN_KEY) || given(cli, OPT_ADMIN_KEY_FILE))) {
        memcpy(config->admin_key.bytes, secret.bytes, secret.len);
        config->admin_key.len = (DWORD)secret.len;
    }
    secret_wipe(&secret);
    return rc;
}

/* --set names what the configuration file does: the kit's. */
static enum exit_code take_settings(const struct cli *cli, struct kit_config *config)
{
    enum exit_code rc = EXIT_OK;

    for (int i = 0; rc == EXIT_OK && i < cli->set_count; i++) {
        const char *equals = strchr(cli->sets[i], '=');
        char name[64];

        if (equals == NULL || (size_t)(equals - cli->sets[i]) >= sizeof name)
            return fail(EXIT_USAGE, "--set %s: give NAME=VALUE", cli->sets[i]);
        snprintf(name, sizeof name, "%.*s", (int)(equals - cli->sets[i]), cli->sets[i]);
        rc = set(config, name, equals + 1);
    }
    return rc;
}

/* The module and the PC/SC library as files. Software cards need the software reader, whatever
 * $CARDMINT_PCSC says. */
static enum exit_code take_paths(const struct cli *cli, struct kit_config *config, bool software)
{
    struct host_options options = { .module = cli->value[OPT_MODULE],
                                    .pcsc = cli->value[OPT_PCSC] };
    char path[PATH_MAX], real[PATH_MAX];
    enum exit_code rc = EXIT_OK;

    if (options.module == NULL)
        options.module = config->module;
    if (options.pcsc == NULL)
        options.pcsc = config->pcsc != NULL ? config->pcsc : software ? "soft" : NULL;
    if (!host_module_path(&options, path, sizeof path))
        return fail(EXIT_MODULE, "cannot find the module; give its path with --module");
    if (realpath(path, real) == NULL || access(real, R_OK) != 0)
        return fail(EXIT_MODULE, "cannot load %s: %s; give a minidriver's path with --module",
                    path, strerror(errno));
    rc = set(config, "module", real);
    if (!host_pcsc_path(&options, path, sizeof path))
        return fail(EXIT_MODULE, "cannot find the software reader; name a library with --pcsc");
    free(config->pcsc);
    config->pcsc = NULL; /* the system's */
    if (rc == EXIT_OK && path[0] != '\0')
        rc = set(config, "pcsc", path);
    return rc;
}

/* "NAME" or "NAME,NAME" */
static enum exit_code take_card_names(const char *text, struct certify_cards *ret)
{
    size_t n = 0;

    for (const char *at = text; n < KIT_CARDS_MAX; at++) {
        size_t len = strcspn(at, ",");

        snprintf(ret->names[n], sizeof ret->names[n], "%.*s", (int)(len < INT_MAX ? len : 0), at);
        if (len >= sizeof ret->names[n] || !home_name_ok(ret->names[n]))
            return fail(EXIT_USAGE, "--card %s: `%.*s' is no card name; `cardmint card list` shows "
                                    "them",
                        text, (int)(len < 60 ? len : 60), at);
        n++;
        at += len;
        if (*at == '\0')
            return EXIT_OK;
    }
    return fail(EXIT_USAGE, "--card %s: at most %d cards", text, KIT_CARDS_MAX);
}

static enum exit_code check_owned(const struct cli *cli, const struct kit_config *config,
                                  const char *which)
{
    if (!given(cli, OPT_OVERWRITE))
        return fail(EXIT_USAGE, "the tests write on %s, and what is on it may be lost; if that is "
                                "all right, add --overwrite",
                    which);
    if (config->user_pin.len == 0)
        return fail(EXIT_USAGE, "%s has a PIN; give it with --pin-file, or as user_pin in --config",
                    which);
    return EXIT_OK;
}

static enum exit_code check_known(const char *name)
{
    struct home_card cards[HOME_CARDS_MAX];
    size_t count = home_list(cards, HOME_CARDS_MAX);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(cards[i].name, name) == 0)
            return EXIT_OK;
    }
    return fail_softcard(SOFTCARD_MISSING, name);
}

static enum exit_code name_reader(struct kit_config *config, size_t n, const char *card)
{
    char reader[64];

    snprintf(reader, sizeof reader, "cardmint %s 00 00", card);
    return set(config, n == 0 ? "reader" : "second_reader", reader);
}

/* Fresh ones: what the configuration leaves open is chosen here. */
static enum exit_code choose_fresh(struct certify_cards *ret)
{
    static const char *const names[KIT_CARDS_MAX] = { "first", "second" };
    const bool is_piv = ret->profile->applications == SOFTCARD_PIV;
    struct kit_config *config = &ret->config;
    /* unless told otherwise: these cards can, and a module that says no is wrong; the first two are
     * about writing */
    enum kit_answer *const abilities[] = { &config->key_import, &config->key_generation,
                                           &config->pin_blocks };
    enum exit_code rc = EXIT_OK;

    for (size_t i = 0; rc == EXIT_OK && i < KIT_CARDS_MAX; i++) {
        snprintf(ret->names[i], sizeof ret->names[i], "%s", names[i]);
        rc = name_reader(config, i, names[i]);
    }
    if (rc == EXIT_OK && config->user_pin.len == 0)
        rc = set(config, "user_pin", "12345678");
    if (rc == EXIT_OK && config->admin_key.len == 0)
        rc = set(config, "admin_key", "0x0123456789abcdeffedcba98765432100f1e2d3c4b5a6978");
    if (rc == EXIT_OK && config->pin_tries == 0)
        rc = set(config, "pin_tries", "3");
    if (rc == EXIT_OK && config->puk.len == 0 && is_piv)
        rc = set(config, "puk", "87654321");
    if (rc == EXIT_OK && is_piv)
        rc = set(config, "pin_least", "6");
    if (rc == EXIT_OK && is_piv)
        rc = set(config, "pin_most", "8");
    for (size_t i = ret->profile->read_only ? 2 : 0; i < sizeof abilities / sizeof abilities[0]; i++)
        if (*abilities[i] == KIT_ASK)
            *abilities[i] = KIT_YES;
    config->keep_fixture = true; /* it goes with the cards */
    snprintf(ret->home, sizeof ret->home, "fresh");
    return rc;
}

static enum exit_code choose_cards(const struct cli *cli, struct certify_cards *ret)
{
    const char *card = cli->value[OPT_CARD], *reader = cli->value[OPT_READER];
    struct kit_config *config = &ret->config;
    enum exit_code rc = EXIT_OK;

    if (given(cli, OPT_PROFILE) && (card != NULL || reader != NULL || config->readers[0] != NULL))
        return fail(EXIT_USAGE, "--profile is for cards made for this run; leave out the one or the "
                                "card");
    ret->profile = certify_profile_find(cli->value[OPT_PROFILE]);
    if (ret->profile == NULL)
        return fail(EXIT_USAGE, "--profile %s is not known; give gids, gids-read-only, piv or "
                                "piv-read-only",
                    cli->value[OPT_PROFILE]);
    if (card != NULL && reader != NULL)
        return fail(EXIT_USAGE, "--card and --reader are two ways to a card; give one of them");
    if (card == NULL && reader == NULL && config->readers[0] == NULL)
        return choose_fresh(ret);
    if (card == NULL) {
        if (reader != NULL)
            rc = set(config, "reader", reader);
        return rc == EXIT_OK ? check_owned(cli, config, "the card in the reader") : rc;
    }
    rc = take_card_names(card, ret);
    for (size_t i = 0; rc == EXIT_OK && i < KIT_CARDS_MAX && ret->names[i][0] != '\0'; i++) {
        rc = check_known(ret->names[i]);
        if (rc == EXIT_OK)
            rc = name_reader(config, i, ret->names[i]);
    }
    return rc == EXIT_OK ? check_owned(cli, config, card) : rc;
}

enum exit_code certify_cards_choose(const struct cli *cli, struct certify_cards *ret)
{
    struct certify_cards cards = { .config = kit_config_default() };
    char why[256];
    enum exit_code rc = EXIT_OK;

    if (given(cli, OPT_CONFIG) && !kit_config_load(&cards.config, cli->value[OPT_CONFIG], why))
        rc = fail(EXIT_USAGE, "%s", why);
    if (rc == EXIT_OK)
        rc = take_settings(cli, &cards.config);
    if (rc == EXIT_OK && given(cli, OPT_CARD_VERSION))
        rc = set(&cards.config, "newest_version", cli->value[OPT_CARD_VERSION]);
    if (rc == EXIT_OK)
        rc = take_secrets(cli, &cards.config);
    if (rc == EXIT_OK)
        rc = choose_cards(cli, &cards);
    if (rc == EXIT_OK)
        rc = take_paths(cli, &cards.config, cards.names[0][0] != '\0');
    if (rc == EXIT_OK && !kit_config_check(&cards.config, why))
        rc = fail(EXIT_USAGE, "%s", why);
    if (rc == EXIT_OK)
        *ret = cards;
    else
        certify_cards_clear(&cards);
    return rc;
}

void certify_cards_clear(struct certify_cards *cards)
{
    kit_config_clear(&cards->config);
}

/* ---- fresh cards ------------------------------------------------------------------------------- */

static enum exit_code make_home(struct certify_cards *cards)
{
    const char *tmp = getenv("TMPDIR");
    int len;

    if (tmp == NULL && access("/dev/shm", W_OK) == 0)
        tmp = "/dev/shm"; /* cards are written to disk after each command: here that is memory */
    len = snprintf(cards->home, sizeof cards->home, "%s/cardmint-certify-XXXXXX",
                       tmp != NULL && tmp[0] == '/' ? tmp : "/tmp");

    if (len < 0 || (size_t)len >= sizeof cards->home)
        snprintf(cards->home, sizeof cards->home, "/tmp/cardmint-certify-XXXXXX");
    if (mkdtemp(cards->home) == NULL) {
        len = errno;
        cards->home[0] = '\0';
        return fail(EXIT_FAILED, "no folder for the cards can be made in %s: %s",
                    tmp != NULL ? tmp : "/tmp", strerror(len));
    }
    return setenv("CARDMINT_HOME", cards->home, 1) == 0 ? EXIT_OK : no_memory();
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)status;
    (void)kind;
    (void)where;
    (void)remove(path);
    return 0;
}

/* ---- ready, and as before ---------------------------------------------------------------------- */

static const struct host_reader *find_reader(const struct host_reader *readers, size_t count,
                                             const char *name)
{
    const struct host_reader *found = NULL;

    for (size_t i = 0; i < count; i++) {
        if (strcmp(readers[i].name, name) == 0)
            return &readers[i];
        if (strstr(readers[i].name, name) != NULL)
            found = &readers[i];
    }
    return found;
}

static enum exit_code check_readers(const struct kit_config *config)
{
    const struct host_options options = { .pcsc = config->pcsc != NULL ? config->pcsc : "system" };
    struct host_reader *readers = NULL;
    struct host_error err = { 0 };
    size_t count = 0;
    enum exit_code rc = EXIT_OK;

    if (host_readers(&options, &readers, &count, &err) != SCARD_S_SUCCESS)
        return fail_host_error(&err);
    for (size_t i = 0; rc == EXIT_OK && i < KIT_CARDS_MAX && config->readers[i] != NULL; i++) {
        const struct host_reader *reader = find_reader(readers, count, config->readers[i]);

        if (reader == NULL)
            rc = fail(EXIT_NO_CARD, "no reader has the name %s, or a part of it; `cardmint "
                                    "readers` lists them",
                      config->readers[i]);
        else if (!reader->card)
            rc = fail(EXIT_NO_CARD, "no card in reader %s; insert one", config->readers[i]);
    }
    host_free(readers, count * sizeof *readers);
    return rc;
}

/* In the process that does the work: the other one tidies up. */
static enum exit_code make_ready(struct certify_cards *cards)
{
    enum exit_code rc = EXIT_OK;

    for (size_t i = 0; cards->home[0] != '\0' && rc == EXIT_OK && i < KIT_CARDS_MAX; i++)
        rc = certify_fresh_make(cards, i);
    if (cards->home[0] != '\0' && rc == EXIT_OK)
        rc = certify_fresh_close(cards);
    return rc == EXIT_OK ? check_readers(&cards->config) : rc;
}

static enum exit_code insert_all(struct certify_cards *cards)
{
    for (size_t i = 0; i < KIT_CARDS_MAX && cards->names[i][0] != '\0'; i++) {
        enum softcard_result result = SOFTCARD_OK;

        if (home_is_inserted(cards->names[i]))
            continue;
        result = home_insert(cards->names[i]);
        if (result != SOFTCARD_OK)
            return fail_softcard(result, cards->names[i]);
        cards->inserted[i] = true;
    }
    return EXIT_OK;
}

static void tidy_up(struct certify_cards *cards)
{
    for (size_t i = 0; i < KIT_CARDS_MAX; i++)
        if (cards->inserted[i])
            (void)home_eject(cards->names[i]);
    if (cards->home[0] != '\0')
        (void)nftw(cards->home, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static volatile sig_atomic_t worker, ended_by;

static void end_worker(int signal_number)
{
    ended_by = signal_number;
    if (worker > 0)
        (void)kill((pid_t)worker, signal_number);
}

static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
#define ENDING (sizeof ending / sizeof ending[0])

/* Those that are ignored (nohup, a shell's background) stay so. */
static void on_ending(void (*handler)(int), struct sigaction before[ENDING])
{
    struct sigaction action = { .sa_handler = handler };

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < ENDING; i++) {
        struct sigaction now;

        (void)sigaction(ending[i], NULL, &now);
        if (now.sa_handler != SIG_IGN)
            (void)sigaction(ending[i], &action, NULL);
        if (before != NULL)
            before[i] = now;
    }
}

/* Waits for the worker; its exit code. By a signal: goes the same way, when all is tidy. */
static enum exit_code wait_for(pid_t pid, const struct strays *others, struct certify_cards *cards)
{
    int status = 0, by;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    worker = 0;
    (void)strays_end(others); /* first: they may write on the cards */
    tidy_up(cards);
    by = WIFSIGNALED(status) ? WTERMSIG(status) : ended_by;
    if (by != 0) {
        progress_done();
        on_ending(SIG_DFL, NULL);
        (void)raise(by);
        return fail(EXIT_FAILED, "ended by signal %d (%s)", by, strsignal(by));
    }
    return (enum exit_code)WEXITSTATUS(status);
}

enum exit_code certify_cards_use(const struct cli *cli, struct certify_cards *cards,
                                 certify_work *work)
{
    struct sigaction before[ENDING];
    enum exit_code rc = EXIT_OK;
    struct strays others;
    pid_t pid;

    if (fflush(NULL) != 0)
        return fail(EXIT_FAILED, "cannot write to standard output: %s", strerror(errno));
    on_ending(end_worker, before);
    strays_watch(&others);
    rc = cards->home[0] != '\0' ? make_home(cards) : insert_all(cards);
    pid = rc == EXIT_OK && ended_by == 0 ? fork() : -1;
    if (pid == 0) {
        on_ending(SIG_DFL, NULL);
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM); /* nobody would tidy up behind it */
        rc = make_ready(cards);
        if (rc == EXIT_OK)
            rc = work(cli, cards);
        if (fflush(stdout) != 0 && rc == EXIT_OK)
            rc = fail(EXIT_FAILED, "cannot write to standard output: %s", strerror(errno));
        _exit((int)rc);
    }
    worker = pid > 0 ? pid : 0;
    if (pid > 0 && ended_by != 0) /* between fork and this */
        end_worker(ended_by);
    if (pid > 0)
        return wait_for(pid, &others, cards);
    tidy_up(cards);
    for (size_t i = 0; i < ENDING; i++)
        (void)sigaction(ending[i], &before[i], NULL);
    if (ended_by != 0)
        (void)raise(ended_by);
    return rc != EXIT_OK ? rc : fail(EXIT_FAILED, "no process can be started: %s", strerror(errno));
}
