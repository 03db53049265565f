/* SPDX-License-Identifier: MIT */
#include "kit/bench/timing.h"

struct pace {
    double longest, average;
};

static struct pace measure(struct run *r, struct bench *b, step_fn *step)
{
    struct pace pace = { 0, 0 };

    for (unsigned i = 0; i < r->config->repeats; i++) {
        double ms;

        step(b);
        ms = call_ms();
        pace.average += ms / r->config->repeats;
        if (ms > pace.longest)
            pace.longest = ms;
    }
    return pace;
}

static void judge(struct run *r, const struct pace *pace, double seen, double limit,
                  const char *what)
{
    char expected[80];

    if (seen > limit) {
        snprintf(expected, sizeof(expected), "%s at most %g ms", what, limit);
        run_fail(r, expected, "%s %.2f ms (longest %.2f ms, average %.2f ms, %u calls)", what, seen,
                 pace->longest, pace->average, r->config->repeats);
    }
    run_saw(r, "%s %.2f ms, %g allowed (longest %.2f, average %.2f, %u calls)", what, seen, limit,
            pace->longest, pace->average, r->config->repeats);
}

void longest_within(struct run *r, struct bench *b, step_fn *step, double limit)
{
    struct pace pace = measure(r, b, step);

    judge(r, &pace, pace.longest, limit, "longest");
}

void average_within(struct run *r, struct bench *b, step_fn *step, double limit)
{
    struct pace pace = measure(r, b, step);

    judge(r, &pace, pace.average, limit, "average");
}
