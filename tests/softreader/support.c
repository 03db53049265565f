/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const uint8_t pin[] = { '1', '2', '3', '4', '5', '6' };

void make_card(const char *name, bool insert)
{
    char path[HOME_PATH_MAX];

    assert_true(home_image_path(name, path));
    assert_int_equal(softcard_create(path, NULL), SOFTCARD_OK);
    if (insert)
        assert_int_equal(home_insert(name), SOFTCARD_OK);
}

int home_setup(void **state)
{
    char dir[] = "/tmp/cardmint-softreader-XXXXXX";

    *state = NULL;
    if (mkdtemp(dir) == NULL || setenv("CARDMINT_HOME", dir, 1) != 0)
        return -1;
    return home_make() == SOFTCARD_OK ? 0 : -1;
}

int card_setup(void **state)
{
    static const uint8_t admin_key[24] = { 1, 2, 3 };
    struct softcard_person who = { .pin = pin, .pin_len = sizeof(pin), .admin_key = admin_key,
                                   .admin_key_len = sizeof(admin_key) };
    struct softcard *card = NULL;
    char path[HOME_PATH_MAX];

    if (home_setup(state) != 0 || !home_image_path("alice", path) ||
        softcard_create(path, NULL) != SOFTCARD_OK || softcard_open(path, &card) != SOFTCARD_OK ||
        softcard_personalise(card, &who) != SOFTCARD_OK)
        return -1;
    softcard_close(card);
    return home_insert("alice") == SOFTCARD_OK ? 0 : -1;
}

static void empty_folder(const char *home, const char *name)
{
    char dir[HOME_PATH_MAX], path[HOME_PATH_MAX + 256];
    struct dirent *entry;
    DIR *d;

    snprintf(dir, sizeof(dir), "%s/%s", home, name);
    d = opendir(dir);
    while (d != NULL && (entry = readdir(d)) != NULL) {
        snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
        if (entry->d_name[0] != '.')
            unlink(path);
    }
    if (d != NULL)
        closedir(d);
    rmdir(dir);
}

int home_teardown(void **state)
{
    const char *home = getenv("CARDMINT_HOME");

    (void)state;
    empty_folder(home, "cards");
    empty_folder(home, "slots");
    return rmdir(home);
}

SCARDCONTEXT establish(void)
{
    SCARDCONTEXT context = 0;

    assert_int_equal(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context),
                     SCARD_S_SUCCESS);
    assert_int_not_equal(context, 0);
    return context;
}

SCARDHANDLE connect_to(SCARDCONTEXT context, const char *reader)
{
    SCARDHANDLE card = 0;
    DWORD protocol = 0;

    assert_int_equal(SCardConnect(context, reader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, &card,
                                  &protocol),
                     SCARD_S_SUCCESS);
    assert_int_equal(protocol, SCARD_PROTOCOL_T1);
    return card;
}

LONG send_apdu(SCARDHANDLE card, const uint8_t *apdu, size_t len)
{
    uint8_t answer[SOFTCARD_ANSWER_MAX];
    DWORD room = sizeof(answer);
    LONG rc = SCardTransmit(card, SCARD_PCI_T1, apdu, len, NULL, answer, &room);

    if (rc != SCARD_S_SUCCESS)
        return -rc;
    return room < 2 ? 0 : answer[room - 2] << 8 | answer[room - 1];
}

LONG select_gids(SCARDHANDLE card)
{
    static const uint8_t apdu[] = { 0x00, 0xA4, 0x04, 0x00, 0x09, 0xA0, 0x00, 0x00, 0x03, 0x97, 0x42,
                                    0x54, 0x46, 0x59, 0x00 };

    return send_apdu(card, apdu, sizeof(apdu));
}

LONG verify_pin(SCARDHANDLE card)
{
    uint8_t apdu[5 + sizeof(pin)] = { 0x00, 0x20, 0x00, 0x80, sizeof(pin) };

    memcpy(apdu + 5, pin, sizeof(pin));
    return send_apdu(card, apdu, sizeof(apdu));
}

LONG pin_status(SCARDHANDLE card)
{
    static const uint8_t apdu[] = { 0x00, 0x20, 0x00, 0x80 };

    return send_apdu(card, apdu, sizeof(apdu));
}

/* ---- processes and time -------------------------------------------------------------------- */

pid_t in_child(int (*body)(void *), void *argument)
{
    pid_t pid = fork();

    if (pid == 0) {
        alarm(60); /* a child that hangs must not outlive the test */
        _exit(body(argument));
    }
    assert_true(pid > 0);
    return pid;
}

int child_result(pid_t pid)
{
    int status;

    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

void line_open(struct signal_line *line)
{
    assert_int_equal(pipe(line->fds), 0);
}

void line_close(struct signal_line *line)
{
    close(line->fds[0]);
    close(line->fds[1]);
}

void line_say(const struct signal_line *line)
{
    ssize_t n = write(line->fds[1], "!", 1);

    (void)n;
}

bool line_wait(const struct signal_line *line)
{
    struct pollfd fd = { .fd = line->fds[0], .events = POLLIN };
    char byte;

    return poll(&fd, 1, 10000) == 1 && read(line->fds[0], &byte, 1) == 1;
}

int64_t clock_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void sleep_ms(unsigned ms)
{
    struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

    nanosleep(&t, NULL);
}
