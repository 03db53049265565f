/* SPDX-License-Identifier: MIT */
/* Verdicts of a test, told to the parent as lines of the run's key, a letter, a space and text:
 *   C a call begins   L a line of the log   W what was seen
 *   P passes   F expected <tab> got   B blocked, why   N does not apply, why: the last line */
#include "kit/run.h"

#include "cardmint/host.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_mutex_t one_line = PTHREAD_MUTEX_INITIALIZER;

void run_say(struct run *r, char kind, const char *text)
{
    pthread_mutex_lock(&one_line);
    fprintf(r->out, "\n%s%c ", r->key, kind); /* on a line of its own, whoever wrote before */
    for (; *text != '\0'; text++)
        fputc(*text == '\n' || *text == '\r' ? ' ' : *text, r->out);
    fputc('\n', r->out);
    fflush(r->out);
    pthread_mutex_unlock(&one_line);
}

__attribute__((format(printf, 3, 0)))
static void say(struct run *r, char kind, const char *format, va_list list)
{
    char text[1024];

    vsnprintf(text, sizeof(text), format, list);
    run_say(r, kind, text);
}

_Noreturn void run_end(struct run *r, char kind, const char *text)
{
    fflush(stdout); /* what the module has printed, for the log */
    run_say(r, kind, text);
    bench_let_all_go();
    _exit(0);
}

const char *kit_code(DWORD code)
{
    static _Thread_local char text[2][64];
    static _Thread_local unsigned turn;
    const char *name = code == 0 ? "success" : host_code_name(code);

    turn ^= 1u;
    if (name[0] == '0') /* it has none */
        snprintf(text[turn], sizeof(text[turn]), "%08X", (unsigned)code);
    else
        snprintf(text[turn], sizeof(text[turn]), "%s (%08X)", name, (unsigned)code);
    return text[turn];
}

static void put_codes(char *to, size_t room, const DWORD *codes, size_t count)
{
    size_t len = 0;

    to[0] = '\0';
    for (size_t i = 0; i < count && len < room; i++)
        len += (size_t)snprintf(to + len, room - len, "%s%s", i == 0 ? "" : " or ",
                                kit_code(codes[i]));
}

bool run_is_one_of(DWORD rc, const DWORD *codes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (codes[i] == rc)
            return true;
    return false;
}

void run_expect(struct run *r, DWORD rc, const char *call, const DWORD *codes, size_t count)
{
    char expected[300];

    if (run_is_one_of(rc, codes, count))
        return;
    put_codes(expected, sizeof(expected), codes, count);
    run_fail(r, expected, "%s from %s", kit_code(rc), call);
}

void run_need(struct run *r, DWORD rc, const char *call)
{
    if (rc != SCARD_S_SUCCESS)
        run_blocked(r, "%s from %s", kit_code(rc), call);
}

_Noreturn void run_fail(struct run *r, const char *expected, const char *got, ...)
{
    char text[1400], seen[900];
    va_list list;

    va_start(list, got);
    vsnprintf(seen, sizeof(seen), got, list);
    va_end(list);
    snprintf(text, sizeof(text), "%s\t%s", expected, seen);
    run_end(r, 'F', text);
}

_Noreturn void run_blocked(struct run *r, const char *why, ...)
{
    char text[1024];
    va_list list;

    va_start(list, why);
    vsnprintf(text, sizeof(text), why, list);
    va_end(list);
    run_end(r, 'B', text);
}

_Noreturn void run_not_applicable(struct run *r, const char *why, ...)
{
    char text[1024];
    va_list list;

    va_start(list, why);
    vsnprintf(text, sizeof(text), why, list);
    va_end(list);
    run_end(r, 'N', text);
}

void run_note(struct run *r, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    say(r, 'L', format, list);
    va_end(list);
}

void run_saw(struct run *r, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    say(r, 'W', format, list);
    va_end(list);
}
