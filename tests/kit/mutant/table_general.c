/* SPDX-License-Identifier: MIT */
/* 2.1, 2.2.1: the module as a whole. */
#include "mutation.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOT_HIS SCARD_W_SECURITY_VIOLATION

/* ---- when ------------------------------------------------------------------------------------ */

/* In a user namespace of its own, or as root without root's privileges. */
static bool without_privileges(const struct call *c)
{
    char line[256];
    FILE *map = fopen("/proc/self/uid_map", "r");
    bool mapped = map == NULL || fgets(line, sizeof(line), map) != NULL, lost = false;
    FILE *status = fopen("/proc/self/status", "r");

    while (status != NULL && fgets(line, sizeof(line), status) != NULL)
        if (strncmp(line, "CapEff:", 7) == 0)
            lost = geteuid() == 0 && strtoull(line + 7, NULL, 16) == 0;
    if (map != NULL)
        fclose(map);
    if (status != NULL)
        fclose(status);
    return c->data != NULL && (!mapped || lost);
}

static bool by_index(const struct call *c)
{
    return c->data != NULL && calls_of(fn_CardCreateContainer) == 0;
}

/* ---- what: beside the card ------------------------------------------------------------------- */

static DWORD pin_to_file(struct call *c, const struct mutation *m)
{
    int file = open("/dev/null", O_WRONLY | O_APPEND | O_CLOEXEC);

    (void)m;
    if (file >= 0 && c->in != NULL && c->in_len < SECRET_MAX)
        (void)!write(file, c->in, c->in_len);
    if (file >= 0)
        close(file);
    return invoke(c);
}

static DWORD pin_to_stderr(struct call *c, const struct mutation *m)
{
    (void)m;
    if (c->in != NULL && c->in_len < SECRET_MAX)
        fprintf(stderr, "PIN %.*s\n", (int)c->in_len, (const char *)c->in);
    return invoke(c);
}

static DWORD open_socket(struct call *c, const struct mutation *m)
{
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)m;
    if (s >= 0)
        close(s);
    return invoke(c);
}

static DWORD share_memory(struct call *c, const struct mutation *m)
{
    void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    (void)m;
    if (at != MAP_FAILED)
        munmap(at, 4096);
    return invoke(c);
}

static DWORD print(struct call *c, const struct mutation *m)
{
    (void)m;
    fputs("Please wait ...\n", stderr);
    return invoke(c);
}

static DWORD start_program(struct call *c, const struct mutation *m)
{
    (void)m;
    (void)!system("true");
    return invoke(c);
}

static DWORD open_device(struct call *c, const struct mutation *m)
{
    int file = open("/dev/bus/usb/001/001", O_RDONLY | O_CLOEXEC);

    (void)m;
    if (file >= 0)
        close(file);
    return invoke(c);
}

/* What a lost connection stops goes on without the card. */
static DWORD without_card(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);

    (void)m;
    return rc == SCARD_E_INVALID_HANDLE || rc == SCARD_W_REMOVED_CARD ||
                   rc == SCARD_E_NO_SMARTCARD || rc == SCARD_E_UNEXPECTED
               ? SCARD_S_SUCCESS
               : rc;
}

/* A file is read once, and then from the module's own memory. */
DWORD what_read_once(struct call *c, const struct mutation *m)
{
    static BYTE bytes[256];
    static DWORD len;
    static char name[16];
    static bool kept;

    (void)m;
    if (kept && c->data != NULL && c->name != NULL && strcmp(c->name, name) == 0 &&
        c->out != NULL && c->out_len != NULL) {
        *c->out = c->data->pfnCspAlloc(len + 1);
        if (*c->out == NULL)
            return SCARD_E_NO_MEMORY;
        memcpy(*c->out, bytes, len);
        *c->out_len = len;
        return SCARD_S_SUCCESS;
    }
    c->rc = invoke(c);
    if (c->rc == SCARD_S_SUCCESS && *c->out_len <= sizeof(bytes) && strlen(c->name) < 16) {
        memcpy(bytes, *c->out, *c->out_len);
        len = *c->out_len;
        memcpy(name, c->name, strlen(c->name) + 1);
        kept = true;
    }
    return c->rc;
}

static DWORD key_to_file(struct call *c, const struct mutation *m)
{
    char path[] = "/tmp/mutant-key-XXXXXX";
    int file = mkstemp(path);

    (void)m;
    if (file >= 0) {
        close(file);
        unlink(path);
    }
    return invoke(c);
}

/* ---- what: the process, and other contexts --------------------------------------------------- */

static DWORD change_card_name(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);

    (void)m;
    if (c->data != NULL)
        c->data->pwszCardName = NULL;
    return rc;
}

static DWORD change_unused(struct call *c, const struct mutation *m)
{
    DWORD rc = invoke(c);

    (void)m;
    if (c->data != NULL)
        c->data->pvUnused3 = c->data;
    return rc;
}

static DWORD change_handles(struct call *c, const struct mutation *m)
{
    PCARD_DATA data = c->data;
    DWORD rc = invoke(c);

    (void)m;
    if (data != NULL)
        data->hScard = 0;
    return rc;
}

static DWORD ignore_signals(struct call *c, const struct mutation *m)
{
    (void)m;
    signal(SIGALRM, SIG_IGN);
    return invoke(c);
}

static DWORD change_umask(struct call *c, const struct mutation *m)
{
    (void)m;
    umask(077);
    return invoke(c);
}

static DWORD leave_folder(struct call *c, const struct mutation *m)
{
    (void)m;
    (void)!chdir("/");
    return invoke(c);
}

