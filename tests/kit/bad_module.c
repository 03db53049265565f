/* SPDX-License-Identifier: MIT */
/* A module that ends badly: $BAD says how CardReadFile of the real one ($BAD_OF) does. */
#include "cardmint/cardmod.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define FILES 64 /* more descriptors than a test has */

static PFN_CARD_READ_FILE real;

static bool is(const char *how)
{
    const char *bad = getenv("BAD");

    return bad != NULL && strcmp(bad, how) == 0;
}

static void write_everywhere(const char *text)
{
    for (int fd = 3; fd < FILES; fd++)
        (void)!write(fd, text, strlen(text));
}

/* A process that ends with nobody, and in no group of ours. */
static void leave_one_behind(void)
{
    if (fork() != 0)
        return;
    setsid();
    for (;;)
        sleep(1);
}

/* Where no signal for its own group finds it, nor the end of its parent. */
static void hide(void)
{
    (void)setpgid(0, getpgid(getppid()));
    (void)prctl(PR_SET_PDEATHSIG, 0);
    signal(SIGTERM, SIG_IGN);
    for (;;)
        sleep(1);
}

/* Before or instead of what is asked. */
static void misbehave(void)
{
    if (is("forge")) {
        write_everywhere("\nP \nP forged\n");
        _exit(0);
    }
    if (is("garbage"))
        write_everywhere("garbage\n");
    if (is("close"))
        for (int fd = 3; fd < FILES; fd++)
            close(fd);
    if (is("stop"))
        raise(SIGSTOP);
    if (is("behind") || is("behind-crash"))
        leave_one_behind();
    if (is("behind-crash"))
        raise(SIGKILL);
    if (is("hide"))
        hide();
    while (is("flood"))
        puts("more and more and more and more and more and more and more and more and more");
}

__attribute__((constructor)) static void load(void)
{
    if (is("load-exit"))
        exit(0);
    while (is("load-hang"))
        sleep(1);
}

static DWORD WINAPI read_file(PCARD_DATA data, LPSTR dir, LPSTR name, DWORD flags, PBYTE *bytes,
                              PDWORD len)
{
    if (is("crash"))
        raise(SIGSEGV); /* as a wrong pointer ends it; that itself, the sanitizers would catch */
    if (is("abort"))
        abort();
    while (is("hang"))
        sleep(1);
    if (is("exit"))
        exit(0); /* as if all were well */
    if (is("print"))
        printf("P \nthis is no verdict\n");
    misbehave();
    return real(data, dir, name, flags, bytes, len);
}

__attribute__((visibility("default"))) DWORD WINAPI CardAcquireContext(PCARD_DATA data, DWORD flags)
{
    PFN_CARD_ACQUIRE_CONTEXT acquire = NULL;
    void *module = dlopen(getenv("BAD_OF"), RTLD_NOW | RTLD_LOCAL);
    DWORD rc;

    if (module != NULL)
        *(void **)&acquire = dlsym(module, "CardAcquireContext");
    if (acquire == NULL)
        return SCARD_F_INTERNAL_ERROR;
    if (is("stranger"))
        return SCARD_E_UNKNOWN_CARD;
    rc = acquire(data, flags);
    if (rc == SCARD_S_SUCCESS) {
        real = data->pfnCardReadFile;
        data->pfnCardReadFile = read_file;
        if (is("no-delete"))
            data->pfnCardDeleteContext = NULL;
    }
    return rc;
}
