/* SPDX-License-Identifier: MIT */
/*
 * Another program uses the card between two calls of the driver, with a PC/SC context of its own:
 * this program itself, started again as `card_second_process ACTION READER APPLICATION`. When it is
 * done it leaves our application selected, or, as PNP, the card's other one: then all roles are
 * lost, commands are refused as unknown, and the driver has to select ours anew.
 */
#include "support.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

/* ---- the other program ----------------------------------------------------------------------- */

static const struct action {
    const char *name;
    const BYTE command[16];
    size_t len;  /* 0: resets the card */
    bool forgets; /* roles are lost */
} actions[] = {
    { "nothing", { 0x00, 0xCB, 0x3F, 0xFF, 4, 0x5C, 2, 0x7F, 0x71, 0 }, 10, false },
    { "unknown", { 0x00, 0xA4, 4, 0, 5, 0xA0, 0, 0, 3, 8 }, 10, false },
    { "file", { 0x00, 0xA4, 0, 0x0C, 2, 0xB0, 0x82 }, 7, false },
    { "environment", { 0x00, 0x22, 0x41, 0xB6, 6, 0x80, 1, 0x57, 0x84, 1, 0x82 }, 11, false },
    { "chain", { 0x10, 0xDB, 0xA0, 0x10, 3, 0xDF, 0x50, 0x01 }, 8, false },
    { "logout", { 0x00, 0x20, 0, 0x82 }, 4, true },
    { "reset", { 0 }, 0, true },
};

enum application { OURS, PNP, APPLICATIONS };
static const char *const application_names[] = { "ours", "pnp" };

/* docs/card-extensions.md, 8 */
static const BYTE select_pnp[] = { 0x00, 0xA4, 4, 0x0C, 11,   0xA0, 0,    0,
                                   3,    0x97, 0x43, 0x49, 0x44, 0x5F, 1, 0 };

static bool is_deselected(struct pcsc_channel *channel)
{
    static BYTE out[SOFTCARD_ANSWER_MAX];
    size_t len = sizeof(out);

    return pcsc_transmit(channel, select_pnp, sizeof(select_pnp), out, &len) == 0 && len == 2 &&
           out[0] == 0x90 && out[1] == 0x00;
}

static int other_program(const char *name, const char *reader, bool deselects)
{
    static BYTE out[SOFTCARD_ANSWER_MAX];
    struct pcsc_channel channel = { .protocol = PCSC_T1 };
    const struct action *action = NULL;
    struct pcsc *pcsc = NULL;
    size_t len = sizeof(out);
    uintptr_t ctx, card;
    uint32_t rc;

    for (size_t i = 0; i < ARRAY(actions); i++)
        if (strcmp(actions[i].name, name) == 0)
            action = &actions[i];
    if (action == NULL || pcsc_load(READER_LIBRARY, &pcsc) != 0 ||
        pcsc_establish(pcsc, &ctx) != 0 ||
        pcsc_connect(pcsc, ctx, reader, PCSC_SHARED, &card) != 0 || pcsc_begin(pcsc, card) != 0)
        return 1;
    channel.pcsc = pcsc;
    channel.card = card;
    rc = action->len != 0 ? pcsc_transmit(&channel, action->command, action->len, out, &len) : 0;
    if (rc == 0 && deselects && !is_deselected(&channel))
        return 3;
    if (rc == 0)
        rc = pcsc_end(pcsc, card, action->len == 0 ? PCSC_RESET : PCSC_LEAVE);
    if (rc == 0)
        rc = pcsc_disconnect(pcsc, card, PCSC_LEAVE);
    pcsc_release(pcsc, ctx);
    pcsc_free(pcsc);
    return rc == 0 ? 0 : 2;
}

