/* SPDX-License-Identifier: MIT */
/* Several users of one card: threads, processes, crashes, forks, resets, removals. */
#include "support.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- exclusion ------------------------------------------------------------------------------ */

#define THREADS 8
#define ROUNDS  40

/* In memory shared by the processes: who believes to be alone with the card. */
struct arena {
    _Atomic int inside;
    _Atomic int collisions;
    _Atomic int errors;
    _Atomic int rounds;
};

struct player {
    struct arena *arena;
    SCARDHANDLE shared; /* 0: connects by itself */
};

static void one_round(struct arena *arena, SCARDHANDLE card)
{
    if (SCardBeginTransaction(card) != SCARD_S_SUCCESS) {
        atomic_fetch_add(&arena->errors, 1);
        return;
    }
    if (atomic_fetch_add(&arena->inside, 1) != 0)
        atomic_fetch_add(&arena->collisions, 1);
    if (select_gids(card) != 0x9000)
        atomic_fetch_add(&arena->errors, 1);
    if (atomic_fetch_sub(&arena->inside, 1) != 1)
        atomic_fetch_add(&arena->collisions, 1);
    if (SCardEndTransaction(card, SCARD_LEAVE_CARD) != SCARD_S_SUCCESS)
        atomic_fetch_add(&arena->errors, 1);
    atomic_fetch_add(&arena->rounds, 1);
}

static void *play(void *argument)
{
    const struct player *me = argument;
    SCARDCONTEXT context = 0;
    SCARDHANDLE card = me->shared;
    DWORD protocol;

    if (card == 0 &&
        (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != SCARD_S_SUCCESS ||
         SCardConnect(context, ALICE, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1, &card, &protocol) !=
             SCARD_S_SUCCESS)) {
        atomic_fetch_add(&me->arena->errors, 1);
        return NULL;
    }
    for (int i = 0; i < ROUNDS; i++)
        one_round(me->arena, card);
    if (me->shared == 0)
        SCardReleaseContext(context);
    return NULL;
}

static int play_in_threads(void *argument)
{
    struct player player = { .arena = argument };
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, play, &player) != 0)
            return 1;
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    return 0;
}

static struct arena *arena_new(void)
{
    struct arena *arena = mmap(NULL, sizeof(*arena), PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    assert_ptr_not_equal(arena, MAP_FAILED);
    return arena;
}

static void transactions_exclude_processes_and_threads(void **state)
{
    struct arena *arena = arena_new();
    pid_t a = in_child(play_in_threads, arena), b = in_child(play_in_threads, arena);

    (void)state;
    assert_int_equal(play_in_threads(arena), 0);
    assert_int_equal(child_result(a), 0);
    assert_int_equal(child_result(b), 0);
    assert_int_equal(arena->collisions, 0);
    assert_int_equal(arena->errors, 0);
    assert_int_equal(arena->rounds, 3 * THREADS * ROUNDS);
    munmap(arena, sizeof(*arena));
}

/* Threads that share one handle share its transaction; nothing may break or be lost. */
static void *play_shared(void *argument)
{
    const struct player *me = argument;

    for (int i = 0; i < ROUNDS; i++) {
        if (SCardBeginTransaction(me->shared) != SCARD_S_SUCCESS ||
            select_gids(me->shared) != 0x9000 ||
            SCardEndTransaction(me->shared, SCARD_LEAVE_CARD) != SCARD_S_SUCCESS)
            atomic_fetch_add(&me->arena->errors, 1);
    }
    return NULL;
}

static void threads_may_share_a_handle(void **state)
{
    struct arena *arena = arena_new();
    SCARDCONTEXT context = establish();
    struct player player = { arena, connect_to(context, ALICE) };
    pthread_t threads[THREADS];

    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, play_shared, &player), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(arena->errors, 0);
    assert_int_equal(SCardEndTransaction(player.shared, SCARD_LEAVE_CARD), SCARD_E_NOT_TRANSACTED);
    SCardReleaseContext(context);
    munmap(arena, sizeof(*arena));
}