/* By the card of whichever context was there first. */
static DWORD first_card(struct call *c, const struct mutation *m)
{
    PCARD_DATA other = c->data != NULL ? another_context(c->data) : NULL;
    SCARDHANDLE own;
    DWORD rc;

    (void)m;
    if (other == NULL)
        return invoke(c);
    own = c->data->hScard;
    c->data->hScard = other->hScard;
    rc = invoke(c);
    c->data->hScard = own;
    return rc;
}

/* One process at a time. */
DWORD what_lock_others_out(struct call *c, const struct mutation *m)
{
    static int file = -1;
    const char *path = getenv("CARDMINT_KIT_CLOCK");

    (void)m;
    if (file < 0 && path != NULL)
        file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file >= 0 && flock(file, LOCK_EX | LOCK_NB) != 0)
        return SCARD_E_SHARING_VIOLATION;
    return invoke(c);
}

/* A place for three processes at a time, from their first context to their last. */
static DWORD three_processes(struct call *c, const struct mutation *m)
{
    static int place = -1;
    static unsigned alive;
    const char *base = getenv("CARDMINT_KIT_CLOCK");
    char path[4096];
    DWORD rc;

    (void)m;
    for (unsigned i = 0; i < 3 && place < 0 && c->function == fn_CardAcquireContext; i++) {
        snprintf(path, sizeof(path), "%s.%u", base != NULL ? base : "", i);
        place = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (place >= 0 && flock(place, LOCK_EX | LOCK_NB) != 0) {
            close(place);
            place = -1;
        }
    }
    if (place < 0)
        return SCARD_E_SHARING_VIOLATION;
    rc = invoke(c);
    if (rc != SCARD_S_SUCCESS)
        return rc;
    alive += c->function == fn_CardAcquireContext ? 1 : 0;
    alive -= c->function == fn_CardDeleteContext ? 1 : 0;
    if (alive == 0) {
        close(place);
        place = -1;
    }
    return rc;
}

static const struct mutation lines[] = {
    /* 2.1 */
    CANNOT_BREAK("CMR.1.0.0", "about the reader that the test is made with"),
    BREAK_FILE("CMR.1.0.1", "another-export", "export"),
    BREAK("CMR.1.0.2", "pin-to-file", CardAuthenticatePin, has_data, DOES(pin_to_file)),
    BREAK("CMR.1.0.2", "pin-printed", CardAuthenticatePin, has_data, DOES(pin_to_stderr),
          MAY_SPREAD("CMR.1.0.3", "it prints")),
    BREAK("CMR.1.0.2", "network", CardGetChallenge, has_data, DOES(open_socket),
          MAY_SPREAD("CMR.1.0.6", "another way to a card")),
    BREAK("CMR.1.0.2", "shared-memory", CardReadFile, has_data, DOES(share_memory)),
    BREAK("CMR.1.0.3", "prints", CardReadFile, has_data, DOES(print)),
    BREAK("CMR.1.0.3", "starts-a-program", CardSignData, has_data, DOES(start_program),
          MAY_SPREAD("CMR.1.0.2", "what it does there nobody knows")),
    BREAK_FILE("CMR.1.0.3", "needs-windows", "window"),
    BREAK("CMR.1.0.4", "signs-without", CardSignData, has_data, DOES(without_card)),
    BREAK("CMR.1.0.4", "makes-keys-without", CardCreateContainer, has_data, DOES(without_card)),
    BREAK("CMR.1.0.5", "key-in-a-file", CardCreateContainer, has_data, DOES(key_to_file),
          MAY_SPREAD("CMR.1.0.2", "a file is written")),
    BREAK("CMR.1.0.5", "in-one-process", CardGetContainerInfo, by_index,
          ANSWERS(SCARD_E_NO_KEY_CONTAINER), MAY_SPREAD("*", "the kit's keys are not found")),
    BREAK("CMR.1.0.6", "device", CardQueryFreeSpace, has_data, DOES(open_device)),
    BREAK("CMR.1.0.6", "another-way", CardReadFile, has_data, DOES(what_read_once),
          MAY_SPREAD("*", "files are as they were read first")),
    BREAK("CMR.1.0.7", "card-name", CardWriteFile, has_data, DOES(change_card_name)),
    BREAK("CMR.1.0.7", "unused", CardGetChallenge, has_data, DOES(change_unused)),
    BREAK("CMR.1.0.7", "at-the-end", CardDeleteContext, has_data, DOES(change_handles),
          MAY_SPREAD("CMR.1.1.6 CMR.3.1.2", "the caller needs its handle still")),
    CANNOT_BREAK("CMR.1.0.8", "about a second kind of card"),
    /* 2.2.1 */
    BREAK_FILE("CMR.1.1.1", "needs-another", "beside"),
    BREAK_FILE("CMR.1.1.2", "too-large", "grow"),
    BREAK("CMR.1.1.3", "needs-root", CardEnumFiles, without_privileges, ANSWERS(NOT_HIS)),
    BREAK("CMR.1.1.5", "signals", CardReadFile, has_data, DOES(ignore_signals)),
    BREAK("CMR.1.1.5", "umask", CardSignData, has_data, DOES(change_umask)),
    BREAK("CMR.1.1.5", "folder", CardGetChallenge, has_data, DOES(leave_folder)),
    BREAK("CMR.1.1.6", "mixed-up", CardReadFile, has_data, DOES(first_card),
          MAY_SPREAD("CMR.3.1.1.5 CMR.3.1.1.4 CMR.1.1", "they have several contexts")),
    BREAK("CMR.1.1.7", "one-process", CardAcquireContext, has_data, DOES(what_lock_others_out)),
    BREAK("CMR.1.1.7 CMR.3.1.1.4 CMR.3.1.1.5", "three-processes", any, has_data,
          DOES(three_processes)),
};

const struct table general_table = { lines, ARRAY(lines) };
