/* SPDX-License-Identifier: MIT */
/* A test in a process of its own: crashes and hangs are its own, and are told. */
#include "kit/run.h"

#include "kit/bench/bench.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_LEN 2048u
#define LOG_MAX      (1u << 20)
#define WORDS_MAX    4096 /* of what a module writes to its standard outputs */
#define GRACE_MS     5000.0 /* for letting go of the card */

/* ---- text that grows -------------------------------------------------------------------------- */

struct text {
    char *at;
    size_t len, room;
};

static void add(struct text *t, const char *bytes, size_t len)
{
    if (t->len + len + 1 > t->room && t->len + len < LOG_MAX) {
        size_t room = 2 * (t->len + len + 128);
        char *more = realloc(t->at, room);

        if (more == NULL)
            return; /* a log without its end is better than none */
        t->at = more;
        t->room = room;
    }
    if (t->len + len + 1 > t->room)
        return;
    memcpy(t->at + t->len, bytes, len);
    t->len += len;
    t->at[t->len] = '\0';
}

static char *own(const char *text)
{
    char *copy = strdup(text);

    return copy != NULL ? copy : strdup("");
}

/* ---- what the child says ---------------------------------------------------------------------- */

struct hearing {
    struct outcome *o;
    struct text log, saw;
    char line[LINE_MAX_LEN];
    size_t len;
    char call[LINE_MAX_LEN]; /* that has begun, and not ended */
};

static void verdict(struct hearing *h, char kind, char *text)
{
    char *tab = kind == 'F' ? strchr(text, '\t') : NULL;

    if (h->o->verdict != 'X')
        return; /* the first counts */
    h->o->verdict = kind;
    if (tab != NULL)
        *tab = '\0';
    h->o->expected = own(tab != NULL ? text : "");
    h->o->got = own(tab != NULL ? tab + 1 : text);
}

static void hear_line(struct hearing *h)
{
    char *text = h->line + 2;

    if (h->len < 2)
        return;
    switch (h->line[0]) {
    case 'C':
        memcpy(h->call, text, h->len - 1);
        break;
    case 'L':
        h->call[0] = '\0';
        add(&h->log, text, strlen(text));
        add(&h->log, "\n", 1);
        break;
    case 'W':
        if (h->saw.len != 0)
            add(&h->saw, "; ", 2);
        add(&h->saw, text, strlen(text));
        break;
    case 'V':
        h->o->newest = (unsigned)strtoul(text, NULL, 10);
        break;
    default:
        verdict(h, h->line[0], text);
        break;
    }
}

static void hear(struct hearing *h, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != '\n' && h->len + 1 < sizeof(h->line)) {
            h->line[h->len++] = bytes[i];
            continue;
        }
        if (bytes[i] != '\n')
            continue;
        h->line[h->len] = '\0';
        hear_line(h);
        h->len = 0;
    }
}

/* Until there is a verdict or the child has closed its end; `limit` seconds are over: false. */
static bool hear_all(struct hearing *h, int from, unsigned limit)
{
    double until = clock_real_ms() + 1000.0 * limit;
    struct pollfd wait = { .fd = from, .events = POLLIN };
    char bytes[4096];
    ssize_t got;

    for (;;) {
        double left = until - clock_real_ms();

        if (left <= 0)
            return false;
        if (poll(&wait, 1, (int)left + 1) <= 0)
            continue;
        got = read(from, bytes, sizeof(bytes));
        if (got <= 0)
            return true;
        hear(h, bytes, (size_t)got);
        if (h->o->verdict != 'X')
            return true;
    }
}

/* ---- the child -------------------------------------------------------------------------------- */

/* What is printed by module or libraries goes to `words`, and nothing is asked of the terminal. */
static void keep_quiet(int words)
{
    int nothing = open("/dev/null", O_RDONLY);

    if (nothing >= 0)
        dup2(nothing, STDIN_FILENO);
    if (words >= 0) {
        dup2(words, STDOUT_FILENO);
        dup2(words, STDERR_FILENO);
    }
}

static _Noreturn void be_child(struct run *r, test_fn *test, int to, int words)
{
    setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a module that hangs does not outlive the run */
    signal(SIGPIPE, SIG_IGN);
    keep_quiet(words);
    r->out = fdopen(to, "w");
    if (r->out == NULL)
        _exit(1);
    test(r);
    run_end(r, 'P', "");
}

static void tell_words(struct hearing *h, int words)
{
    char bytes[WORDS_MAX];
    ssize_t len = words >= 0 ? pread(words, bytes, sizeof(bytes), 0) : 0;

    if (len <= 0)
        return;
    add(&h->log, "printed: ", 9);
    add(&h->log, bytes, (size_t)len);
    if (bytes[len - 1] != '\n')
        add(&h->log, "\n", 1);
}

static void tell_end(struct hearing *h, int status, bool ended, unsigned limit)
{
    char why[LINE_MAX_LEN + 128];
    const char *at = h->call[0] != '\0' ? h->call : "no call";

    if (h->o->verdict != 'X')
        return;
    if (!ended)
        snprintf(why, sizeof(why), "no answer within %u seconds, in %s", limit, at);
    else if (WIFSIGNALED(status))
        snprintf(why, sizeof(why), "%s (signal %d) in %s", strsignal(WTERMSIG(status)),
                 WTERMSIG(status), at);
    else
        snprintf(why, sizeof(why), "the process ended with code %d in %s", WEXITSTATUS(status),
                 at);
    h->o->expected = own("a call that returns");
    h->o->got = own(why);
}

static void finish(struct hearing *h)
{
    struct outcome *o = h->o;

    if (o->verdict == 'P') {
        free(o->got);
        o->got = own(h->saw.at != NULL ? h->saw.at : "");
    }
    o->log = h->log.at != NULL ? h->log.at : own("");
    free(h->saw.at);
}

/* Waits that long, then ends it and all that it has started. */
static int let_end(pid_t child, double grace)
{
    const struct timespec nap = { .tv_nsec = 200000 };
    double until = clock_real_ms() + grace;
    int status = 0;

    while (waitpid(child, &status, WNOHANG) == 0 && clock_real_ms() < until)
        nanosleep(&nap, NULL);
    if (kill(-child, SIGKILL) == 0 && waitpid(child, &status, WNOHANG) == 0)
        waitpid(child, &status, 0);
    return status;
}

bool child_run(const struct kit_config *config, const struct section *section,
               const struct requirement *requirement, test_fn *test, unsigned version,
               struct outcome *ret)
{
    struct run r = { .config = config, .section = section, .requirement = requirement,
                     .version = version };
    struct hearing h = { .o = ret };
    double begin = clock_real_ms();
    int ends[2], status = 0, words;
    bool ended;
    pid_t child;

    *ret = (struct outcome){ .verdict = 'X' };
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    words = memfd_create("words", MFD_CLOEXEC);
    fflush(NULL);
    child = fork();
    if (child == 0)
        be_child(&r, test, ends[1], words);
    close(ends[1]);
    ended = child > 0 && hear_all(&h, ends[0], config->limit_seconds);
    if (child > 0) {
        status = let_end(child, ended ? GRACE_MS : 0);
        tell_words(&h, words);
        tell_end(&h, status, ended, config->limit_seconds);
    }
    finish(&h);
    close(ends[0]);
    if (words >= 0)
        close(words);
    ret->ms = clock_real_ms() - begin;
    return child > 0;
}

void outcome_clear(struct outcome *o)
{
    free(o->expected);
    free(o->got);
    free(o->log);
    *o = (struct outcome){ .verdict = 'X' };
}