static void transactions_nest(void **state)
{
    SCARDCONTEXT context = establish();
    SCARDHANDLE a = connect_to(context, ALICE), b = connect_to(context, ALICE);

    (void)state;
    assert_int_equal(SCardEndTransaction(a, SCARD_LEAVE_CARD), SCARD_E_NOT_TRANSACTED);
    assert_int_equal(SCardBeginTransaction(a), SCARD_S_SUCCESS);
    assert_int_equal(SCardBeginTransaction(a), SCARD_S_SUCCESS);
    assert_int_equal(SCardEndTransaction(a, 99), SCARD_E_INVALID_VALUE);
    assert_int_equal(SCardEndTransaction(a, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    setenv("PCSCLITE_NO_BLOCKING", "1", 1);
    assert_int_equal(SCardBeginTransaction(b), SCARD_E_SHARING_VIOLATION);
    assert_int_equal(SCardEndTransaction(a, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    assert_int_equal(SCardBeginTransaction(b), SCARD_S_SUCCESS);
    unsetenv("PCSCLITE_NO_BLOCKING");
    assert_int_equal(SCardEndTransaction(a, SCARD_LEAVE_CARD), SCARD_E_NOT_TRANSACTED);
    assert_int_equal(SCardEndTransaction(b, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    SCardReleaseContext(context);
}

struct late {
    SCARDHANDLE card;
    LONG result;
    int64_t at;
};

static void *transmit_late(void *argument)
{
    struct late *late = argument;

    late->result = select_gids(late->card);
    late->at = clock_ms();
    return NULL;
}

static void commands_wait_for_a_foreign_transaction(void **state)
{
    SCARDCONTEXT context = establish();
    SCARDHANDLE a = connect_to(context, ALICE);
    struct late late = { .card = connect_to(context, ALICE) };
    pthread_t thread;
    int64_t ended;

    (void)state;
    assert_int_equal(SCardBeginTransaction(a), SCARD_S_SUCCESS);
    pthread_create(&thread, NULL, transmit_late, &late);
    sleep_ms(150);
    assert_int_equal(select_gids(a), 0x9000);
    ended = clock_ms();
    assert_int_equal(SCardEndTransaction(a, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    pthread_join(thread, NULL);
    assert_int_equal(late.result, 0x9000);
    assert_true(late.at >= ended);
    assert_true(late.at < ended + 1000);
    SCardReleaseContext(context);
}

/* ---- resets and power ----------------------------------------------------------------------- */

static void a_reset_is_seen_by_the_others(void **state)
{
    SCARDCONTEXT context = establish();
    SCARDHANDLE a = connect_to(context, ALICE), b = connect_to(context, ALICE);
    DWORD protocol, n = 0;

    (void)state;
    assert_int_equal(select_gids(a), 0x9000);
    assert_int_equal(verify_pin(a), 0x9000);
    assert_int_equal(pin_status(b), 0x9000); /* the card's state, not the handle's */
    assert_int_equal(SCardReconnect(a, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_RESET_CARD,
                                    &protocol),
                     SCARD_S_SUCCESS);
    assert_int_equal(select_gids(a), 0x9000);
    assert_int_equal(pin_status(a) & 0xFFF0, 0x63C0);
    for (int i = 0; i < 2; i++) { /* and again, until it reconnects */
        assert_int_equal(select_gids(b), -SCARD_W_RESET_CARD);
        assert_int_equal(SCardBeginTransaction(b), SCARD_W_RESET_CARD);
        assert_int_equal(SCardStatus(b, NULL, &n, NULL, NULL, NULL, NULL), SCARD_W_RESET_CARD);
    }
    assert_int_equal(SCardReconnect(b, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD,
                                    &protocol),
                     SCARD_S_SUCCESS);
    assert_int_equal(select_gids(b), 0x9000);
    assert_int_equal(verify_pin(b), 0x9000);

    assert_int_equal(SCardBeginTransaction(b), SCARD_S_SUCCESS);
    assert_int_equal(SCardEndTransaction(b, SCARD_RESET_CARD), SCARD_S_SUCCESS);
    assert_int_equal(select_gids(a), -SCARD_W_RESET_CARD);
    assert_int_equal(select_gids(b), 0x9000);
    assert_int_equal(pin_status(b) & 0xFFF0, 0x63C0);

    assert_int_equal(SCardReconnect(a, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD,
                                    &protocol),
                     SCARD_S_SUCCESS);
    assert_int_equal(SCardDisconnect(b, SCARD_RESET_CARD), SCARD_S_SUCCESS);
    assert_int_equal(select_gids(a), -SCARD_W_RESET_CARD);
    SCardReleaseContext(context);
}

static void unpowered_cards_forget(void **state)
{
    SCARDCONTEXT context = establish();
    SCARDHANDLE a = connect_to(context, ALICE), b = connect_to(context, ALICE);
    DWORD protocol, flags = 0;

    (void)state;
    assert_int_equal(select_gids(a), 0x9000);
    assert_int_equal(verify_pin(a), 0x9000);
    assert_int_equal(SCardBeginTransaction(a), SCARD_S_SUCCESS);
    assert_int_equal(SCardEndTransaction(a, SCARD_UNPOWER_CARD), SCARD_S_SUCCESS);
    assert_int_equal(select_gids(a), -SCARD_W_UNPOWERED_CARD);
    assert_int_equal(select_gids(b), -SCARD_W_RESET_CARD);
    assert_int_equal(SCardStatus(a, NULL, NULL, &flags, NULL, NULL, NULL), SCARD_S_SUCCESS);
    assert_false(flags & SCARD_POWERED);
    assert_int_equal(SCardReconnect(a, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD,
                                    &protocol),
                     SCARD_S_SUCCESS);
    assert_int_equal(select_gids(a), 0x9000);
    assert_int_equal(pin_status(a) & 0xFFF0, 0x63C0);
    SCardReleaseContext(context);
}

static int verify_and_leave(void *argument)
{
    SCARDCONTEXT context = establish();
    SCARDHANDLE card = connect_to(context, ALICE);
    bool ok = select_gids(card) == 0x9000 && verify_pin(card) == 0x9000;

    (void)argument;
    return ok && SCardDisconnect(card, SCARD_LEAVE_CARD) == SCARD_S_SUCCESS ? 0 : 1;
}

static int verify_and_unpower(void *argument)
{
    SCARDCONTEXT context = establish();
    SCARDHANDLE card = connect_to(context, ALICE);
    bool ok = select_gids(card) == 0x9000 && verify_pin(card) == 0x9000;

    (void)argument;
    return ok && SCardDisconnect(card, SCARD_UNPOWER_CARD) == SCARD_S_SUCCESS ? 0 : 1;
}

static void the_card_stays_powered_between_processes(void **state)
{
    SCARDCONTEXT context = establish();
    SCARDHANDLE card;

    (void)state;
    assert_int_equal(child_result(in_child(verify_and_leave, NULL)), 0);
    card = connect_to(context, ALICE);
    assert_int_equal(pin_status(card), 0x9000);
    assert_int_equal(SCardDisconnect(card, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    assert_int_equal(child_result(in_child(verify_and_unpower, NULL)), 0);
    card = connect_to(context, ALICE);
    assert_int_equal(select_gids(card), 0x9000);
    assert_int_equal(pin_status(card) & 0xFFF0, 0x63C0);
    assert_int_equal(verify_pin(card), 0x9000);
    assert_int_equal(SCardDisconnect(card, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    assert_int_equal(home_eject("alice"), SOFTCARD_OK);
    assert_int_equal(home_insert("alice"), SOFTCARD_OK);
    card = connect_to(context, ALICE);
    assert_int_equal(select_gids(card), 0x9000);
    assert_int_equal(pin_status(card) & 0xFFF0, 0x63C0);
    SCardReleaseContext(context);
}

/* ---- removal -------------------------------------------------------------------------------- */

static void a_removed_card_is_gone(void **state)
{
    SCARDCONTEXT context = establish();
    SCARDHANDLE a = connect_to(context, ALICE), b = connect_to(context, ALICE), again;
    DWORD protocol;

    (void)state;
    assert_int_equal(SCardBeginTransaction(b), SCARD_S_SUCCESS);
    assert_int_equal(home_eject("alice"), SOFTCARD_OK);
    assert_int_equal(select_gids(a), -SCARD_W_REMOVED_CARD);
    assert_int_equal(SCardBeginTransaction(a), SCARD_W_REMOVED_CARD);
    assert_int_equal(SCardConnect(context, ALICE, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, &again,
                                  &protocol),
                     SCARD_E_NO_SMARTCARD);
    assert_int_equal(home_insert("alice"), SOFTCARD_OK); /* another insertion: still gone */
    assert_int_equal(select_gids(a), -SCARD_W_REMOVED_CARD);
    assert_int_equal(SCardReconnect(a, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD,
                                    &protocol),
                     SCARD_W_REMOVED_CARD);
    assert_int_equal(SCardEndTransaction(b, SCARD_RESET_CARD), SCARD_W_REMOVED_CARD);
    assert_int_equal(SCardEndTransaction(b, SCARD_LEAVE_CARD), SCARD_E_NOT_TRANSACTED);
    again = connect_to(context, ALICE);
    assert_int_equal(select_gids(again), 0x9000);
    assert_int_equal(SCardDisconnect(a, SCARD_RESET_CARD), SCARD_S_SUCCESS);
    assert_int_equal(select_gids(again), 0x9000); /* that was not its reset */
    SCardReleaseContext(context);
}

static void *begin_late(void *argument)
{
    struct late *late = argument;

    late->result = SCardBeginTransaction(late->card);
    late->at = clock_ms();
    return NULL;
}

static void removal_wakes_those_who_wait(void **state)
{
    SCARDCONTEXT context = establish();
    SCARDHANDLE holder = connect_to(context, ALICE);
    struct late late[2] = { { .card = connect_to(context, ALICE) },
                            { .card = connect_to(context, ALICE) } };
    pthread_t threads[2];

    (void)state;
    assert_int_equal(SCardBeginTransaction(holder), SCARD_S_SUCCESS);
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, begin_late, &late[i]);
    sleep_ms(50);
    assert_int_equal(home_eject("alice"), SOFTCARD_OK);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL); /* though `holder` never ends its transaction */
        assert_int_equal(late[i].result, SCARD_W_REMOVED_CARD);
    }
    SCardReleaseContext(context);
}

/* ---- share modes ---------------------------------------------------------------------------- */

static void exclusive_is_exclusive(void **state)
{
    SCARDCONTEXT context = establish();
    SCARDHANDLE a = connect_to(context, ALICE), b = 0;
    DWORD protocol;

    (void)state;
    assert_int_equal(SCardConnect(context, ALICE, SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_ANY, &b,
                                  &protocol),
                     SCARD_E_SHARING_VIOLATION);
    assert_int_equal(SCardReconnect(a, SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD,
                                    &protocol),
                     SCARD_S_SUCCESS);
    assert_int_equal(SCardConnect(context, ALICE, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, &b,
                                  &protocol),
                     SCARD_E_SHARING_VIOLATION);
    assert_int_equal(SCardConnect(context, ALICE, SCARD_SHARE_DIRECT, 0, &b, &protocol),
                     SCARD_E_SHARING_VIOLATION);
    assert_int_equal(SCardReconnect(a, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD,
                                    &protocol),
                     SCARD_S_SUCCESS);
    b = connect_to(context, ALICE);
    assert_int_equal(SCardReconnect(a, SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD,
                                    &protocol),
                     SCARD_E_SHARING_VIOLATION);
    assert_int_equal(select_gids(a), 0x9000); /* shared as before */
    SCardReleaseContext(context);
}

/* ---- crashes and forks ---------------------------------------------------------------------- */

static int begin_verify_and_hang(void *argument)
{
    const struct signal_line *line = argument;
    SCARDCONTEXT context = establish();
    SCARDHANDLE card = connect_to(context, ALICE);

    if (SCardBeginTransaction(card) != SCARD_S_SUCCESS || select_gids(card) != 0x9000 ||
        verify_pin(card) != 0x9000)
        return 1;
    line_say(line);
    for (;;)
        pause();
}

static void a_crash_in_a_transaction_resets(void **state)
{
    SCARDCONTEXT context = establish();
    SCARDHANDLE card = connect_to(context, ALICE);
    struct signal_line line;
    DWORD protocol;
    pid_t pid;

    (void)state;
    line_open(&line);
    pid = in_child(begin_verify_and_hang, &line);
    assert_true(line_wait(&line));
    kill(pid, SIGKILL);
    assert_int_equal(child_result(pid), -1);
    assert_int_equal(SCardBeginTransaction(card), SCARD_W_RESET_CARD);
    assert_int_equal(SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD,
                                    &protocol),
                     SCARD_S_SUCCESS);
    assert_int_equal(SCardBeginTransaction(card), SCARD_S_SUCCESS);
    assert_int_equal(select_gids(card), 0x9000);
    assert_int_equal(pin_status(card) & 0xFFF0, 0x63C0);
    assert_int_equal(SCardEndTransaction(card, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    line_close(&line);
    SCardReleaseContext(context);
}

static int verify_for_ever(void *argument)
{
    SCARDCONTEXT context = establish();
    SCARDHANDLE card = connect_to(context, ALICE);
    DWORD protocol;

    line_say(argument);
    for (;;) {
        LONG rc = SCardBeginTransaction(card);

        if (rc == SCARD_W_RESET_CARD) /* the other one was killed first */
            rc = SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD,
                                &protocol);
        else if (rc == SCARD_S_SUCCESS && select_gids(card) == 0x9000 && verify_pin(card) == 0x9000)
            rc = SCardEndTransaction(card, SCARD_LEAVE_CARD);
        else
            return 1;
        if (rc != SCARD_S_SUCCESS)
            return 1;
    }
}

/* Killed anywhere: inside a command, a lock, a write to the image. Two at a time, so that they also
 * die while they wait for each other. */
static void killed_processes_leave_a_working_card(void **state)
{
    struct signal_line line;
    DWORD protocol;

    (void)state;
    line_open(&line);
    for (unsigned i = 0; i < 40; i++) {
        pid_t a = in_child(verify_for_ever, &line), b = in_child(verify_for_ever, &line);
        SCARDCONTEXT context = establish();
        SCARDHANDLE card = connect_to(context, ALICE);
        LONG rc;

        assert_true(line_wait(&line) && line_wait(&line));
        sleep_ms(i % 7);
        kill(a, SIGKILL);
        kill(b, SIGKILL);
        assert_int_equal(child_result(a), -1);
        assert_int_equal(child_result(b), -1);
        rc = SCardBeginTransaction(card);
        if (rc == SCARD_W_RESET_CARD) { /* one of them died inside */
            assert_int_equal(SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY,
                                            SCARD_LEAVE_CARD, &protocol),
                             SCARD_S_SUCCESS);
            rc = SCardBeginTransaction(card);
        }
        assert_int_equal(rc, SCARD_S_SUCCESS);
        assert_int_equal(select_gids(card), 0x9000);
        assert_int_equal(verify_pin(card), 0x9000); /* which also gives lost tries back */
        assert_int_equal(SCardEndTransaction(card, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
        assert_int_equal(SCardReleaseContext(context), SCARD_S_SUCCESS);
    }
    line_close(&line);
}

static void a_released_context_in_a_transaction_resets(void **state)
{
    SCARDCONTEXT context = establish(), other = establish();
    SCARDHANDLE card = connect_to(context, ALICE), held = connect_to(other, ALICE);

    (void)state;
    assert_int_equal(SCardBeginTransaction(held), SCARD_S_SUCCESS);
    assert_int_equal(SCardReleaseContext(other), SCARD_S_SUCCESS);
    assert_int_equal(select_gids(card), -SCARD_W_RESET_CARD);
    SCardReleaseContext(context);
}

/* A program without standard streams: its output would go to the file that takes their number. */
static int use_without_streams(void *argument)
{
    SCARDCONTEXT context;
    SCARDHANDLE card;
    struct stat st;

    (void)argument;
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        close(fd);
    context = establish();
    card = connect_to(context, ALICE);
    if (select_gids(card) != 0x9000)
        return 2;
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) /* SQLite puts /dev/null there */
            return 1;
    SCardReleaseContext(context);
    return 0;
}

static void closed_streams_are_no_card(void **state)
{
    (void)state;
    assert_int_equal(child_result(in_child(use_without_streams, NULL)), 0);
}

static SCARDHANDLE inherited;
static SCARDCONTEXT inherited_context;

static int use_what_is_inherited(void *argument)
{
    SCARDCONTEXT context = 0;
    SCARDHANDLE card = 0;
    DWORD protocol;

    (void)argument;
    if (SCardIsValidContext(inherited_context) != SCARD_E_INVALID_HANDLE ||
        SCardEndTransaction(inherited, SCARD_RESET_CARD) != SCARD_E_INVALID_HANDLE ||
        SCardDisconnect(inherited, SCARD_RESET_CARD) != SCARD_E_INVALID_HANDLE ||
        SCardReleaseContext(inherited_context) != SCARD_E_INVALID_HANDLE)
        return 1;
    /* One of its own it may have, and is kept out of the parent's transaction like anyone. */
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != SCARD_S_SUCCESS ||
        SCardConnect(context, ALICE, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, &card, &protocol) !=
            SCARD_S_SUCCESS)
        return 2;
    setenv("PCSCLITE_NO_BLOCKING", "1", 1);
    return SCardBeginTransaction(card) == SCARD_E_SHARING_VIOLATION ? 0 : 3;
}

static void a_child_cannot_touch_its_parents_handles(void **state)
{
    (void)state;
    inherited_context = establish();
    inherited = connect_to(inherited_context, ALICE);
    assert_int_equal(SCardBeginTransaction(inherited), SCARD_S_SUCCESS);
    assert_int_equal(child_result(in_child(use_what_is_inherited, NULL)), 0);
    assert_int_equal(select_gids(inherited), 0x9000);
    assert_int_equal(SCardEndTransaction(inherited, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    SCardReleaseContext(inherited_context);
}

static int outlive(void *argument)
{
    const struct signal_line *lines = argument;

    line_say(&lines[0]);
    return line_wait(&lines[1]) ? 0 : 1;
}

/* The parent dies while a child of its lives on: nothing of the parent's may stay locked. */
static int fork_and_die(void *argument)
{
    SCARDCONTEXT context = establish();
    SCARDHANDLE card = connect_to(context, ALICE);

    if (SCardBeginTransaction(card) != SCARD_S_SUCCESS)
        return 1;
    in_child(outlive, argument);
    return 0;
}

static void a_child_keeps_no_locks(void **state)
{
    struct signal_line lines[2];
    SCARDCONTEXT context;
    SCARDHANDLE card;

    (void)state;
    line_open(&lines[0]);
    line_open(&lines[1]);
    assert_int_equal(child_result(in_child(fork_and_die, lines)), 0);
    assert_true(line_wait(&lines[0]));
    context = establish();
    card = connect_to(context, ALICE);
    setenv("PCSCLITE_NO_BLOCKING", "1", 1);
    assert_int_equal(SCardBeginTransaction(card), SCARD_W_RESET_CARD);
    unsetenv("PCSCLITE_NO_BLOCKING");
    line_say(&lines[1]);
    line_close(&lines[0]);
    line_close(&lines[1]);
    SCardReleaseContext(context);
}

#define CARD_TEST(f) cmocka_unit_test_setup_teardown(f, card_setup, home_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CARD_TEST(transactions_exclude_processes_and_threads),
        CARD_TEST(threads_may_share_a_handle),
        CARD_TEST(transactions_nest),
        CARD_TEST(commands_wait_for_a_foreign_transaction),
        CARD_TEST(a_reset_is_seen_by_the_others),
        CARD_TEST(closed_streams_are_no_card),
        CARD_TEST(unpowered_cards_forget),
        CARD_TEST(the_card_stays_powered_between_processes),
        CARD_TEST(a_removed_card_is_gone),
        CARD_TEST(removal_wakes_those_who_wait),
        CARD_TEST(exclusive_is_exclusive),
        CARD_TEST(a_crash_in_a_transaction_resets),
        CARD_TEST(killed_processes_leave_a_working_card),
        CARD_TEST(a_released_context_in_a_transaction_resets),
        CARD_TEST(a_child_cannot_touch_its_parents_handles),
        CARD_TEST(a_child_keeps_no_locks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