static void run_other(struct desk *d, const struct action *action, enum application leaves)
{
    char self[] = "/proc/self/exe", name[32], application[8];
    char *const argv[] = { self, name, d->reader, application, NULL };
    int status = -1;
    pid_t pid;

    snprintf(name, sizeof(name), "%s", action->name);
    snprintf(application, sizeof(application), "%s", application_names[leaves]);
    assert_rc(pcsc_end(d->pcsc, d->card, PCSC_LEAVE), SCARD_S_SUCCESS);
    assert_int_equal(posix_spawn(&pid, self, NULL, NULL, argv, environ), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* As the base CSP does: begin, and after a reset reconnect and begin again. True: it was reset. */
static bool resume(struct desk *d)
{
    DWORD rc = pcsc_begin(d->pcsc, d->card);

    if (rc == SCARD_S_SUCCESS)
        return false;
    assert_rc(rc, SCARD_W_RESET_CARD);
    assert_rc(pcsc_reconnect(d->pcsc, d->card, PCSC_SHARED, PCSC_LEAVE), SCARD_S_SUCCESS);
    assert_rc(pcsc_begin(d->pcsc, d->card), SCARD_S_SUCCESS);
    return true;
}

/* ---- calls of the driver --------------------------------------------------------------------- */

static DWORD sign(struct desk *d)
{
    CARD_SIGNING_INFO info = { .dwVersion = 1, .dwKeySpec = AT_KEYEXCHANGE, .pbData = bytes(PIN),
                               .cbData = PIN_LEN };
    DWORD rc = d->data.pfnCardSignData(&d->data, &info);

    if (rc == SCARD_S_SUCCESS)
        mem_free(info.pbSignedData);
    return rc;
}

static DWORD decrypt(struct desk *d)
{
    BYTE block[128] = { 2 };
    CARD_RSA_DECRYPT_INFO info = { .dwVersion = 2, .dwKeySpec = AT_KEYEXCHANGE, .pbData = block,
                                   .cbData = sizeof(block), .dwPaddingType = CARD_PADDING_NONE };

    return d->data.pfnCardRSADecrypt(&d->data, &info);
}

static DWORD write_it(struct desk *d)
{
    return write_file(d, NULL, "thing", "content", 7);
}

static DWORD read_it(struct desk *d)
{
    return read_file(d, NULL, "thing", "content", 7);
}

static DWORD read_protected(struct desk *d)
{
    return read_file(d, NULL, "users", "private", 7);
}

static DWORD info(struct desk *d)
{
    CONTAINER_INFO i = { 0 };
    DWORD rc = d->data.pfnCardGetContainerInfo(&d->data, 0, 0, &i);

    if (rc == SCARD_S_SUCCESS)
        mem_free(i.pbKeyExPublicKey);
    return rc;
}

static DWORD show_pin(struct desk *d)
{
    static const WCHAR user[] = wszCARD_USER_USER;

    return d->data.pfnCardAuthenticatePin(&d->data, wide(user), bytes(PIN), PIN_LEN, NULL);
}

static DWORD roles(struct desk *d, PIN_SET *set)
{
    static const WCHAR name[] = CP_CARD_AUTHENTICATED_STATE;
    DWORD len;

    return d->data.pfnCardGetProperty(&d->data, name, (PBYTE)set, sizeof(*set), &len, 0);
}

static const struct call {
    const char *name;
    DWORD (*call)(struct desk *d);
    bool needs_user;
} calls[] = {
    { "SignData", sign, true },
    { "RSADecrypt", decrypt, true },
    { "WriteFile", write_it, true },
    { "ReadFile, user's", read_protected, true },
    { "ReadFile", read_it, false },
    { "GetContainerInfo", info, false },
    { "AuthenticatePin", show_pin, false },
};

static void prepare(struct desk *d)
{
    be_user(d);
    assert_rc(create_file(d, NULL, "thing", EveryoneReadUserWriteAc), SCARD_S_SUCCESS);
    assert_rc(write_file(d, NULL, "thing", "content", 7), SCARD_S_SUCCESS);
    assert_rc(create_file(d, NULL, "users", UserReadWriteAc), SCARD_S_SUCCESS);
    assert_rc(write_file(d, NULL, "users", "private", 7), SCARD_S_SUCCESS);
    assert_rc(d->data.pfnCardCreateContainer(&d->data, 0, CARD_CREATE_CONTAINER_KEY_GEN,
                                             AT_KEYEXCHANGE, 1024, NULL), SCARD_S_SUCCESS);
}

/* One call after one action: it works, or says honestly that the user is no longer authenticated;
 * tries are never lost, and afterwards all works again. */
static void call_after(struct desk *d, const struct call *call, const struct action *action,
                       enum application leaves)
{
    const bool honest = (action->forgets || leaves != OURS) && call->needs_user;
    DWORD rc;

    be_user(d);
    run_other(d, action, leaves);
    assert_int_equal(resume(d), action->len == 0);
    rc = call->call(d);
    if (rc != (honest ? SCARD_W_SECURITY_VIOLATION : SCARD_S_SUCCESS))
        fail_msg("%s after %s, %s: %08x", call->name, action->name, application_names[leaves], rc);
    assert_int_equal(tries_left(d), 3);
    assert_rc(show_pin(d), SCARD_S_SUCCESS);
    assert_rc(call->call(d), SCARD_S_SUCCESS);
}

/* Each call behind each thing another program can do. */
static void between_calls(void **state)
{
    struct desk d;

    (void)state;
    make_card("bob", NULL);
    desk_open(&d, "bob", 7);
    prepare(&d);
    for (enum application leaves = OURS; leaves < APPLICATIONS; leaves++)
        for (size_t i = 0; i < ARRAY(actions); i++)
            for (size_t j = 0; j < ARRAY(calls); j++)
                call_after(&d, &calls[j], &actions[i], leaves);
    desk_close(&d);
    assert_int_equal(home_remove("bob"), SOFTCARD_OK);
}

static void state_after(struct desk *d, const struct action *action, enum application leaves)
{
    const bool forgets = action->forgets || leaves != OURS;
    PIN_SET set = 0x55;

    be_user(d);
    run_other(d, action, leaves);
    (void)resume(d);
    assert_rc(roles(d, &set), SCARD_S_SUCCESS);
    assert_int_equal(set, forgets ? 0 : CREATE_PIN_SET(ROLE_USER));
}

static void state_is_asked(void **state)
{
    struct desk d;

    (void)state;
    make_card("bob", NULL);
    desk_open(&d, "bob", 7);
    for (enum application leaves = OURS; leaves < APPLICATIONS; leaves++)
        for (size_t i = 0; i < ARRAY(actions); i++)
            state_after(&d, &actions[i], leaves);
    desk_close(&d);
    assert_int_equal(home_remove("bob"), SOFTCARD_OK);
}

/* A caller that does not reconnect is told so, unchanged, by every call. */
static void reset_is_passed_on(void **state)
{
    const struct action *reset = &actions[ARRAY(actions) - 1];
    struct desk d;

    (void)state;
    make_card("bob", NULL);
    desk_open(&d, "bob", 7);
    prepare(&d);
    run_other(&d, reset, OURS);
    for (size_t j = 0; j < ARRAY(calls); j++)
        assert_rc(calls[j].call(&d), SCARD_W_RESET_CARD);
    assert_rc(pcsc_reconnect(d.pcsc, d.card, PCSC_SHARED, PCSC_LEAVE), SCARD_S_SUCCESS);
    assert_rc(pcsc_begin(d.pcsc, d.card), SCARD_S_SUCCESS);
    assert_rc(show_pin(&d), SCARD_S_SUCCESS);
    assert_int_equal(tries_left(&d), 3);
    assert_rc(sign(&d), SCARD_S_SUCCESS);
    desk_close(&d);
    assert_int_equal(home_remove("bob"), SOFTCARD_OK);
}

/* The caller has connected anew: the driver finds the new handle in CARD_DATA. */
static void new_handle(void **state)
{
    struct desk d;

    (void)state;
    make_card("bob", NULL);
    desk_open(&d, "bob", 7);
    prepare(&d);
    assert_rc(pcsc_disconnect(d.pcsc, d.card, PCSC_RESET), SCARD_S_SUCCESS);
    assert_rc(read_it(&d), SCARD_E_INVALID_HANDLE);
    assert_rc(pcsc_connect(d.pcsc, d.ctx, d.reader, PCSC_SHARED, &d.card), SCARD_S_SUCCESS);
    assert_rc(pcsc_begin(d.pcsc, d.card), SCARD_S_SUCCESS);
    d.data.hScard = (SCARDHANDLE)d.card;
    assert_rc(read_it(&d), SCARD_S_SUCCESS);
    assert_rc(sign(&d), SCARD_W_SECURITY_VIOLATION);
    desk_close(&d);
    assert_int_equal(home_remove("bob"), SOFTCARD_OK);
}

static void respond_after(struct desk *d, const struct action *action, enum application leaves)
{
    PBYTE challenge = NULL;
    DWORD len = 0;
    BYTE response[8];

    assert_rc(d->data.pfnCardGetChallenge(&d->data, &challenge, &len), SCARD_S_SUCCESS);
    respond_to(challenge, response);
    mem_free(challenge);
    run_other(d, action, leaves);
    (void)resume(d);
    assert_rc(d->data.pfnCardAuthenticateChallenge(&d->data, response, 8, NULL),
              SCARD_W_WRONG_CHV);
}

/* Somebody else's command makes the challenge void. */
static void challenge_is_void(void **state)
{
    struct desk d;

    (void)state;
    desk_open(&d, CARD, 7);
    for (enum application leaves = OURS; leaves < APPLICATIONS; leaves++)
        for (size_t i = 0; i < ARRAY(actions); i++)
            respond_after(&d, &actions[i], leaves);
    desk_close(&d);
}

/* Cards that log out when they are selected anew (as Java Cards do). */
static void selected_anew(void **state)
{
    static const BYTE select[] = { 0x00, 0xA4, 4, 0, 9,    0xA0, 0, 0, 3, 0x97,
                                   0x42, 0x54, 0x46, 0x59, 0x00 };
    const struct softcard_options options = { .reselect_logs_out = true };
    char hex[2 * sizeof(select) + 1];
    struct desk d;

    (void)state;
    make_card("bob", &options);
    desk_open(&d, "bob", 7);
    prepare(&d);
    assert_rc(sign(&d), SCARD_S_SUCCESS);
    for (size_t i = 0; i < sizeof(select); i++)
        snprintf(hex + 2 * i, 3, "%02x", select[i]);
    assert_int_equal(desk_send(&d, hex), 0x9000);
    assert_rc(sign(&d), SCARD_W_SECURITY_VIOLATION);
    assert_rc(read_it(&d), SCARD_S_SUCCESS);
    assert_rc(show_pin(&d), SCARD_S_SUCCESS);
    for (size_t j = 0; j < ARRAY(calls); j++) /* no call selects without need */
        assert_rc(calls[j].call(&d), SCARD_S_SUCCESS);
    desk_close(&d);
    assert_int_equal(home_remove("bob"), SOFTCARD_OK);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        desk_test(between_calls),
        desk_test(state_is_asked),
        desk_test(reset_is_passed_on),
        desk_test(new_handle),
        desk_test(challenge_is_void),
        desk_test(selected_anew),
    };

    if (argc == 4)
        return other_program(argv[1], argv[2], strcmp(argv[3], application_names[PNP]) == 0);
    return cmocka_run_group_tests(tests, home_begin, home_end);
}
