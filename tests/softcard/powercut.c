/* SPDX-License-Identifier: MIT */
#include "tests/softcard/powercut.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILD_CUT = 77, CHILD_BROKEN = 78 };

/* What child and parent both see. */
static struct witness {
    unsigned points; /* so far */
    bool passed;     /* powercut_point */
} *witness;
static unsigned cut_at; /* 0: never */

static bool now(void)
{
    return cut_at != 0 && ++witness->points == cut_at;
}

void powercut_point(void)
{
    if (cut_at == 0)
        return;
    witness->passed = true;
    if (now())
        _exit(CHILD_CUT);
}

bool powercut_passed(void)
{
    return witness->passed;
}

static ssize_t cut_pwrite(int fd, const void *buf, size_t len, off_t at)
{
    if (now()) {
        (void)!pwrite(fd, buf, len / 2, at);
        _exit(CHILD_CUT);
    }
    return pwrite(fd, buf, len, at);
}

static ssize_t cut_write(int fd, const void *buf, size_t len)
{
    if (now()) {
        (void)!write(fd, buf, len / 2);
        _exit(CHILD_CUT);
    }
    return write(fd, buf, len);
}

static int cut_truncate(int fd, off_t len)
{
    if (now())
        _exit(CHILD_CUT);
    return ftruncate(fd, len);
}

static int cut_unlink(const char *path)
{
    if (now())
        _exit(CHILD_CUT);
    return unlink(path);
}

/* Replaces what SQLite has; at least one way of writing must be among it. */
static void replace_system_calls(void)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    unsigned n = 0;

    n += vfs->xSetSystemCall(vfs, "pwrite64", (sqlite3_syscall_ptr)cut_pwrite) == SQLITE_OK;
    n += vfs->xSetSystemCall(vfs, "pwrite", (sqlite3_syscall_ptr)cut_pwrite) == SQLITE_OK;
    n += vfs->xSetSystemCall(vfs, "write", (sqlite3_syscall_ptr)cut_write) == SQLITE_OK;
    n += vfs->xSetSystemCall(vfs, "ftruncate", (sqlite3_syscall_ptr)cut_truncate) == SQLITE_OK;
    n += vfs->xSetSystemCall(vfs, "unlink", (sqlite3_syscall_ptr)cut_unlink) == SQLITE_OK;
    if (n < 5)
        _exit(CHILD_BROKEN);
}

static void copy_file(const char *from, const char *to)
{
    static uint8_t buf[1 << 20];
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ssize_t n = read(in, buf, sizeof(buf));

    assert_true(n > 0 && n < (ssize_t)sizeof(buf) && write(out, buf, (size_t)n) == n);
    close(in);
    close(out);
}

/* A child that dies at point `n`. True: it ran through. */
static bool child_runs(struct bench *b, unsigned n, uint16_t (*command)(struct bench *),
                       uint16_t want)
{
    int status = 0;
    pid_t pid;

    memset(witness, 0, sizeof(*witness));
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        replace_system_calls();
        cut_at = n;
        if (softcard_open(b->path, &b->card) != SOFTCARD_OK)
            _exit(CHILD_BROKEN);
        _exit(command(b) == want ? 0 : CHILD_BROKEN);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == CHILD_CUT);
    return WEXITSTATUS(status) == 0;
}

unsigned powercut_everywhere(struct bench *b, uint16_t (*command)(struct bench *), uint16_t want,
                             void (*check)(bool complete))
{
    static uint8_t ram[1 << 19];
    char base[128];
    bool complete = false;
    unsigned n = 0;

    if (witness == NULL)
        witness = mmap(NULL, sizeof(*witness), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                       -1, 0);
    assert_ptr_not_equal(witness, MAP_FAILED);
    assert_true(softcard_ram_size() <= sizeof(ram));
    memcpy(ram, b->ram, softcard_ram_size());
    (void)snprintf(base, sizeof(base), "%s/base", b->dir);
    softcard_close(b->card);
    copy_file(b->path, base);
    while (!complete) {
        assert_true(++n < 1000);
        copy_file(base, b->path);
        memcpy(b->ram, ram, softcard_ram_size());
        b->card = NULL;
        complete = child_runs(b, n, command, want);
        assert_int_equal(softcard_open(b->path, &b->card), SOFTCARD_OK);
        bench_reset(b);
        check(complete);
        softcard_close(b->card);
    }
    b->card = NULL;
    assert_int_equal(softcard_open(b->path, &b->card), SOFTCARD_OK);
    return n - 1;
}
