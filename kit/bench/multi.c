/* SPDX-License-Identifier: MIT */
#include "kit/bench/multi.h"
#include "kit/run.h"

#include <pthread.h>
#include <stdatomic.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ENDED_WELL 42 /* a verdict ends a process with 0 (run.c) */
#define RESETS_MAX 100u

/* ---- processes ------------------------------------------------------------------------------- */

/* One that crashed is a failure; one that gave a verdict has told it already. */
static void wait_for(struct run *r, unsigned count)
{
    for (; count != 0; count--) {
        int status = 0;

        if (waitpid(-1, &status, 0) < 0)
            run_blocked(r, "a process is lost");
        if (WIFSIGNALED(status))
            run_fail(r, "each process that uses the module ends well", "%s (signal %d) in one",
                     strsignal(WTERMSIG(status)), WTERMSIG(status));
        if (WEXITSTATUS(status) == 0)
            _exit(0);
        CHECK(r, WEXITSTATUS(status) == ENDED_WELL, "a process ended with code %d",
              WEXITSTATUS(status));
    }
}

static bool is_fork(struct run *r)
{
    pid_t child = fork();

    if (child < 0)
        run_blocked(r, "no process more");
    return child == 0;
}

static _Noreturn void end_well(void)
{
    bench_let_all_go();
    _exit(ENDED_WELL);
}

void in_process(struct run *r, void (*part)(struct run *r))
{
    if (is_fork(r)) {
        part(r);
        end_well();
    }
    wait_for(r, 1);
}

/* ---- turns ----------------------------------------------------------------------------------- */

void turn_begin(struct bench *b)
{
    uint32_t rc = pcsc_begin(b->pcsc, b->card);

    /* others may do it again in between */
    for (unsigned i = 0; rc == SCARD_W_RESET_CARD && i < RESETS_MAX; i++) {
        NEED(b->run, pcsc_reconnect(b->pcsc, b->card, PCSC_SHARED, PCSC_LEAVE));
        rc = pcsc_begin(b->pcsc, b->card);
    }
    NEED(b->run, rc);
}

void turn_user(struct bench *b)
{
    const struct kit_secret *pin = &b->run->config->user_pin;

    NEED(b->run, CALL(b, AuthenticatePin, &b->data, user_name(), bytes_of(pin->bytes), pin->len,
                      NULL));
}

static bool logs_out(struct bench *b)
{
    return b->data.pfnCardDeauthenticate != NULL &&
           CALL(b, Deauthenticate, &b->data, user_name(), 0) == SCARD_S_SUCCESS;
}

void turn_end(struct bench *b)
{
    NEED(b->run, pcsc_end(b->pcsc, b->card, logs_out(b) ? PCSC_LEAVE : PCSC_RESET));
}

void open_card(struct run *r, struct bench *b, unsigned number)
{
    bench_connect(r, b, number);
    NEED(r, ACQUIRE(b, &b->data, 0));
}

/* ---- the crowd ------------------------------------------------------------------------------- */

struct caller {
    const struct crowd *crowd;
    pthread_barrier_t *start;
    pthread_t thread;
    unsigned number;
    struct bench b;
};

static void connect_caller(struct run *r, struct caller *c)
{
    bench_connect(r, &c->b, c->number % c->crowd->cards);
    bench_pause(&c->b);
}

static struct gathering {
    unsigned count;
    atomic_uint there[MEETINGS];
} *gathering; /* of the crowd at work; its callers share it */

/* One that waits for the others to end would wait for ever: that is a failure, told in time. */
void crowd_meet(struct bench *b, enum meeting where)
{
    const double until = clock_real_ms() + 1000.0 * b->run->config->limit_seconds / 4;
    const struct timespec moment = { .tv_nsec = 1000000 };

    atomic_fetch_add(&gathering->there[where], 1);
    while (atomic_load(&gathering->there[where]) < gathering->count) {
        if (clock_real_ms() >= until)
            run_fail(b->run, "all callers have a context at once", "%u of %u get so far",
                     atomic_load(&gathering->there[where]), gathering->count);
        nanosleep(&moment, NULL);
    }
}

static void one_round(struct caller *c, bool first)
{
    struct bench *b = &c->b;

    turn_begin(b);
    EXPECT(b->run, ACQUIRE(b, &b->data, 0), SCARD_S_SUCCESS);
    bench_pause(b);
    if (first)
        crowd_meet(b, MEET_ACQUIRED);
    c->crowd->work(b, c->number);
    EXPECT(b->run, CALL(b, DeleteContext, &b->data), SCARD_S_SUCCESS);
    bench_fill(b, &b->data, b->run->version);
}

static void all_rounds(struct caller *c)
{
    double until = clock_real_ms() + 1000.0 * c->crowd->seconds;

    pthread_barrier_wait(c->start);
    for (unsigned i = 0; i < c->crowd->rounds; i++) {
        if (i != 0 && c->crowd->seconds != 0 && clock_real_ms() >= until)
            break;
        one_round(c, i == 0);
    }
}

static void *run_thread(void *arg)
{
    all_rounds(arg);
    return NULL;
}

void *shared_memory(struct run *r, size_t len)
{
    void *at = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (at == MAP_FAILED)
        run_blocked(r, "no memory");
    return at;
}

static pthread_barrier_t *shared_barrier(struct run *r, unsigned count)
{
    pthread_barrier_t *barrier = shared_memory(r, sizeof(*barrier));
    pthread_barrierattr_t how;

    pthread_barrierattr_init(&how);
    pthread_barrierattr_setpshared(&how, PTHREAD_PROCESS_SHARED);
    pthread_barrier_init(barrier, &how, count);
    pthread_barrierattr_destroy(&how);
    return barrier;
}

static struct caller *callers(struct run *r, const struct crowd *crowd)
{
    struct caller *c = calloc(crowd->count, sizeof(*c));
    pthread_barrier_t *start = shared_barrier(r, crowd->count);

    if (c == NULL)
        run_blocked(r, "no memory");
    gathering = shared_memory(r, sizeof(*gathering));
    gathering->count = crowd->count;
    for (unsigned i = 0; i < crowd->count; i++) {
        c[i].crowd = crowd;
        c[i].start = start;
        c[i].number = i;
    }
    return c;
}

void crowd_in_threads(struct run *r, const struct crowd *crowd)
{
    struct caller *c = callers(r, crowd);

    for (unsigned i = 0; i < crowd->count; i++)
        connect_caller(r, &c[i]);
    for (unsigned i = 0; i < crowd->count; i++)
        if (pthread_create(&c[i].thread, NULL, run_thread, &c[i]) != 0)
            run_blocked(r, "no thread more");
    for (unsigned i = 0; i < crowd->count; i++)
        pthread_join(c[i].thread, NULL);
    for (unsigned i = 0; i < crowd->count; i++)
        bench_close(&c[i].b);
    free(c);
}

void crowd_in_processes(struct run *r, const struct crowd *crowd)
{
    struct caller *c = callers(r, crowd);

    for (unsigned i = 0; i < crowd->count; i++)
        if (is_fork(r)) {
            connect_caller(r, &c[i]);
            all_rounds(&c[i]);
            end_well();
        }
    wait_for(r, crowd->count);
    free(c);
}
