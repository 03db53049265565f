/* SPDX-License-Identifier: MIT */
/* CMR.1.1.3 and CMR.1.1.5: the process that the module lives in. */
#include "kit/rows/general.h"
#include "kit/bench/multi.h"
#include "kit/bench/tour.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <locale.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STOPS_MAX 64u

/* ---- without privileges ---------------------------------------------------------------------- */

static struct codes {
    DWORD usual[STOPS_MAX], plain[STOPS_MAX];
    char function[STOPS_MAX][32];
    size_t count;
} *codes; /* shared by the processes */

static void go_round(struct run *r, DWORD rc[STOPS_MAX])
{
    const struct stop *stop;
    struct bench b;
    struct tour t;
    size_t n;

    bench_open(r, &b);
    tour_begin(&t, &b);
    for (n = 0; n < STOPS_MAX && (stop = tour_stop(&t, n)) != NULL; n++) {
        rc[n] = tour_call(&t, stop);
        snprintf(codes->function[n], sizeof(codes->function[n]), "%s", stop->function);
    }
    codes->count = n;
    be_nobody(&b);
}

static void as_started(struct run *r)
{
    go_round(r, codes->usual);
}

/* In a user namespace of its own a process has no privileges outside, nor root's number inside;
 * files that were its own are so still. Where there are none, the capabilities go. */
static const char *drop_privileges(void)
{
    struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct none[2];

    memset(none, 0, sizeof(none));
    if (unshare(CLONE_NEWUSER) == 0)
        return "in a user namespace";
    if (geteuid() != 0)
        return "the kit has none itself";
    return syscall(SYS_capset, &head, none) == 0 ? "without capabilities" : NULL;
}

static void as_anybody(struct run *r)
{
    const char *how = drop_privileges();

    if (how == NULL)
        run_blocked(r, "privileges are not to be given up");
    run_saw(r, "user %u, %s", (unsigned)geteuid(), how);
    go_round(r, codes->plain);
}

void general_no_privileges(struct run *r)
{
    codes = shared_memory(r, sizeof(*codes));
    in_process(r, as_started);
    in_process(r, as_anybody);
    for (size_t n = 0; n < codes->count; n++)
        CHECK(r, codes->usual[n] != SCARD_S_SUCCESS || codes->plain[n] == SCARD_S_SUCCESS,
              "%s: %s without privileges", codes->function[n], kit_code(codes->plain[n]));
}

/* ---- other modules --------------------------------------------------------------------------- */

/* What all modules of a process share. */
struct state {
    struct sigaction signals[NSIG];
    sigset_t blocked;
    mode_t mask;
    char directory[1024], locale[256];
    size_t environment;
    struct rlimit files;
};

static size_t sum_environment(void)
{
    size_t sum = 0;

    for (char **e = environ; e != NULL && *e != NULL; e++)
        for (const char *c = *e; *c != '\0'; c++)
            sum = sum * 31 + (unsigned char)*c;
    return sum;
}

static void look(struct state *s)
{
    const char *locale = setlocale(LC_ALL, NULL);

    memset(s, 0, sizeof(*s));
    for (int i = 1; i < NSIG; i++)
        sigaction(i, NULL, &s->signals[i]);
    sigprocmask(SIG_BLOCK, NULL, &s->blocked);
    s->mask = umask(0);
    umask(s->mask);
    if (getcwd(s->directory, sizeof(s->directory)) == NULL)
        s->directory[0] = '\0';
    snprintf(s->locale, sizeof(s->locale), "%s", locale != NULL ? locale : "");
    s->environment = sum_environment();
    getrlimit(RLIMIT_NOFILE, &s->files);
}

static void compare(struct run *r, const struct state *before, const struct state *after)
{
    for (int i = 1; i < NSIG; i++)
        CHECK(r, before->signals[i].sa_handler == after->signals[i].sa_handler &&
                     before->signals[i].sa_flags == after->signals[i].sa_flags,
              "signal %d (%s) is handled otherwise", i, strsignal(i));
    for (int i = 1; i < NSIG; i++)
        CHECK(r, sigismember(&before->blocked, i) == sigismember(&after->blocked, i),
              "signal %d (%s) is blocked otherwise", i, strsignal(i));
    CHECK(r, before->mask == after->mask, "umask %03o", (unsigned)after->mask);
    CHECK(r, strcmp(before->directory, after->directory) == 0, "the folder is %s",
          after->directory);
    CHECK(r, strcmp(before->locale, after->locale) == 0, "the locale is %s", after->locale);
    CHECK(r, before->environment == after->environment, "another environment");
    CHECK(r, before->files.rlim_cur == after->files.rlim_cur, "another limit of files");
}

/* The same module again, of a file without name: to the process another one, with data of its own.
 * false: it does not load from there. */
static bool load_twin(struct run *r, struct bench *twin)
{
    int from = open(r->config->module, O_RDONLY | O_CLOEXEC), to = memfd_create("twin", 0);
    char path[64], bytes[65536];
    void *module;
    ssize_t len;

    while (from >= 0 && to >= 0 && (len = read(from, bytes, sizeof(bytes))) > 0)
        if (write(to, bytes, (size_t)len) != len)
            run_blocked(r, "no memory");
    snprintf(path, sizeof(path), "/proc/self/fd/%d", to);
    module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    close(from);
    if (module == NULL)
        return false;
    *(void **)&twin->acquire = dlsym(module, "CardAcquireContext");
    return twin->acquire != NULL;
}

static bool works(struct bench *b)
{
    return see_fixture(b) == SCARD_S_SUCCESS;
}

static void use_module(struct bench *b)
{
    const struct stop *stop;
    struct tour t;

    tour_begin(&t, b);
    for (size_t n = 0; (stop = tour_stop(&t, n)) != NULL; n++)
        (void)tour_call(&t, stop);
    be_nobody(b);
}

void general_other_modules(struct run *r)
{
    struct state before, after;
    struct bench b, twin, own;
    bool has_twin;

    bench_connect(r, &b, 0);
    twin = b;
    look(&before); /* before the twin is used, too: it is the same code */
    has_twin = load_twin(r, &twin) && ACQUIRE(&twin, &twin.data, 0) == SCARD_S_SUCCESS &&
               works(&twin);
    run_note(r, "a second module is %s", has_twin ? "in use" : "not to be loaded");
    bench_again(&b, &own);
    use_module(&own);
    if (has_twin)
        CHECK(r, works(&twin), "the other module does not read its file any more");
    EXPECT(r, CALL(&own, DeleteContext, &own.data), SCARD_S_SUCCESS);
    look(&after);
    compare(r, &before, &after);
    if (has_twin)
        CHECK(r, works(&twin), "the other module does not read its file any more");
}
