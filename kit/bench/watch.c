/* SPDX-License-Identifier: MIT */
#include "kit/bench/watch.h"

#include "kit/bench/bench.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

static struct seen {
    unsigned count;
    char last[128];
} seen[WATCHED];

static void note(enum watched what, const char *function, const char *detail)
{
    seen[what].count++;
    snprintf(seen[what].last, sizeof(seen[what].last), "%s%s%s", function,
             detail != NULL ? " " : "", detail != NULL ? detail : "");
}

unsigned watch_count(enum watched what)
{
    return seen[what].count;
}

const char *watch_last(enum watched what)
{
    return seen[what].last;
}

void watch_clear(void)
{
    memset(seen, 0, sizeof(seen));
}

/* ---- memory ---------------------------------------------------------------------------------- */

static void *my_malloc(size_t len)
{
    note(WATCH_ALLOC, "malloc", NULL);
    return malloc(len);
}

static void *my_calloc(size_t count, size_t len)
{
    note(WATCH_ALLOC, "calloc", NULL);
    return calloc(count, len);
}

static void *my_realloc(void *block, size_t len)
{
    note(WATCH_REALLOC, "realloc", mem_is_ours(block) ? "of a block of pfnCspAlloc" : NULL);
    return mem_is_ours(block) ? mem_realloc(block, len) : realloc(block, len);
}

static void *my_reallocarray(void *block, size_t count, size_t len)
{
    note(WATCH_REALLOC, "reallocarray", NULL);
    return reallocarray(block, count, len);
}

static void my_free(void *block)
{
    if (mem_is_ours(block))
        note(WATCH_FREE, "free", "of a block of pfnCspAlloc");
    else
        free(block);
}

static char *my_strdup(const char *text)
{
    note(WATCH_ALLOC, "strdup", NULL);
    return strdup(text);
}

static char *my_strndup(const char *text, size_t len)
{
    note(WATCH_ALLOC, "strndup", NULL);
    return strndup(text, len);
}

static int my_posix_memalign(void **block, size_t align, size_t len)
{
    note(WATCH_ALLOC, "posix_memalign", NULL);
    return posix_memalign(block, align, len);
}

static void *my_aligned_alloc(size_t align, size_t len)
{
    note(WATCH_ALLOC, "aligned_alloc", NULL);
    return aligned_alloc(align, len);
}

__attribute__((format(printf, 2, 0)))
static int my_vasprintf(char **text, const char *format, va_list list)
{
    note(WATCH_ALLOC, "vasprintf", NULL);
    return vasprintf(text, format, list);
}

__attribute__((format(printf, 2, 3)))
static int my_asprintf(char **text, const char *format, ...)
{
    va_list list;
    int len;

    va_start(list, format);
    len = my_vasprintf(text, format, list);
    va_end(list);
    return len;
}

/* ---- files ----------------------------------------------------------------------------------- */

static void note_open(const char *function, const char *path, bool writes)
{
    note(writes ? WATCH_WRITE : WATCH_READ, function, path);
}

static bool is_writing(int flags)
{
    return (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC)) != 0;
}

