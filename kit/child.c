/* SPDX-License-Identifier: MIT */
/* A test in a process of its own: crashes and hangs are its own, and are told. */
#include "kit/run.h"

#include "kit/bench/bench.h"
#include "kit/strays.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_LEN 2048u
#define LOG_MAX      (1u << 20)
#define WORDS_MAX    4096 /* of what a module writes to its standard outputs */
#define GRACE_MS     5000.0 /* for letting go of the card */
#define KEY_LEN      16u
#define LOOK_MS      100 /* how often it is asked whether the child lives */
#define FILE_MOST    ((rlim_t)1 << 28) /* a module that prints, or allocates, without end harms */
#define DATA_MOST    ((rlim_t)1 << 32) /* itself, not the machine */

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
    for (size_t i = 0; i < len; i++) /* no NUL of a module's ends the text */
        t->at[t->len++] = bytes[i] != '\0' ? bytes[i] : ' ';
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
    char last[LINE_MAX_LEN]; /* the one that ended last */
    const char *key;         /* begins each line of a test */
    bool foreign;            /* a line had none: the module has written it */
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

/* What no test has said. A module that writes where it has opened nothing cannot be trusted. */
static void hear_foreign(struct hearing *h)
{
    if (h->len == 0)
        return;
    h->foreign = true;
    add(&h->log, "written to the kit's pipe: ", 27);
    add(&h->log, h->line, h->len);
    add(&h->log, "\n", 1);
}

