/* SPDX-License-Identifier: MIT */
#include "kit/bench/variants.h"

static void refuses(struct bench *b, vary_fn *vary, DWORD value, DWORD code, DWORD other)
{
    const struct subject *s = b->run->section->subject;
    struct args a;
    DWORD rc;

    good_args(&a, b, s);
    vary(&a, value);
    run_note(b->run, "given %08X", (unsigned)value);
    rc = s->call(&a);
    drop_results(&a);
    EXPECT(b->run, rc, code, other);
}

static void begin(struct run *r, struct bench *b)
{
    bench_open(r, b);
    be_user(b);
    if (r->section->subject->prepare != NULL)
        r->section->subject->prepare(b);
}

void refuses_each(struct run *r, vary_fn *vary, const DWORD *values, size_t count, DWORD code,
                  DWORD other)
{
    struct bench b;

    begin(r, &b);
    for (size_t i = 0; i < count; i++)
        refuses(&b, vary, values[i], code, other);
    bench_close(&b);
}

void refuses_flags(struct run *r, DWORD allowed, DWORD code)
{
    struct bench b;

    begin(r, &b);
    for (DWORD bit = 1; bit != 0; bit <<= 1)
        if ((bit & allowed) == 0)
            refuses(&b, vary_flags, bit, code, code);
    bench_close(&b);
}

void vary_version(struct args *a, DWORD value)
{
    a->box.version = value;
}

void vary_spec(struct args *a, DWORD value)
{
    a->spec = value;
}

void vary_flags(struct args *a, DWORD value)
{
    a->flags = value;
}