static int my_open(const char *path, int flags, ...)
{
    va_list list;
    mode_t mode;

    va_start(list, flags);
    mode = (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(list, mode_t) : 0;
    va_end(list);
    note_open("open", path, is_writing(flags));
    return open(path, flags, mode);
}

static int my_openat(int dir, const char *path, int flags, ...)
{
    va_list list;
    mode_t mode;

    va_start(list, flags);
    mode = (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(list, mode_t) : 0;
    va_end(list);
    note_open("openat", path, is_writing(flags));
    return openat(dir, path, flags, mode);
}

static int my_open_2(const char *path, int flags)
{
    note_open("open", path, is_writing(flags));
    return open(path, flags, 0);
}

static int my_creat(const char *path, mode_t mode)
{
    note_open("creat", path, true);
    return creat(path, mode);
}

static FILE *my_fopen(const char *path, const char *mode)
{
    note_open("fopen", path, strpbrk(mode, "wa+") != NULL);
    return fopen(path, mode);
}

static int my_mkstemp(char *path)
{
    note_open("mkstemp", path, true);
    return mkstemp(path);
}

static FILE *my_tmpfile(void)
{
    note_open("tmpfile", "", true);
    return tmpfile();
}

static int my_shm_open(const char *name, int flags, mode_t mode)
{
    note(WATCH_SHARE, "shm_open", name);
    return shm_open(name, flags, mode);
}

static void *my_mmap(void *at, size_t len, int access, int flags, int file, off_t offset)
{
    if ((flags & MAP_SHARED) != 0 && (access & PROT_WRITE) != 0)
        note(WATCH_SHARE, "mmap", "MAP_SHARED, writable");
    return mmap(at, len, access, flags, file, offset);
}

static void my_syslog(int priority, const char *format, ...)
{
    (void)priority;
    note(WATCH_WRITE, "syslog", format); /* not passed on: what is in it may be secret */
}

static void my_syslog_chk(int priority, int flag, const char *format, ...)
{
    (void)priority;
    (void)flag;
    note(WATCH_WRITE, "syslog", format);
}

/* ---- network, programs ----------------------------------------------------------------------- */

static int my_socket(int domain, int type, int protocol)
{
    note(WATCH_NETWORK, "socket", NULL);
    return socket(domain, type, protocol);
}

static int my_connect(int socket_fd, const struct sockaddr *to, socklen_t len)
{
    note(WATCH_NETWORK, "connect", NULL);
    return connect(socket_fd, to, len);
}

static pid_t my_fork(void)
{
    note(WATCH_PROCESS, "fork", NULL);
    return fork();
}

static int my_execve(const char *path, char *const argv[], char *const environment[])
{
    note(WATCH_PROCESS, "execve", path);
    return execve(path, argv, environment);
}

static int my_execv(const char *path, char *const argv[])
{
    note(WATCH_PROCESS, "execv", path);
    return execv(path, argv);
}

static int my_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                    const posix_spawnattr_t *attributes, char *const argv[],
                    char *const environment[])
{
    note(WATCH_PROCESS, "posix_spawn", path);
    return posix_spawnp(pid, path, actions, attributes, argv, environment);
}

static int my_system(const char *command)
{
    note(WATCH_PROCESS, "system", command);
    return system(command);
}

static FILE *my_popen(const char *command, const char *mode)
{
    note(WATCH_PROCESS, "popen", command);
    return popen(command, mode);
}

/* ---- the module's imports -------------------------------------------------------------------- */

typedef void any_fn(void);
static void *my_dlsym(void *library, const char *name);

#define TO(function) ((any_fn *)(uintptr_t)(function))
static const struct watch {
    const char *name;
    any_fn *to;
} watches[] = {
    { "malloc", TO(my_malloc) }, { "calloc", TO(my_calloc) }, { "realloc", TO(my_realloc) },
    { "reallocarray", TO(my_reallocarray) }, { "free", TO(my_free) }, { "strdup", TO(my_strdup) },
    { "__strdup", TO(my_strdup) }, { "strndup", TO(my_strndup) }, { "_Znwm", TO(my_malloc) },
    { "_Znam", TO(my_malloc) }, { "posix_memalign", TO(my_posix_memalign) },
    { "aligned_alloc", TO(my_aligned_alloc) }, { "memalign", TO(my_aligned_alloc) },
    { "asprintf", TO(my_asprintf) }, { "vasprintf", TO(my_vasprintf) },
    { "open", TO(my_open) }, { "open64", TO(my_open) }, { "__open_2", TO(my_open_2) },
    { "__open64_2", TO(my_open_2) }, { "openat", TO(my_openat) }, { "openat64", TO(my_openat) },
    { "creat", TO(my_creat) }, { "fopen", TO(my_fopen) }, { "fopen64", TO(my_fopen) },
    { "mkstemp", TO(my_mkstemp) }, { "tmpfile", TO(my_tmpfile) }, { "shm_open", TO(my_shm_open) },
    { "mmap", TO(my_mmap) }, { "mmap64", TO(my_mmap) }, { "syslog", TO(my_syslog) },
    { "__syslog_chk", TO(my_syslog_chk) }, { "socket", TO(my_socket) },
    { "connect", TO(my_connect) }, { "fork", TO(my_fork) }, { "vfork", TO(my_fork) },
    { "execve", TO(my_execve) }, { "execv", TO(my_execv) }, { "execvp", TO(my_execv) },
    { "posix_spawn", TO(my_spawn) }, { "posix_spawnp", TO(my_spawn) }, { "system", TO(my_system) },
    { "popen", TO(my_popen) }, { "dlsym", TO(my_dlsym) },
};

static any_fn *watch_for(const char *name)
{
    for (size_t i = 0; i < ARRAY(watches); i++)
        if (strcmp(watches[i].name, name) == 0)
            return watches[i].to;
    return NULL;
}

static void *my_dlsym(void *library, const char *name)
{
    any_fn *to = watch_for(name);

    return to != NULL ? (void *)(uintptr_t)to : dlsym(library, name);
}

#if __ELF_NATIVE_CLASS == 64
#define SYMBOL_OF(info) ELF64_R_SYM(info)
#else
#define SYMBOL_OF(info) ELF32_R_SYM(info)
#endif

struct imports {
    const ElfW(Sym) *symbols;
    const char *names;
    ElfW(Addr) base;
};

/* The slot may be in what the linker has made read-only. */
static void put(const struct imports *m, ElfW(Addr) at, size_t symbol)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    const char *name = m->names + m->symbols[symbol].st_name;
    any_fn *to = symbol != 0 && m->symbols[symbol].st_shndx == SHN_UNDEF ? watch_for(name) : NULL;
    uintptr_t slot = m->base + at;

    if (to != NULL &&
        mprotect((void *)(slot & ~(page - 1)), page, PROT_READ | PROT_WRITE) == 0)
        memcpy((void *)slot, &to, sizeof(to));
}

