/* SPDX-License-Identifier: MIT */
/*
 * PINs, PUKs and admin keys: from a file, from the environment, or asked on the terminal without
 * echo. Never from the command line, where `ps` shows them to every user of the machine.
 */
#include "cli/cli.h"

#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define NEW_LEAST 4u /* bytes of a new PIN or PUK */

static const struct kind_row {
    const char *what;
    const char *option;
    enum opt literal, file;
} kind_rows[] = {
    [SECRET_PIN] = {"PIN",        "pin",       OPT_PIN,       OPT_PIN_FILE      },
    [SECRET_PUK] = { "PUK",       "puk",       OPT_PUK,       OPT_PUK_FILE      },
    [SECRET_ADMIN_KEY] = { "admin key", "admin-key", OPT_ADMIN_KEY, OPT_ADMIN_KEY_FILE},
    [SECRET_NEW_PIN] = { "new PIN", "new-pin", OPT_NEW_PIN, OPT_NEW_PIN_FILE },
    [SECRET_NEW_ADMIN_KEY] = { "new admin key", "new-admin-key", OPT_NEW_ADMIN_KEY,
                               OPT_NEW_ADMIN_KEY_FILE },
    [SECRET_PASSWORD] = { "password", "password", OPT_PASSWORD, OPT_PASSWORD_FILE },
};

void secret_wipe(struct secret *secret)
{
    wipe(secret, sizeof *secret);
}

/* ---- files and environment ------------------------------------------------------------------- */

#define LINE_OF_TEXT "1 to 127 bytes of text"

/* The first line of a text, without its end. False: empty or too long, or no text (control
 * characters, a byte order mark): half of it is not taken for a secret. */
static bool take_line(const char *line, size_t len, struct secret *ret)
{
    size_t n = 0;

    for (; n < len && line[n] != '\n' && line[n] != '\r'; n++)
        if ((unsigned char)line[n] < 0x20 || line[n] == 0x7F)
            return false;
    if (n == 0 || n > SECRET_MAX || (n >= 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0))
        return false;
    memcpy(ret->bytes, line, n);
    ret->len = n;
    return true;
}

static enum exit_code from_file(const struct kind_row *row, const char *path, struct secret *ret)
{
    char buf[512];
    size_t len = 0;
    ssize_t n = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum exit_code rc = EXIT_OK;

    while (fd >= 0 && len < sizeof buf) {
        n = read(fd, buf + len, sizeof buf - len);
        if (n == 0 || (n < 0 && errno != EINTR))
            break;
        len += n > 0 ? (size_t)n : 0;
    }
    if (fd < 0 || n < 0)
        rc = fail(EXIT_USAGE, "--%s-file %s: %s; give a file that can be read", row->option, path,
                  strerror(errno));
    else if (!take_line(buf, len, ret))
        rc = fail(EXIT_USAGE, "--%s-file %s: the first line must have " LINE_OF_TEXT, row->option,
                  path);
    if (fd >= 0)
        close(fd);
    wipe(buf, sizeof buf);
    return rc;
}

static enum exit_code from_environment(const struct kind_row *row, const char *value,
                                       struct secret *ret)
{
    const char *env = getenv(value + 4); /* behind "env:", which check_secrets has seen */

    if (env == NULL)
        return fail(EXIT_USAGE, "--%s %s: no such environment variable; export it", row->option,
                    value);
    if (!take_line(env, strlen(env), ret))
        return fail(EXIT_USAGE, "--%s %s: it must have " LINE_OF_TEXT, row->option, value);
    return EXIT_OK;
}

/* *ret_given: the command line has it. */
static enum exit_code from_options(const struct cli *cli, const struct kind_row *row,
                                   struct secret *ret, bool *ret_given)
{
    *ret_given = given(cli, row->literal) || given(cli, row->file);
    if (given(cli, row->literal))
        return from_environment(row, cli->value[row->literal], ret);
    if (given(cli, row->file))
        return from_file(row, cli->value[row->file], ret);
    return EXIT_OK;
}

enum exit_code check_secrets(const struct cli *cli)
{
    for (size_t i = 0; i < sizeof kind_rows / sizeof kind_rows[0]; i++) {
        const struct kind_row *row = &kind_rows[i];
        const char *value = cli->value[row->literal];

        if (value != NULL && given(cli, row->file)) {
            return fail(EXIT_USAGE, "--%s and --%s-file: give one of them", row->option,
                        row->option);
        }
        if (value != NULL && strncmp(value, "env:", 4) != 0) {
            return fail(EXIT_USAGE,
                        "a %s on the command line shows in `ps`; use --%s env:NAME or "
                        "--%s-file FILE",
                        row->what, row->option, row->option);
        }
    }
    return EXIT_OK;
}

/* ---- the terminal ---------------------------------------------------------------------------- */

static volatile sig_atomic_t caught;

static void catch (int number)
{
    caught = number;
}

static const int ending_signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
#define ENDING (sizeof ending_signals / sizeof ending_signals[0])

/* Reads one line from the terminal. False: end of input, signal, error. */
static bool read_line(int tty, char *line, size_t cap, size_t *ret_len)
{
    size_t len = 0;

    for (;;) {
        char c;
        ssize_t n = read(tty, &c, 1);

        if (n != 1)
            return false;
        if (c == '\n' || c == '\r')
            break;
        if (len < cap)
            line[len++] = c;
        c = 0;
    }
    *ret_len = len;
    return true;
}