static void hear_line(struct hearing *h)
{
    size_t key_len = strlen(h->key);
    char kind, *text = h->line + key_len + 2;

    if (h->len < key_len + 2 || memcmp(h->line, h->key, key_len) != 0) {
        hear_foreign(h);
        return;
    }
    kind = h->line[key_len];
    switch (kind) {
    case 'C':
        snprintf(h->call, sizeof(h->call), "%s", text);
        break;
    case 'L':
        if (h->call[0] != '\0')
            memcpy(h->last, h->call, sizeof(h->last));
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
        verdict(h, kind, text);
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

static bool is_over(pid_t child, int what)
{
    siginfo_t info = { .si_pid = 0 };

    return waitid(P_PID, (id_t)child, &info, what | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

/* Until there is a verdict, the child has ended or has closed its end; `limit` seconds are over:
 * false. Another process may hold the end of one that has ended, so that is asked for. */
static bool hear_all(struct hearing *h, int from, pid_t child, unsigned limit)
{
    double until = clock_real_ms() + 1000.0 * limit;
    struct pollfd wait = { .fd = from, .events = POLLIN };
    char bytes[4096];
    ssize_t got;

    for (;;) {
        double left = until - clock_real_ms();
        bool over = is_over(child, WEXITED);

        if (left <= 0)
            return false;
        if (poll(&wait, 1, over ? 0 : left < LOOK_MS ? (int)left + 1 : LOOK_MS) <= 0) {
            if (over)
                return true;
            continue;
        }
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

/* Above what the process has already: sanitizers have much. */
static void limit_resources(void)
{
    unsigned long data = 0;
    FILE *pages = fopen("/proc/self/statm", "re");
    bool known = pages != NULL && fscanf(pages, "%*u %*u %*u %*u %*u %lu", &data) == 1;
    struct rlimit limit;

    if (pages != NULL)
        (void)fclose(pages);
    if (known && getrlimit(RLIMIT_DATA, &limit) == 0) {
        rlim_t most = (rlim_t)data * (rlim_t)sysconf(_SC_PAGESIZE) + DATA_MOST;

        limit.rlim_cur = most < limit.rlim_max ? most : limit.rlim_max;
        (void)setrlimit(RLIMIT_DATA, &limit);
    }
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur > FILE_MOST) {
        limit.rlim_cur = FILE_MOST;
        (void)setrlimit(RLIMIT_FSIZE, &limit);
    }
}

static _Noreturn void be_child(struct run *r, test_fn *test, int to, int words)
{
    setpgid(0, 0);
    limit_resources();
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

static void tell_strays(struct hearing *h, unsigned count)
{
    char line[80];

    snprintf(line, sizeof(line), "processes that were left running, and ended: %u\n", count);
    if (count != 0)
        add(&h->log, line, strlen(line));
}

/* How a test without verdict went. */
enum end { ENDED, HUNG, STOPPED, CUT_OFF };

static void tell_end(struct hearing *h, int status, enum end end, unsigned limit)
{
    char why[LINE_MAX_LEN + 128], at[LINE_MAX_LEN + 8] = "before the first call";

    if (h->o->verdict != 'X')
        return;
    if (h->call[0] != '\0')
        snprintf(at, sizeof(at), "in %s", h->call);
    else if (h->last[0] != '\0')
        snprintf(at, sizeof(at), "after %s", h->last);
    if (end == HUNG)
        snprintf(why, sizeof(why), "no answer within %u seconds, %s", limit, at);
    else if (end == STOPPED)
        snprintf(why, sizeof(why), "stopped by a signal, for %u seconds, %s", limit, at);
    else if (end == CUT_OFF)
        snprintf(why, sizeof(why), "the pipe to the kit was closed %s", at);
    else if (WIFSIGNALED(status))
        snprintf(why, sizeof(why), "%s (signal %d) %s", strsignal(WTERMSIG(status)),
                 WTERMSIG(status), at);
    else
        snprintf(why, sizeof(why), "the process ended with code %d %s", WEXITSTATUS(status), at);
    h->o->expected = own("a call that returns");
    h->o->got = own(why);
}

/* A pass beside words that the test has not said is none: who writes there may write verdicts. */
static void mistrust(struct hearing *h)
{
    if (!h->foreign || h->o->verdict != 'P')
        return;
    free(h->o->expected);
    free(h->o->got);
    h->o->verdict = 'F';
    h->o->expected = own("a module that writes to no file it has not opened");
    h->o->got = own("it wrote to the kit's own pipe");
}

static void finish(struct hearing *h)
{
    struct outcome *o = h->o;

    mistrust(h);
    if (o->verdict == 'P') {
        free(o->got);
        o->got = own(h->saw.at != NULL ? h->saw.at : "");
    }
    o->log = h->log.at != NULL ? h->log.at : own("");
    free(h->saw.at);
}

/* Waits that long, then ends it and all that it has started; it may have left its group. */
static enum end let_end(pid_t child, bool heard, int *status)
{
    const struct timespec nap = { .tv_nsec = 200000 };
    double until = clock_real_ms() + (heard ? GRACE_MS : 0);
    enum end end = heard ? CUT_OFF : is_over(child, WSTOPPED) ? STOPPED : HUNG;

    while (!is_over(child, WEXITED) && clock_real_ms() < until)
        nanosleep(&nap, NULL);
    if (is_over(child, WEXITED))
        end = heard ? ENDED : end;
    (void)kill(-child, SIGKILL);
    (void)kill(child, SIGKILL);
    while (waitpid(child, status, 0) < 0 && errno == EINTR)
        ;
    return end;
}

/* Each line of a test begins with it: the module, which shares the process, does not know it. */
static void make_key(char key[KEY_LEN + 1])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char random[KEY_LEN] = { 0 };

    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        snprintf((char *)random, sizeof(random), "%.0f", clock_real_ms());
    for (size_t i = 0; i < KEY_LEN; i++)
        key[i] = digits[random[i] & 15u];
    key[KEY_LEN] = '\0';
}

static void listen_to(struct hearing *h, int from, pid_t child, int words, unsigned limit)
{
    int status = 0;
    bool heard = hear_all(h, from, child, limit);
    enum end end = let_end(child, heard, &status);

    tell_words(h, words);
    tell_end(h, status, end, limit);
}

bool child_run(const struct kit_config *config, const struct section *section,
               const struct requirement *requirement, test_fn *test, unsigned version,
               struct outcome *ret)
{
    char key[KEY_LEN + 1];
    struct run r = { .config = config, .section = section, .requirement = requirement,
                     .version = version, .key = key };
    struct hearing h = { .o = ret, .key = key };
    double begin = clock_real_ms();
    struct strays others;
    int ends[2], words;
    pid_t child;

    *ret = (struct outcome){ .verdict = 'X' };
    /* no pipe: by /proc, what is in one can be read by its writer */
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    make_key(key);
    words = memfd_create("words", MFD_CLOEXEC);
    strays_watch(&others);
    fflush(NULL);
    child = fork();
    if (child == 0) {
        close(ends[0]);
        be_child(&r, test, ends[1], words);
    }
    close(ends[1]);
    if (child > 0) {
        listen_to(&h, ends[0], child, words, config->limit_seconds);
        tell_strays(&h, strays_end(&others));
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