static void put_all(const struct imports *m, uintptr_t table, size_t len, bool with_addend)
{
    const size_t step = with_addend ? sizeof(ElfW(Rela)) : sizeof(ElfW(Rel));

    for (size_t at = 0; table != 0 && at + step <= len; at += step) {
        ElfW(Rel) entry; /* how a Rela begins, too */

        memcpy(&entry, (const void *)(table + at), sizeof(entry));
        put(m, entry.r_offset, SYMBOL_OF(entry.r_info));
    }
}

static uintptr_t tag(const struct link_map *map, ElfW(Sxword) wanted)
{
    for (const ElfW(Dyn) *d = map->l_ld; d->d_tag != DT_NULL; d++)
        if (d->d_tag == wanted)
            return d->d_un.d_ptr;
    return 0;
}

void watch_begin(struct run *r)
{
    void *module = dlopen(r->config->module, RTLD_NOW | RTLD_LOCAL);
    struct link_map *map = NULL;
    struct imports m;

    if (module == NULL || dlinfo(module, RTLD_DI_LINKMAP, &map) != 0)
        run_blocked(r, "the module's imports are not to be found");
    m.base = map->l_addr;
    m.symbols = (const void *)tag(map, DT_SYMTAB);
    m.names = (const void *)tag(map, DT_STRTAB);
    put_all(&m, tag(map, DT_JMPREL), tag(map, DT_PLTRELSZ), tag(map, DT_PLTREL) == DT_RELA);
    put_all(&m, tag(map, DT_RELA), tag(map, DT_RELASZ), true);
    put_all(&m, tag(map, DT_REL), tag(map, DT_RELSZ), false);
    watch_clear();
}