/* The same with echo off. A signal that ends programs ends us only after the echo is back. */
static bool read_line_hidden(int tty, char *line, size_t cap, size_t *ret_len)
{
    struct sigaction ours = { .sa_handler = catch }, stop = { .sa_handler = SIG_IGN };
    struct sigaction before[ENDING], before_stop;
    struct termios shown, hidden;
    bool ok;

    if (tcgetattr(tty, &shown) != 0)
        return false;
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
    hidden.c_lflag |= ECHONL | ICANON;
    caught = 0;
    for (size_t i = 0; i < ENDING; i++)
        sigaction(ending_signals[i], &ours, &before[i]);
    sigaction(SIGTSTP, &stop, &before_stop); /* a stopped program would leave the echo off */

    ok = tcsetattr(tty, TCSAFLUSH, &hidden) == 0 && read_line(tty, line, cap, ret_len);

    tcsetattr(tty, TCSAFLUSH, &shown);
    sigaction(SIGTSTP, &before_stop, NULL);
    for (size_t i = 0; i < ENDING; i++)
        sigaction(ending_signals[i], &before[i], NULL);
    if (caught != 0)
        raise(caught);
    return ok;
}

static enum exit_code ask(const struct kind_row *row, const char *prompt, struct secret *ret)
{
    char line[SECRET_MAX + 2]; /* one more than allowed: too long is seen */
    size_t len = 0;
    int tty = -1;
    enum exit_code rc = EXIT_OK;

    if (isatty(STDIN_FILENO) || isatty(STDERR_FILENO)) /* there is somebody to ask */
        tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (tty < 0) {
        return fail(EXIT_USAGE,
                    "no %s given and no terminal to ask on; use --%s-file FILE or "
                    "--%s env:NAME",
                    row->what, row->option, row->option);
    }
    if (write(tty, prompt, strlen(prompt)) < 0 || !read_line_hidden(tty, line, sizeof line, &len))
        rc = fail(EXIT_FAILED, "no %s was entered", row->what);
    else if (len == 0 || len > SECRET_MAX || !take_line(line, len, ret))
        rc = fail(EXIT_USAGE, "a %s has " LINE_OF_TEXT, row->what);
    close(tty);
    wipe(line, sizeof line);
    return rc;
}

/* ---- what the commands call ------------------------------------------------------------------ */

enum exit_code get_secret(const struct cli *cli, enum secret_kind kind, struct secret *ret)
{
    const struct kind_row *row = &kind_rows[kind];
    bool is_given;
    char prompt[16];
    enum exit_code rc = from_options(cli, row, ret, &is_given);

    if (rc != EXIT_OK || is_given)
        return rc;
    snprintf(prompt, sizeof prompt, "%s: ", row->what);
    return ask(row, prompt, ret);
}

static enum exit_code ask_twice(const struct kind_row *row, const char *card_name,
                                struct secret *ret)
{
    struct secret again = { .len = 0 };
    char prompt[96];
    enum exit_code rc;

    if (card_name != NULL)
        snprintf(prompt, sizeof prompt, "New %s for card %s: ", row->what, card_name);
    else
        snprintf(prompt, sizeof prompt, "The %s: ", row->what);
    rc = ask(row, prompt, ret);
    if (rc != EXIT_OK)
        return rc;
    snprintf(prompt, sizeof prompt, "The same %s again: ", row->what);
    rc = ask(row, prompt, &again);
    if (rc == EXIT_OK &&
        (again.len != ret->len || !secret_equal(again.bytes, ret->bytes, ret->len)))
        rc = fail(EXIT_USAGE, "the two %ss differ; try again", row->what);
    secret_wipe(&again);
    return rc;
}

enum exit_code get_new_secret(const struct cli *cli, enum secret_kind kind, const char *card_name,
                              struct secret *ret)
{
    const struct kind_row *row = &kind_rows[kind];
    bool is_given;
    enum exit_code rc = from_options(cli, row, ret, &is_given);

    if (rc == EXIT_OK && !is_given)
        rc = ask_twice(row, card_name, ret);
    if (rc == EXIT_OK && ret->len < NEW_LEAST)
        rc = fail(EXIT_USAGE, "a %s must have %u to %u bytes; choose a longer one", row->what,
                  NEW_LEAST, SECRET_MAX);
    return rc;
}

static int hex_digit(BYTE c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool from_hex(const char *text, size_t text_len, BYTE *out, size_t *ret_len)
{
    if (text_len == 0 || text_len % 2 != 0 || text_len / 2 > *ret_len)
        return false;
    for (size_t i = 0; i < text_len / 2; i++) {
        int high = hex_digit((BYTE)text[2 * i]), low = hex_digit((BYTE)text[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        out[i] = (BYTE)(high * 16 + low);
    }
    *ret_len = text_len / 2;
    return true;
}

static enum exit_code get_key(const struct cli *cli, enum secret_kind kind, struct secret *ret)
{
    const struct kind_row *row = &kind_rows[kind];
    struct secret text = { .len = 0 };
    size_t len = SECRET_MAX;
    bool is_given;
    enum exit_code rc;

    ret->len = 0;
    rc = from_options(cli, row, &text, &is_given);
    if (rc == EXIT_OK && is_given) {
        if (from_hex((const char *)text.bytes, text.len, ret->bytes, &len))
            ret->len = len;
        else
            rc = fail(EXIT_USAGE, "the %s must be hexadecimal digits, two a byte, no spaces",
                      row->what);
    }
    secret_wipe(&text);
    return rc;
}

enum exit_code get_admin_key(const struct cli *cli, struct secret *ret)
{
    return get_key(cli, SECRET_ADMIN_KEY, ret);
}

enum exit_code get_new_admin_key(const struct cli *cli, struct secret *ret)
{
    return get_key(cli, SECRET_NEW_ADMIN_KEY, ret);
}
